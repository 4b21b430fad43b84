"""Figures of chapter 1: the 2-2-1 example swept forward and backward, and the chain of diamonds."""

from __future__ import annotations

from functools import cache

from nnlib.chain_rule import Node, backward, sigmoid, topological, values, variable
from nnlib.figures.words import power

MAX_DIAMONDS = 12
LEVELS = ("x", "z¹", "a¹", "z²", "a²", "C")  # from top to bottom; the forward sweep visits them in this order


def example_graph() -> dict[str, Node]:
    """The chapter's 2-2-1 network with its squared error: nodes by name, "W1_01" from x_1 to unit 0."""
    given = {"x_0": 1.0, "x_1": 2.0, "y": 1.0, "b1_0": 0.0, "b1_1": -0.3, "b2": 0.1}
    given |= {"W1_00": 0.4, "W1_01": -0.2, "W1_10": 0.3, "W1_11": 0.5, "W2_0": 0.6, "W2_1": -0.8}
    u = {name: variable(name, value) for name, value in given.items()}
    for i in "01":
        u[f"z1_{i}"] = u[f"W1_{i}0"] * u["x_0"] + u[f"W1_{i}1"] * u["x_1"] + u[f"b1_{i}"]
        u[f"a1_{i}"] = sigmoid(u[f"z1_{i}"])
    u["z2"] = u["W2_0"] * u["a1_0"] + u["W2_1"] * u["a1_1"] + u["b2"]
    u["a2"] = sigmoid(u["z2"])
    u["C"] = (u["a2"] - u["y"]) ** 2
    return u


_PLACES = {
    "x_0": (0, 0), "x_1": (1, 0), "z1_0": (0, 1), "z1_1": (1, 1), "a1_0": (0, 2), "a1_1": (1, 2),
    "z2": (0.5, 3), "a2": (0.5, 4), "C": (0.5, 5),
}  # fmt: skip
_EDGES = (
    ("x_0", "z1_0", "W1_00"), ("x_1", "z1_0", "W1_01"), ("x_0", "z1_1", "W1_10"), ("x_1", "z1_1", "W1_11"),
    ("z1_0", "a1_0", ""), ("z1_1", "a1_1", ""), ("a1_0", "z2", "W2_0"), ("a1_1", "z2", "W2_1"),
    ("z2", "a2", ""), ("a2", "C", ""),
)  # fmt: skip
# How far along a crossing link its numbers stand, clear of the crossing, and how far above or below the link.
_CROSSING = {"falls right": (0.62, -0.195), "falls left": (0.64, 0.12)}


def example(step: int) -> dict:
    """The 2-2-1 example: complete at step 0; steps 1-6 go forward, down to C, 7-12 back up to the inputs."""
    u = example_graph()
    value, adjoint = values(u["C"]), backward(u["C"])
    forward_to, back_to = (step - 1, 12 - step) if step else (5, 0)
    lines: dict = {"x": [], "y": []}
    texts: list = []  # (role, side, x, y, text)
    for name, (x, y) in _PLACES.items():
        low = 0.12 if x == 0.5 and y == 3 else -0.07  # under the links that arrive there
        known = f"{_pretty(name)} = {_signed(value[u[name]])}" if y <= forward_to else _pretty(name)
        sent = _signed(adjoint[u[name]]) if y >= back_to else ""
        texts += _pair(x, x, y + low, ("value", known), ("gradient", sent))
    for start, end, weight in _EDGES:
        (x_0, y_0), (x_1, y_1) = _PLACES[start], _PLACES[end]
        lines["x"] += [x_0, x_1, None]
        lines["y"] += [y_0, y_1, None]
        local = value[u[weight]] if weight else _slope(end, value, u)
        rate = f"×{local:.4g}".replace("-", "−") if y_1 <= forward_to else ""
        slope = _signed(adjoint[u[weight]]) if weight and back_to <= y_1 else ""
        # A link that falls to the right has room above it, one that falls to the left below it.
        aside = -0.24 if x_1 > x_0 else 0.12 if x_1 < x_0 else 0.06 if start == "z2" else -0.07
        along = 0.5
        if abs(x_1 - x_0) == 1:
            along, aside = _CROSSING["falls right" if x_1 > x_0 else "falls left"]
        x, y = x_0 + along * (x_1 - x_0), y_0 + along * (y_1 - y_0) + aside
        texts += _pair(x, 0 if x_0 == x_1 == 0 else 1, y, ("second", rate), ("total", slope))
    dots = {"x": [x for x, _ in _PLACES.values()], "y": [y for _, y in _PLACES.values()]}
    return {
        "data": [
            {"type": "scatter", "mode": "lines", **lines, "meta": {"role": "neutral"}},
            {"type": "scatter", "mode": "markers", **dots, "meta": {"role": "neutral"}},
            *(
                _labels(name, role, side, texts)
                for role, name in _NAMES.items()
                for side in ("left", "right")
            ),
        ],
        "layout": {
            "height": 620,
            "showlegend": False,
            "xaxis": {"visible": False, "range": [-0.58, 1.58]},
            "yaxis": {"visible": False, "range": [5.4, -0.4]},
        },
        "meta": {
            "alt": "The 2-2-1 network from top to bottom, inputs to cost. Beside each node its value and, below "
            "that, the derivative of C by it; at each link, after a ×, the local derivative, and below it the "
            "derivative by the weight.",
            "sentence": _sentence(step, value[u["C"]]),
        },
    }


_NAMES = {
    "value": "value",
    "gradient": "derivative of C by it",
    "second": "local derivative",
    "total": "derivative of C by the weight",
}


def _pair(x: float, column: float, y: float, first: tuple, second: tuple) -> list:
    """Two texts under one another: left of the left column, otherwise to the right."""
    side = "left" if column == 0 else "right"
    x += -0.03 if side == "left" else 0.03
    return [(role, side, x, y + down, text) for (role, text), down in ((first, 0), (second, 0.15))]


def _labels(name: str, role: str, side: str, texts: list) -> dict:
    x, y, text = (list(column) for column in zip(*(t[2:] for t in texts if t[:2] == (role, side))))
    return {
        "type": "scatter", "mode": "text", "name": name, "text": text, "textposition": f"middle {side}",
        "x": x, "y": y, "meta": {"role": role},
    }  # fmt: skip


def _slope(end: str, value: dict, u: dict[str, Node]) -> float:
    """The local derivative of a link without a weight: of a sigmoid, or of the squared error."""
    if end == "C":
        return 2 * (value[u["a2"]] - value[u["y"]])
    return value[u[end]] * (1 - value[u[end]])


def _signed(v: float) -> str:
    return f"{v:.4f}".replace("-", "−")


def _pretty(name: str) -> str:
    """The name with its layer raised and its unit lowered: z1_0 as z¹₀."""
    for plain, set_ in (("a1", "a¹"), ("a2", "a²₀"), ("z1", "z¹"), ("z2", "z²₀"), ("_0", "₀"), ("_1", "₁")):
        name = name.replace(plain, set_)
    return name


def _sentence(step: int, C: float) -> str:
    if step == 0:
        return "Everything is known: all values, downwards, and all derivatives of C, upwards."
    if step > 6:
        return f"Step {step}, backward: the derivatives of C up to {LEVELS[12 - step]} are known."
    cost = f", C = {C:.4f}" if step == 6 else ""
    return f"Step {step}, forward: the values down to {LEVELS[step - 1]} are known{cost}."


def _whole(n: int) -> str:
    """All digits of n, or three and a power of ten where they do not fit the line of a phone."""
    return f"{n:,}" if n < 10**12 else f"about {power(n, 3)}"


def diamonds(n: int, show: str, seconds: dict) -> dict:
    """Three programs on a chain of n diamonds b <- 2b + 3b: their answers, their visits or their times.

    `seconds` is the stored measurement: lists "increments" and "sweep" over 1 to 12 diamonds.
    """
    lengths = list(range(1, MAX_DIAMONDS + 1))
    accumulated, increments = zip(*map(recursions, lengths))
    sweeps = [sum(not node.is_constant for node in topological(chain(k)[1])) for k in lengths]
    wrong, truth = [answer for answer, _ in accumulated], [5**k for k in lengths]
    visits = [made for _, made in increments]
    curves = {
        "answers": ("(a) re-sends what it has", wrong, "wrong", "(b) and (c)", truth, "right", "answer"),
        "visits": ("(b) sends increments", visits, "second", "(c) reverse order", sweeps, "right", "visits"),
        "seconds": (
            "(b) sends increments", seconds["increments"], "second",
            "(c) reverse order", seconds["sweep"], "right", "seconds",
        ),
    }  # fmt: skip
    first, high, role, second, low, other, title = curves[show]
    here = n - 1
    marked = {**_line("n", [n, n], [high[here], low[here]], "neutral"), "mode": "markers"}
    sentences = {
        "answers": f"the truth is {truth[here]:,}, and (a) answers {_whole(wrong[here])}.",
        "visits": f"(b) is right after {visits[here]:,} visits, (c) after {sweeps[here]:,}.",
        "seconds": f"(b) took {1e3 * high[here]:.3g} ms, (c) {1e3 * low[here]:.3g} ms, when measured.",
    }
    return {
        "data": [_line(first, lengths, high, role), _line(second, lengths, low, other), marked],
        "layout": {
            "height": 380,
            "xaxis": {"title": {"text": "diamonds"}},
            "yaxis": {"type": "log", "title": {"text": title}},
        },
        "meta": {
            "alt": "On a logarithmic axis against the number of diamonds, two curves: the answers of a wrong and "
            "of a right program, or the visits, or the measured seconds, of a slow and of a fast one.",
            "sentence": f"{n} diamonds: {sentences[show]}",
        },
    }


def _line(name: str, x: list, y: list, role: str) -> dict:
    return {
        "type": "scatter", "mode": "lines+markers", "name": name, "x": x, "y": y,
        "meta": {"role": role}, "showlegend": name != "n",
    }  # fmt: skip


def chain(n: int) -> tuple[Node, Node]:
    """b_0 and b_n of a chain of n diamonds."""
    b = b_0 = variable("b", 1)
    for _ in range(n):
        b = 2 * b + 3 * b
    return b_0, b


@cache  # every state of the figure shows all lengths
def recursions(n: int) -> tuple[tuple[int, int], tuple[int, int]]:
    """(answer, visits) of the two recursions on n diamonds: accumulated, and increments only."""
    b_0, output = chain(n)
    return _recurse(output, b_0, True), increments(output, b_0)


def increments(output: Node, leaf: Node) -> tuple[int, int]:
    """(answer, visits) of the recursion that sends on only what each visit brought."""
    return _recurse(output, leaf, False)


def _recurse(output: Node, leaf: Node, accumulated: bool) -> tuple[int, int]:
    u, visits = values(output), 0
    G: dict = {}

    def visit(node: Node, sent) -> None:
        nonlocal visits
        visits += 1
        G[node] = G.get(node, 0) + sent
        for parent, local in zip(node.parents, node.local):
            if not parent.is_constant:
                visit(parent, (G[node] if accumulated else sent) * local(*(u[p] for p in node.parents)))

    visit(output, 1)
    return int(G[leaf]), visits
