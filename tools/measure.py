"""Take the book's measurements again and write them to book/_data, with machine, versions and date.

    python -m tools.measure [NAME ...]

A measurement is a function in tools/measurements/CHAPTER.py marked ``@measurement``. No host name is written.
"""

import argparse
import json
import os
import platform
import re
import sys
from collections.abc import Callable
from datetime import date
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from pkgutil import iter_modules

from tools import measurements

DATA = Path(__file__).resolve().parent.parent / "book" / "_data"


def registered() -> dict[str, Callable[[], dict]]:
    """All measurements, by name."""
    for module in iter_modules(measurements.__path__):
        import_module(f"tools.measurements.{module.name}")
    return measurements.MEASUREMENTS


def machine() -> dict[str, str | int]:
    """Which processor, and how many of its cores we may use."""
    cpuinfo = Path("/proc/cpuinfo")
    model = re.search(r"model name\s*:\s*(.+)", cpuinfo.read_text()) if cpuinfo.exists() else None
    return {
        "cpu": model[1] if model else platform.processor() or platform.machine(),
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1,
        "system": platform.system(),
    }


def measure(name: str, function: Callable[[], dict]) -> Path:
    """Run one measurement and store it."""
    result = {
        "what": (function.__doc__ or "").strip(),
        "by": f"{function.__module__}.{name}",
        "date": date.today().isoformat(),
        "machine": machine(),
        "versions": {"python": platform.python_version()} | {p: version(p) for p in ("numpy", "nnlib")},
        "data": function(),
    }
    path = DATA / f"{name}.json"
    path.write_text(json.dumps(result, indent=1) + "\n", "utf8")
    return path


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Take the book's measurements again.")
    parser.add_argument("names", nargs="*", help="default: all")
    names = parser.parse_args(arguments).names
    functions = registered()
    if unknown := set(names) - set(functions):
        print(f"no measurement is called {', '.join(sorted(unknown))}; there are: {', '.join(functions)}")
        return 1
    for name in names or functions:
        print(f"{name} ...", end=" ", flush=True)
        print(measure(name, functions[name]).relative_to(DATA.parent.parent))
    return 0


if __name__ == "__main__":
    sys.exit(main())
