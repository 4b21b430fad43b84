"""Claims of the page before the first chapter: the refreshers' rules, each for every size."""

import sympy

from nnlib.proofs.registry import ProofError, definition, proved
from nnlib.proofs.symbols import same

BEFORE = "before"

_m, _n, _p = sympy.symbols("m n p", integer=True, positive=True)
_i, _j, _k = (sympy.Symbol(letter, integer=True, nonnegative=True) for letter in "ijk")
_c, _x = sympy.IndexedBase("c"), sympy.IndexedBase("x")

definition(
    BEFORE,
    "eq-notation-partial",
    "A partial derivative moves one variable and holds all others; $e_k$ has a 1 in place $k$, else zeros.",
)
definition(BEFORE, "eq-notation-product", "The entries of a matrix product; the inner sizes must be equal.")
definition(
    BEFORE, "eq-notation-double-sum", "A sum over two indices adds one term for every pair of their values."
)
definition(BEFORE, "eq-notation-transpose", "The transpose has rows and columns exchanged.")


@proved("eq-notation-partial-example", scope="all real x and y")
def partial_example():
    """Two partial derivatives of one function; in each, the other variable is a constant."""
    x, y = sympy.symbols("x y", real=True)
    f = x**2 * y + sympy.sin(y)
    return same([sympy.diff(f, x), sympy.diff(f, y)], [2 * x * y, x**2 + sympy.cos(y)])


@proved("eq-notation-inner", scope="all real w, x, b and y")
def inner_derivative():
    """The slope of a square is twice the square's root times the inner slope, by $w$ and by $b$."""
    w, x, b, y = sympy.symbols("w x b y", real=True)
    root = w * x + b - y
    return same([sympy.diff(root**2, w), sympy.diff(root**2, b)], [2 * root * x, 2 * root])


@proved("eq-notation-one-term", scope="every n")
def one_term_survives():
    """Differentiating a sum by one of its variables leaves the terms with that variable alone."""
    total = sympy.Sum(_c[_j] * _x[_j] ** 2, (_j, 0, _n - 1))
    derivative = sympy.diff(total, _x[_k]).doit().subs(_k <= _n - 1, True)
    return same(derivative, 2 * _c[_k] * _x[_k])


@proved("eq-notation-transposed-product", scope="every size that fits")
def transposed_product():
    """The transpose of a product is the product of the transposes in the other order."""
    A, B = sympy.MatrixSymbol("A", _m, _n), sympy.MatrixSymbol("B", _n, _p)
    product, turned = (A * B)[_i, _k], (B.T * A.T)[_k, _i]
    summands = [s.function.xreplace({s.variables[0]: _j}).doit() for s in (product, turned)]
    if product.limits[0][1:] != turned.limits[0][1:]:
        raise ProofError(f"{product.limits} against {turned.limits}")
    return same(*summands)
