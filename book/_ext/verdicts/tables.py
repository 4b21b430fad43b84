"""Tables as the generated pages show them, and the table of notation."""

from __future__ import annotations

import tomllib
from pathlib import Path

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from verdicts.marks import equation_reference, inline

DOCUMENTS = {
    "000": "Backpropagation on the exact gradient",
    "001": "Recursive derivatives and their matrix form",
    "002": "CS365, Backpropagation",
    "003": "General Gradient of Neural Network",
    "004": "Memo: Back-propagation",
}


class table_heading(nodes.Part, nodes.TextElement):
    """A <th> with its scope, which docutils leaves out."""


class table_caption(nodes.Part, nodes.TextElement):
    """A <caption> without a number: the generated tables do not count among the chapters' tables."""


def visit_heading(self, node: table_heading) -> None:
    self.body.append(self.starttag(node, "th", "", scope=node["scope"]))


def depart_heading(self, node: table_heading) -> None:
    self.body.append("</th>\n")


def visit_caption(self, node: table_caption) -> None:
    self.body.append(self.starttag(node, "caption", ""))


def depart_caption(self, node: table_caption) -> None:
    self.body.append("</caption>\n")


def table(title: str, head: dict[str, str], rows: list[list[list[nodes.Node]]]) -> nodes.table:
    """A table with a caption, a heading over every column, and the first cell of a row as its heading.

    `head` gives each column's heading and its class: "wide" where it holds sentences.
    """
    body = nodes.tbody()
    for first, *others in rows:
        body += nodes.row("", table_heading("", "", *first, scope="row"))
        for cell, kind in zip(others, list(head.values())[1:], strict=True):
            body[-1] += nodes.entry("", nodes.paragraph("", "", *cell), classes=kind.split())
    columns = nodes.thead("", nodes.row("", *(table_heading("", text, scope="col") for text in head)))
    widths = [nodes.colspec(colwidth=1) for _ in head]
    group = nodes.tgroup("", *widths, columns, body, cols=len(head))
    return nodes.table("", table_caption("", title), group, classes=["generated-table", "colwidths-auto"])


def section(document: nodes.document, title: str, *children: nodes.Node) -> nodes.section:
    """A section with an anchor, shown in the page's contents."""
    made = nodes.section("", nodes.title("", title), *children, names=[nodes.fully_normalize_name(title)])
    document.note_implicit_target(made, made)
    return made


class Notation(SphinxDirective):
    """A table of notation, from the file the tests read. An author wrote it, so the checks see it."""

    required_arguments = 1

    def groups(self) -> list[dict]:
        relative, path = self.env.relfn2path(self.arguments[0])
        self.env.note_dependency(relative)
        return tomllib.loads(Path(path).read_text(encoding="utf-8"))["group"]


class NotationTable(Notation):
    """What the book's letters mean: a section for each group, of which a browser sets only those in view."""

    def run(self) -> list[nodes.Node]:
        head = {"symbol": "", "meaning": "wide", "in code": "", "shape": "", "first in": ""}
        return [
            section(
                self.state.document,
                group["title"],
                table(f"Symbols: {group['title']}", head, [self.row(symbol) for symbol in group["symbol"]]),
            )
            for group in self.groups()
        ]

    def row(self, symbol: dict) -> list[list[nodes.Node]]:
        first = (
            [equation_reference(symbol["first"], self.env.docname)] if symbol["first"] else [nodes.Text("–")]
        )
        return [
            inline(symbol["symbol"]),
            inline(symbol["meaning"]),
            inline(", ".join(f"`{name}`" for name in symbol["code"]) or "–"),
            inline(symbol["shape"]),
            first,
        ]


class NotationDocuments(Notation):
    """What the five documents call the same things, one table a group."""

    def run(self) -> list[nodes.Node]:
        head = {"symbol": ""} | dict.fromkeys(DOCUMENTS, "")
        return [
            table(group["title"], head, [self.row(symbol) for symbol in group["symbol"]])
            for group in self.groups()
        ]

    def row(self, symbol: dict) -> list[list[nodes.Node]]:
        return [inline(symbol["symbol"]), *(inline(symbol.get(document, "–")) for document in DOCUMENTS)]


def add_directives(app: Sphinx) -> None:
    """Register the tables of notation and the nodes that tables are made of."""
    app.add_node(table_heading, html=(visit_heading, depart_heading))
    app.add_node(table_caption, html=(visit_caption, depart_caption))
    app.add_directive("notation-table", NotationTable)
    app.add_directive("notation-documents", NotationDocuments)
