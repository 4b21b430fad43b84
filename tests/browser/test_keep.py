"""The kept copy of the book: read with the server gone, replaced by a new edition, removed; whole or not at all."""

import json
import shutil
from pathlib import Path

import pytest

from book._ext.keep import listing
from tests.browser.visiting import Visits
from tools.hosted import HTML, Server

pytestmark = pytest.mark.whole
PATIENT = 120_000
CACHES, WORKERS = "caches.keys()", "navigator.serviceWorker.getRegistrations().then((all) => all.length)"


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
    assert page.evaluate(WORKERS) == 0
    if live:
        page.check(".nnlib-keep input[name=live]")
    page.click("[data-do=keep]")
    page.get_by_text("of this edition").wait_for(timeout=PATIENT)
    return page


def said(page, words: str) -> str:
    """Wait until the page says these words; all that it says then."""
    page.locator(".nnlib-keep [role=status]", has_text=words).wait_for(timeout=PATIENT)
    return page.inner_text(".nnlib-keep [role=status]")


def nothing_is_kept(page) -> bool:
    return page.evaluate(CACHES) == [] and page.evaluate(WORKERS) == 0


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
    assert nothing_is_kept(page)
    visits.close()


def test_a_new_edition_replaces_the_old_whole_or_not_at_all(browser, site):
    server = Server(site)
    visits = Visits(browser, server.address)
    page = keep(visits())
    old = page.evaluate(CACHES)
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
    assert {*page.evaluate(CACHES)} == {*old}
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


def test_without_room_nothing_is_kept_and_the_page_says_so(visits, server):
    page = visits().open("book/keep")
    origin = server.address.rsplit("/", 2)[0]
    limits = page.context.new_cdp_session(page)
    limits.send("Storage.overrideQuotaForOrigin", {"origin": origin, "quotaSize": 2_000_000})
    page.click("[data-do=keep]")
    assert said(page, "no room") == "This browser has no room for the copy. No copy is kept."
    assert nothing_is_kept(page)
    limits.send("Storage.overrideQuotaForOrigin", {"origin": origin})  # room again
    page.click("[data-do=keep]")
    said(page, "of this edition")


def test_with_storage_forbidden_the_page_says_what_it_cannot_do(visits):
    visit = visits()
    visit.page.add_init_script(
        "CacheStorage.prototype.has = () => Promise.reject(new DOMException('', 'SecurityError'))"
    )
    page = visit.open("book/keep")
    assert "store nothing" in said(page, "cannot keep")
    assert not page.locator(".nnlib-keep button:visible").count()
    assert visit.complaints == []


def test_a_download_that_breaks_off_or_is_cancelled_leaves_nothing(visits):
    page = visits().open("book/keep")
    network = page.context.new_cdp_session(page)
    slow = {"offline": False, "latency": 0, "downloadThroughput": 1_000_000, "uploadThroughput": 1_000_000}
    for end, words in (
        (
            lambda: network.send("Network.emulateNetworkConditions", slow | {"offline": True}),
            "could not be made",
        ),
        (lambda: page.get_by_role("button", name="Cancel").click(), "Cancelled"),
    ):
        network.send("Network.emulateNetworkConditions", slow)
        page.click("[data-do=keep]")
        page.locator(".nnlib-keep .nnlib-live-words", has_text="MB of").wait_for(timeout=PATIENT)
        end()
        assert said(page, words).endswith("No copy is kept.") and nothing_is_kept(page)
        network.send("Network.emulateNetworkConditions", slow | {"downloadThroughput": -1})
        page.reload()


def test_what_a_page_closed_in_the_middle_has_left_goes_with_the_next_copy(visits, server):
    visit = visits()
    page = visit.open("book/keep")
    root = f"{server.address}/"
    page.evaluate(
        f"caches.open('nnlib-keep {root} an-edition').then((it) => it.put('{root}x', new Response('')))"
    )
    page.evaluate("caches.open('of another program')")
    page.click("[data-do=keep]")
    said(page, "of this edition")
    names = page.evaluate(CACHES)
    assert "of another program" in names and len(names) == 3
    assert f"nnlib-keep {root} an-edition" not in names


def test_files_of_two_editions_are_never_one_copy(browser, site):
    server = Server(site)
    visits = Visits(browser, server.address)
    page = visits().open("book/keep")
    (site / "book" / "glossary.html").unlink()
    (site / "book" / "glossary.html").write_text("<h1>Newer</h1>", "utf8")  # keep.json tells of the old one
    page.click("[data-do=keep]")
    assert "glossary.html is not of the edition" in said(page, "could not") and nothing_is_kept(page)
    visits.close()
    server.stop()


def test_live_python_can_be_let_go_while_the_pages_stay(visits):
    page = keep(visits(), live=True)
    with_python = page.inner_text(".nnlib-keep [role=status]")
    wasm = (
        "caches.match(new URL('../live/pyodide/pyodide.asm.wasm', location.href).href).then((got) => !!got)"
    )
    assert page.evaluate(wasm)
    page.uncheck(".nnlib-keep input[name=live]")
    page.click("[data-do=keep]")
    page.wait_for_function(
        "(before) => { const now = document.querySelector('.nnlib-keep [role=status]').textContent;"
        " return now.includes('of this edition') && now !== before; }",
        arg=with_python,
        timeout=PATIENT,
    )
    assert not page.evaluate(wasm)
