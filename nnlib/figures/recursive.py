"""Figures of chapter 3: the tree of calls, and how the calls grow with the depth."""

from __future__ import annotations

from nnlib.recursive import count_calls

MAX_LAYERS = 12


def growth(width: int) -> dict:
    """Calls for one derivative of one output by one first-layer weight, against the number of layers."""
    layers = list(range(1, MAX_LAYERS + 1))
    roles = {"naive": "wrong", "shortcut": "second", "memo": "right"}
    data = []
    for method, role in roles.items():
        calls = [count_calls((width,) * (L + 1), L, 1, method) for L in layers]
        data.append({
            "type": "scatter", "mode": "lines+markers", "name": method, "x": layers, "y": calls,
            "meta": {"role": role},
        })  # fmt: skip
    naive, memo = data[0]["y"][9], data[2]["y"][9]
    sentence = (
        f"Width {width}: with ten layers the naive recursion makes {naive:,} calls, "
        f"with a memory it makes {memo}; each further layer multiplies the first by about {width}."
    )
    alt = (
        "Calls against layers on a logarithmic axis: naive recursion and shortcut rise as two parallel "
        "straight lines, the recursion with a memory stays almost flat."
    )
    return {
        "data": data,
        "layout": {
            "xaxis": {"title": {"text": "layers L"}, "range": [0.5, MAX_LAYERS + 0.5]},
            "yaxis": {"title": {"text": "calls for one derivative"}, "type": "log", "range": [-0.2, 10.5]},
        },
        "meta": {"alt": alt, "sentence": sentence},
    }


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
            {"type": "scatter", "mode": "lines", "name": "asks", "x": x, "y": y, "meta": {"role": "neutral"},
             "line": {"width": 1}, "showlegend": False},
            _dots("calls made", shown, "value", "circle", 9),
            _dots("calls saved", saved, "neutral", "circle-open", 7),
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


def _dots(name: str, points: list, role: str, symbol: str, size: int) -> dict:
    return {
        "type": "scatter", "mode": "markers", "name": name, "x": [p[0] for p in points],
        "y": [p[1] for p in points], "meta": {"role": role}, "marker": {"symbol": symbol, "size": size},
    }  # fmt: skip
