"""Figure of chapter 6: dy/dx = 1/x solved with the right gradient and with each of the source's slips."""

from __future__ import annotations

from functools import cache

import numpy as np

from nnlib.activations import tanh
from nnlib.gradient_backprop import backward, forward, parameter_gradient, sobolev_gradient
from nnlib.network import Gradient, Network, init
from nnlib.optimizers import adam, gradient_descent, minimize

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


def solution(gradient: str, method: str, steps: int) -> dict:
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
            f"interval {worst_in:.1e}, outside {worst_out:.1e}.",
        },
    }  # fmt: skip


def _line(x, y, name: str, role: str, xaxis: str, yaxis: str, **more) -> dict:
    return {"type": "scatter", "mode": "lines", "x": x, "y": y, "name": name, "meta": {"role": role},
            "xaxis": xaxis, "yaxis": yaxis, **more}  # fmt: skip
