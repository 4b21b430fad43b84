"""The built book in headless Chromium: served from a sub-folder, every other host unresolvable.

    make book && python -m pytest tests/browser -m "not whole"

A run of its own: Playwright keeps an event loop alive in which nbval's kernels could not start. Tests marked
``whole`` belong to ``make test-all`` alone.
"""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.browser.visiting import FLAGS, Axe, Visits
from tools import browser as chromium
from tools.hosted import Server


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """The built book on 127.0.0.1."""
    running = Server()
    yield running
    running.stop()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One headless Chromium for all tests of a process."""
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=chromium.find(), args=list(FLAGS))
        yield running
        running.close()


@pytest.fixture
def visits(browser: Browser, server: Server) -> Iterator[Visits]:
    """Opens pages of the book, each visit like a new reader's."""
    opened = Visits(browser, server.address)
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def axe() -> Axe:
    return Axe()
