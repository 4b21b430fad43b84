"""CPU time of several programs that do the same, taken in turn; and what the rounds say about how sure it is."""

import gc
import time
import tracemalloc
from collections.abc import Callable
from dataclasses import dataclass, field
from statistics import median

import numpy as np

DISTURBED = 1.1  # a block that lasted that much longer on the wall, for its CPU time, than the usual one


@dataclass
class Times:
    """Seconds for one call, a number for each round: CPU time, and on the wall."""

    cpu: list[float] = field(default_factory=list)
    wall: list[float] = field(default_factory=list)

    def undisturbed(self) -> np.ndarray:
        """Which rounds nobody else ran in. Waiting of its own, for a thread it started, is in every round."""
        waited = np.divide(self.wall, self.cpu)
        return waited <= DISTURBED * np.median(waited)


def interleaved(contestants: dict[str, Callable], rounds: int, sample: float) -> dict[str, Times]:
    """The time of one call of each, `rounds` times; who begins changes from round to round.

    Each is called for at least `sample` seconds at a time, after one call that brings its own data into the cache.
    CPU time is that of the whole process, so that threads a rival starts are counted. No garbage is collected
    meanwhile.
    """
    number = {name: calls_for(function, sample) for name, function in contestants.items()}
    taken = {name: Times() for name in contestants}
    names = list(contestants)
    gc.collect()
    gc.disable()
    try:
        for n in range(rounds):
            first = n % len(names)
            for name in names[first:] + names[:first]:
                block(contestants[name], number[name], taken[name])
    finally:
        gc.enable()
    return taken


def block(function: Callable, calls: int, times: Times) -> None:
    if calls > 1:
        function()
    wall, cpu = time.perf_counter(), time.process_time()
    for _ in range(calls):
        function()
    cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    times.cpu.append(cpu / calls)
    times.wall.append(wall / calls)


def calls_for(function: Callable, seconds: float) -> int:
    """How many calls take that long; the first ones, which may compile, are not counted."""
    function()
    function()
    start = time.process_time()
    calls = 0
    while not calls or time.process_time() - start < seconds:
        function()
        calls += 1
    return calls


def quotients(ours: Times, theirs: Times) -> np.ndarray:
    """Ours over theirs for every round that nobody disturbed: what slows the machine for a while slows both."""
    kept = ours.undisturbed() & theirs.undisturbed()
    quotient = np.divide(ours.cpu, theirs.cpu)
    return quotient[kept] if kept.sum() >= len(kept) / 2 else quotient


def seconds(times: Times) -> float:
    return median(np.asarray(times.cpu)[times.undisturbed()])


def peak_bytes(make_and_call: Callable) -> int:
    """The most memory that numpy and Python had allocated while that ran."""
    tracemalloc.start()
    try:
        make_and_call()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
