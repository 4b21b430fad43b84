"""An instructor's sheet: one notebook in nbgrader's format, read, checked, and stripped for students.

Cells are told apart by nbgrader's metadata: a *solution* cell is the student's to change, a *test* cell (grade, not
solution) earns its points if it runs without an error, a *manual* cell (grade and solution) is marked by a person,
a *given* cell is everything else. Solutions stand between ``### BEGIN SOLUTION`` and ``### END SOLUTION``, hidden
tests between ``### BEGIN HIDDEN TESTS`` and ``### END HIDDEN TESTS``; each of these holds the canary, a word that no
student may ever find.
"""

from __future__ import annotations

import ast
import hashlib
import json
import re
from copy import deepcopy
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

SHEETS = Path(__file__).resolve().parent / "sheets"
CANARY = "canary-" + "4c1f"  # in two parts, so that only solutions and hidden tests hold the whole word
STUB = {"code": "# YOUR CODE HERE\nraise NotImplementedError()", "markdown": "YOUR ANSWER HERE"}
SOLUTION, HIDDEN = "SOLUTION", "HIDDEN TESTS"
SEED = re.compile(r"^SEED = \d+$", re.MULTILINE)
PLACE = re.compile(r"\{\{(.+?)\}\}")


class SheetError(ValueError):
    """The sheet's source breaks a rule; the words name the cell and the rule."""


@dataclass(frozen=True)
class Item:
    """One line of the mark sheet: a test cell or a manual cell."""

    id: str
    title: str
    points: float
    manual: bool
    test: str = ""  # the code to run, hidden part included
    answers: tuple[str, ...] = ()  # ids of the cells that hold the student's answer
    rubric: tuple[tuple[float, str], ...] = ()


@dataclass(frozen=True)
class Sheet:
    """A checked source. `names` are what students are to define."""

    name: str
    notebook: dict[str, Any]
    items: tuple[Item, ...]
    given: tuple[str, ...]
    names: frozenset[str]
    digest: str = field(repr=False)

    @property
    def points(self) -> float:
        return sum(item.points for item in self.items)


def text(cell: dict[str, Any]) -> str:
    """A cell's source, which the format keeps as one string or as lines."""
    source = cell.get("source", "")
    return source if isinstance(source, str) else "".join(source)


def role(cell: dict[str, Any]) -> str:
    """solution, test, manual or given."""
    told = cell.get("metadata", {}).get("nbgrader", {})
    grade, solution = bool(told.get("grade")), bool(told.get("solution"))
    return {(True, False): "test", (True, True): "manual", (False, True): "solution"}.get(
        (grade, solution), "given"
    )


def regions(source: str, kind: str) -> list[str]:
    """The texts between ### BEGIN kind and ### END kind; SheetError if the marks do not pair."""
    found, inside = [], None
    for line in source.split("\n"):
        if line.strip() == f"### BEGIN {kind}":
            if inside is not None:
                raise SheetError(f"### BEGIN {kind} twice")
            inside = []
        elif line.strip() == f"### END {kind}":
            if inside is None:
                raise SheetError(f"### END {kind} without a beginning")
            found.append("\n".join(inside))
            inside = None
        elif inside is not None:
            inside.append(line)
    if inside is not None:
        raise SheetError(f"### BEGIN {kind} without an end")
    return found


def without(source: str, kind: str, stub: str = "") -> str:
    """The source with each region of the kind replaced by the stub, indented as the region was."""
    lines, inside = [], False
    for line in source.split("\n"):
        if line.strip() == f"### BEGIN {kind}":
            inside, indent = True, line[: len(line) - len(line.lstrip())]
            lines += [indent + stubbed for stubbed in stub.split("\n") if stub]
        elif line.strip() == f"### END {kind}":
            inside = False
        elif not inside:
            lines.append(line)
    return "\n".join(lines)


def read(name: str, sheets: Path = SHEETS) -> Sheet:
    """The sheet NAME of the folder `sheets`, from NAME/NAME.ipynb."""
    path = sheets / name / f"{name}.ipynb"
    if not path.is_file():
        known = sorted(found.parent.name for found in sheets.glob("*/*.ipynb"))
        raise SheetError(f"No sheet {name}: {path} is not there. Sheets here: {', '.join(known) or 'none'}")
    data = path.read_bytes()
    try:
        return parse(name, json.loads(data), hashlib.sha256(data).hexdigest())
    except json.JSONDecodeError as error:
        raise SheetError(f"{path} is not a notebook: {error}") from None


def parse(name: str, notebook: dict[str, Any], digest: str = "") -> Sheet:
    """Check a source cell by cell and take it apart."""
    items, given, names, seen = [], [], set(), set()
    answers, tested = [], False  # the solution cells that the next tests are about
    for number, cell in enumerate(notebook["cells"], 1):
        told, source, kind = cell["metadata"].get("nbgrader", {}), text(cell), role(cell)
        identity = told.get("grade_id", f"number {number}")
        try:
            _check(cell, kind)
            if told and identity in seen:
                raise SheetError("its grade_id is taken")
            if kind == "solution":
                answers, tested = [*answers * (not tested), identity], False
                names |= bound(source)
            elif kind in ("test", "manual"):
                own = cell["metadata"].get("classroom", {})
                items.append(
                    Item(
                        identity,
                        own.get("title", identity),
                        told["points"],
                        kind == "manual",
                        source if kind == "test" else "",
                        tuple(answers) if kind == "test" else (identity,),
                        tuple((points, words) for points, words in own.get("rubric", ())),
                    )
                )
                tested = tested or kind == "test"
            elif cell["cell_type"] == "code":
                given.append(source)
        except SheetError as error:
            raise SheetError(f"{name}, cell {identity}: {error}") from None
        seen.add(identity)
    if not items:
        raise SheetError(f"{name}: no cell carries points")
    return Sheet(name, notebook, tuple(items), tuple(given), frozenset(names), digest)


def _check(cell: dict[str, Any], kind: str) -> None:
    """The rules for one cell."""
    source, told = text(cell), cell["metadata"].get("nbgrader", {})
    solutions, hidden = regions(source, SOLUTION), regions(source, HIDDEN)
    if cell["cell_type"] == "code":
        try:
            ast.parse(source)
        except SyntaxError as error:
            raise SheetError(f"not Python: {error}") from None
    if kind in ("solution", "manual") and not solutions and cell["cell_type"] == "code":
        raise SheetError("a solution cell without ### BEGIN SOLUTION")
    if solutions and kind not in ("solution", "manual"):
        raise SheetError("a solution in a cell that is not marked as one")
    if hidden and kind != "test":
        raise SheetError("hidden tests in a cell that is not a test")
    if kind == "manual" and not solutions:
        raise SheetError("a manual cell without ### BEGIN SOLUTION (its model answer)")
    for region in solutions + hidden:
        if CANARY not in region:
            raise SheetError(f"a solution or hidden test without the word {CANARY}")
    if CANARY in without(without(source, SOLUTION), HIDDEN):
        raise SheetError("the canary outside a solution or hidden test")
    if kind in ("test", "manual"):
        points = told.get("points")
        if isinstance(points, bool) or not isinstance(points, int | float) or not points >= 0:
            raise SheetError(f"points are {points!r}")
        rubric = cell["metadata"].get("classroom", {}).get("rubric", ())
        if kind == "manual" and sum(part for part, _ in rubric) != points:
            raise SheetError("the rubric's points do not add up to the cell's")
    if told and (told.get("schema_version") != 3 or "grade_id" not in told):
        raise SheetError("nbgrader's metadata want schema_version 3 and a grade_id")


def bound(source: str) -> set[str]:
    """The names that a cell defines at its top level."""
    found: set[str] = set()
    for node in ast.parse(source).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            found.add(node.name)
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            found |= {
                name.id
                for name in ast.walk(node)
                if isinstance(name, ast.Name) and isinstance(name.ctx, ast.Store)
            }
    return found


def seed(sheet: str, student: str) -> int:
    """The student's own number, the same whenever and wherever it is asked for; without a student, 0."""
    if not student:
        return 0
    return int(hashlib.sha256(f"{sheet}/{student}".encode()).hexdigest(), 16) % 1_000_000


def seeded(source: str, number: int) -> str:
    return SEED.sub(f"SEED = {number}", source)


def numbers(sheet: Sheet, student: str = "") -> dict[str, Any]:
    """What the given cells define, run in order with the student's seed. Runs the instructor's code: trusted."""
    space: dict[str, Any] = {"__name__": "sheet"}
    for source in sheet.given:
        exec(compile(seeded(source, seed(sheet.name, student)), f"<{sheet.name}>", "exec"), space)
    return space


def try_solutions(sheet: Sheet, student: str = "") -> None:
    """Run the whole source with the student's seed, tests included; SheetError names the cell that fails."""
    space: dict[str, Any] = {"__name__": "sheet"}
    for number, cell in enumerate(sheet.notebook["cells"], 1):
        if cell["cell_type"] == "code":
            try:
                source = seeded(text(cell), seed(sheet.name, student))
                exec(compile(source, f"<{sheet.name}, cell {number}>", "exec"), space)
            except Exception as error:
                identity = cell["metadata"].get("nbgrader", {}).get("grade_id", f"number {number}")
                raise SheetError(f"{sheet.name}, cell {identity}: {type(error).__name__}: {error}") from error


def for_student(sheet: Sheet, student: str = "") -> dict[str, Any]:
    """The student's notebook: no solution, no hidden test, no output; numbers from the student's seed."""
    space = numbers(sheet, student)

    def place(match: re.Match) -> str:
        value = eval(match[1], dict(space))  # the instructor's expression, in the instructor's text
        return f"{value:g}" if isinstance(value, int | float) else str(value)

    cells = []
    for number, cell in enumerate(sheet.notebook["cells"]):
        kind, source = role(cell), text(cell)
        stub = STUB["code" if cell["cell_type"] == "code" else "markdown"]
        source = without(without(source, SOLUTION, stub), HIDDEN).rstrip("\n")
        if cell["cell_type"] == "code":
            source = seeded(source, seed(sheet.name, student)) if kind == "given" else source
        else:
            source = PLACE.sub(place, source)
        metadata = deepcopy({key: cell["metadata"][key] for key in ("nbgrader",) if key in cell["metadata"]})
        if kind in ("given", "test"):
            metadata["editable"] = False
        if kind != "given":
            metadata["deletable"] = False
        made = {
            "id": f"cell-{number}",
            "cell_type": cell["cell_type"],
            "metadata": metadata,
            "source": source,
        }
        if cell["cell_type"] == "code":
            made |= {"execution_count": None, "outputs": []}
        if told := metadata.get("nbgrader"):
            told |= {"checksum": checksum(made), "cell_type": cell["cell_type"]}
        cells.append(made)
    metadata = {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
        "classroom": {"sheet": sheet.name, "student": student},
    }
    return {"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}


def checksum(cell: dict[str, Any]) -> str:
    """nbgrader's checksum of a cell: it notices a test cell that was changed."""
    told, m = cell["metadata"]["nbgrader"], hashlib.md5()
    parts = [cell["source"], cell["cell_type"], *(str(told[key]) for key in ("grade", "solution", "locked"))]
    parts += [told["grade_id"], *([str(float(told["points"]))] if told["grade"] else [])]
    for part in parts:
        m.update(part.encode())
    return m.hexdigest()
