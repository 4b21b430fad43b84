"""The book without what a reader may lack: scripts, a screen, a server."""

import pytest

from tests.browser.visiting import NARROW, Visit
from tools.hosted import HTML, pages

pytestmark = pytest.mark.whole

# Formulas and pictures that take no room, so that nobody sees them.
UNSEEN = """() => [...document.querySelectorAll("article :is(.katex-html, figure.nnlib-figure, .katex-display)")]
    .filter((e) => !e.closest("details:not([open])"))
    .filter((e) => { const box = e.getBoundingClientRect(); return box.width < 1 || box.height < 1; })
    .map((e) => e.outerHTML.slice(0, 200))"""
PICTURES = """() => [...document.querySelectorAll("figure.nnlib-figure")]
    .filter((f) => ![...f.querySelectorAll("svg")].some((s) => s.getBoundingClientRect().height > 50 && s.textContent))
    .map((f) => f.id)"""
# What runs out of its box, where paper cannot be scrolled, or out of the paper.
CLIPPED = """() => [...document.querySelectorAll("article :is(pre, textarea, .katex-display, table, p)")]
    .filter((e) => e.getBoundingClientRect().width > 0)
    .filter((e) => (getComputedStyle(e).overflowX !== "visible" && e.scrollWidth > e.clientWidth + 1)
        || (e.tagName === "TEXTAREA" && e.scrollHeight > e.clientHeight + 1)
        || e.getBoundingClientRect().right > innerWidth + 1)
    .map((e) => e.outerHTML.slice(0, 200))"""
PAPER = """() => getComputedStyle(document.body).backgroundColor"""


@pytest.mark.parametrize("width", [1280, NARROW])
@pytest.mark.parametrize("name", [name for name in pages() if name != "search"])
def test_a_page_is_readable_with_scripts_off(name, width, visits):
    visit = visits(width=width, java_script_enabled=False)
    page = visit.open(name)
    assert page.locator("article h1").first.is_visible()
    assert page.evaluate(UNSEEN) == []
    assert page.evaluate(PICTURES) == []
    assert visit.foreign == [] and visit.complaints == []


@pytest.mark.parametrize("name", [name for name in pages() if name != "search"])
def test_a_page_prints_whole_and_light(name, visits):
    visit = visits(theme="dark", width=680)  # about what A4 leaves
    page = visit.open(name)
    page.emulate_media(media="print", color_scheme="dark")
    assert page.evaluate(CLIPPED) == []
    assert page.evaluate(PICTURES) == []
    assert page.evaluate(PAPER) in ("rgb(255, 255, 255)", "rgba(0, 0, 0, 0)")
    assert page.pdf(format="A4").startswith(b"%PDF")


@pytest.fixture
def archive(browser):
    """A visit to the book as files: no server."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    yield Visit(context, HTML.as_uri())
    context.close()


@pytest.mark.parametrize("name", pages())
def test_a_page_opens_from_the_file_system(name, archive):
    page = archive.open(name)
    assert page.locator("main h1").last.is_visible()
    assert archive.foreign == [] and archive.complaints == []


def test_search_finds_from_the_file_system(archive):
    page = archive.open("search")
    page.goto(f"{page.url}?q=adjoint")
    page.wait_for_selector("#search-results li a")
    assert archive.foreign == [] and archive.complaints == []


def test_search_finds_when_served(visits):
    visit = visits()
    page = visit.open("search?q=adjoint")
    page.wait_for_selector("#search-results li a")
    page.locator("#search-results li a").first.click()
    page.wait_for_load_state("load")
    assert "/book/" in page.url
    assert visit.foreign == [] and visit.complaints == []
