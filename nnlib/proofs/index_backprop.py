"""Claims of the chapter index_backprop, unit by unit: 004's equations and algorithms.

Every exact claim runs the shipped code on one wiring of symbols with all that a layered drawing hides: a skip
connection, a link inside a layer, and an output unit that feeds another. Its matrices are in index_matrices.
"""

from __future__ import annotations

import numpy as np
import sympy

from nnlib.costs import half_squared_error
from nnlib.index_backprop import UnitNetwork, back_propagate, gradient, propagate, train_step
from nnlib.network import forward
from nnlib.proofs.registry import ProofError, checked, definition, exact, note, proved, refuted
from nnlib.proofs.symbols import activation, array, cost, diff, differ, network, same
from nnlib.proofs.symbols import gradient as symbolic_gradient

CHAPTER = "index_backprop"
INPUTS, OUTPUTS = (0, 1), (4, 5)
UPSTREAM = {2: (0, 1), 3: (1, 2), 4: (2, 3), 5: (0, 3, 4)}  # 2 -> 3 and 4 -> 5 inside a layer, 0 -> 5 a skip
WIRING = "six units with a skip, a link inside a layer and an output that feeds the other"
SCOPE = f"{WIRING}; generic activations and cost"
C_ANY = cost()  # stands for every sum over runs and outputs
CODE = "nnlib.index_backprop.back_propagate"


def _symbols() -> tuple[UnitNetwork, dict, dict]:
    """The wiring with symbols for weights and biases, a generic activation for each unit; x and y*."""
    units = UnitNetwork(
        INPUTS,
        OUTPUTS,
        UPSTREAM,
        {(i, j): sympy.Symbol(f"w_{i}_{j}") for i, S in UPSTREAM.items() for j in S},
        {i: sympy.Symbol(f"b_{i}") for i in UPSTREAM},
        {i: activation(f"f_{i}_") for i in UPSTREAM},
    )
    x = {i: sympy.Symbol(f"x_{i}") for i in INPUTS}
    return units, x, {i: sympy.Symbol(f"y_{i}") for i in OUTPUTS}


def _numbers() -> tuple[UnitNetwork, dict, dict]:
    """The same wiring with numbers, for counter-examples."""
    rng = np.random.default_rng(4)
    w = {(i, j): rng.standard_normal() for i, S in UPSTREAM.items() for j in S}
    b = {i: rng.standard_normal() for i in UPSTREAM}
    units = UnitNetwork(INPUTS, OUTPUTS, UPSTREAM, w, b, dict.fromkeys(UPSTREAM, "tanh"))
    return units, dict(zip(INPUTS, rng.standard_normal(2))), dict(zip(OUTPUTS, rng.standard_normal(2)))


def _total(units: UnitNetwork, x: dict, y_star: dict, C) -> sympy.Expr:
    """The cost as an expression, through the shipped forward pass."""
    _, y = propagate(units, x)
    a, Y = (
        np.stack([of[i] for i in units.outputs], axis=-1).reshape(-1, len(units.outputs))
        for of in (y, y_star)
    )
    return C.value(a, Y)


def _by_output(units: UnitNetwork, x: dict, y_star: dict, C, i: int) -> sympy.Expr:
    """dC/dy_i with everything upstream held fixed: unit i is cut off and its output is an input."""
    if i in units.inputs:
        return sympy.diff(_total(units, x, y_star, C), x[i])
    kept = [k for k in units.order if k != i]
    links = {(k, j): units.w[k, j] for k in kept for j in units.upstream[k]}
    cut = UnitNetwork(
        (*units.inputs, i),
        units.outputs,
        {k: units.upstream[k] for k in kept},
        links,
        {k: units.b[k] for k in kept},
        {k: units.act[k] for k in kept},
    ) if kept else None  # fmt: skip
    y_i = sympy.Symbol("y_cut")
    by_y_i = sympy.diff(_total(cut, {**x, i: y_i}, y_star, C), y_i)
    return by_y_i.xreplace({y_i: propagate(units, x)[1][i]})


# The network and its forward pass --------------------------------------------------------------------------

definition(
    CHAPTER, "eq-index-downstream", "Upstream and downstream units: $D_i$ holds all units that take $y_i$."
)
definition(
    CHAPTER, "eq-index-p", "The adjoint of unit $i$: the derivative by its pre-activation.", of="004 E13"
)
definition(CHAPTER, "eq-index-cost", "Half the sum of squared errors of one run.", of="004 E3")
definition(CHAPTER, "eq-index-batch-cost", "The cost of a mini-batch is the sum over its runs.", of="004 E8")


@exact(
    "eq-index-propagate",
    scope="layers 2-3-2-1, two runs, generic activations",
    code="nnlib.index_backprop.propagate nnlib.network.forward",
    of="004 E1 E2",
)
def _propagate():
    """Wired as layers, the units compute what `network.forward` computes with matrices."""
    net, X = network(2, 3, 2, 1), array("x", 2, 2)
    units = UnitNetwork.from_network(net)
    x, y = propagate(units, dict(zip(units.inputs, X.T)))
    trace = forward(net, X)
    by_layers = {(l, i): trace.z[l][:, i] for l, i in units.order}, {(l, i): trace.a[l][:, i] for l, i in y}
    return same([{i: x[i] for i in units.order}, y], list(by_layers))


@checked(
    "eq-index-order",
    scope="200 random wirings of up to 12 units and one chain of 10,000; an algorithm, so numbers",
    code="nnlib.units.UnitNetwork",
)
def _order():
    """Every unit stands in `order` after all of its upstream units."""
    rng = np.random.default_rng(1)
    wirings = [{i: (i - 1,) for i in range(10_000, 0, -1)}]
    for _ in range(200):
        names = rng.permutation(12)
        wirings.append(
            {
                names[n]: tuple(rng.choice(names[:n], rng.integers(1, min(n, 4) + 1), replace=False))
                for n in range(1, 12)
            }
        )
    links = 0
    for upstream in wirings:
        root = ({j for S in upstream.values() for j in S} - set(upstream)).pop()
        w = {(i, j): 1.0 for i, S in upstream.items() for j in S}
        units = UnitNetwork(
            (root,), (root,), upstream, w, dict.fromkeys(upstream, 0.0), dict.fromkeys(upstream, "tanh")
        )
        place = {i: n for n, i in enumerate((root, *units.order))}
        if len(place) != len(upstream) + 1 or any(place[i] <= place[j] for i, j in w):
            raise ProofError("a unit stands before one of its upstream units")
        links += len(w)
    return f"{links} links, all forward"


@exact(
    "eq-index-cost-slope", scope="one run, two outputs", code="nnlib.costs.half_squared_error", of="004 E15"
)
def _cost_slope():
    """The derivative of half the squared error by an output is the error."""
    y, y_star = array("y", 1, 2), array("t", 1, 2)
    return same(diff(half_squared_error.value(y, y_star), y), y - y_star)


# One run ---------------------------------------------------------------------------------------------------


@exact("eq-index-dw", scope=SCOPE, code=CODE, of="004 E11")
def _dw():
    """The derivative by a weight is the adjoint at its end times the output at its start."""
    units, x, y_star = _symbols()
    C = _total(units, x, y_star, C_ANY)
    return same(
        back_propagate(units, x, y_star, C_ANY)[0], {link: sympy.diff(C, w) for link, w in units.w.items()}
    )


@exact("eq-index-db", scope=SCOPE, code=CODE, of="004 E12")
def _db():
    """The derivative by a bias is the adjoint of its unit."""
    units, x, y_star = _symbols()
    C = _total(units, x, y_star, C_ANY)
    return same(back_propagate(units, x, y_star, C_ANY)[1], {i: sympy.diff(C, b) for i, b in units.b.items()})


@exact("eq-index-chain", scope=SCOPE, code=CODE)
def _chain():
    """An output reaches the cost directly if the cost sees it, and through every downstream unit."""
    units, x, y_star = _symbols()
    p, y = back_propagate(units, x, y_star, C_ANY)[2], propagate(units, x)[1]
    seen = C_ANY.da(np.array([y[i] for i in OUTPUTS]), np.array([y_star[i] for i in OUTPUTS]))
    direct = dict(zip(OUTPUTS, seen))
    found, true = {}, {}
    for i in (0, 1, 2, 3, 4):
        found[i] = direct.get(i, 0) + sum(p[k] * units.w[k, i] for k in units.downstream[i])
        true[i] = _by_output(units, x, y_star, C_ANY, i)
    return same(found, true)


@proved("eq-index-chain/any-width", scope="any number m of downstream units")
def _chain_any_width():
    """For any number of units downstream $\\sum_k p_k\\,\\partial x_k/\\partial y_i = \\sum_k p_k w_{ki}$."""
    m, k = sympy.Symbol("m", integer=True, positive=True), sympy.Symbol("k", integer=True)
    p, w, rest, y = (*map(sympy.IndexedBase, ("p", "w", "r")), sympy.Symbol("y"))
    change = sympy.diff(sympy.Sum(p[k] * (w[k] * y + rest[k]), (k, 0, m - 1)), y)
    return same(change, sympy.Sum(p[k] * w[k], (k, 0, m - 1)))


@exact("eq-index-adjoint", scope=SCOPE, code=CODE, of="004 E14")
def _adjoint():
    """The adjoint: the direct term of an output unit plus all downstream adjoints, times the slope."""
    units, x, y_star = _symbols()
    p, pre = back_propagate(units, x, y_star, C_ANY)[2], propagate(units, x)[0]
    slope = {i: units.act[i].df(pre[i]).item() for i in units.order}
    return same(
        {i: p[i] for i in units.order},
        {i: _by_output(units, x, y_star, C_ANY, i) * slope[i] for i in units.order},
    )


@exact("eq-index-inputs", scope=SCOPE, code=CODE, of="004 E22")
def _inputs():
    """An input has no activation: its p is the derivative of the cost by that input."""
    units, x, y_star = _symbols()
    C = _total(units, x, y_star, C_ANY)
    p = back_propagate(units, x, y_star, C_ANY)[2]
    return same({i: p[i] for i in INPUTS}, {i: sympy.diff(C, x[i]) for i in INPUTS})


# The algorithms --------------------------------------------------------------------------------------------


@exact("eq-index-push", scope=f"{WIRING}, two runs at once, half squared error", code=CODE, of="004 E20")
def _push():
    """The corrected inner loop of Algorithm 3, in reverse topological order, computes the pulled sums."""
    units, x, y_star = _symbols()
    two = [{i: array(f"{s}{i}", 2) for i in of} for s, of in (("x", x), ("t", y_star))]
    dC_dw, dC_db, p = back_propagate(units, *two, half_squared_error)
    pre, y = propagate(units, two[0])
    error = {i: y[i] - two[1][i] for i in OUTPUTS}
    pulled = {
        i: (error.get(i, 0) + sum(p[k] * units.w[k, i] for k in units.downstream[i]))
        * units.act[i].df(pre[i])
        for i in units.order
    }
    wanted = [pulled, {(i, j): (p[i] * y[j]).sum() for i, j in units.w}, {i: p[i].sum() for i in units.order}]
    return same([{i: p[i] for i in units.order}, dC_dw, dC_db], wanted)


@exact(
    "eq-index-batch-gradient",
    scope=f"{WIRING}, two runs; generic activations and cost",
    code=CODE,
    of="004 E6 E7 E9 E10",
)
def _batch_gradient():
    """The derivatives of a mini-batch's cost are the sums of its runs' derivatives."""
    units, *_ = _symbols()
    runs = [
        tuple({i: sympy.Symbol(f"{s}{i}_{n}") for i in of} for s, of in (("x", INPUTS), ("t", OUTPUTS)))
        for n in (0, 1)
    ]
    C = sum(_total(units, x, t, C_ANY) for x, t in runs)
    together = [
        {i: np.array([run[s][i] for run in runs]) for i in of} for s, of in ((0, INPUTS), (1, OUTPUTS))
    ]
    found = back_propagate(units, *together, C_ANY)[:2]
    return same(list(found), [{key: sympy.diff(C, v) for key, v in of.items()} for of in (units.w, units.b)])


@exact(
    "eq-index-batch-gradient/layers",
    scope="layers 2-3-2, two rows; generic activations and cost",
    code="nnlib.index_backprop.gradient",
)
def _gradient():
    """Wired as layers and summed over the rows, the units give the derivative by every weight and bias."""
    net, X, Y = network(2, 3, 2), array("x", 2, 2), array("t", 2, 2)
    C = C_ANY.value(forward(net, X).a[net.L], Y)
    return same(gradient(net, X, Y, C_ANY), symbolic_gradient(C, net))


@exact(
    "eq-index-update",
    scope=f"{WIRING}, two runs; generic activations and cost",
    code="nnlib.index_backprop.train_step",
    of="004 E4 E5 E18 E19 E23",
)
def _update():
    """One mini-batch step: clear the sums, add every run, subtract eta times the sums, for biases too."""
    units, *_ = _symbols()
    runs = [
        tuple({i: sympy.Symbol(f"{s}{i}_{n}") for i in of} for s, of in (("x", INPUTS), ("t", OUTPUTS)))
        for n in (0, 1)
    ]
    eta, C = sympy.Symbol("eta"), sum(_total(units, x, t, C_ANY) for x, t in runs)
    new = train_step(units, runs, eta, C_ANY)
    wanted = [{key: v - eta * sympy.diff(C, v) for key, v in of.items()} for of in (units.w, units.b)]
    return same([dict(new.w), dict(new.b)], wanted)


# What 004 prints otherwise ---------------------------------------------------------------------------------


def _as_printed(units: UnitNetwork, x: dict, y_star: dict, eta: float) -> tuple[dict, dict]:
    """Algorithms 2, 3 and 5 to the letter: Delta b is cleared, Delta d is summed, d is updated."""
    p = back_propagate(units, x, y_star, half_squared_error)[2]
    Delta_b = dict.fromkeys(units.order, 0.0)
    Delta_d, d, b = dict(Delta_b), dict(Delta_b), dict(units.b)
    for i in units.order:
        Delta_d[i] += p[i]
        d[i] -= eta * Delta_d[i]
    return Delta_b, b


@refuted(
    "eq-index-push/004-E20",
    source="004 E20",
    classes="MO",
    printed=r"\Delta d_i \leftarrow \Delta d_i + p_i",
    correct="eq-index-push",
    scope=f"{WIRING}, tanh, one run",
)
def _printed_sum():
    """Algorithm 3 as printed adds to a $\\Delta d_i$ that nothing cleared, and leaves $\\Delta b_i$ at 0."""
    units, x, y_star = _numbers()
    return differ(
        _as_printed(units, x, y_star, 0.1)[0], back_propagate(units, x, y_star, half_squared_error)[1]
    )


@refuted(
    "eq-index-update/004-E23",
    source="004 E23",
    classes="MO",
    printed=r"d_i \leftarrow d_i - \eta\, \Delta d_i",
    correct="eq-index-update",
    scope=f"{WIRING}, tanh, one run, eta = 0.1",
)
def _printed_update():
    """Algorithm 5 as printed updates a $d_i$ that no unit has: the biases never move."""
    units, x, y_star = _numbers()
    new = train_step(units, [(x, y_star)], 0.1, half_squared_error)
    return differ(_as_printed(units, x, y_star, 0.1)[1], dict(new.b))


note(
    "004 E6",
    "C",
    "Δw and Δb are the gradient itself, the direction of ascent; the minus sign stands in the update.",
    at="eq-index-update",
)
note(
    "004 E7",
    "C",
    "As for the weights: Δb is the gradient, and the update subtracts it.",
    at="eq-index-update",
)
note(
    "004 E8",
    "C",
    "A sum over the runs, not a mean: twice the runs make twice the step at the same learning rate.",
    at="eq-index-batch-cost",
)
note(
    "004 E14",
    "GO",
    "Right for the layers the memo draws. An output unit that also feeds another needs both branches, added; "
    "“otherwise” includes the inputs, where no f is defined (there p is the derivative by the input). "
    "The middle expression lacks its brackets. Elementwise activations only, so no softmax.",
    at="eq-index-adjoint",
)
note(
    "004 E21",
    "G",
    "The order n = N, ..., 2 is right if every link leads to a strictly later layer, skips included; "
    "a link inside a layer, or an output that feeds another, needs the reverse topological order. "
    "Propagate is never spelled out.",
    at="eq-index-order",
)
note(
    "004 E22",
    "OG",
    "Algorithm 4 evaluates $f'(x_i)$ on the inputs too, where no $f$ is defined, and drops the index of $f$. "
    "Harmless: nothing reads that value; set it to 1.",
    at="eq-index-inputs",
)
