/* What a reader has done, and the counts of it beside the chapters. It stays in this browser: one item of
 * localStorage, {"schema": 1, "chapters": {CHAPTER: {TASK: {"tries": 2, "solved": true, "answer": "..."}}}}.
 */
(function () {
  "use strict";

  const KEY = "bp-progress-v1", SCHEMA = 1, LONGEST = 20000;
  const FORBIDDEN = "Your browser lets this page keep nothing. Everything works, and is forgotten when you leave the page.";
  const FULL = "Your browser has no room left to keep this. Everything works, but what you do from now on is forgotten when you leave the page.";
  const isObject = (thing) => thing !== null && typeof thing === "object" && !Array.isArray(thing);

  let kept = { schema: SCHEMA, chapters: {} }; // what is known, also where nothing can be stored
  let trouble = "";
  const listeners = [];

  /* The progress in a text. Throws an Error that says what is wrong; takes over nothing that is not known. */
  function parse(text) {
    let given;
    try {
      given = JSON.parse(text);
    } catch {
      throw new Error("This is not a JSON file.");
    }
    if (!isObject(given) || !isObject(given.chapters)) throw new Error("This JSON file holds no progress of this book.");
    if (given.schema !== SCHEMA) throw new Error(`This file has schema ${JSON.stringify(given.schema)}, this edition of the book reads ${SCHEMA}.`);
    const result = { schema: SCHEMA, chapters: {} };
    for (const [chapter, tasks] of Object.entries(given.chapters)) {
      for (const [task, entry] of Object.entries(isObject(tasks) ? tasks : {})) {
        const sound = /^[a-z0-9-]+$/.test(chapter + task) && isObject(entry) && Number.isInteger(entry.tries) && entry.tries >= 0
          && typeof entry.solved === "boolean" && typeof entry.answer === "string" && entry.answer.length <= LONGEST;
        if (!sound) throw new Error(`The entry ${task} of ${chapter} is damaged.`);
        const { tries, solved, answer } = entry;
        (result.chapters[chapter] = result.chapters[chapter] || {})[task] = { tries, solved, answer };
      }
    }
    return result;
  }

  /* Another tab may have written meanwhile, so each change reads first. What cannot be read counts as nothing. */
  function load() {
    let text = null;
    try {
      text = localStorage.getItem(KEY);
    } catch {
      trouble = FORBIDDEN;
      return;
    }
    if (trouble) return;
    try {
      kept = text === null ? { schema: SCHEMA, chapters: {} } : parse(text);
    } catch {
      kept = { schema: SCHEMA, chapters: {} };
    }
  }

  function save() {
    if (trouble !== FORBIDDEN) {
      try {
        localStorage.setItem(KEY, JSON.stringify(kept));
        trouble = "";
      } catch {
        trouble = FULL;
      }
    }
    show();
    listeners.forEach((listener) => listener());
  }

  const entry = (chapter, task) => (kept.chapters[chapter] || {})[task] || { tries: 0, solved: false, answer: "" };

  /* Change what is kept of a task: note("bptt", "bptt-3", {answer: "..."}). */
  function note(chapter, task, change) {
    load();
    const next = { ...entry(chapter, task), ...change };
    next.answer = next.answer.slice(0, LONGEST);
    (kept.chapters[chapter] = kept.chapters[chapter] || {})[task] = next;
    save();
  }

  /* Take over an exported text: its answers win, and what is solved on either side is solved. */
  function merge(text) {
    const given = parse(text);
    load();
    for (const [chapter, tasks] of Object.entries(given.chapters)) {
      for (const [task, theirs] of Object.entries(tasks)) {
        const ours = entry(chapter, task);
        (kept.chapters[chapter] = kept.chapters[chapter] || {})[task] = {
          tries: Math.max(ours.tries, theirs.tries), solved: ours.solved || theirs.solved, answer: theirs.answer,
        };
      }
    }
    save();
  }

  function reset() {
    kept = { schema: SCHEMA, chapters: {} };
    try {
      localStorage.removeItem(KEY);
    } catch {
      // nothing was kept
    }
    show();
    listeners.forEach((listener) => listener());
  }

  // ---------------------------------------------------------------- beside the chapters

  const totals = JSON.parse((document.querySelector("meta[name=bp-tasks]") || {}).content || "{}");

  /* [chapter, solved, total] of every chapter with a task; those of an earlier edition do not count. */
  function counts() {
    return Object.keys(totals).map((chapter) => [
      chapter, Math.min(totals[chapter], Object.values(kept.chapters[chapter] || {}).filter((task) => task.solved).length), totals[chapter],
    ]);
  }

  const make = (tag, className, text) => Object.assign(document.createElement(tag), { className, textContent: text });

  /* A chapter that was begun has its count behind its title, for the eye and for the ear. */
  function show() {
    const of = new Map(counts().map(([chapter, solved, total]) => [chapter, [solved, total]]));
    for (const link of document.querySelectorAll("#contents a")) {
      const chapter = link.pathname.split("/").pop().replace(/\.html$/, "");
      const old = link.querySelector(".progress-count");
      if (old) old.remove();
      if (!of.has(chapter) || !Object.values(kept.chapters[chapter] || {}).some((task) => task.tries)) continue;
      const [solved, total] = of.get(chapter), count = make("span", "progress-count", "");
      const seen = make("span", "", ` ${solved}/${total}`);
      seen.setAttribute("aria-hidden", "true");
      count.append(seen, make("span", "spoken", `, ${solved} of ${total} exercises solved`));
      link.append(count);
    }
    const first = document.querySelector("form.task");
    let line = document.querySelector(".progress-trouble");
    if (trouble && first) {
      if (!line) {
        line = make("p", "progress-trouble", "");
        line.setAttribute("role", "status");
        first.before(line);
      }
      line.textContent = trouble;
    } else if (line) {
      line.remove();
    }
  }

  window.addEventListener("storage", (event) => {
    if (event.key === KEY || event.key === null) {
      load();
      show();
      listeners.forEach((listener) => listener());
    }
  });

  window.nnlibProgress = {
    entry, note, merge, reset, counts,
    text: () => JSON.stringify(kept, null, 1),
    get trouble() { return trouble; },
    onchange: (listener) => listeners.push(listener),
  };
  load();
  show();
})();
