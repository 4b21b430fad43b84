"""Claims of the page six-ways: the formula that all methods share, its bracketings, and Lagrange's multipliers."""

from functools import cache
from importlib import import_module

import numpy as np
import sympy

from nnlib import index_backprop, jacobian
from nnlib.network import forward
from nnlib.proofs.registry import definition, exact, proved
from nnlib.proofs.symbols import array, cost, diff, gradient, network, same

WAYS = ("chain_rule", "index_backprop", "recursive", "jacobian", "bptt", "gradient_backprop")
SIZES = (2, 3, 2, 2)

definition(
    "six_ways",
    "eq-six-lagrangian",
    "The Lagrange function: the cost, and the network's equations as constraints with a multiplier each.",
)


@cache
def problem():
    """A symbolic network with two examples, any activations and any cost; its true gradient."""
    net, X, Y = network(*SIZES), array("x", 2, SIZES[0]), array("y", 2, SIZES[-1])
    return net, X, Y, cost(), gradient(cost().value(forward(net, X).a[3], Y), net)


@exact(
    "eq-six-agreement",
    scope="sizes 2-3-2-2, B = 2, any activations, any cost",
    code=" ".join(f"nnlib.{way}.gradient" for way in WAYS),
)
def six_ways_one_gradient():
    """All six methods return the derivative of the cost by every weight and bias."""
    net, X, Y, any_cost, true = problem()
    found = [import_module(f"nnlib.{way}").gradient(net, X, Y, any_cost) for way in WAYS]
    return same(found, [true] * len(WAYS))


@exact(
    "eq-six-product",
    scope="sizes 2-3-2-2, B = 2, any activations, any cost, every layer",
    code="nnlib.network.forward nnlib.jacobian.gradient",
)
def product_of_jacobians():
    """The cost's row, the slopes and weights above, the activation below: multiplied, they are the gradient."""
    net, X, Y, any_cost, true = problem()
    z, a = forward(net, X)
    dC_da = any_cost.da(a[3], Y)
    slope = [None, *(net.act[l].df(z[l]) for l in (1, 2, 3))]
    W = []
    for l in (1, 2, 3):
        total = 0
        for n in range(2):
            row = dC_da[n] * slope[3][n]
            for above in range(3, l, -1):
                row = (row @ net.W[above]) * slope[above - 1][n]
            total = total + np.outer(row, a[l - 1][n])
        W.append(total)
    shipped = jacobian.gradient(net, X, Y, any_cost)
    return same([W, list(shipped.W[1:])], [list(true.W[1:])] * 2)


@proved(
    "eq-six-paths",
    scope="every width of three successive layers; more layers by repeating the step",
)
def product_is_a_sum_over_paths():
    """A product of Jacobians, written out, is the sum over all paths of the product along each path."""
    n, m, q, j, r = sympy.symbols("n m q j r", integer=True, positive=True)
    u, A, B = (sympy.IndexedBase(name) for name in ("u", "A", "B"))
    product = sympy.Sum(u[q] * sympy.Sum(A[q, r] * B[r, j], (r, 0, n - 1)), (q, 0, m - 1))
    paths = sympy.Sum(u[q] * A[q, r] * B[r, j], (r, 0, n - 1), (q, 0, m - 1))
    return same(_summand(product), _summand(paths))


def _summand(total: sympy.Expr) -> sympy.Expr:
    """What stands under all the signs of a nested sum: finite sums distribute over products and exchange."""
    if isinstance(total, sympy.Sum):
        return _summand(total.function)
    return sympy.Mul(*(_summand(f) if isinstance(f, sympy.Sum) else f for f in sympy.Mul.make_args(total)))


@proved(
    "eq-six-brackets",
    scope="every width: two finite sums exchange",
)
def brackets_do_not_matter():
    """Multiplied from the left or from the right, row times matrix times column is the same number."""
    n, m, q, r = sympy.symbols("n m q r", integer=True, positive=True)
    u, A, v = (sympy.IndexedBase(name) for name in ("u", "A", "v"))
    left = sympy.Sum(sympy.Sum(u[q] * A[q, r], (q, 0, m - 1)) * v[r], (r, 0, n - 1))
    right = sympy.Sum(u[q] * sympy.Sum(A[q, r] * v[r], (r, 0, n - 1)), (q, 0, m - 1))
    return same(_summand(left), _summand(right))


@proved(
    "eq-six-cost-brackets",
    scope="every width n > 1 and every depth L, counted in scalar multiplications",
)
def cost_of_the_brackets():
    """Through L - 1 square layers, a row passes with (L-1) n^2 multiplications, n columns at once with (L-1) n^3."""
    n, L = sympy.symbols("n L", integer=True, positive=True)
    row, columns = lambda L: (L - 1) * n**2, lambda L: (L - 1) * n**3
    found = [row(L + 1) - row(L), row(1), columns(L + 1) - columns(L), columns(1)]
    return same(found, [n * n, 0, n * n * n, 0])


# --- The same by Lagrange ---------------------------------------------------------------------------------------------


@cache
def lagrangian():
    """The Lagrange function of the symbolic network, one example, with z, a and both multipliers as free symbols."""
    net, Y, x = network(*SIZES), array("y", 1, SIZES[-1]), array("x", 1, SIZES[0])
    z, a, lam, mu = (
        [None, *(array(f"{name}{l}", 1, SIZES[l]) for l in (1, 2, 3))] for name in ("z", "a", "lam", "mu")
    )
    a[0] = x
    value = cost().value(a[3], Y)
    for l in (1, 2, 3):
        value = value - (lam[l] * (z[l] - a[l - 1] @ net.W[l].T - net.b[l])).sum()
        value = value - (mu[l] * (a[l] - net.act[l].f(z[l]))).sum()
    return net, x, Y, z, a, lam, mu, value


@exact(
    "eq-six-stationary",
    scope="sizes 2-3-2-2, any activations, any cost, z, a and the multipliers all free symbols",
    code="nnlib.costs.Cost",
)
def stationary_in_states():
    """Where the Lagrange function is stationary in every z and a, its multipliers obey the backward recursion."""
    net, _, Y, z, a, lam, mu, value = lagrangian()
    found, wanted = [], []
    for l in (1, 2, 3):
        found += [diff(value, z[l]), diff(value, a[l])]
        wanted.append(mu[l] * net.act[l].df(z[l]) - lam[l])
        wanted.append((cost().da(a[3], Y) if l == 3 else lam[l + 1] @ net.W[l + 1]) - mu[l])
    return same(found, wanted)


@exact(
    "eq-six-multipliers",
    scope="sizes 2-3-2-2, B = 1, any activations, any cost",
    code="nnlib.index_backprop.adjoints nnlib.index_backprop.from_adjoints",
)
def adjoints_are_the_multipliers():
    """With the multipliers set to the adjoints, the derivative by the parameters alone is the gradient."""
    net, x, Y, z, a, lam, _, value = lagrangian()
    trace = forward(net, x)
    delta = index_backprop.adjoints(net, trace, cost().da(trace.a[3], Y))
    states = {}
    for l in (1, 2, 3):
        for free, run in ((z[l], trace.z[l]), (a[l], trace.a[l]), (lam[l], delta[l])):
            states |= dict(zip(free.ravel(), run.ravel()))
    at_run = np.vectorize(lambda e: sympy.sympify(e).xreplace(states), otypes=[object])
    partial = gradient(value, net)
    by_lagrange = [at_run(part) for part in (*partial.W[1:], *partial.b[1:])]
    shipped = index_backprop.from_adjoints(trace, delta)
    true = gradient(cost().value(trace.a[3], Y), net)
    return same([by_lagrange, shipped], [true, true])
