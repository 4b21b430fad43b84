"""Figures of chapter 3: the paper network's rates, the tree of calls, the calls counted and timed."""

from __future__ import annotations

from functools import cache

import numpy as np

from nnlib.activations import Activation
from nnlib.network import Network, forward
from nnlib.recursive import METHODS, count_calls, da_dW

ROLES = {
    "naive": "wrong", "shortcut": "second", "memo": "right", "matrices": "third", "tensor": "value",
    "reverse": "gradient",
}  # fmt: skip

# --- The network small enough for paper -------------------------------------------------------------------

# Name of a weight -> (k, j, i): from unit i of layer k - 1 to unit j of layer k; the last i is the bias.
WEIGHTS = {
    "W1[0,0]": (1, 0, 0), "W1[1,0]": (1, 1, 0), "b1[1]": (1, 1, 1), "W2[0,1]": (2, 0, 1), "b2[1]": (2, 1, 2),
    "W3[0,0]": (3, 0, 0),
}  # fmt: skip
_PLACES = {(0, 0): 0.5, (1, 0): 1, (1, 1): 0, (2, 0): 1, (2, 1): 0, (3, 0): 0.5}
# The middle of a unit's activation and of its rate, seen from the unit: where no link passes.
_LABELS = {
    (0, 0): ((-0.25, 0.17), (-0.25, -0.17)), (3, 0): ((0.25, 0.17), (0.25, -0.17)),
    (1, 0): ((0, 0.3), (0, 0.15)), (2, 0): ((0, 0.3), (0, 0.15)),
    (1, 1): ((-0.1, 0.2), (-0.03, -0.3)), (2, 1): ((0.1, 0.2), (0.03, -0.3)),
}  # fmt: skip
_BIAS = -0.85  # where the bias units stand


@cache
def paper() -> Network:
    """1-2-2-1 units with activation z^2, so that every number is whole."""
    square = Activation("square", lambda z: z**2, lambda z: 2 * z)
    W = (None, [[1], [1]], [[1, -1], [1, 2]], [[2, -1]])
    return Network(W, (None, [1, -2], [-1, -4], [-3]), (None, square, square, square))


def influence(weight: str) -> dict:
    """Each unit of the paper network with its activation and its rate of change by one weight, at x = 1."""
    net, (k, j, i) = paper(), WEIGHTS[weight]
    a = forward(net, [[1]]).a
    rates = [int(da_dW(net, [1], l, q, k, j, i)) for l, q in _PLACES]
    links = [(l, q, r) for l in (1, 2, 3) for q, r in np.ndindex(net.sizes[l], net.sizes[l - 1] + 1)]
    ends = [[(l - 1, _height(l - 1, r, net)), (l, _PLACES[l, q])] for l, q, r in links]
    chosen = ends[links.index((k, j, i))]
    units = [(l, height) for (l, _), height in _PLACES.items()]
    biases = [(l, _BIAS) for l in (0, 1, 2)]
    labels = [
        [(x + _LABELS[u][n][0], y + _LABELS[u][n][1]) for u, (x, y) in zip(_PLACES, units)] for n in (0, 1)
    ]
    values = [f"a = {int(a[l][0, q])}" for l, q in _PLACES] + ["1"] * len(biases)
    moved = sum(rate != 0 for rate in rates)
    return {
        "data": [
            _trace("lines", "weights", [p for pair in ends for p in (*pair, (None, None))], "neutral",
                   line={"width": 1}, showlegend=False),
            _trace("lines", "the weight", chosen, "gradient", line={"width": 4, "dash": "solid"}),
            _trace("markers", "units", units + biases, "neutral", showlegend=False,
                   marker={"symbol": "circle", "size": 9}),
            _trace("text", "activation", labels[0] + [(x, y - 0.17) for x, y in biases], "value", text=values,
                   textposition="middle center"),
            _trace("text", "its rate of change", labels[1], "gradient",
                   text=[f"∂a = {rate}" for rate in rates], textposition="middle center"),
        ],
        "layout": {
            "height": 400,
            "xaxis": {"title": {"text": "layer"}, "tickvals": [0, 1, 2, 3], "range": [-0.6, 3.6], "showgrid": False},
            "yaxis": {"visible": False, "range": [-1.15, 1.45]},
        },
        "meta": {
            "alt": "The network from left to right: one input, two layers of two units, one output, under "
            "every layer but the last its bias unit. At each unit its activation and, under that, its rate of "
            "change by the weight drawn thick.",
            "sentence": f"{weight}: {moved} of the 6 units move, the output at rate {rates[-1]}.",
        },
    }  # fmt: skip


def _height(l: int, r: int, net: Network) -> float:
    return _BIAS if r == net.sizes[l] else _PLACES[l, r]


def _trace(mode: str, name: str, points: list, role: str, **more) -> dict:
    return {
        "type": "scatter", "mode": mode, "name": name, "x": [x for x, _ in points],
        "y": [y for _, y in points], "meta": {"role": role}, **more,
    }  # fmt: skip


# --- Counted and timed ------------------------------------------------------------------------------------


def evaluations(width: int, layers: int) -> dict[str, int]:
    """What each method evaluates for layer 1: calls, then matrices, one a unit, then products, one a layer."""
    calls = {method: count_calls((width,) * (layers + 1), layers, 1, method) for method in METHODS}
    return calls | {"matrices": width * layers, "tensor": layers, "reverse": layers}


def counted_and_timed(width: str, times: dict) -> dict:
    """Evaluations, and below them the seconds measured, by the number of layers; `times` is the stored data."""
    layers, seconds = times["layers"], times[width]
    counts = [evaluations(int(width), L) for L in layers]
    data = [_line(name, layers, [count[name] for count in counts], role) for name, role in ROLES.items()]
    data += [
        {**_line(name, layers, seconds[name], role), "xaxis": "x2", "yaxis": "y2", "showlegend": False}
        for name, role in ROLES.items()
    ]
    growth = seconds["naive"][-1] / seconds["naive"][-2]
    return {
        "data": data,
        "layout": {
            "height": 640,
            "xaxis": {"range": [0.5, 10.5], "anchor": "y", "showticklabels": False},
            "yaxis": {"type": "log", "range": [-0.3, 5.9], "domain": [0.54, 1], "title": {"text": "counted"}},
            "xaxis2": {"title": {"text": "layers L"}, "range": [0.5, 10.5], "anchor": "y2"},
            "yaxis2": {
                "type": "log", "range": [-5, 0.3], "domain": [0, 0.46], "anchor": "x2",
                "title": {"text": "seconds"},
            },
        },
        "meta": {
            "alt": "Two logarithmic plots over the number of layers, counts above, measured seconds below. In both, "
            "naive and shortcut soon rise as parallel straight lines; memo, matrices, tensor and reverse stay low.",
            "sentence": f"Width {width}: the naive recursion makes {counts[-1]['naive']:,} calls with ten layers; "
            f"the tenth layer multiplies its calls by {counts[-1]['naive'] / counts[-2]['naive']:.1f} "
            f"and its time by {growth:.1f}.",
        },
    }  # fmt: skip


def whole_gradient(times: dict) -> dict:
    """Seconds for the same job, the whole gradient, by six programs; `times` is the stored data."""
    layers = times["layers"]
    slowest, fastest = times["naive"][-1], times["reverse"][-1]
    return {
        "data": [_line(name, layers, times[name], role) for name, role in ROLES.items()],
        "layout": {
            "xaxis": {"title": {"text": "layers L"}, "range": [0.5, layers[-1] + 0.5]},
            "yaxis": {"type": "log", "title": {"text": "seconds for the gradient"}},
        },
        "meta": {
            "alt": "Six curves of seconds against layers on a logarithmic axis: naive steepest, then shortcut and "
            "memo, far below them matrices and tensor, and reverse lowest and least steep.",
            "sentence": f"Width {times['width']}, {layers[-1]} layers: naive takes {slowest / fastest:,.0f} times as "
            "long as reverse.",
        },
    }  # fmt: skip


def _line(name: str, x: list, y: list, role: str) -> dict:
    return _trace("lines+markers", name, list(zip(x, y)), role)


# --- The tree of calls ------------------------------------------------------------------------------------


def call_tree(method: str) -> dict:
    """The calls for one output of a network of width 3 and four layers, by a weight of layer 1.

    A disc is a call that the method makes, an open circle one that it saves.
    """
    levels = [[(l, path) for path in _paths(4 - l)] for l in (4, 3, 2, 1)]
    position = {node: (_across(node[1]), node[0]) for level in levels for node in level}
    made = {node for node in position if _made(method, *node)}
    x, y = [], []
    for (l, path), (across, height) in position.items():
        if path:
            above = position[l + 1, path[:-1]]
            x += [above[0], across, None]
            y += [above[1], height, None]
    shown = [position[node] if node in made else (None, None) for node in position]
    saved = [(None, None) if node in made else position[node] for node in position]
    calls = len(made)
    return {
        "data": [
            _trace("lines", "asks", list(zip(x, y)), "neutral", line={"width": 1}, showlegend=False),
            _trace("markers", "calls made", shown, "value", marker={"symbol": "circle", "size": 9}),
            _trace("markers", "calls saved", saved, "neutral", marker={"symbol": "circle-open", "size": 7}),
        ],
        "layout": {
            "xaxis": {"visible": False, "range": [-0.03, 1.03]},
            "yaxis": {"title": {"text": "layer l of the call"}, "tickvals": [1, 2, 3, 4], "range": [0.6, 4.4]},
        },
        "meta": {
            "alt": "A tree of calls: one for the output in layer 4, three in layer 3, nine in layer 2, 27 in layer 1.",
            "sentence": f"{method.capitalize()}: {calls} of the 40 calls are made.",
        },
    }  # fmt: skip


def _paths(length: int) -> list[tuple]:
    """All sequences of units from the output's layer downwards."""
    return [()] if length == 0 else [(*path, r) for path in _paths(length - 1) for r in range(3)]


def _across(path: tuple) -> float:
    """Where a call stands from left to right: the middle of its share of the width."""
    low, share = 0.0, 1.0
    for r in path:
        share /= 3
        low += r * share
    return round(low + share / 2, 5)


def _made(method: str, l: int, path: tuple) -> bool:
    """Whether the method makes the call of layer l that was reached on this path."""
    if method == "shortcut":
        return l > 1  # layer 2 is answered at once
    if method == "memo":
        return not any(path[:-1])  # a unit asked before is answered from memory, and asks nobody
    return True
