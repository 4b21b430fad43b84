"""The book's measurements: one file per chapter, each a few functions that take one.

    @measurement
    def recursive_times() -> dict:
        '''Seconds for one Jacobian, by depth and method.'''
        return cpu_seconds({"naive": lambda: ..., "memo": lambda: ...})

``make measure`` runs them and writes book/_data/recursive_times.json; the notebook reads and plots that.
"""

import time
import timeit
from collections.abc import Callable

MEASUREMENTS: dict[str, Callable[[], dict]] = {}


def measurement(function: Callable[[], dict]) -> Callable[[], dict]:
    """Register `function`; its name is the file's, its docstring says what is measured and in which unit."""
    if function.__name__ in MEASUREMENTS:
        raise ValueError(f"two measurements are called {function.__name__}")
    if not function.__doc__:
        raise ValueError(f"the measurement {function.__name__} has no docstring")
    MEASUREMENTS[function.__name__] = function
    return function


def cpu_seconds(functions: dict, rounds: int = 9) -> dict:
    """CPU seconds for one call of each function: the best of several rounds of 20 ms or more.

    The rounds are taken in turn, so that a busy moment of the machine meets every function alike.
    """
    timers = {key: timeit.Timer(function, timer=time.process_time) for key, function in functions.items()}
    number = {key: max(1, round(0.02 / max(timer.timeit(1), 1e-6))) for key, timer in timers.items()}
    found = {key: float("inf") for key in timers}
    for _ in range(rounds):
        for key, timer in timers.items():
            found[key] = min(found[key], timer.timeit(number[key]) / number[key])
    return {key: float(f"{best:.3g}") for key, best in found.items()}
