/* A figure in a page: its controls, its sentence, its table, the values under the pointer.
 *
 * The page holds the picture of the first state; the states are unpacked when the figure comes near the
 * view, and from then on every change of a control redraws it at the width there is.
 */
(function () {
  "use strict";

  const { decode, draw, say, title, list, xs, ys } = window.nnlibFigures;
  const PACE = 700; // milliseconds a state is shown while playing

  // ---------------------------------------------------------------- a state as tables

  const row = (cells, tag) => `<tr>${cells.map((cell) => `<${tag}>${cell}</${tag}>`).join("")}</tr>`;

  function tables(figure) {
    const groups = new Map(), layout = figure.layout || {}, out = [];
    const axis = (t, letter) => title(layout[letter + "axis" + (t[letter + "axis"] || letter).slice(1)] || {}) || letter;
    for (const t of figure.data.filter((trace) => trace.visible !== false)) {
      if (t.type === "heatmap") {
        out.push(row([`${axis(t, "y")} \\ ${axis(t, "x")}`, ...xs(t).map(say)], "th")
          + t.z.map((cells, i) => row([ys(t)[i], ...cells].map(say), "td")).join(""));
      } else {
        const flat = t.orientation === "h", along = flat ? ys(t) : xs(t);
        const key = JSON.stringify([along, axis(t, flat ? "y" : "x")]);
        if (!groups.has(key)) groups.set(key, { head: [axis(t, flat ? "y" : "x")], columns: [along] });
        const group = groups.get(key);
        group.head.push(t.name || axis(t, flat ? "x" : "y"));
        group.columns.push(flat ? xs(t) : ys(t));
        if (Array.isArray(t.text)) {
          group.head.push("label");
          group.columns.push(t.text);
        }
      }
    }
    for (const { head, columns } of groups.values()) {
      out.push(row(head, "th") + columns[0].map((_, i) => row(columns.map((column) => say(column[i])), "td")).join(""));
    }
    return out.map((rows) => `<table>${rows}</table>`).join("");
  }

  // ---------------------------------------------------------------- one figure

  class Figure {
    constructor(element) {
      const find = (part) => element.querySelector(`.nnlib-figure-${part}`);
      this.id = element.id;
      this.bundle = JSON.parse(element.querySelector("script").textContent);
      [this.picture, this.sentence, this.reading, this.table] = ["picture", "sentence", "reading", "table"].map(find);
      this.controls = [...element.querySelectorAll("input, select")];
      this.outputs = [...element.querySelectorAll("output")];
      this.play = element.querySelector("[data-do=play]");
      this.listen(element);
    }

    listen(element) {
      this.controls.forEach((control) => control.addEventListener("input", () => { this.stop(); this.show(); }));
      const reset = element.querySelector("[data-do=reset]");
      if (reset) reset.addEventListener("click", () => { this.stop(); this.controls.forEach((c) => this.set(c, 0)); this.show(); });
      if (this.play) this.play.addEventListener("click", () => (this.timer ? this.stop() : this.start()));
      this.table.parentElement.addEventListener("toggle", () => this.show());
      this.picture.addEventListener("pointermove", (event) => this.read(event));
      this.picture.addEventListener("pointerleave", () => { this.reading.hidden = true; });
      new ResizeObserver(() => this.show()).observe(this.picture);
      new IntersectionObserver((seen, observer) => {
        if (!seen.some((entry) => entry.isIntersecting)) return;
        observer.disconnect();
        this.load();
      }, { rootMargin: "300px" }).observe(element);
    }

    async load() {
      try {
        this.state = await decode(this.bundle);
        this.show();
      } catch (error) {
        this.sentence.textContent = `This browser cannot unpack the other states (${error.message}). The picture shows the first one.`;
        [...this.controls, this.play].forEach((control) => { if (control) control.disabled = true; });
      }
    }

    /** The number of the state that the controls ask for; the last control runs fastest. */
    index() {
      return this.controls.reduce((k, control, i) => k * this.bundle.controls[i].values.length + position(control), 0);
    }

    set(control, k) {
      if (control.type === "range") control.value = k;
      else control.selectedIndex = k;
    }

    show() {
      this.controls.filter((control) => control.type === "range").forEach((control, i) => {
        const { values } = this.bundle.controls[this.controls.indexOf(control)];
        const words = plainly(values[position(control)]);
        control.setAttribute("aria-valuetext", words);
        this.outputs[i].textContent = words;
      });
      const width = Math.round(this.picture.clientWidth);
      if (!this.state || !width) return;
      const figure = this.state(this.index());
      const { svg, points } = draw(figure, width, this.id);
      this.picture.querySelector("svg").outerHTML = svg;
      this.points = points;
      this.reading.hidden = true;
      if (this.sentence.textContent !== figure.meta.sentence) this.sentence.textContent = figure.meta.sentence;
      if (this.table.parentElement.open) this.table.innerHTML = tables(figure);
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

    start() {
      const slider = this.controls.find((control) => control.id === this.play.dataset.control);
      if (position(slider) === Number(slider.max)) this.set(slider, 0);
      this.sentence.setAttribute("aria-live", "off"); // a sentence at every step would be a flood
      this.play.textContent = "Stop";
      this.timer = setInterval(() => {
        this.set(slider, position(slider) + 1);
        this.show();
        if (position(slider) === Number(slider.max)) this.stop();
      }, PACE);
      this.show();
    }

    stop() {
      if (!this.timer) return;
      this.timer = clearInterval(this.timer);
      this.play.textContent = "Play";
      this.sentence.setAttribute("aria-live", "polite");
    }
  }

  const position = (control) => (control.type === "range" ? Number(control.value) : control.selectedIndex);
  const plainly = (value) => (typeof value === "number" ? String(Number(value.toPrecision(4))) : String(value));

  document.querySelectorAll("figure.nnlib-figure").forEach((element) => new Figure(element));
})();
