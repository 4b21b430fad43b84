"""Claims of the chapter jacobian.

Two kinds of proof stand side by side: the shipped functions run on symbols and equal sympy's derivatives
("exact"), and the steps of the derivation hold for every width, with indices instead of numbers ("proved").
"""

from __future__ import annotations

import numpy as np
import sympy

from nnlib import jacobian
from nnlib.activations import Activation, identity, sigmoid, softmax, tanh
from nnlib.costs import half_squared_error, squared_error
from nnlib.network import Gradient, Network, flatten, forward, init
from nnlib.proofs.registry import ProofError, checked, definition, exact, note, proved, refuted
from nnlib.proofs.symbols import Tally, activation, array, cost, diff, differ, network, same, tallies
from nnlib.proofs.symbols import gradient as symbolic_gradient
from nnlib.proofs.symbols import jacobian as symbolic_jacobian

DEEP, WIDE = (5, 3, 2, 4), (3, 2, 4)
GENERIC = "generic activations, one per layer"
SCOPE = f"sizes 5-3-2-4, {GENERIC}, batch of 2"
SMALL = f"sizes 3-2-4, {GENERIC}, batch of 2"
WIDTHS = "every width of both layers; the layers above enter as D alone"


def _problem(sizes: tuple[int, ...], act: tuple | None = None) -> tuple[Network, np.ndarray, np.ndarray]:
    net = network(*sizes, act=act)
    return net, array("x", 2, sizes[0]), array("y", 2, sizes[-1])


def _outputs(net: Network, X: np.ndarray) -> np.ndarray:
    return forward(net, X).a[net.L]


def _direction(net: Network) -> Gradient:
    V = [
        (None, *(array(f"V{s}{l}", *p.shape) for l, p in enumerate(p[1:], 1)))
        for s, p in zip("Wb", (net.W, net.b))
    ]
    return Gradient(*V)


def _along(expressions, net: Network, V: Gradient) -> np.ndarray:
    """sympy's change of expressions when the parameters change along V."""
    return symbolic_jacobian(expressions, flatten(net)) @ flatten(V)


# The layer Jacobians ---------------------------------------------------------------------------------------

definition(
    "jacobian",
    "eq-jacobian-forward",
    "The network, one example at a time: a pre-activation is an affine map of the activations below.",
    of="003 E7",
)
definition(
    "jacobian",
    "eq-jacobian-layer",
    "The layer Jacobian: outputs as rows, the pre-activations of layer $l$ as columns.",
)


def _above(net: Network, l: int, zeta: np.ndarray) -> np.ndarray:
    """The outputs as a function of layer l's pre-activations zeta, for one example."""
    a = net.act[l].f(zeta)
    if l == net.L:
        return a
    layers = [(None, *part[l + 1 :]) for part in (net.W, net.b, net.act)]
    return _outputs(Network(*layers), a[None])[0]


def _true_layer_jacobian(net: Network, X: np.ndarray, l: int) -> np.ndarray:
    zeta = array("zeta", net.sizes[l])
    D = symbolic_jacobian(_above(net, l, zeta), zeta)
    rows = []
    for z in forward(net, X).z[l]:
        at = dict(zip(zeta, z))
        rows.append([[entry.xreplace(at) for entry in row] for row in D])
    return np.array(rows, dtype=object)


@exact("eq-jacobian-top", scope=SCOPE, of="003 E8", code="nnlib.jacobian.layer_jacobians")
def _top():
    """The layer Jacobian of the last layer is diagonal, with the slopes of its activation."""
    net, X, _ = _problem(DEEP)
    return same(jacobian.layer_jacobians(net, X)[net.L], _true_layer_jacobian(net, X, net.L))


@exact("eq-jacobian-recursion", scope=SCOPE, of="003 E9", code="nnlib.jacobian.layer_jacobians")
def _recursion():
    """Each layer Jacobian is the one above, times the weights between, times the slopes below."""
    net, X, _ = _problem(DEEP)
    below = range(1, net.L)
    D = jacobian.layer_jacobians(net, X)
    return same([D[l] for l in below], [_true_layer_jacobian(net, X, l) for l in below])


@exact(
    "eq-jacobian-softmax",
    scope="sizes 2-2-3, softmax over a generic layer, batch of 1",
    code="nnlib.jacobian.layer_jacobians nnlib.jacobian.parameters",
)
def _softmax():
    """Under softmax only the start changes: the full matrix takes the diagonal's place."""
    net = network(2, 2, 3, act=(activation("g"), softmax))
    X = array("x", 1, 2)
    true = symbolic_jacobian(_outputs(net, X), flatten(net))
    difference = jacobian.parameters(net, X).matrix() - true
    return same(_numerators(difference, net, forward(net, X).a[1][0]), np.zeros_like(true))


def _numerators(expressions: np.ndarray, net: Network, a_below: np.ndarray) -> np.ndarray:
    """The numerators of rational functions of e^z, z the last layer's pre-activations for one example.

    The biases b[L] are written as log E - W[L] a, so that every e^z is the symbol E.
    """
    E = array("E", net.sizes[-1])
    b = dict(zip(net.b[net.L], [sympy.log(e) for e in E] - net.W[net.L] @ a_below))
    return np.vectorize(lambda f: sympy.fraction(sympy.together(f.xreplace(b)))[0], otypes=[object])(
        expressions
    )


@checked("eq-jacobian-example", scope="whole numbers, no rounding", code="nnlib.jacobian.layer_jacobians")
def _example():
    """The example worked by hand: a hidden layer of squares, 2-3-2."""
    square = Activation("square", lambda z: z**2, lambda z: 2 * z)
    W = (None, [[1, 1], [2, -1], [0, 1]], [[1, -1, 2], [2, 3, 1]])
    net = Network(W, (None, [0, 1, -1], [0, -1]), (None, square, identity))
    D, J = jacobian.layer_jacobians(net, [[1, 2]])[1], jacobian.inputs(net, [[1, 2]])
    return same([D[0], J[0]], [[[6, -2, 4], [12, 6, 2]], [[2, 12], [24, 8]]])


# The derivation's steps, for every width -----------------------------------------------------------------

_n, _m = sympy.symbols("n m", integer=True, positive=True)
_i, _j, _k, _r, _q = (sympy.Symbol(letter, integer=True, nonnegative=True) for letter in "ijkrq")
_D, _W, _b, _a, _z = map(sympy.IndexedBase, ("D", "W", "b", "a", "z"))


_act = activation("g")


def _g(order: int, z):
    return _act.derivative(order)(z).item()


def _preactivation(j, a=lambda k: _a[k]):
    """z_j = sum_k W_jk a_k + b_j, over a layer of n units."""
    return sympy.Sum(_W[j, _k] * a(_k), (_k, 0, _n - 1)) + _b[j]


def _in_range(expression):
    """Carry out the sums over Kronecker deltas, the free indices naming existing units: i < n, j < m."""
    inside = {_i <= _n - 1: True, _j <= _m - 1: True}
    for _ in range(2):  # the inner sum first, then the outer
        expression = expression.doit().subs(inside)
    return expression


@proved("eq-jacobian-top/any-width", scope="every width, one generic elementwise activation")
def _top_any_width():
    """Output $q$ depends on its own pre-activation alone: $[q=j]\\, g'(z_j)$."""
    return same(sympy.diff(_g(0, _z[_q]), _z[_j]), sympy.KroneckerDelta(_j, _q) * _g(1, _z[_q]))


@proved("eq-jacobian-recursion/any-width", scope=WIDTHS)
def _recursion_any_width():
    """The induction's step, $z_i$ of the layer below:
    $\\sum_k D_{qk}\\,\\partial z_k/\\partial z_i = \\sum_k D_{qk} W_{ki}\\, g'(z_i)$."""
    change = sympy.Sum(_D[_q, _r] * _preactivation(_r, lambda k: _g(0, _z[k])), (_r, 0, _m - 1))
    true = sympy.Sum(_D[_q, _r] * _W[_r, _i] * _g(1, _z[_i]), (_r, 0, _m - 1))
    return same(_in_range(sympy.diff(change, _z[_i])), true)


@proved("eq-jacobian-local", scope="every width of both layers", of="003 E10 E11")
def _local():
    """A weight reaches its own unit alone: $e_j a_i$ has one entry that is not zero, and $e_j$ has one."""
    own = sympy.KroneckerDelta(_j, _r)
    by_weight = _in_range(sympy.diff(_preactivation(_r), _W[_j, _i]))
    return same([by_weight, sympy.diff(_preactivation(_r), _b[_j])], [own * _a[_i], own])


@proved("eq-jacobian-dw/any-width", scope=WIDTHS)
def _dw_any_width():
    """$\\sum_k D_{qk}\\,\\partial z_k/\\partial W_{ji} = D_{qj} a_i$: the sum keeps one term."""
    change = sympy.Sum(_D[_q, _r] * _preactivation(_r), (_r, 0, _m - 1))
    return same(_in_range(sympy.diff(change, _W[_j, _i])), _D[_q, _j] * _a[_i])


@proved("eq-jacobian-db/any-width", scope=WIDTHS)
def _db_any_width():
    """$\\sum_k D_{qk}\\,\\partial z_k/\\partial b_j = D_{qj}$."""
    change = sympy.Sum(_D[_q, _r] * _preactivation(_r), (_r, 0, _m - 1))
    return same(_in_range(sympy.diff(change, _b[_j])), _D[_q, _j])


@proved("eq-jacobian-dx/any-width", scope=WIDTHS)
def _dx_any_width():
    """No slope below the first layer:
    $\\sum_k D_{qk}\\,\\partial z_k/\\partial x_i = \\sum_k D_{qk} W_{ki}$."""
    change = sympy.Sum(_D[_q, _r] * _preactivation(_r), (_r, 0, _m - 1))
    true = sympy.Sum(_D[_q, _r] * _W[_r, _i], (_r, 0, _m - 1))
    return same(_in_range(sympy.diff(change, _a[_i])), true)


# The Jacobian by parameters and inputs ---------------------------------------------------------------------


@exact("eq-jacobian-dw", scope=SCOPE, of="003 E10", code="nnlib.jacobian.parameters")
def _dw():
    """Output $q$ by weight $W_{ji}$ is one entry of the layer Jacobian times one activation."""
    net, X, _ = _problem(DEEP)
    a = _outputs(net, X)
    return same(jacobian.parameters(net, X).W, [symbolic_jacobian(a, W) for W in net.W[1:]])


@exact("eq-jacobian-db", scope=SCOPE, of="003 E11", code="nnlib.jacobian.parameters")
def _db():
    """Output $q$ by bias $b_j$ is the entry of the layer Jacobian itself."""
    net, X, _ = _problem(DEEP)
    a = _outputs(net, X)
    return same(jacobian.parameters(net, X).b, [symbolic_jacobian(a, b) for b in net.b[1:]])


@exact("eq-jacobian-last-layer", scope=SCOPE, of="003 E12", code="nnlib.jacobian.parameters")
def _last_layer():
    """In the last layer a weight moves its own output alone; in the layers below, every output."""
    net, X, _ = _problem(DEEP)
    z, a = forward(net, X)
    by_weight = jacobian.parameters(net, X).W
    if any(entry == 0 for W in by_weight[1 : net.L] for entry in W.ravel()):
        raise ProofError("a weight below the last layer has an entry that is zero")
    own = np.einsum("qj,bj,bi->bqji", np.eye(4, dtype=object), net.act[net.L].df(z[net.L]), a[net.L - 1])
    dense = sum(W.size for W in by_weight[1 : net.L])
    return f"{same(by_weight[net.L], own)} above, {dense} entries below, none of them zero"


@exact("eq-jacobian-dx", scope=SCOPE, of="003 E15", code="nnlib.jacobian.inputs")
def _dx():
    """The Jacobian by the inputs is a product of slopes and weights, from the output to the input."""
    net, X, _ = _problem(DEEP)
    a = _outputs(net, X)
    return same(jacobian.inputs(net, X), [symbolic_jacobian(a[n], X[n]) for n in range(2)])


# 003's two layers ----------------------------------------------------------------------------------------

definition("jacobian", "eq-jacobian-two-layer", "003's network of two layers.", of="003 E1")


def _two_layers() -> tuple[Network, np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """(net, X, diag(f'(z^2)), W^2 diag(g'(z^1)), g) of a network 3-2-4 and one example."""
    net, X = network(*WIDE), array("x", 1, 3)
    z, a = forward(net, X)
    below, top = (np.diag(net.act[l].df(z[l])[0]) for l in (1, 2))
    return net, X, top, net.W[2] @ below, a[1][0]


def _columns(matrix: np.ndarray, values: np.ndarray) -> np.ndarray:
    """matrix @ (e_j v_i) for every j and i: (outputs, j, i)."""
    e = np.eye(matrix.shape[1], dtype=object)
    return np.array([[matrix @ (e[j] * v) for v in values] for j in range(len(e))]).transpose(2, 0, 1)


@exact(
    "eq-jacobian-two-w2", scope=f"sizes 3-2-4, {GENERIC}", of="003 E2 E3", code="nnlib.jacobian.parameters"
)
def _two_w2():
    """The slopes of the last layer are taken at its own pre-activation."""
    net, X, top, _, g = _two_layers()
    J = jacobian.parameters(net, X)
    return same([J.W[2][0], J.b[2][0]], [_columns(top, g), top])


@exact(
    "eq-jacobian-two-w1", scope=f"sizes 3-2-4, {GENERIC}", of="003 E4 E5 E6", code="nnlib.jacobian.parameters"
)
def _two_w1():
    """The last factor of the chain is the derivative of the first layer's own pre-activation."""
    net, X, top, middle, _ = _two_layers()
    J = jacobian.parameters(net, X)
    return same([J.W[1][0], J.b[1][0]], [_columns(top @ middle, X[0]), top @ middle])


@exact("eq-jacobian-two-dx", scope=f"sizes 3-2-4, {GENERIC}", of="003 E14", code="nnlib.jacobian.inputs")
def _two_dx():
    """Slopes, weights, slopes, weights."""
    net, X, top, middle, _ = _two_layers()
    return same(jacobian.inputs(net, X)[0], top @ middle @ net.W[1])


def _numbers(*sizes: int) -> tuple[Network, np.ndarray]:
    rng = np.random.default_rng(3)
    net = init(sizes, tanh, rng, out=sigmoid)
    return net, rng.standard_normal((1, sizes[0]))


def _printed_slopes() -> np.ndarray:
    """diag(f'(x)) in place of diag(f'(z^2)): possible only where the input is as wide as the output."""
    net, X = _numbers(2, 3, 2)
    return np.diag(net.act[2].df(X[0]))


@refuted(
    "eq-jacobian-two-w2/003-E2",
    source="003 E2",
    classes="NM",
    printed=r"\frac{\partial y(\mathbf{x})}{\partial w_{ji}^{(2)}} = \text{diag}\left("
    r"\frac{\partial f(\mathbf{x})}{\partial \mathbf{x}}\right) \begin{pmatrix} 0 \\ g_i \\ 0 \end{pmatrix}",
    correct="eq-jacobian-two-w2",
    scope="sizes 2-3-2, tanh and sigmoid",
)
def _slope_at_x_weights():
    """Read literally, the slope of the last layer is taken at the network's input."""
    net, X = _numbers(2, 3, 2)
    g = forward(net, X).a[1][0]
    return differ(_columns(_printed_slopes(), g), jacobian.parameters(net, X).W[2][0])


@refuted(
    "eq-jacobian-two-w2/003-E3",
    source="003 E3",
    classes="NM",
    printed=r"\frac{\partial y(\mathbf{x})}{\partial b_j^{(2)}} = \text{diag}\left("
    r"\frac{\partial f(\mathbf{x})}{\partial \mathbf{x}}\right) \begin{pmatrix} 0 \\ 1 \\ 0 \end{pmatrix}",
    correct="eq-jacobian-two-w2",
    scope="sizes 2-3-2, tanh and sigmoid",
)
def _slope_at_x_biases():
    """The same slope at the wrong place, in the bias's derivative."""
    return differ(_printed_slopes(), jacobian.parameters(*_numbers(2, 3, 2)).b[2][0])


@refuted(
    "eq-jacobian-two-w1/003-E4",
    source="003 E4",
    classes="M",
    printed=r"\frac{\partial y(\mathbf{x})}{\partial w_{ji}^{(1)}} = \dots "
    r"\frac{\partial \mathbf{g}(\mathbf{x})}{\partial(\mathbf{W}^{(1)} \mathbf{x} + \mathbf{b}^{(1)})} "
    r"\frac{\partial(\mathbf{W}^{(2)} \mathbf{x} + \mathbf{b}^{(2)})}{\partial w_{ji}^{(1)}}",
    correct="eq-jacobian-two-w1",
    scope="shapes: sizes 2-3-2; numbers: sizes 3-3-2 (there the product exists), tanh and sigmoid",
)
def _wrong_last_factor():
    """The last factor differentiates the second layer, which neither fits the input nor knows $W^{(1)}$."""
    net, X = _numbers(2, 3, 2)
    try:
        net.W[2] @ X[0]
    except ValueError:
        fitting, X = _numbers(3, 3, 2)
        last = symbolic_jacobian(fitting.W[2] @ X[0] + fitting.b[2], array("w", 3, 3))
        detail = differ(last, jacobian.parameters(fitting, X).W[1])
        return f"W[2] (2, 3) does not multiply x (2,); where it does, {detail}"
    raise ProofError("the shapes fit: no counter-example")


# Contracted with dC/da -----------------------------------------------------------------------------------


@exact("eq-jacobian-contraction", scope=f"{SCOPE}, generic cost", code="nnlib.jacobian.gradient")
def _contraction():
    """The cost's gradient is the Jacobian contracted with the cost's derivatives by the outputs."""
    net, X, Y = _problem(DEEP)
    C = cost()
    return same(jacobian.gradient(net, X, Y, C), symbolic_gradient(C.value(_outputs(net, X), Y), net))


@exact(
    "eq-jacobian-squared-error",
    scope=SCOPE,
    of="003 E13",
    code="nnlib.jacobian.gradient nnlib.jacobian.parameters",
)
def _squared_error():
    """For half the squared error, errors times the Jacobian's matrix is the gradient of backpropagation."""
    net, X, Y = _problem(DEEP)
    contracted = np.tensordot(_outputs(net, X) - Y, jacobian.parameters(net, X).matrix(), 2)
    return same(contracted, flatten(jacobian.gradient(net, X, Y, half_squared_error)))


# Products without the Jacobian ---------------------------------------------------------------------------


@exact("eq-jacobian-jvp", scope=SMALL, code="nnlib.jacobian.jvp")
def _jvp():
    """One forward pass with tangents gives the change of all outputs along a direction of the parameters."""
    net, X, _ = _problem(WIDE)
    V = _direction(net)
    return same(jacobian.jvp(net, X, V), _along(_outputs(net, X), net, V))


@exact("eq-jacobian-vjp", scope=SCOPE, code="nnlib.jacobian.vjp nnlib.jacobian.pull_back")
def _vjp():
    """One backward pass gives the gradient of any weighted sum of the outputs."""
    net, X, U = _problem(DEEP)
    return same(jacobian.vjp(net, X, U), symbolic_gradient((U * _outputs(net, X)).sum(), net))


@exact(
    "eq-jacobian-input-products",
    scope=SCOPE,
    code="nnlib.jacobian.input_jvp nnlib.jacobian.input_vjp nnlib.jacobian.pull_back",
)
def _input_products():
    """The same two passes for the inputs: a tangent enters at the input, an adjoint arrives there."""
    net, X, U = _problem(DEEP)
    V, a = array("v", *X.shape), _outputs(net, X)
    forwards = [(symbolic_jacobian(a[n], X[n]) @ V[n]) for n in range(2)]
    products = [jacobian.input_jvp(net, X, V), jacobian.input_vjp(net, X, U)]
    return same(products, [forwards, diff((U * a).sum(), X)])


@exact("eq-jacobian-duality", scope=SMALL, code="nnlib.jacobian.jvp nnlib.jacobian.vjp")
def _duality():
    """Forward and backward products are two bracketings of one number."""
    net, X, U = _problem(WIDE)
    V = _direction(net)
    return same((U * jacobian.jvp(net, X, V)).sum(), flatten(jacobian.vjp(net, X, U)) @ flatten(V))


@exact(
    "eq-jacobian-hvp", scope=f"sizes 2-3-2, {GENERIC}, batch of 2, generic cost", code="nnlib.jacobian.hvp"
)
def _hvp():
    """The R-operator's two passes give the change of the gradient along a direction."""
    net, X, Y = _problem((2, 3, 2))
    C, V = cost(), _direction(net)
    slope = symbolic_gradient(C.value(_outputs(net, X), Y), net)
    return same(flatten(jacobian.hvp(net, X, Y, C, V)), _along(flatten(slope), net, V))


@exact(
    "eq-jacobian-hvp/softmax",
    scope="sizes 1-2, softmax, batch of 1, squared error",
    code="nnlib.jacobian.hvp",
)
def _hvp_softmax():
    """Under softmax the product rule goes through the full local derivative."""
    net = network(1, 2, act=(softmax,))
    X, Y, V = array("x", 1, 1), array("y", 1, 2), _direction(net)
    slope = symbolic_gradient(squared_error.value(_outputs(net, X), Y), net)
    difference = flatten(jacobian.hvp(net, X, Y, squared_error, V)) - _along(flatten(slope), net, V)
    return same(_numerators(difference, net, X[0]), np.zeros_like(difference))


@exact(
    "eq-jacobian-gauss-newton",
    scope=f"sizes 2-2-2, {GENERIC}, batch of 2",
    code="nnlib.jacobian.hvp nnlib.jacobian.jvp nnlib.jacobian.vjp",
)
def _gauss_newton():
    """The Hessian of half a sum of squares: a part of first derivatives, and residuals times second ones."""
    net, X, Y = _problem((2, 2, 2))
    V, a = _direction(net), _outputs(net, X)
    first = flatten(jacobian.vjp(net, X, jacobian.jvp(net, X, V)))
    curvature = _along(symbolic_jacobian(a, flatten(net)), net, V)
    second = np.tensordot(a - Y, curvature, 2)
    return same(flatten(jacobian.hvp(net, X, Y, half_squared_error, V)), first + second)


@exact(
    "eq-jacobian-ascent",
    scope=f"one step, sizes 3-2-4, {GENERIC}",
    code="nnlib.jacobian.maximise_output nnlib.jacobian.input_vjp",
)
def _ascent():
    """A step up the gradient of the weighted output, less the pull towards the prior."""
    net = network(*WIDE)
    x, prior, weights = array("x", 3), array("p", 3), array("u", 4)
    eta, pull = sympy.symbols("eta lam")
    height = weights @ _outputs(net, x[None])[0] - pull * ((x - prior) ** 2).sum() / 2
    return same(jacobian.maximise_output(net, x, weights, 1, eta, pull, prior), x + eta * diff(height, x))


# Counts --------------------------------------------------------------------------------------------------


@checked(
    "eq-jacobian-memory",
    scope="the arrays' own sizes, 64-30-30-10, one example",
    code="nnlib.jacobian.parameters",
)
def _memory():
    """Numbers stored for one example: the full Jacobian, and its two factors."""
    net, X = _numbers(64, 30, 30, 10)
    J, D, a = jacobian.parameters(net, X), jacobian.layer_jacobians(net, X), forward(net, X).a
    full = sum(part.size for parts in (J.W, J.b) for part in parts[1:])
    factors = sum(D[l].size + a[l - 1].size for l in range(1, net.L + 1))
    n = net.sizes
    layers = range(1, net.L + 1)
    said = n[-1] * sum(n[l] * (n[l - 1] + 1) for l in layers), sum(n[-1] * n[l] + n[l - 1] for l in layers)
    same([full, factors], said)
    return f"{full} and {factors} numbers"


@checked("eq-jacobian-cost", scope="counted, sizes 5-3-2-4, one example", code="nnlib.jacobian.parameters")
def _cost():
    """Multiplications for the full Jacobian, the forward pass and the activations' slopes apart."""
    n = DEEP
    keep = Activation("kept", lambda z: z, lambda z: z)
    W = (None, *(tallies(n[l], n[l - 1]) for l in range(1, 4)))
    net = Network(W, (None, *(tallies(n[l]) for l in range(1, 4))), (None, keep, keep, keep))
    Tally.products = 0
    forward(net, tallies(1, n[0]))
    passes, Tally.products = Tally.products, 0
    jacobian.parameters(net, tallies(1, n[0]))
    counted = Tally.products - passes
    down = sum(n[3] * n[l] * (n[l + 1] + 1) for l in (1, 2))
    same(counted, down + n[3] * sum(n[l] * n[l - 1] for l in (1, 2, 3)))
    return f"{counted} multiplications"


definition(
    "jacobian",
    "eq-jacobian-levenberg-marquardt",
    "The step of Levenberg and Marquardt: the first part of the Hessian alone, damped.",
)

note(
    "003 E7",
    "G",
    "The recursion needs a start: $f(v^{(0)})$ must be read as $x$; with $v^{(0)} = x$ the first layer would "
    "see $f(x)$.",
    at="eq-jacobian-forward",
)
note(
    "003 E8",
    "N",
    "The source calls these matrices local gradient matrices $\\delta^{(k)}$; they are Jacobians of the "
    "whole network's output. The book keeps $\\delta$ for $\\partial C/\\partial z$ and writes $D^l$.",
    at="eq-jacobian-layer",
)
note(
    "003 E12",
    "N",
    '"Only $j$:th element of each row is non-zero" holds for the column $e_j a_i$, not for the derivative, '
    "which is dense in every layer but the last.",
    at="eq-jacobian-last-layer",
)
note(
    "003 E13",
    "N",
    "Here $y_i$ is the target of example $i$, two lines after $i$ counted the units of a layer.",
    at="eq-jacobian-squared-error",
)
note(
    "003 E14",
    "N",
    "The two activations, $f$ and $g$ at the start, are $f$ and $h$ here, and $g$ is now the network.",
    at="eq-jacobian-two-dx",
)
note(
    "003 E15",
    "C",
    "$\\nabla_x$ of a vector is its Jacobian here, outputs as rows; for a scalar the book's gradient has the "
    "shape of $x$.",
    at="eq-jacobian-dx",
)
