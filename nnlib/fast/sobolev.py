"""Costs of values and slopes, and their gradients: the lanes stacked, the rows in blocks that stay in cache."""

from __future__ import annotations

import numpy as np

from nnlib.arrays import as_array, whole_number
from nnlib.fast.slopes import ForwardSlopes, ReverseSlopes, Slopes
from nnlib.fast.workspace import Workspace
from nnlib.network import Gradient, Network

_CACHE = 2**19  # bytes of one layer's lanes; about a dozen such arrays are alive at a time


class Sobolev(Workspace):
    """C = alpha sum (a[L] - Y)^2 + beta sum (J - dY_dx)^2 and its gradient, for batches of B rows.

    The clear twin is `gradient_backprop.sobolev_gradient`. Slopes go forward, a lane for each input, or, with
    fewer outputs than inputs, backward, a lane for each output: then the twin is `double_backprop`.
    ``work(X, Y, dY_dx)`` takes X (B, n_0), Y (B, n_L) and dY_dx (B, n_L, n_0), arrays of the network's type, and
    returns (C, gradient), views until the next call. Y=None needs alpha=0, dY_dx=None needs beta=0.

    Raises ValueError, when made, for a network without f'' or a weight that is no finite number; in a call for
    another shape or type, and for NaN or infinity.
    """

    def __init__(self, net: Network, B: int, alpha=1, beta=1) -> None:
        super().__init__(net)
        self.B, self.alpha, self.beta = whole_number("B", B, 1), float(alpha), float(beta)
        as_array("alpha", self.alpha), as_array("beta", self.beta)
        for l in range(1, net.L + 1):
            net.act[l].derivative(2)
        pieces = -(-B // self._rows_in_cache())
        cuts = [B * piece // pieces for piece in range(pieces + 1)]
        self._blocks = [slice(first, last) for first, last in zip(cuts, cuts[1:])]
        self._sum = self.dC_dtheta if pieces == 1 else np.zeros_like(self.dC_dtheta)
        made = {rows: self._slopes(rows) for rows in {last - first for first, last in zip(cuts, cuts[1:])}}
        self._work = [made[block.stop - block.start] for block in self._blocks]

    def __call__(self, X, Y, dY_dx) -> tuple[float, Gradient]:
        n_0, n_L = self._net.sizes[0], self._net.sizes[-1]
        X = self._given("X", X, (self.B, n_0))
        given = {"X": X}
        for name, target, weight, shape in (
            ("Y", Y, self.alpha, (self.B, n_L)),
            ("dY_dx", dY_dx, self.beta, (self.B, n_L, n_0)),
        ):
            if target is not None:
                given[name] = self._given(name, target, shape)
            elif weight != 0:
                raise ValueError(f"{name} is None, which wants its weight to be 0, got {weight}")
        C = 0.0
        for n, (block, work) in enumerate(zip(self._blocks, self._work)):
            C += self._of_block(work, block, given)
            if len(self._blocks) > 1:
                self._collect(n)
        return self._checked(C, **given), self.gradient

    def _of_block(self, work: Slopes, block: slice, given: dict) -> float:
        """C of these rows; their gradient goes to the vector the slopes were made with."""
        work.forward(given["X"][block])
        Y, dY_dx = (given[name][block] if name in given else None for name in ("Y", "dY_dx"))
        C = _squares(work.a, Y, self.alpha, work.dC_da)
        C += _squares(work.J, None if dY_dx is None else dY_dx.transpose(work.axes), self.beta, work.dC_dJ)
        work.backward()
        return C

    def _collect(self, n: int) -> None:
        if n == 0:
            np.copyto(self.dC_dtheta, self._sum)
        else:
            np.add(self.dC_dtheta, self._sum, self.dC_dtheta)

    def _rows_in_cache(self) -> int:
        lanes = 1 + min(self._net.sizes[0], self._net.sizes[-1])
        return max(32, _CACHE // (lanes * max(self._net.sizes) * self._net.dtype.itemsize))

    def _slopes(self, rows: int) -> Slopes:
        kind = ForwardSlopes if self._net.sizes[0] <= self._net.sizes[-1] else ReverseSlopes
        return kind(self._net, self.W, self.b, self._sum, rows)


def _squares(output: np.ndarray, target, weight: float, out: np.ndarray) -> float:
    """weight * sum (output - target)^2, its derivative by the output written to `out`; 0 without a target."""
    if target is None or weight == 0:
        out.fill(0)
        return 0.0
    np.copyto(out, target)
    np.subtract(output, out, out)
    C = weight * float(np.vdot(out, out))
    np.multiply(out, 2 * weight, out)
    return C
