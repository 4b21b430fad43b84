"""Chapter 3: the recursion for da/dW, one weight at a time, then all of them in matrices.

The bias is one more unit of the layer below, with activation 1: column i = n_{k-1} of [W^k | b^k].
Everything here is for one example x (n_0,); `gradient` sums over the rows of X.
"""

from __future__ import annotations

from functools import cache

import numpy as np

from nnlib.arrays import as_array, whole_number
from nnlib.costs import targets
from nnlib.network import Gradient, Network, forward, require_elementwise

METHODS = ("naive", "shortcut", "memo")


def da_dW(net: Network, x, l: int, q: int, k: int, j: int, i: int, method: str = "naive"):
    """One unit's derivative by one weight, d a^l_q / d [W^k | b^k]_{ji}, by recursion over the layers.

    0 if k > l; g'(z^l_q) a^{k-1}_i if k = l and j = q, 0 if k = l and j != q; otherwise
    g'(z^l_q) sum_r W^l_{qr} d a^{l-1}_r / d [W^k | b^k]_{ji}.
    "naive" is just that; "shortcut" answers k = l - 1 at once, since of that sum only r = j survives;
    "memo" remembers each unit's answer. Cost: `count_calls`.

    x has shape (n_0,); l in 0..L, q in 0..n_l - 1, k in 1..L, j in 0..n_k - 1, i in 0..n_{k-1}, where
    i = n_{k-1} is the bias. Raises ValueError for an index out of range, an unknown method, softmax.
    Book: eq-recursive-recursion, eq-recursive-shortcut. Source: 001, eq. (2), corrected.
    """
    _known(method)
    a, slope = _forward(net, x)
    whole_number("l", l, 0, net.L)
    whole_number("q", q, 0, net.sizes[l] - 1)
    whole_number("k", k, 1, net.L)
    whole_number("j", j, 0, net.sizes[k] - 1)
    whole_number("i", i, 0, net.sizes[k - 1])

    def derivative(l: int, q: int):
        if k > l:
            return 0 * a[0][0]
        if k == l:
            return slope[l][q] * a[k - 1][i] if j == q else 0 * a[0][0]
        if k == l - 1 and method == "shortcut":
            return slope[l][q] * net.W[l][q, j] * slope[k][j] * a[k - 1][i]
        return slope[l][q] * sum(net.W[l][q, r] * derivative(l - 1, r) for r in range(net.sizes[l - 1]))

    if method == "memo":
        derivative = cache(derivative)
    return derivative(l, q)


def _forward(net: Network, x) -> tuple[list, list]:
    """The extended activations [a^l, 1] of layers 0..L and the slopes g'(z^l), None at 0, of one example."""
    require_elementwise(net, "recursive")
    z, a = forward(net, as_array("x", x, (net.sizes[0],))[None])
    extended = [np.concatenate([layer[0], np.ones(1, dtype=layer.dtype)]) for layer in a]
    return extended, [None, *(net.act[l].df(z[l][0]) for l in range(1, net.L + 1))]


def count_calls(sizes, l: int, k: int, method: str) -> int:
    """How often `da_dW` evaluates its function for one (q, j, i); answers from the memory are not counted.

    naive: sum_{s=k}^{l} prod_{t=s}^{l-1} n_t, exponential in the depth; shortcut: the same sum from
    s = k + 1, and 1 if k = l; memo: 1 + sum_{t=k}^{l-1} n_t, one evaluation a unit.

    Raises ValueError for sizes below 1, l outside 1..L, k outside 1..l, an unknown method.
    Book: eq-recursive-calls.
    """
    _known(method)
    sizes = tuple(whole_number(f"sizes[{t}]", n, 1) for t, n in enumerate(sizes))
    whole_number("l", l, 1, len(sizes) - 1)
    whole_number("k", k, 1, l)
    if method == "memo":
        return 1 + sum(sizes[k:l])
    answered_at = k + 1 if method == "shortcut" and k < l else k
    calls = 1
    for n in sizes[answered_at:l]:
        calls = 1 + n * calls
    return calls


def _known(method: str) -> None:
    if method not in METHODS:
        raise ValueError(f"method is {method!r}, wants one of {', '.join(METHODS)}")


def matrices(net: Network, x, k: int) -> np.ndarray:
    """All outputs' derivatives by all parameters of layer k: A[q, j, i] = d a^L_q / d [W^k | b^k]_{ji}.

    A^{k,q}_{ji} = g'(z^k_q) a^{k-1}_i 1[j = q], then A^{l,q} = g'(z^l_q) sum_r W^l_{qr} A^{l-1,r} to l = L.

    Returns shape (n_L, n_k, n_{k-1} + 1), the bias column last.
    Raises ValueError for k outside 1..L, a malformed x, softmax.
    Book: eq-recursive-matrix-start, eq-recursive-matrix-step. Source: 001, eqs. (4)-(6), corrected.
    """
    a, slope = _forward(net, x)
    whole_number("k", k, 1, net.L)
    return _matrices(net, a, slope, k)


def _matrices(net: Network, a: list, slope: list, k: int) -> np.ndarray:
    A = np.eye(net.sizes[k], dtype=net.dtype)[:, :, None] * np.outer(slope[k], a[k - 1])
    for l in range(k + 1, net.L + 1):
        rows = (slope[l][:, None] * net.W[l]) @ A.reshape(net.sizes[l - 1], -1)
        A = rows.reshape(net.sizes[l], *A.shape[1:])
    return A


def unit_matrices(net: Network, x, k: int) -> list[np.ndarray]:
    """The derivatives that `matrices` holds, computed as 001 writes it: one matrix for each unit.

    A^{k,q} is 0 but for its row q, g'(z^k_q) [a^{k-1}, 1]; then A^{l,q} = g'(z^l_q) sum_r W^l_{qr} A^{l-1,r}.

    Returns the n_L matrices A^{L,q}, each of shape (n_k, n_{k-1} + 1), the bias column last.
    Raises ValueError as `matrices` does.
    Book: eq-recursive-matrix-step. Source: 001, eqs. (4) and (6), corrected.
    """
    a, slope = _forward(net, x)
    whole_number("k", k, 1, net.L)
    A = [np.zeros((net.sizes[k], net.sizes[k - 1] + 1), dtype=net.dtype) for _ in range(net.sizes[k])]
    for q, matrix in enumerate(A):
        matrix[q] = slope[k][q] * a[k - 1]
    for l in range(k + 1, net.L + 1):
        sums = [sum(net.W[l][q, r] * matrix for r, matrix in enumerate(A)) for q in range(net.sizes[l])]
        A = [slope[l][q] * matrix for q, matrix in enumerate(sums)]
    return A


def gradient(net: Network, X, Y, cost) -> Gradient:
    """The cost's gradient, contracted at the output, summed over the batch: sum_q dC/da^L_q A^{L,q}.

    X (B, n_0), Y (B, n_L). Raises ValueError for shapes that do not fit, NaN, softmax as activation.
    Book: eq-recursive-contraction. Source: 001, eqs. (1) and (3), corrected.
    """
    require_elementwise(net, "recursive")
    output = forward(net, X).a[net.L]
    dC_da = cost.da(output, targets("Y", Y, output))
    gradients = []
    for x, seed in zip(np.asarray(X), dC_da):
        a, slope = _forward(net, x)
        by_layer = [np.tensordot(seed, _matrices(net, a, slope, k), axes=1) for k in range(1, net.L + 1)]
        W, b = (None, *(A[:, :-1] for A in by_layer)), (None, *(A[:, -1] for A in by_layer))
        gradients.append(Gradient(W, b))
    return sum(gradients[1:], gradients[0])
