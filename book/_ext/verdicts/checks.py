"""What must not be missing: the facts of each page, and the list of all that is wrong with the book."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Container, Iterable, Iterator
from dataclasses import dataclass, field
from types import ModuleType

from docutils import nodes
from sphinx import addnodes

from verdicts.proving import Result


@dataclass
class Page:
    """The facts of one page that the checks need."""

    equations: dict[str, str] = field(default_factory=dict)  # label -> LaTeX
    references: list[tuple[str, str]] = field(default_factory=list)  # label that is referred to, place
    problems: list[str] = field(
        default_factory=list
    )  # what is wrong with the page whatever the registry says


def read(doctree: nodes.document, complaint: Callable[[nodes.Element], str]) -> Page:
    """The facts of a page; `complaint` says what is wrong with a formula, or "". Outputs are exempt."""
    page = Page()
    for block in filter(written, doctree.findall(nodes.math_block)):
        label = block.get("label")
        if (
            not label or "amsmath" in block["classes"]
        ):  # myst gives these a made-up label, they can have no other
            page.problems.append(
                f"{place(block)}: a display equation without a label: {short(block.astext())}"
            )
        elif label in page.equations:
            page.problems.append(f"{place(block)}: the label {label} stands twice on this page")
        else:
            page.equations[label] = block.astext()
    for formula in filter(written, doctree.findall(nodes.math)):
        if hides_equality(formula.astext()):
            page.problems.append(
                f"{place(formula)}: an equality with a derivative hides inside a line, "
                f"make it a display equation: {short(formula.astext())}"
            )
    for text in filter(_in_table, doctree.findall(nodes.Text)):
        if hides_equality(text.astext()):
            page.problems.append(
                f"{place(text.parent)}: an equality with a derivative hides in a table: {short(text)}"
            )
    formulas = [*doctree.findall(nodes.math_block), *doctree.findall(nodes.math)]
    for formula in filter(written, formulas):
        if found := complaint(formula):
            page.problems.append(f"{place(formula)}: {short(formula.astext())} cannot be typeset: {found}")
    for reference in filter(written, doctree.findall(addnodes.pending_xref)):
        if reference.get("refdomain") == "math" or reference["reftarget"].startswith("eq-"):
            page.references.append((reference["reftarget"], place(reference)))
    return page


def written(node: nodes.Node) -> bool:
    """Whether the book states the node: it is in no cell's output, no generated table and no exercise.

    An exercise (``{exercises}``) says what is given and what is asked, and its wrong answers are wrong; its right
    answers are run by the tests of ``nnlib.exercises``.
    """
    while node.parent is not None:
        node = node.parent
        if isinstance(node, nodes.Element) and (
            node.get("nb_element") == "cell_code_output"
            or {"generated", "exercise"} & {*node.get("classes", ())}
        ):
            return False
    return True


def _in_table(text: nodes.Text) -> bool:
    node: nodes.Node = text
    while node.parent is not None:
        node = node.parent
        if isinstance(node, (nodes.math, nodes.literal, nodes.literal_block)):
            return False
        if isinstance(node, nodes.table):
            return written(text)
    return False


# A derivative: a partial, a gradient, a quotient of differentials, a primed function of something.
# A prime alone (x', a second point called x) is not one.
_DERIVATIVE = re.compile(
    r"""\\partial | ∂ | \\nabla | ∇
    | \\[dt]?frac\s*\{?\s*(\\mathrm|\\text)?\s*\{?\s*d(?![a-z])
    | \\[dt]?frac\s*\{\s*d\s*\^?[\da-zA-Z]?[^}]*\}\s*\{\s*d
    | (?<![A-Za-z\\])(\\mathrm\{)?d\}?\s*\w?\s*/\s*(\\mathrm\{)?d\}?\s*\w
    | (\\(sigma|phi|varphi|psi|tanh|sin|exp|log|operatorname\{\w+\})|(?<![A-Za-z\\])[fghσ])
      ([_^](\w|\{[^}]*\}))*'
    | '+([_^](\w|\{[^}]*\}))*\s*(\\(left|big|Big|bigl|Bigl))?\s*\(
    """,
    re.VERBOSE,
)
_EQUALITY = re.compile(r"=|\\equiv")


def hides_equality(latex: str) -> bool:
    """Whether inline mathematics states an equality with a derivative.

    It does where an equals sign (or \\equiv) stands beside a derivative. Equals signs inside sub- and
    superscripts, as of a sum's first index, state nothing and do not count.
    """
    if not _DERIVATIVE.search(latex):
        return False
    bare, previous = latex, None
    while bare != previous:  # innermost groups first
        bare, previous = re.sub(r"([_^])\{[^{}]*\}|(?<![_^])\{([^{}]*)\}", r" \2 ", bare), bare
    return bool(_EQUALITY.search(bare))


def place(node: nodes.Node) -> str:
    """Where a node was written: file and line, or notebook and cell."""
    source = line = None
    while node is not None:
        source, line = source or getattr(node, "source", None), line or getattr(node, "line", None)
        node = node.parent
    name = "/".join(re.split(r"[/\\]", source or "?")[-2:])
    if not line:
        return name
    # myst-nb counts the lines of a notebook as 10000 * cell + line
    return f"{name}, cell {line // 10000}" if name.endswith(".ipynb") else f"{name}:{line}"


def short(text: str) -> str:
    """The text on one line, cut where it gets long."""
    text = " ".join(text.split())
    return text if len(text) <= 70 else text[:69] + "…"


def places(registry: ModuleType) -> dict[str, list[str]]:
    """Source line -> labels of the equations where the book says it."""
    found: dict[str, list[str]] = {f"{d} {line}": [] for d, lines in registry.LINES.items() for line in lines}
    says = [(source, claim.equation) for claim in registry.claims() for source in claim.sources]
    says += [(note.source, note.at) for note in registry.notes()]
    for source, label in says:
        if label not in found[source]:
            found[source].append(label)
    return found


def problems(
    pages: dict[str, Page],
    registry: ModuleType,
    results: dict[str, Result],
    keys: Iterable[str],
    code: dict[str, str],
) -> list[str]:
    """All that is wrong with the book: `keys` are the bibliography's, `code` the library's files by name."""
    where = defaultdict(list)
    for name in sorted(pages):
        for label in pages[name].equations:
            where[label].append(name)
    found = [problem for name in sorted(pages) for problem in pages[name].problems]
    found += [
        f"{label} stands on more than one page: {', '.join(on)}" for label, on in where.items() if len(on) > 1
    ]
    claimed = {claim.equation for claim in registry.claims()}
    found += [
        f"{on[0]}: the equation {label} has no claim" for label, on in where.items() if label not in claimed
    ]
    references = [reference for name in sorted(pages) for reference in pages[name].references]
    references += [
        (label, name) for name, text in code.items() for label in re.findall(r"\beq-[a-z0-9-]*\w", text)
    ]
    found += [f"{spot}: a reference to {target}, which is on no page"
              for target, spot in dict.fromkeys(references) if target not in where]  # fmt: skip
    for claim in registry.claims():
        found += [
            f"the claim {claim.label}{lack}" for lack in _lacks(claim, where, results[claim.label], keys)
        ]
    found += [f"the note on {note.source}: its equation {note.at} is on no page"
              for note in registry.notes() if note.at not in where]  # fmt: skip
    found += [f"the source line {source} has no place in the book"
              for source, labels in places(registry).items() if not labels]  # fmt: skip
    return found


def _lacks(claim, where: Container[str], result: Result, keys: Iterable[str]) -> Iterator[str]:
    """What is wrong with one claim."""
    if claim.equation not in where:
        yield f": its equation {claim.equation} is on no page"
    if claim.slip and claim.slip.correct not in where:
        yield f": its correction {claim.slip.correct} is on no page"
    if claim.kind == "cited" and citation(claim.reference)[0] not in keys:
        yield f": no entry {citation(claim.reference)[0]!r} in the bibliography"
    if not result.passed:
        yield f" ({claim.kind}) fails: {result.detail}"


def citation(reference: str) -> tuple[str, str]:
    """ "griewank2008, §4.5" as key and place."""
    key, _, spot = reference.partition(",")
    return key.strip(), spot.strip()
