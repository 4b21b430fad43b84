"""What the page's worker runs in Python, without a browser: answers, cells, tracebacks."""

import importlib.util
import json
from pathlib import Path

import pytest

from nnlib.figures.explore import MIME

PATH = Path(__file__).resolve().parent.parent / "book" / "live" / "kernel.py"
SPEC = importlib.util.spec_from_file_location("live_kernel", PATH)
kernel = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(kernel)


def run(code: str, namespace: dict | None = None) -> tuple[dict, str]:
    said: list[str] = []
    result = kernel.run(code, {} if namespace is None else namespace, lambda kind, text: said.append(text))
    return json.loads(result), "".join(said)


def test_a_state_is_plain_json_with_gaps_for_what_is_no_number():
    from nnlib.figures import bptt

    wanted = bptt.terms(gain=0.55, cut="chunk", length=4)
    state = json.loads(kernel.answer("nnlib.figures.bptt:terms", {"gain": 0.55, "cut": "chunk", "length": 4}))
    assert state["meta"] == wanted["meta"]
    cells = wanted["data"][0]["z"]
    assert state["data"][0]["z"] == [[None if v != v else v for v in row] for row in cells.tolist()]
    assert any(None in row for row in state["data"][0]["z"])


def test_a_cell_gives_its_output_and_its_last_value_and_keeps_its_names():
    space: dict = {}
    assert run("x = 20\nprint('said')\nx + 1", space) == ({"text": "21"}, "said\n")
    assert run("y = x", space) == ({}, "")
    assert run("{'b': y, 'a': [y]}", space)[0]["text"] == "{'b': 20, 'a': [20]}"
    assert run("def square(v): return v * v\ndisplay(square(y))", space) == ({}, "400\n")


def test_a_figure_is_handed_over_as_its_bundle():
    code = "from nnlib.figures import explore\nfrom nnlib.figures.bptt import two_derivatives\n"
    result, _ = run(code + "explore(two_derivatives, w=[0.5, 1.0])")
    assert result["figure"]["function"] == "nnlib.figures.bptt:two_derivatives" and MIME


def test_a_traceback_has_the_learners_lines_and_where_a_library_raised():
    result, said = run(
        "def inner(v):\n    return json_loads(v)\nfrom json import loads as json_loads\n\ninner('{')"
    )
    assert result["error"] == "JSONDecodeError" and said == ""
    trace = result["traceback"]
    assert 'File "<your cell>", line 5, in <module>' in trace and "return json_loads(v)" in trace
    assert trace.count("File ") == 2 and "raised in" in trace and "decoder.py, line" in trace


@pytest.mark.parametrize(
    "code, error", [("1 +", "SyntaxError"), ("raise SystemExit", "SystemExit"), ("nobody", "NameError")]
)
def test_every_error_ends_the_cell_alone(code, error):
    result, _ = run(code)
    assert result["error"] == error and error in result["traceback"]


def test_endless_output_is_cut():
    result, said = run("for k in range(100_000): print('a line of output')")
    assert result == {} and len(said) < kernel.LONGEST + 200 and "is not shown" in said


def test_cells_above_define_names_and_show_nothing():
    space: dict = {}
    assert kernel.prepare("a = 1\nprint('unseen')\nexplore(nobody, w=[1, 2])", space) == "null"
    assert space["a"] == 1
    failed = json.loads(kernel.prepare("b = a / 0", space))
    assert failed["error"] == "ZeroDivisionError" and "b = a / 0" in failed["traceback"]


@pytest.mark.parametrize(
    "code, needed",
    [
        ("from nnlib import proofs", True),
        ("import nnlib.proofs.ledger", True),
        ("from nnlib.proofs import claims", True),
        ("import nnlib", False),
        ("from nnlib import check", False),
        ("1 +", False),
    ],
)
def test_sympy_is_loaded_for_the_proofs(code, needed):
    assert kernel.needs_sympy(code) is needed
