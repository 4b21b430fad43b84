"""Claims of the further pages of chapter jacobian: actions, saliency, second derivatives, fits."""

from __future__ import annotations

import numpy as np
import sympy

from nnlib import index_backprop, jacobian
from nnlib.activations import Activation, identity, softmax, tanh
from nnlib.check import agreement
from nnlib.costs import Cost, half_squared_error
from nnlib.network import Gradient, Network, flatten, forward, init, split_layers, unflatten
from nnlib.proofs.registry import ProofError, checked, definition, exact, proved
from nnlib.proofs.symbols import Tally, array, diff, network, same, tallies
from nnlib.proofs.symbols import gradient as symbolic_gradient
from nnlib.proofs.symbols import jacobian as symbolic_jacobian

GENERIC = "generic activations, one per layer"


# Actions ---------------------------------------------------------------------------------------------------


@exact(
    "eq-jacobian-action",
    scope=f"policy 1-3-2, worth 3-2-1, {GENERIC}, batch of 2",
    code="nnlib.jacobian.input_vjp nnlib.jacobian.vjp",
)
def _action():
    """The worth of a policy's actions moves with its parameters through the action's columns alone."""
    policy, Q, S = network(1, 3, 2), network(3, 2, 1), array("s", 2, 1)
    seen = {symbol: sympy.Symbol(f"Q{symbol}") for symbol in flatten(Q)}
    Q = Network(*((None, *(_renamed(part, seen) for part in parts[1:])) for parts in (Q.W, Q.b)), Q.act)
    XU = np.concatenate([S, forward(policy, S).a[policy.L]], axis=1)
    dQ_du = jacobian.input_vjp(Q, XU, np.ones((2, 1), dtype=object))[:, 1:]
    worth = forward(Q, XU).a[Q.L].sum()
    return same(jacobian.vjp(policy, S, dQ_du), symbolic_gradient(worth, policy))


def _renamed(part: np.ndarray, names: dict) -> np.ndarray:
    return np.array([names[symbol] for symbol in part.ravel()], dtype=object).reshape(part.shape)


# Saliency --------------------------------------------------------------------------------------------------

definition(
    "jacobian_uses",
    "eq-jacobian-saliency",
    "The saliency of an input for one output: the size of one entry of the Jacobian by the inputs.",
)


@exact(
    "eq-jacobian-probability",
    scope="sizes 2-2-3, softmax over a generic layer, batch of 1",
    code="nnlib.jacobian.inputs",
)
def _probability():
    """A probability's slope is its logit's slope against the mean slope of all logits, times itself."""
    logits, X = network(2, 2, 3, act=(network(1, 1).act[1], identity)), array("x", 1, 2)
    slopes = symbolic_jacobian(forward(logits, X).a[2][0], X[0])
    net = Network(logits.W, logits.b, (None, logits.act[1], softmax))
    p = forward(net, X).a[2][0]
    return same(jacobian.inputs(net, X)[0], p[:, None] * (slopes - p @ slopes))


@exact(
    "eq-jacobian-prior",
    scope=f"one step, two coordinates c, sizes 3-2-2, {GENERIC}",
    code="nnlib.jacobian.maximise_output",
)
def _prior():
    """Climbing in coordinates x = m + E c, pulled to c = 0, is a climb of x under the covariance E E^T."""
    net, E, m, c, u = network(3, 2, 2), array("E", 3, 2), array("m", 3), array("c", 2), array("u", 2)
    eta, pull = sympy.symbols("eta kappa")
    longer = Network((None, E, *net.W[1:]), (None, m, *net.b[1:]), (None, identity, *net.act[1:]))
    climbed = jacobian.maximise_output(longer, c, u, 1, eta, pull, 0 * c)
    at, x = m + E @ c, array("x", 3)
    slope = diff(u @ forward(net, x[None]).a[2][0], x)
    slope = np.array([entry.xreplace(dict(zip(x, at))) for entry in slope], dtype=object)
    return same(m + E @ climbed, at + eta * (E @ E.T @ slope - pull * (at - m)))


# Second derivatives along a direction ----------------------------------------------------------------------


# Slopes that are plain numbers, so that the products with them are not counted.
_KEEP = Activation("kept", lambda z: z, lambda z: np.ones(z.shape, int), lambda z: np.ones(z.shape, int))
_SEED = Cost("seed", lambda a, Y: a.sum(), lambda a, Y: tallies(*a.shape), lambda a, Y, V: V)


def _counted(run) -> int:
    Tally.products = 0
    run()
    return Tally.products


@checked(
    "eq-jacobian-hvp-cost",
    scope="counted, sizes 5-3-2-4, 2 examples; elementwise products and those with R{a^0} = 0 apart",
    code="nnlib.index_backprop.matrix_gradient nnlib.jacobian.hvp",
)
def _hvp_cost():
    """Multiplications of a gradient by backpropagation, and of a Hessian-vector product as shipped."""
    n, layers = (5, 3, 2, 4), range(1, 4)
    W, b = (None, *(tallies(n[l], n[l - 1]) for l in layers)), (None, *(tallies(n[l]) for l in layers))
    net, X, Y = Network(W, b, (None, *[_KEEP] * 3)), tallies(2, 5), tallies(2, 4)
    one = _counted(lambda: index_backprop.matrix_gradient(net, X, Y, _SEED))
    product = _counted(lambda: jacobian.hvp(net, X, Y, _SEED, Gradient(W, b)))
    weights, elementwise = sum(n[l] * n[l - 1] for l in layers), 2 * sum(n[1:])  # g'' R{z} dC/da
    same([one, product - elementwise], [2 * (3 * weights - n[0] * n[1]), 2 * (8 * weights - 2 * n[0] * n[1])])
    return f"{one} and {product - elementwise} multiplications"


@checked(
    "eq-jacobian-hvp-difference",
    scope="sizes 3-4-2, tanh, 5 examples; steps 1e-2 and 1e-3: the error falls a hundredfold",
    code="nnlib.jacobian.gradient nnlib.jacobian.hvp",
)
def _hvp_difference():
    """Two gradients, a small step to either side, differ by the product up to the square of the step."""
    rng = np.random.default_rng(0)
    net, X, Y = init((3, 4, 2), tanh, rng), rng.standard_normal((5, 3)), rng.standard_normal((5, 2))
    theta, v = flatten(net), rng.standard_normal(flatten(net).size)
    exactly = flatten(jacobian.hvp(net, X, Y, half_squared_error, Gradient(*split_layers(net, v))))

    def error(h: float) -> float:
        ends = (
            jacobian.gradient(unflatten(net, theta + s * h * v), X, Y, half_squared_error) for s in (1, -1)
        )
        above, below = map(flatten, ends)
        return agreement((above - below) / (2 * h), exactly)

    ratio = error(1e-2) / error(1e-3)
    if not 90 < ratio < 110:
        raise ProofError(f"the error falls by a factor of {ratio:.3g}, not 100")
    return "a step ten times shorter, an error 100 times smaller"


# Fits ------------------------------------------------------------------------------------------------------

_m, _P = sympy.symbols("m P", integer=True, positive=True)
_k, _p, _i, _t = (sympy.Symbol(letter, integer=True, nonnegative=True) for letter in "kpit")
_J, _r, _s = map(sympy.IndexedBase, ("J", "r", "s"))
_lam = sympy.Symbol("lambda", positive=True)


@proved("eq-jacobian-levenberg-marquardt/least-squares", scope="any number of errors and of parameters")
def _levenberg_marquardt():
    """The step makes $\\lVert r + J s\\rVert^2 + \\lambda \\lVert s\\rVert^2$ stationary: its slope by $s_i$
    is twice entry $i$ of $(J^{\\mathsf T} J + \\lambda I) s + J^{\\mathsf T} r$."""
    error = _r[_k] + sympy.Sum(_J[_k, _p] * _s[_p], (_p, 0, _P - 1))
    height = sympy.Sum(error**2, (_k, 0, _m - 1)) + _lam * sympy.Sum(_s[_p] ** 2, (_p, 0, _P - 1))
    # sympy differentiates under both sums and leaves sums over Kronecker deltas: carry out the inner ones.
    slope = sympy.diff(height, _s[_i]).replace(
        lambda part: (
            isinstance(part, sympy.Sum) and part.has(sympy.KroneckerDelta) and part.limits[0][0] == _p
        ),
        lambda part: part.doit().subs(_i <= _P - 1, True),
    )
    true = 2 * sympy.Sum(error * _J[_k, _i], (_k, 0, _m - 1)) + 2 * _lam * _s[_i]
    return same(_one_sum(slope - true), 0)


def _one_sum(expression):
    """Sums over k term by term, numbers in front, so that equal sums look alike."""

    def spread(part):
        terms = sympy.Add.make_args(sympy.expand(part.function))
        return sum(c * sympy.Sum(term, *part.limits) for c, term in (t.as_coeff_Mul() for t in terms))

    return sympy.expand(expression).replace(
        lambda part: isinstance(part, sympy.Sum) and part.limits[0][0] == _k, spread
    )
