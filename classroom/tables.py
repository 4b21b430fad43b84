"""Files that people open in a spreadsheet: read whatever it made of them, written whole or not at all."""

from __future__ import annotations

import csv
import io
import os
import re
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

FORMULA = re.compile(r"'*[=+\-@\t\r]")  # what a spreadsheet would run, and the same guarded already


class TableError(ValueError):
    """The file is no table with the columns it should have; the words name the file."""


def save(path: Path, text: str, encoding: str = "utf8") -> None:
    """Write a file whole or not at all, for nobody else on this machine to read."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=".part")
    with open(handle, "w", encoding=encoding, errors="replace", newline="") as file:
        file.write(text)
        file.flush()
        os.fsync(handle)
    os.replace(name, path)


def table(lines: Iterable[Iterable[Any]]) -> str:
    """CSV text; a word that a spreadsheet would take for a formula begins with an apostrophe."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    for line in lines:
        writer.writerow(
            [f"'{cell}" if isinstance(cell, str) and FORMULA.match(cell) else cell for cell in line]
        )
    return out.getvalue()


def read(path: Path, wanted: tuple[str, ...]) -> Iterator[tuple[int, dict[str, str]]]:
    """The lines of a table by number, its cells by the names in its first line; commas or semicolons."""
    try:
        text = path.read_text("utf-8-sig")
    except UnicodeDecodeError:
        raise TableError(f"{path} is not in UTF-8: save it as CSV UTF-8") from None
    first = text.split("\n", 1)[0]
    rows = csv.DictReader(
        io.StringIO(text, newline=""), delimiter=";" if first.count(";") > first.count(",") else ","
    )
    head = rows.fieldnames or []
    for name in wanted:
        if name not in head:
            raise TableError(f"{path}: no column '{name}'; there are {', '.join(head) or 'none'}")
    for line in rows:
        cells = {key: value or "" for key, value in line.items() if key}
        yield (
            rows.line_num,
            {
                key: cell[1:] if cell[:1] == "'" and FORMULA.match(cell) else cell
                for key, cell in cells.items()
            },
        )
