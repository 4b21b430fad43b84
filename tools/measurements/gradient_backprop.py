"""What chapter 6 shows beside its counts: one gradient of slopes with lanes for inputs and for outputs."""

import os
import timeit
from functools import partial

import numpy as np

from nnlib import double_backprop, gradient_backprop, index_backprop, network
from nnlib.activations import tanh
from nnlib.costs import squared_error
from tools.measurements import measurement

INPUTS = (1, 2, 4, 8, 16, 32)
OUTPUTS = (1, 8)
HIDDEN, B, ROUNDS = 64, 64, 60


def by_inputs(net, X, u, v):
    trace = gradient_backprop.forward(net, X)
    return gradient_backprop.parameter_gradient(net, trace, gradient_backprop.backward(net, trace, u, v))


def by_outputs(net, X, u, v):
    return double_backprop.gradient(net, double_backprop.slopes(net, X), u, v)


def programs(n_0: int, n_L: int) -> dict:
    """The three programs for one size, each a function without arguments."""
    rng = np.random.default_rng(0)
    net = network.init((n_0, HIDDEN, HIDDEN, n_L), tanh, rng)
    X, Y, v = (rng.standard_normal((B, *shape)) for shape in ((n_0,), (n_L,), (n_L, n_0)))
    return {
        "ordinary": partial(index_backprop.matrix_gradient, net, X, Y, squared_error),
        "by inputs": partial(by_inputs, net, X, Y, v),
        "by outputs": partial(by_outputs, net, X, Y, v),
    }


@measurement
def gradient_directions() -> dict:
    """One gradient of a cost of slopes, in ordinary gradients: networks n_0-64-64-n_L, tanh, 64 examples."""
    run = {(n_L, n_0): programs(n_0, n_L) for n_L in OUTPUTS for n_0 in INPUTS}
    best = {size: dict.fromkeys(ways, np.inf) for size, ways in run.items()}
    # Round after round over all sizes: other work on the machine, which comes and goes, meets them alike.
    for _ in range(ROUNDS):
        for size, ways in run.items():
            for name, way in ways.items():
                best[size][name] = min(best[size][name], timeit.timeit(way, number=2))
    result = {"inputs": list(INPUTS), "hidden": HIDDEN, "batch": B}
    result["threads"] = os.environ.get("OPENBLAS_NUM_THREADS", "all")
    for n_L in OUTPUTS:
        result[f"outputs_{n_L}"] = {
            name: [float(f"{best[n_L, n_0][name] / best[n_L, n_0]['ordinary']:.3g}") for n_0 in INPUTS]
            for name in ("by inputs", "by outputs")
        }
    return result
