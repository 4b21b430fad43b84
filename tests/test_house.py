"""Who may know whom: DESIGN's house, asserted on the imports."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
LIBRARY = ROOT / "nnlib"

VOCABULARY = ("arrays", "activations", "costs", "network", "optimizers", "data")
CHAPTERS = ("chain_rule", "index_backprop", "recursive", "jacobian", "bptt", "gradient_backprop")
# A chapter's second module counts as that chapter.
PARTS = {"nodes": "chain_rule", "units": "index_backprop", "double_backprop": "gradient_backprop"}


def imported(path: Path) -> set[str]:
    """The absolute names a file imports, wherever the import stands."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text("utf8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        if isinstance(node, ast.ImportFrom):
            found |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def knows(path: Path) -> set[str]:
    """The nnlib modules a file imports, by their short names."""
    names = {name.split(".")[1] for name in imported(path) if name.startswith("nnlib.")}
    return {
        PARTS.get(name, name)
        for name in names
        if (LIBRARY / f"{name}.py").exists() or (LIBRARY / name).is_dir()
    }


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_a_chapter_knows_the_vocabulary_and_earlier_chapters_only(chapter):
    earlier = {*VOCABULARY, *CHAPTERS[: CHAPTERS.index(chapter) + 1]}
    for name in (chapter, *(part for part, of in PARTS.items() if of == chapter)):
        assert knows(LIBRARY / f"{name}.py") <= earlier


@pytest.mark.parametrize("name", [*VOCABULARY, "check"])
def test_the_vocabulary_knows_no_chapter(name):
    assert knows(LIBRARY / f"{name}.py") <= {*VOCABULARY}


@pytest.mark.parametrize("path", sorted(LIBRARY.rglob("*.py")), ids=lambda path: str(path.relative_to(ROOT)))
def test_only_the_proofs_import_sympy_and_nothing_knows_the_book(path):
    top = {name.split(".")[0] for name in imported(path)}
    if "proofs" not in path.parts:
        assert not top & {"sympy", "mpmath"}
    if "figures" not in path.parts:
        assert not top & {"plotly", "ipywidgets"}
    assert not top & {"book", "tools", "tests", "sphinx", "scipy", "torch", "autograd"}


@pytest.mark.parametrize("path", sorted((LIBRARY / "proofs").glob("*.py")), ids=lambda path: path.name)
def test_no_proof_knows_the_figures_the_exercises_or_the_fast_twins(path):
    """Verdicts are kept while only those change (book/_ext/verdicts/proving.py)."""
    assert not knows(path) & {"figures", "exercises", "fast"}


def test_importing_nnlib_and_its_chapters_imports_numpy_and_nothing_else():
    """Nothing from outside the standard library but numpy, also when every chapter is used."""
    program = (
        "import sys, numpy; before = set(sys.modules)\n"
        f"import nnlib; [getattr(nnlib, name).__doc__ for name in {CHAPTERS + VOCABULARY}]\n"
        "new = {m.split('.')[0] for m in set(sys.modules) - before} - {'nnlib', 'numpy'}\n"
        "print(sorted(new - set(sys.stdlib_module_names)))"
    )
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"


def test_modules_come_when_they_are_named():
    import nnlib

    assert nnlib.jacobian.__name__ == "nnlib.jacobian"
    with pytest.raises(AttributeError, match="no attribute 'torch'"):
        nnlib.torch  # noqa: B018


def test_every_module_has_its_tests():
    tests = {path.stem for path in (ROOT / "tests").glob("test_*.py")}
    for name in (*VOCABULARY[1:], *CHAPTERS, "check"):
        assert f"test_{name}" in tests


@pytest.mark.parametrize("name", CHAPTERS)
def test_modules_and_functions_stay_small(name):
    source = (LIBRARY / f"{name}.py").read_text("utf8")
    assert len(source.splitlines()) <= 275
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef):
            statements = node.body[1:] if ast.get_docstring(node) else node.body
            lines = statements[-1].end_lineno - statements[0].lineno + 1
            assert lines <= 25, f"{name}.{node.name} has {lines} lines"
