"""Each trick of nnlib.fast turned off, alone: the same work space, one small function put back to its clear form."""

from collections.abc import Callable
from functools import partial
from unittest.mock import patch

import numpy as np

from benchmarks.problems import Layered, Recurrent
from nnlib import activations, fast
from nnlib.arrays import as_array
from nnlib.fast import inplace, slopes, sobolev
from nnlib.network import flatten
from nnlib.optimizers import adam

LARGE = partial(Layered, (784, 128, 64, 10), 64, classes=True)
SMALL = partial(Layered, (2, 16, 16, 1), 32)
NARROW = partial(Layered, (2, 32, 32, 3), 256)
OUTPUTS = partial(Layered, (2, 32, 10), 256)
SLOPES = partial(Layered, (1, 64, 64, 64, 1), 1024)
FEW_ROWS = partial(Layered, (1, 32, 32, 1), 128)
MANY_ROWS = partial(Layered, (1, 64, 64, 64, 1), 8192)
INPUTS = partial(Layered, (8, 64, 64, 64, 1), 128)
SEQUENCES = partial(Recurrent, 128, 50)


def mlp(p, kind=fast.MLP) -> Callable:
    work = kind(p.net, p.cost, p.B)
    return lambda: work(p.X, p.Y)[1]


def bptt(p, kind=fast.BPTT) -> Callable:
    work = kind(p.rnn, p.cost, p.B, p.T)
    return lambda: work(p.X, p.Y)[1]


def values_and_slopes(p) -> Callable:
    work = fast.Sobolev(p.net, p.B)
    return lambda: work(p.X, p.Y, p.dY_dx)[1]


def jacobian(p, kind=fast.Jacobian) -> Callable:
    work = kind(p.net, p.B)
    return lambda: work.parameters(p.X)


class FreshArrays(fast.MLP):
    """A new array for every result of the forward pass."""

    def _forward(self):
        for l in range(1, len(self.a)):
            self.a[l] = self._z[l] = self.a[l - 1] @ self.W[l].T + self.b[l]
            self._act[l].f(self._z[l], self.a[l])


class FullChecks(fast.MLP):
    """Every entry of everything looked at in every call."""

    def __call__(self, X, Y):
        for name, array in (("theta", self.theta), ("X", X), ("Y", Y)):
            as_array(name, array)
        return super().__call__(X, Y)


class StepByStep(fast.BPTT):
    """A product for each time step in place of one for all times."""

    def _gradients(self):
        total = 0
        for time in self._times:
            total = total + time.delta[1].T @ time.u
        self._dC_dpacked[...] = total
        self.gradient.W[1][...] = total[:, :-1]
        self.gradient.b[1][...] = total[:, -1]


class InputsApart(fast.BPTT):
    """The input's product and the state's product and the bias one by one at every step."""

    def _step(self, time):
        n_x = self.rnn.n_x
        x, r = time.u[:, :n_x], time.u[:, n_x:-1]
        time.z[1][...] = x @ self.W[1][:, :n_x].T + r @ self.W[1][:, n_x:].T + self.b[1]
        self._act[1].f(time.z[1], time.a[1])
        if time.next_r is not None:
            np.copyto(time.next_r, time.r)


class FullProducts(fast.Jacobian):
    """D[L] as any other D[l], though under a linear output it is the identity."""

    def _times_weights(self, l, out):
        rows = out.shape[0] * out.shape[1]
        np.dot(self._D[l].reshape(rows, -1), self.W[l], out.reshape(rows, -1))


def lane_by_lane(self, X):
    """ForwardSlopes.forward with a product for each lane."""
    np.copyto(self.upper[0][0], X)
    for l in range(1, self.L + 1):
        for above, below in zip(self.upper[l], self.upper[l - 1]):
            np.dot(below, self.WT[l], above)
        self.activate(l)
        if not self.linear[l]:
            self.times_slope(l, self.upper[l][1:])


def clear_adam(p) -> Callable:
    g, method, state = flatten(p.net), adam(), [None]
    theta = [flatten(p.net)]

    def step():
        change, state[0] = method.step(g, state[0])
        theta[0] = theta[0] + change
        return theta

    return step


def fast_adam(p) -> Callable:
    g, moving = flatten(p.net), fast.Adam(flatten(p.net))

    def step():
        moving.step(g)
        return [moving.theta]

    return step


def made_with(target, name, value, make: Callable) -> Callable:
    """What `make` returns with one function replaced, while it is made and whenever it is called."""
    with patch.object(target, name, value):
        function = make()

    def call():
        with patch.object(target, name, value):
            return function()

    return call


def _without_tanh_in_place(make: Callable) -> Callable:
    others = {key: kind for key, kind in inplace._IN_PLACE.items() if key != id(activations.tanh)}
    with patch.object(inplace, "_IN_PLACE", others):
        return make()


def _without(target, name, value, make: Callable) -> Callable:
    """What `make` returns with one thing replaced while it is made and first called, when it makes its arrays."""
    with patch.object(target, name, value):
        function = make()
        function()
    return function


# name -> (what it is done on, with it, without it)
TRICKS: dict[str, tuple[str, Callable, Callable]] = {
    "arrays made once": ("MLP 2-16-16-1 b32", lambda: mlp(SMALL()), lambda: mlp(SMALL(), FreshArrays)),
    "checks on the result": ("MLP 2-16-16-1 b32", lambda: mlp(SMALL()), lambda: mlp(SMALL(), FullChecks)),
    "f' from a, in place": (
        "MLP 784-128-64-10 b64",
        lambda: mlp(LARGE()),
        lambda: _without_tanh_in_place(lambda: mlp(LARGE())),
    ),
    "tanh from a table": (
        "slopes 1-64-64-64-1 b1024",
        lambda: values_and_slopes(SLOPES()),
        lambda: _without(inplace, "table_tanh", lambda *_: None, lambda: values_and_slopes(SLOPES())),
    ),
    "one product a step": (
        "BPTT H 128 T 50",
        lambda: bptt(SEQUENCES()),
        lambda: bptt(SEQUENCES(), InputsApart),
    ),
    "one product for all times": (
        "BPTT H 128 T 50",
        lambda: bptt(SEQUENCES()),
        lambda: bptt(SEQUENCES(), StepByStep),
    ),
    "lanes stacked": (
        "slopes 1-32-32-1 b128",
        lambda: values_and_slopes(FEW_ROWS()),
        lambda: made_with(
            slopes.ForwardSlopes, "forward", lane_by_lane, lambda: values_and_slopes(FEW_ROWS())
        ),
    ),
    "blocks of rows": (
        "slopes 1-64-64-64-1 b8192",
        lambda: values_and_slopes(MANY_ROWS()),
        lambda: _without(sobolev, "_CACHE", 2**40, lambda: values_and_slopes(MANY_ROWS())),
    ),
    "slopes backward": (
        "slopes 8-64-64-64-1 b128",
        lambda: values_and_slopes(INPUTS()),
        lambda: _without(sobolev, "ReverseSlopes", slopes.ForwardSlopes, lambda: values_and_slopes(INPUTS())),
    ),
    "the batch last": (
        "Jacobian 2-32-32-3 b256",
        lambda: jacobian(NARROW()),
        lambda: _without(fast.jacobian._Outer, "_batch_last", lambda *_: False, lambda: jacobian(NARROW())),
    ),
    "no product with the identity": (
        "Jacobian 2-32-10 b256",
        lambda: jacobian(OUTPUTS()),
        lambda: _without(
            fast.jacobian, "_Diagonal", fast.jacobian._Outer, lambda: jacobian(OUTPUTS(), FullProducts)
        ),
    ),
    "Adam in place": (
        "Adam, 109,386 parameters",
        lambda: fast_adam(LARGE()),
        lambda: clear_adam(LARGE()),
    ),
}
