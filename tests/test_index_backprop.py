"""Backpropagation by indices: any wiring, the algorithms, the matrices; by numbers."""

from functools import partial

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from networks import problems, random_data, random_network
from tolerances import TOL
from wirings import as_theta, random_run, random_wiring, theta_of, total_cost, unit_problems

from nnlib import check
from nnlib.activations import Activation, identity, softmax, tanh
from nnlib.costs import Cost, half_squared_error, squared_error
from nnlib.figures import explore, index_backprop_algorithms, index_backprop_digits, index_backprop_shapes
from nnlib.figures import index_backprop as figures
from nnlib.figures.words import say
from nnlib.index_backprop import (
    UnitNetwork,
    adjoints,
    back_propagate,
    gradient,
    matrix_gradient,
    propagate,
    train_step,
)
from nnlib.network import Gradient, Network, flatten, forward

FEW = settings(max_examples=20)
SQUARE = Activation("square", lambda z: z**2, lambda z: 2 * z)
WEIGHTS = {
    (2, 0): 1,
    (2, 1): -0.5,
    (3, 1): 0.5,
    (3, 2): 2,
    (4, 2): 2,
    (4, 3): 1,
    (5, 0): 1,
    (5, 3): -1,
    (5, 4): 2,
}


def chapters_network(**changes):
    """The chapter's example: a skip 0 -> 5, a side link 2 -> 3, an output 4 that feeds the output 5."""
    parts = {
        "inputs": (0, 1),
        "outputs": (4, 5),
        "upstream": {2: (0, 1), 3: (1, 2), 4: (2, 3), 5: (0, 3, 4)},
        "w": WEIGHTS,
        "b": {2: 0.5, 3: -0.5, 4: -1, 5: 0},
        "act": {2: SQUARE, 3: SQUARE, 4: identity, 5: identity},
    }
    return UnitNetwork(**(parts | changes))


RUN = {0: 1, 1: 2}, {4: 0, 5: 0.5}


# Right ------------------------------------------------------------------------------------------------------


def test_the_chapters_example_number_by_number():
    x, y = propagate(chapters_network(), RUN[0])
    assert x == {0: 1, 1: 2, 2: 0.5, 3: 1, 4: 0.5, 5: 1}
    assert y == {0: 1, 1: 2, 2: 0.25, 3: 1, 4: 0.5, 5: 1}
    dC_dw, dC_db, p = back_propagate(chapters_network(), *RUN, half_squared_error)
    assert p == {0: 7.5, 1: -2.5, 2: 7, 3: 2, 4: 1.5, 5: 0.5}
    assert dC_dw == {link: p[link[0]] * y[link[1]] for link in WEIGHTS}
    assert dC_db == {i: p[i] for i in (2, 3, 4, 5)}


@FEW
@given(unit_problems())
def test_complex_step_for_every_weight_bias_and_input(problem):
    units, x, y_star, cost = problem
    true = check.complex_step(lambda theta: total_cost(*problem, theta), theta_of(units, x))
    assert check.agreement(as_theta(units, *back_propagate(*problem)), true) < TOL["complex step"]


@FEW
@given(unit_problems())
def test_twice_the_same_and_no_trace_on_the_inputs(problem):
    units, x, y_star, cost = problem
    before = {i: np.copy(x[i]) for i in x}
    first, second = back_propagate(*problem), back_propagate(*problem)
    for one, two in zip(first, second):
        assert all(np.array_equal(one[key], two[key]) for key in one)
    assert all(np.array_equal(before[i], x[i]) for i in before) and set(x) == set(before)


@FEW
@given(st.integers(0, 10**6))
def test_a_batch_is_the_sum_of_its_runs(seed):
    units = random_wiring(seed)
    x, y_star = random_run(units, seed, B=3)
    together = back_propagate(units, x, y_star, squared_error)
    runs = [({i: x[i][n] for i in x}, {i: y_star[i][n] for i in y_star}) for n in range(3)]
    alone = [back_propagate(units, *run, squared_error) for run in runs]
    for part in (0, 1):
        summed = {key: sum(one[part][key] for one in alone) for key in together[part]}
        assert check.agreement(together[part], summed) < TOL["identical"]
    assert (
        check.agreement(together[2], {i: np.stack([one[2][i] for one in alone]) for i in together[2]}) < 1e-12
    )


@FEW
@given(problems())
def test_both_gradients_agree_with_the_complex_step(problem):
    for method in (gradient, matrix_gradient):
        assert check.gradient_error(*problem, method) < TOL["complex step"]


@FEW
@given(problems())
def test_the_input_gradient_by_units_and_by_matrices(problem):
    net, X, Y, cost = problem
    units, trace = UnitNetwork.from_network(net), forward(net, X)
    p = back_propagate(units, dict(zip(units.inputs, X.T)), dict(zip(units.outputs, Y.T)), cost)[2]
    delta = adjoints(net, trace, cost.da(trace.a[net.L], Y))
    true = check.complex_step(lambda X: cost.value(forward(net, X).a[net.L], Y), X)
    assert check.agreement(np.stack([p[i] for i in units.inputs], axis=1), true) < TOL["complex step"]
    assert check.agreement(delta[1] @ net.W[1], true) < TOL["complex step"]
    for l in range(1, net.L + 1):
        by_units = np.stack([p[l, i] for i in range(net.sizes[l])], axis=1)
        assert check.agreement(by_units, delta[l]) < TOL["identical"]


@FEW
@given(problems(), st.floats(-3, 3))
def test_linear_in_dC_da(problem, factor):
    net, X, _, _ = problem
    trace = forward(net, X)
    rng = np.random.default_rng(5)
    U, V = rng.standard_normal((2, *trace.a[net.L].shape))
    both = adjoints(net, trace, U + factor * V)
    apart = [u + factor * v for u, v in zip(adjoints(net, trace, U)[1:], adjoints(net, trace, V)[1:])]
    assert check.agreement(list(both[1:]), apart) < TOL["identical"]


@FEW
@given(st.integers(0, 10**6))
def test_permuted_hidden_units_permute_the_gradient(seed):
    sizes = (2, 4, 3, 2)
    net, (X, Y) = random_network(sizes, seed=seed), random_data(sizes, seed=seed)
    order = np.random.default_rng(seed).permutation(4)
    W = (None, net.W[1][order], net.W[2][:, order], net.W[3])
    b = (None, net.b[1][order], *net.b[2:])
    for method in (gradient, matrix_gradient):
        g = method(net, X, Y, squared_error)
        permuted = Gradient((None, g.W[1][order], g.W[2][:, order], g.W[3]), (None, g.b[1][order], *g.b[2:]))
        assert (
            check.agreement(method(Network(W, b, net.act), X, Y, squared_error), permuted) < TOL["identical"]
        )


def test_autograd_agrees():
    autograd, anp = pytest.importorskip("autograd"), pytest.importorskip("autograd.numpy")
    units, x, y_star = chapters_network(act=dict.fromkeys((2, 3, 4, 5), "tanh")), *RUN

    def C(theta):
        w, b = dict(zip(units.w, theta)), dict(zip(units.b, theta[len(units.w) :]))
        y = dict(x)
        for i in (2, 3, 4, 5):
            y[i] = anp.tanh(sum(w[i, j] * y[j] for j in units.upstream[i]) + b[i])
        return sum((y[i] - y_star[i]) ** 2 for i in units.outputs) / 2

    theta = np.array([*units.w.values(), *units.b.values()])
    dC_dw, dC_db, _ = back_propagate(units, x, y_star, half_squared_error)
    found = [*(dC_dw[link] for link in units.w), *(dC_db[i] for i in units.b)]
    assert check.agreement(found, autograd.grad(C)(theta)) < TOL["autograd"]


def test_a_users_own_activation_and_cost():
    quartic = Cost("quartic", lambda a, Y: ((a - Y) ** 4).sum(), lambda a, Y: 4 * (a - Y) ** 3)
    cube = Activation("cube", lambda z: z**3, lambda z: 3 * z**2)
    net, (X, Y) = random_network((2, 3, 2), cube, cube), random_data((2, 3, 2))
    for method in (gradient, matrix_gradient):
        assert check.gradient_error(net, X, Y, quartic, method) < TOL["complex step"]


@pytest.mark.parametrize("dtype", (np.float32, np.float64))
def test_the_scalar_type_stays(dtype):
    net, (X, Y) = random_network((2, 3, 2), dtype=dtype), random_data((2, 3, 2), dtype=dtype)
    for method in (gradient, matrix_gradient):
        assert flatten(method(net, X, Y, squared_error)).dtype == dtype
    for B in (None, 3):
        units = random_wiring(1, dtype=dtype)
        run = random_run(units, 2, B, dtype)
        found = [v for part in back_propagate(units, *run, squared_error) for v in part.values()]
        assert {v.dtype for v in found} == {np.dtype(dtype)}
        assert train_step(units, [run], 0.1, squared_error).dtype == dtype


def test_an_output_may_be_an_input_and_a_unit_may_lead_nowhere():
    units = chapters_network(outputs=(0, 4))
    dC_dw, dC_db, p = back_propagate(units, RUN[0], {0: 0, 4: 0}, half_squared_error)
    assert p[5] == dC_db[5] == dC_dw[5, 4] == 0
    assert p[0] == 1 + p[2] * WEIGHTS[2, 0]


def test_a_deep_chain_does_not_recurse():
    n = 30_000
    links = [(i, i - 1) for i in range(1, n + 1)]
    chain = UnitNetwork(
        (0,),
        (n,),
        {i: (j,) for i, j in reversed(links)},
        dict.fromkeys(links, 1.0),
        dict.fromkeys(range(1, n + 1), 0.0),
        dict.fromkeys(range(1, n + 1), identity),
    )
    assert back_propagate(chain, {0: 3.0}, {n: 1.0}, half_squared_error)[2][0] == 2


def test_downstream_is_upstream_turned_around():
    units = random_wiring(8)
    assert {(i, j) for j, D in units.downstream.items() for i in D} == set(units.w)
    assert chapters_network().downstream == {0: (2, 5), 1: (2, 3), 2: (3, 4), 3: (4, 5), 4: (5,), 5: ()}


def test_the_wirings_order_and_the_order_of_definition_do_not_matter():
    upstream = {5: (4, 3, 0), 4: (3, 2), 3: (2, 1), 2: (1, 0)}
    one = back_propagate(chapters_network(), *RUN, half_squared_error)
    two = back_propagate(chapters_network(upstream=upstream), *RUN, half_squared_error)
    assert one == two


# The step ---------------------------------------------------------------------------------------------------


def test_train_step_subtracts_eta_times_the_sum_over_runs():
    units = random_wiring(3)
    runs = [random_run(units, seed) for seed in (1, 2)]
    new = train_step(units, iter(runs), 0.05, squared_error)
    g = [back_propagate(units, *run, squared_error) for run in runs]
    for part, old, now in ((0, units.w, new.w), (1, units.b, new.b)):
        wanted = {key: old[key] - 0.05 * (g[0][part][key] + g[1][part][key]) for key in old}
        assert check.agreement(dict(now), wanted) < TOL["identical"]
    assert new.order == units.order and new.inputs == units.inputs


def test_steps_lower_the_cost():
    units = random_wiring(5, act=tanh)
    runs = [random_run(units, seed) for seed in range(4)]

    def C(units):
        return sum(total_cost(units, *run, half_squared_error, theta_of(units, run[0])) for run in runs)

    history = []
    for _ in range(20):
        history.append(C(units))
        units = train_step(units, runs, 0.01, half_squared_error)
    assert all(later < earlier for earlier, later in zip(history, history[1:]))


def test_a_network_of_units_cannot_be_changed():
    units = chapters_network()
    with pytest.raises(TypeError):
        units.w[2, 0] = 3.0
    with pytest.raises(AttributeError):
        units.inputs = (1,)


# The figures ------------------------------------------------------------------------------------------------


def test_the_figures_can_be_stored_and_show_the_librarys_numbers():
    for figure, controls in ((figures.passes, {"step": (0, 10)}), (figures.gradient_check, {"k": (1, 16)})):
        assert len(explore(figure, **controls).bundle["numbers"]) < 20_000
    shown = figures.passes(10)["data"][-1]["text"]
    p = back_propagate(chapters_network(), *RUN, half_squared_error)[2]
    assert shown == [f"p = {say(p[i])}" for i in range(6)]
    assert p[figures.LINK[0]] * RUN[0][figures.LINK[1]] == figures.TRUE
    assert not any(shown for shown in figures.passes(4)["data"][-1]["text"])


def test_the_algorithms_line_by_line_end_where_train_step_ends():
    runs, eta = index_backprop_algorithms.RUNS, index_backprop_algorithms.ETA
    told = list(index_backprop_algorithms.lines(chapters_network(), runs, eta))
    end = told[-1][3]
    stepped = train_step(chapters_network(), runs, eta, half_squared_error)
    assert check.agreement(end["w"], dict(stepped.w)) < TOL["identical"]
    assert check.agreement(end["b"], dict(stepped.b)) < TOL["identical"]
    assert end["p"] == back_propagate(chapters_network(), *runs[-1], half_squared_error)[2]
    listed = {number for number, _ in index_backprop_algorithms.PROGRAM}
    assert {line for line, *_ in told} < listed
    last = index_backprop_algorithms.LAST_LINE
    bundle = explore(index_backprop_algorithms.algorithms, step=(0, last)).bundle
    assert last == len(told) and len(bundle["numbers"]) < 20_000


def test_one_of_the_eight_products_is_the_gradient_in_the_figure():
    bundle = explore(
        index_backprop_shapes.eight, product=[index_backprop_shapes.NONE, *index_backprop_shapes.PRODUCTS]
    )
    assert len(bundle.bundle["strings"]) > 8
    assert "gradient" not in str(bundle)  # the first state does not show the answer
    X, Delta = index_backprop_shapes.X, index_backprop_shapes.Delta
    by_moving = check.complex_step(lambda W: (Delta * (X @ W.T)).sum(), np.ones((3, 3)))
    equal = [
        np.allclose(index_backprop_shapes.multiply(p), by_moving) for p in index_backprop_shapes.PRODUCTS
    ]
    assert sum(equal) == 1 and index_backprop_shapes.PRODUCTS[equal.index(True)] == "Δᵀ X"


def test_the_digits_figures_can_be_stored_and_count_rightly():
    curve = {"cost": [2.3, 0.1], "errors": [90.0, 4.0]}
    runs = {"0.01, 32, 1": curve, "0.01, 32, 0": curve}
    training = partial(index_backprop_digits.training, eta=0.01, batch=32, runs=runs)
    assert explore(training, start=["usual", "all zero"])
    labels = index_backprop_digits.held_out().labels
    wrong = np.flatnonzero(labels == 1)[0], np.flatnonzero(labels == 8)[0]  # a 1 is read as 8, an 8 as 1
    read = labels.copy()
    read[list(wrong)] = 8, 1
    stored = {"40": "".join(map(str, read))}
    shown = index_backprop_digits.confusion(40, stored)
    assert shown["data"][0]["z"][8, 1] == shown["data"][0]["z"][1, 8] == 1
    assert shown["data"][0]["text"][1][1] == str((labels == 1).sum() - 1)
    assert f"{len(labels) - 2} of {len(labels)}" in shown["meta"]["sentence"]
    eight = 1 + (wrong[0] < wrong[1])
    sure = " ".join("82" if digit == 1 else "2" for digit in range(10))
    shown = index_backprop_digits.misread(eight, "the answer", stored, [sure, sure])
    assert "an 8 that is read as 1 with probability 0.82" in shown["meta"]["sentence"]
    assert np.array_equal(shown["data"][0]["z"].ravel(), index_backprop_digits.held_out().X[wrong[1]])
    hidden = index_backprop_digits.misread(eight, "the image", stored, [sure, sure])
    assert hidden["data"][1]["y"] == [None] * 10 and "which digit" in hidden["meta"]["sentence"]


# Bad input --------------------------------------------------------------------------------------------------

NO_3_2 = {link: w for link, w in WEIGHTS.items() if link != (3, 2)}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"inputs": ()}, "inputs is empty"),
        ({"inputs": (0, 0)}, "inputs names unit 0 2 times"),
        ({"outputs": ()}, "outputs is empty"),
        ({"outputs": (4, 4)}, "outputs names unit 4 2 times"),
        ({"outputs": (4, 9)}, "unit 9 is no input and has no upstream units"),
        ({"upstream": {}, "outputs": (0,)}, "upstream is empty"),
        ({"upstream": {2: (0, 1), 3: (), 4: (2, 3), 5: (0, 3, 4)}}, "unit 3 is no input and has no upstream"),
        ({"upstream": {2: (0, 1), 4: (2, 3), 5: (0, 3, 4)}}, "unit 3 is no input and has no upstream"),
        (
            {"upstream": {2: (0, 1), 3: (1, 1), 4: (2, 3), 5: (0, 3, 4)}},
            r"upstream\[3\] is \(1, 1\), wants every",
        ),
        ({"upstream": {2: (0, 3), 3: (1, 2), 4: (2, 3), 5: (0, 3, 4)}}, "upstream is cyclic: 2 <- 3 <- 2"),
        ({"upstream": {2: (2, 1), 3: (1, 2), 4: (2, 3), 5: (0, 3, 4)}}, "upstream is cyclic: 2 <- 2"),
        ({"upstream": {0: (1,), 2: (0, 1), 3: (1, 2), 4: (2, 3), 5: (0, 3, 4)}}, "unit 0 is an input, but"),
        ({"w": NO_3_2}, r"w\[\(3, 2\)\] is missing"),
        ({"w": WEIGHTS | {(2, 5): 1}}, r"w has an entry for \(2, 5\)"),
        ({"w": WEIGHTS | {(3, 2): np.nan}}, r"w\[\(3, 2\)\] has NaN"),
        ({"w": WEIGHTS | {(3, 2): [1, 2]}}, r"w\[\(3, 2\)\] has shape \(2,\), wants \(\)"),
        ({"w": WEIGHTS | {(3, 2): "one"}}, r"w\[\(3, 2\)\] wants numbers"),
        ({"w": WEIGHTS | {(3, 2): np.float32(1)}}, "one float width"),
        ({"b": {2: 0.5, 3: -0.5, 4: -1}}, r"b\[5\] is missing"),
        ({"b": {0: 1, 2: 0.5, 3: -0.5, 4: -1, 5: 0}}, "b has an entry for 0"),
        ({"act": {2: SQUARE, 3: SQUARE, 4: identity}}, r"act\[5\] is missing"),
        ({"act": {2: SQUARE, 3: SQUARE, 4: "swishy", 5: "tanh"}}, "activation 'swishy' is unknown"),
        (
            {"act": {2: SQUARE, 3: SQUARE, 4: softmax, 5: "tanh"}},
            r"act\[4\] is 'softmax', wants an elementwise",
        ),
        ({"act": {2: SQUARE, 3: SQUARE, 4: 3, 5: "tanh"}}, r"act\[4\] is 3, wants an elementwise"),
    ],
)
def test_bad_wirings(changes, message):
    with pytest.raises(ValueError, match=message):
        chapters_network(**changes)


@pytest.mark.parametrize(
    ("x", "y_star", "message"),
    [
        ({0: 1}, RUN[1], r"x\[1\] is missing"),
        ({0: 1, 1: 2, 2: 3}, RUN[1], "x has an entry for 2"),
        ({0: 1, 1: np.inf}, RUN[1], r"x\[1\] has NaN or infinity"),
        ({0: 1, 1: [1, 2]}, RUN[1], r"x\[1\] has shape \(2,\), wants \(\)"),
        ({0: [1, 2], 1: [1, 2, 3]}, RUN[1], r"x\[1\] has shape \(3,\), wants \(2,\)"),
        ({0: [], 1: []}, RUN[1], r"x\[0\] is empty"),
        ({0: [[1]], 1: [[1]]}, RUN[1], r"x\[0\] has shape \(1, 1\), wants a scalar or \(B,\)"),
        ({0: np.float32(1), 1: np.float32(1)}, RUN[1], "one float width"),
        (RUN[0], {4: 0}, r"y_star\[5\] is missing"),
        (RUN[0], {4: 0, 5: 0, 2: 0}, "y_star has an entry for 2"),
        (RUN[0], {4: 0, 5: [0]}, r"y_star\[5\] has shape \(1,\), wants \(\)"),
        (RUN[0], {4: 0, 5: np.nan}, r"y_star\[5\] has NaN"),
    ],
)
def test_bad_runs(x, y_star, message):
    with pytest.raises(ValueError, match=message):
        back_propagate(chapters_network(), x, y_star, half_squared_error)


def test_bad_steps_costs_and_layers():
    net, (X, Y) = random_network((2, 3, 2)), random_data((2, 3, 2))
    soft = Network(net.W, net.b, (None, tanh, softmax))
    wrong = Cost("wrong", lambda a, Y: a.sum(), lambda a, Y: a[:, :1])
    for runs, eta, message in (
        ([], 0.1, "runs is empty"),
        ([RUN], np.nan, "eta has NaN"),
        ([RUN], [1, 2], "eta has"),
    ):
        with pytest.raises(ValueError, match=message):
            train_step(chapters_network(), runs, eta, half_squared_error)
    with pytest.raises(ValueError, match=r"dC_da has shape \(1, 1\), wants \(1, 2\)"):
        back_propagate(chapters_network(), *RUN, wrong)
    for method in (gradient, matrix_gradient):
        with pytest.raises(ValueError, match=r"dC_da has shape \(3, 1\), wants \(3, 2\)"):
            method(net, X, Y, wrong)
        with pytest.raises(ValueError, match=r"act\[2\] is softmax"):
            method(soft, X, Y, squared_error)
        with pytest.raises(ValueError, match=r"X has shape \(3, 1\)"):
            method(net, X[:, :1], Y, squared_error)
        with pytest.raises(ValueError, match=r"Y has shape \(2, 2\), wants \(3, 2\)"):
            method(net, X, Y[:2], squared_error)
        with pytest.raises(ValueError, match="one float width"):
            method(net, X, Y.astype(np.float32), squared_error)


def test_from_network_names_units_by_layer_and_index():
    units = UnitNetwork.from_network(random_network((2, 3, 1)))
    assert units.inputs == ((0, 0), (0, 1)) and units.outputs == ((2, 0),)
    assert units.upstream[1, 2] == ((0, 0), (0, 1)) and units.downstream[1, 2] == ((2, 0),)
