"""The same pages in Firefox: without a complaint, and the first figure of each answers a key."""

import pytest
from bs4 import BeautifulSoup

from tests.browser.visiting import in_firefox
from tools.hosted import HTML, pages

CONTROL = ".nnlib-figure-controls :is(input[type=range], select)"


def moves(page: str) -> bool:
    """Whether the page's first figure has a control."""
    figure = BeautifulSoup((HTML / f"{page}.html").read_text("utf8"), "html.parser").select_one(
        "figure.nnlib-figure"
    )
    return bool(figure and figure.select_one(CONTROL))


@pytest.mark.whole
def test_every_page_in_firefox(server):
    results = in_firefox("firefox.mjs", address=server.address, pages=pages())
    assert [result["page"] for result in results] == pages()
    assert [result for result in results if result["complaints"]] == []
    expected = [page for page in pages() if moves(page)]
    assert len(expected) > 20 and [result["page"] for result in results if result["moved"]] == expected
