"""``python -m tools.runtime``: lay the folder out. ``fetch FOLDER`` copies all pinned files there, ``lock`` pins.

RUNTIME names a folder or a mirror that is asked first; a folder made by ``fetch`` serves a machine without
a network.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import tempfile
from pathlib import Path

from tools.runtime.folder import lay_out
from tools.runtime.pins import Pins
from tools.runtime.sources import Store, UnavailableError, registries, sha256


def main(arguments: list[str]) -> int:
    pins = Pins()
    store = Store(pins, named=os.environ.get("RUNTIME", ""))
    try:
        match arguments:
            case []:
                print(lay_out(store))
            case ["fetch", folder]:
                Path(folder).mkdir(parents=True, exist_ok=True)
                for name, path in store.get(pins.sha256).items():
                    shutil.copyfile(path, Path(folder) / name)
            case ["lock"]:
                (pins.folder / "lock.json").write_text(
                    json.dumps(lock(pins), indent=1) + "\n", encoding="utf8"
                )
            case _:
                print(__doc__, file=sys.stderr)
                return 2
    except UnavailableError as problem:
        print(problem, file=sys.stderr)
        return 1
    return 0


def lock(pins: Pins) -> dict[str, str]:
    """The SHA-256 of every file: Pyodide's packages as its lock file says, the others as npm and pip bring them."""
    _, npm, pypi = registries(pins)
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        trusted = [*pins.core, pins.index]
        names = [*trusted, *(wheel.file for wheel in pins.wheels)]
        problems = npm(trusted, folder) + pypi(names[len(trusted) :], folder)
        if problems:
            raise UnavailableError("\n".join(problems))
        index = json.loads((folder / pins.index).read_text("utf8"))
        found = {name: sha256(folder / name) for name in names}
    packages = pins.official_packages(index).values()
    return found | {entry["file_name"]: entry["sha256"] for entry in packages}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
