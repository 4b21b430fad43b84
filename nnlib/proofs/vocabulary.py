"""Claims of the shared vocabulary: activations, costs, optimizers, what agreement means."""

import mpmath
import numpy as np
import sympy

from nnlib import activations, costs, optimizers
from nnlib.check import complex_step
from nnlib.network import Gradient, Network, flatten, forward, unflatten
from nnlib.proofs.registry import ProofError, checked, definition, exact
from nnlib.proofs.symbols import activation, array, diff, jacobian, network, same, within

VOCABULARY = "vocabulary"

definition(
    VOCABULARY,
    "eq-notation-cost",
    "The four costs; each sums over the examples of the batch, and the third takes the mean over the outputs.",
)
definition(
    VOCABULARY,
    "eq-notation-softmax",
    "The softmax of a row: positive numbers that sum to one.",
)
definition(
    VOCABULARY,
    "eq-notation-agreement",
    "The disagreement of two gradients: the largest difference, relative to the largest entry of the second.",
)


@exact("eq-notation-forward", scope="sizes 2-3-2-1, B = 2, any activations", code="nnlib.network.forward")
def forward_is_the_sum_over_indices():
    """Every unit's pre-activation is the weighted sum of the activations below it plus its bias."""
    net, X = network(2, 3, 2, 1), array("x", 2, 2)
    z, a = forward(net, X)
    by_index = [X]
    for l in range(1, 4):
        sums = np.empty(z[l].shape, dtype=object)
        for n, i in np.ndindex(sums.shape):
            sums[n, i] = net.b[l][i] + sum(
                net.W[l][i, j] * by_index[-1][n, j] for j in range(net.sizes[l - 1])
            )
        by_index.append(net.act[l].f(sums))
    return same(a, by_index)


def _derivatives(act) -> str:
    """Three derivatives, each against sympy's derivative of the shipped function one order below."""
    z = array("z", 1)
    differences = [
        sympy.simplify(
            (jacobian(act.derivative(n)(z), z)[0, 0] - act.derivative(n + 1)(z)[0]).rewrite(sympy.exp)
        )
        for n in range(3)
    ]
    return same(differences, [0, 0, 0])


@exact("eq-notation-tanh", scope="one pre-activation", code="nnlib.activations.tanh")
def tanh_derivatives():
    """The first three derivatives of tanh; `df`, `d2f`, `d3f` are each the derivative of the one before."""
    t, z = sympy.symbols("t z")
    by_t = [1 - t**2, -2 * t * (1 - t**2), (1 - t**2) * (6 * t**2 - 2)]
    shown = [expression.subs(t, sympy.tanh(z)) for expression in by_t]
    left = [sympy.diff(sympy.tanh(z), z, n + 1) - shown[n] for n in range(3)]
    return f"{same(left, [0] * 3)} in t, {_derivatives(activations.tanh)} in the code"


@exact("eq-notation-sigmoid", scope="one pre-activation", code="nnlib.activations.sigmoid")
def sigmoid_derivatives():
    """The first three derivatives of the sigmoid; `df`, `d2f`, `d3f` are each the derivative of the one before."""
    s, z = sympy.symbols("s z")
    sigmoid = 1 / (1 + sympy.exp(-z))
    shown = [s * (1 - s), s * (1 - s) * (1 - 2 * s), s * (1 - s) * (1 - 6 * s * (1 - s))]
    left = [sympy.simplify(sympy.diff(sigmoid, z, n + 1) - shown[n].subs(s, sigmoid)) for n in range(3)]
    return f"{same(left, [0] * 3)} in s, {_derivatives(activations.sigmoid)} in the code"


@exact("eq-notation-softplus", scope="one pre-activation", code="nnlib.activations.softplus")
def softplus_derivatives():
    """The derivative of softplus is the sigmoid, and so on upwards."""
    return _derivatives(activations.softplus)


@exact("eq-notation-sine", scope="one pre-activation", code="nnlib.activations.sine")
def sine_derivatives():
    """The first three derivatives of the sine."""
    return _derivatives(activations.sine)


@checked(
    "eq-notation-sigmoid/far-out",
    scope=(
        "tanh, sigmoid, softplus and three derivatives at ±40 and ±300, relative 1e-12 against "
        "1,000 digits; numbers, because rounding is the subject"
    ),
    code="nnlib.activations.sigmoid nnlib.activations.tanh nnlib.activations.softplus",
)
def far_out():
    """The code keeps its digits where the printed formulas, s(1 - s) and 1 - t², would lose them all."""
    truths = {
        "tanh": mpmath.tanh,
        "sigmoid": lambda z: 1 / (1 + mpmath.exp(-z)),
        "softplus": lambda z: mpmath.log(1 + mpmath.exp(z)),
    }
    worst = 0.0
    with mpmath.workdps(1000):
        for name, truth in truths.items():
            for z in (-300, -40, 40, 300):
                for n in range(4):
                    wanted = float(mpmath.diff(truth, z, n))
                    got = float(activations.get(name).derivative(n)(np.array(float(z))))
                    worst = max(worst, abs(got - wanted) / abs(wanted))
    return within(worst, 1e-12, "largest relative error")


@checked(
    "eq-notation-relu",
    scope="z = ±2 by complex step, exactly; numbers, because the formula branches on the sign",
    code="nnlib.activations.relu",
)
def relu_derivative():
    """The derivative of relu on either side of the kink; at 0 the code takes 1, the derivative from the right."""
    relu = activations.relu
    for z in (-2.0, 2.0):
        if complex_step(relu.f, z) != relu.df(np.array(z)):
            raise ProofError(f"relu'({z}) is {relu.df(np.array(z))}")
    if relu.df(np.array(0.0)) != 1:
        raise ProofError("relu'(0) is not 1")
    return "0 at -2, 1 at 2, and 1 by choice at 0"


@exact(
    "eq-notation-cost-derivative",
    scope="B = 2, n_L = 3; targets of any row sum",
    code=(
        "nnlib.costs.squared_error nnlib.costs.half_squared_error nnlib.costs.mean_squared_error "
        "nnlib.costs.softmax_cross_entropy"
    ),
)
def cost_derivatives():
    """dC/da of the four costs, and its change along any direction V, equal sympy's first and second derivatives."""
    a, Y, V = array("a", 2, 3), array("y", 2, 3), array("v", 2, 3)
    found, wanted = [], []
    for cost in (
        costs.squared_error,
        costs.half_squared_error,
        costs.mean_squared_error,
        costs.softmax_cross_entropy,
    ):
        first = diff(cost.value(a, Y), a)
        second = sum(jacobian(cost.da(a, Y), entry) * v for entry, v in zip(a.ravel(), V.ravel()))
        found += [cost.da(a, Y) - first, cost.d2a(a, Y, V) - second]
        wanted += [0 * a, 0 * a]
    simplified = [sympy.simplify(entry) for difference in found for entry in difference.ravel()]
    return same(simplified, [0] * len(simplified))


@exact(
    "eq-notation-gradient-descent",
    scope="one layer 2-1, three steps, any eta",
    code="nnlib.optimizers.gradient_descent nnlib.optimizers.momentum",
)
def descent_and_momentum():
    """Gradient descent and momentum take the printed steps; momentum with mu = 0 is gradient descent."""
    g = array("g", 3, 4)  # three gradients of four parameters
    eta, mu, theta = sympy.Rational(1, 3), sympy.Rational(1, 5), np.zeros(4, dtype=object)
    v, found, state = 0 * theta, [], None
    for n in range(3):
        step, state = optimizers.momentum(eta, mu).step(g[n], state)
        v = mu * v + g[n]
        found.append(step + eta * v)
        found.append(optimizers.gradient_descent(eta).step(g[n], None)[0] + eta * g[n])
    return same(found, [0 * theta] * 6)


@checked(
    "eq-notation-adam",
    scope=(
        "four parameters, five steps, relative 1e-12 against the printed recurrence in 40 digits; "
        "numbers, because of the root"
    ),
    code="nnlib.optimizers.adam",
)
def adam_recurrence():
    """Adam takes the printed steps."""
    g = np.random.default_rng(0).standard_normal((5, 4))
    worst, state = 0.0, None
    with mpmath.workdps(40):
        m, v = [mpmath.mpf(0)] * 4, [mpmath.mpf(0)] * 4
        for n in range(1, 6):
            step, state = optimizers.adam(0.1, 0.8, 0.95, 1e-3).step(g[n - 1], state)
            for p in range(4):
                m[p] = mpmath.mpf(0.8) * m[p] + (1 - mpmath.mpf(0.8)) * mpmath.mpf(g[n - 1, p])
                v[p] = mpmath.mpf(0.95) * v[p] + (1 - mpmath.mpf(0.95)) * mpmath.mpf(g[n - 1, p]) ** 2
                m_hat, v_hat = m[p] / (1 - mpmath.mpf(0.8) ** n), v[p] / (1 - mpmath.mpf(0.95) ** n)
                wanted = -mpmath.mpf(0.1) * m_hat / (mpmath.sqrt(v_hat) + mpmath.mpf(1e-3))
                worst = max(worst, float(abs(step[p] - wanted) / abs(wanted)))
    return within(worst, 1e-12, "largest relative error")


@exact("eq-notation-flatten", scope="sizes 2-3-1", code="nnlib.network.flatten nnlib.network.unflatten")
def flatten_and_back():
    """The vector theta lists, layer by layer, W[l] row by row and then b[l]; a step on it is a step on them."""
    net = network(2, 3, 1, act=(activation("g"), activations.identity))
    theta = flatten(net)
    listed = [*net.W[1][0], *net.W[1][1], *net.W[1][2], *net.b[1], *net.W[2][0], *net.b[2]]
    step = Gradient(
        tuple(W if W is None else 2 * W for W in net.W), tuple(b if b is None else 2 * b for b in net.b)
    )
    moved: Network = net + step
    return same([theta, flatten(unflatten(net, 3 * theta))], [listed, flatten(moved)])
