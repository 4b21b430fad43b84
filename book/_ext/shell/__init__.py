"""Sphinx extension: the frame of every page. A theme of our own, its few scripts, one style sheet in the page.

What other extensions bring (``app.add_css_file``, ``app.add_js_file``) stays: their style sheets go into the page's
one sheet without the rules that no page uses, their scripts are deferred.
"""

from __future__ import annotations

import re
from functools import cache
from html import escape, unescape
from pathlib import Path
from types import SimpleNamespace

from docutils import nodes
from sphinx.application import Sphinx

from shell import sheets

THEME = Path(__file__).parent / "theme"
BOOK = Path(__file__).parents[2]

# What Jupyter Book's usual extensions add for the usual theme; this frame does without, or does it itself.
UNUSED = re.compile(
    r"(^|/)(basic|pygments|togglebutton|copybutton|copybutton_funcs|clipboard\.min|sphinx-thebe|katex-math|mystnb\.\w+"
    r"|sphinx-book-theme|documentation_options|doctools|sphinx_highlight|searchtools|language_data)\.(css|js)$"
)
UNUSED_INLINE = re.compile(r"toggle|thebe|DOCUMENTATION_OPTIONS", re.I)
TABS = "design-tabs.js"  # only where a page has tabs

# The colours are chosen before the first thing is drawn.
FIRST_SCRIPT = (
    '(r=>{let m;try{m=localStorage.getItem("mode")}catch{}r.dataset.mode=m=m=="light"||m=="dark"?m:"auto";'
    'r.dataset.theme=m=="auto"?matchMedia("(prefers-color-scheme: dark)").matches?"dark":"light":m})'
    "(document.documentElement)"
)
# KaTeX's fonts, by what uses them: those of a page's first formulas are asked for at once, so that none comes late
# and moves what is being read.
FONTS = {
    "Main-Regular": 'class="katex"',
    "Main-Bold": "mathbf",
    "Math-Italic": "mathnormal",
    "AMS-Regular": "mathbb|amsrm",
    "Caligraphic-Regular": "mathcal",
    "Size1-Regular": "delimsizing size1|small-op",
    "Size2-Regular": "delimsizing size2|large-op",
    "Size3-Regular": "delimsizing size3",
    "Size4-Regular": "delimsizing size4|delim-size4",
}
FIRST = 80_000  # characters of HTML, about what fills the first screen of a wide window
SCREEN = 700  # pixels of the first screen, as `_height` counts
ICONS = {
    "menu": "M3 5h18v2H3zm0 6h18v2H3zm0 6h18v2H3z",
    "list": "M3 5h3v2H3zm5 0h13v2H8zm-5 6h3v2H3zm5 0h13v2H8zm-5 6h3v2H3zm5 0h13v2H8z",
    "search": "M10 3a7 7 0 1 0 4.2 12.6l5.1 5.1 1.4-1.4-5.1-5.1A7 7 0 0 0 10 3zm0 2a5 5 0 1 1 0 10a5 5 0 0 1 0-10z",
    "colours": "M12 3a9 9 0 1 0 0 18a9 9 0 0 0 0-18zm0 2v14a7 7 0 0 1 0-14z",
}
NARROW = 32  # letters of code in a line, as many as fit the narrowest phone
SPOKEN = '<span class="spoken">{}</span>'
DESCRIPTION = 155  # characters, as many as search engines show


def _configure(app: Sphinx, config) -> None:
    config.html_theme, config.html_theme_options = "shell", {}
    config.html_use_index = False  # the glossary is the index


def _page(app: Sphinx, pagename: str, templatename: str, context: dict, doctree) -> None:
    """Give the layout what it needs, and take out what others meant for another theme."""
    title = _plain(app.env.titles[pagename]) if pagename in app.env.titles else "Search"
    book = app.config.html_title
    body = context.get("body", "")
    context["body"] = mended(body)
    context["script_files"] = [script for script in context["script_files"] if _wanted(script, body)]
    for script in context["script_files"]:
        if script.filename and not {"async", "defer", "type"} & set(script.attributes):
            script.attributes["defer"] = "defer"
    styles = [
        sheet.filename.removeprefix("_static/")
        for sheet in context["css_files"]
        if not UNUSED.search(str(sheet.filename))
    ]
    context["shell"] = SimpleNamespace(
        title=escape(title if title == book else f"{title} — {book}"),
        description=description(doctree) if doctree else f"Search {book}.",
        first_script=FIRST_SCRIPT,
        fonts=fonts(body),
        icons=ICONS,
        styles=sheets.place(styles) + _heights(doctree),
        contents=_contents(
            context["toctree"](collapse=True, titles_only=True, maxdepth=2, includehidden=True)
        ),
        sections=_sections(app, pagename),
        actions=_actions(context),
        author=app.config.author,
        metas=_metas(context.get("metatags", "")),
    )


def fonts(body: str) -> list[str]:
    """The files of KaTeX's fonts that the first formulas of a page use."""
    return [f"KaTeX_{name}.woff2" for name, users in FONTS.items() if re.search(users, body[:FIRST])]


def _metas(tags: str) -> list[str]:
    """What extensions say of the page; the layout has its own viewport."""
    return [
        tag for tag in re.findall(r"<meta[^>]*>", tags) if not re.search('name="(viewport|generator)"', tag)
    ]


def _wanted(script, body: str) -> bool:
    if not script.filename:
        return not UNUSED_INLINE.search(script.attributes.get("body", ""))
    return not UNUSED.search(str(script.filename)) and (
        not str(script.filename).endswith(TABS) or "sd-tab-set" in body
    )


def _plain(node: nodes.Node) -> str:
    return re.sub(r"\s+", " ", node.astext()).strip()


def description(doctree: nodes.document) -> str:
    """The page's first words: paragraphs of the text, without formulas, up to `DESCRIPTION` characters."""
    text = ""
    for paragraph in doctree.findall(nodes.paragraph):
        if isinstance(paragraph.parent, nodes.section) and not any(paragraph.findall(nodes.math)):
            text = f"{text} {_plain(paragraph)}".strip()
            if len(text) >= DESCRIPTION // 2:
                break
    if len(text) > DESCRIPTION:
        text = text[: DESCRIPTION - 1].rsplit(" ", 1)[0].rstrip(",;:.") + "…"
    return text


def _contents(toctree: str) -> str:
    """The book's contents: captions are no headings of the page, the page that is open is marked."""
    toctree = re.sub(r' role="heading"| aria-level="\d"', "", toctree)
    return toctree.replace('class="current reference internal"', 'aria-current="page"')


def _sections(app: Sphinx, pagename: str) -> str:
    """Links to the page's sections, without their subsections."""
    if pagename not in app.env.tocs:
        return ""
    page = app.env.tocs[pagename].next_node(nodes.list_item)
    lists = [child for child in page.children if isinstance(child, nodes.bullet_list)]
    if not lists:
        return ""
    flat = lists[0].deepcopy()
    for inner in [node for node in flat.findall(nodes.bullet_list) if node is not flat]:
        inner.parent.remove(inner)
    for reference in flat.findall(nodes.reference):
        reference["refuri"] = reference["anchorname"]
    return app.builder.render_partial(flat)["fragment"]


def _actions(context: dict) -> list[dict]:
    """Where else the page can be had: links other extensions put into ``page_actions``, and its notebook."""
    actions = list(context.get("page_actions", []))
    source = context.get("sourcename") or ""
    if context.get("has_source") and source.endswith(".ipynb"):
        url = context["pathto"](f"_sources/{source}", True)
        actions.append({"text": "Download the notebook", "url": url, "download": True})
    return actions


def mended(body: str) -> str:
    """The page's HTML with what docutils, KaTeX and others leave out for readers who do not see it."""
    # Tables: a box that scrolls; headings of columns say so; an empty corner is no heading.
    body = re.sub(r'<th class="head[^"]*">\s*(?:<p>\s*</p>)?\s*</th>', "<td></td>", body)
    body = body.replace('<th class="head', '<th scope="col" class="head')
    body = body.replace("<table ", f'<div class="table-box" {_scrolls("Table")}><table ')
    body = body.replace("</table>", "</table></div>")
    body = body.replace(
        '<span class="katex-display">', f'<span class="katex-display" {_scrolls("Equation")}>'
    )
    body = re.sub(r"<pre>(.*?)</pre>", _code, body, flags=re.S)
    # A number stays with its unit, an arrow with the link that it points at, and an option with its hyphens;
    # code that is set as a block is not touched.
    together = r"(<pre.*?</pre>)|(?<=\d) (?=(?:min|[GM]B)\b)|(?<=→) (?=<a )"
    body = re.sub(together, lambda match: match[1] or "\N{NO-BREAK SPACE}", body, flags=re.S)
    body = re.sub(r'(<span class="pre)(?=">(?=[^<]*-)[^<]{2,20}<)', r"\1 whole", body)
    # Chrome looks at every menu for its autofill as soon as the page is there, and what waits for the view is set for
    # that, 50 ms in a chapter. It leaves lists alone; figures.js makes menus of them.
    inner = body.find("<section", body.find("<section") + 1)
    if inner > 0:
        body = body[:inner] + body[inner:].replace("<select", '<select multiple size="1"')
    body = body.replace(' role="doc-biblioentry"', ' role="listitem"')  # the role is deprecated
    # A formula alone is no name to axe: a word goes before those that make a heading of a table, or a choice.
    body = re.sub(r"(<th\b[^>]*>)(.*?)(?=</th>)", _heading, body, flags=re.S)
    return re.sub(
        r'(<details class="[^"]*\bchoice\b[^>]*>\s*<summary[^>]*>)', rf"\1{SPOKEN.format('Answer: ')}", body
    )


def _scrolls(what: str) -> str:
    """What lets the keyboard scroll a box; shell.js takes it from the boxes that fit."""
    return f'tabindex="0" role="group" aria-label="{what}"'


def _heading(match: re.Match) -> str:
    start, inside = match.groups()
    words = re.sub(r'<span class="katex">.*</span>|<[^>]+>|\s', "", inside, flags=re.S)
    return start + ("" if words else SPOKEN.format("Symbol: ")) + inside


def _code(match: re.Match) -> str:
    inside = re.sub(r'<span class="(\w+)">([^<]*)</span>', _word, match[1])
    lines = unescape(re.sub(r"<[^>]+>", "", inside)).splitlines()
    wide = max(map(len, lines), default=0) > NARROW
    return f"<pre{' ' + _scrolls('Code') if wide else ''}>{inside}</pre>"


def _word(match: re.Match) -> str:
    """A word of code: without an element of its own where it has no colour, a third of the page's elements."""
    return match[0] if match[1] in _coloured() else match[2]


@cache
def _coloured() -> set[str]:
    """The kinds of words in code that the style sheet names."""
    sheet = (BOOK / "_static" / "shell.css").read_text("utf8")
    return set(re.findall(r"\.(\w+)", " ".join(re.findall(r"^\.highlight :is\((.*?)\)", sheet, re.M))))


def _heights(doctree: nodes.document | None) -> str:
    """How high each section will be, about: the browser sets only those in view, and scrolls by these.

    A section that begins on the first screen says so: what it begins with is set at once, so that nothing moves.
    """
    if doctree is None:
        return ""
    rules, top = [], 0
    for page in doctree.findall(lambda node: isinstance(node.parent, nodes.document)):
        for node in page.children:
            height = _height(node)
            if isinstance(node, nodes.section):
                near = ";--wait:visible" if top < SCREEN else ""
                rules.append(f"#{node['ids'][0]}{{--height:{height}px{near}}}")
            top += height
    return f"<style>{''.join(rules)}</style>" if rules else ""


def _height(part: nodes.Node) -> int:
    """Pixels that a part of a page takes, about."""
    if isinstance(part, nodes.title):
        return 60
    if isinstance(part, nodes.literal_block):
        return 40 + 19 * (part.astext().count("\n") + 1)
    if isinstance(part, nodes.math_block):
        return 90
    if isinstance(part, nodes.container) and "equation" in part["classes"]:
        return 130  # its proof is folded
    if isinstance(part, nodes.row):
        return 20 + 23 * (1 + max(len(entry.astext()) for entry in part.children) // 40)
    if isinstance(part, nodes.raw):
        if part.astext().startswith("<table"):
            return 40 * part.astext().count("<tr>")
        # a figure with its controls, or a form
        return 900 if "cell_output" in part.parent["classes"] else 600
    if isinstance(part, nodes.paragraph):
        return 18 + 27 * (1 + len(part.astext()) // 75)
    return sum(map(_height, part.children))


def setup(app: Sphinx) -> dict:
    """Register the extension."""
    app.add_html_theme("shell", str(THEME))
    app.add_js_file("shell.js", loading_method="defer")
    app.connect("config-inited", _configure)
    app.connect("html-page-context", _page, priority=950)
    app.connect("build-finished", sheets.fill, priority=950)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
