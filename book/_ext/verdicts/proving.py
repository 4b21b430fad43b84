"""The claims of the registry and what became of each: run once, in parallel, kept until the code changes."""

from __future__ import annotations

import hashlib
import inspect
import json
import os
import platform
from collections.abc import Callable, Iterable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from types import ModuleType


@dataclass(frozen=True)
class Result:
    """What became of one claim: `detail` is the verdict's, or says how the check failed."""

    passed: bool
    detail: str


def package_of(registry: ModuleType) -> Path:
    """The directory of the package that the registry is part of."""
    return Path(import_module(registry.__name__.partition(".")[0]).__file__).parent


# Parts of the package that no proof may import (tests/test_house.py): a change there leaves the verdicts as they are.
ASIDE = {"figures", "exercises", "fast"}


def fingerprint(registry: ModuleType) -> str:
    """A hash of all that a verdict can depend on: the package's files but `ASIDE`, Python, numpy, sympy."""
    package = package_of(registry)
    digest = hashlib.sha256(
        " ".join([platform.python_version(), version("numpy"), version("sympy")]).encode()
    )
    files = (p for p in package.rglob("*") if p.is_file() and p.suffix in {".py", ".npz"})
    for path in sorted(p for p in files if p.relative_to(package).parts[0].removesuffix(".py") not in ASIDE):
        digest.update(path.relative_to(package).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def shipped(registry: ModuleType) -> dict[str, str]:
    """The package's files outside the registry, whose docstrings name equations: name -> text."""
    package, proofs = package_of(registry), Path(registry.__file__).parent
    files = sorted(path for path in package.rglob("*.py") if proofs not in path.parents)
    return {
        f"{package.name}/{p.relative_to(package).as_posix()}": p.read_text(encoding="utf-8") for p in files
    }


def prove(registry: str, label: str) -> Result:
    """Run one claim; whatever its check raises is the result."""
    try:
        return Result(True, import_module(registry).prove(label).detail)
    except Exception as error:
        return Result(False, f"{type(error).__name__}: {error}")


def results(
    registry: ModuleType, cache: Path, progress: Callable[[Iterable, int], Iterable]
) -> dict[str, Result]:
    """The result of every claim, from `cache` where nothing has changed.

    `progress` wraps the iterator over what is proved now, and is told how many there are.
    A failure is not kept: it is tried again on the next build.
    """
    key = fingerprint(registry)
    known = _read(cache, key)
    labels = [claim.label for claim in registry.claims()]
    wanted = [label for label in labels if label not in known]
    if wanted:
        with ProcessPoolExecutor(min(os.cpu_count() or 1, len(wanted))) as pool:
            proved = pool.map(prove, [registry.__name__] * len(wanted), wanted)
            known |= dict(zip(wanted, progress(proved, len(wanted)), strict=True))
        _write(cache, key, known)
    return {label: known[label] for label in labels}


def _read(cache: Path, key: str) -> dict[str, Result]:
    if not cache.exists():
        return {}
    stored = json.loads(cache.read_text(encoding="utf-8"))
    return {l: Result(**result) for l, result in stored["results"].items()} if stored["key"] == key else {}


def _write(cache: Path, key: str, found: dict[str, Result]) -> None:
    passed = {label: asdict(result) for label, result in found.items() if result.passed}
    cache.parent.mkdir(parents=True, exist_ok=True)
    cache.write_text(json.dumps({"key": key, "results": passed}, indent=1) + "\n", encoding="utf-8")


def source(check: Callable) -> tuple[str, str]:
    """Where a check is written ("nnlib.proofs.jacobian.any_width"), and its text."""
    check = inspect.unwrap(check)
    return f"{check.__module__}.{check.__qualname__}", inspect.cleandoc("\n" + inspect.getsource(check))
