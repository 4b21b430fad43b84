"""Exercises of "Six ways, one gradient": brackets and their cost, paths, shared weights, multipliers."""

from __future__ import annotations

from itertools import product

import numpy as np

from nnlib.activations import tanh
from nnlib.costs import squared_error
from nnlib.exercises.code import Code
from nnlib.exercises.draw import cost_gradient, network, numbers, sizes
from nnlib.exercises.draw import slope as derivative  # here `slope` is the learner's name for g'(z)
from nnlib.exercises.formulas import Field, Formula, fresh
from nnlib.exercises.model import Choice, Exercise, Option, Slip
from nnlib.network import Gradient

# A product in two bracketings.


def _multiplications(*shapes: tuple[int, int]) -> int:
    """The multiplications of a product taken from the left, counted one by one."""
    rows, made = shapes[0][0], 0
    for inner, columns in shapes[1:]:
        made += sum(1 for _ in product(range(rows), range(inner), range(columns)))
    return made


def _from_left(p, q, r, s):
    return _multiplications((1, p), (p, q), (q, r), (r, s))


def _from_right(p, q, r, s):
    """The transposed product from its left is the same work."""
    return _multiplications((s, r), (r, q), (q, p), (p, 1))


WORKED = Exercise(
    "six-ways-1",
    "The same product, two prices",
    "worked example",
    "easy",
    5,
    r"""A row $u$ of 5 numbers is multiplied by $A$, shape $(5, 4)$, $B$, shape $(4, 3)$, and $V$, shape
$(3, 10)$. A product of
the shapes $(a, b)$ and $(b, c)$ takes $a\, b\, c$ multiplications.

From the left, a row all the way: $((u A) B) V$ takes $5 \cdot 4 + 4 \cdot 3 + {3 \cdot 10 = 62}$.

From the right, ten columns all the way: $u\, (A\, (B V))$ takes
$4 \cdot 3 \cdot 10 + 5 \cdot 4 \cdot 10 + 5 \cdot 10 = 370$.

And if $V$ has a single column?""",
    Choice(
        (
            Option(
                "62 and 37: now the right end is cheaper",
                "left-unchanged",
                "Does the left way not pass V at all?",
            ),
            Option(
                "35 and 37: nearly the same",
                "right",
                "A row or a column: one vector passes the same matrices.",
            ),
            Option(
                "35 and 35: the value is the same",
                "same-value",
                "The value is. Count from the right: 12 + 20 + ?",
            ),
            Option(
                "35 and 370: rows are always cheaper",
                "always-reverse",
                "How many columns pass from the right now?",
            ),
        )
    ),
)

PRODUCT = r"""A row of {p} numbers is multiplied by matrices of the shapes $({p}, {q})$, $({q}, {r})$ and
$({r}, {s})$. How many
multiplications does it take from the left (a row passes), and how many from the right?"""

STEPS = Exercise(
    "six-ways-2",
    "The same, with letters",
    "steps left out",
    "easy",
    10,
    r"""A row of $n$ numbers is multiplied by two matrices of shape $(n, n)$ and then by one of shape
$(n, m)$. How many
multiplications does it take from the left (a row passes), and how many from the right ($m$ columns pass)?""",
    Formula(
        (
            Field(
                "left",
                "from the left:",
                lambda p: _from_left(p.n, p.n, p.n, p.m),
                {
                    "last-matrix": Slip(
                        "The row has passed two matrices. Where is the third?", lambda r, p: 2 * p.n**2
                    ),
                    "sizes-added": Slip(
                        "For the last matrix the sizes are added. With how many numbers does each of its columns meet?",
                        lambda r, p: 2 * p.n**2 + p.n + p.m,
                    ),
                    "columns-pass": Slip(
                        "That is the other end's price. How many rows pass here?",
                        lambda r, p: _from_right(p.n, p.n, p.n, p.m),
                    ),
                    "matrices-first": Slip(
                        "The square matrices are multiplied with each other. What passes them, from the left?",
                        lambda r, p: p.n**3 + p.n**2 + p.n * p.m,
                    ),
                },
            ),
            Field(
                "right",
                "from the right:",
                lambda p: _from_right(p.n, p.n, p.n, p.m),
                {
                    "one-column": Slip(
                        "That is the price of one column. How many pass?",
                        lambda r, p: _from_right(p.n, p.n, p.n, 1),
                    ),
                    "row-forgotten": Slip(
                        "The columns have passed both matrices. What meets them at the end?",
                        lambda r, p: 2 * p.n**2 * p.m,
                    ),
                    "row-passes": Slip(
                        "That is the other end's price. What passes here?",
                        lambda r, p: _from_left(p.n, p.n, p.n, p.m),
                    ),
                },
            ),
        ),
        lambda rng: dict(zip("nm", (int(n) for n in rng.permutation(np.arange(2, 9))[:2]))),
        {"n": "", "m": ""},
    ),
)


def _alone(rng: np.random.Generator) -> Exercise:
    """Four sizes."""
    p, q, r, s = (int(n) for n in rng.permutation(np.arange(2, 10))[:4])
    return Exercise(
        "six-ways-3",
        "Two prices, alone",
        "alone",
        "easy",
        5,
        PRODUCT.format(p=p, q=q, r=r, s=s),
        Formula(
            (
                Field(
                    "left",
                    "from the left:",
                    lambda _: _from_left(p, q, r, s),
                    {
                        "last-matrix": Slip("Where is the third matrix?", lambda right, _: right - r * s),
                        "all-sizes": Slip(
                            "What passes, after the first product?", lambda right, _: p * q * r * s
                        ),
                    },
                ),
                Field(
                    "right",
                    "from the right:",
                    lambda _: _from_right(p, q, r, s),
                    {
                        "one-column": Slip("How many columns pass?", lambda right, _: right / s),
                        "row-forgotten": Slip(
                            "What meets the columns at the end?", lambda right, _: right - p * s
                        ),
                        "row-passes": Slip(
                            "That is the other end's price. What passes here?",
                            lambda right, _: _from_left(p, q, r, s),
                        ),
                    },
                ),
            ),
            lambda rng: {},
            numbers=True,
        ),
    )


ALONE = fresh(_alone)

# Paths and rows.


def _paths_inputs(rng):
    return {"n": sizes(rng, 5), "l": int(rng.integers(1, 3))}


def _ways_up(n, above):
    """How many chains take one unit from each of these layers."""
    return sum(1 for _ in product(*(range(n[t]) for t in above)))


PATHS = Exercise(
    "six-ways-4",
    "How many paths?",
    "practice",
    "easy",
    10,
    r"""The product of Jacobians is a sum over paths. How many paths lead from *one* weight of layer $l$
to the cost, in a network
with the sizes $n_0, \dots, n_L$ (the list `n`)? Each output has one way to the cost.""",
    Code(
        "paths",
        ("paths",),
        _paths_inputs,
        lambda n, l: _ways_up(n, range(l + 1, len(n))),
        {
            "own-layer": Slip(
                "The weight's own layer is counted. How many units does one weight lead to?",
                lambda r, n, l: _ways_up(n, range(l, len(n))),
            ),
            "no-outputs": Slip(
                "The last layer is not counted. Through how many outputs can a path end?",
                lambda r, n, l: _ways_up(n, range(l + 1, len(n) - 1)),
            ),
            "added": Slip(
                "These are the units above. Of how many ways is each part?", lambda r, n, l: sum(n[l + 1 :])
            ),
            "from-below": Slip(
                "The layer is one too low. Where does a weight of layer l lead to?",
                lambda r, n, l: _ways_up(n, range(l - 1, len(n))),
            ),
            "downwards": Slip(
                "These are paths from the inputs. Which way does a change of the weight run?",
                lambda r, n, l: _ways_up(n, range(l)),
            ),
        },
    ),
    starter="""def paths(n, l):
    ...
""",
)


def _rows_inputs(rng):
    n = sizes(rng, 4)
    return {
        "W": [None, *(numbers(rng, n[l], n[l - 1]) for l in (1, 2, 3))],
        "slope": [None, *(numbers(rng, n[l]) for l in (1, 2, 3))],
        "dC_da": numbers(rng, n[3]),
    }


def _rows(W, slope, dC_da):
    """A small step of z in layer l, passed on to the outputs and to the cost."""

    def cost(z, l):
        moved = slope[l] * z
        for t in range(l + 1, len(W)):
            moved = slope[t] * (W[t] @ moved)
        return (dC_da * moved).sum()

    return [None, *(derivative(lambda z, l=l: cost(z, l), np.zeros(len(slope[l]))) for l in range(1, len(W)))]


def _flat(slope, *layers):
    """The slopes with these layers' put to one, as if their activation were the identity."""
    return [np.ones_like(s) if l in layers else s for l, s in enumerate(slope)]


ROWS = Exercise(
    "six-ways-5",
    "One row serves all",
    "practice",
    "medium",
    15,
        r"""One example. `W[l]`, shape $(n_l, n_{l-1})$, and `slope[l]` $= g_l'(z^l)$, shape $(n_l,)$, are
lists over the layers with
`None` at 0, `dC_da` is $\partial C/\partial a^L$, shape $(n_L,)$. Return the list $\delta^l = \partial
C/\partial z^l$
for all layers, with `None` at 0.""",
    Code(
        "rows",
        ("delta",),
        _rows_inputs,
        _rows,
        {
            "no-output-slope": Slip(
                "The last layer's slopes are nowhere. Is the cost's derivative given by a or by z?",
                lambda r, W, slope, dC_da: _rows(W, _flat(slope, len(W) - 1), dC_da),
            ),
            "only-output-slope": Slip(
                "Only the last layer's slopes are in it. What does the row pass between two matrices?",
                lambda r, W, slope, dC_da: _rows(W, _flat(slope, *range(1, len(W) - 1)), dC_da),
            ),
            "no-slopes": Slip(
                "These are products of weights. What do the activations do to a small step?",
                lambda r, W, slope, dC_da: _rows(W, _flat(slope, *range(1, len(W))), dC_da),
            ),
            "by-a": Slip(
                "These are derivatives by a. What lies between z and a?",
                lambda r, W, slope, dC_da: [
                    None, *(_rows(W, _flat(slope, l), dC_da)[l] for l in range(1, len(W)))
                ],
            ),
        },
    ),
    starter="""def rows(W, slope, dC_da):
    delta = [None] * len(W)
    ...
    return delta
""",
)  # fmt: skip


def _tied_inputs(rng):
    n, L = sizes(rng, 1)[0], 3
    return {
        "W": numbers(rng, n, n),
        "slope": [None, *(numbers(rng, n) for _ in range(L))],
        "a": [numbers(rng, n) for _ in range(L + 1)],
        "dC_da": numbers(rng, n),
    }


def _tied(W, slope, a, dC_da, uses=(1, 2, 3)):
    """Move W by V in the layers `uses`: every layer passes on what it is given and adds its own share."""

    def cost(V):
        moved = 0 * V[0]
        for l in range(1, len(slope)):
            moved = slope[l] * (W @ moved + (V @ a[l - 1] if l in uses else 0))
        return (dC_da * moved).sum()

    return derivative(cost, np.zeros_like(W))


FIND = Exercise(
    "six-ways-6",
    "Three layers, one matrix",
    "find the error",
    "medium",
    15,
    r"""Three layers share the same weights: $z^l = W a^{l-1} + b^l$ for $l = 1, 2, 3$, all of width
$n$. `slope` (`None` at 0) and
`a` are lists over the layers, `dC_da` belongs to $a^3$. The program should return $\partial C/\partial W$,
where $W$ moves
in all its places. Mend it.""",
    Code(
        "tied",
        ("dC_dW",),
        _tied_inputs,
        _tied,
        {
            "overwritten": Slip(
                "Only the first layer's use of W is left. What happens to the others' messages?",
                lambda r, **given: _tied(**given, uses=(1,)),
            ),
            "last-use": Slip(
                "Only the last layer's use of W counts. Where else does W stand?",
                lambda r, **given: _tied(**given, uses=(3,)),
            ),
            "averaged": Slip(
                "This is the mean over the layers. Do uses share a rate, or add theirs?",
                lambda r, **given: r / 3,
            ),
            "first-forgotten": Slip(
                "The first layer's use is missing. Which layers does the loop visit?",
                lambda r, **given: _tied(**given, uses=(2, 3)),
            ),
        },
    ),
    starter="""import numpy as np


def tied(W, slope, a, dC_da):
    dC_dW = np.zeros_like(W)
    row = dC_da
    for l in (3, 2, 1):
        delta = row * slope[l]
        dC_dW = np.outer(delta, a[l - 1])
        row = delta @ W
    return dC_dW
""",
)

# Multipliers.


def _chain(p, w1=None, z1=None, a1=None, z2=None):
    """The cost when one quantity is put in by hand and what follows it moves along."""
    z_1 = (p.w1 if w1 is None else w1) * p.x if z1 is None else z1
    a_1 = np.tanh(z_1) if a1 is None else a1
    return ((p.w2 * a_1 if z2 is None else z2) - p.y) ** 2


def _chain_point(rng):
    w1, w2, x, y = numbers(rng, 4).tolist()
    z1 = w1 * x
    a1 = float(np.tanh(z1))
    z2 = w2 * a1
    lam2 = 2 * (z2 - y)
    mu1 = lam2 * w2
    lam1 = mu1 * float(tanh.df(z1))
    return {"w1": w1, "w2": w2, "x": x, "y": y, "z1": z1, "a1": a1, "z2": z2} | {
        "lam2": lam2, "mu1": mu1, "lam1": lam1
    }  # fmt: skip


MULTIPLIERS = Exercise(
    "six-ways-7",
    "What a multiplier is worth",
    "transfer",
    "hard",
    20,
    r"""One unit a layer: $z_1 = w_1 x$, $a_1 = \tanh z_1$, $z_2 = w_2 a_1$, $C = (z_2 - y)^2$. Treat
$z_1, a_1, z_2$ as free
and the equations as constraints:

$\mathcal L = (z_2 - y)^2 - \lambda_2 (z_2 - w_2 a_1) - \mu_1 (a_1 - \tanh z_1) - \lambda_1 (z_1 - w_1 x)$

Choose the multipliers so that $\mathcal L$ does not change, to first order, when $z_2$, $a_1$ or $z_1$
moves, and then
differentiate by $w_1$. Type $z_1$ as `z1`, $\lambda_2$ as `lam2`, and so on; `tanh'(z1)` is a slope.""",
    Formula(
        (
            Field(
                "lam2",
                r"$\lambda_2 =$",
                lambda p: derivative(lambda z: _chain(p, z2=z), float(p.z2)),
                {"factor-two": Slip("What is the derivative of the first term by z2?", lambda r, p: r / 2)},
                "lam2",
            ),
            Field(
                "mu1",
                r"$\mu_1 =$",
                lambda p: derivative(lambda a: _chain(p, a1=a), float(p.a1)),
                {
                    "no-weight": Slip(
                        "In which terms does a1 stand, and with which factor?", lambda r, p: r / p.w2
                    ),
                    "other-weight": Slip("With which weight does a1 enter z2?", lambda r, p: r / p.w2 * p.w1),
                },
                "mu1",
            ),
            Field(
                "lam1",
                r"$\lambda_1 =$",
                lambda p: derivative(lambda z: _chain(p, z1=z), float(p.z1)),
                {
                    "no-slope": Slip("How does tanh z1 move with z1?", lambda r, p: p.mu1),
                    "value-for-slope": Slip(
                        "This is multiplied by the tanh. By what does a tanh multiply a small step?",
                        lambda r, p: p.mu1 * np.tanh(p.z1),
                    ),
                    "slope-at-a": Slip(
                        "1 - t^2 is the slope if t is the tanh's value. And tanh' wants what inside?",
                        lambda r, p: p.mu1 * float(tanh.df(p.a1)),
                    ),
                    "one-minus-z": Slip(
                        "1 - t^2 is the slope if t is the tanh's value. Is it, here?",
                        lambda r, p: p.mu1 * (1 - p.z1**2),
                    ),
                },
                "lam1",
            ),
            Field(
                "dC_dw1",
                r"$\mathrm dC/\mathrm dw_1 =$",
                lambda p: derivative(lambda w: _chain(p, w1=w), float(p.w1)),
                {
                    "price-only": Slip(
                        "That is the price of shifting z1. How far does w1 shift it?", lambda r, p: p.lam1
                    ),
                    "times-weight": Slip(
                        "Where does w1 stand in L, and what multiplies it?", lambda r, p: p.lam1 * p.w1
                    ),
                    "upper-price": Slip("Which constraint does w1 stand in?", lambda r, p: p.mu1 * p.x),
                },
            ),
        ),
        _chain_point,
        dict.fromkeys(("w1", "w2", "x", "y", "z1", "a1", "z2", "lam2", "mu1", "lam1"), ""),
    ),
)

FACTORS = Exercise(
    "six-ways-8",
    "Shapes of the factors",
    "practice",
    "easy",
    5,
    r"""In the network 3-5-4-2 you want $\partial C/\partial W^1$ of one example: $\partial C/\partial
a^3$, then $S^3$, $W^3$,
$S^2$, $W^2$, $S^1$, and at the end $a^0$. Which shapes do $W^3$, $S^2$ and the finished row have?""",
    Choice(
        (
            Option(
                "$(2, 4)$, $(4, 4)$, $(1, 5)$", "right", "Row = to, column = from; the row ends at layer 1."
            ),
            Option(
                "$(4, 2)$, $(4, 4)$, $(1, 5)$", "transposed", "W^3 leads to 2 units from 4. Which is the row?"
            ),
            Option(
                "$(2, 4)$, $(4, 5)$, $(1, 5)$",
                "slope-matrix",
                "S^2 holds the slopes of one layer. Which shape has that?",
            ),
            Option(
                "$(2, 4)$, $(4, 4)$, $(1, 3)$",
                "one-too-far",
                "Three numbers belong to the input. Was W^1 a factor?",
            ),
        )
    ),
)

WHICH = Exercise(
    "six-ways-9",
    "Where to start?",
    "practice",
    "easy",
    5,
    r"""A network has 2 inputs and 50 outputs, and several wide layers between. You want all 100
derivatives of the outputs by the
inputs, with the fewest multiplications. From where do you multiply?""",
    Choice(
        (
            Option(
                "from the outputs, as always",
                "reverse-by-habit",
                "Fifty rows pass then. And from the other end?",
            ),
            Option(
                "from the inputs: two columns pass", "right", "Forward mode: the price goes with the inputs."
            ),
            Option("from the middle", "middle", "Then a matrix meets a matrix. How thin can what passes be?"),
            Option(
                "it does not matter, the product is the same",
                "same-value",
                "The value is. What about the work?",
            ),
        )
    ),
)

ENDLESS = Exercise(
    "six-ways-10",
    "A sequence without end",
    "practice",
    "easy",
    5,
    r"""A small recurrent network reads a signal that never ends, and is to have an *exact* derivative
of the cost so far at every
step. What suits?""",
    Choice(
        (
            Option(
                "backpropagation through time from the start, every step",
                "bptt",
                "How much must it store, after a day?",
            ),
            Option("chunks", "chunks", "What happens to the paths across a border?"),
            Option(
                "RTRL",
                "right",
                "It carries sensitivities forward: no history, and exact while the weights stand still.",
            ),
            Option("a memo for every weight", "memo", "What would it remember, after a day?"),
        )
    ),
)

# Back to earlier chapters.


def _contract_inputs(rng):
    B, n_L, n = sizes(rng, 3)
    return {"dC_da": numbers(rng, B, n_L), "D": numbers(rng, B, n_L, n)}


def _contract(dC_da, D):
    return np.stack(
        [derivative(lambda z, T=T, u=u: (u * (T @ z)).sum(), np.zeros(D.shape[2])) for u, T in zip(dC_da, D)]
    )


CONTRACT = Exercise(
    "six-ways-11",
    "From layer Jacobians to adjoints",
    "reach back",
    "medium",
    10,
    r"""Back to chapter 4. `D` holds the layer Jacobians $D^l = \partial a^L/\partial z^l$ of a batch,
shape $(B, n_L, n_l)$,
`dC_da` is $\partial C/\partial a^L$, shape $(B, n_L)$. Return $\delta^l$, shape $(B, n_l)$.""",
    Code(
        "adjoints",
        ("delta",),
        _contract_inputs,
        _contract,
        {
            "outputs-added": Slip(
                "All outputs count alike. How much does the cost care for each?",
                lambda r, dC_da, D: _contract(np.ones_like(dC_da), D),
            ),
            "averaged": Slip(
                "This is a mean over the outputs. Over what do paths add?", lambda r, dC_da, D: r / D.shape[1]
            ),
            "batch-summed": Slip(
                "The examples are added up. Whose z is it, in each row of delta?",
                lambda r, dC_da, D: r.sum(axis=0),
            ),
            "batch-averaged": Slip(
                "It is divided by the number of examples. Do the rows of delta know each other?",
                lambda r, dC_da, D: r / len(D),
            ),
            "one-output": Slip(
                "One output is followed. Does the cost see one alone?",
                lambda r, dC_da, D: _contract(dC_da[:, :1], D[:, :1]),
            ),
        },
    ),
    starter="""import numpy as np


def adjoints(dC_da, D):
    ...
""",
)


def _network_inputs(rng):
    B, *n = (int(k) for k in rng.permutation([3, 4, 5, 6]))
    return {"net": network(rng, n), "X": numbers(rng, B, n[0]), "Y": numbers(rng, B, n[2])}


def _network_gradient(net, X, Y):
    return cost_gradient(net, X, Y, squared_error)


def _hidden(r, net, X, Y, f):
    """The right gradient but for layer 1, where the cost comes down through f in the place of tanh's slope."""
    z = X @ net.W[1].T + net.b[1]
    error = 2 * (np.tanh(z) @ net.W[2].T + net.b[2] - Y)
    moved = lambda W, b: (error * ((f(z) * (X @ W.T + b)) @ net.W[2].T)).sum()
    by_W = derivative(lambda W: moved(W, 0 * net.b[1]), np.zeros_like(net.W[1]))
    return Gradient(
        (None, by_W, r.W[2]), (None, derivative(lambda b: moved(0 * net.W[1], b), 0 * net.b[1]), r.b[2])
    )


def _by_pre_activation(r, net, X, Y):
    """The right gradient, but layer 2's weights take z of the layer below for a."""
    z = X @ net.W[1].T + net.b[1]
    error = 2 * (np.tanh(z) @ net.W[2].T + net.b[2] - Y)
    by_W = derivative(lambda W: (error * (z @ W.T)).sum(), np.zeros_like(net.W[2]))
    return Gradient((None, r.W[1], by_W), r.b)


WHOLE = Exercise(
    "six-ways-12",
    "The whole gradient, by heart",
    "reach back",
    "hard",
    25,
    r"""Back to chapter 2. `net` is a network with two layers, tanh and then the identity; `net.W[l]`
and `net.b[l]` are its
parameters. For inputs `X`, shape $(B, n_0)$, targets `Y`, shape $(B, n_2)$, and the squared error
$C = \sum_{n,i} (a^2_{ni} - y_{ni})^2$ return the gradient: `Gradient((None, dC_dW1, dC_dW2), (None, dC_db1,
dC_db2))`.
Do it without `nnlib`'s own gradients.""",
    Code(
        "gradient",
        ("gradient",),
        _network_inputs,
        _network_gradient,
        {
            "factor-two": Slip(
                "Half of it. What is the derivative of a square without one half before it?",
                lambda r, **given: r / 2,
            ),
            "averaged": Slip(
                "This is the mean over the examples. What does the cost do with a batch?",
                lambda r, net, X, Y: r / len(X),
            ),
            "mean-of-all": Slip(
                "It is divided by the number of examples and outputs. Is the cost a mean of any kind?",
                lambda r, net, X, Y: r / Y.size,
            ),
            "no-slope": Slip(
                "Layer 2 is right, layer 1 lacks something. What does the way down pass between a and z?",
                lambda r, net, X, Y: _hidden(r, net, X, Y, np.ones_like),
            ),
            "z-for-a": Slip(
                "One matrix is wrong. Which numbers do the weights of layer 2 multiply, z or a?",
                lambda r, net, X, Y: _by_pre_activation(r, net, X, Y),
            ),
            "slope-at-a": Slip(
                "Layer 2 is right, layer 1 not. Of which number is a the tanh?",
                lambda r, net, X, Y: _hidden(r, net, X, Y, lambda z: tanh.df(np.tanh(z))),
            ),
            "biases-averaged": Slip(
                "The weights are right, the biases are means. Does a bias serve one example or all?",
                lambda r, net, X, Y: Gradient(r.W, (None, r.b[1] / len(X), r.b[2] / len(X))),
            ),
        },
    ),
    starter="""import numpy as np

from nnlib.activations import tanh
from nnlib.network import Gradient


def gradient(net, X, Y):
    z1 = X @ net.W[1].T + net.b[1]
    a1 = tanh.f(z1)
    a2 = a1 @ net.W[2].T + net.b[2]
    ...
""",
)

EXERCISES = (
    WORKED, STEPS, ALONE, PATHS, ROWS, FIND, MULTIPLIERS, FACTORS, WHICH, ENDLESS, CONTRACT, WHOLE,
)  # fmt: skip
