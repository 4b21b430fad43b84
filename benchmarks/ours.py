"""nnlib: the work spaces, their clear twins, and the limit, which is the matrix products alone.

A contestant is a function of nothing that returns what `parts` makes arrays of: a gradient or a Jacobian.
"""

import numpy as np

from nnlib import bptt, chain_rule, fast, gradient_backprop, index_backprop, jacobian
from nnlib.network import flatten, unflatten
from nnlib.optimizers import adam

STEPS = 20  # of Adam, in one call


def parts(result) -> list[np.ndarray]:
    """A result as arrays in the order W[1], b[1], W[2], ..."""
    if hasattr(result, "W"):
        return [part for pair in zip(result.W[1:], result.b[1:]) for part in pair]
    return [part.detach().numpy() if hasattr(part, "detach") else np.asarray(part) for part in result]


def mlp(p) -> dict:
    """Chapter 1's two ways beside chapter 2's; its graph has a node for every weight, so only where there are few."""
    work = fast.MLP(p.net, p.cost, p.B)
    ways = {
        "nnlib.fast": lambda: work(p.X, p.Y)[1],
        "nnlib, clear": lambda: index_backprop.matrix_gradient(p.net, p.X, p.Y, p.cost),
        "nnlib, layer by layer": lambda: chain_rule.mlp_backward(p.net, p.X, p.Y, p.cost).gradient,
    }
    if max(p.sizes) < 100:
        ways["nnlib, node by node"] = lambda: chain_rule.gradient(p.net, p.X, p.Y, p.cost)
    return ways


def recurrent(p) -> dict:
    work = fast.BPTT(p.rnn, p.cost, p.B, p.T)
    return {
        "nnlib.fast": lambda: work(p.X, p.Y)[1],
        "nnlib, clear": lambda: bptt.bptt(p.rnn, p.X, p.Y, p.cost),
    }


def slopes(p) -> dict:
    work = fast.Sobolev(p.net, p.B)
    return {
        "nnlib.fast": lambda: work(p.X, p.Y, p.dY_dx)[1],
        "nnlib, clear": lambda: gradient_backprop.sobolev_gradient(p.net, p.X, p.Y, p.dY_dx)[1],
    }


def parameter_jacobian(p) -> dict:
    work = fast.Jacobian(p.net, p.B)
    return {
        "nnlib.fast": lambda: work.parameters(p.X),
        "nnlib, clear": lambda: jacobian.parameters(p.net, p.X),
    }


def input_jacobian(p) -> dict:
    work = fast.Jacobian(p.net, p.B)
    return {
        "nnlib.fast": lambda: [work.inputs(p.X)],
        "nnlib, clear": lambda: [jacobian.inputs(p.net, p.X)],
    }


def training(p) -> dict:
    """STEPS steps of Adam on values and slopes, from the same start at every call; the parameters they end at."""
    work, start = fast.Sobolev(p.net, p.B), flatten(p.net)

    def in_place():
        np.copyto(work.theta, start)
        steps = fast.Adam(work.theta)
        for _ in range(STEPS):
            work(p.X, p.Y, p.dY_dx)
            steps.step(work.dC_dtheta)
        return [work.theta]

    def clear():
        theta, state, method = start, None, adam()
        for _ in range(STEPS):
            net = unflatten(p.net, theta)
            gradient = gradient_backprop.sobolev_gradient(net, p.X, p.Y, p.dY_dx)[1]
            step, state = method.step(flatten(gradient), state)
            theta = theta + step
        return [theta]

    return {"nnlib.fast": in_place, "nnlib, clear": clear}
