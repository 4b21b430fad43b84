/* A figure in a page: its controls, its sentence, its table, its prediction, the values under the pointer.
 *
 * The page holds the picture of the state it starts in. The other states, and the script that draws them, are loaded when
 * a figure is pointed at or focused, or when the browser is idle and the figure near the view; from then on every
 * change of a control redraws it at the width there is. Everything is a classic script: it works from a file, too.
 * What other scripts may rely on stands in book/_ext/README.md.
 */
(function () {
  "use strict";

  const HERE = document.currentScript.src;
  const PACE = 700; // milliseconds a state is shown while playing at normal speed
  const QUIET = 600; // milliseconds without a change before the state is announced
  const states = (window.nnlibFigureStates = {}); // what the scripts of states fill, by figure

  const scripts = new Map();
  /** Load a script beside this one, once. */
  function script(name) {
    if (!scripts.has(name)) {
      scripts.set(name, new Promise((resolve, reject) => {
        const element = document.createElement("script");
        element.src = new URL(name, HERE);
        element.onload = resolve;
        element.onerror = () => { scripts.delete(name); element.remove(); reject(new Error(`${name} did not load`)); };
        document.head.append(element);
      }));
    }
    return scripts.get(name);
  }

  const plainly = (value) => (typeof value === "number" ? String(Number(value.toPrecision(4))) : String(value));

  // ---------------------------------------------------------------- one figure

  class Figure {
    constructor(element) {
      const find = (part) => element.querySelector(`.nnlib-figure-${part}`);
      this.element = element;
      this.id = element.id;
      for (const part of ["picture", "sentence", "status", "reading", "table", "link", "live"]) this[part] = find(part);
      this.controls = [...element.querySelectorAll(".nnlib-figure-control > :is(input, select)")];
      this.play = element.querySelector("[data-do=play]");
      this.bundle = null;
      this.source = null;
      element.nnlibFigure = this;
      this.listen();
    }

    // ---- for other scripts

    /** Get the states and the script that draws them; resolves to whether the figure can answer now. */
    load() {
      this.wake();
      this.loading ??= this.unpack().then(() => true, (error) => {
        this.loading = null; // so that the next touch tries again
        this.tell(`The other states cannot be shown (${error.message}). The picture shows the one it starts in.`);
        return false;
      });
      return this.loading;
    }

    /** Make menus of what waited as lists (`mended` in book/_ext/shell tells why). */
    wake() {
      this.element.querySelectorAll("select[multiple]").forEach((list) => { list.multiple = false; list.removeAttribute("size"); });
    }

    /** What the controls are set to: { name: value }. */
    values() {
      return Object.fromEntries(this.bundle.controls.map(({ name }, i) => [name, this.offered(i)[position(this.controls[i])]]));
    }

    /** Answer from `source`, an async function of the values that returns a state, or with null from the stored ones. */
    async answerFrom(source) {
      if (!(await this.load())) return;
      const now = this.values();
      this.source = source;
      this.controls.forEach((control, i) => {
        if (control.type === "range") control.max = this.offered(i).length - 1;
      });
      this.put(now);
      return this.refresh();
    }

    /** Show the state that the controls ask for. */
    async refresh() {
      if (!this.state) return;
      this.label();
      if (!this.source) {
        this.show(this.state(this.index()));
        return;
      }
      this.stale = true;
      this.asking ??= this.ask().finally(() => { this.asking = null; this.element.removeAttribute("aria-busy"); });
      await this.asking;
    }

    // ---- states

    async unpack() {
      await Promise.all([script("figures-draw.js"), script(`states/${this.element.dataset.states}`)]);
      this.bundle = states[this.element.dataset.states.split(".")[0]];
      this.state = await window.nnlibFigures.decode(this.bundle);
      this.refresh();
    }

    /** Ask the source until its answer is for the values that the controls have then. */
    async ask() {
      this.element.setAttribute("aria-busy", "true");
      while (this.stale && this.source) {
        this.stale = false;
        const source = this.source;
        try {
          const state = await source(this.values());
          if (source === this.source) this.show(state);
        } catch (error) {
          if (source === this.source) this.tell(error.message);
        }
      }
    }

    /** The values of control `i` that can be answered now. */
    offered(i) {
      const { live, values } = this.bundle.controls[i];
      return (this.source && live) || values;
    }

    /** The number of the stored state that the controls ask for; the last control runs fastest. */
    index() {
      return this.controls.reduce((k, control, i) => k * this.bundle.controls[i].values.length + position(control), 0);
    }

    /** Set the controls to `values`, to the nearest there is among numbers. */
    put(values) {
      this.bundle.controls.forEach(({ name }, i) => {
        if (!(name in values)) return;
        const offered = this.offered(i), distance = (value) => Math.abs(value - values[name]);
        let k = offered.findIndex((value) => String(value) === String(values[name]));
        if (k < 0 && typeof offered[0] === "number" && Number.isFinite(Number(values[name]))) {
          k = offered.reduce((best, value, at) => (distance(value) < distance(offered[best]) ? at : best), 0);
        }
        if (k >= 0) set(this.controls[i], k);
      });
    }

    // ---- what is seen and heard

    label() {
      this.controls.forEach((control, i) => {
        if (control.type !== "range") return;
        const words = plainly(this.offered(i)[position(control)]);
        control.setAttribute("aria-valuetext", words);
        control.nextElementSibling.textContent = words;
      });
      if (this.link) this.link.href = `#${this.id}?${new URLSearchParams(this.values())}`;
    }

    redraw() {
      if (this.figure) this.show(this.figure);
    }

    show(figure) {
      this.figure = figure;
      const width = Math.round(this.picture.clientWidth);
      if (!width) return;
      const { svg, points } = window.nnlibFigures.draw(figure, width, this.id);
      this.picture.querySelectorAll("svg").forEach((old) => old.remove());
      this.picture.insertAdjacentHTML("afterbegin", svg);
      this.points = points;
      this.reading.hidden = true;
      this.tell(figure.meta.sentence);
      if (this.table.parentElement.open) this.table.innerHTML = window.nnlibFigures.tables(figure);
    }

    /** Write the state's sentence; say it aloud when no other follows. */
    tell(sentence) {
      if (this.sentence.textContent === sentence) return;
      this.sentence.textContent = sentence;
      clearTimeout(this.quiet);
      this.quiet = setTimeout(() => { if (!this.timer) this.status.textContent = sentence; }, QUIET);
    }

    /** Show the values of the point nearest to the pointer, if one is near. */
    read(event) {
      const frame = this.picture.getBoundingClientRect(), [x, y] = [event.clientX - frame.left, event.clientY - frame.top];
      const far = ([px, py]) => Math.hypot(px - x, py - y);
      const nearest = (this.points || []).reduce((best, point) => (!best || far(point) < far(best) ? point : best), null);
      this.reading.hidden = !nearest || far(nearest) > 30;
      if (this.reading.hidden) return;
      this.reading.textContent = nearest[2]();
      const left = Math.min(nearest[0] + 10, frame.width - this.reading.offsetWidth);
      this.reading.style.transform = `translate(${Math.max(0, left)}px, ${Math.max(0, nearest[1] - 34)}px)`;
    }

    // ---- what a reader does

    listen() {
      const { element } = this;
      const on = (what, does) => element.querySelector(`[data-do=${what}]`)?.addEventListener("click", does);
      for (const event of ["pointerover", "focusin"]) element.addEventListener(event, () => this.load(), { once: true });
      this.controls.forEach((control) => control.addEventListener("input", () => { this.stop(); this.change(); }));
      on("reset", () => { this.stop(); this.reset(); });
      on("back", () => { this.stop(); this.step(-1); });
      on("next", () => { this.stop(); this.step(1); });
      on("play", () => (this.timer ? this.stop() : this.start()));
      element.querySelector("[data-do=speed]")?.addEventListener("change", () => { if (this.timer) { this.stop(); this.start(); } });
      this.link?.addEventListener("click", (event) => this.keep(event));
      this.table.parentElement.addEventListener("toggle", () => this.load().then(() => this.redraw()));
      this.picture.addEventListener("pointermove", (event) => this.read(event));
      this.picture.addEventListener("pointerleave", () => { this.reading.hidden = true; });
      new ResizeObserver(() => this.redraw()).observe(this.picture);
      new Prediction(this);
    }

    async change() {
      if (!(await this.load())) return;
      await this.refresh();
      this.element.dispatchEvent(new Event("nnlib-figure-change"));
    }

    async reset() {
      if (!(await this.load())) return;
      this.put(Object.fromEntries(this.bundle.controls.map(({ name, values, start }) => [name, values[start || 0]])));
      this.change();
    }

    slider() {
      return this.controls.find((control) => control.id === this.play.dataset.control);
    }

    step(by) {
      const slider = this.slider();
      set(slider, Math.min(Number(slider.max), Math.max(0, position(slider) + by)));
      return this.change();
    }

    start() {
      const slider = this.slider(), last = () => position(slider) === Number(slider.max);
      if (last()) set(slider, 0);
      const pace = PACE / Number(this.element.querySelector("[data-do=speed]").value);
      this.play.textContent = "Stop";
      this.timer = setInterval(() => {
        if (this.asking) return; // a live answer takes the time it takes
        this.step(1);
        if (last()) this.stop();
      }, pace);
      this.change();
    }

    stop() {
      if (!this.timer) return;
      this.timer = clearInterval(this.timer);
      this.play.textContent = "Play";
      this.status.textContent = this.sentence.textContent;
    }

    /** Put this state into the page's address, and the address onto the clipboard where that is allowed. */
    async keep(event) {
      event.preventDefault();
      if (!(await this.load())) return;
      history.replaceState(history.state, "", this.link.href);
      const told = await navigator.clipboard?.writeText(location.href).then(() => "Copied: ", () => "");
      this.status.textContent = this.link.nextElementSibling.textContent = `${told || ""}the page's address leads to this state.`;
    }
  }

  // ---------------------------------------------------------------- predict, try, explain

  /** A choice only commits; the explanation opens after the first change, or when the reader asks for it. */
  class Prediction {
    constructor(figure) {
      const { element } = figure, block = element.querySelector(".nnlib-figure-predict");
      if (!block) return;
      const said = block.querySelector("[role=status]"), why = element.querySelector(".nnlib-figure-why");
      const explain = () => {
        const chosen = block.querySelector(":checked");
        if (!chosen || why.dataset.told) return;
        why.dataset.told = chosen.value;
        why.querySelectorAll("li").forEach((item, i) => {
          const own = i === Number(chosen.value);
          if (own) item.querySelector("b").insertAdjacentText("beforebegin", "Your prediction: ");
          item.hidden = !own && !("right" in item.dataset);
        });
        block.disabled = true;
        said.textContent = "Below the figure: what happens, and why.";
        why.open = true;
      };
      block.addEventListener("change", () => {
        said.textContent = figure.controls.length ? "Your prediction is kept. Now try it." : "Now look, and open the explanation below.";
      });
      element.addEventListener("nnlib-figure-change", explain);
      why.addEventListener("toggle", () => { if (why.open) explain(); });
    }
  }

  // ---------------------------------------------------------------- the page

  const position = (control) => (control.type === "range" ? Number(control.value) : control.selectedIndex);

  function set(control, k) {
    if (control.type === "range") control.value = k;
    else control.selectedIndex = k;
  }

  /** Go to the state that the page's address names: #figure-3?depth=4 */
  async function open() {
    const [, id, values] = /^#([\w-]+)\?(.*)$/.exec(location.hash) || [];
    const figure = id && document.getElementById(id)?.nnlibFigure;
    if (!figure) return;
    figure.element.scrollIntoView();
    if (!(await figure.load())) return;
    figure.put(Object.fromEntries(new URLSearchParams(values)));
    figure.refresh();
  }

  const figures = [...document.querySelectorAll("figure.nnlib-figure")].map((element) => new Figure(element));
  window.addEventListener("hashchange", open);
  open();
  document.dispatchEvent(new Event("nnlib-figures-ready"));

  const coming = new IntersectionObserver((seen) => seen.filter((entry) => entry.isIntersecting).forEach(({ target }) => {
    coming.unobserve(target);
    target.nnlibFigure.wake();
  }), { rootMargin: "100%" });
  figures.forEach(({ element }) => coming.observe(element));

  // Until the reader moves nothing is fetched or drawn: the page has its pictures.
  const idle = window.requestIdleCallback || ((then) => setTimeout(then, 200));
  const MOVES = ["scroll", "pointermove", "pointerdown", "keydown", "focusin"];
  function watch() {
    MOVES.forEach((move) => removeEventListener(move, watch));
    const near = new IntersectionObserver((seen) => seen.filter((entry) => entry.isIntersecting).forEach(({ target }) => {
      near.unobserve(target);
      idle(() => target.nnlibFigure.load());
    }), { rootMargin: "300px" });
    figures.forEach(({ element }) => near.observe(element));
  }
  MOVES.forEach((move) => addEventListener(move, watch, { passive: true }));
})();
