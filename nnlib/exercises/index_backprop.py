"""Exercises of chapter 2: adjoints of units in any wiring, and the same sums as matrix products."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np

from nnlib.activations import softmax, tanh
from nnlib.costs import softmax_cross_entropy
from nnlib.exercises.code import Code
from nnlib.exercises.draw import numbers, sizes, slope
from nnlib.exercises.formulas import Field, Formula, fresh
from nnlib.exercises.model import Choice, Exercise, Option, Slip

# Three units: 1 squares and feeds 2 and 3; 2 and 3 are outputs, and 2 feeds 3.

WIRING = r"""Input 0 feeds unit 1, which squares ($f(x) = x^2$). Unit 1 feeds units 2 and 3, which do nothing
($f(x) = x$) and are the outputs; unit 2 also feeds unit 3. The cost is half the squared error."""


def _three_units(x0, w, b, errors) -> dict:
    """Everything about one run; targets are such that the two outputs have these errors."""
    (w_10, w_21, w_31, w_32), (b_1, b_2, b_3) = w, b
    x_1 = w_10 * x0 + b_1
    y_1 = x_1**2
    y_2 = w_21 * y_1 + b_2
    y_3 = w_31 * y_1 + w_32 * y_2 + b_3
    run = {"y_0": x0, "x_1": x_1, "y_1": y_1, "y_2": y_2, "y_3": y_3, "b_2": b_2, "b_3": b_3}
    run |= {"w_10": w_10, "w_21": w_21, "w_31": w_31, "w_32": w_32}
    run |= {"t_2": y_2 - errors[0], "t_3": y_3 - errors[1]}
    return run | _adjoints_of(run)


def _cost(p, x_1=None, x_2=None, x_3=None, w_21=None):
    """The cost of a run with some pre-activations or a weight put in by hand; what follows them moves along."""
    y_1 = (p.x_1 if x_1 is None else x_1) ** 2
    y_2 = (p.w_21 if w_21 is None else w_21) * y_1 + p.b_2 if x_2 is None else x_2
    y_3 = p.w_31 * y_1 + p.w_32 * y_2 + p.b_3 if x_3 is None else x_3
    return ((y_2 - p.t_2) ** 2 + (y_3 - p.t_3) ** 2) / 2


def _p(i: int):
    """The adjoint of unit i, by numbers."""
    return lambda p: slope(
        lambda x: _cost(p, **{f"x_{i}": x}), float(getattr(p, f"y_{i}" if i > 1 else "x_1"))
    )


def _adjoints_of(run: dict) -> dict:
    return {f"p_{i}": float(_p(i)(SimpleNamespace(**run))) for i in (1, 2, 3)}


NO_WEIGHT = "The two messages are added as they are. What does unit 3 feel when unit 2 moves by one?"
UNIT_FIELDS = (
    Field(
        "p_3",
        r"$p_3 =$",
        _p(3),
        {
            "factor-two": Slip("Which cost is it, and what does its one half do?", lambda r, p: 2 * r),
            "error-reversed": Slip(
                "Does C grow or fall when an output that is too large grows?", lambda r, p: -r
            ),
        },
        "p_3",
    ),
    Field(
        "p_2",
        r"$p_2 =$",
        _p(2),
        {
            "direct-only": Slip(
                "That is what the cost sees of unit 2. Whom else does it feed?", lambda r, p: p.y_2 - p.t_2
            ),
            "downstream-only": Slip(
                "That is what unit 2 does through unit 3. Is unit 2 not an output itself?",
                lambda r, p: p.p_3 * p.w_32,
            ),
            "no-weight": Slip(NO_WEIGHT, lambda r, p: p.y_2 - p.t_2 + p.p_3),
        },
        "p_2",
    ),
    Field(
        "p_1",
        r"$p_1 =$",
        _p(1),
        {
            "no-slope": Slip(
                "That is the derivative by the output of unit 1. How does the output move with x_1?",
                lambda r, p: r / (2 * p.x_1),
            ),
            "slope-at-y": Slip(
                "The slope is taken at y_1. At which number does unit 1 square?",
                lambda r, p: r / p.x_1 * p.y_1,
            ),
            "one-downstream": Slip(
                "Only one of the units that unit 1 feeds has answered. Which are in D_1?",
                lambda r, p: 2 * p.x_1 * p.p_2 * p.w_21,
            ),
            "other-downstream": Slip(
                "Only unit 3 has answered. Which are in D_1?", lambda r, p: 2 * p.x_1 * p.p_3 * p.w_31
            ),
            "early": Slip(
                "Unit 2 was asked before unit 3 had answered it. In which order are the units visited?",
                lambda r, p: 2 * p.x_1 * ((p.y_2 - p.t_2) * p.w_21 + p.p_3 * p.w_31),
            ),
        },
        "p_1",
    ),
    Field(
        "dC_dw_21",
        r"$\partial C/\partial w_{21} =$",
        lambda p: slope(lambda w: _cost(p, w_21=w), p.w_21),
        {
            "wrong-end": Slip(
                "Adjoint of one end, output of the other: which way does w_21 lead?",
                lambda r, p: p.p_1 * p.y_2,
            ),
            "pre-activation": Slip(
                "It is multiplied by x_1. Which number does the weight multiply, going forward?",
                lambda r, p: p.p_2 * p.x_1,
            ),
            "error-only": Slip(
                "Unit 2 reaches the cost in two ways. Which number holds both?",
                lambda r, p: (p.y_2 - p.t_2) * p.y_1,
            ),
        },
    ),
)
UNIT_NAMES = (
    "y_0",
    "x_1",
    "y_1",
    "y_2",
    "y_3",
    "t_2",
    "t_3",
    "w_10",
    "w_21",
    "w_31",
    "w_32",
    "p_1",
    "p_2",
    "p_3",
)

WORKED = Exercise(
    "index-backprop-1",
    "An output that feeds another",
    "worked example",
    "easy",
    5,
    WIRING
    + r"""

Let $y_0 = 1$, $w_{10} = 2$, $b_1 = -1$; $w_{21} = 3$, $b_2 = -1$, target $1$; $w_{31} = 1$, $w_{32} = 2$,
$b_3 = -3$, target $0$.

Forward: $x_1 = 1$, $y_1 = 1$; $x_2 = y_2 = 2$; $x_3 = y_3 = 1 + 4 - 3 = 2$.

Backward, each unit after all that it feeds:

1. $p_3 = 2 - 0 = 2$
2. $p_2 = (2 - 1) + p_3 \cdot 2 = 5$
3. $p_1 = (p_2 \cdot 3 + p_3 \cdot 1) \cdot 2 x_1 = {17 \cdot 2 = 34}$
4. $\partial C/\partial w_{21} = p_2\, y_1 = 5$ and $\partial C/\partial w_{10} = p_1\, y_0 = 34$

A program gives $p_3 = 2$, $p_2 = 5$ and $p_1 = 10$. What has it done?""",
    Choice(
        (
            Option("left out the slope of unit 1", "no-slope", "That would give 17. Where can 10 come from?"),
            Option(
                "left out unit 3 in $D_1$", "one-downstream", "That would give 30. Where can 10 come from?"
            ),
            Option(
                "sent $p_2$ on before unit 3 had answered",
                "right",
                "(1 · 3 + 2 · 1) · 2 = 10: unit 2 sent on a 1.",
            ),
            Option(
                "taken $w_{12}$ for $w_{21}$",
                "transposed",
                "There is no link from 2 to 1. Where can 10 come from?",
            ),
        )
    ),
)

STEPS = Exercise(
    "index-backprop-2",
    "The same, with letters",
    "steps left out",
    "easy",
    10,
    WIRING
    + r"""

Fill in the backward pass. The targets of units 2 and 3 are `t_2` and `t_3`; you may use all $y_i$, $x_1$
(`y_2`,
`x_1`), the weights (`w_21` leads to 2 from 1), and `p_3`, `p_2`, `p_1` once you have them.""",
    Formula(
        UNIT_FIELDS,
        lambda rng: _three_units(
            float(numbers(rng)), numbers(rng, 4).tolist(), numbers(rng, 3).tolist(), numbers(rng, 2).tolist()
        ),
        dict.fromkeys(UNIT_NAMES, ""),
    ),
)


def _alone(rng: np.random.Generator) -> Exercise:
    """The same wiring, with whole numbers."""
    x_1, w = int(rng.choice([-3, -2, 2, 3])), rng.integers(-4, 5, 4).tolist()
    b = [x_1 - w[0], *rng.integers(-3, 4, 2).tolist()]
    run = _three_units(1, w, b, rng.integers(-4, 5, 2).tolist())
    task = Formula(UNIT_FIELDS, lambda rng: run, numbers=True)
    return Exercise(
        "index-backprop-3",
        "Three units, alone",
        "alone",
        "easy",
        10,
        WIRING
        + rf"""

Let $y_0 = 1$, $w_{{10}} = {w[0]}$, $b_1 = {b[0]}$; $w_{{21}} = {w[1]}$, $b_2 = {b[1]}$, target ${run["t_2"]}$;
$w_{{31}} = {w[2]}$, $w_{{32}} = {w[3]}$, $b_3 = {b[2]}$, target ${run["t_3"]}$. Work out all values, then the
adjoints and one derivative, as numbers.""",
        task,
    )


ALONE = fresh(_alone)

# Any wiring, as plain dictionaries.


def _wiring(rng):
    """Units 0 and 1 are inputs; 2 feeds its neighbour 3, 0 skips ahead, the output 4 feeds the output 5."""
    upstream = {2: (0, 1), 3: (1, 2), 4: (2, 3), 5: (0, 3, 4)}
    w = {(i, j): float(numbers(rng)) for i, of in upstream.items() for j in of}
    return {"order": [2, 3, 4, 5], "upstream": upstream, "w": w}


def _run(rng):
    """The numbers of one run: outputs of all units, slopes of those that are no inputs, direct terms of 4 and 5."""
    y, f, direct = numbers(rng, 6).tolist(), numbers(rng, 4).tolist(), numbers(rng, 2).tolist()
    return {"y": dict(enumerate(y)), "slope": dict(zip((2, 3, 4, 5), f)), "direct": dict(zip((4, 5), direct))}


def _effect(order, upstream, w, slope, direct, of):
    """How far the cost moves when x of one unit moves by 1, and everything downstream follows."""
    moved = {of: slope[of]}
    for i in order[order.index(of) + 1 :]:
        moved[i] = slope[i] * sum(w[i, j] * moved.get(j, 0) for j in upstream[i])
    return sum(direct[i] * moved.get(i, 0) for i in direct)


def _adjoints(order, upstream, w, slope, direct):
    return {i: _effect(order, upstream, w, slope, direct, i) for i in order}


def _pull(order, upstream, w, slope, direct, visit):
    """Adjoints that are asked for too early: units in the order of `visit`, who has no number yet counts as 0."""
    p: dict = {}
    for i in visit:
        downstream = [k for k in order if i in upstream[k]]
        p[i] = (direct.get(i, 0) + sum(p.get(k, 0) * w[k, i] for k in downstream)) * slope[i]
    return {i: p[i] for i in order}


def _outputs_cut(order, upstream, w, slope, direct):
    """004's equation (14) to the letter: an output has its direct term alone."""
    cut = {i: tuple(j for j in of if j not in direct) for i, of in upstream.items()}
    return _adjoints(order, cut, w, slope, direct)


def _last_message(order, upstream, w, slope, direct):
    """Every unit keeps the message that comes last, from the first of those that it feeds."""
    first = {j: next((i for i in order if j in upstream[i]), None) for j in range(6)}
    cut = {i: tuple(j for j in of if first[j] == i) for i, of in upstream.items()}
    return _adjoints(order, cut, w, slope, direct)


def _slope_on_direct(order, upstream, w, slope, direct):
    """The units' own errors alone meet a slope."""
    own = {i: error * slope[i] for i, error in direct.items()}
    return _adjoints(order, upstream, w, dict.fromkeys(slope, 1.0), own)


ADJOINTS = Exercise(
    "index-backprop-4",
    "Adjoints in any wiring",
    "practice",
    "medium",
    15,
    r"""A network of units is given by dictionaries: `order` lists the units that are no inputs, each
after all it takes
from; `upstream[i]` is the tuple of the units that feed $i$; `w[i, j]` the weight to $i$ from $j$;
`slope[i]` is
$f_i'(x_i)$; `direct[i]` is $\partial C/\partial y_i$ for the outputs $i$. Return a dictionary with $p_i$
for every
unit of `order`. An output may feed other units, and a link may skip.""",
    Code(
        "adjoints",
        ("p",),
        lambda rng: _wiring(rng) | {name: value for name, value in _run(rng).items() if name != "y"},
        _adjoints,
        {
            "direct-only": Slip(
                "An output has its own error alone here. What if it also feeds another unit?",
                lambda r, **given: _outputs_cut(**given),
            ),
            "forward-order": Slip(
                "Units are visited in the order of the forward pass. Who has to be finished before unit i?",
                lambda r, order, **given: _pull(order, visit=order, **given),
            ),
            "no-slope": Slip(
                "Right if every unit did nothing but pass on. What lies between x_i and y_i?",
                lambda r, slope, **given: _adjoints(slope=dict.fromkeys(slope, 1.0), **given),
            ),
            "slope-not-sent": Slip(
                "What is sent on is not yet multiplied by the slope. Is it the derivative by x_k or by y_k?",
                lambda r, slope, **given: {
                    i: p * slope[i] for i, p in _adjoints(slope=dict.fromkeys(slope, 1.0), **given).items()
                },
            ),
            "overwritten": Slip(
                "A unit that feeds several others keeps the last message alone. What should they do instead?",
                lambda r, **given: _last_message(**given),
            ),
            "slope-on-direct": Slip(
                "The slope multiplies the unit's own error alone. What of the messages from downstream?",
                lambda r, **given: _slope_on_direct(**given),
            ),
            "no-direct": Slip(
                "Everything is zero. Where does the cost come in?", lambda r, **given: dict.fromkeys(r, 0.0)
            ),
        },
    ),
    starter="""def adjoints(order, upstream, w, slope, direct):
    p = dict.fromkeys(order, 0.0)
    ...
    return p
""",
)


def _runs_inputs(rng):
    return _wiring(rng) | {"runs": [_run(rng) for _ in range(3)]}


def _batch(order, upstream, w, runs):
    """Each weight's effect: where it ends, x moves by y at its start; summed over the runs."""
    return {
        (i, j): sum(_effect(order, upstream, w, run["slope"], run["direct"], i) * run["y"][j] for run in runs)
        for i, j in w
    }


def _adjoints_kept(order, upstream, w, runs):
    """What comes out if every run starts with the adjoints that the run before has left."""
    left: dict = dict.fromkeys(range(6), 0.0)
    total = dict.fromkeys(w, 0.0)
    for run in runs:
        start = {i: left[i] + run["direct"].get(i, 0) for i in order}
        left |= _adjoints(order, upstream, w, run["slope"], start)
        total = {(i, j): total[i, j] + left[i] * run["y"][j] for i, j in w}
    return total


FIND = Exercise(
    "index-backprop-5",
    "Cleared once, cleared every time",
    "find the error",
    "medium",
    15,
    r"""This program computes $\partial C_{\mathbb L}/\partial w_{ij}$ of a mini-batch. `order`,
`upstream` and `w` are as
before, the inputs are 0 and 1; every run is a dictionary with its own `y`, `slope` and `direct`. For a
single run it
is right, for several it is not. Mend it.""",
    Code(
        "minibatch",
        ("dC_dw",),
        _runs_inputs,
        _batch,
        {
            "adjoints-kept": Slip(
                "A run still finds the adjoints of the run before. What belongs to a run, and what to the batch?",
                lambda r, **given: _adjoints_kept(**given),
            ),
            "sums-cleared": Slip(
                "Only the last run counts. What belongs to a run, and what to the batch?",
                lambda r, order, upstream, w, runs: _batch(order, upstream, w, runs[-1:]),
            ),
            "averaged": Slip(
                "This is the mean over the runs. Is the cost of a mini-batch a mean, in this book?",
                lambda r, runs, **given: {link: value / len(runs) for link, value in r.items()},
            ),
            "first-run": Slip(
                "Only the first run counts. Where does the program leave the loop?",
                lambda r, order, upstream, w, runs: _batch(order, upstream, w, runs[:1]),
            ),
        },
    ),
    starter="""def minibatch(order, upstream, w, runs):
    dC_dw = dict.fromkeys(w, 0.0)
    p = dict.fromkeys([0, 1, *order], 0.0)
    for run in runs:
        for i, error in run["direct"].items():
            p[i] = p[i] + error
        for i in reversed(order):
            p[i] = p[i] * run["slope"][i]
            for j in upstream[i]:
                p[j] = p[j] + p[i] * w[i, j]
                dC_dw[i, j] = dC_dw[i, j] + p[i] * run["y"][j]
    return dC_dw
""",
)

# The same in matrices.


def _weight_inputs(rng):
    B, n, m = sizes(rng, 3)
    return {"delta": numbers(rng, B, n), "a_below": numbers(rng, B, m)}


def _weight(delta, a_below):
    """The derivative of sum delta * (a W^T) by W: the rate at which z carries W to the cost."""
    W = np.zeros((delta.shape[1], a_below.shape[1]))
    return slope(lambda W_: (delta * (a_below @ W_.T)).sum(), W)


WEIGHTS = Exercise(
    "index-backprop-6",
    "Weights and a batch",
    "practice",
    "easy",
    5,
    r"""Rows are examples: `delta` is $\partial C/\partial z^l$, shape $(B, n_l)$, and `a_below` is
$a^{l-1}$, shape
$(B, n_{l-1})$. Return $\partial C/\partial W^l$, shape $(n_l, n_{l-1})$.""",
    Code(
        "weight_gradient",
        ("dC_dW",),
        _weight_inputs,
        _weight,
        {
            "averaged": Slip(
                "This is the mean over the examples. How does this book's cost treat a batch?",
                lambda r, delta, a_below: r / len(delta),
            ),
            "not-summed": Slip(
                "There is a matrix for every example. Which index does W not have?",
                lambda r, delta, a_below: np.stack(
                    [_weight(d[None], a[None]) for d, a in zip(delta, a_below)]
                ),
            ),
            "one-example": Slip(
                "One example is in it, the others are not. Over what does the sum run?",
                lambda r, delta, a_below: _weight(delta[:1], a_below[:1]),
            ),
            "summed-before": Slip(
                "Both factors are summed over the examples first. Is a sum of products a product of sums?",
                lambda r, delta, a_below: _weight(delta.sum(axis=0)[None], a_below.sum(axis=0)[None]),
            ),
        },
    ),
    starter="""import numpy as np


def weight_gradient(delta, a_below):
    ...
""",
)


def _below_inputs(rng):
    B, n, m = sizes(rng, 3)
    return {"delta": numbers(rng, B, n), "W": numbers(rng, n, m), "z_below": numbers(rng, B, m)}


def _below(delta, W, z_below, f=np.tanh):
    return slope(lambda z: (delta * (f(z) @ W.T)).sum(), z_below)


BELOW = Exercise(
    "index-backprop-7",
    "One layer down",
    "practice",
    "medium",
    10,
    r"""`delta` is $\delta^{l+1}$, shape $(B, n_{l+1})$, `W` is $W^{l+1}$, shape $(n_{l+1}, n_l)$, and
`z_below` is $z^l$,
shape $(B, n_l)$; layer $l$ is tanh. Return $\delta^l$. `tanh.df` is the slope.""",
    Code(
        "delta_below",
        ("delta",),
        _below_inputs,
        _below,
        {
            "no-slope": Slip(
                "This is the derivative by a. What lies between z and a?",
                lambda r, delta, W, z_below: _below(delta, W, z_below, lambda z: z),
            ),
            "slope-at-a": Slip(
                "The slope is taken at the activation. Of which number is the activation the tanh?",
                lambda r, delta, W, z_below: _below(
                    delta, W, z_below, lambda z: z * tanh.df(tanh.f(z_below))
                ),
            ),
            "one-minus-z": Slip(
                "1 - t^2 is the slope if t is the tanh's value. Is it, in your formula?",
                lambda r, delta, W, z_below: _below(delta, W, z_below, lambda z: z * (1 - z_below**2)),
            ),
            "averaged": Slip(
                "Every row is divided by the number of examples. Do the rows of delta know each other?",
                lambda r, delta, W, z_below: r / len(r),
            ),
            "activation-for-slope": Slip(
                "This multiplies by the activation. By what does a small step of z get multiplied?",
                lambda r, delta, W, z_below: _below(delta, W, z_below, lambda z: z * tanh.f(z_below)),
            ),
        },
    ),
    starter="""import numpy as np

from nnlib.activations import tanh


def delta_below(delta, W, z_below):
    ...
""",
)


def _residual_inputs(rng):
    B, n = sizes(rng, 2)
    return {
        "a": numbers(rng, B, n),
        "W": numbers(rng, n, n),
        "b": numbers(rng, n),
        "dC_da": numbers(rng, B, n),
    }


def _residual(a, W, b, dC_da, skip=1, f=np.tanh):
    return slope(lambda a_: (dC_da * (skip * a_ + f(a_ @ W.T + b))).sum(), a)


RESIDUAL = Exercise(
    "index-backprop-8",
    "A layer with a way round",
    "transfer",
    "medium",
    15,
    r"""A residual layer adds its input to its output: $a^l = a^{l-1} + \tanh(z^l)$ with
$z^l = a^{l-1} (W^l)^{\mathsf T} + b^l$. `a` is $a^{l-1}$, shape $(B, n)$; `W` is $(n, n)$, `b` is $(n,)$, and
`dC_da` is $\partial C/\partial a^l$. Return $\partial C/\partial a^{l-1}$. Here every shape fits; be
careful.""",
    Code(
        "residual_backward",
        ("dC_da_below",),
        _residual_inputs,
        _residual,
        {
            "no-skip": Slip(
                "This is the way through the layer. Which units does unit i of the layer below feed?",
                lambda r, a, W, b, dC_da: _residual(a, W, b, dC_da, skip=0),
            ),
            "skip-only": Slip(
                "This is the way round. Does nothing go through the layer?",
                lambda r, a, W, b, dC_da: _residual(a, 0 * W, b, dC_da),
            ),
            "transposed-weights": Slip(
                "The shapes fit, since W is square; the indices do not. Which index of W is summed going down?",
                lambda r, a, W, b, dC_da: (
                    dC_da + _residual(a, W.T, b, dC_da * _at(a, W, b) / _at(a, W.T, b), skip=0)
                ),
            ),
            "no-slope": Slip(
                "Right if tanh were not there. What does the way through the layer pass?",
                lambda r, a, W, b, dC_da: _residual(a, W, b, dC_da, f=lambda z: z),
            ),
            "slope-after": Slip(
                "The slope comes after the weights. Going down, which of the two does a message pass first?",
                lambda r, a, W, b, dC_da: dC_da + (dC_da @ W) * _at(a, W, b),
            ),
            "one-for-skip": Slip(
                "The way round adds a 1. What does it pass on of what comes from above?",
                lambda r, a, W, b, dC_da: r - dC_da + 1,
            ),
            "slope-on-skip": Slip(
                "The slope multiplies both ways. Which of them passes the tanh?",
                lambda r, a, W, b, dC_da: _residual(a, W, b, dC_da, skip=0) + dC_da * _at(a, W, b),
            ),
        },
    ),
    starter="""import numpy as np

from nnlib.activations import tanh


def residual_backward(a, W, b, dC_da):
    z = a @ W.T + b
    ...
""",
)


def _at(a, W, b):
    """The slopes of the layer."""
    return tanh.df(a @ W.T + b)


INDICES = Exercise(
    "index-backprop-9",
    "Which index is summed?",
    "practice",
    "medium",
    10,
        r"""A layer with $z_{ni} = \sum_j W_{ij}\, a_{nj} + b_i$ and $\delta_{ni} = \partial C/\partial
z_{ni}$; $n$ counts the
examples. Write the three derivatives with their indices. A sum over $n$ is typed `sum(n, delta[n,i])`, and
`delta[n,i] a[n,j]` is a product. The indices on the left are given; others must be summed.""",
    Formula(
        (
            Field(
                "dC_dW_ij",
                r"$\partial C/\partial W_{ij} =$",
                lambda p: slope(lambda W: (p.delta[:, p.i] * W * p.a[:, p.j]).sum(), p.W[p.i, p.j]),
                {
                    "one-example": Slip(
                        "This is for one example n. Which index does the left side not have?",
                        lambda r, p: p.delta[p.n, p.i] * p.a[p.n, p.j],
                    ),
                    "averaged": Slip("Is the cost a mean over the examples, or a sum?", lambda r, p: r / len(p.a)),
                    "sums-multiplied": Slip(
                        "Two sums are multiplied. Does one example's delta meet another example's activation?",
                        lambda r, p: p.delta[:, p.i].sum() * p.a[:, p.j].sum(),
                    ),
"no-activation": Slip(
                        "W_ij moves z_ni by something. By what?", lambda r, p: p.delta[:, p.i].sum()
                    ),
                },
            ),
            Field(
                "dC_db_i",
                r"$\partial C/\partial b_i =$",
                lambda p: slope(lambda b: (p.delta[:, p.i] * b).sum(), 0.0),
                {
                    "one-example": Slip(
                        "This is for one example n. Which index does the left side not have?",
                        lambda r, p: p.delta[p.n, p.i],
                    ),
                    "averaged": Slip("Is the cost a mean over the examples, or a sum?", lambda r, p: r / len(p.a)),
                    "summed-units": Slip(
                        "The sum runs over the units too. How many z does one b_i move, for one example?",
                        lambda r, p: p.delta.sum(),
                    ),
                },
            ),
            Field(
                "dC_da_nj",
                r"$\partial C/\partial a_{nj} =$",
                lambda p: slope(lambda a: (p.delta[p.n] * p.W[:, p.j] * a).sum(), 0.0),
                {
                    "one-path": Slip(
                        "This goes through one unit i. How many units does a_nj feed?",
                        lambda r, p: p.delta[p.n, p.i] * p.W[p.i, p.j],
                    ),
                    "no-weight": Slip(
                        "The adjoints are added as they are. How far does z_ni move when a_nj moves by one?",
                        lambda r, p: p.delta[p.n].sum(),
                    ),
                    "wrong-sum": Slip(
                        "The sum runs over j, which the left side has. Which index does it not have?",
                        lambda r, p: p.delta[p.n, p.i] * p.W[p.i].sum(),
                    ),
"summed-examples": Slip(
                        "The sum runs over the examples too. Does a_nj feed units of other examples?",
                        lambda r, p: (p.delta @ p.W[:, p.j]).sum(),
                    ),
                },
            ),
        ),
        lambda rng: {
            "delta": numbers(rng, 3, 2), "a": numbers(rng, 3, 4), "W": numbers(rng, 2, 4), "b": numbers(rng, 2),
            "n": int(rng.integers(3)), "i": int(rng.integers(2)), "j": int(rng.integers(4)),
        },
        {"delta": "ni", "a": "nj", "W": "ij", "b": "i"},
        {"n": 3, "i": 2, "j": 4},
        "nij",
    ),
)  # fmt: skip

ORDER = Exercise(
    "index-backprop-10",
    "An order that works",
    "practice",
    "easy",
    5,
    r"""The links of a network lead $0 \to 1$, $1 \to 2$, $1 \to 3$ and $3 \to 2$; 0 is the input and 2
the output. In which
order may the backward pass visit its units?""",
    Choice(
        (
            Option(
                "1, 3, 2",
                "forward-order",
                "That is the forward order. What does unit 1 need before it can answer?",
            ),
            Option("3, 2, 1", "largest-first", "Numbers are only names. Whom does unit 3 feed?"),
            Option("2, 1, 3", "too-early", "Unit 1 also feeds 3. Has 3 answered when 1 is visited?"),
            Option(
                "2, 3, 1", "right", "Each unit comes after all that it feeds; there is no other such order."
            ),
        )
    ),
)

COLUMNS = Exercise(
    "index-backprop-11",
    "Examples as columns",
    "practice",
    "medium",
    10,
    r"""Someone stores examples as columns: $Z = W A + b\, \mathbf 1^{\mathsf T}$, with $A$ of shape
$(m, B)$, $Z$ and
$\Delta = \partial C/\partial Z$ of shape $(n, B)$. Which product is $\partial C/\partial W$?""",
    Choice(
        (
            Option(
                r"$\Delta^{\mathsf T} A$",
                "book-layout",
                "That is for examples as rows. Which index is summed here?",
            ),
            Option(
                r"$\Delta\, A^{\mathsf T}$",
                "right",
                "The shared index, the example, stands inside: (n, B) times (B, m).",
            ),
            Option(r"$A\, \Delta^{\mathsf T}$", "transposed", "Its shape is (m, n). What shape has W?"),
            Option(
                r"$\frac 1 B \Delta\, A^{\mathsf T}$",
                "averaged",
                "Where would the 1/B come from, if C is a sum?",
            ),
        )
    ),
)

TESTS = Exercise(
    "index-backprop-12",
    "Which test convinces?",
    "practice",
    "easy",
    5,
        r"""You have changed one line of a backward pass. A network 4-4-4 trains on, the cost falls, and
every shape is right.
What do you conclude?""",
    Choice(
        (
            Option(
                "The line is right: a wrong gradient does not train", "cost-falls",
                "Any step that points downhill on the average trains. What if a slope is forgotten?",
            ),
            Option(
                "The line is right if the cost falls as fast as before", "speed",
                "A factor in the gradient changes the speed and not much else. What compares the gradient itself?",
            ),
            Option(
                "Nothing: compare all entries with the complex step, on sizes that all differ", "right",
                "With 4-4-4 a transposed matrix fits, and training forgives.",
            ),
            Option(
                "Nothing: compare one entry with a difference at a very small step", "one-entry",
                "One entry, and rounding eats the digits. Which method subtracts nothing?",
            ),
        )
    ),
)  # fmt: skip

# Back to chapter 1.


def _logits_inputs(rng):
    B, n = sizes(rng, 2)
    Y = rng.uniform(0.2, 1, (B, n))
    return {"z": numbers(rng, B, n), "Y": Y / Y.sum(axis=1, keepdims=True)}


def _entropy(z, Y):
    return np.stack(
        [slope(lambda z_, y=y: softmax_cross_entropy.value(z_[None], y[None]), row) for row, y in zip(z, Y)]
    )


ENTROPY = Exercise(
    "index-backprop-13",
    "Softmax and cross-entropy, for a batch",
    "reach back",
    "medium",
    10,
    r"""Back to chapter 1. `z` holds logits, shape $(B, n)$, and every row of `Y` sums to one. With $a =
\operatorname{softmax}(z)$
for each row and $C = -\sum_{n,i} Y_{ni} \ln a_{ni}$ return $\partial C/\partial z$. `softmax.f` works on
rows.""",
    Code(
        "entropy_delta",
        ("delta",),
        _logits_inputs,
        _entropy,
        {
            "slope-too": Slip(
                "There is one factor too many. Does a - Y still want a slope, or is softmax already in it?",
                lambda r, z, Y: r * softmax.f(z) * (1 - softmax.f(z)),
            ),
            "averaged": Slip(
                "This is divided by the number of examples. Is C a mean over the rows?",
                lambda r, z, Y: r / len(z),
            ),
            "averaged-classes": Slip(
                "This is divided by the number of classes. Is C a mean over them?",
                lambda r, z, Y: r / z.shape[1],
            ),
            "no-softmax": Slip(
                "Logits are compared with probabilities here. What is a?", lambda r, z, Y: z - Y
            ),
            "wrong-axis": Slip(
                "The probabilities of a column sum to one here. Of what should they?",
                lambda r, z, Y: softmax.f(z.T).T - Y,
            ),
            "by-a": Slip(
                "This is the derivative by a. Through what does z reach a?", lambda r, z, Y: -Y / softmax.f(z)
            ),
        },
    ),
    starter="""import numpy as np

from nnlib.activations import softmax


def entropy_delta(z, Y):
    ...
""",
)


def _penalty_inputs(rng):
    given = _weight_inputs(rng)
    n, m = given["delta"].shape[1], given["a_below"].shape[1]
    return given | {"W": numbers(rng, n, m), "lam": float(rng.uniform(0.3, 0.9))}


def _penalised(delta, a_below, W, lam):
    return slope(lambda W_: (delta * (a_below @ W_.T)).sum() + lam * (W_**2).sum(), W)


PENALTY = Exercise(
    "index-backprop-14",
    "A penalty, and a batch",
    "reach back",
    "medium",
    10,
    r"""Back to chapter 1. $J = C + \lambda \sum_{ij} (W_{ij})^2$, where $C$ sums over the $B$ examples.
Given `delta`
$= \partial C/\partial z$, shape $(B, n)$, `a_below`, shape $(B, m)$, `W` and the number `lam`, return
$\partial J/\partial W$.""",
    Code(
        "penalised_gradient",
        ("dJ_dW",),
        _penalty_inputs,
        _penalised,
        {
            "no-penalty": Slip(
                "This is dC/dW. What else in J moves with W?",
                lambda r, delta, a_below, W, lam: _weight(delta, a_below),
            ),
            "factor-two": Slip(
                "The penalty's part is half of what it should be. What is the derivative of a square?",
                lambda r, delta, a_below, W, lam: r - lam * W,
            ),
            "per-example": Slip(
                "The penalty is added once for each example. How often does it stand in J?",
                lambda r, delta, a_below, W, lam: _penalised(delta, a_below, W, lam * len(delta)),
            ),
            "averaged": Slip(
                "The data's part is a mean over the examples. And C?",
                lambda r, delta, a_below, W, lam: _penalised(delta / len(delta), a_below, W, lam),
            ),
            "value": Slip(
                "The penalty itself is added. How fast does it grow with W?",
                lambda r, delta, a_below, W, lam: _weight(delta, a_below) + lam * W**2,
            ),
        },
    ),
    starter="""import numpy as np


def penalised_gradient(delta, a_below, W, lam):
    ...
""",
)

EXERCISES = (
    WORKED, STEPS, ALONE, ADJOINTS, FIND, WEIGHTS, BELOW, RESIDUAL, INDICES, ORDER, COLUMNS, TESTS, ENTROPY, PENALTY,
)  # fmt: skip
