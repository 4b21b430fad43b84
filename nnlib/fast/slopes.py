"""Values and slopes of a block of rows, forward and back, as stacked lanes: one matrix product for them all.

Lane 0 of an array (1 + lanes, B, n_l) holds the values, the others the slopes. For every layer there are two such
arrays: `lower` with adjoints by z[l] and `upper` with what they multiply, so that dC/dW[l] is one product of
lower[l] with upper[l-1], summed over lanes and rows at once.
"""

from __future__ import annotations

import numpy as np

from nnlib.fast.inplace import Identity, elementwise
from nnlib.network import Network, split_layers


class Slopes:
    """`forward(X)` leaves a (B, n_L) and J; `backward()` takes dC_da and dC_dJ, of the same shapes.

    J and dC_dJ have the lanes first: an array (B, n_L, n_0) is brought to their order by ``transpose(axes)``. The
    gradient is written to the vector given when made; the parameters are read where they lie.
    """

    a: np.ndarray
    J: np.ndarray
    dC_da: np.ndarray
    dC_dJ: np.ndarray
    axes: tuple[int, int, int]

    def __init__(self, net: Network, W: tuple, b: tuple, dC_dtheta: np.ndarray, B: int, lanes: int) -> None:
        self.L, self.B, self.W, self.b = net.L, B, W, b
        self.WT = (None, *(weights.T for weights in W[1:]))
        self.dC_dW, self.dC_db = split_layers(net, dC_dtheta)
        shapes, dtype = [(B, n) for n in net.sizes], net.dtype
        self.act = (None, *(elementwise(net.act[l], shapes[l], dtype) for l in range(1, net.L + 1)))
        self.linear = [isinstance(act, Identity) for act in self.act]
        self.upper = [np.zeros((1 + lanes, *shape), dtype) for shape in shapes]
        self.lower = [np.zeros((1 + lanes, *shape), dtype) for shape in shapes]
        self.upper_rows, self.lower_rows = (
            [S.reshape((1 + lanes) * B, -1) for S in part] for part in (self.upper, self.lower)
        )
        self.df, self.bend, self.total = ([np.empty(shape, dtype) for shape in shapes] for _ in range(3))
        self.product = [np.empty(shape, dtype) for shape in shapes]
        self.ones = np.ones(B, dtype)
        # Where f' and f'' are no functions of a, z and the slopes before they are multiplied by f' are kept.
        kept = [act is not None and not act.from_a for act in self.act]
        self.z = [np.empty(shape, dtype) if keep else None for keep, shape in zip(kept, shapes)]
        self.before = [
            np.zeros((lanes, *shape), dtype) if keep else None for keep, shape in zip(kept, shapes)
        ]

    def forward(self, X: np.ndarray) -> None:
        raise NotImplementedError

    def backward(self) -> None:
        raise NotImplementedError

    def activate(self, l: int) -> None:
        """Lane 0 of upper[l] from a[l-1] W[l]^T to a[l], with f' and the bend beside it."""
        a = self.upper[l][0]
        np.copyto(self.total[l], self.b[l])
        np.add(a, self.total[l], a)
        if self.linear[l]:
            return
        z = self.z[l] if self.z[l] is not None else a
        if z is not a:
            np.copyto(z, a)
        self.act[l].f(z, a)
        self.act[l].df(z, a, self.df[l])
        self.act[l].bend(z, a, self.bend[l])

    def times_slope(self, l: int, slopes: np.ndarray) -> None:
        if self.before[l] is not None:
            np.copyto(self.before[l], slopes)
        self.all_times_df(l, slopes)

    def all_times_df(self, l: int, lanes: np.ndarray) -> None:
        for lane in lanes:
            np.multiply(lane, self.df[l], lane)

    def through_slope(self, l: int, slopes: np.ndarray, adjoints: np.ndarray) -> None:
        """total[l] = f'' * sum over the lanes of slopes before f' * adjoints: what delta[l] receives by the slope."""
        slopes = slopes if self.before[l] is None else self.before[l]
        total, product = self.total[l], self.product[l]
        np.multiply(slopes[0], adjoints[0], total)
        for lane in range(1, len(slopes)):
            np.multiply(slopes[lane], adjoints[lane], product)
            np.add(total, product, total)
        np.multiply(total, self.bend[l], total)

    def parameter_gradient(self, l: int) -> None:
        np.dot(self.lower_rows[l].T, self.upper_rows[l - 1], self.dC_dW[l])
        np.dot(self.ones, self.lower[l][0], self.dC_db[l])


class ForwardSlopes(Slopes):
    """A lane for each input: its slopes go forward with the values, its adjoints back with theirs."""

    axes = (2, 0, 1)

    def __init__(self, net: Network, W: tuple, b: tuple, dC_dtheta: np.ndarray, B: int) -> None:
        n_0 = net.sizes[0]
        super().__init__(net, W, b, dC_dtheta, B, n_0)
        for m in range(n_0):
            self.upper[0][1 + m, :, m] = 1
        self.a, self.J = self.upper[-1][0], self.upper[-1][1:]
        self.dC_da, self.dC_dJ = self.lower[-1][0], self.lower[-1][1:]

    def forward(self, X: np.ndarray) -> None:
        np.copyto(self.upper[0][0], X)
        for l in range(1, self.L + 1):
            np.dot(self.upper_rows[l - 1], self.WT[l], self.upper_rows[l])
            self.activate(l)
            if not self.linear[l]:
                self.times_slope(l, self.upper[l][1:])

    def backward(self) -> None:
        for l in range(self.L, 0, -1):
            if not self.linear[l]:
                self.through_slope(l, self.upper[l][1:], self.lower[l][1:])
                self.all_times_df(l, self.lower[l])
                np.add(self.lower[l][0], self.total[l], self.lower[l][0])
            self.parameter_gradient(l)
            if l > 1:
                np.dot(self.lower_rows[l], self.W[l], self.lower_rows[l - 1])


class ReverseSlopes(Slopes):
    """A lane for each output: its slopes D[l] = da[L]/dz[l] go backward, and their adjoints forward.

    The adjoints are one directional derivative: along dC/dJ, whatever the number of inputs.
    """

    axes = (1, 0, 2)

    def __init__(self, net: Network, W: tuple, b: tuple, dC_dtheta: np.ndarray, B: int) -> None:
        n_L = net.sizes[-1]
        super().__init__(net, W, b, dC_dtheta, B, n_L)
        self.a, self.J = self.upper[-1][0], self.lower[0][1:]
        self.dC_da, self.dC_dJ = self.lower[-1][0], self.upper[0][1:]
        self.seed()

    def forward(self, X: np.ndarray) -> None:
        np.copyto(self.upper[0][0], X)
        for l in range(1, self.L + 1):
            np.dot(self.upper[l - 1][0], self.WT[l], self.upper[l][0])
            self.activate(l)
        if not self.linear[self.L]:
            self.seed()
        for l in range(self.L, 0, -1):
            if not self.linear[l]:
                self.times_slope(l, self.lower[l][1:])
            np.dot(self.lower_rows[l][self.B :], self.W[l], self.lower_rows[l - 1][self.B :])

    def seed(self) -> None:
        """Q[L] = 1, where D[L] is to be."""
        self.lower[-1][1:].fill(0)
        for q, lane in enumerate(self.lower[-1][1:]):
            lane[:, q] = 1

    def backward(self) -> None:
        top = self.L - self.linear[self.L]  # above, the adjoints of the slopes meet no f''
        for l in range(1, top + 1):
            np.dot(self.upper_rows[l - 1][self.B :], self.WT[l], self.upper_rows[l][self.B :])
            if not self.linear[l]:
                self.through_slope(l, self.lower[l][1:], self.upper[l][1:])
                self.all_times_df(l, self.upper[l][1:])
        for l in range(self.L, 0, -1):
            if not self.linear[l]:
                np.multiply(self.lower[l][0], self.df[l], self.lower[l][0])
                np.add(self.lower[l][0], self.total[l], self.lower[l][0])
            self.parameter_gradient(l)
            if l > 1:
                np.dot(self.lower[l][0], self.W[l], self.lower[l - 1][0])
