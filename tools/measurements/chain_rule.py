"""What chapter 1 shows beside its counts: seconds for two recursions on diamonds, and for two modes on a grid."""

import time
import timeit
from functools import partial
from itertools import product

from nnlib.chain_rule import backward, jacobian
from nnlib.figures.chain_rule import MAX_DIAMONDS, chain, increments
from nnlib.figures.chain_rule_modes import MODES, SIZES, program
from tools.measurements import measurement


def cpu_seconds(functions: dict, rounds: int = 15) -> dict:
    """CPU seconds for one call of each function: the best of several rounds of 10 ms or more, taken in turn."""
    timers = {key: timeit.Timer(function, timer=time.process_time) for key, function in functions.items()}
    number = {key: max(1, round(0.01 / max(timer.timeit(1), 1e-6))) for key, timer in timers.items()}
    found = {key: float("inf") for key in timers}
    for _ in range(rounds):
        for key, timer in timers.items():
            found[key] = min(found[key], timer.timeit(number[key]) / number[key])
    return {key: float(f"{seconds:.3g}") for key, seconds in found.items()}


@measurement
def chain_rule_diamonds() -> dict:
    """CPU seconds for the derivative of a chain of 1 to 12 diamonds, by increments and by one sweep; best of 15."""
    runs: dict = {}
    lengths = range(1, MAX_DIAMONDS + 1)
    for n in lengths:
        b_0, b = chain(n)
        runs["increments", n] = partial(increments, b, b_0)
        runs["sweep", n] = partial(backward, b)
    seconds = cpu_seconds(runs)
    return {name: [seconds[name, n] for n in lengths] for name in ("increments", "sweep")}


@measurement
def chain_rule_modes() -> dict:
    """CPU seconds for a Jacobian, 1 to 32 outputs (rows) by 1 to 32 inputs (columns), by mode; best of 15."""
    grid = list(product(MODES, SIZES, SIZES))
    runs = {(mode, k, m): partial(jacobian, *program(m, k), mode) for mode, k, m in grid}
    seconds = cpu_seconds(runs)
    return {mode: [[seconds[mode, k, m] for m in SIZES] for k in SIZES] for mode in MODES}
