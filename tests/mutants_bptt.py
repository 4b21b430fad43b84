"""Mutants of nnlib.bptt, and the numbers that must notice them."""

import numpy as np
from mutants import Mutant
from networks import random_data, random_network

from nnlib import bptt
from nnlib.activations import tanh
from nnlib.check import agreement, complex_step, gradient_error
from nnlib.costs import half_squared_error, squared_error
from nnlib.network import flatten, unflatten


def problem(n_x=1, n_r=2, n_y=2, n_z=3, hidden=(4,), T=5, B=2, seed=0, act=tanh):
    """(rnn, X, Y): a random cell and sequences; rows of Y sum to one, good for every cost."""
    rng = np.random.default_rng(seed)
    cell = random_network((n_x + n_r, *hidden, n_z), act, act, seed)
    Y = rng.dirichlet(np.ones(n_y), size=(B, T)) if n_y > 1 else rng.standard_normal((B, T, 1))
    return bptt.RNN(cell, n_y, n_r), rng.standard_normal((B, T, n_x)), Y


def total_cost(rnn, X, Y, cost):
    """C on rows (B T, n_y), as a user would compute it."""
    y = bptt.forward(rnn, X).y
    return cost.value(y.reshape(-1, rnn.n_y), Y.reshape(-1, rnn.n_y))


def by_complex_step(rnn, X, Y, cost):
    """(dC/dtheta (P,), dC/dX) by the complex step of the forward run."""

    def at(theta):
        return total_cost(bptt.RNN(unflatten(rnn.cell, theta), rnn.n_y, rnn.n_r), X, Y, cost)

    by_theta = complex_step(at, flatten(rnn.cell))
    return by_theta, complex_step(lambda x: total_cost(rnn, x, Y, cost), X)


def numeric_check() -> float:
    """The largest error of both directions, the inputs' gradient, truncations and the one-step gradient."""
    rnn, X, Y = problem()
    data = rnn, X, Y, squared_error
    by_theta, by_X = by_complex_step(*data)
    net = random_network((3, 4, 2))
    return max(
        agreement(flatten(bptt.bptt(*data)), by_theta),
        agreement(flatten(bptt.rtrl(*data)), by_theta),
        agreement(bptt.adjoints(*data)[1], by_X),
        agreement(flatten(bptt.truncated(*data, window=5)), by_theta),
        agreement(flatten(bptt.truncated(*data, chunk=5)), by_theta),
        agreement(flatten(bptt.checkpointed(*data)), by_theta),
        agreement(bptt.truncated(*data, window=1), bptt.truncated(*data, chunk=1)),
        gradient_error(net, *random_data((3, 4, 2)), half_squared_error, bptt.gradient),
    )


MUTANTS = [
    Mutant(
        "nnlib.bptt.cell_input",
        "s[:, rnn.n_z - rnn.n_r :]",
        "s[:, : rnn.n_r]",
        ("eq-bptt-state", "eq-bptt-rtrl", "eq-bptt-adjoint"),
        "the first rows of the state are fed back, not the last",
    ),
    Mutant(
        "nnlib.bptt.forward",
        "state[:, : rnn.n_y]",
        "state[:, rnn.n_z - rnn.n_y :]",
        ("eq-bptt-error", "eq-bptt-gradient", "eq-bptt-inputs"),
        "the last rows of the state are given out, not the first",
    ),
    Mutant(
        "nnlib.bptt.carry",
        "immediate_ds_dtheta + immediate_ds_dr @ total_dr_dtheta",
        "immediate_ds_dtheta",
        ("eq-bptt-rtrl", "eq-bptt-error", "eq-bptt-example-derivatives"),
        "the total derivative is taken for the immediate one",
    ),
    Mutant(
        "nnlib.bptt.sensitivities",
        "np.zeros((",
        "np.ones((",
        ("eq-bptt-rtrl", "eq-bptt-start", "eq-bptt-error"),
        "the sensitivities do not start at 0",
    ),
    Mutant(
        "nnlib.bptt.carry",
        "total_ds_dtheta[:, rnn.n_z - rnn.n_r :]",
        "total_ds_dtheta[:, : rnn.n_r]",
        ("eq-bptt-rtrl", "eq-bptt-error"),
        "Gamma_r takes the wrong rows",
    ),
    Mutant(
        "nnlib.bptt.carry",
        "jacobian.inputs(rnn.cell, u)[:, :, rnn.n_x :]",
        "jacobian.inputs(rnn.cell, u)[:, :, : rnn.n_r]",
        ("eq-bptt-rtrl", "eq-bptt-error"),
        "the Jacobian by x where that by r belongs",
    ),
    Mutant(
        "nnlib.bptt.rtrl",
        "y_star[n]",
        "y_star[-n]",
        ("eq-bptt-error",),
        "the targets are read backward in time",
    ),
    Mutant(
        "nnlib.bptt._send_back",
        "immediate.get(n, 0) + from_later",
        "immediate.get(n, 0) + 0 * from_later",
        ("eq-bptt-adjoint", "eq-bptt-gradient", "eq-bptt-window"),
        "the part that comes back from later steps is dropped",
    ),
    Mutant(
        "nnlib.bptt._send_back",
        "immediate.get(n, 0) + from_later",
        "immediate.get(n, 0) - from_later",
        ("eq-bptt-adjoint", "eq-bptt-gradient", "eq-bptt-chunk"),
        "swapped sign",
    ),
    Mutant(
        "nnlib.bptt._send_back",
        "s[n - 1]",
        "s[n]",
        ("eq-bptt-gradient", "eq-bptt-inputs"),
        "the local derivatives are taken at r(n), not r(n-1)",
    ),
    Mutant(
        "nnlib.bptt._send_back",
        "[others, dC_du[:, rnn.n_x :]]",
        "[dC_du[:, rnn.n_x :], others]",
        ("eq-bptt-adjoint", "eq-bptt-gradient", "eq-bptt-inputs"),
        "Gamma_r transposed puts the adjoint on the wrong rows",
    ),
    Mutant(
        "nnlib.bptt._send_back",
        "dC_du[:, : rnn.n_x]",
        "dC_du[:, rnn.n_r :]",
        ("eq-bptt-inputs",),
        "the adjoint of r is given out as that of x",
    ),
    Mutant(
        "nnlib.bptt._immediate_dC_ds",
        "[dC_dy, np.zeros_like(s[:, rnn.n_y :])]",
        "[np.zeros_like(s[:, rnn.n_y :]), dC_dy]",
        ("eq-bptt-error", "eq-bptt-adjoint", "eq-bptt-gradient"),
        "Gamma_y transposed puts the cost on the wrong rows",
    ),
    Mutant(
        "nnlib.bptt.truncated",
        "max(1, n - length + 1)",
        "max(1, n - length)",
        ("eq-bptt-window",),
        "the window is one step too long",
    ),
    Mutant(
        "nnlib.bptt.truncated",
        "min(first + length, T + 1)",
        "min(first + length, T)",
        ("eq-bptt-chunk",),
        "the last step's cost is lost",
    ),
    Mutant(
        "nnlib.bptt.gradient",
        "return bptt(",
        "return 2 * bptt(",
        ("eq-bptt-gradient/one-step",),
        "factor 2",
    ),
    Mutant(
        "nnlib.bptt.checkpointed",
        "immediate[end] + sent_back",
        "immediate[end]",
        ("eq-bptt-checkpoints",),
        "nothing crosses from piece to piece: chunks, not checkpoints",
    ),
    Mutant(
        "nnlib.bptt.checkpointed",
        "range(0, T - every, every)",
        "range(0, T - 2 * every, every)",
        ("eq-bptt-checkpoints",),
        "a checkpoint is missing, its piece is never run",
    ),
    Mutant(
        "nnlib.bptt.carry",
        "jacobian.parameters(rnn.cell, u)",
        "jacobian.parameters(rnn.cell, cell_input(rnn, 0 * x, s))",
        ("eq-bptt-online", "eq-bptt-rtrl"),
        "the immediate derivative is taken at the input 0",
    ),
]
