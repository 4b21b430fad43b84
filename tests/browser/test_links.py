"""Every link, anchor, picture, script and style sheet of the built pages leads somewhere."""

from functools import cache
from urllib.parse import unquote, urlsplit

import pytest
from bs4 import BeautifulSoup

from tools.hosted import HTML, pages


@cache
def soup(path) -> BeautifulSoup:
    return BeautifulSoup(path.read_text("utf8"), "html.parser")


@cache
def anchors(path) -> set[str]:
    return {element.get("id") or element.get("name") for element in soup(path).select("[id], a[name]")}


def references(path) -> list[str]:
    """What a page refers to by href or src."""
    return [element[name] for name in ("href", "src") for element in soup(path).select(f"[{name}]")]


def leads_nowhere(path, reference: str) -> bool:
    """Whether a reference within the book has no file, or its file no such anchor."""
    parts = urlsplit(reference)
    if parts.scheme or parts.netloc:
        return False
    target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
    if target.is_dir():
        target /= "index.html"
    if not target.is_file() or not target.is_relative_to(HTML):
        return True
    return (
        bool(parts.fragment) and target.suffix == ".html" and unquote(parts.fragment) not in anchors(target)
    )


@pytest.mark.parametrize("name", pages())
def test_every_reference_resolves(name):
    path = HTML / f"{name}.html"
    assert [reference for reference in references(path) if leads_nowhere(path, reference)] == []


@pytest.mark.parametrize("name", pages())
def test_nothing_is_loaded_from_another_host(name):
    loading = soup(HTML / f"{name}.html").select(
        "script[src], link[href]:not([rel=canonical]), img[src], iframe[src], source[src]"
    )
    assert [tag for tag in loading if urlsplit(tag.get("src") or tag["href"]).netloc] == []
