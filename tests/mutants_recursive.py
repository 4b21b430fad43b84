"""Mutants of chapter 3: wrong recursions and matrices that the claims and the numbers must notice."""

from mutants import Mutant
from networks import random_data, random_network

from nnlib import recursive
from nnlib.check import agreement, complex_step, gradient_error
from nnlib.costs import half_squared_error
from nnlib.network import flatten, forward, unflatten

MUTANTS = [
    Mutant("nnlib.recursive.da_dW", "slope[l][q] * a[k - 1][i] if j == q",
           "a[k - 1][i] if j == q", ("eq-recursive-direct",),
           "dropped slope"),
    Mutant("nnlib.recursive.da_dW", "if j == q else",
           "if i == q else", ("eq-recursive-direct",),
           "wrong index: 001, E13"),
    Mutant("nnlib.recursive.da_dW", "net.W[l][q, r] * derivative",
           "net.W[l][r, q] * derivative", ("eq-recursive-step",),
           "transposed weight"),
    Mutant("nnlib.recursive.da_dW", "net.W[l][q, r] * derivative",
           "net.W[l][q, 0] * derivative", ("eq-recursive-step",),
           "wrong weight in the sum"),
    Mutant("nnlib.recursive.da_dW", "range(net.sizes[l - 1])",
           "range(net.sizes[l - 1] - 1)", ("eq-recursive-step",),
           "missing term of the sum"),
    Mutant("nnlib.recursive.da_dW", "* net.W[l][q, j] * slope[k][j]",
           "* net.W[l][q, j] * slope[l][q]", ("eq-recursive-shortcut",),
           "slope of the wrong layer"),
    Mutant("nnlib.recursive._matrices", "np.outer(slope[k], a[k - 1])",
           "np.outer(slope[k], a[k - 1]) * 2",
           ("eq-recursive-matrix-start", "eq-recursive-matrix-step", "eq-recursive-contraction"),
           "factor 2"),
    Mutant("nnlib.recursive._matrices", "slope[l][:, None] * net.W[l]",
           "slope[k][0] * net.W[l]", ("eq-recursive-matrix-step",),
           "slope of the wrong layer: 001, E25"),
    Mutant("nnlib.recursive.unit_matrices", "slope[k][q] * a[k - 1]",
           "slope[k][0] * a[k - 1]", ("eq-recursive-matrix-step/unit-by-unit",),
           "slope of the wrong unit"),
    Mutant("nnlib.recursive.unit_matrices", "net.W[l][q, r] * matrix",
           "net.W[l][0, r] * matrix", ("eq-recursive-matrix-step/unit-by-unit",),
           "weights of the wrong unit"),
    Mutant("nnlib.recursive._forward", "net.act[l].df(z[l][0])",
           "-net.act[l].df(z[l][0])", ("eq-recursive-direct", "eq-recursive-matrix-start"),
           "swapped sign"),
    Mutant("nnlib.recursive.gradient", "sum(gradients[1:], gradients[0])",
           "gradients[0]", ("eq-recursive-contraction",),
           "missing sum over the batch"),
]  # fmt: skip


def numeric_check() -> float:
    """The largest error of the recursion (every method, index by index) and of the gradient, by complex step."""
    net, (X, Y) = random_network((2, 3, 2, 2)), random_data((2, 3, 2, 2))
    errors = [gradient_error(net, X, Y, half_squared_error, recursive.gradient)]
    wanted = complex_step(lambda theta: forward(unflatten(net, theta), X[:1]).a[3][0], flatten(net))
    for method in recursive.METHODS:
        found = [
            [
                recursive.da_dW(net, X[0], 3, q, k, j, i, method)
                for k in (1, 2, 3)
                for j, i in _entries(net, k)
            ]
            for q in range(2)
        ]
        errors.append(agreement(found, wanted))
    for k in (1, 2, 3):
        errors.append(agreement(recursive.unit_matrices(net, X[0], k), recursive.matrices(net, X[0], k)))
    return max(errors)


def _entries(net, k):
    """The indices (j, i) of layer k in the order of `flatten`: W row by row, then b."""
    n, m = net.W[k].shape
    return [*((j, i) for j in range(n) for i in range(m)), *((j, m) for j in range(n))]
