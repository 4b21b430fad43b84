"""Cost and gradient of a layered network: the book's backward pass, into arrays that are there already."""

from __future__ import annotations

import numpy as np

from nnlib.arrays import whole_number
from nnlib.costs import Cost
from nnlib.fast.inplace import Identity, elementwise, in_place_cost
from nnlib.fast.workspace import Workspace
from nnlib.network import Gradient, Network


class MLP(Workspace):
    """C and its gradient for batches of B rows; the clear twin is `index_backprop.matrix_gradient`.

    ``work(X, Y)`` takes X (B, n_0) and Y (B, n_L), arrays of the network's type, and returns (C, gradient): the
    gradient's arrays are views of the work space, overwritten by the next call. Known activations and costs run
    in place, a user's own is called, and makes arrays.

    Raises ValueError, when made, for a network or cost that does not serve; in a call for another shape or type,
    and for NaN or infinity.
    """

    def __init__(self, net: Network, cost: Cost, B: int) -> None:
        super().__init__(net)
        self.B = whole_number("B", B, 1)
        shapes = [(B, n) for n in net.sizes]
        self._act = (None, *(elementwise(net.act[l], shapes[l], net.dtype) for l in range(1, net.L + 1)))
        self._linear = [isinstance(act, Identity) for act in self._act]
        self._cost = in_place_cost(cost, shapes[-1], net.dtype)
        self.a = [None, *(np.empty(shape, net.dtype) for shape in shapes[1:])]
        self._z = [
            None,
            *(a if act.from_a else np.empty_like(a) for act, a in zip(self._act[1:], self.a[1:])),
        ]
        self._delta = [None, *(np.empty(shape, net.dtype) for shape in shapes[1:])]
        self._deltaT = [None, *(delta.T for delta in self._delta[1:])]
        self._slope = [None, *(np.empty(shape, net.dtype) for shape in shapes[1:])]
        self._ones = np.ones(B, net.dtype)

    def __call__(self, X: np.ndarray, Y: np.ndarray) -> tuple[float, Gradient]:
        X = self._given("X", X, (self.B, self._net.sizes[0]))
        Y = self._given("Y", Y, (self.B, self._net.sizes[-1]))
        self.a[0] = X
        self._forward()
        C = self._cost(self.a[-1], Y, self._delta[-1])
        self._backward()
        return self._checked(C, X=X, Y=Y), self.gradient

    def _forward(self) -> None:
        a, z = self.a, self._z
        for l in range(1, len(a)):
            np.dot(a[l - 1], self._WT[l], z[l])
            self._add_bias(l, z[l], self._slope[l])
            self._act[l].f(z[l], a[l])

    def _backward(self) -> None:
        """delta[l] = dA[l] * f'(z[l]) where dA[l] stands; dA[l-1] = delta[l] W[l]."""
        a, delta, dW, db = self.a, self._delta, self.gradient.W, self.gradient.b
        for l in range(len(a) - 1, 0, -1):
            self._times_slope(l)
            np.dot(self._deltaT[l], a[l - 1], dW[l])
            self._sum_rows(delta[l], db[l])
            if l > 1:
                np.dot(delta[l], self.W[l], delta[l - 1])

    def _times_slope(self, l: int) -> None:
        if not self._linear[l]:
            self._act[l].df(self._z[l], self.a[l], self._slope[l])
            np.multiply(self._delta[l], self._slope[l], self._delta[l])

    def _sum_rows(self, delta: np.ndarray, out: np.ndarray) -> None:
        """The sum over the batch as a product with ones: BLAS reads the rows as they lie."""
        np.dot(self._ones, delta, out)
