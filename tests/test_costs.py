"""Costs and the L2 penalty: derivatives, sums over the batch, huge logits."""

import numpy as np
import pytest
from networks import COSTS, random_network
from tolerances import TOL

from nnlib.check import agreement, complex_step
from nnlib.costs import (
    half_squared_error,
    l2,
    mean_squared_error,
    softmax_cross_entropy,
    squared_error,
    targets,
)
from nnlib.network import flatten, unflatten

RNG = np.random.default_rng(0)
A, Y, V = RNG.standard_normal((2, 3)), RNG.dirichlet(np.ones(3), size=2), RNG.standard_normal((2, 3))


@pytest.mark.parametrize("cost", COSTS, ids=lambda cost: cost.name)
def test_da_is_the_complex_step_of_the_value_and_d2a_that_of_da(cost):
    assert agreement(cost.da(A, Y), complex_step(lambda a: cost.value(a, Y), A)) <= TOL["complex step"]
    along = complex_step(lambda t: cost.da(A + t * V, Y), 0.0)
    assert agreement(cost.d2a(A, Y, V), along) <= TOL["complex step"]
    assert cost.da(A.astype(np.float32), Y.astype(np.float32)).dtype == np.float32


def test_costs_sum_over_the_batch_and_differ_by_their_factor():
    assert squared_error.value(A, Y) == pytest.approx(((A - Y) ** 2).sum())
    assert half_squared_error.value(A, Y) == pytest.approx(squared_error.value(A, Y) / 2)
    assert mean_squared_error.value(A, Y) == pytest.approx(squared_error.value(A, Y) / 3)


def test_cross_entropy_is_finite_and_right_for_huge_logits():
    logits = np.array([[1e3, -1e3, 0.0]])
    hit, missed = np.eye(3)[[0]], np.eye(3)[[1]]
    assert softmax_cross_entropy.value(logits, hit) == 0
    assert softmax_cross_entropy.value(logits, missed) == 2000
    assert softmax_cross_entropy.da(logits, missed).tolist() == [[1, -1, 0]]
    slope = complex_step(lambda a: softmax_cross_entropy.value(a, missed), logits)
    assert slope.tolist() == [[1, -1, 0]]


@pytest.mark.parametrize("biases", [False, True])
def test_l2_is_its_own_complex_step(biases):
    net = random_network((2, 3, 1))
    value, gradient = l2(net, 0.3, biases)
    slope = complex_step(lambda theta: l2(unflatten(net, theta), 0.3, biases)[0], flatten(net))
    assert agreement(flatten(gradient), slope) <= TOL["complex step"]
    assert value == pytest.approx(
        0.3 * sum((W**2).sum() for W in net.W[1:])
        + (0.3 * sum((b**2).sum() for b in net.b[1:]) if biases else 0)
    )


def test_l2_keeps_float32_and_refuses_a_negative_factor():
    value, gradient = l2(random_network((2, 3, 1), dtype=np.float32), 0.1)
    assert value.dtype == np.float32 and gradient.W[1].dtype == gradient.b[2].dtype == np.float32
    for lam in (-1, np.nan):
        with pytest.raises(ValueError, match="lam is"):
            l2(random_network((2, 1)), lam)


@pytest.mark.parametrize(
    "wrong",
    [np.ones((3, 3)), np.ones((2, 1)), np.ones(3), np.full((2, 3), np.nan), np.ones((2, 3), np.float32)],
)
def test_targets_have_exactly_the_outputs_shape_and_type(wrong):
    with pytest.raises(ValueError, match="Y has"):
        targets("Y", wrong, A)
