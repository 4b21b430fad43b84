"""Optimizers: each rule against its formula, convergence where it is known, clear refusals."""

import numpy as np
import pytest
from networks import random_data, random_network

from nnlib.activations import identity
from nnlib.check import complex_step
from nnlib.network import Gradient, Network, flatten, forward, unflatten
from nnlib.optimizers import adam, gradient_descent, levenberg_marquardt, mini_batches, minimize, momentum

NET = Network((None, [[3.0, -2.0]]), (None, [1.0]), (None, identity))


def bowl(net):
    """C = sum theta^2 / 2: its gradient is theta."""
    return (flatten(net) ** 2).sum() / 2, Gradient(net.W, net.b)


def test_gradient_descent_shrinks_by_its_factor():
    net, history = minimize(bowl, NET, gradient_descent(0.1), 5)
    assert np.allclose(flatten(net), 0.9**5 * flatten(NET), rtol=1e-14)
    assert np.allclose(history, [7 * 0.81**n for n in range(5)], rtol=1e-14)


def test_momentum_is_its_recurrence():
    net, _ = minimize(bowl, NET, momentum(0.1, 0.5), 2)
    first = flatten(NET) - 0.1 * flatten(NET)
    assert np.allclose(flatten(net), first - 0.1 * (0.5 * flatten(NET) + first), rtol=1e-14)


def test_adam_takes_its_first_step_in_the_sign_of_the_gradient():
    net, _ = minimize(bowl, NET, adam(0.01), 1)
    assert np.allclose(flatten(net), flatten(NET) - 0.01 * np.sign(flatten(NET)), atol=1e-9)
    assert np.allclose(flatten(minimize(bowl, NET, adam(0.05), 2000)[0]), 0, atol=1e-3)


def test_float32_stays_float32():
    net = random_network((2, 1), dtype=np.float32)
    for method in (gradient_descent(0.1), momentum(0.1), adam(0.1)):
        assert minimize(bowl, net, method, 3)[0].dtype == np.float32


def test_callback_sees_every_step():
    seen = []
    minimize(bowl, NET, gradient_descent(0.1), 3, lambda n, C, net: seen.append((n, C, net.sizes)))
    assert [n for n, *_ in seen] == [0, 1, 2] and seen[0][1:] == (7.0, (2, 1))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: gradient_descent(0), "eta is 0"),
        (lambda: gradient_descent(np.nan), "eta is nan"),
        (lambda: momentum(0.1, 1.0), "mu is 1.0, wants 0 <= mu < 1"),
        (lambda: adam(0.1, beta2=1), "beta2 is 1"),
        (lambda: minimize(bowl, NET, "adam", 1), "method wants gradient_descent"),
        (lambda: minimize(bowl, NET, adam(), 0), "steps is 0, wants at least 1"),
        (lambda: minimize(lambda net: (np.nan, bowl(net)[1]), NET, adam(), 1), "C is nan at step 0"),
        (
            lambda: levenberg_marquardt(lambda net: (np.ones(2), np.ones((2, 2))), NET, 1),
            r"dr_dtheta has shape \(2, 2\)",
        ),
        (lambda: mini_batches(bowl, np.ones(3), np.ones(2), 1, None), "X has 3 rows, Y has 2"),
        (lambda: mini_batches(bowl, np.ones(3), np.ones(3), 4, None), "size is 4, wants 1..3"),
    ],
)
def test_nonsense_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_mini_batches_visit_every_row_once_an_epoch():
    rows = np.arange(7)
    seen = mini_batches(lambda net, X, Y: (X, Y), rows, 10 * rows, 3, np.random.default_rng(0))
    first, second = [np.concatenate([seen(NET)[0] for _ in range(3)]) for _ in range(2)]
    assert sorted(first) == sorted(second) == list(rows) and list(first) != list(second)
    assert all(np.array_equal(Y, 10 * X) for X, Y in (seen(NET) for _ in range(3)))
    again = mini_batches(lambda net, X, Y: X, rows, rows, 3, np.random.default_rng(0))
    assert np.array_equal(np.concatenate([again(NET) for _ in range(3)]), first)


def test_levenberg_marquardt_solves_a_linear_fit_and_a_curved_one():
    net, (X, Y) = random_network((2, 4, 1), seed=3), random_data((2, 4, 1), B=9)

    def residuals(net):
        r = lambda theta: (forward(unflatten(net, theta), X).a[2] - Y).ravel()
        return r(flatten(net)), complex_step(r, flatten(net))

    _, history = levenberg_marquardt(residuals, net, 100)
    assert np.all(np.diff(history) <= 0) and history[-1] < 1e-8 * history[0]
    A, y = np.random.default_rng(0).standard_normal((5, 3)), np.ones(5)
    best, _ = levenberg_marquardt(lambda net: (A @ flatten(net) - y, A), NET, 30)
    assert np.allclose(flatten(best), np.linalg.lstsq(A, y, rcond=None)[0], atol=1e-6)
