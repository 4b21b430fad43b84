"""The book's notebooks in JupyterLite: opened by the button of their page, run to their end, kept, started over."""

import json
import re
import shutil
from pathlib import Path
from urllib.parse import unquote

import nbformat
import pytest
from playwright.sync_api import Page

from nnlib import exercises
from tests.browser.visiting import Visits, in_firefox
from tools.hosted import HTML, Server
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
# JupyterLab draws the cells that are in view alone.
TO_FIGURE = """() => { const { content } = jupyterapp.shell.currentWidget, cells = content.model.toJSON().cells;
    const shows = (cell) => cell.cell_type === "code" && /explore[(]/.test(cell.source);
    content.activeCellIndex = cells.findIndex(shows);
    return content.scrollToItem(content.activeCellIndex, "start"); }"""
PLOT = ".js-plotly-plot"
DRAWN = f"() => JSON.stringify(document.querySelector('{PLOT}').data)"
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
    page = visit.open("book/bptt")
    assert not [url for url in visit.requests if "/lite/" in url]
    page.get_by_role("link", name="Open as a live notebook").click()
    page.evaluate(READY)
    cells = run_to_the_end(page)
    assert any(cell["outputs"] for cell in cells)
    page.evaluate(TO_FIGURE)
    slider = page.get_by_role("slider").first  # a control of ipywidgets: the kernel drives it
    slider.wait_for(timeout=PATIENT)
    page.locator(PLOT).first.wait_for(timeout=PATIENT)
    before = page.evaluate(DRAWN)
    slider.press("End")
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
    page = open_notebook(visit, "recursive.ipynb")
    type_into_first_cell(
        page,
        "import ipywidgets, plotly, sympy, nnlib.proofs; print(sympy.diff('x**2', 'x'), nnlib.__version__)",
    )
    page.keyboard.press("Shift+Enter")
    page.get_by_text("2*x 0.").wait_for(timeout=PATIENT)
    assert visit.foreign == [] and complaints(visit) == []


@pytest.mark.whole
def test_a_change_survives_a_reload_and_starting_over_brings_the_text_back(visits):
    visit = visits()
    page = open_notebook(visit, "recursive.ipynb")
    original = first_cell(page)
    type_into_first_cell(page, "mine = 1")
    page.wait_for_function(
        "() => !jupyterapp.shell.currentWidget.context.model.dirty", timeout=PATIENT
    )  # by itself
    page.reload()
    page.evaluate(READY)
    assert first_cell(page) == f"mine = 1\n{original}"
    page.once("dialog", lambda dialog: dialog.accept())
    with page.expect_navigation():
        page.get_by_role("button", name="Start over").click()
    page.evaluate(READY)
    assert first_cell(page) == original


@pytest.fixture
def next_edition(tmp_path):
    """Serves the built book, and then, when called, a copy in which a notebook has a new text."""
    site = tmp_path / "site"
    leave = shutil.ignore_patterns("_sources")
    shutil.copytree(HTML, site, ignore=leave, copy_function=lambda a, b: Path(b).hardlink_to(a))
    server = Server(site)

    def publish(name: str, words: str) -> None:
        notebook = json.loads((site / "lite" / "files" / name).read_text("utf8"))
        notebook["cells"][0]["source"] = [words]
        notebook["metadata"]["edition"] = "next"
        editions = json.loads((site / "lite" / "editions.json").read_text("utf8")) | {name: "next"}
        for path, content in (("files/" + name, notebook), ("editions.json", editions)):
            (site / "lite" / path).unlink()
            (site / "lite" / path).write_text(json.dumps(content), "utf8")

    yield server, publish
    server.stop()


@pytest.mark.whole
def test_a_new_edition_is_shown_and_what_the_reader_changed_stands_beside_it(browser, next_edition):
    server, publish = next_edition
    visits = Visits(browser, server.address)
    visit = visits()
    page = open_notebook(visit, "recursive.ipynb")
    original = first_cell(page)
    type_into_first_cell(page, "mine = 1")
    page.evaluate(SAVED)
    publish("recursive.ipynb", "# The next edition")
    page.reload()
    page.evaluate(READY)
    page.get_by_role("heading", name="The next edition").wait_for()
    assert first_cell(page) == original
    notice = page.get_by_role("status").filter(has_text="new edition of recursive.ipynb")
    with page.expect_navigation():
        notice.get_by_role("link").click()
    page.evaluate(READY)
    assert re.search(r"recursive, yours of \d{4}-\d\d-\d\d\.ipynb", unquote(page.url))
    assert first_cell(page) == f"mine = 1\n{original}"
    # a second time nothing moves, and the list has both
    page.goto(f"{server.address}/lite/tree/index.html")
    for name in ("recursive.ipynb", "recursive, yours of"):
        page.locator(".jp-DirListing-item").filter(has_text=name).first.wait_for()
    assert page.get_by_text("new edition of").count() == 0
    visits.close()


def downloaded(page: Page) -> str:
    """The first cell of code of what the button Download gives."""
    with page.expect_download() as download:
        page.get_by_role("button", name="Download").click()
    cells = json.loads(Path(download.value.path()).read_text("utf8"))["cells"]
    return next("".join(cell["source"]) for cell in cells if cell["cell_type"] == "code")


@pytest.mark.whole
def test_a_browser_that_stores_nothing_is_told_why_and_offered_the_file(visits):
    visit = visits()
    visit.page.add_init_script(
        "IDBFactory.prototype.open = () => { throw new DOMException('forbidden', 'SecurityError'); };"
    )
    page = visit.page
    page.goto(f"{visit.address}/lite/notebooks/index.html?path=recursive.ipynb")
    page.get_by_text("does not let the page store anything").wait_for()
    with page.expect_download() as download:
        page.get_by_role("link", name="recursive.ipynb").click()
    assert nbformat.read(download.value.path(), as_version=4).cells
    assert page.get_by_text("changes are kept").count() == 0 and page.evaluate("window.jupyterapp") is None


@pytest.mark.whole
def test_a_full_storage_is_said_and_what_stands_on_the_page_downloads(visits):
    visit = visits()
    page = open_notebook(visit, "recursive.ipynb")
    page.evaluate(
        """() => { window.put = IDBObjectStore.prototype.put;
            IDBObjectStore.prototype.put = () => { throw new DOMException("full", "QuotaExceededError"); }; }"""
    )
    type_into_first_cell(page, "mine = 1")
    notice = page.get_by_text("could not be stored (full)")
    notice.wait_for(timeout=PATIENT)
    assert downloaded(page).startswith("mine = 1\n") and page.locator(".jp-Dialog").count() == 0
    page.evaluate("() => { IDBObjectStore.prototype.put = window.put; }")
    page.evaluate(SAVED)
    notice.wait_for(state="detached")


@pytest.mark.whole
def test_chapter_6_runs_to_its_end_for_a_new_reader_and_is_taken_along(visits):
    visit = visits()
    page = open_notebook(visit, "gradient-backprop.ipynb")
    run_to_the_end(page)
    with page.expect_download() as download:
        page.get_by_role("button", name="Download").click()
    assert download.value.suggested_filename == "gradient-backprop.ipynb"
    taken = nbformat.read(download.value.path(), as_version=4)
    nbformat.validate(taken)
    assert sum(bool(cell.get("outputs")) for cell in taken.cells) > 10
    assert visit.foreign == [] and complaints(visit) == []


@pytest.mark.whole
def test_a_chapter_runs_to_its_end_in_firefox(server):
    told = in_firefox("firefox-lite.mjs", address=server.address, name="recursive.ipynb")
    assert told["foreign"] == told["notices"] == told["errors"] == [] and told["outputs"] > 5
