"""The chain rule on a graph: values forward, derivatives backward, along every edge.

Values and derivatives live in the dictionaries that these functions return, never on the nodes, so every
function may be called again. One loop, `_sweep`, differentiates to numbers and to new graphs.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from nnlib import network
from nnlib.activations import row_maximum
from nnlib.arrays import as_array, one_dtype
from nnlib.costs import Cost, l2, targets
from nnlib.network import Gradient, Network
from nnlib.nodes import (
    Adjoints,
    Node,
    Value,
    apply,
    as_node,
    constant,
    cos,
    exp,
    log,
    maximum,
    number,
    sigmoid,
    sin,
    tanh,
    times,
    variable,
)

__all__ = [
    "Adjoints", "MLPBackward", "NetworkGraph", "Node", "apply", "backward", "constant", "cos", "derivative",
    "exp", "forward", "gradient", "jacobian", "jvp", "log", "maximum", "mlp_backward", "network_graph",
    "sigmoid", "sin", "tanh", "topological", "values", "variable",
]  # fmt: skip


def topological(*outputs: Node) -> list[Node]:
    """All nodes that lead to the outputs, parents before children, without recursion."""
    order: list[Node] = []
    seen: set[Node] = set()
    stack = [(node, False) for node in reversed(outputs)]
    while stack:
        node, parents_done = stack.pop()
        if parents_done:
            order.append(node)
        elif not isinstance(node, Node):
            raise ValueError(f"output wants a Node, got {node!r}")
        elif node not in seen:
            seen.add(node)
            stack.append((node, True))
            stack.extend((parent, False) for parent in reversed(node.parents))
    return order


def values(*outputs: Node) -> dict[Node, Value]:
    """The value of every node that leads to the outputs, in topological order.

    u_i = f_i(u_p1, ..., u_ps), one argument for each slot. Raises ValueError if leaves differ in shape
    (constants may be scalars) or mix float widths. Book: eq-chain-forward. Source: 002, forward pass.
    """
    order = topological(*outputs)
    _common_leaf(order)
    u: dict[Node, Value] = {}
    for node in order:
        u[node] = node.f(*(u[parent] for parent in node.parents)) if node.parents else node.value
    return u


def _common_leaf(order: list[Node]) -> Value:
    """A leaf's value with the shape of the graph; ValueError if the leaves' shapes or widths do not agree."""
    leaves = [node for node in order if not node.parents and type(node.value) not in (int, float, complex)]
    first = max(leaves, key=lambda node: np.ndim(node.value), default=constant(1))
    for node in leaves:
        got, wanted = np.shape(node.value), np.shape(first.value)
        if got != wanted and not (node.is_constant and got == ()):
            names = [leaf.name or "a constant" for leaf in (node, first)]
            raise ValueError(f"{names[0]} has shape {got}, {names[1]} has {wanted}")
    one_of_each = {np.asarray(node.value).dtype: node for node in reversed(leaves)}
    if one_of_each:
        one_dtype({f"{node.name} ({dtype})": np.zeros((), dtype) for dtype, node in one_of_each.items()})
    return first.value


def forward(output: Node) -> Value:
    """The value of a node, computed from its leaves. Book: eq-chain-forward. Source: 002, forward pass."""
    return values(output)[output]


def backward(output: Node) -> Adjoints:
    """dC/du of every node u that leads to the output C, in one sweep.

    dC/dC = 1, and in reverse topological order dC/du_j = sum over the slots (i, s) that u_j fills of
    dC/du_i * d f_i/d slot s. Book: eq-chain-backward. Source: 002, backward pass, corrected.
    """
    u = values(output)
    return _sweep(list(u), {output: np.ones_like(u[output])[()]}, u)


def _sweep(order: list[Node], seeds: dict[Node, Any], at: dict[Node, Any]) -> Adjoints:
    """Reverse mode: `at` gives each node as its value (symbol to number) or as itself (symbol to symbol)."""
    adjoint = Adjoints(seeds)
    for node in reversed(order):
        if node not in adjoint:
            continue
        arguments = [at[parent] for parent in node.parents]
        for parent, local in zip(node.parents, node.local):
            message = times(adjoint[node], local(*arguments))
            adjoint[parent] = adjoint[parent] + message if parent in adjoint else message
    return adjoint


def jvp(output: Node, tangents: dict[Node, Value]) -> Value:
    """The derivative of the output along a direction, a tangent for each leaf that moves: one forward sweep.

    du_i = sum over slots s of d f_i/d slot s * du_p. Raises ValueError for a tangent of a node that is
    no leaf, or of another shape than its leaf's. Book: eq-chain-jvp.
    """
    u = values(output)
    du = _push(u, {leaf: _tangent(leaf, tangent) for leaf, tangent in tangents.items()})
    return du.get(output, np.zeros_like(u[output])[()])


def _push(u: dict[Node, Value], du: dict[Node, Value]) -> dict[Node, Value]:
    """Forward mode: the tangents of the nodes that move, from those of the seeds `du`, at the values `u`."""
    for node in u:
        arguments = [u[parent] for parent in node.parents]
        for parent, local in zip(node.parents, node.local):
            if parent in du:
                message = times(du[parent], local(*arguments))
                du[node] = du[node] + message if node in du else message
    return du


def jacobian(outputs: Sequence[Node], inputs: Sequence[Node], mode: str = "reverse") -> list[list[Value]]:
    """d outputs[i] / d inputs[j], a row for each output: one sweep for each input or for each output.

    Raises ValueError for another mode and for inputs that are no leaves. Book: eq-chain-sweeps.
    """
    u = values(*outputs)
    for leaf in inputs:
        if not isinstance(leaf, Node) or leaf.parents:
            raise ValueError(f"inputs wants constants and variables, got {leaf!r}")
    if mode == "forward":
        columns = [_push(u, {leaf: np.ones_like(leaf.value)[()]}) for leaf in inputs]
        return [[column.get(output, 0) for column in columns] for output in outputs]
    if mode == "reverse":
        rows = [_sweep(list(u), {output: np.ones_like(u[output])[()]}, u) for output in outputs]
        return [[row[leaf] for leaf in inputs] for row in rows]
    raise ValueError(f"mode is {mode!r}, wants 'forward' or 'reverse'")


def _tangent(leaf: Node, tangent: Value) -> Value:
    if not isinstance(leaf, Node) or leaf.parents:
        raise ValueError(f"tangents wants constants and variables as keys, got {leaf!r}")
    as_array(f"tangent of {leaf.name}", tangent, np.shape(leaf.value))
    return tangent if type(tangent) in (int, float, complex) else number(leaf.name, tangent)


def derivative(output: Node, wrt: Node) -> Node:
    """The graph of d output / d wrt: symbol to symbol, so it works again. Book: eq-chain-second."""
    if not isinstance(wrt, Node):
        raise ValueError(f"wrt wants a Node, got {wrt!r}")
    order = topological(output)
    leaf = _common_leaf(order)
    one = 1 if np.ndim(leaf) == 0 else constant(np.ones_like(leaf))
    adjoint = _sweep(order, {output: one}, {node: node for node in order})
    return as_node(adjoint[wrt] if wrt in adjoint else 0 * one)


class NetworkGraph(NamedTuple):
    """A network as scalar nodes: W[l][i][j] and b[l][i], None at l = 0, and a[l][i]; a[0] are the inputs."""

    W: list
    b: list
    a: list


def network_graph(net: Network, X: Value) -> NetworkGraph:
    """One node for every weight, bias, product, sum and activation; each value is a column (B,) over rows.

    z_i = b_i + sum_j W_ij a_j, a_i = f(z_i). Every row has its own copy of a weight, so the derivative
    by the weight is the sum over its copies. Softmax is a graph of exp, a sum and a quotient.
    Raises ValueError for an X that does not fit. Book: eq-chain-forward.
    """
    X = as_array("X", X, ("B", net.sizes[0]))
    one_dtype({"W[1]": net.W[1], "X": X})
    graph = NetworkGraph([None], [None], [[variable(f"x[{j}]", column) for j, column in enumerate(X.T)]])

    def copies(name: str, entry: Value) -> Node:
        return variable(name, np.full(len(X), entry, dtype=net.dtype))

    for l in range(1, net.L + 1):
        graph.b.append([copies(f"b[{l}][{i}]", entry) for i, entry in enumerate(net.b[l])])
        graph.W.append(
            [[copies(f"W[{l}][{i},{j}]", w) for j, w in enumerate(row)] for i, row in enumerate(net.W[l])]
        )
        z = []
        for b, weights in zip(graph.b[l], graph.W[l]):
            for w, a in zip(weights, graph.a[l - 1]):
                b = b + w * a
            z.append(b)
        act = net.act[l]
        graph.a.append([apply(act, z_i) for z_i in z] if act.elementwise else _softmax(z))
    return graph


def _softmax(z: list[Node]) -> list[Node]:
    """Softmax as nodes; the subtracted constant keeps exp finite and cancels in the quotient."""
    u = values(*z)
    shift = constant(row_maximum(np.stack([u[z_i] for z_i in z], axis=-1))[:, 0])
    e = [exp(z_i - shift) for z_i in z]
    total = e[0]
    for e_i in e[1:]:
        total = total + e_i
    return [e_i / total for e_i in e]


def gradient(net: Network, X: Value, Y: Value, cost: Cost) -> Gradient:
    """The cost's gradient through the scalar graph, node by node: X (B, n_0), Y (B, n_L), summed over rows.

    A cost is known by its value and dC/da alone, so the sweep starts from the outputs with dC/da_q, as
    the chain rule would send it down from C. Takes softmax in layer L.
    Raises ValueError for wrong ranks, widths, types, NaN and infinity. Book: eq-chain-backward.
    """
    graph = network_graph(net, X)
    outputs = graph.a[net.L]
    u = values(*outputs)
    a = np.stack([u[node] for node in outputs], axis=-1)
    dC_da = as_array("dC_da", cost.da(a, targets("Y", Y, a)), a.shape)
    adjoint = _sweep(list(u), dict(zip(outputs, dC_da.T)), u)
    W = (None, *(np.array([[adjoint[w].sum() for w in row] for row in rows]) for rows in graph.W[1:]))
    return Gradient(W, (None, *(np.array([adjoint[b].sum() for b in layer]) for layer in graph.b[1:])))


class MLPBackward(NamedTuple):
    """dC_da[l] (B, n_l) for l = 0..L, delta[l] = dC/dz[l] (B, n_l) with None at 0, and the gradient of J."""

    dC_da: tuple  # noqa: N815
    delta: tuple
    gradient: Gradient


def mlp_backward(
    net: Network, X: Value, Y: Value, cost: Cost, lam: Value = 0, biases: bool = False
) -> MLPBackward:
    """002's backward pass of a layered network for a batch X (B, n_0): J = C + lam Omega, see `costs.l2`.

    For l = L..1: delta[l] = dC_da[l] * f'(z[l]), for softmax a * (dC_da - sum_i a_i dC_da_i);
    dJ/dW[l] = delta[l]^T a[l-1] + lam dOmega/dW; dJ/db[l] = sum of delta[l]'s rows + lam dOmega/db;
    dC_da[l-1] = delta[l] W[l].

    Raises ValueError as `gradient` and `costs.l2` do. Book: eq-chain-mlp-delta, eq-chain-mlp-w,
    eq-chain-mlp-b, eq-chain-mlp-below, eq-chain-softmax-delta. Source: 002, E9-E14.
    """
    z, a = network.forward(net, X)
    dC_da: list = [None] * (net.L + 1)
    delta: list = [None] * (net.L + 1)
    dC_da[net.L] = as_array("dC_da", cost.da(a[net.L], targets("Y", Y, a[net.L])), a[net.L].shape)
    for l in range(net.L, 0, -1):
        if net.act[l].elementwise:
            delta[l] = dC_da[l] * net.act[l].df(z[l])
        else:
            delta[l] = (dC_da[l][:, :, None] * net.act[l].jacobian(a[l])).sum(axis=1)
        dC_da[l - 1] = delta[l] @ net.W[l]
    W = (None, *(delta[l].T @ a[l - 1] for l in range(1, net.L + 1)))
    gradient_of_C = Gradient(W, (None, *(delta_l.sum(axis=0) for delta_l in delta[1:])))
    return MLPBackward(tuple(dC_da), tuple(delta), gradient_of_C + l2(net, lam, biases)[1])
