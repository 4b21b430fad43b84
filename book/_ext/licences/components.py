"""Who made what the site ships, and under which licence: read in the files themselves, never assumed."""

from __future__ import annotations

import json
import re
import tomllib
import zipfile
from dataclasses import dataclass, field
from importlib.metadata import distribution
from pathlib import Path

HERE = Path(__file__).resolve().parent
TEXTS = HERE / "texts"
MODULES = HERE.parent / "node_modules"
JUPYTERLITE = "jupyterlite-core"  # the distribution it is built from
LICENCE = re.compile(r"(^|/)([\w-]*_)?(licen[cs]e|copying|notice)[^/]*$", re.I)  # a file that holds one

BSD = (
    "redistribution and use in source and binary forms, with or without modification, are permitted provided"
)
ISC = (
    "permission to use, copy, modify, and(/or)? distribute this software for any purpose with or without fee "
    "is hereby granted"
)
# A licence by words that no other has; those of BSD differ in what they forbid.
WORDS = {
    "0BSD": rf"{ISC}\. the software is provided",
    "Apache-2.0": "apache license,? version 2.0",
    "BSD-2-Clause": rf"{BSD}(?!.*(endorse|advertising materials))",
    "BSD-3-Clause": rf"{BSD}(?!.*advertising materials).*endorse",
    "CC-BY-4.0": "creative commons attribution 4.0 international|cc by 4.0 license",
    "EPL-2.0": "eclipse public license - v 2.0",
    "ISC": rf"{ISC}, provided that the above",
    "MIT": "permission is hereby granted, free of charge, to any person obtaining a copy of this software",
    "MPL-2.0": "mozilla public license version 2.0",
    "OFL-1.1": "sil ofl 1.1 license",
    "OpenSSL": "openssl license.*advertising materials",
    "PSF-2.0": "python software foundation license version 2",
    "Unlicense": "free and unencumbered software released into the public domain",
    "public domain": "in the public domain.*may you do good and not evil",
}


class LicenceError(Exception):
    """Something is shipped whose licence is not known; the message names it."""


@dataclass(frozen=True)
class Component:
    """A part of the site that others made, with the texts of its licences by the place they were found at."""

    name: str
    version: str
    texts: dict[str, str]
    files: tuple[str, ...]  # patterns, from the site's root
    part: str = "pages"
    what: str = ""
    licences: tuple[str, ...] = field(init=False)

    def __post_init__(self) -> None:
        found = {name for text in self.texts.values() for name in recognised(text)}
        if not found:
            raise LicenceError(f"{self.name} is shipped, and no text of a known licence was found for it")
        object.__setattr__(self, "licences", tuple(sorted(found)))

    @property
    def file(self) -> str:
        """The name of the file that holds its texts."""
        return re.sub(r"\W+", "-", f"{self.part} {self.name}".lower()) + ".txt"

    @property
    def text(self) -> str:
        return "\n\n".join(
            f"{place}\n{'=' * len(place)}\n\n{text.strip()}\n" for place, text in self.texts.items()
        )


def recognised(text: str) -> list[str]:
    """The licences whose words are in a text."""
    plain = " ".join(re.sub(r"[^\w.,/:;-]+", " ", text.lower()).split())
    return [name for name, words in WORDS.items() if re.search(words, plain)]


def _told() -> dict:
    return tomllib.loads((HERE / "components.toml").read_text("utf8"))


def leftovers() -> list[str]:
    """Names under _static, as patterns, that the site does not need."""
    return _told()["leftovers"]["files"]


def components(runtime: Path | None) -> list[Component]:
    """All but JupyterLite; `runtime` is the folder of Python in the browser, if the site has one.

    Raises LicenceError if the licence of one is not known.
    """
    told = _told()
    lock = json.loads((runtime / "pyodide-lock.json").read_text("utf8")) if runtime else {"packages": {}}
    info = lock.get("info", {})
    versions = {"pyodide": info.get("version", ""), "python": info.get("python", "")}
    listed = [entry for entry in told["component"] if runtime or entry.get("part") != "runtime"]
    found = [_listed(entry, versions) for entry in listed]
    return found + [_wheel(runtime, entry, told["wheels"]) for entry in lock["packages"].values()]


def _listed(entry: dict, versions: dict[str, str]) -> Component:
    version = versions.get(entry.get("version", ""), "")
    texts = _ours(entry.get("texts", []))
    if "distribution" in entry:
        held = distribution(entry["distribution"])
        version = held.version
        texts = {str(f): f.read_text("utf8") for f in held.files or [] if LICENCE.search(str(f))}
    if "npm" in entry:
        package = MODULES / entry["npm"]
        version = json.loads((package / "package.json").read_text("utf8"))["version"]
        texts = {f"{entry['npm']}/{f.name}": f.read_text("utf8") for f in package.glob("LICENSE*")}
    part = entry.get("part", "pages")
    return Component(entry["name"], version, texts, tuple(entry["files"]), part, entry["what"])


def _wheel(runtime: Path, entry: dict, apart: dict[str, dict]) -> Component:
    """A package of the runtime, with the texts that it holds."""
    told = apart.get(entry["name"], {})
    with zipfile.ZipFile(runtime / entry["file_name"]) as archive:
        names = [
            name
            for name in archive.namelist()
            if LICENCE.search(name) and not name.endswith((".py", ".pyc", "/"))
        ]
        texts = {name: archive.read(name).decode("utf8", "replace") for name in names}
    texts = texts or _ours(told.get("texts", []))
    files = (f"live/pyodide/{entry['file_name']}",)
    return Component(entry["name"], entry["version"], texts, files, "runtime", told.get("what", ""))


def jupyterlite(folder: Path) -> Component:
    """JupyterLite in the folder `folder` of the site, with the packages that its parts say are inside them.

    Raises LicenceError if one of them has no licence.
    """
    held = distribution(JUPYTERLITE)
    texts = {str(f): f.read_text("utf8") for f in held.files or [] if LICENCE.search(str(f))}
    for listing in sorted(folder.rglob("third-party-licenses.json")):
        for told in json.loads(listing.read_text("utf8"))["packages"]:
            texts |= _inside(told["name"], told["versionInfo"], told["licenseId"], told["extractedText"])
    for package in sorted(folder.rglob("package.json")):  # the application's parts and the extensions
        told = json.loads(package.read_text("utf8"))
        for place, text in _inside(told["name"], told["version"], told.get("license", ""), "").items():
            texts.setdefault(place, text)
    what = f"notebooks in the browser, with {len(texts) - 1} packages inside"
    return Component("JupyterLite", held.version, texts, ("lite/*",), "lite", what)


def _inside(name: str, version: str, licence: str, text: str) -> dict[str, str]:
    own = "as JupyterLite" if name.startswith("@jupyterlite/") else ""
    if not (licence := licence or ", ".join(recognised(text)) or own):
        raise LicenceError(f"{name} {version} is shipped inside JupyterLite, and its licence is not known")
    return {f"{name} {version}: {licence}": text or ""}


def _ours(names: list[str]) -> dict[str, str]:
    return {Path(name).name: (TEXTS / name).read_text("utf8") for name in names}
