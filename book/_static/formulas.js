/* Formulas as learners type them: the grammar of nnlib/exercises/formula.py read by a parser of our own, their
 * value at a point, and what nnlib/exercises/formulas.py says to a wrong one. Whoever changes one side changes
 * the other: tests/test_exercise_pages.py asks both the same.
 */
(function () {
  "use strict";

  const LONGEST = 300, DEEPEST = 40;

  const sigmoid = (z) => 1 / (1 + Math.exp(-z));
  const bump = (z) => sigmoid(z) * sigmoid(-z);
  const slope = (z) => 1 - Math.tanh(z) ** 2;
  const FUNCTIONS = {
    exp: Math.exp, log: Math.log, ln: Math.log, sqrt: Math.sqrt, cos: Math.cos,
    sin: Math.sin, "sin'": Math.cos, "sin''": (z) => -Math.sin(z),
    tanh: Math.tanh, "tanh'": slope, "tanh''": (z) => -2 * Math.tanh(z) * slope(z),
    sigmoid, "sigmoid'": bump, "sigmoid''": (z) => -bump(z) * Math.tanh(z / 2),
    softplus: (z) => Math.max(z, 0) + Math.log1p(Math.exp(-Math.abs(z))), "softplus'": sigmoid, "softplus''": bump,
  };
  const has = (object, key) => Object.prototype.hasOwnProperty.call(object, key);

  const GREEK = {
    α: "alpha", β: "beta", γ: "gamma", δ: "delta", ε: "epsilon", η: "eta", θ: "theta", κ: "kappa", λ: "lam", μ: "mu",
    π: "pi", ρ: "rho", τ: "tau", φ: "phi", ω: "omega", σ: "sigmoid", Δ: "Delta", Γ: "Gamma", Ω: "Omega",
  };
  const ALIASES = { lambda: "lam", sigma: "sigmoid" };
  const SIGNS = { "·": "*", "×": "*", "−": "-", "**": "^", "²": "^2", "³": "^3" };
  const LETTERS = `A-Za-z${Object.keys(GREEK).join("")}`;
  const TOKEN = new RegExp(
    `(?<number>(?:[0-9]+\\.?[0-9]*|\\.[0-9]+)(?:[eE][+-]?[0-9]+)?)|(?<name>[${LETTERS}][${LETTERS}0-9_]*['′]*)`
    + "|(?<sign>\\*\\*|[-+*/^()\\[\\],=·×−²³])", "y");

  class FormulaError extends Error {
    constructor(kind, position, words) {
      super(words);
      [this.kind, this.position] = [kind, position];
    }
  }

  function tokens(text) {
    const found = [];
    let at = 0;
    while (at < text.length) {
      if (/\s/.test(text[at])) {
        at += 1;
        continue;
      }
      TOKEN.lastIndex = at;
      const match = TOKEN.exec(text);
      if (!match) throw new FormulaError("character", at, `${quoted(String.fromCodePoint(text.codePointAt(at)))} has no meaning in a formula.`);
      const { number, name, sign } = match.groups;
      if (name !== undefined) {
        const [, letters, primes] = /^(.*?)(['′]*)$/.exec(name);
        const stem = letters.replace(/./gu, (c) => GREEK[c] || c);
        found.push({ kind: "name", text: (has(ALIASES, stem) ? ALIASES[stem] : stem) + primes.replace(/′/g, "'"), at });
      } else if (number !== undefined) {
        found.push({ kind: "number", text: number, at });
      } else {
        const [plain, exponent] = sign === "^" ? ["^"] : SIGNS[sign] || sign;
        found.push({ kind: "sign", text: plain, at });
        if (exponent) found.push({ kind: "number", text: exponent, at });
      }
      at = TOKEN.lastIndex;
    }
    return [...found, { kind: "end", text: "", at: text.length }];
  }

  const quoted = (text) => (text.includes("'") ? `"${text}"` : `'${text.replace(/\\/g, "\\\\")}'`);

  /* The tree of a formula, arrays with an operation first: ["*", ["number", 2], ["name", "delta", "n", 1]]. */
  function parse(text, letters) {
    if ([...text].length > LONGEST) throw new FormulaError("too-long", LONGEST, `A formula has at most ${LONGEST} characters.`);
    if (!text.trim()) throw new FormulaError("empty", 0, "Nothing is typed yet.");
    return new Parser(tokens(text), letters).whole();
  }

  /* Recursive descent, one method a rule of the grammar. */
  class Parser {
    constructor(found, letters) {
      [this.tokens, this.letters, this.at, this.depth, this.bound] = [found, letters, 0, 0, [...letters.free]];
    }

    get next() {
      return this.tokens[this.at];
    }

    take(...signs) {
      const token = this.next;
      if (token.kind !== "sign" || !signs.includes(token.text)) return null;
      this.at += 1;
      return token;
    }

    whole() {
      const tree = this.formula();
      if (this.next.kind !== "end") throw this.outOfPlace(this.next);
      return tree;
    }

    outOfPlace({ text, at }) {
      if (text === ",") return new FormulaError("comma", at, "A comma stands here. Decimals have a point.");
      if (text === "=") return new FormulaError("equals", at, "Type only what stands right of the equals sign.");
      if (text === ")" || text === "]") return new FormulaError("unopened", at, `This ${text} closes nothing.`);
      return new FormulaError("operator", at, `Before ${quoted(text)} an operator is missing: * for times, ^ for a power.`);
    }

    formula() {
      let tree = this.term(), sign;
      while ((sign = this.take("+", "-"))) tree = [sign.text, tree, this.term()];
      return tree;
    }

    term() {
      let tree = this.factor(), divided = false, sign;
      for (;;) {
        if ((sign = this.take("*", "/"))) {
          tree = [sign.text, tree, this.factor()];
          divided = sign.text === "/";
        } else if (this.next.kind === "name" || this.next.text === "(" || this.next.text === "[") {
          if (divided) throw new FormulaError("ambiguous", this.next.at, "After a division say what belongs below: 1/(2 x), or (1/2) x.");
          tree = ["*", tree, this.power()];
        } else {
          return tree;
        }
      }
    }

    factor() {
      const sign = this.take("+", "-");
      if (!sign) return this.power();
      return this.deeper(sign, () => (sign.text === "-" ? ["negative", this.factor()] : this.factor()));
    }

    power() {
      const base = this.atom(), sign = this.take("^");
      return sign ? ["^", base, this.deeper(sign, () => this.factor())] : base;
    }

    deeper(token, rule) {
      this.depth += 1;
      if (this.depth > DEEPEST) throw new FormulaError("too-deep", token.at, `More than ${DEEPEST} levels deep.`);
      const tree = rule();
      this.depth -= 1;
      return tree;
    }

    atom() {
      const token = this.next;
      if (token.kind === "number") {
        this.at += 1;
        return ["number", Number(token.text)];
      }
      if (token.kind === "name") {
        this.at += 1;
        return this.named(token);
      }
      if (this.take("(")) return this.closed(token, ")", () => this.formula());
      if (this.take("[")) return this.closed(token, "]", () => this.equality());
      if ([",", "=", ")", "]"].includes(token.text) && this.at === 0) throw this.outOfPlace(token);
      throw new FormulaError("operand", token.at, "Here a number, a name or a parenthesis is missing.");
    }

    closed(opening, closing, rule) {
      const tree = this.deeper(opening, rule);
      if (this.take(closing)) return tree;
      if (this.next.kind === "end" || this.next.text === ")" || this.next.text === "]") {
        throw new FormulaError("unclosed", opening.at, `This ${opening.text} is never closed.`);
      }
      throw this.outOfPlace(this.next);
    }

    named(token) {
      const { text: name } = token, { names } = this.letters, opening = this.next;
      if (has(names, name)) {
        if (!names[name]) return ["name", name];
        if (!this.take("[")) throw new FormulaError("index", token.at, this.wanted(name));
        return ["name", name, ...this.closed(opening, "]", () => this.indices(token))];
      }
      if (has(FUNCTIONS, name) || name === "sum") {
        if (!this.take("(")) throw new FormulaError("parenthesis", opening.at, `${name} wants parentheses: ${name}( ).`);
        return this.closed(opening, ")", () => (name === "sum" ? this.sum() : [name, this.formula()]));
      }
      throw new FormulaError("unknown-name", token.at, this.unknown(name));
    }

    wanted(name) {
      const axes = this.letters.names[name];
      return `${name} has ${axes.length} indices: ${name}[${[...axes].join(",")}].`;
    }

    unknown(name) {
      const { names } = this.letters;
      for (const other of Object.keys(names)) {
        if (other.toLowerCase() === name.toLowerCase()) return `${name} is not known; ${other} is. Capital and small letters differ.`;
      }
      for (let cut = 1; cut < name.length; cut += 1) {
        const [left, right] = [name.slice(0, cut), name.slice(cut)];
        if (has(names, left) && has(names, right)) return `${name} is not known. Is it ${left} times ${right}? Leave a blank or type *.`;
      }
      return `${name} is not known here. Known: ${Object.keys(names).join(", ") || "numbers only"}.`;
    }

    sum() {
      const token = this.next, { ranges } = this.letters;
      if (token.kind !== "name" || !has(ranges, token.text)) {
        throw new FormulaError("unknown-index", token.at, `sum wants an index first: ${Object.keys(ranges).join(", ") || "none in this exercise"}.`);
      }
      this.at += 1;
      if (!this.take(",")) throw new FormulaError("operand", this.next.at, `After sum(${token.text} a comma is missing.`);
      this.bound.push(token.text);
      const body = this.formula();
      this.bound.pop();
      return ["sum", token.text, body];
    }

    indices(owner) {
      const axes = this.letters.names[owner.text], found = [];
      let misfit = null;
      for (let n = 0; n < axes.length && (n === 0 || this.take(",")); n += 1) {
        try {
          found.push(this.index(this.letters.ranges[axes[n]], `index ${n + 1} of ${owner.text}`));
        } catch (error) {
          if (error.kind !== "range") throw error;
          misfit = misfit || error;
          found.push(0);
          this.at += 1;
        }
      }
      if (found.length < axes.length || this.next.text === ",") throw new FormulaError("index", owner.at, this.wanted(owner.text));
      if (misfit) throw misfit;
      return found;
    }

    /* A letter in scope or a whole number; it must fit the size, if one is given. */
    index(size, place) {
      const token = this.next, { ranges } = this.letters;
      let index, fits;
      if (token.kind === "number" && /^[0-9]+$/.test(token.text)) {
        index = Number(token.text);
        fits = size === undefined || index < size;
      } else if (token.kind === "name" && has(ranges, token.text)) {
        index = token.text;
        if (!this.bound.includes(index)) {
          throw new FormulaError("unbound", token.at, `Over what does ${index} run? It is neither given nor summed.`);
        }
        fits = size === undefined || ranges[index] === size;
      } else {
        throw new FormulaError("unknown-index", token.at, "Here an index is missing.");
      }
      if (!fits) throw new FormulaError("range", token.at, `${token.text} does not run over ${place}.`);
      this.at += 1;
      return index;
    }

    equality() {
      const left = this.index(undefined, "");
      if (!this.take("=")) throw new FormulaError("operand", this.next.at, "A bracket compares two indices: [i=k].");
      return ["equal", left, this.index(this.letters.ranges[left], `the same as ${left}`)];
    }
  }

  // ---------------------------------------------------------------- values

  const OPERATIONS = { "+": (a, b) => a + b, "-": (a, b) => a - b, "*": (a, b) => a * b, "/": (a, b) => a / b, "^": (a, b) => a ** b };

  /* The value of a tree where names and free indices have the values of `point`; NaN or infinity if undefined. */
  function evaluate(tree, point, ranges) {
    const [kind, ...rest] = tree, at = (index) => (typeof index === "string" ? point[index] : index);
    if (kind === "number") return rest[0];
    if (kind === "name") return rest.slice(1).reduce((array, index) => array[at(index)], point[rest[0]]);
    if (kind === "equal") return Number(at(rest[0]) === at(rest[1]));
    if (kind === "negative") return -evaluate(rest[0], point, ranges);
    if (kind === "sum") {
      let total = 0;
      for (let n = 0; n < ranges[rest[0]]; n += 1) total += evaluate(rest[1], { ...point, [rest[0]]: n }, ranges);
      return total;
    }
    const values = rest.map((part) => evaluate(part, point, ranges));
    return has(OPERATIONS, kind) ? OPERATIONS[kind](...values) : FUNCTIONS[kind](...values);
  }

  const renamed = (tree, from, to) => tree.map((part, n) => (
    Array.isArray(part) ? renamed(part, from, to) : tree[0] === "name" && n === 1 && part === from ? to : part));

  /* The tree with one term in the place of another: all that `change` makes of each. A mere factor is no term. */
  function changed(tree, change, term = true) {
    const made = term || ["+", "-"].includes(tree[0]) ? change(tree) : [];
    tree.forEach((part, n) => {
      if (!Array.isArray(part)) return;
      const inside = changed(part, change, !["*", "/", "^", "negative"].includes(tree[0]));
      made.push(...inside.map((other) => [...tree.slice(0, n), other, ...tree.slice(n + 1)]));
    });
    return made;
  }

  function namesIn(tree) {
    return tree[0] === "name" ? [tree[1]] : tree.slice(1).filter(Array.isArray).flatMap(namesIn);
  }

  // ---------------------------------------------------------------- what to say

  const largest = (values) => Math.max(...values.map(Math.abs));
  const dot = (a, b) => a.reduce((total, value, n) => total + value * b[n], 0);

  const scalars = ({ names }) => Object.keys(names).filter((name) => !names[name]).sort();

  /* What is tried on each term of a formula that is nearly right, and what to ask if it makes the formula right. */
  const CHANGES = {
    "extra-term": [
      (term) => (["+", "-"].includes(term[0]) ? [term[1], term[2]] : []),
      "Right but for one term too many. For which of your terms can you name a way that it stands for?",
    ],
    "sign-of-a-term": [
      (term) => [["negative", term]],
      "Right but for the sign of one part. Which part grows when it should fall?",
    ],
    "factor-of-a-term": [
      (term) => [["*", ["number", 2], term], ["/", term, ["number", 2]]],
      "Right but for a constant factor in one part. Which power, sum or mean brings one in?",
    ],
    "missing-factor": [
      (term, letters) => scalars(letters).map((name) => ["*", term, ["name", name]]),
      "One part lacks a factor. By what else is it multiplied on the way?",
    ],
    "extra-factor": [
      (term, letters) => scalars(letters).map((name) => ["/", term, ["name", name]]),
      "One part has a factor too many. For each factor there: which step of the forward pass brings it in?",
    ],
  };

  /* What may be typed into a field: the letters that stand for its answer, or for later ones, may not. */
  function lettersOf(field, { letters }) {
    const names = Object.entries(letters.names).filter(([name]) => !field.later.includes(name));
    return { ...letters, names: Object.fromEntries(names) };
  }

  /* What there is to say to a text typed into a field of a task: {right, hint, words}. */
  function check(text, field, task) {
    const { points, tolerance, hints } = task, letters = lettersOf(field, task);
    const where = task.fields.length > 1 ? `${field.name}: ` : "", wrong = (hint, words) => ({ right: false, hint, words: where + words });
    let tree;
    try {
      tree = parse(text, letters);
    } catch (error) {
      if (!(error instanceof FormulaError)) throw error;
      const place = ["empty", "too-long"].includes(error.kind) ? "" : ` (after ${quoted(text.slice(0, error.position))})`;
      return wrong(`formula-${error.kind}`, error.message + place);
    }
    const all = (formula) => points.map((point) => evaluate(formula, point, letters.ranges));
    const agree = (a, b) => largest(a.map((value, n) => value - b[n])) <= tolerance * largest(b);
    const values = all(tree), right = field.values;
    if (agree(values, right)) return { right: true, hint: "right", words: "" };
    if (!values.every(Number.isFinite)) {
      return wrong("not-finite", "There are values of the letters for which this is not finite. What is divided by zero?");
    }
    for (const slip of field.slips) {
      if (agree(values, slip.values)) return wrong(slip.hint, hints[slip.hint]);
    }
    const scaled = (factor) => values.map((value) => factor * value);
    if (agree(scaled(-1), right)) return wrong("sign", "The size is right, the sign is not. What is subtracted from what?");
    const nearly = points.length > 1 && right.some((value) => value !== 0);
    if (nearly && agree(scaled(dot(right, values) / Math.max(dot(values, values), 1e-300)), right)) {
      return wrong("factor", "Right but for a constant factor. Which power, sum or mean brings one down?");
    }
    if (nearly) {
      const mends = (made) => agree(all(made), right);
      for (const old of [...new Set(namesIn(tree))].sort()) {
        for (const other of Object.keys(letters.names).sort()) {
          if (other !== old && letters.names[other] === letters.names[old] && mends(renamed(tree, old, other))) {
            return wrong("wrong-letter", `Nearly: one letter is not the right one. Is ${old} what you mean?`);
          }
        }
      }
      for (const [hint, [change, words]] of Object.entries(CHANGES)) {
        if (changed(tree, (term) => change(term, letters)).some(mends)) return wrong(hint, words);
      }
    }
    return wrong("values", "The values differ. Put small numbers in, by hand: where do the two part?");
  }

  const api = { parse, evaluate, check, lettersOf, FormulaError };
  if (typeof module !== "undefined") module.exports = api;
  else window.nnlibFormulas = api;
})();
