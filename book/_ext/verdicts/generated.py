"""The pages the registry writes: the ledger, the errata, the concordance."""

from __future__ import annotations

from collections import Counter
from itertools import groupby
from pathlib import Path

from docutils import nodes
from pybtex.database import Person, parse_file
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from verdicts import checks, marks
from verdicts.marks import badge, citation_link, equation_reference, inline, span
from verdicts.tables import DOCUMENTS, section, table

# The second word of a label says where its equation belongs.
CHAPTERS = {
    "notation": "Shared vocabulary",
    "chain": "1. The chain rule on a graph",
    "index": "2. Backpropagation by indices",
    "recursive": "3. The recursion",
    "jacobian": "4. The Jacobian",
    "bptt": "5. Through time",
    "gradient": "6. Learning on slopes",
    "six": "Six ways",
}


class corrected(nodes.General, nodes.Element):
    """Stands for the LaTeX of an equation of the book until all pages are read."""


def bibliography(app: Sphinx) -> dict[str, str]:
    """Key -> "Griewank and Walther 2008" for every entry of the first bibliography file."""
    files = getattr(app.config, "bibtex_bibfiles", [])
    entries = parse_file(str(Path(app.srcdir) / files[0])).entries if files else {}
    names = {key: _names(entry.persons.get("author", [])) for key, entry in entries.items()}
    return {key: f"{names[key]} {entry.fields.get('year', '')}".rstrip() for key, entry in entries.items()}


def _names(people: list[Person]) -> str:
    last = [
        " ".join(part.strip("{}") for part in [*person.prelast_names, *person.last_names])
        for person in people
    ]
    return last[0] + (" et al." if len(last) > 2 else f" and {last[1]}" if len(last) == 2 else "")


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
        found: list[nodes.Element] = [
            total,
            table("Claims by kind", {"kind": "", "what stands behind it": "wide", "claims": ""}, kinds),
        ]
        order = {chapter: place for place, chapter in enumerate(CHAPTERS)}
        claims = sorted(claims, key=lambda claim: order.get(self.chapter(claim), len(order)))
        head = {"equation": "", "claim": "wide", "kind": "", "scope": "wide", "source": "", "result": "wide"}
        for chapter, group in groupby(claims, key=self.chapter):
            title = CHAPTERS.get(chapter, chapter)
            found.append(
                section(
                    self.state.document,
                    title,
                    table(f"Claims: {title}", head, [self.row(claim) for claim in group]),
                )
            )
        return found

    @staticmethod
    def chapter(claim) -> str:
        return claim.label.split("-")[1]

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
            [nodes.Text(", ".join(claim.sources).replace(" E", "\u00a0E") or "–")],
            said,
        ]


class Errata(Generated):
    """Every refuted text and every note, source by source, in the order of the lines."""

    def content_nodes(self) -> list[nodes.Element]:
        meanings = [
            [[nodes.strong("", letter)], inline(text)] for letter, text in self.registry.SLIPS.items()
        ]
        found: list[nodes.Element] = [table("Classes of slips", {"class": "", "meaning": "wide"}, meanings)]
        order = {line: place for place, line in enumerate(checks.places(self.registry))}
        refuted = [(claim.slip.source, self.refuted(claim)) for claim in self.registry.claims() if claim.slip]
        noted = [(note.source, self.noted(note)) for note in self.registry.notes()]
        entries = sorted(refuted + noted, key=lambda entry: order[entry[0]])
        for document, group in groupby(entries, key=lambda entry: entry[0].split()[0]):
            found.append(
                section(
                    self.state.document,
                    f"Document {document}: {DOCUMENTS[document]}",
                    *(entry for _, entry in group),
                )
            )
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
        found = (
            inline(result.detail) if result.passed else [nodes.Text(f"the refutation fails: {result.detail}")]
        )
        scope = inline(f" ({claim.scope}).")
        entry += nodes.paragraph("", "", nodes.strong("", "Counter-example: "), *found, *scope)
        return entry

    def noted(self, note) -> nodes.container:
        entry = nodes.container("", classes=["erratum"])
        entry += self.heading(note.source, note.classes, "note")
        entry += nodes.paragraph(
            "", "", *inline(note.text), nodes.Text(" See "), self.at(note.at), nodes.Text(".")
        )
        return entry


class Concordance(Generated):
    """Every line of every source: what it is about, its places in the book, the class of its slip."""

    def content_nodes(self) -> list[nodes.Element]:
        slips = [claim.slip for claim in self.registry.claims() if claim.slip]
        self.classes: dict[str, str] = {}
        for slip in [*slips, *self.registry.notes()]:
            letters = self.classes.get(slip.source, "") + slip.classes
            self.classes[slip.source] = "".join(letter for letter in self.registry.SLIPS if letter in letters)
        # In words: what a claim on the line states, else what is noted of it, else what is wrong with it.
        claims = self.registry.claims()
        words = [(source, claim.statement) for claim in claims if not claim.slip for source in claim.sources]
        words += [(note.source, note.text) for note in self.registry.notes()]
        words += [(claim.slip.source, claim.statement) for claim in claims if claim.slip]
        self.says = dict(reversed(words))
        head = {"line": "", "what it is about": "wide", "in the book": "", "class": ""}
        found = []
        for document, group in groupby(
            checks.places(self.registry).items(), key=lambda line: line[0].split()[0]
        ):
            rows = [self.row(source, labels) for source, labels in group]
            title = f"Document {document}: {DOCUMENTS[document]}"
            found.append(section(self.state.document, title, table(f"Lines of {document}", head, rows)))
        return found

    def row(self, source: str, labels: list[str]) -> list[list[nodes.Node]]:
        links: list[nodes.Node] = []
        for label in labels:
            links += [*([nodes.Text(", ")] if links else []), self.at(label)]
        about = inline(self.says.get(source, "–"))
        return [
            [nodes.Text(source)],
            about,
            links or [nodes.Text("no place")],
            [nodes.Text(self.classes.get(source, "–"))],
        ]


def fill(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Put the LaTeX of the book's equations where the errata quote them."""
    latex = {
        label: text for page in app.env.verdicts_pages.values() for label, text in page.equations.items()
    }
    for node in list(doctree.findall(corrected)):
        text = latex.get(node["label"], r"\text{(on no page)}")
        node.replace_self(nodes.math_block(text, text, nowrap=True, number=None))


def add_directives(app: Sphinx) -> None:
    """Register the directives."""
    app.add_node(corrected)
    app.add_directive("ledger", Ledger)
    app.add_directive("errata", Errata)
    app.add_directive("concordance", Concordance)
