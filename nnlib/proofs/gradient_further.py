"""Claims of chapter 6's further pages: equations with known solutions, and slopes by a backward pass."""

import numpy as np
import sympy

from nnlib import double_backprop, gradient_backprop
from nnlib.activations import Activation
from nnlib.network import Network
from nnlib.proofs import symbols
from nnlib.proofs.gradient_residuals import _Counted, _multiplications
from nnlib.proofs.registry import ProofError, checked, exact, proved
from nnlib.proofs.symbols import array, diff, same

HERE = "gradient_further"
MODULE = "nnlib.double_backprop"

# ---- equations with known solutions ----

_x, _t = sympy.symbols("x t", real=True)
_u_0 = sympy.Function("u_0")


@proved("eq-gradient-advection", scope="every smooth u_0, c = 1")
def advection():
    """A profile that moves at speed 1 solves the equation, and is the profile at t = 0."""
    u = _u_0(_x - _t)
    return same([(u.diff(_t) + u.diff(_x)).doit(), u.subs(_t, 0)], [0, _u_0(_x)])


@proved("eq-gradient-burgers", scope="every smooth $u_0$, where $1 + t\\, u_0'$ is not 0")
def burgers():
    """u = u_0(x - u t), differentiated by x and by t and solved for the slopes, solves the equation."""
    u, u_x, u_t, slope = sympy.symbols("u u_x u_t slope")  # slope: u_0' at x - u t
    slopes = sympy.solve(
        [u_x - slope * (1 - u_x * _t), u_t - slope * (-u_t * _t - u)], [u_x, u_t], dict=True
    )[0]
    return same(
        [sympy.simplify(slopes[u_t] + u * slopes[u_x]), sympy.simplify(slopes[u_x] * (1 + _t * slope))],
        [0, slope],
    )


@proved("eq-gradient-poisson", scope="all x")
def poisson():
    """The sine solves the equation and is 0 at both ends."""
    u = sympy.sin(sympy.pi * _x)
    return same(
        [-u.diff(_x, 2), u.subs(_x, 0), u.subs(_x, 1)], [sympy.pi**2 * sympy.sin(sympy.pi * _x), 0, 0]
    )


# ---- slopes by a backward pass ----


@exact(
    "eq-gradient-reverse-slope",
    scope="sizes 3-2-4, B = 2, any smooth activations",
    code=f"{MODULE}.slopes",
)
def reverse_slopes():
    """Backward from the unit matrix: the derivatives of the outputs by z of every layer, and by the inputs."""
    net, X = symbols.network(3, 2, 4), array("x", 2, 3)
    trace = double_backprop.slopes(net, X)
    # b[l] is added to z[l]: the derivative by it is D[l].
    by_z = [[symbols.jacobian(trace.a[2][n], net.b[l]) for n in (0, 1)] for l in (1, 2)]
    by_x = [symbols.jacobian(trace.a[2][n], X[n]) for n in (0, 1)]
    return same([trace.D[1], trace.D[2], trace.Q[0]], [*by_z, by_x])


@exact(
    "eq-gradient-reverse-adjoints",
    scope="sizes 2-1-3 and 3-2-1, B = 2, any smooth activations, any seeds",
    code=f"{MODULE}.gradient",
)
def reverse_adjoints():
    """Up through the pass of the slopes, down through that of the values: the whole gradient."""
    shipped, true = [], []
    for sizes in ((2, 1, 3), (3, 2, 1)):
        net, X = symbols.network(*sizes), array("x", 2, sizes[0])
        u, v = array("u", 2, sizes[2]), array("v", 2, sizes[2], sizes[0])
        trace = double_backprop.slopes(net, X)
        C = (u * trace.a[2]).sum() + (v * trace.Q[0]).sum()
        g = double_backprop.gradient(net, trace, u, v)
        shipped += [*g.W, *g.b]
        true += [diff(C, part) for part in (*net.W[1:], *net.b[1:])]
    return same(shipped, true)


def _counted_ways(*sizes: int, B: int) -> tuple[int, int]:
    """Multiplications of one gradient by lanes for inputs and by lanes for outputs, both passes together."""
    W = (None, *(np.full(shape, _Counted(), dtype=object) for shape in zip(sizes[1:], sizes)))
    b = (None, *(np.full(n, _Counted(), dtype=object) for n in sizes[1:]))
    net = Network(W, b, (None, *[Activation("counted", *[lambda z: z] * 4)] * (len(sizes) - 1)))
    X = np.full((B, sizes[0]), _Counted(), dtype=object)
    u, v = (np.full((B, sizes[-1], *rest), _Counted(), dtype=object) for rest in ((), sizes[:1]))

    def by_inputs():
        trace = gradient_backprop.forward(net, X)
        gradient_backprop.parameter_gradient(net, trace, gradient_backprop.backward(net, trace, u, v))

    def by_outputs():
        double_backprop.gradient(net, double_backprop.slopes(net, X), u, v)

    return _multiplications(by_inputs)[0], _multiplications(by_outputs)[0]


@checked(
    "eq-gradient-two-directions",
    scope="sizes 3-4-2, 2-5-3-1 and 1-4-4-3, B = 3: counted by numbers that count, the formula is not proved",
    code=f"{MODULE}.slopes {MODULE}.gradient",
)
def two_directions():
    """All multiplications of either order, those inside an activation's own formula aside."""
    B, count = 3, 0
    for sizes in ((3, 4, 2), (2, 5, 3, 1), (1, 4, 4, 3)):
        P_w, N = sum(m * n for m, n in zip(sizes, sizes[1:])), sum(sizes[1:])
        counted = _counted_ways(*sizes, B=B)
        wanted = tuple(B * (3 * (1 + m) * P_w + (2 + 3 * m) * N) for m in (sizes[0], sizes[-1]))
        if counted != wanted:
            raise ProofError(f"{sizes}: counted {counted}, the formula says {wanted}")
        count += sum(counted)
    return f"{count} multiplications counted"
