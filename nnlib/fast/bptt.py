"""Backpropagation through time: what need not wait for the step before is done for all times at once."""

from __future__ import annotations

import numpy as np

from nnlib.arrays import whole_number
from nnlib.bptt import RNN
from nnlib.costs import Cost
from nnlib.fast.inplace import Identity, elementwise, in_place_cost
from nnlib.fast.workspace import Workspace
from nnlib.network import Gradient


class BPTT(Workspace):
    """C and its gradient for B sequences of T steps; the clear twin is `bptt.bptt`.

    ``work(X, Y)`` takes X (B, T, n_x) and Y (B, T, n_y), arrays of the cell's type, and returns (C, gradient),
    views until the next call. Time comes first in memory. Layer 1 of the cell meets rows [x(n); r(n-1); 1] that
    lie ready for all times but for r, so its step is one product with [W[1] | b[1]]^T.

    Raises ValueError, when made, for what is no RNN or a cost that does not serve; in a call for another shape or
    type, and for NaN or infinity.
    """

    def __init__(self, rnn: RNN, cost: Cost, B: int, T: int) -> None:
        if not isinstance(rnn, RNN):
            raise ValueError(f"rnn wants an RNN, got {rnn!r}")
        super().__init__(rnn.cell)
        self.rnn, self.B, self.T = rnn, whole_number("B", B, 1), whole_number("T", T, 1)
        dtype, sizes, layers = rnn.cell.dtype, rnn.cell.sizes, range(1, rnn.cell.L + 1)
        self._act = (None, *(elementwise(rnn.cell.act[l], (B, sizes[l]), dtype) for l in layers))
        self._linear = [isinstance(act, Identity) for act in self._act]
        self._a, self._slope, self._delta = (
            [None, *(np.zeros((T, B, sizes[l]), dtype) for l in layers)] for _ in range(3)
        )
        self._z = [
            None,
            *(a if act.from_a else np.empty_like(a) for act, a in zip(self._act[1:], self._a[1:])),
        ]
        self._u = np.ones((T, B, sizes[0] + 1), dtype)
        self._u[0, :, rnn.n_x : -1] = 0  # r(0)
        self._packed = np.empty((sizes[0] + 1, sizes[1]), dtype)
        self._dC_dpacked = np.empty((sizes[1], sizes[0] + 1), dtype)
        self._y, self._y_star, self._dC_dy = np.empty((3, T, B, rnn.n_y), dtype)
        self._immediate = np.zeros((T, B, rnn.n_z), dtype)  # d+C/ds(n): only y is ever written
        self._cost = in_place_cost(cost, (T * B, rnn.n_y), dtype)
        self._dC_dr, self._received = np.empty((B, rnn.n_r), dtype), np.zeros((B, rnn.n_z), dtype)
        self._ones = np.ones(T * B, dtype)
        self._Wr = np.empty((sizes[1], rnn.n_r), dtype)
        self._times = [_Time(self, n) for n in range(T)]

    def __call__(self, X: np.ndarray, Y: np.ndarray) -> tuple[float, Gradient]:
        X = self._given("X", X, (self.B, self.T, self.rnn.n_x))
        Y = self._given("Y", Y, (self.B, self.T, self.rnn.n_y))
        self._lay_ready(X)
        for time in self._times:
            self._step(time)
        C = self._costs(Y)
        self._slopes()
        for time in reversed(self._times):
            self._step_back(time)
        self._gradients()
        return self._checked(C, X=X, Y=Y), self.gradient

    def _lay_ready(self, X: np.ndarray) -> None:
        np.copyto(self._u[:, :, : self.rnn.n_x], X.transpose(1, 0, 2))
        np.copyto(self._packed[:-1], self._WT[1])
        np.copyto(self._packed[-1], self.b[1])
        np.copyto(self._Wr, self.W[1][:, self.rnn.n_x :])

    def _step(self, time: _Time) -> None:
        """s(n) from the row [x(n); r(n-1); 1], and r(n) into the next row."""
        a, z = time.a, time.z
        np.dot(time.u, self._packed, z[1])
        self._act[1].f(z[1], a[1])
        for l in range(2, len(a)):
            np.dot(a[l - 1], self._WT[l], z[l])
            self._add_bias(l, z[l], time.delta[l])
            self._act[l].f(z[l], a[l])
        if time.next_r is not None:
            np.copyto(time.next_r, time.r)

    def _costs(self, Y: np.ndarray) -> float:
        """The cost of all times at once, and its immediate derivatives by y."""
        np.copyto(self._y, self._a[-1][:, :, : self.rnn.n_y])
        np.copyto(self._y_star, Y.transpose(1, 0, 2))
        y, y_star, dC_dy = (array.reshape(-1, self.rnn.n_y) for array in (self._y, self._y_star, self._dC_dy))
        C = self._cost(y, y_star, dC_dy)
        np.copyto(self._immediate[:, :, : self.rnn.n_y], self._dC_dy)
        return C

    def _slopes(self) -> None:
        """f'(z) of every layer, all times at once."""
        for l in range(1, len(self._act)):
            if not self._linear[l]:
                self._act[l].df(self._z[l], self._a[l], self._slope[l])

    def _step_back(self, time: _Time) -> None:
        """delta[l] of this time from dC/ds(n): the immediate part, and what r(n) received from the next time."""
        delta, slope = time.delta, time.slope
        if time.next_delta is None:
            np.copyto(delta[-1], time.immediate)
        elif self.rnn.n_r == self.rnn.n_z:
            np.dot(time.next_delta, self._Wr, self._received)
            np.add(self._received, time.immediate, delta[-1])
        else:
            np.dot(time.next_delta, self._Wr, self._dC_dr)
            np.copyto(self._received[:, self.rnn.n_z - self.rnn.n_r :], self._dC_dr)
            np.add(self._received, time.immediate, delta[-1])
        for l in range(len(delta) - 1, 0, -1):
            if not self._linear[l]:
                np.multiply(delta[l], slope[l], delta[l])
            if l > 1:
                np.dot(delta[l], self.W[l], delta[l - 1])

    def _gradients(self) -> None:
        """One product a layer: the sum over batch and time is the sum inside it."""
        rows = [None, *(delta.reshape(self.T * self.B, -1) for delta in self._delta[1:])]
        np.dot(rows[1].T, self._u.reshape(self.T * self.B, -1), self._dC_dpacked)
        np.copyto(self.gradient.W[1], self._dC_dpacked[:, :-1])
        np.copyto(self.gradient.b[1], self._dC_dpacked[:, -1])
        for l in range(2, len(rows)):
            np.dot(rows[l].T, self._a[l - 1].reshape(self.T * self.B, -1), self.gradient.W[l])
            np.dot(self._ones, rows[l], self.gradient.b[l])


class _Time:
    """The views of one time step, made once."""

    def __init__(self, work: BPTT, n: int) -> None:
        n_x, n_r, n_z = work.rnn.n_x, work.rnn.n_r, work.rnn.n_z
        last = n == work.T - 1
        self.u = work._u[n]
        self.a, self.z, self.slope, self.delta = (
            [None, *(array[n] for array in arrays[1:])]
            for arrays in (work._a, work._z, work._slope, work._delta)
        )
        self.r, self.next_r = self.a[-1][:, n_z - n_r :], None if last else work._u[n + 1, :, n_x:-1]
        self.next_delta = None if last or n_r == 0 else work._delta[1][n + 1]
        self.immediate = work._immediate[n]
