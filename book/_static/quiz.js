/* Tasks of a page: what all kinds share, and those with a choice of answers. */
(function () {
  "use strict";

  const progress = window.nnlibProgress;

  /* A form that asks something. What it says stands in its status; what is kept of it, in the browser. */
  class Task {
    constructor(element) {
      this.element = element;
      this.name = element.dataset.task;
      this.chapter = element.dataset.chapter;
      this.feedback = element.querySelector(".task-feedback");
      this.state = element.querySelector(".task-state");
      element.addEventListener("submit", (event) => {
        event.preventDefault();
        this.check();
      });
      this.show();
      progress.onchange(() => this.show());
    }

    get kept() {
      return progress.entry(this.chapter, this.name);
    }

    keep(answer) {
      progress.note(this.chapter, this.name, { answer });
    }

    /* An attempt was judged: count it, say it. `words` are nodes or text. */
    judge(right, answer, ...words) {
      const { tries, solved } = this.kept;
      progress.note(this.chapter, this.name, { tries: tries + 1, solved: solved || right, answer });
      this.say(right ? "right" : "wrong", ...words);
    }

    /* kind: right, wrong, or note (neither: something is missing, or is on its way). */
    say(kind, ...words) {
      this.feedback.className = `task-feedback task-${kind}`;
      this.feedback.replaceChildren(...words);
    }

    show() {
      const { tries, solved } = this.kept;
      this.element.classList.toggle("tried", tries > 0);
      this.element.classList.toggle("solved", solved);
      this.state.textContent = solved ? "✓ Solved" : "";
    }
  }

  class Choice extends Task {
    constructor(element) {
      super(element);
      this.options = [...element.querySelectorAll("input[type=radio]")];
      this.answers = [...element.querySelectorAll(".task-answers li")];
      const before = this.options.find((option) => option.value === this.kept.answer);
      if (before) before.checked = true;
      element.addEventListener("change", () => this.say("none"));
    }

    check() {
      const chosen = this.options.findIndex((option) => option.checked);
      if (chosen < 0) return this.say("note", "Choose an answer first.");
      const answer = this.answers[chosen];
      const words = [...answer.childNodes].map((node) => node.cloneNode(true));
      this.judge("right" in answer.dataset, this.options[chosen].value, ...words);
    }
  }

  window.nnlibTask = Task;
  document.querySelectorAll("form.task-choice").forEach((element) => new Choice(element));
})();
