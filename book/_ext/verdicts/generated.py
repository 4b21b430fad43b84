"""The pages the registry writes: the ledger, the errata, the concordance; and the table of notation."""

from __future__ import annotations

import tomllib
from collections import Counter
from itertools import groupby
from pathlib import Path

from docutils import nodes
from pybtex.database import Person, parse_file
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from verdicts import checks, marks
from verdicts.marks import badge, citation_link, equation_reference, inline, span

DOCUMENTS = {
    "000": "backpropagation on the exact gradient",
    "001": "recursive derivatives, matricization",
    "002": "lecture slides on backpropagation",
    "003": "general gradient, recurrent networks",
    "004": "memo on unit-indexed backpropagation",
}


class corrected(nodes.General, nodes.Element):
    """Stands for the LaTeX of an equation of the book until all pages are read."""


class heading(nodes.Part, nodes.TextElement):
    """A <th> with its scope, which docutils leaves out."""


def bibliography(app: Sphinx) -> dict[str, str]:
    """Key -> "Griewank and Walther 2008" for every entry of the first bibliography file."""
    files = getattr(app.config, "bibtex_bibfiles", [])
    entries = parse_file(str(Path(app.srcdir) / files[0])).entries if files else {}
    return {key: f"{_names(entry.persons.get('author', []))} {entry.fields['year']}" for key, entry in entries.items()}


def _names(people: list[Person]) -> str:
    last = [" ".join(part.strip("{}") for part in [*person.prelast_names, *person.last_names]) for person in people]
    return last[0] + (" et al." if len(last) > 2 else f" and {last[1]}" if len(last) == 2 else "")


def visit_heading(self, node: heading) -> None:
    self.body.append(self.starttag(node, "th", "", scope=node["scope"]))


def depart_heading(self, node: heading) -> None:
    self.body.append("</th>\n")


def table(caption: str, head: list[str], rows: list[list[list[nodes.Node]]]) -> nodes.table:
    """A table with a caption, a heading over every column, and the first cell of a row as its heading."""
    body = nodes.tbody()
    for first, *others in rows:
        body += nodes.row("", heading("", *first, scope="row"))
        body[-1] += [nodes.entry("", nodes.paragraph("", "", *cell)) for cell in others]
    columns = nodes.thead("", nodes.row("", *(heading("", nodes.Text(text), scope="col") for text in head)))
    widths = [nodes.colspec(colwidth=1) for _ in head]
    group = nodes.tgroup("", *widths, columns, body, cols=len(head))
    return nodes.table("", nodes.title("", caption), group, classes=["generated-table"])


class Generated(SphinxDirective):
    """A directive whose content comes from the registry."""

    def run(self) -> list[nodes.Node]:
        self.registry, self.results = self.env.app.verdicts, self.env.app.verdicts_results
        self.env.verdicts_generated = getattr(self.env, "verdicts_generated", set()) | {self.env.docname}
        found = self.content_nodes()
        for node in found:
            node["classes"].append("generated")
        return found

    def content_nodes(self) -> list[nodes.Element]:
        raise NotImplementedError

    def section(self, title: str, *children: nodes.Node) -> nodes.section:
        """A section with an anchor, shown in the page's contents."""
        section = nodes.section("", nodes.title("", title), *children, names=[nodes.fully_normalize_name(title)])
        self.state.document.note_implicit_target(section, section)
        return section

    def at(self, label: str) -> nodes.Node:
        return equation_reference(label, self.env.docname)


class Ledger(Generated):
    """Every claim with its kind, scope, source and result, chapter by chapter."""

    def content_nodes(self) -> list[nodes.Element]:
        claims = self.registry.claims()
        counts = Counter(claim.kind for claim in claims)
        kinds = [
            [badge(kind), [nodes.Text(meaning)], [nodes.Text(str(counts[kind]))]]
            for kind, meaning in self.registry.KINDS.items()
        ]
        failing = sum(not result.passed for result in self.results.values())
        state = "all of them hold" if not failing else f"{failing} of them fail"
        total = nodes.paragraph("", f"The book makes {len(claims)} claims; {state}.")
        found: list[nodes.Element] = [total, table("Claims by kind", ["kind", "what stands behind it", "claims"], kinds)]
        for chapter, group in groupby(claims, key=lambda claim: claim.chapter):
            title = chapter.replace("_", " ").capitalize()
            head = ["equation", "claim", "kind", "scope", "source", "result"]
            found.append(self.section(title, table(f"Claims of {chapter}", head, [self.row(c) for c in group])))
        return found

    def row(self, claim) -> list[list[nodes.Node]]:
        maker = marks.Marks(self.registry, self.results, self.env.app.verdicts_entries)
        if claim.kind == "cited":
            uri = self.env.app.builder.get_relative_uri(self.env.docname, self.config.verdicts_references)
            said = citation_link(claim.reference, self.env.app.verdicts_entries, uri)
        else:
            said = maker.result(claim) if claim.check else [nodes.Text("nothing to prove")]
        return [
            [self.at(claim.equation)],
            [*inline(claim.statement), nodes.Text(" "), span(claim.label, "claim-label")],
            badge(claim.kind),
            inline(claim.scope or "–"),
            [nodes.Text(", ".join(claim.sources) or "–")],
            said,
        ]


class Errata(Generated):
    """Every refuted text and every note, source by source, in the order of the lines."""

    def content_nodes(self) -> list[nodes.Element]:
        meanings = [[[nodes.strong("", letter)], inline(text)] for letter, text in self.registry.SLIPS.items()]
        found: list[nodes.Element] = [table("Classes of slips", ["class", "meaning"], meanings)]
        order = {line: place for place, line in enumerate(checks.places(self.registry))}
        refuted = [(claim.slip.source, self.refuted(claim)) for claim in self.registry.claims() if claim.slip]
        noted = [(note.source, self.noted(note)) for note in self.registry.notes()]
        entries = sorted(refuted + noted, key=lambda entry: order[entry[0]])
        for document, group in groupby(entries, key=lambda entry: entry[0].split()[0]):
            found.append(self.section(f"Document {document}: {DOCUMENTS[document]}", *(entry for _, entry in group)))
        return found

    def heading(self, source: str, classes: str, kind: str) -> nodes.paragraph:
        named = "; ".join(f"{letter}: {self.registry.SLIPS[letter].partition(':')[0]}" for letter in classes)
        tail = nodes.Text(f" ({named}) ")
        return nodes.paragraph("", "", nodes.strong("", source), tail, *badge(kind), classes=["erratum-head"])

    def refuted(self, claim) -> nodes.container:
        slip = claim.slip
        entry = nodes.container("", classes=["erratum"])
        entry += self.heading(slip.source, slip.classes, "refuted")
        entry += nodes.paragraph("", "", *inline(claim.statement))
        entry += nodes.paragraph("", "The text prints")
        entry += nodes.math_block(slip.printed, slip.printed, nowrap=True, number=None)
        entry += nodes.paragraph("", "", nodes.Text("The book says, in "), self.at(slip.correct))
        entry += corrected(label=slip.correct)
        result = self.results[claim.label]
        found = inline(result.detail) if result.passed else [nodes.Text(f"the refutation fails: {result.detail}")]
        entry += nodes.paragraph("", "", nodes.strong("", "Counter-example: "), *found, nodes.Text(f" ({claim.scope})."))
        return entry

    def noted(self, note) -> nodes.container:
        entry = nodes.container("", classes=["erratum"])
        entry += self.heading(note.source, note.classes, "note")
        entry += nodes.paragraph("", "", *inline(note.text), nodes.Text(" See "), self.at(note.at), nodes.Text("."))
        return entry


class Concordance(Generated):
    """Every line of every source, with its places in the book."""

    def content_nodes(self) -> list[nodes.Element]:
        classes: dict[str, str] = {}
        slips = [claim.slip for claim in self.registry.claims() if claim.slip]
        for slip in [*slips, *self.registry.notes()]:
            earlier = classes.get(slip.source, "")
            classes[slip.source] = earlier + "".join(c for c in slip.classes if c not in earlier)
        found = []
        lines = checks.places(self.registry).items()
        for document, group in groupby(lines, key=lambda line: line[0].split()[0]):
            rows = [self.row(source, labels, classes.get(source, "–")) for source, labels in group]
            title = f"Document {document}: {DOCUMENTS[document]}"
            found.append(self.section(title, table(f"Lines of {document}", ["line", "in the book", "class"], rows)))
        return found

    def row(self, source: str, labels: list[str], classes: str) -> list[list[nodes.Node]]:
        links: list[nodes.Node] = []
        for label in labels:
            links += [*([nodes.Text(", ")] if links else []), self.at(label), span(f" {label}", "claim-label")]
        return [[nodes.Text(source)], links or [nodes.Text("no place")], [nodes.Text(classes)]]


class NotationTable(SphinxDirective):
    """The table of notation, from the file the tests read. It is written by an author, so the checks see it."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        relative, path = self.env.relfn2path(self.arguments[0])
        self.env.note_dependency(relative)
        groups = tomllib.loads(Path(path).read_text(encoding="utf-8"))["group"]
        head = ["symbol", "in code", "shape", "meaning", "first in", *DOCUMENTS]
        return [table(g["title"], head, [self.row(symbol) for symbol in g["symbol"]]) for g in groups]

    def row(self, symbol: dict) -> list[list[nodes.Node]]:
        sources = [inline(symbol.get(document, "–")) for document in DOCUMENTS]
        code = inline(", ".join(f"`{name}`" for name in symbol["code"]) or "–")
        first = [equation_reference(symbol["first"], self.env.docname)] if symbol["first"] else [nodes.Text("–")]
        return [inline(symbol["symbol"]), code, inline(symbol["shape"]), inline(symbol["meaning"]), first, *sources]


def fill(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Put the LaTeX of the book's equations where the errata quote them."""
    latex = {label: text for page in app.env.verdicts_pages.values() for label, text in page.equations.items()}
    for node in list(doctree.findall(corrected)):
        text = latex.get(node["label"], r"\text{(on no page)}")
        node.replace_self(nodes.math_block(text, text, nowrap=True, number=None))


def add_directives(app: Sphinx) -> None:
    """Register the directives."""
    app.add_node(corrected)
    app.add_node(heading, html=(visit_heading, depart_heading))
    app.add_directive("ledger", Ledger)
    app.add_directive("errata", Errata)
    app.add_directive("concordance", Concordance)
    app.add_directive("notation-table", NotationTable)
