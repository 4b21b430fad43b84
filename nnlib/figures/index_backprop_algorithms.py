"""004's Algorithms 1 to 5, corrected, line by line: what every variable holds after every line."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from nnlib.figures.index_backprop import INPUT, TARGET, WEIGHTS, example
from nnlib.figures.words import operand, say
from nnlib.index_backprop import UnitNetwork, propagate

RUNS = ((INPUT, TARGET), ({0: 0.0, 1: -1.0}, {4: 1.0, 5: 0.0}))
ETA = 0.01
NO_BREAK = "\N{NO-BREAK SPACE}"
PROGRAM = (
    ("1.1", "InitGrad:"),
    ("2.3", "   Δw<sub>ij</sub> ← 0  for all links"),
    ("2.5", "   Δb<sub>i</sub> ← 0  for all units"),
    ("1.2", "for each run:"),
    ("3.1", "   Propagate: x<sub>i</sub>, y<sub>i</sub>"),
    ("3.2", "   InitParam:"),
    ("4.2", "      p<sub>i</sub> ← 0  for all units"),
    ("4.3", "      v<sub>i</sub> ← f<sub>i</sub>′(x<sub>i</sub>);  inputs: 1"),
    ("3.3", "   for each output i:"),
    ("3.4", "      p<sub>i</sub> ← y<sub>i</sub> − y*<sub>i</sub>"),
    ("3.7", "   for i in 5, 4, 3, 2:"),
    ("3.8", "      p<sub>i</sub> ← p<sub>i</sub> v<sub>i</sub>"),
    ("3.9", "      for each j upstream of i:"),
    ("3.10", "         p<sub>j</sub> ← p<sub>j</sub> + p<sub>i</sub> w<sub>ij</sub>"),
    ("3.11", "         Δw<sub>ij</sub> ← Δw<sub>ij</sub> + p<sub>i</sub> y<sub>j</sub>"),
    ("3.13", "      Δb<sub>i</sub> ← Δb<sub>i</sub> + p<sub>i</sub>"),
    ("1.5", "UpdateNN:"),
    ("5.2", "   b<sub>i</sub> ← b<sub>i</sub> − η Δb<sub>i</sub>"),
    ("5.4", "   w<sub>ij</sub> ← w<sub>ij</sub> − η Δw<sub>ij</sub>"),
)
ROWS = (
    ("x", "value"),
    ("y", "value"),
    ("v", "second"),
    ("p", "gradient"),
    ("Δb", "gradient"),
    ("b", "neutral"),
)
UNITS, LINKS = tuple(range(6)), tuple(WEIGHTS)
HALVES = (LINKS[:5], LINKS[5:])


def lines(units: UnitNetwork, runs: Sequence, eta: float) -> Iterator[tuple[str, str, list, dict]]:
    """Run the algorithms; after each executed line: its number, what it did, what it changed, all variables.

    A line that only clears, or fills in the v_i, is told once for all its units or links. The variables
    are dicts by the letters of the book, and the same objects throughout: copy what you keep.
    """
    w, b = dict(units.w), dict(units.b)
    x, y, v, p, Dw, Db = ({} for _ in range(6))
    now = {"x": x, "y": y, "v": v, "p": p, "Δb": Db, "b": b, "w": w, "Δw": Dw}
    Dw |= dict.fromkeys(units.w, 0.0)
    yield "2.3", "all Δw are 0", [("Δw", link) for link in w], now
    Db |= dict.fromkeys(units.order, 0.0)
    yield "2.5", "all Δb are 0", [("Δb", i) for i in b], now
    for n, (x_star, y_star) in enumerate(runs, start=1):
        x_new, y_new = propagate(units, x_star)
        for variable in (x, y, v, p):
            variable.clear()
        for i in x_new:
            x[i], y[i] = x_new[i], y_new[i]
            did = f"x{i} is {say(x[i])}, y{i} is {say(y[i])}"
            yield "3.1", f"run {n}: {did}", [("x", i), ("y", i)], now
        p |= dict.fromkeys(x, 0.0)
        yield "4.2", f"run {n}: all p are 0", [("p", i) for i in p], now
        v |= dict.fromkeys(units.inputs, 1.0)
        v |= {i: np.asarray(units.act[i].df(np.asarray(x[i]))).item() for i in units.order}
        yield "4.3", f"run {n}: the slopes v of all units", [("v", i) for i in v], now
        for i in units.outputs:
            p[i] = y[i] - y_star[i]
            yield "3.4", f"run {n}: p{i} = {say(y[i])} − {operand(y_star[i])} = {say(p[i])}", [("p", i)], now
        for i in reversed(units.order):
            old, p[i] = p[i], p[i] * v[i]
            did = f"p{i} = {say(old)} · {operand(v[i])} = {say(p[i])}, now the adjoint"
            yield "3.8", f"run {n}, i = {i}: {did}", [("p", i)], now
            for j in units.upstream[i]:
                old, p[j] = p[j], p[j] + p[i] * w[i, j]
                did = f"p{j} = {say(old)} + {operand(p[i])} · {operand(w[i, j])} = {say(p[j])}"
                yield "3.10", f"run {n}, i = {i}, j = {j}: {did}", [("p", j)], now
                old, Dw[i, j] = Dw[i, j], Dw[i, j] + p[i] * y[j]
                did = f"Δw{i}{j} = {say(old)} + {operand(p[i])} · {operand(y[j])} = {say(Dw[i, j])}"
                yield "3.11", f"run {n}, i = {i}, j = {j}: {did}", [("Δw", (i, j))], now
            old, Db[i] = Db[i], Db[i] + p[i]
            did = f"Δb{i} = {say(old)} + {operand(p[i])} = {say(Db[i])}"
            yield "3.13", f"run {n}, i = {i}: {did}", [("Δb", i)], now
    for i in units.order:
        old, b[i] = b[i], b[i] - eta * Db[i]
        yield "5.2", f"b{i} = {say(old)} − {operand(eta)} · {operand(Db[i])} = {say(b[i])}", [("b", i)], now
        for j in units.upstream[i]:
            old, w[i, j] = w[i, j], w[i, j] - eta * Dw[i, j]
            did = f"w{i}{j} = {say(old)} − {operand(eta)} · {operand(Dw[i, j])} = {say(w[i, j])}"
            yield "5.4", did, [("w", (i, j))], now


def _history() -> list[tuple[str, str, list, dict]]:
    units = example()
    start = {name: {} for name in ("x", "y", "v", "p", "Δb", "Δw")} | {"b": dict(units.b), "w": dict(units.w)}
    told = [("", "weights and biases are given, nothing else is known yet", [], start)]
    for line, did, changed, now in lines(units, RUNS, ETA):
        told.append((line, did, changed, {name: dict(values) for name, values in now.items()}))
    return told


HISTORY = _history()
LAST_LINE = len(HISTORY) - 1


def algorithms(step: int) -> dict:
    """The program with the acting line marked, and all variables of the six units after it; two runs."""
    line, did, changed, now = HISTORY[step]
    top = -len(PROGRAM) - 1.2  # the tables stand below the program
    indented = [
        (number, code.replace("   ", 3 * NO_BREAK)) for number, code in PROGRAM
    ]  # a page drops spaces
    listing = [f"<b>{code}</b>" if number == line else code for number, code in indented]
    data = [
        _column("line number", 0.0, [number for number, _ in PROGRAM], "neutral"),
        _column("program", 0.75, listing, "neutral"),
        _column("acting line", 5.6, ["◀" if number == line else "" for number, _ in PROGRAM], "gradient"),
        _table("units", top, ["unit", *map(str, UNITS)], [name for name, _ in ROWS]),
    ]
    for n, (name, role) in enumerate(ROWS, start=1):
        data.append(_row(name, top - n, name, UNITS, now, changed, role))
    for n, half in enumerate(HALVES):
        at = top - 7.6 - 3.6 * n
        data.append(_table(f"links {n}", at, ["link ij", *(f"{i}{j}" for i, j in half)], ["w", "Δw"]))
        data.append(_row("w", at - 1, "w", half, now, changed, "neutral"))
        data.append(_row("Δw", at - 2, "Δw", half, now, changed, "gradient"))
    bottom = top - 7.6 - 3.6 - 2.8
    return {
        "data": data,
        "layout": {
            "height": 640,
            "xaxis": {"visible": False, "range": [-0.1, 6.6]},
            "yaxis": {"visible": False, "range": [bottom, 0.9]},
            "showlegend": False,
        },
        "meta": {
            "alt": (
                "The nineteen lines of the program, the acting one bold with an arrow; below, a table of "
                "x, y, v, p, Δb, b of six units and w, Δw of nine links. What the line changed is bold."
            ),
            "sentence": f"Step {step}, {f'line {line}, ' if line else ''}{did}.",
        },
    }


def _column(name: str, x: float, texts: list[str], role: str) -> dict:
    ys = [-float(n) for n in range(len(texts))]
    return _texts(name, [x] * len(texts), ys, texts, role, "middle right")


def _table(name: str, y: float, head: list[str], names: list[str]) -> dict:
    """The head of a table and the names of its rows."""
    xs = [float(n) for n in range(len(head))] + [0.0] * len(names)
    ys = [y] * len(head) + [y - n for n in range(1, len(names) + 1)]
    return _texts(name, [x + 0.4 for x in xs], ys, head + names, "neutral")


def _row(name: str, y: float, variable: str, keys: tuple, now: dict, changed: list, role: str) -> dict:
    texts = [say(now[variable][key]) if key in now[variable] else "" for key in keys]
    texts = [f"<b>{text}</b>" if (variable, key) in changed else text for key, text in zip(keys, texts)]
    xs = [n + 1.4 for n in range(len(keys))]
    return _texts(name, xs, [y] * len(keys), texts, role)


def _texts(name: str, xs: list, ys: list, texts: list, role: str, position: str = "middle center") -> dict:
    return {"type": "scatter", "mode": "text", "name": name, "x": xs, "y": ys, "text": texts,
            "textposition": position, "meta": {"role": role}}  # fmt: skip
