"""Code exercises: the learner's function runs on random inputs, and the first rung of the ladder it fails answers.

The rungs: no function, arguments, raises, None, type, changed its input, the named misconceptions (some of which
have a shape of their own), transposed, shape, NaN, zero, sign, constant factor, values. What is right is not
computed by a solution: an exercise brings the forward map, differentiated by numbers.
"""

from __future__ import annotations

import copy
import inspect
import traceback
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from nnlib.exercises.model import Slip, Wrong
from nnlib.network import Gradient

TRIALS = 2
QUESTIONS: dict[type[Exception], str] = {
    RecursionError: "Which case ends the recursion?",
    LookupError: "Which index or key is asked for there, and which ones are there?",
    NameError: "Where in your function should this name get its value?",
    ZeroDivisionError: "When is the divisor zero?",
    ValueError: "Which sizes meet in that line, and which of them have to be the same?",
    TypeError: "Of which type is each part of that line?",
}  # what to ask about an error; the first that fits


class Leaf(NamedTuple):
    """One array of a result: its name for the learner, the right values, the given ones."""

    name: str
    right: np.ndarray
    given: np.ndarray


@dataclass(frozen=True)
class Code:
    """A function to write.

    ``inputs(rng)`` are its arguments by name, of pairwise different sizes; ``right`` takes the same arguments and
    returns an array, a tuple of them (named by ``returns``), a list over layers, a dictionary or a Gradient.
    """

    function: str
    returns: tuple[str, ...]
    inputs: Callable[[np.random.Generator], dict]
    right: Callable[..., Any]
    slips: Mapping[str, Slip]
    tolerance: float = 1e-7
    kind = "code"

    @property
    def hints(self) -> dict[str, str]:
        return {id: slip.hint for id, slip in self.slips.items()}

    def check(self, answer: Any, seed: int | None) -> str:
        if not callable(answer):
            words = f"Hand over your function {self.function} itself, without parentheses."
            if answer is None:
                words = f"There is no function {self.function} yet. Is that the name behind your def?"
            raise Wrong("no-function", words)
        rng = np.random.default_rng(seed)
        trials = [self.inputs(rng) for _ in range(TRIALS)]
        rights = [self.right(**arguments) for arguments in trials]
        given = [self._call(answer, arguments, right) for arguments, right in zip(trials, rights)]
        leaves = [list(self._leaves(right, result)) for right, result in zip(rights, given)]
        columns = list(zip(*leaves))  # one leaf in all trials
        wrong = [n for n, column in enumerate(columns) if not _agree(self.tolerance, column)]
        if wrong:
            slips = [self._slip_leaves(slip, trials, rights) for slip in self.slips.values()]
            everywhere, first = range(len(columns)), wrong[:1]
            name = columns[first[0]][0].name
            for places in (everywhere, first):
                self._named(name, places, columns, slips)
            self._unnamed(name, columns[first[0]])
            words = (
                "The shape is right, the values are not. Try the smallest case by hand: where do they part?"
            )
            raise Wrong("values", _on(name, words))
        return ""

    def _call(self, answer: Callable, arguments: dict, right: Any) -> Any:
        """The result on a copy of the arguments, if it comes and leaves them alone."""
        try:
            inspect.signature(answer).bind(*arguments.values())
        except (TypeError, ValueError):
            words = f"{self.function} is called with {len(arguments)} arguments: {', '.join(arguments)}."
            raise Wrong("arguments", words) from None
        passed = copy.deepcopy(arguments)
        try:
            with np.errstate(all="ignore"):
                result = answer(*passed.values())
        except Exception as error:
            raise Wrong("raises", _raised(error, arguments)) from None
        if result is None and right is not None:
            raise Wrong(
                "none", f"{self.function} returns None. Is there a return, and does every way lead to it?"
            )
        list(self._leaves(right, result))  # a wrong type comes before a changed input
        for name in arguments:
            if not _same(arguments[name], passed[name]):
                words = (
                    f"{self.function} changes {name}, which belongs to the caller. Which line writes into it?"
                )
                raise Wrong("changed-input", words)
        return result

    def _leaves(self, right: Any, given: Any) -> Iterator[Leaf]:
        """The arrays of a result beside the right ones. Raises Wrong where the types do not fit."""
        if isinstance(right, tuple) and len(self.returns) > 1:
            if not isinstance(given, (tuple, list)) or len(given) != len(right):
                words = f"{self.function} returns {len(right)} results: {', '.join(self.returns)}."
                raise Wrong("type", words)
            for name, r, g in zip(self.returns, right, given):
                yield from _walk(name, r, g)
        else:
            yield from _walk(self.returns[0], right, given)

    def _slip_leaves(self, slip: Slip, trials: list[dict], rights: list) -> list[list[np.ndarray]]:
        """What a misconception gives, leaf by leaf, in every trial."""
        wrong = [slip.answer(right, **arguments) for right, arguments in zip(rights, trials)]
        return [[leaf.right for leaf in self._leaves(w, w)] for w in wrong]

    def _named(self, name: str, places, columns: list[tuple[Leaf, ...]], slips: list) -> None:
        """Raise the misconception that explains what was given at these leaves, in every trial."""
        for (hint, slip), wrong in zip(self.slips.items(), slips):
            expected = [
                [one._replace(right=trial[n]) for one, trial in zip(columns[n], wrong)] for n in places
            ]
            if all(_agree(self.tolerance, column) for column in expected):
                raise Wrong(hint, _on(name, slip.hint) if len(self.returns) > 1 else slip.hint)

    def _unnamed(self, name: str, column: tuple[Leaf, ...]) -> None:
        """The general rungs, for one array of the result that no misconception explains in all trials."""
        for _, right, given in column:
            if given.shape != right.shape:
                self._misshapen(name, right, given)
        given, right = (np.concatenate([np.ravel(one[at]) for one in column]) for at in (2, 1))
        if not np.isfinite(given).all():
            words = "has NaN or infinity. Where can a zero be divided by, or an exp overflow?"
            raise Wrong("nan", f"{name} {words}")
        if not given.any():
            raise Wrong("zero", f"{name} is zero everywhere. Is the place where it is filled ever reached?")
        agree = lambda made: _agree(self.tolerance, [Leaf(name, right, made)])
        if agree(-given):
            words = "The size is right, the sign is not. What is subtracted from what?"
            raise Wrong("sign", _on(name, words))
        if agree((given * right).sum() / (given * given).sum() * given):  # the same factor in all trials
            words = "Right but for a constant factor. Which power, sum or mean brings one in?"
            raise Wrong("factor", _on(name, words))

    def _misshapen(self, name: str, right: np.ndarray, given: np.ndarray) -> None:
        got = f"{name} has shape {given.shape}, but it should have {right.shape}."
        if given.shape == right.shape[::-1]:
            raise Wrong("transposed", f"{got} Which factor has to be transposed, and which stands first?")
        if given.ndim > right.ndim:
            raise Wrong("shape", f"{got} Which axis should have been summed over?")
        raise Wrong("shape", f"{got} Write the indices of each factor down: which are summed, which stay?")

    def shown(self) -> list[str]:
        return []

    def plain(self) -> dict:
        return {"function": self.function}


def _agree(tolerance: float, leaves) -> bool:
    """Whether all leaves have the right shape and values, relative to each one's largest."""
    for _, right, given in leaves:
        if given.shape != right.shape:
            return False
        with np.errstate(all="ignore"):
            close = np.abs(given - right) <= tolerance * np.abs(right).max(initial=0) + 1e-12
        if not close.all():
            return False
    return True


def _walk(name: str, right: Any, given: Any) -> Iterator[Leaf]:
    if isinstance(right, Gradient):
        if not isinstance(given, Gradient):
            raise Wrong("type", f"{name} should be a Gradient, got {type(given).__name__}.")
        yield from _walk(f"{name}.W", right.W, given.W)
        yield from _walk(f"{name}.b", right.b, given.b)
    elif isinstance(right, dict):
        if not isinstance(given, dict) or given.keys() != right.keys():
            raise Wrong("type", f"{name} should be a dictionary with the keys {list(right)}.")
        for key in right:
            yield from _walk(f"{name}[{key!r}]", right[key], given[key])
    elif isinstance(right, (tuple, list)):
        if not isinstance(given, (tuple, list)) or len(given) != len(right):
            raise Wrong("type", f"{name} should be a sequence of {len(right)} entries.")
        for l, (r, g) in enumerate(zip(right, given)):
            yield from _walk(f"{name}[{l}]", r, g)
    elif right is not None:
        yield Leaf(name, np.asarray(right, dtype=float), _numbers(name, given))


def _numbers(name: str, given: Any) -> np.ndarray:
    if given is None:
        raise Wrong("none", f"{name} is None. Which line should fill it?")
    try:
        array = np.asarray(given)
    except ValueError:
        raise Wrong("type", f"{name} should be one array, got a ragged {type(given).__name__}.") from None
    if array.dtype.kind not in "fiu":
        what = "complex numbers" if array.dtype.kind == "c" else type(given).__name__
        raise Wrong("type", f"{name} should hold real numbers, got {what}.")
    return array.astype(float)


def _on(name: str, words: str) -> str:
    return f"{name}: {words}"


def _raised(error: Exception, arguments: Mapping[str, Any]) -> str:
    """What went wrong, in which line of the learner's, and the shapes it was given."""
    lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__)[1:2]]
    where = f" in line {lines[0]}" if lines else ""
    shapes = ", ".join(
        f"{name} {value.shape}"
        for name, value in arguments.items()
        if isinstance(value, np.ndarray) and value.ndim
    )
    told = [f"Your function stops{where} with {type(error).__name__}: {error}"]
    told += [f"Shapes: {shapes}"] if shapes else []
    asked = (question for kind, question in QUESTIONS.items() if isinstance(error, kind))
    return "\n".join([*told, *list(asked)[:1]])


def _same(before: Any, after: Any) -> bool:
    """Whether two arguments are equal in all their arrays; a Network is read-only and is not looked into."""
    if isinstance(before, np.ndarray):
        return isinstance(after, np.ndarray) and np.array_equal(before, after)
    if isinstance(before, Mapping):
        return before.keys() == after.keys() and all(_same(before[key], after[key]) for key in before)
    if isinstance(before, (list, tuple)):
        return len(before) == len(after) and all(map(_same, before, after))
    return before == after if isinstance(before, (int, float, str)) else True
