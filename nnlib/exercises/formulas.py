"""Formula exercises: what a learner types is compared with numbers at sample points, never with a formula."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from types import SimpleNamespace
from typing import Any, NamedTuple

import numpy as np

from nnlib.exercises.formula import (
    FUNCTIONS,
    FormulaError,
    Letters,
    changed,
    evaluate,
    names_in,
    parse,
    renamed,
)
from nnlib.exercises.model import Exercise, Slip, Wrong


def _letters(letters: Letters) -> list[str]:
    return sorted(name for name, axes in letters.names.items() if not axes)


# What is tried on each term of a formula that is nearly right, and what to ask if it makes the formula right.
_CHANGES: dict[str, tuple[Callable[..., list[tuple]], str]] = {
    "extra-term": (
        lambda term, letters: [term[1], term[2]] if term[0] in ("+", "-") else [],
        "Right but for one term too many. For which of your terms can you name a way that it stands for?",
    ),
    "sign-of-a-term": (
        lambda term, letters: [("negative", term)],
        "Right but for the sign of one part. Which part grows when it should fall?",
    ),
    "factor-of-a-term": (
        lambda term, letters: [("*", ("number", 2.0), term), ("/", term, ("number", 2.0))],
        "Right but for a constant factor in one part. Which power, sum or mean brings one in?",
    ),
    "missing-factor": (
        lambda term, letters: [("*", term, ("name", name)) for name in _letters(letters)],
        "One part lacks a factor. By what else is it multiplied on the way?",
    ),
    "extra-factor": (
        lambda term, letters: [("/", term, ("name", name)) for name in _letters(letters)],
        "One part has a factor too many. For each factor there: which step of the forward pass brings it in?",
    ),
}


class Field(NamedTuple):
    """A blank for one formula: its name, the label before it, the right value at a point, the slips there.

    ``right(p)`` takes a point's values as attributes and differentiates the forward map by numbers. ``letter`` is what
    the fields after this one may call it; here and before it is unknown.
    """

    name: str
    label: str
    right: Callable[[Any], Any]
    slips: Mapping[str, Slip]
    letter: str = ""


@dataclass(frozen=True)
class Formula:
    """One or more formulas to type; the answer is a text, or a dictionary with one for each field.

    ``draw(rng)`` makes a point: a value for every name and free index. With ``numbers`` only numbers may be
    typed, there is a single point, and three significant digits are enough.
    """

    fields: tuple[Field, ...]
    draw: Callable[[np.random.Generator], dict]
    names: Mapping[str, str] = field(default_factory=dict)
    ranges: Mapping[str, int] = field(default_factory=dict)
    free: str = ""
    numbers: bool = False
    kind = "formula"

    @property
    def hints(self) -> dict[str, str]:
        return {id: slip.hint for one in self.fields for id, slip in one.slips.items()}

    @property
    def letters(self) -> Letters:
        """What may be typed."""
        return Letters({}) if self.numbers else Letters(self.names, self.ranges, self.free)

    def later(self, one: Field) -> set[str]:
        """The letters that only the fields after this one may use: they are its answer, or come after it."""
        return {other.letter for other in self.fields[self.fields.index(one) :]} - {""}

    def letters_of(self, one: Field) -> Letters:
        """What may be typed into a field."""
        known, later = self.letters, self.later(one)
        return replace(known, names={name: axes for name, axes in known.names.items() if name not in later})

    @property
    def typing(self) -> str:
        """What a formula of this exercise may hold, in a few words."""
        if self.numbers:
            return "Type a number, such as -0.25 or 3/8; three digits are enough."
        shown = ", ".join(n + (f"[{','.join(axes)}]" if axes else "") for n, axes in self.names.items())
        words = (
            f"Letters: {shown}. Signs: + - * / ^ (\u00a0); 2 x or 2*x is a product, x^2 a square. "
            f"Functions: {', '.join(name for name in FUNCTIONS if name.isalpha())}; tanh'(x) is a derivative."
        )
        if self.ranges:
            name, axes = next((name, axes) for name, axes in self.names.items() if axes)
            words += f" A sum: sum({axes[0]}, {name}[{','.join(axes)}])."
        return words

    @property
    def tolerance(self) -> float:
        """The largest disagreement that passes, relative to the largest right value."""
        return 5e-3 if self.numbers else 1e-6

    def points(self, seed: int | None) -> list[dict]:
        """The sample points; those of seed 0 are the page's."""
        rng = np.random.default_rng(seed or 0)
        return [self.draw(rng) for _ in range(1 if self.numbers else 6)]

    def check(self, answer: Any, seed: int | None) -> str:
        points = self.points(seed)
        for one in self.fields:
            self._check(one, self._text(one, answer), points)
        return "Every formula is right." if len(self.fields) > 1 else ""

    def _text(self, one: Field, answer: Any) -> str:
        text = answer
        if isinstance(answer, Mapping):
            text = answer.get(one.name, "")
        elif len(self.fields) > 1:
            names = ", ".join(repr(other.name) for other in self.fields)
            raise Wrong("fields", f"Answer with a dictionary that has a formula for each of {names}.")
        if not isinstance(text, (str, int, float)):
            raise Wrong("type", f"{one.name} wants a formula as text, got {type(text).__name__}.")
        return str(text)

    def _check(self, one: Field, text: str, points: list[dict]) -> None:
        where = f"{one.name}: " if len(self.fields) > 1 else ""
        letters = self.letters_of(one)
        try:
            tree = parse(text, letters)
        except FormulaError as error:
            place = "" if error.kind in ("empty", "too-long") else f" (after {text[: error.position]!r})"
            raise Wrong(f"formula-{error.kind}", f"{where}{error.words}{place}") from None
        values = self._values(tree, points)
        right = self._expected(one.right, points)
        if self._agree(values, right):
            return
        if not np.isfinite(values).all():
            words = "There are values of the letters for which this is not finite. What is divided by zero?"
            raise Wrong("not-finite", where + words)
        for (hint, slip), slipped in zip(one.slips.items(), self._slips(one)):
            if self._agree(values, self._expected(slipped, points)):
                raise Wrong(hint, where + slip.hint)
        if self._agree(-values, right):
            raise Wrong("sign", f"{where}The size is right, the sign is not. What is subtracted from what?")
        if len(points) > 1 and right.any():  # nearly every wrong number or zero is "nearly" a right one
            self._nearly(tree, letters, points, values, right, where)
        raise Wrong(
            "values", f"{where}The values differ. Put small numbers in, by hand: where do the two part?"
        )

    def _nearly(self, tree, letters: Letters, points: list[dict], values, right, where: str) -> None:
        """Raise Wrong for a formula that one change in one place makes right."""
        if self._agree(values * (right @ values / max(values @ values, 1e-300)), right):
            words = "Right but for a constant factor. Which power, sum or mean brings one down?"
            raise Wrong("factor", where + words)

        def mends(made: tuple) -> bool:  # most fail at the first point
            first = (
                abs(evaluate(made, points[0], self.ranges) - right[0]) <= self.tolerance * np.abs(right).max()
            )
            return first and self._agree(self._values(made, points), right)

        for old in sorted(names_in(tree)):
            for new in sorted(set(letters.names) - {old}):
                same = letters.names[old] == letters.names[new]
                if same and mends(renamed(tree, old, new)):
                    words = f"Nearly: one letter is not the right one. Is {old} what you mean?"
                    raise Wrong("wrong-letter", where + words)
        for hint, (change, words) in _CHANGES.items():
            if any(mends(made) for made in changed(tree, partial(change, letters=letters))):
                raise Wrong(hint, where + words)

    def _values(self, tree: tuple, points: list[dict]) -> np.ndarray:
        return np.array([evaluate(tree, point, self.ranges) for point in points])

    def _slips(self, one: Field) -> list[Callable[[Any], Any]]:
        def at(slip: Slip) -> Callable[[Any], Any]:
            return lambda p: slip.answer(one.right(p), p)

        return [at(slip) for slip in one.slips.values()]

    def _expected(self, answer: Callable[[Any], Any], points: list[dict]) -> np.ndarray:
        return np.array([float(answer(SimpleNamespace(**point))) for point in points])

    def _agree(self, values: np.ndarray, right: np.ndarray) -> bool:
        """Whether two rows of values agree, relative to the largest right one; NaN never does."""
        return bool(np.abs(values - right).max() <= self.tolerance * np.abs(right).max())

    @property
    def distinct(self) -> bool:
        """Whether no slip can pass for another or for the right answer: fresh numbers are drawn until so."""
        points = self.points(None)
        for one in self.fields:
            values = [self._expected(answer, points) for answer in (one.right, *self._slips(one))]
            gap = 2 * self.tolerance * np.abs(values).max()
            if any(np.abs(u - v).max() <= gap for n, u in enumerate(values) for v in [0 * u, *values[:n]]):
                return False
        return True

    def shown(self) -> list[str]:
        return ["\n".join(f"- `{one.name}`: {one.label}" for one in self.fields), self.typing]

    def plain(self) -> dict:
        """Points, right values and slips as numbers, so that a page can check without a solution's text."""
        points = self.points(None)
        fields = [
            {
                "name": one.name,
                "label": one.label,
                "later": sorted(self.later(one)),
                "values": self._expected(one.right, points).tolist(),
                "slips": [
                    {"hint": hint, "values": self._expected(slip, points).tolist()}
                    for hint, slip in zip(one.slips, self._slips(one))
                ],
            }
            for one in self.fields
        ]
        letters = {"names": dict(self.letters.names), "ranges": dict(self.letters.ranges), "free": self.free}
        listed = [{name: np.asarray(value).tolist() for name, value in point.items()} for point in points]
        return {"fields": fields, "points": listed, "letters": letters, "tolerance": self.tolerance}


def fresh(make: Callable[[np.random.Generator], Exercise]) -> Callable[[int], Exercise]:
    """An exercise with numbers from a seed: ``make(rng)``, again until no slip passes for another."""

    def exercise(seed: int) -> Exercise:
        rng = np.random.default_rng(seed)
        while not (made := make(rng)).task.distinct:
            pass
        return replace(made, seed=seed)

    return exercise
