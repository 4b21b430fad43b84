"""Exercises of chapter 1: rates multiply along a path and add over paths; graphs, layers, softmax."""

from __future__ import annotations

import numpy as np

from nnlib.activations import sigmoid, softmax
from nnlib.exercises.code import Code
from nnlib.exercises.draw import numbers, sizes, slope
from nnlib.exercises.formulas import Field, Formula, fresh
from nnlib.exercises.model import Choice, Exercise, Option, Slip

# Two paths from x to C, with numbers and with letters.


def _two_paths(x: float, k: float, y: float) -> dict:
    u, v = x**2, k * x
    return {"x": x, "k": k, "y": y, "u": u, "v": v, "s": u * v}


ONE_PATH = "How many ways lead from x to C? Follow each one from x on."
OWN_FACTOR = "By how much does a product move when one of its factors moves by one?"
OUTER_ONLY = "This is how C moves with s. And how does s move with this factor?"
TWO_PATH_FIELDS = (
    Field(
        "dC_ds",
        r"$\partial C/\partial s =$",
        lambda p: slope(lambda s: (s - p.y) ** 2, p.s),
        {
            "value": Slip("This is C itself. How fast does a square grow?", lambda r, p: (p.s - p.y) ** 2),
            "factor-two": Slip(
                "What does the exponent of a square do when it is differentiated?", lambda r, p: r / 2
            ),
        },
    ),
    Field(
        "dC_du",
        r"$\partial C/\partial u =$",
        lambda p: slope(lambda u: (u * p.v - p.y) ** 2, p.u),
        {
            "own-factor": Slip(OWN_FACTOR, lambda r, p: r / p.v * p.u),
            "outer-only": Slip(OUTER_ONLY, lambda r, p: r / p.v),
        },
    ),
    Field(
        "dC_dv",
        r"$\partial C/\partial v =$",
        lambda p: slope(lambda v: (p.u * v - p.y) ** 2, p.v),
        {
            "own-factor": Slip(OWN_FACTOR, lambda r, p: r / p.u * p.v),
            "outer-only": Slip(OUTER_ONLY, lambda r, p: r / p.u),
        },
    ),
    Field(
        "dC_dx",
        r"$\partial C/\partial x =$",
        lambda p: slope(lambda x: (x**2 * p.k * x - p.y) ** 2, p.x),
        {
            "own-factor": Slip(OWN_FACTOR, lambda r, p: 2 * (p.s - p.y) * (2 * p.x + p.k)),
            "local-forgotten": Slip(
                "These are the ways from u and from v on. How fast do u and v move with x?",
                lambda r, p: 2 * (p.s - p.y) * (p.v + p.u),
            ),
            "square-forgotten": Slip(
                "This is how s moves with x. And how does C move with s?",
                lambda r, p: 2 * p.x * p.v + p.k * p.u,
            ),
            "one-path": Slip(ONE_PATH, lambda r, p: slope(lambda x: (x**2 * p.v - p.y) ** 2, p.x)),
            "other-path": Slip(ONE_PATH, lambda r, p: slope(lambda x: (p.u * p.k * x - p.y) ** 2, p.x)),
            "paths-multiplied": Slip(
                "Along what do rates multiply, and over what do they add?",
                lambda r, p: 2 * (p.s - p.y) * 2 * p.x * p.k,
            ),
        },
    ),
)

WORKED = Exercise(
    "chain-rule-1",
    "Two paths, with numbers",
    "worked example",
    "easy",
    5,
    r"""Read this calculation. Let $u = x^2$, $v = 3 x$, $s = u v$ and $C = (s - y)^2$, with $x = 1$ and
$y = 1$.

Forward: $u = 1$, $v = 3$, $s = 3$, $C = 4$.

Backward, each line from the one before:

1. $\partial C/\partial s = 2 (s - y) = 4$
2. $\partial C/\partial u = 4 \cdot v = 12$ and $\partial C/\partial v = 4 \cdot u = 4$
3. $\partial C/\partial x = 12 \cdot 2x + 4 \cdot 3 = {24 + 12 = 36}$

A friend gets 24 for $\partial C/\partial x$. What have they done?""",
    Choice(
        (
            Option(
                "forgotten the factor 2 of the square",
                "factor-two",
                "That would halve every rate: 18. Try again.",
            ),
            Option(
                "followed one of the two paths from x only",
                "right",
                "The path through v brings the other 12.",
            ),
            Option(
                "multiplied the two paths",
                "paths-multiplied",
                "24 times 12 is more. Which part of line 3 is 24?",
            ),
            Option(
                "averaged over the two paths",
                "averaged",
                "The average of 24 and 12 is 18. Where is 24 in line 3?",
            ),
        )
    ),
)

STEPS = Exercise(
    "chain-rule-2",
    "Two paths, with letters",
    "steps left out",
    "easy",
    10,
    r"""The same graph with letters: $u = x^2$, $v = k x$, $s = u v$, $C = (s - y)^2$. Fill in the
backward pass.
You may use $x, k, y, u, v, s$; `2 (s - y)` is a formula, and `x^2` a square.""",
    Formula(
        TWO_PATH_FIELDS,
        lambda rng: _two_paths(*(float(v) for v in numbers(rng, 3))),
        dict.fromkeys("xkyuvs", ""),
    ),
)


def _alone(rng: np.random.Generator) -> Exercise:
    """The same graph, with whole numbers."""
    x, k = int(rng.choice([-3, -2, 2, 3])), int(rng.choice([-5, -4, -2, 2, 4, 5]))
    y = k * x**3 + int(rng.choice([-3, -2, 2, 3]))  # near s: the numbers stay small
    point = _two_paths(float(x), float(k), float(y))
    task = Formula(TWO_PATH_FIELDS, lambda rng: point, numbers=True)
    return Exercise(
        "chain-rule-3",
        "Two paths, alone",
        "alone",
        "easy",
        10,
        rf"""Let $u = x^2$, $v = {k}\, x$, $s = u v$ and $C = (s - y)^2$, with $x = {x}$ and $y = {y}$.
Work out the values, then all derivatives backward, as numbers.""",
        task,
    )


ALONE = fresh(_alone)

# The sum over paths as a matrix product.


def _paths_inputs(rng):
    n, m = sizes(rng, 2)
    return {"dz_dy": numbers(rng, n), "dy_dx": numbers(rng, n, m)}


def _paths(dz_dy, dy_dx):
    return slope(lambda x: (dz_dy * (dy_dx @ x)).sum(), np.zeros(dy_dx.shape[1]))


PATHS = Exercise(
    "chain-rule-4",
    "The sum over paths",
    "practice",
    "easy",
    5,
    r"""$z$ is a number, $y$ has $n$ entries and $x$ has $m$. You are given $\partial z/\partial y$,
shape $(n,)$, and the
Jacobian $\partial y/\partial x$ with outputs as rows, shape $(n, m)$. Return $\partial z/\partial x$, shape
$(m,)$.""",
    Code(
        "sum_over_paths",
        ("dz_dx",),
        _paths_inputs,
        _paths,
        {
            "first-path": Slip(
                "This follows the path through y_0 alone. Which y move when x_i moves?",
                lambda r, dz_dy, dy_dx: r - _paths(dz_dy[1:], dy_dx[1:]),
            ),
            "averaged": Slip(
                "The rates of all paths are here, divided by their number. Do paths share, or add?",
                lambda r, dz_dy, dy_dx: r / len(dz_dy),
            ),
            "outer-forgotten": Slip(
                "This is how the sum of all y moves. Where has dz/dy gone?",
                lambda r, dz_dy, dy_dx: _paths(np.ones_like(dz_dy), dy_dx),
            ),
            "not-summed": Slip(
                "Each entry is the rate of one path. Which index do you still have that dz/dx has not?",
                lambda r, dz_dy, dy_dx: np.stack(
                    [_paths(np.where(np.arange(len(dz_dy)) == j, dz_dy, 0), dy_dx) for j in range(len(dz_dy))]
                ),
            ),
        },
    ),
    starter="""import numpy as np


def sum_over_paths(dz_dy, dy_dx):
    ...
""",
)

# Reverse and forward mode on a graph as plain data.


def _graph_inputs(rng):
    """Five to seven nodes; node 0 is the input; some node fills two slots of one other, and some feeds two."""
    N = int(rng.integers(5, 8))
    parents = [()] + [tuple(int(p) for p in rng.integers(max(0, i - 3), i, 1 + i % 2)) for i in range(1, N)]
    parents[2], parents[3], parents[N - 1] = (1, 1), (1, 2), (N - 2, 2)
    local = [tuple(float(d) for d in numbers(rng, len(of))) for of in parents]
    return {"parents": parents, "local": local}


def _bump(parents, local, j):
    """How far every node moves when node j is moved by 1 and later nodes follow."""
    moved = np.zeros(len(parents))
    moved[j] = 1
    for i in range(j + 1, len(parents)):
        moved[i] = sum(d * moved[p] for p, d in zip(parents[i], local[i]))
    return moved


def _adjoints(parents, local):
    return np.array([_bump(parents, local, j)[-1] for j in range(len(parents))])


def _careless(parents, local, *, keep=False, once=False, nodes=None, multiply=True):
    """Backward sweeps with one thing wrong: the later message kept alone, a set of parents, another order."""
    found = [0.0] * len(parents)
    found[-1] = 1.0
    for i in nodes or range(len(parents) - 1, 0, -1):
        slots = dict(zip(parents[i], local[i])).items() if once else zip(parents[i], local[i])
        for p, d in slots:
            message = d * (found[i] if multiply else 1)
            found[p] = message if keep else found[p] + message
    return np.array(found)


def _pulled(parents, local):
    """Nodes that take from their parents, in the order of a backward pass."""
    found = np.zeros(len(parents))
    found[-1] = 1
    for i in reversed(range(len(parents))):
        found[i] += sum(found[p] * d for p, d in zip(parents[i], local[i]))
    return found


def _all_seeded(parents, local):
    """Every node starts with 1, as if each were C: the adjoints of their sum."""
    return np.array([_bump(parents, local, j).sum() for j in range(len(parents))])


SWEEP = Exercise(
    "chain-rule-5",
    "The reverse sweep",
    "practice",
    "medium",
    15,
    r"""A graph is given as plain lists, in topological order: `parents[i]` is the tuple of the nodes
that fill the slots of node
`i`, and `local[i]` the tuple of the local derivatives, one for each slot. Inputs have no parents; the last
node is $C$.
Return the list of all adjoints $\partial C/\partial u_j$. A node may be used by several others, and may
fill two slots of one.""",
    Code(
        "reverse_sweep",
        ("adjoint",),
        _graph_inputs,
        _adjoints,
        {
            "overwritten": Slip(
                "Some node is used twice, and its second message wipes out the first. What should they do instead?",
                lambda r, parents, local: _careless(parents, local, keep=True),
            ),
            "set-of-parents": Slip(
                "Where a node fills two slots of another, only one of them counts here. What is d(u*u)/du?",
                lambda r, parents, local: _careless(parents, local, once=True),
            ),
            "forward-order": Slip(
                "Nodes pass on their adjoint before it is complete. Who must have spoken before a node may?",
                lambda r, parents, local: _careless(parents, local, nodes=range(1, len(parents))),
            ),
            "pulled": Slip(
                "Here a node takes from its parents. Who knows first how C moves, the parent or the child?",
                lambda r, parents, local: _pulled(parents, local),
            ),
            "all-seeded": Slip(
                "Every node starts with 1 here. Of which nodes do you know dC/du before you have done anything?",
                lambda r, parents, local: _all_seeded(parents, local),
            ),
            "no-seed": Slip(
                "Everything stays zero, because every message is a multiple of the first. What is dC/dC?",
                lambda r, parents, local: 0 * r,
            ),
            "local-only": Slip(
                "These are sums of local derivatives. A message is the local derivative times what?",
                lambda r, parents, local: _careless(parents, local, multiply=False),
            ),
        },
    ),
    starter="""def reverse_sweep(parents, local):
    adjoint = [0] * len(parents)
    ...
    return adjoint
""",
)

FORWARD = Exercise(
    "chain-rule-6",
    "The other direction",
    "transfer",
    "medium",
    10,
    r"""The same lists as for the reverse sweep; node 0 is an input and moves at the rate 1, other
inputs stand still.
Return the list of the rates $\dot u_i$ of all nodes: forward mode.""",
    Code(
        "forward_sweep",
        ("rate",),
        _graph_inputs,
        lambda parents, local: _bump(parents, local, 0),
        {
            "adjoints": Slip(
                "These are the adjoints, how C moves with each node. Which end did the question start from?",
                lambda r, parents, local: _adjoints(parents, local),
            ),
            "last-slot": Slip(
                "A node with two slots is moved by one of them only. Which statement should add?",
                lambda r, parents, local: _last_slot(parents, local),
            ),
            "no-seed": Slip(
                "Nothing moves. At which rate does node 0 move by itself?",
                lambda r, parents, local: 0 * r,
            ),
        },
    ),
    starter="""def forward_sweep(parents, local):
    rate = [0] * len(parents)
    ...
    return rate
""",
)


def _last_slot(parents, local):
    moved = [1.0]
    for of, by in zip(parents[1:], local[1:]):
        moved.append(by[-1] * moved[of[-1]])
    return np.array(moved)


# Layers.


def _layer_inputs(rng):
    n, below = sizes(rng, 2)
    return {
        "W": numbers(rng, n, below),
        "z": numbers(rng, n),
        "a_below": numbers(rng, below),
        "dC_da": numbers(rng, n),
    }


def _layer(W, z, a_below, dC_da, f=sigmoid.f):
    """The three derivatives of dC_da . f(z), where z stands for W a_below + b at the given numbers."""
    z_at = lambda W_, b_, a_: W_ @ a_ + b_
    b = z - W @ a_below
    moved = lambda z_: (dC_da * f(z_)).sum()
    return (
        slope(lambda W_: moved(z_at(W_, b, a_below)), W),
        slope(lambda b_: moved(z_at(W, b_, a_below)), b),
        slope(lambda a_: moved(z_at(W, b, a_)), a_below),
    )


def _same_slope(at):
    """An activation-like function whose slope at z is the sigmoid's at another place."""
    return lambda z: z * sigmoid.df(at)


LAYER_STARTER = """import numpy as np

from nnlib.activations import sigmoid


def layer_backward(W, z, a_below, dC_da):
    ...
    return dC_dW, dC_db, dC_da_below
"""

LAYER = Exercise(
    "chain-rule-7",
    "One layer backward",
    "practice",
    "medium",
    15,
    r"""One example, as columns: $z = W a + b$ with $W$ of shape $(n, m)$, `a_below` $= a$ of shape
$(m,)$; the layer's output is
$\sigma(z)$, shape $(n,)$. Given `dC_da`, the derivative of $C$ by that output, return the derivatives by
$W$, by $b$ and by
$a$, each with the shape of its variable. `sigmoid.df` is the slope.""",
    Code(
        "layer_backward",
        ("dC_dW", "dC_db", "dC_da_below"),
        _layer_inputs,
        _layer,
        {
            "no-slope": Slip(
                "Right if the activation were the identity. What lies between z and the layer's output?",
                lambda r, W, z, a_below, dC_da: _layer(W, z, a_below, dC_da, lambda z_: z_),
            ),
            "slope-at-a": Slip(
                "The slope is taken at the output. Of which number is the output the sigmoid?",
                lambda r, W, z, a_below, dC_da: _layer(W, z, a_below, dC_da, _same_slope(sigmoid.f(z))),
            ),
            "activation-for-slope": Slip(
                "This multiplies by the activation. By what does a small step of z get multiplied?",
                lambda r, W, z, a_below, dC_da: _layer(W, z, a_below, dC_da, lambda z_: z_ * sigmoid.f(z)),
            ),
            "slope-below-too": Slip(
                "This goes one step too far down. Is a_below what comes out of the layer below, or what goes in?",
                lambda r, W, z, a_below, dC_da: (*r[:2], r[2] * sigmoid.df(a_below)),
            ),
            "slope-of-a-twice": Slip(
                "s (1 - s) is the slope if s is the sigmoid's value. Is it, in your formula?",
                lambda r, W, z, a_below, dC_da: _layer(W, z, a_below, dC_da, lambda z_: z_ * z * (1 - z)),
            ),
        },
    ),
    starter=LAYER_STARTER,
)

FIND = Exercise(
    "chain-rule-8",
    "A backward pass with a slip",
    "find the error",
    "medium",
    10,
    r"""This backward pass of one sigmoid layer runs, and every shape is right. One line is wrong. Find
it and mend it.
The letters are those of the exercise before: $z = W a + b$, output $\sigma(z)$, `dC_da` belongs to the
output.""",
    Code(
        "layer_backward",
        ("dC_dW", "dC_db", "dC_da_below"),
        _layer_inputs,
        _layer,
        {
            "slope-skipped-below": Slip(
                "The way down to the layer below also leads through this layer's activation. Does yours?",
                lambda r, W, z, a_below, dC_da: (*r[:2], _layer(W, z, a_below, dC_da, lambda z_: z_)[2]),
            ),
            "slope-twice": Slip(
                "The slope is in it twice. How often does a path through this layer pass the activation?",
                lambda r, W, z, a_below, dC_da: _layer(W, z, a_below, dC_da * sigmoid.df(z)),
            ),
            "no-slope": Slip(
                "Right if the activation were the identity. Did the mend take out too much?",
                lambda r, W, z, a_below, dC_da: _layer(W, z, a_below, dC_da, lambda z_: z_),
            ),
        },
    ),
    starter="""import numpy as np

from nnlib.activations import sigmoid


def layer_backward(W, z, a_below, dC_da):
    s = sigmoid.f(z)
    delta = dC_da * s * (1 - s)
    dC_db = delta
    dC_dW = np.outer(delta, a_below)
    dC_da_below = W.T @ dC_da
    return dC_dW, dC_db, dC_da_below
""",
)

PENALTY = Exercise(
    "chain-rule-9",
    "A weight with a penalty",
    "practice",
    "easy",
    5,
    r"""One weight $W^l_{ij}$ enters $z^l_i = \sum_j W^l_{ij} a^{l-1}_j + b^l_i$, and the penalty
$\lambda \sum (W^l_{ij})^2$ over all weights. Write $\partial J/\partial W^l_{ij}$ for $J = C + \lambda\,
\Omega$, with `delta` for
$\delta^l_i = \partial C/\partial z^l_i$, `a` for $a^{l-1}_j$, `W` for the weight and `lam` for $\lambda$.""",
    Formula(
        (
            Field(
                "dJ_dW",
                r"$\partial J/\partial W^l_{ij} =$",
                lambda p: slope(lambda W: p.delta * W * p.a + p.lam * W**2, p.W),
                {
                    "no-penalty": Slip(
                        "This is dC/dW. What else in J moves with W?", lambda r, p: p.delta * p.a
                    ),
                    "factor-two": Slip(
                        "The first term is right. What is the derivative of a square?",
                        lambda r, p: (r + p.delta * p.a) / 2,
                    ),
                    "value": Slip(
                        "This has the penalty itself in it. How fast does it grow with W?",
                        lambda r, p: p.delta * p.a + p.lam * p.W**2,
                    ),
                    "subtracted": Slip(
                        "J is a sum. Is a step downhill, with its minus, already in your formula?",
                        lambda r, p: 2 * p.delta * p.a - r,
                    ),
                    "penalty-only": Slip("What became of the cost itself?", lambda r, p: r - p.delta * p.a),
                },
            ),
        ),
        lambda rng: dict(zip(("delta", "a", "W", "lam"), map(float, numbers(rng, 4)))),
        dict.fromkeys(("delta", "a", "W", "lam"), ""),
    ),
)

# Softmax.


def _softmax_inputs(rng):
    B, n = sizes(rng, 2)
    return {"a": softmax.f(numbers(rng, B, n)), "dC_da": numbers(rng, B, n)}


def _softmax_delta(a, dC_da):
    """The logits ln a have the softmax a; every row of the cost depends on its own row alone."""
    rows = [slope(lambda z, seed=seed: (seed * softmax.f(z)).sum(), np.log(p)) for p, seed in zip(a, dC_da)]
    return np.stack(rows)


SOFTMAX = Exercise(
    "chain-rule-10",
    "Through a softmax",
    "practice",
    "hard",
    15,
    r"""`a` holds the softmax of the pre-activations $z$, one example a row, shape $(B, n)$, and `dC_da`
the derivative of $C$ by
`a`. Return $\delta = \partial C/\partial z$, shape $(B, n)$, for all rows at once.""",
    Code(
        "softmax_delta",
        ("delta",),
        _softmax_inputs,
        _softmax_delta,
        {
            "elementwise": Slip(
                "This treats softmax as if it had a slope. If one logit moves, which probabilities move?",
                lambda r, a, dC_da: dC_da * (a - a**2),
            ),
            "wrong-axis": Slip(
                "The sum runs over the examples. Whose probabilities share the sum that softmax divides by?",
                lambda r, a, dC_da: a * dC_da - a * (a * dC_da).sum(axis=0),
            ),
            "whole-batch": Slip(
                "One sum is taken over the whole batch. Does a row's softmax know the other rows?",
                lambda r, a, dC_da: a * dC_da - a * (a * dC_da).sum(),
            ),
            "sum-as-it-is": Slip(
                "The row's sum is taken off every logit alike. How much of it does logit k answer for?",
                lambda r, a, dC_da: a * dC_da - (a * dC_da).sum(axis=1, keepdims=True),
            ),
            "not-weighted": Slip(
                "The sum adds dC/da of all units alike. With which weight does unit i answer to z_k?",
                lambda r, a, dC_da: a * dC_da - a * dC_da.sum(axis=1, keepdims=True),
            ),
            "cross-entropy": Slip(
                "This short form belongs to one particular cost. Which dC/da did it assume?",
                lambda r, a, dC_da: a - dC_da,
            ),
            "outer-factor": Slip(
                "Close: the bracket is right. What stands before it in the chapter's formula?",
                lambda r, a, dC_da: r / a,
            ),
        },
    ),
    starter="""import numpy as np


def softmax_delta(a, dC_da):
    ...
""",
)

MODES = Exercise(
    "chain-rule-11",
    "Which mode?",
    "practice",
    "easy",
    5,
    r"""A program has 3 inputs and 40 outputs; you want its whole Jacobian. One forward sweep costs as
much as 1.5 evaluations of
the program, one reverse sweep as much as 3. Which way is the cheapest?""",
    Choice(
        (
            Option(
                "one reverse sweep: 3 evaluations",
                "one-sweep-for-all",
                "For how many outputs is one sweep enough?",
            ),
            Option(
                "40 reverse sweeps: 120 evaluations",
                "reverse-by-habit",
                "A row each. And if you go by columns?",
            ),
            Option("3 forward sweeps: 4.5 evaluations", "right", "One column for each input."),
            Option(
                "120 sweeps, one for each entry", "entry-by-entry", "A sweep gives more than one entry. What?"
            ),
        )
    ),
)

SHAPES = Exercise(
    "chain-rule-12",
    "Shapes of derivatives",
    "practice",
    "easy",
    5,
    r"""$x$ has shape $(4,)$, $W$ has shape $(3, 4)$, $z = W x$, and $C$ is a number computed from $z$.
Which shapes have
$\partial z/\partial x$, $\partial C/\partial x$ and $\partial C/\partial W$ in this book?""",
    Choice(
        (
            Option(
                "$(4, 3)$, $(4,)$, $(4, 3)$",
                "inputs-as-rows",
                "In this book outputs are rows. What does W say?",
            ),
            Option(
                "$(3, 4)$, $(1, 4)$, $(3, 4)$",
                "row-gradient",
                "A step subtracts dC/dx from x. Which shape fits?",
            ),
            Option(
                "$(3, 4)$, $(4,)$, $(3, 3, 4)$",
                "not-contracted",
                "Those are the derivatives of z by W. And of C?",
            ),
            Option(
                "$(3, 4)$, $(4,)$, $(3, 4)$",
                "right",
                "The Jacobian is W itself; a gradient looks as its variable.",
            ),
        )
    ),
)

SHARED = Exercise(
    "chain-rule-13",
    "One weight, used twice",
    "transfer",
    "hard",
    15,
    r"""The same weight works twice: $r = \tanh(w\, x_0)$, then $C = \tanh(w\, r + x_1)$. Write $\mathrm
dC/\mathrm dw$ with the
letters $w$, $x_0$ as `x0`, $x_1$ as `x1`, $r$ and $C$. (`1-r^2` is the slope of tanh where its value is
$r$.)""",
    Formula(
        (
            Field(
                "dC_dw",
                r"$\mathrm dC/\mathrm dw =$",
                lambda p: slope(lambda w: np.tanh(w * np.tanh(w * p.x0) + p.x1), p.w),
                {
                    "last-use": Slip(
                        "This holds r fixed. Does r stand still when w moves?",
                        lambda r, p: slope(lambda w: np.tanh(w * p.r + p.x1), p.w),
                    ),
                    "first-use": Slip(
                        "This moves w only where r is made. Where else does it stand?",
                        lambda r, p: slope(lambda w: np.tanh(p.w * np.tanh(w * p.x0) + p.x1), p.w),
                    ),
                    "inner-slope": Slip(
                        "Both uses are there. Which tanh does the way through r pass first, and what is its slope?",
                        lambda r, p: slope(lambda w: np.tanh(w * (p.r + (w - p.w) * p.x0) + p.x1), p.w),
                    ),
                    "outer-slope": Slip(
                        "This is how fast the argument of the outer tanh moves. And the tanh itself?",
                        lambda r, p: r / (1 - p.C**2),
                    ),
                    "w-forgotten": Slip(
                        "r moves by some amount. By what is it multiplied before it is added to x1?",
                        lambda r, p: slope(lambda w: np.tanh(w * p.r + np.tanh(w * p.x0) + p.x1 - p.r), p.w),
                    ),
                },
            ),
        ),
        lambda rng: _shared_point(*(float(v) for v in numbers(rng, 3))),
        dict.fromkeys(("w", "x0", "x1", "r", "C"), ""),
    ),
)


def _shared_point(w: float, x0: float, x1: float) -> dict:
    r = float(np.tanh(w * x0))
    return {"w": w, "x0": x0, "x1": x1, "r": r, "C": float(np.tanh(w * r + x1))}


# Back to what was there before.


def _partial_map(x):
    return np.array([x[0] * x[1], x[0] + x[1] ** 2, np.sin(x[0])])


PARTIALS = Exercise(
    "chain-rule-14",
    "Partial derivatives in a table",
    "reach back",
    "easy",
    5,
    r"""Back to *Before you start*. For $y_0 = x_0 x_1$, $y_1 = x_0 + x_1^2$ and $y_2 = \sin x_0$ return
all partial derivatives as
an array with one row for each $y_j$ and one column for each $x_i$; `x` has shape $(2,)$.""",
    Code(
        "partials",
        ("dy_dx",),
        lambda rng: {"x": numbers(rng, 2)},
        lambda x: slope(_partial_map, x),
        {
            "inputs-as-rows": Slip(
                "Here the x are the rows. What did the question want as rows?", lambda r, x: r.T
            ),
            "own-factor": Slip(
                "Look at the first row: how does a product move when its first factor does?",
                lambda r, x: np.concatenate([[x], r[1:]]),
            ),
            "sine": Slip(
                "One entry has the wrong sign. How does a sine grow near 0?",
                lambda r, x: r * [[1, 1], [1, 1], [-1, 1]],
            ),
            "square": Slip(
                "Look at x_1 squared again: what becomes of the exponent?",
                lambda r, x: r - [[0, 0], [0, x[1]], [0, 0]],
            ),
        },
    ),
    starter="""import numpy as np


def partials(x):
    ...
""",
)


def _sum_inputs(rng):
    m, n, k = sizes(rng, 3)
    return {"A": numbers(rng, m, n), "c": numbers(rng, m), "D": numbers(rng, k, n)}


def _triple_sum(A, c, D):
    """By its definition: s_k is the slope of sum_{i,j} c_i A_ij (t_j) along row k of D."""
    return np.array([slope(lambda t, row=row: (c * (A @ (t * row))).sum(), 0.0) for row in D])


SUMS = Exercise(
    "chain-rule-15",
    "From a sum to matrix products",
    "reach back",
    "medium",
    10,
    r"""Back to *Before you start*: sums with indices. Return $s_k = \sum_{i} \sum_{j} c_i\, A_{ij}\,
D_{kj}$ for all $k$, without
loops. `A` has shape $(m, n)$, `c` $(m,)$, `D` $(K, n)$.""",
    Code(
        "sums",
        ("s",),
        _sum_inputs,
        _triple_sum,
        {
            "not-weighted": Slip(
                "The sum over i is there, but all i count alike. Which factor carries the index i alone?",
                lambda r, A, c, D: _triple_sum(A, np.ones_like(c), D),
            ),
            "averaged": Slip(
                "This is a mean over j. What does the sum sign say?", lambda r, A, c, D: r / A.shape[1]
            ),
            "summed-all": Slip(
                "One number is left. Which index stands on the left side?", lambda r, A, c, D: r.sum()
            ),
            "not-summed": Slip(
                "Two indices are left, k and i. Which of them does the left side not have?",
                lambda r, A, c, D: np.stack(
                    [_triple_sum(A[i : i + 1], c[i : i + 1], D) for i in range(len(c))], axis=1
                ),
            ),
        },
    ),
    starter="""import numpy as np


def sums(A, c, D):
    ...
""",
)

EXERCISES = (
    WORKED, STEPS, ALONE, PATHS, SWEEP, FORWARD, LAYER, FIND, PENALTY, SOFTMAX, MODES, SHAPES, SHARED, PARTIALS, SUMS,
)  # fmt: skip
