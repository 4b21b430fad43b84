"""What counts as an array here: rank, shape, one scalar type, finite entries, and errors that say so.

Real, complex and object arrays (sympy symbols) are kept as they are, integers become float64,
float widths are never mixed and nothing is broadcast.
"""

from __future__ import annotations

import numpy as np

_KEPT = tuple(map(np.dtype, (np.float64, np.float32, np.complex128, np.complex64, object)))
_SINGLE = tuple(map(np.dtype, (np.float32, np.complex64)))


def as_array(name: str, value, shape: tuple | None = None) -> np.ndarray:
    """Return `value` as an array of the wanted `shape`.

    In `shape` a number is a size that must be met, a string a size that is free but not zero
    ("B"). Raises ValueError for another rank or shape, an empty array, NaN or infinity, and a
    type that is no number.
    """
    try:
        array = np.asarray(value)
    except ValueError:
        raise ValueError(f"{name} wants one array, got a ragged {type(value).__name__}") from None
    if array.dtype not in _KEPT:
        if array.dtype.kind not in "iub":
            raise ValueError(f"{name} wants numbers, got dtype {array.dtype}")
        array = array.astype(np.float64)
    if shape is not None and not fits(array.shape, shape):
        wanted = "(" + ", ".join(map(str, shape)) + ("," if len(shape) == 1 else "") + ")"
        raise ValueError(f"{name} has shape {array.shape}, wants {wanted}")
    if array.size == 0:
        raise ValueError(f"{name} is empty: shape {array.shape}")
    if array.dtype != object and not np.isfinite(array).all():
        raise ValueError(f"{name} has NaN or infinity among its entries, wants finite numbers")
    return array


def fits(shape: tuple, wanted: tuple) -> bool:
    """Whether `shape` has the rank and the fixed sizes of `wanted`."""
    return len(shape) == len(wanted) and all(isinstance(w, str) or n == w for n, w in zip(shape, wanted))


def one_dtype(arrays: dict[str, np.ndarray]) -> np.dtype:
    """The common scalar type of named arrays; mixed float widths are a ValueError."""
    (first, reference), *others = arrays.items()
    common = reference.dtype
    for name, array in others:
        if common != array.dtype and object not in (common, array.dtype):
            if (common in _SINGLE) != (array.dtype in _SINGLE):
                raise ValueError(
                    f"{name} has dtype {array.dtype}, {first} has {reference.dtype}: one float width"
                )
        common = np.result_type(common, array.dtype)
    return common


def whole_number(name: str, value, low: int, high: int | None = None) -> int:
    """Return `value` if it is an integer in low..high, else raise a ValueError naming it."""
    if isinstance(value, bool) or not isinstance(value, (int, np.integer)):
        raise ValueError(f"{name} wants a whole number, got {value!r}")
    if value < low or (high is not None and value > high):
        wanted = f"{low}..{high}" if high is not None else f"at least {low}"
        raise ValueError(f"{name} is {value}, wants {wanted}")
    return int(value)
