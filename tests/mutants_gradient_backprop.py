"""Wrong formulas of value-and-slope backpropagation, and the chapter's computations checked by numbers."""

import numpy as np
from mutants import Mutant
from networks import random_data, random_network

from nnlib import costs, double_backprop
from nnlib.activations import identity, sigmoid, softmax
from nnlib.check import agreement, complex_step, gradient_error
from nnlib.gradient_backprop import (
    Residual,
    curvature,
    forward,
    gradient,
    residual_gradient,
    residual_jacobian,
    sobolev_gradient,
)
from nnlib.network import flatten, unflatten
from nnlib.network import forward as values


def _bilinear(left, right):
    """The second-order part of F, and its derivative: a product of two mixed second derivatives."""

    def dF_dH(X, a, J, H):
        partial = np.zeros_like(H)
        partial[(slice(None), *left)], partial[(slice(None), *right)] = H[:, *right], H[:, *left]
        return partial

    return lambda H: H[:, *left] * H[:, *right], dF_dH


_product, _partials = _bilinear((0, 0, 1), (1, 1, 1))
# F = x_0 a_1^2 + a_0 J_11 + H_001 H_111: of everything, and with a seed that is not symmetric.
SECOND_ORDER = Residual(
    lambda X, a, J, H: X[:, 0] * a[:, 1] ** 2 + a[:, 0] * J[:, 1, 1] + _product(H),
    lambda X, a, J, H: np.stack([J[:, 1, 1], 2 * X[:, 0] * a[:, 1]], axis=1),
    lambda X, a, J, H: a[:, :1, None] * np.array([[0, 0], [0, 1]]),
    _partials,
)
FIRST_ORDER = Residual(
    lambda X, a, J: X[:, 0] * a[:, 1] ** 2 + a[:, 0] * J[:, 1, 1] ** 2,
    lambda X, a, J: np.stack([J[:, 1, 1] ** 2, 2 * X[:, 0] * a[:, 1]], axis=1),
    lambda X, a, J: 2 * (a[:, 0] * J[:, 1, 1])[:, None, None] * np.array([[0, 0], [0, 1]]),
)


def slopes_by_complex_step(outputs, X) -> np.ndarray:
    """The derivative of each example's outputs (B, ...) by its own inputs, inputs last."""
    derivative = complex_step(outputs, X)
    return np.stack([derivative[b, ..., b, :] for b in range(len(X))])


def numeric_check() -> float:
    """The largest disagreement of the chapter's computations with the complex step."""
    errors = []
    for out in (sigmoid, identity, softmax):
        net = random_network((2, 3, 4, 2), out=out, seed=3)
        X, Y = random_data((2, 3, 4, 2))
        A = np.random.default_rng(5).standard_normal((3, 2, 2))

        def by_theta(f, net=net):
            return complex_step(lambda theta: f(unflatten(net, theta)), flatten(net))

        def sobolev(net, X=X, Y=Y, A=A):
            return sobolev_gradient(net, X, Y, A, 0.7, 1.3)

        trace = forward(net, X)
        J = slopes_by_complex_step(lambda X, net=net: values(net, X).a[3], X)
        errors += [
            gradient_error(net, X, Y, costs.half_squared_error, gradient),
            agreement(trace.J[3], J),
            agreement(sobolev(net)[0], 0.7 * ((trace.a[3] - Y) ** 2).sum() + 1.3 * ((J - A) ** 2).sum()),
            agreement(sobolev(net)[1], by_theta(lambda net: sobolev(net)[0])),
        ]
        for residual in (FIRST_ORDER, SECOND_ORDER) if out.elementwise else (FIRST_ORDER,):
            F, dF_dtheta = residual_jacobian(net, X, residual)
            C, dC = residual_gradient(net, X, residual)
            errors += [
                agreement(dF_dtheta, by_theta(lambda net, X=X, r=residual: residual_jacobian(net, X, r)[0])),
                agreement(dC, by_theta(lambda net, X=X, r=residual: residual_gradient(net, X, r)[0])),
                agreement(C, (F**2).sum()),
            ]
        if out.elementwise:
            H = slopes_by_complex_step(lambda X, net=net: forward(net, X).J[3], X)
            errors.append(agreement(curvature(net, trace).H[3], H))
            reverse = double_backprop.slopes(net, X)
            seeds = 1.4 * (reverse.a[3] - Y), 2.6 * (reverse.Q[0] - A)
            errors.append(agreement(double_backprop.gradient(net, reverse, *seeds), sobolev(net)[1]))
    return max(errors)


# function | the formula | the mutant | claims that must notice it | why
_TABLE = """
forward | net.W[l] @ J[l - 1] | net.W[l] @ J[l - 1] + net.b[l][:, None] | linear | bias in the slope
forward | act.df(z[l]) | act.df(a[l]) | act | f' at the activation
forward | np.eye(n_0, | np.ones((n_0, n_0), | first | not the unit matrix
curvature | + df * K[l] |  | curvature | dropped term
curvature | Z[l][:, :, None, :] | Z[l][:, :, :, None] | curvature | wrong index
backward | net.W[l].T @ dC_dZ[l] | net.W[l].T @ D | below dw | f' left out
backward | d = delta[l] @ net.W[l] | d = 2 * delta[l] @ net.W[l] | below delta | factor 2
_through_activation | delta = delta + d2f * (D | delta = d2f * (D | delta | 000 E30: delta dropped
_through_activation | d2f * (D * Z) | d2f * (D * trace.J[l]) | delta dw | slope of a for slope of z
_through_activation | df[:, :, None] * D | df[:, :, None] ** 2 * D | slope-adjoint dw | f' twice
_through_activation | TZ + ZT | TZ + TZ | curvature-adjoints | transposed
_through_activation | d3f * (TZ * Z) | d2f * (TZ * Z) | curvature-dw | f'' for f'''
_through_softmax | - mean_D * Z | + mean_D * Z | softmax-adjoints | sign
parameter_gradient | if p is not None | if p is not None and q is not trace.J | dw dw-first | missing term
parameter_gradient | adjoints.delta[l], trace.a | 0 * adjoints.delta[l], trace.a | dw | 000 E25: one term
parameter_gradient | ->{kept}i", adjoints.delta | ->{kept}i", 2 * adjoints.delta | db | factor 2
_squares | 2 * weight * difference | weight * difference | seeds | 000 E22: missing 2
sobolev_gradient | C_a + C_J | C_a - C_J | seeds | swapped sign
residual_gradient | 2 * F.reshape | F.reshape | residual | missing 2
double_backprop.slopes | net.act[l].df(z[l])[:, None, :] * Q[l] | Q[l] | reverse-slope two-directions | f' left out
double_backprop.slopes | D[l] @ net.W[l] | Q[l] @ net.W[l] | reverse-slope | wrong factor
double_backprop.gradient | + through_slopes[l] | | reverse-adjoints | delta without the slopes
double_backprop.gradient | W[l] + delta.T @ a[l - 1] | W[l] | reverse-adjoints two-directions | one term
double_backprop.gradient | (Q[l] * dC_dD) | (D[l] * dC_dD) | reverse-adjoints | D for Q
"""


def _mutant(line: str) -> Mutant:
    function, old, new, claims, why = (column.strip() for column in line.split("|"))
    labels = tuple(f"eq-gradient-{claim}" for claim in claims.split())
    module = "" if "." in function else "gradient_backprop."
    return Mutant(f"nnlib.{module}{function}", old, new, labels, why)


MUTANTS = [_mutant(line) for line in _TABLE.strip().splitlines()]
