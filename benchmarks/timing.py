"""CPU time of several programs that do the same, taken in turn."""

import time
import tracemalloc
from collections.abc import Callable
from statistics import median

import numpy as np


def interleaved(contestants: dict[str, Callable], rounds: int, sample: float) -> dict[str, list[float]]:
    """Seconds of CPU time for one call of each, `rounds` times; who begins changes from round to round.

    Each is called for at least `sample` seconds at a time. CPU time is that of the whole process, so that threads
    a rival starts are counted.
    """
    number = {name: calls_for(function, sample) for name, function in contestants.items()}
    taken: dict[str, list[float]] = {name: [] for name in contestants}
    names = list(contestants)
    for n in range(rounds):
        first = n % len(names)
        for name in names[first:] + names[:first]:
            function, calls = contestants[name], number[name]
            start = time.process_time()
            for _ in range(calls):
                function()
            taken[name].append((time.process_time() - start) / calls)
    return taken


def calls_for(function: Callable, seconds: float) -> int:
    """How many calls take that long; the first ones, which may compile, are not counted."""
    function()
    function()
    start = time.process_time()
    calls = 0
    while time.process_time() - start < seconds:
        function()
        calls += 1
    return calls


def ratio(ours: list[float], theirs: list[float]) -> float:
    """The median of the rounds' quotients: what slows the machine for a while slows both of a round."""
    return median(np.divide(ours, theirs))


def peak_bytes(make_and_call: Callable) -> int:
    """The most memory that numpy and Python had allocated while that ran."""
    tracemalloc.start()
    try:
        make_and_call()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
