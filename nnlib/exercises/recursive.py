"""Exercises of chapter 3: the recursion and its calls, memo and matrices, rank one, contraction."""

from __future__ import annotations

from itertools import product

import numpy as np

from nnlib.activations import tanh
from nnlib.exercises.code import Code
from nnlib.exercises.draw import numbers, sizes, slope
from nnlib.exercises.formulas import Field, Formula, fresh
from nnlib.exercises.model import Choice, Exercise, Option, Slip

# A weight at the bottom of three layers, two units in the middle.

MIDDLE = r"""A network has one input $x$, one unit in layer 1, two in layer 2 and one in layer 3. Write
$s^l_q = g_l'(z^l_q)$ for the slopes. We want the derivatives of all units by $w = W^1_{00}$."""


def _middle_point(values: dict) -> dict:
    """All that may be typed: the derivatives d of the units come from moving w."""
    p = dict(values)
    p["d1"] = p["s1"] * p["x"]
    p["d20"], p["d21"] = p["s20"] * p["W2_00"] * p["d1"], p["s21"] * p["W2_10"] * p["d1"]
    return p


def _moved(p, w: float, unit: str, **changed):
    """How a unit moves when w does, with some slopes or weights put to other numbers."""
    at = {**vars(p), **changed}
    a1 = at["s1"] * at["x"] * w
    a20, a21 = at["s20"] * at["W2_00"] * a1, at["s21"] * at["W2_10"] * a1
    return {"d1": a1, "d20": a20, "d21": a21, "d3": at["s3"] * (at["W3_00"] * a20 + at["W3_01"] * a21)}[unit]


def _d(unit: str, **changed):
    return lambda p: slope(lambda w: _moved(p, w, unit, **changed), 1.0)


def _without(unit: str, *letters: str):
    """A slip: these slopes or weights are left out, as if they were 1 (or 0 for a path that is left out)."""
    return lambda r, p: _d(unit, **dict.fromkeys(letters, 1.0))(p)


ONE_PATH = "Only one of the two units below was asked. Which moves too?"
NO_SLOPE = "The unit's own activation is not in it. What lies between its z and its a?"
MIDDLE_FIELDS = (
    Field(
        "d1",
        r"$\partial a^1_0/\partial w =$",
        _d("d1"),
        {
            "no-slope": Slip(NO_SLOPE, _without("d1", "s1")),
            "no-activation": Slip("By how much does z move when w moves by one?", _without("d1", "x")),
        },
        "d1",
    ),
    Field(
        "d20",
        r"$\partial a^2_0/\partial w =$",
        _d("d20"),
        {
            "no-slope": Slip(NO_SLOPE, _without("d20", "s20")),
            "no-weight": Slip("What multiplies a^1_0 on its way into this unit?", _without("d20", "W2_00")),
            "starts-again": Slip(
                "The input does not feed this unit. Which unit, one layer lower, has to be asked?",
                _without("d20", "s1"),
            ),
        },
        "d20",
    ),
    Field(
        "d21",
        r"$\partial a^2_1/\partial w =$",
        _d("d21"),
        {
            "no-slope": Slip(NO_SLOPE, _without("d21", "s21")),
            "other-slope": Slip("Whose slope is in it? Which unit was asked?", lambda r, p: r / p.s21 * p.s20),
            "other-weight": Slip("Which weight leads to unit 1?", lambda r, p: r / p.W2_10 * p.W2_00),
        },
        "d21",
    ),
    Field(
        "d3",
        r"$\partial a^3_0/\partial w =$",
        _d("d3"),
        {
            "no-weights": Slip(
                "The two answers are added as they are. How much of each enters z^3_0?",
                _without("d3", "W3_00", "W3_01"),
            ),
            "one-path": Slip(ONE_PATH, lambda r, p: _d("d3", W3_01=0.0)(p)),
            "other-path": Slip(ONE_PATH, lambda r, p: _d("d3", W3_00=0.0)(p)),
            "no-slope": Slip(NO_SLOPE, _without("d3", "s3")),
            "slopes-for-answers": Slip(
                "These are the slopes of the units below. What did the two answer when they were asked?",
                lambda r, p: p.s3 * (p.W3_00 * p.s20 + p.W3_01 * p.s21),
            ),
"swapped": Slip(
                "Each answer is weighed by the other's weight. Which index of W is the unit it comes from?",
                lambda r, p: p.s3 * (p.W3_01 * p.d20 + p.W3_00 * p.d21),
            ),
        },
    ),
)  # fmt: skip
MIDDLE_GIVEN = ("x", "s1", "s20", "s21", "s3", "W2_00", "W2_10", "W3_00", "W3_01")

WORKED = Exercise(
    "recursive-1",
    "One weight, asked from the top",
    "worked example",
    "easy",
    5,
    MIDDLE
    + r"""

Let $x = 2$, $s^1_0 = 1$; $W^2_{00} = 2$, $W^2_{10} = 1$, $s^2_0 = 2$, $s^2_1 = -2$; $W^3_{00} = 1$,
$W^3_{01} = 3$,
$s^3_0 = 1$. The output asks both units below it, each of them asks unit 0 of layer 1:

1. $\partial a^1_0/\partial w = s^1_0\, x = 2$: the weight's own layer
2. $\partial a^2_0/\partial w = s^2_0\, W^2_{00} \cdot 2 = 8$ and $\partial a^2_1/\partial w = s^2_1\,
W^2_{10} \cdot 2 = -4$
3. $\partial a^3_0/\partial w = s^3_0\, (W^3_{00} \cdot 8 + W^3_{01} \cdot (-4)) = 8 - 12 = -4$

A friend gets $+4$ in the last line. Why?""",
    Choice(
        (
            Option("the slope $s^3_0$ is missing", "no-slope", "It is 1 and changes nothing. What is 8 - 4?"),
            Option(
                "the answers were added without their weights",
                "right",
                "8 + (-4) = 4: both entered with weight 1.",
            ),
            Option(
                "the unit with the negative slope was not asked", "one-path", "Then 8 is left. What is 8 - 4?"
            ),
            Option("the two weights were exchanged", "swapped", "3 · 8 + 1 · (-4) is 20. What is 8 - 4?"),
        )
    ),
)

STEPS = Exercise(
    "recursive-2",
    "The same, with letters",
    "steps left out",
    "easy",
    10,
    MIDDLE
    + r"""

Fill in the recursion from the bottom. Type $s^1_0$ as `s1`, $s^2_0$ as `s20`, $s^2_1$ as `s21`, $s^3_0$ as
`s3`,
$W^2_{10}$ as `W2_10` and so on, and the lines above as `d1`, `d20`, `d21` once you have them.""",
    Formula(
        MIDDLE_FIELDS,
        lambda rng: _middle_point(dict(zip(MIDDLE_GIVEN, numbers(rng, 9).tolist()))),
        dict.fromkeys((*MIDDLE_GIVEN, "d1", "d20", "d21"), ""),
    ),
)


def _alone(rng: np.random.Generator) -> Exercise:
    """The same network, with whole numbers."""
    digits = [int(n) for n in rng.choice([-4, -3, -2, 2, 3, 4], 9)]
    v = dict(zip(MIDDLE_GIVEN, digits))
    return Exercise(
        "recursive-3",
        "Two units in the middle, alone",
        "alone",
        "easy",
        10,
        MIDDLE
        + rf"""

Let $x = {v["x"]}$, $s^1_0 = {v["s1"]}$; $W^2_{{00}} = {v["W2_00"]}$, $W^2_{{10}} = {v["W2_10"]}$,
$s^2_0 = {v["s20"]}$, $s^2_1 = {v["s21"]}$; $W^3_{{00}} = {v["W3_00"]}$, $W^3_{{01}} = {v["W3_01"]}$,
$s^3_0 = {v["s3"]}$. Work out all four derivatives, as numbers.""",
        Formula(
            MIDDLE_FIELDS, lambda rng: _middle_point({name: float(n) for name, n in v.items()}), numbers=True
        ),
    )


ALONE = fresh(_alone)

# The recursion on any layers, as plain lists with None at 0.


def _layers_inputs(rng, k=None):
    """Three layers of different widths and a weight of layer 1 or 2 that joins units of different numbers."""
    n = sizes(rng, 4)
    k = int(rng.integers(1, 3)) if k is None else k
    j, i = (int(u) for u in rng.permutation(min(n[k], n[k - 1]))[:2])
    return {
        "W": [None, *(numbers(rng, n[l], n[l - 1]) for l in (1, 2, 3))],
        "slope": [None, *(numbers(rng, n[l]) for l in (1, 2, 3))],
        "a": [numbers(rng, n[l]) for l in range(4)],
        "q": int(rng.integers(n[3])),
        "k": k,
        "j": j,
        "i": i,
    }


def _push(W, slope, z, k):
    """The change of layer 3 when z of layer k changes by z: each layer passes on what the one below gives."""
    moved = slope[k] * z
    for l in range(k + 1, 4):
        moved = slope[l] * (W[l] @ moved)
    return moved


def _derivative(W, slope, a, q, k, j, i, unit=None, start=None):
    z = np.zeros(len(slope[k]))
    z[j if unit is None else unit] = a[k - 1][i] if start is None else start
    return _push(W, slope, z, k)[q]


RECURSION = Exercise(
    "recursive-4",
    "The recursion",
    "practice",
    "medium",
    15,
    r"""Write the recursion for a network with three layers. `W[l]`, shape $(n_l, n_{l-1})$, `slope[l]`
and `a[l]`, shape
$(n_l,)$, are lists over the layers (with `None` at 0 for `W` and `slope`; `a[0]` is the input),
`slope[l][q]` is
$g_l'(z^l_q)$. Return $\partial a^3_q/\partial W^k_{ji}$, a number, for $k = 1$ or $2$. The weight leads to
unit $j$ of
layer $k$ from unit $i$ of layer $k - 1$.""",
    Code(
        "derivative",
        ("da_dW",),
        _layers_inputs,
        _derivative,
        {
            "wrong-index": Slip(
                "The direct case asks for the unit that the weight comes from. Into whose sum does the weight enter?",
                lambda r, **given: _derivative(**given, unit=given["i"]),
            ),
            "activation-above": Slip(
                "The activation is taken from the weight's own layer. From which layer does it come?",
                lambda r, **given: _derivative(**given, start=given["a"][given["k"]][given["j"]]),
            ),
            "no-slope-above": Slip(
                "The last case is a weighted sum and no more. What does every unit still do to its sum?",
                lambda r, slope, **given: _derivative(
                    slope=[
                        s if l == given["k"] else np.ones_like(s) if l else s for l, s in enumerate(slope)
                    ],
                    **given,
                ),
            ),
            "no-slope-below": Slip(
                "The direct case has no slope. What lies between z^k_j and a^k_j?",
                lambda r, slope, **given: _derivative(
                    slope=[np.ones_like(s) if l == given["k"] else s for l, s in enumerate(slope)], **given
                ),
            ),
            "all-units": Slip(
                "Every unit of layer k answers as if the weight led to it. Which one does it lead to?",
                lambda r, W, slope, a, q, k, j, i: _push(W, slope, np.full(len(slope[k]), a[k - 1][i]), k)[q],
            ),
        },
    ),
    starter="""def derivative(W, slope, a, q, k, j, i):
    def by_weight(l, q):
        ...

    return by_weight(3, q)
""",
)

# Counting calls.


def _count_inputs(rng):
    k = int(rng.integers(1, 3))
    return {"n": [int(u) for u in rng.permutation(np.arange(2, 7))], "l": int(rng.integers(k + 2, 5)), "k": k}


def _paths_down(n, l, k):
    """How many chains of units lead down from one unit of layer l, for each layer at which a chain may stop."""
    return {s: sum(1 for _ in product(*(range(n[t]) for t in range(s, l)))) for s in range(k, l + 1)}


COUNT = Exercise(
    "recursive-5",
    "How many calls?",
    "practice",
    "medium",
    10,
    r"""The naive recursion for one unit of layer $l$ asks all $n_{l-1}$ units of the layer below, each
of these all units below
it, down to layer $k$, where the answer is known. Return how often the function is called, the first call
included.
`n` is the list $n_0, n_1, \dots$; $1 \le k < l$.""",
    Code(
        "calls",
        ("calls",),
        _count_inputs,
        lambda n, l, k: sum(_paths_down(n, l, k).values()),
        {
            "leaves-only": Slip(
                "These are the calls at the bottom. Who has called them?",
                lambda r, n, l, k: _paths_down(n, l, k)[k],
            ),
            "not-the-first": Slip(
                "One is missing. Is the call from outside counted?", lambda r, n, l, k: r - 1
            ),
            "memo": Slip(
                "Every unit is counted once, as with a memo. How often is a unit of layer k asked, by whom?",
                lambda r, n, l, k: 1 + sum(n[k:l]),
            ),
            "own-width": Slip(
                "The widths are one layer too high. How many units does a unit of layer l ask?",
                lambda r, n, l, k: sum(_paths_down(n[1:], l, k).values()),
            ),
            "one-too-deep": Slip(
                "The recursion goes one layer too far down. At which layer is the answer known?",
                lambda r, n, l, k: sum(_paths_down(n, l, k - 1).values()),
            ),
        },
    ),
    starter="""def calls(n, l, k):
    ...
""",
)

CLOSED = Exercise(
    "recursive-6",
    "Calls, in closed form",
    "practice",
    "medium",
    10,
        r"""All layers have the width `n`, and layer $l$ is `d` layers above the weight's layer, $d = l -
k$. How many calls does the
naive recursion make for one unit, the first included? Once as it is, and once with the shortcut: layer $k +
1$ then
knows its answer without asking.""",
    Formula(
        (
            Field(
                "naive",
                "naive:",
                lambda p: sum(_paths_down([p.n] * (p.d + 1), p.d, 0).values()),
                {
                    "leaves-only": Slip("These are the calls at the bottom. Who called them?", lambda r, p: p.n**p.d),
                    "memo": Slip(
                        "That is the count with a memo. How often is a unit asked without?",
                        lambda r, p: 1 + p.n * p.d,
                    ),
                    "each-layer-once": Slip(
                        "This is n for each layer. By how many units is one unit of the lowest layer asked?",
                        lambda r, p: p.n * p.d,
                    ),
"one-layer-short": Slip(
                        "Try d = 1: who is called, and by whom?", lambda r, p: (r - 1) / p.n
                    ),
                    "exponential-in-width": Slip(
                        "Add a layer: by what is the count multiplied, by n or by d?", lambda r, p: p.d**p.n
                    ),
                },
            ),
            Field(
                "shortcut",
                "with the shortcut:",
                lambda p: sum(_paths_down([p.n] * p.d, p.d - 1, 0).values()),
                {
                    "one-layer-subtracted": Slip(
                        "n calls are subtracted. How many calls does the lowest row of the tree have?",
                        lambda r, p: r + p.n**p.d - p.n,
                    ),
                    "leaves-only": Slip(
                        "These are the calls at the bottom. Who called them?", lambda r, p: p.n ** (p.d - 1)
                    ),
                    "one-subtracted": Slip(
                        "One call is subtracted. How many units of layer k were called, all in all?",
                        lambda r, p: r + p.n**p.d - 1,
                    ),
"unchanged": Slip(
                        "That is the count without it. Which row of the tree is cut off?",
                        lambda r, p: r + p.n**p.d,
                    ),
                },
            ),
        ),
        lambda rng: {"n": int(rng.integers(2, 6)), "d": int(rng.integers(2, 6))},
        {"n": "", "d": ""},
    ),
)  # fmt: skip


def _memo_inputs(rng):
    given = _layers_inputs(rng, k=1)
    return {name: given[name] for name in ("W", "slope", "a", "q")}


def _first_layer(W, slope, a, q):
    return np.array(
        [[_derivative(W, slope, a, q, 1, j, i) for i in range(len(a[0]))] for j in range(len(slope[1]))]
    )


FIND = Exercise(
    "recursive-7",
    "A memory that remembers too much",
    "find the error",
    "medium",
    15,
    r"""The recursion with a memory, for all weights of layer 1 and the output $q$: an array with row
$j$ and column $i$. The
letters are those of the exercise *The recursion*. It is fast, every shape is right, and nearly all entries
are
wrong. Mend it.""",
    Code(
        "layer_one",
        ("da_dW",),
        _memo_inputs,
        _first_layer,
        {
            "memory-kept": Slip(
                "All weights get the first one's answer. For which question was an answer stored?",
                lambda r, **given: np.full(r.shape, r[0, 0]),
            ),
            "memory-kept-in-row": Slip(
                "All weights of a row get the same answer. For which question was an answer stored?",
                lambda r, **given: np.repeat(r[:, :1], r.shape[1], axis=1),
            ),
            "memory-kept-in-column": Slip(
                "All weights of a column get the same answer. For which question was an answer stored?",
                lambda r, **given: np.repeat(r[:1], r.shape[0], axis=0),
            ),
        },
    ),
    starter="""import numpy as np


def layer_one(W, slope, a, q):
    memory = {}

    def by_weight(l, q, j, i):
        if (l, q) not in memory:
            if l == 1:
                memory[l, q] = slope[1][q] * a[0][i] if q == j else 0.0
            else:
                below = range(len(slope[l - 1]))
                memory[l, q] = slope[l][q] * sum(W[l][q, r] * by_weight(l - 1, r, j, i) for r in below)
        return memory[l, q]

    return np.array([[by_weight(3, q, j, i) for i in range(len(a[0]))] for j in range(len(slope[1]))])
""",
)

# Rank one and contraction.


def _rank_inputs(rng):
    n_L, n, below = rng.permutation([2, 4, 6])  # below + 1 differs from all of them
    return {"D": numbers(rng, n_L, n), "a_below": numbers(rng, below)}


def _tensor(D, a_below):
    """Entry by entry: output q moves with z_j at the rate D_qj, and z_j with the parameter at its activation."""
    n_L, n = D.shape
    A = np.zeros((n_L, n, len(a_below) + 1))
    for i, activation in enumerate([*a_below, 1.0]):
        A[:, :, i] = slope(lambda w, activation=activation: D @ (w * activation), np.zeros(n))
    return A


RANK_ONE = Exercise(
    "recursive-8",
    "A column times a row",
    "practice",
    "medium",
    10,
    r"""For one example you are given the columns $D_{qj} = \partial a^L_q/\partial z^k_j$, shape $(n_L,
n_k)$, and
`a_below` $= a^{k-1}$, shape $(n_{k-1},)$. Return the tensor $A_{qji} = \partial a^L_q/\partial [W^k |
b^k]_{ji}$, shape
$(n_L, n_k, n_{k-1} + 1)$, the bias in the last column.""",
    Code(
        "tensor",
        ("A",),
        _rank_inputs,
        _tensor,
        {
            "no-bias": Slip(
                "The columns of the weights are right and one is missing. What is the activation of the bias unit?",
                lambda r, D, a_below: r[:, :, :-1],
            ),
            "bias-first": Slip(
                "The bias stands in the first column. Where does the bracket [W | b] have it?",
                lambda r, D, a_below: np.roll(r, 1, axis=2),
            ),
            "bias-zero": Slip(
                "The last column is zero. How fast does z move with its bias?",
                lambda r, D, a_below: r * np.append(np.ones_like(a_below), 0.0),
            ),
            "outputs-summed": Slip(
                "The outputs are added up. Which index do you still need, as long as no cost is named?",
                lambda r, D, a_below: r.sum(axis=0),
            ),
        },
    ),
    starter="""import numpy as np


def tensor(D, a_below):
    ...
""",
)


def _contract_inputs(rng):
    B, n_L, n, columns = sizes(rng, 4)
    return {"dC_da": numbers(rng, B, n_L), "A": numbers(rng, B, n_L, n, columns)}


def _contract(dC_da, A):
    """Move the parameters by w: the outputs of example b move by A[b] applied to w, and the cost with them."""
    return slope(
        lambda w: sum((seed * (T * w).sum(axis=(1, 2))).sum() for seed, T in zip(dC_da, A)),
        np.zeros(A.shape[2:]),
    )


CONTRACT = Exercise(
    "recursive-9",
    "From the tensor to the cost",
    "practice",
    "easy",
    10,
    r"""For $B$ examples you are given `dC_da`, shape $(B, n_L)$, and the tensors `A` of one layer, shape
$(B, n_L, n_k, n_{k-1} + 1)$. Return $\partial C/\partial [W^k | b^k]$, shape $(n_k, n_{k-1} + 1)$, for a
cost that sums
over the batch.""",
    Code(
        "contract",
        ("dC_dWb",),
        _contract_inputs,
        _contract,
        {
            "not-contracted": Slip(
                "This adds the derivatives of all outputs. Does the cost move equally with each of them?",
                lambda r, dC_da, A: _contract(np.ones_like(dC_da), A),
            ),
            "averaged": Slip(
                "This is the mean over the examples. How does the cost treat a batch?",
                lambda r, dC_da, A: r / len(A),
            ),
            "averaged-outputs": Slip(
                "This is the mean over the outputs. Is such a mean not already in dC/da, if the cost has one?",
                lambda r, dC_da, A: r / A.shape[1],
            ),
            "one-output": Slip(
                "Only the first output is followed. Does the cost look at one output alone?",
                lambda r, dC_da, A: _contract(dC_da[:, :1], A[:, :1]),
            ),
            "not-summed": Slip(
                "There is a matrix for every example. Which index do the parameters not have?",
                lambda r, dC_da, A: np.stack(
                    [_contract(dC_da[b : b + 1], A[b : b + 1]) for b in range(len(A))]
                ),
            ),
        },
    ),
    starter="""import numpy as np


def contract(dC_da, A):
    ...
""",
)


def _skip_inputs(rng):
    n, below = sizes(rng, 2)
    L = int(rng.integers(3, 6))
    return {
        "W": [None, numbers(rng, n, below), *(numbers(rng, n, n) for _ in range(2, L + 1))],
        "slope": [None, *(numbers(rng, n) for _ in range(L))],
        "a_0": numbers(rng, below),
        "j": int(rng.integers(n)),
        "i": int(rng.integers(below)),
    }


def _skip(W, slope, a_0, j, i, link=1.0, outside=False):
    """The network in the neighbourhood of its point: every layer multiplies by its slopes what it is given."""
    zero = np.zeros(len(slope[1]))
    pushed = zero.copy()
    pushed[j] = a_0[i]
    moved = [zero, slope[1] * pushed]
    for s, matrix in zip(slope[2:], W[2:]):
        given = link * (moved[-2] if len(moved) > 2 else zero)
        through = matrix @ moved[-1]
        moved.append(s * through + given if outside else s * (through + given))
    return moved[-1]


SKIP = Exercise(
    "recursive-10",
    "With a link that skips",
    "transfer",
    "hard",
    20,
    r"""From layer 3 on, a skip link adds $a^{l-2}$ to the pre-activation: $z^l = W^l a^{l-1} + b^l +
a^{l-2}$ (layers 1 and 2 have
none; all layers from 1 on have the same width). `W` and `slope` are lists over the layers with `None` at 0,
`a_0` is the
input. Return $\partial a^L_q/\partial W^1_{ji}$ for all $q$ of the last layer, shape $(n_L,)$.""",
    Code(
        "with_skips",
        ("da_dW",),
        _skip_inputs,
        _skip,
        {
            "no-skip": Slip(
                "This is right without the links. Whom does a unit of layer l still have to ask?",
                lambda r, **given: _skip(**given, link=0.0),
            ),
            "outside-slope": Slip(
                "What comes by the link is added after the slope. Is it added to z or to a?",
                lambda r, **given: _skip(**given, outside=True),
            ),
            "link-twice": Slip(
                "The links count twice. Through how many of them does layer l ask layer l - 2?",
                lambda r, **given: _skip(**given, link=2.0),
            ),
        },
    ),
    starter="""import numpy as np


def with_skips(W, slope, a_0, j, i):
    ...
""",
)

CASES = Exercise(
    "recursive-11",
    "Which case?",
    "practice",
    "easy",
    5,
    r"""In the book's index $W^k$ leads from layer $k - 1$ to layer $k$. In which case of the recursion is
$\partial a^2_q/\partial W^3_{ji}$?""",
    Choice(
        (
            Option(
                "the direct case: slope times activation",
                "direct",
                "That is for k = l. Which is larger here?",
            ),
            Option(
                "the sum over the layer below",
                "sum",
                "It would go on to layer 1 and never meet the weight. Is k < l?",
            ),
            Option(
                "zero: the weight comes after the unit", "right", "k = 3 > l = 2: layer 2 does not know W^3."
            ),
            Option(
                "it depends on whether $j = q$",
                "index",
                "That matters in the weight's own layer. Which is it?",
            ),
        )
    ),
)

RANKS = Exercise(
    "recursive-12",
    "Which rank?",
    "practice",
    "medium",
    5,
    r"""A network 6-5-4-3 is given a batch of two examples. What is the largest rank that $\partial
C/\partial W^2$, shape
$(4, 5)$, can have?""",
    Choice(
        (
            Option("1", "one-example", "That is so for one example. What does the second add?"),
            Option("2", "right", "Each example gives a column times a row."),
            Option(
                "3", "outputs", "The outputs are contracted before. How many columns times rows are added?"
            ),
            Option(
                "4", "shape", "That is what the shape allows. Of how many matrices of rank one is it the sum?"
            ),
        )
    ),
)

# Back to chapters 1 and 2.


def _jacobian_inputs(rng):
    n_2, n_1, n_0 = sizes(rng, 3)
    return {
        "W1": numbers(rng, n_1, n_0), "W2": numbers(rng, n_2, n_1), "s1": numbers(rng, n_1), "s2": numbers(rng, n_2)
    }  # fmt: skip


def _jacobian(W1, W2, s1, s2):
    return slope(lambda x: s2 * (W2 @ (s1 * (W1 @ x))), np.zeros(W1.shape[1]))


JACOBIAN = Exercise(
    "recursive-13",
    "A product of Jacobians",
    "reach back",
    "easy",
    10,
    r"""Back to chapter 1. Two layers with weights `W1`, shape $(n_1, n_0)$, `W2`, shape $(n_2, n_1)$,
and slopes `s1`, `s2`,
shapes $(n_1,)$ and $(n_2,)$. Return the Jacobian $\partial a^2/\partial x$, outputs as rows, shape $(n_2,
n_0)$.""",
    Code(
        "two_layers",
        ("da_dx",),
        _jacobian_inputs,
        _jacobian,
        {
            "no-slopes": Slip(
                "This is the product of the weights. What do the activations do to a small step?",
                lambda r, W1, W2, s1, s2: _jacobian(W1, W2, np.ones_like(s1), np.ones_like(s2)),
            ),
            "inner-slope": Slip(
                "The slopes of layer 1 are missing. What lies between the two matrices?",
                lambda r, W1, W2, s1, s2: _jacobian(W1, W2, np.ones_like(s1), s2),
            ),
            "outer-slope": Slip(
                "The slopes of layer 2 are missing. What comes after the last matrix?",
                lambda r, W1, W2, s1, s2: _jacobian(W1, W2, s1, np.ones_like(s2)),
            ),
            "one-output": Slip(
                "The outputs are added up. How many rows has the Jacobian?",
                lambda r, W1, W2, s1, s2: r.sum(axis=0),
            ),
        },
    ),
    starter="""import numpy as np


def two_layers(W1, W2, s1, s2):
    ...
""",
)


def _output_inputs(rng):
    B, n = rng.permutation([3, 4, 5])[:2]  # none is twice another: the factors of the slips all differ
    return {"z": numbers(rng, B, n), "Y": numbers(rng, B, n)}


def _output(z, Y, f=np.tanh):
    return slope(lambda z_: ((f(z_) - Y) ** 2).sum() / z.shape[1], z)


OUTPUT = Exercise(
    "recursive-14",
    "001's cost, for a batch",
    "reach back",
    "easy",
    10,
    r"""Back to chapter 2. The last layer is tanh, $a = \tanh z$, and the cost is 001's: the *mean* of
$(a_{nq} - y_{nq})^2$ over
the $n_L$ outputs, *summed* over the examples. `z` and `Y` have the shape $(B, n_L)$. Return
$\delta^L = \partial C/\partial z$. `tanh.df` is the slope.""",
    Code(
        "output_delta",
        ("delta",),
        _output_inputs,
        _output,
        {
            "factor-two": Slip(
                "Half of what it should be. What does the exponent bring down?", lambda r, z, Y: r / 2
            ),
            "no-mean": Slip(
                "The mean over the outputs is not in it. By what does 001 divide?",
                lambda r, z, Y: r * z.shape[1],
            ),
            "mean-over-examples": Slip(
                "It is divided by the number of examples. Over what is the mean taken?",
                lambda r, z, Y: r * z.shape[1] / len(z),
            ),
            "mean-over-all": Slip(
                "It is divided by outputs and examples. Over which of the two does the cost sum?",
                lambda r, z, Y: r / len(z),
            ),
            "no-slope": Slip(
                "This is the derivative by a. What lies between z and a?",
                lambda r, z, Y: 2 * (np.tanh(z) - Y) / z.shape[1],
            ),
            "errors-averaged": Slip(
                "The errors of a row are averaged before they go back. Does a unit answer for the others' errors?",
                lambda r, z, Y: 2 * (np.tanh(z) - Y).mean(axis=1, keepdims=True) * tanh.df(z),
            ),
            "z-for-a": Slip(
                "The target is compared with z. What does the network put out?",
                lambda r, z, Y: r / (np.tanh(z) - Y) * (z - Y),
            ),
        },
    ),
    starter="""import numpy as np

from nnlib.activations import tanh


def output_delta(z, Y):
    ...
""",
)

EXERCISES = (
    WORKED, STEPS, ALONE, RECURSION, COUNT, CLOSED, FIND, RANK_ONE, CONTRACT, SKIP, CASES, RANKS, JACOBIAN, OUTPUT,
)  # fmt: skip
