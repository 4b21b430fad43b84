"""Claims of the chapter bptt.

The shipped functions run on a cell of symbols over three steps and equal sympy's derivatives ("exact"). That
the two directions agree for every width and every number of steps is proved by induction over time, with
noncommuting symbols for the matrices ("proved").
"""

from __future__ import annotations

from functools import cache
from itertools import product
from weakref import ref

import numpy as np
import sympy

from nnlib import bptt, jacobian, network
from nnlib.activations import Activation, identity, sigmoid, tanh
from nnlib.costs import half_squared_error
from nnlib.network import Network, flatten, split_layers
from nnlib.proofs import symbols
from nnlib.proofs.registry import ProofError, checked, cited, definition, exact, note, proved, refuted
from nnlib.proofs.symbols import array, differ, same

SCOPE = "3 steps, batch of 2, n_x = 1, n_r = 2, n_y = 2, n_z = 3 (y and r overlap), generic cell and cost"
DEEP = "3 steps, a generic cell of two layers 2-3-2 (n_x = n_r = n_y = 1), generic cost, one sequence"
EVERY = "every width, every number of steps"


@cache
def _problem(sizes: tuple = (3, 3), fed: int = 2, B: int = 2, T: int = 3):
    """(rnn, X, Y, cost) of symbols; the cell's activations and the cost stand for any."""
    rnn = bptt.RNN(symbols.network(*sizes), fed, fed)
    return rnn, array("x", B, T, rnn.n_x), array("y", B, T, fed), symbols.cost()


def _cost(rnn: bptt.RNN, X, Y, cost):
    return cost.value(bptt.forward(rnn, X).y, Y)


def _states(rnn: bptt.RNN, X, start: int, s, end: int) -> dict:
    """{n: s(n)} for n = start..end, when the state at `start` is s; the cell is run by hand."""
    states = {start: s}
    for n in range(start + 1, end + 1):
        states[n] = network.forward(rnn.cell, bptt.cell_input(rnn, X[:, n - 1], states[n - 1])).a[-1]
    return states


def _of_state(rnn: bptt.RNN, X, Y, cost, start: int, times):
    """The costs at `times` as a function of the state at `start`, which is given symbols zeta of its own.

    Returns the expression, zeta, and the substitution that puts the true state back.
    """
    zeta = array("zeta", len(X), rnn.n_z)
    states = _states(rnn, X, start, zeta, max(times))
    C = sum(cost.value(states[n][:, : rnn.n_y], Y[:, n - 1]) for n in times)
    return C, zeta, dict(zip(zeta.ravel(), bptt.forward(rnn, X).s[start].ravel()))


def _put(expressions: np.ndarray, back: dict) -> np.ndarray:
    return np.vectorize(lambda e: sympy.sympify(e).xreplace(back), otypes=[object])(expressions)


def _frozen(rnn: bptt.RNN, X, Y, cost, start: int, times) -> np.ndarray:
    """sympy's gradient (P,) of the costs at `times` when the state at `start` is held fixed."""
    C, _, back = _of_state(rnn, X, Y, cost, start, times)
    return _put(symbols.diff(C, flatten(rnn.cell)), back)


# The network and its cost ----------------------------------------------------------------------------------


@exact("eq-bptt-state", scope=SCOPE, of="003 E16", code="nnlib.bptt.forward")
def _state():
    """The state is the cell's output for the new input and the last state's fed-back rows; it starts at 0."""
    rnn, X, _, _ = _problem()
    u = array("u", 1, 3)
    cell = network.forward(rnn.cell, u).a[-1][0]
    ran, by_hand = [], []
    for b in range(2):
        s = np.array([sympy.Integer(0)] * 3)
        for n in (1, 2, 3):
            s = _put(cell, dict(zip(u[0], (X[b, n - 1, 0], s[1], s[2]))))
            ran.append(bptt.forward(rnn, X).s[n][b])
            by_hand.append(s)
    return same(ran, by_hand)


definition(
    "bptt", "eq-bptt-cost", "The cost sums over time and over the sequences of the batch.", of="003 E17"
)
definition(
    "bptt",
    "eq-bptt-two-derivatives",
    "The immediate derivative moves one argument of the cell and holds the other; the total derivative "
    "counts every way to the state.",
)
note(
    "003 E17",
    "C",
    "The source counts its steps $n = 0, \\dots, N$ and its states from 1: $N + 1$ terms. Here both count "
    "$n = 1, \\dots, T$, so $T = N + 1$.",
    at="eq-bptt-cost",
)
note(
    "003 E18",
    "N",
    "$\\nabla_w f$ has to be read as the total derivative; two lines later $\\partial f/\\partial w$ is the "
    "immediate one. Different signs for the two, as here, make the difference visible.",
    at="eq-bptt-error",
)
note(
    "003 E20",
    "G",
    "Where the partial derivatives are evaluated is not said: at the cell's own input, $x(n)$ and $r(n-1)$.",
    at="eq-bptt-rtrl",
)


# The example by hand ---------------------------------------------------------------------------------------


def _scalar():
    """s(n) = w s(n-1) + x(n) over three steps: (rnn, X, w)."""
    w = sympy.Symbol("w")
    cell = Network((None, np.array([[1, w]])), (None, np.array([sympy.Integer(0)])), (None, identity))
    return bptt.RNN(cell, 1, 1), array("x", 1, 3, 1), w


@exact("eq-bptt-example", scope="the example: one unit, 3 steps, any x and w", code="nnlib.bptt.forward")
def _example():
    """Written out, the third state holds the weight twice, once through each earlier state."""
    rnn, X, w = _scalar()
    x1, x2, x3 = X.ravel()
    return same(bptt.forward(rnn, X).s[3], w**2 * x1 + w * x2 + x3)


@exact(
    "eq-bptt-example-derivatives",
    scope="the example: one unit, 3 steps, any x and w",
    code="nnlib.bptt.sensitivities",
)
def _example_derivatives():
    """The immediate derivative is the last state; the total one counts the weight in the last state too."""
    rnn, X, w = _scalar()
    x1, x2, _ = X.ravel()
    states = [s for s, _ in bptt.sensitivities(rnn, X)]
    total = [S[0, 0, 1] for _, S in bptt.sensitivities(rnn, X)]
    immediate = sympy.diff(_states(rnn, X[:, 2:], 0, array("zeta", 1, 1), 1)[1][0, 0], w)
    return same(
        [total[2], states[1], immediate],
        [sympy.diff(states[2][0, 0], w), w * x1 + x2, sympy.Symbol("zeta_0_0")],
    )


# Forward in time -------------------------------------------------------------------------------------------


@exact("eq-bptt-rtrl", scope=SCOPE, of="003 E19 E20", code="nnlib.bptt.sensitivities")
def _rtrl_states():
    """The total derivative of a state is its immediate one plus the last total one, passed on by the cell."""
    rnn, X, _, _ = _problem()
    s, S = zip(*bptt.sensitivities(rnn, X))
    return same(S, [symbols.jacobian(state, flatten(rnn.cell)) for state in s])


@exact("eq-bptt-start", scope=SCOPE, of="003 E21", code="nnlib.bptt.sensitivities")
def _start():
    """The first total derivative is the immediate one at the first input and a resting state."""
    rnn, X, _, _ = _problem()
    (_, S), *_ = bptt.sensitivities(rnn, X)
    at_rest = network.forward(rnn.cell, np.concatenate([X[:, 0], np.zeros((2, 2), dtype=object)], axis=1))
    return same(S, symbols.jacobian(at_rest.a[-1], flatten(rnn.cell)))


@exact("eq-bptt-error", scope=SCOPE, of="003 E18", code="nnlib.bptt.rtrl")
def _error():
    """Each step's own cost, times the total derivative of its state, summed over time: RTRL."""
    rnn, X, Y, cost = _problem()
    return same(bptt.rtrl(rnn, X, Y, cost), symbols.gradient(_cost(rnn, X, Y, cost), rnn.cell))


# Backward in time ------------------------------------------------------------------------------------------


@exact("eq-bptt-adjoint", scope=SCOPE, code="nnlib.bptt.adjoints")
def _adjoint():
    """A state's total derivative of the cost is its own step's part plus what the next state sends back."""
    problem = _problem()
    true = []
    for n in (1, 2, 3):
        C, zeta, back = _of_state(*problem, n, range(n, 4))
        true.append(_put(symbols.diff(C, zeta), back))
    return same(bptt.adjoints(*problem)[0][1:], true)


@exact("eq-bptt-inputs", scope=SCOPE, code="nnlib.bptt.adjoints")
def _inputs():
    """The same adjoint, passed through the cell to its input, is the derivative by that input."""
    rnn, X, Y, cost = _problem()
    return same(bptt.adjoints(rnn, X, Y, cost)[1], symbols.diff(_cost(rnn, X, Y, cost), X))


@exact("eq-bptt-gradient", scope=SCOPE, code="nnlib.bptt.bptt")
def _gradient():
    """The total derivative by each state, times the state's immediate one, summed over time: BPTT."""
    rnn, X, Y, cost = _problem()
    return same(bptt.bptt(rnn, X, Y, cost), symbols.gradient(_cost(rnn, X, Y, cost), rnn.cell))


@exact("eq-bptt-gradient/deep-cell", scope=DEEP, code="nnlib.bptt.bptt nnlib.bptt.rtrl")
def _deep_cell():
    """The cell may have layers of its own: both directions still give the gradient."""
    rnn, X, Y, cost = _problem((2, 3, 2), fed=1, B=1)
    true = symbols.gradient(_cost(rnn, X, Y, cost), rnn.cell)
    return same([bptt.bptt(rnn, X, Y, cost), bptt.rtrl(rnn, X, Y, cost)], [true, true])


@exact(
    "eq-bptt-gradient/one-step",
    scope="sizes 3-2-4, generic activations and cost, batch of 2",
    code="nnlib.bptt.gradient",
)
def _one_step():
    """With one step and nothing fed back, BPTT is ordinary backpropagation."""
    net, X, Y, cost = symbols.network(3, 2, 4), array("x", 2, 3), array("y", 2, 4), symbols.cost()
    C = cost.value(network.forward(net, X).a[2], Y)
    return same(bptt.gradient(net, X, Y, cost), symbols.gradient(C, net))


# One product, two bracketings ------------------------------------------------------------------------------


def _matrices(rnn: bptt.RNN, X, Y, cost) -> tuple[list, list, list]:
    """e(n) (B, n_z), R(n) (B, n_z, n_z) and F(n) (B, n_z, P) for n = 1..T, None at 0."""
    run = bptt.forward(rnn, X)
    e, R, F = [None], [None], [None]
    for n in range(1, len(run.s)):
        u = bptt.cell_input(rnn, run.x[n], run.s[n - 1])
        own = cost.da(run.s[n][:, : rnn.n_y], Y[:, n - 1])
        e.append(np.concatenate([own, np.zeros_like(run.s[n][:, rnn.n_y :])], axis=1))
        through = jacobian.inputs(rnn.cell, u)[:, :, rnn.n_x :]
        R.append(np.concatenate([np.zeros_like(through[:, :, : rnn.n_z - rnn.n_r]), through], axis=2))
        F.append(jacobian.parameters(rnn.cell, u).matrix())
    return e, R, F


@exact("eq-bptt-product", scope=SCOPE, code="nnlib.jacobian.inputs")
def _product():
    """A state depends on an earlier one through the product of the Jacobians between them."""
    rnn, X, Y, cost = _problem()
    _, R, _ = _matrices(rnn, X, Y, cost)
    zeta = array("zeta", 2, 3)
    back = dict(zip(zeta.ravel(), bptt.forward(rnn, X).s[1].ravel()))
    later = _states(rnn, X, 1, zeta, 3)[3]
    true = np.array([symbols.jacobian(later[b], zeta[b]) for b in range(2)])
    return same(R[3] @ R[2], _put(true, back))


_n, _m, _N = sympy.symbols("n m N", integer=True, positive=True)
_i, _j, _k, _p = (sympy.Symbol(letter, integer=True, nonnegative=True) for letter in "ijkp")


@proved("eq-bptt-unrolled", scope=f"{EVERY} (induction over n, entry by entry)")
def _unrolled():
    """One step of RTRL turns the sum of products at $n$ into that at $n+1$; at 1 it is $F(1)$."""
    F, R, Phi = map(sympy.IndexedBase, ("F", "R", "Phi"))
    sums = (_j, 0, _N - 1), (_k, 0, _N - 1), (_m, 1, _n)

    def newest(n):  # the term m = n: Phi(n, n) is the unit matrix
        term = sympy.Sum(sympy.KroneckerDelta(_i, _k) * F[n, _k, _p], (_k, 0, _N - 1))
        return term.doit().subs(_i <= _N - 1, True)

    sum_at_n = Phi[_n, _m, _j, _k] * F[_m, _k, _p]
    step = F[_n + 1, _i, _p] + sympy.Sum(R[_n + 1, _i, _j] * sum_at_n, *sums)
    longer = R[_n + 1, _i, _j] * Phi[_n, _m, _j, _k]  # summed over j: Phi(n+1, m), m <= n
    sum_at_next = newest(_n + 1) + sympy.Sum(longer * F[_m, _k, _p], *sums)
    return same([step, F[1, _i, _p]], [sum_at_next, newest(1)])


_e, _R, _R_next, _F, _S_before, _S, _lam, _lam_next, _done, _to_do = sympy.symbols(
    "e R R_next F S_before S lam lam_next done to_do", commutative=False
)


@proved("eq-bptt-meet", scope=f"{EVERY} (noncommuting matrices): the step from n-1 to n")
def _meet():
    """Moving the meeting point from $n-1$ to $n$ changes nothing: both recursions are used once."""
    S, lam = _F + _R * _S_before, _e + _lam_next * _R_next
    at_n = (_done + _e * S) + _lam_next * _R_next * S + _to_do
    before = _done + lam * _R * _S_before + (lam * _F + _to_do)
    return same(at_n, before)


@proved("eq-bptt-bracket/any-length", scope=f"{EVERY}: the two ends of the induction")
def _ends():
    """Met at $n = T$ the sum is RTRL's, met at $n = 0$ BPTT's; all in between are equal, so these two are."""
    meet = _done + _lam_next * _R_next * _S + _to_do
    at_T, at_0 = meet.subs({_lam_next: 0, _to_do: 0}), meet.subs({_S: 0, _done: 0})
    return same([at_T, at_0], [_done, _to_do])


def _double_sum(rnn: bptt.RNN, X, Y, cost, first=lambda n: 1) -> np.ndarray:
    """The sum over n and over m = first(n)..n of e(n) R(n) ... R(m+1) F(m), (P,)."""
    e, R, F = _matrices(rnn, X, Y, cost)
    total = 0
    for n in range(1, len(e)):
        for m in range(first(n), n + 1):
            row = e[n][:, None, :]
            for k in range(n, m, -1):
                row = row @ R[k]
            total = total + (row @ F[m]).sum(axis=(0, 1))
    return total


@exact("eq-bptt-bracket", scope=SCOPE, code="nnlib.jacobian.inputs nnlib.jacobian.parameters")
def _bracket():
    """The double sum over the time of the cost and the time of use of a parameter is the gradient."""
    rnn, X, Y, cost = _problem()
    return same(_double_sum(rnn, X, Y, cost), symbols.diff(_cost(rnn, X, Y, cost), flatten(rnn.cell)))


# Truncation ------------------------------------------------------------------------------------------------


@exact("eq-bptt-window", scope=f"window 2; {SCOPE}", code="nnlib.bptt.truncated")
def _window():
    """A window is the exact gradient of every step's cost with the state two steps earlier held fixed."""
    problem = _problem()
    true = sum(_frozen(*problem, max(0, n - 2), [n]) for n in (1, 2, 3))
    kept = _double_sum(*problem, first=lambda n: max(1, n - 1))
    return same([flatten(bptt.truncated(*problem, window=2)), kept], [true, true])


@exact("eq-bptt-chunk", scope=f"chunk 2; {SCOPE}", code="nnlib.bptt.truncated")
def _chunk():
    """Chunks are the exact gradient with the states at their borders held fixed."""
    problem = _problem()
    true = _frozen(*problem, 0, [1, 2]) + _frozen(*problem, 2, [3])
    kept = _double_sum(*problem, first=lambda n: 2 * ((n - 1) // 2) + 1)
    return same([flatten(bptt.truncated(*problem, chunk=2)), kept], [true, true])


# Cost, vanishing and exploding -----------------------------------------------------------------------------


def _numbers(T: int = 12, seed: int = 5):
    """A seeded RNN with a cell 3-4-3 (n_x = 1, n_r = 2, n_y = 2): (rnn, X, Y, cost)."""
    rng = np.random.default_rng(seed)
    cell = network.init((3, 4, 3), tanh, rng, sigmoid)
    return (
        bptt.RNN(cell, 2, 2),
        rng.standard_normal((1, T, 1)),
        rng.uniform(size=(1, T, 2)),
        half_squared_error,
    )


@checked(
    "eq-bptt-memory",
    scope="counted: cell 3-4-3, T = 4, 31, 50; exact whole numbers",
    code="nnlib.bptt.forward nnlib.bptt.sensitivities",
)
def _memory():
    """RTRL carries $n_z P$ numbers per sequence at every step; BPTT keeps $m$ for each of $T$ steps.

    At least the states, $m = n_z$; `nnlib` keeps each step's cost derivative and output too, $m = 2 n_z + n_y$.
    """
    for T in (4, 31, 50):
        rnn, X, Y, cost = _numbers(T)
        carried = {S.size for _, S in bptt.sensitivities(rnn, X)}
        run, immediate = bptt._run_and_immediate(rnn, X, Y, cost)
        states, costs = (sum(v.size for v in kept) for kept in (run.s[1:], immediate.values()))
        same([*carried, states, states + costs + run.y.size], [3 * 31, 3 * T, 8 * T])
    return "RTRL 93 each time; the states 12, 93, 150 numbers, all that nnlib keeps 32, 248, 400"


class _Counted:
    """A number that counts the multiplications made with it."""

    made = 0

    def __mul__(self, other):
        _Counted.made += 1
        return self

    def __add__(self, other):
        return self

    __rmul__, __radd__, __sub__, __rsub__ = __mul__, __add__, __add__, __add__


def _counted(*shape: int) -> np.ndarray:
    return np.array([_Counted() for _ in range(np.prod(shape))], dtype=object).reshape(shape)


@checked("eq-bptt-update-cost", scope="counted: n_z = 5, n_r = 3, P = 7; an exact whole number")
def _update_cost():
    """RTRL's update is the product of an $(n_z, n_r)$ and an $(n_r, P)$ matrix: $n_z n_r P$ products."""
    R, S = _counted(5, 3), _counted(3, 7)
    _Counted.made = 0
    _ = R @ S
    return same(_Counted.made, 5 * 3 * 7)


@checked(
    "eq-bptt-counts",
    scope="counted: n = 1, ..., 5 units, T = 1 and 3; exact whole numbers",
    code="nnlib.bptt.bptt nnlib.bptt.rtrl",
)
def _counts():
    """The multiplications of a whole gradient of one layer: of fourth degree in $n$ for RTRL, second for BPTT."""
    act = Activation("counted", lambda z: z, lambda z: z)
    made, said = [], []
    for n, T in product(range(1, 6), (1, 3)):
        rnn = bptt.RNN(Network((None, _counted(n, n + 1)), (None, _counted(n)), (None, act)), n, n)
        for way in (bptt.rtrl, bptt.bptt):
            _Counted.made = 0
            way(rnn, _counted(1, T, 1), _counted(1, T, n), half_squared_error)
            made.append(_Counted.made)
        said += [(n**4 + 5 * n**3 + 9 * n**2 + 3 * n) * T, (4 * n**2 + 5 * n) * T]
    return same(made, said)


# Checkpoints -----------------------------------------------------------------------------------------------


@exact("eq-bptt-checkpoints", scope=f"every = 1 and 2; {SCOPE}", code="nnlib.bptt.checkpointed")
def _checkpoints():
    """Pieces run anew from kept states, the adjoint handed from piece to piece, give the whole gradient."""
    rnn, X, Y, cost = _problem()
    true = symbols.gradient(_cost(rnn, X, Y, cost), rnn.cell)
    return same([bptt.checkpointed(rnn, X, Y, cost, every) for every in (1, 2)], [true, true])


@checked(
    "eq-bptt-checkpoints/counted",
    scope="counted: T = 1, ..., 20, k = 1, ..., T; exact whole numbers",
    code="nnlib.bptt.checkpointed",
)
def _checkpoints_counted():
    """At most $\\lceil T/k \\rceil + k$ states are alive, $s(0)$ with them; the cell runs $3T$ times less a piece."""
    alive, peak, runs = [], [0], [0]

    def watch(z):
        a = np.tanh(z)
        alive[:] = [state for state in alive if state() is not None] + [ref(a)]
        runs[0], peak[0] = runs[0] + 1, max(peak[0], len(alive))
        return a

    watched = Activation("watched", watch, lambda z: 1 - np.tanh(z) ** 2)
    rnn = bptt.RNN(network.init((2, 1), tanh, np.random.default_rng(0), watched), 1, 1)
    for T in range(1, 21):
        X = np.ones((1, T, 1))
        for k in range(1, T + 1):
            peak[0] = runs[0] = 0
            bptt.checkpointed(rnn, X, X, half_squared_error, every=k)
            # s(0) is no output of a cell; the cells of the last two steps sent back gave two outputs more.
            bound, last = -(-T // k) + k, T - k * ((T - 1) // k)
            if peak[0] > bound - 1 + 2 or runs[0] != 3 * T - last:
                raise ProofError(f"T = {T}, k = {k}: {peak[0]} states alive, {runs[0]} runs of the cell")
    return "210 pairs of T and k"


cited(
    "bptt",
    "eq-bptt-norm-bound",
    "The spectral norm of a product is at most the product of the spectral norms.",
    "pascanu2013, §2",
)


@checked(
    "eq-bptt-norm-bound/numbers",
    scope="20 random tanh layers of 4 units over 10 steps, within 1e-12: an inequality between numbers",
    code="nnlib.jacobian.inputs",
)
def _norm_bound():
    """The product's norm stays below the bound made of the largest slope and the weights' norm."""
    rng = np.random.default_rng(3)
    worst = -np.inf
    for _ in range(20):
        cell = network.init((5, 4), tanh, rng, tanh)
        rnn = bptt.RNN(cell, 1, 4)
        run = bptt.forward(rnn, rng.standard_normal((1, 10, 1)))
        chain, bound = np.eye(4), 1.0
        for n in range(2, 11):
            u = bptt.cell_input(rnn, run.x[n], run.s[n - 1])
            slope = (1 - run.s[n] ** 2).max()
            chain = jacobian.inputs(cell, u)[0, :, 1:] @ chain
            bound *= slope * np.linalg.norm(cell.W[1][:, 1:], 2)
            worst = max(worst, np.linalg.norm(chain, 2) / bound)
    return symbols.within(worst, 1 + 1e-12, "norm over bound")


@proved("eq-bptt-nonnormal", scope="every power k, every rho and c (induction over k)")
def _nonnormal():
    """The corner of the $k$-th power carries a factor $k$: it grows before the powers of $\\rho$ win."""
    rho, c = sympy.symbols("rho c", nonzero=True)
    k = sympy.Symbol("k", integer=True, positive=True)

    def power(k):
        return sympy.Matrix([[rho**k, k * c * rho ** (k - 1)], [0, rho**k]])

    steps = sympy.simplify(power(k) * power(sympy.Integer(1)) - power(k + 1))
    return same([*steps, *power(sympy.Integer(1))], [0, 0, 0, 0, rho, c, 0, rho])


definition(
    "bptt", "eq-bptt-clip", "A gradient longer than the limit is shortened to it; its direction stays."
)


# Learning at every step ------------------------------------------------------------------------------------


definition("bptt", "eq-bptt-online-update", "One step against the cost of the present time step alone.")


def _carried(cells: list, X, n_r: int):
    """The states and what `carry` carries when step n runs on cells[n-1]."""
    s = np.full((1, cells[0].sizes[-1]), sympy.Integer(0))
    S = np.full((*s.shape, flatten(cells[0]).size), sympy.Integer(0))
    for n, cell in enumerate(cells):
        s, S = bptt.carry(bptt.RNN(cell, 1, n_r), X[:, n], s, S)
    return s, S


@exact(
    "eq-bptt-online",
    scope="3 steps with weights of their own, cell 2-2, n_x = n_r = n_y = 1, generic activation",
    code="nnlib.bptt.carry",
)
def _online():
    """What is carried through changing weights is the derivative by a shift that they all have in common."""
    act = (None, symbols.activation("g"))
    cells = [Network((None, array(f"w{n}", 2, 2)), (None, array(f"b{n}", 2)), act) for n in (1, 2, 3)]
    s, S = _carried(cells, array("x", 1, 3, 1), 1)
    return same(S[0], sum(symbols.jacobian(s[0], flatten(cell)) for cell in cells))


@exact(
    "eq-bptt-online-example",
    scope="the example: one unit, 3 steps, any x and any three weights",
    code="nnlib.bptt.carry nnlib.bptt.sensitivities",
)
def _online_example():
    """The carried derivative at step 3 is off by what the weight moved, times what went through both."""
    w, X = sympy.symbols("w1:4"), array("x", 1, 3, 1)
    cells = [Network((None, np.array([[1, v]])), (None, np.array([0 * v])), (None, identity)) for v in w]
    _, carried = _carried(cells, X, 1)
    *_, (_, anew) = bptt.sensitivities(bptt.RNN(cells[2], 1, 1), X)
    return same(carried[0, 0, 1] - anew[0, 0, 1], (w[1] - w[2]) * X[0, 0, 0])


@checked(
    "eq-bptt-online-error",
    scope="numbers: cell 3-4-3, 12 steps; the error per $\\eta$ "
    "at $10^{-5}$ and $2 \\cdot 10^{-5}$ agrees to $10^{-3}$",
    code="nnlib.bptt.carry",
)
def _online_error():
    """Half the rate, half the error: to first order what is carried is off in proportion to the rate."""
    rnn, X, Y, _ = _numbers()

    def error(eta):
        moving, s, S = rnn, np.zeros((1, 3)), np.zeros((1, 3, flatten(rnn.cell).size))
        for n in range(X.shape[1]):
            if n:
                e = np.append(s[0, :2] - Y[0, n - 1], 0)
                theta = flatten(moving.cell) - eta * e @ S[0]
                moving = bptt.RNN(network.unflatten(rnn.cell, theta), 2, 2)
            s, S = bptt.carry(moving, X[:, n], s, S)
        *_, (_, anew) = bptt.sensitivities(moving, X)
        return (S - anew) / eta

    once, twice = error(1e-5), error(2e-5)
    return symbols.within(
        np.abs(twice - once).max() / np.abs(once).max(), 1e-3, "change of the error per eta"
    )


# What 003 prints -------------------------------------------------------------------------------------------


@refuted(
    "eq-bptt-state/003-E16",
    source="003 E16",
    classes="M",
    printed=r"\mathbf{z}(n+1) = \mathbf{f}(\mathbf{x}(n), \mathbf{r}(n))",
    correct="eq-bptt-state",
    scope="numbers: cell 3-4-3, inputs x(0), ..., x(12)",
)
def _printed_times():
    """As printed the state at $n+1$ takes the input of $n$, the cost takes that of $n+1$: two costs."""
    rnn, X, Y, cost = _numbers(13)
    late, early = (_cost(rnn, x, Y[:, 1:], cost) for x in (X[:, 1:], X[:, :-1]))
    return differ(early, late)


@refuted(
    "eq-bptt-start/003-E21",
    source="003 E21",
    classes="M",
    printed=r"\frac{\partial \mathbf{z}(1)}{\partial \mathbf{w}}"
    r" = \frac{\partial \mathbf{f}(\mathbf{0}, \mathbf{0})}{\partial \mathbf{w}}",
    correct="eq-bptt-start",
    scope="numbers: cell 3-4-3, one sequence of 12 steps, the whole gradient",
)
def _printed_start():
    """Started at $x(1) = 0$, which the data do not say, the sensitivities and the gradient are wrong."""
    rnn, X, Y, cost = _numbers()
    return differ(_started_at_zero(rnn, X, Y, cost), bptt.bptt(rnn, X, Y, cost))


def _started_at_zero(rnn: bptt.RNN, X, Y, cost) -> network.Gradient:
    """RTRL with the start that 003 prints: the first immediate derivative taken at the input 0."""
    e, R, F = _matrices(rnn, X, Y, cost)
    S = jacobian.parameters(rnn.cell, np.zeros((len(X), rnn.n_x + rnn.n_r))).matrix()
    total = np.einsum("bi,bip->p", e[1], S)
    for n in range(2, len(e)):
        S = F[n] + R[n] @ S
        total = total + np.einsum("bi,bip->p", e[n], S)
    return network.Gradient(*split_layers(rnn.cell, total))


@refuted(
    "eq-bptt-gradient/003-E22",
    source="003 E22",
    classes="MN",
    printed=r"\text{backpropagation through time (BPTT)}: \quad"
    r" \frac{\partial \mathbf{z}(n)}{\partial \mathbf{w}} = \frac{\partial \mathbf{f}}{\partial \mathbf{w}}"
    r" + \frac{\partial \mathbf{f}}{\partial \mathbf{r}} \mathbf{\Gamma}_r"
    r" \frac{\partial \mathbf{z}(n-1)}{\partial \mathbf{w}}",
    correct="eq-bptt-gradient",
    scope="counted: numbers kept for the gradient, cell 3-4-3, T = 4 and 12",
)
def _printed_name():
    """What is printed is RTRL: it keeps as much for 4 steps as for 12; unfolding in time keeps all states."""
    printed, unfolded = [], []
    for T in (4, 12):
        rnn, X, _, _ = _numbers(T)
        printed.append([S.size for _, S in bptt.sensitivities(rnn, X)][-1])
        unfolded.append(sum(s.size for s in bptt.forward(rnn, X).s[1:]))
    return differ(np.diff(printed), np.diff(unfolded))
