"""Exercises of chapter 4: layer Jacobians, what they say about weights and inputs, products without forming them."""

from __future__ import annotations

import numpy as np

from nnlib.activations import sigmoid, softmax, tanh
from nnlib.exercises.code import Code
from nnlib.exercises.draw import numbers, sizes, slope
from nnlib.exercises.formulas import Field, Formula
from nnlib.exercises.model import Choice, Exercise, Option, Slip

WORKED = Exercise(
    "jacobian-1",
    "Two inputs, two units, one output",
    "worked example",
    "easy",
    5,
    r"""Read this calculation. The hidden units are relu, $z^1 = W^1 x$ with the rows $(1, 2)$ and $(3, -1)$ of
$W^1$; the output is ${2 a_0 - a_1}$. At $x = (1, 4)$:

1. $z^1 = (9, -1)$, so the slopes of the two units are 1 and 0
2. the output by $z^1$: $(2 \cdot 1, -1 \cdot 0) = (2, 0)$
3. the output by $x$: $2 \cdot (1, 2) + 0 \cdot (3, -1) = (2, 4)$

At $x = (1, 1)$, where $z^1 = (3, 2)$, the same three lines give $(-1, 5)$. A friend says $(-1, 5)$ at $(1,
4)$ as well. What have they taken for granted?""",
    Choice(
        (
            Option(
                "that both units have the slope 1 everywhere",
                "right",
                "Then the Jacobian would be the product of the weight matrices, whatever x is. Unit 1 is off here.",
            ),
            Option(
                "that the output has no activation",
                "linear-output",
                "It has none. Which factor differs between the two inputs?",
            ),
            Option(
                "that columns of the first matrix are what rows are",
                "transposed",
                "Then the numbers at (1, 1) would differ as well. Which factor depends on the input?",
            ),
            Option(
                "that the second input counts four times",
                "input-in-jacobian",
                "Where in the three lines does the size of an input stand, except in z?",
            ),
        )
    ),
)

# A chain of two units, with letters.


def _chain(p, **moved):
    at = {"w1": p.w1, "w2": p.w2, "x": p.x, "z1": None} | moved
    z1 = at["w1"] * at["x"] if at["z1"] is None else at["z1"]
    return sigmoid.f(at["w2"] * np.tanh(z1))


def _chain_point(rng) -> dict:
    w1, w2, x = (float(n) for n in numbers(rng, 3))
    a1 = float(np.tanh(w1 * x))
    D2 = float(sigmoid.df(np.array(w2 * a1)))
    return {"w1": w1, "w2": w2, "x": x, "a1": a1, "a2": float(sigmoid.f(np.array(w2 * a1))), "D2": D2}


NO_TOP = "The layers below are right. Which slope has the topmost unit?"
STEPS = Exercise(
    "jacobian-2",
    "A chain of two units, with letters",
    "steps left out",
    "easy",
    10,
    r"""$z_1 = w_1 x$, $a_1 = \tanh z_1$, $z_2 = w_2 a_1$, $a_2 = \sigma(z_2)$, a sigmoid. Fill in the derivatives
of $a_2$. You may use $w_1, w_2, x, a_1, a_2$ as `w1`, `w2`, `x`, `a1`, `a2`, and after the first line `D2`
for the derivative by $z_2$.""",
    Formula(
        (
            Field(
                "by_z2",
                r"by $z_2$:",
                lambda p: p.D2,
                {
                    "tanh-slope": Slip(
                        "That would be the slope if the unit were a tanh. Which one is the sigmoid's?",
                        lambda r, p: 1 - p.a2**2,
                    ),
                    "half-slope": Slip(
                        "This is zero where a2 is 1. At which other end is a sigmoid flat?",
                        lambda r, p: 1 - p.a2,
                    ),
                    "value-for-slope": Slip(
                        "This is the unit's value. By what does it multiply a small step?", lambda r, p: p.a2
                    ),
                },
                "D2",
            ),
            Field(
                "by_z1",
                r"by $z_1$:",
                lambda p: slope(lambda z: _chain(p, z1=z), p.w1 * p.x),
                {
                    "no-slope": Slip(
                        "Between the two pre-activations lies a tanh. What is its slope?",
                        lambda r, p: p.D2 * p.w2,
                    ),
                    "not-squared": Slip(
                        "This is zero where a1 is 1. At which other end is a tanh flat?",
                        lambda r, p: p.D2 * p.w2 * (1 - p.a1),
                    ),
                    "sigmoid-slope": Slip(
                        "That would be the slope if the lower unit were a sigmoid. Which one is the tanh's?",
                        lambda r, p: p.D2 * p.w2 * p.a1 * (1 - p.a1),
                    ),
                    "no-weight": Slip(
                        "Between the two units lies a weight. Where is it?", lambda r, p: r / p.w2
                    ),
                    "no-top": Slip(NO_TOP, lambda r, p: r / p.D2),
                },
            ),
            Field(
                "by_w1",
                r"by $w_1$:",
                lambda p: slope(lambda w: _chain(p, w1=w), p.w1),
                {
                    "no-slope": Slip(
                        "Between the two pre-activations lies a tanh. What is its slope?",
                        lambda r, p: p.D2 * p.w2 * p.x,
                    ),
                    "weight-for-input": Slip(
                        "This is the derivative by x. By what does z_1 move when w_1 moves?",
                        lambda r, p: r / p.x * p.w1,
                    ),
                    "no-input": Slip(
                        "This is the derivative by z_1. By what does z_1 move when w_1 moves?",
                        lambda r, p: r / p.x,
                    ),
                    "no-top": Slip(NO_TOP, lambda r, p: r / p.D2),
                },
            ),
            Field(
                "by_x",
                r"by $x$:",
                lambda p: slope(lambda x: _chain(p, x=x), p.x),
                {
                    "no-slope": Slip(
                        "Between the two pre-activations lies a tanh. What is its slope?",
                        lambda r, p: p.D2 * p.w2 * p.w1,
                    ),
                    "input-for-weight": Slip(
                        "This is the derivative by w_1. By what does z_1 move when x moves?",
                        lambda r, p: r / p.w1 * p.x,
                    ),
                    "no-input-weight": Slip(
                        "This is the derivative by z_1. By what does z_1 move when x moves?",
                        lambda r, p: r / p.w1,
                    ),
                },
            ),
        ),
        _chain_point,
        dict.fromkeys(("w1", "w2", "x", "a1", "a2", "D2"), ""),
    ),
)


def alone(seed: int) -> Exercise:
    """A relu network with numbers from the seed: one unit on, one off."""
    rng = np.random.default_rng(seed)
    x = rng.choice([1, 2, 3], 2, replace=False)
    W = rng.choice([4, 5, 6], (2, 2)) * [[1, 1], [-1, -1]]
    v = rng.choice([-4, -2, 3, 5], 2, replace=False)
    if rng.integers(2):
        W = W[::-1]
    on = int(W[1, 0] > 0)
    out = lambda W_, x_: v[on] * (W_[on] * x_).sum()  # the unit that is on; the other says 0
    no_slope = "which of the two units is on at this input, and what does the other one say?"
    entry = lambda i: Field(
        f"by_x{i}",
        rf"by $x_{i}$:",
        lambda p: slope(lambda x_: out(W, x_), x.astype(float))[i],
        {
            "no-slope": Slip(no_slope, lambda r, p: float(v @ W[:, i])),
            "no-output-weight": Slip(
                "This is how the hidden unit moves. And the output?", lambda r, p: float(W[on, i])
            ),
        },
    )
    return Exercise(
        "jacobian-3",
        "A relu network, alone",
        "alone",
        "easy",
        10,
        rf"""Two relu units, $z^1 = W^1 x$ with the rows $({W[0, 0]}, {W[0, 1]})$ and $({W[1, 0]}, {W[1, 1]})$ of
$W^1$, and the output ${v[0]}\, a_0 {v[1]:+}\, a_1$. At $x = ({x[0]}, {x[1]})$ work out the derivatives of
the output by both inputs, and by the weight $W^1_{{{on}0}}$, as numbers.""",
        Formula(
            (
                entry(0),
                entry(1),
                Field(
                    "by_W",
                    rf"by $W^1_{{{on}0}}$:",
                    lambda p: slope(lambda W_: out(W_, x), W.astype(float))[on, 0],
                    {
                        "weight-for-input": Slip(
                            "This is the derivative by the input. By what does z move when this weight moves?",
                            lambda r, p: float(v[on] * W[on, 0]),
                        ),
                        "other-input": Slip(
                            "Which input does this weight multiply? Its second index says it.",
                            lambda r, p: float(v[on] * x[1]),
                        ),
                    },
                ),
            ),
            lambda rng: {},
            numbers=True,
        ),
        seed=seed,
    )


# The layer Jacobians, from the top down.


def _layers_inputs(rng):
    n = sizes(rng, 4)
    W = [None, *(numbers(rng, n[l], n[l - 1]) for l in (1, 2, 3))]
    return {"W": W, "z": [None, *(numbers(rng, n[l]) for l in (1, 2, 3))]}


def _outputs(W, z, l, push, f):
    """The outputs when the pre-activations of layer l are pushed and those above follow."""
    moved = z[l] + push
    for above in range(l + 1, len(W)):
        moved = z[above] + W[above] @ (f(moved) - f(z[above - 1]))
    return f(moved)


def _layer_jacobians(W, z, f=np.tanh):
    return [
        None,
        *(slope(lambda push, l=l: _outputs(W, z, l, push, f), np.zeros(len(z[l]))) for l in (1, 2, 3)),
    ]


def _sweep(W, z, *, top=True, below=True, late=False):
    """The recursion with one thing wrong: no slope at the top, none below, the upper layer's slope."""
    found = [np.diag(tanh.df(z[-1])) if top else np.eye(len(z[-1]))]
    for l in (2, 1):
        step = tanh.df(z[l]) if below else 1
        back = found[0] * tanh.df(z[l + 1]) if late else found[0]
        found.insert(0, back @ W[l + 1] * (1 if late else step))
    return [None, *found]


LAYERS = Exercise(
    "jacobian-4",
    "The layer Jacobians",
    "practice",
    "medium",
    15,
    r"""A network with three $\tanh$ layers and one example: `W` is the list `[None, W1, W2, W3]`, `z` the list of
the pre-activations, `[None, z1, z2, z3]`. Return the list `[None, D1, D2, D3]` of $D^l = \partial
a^L/\partial z^l$, each of shape $(n_L, n_l)$.""",
    Code(
        "layer_jacobians",
        ("D",),
        _layers_inputs,
        _layer_jacobians,
        {
            "no-top": Slip(NO_TOP, lambda r, W, z: _sweep(W, z, top=False)),
            "no-slope": Slip(
                "Right at the top. Each step down passes a weight matrix and what else?",
                lambda r, W, z: _sweep(W, z, below=False),
            ),
            "wrong-layer": Slip(
                "The layer above gives its slope twice. Which unit is passed last on the way down?",
                lambda r, W, z: _sweep(W, z, late=True),
            ),
            "vector-at-the-top": Slip(
                "The top layer's slopes are here as a vector. Which shape has a Jacobian of units by themselves?",
                lambda r, W, z: [None, r[1], r[2], np.diag(r[3])],
            ),
        },
    ),
    starter="""import numpy as np


def layer_jacobians(W, z):
    ...
    return D
""",
)

# By weights.


def _weights_inputs(rng):
    q, n, m = sizes(rng, 3)
    return {"D": numbers(rng, q, n), "a_below": numbers(rng, m)}


def _by_weights(D, a_below):
    """The outputs move by D times the push of z = W a_below."""
    return slope(lambda W: D @ (W @ a_below), np.zeros((D.shape[1], len(a_below))))


WEIGHTS = Exercise(
    "jacobian-5",
    "All outputs by all weights of a layer",
    "practice",
    "medium",
    10,
    r"""For one example you have $D^l$ as `D`, shape $(n_L, n_l)$, and $a^{l-1}$ as `a_below`, shape $(n_{l-1},)$.
Return the derivatives of all outputs by all weights of layer $l$, shape $(n_L, n_l, n_{l-1})$: outputs first,
then the two indices of $W^l$.""",
    Code(
        "by_weights",
        ("da_dW",),
        _weights_inputs,
        _by_weights,
        {
            "summed-outputs": Slip(
                "The outputs are summed: this is the gradient of their sum. How many outputs were asked for?",
                lambda r, D, a_below: r.sum(axis=0),
            ),
            "weights-transposed": Slip(
                "The weight's two indices have changed places. Which of them is the unit that it leads to?",
                lambda r, D, a_below: r.transpose(0, 2, 1),
            ),
            "outputs-last": Slip(
                "The outputs are the last index here. Where does this book put them in a Jacobian?",
                lambda r, D, a_below: np.moveaxis(r, 0, 2),
            ),
            "no-input": Slip(
                "This is how the outputs move with the bias. By what does z move when a weight moves?",
                lambda r, D, a_below: np.repeat(D[:, :, None], len(a_below), axis=2),
            ),
        },
    ),
    starter="""import numpy as np


def by_weights(D, a_below):
    ...
""",
)

# Products.


def _product_inputs(rng):
    n0, n1, n2 = sizes(rng, 3)
    W1, W2 = numbers(rng, n1, n0), numbers(rng, n2, n1)
    return {"W1": W1, "W2": W2, "z1": numbers(rng, n1), "z2": numbers(rng, n2), "v": numbers(rng, n0)}


def _along(W1, W2, z1, z2, v, f=np.tanh, g=np.tanh):
    """How the outputs move when x moves along v: the forward map from the pre-activations z1 and z2."""
    return slope(lambda t: g(z2 + W2 @ (f(z1 + t * (W1 @ v)) - f(z1))), 0.0)


FORWARD = Exercise(
    "jacobian-6",
    "Along one direction",
    "practice",
    "medium",
    10,
    r"""Two $\tanh$ layers, one example: `z1` and `z2` are the pre-activations. How fast do the outputs move when
the input moves along `v`, shape $(n_0,)$? Return $J v$, shape $(n_2,)$, from matrix-vector products alone.""",
    Code(
        "jacobian_times",
        ("Jv",),
        _product_inputs,
        _along,
        {
            "no-slope": Slip(
                "This is the product if both layers were linear. What does each tanh do to a small step?",
                lambda r, W1, W2, z1, z2, v: _along(W1, W2, z1, z2, v, lambda z: z, lambda z: z),
            ),
            "no-top": Slip(NO_TOP, lambda r, W1, W2, z1, z2, v: _along(W1, W2, z1, z2, v, g=lambda z: z)),
            "no-hidden-slope": Slip(
                "The output's slope is there. Which units does the direction pass before?",
                lambda r, W1, W2, z1, z2, v: _along(W1, W2, z1, z2, v, f=lambda z: z),
            ),
            "values": Slip(
                "This passes v on as if it were an input. Is a step of x passed on by tanh, or by its slope?",
                lambda r, W1, W2, z1, z2, v: np.tanh(W2 @ np.tanh(W1 @ v)),
            ),
        },
    ),
    starter="""import numpy as np


def jacobian_times(W1, W2, z1, z2, v):
    ...
""",
)

# Gauss-Newton, with a slip.


def _fit_inputs(rng):
    P, m = sorted(sizes(rng, 2))
    return {"J": numbers(rng, m, P), "r": numbers(rng, m), "mu": float(abs(numbers(rng)))}


def _fit_step(J, r, mu, damping=np.ones_like):
    """The step d that makes |r + J d|^2 + mu |d|^2 smallest: where its slope, linear in d, is zero."""
    half = lambda d: (((r + J @ d) ** 2).sum() + mu * (damping(d) * d**2).sum()) / 2
    zero = np.zeros(J.shape[1])
    columns = [slope(half, e) - slope(half, zero) for e in np.eye(J.shape[1])]
    return -np.linalg.solve(np.stack(columns), slope(half, zero))


FIT = Exercise(
    "jacobian-7",
    "A damped step that climbs",
    "find the error",
    "medium",
    10,
    r"""The residuals `r`, shape $(m,)$, have the Jacobian `J`, shape $(m, P)$, by the parameters. The function
should return the Levenberg-Marquardt step $d$: the one that makes $\lVert r + J d \rVert^2 + \mu\, \lVert d
\rVert^2$ smallest. Used in training, it makes the fit worse. Find the slip and mend it.""",
    Code(
        "damped_step",
        ("d",),
        _fit_inputs,
        _fit_step,
        {
            "uphill": Slip(
                "This step goes the wrong way. For which d would r + J d be small, if J were the identity?",
                lambda r_, J, r, mu: -r_,
            ),
            "undamped": Slip(
                "This step does not know mu. What did the damping add, and to which entries?",
                lambda r_, J, r, mu: _fit_step(J, r, 0.0),
            ),
            "damping-subtracted": Slip(
                "The damping makes the matrix smaller here. Which sign has mu in what is to be smallest?",
                lambda r_, J, r, mu: _fit_step(J, r, -mu),
            ),
            "steepest": Slip(
                "This goes straight down the slope. How does J say how far to go in each direction?",
                lambda r_, J, r, mu: -J.T @ r,
            ),
            "damping-everywhere": Slip(
                "mu is added to every entry of the matrix. Which entries has mu times d with d?",
                lambda r_, J, r, mu: _fit_step(
                    np.vstack([J, np.full(J.shape[1], np.sqrt(mu))]), np.append(r, 0.0), 0.0
                ),
            ),
        },
        tolerance=1e-6,
    ),
    starter="""import numpy as np


def damped_step(J, r, mu):
    A = J.T @ J + mu * np.eye(J.shape[1])
    return np.linalg.solve(A, J.T @ r)
""",
)

ZEROS = Exercise(
    "jacobian-8",
    "Which entries are zero?",
    "practice",
    "easy",
    5,
    r"""A network ends in an elementwise activation. Among the derivatives of its outputs $a^L_q$ by the weights
$W^L_{ji}$ of the *last* layer, which are zero whatever the numbers are? And which if the last layer is a
softmax?""",
    Choice(
        (
            Option(
                "those with q and j different; with softmax none",
                "right",
                "A last-layer unit feeds its own output alone, unless the outputs share a sum.",
            ),
            Option(
                "those with q and i different; with softmax none",
                "wrong-index",
                "Which of j and i is the unit in the last layer?",
            ),
            Option(
                "those with q and j different, in both cases",
                "softmax-elementwise",
                "If one logit grows, what happens to the other probabilities?",
            ),
            Option(
                "none, in both cases",
                "fully-connected",
                "Does output 0 change when a weight into unit 1 does?",
            ),
        )
    ),
)


def _hvp_inputs(rng):
    (n,) = sizes(rng, 1)
    A, B = numbers(rng, n, n), numbers(rng, n, n)
    return {
        "gradient": lambda theta: A @ theta + np.sin(B @ theta),
        "theta": numbers(rng, n),
        "v": numbers(rng, n),
    }


HVP = Exercise(
    "jacobian-9",
    "A second derivative from two gradients",
    "transfer",
    "medium",
    15,
    r"""`gradient` is a function that returns $\partial C/\partial\theta$ at `theta`, and nothing else is known of
$C$. Return the Hessian-vector product: how fast the gradient changes when `theta` moves along `v`. (The
function takes complex numbers, too. Four correct digits are enough.)""",
    Code(
        "hessian_times",
        ("Hv",),
        _hvp_inputs,
        lambda gradient, theta, v: slope(lambda t: gradient(theta + t * v), 0.0),
        {
            "not-divided": Slip(
                "Nearly nothing: this is a difference, not a rate. How long was the step?",
                lambda r, gradient, theta, v: 1e-6 * r,
            ),
            "full-step": Slip(
                "This is how the gradient differs a whole v away. Is the step small enough to be called a rate?",
                lambda r, gradient, theta, v: gradient(theta + v) - gradient(theta),
            ),
            "gradient-at-v": Slip(
                "This is a gradient somewhere else. Where does the change of the gradient along v come in?",
                lambda r, gradient, theta, v: gradient(v),
            ),
            "inner-product": Slip(
                "A number: the slope of C along v. Whose change was asked for, that of C or that of its gradient?",
                lambda r, gradient, theta, v: gradient(theta) @ v,
            ),
            "two-sided-once": Slip(
                "Twice what it should be. How far apart are the two places where the gradient is taken?",
                lambda r, gradient, theta, v: 2 * r,
            ),
            "not-along-v": Slip(
                "All parameters moved alike, and v came afterwards. Which way should theta move?",
                lambda r, gradient, theta, v: slope(lambda t: gradient(theta + t), 0.0) * v,
            ),
            "gradient-times-v": Slip(
                "This weighs the gradient at theta by v. Whose change was asked for?",
                lambda r, gradient, theta, v: gradient(theta) * v,
            ),
            "one-sided-twice": Slip(
                "Half of what it should be. How far apart are the two places where the gradient is taken?",
                lambda r, gradient, theta, v: r / 2,
            ),
        },
        tolerance=1e-4,
    ),
    starter="""import numpy as np


def hessian_times(gradient, theta, v):
    ...
""",
)

CLIMB = Exercise(
    "jacobian-10",
    "An image of a seven?",
    "transfer",
    "easy",
    5,
    r"""Someone climbs with $x \leftarrow x + \eta\, \partial a_7/\partial x$ from a grey image until the network
is sure that it sees a seven. The image looks like noise. What does that show?""",
    Choice(
        (
            Option(
                "the derivative was wrong: the right one would have drawn a seven",
                "wrong-derivative",
                "The output did grow, all the way. What would a wrong derivative have done?",
            ),
            Option(
                "a large output is no likeness: the network also answers far away from every training image",
                "right",
                "The gradient says how the output grows. Nothing in it asks for an image like those it was trained on.",
            ),
            Option(
                "the step was too long, a shorter one finds the seven",
                "step-length",
                "A shorter step climbs the same hill more smoothly. Where does the hill lead?",
            ),
            Option(
                "the network has not learnt sevens",
                "not-learnt",
                "It may read nearly every real seven. Is that the same question?",
            ),
        )
    ),
)

# Back to what was there before.


def _contraction_inputs(rng):
    B, q, n, m = sizes(rng, 4)
    return {"dC_da": numbers(rng, B, q), "da_dW": numbers(rng, B, q, n, m)}


def _contraction(dC_da, da_dW):
    move = lambda W: (dC_da * (da_dW * W).sum(axis=(2, 3))).sum()
    return slope(move, np.zeros(da_dW.shape[2:]))


CONTRACTION = Exercise(
    "jacobian-11",
    "From the Jacobian back to the gradient",
    "reach back",
    "medium",
    10,
    r"""Back to chapter 2. For every example of a batch you have the derivatives of all outputs by the weights of
a layer, `da_dW` of shape $(B, n_L, n_l, n_{l-1})$, and those of the cost by the outputs, `dC_da` of shape
$(B, n_L)$. Return the derivative of the cost by the weights, shape $(n_l, n_{l-1})$.""",
    Code(
        "contract",
        ("dC_dW",),
        _contraction_inputs,
        _contraction,
        {
            "averaged": Slip(
                "Divided by the number of examples. Is the cost a mean, or a sum over the batch?",
                lambda r, dC_da, da_dW: r / len(dC_da),
            ),
            "cost-forgotten": Slip(
                "This adds up how the outputs move, all alike. How much does the cost care for each of them?",
                lambda r, dC_da, da_dW: _contraction(np.ones_like(dC_da), da_dW),
            ),
            "batch-left": Slip(
                "Every example still has a gradient of its own. Over what does the cost sum?",
                lambda r, dC_da, da_dW: np.stack(
                    [_contraction(dC_da[n : n + 1], da_dW[n : n + 1]) for n in range(len(dC_da))]
                ),
            ),
            "outputs-left": Slip(
                "The outputs are still apart. Through how many of them does a weight reach the cost?",
                lambda r, dC_da, da_dW: np.stack(
                    [_contraction(dC_da[:, q : q + 1], da_dW[:, q : q + 1]) for q in range(dC_da.shape[1])]
                ),
            ),
        },
    ),
    starter="""import numpy as np


def contract(dC_da, da_dW):
    ...
""",
)


def _softmax_inputs(rng):
    q, n = sizes(rng, 2)
    return {"a": softmax.f(numbers(rng, 1, q))[0], "W": numbers(rng, q, n)}


def _through_softmax(a, W):
    return slope(lambda push: softmax.f((np.log(a) + W @ push)[None])[0], np.zeros(W.shape[1]))


SOFTMAX = Exercise(
    "jacobian-12",
    "A softmax on top",
    "reach back",
    "hard",
    15,
    r"""Back to chapter 1: softmax is not elementwise. For one example `a`, shape $(n_L,)$, is the softmax of $z^L
= W a^{L-1} + b$. Return the Jacobian of `a` by $a^{L-1}$, shape $(n_L, n_{L-1})$; `W` has the same shape.""",
    Code(
        "softmax_layer",
        ("J",),
        _softmax_inputs,
        _through_softmax,
        {
            "elementwise": Slip(
                "This takes softmax for a function of one logit. Which probabilities move when one logit does?",
                lambda r, a, W: (a - a**2)[:, None] * W,
            ),
            "no-weights": Slip(
                "This is the Jacobian by the logits. What lies between them and the layer below?",
                lambda r, a, W: _through_softmax(a, np.eye(len(a))),
            ),
            "outer-only": Slip(
                "The shared sum is there. What does a unit's own logit do to it, besides?",
                lambda r, a, W: r - a[:, None] * W,
            ),
            "diagonal-only": Slip(
                "This lets every unit move alone. They share a sum of 1: what do the others lose?",
                lambda r, a, W: a[:, None] * W,
            ),
        },
    ),
    starter="""import numpy as np


def softmax_layer(a, W):
    ...
""",
)

EXERCISES = (
    WORKED, STEPS, alone, LAYERS, WEIGHTS, FORWARD, FIT, ZEROS, HVP, CLIMB, CONTRACTION, SOFTMAX,
)  # fmt: skip
