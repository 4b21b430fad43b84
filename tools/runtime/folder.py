"""Lay out the one folder that Python in the browser is loaded from, on a page and in JupyterLite."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import tempfile
import zipfile
from pathlib import Path

from tools.runtime import bytecode, wheels
from tools.runtime.pins import HERE, Pins, normal
from tools.runtime.sources import Store, sha256

ROOT = HERE.parent.parent
LAID_OUT = ROOT / "_build" / "runtime"


def lay_out(store: Store, under: Path = LAID_OUT, root: Path = ROOT) -> Path:
    """The folder with all files, made unless it is there from the last build.

    It is called by a hash of all it is made from and appears only when it is whole.
    """
    target = under / _key(store.pins, root)
    if target.is_dir():
        return target
    under.mkdir(parents=True, exist_ok=True)
    made = Path(tempfile.mkdtemp(dir=under, prefix="partial-"))
    try:
        _fill(store, made, root, under.parent / "bytecode")
        made.chmod(0o755)
        for older in set(under.iterdir()) - {made}:
            shutil.rmtree(older)
        made.rename(target)
    finally:
        shutil.rmtree(made, ignore_errors=True)
    return target


def link_or_copy(source: Path, target: Path) -> None:
    """Put the folder's files where the site wants them, as hard links where the file system has them."""
    shutil.rmtree(target, ignore_errors=True)
    try:
        shutil.copytree(source, target, copy_function=lambda a, b: Path(b).hardlink_to(a))
    except OSError:
        shutil.rmtree(target, ignore_errors=True)
        shutil.copytree(source, target)


def _key(pins: Pins, root: Path) -> str:
    """A hash of the pins, this tool and nnlib: what decides about every byte of the folder."""
    total = hashlib.sha256()
    files = [*HERE.glob("*.py"), *HERE.glob("*.js"), *pins.folder.glob("*.toml"), *pins.folder.glob("*.json")]
    members = {p.name: p.read_bytes() for p in files} | wheels.library(root)
    for name, content in sorted(members.items()):
        total.update(f"{name} {len(content)}\n".encode() + content)
    return total.hexdigest()[:16]


def _fill(store: Store, out: Path, root: Path, kept: Path) -> None:
    """Core, official wheels, ours trimmed or made, some of them compiled, and the lock file that lists them."""
    pins = store.pins
    index = json.loads(store.get([pins.index])[pins.index].read_text("utf8"))
    official = pins.official_packages(index)
    unchanged = [*pins.core, *(entry["file_name"] for entry in official.values())]
    paths = store.get([*unchanged, *(wheel.file for wheel in pins.wheels)])
    for name in unchanged:
        shutil.copyfile(paths[name], out / name)
    packages = dict(official)
    for wheel in pins.wheels:
        if wheel.holds:
            packages |= _held(paths[wheel.file], wheel.holds, out)
        else:
            wheels.write(out / wheel.file, wheels.read(paths[wheel.file], wheel.drop))
            packages[normal(wheel.name)] = _entry(out / wheel.file, wheel.imports, wheel.depends)
    packages |= _made(pins, out, root)
    lacking = [(name, d) for name, e in packages.items() for d in e["depends"] if normal(d) not in packages]
    if lacking:
        raise ValueError(f"pins.toml lacks what these depend on: {lacking}")
    listing = {"info": index["info"], "packages": dict(sorted(packages.items()))}
    _write(out / pins.index, listing)
    _compile(pins, listing, out, kept)


def _write(path: Path, listing: dict) -> None:
    path.write_text(json.dumps(listing, indent=1), encoding="utf8")


def _held(path: Path, holds: dict[str, list[str]], out: Path) -> dict[str, dict]:
    """Take the wheels out of a wheel that carries them; of several versions the newest."""
    entries = {}
    with zipfile.ZipFile(path) as archive:
        for name, depends in holds.items():
            inside = max(m for m in archive.namelist() if re.search(rf"/{name}-[^/]+\.whl$", m))
            file = out / Path(inside).name
            file.write_bytes(archive.read(inside))
            entries[normal(name)] = _entry(file, [name], depends)
    return entries


def _made(pins: Pins, out: Path, root: Path) -> dict[str, dict]:
    """The wheels that come from no registry: nnlib from the tree, and stand-ins that are next to empty."""
    version = pins.made["nbformat"]["version"]
    said = re.search(r'^__version__ = "(.+)"', (root / "nnlib" / "__init__.py").read_text("utf8"), re.M)
    contents = {
        "nbformat": (version, {"nbformat.py": f'__version__ = "{version}"\n'.encode()}),
        "ssl": (pins.made["ssl"]["version"], {}),
        "nnlib": (said[1], wheels.library(root)),
    }
    entries = {}
    for name, (version, members) in contents.items():
        file = out / f"{name}-{version}-py3-none-any.whl"
        wheels.wheel(file, name, version, members)
        entries[name] = _entry(file, [name], pins.made[name].get("depends", []))
    return entries


def _compile(pins: Pins, listing: dict, out: Path, kept: Path) -> None:
    """Compile what the pins name, packages or files, and list the packages' new hashes."""
    packages, how = listing["packages"], pins.compiled
    bytecode.compile_files(out, {packages.get(n, {"file_name": n})["file_name"]: how[n] for n in how}, kept)
    for name in packages.keys() & how.keys():
        packages[name] = packages[name] | {"sha256": sha256(out / packages[name]["file_name"])}
    _write(out / pins.index, listing)


def _entry(file: Path, imports, depends) -> dict:
    """What Pyodide's lock file says of a package."""
    name, version = file.name.split("-")[:2]
    return {
        "name": name,
        "version": version,
        "file_name": file.name,
        "install_dir": "site",
        "sha256": sha256(file),
        "package_type": "package",
        "imports": list(imports),
        "depends": list(depends),
        "unvendored_tests": False,
    }
