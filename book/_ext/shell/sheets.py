"""The style sheets of a page as one, in the page: without comments, and without rules that no page can use."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from sphinx.application import Sphinx

MARK = re.compile(r"<!--sheets (\S*)-->")
NESTING = ("@media", "@supports", "@layer", "@container")
LIBRARY = r"(--sd-[\w-]+):[^;{}]*(?:;|(?=\}))"  # sphinx-design defines hundreds of properties
DARK = 'html[data-theme="dark"]'  # with scripts off, the system's choice stands for it
SYSTEM_DARK = "@media screen and (prefers-color-scheme: dark)"


def place(names: list[str]) -> str:
    """What a page holds until the build is finished, when all pages are there to be looked at."""
    return f"<!--sheets {','.join(dict.fromkeys(names))}-->"


def fill(app: Sphinx, exception: Exception | None) -> None:
    """Put the style sheets into the pages that have been written."""
    if exception or app.builder.format != "html":
        return
    static = Path(app.outdir) / "_static"
    pages = {
        path: path.read_text("utf8")
        for path in Path(app.outdir).rglob("*.html")
        if static not in path.parents
    }
    folders = (static, Path(app.outdir) / "live")
    scripts = [path.read_text("utf8") for folder in folders for path in folder.glob("*.js")]
    used = words(pages.values(), scripts)
    written: dict[str, str] = {}
    for path, page in pages.items():
        if found := MARK.search(page):
            names = found[1]
            if names not in written:
                written[names] = bundle(static, names.split(","), used)
            folder = posixpath.relpath("_static", path.parent.relative_to(app.outdir).as_posix())
            sheet = written[names].replace("url(", f"url({folder}/")
            path.write_text(page.replace(found[0], f"<style>{sheet}</style>"), "utf8")


def words(pages, scripts) -> set[str]:
    """Every class of the pages, and every word of the scripts, which may make elements of any class."""
    found = {
        name for page in pages for names in re.findall(r'class="([^"]*)"', page) for name in names.split()
    }
    return found.union(*(re.findall(r"[\w-]+", script) for script in scripts))


def bundle(static: Path, names: list[str], used: set[str]) -> str:
    """The sheets one after the other, trimmed; what they name lies relative to `static`."""
    sheet = "".join(_trim(_read(static, name), used) for name in names)
    for _ in range(2):  # a property that only another unused one names goes in the second round
        sheet = re.sub(LIBRARY, lambda found, all=sheet: found[0] if f"var({found[1]}" in all else "", sheet)
    return re.sub(r"[^{}]+\{\}", "", sheet)


@cache
def _read(static: Path, name: str) -> str:
    text = (static / name).read_text("utf8")
    folder = posixpath.dirname(name)
    if folder:
        text = re.sub(r"url\((?!data:|#)[\"']?([^)\"']+)[\"']?\)", rf"url({folder}/\1)", text)
    return re.sub(r"\s+", " ", re.sub(r"/\*.*?\*/", "", text, flags=re.S))


def _trim(sheet: str, used: set[str]) -> str:
    """The rules that can apply, without needless blanks; those for the dark twice, see `DARK`."""
    return "".join(_rule(head, body, used) for head, body in rules(sheet))


def _rule(head: str, body: str, used: set[str]) -> str:
    if head.startswith(NESTING):
        inside = _trim(body, used)
        return f"{head}{{{inside}}}" if inside else ""
    if head.startswith("@"):
        return f"{head}{{{_tight(body)}}}"
    head = ",".join(s for s in selectors(head) if applies(s, used))
    if not head:
        return ""
    rule = f"{head}{{{_tight(body)}}}"
    if DARK in head:
        rule += f"{SYSTEM_DARK}{{{rule.replace(DARK, 'html:not([data-theme])')}}}"
    return rule


def _tight(body: str) -> str:
    return re.sub(r"\s*([;:,])\s+", r"\1", body.strip()).rstrip("; ")


def selectors(head: str) -> Iterator[str]:
    """The selectors of a list, which parts at the commas that stand in no brackets."""
    start = depth = 0
    for at, sign in enumerate(head):
        depth += (sign in "([") - (sign in ")]")
        if sign == "," and not depth:
            yield head[start:at].strip()
            start = at + 1
    yield head[start:].strip()


def applies(selector: str, used: set[str]) -> bool:
    """Whether some element may match: all classes are used that must be there."""
    must, inner = re.sub(r"\[[^\]]*\]", "", selector), True
    while inner:  # from the innermost brackets out
        must, inner = re.subn(r"\([^()]*\)", "", must)
    return all(name in used for name in re.findall(r"\.(-?[A-Za-z_][\w-]*)", must))


def rules(sheet: str) -> Iterator[tuple[str, str]]:
    """Each rule's head and body; a statement without a body (``@import``, ``@charset``) is left out."""
    start = depth = 0
    head = ""
    for match in re.finditer(r'"[^"]*"|\'[^\']*\'|[{};]', sheet):
        sign = match[0]
        if sign == "{":
            depth += 1
            if depth == 1:
                head, start = sheet[start : match.start()].strip(), match.end()
        elif sign == "}":
            depth -= 1
            if depth == 0:
                yield head, sheet[start : match.start()].strip()
                start = match.end()
        elif sign == ";" and depth == 0:
            start = match.end()
