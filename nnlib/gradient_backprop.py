"""Backpropagation through slopes: costs of the network's output and of its derivatives by the inputs.

Forward, every layer carries its value and its slope by each input; backward, every layer receives
two adjoints, of its value and of its slope (three with second derivatives). So a network can be
fitted to slopes (Sobolev training) or to a differential equation (a residual).

Letters: J[l] = da[l]/dx and Z[l] = dz[l]/dx, (B, n_l, n_0); H[l] = d2a[l]/dx dx and
K[l] = d2z[l]/dx dx, (B, n_l, n_0, n_0); delta[l] = dC/dz[l]. Tuples over 0..L as everywhere.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from nnlib import network
from nnlib.activations import Activation, Softmax
from nnlib.arrays import as_array
from nnlib.costs import Cost, targets
from nnlib.network import Gradient, Network, require_elementwise


class SlopeTrace(NamedTuple):
    """Values z[l], a[l] (B, n_l) and slopes Z[l], J[l] (B, n_l, n_0); z[0] and Z[0] are None, J[0] is 1."""

    z: tuple
    a: tuple
    Z: tuple
    J: tuple


class CurvatureTrace(NamedTuple):
    """A SlopeTrace with second derivatives K[l], H[l] (B, n_l, n_0, n_0); K[0] is None, H[0] is 0."""

    z: tuple
    a: tuple
    Z: tuple
    J: tuple
    K: tuple
    H: tuple


class Adjoints(NamedTuple):
    """delta[l] = dC/dz[l], dC_dZ[l], dC_dK[l] for l = 1..L, and dC_dX (B, n_0); None where the seed is."""

    delta: tuple
    dC_dZ: tuple
    dC_dK: tuple
    dC_dX: np.ndarray


def forward(net: Network, X) -> SlopeTrace:
    """Values and slopes of every layer for the rows of X (B, n_0).

    Z[l] = W[l] J[l-1], J[l] = f'(z[l]) Z[l], from J[0] = 1; softmax in layer L: J = S Z, S = diag(a) - a a^T.

    Raises ValueError as `network.forward` does. Book: eq-gradient-linear, eq-gradient-first,
    eq-gradient-act, eq-gradient-softmax. Source: 000 §2.
    """
    z, a = network.forward(net, X)
    n_0 = net.sizes[0]
    Z, J = [None], [np.broadcast_to(np.eye(n_0, dtype=a[0].dtype), (len(a[0]), n_0, n_0))]
    for l in range(1, net.L + 1):
        act = net.act[l]
        Z.append(net.W[l] @ J[l - 1])
        J.append(act.df(z[l])[:, :, None] * Z[l] if act.elementwise else act.jacobian(a[l]) @ Z[l])
    return SlopeTrace(z, a, tuple(Z), tuple(J))


def curvature(net: Network, trace) -> CurvatureTrace:
    """Second derivatives of every layer by the inputs, on top of a forward pass.

    K[l] = W[l] H[l-1], H[l]_mp = f''(z[l]) Z[l]_m Z[l]_p + f'(z[l]) K[l]_mp, from H[0] = 0.

    Raises ValueError for softmax in layer L and for an activation without d2f.
    Book: eq-gradient-curvature. Source: 000, extended.
    """
    require_elementwise(net, "a second derivative by the inputs")
    z, a, Z, J = trace[:4]
    B, n_0 = a[0].shape
    K, H = [None], [np.zeros((B, n_0, n_0, n_0), dtype=a[0].dtype)]
    for l in range(1, net.L + 1):
        df, d2f = (net.act[l].derivative(order)(z[l])[:, :, None, None] for order in (1, 2))
        K.append(np.einsum("ij,njmp->nimp", net.W[l], H[l - 1]))
        H.append(d2f * Z[l][:, :, :, None] * Z[l][:, :, None, :] + df * K[l])
    return CurvatureTrace(z, a, Z, J, tuple(K), tuple(H))


def backward(net: Network, trace, dC_da, dC_dJ=None, dC_dH=None) -> Adjoints:
    """The adjoints of every layer from those of the output: dC_da (B, n_L), dC_dJ (B, n_L, n_0), dC_dH.

    Through an activation: dC_dZ = f' dC_dJ, delta = f' dC_da + f'' sum_m dC_dJ_m Z_m; through the weights:
    dC_da[l-1] = delta[l] W[l], dC_dJ[l-1] = W[l]^T dC_dZ[l]. A seed that is None is 0; dC_dH
    (B, n_L, n_0, n_0) wants dC_dJ and a CurvatureTrace.

    Raises ValueError for seeds that do not fit, and for an activation without the d2f, d3f they need.
    Book: eq-gradient-delta, eq-gradient-slope-adjoint, eq-gradient-below, eq-gradient-curvature-adjoints.
    Source: 000 §2, completed.
    """
    if dC_dH is not None and (dC_dJ is None or not isinstance(trace, CurvatureTrace)):
        raise ValueError("dC_dH wants dC_dJ beside it, and the trace that curvature() returns")
    d = targets("dC_da", dC_da, trace.a[-1])
    D = None if dC_dJ is None else targets("dC_dJ", dC_dJ, trace.J[-1])
    T = None if dC_dH is None else targets("dC_dH", dC_dH, trace.H[-1])
    delta, dC_dZ, dC_dK = ([None] * (net.L + 1) for _ in range(3))
    for l in range(net.L, 0, -1):
        through = _through_activation if net.act[l].elementwise else _through_softmax
        delta[l], dC_dZ[l], dC_dK[l] = through(net.act[l], trace, l, d, D, T)
        d = delta[l] @ net.W[l]
        D = None if D is None else net.W[l].T @ dC_dZ[l]
        T = None if T is None else np.einsum("ij,nimp->njmp", net.W[l], dC_dK[l])
    return Adjoints(tuple(delta), tuple(dC_dZ), tuple(dC_dK), d)


def _through_activation(act: Activation, trace, l: int, d, D, T) -> tuple:
    """(delta, dC_dZ, dC_dK) of layer l from d = dC_da, D = dC_dJ, T = dC_dH."""
    z, Z = trace.z[l], trace.Z[l]
    df = act.df(z)
    delta = df * d
    if D is None:
        return delta, None, None
    d2f = act.derivative(2)(z)
    delta = delta + d2f * (D * Z).sum(axis=2)
    dC_dZ = df[:, :, None] * D
    if T is None:
        return delta, dC_dZ, None
    d3f = act.derivative(3)(z)
    # The seed need not be symmetric in its two directions: both products are wanted.
    TZ, ZT = np.einsum("nimp,nip->nim", T, Z), np.einsum("nimp,nim->nip", T, Z)
    delta = delta + d3f * (TZ * Z).sum(axis=2) + d2f * (T * trace.K[l]).sum(axis=(2, 3))
    dC_dZ = dC_dZ + d2f[:, :, None] * (TZ + ZT)
    return delta, dC_dZ, df[:, :, None, None] * T


def _through_softmax(act: Softmax, trace, l: int, d, D, T) -> tuple:
    """The same through softmax, whose local derivative S depends on all z of the row. T is None here."""
    a, Z = trace.a[l], trace.Z[l]
    S = act.jacobian(a)
    if D is not None:
        mean_Z, mean_D = ((a[:, :, None] * slopes).sum(axis=1, keepdims=True) for slopes in (Z, D))
        d = d + (D * (Z - mean_Z) - mean_D * Z).sum(axis=2)
    return (S @ d[:, :, None])[:, :, 0], None if D is None else S @ D, None


def parameter_gradient(net: Network, trace, adjoints: Adjoints, per_example: bool = False) -> Gradient:
    """dC/dW and dC/db from the adjoints; with `per_example` not summed over n, which is then the first axis.

    dC/dW[l]_ij = sum_n (delta_ni a[l-1]_nj + sum_m dC_dZ_nim J[l-1]_njm + sum_mp dC_dK_nimp H[l-1]_njmp),
    dC/db[l]_i = sum_n delta_ni. Book: eq-gradient-dw, eq-gradient-db, eq-gradient-residual-jacobian.
    Source: 000 §2, completed.
    """
    W, b, kept = [None], [None], "n" if per_example else ""
    for l in range(1, net.L + 1):
        pairs = (
            (f"ni,nj->{kept}ij", adjoints.delta[l], trace.a),
            (f"nim,njm->{kept}ij", adjoints.dC_dZ[l], trace.J),
            (f"nimp,njmp->{kept}ij", adjoints.dC_dK[l], getattr(trace, "H", None)),
        )
        W.append(sum(np.einsum(axes, p, q[l - 1], optimize=True) for axes, p, q in pairs if p is not None))
        b.append(np.einsum(f"ni->{kept}i", adjoints.delta[l]))
    return Gradient(tuple(W), tuple(b))


def gradient(net: Network, X, Y, cost: Cost) -> Gradient:
    """dC/dW and dC/db of a cost of the values: the seeds dC/da and 0, hence ordinary backpropagation.

    Raises ValueError for X and Y that do not fit the network. Book: eq-gradient-delta, eq-gradient-dw.
    """
    trace = forward(net, X)
    a = trace.a[net.L]
    return parameter_gradient(net, trace, backward(net, trace, cost.da(a, targets("Y", Y, a))))


def sobolev_gradient(net: Network, X, Y, dY_dx, alpha=1, beta=1) -> tuple[np.ndarray, Gradient]:
    """(C, gradient) of C = alpha sum (a[L] - Y)^2 + beta sum (J[L] - dY_dx)^2, sums over batch and outputs.

    X (B, n_0), Y (B, n_L), dY_dx (B, n_L, n_0). Seeds dC/da = 2 alpha (a - Y), dC/dJ = 2 beta (J - dY_dx).
    Y=None needs alpha=0, dY_dx=None needs beta=0.

    Raises ValueError for shapes that do not fit, missing targets, a weight that is no finite number.
    Book: eq-gradient-cost, eq-gradient-seeds. Source: 000 §2, with the factor 2.
    """
    trace = forward(net, X)
    C_a, dC_da = _squares("Y", Y, trace.a[net.L], "alpha", alpha)
    C_J, dC_dJ = _squares("dY_dx", dY_dx, trace.J[net.L], "beta", beta)
    adjoints = backward(net, trace, dC_da, None if dY_dx is None else dC_dJ)
    return C_a + C_J, parameter_gradient(net, trace, adjoints)


def _squares(symbol: str, target, output: np.ndarray, weight_symbol: str, weight) -> tuple:
    """weight * sum (output - target)^2 and its derivative by the output; 0 without a target."""
    as_array(weight_symbol, weight, ())
    if target is None and weight != 0:
        raise ValueError(f"{symbol} is None, which wants {weight_symbol} = 0, got {weight}")
    difference = np.zeros_like(output) if target is None else output - targets(symbol, target, output)
    weight = np.asarray(weight).item()  # a Python number takes the network's float width
    return weight * (difference**2).sum(), 2 * weight * difference


@dataclass(frozen=True)
class Residual:
    """A differential equation F = 0 for the network's output, with F's own partial derivatives.

    First order: functions of (X, a, J) with a (B, n_L) and J (B, n_L, n_0); F returns (B,), one equation
    for each point, dF_da (B, n_L), dF_dJ (B, n_L, n_0). With dF_dH (B, n_L, n_0, n_0), second order:
    all are functions of (X, a, J, H), and H has the shape of dF_dH.
    """

    F: Callable[..., np.ndarray]
    dF_da: Callable[..., np.ndarray]
    dF_dJ: Callable[..., np.ndarray]
    dF_dH: Callable[..., np.ndarray] | None = None

    def __post_init__(self) -> None:
        for symbol in ("F", "dF_da", "dF_dJ", "dF_dH"):
            given = getattr(self, symbol)
            if not callable(given) and not (given is None and symbol == "dF_dH"):
                raise ValueError(f"{symbol} of a Residual wants a function, got {given!r}")


def _evaluate(net: Network, X, residual: Residual) -> tuple:
    """The trace, F (B,) and the seeds dF_da, dF_dJ, dF_dH (None for first order), all checked."""
    if not isinstance(residual, Residual):
        raise ValueError(f"residual wants a Residual, got {residual!r}")
    trace: SlopeTrace | CurvatureTrace = forward(net, X)
    outputs = {"dF_da": trace.a[net.L], "dF_dJ": trace.J[net.L]}
    if residual.dF_dH is not None:
        trace = curvature(net, trace)
        outputs["dF_dH"] = trace.H[net.L]
    arguments = (trace.a[0], *outputs.values())
    F = targets("F", residual.F(*arguments), trace.a[net.L][:, 0])
    return (
        trace,
        F,
        [targets(name, getattr(residual, name)(*arguments), like) for name, like in outputs.items()],
    )


def residual_gradient(net: Network, X, residual: Residual) -> tuple[np.ndarray, Gradient]:
    """(C, gradient) of C = sum_n F_n^2 over the points X (B, n_0): seeds 2 F dF_da, 2 F dF_dJ, 2 F dF_dH.

    Boundary data are further examples: `sobolev_gradient` with beta=0, added.

    Raises ValueError for a residual whose shapes do not fit, for softmax in a second-order one, and for
    an activation without the d2f or d3f it needs. Book: eq-gradient-residual. Source: 000 §3, made general.
    """
    trace, F, partials = _evaluate(net, X, residual)
    seeds = [2 * F.reshape(-1, *[1] * (dF.ndim - 1)) * dF for dF in partials]
    return (F**2).sum(), parameter_gradient(net, trace, backward(net, trace, *seeds))


def residual_jacobian(net: Network, X, residual: Residual) -> tuple[np.ndarray, np.ndarray]:
    """(F, dF_dtheta): the residual of each point (B,), its derivatives (B, P) with columns as in `flatten`.

    What `levenberg_marquardt` wants. Raises ValueError as above. Book: eq-gradient-residual-jacobian.
    """
    trace, F, partials = _evaluate(net, X, residual)
    each = parameter_gradient(net, trace, backward(net, trace, *partials), per_example=True)
    parts = [part.reshape(len(F), -1) for pair in zip(each.W[1:], each.b[1:]) for part in pair]
    return F, np.concatenate(parts, axis=1)
