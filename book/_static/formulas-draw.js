/* A formula as the page has read it, drawn as MathML. */
(function () {
  "use strict";

  const GREEK = { alpha: "α", beta: "β", gamma: "γ", delta: "δ", epsilon: "ε", eta: "η", theta: "θ", kappa: "κ", lam: "λ", mu: "μ", pi: "π",
    rho: "ρ", tau: "τ", phi: "φ", omega: "ω", Delta: "Δ", Gamma: "Γ", Omega: "Ω", sigmoid: "σ" };
  const SUM = 1, PRODUCT = 2, POWER = 3, ATOM = 4; // how tightly a part holds together
  const LEVEL = { "+": SUM, "-": SUM, negative: SUM, sum: SUM, "*": PRODUCT, "/": ATOM, "^": POWER };
  const level = (tree) => (tree[0] === "number" && /e/.test(tree[1]) ? PRODUCT : LEVEL[tree[0]] || ATOM);

  const row = (...parts) => `<mrow>${parts.join("")}</mrow>`;
  const sign = (text) => `<mo>${text}</mo>`;
  const letter = (name) => `<mi>${GREEK[name] || name}</mi>`;
  const index = (i) => (typeof i === "number" ? `<mn>${i}</mn>` : letter(i));
  const bracketed = (inner, [open, close] = "()") => row(`<mo stretchy="false">${open}</mo>`, inner, `<mo stretchy="false">${close}</mo>`);

  /* A name with what stands below and above: x0 and z_1 have a subscript, W2_01 is W of layer 2, entry 01. */
  function name(text, indices) {
    const [, stem, layer, rest] = /^([A-Za-z]+)(?:([0-9]+)(?=_))?_?(.*)$/.exec(text);
    const below = [...(rest ? [`<mn>${rest.replace(/_/g, " ")}</mn>`] : []), ...indices.map(index)];
    if (!below.length) return letter(stem);
    const parts = letter(stem) + row(below.join(sign(",")));
    return layer ? `<msubsup>${parts}<mn>${layer}</mn></msubsup>` : `<msub>${parts}</msub>`;
  }

  /* The MathML of a tree, in parentheses where it holds less tightly than it must. */
  function draw(tree, least) {
    const inner = bare(tree);
    return level(tree) < least ? bracketed(inner) : inner;
  }

  function bare([kind, ...rest]) {
    const [left, right] = rest;
    switch (kind) {
      case "number": return `<mn>${left}</mn>`;
      case "name": return name(left, rest.slice(1));
      case "equal": return bracketed(row(index(left), sign("="), index(right)), "[]");
      case "negative": return row(sign("−"), draw(left, PRODUCT));
      case "sum": return row(`<munder>${sign("∑")}${letter(left)}</munder>`, draw(right, PRODUCT));
      case "+": return row(draw(left, SUM), sign("+"), draw(right, SUM));
      case "-": return row(draw(left, SUM), sign("−"), draw(right, PRODUCT));
      case "*": return row(draw(left, PRODUCT), right[0] === "number" ? sign("·") : sign("\u2062"), draw(right, PRODUCT));
      case "/": return `<mfrac>${draw(left, SUM)}${draw(right, SUM)}</mfrac>`;
      case "^": return `<msup>${left[0] === "/" ? bracketed(bare(left)) : draw(left, ATOM)}${draw(right, SUM)}</msup>`;
      case "sqrt": return `<msqrt>${draw(left, SUM)}</msqrt>`;
      default: {
        const [, stem, primes] = /^(\w+)('*)$/.exec(kind), symbol = letter(stem === "ln" ? "log" : stem);
        return row(primes ? `<msup>${symbol}${sign(primes.replace(/'/g, "′"))}</msup>` : symbol, sign("\u2061"), bracketed(draw(left, SUM)));
      }
    }
  }

  const api = { mathml: (tree) => `<math>${draw(tree, SUM)}</math>` };
  if (typeof module !== "undefined") module.exports = api;
  else Object.assign(window.nnlibFormulas, api);
})();
