"""Sheets: what students get, that no solution is in it or in anything else that ships, and the hidden tests' hints."""

import gzip
import io
import json
import shutil
import subprocess
import sys
import tarfile
import zipfile
from copy import deepcopy
from pathlib import Path

import nbformat
import numpy as np
import pytest

from classroom import generate, judge, roster, sheet, tables

ROOT = Path(__file__).resolve().parent.parent
NAMES = ("sheet-1", "sheet-2")


@pytest.mark.parametrize("name", NAMES)
def test_a_students_notebook_has_no_solution_no_hidden_test_no_output(name):
    source = sheet.read(name)
    made = sheet.for_student(source)
    nbformat.validate(nbformat.from_dict(made))
    text = json.dumps(made)
    assert sheet.CANARY not in text and "BEGIN" not in text and "END " not in text and "judge" not in text
    assert all(cell.get("outputs", []) == [] for cell in made["cells"])
    for cell, original in zip(made["cells"], source.notebook["cells"], strict=True):
        kind = sheet.role(original)
        for region in sheet.regions(sheet.text(original), sheet.SOLUTION):
            assert all(
                line.strip() not in cell["source"] for line in region.split("\n") if len(line.strip()) > 12
            )
        assert (cell["metadata"].get("editable") is False) == (kind in ("given", "test"))
        if kind == "solution":
            assert "raise NotImplementedError()" in cell["source"]
        if kind == "manual":
            assert cell["source"] == "YOUR ANSWER HERE"


@pytest.mark.parametrize("name", NAMES)
def test_the_solutions_pass_the_tests_with_everybodys_numbers(name):
    source = sheet.read(name)
    for student in ("", "anna", "ben", "chloé"):
        sheet.try_solutions(source, student)
    assert source.points == 20


def test_the_checksums_are_nbgraders():
    """Computed by nbgrader 0.9.6 (its preprocessors gave the same cells, metadata and checksums as ours)."""
    made = sheet.for_student(sheet.read("sheet-1"))
    sums = {
        c["metadata"]["nbgrader"]["grade_id"]: sheet.checksum(c)
        for c in made["cells"]
        if "nbgrader" in c["metadata"]
    }
    assert sums["neuron"] == "9e189e23af099175cff1594978273fc5"
    assert all(c["metadata"]["nbgrader"]["checksum"] for c in made["cells"] if "nbgrader" in c["metadata"])


def test_everyone_has_numbers_of_their_own_and_always_the_same():
    source = sheet.read("sheet-1")
    texts = [json.dumps(sheet.for_student(source, student)) for student in ("anna", "ben", "anna")]
    assert texts[0] == texts[2] != texts[1]
    assert "SEED = 0" not in texts[0] and "{{" not in texts[0]
    numbers = sheet.numbers(source, "anna")
    assert f"| {numbers['w']} | {numbers['x']} | {numbers['b']} | {numbers['y']} |" in texts[0]


# Each rule of a source, broken: cell, what is replaced by what, and the complaint.
BEGIN, END = "### BEGIN SOLUTION", "### END SOLUTION"
BROKEN = [
    ("neuron", sheet.CANARY, "", "without the word"),
    ("neuron", END, "", "without an end"),
    ("neuron", BEGIN, "", "without a beginning"),
    ("neuron-test", sheet.CANARY, "", "without the word"),
    ("neuron-test", "### END", f"{BEGIN}\n# {sheet.CANARY}\n{END}\n### END", "not marked as one"),
    ("neuron-test", "### END HIDDEN TESTS", f"### END HIDDEN TESTS\n# {sheet.CANARY}", "canary outside"),
    ("paths-test", "w_2, h =", "w_2 h =", "not Python"),
    ("paths", BEGIN, f"### BEGIN HIDDEN TESTS\n### END HIDDEN TESTS\n{BEGIN}", "not a test"),
]


@pytest.mark.parametrize(("identity", "old", "new", "complaint"), BROKEN)
def test_a_source_that_breaks_a_rule_is_refused_by_cell_and_rule(identity, old, new, complaint):
    notebook = deepcopy(sheet.read("sheet-1").notebook)
    for cell in notebook["cells"]:
        if cell["metadata"].get("nbgrader", {}).get("grade_id") == identity:
            assert old in sheet.text(cell)
            cell["source"] = sheet.text(cell).replace(old, new)
    with pytest.raises(sheet.SheetError, match=f"cell {identity}: .*{complaint}"):
        sheet.parse("sheet-1", notebook)


def test_points_and_rubrics_are_checked():
    for change, complaint in (
        (lambda meta: meta["nbgrader"].update(points=-1), "points are -1"),
        (lambda meta: meta["nbgrader"].update(points=4), "do not add up"),
        (lambda meta: meta["nbgrader"].update(grade_id="neuron"), "is taken"),
        (lambda meta: meta["nbgrader"].update(schema_version=2), "schema_version 3"),
    ):
        notebook = deepcopy(sheet.read("sheet-1").notebook)
        change(notebook["cells"][-1]["metadata"])
        with pytest.raises(sheet.SheetError, match=complaint):
            sheet.parse("sheet-1", notebook)


def test_a_sheet_whose_solution_is_wrong_is_not_handed_out(tmp_path, capsys):
    text = (sheet.SHEETS / "sheet-1" / "sheet-1.ipynb").read_text("utf8")
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "own.ipynb").write_text(
        text.replace("return delta.T @ a,", "return a.T @ delta,"), "utf8"
    )
    assert generate.main(["--sheets", str(tmp_path), "--out", str(tmp_path / "out")]) == 1
    assert "layer-test-parameters" in capsys.readouterr().err
    assert not list((tmp_path / "out").rglob("*.ipynb"))
    assert generate.main(["none", "--sheets", str(tmp_path), "--out", str(tmp_path / "out")]) == 1
    assert "Sheets here: own" in capsys.readouterr().err


def test_a_list_of_students_is_read_and_its_mistakes_are_named(tmp_path):
    path = tmp_path / "students.csv"
    path.write_text("\ufeffstudent,name,extended\nanna,Anna A,2026-12-01T18:00\nben,Ben B,\n", "utf8")
    found = roster.read(path)
    assert (
        list(found) == ["anna", "ben"] and found["anna"].extended.day == 1 and found["ben"].extended is None
    )
    for line, complaint in (
        ("a/b", "folder"),
        ("..", "folder"),
        ("anna", "twice"),
        ("carl,,soon", "no date"),
    ):
        path.write_text(f"student,name,extended\nanna,,\n{line}\n", "utf8")
        with pytest.raises(roster.RosterError, match=f"line 3.*{complaint}"):
            roster.read(path)
    path.write_text("name\nanna\n", "utf8")
    with pytest.raises(tables.TableError, match="no column 'student'"):
        roster.read(path)
    path.write_bytes(
        "student;name;extended\nanna;Änne;2026-12-01T18:00+00:00\n".encode("utf-8-sig")
    )  # a spreadsheet's
    assert roster.read(path)["anna"].name == "Änne" and roster.read(path)["anna"].extended.tzinfo is None
    path.write_bytes("student,name\nanna,Änne\n".encode("latin-1"))
    with pytest.raises(tables.TableError, match="save it as CSV UTF-8"):
        roster.read(path)


def texts_within(name: str, data: bytes) -> list[bytes]:
    """A file's bytes, and those of the files packed inside it, at any depth."""
    if name.endswith((".zip", ".whl")):
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            inside = [(member, archive.read(member)) for member in archive.namelist()]
    elif name.endswith((".tar.gz", ".tgz", ".tar.bz2", ".tar")):
        with tarfile.open(fileobj=io.BytesIO(data)) as archive:
            members = [member for member in archive if member.isfile()]
            inside = [(member.name, archive.extractfile(member).read()) for member in members]
    elif name.endswith(".gz"):
        inside = [(name.removesuffix(".gz"), gzip.decompress(data))]
    else:
        return [data]
    return [text for packed in inside for text in texts_within(*packed)]


def leaks(folder: Path) -> list[str]:
    """The files below the folder that hold the canary."""
    found = [path for path in sorted(folder.rglob("*")) if path.is_file()]
    assert found, f"{folder} is empty: there is nothing to look through"
    canary = sheet.CANARY.encode()
    return [
        str(path)
        for path in found
        if any(canary in text for text in texts_within(path.name, path.read_bytes()))
    ]


def test_no_canary_in_what_students_get(tmp_path):
    (tmp_path / "students.csv").write_text("student\nanna\nben\n", "utf8")
    assert generate.main(["--out", str(tmp_path / "plain")]) == 0
    assert generate.main(["--out", str(tmp_path / "own"), "--students", str(tmp_path / "students.csv")]) == 0
    assert {path.name for path in (tmp_path / "plain" / "lite").iterdir()} == {
        f"{name}.ipynb" for name in NAMES
    }
    assert len(list((tmp_path / "own").rglob("*.ipynb"))) == 4
    assert leaks(tmp_path / "plain") == leaks(tmp_path / "own") == []


def test_no_canary_in_the_built_book():
    """Pages, search index, _sources, and whatever else lies in the folder that is put on a server."""
    built = ROOT / "_build" / "html"
    assert (built / "searchindex.js").exists(), "there is no built book: make book"
    assert leaks(built) == []


def test_no_canary_in_the_wheel_and_the_source_distribution(tmp_path):
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    copy = tmp_path / "copy"
    for name in listed.splitlines():
        if (ROOT / name).is_file() and not name.startswith("docs/"):
            (copy / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, copy / name)
    dist = tmp_path / "dist"
    dist.mkdir()
    for kind in ("wheel", "sdist"):
        build = f"import sys; from setuptools import build_meta; build_meta.build_{kind}(sys.argv[1])"
        subprocess.run([sys.executable, "-c", build, str(dist)], cwd=copy, capture_output=True, check=True)
    assert sorted(path.suffix for path in dist.iterdir()) == [".gz", ".whl"]
    assert leaks(dist) == []
    assert leaks(copy)  # where it is found: in the sheets' sources


def test_the_search_for_canaries_looks_into_archives(tmp_path):
    canary = sheet.CANARY.encode()
    (tmp_path / "page.html").write_bytes(b"<p>" + canary)
    (tmp_path / "index.js.gz").write_bytes(gzip.compress(canary))
    with zipfile.ZipFile(tmp_path / "sheet.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("inside", canary * 3)
    with zipfile.ZipFile(tmp_path / "lite.whl", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.write(tmp_path / "sheet.zip", "deeper.zip")
    with tarfile.open(tmp_path / "dist.tar.gz", "w:gz") as archive:
        archive.add(tmp_path / "page.html", "page.html")
    assert len(leaks(tmp_path)) == 5


W = np.array([[1.0, 2.0, 3.0], [4.0, 5.0, -6.0]])
GIVEN = {
    "nothing": None, "type": "text", "transposed": W.T, "shape": W[0], "nan": W * np.nan, "zero": 0 * W,
    "sign": -W, "factor": W / 3, "values": W + 1, "half": W / 2,
}  # fmt: skip


@pytest.mark.parametrize(("hint", "got"), GIVEN.items(), ids=GIVEN)
def test_the_judge_names_each_slip(hint, got):
    with pytest.raises(AssertionError) as error:
        judge.judge("W", got, W, half=(W / 2, "What comes down?"))
    assert str(error.value).startswith(f"[{hint}] ")


def test_the_judge_takes_what_is_right_and_refuses_what_is_not_numbers():
    judge.judge("W", W.astype(np.float32), W.astype(np.float32))
    judge.judge("W", W.tolist(), W)
    judge.judge("n", 3, 3)
    for wrong in ([[1.0], [2.0, 3.0]], W.astype(complex), W.astype(str), True, {"W": W}, (W,)):
        with pytest.raises(AssertionError, match=r"\[type\]"):
            judge.judge("W", wrong, W)


def test_the_judge_sees_changed_arguments_and_missing_parts():
    a = np.ones(3)
    assert judge.judge_unchanged(lambda: 7, a) == 7
    with pytest.raises(AssertionError, match=r"\[changed\]"):
        judge.judge_unchanged(lambda: a.__iadd__(1), a)
    assert judge.parts((1, 2), "u v") == (1, 2)
    for result, hint in ((None, "nothing"), (W, "parts"), ((1, 2, 3), "parts")):
        with pytest.raises(AssertionError, match=rf"\[{hint}\]"):
            judge.parts(result, "u v")
