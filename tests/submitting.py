"""Submissions for the tests of the grader: right ones, and what becomes of them in other hands."""

import fcntl
import json
import os
import shutil
import subprocess
import tempfile
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from classroom import sandbox, sheet
from classroom.sheet import Sheet

DERIVATION = "By the chain rule over all paths: $\\delta = \\ldots$"


def walls() -> None:
    """Make sure that the sandbox works; as root, with apt-get, bubblewrap is installed if it is missing."""
    lock = Path(tempfile.gettempdir()) / "nnlib-bubblewrap.lock"
    with lock.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)  # another process of the tests may be at it
        if not shutil.which("bwrap") and shutil.which("apt-get") and os.geteuid() == 0:
            for command in (["update"], ["install", "-y", "--no-install-recommends", "bubblewrap"]):
                subprocess.run(["apt-get", "-qq", *command], check=False, stdout=subprocess.DEVNULL)
    try:
        sandbox.require()
    except sandbox.NoSandboxError as error:
        pytest.fail(f"These tests run hostile code and need the sandbox. {error}", pytrace=False)


def solved(source: Sheet, student: str = "") -> dict[str, Any]:
    """A student's notebook with everything right."""
    made = sheet.for_student(source, student)
    for cell, original in zip(made["cells"], source.notebook["cells"], strict=True):
        kind = sheet.role(original)
        if kind == "solution":
            marks = ("### BEGIN SOLUTION", "### END SOLUTION", f"# {sheet.CANARY}")
            lines = [line for line in sheet.text(original).split("\n") if line.strip() not in marks]
            cell["source"] = "\n".join(lines)
        if kind == "manual":
            cell["source"] = DERIVATION
    return made


def cell(notebook: dict[str, Any], identity: str) -> dict[str, Any]:
    """The cell with this grade_id."""
    (found,) = [c for c in notebook["cells"] if c["metadata"].get("nbgrader", {}).get("grade_id") == identity]
    return found


def code(source: str) -> dict[str, Any]:
    """A cell that a student added."""
    return {"cell_type": "code", "metadata": {}, "source": source, "outputs": [], "execution_count": None}


def changed(notebook: dict[str, Any], identity: str, source: str) -> dict[str, Any]:
    """The notebook with another answer in this cell."""
    notebook = deepcopy(notebook)
    cell(notebook, identity)["source"] = source
    return notebook


def data(notebook: dict[str, Any]) -> bytes:
    return json.dumps(notebook).encode()


def processes() -> list[str]:
    """The command lines of all sandboxes that run on this machine for this process's user ids."""
    found = []
    for path in Path("/proc").iterdir():
        if path.name.isdigit():
            try:
                line = (path / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            except OSError:
                continue
            if "/grader/runner.py" in line:
                found.append(line)
    return found
