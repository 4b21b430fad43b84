"""The kept copy of the book: read with the server gone, replaced by a new edition, removed."""

import json
import shutil
from pathlib import Path

import pytest

from book._ext.keep import listing
from tests.browser.visiting import Visits
from tools.hosted import HTML, Server

pytestmark = pytest.mark.whole
PATIENT = 120_000


@pytest.fixture
def site(tmp_path) -> Path:
    """The built book without JupyterLite, as hard links: a test may replace files, not change them."""
    target = tmp_path / "site"
    leave = shutil.ignore_patterns("lite", "_sources")
    shutil.copytree(HTML, target, ignore=leave, copy_function=lambda a, b: Path(b).hardlink_to(a))
    publish(target)
    return target


def publish(site: Path) -> None:
    (site / "keep.json").unlink(missing_ok=True)
    (site / "keep.json").write_text(json.dumps(listing(site)), "utf8")


def keep(visit, live: bool = False):
    page = visit.open("book/keep")
    assert page.evaluate("navigator.serviceWorker.getRegistrations().then((all) => all.length)") == 0
    if live:
        page.check(".nnlib-keep input[name=live]")
    page.click("[data-do=keep]")
    page.get_by_text("of this edition").wait_for(timeout=PATIENT)
    return page


def test_the_kept_book_is_read_with_the_server_gone_also_live(browser, site):
    server = Server(site)
    visits = Visits(browser, server.address)
    page = keep(visits(), live=True)
    server.stop()
    page.goto(f"{server.address}/book/bptt.html")
    assert "through time" in page.inner_text("h1")
    page.locator(".nnlib-figure-live button").first.click()
    page.wait_for_selector("figure[data-live]", timeout=PATIENT)
    page.goto(f"{server.address}/book/keep.html")
    page.get_by_text("you are reading the copy").wait_for(timeout=PATIENT)
    page.click("[data-do=remove]")
    page.get_by_text("No copy is kept").wait_for(timeout=PATIENT)
    assert page.evaluate("caches.keys()") == []
    assert page.evaluate("navigator.serviceWorker.getRegistrations().then((all) => all.length)") == 0
    visits.close()


def test_a_new_edition_replaces_the_old_whole_or_not_at_all(browser, site):
    server = Server(site)
    visits = Visits(browser, server.address)
    page = keep(visits())
    old = page.evaluate("caches.keys()")
    for name in ("glossary", "recursive"):
        changed = site / "book" / f"{name}.html"
        text = changed.read_text("utf8").replace("<h1>", "<h1>Newer: ", 1)
        changed.unlink()
        changed.write_text(text, "utf8")
    publish(site)
    # an edition that lacks a changed file of its list is not taken; what did not change is in the copy
    (site / "book" / "recursive.html").rename(site / "book" / "away")
    page.goto(f"{server.address}/book/glossary.html")
    page.wait_for_timeout(3000)
    assert {*page.evaluate("caches.keys()")} == {*old}
    (site / "book" / "away").rename(site / "book" / "recursive.html")
    page.goto(f"{server.address}/book/bptt.html")
    page.wait_for_function(
        "(old) => caches.keys().then((now) => now.length === 2 && !old.every((name) => now.includes(name)))",
        arg=old,
        timeout=PATIENT,
    )
    server.stop()
    page.goto(f"{server.address}/book/glossary.html")
    assert page.inner_text("h1").startswith("Newer: ")
    visits.close()
