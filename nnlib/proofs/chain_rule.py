"""Claims of the chapter chain_rule, on graphs: one variable, many paths, both sweeps, new graphs.

The claims on layers (the backward pass with its penalty, softmax) stand in chain_rule_layers.
"""

from __future__ import annotations

import numpy as np
import sympy

from nnlib import costs
from nnlib.chain_rule import (
    Node,
    apply,
    backward,
    derivative,
    exp,
    forward,
    gradient,
    jvp,
    log,
    network_graph,
    sigmoid,
    sin,
    tanh,
    topological,
    values,
    variable,
)  # fmt: skip
from nnlib.check import Counted, operations
from nnlib.network import forward as network_forward
from nnlib.proofs import symbols
from nnlib.proofs.registry import ProofError, checked, cited, definition, exact, note, proved, refuted
from nnlib.proofs.symbols import activation, array, cost, diff, differ, network, same

MODULE = "nnlib.chain_rule"
F, G = activation("f"), activation("g")


def _variables(names: str) -> list[Node]:
    return [variable(name, sympy.Symbol(name)) for name in names.split()]


def _graph() -> tuple[Node, list[Node]]:
    """A graph with a fork, a repeated argument, a difference, a quotient and a power."""
    x, y = _variables("x y")
    u = apply(G, x * y)
    v = u * u - x / u
    return apply(F, v + 2 * u) ** 3 * u, [x, y, u]


# One variable, several variables ---------------------------------------------------------------------------


@exact("eq-chain-scalar", scope="any smooth f and g", code=f"{MODULE}.backward {MODULE}.apply", of="002 E1")
def a_chain_multiplies():
    """Along a chain the local derivatives multiply."""
    (x,) = _variables("x")
    y = apply(G, x)
    z = apply(F, y)
    return same(backward(z)[x], sympy.diff(forward(z), x.value))


def _two_three_one() -> tuple[list[Node], list[Node], Node]:
    """x in R^2, y in R^3, z in R."""
    x = _variables("x_0 x_1")
    y = [x[0] * x[1], x[0] + x[1] ** 2, sin(x[0])]
    return x, y, y[0] * y[1] + apply(F, y[1] * y[2])


def _jacobians() -> tuple[np.ndarray, np.ndarray, list]:
    """sympy's dy/dx (3, 2) at the symbols x, and dz/dy (3,) at fresh symbols y, evaluated at y(x)."""
    x, y, z = _two_three_one()
    inputs, found = [node.value for node in x], [forward(node) for node in y]
    fresh = array("y", 3)
    y_0, y_1, y_2 = (variable(str(symbol), symbol) for symbol in fresh)
    outer = forward(y_0 * y_1 + apply(F, y_1 * y_2))
    dz_dy = [entry.xreplace(dict(zip(fresh, found))) for entry in diff(outer, fresh)]
    return (
        symbols.jacobian(np.array(found, dtype=object), inputs),
        np.array(dz_dy),
        [backward(z)[node] for node in x],
    )


@exact("eq-chain-paths", scope="R^2 to R^3 to R, any smooth f", code=f"{MODULE}.backward", of="002 E2")
def derivatives_add_over_intermediate_variables():
    """Each intermediate variable $y_j$ is one way from $x_i$ to $z$, and the ways add."""
    dy_dx, dz_dy, found = _jacobians()
    return same(found, [sum(dz_dy[j] * dy_dx[j, i] for j in range(3)) for i in range(2)])


cited(
    "chain_rule",
    "eq-chain-paths/theorem",
    "For all differentiable maps between spaces of every dimension the derivative of the composition is the "
    "product of the derivatives.",
    "rudin1976, theorem 9.15",
)


@refuted(
    "eq-chain-paths/002-E2",
    source="002 E2",
    classes="MO",
    printed=r"\frac{\partial z}{\partial x_i} = \sum_i "
    r"\frac{\partial z}{\partial y_i} \frac{\partial y_j}{\partial x_i}",
    correct="eq-chain-paths",
    scope="R^2 to R^3 to R at one point",
)
def the_sum_must_run_over_the_intermediate_variables():
    """The printed sum runs over the inputs' index and leaves $j$ free: it has as many values as $y$."""
    x = [variable("x_0", 0.5), variable("x_1", 0.7)]
    y = [x[0] * x[1], x[0] + x[1] ** 2, sin(x[0])]
    z = y[0] * y[1] + y[2] ** 2
    dz_dy, dy_dx = [backward(z)[y_j] for y_j in y], [[backward(y_j)[x_i] for x_i in x] for y_j in y]
    printed = [sum(dz_dy[i] * dy_dx[j][i] for i in range(2)) for j in range(3)]
    return differ(printed, [backward(z)[x_i] for x_i in x])


@exact("eq-chain-gradient", scope="R^2 to R^3 to R, any smooth f", code=f"{MODULE}.backward", of="002 E3")
def the_gradient_is_pulled_back_by_the_transposed_jacobian():
    """With outputs as rows, the gradient of a scalar is multiplied by the transposed Jacobian."""
    dy_dx, dz_dy, found = _jacobians()
    return same(found, dy_dx.T @ dz_dy)


@proved("eq-chain-layouts", scope="every width")
def the_other_layout_is_the_transposed_product():
    """Transposing a product of Jacobians transposes each and turns their order round."""
    m, n, k = sympy.symbols("m n k", integer=True, positive=True)
    dz_dy, dy_dx = sympy.MatrixSymbol("P", k, n), sympy.MatrixSymbol("Q", n, m)
    other_layout = (dz_dy * dy_dx).T
    if other_layout != dy_dx.T * dz_dy.T or other_layout.shape != (m, k):
        raise ProofError(f"{other_layout} is another product")
    return "1 identity of matrices"


# The example -----------------------------------------------------------------------------------------------

definition(
    "chain_rule",
    "eq-chain-example",
    "The example: two inputs, two hidden units and one output, all sigmoid, and the squared error.",
)
note(
    "002 E17",
    "O",
    "The numbers of the slides' example are lost; the book takes its own.",
    at="eq-chain-example",
)


@exact(
    "eq-chain-example-weight",
    scope="sizes 2-2-1, one example, any activations",
    code=f"{MODULE}.gradient",
)
def a_first_layer_weight_has_one_path():
    """From a weight of the first layer one path leads to the cost, and its local derivatives multiply."""
    net = network(2, 2, 1)
    x, y = array("x", 1, 2), array("y", 1, 1)
    z, a = network_forward(net, x)
    dC_dW = gradient(net, x, y, costs.squared_error).W[1]
    by_path = [
        2
        * (a[2][0, 0] - y[0, 0])
        * net.act[2].df(z[2])[0, 0]
        * net.W[2][0, i]
        * net.act[1].df(z[1])[0, i]
        * x[0, j]
        for i in range(2)
        for j in range(2)
    ]
    return same(dC_dW, by_path)


# The graph -------------------------------------------------------------------------------------------------


@exact(
    "eq-chain-forward",
    scope="sizes 2-3-2, B = 2, any activations",
    code=f"{MODULE}.values {MODULE}.network_graph {MODULE}.topological",
    of="002 E4 E5 E7",
)
def the_graph_computes_the_network():
    """Each node is its operation applied to its parents' values; a network's nodes compute the network."""
    net, X = network(2, 3, 2), array("x", 2, 2)
    outputs = network_graph(net, X).a[2]
    u = values(*outputs)
    return same(np.stack([u[node] for node in outputs], axis=1), network_forward(net, X).a[2])


note(
    "002 E5",
    "ON",
    r"$f(\mathbb{A}^{(i)})$ wants a superscript, $f^{(i)}$, as in the forward pass.",
    at="eq-chain-forward",
)
note(
    "002 E7",
    "G",
    "Only $u^{(n)}$ is returned; the backward pass needs all $u^{(i)}$, so all are kept.",
    at="eq-chain-forward",
)


@exact("eq-chain-slots", scope="two variables", code=f"{MODULE}.backward", of="002 E6")
def each_slot_contributes():
    """A node that fills two slots contributes twice, and the order of the slots matters."""
    u, v = _variables("u v")
    square, difference = backward(u * u), backward(u - v)
    return same([square[u], difference[u], difference[v]], [2 * u.value, 1, -1])


@refuted(
    "eq-chain-slots/002-E6",
    source="002 E6",
    classes="M",
    printed=r"\mathbb{A}^{(i)} \leftarrow \{u^{(j)} \mid j \in Pa(u^{(i)})\}",
    correct="eq-chain-slots",
    scope="u = 0.35",
)
def a_set_of_parents_forgets_repetition():
    """A set keeps one of two equal parents: $u \\cdot u$ gets half its derivative."""
    u = variable("u", 0.35)
    square = u * u
    as_a_set = dict(zip(square.parents, square.local))
    printed = sum(local(*(values(square)[p] for p in square.parents)) for local in as_a_set.values())
    return differ(printed, backward(square)[u])


@exact("eq-chain-backward", scope="a graph with forks and repeated arguments, any smooth f and g",
       code=f"{MODULE}.backward", of="002 E8")  # fmt: skip
def one_reverse_sweep_gives_every_derivative():
    """In reverse topological order every node's derivative is complete before it is passed on."""
    output, (x, y, _) = _graph()
    found = backward(output)
    return same([found[x], found[y]], diff(forward(output), [x.value, y.value]))


@exact(
    "eq-chain-backward/network",
    scope="sizes 2-3-4-2, B = 2, any activations, any cost",
    code=f"{MODULE}.gradient {MODULE}.network_graph",
)
def the_scalar_graph_gives_the_gradient_of_a_network():
    """Swept from its outputs, the graph of scalars gives the cost's derivative by every parameter."""
    net, X, Y, C = network(2, 3, 4, 2), array("x", 2, 2), array("y", 2, 2), cost()
    value = C.value(network_forward(net, X).a[3], Y)
    return same(gradient(net, X, Y, C), symbols.gradient(value, net))


def _with_printed_factors(output: Node) -> dict:
    """002's backward pass as printed: the factor beside an adjoint is du_i/du_i = 1."""
    table = {output: 1.0}
    for node in reversed(topological(output)):
        for parent in set(node.parents):
            table[parent] = table.get(parent, 0) + table[node]
    return table


@refuted(
    "eq-chain-backward/002-E8",
    source="002 E8",
    classes="MO",
    printed=r"\mathrm{grad\_table}[u^{(j)}] \leftarrow \sum \mathrm{grad\_table}[u^{(i)}] "
    r"\frac{\partial u^{(i)}}{\partial u^{(i)}}",
    correct="eq-chain-backward",
    scope="(x_0 x_1)^2 at (0.5, 0.7)",
)
def a_node_by_itself_has_derivative_one():
    """The printed factor $\\partial u^{(i)} / \\partial u^{(i)}$ is 1, so no local derivative enters."""
    x = [variable("x_0", 0.5), variable("x_1", 0.7)]
    product = x[0] * x[1]
    square = product * product
    return differ(_with_printed_factors(square)[x[0]], backward(square)[x[0]])


def _over_paths(node: Node, source: Node, u: dict):
    """The sum, over all paths from the source, of the products of their local derivatives."""
    if node is source:
        return 1
    arguments = [u[parent] for parent in node.parents]
    return sum(
        local(*arguments) * _over_paths(parent, source, u) for parent, local in zip(node.parents, node.local)
    )


@exact(
    "eq-chain-all-paths", scope="a graph with 18 paths from x, any smooth f and g", code=f"{MODULE}.backward"
)
def backward_is_the_sum_over_all_paths():
    """The sweep computes the sum over all paths of the products of local derivatives, listing none."""
    output, (x, y, _) = _graph()
    u, found = values(output), backward(output)
    return same([found[x], found[y]], [_over_paths(output, x, u), _over_paths(output, y, u)])


@proved("eq-chain-all-paths/start", scope="every graph: induction in reverse topological order, its start")
def one_empty_path_ends_where_it_starts():
    """From the cost to itself leads one path, without an edge; its empty product is the cost's adjoint, 1."""
    local, edge = sympy.IndexedBase("d"), sympy.Symbol("e", integer=True)
    return same(sympy.Product(local[edge], (edge, 1, 0)).doit(), 1)


@proved("eq-chain-all-paths/step", scope="every graph: induction in reverse topological order, its step")
def the_paths_through_a_slot_factor():
    """The paths through a slot share its local derivative: it is a factor of their sum, beside the user's."""
    slot, path = sympy.symbols("s q", integer=True, positive=True)
    local, product = sympy.IndexedBase("d"), sympy.IndexedBase("P")  # of a slot; of a path from its user
    count = sympy.IndexedBase("K", integer=True)
    through_the_slot = sympy.Sum(local[slot] * product[slot, path], (path, 1, count[slot]))
    adjoint_of_the_user = sympy.Sum(product[slot, path], (path, 1, count[slot]))
    return same(sympy.simplify(through_the_slot - local[slot] * adjoint_of_the_user), 0)


def _diamonds(n: int, b: Node) -> Node:
    for _ in range(n):
        b = 2 * b + 3 * b
    return b


@exact("eq-chain-diamond", scope="one to six diamonds", code=f"{MODULE}.backward {MODULE}.derivative")
def diamonds_multiply_by_five():
    """Each diamond $b \\leftarrow 2b + 3b$ multiplies the derivative by $2 + 3$."""
    (b,) = _variables("b")
    chains = [_diamonds(n, b) for n in range(1, 7)]
    return same(
        [backward(chain)[b] for chain in chains], [sympy.diff(forward(chain), b.value) for chain in chains]
    )


@exact(
    "eq-chain-jvp",
    scope="a graph with forks and repeated arguments, any smooth f and g",
    code=f"{MODULE}.jvp",
)
def one_forward_sweep_gives_one_direction():
    """A forward sweep carries the derivative along one direction of the inputs."""
    output, (x, y, _) = _graph()
    direction = sympy.symbols("v_x v_y")
    dC_dx, dC_dy = diff(forward(output), [x.value, y.value])
    return same(jvp(output, dict(zip((x, y), direction))), dC_dx * direction[0] + dC_dy * direction[1])


def random_polynomial(rng: np.random.Generator, size: int) -> list[Node]:
    """Three inputs and then `size` random operations +, - and *, each on any of the nodes before it."""
    nodes = [variable(f"x_{i}", Counted()) for i in range(3)]
    for _ in range(size):
        u, v = (nodes[i] for i in rng.integers(len(nodes), size=2))
        nodes.append((u + v, u - v, u * v)[rng.integers(3)])
    return nodes


@checked(
    "eq-chain-cheap",
    scope="counted on 200 random graphs of 1 to 40 operations; the page gives the argument for every graph",
    code=f"{MODULE}.backward",
)
def all_derivatives_cost_at_most_four_values_more():
    """On a graph of +, - and ·, the value with all its derivatives costs at most five times the value."""
    rng, worst = np.random.default_rng(0), 0.0
    for _ in range(200):
        output = random_polynomial(rng, int(rng.integers(1, 41)))[-1]
        worst = max(worst, operations(backward, output) / operations(forward, output))
    if worst > 5:
        raise ProofError(f"one gradient cost {worst:.2f} values")
    return f"at most {worst:.2f} times"


# Local derivatives, and graphs of derivatives --------------------------------------------------------------


@exact("eq-chain-local", scope="symbols u, v; exponents -2 to 4", code=f"{MODULE}.backward nnlib.nodes.Node")
def each_operation_knows_its_local_derivatives():
    """The table of local derivatives that the operations of the graph carry."""
    u, v = _variables("u v")
    outputs = [u + v, u - v, u * v, u / v, -u, u**v, exp(u), log(u), sin(u), tanh(u)]
    outputs += [u**n for n in range(-2, 5)]
    found = [backward(output)[leaf] for output in outputs for leaf in (u, v)]
    true = [sympy.diff(forward(output), leaf.value) for output in outputs for leaf in (u, v)]
    differences = [sympy.simplify(sympy.sympify(f - t).rewrite(sympy.exp)) for f, t in zip(found, true)]
    return same(differences, [0] * len(differences))


@exact("eq-chain-sigmoid", scope="one symbol", code=f"{MODULE}.sigmoid {MODULE}.backward")
def the_slope_of_the_sigmoid_is_a_product_of_sigmoids():
    """The sigmoid's derivative is the sigmoid here times the sigmoid mirrored: no digit is lost far out."""
    (z,) = _variables("z")
    difference = backward(sigmoid(z))[z] - sympy.diff(forward(sigmoid(z)), z.value)
    return same(sympy.simplify(difference), 0)


@exact(
    "eq-chain-second",
    scope="any smooth f and g, order 2; the sigmoid, orders 1 to 3",
    code=f"{MODULE}.derivative {MODULE}.forward",
    of="002 E15",
)
def a_graph_of_the_derivative_can_be_differentiated_again():
    """Differentiating to symbols gives a graph, and that graph's derivative is the second derivative."""
    output, (x, y, _) = _graph()
    second = [forward(derivative(derivative(output, x), leaf)) for leaf in (x, y)]
    C = forward(output)
    (z,) = _variables("z")
    found, true, node = [], [], sigmoid(z)
    for order in range(1, 4):
        node = derivative(node, z)
        found.append(sympy.simplify(forward(node) - sympy.diff(forward(sigmoid(z)), z.value, order)))
        true.append(0)
    return same([*second, *found], [sympy.diff(C, x.value, leaf.value) for leaf in (x, y)] + true)


note(
    "002 E15",
    "C",
    "The tools named are of their time: the two kinds, symbol to number and symbol to symbol, remain.",
    at="eq-chain-second",
)
