"""Wrong formulas for nnlib.jacobian, and the numbers that must notice them."""

import numpy as np
from mutants import Mutant
from networks import random_data, random_network

from nnlib import costs, jacobian
from nnlib.activations import sigmoid, softmax, tanh
from nnlib.check import agreement, complex_step
from nnlib.network import Gradient, flatten, forward, split_layers, unflatten

PASSES = ("eq-jacobian-vjp", "eq-jacobian-input-products")

MUTANTS = [
    Mutant(
        "nnlib.jacobian._layer_jacobians",
        "(D[l] @ net.W[l]) * net.act[l - 1].df(z[l - 1])[:, None, :]",
        "D[l] @ net.W[l]",
        (
            "eq-jacobian-recursion",
            "eq-jacobian-dw",
            "eq-jacobian-db",
            "eq-jacobian-dx",
            "eq-jacobian-softmax",
        ),
        "dropped slope of the layer below",
    ),
    Mutant(
        "nnlib.jacobian._layer_jacobians",
        "net.act[L].df(z[L])",
        "net.act[L].df(a[L])",
        ("eq-jacobian-top", "eq-jacobian-last-layer", "eq-jacobian-two-w2"),
        "slope at the activation, not at the pre-activation",
    ),
    Mutant(
        "nnlib.jacobian._layer_jacobians",
        "net.act[l - 1].df(z[l - 1])",
        "net.act[l].df(z[l - 1])",
        ("eq-jacobian-recursion", "eq-jacobian-contraction", "eq-jacobian-two-w1", "eq-jacobian-two-dx"),
        "another layer's activation",
    ),
    Mutant(
        "nnlib.jacobian._layer_jacobians",
        "net.act[L].jacobian(a[L])",
        "np.eye(net.sizes[L], dtype=a[L].dtype) * (a[L] * (1 - a[L]))[:, None, :]",
        ("eq-jacobian-softmax", "eq-jacobian-probability"),
        "softmax as if it were elementwise",
    ),
    Mutant(
        "nnlib.jacobian.parameters",
        "trace.a[l - 1][:, None, None, :]",
        "trace.a[l - 1][::-1, None, None, :]",
        ("eq-jacobian-dw", "eq-jacobian-squared-error"),
        "the examples of one factor in the wrong order",
    ),
    Mutant(
        "nnlib.jacobian.inputs",
        "layer_jacobians(net, X)[1] @ net.W[1]",
        "-layer_jacobians(net, X)[1] @ net.W[1]",
        ("eq-jacobian-dx", "eq-jacobian-two-dx"),
        "swapped sign",
    ),
    Mutant(
        "nnlib.jacobian.gradient",
        "delta[l].sum(axis=0)",
        "delta[l][0]",
        ("eq-jacobian-contraction", "eq-jacobian-squared-error"),
        "missing sum over the batch",
    ),
    Mutant(
        "nnlib.jacobian.gradient",
        "delta[l].T @ a[l - 1]",
        "2 * delta[l].T @ a[l - 1]",
        ("eq-jacobian-contraction", "eq-jacobian-squared-error"),
        "factor 2",
    ),
    Mutant(
        "nnlib.jacobian.pull_back",
        "dA = delta @ net.W[l]",
        "dA = dA @ net.W[l]",
        (
            *PASSES,
            "eq-jacobian-duality",
            "eq-jacobian-ascent",
            "eq-jacobian-action",
            "eq-jacobian-prior",
        ),
        "the adjoint of the activation sent down in place of the pre-activation's",
    ),
    Mutant(
        "nnlib.jacobian.pull_back",
        "delta.sum(axis=0)",
        "delta[-1]",
        ("eq-jacobian-vjp", "eq-jacobian-duality", "eq-jacobian-gauss-newton"),
        "missing sum over the batch",
    ),
    Mutant(
        "nnlib.jacobian._tangents",
        " + V.b[l]",
        "",
        ("eq-jacobian-jvp", "eq-jacobian-duality", "eq-jacobian-hvp", "eq-jacobian-hvp/softmax"),
        "dropped source of the bias",
    ),
    Mutant(
        "nnlib.jacobian._tangents",
        "Ra[l - 1] @ net.W[l].T + a[l - 1] @ V.W[l].T",
        "a[l - 1] @ V.W[l].T",
        ("eq-jacobian-jvp", "eq-jacobian-hvp", "eq-jacobian-gauss-newton"),
        "the tangent of the layer below not carried on",
    ),
    Mutant(
        "nnlib.jacobian.input_jvp",
        "_times_local(net.act[l], z[l], a[l], dA @ net.W[l].T)",
        "dA @ net.W[l].T",
        ("eq-jacobian-input-products",),
        "dropped slopes",
    ),
    Mutant(
        "nnlib.jacobian.hvp",
        " + delta @ V.W[l]",
        "",
        (
            "eq-jacobian-hvp",
            "eq-jacobian-gauss-newton",
            "eq-jacobian-hvp-cost",
            "eq-jacobian-hvp-difference",
        ),
        "dropped term of the product rule: the weights on the way down change too",
    ),
    Mutant(
        "nnlib.jacobian.hvp",
        " + delta.T @ Ra[l - 1]",
        "",
        ("eq-jacobian-hvp", "eq-jacobian-gauss-newton"),
        "dropped term of the product rule: the activations change too",
    ),
    Mutant(
        "nnlib.jacobian._change_of_times_local",
        " + act.derivative(2)(z) * Rz * v",
        "",
        ("eq-jacobian-hvp", "eq-jacobian-gauss-newton"),
        "dropped second derivative",
    ),
    Mutant(
        "nnlib.jacobian._change_of_times_local",
        "Ra * v + a * Rv",
        "a * Rv",
        ("eq-jacobian-hvp/softmax",),
        "dropped term in softmax's mean",
    ),
    Mutant(
        "nnlib.jacobian._times_local",
        "return a * (v - (a * v).sum(axis=-1, keepdims=True))",
        "return a * (1 - a) * v",
        ("eq-jacobian-hvp/softmax",),
        "softmax as if it were elementwise",
    ),
    Mutant(
        "nnlib.jacobian.maximise_output",
        "- pull * (x - prior)",
        "+ pull * (x - prior)",
        ("eq-jacobian-ascent", "eq-jacobian-prior"),
        "swapped sign: pushed away from the prior",
    ),
]


def numeric_check() -> float:
    """The largest error of the chapter's computations against the complex step of the forward pass."""
    sizes = (4, 3, 5, 2)
    return max(_errors(random_network(sizes, tanh, out), *random_data(sizes)) for out in (sigmoid, softmax))


def _errors(net, X, Y) -> float:
    rng = np.random.default_rng(2)
    theta, x, direction = flatten(net), X[0], rng.standard_normal(flatten(net).size)
    V, U, VX = (
        Gradient(*split_layers(net, direction)),
        rng.standard_normal(Y.shape),
        rng.standard_normal(X.shape),
    )
    by_theta = complex_step(lambda t: forward(unflatten(net, t), X).a[net.L], theta)
    by_x = np.array([complex_step(lambda v: forward(net, v[None]).a[net.L][0], x) for x in X])
    cost, weights, prior = costs.softmax_cross_entropy, U[0], X[1]
    slope = np.tensordot(cost.da(forward(net, X).a[net.L], Y), by_theta, 2)
    climbed = x + (weights @ by_x[0] - 2 * (x - prior)) / 4

    def slope_along(r):
        moved = unflatten(net, theta + r * direction)
        return flatten(jacobian.vjp(moved, X, cost.da(forward(moved, X).a[net.L], Y)))

    pairs = [
        (jacobian.parameters(net, X).matrix(), by_theta),
        (jacobian.inputs(net, X), by_x),
        (flatten(jacobian.gradient(net, X, Y, cost)), slope),
        (jacobian.jvp(net, X, V), by_theta @ direction),
        (flatten(jacobian.vjp(net, X, U)), np.tensordot(U, by_theta, 2)),
        (jacobian.input_jvp(net, X, VX), np.einsum("bqi,bi->bq", by_x, VX)),
        (jacobian.input_vjp(net, X, U), np.einsum("bqi,bq->bi", by_x, U)),
        (flatten(jacobian.hvp(net, X, Y, cost, V)), complex_step(slope_along, 0.0)),
        (jacobian.maximise_output(net, x, weights, 1, 0.25, 2, prior), climbed),
    ]
    return max(agreement(ours, true) for ours, true in pairs)
