"""What all work spaces share: the parameters as one vector, and checks that cost next to nothing."""

from __future__ import annotations

from math import isfinite

import numpy as np

from nnlib.arrays import as_array
from nnlib.network import Gradient, Network, flatten, require_elementwise, split_layers, unflatten


class Workspace:
    """A network's parameters and their gradient, each one vector (P,) with a view for every layer.

    `theta` is yours to move in place (``work.theta -= eta * work.dC_dtheta``) or to set; `gradient` shows
    `dC_dtheta` layer by layer. Raises ValueError for a network that is not of float64 or float32, or ends in
    softmax.
    """

    def __init__(self, net: Network) -> None:
        if not isinstance(net, Network):
            raise ValueError(f"net wants a Network, got {net!r}")
        require_elementwise(net, "fast")
        if net.dtype not in (np.float64, np.float32):
            raise ValueError(f"fast wants a network of float64 or float32, got {net.dtype}")
        self._net = net
        self._theta = flatten(net)
        self.dC_dtheta = np.zeros_like(self._theta)
        self.W, self.b = split_layers(net, self._theta)
        self.gradient = Gradient(*split_layers(net, self.dC_dtheta))
        self._first_row = self.gradient.W[1][0]
        self._WT = (None, *(W.T for W in self.W[1:]))

    @property
    def theta(self) -> np.ndarray:
        """The parameters (P,), as `network.flatten` orders them: the array itself. Setting it copies into it."""
        return self._theta

    @theta.setter
    def theta(self, values) -> None:
        np.copyto(self._theta, as_array("theta", values, self._theta.shape), casting="same_kind")

    def network(self) -> Network:
        """A Network with the parameters of this moment."""
        return unflatten(self._net, self._theta)

    def _add_bias(self, l: int, z: np.ndarray, scratch: np.ndarray) -> None:
        """z += b[l] on every row; spread out first, since numpy's loops over broadcast rows make a buffer."""
        np.copyto(scratch, self.b[l])
        np.add(z, scratch, z)

    def _given(self, name: str, array, shape: tuple) -> np.ndarray:
        """`array`, if it has exactly that shape and the network's type; made contiguous if it is not."""
        if not (type(array) is np.ndarray and array.shape == shape and array.dtype == self._theta.dtype):
            got = (
                f"has shape {array.shape} and dtype {array.dtype}"
                if isinstance(array, np.ndarray)
                else f"is a {type(array).__name__}"
            )
            raise ValueError(
                f"{name} {got}, this work space wants an array of shape {shape}, {self._theta.dtype}"
            )
        return array if array.flags.c_contiguous else np.ascontiguousarray(array)

    def _checked(self, C, **given):
        """C as a Python float, unless something is not finite: then the full check says what.

        A NaN anywhere reaches the cost. An infinite input may not, behind an activation that saturates; but it
        cannot leave the first row of dC/dW[1] finite, which is a sum of its multiples.
        """
        C = float(C)
        if not isfinite(C + float(np.add.reduce(self._first_row))):
            for name, array in {"theta": self._theta, **given}.items():
                as_array(name, array)
            if not isfinite(C):
                raise ValueError(f"C is {C}, though theta and the data are finite: take shorter steps")
        return C
