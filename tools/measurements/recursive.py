"""What chapter 3 plots beside its counts: seconds for one derivative, one layer, one gradient, by depth."""

import numpy as np

from nnlib import index_backprop, network, recursive
from nnlib.activations import tanh
from nnlib.costs import mean_squared_error
from nnlib.network import Network
from tools.measurements import cpu_seconds, measurement

LAYERS = tuple(range(1, 11))


def problem(width: int, layers: int) -> tuple[Network, np.ndarray, np.ndarray]:
    """A tanh network of one width, an example and its target, each a batch of one row."""
    rng = np.random.default_rng(0)
    net = network.init((width,) * (layers + 1), tanh, rng)
    return net, rng.standard_normal((1, width)), rng.standard_normal((1, width))


def programs(net: Network, X: np.ndarray, Y: np.ndarray) -> dict:
    """Each method's program for a weight of layer 1, or for all; every one runs its own forward pass."""
    one = {
        method: lambda method=method: recursive.da_dW(net, X[0], net.L, 0, 1, 0, 0, method)
        for method in recursive.METHODS
    }
    return one | {
        "matrices": lambda: recursive.unit_matrices(net, X[0], 1),
        "tensor": lambda: recursive.matrices(net, X[0], 1),
        "reverse": lambda: index_backprop.matrix_gradient(net, X, Y, mean_squared_error),
    }


def each_weight(net: Network, X: np.ndarray, Y: np.ndarray, method: str) -> float:
    """The sum over outputs and weights of dC/da_q times da_q/dW: the work of a gradient, weight by weight."""
    seed = mean_squared_error.da(network.forward(net, X).a[net.L], Y)[0]
    return sum(
        seed[q] * recursive.da_dW(net, X[0], net.L, q, k, j, i, method)
        for k in range(1, net.L + 1)
        for q, j, i in np.ndindex(net.sizes[net.L], net.sizes[k], net.sizes[k - 1] + 1)
    )


def each_layer(net: Network, X: np.ndarray, Y: np.ndarray) -> list[np.ndarray]:
    """The gradient layer by layer, from 001's matrices unit by unit."""
    seed = mean_squared_error.da(network.forward(net, X).a[net.L], Y)[0]
    return [
        sum(factor * A for factor, A in zip(seed, recursive.unit_matrices(net, X[0], k)))
        for k in range(1, net.L + 1)
    ]


@measurement
def recursive_times() -> dict:
    """CPU seconds for one run of six programs in tanh networks of 1 to 10 layers, all of one width (2, 3, 4).

    naive, shortcut, memo: one output by one weight of layer 1; matrices, tensor: all outputs by all
    weights of layer 1; reverse: one cost by all parameters. Each with its forward pass; best of 9 rounds.
    """
    runs = {
        (width, layers, name): program
        for width in (2, 3, 4)
        for layers in LAYERS
        for name, program in programs(*problem(width, layers)).items()
    }
    seconds = cpu_seconds(runs)
    times: dict = {"layers": LAYERS}
    for width, _, name in runs:
        curves = times.setdefault(str(width), {})
        curves[name] = [seconds[width, layers, name] for layers in LAYERS]
    return times


@measurement
def recursive_gradients() -> dict:
    """CPU seconds for the whole gradient of one cost, tanh networks of 1 to 7 layers of width 3.

    naive, shortcut, memo: `da_dW` for every output and weight, each with its forward pass; matrices and
    tensor: layer by layer; reverse: backpropagation. Best of 9 rounds.
    """
    layers = LAYERS[:7]
    runs = {}
    for n in layers:
        given = problem(3, n)
        for method in recursive.METHODS:
            runs[method, n] = lambda given=given, method=method: each_weight(*given, method)
        runs["matrices", n] = lambda given=given: each_layer(*given)
        runs["tensor", n] = lambda given=given: recursive.gradient(*given, mean_squared_error)
        runs["reverse", n] = lambda given=given: index_backprop.matrix_gradient(*given, mean_squared_error)
    seconds = cpu_seconds(runs)
    curves = {name: [seconds[name, n] for n in layers] for name, _ in runs}
    return {"layers": layers, "width": 3} | curves
