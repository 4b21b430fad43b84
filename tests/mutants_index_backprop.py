"""Wrong formulas for chapter 2, each to be caught by the claims named and by `numeric_check`."""

import numpy as np
from mutants import Mutant
from networks import random_data, random_network
from wirings import as_theta, random_run, random_wiring, theta_of, total_cost

from nnlib import check, index_backprop
from nnlib.activations import sigmoid, tanh
from nnlib.costs import squared_error
from nnlib.network import forward

PASS = "nnlib.index_backprop.back_propagate"

MUTANTS = [
    Mutant(
        function=PASS,
        old="p[j] = p[j] + p[i] * units.w[i, j]",
        new="p[j] = p[i] * units.w[i, j]",
        claims=("eq-index-dw", "eq-index-db", "eq-index-adjoint", "eq-index-inputs", "eq-index-push"),
        why="missing sum: the last downstream unit overwrites the others",
    ),
    Mutant(
        function=PASS,
        old="reversed(units.order)",
        new="units.order",
        claims=("eq-index-dw", "eq-index-adjoint", "eq-index-push", "eq-index-batch-gradient/layers"),
        why="wrong order: from the inputs upwards",
    ),
    Mutant(
        function=PASS,
        old="p[i] = p[i] * np.asarray(units.act[i].df(np.asarray(x[i])))[()]",
        new="p[i] = p[i] * 1",
        claims=("eq-index-dw", "eq-index-adjoint", "eq-index-push", "eq-index-inputs"),
        why="dropped factor f'",
    ),
    Mutant(
        function=PASS,
        old="np.asarray(p[i] * y[j]).sum()",
        new="np.asarray(p[i] * x[j]).sum()",
        claims=("eq-index-dw", "eq-index-batch-gradient", "eq-index-update"),
        why="the pre-activation in place of the output",
    ),
    Mutant(
        function=PASS,
        old="dC_dy[:, q]",
        new="dC_dy[:, 0]",
        claims=("eq-index-dw", "eq-index-adjoint", "eq-index-batch-gradient/layers"),
        why="wrong index: every output gets the first one's error",
    ),
    Mutant(
        function=PASS,
        old="dC_db[i] = np.asarray(p[i]).sum()",
        new="dC_db[i] = 2 * np.asarray(p[i]).sum()",
        claims=("eq-index-db", "eq-index-push", "eq-index-update"),
        why="factor 2",
    ),
    Mutant(
        function="nnlib.index_backprop.propagate",
        old=" + units.b[i]",
        new="",
        claims=("eq-index-propagate", "eq-index-db"),
        why="dropped bias",
    ),
    Mutant(
        function="nnlib.index_backprop.train_step",
        old="b[i] - eta * dC_db[i]",
        new="b[i] + eta * dC_db[i]",
        claims=("eq-index-update",),
        why="swapped sign: the biases climb",
    ),
    Mutant(
        function="nnlib.index_backprop.train_step",
        old="w = {link: w[link] - eta * dC_dw[link] for link in w}",
        new="w = {link: units.w[link] - eta * dC_dw[link] for link in w}",
        claims=("eq-index-update",),
        why="missing sum: only the last run counts",
    ),
    Mutant(
        function="nnlib.index_backprop.gradient",
        old="dC_dw[(l, i), (l - 1, j)]",
        new="dC_dw[(l, i), (l - 1, m - 1 - j)]",
        claims=("eq-index-batch-gradient/layers",),
        why="wrong index: columns reversed",
    ),
    Mutant(
        function="nnlib.index_backprop.adjoints",
        old="* act[l].df(z[l])",
        new="* act[l + 1].df(z[l])",
        claims=("eq-index-matrix-delta", "eq-index-matrix-dw", "eq-index-matrix-db", "eq-index-matrix-dx"),
        why="wrong index: the slope of the layer above",
    ),
    Mutant(
        function="nnlib.index_backprop.adjoints",
        old=" * act[L].df(z[L])",
        new="",
        claims=("eq-index-matrix-output", "eq-index-matrix-delta", "eq-index-matrix-db"),
        why="dropped factor in the last layer",
    ),
    Mutant(
        function="nnlib.index_backprop.from_adjoints",
        old="d.sum(axis=0)",
        new="d[0]",
        claims=("eq-index-matrix-db",),
        why="missing sum over the batch",
    ),
    Mutant(
        function="nnlib.index_backprop.from_adjoints",
        old="delta[l].T @ trace.a[l - 1]",
        new="delta[l].T @ trace.a[l - 1][::-1]",
        claims=("eq-index-matrix-dw",),
        why="wrong index: one example's adjoint meets another's activation",
    ),
]


def numeric_check() -> float:
    """The largest disagreement of the chapter's computations with the complex step."""
    units, errors = random_wiring(11), []
    runs = [random_run(units, seed) for seed in (1, 2)]
    true = []
    for x, y_star in (*runs, random_run(units, 3, B=3)):
        C = lambda theta, run=(x, y_star): total_cost(units, *run, squared_error, theta)  # noqa: E731
        true.append(check.complex_step(C, theta_of(units, x)))
        found = index_backprop.back_propagate(units, x, y_star, squared_error)
        errors.append(check.agreement(as_theta(units, *found), true[-1]))
    new = index_backprop.train_step(units, runs, 0.5, squared_error)
    n = len(units.w) + len(units.b)
    steps = [*(2 * (units.w[k] - new.w[k]) for k in units.w), *(2 * (units.b[k] - new.b[k]) for k in units.b)]
    errors.append(check.agreement(steps, true[0][:n] + true[1][:n]))
    net, (X, Y) = random_network((2, 3, 4, 2), tanh, sigmoid), random_data((2, 3, 4, 2))
    for method in (index_backprop.gradient, index_backprop.matrix_gradient):
        errors.append(check.gradient_error(net, X, Y, squared_error, method))
    trace = forward(net, X)
    dC_dx = index_backprop.adjoints(net, trace, squared_error.da(trace.a[3], Y))[1] @ net.W[1]
    by_inputs = check.complex_step(lambda X: squared_error.value(forward(net, X).a[3], Y), X)
    return max(*errors, check.agreement(dC_dx, np.asarray(by_inputs)))
