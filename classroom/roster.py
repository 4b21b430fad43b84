"""The list of students: a CSV file that a spreadsheet, Moodle or Canvas can give.

Columns, by name in the first line: ``student`` (what folders and files are called by), and where there are any
``name``, ``email``, ``id`` (Moodle's ID number), ``canvas`` (Canvas's ID) and ``extended`` (a deadline of one's own,
2026-12-01T18:00). Commas or semicolons.
"""

from __future__ import annotations

import unicodedata
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from classroom import tables


class Student(NamedTuple):
    student: str
    name: str = ""
    email: str = ""
    id: str = ""
    canvas: str = ""
    extended: datetime | None = None


class RosterError(ValueError):
    """The file is not a list of students; the words name the line."""


def moment(text: str) -> datetime:
    """A date and time, on this machine's clock if the text names no other."""
    found = datetime.fromisoformat(text)
    return found.astimezone().replace(tzinfo=None) if found.tzinfo else found


def read(path: Path) -> dict[str, Student]:
    """The students by what they are called."""
    found: dict[str, Student] = {}
    for number, line in tables.read(path, ("student",)):
        told = {key: unicodedata.normalize("NFC", line.get(key, "")).strip() for key in Student._fields}
        student = told["student"]
        if not student or student[0] == "." or set(student) & set('/\\:*?"<>|') or not student.isprintable():
            raise RosterError(f"{path}, line {number}: {student!r} can't be the name of a folder")
        if student in found:
            raise RosterError(f"{path}, line {number}: {student} is there twice")
        try:
            extended = moment(told["extended"]) if told["extended"] else None
        except ValueError:
            raise RosterError(f"{path}, line {number}: extended is no date: {told['extended']}") from None
        found[student] = Student(**(told | {"extended": extended}))
    return found
