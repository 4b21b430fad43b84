"""Adam on one flat vector, in place."""

from __future__ import annotations

import numpy as np

from nnlib.optimizers import adam


class Adam:
    """Adam's steps on theta (P,), which it moves in place; its clear twin is `optimizers.adam`.

    m <- beta1 m + g and v <- beta2 v + g^2, without the factors (1 - beta): they, and the corrections of the
    start, are numbers, and go into one factor of the step and one of epsilon. Ten passes over the vector.

    Raises ValueError for a theta that is no float vector, and for settings that `optimizers.adam` refuses.
    """

    def __init__(self, theta: np.ndarray, eta: float = 1e-3, beta1=0.9, beta2=0.999, epsilon=1e-8) -> None:
        adam(eta, beta1, beta2, epsilon)  # says what is wrong with them
        if (
            not isinstance(theta, np.ndarray)
            or theta.ndim != 1
            or theta.dtype not in (np.float64, np.float32)
        ):
            raise ValueError("theta wants a vector of float64 or float32: the array that is to move")
        self.theta, self.eta, self.beta1, self.beta2, self.epsilon = theta, eta, beta1, beta2, epsilon
        self.n = 0
        self._m, self._v, self._step = np.zeros((3, theta.size), theta.dtype)

    def step(self, g: np.ndarray) -> None:
        """theta <- theta - eta m' / (sqrt(v') + epsilon), with m', v' as in `optimizers.adam`."""
        if g.shape != self.theta.shape or g.dtype != self.theta.dtype:
            raise ValueError(f"g has shape {g.shape} and dtype {g.dtype}, wants those of theta")
        self.n += 1
        m, v, step = self._m, self._v, self._step
        np.multiply(m, self.beta1, m)
        np.add(m, g, m)
        np.multiply(g, g, step)
        np.multiply(v, self.beta2, v)
        np.add(v, step, v)
        scale = ((1 - self.beta2**self.n) / (1 - self.beta2)) ** 0.5
        factor = self.eta * scale * (1 - self.beta1) / (1 - self.beta1**self.n)
        np.sqrt(v, step)
        np.add(step, self.epsilon * scale, step)
        np.divide(m, step, step)
        np.multiply(step, factor, step)
        np.subtract(self.theta, step, self.theta)
