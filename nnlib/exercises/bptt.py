"""Exercises of chapter 5: immediate and total derivatives, forward and backward through time, cutting short."""

from __future__ import annotations

import numpy as np

from nnlib.activations import tanh
from nnlib.exercises.code import Code
from nnlib.exercises.draw import numbers, sizes, slope
from nnlib.exercises.formulas import Field, Formula
from nnlib.exercises.model import Choice, Exercise, Option, Slip

WORKED = Exercise(
    "bptt-1",
    "Three steps, with numbers",
    "worked example",
    "easy",
    5,
    r"""Read this calculation. $s(n) = w\, s({n-1}) + x(n)$ with $s(0) = 0$, all inputs 1 and $w = 2$.

Forward: $s(1) = 1$, $s(2) = 3$, $s(3) = 7$.

The derivatives by $w$, each from the one before:

1. $s(1)$ does not depend on $w$: 0
2. $s(2)$: $s(1) + 2 \cdot 0 = 1$
3. $s(3)$: $s(2) + 2 \cdot 1 = 5$

Check: $s(3) = w^2 + w + 1$ has the slope $2 w + 1 = 5$. A friend gets 3. What have they done?""",
    Choice(
        (
            Option(
                "held s(2) still: the immediate derivative",
                "right",
                "s(2) = 3 is what w is multiplied by at the last step. But s(2) moves with w as well.",
            ),
            Option(
                "held w still at the last step",
                "earlier-steps-only",
                "Then only the second term of line 3 would be left. What is it?",
            ),
            Option(
                "not multiplied by w on the way from step 2 to step 3",
                "no-recurrence",
                "Then line 3 would read 3 + 1. What else is missing?",
            ),
            Option(
                "stopped one step early",
                "one-step-early",
                "The derivative at step 2 is 1. Where does a 3 stand in line 3?",
            ),
        )
    ),
)

# One unit with a tanh and a loop.


def _states(w, x, f=np.tanh, start=0):
    """The states s(0), s(1), ... of s(n) = f(w s(n-1) + x(n))."""
    s = [start]
    for x_n in x:
        s.append(f(w * s[-1] + x_n))
    return s


def _loop_point(rng) -> dict:
    w, x1, x2, x3 = (float(n) for n in numbers(rng, 4))
    s = [float(s_n) for s_n in _states(w, (x1, x2, x3))]
    return {"w": w, "x1": x1, "x2": x2, "x3": x3, "s1": s[1], "s2": s[2], "s3": s[3]}


def _total(p, n):
    return slope(lambda w: _states(w, (p.x1, p.x2, p.x3)[:n])[n], p.w)


IMMEDIATE = "This holds the state before still. Does it stand still when w moves?"
HELD = "This holds the state before still. Does it stand still when the letter moves?"
NO_ERROR = "This is how s(3) moves. And how does C move with s(3)?"
NO_SLOPE = "This is how fast the argument of the last tanh moves. And the tanh itself?"
STEPS = Exercise(
    "bptt-2",
    "Three steps, with letters",
    "steps left out",
    "easy",
    10,
    r"""$s(n) = \tanh(w\, s({n-1}) + x(n))$ with $s(0) = 0$. Fill in the total derivatives of the first three states by
$w$. You may use $w$, $x(1), x(2), x(3)$ as `x1`, `x2`, `x3` and the states as `s1`, `s2`, `s3`; `1-s1^2` is the
slope of $\tanh$ where its value is $s(1)$.""",
    Formula(
        (
            Field(
                "ds1_dw",
                r"of $s(1)$:",
                lambda p: _total(p, 1),
                {
                    "start-no-slope": Slip(
                        "w is multiplied by the state before. Which state is that, at the first step?",
                        lambda r, p: 1.0,
                    ),
                    "input-for-state": Slip(
                        "This is multiplied by the input. By what is w multiplied in the argument?",
                        lambda r, p: p.x1 * (1 - p.s1**2),
                    ),
                    "start": Slip(
                        "w is multiplied by the state before. Which state is that, at the first step?",
                        lambda r, p: 1 - p.s1**2,
                    ),
                },
            ),
            Field(
                "ds2_dw",
                r"of $s(2)$:",
                lambda p: _total(p, 2),
                {
                    "no-slope": Slip(NO_SLOPE, lambda r, p: r / (1 - p.s2**2)),
                    "own-state": Slip(
                        "Which state does w multiply at step n: the one that is made, or the one before?",
                        lambda r, p: r / p.s1 * p.s2,
                    ),
                },
            ),
            Field(
                "ds3_dw",
                r"of $s(3)$:",
                lambda p: _total(p, 3),
                {
                    "immediate": Slip(IMMEDIATE, lambda r, p: (1 - p.s3**2) * p.s2),
                    "no-recurrence": Slip(
                        "Both terms are there. By what is the state before multiplied in the argument?",
                        lambda r, p: (1 - p.s3**2) * (p.s2 + _total(p, 2)),
                    ),
                    "no-slope": Slip(NO_SLOPE, lambda r, p: r / (1 - p.s3**2)),
                    "inner-slope": Slip(
                        "The way through step 2 passes a tanh of its own. Where is its slope?",
                        lambda r, p: (1 - p.s3**2) * (p.s2 + p.w * p.s1),
                    ),
                    "slope-on-one-term": Slip(
                        "The last tanh multiplies one of the two ways. Which of them passes it?",
                        lambda r, p: (1 - p.s3**2) * p.s2 + p.w * _total(p, 2),
                    ),
                    "earlier-steps-only": Slip(
                        "This is the way through the earlier steps. Where does w stand at the last one?",
                        lambda r, p: r - (1 - p.s3**2) * p.s2,
                    ),
                },
            ),
        ),
        _loop_point,
        dict.fromkeys(("w", "x1", "x2", "x3", "s1", "s2", "s3"), ""),
    ),
)


def alone(seed: int) -> Exercise:
    """A linear unit with a loop, with numbers from the seed."""
    rng = np.random.default_rng(seed)
    w = int(rng.choice([-4, -3, 3, 4]))
    x = (*(int(n) for n in rng.choice([-2, -1, 1, 2], 2)), int(rng.choice([-1, 1])))
    line = lambda w_, start=0: _states(w_, x, lambda z: z, start)
    s = line(w)
    target = s[3] + int(rng.choice([-5, -2, 2, 5]))
    total = slope(lambda w_: line(w_)[3], float(w))
    return Exercise(
        "bptt-3",
        "Three steps, alone",
        "alone",
        "medium",
        10,
        rf"""$s(n) = w\, s({{n-1}}) + x(n)$ with $s(0) = 0$, $w = {w}$ and the inputs ${x[0]}$, ${x[1]}$, ${x[2]}$. The
cost is $C = \frac12 (s(3) - {target})^2$. Work out, as numbers, the immediate and the total derivative of $s(3)$ by
$w$, and the derivatives of $C$ by $s(1)$ and by $w$.""".replace("- -", "+ "),
        Formula(
            (
                Field(
                    "immediate",
                    r"immediate $\partial^+ s(3)/\partial w$:",
                    lambda p: float(s[2]),
                    {
                        "own-state": Slip(
                            "Which state does w multiply at the last step?", lambda r, p: float(s[3])
                        )
                    },
                ),
                Field(
                    "total",
                    r"total $\partial s(3)/\partial w$:",
                    lambda p: total,
                    {
                        "immediate": Slip(IMMEDIATE, lambda r, p: float(s[2])),
                        "earlier-steps-only": Slip(
                            "This is the way through the earlier steps. Where does w stand at the last one?",
                            lambda r, p: total - s[2],
                        ),
                    },
                ),
                Field(
                    "dC_ds1",
                    r"$\partial C/\partial s(1) =$",
                    lambda p: slope(lambda s1: (w * (w * s1 + x[1]) + x[2] - target) ** 2 / 2, float(s[1])),
                    {
                        "one-step-early": Slip(
                            "One factor w short: how many steps lie between s(1) and s(3)?",
                            lambda r, p: r / w,
                        ),
                        "no-error": Slip(
                            NO_ERROR,
                            lambda r, p: float(w**2),
                        ),
                    },
                ),
                Field(
                    "dC_dw",
                    r"$\partial C/\partial w =$",
                    lambda p: slope(lambda w_: (line(w_)[3] - target) ** 2 / 2, float(w)),
                    {
                        "immediate": Slip(IMMEDIATE, lambda r, p: float((s[3] - target) * s[2])),
                        "no-error": Slip(
                            NO_ERROR,
                            lambda r, p: total,
                        ),
                    },
                ),
            ),
            lambda rng: {},
            numbers=True,
        ),
        seed=seed,
    )


# Forward in time.


def _sequence_inputs(rng):
    (T,) = sizes(rng, 1)
    T = max(T, 4)
    return {"w": float(numbers(rng)), "x": numbers(rng, T), "y": numbers(rng, T)}


def _sequence_cost(w, x, y):
    return sum((s - t) ** 2 for s, t in zip(_states(w, x)[1:], y)) / 2


def _forward(
    w,
    x,
    y,
    *,
    immediate=False,
    no_slope=False,
    no_w=False,
    late=False,
    bare=False,
    weight=lambda n, T: 1.0,
    start=0.0,
):
    """RTRL of the loop with one thing wrong; `late` takes the new state for the old, `bare` skips the slope once."""
    s = _states(w, x)
    S, found = start, 0.0
    for n in range(1, len(s)):
        carried = 0.0 if immediate else S if no_w else w * S
        through = 1.0 if no_slope else 1 - s[n] ** 2
        S = s[n if late else n - 1] * through + carried * (1.0 if bare else through)
        found += weight(n, len(x)) * (s[n] - y[n - 1]) * S
    return found


RTRL = Exercise(
    "bptt-4",
    "Learning forward in time",
    "practice",
    "medium",
    15,
    r"""The unit $s(n) = \tanh(w\, s({n-1}) + x(n))$ with $s(0) = 0$ runs over the inputs `x`, shape $(T,)$, and should
follow the targets `y`: $C = \frac12 \sum_n (s(n) - y(n))^2$. Return $\mathrm dC/\mathrm dw$ *going forward only*: carry
the state and its derivative by $w$ along, and keep no history.""",
    Code(
        "rtrl",
        ("dC_dw",),
        _sequence_inputs,
        lambda w, x, y: slope(lambda w_: _sequence_cost(w_, x, y), w),
        {
            "immediate": Slip(IMMEDIATE, lambda r, w, x, y: _forward(w, x, y, immediate=True)),
            "no-recurrence": Slip(
                "The derivative of the state before is added as it is. By what is that state multiplied?",
                lambda r, w, x, y: _forward(w, x, y, no_w=True),
            ),
            "no-slope": Slip(
                "Right if there were no tanh. What does it do to a small step of its argument?",
                lambda r, w, x, y: _forward(w, x, y, no_slope=True),
            ),
            "own-state": Slip(
                "The new state is in it where w had another. Which state does w multiply at step n?",
                lambda r, w, x, y: _forward(w, x, y, late=True),
            ),
            "slope-on-one-term": Slip(
                "What is carried along is added after the tanh. Does it not pass it?",
                lambda r, w, x, y: _forward(w, x, y, bare=True),
            ),
            "last-step": Slip(
                "This is the cost of the last step alone. Over which n does C sum?",
                lambda r, w, x, y: _forward(w, x, y, weight=lambda n, T: float(n == T)),
            ),
            "averaged": Slip(
                "Divided by the number of steps. Is this cost a mean?", lambda r, w, x, y: r / len(x)
            ),
            "factor-two": Slip(
                "Twice too large. What does the one half in front of the sum do?", lambda r, w, x, y: 2 * r
            ),
            "start": Slip(
                "The derivative of the first state is wrong. On what does s(0) depend?",
                lambda r, w, x, y: _forward(w, x, y, start=1.0),
            ),
        },
    ),
    starter="""import numpy as np


def rtrl(w, x, y):
    s, S, dC_dw = 0.0, 0.0, 0.0
    for n in range(len(x)):
        ...
    return dC_dw
""",
)

# Backward in time.


def _adjoint_inputs(rng):
    T, n = sizes(rng, 2)
    T = T if T > 2 else (6 if n != 6 else 5)  # with two steps several slips look alike
    return {"e": numbers(rng, T, n), "R": numbers(rng, T, n, n)}


def _adjoints(e, R):
    """How C moves when one state is pushed and all later ones follow, each state answered for by its e."""
    T = len(e)

    def cost(push, m):
        s, total = push, (e[m] * push).sum()
        for n in range(m + 1, T):
            s = R[n] @ s
            total = total + (e[n] * s).sum()
        return total

    return np.stack([slope(lambda push, m=m: cost(push, m), np.zeros(e.shape[1])) for m in range(T)])


def _backward(e, R, *, shift=1, turn=True, keep=True):
    """The sweep with one thing wrong: another step's R, not transposed, immediate derivatives lost."""
    found = [e[-1]]
    for n in reversed(range(len(e) - 1)):
        M = R[n + shift]
        back = (M.T if turn else M) @ found[0]
        found.insert(0, back + e[n] if keep else back)
    return np.stack(found)


ADJOINTS = Exercise(
    "bptt-5",
    "The adjoints of the states",
    "practice",
    "medium",
    15,
    r"""For every time step you have the row `e[n]`, the immediate derivative of $C$ by the state at $n$, shape
$(T, n_z)$ in all, and `R[n]`, the Jacobian of the state at $n$ by the state at $n - 1$, shape $(T, n_z, n_z)$. Steps
count from 0 here; `R[0]` is not needed. Return the total derivatives of $C$ by all states, shape $(T, n_z)$.""",
    Code(
        "state_adjoints",
        ("adjoint",),
        _adjoint_inputs,
        _adjoints,
        {
            "immediate": Slip(
                "These are the immediate derivatives. Does a state speak to the cost at its own step alone?",
                lambda r, e, R: e,
            ),
            "last-step": Slip(
                "Only the last step's error travels back. What do the errors on the way add?",
                lambda r, e, R: _backward(e, R, keep=False),
            ),
            "no-start": Slip(
                "The last step's own error is nowhere. With what does the sweep start?",
                lambda r, e, R: _adjoints(np.vstack([e[:-1], 0 * e[-1:]]), R),
            ),
            "wrong-step": Slip(
                "The message from step n + 1 passes the Jacobian of step n. Which map lies between the two states?",
                lambda r, e, R: _backward(e, R, shift=0),
            ),
            "not-transposed": Slip(
                "The shapes fit either way, since R is square. Does an adjoint travel along R, or against it?",
                lambda r, e, R: _backward(e, R, turn=False),
            ),
            "forward": Slip(
                "This travels from the first step to the last. Which states does a state act on: earlier ones?",
                lambda r, e, R: _pushed(e, R),
            ),
        },
    ),
    starter="""import numpy as np


def state_adjoints(e, R):
    adjoint = np.zeros_like(e)
    ...
    return adjoint
""",
)


def _pushed(e, R):
    found = [e[0]]
    for n in range(1, len(e)):
        found.append(e[n] + R[n] @ found[-1])
    return np.stack(found)


# A layer with a loop, backward, with a slip.


def _layer_inputs(rng):
    T, n, n_x = sizes(rng, 3)
    T = max(T, 3)
    n, n_x = (n if n != T else 2), n_x
    return {
        "W_r": numbers(rng, n, n) / 2,
        "x": numbers(rng, T, n),
        "dC_ds": numbers(rng, T, n),
    }


def _layer_cost(W_r, x, dC_ds):
    s, total = np.zeros(x.shape[1]), 0
    for x_n, e_n in zip(x, dC_ds):
        s = np.tanh(x_n + W_r @ s)
        total = total + (e_n * s).sum()
    return total


def _layer_backward(W_r, x, dC_ds, *, turn=True, back=1, slope_back=True, keep=True):
    """Backward through the layer with one thing wrong."""
    s = [np.zeros(x.shape[1])]
    for x_n in x:
        s.append(np.tanh(x_n + W_r @ s[-1]))
    found, carried = np.zeros_like(W_r), np.zeros(x.shape[1])
    for n in range(len(x), 0, -1):
        at_s = dC_ds[n - 1] + (carried if keep else 0)
        delta = at_s * (1 - s[n] ** 2)
        found = found + np.multiply.outer(delta, s[n - back])
        carried = (W_r.T if turn else W_r) @ (delta if slope_back else at_s)
    return found


LOOP = Exercise(
    "bptt-6",
    "A backward pass with a slip",
    "find the error",
    "hard",
    15,
    r"""A layer with a loop: $s(n) = \tanh(x(n) + W_r\, s({n-1}))$, $s(0) = 0$, `x` and all states of shape
$(T, n_z)$. `dC_ds` holds the immediate derivatives of $C$ by the states. The function below should return the total
derivative of $C$ by $W_r$. It runs, its shapes are right, and for $T = 1$ it is right. One line is wrong. Find
it and mend it.""",
    Code(
        "loop_backward",
        ("dC_dW_r",),
        _layer_inputs,
        lambda W_r, x, dC_ds: slope(lambda W: _layer_cost(W, x, dC_ds), W_r),
        {
            "not-transposed": Slip(
                "The shapes fit either way, since the matrix is square. In which direction does an adjoint travel?",
                lambda r, W_r, x, dC_ds: _layer_backward(W_r, x, dC_ds, turn=False),
            ),
            "immediate": Slip(
                "The way through later steps is gone. Does a state speak to the cost at its own step alone?",
                lambda r, W_r, x, dC_ds: _layer_backward(W_r, x, dC_ds, keep=False),
            ),
            "no-slope": Slip(
                "What comes back from the later step has not passed its tanh. Where is that slope?",
                lambda r, W_r, x, dC_ds: _layer_backward(W_r, x, dC_ds, slope_back=False),
            ),
            "own-state": Slip(
                "Which state does the matrix multiply at step n: the one that is made, or the one before?",
                lambda r, W_r, x, dC_ds: _layer_backward(W_r, x, dC_ds, back=0),
            ),
        },
    ),
    starter="""import numpy as np


def loop_backward(W_r, x, dC_ds):
    s = [np.zeros(x.shape[1])]
    for x_n in x:
        s.append(np.tanh(x_n + W_r @ s[-1]))
    dC_dW_r, carried = np.zeros_like(W_r), np.zeros(x.shape[1])
    for n in range(len(x), 0, -1):
        delta = (dC_ds[n - 1] + carried) * (1 - s[n] ** 2)
        dC_dW_r += np.outer(delta, s[n - 1])
        carried = W_r @ delta
    return dC_dW_r
""",
)

CUT = Exercise(
    "bptt-7",
    "Window or chunk?",
    "practice",
    "medium",
    5,
    r"""Four time steps, an error at each. With a *window* of 2 every error goes back through its own step and one more.
With *chunks* of 2 the sequence is cut between steps 2 and 3. Call $(n, m)$ what the error of step $n$ says about the
weights used at step $m$. Which of these does the window keep and the chunk drop?""",
    Choice(
        (
            Option("(2, 1)", "inside-a-chunk", "Steps 1 and 2 lie in the same chunk. Is anything cut there?"),
            Option("(3, 2)", "right", "One step back, so inside the window, but across the cut."),
            Option("(3, 1)", "too-far", "How many steps back is that? How far does the window reach?"),
            Option(
                "(4, 3)", "inside-a-chunk-too", "Steps 3 and 4 lie in the same chunk. Is anything cut there?"
            ),
        )
    ),
)

MEMORY = Exercise(
    "bptt-8",
    "What must be kept?",
    "practice",
    "easy",
    5,
    r"""A network has a state of 10 numbers and 200 weights; a backward pass keeps 10 numbers for each time step. The
sequence has 1000 steps. How many numbers do RTRL and BPTT keep, and which keeps fewer for 100 steps?""",
    Choice(
        (
            Option(
                "RTRL 2,000 and BPTT 10,000; for 100 steps BPTT",
                "right",
                "RTRL keeps a derivative of each state number by each weight, at any length. They cross at 200 steps.",
            ),
            Option(
                "RTRL 10,000 and BPTT 2,000; for 100 steps RTRL",
                "swapped",
                "Which of the two needs the history, and so grows with the number of steps?",
            ),
            Option(
                "RTRL 200 and BPTT 10,000; for 100 steps RTRL",
                "one-state",
                "How many numbers has the state, and of how many does RTRL carry the derivative?",
            ),
            Option(
                "RTRL 2,000,000 and BPTT 10,000; for 100 steps BPTT",
                "all-steps",
                "Does RTRL need the derivatives of earlier steps once it has the next?",
            ),
        )
    ),
)


def _leak_point(rng) -> dict:
    alpha, w, x, r, S = (float(n) for n in numbers(rng, 5))
    return {"alpha": alpha, "w": w, "x": x, "r": r, "S": S, "h": float(np.tanh(w * r + x))}


def _leak(alpha, w, x, r):
    return (1 - alpha) * r + alpha * np.tanh(w * r + x)


LEAK = "The state before comes in through the tanh here. Where else does it stand?"
PAST = "The state before comes in past the tanh here. Where else does it stand?"
LEAKY = Exercise(
    "bptt-9",
    "A leaky unit",
    "transfer",
    "hard",
    15,
    r"""A unit that forgets slowly: $s(n) = (1 - \alpha)\, s({n-1}) + \alpha\, h$ with $h = \tanh(w\, s({n-1}) + x(n))$.
For RTRL write the derivatives of $s(n)$ by $s({n-1})$, and the total ones by $w$ and by $\alpha$. Letters: `r` for
$s({n-1})$, `S` for its total derivative by the letter in question, $h$, $w$, `x`, and `alpha`.""",
    Formula(
        (
            Field(
                "R",
                r"by $s({n-1})$:",
                lambda p: slope(lambda r: _leak(p.alpha, p.w, p.x, r), p.r),
                {
                    "leak-forgotten": Slip(LEAK, lambda r, p: r - (1 - p.alpha)),
                    "tanh-forgotten": Slip(PAST, lambda r, p: 1 - p.alpha),
                    "no-slope": Slip(
                        "The tanh is passed as if it were not there. What does it do to a small step?",
                        lambda r, p: 1 - p.alpha + p.alpha * p.w,
                    ),
                    "no-recurrence": Slip(
                        "Both ways are there. By what is the state before multiplied inside the tanh?",
                        lambda r, p: 1 - p.alpha + p.alpha * (1 - p.h**2),
                    ),
                },
            ),
            Field(
                "ds_dw",
                r"total, by $w$:",
                lambda p: slope(lambda t: _leak(p.alpha, p.w + t, p.x, p.r + t * p.S), 0.0),
                {
                    "immediate": Slip(HELD, lambda r, p: p.alpha * (1 - p.h**2) * p.r),
                    "leak-forgotten": Slip(LEAK, lambda r, p: r - (1 - p.alpha) * p.S),
                    "tanh-forgotten": Slip(
                        PAST, lambda r, p: p.alpha * (1 - p.h**2) * p.r + (1 - p.alpha) * p.S
                    ),
                    "earlier-steps-only": Slip(
                        "This is the way through the state before. Where does the letter stand at this step?",
                        lambda r, p: r - p.alpha * (1 - p.h**2) * p.r,
                    ),
                },
            ),
            Field(
                "ds_dalpha",
                r"total, by $\alpha$:",
                lambda p: slope(lambda t: _leak(p.alpha + t, p.w, p.x, p.r + t * p.S), 0.0),
                {
                    "immediate": Slip(HELD, lambda r, p: p.h - p.r),
                    "leak-forgotten": Slip(LEAK, lambda r, p: r - (1 - p.alpha) * p.S),
                    "tanh-forgotten": Slip(PAST, lambda r, p: p.h - p.r + (1 - p.alpha) * p.S),
                    "earlier-steps-only": Slip(
                        "This is the way through the state before. Where does the letter stand at this step?",
                        lambda r, p: r - (p.h - p.r),
                    ),
                    "one-place": Slip(
                        "alpha stands twice at this step. What does the other place do?", lambda r, p: r + p.r
                    ),
                },
            ),
        ),
        _leak_point,
        dict.fromkeys(("alpha", "w", "x", "r", "S", "h"), ""),
    ),
)

# Back to what was there before.

PATHS = Exercise(
    "bptt-10",
    "How many paths?",
    "reach back",
    "easy",
    5,
    r"""Back to chapter 1: a derivative is a sum over paths. One unit with a loop runs for 4 steps, and every step has
an error. A path starts at a use of $w$, may go on through later states, and ends at an error. How many paths lead from
$w$ to the cost, if the use at the first step (where the state before is $s(0)$) is counted like any other?""",
    Choice(
        (
            Option(
                "4",
                "immediate-only",
                "Those end where they start. May the use at step 1 reach the error of step 3?",
            ),
            Option(
                "10",
                "right",
                "From the use at m to the error at n, whenever m is not after n: 4 + 3 + 2 + 1.",
            ),
            Option("16", "backwards-too", "Can a use at step 4 reach the error of step 1?"),
            Option(
                "24",
                "multiplied",
                "Paths are counted by where they start and where they end. How many such pairs are there?",
            ),
        )
    ),
)


def _cell_inputs(rng):
    n, n_x, n_r = sizes(rng, 3)
    return {"W": numbers(rng, n, n_x + n_r), "z": numbers(rng, n), "u": numbers(rng, n), "n_x": n_x}


def _cell_products(W, z, u, n_x, f=tanh.f):
    b = z - W.sum(axis=1)  # the cell at inputs of ones has the pre-activation z
    passed = lambda v: (u * f(W @ v + b)).sum()
    by_input = slope(passed, np.ones(W.shape[1]))
    return by_input[:n_x], by_input[n_x:]


CELL = Exercise(
    "bptt-11",
    "A cell's vector-Jacobian product",
    "reach back",
    "medium",
    10,
    r"""Back to chapter 4: products with a Jacobian that is never formed. The cell $s = \tanh(z)$,
$z = W\, [x; r] + b$ takes $n_x$ inputs and, below them in the same vector, the $n_r$ numbers it fed back. `W` has shape
$(n_z, n_x + n_r)$, `z` and `u` $(n_z,)$. Return $u$ times the Jacobian of $s$ by $x$, shape $(n_x,)$, and by $r$, shape
$(n_r,)$.""",
    Code(
        "cell_vjp",
        ("by_x", "by_r"),
        _cell_inputs,
        _cell_products,
        {
            "no-slope": Slip(
                "Right if the cell were linear. What does the tanh do to a small step of z?",
                lambda r, W, z, u, n_x: _cell_products(W, z, u, n_x, lambda v: v),
            ),
            "slope-at-output": Slip(
                "The slope is taken at the cell's output. Of which number is the output the tanh?",
                lambda r, W, z, u, n_x: _cell_products(W, z, u / tanh.df(z) * tanh.df(np.tanh(z)), n_x),
            ),
            "one-minus-z": Slip(
                "1 - t^2 is the slope if t is the tanh's value. Is it, in your formula?",
                lambda r, W, z, u, n_x: _cell_products(W, z, u / tanh.df(z) * (1 - z**2), n_x),
            ),
            "u-forgotten": Slip(
                "This sums the rows of the Jacobian as they are. What weights them?",
                lambda r, W, z, u, n_x: _cell_products(W, z, np.ones_like(u), n_x),
            ),
            "swapped": Slip(
                "x and r have changed places. Which of them comes first in the vector?",
                lambda r, W, z, u, n_x: r[::-1],
            ),
            "whole": Slip(
                "The result for x and r is still in one piece. Which entries belong to which?",
                lambda r, W, z, u, n_x: (np.concatenate(r), r[1]),
            ),
        },
    ),
    starter="""import numpy as np


def cell_vjp(W, z, u, n_x):
    ...
    return by_x, by_r
""",
)

EXERCISES = (WORKED, STEPS, alone, RTRL, ADJOINTS, LOOP, CUT, MEMORY, LEAKY, PATHS, CELL)
