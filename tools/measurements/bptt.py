"""What chapter 5 shows beside its counts: seconds and bytes for one gradient, by width and by length."""

import tracemalloc
from collections.abc import Callable
from functools import partial

import numpy as np

from nnlib import bptt, network
from nnlib.activations import tanh
from nnlib.costs import half_squared_error
from tools.measurements import cpu_seconds, measurement

WAYS = {"bptt": bptt.bptt, "checkpointed": bptt.checkpointed, "rtrl": bptt.rtrl}


def problem(n: int, T: int) -> tuple:
    """One sequence for a layer of n tanh units, all fed back, one input and one output: P = n(n + 2)."""
    rng = np.random.default_rng(0)
    layer = bptt.RNN(network.init((1 + n, n), tanh, rng, tanh), 1, n)
    return layer, rng.standard_normal((1, T, 1)), rng.standard_normal((1, T, 1)), half_squared_error


def peak_bytes(function: Callable, n: int, T: int) -> int:
    """The most that was allocated at once while `function` ran."""
    given, short = problem(n, T), problem(n, 1)
    function(*short)  # what is loaded or cached once does not count
    tracemalloc.start()
    function(*given)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return peak


def data_alone(layer, X, Y, cost) -> list:
    """The lists of references to inputs and targets, step by step, that every way makes first."""
    return [(None, *np.moveaxis(data, 1, 0)) for data in (X, Y)]


def seconds(points: list[tuple[int, int]]) -> dict[str, list[float]]:
    """For each way, the CPU seconds at the given (units, steps)."""
    given = {point: problem(*point) for point in points}
    runs: dict[tuple, Callable] = {
        (way, point): partial(gradient, *given[point]) for way, gradient in WAYS.items() for point in points
    }
    found = cpu_seconds(runs, rounds=7)
    return {way: [found[way, point] for point in points] for way in WAYS}


@measurement
def bptt_times() -> dict:
    """CPU seconds for one gradient of one sequence: by units (20 steps) and by steps (16 units).

    One tanh layer, all units fed back, one input, one output; numpy on one thread; best of 7 rounds.
    """
    units, steps = (2, 4, 8, 16, 32, 64, 128), (10, 100, 1000)
    return {
        "units": units,
        "by_units": seconds([(n, 20) for n in units]),
        "steps": steps,
        "by_steps": seconds([(16, T) for T in steps]),
    }


@measurement
def bptt_memory() -> dict:
    """The most bytes allocated at once for one gradient of one sequence, 32 units as in bptt_times, by steps.

    What all ways need alike, the references to inputs and targets, is taken off.
    """
    steps = (16, 64, 256, 1024, 4096)
    alike = [peak_bytes(data_alone, 32, T) for T in steps]
    peaks = {
        way: [peak_bytes(gradient, 32, T) - common for T, common in zip(steps, alike)]
        for way, gradient in WAYS.items()
    }
    return {"units": 32, "steps": steps, "bytes": peaks}
