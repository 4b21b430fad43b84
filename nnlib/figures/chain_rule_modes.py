"""Figure of the page chain-rule-modes: a Jacobian by forward and by reverse sweeps, over inputs and outputs."""

from __future__ import annotations

from functools import cache
from math import log2

from nnlib.chain_rule import Node, jacobian, values, variable
from nnlib.check import Counted, operations

SIZES = (1, 2, 4, 8, 16, 32)  # numbers of inputs, and of outputs
MIDDLE = 20
MODES = ("forward", "reverse")


def program(inputs: int, outputs: int, leaf=None) -> tuple[list[Node], list[Node]]:
    """A program of 2 inputs + 40 + 2 outputs operations in which every output depends on every input.

    `leaf` is what each input holds; by default small different numbers, so that all values stay below 1.
    """
    x = [variable(f"x_{j}", leaf if leaf is not None else 0.3 / (j + 1)) for j in range(inputs)]
    h = x[0]
    for x_j in x:
        h = h * x_j - x_j
    for _ in range(MIDDLE):
        h = h * h - h
    y = []
    for _ in range(outputs):
        h = h * h - h
        y.append(h)
    return y, x


@cache
def counts(inputs: int, outputs: int) -> dict[str, int]:
    """Operations for the values, and for the values with the Jacobian in either mode."""
    y, x = program(inputs, outputs, Counted())
    found = {"values": operations(values, *y)}
    return found | {mode: operations(jacobian, y, x, mode) for mode in MODES}


def bounds(inputs: int, outputs: int) -> dict[str, int]:
    """What the two modes cost at most: 1 + 3 inputs and 1 + 4 outputs times the values."""
    once = counts(inputs, outputs)["values"]
    return {"forward": (1 + 3 * inputs) * once, "reverse": (1 + 4 * outputs) * once}


def modes(inputs: int = 8, outputs: int = 8, show: str = "operations", *, seconds: dict) -> dict:
    """Forward over reverse, counted or timed, up to `inputs` and `outputs`; that cell is told in the sentence.

    `show` is "operations" or "seconds"; `seconds` is the stored measurement, a table for each mode with a
    row for each number of outputs.
    """
    made = {mode: [[counts(m, k)[mode] for m in SIZES] for k in SIZES] for mode in MODES}
    table = {"operations": made, "seconds": seconds}[show]
    ratio = [[f / r for f, r in zip(*rows)] for rows in zip(table["forward"], table["reverse"])]
    column, row = SIZES.index(inputs), SIZES.index(outputs)
    shown = [[v if j <= column and i <= row else None for j, v in enumerate(l)] for i, l in enumerate(ratio)]
    here = {mode: table[mode][row][column] for mode in MODES}
    box = {"type": "rect", "name": "neutral", "line": {"width": 3}}
    box |= {"x0": column - 0.5, "x1": column + 0.5, "y0": row - 0.5, "y1": row + 0.5}
    ticks = {"tickvals": list(range(len(SIZES))), "ticktext": [str(n) for n in SIZES], "showgrid": False}
    return {
        "data": [
            {
                "type": "heatmap", "x": list(range(len(SIZES))), "y": list(range(len(SIZES))),
                "z": [[_logarithm(v) for v in line] for line in shown], "zmid": 0, "zmin": -5, "zmax": 5,
                "text": [[_short(v) for v in line] for line in shown], "texttemplate": "%{text}",
                "showscale": False, "name": "log₂ of forward / reverse", "meta": {"role": "value"},
            }
        ],
        "layout": {
            "height": 380,
            "xaxis": {"title": {"text": "inputs"}, **ticks},
            "yaxis": {"title": {"text": "outputs"}, **ticks},
            "shapes": [box],
        },
        "meta": {
            "alt": f"A grid of numbers: {show} of the forward mode over those of the reverse mode, up to the "
            "chosen sizes. Below the diagonal, with more inputs than outputs, they exceed 1; above it they are less.",
            "sentence": f"{_many(inputs, 'input')}, {_many(outputs, 'output')}: "
            + _compared(show, here, bounds(inputs, outputs)),
        },
    }  # fmt: skip


def _short(ratio: float | None) -> str:
    if ratio is None:
        return ""
    return f"{ratio:.2f}" if ratio < 0.995 else f"{ratio:.1f}" if ratio < 9.95 else f"{ratio:.0f}"


def _many(n: int, what: str) -> str:
    return f"{n} {what}{'s' if n > 1 else ''}"


def _logarithm(ratio: float | None) -> float | None:
    return ratio and round(log2(ratio), 3)


def _compared(show: str, here: dict, limit: dict) -> str:
    if show == "seconds":
        return (
            f"forward {1e3 * here['forward']:.3g} ms, reverse {1e3 * here['reverse']:.3g} ms, when measured."
        )
    parts = [f"{mode} {here[mode]:,} operations, at most {limit[mode]:,}" for mode in MODES]
    return "; ".join(parts) + "."
