"""Figures of chapter 1: the 2-2-1 example swept forward and backward, and the chain of diamonds."""

from __future__ import annotations

from nnlib.chain_rule import Node, backward, sigmoid, topological, values, variable

MAX_DIAMONDS = 12
LEVELS = ("x", "z¹", "a¹", "z²", "a²", "C")  # from left to right; the forward sweep visits them in this order


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
    "x_0": (0, 1), "x_1": (0, 0), "z1_0": (1, 1), "z1_1": (1, 0), "a1_0": (2, 1), "a1_1": (2, 0),
    "z2": (3, 0.5), "a2": (4, 0.5), "C": (5, 0.5),
}  # fmt: skip
_EDGES = (
    ("x_0", "z1_0", "W1_00"), ("x_1", "z1_0", "W1_01"), ("x_0", "z1_1", "W1_10"), ("x_1", "z1_1", "W1_11"),
    ("z1_0", "a1_0", ""), ("z1_1", "a1_1", ""), ("a1_0", "z2", "W2_0"), ("a1_1", "z2", "W2_1"),
    ("z2", "a2", ""), ("a2", "C", ""),
)  # fmt: skip


def example(step: int) -> dict:
    """The 2-2-1 example after `step` steps: 0-5 go forward to C, 6-11 go back to the inputs."""
    u = example_graph()
    value, adjoint = values(u["C"]), backward(u["C"])
    forward_to, back_to = min(step, 5), 11 - step
    lines: dict = {"x": [], "y": []}
    marks, weights, slopes = [], [], []
    for start, end, weight in _EDGES:
        (x_0, y_0), (x_1, y_1) = _PLACES[start], _PLACES[end]
        lines["x"] += [x_0, x_1, None]
        lines["y"] += [y_0, y_1, None]
        if weight:
            where = 0.3 if y_0 != y_1 and x_0 == 0 else 0.5
            marks.append((x_0 + where * (x_1 - x_0), y_0 + where * (y_1 - y_0)))
            weights.append(f"{value[u[weight]]:g}")
            slopes.append(f"{adjoint[u[weight]]:.4f}" if back_to <= x_1 else "")
    above = [(x, y + 0.08) for x, y in _PLACES.values()]
    below = [(x, y - 0.08) for x, y in _PLACES.values()]
    shown = {name: f" = {value[u[name]]:.4f}" if x <= forward_to else "" for name, (x, _) in _PLACES.items()}
    known = [_pretty(name) + text for name, text in shown.items()]
    sent = [f"{adjoint[u[n]]:.4f}" if x >= back_to else "" for n, (x, _) in _PLACES.items()]
    dots = {"x": [x for x, _ in _PLACES.values()], "y": [y for _, y in _PLACES.values()]}
    return {
        "data": [
            {"type": "scatter", "mode": "lines", **lines, "meta": {"role": "neutral"}, "showlegend": False},
            {"type": "scatter", "mode": "markers", **dots, "meta": {"role": "neutral"}, "showlegend": False},
            _labels("value", above, known, "value", "top center"),
            _labels("derivative of C by it", below, sent, "gradient", "bottom center"),
            _labels("weight", marks, weights, "second", "top center"),
            _labels("derivative of C by the weight", marks, slopes, "total", "bottom center"),
        ],
        "layout": {
            "height": 420,
            "xaxis": {"visible": False, "range": [-0.5, 5.5]},
            "yaxis": {"visible": False, "range": [-0.35, 1.35]},
        },
        "meta": {
            "alt": "The 2-2-1 network from left to right, inputs to cost. Above each node its value, below "
            "the cost's derivative by it; at each link the weight and the derivative by the weight.",
            "sentence": _sentence(step, value[u["C"]]),
        },
    }


def _labels(name: str, points: list, text: list, role: str, position: str) -> dict:
    return {
        "type": "scatter", "mode": "text", "name": name, "text": text, "textposition": position,
        "x": [x for x, _ in points], "y": [y for _, y in points], "meta": {"role": role},
    }  # fmt: skip


def _pretty(name: str) -> str:
    """The name with its layer raised and its unit lowered: z1_0 as z¹₀."""
    for plain, set_ in (("a1", "a¹"), ("a2", "a²"), ("z1", "z¹"), ("z2", "z²"), ("_0", "₀"), ("_1", "₁")):
        name = name.replace(plain, set_)
    return name


def _sentence(step: int, C: float) -> str:
    if step > 5:
        return f"Step {step}, backward: the derivatives of C down to {LEVELS[11 - step]} are known."
    cost = f", C = {C:.4f}" if step == 5 else ""
    return f"Step {step}, forward: the values up to {LEVELS[step]} are known{cost}."


def diamonds(n: int) -> dict:
    """Three programs on a chain of n diamonds b <- 2b + 3b: their answers and their visits."""
    lengths = list(range(1, MAX_DIAMONDS + 1))
    accumulated, increments = zip(*map(recursions, lengths))
    sweeps = [sum(not node.is_constant for node in topological(chain(k)[1])) for k in lengths]
    truth = [5**k for k in lengths]
    answers = {
        "(a) re-sends the accumulated": ([a for a, _ in accumulated], "wrong"),
        "(b), (c)": (truth, "right"),
    }
    visits = {
        "(b) sends increments": ([v for _, v in increments], "second"),
        "(c) reverse topological order": (sweeps, "value"),
    }
    data = [_line(name, lengths, y, role, "") for name, (y, role) in answers.items()]
    data += [_line(name, lengths, y, role, "2") for name, (y, role) in visits.items()]
    data.append(
        {**_line("n", [n, n], [accumulated[n - 1][0], truth[n - 1]], "neutral", ""), "mode": "markers"}
    )
    return {
        "data": data,
        "layout": {
            "xaxis": {"title": {"text": "diamonds: the answer"}, "domain": [0, 0.44]},
            "yaxis": {"type": "log", "title": {"text": "dC/db"}},
            "xaxis2": {"title": {"text": "diamonds: the visits"}, "domain": [0.56, 1], "anchor": "y2"},
            "yaxis2": {"type": "log", "title": {"text": "visits"}, "anchor": "x2"},
        },
        "meta": {
            "alt": "Left, on a logarithmic axis: the answers of three programs against the number of "
            "diamonds; one rises too steeply. Right: their visits; one doubles, one stays in proportion.",
            "sentence": f"{n} diamonds: the truth is {truth[n - 1]:,}, and (a) answers "
            f"{accumulated[n - 1][0]:,}. (b) is right in {increments[n - 1][1]:,} visits, "
            f"(c) in {sweeps[n - 1]:,}.",
        },
    }


def _line(name: str, x: list, y: list, role: str, axis: str) -> dict:
    return {
        "type": "scatter", "mode": "lines+markers", "name": name, "x": x, "y": y, "xaxis": f"x{axis}",
        "yaxis": f"y{axis}", "meta": {"role": role}, "showlegend": name != "n",
    }  # fmt: skip


def chain(n: int) -> tuple[Node, Node]:
    """b_0 and b_n of a chain of n diamonds."""
    b = b_0 = variable("b", 1)
    for _ in range(n):
        b = 2 * b + 3 * b
    return b_0, b


def recursions(n: int) -> tuple[tuple[int, int], tuple[int, int]]:
    """(answer, visits) of the two recursions on n diamonds: accumulated, and increments only."""
    b_0, output = chain(n)
    return _recurse(output, b_0, True), _recurse(output, b_0, False)


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
