"""One submission's marks: its cells run in the sandbox, the sheet's tests run here, on what comes back.

A test calls the student's functions as nbgrader would have it; here they are stand-ins that send the arguments into
the sandbox and return plain arrays. So no test, no reference solution and no mark is ever within a student's reach,
and whatever a student does to numpy, to assertions or to the process changes nothing but that student's answers.
"""

from __future__ import annotations

import ast
import json
import re
import time
from dataclasses import dataclass
from typing import Any

import numpy as np

from classroom import sandbox, sheet
from classroom.sheet import Item, Sheet

VERSION = 1  # of the rules below: other rules, other digests, everything graded afresh
HINT = re.compile(r"\[([\w-]+)\] (.+)", re.DOTALL)
STARTS = 8  # sandboxes for one submission, at most
CELLS = 500

WORDS = {
    "stub": "There is no answer yet.",
    "missing": "{} is not defined when the notebook has run from top to bottom.",
    "raises": "Your answer stops with {error}: {words}",
    "raises-line": "Your answer stops with {error}: {words} ({where}, line {line})",
    "time": "Your answer takes too long.",
    "output": "Your answer prints without end.",
    "memory": "Your answer wants more memory than there is.",
    "ended": "Your answer {}.",
    "type": "What your answer hands back {}.",
    "changed": "Your function changes the arrays that it is given. Which line assigns into them?",
    "test": "A test fails: look at the cells with assert in the notebook.",
}


class SubmissionError(ValueError):
    """The file is no submission; the words say why, to the student."""


class AnswerError(Exception):
    """A test met no usable answer; `hint` is the stable id, the words are for the student."""

    def __init__(self, hint: str, words: str):
        super().__init__(words)
        self.hint = hint


def cells(data: bytes) -> tuple[list[dict[str, Any]], str]:
    """The cells of a notebook that anybody may have written, and for whom it was made."""
    try:
        notebook = json.loads(data)
    except (ValueError, RecursionError):
        raise SubmissionError("The file is not a notebook (it is not JSON).") from None
    found = notebook.get("cells") if isinstance(notebook, dict) else None
    if not isinstance(found, list):
        raise SubmissionError("The file is not a notebook of format 4 (it has no cells).")
    if len(found) > CELLS:
        raise SubmissionError(f"The notebook has {len(found)} cells, more than {CELLS}.")
    made = []
    for cell in found:
        source = cell.get("source", "") if isinstance(cell, dict) else None
        if isinstance(source, list) and all(isinstance(line, str) for line in source):
            source = "".join(source)
        if not isinstance(source, str):
            raise SubmissionError("The file is not a notebook (a cell has no text).")
        metadata = cell.get("metadata")
        told = metadata.get("nbgrader") if isinstance(metadata, dict) else None
        identity = told.get("grade_id") if isinstance(told, dict) else None
        kind = "code" if cell.get("cell_type") == "code" else "text"
        made.append({"kind": kind, "id": identity if isinstance(identity, str) else "", "source": source})
    owner = notebook.get("metadata")
    for key in ("classroom", "student"):
        owner = owner.get(key) if isinstance(owner, dict) else None
    return made, owner if isinstance(owner, str) else ""


class Run:
    """A submission's notebook, run; started again without a cell that ended the process."""

    def __init__(self, code: list[str], trusted: bool = False):
        self.code, self.trusted = code, trusted
        self.errors: dict[int, dict[str, Any]] = {}  # cell number -> what went wrong there
        self._skip: set[int] = set()
        self._starts = 0
        self._left = float(sandbox.TOTAL)  # seconds
        self._process: sandbox.Process | None = None

    def __enter__(self) -> Run:
        return self

    def __exit__(self, *_: Any) -> None:
        if self._process:
            self._process.__exit__()

    def process(self) -> sandbox.Process:
        """A sandbox in which all cells have run."""
        while self._process is None or not self._process.alive:
            if self._process:
                self._process.__exit__()
            if self._starts == STARTS or self._left <= 0:
                raise AnswerError("time", "Your notebook was ended too often, or takes too long as a whole.")
            self._process = sandbox.Process(self.trusted)
            self._process.wait_until_ready()  # not in the student's time
            self._starts += 1
            self._run_cells(self._process)
        return self._process

    def _run_cells(self, process: sandbox.Process) -> None:
        for number, source in enumerate(self.code, 1):
            if number in self._skip:
                continue
            try:
                reply, _ = self._timed(process, {"do": "run", "name": f"cell {number}", "source": source})
            except sandbox.EndedError as error:
                reply = {"error": "Ended", "words": str(error), "line": None}
            except sandbox.wire.NotPlainError:
                reply = {"error": "Ended", "words": "is too long", "line": None}
            if reply.get("error"):
                reply = _tidy(reply)
                self.errors[number] = reply
                if reply["error"] in ("Ended", "TimeLimit", "OutputLimit", "NotPlainError"):
                    self._skip.add(number)
            if not process.alive:
                return

    def _timed(
        self, process: sandbox.Process, request: dict[str, Any], value: Any = None
    ) -> tuple[dict[str, Any], Any]:
        """Ask, within what is left of the submission's time."""
        start = time.monotonic()
        try:
            return process.ask(request, value, min(sandbox.SECONDS, max(self._left, 0.1)))
        finally:
            self._left -= time.monotonic() - start

    def value(self, name: str) -> Any:
        """The student's value of this name, or a stand-in for the student's function."""
        reply, value = self._ask({"do": "get", "name": name})
        return Function(self, name) if reply.get("callable") is True else value

    def _ask(self, request: dict[str, Any], value: Any = None) -> tuple[dict[str, Any], Any]:
        process = self.process()
        try:
            reply, value = self._timed(process, request, value)
        except sandbox.EndedError as error:
            raise AnswerError("ended", WORDS["ended"].format(error)) from None
        if reply.get("error"):
            raise _failure(_tidy(reply), request["name"])
        return reply, value


@dataclass(frozen=True)
class Function:
    """A stand-in for a student's function: runs it in the sandbox, hands back plain values."""

    _run: Run
    __name__: str

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        reply, value = self._run._ask({"do": "call", "name": self.__name__}, (args, kwargs))
        if reply.get("changed") is True:
            raise AnswerError("changed", WORDS["changed"])
        return value


def _tidy(reply: dict[str, Any]) -> dict[str, Any]:
    """A told error in the form that the pages expect, whatever the sandbox sent."""
    line = reply.get("line")
    tidy = {key: str(reply.get(key) or "")[:300] for key in ("error", "words", "where")}
    return tidy | {"line": line if isinstance(line, int) and 0 < line < 100_000 else None}


def _failure(reply: dict[str, Any], name: str) -> AnswerError:
    """What a failed call means, in the words for the student."""
    error = reply["error"]
    if error == "Missing":
        return AnswerError("missing", WORDS["missing"].format(name))
    if error == "NotImplementedError":
        return AnswerError("stub", WORDS["stub"])
    for hint, kind in (("time", "TimeLimit"), ("output", "OutputLimit"), ("memory", "MemoryError")):
        if error == kind:
            return AnswerError(hint, WORDS[hint])
    if error == "NotPlainError":
        return AnswerError("type", WORDS["type"].format(reply["words"]))
    return AnswerError("raises", WORDS["raises-line" if reply["line"] else "raises"].format(**reply))


def _used(test: str, names: frozenset[str]) -> list[str]:
    """Which of the students' names a test uses."""
    loaded = (
        n.id for n in ast.walk(ast.parse(test)) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load)
    )
    return sorted(set(loaded) & names)


def _test(item: Item, source: Sheet, space: dict[str, Any], run: Run) -> dict[str, Any]:
    """Run one test cell; points and, if it fails, the hint."""
    failed = {}
    for name in _used(item.test, source.names):
        try:
            space[name] = run.value(name)
        except AnswerError as error:
            space.pop(name, None)
            failed[name] = error
    try:
        with np.errstate(all="ignore"):  # an answer may well hold NaN
            exec(compile(item.test, f"<{item.id}>", "exec"), space)
        return {"points": item.points}
    except AnswerError as error:
        hint, words = error.hint, str(error)
    except NameError as error:
        found = failed.get(error.name or "")
        hint, words = (found.hint, str(found)) if found else ("test", WORDS["test"])
    except AssertionError as error:
        match = HINT.fullmatch(str(error))
        hint, words = match.groups() if match else ("test", WORDS["test"])
    except sandbox.NotStartedError:
        raise
    except Exception:  # an answer of a form that the test did not expect
        hint, words = "test", WORDS["test"]
    return {"points": 0, "hint": hint, "words": words}


def no_marks(source: Sheet, words: str) -> dict[str, Any]:
    """The marks of a submission that is none; the words say why."""
    items = {item.id: {"points": 0, "hint": "file", "words": words} for item in source.items}
    return {"items": items, "errors": {}, "notes": [], "answers": {}, "problem": words}


def mark(source: Sheet, data: bytes, student: str = "", trusted: bool = False) -> dict[str, Any]:
    """The marks of a submission's bytes; `student` gives the seed of a variant, empty for none."""
    if not trusted:
        sandbox.require()
    space = sheet.numbers(source, student)
    try:
        found, owner = cells(data)
    except SubmissionError as error:
        return no_marks(source, str(error))
    code = [cell["source"] for cell in found if cell["kind"] == "code"]
    notes = [] if any(text.strip() for text in code) else ["The notebook has no code."]
    if student and owner and owner != student:
        notes.append(f"The notebook was made for {owner[:100]}.")
    wanted = [identity for item in source.items for identity in item.answers]
    answers: dict[str, str] = {}
    for cell in found:
        if cell["id"]:
            if cell["id"] in answers and cell["id"] in wanted:
                notes.append(
                    f"The cell {cell['id']} is there more than once; all of them were run, in order."
                )
            answers[cell["id"]] = "\n\n".join(filter(None, [answers.get(cell["id"], ""), cell["source"]]))[
                :20_000
            ]
    notes += [
        f"The cell {identity} is missing." for identity in dict.fromkeys(wanted) if identity not in answers
    ]
    items = {}
    with Run(code, trusted) as run:
        for item in source.items:
            if item.manual:
                items[item.id] = _manual(answers.get(item.id, ""))
            else:
                items[item.id] = _test(item, source, space, run)
        errors = run.errors
    kept = {identity: answers[identity] for identity in dict.fromkeys(wanted) if identity in answers}
    return {
        "items": items,
        "errors": {str(number): error for number, error in sorted(errors.items())},
        "notes": list(dict.fromkeys(notes)),
        "answers": kept,
        "problem": "",
    }


def _manual(answer: str) -> dict[str, Any]:
    """A derivation waits for its marks; where there is none, it has 0."""
    if answer.strip() in ("", sheet.STUB["markdown"]):
        return {"points": 0, "hint": "stub", "words": WORDS["stub"]}
    return {"points": None}
