"""Claims of the chapter gradient_backprop: slopes forward, two adjoints backward, residuals, and 000's slips.

The shipped passes run on symbols. C stands for any cost of values and slopes: backward is linear in
its seeds, so the seeds are symbols u = dC/da, v = dC/dJ, t = dC/dH, and C is their sum with a, J and H.
"""

import numpy as np
import sympy

from nnlib.activations import identity, tanh
from nnlib.check import complex_step
from nnlib.gradient_backprop import backward, forward, parameter_gradient, sobolev_gradient
from nnlib.network import Network, init
from nnlib.proofs import symbols
from nnlib.proofs.registry import definition, exact, note, proved, refuted
from nnlib.proofs.symbols import array, diff, differ, same

HERE = "gradient_backprop"
MODULE = "nnlib.gradient_backprop"
DEEP = (3, 2, 4, 1)  # n_0 to n_3, pairwise different
SCOPE = "sizes 3-2-4-1, B = 2, any smooth activations, any seeds"
TWO_LAYERS = "sizes 3-2-4, B = 2, any smooth activations, any seeds"
ONE_LAYER = "sizes 3-2, B = 2, any smooth activation, any seeds"
EVERY_WIDTH = "every $n_l$, $n_{l-1}$, $n_0$; one example, one layer"
_G = symbols.activation("g")


def _traced(*sizes: int, act: tuple | None = None) -> tuple:
    """A network of symbols, two examples, and their trace."""
    net, X = symbols.network(*sizes, act=act), array("x", 2, sizes[0])
    return net, X, forward(net, X)


def _seeds(trace) -> tuple:
    return array("u", *trace.a[-1].shape), array("v", *trace.J[-1].shape)


def _costs(trace, u, v) -> np.ndarray:
    """The share of each example in C, (B,)."""
    return (u * trace.a[-1]).sum(axis=1) + (v * trace.J[-1]).sum(axis=(1, 2))


def _per_example(outputs: np.ndarray, X: np.ndarray) -> np.ndarray:
    """sympy's derivative of each example's outputs by its own inputs, inputs last."""
    return np.array([symbols.jacobian(output, x) for output, x in zip(outputs, X)], dtype=object)


# ---- forward ----

definition(
    HERE,
    "eq-gradient-slopes",
    "The slope of a unit: the derivative of its activation, and of its pre-activation, by each input.",
    of="000 E17",
)


@exact(
    "eq-gradient-linear",
    scope="sizes 3-2-4-1, B = 2, any smooth activations",
    code=f"{MODULE}.forward",
    of="000 E15 E16 E17",
)
def slope_of_the_pre_activation():
    """Through a linear layer slopes go as values do, without the bias."""
    net, X, trace = _traced(*DEEP)
    return same([trace.Z[l] for l in (1, 2, 3)], [_per_example(trace.z[l], X) for l in (1, 2, 3)])


@exact("eq-gradient-first", scope="sizes 3-2, B = 2", code=f"{MODULE}.forward", of="000 E18")
def first_layer():
    """Slopes start from the unit matrix, so the first layer's are its weights, for every example."""
    net, X, trace = _traced(3, 2)
    return same([trace.J[0], trace.Z[1]], [np.eye(3, dtype=object)] * 2 + [net.W[1]] * 2)


@exact(
    "eq-gradient-act",
    scope="sizes 3-2-4-1, B = 2, any smooth activations",
    code=f"{MODULE}.forward",
    of="000 E19 E20",
)
def slope_of_the_activation():
    """Through an activation a slope is multiplied by the local derivative."""
    net, X, trace = _traced(*DEEP)
    return same([trace.J[l] for l in (1, 2, 3)], [_per_example(trace.a[l], X) for l in (1, 2, 3)])


# ---- the example by hand ----

_W, _B, _X = sympy.symbols("w1 w2"), sympy.symbols("b1 b2"), sympy.Symbol("x")


def _chain() -> tuple:
    """The 1-1-1 network with a linear output, its trace at x, and g, g', g'' of its one hidden unit."""
    W = (None, *(np.array([[w]], dtype=object) for w in _W))
    b = (None, *(np.array([c], dtype=object) for c in _B))
    net = Network(W, b, (None, _G, identity))
    z = _W[0] * _X + _B[0]
    return net, forward(net, np.array([[_X]], dtype=object)), [_G.derivative(k)(z).item() for k in range(3)]


@exact(
    "eq-gradient-example", scope="sizes 1-1-1, one example, any smooth activation", code=f"{MODULE}.forward"
)
def example_forward():
    """Value and slope of one hidden unit under one linear output."""
    net, trace, (g, g1, g2) = _chain()
    return same([trace.a[2], trace.J[2]], [_W[1] * g + _B[1], _W[1] * g1 * _W[0]])


@exact(
    "eq-gradient-example-backward",
    scope="sizes 1-1-1, one example, any smooth activation",
    code=f"{MODULE}.backward {MODULE}.parameter_gradient",
)
def example_backward():
    """The derivatives of the slope J by all four parameters."""
    net, trace, (g, g1, g2) = _chain()
    adjoints = backward(net, trace, np.array([[0]], dtype=object), np.array([[[1]]], dtype=object))
    shipped, (w1, w2) = parameter_gradient(net, trace, adjoints), _W
    by_hand = [w2 * g1 + w2 * w1 * g2 * _X, g1 * w1, w2 * w1 * g2, 0]
    return same([shipped.W, shipped.b], by_hand)


# ---- the cost and its seeds ----

definition(
    HERE,
    "eq-gradient-cost",
    "The cost of values and slopes: squared errors, weighed by alpha and by beta, summed.",
    of="000 E21",
)
note("000 E21", "N", "The layer index K of the cost is the last layer's, L.", at="eq-gradient-cost")


@exact(
    "eq-gradient-seeds",
    scope="sizes 2-1-3, B = 2, any smooth activations, symbolic alpha and beta",
    code=f"{MODULE}.sobolev_gradient",
    of="000 E21",
)
def seeds():
    """Both seeds carry the factor 2; from them the shipped function computes cost and gradient."""
    net, X, trace = _traced(2, 1, 3)
    Y, A, (alpha, beta) = array("y", 2, 3), array("s", 2, 3, 2), sympy.symbols("alpha beta")
    C = alpha * ((trace.a[2] - Y) ** 2).sum() + beta * ((trace.J[2] - A) ** 2).sum()
    shipped = sobolev_gradient(net, X, Y, A, alpha, beta)
    true = symbols.gradient(C, net)
    return same([shipped[0], *shipped[1].W[1:], *shipped[1].b[1:]], [C, *true.W[1:], *true.b[1:]])


# ---- backward ----


@proved("eq-gradient-variation", scope="every smooth g, z and Z any functions of a parameter", of="000 E29")
def variation():
    """A change of $z$ moves the slope too: the local derivative itself changes, by $g''(z)\\,\\mathrm dz$."""
    s = sympy.Symbol("s")
    z, Z = sympy.Function("z")(s), sympy.Function("Z")(s)
    g1, g2 = (_G.derivative(order)(z).item() for order in (1, 2))
    return same((g1 * Z).diff(s), g2 * Z * z.diff(s) + g1 * Z.diff(s))


@exact("eq-gradient-slope-adjoint", scope=ONE_LAYER, code=f"{MODULE}.backward", of="000 E31")
def slope_adjoint():
    """The slope's adjoint passes an activation as the slope did: times the local derivative."""
    net, X, trace = _traced(3, 2)
    u, v = _seeds(trace)
    C = _costs(trace, u, v)
    # Z[1] is W[1], which also moves z = W x + b: dC/dZ = dC/dW - dC/db x^T.
    by_Z = [diff(C[b], net.W[1]) - np.outer(diff(C[b], net.b[1]), X[b]) for b in (0, 1)]
    return same(backward(net, trace, u, v).dC_dZ[1], by_Z)


@exact("eq-gradient-delta", scope=SCOPE, code=f"{MODULE}.backward", of="000 E33")
def delta():
    """The value's adjoint: what arrives through the value above, plus what arrives through the slopes."""
    net, X, trace = _traced(*DEEP)
    u, v = _seeds(trace)
    # b[l] is added to z[l]: one example's dC/db[l] is its delta[l].
    true = [[diff(C, net.b[l]) for C in _costs(trace, u, v)] for l in (1, 2, 3)]
    return same(backward(net, trace, u, v).delta[1:], true)


@exact("eq-gradient-below", scope=TWO_LAYERS, code=f"{MODULE}.backward", of="000 E23 E24 E33")
def below():
    """Both adjoints pass a linear layer by the weights; at the bottom they give dC/dx and layer 1's dC/dZ."""
    net, X, trace = _traced(3, 2, 4)
    u, v = _seeds(trace)
    adjoints, C = backward(net, trace, u, v), _costs(trace, u, v)
    by_Z = [diff(C[b], net.W[1]) - np.outer(diff(C[b], net.b[1]), X[b]) for b in (0, 1)]
    return same([adjoints.dC_dX, adjoints.dC_dZ[1]], [diff(C.sum(), X), by_Z])


@exact("eq-gradient-dw", scope=TWO_LAYERS, code=f"{MODULE}.parameter_gradient", of="000 E26")
def dC_dW():
    """A weight acts through the value and through the slope: two terms, in every layer."""
    net, X, trace = _traced(3, 2, 4)
    u, v = _seeds(trace)
    shipped = parameter_gradient(net, trace, backward(net, trace, u, v))
    C = _costs(trace, u, v).sum()
    return same(shipped.W, [diff(C, W) for W in net.W[1:]])


@exact("eq-gradient-dw-first", scope=ONE_LAYER, code=f"{MODULE}.parameter_gradient", of="000 E27")
def dC_dW_first():
    """In the first layer the slopes below are the unit matrix, and the second term is a sum over examples."""
    net, X, trace = _traced(3, 2)
    adjoints = backward(net, trace, *_seeds(trace))
    first_form = adjoints.delta[1].T @ X + adjoints.dC_dZ[1].sum(axis=0)
    return same(parameter_gradient(net, trace, adjoints).W, first_form)


@exact("eq-gradient-db", scope=SCOPE, code=f"{MODULE}.parameter_gradient", of="000 E32")
def dC_db():
    """A bias moves the value alone: its gradient is the sum of delta."""
    net, X, trace = _traced(*DEEP)
    u, v = _seeds(trace)
    shipped = parameter_gradient(net, trace, backward(net, trace, u, v))
    C = _costs(trace, u, v).sum()
    return same(shipped.b, [diff(C, b) for b in net.b[1:]])


note(
    "000 E26",
    "C",
    "The sum over the batch, unwritten in the matrix lines, is supplied by the convention "
    "(b stands on the right alone).",
    at="eq-gradient-dw",
)
note("000 E28", "N", "The block's last line repeats one above it.", at="eq-gradient-dw")
note(
    "000 E32",
    "G",
    "Section 2 gives no bias gradient; below an activation it is not zero.",
    at="eq-gradient-db",
)
note(
    "000 E33",
    "G",
    "Section 2 does not say how delta passes a linear layer, nor that it starts from 0 for a"
    " "
    "cost of slopes alone.",
    at="eq-gradient-below",
)
note("000 E18", "O", "In the last line of the first-layer form K must be 1.", at="eq-gradient-first")


@exact(
    "eq-gradient-constant",
    scope="sizes 2-3-1, B = 2, any smooth hidden activation, linear output",
    code=f"{MODULE}.parameter_gradient",
    of="000 E32",
)
def constant_of_integration():
    """Slopes alone never move the last bias of a linear output: the constant of integration is free."""
    net, X, trace = _traced(2, 3, 1, act=(_G, identity))
    u, v = _seeds(trace)
    return same(parameter_gradient(net, trace, backward(net, trace, 0 * u, v)).b[2], [0])


# ---- every width ----


def _collapse(expression):
    """Carry out the sums over Kronecker deltas: the index found is inside the range."""

    def once(total):
        body, limits = sympy.expand(total.function), list(total.limits)
        terms = []
        for term in sympy.Add.make_args(body):
            left = list(limits)
            for delta in sorted(term.atoms(sympy.KroneckerDelta), key=str):
                (i,) = [limit[0] for limit in left if limit[0] in delta.args]
                (p,) = [arg for arg in delta.args if arg != i]
                term = term.subs(delta, 1).subs(i, p)
                left = [limit for limit in left if limit[0] != i]
            terms.append(sympy.Sum(term, *left) if left else term)
        return sympy.Add(*terms)

    return sympy.expand(expression).replace(lambda e: isinstance(e, sympy.Sum), once)


_i, _j, _m, _p, _q, _r = sympy.symbols("i j m p q r", integer=True)
_n, _k, _M = sympy.symbols("n_l n_below n_0", integer=True, positive=True)
_w, _a, _J, _bias, _d, _D, _z, _Z, _u, _v = map(
    sympy.IndexedBase, ("W", "a", "J", "b", "d", "D", "z", "Z", "u", "v")
)


def _affine_cost():
    """C as it depends on one linear layer: its z and Z, weighed by their adjoints d = dC/dz and D = dC/dZ."""
    z = sympy.Sum(_d[_i] * _w[_i, _j] * _a[_j], (_i, 0, _n - 1), (_j, 0, _k - 1))
    b = sympy.Sum(_d[_i] * _bias[_i], (_i, 0, _n - 1))
    Z = sympy.Sum(_D[_i, _m] * _w[_i, _j] * _J[_j, _m], (_i, 0, _n - 1), (_j, 0, _k - 1), (_m, 0, _M - 1))
    return z + b + Z


@proved("eq-gradient-dw/any-width", scope=EVERY_WIDTH)
def dC_dW_any_width():
    """$\\partial C/\\partial W_{pq} = \\delta_p a_q + \\sum_m (\\partial C/\\partial Z_{pm})\\, J_{qm}$."""
    slopes = sympy.Sum(_D[_p, _m] * _J[_q, _m], (_m, 0, _M - 1))
    return same(_collapse(_affine_cost().diff(_w[_p, _q])), _d[_p] * _a[_q] + slopes)


@proved("eq-gradient-db/any-width", scope=EVERY_WIDTH)
def dC_db_any_width():
    """$\\partial C/\\partial b_p = \\delta_p$."""
    return same(_collapse(_affine_cost().diff(_bias[_p])), _d[_p])


@proved("eq-gradient-below/any-width", scope=EVERY_WIDTH)
def below_any_width():
    """$\\partial C/\\partial a_q = \\sum_i \\delta_i W_{iq}$ and
    $\\partial C/\\partial J_{qr} = \\sum_i W_{iq}\\, \\partial C/\\partial Z_{ir}$.
    """
    C = _affine_cost()
    by_a = sympy.Sum(_d[_i] * _w[_i, _q], (_i, 0, _n - 1))
    by_J = sympy.Sum(_w[_i, _q] * _D[_i, _r], (_i, 0, _n - 1))
    return same([_collapse(C.diff(_a[_q])), _collapse(C.diff(_J[_q, _r]))], [by_a, by_J])


@proved("eq-gradient-delta/any-width", scope=EVERY_WIDTH)
def delta_any_width():
    """$\\delta_p = g'(z_p)\\, \\partial C/\\partial a_p + g''(z_p) \\sum_m (\\partial C/\\partial J_{pm})\\, Z_{pm}$
    and $\\partial C/\\partial Z_{pr} = g'(z_p)\\, \\partial C/\\partial J_{pr}$.
    """
    g = [lambda z, order=order: _G.derivative(order)(z).item() for order in range(3)]
    values = sympy.Sum(_u[_i] * g[0](_z[_i]), (_i, 0, _n - 1))
    slopes = sympy.Sum(_v[_i, _m] * g[1](_z[_i]) * _Z[_i, _m], (_i, 0, _n - 1), (_m, 0, _M - 1))
    C = values + slopes
    through_slopes = sympy.Sum(g[2](_z[_p]) * _v[_p, _m] * _Z[_p, _m], (_m, 0, _M - 1))
    return same(
        [_collapse(C.diff(_z[_p])), _collapse(C.diff(_Z[_p, _r]))],
        [g[1](_z[_p]) * _u[_p] + through_slopes, g[1](_z[_p]) * _v[_p, _r]],
    )


# ---- what 000 prints ----


def _slope_problem() -> tuple:
    """A tanh network, data, its trace, the right seed 2 (J - A), and the true dC/dW by the complex step."""
    rng = np.random.default_rng(0)
    net = init((2, 3, 2, 1), tanh, rng)
    net = Network(net.W, (None, *(rng.standard_normal(n) for n in (3, 2, 1))), net.act)
    X, A = rng.standard_normal((2, 2)), rng.standard_normal((2, 1, 2))

    def cost_with(l: int):
        def cost(W):
            return (
                (forward(Network((*net.W[:l], W, *net.W[l + 1 :]), net.b, net.act), X).J[3] - A) ** 2
            ).sum()

        return cost

    trace = forward(net, X)
    return net, trace, 2 * (trace.J[3] - A), [complex_step(cost_with(l), net.W[l]) for l in (1, 2, 3)]


@refuted(
    "eq-gradient-seeds/000-E22",
    source="000 E22",
    classes="M",
    correct="eq-gradient-seeds",
    printed=r"(\mathfrak{D}_{bim}^K - \mathcal{A}_{bim}) \equiv \Delta_{bim}^K",
    scope="one 2-3-2-1 tanh network, B = 2, dC/dW by the complex step",
)
def slip_missing_two():
    """Without the factor 2 every entry of the slope cost's gradient is half of the true one."""
    net, trace, seed, true = _slope_problem()
    adjoints = backward(net, trace, 0 * trace.a[3], seed / 2)
    return differ(parameter_gradient(net, trace, adjoints).W, true)


@refuted(
    "eq-gradient-dw/000-E25",
    source="000 E25",
    classes="M",
    correct="eq-gradient-dw",
    printed=r"\delta W_{yx}^K = \Delta_{bym}^K \mathfrak{D}_{bxm}^{K-1}",
    scope="one 2-3-2-1 tanh network, B = 2, dC/dW by the complex step",
)
def slip_one_term():
    """The slope's term alone is not the gradient: W also moves z, and with it the local derivatives above."""
    net, trace, seed, true = _slope_problem()
    dC_dZ = backward(net, trace, 0 * trace.a[3], seed).dC_dZ
    return differ([np.einsum("bim,bjm->ij", dC_dZ[l], trace.J[l - 1]) for l in (1, 2, 3)], true)


@refuted(
    "eq-gradient-delta/000-E30",
    source="000 E30",
    classes="MG",
    correct="eq-gradient-delta",
    printed=r"(\delta_{bi}^{K-1}) \equiv"
    r" \{ \Delta_{bim}^K \mathfrak{D}_{bim}^{K-1} \sigma'' (O_{bi}^{K-1}) \}",
    scope="one 2-3-2-1 tanh network, B = 2, dC/dW by the complex step; both terms of dC/dW",
)
def slip_dropped_delta():
    """Set anew at each activation, delta loses what arrived from above: wrong below a second activation."""
    net, trace, seed, true = _slope_problem()
    right = backward(net, trace, 0 * trace.a[3], seed)
    arriving = [None, *(net.W[l + 1].T @ right.dC_dZ[l + 1] for l in (1, 2)), seed]  # dC/dJ[l]
    delta = [
        act.d2f(z) * (dC_dJ * Z).sum(axis=2)
        for act, z, Z, dC_dJ in zip(net.act[1:], trace.z[1:], trace.Z[1:], arriving[1:])
    ]
    printed = right._replace(delta=(None, *delta))
    return differ(parameter_gradient(net, trace, printed).W, true)
