"""For hidden tests: compare an answer with the truth, and name the slip if it is a known one.

A failing test tells its reason as ``[hint] words``. That is the only form of message that reaches a student; the
words ask the question that leads on and never hold an expected number.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

TOLERANCE = 1e-6  # relative to the largest entry: looser than any right formula, tighter than any wrong one


def fail(hint: str, words: str) -> None:
    raise AssertionError(f"[{hint}] {words}")


def same(got: np.ndarray, want: np.ndarray) -> bool:
    return got.shape == want.shape and bool(
        np.all(np.abs(got - want) <= TOLERANCE * max(np.abs(want).max(), 1e-12))
    )


def judge(name: str, got: Any, want: Any, **slips: tuple[Any, str]) -> None:
    """Pass if `got` is `want`; otherwise fail with the first reason that fits.

    `slips` are executable misconceptions: hint=(the value that this mistake gives, words).
    """
    want = np.asarray(want, dtype=float)
    if got is None:
        fail("nothing", f"{name} is None. What does your function hand back?")
    if not isinstance(got, int | float | np.ndarray | np.generic | list) or isinstance(got, bool):
        fail("type", f"{name} is a {type(got).__name__}, an array or a number is wanted.")
    try:
        got = np.asarray(got)
    except ValueError:
        fail("type", f"{name} is a list with rows of different lengths.")
    if got.dtype.kind not in "iuf":
        fail("type", f"{name} holds {got.dtype.name} values, not real numbers.")
    got = got.astype(float)
    if same(got, want):
        return
    if not np.isfinite(got).all():
        fail("nan", f"{name} has entries that are not finite.")
    for hint, (value, words) in slips.items():
        if same(got, np.asarray(value, dtype=float)):
            fail(hint, words)
    if got.shape != want.shape:
        if got.shape == want.shape[::-1]:
            fail(
                "transposed",
                f"{name} has shape {got.shape}, {want.shape} is wanted. Which factor is transposed?",
            )
        fail("shape", f"{name} has shape {got.shape}, {want.shape} is wanted.")
    if not got.any():
        fail("zero", f"{name} is zero everywhere.")
    if same(-got, want):
        fail("sign", f"{name} has the wrong sign. Which difference did you differentiate?")
    k = np.argmax(np.abs(want))
    factor = got.flat[k] / want.flat[k] if want.size else 0
    if factor and same(got / factor, want):
        fail("factor", f"{name} is right but for a factor {factor:.4g}. Where does it come from?")
    fail("values", f"{name} has the right shape, but other values.")


def judge_unchanged(call: Callable[[], Any], *arrays: np.ndarray) -> Any:
    """What `call` returns; fails if it changed one of its arguments."""
    before = [array.copy() for array in arrays]
    result = call()
    different = [k for k, old in enumerate(before) if not np.array_equal(arrays[k], old)]
    for k in different:
        arrays[k][...] = before[k]  # for the tests that follow
    if different:
        fail("changed", "Your function changes the arrays that it is given. Which line assigns into them?")
    return result


def parts(result: Any, names: str) -> tuple[Any, ...]:
    """The parts of a result that is to be a tuple of these names; fails if it is not."""
    wanted = names.split()
    if result is None:
        fail("nothing", "Your function returns None. What does it hand back?")
    if not isinstance(result, tuple | list) or len(result) != len(wanted):
        got = f"{len(result)} values" if isinstance(result, tuple | list) else f"one {type(result).__name__}"
        fail("parts", f"Your function returns {got}; {len(wanted)} are wanted: {', '.join(wanted)}.")
    return tuple(result)
