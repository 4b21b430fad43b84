"""Chapter 4: the Jacobians of a network's outputs, and products with them that never form them.

Everything rests on D[l] = da[L]/dz[l], the network's layer Jacobians: with the activations a[l-1] they
hold the whole Jacobian by the parameters, factored. Softmax may stand in layer L.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from nnlib import costs
from nnlib.activations import Activation, Softmax
from nnlib.arrays import as_array, one_dtype, whole_number
from nnlib.costs import Cost
from nnlib.network import Gradient, Layers, Network, Trace, forward


@dataclass(frozen=True, eq=False)
class Jacobians:
    """da[L]/dW[l] (B, n_L, n_l, n_{l-1}) and da[L]/db[l] (B, n_L, n_l); tuples over 0..L, None at 0."""

    W: Layers
    b: Layers

    def matrix(self) -> np.ndarray:
        """All of them side by side, (B, n_L, P), the columns in the order of `network.flatten`."""
        parts = [part for W, b in zip(self.W[1:], self.b[1:]) for part in (W.reshape(*b.shape[:2], -1), b)]
        return np.concatenate(parts, axis=-1)


def layer_jacobians(net: Network, X) -> Layers:
    """The layer Jacobians D[l] = da[L]/dz[l] at the rows of X (B, n_0): each (B, n_L, n_l), D[0] is None.

    D[L] = diag(g_L'(z[L])), for softmax diag(a) - a a^T; D[l-1] = D[l] W[l] diag(g_{l-1}'(z[l-1])).

    Raises ValueError for a wrong rank or width, an empty batch, NaN or infinity, mixed float widths.
    Book: eq-jacobian-top, eq-jacobian-recursion. Source: 003, its local gradient matrices.
    """
    return _layer_jacobians(net, forward(net, X))


def _layer_jacobians(net: Network, trace: Trace) -> Layers:
    z, a = trace
    L = net.L
    D: list = [None] * (L + 1)
    if net.act[L].elementwise:
        D[L] = np.eye(net.sizes[L], dtype=a[L].dtype) * net.act[L].df(z[L])[:, None, :]
    else:
        D[L] = net.act[L].jacobian(a[L])
    for l in range(L, 1, -1):
        D[l - 1] = (D[l] @ net.W[l]) * net.act[l - 1].df(z[l - 1])[:, None, :]
    return tuple(D)


def parameters(net: Network, X) -> Jacobians:
    """The Jacobian by every weight and bias, at the rows of X (B, n_0).

    da[L]_q / dW[l]_ji = D[l]_qj a[l-1]_i and da[L]_q / db[l]_j = D[l]_qj.

    Raises ValueError as `layer_jacobians` does. Book: eq-jacobian-dw, eq-jacobian-db. Source: 003, corrected.
    """
    trace = forward(net, X)
    D = _layer_jacobians(net, trace)
    W = (D[l][:, :, :, None] * trace.a[l - 1][:, None, None, :] for l in range(1, net.L + 1))
    return Jacobians((None, *W), D)


def inputs(net: Network, X) -> np.ndarray:
    """The Jacobian by the inputs, J = da[L]/dx = D[1] W[1], at the rows of X (B, n_0): (B, n_L, n_0).

    Raises ValueError as `layer_jacobians` does. Book: eq-jacobian-dx. Source: 003.
    """
    return layer_jacobians(net, X)[1] @ net.W[1]


def gradient(net: Network, X, Y, cost: Cost) -> Gradient:
    """The cost's gradient: the Jacobian by the parameters contracted with dC/da[L].

    dC/dW[l]_ji = sum_b sum_q dC/da_bq D[l]_bqj a[l-1]_bi. The sum over q is taken first, on the
    factored Jacobian: no array of its full size is made.

    Raises ValueError for an X or Y whose shape does not fit, NaN or infinity, mixed float widths.
    Book: eq-jacobian-contraction. Source: 003, its test against squared error.
    """
    trace = forward(net, X)
    a, D = trace.a, _layer_jacobians(net, trace)
    dC_da = _like("dC_da", cost.da(a[net.L], costs.targets("Y", Y, a[net.L])), a[net.L])
    delta = [None, *(np.einsum("bq,bqj->bj", dC_da, D[l]) for l in range(1, net.L + 1))]
    W = (None, *(delta[l].T @ a[l - 1] for l in range(1, net.L + 1)))
    return Gradient(W, (None, *(delta[l].sum(axis=0) for l in range(1, net.L + 1))))


def jvp(net: Network, X, V: Gradient) -> np.ndarray:
    """The change of the outputs along V, a direction in parameter space: (B, n_L), in one forward pass.

    Rz[l] = Ra[l-1] W[l]^T + a[l-1] V.W[l]^T + V.b[l], Ra[l] = g_l'(z[l]) Rz[l], Ra[0] = 0.

    Raises ValueError as `layer_jacobians` does, and for a V that is no Gradient of the network's shapes.
    Book: eq-jacobian-jvp.
    """
    return _tangents(net, forward(net, X), V)[1][net.L]


def vjp(net: Network, X, U) -> Gradient:
    """The sum over b and q of U_bq times the gradient of output a[L]_bq, in one backward pass.

    U is (B, n_L). delta[l] = dA[l] g_l'(z[l]), dA[l-1] = delta[l] W[l] from dA[L] = U;
    the result is delta[l]^T a[l-1] and the sum of delta[l] over the batch.

    Raises ValueError as `layer_jacobians` does, and for a U of another shape. Book: eq-jacobian-vjp.
    """
    return pull_back(net, forward(net, X), U)[0]


def input_jvp(net: Network, X, V) -> np.ndarray:
    """J V row by row: the change of the outputs when the inputs change along V (B, n_0); (B, n_L).

    Raises ValueError as `layer_jacobians` does, and for a V of another shape.
    Book: eq-jacobian-input-products.
    """
    z, a = forward(net, X)
    dA = _like("V", V, a[0])
    for l in range(1, net.L + 1):
        dA = _times_local(net.act[l], z[l], a[l], dA @ net.W[l].T)
    return dA


def input_vjp(net: Network, X, U) -> np.ndarray:
    """U^T J row by row: the gradient of sum_q U_bq a[L]_bq by the inputs; U (B, n_L), result (B, n_0).

    Raises ValueError as `layer_jacobians` does, and for a U of another shape.
    Book: eq-jacobian-input-products.
    """
    return pull_back(net, forward(net, X), U)[1]


def pull_back(net: Network, trace: Trace, U) -> tuple[Gradient, np.ndarray]:
    """`vjp` and `input_vjp` at once, of a forward pass already made.

    Raises ValueError for a U whose shape is not that of the outputs. Book: eq-jacobian-vjp.
    """
    z, a = trace
    dA = _like("U", U, a[net.L])
    W: list = [None] * (net.L + 1)
    b: list = [None] * (net.L + 1)
    for l in range(net.L, 0, -1):
        delta = _times_local(net.act[l], z[l], a[l], dA)
        W[l], b[l] = delta.T @ a[l - 1], delta.sum(axis=0)
        dA = delta @ net.W[l]
    return Gradient(tuple(W), tuple(b)), dA


def hvp(net: Network, X, Y, cost: Cost, V: Gradient) -> Gradient:
    """The cost's Hessian times V: how the gradient changes along V, for about three gradients' work.

    The R-operator, d/dr at W + r V: tangents Rz, Ra as in `jvp`; then backward, beside the adjoints,
    R delta[l] = g_l' R dA[l] + g_l'' Rz[l] dA[l], R dA[l-1] = R delta[l] W[l] + delta[l] V.W[l], and
    the result (R delta[l])^T a[l-1] + delta[l]^T Ra[l-1] and sum_b R delta[l].

    Raises ValueError as `gradient` and `jvp` do, and for an activation without d2f, a cost without d2a.
    Book: eq-jacobian-hvp, eq-jacobian-hvp-cost. Source: Pearlmutter 1994.
    """
    if cost.d2a is None:
        raise ValueError(f"cost {cost.name!r} has no d2a, which hvp needs")
    z, a = trace = forward(net, X)
    Rz, Ra = _tangents(net, trace, V)
    Y = costs.targets("Y", Y, a[net.L])
    dA = _like("dC_da", cost.da(a[net.L], Y), a[net.L])
    RdA = _like("d2C_da2 V", cost.d2a(a[net.L], Y, Ra[net.L]), a[net.L])
    W: list = [None] * (net.L + 1)
    b: list = [None] * (net.L + 1)
    for l in range(net.L, 0, -1):
        delta = _times_local(net.act[l], z[l], a[l], dA)
        Rdelta = _change_of_times_local(net.act[l], z[l], a[l], dA, Rz[l], Ra[l], RdA)
        W[l], b[l] = Rdelta.T @ a[l - 1] + delta.T @ Ra[l - 1], Rdelta.sum(axis=0)
        RdA = Rdelta @ net.W[l] + delta @ V.W[l]
        dA = delta @ net.W[l]
    return Gradient(tuple(W), tuple(b))


def maximise_output(net: Network, x, weights, steps=100, eta=0.1, pull=0, prior=None) -> np.ndarray:
    """Climb from x (n_0,) to an input with a large weighted output; negative weights minimise.

    `steps` times x + eta (J^T weights - pull (x - prior)): gradient ascent on
    weights . a[L](x) - pull/2 |x - prior|^2; `weights` (n_L,), `prior` (n_0,) is the start unless given.

    Raises ValueError for shapes that do not fit, eta not positive, pull negative, or an x that leaves
    the finite numbers. Book: eq-jacobian-ascent. Source: 003, its motive.
    """
    x = as_array("x", x, (net.sizes[0],)).copy()
    weights = as_array("weights", weights, (net.sizes[net.L],))
    prior = x if prior is None else _like("prior", prior, x)
    # In the network's own type, so that float32 stays float32.
    eta, pull = (as_array(name, v, ()).astype(net.dtype)[()] for name, v in (("eta", eta), ("pull", pull)))
    if net.dtype != object and not (eta > 0 and pull >= 0):
        raise ValueError(f"eta is {eta}, pull is {pull}: eta wants to be above 0, pull not negative")
    for _ in range(whole_number("steps", steps, 0)):
        x = as_array("x", x + eta * (input_vjp(net, x[None], weights[None])[0] - pull * (x - prior)))
    return x


def _times_local(act: Activation | Softmax, z, a, v: np.ndarray) -> np.ndarray:
    """v times the local derivative da/dz of one layer, rows (B, n_l); symmetric, so it serves both modes."""
    if isinstance(act, Activation):
        return act.df(z) * v
    return a * (v - (a * v).sum(axis=-1, keepdims=True))


def _change_of_times_local(act: Activation | Softmax, z, a, v, Rz, Ra, Rv) -> np.ndarray:
    """The change of `_times_local(act, z, a, v)` when z, a, v change along Rz, Ra, Rv: the product rule."""
    if isinstance(act, Activation):
        return act.df(z) * Rv + act.derivative(2)(z) * Rz * v
    mean, Rmean = (part.sum(axis=-1, keepdims=True) for part in (a * v, Ra * v + a * Rv))
    return Ra * (v - mean) + a * (Rv - Rmean)


def _tangents(net: Network, trace: Trace, V: Gradient) -> tuple[list, list]:
    """Rz[l] and Ra[l] (B, n_l): how z[l] and a[l] change along V."""
    _check_direction(net, V)
    z, a = trace
    Rz: list = [None]
    Ra: list = [np.zeros_like(a[0])]
    for l in range(1, net.L + 1):
        Rz.append(Ra[l - 1] @ net.W[l].T + a[l - 1] @ V.W[l].T + V.b[l])
        Ra.append(_times_local(net.act[l], z[l], a[l], Rz[l]))
    return Rz, Ra


def _check_direction(net: Network, V: Gradient) -> None:
    if not isinstance(V, Gradient):
        raise ValueError(f"V wants a Gradient, got {type(V).__name__}")
    if len(V.W) != len(net.W) or len(V.b) != len(net.W):
        raise ValueError(f"V has {len(V.W) - 1} layers, the network has {net.L}")
    for l in range(1, net.L + 1):
        for name, part, like in ((f"V.W[{l}]", V.W[l], net.W[l]), (f"V.b[{l}]", V.b[l], net.b[l])):
            one_dtype({"W[1]": net.W[1], name: as_array(name, part, like.shape)})


def _like(name: str, value, like: np.ndarray) -> np.ndarray:
    """Return `value` as an array with the shape and the float width of `like`."""
    value = as_array(name, value, like.shape)
    one_dtype({"the network": like, name: value})
    return value
