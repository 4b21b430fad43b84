"""A figure's controls: the states a page stores for each, and what a live kernel may be asked besides.

A tuple is a range, a list holds choices. ``(1, 12)`` is every whole number from 1 to 12, ``(0.01, 1.0)``
is nine numbers from end to end, a longer tuple the values to be stored; a live kernel answers between
them, too. Of a list there is only what stands in it. A control starts at the default that the figure's function
gives its argument, and at the first value where there is none.
"""

from __future__ import annotations

import inspect
import json
import sys
import unicodedata
from collections.abc import Callable
from functools import partial

import numpy as np

STEPS = 9  # states of a range given as two floats
BETWEEN = 10  # a live kernel is asked in so many steps from one stored value to the next


def controls_of(figure: Callable, given: dict[str, tuple | list]) -> list[dict]:
    """The controls of `figure`, each as `control` describes it, starting at the figure's own defaults."""
    defaults = {name: argument.default for name, argument in inspect.signature(figure).parameters.items()}
    return [control(name, values, defaults.get(name)) for name, values in given.items()]


def control(name: str, given: tuple | list, start=None) -> dict:
    """The control `name` as a bundle describes it: name, label, values; of a range also the values `live`.

    Where it does not start at its first value, `start` is the number of that at which it does. Raises ValueError
    for a control with nothing to choose, and for a range that does not rise.
    """
    values = [value.item() if isinstance(value, np.generic) else value for value in given]
    numbers = all(is_number(value) for value in values)
    whole = numbers and all(isinstance(value, int) for value in values)
    if isinstance(given, tuple) and numbers and len(values) == 2:
        low, high = values
        values = list(range(low, high + 1)) if whole else _short(np.linspace(low, high, STEPS))
    if len(set(values)) < max(2, len(values)):
        raise ValueError(f"{name} offers {values}, wants at least two different values")
    described = {"name": name, "label": _label(name), "values": values}
    if start in values[1:]:
        described["start"] = values.index(start)
    if isinstance(given, list):
        return described
    if not numbers or values != sorted(values):
        raise ValueError(f"{name} is the range {values}, wants numbers that rise; a list would be choices")
    return described | {"live": _finer(values, whole)}


def _finer(values: list, whole: bool) -> list:
    """`values` and what lies between them, in `BETWEEN` even steps from one to the next."""
    ends = np.arange(len(values))
    between = np.interp(np.linspace(0, ends[-1], BETWEEN * ends[-1] + 1), ends, values)
    found = np.unique(np.rint(between).astype(int)).tolist() if whole else _short(between)
    return sorted({*found, *values})


def _short(numbers: np.ndarray) -> list:
    return [float(f"{number:.6g}") for number in numbers]


def is_number(value) -> bool:
    """Whether `value` is a number that a slider can stand for."""
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def named(figure) -> tuple[str | None, dict]:
    """How another Python imports `figure`, as "module:name", and the arguments that a `partial` gives it.

    The name is None for a function that cannot be imported: such a figure cannot run live on a page.
    Raises ValueError for an argument that is not the same after a journey through JSON.
    """
    given: dict = {}
    if isinstance(figure, partial):
        if figure.args:
            raise ValueError(f"{figure} fixes {figure.args} by position, wants names")
        figure, given = figure.func, figure.keywords
    for name, value in given.items():
        try:
            same = json.loads(json.dumps(value)) == value
        except (TypeError, ValueError):
            same = False
        if not same:
            raise ValueError(f"the figure is given {name} = {value!r}, which JSON cannot hold")
    module, name = getattr(figure, "__module__", ""), getattr(figure, "__qualname__", "")
    found = getattr(sys.modules.get(module), name, None) is figure and module != "__main__"
    return (f"{module}:{name}" if found else None), given


def _label(name: str) -> str:
    """A control's name as a reader writes it: eta is η, an underscore a space."""
    try:
        return unicodedata.lookup(f"GREEK SMALL LETTER {name}")
    except KeyError:
        return name.replace("_", " ")
