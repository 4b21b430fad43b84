"""The list of students: a CSV file that a spreadsheet, Moodle or Canvas can give.

Columns, by name in the first line: ``student`` (what folders and files are called by), and where there are any
``name``, ``email``, ``id`` (Moodle's ID number), ``canvas`` (Canvas's ID) and ``extended`` (a deadline of one's own,
2026-12-01T18:00).
"""

from __future__ import annotations

import csv
from datetime import datetime
from pathlib import Path
from typing import NamedTuple


class Student(NamedTuple):
    student: str
    name: str = ""
    email: str = ""
    id: str = ""
    canvas: str = ""
    extended: datetime | None = None


class RosterError(ValueError):
    """The file is not a list of students; the words name the line."""


def read(path: Path) -> dict[str, Student]:
    """The students by what they are called."""
    found: dict[str, Student] = {}
    with path.open(encoding="utf-8-sig", newline="") as file:
        lines = csv.DictReader(file)
        if "student" not in (lines.fieldnames or ()):
            raise RosterError(
                f"{path}: no column 'student'; there are {', '.join(lines.fieldnames or ['none'])}"
            )
        for number, line in enumerate(lines, 2):
            told = {key: (line.get(key) or "").strip() for key in Student._fields}
            student = told["student"]
            if (
                not student
                or student.startswith(".")
                or set(student) & set('/\\:*?"<>|')
                or not student.isprintable()
            ):
                raise RosterError(f"{path}, line {number}: {student!r} can't be the name of a folder")
            if student in found:
                raise RosterError(f"{path}, line {number}: {student} is there twice")
            try:
                extended = datetime.fromisoformat(told["extended"]) if told["extended"] else None
            except ValueError:
                raise RosterError(f"{path}, line {number}: extended is no date: {told['extended']}") from None
            found[student] = Student(**(told | {"extended": extended}))
    return found
