"""Chapter 6's other order: the slopes by a backward pass, and then backward through that pass.

`gradient_backprop` carries one lane for each input; here there is one for each output. Both give the same
gradient, so the better one is the one with fewer lanes.

Letters: Q[l] = da[L]/da[l] and D[l] = da[L]/dz[l], both (B, n_L, n_l); Q[0] = J, the slopes.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from nnlib import network
from nnlib.costs import targets
from nnlib.network import Gradient, Network, require_elementwise


class ReverseTrace(NamedTuple):
    """Values z[l], a[l] (B, n_l), and Q[l], D[l] (B, n_L, n_l); z[0] and D[0] are None, Q[L] is 1."""

    z: tuple
    a: tuple
    Q: tuple
    D: tuple


def slopes(net: Network, X) -> ReverseTrace:
    """Values forward, then the output's slopes by every layer backward; the slopes by X are Q[0].

    D[l] = g'(z[l]) Q[l], Q[l-1] = D[l] W[l], from Q[L] = 1.

    Raises ValueError as `network.forward` does, and for softmax. Book: eq-gradient-reverse-slope.
    """
    require_elementwise(net, "the gradient by two backward passes")
    z, a = network.forward(net, X)
    n_L = net.sizes[net.L]
    Q: list = [None] * (net.L + 1)
    D: list = [None] * (net.L + 1)
    Q[net.L] = np.broadcast_to(np.eye(n_L, dtype=a[0].dtype), (len(a[0]), n_L, n_L))
    for l in range(net.L, 0, -1):
        D[l] = net.act[l].df(z[l])[:, None, :] * Q[l]
        Q[l - 1] = D[l] @ net.W[l]
    return ReverseTrace(z, a, tuple(Q), tuple(D))


def gradient(net: Network, trace: ReverseTrace, dC_da, dC_dJ) -> Gradient:
    """dC/dW and dC/db of a cost of values and slopes, from its seeds dC_da (B, n_L), dC_dJ (B, n_L, n_0).

    Up through the slopes' pass: dC_dD = dC_dQ[l-1] W[l]^T, dC_dQ[l] = g' dC_dD. Down through the values':
    delta[l] = g' dC_da[l] + g'' sum_q Q[l]_q dC_dD_q,
    dC_dW[l] = sum_n (delta[l] a[l-1] + sum_q D[l]_q dC_dQ[l-1]_q).

    Raises ValueError for seeds that do not fit. Book: eq-gradient-reverse-adjoints.
    Source: Drucker & LeCun 1992, for any cost of values and slopes.
    """
    z, a, Q, D = trace
    dC_da, dC_dQ = targets("dC_da", dC_da, a[net.L]), targets("dC_dJ", dC_dJ, Q[0])
    W, b, through_slopes = ([None] * (net.L + 1) for _ in range(3))
    for l in range(1, net.L + 1):
        dC_dD = dC_dQ @ net.W[l].T
        W[l] = np.einsum("nqi,nqj->ij", D[l], dC_dQ, optimize=True)
        through_slopes[l] = net.act[l].d2f(z[l]) * (Q[l] * dC_dD).sum(axis=1)
        dC_dQ = net.act[l].df(z[l])[:, None, :] * dC_dD
    for l in range(net.L, 0, -1):
        delta = net.act[l].df(z[l]) * dC_da + through_slopes[l]
        W[l], b[l], dC_da = W[l] + delta.T @ a[l - 1], delta.sum(axis=0), delta @ net.W[l]
    return Gradient(tuple(W), tuple(b))
