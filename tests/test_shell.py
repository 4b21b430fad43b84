"""The frame of the pages: one style sheet, few scripts, nothing from elsewhere, and what a reader is told of a page."""

import gzip
import re
import sys
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from docutils import nodes
from docutils.utils import new_document

ROOT = Path(__file__).resolve().parent.parent
HTML = ROOT / "_build" / "html"
sys.path.insert(0, str(ROOT / "book" / "_ext"))

import shell  # noqa: E402
from shell import sheets  # noqa: E402

PAGES = sorted(HTML.glob("book/*.html")) + [HTML / "search.html"]  # make book comes before
BUDGET = 300_000  # bytes, compressed, before anything is touched
FONTS = HTML / "_static" / "vendor" / "katex" / "fonts"
RARE = {
    "Caligraphic": "mathcal",
    "Fraktur": "mathfrak",
    "SansSerif": "sf",
    "Script": "mathscr",
    "Typewriter": "tt",
}


@pytest.fixture(scope="module", params=PAGES, ids=lambda path: path.stem)
def page(request) -> tuple[Path, BeautifulSoup]:
    return request.param, BeautifulSoup(request.param.read_text("utf8"), "html.parser")


# the built pages -----------------------------------------------------------------------------------------


def test_a_page_says_what_it_is(page):
    path, soup = page
    assert soup.html["lang"] == "en" and len(soup.title.get_text()) > 5
    (description,) = soup.select("meta[name=description]")
    assert 40 <= len(description["content"]) <= shell.DESCRIPTION or path.stem == "search"
    assert "\\" not in description["content"] and "$" not in description["content"]
    assert len(soup.select("h1")) == len(soup.select("main")) == len(soup.select("link[rel=icon]")) == 1


def test_headings_go_down_one_level_at_a_time(page):
    levels = [int(heading.name[1]) for heading in page[1].select("h1, h2, h3, h4, h5, h6")]
    assert levels[0] == 1 and all(
        level <= before + 1 for before, level in zip(levels, levels[1:], strict=False)
    )


def test_a_page_brings_its_own_style_and_waits_for_no_script(page):
    path, soup = page
    assert not soup.select("link[rel=stylesheet]") and not soup.select("main style")
    assert not sheets.MARK.search(path.read_text("utf8"))
    for script in soup.select("script[src]"):
        assert script.has_attr("defer") or script.get("type") == "module", script["src"]
        assert not re.search("thebe|fontawesome|bootstrap|require|MathJax", script["src"], re.I)
    assert path.stem == "search" or not soup.select("script[src*=searchindex], script[src*=searchtools]")


def test_a_page_is_light(page):
    """Its HTML, its scripts and every font its formulas might ask for, compressed."""
    path, soup = page
    weight = len(gzip.compress(path.read_bytes(), 6))
    for font in FONTS.glob("*.woff2") if soup.select(".katex") else ():
        rare = RARE.get(font.stem.removeprefix("KaTeX_").split("-")[0])
        weight += font.stat().st_size if not rare or soup.select(f'.katex [class*="{rare}"]') else 0
    for script in soup.select("script[src]"):
        file = path.parent / script["src"].split("?")[0]
        weight += len(gzip.compress(file.read_bytes(), 6))
    assert weight < BUDGET


def test_what_scrolls_can_be_reached_by_keys(page):
    for box in page[1].select(".katex-display, .table-box"):
        assert box["tabindex"] == "0" and box["aria-label"]
    for code in page[1].select("article pre:not([tabindex])"):
        assert max(map(len, code.get_text().splitlines()), default=0) <= shell.NARROW


def test_no_file_of_another_theme_is_needed(page):
    assert not re.search(r'class="[^"]*\b(?:bd-|pst-|sbt-|fa-)', str(page[1]))


# the style sheets ----------------------------------------------------------------------------------------


def trimmed(text: str, *used: str) -> str:
    return sheets._trim(re.sub(r"\s+", " ", text), set(used))


def test_rules_without_a_reader_are_left_out():
    sheet = ".a, .b:hover { color: red } .c .a { top: 0 } p > .b { left: 0 } @media print { .c { top: 0 } }"
    assert trimmed(sheet, "a", "b") == ".a,.b:hover{color:red}p > .b{left:0}"
    assert (
        trimmed(".a:not(.never) { top: 0 } :is(.a, .never) { top: 0 }", "a")
        == ".a:not(.never){top:0}:is(.a, .never){top:0}"
    )


def test_brackets_within_brackets_stay_whole():
    head = 'p :where(.a, .never, i:is([type="x"], [type="y"])):where(:not(.never))'
    assert trimmed(f"{head} {{ top: 0 }}", "a") == f"{head}{{top:0}}"


def test_the_dark_holds_without_scripts_too():
    rule = 'html[data-theme="dark"] .a { color: red; top: 0; }'
    assert trimmed(rule, "a") == (
        'html[data-theme="dark"] .a{color:red;top:0}'
        "@media screen and (prefers-color-scheme: dark){html:not([data-theme]) .a{color:red;top:0}}"
    )


def test_strings_and_statements_do_not_confuse_the_reader():
    sheet = '@charset "utf-8"; .a::after { content: "}" } @import "x.css"; .a { content: "{" }'
    assert trimmed(sheet, "a") == '.a::after{content:"}"}.a{content:"{"}'


def test_a_sheet_in_a_folder_keeps_its_fonts(tmp_path):
    (tmp_path / "vendor").mkdir()
    (tmp_path / "vendor" / "a.css").write_text(
        "/* hers */ @font-face { src: url('fonts/x.woff2') } .a { top: 0 }"
    )
    assert sheets.bundle(tmp_path, ["vendor/a.css"], {"a"}) == (
        "@font-face{src:url(vendor/fonts/x.woff2)}.a{top:0}"
    )


def test_a_property_that_no_rule_names_is_left_out(tmp_path):
    (tmp_path / "a.css").write_text(":root { --sd-x: 1px; --sd-y: 2px; --own: 3px } .a { top: var(--sd-y) }")
    assert sheets.bundle(tmp_path, ["a.css"], {"a"}) == ":root{--sd-y:2px;--own:3px}.a{top:var(--sd-y)}"


# what docutils leaves out --------------------------------------------------------------------------------


def test_tables_say_what_their_headings_are_for():
    table = '<table class="t"><tr><th class="head"></th><th class="head"><p>x</p></th></tr></table>'
    assert shell.mended(table) == (
        '<div class="table-box" tabindex="0" role="group" aria-label="Table"><table class="t">'
        '<tr><td></td><th scope="col" class="head"><p>x</p></th></tr></table></div>'
    )


def test_a_formula_as_heading_has_a_word():
    formula = '<th><p><span class="math"><span class="katex">a<span>b</span></span></span></p></th>'
    assert shell.mended(formula).startswith('<th><span class="spoken">Symbol: </span><p>')
    assert "spoken" not in shell.mended(formula.replace("</p>", "of</p>"))


def test_long_lines_of_code_can_be_scrolled():
    assert "tabindex" in shell.mended(f"<pre>{'<span>x</span>' * 33}</pre>")
    assert "tabindex" not in shell.mended(f"<pre>{'<span>&lt;</span>' * 32}\n</pre>")


def test_a_height_is_guessed_without_what_is_folded_and_only_a_near_section_is_set_at_once():
    words = "word " * 60  # 300 characters: five lines
    panel = nodes.container(
        "", nodes.math_block("", "x"), nodes.raw("", "..."), nodes.raw("", "..."), classes=["equation"]
    )
    sections = [
        nodes.section("", nodes.title("", name), panel.deepcopy(), ids=[name]) for name in ("near", "far")
    ]
    figure = nodes.container("", nodes.raw("", "..."), classes=["cell_output"])
    page = nodes.section(
        "", nodes.title("", "Page"), nodes.paragraph("", words), sections[0], figure, sections[1]
    )
    document = new_document("page")
    document += page
    assert (
        shell._heights(document) == "<style>#near{--height:190px;--wait:visible}#far{--height:190px}</style>"
    )


def test_the_fonts_of_a_pages_first_formulas_are_asked_for():
    assert shell.fonts('<span class="katex"><span class="mord mathbf">') == [
        "KaTeX_Main-Regular.woff2",
        "KaTeX_Main-Bold.woff2",
    ]
    assert shell.fonts("x" * shell.FIRST + '<span class="katex">') == shell.fonts("<p>no formula</p>") == []
