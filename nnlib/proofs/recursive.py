"""Claims of chapter 3: the recursion for da/dW, its shortcut, its matrices, its calls, and what 001 prints."""

from __future__ import annotations

from functools import cache
from itertools import product

import numpy as np
import sympy

from nnlib import recursive
from nnlib.activations import sigmoid, tanh
from nnlib.check import complex_step
from nnlib.costs import mean_squared_error
from nnlib.index_backprop import adjoints
from nnlib.network import Network, flatten, forward, init, unflatten
from nnlib.proofs.registry import ProofError, checked, definition, exact, note, proved, refuted
from nnlib.proofs.symbols import array, cost, differ, gradient, jacobian, network, same

SIZES = (2, 3, 2, 2)
SYMBOLIC = "sizes 2-3-2-2, any activations, every l, q, k, j, i with the bias columns"
AT_RANDOM = "sizes 2-3-2-2, tanh and sigmoid, at one random point"


# --- The symbolic network, shared by the claims of this file ---------------------------------------------


@cache
def symbols() -> tuple[Network, np.ndarray, list]:
    """A network of symbols, one example x, and its activations as expressions."""
    net, x = network(*SIZES), array("x", SIZES[0])
    return net, x, forward(net, x[None]).a


@cache
def true_derivatives(l: int, k: int) -> np.ndarray:
    """sympy's d a^l_q / d [W^k | b^k]_{ji}, shape (n_l, n_k, n_{k-1} + 1)."""
    net, _, a = symbols()
    by_W, by_b = jacobian(a[l][0], net.W[k]), jacobian(a[l][0], net.b[k])
    return np.concatenate([by_W, by_b[:, :, None]], axis=2)


def recursion(method: str, pairs) -> str:
    """Run `da_dW` for the given pairs (l, k) and every q, j, i against sympy."""
    net, x, _ = symbols()
    found, wanted = [], []
    for l, k in pairs:
        for q, j, i in np.ndindex(SIZES[l], SIZES[k], SIZES[k - 1] + 1):
            found.append(recursive.da_dW(net, x, l, q, k, j, i, method))
            wanted.append(true_derivatives(l, k)[q, j, i])
    return same(found, wanted)


ALL = tuple(product(range(4), range(1, 4)))


# --- The network with its bias as a unit -----------------------------------------------------------------

definition(
    "recursive",
    "eq-recursive-cost",
    "001's cost of one example: the mean squared error over the outputs.",
    of="001 E6",
)
definition(
    "recursive",
    "eq-recursive-001-weights",
    "001's weights, which start at layer k and stand from row to column, in the book's.",
)
definition(
    "recursive",
    "eq-recursive-tensor",
    "The tensor A: all derivatives of one layer's activations by all weights and biases of layer k.",
    of="001 E21",
)


@exact(
    "eq-recursive-extended",
    scope="sizes 2-3-2-2, any activations",
    code="nnlib.network.forward",
    of="001 E2 E18 E19",
)
def bias_is_one_more_unit():
    """With a unit that is always 1 beside each layer, its outgoing weights are the biases."""
    net, x, a = symbols()
    extended, found = np.append(x, 1), []
    for l in range(1, 4):
        z = np.column_stack([net.W[l], net.b[l]]) @ extended
        found.append(net.act[l].f(z))
        extended = np.append(found[-1], 1)
    return same(found, [layer[0] for layer in a[1:]])


@exact(
    "eq-recursive-contraction",
    scope="sizes 2-3-2-2, B = 2, any activations, any cost",
    code="nnlib.recursive.gradient",
    of="001 E7 E8 E20 E22",
)
def contraction():
    """The cost's gradient is the sum over the outputs of dC/da_q times da_q/dW."""
    net, X, Y = network(*SIZES), array("x", 2, SIZES[0]), array("y", 2, SIZES[3])
    any_cost = cost()
    return same(
        recursive.gradient(net, X, Y, any_cost), gradient(any_cost.value(forward(net, X).a[3], Y), net)
    )


@exact(
    "eq-recursive-contraction/mean-squared",
    scope="sizes 2-3-2-2, B = 1, 001's cost",
    code="nnlib.recursive.gradient nnlib.costs.mean_squared_error",
)
def contraction_with_001s_cost():
    """With 001's cost the factor of da_q/dW is (2/n_L)(a_q - y_q)."""
    net, x, a = symbols()
    y = array("y", 2)
    got = recursive.gradient(net, x[None], y[None], mean_squared_error)
    by_hand = [
        sum(sympy.Rational(2, 2) * (a[3][0, q] - y[q]) * true_derivatives(3, k)[q] for q in range(2))
        for k in range(1, 4)
    ]
    return same([np.column_stack([got.W[k], got.b[k]]) for k in range(1, 4)], by_hand)


# --- The recursion ---------------------------------------------------------------------------------------


@exact("eq-recursive-zero", scope=SYMBOLIC, code="nnlib.recursive.da_dW", of="001 E9 E11")
def zero_above():
    """A weight of a later layer does not move an earlier activation: zero for k > l."""
    return recursion("naive", [(l, k) for l, k in ALL if k > l])


@exact("eq-recursive-direct", scope=SYMBOLIC, code="nnlib.recursive.da_dW", of="001 E12 E13 E14")
def direct():
    """In its own layer a weight moves only the unit it leads to, by slope times the activation it carries."""
    return recursion("naive", [(l, k) for l, k in ALL if k == l])


@exact("eq-recursive-step", scope=SYMBOLIC, code="nnlib.recursive.da_dW", of="001 E15")
def step():
    """Above it, a unit answers with its slope times the weighted sum of the answers one layer below."""
    return recursion("naive", [(l, k) for l, k in ALL if k < l])


@exact("eq-recursive-recursion", scope=SYMBOLIC, code="nnlib.recursive.da_dW", of="001 E16")
def memo():
    """The three cases together, each unit's answer remembered, give every derivative of every layer."""
    return recursion("memo", ALL)


@exact("eq-recursive-shortcut", scope=SYMBOLIC, code="nnlib.recursive.da_dW", of="001 E17")
def shortcut():
    """One layer above the weight, of the whole sum only the unit j that the weight leads to survives."""
    return recursion("shortcut", ALL)


# --- All weights at once ---------------------------------------------------------------------------------


@exact(
    "eq-recursive-matrix-start",
    scope="sizes 2-3-2-2, any activations, k = L",
    code="nnlib.recursive.matrices",
    of="001 E23",
)
def matrix_start():
    """The tensor's first layer holds the direct terms: slope times activation, where the indices j and q meet."""
    net, x, _ = symbols()
    return same(recursive.matrices(net, x, 3), true_derivatives(3, 3))


@exact(
    "eq-recursive-matrix-step",
    scope="sizes 2-3-2-2, any activations, k = 1",
    code="nnlib.recursive.matrices",
    of="001 E25",
)
def matrix_step():
    """The recursion for all weights of layer k at once: one matrix product a layer."""
    net, x, _ = symbols()
    return same(recursive.matrices(net, x, 1), true_derivatives(3, 1))


@exact(
    "eq-recursive-matrix-step/unit-by-unit",
    scope="sizes 2-3-2-2, any activations, every k",
    code="nnlib.recursive.unit_matrices",
)
def matrix_step_unit_by_unit():
    """As 001 writes it, a matrix for each unit and a sum of matrices for each step, the step gives the same."""
    net, x, _ = symbols()
    return same(
        [recursive.unit_matrices(net, x, k) for k in (1, 2, 3)], [true_derivatives(3, k) for k in (1, 2, 3)]
    )


@exact(
    "eq-recursive-matrix-shortcut",
    scope="sizes 2-3-2-2, any activations, k = L - 1",
    code="nnlib.recursive.matrices",
    of="001 E24 E26",
)
def matrix_shortcut():
    """One layer above the weight the tensor is a product of four numbers: a special case of the step, no case of
    its own.
    """
    net, x, a = symbols()
    z = forward(net, x[None]).z
    below = np.append(a[1][0], 1)
    slope = [net.act[l].df(z[l][0]) for l in (2, 3)]
    printed = np.empty((2, 2, 4), dtype=object)
    for q, j, i in np.ndindex(*printed.shape):
        printed[q, j, i] = slope[1][q] * net.W[3][q, j] * slope[0][j] * below[i]
    return same(recursive.matrices(net, x, 2), printed)


@exact(
    "eq-recursive-rank-one",
    scope="sizes 2-3-2-2, any activations, every k",
    code="nnlib.recursive.matrices",
    of="001 E27",
)
def rank_one():
    """For each output the matrix A is a column times a row: the weight's own unit i enters only through its
    activation.
    """
    net, x, a = symbols()
    found, wanted = [], []
    for k in range(1, 4):
        A, below = recursive.matrices(net, x, k), np.append(a[k - 1][0], 1)
        found.append(A)
        wanted.append(A[:, :, -1:] * below)  # the bias column is d a_q / d z_j, since its activation is 1
    return same(found, wanted)


@proved(
    "eq-recursive-rank-one/any-width",
    scope="every width and depth, by induction over the layers; the step is linear in A, so one "
    "layer's sum over any number of units r is enough",
)
def rank_one_by_induction():
    """If every A^{l-1,r} is a column d_{rj} times the row a_i, then A^{l,q} is a column times the same row."""
    n, r, j, i, q = sympy.symbols("n r j i q", integer=True, positive=True)
    W, d, a, slope = (sympy.IndexedBase(name) for name in ("W", "d", "a", "g"))
    stepped = slope[q] * sympy.Sum(W[q, r] * (d[r, j] * a[i]), (r, 0, n - 1))
    column = slope[q] * sympy.Sum(W[q, r] * d[r, j], (r, 0, n - 1))
    start = slope[q] * a[i] * sympy.KroneckerDelta(j, q)
    base = (slope[q] * sympy.KroneckerDelta(j, q)) * a[i]
    return same([sympy.expand(sympy.factor_terms(stepped.doit() - (column * a[i]).doit())), start], [0, base])


# --- From the output down --------------------------------------------------------------------------------


def slopes(l: int) -> np.ndarray:
    """The diagonal matrix of the slopes g'(z^l) of the symbolic network."""
    net, x, _ = symbols()
    return np.diag(net.act[l].df(forward(net, x[None]).z[l][0]))


@exact(
    "eq-recursive-product",
    scope="sizes 2-3-2-2, any activations, every k",
    code="nnlib.recursive.matrices",
)
def product_of_matrices():
    """The columns of all outputs, the bias column of the tensor, are one product of slopes and weights."""
    net, x, _ = symbols()
    found, wanted = [], []
    for k in range(1, 4):
        factors = slopes(k)
        for l in range(k + 1, 4):
            factors = slopes(l) @ net.W[l] @ factors
        found.append(recursive.matrices(net, x, k)[:, :, -1])
        wanted.append(factors)
    return same(found, wanted)


@proved("eq-recursive-downward", scope="every width; any matrix P of derivatives of the outputs by z^{k+1}")
def one_step_down():
    """Appending W^{k+1} and the slopes of layer k on the right gives the columns of layer k, entry by entry."""
    n, m, r, j, q, s = sympy.symbols("n m r j q s", integer=True, nonnegative=True)
    P, W, g, a = (sympy.IndexedBase(name) for name in ("P", "W", "g", "a"))
    # z^{k+1}_r holds a^k_s times its weight; a^k_s moves with z^k_j at the rate g_s where s = j, else not at all.
    by_a = sympy.diff(W[r, s] * a[s], a[s])
    dz_dz = (
        sympy.Sum(by_a * g[s] * sympy.KroneckerDelta(s, j), (s, 0, n - 1)).doit().args[0][0]
    )  # j is in range
    chain = sympy.Sum(P[q, r] * dz_dz, (r, 0, m - 1))
    stated = sympy.Sum(P[q, r] * W[r, j], (r, 0, m - 1)) * g[j]
    return same(sympy.factor_terms(chain.doit() - stated.doit()).simplify(), 0)


@exact(
    "eq-recursive-reverse",
    scope="sizes 2-3-2-2, B = 1, any activations, any cost",
    code="nnlib.recursive.gradient nnlib.index_backprop.adjoints",
)
def reverse_mode():
    """The contracted tensors are delta times the activation below, delta coming down from the output."""
    net, X, Y = network(*SIZES), array("x", 1, SIZES[0]), array("y", 1, SIZES[3])
    any_cost, trace = cost(), forward(net, X)
    got = recursive.gradient(net, X, Y, any_cost)
    delta = adjoints(net, trace, any_cost.da(trace.a[3], Y))
    down = [np.outer(delta[k][0], np.append(trace.a[k - 1][0], 1)) for k in range(1, 4)]
    return same([np.column_stack([got.W[k], got.b[k]]) for k in range(1, 4)], down)


@checked(
    "eq-recursive-outputs",
    scope="20 random networks with up to 5 layers, every k: calls of the program, whole numbers",
    code="nnlib.recursive.count_calls",
)
def calls_for_all_outputs():
    """With one memory for all outputs, every unit from layer k to the output layer is evaluated once."""
    rng, compared = np.random.default_rng(1), 0
    for _ in range(20):
        sizes = tuple(int(n) for n in rng.integers(1, 5, size=rng.integers(2, 7)))
        L = len(sizes) - 1
        for k in range(1, L + 1):
            answered: set = set()

            def ask(l: int, q: int, k=k, answered=answered, sizes=sizes):
                if (l, q) not in answered:
                    answered.add((l, q))
                    for r in range(sizes[l - 1] if l > k else 0):
                        ask(l - 1, r)

            for q in range(sizes[L]):
                ask(L, q)
            one = recursive.count_calls(sizes, L, k, "memo")
            if not len(answered) == sum(sizes[k:]) == one + sizes[L] - 1:
                raise ProofError(f"sizes {sizes}, k = {k}: {len(answered)} evaluations")
            compared += 1
    return f"{compared} whole numbers equal"


# --- Counting --------------------------------------------------------------------------------------------


@proved(
    "eq-recursive-calls",
    scope="every depth up to 12 layers with symbolic widths, by the recursion C_l = 1 + n_{l-1} C_{l-1}",
)
def calls():
    """One call of the function, and for each unit below all the calls that unit needs, add up to the sum of
    products.
    """
    n = sympy.symbols("n1:13")
    found, wanted, C = [], [], sympy.Integer(1)
    for l in range(1, 13):
        found.append(C)
        wanted.append(sum(sympy.Mul(*n[s : l - 1]) for s in range(l)))
        C = 1 + n[l - 1] * C
    return same(found, wanted)


@checked(
    "eq-recursive-calls/code",
    scope="all l, k of 30 random nets with up to 5 layers: whole numbers, equal",
    code="nnlib.recursive.count_calls",
)
def calls_of_the_code():
    """`count_calls` is the formula, for the naive recursion, the shortcut and the memory."""
    rng, compared = np.random.default_rng(0), 0
    for _ in range(30):
        sizes = tuple(int(n) for n in rng.integers(1, 6, size=rng.integers(2, 7)))
        for l in range(1, len(sizes)):
            for k in range(1, l + 1):
                naive = sum(int(np.prod(sizes[s:l])) for s in range(k, l + 1))
                short = sum(int(np.prod(sizes[s:l])) for s in range(k + 1, l + 1)) if k < l else 1
                counts = naive, short, 1 + sum(sizes[k:l])
                if counts != tuple(
                    recursive.count_calls(sizes, l, k, method) for method in recursive.METHODS
                ):
                    raise ProofError(f"sizes {sizes}, l = {l}, k = {k}: wants {counts}")
                compared += 3
    return f"{compared} whole numbers equal"


@proved("eq-recursive-calls-width", scope="every width n > 1 and every depth, by the geometric sum")
def calls_of_one_width():
    """With one width n the calls are a geometric sum: each further layer multiplies them by n."""
    n, m, s = sympy.symbols("n m s", integer=True, positive=True)
    closed = lambda m: (n ** (m + 1) - 1) / (n - 1)
    step = sympy.simplify(1 + n * closed(m) - closed(m + 1))
    return same([step, sympy.simplify(closed(0))], [0, 1])


# --- What 001 prints -------------------------------------------------------------------------------------


@cache
def at_random(sizes: tuple = SIZES) -> tuple[Network, list, list]:
    """A numeric network, its extended activations and its slopes g'(z^l) (None at 0)."""
    rng = np.random.default_rng(7)
    net = init(sizes, tanh, rng, sigmoid)
    net = Network(net.W, (None, *(rng.standard_normal(n) for n in sizes[1:])), net.act)
    z, a = forward(net, rng.standard_normal((1, 2)))
    slope = [None, *(net.act[l].df(z[l][0]) for l in range(1, net.L + 1))]
    return net, [np.append(layer[0], 1) for layer in a], slope


@cache
def true_numbers(l: int, k: int, sizes: tuple = SIZES) -> np.ndarray:
    """d a^l_q / d [W^k | b^k]_{ji} of the numeric network by complex step."""
    net, a, _ = at_random(sizes)
    x = a[0][:-1][None]
    step = complex_step(lambda theta: forward(unflatten(net, theta), x).a[l][0], flatten(net))
    start = sum(sizes[m] * (sizes[m - 1] + 1) for m in range(1, k))
    n, m = sizes[k], sizes[k - 1]
    W = step[:, start : start + n * m].reshape(-1, n, m)
    return np.concatenate([W, step[:, start + n * m : start + n * m + n, None]], axis=2)


@refuted("eq-recursive-extended/001-E3", source="001 E3", classes="M", correct="eq-recursive-extended",
         printed=r"h_j^k = \sum_{i=0}^{\#k-1} a_i^{k-1} w_{ij}^k", scope="sizes 2-3-2-2")  # fmt: skip
def printed_e3():
    """Read with the next line of 001 (w^k leads from layer k to k+1) the weights of the wrong layer are
    summed: shapes do not fit.
    """
    net, extended, _ = at_random()
    transposed = [None, *(np.column_stack([W, b]).T for W, b in zip(net.W[1:], net.b[1:]))]
    from_layer = {k: transposed[k + 1] for k in range(3)}  # 001's w^k, from layer k to layer k + 1
    below, weights = extended[0], from_layer[1]
    if len(below) == weights.shape[0]:
        raise ProofError("the printed sum has fitting shapes")
    return f"k = 1: a^0 with its bias has {len(below)} entries, w^1 has {weights.shape[0]} rows"


@refuted("eq-recursive-extended/001-E5", source="001 E5", classes="M", correct="eq-recursive-extended",
         printed=r"b_j^k = w_{\#k-1,\,j}^k", scope="sizes 2-3-2-2")  # fmt: skip
def printed_e5():
    """The same mix of conventions: in w^k, which leads to layer k + 1, there is one bias for each unit of
    layer k + 1, not k.
    """
    units, biases = SIZES[1], SIZES[2]
    if units == biases:
        raise ProofError("the two layers have one size: no counter-example")
    return f"layer 1 has {units} units, w^1 holds {biases} biases"


@refuted("eq-recursive-contraction/001-E8", source="001 E8", classes="M", correct="eq-recursive-contraction",
         printed=r"\nabla E_{ij}^k = \frac{2}{\#L} \sum_{q=0}^{\#L} (O_q - t_q) \frac{\partial a_q^L}{\partial "
                 r"w_{ij}^k}",
         scope="sizes 2-3-2-2: the sum's last index")  # fmt: skip
def printed_e8():
    """The sum runs to q = #L, the bias unit: there is no target of that index."""
    t = np.zeros(SIZES[3])
    try:
        [t[q] for q in range(SIZES[3] + 1)]
    except IndexError as error:
        return f"q = {SIZES[3]}: {error}"
    raise ProofError("the printed limit stays in range")


@refuted("eq-recursive-zero/001-E11", source="001 E11", classes="M", correct="eq-recursive-zero",
         printed=r"\text{Else if } k > l \Rightarrow \frac{\partial a_q^l}{\partial w_{ij}^k} = 0",
         scope="k = l in 001's counting, all sizes")  # fmt: skip
def printed_e11():
    """In 001 the weights w^k start at layer k, so k = l is zero too; unguarded, the printed recursion asks
    for the same case again for ever.
    """

    def derivative(l: int, k: int):
        if l == 0 or k > l or k == l - 1:
            return 0
        return derivative(k, k)  # the printed sum runs over the derivatives of a^k

    try:
        derivative(1, 1)
    except RecursionError:
        return "k = l = 1: the recursion does not end"
    raise ProofError("the printed guard ends the recursion")


@refuted("eq-recursive-direct/001-E13", source="001 E13", classes="MO", correct="eq-recursive-direct",
         printed=r"\frac{\partial h_q^l}{\partial w_{ij}^k} = \frac{\partial\, a_q^k w_{qj}^k}{\partial w_{ij}^k}",
         scope=AT_RANDOM + ", l = k = 2")  # fmt: skip
def printed_e13():
    """The sum for neuron q needs its own weights and keeps the term of weight i, not of unit q."""
    _, a, slope = at_random()
    printed = np.zeros((2, 2, 4))
    for q, j, i in np.ndindex(*printed.shape):
        printed[q, j, i] = slope[2][q] * a[1][q] * (i == q)
    return differ(printed, true_numbers(2, 2))


@refuted("eq-recursive-step/001-E15", source="001 E15", classes="M", correct="eq-recursive-step",
         printed=r"\frac{\partial h_q^l}{\partial w_{ij}^k} = \sum_{r=0}^{\#l-1} w_{rj}^{l-1}\, \frac{\partial "
                 r"a_r^k}{\partial w_{ij}^k}",
         scope=AT_RANDOM + ", l = 3, k = 1")  # fmt: skip
def printed_e15():
    """w^k starts at layer k, so a^k does not depend on it: every gradient but the last layer's would vanish."""
    return differ(np.zeros_like(true_numbers(3, 1)), true_numbers(3, 1))


@refuted("eq-recursive-step/001-E15-weight", source="001 E15", classes="M", correct="eq-recursive-step",
         printed=r"\sum_{r=0}^{\#l-1} w_{rj}^{l-1}\, \frac{\partial a_r^{l-1}}{\partial w_{ij}^k}",
         scope=AT_RANDOM + ", l = 2, k = 1: the layer repaired, the weight as printed")  # fmt: skip
def printed_e15_weight():
    """With the layer repaired the weight is still wrong: the sum for neuron q needs w_{rq}, not w_{rj}."""
    net, _, slope = at_random()
    below, printed = true_numbers(1, 1), np.zeros((2, 3, 3))
    for q, j, i in np.ndindex(*printed.shape):
        if j < 2:  # w_{rj} has no column for the third unit at all
            printed[q, j, i] = slope[2][q] * sum(net.W[2][j, r] * below[r, j, i] for r in range(3))
    return differ(printed[:, :2], true_numbers(2, 1)[:, :2])


@refuted("eq-recursive-recursion/001-E16", source="001 E16", classes="M", correct="eq-recursive-recursion",
         printed=r"\frac{\partial a_q^l}{\partial w_{ij}^k} = g'(h_q^l) \begin{cases} 0 & l = 0 \text{ or } k "
                 r"> l \text{ or } q = \#l \text{ or } (k = l-1,\ j \neq q) \\ a_i^k & k = l-1,\ j = q \\ "
                 r"\sum_r w_{rj}^{l-1} \frac{\partial a_r^k}{\partial w_{ij}^k} & \text{else} \end{cases}",
         scope="l = 2, k = 0 in 001's counting")  # fmt: skip
def printed_e16():
    """The summary repeats both slips: its last case asks for the derivative of a^k, which asks for itself."""

    def derivative(l: int, k: int):
        if l == 0:
            return 0
        return 0 if k > l or k == l - 1 else derivative(k, k)

    try:
        derivative(3, 1)
    except RecursionError:
        return "k = 1, l = 3: the recursion does not end"
    raise ProofError("the printed recursion ends")


@refuted("eq-recursive-shortcut/001-E17", source="001 E17", classes="MO", correct="eq-recursive-shortcut",
         printed=r"k = l-2 \Rightarrow \frac{\partial a_q^l}{\partial w_{ij}^k} = g'(h_j^l)\, w_{iq}^{l-1}\, "
                 r"g'(h_j^{l-1})\, a_i^k",
         scope=AT_RANDOM + ", l = 3, k = 2, where the printed indices exist")  # fmt: skip
def printed_e17():
    """The slope belongs to neuron q and the weight starts at neuron j."""
    net, a, slope = at_random()
    printed = np.zeros((2, 2, 2))
    for q, j, i in np.ndindex(*printed.shape):
        printed[q, j, i] = slope[3][j] * net.W[3][q, i] * slope[2][j] * a[1][i]
    return differ(printed, true_numbers(3, 2)[:, :, :2])


@refuted("eq-recursive-extended/001-E18", source="001 E18", classes="NM", correct="eq-recursive-extended",
         printed=r"\alpha^l := \begin{bmatrix} \alpha_1 & \dots & \alpha_{\#l} \end{bmatrix} \text{ for no "
                 r"bias } i = 0, \dots, \#k",
         scope="sizes 2-3-2-2, k = 1")  # fmt: skip
def printed_e18():
    """Without the bias unit, as the text says, the matrices (4) to (6) lose their bias column."""
    without, true = SIZES[0], true_numbers(3, 1).shape[2]
    if without == true:
        raise ProofError("the printed row has the right length")
    return f"printed {without} entries, true {true}"


@refuted("eq-recursive-extended/001-E19", source="001 E19", classes="M", correct="eq-recursive-extended",
         printed=r"w^k := \begin{bmatrix} w_{1,1}^k & \dots & w_{1,\#k}^k \\ \vdots & \ddots & \vdots \\ "
                 r"w_{\#k,1}^k & \dots & w_{\#k,\#k}^k \end{bmatrix}",
         scope="sizes 2-3-2-2, k = 1 in 001's counting")  # fmt: skip
def printed_e19():
    """The printed corners make the weights of a layer a square without bias row."""
    printed, true = (SIZES[1], SIZES[1]), (SIZES[1] + 1, SIZES[2])
    if printed == true:
        raise ProofError("the printed matrix has the right shape")
    return f"printed {printed[0]} × {printed[1]}, true {true[0]} × {true[1]}"


@refuted("eq-recursive-tensor/001-E21", source="001 E21", classes="MO", correct="eq-recursive-tensor",
         printed=r"A_k^{l,q} := \Big[ \frac{\partial \alpha_q^L}{\partial w_{ij}^k} \Big]_{ij}",
         scope=AT_RANDOM + ", l = 2, k = 1")  # fmt: skip
def printed_e21():
    """The superscript L must be l, or the recursion over l would have nothing to step on."""
    return differ(true_numbers(3, 1), true_numbers(2, 1))


def printed_slope(l: int, k: int) -> np.ndarray:
    """The tensor with the slope at layer k in 001's counting (k - 1 in the book's) in place of layer l, as
    (4)-(6) print it.
    """
    net, _, slope = at_random()
    true = true_numbers(l, k)
    units = range(min(SIZES[k - 1], SIZES[l]))
    return np.stack([true[q] / slope[l][q] * slope[k - 1][q] for q in units]), true[: len(units)]


@refuted("eq-recursive-matrix-start/001-E23", source="001 E23", classes="M", correct="eq-recursive-matrix-start",
         printed=r"A_k^{k+1,q} = g'(h_q^k) \begin{cases} 0 & j \neq q \\ \alpha_i^k & j = q \end{cases}",
         scope=AT_RANDOM + ", l = k = 2")  # fmt: skip
def printed_e23():
    """The slope belongs to the layer of a_q, one above; for k = 0 the printed one does not even exist."""
    return differ(*printed_slope(2, 2))


@refuted("eq-recursive-matrix-shortcut/001-E24", source="001 E24", classes="M", correct="eq-recursive-matrix-shortcut",
         printed=r"A_k^{k+2,q} = \big[ g'(h_q^k)\, w_{j,q}^{k+1}\, g'(h_j^{k+1})\, \alpha_i^k \big]_{ij}",
         scope=AT_RANDOM + ", l = 3, k = 2")  # fmt: skip
def printed_e24():
    """The same slope of the wrong layer."""
    return differ(*printed_slope(3, 2))


@refuted("eq-recursive-matrix-step/001-E25", source="001 E25", classes="M", correct="eq-recursive-matrix-step",
         printed=r"A_k^{l,q} = g'(h_q^k) \sum_{r=0}^{\#l-1} w_{r,q}^{l-1}\, A_k^{l-1,r}",
         scope="sizes 2-3-2-3-2, tanh and sigmoid, at one random point, l = 4, k = 2")  # fmt: skip
def printed_e25():
    """The slope must belong to layer l; with that of layer k the recursion multiplies the same slope again
    at every layer.
    """
    deeper = (2, 3, 2, 3, 2)
    net, _, slope = at_random(deeper)
    step = np.tensordot(net.W[4], true_numbers(3, 2, deeper), axes=1)
    return differ(slope[1][:2, None, None] * step, slope[4][:, None, None] * step)


note(
    "001 E1",
    "N",
    "“#k−1” in a sum's limit means #(k−1), the size of the layer below, with the bias unit as "
    "its last index; read as (#k)−1 the bias would be lost.",
    at="eq-recursive-extended",
)
note(
    "001 E4",
    "N",
    "Here w^k leads from layer k to k+1, in the definitions around it from k−1 to k: two "
    "conventions in one block. The book's W^k leads to layer k throughout.",
    at="eq-recursive-extended",
)
note(
    "001 E9",
    "O",
    "The conclusion (zero for l = 0) is right; its printed reason, a ≡ 0, must read: a ≡ x, a constant.",
    at="eq-recursive-zero",
)
note(
    "001 E10",
    "C",
    "The bias unit's derivative is zero because its activation is the constant 1. A program must "
    "test this case before it asks for the slope at h, which the bias unit does not have; the "
    "book's index q never reaches it.",
    at="eq-recursive-extended",
)
note("001 E7", "O", "E(s̄, t̄) must read E(x̄, t̄).", at="eq-recursive-contraction")
note(
    "001 E20",
    "O",
    "The formula is right; its corner entries and limits repeat the slips of the lines before (E8, E19).",
    at="eq-recursive-contraction",
)
