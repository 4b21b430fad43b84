"""What checks are made of: sizes that differ, numbers away from zero, derivatives by numbers."""

from __future__ import annotations

import numpy as np

from nnlib.check import complex_step
from nnlib.network import Gradient, Network, flatten, split_layers


def sizes(rng: np.random.Generator, count: int) -> list[int]:
    """Pairwise different sizes from 2 to 6, so that no shape fits by accident."""
    return [int(n) for n in rng.permutation(np.arange(2, 7))[:count]]


def numbers(rng: np.random.Generator, *shape: int):
    """Numbers of either sign between 0.2 and 1.2: far from kinks, and no factor that is nearly zero or one."""
    sign = rng.choice([-1.0, 1.0], shape)
    return sign * rng.uniform(0.2, 1.2, shape)


def slope(f, x):
    """The derivative of f at x by the complex step, f(x)'s axes first; a number if both are."""
    if isinstance(x, float):  # the same step, without arrays: formulas are checked at many points
        return np.imag(f(x + 1e-30j)) / 1e-30
    return complex_step(f, x)[()]


def network(rng: np.random.Generator, sizes, act="tanh", out="identity") -> Network:
    """A network with biases that are not zero."""
    L = len(sizes) - 1
    W = (None, *(numbers(rng, n, m) for m, n in zip(sizes, sizes[1:])))
    b = (None, *(numbers(rng, n) for n in sizes[1:]))
    return Network(W, b, (None, *[act] * (L - 1), out))


def cost_gradient(net: Network, X, Y, cost) -> Gradient:
    """The gradient of the cost by all parameters, from the forward pass alone: all complex steps at once."""
    theta = flatten(net)
    W, b = split_layers(net, theta + 1e-30j * np.eye(theta.size))
    a = X
    for l in range(1, net.L + 1):
        a = net.act[l].f(a @ W[l].swapaxes(1, 2) + b[l][:, None])
    return Gradient(*split_layers(net, np.array([np.imag(cost.value(one, Y)) / 1e-30 for one in a])))
