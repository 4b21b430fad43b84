"""Symbols for the proofs: arrays of them, activations and costs that stand for any, and exact comparison.

The shipped functions take these object arrays as they take numbers, so a proof runs the formula
that the book teaches and the library ships.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import sympy

from nnlib.activations import Activation
from nnlib.costs import Cost
from nnlib.network import Gradient, Network
from nnlib.proofs.registry import ProofError

# numpy applies np.exp and its kin to an object by calling the method of that name.
# sympy's expressions have none, so we lend them ours. (Powers use `.exp` for their exponent;
# the proofs never take np.exp of a bare power.)
for _name in ("exp", "log", "tanh", "sin", "cos", "sqrt"):
    setattr(sympy.Expr, _name, (lambda function: lambda self: function(self))(getattr(sympy, _name)))
sympy.Expr.log1p = lambda self: sympy.log(1 + self)


def _tower(name: str, arity: int) -> list[type[sympy.Function]]:
    """Opaque functions name, name1, name2, name3: each the derivative of the one before in its first argument."""
    functions: list[type[sympy.Function]] = []
    for order in (3, 2, 1, 0):
        above = functions[0] if functions else None

        def fdiff(self, argindex=1, above=above):
            if argindex != 1 or above is None:
                raise ProofError(f"{self.func} is not to be differentiated in argument {argindex}")
            return above(*self.args)

        functions.insert(0, type(f"{name}{order or ''}", (sympy.Function,), {"fdiff": fdiff, "nargs": arity}))
    return functions


@cache
def activation(name: str) -> Activation:
    """An activation that stands for every smooth one: f' of `g` is an opaque `g1`, and so on to `g3`."""
    g = _tower(name, 1)
    return Activation(name, *(np.vectorize(function, otypes=[object]) for function in g))


@cache
def cost(name: str = "c") -> Cost:
    """A cost that stands for every sum over examples and outputs of a smooth c(a, y)."""
    c = [np.vectorize(function, otypes=[object]) for function in _tower(name, 2)]
    return Cost(
        name,
        lambda a, Y: c[0](a, Y).sum(),
        lambda a, Y: c[1](a, Y),
        lambda a, Y, V: c[2](a, Y) * V,
    )


def array(name: str, *shape: int) -> np.ndarray:
    """An object array of symbols name_0, name_1, ... with their indices."""
    symbols = np.empty(shape, dtype=object)
    for index in np.ndindex(*shape):
        symbols[index] = sympy.Symbol(f"{name}_{'_'.join(map(str, index))}")
    return symbols


def network(*sizes: int, act: tuple | None = None) -> Network:
    """A network of symbols W1_i_j, b1_i, ...; every layer has an activation of its own unless `act` gives them."""
    layers = range(1, len(sizes))
    W = (None, *(array(f"W{l}", sizes[l], sizes[l - 1]) for l in layers))
    b = (None, *(array(f"b{l}", sizes[l]) for l in layers))
    return Network(W, b, (None, *(act or [activation(f"g_{l}_") for l in layers])))


def diff(expression, variables) -> np.ndarray:
    """sympy's derivative of a scalar by every symbol of an array, in the array's shape."""
    derivative = np.vectorize(lambda symbol: sympy.diff(expression, symbol), otypes=[object])
    return derivative(np.asarray(variables, dtype=object))


def jacobian(expressions, variables) -> np.ndarray:
    """sympy's derivatives of an array by an array: outputs first, then the variables' axes."""
    expressions = np.asarray(expressions, dtype=object)
    rows = [diff(expression, variables) for expression in expressions.ravel()]
    return np.array(rows, dtype=object).reshape(*expressions.shape, *np.shape(variables))


def gradient(expression, net: Network) -> Gradient:
    """sympy's derivative of a scalar by every weight and bias of a network of symbols."""
    W = (None, *(diff(expression, W) for W in net.W[1:]))
    return Gradient(W, (None, *(diff(expression, b) for b in net.b[1:])))


def entries(value) -> list:
    """The entries of a number, array, Gradient, dictionary (by its keys' order) or sequence, in one list."""
    if isinstance(value, Gradient):
        return entries(value.W[1:]) + entries(value.b[1:])
    if isinstance(value, dict):
        return [entry for key in sorted(value, key=repr) for entry in entries(value[key])]
    if isinstance(value, (list, tuple)):
        return [entry for part in value if part is not None for entry in entries(part)]
    return list(np.ravel(np.asarray(value, dtype=object)))


def same(left, right) -> str:
    """Assert that two structures of expressions are identical, entry by entry, after expansion."""
    left, right = entries(left), entries(right)
    if len(left) != len(right):
        raise ProofError(f"{len(left)} entries against {len(right)}")
    for position, (l, r) in enumerate(zip(left, right)):
        difference = sympy.expand(sympy.sympify(l) - sympy.sympify(r))
        if difference != 0:
            raise ProofError(f"entry {position}: the difference {str(difference)[:200]} is not 0")
    return f"{len(left)} identities" if len(left) > 1 else "1 identity"


def differ(printed, true) -> str:
    """Assert that the printed and the true numbers differ; show the entry where they do most."""
    printed, true = (np.array(entries(value), dtype=float) for value in (printed, true))
    if printed.shape != true.shape:
        return f"printed {printed.size} numbers, true {true.size}"
    worst = np.argmax(np.abs(printed - true))
    if np.abs(printed - true)[worst] <= 1e-6 * np.abs(true).max():
        raise ProofError("the printed text agrees with the truth here: no counter-example")
    return f"printed {printed[worst] + 0.0:.6g}, true {true[worst] + 0.0:.6g}"  # + 0.0: -0 is 0


def within(error: float, bound: float, what: str = "largest error") -> str:
    """Assert a bound on an error measured with numbers."""
    if not error <= bound:
        raise ProofError(f"{what} {error:.2g}, more than {bound:g}")
    return f"{what} at most {bound:g}"


class Tally:
    """A number that counts its multiplications with other numbers of its kind."""

    products = 0

    def __mul__(self, other):
        if isinstance(other, Tally):
            Tally.products += 1
        return self

    __rmul__ = __mul__

    def __add__(self, other):
        return self

    __radd__ = __add__


def tallies(*shape: int) -> np.ndarray:
    """An object array of numbers that count their multiplications."""
    filled = np.empty(shape, dtype=object)
    for index in np.ndindex(*shape):
        filled[index] = Tally()
    return filled
