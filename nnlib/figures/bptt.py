"""Figures of the chapter bptt: two derivatives, the terms of the gradient, the error of truncation;
work and memory, norms, checkpoints, learning at every step."""

from __future__ import annotations

from functools import cache

import numpy as np

from nnlib import bptt, data, jacobian
from nnlib.activations import tanh
from nnlib.check import agreement
from nnlib.costs import half_squared_error
from nnlib.figures.words import power
from nnlib.network import Network, flatten, init, unflatten

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
            "diagonal, a chunk keeps triangles along it; what is cut is blank. The bar gives the decimal logarithm "
            "of a term's size: 0 is the largest, −3 a thousandth of it.",
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


def plane(units=16, steps=1000):
    """Multiplications and numbers kept for one gradient, one layer with all units fed back; both counted."""
    n = units
    T = np.append(10 ** np.arange(7, dtype=np.int64), steps)  # a browser's 32 bits do not hold the products
    every = np.ceil(np.sqrt(T))
    ways = {
        "RTRL": ((n**4 + 5 * n**3 + 9 * n**2 + 3 * n) * T, n * n * (n + 2) + 0 * T),
        "BPTT": ((4 * n**2 + 5 * n) * T, n * T),
        "BPTT with checkpoints": ((5 * n**2 + 6 * n) * T, n * (np.ceil(T / every) + every)),
    }
    traces = []
    for role, (name, (work, kept)) in zip(("value", "second", "third"), ways.items()):
        point = {"meta": {"role": role}, "type": "scatter"}
        traces.append(point | {"name": name, "mode": "lines+markers", "x": work[:-1], "y": kept[:-1]})
        here = {"x": work[-1:], "y": kept[-1:], "marker": {"size": 15}}
        traces.append(point | {"name": f"{name}, now", "mode": "markers", "showlegend": False} | here)
    crossing = n * (n + 2)
    more = "RTRL" if steps < crossing else "BPTT" if steps > crossing else "neither"
    return {
        "data": traces,
        "layout": {
            "xaxis": {"title": "multiplications", "type": "log", "range": [0, 18]},
            "yaxis": {"title": "numbers kept", "type": "log", "range": [0, 9]},
        },
        "meta": {
            "alt": "The plane of work (across) and memory (up), both logarithmic. Each way is a path over 1 to a "
            "million steps, a large mark shows the present length. RTRL's path is level, BPTT's climbs as fast "
            "as it goes right, with checkpoints half as fast; RTRL's point always lies farthest right.",
            "sentence": f"{n} units, {steps:,} step{'s' * (steps != 1)}: RTRL multiplies "
            f"{_thousands(traces[1]['x'][0] / traces[3]['x'][0])} times as often as BPTT; {more} keeps more "
            f"numbers. They keep equally many at {crossing:,} steps.",
        },
    }


MATRICES = {
    "radius 0.5, normal": ((0.1, 0.4), (0.4, 0.1)),
    "radius 0.5, non-normal": ((0.5, 10), (0, 0.5)),
    "radius 1.25, normal": ((0.25, 1), (1, 0.25)),
}


def norms(matrix="radius 0.5, non-normal", drive=0.0):
    """The norm of ds(1+k)/ds(1), two tanh units under a constant input, beside three ways to guess it."""
    W_r, k = np.array(MATRICES[matrix]), np.arange(16)
    cell = Network((None, np.column_stack([[1, 1], W_r])), (None, np.zeros(2)), (None, tanh))
    rnn = bptt.RNN(cell, 2, 2)
    run = bptt.forward(rnn, np.full((1, 16, 1), drive))
    chain, true, slope = np.eye(2), [1.0], [0.0]
    for n in range(2, 17):
        R = jacobian.inputs(cell, bptt.cell_input(rnn, run.x[n], run.s[n - 1]))[0, :, 1:]
        chain = R @ chain
        true.append(np.linalg.norm(chain, 2))
        slope.append((1 - run.s[n] ** 2).max())
    norm, radius = np.linalg.norm(W_r, 2), np.abs(np.linalg.eigvals(W_r)).max()
    curves = {
        "norm of the product": ("gradient", true),
        "bound: (max g' times norm of W<sub>r</sub>) to the k": ("value", (max(slope) * norm) ** k),
        "norm of W<sub>r</sub> to the k": ("third", norm**k),
        "spectral radius of W<sub>r</sub> to the k": ("second", radius**k),
    }
    return {
        "data": [_line(name, role, k, y) for name, (role, y) in curves.items()],
        "layout": {
            "xaxis": {"title": "steps back, k"},
            "yaxis": {"title": "norm of ∂s(1+k)/∂s(1)", "type": "log", "range": [-8.3, 16.5]},
        },
        "meta": {
            "alt": "Four curves over 0 to 15 steps on a logarithmic axis: the true norm of the product of "
            "Jacobians, the bound with the largest slope, the powers of the matrix's norm and those of its "
            "spectral radius. The true norm never leaves the bound; it can lie far above the radius's powers.",
            "sentence": f"{matrix}, input {drive:g}: after one step the norm is {true[1]:.3g}, after "
            f"fifteen it is {_size(true[-1])}; the largest slope on the way is {max(slope):.3g}.",
        },
    }


def checkpoints(every=16):
    """States alive after each run of the cell for one gradient over 64 steps, by what is kept."""
    T = 64
    plain = [*range(2, T + 2), *range(T + 1, 1, -1)]
    starts = range(0, T, every)
    first = [1 + n // every + n % every for n in range(1, starts[-1] + 1)]
    second = []
    for index in reversed(range(len(starts))):
        length = min(every, T - starts[index])
        second += [index + 1 + done for done in range(1, length + 1)]
        second += [index + 1 + left for left in range(length, 0, -1)]
    alive = np.array(first + second + [np.nan] * (3 * T - len(first + second)), dtype=float)
    return {
        "data": [
            _line("every state kept", "second", np.arange(1, 2 * T + 1), plain, "lines"),
            _line("checkpoints kept", "value", np.arange(1, 3 * T + 1), alive, "lines"),
        ],
        "layout": {
            "xaxis": {"title": "runs of the cell so far", "range": [0, 3 * T]},
            "yaxis": {"title": "states alive", "range": [0, T + 4]},
        },
        "meta": {
            "alt": "States alive over the runs of the cell. With every state kept the line climbs to 65 and comes "
            "down again. With checkpoints it is a saw: few teeth that are high, or many low ones on a high "
            "stair, and the lowest saw lies between.",
            "sentence": f"Checkpoints {every} apart: at most {int(np.nanmax(alive))} states alive instead of "
            f"{T + 1}, {len(first + second)} runs of the cell instead of {2 * T}.",
        },
    }


def online(eta=0.01):
    """The error of what RTRL carries while it learns, against the derivative run anew at today's weights."""
    n = np.arange(1, 41)
    return {
        "data": [_line("error of the carried derivative", "third", n, _online_errors(eta))],
        "layout": {
            "xaxis": {"title": "time step n"},
            "yaxis": {"title": "relative error", "type": "log", "range": [-8.3, 1]},
        },
        "meta": {
            "alt": "The relative error of the carried derivative over forty time steps, on a logarithmic axis. "
            "Without learning it is at the figure's floor; ten times the rate lifts the curve tenfold at first.",
            "sentence": f"At rate {eta:g} the carried derivative is off by "
            f"{_percent(_online_errors(eta)[-1])} after 40 steps.",
        },
    }


@cache
def _online_errors(eta: float) -> tuple:
    """A layer of six units that learns to echo after two steps, one step of descent at every time step."""
    rng = np.random.default_rng(0)
    X, Y = data.echo(1, 40, 2, rng)
    rnn = bptt.RNN(init((7, 6), tanh, rng, tanh), 1, 6)
    s, S, errors = np.zeros((1, 6)), np.zeros((1, 6, flatten(rnn.cell).size)), []
    for n in range(40):
        s, S = bptt.carry(rnn, X[:, n], s, S)
        *_, (_, anew) = bptt.sensitivities(rnn, X[:, : n + 1])
        errors.append(agreement(S, anew))
        theta = flatten(rnn.cell) - eta * (s[0, 0] - Y[0, n, 0]) * S[0, 0]
        rnn = bptt.RNN(unflatten(rnn.cell, theta), 1, 6)
    return tuple(errors)


def _bars(name: str, role: str, x, y) -> dict:
    return {"type": "bar", "name": name, "meta": {"role": role}, "x": x, "y": y}


def _line(name: str, role: str, x, y, mode: str = "lines+markers") -> dict:
    shown = np.maximum(y, FLOOR)
    return {
        "type": "scatter",
        "mode": mode,
        "name": name,
        "meta": {"role": role},
        "x": x,
        "y": shown,
    }


def _percent(share: float) -> str:
    return (
        "less than 0.01\u00a0%"
        if share < 1e-4
        else f"{100 * share:.2g}\u00a0%"
        if share < 0.1
        else f"{100 * share:.0f}\u00a0%"
    )


def _size(value: float) -> str:
    return "below 10⁻⁸" if value < FLOOR else power(value)


def _thousands(value: float) -> str:
    return f"{float(f'{value:.3g}'):,g}"


@cache
def network(gain: float, T: int):
    """A seeded recurrent layer of 16 tanh units with weights N(0, gain^2 / 16): (rnn, X, Y, cost)."""
    n, rng = 16, np.random.default_rng(1)
    W = np.concatenate([rng.standard_normal((n, 1)), gain * rng.standard_normal((n, n)) / np.sqrt(n)], axis=1)
    rnn = bptt.RNN(Network((None, W), (None, np.zeros(n)), (None, tanh)), 1, n)
    return rnn, rng.standard_normal((1, T, 1)) / 2, rng.standard_normal((1, T, 1)), half_squared_error


@cache
def _error(gain: float, T: int, cut: str, length: int) -> float:
    problem = network(gain, T)
    return agreement(bptt.truncated(*problem, **{cut: length}), bptt.bptt(*problem))


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
