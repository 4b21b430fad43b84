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
MOVED = 0.1  # a ratio that differs by more from the run before has to say why
BOUND = {"float64": 1e-10, "float32": 2e-3}  # a rival's gradient against ours, relative to the largest entry


# Set together on some machines for older builds of OpenBLAS; they slow a current one.
SLOWING = ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE")
ALIKE = {
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    # What is freed stays with the process, for everybody alike. By default the allocator moves these bounds as
    # it goes, so that a program's time depends on what ran before it.
    "MALLOC_MMAP_THRESHOLD_": str(2**25),
    "MALLOC_TRIM_THRESHOLD_": str(2**33),
}


def alike() -> None:
    """Start again on one core, BLAS and OpenMP on one thread, the allocator's bounds fixed: all before numpy."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    wanted = {name: value for name, value in os.environ.items() if name not in SLOWING} | ALIKE
    if wanted != dict(os.environ):
        os.execve(sys.executable, [sys.executable, "-m", "benchmarks.run", *sys.argv[1:]], wanted)


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


def once(row, rivals: dict, rounds: int, seconds: float | None = None) -> dict:
    """One sweep over a row: make everybody anew, check every rival against ours, time all in turn."""
    from benchmarks.ours import parts
    from benchmarks.timing import interleaved

    by_library = row.contestants(row.problem(), rivals)
    everyone: dict[str, Callable] = {}
    errors = {}
    reference = [part.copy() for part in parts(by_library["nnlib"]["nnlib.fast"]())]
    for library, contestants in by_library.items():
        everyone |= contestants
        if library != "limit":
            for name, function in contestants.items():
                errors[name] = check(row.name, name, function(), reference)
    return {
        "libraries": {library: list(contestants) for library, contestants in by_library.items()},
        "largest difference": significant(max(errors.values())),
        "taken": interleaved(everyone, rounds, seconds or row.seconds),
    }


def summary(row, sweeps: list[dict]) -> dict:
    """What is stored of a row: medians over the sweeps, and how far sweeps and rounds are apart."""
    from benchmarks import ours
    from benchmarks.timing import peak_bytes

    p = row.problem()
    return {
        "kind": row.kind,
        "goals": row.goals,
        **compared([sweep["taken"] for sweep in sweeps], "nnlib.fast"),
        "libraries": sweeps[0]["libraries"],
        "largest difference": max(sweep["largest difference"] for sweep in sweeps),
        "peak kB": round(peak_bytes(lambda: getattr(ours, row.kind)(p)["nnlib.fast"]()) / 1000),
    }


def compared(sweeps: list[dict], one: str) -> dict:
    """Microseconds of everybody, and the ratios of `one` to each other.

    A sweep's ratio is the median of its rounds' quotients, the ratio is the median of the sweeps'; `quartiles` are
    those of all rounds.
    """
    import numpy as np

    from benchmarks.timing import quotients, seconds

    names = list(sweeps[0])
    rounds = {name: [quotients(taken[one], taken[name]) for taken in sweeps] for name in names if name != one}
    by_sweep = {name: [significant(np.median(q)) for q in of] for name, of in rounds.items()}
    return {
        "microseconds": {
            name: significant(1e6 * median(seconds(taken[name]) for taken in sweeps)) for name in names
        },
        "ratios": {name: median(values) for name, values in by_sweep.items()},
        "sweeps": by_sweep,
        "quartiles": {
            name: [significant(q) for q in np.quantile(np.concatenate(of), (0.25, 0.75))]
            for name, of in rounds.items()
        },
    }


def tricks(rounds: int) -> dict:
    """One sweep over the tricks: the times with and without each."""
    from benchmarks.ours import parts
    from benchmarks.timing import interleaved
    from benchmarks.tricks import TRICKS

    found = {}
    for name, (_, make_with, make_without) in TRICKS.items():
        pair = {"with": make_with(), "without": make_without()}
        reference = [part.copy() for part in parts(pair["with"]())]
        check(f"{name} float64", "without it", pair["without"](), reference)
        found[name] = interleaved(pair, rounds, 0.015)
    return found


def gains(sweeps: list[dict]) -> dict:
    """For each trick: what is timed, and the time without it over the time with it."""
    from benchmarks.tricks import TRICKS

    found = {}
    for name, (where, *_) in TRICKS.items():
        result = compared([sweep[name] for sweep in sweeps], "without")
        found[name] = {
            "on": where,
            "gain": result["ratios"]["with"],
            "sweeps": result["sweeps"]["with"],
            "quartiles": result["quartiles"]["with"],
        }
        print(f"  {name}: {found[name]['gain']:.2f} on {where}", flush=True)
    return found


def moved(before: dict | None, now: dict) -> dict[str, float]:
    """By how much each ratio differs from the stored run's, as a fraction: 0.1 is ten percent."""
    old = (before or {}).get("ratios", {})
    return {name: significant(value / old[name] - 1) for name, value in now["ratios"].items() if name in old}


def reasons(before: dict | None, now: dict) -> dict[str, str]:
    """For each ratio that moved by more than ten percent: whose time did, and how steady it is within this run."""
    told = {}
    for name, by in moved(before, now).items():
        if abs(by) > MOVED:
            ours, theirs = (
                now["microseconds"][who] / before["microseconds"][who] - 1 for who in ("nnlib.fast", name)
            )
            low, high = now["quartiles"][name]
            rounds = (high - low) / now["ratios"][name]
            sweeps = max(now["sweeps"][name]) / min(now["sweeps"][name]) - 1
            steady = f"in this run the middle half of its rounds spans {rounds:.0%}, its sweeps {sweeps:.0%}"
            told[name] = f"our time {ours:+.0%}, theirs {theirs:+.0%}; {steady}"
    return told


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
    parser.add_argument("--rounds", type=int, default=9, help="in a sweep")
    parser.add_argument("--sweeps", type=int, default=3, help="each makes every program and its arrays anew")
    parser.add_argument("--out", type=Path, default=STORED)
    options = parser.parse_args()
    alike()
    from benchmarks import first, goals, growth, rivals
    from benchmarks.rows import ROWS

    libraries = rivals.available()
    before = json.loads(options.out.read_text("utf8")) if options.out.exists() else {"rows": {}}
    stored = {**before, "rows": dict(before["rows"]) if options.rows else {}}
    begun = time.monotonic()
    wanted = {key: row for row in ROWS if options.rows in (key := f"{row.kind}: {row.name}")}
    swept: dict[str, list] = {key: [] for key in wanted}
    tricked = []
    for sweep in range(1, options.sweeps + 1):
        for key, row in wanted.items():
            swept[key].append(once(row, libraries, options.rounds))
            print(f"{time.monotonic() - begun:5.0f} s  sweep {sweep}  {key}", flush=True)
        if options.rows in "tricks":
            tricked.append(tricks(options.rounds))
    for key, row in wanted.items():
        stored["rows"][key] = summary(row, swept[key])
        earlier = before["rows"].get(key)
        stored["rows"][key]["moved"] = moved(earlier, stored["rows"][key])
        stored["rows"][key]["why"] = reasons(earlier, stored["rows"][key])
        print(line(key, stored["rows"][key]), flush=True)
    if tricked:
        stored["tricks"] = gains(tricked)
    if options.rows in "first gradient":
        stored["first gradient"] = first.measured(libraries)
        print("first gradient, CPU seconds:", stored["first gradient"], flush=True)
    if options.rows in "growth":
        stored["growth"] = {"recursion": growth.recursion(), "through time": growth.through_time()}
    if not options.rows or "missed" in stored:
        stored["missed"] = goals.missed(stored)
    if not options.rows:
        stored["seconds"] = round(time.monotonic() - begun)
    stored |= {"date": date.today().isoformat(), "machine": machine(), "versions": versions()}
    options.out.write_text(json.dumps(stored, indent=1) + "\n", "utf8")
    print(f"written: {options.out.name}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
