"""How times grow: recursion with the depth, RTRL and BPTT with the width of the state."""

from functools import partial

import numpy as np

from benchmarks.problems import Recurrent
from nnlib import bptt, costs, fast, index_backprop, network, recursive
from nnlib.activations import tanh
from tools.measurements import cpu_seconds

DEPTHS, STATES = (2, 3, 4, 5, 6), (8, 16, 32, 48)


def recursion() -> dict:
    """Seconds at width 4: one output's derivative by one weight of layer 1; by all of them; one cost's gradient."""
    found: dict = {}
    for L in DEPTHS:
        net = network.init((4,) * (L + 1), tanh, np.random.default_rng(0))
        X, Y = np.ones((1, 4)), np.zeros((1, 4))
        ways = {m: partial(recursive.da_dW, net, X[0], L, 0, 1, 0, 0, m) for m in recursive.METHODS}
        ways["matrices"] = partial(recursive.matrices, net, X[0], 1)
        ways["reverse"] = partial(index_backprop.matrix_gradient, net, X, Y, costs.squared_error)
        for name, seconds in cpu_seconds(ways, 3).items():
            found.setdefault(name, []).append(seconds)
    return {"depth": list(DEPTHS), "seconds": found}


def through_time() -> dict:
    """Seconds for one gradient, 16 sequences of 20 steps."""
    found: dict = {}
    for H in STATES:
        p = Recurrent(H, 20)
        work = fast.BPTT(p.rnn, p.cost, p.B, p.T)
        ways = {
            "RTRL": partial(bptt.rtrl, p.rnn, p.X, p.Y, p.cost),
            "BPTT": partial(bptt.bptt, p.rnn, p.X, p.Y, p.cost),
            "fast.BPTT": partial(work, p.X, p.Y),
        }
        for name, seconds in cpu_seconds(ways, 3).items():
            found.setdefault(name, []).append(seconds)
    return {"state": list(STATES), "seconds": found}
