"""nnlib.fast against its clear twins: the same numbers, from arrays that are there already."""

import tracemalloc

import numpy as np
import pytest

from nnlib import (
    activations,
    bptt,
    costs,
    double_backprop,
    fast,
    gradient_backprop,
    index_backprop,
    jacobian,
    network,
)
from nnlib.activations import Activation, identity, relu, sigmoid, sine, softmax, softplus, tanh
from nnlib.check import agreement
from nnlib.costs import Cost
from nnlib.fast.table import TableTanh
from nnlib.network import Gradient, Network, flatten
from nnlib.optimizers import adam
from tests.tolerances import TOL

ACTS = (tanh, sigmoid, relu, sine, softplus, identity)
COSTS = (costs.squared_error, costs.half_squared_error, costs.mean_squared_error, costs.softmax_cross_entropy)
CUBE = Activation("cube", lambda z: z**3, lambda z: 3 * z**2, lambda z: 6 * z)  # a user's own
QUARTIC = Cost("quartic", lambda a, Y: ((a - Y) ** 4).sum(), lambda a, Y: 4 * (a - Y) ** 3)
WIDE = (5, 40, 30, 3)  # with 64 rows wide enough for the table of tanh


def problem(sizes, act=tanh, out=identity, B=6, dtype=np.float64, seed=0):
    """A network with random biases, X and positive targets Y whose rows sum to one."""
    net = network.unflatten(
        network.init(sizes, act, np.random.default_rng(seed), out),
        np.random.default_rng(seed).standard_normal(sum(m * (n + 1) for n, m in zip(sizes, sizes[1:]))) / 3,
    )
    rng = np.random.default_rng(seed + 1)
    net = Network(*([None, *(p.astype(dtype) for p in of[1:])] for of in (net.W, net.b)), net.act)
    Y = rng.dirichlet(np.ones(sizes[-1]), B) if sizes[-1] > 1 else rng.standard_normal((B, 1))
    return net, rng.standard_normal((B, sizes[0])).astype(dtype), Y.astype(dtype)


def slopes_target(net, X, seed=2):
    return np.random.default_rng(seed).standard_normal((len(X), net.sizes[-1], net.sizes[0])).astype(X.dtype)


def sequences(sizes, n_y, n_r, act=tanh, out=tanh, B=3, T=7, dtype=np.float64):
    cell, _, _ = problem(sizes, act, out, dtype=dtype)
    rng = np.random.default_rng(5)
    rnn = bptt.RNN(cell, n_y, n_r)
    return rnn, *(rng.standard_normal((B, T, n)).astype(dtype) for n in (rnn.n_x, n_y))


def same(fast_result, C, gradient, tolerance="identical"):
    """The two agree in cost and gradient, to the bound for identical mathematics."""
    fast_C, fast_gradient = fast_result
    assert abs(fast_C - C) <= TOL[tolerance] * max(abs(C), 1)
    assert agreement(fast_gradient, gradient) <= TOL[tolerance]


def clear_mlp(net, X, Y, cost):
    C = cost.value(network.forward(net, X).a[-1], Y)
    return C, index_backprop.matrix_gradient(net, X, Y, cost)


def clear_bptt(rnn, X, Y, cost):
    y = bptt.forward(rnn, X).y
    return cost.value(y.reshape(-1, rnn.n_y), Y.reshape(-1, rnn.n_y)), bptt.bptt(rnn, X, Y, cost)


@pytest.mark.parametrize("cost", [*COSTS, QUARTIC], ids=lambda cost: cost.name)
@pytest.mark.parametrize("act", [*ACTS, CUBE], ids=lambda act: act.name)
def test_mlp_is_the_backward_pass_of_chapter_2(act, cost):
    for sizes, B in (((2, 3, 4, 2), 6), (WIDE, 64)):
        net, X, Y = problem(sizes, act, B=B)
        same(fast.MLP(net, cost, B)(X, Y), *clear_mlp(net, X, Y, cost))


@pytest.mark.parametrize("out", ACTS, ids=lambda act: act.name)
def test_any_elementwise_activation_may_stand_on_top(out):
    net, X, Y = problem((3, 4, 2), tanh, out)
    same(fast.MLP(net, costs.squared_error, 6)(X, Y), *clear_mlp(net, X, Y, costs.squared_error))
    dY_dx = slopes_target(net, X)
    same(
        fast.Sobolev(net, 6)(X, Y, dY_dx),
        *gradient_backprop.sobolev_gradient(net, X, Y, dY_dx),
    )
    assert agreement(fast.Jacobian(net, 6).inputs(X), jacobian.inputs(net, X)) <= TOL["identical"]
    same_jacobians(net, X)


def test_at_the_kink_relu_takes_the_same_side():
    net = Network((None, np.eye(2)), (None, np.zeros(2)), (None, relu))
    X, Y = np.array([[0.0, -0.0]]), np.array([[1.0, 1.0]])
    same(fast.MLP(net, costs.squared_error, 1)(X, Y), *clear_mlp(net, X, Y, costs.squared_error))


@pytest.mark.parametrize("act", [*ACTS, CUBE], ids=lambda act: act.name)
@pytest.mark.parametrize("sizes", [(1, 5, 4, 1), (2, 5, 3), (4, 5, 6, 1), (5, 4, 4, 2), (3, 1)], ids=str)
def test_sobolev_is_the_backward_pass_of_chapter_6(sizes, act):
    net, X, Y = problem(sizes, act)
    dY_dx = slopes_target(net, X)
    for alpha, beta in ((1, 1), (0.5, 2)):
        clear = gradient_backprop.sobolev_gradient(net, X, Y, dY_dx, alpha, beta)
        same(fast.Sobolev(net, 6, alpha, beta)(X, Y, dY_dx), *clear)
    same(
        fast.Sobolev(net, 6, alpha=0)(X, None, dY_dx),
        *gradient_backprop.sobolev_gradient(net, X, None, dY_dx, alpha=0),
    )
    same(
        fast.Sobolev(net, 6, beta=0)(X, Y, None),
        *gradient_backprop.sobolev_gradient(net, X, Y, None, beta=0),
    )


@pytest.mark.parametrize("sizes", [(1, 6, 6, 1), (6, 5, 1)], ids=str)
def test_sobolev_adds_up_its_blocks(sizes, monkeypatch):
    monkeypatch.setattr("nnlib.fast.sobolev._CACHE", 1)  # blocks of 32 rows or a little less
    net, X, Y = problem(sizes, B=101)
    dY_dx = slopes_target(net, X)
    work = fast.Sobolev(net, 101)
    assert len(work._blocks) == 4
    for _ in range(2):
        same(work(X, Y, dY_dx), *gradient_backprop.sobolev_gradient(net, X, Y, dY_dx))


def test_reverse_slopes_are_those_of_the_double_backward_pass():
    net, X, Y = problem((6, 5, 4, 2))
    dY_dx = slopes_target(net, X)
    trace = double_backprop.slopes(net, X)
    clear = double_backprop.gradient(net, trace, 2 * (trace.a[-1] - Y), 2 * (trace.Q[0] - dY_dx))
    assert agreement(fast.Sobolev(net, 6)(X, Y, dY_dx)[1], clear) <= TOL["identical"]


@pytest.mark.parametrize("cost", [*COSTS, QUARTIC], ids=lambda cost: cost.name)
@pytest.mark.parametrize(
    ("sizes", "n_y", "n_r"),
    [((5, 3), 2, 3), ((5, 4), 2, 3), ((4, 6, 5), 2, 2), ((5, 4, 3, 4), 4, 4), ((3, 3), 2, 1), ((3, 2), 2, 0)],
    ids=str,
)
def test_bptt_is_that_of_chapter_5(sizes, n_y, n_r, cost):
    for T in (1, 7):
        rnn, X, Y = sequences(sizes, n_y, n_r, T=T)
        work = fast.BPTT(rnn, cost, 3, T)
        for _ in range(3):
            same(work(X, Y), *clear_bptt(rnn, X, Y, cost))


@pytest.mark.parametrize("act", [*ACTS, CUBE], ids=lambda act: act.name)
def test_bptt_takes_every_activation(act):
    rnn, X, Y = sequences((5, 4, 4), 2, 3, act, tanh)
    same(fast.BPTT(rnn, costs.squared_error, 3, 7)(X, Y), *clear_bptt(rnn, X, Y, costs.squared_error))
    rnn, X, Y = sequences((4, 3), 2, 1, out=act)
    same(fast.BPTT(rnn, costs.squared_error, 3, 7)(X, Y), *clear_bptt(rnn, X, Y, costs.squared_error))


def test_a_wide_recurrent_network_uses_the_table():
    rnn, X, Y = sequences((70, 64), 3, 64, B=40)
    assert 40 * 64 > 2048
    same(fast.BPTT(rnn, costs.squared_error, 40, 7)(X, Y), *clear_bptt(rnn, X, Y, costs.squared_error))


def same_jacobians(net, X):
    work, clear = fast.Jacobian(net, len(X)), jacobian.parameters(net, X)
    for _ in range(2):
        found = work.parameters(X)
        for ours, theirs in zip((*found.W[1:], *found.b[1:]), (*clear.W[1:], *clear.b[1:])):
            assert ours.shape == theirs.shape
            assert agreement(ours, theirs) <= TOL["identical"]
    assert agreement(work.inputs(X), jacobian.inputs(net, X)) <= TOL["identical"]


@pytest.mark.parametrize("act", [*ACTS, CUBE], ids=lambda act: act.name)
@pytest.mark.parametrize("sizes", [(2, 3, 4, 2), (9, 4, 3), (3, 2), (8, 8, 7, 1)], ids=str)
def test_jacobians_are_those_of_chapter_4(sizes, act):
    for B in (1, 6, 8):
        net, X, _ = problem(sizes, act, B=B)
        same_jacobians(net, X)


def test_adam_takes_the_same_steps():
    rng = np.random.default_rng(3)
    theta = rng.standard_normal(50)
    clear, state, method = theta.copy(), None, adam(0.01, 0.8, 0.99, 1e-3)
    moving = fast.Adam(theta, 0.01, 0.8, 0.99, 1e-3)
    for _ in range(200):
        g = rng.standard_normal(50)
        step, state = method.step(g, state)
        clear = clear + step
        moving.step(g)
    assert moving.theta is theta
    assert agreement(theta, clear) <= TOL["identical"]


def test_the_table_is_tanh():
    z = np.concatenate(
        [np.linspace(-25, 25, 100_001), [0.0, 1e-300, 1e-9, 700, 1e5, 1e15, 4e15, 1e16, 1e300]]
    )
    z = np.concatenate([z, -z])
    out = np.empty_like(z)
    TableTanh(z.size)(z, out)
    assert np.abs(out - np.tanh(z)).max() <= 2 * np.finfo(float).eps
    TableTanh(z.size)(z, z)
    np.testing.assert_array_equal(z, out)


def small_workspaces(dtype=np.float64, B=64):
    """One work space of each kind, as functions of nothing that call it, and what each shows: name, call, work."""
    net, X, Y = problem(WIDE, B=B, dtype=dtype)
    for cost in COSTS:
        work = fast.MLP(net, cost, B)
        yield f"MLP {cost.name}", lambda work=work: work(X, Y), work
    for act in (sigmoid, relu, sine):
        other = Network(net.W, net.b, (None, act, act, identity))
        work = fast.MLP(other, costs.squared_error, B)
        yield f"MLP {act.name}", lambda work=work: work(X, Y), work
    rnn, S, R = sequences((40, 32), 3, 32, B=B, T=9, dtype=dtype)
    recurrent = fast.BPTT(rnn, costs.half_squared_error, B, 9)
    yield "BPTT", lambda: recurrent(S, R), recurrent
    for sizes in ((1, 32, 32, 1), (7, 32, 32, 1)):
        slope_net, U, V = problem(sizes, B=300, dtype=dtype)
        target = slopes_target(slope_net, U)
        sobolev = fast.Sobolev(slope_net, 300)
        yield f"Sobolev {sizes}", lambda s=sobolev, U=U, V=V, t=target: s(U, V, t), sobolev
    work_J = fast.Jacobian(net, B)
    yield "Jacobian parameters", lambda: work_J.parameters(X), work_J
    yield "Jacobian inputs", lambda: work_J.inputs(X), work_J
    moving = fast.Adam(np.ones(5000, dtype))
    g = np.full(5000, 0.5, dtype)
    yield "Adam", lambda: moving.step(g), None


KINDS = [name for name, *_ in small_workspaces()]


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("kind", KINDS)
def test_no_call_after_the_first_allocates_an_array(kind, dtype):
    call = next(call for name, call, _ in small_workspaces(dtype) if name == kind)
    call(), call()
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        call()
        peak = tracemalloc.get_traced_memory()[1] - before
    finally:
        tracemalloc.stop()
    # The peak of all that is alive at once: Python's small objects, up to 1.6 kB of them, and no array of the batch,
    # of which none here is below 2 kB.
    assert peak < 2048


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "Adam"])
def test_many_calls_leave_no_trace(kind, dtype):
    """The same numbers at the thousandth call, and after the parameters went elsewhere and came back."""
    call, work = next((call, work) for name, call, work in small_workspaces(dtype) if name == kind)
    first = [np.copy(array) for array in arrays_of(call())]
    start = work.theta.copy()
    for _ in range(30):
        call()
    work.theta *= 2
    call()
    work.theta = start
    for again, array in zip(arrays_of(call()), first, strict=True):
        assert again.dtype == dtype
        np.testing.assert_array_equal(again, array)


def arrays_of(result) -> list:
    """All arrays of a result, in one list."""
    if isinstance(result, np.ndarray):
        return [result]
    if isinstance(result, tuple):
        result = result[1]
    return [array for array in (*result.W, *result.b) if array is not None]


def test_float32_is_that_of_the_clear_form():
    net, X, Y = problem(WIDE, B=16, dtype=np.float32)
    same(fast.MLP(net, costs.squared_error, 16)(X, Y), *clear_mlp(net, X, Y, costs.squared_error), "float32")


def test_a_training_run_is_that_of_the_clear_form():
    """200 steps of Adam on values and slopes: the parameters move in place, and end where the clear ones do."""
    net, X, Y = problem((1, 8, 8, 1), B=20)
    dY_dx = slopes_target(net, X)
    work = fast.Sobolev(net, 20)
    moving = fast.Adam(work.theta, 0.003)
    clear, state, method = net, None, adam(0.003)
    for _ in range(200):
        work(X, Y, dY_dx)
        moving.step(work.dC_dtheta)
        g = flatten(gradient_backprop.sobolev_gradient(clear, X, Y, dY_dx)[1])
        step, state = method.step(g, state)
        clear = network.unflatten(clear, flatten(clear) + step)
    assert np.abs(flatten(net) - work.theta).max() > 0.1
    # Adam divides by the root of v: rounding of a small gradient is amplified at every step.
    assert agreement(flatten(work.network()), flatten(clear)) <= 100 * TOL["identical"]


def test_results_are_views_and_copies_keep_them():
    net, X, Y = problem((2, 3, 2))
    work = fast.MLP(net, costs.squared_error, 6)
    _, gradient = work(X, Y)
    kept, vector = gradient.W[1].copy(), work.dC_dtheta.copy()
    assert isinstance(gradient, Gradient)
    assert np.shares_memory(gradient.W[1], work.dC_dtheta)
    np.testing.assert_array_equal(flatten(gradient), vector)
    work(X + 1, Y)
    assert (gradient.W[1] != kept).all()
    same(
        (0, Gradient((None, kept, gradient.W[2]), gradient.b)),
        0,
        Gradient((None, kept, gradient.W[2]), gradient.b),
    )


def test_the_network_it_was_made_from_stays():
    net, X, Y = problem((2, 3, 2))
    before = flatten(net)
    work = fast.MLP(net, costs.squared_error, 6)
    work.theta -= 0.1 * work.dC_dtheta
    work.theta += 1
    np.testing.assert_array_equal(flatten(net), before)
    np.testing.assert_array_equal(flatten(work.network()), before + 1)
    clear = clear_mlp(work.network(), X, Y, costs.squared_error)
    same(work(X, Y), *clear)


def test_inputs_need_not_be_contiguous():
    net, X, Y = problem((2, 3, 2), B=12)
    work = fast.MLP(net, costs.squared_error, 6)
    same(work(X[::2], np.asfortranarray(Y[::2])), *clear_mlp(net, X[::2], Y[::2], costs.squared_error))


NET, X0, Y0 = problem((2, 3, 2))
RNN0, S0, R0 = sequences((5, 3), 2, 3)
SQUARED = costs.squared_error


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: fast.MLP("net", SQUARED, 6), "net wants a Network, got 'net'"),
        (lambda: fast.MLP(NET, "cost", 6), "cost wants a Cost, got 'cost'"),
        (lambda: fast.MLP(NET, SQUARED, 0), "B is 0, wants at least 1"),
        (lambda: fast.MLP(network.init((2, 2), tanh, np.random.default_rng(0), softmax), SQUARED, 6), "softmax"),
        (lambda: fast.MLP(Network((None, 1j * np.eye(2)), (None, np.zeros(2)), (None, tanh)), SQUARED, 1), "float64"),
        (lambda: fast.BPTT(NET, SQUARED, 3, 7), "rnn wants an RNN"),
        (lambda: fast.BPTT(RNN0, SQUARED, 3, 0), "T is 0, wants at least 1"),
        (lambda: fast.Sobolev(NET, 6, alpha=np.inf), "alpha has NaN or infinity"),
        (lambda: fast.Sobolev(NET, 6, beta=np.nan), "beta has NaN or infinity"),
        (lambda: fast.Sobolev(NET, 6)(X0, None, np.ones((6, 2, 2))), "Y is None"),
        (lambda: fast.Sobolev(NET, 6)(X0, Y0, None), "dY_dx is None"),
        (lambda: fast.Sobolev(NET, 6)(X0, Y0, np.ones((6, 2))), r"dY_dx has shape \(6, 2\)"),
        (lambda: fast.Sobolev(problem((2, 2, 2), Activation("a", np.sin, np.cos))[0], 6), "no d2f"),
        (lambda: fast.Adam(np.ones(3), eta=-1), "eta is -1"),
        (lambda: fast.Adam([1.0, 2.0]), "theta wants a vector"),
        (lambda: fast.Adam(np.ones(3)).step(np.ones(4)), r"g has shape \(4,\)"),
        (lambda: fast.MLP(NET, SQUARED, 6)(X0[:5], Y0), r"X has shape \(5, 2\) and dtype float64, .* \(6, 2\)"),
        (lambda: fast.MLP(NET, SQUARED, 6)(X0, Y0[:, :1]), r"Y has shape \(6, 1\)"),
        (lambda: fast.MLP(NET, SQUARED, 6)(X0.astype(np.float32), Y0), "X has shape .* dtype float32"),
        (lambda: fast.MLP(NET, SQUARED, 6)(X0.tolist(), Y0), "X is a list"),
        (lambda: fast.BPTT(RNN0, SQUARED, 3, 7)(S0[:, :-1], R0), r"X has shape \(3, 6, 2\)"),
        (lambda: fast.Jacobian(NET, 6).inputs(X0[:3]), r"X has shape \(3, 2\)"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)  # fmt: skip
def test_errors_name_the_symbol(call, message):
    with pytest.raises(ValueError, match=message):
        call()


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("act", ACTS, ids=lambda act: act.name)
@pytest.mark.filterwarnings("ignore:invalid value:RuntimeWarning", "ignore:overflow:RuntimeWarning")
def test_nan_and_infinity_are_errors_also_behind_a_saturated_activation(act, bad):
    for sizes, B in (((2, 3, 2), 6), (WIDE, 64)):
        net, X, Y = problem(sizes, act, out=act, B=B)
        rnn, S, R = sequences((5, 3), 2, 3, act)
        J = fast.Jacobian(net, B)
        for work, data in (
            (fast.MLP(net, SQUARED, B), (X, Y)),
            (fast.Sobolev(net, B), (X, Y, slopes_target(net, X))),
            (fast.BPTT(rnn, SQUARED, 3, 7), (S, R)),
            (J.inputs, (X,)),
            (J.parameters, (X,)),
        ):
            for broken in range(len(data)):
                given = [array.copy() for array in data]
                given[broken][(1,) * given[broken].ndim] = bad
                with pytest.raises(ValueError, match="has NaN or infinity"):
                    work(*given)
            work(*data)


def test_a_cost_that_leaves_the_finite_numbers_is_an_error():
    net, X, Y = problem((2, 3, 2))
    work = fast.MLP(net, SQUARED, 6)
    work.theta *= 1e200
    with (
        np.errstate(over="ignore", invalid="ignore"),
        pytest.raises(ValueError, match="C is inf, though theta"),
    ):
        work(X, Y)
    work.theta = np.ones_like(work.theta)
    work.theta[0] = np.nan
    with pytest.raises(ValueError, match="theta has NaN or infinity"):
        work(X, Y)
    with pytest.raises(ValueError, match="theta has shape"):
        work.theta = np.ones(3)


def test_the_names_are_the_activations_of_the_vocabulary():
    """A user's own with a known name is not taken for ours."""
    own = Activation("tanh", np.sin, np.cos, activations.sine.d2f)
    net, X, Y = problem((2, 3, 2), own)
    same(fast.MLP(net, SQUARED, 6)(X, Y), *clear_mlp(net, X, Y, SQUARED))
