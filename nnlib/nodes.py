"""Nodes of a graph: leaves with values, and operations that know their local derivatives.

A local derivative is written once, with operations that take values and nodes alike; that is why
`nnlib.chain_rule` can differentiate to numbers and to new graphs with one loop.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from nnlib import activations
from nnlib.activations import Activation
from nnlib.arrays import as_array, whole_number

Value = Any  # a number, an array, or a symbol
Rule = Callable[..., Any]  # of the arguments, as values or as nodes


def _no_operation(*arguments: Any) -> Value:
    raise TypeError("a leaf has a value, no operation")


@dataclass(frozen=True, eq=False, repr=False, slots=True)
class Node:
    """A leaf with a value, or an operation f on its parents with one local derivative for each slot.

    Made by `constant`, `variable`, the operators + - * / ** and the functions of this module. A node
    never changes and keeps no result; constants are the leaves without a name.
    """

    name: str
    value: Value = None  # leaves alone
    parents: tuple[Node, ...] = ()  # one for each argument slot, repetitions allowed
    f: Rule = _no_operation
    local: tuple[Rule, ...] = ()
    __array_ufunc__ = None  # so that np.float64(2) * node asks the node

    def __repr__(self) -> str:
        return f"Node({self.name or self.value})"

    @property
    def is_constant(self) -> bool:
        """Whether this is a leaf without a name."""
        return not self.parents and not self.name

    def __add__(self, other: Any) -> Node:
        return _operation("+", lambda u, v: u + v, (lambda u, v: 1, lambda u, v: 1), self, other)

    def __sub__(self, other: Any) -> Node:
        return _operation("-", lambda u, v: u - v, (lambda u, v: 1, lambda u, v: -1), self, other)

    def __mul__(self, other: Any) -> Node:
        return _operation("*", lambda u, v: u * v, (lambda u, v: v, lambda u, v: u), self, other)

    def __truediv__(self, other: Any) -> Node:
        return _operation("/", lambda u, v: u / v, (lambda u, v: 1 / v, lambda u, v: -u / v**2), self, other)

    def __pow__(self, other: Any) -> Node:
        n = other.value if isinstance(other, Node) and other.is_constant else other
        if not isinstance(n, Node) and np.ndim(n) == 0:
            # A fixed exponent has no slot, and needs no logarithm of what may be negative.
            slope = lambda u: 0 * u if n == 0 else n * u ** (n - 1)
            return _operation(f"**{n}", lambda u: u**n, (slope,), self)
        local = (lambda u, v: v * u ** (v - 1), lambda u, v: log(u) * u**v)
        return _operation("**", lambda u, v: u**v, local, self, other)

    def __neg__(self) -> Node:
        return _operation("neg", lambda u: -u, (lambda u: -1,), self)

    def __radd__(self, other: Any) -> Node:
        return as_node(other) + self

    def __rsub__(self, other: Any) -> Node:
        return as_node(other) - self

    def __rmul__(self, other: Any) -> Node:
        return as_node(other) * self

    def __rtruediv__(self, other: Any) -> Node:
        return as_node(other) / self

    def __rpow__(self, other: Any) -> Node:
        return as_node(other) ** self


class Adjoints(dict):
    """dC/dNode by node; a node that does not lead to the output has 0."""

    def __missing__(self, node: Node) -> int:
        return 0


def constant(v: Value) -> Node:
    """A leaf without a name; Python numbers take the scalar type of what they meet.

    Raises ValueError for NaN, infinity, an empty array, what is no number. Book: eq-chain-forward.
    """
    value = number("the constant", v)
    return Node("", v if type(v) in (int, float, complex) else value)


def variable(name: str, v: Value) -> Node:
    """A leaf with a name: v is a number, an array or a symbol; integers become float64.

    All variables of one graph have one shape. Raises ValueError as `constant`, or for an empty name.
    Book: eq-chain-forward.
    """
    if not isinstance(name, str) or not name:
        raise ValueError(f"name of a variable wants a text, got {name!r}")
    return Node(name, number(name, v))


def number(name: str, v: Value) -> Value:
    """A copy of v as a leaf keeps it; ValueError naming it for what is no number."""
    array = as_array(name, v).copy()
    if array.dtype == object and any(entry is None or isinstance(entry, Node) for entry in array.flat):
        raise ValueError(f"{name} wants a number, an array or a symbol, got {v!r}")
    return array[()]


def as_node(argument: Any) -> Node:
    """The argument itself if it is a node, else a constant."""
    return argument if isinstance(argument, Node) else constant(argument)


def times(u: Any, v: Any) -> Any:
    """u * v without the multiplication by a literal 1."""
    if type(v) is int and v == 1:
        return u
    return v if type(u) is int and u == 1 else u * v


def _operation(name: str, f: Rule, local: tuple[Rule, ...], *arguments: Any) -> Any:
    """f of the arguments: a new node if one of them is a node, else the value itself."""
    if any(isinstance(argument, Node) for argument in arguments):
        return Node(name, None, tuple(map(as_node, arguments)), f, local)
    return f(*arguments)


def exp(u: Any) -> Any:
    """The exponential of a node (or a value); local derivative exp(u)."""
    return _operation("exp", np.exp, (exp,), u)


def log(u: Any) -> Any:
    """The natural logarithm; local derivative 1 / u."""
    return _operation("log", np.log, (lambda u: 1 / u,), u)


def tanh(u: Any) -> Any:
    """The hyperbolic tangent; local derivative 4 s(2u) s(-2u): it keeps the digits that 1 - tanh^2 loses."""
    return _operation("tanh", np.tanh, (lambda u: 4 * sigmoid(2 * u) * sigmoid(-2 * u),), u)


def sigmoid(u: Any) -> Any:
    """s(u) = 1 / (1 + e^-u); local derivative s(u) s(-u). Book: eq-chain-sigmoid."""
    return _operation("sigmoid", _scalar(activations.sigmoid.f), (lambda u: sigmoid(u) * sigmoid(-u),), u)


def sin(u: Any) -> Any:
    """The sine; local derivative cos(u)."""
    return _operation("sin", np.sin, (cos,), u)


def cos(u: Any) -> Any:
    """The cosine; local derivative -sin(u)."""
    return _operation("cos", np.cos, (lambda u: -sin(u),), u)


def maximum(u: Any, v: Any) -> Any:
    """The larger of two (by their real parts); the local derivative is 1 for the larger, 0 for the other.

    At a tie the first argument counts as the larger: the two local derivatives still sum to 1, the
    slope along (1, 1). Raises ValueError, when evaluated, for symbols, which have no order.
    """
    return _operation(
        "max",
        lambda u, v: np.asarray(np.where(_exceeds(v, u), v, u))[()],
        (lambda u, v: 1 - _step(v, u), lambda u, v: _step(v, u)),
        u,
        v,
    )


def _step(v: Any, u: Any) -> Any:
    """1 where v exceeds u, else 0; flat, so its local derivatives are 0."""
    f = lambda v, u: _exceeds(v, u) + 0 * v
    return _operation("step", f, (lambda v, u: 0, lambda v, u: 0), v, u)


def _exceeds(v: Value, u: Value) -> Any:
    try:
        return np.real(v) > np.real(u)
    except TypeError:
        raise ValueError(f"maximum wants numbers, which have an order, got {u} and {v}") from None


def apply(activation: Activation, node: Any, order: int = 0) -> Any:
    """An activation, or its derivative of that order, at a node; local derivative: the next order.

    Raises ValueError for softmax, which is not elementwise, and for a derivative it does not have.
    """
    if not activation.elementwise:
        raise ValueError(f"apply wants an elementwise activation, got {activation.name}")
    f = _scalar(activation.derivative(whole_number(f"order of activation {activation.name!r}", order, 0, 3)))
    return _operation(activation.name + "'" * order, f, (lambda u: apply(activation, u, order + 1),), node)


def _scalar(f: Rule) -> Rule:
    """f that takes arrays, on numbers too: no array of rank 0 comes out."""
    return lambda u: np.asarray(f(np.asarray(u)))[()]
