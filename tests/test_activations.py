"""Activations: exact derivatives, finite and right far out, every scalar type kept."""

import mpmath
import numpy as np
import pytest
from tolerances import TOL

from nnlib.activations import Activation, get, identity, relu, sigmoid, sine, softmax, softplus, tanh
from nnlib.check import agreement, complex_step

SMOOTH = (tanh, sigmoid, softplus, sine, identity)
ORDERS = range(3)
POINTS = np.array([-1e3, -700.0, -40.0, -3.0, -0.2, 0.0, 0.2, 3.0, 40.0, 700.0, 1e3])


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("act", (*SMOOTH, relu), ids=lambda act: act.name)
def test_each_derivative_is_the_complex_step_of_the_one_before(act, order):
    points = POINTS[POINTS != 0] if act is relu else POINTS
    for z in points:
        slope = complex_step(act.derivative(order), z)
        value = act.derivative(order + 1)(np.asarray(z))
        assert np.isfinite(value)
        assert abs(value - slope) <= TOL["complex step"] * abs(slope) + 1e-300


@pytest.mark.parametrize(
    ("act", "truth"),
    [
        (tanh, mpmath.tanh),
        (sigmoid, lambda z: 1 / (1 + mpmath.exp(-z))),
        (softplus, lambda z: mpmath.log(1 + mpmath.exp(z))),
    ],
    ids=lambda value: getattr(value, "name", ""),
)
@pytest.mark.parametrize("order", range(4))
def test_far_out_values_keep_their_digits(act, truth, order):
    with mpmath.workdps(1000):
        for z in (-300.0, -40.0, -1.5, 1.5, 40.0, 300.0):
            # mpmath differentiates numerically with an error far below double precision here.
            wanted = float(mpmath.diff(truth, z, order))
            assert float(act.derivative(order)(np.array(z))) == pytest.approx(wanted, rel=TOL["identical"])


@pytest.mark.parametrize("act", (*SMOOTH, relu), ids=lambda act: act.name)
@pytest.mark.parametrize("dtype", (np.float32, np.float64, np.complex128))
def test_the_scalar_type_is_kept(act, dtype):
    z = np.linspace(-2, 2, 5).astype(dtype)
    for order in range(4):
        assert act.derivative(order)(z).dtype == dtype


def test_relu_at_its_kink_takes_the_right_hand_derivative():
    assert relu.df(np.array([-1.0, 0.0, 1.0])).tolist() == [0, 1, 1]


def test_softmax_is_finite_for_huge_logits_and_its_jacobian_is_the_complex_step():
    a = softmax.f(np.array([[1e3, -1e3, 999.0]]))
    assert np.isfinite(a).all() and a.sum() == pytest.approx(1)
    z = np.array([0.3, -1.2, 2.0])
    truth = complex_step(lambda z: softmax.f(z[None])[0], z)
    assert agreement(softmax.jacobian(softmax.f(z[None]))[0], truth) <= TOL["complex step"]
    assert softmax.jacobian(softmax.f(z[None].astype(np.float32))).dtype == np.float32


def test_get_knows_the_names_and_names_the_unknown():
    assert get("tanh") is tanh and get("softmax") is softmax
    with pytest.raises(ValueError, match="activation 'tan' is unknown, wants one of tanh"):
        get("tan")


def test_a_missing_derivative_is_named():
    square = Activation("square", lambda z: z**2, lambda z: 2 * z)
    with pytest.raises(ValueError, match="activation 'square' has no d2f"):
        square.derivative(2)
    with pytest.raises(ValueError, match="df of activation 'broken' wants a function"):
        Activation("broken", np.sin, None)
