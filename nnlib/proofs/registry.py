"""The registry of claims: what is said of an equation, what stands behind it, and where the sources say it.

A claim belongs to an equation of the book by its label: ``eq-index-adjoint`` is the claim
of that equation, ``eq-index-adjoint/any-width`` a further one. Each chapter's file beside
this one registers its claims; the tests, the marks in the page, the errata, the concordance
and the ledger all read this one list.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

KINDS = {
    "definition": "nothing to prove",
    "proved": "an equation, for every width (and depth, where the scope says so)",
    "exact": "the shipped function, run on symbols, equals the formula; derivatives are sympy's",
    "checked": "numbers, within the bound",
    "cited": "a theorem of the literature",
    "refuted": "a source's text as printed, with its counter-example",
}

SLIPS = {
    "M": "mathematical: a program that follows the text is wrong",
    "O": "typing or text recognition: unreadable or wrong as printed, intent obvious",
    "N": "notation: one sign for two things, or two for one",
    "C": "convention: no error, another choice than the book's",
    "G": "gap: nothing false, but something a program needs is missing",
}

# How many lines FORMULAS.md, Task 1, counts in each source: 000 from E0, the others from E1.
LINES = {
    "000": tuple(f"E{n}" for n in range(0, 36)),
    "001": tuple(f"E{n}" for n in range(1, 28)),
    "002": tuple(f"E{n}" for n in range(1, 18)),
    "003": tuple(f"E{n}" for n in range(1, 23)),
    "004": tuple(f"E{n}" for n in range(1, 24)),
}


class ProofError(AssertionError):
    """A claim that does not hold (or a refuted text that does)."""


@dataclass(frozen=True)
class Slip:
    """How a source's line goes wrong: its class, the text as printed, the equation that corrects it."""

    source: str  # "000 E25"
    classes: str  # letters of SLIPS, the main one first: "M", "MO"
    printed: str  # LaTeX, as the source prints it
    correct: str  # the label of the equation that says it rightly


@dataclass(frozen=True)
class Claim:
    """One claim of one equation."""

    label: str
    kind: str
    chapter: str  # the module that registered it: "index_backprop"
    statement: str  # one sentence; may hold $inline$ LaTeX
    scope: str  # sizes, activations, bound: what the check covers
    sources: tuple[str, ...] = ()  # source lines: "004 E14"
    code: tuple[str, ...] = ()  # dotted names of the shipped functions that were run
    check: Callable[[], str] | None = None  # returns the detail, raises ProofError
    reference: str = ""  # cited: "griewank2008, §4.5": a key of references.bib, and the place in it
    slip: Slip | None = None  # refuted alone

    @property
    def equation(self) -> str:
        """The label of the equation the claim belongs to."""
        return self.label.split("/")[0]


@dataclass(frozen=True)
class Note:
    """A remark on a source's line that no program can refute: naming, convention, gap, typing."""

    source: str
    classes: str
    text: str
    at: str  # the label of the equation where the book says it


@dataclass(frozen=True)
class Verdict:
    """The result of one claim."""

    label: str
    kind: str
    scope: str
    statement: str
    detail: str


CLAIMS: dict[str, Claim] = {}
NOTES: list[Note] = []


def _add(claim: Claim) -> None:
    if claim.label in CLAIMS:
        raise ValueError(f"two claims are labelled {claim.label}")
    if not claim.statement or (claim.kind not in ("definition", "cited") and not claim.scope):
        raise ValueError(f"claim {claim.label} wants a statement and a scope")
    for source in claim.sources:
        document, _, line = source.partition(" ")
        if line not in LINES.get(document, ()):
            raise ValueError(f"claim {claim.label} names {source!r}, which no source has")
    CLAIMS[claim.label] = claim


def _lines(of: str) -> tuple[str, ...]:
    """``"000 E7 E8; 004 E3"`` as ``("000 E7", "000 E8", "004 E3")``."""
    found = []
    for part in filter(None, of.split(";")):
        document, *lines = part.split()
        found += [f"{document} {line}" for line in lines]
    return tuple(found)


def _register(kind: str, label: str, scope: str, of: str, code: str, slip: Slip | None = None):
    def register(check: Callable[[], str]) -> Callable[[], str]:
        statement = " ".join((check.__doc__ or "").split())
        chapter = check.__module__.rpartition(".")[2]
        _add(Claim(label, kind, chapter, statement, scope, _lines(of), tuple(code.split()), check, "", slip))
        return check

    return register


def definition(chapter: str, label: str, statement: str, of: str = "") -> None:
    """Register an equation that fixes a meaning."""
    _add(Claim(label, "definition", chapter, statement, "", _lines(of)))


def cited(chapter: str, label: str, statement: str, reference: str, of: str = "") -> None:
    """Register a theorem that the book quotes."""
    _add(Claim(label, "cited", chapter, statement, "", _lines(of), reference=reference))


def proved(label: str, *, scope: str, of: str = ""):
    """Decorate a check that proves an equation for every width; its docstring is the statement."""
    return _register("proved", label, scope, of, "")


def exact(label: str, *, scope: str, code: str, of: str = ""):
    """Decorate a check that runs shipped functions on symbols; `code` names them, separated by spaces."""
    return _register("exact", label, scope, of, code)


def checked(label: str, *, scope: str, code: str = "", of: str = ""):
    """Decorate a check with numbers; the scope states the bound and why not more."""
    return _register("checked", label, scope, of, code)


def refuted(label: str, *, source: str, classes: str, printed: str, correct: str, scope: str):
    """Decorate a check that a source's printed text fails; it returns the counter-example."""
    return _register("refuted", label, scope, source, "", Slip(source, classes, printed, correct))


def note(source: str, classes: str, text: str, *, at: str) -> None:
    """Register a remark on a source's line."""
    if source.split()[1] not in LINES[source.split()[0]]:
        raise ValueError(f"a note names {source!r}, which no source has")
    NOTES.append(Note(source, classes, text, at))
