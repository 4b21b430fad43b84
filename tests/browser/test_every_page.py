"""Every page of the built book in four views: whole, quiet, self-hosted, accessible, no wider than its window."""

import pytest

from tests.browser.visiting import NARROW, NARROWEST, WIDE
from tools.hosted import pages

# Both colours and both widths in make test, the other two pairs in make test-all: axe takes seconds a page.
VIEWS = [
    ("light", WIDE),
    ("dark", NARROW),
    pytest.param("dark", WIDE, marks=pytest.mark.whole),
    pytest.param("light", NARROW, marks=pytest.mark.whole),
]

# A part out of view is not laid out, and what sticks out of it then counts for nothing: all is laid out for the tests.
ALL = "main * { content-visibility: visible !important; }"

# How far the page can be moved sideways, and the first elements that stick out.
SIDEWAYS = """() => {
    const wide = document.documentElement.scrollWidth - innerWidth;
    const sticksOut = (e) => e.getBoundingClientRect().right > innerWidth + 1;
    const out = [...document.querySelectorAll("body *")].filter(sticksOut);
    return wide > 0 ? [`${wide} px`, ...out.slice(0, 5).map((e) => `${e.tagName}.${e.className}`)] : [];
}"""

# What moved while the page came; the columns of a long table find their widths as it comes.
SHIFTS = """() => new Promise((done) => {
    const tables = document.querySelectorAll("table");
    const moved = ({ node }) => node && ![...tables].some((table) => table.contains(node));
    const words = (entry) => entry.sources.filter(moved).map(({ node }) => node.textContent);
    const observer = new PerformanceObserver((list) => done(list.getEntries().flatMap(words)));
    observer.observe({ type: "layout-shift", buffered: true });
    setTimeout(() => done([]), 200);
})"""


@pytest.mark.parametrize(("theme", "width"), VIEWS, ids=lambda value: str(value))
@pytest.mark.parametrize("name", pages())
def test_a_page_is_whole_and_open_to_everyone(name, theme, width, visits, axe):
    visit = visits(theme=theme, width=width)
    page = visit.open(name)
    page.add_style_tag(content=ALL)
    assert page.evaluate("document.documentElement.dataset.theme") == theme
    assert page.evaluate(SIDEWAYS) == []
    assert axe(page) == []
    if width == NARROW:
        page.set_viewport_size({"width": NARROWEST, "height": 900})
        assert page.evaluate(SIDEWAYS) == []
    assert visit.foreign == []
    assert visit.complaints == []


@pytest.mark.whole
@pytest.mark.parametrize("width", [WIDE, NARROW])
@pytest.mark.parametrize("name", pages())
def test_nothing_moves_each_time_a_page_comes(name, width, visits):
    visit = visits(width=width)
    # On a busy machine a font or a piece of the page can come late once; what a page itself moves, it moves always.
    assert not all(visit.open(name).evaluate(SHIFTS) for _ in range(3))
