"""Figures of chapter 6's further pages: two equations in the plane, and the cost of the two directions."""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

import numpy as np

from nnlib import network
from nnlib.activations import tanh
from nnlib.figures.words import say
from nnlib.gradient_backprop import Residual, residual_jacobian
from nnlib.network import Network, init
from nnlib.optimizers import levenberg_marquardt

# ---- u_t + u_x = 0 and u_t + u u_x = 0 ----


class Problem(NamedTuple):
    """An equation, its solution u(X) (B,), the last time, and the network and steps that solve it."""

    equation: Residual
    solution: object
    end: float
    sizes: tuple
    steps: int


def wave(X: np.ndarray) -> np.ndarray:
    """sin pi (x - t): the profile sin pi x, carried at speed 1."""
    return np.sin(np.pi * (X[:, 0] - X[:, 1]))


def steepening(X: np.ndarray) -> np.ndarray:
    """Burgers before the shock at t = 1/pi: -sin pi s, where s + t (-sin pi s) = x, by bisection."""
    low, high = -np.ones(len(X)), np.ones(len(X))
    for _ in range(60):
        middle = (low + high) / 2
        left = middle - np.sin(np.pi * middle) * X[:, 1] < X[:, 0]
        low, high = np.where(left, middle, low), np.where(left, high, middle)
    return -np.sin(np.pi * low)


def _slopes(by_x, by_t) -> np.ndarray:
    return np.stack([by_x, by_t], axis=-1)[:, None, :]


ADVECTION = Residual(
    lambda X, a, J: J[:, 0, 1] + J[:, 0, 0],
    lambda X, a, J: 0 * a,
    lambda X, a, J: np.ones_like(J),
)
BURGERS = Residual(
    lambda X, a, J: J[:, 0, 1] + a[:, 0] * J[:, 0, 0],
    lambda X, a, J: J[:, 0, :1],
    lambda X, a, J: _slopes(a[:, 0], np.ones(len(a))),
)
PROBLEMS = {
    "advection": Problem(ADVECTION, wave, 1.0, (2, 8, 8, 1), 60),
    "Burgers": Problem(BURGERS, steepening, 0.2, (2, 10, 10, 1), 150),
}


def grid(x, t) -> np.ndarray:
    """All pairs (x, t), one a row, x running fastest."""
    return np.stack([part.ravel() for part in np.meshgrid(x, t)], axis=1)


def given(Y: np.ndarray) -> Residual:
    """The residual a - Y of known values Y (B,), as an equation of its own."""
    return Residual(lambda X, a, J: a[:, 0] - Y, lambda X, a, J: np.ones_like(a), lambda X, a, J: 0 * J)


@cache
def solved(equation: str) -> Network:
    """The network that Levenberg-Marquardt finds from the equation inside and the values at its edges."""
    problem, x = PROBLEMS[equation], np.linspace(-1, 1, 41)
    t = np.linspace(0, problem.end, 11)
    sides = [-1] if equation == "advection" else [-1, 1]  # the wave leaves at 1
    inside, edges = grid(x[::2], t), np.concatenate([grid(x, [0]), grid(sides, t)])
    if equation == "Burgers":
        inside = grid(x, t)
    parts = [(inside, problem.equation), (edges, given(problem.solution(edges)))]

    def residuals(net):
        pairs = [(residual_jacobian(net, X, F), np.sqrt(len(X))) for X, F in parts]
        return np.concatenate([r / s for (r, _), s in pairs]), np.concatenate([d / s for (_, d), s in pairs])

    start = init(problem.sizes, tanh, np.random.default_rng(0))
    return levenberg_marquardt(residuals, start, problem.steps)[0]


def plane(equation: str, show: str) -> dict:
    """The network's solution, or the size of its error, over the plane of x and t."""
    problem, x = PROBLEMS[equation], np.linspace(-1, 1, 41)
    t = np.linspace(0, problem.end, 21)
    X, net = grid(x, t), solved(equation)
    u = network.forward(net, X).a[net.L][:, 0]
    error = np.abs(u - problem.solution(X))
    z = u if show == "solution" else error
    columns, rows = [list(map(say, values)) for values in (x, t)]
    return {
        "data": [
            {"type": "heatmap", "x": columns, "y": rows, "z": z.reshape(21, 41), "name": show,
             "zmin": -1 if show == "solution" else 0, "zmax": 1 if show == "solution" else error.max(),
             "meta": {"role": "value"}},
        ],
        "layout": {
            "height": 400,
            "xaxis": {"title": {"text": "x"}, "tickvals": columns[::10]},
            "yaxis": {"title": {"text": "t"}, "tickvals": rows[::10]},
        },
        "meta": {
            "alt": "A map over x from left to right and t from below to above. The solution of the advection "
            "equation shows straight slanted bands; that of Burgers' equation bands that close in on x = 0. "
            "The error of Burgers' equation is largest near x = 0, where the solution is steepest.",
            "sentence": f"{equation[0].upper()}{equation[1:]}, {show} of the network: largest error {error.max():.1g}.",
        },
    }  # fmt: skip


# ---- forward slope against reverse slope ----


def lanes(outputs: int, measured: dict) -> dict:
    """Times of one gradient by lanes for the inputs and for the outputs, against n_0, beside what is counted."""
    n_0 = measured["inputs"]
    times = measured[f"outputs_{outputs}"]
    counted = np.array([3 * (1 + n) for n in n_0], dtype=float), np.full(len(n_0), 3 * (1 + outputs))
    return {
        "data": [
            _points(n_0, times["by inputs"], "a lane for each input, measured", "value"),
            _points(n_0, times["by outputs"], "a lane for each output, measured", "gradient"),
            _points(n_0, counted[0] / 3, "inputs, counted", "neutral", mode="lines"),
            _points(n_0, counted[1] / 3, "outputs, counted", "third", mode="lines"),
        ],
        "layout": {
            "height": 380,
            "xaxis": {"type": "log", "title": {"text": "inputs"}, "tickvals": n_0, "ticktext": [str(n) for n in n_0]},
            "yaxis": {"type": "log", "title": {"text": "ordinary gradients"}},
        },
        "meta": {
            "alt": "The cost of one gradient of slopes, in ordinary gradients, against the number of inputs, both "
            "logarithmic. With a lane for each input it rises; with a lane for each output it is level. The lines "
            "cross where the numbers of inputs and outputs are equal.",
            "sentence": f"Outputs: {outputs}. The counted lines cross where the number of inputs is {outputs}.",
        },
    }  # fmt: skip


def _points(x, y, name: str, role: str, mode: str = "lines+markers") -> dict:
    return {"type": "scatter", "mode": mode, "x": x, "y": y, "name": name, "meta": {"role": role}}
