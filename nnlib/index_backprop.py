"""Backpropagation unit by unit, on any acyclic wiring, and the same pass in matrices.

A unit i takes the outputs y_j of its upstream units j in S_i, has the pre-activation x_i and the
output y_i = f_i(x_i). The backward pass computes p_i = dC/dx_i: what the book calls delta in layers.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

import numpy as np

from nnlib.arrays import as_array, one_dtype
from nnlib.costs import Cost, targets
from nnlib.network import Gradient, Layers, Network, Trace, forward, require_elementwise
from nnlib.units import UnitNetwork, same_keys

__all__ = [
    "UnitNetwork", "adjoints", "back_propagate", "from_adjoints", "gradient", "matrix_gradient", "propagate",
    "train_step",
]  # fmt: skip


def _run(name: str, given: Mapping, units: UnitNetwork, wanted: tuple, shape: tuple | None = None) -> dict:
    """The values of one run for the `wanted` units: all scalars, or all arrays (B,)."""
    same_keys(name, given, wanted)
    first = as_array(f"{name}[{wanted[0]!r}]", given[wanted[0]])
    shape = first.shape if shape is None else shape
    if len(shape) > 1:
        raise ValueError(f"{name}[{wanted[0]!r}] has shape {shape}, wants a scalar or (B,)")
    arrays = {f"{name}[{i!r}]": as_array(f"{name}[{i!r}]", given[i], shape) for i in wanted}
    one_dtype({"w": np.zeros((), units.dtype), **arrays})
    return {i: array[()] for i, array in zip(wanted, arrays.values())}


def propagate(units: UnitNetwork, x: Mapping) -> tuple[dict, dict]:
    """Run the network on the inputs x and return the x_i and y_i of all units.

    x_i given and y_i = x_i for inputs, else x_i = sum_{j in S_i} w_ij y_j + b_i and y_i = f_i(x_i).
    All values are scalars, or all arrays (B,), one entry a run.

    Raises ValueError for a missing or unknown input, a wrong shape, NaN or infinity, mixed float widths.
    Book: eq-index-propagate. Source: 004, eqs. (1)-(2); its Propagate, which it does not spell out.
    """
    x = _run("x", x, units, units.inputs)
    y = dict(x)
    for i in units.order:
        x[i] = sum(units.w[i, j] * y[j] for j in units.upstream[i]) + units.b[i]
        y[i] = np.asarray(units.act[i].f(np.asarray(x[i])))[()]
    return x, y


def back_propagate(units: UnitNetwork, x: Mapping, y_star: Mapping, cost: Cost) -> tuple[dict, dict, dict]:
    """Return dC_dw, dC_db, keyed as w and b, and p_i = dC/dx_i for all units, inputs included.

    p_i = ([i is an output] dC/dy_i + sum_{k in D_i} p_k w_ki) f_i'(x_i), with f' = 1 on inputs, in
    reverse topological order; dC/dw_ij = p_i y_j, dC/db_i = p_i, both summed over the runs of (B,) arrays.
    The cost sees the outputs as (B, n_L), in the order of `outputs`; one scalar run as (1, n_L).

    Raises ValueError as `propagate` does, for y_star too.
    Book: eq-index-adjoint, eq-index-push. Source: 004, eqs. (11)-(14) and Algorithms 3-4, corrected.
    """
    x, y = propagate(units, x)
    shape = np.shape(x[units.inputs[0]])
    y_star = _run("y_star", y_star, units, units.outputs, shape)
    a, Y = (
        np.stack([of[i] for i in units.outputs], axis=-1).reshape(-1, len(units.outputs))
        for of in (y, y_star)
    )
    dC_dy = as_array("dC_da", cost.da(a, targets("y_star", Y, a)), a.shape)

    p = {i: np.zeros_like(y[i])[()] for i in y}
    for q, i in enumerate(units.outputs):
        p[i] = p[i] + dC_dy[:, q].reshape(shape)[()]
    dC_dw, dC_db = {}, {}
    for i in reversed(units.order):
        p[i] = p[i] * np.asarray(units.act[i].df(np.asarray(x[i])))[()]
        for j in units.upstream[i]:
            p[j] = p[j] + p[i] * units.w[i, j]
            dC_dw[i, j] = np.asarray(p[i] * y[j]).sum()
        dC_db[i] = np.asarray(p[i]).sum()
    return dC_dw, dC_db, p


def train_step(units: UnitNetwork, runs: Iterable, eta, cost: Cost) -> UnitNetwork:
    """One gradient step on a mini-batch of runs (x, y_star).

    w_ij <- w_ij - eta sum_runs dC/dw_ij, b_i <- b_i - eta sum_runs dC/db_i.

    Raises ValueError for no runs, an eta that is no finite number, and as `back_propagate` does.
    Book: eq-index-update. Source: 004, Algorithms 1, 2 and 5, corrected.
    """
    runs = tuple(runs)
    if not runs:
        raise ValueError("runs is empty, wants at least one (x, y_star)")
    eta = as_array("eta", eta, ()).astype(units.dtype)[()]  # in the units' own type: float32 stays float32
    w, b = dict(units.w), dict(units.b)
    for x, y_star in runs:
        dC_dw, dC_db, _ = back_propagate(units, x, y_star, cost)
        w = {link: w[link] - eta * dC_dw[link] for link in w}
        b = {i: b[i] - eta * dC_db[i] for i in b}
    return replace(units, w=w, b=b)


def gradient(net: Network, X, Y, cost: Cost) -> Gradient:
    """The cost's gradient, unit by unit: X (B, n_0), Y (B, n_L), summed over the rows.

    Raises ValueError for wrong shapes and types, and for softmax, which is not elementwise.
    Book: eq-index-dw, eq-index-db. Source: 004, eqs. (8)-(14).
    """
    units = UnitNetwork.from_network(net)
    X = as_array("X", X, ("B", net.sizes[0]))
    Y = as_array("Y", Y, (len(X), net.sizes[-1]))
    dtype = one_dtype({"W[1]": net.W[1], "X": X, "Y": Y})
    x, y_star = dict(zip(units.inputs, X.T)), dict(zip(units.outputs, Y.T))
    dC_dw, dC_db, _ = back_propagate(units, x, y_star, cost)
    W: list = [None]
    b: list = [None]
    for l, (n, m) in enumerate(zip(net.sizes[1:], net.sizes), start=1):
        W.append(np.array([[dC_dw[(l, i), (l - 1, j)] for j in range(m)] for i in range(n)], dtype))
        b.append(np.array([dC_db[l, i] for i in range(n)], dtype))
    return Gradient(tuple(W), tuple(b))


def adjoints(net: Network, trace: Trace, dC_da) -> Layers:
    """All delta[l] = dC/dz[l] (B, n_l) from dC/da[L] (B, n_L): the backward pass in matrices.

    delta[L] = dC_da * g_L'(z[L]); delta[l] = (delta[l+1] W[l+1]) * g_l'(z[l]); delta[0] is None.

    Raises ValueError for softmax and for a dC_da that has not the shape of the output.
    Book: eq-index-matrix-delta. Source: 000 §1, E10 and E14.
    """
    require_elementwise(net, "adjoints")
    L, W, act, z = net.L, net.W, net.act, trace.z
    delta: list = [None] * (L + 1)
    delta[L] = as_array("dC_da", dC_da, trace.a[L].shape) * act[L].df(z[L])
    for l in range(L - 1, 0, -1):
        delta[l] = (delta[l + 1] @ W[l + 1]) * act[l].df(z[l])
    return tuple(delta)


def from_adjoints(trace: Trace, delta: Layers) -> Gradient:
    """dC/dW[l] = delta[l]^T a[l-1] (n_l, n_{l-1}) and dC/db[l] = sum over the rows of delta[l] (n_l,).

    Book: eq-index-matrix-dw, eq-index-matrix-db. Source: 000 §1, E11 and E12.
    """
    W = (None, *(delta[l].T @ trace.a[l - 1] for l in range(1, len(delta))))
    return Gradient(W, (None, *(d.sum(axis=0) for d in delta[1:])))


def matrix_gradient(net: Network, X, Y, cost: Cost) -> Gradient:
    """The same as `gradient`, by matrices: forward, adjoints, products. X (B, n_0), Y (B, n_L).

    Raises ValueError as `gradient` does. Book: eq-index-flops counts its cost.
    """
    trace = forward(net, X)
    a = trace.a[net.L]
    return from_adjoints(trace, adjoints(net, trace, cost.da(a, targets("Y", Y, a))))
