"""Claims of the chapter chain_rule, on layers: 002's backward pass with its penalty, and softmax."""

from __future__ import annotations

import numpy as np
import sympy

from nnlib import costs
from nnlib.activations import identity, softmax
from nnlib.chain_rule import gradient, mlp_backward
from nnlib.costs import Cost, l2
from nnlib.network import Network, forward
from nnlib.proofs import symbols
from nnlib.proofs.registry import definition, exact, note, refuted
from nnlib.proofs.symbols import activation, array, cost, diff, differ, network, same

MODULE = "nnlib.chain_rule"
SIZES = (2, 3, 4, 2)
SCOPE = "sizes 2-3-4-2, any activations, any cost"
LAMBDA = sympy.Symbol("lambda")
ANY_COST = cost()


def _problem(B: int, act: tuple | None = None, sizes: tuple[int, ...] = SIZES):
    return network(*sizes, act=act), array("x", B, sizes[0]), array("y", B, sizes[-1])


def _total(net: Network, X, Y, C: Cost = ANY_COST):
    return C.value(forward(net, X).a[net.L], Y)


definition(
    "chain_rule",
    "eq-chain-mlp-cost",
    r"What is trained is the cost plus a penalty: $\Omega$ sees the parameters, not the output.",
    of="002 E9",
)


@exact("eq-chain-mlp-delta", scope=f"{SCOPE}; one example", code=f"{MODULE}.mlp_backward", of="002 E10 E14")
def an_elementwise_activation_multiplies_by_its_slope():
    """From an activation's derivative to its pre-activation's: times the slope, entry by entry."""
    net, X, Y = _problem(B=1)
    # In z a bias stands alone, so dC/dz is dC/db for a single example.
    true = [diff(_total(net, X, Y), b) for b in net.b[1:]]
    return same(mlp_backward(net, X, Y, ANY_COST).delta, true)


@exact(
    "eq-chain-mlp-w",
    scope=f"{SCOPE}; B = 2, penalty on the weights",
    code=f"{MODULE}.mlp_backward",
    of="002 E12",
)
def a_weight_sees_its_two_ends():
    """A weight's derivative: the adjoint above times the activation below, summed, and the penalty's."""
    net, X, Y = _problem(B=2)
    J = _total(net, X, Y) + LAMBDA * sum((W**2).sum() for W in net.W[1:])
    return same(mlp_backward(net, X, Y, ANY_COST, LAMBDA).gradient.W, symbols.gradient(J, net).W)


@exact(
    "eq-chain-mlp-b",
    scope=f"{SCOPE}; B = 2, penalty on the biases too",
    code=f"{MODULE}.mlp_backward",
    of="002 E11",
)
def a_bias_sees_the_adjoint():
    """A bias's derivative is its unit's adjoint, summed over the examples, plus the penalty's."""
    net, X, Y = _problem(B=2)
    J = _total(net, X, Y) + LAMBDA * sum((b**2).sum() for b in net.b[1:])
    return same(mlp_backward(net, X, Y, ANY_COST, LAMBDA, biases=True).gradient.b, symbols.gradient(J, net).b)


@exact("eq-chain-mlp-below", scope=f"{SCOPE}; B = 2", code=f"{MODULE}.mlp_backward", of="002 E13")
def the_transposed_weights_lead_down():
    """The derivative by the activations below, at last by the inputs, goes through the transposed weights."""
    net, X, Y = _problem(B=2)
    a, found, true = forward(net, X).a, mlp_backward(net, X, Y, ANY_COST).dC_da, []
    for l in range(net.L):
        A = array("A", 2, net.sizes[l])
        above = Network(*((None, *part[l + 1 :]) for part in (net.W, net.b, net.act)))
        at = dict(zip(A.ravel(), a[l].ravel()))
        true.append([entry.xreplace(at) for entry in diff(_total(above, A, Y), A).ravel()])
    return same(found[: net.L], true)


note(
    "002 E14",
    "GO",
    r"The loop $k = L, L-1, \dots, 1$ around the steps is missing, and for a batch the sum over examples.",
    at="eq-chain-mlp-delta",
)
note(
    "002 E10",
    "O",
    r"“At the output layer” must read “at layer $k$”: the step is repeated.",
    at="eq-chain-mlp-delta",
)
note(
    "002 E16",
    "N",
    "The backward pass computes the gradient; updating the parameters is the optimizer's work.",
    at="eq-chain-mlp-w",
)


@exact("eq-chain-l2", scope="sizes 2-3-2, with and without the biases", code="nnlib.costs.l2")
def the_penalty_pulls_towards_zero():
    """The sum of squares, and its gradient: each penalised parameter times $2\\lambda$."""
    net = network(2, 3, 2)
    found, true = [], []
    for biases in (False, True):
        value, slope = l2(net, LAMBDA, biases)
        parts = [*net.W[1:], *(net.b[1:] if biases else ())]
        found += [value, slope]
        true += [LAMBDA * sum((part**2).sum() for part in parts), symbols.gradient(value, net)]
    return same(found, true)


# Softmax ---------------------------------------------------------------------------------------------------


def _same_rational(left, right, z: np.ndarray, shift: np.ndarray) -> str:
    """Assert equality of quotients of exponentials of z: as polynomials in E_i = exp(z_i).

    z_i - shift_i is free of the symbol shift_i: shift_i = log(E_i) - (z_i - shift_i) makes exp(z_i) a symbol.
    """
    at = {
        b: sympy.log(sympy.Symbol(f"E_{i}", positive=True)) - (z_i - b)
        for i, (z_i, b) in enumerate(zip(z, shift))
    }
    left, right = symbols.entries(left), symbols.entries(right)
    differences = [sympy.cancel(sympy.sympify(u - v).xreplace(at).expand()) for u, v in zip(left, right)]
    return same(differences, [0] * len(right))


@exact("eq-chain-softmax-jacobian", scope="width 3, B = 2", code="nnlib.activations.softmax")
def softmax_has_a_full_jacobian():
    """Every softmax output depends on every pre-activation: its local derivative is a full matrix."""
    z = array("z", 2, 3)
    a = softmax.f(z)
    true = [symbols.jacobian(a[n], z[n]) for n in range(2)]
    return _same_rational(softmax.jacobian(a), true, z.ravel(), z.ravel())


def _softmax_problem():
    net, X, Y = _problem(B=1, act=(activation("g"), softmax), sizes=(2, 2, 3))
    weights = array("c", 3)  # a cost whose dC/da is any vector
    linear = Cost("linear", lambda a, Y: (a * weights).sum(), lambda a, Y: a * 0 + weights)
    return net, X, Y, linear


@exact(
    "eq-chain-softmax-delta",
    scope="sizes 2-2-3, one example, any dC/da",
    code=f"{MODULE}.mlp_backward",
    of="002 E10",
)
def softmax_wants_its_whole_jacobian():
    """Through softmax the adjoint is the transposed Jacobian times the derivative by the outputs."""
    net, X, Y, C = _softmax_problem()
    true = diff(_total(net, X, Y, C), net.b[2])
    return _same_rational(mlp_backward(net, X, Y, C).delta[2][0], true, forward(net, X).z[2][0], net.b[2])


@exact("eq-chain-softmax-delta/graph", scope="sizes 2-2-3, one example, any dC/da", code=f"{MODULE}.gradient")
def the_graph_of_softmax_needs_no_jacobian():
    """Written as exponentials, a sum and quotients, softmax is differentiated by the sweep alone."""
    net, X, Y, C = _softmax_problem()
    true = symbols.gradient(_total(net, X, Y, C), net)
    return _same_rational(gradient(net, X, Y, C), true, forward(net, X).z[2][0], net.b[2])


def _logits() -> tuple[Network, np.ndarray, np.ndarray, Cost]:
    """Three logits as the biases of a network whose weights are 0, a one-hot target, cross-entropy."""
    W, b = (None, np.zeros((3, 1))), (None, np.array([0.6, 0.0, 1.3]))
    entropy = Cost("cross-entropy", lambda a, Y: -(Y * np.log(a)).sum(), lambda a, Y: -Y / a)
    return Network(W, b, (None, softmax)), np.ones((1, 1)), np.array([[0.0, 1.0, 0.0]]), entropy


@refuted(
    "eq-chain-softmax-delta/002-E10",
    source="002 E10",
    classes="G",
    printed=r"g \leftarrow \nabla_{a^{(k)}} J = g \odot f'(a^{(k)})",
    correct="eq-chain-softmax-delta",
    scope="three logits 0.6, 0, 1.3, cross-entropy with the second class",
)
def a_slope_is_not_enough_for_softmax():
    """Taken for softmax with its diagonal $a_i (1 - a_i)$ as slope, the step misses the other outputs."""
    net, X, Y, C = _logits()
    a = forward(net, X).a[1]
    return differ(0 + C.da(a, Y) * a * (1 - a), mlp_backward(net, X, Y, C).delta[1])


@exact(
    "eq-chain-softmax-entropy",
    scope="width 3, one example, targets that sum to one",
    code=f"{MODULE}.mlp_backward nnlib.costs.softmax_cross_entropy",
)
def softmax_and_cross_entropy_cancel():
    """Softmax followed by cross-entropy leaves output minus target, by either road."""
    net, X, Y = _problem(B=1, act=(softmax,), sizes=(2, 3))
    logits = Network(net.W, net.b, (None, identity))
    Y[0, 2] = 1 - Y[0, 0] - Y[0, 1]
    entropy = Cost("cross-entropy", lambda a, Y: -(Y * np.log(a)).sum(), lambda a, Y: -Y / a)
    difference = forward(net, X).a[1] - Y
    two_steps = mlp_backward(net, X, Y, entropy).delta[1]
    in_one = mlp_backward(logits, X, Y, costs.softmax_cross_entropy).delta[1]
    z = forward(logits, X).a[1][0]
    return _same_rational([two_steps, in_one], [difference, difference], z, net.b[1])
