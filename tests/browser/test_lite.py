"""The book's notebooks in JupyterLite: opened by the button of their page, run to their end, kept, started over."""

import json
import re
from urllib.parse import unquote

import pytest
from playwright.sync_api import Page

from nnlib import exercises
from tools.hosted import HTML
from tools.lite.build import check

PATIENT = 300_000  # milliseconds that a chapter may take on a loaded machine
LITE = HTML / "lite"
NOTEBOOKS = sorted(json.loads((LITE / "editions.json").read_text("utf8"))) if LITE.exists() else []
MEGABYTES = 80
EXPECTED = (
    "Memory storage fallback enabled",
    "Menu entry for command",
)  # what JupyterLite warns of by itself

READY = """async () => {
    while (!window.jupyterapp) await new Promise((resolve) => setTimeout(resolve, 100));
    await jupyterapp.restored;
    await jupyterapp.shell.currentWidget.sessionContext.ready;
}"""
RUN = "() => { jupyterapp.commands.execute('notebook:run-all-cells'); }"
ERROR = "cells.some((cell) => cell.outputs?.some((output) => output.output_type === 'error'))"
ENDED = f"""() => {{
    const cells = jupyterapp.shell.currentWidget.content.model.toJSON().cells;
    return {ERROR} || cells.every((cell) => cell.cell_type !== "code" || cell.execution_count || !cell.source.length);
}}"""
DRAWN = """() => { const plot = document.querySelector(".jp-OutputArea-output .js-plotly-plot");
    return JSON.stringify([plot.data, plot.layout]); }"""
CELLS = "() => jupyterapp.shell.currentWidget.content.model.toJSON().cells"
SAVED = "() => jupyterapp.commands.execute('docmanager:save').then(() => {})"
FIRST = ".jp-Notebook .jp-CodeCell .cm-content"


def link(page: str, name: str) -> str:
    """The address that the button of the built page leads to."""
    html = (HTML / f"{page}.html").read_text("utf8")
    found = re.findall(r'<a href="([^"]+)">Open as a live notebook', html)
    (url,) = (url for url in found if unquote(url).endswith(f"path={name}"))
    return url


def open_notebook(visit, name: str) -> Page:
    visit.page.goto(f"{visit.address}/lite/notebooks/index.html?path={name}")
    visit.page.evaluate(READY)
    return visit.page


def run_to_the_end(page: Page) -> list[dict]:
    """All cells run; what they said. An error, or a word on standard error, fails the test."""
    page.evaluate(RUN)
    page.wait_for_function(ENDED, timeout=PATIENT)
    cells = [cell for cell in page.evaluate(CELLS) if cell["cell_type"] == "code"]
    outputs = [output for cell in cells for output in cell["outputs"]]
    assert [out for out in outputs if out["output_type"] == "error" or out.get("name") == "stderr"] == []
    return cells


def complaints(visit) -> list[str]:
    return [words for words in visit.complaints if not any(known in words for known in EXPECTED)]


def type_into_first_cell(page: Page, words: str) -> None:
    page.locator(FIRST).first.click()
    page.keyboard.press("Control+Home")
    page.keyboard.type(words)
    page.keyboard.press("Enter")


def first_cell(page: Page) -> str:
    page.locator(FIRST).first.wait_for()
    cells = page.evaluate(CELLS)
    return next("".join(cell["source"]) for cell in cells if cell["cell_type"] == "code")


def test_the_built_configuration_takes_python_from_this_site_alone():
    check(LITE)
    told = json.loads((LITE / "jupyter-lite.json").read_text("utf8"))["jupyter-config-data"]
    assert not re.search(r"(https?:)?//", json.dumps(told).replace("https://jupyter.org", ""))
    for app in ("notebooks", "tree", "edit"):
        own = json.loads((LITE / app / "jupyter-lite.json").read_text("utf8"))["jupyter-config-data"]
        assert not {"litePluginSettings", "federated_extensions", "disabledExtensions"} & own.keys()
        assert "front.js" in (LITE / app / "index.html").read_text("utf8")


def test_the_whole_site_is_smaller_than_the_book_promises():
    assert sum(path.stat().st_size for path in HTML.rglob("*") if path.is_file()) < MEGABYTES * 10**6


def test_every_notebook_has_its_button_and_what_it_reads():
    on_pages = {path.name for path in (HTML / "_sources" / "book").glob("*.ipynb")}
    assert on_pages - {*NOTEBOOKS} == {"beyond-one-machine.ipynb"}
    assert len([name for name in NOTEBOOKS if name.startswith("exercises-")]) == len(exercises.CHAPTERS)
    assert [name for name in NOTEBOOKS if name.startswith("sheet-")]
    for name in NOTEBOOKS:
        page = "book/teaching" if name.startswith("sheet-") else f"book/{name.removesuffix('.ipynb')}"
        assert link(page, name) == f"../lite/notebooks/index.html?path={name}"
        source = (LITE / "files" / name).read_text("utf8")
        for file in re.findall(r"_data/(\w+\.json)", source):
            assert (LITE / "files" / "_data" / file).is_file()


def test_a_chapter_opens_from_its_page_and_runs_to_its_end_with_a_live_figure(visits):
    visit = visits()
    page = visit.open("book/recursive")
    assert not [url for url in visit.requests if "/lite/" in url]
    page.get_by_role("link", name="Open as a live notebook").click()
    page.evaluate(READY)
    cells = run_to_the_end(page)
    assert any(cell["outputs"] for cell in cells)
    # the figure is drawn by the kernel: a control of ipywidgets moves it
    slider = page.get_by_role("slider").first
    slider.scroll_into_view_if_needed()
    figure = page.locator(".jp-OutputArea-output .js-plotly-plot").first
    figure.wait_for(timeout=PATIENT)
    before = page.evaluate(DRAWN)
    slider.focus()
    slider.press("ArrowRight")
    page.wait_for_function(f"(before) => ({DRAWN})() !== before", arg=before, timeout=PATIENT)
    assert visit.foreign == [] and complaints(visit) == []


@pytest.mark.whole
@pytest.mark.parametrize("name", [name for name in NOTEBOOKS if not name.startswith("sheet-")])
def test_every_chapter_runs_to_its_end(visits, name):
    visit = visits()
    run_to_the_end(open_notebook(visit, name))
    assert visit.foreign == [] and complaints(visit) == []


@pytest.mark.whole
def test_all_packages_are_there_without_installing(visits):
    visit = visits()
    page = open_notebook(visit, "sheet-1.ipynb")
    type_into_first_cell(
        page,
        "import ipywidgets, plotly, sympy, nnlib.proofs; print(sympy.diff('x**2', 'x'), nnlib.__version__)",
    )
    page.keyboard.press("Shift+Enter")
    page.get_by_text("2*x 0.").wait_for(timeout=PATIENT)
    assert visit.foreign == [] and complaints(visit) == []
