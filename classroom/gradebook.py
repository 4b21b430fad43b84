"""Marks out of results: the marks that people give, lateness, and tables for Moodle, Canvas and a spreadsheet.

A mark that is still to be given is an empty cell, never a 0: an import then leaves that student as it is.
"""

from __future__ import annotations

import hashlib
import math
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

from classroom import tables
from classroom.roster import Student
from classroom.sheet import Item, Sheet

MANUAL = ("student", "item", "points", "marks", "comment", "answer")


class MarksError(ValueError):
    """The table of marks by hand has something that is no mark; the words name the line."""


class Row(NamedTuple):
    """One student's line: `total` is None while a mark is to be given."""

    student: str
    result: dict[str, Any]
    marks: dict[str, float | None]
    comments: dict[str, str]
    late: int  # days begun
    deduction: float | None
    total: float | None

    @property
    def score(self) -> float | None:
        return None if self.total is None else round(self.total - self.deduction, 2)

    @property
    def remarks(self) -> list[str]:
        """What is to be said about the submission as a whole."""
        found = [self.result["problem"], *self.result["remarks"], *self.result["notes"]]
        return [words for words in dict.fromkeys(found) if words]


def fingerprint(answer: str) -> str:
    """A word that changes with the answer; with a letter first, or a spreadsheet could take it for a number."""
    return "v" + hashlib.sha256(answer.encode("utf8", "replace")).hexdigest()[:12]


def manual_marks(
    path: Path, sheet: Sheet, results: list[dict[str, Any]]
) -> dict[tuple[str, str], tuple[float, str]]:
    """(marks, comment) by (student, item) from the table at `path`, and the table brought up to date.

    What was typed into it stays, also that for students who are not in the results. A mark for an answer that was
    handed in anew is kept as a comment, and the answer waits for another. An answer on paper has a line like any other.
    """
    lines = {}
    if path.exists():
        lines = {(line["student"], line["item"]): (n, line) for n, line in tables.read(path, MANUAL)}
    marks, rows = {}, []
    for result in results:
        for item in (item for item in sheet.items if item.manual):
            student, answer = result["student"], fingerprint(result["answers"].get(item.id, ""))
            number, line = lines.pop((student, item.id), (0, dict.fromkeys(MANUAL, "")))
            given, comment = line["marks"].strip(), line["comment"].strip()
            if given and line["answer"] != answer:
                given, comment = "", f"{comment} (an earlier answer had {given})".strip()
            if given:
                marks[student, item.id] = (_mark(given, item, f"{path}, line {number}"), comment)
            rows.append((student, item.id, f"{item.points:g}", given, comment, answer))
    rows += [
        tuple(line[column] for column in MANUAL)
        for _, line in lines.values()
        if line["marks"] or line["comment"]
    ]
    if rows:
        tables.save(path, tables.table([MANUAL, *rows]), "utf-8-sig")
    return marks


def _mark(given: str, item: Item, place: str) -> float:
    """What was typed, as a number; with a comma or a point."""
    try:
        value = float(given.replace(",", "."))
    except ValueError:
        value = math.nan
    if not 0 <= value <= item.points:
        raise MarksError(f"{place}: {given!r} is no mark from 0 to {item.points:g}")
    return value


def days_late(handed_in: str | None, deadline: datetime | None) -> int:
    """Days begun after the deadline."""
    if not handed_in or not deadline:
        return 0
    over = datetime.fromisoformat(handed_in) - deadline
    return max(0, math.ceil(over / timedelta(days=1)))


def row(
    sheet: Sheet,
    result: dict[str, Any],
    given: dict[tuple[str, str], tuple[float, str]],
    deadline: datetime | None,
    percent: float,
) -> Row:
    """One student's marks, with what is taken off for lateness."""
    student, marks, comments = result["student"], {}, {}
    for item in sheet.items:
        marks[item.id] = result["items"][item.id]["points"]
        if (student, item.id) in given:
            marks[item.id], comments[item.id] = given[student, item.id]
    total = None if None in marks.values() else sum(marks.values())
    late = days_late(result["handed_in"], deadline)
    deduction = None if total is None else round(total * min(1, late * percent / 100), 2)
    return Row(student, result, marks, comments, late, deduction, total)


def write(out: Path, sheet: Sheet, rows: list[Row], students: dict[str, Student]) -> None:
    """The tables: grades.csv with everything, moodle.csv and canvas.csv to import."""
    who = {line.student: students.get(line.student, Student(line.student)) for line in rows}

    def blank(value: float | None) -> str:
        return "" if value is None else f"{value:g}"

    head = [
        "student",
        "name",
        *(item.id for item in sheet.items),
        "late days",
        "deduction",
        "score",
        "of",
        "remark",
    ]
    lines = [
        [
            line.student,
            who[line.student].name,
            *(blank(line.marks[item.id]) for item in sheet.items),
            line.late,
        ]
        + [blank(line.deduction), blank(line.score), f"{sheet.points:g}", remark(line)]
        for line in rows
    ]
    tables.save(out / "grades.csv", tables.table([head, *lines]), "utf-8-sig")
    head = [
        "Identifier",
        "Full name",
        "Email address",
        "ID number",
        "Grade",
        "Maximum Grade",
        "Last modified (grade)",
        "Feedback comments",
    ]
    lines = []
    for line in rows:
        student, number = who[line.student], line.result["moodle"]
        identifier = f"Participant {number}" if number else ""
        lines.append([identifier, student.name or line.student, student.email, student.id, blank(line.score)])
        lines[-1] += [f"{sheet.points:g}", "", remark(line)]
    tables.save(out / "moodle.csv", tables.table([head, *lines]))
    head = ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", sheet.name]
    lines = [["    Points Possible", "", "", "", "", f"{sheet.points:g}"]]
    for line in rows:
        student = who[line.student]
        canvas = student.canvas or line.result["canvas"]
        lines.append([student.name or line.student, canvas, student.id, line.student, "", blank(line.score)])
    tables.save(out / "canvas.csv", tables.table([head, *lines]))


def remark(line: Row) -> str:
    """What teacher and student should know at a glance."""
    return " ".join([*["Waits for marks by hand."][: line.total is None], *line.remarks])
