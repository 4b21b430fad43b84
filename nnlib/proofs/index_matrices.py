"""Claims of the chapter index_backprop, in matrices: 000's differentials, the edges, gradient checks, cost.

"proved" states a step of the derivation for every width and batch; "exact" runs the shipped matrix pass.
"""

from __future__ import annotations

import numpy as np
import sympy

from nnlib import activations, check
from nnlib.activations import Activation
from nnlib.costs import Cost
from nnlib.index_backprop import UnitNetwork, adjoints, back_propagate, from_adjoints, matrix_gradient
from nnlib.network import Network, Trace, flatten, forward, init, unflatten
from nnlib.proofs.registry import ProofError, checked, cited, definition, exact, note, proved
from nnlib.proofs.symbols import activation, array, cost, diff, network, same, within

SIZES = (2, 3, 4, 2)
SCOPE = "sizes 2-3-4-2, batch of 2; generic activations and cost"
C_ANY = cost()  # stands for every sum over examples and outputs
WIDTHS = "every width and batch"

_B, _n, _m = sympy.symbols("B n m", integer=True, positive=True)
_b, _c, _x, _y, _i, _j = (sympy.Symbol(letter, integer=True, nonnegative=True) for letter in "bcxyij")
_W, _I, _bias, _O, _Y, _Delta = map(sympy.IndexedBase, ("W", "I", "B", "O", "Y", "Delta"))
_d = {letter: sympy.IndexedBase(f"d{letter}") for letter in "WIBO"}  # their differentials
_t = sympy.Symbol("t")
_sigma = activation("sigma")


def _linear(b, y, t=0):
    """O_by = sum_x W_yx I_bx + B_y, moved by t along (dW, dI, dB)."""
    summand = (_W[y, _x] + t * _d["W"][y, _x]) * (_I[b, _x] + t * _d["I"][b, _x])
    return sympy.Sum(summand, (_x, 0, _n - 1)) + _bias[y] + t * _d["B"][y]


def _at_zero(expression):
    """The derivative along t at t = 0: the differential."""
    return sympy.diff(expression, _t).subs(_t, 0)


def _summand(expression, *indices):
    """What a sum over exactly these indices adds up."""
    if not isinstance(expression, sympy.Sum) or expression.variables != [*indices]:
        raise ProofError(f"{expression} is no sum over {indices}")
    return expression.function


def _in_range(expression):
    """Carry out the sums over Kronecker deltas; the free indices name existing rows and units."""
    inside = {_c <= _B - 1: True, _i <= _n - 1: True, _j <= _m - 1: True}
    for _ in range(3):
        expression = expression.doit().subs(inside)
    return expression


def _paired(*outer):
    """sum_by Delta_by O_by over one linear layer, Delta held fixed; `outer` is summed last."""
    limits = sorted(((_b, 0, _B - 1), (_y, 0, _m - 1)), key=lambda limit: limit[0] in outer)
    return sympy.Sum(_Delta[_b, _y] * _linear(_b, _y), *limits)


# 000's way by differentials --------------------------------------------------------------------------------

definition(
    "index_matrices",
    "eq-index-linear",
    "000 counts a linear layer and an activation layer separately; each takes the output of the one below.",
    of="000 E1 E2 E3",
)


@proved("eq-index-matrix-forward", scope=WIDTHS, of="000 E4")
def _matrix_forward():
    """The sum over $x$ is a matrix product with $W$ transposed; the bias is added to every row."""
    inputs, W, B = (
        sympy.MatrixSymbol("I", _B, _n),
        sympy.MatrixSymbol("W", _m, _n),
        sympy.MatrixSymbol("b", _m, 1),
    )
    bias, product = (inputs * W.T + sympy.OneMatrix(_B, 1) * B.T)[_b, _y].doit().as_independent(sympy.Sum)
    at_x = {product.variables[0]: _x}
    return same([product.function.xreplace(at_x), bias], [W[_y, _x] * inputs[_b, _x], B[_y, 0]])


@proved("eq-index-differential-cost", scope=WIDTHS, of="000 E5 E6 E7 E8")
def _differential_cost():
    """The differential of the squared error is the sum of $\\Delta = 2(O - Y)$ times $dO$."""
    moved = sympy.Sum((_O[_b, _y] + _t * _d["O"][_b, _y] - _Y[_b, _y]) ** 2, (_y, 0, _m - 1), (_b, 0, _B - 1))
    return same(_summand(_at_zero(moved), _y, _b), 2 * (_O[_b, _y] - _Y[_b, _y]) * _d["O"][_b, _y])


@proved("eq-index-differential-linear", scope="every width, for each example b and unit y", of="000 E9")
def _differential_linear():
    """The product rule on one linear layer: a change of $W$, of the input and of the bias."""
    shown = _d["W"][_y, _x] * _I[_b, _x] + _W[_y, _x] * _d["I"][_b, _x]
    changes = _at_zero(_linear(_b, _y, _t)) - _d["B"][_y]
    return same(_summand(changes, _x), shown)


@proved("eq-index-linear-input", scope=WIDTHS, of="000 E10")
def _linear_input():
    """What multiplies $dI_{bx}$: the layer's Δ, sent back through the weights."""
    return same(
        _in_range(sympy.diff(_paired(_y), _I[_c, _i])),
        sympy.Sum(_Delta[_c, _y] * _W[_y, _i], (_y, 0, _m - 1)),
    )


@proved("eq-index-linear-weight", scope=WIDTHS, of="000 E11")
def _linear_weight():
    """What multiplies $dW_{yx}$: the layer's Δ times its input, summed over the examples."""
    return same(
        _in_range(sympy.diff(_paired(_b), _W[_j, _i])),
        sympy.Sum(_Delta[_b, _j] * _I[_b, _i], (_b, 0, _B - 1)),
    )


@proved("eq-index-linear-bias", scope=WIDTHS, of="000 E12")
def _linear_bias():
    """What multiplies $dB_y$: the layer's Δ, summed over the examples."""
    return same(_in_range(sympy.diff(_paired(_b), _bias[_j])), sympy.Sum(_Delta[_b, _j], (_b, 0, _B - 1)))


@proved("eq-index-activation", scope=f"{WIDTHS}, one generic elementwise activation", of="000 E13 E14")
def _activation():
    """An activation layer multiplies Δ by the slope, element by element."""
    paired = sympy.Sum(_Delta[_b, _x] * _sigma.f(_O[_b, _x]).item(), (_x, 0, _n - 1), (_b, 0, _B - 1))
    return same(_in_range(sympy.diff(paired, _O[_c, _i])), _Delta[_c, _i] * _sigma.df(_O[_c, _i]).item())


note(
    "000 E0",
    "CN",
    "“Indices that appear on one side of the equation and not on the other are summed over” fits "
    "the recursions and the gradients. It does not fit Δ dO = dW Δ I + ..., where b and y stand on both "
    "sides: that holds for each (b, y), and is then summed as well. The book writes every Σ.",
    at="eq-index-differential-linear",
)
note("000 E5", "C", "The sum of squares, without ½ and without a mean.", at="eq-index-differential-cost")
note(
    "000 E11",
    "N",
    "δW is the differential in one line and the gradient in the next. The book writes dW and ∂C/∂W.",
    at="eq-index-linear-weight",
)


# The matrix pass -------------------------------------------------------------------------------------------


def _problem() -> tuple[Network, np.ndarray, np.ndarray, Trace]:
    net, X = network(*SIZES), array("x", 2, SIZES[0])
    return net, X, array("t", 2, SIZES[-1]), forward(net, X)


def _by_preactivation(net: Network, trace: Trace, Y: np.ndarray, l: int) -> np.ndarray:
    """sympy's dC/dz[l]: the layers above l run on symbols zeta, which then become z[l]."""
    zeta = array("zeta", *trace.z[l].shape)
    a = net.act[l].f(zeta)
    if l < net.L:
        above = Network(*((None, *part[l + 1 :]) for part in (net.W, net.b, net.act)))
        a = forward(above, a).a[above.L]
    at = dict(zip(zeta.ravel(), trace.z[l].ravel()))
    return np.vectorize(lambda entry: entry.xreplace(at), otypes=[object])(diff(C_ANY.value(a, Y), zeta))


def _adjoints() -> tuple:
    net, X, Y, trace = _problem()
    return net, X, Y, trace, adjoints(net, trace, C_ANY.da(trace.a[net.L], Y))


@exact("eq-index-matrix-output", scope=SCOPE, code="nnlib.index_backprop.adjoints")
def _matrix_output():
    """The last layer's adjoint: the cost's derivative times the slope, element by element."""
    net, _, Y, trace, delta = _adjoints()
    return same(delta[net.L], _by_preactivation(net, trace, Y, net.L))


@exact("eq-index-matrix-delta", scope=SCOPE, code="nnlib.index_backprop.adjoints")
def _matrix_delta():
    """Each layer's adjoint: the one above, times its weights, times the slope."""
    net, _, Y, trace, delta = _adjoints()
    return same(list(delta[1 : net.L]), [_by_preactivation(net, trace, Y, l) for l in range(1, net.L)])


@exact(
    "eq-index-matrix-dw",
    scope=SCOPE,
    code="nnlib.index_backprop.matrix_gradient nnlib.index_backprop.from_adjoints",
)
def _matrix_dw():
    """The gradient by a layer's weights: adjoints, transposed, times the activations below."""
    net, X, Y, trace = _problem()
    C = C_ANY.value(trace.a[net.L], Y)
    return same(list(matrix_gradient(net, X, Y, C_ANY).W), [diff(C, W) for W in net.W[1:]])


@checked(
    "eq-index-matrix-dw/shapes",
    scope="B = n_1 = n_0 = 3, tanh, complex step 1e-12; numbers, because the wrong products have no equation",
    code="nnlib.index_backprop.adjoints",
)
def _shapes():
    """With square matrices eight products have the shape of $W$; one is the gradient."""
    rng = np.random.default_rng(2)
    net = init((3, 3, 3), activations.tanh, rng)
    X, Y = rng.standard_normal((2, 3, 3))
    trace = forward(net, X)
    delta = adjoints(net, trace, 2 * (trace.a[2] - Y))[2]
    A = trace.a[1]
    true = check.complex_step(
        lambda W: ((forward(Network((None, net.W[1], W), net.b, net.act), X).a[2] - Y) ** 2).sum(), net.W[2]
    )
    products = [p @ q for d in (delta, delta.T) for a in (A, A.T) for p, q in ((d, a), (a, d))]
    errors = sorted(check.agreement(product, true) for product in products)
    if errors[0] > 1e-12 or errors[1] < 1e-2:
        raise ProofError(f"errors {errors[:2]}: not exactly one product is right")
    return "8 products fit, 1 is right"


@exact("eq-index-matrix-db", scope=SCOPE, code="nnlib.index_backprop.from_adjoints")
def _matrix_db():
    """The gradient by a layer's biases: the adjoints, summed over the batch."""
    net, _, Y, trace, delta = _adjoints()
    C = C_ANY.value(trace.a[net.L], Y)
    return same(list(from_adjoints(trace, delta).b), [diff(C, b) for b in net.b[1:]])


@exact("eq-index-matrix-dx", scope=SCOPE, code="nnlib.index_backprop.adjoints")
def _matrix_dx():
    """The gradient by the inputs: the first layer's adjoints times its weights, one row an example."""
    net, X, Y, trace, delta = _adjoints()
    return same(delta[1] @ net.W[1], diff(C_ANY.value(trace.a[net.L], Y), X))


# The edges of two activations ------------------------------------------------------------------------------


@exact("eq-index-sigmoid", scope="any pre-activation", code="nnlib.activations.sigmoid", of="004 E16")
def _sigmoid():
    """The two printed forms of the sigmoid's slope are one function, and the code computes it."""
    z = sympy.Symbol("z")
    left = sympy.exp(-z) / (1 + sympy.exp(-z)) ** 2
    y = np.asarray(activations.sigmoid.f(np.array(z))).item()
    slope = np.asarray(activations.sigmoid.df(np.array(z))).item()
    return same([sympy.simplify(left - y * (1 - y)), sympy.simplify(left - slope)], [0, 0])


@checked(
    "eq-index-sigmoid/edges",
    scope="float64 at $z = -750$, $-355$, 40 and 750, relative $10^{-12}$; rounding is the subject, so numbers",
    code="nnlib.activations.sigmoid",
)
def _sigmoid_edges():
    """The left form gives 0 at $-355$ and no number at $-750$, the right form has no digit left at 40; the code
    has none of these faults.
    """
    with np.errstate(over="ignore", invalid="ignore"):
        e = np.exp([750.0, 355.0])
        none, left = e / (1 + e) ** 2
    y = activations.sigmoid.f(np.array(40.0))
    if not np.isnan(none) or left != 0 or y * (1 - y) != 0:
        raise ProofError(f"the printed forms give {none} at -750, {left} at -355 and {y * (1 - y)} at 40")
    far = [float(activations.sigmoid.df(np.array(z))) for z in (-750.0, 750.0)]
    if far != [0.0, 0.0]:
        raise ProofError(f"the code gives {far} at ±750")
    error = max(abs(activations.sigmoid.df(np.array(z)) / np.exp(-abs(z)) - 1) for z in (-355.0, 40.0))
    forms = "left form nan at -750 and 0 at -355; right form 0 at 40"
    return f"{forms}; {within(error, 1e-12, 'error of the code at -355 and 40')}"


@checked(
    "eq-index-relu",
    scope="z = ±2 and 0, difference quotients from both sides, exactly; a branch, so numbers",
    code="nnlib.activations.relu",
    of="004 E17",
)
def _relu():
    """ReLU has slope 0 on the left, 1 on the right; at 0 both occur, and the code takes 1 as 004 does."""
    f, df = activations.relu.f, activations.relu.df
    h = 2.0**-20
    left, right = (
        [(f(np.array(z + s * h)) - f(np.array(z))) / (s * h) for z in (-2.0, 0.0, 2.0)] for s in (-1, 1)
    )
    code = [float(df(np.array(z))) for z in (-2.0, 0.0, 2.0)]
    if left != [0, 0, 1] or right != [0, 1, 1] or code != [0, 1, 1]:
        raise ProofError(f"slopes from the left {left}, from the right {right}, in the code {code}")
    return "at 0: 0 from the left, 1 from the right, 1 in the code"


note(
    "004 E16",
    "G",
    "Both forms are right as formulas. As a float64 program the left one gives 0 from $z = -355$ down, where "
    "$(1 + e^{-z})^2$ overflows and the slope is still $10^{-154}$, and no number at all from $z = -710$ down "
    "($\\infty/\\infty$); the right one loses all digits from $z = 37$ up.",
    at="eq-index-sigmoid",
)
note(
    "004 E17",
    "C",
    "At 0 the slope is a choice: any number in [0, 1] is a subgradient. The memo and the book take 1.",
    at="eq-index-relu",
)


# Checking a gradient ---------------------------------------------------------------------------------------


def _series(direction) -> sympy.Expr:
    """f(x + h direction) to order 5 in h; f0 ... f5 are f's derivatives at x."""
    h, f = sympy.Symbol("h", real=True), sympy.symbols("f0:6", real=True)
    return sum(f[n] * (direction * h) ** n / sympy.factorial(n) for n in range(6))


@proved("eq-index-central-difference", scope="f five times differentiable; Taylor terms to h^5")
def _central_series():
    """The even terms cancel: the error of the central difference starts with $h^2 f^{(3)}/6$."""
    h, f1, f3, f5 = sympy.Symbol("h", real=True), *sympy.symbols("f1 f3 f5", real=True)
    return same((_series(1) - _series(-1)) / (2 * h), f1 + h**2 * f3 / 6 + h**4 * f5 / 120)


@checked(
    "eq-index-central-difference/rounding",
    scope="exp at 1, $h$ from $10^{-1}$ to $10^{-13}$, $10^{-7}$ at the default step; "
    "rounding is the subject, so numbers",
    code="nnlib.check.central_difference",
)
def _central_rounding():
    """A large step errs by truncation, a small one by rounding, and the default step by less than $10^{-7}$."""
    error = {
        h: abs(check.central_difference(np.exp, 1.0, h) / np.e - 1) for h in (1e-1, 1e-3, 1e-6, 1e-10, 1e-13)
    }
    if not error[1e-1] > error[1e-3] > error[1e-6] < error[1e-10] < error[1e-13]:
        raise ProofError(f"the errors {error} are no U")
    return within(abs(check.central_difference(np.exp, 1.0) / np.e - 1), 1e-7, "error at the default step")


@proved("eq-index-best-step", scope="any positive $|f|$, $|f^{(3)}|$ and unit of rounding")
def _best_step():
    """Truncation and rounding together have one minimum over the step: the cube root."""
    h, f, f3, unit = sympy.symbols("h f f3 epsilon", positive=True)
    E = h**2 * f3 / 6 + unit * f / h
    best = sympy.cbrt(3 * unit * f / f3)
    if not sympy.diff(E, h, 2).is_positive:
        raise ProofError("the sum of both errors is not convex, so the step may be no minimum")
    return same(sympy.simplify(sympy.diff(E, h).subs(h, best)), sympy.Integer(0))


@proved("eq-index-complex-step", scope="f analytic and real on the real line; Taylor terms to h^5")
def _complex_series():
    """The imaginary part holds the odd terms, and nothing is subtracted: the error is $-h^2 f^{(3)}/6$."""
    h, f1, f3, f5 = sympy.Symbol("h", real=True), *sympy.symbols("f1 f3 f5", real=True)
    imaginary = sympy.im(sympy.expand(_series(sympy.I)))
    return same(sympy.expand(imaginary / h), f1 - h**2 * f3 / 6 + h**4 * f5 / 120)


@checked(
    "eq-index-complex-step/rounding",
    scope="sizes 3-4-2, every parameter, 1e-12; rounding is the subject, so numbers",
    code="nnlib.check.complex_step nnlib.index_backprop.matrix_gradient",
)
def _complex_numbers():
    """With $h = 10^{-30}$ the complex step has every digit that float64 has."""
    rng = np.random.default_rng(3)
    net = init((3, 4, 2), activations.tanh, rng)
    X, Y = rng.standard_normal((5, 3)), rng.standard_normal((5, 2))
    total = Cost("quartic", lambda a, Y: ((a - Y) ** 4).sum(), lambda a, Y: 4 * (a - Y) ** 3)

    def C(theta):
        return total.value(forward(unflatten(net, theta), X).a[net.L], Y)

    return within(
        check.agreement(flatten(matrix_gradient(net, X, Y, total)), check.complex_step(C, flatten(net))),
        1e-12,
    )


cited(
    "index_matrices",
    "eq-index-complex-step/source",
    "The complex step is free of cancellation, so h may be as small as the exponent allows.",
    "squire1998, pp. 110-112",
)


# Cost ------------------------------------------------------------------------------------------------------


class Tally:
    """A number without a value that counts the multiplications it takes part in."""

    count = 0

    def __mul__(self, other):
        Tally.count += 1
        return self

    def __add__(self, other):
        return self

    __rmul__, __radd__, __sub__, __rsub__ = __mul__, __add__, __add__, __add__


def _tallies(*shape: int) -> np.ndarray:
    return np.full(shape, Tally(), dtype=object)


def _counted(work) -> int:
    Tally.count = 0
    work()
    return Tally.count


_FREE = Activation("free", lambda z: z, lambda z: z)  # f and f' cost no multiplication
_FREE_COST = Cost("free", lambda a, Y: a.sum(), lambda a, Y: a - Y)


@checked(
    "eq-index-flops",
    scope="counted: sizes 5-3-4-2, B = 7; a count, so exact at these sizes",
    code="nnlib.index_backprop.adjoints nnlib.index_backprop.from_adjoints nnlib.network.forward",
)
def _flops():
    """Counting a multiplication and its addition as two flops: $6BP_w$ with $\\partial C/\\partial X$."""
    n, B = (5, 3, 4, 2), 7
    layers = range(1, len(n))
    W, b = (None, *(_tallies(n[l], n[l - 1]) for l in layers)), (None, *(_tallies(n[l]) for l in layers))
    net = Network(W, b, (None, *[_FREE] * 3))
    X, Y = _tallies(B, n[0]), _tallies(B, n[-1])
    P_w, slopes = sum(n[l] * n[l - 1] for l in layers), B * sum(n[1:])
    trace = forward(net, X)
    counts = {
        "forward": (_counted(lambda: forward(net, X)), B * P_w),
        "all weights": (
            _counted(lambda: matrix_gradient(net, X, Y, _FREE_COST)),
            3 * B * P_w - B * n[0] * n[1] + slopes,
        ),
        "the inputs": (_counted(lambda: adjoints(net, trace, Y)[1] @ net.W[1]), B * P_w + slopes),
    }

    def with_inputs():
        trace = forward(net, X)
        delta = adjoints(net, trace, Y)
        from_adjoints(trace, delta)
        return delta[1] @ net.W[1]

    counts["all weights and the inputs"] = (_counted(with_inputs), 3 * B * P_w + slopes)
    for what, (found, wanted) in counts.items():
        if found != wanted:
            raise ProofError(f"{what}: {found} multiplications, not {wanted}")
    return f"P_w = {P_w}, B = 7: {3 * B * P_w} multiplications with dC/dX, {3 * B * P_w - B * n[0] * n[1]} without"


@checked(
    "eq-index-links",
    scope="counted: a wiring of 9 links and 4 units with an activation; a count, so exact there",
    code="nnlib.index_backprop.propagate nnlib.index_backprop.back_propagate",
)
def _links():
    """One multiplication a link forward, two backward, and one a unit for its slope."""
    upstream = {2: (0, 1), 3: (1, 2), 4: (2, 3), 5: (0, 3, 4)}
    links = [(i, j) for i, S in upstream.items() for j in S]
    one = Tally()
    units = UnitNetwork(
        (0, 1),
        (4, 5),
        upstream,
        dict.fromkeys(links, one),
        dict.fromkeys(upstream, one),
        dict.fromkeys(upstream, _FREE),
    )
    x, y_star = dict.fromkeys((0, 1), one), dict.fromkeys((4, 5), one)
    count = _counted(lambda: back_propagate(units, x, y_star, _FREE_COST))
    if count != 3 * len(links) + len(upstream):
        raise ProofError(f"{count} multiplications for {len(links)} links and {len(upstream)} units")
    return f"{len(links)} links, {len(upstream)} units: {count} multiplications"
