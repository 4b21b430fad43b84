"""Slides of the chapters' core path, one self-contained HTML file each, made from the built pages.

A slide holds what a lecturer points at: headings, the question a figure asks first, labelled equations with their
numbers, pictures, tables, short cells with what they print, and the sentence that leads to each. The formulas are
those that the build has set already; style sheets and fonts are written into the file, so nothing is fetched.
"""

from __future__ import annotations

import re
import sys
from base64 import b64encode
from collections.abc import Iterator
from html import escape
from pathlib import Path

from bs4 import BeautifulSoup, Tag

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
BUILT, SLIDES = ROOT / "_build" / "html", ROOT / "_build" / "slides"
CHAPTERS = (
    "chain-rule", "index-backprop", "recursive", "jacobian", "bptt", "gradient-backprop", "six-ways",
)  # fmt: skip

LINES, COLUMNS = 15, 75  # what fits on a slide, in lines of text and their letters
SENTENCE = 260  # characters: a longer paragraph is for reading, not for a slide
CELL = 14  # lines: a longer cell is for reading, too
LEFT_OUT = ("Exercises", "History and references")
KATEX_SPACE = 3  # lines that one row of a display equation takes


def blocks(section: Tag) -> Iterator[Tag]:
    """The parts of a section in reading order, subsections entered, containers of equations opened."""
    for part in section.find_all(recursive=False):
        if part.name == "section":
            yield from blocks(part)
        elif part.name == "div" and "cell" not in part.get("class", []) and not part.select_one("pre"):
            yield from (
                part.select("div.math, table, figure") if "math" not in part.get("class", []) else [part]
            )
        else:
            yield part


def _text(part: Tag) -> str:
    """What is seen of a part's text: a formula counts once, not with its copy for screen readers."""
    return "".join(text for text in part.strings if not text.find_parent(class_="katex-mathml"))


def _size(part: Tag) -> int:
    """About how many lines a part takes on a slide; a picture takes a slide."""
    if part.find("svg", role="img"):
        return LINES
    if source := part.select_one("annotation"):
        if "math" in part.get("class", []):
            return KATEX_SPACE * (1 + source.get_text().count(r"\\"))
    if part.select_one("pre"):
        return sum(len(pre.get_text().rstrip().splitlines()) for pre in part.select("pre")) + 1
    if part.name == "table":
        return len(part.select("tr")) + 1
    return sum(1 + len(_text(line)) // COLUMNS for line in part.select("li") or [part])


def _wanted(part: Tag, following: Tag | None, summary: bool) -> bool:
    """Whether a part belongs on a slide."""
    classes, length = part.get("class", []), len(_text(part))
    if "math" in classes or part.name in ("table", "figure") or part.find("svg", role="img"):
        return True
    if "cell" in classes:
        source = part.select_one(".cell_input pre").get_text()
        return (
            len(source.strip().splitlines()) <= CELL and "import " not in source or bool(part.find("figure"))
        )
    if part.name in ("ul", "ol"):
        return length <= 2 * SENTENCE or summary
    leads = following is not None and ("math" in following.get("class", []) or following.name == "table")
    opening = next((child for child in part.children if str(child).strip()), None)
    strong = isinstance(opening, Tag) and opening.name == "strong"
    return (
        part.name == "p" and (summary or strong or leads) and (length <= SENTENCE or summary or _asks(part))
    )


def _asks(part: Tag) -> bool:
    return part.get_text().startswith("Predict")


def _clean(part: Tag) -> Tag:
    """Without links, marks and controls; a figure as its picture, named by its text alternative."""
    for tag in part.select("button, .nnlib-figure-controls"):
        tag.decompose()
    if figure := part if part.name == "figure" else part.find("figure"):
        picture, caption = figure.find("svg"), figure.find("figcaption")
        if caption:
            picture.attrs.pop("aria-labelledby", None)
            picture["aria-label"] = " ".join(caption.get_text().split())
        figure.clear()
        figure.append(picture)
        return figure
    for link in part.select("a"):
        link.unwrap()
    return part


def slides(page: str) -> list[tuple[str, list[str]]]:
    """(title, contents) of each slide of a built page, the title slide first."""
    article = BeautifulSoup(page, "html.parser").select_one("article")
    for tag in article.select(
        ".section-number, a.headerlink, details, script"
    ):  # details: verdicts, tables of figures
        tag.decompose()
    for minutes in article.find_all("em", string=re.compile(r"^\(\d+ min\)$")):
        minutes.decompose()
    whole = article.select_one("section")
    question = whole.find("em")
    found = [(whole.h1.get_text(), [f"<p><em>{question.decode_contents()}</em></p>"])]
    for section in whole.find_all("section", recursive=False):
        title = section.h2.get_text()
        if title not in LEFT_OUT:
            found += _pack(title, list(blocks(section)))
    return found


def _pack(title: str, parts: list[Tag]) -> Iterator[tuple[str, list[str]]]:
    """The slides of one section; a sentence stays with the equation it leads to."""
    slide, room, carried = [], LINES, []
    summary = title in ("Summary", "In short")
    for part, following in zip(parts, [*parts[1:], None]):
        if part.name == "h3":
            if slide:
                yield title, slide
            title, slide, room = part.get_text(), [], LINES
        if part.name in ("h2", "h3") or not _wanted(part, following, summary):
            continue
        size, html = _size(part), str(_clean(part))
        carried.append((size, html))
        if part.name == "p" and following is not None and _wanted(following, None, summary):
            continue
        if slide and sum(size for size, _ in carried) > room:
            yield title, slide
            slide, room = [], LINES
        slide += [html for _, html in carried]
        room, carried = room - sum(size for size, _ in carried), []
    if slide or carried:
        yield title, slide + [html for _, html in carried]


def style(built: Path) -> str:
    """The book's colours, code and KaTeX's style sheet with its fonts inside."""
    static = built / "_static"
    katex = static / "vendor" / "katex"

    def inside(match: re.Match) -> str:
        return f"url(data:font/woff2;base64,{b64encode((katex / match[1]).read_bytes()).decode()})"

    fonts = re.sub(r"url\(([^)]+\.woff2)\)", inside, (katex / "katex.min.css").read_text("utf8"))
    sheets = (static / "figures.css", static / "pygments.css", HERE / "slides.css")
    return "\n".join([fonts, *(sheet.read_text("utf8") for sheet in sheets)])


def deck(built: Path, name: str) -> str:
    """The slides of the built chapter `name` as one HTML file."""
    keys = (HERE / "slides.js").read_text("utf8")
    found = slides((built / "book" / f"{name}.html").read_text("utf8"))
    (title, opening), *others = found
    body = [f'<section class="title"><h1>{escape(title)}</h1>{"".join(opening)}</section>']
    for number, (heading, contents) in enumerate(others, 2):
        foot = f"<footer>{escape(title)} · {number} / {len(found)}</footer>"
        body.append(f"<section><h2>{escape(heading)}</h2>{''.join(contents)}{foot}</section>")
    head = f'<meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{escape(title)}</title>'
    return (
        f'<!DOCTYPE html><html lang="en" data-theme="light"><head>{head}<style>{style(built)}</style></head>'
        f"<body>{''.join(body)}<script>{keys}</script></body></html>"
    )


def main(names: list[str]) -> None:
    """Write the decks that are named, or all."""
    SLIDES.mkdir(parents=True, exist_ok=True)
    for name in names or CHAPTERS:
        target = SLIDES / f"{name}.html"
        target.write_text(deck(BUILT, name), encoding="utf8")
        print(target.relative_to(ROOT))


if __name__ == "__main__":
    main(sys.argv[1:])
