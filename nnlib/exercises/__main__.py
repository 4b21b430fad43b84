"""Exercises on paper and in notebooks.

    python -m nnlib.exercises sheet chain-rule --seed 4711 --copies 30 > sheets.html
    python -m nnlib.exercises key chain-rule --seed 4711 --copies 30 > key.html
    python -m nnlib.exercises notebooks FOLDER

A sheet has the exercises with fresh numbers of one or more chapters (or of `all`), every copy numbers of its own; print
it from a browser. Only the key shows the seed: whoever knows it can make the key. `notebooks` writes one notebook of
practice for each chapter, exercises-CHAPTER.ipynb, without solutions; nnlib and numpy are all it needs.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from nnlib.exercises import CHAPTERS, printed
from nnlib.exercises.notebooks import notebook

PRINTED = {"sheet": printed.sheets, "key": printed.key}
SLUGS = [chapter.replace("_", "-") for chapter in CHAPTERS]


def copies(text: str) -> int:
    """A number of sheets; argparse complains of an "invalid copies value"."""
    if not 1 <= int(text) <= 1000:
        raise ValueError
    return int(text)


def seed(text: str) -> int:
    """A seed as numpy takes it."""
    if int(text) < 0:
        raise ValueError
    return int(text)


def main(arguments: list[str] | None = None) -> None:
    """Run a command line; what is printed goes to standard output."""
    parser = argparse.ArgumentParser(
        prog="python -m nnlib.exercises", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )  # fmt: skip
    commands = parser.add_subparsers(dest="command", required=True)
    for name, words in (("sheet", "sheets to print"), ("key", "their answers, for the teacher")):
        command = commands.add_parser(name, help=words)
        command.add_argument("chapters", nargs="+", choices=[*SLUGS, "all"], metavar="CHAPTER")
        command.add_argument("--seed", type=seed, required=True, help="of the first copy")
        command.add_argument("--copies", type=copies, default=1, help="each with numbers of its own")
    commands.add_parser("notebooks", help="notebooks of practice").add_argument("folder", type=Path)
    options = parser.parse_args(arguments)
    if options.command == "notebooks":
        options.folder.mkdir(parents=True, exist_ok=True)
        for chapter, slug in zip(CHAPTERS, SLUGS):
            path = options.folder / f"exercises-{slug}.ipynb"
            path.write_text(notebook(chapter), "utf8", newline="\n")
            print(path)
    else:
        slugs = SLUGS if "all" in options.chapters else options.chapters
        chapters = [slug.replace("-", "_") for slug in slugs]
        sys.stdout.write(PRINTED[options.command](chapters, options.seed, options.copies) + "\n")


if __name__ == "__main__":
    main()
