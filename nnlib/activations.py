"""Activations and their derivatives, exact and finite for every finite pre-activation.

An `Activation` works on arrays of any shape, element by element, and keeps their type.
A user's own is made in the same way and works everywhere:
``Activation("cube", lambda z: z**3, lambda z: 3 * z**2)``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

Elementwise = Callable[[np.ndarray], np.ndarray]


@dataclass(frozen=True)
class Activation:
    """An elementwise activation a = f(z) with its derivatives f', f'', f'''.

    `d2f` is wanted by gradient_backprop and Hessian-vector products, `d3f` by second-order
    residuals; who needs a missing one raises ValueError.
    """

    name: str
    f: Elementwise
    df: Elementwise
    d2f: Elementwise | None = None
    d3f: Elementwise | None = None
    elementwise = True

    def __post_init__(self) -> None:
        for symbol in ("f", "df", "d2f", "d3f"):
            given = getattr(self, symbol)
            if not callable(given) and not (given is None and symbol in ("d2f", "d3f")):
                raise ValueError(f"{symbol} of activation {self.name!r} wants a function, got {given!r}")

    def derivative(self, order: int) -> Elementwise:
        """The derivative of that order, 0 to 3; ValueError if this activation has none."""
        symbol = ("f", "df", "d2f", "d3f")[order]
        if getattr(self, symbol) is None:
            raise ValueError(f"activation {self.name!r} has no {symbol}, which this computation needs")
        return getattr(self, symbol)


@dataclass(frozen=True)
class Softmax:
    """The one activation that is not elementwise: a_i = exp(z_i) / sum_k exp(z_k), over the last axis.

    It may stand in layer L only. Its local derivative is the matrix ``jacobian(a)``,
    da_i/dz_k = a_i (1[i=k] - a_k). Book: eq-notation-softmax, eq-chain-softmax-jacobian.
    """

    name: str = "softmax"
    elementwise = False

    def f(self, z: np.ndarray) -> np.ndarray:
        """Softmax of each row; shape of z."""
        e = np.exp(z - row_maximum(z))
        return e / e.sum(axis=-1, keepdims=True)

    def jacobian(self, a: np.ndarray) -> np.ndarray:
        """diag(a) - a a^T for each row of a (B, n): shape (B, n, n), outputs as rows."""
        return np.eye(a.shape[-1], dtype=a.dtype) * a[:, :, None] - a[:, :, None] * a[:, None, :]


def row_maximum(z: np.ndarray) -> np.ndarray:
    """The largest real part of each row, (..., 1): subtracting it keeps exp finite; 0 for symbols."""
    if z.dtype == object:
        return np.zeros_like(z[..., :1])
    return z.real.max(axis=-1, keepdims=True)


def negative(z: np.ndarray) -> np.ndarray:
    """Where the real part of z is below 0; nowhere for symbols."""
    z = np.asarray(z)
    return np.zeros(z.shape, bool) if z.dtype == object else z.real < 0


def _decay(z: np.ndarray) -> np.ndarray:
    """exp(-|z|), with the sign taken from the real part: never overflows."""
    return np.exp(np.where(negative(z), z, -z))


def _tanh_df(z):
    # 4 e^{-2|z|} / (1 + e^{-2|z|})^2 rather than 1 - tanh^2, which loses every digit from |z| = 19 on.
    e = _decay(2 * z)
    return 4 * e / (1 + e) ** 2


def _sigmoid(z):
    e = _decay(z)
    return np.where(negative(z), e, 1 + 0 * e) / (1 + e)


def _sigmoid_df(z):
    e = _decay(z)
    return e / (1 + e) ** 2


def _sigmoid_d2f(z):
    return -_sigmoid_df(z) * np.tanh(z / 2)


def _sigmoid_d3f(z):
    return _sigmoid_df(z) * (1 - 6 * _sigmoid_df(z))


tanh = Activation(
    "tanh",
    np.tanh,
    _tanh_df,
    lambda z: -2 * np.tanh(z) * _tanh_df(z),
    lambda z: _tanh_df(z) * (4 - 6 * _tanh_df(z)),
)
sigmoid = Activation("sigmoid", _sigmoid, _sigmoid_df, _sigmoid_d2f, _sigmoid_d3f)
softplus = Activation(
    "softplus",
    lambda z: np.log1p(_decay(z)) + np.where(negative(z), 0 * z, z),
    _sigmoid,
    _sigmoid_df,
    _sigmoid_d2f,
)
# At the kink the derivative is taken from the right, f'(0) = 1, as 004, eq. (17) does; any value in
# [0, 1] is a subgradient there, and frameworks choose differently.
relu = Activation(
    "relu",
    lambda z: np.where(negative(z), 0 * z, z),
    lambda z: np.where(negative(z), 0 * z, 1 + 0 * z),
    lambda z: 0 * z,
    lambda z: 0 * z,
)
sine = Activation("sine", np.sin, np.cos, lambda z: -np.sin(z), lambda z: -np.cos(z))
identity = Activation("identity", lambda z: 1 * z, lambda z: 1 + 0 * z, lambda z: 0 * z, lambda z: 0 * z)
softmax = Softmax()

_BY_NAME = {act.name: act for act in (tanh, sigmoid, softplus, relu, sine, identity, softmax)}


def get(name: str) -> Activation | Softmax:
    """The activation of that name; ValueError listing the known ones otherwise."""
    if name not in _BY_NAME:
        raise ValueError(f"activation {name!r} is unknown, wants one of {', '.join(_BY_NAME)}")
    return _BY_NAME[name]
