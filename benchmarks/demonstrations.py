"""How long the book's demonstrations take to answer in the page: the cells a reader may change, the live figures.

Runs in Pyodide, and anywhere else, by the same functions as the page: `kernel` of book/live. The cells above a
reader's run first, and then answer from memory. Of a figure a page asks the states between the stored ones; here
the ends and a middle of every range are asked, and the slowest counts.
"""

import itertools
import json
import os
import sys
import time
from pathlib import Path

import numpy as np

MIME = "application/vnd.nnlib.figure+json"


def pages(book: Path) -> dict:
    """By page: seconds of each cell to change, and of the slowest answer of each live figure; pages with neither
    are left out."""
    sys.path.insert(0, str(book / "live"))
    os.chdir(book)
    found = {}
    for path in sorted(book.glob("*.ipynb")):
        codes = [cell for cell in json.loads(path.read_text("utf8"))["cells"] if cell["cell_type"] == "code"]
        of = {"cells": cells(codes), "figures": figures(codes)}
        if any(of.values()):
            found[path.stem] = of
    return found


def cells(codes: list[dict]) -> list[dict]:
    """For every cell tagged live: its first line, seconds of the cells above, and its own."""
    import kernel

    live = live_cells(codes)
    found, variables, above = [], {}, 0.0
    for n in range(max(live, default=-1) + 1):
        source = "".join(codes[n]["source"])
        if n in live:
            answered, taken = timed(kernel.run, source, dict(variables), lambda *_: None)
            found.append({"line": source.splitlines()[0], "above": short(above), "own": short(taken)})
            require(answered, source)
        answered, taken = timed(kernel.prepare, source, variables)
        require(answered, source)
        above += taken
    return found


def live_cells(codes: list[dict]) -> list[int]:
    return [n for n, cell in enumerate(codes) if "live" in cell["metadata"].get("tags", [])]


def figures(codes: list[dict]) -> dict[str, float]:
    import kernel

    found: dict[str, float] = {}
    for bundle in live_figures(codes):
        function = bundle["function"]
        controls = {
            of["name"]: some(of["live"]) if "live" in of else of["values"] for of in bundle["controls"]
        }
        for values in itertools.product(*controls.values()):
            asked = bundle["given"] | dict(zip(controls, values))
            _, taken = timed(kernel.answer, function, asked)
            found[function] = max(found.get(function, 0.0), short(taken))
    return found


def live_figures(codes: list[dict]) -> list[dict]:
    """The bundles of the figures that ask Python between their stored states."""
    from nnlib.figures.bundle import asks_more

    bundles = [out["data"][MIME] for cell in codes for out in cell["outputs"] if MIME in out.get("data", {})]
    return [bundle for bundle in bundles if asks_more(bundle)]


def exercises() -> dict[str, float]:
    """By chapter, seconds of the slowest check of code: an answer with the last known slip, compared with all."""
    from nnlib import exercises

    found: dict[str, float] = {}
    for one in exercises.all():
        if one.kind == "code":
            result, taken = timed(one.check, with_last_slip(one.task), 0)
            if result.ok:
                raise RuntimeError(f"{one.id} takes a slip for right")
            found[one.chapter] = max(found.get(one.chapter, 0.0), short(taken))
    return found


def with_last_slip(task):
    slip = [*task.slips.values()][-1]

    def answer(*arguments):
        names = task.inputs(np.random.default_rng(0))
        return slip.answer(task.right(*arguments), **dict(zip(names, arguments)))

    return answer


def timed(function, *arguments) -> tuple:
    start = time.perf_counter()
    result = function(*arguments)
    return result, time.perf_counter() - start


def require(answered: str, source: str) -> None:
    told = json.loads(answered) or {}
    if "error" in told:
        raise RuntimeError(f"{source.splitlines()[0]} ... {told['error']}: {told['message']}")


def some(values: list) -> list:
    return [values[0], values[len(values) // 2], values[-1]]


def short(seconds: float) -> float:
    return float(f"{seconds:.2g}")
