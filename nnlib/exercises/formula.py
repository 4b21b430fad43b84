"""Formulas as learners type them: a small grammar, a parser of our own, and their value at a point.

The same grammar is read by a script in the page; `tests/data/formulas.json` is what both must agree on. ::

    formula  = term { ( "+" | "-" ) term }
    term     = factor { ( "*" | "/" ) factor | follower }
    factor   = { "+" | "-" } power                         -x^2 is -(x^2)
    follower = power, not starting with a number           2 a x, 3(x - y): side by side multiplies
    power    = atom [ "^" factor ]                          x^2^3 is x^(2^3); "**" is "^"
    atom     = number
             | name [ "[" index { "," index } "]" ]         y, z_1, delta[n,i]
             | function "(" formula ")"                     tanh(z), sigmoid'(z)
             | "sum" "(" letter "," formula ")"             sum(n, delta[n,i] a[n,j])
             | "[" index "=" index "]"                      1 if the two are equal, else 0
             | "(" formula ")"
    index    = letter | digits                              from 0
    number   = digits [ "." [ digits ] ] [ exponent ] | "." digits [ exponent ]
    exponent = ( "e" | "E" ) [ "+" | "-" ] digits
    name     = letter { letter | digit | "_" }
    function = ( "exp" | "log" | "ln" | "sqrt" | "sin" | "cos" | "tanh" | "sigmoid" | "softplus" ) { "'" }

Which names and index letters there are, the exercise says (`Letters`). Blanks mean nothing. Greek letters may
be typed as such: δ is delta, λ (and lambda) is lam, σ (and sigma) is sigmoid. Also · × for *, − for -, ² ³ for
^2 ^3, ′ for '. A side-by-side factor after a "/" is refused, since 1/2x is read in two ways. At most 300
characters, and 40 levels of parentheses, exponents and signs.

Every error has a kind and a position (characters before it), and `FormulaError` says it in words:
empty, too-long, too-deep, character, comma, equals, unclosed, unopened, operand, operator, ambiguous, unknown-name,
parenthesis, index, range, unbound, unknown-index.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np

from nnlib import activations

LONGEST, DEEPEST = 300, 40

_PRIMED = {
    "sin": activations.sine,
    "tanh": activations.tanh,
    "sigmoid": activations.sigmoid,
    "softplus": activations.softplus,
}
FUNCTIONS: dict[str, Any] = {"exp": np.exp, "log": np.log, "ln": np.log, "sqrt": np.sqrt, "cos": np.cos}
for _name, _act in _PRIMED.items():
    FUNCTIONS |= {_name: _act.f, f"{_name}'": _act.df, f"{_name}''": _act.d2f}

_SPELLED = "alpha beta gamma delta epsilon eta theta kappa lam mu pi rho tau phi omega".split()
_GREEK = dict(zip("αβγδεηθκλμπρτφω", _SPELLED))
_GREEK |= {"σ": "sigmoid", "Δ": "Delta", "Γ": "Gamma", "Ω": "Omega"}
_ALIASES = {"lambda": "lam", "sigma": "sigmoid"}
_SIGNS = {"·": "*", "×": "*", "−": "-", "′": "'", "**": "^", "²": "^2", "³": "^3"}
_TOKEN = re.compile(
    r"(?P<number>(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)"
    rf"|(?P<name>[A-Za-z{''.join(_GREEK)}][A-Za-z0-9_{''.join(_GREEK)}]*['′]*)"
    r"|(?P<sign>\*\*|[-+*/^()\[\],=·×−²³])"
)


class FormulaError(ValueError):
    """A text that is no formula: its kind, the position (characters before it), and words for the learner."""

    def __init__(self, kind: str, position: int, words: str):
        super().__init__(words)
        self.kind, self.position, self.words = kind, position, words


@dataclass(frozen=True)
class Letters:
    """What may stand in a formula: names with an index letter for each axis, the letters' ranges, the free ones.

    ``Letters({"delta": "ni", "a": "nj", "eta": ""}, {"n": 3, "i": 2, "j": 4}, "ij")``: delta has two indices,
    eta is a number, and i and j are fixed by the question.
    """

    names: Mapping[str, str]
    ranges: Mapping[str, int] = field(default_factory=dict)
    free: str = ""


class Token(NamedTuple):
    """A piece of the text: kind number, name, sign or end; position is where it starts."""

    kind: str
    text: str
    position: int


def tokens(text: str) -> list[Token]:
    """The pieces of a text, signs and Greek letters in their plain spelling, an end token last."""
    found, at = [], 0
    while at < len(text):
        if text[at].isspace():
            at += 1
            continue
        match = _TOKEN.match(text, at)
        if match is None:
            raise FormulaError("character", at, f"{text[at]!r} has no meaning in a formula.")
        kind, piece = str(match.lastgroup), match.group()
        if kind == "name":
            piece = "".join(_GREEK.get(c, c) for c in piece).replace("′", "'")
            stem = piece.rstrip("'")
            piece = _ALIASES.get(stem, stem) + piece[len(stem) :]
        if kind == "sign" and len(_SIGNS.get(piece, "")) == 2:
            found += [Token("sign", "^", at), Token("number", _SIGNS[piece][1], at)]
        else:
            found.append(Token(kind, _SIGNS.get(piece, piece), at))
        at = match.end()
    return [*found, Token("end", "", len(text))]


def parse(text: str, letters: Letters) -> tuple:
    """The tree of a formula: nested tuples, an operation first. Raises FormulaError."""
    if len(text) > LONGEST:
        raise FormulaError("too-long", LONGEST, f"A formula has at most {LONGEST} characters.")
    if not text.strip():
        raise FormulaError("empty", 0, "Nothing is typed yet.")
    return _Parser(tokens(text), letters).whole()


class _Parser:
    """Recursive descent, one method a rule of the grammar."""

    def __init__(self, found: list[Token], letters: Letters):
        self.tokens, self.letters = found, letters
        self.at, self.depth, self.bound = 0, 0, list(letters.free)

    @property
    def next(self) -> Token:
        return self.tokens[self.at]

    def take(self, *signs: str) -> Token | None:
        """The next token if it is one of these signs, else None and nothing moves."""
        token = self.next
        if token.kind != "sign" or token.text not in signs:
            return None
        self.at += 1
        return token

    def whole(self) -> tuple:
        tree = self.formula()
        token = self.next
        if token.kind != "end":
            raise self.out_of_place(token)
        return tree

    def out_of_place(self, token: Token) -> FormulaError:
        if token.text == ",":
            return FormulaError("comma", token.position, "A comma stands here. Decimals have a point.")
        if token.text == "=":
            return FormulaError("equals", token.position, "Type only what stands right of the equals sign.")
        if token.text in (")", "]"):
            return FormulaError("unopened", token.position, f"This {token.text} closes nothing.")
        words = f"Before {token.text!r} an operator is missing: * for times, ^ for a power."
        return FormulaError("operator", token.position, words)

    def formula(self) -> tuple:
        tree = self.term()
        while sign := self.take("+", "-"):
            tree = (sign.text, tree, self.term())
        return tree

    def term(self) -> tuple:
        tree, divided = self.factor(), False
        while True:
            if sign := self.take("*", "/"):
                tree, divided = (sign.text, tree, self.factor()), sign.text == "/"
            elif self.next.kind == "name" or self.next.text in ("(", "["):
                if divided:
                    words = "After a division say what belongs below: 1/(2 x), or (1/2) x."
                    raise FormulaError("ambiguous", self.next.position, words)
                tree = ("*", tree, self.power())
            else:
                return tree

    def factor(self) -> tuple:
        if sign := self.take("+", "-"):
            return self.deeper(
                sign, lambda: ("negative", self.factor()) if sign.text == "-" else self.factor()
            )
        return self.power()

    def power(self) -> tuple:
        base = self.atom()
        if sign := self.take("^"):
            return ("^", base, self.deeper(sign, self.factor))
        return base

    def deeper(self, token: Token, rule):
        """Apply a rule one level down; a limit keeps a hostile text from exhausting the stack."""
        self.depth += 1
        if self.depth > DEEPEST:
            raise FormulaError("too-deep", token.position, f"More than {DEEPEST} levels deep.")
        tree = rule()
        self.depth -= 1
        return tree

    def atom(self) -> tuple:
        token = self.next
        if token.kind == "number":
            self.at += 1
            return ("number", float(token.text))
        if token.kind == "name":
            self.at += 1
            return self.named(token)
        if self.take("("):
            return self.closed(token, ")", self.formula)
        if self.take("["):
            return self.closed(token, "]", self.equality)
        if token.text in (",", "=", ")", "]") and self.at == 0:
            raise self.out_of_place(token)
        raise FormulaError("operand", token.position, "Here a number, a name or a parenthesis is missing.")

    def closed(self, opening: Token, closing: str, rule) -> Any:
        """What a rule reads, up to the closing sign."""
        tree = self.deeper(opening, rule)
        if not self.take(closing):
            if self.next.kind == "end" or self.next.text in (")", "]"):
                raise FormulaError("unclosed", opening.position, f"This {opening.text} is never closed.")
            raise self.out_of_place(self.next)
        return tree

    def named(self, token: Token) -> tuple:
        name, names = token.text, self.letters.names
        opening = self.next
        if name in names:
            if not names[name]:
                return ("name", name)
            if not self.take("["):
                words = f"{name} has {len(names[name])} indices: {name}[{','.join(names[name])}]."
                raise FormulaError("index", token.position, words)
            return ("name", name, *self.closed(opening, "]", lambda: self.indices(token)))
        if name in FUNCTIONS or name == "sum":
            if not self.take("("):
                raise FormulaError("parenthesis", opening.position, f"{name} wants parentheses: {name}( ).")
            return self.closed(opening, ")", self.sum if name == "sum" else lambda: (name, self.formula()))
        raise FormulaError("unknown-name", token.position, self.unknown(name))

    def unknown(self, name: str) -> str:
        names = self.letters.names
        for other in names:
            if other.lower() == name.lower():
                return f"{name} is not known; {other} is. Capital and small letters differ."
        for cut in range(1, len(name)):
            if name[:cut] in names and name[cut:] in names:
                return f"{name} is not known. Is it {name[:cut]} times {name[cut:]}? Leave a blank or type *."
        return f"{name} is not known here. Known: {', '.join(names) or 'numbers only'}."

    def sum(self) -> tuple:
        token = self.next
        if token.kind != "name" or token.text not in self.letters.ranges:
            known = ", ".join(self.letters.ranges) or "none in this exercise"
            raise FormulaError("unknown-index", token.position, f"sum wants an index first: {known}.")
        self.at += 1
        if not self.take(","):
            raise FormulaError("operand", self.next.position, f"After sum({token.text} a comma is missing.")
        self.bound.append(token.text)
        body = self.formula()
        self.bound.pop()
        return ("sum", token.text, body)

    def indices(self, owner: Token) -> list:
        wanted = self.letters.names[owner.text]
        found, misfit = [], None
        for n, letter in enumerate(wanted):
            if n and not self.take(","):
                break
            try:
                found.append(self.index(self.letters.ranges[letter], f"index {n + 1} of {owner.text}"))
            except FormulaError as error:
                if error.kind != "range":
                    raise
                misfit = misfit or error
                found.append(0)
                self.at += 1
        if (
            len(found) < len(wanted) or self.next.text == ","
        ):  # a forgotten index says more than one that does not fit
            words = f"{owner.text} has {len(wanted)} indices: {owner.text}[{','.join(wanted)}]."
            raise FormulaError("index", owner.position, words)
        if misfit:
            raise misfit
        return found

    def index(self, size: int | None, place: str) -> str | int:
        """A letter in scope or a whole number; it must fit the size, if one is given."""
        token = self.next
        if token.kind == "number" and token.text.isdigit():
            index: str | int = int(token.text)
            fits = size is None or int(token.text) < size
        elif token.kind == "name" and token.text in self.letters.ranges:
            if token.text not in self.bound:
                words = f"Over what does {token.text} run? It is neither given nor summed."
                raise FormulaError("unbound", token.position, words)
            index, fits = token.text, size is None or self.letters.ranges[token.text] == size
        else:
            raise FormulaError("unknown-index", token.position, "Here an index is missing.")
        if not fits:
            raise FormulaError("range", token.position, f"{token.text} does not run over {place}.")
        self.at += 1
        return index

    def equality(self) -> tuple:
        left = self.index(None, "")
        if not self.take("="):
            raise FormulaError("operand", self.next.position, "A bracket compares two indices: [i=k].")
        right = self.index(self.letters.ranges.get(str(left)), f"the same as {left}")
        return ("equal", left, right)


def evaluate(tree: tuple, point: Mapping[str, Any], ranges: Mapping[str, int] | None = None) -> float:
    """The value of a tree where names and free indices have the values of `point`; NaN or infinity if undefined."""
    with np.errstate(all="ignore"):
        return float(_value(tree, dict(point), ranges or {}))


_OPERATIONS = {"+": np.add, "-": np.subtract, "*": np.multiply, "/": np.divide, "^": np.power}


def _value(tree: tuple, point: dict, ranges: Mapping[str, int]) -> Any:
    kind, *rest = tree
    if kind == "number":
        return np.float64(rest[0])
    if kind == "name":
        return np.float64(np.asarray(point[rest[0]])[tuple(_index(i, point) for i in rest[1:])])
    if kind == "equal":
        return np.float64(_index(rest[0], point) == _index(rest[1], point))
    if kind == "negative":
        return -_value(rest[0], point, ranges)
    if kind == "sum":
        letter, body = rest
        return sum(_value(body, {**point, letter: n}, ranges) for n in range(ranges[letter]))
    if kind in _OPERATIONS:
        return _OPERATIONS[kind](*(_value(part, point, ranges) for part in rest))
    return FUNCTIONS[kind](_value(rest[0], point, ranges))


def _index(index: str | int, point: Mapping[str, Any]) -> int:
    return point[index] if isinstance(index, str) else index


def renamed(tree: tuple, old: str, new: str) -> tuple:
    """The tree with one name in the place of another."""
    if tree[0] == "name":
        return ("name", new, *tree[2:]) if tree[1] == old else tree
    return tuple(renamed(part, old, new) if isinstance(part, tuple) else part for part in tree)


def changed(tree: tuple, change: Callable[[tuple], Iterable[tuple]], term: bool = True) -> Iterator[tuple]:
    """The tree with one term in the place of another: all that `change` makes of each. A mere factor is no term."""
    if term or tree[0] in ("+", "-"):
        yield from change(tree)
    for n, part in enumerate(tree):
        if isinstance(part, tuple):
            for made in changed(part, change, tree[0] not in ("*", "/", "^", "negative")):
                yield (*tree[:n], made, *tree[n + 1 :])


def names_in(tree: tuple) -> set[str]:
    """The names that a tree uses."""
    if tree[0] == "name":
        return {tree[1]}
    return set().union(*(names_in(part) for part in tree[1:] if isinstance(part, tuple)))
