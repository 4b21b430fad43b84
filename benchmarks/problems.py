"""What the rows compute, as data: a network, its inputs and targets, with no word about who computes it."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from nnlib import costs, network
from nnlib.activations import tanh
from nnlib.bptt import RNN
from nnlib.network import Network


def numbered(net: Network, dtype) -> Network:
    """The network in another float width."""
    return Network(*((None, *(p.astype(dtype) for p in of[1:])) for of in (net.W, net.b)), net.act)


@dataclass(frozen=True)
class Layered:
    """A tanh network, a batch and its targets; with `classes` the targets are one-hot and the cost cross-entropy."""

    sizes: tuple
    B: int
    dtype: type = np.float64
    classes: bool = False

    def __post_init__(self):
        rng = np.random.default_rng(0)
        n_0, n_L = self.sizes[0], self.sizes[-1]
        net = numbered(network.init(self.sizes, tanh, rng), self.dtype)
        Y = np.eye(n_L)[rng.integers(0, n_L, self.B)] if self.classes else rng.standard_normal((self.B, n_L))
        made = {
            "net": net,
            "X": rng.standard_normal((self.B, n_0)).astype(self.dtype),
            "Y": Y.astype(self.dtype),
            "cost": costs.softmax_cross_entropy if self.classes else costs.half_squared_error,
            "layers": [(W, b) for W, b in zip(net.W[1:], net.b[1:])],
        }
        for name, value in made.items():
            object.__setattr__(self, name, value)

    @cached_property
    def dY_dx(self) -> np.ndarray:
        """Targets for the slopes, (B, n_L, n_0): made where they are asked for, since they may be large."""
        shape = (self.B, self.sizes[-1], self.sizes[0])
        return np.random.default_rng(1).standard_normal(shape).astype(self.dtype)


@dataclass(frozen=True)
class Recurrent:
    """s(n) = tanh(W [x(n); s(n-1)] + b) with H units, of which the first 8 are the output; 8 inputs, 16 sequences."""

    H: int
    T: int
    dtype: type = np.float64
    B: int = 16
    n_x: int = 8
    n_y: int = 8

    def __post_init__(self):
        rng = np.random.default_rng(0)
        cell = numbered(network.init((self.n_x + self.H, self.H), tanh, rng, tanh), self.dtype)
        made = {
            "rnn": RNN(cell, self.n_y, self.H),
            "X": rng.standard_normal((self.B, self.T, self.n_x)).astype(self.dtype),
            "Y": rng.standard_normal((self.B, self.T, self.n_y)).astype(self.dtype),
            "cost": costs.half_squared_error,
            "W": cell.W[1],
            "b": cell.b[1],
        }
        for name, value in made.items():
            object.__setattr__(self, name, value)
