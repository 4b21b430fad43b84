"""Minimising a cost step by step: gradient descent, momentum, Adam, and Levenberg-Marquardt.

An objective is a function of the network alone, ``objective(net) -> (C, Gradient)``; `supervised` makes one
from a chapter's gradient, `mini_batches` one that sees another batch at each call.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from nnlib.arrays import as_array, whole_number
from nnlib.network import Gradient, Network, flatten, forward, unflatten

Objective = Callable[[Network], tuple]
_FAILURES = 16  # failed steps in a row, by then shorter by 2^136


class Method(NamedTuple):
    """A rule for the step: ``step(g, state) -> (step, state)`` on flat vectors (P,); the state starts as None."""

    name: str
    step: Callable


def _positive(name: str, value) -> None:
    if not 0 < value < float("inf"):
        raise ValueError(f"{name} is {value}, wants a finite number above 0")


def _fraction(name: str, value) -> None:
    if not 0 <= value < 1:
        raise ValueError(f"{name} is {value}, wants 0 <= {name} < 1")


def gradient_descent(eta: float) -> Method:
    """theta <- theta - eta g. Source: 004, eqs. (4)-(5)."""
    _positive("eta", eta)
    return Method("gradient descent", lambda g, state: (-eta * g, None))


def momentum(eta: float, mu: float = 0.9) -> Method:
    """v <- mu v + g, theta <- theta - eta v, from v = 0. Source: Rumelhart, Hinton & Williams 1986."""
    _positive("eta", eta)
    _fraction("mu", mu)

    def step(g, v):
        v = g if v is None else mu * v + g
        return -eta * v, v

    return Method("momentum", step)


def adam(eta: float = 1e-3, beta1: float = 0.9, beta2: float = 0.999, epsilon: float = 1e-8) -> Method:
    """m <- beta1 m + (1-beta1) g, v <- beta2 v + (1-beta2) g^2, theta <- theta - eta m' / (sqrt(v') + epsilon).

    m' = m / (1 - beta1^n) and v' = v / (1 - beta2^n) at step n = 1, 2, ... Source: Kingma & Ba 2015.
    """
    _positive("eta", eta)
    _fraction("beta1", beta1)
    _fraction("beta2", beta2)
    _positive("epsilon", epsilon)

    def step(g, state):
        n, m, v = state or (0, 0 * g, 0 * g)
        n, m, v = n + 1, beta1 * m + (1 - beta1) * g, beta2 * v + (1 - beta2) * g**2
        return -eta * (m / (1 - beta1**n)) / (np.sqrt(v / (1 - beta2**n)) + epsilon), (n, m, v)

    return Method("Adam", step)


def minimize(objective: Objective, net: Network, method: Method, steps: int, callback=None):
    """Take `steps` steps of `method` from `net`; return the last network and the history.

    history[n] is C before step n, shape (steps,). ``callback(n, C, net)`` is called before each step:
    print progress there, or keep the networks.

    Raises ValueError for steps below 1, a method that is no Method, a C or gradient that is not finite (the steps
    were too long).
    """
    if not isinstance(method, Method):
        raise ValueError(f"method wants gradient_descent(...), momentum(...) or adam(...), got {method!r}")
    history, state = [], None
    for n in range(whole_number("steps", steps, 1)):
        C, gradient = objective(net)
        g = flatten(gradient)
        if not (np.isfinite(C) and np.isfinite(g).all()):
            raise ValueError(
                f"C is {C} at step {n}: the cost or its gradient is not finite, take shorter steps"
            )
        history.append(C)
        if callback is not None:
            callback(n, C, net)
        step, state = method.step(g, state)
        net = unflatten(net, flatten(net) + step)
    return net, np.array(history)


def supervised(gradient, cost):
    """The objective(net, X, Y) -> (C, Gradient) of a chapter's `gradient` and a cost, summed over the batch."""

    def objective(net: Network, X, Y) -> tuple[np.ndarray, Gradient]:
        return cost.value(forward(net, X).a[net.L], Y), gradient(net, X, Y, cost)

    return objective


def mini_batches(objective, X, Y, size: int, rng: np.random.Generator) -> Objective:
    """An objective(net) that evaluates ``objective(net, X_batch, Y_batch)`` on the next `size` rows at each call.

    Every epoch visits all rows once in a new random order; its last batch may be smaller.
    Raises ValueError if X and Y differ in length or `size` is not in 1..len(X).
    """
    X, Y = np.asarray(X), np.asarray(Y)
    if len(X) != len(Y):
        raise ValueError(f"X has {len(X)} rows, Y has {len(Y)}")
    whole_number("size", size, 1, len(X))

    def rows():
        while True:
            order = rng.permutation(len(X))
            yield from (order[start : start + size] for start in range(0, len(X), size))

    endless = rows()

    def on_next_batch(net: Network):
        batch = next(endless)
        return objective(net, X[batch], Y[batch])

    return on_next_batch


def levenberg_marquardt(residuals, net: Network, steps: int, callback=None):
    """Minimise C = sum r^2 by damped Gauss-Newton steps; return the last network and the history.

    With J = dr/dtheta, each step minimises |r + J s|^2 + lam |s|^2 over s: solve (J^T J + lam) s = -J^T r.
    A step that lowers C is taken and lam falls, one that does not is undone and lam grows (at once Gauss-Newton
    and short gradient steps). ``residuals(net) -> (r (m,), dr_dtheta (m, P))``; history[n] is C before step n,
    at most `steps` entries: it ends early where no step lowers C any more, a minimum to rounding.

    Raises ValueError for steps below 1 and for shapes that do not fit.
    Book: eq-jacobian-levenberg-marquardt. Source: Levenberg 1944, Marquardt 1963; damping after Nielsen 1999.
    """
    theta = flatten(net)
    r, J = _residuals(residuals, net, theta)
    lam, growth, history = 1e-3 * (J**2).sum(axis=0).max(), 2, []
    for n in range(whole_number("steps", steps, 1)):
        C = (r**2).sum()
        history.append(C)
        if callback is not None:
            callback(n, C, unflatten(net, theta))
        # The stacked least-squares problem squares no condition number, as the normal equations would.
        stacked = np.concatenate([J, np.sqrt(lam) * np.eye(theta.size, dtype=theta.dtype)])
        s = np.linalg.lstsq(stacked, np.concatenate([-r, 0 * theta]), rcond=None)[0]
        tried = _residuals(residuals, net, theta + s)
        gain = (C - (tried[0] ** 2).sum()) / max((s * (lam * s - J.T @ r)).sum(), np.finfo(theta.dtype).tiny)
        if gain > 0:
            theta, (r, J) = theta + s, tried
            lam, growth = lam * max(1 / 3, 1 - (2 * gain - 1) ** 3), 2
        else:
            lam, growth = lam * growth, 2 * growth
            if growth > 2**_FAILURES:
                break
    return unflatten(net, theta), np.array(history)


def _residuals(residuals, net: Network, theta: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    r, dr_dtheta = residuals(unflatten(net, theta))
    r = as_array("r", r, ("m",))
    return r, as_array("dr_dtheta", dr_dtheta, (len(r), theta.size))
