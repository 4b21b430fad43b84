"""What was handed in: a folder or a zip, as students, nbgrader, Moodle or Canvas leave it.

    ana.ipynb                                          a file for each student
    ana/sheet-1.ipynb, ana/sheet-1/sheet-1.ipynb       a folder for each student (nbgrader: timestamp.txt beside)
    Ana A_1234_assignsubmission_file_/anything.ipynb   Moodle
    anaa_LATE_55_6789_anything.ipynb                   Canvas

Everything here was made by somebody else: links are not followed, sizes are limited before anything is read, no path
of an archive is ever written to.
"""

from __future__ import annotations

import os
import re
import stat
import unicodedata
import zipfile
import zlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from classroom.roster import Student

SIZE = 8 << 20  # bytes of one notebook
FILES = 20_000  # in one archive
STAMP = "timestamp.txt"  # nbgrader's
MOODLE = re.compile(r"(?P<name>[^/]+)_(?P<id>\d+)_assignsubmission_\w+")
CANVAS = re.compile(r"(?P<name>[^/_]+)_(?P<late>LATE_)?(?P<id>\d+)_\d+_.*")


class Submission(NamedTuple):
    """One student's notebook, or the words why there is none."""

    student: str
    data: bytes
    handed_in: datetime | None
    problem: str = ""
    notes: tuple[str, ...] = ()
    moodle: str = ""  # the number in "Participant 1234" of Moodle's grading worksheet
    canvas: str = ""


class _File(NamedTuple):
    """A regular file, or why it is not read."""

    path: PurePosixPath
    data: bytes
    time: datetime
    problem: str = ""


def _folder(top: Path) -> Iterator[_File]:
    """The files below a folder, links and other oddities as problems."""
    for directory, folders, names in os.walk(top, followlinks=False):
        folders.sort()
        for name in sorted(names + [name for name in folders if Path(directory, name).is_symlink()]):
            path = Path(directory, name)
            inside = PurePosixPath(path.relative_to(top).as_posix())
            yield _read(path, inside)


def _read(path: Path, inside: PurePosixPath) -> _File:
    """One file of a folder, opened without following a link and without waiting for a pipe."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return _File(inside, b"", datetime.min, "is a link or can't be read")
    with open(handle, "rb") as file:
        told = os.fstat(handle)
        if not stat.S_ISREG(told.st_mode):
            return _File(inside, b"", datetime.min, "is not an ordinary file")
        time = datetime.fromtimestamp(told.st_mtime)
        if told.st_size > SIZE:
            return _File(inside, b"", time, f"is larger than {SIZE >> 20} MB")
        return _File(inside, file.read(SIZE) if _wanted(inside) else b"", time)


def _wanted(path: PurePosixPath) -> bool:
    """Whether anybody looks into the file; only then it is read."""
    return path.suffix.lower() == ".ipynb" or path.name == STAMP


def _archive(path: Path) -> Iterator[_File]:
    """The files of a zip; what unpacks to more than it says is a problem of its own student alone."""
    try:
        archive = zipfile.ZipFile(path)
    except zipfile.BadZipFile:
        raise ValueError(f"{path} is neither a folder nor a zip") from None
    with archive:
        members = [member for member in archive.infolist() if not member.is_dir()]
        if len(members) > FILES:
            raise ValueError(f"{path} holds {len(members)} files, more than {FILES}")
        for member in members:
            inside, time = PurePosixPath(member.filename), datetime.min
            try:
                time = datetime(*member.date_time)
                if stat.S_ISLNK(member.external_attr >> 16):
                    yield _File(inside, b"", time, "is a link")
                    continue
                if not _wanted(inside):
                    yield _File(inside, b"", time)
                    continue
                with archive.open(member) as file:
                    data = file.read(SIZE + 1)
            except (
                zipfile.BadZipFile,
                zlib.error,
                ValueError,
                NotImplementedError,
                RuntimeError,
                OSError,
                EOFError,
            ):
                yield _File(inside, b"", time, "can't be unpacked")
                continue
            yield (
                _File(inside, b"", time, f"is larger than {SIZE >> 20} MB")
                if len(data) > SIZE
                else _File(inside, data, time)
            )


def _printable(name: str) -> str:
    name = unicodedata.normalize("NFC", name)  # some systems take é apart
    return "".join(letter if letter.isprintable() else "�" for letter in name)


def _who(path: PurePosixPath) -> tuple[str, str, str]:
    """(student, Moodle's number, Canvas's number) from a file's path."""
    parts = [_printable(part) for part in path.parts if part not in ("/", "..", ".")]
    if not parts:
        return "nobody", "", ""
    if len(parts) > 1:
        if match := MOODLE.fullmatch(parts[0]):
            return match["name"], match["id"], ""
        return parts[0], "", ""
    stem = PurePosixPath(parts[0]).stem
    if match := CANVAS.fullmatch(stem):
        return match["name"], "", match["id"]
    return stem, "", ""


def collect(path: Path, sheet: str, students: dict[str, Student]) -> list[Submission]:
    """The submissions in order of the students; with a list of students, those without one are in it, too."""
    files = list(_archive(path) if path.is_file() else _folder(path))
    names = _unique((student.name, key) for key, student in students.items())
    names |= {key: key for key in students}
    numbers = _unique((student.canvas, key) for key, student in students.items())
    found: dict[tuple[str, str, str], list[_File]] = defaultdict(list)
    for file in files:
        if any(part.startswith((".", "__MACOSX")) and part != ".." for part in file.path.parts):
            continue
        student, moodle, canvas = _who(file.path)
        found[names.get(student) or numbers.get(canvas) or student, moodle, canvas].append(file)
    alike = Counter(student for student, *_ in found)
    made = []
    for (student, moodle, canvas), group in found.items():
        number = moodle or canvas
        name = f"{student} ({number})" if alike[student] > 1 and number else student
        one = _one(name, moodle, canvas, group, sheet)
        stranger = students and name not in students
        made.append(one._replace(notes=one.notes + ("Not in the list of students.",)) if stranger else one)
    handed = {submission.student for submission in made}
    made += [
        Submission(student, b"", None, "Nothing was handed in.")
        for student in students
        if student not in handed
    ]
    return sorted(_newest(made), key=lambda submission: submission.student)


def _unique(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Names by what leads to them, where that leads to one name only."""
    pairs = list(pairs)
    often = Counter(told for told, _ in pairs)
    return {told: key for told, key in pairs if told and often[told] == 1}


def _one(student: str, moodle: str, canvas: str, files: list[_File], sheet: str) -> Submission:
    """The notebook among a student's files."""
    notebooks = [file for file in files if file.path.suffix.lower() == ".ipynb"]
    named = [file for file in notebooks if file.path.stem == sheet]
    # Moodle and Canvas write no such file: there it would be the student's own.
    stamps = [file for file in files if file.path.name == STAMP and not moodle and not canvas]
    chosen = named or notebooks
    who = {"moodle": moodle, "canvas": canvas}
    if not chosen:
        others = ", ".join(sorted(file.path.name for file in files))[:200]
        return Submission(student, b"", None, f"There is no notebook; there is {others}.", **who)
    notes = ()
    if len(chosen) > 1:
        notes = (f"There are {len(chosen)} notebooks; the newest was graded.",)
    file = max(chosen, key=lambda file: (file.time, str(file.path)))
    if (match := CANVAS.fullmatch(file.path.stem)) and match["late"]:
        notes += ("Canvas calls it late.",)
    time = _stamped(stamps[0].data) or file.time if stamps else file.time
    if file.problem:
        return Submission(student, b"", time, f"The file {file.problem}.", notes, **who)
    return Submission(student, file.data, time, "", notes, **who)


def _stamped(data: bytes) -> datetime | None:
    """nbgrader's time of submission, 2026-11-25 22:20:38.123456 UTC, as local time."""
    match = re.match(r"(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d)", data[:100].decode(errors="replace"))
    try:
        stamp = datetime.fromisoformat(match[1]) if match else None
    except ValueError:
        return None
    return datetime.fromisoformat(f"{stamp}+00:00").astimezone().replace(tzinfo=None) if stamp else None


def _newest(made: list[Submission]) -> list[Submission]:
    """One submission for each student: the newest."""
    best: dict[str, Submission] = {}
    for each in made:
        other = best.get(each.student)
        if other:
            note = ("There are submissions of two names; the newer was graded.",)
            each = max(each, other, key=lambda one: (one.handed_in or datetime.min, one.data))
            each = each._replace(notes=tuple(dict.fromkeys(each.notes + note)))
        best[each.student] = each
    return list(best.values())
