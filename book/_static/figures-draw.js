/* The book's figures: unpack the stored states and draw one as SVG.
 *
 * A state is a figure in the part of plotly's schema that nnlib/figures/schema.py lists. The same `draw`
 * makes the picture in the page when the book is built (under node) and every later one in the browser.
 * Colours come from the style sheet: an element of class role-NAME is drawn in var(--role-NAME).
 */
(function () {
  "use strict";

  // ---------------------------------------------------------------- the bundle (nnlib/figures/bundle.py)

  /** All states of a bundle: a function from a state's number to its figure. */
  async function decode(bundle) {
    const packed = Uint8Array.from(atob(bundle.numbers), (c) => c.charCodeAt(0));
    const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("deflate"));
    const planes = new Uint8Array(await new Response(stream).arrayBuffer());
    const n = planes.length / 4, w = bundle.width;
    const bits = new Uint32Array(n);
    for (let i = 0; i < n; i++) {
      bits[i] = planes[i] | (planes[i + n] << 8) | (planes[i + 2 * n] << 16) | (planes[i + 3 * n] << 24);
      if (i >= w) bits[i] += bits[i - w];
    }
    const numbers = new Float32Array(bits.buffer);
    return (k) => fill(bundle.skeleton, numbers.subarray(k * w, (k + 1) * w), bundle.strings);
  }

  function fill(part, row, strings) {
    if (Array.isArray(part)) return part.map((item) => fill(item, row, strings));
    if (typeof part !== "object") return part;
    if (part.$n) return shaped(row, part.$n[0], part.$n.slice(1));
    if ("$t" in part) return strings[row[part.$t]];
    return Object.fromEntries(Object.entries(part).map(([key, item]) => [key, fill(item, row, strings)]));
  }

  function shaped(row, offset, [size, ...rest]) {
    if (size === undefined) return Number.isNaN(row[offset]) ? null : row[offset];
    const step = rest.reduce((a, b) => a * b, 1);
    return Array.from({ length: size }, (_, i) => shaped(row, offset + i * step, rest));
  }

  // ---------------------------------------------------------------- numbers and text

  const FONT = 13, LINE = 16, SCALE = 58; // pixels: of text, from line to line, of the bar beside a heatmap at least
  const fontFor = (width) => (width < 400 ? 11 : FONT); // of the words among the data
  const ENTITIES = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };
  const escape = (s) => String(s).replace(/[&<>"]/g, (c) => ENTITIES[c]);
  const plain = (s) => String(s).replace(/<br>/g, " ").replace(/<\/?(b|i|sub|sup)>/g, "");
  const r = (v) => Math.round(v * 10) / 10;
  const widthOf = (s, size = FONT) => Math.max(...String(s).split("<br>").map((line) => plain(line).length)) * size * 0.58;
  const power = (k) => `10<sup>${String(k).replace("-", "−")}</sup>`;
  const title = ({ title: t }) => (t && t.text !== undefined ? t.text : t) || "";

  /** An element of the picture; numbers among its attributes are rounded to a tenth of a pixel. */
  function tag(name, attributes, inner = "") {
    const written = Object.entries(attributes).map(([key, v]) => ` ${key}="${typeof v === "number" ? r(v) : v}"`).join("");
    return `<${name}${written}${inner ? `>${inner}</${name}>` : "/>"}`;
  }

  /** A number for people: whole numbers in full, others to four digits. */
  function say(v) {
    if (v === null || v === undefined || typeof v === "string") return v ?? "–";
    const size = Math.abs(v);
    if (Number.isInteger(v) && size < 1e7) return v.toLocaleString("en-US").replace("-", "−");
    if (size >= 1e-3 && size < 1e7) return String(Number(v.toPrecision(4))).replace("-", "−");
    const [digits, exponent] = v.toExponential(2).split("e");
    return `${digits}·${power(Number(exponent))}`.replace("-", "−");
  }

  /** SVG text with plotly's <b> <i> <sub> <sup> <br>; `valign` says which edge of the text lies at y. */
  function text(s, x, y, { anchor = "middle", valign = "middle", size = FONT, cls = "", turn = 0 } = {}) {
    const lines = String(s).split("<br>");
    const more = lines.length - 1, start = { top: 0.85, middle: 0.35 - more * 0.6, bottom: -0.25 - more * 1.2 }[valign];
    const spans = lines.map((line, i) => {
      let bold = "", italic = "", level = 0, now = 0, out = "";
      for (const token of line.split(/(<\/?(?:b|i|sub|sup)>)/)) {
        const tag = /^<(\/?)(b|i|sub|sup)>$/.exec(token);
        if (!tag) {
          if (!token) continue;
          const small = level ? ` font-size="${r(size * 0.75)}"` : "";
          out += `<tspan dy="${r((level - now) * size)}"${small}${bold}${italic}>${escape(token)}</tspan>`;
          now = level;
        } else if (tag[2] === "b") bold = tag[1] ? "" : ' font-weight="bold"';
        else if (tag[2] === "i") italic = tag[1] ? "" : ' font-style="italic"';
        else level = tag[1] ? 0 : tag[2] === "sub" ? 0.3 : -0.4;
      }
      return `<tspan x="${r(x)}" y="${r(y + (start + i * 1.2) * size)}">${out}</tspan>`;
    });
    const rotate = turn ? ` transform="rotate(${turn} ${r(x)} ${r(y)})"` : "";
    return `<text class="${cls}" font-size="${size}" text-anchor="${anchor}"${rotate}>${spans.join("")}</text>`;
  }

  // ---------------------------------------------------------------- roles: never colour alone

  const DASHES = { solid: "", dash: "7 4", dot: "2 3", longdash: "13 4", dashdot: "8 3 2 3", longdashdot: "14 3 2 3" };
  const LOOKS = { // dash, marker, width of a line, hatching of bars
    value: ["solid", "circle", 2.2, ""],
    gradient: ["dash", "diamond", 2.2, "M-2 2L2 -2M0 8L8 0M6 10L10 6"],
    immediate: ["dot", "square", 2.2, "M4 0V8"],
    total: ["longdash", "triangle-up", 2.2, "M0 4H8"],
    wrong: ["dashdot", "x", 2.2, "M0 0L8 8M0 8L8 0"],
    right: ["solid", "star", 3.6, "M-2 6L2 10M0 0L8 8M6 -2L10 2"],
    neutral: ["solid", "circle-open", 1.2, ""],
    second: ["longdashdot", "triangle-down", 2.2, "M2 2h.1M6 6h.1"],
    third: ["2px,7px", "diamond-open", 3, "M0 2H8M0 6H8"],
  };
  const dashes = (name) => DASHES[name] ?? name.replace(/px/g, "").replace(",", " ");
  const role = (trace) => (trace.meta && trace.meta.role) || "value";
  const mode = (trace) => trace.mode || (trace.text ? "lines+markers" : "lines");

  const CORNERS = { // distances of a marker's corners from its middle
    square: [1.25, 1.25, 1.25, 1.25],
    diamond: [1.3, 1.3, 1.3, 1.3],
    star: [1.5, 0.6, 1.5, 0.6, 1.5, 0.6, 1.5, 0.6, 1.5, 0.6],
    "triangle-up": [1.3, 1.3, 1.3],
    "triangle-down": [1.3, 1.3, 1.3],
  };

  function marker(symbol, x, y, size) {
    const h = size / 2, open = symbol.endsWith("-open") ? " open" : "";
    const kind = symbol.replace("-open", "");
    const ring = (radii, turn) => radii.map((q, i) => {
      const a = (2 * Math.PI * i) / radii.length + turn;
      return `${r(x + q * h * Math.sin(a))} ${r(y - q * h * Math.cos(a))}`;
    }).join("L");
    if (kind === "circle") return tag("circle", { class: `mark${open}`, cx: x, cy: y, r: h });
    if (kind === "x" || kind === "cross") {
      const points = ring([1.2, 1.2, 1.2, 1.2], kind === "x" ? Math.PI / 4 : 0).split("L");
      return tag("path", { class: "mark open thick", d: `M${points[0]}L${points[2]}M${points[1]}L${points[3]}` });
    }
    const turn = { square: Math.PI / 4, "triangle-down": Math.PI }[kind] || 0;
    return tag("path", { class: `mark${open}`, d: `M${ring(CORNERS[kind], turn)}Z` });
  }

  // ---------------------------------------------------------------- axes

  const list = (v) => (Array.isArray(v) ? v : v === undefined || v === null ? [] : [v]);
  const xs = (t) => list(t.x).length ? list(t.x) : list(t.type === "heatmap" ? t.z[0] : t.y).map((_, i) => i);
  const ys = (t) => list(t.y).length ? list(t.y) : list(t.type === "heatmap" ? t.z : t.x).map((_, i) => i);
  const keyOf = (id) => id[0] + "axis" + id.slice(1);

  /** The axes of a figure, each with its kind and its range in its own units (exponents if logarithmic). */
  function axesOf(traces, layout) {
    const axes = {};
    for (const t of traces) {
      const pair = [t.xaxis || "x", t.yaxis || "y"];
      pair.forEach((id, i) => {
        axes[id] = axes[id] || { id, spec: layout[keyOf(id)] || {}, traces: [], partner: pair[1 - i] };
        axes[id].traces.push(t);
      });
    }
    for (const axis of Object.values(axes)) {
      const { spec, id } = axis, read = id[0] === "x" ? xs : ys;
      const values = axis.traces.flatMap(read);
      const words = [...new Set(values.filter((v) => typeof v === "string"))];
      axis.names = spec.type === "category" ? [...new Set(values.map(String))] : spec.type ? [] : words;
      axis.log = spec.type === "log";
      axis.across = id[0] === "x";
      axis.domain = spec.domain || [0, 1];
      axis.anchor = spec.anchor || axis.partner;
      const place = (v) => (typeof v === "number" && spec.type !== "category" ? v : axis.names.indexOf(String(v)));
      const exponent = (v) => (v > 0 ? Math.log10(v) : NaN);
      axis.at = axis.names.length ? place : (v) => (v === null ? NaN : axis.log ? exponent(v) : v);
    }
    return axes;
  }

  /** Lowest and highest coordinate of what an axis must show, a little more, or the range asked for. */
  function setRange(axis, layout) {
    const asked = axis.spec.range;
    let [low, high] = [Infinity, -Infinity], padLow = 0.05, padHigh = 0.05;
    const see = (v) => { if (Number.isFinite(v)) { low = Math.min(low, v); high = Math.max(high, v); } };
    for (const t of axis.traces) {
      const own = (axis.across ? xs(t) : ys(t)).map(axis.at), along = axis.across !== (t.orientation === "h");
      const around = (half) => own.forEach((v) => { see(v - half); see(v + half); });
      if (t.type === "heatmap") {
        around(0.5);
        padLow = padHigh = 0;
      } else if (t.type === "bar" && along) {
        around(spacing(own) / 2);
      } else if (t.type === "bar") {
        t.spans.flat().forEach((v) => see(axis.at(v)));
        if (!axis.log && low === 0) padLow = 0;
        if (!axis.log && high === 0) padHigh = 0;
      } else {
        own.forEach(see);
        if (axis.across && mode(t) === "lines") padLow = padHigh = 0.01;
        if (!axis.across && t.fill === "tozeroy" && !axis.log) see(0);
      }
    }
    if (!Number.isFinite(low)) [low, high] = [0, 1];
    if (low === high) [low, high] = [low - 0.5, high + 0.5];
    const span = high - low;
    const [a, b] = asked || [low - padLow * span, high + padHigh * span];
    [axis.low, axis.high] = axis.spec.autorange === "reversed" && !asked ? [b, a] : [a, b];
  }

  const spacing = (places) => {
    const sorted = [...new Set(places)].sort((a, b) => a - b);
    return sorted.length > 1 ? Math.min(...sorted.slice(1).map((v, i) => v - sorted[i])) : 1;
  };

  /** Where each bar of each trace starts and ends, and its place beside or upon its fellows. */
  function placeBars(traces, layout) {
    const bars = traces.filter((t) => t.type === "bar"), sums = {};
    const groups = new Map();
    for (const t of bars) {
      const key = `${t.xaxis}|${t.yaxis}`;
      groups.set(key, [...(groups.get(key) || []), t]);
    }
    for (const t of bars) {
      const flat = t.orientation === "h", fellows = groups.get(`${t.xaxis}|${t.yaxis}`);
      const stacked = layout.barmode === "stack", over = layout.barmode === "overlay" || stacked;
      t.slot = over ? [0, 1] : [fellows.indexOf(t), fellows.length];
      t.spans = (flat ? xs(t) : ys(t)).map((v, i) => {
        const place = `${t.xaxis}|${t.yaxis}|${(flat ? ys(t) : xs(t))[i]}|${v < 0}`;
        const from = stacked ? sums[place] || 0 : list(t.base)[i] ?? list(t.base)[0] ?? 0;
        if (stacked) sums[place] = from + v;
        return [from, from + v];
      });
    }
  }

  /** Tick coordinates and labels for an axis of `length` pixels. */
  function ticksOf(axis, length) {
    const low = Math.min(axis.low, axis.high), high = Math.max(axis.low, axis.high);
    const inside = ([at]) => at >= low - 1e-9 * (high - low) && at <= high + 1e-9 * (high - low);
    const { tickvals, ticktext } = axis.spec;
    if (tickvals) return tickvals.map((v, i) => [axis.at(v), list(ticktext)[i] ?? say(v)]).filter(inside);
    if (axis.names.length) return axis.names.map((name, i) => [i, name]).filter(inside);
    const room = Math.max(2, length / (axis.across ? 70 : 45));
    if (axis.log && high - low >= 1) {
      const step = Math.ceil((high - low) / room), ticks = [];
      const factors = high - low < 2 ? [1, 2, 5] : [1]; // one power of ten would be no scale
      for (let k = step * Math.floor(low / step); k <= high + 1e-9; k += step) {
        for (const m of factors) ticks.push([k + Math.log10(m), Math.abs(k) > 3 ? `${m > 1 ? `${m}·` : ""}${power(k)}` : say(m * 10 ** k)]);
      }
      return ticks.filter(inside);
    }
    const [from, to] = axis.log ? [10 ** low, 10 ** high] : [low, high];
    const unit = 10 ** Math.floor(Math.log10((to - from) / room)), steps = [0.5, 1, 2, 5, 10].map((m) => m * unit);
    const count = (step) => Math.floor(to / step + 1e-6) - Math.ceil(from / step - 1e-6) + 1;
    const step = [...steps].reverse().find((m) => m * room <= (to - from) * 2 && count(m) >= 3) || steps[0];
    const ticks = [], big = Math.max(Math.abs(from), Math.abs(to));
    const exponent = big >= 1e5 || big < 1e-3 ? Math.floor(Math.log10(big)) : 0;
    const digits = Math.max(0, exponent - Math.floor(Math.log10(step * 1.001)));
    for (let k = Math.ceil(from / step - 1e-6); k * step <= to + 1e-6 * step; k++) {
      const label = (k * step / 10 ** exponent).toFixed(digits).replace("-", "−");
      const written = k === 0 ? "0" : exponent ? `${label}·${power(exponent)}` : label;
      ticks.push([axis.log ? Math.log10(k * step) : k * step, written]);
    }
    return ticks;
  }

  // ---------------------------------------------------------------- the picture

  /** A figure as {svg, points}: an SVG of `width` pixels, and the points a pointer can ask about.
   *
   * `figureId` is the element's; `id` begins the ids within the picture, as a page may hold two pictures of a figure.
   */
  function draw(figure, width, figureId, id = figureId) {
    const layout = figure.layout || {}, height = layout.height || 360;
    const traces = figure.data.filter((t) => t.visible !== false && t.visible !== "legendonly").map((t) => ({ ...t }));
    placeBars(traces, layout);
    const axes = Object.values(axesOf(traces, layout));
    axes.forEach((axis) => setRange(axis, layout));
    const byId = Object.fromEntries(axes.map((axis) => [axis.id, axis]));
    const legend = legendOf(traces, layout, width, id);
    const box = fit(axes, layout, width, height, legend.height);
    const scene = { layout, byId, box, id, width, font: fontFor(width), points: [], words: [] };
    const under = axes.map((axis) => grid(axis, byId, box)).join("");
    const shapes = list(layout.shapes).filter((s) => s.visible !== false).map((s) => shape(s, scene));
    const order = { heatmap: 0, bar: 1, scatter: 2 };
    const sorted = [...traces].sort((a, b) => order[a.type || "scatter"] - order[b.type || "scatter"]);
    const marks = sorted.map((t) => ({ heatmap, bar, scatter })[t.type || "scatter"](t, scene)).join("");
    const notes = list(layout.annotations).filter((a) => a.visible !== false).map((a) => annotation(a, scene)).join("");
    const heading = title(layout) ? text(title(layout), width / 2, 4, { valign: "top", cls: "title" }) : "";
    const inner = [tag("defs", {}, clips(axes, byId, id) + hatchings(traces, id) || " "), under, ...shapes, marks,
      ...scene.words, notes, heading, legend.svg].join("");
    const svg = tag("svg", {
      xmlns: "http://www.w3.org/2000/svg", viewBox: `0 0 ${width} ${height}`, role: "img", "aria-labelledby": `${figureId}-sentence`,
    }, inner);
    return { svg, points: scene.points };
  }

  const visible = (axis) => axis.spec.visible !== false;
  const labelled = (axis) => visible(axis) && axis.spec.showticklabels !== false;

  /** Give every axis its pixels; margins follow from the labels. */
  function fit(axes, layout, width, height, legendHeight) {
    const box = { width, top: 10 + legendHeight + (title(layout) ? 22 : 0), right: width - 14, bottom: height - 8, left: 8 };
    const scale = (axis) => {
      const [a, b] = axis.domain, w = box.right - box.left, h = box.bottom - box.top;
      const [from, unit] = axis.across ? [box.left + (axis.push || 0), w - (axis.less || 0)] : [box.bottom, -h];
      [axis.start, axis.end] = [from + a * unit, from + b * unit];
      axis.ticks = labelled(axis) ? ticksOf(axis, Math.abs(axis.end - axis.start)) : [];
      if (axis.nth) axis.ticks = axis.ticks.filter((_, i) => i % axis.nth === 0);
      axis.px = (v) => axis.start + ((v - axis.low) / (axis.high - axis.low)) * (axis.end - axis.start);
    };
    const x = axes.filter((axis) => axis.across), y = axes.filter((axis) => !axis.across);
    const byId = Object.fromEntries(axes.map((axis) => [axis.id, axis]));
    const beside = (axis) => Math.max(0, ...axis.traces.filter((t) => t.type === "heatmap" && t.showscale !== false)
      .map((t) => Math.max(SCALE, 30 + Math.max(...marksOf(spanOf(t)).map((v) => widthOf(say(v)))))));
    const last = (axis) => !x.some((other) => other.domain[0] >= axis.domain[1]);
    const beyond = (axis) => (1 - axis.domain[1]) * (box.right - box.left);
    box.right -= Math.max(0, ...x.filter((axis) => last(axis) && beside(axis)).map((axis) => beside(axis) - beyond(axis)));
    box.bottom -= Math.max(0, ...x.map((axis) => (labelled(axis) ? 20 : 0) + (titled(axis) ? 22 : 0)));
    y.forEach(scale);
    const leftmost = (axis) => !byId[axis.anchor] || byId[axis.anchor].domain[0] < 0.05;
    box.left += Math.max(0, ...y.filter(leftmost).map(gutter));
    x.forEach((axis) => { // a panel beside another leaves room for what stands between them
      const before = x.filter((other) => other.domain[1] <= axis.domain[0]);
      if (!before.length) return;
      const near = before.reduce((a, b) => (b.domain[1] > a.domain[1] ? b : a));
      const part = axis.domain[0] - near.domain[1], want = gutter(byId[axis.anchor]) + (beside(near) || 8);
      axis.push = Math.max(0, (want - part * (box.right - box.left)) / (1 - part));
      axis.less = near.less = axis.push; // both become narrower
    });
    x.forEach(scale);
    x.filter(titled).forEach((axis) => { axis.title = wrapped(title(axis.spec), Math.max(90, axis.end - axis.start + 20)); });
    box.bottom -= LINE * Math.max(0, ...x.filter(titled).map((axis) => axis.title.split("<br>").length - 1));
    const tight = x.filter((axis) => axis.ticks.length > 1 && crowded(axis));
    tight.forEach((axis) => {
      axis.slant = widest(axis) > 40;
      const first = axis.ticks[0][0], last = axis.ticks.at(-1)[0];
      const room = Math.abs(axis.px(last) - axis.px(first)) / (axis.ticks.length - 1);
      axis.nth = Math.ceil((axis.slant ? LINE : widest(axis) + 6) / room);
    });
    box.bottom -= Math.max(0, ...tight.filter((axis) => axis.slant).map((axis) => slantOf(axis) - 8));
    axes.forEach(scale);
    axes.forEach((axis) => { if (axis.spec.scaleanchor) equalise(axis, byId[axis.spec.scaleanchor]); });
    axes.forEach(scale);
    return box;
  }

  const titled = (axis) => visible(axis) && title(axis.spec);
  const widest = (axis) => Math.max(0, ...axis.ticks.map(([, label]) => widthOf(label)));
  const gutter = (axis) => (axis.ticks.length ? widest(axis) + 8 : 0) + (titled(axis) ? 24 : 0);
  const slantOf = (axis) => 0.65 * widest(axis) + 8;

  const crowded = (axis) => axis.ticks.slice(1).some(([at, label], i) =>
    Math.abs(axis.px(at) - axis.px(axis.ticks[i][0])) < (widthOf(label) + widthOf(axis.ticks[i][1])) / 2 + 6);

  function equalise(one, other) {
    const unit = (axis) => Math.abs((axis.high - axis.low) / (axis.end - axis.start));
    const [small, large] = unit(one) < unit(other) ? [one, other] : [other, one];
    const middle = (small.low + small.high) / 2, half = (unit(large) * Math.abs(small.end - small.start)) / 2;
    const sign = Math.sign(small.high - small.low);
    [small.low, small.high] = [middle - sign * half, middle + sign * half];
  }

  function grid(axis, byId, box) {
    if (!visible(axis)) return "";
    const whole = axis.across ? { start: box.bottom, end: box.top } : { start: box.left, end: box.right };
    const { start: edge, end: far } = byId[axis.anchor] || whole;
    const cells = axis.names.length || axis.traces.some((t) => t.type === "heatmap");
    const path = (at) => (axis.across ? `M${r(at)} ${r(edge)}V${r(far)}` : `M${r(edge)} ${r(at)}H${r(far)}`);
    let out = "";
    if (axis.spec.showgrid !== false && !cells) {
      out += tag("path", { class: "grid", d: axis.ticks.map(([at]) => path(axis.px(at))).join("") });
      const zero = axis.px(0), within = (zero - axis.start) * (zero - axis.end) <= 0;
      if (!axis.log && within && axis.spec.zeroline !== false) out += tag("path", { class: "zero", d: path(zero) });
    }
    for (const [at, label] of axis.ticks) {
      const p = axis.px(at);
      if (!axis.across) out += text(label, edge - 6, p, { anchor: "end" });
      else if (axis.slant) out += text(label, p + 4, edge + 12, { anchor: "end", turn: -40 });
      else out += text(label, p, edge + 5, { valign: "top" });
    }
    if (!title(axis.spec)) return out;
    const middle = (axis.start + axis.end) / 2, below = axis.slant ? slantOf(axis) + 14 : axis.ticks.length ? 24 : 6;
    const half = widthOf(axis.title || "") / 2, inside = Math.max(half + 2, Math.min(box.width - half - 2, middle));
    return out + (axis.across ? text(axis.title, inside, edge + below, { valign: "top", cls: "title" })
      : text(title(axis.spec), edge - gutter(axis) + 13, middle, { turn: -90, cls: "title" }));
  }

  const clipOf = (X, Y, id) => ({ "clip-path": `url(#${id}-${X.id}${Y.id})` });

  function clips(axes, byId, id) {
    const pairs = axes.filter((axis) => axis.across).flatMap((x) =>
      [...new Set(x.traces.map((t) => t.yaxis || "y"))].map((y) => [x, byId[y]]));
    return pairs.map(([x, y]) => tag("clipPath", { id: `${id}-${x.id}${y.id}` }, tag("rect", {
      x: x.start - 1, y: y.end - 1, width: x.end - x.start + 2, height: y.start - y.end + 2,
    }))).join("");
  }

  function hatchings(traces, id) {
    const names = new Set(traces.filter((t) => t.type === "bar").map(role));
    return [...names].filter((name) => LOOKS[name][3]).map((name) => tag("pattern", {
      id: `${id}-${name}`, class: `role-${name}`, width: 8, height: 8, patternUnits: "userSpaceOnUse",
    }, tag("rect", { class: "solid", width: 8, height: 8 }) + tag("path", { class: "hatch", d: LOOKS[name][3] }))).join("");
  }

  const barFill = (name, id) => (LOOKS[name][3] ? { style: `fill:url(#${id}-${name})` } : { class: "solid" });

  // ---------------------------------------------------------------- traces

  function scatter(t, scene) {
    const X = scene.byId[t.xaxis || "x"], Y = scene.byId[t.yaxis || "y"], name = role(t), how = mode(t);
    const xv = xs(t), yv = ys(t), [dash, symbol, thick] = LOOKS[name];
    const at = xv.map((v, i) => [X.px(X.at(v)), Y.px(Y.at(yv[i] ?? null))]);
    const ok = at.map(([x, y]) => Number.isFinite(x) && Number.isFinite(y));
    const line = t.line || {}, marks = t.marker || {}, step = line.shape;
    let d = "", out = "";
    at.forEach(([x, y], i) => {
      if (!ok[i]) return;
      const join = !i || !ok[i - 1] ? "M" : step === "hv" ? `H${r(x)}L` : step === "vh" ? `V${r(y)}L` : "L";
      d += `${join}${r(x)} ${r(y)}`;
    });
    if (t.fill) out += area(t, at.filter((_, i) => ok[i]), Y, scene);
    if (how.includes("lines")) out += tag("path", { class: "line", d, ...stroke(line, thick, dash) });
    const inside = ([x, y]) => x > X.start - 1 && x < X.end + 1 && y < Y.start + 1 && y > Y.end - 1;
    const clipped = tag("g", clipOf(X, Y, scene.id), out);
    let over = "";
    at.forEach(([x, y], i) => {
      if (!inside([x, y])) return;
      const size = list(marks.size)[i] ?? list(marks.size)[0] ?? 7, gap = how.includes("markers") ? size / 2 : 0;
      if (gap) over += marker(list(marks.symbol)[i] || list(marks.symbol)[0] || symbol, x, y, size);
      if (how.includes("text")) over += label(list(t.text)[i] ?? "", t.textposition || "middle center", x, y, gap, scene);
      scene.points.push([x, y, () => read(t.name, [title(X.spec) || "x", xv[i]], [title(Y.spec) || "y", yv[i]])]);
    });
    scene.previous = at.filter((_, i) => ok[i]);
    return tag("g", { class: `role-${name}`, ...faint(t) }, clipped + over);
  }

  const faint = (t) => (t.opacity === undefined ? {} : { opacity: String(t.opacity) });
  const stroke = ({ width, dash } = {}, thick, dashing) =>
    ({ "stroke-width": String(width || thick), "stroke-dasharray": dashes(dash || dashing) });
  /** What a pointer reads: a name, then values with what they are. */
  const read = (name, ...values) => plain((name ? `${name}: ` : "") + values.map(([what, v]) => `${what} ${say(v)}`.trim()).join(", "));

  function area(t, at, Y, scene) {
    if (!at.length) return "";
    const forth = at.map(([x, y]) => `${r(x)} ${r(y)}`).join("L");
    const floor = Y.log ? Y.start : Y.px(Math.min(Math.max(0, Math.min(Y.low, Y.high)), Math.max(Y.low, Y.high)));
    const back = t.fill === "tonexty" && scene.previous ? [...scene.previous].reverse()
      : t.fill === "toself" ? [] : [[at[at.length - 1][0], floor], [at[0][0], floor]];
    return tag("path", { class: "area", d: `M${forth}${back.map(([x, y]) => `L${r(x)} ${r(y)}`).join("")}Z` });
  }

  function label(s, where, x, y, gap, { font, width }) {
    const [v, h] = where.split(" "), aside = h === "right" ? gap + 4 : h === "left" ? -gap - 4 : 0;
    const up = v === "top" ? -gap - 2 : v === "bottom" ? gap + 2 : 0, inMark = gap > 7 && v === "middle" && !aside;
    const wide = widthOf(s, font), start = x + aside - ({ right: 0, left: wide }[h] ?? wide / 2);
    const anchor = h === "right" ? "start" : h === "left" ? "end" : "middle";
    const over = Math.max(0, 2 - start) - Math.max(0, start + wide - width + 2); // keep it in the picture
    return text(s, x + aside + over, y + up, {
      anchor, size: font,
      valign: v === "top" ? "bottom" : v === "bottom" ? "top" : "middle", cls: inMark ? "inmark" : "note",
    });
  }

  function bar(t, scene) {
    const X = scene.byId[t.xaxis || "x"], Y = scene.byId[t.yaxis || "y"], name = role(t), flat = t.orientation === "h";
    const [place, size] = flat ? [Y, X] : [X, Y], places = flat ? ys(t) : xs(t), [slot, slots] = t.slot;
    const room = spacing(places.map(place.at)) * (1 - (scene.layout.bargap ?? 0.2)), floor = size.log ? size.low : 0;
    let out = "", words = "";
    t.spans.forEach(([from, to], i) => {
      const whole = list(t.width)[i] ?? list(t.width)[0] ?? room, thick = whole / slots;
      const low = place.at(places[i]) - whole / 2 + slot * thick, a = place.px(low), b = place.px(low + thick);
      const start = size.px(Number.isFinite(size.at(from)) ? size.at(from) : floor), end = size.px(size.at(to));
      if (!Number.isFinite(a) || !Number.isFinite(end)) return;
      out += tag("rect", { ...barFill(name, scene.id), ...(flat ? box(start, end, a, b) : box(a, b, start, end)) });
      const tip = flat ? [end, (a + b) / 2] : [(a + b) / 2, end], up = to >= from;
      const where = flat ? (up ? "middle right" : "middle left") : up ? "top center" : "bottom center";
      if (t.text) words += label(list(t.text)[i] ?? "", where, ...tip, 1, scene);
      scene.points.push([...tip, () => read(t.name, [title(place.spec), places[i]], [title(size.spec) || "value", to - from])]);
    });
    scene.words.push(tag("g", { class: `role-${name}` }, words));
    return tag("g", { class: `role-${name}`, ...faint(t), ...clipOf(X, Y, scene.id) }, out);
  }

  const box = (x0, x1, y0, y1) =>
    ({ x: Math.min(x0, x1), y: Math.min(y0, y1), width: Math.abs(x1 - x0), height: Math.abs(y1 - y0) });

  /** The least, the middle and the greatest value that a heatmap's inks tell apart. */
  function spanOf(t) {
    const all = t.z.flat().filter((v) => v !== null);
    const low = t.zmin ?? Math.min(...all), high = t.zmax ?? Math.max(...all);
    return [low, t.zmid ?? (low < 0 && high > 0 ? 0 : low), high];
  }

  /** The values written beside them. */
  const marksOf = ([low, mid, high]) =>
    [low, mid > low && mid < high ? mid : (low + high) / 2, high].map((v) => Number(v.toPrecision(3)));

  /** Cells as two inks of changing strength: the role's for values above the middle, another below. */
  function heatmap(t, scene) {
    const X = scene.byId[t.xaxis || "x"], Y = scene.byId[t.yaxis || "y"], xv = xs(t), yv = ys(t);
    const span = spanOf(t), [low, mid, high] = span, far = Math.max(high - mid, mid - low) || 1;
    const w = Math.abs(X.px(1) - X.px(0)), h = Math.abs(Y.px(1) - Y.px(0));
    const tall = t.texttemplate !== "" && h >= 18;
    const entries = tall ? t.text || t.z.map((row) => row.map((v) => (v === null ? "" : say(v)))) : [];
    const legible = tall && w >= 8 + Math.max(...entries.flat().map((entry) => widthOf(entry)));
    const most = legible ? 0.5 : 1; // a number in a cell must stay readable
    const strength = (v) => Math.round(64 * Math.min(1, Math.abs(v - mid) / far)) / 64;
    const ink = (v) => ({ class: v < mid ? "below" : "solid", "fill-opacity": (strength(v) * most).toFixed(3) });
    const inked = new Map(); // cells of one ink are one path: a picture of hundreds of elements would answer late
    let out = "", words = "";
    t.z.forEach((row, i) => row.forEach((v, j) => {
      const x = X.px(X.at(xv[j])), y = Y.px(Y.at(yv[i]));
      if (v === null || !Number.isFinite(x + y)) return;
      const [left, right] = [-0.5, 0.5].map((half) => r(X.px(X.at(xv[j]) + half))); // rounded as the neighbour's: no seam
      const [top, bottom] = [-0.5, 0.5].map((half) => r(Y.px(Y.at(yv[i]) + half)));
      const key = JSON.stringify(ink(v));
      inked.set(key, `${inked.get(key) || ""}M${left} ${top}H${right}V${bottom}H${left}z`);
      if (legible) words += text(entries[i][j], x, y);
      scene.points.push([x, y, () => read("", [title(Y.spec) || "row", yv[i]], [title(X.spec) || "column", xv[j]], [t.name || "value", v])]);
    }));
    for (const [key, d] of inked) out += tag("path", { ...JSON.parse(key), "shape-rendering": "crispEdges", d });
    out += words + tag("rect", { class: "frame", ...box(X.start, X.end, Y.start, Y.end) });
    if (t.showscale !== false) out += scale(span, X.end + 10, Y, ink);
    return tag("g", { class: `role-${role(t)}` }, out);
  }

  /** The bar beside a heatmap that says which ink is which value. */
  function scale([low, mid, high], left, Y, ink) {
    const steps = 24, at = (part) => Y.start + part * (Y.end - Y.start);
    let out = "";
    for (let k = 0; k < steps; k++) {
      const place = { ...box(left, left + 12, at(k / steps), at((k + 1) / steps)) };
      out += tag("rect", { ...ink(low + ((k + 0.5) / steps) * (high - low)), ...place, height: place.height + 0.2 });
    }
    for (const v of marksOf([low, mid, high])) {
      out += text(say(v), left + 16, at((v - low) / (high - low || 1)), { anchor: "start", size: 12 });
    }
    return out + tag("rect", { class: "frame", ...box(left, left + 12, Y.start, Y.end) });
  }

  // ---------------------------------------------------------------- shapes, annotations, legend

  /** A place of a shape or an annotation in pixels; as in plotly, an annotation gives a log axis its exponent. */
  function locate(v, ref, across, scene, exponent) {
    const axis = scene.byId[String(ref).replace(" domain", "")], { box } = scene;
    if (!axis) return across ? box.left + v * (box.right - box.left) : box.bottom - v * (box.bottom - box.top);
    if (String(ref).endsWith("domain")) return axis.start + v * (axis.end - axis.start);
    return axis.px(exponent && typeof v === "number" ? v : axis.at(v));
  }

  function shape(s, scene) {
    const [x0, x1] = [s.x0, s.x1].map((v) => locate(v, s.xref || "x", true, scene));
    const [y0, y1] = [s.y0, s.y1].map((v) => locate(v, s.yref || "y", false, scene));
    const look = { class: s.type === "line" ? "line" : "shape", ...stroke(s.line, 1.5, "solid") };
    const mark = s.type === "line" ? tag("path", { ...look, d: `M${r(x0)} ${r(y0)}L${r(x1)} ${r(y1)}` })
      : s.type === "rect" ? tag("rect", { ...look, ...box(x0, x1, y0, y1) })
      : tag("ellipse", { ...look, cx: (x0 + x1) / 2, cy: (y0 + y1) / 2, rx: Math.abs(x1 - x0) / 2, ry: Math.abs(y1 - y0) / 2 });
    return tag("g", { class: `role-${s.name || "neutral"}` }, mark);
  }

  function annotation(a, scene) {
    const x = locate(a.x, a.xref || "x", true, scene, true) + (a.xshift || 0);
    const y = locate(a.y, a.yref || "y", false, scene, true) - (a.yshift || 0);
    if (!Number.isFinite(x + y)) return "";
    const arrow = a.showarrow !== false, free = (ref) => !ref || ref === "pixel";
    const tx = !arrow ? x : free(a.axref) ? x + (a.ax ?? -10) : locate(a.ax, a.axref, true, scene, true);
    const ty = !arrow ? y : free(a.ayref) ? y + (a.ay ?? -30) : locate(a.ay, a.ayref, false, scene, true);
    const head = arrow ? arrowTo(x, y, tx, ty, a) : "";
    const side = arrow && Math.abs(ty - y) > Math.abs(tx - x) ? (ty < y ? "bottom" : "top") : "middle";
    const aside = arrow && side === "middle" ? (tx < x ? "end" : "start") : "middle";
    const anchor = { left: "start", center: "middle", right: "end" }[a.xanchor] || aside;
    const size = (a.font && a.font.size) || scene.font, said = wrapped(a.text || "", scene.width - 8), wide = widthOf(said, size);
    const [before, after] = { start: [0, wide], middle: [wide / 2, wide / 2], end: [wide, 0] }[anchor];
    const words = said ? text(said, Math.max(4 + before, Math.min(scene.width - 4 - after, tx)), ty, {
      anchor,
      valign: a.yanchor && a.yanchor !== "auto" ? a.yanchor : side, size, cls: "note",
    }) : "";
    return tag("g", { class: `role-${a.name || "ink"}` }, head + words);
  }

  /** Text broken at spaces so that no line is wider than `room`. */
  function wrapped(s, room) {
    const add = (done, word) => done + (widthOf(`${done.split("<br>").at(-1)} ${word}`) > room ? "<br>" : " ") + word;
    return s.split("<br>").map((line) => line.split(" ").reduce(add)).join("<br>");
  }

  function arrowTo(x, y, tx, ty, { standoff = 0, startstandoff = 0, arrowwidth = 1.5, arrowhead = 1 }) {
    const long = Math.hypot(x - tx, y - ty) || 1, [ux, uy] = [(x - tx) / long, (y - ty) / long];
    const [hx, hy, sx, sy] = [x - ux * standoff, y - uy * standoff, tx + ux * startstandoff, ty + uy * startstandoff];
    const size = 5 + 1.5 * arrowwidth, [bx, by] = [hx - ux * size, hy - uy * size], half = size * 0.45;
    const [ex, ey] = arrowhead ? [bx, by] : [hx, hy];
    const line = tag("path", { class: "line", "stroke-width": arrowwidth, d: `M${r(sx)} ${r(sy)}L${r(ex)} ${r(ey)}` });
    const corners = [[hx, hy], [bx - uy * half, by + ux * half], [bx + uy * half, by - ux * half]];
    const tip = corners.map(([cx, cy]) => `${r(cx)} ${r(cy)}`).join("L");
    return line + (arrowhead ? tag("path", { class: "solid", d: `M${tip}Z` }) : "");
  }

  function legendOf(traces, layout, width, id) {
    const shown = traces.filter((t) => t.name && t.showlegend !== false && t.type !== "heatmap");
    if (layout.showlegend === false || (shown.length < 2 && !layout.showlegend)) return { svg: "", height: 0 };
    let x = 10, y = 12 + (title(layout) ? 22 : 0), out = "";
    for (const t of shown) {
      const words = wrapped(t.name, width - 46), more = LINE * (words.split("<br>").length - 1);
      const name = role(t), [dash, symbol, thick] = LOOKS[name], need = 42 + widthOf(words);
      if (x > 10 && x + need > width) [x, y] = [10, y + LINE + 3];
      let sample = "";
      if (t.type === "bar") sample = tag("rect", { ...barFill(name, id), x: x + 4, y: y - 6, width: 20, height: 12 });
      else if (mode(t) === "text") sample = tag("rect", { class: "solid", x: x + 8, y: y - 6, width: 12, height: 12 });
      else if (mode(t).includes("lines")) sample = tag("path", { class: "line", d: `M${x} ${y}h28`, ...stroke(t.line, thick, dash) });
      const dotted = t.type !== "bar" && mode(t).includes("markers");
      if (dotted) sample += marker(list(t.marker && t.marker.symbol)[0] || symbol, x + 14, y, 8);
      out += tag("g", { class: `role-${name}` }, sample + text(words, x + 34, y + more / 2, { anchor: "start", cls: "key" }));
      [x, y] = [x + need + 14, y + more];
    }
    return { svg: tag("g", { class: "legend" }, out), height: y + 9 - (title(layout) ? 22 : 0) };
  }

  // ---------------------------------------------------------------- a state as tables

  const row = (cells, tag) => `<tr>${cells.map((cell) => `<${tag}>${cell}</${tag}>`).join("")}</tr>`;

  function tables(figure) {
    const groups = new Map(), layout = figure.layout || {}, out = [];
    const spec = (t, letter) => layout[letter + "axis" + (t[letter + "axis"] || letter).slice(1)] || {};
    const axis = (t, letter) => title(spec(t, letter)) || letter;
    const worded = figure.data.some((t) => Array.isArray(t.text));
    const named = (t, letter, values) => {
      const { tickvals, ticktext } = spec(t, letter), at = values.map((v) => (tickvals || []).indexOf(v));
      return at.includes(-1) ? values : at.map((i) => list(ticktext)[i] ?? say(tickvals[i]));
    };
    const links = (t) => t.mode === "lines" && xs(t).includes(null); // from point to point: no numbers of their own
    for (const t of figure.data.filter((trace) => trace.visible !== false && !links(trace))) {
      if (t.type === "heatmap") {
        const shown = (v, i, j) => say(((t.text || [])[i] || [])[j] || v), heads = named(t, "y", ys(t));
        out.push(row([`${axis(t, "y")} \\ ${axis(t, "x")}`, ...named(t, "x", xs(t)).map(say)], "th")
          + t.z.map((cells, i) => row([say(heads[i]), ...cells.map((v, j) => shown(v, i, j))], "td")).join(""));
      } else {
        const flat = t.orientation === "h", along = flat ? ys(t) : xs(t), labels = Array.isArray(t.text);
        const drawing = worded && spec(t, "x").visible === false;  // places mean nothing: its words are its state
        if (drawing && !labels) continue;
        const key = JSON.stringify([along, axis(t, flat ? "y" : "x")]);
        if (!groups.has(key)) groups.set(key, { head: [], columns: [] });
        const { head, columns } = groups.get(key), name = t.name || axis(t, flat ? "x" : "y");
        const put = (word, column) => head.push(word) && columns.push(column);
        if (!drawing && !head.length) put(axis(t, flat ? "y" : "x"), named(t, flat ? "y" : "x", along));
        if (!drawing) put(name, flat ? xs(t) : ys(t));
        if (labels) put(drawing ? name : "label", t.text);
      }
    }
    for (const { head, columns } of groups.values()) {
      const rows = columns[0].map((_, i) => columns.map((column) => column[i]));
      out.push(row(head, "th") + rows.filter((cells) => cells.some((cell) => cell !== ""))
        .map((cells) => row(cells.map(say), "td")).join(""));
    }
    return out.map((rows) => `<table>${rows}</table>`).join("");
  }

  const figures = { decode, draw, tables };
  if (typeof module === "object") module.exports = figures;
  else window.nnlibFigures = figures;
})();
