"""What chapter 1 shows beside its counts: seconds for two recursions on diamonds, and for two modes on a grid."""

from functools import partial
from itertools import product

from nnlib.chain_rule import backward, jacobian
from nnlib.figures.chain_rule import MAX_DIAMONDS, chain, increments
from nnlib.figures.chain_rule_modes import MODES, SIZES, program
from tools.measurements import cpu_seconds, measurement


@measurement
def chain_rule_diamonds() -> dict:
    """CPU seconds for the derivative of a chain of 1 to 12 diamonds, by increments and by one sweep; best of 15."""
    runs: dict = {}
    lengths = range(1, MAX_DIAMONDS + 1)
    for n in lengths:
        b_0, b = chain(n)
        runs["increments", n] = partial(increments, b, b_0)
        runs["sweep", n] = partial(backward, b)
    seconds = cpu_seconds(runs, rounds=15)
    return {name: [seconds[name, n] for n in lengths] for name in ("increments", "sweep")}


@measurement
def chain_rule_modes() -> dict:
    """CPU seconds for a Jacobian, 1 to 32 outputs (rows) by 1 to 32 inputs (columns), by mode; best of 15."""
    grid = list(product(MODES, SIZES, SIZES))
    runs = {(mode, k, m): partial(jacobian, *program(m, k), mode) for mode, k, m in grid}
    seconds = cpu_seconds(runs, rounds=15)
    return {mode: [[seconds[mode, k, m] for m in SIZES] for k in SIZES] for mode in MODES}
