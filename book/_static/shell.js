/* The page's frame: colours, copying code, boxes that scroll. Everything is there, and readable, without it. */
(function () {
  "use strict";

  const root = document.documentElement;
  const MODES = ["auto", "light", "dark"];
  const SAID = { auto: "as the system", light: "light", dark: "dark" };
  const dark = matchMedia("(prefers-color-scheme: dark)");

  // ---------------------------------------------------------------- colours (the head's script set them first)

  const button = document.getElementById("colours");

  function colour(mode) {
    root.dataset.mode = mode;
    root.dataset.theme = mode === "auto" ? (dark.matches ? "dark" : "light") : mode;
    button.setAttribute("aria-label", `Colours: ${SAID[mode]}`);
    button.title = `Colours: ${SAID[mode]}`;
  }

  colour(root.dataset.mode);
  dark.addEventListener("change", () => colour(root.dataset.mode));
  button.addEventListener("click", () => {
    const mode = MODES[(MODES.indexOf(root.dataset.mode) + 1) % MODES.length];
    try {
      localStorage.setItem("mode", mode);
    } catch { /* a reader may forbid it: the choice then holds for this page */ }
    colour(mode);
  });

  // ---------------------------------------------------------------- menus

  // A link of a menu may lead to this very page: the menu has done its work.
  for (const menu of document.querySelectorAll("nav[popover]")) {
    const close = () => menu.matches(":popover-open") && menu.hidePopover();
    menu.addEventListener("click", (event) => event.target.closest("a") && close());
    addEventListener("resize", close);
    // One that the keyboard has left would lie over what has the focus now.
    addEventListener("focusin", ({ target }) => menu.contains(target) || target.matches(`[popovertarget=${menu.id}]`) || close());
  }

  addEventListener("keydown", (event) => {
    const field = document.querySelector("input[type=search]");
    if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey || !field || !field.offsetParent) return;
    if (event.target.closest("input, select, textarea, [contenteditable]")) return;
    event.preventDefault();
    field.focus();
  });

  // ---------------------------------------------------------------- copying code

  if (navigator.clipboard) {
    for (const box of document.querySelectorAll("article .cell_input, article > section div.highlight-python")) {
      if (box.closest("details")) continue;
      const copy = document.createElement("button");
      copy.type = "button";
      copy.className = "button copy";
      copy.textContent = "Copy";
      copy.setAttribute("aria-label", "Copy the code");
      copy.addEventListener("click", async () => {
        await navigator.clipboard.writeText(box.querySelector("pre").textContent);
        copy.textContent = "Copied";
        setTimeout(() => (copy.textContent = "Copy"), 2000);
      });
      box.append(copy);
    }
  }

  // ---------------------------------------------------------------- boxes that scroll, or need not

  // Every box that may scroll takes the keyboard's focus as the page comes. Looked at when it is in view or nearly (to
  // measure all of them would set the whole page), a box that fits gives it up.
  const fits = (box) => box.scrollWidth <= box.clientWidth && box.scrollHeight <= box.clientHeight + 1;
  const watch = new IntersectionObserver((entries) => {
    const seen = entries.filter((entry) => entry.isIntersecting).map((entry) => entry.target);
    const still = seen.map(fits);
    seen.forEach((box, i) => box === document.activeElement || (box.tabIndex = still[i] ? -1 : 0));
  }, { rootMargin: "100%" });
  const boxes = document.querySelectorAll("article [tabindex='0'][role=group]");
  const look = () => boxes.forEach((box) => (watch.unobserve(box), watch.observe(box)));
  look();
  addEventListener("resize", look);

  // ---------------------------------------------------------------- print: nothing stays closed

  const opened = [];
  addEventListener("beforeprint", () => {
    for (const details of document.querySelectorAll("article details:not([open])")) {
      details.open = true;
      opened.push(details);
    }
  });
  addEventListener("afterprint", () => opened.splice(0).forEach((details) => (details.open = false)));
})();
