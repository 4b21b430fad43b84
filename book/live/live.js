/* Python in the page: on the first click a worker (worker.js) is started; from then on it answers the page's figures
 * and runs its cells. What other scripts may rely on, window.nnlibLive, stands in README.md.
 */
(function () {
  "use strict";

  const SCRIPT = document.currentScript;
  const { version, page, bytes } = SCRIPT.dataset; // see live.py
  const UNSERVED = "A browser runs Python only on a page that comes from a web server, and this one comes from a file. "
    + "In the book's folder run “python -m http.server”, then open http://localhost:8000/ here.";
  const SECONDS = 30; // that a cell may take

  class Live extends EventTarget {
    state = "off"; // off, starting, ready, busy
    #worker = null;
    #started = null;
    #waiting = new Map(); // requests without an answer, by number
    #number = 0;
    #ready = false;
    #page = null; // the page's cells, once they are asked for
    #done = 0; // so many of them have run
    #above = Promise.resolve();

    /** Start Python unless it runs; resolves when it is ready. */
    start() {
      if (location.protocol === "file:") return Promise.reject(new Error(UNSERVED));
      if (!this.#worker) {
        this.#worker = new Worker(new URL(`worker.js?v=${version}`, SCRIPT.src));
        this.#worker.onmessage = ({ data }) => this.#hear(data);
        this.#worker.onerror = (event) => { event.preventDefault(); this.#end(`Python stopped: ${event.message || "its script did not load"}.`); };
        this.#set("starting");
        this.#started = this.#request({ what: "start", total: Number(bytes), version });
        this.#started.then(() => { this.#ready = true; this.#settle(); }, (error) => this.#end(error.message));
      }
      return this.#started;
    }

    /** End Python; whatever waits for an answer hears `why`. The next request starts another. */
    stop(why = "Stopped.") {
      this.#end(why);
    }

    /** The state of a figure for `values`, by its function, "module:name". */
    async figure(name, values) {
      await this.start();
      return this.#request({ what: "figure", function: name, values });
    }

    /** Run code; see README.md. */
    async run(code, { onOutput, onProgress, timeout = SECONDS, space = "page" } = {}) {
      await this.#watched(onProgress, () => this.start());
      return this.#limited({ what: "run", code, space }, { onOutput, timeout });
    }

    /** Run code as cell number `place` of the page: the cells above are run first, once, for what they define. */
    async cell(place, code, { onOutput, onProgress, onStart, timeout }) {
      await this.#watched(onProgress, () => this.start());
      this.#above = this.#above.catch(() => {}).then(() => this.#prepare(place, onProgress));
      await this.#above;
      onStart?.();
      const result = await this.run(code, { onOutput, timeout });
      if (!result.error && this.#worker) this.#done = Math.max(this.#done, place + 1); // this version counts from now on
      return result;
    }

    // ---- the worker

    #set(state) {
      if (state === this.state) return;
      this.state = state;
      this.dispatchEvent(new Event("state"));
    }

    #settle() {
      if (this.#worker && this.#ready) this.#set(this.#waiting.size ? "busy" : "ready");
    }

    async #prepare(place, onProgress) {
      this.#page ??= fetch(new URL(`pages/${page}.json?v=${version}`, SCRIPT.src)).then((got) => {
        if (!got.ok) throw new Error(`The page's cells did not load (${got.status}).`);
        return got.json();
      });
      const { cells, files } = await this.#page.catch((error) => { this.#page = null; throw error; });
      if (!this.#done) await Promise.all(files.map((name) => this.#request({ what: "file", name })));
      while (this.#done < place) {
        onProgress?.({ words: `Running the cells above: ${this.#done + 1} of ${place}`, part: this.#done / place });
        const error = await this.#request({ what: "prepare", code: cells[this.#done], space: "page" });
        if (error) throw Object.assign(new Error(`A cell above this one failed: ${error.message}`), error);
        this.#done += 1;
      }
    }

    #request(message, more = {}) {
      const id = ++this.#number;
      return new Promise((resolve, reject) => {
        this.#waiting.set(id, { resolve, reject, ...more });
        this.#worker.postMessage({ id, ...message });
        this.#settle();
      });
    }

    /** A request that is stopped, with Python, when it takes more than `timeout` seconds once its turn has come. */
    async #limited(message, { onOutput, timeout }) {
      let clock;
      const began = () => {
        clock = setTimeout(() => this.#end(`Stopped: it took more than ${timeout} s.`), timeout * 1000);
      };
      const result = await this.#request(message, { onOutput, began }).finally(() => clearTimeout(clock));
      if (result.error === "MemoryError") this.#end("Python ran out of memory.");
      return result;
    }

    async #watched(onProgress, task) {
      const listener = ({ detail }) => onProgress(detail);
      if (onProgress) this.addEventListener("progress", listener);
      try {
        return await task();
      } finally {
        this.removeEventListener("progress", listener);
      }
    }

    #hear({ id, value, error, broken, began, output, progress }) {
      if (progress) {
        this.dispatchEvent(new CustomEvent("progress", { detail: progress }));
        return;
      }
      const waiting = this.#waiting.get(id);
      if (!waiting) return;
      if (began) waiting.began?.();
      else if (output) waiting.onOutput?.(...output);
      else {
        this.#waiting.delete(id);
        if (error === undefined) waiting.resolve(value);
        else waiting.reject(new Error(broken && /memory|alloc|out of bounds/i.test(error) ? "Python ran out of memory." : error));
        if (broken) this.#end("Python ran out of memory or broke down.");
        else this.#settle();
      }
    }

    #end(why) {
      if (!this.#worker) return;
      this.#worker.terminate();
      const lost = [...this.#waiting.values()];
      this.#waiting.clear();
      [this.#worker, this.#started, this.#ready, this.#done] = [null, null, false, 0];
      this.#set("off");
      this.dispatchEvent(new CustomEvent("lost", { detail: why }));
      lost.forEach(({ reject }) => reject(Object.assign(new Error(why), { lost: true })));
    }
  }

  const live = (window.nnlibLive = new Live());

  /** Words and a bar for what takes a while, in `place`. Says the phases aloud, not every megabyte. */
  class Progress {
    constructor(place) {
      place.insertAdjacentHTML("beforeend", '<span class="nnlib-live-progress" hidden><progress max="1" aria-label="Progress"></progress>'
        + '<span class="nnlib-live-words"></span></span><span class="spoken" role="status"></span>');
      [this.box, this.said] = [...place.children].slice(-2);
      [this.bar, this.words] = this.box.children;
    }

    show({ words, part }) {
      this.box.hidden = false;
      if (part === undefined) this.bar.removeAttribute("value"); // it takes what it takes
      else this.bar.value = part;
      this.words.textContent = words;
      const phase = words.split(":")[0];
      if (phase !== this.phase) this.said.textContent = this.phase = phase;
    }

    end(words = "") {
      this.box.hidden = true;
      this.phase = null;
      this.said.textContent = words;
    }
  }

  // ---------------------------------------------------------------- figures

  const figures = [];

  /** A figure's button: stored answers, or Python's. */
  class LiveFigure {
    constructor(slot) {
      this.figure = slot.closest("figure").nnlibFigure;
      this.slot = slot;
      this.button = slot.querySelector("button");
      this.name = this.button.textContent;
      this.button.addEventListener("click", () => this.toggle());
      this.note = document.createElement("span");
      this.note.className = "nnlib-live-note";
      slot.append(this.note);
      this.progress = new Progress(slot);
      figures.push(this);
    }

    async toggle() {
      if (this.starting) live.stop("Cancelled.");
      else if (this.on) this.off();
      else await this.go();
    }

    async go() {
      const { figure } = this, show = ({ detail }) => this.progress.show(detail);
      this.starting = true;
      this.button.textContent = "Cancel";
      this.note.textContent = "";
      this.progress.show({ words: "Starting", part: 0 });
      live.addEventListener("progress", show);
      try {
        const [loaded] = await Promise.all([figure.load(), live.start()]);
        if (!loaded) throw new Error("The figure did not load.");
        const { function: name, given } = figure.bundle;
        await figure.answerFrom((values) => live.figure(name, { ...given, ...values }));
        this.on = true;
        this.note.textContent = "Live: Python answers, also between the stored values.";
        this.progress.end("This figure is live.");
      } catch (error) {
        this.note.textContent = error.message;
        this.progress.end();
      }
      live.removeEventListener("progress", show);
      this.starting = false;
      this.button.textContent = this.on ? "Back to stored answers" : this.name;
      this.slot.closest("figure").toggleAttribute("data-live", Boolean(this.on));
    }

    off(why = "") {
      this.on = false;
      this.button.textContent = this.name;
      this.note.textContent = why;
      this.slot.closest("figure").removeAttribute("data-live");
      this.figure.answerFrom(null);
    }
  }

  // When Python ends, figures go back to what is stored rather than stand still.
  live.addEventListener("lost", ({ detail }) => figures.filter(({ on }) => on).forEach((figure) => {
    figure.off(`${detail} The stored answers are back; “${figure.name}” starts Python again.`);
  }));

  // ---------------------------------------------------------------- cells

  const storage = {
    get(key) { try { return JSON.parse(localStorage.getItem(key)); } catch { return null; } },
    set(key, value) { try { localStorage.setItem(key, JSON.stringify(value)); return true; } catch { return false; } },
    remove(key) { try { localStorage.removeItem(key); } catch { /* then nothing is stored */ } },
  };

  /** A cell that a reader may change: its place in the page is made by live.py. */
  class LiveCell {
    constructor(element) {
      this.element = element;
      this.place = Number(element.dataset.cell); // so many cells of the page are above
      this.key = `nnlib-live:${new URL(".", SCRIPT.src).pathname}:${page}:${this.place}`;
      this.source = element.closest(".cell").querySelector(".cell_input");
      this.original = this.source.querySelector("pre").textContent.replace(/\n$/, "");
      this.opener = element.querySelector("button");
      this.opener.addEventListener("click", () => { this.open(); this.editor.focus(); });
      const kept = storage.get(this.key);
      if (!kept) return;
      this.open();
      if (kept.original === this.original) this.put(kept.text, "Your change from last time. Run it, or reset it.");
      else this.offer(kept.text);
    }

    open() {
      if (this.editor) return;
      this.opener.hidden = true;
      this.element.insertAdjacentHTML("beforeend", `<div class="nnlib-live-editor">
        <textarea spellcheck="false" autocapitalize="off" autocomplete="off" wrap="off" aria-label="Python, yours to change"></textarea>
        <div class="nnlib-live-row"><button type="button" data-do="run">Run</button><button type="button" data-do="stop" disabled>Stop</button>
        <button type="button" data-do="reset">Reset</button><label>at most <input type="number" min="1" max="3600" value="${SECONDS}"> s</label>
        <span class="nnlib-live-keys">Ctrl+Enter or Shift+Enter runs; Tab leaves the text.</span></div>
        <p class="nnlib-live-note"></p><div class="nnlib-live-output" role="region" aria-label="Output of your version" hidden></div></div>`);
      const find = (what) => this.element.querySelector(what);
      this.editor = find("textarea");
      this.limit = find("input");
      this.note = find(".nnlib-live-note");
      this.output = find(".nnlib-live-output");
      [this.runner, this.stopper, this.resetter] = ["run", "stop", "reset"].map((what) => find(`[data-do=${what}]`));
      this.progress = new Progress(find(".nnlib-live-row"));
      this.source.hidden = true;
      this.put(this.original);
      this.runner.addEventListener("click", () => this.run());
      this.stopper.addEventListener("click", () => live.stop());
      this.resetter.addEventListener("click", () => this.reset());
      this.editor.addEventListener("input", () => { this.size(); this.keep(); });
      this.editor.addEventListener("keydown", (event) => this.key_(event));
    }

    put(text, note = "") {
      this.editor.value = text;
      this.note.textContent = note;
      this.size();
    }

    size() {
      this.editor.rows = Math.max(2, this.editor.value.split("\n").length);
    }

    key_(event) {
      if (event.key !== "Enter" || event.isComposing) return;
      if (event.ctrlKey || event.metaKey || event.shiftKey) {
        event.preventDefault();
        this.run();
        return;
      }
      const before = this.editor.value.slice(0, this.editor.selectionStart), line = before.slice(before.lastIndexOf("\n") + 1);
      const indent = line.match(/^ */)[0] + (/:\s*$/.test(line) ? "    " : "");
      if (indent && document.execCommand("insertText", false, `\n${indent}`)) event.preventDefault(); // execCommand keeps undo
    }

    keep() {
      const same = this.editor.value === this.original;
      if (same) storage.remove(this.key);
      const kept = same || storage.set(this.key, { original: this.original, text: this.editor.value });
      this.note.textContent = kept ? "" : "This browser lets the page store nothing: your change lasts until you leave the page.";
    }

    /** A change of a cell that reads differently by now: neither the old change nor the new text gets lost. */
    offer(text) {
      this.note.textContent = "The book's text of this cell is newer than the change you made. ";
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = "Show my change";
      button.addEventListener("click", () => { this.put(text); this.keep(); this.editor.focus(); });
      this.note.append(button);
    }

    reset() {
      storage.remove(this.key);
      this.output.hidden = true;
      this.output.replaceChildren();
      this.put(this.original, "The book's text is back.");
      this.editor.focus();
    }

    async run() {
      if (this.running) return;
      const onProgress = (detail) => this.progress.show(detail);
      const pre = this.paper(), timeout = Number(this.limit.value) > 0 ? Number(this.limit.value) : SECONDS;
      this.turn(true);
      onProgress({ words: "Starting", part: 0 });
      let words = "Done.";
      try {
        let before;
        const onStart = () => { before = performance.now(); onProgress({ words: "Running" }); };
        const onOutput = (kind, text) => write(pre, text, kind);
        const result = await live.cell(this.place, this.editor.value, { onOutput, onProgress, onStart, timeout });
        words = result.error ? `${result.error}.` : `Done in ${((performance.now() - before) / 1000).toFixed(1)} s.`;
        if (result.error) write(pre, result.traceback, "error");
        if (result.error === "MemoryError") this.note.textContent = lostWords("Python ran out of memory.");
        else if (!result.error) await show(this.output, pre, result);
      } catch (error) {
        words = error.message;
        if (error.traceback) write(pre, error.traceback, "error");
        this.note.textContent = error.lost ? lostWords(words) : words;
      }
      if (!pre.textContent && this.output.children.length === 1) write(pre, "(no output)", "quiet");
      this.turn(false);
      this.progress.end(words);
    }

    /** An empty output for a run. */
    paper() {
      const pre = document.createElement("pre");
      pre.tabIndex = 0;
      this.output.replaceChildren(pre);
      this.output.hidden = false;
      this.note.textContent = "";
      return pre;
    }

    turn(on) {
      this.running = on;
      this.stopper.disabled = !on;
      this.runner.setAttribute("aria-disabled", String(on));
      this.output.setAttribute("aria-busy", String(on));
      if (!on && document.activeElement === document.body) this.runner.focus(); // Stop had the focus
    }
  }

  const lostWords = (why) => `${why} Python starts afresh at the next run: your text is kept, the variables are not.`;

  function write(pre, text, kind) {
    const span = document.createElement("span");
    span.className = `nnlib-live-${kind}`;
    span.textContent = text;
    pre.append(span);
  }

  /** The value of a run: a figure with controls, or its text. */
  async function show(output, pre, { text, figure }) {
    if (!figure) {
      if (text !== undefined) write(pre, `${text}\n`, "value");
      return;
    }
    await drawer();
    const { decode, draw } = window.nnlibFigures, state = await decode(figure), box = document.createElement("div");
    box.className = "nnlib-figure";
    box.innerHTML = `<div class="nnlib-figure-controls"></div><div class="nnlib-figure-picture"></div><p class="nnlib-figure-sentence" role="status"></p>`;
    const [controls, picture, sentence] = box.children, id = `live-${output.parentElement.parentElement.dataset.cell}`;
    sentence.id = `${id}-sentence`; // the picture's name
    const inputs = figure.controls.map(({ label, values }) => {
      controls.insertAdjacentHTML("beforeend", '<label class="nnlib-figure-control"><span></span><input type="range" min="0" value="0"><output></output></label>');
      const [name, input, told] = controls.lastElementChild.children;
      name.textContent = label;
      input.max = values.length - 1;
      return { input, told, values };
    });
    const redraw = () => {
      const k = inputs.reduce((all, { input, values }) => all * values.length + Number(input.value), 0), now = state(k);
      inputs.forEach(({ input, told, values }) => { told.textContent = String(values[input.value]); input.setAttribute("aria-valuetext", told.textContent); });
      picture.innerHTML = draw(now, Math.round(picture.clientWidth), id).svg;
      sentence.textContent = now.meta.sentence;
    };
    output.append(box);
    picture.style.height = `${(state(0).layout || {}).height || 360}px`;
    inputs.forEach(({ input }) => input.addEventListener("input", redraw));
    redraw();
  }

  /** The page's own drawer, loaded if no figure of the page has needed it yet. */
  function drawer() {
    return window.nnlibFigures ? Promise.resolve() : new Promise((resolve, reject) => {
      const script = document.createElement("script");
      script.src = new URL("../_static/figures-draw.js", SCRIPT.src);
      script.onload = resolve;
      script.onerror = () => reject(new Error("The script that draws figures did not load."));
      document.head.append(script);
    });
  }

  // ---------------------------------------------------------------- the page

  const attach = () => document.querySelectorAll(".nnlib-figure-live:has(button)").forEach((slot) => new LiveFigure(slot));
  if (document.querySelector("figure.nnlib-figure")?.nnlibFigure) attach();
  else document.addEventListener("nnlib-figures-ready", attach, { once: true });
  document.querySelectorAll(".nnlib-live-cell").forEach((element) => new LiveCell(element));
})();
