"""Student notebooks, a zip and the JupyterLite contents of sheets.

    python -m classroom.generate [SHEET ...] [--sheets DIR] [--students CSV] [--out DIR]

Without names: all sheets of DIR (classroom/sheets; your graded material can lie in a private folder elsewhere). Each
source is tried first: its own solutions must pass its own tests. With a list of students everyone gets numbers of
their own. What is written, to _build/classroom:

    SHEET/SHEET.ipynb, or SHEET/STUDENT/SHEET.ipynb     for students
    SHEET.zip                                           the same, to upload
    lite/SHEET.ipynb                                    for JupyterLite (without a list of students)
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import zipfile
from pathlib import Path

from classroom import roster, sheet

OUT = Path(__file__).resolve().parent.parent / "_build" / "classroom"


def written(notebook: dict) -> str:
    return json.dumps(notebook, indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def generate(name: str, sheets: Path, out: Path, students: list[str]) -> Path:
    """Write everything of one sheet; return the folder with the students' notebooks."""
    source = sheet.read(name, sheets)
    for student in students or [""]:
        sheet.try_solutions(source, student)
    if students:
        texts = {
            f"{student}/{name}.ipynb": written(sheet.for_student(source, student)) for student in students
        }
    else:
        texts = {f"{name}.ipynb": written(sheet.for_student(source))}
        (out / "lite").mkdir(parents=True, exist_ok=True)
        (out / "lite" / f"{name}.ipynb").write_text(texts[f"{name}.ipynb"], "utf8")
    folder = out / name
    shutil.rmtree(folder, ignore_errors=True)
    with zipfile.ZipFile(out / f"{name}.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for path, text in texts.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_text(text, "utf8")
            archive.writestr(
                zipfile.ZipInfo(f"{name}/{path}", (2026, 1, 1, 0, 0, 0)), text
            )  # the same bytes again
    return folder


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Make students' notebooks from instructors' sheets.")
    parser.add_argument("names", nargs="*", metavar="SHEET", help="default: all sheets of the folder")
    parser.add_argument("--sheets", type=Path, default=sheet.SHEETS, help="the folder with the sources")
    parser.add_argument(
        "--students", type=Path, metavar="CSV", help="a list of students: numbers of their own"
    )
    parser.add_argument("--out", type=Path, default=OUT, help="default: _build/classroom")
    options = parser.parse_args(arguments)
    out = options.out
    try:
        students = list(roster.read(options.students)) if options.students else []
        names = options.names or sorted(path.parent.name for path in options.sheets.glob("*/*.ipynb"))
        out.mkdir(parents=True, exist_ok=True)
        for name in names:
            print(generate(name, options.sheets, out, students))
    except (OSError, ValueError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
