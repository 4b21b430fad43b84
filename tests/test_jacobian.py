"""The Jacobian and its products: against the complex step, autograd, each other; bad input."""

import tracemalloc

import autograd
import autograd.numpy as anp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mutants_jacobian import numeric_check
from networks import COSTS, problems, random_data, random_network
from tolerances import TOL

from nnlib import costs, jacobian
from nnlib.activations import Activation, Softmax, identity, relu, sigmoid, softmax, tanh
from nnlib.check import agreement, complex_step, gradient_error
from nnlib.costs import Cost
from nnlib.figures import jacobian as figures
from nnlib.figures import jacobian_uses as uses
from nnlib.network import Gradient, Network, flatten, forward, split_layers, unflatten

SIZES = (3, 4, 2, 5)
NET = random_network(SIZES, tanh, sigmoid)
X, Y = random_data(SIZES)
OUTPUTS = [tanh, identity, softmax]


def direction(net, seed=5) -> Gradient:
    vector = np.random.default_rng(seed).standard_normal(flatten(net).size).astype(net.dtype)
    return Gradient(*split_layers(net, vector))


def weights_of_outputs(net, B, seed=6):
    return np.random.default_rng(seed).standard_normal((B, net.sizes[-1]))


def all_computations(net, X, Y, cost):
    V, U = direction(net), weights_of_outputs(net, len(X)).astype(net.dtype)
    J = jacobian.parameters(net, X)
    return [
        *jacobian.layer_jacobians(net, X)[1:], *J.W[1:], *J.b[1:], J.matrix(), jacobian.inputs(net, X),
        flatten(jacobian.gradient(net, X, Y, cost)), flatten(jacobian.vjp(net, X, U)),
        flatten(jacobian.hvp(net, X, Y, cost, V)), jacobian.jvp(net, X, V),
        jacobian.input_jvp(net, X, np.ones_like(X)), jacobian.input_vjp(net, X, U),
        jacobian.maximise_output(net, X[0], U[0], 3, 0.1, 0.5),
    ]  # fmt: skip


# Right -----------------------------------------------------------------------------------------------------


def test_everything_equals_the_complex_step():
    assert numeric_check() < TOL["complex step"]


@settings(max_examples=20)
@given(problems())
def test_gradient_equals_the_complex_step(problem):
    assert gradient_error(*problem, jacobian.gradient) < TOL["complex step"]


@pytest.mark.parametrize("cost", COSTS, ids=lambda cost: cost.name)
def test_gradient_and_hessian_product_with_softmax(cost):
    net, V = random_network(SIZES, tanh, softmax), direction(NET)
    assert gradient_error(net, X, Y, cost, jacobian.gradient) < TOL["complex step"]

    def slope(r):
        return flatten(jacobian.gradient(unflatten(net, flatten(net) + r * flatten(V)), X, Y, cost))

    assert (
        agreement(flatten(jacobian.hvp(net, X, Y, cost, V)), complex_step(slope, 0.0)) < TOL["complex step"]
    )


@settings(max_examples=15)
@given(problems(), st.integers(0, 9))
def test_jacobians_equal_the_complex_step(problem, seed):
    net, X, _, _ = problem
    by_theta = complex_step(lambda theta: forward(unflatten(net, theta), X).a[net.L], flatten(net))
    assert agreement(jacobian.parameters(net, X).matrix(), by_theta) < TOL["complex step"]
    by_X = complex_step(lambda X: forward(net, X).a[net.L], X)
    for n in range(len(X)):
        assert agreement(jacobian.inputs(net, X)[n], by_X[n, :, n]) < TOL["complex step"]
        assert not np.delete(by_X[n], n, axis=1).any()  # no example hears of another


@settings(max_examples=20)
@given(problems(), st.integers(0, 9))
def test_products_equal_products_with_the_formed_jacobian(problem, seed):
    net, X, _, _ = problem
    V, U = direction(net, seed), weights_of_outputs(net, len(X), seed)
    J, J_x = jacobian.parameters(net, X).matrix(), jacobian.inputs(net, X)
    VX = np.random.default_rng(seed).standard_normal(X.shape)
    pairs = [
        (jacobian.jvp(net, X, V), J @ flatten(V)),
        (flatten(jacobian.vjp(net, X, U)), np.tensordot(U, J, 2)),
        (jacobian.input_jvp(net, X, VX), np.einsum("bqi,bi->bq", J_x, VX)),
        (jacobian.input_vjp(net, X, U), np.einsum("bqi,bq->bi", J_x, U)),
    ]
    assert max(agreement(ours, formed) for ours, formed in pairs) < TOL["identical"]


@settings(max_examples=15)
@given(problems(max_depth=3, max_width=3))
def test_hessian_is_symmetric_and_the_slope_of_the_gradient(problem):
    net, X, Y, cost = problem
    V, V2 = direction(net, 1), direction(net, 2)
    one, two = (flatten(jacobian.hvp(net, X, Y, cost, direction_)) for direction_ in (V, V2))
    scale = np.abs(one) @ np.abs(flatten(V2)) + np.abs(two) @ np.abs(flatten(V)) + 1e-30
    assert abs(one @ flatten(V2) - two @ flatten(V)) < TOL["identical"] * scale

    def slope(r):
        return flatten(jacobian.gradient(unflatten(net, flatten(net) + r * flatten(V)), X, Y, cost))

    assert agreement(one, complex_step(slope, 0.0)) < TOL["complex step"]


def test_autograd_agrees():
    def outputs(theta, X):
        a, start = X, 0
        for l in range(1, NET.L + 1):
            n, m = NET.W[l].shape
            W, b = theta[start : start + n * m].reshape(n, m), theta[start + n * m : start + n * m + n]
            start += n * m + n
            a = anp.dot(a, W.T) + b
            a = anp.tanh(a) if l < NET.L else 1 / (1 + anp.exp(-a))
        return a

    theta, V = flatten(NET), flatten(direction(NET))
    J = autograd.jacobian(outputs)(theta, X)
    assert agreement(jacobian.parameters(NET, X).matrix(), J) < TOL["autograd"]
    J_x = autograd.jacobian(lambda x: outputs(theta, x[None])[0])(X[1])
    assert agreement(jacobian.inputs(NET, X)[1], J_x) < TOL["autograd"]
    product = autograd.hessian_vector_product(lambda t: anp.sum((outputs(t, X) - Y) ** 2))(theta, V)
    ours = jacobian.hvp(NET, X, Y, costs.squared_error, direction(NET))
    assert agreement(flatten(ours), product) < TOL["autograd"]


def test_layer_jacobians_start_and_recursion_by_indices():
    z, _ = forward(NET, X)
    D = jacobian.layer_jacobians(NET, X)
    assert D[0] is None and [part.shape for part in D[1:]] == [(3, 5, 4), (3, 5, 2), (3, 5, 5)]
    for l in (3, 2):
        for n, q, i in np.ndindex(D[l - 1].shape):
            by_sum = sum(D[l][n, q, j] * NET.W[l][j, i] for j in range(SIZES[l])) * tanh.df(z[l - 1][n, i])
            assert D[l - 1][n, q, i] == pytest.approx(by_sum, rel=TOL["identical"])


def test_last_layer_is_sparse_and_the_layers_below_are_dense():
    W = jacobian.parameters(NET, X).W
    own = np.eye(5, dtype=bool)
    assert (W[3][:, own] != 0).all() and (W[3][:, ~own] == 0).all()
    assert (W[1] != 0).all() and (W[2] != 0).all()


def test_matrix_has_the_columns_of_flatten():
    J = jacobian.parameters(NET, X)
    W, b = split_layers(NET, J.matrix())
    assert all(np.array_equal(W[l], J.W[l]) and np.array_equal(b[l], J.b[l]) for l in (1, 2, 3))


@settings(max_examples=15)
@given(problems(), st.floats(-3, 3), st.floats(-3, 3))
def test_gradient_is_linear_in_the_costs_slope(problem, s, t):
    net, X, Y, cost = problem
    other = Cost("other", costs.squared_error.value, lambda a, Y: s * cost.da(a, Y) + t * a)
    plain = Cost("plain", costs.squared_error.value, lambda a, Y: a)
    parts = jacobian.gradient(net, X, Y, cost), jacobian.gradient(net, X, Y, plain)
    size = max(np.abs(flatten(part)).max() for part in parts)
    difference = flatten(jacobian.gradient(net, X, Y, other) - (s * parts[0] + t * parts[1]))
    assert np.abs(difference).max() <= TOL["identical"] * size


def test_permuted_hidden_units_permute_the_jacobian():
    order = [2, 0, 3, 1]
    W = (None, NET.W[1][order], NET.W[2][:, order], NET.W[3])
    permuted = Network(W, (None, NET.b[1][order], *NET.b[2:]), NET.act)
    J, J_permuted = jacobian.parameters(NET, X), jacobian.parameters(permuted, X)
    pairs = zip(
        (J_permuted.W[1], J_permuted.b[1], J_permuted.W[2], J_permuted.W[3]),
        (J.W[1][:, :, order], J.b[1][:, :, order], J.W[2][..., order], J.W[3]),
    )
    assert max(agreement(*pair) for pair in pairs) < TOL["identical"]
    assert agreement(jacobian.inputs(permuted, X), jacobian.inputs(NET, X)) < TOL["identical"]


# Without a trace, in every type ----------------------------------------------------------------------------


@pytest.mark.parametrize("out", OUTPUTS, ids=lambda act: act.name)
def test_second_call_is_the_same_and_inputs_are_untouched(out):
    net, x, y = random_network(SIZES, sigmoid, out), X.copy(), Y.copy()
    first = all_computations(net, x, y, costs.squared_error)
    again = all_computations(net, x, y, costs.squared_error)
    assert all(np.array_equal(*pair) for pair in zip(first, again))
    assert np.array_equal(x, X) and np.array_equal(y, Y)


@pytest.mark.parametrize("out", OUTPUTS, ids=lambda act: act.name)
def test_float32_stays_float32(out):
    net = random_network(SIZES, tanh, out, dtype=np.float32)
    x, y = random_data(SIZES, dtype=np.float32)
    single = all_computations(net, x, y, costs.softmax_cross_entropy)
    wide = Network(*((None, *(p.astype(float) for p in parts[1:])) for parts in (net.W, net.b)), net.act)
    double = all_computations(wide, x.astype(float), y.astype(float), costs.softmax_cross_entropy)
    assert {part.dtype for part in single} == {np.dtype(np.float32)}
    J32, J64 = (jacobian.parameters(n, v).matrix() for n, v in ((net, x), (wide, x.astype(float))))
    assert agreement(J32, J64) < TOL["float32"] and len(single) == len(double)


def test_integers_are_promoted():
    assert jacobian.inputs(NET, [[1, 2, 3]]).dtype == np.float64
    assert jacobian.maximise_output(NET, [1, 2, 3], [1, 0, 0, 0, 0]).dtype == np.float64


def test_a_users_activation_and_cost():
    cube = Activation("cube", lambda z: z**3, lambda z: 3 * z**2, lambda z: 6 * z)
    quartic = Cost("quartic", lambda a, Y: ((a - Y) ** 4).sum(), lambda a, Y: 4 * (a - Y) ** 3,
                   lambda a, Y, V: 12 * (a - Y) ** 2 * V)  # fmt: skip
    net, V = random_network(SIZES, cube, identity), direction(NET)
    assert gradient_error(net, X, Y, quartic, jacobian.gradient) < TOL["complex step"]

    def slope(r):
        return flatten(jacobian.gradient(unflatten(net, flatten(net) + r * flatten(V)), X, Y, quartic))

    ours = flatten(jacobian.hvp(net, X, Y, quartic, V))
    assert agreement(ours, complex_step(slope, 0.0)) < TOL["complex step"]


def test_relu_away_from_its_kink():
    net = random_network(SIZES, relu)
    assert gradient_error(net, X, Y, costs.squared_error, jacobian.gradient) < TOL["complex step"]


def test_saturated_networks_have_finite_jacobians():
    net = Network((None, [[1.0], [-1.0]]), (None, [0.0, 0.0]), (None, softmax))
    for x in (1e3, -1e3):
        assert np.array_equal(jacobian.inputs(net, [[x]]), np.zeros((1, 2, 1)))


def test_products_never_form_the_jacobian():
    """The Jacobian would have 20 * 300 * 180,600 entries, 8.7 GB; the arrays of the passes have a few MB."""
    net = random_network((300, 300, 300), tanh, softmax)
    x, y = random_data((300, 300), B=20)
    V, U = direction(net), weights_of_outputs(net, 20)
    tracemalloc.start()
    jacobian.jvp(net, x, V), jacobian.vjp(net, x, U), jacobian.hvp(net, x, y, costs.squared_error, V)
    jacobian.input_jvp(net, x, x), jacobian.input_vjp(net, x, U)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 20e6


# Climbing ---------------------------------------------------------------------------------------------------


def test_maximise_output_climbs_and_minimises():
    def height(x):
        return forward(NET, x[None]).a[NET.L][0, 2]

    weights = np.eye(5)[2]
    assert height(jacobian.maximise_output(NET, X[0], weights)) > height(X[0])
    assert height(jacobian.maximise_output(NET, X[0], -weights)) < height(X[0])
    assert np.array_equal(jacobian.maximise_output(NET, X[0], weights, steps=0), X[0])


def test_maximise_output_stays_near_the_prior_it_is_pulled_to():
    free, pulled = (
        jacobian.maximise_output(NET, X[0], np.ones(5), steps=300, eta=0.05, pull=pull) for pull in (0, 10)
    )
    assert np.linalg.norm(pulled - X[0]) < np.linalg.norm(free - X[0]) / 5
    prior = np.zeros(3)
    drawn = jacobian.maximise_output(NET, X[0], np.zeros(5), steps=300, eta=0.05, pull=1, prior=prior)
    assert np.abs(drawn).max() < 1e-5


@pytest.mark.parametrize(("layer", "zeros"), [(1, 0), (2, 0), (3, 48)])
def test_the_picture_of_the_jacobian_is_made_of_its_factors(layer, zeros):
    left, right, whole = (np.array(panel["z"]) for panel in figures.factors(layer, 2)["data"])
    outer = np.einsum("qj,i->qji", left, right[0]).reshape(4, 16)
    assert np.abs(outer - whole).max() < 0.02  # the factors are shown with two decimals
    assert (whole == 0).sum() == zeros


def test_the_climb_of_the_figure_leaves_the_data_and_comes_back_when_pulled():
    ends = [figures.climb(-1.0, pull)["data"][3]["x"][-1] for pull in (0.0, 1.0)]
    assert ends[0] < -2 and abs(ends[1]) < 0.1


def test_the_figure_of_fits_starts_alike_and_stops_where_it_says():
    methods = ("gradient descent", "Adam", "Levenberg-Marquardt")
    curves = [uses.fits(method, 0)["data"][2]["y"][0] for method in methods]
    assert agreement(curves, [curves[0]] * 3) < TOL["identical"]
    stopped = uses.fits("Levenberg-Marquardt", 300)
    assert "after 30 steps" in stopped["meta"]["sentence"]
    assert np.isfinite(stopped["data"][2]["y"]).sum() == 31


def test_the_curvature_predicts_gradient_descent():
    for factor, off in ((0.75, 0.02), (1.05, 0.1)):
        line, dots = (np.array(trace["y"][:10]) for trace in uses.rates(factor)["data"])
        assert agreement(dots, line) < off


def test_the_policy_climbs_the_claims_and_then_learns_what_they_are_worth():
    claimed, earned = zip(*(uses.worth(now["Q"], now["policy"]) for now in uses.rounds()))
    assert claimed[0] > 1.1 and earned[0] < 0.8
    assert abs(claimed[-1] - earned[-1]) < 0.05 and earned[-1] > 0.95


def test_weights_of_pixels_that_are_always_blank_do_not_move():
    X = uses.digits().X
    blank = (X == 0).all(axis=0)
    before, after = uses.trained(0)
    assert blank.sum() == 3 and np.array_equal(before.W[1][:, blank], after.W[1][:, blank])
    assert not np.array_equal(before.W[1][:, ~blank], after.W[1][:, ~blank])


def test_the_priors_bring_the_largest_output_nearer_to_the_digits():
    def nearest(prior):
        found = uses.largest(uses.trained(0)[1], 3, prior)
        return np.sqrt(((uses.digits().X - found) ** 2).sum(axis=1).min())

    assert nearest("none") > 2 * nearest("mean image") > 2 * nearest("covariance")


# Bad input --------------------------------------------------------------------------------------------------

V, U = direction(NET), np.ones((3, 5))
NO_D2F = random_network(SIZES, Activation("bare", np.tanh, tanh.df))
NO_D2A = Cost("bare", costs.squared_error.value, costs.squared_error.da)
SHORT = Gradient(V.W[:-1], V.b[:-1])
MISFIT = Gradient((None, V.W[1].T, *V.W[2:]), V.b)
HALF = Gradient((None, *(W.astype(np.float32) for W in V.W[1:])), V.b)
ONES = np.ones(5)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: jacobian.layer_jacobians(NET, X[0]), r"X has shape \(3,\), wants \(B, 3\)"),
        (lambda: jacobian.parameters(NET, X[:, :2]), r"X has shape \(3, 2\), wants \(B, 3\)"),
        (lambda: jacobian.inputs(NET, X[:0]), "X is empty"),
        (lambda: jacobian.inputs(NET, np.nan * X), "X has NaN or infinity"),
        (lambda: jacobian.inputs(NET, X.astype(np.float32)), "X has dtype float32.*one float width"),
        (lambda: jacobian.gradient(NET, X, Y[:, :4], COSTS[0]), r"Y has shape \(3, 4\), wants \(3, 5\)"),
        (lambda: jacobian.gradient(NET, X, Y[:2], COSTS[0]), r"Y has shape \(2, 5\), wants \(3, 5\)"),
        (
            lambda: jacobian.gradient(NET, X, Y, Cost("sum", NO_D2A.value, lambda a, Y: a.sum())),
            r"dC_da has shape \(\), wants \(3, 5\)",
        ),
        (lambda: jacobian.jvp(NET, X, flatten(V)), "V wants a Gradient, got ndarray"),
        (lambda: jacobian.jvp(NET, X, SHORT), "V has 2 layers, the network has 3"),
        (lambda: jacobian.jvp(NET, X, MISFIT), r"V.W\[1\] has shape \(3, 4\), wants \(4, 3\)"),
        (lambda: jacobian.jvp(NET, X, HALF), r"V.W\[1\] has dtype float32.*one float width"),
        (lambda: jacobian.jvp(NET, X, np.inf * V), r"V.W\[1\] has NaN or infinity"),
        (lambda: jacobian.vjp(NET, X, U[:, :4]), r"U has shape \(3, 4\), wants \(3, 5\)"),
        (lambda: jacobian.vjp(NET, X, U.astype(np.float32)), "U has dtype float32.*one float width"),
        (lambda: jacobian.input_vjp(NET, X, U[0]), r"U has shape \(5,\), wants \(3, 5\)"),
        (lambda: jacobian.input_jvp(NET, X, X[:, :2]), r"V has shape \(3, 2\), wants \(3, 3\)"),
        (lambda: jacobian.hvp(NET, X, Y, NO_D2A, V), "cost 'bare' has no d2a"),
        (lambda: jacobian.hvp(NO_D2F, X, Y, COSTS[0], V), "activation 'bare' has no d2f"),
        (lambda: jacobian.hvp(NET, X, Y, COSTS[0], SHORT), "V has 2 layers, the network has 3"),
        (lambda: jacobian.maximise_output(NET, X, ONES), r"x has shape \(3, 3\), wants \(3,\)"),
        (lambda: jacobian.maximise_output(NET, X[0], 1), r"weights has shape \(\), wants \(5,\)"),
        (lambda: jacobian.maximise_output(NET, X[0], ONES, steps=-1), "steps is -1, wants at least 0"),
        (lambda: jacobian.maximise_output(NET, X[0], ONES, steps=1.5), "steps wants a whole number"),
        (lambda: jacobian.maximise_output(NET, X[0], ONES, eta=0), "eta is 0.0, .* above 0"),
        (lambda: jacobian.maximise_output(NET, X[0], ONES, eta=np.nan), "eta has NaN or infinity"),
        (lambda: jacobian.maximise_output(NET, X[0], ONES, pull=-1), "pull is -1.0.*not negative"),
        (
            lambda: jacobian.maximise_output(NET, X[0], ONES, prior=[0, 0]),
            r"prior has shape \(2,\), wants \(3,\)",
        ),
        (
            lambda: jacobian.maximise_output(NET, X[0], ONES, steps=99, eta=1e9, pull=1e9),
            "x has NaN or infinity",
        ),
    ],
)
def test_bad_input_is_named(call, message):
    with pytest.raises(ValueError, match=message), np.errstate(all="ignore"):
        call()


def test_softmax_may_stand_in_the_last_layer_only():
    with pytest.raises(ValueError, match=r"act\[1\] is softmax"):
        random_network(SIZES, Softmax())
