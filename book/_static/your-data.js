/* The table of progress, and the buttons to save, add and forget it. */
(function () {
  "use strict";

  const progress = window.nnlibProgress;
  const LARGEST = 4e6; // bytes; a file of progress has some thousands

  function tools(box) {
    const find = (part) => box.querySelector(`[data-do=${part}]`);
    const say = (text) => { find("say").textContent = text; };

    function show() {
      for (const [chapter, solved, total] of progress.counts()) {
        const cell = box.querySelector(`[data-chapter="${chapter}"]`);
        if (cell) cell.textContent = `${solved} of ${total}`;
      }
    }

    find("export").addEventListener("click", () => {
      const link = document.createElement("a");
      link.href = URL.createObjectURL(new Blob([progress.text()], { type: "application/json" }));
      link.download = "backpropagation-progress.json";
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 1000);
      say("Your progress was saved as backpropagation-progress.json.");
    });

    find("import").addEventListener("change", async (event) => {
      const [file] = event.target.files;
      if (!file) return;
      try {
        if (file.size > LARGEST) throw new Error("This file is too large to be one of ours.");
        progress.merge(await file.text());
        say(progress.trouble || `${file.name} was added.`);
      } catch (error) {
        say(`Nothing was added. ${error.message}`);
      }
      event.target.value = "";
    });

    find("forget").addEventListener("click", () => {
      if (window.confirm("Forget all progress and all answers kept in this browser?")) {
        progress.reset();
        say("All progress is forgotten.");
      }
    });

    if (progress.trouble) say(progress.trouble);
    progress.onchange(show);
    show();
  }

  document.querySelectorAll(".task-tools").forEach(tools);
})();
