"""Activations and costs that write into arrays that are there already.

For tanh and sigmoid the derivatives are functions of a alone: f' = 1 - a^2 and a (1 - a). So a may overwrite z,
and no second exponential is taken. The price is the relative accuracy of f' where the activation saturates
(beyond |z| = 19 it is 0, and 4e-17 in the clear form); its absolute accuracy stays.
"""

from __future__ import annotations

import numpy as np

from nnlib import activations, costs
from nnlib.activations import Activation
from nnlib.costs import Cost
from nnlib.fast.table import table_tanh


class Elementwise:
    """One layer's activation: a = f(z), f' and its bend, into given arrays of one shape.

    With `from_a`, a may overwrite z, and the bend is f''/f', a function of a; without, the bend is f''.
    This class serves any activation, by calling it (which makes arrays); its heirs make none.
    """

    from_a = False

    def __init__(self, act: Activation, shape: tuple, dtype) -> None:
        self.act = act

    def f(self, z: np.ndarray, a: np.ndarray) -> None:
        np.copyto(a, self.act.f(z))

    def df(self, z: np.ndarray, a: np.ndarray, out: np.ndarray) -> None:
        np.copyto(out, self.act.df(z))

    def bend(self, z: np.ndarray, a: np.ndarray, out: np.ndarray) -> None:
        np.copyto(out, self.act.derivative(2)(z))


class Tanh(Elementwise):
    from_a = True

    def __init__(self, act: Activation, shape: tuple, dtype) -> None:
        self.tanh = table_tanh(shape, dtype) or np.tanh

    def f(self, z, a):
        self.tanh(z, a)

    def df(self, z, a, out):
        np.multiply(a, a, out)
        np.subtract(1, out, out)

    def bend(self, z, a, out):
        np.multiply(a, -2, out)


class Sigmoid(Tanh):
    """sigmoid(z) = (1 + tanh(z/2)) / 2, which overflows nowhere."""

    def f(self, z, a):
        np.multiply(z, 0.5, a)
        self.tanh(a, a)
        np.add(a, 1, a)
        np.multiply(a, 0.5, a)

    def df(self, z, a, out):
        np.multiply(a, a, out)
        np.subtract(a, out, out)

    def bend(self, z, a, out):
        np.multiply(a, -2, out)
        np.add(out, 1, out)


class ReLU(Elementwise):
    def f(self, z, a):
        np.maximum(z, 0, out=a)

    def df(self, z, a, out):
        np.heaviside(z, 1, out)  # f'(0) = 1, as in nnlib.activations

    def bend(self, z, a, out):
        out.fill(0)


class Sine(Elementwise):
    def f(self, z, a):
        np.sin(z, a)

    def df(self, z, a, out):
        np.cos(z, out)

    def bend(self, z, a, out):
        np.negative(a, out)


class Identity(Elementwise):
    """f' = 1: nobody multiplies by it."""

    from_a = True

    def f(self, z, a):
        pass


_IN_PLACE = {
    id(activations.tanh): Tanh,
    id(activations.sigmoid): Sigmoid,
    id(activations.relu): ReLU,
    id(activations.sine): Sine,
    id(activations.identity): Identity,
}


def elementwise(act: Activation, shape: tuple, dtype) -> Elementwise:
    """The activation on arrays of that shape, in place if we know how."""
    return _IN_PLACE.get(id(act), Elementwise)(act, shape, dtype)


_FACTORS = {  # C = factor * sum (a - Y)^2, as a function of n_L
    id(costs.squared_error): lambda n: 1.0,
    id(costs.half_squared_error): lambda n: 0.5,
    id(costs.mean_squared_error): lambda n: 1.0 / n,
}


class AnyCost:
    """(C, dC/da written to `out`) of outputs a (B, n_L) and targets Y. This class calls any cost."""

    def __init__(self, cost: Cost, shape: tuple, dtype) -> None:
        self.cost = cost

    def __call__(self, a: np.ndarray, Y: np.ndarray, out: np.ndarray):
        np.copyto(out, self.cost.da(a, Y))
        return self.cost.value(a, Y)


class SquaredError(AnyCost):
    def __init__(self, cost: Cost, shape: tuple, dtype) -> None:
        self.factor = _FACTORS[id(cost)](shape[1])

    def __call__(self, a, Y, out):
        np.subtract(a, Y, out)
        C = self.factor * np.vdot(out, out)
        if self.factor != 0.5:
            np.multiply(out, 2 * self.factor, out)
        return C


class CrossEntropy(AnyCost):
    """log softmax(a) = a - max a - log S with S the sum of exp(a - max a), taken once for value and derivative."""

    def __init__(self, cost: Cost, shape: tuple, dtype) -> None:
        self.shifted, self.spread = np.empty((2, *shape), dtype)
        self.row, self.total = np.empty((2, shape[0], 1), dtype)

    def __call__(self, a, Y, out):
        row, total, shifted, spread = self.row, self.total, self.shifted, self.spread
        np.maximum.reduce(a, axis=1, out=row, keepdims=True)
        np.copyto(spread, row)
        np.subtract(a, spread, shifted)
        C = -np.vdot(Y, shifted)
        np.exp(shifted, out)
        np.add.reduce(out, axis=1, out=row, keepdims=True)
        np.add.reduce(Y, axis=1, out=total, keepdims=True)
        np.divide(total, row, row)
        np.copyto(spread, row)
        np.multiply(out, spread, out)
        np.subtract(out, Y, out)
        np.divide(total, row, row)
        np.log(row, row)
        return C + np.vdot(total, row)


def in_place_cost(cost: Cost, shape: tuple, dtype) -> AnyCost:
    """The cost of outputs of that shape, in place if we know how."""
    if not isinstance(cost, Cost):
        raise ValueError(f"cost wants a Cost, got {cost!r}")
    known = (
        SquaredError
        if id(cost) in _FACTORS
        else CrossEntropy
        if cost is costs.softmax_cross_entropy
        else AnyCost
    )
    return known(cost, shape, dtype)
