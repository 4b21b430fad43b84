"""What the site's JupyterLite is made of, read from the licence files that its own parts bring along."""

from __future__ import annotations

import json
from pathlib import Path
from typing import NamedTuple

OWN = "BSD-3-Clause"  # the parts of JupyterLite's own application, which its list gives without a licence
TEXTS = {
    "The MIT License": "MIT",
    "Apache License, Version 2.0": "Apache-2.0",
}  # where only the text is given


class Package(NamedTuple):
    """A JavaScript package: `licence` as SPDX names it, `text` as the package brings it (may be empty)."""

    name: str
    version: str
    licence: str
    text: str


def shipped(lite: Path) -> list[Package]:
    """Every package bundled in the folder `lite` of the site, by name; each name and version once.

    Raises ValueError if one has no licence.
    """
    found: dict[tuple[str, str], Package] = {}
    for file in sorted(lite.rglob("third-party-licenses.json")):
        for told in json.loads(file.read_text("utf8"))["packages"]:
            _add(found, told["name"], told["versionInfo"], _licence(told), told["extractedText"])
    for file in sorted(lite.rglob("package.json")):  # the application and its extensions themselves
        told = json.loads(file.read_text("utf8"))
        _add(found, told["name"], told["version"], told["license"], "")
    return [found[key] for key in sorted(found)]


def _licence(told: dict) -> str:
    if told["licenseId"] or told["name"].startswith("@jupyterlite/"):
        return told["licenseId"] or OWN
    return next((name for words, name in TEXTS.items() if words in told["extractedText"]), "")


def _add(found: dict, name: str, version: str, licence: str, text: str) -> None:
    if not licence:
        raise ValueError(f"{name} {version} does not say under which licence it is")
    if (name, version) not in found or not found[name, version].text:
        found[name, version] = Package(name, version, licence, text)
