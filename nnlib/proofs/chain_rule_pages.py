"""Claims of chapter 1's further pages: the two layouts of a derivative, and what the two modes cost."""

from __future__ import annotations

import numpy as np
import sympy

from nnlib.chain_rule import Node, apply, forward, jacobian, mlp_backward, values, variable
from nnlib.check import operations
from nnlib.network import forward as network_forward
from nnlib.proofs import symbols
from nnlib.proofs.chain_rule import random_polynomial
from nnlib.proofs.registry import ProofError, checked, exact, proved
from nnlib.proofs.symbols import activation, array, cost, diff, network, same

MODULE = "nnlib.chain_rule"

# Layouts ---------------------------------------------------------------------------------------------------


@proved("eq-chain-layout-differential", scope="every width")
def both_layouts_predict_the_same_change():
    """A row times the step, and the transposed column times the step, are one sum over the inputs."""
    m = sympy.Symbol("m", integer=True, positive=True)
    g, dx = sympy.MatrixSymbol("g", m, 1), sympy.MatrixSymbol("dx", m, 1)  # g_i = dz/dx_i
    j = sympy.Symbol("j", integer=True)
    row = (g.T * dx)[0, 0].doit()
    column = (dx.T * g)[0, 0].doit()
    the_sum = sympy.Sum(g[j, 0] * dx[j, 0], (j, 0, m - 1))
    renamed = [total.replace(total.variables[0], j) for total in (row, column)]
    return same(renamed, [the_sum, the_sum])


@proved("eq-chain-layout-affine", scope="every width")
def the_jacobian_of_an_affine_layer_is_its_weights():
    """The derivative of the i-th entry of $W a + b$ by the j-th of $a$ is the weight from j to i."""
    i, j, k, n = sympy.symbols("i j k n", integer=True)
    W, a = sympy.IndexedBase("W"), sympy.IndexedBase("a")  # b does not depend on a
    slope = sympy.Sum(sympy.diff(W[i, k] * a[k], a[j]), (k, 0, n - 1)).doit()
    (inside, within), _ = slope.args  # one value where j is an index of a, else 0
    inner = sympy.Piecewise((1, within), (0, True))
    return same([inside, inner.subs({j: 0, n: 1}), inner.subs(j, n)], [W[i, j], 1, 0])


@exact("eq-chain-layout-matrix", scope="sizes 2-3-2, one example, any activations, any cost",
       code=f"{MODULE}.mlp_backward")  # fmt: skip
def a_scalar_by_a_matrix_has_two_layouts():
    """In the weights' shape it is the adjoint times the activation below; transposed, the factors swap."""
    net, X, Y = network(2, 3, 2), array("x", 1, 2), array("y", 1, 2)
    C = cost()
    found = mlp_backward(net, X, Y, C)
    z_and_a = network_forward(net, X)
    true = diff(C.value(z_and_a.a[2], Y), net.W[1])
    delta, below = found.delta[1].T, z_and_a.a[0]
    return same([found.gradient.W[1], (below.T @ delta.T).T], [true, true])


# What the two modes cost -----------------------------------------------------------------------------------


def _three_inputs_two_outputs() -> tuple[list[Node], list[Node]]:
    x = [variable(f"x_{i}", sympy.Symbol(f"x_{i}")) for i in range(3)]
    u = apply(activation("g"), x[0] * x[1])
    return [u * x[2] - x[0] / u, apply(activation("f"), u + x[1] * x[1])], x


@exact("eq-chain-sweeps", scope="three inputs, two outputs, any smooth f and g", code=f"{MODULE}.jacobian")
def a_forward_sweep_is_a_column_a_reverse_sweep_a_row():
    """The Jacobian column by column with forward sweeps, and row by row with reverse sweeps."""
    outputs, x = _three_inputs_two_outputs()
    true = symbols.jacobian([forward(output) for output in outputs], [x_i.value for x_i in x])
    found = [np.array(jacobian(outputs, x, mode), dtype=object) for mode in ("forward", "reverse")]
    return same(found, [true, true])


@checked(
    "eq-chain-modes",
    scope="counted on 200 random graphs with three inputs and one to five outputs; "
    "the page gives the argument for every graph",
    code=f"{MODULE}.jacobian nnlib.check.operations",
)
def a_sweep_costs_a_fixed_multiple_of_the_values():
    """On a graph of +, - and ·, a forward sweep adds at most three values' work, a reverse sweep four."""
    rng, worst = np.random.default_rng(0), {"forward": 0.0, "reverse": 0.0}
    for _ in range(200):
        nodes = random_polynomial(rng, int(rng.integers(5, 41)))
        outputs, inputs = nodes[-int(rng.integers(1, 6)) :], nodes[:3]
        once = operations(values, *outputs)
        for mode, sweeps in (("forward", len(inputs)), ("reverse", len(outputs))):
            whole = operations(jacobian, outputs, inputs, mode)
            worst[mode] = max(worst[mode], (whole - once) / (sweeps * once))
    if worst["forward"] > 3 or worst["reverse"] > 4:
        raise ProofError(f"a sweep cost {worst}")
    return f"a forward sweep at most {worst['forward']:.2f}, a reverse sweep at most {worst['reverse']:.2f} values"
