"""Marks out of results: the marks that people give, lateness, and tables for Moodle, Canvas and a spreadsheet.

A mark that is still to be given is an empty cell, never a 0: an import then leaves that student as it is.
"""

from __future__ import annotations

import csv
import hashlib
import io
import math
import os
import tempfile
from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

from classroom.roster import Student
from classroom.sheet import Sheet

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
    deduction: float
    total: float | None

    @property
    def score(self) -> float | None:
        return None if self.total is None else round(self.total - self.deduction, 2)


def save(path: Path, text: str, encoding: str = "utf8") -> None:
    """Write a file whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=".part")
    with open(handle, "w", encoding=encoding, errors="replace", newline="") as file:
        file.write(text)
        file.flush()
        os.fsync(handle)
    os.chmod(name, 0o644)
    os.replace(name, path)


def table(lines: Iterable[Iterable[Any]]) -> str:
    """CSV text; a word that a spreadsheet would take for a formula begins with an apostrophe."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    for line in lines:
        writer.writerow(
            [f"'{cell}" if isinstance(cell, str) and cell[:1] in tuple("=+-@\t\r") else cell for cell in line]
        )
    return out.getvalue()


def fingerprint(answer: str) -> str:
    return hashlib.sha256(answer.encode("utf8", "replace")).hexdigest()[:12]


def manual_marks(
    path: Path, sheet: Sheet, results: list[dict[str, Any]]
) -> dict[tuple[str, str], tuple[float, str]]:
    """(marks, comment) by (student, item) from the table at `path`, and the table brought up to date.

    What was typed into it stays; an answer that was handed in anew waits for new marks.
    """
    lines: dict[tuple[str, str], dict[str, str]] = {}
    if path.exists():
        with path.open(encoding="utf-8-sig", newline="") as file:
            for number, line in enumerate(csv.DictReader(file), 2):
                if not set(MANUAL) <= set(line):
                    raise MarksError(f"{path}: the columns are {', '.join(MANUAL)}")
                line["number"] = str(number)
                lines[line["student"].removeprefix("'"), line["item"]] = line
    marks, rows = {}, []
    for result in results:
        for item in sheet.items:
            if not item.manual or result["items"][item.id]["points"] is not None:
                continue
            answer = fingerprint(result["answers"].get(item.id, ""))
            line = lines.get((result["student"], item.id), {})
            given, comment = (line.get("marks") or "").strip(), (line.get("comment") or "").strip()
            if given and line["answer"] != answer:
                given, comment = "", f"{comment} (an earlier answer had {given})".strip()
            if given:
                try:
                    value = float(given.replace(",", "."))
                except ValueError:
                    value = math.nan
                if not 0 <= value <= item.points:
                    raise MarksError(
                        f"{path}, line {line['number']}: {given!r} is no mark from 0 to {item.points:g}"
                    )
                marks[result["student"], item.id] = (value, comment)
            rows.append((result["student"], item.id, f"{item.points:g}", given, comment, answer))
    if rows:
        save(path, table([MANUAL, *rows]), "utf-8-sig")
    return marks


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
    deduction = round((total or 0) * min(1, late * percent / 100), 2)
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
    save(out / "grades.csv", table([head, *lines]), "utf-8-sig")
    head = [
        "Identifier",
        "Full name",
        "Email address",
        "ID number",
        "Grade",
        "Maximum Grade",
        "Feedback comments",
    ]
    lines = []
    for line in rows:
        student, number = who[line.student], line.result["moodle"]
        identifier = f"Participant {number}" if number else ""
        lines.append([identifier, student.name or line.student, student.email, student.id, blank(line.score)])
        lines[-1] += [f"{sheet.points:g}", remark(line)]
    save(out / "moodle.csv", table([head, *lines]))
    head = ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", sheet.name]
    lines = [["    Points Possible", "", "", "", "", f"{sheet.points:g}"]]
    for line in rows:
        student = who[line.student]
        canvas = student.canvas or line.result["canvas"]
        lines.append([student.name or line.student, canvas, student.id, line.student, "", blank(line.score)])
    save(out / "canvas.csv", table([head, *lines]))


def remark(line: Row) -> str:
    """What the teacher should know at a glance."""
    parts = [line.result["problem"]] if line.result["problem"] else list(line.result["notes"])
    if line.total is None:
        parts.insert(0, "Waits for marks by hand.")
    return " ".join(parts)
