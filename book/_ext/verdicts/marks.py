"""The mark beside an equation: a native <details> that opens to the equation's claims and their verdicts."""

from __future__ import annotations

import re
from types import ModuleType

from docutils import nodes
from sphinx import addnodes

from verdicts.checks import citation
from verdicts.proving import Result, source

ICONS = {"definition": "≔", "proved": "∀", "exact": "✓", "checked": "≈", "cited": "❝", "refuted": "✗"}
ICONS |= {"fails": "✗", "note": "✎"}
FAILS = "fails"


class details(nodes.Element):
    """A <details>; its first child is the summary."""


class summary(nodes.TextElement):
    """The line of a <details> that is always seen."""


def visit_details(self, node: details) -> None:
    self.body.append(self.starttag(node, "details"))


def depart_details(self, node: details) -> None:
    self.body.append("</details>\n")


def visit_summary(self, node: summary) -> None:
    self.body.append(self.starttag(node, "summary", ""))


def depart_summary(self, node: summary) -> None:
    self.body.append("</summary>\n")


def add_nodes(app) -> None:
    """Tell Sphinx how the two nodes are written; builders without <details> show them open."""
    skip = (lambda self, node: None, lambda self, node: None)
    app.add_node(details, html=(visit_details, depart_details), latex=skip, text=skip)
    app.add_node(summary, html=(visit_summary, depart_summary), latex=skip, text=skip)


def inline(text: str) -> list[nodes.Node]:
    """Nodes of a line of text with $mathematics$ and `code`."""
    found: list[nodes.Node] = []
    for plain, formula, code in re.findall(r"([^$`]+)|\$([^$]+)\$|`+([^`]+)`+", text):
        if plain:
            found += letters(plain)
        else:
            found.append(nodes.math(formula, formula) if formula else nodes.literal(code, code))
    return found


# An index or a power in plain text, as in w^k, dC/da_q or A^{l-1,r}.
RAISED = re.compile(r"(?<=[A-Za-z)])([_^])(?:\{([^{}]+)\}|([A-Za-z0-9]{1,2}))(?![A-Za-z0-9_])")


def letters(plain: str) -> list[nodes.Node]:
    """Nodes of plain text: w^k with its index raised, -1 with a minus, k = 2 and sizes 2-3-2 on one line."""
    plain = re.sub(r"(?<![\w.)])-(?=\d)", "−", plain)
    plain = re.sub(r"(?<=\d)-(?=\d)", "\u2011", plain).replace(" = ", "\u00a0=\u00a0")
    text, *rest = RAISED.split(plain)
    found: list[nodes.Node] = [nodes.Text(text)]
    for sign, braced, bare, text in zip(*[iter(rest)] * 4, strict=True):
        index = braced or bare
        found += [(nodes.subscript if sign == "_" else nodes.superscript)("", index), nodes.Text(text)]
    return found


def span(text: str, *classes: str) -> nodes.inline:
    """A <span>."""
    return nodes.inline(text, text, classes=list(classes))


def ornament(text: str) -> nodes.raw:
    """A sign that says nothing the words beside it do not say; screen readers pass over it."""
    return nodes.raw("", f'<span aria-hidden="true">{text}</span>', format="html")


def badge(kind: str) -> list[nodes.Node]:
    """A kind with its icon."""
    return [ornament(f"{ICONS[kind]}\N{NO-BREAK SPACE}"), span(kind, "verdict-kind", f"verdict-{kind}")]


def equation_reference(label: str, docname: str) -> addnodes.pending_xref:
    """A reference to a labelled equation, as the {eq} role makes it."""
    return addnodes.pending_xref(
        "", nodes.literal("", label), refdomain="math", reftype="eq", reftarget=label, refdoc=docname,
        refexplicit=False, refwarn=False,
    )  # fmt: skip


def citation_link(reference: str, entries: dict[str, str], uri: str) -> list[nodes.Node]:
    """A link to the bibliography, and the place in the work."""
    key, spot = citation(reference)
    link = nodes.reference("", entries.get(key, key), refuri=f"{uri}#cite-{key}", internal=True)
    return [link, nodes.Text(f", {spot}" if spot else "")]


class Marks:
    """Makes the marks of one page."""

    def __init__(self, registry: ModuleType, results: dict[str, Result], entries: dict[str, str]):
        self.registry, self.results, self.entries = registry, results, entries
        self.claims: dict[str, list] = {}
        for claim in registry.claims():
            self.claims.setdefault(claim.equation, []).append(claim)

    def attach(self, block: nodes.math_block, docname: str, uri: str) -> None:
        """Put the block and its mark into one container."""
        claims = self.claims.get(block.get("label"), [])
        if claims:
            box = nodes.container("", classes=["equation"])
            block.replace_self(box)
            box += [block, self._mark(claims, docname, uri)]

    def _mark(self, claims: list, docname: str, uri: str) -> details:
        mark = details("", classes=["verdict", *self._alarm(claims)])
        mark += summary("", "", *self._headline(claims))
        panel = nodes.container("", classes=["verdict-panel", "generated"])
        for claim in claims:
            panel += self._entry(claim, docname, uri)
        mark += panel
        return mark

    def _alarm(self, claims: list) -> list[str]:
        if not all(self.results[claim.label].passed for claim in claims):
            return ["verdict-failing"]
        return ["verdict-refuting"] if any(self._printed_here(claim) for claim in claims) else []

    @staticmethod
    def _printed_here(claim) -> bool:
        """Whether the equation itself is the printed text that is refuted.

        A named claim (eq-a/000-E25) hangs on a sound equation, which corrects the text.
        """
        return claim.kind == "refuted" and claim.label == claim.equation

    def _headline(self, claims: list) -> list[nodes.Node]:
        """The kinds that stand behind the equation; a claim that fails, or refutes, is named first."""
        kinds = [kind for kind in self.registry.KINDS if any(
            c.kind == kind and (kind != "refuted" or self._printed_here(c)) for c in claims)]  # fmt: skip
        if not all(self.results[claim.label].passed for claim in claims):
            kinds.insert(0, FAILS)
        line = [span("Verdict: ", "spoken")]
        for position, kind in enumerate(kinds):
            line += [*([nodes.Text(" · ")] if position else []), *badge(kind)]
        corrected = [c.slip.source for c in claims if c.kind == "refuted" and not self._printed_here(c)]
        if corrected:
            lines = ", ".join(dict.fromkeys(corrected)).replace(" E", "\u00a0E")
            text = f"{'corrects' if kinds else '✗ corrects'} {lines}"
            line += [*([nodes.Text(" · ")] if kinds else []), span(text, "verdict-corrects")]
        return line

    def _entry(self, claim, docname: str, uri: str) -> list[nodes.Node]:
        statement = nodes.paragraph("", "", *badge(claim.kind), nodes.Text(". "), *inline(claim.statement))
        rows: list[tuple[str, list[nodes.Node]]] = [("Kind", [nodes.Text(self.registry.KINDS[claim.kind])])]
        if claim.scope:
            rows.append(("Scope", inline(claim.scope)))
        if claim.sources:
            rows.append(("Source", [nodes.Text(", ".join(claim.sources))]))
        if claim.slip:
            rows.append(("As printed", [nodes.math("", rf"\displaystyle {claim.slip.printed}")]))
            rows.append(("Corrected", [equation_reference(claim.slip.correct, docname)]))
        if claim.code:
            names = [[nodes.literal(name, name), nodes.Text(", ")] for name in claim.code]
            rows.append(("Code that was run", [node for pair in names for node in pair][:-1]))
        if claim.kind == "cited":
            rows.append(("Reference", citation_link(claim.reference, self.entries, uri)))
        elif claim.check:
            rows.append(("Result", self.result(claim)))
        return [statement, facts(rows), *self._source(claim)]

    def result(self, claim) -> list[nodes.Node]:
        """What became of the claim, in words."""
        result = self.results[claim.label]
        if not result.passed:
            return [*badge(FAILS), nodes.Text(f": {result.detail}")]
        return inline(result.detail or "holds")

    @staticmethod
    def _source(claim) -> list[nodes.Node]:
        if not claim.check:
            return []
        name, text = source(claim.check)
        fold = details("", classes=["verdict-source"])
        fold += summary("", "", nodes.Text("The check: "), nodes.literal(name, name))
        fold += nodes.literal_block(text, text, language="python")
        return [fold]


def facts(rows: list[tuple[str, list[nodes.Node]]]) -> nodes.definition_list:
    """Terms and what they say."""
    listed = nodes.definition_list("", classes=["verdict-facts"])
    for term, said in rows:
        listed += nodes.definition_list_item(
            "", nodes.term("", term), nodes.definition("", nodes.paragraph("", "", *said))
        )
    return listed
