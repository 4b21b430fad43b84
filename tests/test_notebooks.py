"""The notebooks as stored, the recorder, and the comparison of outputs seen to fail.

That a stored output is what the code says today is tested by nbval with nbval_figures.py, not here.
"""

import json
import re
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from nnlib.figures import bundle
from nnlib.figures.explore import MIME
from tests.nbval_figures import figures
from tools.record import ROOT, main, normal_form, notebooks, record

# What nbval compares, and the figures that we compare; it would let pictures and widgets pass unseen.
COMPARED = {"text/plain", "text/latex", "text/html", "text/markdown", "image/svg+xml", MIME}
LOOK_AWAY = re.compile("nbval|pytest_validate|raises-exception", re.IGNORECASE)


def codes(nb) -> list:
    return [cell for cell in nb.cells if cell.cell_type == "code"]


def outputs(nb) -> list:
    return [out for cell in codes(nb) for out in cell.outputs]


def was_not_run_once_in_order(nb, text):
    return [cell.execution_count for cell in codes(nb)] != list(range(1, len(codes(nb)) + 1))


def is_not_in_the_recorders_form(nb, text):
    return normal_form(nb) != text


def stores_what_nothing_compares(nb, text):
    return {mime for out in outputs(nb) for mime in out.get("data", ())} - COMPARED


def stores_an_error_or_a_warning(nb, text):
    return [out for out in outputs(nb) if out.output_type == "error" or out.get("name") == "stderr"]


def tells_nbval_to_look_away(nb, text):
    return [
        cell
        for cell in codes(nb)
        if LOOK_AWAY.search(" ".join([cell.source, *cell.metadata.get("tags", ())]))
    ]


def names_a_folder_of_this_machine(nb, text):
    return str(ROOT) in text


def is_larger_than_500_kB(nb, text):
    return len(text) - sum(len(json.dumps(figure)) for figure in figures(outputs(nb))) > 500_000


def has_no_title(nb, text):
    return not nb.cells[0].source.startswith("# ")


def has_cells_for_nobody_to_read(nb, text):
    lines = [len(cell.source.splitlines()) for cell in codes(nb)]
    return not 3 <= len(lines) <= 40 or max(lines) > 25


FAULTS = (
    was_not_run_once_in_order,
    is_not_in_the_recorders_form,
    stores_what_nothing_compares,
    stores_an_error_or_a_warning,
    tells_nbval_to_look_away,
    names_a_folder_of_this_machine,
    is_larger_than_500_kB,
    has_no_title,
    has_cells_for_nobody_to_read,
)


def faults(path: Path) -> list[str]:
    """The names of what is wrong with a notebook as it is stored."""
    text = path.read_text("utf8")
    nb = nbformat.reads(text, as_version=4)
    return [fault.__name__ for fault in FAULTS if fault(nb, text)]


def test_every_notebook_is_in_the_table_of_contents():
    stored = {path for path in (ROOT / "book").rglob("*.ipynb") if ".ipynb_checkpoints" not in path.parts}
    assert stored == set(notebooks())


@pytest.mark.parametrize("path", notebooks(), ids=lambda path: path.stem)
def test_a_stored_notebook_has_no_fault(path):
    assert faults(path) == []


# The rest tries the machinery on a notebook of its own, and sees it fail.

LINE = """
def line(slope, error=0):
    y = [slope * x * (1 + error) / 3 for x in range(4)]
    trace = {"type": "scatter", "x": [0, 1, 2, 3], "y": y, "meta": {"role": "value"}}
    return {"data": [trace], "layout": {}, "meta": {"alt": "A line.", "sentence": f"Slope {slope}."}}
"""
SHOW = "from nnlib.figures import explore\n\nexplore(line, slope=(1, 2))"
CELLS = ("print(object())\n1 / 3", LINE.strip(), SHOW)


@pytest.fixture(scope="module")
def recorded(tmp_path_factory) -> Path:
    """A small notebook with a number and a figure, recorded."""
    path = tmp_path_factory.mktemp("recorded") / "untouched.ipynb"
    cells = [new_markdown_cell("# A title"), *(new_code_cell(source) for source in CELLS)]
    nbformat.write(new_notebook(cells=cells), path)
    assert record(path)
    return path


def test_recording_again_changes_no_byte(recorded, capsys):
    before = recorded.read_bytes()
    assert main([str(recorded)]) == 0
    assert "unchanged" in capsys.readouterr().out
    assert recorded.read_bytes() == before
    assert faults(recorded) == []


def test_check_tells_and_writes_nothing(recorded, tmp_path, capsys):
    path = tmp_path / "old.ipynb"
    before = recorded.read_text("utf8").replace("0.333", "0.334")
    path.write_text(before, "utf8")
    assert main(["--check", str(path)]) == 1
    assert "would change" in capsys.readouterr().out
    assert path.read_text("utf8") == before


def test_a_failing_cell_is_not_recorded(tmp_path, capsys):
    path = tmp_path / "failing.ipynb"
    nbformat.write(new_notebook(cells=[new_code_cell("1 / 0")]), path)
    before = path.read_bytes()
    assert main([str(path)]) == 1
    assert "ZeroDivisionError" in capsys.readouterr().err
    assert path.read_bytes() == before


def test_normal_form_drops_what_an_editor_and_a_run_leave_behind():
    cell = new_code_cell("x", id="random", metadata={"collapsed": True, "tags": ["hide-input"]})
    cell.outputs = [nbformat.v4.new_output("stream", text="<object at 0x7f00c0ffee00>\n" + "0badcafe" * 4)]
    one = new_notebook(cells=[cell], metadata={"language_info": {"name": "python", "version": "3.11.7"}})
    two = nbformat.reads(nbformat.writes(one).replace("7f00c0ffee00", "7fffffffffff"), as_version=4)
    two.cells[0].outputs[0].text = two.cells[0].outputs[0].text.replace("0badcafe", "deadbeef")
    assert normal_form(one) == normal_form(two)
    assert normal_form(nbformat.reads(normal_form(one), as_version=4)) == normal_form(one)
    assert json.loads(normal_form(one))["cells"][0]["metadata"] == {"tags": ["hide-input"]}


def digit(nb):
    """Change one digit of a stored number."""
    nb.cells[1].outputs[1].data["text/plain"] = "0.3333333333333334"


def redraw(nb, error):
    """Store the figure of a line whose values are off by the factor 1 + error."""
    scope: dict = {}
    exec(LINE, scope)
    figure = bundle.encode(lambda slope: scope["line"](slope, error), {"slope": (1, 2)})
    assert figure["numbers"] != nb.cells[3].outputs[0].data[MIME]["numbers"]
    nb.cells[3].outputs[0].data[MIME] = figure


def state(nb):
    """Change the values of a figure by one in ten thousand."""
    redraw(nb, 1e-4)


def rounding(nb):
    """Change the values of a figure by less than its rounding."""
    redraw(nb, 4e-6)


def vanished(nb):
    """Drop a figure."""
    nb.cells[3].outputs = []


def stripped(nb):
    """Drop all outputs and counts, as nbstripout does."""
    for cell in codes(nb):
        cell.outputs, cell.execution_count = [], None


# What was done to the notebook, and the cells that must fail.
TAMPERED = {None: (), digit: (0,), state: (2,), rounding: (), vanished: (2,), stripped: (0, 1, 2)}


def test_comparison_fails_where_a_stored_output_was_changed(recorded, tmp_path):
    expected = {}
    for tamper, failing in TAMPERED.items():
        nb = nbformat.read(recorded, as_version=4)
        if tamper:
            tamper(nb)
        name = tamper.__name__ if tamper else "untouched"
        (tmp_path / f"{name}.ipynb").write_text(normal_form(nb), "utf8")
        expected |= {(name, cell): "FAILED" if cell in failing else "PASSED" for cell in range(3)}
    command = "-m pytest -rA -p no:cacheprovider -p tests.nbval_figures --nbval --nbval-current-env"
    sanitize = ("--nbval-sanitize-with", "tests/nbval.cfg", "-c", "pyproject.toml")
    run = [sys.executable, *command.split(), *sanitize, str(tmp_path)]
    said = subprocess.run(run, cwd=ROOT, capture_output=True, text=True, timeout=300).stdout
    found = re.findall(r"^(PASSED|FAILED|ERROR) \S*?(\w+)\.ipynb::Cell (\d)", said, re.MULTILINE)
    assert {(name, int(cell)): outcome for outcome, name, cell in found} == expected, said


def retitle(nb):
    nb.cells[0].source = "No title"


def look_away(nb):
    nb.cells[1].metadata.tags = ["nbval-ignore-output"]


def warn(nb):
    nb.cells[1].outputs[0].name = "stderr"


def picture(nb):
    nb.cells[1].outputs[1].data["image/png"] = "AAAA"


def folder(nb):
    nb.cells[1].outputs[0].text = str(ROOT)


def swell(nb):
    nb.cells[1].outputs[0].text = "x" * 500_000


def crowd(nb):
    nb.cells[1].source = "1\n" * 26


@pytest.mark.parametrize(
    ("tamper", "fault"),
    [
        (stripped, was_not_run_once_in_order),
        (look_away, tells_nbval_to_look_away),
        (warn, stores_an_error_or_a_warning),
        (picture, stores_what_nothing_compares),
        (folder, names_a_folder_of_this_machine),
        (swell, is_larger_than_500_kB),
        (retitle, has_no_title),
        (crowd, has_cells_for_nobody_to_read),
    ],
    ids=lambda function: function.__name__,
)
def test_every_fault_is_found(recorded, tmp_path, tamper, fault):
    nb = nbformat.read(recorded, as_version=4)
    tamper(nb)
    path = tmp_path / "tampered.ipynb"
    path.write_text(normal_form(nb), "utf8")
    assert faults(path) == [fault.__name__]
    path.write_text(nbformat.writes(nb), "utf8")
    assert set(faults(path)) == {fault.__name__, is_not_in_the_recorders_form.__name__}
