"""What the page six-ways quotes: how far six gradients of one network differ, and how long each takes."""

import time

import numpy as np

from nnlib import bptt, chain_rule, gradient_backprop, index_backprop, jacobian, network, recursive
from nnlib.activations import tanh
from nnlib.check import agreement
from nnlib.costs import squared_error
from nnlib.network import flatten
from tools.measurements import measurement

WAYS = (chain_rule, index_backprop, recursive, jacobian, bptt, gradient_backprop)


@measurement
def six_ways() -> dict:
    """Largest pairwise disagreement and median times of six gradients, sizes 8-16-16-4, 32 examples, one process."""
    rng = np.random.default_rng(0)
    net = network.init((8, 16, 16, 4), tanh, rng)
    X, Y = rng.standard_normal((32, 8)), rng.standard_normal((32, 4))
    found = {way.__name__.removeprefix("nnlib."): way.gradient(net, X, Y, squared_error) for way in WAYS}
    largest = max(agreement(flatten(g), flatten(h)) for g in found.values() for h in found.values())
    milliseconds = {name: [] for name in found}
    for _ in range(15):
        for way in WAYS:
            start = time.perf_counter()
            way.gradient(net, X, Y, squared_error)
            milliseconds[way.__name__.removeprefix("nnlib.")].append(1e3 * (time.perf_counter() - start))
    return {
        "largest_disagreement": largest,
        "milliseconds": {name: round(float(np.median(times)), 3) for name, times in milliseconds.items()},
    }
