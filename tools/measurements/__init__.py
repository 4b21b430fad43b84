"""The book's measurements: one file per chapter, each a few functions that take one.

    @measurement
    def recursive_times() -> dict:
        '''Seconds for one Jacobian, by depth and method.'''
        return {"depth": [2, 4], "naive": [seconds(lambda: ...), ...]}

``make measure`` runs them and writes book/_data/recursive_times.json; the notebook reads and plots that.
"""

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


def seconds(function: Callable[[], object], repeat: int = 5) -> float:
    """Seconds for one call of `function`: the best of `repeat` rounds of 0.2 s or more."""
    timer = timeit.Timer(function)
    number, _ = timer.autorange()
    best = min(timer.repeat(repeat, number)) / number
    return float(f"{best:.3g}")
