"""Run the rows on one core and store them: python -m benchmarks.run [--rows TEXT] [--out FILE]."""

import argparse
import json
import os
import platform
import sys
import time
from collections.abc import Callable
from datetime import date
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from statistics import median

ROOT = Path(__file__).resolve().parent.parent
STORED = ROOT / "book" / "_data" / "benchmarks.json"
BOUND = {"float64": 1e-10, "float32": 2e-3}  # a rival's gradient against ours, relative to the largest entry


def one_core() -> None:
    """Pin this process to one core, and BLAS and OpenMP to one thread; before numpy is imported."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ[name] = "1"
    # Set together on some machines for older builds of OpenBLAS; they slow a current one.
    for name in ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE"):
        os.environ.pop(name, None)


def check(row: str, name: str, theirs, ours) -> float:
    """How far a rival's result is from ours; ValueError if it is not the same computation."""
    import numpy as np

    from benchmarks.ours import parts

    vectors = [np.concatenate([np.ravel(part) for part in parts(of)]) for of in (theirs, ours)]
    if vectors[0].shape != vectors[1].shape:
        raise ValueError(f"{row}: {name} returns {vectors[0].size} numbers, nnlib.fast {vectors[1].size}")
    error = float(np.abs(vectors[0] - vectors[1]).max() / np.abs(vectors[1]).max())
    bound = BOUND[row.rsplit(" ", 1)[-1]]
    if not error <= bound:
        raise ValueError(f"{row}: {name} differs from nnlib.fast by {error:.1e}, more than {bound:.0e}")
    return error


def run_row(row, rivals: dict, rounds: int, seconds: float | None = None) -> dict:
    """Check every rival against ours, then time all in turn."""
    from benchmarks import ours
    from benchmarks.ours import parts
    from benchmarks.timing import interleaved, peak_bytes, ratio

    p = row.problem()
    by_library = row.contestants(p, rivals)
    everyone: dict[str, Callable] = {}
    errors = {}
    reference = [part.copy() for part in parts(by_library["nnlib"]["nnlib.fast"]())]
    for library, contestants in by_library.items():
        everyone |= contestants
        if library != "limit":
            for name, function in contestants.items():
                errors[name] = check(row.name, name, function(), reference)
    taken = interleaved(everyone, rounds, seconds or row.seconds)
    our_times = taken["nnlib.fast"]
    return {
        "kind": row.kind,
        "goals": row.goals,
        "microseconds": {name: significant(1e6 * median(times)) for name, times in taken.items()},
        "ratios": {
            name: significant(ratio(our_times, times))
            for name, times in taken.items()
            if times is not our_times
        },
        "libraries": {library: list(contestants) for library, contestants in by_library.items()},
        "largest difference": significant(max(errors.values())),
        "peak kB": round(peak_bytes(lambda: getattr(ours, row.kind)(p)["nnlib.fast"]()) / 1000),
    }


def tricks(rounds: int) -> dict:
    """For each trick: what is timed, and the time without it over the time with it."""
    from benchmarks.ours import parts
    from benchmarks.timing import interleaved, ratio
    from benchmarks.tricks import TRICKS

    found = {}
    for name, (where, make_with, make_without) in TRICKS.items():
        pair = {"with": make_with(), "without": make_without()}
        check(
            f"{name} float64",
            "without it",
            pair["without"](),
            [part.copy() for part in parts(pair["with"]())],
        )
        taken = interleaved(pair, rounds, 0.015)
        found[name] = {"on": where, "gain": significant(ratio(taken["without"], taken["with"]))}
        print(f"  {name}: {found[name]['gain']:.2f} on {where}", flush=True)
    return found


def moved(before: dict | None, now: dict) -> dict[str, float]:
    """By how much each ratio differs from the stored run's, as a fraction: 0.1 is ten percent."""
    old = (before or {}).get("ratios", {})
    return {name: significant(value / old[name] - 1) for name, value in now["ratios"].items() if name in old}


def significant(value: float) -> float:
    return float(f"{value:.3g}")


def versions() -> dict:
    found = {"python": platform.python_version()}
    for package in ("numpy", "torch", "jax", "jaxlib", "autograd"):
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            pass
    return found


def machine() -> dict:
    """Processor, cores used, and what BLAS runs on how many threads."""
    from threadpoolctl import threadpool_info

    from tools.measure import machine as processor

    keys = ("internal_api", "architecture", "version", "num_threads")
    blas = [{key: pool.get(key) for key in keys} for pool in threadpool_info()]
    return {**processor(), "pools": [pool for n, pool in enumerate(blas) if pool not in blas[:n]]}


def line(name: str, result: dict) -> str:
    ratios = ", ".join(f"{rival} {value:.2f}" for rival, value in result["ratios"].items())
    return f"{name:34} {result['microseconds']['nnlib.fast']:>9,.0f} us  {ratios}"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--rows", default="", help="only rows whose kind or name contains this text; the others stay"
    )
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--out", type=Path, default=STORED)
    options = parser.parse_args()
    one_core()
    from benchmarks import first, growth, rivals
    from benchmarks.rows import ROWS

    libraries = rivals.available()
    before = json.loads(options.out.read_text("utf8")) if options.out.exists() else {"rows": {}}
    stored = {**before, "rows": dict(before["rows"]) if options.rows else {}}
    begun = time.monotonic()
    for row in ROWS:
        key = f"{row.kind}: {row.name}"
        if options.rows in key:
            stored["rows"][key] = run_row(row, libraries, options.rounds)
            stored["rows"][key]["moved"] = moved(before["rows"].get(key), stored["rows"][key])
            print(f"{time.monotonic() - begun:5.0f} s  {line(key, stored['rows'][key])}", flush=True)
    if options.rows in "tricks":
        stored["tricks"] = tricks(options.rounds)
    if options.rows in "first gradient":
        stored["first gradient"] = first.measured(libraries)
        print("first gradient, CPU seconds:", stored["first gradient"], flush=True)
    if options.rows in "growth":
        stored["growth"] = {"recursion": growth.recursion(), "through time": growth.through_time()}
    if not options.rows:
        stored["seconds"] = round(time.monotonic() - begun)
    stored |= {"date": date.today().isoformat(), "machine": machine(), "versions": versions()}
    options.out.write_text(json.dumps(stored, indent=1) + "\n", "utf8")
    print(f"written: {options.out.name}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
