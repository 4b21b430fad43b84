"""Six ways, one gradient: the promises that every chapter's `gradient` keeps."""

import autograd
import autograd.numpy as anp
import numpy as np
import pytest
from hypothesis import given, settings
from networks import COSTS, SMOOTH, problems, random_data, random_network
from tolerances import TOL

from nnlib import bptt, chain_rule, gradient_backprop, index_backprop, jacobian, recursive
from nnlib.activations import Activation, identity, relu, softmax, tanh
from nnlib.check import agreement, gradient_error
from nnlib.costs import Cost, half_squared_error, softmax_cross_entropy, squared_error
from nnlib.network import Gradient, Network, flatten

WAYS = (chain_rule, index_backprop, recursive, jacobian, bptt, gradient_backprop)
each_way = pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__.removeprefix("nnlib."))

SIZES = (2, 3, 4, 2)
NET, (X, Y) = random_network(SIZES), random_data(SIZES)


@settings(max_examples=40)
@given(problems())
def test_all_six_agree(problem):
    gradients = [way.gradient(*problem) for way in WAYS]
    for g in gradients[1:]:
        assert agreement(g, gradients[0]) <= TOL["identical"]


@each_way
@settings(max_examples=15)
@given(problem=problems(max_depth=3, max_width=3))
def test_each_is_the_complex_step(way, problem):
    assert gradient_error(*problem, way.gradient) <= TOL["complex step"]


def by_autograd(net, X, Y, out):
    """The gradient of the squared error of a tanh network by HIPS autograd, an independent library."""

    def total_cost(parameters):
        a = X
        for l, (W, b) in enumerate(parameters, start=1):
            z = anp.dot(a, W.T) + b
            a = anp.tanh(z) if l < net.L else out(z)
        return anp.sum((a - Y) ** 2)

    found = autograd.grad(total_cost)([(W, b) for W, b in zip(net.W[1:], net.b[1:])])
    return Gradient((None, *(W for W, _ in found)), (None, *(b for _, b in found)))


@each_way
def test_each_is_what_another_library_finds(way):
    expected = by_autograd(NET, X, Y, lambda z: z)
    assert agreement(way.gradient(NET, X, Y, squared_error), expected) <= TOL["autograd"]


@each_way
@pytest.mark.parametrize("cost", COSTS, ids=lambda cost: cost.name)
@pytest.mark.parametrize("act", (*SMOOTH, relu), ids=lambda act: act.name)
def test_every_activation_and_cost(way, act, cost):
    assert gradient_error(random_network(SIZES, act), X, Y, cost, way.gradient) <= TOL["complex step"]


@each_way
def test_it_leaves_no_trace_and_answers_the_same_again(way):
    before = X.copy(), Y.copy(), flatten(NET)
    first, second = (flatten(way.gradient(NET, X, Y, half_squared_error)) for _ in range(2))
    assert np.array_equal(first, second)
    assert all(np.array_equal(u, v) for u, v in zip(before, (X, Y, flatten(NET))))


@each_way
def test_the_batch_is_a_sum_over_examples(way):
    whole = way.gradient(NET, X, Y, squared_error)
    parts = sum(way.gradient(NET, X[n : n + 1], Y[n : n + 1], squared_error) for n in range(len(X)))
    assert agreement(parts, whole) <= TOL["identical"]


@each_way
def test_it_is_linear_in_the_cost_derivative(way):
    rng = np.random.default_rng(5)
    u, v = rng.standard_normal((2, *Y.shape))
    along = lambda seed: Cost("linear", lambda a, Y: (seed * a).sum(), lambda a, Y: seed + 0 * a)
    combined = way.gradient(NET, X, Y, along(2 * u - 3 * v))
    parts = 2 * way.gradient(NET, X, Y, along(u)) - 3 * way.gradient(NET, X, Y, along(v))
    assert agreement(parts, combined) <= TOL["identical"]


@each_way
def test_permuted_hidden_units_permute_the_gradient(way):
    order = np.array([2, 0, 1])
    W = (None, NET.W[1][order], NET.W[2][:, order], NET.W[3])
    permuted = Network(W, (None, NET.b[1][order], *NET.b[2:]), NET.act)
    g = way.gradient(NET, X, Y, squared_error)
    wanted = Gradient((None, g.W[1][order], g.W[2][:, order], g.W[3]), (None, g.b[1][order], *g.b[2:]))
    assert agreement(way.gradient(permuted, X, Y, squared_error), wanted) <= TOL["identical"]


@each_way
def test_float32_stays_float32(way):
    net, (X, Y) = random_network(SIZES, dtype=np.float32), random_data(SIZES, dtype=np.float32)
    g = way.gradient(net, X, Y, softmax_cross_entropy)
    assert {array.dtype for array in (*g.W[1:], *g.b[1:])} == {np.dtype(np.float32)}
    double = Network(*((None, *(p.astype(float) for p in ps[1:])) for ps in (net.W, net.b)), net.act)
    exact = way.gradient(double, X.astype(float), Y.astype(float), softmax_cross_entropy)
    assert agreement(g, exact) <= TOL["float32"]


@each_way
def test_ones_own_activation_and_cost(way):
    cube = Activation("cube", lambda z: z**3, lambda z: 3 * z**2, lambda z: 6 * z, lambda z: 6 + 0 * z)
    quartic = Cost("quartic", lambda a, Y: ((a - Y) ** 4).sum(), lambda a, Y: 4 * (a - Y) ** 3)
    net = random_network(SIZES, cube, tanh)
    assert gradient_error(net, X, Y, quartic, way.gradient) <= TOL["complex step"]


@each_way
def test_a_user_needs_no_second_derivative_for_a_gradient(way):
    cube = Activation("cube", lambda z: z**3, lambda z: 3 * z**2)
    assert (
        gradient_error(random_network(SIZES, cube), X, Y, squared_error, way.gradient) <= TOL["complex step"]
    )


@each_way
def test_softmax_as_an_activation_is_right_or_refused_by_name(way):
    net = Network(NET.W, NET.b, (*NET.act[:3], softmax))
    if way in (chain_rule, jacobian, gradient_backprop):
        assert gradient_error(net, X, Y, squared_error, way.gradient) <= TOL["complex step"]
    else:
        with pytest.raises(ValueError, match="softmax"):
            way.gradient(net, X, Y, squared_error)


@each_way
def test_a_single_layer_of_a_single_unit(way):
    net = Network((None, [[2.0]]), (None, [1.0]), (None, identity))
    g = way.gradient(net, [[3.0]], [[5.0]], squared_error)
    assert g.W[1].tolist() == [[12.0]] and g.b[1].tolist() == [4.0]


@each_way
@pytest.mark.parametrize(
    ("X", "Y", "message"),
    [
        (X[0], Y, "X has shape"),
        (X[:, :1], Y, "X has shape"),
        (X[:0], Y[:0], "X is empty"),
        (np.where(X > 0, np.nan, X), Y, "X has NaN"),
        (X, Y[:1], "Y has shape"),
        (X, Y[:, :1], "Y has shape"),
        (X, np.full_like(Y, np.inf), "Y has NaN or infinity"),
        (X.astype(np.float32), Y, "one float width"),
        (X, Y.astype(np.float32), "one float width"),
    ],
)
def test_bad_input_is_named(way, X, Y, message):
    with pytest.raises(ValueError, match=message):
        way.gradient(NET, X, Y, squared_error)
