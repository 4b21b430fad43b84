"""Random acyclic wirings of units, and a forward pass of the tests' own to differentiate by numbers."""

import numpy as np
from hypothesis import strategies as st
from networks import COSTS, SMOOTH

from nnlib.index_backprop import UnitNetwork

IDS = ("in", ("in", 1), 7, "u", frozenset({2}), (2, "v"), 3.5, "w")  # any hashables will do


def random_wiring(seed, act=None, dtype=np.float64) -> UnitNetwork:
    """Two inputs, six units that take any earlier ones, three outputs, some of which feed others."""
    rng = np.random.default_rng(seed)
    upstream = {}
    for n in range(2, len(IDS)):
        chosen = rng.choice(n, size=rng.integers(1, min(n, 4) + 1), replace=False)
        upstream[IDS[n]] = tuple(IDS[j] for j in chosen)
    shuffled = {IDS[n]: upstream[IDS[n]] for n in 2 + rng.permutation(len(IDS) - 2)}
    outputs = tuple(IDS[n] for n in 2 + rng.choice(len(IDS) - 2, size=3, replace=False))
    w = {(i, j): dtype(rng.standard_normal()) for i, S in upstream.items() for j in S}
    b = {i: dtype(rng.standard_normal()) for i in upstream}
    acts = {i: act or SMOOTH[rng.integers(len(SMOOTH))] for i in upstream}
    return UnitNetwork(IDS[:2], outputs, shuffled, w, b, acts)


def random_run(units, seed, B=None, dtype=np.float64):
    """(x, y_star) of scalars, or of arrays (B,)."""
    rng = np.random.default_rng(seed)
    shape = () if B is None else (B,)
    x = {i: dtype(rng.standard_normal(shape)) for i in units.inputs}
    return x, {i: dtype(rng.standard_normal(shape)) for i in units.outputs}


@st.composite
def unit_problems(draw):
    """(units, x, y_star, cost): a random wiring, one run or a batch."""
    seed = draw(st.integers(0, 2**32 - 1))
    units = random_wiring(seed)
    x, y_star = random_run(units, seed + 1, draw(st.sampled_from((None, 1, 3))))
    return units, x, y_star, draw(st.sampled_from(COSTS))


def total_cost(units, x, y_star, cost, theta):
    """C at the vector theta of weights, biases, inputs; pulled from the outputs, not as `propagate` does."""
    keys = [*units.w, *units.b, *((i, n) for i in units.inputs for n in range(np.size(x[i])))]
    value = dict(zip(keys, theta, strict=True))
    y = {i: np.stack([value[i, n] for n in range(np.size(x[i]))]) for i in units.inputs}

    def pull(i):
        if i not in y:
            y[i] = units.act[i].f(sum(value[i, j] * pull(j) for j in units.upstream[i]) + value[i])
        return y[i]

    a = np.stack([pull(i) for i in units.outputs], axis=1)
    Y = np.stack([np.atleast_1d(y_star[i]) for i in units.outputs], axis=1)
    return cost.value(a, Y)


def theta_of(units, x) -> np.ndarray:
    """All weights, biases and inputs in the order of `total_cost`."""
    return np.concatenate(
        [[*units.w.values()], [*units.b.values()], *(np.atleast_1d(x[i]) for i in units.inputs)]
    )


def as_theta(units, dC_dw, dC_db, p) -> np.ndarray:
    """What `back_propagate` returns, in the same order."""
    by_inputs = (np.atleast_1d(p[i]) for i in units.inputs)
    return np.concatenate([[dC_dw[link] for link in units.w], [dC_db[i] for i in units.b], *by_inputs])
