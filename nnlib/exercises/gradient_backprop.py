"""Exercises of chapter 6: values and slopes forward, two adjoints backward, equations as costs."""

from __future__ import annotations

import numpy as np

from nnlib.activations import tanh
from nnlib.exercises.code import Code
from nnlib.exercises.draw import numbers, sizes, slope
from nnlib.exercises.formulas import Field, Formula, fresh
from nnlib.exercises.model import Choice, Exercise, Option, Slip

WORKED = Exercise(
    "gradient-backprop-1",
    "The slope of a small network",
    "worked example",
    "easy",
    5,
    r"""Read this calculation. One hidden unit squares its pre-activation: $z = w x$, $a = z^2$, and the output is
$y = v a$, with $x = 1$, $w = 3$, $v = 5$. A capital letter is a slope by $x$.

Values: $z = 3$, $a = 9$, $y = 45$.

Slopes, each from the one before:

1. $Z = w = 3$
2. $J = 2 z\, Z = 18$
3. the output's slope is $v J = 90$

Check: $y = 45\, x^2$ has the slope 90 at $x = 1$. A friend gets 30. What have they done?""",
    Choice(
        (
            Option(
                "left out Z: multiplied v by the slope of the square at z",
                "right",
                "5 times 6 is 30. And z moves three times as fast as x: that is the factor Z.",
            ),
            Option(
                "left out v", "no-weight", "Then 18 would be left. Divide 90 by 30: which factor is missing?"
            ),
            Option(
                "left out the 2 of the square's slope",
                "factor-two",
                "Then 45 would be left. Divide 90 by 30: which factor is missing?",
            ),
            Option(
                "multiplied by the square itself instead of its slope",
                "value-for-slope",
                "That would give 9 times 3 times 5. Divide 90 by 30: which factor is missing?",
            ),
        )
    ),
)

# One hidden tanh unit, and a cost of its output's slope.


def _unit(p, **moved):
    """The cost (J - s)^2 with some letters moved, z and Z among them: what is fed to the tanh, and its slope."""
    at = {"w": p.w, "b": p.b, "v": p.v, "x": p.x} | moved
    z = moved.get("z", at["w"] * at["x"] + at["b"])
    Z = moved.get("Z", at["w"])
    return (at["v"] * tanh.df(z) * Z - p.s) ** 2


def _unit_point(rng) -> dict:
    w, b, v, x, s = (float(n) for n in numbers(rng, 5))
    a = float(np.tanh(w * x + b))
    J = v * (1 - a**2) * w
    return {"w": w, "b": b, "v": v, "x": x, "s": s, "a": a, "J": J, "G": 2 * (J - s)}


BETWEEN = "Between z and the output stands a tanh. By what does it multiply a small step?"
SLOPE_TWICE = "The slope 1 - a^2 moves too when z moves. How fast? What is the derivative of 1 - tanh(z)^2?"
STEPS = Exercise(
    "gradient-backprop-2",
    "One hidden unit, with letters",
    "steps left out",
    "medium",
    15,
    r"""One hidden unit: $z = w x + b$, $a = \tanh z$, output $y = v a$. Only its slope is wanted: $C = (J - s)^2$,
where $J$ is the slope of $y$ by $x$. Fill in the slope, then the backward pass. You may use $w, b, v, x, s, a$,
after the first line `J`, and after the second `G` for $\partial C/\partial J$. Write `1 - a^2` for the slope of
$\tanh$. $Z$ is the slope of $z$ by $x$, and $\partial C/\partial z$ holds $Z$
still, as $\partial C/\partial Z$ holds $z$.""",
    Formula(
        (
            Field(
                "J",
                r"$J =$",
                lambda p: slope(lambda x: p.v * np.tanh(p.w * x + p.b), p.x),
                {
                    "output": Slip(
                        "This is the output itself. How fast does it move with x?", lambda r, p: p.v * p.a
                    ),
                    "inner-slope": Slip(
                        "This is how y moves with z. And how fast does z move when x does?",
                        lambda r, p: r / p.w,
                    ),
                    "no-activation-slope": Slip(
                        BETWEEN,
                        lambda r, p: p.v * p.w,
                    ),
                    "value-for-slope": Slip(
                        "Here the tanh itself stands where its slope belongs. Which of the two multiplies a step?",
                        lambda r, p: p.v * p.a * p.w,
                    ),
                },
                "J",
            ),
            Field(
                "dC_dJ",
                r"$\partial C/\partial J =$",
                lambda p: p.G,
                {
                    "factor-two": Slip("What does the exponent of a square bring down?", lambda r, p: r / 2),
                    "value": Slip(
                        "That is a miss of the value. Of what is the cost a square?",
                        lambda r, p: 2 * (p.v * p.a - p.s),
                    ),
                },
                "G",
            ),
            Field(
                "dC_dZ",
                r"$\partial C/\partial Z =$",
                lambda p: slope(lambda Z: _unit(p, Z=Z), p.w),
                {
                    "no-activation-slope": Slip(
                        BETWEEN,
                        lambda r, p: p.G * p.v,
                    ),
                    "no-weight": Slip(
                        "Between the hidden unit's slope and J stands one more factor. Which?",
                        lambda r, p: r / p.v,
                    ),
                },
            ),
            Field(
                "dC_dz",
                r"$\partial C/\partial z =$",
                lambda p: slope(lambda z: _unit(p, z=z), p.w * p.x + p.b),
                {
                    "first-derivative": Slip(SLOPE_TWICE, lambda r, p: p.G * p.v * (1 - p.a**2) * p.w),
                    "no-lane": Slip(
                        "Nearly: J is a product of three. Which of its factors, besides v, is untouched by z?",
                        lambda r, p: r / p.w,
                    ),
                    "slope-inside": Slip(
                        "The square is differentiated. What is the slope of the tanh inside it?",
                        lambda r, p: r / (1 - p.a**2),
                    ),
                },
            ),
            Field(
                "dC_dw",
                r"$\partial C/\partial w =$",
                lambda p: slope(lambda w: _unit(p, w=w), p.w),
                {
                    "second-term": Slip(
                        "This is one of two ways: w makes the slope Z, and what else does it make?",
                        lambda r, p: slope(lambda Z: _unit(p, Z=Z), p.w),
                    ),
                    "first-term": Slip(
                        "This is the way through z. Where else does w stand in the forward pass?",
                        lambda r, p: r - slope(lambda Z: _unit(p, Z=Z), p.w),
                    ),
                    "no-input": Slip(
                        "Both ways are there. By what does z move when w moves by one?",
                        lambda r, p: slope(
                            lambda z: _unit(p, z=z) + _unit(p, Z=z - p.x * p.w - p.b + p.w), p.w * p.x + p.b
                        ),
                    ),
                },
            ),
        ),
        _unit_point,
        dict.fromkeys(("w", "b", "v", "x", "s", "a", "J", "G"), ""),
    ),
)


def _alone(rng: np.random.Generator) -> Exercise:
    """A hidden unit that squares, with whole numbers."""
    w, b, v, x = (int(rng.choice([-3, -2, 2, 3])) for _ in range(4))
    b = b if w * x + b else b + 1
    s = 2 * v * (w * x + b) * w + int(rng.choice([-2, -1, 1, 2]))
    total = lambda w_, z_=None: (2 * v * (w_ * x + b if z_ is None else z_) * w_ - s) ** 2
    return Exercise(
        "gradient-backprop-3",
        "One hidden unit, alone",
        "alone",
        "medium",
        15,
        rf"""One hidden unit squares its pre-activation: $z = w x + b$, $a = z^2$, output $y = v a$, with
$x = {x}$, $w = {w}$, $b = {b}$, $v = {v}$. The cost is $C = (J - s)^2$ with the output's slope $J$ by $x$ and
$s = {s}$. Work out, as numbers, the slope and the derivatives of $C$ by it, by the bias and by $w$.""",
        Formula(
            (
                Field(
                    "J",
                    r"$J =$",
                    lambda p: slope(lambda x_: v * (w * x_ + b) ** 2, float(x)),
                    {"inner-slope": Slip("How fast does z move when x does?", lambda r, p: r / w)},
                ),
                Field(
                    "dC_dJ",
                    r"$\partial C/\partial J =$",
                    lambda p: slope(lambda J: (J - s) ** 2, 2.0 * v * (w * x + b) * w),
                    {
                        "factor-two": Slip(
                            "What does the exponent of a square bring down?", lambda r, p: r / 2
                        )
                    },
                ),
                Field(
                    "dC_db",
                    r"$\partial C/\partial b =$",
                    lambda p: slope(lambda b_: (2 * v * (w * x + b_) * w - s) ** 2, float(b)),
                    {
                        "first-derivative": Slip(
                            "b moves z, and with z the slope of the square. How fast does 2 z move?",
                            lambda r, p: r * (w * x + b),
                        ),
                        "no-weight": Slip("Which weight follows after the hidden unit?", lambda r, p: r / v),
                    },
                ),
                Field(
                    "dC_dw",
                    r"$\partial C/\partial w =$",
                    lambda p: slope(total, float(w)),
                    {
                        "second-term": Slip(
                            "This is one of two ways: w makes the slope Z, and what else does it make?",
                            lambda r, p: slope(lambda w_: total(w_, w * x + b), float(w)),
                        ),
                        "first-term": Slip(
                            "This is the way through z. Where else does w stand in the forward pass?",
                            lambda r, p: r - slope(lambda w_: total(w_, w * x + b), float(w)),
                        ),
                    },
                ),
            ),
            lambda rng: {},
            numbers=True,
        ),
    )


ALONE = fresh(_alone)

# Value and slope through one layer, forward.


def _layer_inputs(rng):
    B, n, below, M = sizes(rng, 4)
    return {
        "W": numbers(rng, n, below),
        "b": numbers(rng, n),
        "a_below": numbers(rng, B, below),
        "J_below": numbers(rng, B, below, M),
    }


def _along(W, b, a_below, J_below, f=tanh.f):
    """A layer's values, and their slopes: the layer moved along each of the directions that a_below moves in."""
    at = lambda a: f(a @ W.T + b)
    lanes = [slope(lambda t, m=m: at(a_below + t * J_below[..., m]), 0.0) for m in range(J_below.shape[-1])]
    return at(a_below), np.stack(lanes, axis=-1)


FORWARD = Exercise(
    "gradient-backprop-4",
    "A layer, value and slope",
    "practice",
    "medium",
    10,
    r"""One $\tanh$ layer for a batch: `a_below` has shape $(B, m)$, `J_below`, the slopes of `a_below` by the
inputs, $(B, m, M)$, `W` $(n, m)$ and `b` $(n,)$. Return the layer's outputs `a`, shape $(B, n)$, and their
slopes `J`, shape $(B, n, M)$.""",
    Code(
        "value_and_slope",
        ("a", "J"),
        _layer_inputs,
        _along,
        {
            "no-slope": Slip(
                "These are the slopes of z. What does the tanh do to a small step?",
                lambda r, W, b, a_below, J_below: (r[0], _along(W, b, a_below, J_below, lambda z: z)[1]),
            ),
            "value-for-slope": Slip(
                "The lane is multiplied by the tanh. By what does a tanh multiply a small step?",
                lambda r, W, b, a_below, J_below: (
                    r[0],
                    r[1] / tanh.df(a_below @ W.T + b)[..., None] * r[0][..., None],
                ),
            ),
            "slope-at-a": Slip(
                "The slope is taken at the layer's output. Of which number is the output the tanh?",
                lambda r, W, b, a_below, J_below: (
                    r[0],
                    r[1] / tanh.df(a_below @ W.T + b)[..., None] * tanh.df(r[0])[..., None],
                ),
            ),
            "z-for-a": Slip(
                "The slopes are right, and these are pre-activations. What does the layer put out?",
                lambda r, W, b, a_below, J_below: (a_below @ W.T + b, r[1]),
            ),
            "bias-in-slope": Slip(
                "The bias is in the slopes as well. How fast does a constant move when x moves?",
                lambda r, W, b, a_below, J_below: (
                    r[0],
                    r[1] + (tanh.df(a_below @ W.T + b) * b)[..., None],
                ),
            ),
        },
    ),
    starter="""import numpy as np


def value_and_slope(W, b, a_below, J_below):
    ...
    return a, J
""",
)

# Backward through the activation.


def _act_inputs(rng):
    B, n, M = sizes(rng, 3)
    return {
        "z": numbers(rng, B, n),
        "Z": numbers(rng, B, n, M),
        "dC_da": numbers(rng, B, n),
        "dC_dJ": numbers(rng, B, n, M),
    }


def _act_backward(z, Z, dC_da, dC_dJ, f=tanh.f, df=tanh.df):
    """The derivatives by z and Z of what an activation passes on: values weighted by dC_da, slopes by dC_dJ."""
    passed = lambda z_, Z_: (dC_da * f(z_)).sum() + (dC_dJ * (df(z_)[..., None] * Z_)).sum()
    return slope(lambda z_: passed(z_, Z), z), slope(lambda Z_: passed(z, Z_), Z)


ACT_STARTER = """import numpy as np

from nnlib.activations import tanh


def activation_backward(z, Z, dC_da, dC_dJ):
    ...
    return dC_dz, dC_dZ
"""
DROPPED = "The first lane is missing from this adjoint. Does C reach z through the slopes alone?"
ACTIVATION = Exercise(
    "gradient-backprop-5",
    "Two adjoints through an activation",
    "practice",
    "hard",
    20,
    r"""An activation layer makes $a = \tanh z$ and the slopes $J_{nim} = \tanh'(z_{ni})\, Z_{nim}$. Given `dC_da`,
shape $(B, n)$, and `dC_dJ`, shape $(B, n, M)$, return the derivatives by `z` and by `Z`. `tanh.df` and
`tanh.d2f` are its first and second derivative.""",
    Code(
        "activation_backward",
        ("dC_dz", "dC_dZ"),
        _act_inputs,
        _act_backward,
        {
            "second-term": Slip(
                "This is the adjoint of the values alone. What else moves when z moves: is tanh'(z) a constant?",
                lambda r, z, Z, dC_da, dC_dJ: _act_backward(z, Z, dC_da, 0 * dC_dJ),
            ),
            "incoming-dropped": Slip(
                DROPPED, lambda r, z, Z, dC_da, dC_dJ: _act_backward(z, Z, 0 * dC_da, dC_dJ)
            ),
            "no-lane": Slip(
                "The second derivative is there. By what was the slope multiplied in the forward pass?",
                lambda r, z, Z, dC_da, dC_dJ: (_act_backward(z, np.ones_like(Z), dC_da, dC_dJ)[0], r[1]),
            ),
            "not-summed": Slip(
                "Every direction m has an adjoint of z here. How many z has a unit?",
                lambda r, z, Z, dC_da, dC_dJ: (
                    np.stack(
                        [
                            _act_backward(z, Z[..., m : m + 1], dC_da, dC_dJ[..., m : m + 1])[0]
                            for m in range(Z.shape[-1])
                        ],
                        axis=-1,
                    ),
                    r[1],
                ),
            ),
            "first-derivative": Slip(
                "The second term has the slope of tanh in it. What is the derivative of that slope by z?",
                lambda r, z, Z, dC_da, dC_dJ: _act_backward(z, Z, dC_da, dC_dJ, df=tanh.f),
            ),
            "no-slope": Slip(
                "In the forward pass every Z is multiplied by something. By what is a step of Z multiplied?",
                lambda r, z, Z, dC_da, dC_dJ: (r[0], dC_dJ),
            ),
        },
    ),
    starter=ACT_STARTER,
)

OVERWRITTEN = Exercise(
    "gradient-backprop-6",
    "An adjoint that forgets",
    "find the error",
    "hard",
    15,
    r"""A source prints, for the activation layer of the exercise before, a backward pass that converges in training
and is wrong. It runs, and the shapes are right. Find the line and mend it.""",
    Code(
        "activation_backward",
        ("dC_dz", "dC_dZ"),
        _act_inputs,
        _act_backward,
        {
            "incoming-dropped": Slip(
                DROPPED, lambda r, z, Z, dC_da, dC_dJ: _act_backward(z, Z, 0 * dC_da, dC_dJ)
            ),
            "no-activation-slope": Slip(
                "What comes in from above is added. By what must it be multiplied on its way to z?",
                lambda r, z, Z, dC_da, dC_dJ: (_act_backward(z, Z, dC_da, dC_dJ, f=lambda z_: z_)[0], r[1]),
            ),
            "second-term": Slip(
                "Now the printed term is gone, and it was right. What does tanh'(z) do when z moves?",
                lambda r, z, Z, dC_da, dC_dJ: _act_backward(z, Z, dC_da, 0 * dC_dJ),
            ),
        },
    ),
    starter="""import numpy as np

from nnlib.activations import tanh


def activation_backward(z, Z, dC_da, dC_dJ):
    dC_dZ = tanh.df(z)[:, :, None] * dC_dJ
    dC_dz = tanh.d2f(z) * (dC_dJ * Z).sum(axis=2)
    return dC_dz, dC_dZ
""",
)

# Backward through the linear part.


def _linear_inputs(rng):
    B, n, below, M = sizes(rng, 4)
    return {
        "dC_dz": numbers(rng, B, n),
        "dC_dZ": numbers(rng, B, n, M),
        "a_below": numbers(rng, B, below),
        "J_below": numbers(rng, B, below, M),
    }


def _linear_backward(dC_dz, dC_dZ, a_below, J_below):
    """The derivatives by W and b of what a linear layer passes on: values weighted by dC_dz, slopes by dC_dZ."""
    passed = lambda W, b: (dC_dz * (a_below @ W.T + b)).sum() + (dC_dZ * (W @ J_below)).sum()
    W, b = np.zeros((dC_dz.shape[1], a_below.shape[1])), np.zeros(dC_dz.shape[1])
    return slope(lambda W_: passed(W_, b), W), slope(lambda b_: passed(W, b_), b)


LINEAR = Exercise(
    "gradient-backprop-7",
    "Both terms of a weight's derivative",
    "practice",
    "hard",
    20,
    r"""A linear layer makes $z = a^{l-1} W^{\mathsf T} + b$ for the values and $Z_{nim} = \sum_j W_{ij}\,
J^{l-1}_{njm}$ for the slopes. Given `dC_dz` $(B, n)$, `dC_dZ` $(B, n, M)$, `a_below` $(B, m)$ and `J_below`
$(B, m, M)$, return the derivatives by `W`, shape $(n, m)$, and by `b`, shape $(n,)$.""",
    Code(
        "linear_backward",
        ("dC_dW", "dC_db"),
        _linear_inputs,
        _linear_backward,
        {
            "second-term": Slip(
                "This is the derivative if only the values passed through W. What else is made with W?",
                lambda r, dC_dz, dC_dZ, a_below, J_below: (
                    _linear_backward(dC_dz, 0 * dC_dZ, a_below, J_below)[0],
                    r[1],
                ),
            ),
            "first-term": Slip(
                "This is what a source prints: the way through the slopes. Does W make the slopes alone?",
                lambda r, dC_dz, dC_dZ, a_below, J_below: (
                    _linear_backward(0 * dC_dz, dC_dZ, a_below, J_below)[0],
                    r[1],
                ),
            ),
            "averaged": Slip(
                "Right but for the number of examples. Is the cost a mean, or a sum over the batch?",
                lambda r, dC_dz, dC_dZ, a_below, J_below: (r[0] / len(dC_dz), r[1] / len(dC_dz)),
            ),
            "averaged-values": Slip(
                "One of the two terms is a mean over the batch. Which index does the sum run over?",
                lambda r, dC_dz, dC_dZ, a_below, J_below: (
                    _linear_backward(dC_dz / len(dC_dz), dC_dZ, a_below, J_below)[0],
                    r[1],
                ),
            ),
            "bias-in-slope": Slip(
                "The adjoints of the slopes are in it, too. Which of z and Z has the bias in its formula?",
                lambda r, dC_dz, dC_dZ, a_below, J_below: (r[0], r[1] + dC_dZ.sum(axis=(0, 2))),
            ),
        },
    ),
    starter="""import numpy as np


def linear_backward(dC_dz, dC_dZ, a_below, J_below):
    ...
    return dC_dW, dC_db
""",
)

CONSTANT = Exercise(
    "gradient-backprop-8",
    "What slopes cannot tell",
    "practice",
    "easy",
    5,
    r"""A network with a linear output layer is trained on the slopes of a function alone: no value is ever given.
Which derivative of the cost is zero whatever the weights are, and what follows for the trained network?""",
    Choice(
        (
            Option(
                "the one by the output's bias: the curve is learnt up to a constant",
                "right",
                "The bias adds a constant to y and nothing to its slope. One given value fixes it.",
            ),
            Option(
                "the ones by all biases: they may as well be left out",
                "all-biases",
                "A bias below an activation moves z, and with z the activation's slope. Is that constant?",
            ),
            Option(
                "the ones by the output's weights: the last layer does not learn",
                "output-weights",
                "Double an output weight: does the slope of the output stay as it is?",
            ),
            Option(
                "none: if the slopes fit everywhere, so do the values",
                "none",
                "Two curves with the same slope everywhere: by how much may they differ?",
            ),
        )
    ),
)

# An equation as a cost.


def _equation_inputs(rng):
    B = int(rng.integers(3, 7))  # with two examples a mean would look like a forgotten factor 2
    return {"a": numbers(rng, B), "J": numbers(rng, B)}


def _equation_seeds(a, J, residual=lambda a, J: J - a * (1 - a)):
    cost = lambda a_, J_: (residual(a_, J_) ** 2).sum()
    return slope(lambda a_: cost(a_, J), a), slope(lambda J_: cost(a, J_), J)


EQUATION = Exercise(
    "gradient-backprop-9",
    "A differential equation as a cost",
    "transfer",
    "medium",
    15,
    r"""The network's output $a$ is to solve $\mathrm dy/\mathrm dx = y\,(1 - y)$. The residual at example $n$ is
$F_n = J_n - a_n (1 - a_n)$ and the cost $C = \sum_n F_n^2$. Given `a` and `J`, both of shape $(B,)$, return
what the backward pass starts from: the derivatives of $C$ by `a` and by `J`.""",
    Code(
        "equation_seeds",
        ("dC_da", "dC_dJ"),
        _equation_inputs,
        _equation_seeds,
        {
            "factor-two": Slip(
                "Half of what it should be. What does the exponent of a square bring down?",
                lambda r, a, J: (r[0] / 2, r[1] / 2),
            ),
            "slope-alone": Slip(
                "Zero: but the residual has a in it. How fast does F move when a moves and J does not?",
                lambda r, a, J: (0 * r[0], r[1]),
            ),
            "residual-not-inner": Slip(
                "This is 2 F. How fast does F itself move with a?", lambda r, a, J: (r[1], r[1])
            ),
            "product-rule": Slip(
                "a stands twice in a (1 - a). Did both places move?",
                lambda r, a, J: (_equation_seeds(a, J)[1] * -(1 - a), r[1]),
            ),
            "inner-sign": Slip(
                "The size is right, the sign is not. With which sign does a (1 - a) stand in F?",
                lambda r, a, J: (-r[0], r[1]),
            ),
            "averaged": Slip(
                "Divided by the number of examples. Is this cost a mean?",
                lambda r, a, J: (r[0] / len(a), r[1] / len(a)),
            ),
        },
    ),
    starter="""import numpy as np


def equation_seeds(a, J):
    ...
    return dC_da, dC_dJ
""",
)


def _curvature_point(rng) -> dict:
    w, b, v, x = (float(n) for n in numbers(rng, 4))
    return {"w": w, "b": b, "v": v, "x": x, "a": float(np.tanh(w * x + b))}


CURVATURE = Exercise(
    "gradient-backprop-10",
    "One lane more",
    "transfer",
    "medium",
    10,
    r"""For $y = v \tanh(w x + b)$ write the second derivative $H = \mathrm d^2 y/\mathrm dx^2$, with the letters
$w, b, v, x$ and $a = \tanh(w x + b)$. (It is the lane that a second-order equation adds.)""",
    Formula(
        (
            Field(
                "H",
                r"$H =$",
                lambda p: slope(lambda x: p.v * p.w * tanh.df(p.w * x + p.b), p.x),
                {
                    "inner-slope": Slip(
                        "w comes down once for each derivative. How many derivatives are there?",
                        lambda r, p: r / p.w,
                    ),
                    "no-inner-slope": Slip(
                        "z moves w times as fast as x, in both derivatives. Where is w?",
                        lambda r, p: r / p.w**2,
                    ),
                    "first-derivative": Slip(
                        "This has the slope of tanh in it. What is the derivative of that slope?",
                        lambda r, p: p.v * p.w**2 * (1 - p.a**2),
                    ),
                    "one-derivative": Slip(
                        "This is the first derivative. How fast does it move itself?",
                        lambda r, p: p.v * p.w * (1 - p.a**2),
                    ),
                    "slope-squared": Slip(
                        "The slope is squared here. Is a second derivative the first one twice over, or its own slope?",
                        lambda r, p: p.v * p.w**2 * (1 - p.a**2) ** 2,
                    ),
                    "slope-inside": Slip(
                        "The square of a is differentiated. By what does a itself move?",
                        lambda r, p: r / (1 - p.a**2),
                    ),
                },
            ),
        ),
        _curvature_point,
        dict.fromkeys(("w", "b", "v", "x", "a"), ""),
    ),
)

# Back to what was there before.


def _product_point(rng) -> dict:
    w, x, b = (float(n) for n in numbers(rng, 3))
    z = np.array(w * x + b)
    return {"w": w, "x": x, "b": b, "g1": float(tanh.df(z)), "g2": float(tanh.d2f(z))}


PRODUCT = Exercise(
    "gradient-backprop-11",
    "One weight, two places",
    "reach back",
    "easy",
    5,
    r"""Back to chapter 1: rates add over paths. With $z = w x + b$ let $J = g'(z)\, w$. Write $\partial J/\partial
w$ with `g1` for $g'(z)$, `g2` for $g''(z)$, and $w$, $x$, $b$.""",
    Formula(
        (
            Field(
                "dJ_dw",
                r"$\partial J/\partial w =$",
                lambda p: slope(lambda w: w * tanh.df(w * p.x + p.b), p.w),
                {
                    "last-use": Slip(
                        "This holds the first factor still. Does z stand still when w moves?",
                        lambda r, p: p.g1,
                    ),
                    "first-use": Slip(
                        "This moves w inside z alone. Where else does it stand?", lambda r, p: r - p.g1
                    ),
                    "inner-slope": Slip(
                        "Both places are there. By what does z move when w moves by one?",
                        lambda r, p: p.g1 + (r - p.g1) / p.x,
                    ),
                    "no-outer-factor": Slip(
                        "Both places are there. Which factor of J stands still while g' moves?",
                        lambda r, p: p.g1 + (r - p.g1) / p.w,
                    ),
                },
            ),
        ),
        _product_point,
        {"g1": "", "g2": "", "w": "", "x": "", "b": ""},
    ),
)

SPECIAL = Exercise(
    "gradient-backprop-12",
    "The old backward pass inside the new one",
    "reach back",
    "easy",
    5,
    r"""Back to chapter 2. The cost is a sum of squares of the *values* alone ($\beta = 0$). What do the second
adjoints, $\partial C/\partial J^l$ and $\partial C/\partial Z^l$, come to, and what is left of the backward
pass?""",
    Choice(
        (
            Option(
                "they are zero in every layer, and ordinary backpropagation is left",
                "right",
                "They start at zero and every rule multiplies them. All terms with g″ have one as a factor.",
            ),
            Option(
                "they equal the first adjoints, and all is counted twice",
                "counted-twice",
                "With what do they start at the output if no slope is in the cost?",
            ),
            Option(
                "they are zero at the output and grow below it, through the second derivative",
                "grow-below",
                "Which adjoint does the term with the second derivative feed: that of z, or that of Z?",
            ),
            Option(
                "nothing changes: g″ stays in every adjoint of z",
                "second-derivative-stays",
                "By what is g″ multiplied in the adjoint of z, and what is that at the output?",
            ),
        )
    ),
)

EXERCISES = (
    WORKED, STEPS, ALONE, FORWARD, ACTIVATION, OVERWRITTEN, LINEAR, CONSTANT, EQUATION, CURVATURE, PRODUCT, SPECIAL,
)  # fmt: skip
