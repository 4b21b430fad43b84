"""The checkers, and that they fail when they should."""

import numpy as np
import pytest
from hypothesis import given
from networks import problems, random_data, random_network
from tolerances import TOL

from nnlib import costs
from nnlib.check import agreement, central_difference, complex_step, gradient_error
from nnlib.network import Gradient, flatten, forward, unflatten


def test_both_differentiate_scalars_and_arrays():
    x = np.array([[0.3, -0.7], [1.1, 2.0]])
    for derivative, bound in ((complex_step, 1e-15), (central_difference, TOL["central difference"])):
        assert agreement(derivative(lambda x: (x**3).sum(), x), 3 * x**2) <= bound
        assert derivative(lambda x: x @ x, x).shape == (2, 2, 2, 2)
        assert derivative(np.sin, 0.5) == pytest.approx(np.cos(0.5), rel=bound)


def by_central_difference(net, X, Y, cost):
    value = lambda theta: cost.value(forward(unflatten(net, theta), X).a[net.L], Y)
    step = unflatten(net, central_difference(value, flatten(net)))
    return Gradient(step.W, step.b)


@given(problems())
def test_gradient_error_passes_the_truth_and_fails_a_thousandth(problem):
    net, X, Y, cost = problem
    assert gradient_error(net, X, Y, cost, by_central_difference) <= 100 * TOL["central difference"]
    off = lambda *problem: 1.001 * by_central_difference(*problem)
    assert gradient_error(net, X, Y, cost, off) >= 5e-4


def test_gradient_error_sees_one_wrong_entry():
    net, (X, Y) = random_network((2, 3, 2)), random_data((2, 3, 2))

    def wrong(*problem):
        g = by_central_difference(*problem)
        b = g.b[1].copy()
        b[2] += 1e-3
        return Gradient(g.W, (None, b, g.b[2]))

    assert gradient_error(net, X, Y, costs.squared_error, wrong) > 1e-5


def test_agreement_is_relative_over_the_whole_gradient():
    assert agreement([1.0, 1e-9], [1.0, 0.0]) == pytest.approx(1e-9)
    assert agreement(np.zeros(3), np.zeros(3)) == 0
    assert agreement(np.ones(3), np.zeros(3)) == np.inf
    assert agreement({"a": 1.0, "b": 2.0}, {"b": 2.0, "a": 1.0}) == 0
    assert agreement(np.ones(3, complex), np.ones(3)) == 0


def test_agreement_refuses_what_cannot_be_compared():
    with pytest.raises(ValueError, match="g has 3 entries, h has 4"):
        agreement(np.ones(3), np.ones(4))
    with pytest.raises(ValueError, match="NaN"):
        agreement([np.nan], [1.0])
