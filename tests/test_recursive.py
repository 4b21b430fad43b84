"""Chapter 3: the recursion against the complex step, its guards, its calls counted, its matrices."""

import sys
import tracemalloc
from itertools import product

import numpy as np
import pytest
from hypothesis import given
from networks import problems, random_data, random_network
from tolerances import TOL

from nnlib import recursive
from nnlib.activations import Activation, relu, softmax
from nnlib.check import agreement, complex_step, gradient_error
from nnlib.costs import Cost, softmax_cross_entropy, squared_error
from nnlib.figures import recursive as figures
from nnlib.network import Network, flatten, forward, unflatten

SIZES = (2, 3, 4, 2)
NET, (X, Y) = random_network(SIZES), random_data(SIZES)
x = X[0]


def indices(net):
    """Every (l, q, k, j, i) of a network."""
    for l, k in product(range(net.L + 1), range(1, net.L + 1)):
        yield from product((l,), range(net.sizes[l]), (k,), range(net.sizes[k]), range(net.sizes[k - 1] + 1))


def truth(net, x):
    """d a^l_q / d [W^k | b^k] of every layer by complex step: {(l, k): (n_l, n_k, n_{k-1} + 1)}."""
    found = {}
    for l in range(net.L + 1):
        step = complex_step(
            lambda theta, l=l: forward(unflatten(net, theta), x[None]).a[l][0] + 0 * theta[0], flatten(net)
        )
        start = 0
        for k in range(1, net.L + 1):
            n, m = net.W[k].shape
            W = step[:, start : start + n * m].reshape(-1, n, m)
            b = step[:, start + n * m : start + n * m + n]
            found[l, k] = np.concatenate([W, b[:, :, None]], axis=2)
            start += n * (m + 1)
    return found


@pytest.mark.parametrize("method", recursive.METHODS)
def test_every_derivative_is_the_complex_step(method):
    wanted = truth(NET, x)
    largest = max(np.abs(array).max() for array in wanted.values())
    for l, q, k, j, i in indices(NET):
        got = recursive.da_dW(NET, x, l, q, k, j, i, method)
        assert abs(got - wanted[l, k][q, j, i]) <= TOL["complex step"] * largest


@pytest.mark.parametrize("k", [1, 2, 3])
def test_matrices_are_the_recursion_of_all_weights_at_once(k):
    A = recursive.matrices(NET, x, k)
    assert A.shape == (SIZES[3], SIZES[k], SIZES[k - 1] + 1)
    assert agreement(A, truth(NET, x)[3, k]) <= TOL["complex step"]


@pytest.mark.parametrize("k", [1, 2, 3])
def test_unit_by_unit_gives_the_same_matrices(k):
    A = recursive.unit_matrices(NET, x, k)
    assert [matrix.shape for matrix in A] == [(SIZES[k], SIZES[k - 1] + 1)] * SIZES[3]
    assert agreement(A, truth(NET, x)[3, k]) <= TOL["complex step"]


@given(problems(max_depth=3))
def test_gradient_is_the_complex_step(problem):
    assert gradient_error(*problem, recursive.gradient) <= TOL["complex step"]


def counted(net, x, *arguments):
    """Evaluations of the recursion's own function while `da_dW` runs."""
    calls = 0

    def profile(frame, event, _):
        nonlocal calls
        calls += event == "call" and frame.f_code.co_name == "derivative"

    sys.setprofile(profile)
    try:
        recursive.da_dW(net, x, *arguments)
    finally:
        sys.setprofile(None)
    return calls


@pytest.mark.parametrize("method", recursive.METHODS)
@pytest.mark.parametrize("sizes", [(2, 3, 2, 2), (1, 2, 3, 4, 2), (3, 1, 1, 1)])
def test_calls_are_counted_exactly(sizes, method):
    net, x = random_network(sizes), np.ones(sizes[0])
    for l in range(1, net.L + 1):
        for k in range(1, l + 1):
            assert counted(net, x, l, 0, k, 0, 0, method) == recursive.count_calls(sizes, l, k, method)


def test_the_counts_the_book_quotes():
    sizes = (4,) * 11
    assert recursive.count_calls(sizes, 10, 1, "naive") == 349_525 == (4**10 - 1) // 3
    assert recursive.count_calls(sizes, 10, 1, "memo") == 37
    assert recursive.count_calls(sizes, 10, 1, "shortcut") == (4**9 - 1) // 3
    # Four outputs of one weight: four naive recursions; a shared memory answers every unit once.
    assert 4 * recursive.count_calls(sizes, 10, 1, "naive") == 1_398_100
    assert recursive.count_calls(sizes, 10, 1, "memo") + 3 == sum(sizes[1:]) == 40


def test_matrices_stay_small_and_quick():
    net = random_network((64, 30, 30, 10))
    x = np.linspace(-1, 1, 64)
    tracemalloc.start()
    for k in (1, 2, 3):
        recursive.matrices(net, x, k)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 200e6


def test_it_leaves_no_trace_and_answers_the_same_again():
    before = X.copy(), flatten(NET)
    first, second = (flatten(recursive.gradient(NET, X, Y, squared_error)) for _ in range(2))
    assert np.array_equal(first, second)
    assert np.array_equal(X, before[0]) and np.array_equal(flatten(NET), before[1])


def test_float32_stays_float32():
    net, (X, Y) = random_network(SIZES, dtype=np.float32), random_data(SIZES, dtype=np.float32)
    g = recursive.gradient(net, X, Y, softmax_cross_entropy)
    assert {array.dtype for array in (*g.W[1:], *g.b[1:])} == {np.dtype(np.float32)}
    assert recursive.matrices(net, X[0], 1).dtype == np.float32
    assert {A.dtype for A in recursive.unit_matrices(net, X[0], 1)} == {np.dtype(np.float32)}
    assert all(recursive.da_dW(net, X[0], 3, 0, k, 0, 0).dtype == np.float32 for k in (1, 2, 3))


def test_ones_own_activation_and_cost():
    cube = Activation("cube", lambda z: z**3, lambda z: 3 * z**2)
    quartic = Cost("quartic", lambda a, Y: ((a - Y) ** 4).sum(), lambda a, Y: 4 * (a - Y) ** 3)
    net = random_network(SIZES, cube, cube)
    assert gradient_error(net, X, Y, quartic, recursive.gradient) <= TOL["complex step"]


def test_relu_away_from_its_kink():
    assert (
        gradient_error(random_network(SIZES, relu), X, Y, squared_error, recursive.gradient)
        <= TOL["complex step"]
    )


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((4, 0, 1, 0, 0), r"l is 4, wants 0\.\.3"),
        ((-1, 0, 1, 0, 0), "l is -1"),
        ((3, 2, 1, 0, 0), r"q is 2, wants 0\.\.1"),
        ((3, 0, 0, 0, 0), r"k is 0, wants 1\.\.3"),
        ((3, 0, 4, 0, 0), "k is 4"),
        ((3, 0, 1, 3, 0), r"j is 3, wants 0\.\.2"),
        ((3, 0, 1, 0, 3), r"i is 3, wants 0\.\.2"),
        ((3, 0, 1, 0, 0.5), "i wants a whole number"),
        ((3, 0, 1, 0, 0, "fast"), "method is 'fast', wants one of naive, shortcut, memo"),
    ],
)
def test_indices_out_of_range_are_named(arguments, message):
    with pytest.raises(ValueError, match=message):
        recursive.da_dW(NET, x, *arguments)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: recursive.matrices(NET, x, 0), r"k is 0, wants 1\.\.3"),
        (lambda: recursive.unit_matrices(NET, x, 4), r"k is 4, wants 1\.\.3"),
        (lambda: recursive.matrices(NET, X, 1), r"x has shape \(3, 2\), wants \(2,\)"),
        (lambda: recursive.matrices(NET, [np.nan, 1], 1), "x has NaN"),
        (
            lambda: recursive.gradient(NET, X, Y[:, :1], squared_error),
            r"Y has shape \(3, 1\), wants \(3, 2\)",
        ),
        (lambda: recursive.gradient(NET, X, Y[:2], squared_error), r"Y has shape \(2, 2\)"),
        (lambda: recursive.count_calls((2, 3), 2, 1, "naive"), r"l is 2, wants 1\.\.1"),
        (lambda: recursive.count_calls((2, 3), 1, 2, "naive"), r"k is 2, wants 1\.\.1"),
        (lambda: recursive.count_calls((2, 0), 1, 1, "naive"), r"sizes\[1\] is 0"),
        (lambda: recursive.count_calls((2, 3), 1, 1, "fast"), "method is 'fast'"),
    ],
)
def test_bad_input_is_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_softmax_is_refused_by_name():
    net = Network(NET.W, NET.b, (*NET.act[:3], softmax))
    for call in (lambda: recursive.gradient(net, X, Y, squared_error), lambda: recursive.matrices(net, x, 1)):
        with pytest.raises(
            ValueError, match="recursive wants elementwise activations, act\\[3\\] is softmax"
        ):
            call()


# ---- the figures


@pytest.mark.parametrize("weight", figures.WEIGHTS)
def test_the_paper_network_shows_the_complex_step(weight):
    k, j, i = figures.WEIGHTS[weight]
    net = figures.paper()
    wanted = [truth(net, np.ones(1))[l, k][q, j, i] for l, q in figures._PLACES]
    shown = [float(text.removeprefix("∂a = ")) for text in figures.influence(weight)["data"][4]["text"]]
    assert shown == pytest.approx(wanted, abs=1e-9)


def test_the_tree_shows_as_many_calls_as_are_counted():
    for method in recursive.METHODS:
        made = figures.call_tree(method)["data"][1]["x"]
        counted_calls = sum(x is not None for x in made)
        assert counted_calls == recursive.count_calls((3,) * 5, 4, 1, method)


def test_the_counted_curves_are_the_counts():
    layers = [1, 5, 10]
    times = {"layers": layers, "4": {name: [1.0, 2.0, 3.0] for name in figures.ROLES}}
    curves = {trace["name"]: trace["y"] for trace in figures.counted_and_timed("4", times)["data"][:6]}
    assert curves["naive"] == [1, 341, 349_525] and curves["memo"] == [1, 17, 37]
    assert curves["matrices"] == [4, 20, 40] and curves["tensor"] == curves["reverse"] == layers
