"""Grade a sheet's submissions: marks, feedback, gradebook, report.

    python -m classroom.grade SHEET SUBMISSIONS OUT [--students CSV] [--deadline 2026-12-01T18:00 --late 10] ...

SUBMISSIONS is a folder or a zip as Moodle, Canvas or nbgrader leave it (see `classroom.submissions`). Students' code
runs in a sandbox; what it returns is compared here. Written to OUT:

    results/STUDENT.json    one submission's marks: kept, and not computed again unless it or the sheet has changed
    feedback/STUDENT.html   to return to the student
    manual.csv              type the marks for derivations here and run the same command again; to-mark.html shows them
    grades.csv moodle.csv canvas.csv report.html

Stopping it, even by kill, loses nothing that was graded; the same command goes on.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import sys
from collections.abc import Iterable, Iterator
from concurrent.futures import Executor, Future, ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

from classroom import feedback, gradebook, marking, roster, sandbox, sheet, submissions
from classroom.gradebook import Row
from classroom.roster import Student
from classroom.sheet import Sheet
from classroom.submissions import Submission
from classroom.tables import save


def file_name(student: str) -> str:
    """A file's name for any student's, different for different ones: no slash, no quote, not too long."""
    name = quote(student, safe=" ,@+", errors="replace")
    return (
        name
        if len(name) <= 150
        else f"{name[:120]}-{hashlib.sha256(student.encode('utf8', 'replace')).hexdigest()[:16]}"
    )


def digest(source: Sheet, one: Submission, variant: str, trusted: bool) -> str:
    """What a submission's marks depend on."""
    parts = (str(marking.VERSION), source.digest, one.student, variant, one.problem, str(trusted))
    return hashlib.sha256(
        b"\0".join([part.encode("utf8", "replace") for part in parts] + [one.data])
    ).hexdigest()


def stored(path: Path) -> dict[str, Any]:
    """A kept result, or nothing if it is not there or not whole."""
    try:
        found = json.loads(path.read_text("utf8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def progress(done: int, of: int, student: str) -> None:
    """One line that is written over."""
    width = 30 * done // max(of, 1)
    name = "".join(c for c in student if c.isprintable())[:30]
    print(f"\r[{'#' * width:30}] {done} of {of}  {name:30}", end="", file=sys.stderr, flush=True)


def keep(path: Path, one: Submission, key: str, marks: dict[str, Any]) -> None:
    """Store one submission's result, whole or not at all."""
    result = marks | {
        "student": one.student,
        "digest": key,
        "handed_in": one.handed_in.isoformat() if one.handed_in else None,
        "remarks": list(one.notes),
        "moodle": one.moodle,
        "canvas": one.canvas,
    }
    save(path, json.dumps(result, indent=1, sort_keys=True))


def grade(
    source: Sheet,
    handed: Iterable[Submission],
    out: Path,
    executor: Executor,
    variants: bool,
    trusted: bool,
    again: str,
) -> dict[str, str]:
    """Grade what has no result yet; return the students whose grading itself failed, with the reason.

    A failure here is this machine's fault, not the student's: the others go on, the next run tries it again.
    """
    waiting: dict[Future, tuple[Submission, str, Path]] = {}
    total, done, failed = 0, 0, {}
    for one in handed:
        total += 1
        variant = one.student if variants else ""
        key, path = digest(source, one, variant, trusted), out / "results" / f"{file_name(one.student)}.json"
        old = stored(path)
        if old.get("digest") == key and one.student != again:
            done += 1
            keep(path, one, key, old)  # the time of submission may be another
        elif one.problem:
            done += 1
            keep(path, one, key, marking.no_marks(source, one.problem))
        else:
            waiting[executor.submit(marking.mark, source, one.data, variant, trusted)] = (one, key, path)
    try:
        for future in as_completed(waiting):
            one, key, path = waiting[future]
            done += 1
            try:
                keep(path, one, key, future.result())
            except sandbox.NoSandboxError:
                raise
            except Exception as error:
                path.unlink(missing_ok=True)  # the marks of an earlier submission
                failed[one.student] = f"{type(error).__name__}: {error}"
            progress(done, total, one.student)
    finally:  # when it is stopped, what runs ends and what waits does not begin
        for future in waiting:
            future.cancel()
    if waiting:
        print(file=sys.stderr)
    return failed


def conclude(
    source: Sheet,
    names: list[str],
    out: Path,
    students: dict[str, Student],
    deadline: datetime | None,
    percent: float,
) -> list[Row]:
    """From the results to marks, pages and tables."""
    results = [found for name in names if (found := stored(out / "results" / f"{file_name(name)}.json"))]
    given = gradebook.manual_marks(out / "manual.csv", source, results)
    lines: list[Row] = []
    for result in results:
        own = students[result["student"]].extended if result["student"] in students else None
        lines.append(gradebook.row(source, result, given, own or deadline, percent))
    for line in lines:
        save(out / "feedback" / f"{file_name(line.student)}.html", feedback.student(source, line))
    gradebook.write(out, source, lines, students)
    if any(item.manual for item in source.items):
        save(out / "to-mark.html", feedback.to_mark(source, lines))
    save(out / "report.html", feedback.report(source, lines))
    return lines


@contextmanager
def workers(scheduler: str) -> Iterator[Executor]:
    """Where submissions are graded: on this machine's cores, or on a Dask cluster's."""
    if scheduler:
        from distributed import Client

        with Client(scheduler) as client, client.get_executor(pure=False) as executor:
            yield executor
    else:
        cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
        with ThreadPoolExecutor(cores) as executor:
            yield executor


def percentage(text: str) -> float:
    value = float(text)
    if not 0 <= value <= 100:
        raise ValueError
    return value


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Grade a sheet's submissions.", epilog=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("sheet", metavar="SHEET")
    parser.add_argument("submissions", metavar="SUBMISSIONS", type=Path)
    parser.add_argument("out", metavar="OUT", type=Path)
    parser.add_argument("--sheets", type=Path, default=sheet.SHEETS, help="the folder with the sources")
    parser.add_argument(
        "--students", type=Path, metavar="CSV", help="a list of students, with extended deadlines"
    )
    parser.add_argument(
        "--variants", action="store_true", help="everyone on the list had numbers of their own"
    )
    parser.add_argument(
        "--deadline", type=roster.moment, help="2026-12-01T18:00, this machine's time unless it says +01:00"
    )
    parser.add_argument(
        "--late", type=percentage, default=0, metavar="PERCENT", help="taken off for each day begun"
    )
    parser.add_argument("--again", default="", metavar="STUDENT", help="grade this student anew")
    parser.add_argument(
        "--scheduler", default="", metavar="ADDRESS", help="of a Dask cluster that does the work"
    )
    parser.add_argument(
        "--trust-the-submissions",
        action="store_true",
        help="run students' code WITHOUT a sandbox, as yourself",
    )
    options = parser.parse_args(arguments)
    trusted = options.trust_the_submissions
    if options.variants and not options.students:
        parser.error("--variants wants the list of students (--students) that the sheets were made for")
    try:
        source = sheet.read(options.sheet, options.sheets)
        students = roster.read(options.students) if options.students else {}
        if not options.submissions.exists():
            raise FileNotFoundError(f"{options.submissions} is not there")
        if not trusted and not options.scheduler:
            sandbox.require()
        handed = submissions.collect(options.submissions, source.name, students)
        if options.again and options.again not in {one.student for one in handed}:
            raise ValueError(f"There is no submission of {options.again}")
        with workers(options.scheduler) as executor:
            failed = grade(source, handed, options.out, executor, options.variants, trusted, options.again)
        names = [one.student for one in handed if one.student not in failed]
        lines = conclude(source, names, options.out, students, options.deadline, options.late)
    except (sandbox.NoSandboxError, OSError, ValueError) as error:
        print(error, file=sys.stderr)
        return 1
    waiting = sum(line.total is None for line in lines)
    print(f"{len(lines)} graded" + (f", {waiting} wait for marks by hand (manual.csv)" if waiting else ""))
    for student, words in failed.items():
        print(f"Not graded: {student}: {words}", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
