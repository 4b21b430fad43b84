"""Chapter 5: recurrent networks; forward (RTRL) and backward (BPTT) through time, whole and truncated.

A quantity reaches the cost in two ways: at its own time step, and through all later states. In names and
in the book, *immediate* (d+) means the first alone, everything else held fixed; *total* means both.
Time counts n = 1..T; sequences over time hold None (the state: s(0) = 0) at 0.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import isqrt
from typing import Any, NamedTuple

import numpy as np

from nnlib import jacobian, network
from nnlib.arrays import as_array, one_dtype, whole_number
from nnlib.costs import Cost
from nnlib.network import Gradient, Network


@dataclass(frozen=True, eq=False)
class RNN:
    """A recurrent network s(n) = cell([x(n); r(n-1)]), s(0) = 0.

    The cell is any feed-forward network from n_x + n_r inputs to n_z outputs. y = Gamma_y s are the first n_y
    rows of the state, r = Gamma_r s the last n_r; they may overlap, and need not cover the state.

    Raises ValueError for a cell that is no Network or ends in softmax, n_y outside 1..n_z, n_r outside
    0..n_z, and an n_r that leaves no input x. Book: eq-bptt-state. Source: 003, its recurrent network.
    """

    cell: Network
    n_y: int
    n_r: int

    def __post_init__(self) -> None:
        if not isinstance(self.cell, Network):
            raise ValueError(f"cell wants a Network, got {self.cell!r}")
        network.require_elementwise(self.cell, "bptt")
        whole_number("n_y", self.n_y, 1, self.n_z)
        whole_number("n_r", self.n_r, 0, self.n_z)
        if self.n_x < 1:
            raise ValueError(
                f"n_r is {self.n_r}, wants less than the {self.cell.sizes[0]} inputs of the cell"
            )

    @property
    def n_x(self) -> int:
        """The number of inputs per time step."""
        return self.cell.sizes[0] - self.n_r

    @property
    def n_z(self) -> int:
        """The number of entries of the state s(n)."""
        return self.cell.sizes[-1]


class Run(NamedTuple):
    """What a forward run leaves: inputs x[n] (B, n_x), states s[n] (B, n_z), outputs y (B, T, n_y).

    x and s are tuples over time 0..T; x[0] is None, s[0] is 0.
    """

    x: tuple
    s: tuple
    y: np.ndarray


def cell_input(rnn: RNN, x: np.ndarray, s: np.ndarray) -> np.ndarray:
    """[x(n); Gamma_r s(n-1)], (B, n_x + n_r), from x(n) (B, n_x) and s(n-1) (B, n_z)."""
    return np.concatenate([x, s[:, rnn.n_z - rnn.n_r :]], axis=1)


def forward(rnn: RNN, X) -> Run:
    """Run the network along the sequences X (B, T, n_x): s(n) = cell([x(n); r(n-1)]), s(0) = 0.

    Raises ValueError for a wrong rank or width, an empty batch or sequence, NaN or infinity, mixed float
    widths. Book: eq-bptt-state. Source: 003, corrected.
    """
    x = _inputs(rnn, X)
    s = tuple(_run_on(rnn, x, 0, _rest(rnn, x[1]), len(x) - 1).values())
    return Run(x, s, np.stack([state[:, : rnn.n_y] for state in s[1:]], axis=1))


def sensitivities(rnn: RNN, X) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Yield s(n) (B, n_z) and its total derivative ds(n)/dtheta (B, n_z, P) for n = 1..T, forward in time.

    ds(n)/dtheta = d+s(n)/dtheta + d+s(n)/dr(n-1) dr(n-1)/dtheta from ds(0)/dtheta = 0; dr = Gamma_r ds.
    The columns are those of `network.flatten`. Nothing of the past is kept but the last pair.

    Raises ValueError as `forward` does. Book: eq-bptt-rtrl, eq-bptt-start. Source: 003, corrected.
    """
    x = _inputs(rnn, X)
    s = _rest(rnn, x[1])
    total_ds_dtheta = np.zeros((*s.shape, network.flatten(rnn.cell).size), dtype=s.dtype)
    for x_n in x[1:]:
        s, total_ds_dtheta = carry(rnn, x_n, s, total_ds_dtheta)
        yield s, total_ds_dtheta


def carry(rnn: RNN, x, s, total_ds_dtheta) -> tuple[np.ndarray, np.ndarray]:
    """One step of RTRL: from x(n) (B, n_x), s(n-1) (B, n_z), ds(n-1)/dtheta (B, n_z, P) to s(n), ds(n)/dtheta.

    The weights may change between two calls; then what is carried is the derivative by a shift that all the
    weights used so far have in common. Book: eq-bptt-rtrl, eq-bptt-online. Source: 003; Williams & Zipser 1989.
    """
    u = cell_input(rnn, x, s)
    immediate_ds_dtheta = jacobian.parameters(rnn.cell, u).matrix()
    immediate_ds_dr = jacobian.inputs(rnn.cell, u)[:, :, rnn.n_x :]
    total_dr_dtheta = total_ds_dtheta[:, rnn.n_z - rnn.n_r :]
    return network.forward(rnn.cell, u).a[-1], immediate_ds_dtheta + immediate_ds_dr @ total_dr_dtheta


def rtrl(rnn: RNN, X, Y, cost: Cost) -> Gradient:
    """The cost's gradient forward in time: sum_n d+C/ds(n) ds(n)/dtheta, real-time recurrent learning.

    X is (B, T, n_x), Y (B, T, n_y); the cost sums over time and batch. Carries n_z P numbers, whatever T.

    Raises ValueError as `forward` does, and for a Y that does not fit.
    Book: eq-bptt-error. Source: 003, where it is called BPTT; Williams & Zipser 1989.
    """
    y_star = _targets(rnn, X, Y)
    dC_dtheta = np.zeros_like(network.flatten(rnn.cell))
    for n, (s, total_ds_dtheta) in enumerate(sensitivities(rnn, X), start=1):
        immediate_dC_ds = _immediate_dC_ds(rnn, s, y_star[n], cost)
        dC_dtheta = dC_dtheta + np.einsum("bi,bip->p", immediate_dC_ds, total_ds_dtheta)
    return Gradient(*network.split_layers(rnn.cell, dC_dtheta))


def bptt(rnn: RNN, X, Y, cost: Cost) -> Gradient:
    """The cost's gradient backward in time: sum_n dC/ds(n) d+s(n)/dtheta, backpropagation through time.

    dC/ds(n) = d+C/ds(n) + dC/ds(n+1) d+s(n+1)/ds(n), from 0 beyond T. X is (B, T, n_x), Y (B, T, n_y); the
    cost sums over time and batch. Keeps the T states, T n_z numbers a sequence; what happened inside the
    cell is computed anew on the way back.

    Raises ValueError as `forward` does, and for a Y that does not fit.
    Book: eq-bptt-adjoint, eq-bptt-gradient. Source: 003 by name only; Werbos 1990.
    """
    run, immediate = _run_and_immediate(rnn, X, Y, cost)
    return sum(gradient for _, gradient, *_ in _send_back(rnn, run.x, run.s, immediate, 1))


def adjoints(rnn: RNN, X, Y, cost: Cost) -> tuple[tuple, np.ndarray]:
    """The total derivatives dC/ds(n) (B, n_z), a tuple over 0..T with None at 0, and dC/dX (B, T, n_x).

    dC/dx(n) = dC/ds(n) d+s(n)/dx(n). Raises ValueError as `bptt` does. Book: eq-bptt-adjoint, eq-bptt-inputs.
    """
    run, immediate = _run_and_immediate(rnn, X, Y, cost)
    total_dC_ds, _, dC_dx, _ = zip(*[*_send_back(rnn, run.x, run.s, immediate, 1)][::-1])
    return (None, *total_dC_ds), np.stack(dC_dx, axis=1)


def truncated(rnn: RNN, X, Y, cost: Cost, window=None, chunk=None) -> Gradient:
    """BPTT cut short; give one of the two.

    `window`: the cost at n is sent back through the steps n, n-1, ..., n-window+1 only; T windows are walked.
    `chunk`: the steps 1..chunk, chunk+1..2 chunk, ... each send back their own costs; nothing crosses a
    border backward, the state does forward. Exact from T on; equal to each other at 1.

    Raises ValueError as `bptt` does, and if both or neither are given, or one below 1.
    Book: eq-bptt-window, eq-bptt-chunk.
    """
    if (window is None) == (chunk is None):
        raise ValueError(f"window is {window!r}, chunk is {chunk!r}: wants one of the two")
    length = whole_number("chunk", chunk, 1) if window is None else whole_number("window", window, 1)
    run, immediate = _run_and_immediate(rnn, X, Y, cost)
    T = len(run.s) - 1
    if window is None:
        pieces = [([*range(first, min(first + length, T + 1))], first) for first in range(1, T + 1, length)]
    else:
        pieces = [([n], max(1, n - length + 1)) for n in range(1, T + 1)]
    return sum(
        gradient
        for times, first in pieces
        for _, gradient, *_ in _send_back(rnn, run.x, run.s, {n: immediate[n] for n in times}, first)
    )


def checkpointed(rnn: RNN, X, Y, cost: Cost, every=None) -> Gradient:
    """BPTT that keeps the states 0, every, 2 every, ... only, and runs each piece anew on its way back.

    About T/every + every states are alive instead of T, for one more forward pass; `every` is about sqrt(T)
    unless given. The gradient is that of `bptt`.

    Raises ValueError as `bptt` does, and for `every` below 1. Book: eq-bptt-checkpoints.
    """
    y_star, x = _targets(rnn, X, Y), _inputs(rnn, X)
    T = len(x) - 1
    every = isqrt(T - 1) + 1 if every is None else whole_number("every", every, 1)
    kept = {0: _rest(rnn, x[1])}
    for start in range(0, T - every, every):
        kept[start + every] = _run_on(rnn, x, start, kept[start], start + every)[start + every]
    total: Any = 0
    sent_back = np.zeros_like(kept[0])
    while kept:
        start, s = kept.popitem()
        end = min(start + every, T)
        states = _run_on(rnn, x, start, s, end)
        immediate = {n: _immediate_dC_ds(rnn, states[n], y_star[n], cost) for n in range(start + 1, end + 1)}
        immediate[end] = immediate[end] + sent_back
        for step in _send_back(rnn, x, states, immediate, start + 1):
            total, sent_back = total + step[1], step[3]
        del states  # before the next piece is run
    return total


def gradient(net: Network, X, Y, cost: Cost) -> Gradient:
    """The gradient of an ordinary network: `bptt` over one time step, nothing fed back (n_r = 0).

    Raises ValueError for an X (B, n_0) or Y (B, n_L) that does not fit, and for softmax.
    Book: eq-bptt-gradient.
    """
    rnn = RNN(net, net.sizes[-1], 0)
    X = as_array("X", X, ("B", rnn.n_x))
    Y = as_array("Y", Y, (len(X), rnn.n_y))
    return bptt(rnn, X[:, None], Y[:, None], cost)


def _send_back(rnn: RNN, x, s, immediate: dict, first: int) -> Iterator[tuple]:
    """Send the costs d+C/ds(n) of the times in `immediate` back to time `first`, from the latest of them.

    Yields dC/ds(n), dC/ds(n) d+s(n)/dtheta summed over the batch, dC/dx(n), and what goes on to s(n-1).
    """
    from_later = np.zeros_like(s[max(immediate)])
    for n in range(max(immediate), first - 1, -1):
        total_dC_ds = immediate.get(n, 0) + from_later
        trace = network.forward(rnn.cell, cell_input(rnn, x[n], s[n - 1]))
        gradient, dC_du = jacobian.pull_back(rnn.cell, trace, total_dC_ds)
        # Gamma_r^T: the adjoint of r(n-1) belongs to the last n_r rows of s(n-1).
        others = np.zeros_like(s[n][:, rnn.n_r :])
        from_later = np.concatenate([others, dC_du[:, rnn.n_x :]], axis=1)
        yield total_dC_ds, gradient, dC_du[:, : rnn.n_x], from_later


def _run_on(rnn: RNN, x, start: int, s: np.ndarray, end: int) -> dict[int, np.ndarray]:
    """The states {n: s(n)} of n = start..end, from s at `start`."""
    states = {start: s}
    for n in range(start + 1, end + 1):
        states[n] = network.forward(rnn.cell, cell_input(rnn, x[n], states[n - 1])).a[-1]
    return states


def _run_and_immediate(rnn: RNN, X, Y, cost: Cost) -> tuple[Run, dict]:
    y_star, run = _targets(rnn, X, Y), forward(rnn, X)
    return run, {n: _immediate_dC_ds(rnn, run.s[n], y_star[n], cost) for n in range(1, len(run.s))}


def _immediate_dC_ds(rnn: RNN, s: np.ndarray, y_star: np.ndarray, cost: Cost) -> np.ndarray:
    """d+C/ds(n) = Gamma_y^T dC/dy(n), (B, n_z): the cost of this time step alone."""
    y = s[:, : rnn.n_y]
    dC_dy = as_array("dC_da", cost.da(y, y_star), y.shape)
    return np.concatenate([dC_dy, np.zeros_like(s[:, rnn.n_y :])], axis=1)


def _rest(rnn: RNN, x: np.ndarray) -> np.ndarray:
    """s(0) = 0, (B, n_z)."""
    return np.zeros((len(x), rnn.n_z), dtype=np.result_type(x, rnn.cell.W[1]))


def _inputs(rnn: RNN, X) -> tuple:
    """X (B, T, n_x) as a tuple over time, None at 0."""
    X = as_array("X", X, ("B", "T", rnn.n_x))
    one_dtype({"W[1]": rnn.cell.W[1], "X": X})
    return (None, *np.moveaxis(X, 1, 0))


def _targets(rnn: RNN, X, Y) -> tuple:
    """Y (B, T, n_y) as a tuple over time, None at 0."""
    B, T, _ = as_array("X", X, ("B", "T", rnn.n_x)).shape
    Y = as_array("Y", Y, (B, T, rnn.n_y))
    one_dtype({"W[1]": rnn.cell.W[1], "Y": Y})
    return (None, *np.moveaxis(Y, 1, 0))
