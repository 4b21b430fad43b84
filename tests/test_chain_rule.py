"""The graph: every path and slot counted, no trace left, any depth, any scalar type, clear refusals."""

import autograd
import autograd.numpy as anp
import numpy as np
import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st
from mutants_chain_rule import at, expression, numeric_check
from networks import COSTS, problems, random_data, random_network
from tolerances import TOL

from nnlib import activations, costs
from nnlib.activations import Activation, softmax
from nnlib.chain_rule import (
    Node,
    apply,
    backward,
    constant,
    cos,
    derivative,
    exp,
    forward,
    gradient,
    jacobian,
    jvp,
    log,
    maximum,
    mlp_backward,
    network_graph,
    sigmoid,
    sin,
    tanh,
    topological,
    values,
    variable,
)  # fmt: skip
from nnlib.check import Counted, agreement, central_difference, complex_step, gradient_error, operations
from nnlib.costs import Cost, l2, squared_error
from nnlib.figures import chain_rule as figures
from nnlib.figures import chain_rule_layouts as layouts
from nnlib.figures import chain_rule_modes as modes
from nnlib.network import Network, flatten


def random_graph(operations, leaves):
    """A graph drawn by hypothesis: each operation takes any earlier nodes, the same one twice included."""
    nodes = list(leaves)
    for kind, i, j in operations:
        u, v = nodes[i % len(nodes)], nodes[j % len(nodes)]
        nodes.append((u + v, u - v, u * v, u / (2 + v * v), sin(u), tanh(u), sigmoid(u), (u + 1) ** 2)[kind])
    return nodes[-1]


graphs = st.lists(
    st.tuples(st.integers(0, 7), st.integers(0, 20), st.integers(0, 20)), min_size=1, max_size=14
)
points = st.lists(st.floats(-1.5, 1.5), min_size=3, max_size=3).map(np.array)


@settings(max_examples=60)
@given(graphs, points)
def test_random_graphs_agree_with_the_complex_step_in_every_mode(operations, point):
    f = lambda x: forward(random_graph(operations, [variable(f"x_{i}", x_i) for i, x_i in enumerate(x)]))
    leaves = [variable(f"x_{i}", x_i) for i, x_i in enumerate(point)]
    output = random_graph(operations, leaves)
    true = complex_step(f, point)
    scale = max(1, np.abs(true).max())
    adjoint = backward(output)
    assert np.abs([adjoint[x] for x in leaves] - true).max() <= TOL["complex step"] * scale
    directions = [jvp(output, {x: 1}) for x in leaves]
    assert np.abs(directions - true).max() <= TOL["complex step"] * scale
    new_graphs = [forward(derivative(output, x)) for x in leaves]
    assert np.abs(new_graphs - true).max() <= TOL["complex step"] * scale


def test_every_operation_against_both_oracles():
    assert numeric_check() <= TOL["complex step"]
    f = lambda point: forward(expression(*at(point)))
    u, v = at([0.7, 1.2])
    adjoint = backward(expression(u, v))
    assert agreement([adjoint[u], adjoint[v]], central_difference(f, [0.7, 1.2])) <= TOL["central difference"]


def test_inner_nodes_have_their_derivatives_too():
    x = variable("x", 3.0)
    w = x * x
    y = w * w + w
    adjoint = backward(y)
    assert (adjoint[y], adjoint[w], adjoint[x]) == (1, 19, 114)
    assert forward(derivative(y, w)) == 19
    assert list(values(y)) == topological(y) and values(y)[w] == 9


@settings(max_examples=25)
@given(graphs, points)
def test_a_jacobian_is_the_same_by_columns_and_by_rows(operations, point):
    leaves = [variable(f"x_{j}", value) for j, value in enumerate(point)]
    outputs = [random_graph(operations[:k], leaves) for k in range(1, len(operations) + 1)]
    columns, rows = (
        np.array(jacobian(outputs, leaves, mode), dtype=float) for mode in ("forward", "reverse")
    )
    assert columns.shape == (len(outputs), 3) and agreement(columns, rows) <= TOL["identical"]
    swept = [[backward(output)[leaf] for leaf in leaves] for output in outputs]
    assert agreement(rows, np.array(swept, dtype=float)) <= TOL["identical"]


def test_operations_are_counted():
    u, v = variable("u", Counted()), variable("v", Counted())
    assert operations(forward, u * v - u) == 2
    assert operations(operations, forward, -u + v) == 2


@pytest.mark.parametrize("n", [1, 2, 10])
def test_diamonds(n):
    b = b_0 = variable("b", 1)
    for _ in range(n):
        b = 2 * b + 3 * b
    assert backward(b)[b_0] == jvp(b, {b_0: 1}) == forward(derivative(b, b_0)) == 5**n


def test_slots():
    u, v = variable("u", 0.35), variable("v", 2.0)
    assert backward(u * u)[u] == 0.7 and backward(u + u)[u] == 2 and backward(u / u)[u] == 0
    assert backward(u - v)[u] == 1 and backward(u - v)[v] == -1 and backward(v - u)[u] == -1
    assert backward(maximum(u, u))[u] == 1


def test_a_second_call_gives_the_same_and_nodes_keep_nothing():
    u, v = at([0.7, 1.2])
    output = expression(u, v)
    first, second = backward(output), backward(output)
    assert first == second and [forward(output) for _ in range(2)] == [values(output)[output]] * 2
    before = {node: (node.value, node.parents) for node in topological(output)}
    derivative(output, u), jvp(output, {u: 1})
    assert before == {node: (node.value, node.parents) for node in topological(output)}
    with pytest.raises(AttributeError):
        u.value = 5


def test_arrays_given_are_copied_and_untouched():
    given_array = np.array([1.0, 2.0])
    x = variable("x", given_array)
    output = x * x * 3 + 1
    assert backward(output)[x].tolist() == [6, 12] and given_array.tolist() == [1, 2]
    given_array[0] = 7
    assert forward(output).tolist() == [4, 13]
    assert jvp(output, {x: np.array([1.0, -1.0])}).tolist() == [6, -12]
    assert forward(derivative(2 * x, x)).tolist() == [2, 2] and forward(
        derivative(2 * x, variable("y", 1))
    ).tolist() == [0, 0]


def test_a_chain_of_100000_nodes_needs_no_recursion():
    x = variable("x", 1.0)
    node = x
    for _ in range(50_000):
        node = sin(node) + x
    assert len(topological(node)) == 100_001
    slope = complex_step(lambda t: chain_of_sines(t, 50_000), 1.0)
    assert abs(backward(node)[x] - slope) <= TOL["complex step"] * abs(slope)
    assert abs(jvp(node, {x: 1.0}) - slope) <= TOL["complex step"] * abs(slope)
    assert abs(forward(derivative(node, x)) - slope) <= TOL["complex step"] * abs(slope)


def chain_of_sines(t, n):
    node = t
    for _ in range(n):
        node = np.sin(node) + t
    return node


def test_derivatives_of_derivatives():
    z = variable("z", 0.4)
    node, order = exp(2 * z), 0
    while order < 6:
        node, order = derivative(node, z), order + 1
        assert forward(node) == pytest.approx(2**order * np.exp(0.8), rel=TOL["identical"])
    x = variable("x", 0.0)
    cube = [x**3]
    for _ in range(4):
        cube.append(derivative(cube[-1], x))
    assert [forward(node) for node in cube] == [0, 0, 0, 6, 0]
    fourth = tanh(z)
    for _ in range(4):
        fourth = derivative(fourth, z)
    s = sympy.Symbol("s")
    assert forward(fourth) == pytest.approx(float(sympy.diff(sympy.tanh(s), s, 4).subs(s, 0.4)), rel=1e-12)
    assert forward(derivative(derivative(constant(3.0) * 2, z), z)) == 0


@pytest.mark.parametrize("z", [-1e3, -40.0, 40.0, 1e3])
def test_sigmoid_and_tanh_are_finite_and_right_far_out(z):
    x = variable("x", z)
    small = np.exp(-abs(z))
    assert backward(sigmoid(x))[x] == pytest.approx(small, rel=TOL["identical"])
    assert backward(tanh(x))[x] == pytest.approx(4 * np.exp(-2 * abs(z)), rel=TOL["identical"])
    assert complex_step(lambda t: forward(sigmoid(variable("x", t))), z) == pytest.approx(
        small, rel=TOL["identical"]
    )


def test_the_maximum_at_a_tie_prefers_its_first_argument():
    u, v = variable("u", 2.0), variable("v", 2.0)
    adjoint = backward(maximum(u, v))
    assert (adjoint[u], adjoint[v]) == (1, 0) and backward(maximum(v, u))[u] == 0
    assert jvp(maximum(u, v), {u: 1, v: 1}) == 1
    x = variable("x", np.array([-1.0, 0.5]))
    assert backward(maximum(x, 0 * x))[x].tolist() == [0, 1]
    assert forward(derivative(derivative(maximum(x, 0 * x) ** 2, x), x)).tolist() == [0, 2]


def test_powers_with_fixed_exponents_take_negative_numbers():
    x = variable("x", -2.0)
    assert backward(x**3)[x] == 12 and backward(x**-1)[x] == -0.25 and backward(x**0)[x] == 0
    assert backward(x ** constant(2))[x] == -4 and backward((-x) ** 0.5)[x] == pytest.approx(-1 / np.sqrt(8))
    assert backward(variable("o", 0.0) ** 0)[x] == 0 and backward(constant(2) ** x)[x] == pytest.approx(
        np.log(2) / 4
    )
    assert backward(2.0**x)[x] == backward(constant(2) ** x)[x] and backward(1 - 2 / x)[x] == 0.5


def test_numbers_on_the_left_and_their_types():
    x = variable("x", np.float32(3))
    output = 2 * x * 0.5 + 1 / x - (1 - x) ** 2
    assert forward(output).dtype == backward(output)[x].dtype == np.float32
    assert jvp(output, {x: np.float32(1)}).dtype == np.float32
    assert forward(variable("n", 3)).dtype == np.float64
    y = variable("y", np.ones(2))
    assert isinstance(np.float64(2) * y, Node)
    assert backward(np.array([1.0, 2.0]) * y)[y].tolist() == [1, 2]


def test_complex_numbers_and_symbols():
    w = variable("w", 1 + 2j)
    assert backward(w**3)[w] == pytest.approx(3 * (1 + 2j) ** 2) and backward(cos(w))[w] == pytest.approx(
        -np.sin(1 + 2j)
    )
    x = variable("x", sympy.Symbol("x"))
    assert str(backward(x * x * 3)[x]) == "6*x"


def test_a_node_that_leads_nowhere_has_derivative_zero():
    x, y = variable("x", 1.0), variable("y", 2.0)
    assert backward(x * 2)[y] == 0 and jvp(x * 2, {y: 1}) == 0 and forward(derivative(x * 2, y)) == 0


@pytest.mark.parametrize("order", range(3))
def test_apply_takes_any_activation_and_its_derivatives(order):
    cube = Activation("cube", lambda z: z**3, lambda z: 3 * z**2, lambda z: 6 * z, lambda z: 6 + 0 * z)
    x = variable("x", 1.5)
    assert forward(apply(cube, x, order)) == cube.derivative(order)(1.5)
    assert backward(apply(cube, x, order))[x] == forward(derivative(apply(cube, x, order), x))
    assert backward(apply(cube, x, order))[x] == cube.derivative(order + 1)(1.5)


U, A = variable("u", 1.0), variable("A", np.ones(3))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: variable("x", np.nan), "x has NaN or infinity"),
        (lambda: variable("x", [1.0, np.inf]), "x has NaN or infinity"),
        (lambda: variable("x", []), "x is empty"),
        (lambda: variable("x", "a"), "x wants numbers"),
        (lambda: variable("x", None), "x wants a number, an array or a symbol, got None"),
        (lambda: variable("x", U), "x wants a number, an array or a symbol"),
        (lambda: variable("", 1.0), "name of a variable wants a text, got ''"),
        (lambda: constant(np.inf), "the constant has NaN or infinity"),
        (lambda: U + "a", "the constant wants numbers"),
        (lambda: forward(3.0), "output wants a Node, got 3.0"),
        (lambda: backward(None), "output wants a Node, got None"),
        (lambda: forward(U * A), r"u has shape \(\), A has \(3,\)"),
        (lambda: forward(A * np.ones(2)), r"a constant has shape \(2,\), A has \(3,\)"),
        (lambda: forward(U * variable("s", np.float32(1))), "one float width"),
        (lambda: derivative(U, "u"), "wrt wants a Node, got 'u'"),
        (lambda: jvp(U * 2, {U * 2: 1}), "tangents wants constants and variables as keys"),
        (lambda: jvp(U * 2, {U: np.ones(2)}), r"tangent of u has shape \(2,\), wants \(\)"),
        (lambda: jvp(U * 2, {U: np.nan}), "tangent of u has NaN"),
        (lambda: apply(softmax, U), "apply wants an elementwise activation, got softmax"),
        (lambda: apply(activations.tanh, U, 4), "order of activation 'tanh' is 4, wants 0..3"),
        (lambda: apply(Activation("own", np.sin, np.cos), U, 2), "activation 'own' has no d2f"),
        (lambda: forward(maximum(variable("x", sympy.Symbol("x")), 0)), "maximum wants numbers"),
        (lambda: gradient(NET, X[:, :1], Y, squared_error), r"X has shape \(3, 1\), wants \(B, 2\)"),
        (lambda: gradient(NET, X[:0], Y, squared_error), r"X is empty"),
        (lambda: gradient(NET, X, Y[:2], squared_error), r"Y has shape \(2, 2\), wants \(3, 2\)"),
        (lambda: gradient(NET, X, Y.astype(np.float32), squared_error), "one float width"),
        (lambda: gradient(NET, X.astype(np.float32), Y, squared_error), "one float width"),
        (lambda: gradient(NET, X, np.full((3, 2), np.nan), squared_error), "Y has NaN"),
        (lambda: gradient(NET, X, Y, Cost("bad", np.sum, lambda a, Y: a[0])), "dC_da has shape"),
        (lambda: jacobian([U * 2], [U * 2]), "inputs wants constants and variables"),
        (lambda: jacobian([U * 2], [U], "sideways"), "mode is 'sideways', wants 'forward' or 'reverse'"),
        (lambda: mlp_backward(NET, X, Y[:2], squared_error), r"Y has shape \(2, 2\), wants \(3, 2\)"),
        (lambda: mlp_backward(NET, X, Y, squared_error, -1), "lam is -1"),
    ],
)  # fmt: skip
def test_nonsense_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()


# Networks --------------------------------------------------------------------------------------------------

NET = random_network((2, 3, 2))
X, Y = random_data(NET.sizes)


@settings(max_examples=20)
@given(problems())
def test_the_layers_agree_with_the_scalar_graph(problem):
    assert agreement(mlp_backward(*problem).gradient, gradient(*problem)) <= TOL["identical"]


@pytest.mark.parametrize("cost", COSTS, ids=lambda cost: cost.name)
def test_softmax_outputs(cost):
    net = random_network((2, 3, 4), out=softmax)
    X, Y = random_data(net.sizes)
    assert gradient_error(net, X, Y, cost, gradient) <= TOL["complex step"]
    assert (
        gradient_error(net, X, Y, cost, lambda *problem: mlp_backward(*problem).gradient)
        <= TOL["complex step"]
    )
    far = Network((None, 1e3 * np.ones((3, 1))), (None, np.array([0.0, 1.0, -1e3])), (None, softmax))
    found = gradient(far, [[1.0]], [[1.0, 0.0, 0.0]], costs.squared_error)
    assert np.isfinite(flatten(found)).all() and flatten(found).any()


def test_the_derivative_by_the_inputs():
    graph = network_graph(NET, X)
    a = np.stack([values(node)[node] for node in graph.a[2]], axis=1)
    C = sum(((a_q - y_q) ** 2 for a_q, y_q in zip(graph.a[2], Y.T)), start=constant(0))
    dC_dx = np.stack([backward(C)[x_j] for x_j in graph.a[0]], axis=1)
    assert np.allclose(forward(C).sum(), squared_error.value(a, Y), rtol=TOL["identical"])
    assert agreement(mlp_backward(NET, X, Y, squared_error).dC_da[0], dC_dx) <= TOL["identical"]
    true = complex_step(
        lambda X: squared_error.value(np.stack([forward(n) for n in network_graph(NET, X).a[2]], 1), Y), X
    )
    assert agreement(dC_dx, true) <= TOL["complex step"]


@pytest.mark.parametrize("biases", [False, True])
def test_the_penalty_is_added(biases):
    plain, with_penalty = (mlp_backward(NET, X, Y, squared_error, lam, biases) for lam in (0, 0.3))
    assert agreement(with_penalty.gradient - plain.gradient, l2(NET, 0.3, biases)[1]) <= TOL["identical"]
    assert agreement(list(with_penalty.delta), list(plain.delta)) == 0


def test_linear_in_the_cost():
    thrice = Cost(
        "thrice", lambda a, Y: 3 * squared_error.value(a, Y), lambda a, Y: 3 * squared_error.da(a, Y)
    )
    assert agreement(gradient(NET, X, Y, thrice), 3 * gradient(NET, X, Y, squared_error)) <= TOL["identical"]


def test_float32_and_a_second_call():
    net = random_network((2, 3, 2), dtype=np.float32)
    problem = (net, *random_data(net.sizes, dtype=np.float32), squared_error)
    for call in (gradient, lambda *p: mlp_backward(*p, lam=0.1).gradient):
        first, second = flatten(call(*problem)), flatten(call(*problem))
        assert first.dtype == np.float32 and np.array_equal(first, second)


# Figures ---------------------------------------------------------------------------------------------------

SECONDS = {"increments": [2e-5 * 2**n for n in range(12)], "sweep": [1e-5 * n for n in range(1, 13)]}


def test_the_figures_say_what_the_programs_compute():
    assert "C = 0.2982" in figures.example(6)["meta"]["sentence"]
    shown = [label for trace in figures.example(0)["data"] for label in trace.get("text", ())]
    assert {"z²₀ = −0.1848", "−0.2707", "×−0.8", "×0.25", "0.0852"} <= set(shown)
    assert "truth is 25, and (a) answers 45" in figures.diamonds(2, "answers", SECONDS)["meta"]["sentence"]
    assert "13 visits, (c) after 7" in figures.diamonds(2, "visits", SECONDS)["meta"]["sentence"]
    assert "(b) took 41 ms" in figures.diamonds(12, "seconds", SECONDS)["meta"]["sentence"]
    for layout in layouts.LAYOUTS:
        for i in range(2):
            state = layouts.switch(layout, i)
            entry = (layouts.DZ_DY @ layouts.DY_DX)[0, i]
            assert f"= {entry:.2f}." in state["meta"]["sentence"]
            texts = [text.strip("</b>") for text in state["data"][0]["text"]]
            factors = [layouts.DZ_DY[0], layouts.DY_DX[:, i]]
            if layout == layouts.LAYOUTS[1]:
                factors.reverse()
            assert texts == [f"{number:.2f}" for number in (*factors[0], *factors[1], entry)]


@pytest.mark.parametrize("inputs", modes.SIZES)
@pytest.mark.parametrize("outputs", modes.SIZES)
def test_the_counts_keep_their_bounds(inputs, outputs):
    counted, limit = modes.counts(inputs, outputs), modes.bounds(inputs, outputs)
    assert counted["values"] == 2 * inputs + 2 * modes.MIDDLE + 2 * outputs
    assert all(counted[mode] <= limit[mode] for mode in modes.MODES)
    y, x = modes.program(inputs, outputs)
    one, other = (np.array(jacobian(y, x, mode)) for mode in modes.MODES)
    assert agreement(one, other) <= TOL["identical"] and one.all()
    cells = modes.modes(inputs, outputs, "operations", seconds={})["data"][0]
    filled = sum(v is not None for row in cells["z"] for v in row)
    assert filled == sum(t != "" for row in cells["text"] for t in row)
    assert filled == (modes.SIZES.index(inputs) + 1) * (modes.SIZES.index(outputs) + 1)


def test_another_library_agrees():
    def f(x):
        u = x[0] * x[1] + anp.sin(x[0])
        return anp.exp(u * u) / (1 + u * u) - anp.tanh(u * x[1])

    x = np.array([0.3, -0.8])
    x_0, x_1 = variable("x_0", x[0]), variable("x_1", x[1])
    u = x_0 * x_1 + sin(x_0)
    output = exp(u * u) / (1 + u * u) - tanh(u * x_1)
    adjoint, hessian = backward(output), autograd.hessian(f)(x)
    assert agreement([adjoint[x_0], adjoint[x_1]], autograd.grad(f)(x)) <= TOL["autograd"]
    second = [backward(derivative(output, x_i)) for x_i in (x_0, x_1)]
    assert agreement(np.array([[row[x_0], row[x_1]] for row in second]), hessian) <= TOL["autograd"]
    assert backward(log(x_0))[x_0] == pytest.approx(autograd.grad(anp.log)(0.3), rel=TOL["autograd"])
