"""The limit: the matrix products that the formula needs, and then the activations too, into arrays made before.

No proven lower bound: the same BLAS and nothing around it.
"""

import numpy as np

BARE, WITH_TANH = "products", "products and tanh"


def _empty(p, *shape):
    return np.ones(shape, p.dtype)


def _calls(products: list, activations: list) -> dict:
    """Two contestants from lists of (A, B, out) for np.dot and of (z, out) for np.tanh."""

    def bare():
        for A, B, out in products:
            np.dot(A, B, out)

    def with_tanh():
        for z, out in activations:
            np.tanh(z, out)
        bare()

    return {BARE: bare, WITH_TANH: with_tanh}


def _backprop_products(p, rows: int, net, first: bool = True) -> list:
    """Forward, gradient and backward products of a layered network for that many rows."""
    products = []
    for l, (n, m) in enumerate(zip(p.sizes, p.sizes[1:]), start=1):
        below, at = _empty(p, rows, n), _empty(p, rows, m)
        if first or l > 1:
            products.append((below, net.W[l].T, at))
        products.append((at.T, below, _empty(p, m, n)))
        if l > 1:
            products.append((at, net.W[l], _empty(p, rows, n)))
    return products


def _hidden(p) -> list:
    return [(_empty(p, p.B, n), _empty(p, p.B, n)) for n in p.sizes[1:-1]]


def mlp(p) -> dict:
    return _calls(_backprop_products(p, p.B, p.net), _hidden(p))


def recurrent(p) -> dict:
    """A product of (B, H) with (H, H) for each time, forward and back; inputs and gradients in one each."""
    B, T, H, n_x = p.B, p.T, p.H, p.n_x
    Wx, Wr = np.ascontiguousarray(p.W[:, :n_x]), np.ascontiguousarray(p.W[:, n_x:])
    s, z, delta = _empty(p, T, B, H), _empty(p, T, B, H), _empty(p, T, B, H)
    steps = [(s[n], Wr.T, z[n]) for n in range(T)] + [(s[n], Wr, delta[n]) for n in range(T)]
    rows, u = _empty(p, T * B, H), _empty(p, T * B, n_x + H)
    whole = [(_empty(p, T * B, n_x), Wx.T, rows), (rows.T, u, _empty(p, H, n_x + H))]
    return _calls(steps + whole, [(z[n], s[n]) for n in range(T)])


def slopes(p) -> dict:
    """Forward lanes with one input; with more the slopes by a backward and an upward pass beside the values'."""
    if p.sizes[0] == 1:
        return _calls(_backprop_products(p, 2 * p.B, p.net), _hidden(p))
    values = _backprop_products(p, p.B, p.net)
    lanes = []
    for l, (n, m) in enumerate(zip(p.sizes, p.sizes[1:]), start=1):
        lanes.append((_empty(p, p.B, m), p.net.W[l], _empty(p, p.B, n)))
        lanes.append((_empty(p, p.B, n), p.net.W[l].T, _empty(p, p.B, m)))
        lanes.append((_empty(p, p.B, m).T, _empty(p, p.B, n), _empty(p, m, n)))
    return _calls(values + lanes, _hidden(p))


def parameter_jacobian(p) -> dict:
    """Writing the numbers of the Jacobian, whatever they are."""
    n_L = p.sizes[-1]
    out = [np.empty((p.B, n_L, m, n), p.dtype) for n, m in zip(p.sizes, p.sizes[1:])]

    def write():
        for array in out:
            array.fill(1)

    return {"writing alone": write}


def input_jacobian(p) -> dict:
    n_L, products = p.sizes[-1], []
    for l, (n, m) in enumerate(zip(p.sizes, p.sizes[1:]), start=1):
        if l < len(p.sizes) - 1:
            products.append((_empty(p, p.B, n), p.net.W[l].T, _empty(p, p.B, m)))
            products.append((_empty(p, p.B * n_L, m), p.net.W[l], _empty(p, p.B * n_L, n)))
    return _calls(products, _hidden(p))
