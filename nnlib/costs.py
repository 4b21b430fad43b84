"""Costs: C(a, Y), summed over the batch, with dC/da and its directional derivative."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from nnlib.activations import row_maximum, softmax
from nnlib.arrays import as_array, one_dtype
from nnlib.network import Gradient, Network


@dataclass(frozen=True)
class Cost:
    """A cost of the outputs a (B, n_L) and the targets Y (B, n_L), summed over the batch.

    ``value(a, Y)`` is the scalar C, ``da(a, Y)`` is dC/da with the shape of a, and
    ``d2a(a, Y, V)`` is the change of dC/da along V (needed by Hessian-vector products alone).
    """

    name: str
    value: Callable[[np.ndarray, np.ndarray], np.ndarray]
    da: Callable[[np.ndarray, np.ndarray], np.ndarray]
    d2a: Callable[[np.ndarray, np.ndarray, np.ndarray], np.ndarray] | None = None


def _log_softmax(a):
    shifted = a - row_maximum(a)
    return shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))


def _cross_entropy_da(a, Y):
    return softmax.f(a) * Y.sum(axis=-1, keepdims=True) - Y


def _cross_entropy_d2a(a, Y, V):
    p = softmax.f(a)
    return p * (V - (p * V).sum(axis=-1, keepdims=True)) * Y.sum(axis=-1, keepdims=True)


squared_error = Cost(
    "squared_error",
    lambda a, Y: ((a - Y) ** 2).sum(),
    lambda a, Y: 2 * (a - Y),
    lambda a, Y, V: 2 * V,
)
half_squared_error = Cost(
    "half_squared_error",
    lambda a, Y: ((a - Y) ** 2).sum() / 2,
    lambda a, Y: a - Y,
    lambda a, Y, V: 1 * V,
)
# 001's cost: the mean over the n_L outputs, and still the sum over the batch.
mean_squared_error = Cost(
    "mean_squared_error",
    lambda a, Y: ((a - Y) ** 2).sum() / a.shape[-1],
    lambda a, Y: 2 * (a - Y) / a.shape[-1],
    lambda a, Y, V: 2 * V / a.shape[-1],
)
# a are logits: -sum_i Y_i log softmax(a)_i, right also for targets whose rows do not sum to one.
softmax_cross_entropy = Cost(
    "softmax_cross_entropy",
    lambda a, Y: -(Y * _log_softmax(a)).sum(),
    _cross_entropy_da,
    _cross_entropy_d2a,
)


def targets(name: str, Y, a: np.ndarray) -> np.ndarray:
    """Return Y as an array of exactly the shape and float width of the outputs a."""
    Y = as_array(name, Y, a.shape)
    one_dtype({"the output": a, name: Y})
    return Y


def l2(net: Network, lam, biases: bool = False) -> tuple[np.ndarray, Gradient]:
    """The L2 penalty and its gradient, 002's lambda * Omega.

    lambda * (sum_l sum_ij W[l]_ij^2, and sum_l sum_i b[l]_i^2 if `biases`); gradient 2 lambda W,
    and 2 lambda b or 0. Add both to a cost and its gradient.

    Raises ValueError if lam is negative or not finite. Book: eq-chain-l2. Source: 002, MLP slide.
    """
    if net.dtype != object and not (np.isfinite(lam) and lam >= 0):
        raise ValueError(f"lam is {lam!r}, wants a finite number that is not negative")
    # In the network's own type, so that float32 stays float32.
    lam = np.asarray(lam, dtype=net.dtype)[()]
    on_b = 1 if biases else 0
    value = sum(lam * ((W**2).sum() + on_b * (b**2).sum()) for W, b in zip(net.W[1:], net.b[1:]))
    W = (None, *(2 * lam * W for W in net.W[1:]))
    b = (None, *(2 * lam * on_b * b for b in net.b[1:]))
    return value, Gradient(W, b)
