"""Execute notebooks and store them with their outputs, byte for byte the same when nothing changed.

    python -m tools.record [--check] [book/NAME.ipynb ...]

Without names: every notebook of _toc.yml. With --check nothing is written; the exit code says
whether anything would be.
"""

import argparse
import os
import re
import sys
from copy import deepcopy
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, DeadKernelError

ROOT = Path(__file__).resolve().parent.parent
SECONDS_PER_CELL = 300

METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python", "pygments_lexer": "ipython3"},
}
CELL_METADATA = ("mystnb", "tags")  # what changes the page or the test; the rest is an editor's state

ADDRESS = re.compile(r"\b0x[0-9a-f]{6,}\b")
ID = re.compile(r"\b[0-9a-f]{8}(-?)(?:[0-9a-f]{4}\1){3}[0-9a-f]{12}\b")  # a UUID, with or without dashes


def notebooks(root: Path = ROOT) -> list[Path]:
    """The notebooks of the table of contents, in its order."""
    pages = re.findall(r"^[\s-]*(?:root|file): *(\S+)", (root / "_toc.yml").read_text("utf8"), re.MULTILINE)
    return [path for page in pages if (path := root / f"{page}.ipynb").exists()]


def execute(nb: nbformat.NotebookNode, directory: Path) -> None:
    """Run all code cells in order in a fresh kernel, showing progress; outputs go into `nb`."""
    client = NotebookClient(
        nb,
        kernel_name="python3",
        timeout=SECONDS_PER_CELL,
        record_timing=False,
        coalesce_streams=True,
        extra_arguments=["--log-level=ERROR"],
        resources={"metadata": {"path": str(directory)}},
    )
    codes = [index for index, cell in enumerate(nb.cells) if cell.cell_type == "code"]
    with client.setup_kernel(env=os.environ | {"NNLIB_LIVE": "0"}):  # figures as on a page
        for count, index in enumerate(codes, 1):
            print(f"\r  cell {count} of {len(codes)}", end="", flush=True)
            client.execute_cell(nb.cells[index], index, execution_count=count)
    print("\r", end="")


def normal_form(nb: nbformat.NotebookNode) -> str:
    """A notebook's one text: ids counted, addresses blanked, keys sorted, no editor's or machine's state."""
    ids: dict[str, str] = {}

    def anonymous(part):
        if isinstance(part, dict):
            return {key: anonymous(part[key]) for key in sorted(part)}
        if isinstance(part, list):
            return [anonymous(item) for item in part]
        if not isinstance(part, str):
            return part
        return ID.sub(lambda match: ids.setdefault(match[0], f"{len(ids):032x}"), ADDRESS.sub("0x0", part))

    cells = deepcopy(nb.cells)
    for count, cell in enumerate(cells):
        cell.id = f"cell-{count}"
        cell.metadata = {key: cell.metadata[key] for key in CELL_METADATA if cell.metadata.get(key)}
        if cell.cell_type == "code":
            cell.outputs = anonymous(cell.outputs)
    nb = nbformat.from_dict({"nbformat": 4, "nbformat_minor": 5, "metadata": METADATA, "cells": cells})
    nbformat.validate(nb)
    return nbformat.writes(nb).rstrip("\n") + "\n"


def record(path: Path, check: bool = False) -> bool:
    """Execute the notebook at `path` and write it in normal form; return whether its text changed."""
    nb = nbformat.read(path, as_version=4)
    execute(nb, path.parent)
    text = normal_form(nb)
    changed = text != path.read_text("utf8")
    if changed and not check:
        path.write_text(text, "utf8")
    return changed


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Execute notebooks and store their outputs.")
    parser.add_argument("--check", action="store_true", help="write nothing; fail if anything would change")
    parser.add_argument("notebooks", nargs="*", type=Path, help="default: all of _toc.yml")
    options = parser.parse_args(arguments)
    failed = changed = False
    for path in options.notebooks or notebooks():
        print(path)
        try:
            news = record(path.resolve(), options.check)
        except (CellExecutionError, DeadKernelError) as error:
            print(f"\n{error}\n{path}: not recorded", file=sys.stderr)
            failed = True
            continue
        changed |= news
        print(f"  {('would change' if options.check else 'written') if news else 'unchanged'}        ")
    return int(failed or (options.check and changed))


if __name__ == "__main__":
    sys.exit(main())
