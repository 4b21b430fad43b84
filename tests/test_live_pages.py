"""Python in the page, as the build places it: cells that may be changed, and a book without any of it."""

import json
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

ROOT = Path(__file__).resolve().parent.parent
BOOK = ROOT / "book"
CHAPTERS = ("chain-rule", "index-backprop", "recursive", "jacobian", "bptt", "gradient-backprop", "six-ways")
sys.path.append(str(BOOK / "_ext"))

import live  # noqa: E402


@pytest.mark.parametrize("name", CHAPTERS)
def test_a_chapter_has_cells_to_change_and_says_what_to_try(name):
    cells = json.loads((BOOK / f"{name}.ipynb").read_text("utf8"))["cells"]
    marked = [k for k, cell in enumerate(cells) if "live" in cell["metadata"].get("tags", [])]
    assert len(marked) >= 2
    for k in marked:
        following = next(c for c in cells[k + 1 :] if "live" not in c["metadata"].get("tags", []))
        assert following["cell_type"] == "markdown" and "".join(following["source"]).startswith("**Change ")


def site(folder: Path, with_python: bool) -> SimpleNamespace:
    """What the extension asks of Sphinx."""
    env = SimpleNamespace(metadata={"book/bptt": {"figures": True}}, docname="book/bptt")
    env.doc2path = lambda name: BOOK / "bptt.ipynb"
    return SimpleNamespace(
        config=SimpleNamespace(live=with_python),
        builder=SimpleNamespace(format="html"),
        outdir=folder,
        env=env,
    )


def test_a_book_without_live_python_has_neither_scripts_nor_buttons(tmp_path):
    live.place(site(tmp_path, True))
    (tmp_path / "live" / "pages").mkdir()
    assert (tmp_path / "live" / "worker.js").exists() and (tmp_path / "live" / "_data").exists()
    without = site(tmp_path, False)
    live.place(without)
    assert [path.name for path in (tmp_path / "live").iterdir()] == [live.SHEET]
    context = {"body": f"{live.SLOT}</div>"}
    live.add_script(without, "book/bptt", "page.html", context, None)
    live.mark_cells(without, None)
    assert context["body"] == f"{live.SLOT}</div>" and "live" not in without.env.metadata["book/bptt"]
