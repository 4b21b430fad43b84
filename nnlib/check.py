"""Independent derivatives by numbers: the complex step, central differences, and how far two gradients differ."""

from __future__ import annotations

import numpy as np

from nnlib.network import Gradient, Network, flatten, forward, unflatten


def complex_step(f, x) -> np.ndarray:
    """The derivative of an analytic f at x, free of cancellation: Im f(x + ih) / h with h = 1e-30.

    f takes an array of x's shape and returns a number or an array; the result has the shape of
    f(x) followed by that of x. Book: eq-index-complex-step. Source: Squire & Trapp 1998.
    """
    h = 1e-30
    x = np.asarray(x, dtype=np.complex128)
    return _entry_by_entry(x, lambda e: np.imag(f(x + 1j * h * e)) / h)


def central_difference(f, x, h: float = 1e-6) -> np.ndarray:
    """The derivative of f at x by (f(x + h) - f(x - h)) / 2h, entry by entry.

    Shapes as for `complex_step`; error about h^2 + 1e-16/h. Book: eq-index-central-difference.
    """
    x = np.asarray(x, dtype=np.float64)
    return _entry_by_entry(x, lambda e: (np.asarray(f(x + h * e)) - np.asarray(f(x - h * e))) / (2 * h))


def _entry_by_entry(x: np.ndarray, along) -> np.ndarray:
    """Stack along(e) over the unit arrays e of x's shape, the axes of x last."""
    columns = []
    for index in np.ndindex(x.shape):
        e = np.zeros(x.shape)
        e[index] = 1
        columns.append(np.asarray(along(e)))
    return np.stack(columns, axis=-1).reshape((*columns[0].shape, *x.shape))


def agreement(g, h) -> float:
    """How far two gradients differ, relative to the second: max|g - h| / max|h| over the whole gradient.

    Takes Gradients, dictionaries of the same keys, sequences or arrays. Two zero gradients agree (0.0); against a
    zero h anything else is infinitely far. Raises ValueError for different shapes and for NaN.
    """
    g, h = _vector(g), _vector(h)
    if g.shape != h.shape:
        raise ValueError(f"g has {g.size} entries, h has {h.size}: they cannot be compared")
    if np.isnan(g).any() or np.isnan(h).any():
        raise ValueError("NaN among the entries: nothing agrees with it")
    largest, difference = np.abs(h).max(), np.abs(g - h).max()
    if largest == 0:
        return 0.0 if difference == 0 else float("inf")
    return float(difference / largest)


def _vector(gradient) -> np.ndarray:
    if isinstance(gradient, Gradient):
        return flatten(gradient)
    if isinstance(gradient, dict):
        gradient = [gradient[key] for key in sorted(gradient, key=repr)]
    if isinstance(gradient, (list, tuple)):
        return np.concatenate([np.ravel(part) for part in gradient if part is not None])
    return np.ravel(np.asarray(gradient))


def gradient_error(net: Network, X, Y, cost, gradient) -> float:
    """The disagreement of ``gradient(net, X, Y, cost)`` with the complex step of the forward pass.

    `gradient` is any function of the one signature. Needs activations and a cost that are analytic
    where they are evaluated. Book: eq-index-complex-step.
    """
    X, Y = np.asarray(X), np.asarray(Y)

    def total_cost(theta):
        return cost.value(forward(unflatten(net, theta), X).a[net.L], Y)

    return agreement(gradient(net, X, Y, cost), complex_step(total_cost, flatten(net)))


class Counted:
    """A scalar without a value that counts the additions, subtractions, multiplications and negations made.

    Adding a plain 0, with which one version of numpy starts a sum and another does not, is no operation.
    """

    made = 0

    def _count(self, *other):
        Counted.made += 1
        return self

    def _add(self, other):
        return self if isinstance(other, int) and other == 0 else self._count(other)

    __add__ = __radd__ = _add
    __sub__ = __rsub__ = __mul__ = __rmul__ = __neg__ = _count


def operations(function, *arguments) -> int:
    """How many operations function(*arguments) makes with `Counted` scalars. Book: eq-chain-cheap, eq-chain-modes."""
    before = Counted.made
    function(*arguments)
    return Counted.made - before
