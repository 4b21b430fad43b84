"""Sheets from end to end: handed out, handed in, graded, returned; and what happens when that is interrupted."""

import csv
import io
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from classroom import generate, grade, gradebook, marking, sandbox, sheet
from tests.submitting import changed, data, solved
from tests.test_classroom_gradebook import secrets
from tests.test_classroom_sheets import leaks

ROOT = Path(__file__).resolve().parent.parent

# Each sheet's wrong answers: cell, answer, {item: hint}.
WRONG = {
    "sheet-1": [
        ("neuron", "dC_dw = (w * x + b - y) * x\ndC_db = 2 * (w * x + b - y)", {"neuron-test": "half"}),
        ("paths", "def df_dx(x, w):\n    return np.sin(w * x)", {"paths-test": "other_path"}),
        (
            "layer", "def layer_backward(delta, a, W):\n    return a.T @ delta, delta.sum(0), delta @ W",
            {"layer-test-parameters": "transposed"},
        ),
        (
            "layer", "def layer_backward(delta, a, W):\n    return delta.T @ a, delta, delta @ W",
            {"layer-test-parameters": "batch"},
        ),
        ("network", "def gradient(*arguments):\n    return 1 / 0",
         {"network-test-output": "raises", "network-test-hidden": "raises"}),
    ],
    "sheet-2": [
        ("memory", "rtrl_numbers = n_r * (n_x + n_r)\nbptt_numbers = T * n_r\nfirst_longer = n_r * (n_x + n_r) + 1",
         {"memory-test": "weights"}),
        ("jacobian", "def jacobian(W1, b1, W2, X):\n    return W2 @ W1", {"jacobian-test": "activation_once"}),
        ("slope", "def slope_gradient(w, b, v, x, s):\n    pass",
         {"slope-test-outer": "nothing", "slope-test-inner": "nothing"}),
    ],
}  # fmt: skip

FIRST = {"sheet-1": "neuron", "sheet-2": "memory"}  # a cell with numbers, and a function's
FUNCTION = {"sheet-1": ("paths", "df_dx", "paths-test"), "sheet-2": ("jacobian", "jacobian", "jacobian-test")}
MARKER = "/graded-by-the-student"

# Broken and hostile files: (bytes from the right notebook, None for nothing counts, else {item: hint})
BROKEN: dict[str, Callable[[dict], bytes]] = {
    "not JSON": lambda right: data(right)[:-40],
    "empty": lambda right: b"",
    "no notebook": lambda right: b'{"cells": 7}',
}
HOSTILE = {
    "exits": "import os\nos._exit(0)",
    "loops": "while True: pass",
    "writes": f"open({MARKER!r}, 'w').write('20')",
    "reads": "raise ValueError(open(__import__('glob').glob('/*/**/sheet-1.ipynb', recursive=True)[0]).read())",
    "prints": "while True: print('x' * 1000)",
    "patches": "np.allclose = np.array_equal = lambda *a, **k: True\nreturn 0",
}


@pytest.fixture(autouse=True)
def _short(walls, monkeypatch):
    monkeypatch.setattr(sandbox, "SECONDS", 3)
    monkeypatch.setattr(sandbox, "GRACE", 1)


def answered(source: sheet.Sheet, handed_out: dict) -> dict:
    """The notebook that was handed out, with the right answers written into it."""
    right = solved(source)
    assert [c["source"] for c in handed_out["cells"]] != [c["source"] for c in right["cells"]]
    return handed_out | {"cells": right["cells"]}


def hostile(source: sheet.Sheet, right: dict, name: str) -> tuple[bytes, dict[str, str] | None]:
    """The right notebook with a hostile function in one answer, and what that loses."""
    cell, function, item = FUNCTION[source.name]
    body = "\n".join("    " + line for line in HOSTILE[name].split("\n"))
    return data(changed(right, cell, f"def {function}(*arguments):\n{body}")), {item: ""}


def class_of(source: sheet.Sheet, right: dict, size: int) -> dict[str, tuple[bytes, dict[str, str] | None]]:
    """`size` submissions by student, right, wrong, broken, hostile in turn: (file, lost items by hint; None: all)."""
    made: dict[str, tuple[bytes, dict[str, str] | None]] = {}
    wrong, broken, evil = WRONG[source.name], list(BROKEN), list(HOSTILE)
    for k in range(size):
        turn = k // 4
        if k % 4 == 0:
            made[f"right {k}"] = data(right), {}
        elif k % 4 == 1:
            cell, answer, lost = wrong[turn % len(wrong)]
            made[f"wrong {k}"] = data(changed(right, cell, answer)), lost
        elif k % 4 == 2:
            made[f"broken {k}"] = BROKEN[broken[turn % len(broken)]](right), None
        else:
            made[f"hostile {k}"] = hostile(source, right, evil[turn % len(evil)])
    return made


def results(out: Path) -> dict[str, dict]:
    found = [json.loads(path.read_text("utf8")) for path in (out / "results").glob("*.json")]
    return {result["student"]: result for result in found}


def table(path: Path) -> dict[str, dict[str, str]]:
    return {line["student"]: line for line in csv.DictReader(io.StringIO(path.read_text("utf-8-sig")))}


def end_to_end(name: str, size: int, tmp_path: Path, monkeypatch) -> None:
    """Generate, hand in, grade, mark by hand, grade again; look at all that is written."""
    assert generate.main([name, "--out", str(tmp_path / "made")]) == 0
    source, folder, out = sheet.read(name), tmp_path / "handed", tmp_path / "out"
    handed_out = json.loads((tmp_path / "made" / name / f"{name}.ipynb").read_text("utf8"))
    submitted = class_of(source, answered(source, handed_out), size)
    submitted["untouched"] = (
        data(handed_out), {item.id: ("missing" if item.id in ("neuron-test", "memory-test") else "stub")
                           for item in source.items},
    )  # fmt: skip
    folder.mkdir()
    for student, (content, _) in submitted.items():
        (folder / f"{student}.ipynb").write_bytes(content)

    assert grade.main([name, str(folder), str(out)]) == 0
    kept, automatic = results(out), {item.id: item.points for item in source.items if not item.manual}
    (manual,) = (item for item in source.items if item.manual)
    assert set(kept) == set(submitted)
    for student, (_, lost) in submitted.items():
        items, lost = kept[student]["items"], automatic if lost is None else lost
        assert {key: items[key]["points"] for key in automatic} == {
            key: 0 if key in lost else points for key, points in automatic.items()
        }, student
        for key in set(lost) & set(automatic):
            assert student.split()[0] in ("broken", "hostile") or items[key]["hint"] == lost[key]
    assert not Path(MARKER).exists()
    assert table(out / "grades.csv")["right 0"]["score"] == ""

    monkeypatch.setattr(marking, "mark", lambda *_: pytest.fail("graded twice"))
    lines = list(table(out / "manual.csv").values())
    for line in lines:
        line["marks"] = "2" if line["student"].startswith("right") else "1"
        if line["student"] == "untouched" or line["student"].startswith("broken"):
            line["marks"] = ""
    with (out / "manual.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, gradebook.MANUAL)
        writer.writeheader()
        writer.writerows(lines)
    assert grade.main([name, str(folder), str(out)]) == 0
    scores = {student: line["score"] for student, line in table(out / "grades.csv").items()}
    for student, (_, lost) in submitted.items():
        lost = automatic if lost is None else lost
        by_hand = {"right": 2, "wrong": 1, "hostile": 1}.get(student.split()[0], 0)
        assert float(scores[student]) == by_hand + sum(p for key, p in automatic.items() if key not in lost)
    canvas = list(csv.DictReader(io.StringIO((out / "canvas.csv").read_text("utf8"))))
    moodle = list(csv.DictReader(io.StringIO((out / "moodle.csv").read_text("utf8"))))
    assert {line["Student"]: line[name] for line in canvas[1:]} == scores
    assert {line["Full name"]: line["Grade"] for line in moodle} == scores

    pages = {path.stem: path.read_text("utf8") for path in (out / "feedback").glob("*.html")}
    assert set(pages) == set(submitted)
    assert f'<p class="marks">{15 + 2 if name == "sheet-1" else 17 + 2} of 20</p>' in pages["right 0"]
    told = [line for line in secrets() if not any(line in c["source"] for c in solved(source)["cells"])]
    assert len(told) > 20 and not [line for line in told for page in pages.values() if line in page]
    assert leaks(out) == [] and leaks(tmp_path / "made") == []
    report = (out / "report.html").read_text("utf8")
    broken = sum(student.startswith("broken") for student in submitted)
    assert f"{len(submitted) - broken} of {len(submitted)} can be graded" in report and "<svg" in report
    assert f"{manual.title} ({manual.points:g} points)" in (out / "to-mark.html").read_text("utf8")


def test_one_sheet_from_end_to_end(tmp_path, monkeypatch):
    end_to_end("sheet-1", 5, tmp_path, monkeypatch)


@pytest.mark.whole
@pytest.mark.parametrize("name", ["sheet-1", "sheet-2"])
def test_a_class_of_thirty_from_end_to_end(name, tmp_path, monkeypatch):
    end_to_end(name, 30, tmp_path, monkeypatch)


SOURCE = sheet.read("sheet-1")
RIGHT = solved(SOURCE)
SLOW = changed(RIGHT, "paths", "import time\ntime.sleep(0.5)\n" + solved(SOURCE)["cells"][5]["source"])


def hand_in(folder: Path, names: str, notebook: dict = RIGHT) -> Path:
    folder.mkdir(exist_ok=True)
    for name in names.split():
        (folder / f"{name}.ipynb").write_bytes(data(notebook))
    return folder


def children(of: int) -> set[int]:
    """The processes below one, at any depth."""
    parents = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            parents[int(path.parent.name)] = int(path.read_text().rsplit(")", 1)[1].split()[1])
        except OSError:
            continue
    found, left = set(), {of}
    while left:
        left = {child for child, parent in parents.items() if parent in left}
        found |= left
    return found


def runs_python(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().startswith(sys.executable.encode())
    except OSError:
        return False


def test_killing_the_grader_loses_nothing_that_was_graded(tmp_path, monkeypatch):
    names = "ana ben carl dan eve fay gus hal"
    folder, out = hand_in(tmp_path / "handed", names, SLOW), tmp_path / "out"
    command = [sys.executable, "-m", "classroom.grade", "sheet-1", str(folder), str(out)]
    process = subprocess.Popen(command, cwd=ROOT, stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 300
    while len(list((out / "results").glob("*.json"))) < 2:
        assert process.poll() is None and time.monotonic() < deadline
        time.sleep(0.02)
    below = children(process.pid)
    process.send_signal(signal.SIGKILL)
    process.wait()
    before = {path: path.read_bytes() for path in (out / "results").glob("*.json")}
    assert 2 <= len(before) < 8 and below  # it was in the middle of it
    while any(runs_python(pid) for pid in below):  # the sandboxes end with it
        assert time.monotonic() < deadline
        time.sleep(0.02)
    for pid in below:  # a bubblewrap that had just begun waits for ever for the one that made it
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)

    graded, mark = [], marking.mark
    monkeypatch.setattr(marking, "mark", lambda *told: graded.append(told) or mark(*told))
    assert grade.main(["sheet-1", str(folder), str(out)]) == 0
    assert len(graded) == 8 - len(before)
    assert {path: path.read_bytes() for path in before} == before
    assert set(results(out)) == set(names.split()) == set(table(out / "grades.csv"))


def test_one_student_again_a_changed_file_and_a_new_one(tmp_path, monkeypatch):
    folder, out = hand_in(tmp_path / "handed", "ana ben carl"), tmp_path / "out"
    assert grade.main(["sheet-1", str(folder), str(out)]) == 0
    first = results(out)
    graded, mark = [], marking.mark
    monkeypatch.setattr(marking, "mark", lambda *told: graded.append(told) or mark(*told))
    path = out / "results" / "ana.json"
    path.write_text(path.read_text("utf8").replace('"points": 3', '"points": 1'), "utf8")
    assert grade.main(["sheet-1", str(folder), str(out), "--again", "ana"]) == 0
    assert len(graded) == 1 and results(out) == first  # as it was: the same submission, the same marks
    (folder / "ben.ipynb").write_bytes(data(changed(RIGHT, "paths", "df_dx = 7")))
    hand_in(folder, "dan")
    (out / "results" / "carl.json").write_text("{", "utf8")  # half a file is none
    assert grade.main(["sheet-1", str(folder), str(out)]) == 0
    assert len(graded) == 4 and results(out)["carl"] == first["carl"]
    assert results(out)["ben"]["items"]["paths-test"]["points"] == 0 and len(results(out)) == 4
    assert grade.main(["sheet-1", str(folder), str(out), "--again", "nobody"]) == 1


def test_a_fault_of_the_grader_is_no_students_and_leaves_no_old_marks(tmp_path, monkeypatch, capsys):
    folder, out = hand_in(tmp_path / "handed", "ana ben"), tmp_path / "out"
    assert grade.main(["sheet-1", str(folder), str(out)]) == 0
    mark = marking.mark

    def failing(source, content, *rest):
        if content == data(SLOW):
            raise MemoryError("here")
        return mark(source, content, *rest)

    monkeypatch.setattr(marking, "mark", failing)
    hand_in(folder, "ana", SLOW)
    assert grade.main(["sheet-1", str(folder), str(out)]) == 1
    assert "Not graded: ana: MemoryError: here" in capsys.readouterr().err
    assert set(table(out / "grades.csv")) == {"ben"} == set(results(out))
    monkeypatch.setattr(marking, "mark", mark)
    assert grade.main(["sheet-1", str(folder), str(out)]) == 0
    assert set(table(out / "grades.csv")) == {"ana", "ben"}


def test_the_deadline_and_who_has_another(tmp_path):
    folder, out = hand_in(tmp_path / "handed", "ana ben"), tmp_path / "out"
    for path in folder.iterdir():
        os.utime(path, (time.mktime((2026, 12, 2, 12, 0, 0, 0, 0, -1)),) * 2)
    (tmp_path / "s.csv").write_text("student,extended\nana,2026-12-05T18:00\nben,\ncarl,\n", "utf8")
    told = ["--students", str(tmp_path / "s.csv"), "--deadline", "2026-12-01T18:00", "--late", "10"]
    assert grade.main(["sheet-1", str(folder), str(out), *told]) == 0
    lines = table(out / "grades.csv")
    assert {student: line["late days"] for student, line in lines.items()} == {
        "ana": "0",
        "ben": "1",
        "carl": "0",
    }
    assert lines["carl"]["score"] == "0" and lines["carl"]["remark"] == "Nothing was handed in."


def test_variants_are_graded_by_each_students_own_numbers(tmp_path, capsys):
    numbers = sheet.numbers(SOURCE, "ana")
    error = numbers["w"] * numbers["x"] + numbers["b"] - numbers["y"]
    by_hand = f"dC_dw = {2 * error * numbers['x']}\ndC_db = {2 * error}"
    anas = changed(solved(SOURCE, "ana"), "neuron", by_hand)
    folder, out = hand_in(tmp_path / "handed", "ana ben", anas), tmp_path / "out"
    with pytest.raises(SystemExit):
        grade.main(["sheet-1", str(folder), str(out), "--variants"])
    assert "--students" in capsys.readouterr().err
    (tmp_path / "s.csv").write_text("student\nana\nben\n", "utf8")
    told = ["--variants", "--students", str(tmp_path / "s.csv")]
    assert grade.main(["sheet-1", str(folder), str(out), *told]) == 0
    kept = results(out)
    assert kept["ana"]["items"]["neuron-test"]["points"] == 3 and kept["ana"]["notes"] == []
    assert kept["ben"]["items"]["neuron-test"]["points"] == 0
    assert kept["ben"]["notes"] == ["The notebook was made for ana."]
    assert "made for ana" in table(out / "grades.csv")["ben"]["remark"]


def test_without_bubblewrap_it_refuses_unless_told_in_so_many_words(tmp_path, monkeypatch, capsys):
    folder, out = hand_in(tmp_path / "handed", "ana"), tmp_path / "out"
    monkeypatch.setattr(shutil, "which", lambda *_: None)
    sandbox.require.cache_clear()
    try:
        assert grade.main(["sheet-1", str(folder), str(out)]) == 1
        said = capsys.readouterr().err
        assert "bubblewrap (bwrap) is not installed" in said and "--trust-the-submissions" in said
        assert not out.exists()
        assert grade.main(["sheet-1", str(folder), str(out), "--trust-the-submissions"]) == 0
        assert sum(item["points"] or 0 for item in results(out)["ana"]["items"].values()) == 15
    finally:
        sandbox.require.cache_clear()
    monkeypatch.undo()
    path = out / "results" / "ana.json"
    trusted = json.loads(path.read_text("utf8"))["digest"]
    assert grade.main(["sheet-1", str(folder), str(out)]) == 0
    assert json.loads(path.read_text("utf8"))["digest"] != trusted  # what nothing held back is graded again


def test_a_bubblewrap_that_does_not_work_is_named_with_its_own_words(tmp_path, monkeypatch, capsys):
    folder = hand_in(tmp_path / "handed", "ana")
    command = sandbox._command
    monkeypatch.setattr(sandbox, "_command", lambda root: [*command(root), "--ro-bind", "/no/such", "/x"])
    sandbox.require.cache_clear()
    try:
        assert grade.main(["sheet-1", str(folder), str(tmp_path / "out")]) == 1
    finally:
        sandbox.require.cache_clear()
    said = capsys.readouterr().err
    assert "does not work here: bwrap: Can't find source path /no/such" in said


@pytest.mark.whole
@pytest.mark.filterwarnings("ignore")  # distributed's own, of its sockets
def test_a_dask_cluster_grades_the_same(tmp_path, capsys):
    import dask
    from distributed import LocalCluster

    names = "ana ben carl"
    folder = hand_in(tmp_path / "handed", names)
    (folder / "dan.ipynb").write_bytes(hostile(SOURCE, RIGHT, "exits")[0])
    (folder / "eve.ipynb").write_bytes(b"no notebook")
    assert grade.main(["sheet-1", str(folder), str(tmp_path / "here")]) == 0
    with LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None, host="127.0.0.1") as cluster:
        told = ["--scheduler", cluster.scheduler_address]
        assert grade.main(["sheet-1", str(folder), str(tmp_path / "there"), *told]) == 0
    assert results(tmp_path / "there") == results(tmp_path / "here")
    assert set(table(tmp_path / "there" / "grades.csv")) == {*names.split(), "dan", "eve"}
    with dask.config.set({"distributed.comm.timeouts.connect": "1s"}):
        told = ["--scheduler", "tcp://127.0.0.1:9"]
        assert grade.main(["sheet-1", str(folder), str(tmp_path / "none"), *told]) == 1
    assert "127.0.0.1:9" in capsys.readouterr().err
