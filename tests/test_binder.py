"""`.binder/`: what Binder or a hub installs runs the notebooks, at the versions the book was made with."""

import ast
import json
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[1]
BINDER = ROOT / ".binder"


def pins(path):
    return dict(re.findall(r"^([\w.-]+)==(\S+)", path.read_text("utf8"), re.M))


def test_the_versions_are_those_of_the_book():
    assert pins(BINDER / "requirements.txt").items() <= pins(ROOT / "requirements.txt").items()
    assert "-e ." in (BINDER / "requirements.txt").read_text("utf8").splitlines()


def imported():
    """Top-level modules that the notebooks' cells import."""
    for path in (ROOT / "book").glob("*.ipynb"):
        for cell in json.loads(path.read_text("utf8"))["cells"]:
            if cell["cell_type"] != "code":
                continue
            source = re.sub(r"^[ \t]*[%!].*$", "", "".join(cell["source"]), flags=re.M)
            for node in ast.walk(ast.parse(source)):
                if isinstance(node, ast.Import):
                    yield from (alias.name.split(".")[0] for alias in node.names)
                elif isinstance(node, ast.ImportFrom):
                    yield node.module.split(".")[0]


def test_whatever_a_notebook_imports_is_installed():
    wanted = set(imported()) - set(sys.stdlib_module_names) - {"nnlib", "IPython"}
    assert "numpy" in wanted
    assert wanted <= pins(BINDER / "requirements.txt").keys()


def test_the_python_is_one_that_nnlib_allows():
    major, minor = re.fullmatch(r"python-(\d+)\.(\d+)\n", (BINDER / "runtime.txt").read_text("utf8")).groups()
    least = tomllib.loads((ROOT / "pyproject.toml").read_text("utf8"))["project"]["requires-python"]
    assert (int(major), int(minor)) >= tuple(map(int, least.removeprefix(">=").split(".")))


def test_nothing_else_decides_what_is_installed():
    """repo2docker prefers a Dockerfile or an environment.yml, and refuses a folder binder beside .binder."""
    assert {path.name for path in BINDER.iterdir()} == {"postBuild", "requirements.txt", "runtime.txt"}
    assert not (ROOT / "binder").exists()


def test_the_last_step_is_a_program_and_stops_at_an_error(tmp_path):
    script = BINDER / "postBuild"
    assert os.access(script, os.X_OK)
    for name, code in {"python": 1, "jupyter": 0}.items():
        (tmp_path / name).write_text(f"#!/bin/sh\nexit {code}\n")
        (tmp_path / name).chmod(0o755)
    path = f"{tmp_path}{os.pathsep}{os.environ['PATH']}"
    assert subprocess.run([script], cwd=ROOT, env=os.environ | {"PATH": path}).returncode == 1
