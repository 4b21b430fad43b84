"""Data to learn from: handwritten digits, two-dimensional toy sets, sequence tasks. Everything random is seeded.

The digits are the 1,797 images of the test part of "Optical Recognition of Handwritten Digits" by E. Alpaydin and
C. Kaynak, UCI Machine Learning Repository, doi 10.24432/C50P49, licence CC BY 4.0; shipped unchanged but compressed.
"""

from __future__ import annotations

from importlib.resources import files
from typing import NamedTuple

import numpy as np

from nnlib.arrays import whole_number


class Digits(NamedTuple):
    """Images X (1797, 64), rows of 8x8 pixels in [0, 1]; one-hot Y (1797, 10); labels (1797,), 0..9."""

    X: np.ndarray
    Y: np.ndarray
    labels: np.ndarray


def digits() -> Digits:
    """The 1,797 handwritten digits; grey values 0..16 are scaled to [0, 1]."""
    with files("nnlib").joinpath("digits.npz").open("rb") as file, np.load(file) as stored:
        pixels, labels = stored["pixels"], stored["labels"]
    return Digits(pixels / 16, one_hot(labels, 10), labels.astype(int))


def one_hot(labels, classes: int) -> np.ndarray:
    """Rows with a 1 at the label, (n, classes)."""
    return np.eye(classes)[labels]


def split(rng: np.random.Generator, held_out: float, *arrays):
    """Shuffle the rows of all arrays alike and hold out a share: (train, ...), (held-out, ...).

    Raises ValueError for a share outside (0, 1), arrays of different lengths, or an empty part.
    """
    _generator(rng)
    lengths = {len(array) for array in arrays}
    if len(lengths) != 1:
        raise ValueError(f"arrays have lengths {sorted(lengths)}, want one length")
    n = lengths.pop()
    n_held = round(held_out * n)
    if not 0 < n_held < n:
        raise ValueError(
            f"held_out is {held_out}, wants a share of {n} rows that leaves none of the parts empty"
        )
    order = rng.permutation(n)
    train, held = order[n_held:], order[:n_held]
    return tuple(array[train] for array in arrays), tuple(array[held] for array in arrays)


def moons(n: int, rng: np.random.Generator, noise: float = 0.1) -> tuple[np.ndarray, np.ndarray]:
    """Two interleaved half circles: X (n, 2), one-hot Y (n, 2)."""
    labels, t = _labels(n, 2, rng), np.pi * rng.uniform(size=n)
    sign = 1 - 2 * labels
    X = np.stack([labels + sign * np.cos(t), labels / 2 + sign * np.sin(t)], axis=1)
    return X + noise * rng.standard_normal((n, 2)), one_hot(labels, 2)


def circles(n: int, rng: np.random.Generator, noise: float = 0.1) -> tuple[np.ndarray, np.ndarray]:
    """A circle of radius 1/2 inside one of radius 1: X (n, 2), one-hot Y (n, 2)."""
    labels, t = _labels(n, 2, rng), 2 * np.pi * rng.uniform(size=n)
    radius = (1 + labels) / 2
    X = np.stack([radius * np.cos(t), radius * np.sin(t)], axis=1)
    return X + noise * rng.standard_normal((n, 2)), one_hot(labels, 2)


def spirals(
    n: int, rng: np.random.Generator, arms: int = 2, noise: float = 0.05
) -> tuple[np.ndarray, np.ndarray]:
    """Spiral arms of one turn each: X (n, 2), one-hot Y (n, arms)."""
    whole_number("arms", arms, 2)
    labels, r = _labels(n, arms, rng), np.sqrt(rng.uniform(size=n))
    t = 2 * np.pi * (r + labels / arms)
    X = np.stack([r * np.cos(t), r * np.sin(t)], axis=1)
    return X + noise * rng.standard_normal((n, 2)), one_hot(labels, arms)


def echo(B: int, T: int, delay: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Say again what was heard `delay` steps ago: X (B, T, 1) of signs -1, 1; Y(n) = X(n - delay), 0 before.

    Raises ValueError for B or T below 1 or a delay outside 0..T-1.
    """
    shape = _sequences(B, T, rng)
    whole_number("delay", delay, 0, T - 1)
    X = 1.0 - 2 * rng.integers(2, size=(*shape, 1))
    Y = np.zeros_like(X)
    Y[:, delay:] = X[:, : T - delay]
    return X, Y


def adding(B: int, T: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Add the two marked numbers: X (B, T, 2) holds numbers in [0, 1] and marks, Y (B, T, 1) the marked sum so far.

    One mark stands in each half of the sequence, so Y(T) is the sum of both marked numbers.
    Raises ValueError for B below 1 or T below 2. Source: Hochreiter & Schmidhuber 1997, with the running sum.
    """
    shape = _sequences(B, whole_number("T", T, 2), rng)
    numbers, marks = rng.uniform(size=shape), np.zeros(shape)
    rows = np.arange(B)
    marks[rows, rng.integers(T // 2, size=B)] = 1
    marks[rows, rng.integers(T // 2, T, size=B)] = 1
    return np.stack([numbers, marks], axis=2), np.cumsum(numbers * marks, axis=1)[:, :, None]


def _generator(rng) -> None:
    if not isinstance(rng, np.random.Generator):
        raise ValueError(f"rng wants a numpy Generator, got {rng!r}")


def _labels(n: int, classes: int, rng) -> np.ndarray:
    _generator(rng)
    return np.arange(whole_number("n", n, classes)) % classes


def _sequences(B: int, T: int, rng) -> tuple[int, int]:
    _generator(rng)
    return whole_number("B", B, 1), whole_number("T", T, 1)
