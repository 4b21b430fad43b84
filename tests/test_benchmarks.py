"""The benchmarks' own checks, on tiny problems and without torch and JAX, which the book's environment lacks."""

import gc
import importlib
import json
import re
from functools import partial

import numpy as np
import pytest

from benchmarks import demonstrations, first, goals, limits, ours, rows, run, timing, tricks
from benchmarks.problems import Layered, Recurrent
from benchmarks.rivals import with_autograd
from benchmarks.rows import Row
from nnlib import exercises
from nnlib.figures import benchmarks as figures
from nnlib.figures.schema import validate

TINY = {
    "mlp": partial(Layered, (2, 4, 3), 5, classes=True),
    "parameter_jacobian": partial(Layered, (2, 4, 3), 5),
    "input_jacobian": partial(Layered, (2, 4, 3), 5),
    "recurrent": partial(Recurrent, 9, 4),
    "slopes": partial(Layered, (2, 4, 4, 1), 5),
    "training": partial(Layered, (1, 4, 1), 5),
}


@pytest.mark.parametrize("kind", TINY)
def test_a_tiny_row_from_end_to_end(kind):
    row = Row("tiny, float64", kind, TINY[kind])
    result = run.summary(row, [run.once(row, {"autograd": with_autograd}, 2, seconds=1e-4) for _ in range(2)])
    everyone = [name for names in result["libraries"].values() for name in names]
    assert set(result["microseconds"]) == set(everyone)
    assert set(result["ratios"]) == set(result["sweeps"]) == set(result["quartiles"])
    assert set(result["ratios"]) == set(everyone) - {"nnlib.fast"}
    assert ("autograd" in everyone) == hasattr(with_autograd, kind)
    assert all(value > 0 for value in result["microseconds"].values())
    assert 0 <= result["largest difference"] <= run.BOUND["float64"]


def test_a_rival_that_computes_something_else_is_an_error():
    one = [np.ones(3), np.ones(2)]
    assert run.check("a row, float64", "rival", one, one) == 0
    with pytest.raises(ValueError, match="rival differs from nnlib.fast by 1.0e-01"):
        run.check("a row, float64", "rival", [np.ones(3), np.full(2, 1.1)], one)
    with pytest.raises(ValueError, match="differs"):
        run.check("a row, float64", "rival", [np.ones(3), np.full(2, np.nan)], one)
    with pytest.raises(ValueError, match="returns 3 numbers, nnlib.fast 5"):
        run.check("a row, float64", "rival", one[:1], one)


def test_every_kind_of_row_has_its_contestants():
    assert {row.kind for row in rows.ROWS} == set(rows.KINDS)
    assert len({f"{row.kind}: {row.name}" for row in rows.ROWS}) == len(rows.ROWS)
    for kind in rows.KINDS:
        assert hasattr(ours, kind)
        assert hasattr(limits, kind) or kind == "training"


@pytest.mark.parametrize("name", tricks.TRICKS)
def test_a_trick_turned_off_changes_no_number(name):
    _, make_with, make_without = tricks.TRICKS[name]
    reference = [part.copy() for part in ours.parts(make_with()())]
    assert run.check(f"{name} float64", "without", make_without()(), reference) < 1e-12


def times(cpu, wall=None):
    return timing.Times(list(cpu), list(wall or cpu))


def test_the_ratio_is_the_median_of_the_sweeps_medians_of_quotients():
    one, other = [1.0, 2.0, 9.0], [2.0, 2.0, 3.0]
    sweeps = [{"us": times(one), "them": times(other)}, {"us": times(other), "them": times(other)}]
    assert run.compared(sweeps[:1], "us")["ratios"] == {"them": 1.0}
    found = run.compared([*sweeps, {"us": times([8.0]), "them": times([2.0])}], "us")
    assert found["sweeps"] == {"them": [1.0, 1.0, 4.0]} and found["ratios"] == {"them": 1.0}
    assert found["quartiles"] == {"them": [1.0, 2.0]}
    assert found["microseconds"] == {"us": 2e6, "them": 2e6}


def test_a_round_that_somebody_disturbed_does_not_count():
    ours = times([1.0, 1.0, 9.0, 1.0], [1.0, 1.0, 20.0, 1.0])
    theirs = times([2.0, 2.0, 2.0, 4.0], [3.0, 3.0, 3.0, 12.0])  # waits a third of its time, always
    assert timing.quotients(ours, theirs).tolist() == [0.5, 0.5]
    assert timing.seconds(ours) == 1.0


def test_no_garbage_is_collected_while_somebody_is_timed():
    seen = []
    timing.interleaved({"one": lambda: seen.append(gc.isenabled())}, 2, 1e-4)
    assert seen[-1] is False and gc.isenabled()


def row_of_a_run(us, them, sweeps, quartiles):
    ratio = float(np.median(sweeps))
    times = {"nnlib.fast": us, "jax": them}
    return {
        "microseconds": times,
        "ratios": {"jax": ratio},
        "sweeps": {"jax": sweeps},
        "quartiles": {"jax": quartiles},
    }


def test_a_second_run_says_what_moved_and_why():
    before = row_of_a_run(10, 10, [1.0, 1.0, 1.0], [1.0, 1.0])
    assert run.moved(None, before) == run.reasons(None, before) == {}
    assert run.reasons(before, row_of_a_run(11, 10, [1.1, 1.1, 1.1], [1.0, 1.2])) == {}
    now = row_of_a_run(12, 8, [1.5, 1.5, 1.56], [1.2, 1.8])
    assert run.moved(before, now) == {"jax": 0.5}
    told = "our time +20%, theirs -20%; in this run the middle half of its rounds spans 40%, its sweeps 4%"
    assert run.reasons(before, now) == {"jax": told}


def test_memory_is_what_was_alive_at_once():
    assert timing.peak_bytes(lambda: np.ones(10_000)) > 80_000


def test_a_figure_shows_each_librarys_best():
    row = {
        "ratios": {"jax a": 0.5, "jax b": 1.2, "torch": 0.3, "bare": 2.0, "clear": 0.1},
        "libraries": {"nnlib": ["clear"], "jax": ["jax a", "jax b"], "torch": ["torch"], "limit": ["bare"]},
    }
    assert figures.best(row) == {"jax": 1.2, "torch": 0.3, "limit": 2.0}
    figure = figures.ratios("mlp", [("one", figures.best(row)), ("two", {"jax": 1.0})])
    validate(figure)
    assert [(trace["name"], trace["x"], trace["y"]) for trace in figure["data"]] == [
        ("torch", [0.3], [1]), ("jax", [1.2, 1.0], [1, 2]), ("limit", [2.0], [1]),
    ]  # fmt: skip
    assert "faster one in 2 of 3 comparisons" in figure["meta"]["sentence"]


def test_the_growth_says_who_grows():
    measured = {"depth": {"sizes": [2, 4], "seconds": {"naive": [1.0, 50.0], "reverse": [1.0, 2.0]}}}
    figure = figures.growth("depth", measured)
    validate(figure)
    assert figure["meta"]["sentence"] == "depth from 2 to 4: naive takes 50 times as long, reverse 2.0 times."


def test_the_stored_run_has_every_row_and_trick_of_today():
    stored = json.loads(run.STORED.read_text("utf8"))
    assert set(stored["rows"]) == {f"{row.kind}: {row.name}" for row in rows.ROWS}
    assert set(stored["tricks"]) == set(tricks.TRICKS)
    assert set(stored["first gradient"]) == set(first.PROGRAMS)
    for row in rows.ROWS:
        assert stored["rows"][f"{row.kind}: {row.name}"]["goals"] == row.goals
    assert {pool["num_threads"] for pool in stored["machine"]["pools"]} == {1}


def test_every_ratio_that_moved_by_more_than_ten_percent_says_why():
    for row in json.loads(run.STORED.read_text("utf8"))["rows"].values():
        assert set(row["why"]) == {name for name, by in row["moved"].items() if abs(by) > run.MOVED}


def test_every_missed_goal_has_its_reason_and_every_reason_its_miss():
    stored = json.loads(run.STORED.read_text("utf8"))
    assert stored["missed"] == goals.missed(stored)
    assert [miss for miss in stored["missed"] if not miss["reason"]] == []
    page = json.loads((run.ROOT / "book" / "benchmarks.ipynb").read_text("utf8"))
    text = "".join("".join(cell["source"]) for cell in page["cells"] if cell["cell_type"] == "markdown")
    told = set(re.findall(r"^- \*\*\(([a-z])\) ", text, re.MULTILINE))
    assert told == {miss["reason"] for miss in stored["missed"]} == set(goals.REASONS)


def test_a_goal_is_missed_when_the_ratio_is_above_it():
    row = {
        "ratios": {"jax, slow": 0.2, "jax, fast": 1.01, "torch": 0.25, "bare": 1.2, "bare and tanh": 1.1},
        "libraries": {
            "jax": ["jax, slow", "jax, fast"],
            "torch": ["torch"],
            "limit": ["bare", "bare and tanh"],
        },
        "goals": {"torch": 0.2, "bare": 1.2},
    }
    stored = {
        "rows": {"mlp: 784, float32": row, "nothing: known": row},
        "first gradient": {"numpy and nnlib": 1.0, "jax": 10.0, "torch": 10.0},
    }
    assert [(miss["row"], miss["rival"], miss["wanted"], miss["reason"]) for miss in goals.missed(stored)] == [
        ("mlp: 784, float32", "jax", 1, "h"), ("mlp: 784, float32", "torch", 0.2, ""),
        ("nothing: known", "jax", 1, ""), ("nothing: known", "torch", 0.2, ""),
        ("first gradient", "torch", 0.07, "g"),
    ]  # fmt: skip


def test_every_demonstration_answers_in_the_browser_within_five_seconds():
    browser = json.loads(run.STORED.read_text("utf8"))["browser"]
    asked = dict(browser["exercises"])
    pages = {}
    for path in (run.ROOT / "book").glob("*.ipynb"):
        codes = [cell for cell in json.loads(path.read_text("utf8"))["cells"] if cell["cell_type"] == "code"]
        cells, figures = demonstrations.live_cells(codes), demonstrations.live_figures(codes)
        if cells or figures:
            pages[path.stem] = (
                ["".join(codes[n]["source"]).splitlines()[0] for n in cells],
                {bundle["function"] for bundle in figures},
            )
    stored = browser["demonstrations"]
    assert pages == {
        page: ([cell["line"] for cell in of["cells"]], set(of["figures"])) for page, of in stored.items()
    }
    for page, of in stored.items():
        for cell in of["cells"]:
            asked |= {f"{page}: {cell['line']}": cell["own"], f"{page}: above {cell['line']}": cell["above"]}
        asked |= of["figures"]
    assert {what: seconds for what, seconds in asked.items() if seconds >= 5} == {}


def notebook_cells():
    live = {
        "cell_type": "code",
        "metadata": {"tags": ["live"]},
        "source": ["y = x + 1\n", "y"],
        "outputs": [],
    }
    bundle = {
        "function": "nnlib.figures.bptt:plane",
        "given": {},
        "controls": [
            {"name": "units", "values": [4, 16], "live": [4, 10, 16]},
            {"name": "steps", "values": [1]},
        ],
    }
    shown = {"data": {demonstrations.MIME: bundle}}
    above = {"cell_type": "code", "metadata": {}, "source": ["x = 1"], "outputs": [shown]}
    return [above, live, {**live, "source": ["y"]}]


def test_a_demonstration_runs_after_the_cells_above_it_and_leaves_their_variables(monkeypatch):
    monkeypatch.syspath_prepend(str(run.ROOT / "book" / "live"))
    found = demonstrations.cells(notebook_cells())
    assert [cell["line"] for cell in found] == ["y = x + 1", "y"]
    assert all(0 <= cell["own"] < 60 for cell in found)
    with pytest.raises(RuntimeError, match="NameError: name 'x' is not defined"):
        demonstrations.cells(notebook_cells()[1:])


def test_a_live_figure_is_asked_for_the_ends_and_a_middle(monkeypatch):
    monkeypatch.syspath_prepend(str(run.ROOT / "book" / "live"))
    asked = []
    kernel = importlib.import_module("kernel")
    monkeypatch.setattr(kernel, "answer", lambda function, values: asked.append(values))
    codes = notebook_cells()
    assert list(demonstrations.figures(codes)) == ["nnlib.figures.bptt:plane"]
    assert asked == [{"units": n, "steps": 1} for n in (4, 10, 16)]
    codes[0]["outputs"][0]["data"][demonstrations.MIME]["controls"].pop(0)
    assert demonstrations.figures(codes) == {}


def test_every_check_of_code_tells_a_slip_from_the_answer():
    assert set(demonstrations.exercises()) == set(exercises.CHAPTERS)


def test_every_trick_shows_its_gain():
    for name, trick in json.loads(run.STORED.read_text("utf8"))["tricks"].items():
        assert trick["gain"] > 1 and min(trick["sweeps"]) > 1, name


def test_a_first_gradient_runs():
    assert first.measured([], rounds=1)["numpy and nnlib"] > 0
