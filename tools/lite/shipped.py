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
            _add(found, Package(told["name"], told["versionInfo"], told["licenseId"], told["extractedText"]))
    for file in sorted(lite.rglob("package.json")):  # the application and its extensions themselves
        told = json.loads(file.read_text("utf8"))
        _add(found, Package(told["name"], told["version"], told.get("license", ""), ""))
    return [found[key] for key in sorted(found)]


def _add(found: dict[tuple[str, str], Package], one: Package) -> None:
    one = one._replace(licence=one.licence or _licence(one))
    if one[:2] not in found or not found[one[:2]].text:
        found[one[:2]] = one


def _licence(one: Package) -> str:
    if one.name.startswith("@jupyterlite/"):
        return OWN
    for words, name in TEXTS.items():
        if words in one.text:
            return name
    raise ValueError(f"{one.name} {one.version} does not say under which licence it is")
