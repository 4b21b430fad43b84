/* Exercises of a page: formulas, checked here, and code, run by the page's Python (book/live/README.md). */
(function () {
  "use strict";

  const { parse, check, lettersOf, mathml, FormulaError } = window.nnlibFormulas;
  const SECONDS = 20; // an answer's check takes less than one
  const REST = 400; // milliseconds without a key, then what was typed is kept

  const make = (tag, className, ...words) => {
    const made = Object.assign(document.createElement(tag), { className });
    made.append(...words);
    return made;
  };

  /* "Not yet. words" and, small, the hint's id, by which a teacher knows the mistake. */
  function verdict(right, hint, words) {
    const line = make("p", "task-words", make("strong", "", right ? "Right." : "Not yet."), ` ${words}`);
    return hint === "right" ? [line] : [line, make("p", "task-hint-id", `Hint: ${hint}`)];
  }

  class Exercise extends window.nnlibTask {
    constructor(element) {
      super(element);
      this.data = JSON.parse(element.querySelector("script").textContent);
      let timer;
      element.addEventListener("input", () => {
        clearTimeout(timer);
        timer = setTimeout(() => this.keep(this.answer), REST);
      });
      window.addEventListener("pagehide", () => {
        clearTimeout(timer);
        if (this.answer !== this.kept.answer) this.keep(this.answer);
      });
    }
  }

  // ---------------------------------------------------------------- formulas

  class Formula extends Exercise {
    constructor(element) {
      super(element);
      this.inputs = [...element.querySelectorAll("input")];
      this.restore();
      this.inputs.forEach((input, n) => input.addEventListener("input", () => this.read(input, n)));
    }

    /* All fields in one text, a line each; nothing if nothing is typed. */
    get answer() {
      return this.inputs.map((input) => input.value).join("\n").replace(/^\s+$/, "");
    }

    restore() {
      const lines = this.kept.answer.split("\n");
      this.inputs.forEach((input, n) => {
        input.value = lines[n] || "";
        this.read(input, n);
      });
    }

    /* Show how the text was read, or what keeps it from being a formula. */
    read(input, n) {
      const field = input.closest(".task-field"), place = field.querySelector(".task-read");
      input.removeAttribute("aria-invalid");
      field.classList.remove("task-right", "task-wrong");
      field.querySelector(".task-mark").textContent = "";
      try {
        place.innerHTML = input.value.trim() ? `read as ${mathml(parse(input.value, lettersOf(this.data.fields[n], this.data)))}` : "";
      } catch (error) {
        if (!(error instanceof FormulaError)) throw error;
        place.textContent = `not a formula yet: ${error.message}`;
      }
    }

    check() {
      const found = this.data.fields.map((field, n) => check(this.inputs[n].value, field, this.data));
      const first = found.findIndex((result) => !result.right);
      found.forEach(({ right }, n) => {
        const field = this.inputs[n].closest(".task-field");
        this.inputs[n].setAttribute("aria-invalid", String(!right));
        field.classList.toggle("task-right", right);
        field.classList.toggle("task-wrong", !right && n === first);
        field.querySelector(".task-mark").textContent = right ? "✓ right" : n === first ? "✗ look here" : "";
      });
      if (found[first] && found[first].hint === "formula-empty") {
        this.say("note", `${found.length > 1 ? `${this.data.fields[first].name}: ` : ""}nothing is typed yet.`);
        return;
      }
      const { hint, words } = found[first] || { hint: "right", words: found.length > 1 ? "Every formula is right." : "" };
      this.judge(first < 0, this.answer, ...verdict(first < 0, hint, words));
    }
  }

  // ---------------------------------------------------------------- code

  class Code extends Exercise {
    constructor(element) {
      super(element);
      this.editor = element.querySelector("textarea");
      this.output = element.querySelector(".task-output");
      this.given = this.editor.defaultValue;
      if (this.kept.answer) this.editor.value = this.kept.answer;
      this.fit();
      this.editor.addEventListener("input", () => this.fit());
      this.editor.addEventListener("keydown", (event) => this.key(event));
      for (const [name, act] of Object.entries({ run: () => this.run(), reset: () => this.reset(), save: () => this.save() })) {
        element.querySelector(`[data-do=${name}]`).addEventListener("click", act);
      }
    }

    get answer() {
      return this.editor.value === this.given ? "" : this.editor.value;
    }

    fit() {
      this.editor.rows = Math.max(5, this.editor.value.split("\n").length + 1);
    }

    /* Ctrl+Enter checks; Enter keeps the indentation, one step deeper after a colon. Tab leaves, as everywhere. */
    key(event) {
      if (event.key !== "Enter" || event.isComposing) return;
      if (event.ctrlKey || event.metaKey) {
        event.preventDefault();
        this.element.requestSubmit();
      } else if (!event.shiftKey && !event.altKey) {
        const { value, selectionStart } = this.editor;
        const [, line, indent] = /(?:^|\n)(([ ]*)[^\n]*)$/.exec(value.slice(0, selectionStart));
        const deeper = /:\s*(#.*)?$/.test(line) ? "    " : "";
        if (indent + deeper && document.execCommand("insertText", false, `\n${indent}${deeper}`)) event.preventDefault();
      }
    }

    reset() {
      if (this.answer && !window.confirm("Put the code back as it was given?")) return;
      this.editor.value = this.given;
      this.keep("");
      this.fit();
      this.say("none");
      this.output.hidden = true;
    }

    /* The code with its check, to be run anywhere that has nnlib. */
    save() {
      const { id, function: name } = this.data;
      const text = `${this.editor.value.trimEnd()}\n\n\nif __name__ == "__main__":\n    from nnlib import exercises\n\n`
        + `    print(exercises.check("${id}", ${name}))\n`;
      const link = make("a", "");
      link.href = URL.createObjectURL(new Blob([text], { type: "text/x-python" }));
      link.download = `${id}.py`;
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 1000);
    }

    /* Python's answer, or undefined when it gave none and the page has said why. */
    async ask(code) {
      const options = { timeout: SECONDS, space: this.space, onOutput: (kind, text) => this.print(text) };
      options.onProgress = ({ words }) => this.say("note", words);
      try {
        return await window.nnlibLive.run(code, options);
      } catch (error) {
        this.say("note", `${error.message} Your code is kept; “Save as a file” gives it to you with its check.`);
        return undefined;
      }
    }

    print(text) {
      this.output.hidden = false;
      this.output.append(text);
    }

    /* Run the learner's lines; true when they ran through. Their error counts as an attempt if they are to be checked. */
    async execute(judged) {
      this.runs = (this.runs || 0) + 1;
      this.space = `${this.data.id}-${this.runs}`; // no variable of an earlier run hides a mistake of this one
      this.output.replaceChildren();
      this.output.hidden = true;
      const result = await this.ask(this.editor.value);
      if (!result) return false;
      if (result.error) {
        const words = `Python stops with ${result.error}: ${result.message}`;
        this.print(result.traceback);
        if (judged) this.judge(false, this.answer, ...verdict(false, "raises", words));
        else this.say("note", words);
        return false;
      }
      if (result.text) this.print(result.text);
      return true;
    }

    run() {
      return this.alone(async () => {
        if (await this.execute(false)) this.say("note", this.output.hidden ? "It ran, and printed nothing." : "It ran; what it printed is below.");
      });
    }

    check() {
      return this.alone(async () => {
        if (!(await this.execute(true))) return;
        const result = await this.ask(this.data.check);
        if (!result) return;
        if (result.error) return void this.say("note", `The check itself stops with ${result.error}: ${result.message}`);
        const [right, hint, words] = JSON.parse(result.text);
        this.judge(right, this.answer, ...verdict(right, hint, words));
      });
    }

    /* One thing at a time, and only where the page has Python. */
    async alone(act) {
      if (!window.nnlibLive) {
        this.say("note", "This copy of the book has no Python in its pages. “Save as a file” gives you the code with its check.");
        return;
      }
      if (this.busy) return;
      const buttons = [...this.element.querySelectorAll("button")], busy = (is) => buttons.forEach((b) => b.setAttribute("aria-disabled", is));
      this.busy = true;
      busy("true");
      this.say("note", "Working …");
      try {
        await act();
      } finally {
        this.busy = false;
        busy("false");
      }
    }
  }

  const KINDS = { formula: Formula, code: Code };
  for (const [kind, Kind] of Object.entries(KINDS)) {
    document.querySelectorAll(`form.task-${kind}`).forEach((element) => new Kind(element));
  }
})();
