"""The pins as Python has them: which files are wanted, and what they must be."""

from __future__ import annotations

import json
import re
import tomllib
from dataclasses import dataclass, field
from pathlib import Path

HERE = Path(__file__).resolve().parent


@dataclass(frozen=True)
class Wheel:
    """A wheel of the Python registry and what is made of it."""

    name: str
    version: str
    imports: tuple[str, ...]
    depends: tuple[str, ...] = ()
    drop: str = ""  # members that match are left out
    holds: dict[str, list[str]] = field(default_factory=dict)  # wheels inside, with what each depends on

    @property
    def file(self) -> str:
        return f"{self.name}-{self.version}-py3-none-any.whl"


class Pins:
    """``pins.toml`` and ``lock.json`` of one folder."""

    def __init__(self, folder: Path = HERE):
        self.folder = folder
        told = tomllib.loads((folder / "pins.toml").read_text("utf8"))
        self.pyodide: str = told["pyodide"]
        self.core: list[str] = told["core"]
        self.index: str = told["index"]
        self.official: list[str] = told["official"]
        self.distribution: dict = told["distribution"]
        self.made: dict[str, dict] = told["made"]
        self.compiled: dict[str, dict] = told.get("compiled", {})
        self.wheels = [
            Wheel(name, **{"imports": (name,), **facts}) for name, facts in told.get("wheels", {}).items()
        ]
        self.sha256: dict[str, str] = json.loads((folder / "lock.json").read_text("utf8"))

    def official_packages(self, index: dict) -> dict[str, dict]:
        """The entries of Pyodide's own lock file for the packages wanted and all they depend on."""
        found: dict[str, dict] = {}
        todo = list(self.official)
        while todo:
            name = normal(todo.pop())
            if name not in found:
                found[name] = index["packages"][name]
                todo += found[name]["depends"]
        return found


def normal(name: str) -> str:
    """A package's name as registries compare names."""
    return re.sub(r"[-_.]+", "-", name).lower()
