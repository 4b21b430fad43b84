"""Wheels made for the browser: trimmed, or made from this tree. The same input gives the same bytes."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path

EPOCH = (1980, 1, 1, 0, 0, 0)  # the first time stamp a zip archive can hold; ours tell no other


def write(path: Path, members: dict[str, bytes]) -> None:
    """Write a zip archive that depends on nothing but its members."""
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in sorted(members.items()):
            member = zipfile.ZipInfo(name, EPOCH)
            member.compress_type = zipfile.ZIP_DEFLATED
            member.external_attr = 0o644 << 16
            archive.writestr(member, content, compresslevel=9)


def read(path: Path, drop: str = "") -> dict[str, bytes]:
    """The members of an archive, without those that match `drop`."""
    with zipfile.ZipFile(path) as archive:
        return {
            name: archive.read(name)
            for name in archive.namelist()
            if not name.endswith("/") and not (drop and re.search(drop, name))
        }


def wheel(path: Path, name: str, version: str, members: dict[str, bytes]) -> None:
    """Write a pure wheel of these members; its RECORD is empty, for nothing will uninstall it."""
    info = f"{name}-{version}.dist-info"
    about = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
    kind = "Wheel-Version: 1.0\nGenerator: tools.runtime\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    facts = {f"{info}/METADATA": about, f"{info}/WHEEL": kind, f"{info}/RECORD": ""}
    write(path, members | {member: text.encode() for member, text in facts.items()})


def library(root: Path) -> dict[str, bytes]:
    """nnlib as a wheel holds it: its modules and its data."""
    files = [p for p in (root / "nnlib").rglob("*") if p.is_file() and "__pycache__" not in p.parts]
    return {p.relative_to(root).as_posix(): p.read_bytes() for p in files}
