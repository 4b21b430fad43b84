"""HIPS autograd: numpy, traced."""

import autograd.numpy as anp
from autograd import elementwise_grad, jacobian, value_and_grad


def _net(layers, x):
    for W, b in layers[:-1]:
        x = anp.tanh(anp.dot(x, W.T) + b)
    W, b = layers[-1]
    return anp.dot(x, W.T) + b


def mlp(p) -> dict:
    def half_squared_error(layers, X, Y):
        return anp.sum((_net(layers, X) - Y) ** 2) / 2

    def cross_entropy(layers, X, Y):
        a = _net(layers, X)
        a = a - anp.max(a, axis=1, keepdims=True)
        return -anp.sum(Y * (a - anp.log(anp.sum(anp.exp(a), axis=1, keepdims=True))))

    function = value_and_grad(cross_entropy if p.classes else half_squared_error)
    return {"autograd": lambda: [part for pair in function(p.layers, p.X, p.Y)[1] for part in pair]}


def recurrent(p) -> dict:
    X, Y = p.X.swapaxes(0, 1).copy(), p.Y.swapaxes(0, 1).copy()

    def loss(parameters):
        W, b = parameters
        Wr, s, C = W[:, p.n_x :], anp.zeros((p.B, p.H), p.dtype), 0.0
        XW = anp.dot(X, W[:, : p.n_x].T) + b
        for n in range(p.T):
            s = anp.tanh(XW[n] + anp.dot(s, Wr.T))
            C = C + anp.sum((s[:, : p.n_y] - Y[n]) ** 2)
        return C / 2

    function = value_and_grad(loss)
    return {"autograd": lambda: function([p.W, p.b])[1]}


def slopes(p) -> dict:
    def loss(layers):
        y = _net(layers, p.X)
        J = elementwise_grad(lambda X: _net(layers, X))(p.X)
        return anp.sum((y - p.Y) ** 2) + anp.sum((J - p.dY_dx[:, 0]) ** 2)

    function = value_and_grad(loss)
    return {"autograd": lambda: [part for pair in function(p.layers)[1] for part in pair]}


def input_jacobian(p) -> dict:
    """Row by row: autograd has no batched Jacobian."""
    function = jacobian(lambda x: _net(p.layers, x))
    return {"autograd": lambda: [anp.stack([function(x) for x in p.X])]}
