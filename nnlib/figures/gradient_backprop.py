"""Figures of chapter 6: the paths of a slope's derivatives; dy/dx = 1/x by three methods and with each slip."""

from __future__ import annotations

from functools import cache

import numpy as np

from nnlib.activations import tanh
from nnlib.gradient_backprop import (
    Residual,
    backward,
    forward,
    parameter_gradient,
    residual_jacobian,
    sobolev_gradient,
)
from nnlib.network import Gradient, Network, init
from nnlib.optimizers import adam, gradient_descent, levenberg_marquardt, minimize

X = np.linspace(0.5, 5, 64)[:, None]  # the points where the equation is asked for
GRADIENTS = ("right", "no factor 2", "one term", "delta dropped")
METHODS = {"gradient descent": gradient_descent(0.03), "Adam": adam(0.01)}
CHECKPOINTS = (0, 10, 30, 100, 300, 1000)
WIDE = np.linspace(0.2, 10, 99)[:, None]  # what the figure shows: beyond the points on both sides


def equation_gradient(net: Network, X: np.ndarray, variant: str) -> tuple[np.ndarray, Gradient]:
    """(C, gradient) of C = mean (J - 1/x)^2, with one of 000's slips if `variant` is not "right"."""
    trace = forward(net, X)
    F = trace.J[net.L][:, 0, 0] - 1 / X[:, 0]
    two = 1 if variant == "no factor 2" else 2
    seed = two * F[:, None, None] / len(X)
    adjoints = backward(net, trace, np.zeros_like(trace.a[net.L]), seed)
    delta = list(adjoints.delta)
    for l in range(1, net.L + 1):
        if variant == "one term":  # dC/dW = sum dC/dZ J^T, and no bias gradient
            delta[l] = 0 * delta[l]
        if variant == "delta dropped" and l < net.L:  # what comes from above is not passed on
            dC_dJ = net.W[l + 1].T @ adjoints.dC_dZ[l + 1]
            delta[l] = net.act[l].d2f(trace.z[l]) * (dC_dJ * trace.Z[l]).sum(axis=2)
    return (F**2).mean(), parameter_gradient(net, trace, adjoints._replace(delta=tuple(delta)))


def objective(variant: str):
    """Mean squared residual plus the anchor y(1) = 0, for `minimize`; the anchor is always right."""

    def of(net: Network) -> tuple[np.ndarray, Gradient]:
        C, g = equation_gradient(net, X, variant)
        C_anchor, g_anchor = sobolev_gradient(net, [[1.0]], [[0.0]], None, beta=0)
        return C + C_anchor, g + g_anchor

    return of


@cache
def trained(gradient: str, method: str) -> dict[int, Network]:
    """The networks at the checkpoints of one training run, all from the same start."""
    kept: dict[int, Network] = {}

    def keep(n, C, net):
        if n in CHECKPOINTS:
            kept[n] = net

    start = init((1, 8, 8, 1), tanh, np.random.default_rng(0))
    minimize(objective(gradient), start, METHODS[method], CHECKPOINTS[-1] + 1, keep)
    return kept


def solution(gradient: str, method: str, steps: int = 100) -> dict:
    """The network's y beside log x, and its error, after `steps` steps with that gradient and method."""
    net = trained(gradient, method)[steps]
    trace, x = forward(net, WIDE), WIDE[:, 0]
    y, slope = trace.a[net.L][:, 0], trace.J[net.L][:, 0, 0]
    inside = (x >= X[0, 0]) & (x <= X[-1, 0])
    errors = np.maximum(np.abs([y - np.log(x), slope - 1 / x]), 1e-6)
    worst_in, worst_out = errors[0, inside].max(), errors[0, ~inside].max()
    return {
        "data": [
            _line(x, np.log(x), "log x", "right", "x", "y"),
            _line(x, y, "network's y", "value", "x", "y"),
            _line(x, errors[0], "error of y", "value", "x2", "y2", showlegend=False),
            _line(x, errors[1], "error of dy/dx", "gradient", "x2", "y2"),
        ],
        "layout": {
            "height": 460,
            "xaxis": {"anchor": "y", "range": [0, 10], "showticklabels": False},
            "yaxis": {"domain": [0.52, 1], "range": [-2.5, 3.5], "title": {"text": "y"}},
            "xaxis2": {"anchor": "y2", "range": [0, 10], "title": {"text": "x"}},
            "yaxis2": {"domain": [0, 0.46], "type": "log", "range": [-5, 1], "title": {"text": "error"}},
            "shapes": [
                {"type": "line", "name": "neutral", "xref": "x", "yref": "paper", "x0": end, "x1": end,
                 "y0": 0, "y1": 1, "line": {"dash": "dot", "width": 1}}
                for end in (X[0, 0], X[-1, 0])
            ],
        },
        "meta": {
            "alt": "Above, the network's y and log x between 0.2 and 10; below, the errors of y and of its "
            "slope, on a logarithmic scale. Two dotted lines bound the training points, 0.5 to 5: inside "
            "the errors shrink with the steps, outside they stay large.",
            "sentence": f"Gradient: {gradient}; {method}, {steps} steps: largest error of y inside the "
            f"interval {worst_in:.2g}, outside {worst_out:.2g}.",
        },
    }  # fmt: skip


def _line(x, y, name: str, role: str, xaxis: str, yaxis: str, **more) -> dict:
    return {"type": "scatter", "mode": "lines", "x": x, "y": y, "name": name, "meta": {"role": role},
            "xaxis": xaxis, "yaxis": yaxis, **more}  # fmt: skip


# ---- the paths of one hidden unit: the network of the example on paper ----

PARAMETERS = ("w1", "w2", "b1", "b2")
COSTS = ("the slope J", "the value y")
_PLACE = {
    "x": (0, 1),
    "z": (1, 1),
    "g(z)": (2, 1),
    "y": (3, 1),
    "1": (0, 0),
    "Z": (1, 0),
    "g′ Z": (2, 0),
    "J": (3, 0),
}
_NUMBER = {"x": 3, "z": 1, "g(z)": 1, "y": 11, "1": 1, "Z": 2, "g′ Z": 4, "J": 16}
_EDGES = {  # local derivative of the end by the start, and where it is written
    ("x", "z"): ("w1 = 2", 0.5, 1), ("z", "g(z)"): ("g′ = 2", 1.5, 1), ("g(z)", "y"): ("w2 = 4", 2.5, 1),
    ("1", "Z"): ("w1 = 2", 0.5, 0), ("Z", "g′ Z"): ("g′ = 2", 1.5, 0), ("g′ Z", "J"): ("w2 = 4", 2.5, 0),
    ("z", "g′ Z"): ("g″ Z = 4", 1.6, 0.5),
}  # fmt: skip
# (parameter, cost): paths through the value lane and the slope lane, and the products along them
_PATHS = {
    ("w1", "the slope J"): (["z", "g′ Z", "J"], "3 · 4 · 4 = 48", ["Z", "g′ Z", "J"], "1 · 2 · 4 = 8", 56),
    ("w2", "the slope J"): ([], "none", ["g′ Z", "J"], "4", 4),
    ("b1", "the slope J"): (["z", "g′ Z", "J"], "1 · 4 · 4 = 16", [], "none", 16),
    ("b2", "the slope J"): ([], "none", [], "none", 0),
    ("w1", "the value y"): (["z", "g(z)", "y"], "3 · 2 · 4 = 24", [], "none", 24),
    ("w2", "the value y"): (["g(z)", "y"], "1", [], "none", 1),
    ("b1", "the value y"): (["z", "g(z)", "y"], "1 · 2 · 4 = 8", [], "none", 8),
    ("b2", "the value y"): (["y"], "1", [], "none", 1),
}  # fmt: skip


def paths(parameter: str, cost: str) -> dict:
    """The two lanes of the example 1-1-1 with the paths from a parameter to a cost marked, and their products."""
    by_value, product_value, by_slope, product_slope, total = _PATHS[parameter, cost]
    products = [product.replace(" ", "\u00a0") for product in (product_value, product_slope)]
    between = [[*zip(_PLACE[start], _PLACE[end]), (None, None)] for start, end in _EDGES]
    return {
        "data": [
            _line([v for e in between for v in (*e[0], None)], [v for e in between for v in (*e[1], None)],
                  "local derivatives", "neutral", "x", "y"),
            _path(by_value, "path from the values", "value"),
            _path(by_slope, "path from the slopes", "gradient"),
            _numbers(1, "top center"),
            _numbers(0, "bottom center"),
        ],
        "layout": {
            "height": 320,
            "xaxis": {"visible": False, "range": [-0.4, 3.4]},
            "yaxis": {"visible": False, "range": [-0.4, 1.4]},
            "annotations": [
                {"x": at, "y": height, "text": text, "showarrow": False, "name": "neutral",
                 "xanchor": "left" if height == 0.5 else "center",  # beside the diagonal, from its middle on
                 "yshift": -12 if height == 1 else 10}  # away from the numbers, which stand outside the lanes
                for text, at, height in _EDGES.values()
            ],
        },
        "meta": {
            "alt": "Two lanes from left to right: above, x, z, g of z and the value y; below, 1, Z, g prime times Z "
            "and the slope J. A line leads from z down to the slope lane. The paths from the chosen parameter's "
            "places to the chosen cost are drawn thick.",
            "sentence": f"{cost[0].upper()}{cost[1:]} by {parameter}: from the values {products[0]}, from the "
            f"slopes {products[1]}; together {total}.",
        },
    }  # fmt: skip


def _numbers(lane: int, textposition: str) -> dict:
    """The values on a lane, each at its place."""
    nodes = [node for node in _PLACE if _PLACE[node][1] == lane]
    text = [f"{node} = {_NUMBER[node]}" if node != "1" else "1" for node in nodes]
    return {"type": "scatter", "mode": "markers+text", "x": [_PLACE[node][0] for node in nodes],
            "y": [lane] * len(nodes), "text": text, "textposition": textposition, "marker": {"size": 9},
            "name": "numbers", "showlegend": False, "meta": {"role": "neutral"}}  # fmt: skip


def _path(nodes: list, name: str, role: str) -> dict:
    """A marked path, padded to one length for all states."""
    x, y = zip(*(_PLACE[node] for node in nodes)) if nodes else ((), ())
    padding = [None] * (3 - len(x))
    return _line(
        [*x, *padding], [*y, *padding], name, role, "x", "y", mode="lines+markers", line={"width": 5}
    )


# ---- three methods on one error plot ----

INTERVALS = {
    "inside: 0.5 to 5": (0.5, 5),
    "right of it: 5 to 10": (5, 10),
    "left of it: 0.1 to 0.5": (0.1, 0.5),
}
STEPS = {"gradient descent": 3000, "Adam": 3000, "Levenberg-Marquardt": 300}
_ROLES = {"gradient descent": "neutral", "Adam": "second", "Levenberg-Marquardt": "right"}
SLOPE = Residual(
    lambda X, a, J: J[:, 0, 0] - 1 / X[:, 0], lambda X, a, J: 0 * a, lambda X, a, J: np.ones_like(J)
)
VALUE = Residual(lambda X, a, J: a[:, 0], lambda X, a, J: np.ones_like(a), lambda X, a, J: 0 * J)


def residuals(net: Network) -> tuple[np.ndarray, np.ndarray]:
    """The equation at the points and the anchor y(1) = 0, for `levenberg_marquardt`: the cost of `objective`."""
    F, dF = residual_jacobian(net, X, SLOPE)
    F_1, dF_1 = residual_jacobian(net, np.array([[1.0]]), VALUE)
    scale = np.sqrt(len(X))
    return np.concatenate([F / scale, F_1]), np.concatenate([dF / scale, dF_1])


@cache
def descents() -> dict[str, dict[int, Network]]:
    """For each method the networks 1-8-1 after 1, 2, ... (about 8 a decade) steps, from one start."""
    kept: dict[str, dict[int, Network]] = {name: {} for name in STEPS}

    def keeper(name):
        wanted = {*np.unique(np.geomspace(1, STEPS[name], 28).round().astype(int))}
        return lambda n, C, net: kept[name].update({n: net} if n in wanted else {})

    start = init((1, 8, 1), tanh, np.random.default_rng(0))
    for name, method in METHODS.items():
        minimize(objective("right"), start, method, STEPS[name] + 1, keeper(name))
    levenberg_marquardt(residuals, start, STEPS["Levenberg-Marquardt"] + 1, keeper("Levenberg-Marquardt"))
    return kept


def largest_error(net: Network, interval: str) -> float:
    """The largest |y - log x| at 1,001 points of the interval."""
    x = np.linspace(*INTERVALS[interval], 1001)[:, None]
    return np.abs(forward(net, x).a[net.L] - np.log(x)).max()


def methods(interval: str = "right of it: 5 to 10") -> dict:
    """The largest error of y in an interval against the steps, for the three methods."""
    lines, last = [], []
    for name, kept in descents().items():
        errors = [largest_error(net, interval) for net in kept.values()]
        lines.append(_line(list(kept), errors, name, _ROLES[name], "x", "y"))
        last.append(f"{name} {np.format_float_positional(errors[-1], 1, fractional=False, trim='-')}")
    return {
        "data": lines,
        "layout": {
            "height": 360,
            "xaxis": {"type": "log", "title": {"text": "steps"}, "range": [0, 3.6]},
            "yaxis": {"type": "log", "title": {"text": "largest error of y"}, "range": [-6, 1]},
        },
        "meta": {
            "alt": "Three curves: the largest error of y against the number of steps, both on logarithmic "
            "scales, for gradient descent, Adam and Levenberg-Marquardt, inside or outside the training interval.",
            "sentence": f"{interval[0].upper()}{interval[1:]}. Largest error at the end: {', '.join(last)}.",
        },
    }
