"""The Jacobians of the outputs by the parameters and by the inputs, written to arrays that are there already."""

from __future__ import annotations

from functools import cached_property
from math import isfinite

import numpy as np

from nnlib import jacobian
from nnlib.arrays import as_array, whole_number
from nnlib.fast.inplace import Identity, elementwise
from nnlib.fast.workspace import Workspace
from nnlib.network import Network


class Jacobian(Workspace):
    """da[L]/dW, da[L]/db and da[L]/dx for batches of B rows; twins: `jacobian.parameters`, `jacobian.inputs`.

    The results are views with the twins' shapes, valid until the next call. In memory the outputs come first, and
    the batch last where it is longer than the layer below: the longest axis is the one numpy's loops run along.

    Raises ValueError, when made, for a network that does not serve; in a call for another shape or type, and
    for NaN or infinity.
    """

    def __init__(self, net: Network, B: int) -> None:
        super().__init__(net)
        self.B = whole_number("B", B, 1)
        L, n_L, dtype = net.L, net.sizes[-1], net.dtype
        shapes = [(B, n) for n in net.sizes]
        self._act = (None, *(elementwise(net.act[l], shapes[l], dtype) for l in range(1, L + 1)))
        self._linear = [isinstance(act, Identity) for act in self._act]
        self.a = [None, *(np.empty(shape, dtype) for shape in shapes[1:])]
        self._z = [
            None,
            *(a if act.from_a else np.empty_like(a) for act, a in zip(self._act[1:], self.a[1:])),
        ]
        self._slope = [None, *(np.empty(shape, dtype) for shape in shapes[1:])]
        self._D = [None, *(np.zeros((n_L, *shape), dtype) for shape in shapes[1:])]
        for q, lane in enumerate(self._D[-1]):
            lane[:, q] = 1
        self._J = np.empty((n_L, *shapes[0]), dtype)

    @cached_property
    def _outer(self) -> list:
        """The products D[l] x a[l-1], made when first asked for: the Jacobian by the inputs needs none of them."""
        sizes, n_L = self._net.sizes, self._net.sizes[-1]
        outer: list = [None]
        for l in range(1, self._net.L + 1):
            kind = _Outer if l < self._net.L else _Diagonal
            outer.append(kind(n_L, self.B, sizes[l], sizes[l - 1], self._net.dtype))
        return outer

    def parameters(self, X: np.ndarray) -> jacobian.Jacobians:
        """da[L]/dW[l] (B, n_L, n_l, n_{l-1}) and da[L]/db[l] (B, n_L, n_l) at the rows of X (B, n_0)."""
        self._layer_jacobians(X)
        # numpy's loops over broadcast arrays make a buffer that these products do not use: the smallest will do.
        size = np.setbufsize(16)
        try:
            for l in range(1, len(self.a)):
                self._outer[l](self._D[l], self.a[l - 1])
        finally:
            np.setbufsize(size)
        D = (None, *(lanes.transpose(1, 0, 2) for lanes in self._D[1:]))
        return jacobian.Jacobians((None, *(outer.result for outer in self._outer[1:])), D)

    def inputs(self, X: np.ndarray) -> np.ndarray:
        """da[L]/dx (B, n_L, n_0) at the rows of X (B, n_0)."""
        self._layer_jacobians(X)
        self._times_weights(1, self._J)
        return self._J.transpose(1, 0, 2)

    def _layer_jacobians(self, X: np.ndarray) -> None:
        """D[l] = da[L]/dz[l], outputs first: (n_L, B, n_l), so that a layer's slopes multiply whole blocks."""
        X = self._given("X", X, (self.B, self._net.sizes[0]))
        if not isfinite(np.vdot(X, X)):
            as_array("X", X)
        a, z, D, slope = self.a, self._z, self._D, self._slope
        a[0] = X
        for l in range(1, len(a)):
            np.dot(a[l - 1], self._WT[l], z[l])
            self._add_bias(l, z[l], slope[l])
            self._act[l].f(z[l], a[l])
            if not self._linear[l]:
                self._act[l].df(z[l], a[l], slope[l])
        if not self._linear[-1]:
            for q, lane in enumerate(D[-1]):
                lane[:, q] = slope[-1][:, q]
        for l in range(len(a) - 1, 1, -1):
            self._times_weights(l, D[l - 1])
            if not self._linear[l - 1]:
                for lane in D[l - 1]:
                    np.multiply(lane, slope[l - 1], lane)

    def _times_weights(self, l: int, out: np.ndarray) -> None:
        """D[l] W[l]; no product where D[l] is the identity, which it is under a linear output."""
        if l == len(self.a) - 1 and self._linear[l]:
            np.copyto(out, self.W[l][:, None, :])
        else:
            rows = out.shape[0] * out.shape[1]
            np.dot(self._D[l].reshape(rows, -1), self.W[l], out.reshape(rows, -1))


class _Outer:
    """D[l]_qj a[l-1]_i for every row of the batch, as `result` (B, n_L, n_l, n_{l-1})."""

    def __init__(self, n_L: int, B: int, n: int, n_below: int, dtype) -> None:
        self.batch_last = self._batch_last(B, n_below)
        if self.batch_last:
            self.stored = np.zeros((n_L, n, n_below, B), dtype)
            self.result = self.stored.transpose(3, 0, 1, 2)
            self.D, self.a = np.empty((n_L, n, B), dtype), np.empty((n_below, B), dtype)
        else:
            self.result = np.zeros((B, n_L, n, n_below), dtype)

    def _batch_last(self, B: int, n_below: int) -> bool:
        return n_below <= B

    def __call__(self, D: np.ndarray, a: np.ndarray) -> None:
        if self.batch_last:
            np.copyto(self.D, D.transpose(0, 2, 1))
            np.copyto(self.a, a.T)
            np.multiply(self.D[:, :, None, :], self.a, self.stored)
        else:
            np.multiply(D.transpose(1, 0, 2)[:, :, :, None], a[:, None, None, :], self.result)


class _Diagonal(_Outer):
    """The same for layer L, where D is diagonal: what is not on the diagonal was 0 when made, and stays."""

    def __call__(self, D: np.ndarray, a: np.ndarray) -> None:
        for q in range(len(D)):
            np.multiply(D[q, :, q, None], a, self.result[:, q, q])
