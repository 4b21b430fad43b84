"""More claims of the chapter gradient_backprop: residuals, second derivatives, softmax, cost."""

import numpy as np
import sympy

from nnlib.activations import Activation, softmax
from nnlib.gradient_backprop import (
    CurvatureTrace,
    Residual,
    SlopeTrace,
    backward,
    curvature,
    forward,
    parameter_gradient,
    residual_gradient,
    residual_jacobian,
)
from nnlib.network import Network
from nnlib.proofs import symbols
from nnlib.proofs.registry import ProofError, checked, definition, exact, note, proved
from nnlib.proofs.symbols import array, diff, same

HERE = "gradient_residuals"
MODULE = "nnlib.gradient_backprop"


def _stack(*columns) -> np.ndarray:
    return np.stack(columns, axis=1)


# ---- dy/dx = 1/x ----


@proved("eq-gradient-ode", scope="x > 0 and x < 0", of="000 E34")
def logarithm():
    """The solutions of dy/dx = 1/x: log|x| plus a constant, one constant for each side of 0."""
    x, c = sympy.Symbol("x", positive=True), sympy.Symbol("c")
    left = sympy.Symbol("x", negative=True)
    return same([sympy.diff(sympy.log(x) + c, x), sympy.diff(sympy.log(-left) + c, left)], [1 / x, 1 / left])


definition(
    HERE,
    "eq-gradient-anchor",
    "The cost of dy/dx = 1/x with an anchor: the mean squared residual, plus the squared error at one point.",
    of="000 E35",
)
note(
    "000 E35",
    "N",
    "The example is an ordinary differential equation; with more inputs the same passes"
    " serve partial ones. The constant c stays free until a value is given.",
    at="eq-gradient-anchor",
)


@proved("eq-gradient-decay", scope="every smooth N(x)")
def decay_residual():
    """The trial 10 + x N(x) is 10 at 0 for every N, and F is its residual; the solution is 10 exp(-2x)."""
    x = sympy.Symbol("x")
    N, solution = sympy.Function("N")(x), 10 * sympy.exp(-2 * x)
    trial = 10 + x * N
    residual = N + x * N.diff(x) + 2 * trial
    return same(
        [trial.diff(x) + 2 * trial, trial.subs(x, 0), solution.diff(x) + 2 * solution, solution.subs(x, 0)],
        [residual, 10, 0, 10],
    )


# ---- residuals ----

# F = x_0 a_0 J_00 + a_1 J_11, for n_0 = n_L = 2: nonlinear, of values, slopes and the point.
_PRODUCT = Residual(
    lambda X, a, J: X[:, 0] * a[:, 0] * J[:, 0, 0] + a[:, 1] * J[:, 1, 1],
    lambda X, a, J: _stack(X[:, 0] * J[:, 0, 0], J[:, 1, 1]),
    lambda X, a, J: _stack(_stack(X[:, 0] * a[:, 0], 0 * a[:, 0]), _stack(0 * a[:, 1], a[:, 1])),
)


@exact(
    "eq-gradient-residual",
    scope="F = x_0 a_0 J_00 + a_1 J_11, sizes 2-1-2, B = 2, any smooth activations",
    code=f"{MODULE}.residual_gradient",
)
def residual():
    """A squared residual is a cost of values and slopes: its seeds are 2F times F's partial derivatives."""
    net, X = symbols.network(2, 1, 2), array("x", 2, 2)
    trace = forward(net, X)
    C = (_PRODUCT.F(X, trace.a[2], trace.J[2]) ** 2).sum()
    shipped, true = residual_gradient(net, X, _PRODUCT), symbols.gradient(C, net)
    return same([shipped[0], *shipped[1].W, *shipped[1].b], [C, *true.W, *true.b])


@exact(
    "eq-gradient-residual-jacobian",
    scope="F linear in a and J, sizes 2-1-3, B = 2, any smooth activations",
    code=f"{MODULE}.residual_jacobian {MODULE}.parameter_gradient",
)
def residual_jacobian_rows():
    """Not summed over the batch, the same pass gives each point's derivatives by all parameters."""
    net, X = symbols.network(2, 1, 3), array("x", 2, 2)
    u, v = array("u", 2, 3), array("v", 2, 3, 2)
    linear = Residual(
        lambda X, a, J: (u * a).sum(axis=1) + (v * J).sum(axis=(1, 2)), lambda X, a, J: u, lambda X, a, J: v
    )
    trace = forward(net, X)
    F = linear.F(X, trace.a[2], trace.J[2])
    true = [[diff(F[b], part) for pair in zip(net.W[1:], net.b[1:]) for part in pair] for b in (0, 1)]
    return same(list(residual_jacobian(net, X, linear)), [F, true])


# ---- second derivatives ----

_SECOND = "sizes 2-1-2-1, B = 2, any smooth activations"


@exact("eq-gradient-curvature", scope=_SECOND, code=f"{MODULE}.curvature")
def second_derivatives():
    """Second derivatives go forward too: linear layers pass them, activations add a source."""
    net, X = symbols.network(2, 1, 2, 1), array("x", 2, 2)
    trace = curvature(net, forward(net, X))
    each = [(z, J) for l in (1, 2, 3) for z, J in ((trace.K[l], trace.Z[l]), (trace.H[l], trace.J[l]))]
    true = [[symbols.jacobian(J[b], X[b]) for b in (0, 1)] for _, J in each]
    return same([second for second, _ in each], true)


@exact(
    "eq-gradient-curvature-adjoints",
    scope="sizes 2-3, B = 2, any smooth activation, any seeds",
    code=f"{MODULE}.backward",
)
def curvature_adjoints():
    """Through an activation three adjoints arrive and three leave: $g'''$ is needed."""
    net, X = symbols.network(2, 3), array("x", 2, 2)
    z, Z, K = array("z", 2, 3), array("Z", 2, 3, 2), array("K", 2, 3, 2, 2)
    f, df, d2f, d3f = (net.act[1].derivative(order)(z) for order in range(4))
    H = d2f[:, :, None, None] * Z[:, :, :, None] * Z[:, :, None, :] + df[:, :, None, None] * K
    trace = CurvatureTrace((None, z), (X, f), (None, Z), (None, df[:, :, None] * Z), (None, K), (None, H))
    seeds = array("u", 2, 3), array("v", 2, 3, 2), array("t", 2, 3, 2, 2)
    C = sum((seed * output[1]).sum() for seed, output in zip(seeds, (trace.a, trace.J, trace.H)))
    adjoints = backward(net, trace, *seeds)
    return same(
        [adjoints.delta[1], adjoints.dC_dZ[1], adjoints.dC_dK[1]], [diff(C, z), diff(C, Z), diff(C, K)]
    )


@exact(
    "eq-gradient-curvature-dw",
    scope="sizes 2-1-3, B = 2, any smooth activations, any seeds",
    code=f"{MODULE}.backward {MODULE}.parameter_gradient",
)
def curvature_dC_dW():
    """With second derivatives a weight acts through three quantities: three terms."""
    net, X = symbols.network(2, 1, 3), array("x", 2, 2)
    trace = curvature(net, forward(net, X))
    seeds = array("u", 2, 3), array("v", 2, 3, 2), array("t", 2, 3, 2, 2)
    C = sum((seed * output[2]).sum() for seed, output in zip(seeds, (trace.a, trace.J, trace.H)))
    return same(parameter_gradient(net, trace, backward(net, trace, *seeds)), symbols.gradient(C, net))


# ---- softmax ----


@exact("eq-gradient-softmax", scope="sizes 2-3, B = 2, softmax", code=f"{MODULE}.forward")
def softmax_slope():
    """The slope of a softmax output is weighed against the mean slope of its row."""
    net, X = symbols.network(2, 3, act=(softmax,)), array("x", 2, 2)
    trace = forward(net, X)
    true = [symbols.jacobian(trace.a[1][b], X[b]) for b in (0, 1)]
    return same(trace.J[1], true)


@exact(
    "eq-gradient-softmax-adjoints",
    scope="sizes 2-3, B = 1, softmax, any seeds",
    code=f"{MODULE}.backward",
)
def softmax_adjoints():
    """Backward through softmax both adjoints meet its Jacobian, which depends on all of the row."""
    net, X = symbols.network(2, 3, act=(softmax,)), array("x", 1, 2)
    z, Z = array("z", 1, 3), array("Z", 1, 3, 2)
    a = softmax.f(z)
    trace = SlopeTrace((None, z), (X, a), (None, Z), (None, softmax.jacobian(a) @ Z))
    u, v = array("u", 1, 3), array("v", 1, 3, 2)
    C = (u * trace.a[1]).sum() + (v * trace.J[1]).sum()
    adjoints = backward(net, trace, u, v)
    return same([adjoints.delta[1], adjoints.dC_dZ[1]], [diff(C, z), diff(C, Z)])


# ---- cost ----


class _Counted:
    """A number that counts multiplications and is otherwise nothing."""

    count = 0

    def __mul__(self, other):
        _Counted.count += 1
        return self

    def __add__(self, other):
        return self

    __rmul__, __radd__ = __mul__, __add__


def _multiplications(run) -> tuple:
    _Counted.count = 0
    result = run()
    return _Counted.count, result


@checked(
    "eq-gradient-multiplications",
    scope="sizes 3-4-2 and 2-5-3-1, B = 3: counted by numbers that count, the formula is not proved",
    code=f"{MODULE}.forward {MODULE}.backward {MODULE}.parameter_gradient",
)
def multiplications():
    """All multiplications of both passes, those inside an activation's own formula aside."""
    count, B = 0, 3
    for sizes in ((3, 4, 2), (2, 5, 3, 1)):
        W, b = (
            (None, *(np.full(shape, _Counted(), dtype=object) for shape in shapes))
            for shapes in (list(zip(sizes[1:], sizes)), sizes[1:])
        )
        same_number = Activation("counted", *[lambda z: z] * 4)
        net = Network(W, b, (None, *[same_number] * (len(sizes) - 1)))
        X = np.full((B, sizes[0]), _Counted(), dtype=object)
        ones = [np.full((B, sizes[-1], *rest), _Counted(), dtype=object) for rest in ((), sizes[:1])]
        ahead, trace = _multiplications(lambda net=net, X=X: forward(net, X))
        back, _ = _multiplications(
            lambda net=net, trace=trace, ones=ones: parameter_gradient(
                net, trace, backward(net, trace, *ones)
            )
        )
        P_w, N, M = sum(m * n for m, n in zip(sizes, sizes[1:])), sum(sizes[1:]), sizes[0]
        wanted = (B * ((1 + M) * P_w + M * N), 2 * B * (1 + M) * (P_w + N))
        if (ahead, back) != wanted:
            raise ProofError(f"counted {ahead} and {back}, the formula says {wanted[0]} and {wanted[1]}")
        count += ahead + back
    return f"{count} multiplications counted"
