"""What chapter 2 quotes: the time of a gradient against its count, 36 ways to train on the digits, mistakes."""

import json
import os
import subprocess
import sys
import time
from itertools import product

import numpy as np

from nnlib import data, network
from nnlib.activations import tanh
from nnlib.costs import half_squared_error, softmax_cross_entropy
from nnlib.index_backprop import adjoints, from_adjoints, gradient, matrix_gradient
from nnlib.network import Network, forward
from nnlib.optimizers import gradient_descent, mini_batches, minimize, supervised
from tools.measurements import measurement

WIDTHS, BATCH, LAYERS = (64, 128, 256, 512), 256, 4
RATES, SIZES, SCALES = (0.001, 0.003, 0.01, 0.03), (8, 32, 128), (0, 1, 10)
EPOCHS = 20
LOOKED_AT = (0, 1, 2, 5, 10, 20, 40)  # epochs of the network whose mistakes are shown


def with_inputs(net: Network, X: np.ndarray, Y: np.ndarray) -> np.ndarray:
    """The gradient and dC/dX, as one program."""
    trace = forward(net, X)
    delta = adjoints(net, trace, half_squared_error.da(trace.a[net.L], Y))
    from_adjoints(trace, delta)
    return delta[1] @ net.W[1]


def best(programs: dict, rounds: int = 25) -> dict:
    """CPU milliseconds of each program, the best of several rounds taken in turn."""
    found = {name: float("inf") for name in programs}
    for _ in range(rounds):
        for name, program in programs.items():
            start = time.process_time()
            program()
            found[name] = min(found[name], 1e3 * (time.process_time() - start))
    return {name: float(f"{ms:.3g}") for name, ms in found.items()}


def cost_by_width() -> dict:
    """The times of `index_cost`, for one thread if the process was started so."""
    rows: dict = {"widths": WIDTHS, "batch": BATCH, "layers": LAYERS}
    rows |= {"forward": [], "gradient": [], "with dC/dX": []}
    for width in WIDTHS:
        rng = np.random.default_rng(0)
        net = network.init((width,) * (LAYERS + 1), tanh, rng)
        X, Y = rng.standard_normal((2, BATCH, width))
        programs = {
            "forward": lambda net=net, X=X: forward(net, X),
            "gradient": lambda net=net, X=X, Y=Y: matrix_gradient(net, X, Y, half_squared_error),
            "with dC/dX": lambda net=net, X=X, Y=Y: with_inputs(net, X, Y),
        }
        for name, ms in best(programs).items():
            rows[name].append(ms)
        if width == WIDTHS[0]:
            by_units = lambda net=net, X=X, Y=Y: gradient(net, X, Y, half_squared_error)  # noqa: E731
            rows |= best({"units": by_units}, rounds=3)
    return rows


@measurement
def index_cost() -> dict:
    """CPU milliseconds of the forward pass, the gradient, and the gradient with dC/dX, by matrices.

    Four layers of one width, 256 examples, float64, one thread, best of 25; "units": the gradient unit
    by unit at the smallest width, best of 3.
    """
    program = f"import json; from {__name__} import cost_by_width; print(json.dumps(cost_by_width()))"
    threads = dict.fromkeys(("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "OMP_NUM_THREADS"), "1")
    run = subprocess.run(
        [sys.executable, "-c", program], env=os.environ | threads, check=True, capture_output=True, text=True
    )
    return json.loads(run.stdout)


@measurement
def index_digits() -> dict:
    """Cost per training example and held-out errors in percent after each of 20 epochs on the digits.

    64-32-10, tanh, softmax cross-entropy, gradient descent on the summed cost of mini-batches; by
    learning rate, batch size and factor of the usual starting weights. Keys "eta, size, scale".
    """
    digits = data.digits()
    train, held = data.split(np.random.default_rng(0), 0.25, digits.X, digits.Y)
    return {"eta": RATES, "size": SIZES, "scale": SCALES, "epochs": EPOCHS} | {
        f"{eta}, {size}, {scale}": curves(train, held, eta, size, scale)
        for eta, size, scale in product(RATES, SIZES, SCALES)
    }


def curves(train: tuple, held: tuple, eta: float, size: int, scale: float) -> dict:
    """One training run, looked at before it and after every epoch."""
    start = network.init((64, 32, 10), tanh, np.random.default_rng(1))
    net = Network((None, *(scale * W for W in start.W[1:])), start.b, start.act)
    objective = supervised(matrix_gradient, softmax_cross_entropy)
    batches = mini_batches(objective, *train, size=size, rng=np.random.default_rng(2))
    steps = -(-len(train[0]) // size)
    cost, errors = [], []

    def look(n, C, net):
        if n % steps == 0:
            a, b = (forward(net, X).a[net.L] for X in (train[0], held[0]))
            cost.append(float(f"{softmax_cross_entropy.value(a, train[1]) / len(a):.4g}"))
            wrong = b.argmax(axis=1) != held[1].argmax(axis=1)
            errors.append(round(100 * float(wrong.mean()), 2))

    minimize(batches, net, gradient_descent(eta), steps * EPOCHS + 1, look)
    return {"cost": cost, "errors": errors}


@measurement
def index_digits_read() -> dict:
    """What the chapter's network reads on the held-out digits after some epochs, and how sure it is at the end.

    The run "0.01, 32, 1" of `index_digits`, continued to 40 epochs. "read": epoch to one character for each
    held-out digit; "probabilities" (in percent, of the ten digits): for the digits misread at the end.
    """
    digits = data.digits()
    train, held = data.split(np.random.default_rng(0), 0.25, digits.X, digits.Y)
    net = network.init((64, 32, 10), tanh, np.random.default_rng(1))
    objective = supervised(matrix_gradient, softmax_cross_entropy)
    batches = mini_batches(objective, *train, size=32, rng=np.random.default_rng(2))
    steps = -(-len(train[0]) // 32)
    read, outputs = {}, []

    def look(n, C, net):
        if n % steps == 0 and n // steps in LOOKED_AT:
            outputs.append(forward(net, held[0]).a[net.L])
            read[n // steps] = "".join(map(str, outputs[-1].argmax(axis=1)))

    minimize(batches, net, gradient_descent(0.01), steps * LOOKED_AT[-1] + 1, look)
    logits = outputs[-1][outputs[-1].argmax(axis=1) != held[1].argmax(axis=1)]
    shifted = np.exp(logits - logits.max(axis=1, keepdims=True))
    probabilities = 100 * shifted / shifted.sum(axis=1, keepdims=True)
    rows = [" ".join(f"{percent:.2f}" for percent in row) for row in probabilities]
    return {"read": read, "probabilities": rows}
