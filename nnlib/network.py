"""The layered network, its forward pass, and its gradient: the book's W, b, z, a with the book's indices.

Layers count l = 1..L; sequences over layers hold None where the book has nothing (W[0], b[0], z[0]).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from nnlib.activations import Activation, Softmax, get, identity
from nnlib.arrays import as_array, one_dtype, whole_number

Layers = tuple  # (None, array of layer 1, ..., array of layer L)


@dataclass(frozen=True, eq=False)
class Gradient:
    """dC/dW and dC/db of every layer, or any direction in parameter space.

    W and b are tuples over 0..L, None at 0. Gradients add and subtract, and take scalar factors.
    """

    W: Layers
    b: Layers
    __array_ufunc__ = None  # so that np.float64(2) * gradient asks the gradient

    def __post_init__(self) -> None:
        object.__setattr__(self, "W", tuple(self.W))
        object.__setattr__(self, "b", tuple(self.b))

    def _each(self, of) -> Gradient:
        return Gradient((None, *map(of, self.W[1:])), (None, *map(of, self.b[1:])))

    def __add__(self, other) -> Gradient:
        if not isinstance(other, Gradient):
            return self if isinstance(other, int) and other == 0 else NotImplemented  # 0 + g: sum() works
        _same_shapes(self, other)
        W = (None, *(u + v for u, v in zip(self.W[1:], other.W[1:])))
        return Gradient(W, (None, *(u + v for u, v in zip(self.b[1:], other.b[1:]))))

    __radd__ = __add__

    def __neg__(self) -> Gradient:
        return self._each(lambda array: -array)

    def __sub__(self, other) -> Gradient:
        return self + -other if isinstance(other, Gradient) else NotImplemented

    def __mul__(self, factor) -> Gradient:
        return self._each(lambda array: factor * array) if np.ndim(factor) == 0 else NotImplemented

    __rmul__ = __mul__

    def __truediv__(self, divisor) -> Gradient:
        return self._each(lambda array: array / divisor) if np.ndim(divisor) == 0 else NotImplemented


def _same_shapes(g: Gradient | Network, h: Gradient | Network) -> None:
    if len(g.W) != len(h.W):
        raise ValueError(f"{len(h.W) - 1} layers do not fit {len(g.W) - 1}")
    for symbol in "Wb":
        for l, (u, v) in enumerate(zip(getattr(g, symbol)[1:], getattr(h, symbol)[1:]), start=1):
            if np.shape(u) != np.shape(v):
                raise ValueError(f"{symbol}[{l}] has shape {np.shape(v)}, wants {np.shape(u)}")


@dataclass(frozen=True, eq=False)
class Network:
    """A feed-forward network: weights W[l] (n_l, n_{l-1}), biases b[l] (n_l,), activations act[l].

    Tuples over l = 0..L with None at 0. Arrays are copied, read-only and of one scalar type; an
    activation may be given by name; softmax only in layer L. ``net - eta * gradient`` is a new network.

    Raises ValueError for no layers, shapes that do not chain, NaN or infinity, mixed float widths.
    """

    W: Layers
    b: Layers
    act: Layers
    __array_ufunc__ = None

    def __post_init__(self) -> None:
        W, b, act = tuple(self.W), tuple(self.b), tuple(self.act)
        if len(W) < 2 or not len(W) == len(b) == len(act):
            raise ValueError(
                f"W, b, act have lengths {len(W)}, {len(b)}, {len(act)}, want one length of at least 2"
            )
        if not W[0] is b[0] is act[0] is None:
            raise ValueError("W[0], b[0] and act[0] want None: layer 0 is the input")
        arrays = {}
        for l in range(1, len(W)):
            n_below = W[l - 1].shape[0] if l > 1 else "n_0"
            arrays[f"W[{l}]"] = as_array(f"W[{l}]", W[l], (f"n_{l}", n_below))
            arrays[f"b[{l}]"] = as_array(f"b[{l}]", b[l], (arrays[f"W[{l}]"].shape[0],))
            W = (*W[:l], arrays[f"W[{l}]"], *W[l + 1 :])
        dtype = one_dtype(arrays)
        frozen = {name: _frozen(array, dtype) for name, array in arrays.items()}
        for symbol in "Wb":
            layers = (None, *(frozen[f"{symbol}[{l}]"] for l in range(1, len(W))))
            object.__setattr__(self, symbol, layers)
        object.__setattr__(self, "act", (None, *(_activation(l, act) for l in range(1, len(W)))))

    @property
    def L(self) -> int:
        """The number of layers."""
        return len(self.W) - 1

    @property
    def sizes(self) -> tuple[int, ...]:
        """(n_0, ..., n_L)."""
        return (self.W[1].shape[1], *(W.shape[0] for W in self.W[1:]))

    @property
    def dtype(self) -> np.dtype:
        """The scalar type of all weights and biases."""
        return self.W[1].dtype

    def __add__(self, step) -> Network:
        if not isinstance(step, Gradient):
            return NotImplemented
        _same_shapes(self, step)
        W = (None, *(u + v for u, v in zip(self.W[1:], step.W[1:])))
        return Network(W, (None, *(u + v for u, v in zip(self.b[1:], step.b[1:]))), self.act)

    def __sub__(self, step) -> Network:
        return self + -step if isinstance(step, Gradient) else NotImplemented


def _frozen(array: np.ndarray, dtype: np.dtype) -> np.ndarray:
    copy = array.astype(dtype)
    copy.flags.writeable = False
    return copy


def _activation(l: int, act: tuple) -> Activation | Softmax:
    found = get(act[l]) if isinstance(act[l], str) else act[l]
    if not isinstance(found, (Activation, Softmax)):
        raise ValueError(f"act[{l}] wants an Activation or its name, got {found!r}")
    if not found.elementwise and l < len(act) - 1:
        raise ValueError(f"act[{l}] is {found.name}, which is not elementwise and may stand in layer L only")
    return found


def require_elementwise(net: Network, method: str) -> None:
    """Raise ValueError naming the activation if the last layer's is not elementwise."""
    if not net.act[net.L].elementwise:
        raise ValueError(f"{method} wants elementwise activations, act[{net.L}] is {net.act[net.L].name}")


def init(sizes, act, rng: np.random.Generator, out=identity) -> Network:
    """A network of the given sizes (n_0, ..., n_L): W[l] ~ N(0, 1/n_{l-1}), b[l] = 0.

    `act` is the activation of the hidden layers, `out` that of layer L.
    Raises ValueError for fewer than two sizes, a size below 1, or an `rng` that is no Generator.
    """
    sizes = tuple(sizes)
    if len(sizes) < 2:
        raise ValueError(f"sizes is {sizes}, wants at least n_0 and n_1")
    sizes = tuple(whole_number(f"sizes[{l}]", n, 1) for l, n in enumerate(sizes))
    if not isinstance(rng, np.random.Generator):
        raise ValueError(f"rng wants a numpy Generator, got {rng!r}")
    W = (None, *(rng.standard_normal((n, m)) / np.sqrt(m) for m, n in zip(sizes, sizes[1:])))
    b = (None, *(np.zeros(n) for n in sizes[1:]))
    return Network(W, b, (None, *[act] * (len(sizes) - 2), out))


class Trace(NamedTuple):
    """What a forward pass computed: z[l], a[l], each (B, n_l); tuples over 0..L, z[0] is None, a[0] is X."""

    z: tuple
    a: tuple


def forward(net: Network, X) -> Trace:
    """Run the network on the rows of X (B, n_0).

    a[0] = X, z[l] = a[l-1] @ W[l].T + b[l], a[l] = act[l].f(z[l]).

    Raises ValueError for a wrong rank or width, an empty batch, NaN or infinity, mixed float widths.
    Book: eq-notation-forward. Source: 000 §1, 001, 002, 003, 004 eqs. (1)-(2).
    """
    X = as_array("X", X, ("B", net.sizes[0]))
    one_dtype({"W[1]": net.W[1], "X": X})
    z, a = [None], [X]
    for l in range(1, net.L + 1):
        z.append(a[l - 1] @ net.W[l].T + net.b[l])
        a.append(net.act[l].f(z[l]))
    return Trace(tuple(z), tuple(a))


def flatten(parameters: Network | Gradient) -> np.ndarray:
    """All parameters as one vector (P,): layer by layer W[l] row by row, then b[l]."""
    return np.concatenate(
        [part.ravel() for W, b in zip(parameters.W[1:], parameters.b[1:]) for part in (W, b)]
    )


def unflatten(net: Network, vector) -> Network:
    """The network with `net`'s sizes and activations and the parameters of `vector` (P,)."""
    P = sum(W.size + b.size for W, b in zip(net.W[1:], net.b[1:]))
    parts = split_layers(net, as_array("vector", vector, (P,)))
    return Network(*parts, net.act)


def split_layers(net: Network, vector: np.ndarray) -> tuple[Layers, Layers]:
    """Cut the last axis of `vector` (..., P) into W[l] (..., n_l, n_{l-1}) and b[l] (..., n_l)."""
    W: list = [None]
    b: list = [None]
    start = 0
    for l in range(1, net.L + 1):
        for parts, like in ((W, net.W[l]), (b, net.b[l])):
            piece = vector[..., start : start + like.size]
            parts.append(piece.reshape(*vector.shape[:-1], *like.shape))
            start += like.size
    return tuple(W), tuple(b)
