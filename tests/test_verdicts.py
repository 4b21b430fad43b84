"""The book's checks on tiny books: each thing that must not be missing fails the build, and is named."""

import json
import re
import sys
import textwrap
import tomllib
from importlib import import_module
from io import StringIO
from itertools import count
from pathlib import Path
from types import SimpleNamespace

import nbformat
import pytest

pytest.importorskip("sphinx")
EXTENSIONS = Path(__file__).parents[1] / "book" / "_ext"
sys.path.insert(0, str(EXTENSIONS))

from sphinx.application import Sphinx  # noqa: E402
from sphinx.errors import ExtensionError  # noqa: E402
from verdicts import checks, marks, proving  # noqa: E402

pytestmark = pytest.mark.filterwarnings("default")  # Sphinx and its kin warn about themselves

REGISTRY = '''
from nnlib.proofs.registry import KINDS, SLIPS, Claim, Note, ProofError, Slip, Verdict
LINES = {"004": ("E1", "E2")}
ok = True

def square_check():
    """The derivative of $z^2$ is `2 z`."""
    if not ok:
        raise ProofError("2 is not 3")
    return "1 identity"

def slip_check():
    """The printed text drops the 2."""
    return "printed 1, true 2"

CLAIMS = [
    Claim("eq-a", "exact", "one", "The derivative of $z^2$ is `2 z`.", "n = 3", ("004 E1",),
          ("nnlib.f",), square_check),
    Claim("eq-a/slip", "refuted", "one", "The printed text drops the 2.", "z = 1", ("004 E1",), (),
          slip_check, "", Slip("004 E1", "M", r"f'(z) = z", "eq-a")),
    Claim("eq-b", "cited", "two", "It is cheap.", "", reference="baur1983, p. 3"),
]
NOTES = [Note("004 E2", "N", "One sign for $x$ and `x_i`.", "eq-b")]

def claims(): return tuple(CLAIMS)
def notes(): return tuple(NOTES)
def prove(label):
    claim = {c.label: c for c in CLAIMS}[label]
    detail = claim.check() if claim.check else claim.reference
    return Verdict(label, claim.kind, claim.scope, claim.statement, detail)
'''

CONF = """
extensions = ["myst_nb", "sphinxcontrib.bibtex", "verdicts"]
myst_enable_extensions = ["dollarmath", "amsmath"]
nb_execution_mode = "off"
verdicts_registry = "{name}"
verdicts_references = "references"
bibtex_bibfiles = ["references.bib"]
bibtex_cite_id = "cite-{{key}}"
html_theme = "basic"
"""

INDEX = """
# One

$$
f'(z) = 2 z
$$ (eq-a)

Here $f'(z)$ stands in a line, and $\\sum_{i=1}^n f'(x_i)$ too; see {eq}`eq-b`.

```{toctree}
two
ledger
errata
concordance
references
```
"""

PAGES = {
    "index.md": INDEX,
    "two.md": "# Two\n\n$$\nT = 1\n$$ (eq-b)\n",
    "ledger.md": "# Ledger\n\n```{ledger}\n```\n",
    "errata.md": "# Errata\n\n```{errata}\n```\n",
    "concordance.md": "# Concordance\n\n```{concordance}\n```\n",
    "references.md": "# References\n\n```{bibliography}\n:all:\n```\n",
    "references.bib": "@book{baur1983, author={Baur, Walter and Strassen, Volker}, title={T}, year=1983}\n",
}
_numbers = count()


class Book:
    """A tiny book with a registry of its own."""

    def __init__(self, path, monkeypatch):
        self.path, self.name = path, f"tinyregistry{next(_numbers)}"
        self.registry = path / self.name / "__init__.py"
        self.registry.parent.mkdir(parents=True)
        monkeypatch.syspath_prepend(str(path))
        (path / "source").mkdir()
        self.write("conf.py", CONF.format(name=self.name))
        self.registry.write_text(REGISTRY)
        for name, text in PAGES.items():
            self.write(name, text)

    def write(self, name, text):
        (self.path / "source" / name).write_text(textwrap.dedent(text))

    def edit(self, name, old, new):
        file = self.registry if name == "registry" else self.path / "source" / name
        assert old in file.read_text()
        file.write_text(file.read_text().replace(old, new))

    def build(self):
        """Build as the command line does without -W, with the registry imported anew."""
        sys.modules.pop(self.name, None)
        out = self.path / "build"
        self.app = Sphinx(self.path / "source", self.path / "source", out / "html", out / "doctrees", "html",
                          status=StringIO(), warning=StringIO())  # fmt: skip
        self.app.build()
        return self

    def problems(self):
        """What the build fails with, line by line."""
        with pytest.raises(ExtensionError) as failure:
            self.build()
        return re.findall(r"^  \d+\. (.*)$", str(failure.value), re.MULTILINE)

    def html(self, name):
        return (self.path / "build" / "html" / f"{name}.html").read_text()


@pytest.fixture
def book(tmp_path, monkeypatch):
    return Book(tmp_path, monkeypatch)


def test_whole_book_builds_and_its_pages_say_what_the_registry_says(book):
    html = book.build().html("index").replace("\u00a0", " ")
    assert html.count("<details") == 3  # one mark; the sources of its two checks inside
    for said in (
        "Verdict: ",
        "verdict-exact",
        "corrects 004 E1",
        "1 identity",
        "printed 1, true 2",
        "n = 3",
    ):
        assert said in html
    assert "n = 3" in html and "nnlib.f" in html and f"{book.name}.square_check" in html and "raise" in html
    assert "verdict-refuting" not in html
    assert 'href="references.html#cite-baur1983"' in book.html(
        "two"
    ) and "Baur and Strassen 1983" in book.html("two")
    assert 'id="cite-baur1983"' in book.html("references")
    assert "makes 3 claims; all of them hold" in book.html("ledger") and 'scope="col"' in book.html("ledger")
    errata = book.html("errata")
    assert "f'(z) = z" in errata and "f'(z) = 2 z" in errata and "printed 1, true 2" in errata
    assert "One sign for" in errata and 'href="index.html#equation-eq-a"' in errata
    assert "004 E2" in book.html("concordance") and 'href="two.html#equation-eq-b"' in book.html(
        "concordance"
    )


def test_nothing_changed_then_nothing_is_read_or_written(book):
    book.build().build()
    assert "no targets are out of date" in book.app._status.getvalue()


@pytest.mark.parametrize("formula", [
    "$$\nC = 1\n$$", "\\begin{align}\nC &= 1 \\\\\nD &= 2\n\\end{align}",
    "\\begin{equation*}\nC = 1\n\\end{equation*}", "```{math}\nC = 1\n```", "> $$C = 1$$",
])  # fmt: skip
def test_display_equation_without_label(book, formula):
    book.write("two.md", PAGES["two.md"] + f"\n{formula}\n")
    (problem,) = book.problems()
    assert re.match(r"source/two.md:\d+: a display equation without a label", problem) and "C" in problem


@pytest.mark.parametrize("formula", ["$$\nC = 1\n$$", "\\begin{align}\nC &= 1\n\\end{align}"])
def test_display_equation_without_label_in_a_notebook_but_not_in_its_outputs(book, formula):
    latex = nbformat.v4.new_output(
        "execute_result", {"text/latex": "$$z = 1$$", "text/plain": "z"}, execution_count=1
    )
    cells = [nbformat.v4.new_markdown_cell("# Two\n\n$$\nT = 1\n$$ (eq-b)"),
             nbformat.v4.new_code_cell("z", outputs=[latex], execution_count=1)]  # fmt: skip
    (book.path / "source" / "two.md").unlink()
    book.write("two.ipynb", nbformat.writes(nbformat.v4.new_notebook(cells=cells)))
    assert "z = 1" in book.build().html("two")
    cells.append(nbformat.v4.new_markdown_cell(formula))
    book.write("two.ipynb", nbformat.writes(nbformat.v4.new_notebook(cells=cells)))
    (problem,) = book.problems()
    assert problem.startswith("source/two.ipynb, cell 3: a display equation without a label")


def test_label_without_claim(book):
    book.write("two.md", PAGES["two.md"] + "\n$$\nC = 1\n$$ (eq-c)\n")
    assert book.problems() == ["two: the equation eq-c has no claim"]


def test_claim_whose_equation_is_on_no_page(book):
    book.edit(
        "registry", '"It is cheap.", ""', '"It is cheap.", ""), Claim("eq-d/x", "definition", "two", "S.", ""'
    )
    book.edit("registry", ', reference="baur1983, p. 3")', ")")
    book.edit("registry", '"eq-b", "cited"', '"eq-b", "definition"')
    assert book.problems() == ["the claim eq-d/x: its equation eq-d is on no page"]


def test_label_on_two_pages(book):
    book.write("ledger.md", PAGES["ledger.md"] + "\n$$\nC = 1\n$$ (eq-a)\n")
    assert book.problems() == ["eq-a stands on more than one page: index, ledger"]


def test_label_twice_on_a_page(book):
    book.write("two.md", PAGES["two.md"] + "\n$$\nC = 1\n$$ (eq-b)\n")
    assert [p.partition(": ")[2] for p in book.problems()] == ["the label eq-b stands twice on this page"]


def test_source_line_without_a_place(book):
    book.edit("registry", '"E2")', '"E2", "E3")')
    assert book.problems() == ["the source line 004 E3 has no place in the book"]


@pytest.mark.parametrize("reference", ["{eq}`eq-c`", "{math:numref}`eq-c`", "[see](eq-c)"])
def test_reference_to_a_missing_label(book, reference):
    book.write("two.md", PAGES["two.md"] + f"\nSee {reference}.\n")
    (problem,) = book.problems()
    assert re.match(r"source/two.md:\d+: a reference to eq-c, which is on no page", problem)


def test_label_in_a_docstring_of_the_library_that_is_on_no_page():
    registry = SimpleNamespace(claims=lambda: (), notes=lambda: (), LINES={})
    code = {"nnlib/f.py": "Book: eq-a, eq-index-nowhere. Source: 004."}
    pages = {"one": checks.Page({"eq-a": "a"})}
    assert checks.problems(pages, registry, {}, (), code) == [
        "one: the equation eq-a has no claim",
        "nnlib/f.py: a reference to eq-index-nowhere, which is on no page",
    ]
    assert "nnlib/network.py" in proving.shipped(import_module("nnlib.proofs"))


def test_table_of_notation_names_what_the_library_knows():
    groups = tomllib.loads((EXTENSIONS.parent / "_data" / "notation.toml").read_text(encoding="utf-8"))[
        "group"
    ]
    library = "\n".join(
        path.read_text(encoding="utf-8") for path in (EXTENSIONS.parents[1] / "nnlib").glob("*.py")
    )
    symbols = [symbol for group in groups for symbol in group["symbol"]]
    assert len({symbol["symbol"] for symbol in symbols}) == len(symbols)
    for symbol in symbols:
        assert {"symbol", "code", "shape", "meaning", "first"} <= set(symbol), symbol
        for name in symbol["code"]:
            assert re.search(rf"\b{name}\b", library), (
                f"{name} is in the table of notation and nowhere in nnlib"
            )


def test_correction_and_note_at_a_missing_label(book):
    book.edit("registry", 'r"f\'(z) = z", "eq-a"', 'r"f\'(z) = z", "eq-c"')
    book.edit("registry", '`x_i`.", "eq-b"', '`x_i`.", "eq-c"')
    assert book.problems() == ["the claim eq-a/slip: its correction eq-c is on no page",
                               "the note on 004 E2: its equation eq-c is on no page"]  # fmt: skip


def test_only_an_equation_that_is_itself_refuted_catches_the_eye(book):
    book.edit("registry", '"eq-a/slip"', '"eq-p"')
    book.edit("index.md", "Here $f", "$$\nf'(z) = z\n$$ (eq-p)\n\nHere $f")
    html = book.build().html("index")
    mark = html[html.index("equation-eq-p") :]
    assert html.count("verdict-refuting") == 1
    assert "verdict-refuting" in mark[: mark.index("</summary>")]


def test_citation_that_the_bibliography_lacks(book):
    book.edit("registry", "baur1983", "nobody2000")
    assert book.problems() == ["the claim eq-b: no entry 'nobody2000' in the bibliography"]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [("ok = True", "ok = False", "ProofError: 2 is not 3"), ("if not ok", "if not missing", "NameError")],
)
def test_failed_proof(book, old, new, said):
    book.edit("registry", old, new)
    (problem,) = book.problems()
    assert problem.startswith(f"the claim eq-a (exact) fails: {said}")
    assert "verdict-failing" in book.html("index") and "1 of them fail" in book.html("ledger")


HIDDEN = [
    r"\partial C/\partial w = p y",
    r"f'(z) = 1 - f(z)^2",
    r"\sigma' = \sigma (1 - \sigma)",
    r"\frac{dC}{dz} = 2",
    r"g_l'(z) \equiv 1",
    r"\nabla_x z = J^T g",
    r"dy/dx = 1/x",
    r"\tfrac{\mathrm{d}y}{\mathrm{d}x} = y",
    r"D^l := {\partial a^L}/{\partial z^l}",
    r"\frac{d^2 y}{dx^2} = 0",
    r"\frac{1}{n} = f'(x)",
]
HARMLESS = [
    r"f'(z)",
    r"\partial C/\partial w",
    r"x = 3",
    r"x' = x + 1",
    r"\sum_{i=1}^{n} f'(x_i)",
    r"l = 1, \dots, L",
    r"\frac{\partial C}{\partial w_{k=1}}",
    r"\partial a/\partial z \neq 0",
    r"d_1 = 3",
    r"\delta = 0",
    r"n_d/n = 2",
    r"\frac{1}{2} = 0.5",
]


@pytest.mark.parametrize("latex", HIDDEN)
def test_equality_with_a_derivative_is_seen(latex):
    assert checks.hides_equality(latex)


@pytest.mark.parametrize("latex", HARMLESS)
def test_harmless_mathematics_passes(latex):
    assert not checks.hides_equality(latex)


@pytest.mark.parametrize(("text", "said"), [
    ("Since $f'(z) = 2z$, it is.", "hides inside a line"),
    ("## By $f'(z) = 2z$", "hides inside a line"),
    ("| a |\n|---|\n| $f'(z) = 2z$ |", "hides inside a line"),
    ("| a |\n|---|\n| ∂C/∂w = p |", "hides in a table"),
])  # fmt: skip
def test_hidden_equality_fails_the_build(book, text, said):
    book.write("two.md", PAGES["two.md"] + f"\n{text}\n")
    (problem,) = book.problems()
    assert re.match(r"source/two.md(:\d+)?: an equality with a derivative", problem) and said in problem


def test_all_problems_are_named_together_and_again_until_they_are_mended(book):
    book.write("two.md", PAGES["two.md"] + "\n$$\nC = 1\n$$ (eq-c)\n\nSee {eq}`eq-d`.\n\n$$C = 2$$\n")
    first = book.problems()
    assert len(first) == 3
    assert book.problems() == first  # nothing is read the second time
    book.write("two.md", PAGES["two.md"])
    book.build()


def test_page_that_goes_takes_its_facts_along(book):
    book.build()
    (book.path / "source" / "two.md").unlink()
    book.edit("index.md", "two\n", "")
    assert "the claim eq-b: its equation eq-b is on no page" in book.problems()


def test_changed_claim_reaches_every_page_and_changed_equation_the_errata(book):
    book.build()
    book.edit("registry", '"n = 3"', '"n = 4"')
    book.build()
    assert "n\u00a0=\u00a04" in book.html("index") and "n\u00a0=\u00a04" in book.html("ledger")
    book.edit("index.md", "f'(z) = 2 z", "f'(z) = z + z")
    book.build()
    assert "f'(z) = z + z" in book.html("errata")


def test_proofs_run_once_until_the_code_changes_and_failures_are_tried_again(book):
    book.edit(
        "registry", "    if not ok", "    open(__file__[:-11] + 'runs.log', 'a').write('.')\n    if not ok"
    )
    runs = book.registry.parent / "runs.log"
    book.build().build()
    assert runs.read_text() == "."
    stored = json.loads((book.path / "build" / "verdicts.json").read_text())
    assert stored["results"]["eq-a"] == {"passed": True, "detail": "1 identity"}
    book.edit("registry", "ok = True", "ok = False")
    assert book.problems() and book.problems()
    assert (
        runs.read_text() == "..."
        and "eq-a" not in json.loads((book.path / "build" / "verdicts.json").read_text())["results"]
    )


def test_claims_that_cannot_be_loaded_end_the_build(book):
    book.edit("registry", "ok = True", "import nosuchmodule")
    with pytest.raises(ExtensionError, match="cannot be loaded.*nosuchmodule"):
        book.build()


def test_plain_text_shows_its_indices_and_keeps_numbers_whole():
    shown = {
        "w^k and A^{l-1,r}": "w<k> and A<l-1,r>",
        "dC/da_q times (x_0)^2": "dC/da<q> times (x<0>)<2>",
        "mean_squared_error, L - 1, 1e-12": "mean_squared_error, L - 1, 1e-12",
        "-0.2 (sizes 2-3-2, k = 1)": "−0.2 (sizes 2\u20113\u20112, k\u00a0=\u00a01)",
    }
    for plain, told in shown.items():
        found = marks.letters(plain)
        assert "".join(n if isinstance(n, str) else f"<{n.astext()}>" for n in found) == told


def test_source_of_a_check():
    name, text = proving.source(test_source_of_a_check)
    assert name.endswith("test_verdicts.test_source_of_a_check") and text.startswith("def test_source")


def test_formula_that_cannot_be_typeset(book):
    book.edit("conf.py", '"verdicts"]', '"selfhosted", "verdicts"]')
    book.write(
        "two.md", PAGES["two.md"] + "\nAn unknown $\\nosuchmacro$ and a known $\\class{role-value}{w}$.\n"
    )
    (problem,) = book.problems()
    assert re.match(r"source/two.md:\d+: \\nosuchmacro cannot be typeset: KaTeX parse error", problem)


def test_mathematics_is_set_without_scripts_or_other_hosts(book):
    book.edit("conf.py", '"verdicts"]', '"selfhosted", "verdicts"]')
    page = book.build().html("index")
    assert 'class="katex"' in page and "vendor/katex/katex.min.css" in page
    assert not re.search(r'<(script|link)[^>]*(src|href)="(https?:)?//', page)
    katex = book.path / "build" / "html" / "_static" / "vendor" / "katex"
    fonts = re.findall(r"url\(([^)]*)\)", (katex / "katex.min.css").read_text())
    assert fonts and all((katex / font).is_file() for font in fonts)


def test_formulas_keep_their_punctuation_and_their_distance(book):
    book.edit("conf.py", '"verdicts"]', '"selfhosted", "verdicts"]')
    short, long = (
        "A number $w$, alone; one that may break: $a = b + c + d + e$, here. And 30 % of `30 %`. Short: $k = l-1$."
        " In ($b$) and “$c$ alone.",
        "$$\nA \\\\\nB \\\\\n&C\n$$ (eq-a)",
    )
    book.write("two.md", f"{PAGES['two.md']}\n{short}\n")
    page = book.build().html("two")
    assert (
        page.count('class="unbroken"') == 4 and "</span>,</span> alone" in page and "</span>, here." in page
    )
    assert re.findall(r'class="unbroken">([(“])<', page) == ["(", "“"] and "</span>)</span> and" in page
    assert "And 30\u00a0% of" in page and page.count("\u00a0%") == 1  # code stays as it is
    assert page.count('class="katex unbroken"') == 1  # k = l-1
    selfhosted = sys.modules["selfhosted"]
    assert selfhosted.ONE.sub("{,})", r"(n,) (a, b) (n\,)") == r"(n{,}) (a, b) (n\,)"
    assert selfhosted.ROW.sub("ROW", long).count("ROW") == 1  # before B; C goes on with B's line
    assert selfhosted.FRACTION_ROW.findall("\\frac AB \\\\\nC \\\\\nD") == ["\\frac AB "]
    assert selfhosted.FRACTION_ROW.sub("ROW", "\\frac AB \\\\[4pt]\nC \\\\[4pt]\nD") == "ROW\nC \\\\[4pt]\nD"
