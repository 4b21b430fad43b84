"""Figures of chapter 2: the two passes through six units, and the step size of a gradient check."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from nnlib import check
from nnlib.activations import Activation, identity
from nnlib.costs import half_squared_error
from nnlib.figures.words import operand, say, ten_to
from nnlib.index_backprop import UnitNetwork, back_propagate, propagate

SQUARE = Activation("square", lambda z: z**2, lambda z: 2 * z)
WEIGHTS = {
    (2, 0): 1.0, (2, 1): -0.5, (3, 1): 0.5, (3, 2): 2.0, (4, 2): 2.0, (4, 3): 1.0,
    (5, 0): 1.0, (5, 3): -1.0, (5, 4): 2.0,
}  # fmt: skip
INPUT, TARGET = {0: 1.0, 1: 2.0}, {4: 0.0, 5: 0.5}
PLACE = {0: (0, 2), 1: (0, 0), 2: (1, 1.1), 3: (1, 0), 4: (2, 0), 5: (2, 2)}
LABELS = {
    0: (0.2, -0.2),
    1: (0.2, -0.2),
    2: (0.38, 0.2),
    3: (-0.2, -0.38),
    4: (-0.2, -0.38),
    5: (0.38, 0.2),
}  # y, p
ASPECT = 1.7  # a step to the right over a step up, in pixels, between a wide page and a phone
LAST_STEP = 10


def example(w: dict = WEIGHTS) -> UnitNetwork:
    """The chapter's six units: a skip 0 -> 5, a side link 2 -> 3, an output 4 that feeds the output 5."""
    upstream = {i: tuple(j for k, j in w if k == i) for i in (2, 3, 4, 5)}
    act = {2: SQUARE, 3: SQUARE, 4: identity, 5: identity}
    return UnitNetwork((0, 1), (4, 5), upstream, w, {2: 0.5, 3: -0.5, 4: -1.0, 5: 0.0}, act)


def passes(step: int) -> dict:
    """The forward pass (steps 1 to 4), the errors (5) and the backward pass (6 to 10) through the example."""
    units = example()
    x, y = propagate(units, INPUT)
    p = back_propagate(units, INPUT, TARGET, half_squared_error)[2]
    forward_now = units.order[step - 1] if 1 <= step <= 4 else None
    backward_now = {6: (5,), 7: (4,), 8: (3,), 9: (2,), 10: (0, 1)}.get(step, ())
    known_y = (*units.inputs, *units.order[: min(step, 4)])
    known_p = [
        i for n, ids in {6: (5,), 7: (4,), 8: (3,), 9: (2,), 10: (0, 1)}.items() if n <= step for i in ids
    ]
    errors = units.outputs if step >= 5 else ()
    taken = [link for link in WEIGHTS if link[0] == forward_now]
    sent = [link for link in WEIGHTS if link[1] in backward_now]
    above, below = zip(*(LABELS[i] for i in PLACE))
    shown_p = {i: f"p = {say(p[i])}" if i in known_p else "error 0.5" if i in errors else "" for i in PLACE}
    return {
        "data": [
            _links("in use forward", taken, "value"),
            _links("in use backward", sent, "gradient"),
            {
                "type": "scatter", "mode": "markers", "name": "units", "x": [x for x, _ in PLACE.values()],
                "y": [y for _, y in PLACE.values()], "marker": {"size": 26, "symbol": "circle-open"},
                "meta": {"role": "neutral"},
            },
            _texts("unit", {i: str(i) for i in PLACE}, [0] * 6, "neutral"),
            _texts("output y", {i: f"y = {y[i]:g}" if i in known_y else "" for i in PLACE}, above, "value"),
            _texts("adjoint p", shown_p, below, "gradient"),
        ],
        "layout": {
            "xaxis": {"visible": False, "range": [-0.35, 2.35]},
            "yaxis": {"visible": False, "range": [-0.55, 2.55]},
            "annotations": [_arrow(i, j) for i, j in WEIGHTS] + [_weight(link) for link in WEIGHTS],
            "showlegend": False,
        },
        "meta": {
            "alt": (
                "Six units: inputs 0 and 1 left, hidden units 2 and 3, outputs 4 and 5 right, joined by nine "
                "weighted arrows. Outputs y fill in from left to right, adjoints p from right to left."
            ),
            "sentence": _sentence(step, units, x, y, p),
        },
    }  # fmt: skip


def _sentence(step: int, units: UnitNetwork, x: dict, y: dict, p: dict) -> str:
    if step == 0:
        return "Step 0: the inputs are given, y of unit 0 is 1 and y of unit 1 is 2."
    if step <= 4:
        i = units.order[step - 1]
        sums = " + ".join(f"{operand(units.w[i, j])} · {operand(y[j])}" for j in units.upstream[i])
        return f"Step {step}, unit {i}: x = {sums} + {operand(units.b[i])} = {say(x[i])}, so y = {say(y[i])}."
    if step == 5:
        return (
            "Step 5: the outputs are 0.5 and 1, the targets 0 and 0.5; both errors are 0.5, the cost is 0.25."
        )
    if step == LAST_STEP:
        inputs = f"{say(p[0])} for unit 0, {say(p[1])} for unit 1"
        return f"Step 10, inputs: no activation, so p is the bare sum: {inputs}."
    i = 11 - step
    own = ["0.5"] if i in units.outputs else []
    sums = " + ".join(own + [f"{operand(p[k])} · {operand(units.w[k, i])}" for k in units.downstream[i]])
    slope = np.asarray(units.act[i].df(x[i])).item()
    return f"Step {step}, unit {i}: p = ({sums}) times the slope {say(slope)} = {say(p[i])}."


def _links(name: str, shown: list, role: str) -> dict:
    """All nine links as line segments that leave the units' numbers free, the ones not shown as gaps."""
    xs: list = []
    ys: list = []
    for link in WEIGHTS:
        start, end = np.array(PLACE[link[1]]), np.array(PLACE[link[0]])
        gap = 0.12 * (end - start) / np.linalg.norm(end - start)
        ends = [(start + gap).round(3), (end - gap).round(3)] if link in shown else [(None, None)] * 2
        xs += [ends[0][0], ends[1][0], None]
        ys += [ends[0][1], ends[1][1], None]
    return {"type": "scatter", "mode": "lines", "name": name, "x": xs, "y": ys, "meta": {"role": role},
            "line": {"width": 4}}  # fmt: skip


def _texts(name: str, texts: dict, shifts: list | tuple, role: str) -> dict:
    return {
        "type": "scatter",
        "mode": "text",
        "name": name,
        "x": [PLACE[i][0] for i in texts],
        "y": [PLACE[i][1] + shift for i, shift in zip(texts, shifts)],
        "text": list(texts.values()),
        "textposition": "middle center",
        "meta": {"role": role},
    }


def _arrow(i: int, j: int) -> dict:
    (x1, y1), (x0, y0) = PLACE[i], PLACE[j]
    ends = {"x": x1, "y": y1, "ax": x0, "ay": y0, "xref": "x", "yref": "y", "axref": "x", "ayref": "y"}
    look = {"showarrow": True, "arrowhead": 2, "standoff": 14, "startstandoff": 14}
    return {"text": "", "name": "neutral", **ends, **look}


def _weight(link: tuple) -> dict:
    (x1, y1), (x0, y0) = PLACE[link[0]], PLACE[link[1]]
    t = 0.66 if link in ((5, 3), (4, 2)) else 0.34  # two links cross at 0.34: keep their labels away
    text = say(WEIGHTS[link])
    up, right = max([(x1 - x0) * ASPECT, y0 - y1], [(x0 - x1) * ASPECT, y1 - y0])  # across the link
    up, right = np.array([up, right]) / np.hypot(up, right)
    clear = 4 + 4 * len(text) * abs(right) + 8 * abs(up)  # half of the label reaches so far towards the link
    return {"text": text, "name": "neutral", "showarrow": False,
            "x": (1 - t) * x0 + t * x1, "y": (1 - t) * y0 + t * y1,
            "xshift": round(clear * right), "yshift": round(clear * up)}  # fmt: skip


# The step of a gradient check -------------------------------------------------------------------------------

LINK, TRUE = (2, 0), 7.0  # dC/dw_20 of the example is exactly p_2 y_0 = 7
FLOOR = 1e-17  # what "no error at all" is drawn as, on a logarithmic axis


def _cost(w):
    """The example's cost as a function of one weight."""
    _, y = propagate(example(WEIGHTS | {LINK: w}), INPUT)
    return sum((y[i] - TARGET[i]) ** 2 for i in TARGET) / 2


def _errors(method: Callable) -> list[float]:
    relative = (abs(method(10.0**-n) - TRUE) / TRUE for n in range(1, 17))
    return [max(float(error), FLOOR) for error in relative]


def _methods() -> dict[str, tuple[Callable, str]]:
    w = WEIGHTS[LINK]
    return {
        "one-sided difference": (lambda h: (_cost(w + h) - _cost(w)) / h, "second"),
        "central difference": (lambda h: check.central_difference(_cost, w, h), "value"),
        "complex step": (lambda h: np.imag(_cost(w + 1j * h)) / h, "right"),
    }


def gradient_check(k: int = 4) -> dict:
    """The relative error of three numerical derivatives for the steps h from 0.1 down to 10^-k."""
    steps = [10.0**-n for n in range(1, 17)]
    data, told = [], []
    for name, (method, role) in _methods().items():
        errors = _errors(method)
        data.append({"type": "scatter", "mode": "lines+markers", "name": name, "x": steps,
                     "y": [error if n < k else None for n, error in enumerate(errors)],
                     "meta": {"role": role}})  # fmt: skip
        told.append(f"{name} {_rounded(errors[k - 1])}")
    at = [steps[k - 1]] * 2
    data.append({"type": "scatter", "mode": "lines", "name": "chosen step", "x": at, "y": [FLOOR, 10.0],
                 "meta": {"role": "neutral"}, "line": {"dash": "dot"}})  # fmt: skip
    return {
        "data": data,
        "layout": {
            "xaxis": {"title": {"text": "step h"}, "type": "log", "range": [-16.4, -0.6]},
            "yaxis": {"title": {"text": "relative error"}, "type": "log", "range": [-17.3, 1.3]},
        },
        "meta": {
            "alt": (
                "Relative error against step h, both logarithmic, of one-sided difference, central "
                "difference and complex step. Each smaller step adds a point to the three curves."
            ),
            "sentence": f"Order of magnitude of the relative error at h = {ten_to(-k)}: {', '.join(told)}.",
        },
    }  # fmt: skip


def _rounded(error: float) -> str:
    """Its power of ten: all that is the same on every machine."""
    return "at rounding level" if error < 1e-15 else ten_to(round(np.log10(error)))
