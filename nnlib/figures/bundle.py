"""A figure on a grid of states as one small JSON bundle, and back.

The states of a figure differ in numbers and in a few strings, never in shape. The bundle holds the
figure's skeleton once (``{"$n": [offset, *shape]}`` stands for numbers, ``{"$t": offset}`` for a string
that changes) and the numbers of all states as one table of float32: rounded, each state written as its
difference from the one before (bit patterns, modulo 2^32), the four bytes of a number in four planes,
zlib, base64. The states are ordered as ``itertools.product`` orders the controls' values.
"""

from __future__ import annotations

import base64
import itertools
import json
import zlib

import numpy as np

from nnlib.figures.controls import controls_of, named
from nnlib.figures.predictions import PREDICTIONS
from nnlib.figures.schema import validate

# Significant bits kept of each number that is not whole: a relative error of at most 2^-18 = 3.8e-6,
# so five significant decimal digits. Whole numbers below 2^24 are kept as they are.
BITS = 18
LIMIT = 150_000  # bytes of one bundle as JSON
_DROPPED = 24 - BITS
_WHOLE = 2**24


def encode(figure, controls: dict[str, tuple | list], alt: str | None = None) -> dict:
    """Evaluate `figure` for every combination of the controls' values and return the bundle.

    Raises ValueError for a figure that a page cannot draw, for states that differ in keys or lengths,
    for numbers that are infinite or beyond float32, for a bundle of more than `LIMIT` bytes, and as
    `nnlib.figures.controls` does.
    """
    offered = controls_of(figure, controls)
    function, fixed = named(figure)
    grid = grid_of(offered)
    figures = [figure(**values) for values in grid]
    skeletons, numbers, words = zip(*(_split_state(values, state) for values, state in zip(grid, figures)))
    for values, skeleton in zip(grid, skeletons):
        if skeleton != skeletons[0]:
            raise ValueError(f"at {_told(values)}: {_difference(skeletons[0], skeleton)}")
    width = len(numbers[0])
    moving = [k for k, column in enumerate(zip(*words)) if len(set(column)) > 1]
    strings = {word: None for state in words for k in moving for word in [state[k]]}
    place = {word: index for index, word in enumerate(strings)}
    table = np.array([[*row, *(place[state[k]] for k in moving)] for row, state in zip(numbers, words)])
    bundle = {
        "version": 2,
        "alt": alt or figures[start_of(offered)]["meta"]["alt"],
        "function": function,
        "given": fixed,
        "prediction": _asked(PREDICTIONS.get(function or "")),
        "controls": offered,
        "skeleton": _inline(skeletons[0], words[0], {k: width + i for i, k in enumerate(moving)}),
        "strings": list(strings),
        "width": table.shape[1],
        "numbers": _pack(table),
    }
    size = len(json.dumps(bundle))
    if size > LIMIT:
        raise ValueError(f"the bundle has {size} bytes for {len(grid)} states, wants at most {LIMIT}")
    return bundle


def decode(bundle: dict) -> list[dict]:
    """All states of a bundle, as figures with plain lists (None where there is a gap)."""
    table = _unpack(bundle["numbers"], bundle["width"])
    return [_fill(bundle["skeleton"], row, bundle["strings"]) for row in table]


def same(a: dict, b: dict) -> list[str]:
    """The differences between two bundles beyond their rounding; none if they show the same.

    Two numbers agree if they differ by at most one unit of the rounding, or by 1e-12 of the largest
    number in their array: another processor's last bit may move a number across a rounding's edge, or
    a zero to 1e-16.
    """
    parts = ("version", "alt", "function", "given", "prediction", "controls")
    differences = [f"{part}: {a[part]!r} is not {b[part]!r}" for part in parts if a[part] != b[part]]
    if a["controls"] != b["controls"]:
        return differences
    for values, one, two in zip(grid_of(a["controls"]), decode(a), decode(b)):
        differences += [f"at {_told(values)}, {line}" for line in _compare(one, two, "figure")]
    return differences


def _asked(prediction) -> dict | None:
    """A prediction as a bundle holds it."""
    if prediction is None:
        return None
    answers = [{"answer": answer, "why": why} for answer, why in prediction.answers]
    return {"question": prediction.question, "right": prediction.right, "answers": answers}


def rounded(numbers: np.ndarray) -> np.ndarray:
    """Return `numbers` as float32 with `BITS` significant bits; whole numbers below 2^24 stay whole."""
    with np.errstate(over="ignore"):
        single = np.asarray(numbers, np.float64).astype(np.float32) + np.float32(0)  # no -0
    if np.isinf(single).any():
        beyond = numbers[np.isinf(single)][0]
        raise ValueError(f"a figure has {beyond} among its numbers, wants finite float32")
    bits = single.view(np.uint32)
    bits = (bits + np.uint32(1 << (_DROPPED - 1))) & ~np.uint32((1 << _DROPPED) - 1)
    whole = (single == np.rint(single)) & (np.abs(single) < _WHOLE)
    return np.where(np.isnan(single), np.float32(np.nan), np.where(whole, single, bits.view(np.float32)))


def _pack(table: np.ndarray) -> str:
    bits = rounded(table).astype("<f4").view("<u4")
    bits[1:] -= bits[:-1].copy()
    planes = bits.reshape(-1, 1).view(np.uint8).T
    return base64.b64encode(zlib.compress(planes.tobytes(), 9)).decode()


def _unpack(text: str, width: int) -> np.ndarray:
    planes = np.frombuffer(zlib.decompress(base64.b64decode(text)), np.uint8)
    bits = np.ascontiguousarray(planes.reshape(4, -1).T).view("<u4").reshape(-1, width)
    return np.cumsum(bits, axis=0, dtype=np.uint32).view(np.float32)


def asks_more(bundle: dict) -> bool:
    """Whether Python in the page can be asked for states that the bundle does not hold."""
    between = (set(of.get("live", ())) - set(of["values"]) for of in bundle["controls"])
    return bool(bundle["function"]) and any(between)


def grid_of(controls: list[dict]) -> list[dict]:
    """The controls' values at every state, in the order in which the states are stored."""
    names = [control["name"] for control in controls]
    return [dict(zip(names, values)) for values in itertools.product(*(c["values"] for c in controls))]


def start_of(controls: list[dict]) -> int:
    """The number of the state in which the figure starts."""
    number = 0
    for control in controls:
        number = number * len(control["values"]) + control.get("start", 0)
    return number


def _told(values: dict) -> str:
    return ", ".join(f"{name}={value!r}" for name, value in values.items()) or "the one state"


def _split_state(values: dict, state: dict) -> tuple[dict, list[float], list]:
    """One state as its skeleton, its numbers and its other leaves (strings, truth values)."""
    numbers: list[float] = []
    words: list = []
    try:
        validate(state)
        return _split(state, numbers, words), numbers, words
    except ValueError as error:
        raise ValueError(f"at {_told(values)}: {error}") from None


def _split(part, numbers: list[float], words: list):
    if isinstance(part, dict):
        return {key: _split(part[key], numbers, words) for key in sorted(part)}
    array = _numeric(part)
    if array is not None:
        numbers.extend(array.ravel().tolist())
        return {"$n": [len(numbers) - array.size, *array.shape]}
    if isinstance(part, (list, tuple, np.ndarray)):
        return [_split(item, numbers, words) for item in part]
    if not isinstance(part, (str, bool, np.bool_)):
        raise ValueError(f"a figure holds {part!r}, wants numbers, strings, lists and dicts")
    words.append(part if isinstance(part, str) else bool(part))
    return {"$t": len(words) - 1}


def _numeric(part) -> np.ndarray | None:
    """`part` as an array if it is a number, a gap (None) or a non-empty rectangle of them."""
    try:
        array = np.asarray(part)
        if array.dtype == object:
            if any(isinstance(item, (str, bool, dict, list)) for item in array.ravel()):
                return None
            array = array.astype(np.float64)
    except (ValueError, TypeError):  # ragged, or holding something that is no number
        return None
    return array.astype(np.float64) if array.dtype.kind in "iuf" and array.size else None


def _inline(part, words: list, offsets: dict[int, int]):
    """The skeleton with constant strings written in place and moving ones as columns of the table."""
    if isinstance(part, list):
        return [_inline(item, words, offsets) for item in part]
    if "$n" in part:
        return part
    if "$t" in part:
        k = part["$t"]
        return {"$t": offsets[k]} if k in offsets else words[k]
    return {key: _inline(item, words, offsets) for key, item in part.items()}


def _fill(part, row: np.ndarray, strings: list):
    if isinstance(part, list):
        return [_fill(item, row, strings) for item in part]
    if not isinstance(part, dict):
        return part
    if "$n" in part:
        offset, *shape = part["$n"]
        values = row[offset : offset + int(np.prod(shape))].astype(object)
        values[np.isnan(row[offset : offset + values.size])] = None
        return values.reshape(shape).tolist()
    if "$t" in part:
        return strings[int(row[part["$t"]])]
    return {key: _fill(item, row, strings) for key, item in part.items()}


def _difference(first: dict, other: dict) -> str:
    """Where two skeletons first differ, in words."""
    a, b = dict(_leaves(first, "figure")), dict(_leaves(other, "figure"))
    where = next(path for path in [*a, *b] if a.get(path) != b.get(path))
    return f"{where} is {b.get(where, 'missing')}, at the first state {a.get(where, 'missing')}"


def _leaves(part, where: str):
    """Every leaf of a skeleton as (path, what stands there)."""
    if "$n" in part:
        yield where, f"numbers of shape {tuple(part['$n'][1:])}"
    elif "$t" in part:
        yield where, "a string"
    else:
        items = part.items() if isinstance(part, dict) else enumerate(part)
        yield where, f"{type(part).__name__} of {len(part)}"
        for key, item in items:
            yield from _leaves(item, f"{where}[{key!r}]")


def _compare(a, b, where: str) -> list[str]:
    """Differences between two decoded states, beyond the rounding."""
    if isinstance(a, dict) and isinstance(b, dict) and a.keys() == b.keys():
        return [line for key in a for line in _compare(a[key], b[key], f"{where}[{key!r}]")]
    x, y = _numeric(a), _numeric(b)
    if x is not None and y is not None and x.shape == y.shape:
        size = np.nanmax(np.abs(x), initial=0)
        bound = np.maximum(np.abs(x), np.abs(y)) / 2 ** (BITS - 1) + size / 10**12
        apart = ~((np.abs(x - y) <= bound) | (np.isnan(x) & np.isnan(y)))
        places = map(tuple, np.argwhere(apart).tolist())
        return [f"{where}{list(at)}: {x[at]:.6g} is not {y[at]:.6g}" for at in places]
    if isinstance(a, list) and isinstance(b, list) and len(a) == len(b):
        return [line for k in range(len(a)) for line in _compare(a[k], b[k], f"{where}[{k}]")]
    return [] if a == b else [f"{where}: {a!r} is not {b!r}"]
