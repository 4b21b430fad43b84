"""The same pages in Firefox: without a complaint, and the first figure of each answers a key."""

import pytest

from tests.browser.visiting import in_firefox
from tools.hosted import pages


@pytest.mark.whole
def test_every_page_in_firefox(server):
    results = in_firefox("firefox.mjs", address=server.address, pages=pages())
    assert [result["page"] for result in results] == pages()
    assert [result for result in results if result["complaints"] or result["moved"] is False] == []
    assert sum(result["moved"] is True for result in results) >= 25  # the pages with figures
