"""Exercises with instant checks that answer in words, one module for each chapter; numpy only.

>>> from nnlib import exercises
>>> exercises.check("chain-rule-11", "A").hint
'one-sweep-for-all'

``exercises.show("chain-rule-5")`` is the statement, ``exercises.check("chain-rule-5", your_function)`` the answer
to yours. `README.md` beside this file says how to write one.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import Any

from nnlib.exercises.model import Exercise, Result

__all__ = ["CHAPTERS", "Exercise", "Result", "all", "check", "get", "key", "of", "sheet", "show"]

CHAPTERS = ("chain_rule", "index_backprop", "recursive", "jacobian", "bptt", "gradient_backprop", "six_ways")


@cache
def of(chapter: str, seed: int = 0) -> tuple[Exercise, ...]:
    """The exercises of a chapter, in order; those with fresh numbers take them from the seed."""
    if chapter not in CHAPTERS:
        raise ValueError(f"chapter is {chapter!r}, wants one of {', '.join(CHAPTERS)}")
    listed = import_module(f"nnlib.exercises.{chapter}").EXERCISES
    return tuple(one if isinstance(one, Exercise) else one(seed) for one in listed)


def all(seed: int = 0) -> tuple[Exercise, ...]:
    """The exercises of all chapters."""
    return tuple(one for chapter in CHAPTERS for one in of(chapter, seed))


def get(id: str, seed: int = 0) -> Exercise:
    """One exercise. Raises ValueError for an unknown id."""
    chapter = id.rpartition("-")[0].replace("-", "_") if isinstance(id, str) else ""
    for one in of(chapter, seed) if chapter in CHAPTERS else ():
        if one.id == id:
            return one
    raise ValueError(f"exercise {id!r} is unknown, wants one of {', '.join(one.id for one in all())}")


def show(id: str, seed: int = 0) -> Exercise:
    """One exercise, to be displayed: title, statement and starter."""
    return get(id, seed)


def check(id: str, answer: Any, seed: int | None = None) -> Result:
    """Check an answer: a function, the text of a formula (or a dictionary of them), or an option's letter.

    ``seed`` fixes the random inputs, and the numbers of an exercise that has fresh ones (0 if not given).
    Raises ValueError for an unknown id, never for an answer.
    """
    return get(id, seed or 0).check(answer, seed)


def sheet(chapter: str, seed: int = 0) -> str:
    """The chapter's exercises with fresh numbers as Markdown to print, without answers."""
    return "\n\n".join(str(one) for one in of(chapter, seed) if one.seed is not None)


def key(chapter: str, seed: int = 0) -> str:
    """The answers to `sheet`, for the teacher."""
    lines = []
    for one in of(chapter, seed):
        if one.seed is not None:
            values = ((field["name"], field["values"][0]) for field in one.task.plain()["fields"])
            lines.append(f"{one.id}, seed {seed}: " + ", ".join(f"{name} = {v:.6g}" for name, v in values))
    return "\n".join(lines)
