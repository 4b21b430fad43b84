"""Wrong formulas for nnlib.chain_rule and nnlib.nodes, and the numbers that must notice them."""

import numpy as np
from mutants import Mutant
from networks import random_data, random_network

from nnlib import costs
from nnlib.activations import sigmoid, sine, softmax, tanh
from nnlib.chain_rule import (
    backward,
    derivative,
    exp,
    forward,
    gradient,
    jacobian,
    jvp,
    log,
    maximum,
    mlp_backward,
    sin,
    variable,
)
from nnlib.chain_rule import sigmoid as node_sigmoid
from nnlib.chain_rule import tanh as node_tanh
from nnlib.check import agreement, complex_step
from nnlib.network import flatten, unflatten
from nnlib.network import forward as network_forward

MUTANTS = [
    Mutant(
        "nnlib.chain_rule._sweep",
        "adjoint[parent] + message if parent in adjoint else message",
        "message",
        ("eq-chain-slots", "eq-chain-backward", "eq-chain-diamond", "eq-chain-backward/network"),
        "the adjoint overwritten at a fork: missing sum",
    ),
    Mutant(
        "nnlib.chain_rule._sweep",
        "zip(node.parents, node.local)",
        "dict(zip(node.parents, node.local)).items()",
        ("eq-chain-slots", "eq-chain-backward"),
        "a set of parents in place of argument slots",
    ),
    Mutant(
        "nnlib.chain_rule._sweep",
        "reversed(order)",
        "order",
        ("eq-chain-scalar", "eq-chain-backward", "eq-chain-diamond"),
        "topological order not reversed",
    ),
    Mutant(
        "nnlib.chain_rule._sweep",
        "local(*arguments)",
        "1",
        ("eq-chain-scalar", "eq-chain-gradient", "eq-chain-paths", "eq-chain-second"),
        "002's printed factor du_i/du_i",
    ),
    Mutant(
        "nnlib.chain_rule._sweep",
        "times(adjoint[node], local(*arguments))",
        "2 * times(adjoint[node], local(*arguments))",
        ("eq-chain-scalar", "eq-chain-example-weight"),
        "factor 2 on every edge",
    ),
    Mutant(
        "nnlib.chain_rule._push",
        "du[node] + message if node in du else message",
        "message",
        ("eq-chain-jvp", "eq-chain-sweeps"),
        "forward mode without its sum over the slots",
    ),
    Mutant(
        "nnlib.chain_rule.jacobian",
        "[column.get(output, 0) for column in columns] for output in outputs",
        "[column.get(output, 0) for output in outputs] for column in columns",
        ("eq-chain-sweeps",),
        "forward sweeps laid down as rows: the other layout",
    ),
    Mutant(
        "nnlib.chain_rule.jacobian",
        "{output: np.ones_like(u[output])[()]}",
        "{output: u[output]}",
        ("eq-chain-sweeps",),
        "reverse sweeps that start from the output's value",
    ),
    Mutant(
        "nnlib.nodes.Node.__sub__",
        "lambda u, v: -1",
        "lambda u, v: 1",
        ("eq-chain-slots", "eq-chain-local"),
        "swapped sign in the second slot",
    ),
    Mutant(
        "nnlib.nodes.Node.__truediv__",
        "-u / v**2",
        "-u / v",
        ("eq-chain-local", "eq-chain-backward", "eq-chain-jvp"),
        "dropped square in the quotient rule",
    ),
    Mutant(
        "nnlib.nodes.Node.__mul__",
        "(lambda u, v: v, lambda u, v: u)",
        "(lambda u, v: u, lambda u, v: v)",
        ("eq-chain-local", "eq-chain-paths", "eq-chain-diamond"),
        "the product's slots exchanged",
    ),
    Mutant(
        "nnlib.nodes.Node.__pow__",
        "n * u ** (n - 1)",
        "u ** (n - 1)",
        ("eq-chain-local", "eq-chain-backward"),
        "dropped exponent",
    ),
    Mutant(
        "nnlib.nodes.sigmoid",
        "sigmoid(u) * sigmoid(-u)",
        "sigmoid(u) * sigmoid(u)",
        ("eq-chain-sigmoid", "eq-chain-second"),
        "the mirrored sigmoid not mirrored",
    ),
    Mutant(
        "nnlib.nodes.apply",
        "apply(activation, u, order + 1)",
        "apply(activation, u, order)",
        ("eq-chain-scalar", "eq-chain-backward", "eq-chain-example-weight"),
        "the activation in place of its derivative",
    ),
    Mutant(
        "nnlib.chain_rule.gradient",
        "adjoint[b].sum()",
        "adjoint[b][0]",
        ("eq-chain-backward/network",),
        "missing sum over the batch",
    ),
    Mutant(
        "nnlib.chain_rule.network_graph",
        "b = b + w * a",
        "b = w * a",
        ("eq-chain-forward", "eq-chain-backward/network"),
        "dropped bias and partial sums",
    ),
    Mutant(
        "nnlib.chain_rule.mlp_backward",
        "dC_da[l] * net.act[l].df(z[l])",
        "dC_da[l] * net.act[l].df(a[l])",
        ("eq-chain-mlp-delta", "eq-chain-mlp-w", "eq-chain-mlp-b", "eq-chain-mlp-below"),
        "slope at the activation, not at the pre-activation",
    ),
    Mutant(
        "nnlib.chain_rule.mlp_backward",
        ".sum(axis=1)",
        ".sum(axis=2)",
        ("eq-chain-softmax-delta",),
        "softmax's Jacobian summed over the wrong index",
    ),
    Mutant(
        "nnlib.chain_rule.mlp_backward",
        "delta[l] @ net.W[l]",
        "dC_da[l] @ net.W[l]",
        ("eq-chain-mlp-below", "eq-chain-mlp-delta"),
        "the activation's derivative sent down in place of the adjoint",
    ),
    Mutant(
        "nnlib.chain_rule.mlp_backward",
        "delta[l].T @ a[l - 1]",
        "delta[l].T @ network.forward(net, X).a[l - 1][::-1]",
        ("eq-chain-mlp-w",),
        "the examples of one factor in the wrong order",
    ),
    Mutant(
        "nnlib.costs.l2",
        "2 * lam * W for",
        "lam * W for",
        ("eq-chain-l2", "eq-chain-mlp-w"),
        "dropped 2 of the square",
    ),
    Mutant(
        "nnlib.activations.Softmax.jacobian",
        "a[:, :, None] * a[:, None, :]",
        "a[:, :, None] * a[:, :, None]",
        ("eq-chain-softmax-jacobian", "eq-chain-softmax-delta", "eq-chain-softmax-entropy"),
        "wrong index",
    ),
]  # fmt: skip


def expression(u, v):
    """Every operation once, with forks, repeated arguments and a node that leads nowhere."""
    w = u * u - v / (u + 2)
    w * v
    s = maximum(w, v) ** 3 + maximum(v - 9, w) * u**v - node_tanh(w) * sin(u - v) + log(u) * exp(-v) + 2**v
    return s * node_sigmoid(w + s / 7) + (-s) ** 2 - 3 / v


def at(point):
    return [variable(name, value) for name, value in zip("uv", point)]


def numeric_check() -> float:
    """The largest disagreement of the chapter's derivatives with the complex step."""
    point = np.array([0.7, 1.2])
    u, v = at(point)
    output = expression(u, v)
    true = complex_step(lambda point: forward(expression(*at(point))), point)
    adjoint = backward(output)
    errors = [
        agreement([adjoint[u], adjoint[v]], true),
        agreement([jvp(output, {u: 1, v: -2})], true @ [1, -2]),
        agreement([forward(derivative(output, u)), forward(derivative(output, v))], true),
    ]

    outputs = [output, u * sin(v), v / u]
    both = np.stack([jacobian(outputs, [u, v], mode) for mode in ("forward", "reverse")])
    rows = [true, [np.sin(1.2), 0.7 * np.cos(1.2)], [-1.2 / 0.49, 1 / 0.7]]
    errors.append(agreement(both, np.stack([rows, rows])))

    def second(point):
        u, v = at(point)
        return backward(expression(u, v))[u]

    errors.append(agreement(backward(derivative(output, u))[v], complex_step(second, point)[1]))
    errors += [error for act, out in ((tanh, sigmoid), (sine, softmax)) for error in layer_errors(act, out)]
    return max(errors)


def layer_errors(act, out) -> list[float]:
    """The same for a network: the scalar graph, and the backward pass with its penalty."""
    net = random_network((2, 3, 4, 3), act, out)
    X, Y = random_data(net.sizes)

    def total(net, X, lam):
        cost = costs.squared_error.value(network_forward(net, X).a[3], Y)
        return cost + costs.l2(net, lam, biases=True)[0]

    by_layers = mlp_backward(net, X, Y, costs.squared_error, 0.3, biases=True)
    theta = flatten(net)
    return [
        agreement(
            gradient(net, X, Y, costs.squared_error),
            complex_step(lambda theta: total(unflatten(net, theta), X, 0), theta),
        ),
        agreement(
            by_layers.gradient, complex_step(lambda theta: total(unflatten(net, theta), X, 0.3), theta)
        ),
        agreement(by_layers.dC_da[0], complex_step(lambda X: total(net, X, 0.3), X)),
    ]
