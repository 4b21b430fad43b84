"""Figures of chapter 4: the Jacobian of one layer beside its factors, and the climb to a large output."""

from __future__ import annotations

from functools import cache

import numpy as np

from nnlib import jacobian
from nnlib.activations import tanh
from nnlib.figures.words import say, signed
from nnlib.network import Network, forward, init
from nnlib.optimizers import levenberg_marquardt

WIDTH, LAYERS = 4, 3
STEPS, ETA = 400, 0.05


def factors(layer: int, example: int) -> dict:
    """The factors D^l and a^{l-1} of one layer's Jacobian, and the whole, of a 4-4-4-4 network."""
    net, X = _square()
    x = X[example - 1 : example]
    D, a = jacobian.layer_jacobians(net, x)[layer][0], forward(net, x).a[layer - 1]
    whole = jacobian.parameters(net, x).W[layer][0].reshape(WIDTH, -1)
    zeros = int((whole == 0).sum())
    units = list(range(WIDTH))
    ticks = {"tickvals": units, "showgrid": False}
    panels = [
        _cells(D, "total", "x", "y"),
        _cells(a, "value", "x2", "y2"),
        _cells(whole, "total", "x3", "y3"),
    ]
    return {
        "data": panels,
        "layout": {
            "height": 480,
            "xaxis": {"domain": [0.0, 0.4], "anchor": "y", "title": {"text": "unit j of layer l"}, **ticks},
            "yaxis": {"domain": [0.6, 0.93], "title": {"text": "output q"}, "range": [3.5, -0.5], **ticks},
            "xaxis2": {"domain": [0.56, 0.96], "anchor": "y2", "title": {"text": "unit i of layer l−1"},
                       **ticks},
            "yaxis2": {"domain": [0.72, 0.81], "anchor": "x2", "visible": False, "range": [-0.5, 0.5]},
            "xaxis3": {
                "domain": [0.0, 0.96], "anchor": "y3", "title": {"text": "weight ji"}, "showgrid": False,
                "tickvals": list(range(WIDTH**2)), "ticktext": [f"{j}{i}" for j in units for i in units],
            },
            "yaxis3": {
                "domain": [0.0, 0.33], "anchor": "x3", "title": {"text": "output q"}, "range": [3.5, -0.5],
                **ticks,
            },
            "annotations": [
                _title("factor D of layer l", 0.2, 0.99), _title("factor a of layer l−1", 0.76, 0.87),
                _title("all derivatives of the outputs by the weights of layer l", 0.48, 0.39),
            ],
        },
        "meta": {
            "alt": "Three panels of coloured cells. The large one below, 4 outputs by 16 weights, is made of "
            "four blocks; block j is column j of the left factor times the row of the right factor.",
            "sentence": f"Layer {layer}, example {example}: {zeros} of the 64 derivatives are zero; "
            "16 + 4 numbers hold them all.",
        },
    }  # fmt: skip


@cache
def _square() -> tuple[Network, np.ndarray]:
    rng = np.random.default_rng(1053)
    net = init((WIDTH,) * (LAYERS + 1), tanh, rng, out=tanh)
    return net, rng.standard_normal((3, WIDTH))


def _cells(z: np.ndarray, role: str, xaxis: str, yaxis: str) -> dict:
    far = float(np.abs(z).max())
    return {
        "type": "heatmap", "z": np.round(z, 2) if z.shape[1] == WIDTH else z,
        "x": list(range(z.shape[1])), "y": list(range(z.shape[0])),
        "xaxis": xaxis, "yaxis": yaxis, "zmin": -far, "zmax": far, "zmid": 0, "showscale": False,
        "texttemplate": "%{z}" if z.shape[1] == WIDTH else "", "meta": {"role": role},
    }  # fmt: skip


def _title(text: str, x: float, y: float) -> dict:
    return {
        "text": text,
        "x": x,
        "y": y,
        "xref": "paper",
        "yref": "paper",
        "showarrow": False,
        "yanchor": "middle",
    }


def truth(x):
    """The function behind the data of the fit: one hill, of height 1, at 0."""
    return np.exp(-3 * x**2)


def data() -> tuple[np.ndarray, np.ndarray]:
    """Eleven noisy values of `truth` on [-1, 1]: X and Y, (11, 1)."""
    X = np.linspace(-1, 1, 11)[:, None]
    return X, truth(X) + np.random.default_rng(5).standard_normal(X.shape) / 10


def residuals(net: Network) -> tuple[np.ndarray, np.ndarray]:
    """The errors of a network on `data` (11,) and their Jacobian (11, P)."""
    X, Y = data()
    return (forward(net, X).a[net.L] - Y).ravel(), jacobian.parameters(net, X).matrix()[:, 0]


def start() -> Network:
    """A small network, not yet fitted: 1-6-1, 19 parameters."""
    return init((1, 6, 1), tanh, np.random.default_rng(53))


@cache
def fitted() -> Network:
    """`start` after 20 steps of Levenberg and Marquardt."""
    return levenberg_marquardt(residuals, start(), 20)[0]


def climb(begin: float = 0.5, pull: float = 0.0) -> dict:
    """The climb from `begin` to a large output of the fitted network, pulled towards 0."""
    net, (X, Y) = fitted(), data()
    path = [np.array([begin])]
    for _ in range(20):
        path.append(jacobian.maximise_output(net, path[-1], [1.0], STEPS // 20, ETA, pull, [0.0]))
    x = np.linspace(-4.5, 4.5, 181)
    output = forward(net, x[:, None]).a[net.L][:, 0]
    xs = np.array(path)[:, 0]
    heights = forward(net, xs[:, None]).a[net.L][:, 0]
    end, height = xs[-1], heights[-1]
    return {
        "data": [
            _line("the truth", x, truth(x), "right"), _line("the network", x, output, "value"),
            _dots("the data", X[:, 0], Y[:, 0], "neutral", "circle-open"),
            _dots("the climb", xs, heights, "wrong", "x"),
        ],
        "layout": {
            "height": 360,
            "xaxis": {"title": {"text": "input x"}, "range": [-4.5, 4.5]},
            "yaxis": {"title": {"text": "output"}, "range": [-2.1, 2.1]},
        },
        "meta": {
            "alt": "A hill of height 1, eleven data points on it between −1 and 1, and the fitted network's "
            "curve, which follows the points and leaves the hill outside them; crosses climb the curve.",
            "sentence": f"From {say(begin)} with pull {say(pull)} the climb ends at x = {signed(end)}, where the "
            f"network says {signed(height)} and the truth is {signed(truth(end))}.",
        },
    }  # fmt: skip


def _line(name: str, x, y, role: str) -> dict:
    return {"type": "scatter", "mode": "lines", "name": name, "x": x, "y": y, "meta": {"role": role}}


def _dots(name: str, x, y, role: str, symbol: str) -> dict:
    marks = {"symbol": symbol, "size": 8}
    return {
        "type": "scatter", "mode": "markers", "name": name, "x": x, "y": y, "marker": marks,
        "meta": {"role": role},
    }  # fmt: skip
