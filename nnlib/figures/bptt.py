"""Figures of the chapter bptt: two derivatives, the terms of the gradient, the error of truncation."""

from __future__ import annotations

from functools import cache

import numpy as np

from nnlib import bptt, jacobian
from nnlib.activations import tanh
from nnlib.check import agreement
from nnlib.costs import half_squared_error
from nnlib.network import Network

STEPS = 16
FLOOR = 1e-8  # errors below it are drawn at it: nothing is to be read from rounding


def two_derivatives(w=0.5):
    """Immediate and total derivative by w of s(n) = w s(n-1) + x(n), x(n) = 1, over ten steps."""
    n = np.arange(1, 11)
    s, immediate, total = [0.0], [], [0.0]
    for _ in n:
        immediate.append(s[-1])
        total.append(s[-1] + w * total[-1])
        s.append(w * s[-1] + 1)
    return {
        "data": [
            _bars("immediate ∂⁺s(n)/∂w", "immediate", n, immediate),
            _bars("total ∂s(n)/∂w", "total", n, total[1:]),
        ],
        "layout": {
            "barmode": "group",
            "xaxis": {"title": "time step n"},
            "yaxis": {"title": "derivative by w"},
        },
        "meta": {
            "alt": "Two bars at each of ten time steps: the immediate derivative of the state by the weight "
            "and the total one. They agree up to step 2 and part from step 3 on, the more the larger w is.",
            "sentence": f"At w = {w:g} the immediate derivative of s(10) is {immediate[-1]:.3g}, "
            f"the total one {total[-1]:.3g}.",
        },
    }


def terms(gain=0.5, cut="window", length=3):
    """The size of every term of the double sum, by time of cost and time of use; cut ones are blank."""
    T = 10
    size, kept = _sizes(gain, T), _kept(cut, length, T)
    shown = np.where(kept, np.log10(np.maximum(size / size.max(), FLOOR)), np.nan)
    error = _error(gain, T, cut, length)
    time = np.arange(1, T + 1)
    return {
        "data": [
            {
                "type": "heatmap",
                "name": "log10 of the term's size",
                "meta": {"role": "gradient"},
                "x": time,
                "y": time,
                "z": shown,
                "zmin": -6,
                "zmax": 0,
                "showscale": True,
            }
        ],
        "layout": {
            "xaxis": {"title": "time of use m"},
            "yaxis": {"title": "time of the cost n", "autorange": "reversed"},
        },
        "meta": {
            "alt": "A lower triangle of ten by ten squares, one for each term of the gradient: row n is the "
            "cost of step n, column m the use of the parameters at step m. A window keeps a band along the "
            "diagonal, a chunk keeps triangles along it; what is cut is blank.",
            "sentence": f"A {cut} of {length} keeps {kept.sum()} of {T * (T + 1) // 2} terms; "
            f"the gradient is off by {_percent(error)} (recurrent gain {gain:g}).",
        },
    }


def truncation(gain=0.5):
    """The relative error of the gradient against the length of window or chunk, 16 units, 16 steps."""
    lengths = np.arange(1, STEPS + 1)
    errors = {cut: [_error(gain, STEPS, cut, int(k)) for k in lengths] for cut in ("window", "chunk")}
    return {
        "data": [
            _line("window", "value", lengths, errors["window"]),
            _line("chunk", "second", lengths, errors["chunk"]),
        ],
        "layout": {
            "xaxis": {"title": "length of window or chunk"},
            "yaxis": {"title": "relative error of the gradient", "type": "log", "range": [-8.3, 1]},
        },
        "meta": {
            "alt": "Error of the truncated gradient over the length kept, on a logarithmic axis. In a "
            "contracting network the window's error falls along a straight line, the chunk's hardly falls; "
            "in a chaotic one neither is of use until almost all of the 16 steps are kept.",
            "sentence": f"At recurrent gain {gain:g}, half the sequence leaves an error of "
            f"{_percent(errors['window'][7])} by window and {_percent(errors['chunk'][7])} by chunk.",
        },
    }


def _bars(name: str, role: str, x, y) -> dict:
    return {"type": "bar", "name": name, "meta": {"role": role}, "x": x, "y": y}


def _line(name: str, role: str, x, y) -> dict:
    shown = np.maximum(y, FLOOR)
    return {
        "type": "scatter",
        "mode": "lines+markers",
        "name": name,
        "meta": {"role": role},
        "x": x,
        "y": shown,
    }


def _percent(share: float) -> str:
    return (
        "less than 0.01 %"
        if share < 1e-4
        else f"{100 * share:.2g} %"
        if share < 0.1
        else f"{100 * share:.0f} %"
    )


@cache
def network(gain: float, T: int):
    """A seeded recurrent layer of 16 tanh units with weights N(0, gain^2 / 16): (rnn, X, Y, cost)."""
    n, rng = 16, np.random.default_rng(1)
    W = np.concatenate([rng.standard_normal((n, 1)), gain * rng.standard_normal((n, n)) / np.sqrt(n)], axis=1)
    rnn = bptt.RNN(Network((None, W), (None, np.zeros(n)), (None, tanh)), 1, n)
    return rnn, rng.standard_normal((1, T, 1)) / 2, rng.standard_normal((1, T, 1)), half_squared_error


@cache
def _error(gain: float, T: int, cut: str, length: int) -> float:
    data = network(gain, T)
    return agreement(bptt.truncated(*data, **{cut: length}), bptt.bptt(*data))


@cache
def _sizes(gain: float, T: int) -> np.ndarray:
    """The largest entry of every term d+C/ds(n) R(n) ... R(m+1) F(m), at [n-1, m-1]; 0 above the diagonal."""
    rnn, X, Y, cost = network(gain, T)
    run = bptt.forward(rnn, X)
    at = [None, *(bptt.cell_input(rnn, run.x[n], run.s[n - 1]) for n in range(1, T + 1))]
    sizes = np.zeros((T, T))
    for n in range(1, T + 1):
        row = np.zeros((1, rnn.n_z))
        row[0, :1] = cost.da(run.y[:, n - 1], Y[:, n - 1])
        for m in range(n, 0, -1):
            sizes[n - 1, m - 1] = np.abs(row @ jacobian.parameters(rnn.cell, at[m]).matrix()[0]).max()
            row = row @ jacobian.inputs(rnn.cell, at[m])[0, :, 1:]
    return sizes


def _kept(cut: str, length: int, T: int) -> np.ndarray:
    n, m = np.indices((T, T))
    return (m <= n) & (n - m < length if cut == "window" else n // length == m // length)
