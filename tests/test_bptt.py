"""Chapter 5: both directions against complex step, unrolled graph and autograd; truncation; bad input."""

import autograd
import autograd.numpy as anp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mutants_bptt import by_complex_step, problem, total_cost
from networks import COSTS, SMOOTH, problems, random_data, random_network
from tolerances import TOL

from nnlib import bptt, jacobian
from nnlib.activations import Activation, softmax, tanh
from nnlib.check import agreement, central_difference, complex_step, gradient_error
from nnlib.costs import Cost, half_squared_error, squared_error
from nnlib.figures import bptt as figures
from nnlib.network import Gradient, Network, flatten, forward, unflatten

BOTH = (bptt.bptt, bptt.rtrl)
RNN, X, Y = problem()
DATA = (RNN, X, Y, squared_error)


@st.composite
def recurrent_problems(draw):
    """(rnn, X, Y, cost): random widths, overlaps and gaps of y and r, cells of one to three layers, costs."""
    n_z, n_x = draw(st.integers(1, 4)), draw(st.integers(1, 3))
    n_y, n_r = draw(st.integers(1, n_z)), draw(st.integers(0, n_z))
    hidden = draw(st.lists(st.integers(1, 4), max_size=2))
    T, B, seed = draw(st.integers(1, 5)), draw(st.integers(1, 3)), draw(st.integers(0, 2**32 - 1))
    rnn, X, Y = problem(n_x, n_r, n_y, n_z, hidden, T, B, seed, draw(st.sampled_from(SMOOTH)))
    return rnn, X, Y, draw(st.sampled_from(COSTS))


@settings(max_examples=20)
@given(recurrent_problems())
def test_both_directions_and_the_inputs_are_the_complex_step(problem):
    by_theta, by_X = by_complex_step(*problem)
    for method in BOTH:
        assert agreement(flatten(method(*problem)), by_theta) <= TOL["complex step"]
    assert agreement(bptt.adjoints(*problem)[1], by_X) <= TOL["complex step"]


@settings(max_examples=20)
@given(recurrent_problems(), st.integers(0, 3))
def test_truncation_is_exact_when_long_enough(problem, more):
    T = problem[1].shape[1]
    whole = bptt.bptt(*problem)
    for kind in ("window", "chunk"):
        assert agreement(bptt.truncated(*problem, **{kind: T + more}), whole) <= TOL["identical"]


def test_both_directions_are_central_differences():
    def at(theta):
        return total_cost(bptt.RNN(unflatten(RNN.cell, theta), RNN.n_y, RNN.n_r), X, Y, squared_error)

    differences = central_difference(at, flatten(RNN.cell))
    for method in BOTH:
        assert agreement(flatten(method(*DATA)), differences) <= TOL["central difference"]


def test_the_unrolled_graph_gives_the_same():
    """One weight per time step in a network without loops: the sum of its gradients is the recurrent one."""
    run, T = bptt.forward(RNN, X), X.shape[1]

    def unrolled(thetas):
        s, y = np.zeros_like(run.s[0], dtype=complex), []
        for n, theta in enumerate(thetas.reshape(T, -1)):
            u = np.concatenate([X[:, n], s[:, RNN.n_z - RNN.n_r :]], axis=1)
            s = forward(unflatten(RNN.cell, theta), u).a[-1]
            y.append(s[:, : RNN.n_y])
        return squared_error.value(np.stack(y, axis=1), Y)

    separate = complex_step(unrolled, np.tile(flatten(RNN.cell), T)).reshape(T, -1)
    assert agreement(flatten(bptt.bptt(*DATA)), separate.sum(axis=0)) <= TOL["complex step"]


def test_autograd_agrees():
    W, b = ([np.asarray(part) for part in parts[1:]] for parts in (RNN.cell.W, RNN.cell.b))

    def total(W, b, X):
        s, C = anp.zeros((len(X), RNN.n_z)), 0
        for n in range(X.shape[1]):
            s = anp.concatenate([X[:, n], s[:, RNN.n_z - RNN.n_r :]], axis=1)
            for weights, bias in zip(W, b):
                s = anp.tanh(anp.dot(s, weights.T) + bias)
            C = C + anp.sum((s[:, : RNN.n_y] - Y[:, n]) ** 2)
        return C

    by_W, by_b, by_X = autograd.grad(total, (0, 1, 2))(W, b, X)
    assert agreement(bptt.bptt(*DATA), Gradient((None, *by_W), (None, *by_b))) <= TOL["autograd"]
    assert agreement(bptt.adjoints(*DATA)[1], by_X) <= TOL["autograd"]


def test_a_window_and_a_chunk_hold_the_state_at_their_borders_fixed():
    run, T = bptt.forward(RNN, X), X.shape[1]

    def frozen(start, times):
        def at(theta):
            cell, s, C = unflatten(RNN.cell, theta), run.s[start], 0
            for n in range(start + 1, max(times) + 1):
                s = forward(cell, bptt.cell_input(RNN, X[:, n - 1], s)).a[-1]
                C = C + (squared_error.value(s[:, : RNN.n_y], Y[:, n - 1]) if n in times else 0)
            return C

        return complex_step(at, flatten(RNN.cell))

    for length in (1, 2, 3, 4):
        window = sum(frozen(max(0, n - length), [n]) for n in range(1, T + 1))
        chunk = sum(frozen(n, range(n + 1, min(n + length, T) + 1)) for n in range(0, T, length))
        assert agreement(flatten(bptt.truncated(*DATA, window=length)), window) <= TOL["complex step"]
        assert agreement(flatten(bptt.truncated(*DATA, chunk=length)), chunk) <= TOL["complex step"]
    assert agreement(bptt.truncated(*DATA, window=2), bptt.bptt(*DATA)) > 1e-3


@pytest.mark.parametrize("cost", COSTS, ids=lambda cost: cost.name)
def test_one_step_is_ordinary_backpropagation(cost):
    net = random_network((3, 4, 2))
    X, Y = random_data((3, 4, 2))
    assert gradient_error(net, X, Y, cost, bptt.gradient) <= TOL["complex step"]


@settings(max_examples=20)
@given(problems())
def test_the_one_signature_agrees_with_chapter_four(problem):
    assert agreement(bptt.gradient(*problem), jacobian.gradient(*problem)) <= TOL["identical"]


def test_a_sequence_of_a_batch_stands_alone():
    each = sum(bptt.bptt(RNN, X[b : b + 1], Y[b : b + 1], squared_error) for b in range(len(X)))
    assert agreement(each, bptt.bptt(*DATA)) <= TOL["identical"]


def test_a_later_input_never_reaches_back():
    """Causality: the states before n do not move with x(n), and so their cost has no gradient there."""
    changed = X.copy()
    changed[:, 3:] += 1
    before, after = (bptt.forward(RNN, x).y[:, :3] for x in (X, changed))
    assert np.array_equal(before, after)
    first_three = bptt.adjoints(RNN, X[:, :3], Y[:, :3], squared_error)[1]
    assert first_three.shape == (2, 3, 1)


@pytest.mark.parametrize("method", [*BOTH, bptt.checkpointed, lambda *data: bptt.truncated(*data, window=2)])
def test_a_second_call_says_the_same_and_inputs_stay(method):
    kept = [array.copy() for array in (X, Y, flatten(RNN.cell))]
    first = flatten(method(*DATA))
    assert np.array_equal(first, flatten(method(*DATA)))
    assert all(np.array_equal(*pair) for pair in zip(kept, (X, Y, flatten(RNN.cell))))


@pytest.mark.parametrize("method", BOTH)
def test_the_gradient_is_linear_in_the_costs_derivative(method):
    double = Cost(
        "double", lambda a, Y: 3 * squared_error.value(a, Y), lambda a, Y: 3 * squared_error.da(a, Y)
    )
    both = Cost("both", None, lambda a, Y: squared_error.da(a, Y) + half_squared_error.da(a, Y))
    one, half = method(*DATA), method(RNN, X, Y, half_squared_error)
    assert agreement(method(RNN, X, Y, double), 3 * one) <= TOL["identical"]
    assert agreement(method(RNN, X, Y, both), one + half) <= TOL["identical"]


@pytest.mark.parametrize("method", BOTH)
def test_permuting_the_cells_hidden_units_permutes_the_gradient(method):
    cell, order = RNN.cell, [2, 0, 3, 1]
    W = (None, cell.W[1][order], cell.W[2][:, order])
    permuted = bptt.RNN(Network(W, (None, cell.b[1][order], cell.b[2]), cell.act), RNN.n_y, RNN.n_r)
    g, h = method(*DATA), method(permuted, X, Y, squared_error)
    assert (
        agreement(h, Gradient((None, g.W[1][order], g.W[2][:, order]), (None, g.b[1][order], g.b[2])))
        <= (TOL["identical"])
    )


@pytest.mark.parametrize("method", [*BOTH, bptt.checkpointed, lambda *data: bptt.truncated(*data, chunk=2)])
def test_float32_stays_float32(method):
    cell = random_network((3, 4, 3), tanh, tanh, dtype=np.float32)
    g = method(bptt.RNN(cell, 2, 2), X.astype(np.float32), Y.astype(np.float32), squared_error)
    assert {part.dtype for part in (*g.W[1:], *g.b[1:])} == {np.dtype(np.float32)}
    exact = method(bptt.RNN(random_network((3, 4, 3), tanh, tanh), 2, 2), X, Y, squared_error)
    assert agreement(g, exact) <= TOL["float32"]


@pytest.mark.parametrize("method", BOTH)
def test_a_users_own_activation_and_cost_work(method):
    cube = Activation("cube", lambda z: z**3 / 4, lambda z: 3 * z**2 / 4)
    quartic = Cost("quartic", lambda a, Y: ((a - Y) ** 4).sum(), lambda a, Y: 4 * (a - Y) ** 3)
    rnn, X, Y = problem(hidden=(3,), act=cube)
    by_theta, _ = by_complex_step(rnn, X, Y, quartic)
    assert agreement(flatten(method(rnn, X, Y, quartic)), by_theta) <= TOL["complex step"]


def test_sensitivities_are_the_states_derivatives():
    def states(theta):
        return np.stack(bptt.forward(bptt.RNN(unflatten(RNN.cell, theta), RNN.n_y, RNN.n_r), X).s[1:])

    s, S = zip(*bptt.sensitivities(RNN, X))
    assert agreement(np.stack(s), bptt.forward(RNN, X).s[1:]) <= TOL["identical"]
    assert agreement(np.stack(S), complex_step(states, flatten(RNN.cell))) <= TOL["complex step"]


def test_rtrl_keeps_nothing_of_the_past_and_bptt_the_states():
    sizes = [S.size for _, S in bptt.sensitivities(RNN, X)]
    assert set(sizes) == {len(X) * RNN.n_z * flatten(RNN.cell).size}
    assert [s.shape for s in bptt.forward(RNN, X).s] == [(2, 3)] * 6


NAN = np.where(np.arange(10).reshape(2, 5, 1) == 3, np.nan, X)


@pytest.mark.parametrize(
    "method", [*BOTH, bptt.adjoints, bptt.checkpointed, lambda *data: bptt.truncated(*data, window=2)]
)
@pytest.mark.parametrize(
    ("X", "Y", "message"),
    [
        (X[0], Y, r"X has shape \(5, 1\), wants \(B, T, 1\)"),
        (np.zeros((2, 5, 2)), Y, r"X has shape \(2, 5, 2\), wants \(B, T, 1\)"),
        (X[:, :0], Y[:, :0], r"X is empty: shape \(2, 0, 1\)"),
        (X[:0], Y[:0], r"X is empty"),
        (NAN, Y, "X has NaN or infinity"),
        (X.astype(np.float32), Y, "X has dtype float32, W"),
        (X, Y.astype(np.float32), "Y has dtype float32, W"),
        (X, Y[:, :4], r"Y has shape \(2, 4, 2\), wants \(2, 5, 2\)"),
        (X, Y[:1], r"Y has shape \(1, 5, 2\), wants \(2, 5, 2\)"),
        (X, Y[:, :, :1], r"Y has shape \(2, 5, 1\), wants \(2, 5, 2\)"),
        (X, np.full_like(Y, np.inf), "Y has NaN or infinity"),
    ],
)
def test_sequences_that_do_not_fit(method, X, Y, message):
    with pytest.raises(ValueError, match=message):
        method(RNN, X, Y, squared_error)


@pytest.mark.parametrize(
    ("cell", "n_y", "n_r", "message"),
    [
        (
            random_network((3, 2), out=softmax),
            1,
            1,
            r"bptt wants elementwise activations, act\[1\] is softmax",
        ),
        (random_network((3, 2)), 3, 1, r"n_y is 3, wants 1\.\.2"),
        (random_network((3, 2)), 0, 1, r"n_y is 0, wants 1\.\.2"),
        (random_network((4, 2)), 1, 3, r"n_r is 3, wants 0\.\.2"),
        (random_network((3, 2)), 1, -1, r"n_r is -1, wants 0\.\.2"),
        (random_network((2, 2)), 1, 2, "n_r is 2, wants less than the 2 inputs of the cell"),
        (random_network((3, 2)), 1.0, 1, "n_y wants a whole number, got 1.0"),
        ("a cell", 1, 1, "cell wants a Network, got 'a cell'"),
    ],
)
def test_a_recurrent_network_that_does_not_fit(cell, n_y, n_r, message):
    with pytest.raises(ValueError, match=message):
        bptt.RNN(cell, n_y, n_r)


@pytest.mark.parametrize(
    ("cut", "message"),
    [
        ({}, "window is None, chunk is None: wants one of the two"),
        ({"window": 2, "chunk": 2}, "window is 2, chunk is 2: wants one of the two"),
        ({"window": 0}, "window is 0, wants at least 1"),
        ({"chunk": -3}, "chunk is -3, wants at least 1"),
        ({"chunk": 1.5}, "chunk wants a whole number, got 1.5"),
    ],
)
def test_a_truncation_that_is_none(cut, message):
    with pytest.raises(ValueError, match=message):
        bptt.truncated(*DATA, **cut)


def test_a_cost_whose_derivative_does_not_fit():
    summed = Cost("summed", None, lambda a, Y: a.sum(axis=1))
    for method in BOTH:
        with pytest.raises(ValueError, match=r"dC_da has shape \(2,\), wants \(2, 2\)"):
            method(RNN, X, Y, summed)


@pytest.mark.parametrize(
    ("X", "Y", "message"),
    [
        (np.ones((2, 4)), np.ones((2, 2)), r"X has shape \(2, 4\), wants \(B, 3\)"),
        (np.ones((2, 3)), np.ones((3, 2)), r"Y has shape \(3, 2\), wants \(2, 2\)"),
    ],
)
def test_rows_that_do_not_fit(X, Y, message):
    with pytest.raises(ValueError, match=message):
        bptt.gradient(random_network((3, 4, 2)), X, Y, squared_error)


def test_softmax_is_refused_by_name():
    net = random_network((3, 2), out=softmax)
    with pytest.raises(ValueError, match="softmax"):
        bptt.gradient(net, *random_data((3, 2)), squared_error)


def test_the_figures_say_what_the_functions_compute():
    w = 0.7
    cell = Network((None, [[1, w]]), (None, [0]), (None, "identity"))
    totals = [S[0, 0, 1] for _, S in bptt.sensitivities(bptt.RNN(cell, 1, 1), np.ones((1, 10, 1)))]
    assert agreement(figures.two_derivatives(w)["data"][1]["y"], totals) <= TOL["identical"]
    assert (
        "keeps 55 of 55 terms; the gradient is off by less"
        in figures.terms(0.5, "chunk", 10)["meta"]["sentence"]
    )
    window, chunk = (trace["y"] for trace in figures.truncation(0.5)["data"])
    assert window[0] == pytest.approx(chunk[0]) and window[-1] == chunk[-1] == figures.FLOOR
    assert np.all(window[4:-1] < chunk[4:-1])


@pytest.mark.parametrize("every", [None, 1, 2, 3, 4, 7, 9])
def test_checkpoints_change_nothing(every):
    rnn, X, Y = problem(T=7)
    whole = flatten(bptt.bptt(rnn, X, Y, squared_error))
    kept = bptt.checkpointed(rnn, X, Y, squared_error, every=every)
    assert agreement(flatten(kept), whole) <= TOL["identical"]


@pytest.mark.parametrize(
    ("every", "message"), [(0, "every is 0"), (1.5, "every .*1.5"), (True, "every .*True")]
)
def test_a_spacing_that_is_none(every, message):
    rnn, X, Y = problem()
    with pytest.raises(ValueError, match=message):
        bptt.checkpointed(rnn, X, Y, squared_error, every=every)


def test_a_carried_derivative_at_fixed_weights_is_rtrls():
    rnn, X, _ = problem()
    s, S = np.zeros((len(X), rnn.n_z)), np.zeros((len(X), rnn.n_z, flatten(rnn.cell).size))
    for n, (state, total) in enumerate(bptt.sensitivities(rnn, X)):
        s, S = bptt.carry(rnn, X[:, n], s, S)
        assert np.array_equal(s, state) and np.array_equal(S, total)


def test_the_figures_of_cost_say_what_is_counted():
    sentence = figures.plane(8, 1000)["meta"]["sentence"]
    assert "24.5 times" in sentence and "at 80 steps" in sentence
    peaks = [np.nanmax(figures.checkpoints(k)["data"][1]["y"]) for k in (1, 8, 64)]
    assert peaks == [65, 16, 65]
    assert max(figures.online(0)["data"][0]["y"]) == figures.FLOOR


def test_the_figure_of_norms_keeps_below_its_bound():
    for matrix in figures.MATRICES:
        for drive in (0.0, 0.1, 0.5):
            true, bound, *_ = (trace["y"] for trace in figures.norms(matrix, drive)["data"])
            assert np.all(true <= bound * (1 + TOL["identical"]))
    normal = [trace["y"] for trace in figures.norms("radius 0.5, normal", 0.0)["data"]]
    assert all(agreement(curve, normal[0]) <= TOL["identical"] for curve in normal)
