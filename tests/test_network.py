"""The layered network: its checks, its forward pass, gradients as vectors."""

import numpy as np
import pytest
from networks import random_network

from nnlib.activations import identity, softmax, tanh
from nnlib.network import Gradient, Network, flatten, forward, init, unflatten

NET = random_network((2, 3, 1))


def layers(**changed):
    """The parts of a 2-3-1 network, some replaced: layers(W2=...)."""
    parts = {"W": list(NET.W), "b": list(NET.b), "act": list(NET.act)}
    for name, value in changed.items():
        parts[name[:-1]][int(name[-1])] = value
    return parts["W"], parts["b"], parts["act"]


def test_forward_is_the_equation():
    X = np.array([[1.0, -2.0], [0.5, 0.0]])
    z, a = forward(NET, X)
    assert z[0] is None and np.array_equal(a[0], X)
    for example in range(2):
        for i in range(3):
            z_i = sum(NET.W[1][i, j] * X[example, j] for j in range(2)) + NET.b[1][i]
            assert z[1][example, i] == pytest.approx(z_i) and a[1][example, i] == pytest.approx(np.tanh(z_i))


def test_a_network_cannot_be_changed_and_copies_what_it_got():
    W, b, act = layers()
    W[1] = np.ones((3, 2))
    net = Network(W, b, act)
    W[1][0, 0] = 7
    assert net.W[1][0, 0] == 1
    with pytest.raises(ValueError, match="read-only"):
        net.W[1][0, 0] = 7
    with pytest.raises(AttributeError):
        net.W = ()


@pytest.mark.parametrize(
    ("parts", "message"),
    [
        (layers(W2=np.ones((1, 4))), r"W\[2\] has shape \(1, 4\), wants \(n_2, 3\)"),
        (layers(b2=np.ones(2)), r"b\[2\] has shape \(2,\), wants \(1,\)"),
        (layers(W1=np.ones(3)), r"W\[1\] has shape \(3,\), wants \(n_1, n_0\)"),
        (layers(W1=np.full((3, 2), np.nan)), r"W\[1\] has NaN or infinity"),
        (layers(b1=np.full(3, np.inf)), r"b\[1\] has NaN or infinity"),
        (layers(W1=np.ones((3, 2), np.float32)), r"one float width"),
        (layers(W1=np.full((3, 2), "a")), r"W\[1\] wants numbers"),
        (layers(W1=[[1.0], [1.0, 2.0], [1.0]]), r"W\[1\] wants one array"),
        (layers(W0=np.ones((2, 2))), r"W\[0\], b\[0\] and act\[0\] want None"),
        (layers(act1="tan"), "activation 'tan' is unknown"),
        (layers(act1=np.tanh), r"act\[1\] wants an Activation or its name"),
        (layers(act1=softmax), r"act\[1\] is softmax, .* layer L only"),
        (((None,), (None,), (None,)), "want one length of at least 2"),
        (([None, np.ones((1, 0))], [None, np.ones(1)], [None, tanh]), r"W\[1\] is empty"),
    ],
)
def test_a_malformed_network_is_refused(parts, message):
    with pytest.raises(ValueError, match=message):
        Network(*parts)


@pytest.mark.parametrize(
    ("X", "message"),
    [
        (np.ones(2), r"X has shape \(2,\), wants \(B, 2\)"),
        (np.ones((4, 3)), r"X has shape \(4, 3\), wants \(B, 2\)"),
        (np.ones((0, 2)), "X is empty"),
        (np.array([[np.nan, 1]]), "X has NaN or infinity"),
        (np.ones((1, 2), np.float32), "one float width"),
        ([["a", "b"]], "X wants numbers"),
    ],
)
def test_malformed_inputs_are_refused(X, message):
    with pytest.raises(ValueError, match=message):
        forward(NET, X)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (((2,), tanh, np.random.default_rng(0)), "wants at least n_0 and n_1"),
        (((2, 0), tanh, np.random.default_rng(0)), r"sizes\[1\] is 0, wants at least 1"),
        (((2, 1.5), tanh, np.random.default_rng(0)), r"sizes\[1\] wants a whole number"),
        (((2, 1), tanh, 0), "rng wants a numpy Generator"),
        (((2, 3, 1), "tan", np.random.default_rng(0)), "activation 'tan' is unknown"),
    ],
)
def test_init_refuses_nonsense(arguments, message):
    with pytest.raises(ValueError, match=message):
        init(*arguments)


def test_init_scales_by_fan_in():
    net = init((400, 300, 1), tanh, np.random.default_rng(0))
    assert net.W[1].std() == pytest.approx(1 / 20, rel=0.02) and not net.b[1].any()
    assert net.act == (None, tanh, identity) and net.sizes == (400, 300, 1) and net.L == 2


def test_scalar_types_are_kept_and_integers_promoted():
    single = random_network((2, 3, 1), dtype=np.float32)
    assert forward(single, np.ones((1, 2), np.float32)).a[2].dtype == np.float32
    whole = Network((None, [[1, 2]]), (None, [0]), (None, "identity"))
    assert whole.dtype == np.float64 and whole.W[1].shape == (1, 2)
    assert forward(whole, [[1, 2]]).a[1].tolist() == [[5.0]]


def test_gradients_are_vectors():
    g = Gradient(NET.W, NET.b)
    v = flatten(g)
    assert np.allclose(flatten(2 * g + g * 3 - g / 2), 4.5 * v, rtol=1e-15)
    assert np.array_equal(flatten(np.float64(2) * g), 2 * v) and np.array_equal(
        flatten(g * np.float32(2)), 2 * v
    )
    assert np.array_equal(flatten(sum([g, g])), 2 * v) and np.array_equal(flatten(-g), -v)
    assert np.allclose(flatten(NET - 0.5 * g), 0.5 * v, rtol=1e-15) and np.array_equal(
        flatten(NET + g), 2 * v
    )


@pytest.mark.parametrize("other", [1, "a", np.ones(3), None])
def test_gradients_do_not_mix_with_other_things(other):
    g = Gradient(NET.W, NET.b)
    with pytest.raises(TypeError):
        g + other
    with pytest.raises(TypeError):
        NET + other


def test_a_step_of_another_shape_is_refused():
    other = random_network((2, 3, 3, 1))
    with pytest.raises(ValueError, match="3 layers do not fit 2"):
        NET + Gradient(other.W, other.b)
    with pytest.raises(ValueError, match=r"W\[1\] has shape \(4, 2\), wants \(3, 2\)"):
        other = random_network((2, 4, 1))
        Gradient(NET.W, NET.b) + Gradient(other.W, other.b)


def test_flatten_goes_layer_by_layer_and_back():
    v = flatten(NET)
    assert v[:6].tolist() == NET.W[1].ravel().tolist() and v[6:9].tolist() == NET.b[1].tolist()
    again = unflatten(NET, v + 1)
    assert np.array_equal(flatten(again), v + 1) and again.act == NET.act
    with pytest.raises(ValueError, match=r"vector has shape \(12,\), wants \(13,\)"):
        unflatten(NET, v[1:])
