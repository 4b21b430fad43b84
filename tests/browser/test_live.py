"""Python in the page: figures answered between their stored states, cells that a reader changes."""

import re

import numpy as np
import pytest

from nnlib.figures import bptt
from nnlib.figures.bundle import decode
from tests.browser.visiting import in_firefox
from tests.tolerances import TOL
from tools.hosted import HTML, pages

START = 120_000  # milliseconds that a loaded machine may take to start Python
PAGE = "book/bptt"


def figure_of(page, function: str) -> str:
    """The id of the page's figure that `function` makes."""
    folder = HTML / "_static" / "states"
    for path in sorted(folder.glob(f"{page.replace('/', '-')}-figure-*.js")):
        if f'"function":"{function}"' in path.read_text("utf8"):
            return re.search(r"figure-\d+", path.name)[0]
    raise AssertionError(f"{page} has no figure {function}")


def go_live(page, figure: str) -> None:
    page.click(f"#{figure} .nnlib-figure-live button")
    page.wait_for_selector(f"#{figure}[data-live]", timeout=START)


def leaves(part, where=""):
    """The numbers and words of a state, by their place."""
    if isinstance(part, np.ndarray):
        part = part.tolist()
    if isinstance(part, dict):
        return {k: v for key in part for k, v in leaves(part[key], f"{where}.{key}").items()}
    if isinstance(part, (list, tuple)):
        return {k: v for i, item in enumerate(part) for k, v in leaves(item, f"{where}[{i}]").items()}
    return {where: part.item() if isinstance(part, np.generic) else part}


def test_a_live_figure_answers_a_value_that_was_never_stored(visits):
    figure = figure_of(PAGE, "nnlib.figures.bptt:truncation")
    visit = visits()
    page = visit.open(PAGE)
    assert not [url for url in visit.requests if "/live/" in url and not re.search(r"live\.(js|css)", url)]
    go_live(page, figure)
    bundle = page.evaluate(f"document.getElementById('{figure}').nnlibFigure.bundle")
    (control,) = bundle["controls"]
    position = next(k for k, value in enumerate(control["live"]) if value not in control["values"])
    page.locator(f"#{figure} input[type=range]").evaluate(
        "(input, k) => { input.value = k; input.dispatchEvent(new Event('input')); }", position
    )
    page.wait_for_function(
        "id => !document.getElementById(id).hasAttribute('aria-busy')", arg=figure, timeout=START
    )
    values = page.evaluate(f"document.getElementById('{figure}').nnlibFigure.values()")
    assert values[control["name"]] == control["live"][position] not in control["values"]
    drawn = page.evaluate(f"document.getElementById('{figure}').nnlibFigure.figure")
    wanted = bptt.truncation(**values)
    expected, got = leaves(wanted["data"]), leaves(drawn["data"])
    assert got.keys() == expected.keys()
    for place, value in expected.items():
        if isinstance(value, float):
            assert got[place] == pytest.approx(value, rel=TOL["identical"], abs=TOL["identical"]), place
        else:
            assert got[place] == value, place
    assert page.inner_text(f"#{figure} .nnlib-figure-sentence") == wanted["meta"]["sentence"]
    assert wanted["meta"]["sentence"] not in [state["meta"]["sentence"] for state in decode(bundle)]
    assert visit.foreign == [] and visit.complaints == []


def open_cell(page):
    """The editor of the page's first cell to change."""
    cell = page.locator(".nnlib-live-cell").first
    if cell.locator("textarea").count() == 0:
        cell.locator("button").first.click()
    return cell


def run_cell(cell, text: str | None = None, wait: bool = True) -> str:
    """Run `text`, or what stands there, by the keyboard; what is shown then."""
    if text is not None:
        cell.locator("textarea").fill(text)
    cell.locator("textarea").press("Control+Enter")
    if wait:
        cell.locator("[data-do=run][aria-disabled=false]").wait_for(timeout=START)
    return cell.locator(".nnlib-live-output").inner_text()


def printed(cell) -> str:
    """What the book prints below a cell to change."""
    return cell.evaluate(
        """(element) => [...element.closest(".cell").querySelectorAll(".cell_output pre")]
            .map((output) => output.textContent).join("")"""
    )


def test_a_cell_prints_in_the_page_what_the_book_prints(visits):
    visit = visits()
    cell = open_cell(visit.open(PAGE))
    assert run_cell(cell) == printed(cell) != ""
    assert visit.foreign == [] and visit.complaints == []


def pages_with_cells() -> list[str]:
    return [
        name for name in pages() if 'class="nnlib-live-cell"' in (HTML / f"{name}.html").read_text("utf8")
    ]


@pytest.mark.whole
@pytest.mark.parametrize("name", pages_with_cells())
def test_every_cell_to_change_prints_what_the_book_prints(name, visits):
    visit = visits()
    page = visit.open(name)
    for cell in page.locator(".nnlib-live-cell").all():
        cell.locator("button").first.click()
        assert run_cell(cell) == printed(cell), cell.get_attribute("data-cell")
    assert visit.foreign == [] and visit.complaints == []


@pytest.mark.whole
def test_a_cell_with_a_figure_is_open_to_everyone(visits, axe):
    page = visits().open(PAGE)
    cell = open_cell(page)
    run_cell(
        cell,
        "from nnlib.figures import explore, bptt as figures\nexplore(figures.plane, units=(4, 16), steps=(1, 10))",
    )
    picture = cell.locator(".nnlib-live-output svg")
    name = page.locator(f"#{picture.get_attribute('aria-labelledby')}")
    assert name.inner_text() == cell.locator(".nnlib-figure-sentence").inner_text() != ""
    before = picture.inner_html()
    cell.locator(".nnlib-live-output input").first.press("ArrowRight")
    assert cell.locator(".nnlib-live-output svg").inner_html() != before
    assert axe(page, ".nnlib-live-cell") == []


@pytest.mark.whole
def test_a_cell_is_changed_broken_stopped_kept_and_reset(visits):
    visit = visits()
    page = visit.open(PAGE)
    cell = open_cell(page)
    original = cell.locator("textarea").input_value()
    # the cells above have run: their names are there; the value of the last expression is shown
    assert (
        run_cell(cell, "print('said')\nnp.arange(3), bptt.__name__")
        == "said\n(array([0, 1, 2]), 'nnlib.bptt')\n"
    )
    # an error shows the learner's line, and where in the library it was raised
    told = run_cell(cell, "def broken(n):\n    return Network((None,), (None,), (None,))\n\nbroken(3)")
    assert 'File "<your cell>", line 4' in told and "return Network(" in told and "ValueError" in told
    assert "raised in nnlib/network" in told and "pyodide" not in told
    assert "SyntaxError" in run_cell(cell, "1 +")
    # an endless loop: stopped by the clock, then by hand; the text stays, the variables are gone
    cell.locator("input[type=number]").fill("1")
    run_cell(cell, "while True: pass")
    assert "more than 1 s" in cell.locator(".nnlib-live-note").inner_text()
    cell.locator("input[type=number]").fill("300")
    run_cell(cell, "while True: pass", wait=False)
    page.wait_for_function("nnlibLive.state === 'busy'", timeout=START)
    cell.locator("[data-do=stop]").click()
    cell.locator("[data-do=run][aria-disabled=false]").wait_for(timeout=START)
    assert "the variables are not" in cell.locator(".nnlib-live-note").inner_text()
    assert cell.locator("textarea").input_value() == "while True: pass"
    # memory: said, and Python starts again
    assert "MemoryError" in run_cell(cell, "[np.empty(2 * 10**8) for k in range(9)]")
    assert "out of memory" in cell.locator(".nnlib-live-note").inner_text()
    assert page.evaluate("nnlibLive.state") == "off"
    assert run_cell(cell, "6 * 7") == "42\n"
    # a reload finds the change, reset brings the book's text back
    page.reload()
    cell = open_cell(page)
    assert cell.locator("textarea").input_value() == "6 * 7"
    cell.locator("[data-do=reset]").click()
    assert cell.locator("textarea").input_value() == original
    page.reload()
    assert page.locator(".nnlib-live-cell textarea").count() == 0
    assert visit.foreign == [] and visit.complaints == []


@pytest.mark.whole
def test_without_storage_a_cell_works_and_says_that_nothing_is_kept(visits):
    visit = visits()
    visit.page.add_init_script(
        "Object.defineProperty(window, 'localStorage', {get() { throw new DOMException('', 'SecurityError'); }})"
    )
    cell = open_cell(visit.open(PAGE))
    cell.locator("textarea").fill("1 + 1")
    assert "store nothing" in cell.locator(".nnlib-live-note").inner_text()
    assert run_cell(cell, "1 + 1") == "2\n"


@pytest.mark.whole
def test_a_change_of_an_older_text_hides_nothing(visits):
    visit = visits()
    cell = open_cell(visit.open(PAGE))
    original = cell.locator("textarea").input_value()
    cell.locator("textarea").fill("mine")
    visit.page.evaluate(
        """() => { const key = Object.keys(localStorage).find((key) => key.startsWith("nnlib-live:"));
            localStorage.setItem(key, JSON.stringify({original: "an older edition's", text: "mine"})); }"""
    )
    visit.page.reload()
    cell = open_cell(visit.page)
    assert cell.locator("textarea").input_value() == original
    cell.get_by_role("button", name="Show my change").click()
    assert cell.locator("textarea").input_value() == "mine"


@pytest.mark.whole
def test_from_a_file_the_page_says_what_it_lacks(browser):
    context = browser.new_context()
    page = context.new_page()
    page.goto((HTML / f"{PAGE}.html").as_uri())
    page.locator(".nnlib-figure-live button").first.click()
    page.get_by_text("python -m http.server").first.wait_for(timeout=START)
    context.close()


@pytest.mark.whole
def test_a_figure_and_a_cell_run_live_in_firefox(server):
    told = in_firefox("firefox-live.mjs", address=server.address, page=PAGE)
    assert told["complaints"] == [] and told["note"].startswith("Live")
    assert told["result"] == {"text": "10"}
    assert told["cell"] == told["printed"] != ""
