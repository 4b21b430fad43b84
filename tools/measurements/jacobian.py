"""What chapter 4 shows beside its counts: seconds for Jacobians, their products, Hessian products, fits."""

import time
import timeit

import numpy as np

from nnlib import index_backprop, jacobian, network
from nnlib.activations import tanh
from nnlib.costs import half_squared_error
from nnlib.network import Gradient, Network, flatten, split_layers
from tools.measurements import measurement


def problem(*sizes: int, B: int) -> tuple[Network, np.ndarray, np.ndarray]:
    """A tanh network, B examples and their targets."""
    rng = np.random.default_rng(0)
    net = network.init(sizes, tanh, rng)
    return net, rng.standard_normal((B, sizes[0])), rng.standard_normal((B, sizes[-1]))


def direction(net: Network) -> Gradient:
    return Gradient(*split_layers(net, np.random.default_rng(1).standard_normal(flatten(net).size)))


def rounds(functions: dict, number: int = 15) -> dict[str, list[float]]:
    """Seconds for one call of each function, `number` times, taken in turn: a busy moment meets all alike."""
    timers = {key: timeit.Timer(function, timer=time.process_time) for key, function in functions.items()}
    calls = {key: max(1, round(0.03 / timer.timeit(1))) for key, timer in timers.items()}
    taken: dict = {key: [] for key in timers}
    for _ in range(number):
        for key, timer in timers.items():
            taken[key].append(timer.timeit(calls[key]) / calls[key])
    return taken


def three_digits(value: float) -> float:
    return float(f"{value:.3g}")


@measurement
def jacobian_times() -> dict:
    """CPU milliseconds, best of 9, for 32 examples and tanh 64-30-30-10 (3,190 parameters, 10 outputs).

    The whole Jacobian by the parameters in four ways, and for comparison one gradient of a cost.
    """
    net, X, Y = problem(64, 30, 30, 10, B=32)
    units = [Gradient(*split_layers(net, e)) for e in np.eye(flatten(net).size)]
    rows = [(n, q) for n in range(len(X)) for q in range(10)]

    def backward() -> None:
        for n, q in rows:
            jacobian.vjp(net, X[n : n + 1], np.eye(10)[q : q + 1])

    ways = {
        "one gradient": lambda: index_backprop.matrix_gradient(net, X, Y, half_squared_error),
        "the factors D and a": lambda: jacobian.layer_jacobians(net, X),
        "written out": lambda: jacobian.parameters(net, X).matrix(),
        "row by row, 320 vjp": backward,
        "column by column, 3190 jvp": lambda: [jacobian.jvp(net, X, V) for V in units],
    }
    return {name: three_digits(1e3 * min(taken)) for name, taken in rounds(ways, 9).items()}


@measurement
def jacobian_hvp() -> dict:
    """CPU seconds of one Hessian-vector product over those of one gradient, tanh w-w-w-w, 64 examples.

    Both measured in turn, 15 rounds; the median of the rounds' quotients, by width w.
    """
    widths, quotients, milliseconds = [10, 30, 100, 300, 600], [], []
    for width in widths:
        net, X, Y = problem(*[width] * 4, B=64)
        V = direction(net)
        taken = rounds({
            "gradient": lambda: index_backprop.matrix_gradient(net, X, Y, half_squared_error),  # noqa: B023
            "hvp": lambda: jacobian.hvp(net, X, Y, half_squared_error, V),  # noqa: B023
        })  # fmt: skip
        quotients.append(three_digits(np.median(np.divide(taken["hvp"], taken["gradient"]))))
        milliseconds.append(three_digits(1e3 * min(taken["gradient"])))
    return {"width": widths, "hvp over gradient": quotients, "gradient in ms": milliseconds}


@measurement
def jacobian_fit() -> dict:
    """CPU milliseconds, best of 9, of one step's linear algebra, tanh 1-w-1, 200 examples, by parameters P.

    A gradient by backpropagation; the Jacobian written out; the damped least-squares problem of one
    Levenberg-Marquardt step, solved.
    """
    parameters, milliseconds = [], {"gradient": [], "Jacobian": [], "solve": []}
    for width in (6, 20, 60, 200):
        net, X, Y = problem(1, width, 1, B=200)
        J = jacobian.parameters(net, X).matrix()[:, 0]
        stacked, right = np.concatenate([J, np.eye(J.shape[1])]), np.ones(sum(J.shape))
        taken = rounds({
            "gradient": lambda: index_backprop.matrix_gradient(net, X, Y, half_squared_error),  # noqa: B023
            "Jacobian": lambda: jacobian.parameters(net, X).matrix(),  # noqa: B023
            "solve": lambda: np.linalg.lstsq(stacked, right, rcond=None),  # noqa: B023
        }, 9)  # fmt: skip
        parameters.append(J.shape[1])
        for name, times in milliseconds.items():
            times.append(three_digits(1e3 * min(taken[name])))
    return {"parameters": parameters, "milliseconds": milliseconds}
