"""Chapter 6: slopes forward, two and three adjoints backward, residuals, and what must not pass."""

import autograd
import autograd.numpy as anp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mutants_gradient_backprop import FIRST_ORDER, SECOND_ORDER, numeric_check, slopes_by_complex_step
from networks import SMOOTH, problems, random_data, random_network
from tolerances import TOL

from nnlib import costs, double_backprop, gradient_backprop, optimizers
from nnlib.activations import Activation, identity, relu, sine, softmax, tanh
from nnlib.check import agreement, central_difference, complex_step, gradient_error
from nnlib.figures import gradient_backprop as drawn
from nnlib.figures import gradient_further as further
from nnlib.figures.bundle import encode
from nnlib.gradient_backprop import (
    Residual,
    backward,
    curvature,
    forward,
    gradient,
    parameter_gradient,
    residual_gradient,
    residual_jacobian,
    sobolev_gradient,
)
from nnlib.network import Gradient, Network, flatten, init, unflatten
from nnlib.network import forward as values

FEW = settings(max_examples=15)


def slope_targets(net, X, seed=7):
    return np.random.default_rng(seed).standard_normal((len(X), net.sizes[-1], net.sizes[0]))


def by_parameters(net, f) -> np.ndarray:
    """The complex step of f(net) by every weight and bias."""
    return complex_step(lambda theta: f(unflatten(net, theta)), flatten(net))


def small(dtype=np.float64, out=identity):
    net = random_network((2, 3, 4, 2), out=out, dtype=dtype)
    return (net, *random_data((2, 3, 4, 2), dtype=dtype))


# ---- derivatives ----


def test_all_of_the_chapter_against_the_complex_step():
    assert numeric_check() < TOL["complex step"]


@FEW
@given(problems())
def test_gradient_of_values(problem):
    assert gradient_error(*problem, gradient) < TOL["complex step"]


@FEW
@given(problems(), st.sampled_from([(1, 1), (0.3, 2), (0, 1), (1, 0)]))
def test_sobolev_gradient_by_every_parameter(problem, weights):
    net, X, Y, _ = problem
    A = slope_targets(net, X)
    g = sobolev_gradient(net, X, Y, A, *weights)[1]
    true = by_parameters(net, lambda net: sobolev_gradient(net, X, Y, A, *weights)[0])
    assert agreement(g, true) < TOL["complex step"]


@FEW
@given(problems())
def test_slopes_and_curvatures_by_every_input(problem):
    net, X, _, _ = problem
    trace = curvature(net, forward(net, X))
    for l in range(1, net.L + 1):
        J = slopes_by_complex_step(lambda X, l=l: values(net, X).a[l], X)
        H = slopes_by_complex_step(lambda X, l=l: forward(net, X).J[l], X)
        assert agreement(trace.J[l], J) < TOL["complex step"]
        assert agreement(trace.H[l], H) < TOL["complex step"]


@FEW
@given(problems())
def test_cost_by_every_input(problem):
    net, X, Y, _ = problem
    A = slope_targets(net, X)
    trace = forward(net, X)
    dC_dX = backward(net, trace, 2 * (trace.a[-1] - Y), 2 * (trace.J[-1] - A)).dC_dX
    assert (
        agreement(dC_dX, complex_step(lambda X: sobolev_gradient(net, X, Y, A)[0], X)) < TOL["complex step"]
    )


@pytest.mark.parametrize("residual", [FIRST_ORDER, SECOND_ORDER], ids=["first order", "second order"])
def test_residuals_against_central_differences(residual):
    net, X, _ = small(out=tanh)
    C, g = residual_gradient(net, X, residual)
    by_hand = central_difference(
        lambda theta: residual_gradient(unflatten(net, theta), X, residual)[0], flatten(net)
    )
    assert agreement(g, by_hand) < TOL["central difference"]
    F, dF_dtheta = residual_jacobian(net, X, residual)
    assert agreement(g, 2 * F @ dF_dtheta) < TOL["identical"]
    assert agreement(C, (F**2).sum()) < TOL["identical"]


def autograd_output(theta, X, sizes):
    """A tanh network with a linear output in HIPS autograd's numpy."""
    a, start = X, 0
    for l, (m, n) in enumerate(zip(sizes, sizes[1:]), start=1):
        W, b = theta[start : start + m * n].reshape(n, m), theta[start + m * n : start + (m + 1) * n]
        z = anp.dot(a, W.T) + b
        a, start = z if l == len(sizes) - 1 else anp.tanh(z), start + (m + 1) * n
    return a


def test_autograd_differentiates_the_slope_cost_twice():
    net, X, Y = small()
    A = slope_targets(net, X)

    def slopes(theta):
        return anp.stack([autograd.jacobian(lambda x: autograd_output(theta, x, net.sizes))(x) for x in X])

    def cost(theta):
        error = autograd_output(theta, X, net.sizes) - Y
        return 0.7 * anp.sum(error**2) + 1.3 * anp.sum((slopes(theta) - A) ** 2)

    theta = flatten(net)
    C, g = sobolev_gradient(net, X, Y, A, 0.7, 1.3)
    assert agreement(forward(net, X).J[3], slopes(theta)) < TOL["autograd"]
    assert agreement(C, cost(theta)) < TOL["autograd"]
    assert agreement(g, autograd.grad(cost)(theta)) < TOL["autograd"]


# ---- structure ----


def test_no_trace_on_inputs_and_the_same_on_a_second_call():
    net, X, Y = small()
    A = slope_targets(net, X)
    given_arrays = [array.copy() for array in (X, Y, A, flatten(net))]
    first = [sobolev_gradient(net, X, Y, A), residual_gradient(net, X, SECOND_ORDER)]
    second = [sobolev_gradient(net, X, Y, A), residual_gradient(net, X, SECOND_ORDER)]
    for (C, g), (C_again, g_again) in zip(first, second):
        assert C == C_again and np.array_equal(flatten(g), flatten(g_again))
    assert all(map(np.array_equal, given_arrays, (X, Y, A, flatten(net))))


def test_linear_in_the_seeds():
    net, X, _ = small()
    trace, rng = curvature(net, forward(net, X)), np.random.default_rng(3)
    shapes = [trace.a[3].shape, trace.J[3].shape, trace.H[3].shape]
    one, two = ([rng.standard_normal(shape) for shape in shapes] for _ in range(2))

    def from_seeds(*seeds):
        return parameter_gradient(net, trace, backward(net, trace, *seeds))

    combined = from_seeds(*(3 * p - 2 * q for p, q in zip(one, two)))
    assert agreement(combined, 3 * from_seeds(*one) - 2 * from_seeds(*two)) < TOL["identical"]


def test_a_missing_seed_is_a_zero_seed():
    net, X, Y = small()
    trace = forward(net, X)
    u = 2 * (trace.a[3] - Y)
    zero, absent = (backward(net, trace, u, seed) for seed in (np.zeros_like(trace.J[3]), None))
    g, h = (parameter_gradient(net, trace, adjoints) for adjoints in (zero, absent))
    assert agreement(g, h) < TOL["identical"]


def test_permuted_hidden_units_permute_the_gradient():
    net, X, Y = small()
    A, order = slope_targets(net, X), [2, 0, 1]
    W = (None, net.W[1][order], net.W[2][:, order], net.W[3])
    permuted = Network(W, (None, net.b[1][order], *net.b[2:]), net.act)
    C, g = sobolev_gradient(net, X, Y, A)
    C_permuted, g_permuted = sobolev_gradient(permuted, X, Y, A)
    expected = Gradient((None, g.W[1][order], g.W[2][:, order], g.W[3]), (None, g.b[1][order], *g.b[2:]))
    assert agreement(C_permuted, C) < TOL["identical"] and agreement(g_permuted, expected) < TOL["identical"]


def test_per_example_gradients_add_up():
    net, X, Y = small()
    trace = forward(net, X)
    adjoints = backward(net, trace, trace.a[3] - Y, trace.J[3])
    each = parameter_gradient(net, trace, adjoints, per_example=True)
    summed = Gradient(
        (None, *(W.sum(axis=0) for W in each.W[1:])), (None, *(b.sum(axis=0) for b in each.b[1:]))
    )
    assert agreement(summed, parameter_gradient(net, trace, adjoints)) < TOL["identical"]


def test_float32_stays_float32():
    net, X, Y = small(np.float32)
    A = slope_targets(net, X).astype(np.float32)
    C, g = sobolev_gradient(net, X, Y, A, alpha=np.float64(0.5), beta=2)
    F, dF_dtheta = residual_jacobian(net, X, _float32(SECOND_ORDER))
    trace = curvature(net, forward(net, X))
    assert {C.dtype, flatten(g).dtype, F.dtype, dF_dtheta.dtype, trace.H[3].dtype} == {np.dtype(np.float32)}
    wide = Network(*[(None, *(p.astype(float) for p in part[1:])) for part in (net.W, net.b)], net.act)
    reference = sobolev_gradient(wide, X.astype(float), Y.astype(float), A.astype(float), 0.5, 2)[1]
    assert agreement(g, reference) < TOL["float32"]


def _float32(residual):
    parts = (residual.F, residual.dF_da, residual.dF_dJ, residual.dF_dH)
    return Residual(*[lambda *arguments, part=part: part(*arguments).astype(np.float32) for part in parts])


def test_a_users_own_activation_and_cost():
    cube = Activation("cube", lambda z: z**3, lambda z: 3 * z**2, lambda z: 6 * z, lambda z: 0 * z + 6)
    quartic = costs.Cost("quartic", lambda a, Y: ((a - Y) ** 4).sum(), lambda a, Y: 4 * (a - Y) ** 3)
    net, (X, Y) = random_network((2, 3, 2), cube, cube), random_data((2, 3, 2))
    assert gradient_error(net, X, Y, quartic, gradient) < TOL["complex step"]
    g = residual_gradient(net, X, SECOND_ORDER)[1]
    assert (
        agreement(g, by_parameters(net, lambda net: residual_gradient(net, X, SECOND_ORDER)[0]))
        < TOL["complex step"]
    )


def test_values_alone_need_no_second_derivative():
    square = Activation("square", lambda z: z**2, lambda z: 2 * z)
    net, (X, Y) = random_network((2, 3, 1), square), random_data((2, 3, 1))
    assert gradient_error(net, X, Y, costs.squared_error, gradient) < TOL["complex step"]
    C, g = sobolev_gradient(net, X, Y, None, beta=0)
    assert agreement(g, gradient(net, X, Y, costs.squared_error)) < TOL["identical"]


def test_softmax_with_cross_entropy_of_its_own():
    entropy = costs.Cost("entropy", lambda a, Y: -(Y * np.log(a)).sum(), lambda a, Y: -Y / a)
    net, X, Y = small(out=softmax)
    assert gradient_error(net, X, Y, entropy, gradient) < TOL["complex step"]


def test_relu_passes_no_second_derivative():
    net, (X, Y) = random_network((2, 3, 1), relu), random_data((2, 3, 1))
    trace = forward(net, X)
    adjoints = backward(net, trace, np.zeros_like(Y), np.ones((3, 1, 2)))
    assert not any(delta.any() for delta in adjoints.delta[1:])


# ---- what the chapter says ----


@pytest.mark.parametrize("act", SMOOTH, ids=lambda act: act.name)
def test_slopes_alone_leave_the_last_bias_free(act):
    net, (X, _) = random_network((2, 3, 1), act), random_data((2, 3, 1))
    g = sobolev_gradient(net, X, None, slope_targets(net, X), alpha=0)[1]
    assert g.b[2] == 0 and np.abs(g.b[1]).max() > 1e-3


def test_an_anchored_equation_is_solved():
    X = np.linspace(0.5, 5, 64)[:, None]
    equation = Residual(
        lambda X, a, J: J[:, 0, 0] - 1 / X[:, 0],
        lambda X, a, J: np.zeros_like(a),
        lambda X, a, J: np.ones_like(J),
    )
    at_one = Residual(
        lambda X, a, J: a[:, 0], lambda X, a, J: np.ones_like(a), lambda X, a, J: np.zeros_like(J)
    )

    def residuals(net):
        parts = residual_jacobian(net, X, equation), residual_jacobian(net, np.ones((1, 1)), at_one)
        return tuple(np.concatenate(pair) for pair in zip(*parts))

    start = init((1, 8, 1), tanh, np.random.default_rng(0))
    net, _ = optimizers.levenberg_marquardt(residuals, start, 200)
    everywhere = np.linspace(0.5, 5, 1001)[:, None]
    assert np.abs(values(net, everywhere).a[2] - np.log(everywhere)).max() < 1e-3


# ---- bad input ----

NET, X_OK, Y_OK = small()
A_OK = slope_targets(NET, X_OK)
PLAIN = {"F": lambda X, a, J: a[:, 0], "dF_da": lambda X, a, J: 0 * a, "dF_dJ": lambda X, a, J: 0 * J}


def broken(**changed):
    return Residual(**{**PLAIN, **changed})


THREE_AXES = Residual(*[lambda X, a, J, H, k=k: (a[:, 0], a, J, J)[k] for k in range(4)])  # dF_dH wants four


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: forward(NET, X_OK[0]), r"X has shape \(2,\), wants \(B, 2\)"),
        (lambda: forward(NET, X_OK[:, :1]), r"X has shape \(3, 1\), wants \(B, 2\)"),
        (lambda: forward(NET, X_OK[:0]), "X is empty"),
        (lambda: forward(NET, np.nan * X_OK), "X has NaN or infinity"),
        (lambda: forward(NET, X_OK.astype(np.float32)), "X has dtype float32"),
        (lambda: gradient(NET, X_OK, Y_OK[:2], costs.squared_error), r"Y has shape \(2, 2\), wants \(3, 2\)"),
        (lambda: sobolev_gradient(NET, X_OK, Y_OK[:, 0], A_OK), r"Y has shape \(3,\), wants \(3, 2\)"),
        (
            lambda: sobolev_gradient(NET, X_OK, Y_OK, A_OK[:, 0]),
            r"dY_dx has shape \(3, 2\), wants \(3, 2, 2\)",
        ),
        (lambda: sobolev_gradient(NET, X_OK, Y_OK, np.inf * A_OK), "dY_dx has NaN or infinity"),
        (lambda: sobolev_gradient(NET, X_OK, None, A_OK), "Y is None, which wants alpha = 0, got 1"),
        (lambda: sobolev_gradient(NET, X_OK, Y_OK, None), "dY_dx is None, which wants beta = 0, got 1"),
        (lambda: sobolev_gradient(NET, X_OK, Y_OK, A_OK, alpha=np.nan), "alpha has NaN or infinity"),
        (lambda: sobolev_gradient(NET, X_OK, Y_OK, A_OK, beta=[1, 2]), r"beta has shape \(2,\), wants \(\)"),
        (lambda: sobolev_gradient(NET, X_OK, Y_OK, A_OK, alpha="1"), "alpha wants numbers"),
        (
            lambda: Residual(PLAIN["F"], None, PLAIN["dF_dJ"]),
            "dF_da of a Residual wants a function, got None",
        ),
        (
            lambda: Residual(PLAIN["F"], PLAIN["dF_da"], PLAIN["dF_dJ"], 3),
            "dF_dH of a Residual wants a function",
        ),
        (lambda: residual_gradient(NET, X_OK, PLAIN), "residual wants a Residual"),
        (
            lambda: residual_gradient(NET, X_OK, broken(F=lambda X, a, J: a)),
            r"F has shape \(3, 2\), wants \(3,\)",
        ),
        (
            lambda: residual_jacobian(NET, X_OK, broken(dF_da=lambda X, a, J: J)),
            r"dF_da has shape \(3, 2, 2\)",
        ),
        (
            lambda: residual_gradient(NET, X_OK, broken(dF_dJ=lambda X, a, J: a)),
            r"dF_dJ has shape \(3, 2\), wants",
        ),
        (
            lambda: residual_gradient(NET, X_OK, broken(dF_da=lambda X, a, J: 0)),
            r"dF_da has shape \(\), wants \(3, 2\)",
        ),
        (
            lambda: residual_gradient(NET, X_OK, broken(F=lambda X, a, J: a[:, 0] / 0)),
            "F has NaN or infinity",
        ),
        (
            lambda: residual_gradient(NET, X_OK, THREE_AXES),
            r"dF_dH has shape \(3, 2, 2\), wants \(3, 2, 2, 2\)",
        ),
        (
            lambda: residual_gradient(small(out=softmax)[0], X_OK, SECOND_ORDER),
            r"elementwise activations, act\[3\] is softmax",
        ),
        (
            lambda: backward(NET, forward(NET, X_OK), Y_OK, A_OK[:1]),
            r"dC_dJ has shape \(1, 2, 2\), wants \(3, 2, 2\)",
        ),
        (
            lambda: backward(NET, forward(NET, X_OK), Y_OK, A_OK, np.zeros((3, 2, 2, 2))),
            "dC_dH wants dC_dJ beside it",
        ),
    ],
)
@pytest.mark.filterwarnings("ignore:divide by zero", "ignore:invalid value")
def test_bad_input(call, message):
    with pytest.raises(ValueError, match=message):
        call()


@pytest.mark.parametrize(
    ("known", "missing", "call"),
    [
        ((), "d2f", lambda net, X: sobolev_gradient(net, X, None, np.zeros((3, 1, 2)), alpha=0)),
        ((), "d2f", lambda net, X: curvature(net, forward(net, X))),
        (("d2f",), "d3f", lambda net, X: residual_gradient(net, X, SECOND)),
    ],
)
def test_missing_derivatives_of_an_activation(known, missing, call):
    derivatives = {symbol: getattr(sine, symbol) for symbol in ("f", "df", *known)}
    net, (X, _) = random_network((2, 3, 1), Activation("mine", **derivatives)), random_data((2, 3, 1))
    with pytest.raises(ValueError, match=f"activation 'mine' has no {missing}"):
        call(net, X)


SECOND = Residual(
    lambda X, a, J, H: H[:, 0, 0, 0],
    lambda X, a, J, H: np.zeros_like(a),
    lambda X, a, J, H: np.zeros_like(J),
    lambda X, a, J, H: np.ones_like(H),
)


# ---- the other order: slopes by a backward pass


@FEW
@given(problems())
def test_both_directions_give_one_gradient(problem):
    net, X, Y, _ = problem
    rng = np.random.default_rng(2)
    seeds = rng.standard_normal(Y.shape), rng.standard_normal((*Y.shape, X.shape[1]))
    trace, reverse = forward(net, X), double_backprop.slopes(net, X)
    ahead = gradient_backprop.parameter_gradient(net, trace, backward(net, trace, *seeds))
    assert agreement(reverse.Q[0], trace.J[net.L]) <= TOL["identical"]
    for _ in range(2):  # no trace on the inputs
        assert agreement(double_backprop.gradient(net, reverse, *seeds), ahead) <= TOL["identical"]


def test_the_other_order_keeps_float32_and_refuses_what_does_not_fit():
    net, X, Y = small(np.float32)
    reverse = double_backprop.slopes(net, X)
    seeds = np.zeros_like(reverse.a[net.L]), np.ones_like(reverse.Q[0])
    assert flatten(double_backprop.gradient(net, reverse, *seeds)).dtype == np.float32
    with pytest.raises(ValueError, match=r"dC_dJ has shape"):
        double_backprop.gradient(net, reverse, seeds[0], seeds[1][:1])
    with pytest.raises(ValueError, match="softmax"):
        double_backprop.slopes(small(out=softmax)[0], X_OK)


# ---- figures


def test_the_products_on_the_paths_are_the_derivatives():
    """The figure's numbers are typed in: the shipped passes must find the same totals."""
    square = Activation("square", lambda z: z**2, lambda z: 2 * z, lambda z: 2 + 0 * z)
    net = Network((None, [[2]], [[4]]), (None, [-5], [7]), (None, square, identity))
    trace = forward(net, [[3]])
    for cost, seeds in zip(drawn.COSTS, (([[0]], [[[1]]]), ([[1]], [[[0]]]))):
        g = gradient_backprop.parameter_gradient(net, trace, backward(net, trace, *seeds))
        for parameter, part in zip(drawn.PARAMETERS, (g.W[1], g.W[2], g.b[1], g.b[2])):
            told = drawn.paths(parameter, cost)["meta"]["sentence"]
            assert told.endswith(f"together {int(part.item())}.")


def test_the_figures_can_be_drawn_and_the_methods_end_in_order():
    encode(drawn.paths, {"parameter": list(drawn.PARAMETERS), "cost": list(drawn.COSTS)})
    last = [trace["y"][-1] for trace in drawn.methods("inside: 0.5 to 5")["data"]]
    assert last[0] > 3 * last[1] > 9 * last[2] and last[2] < 1e-4


@pytest.mark.parametrize("equation", list(further.PROBLEMS))
def test_known_solutions_solve_their_equations(equation):
    problem = further.PROBLEMS[equation]
    X = further.grid(np.linspace(-0.9, 0.9, 7), np.linspace(0.02, 0.9 * problem.end, 5))
    h = 1e-5
    J = np.stack(
        [(problem.solution(X + e) - problem.solution(X - e)) / (2 * h) for e in h * np.eye(2)], axis=1
    )
    F = problem.equation.F(X, problem.solution(X)[:, None], J[:, None, :])
    assert np.abs(F).max() < 1e-6 * np.abs(J).max()
