"""Proofs of the book's equations: every claim, its check, its verdict.

``claims()`` lists them, ``prove(label)`` runs one, ``ledger()`` runs all;
``python -m nnlib.proofs`` prints the ledger. This package alone imports sympy.
"""

from __future__ import annotations

from importlib import import_module

from nnlib.proofs.registry import CLAIMS, KINDS, LINES, NOTES, SLIPS, Claim, Note, ProofError, Slip, Verdict

CHAPTERS = (
    "vocabulary",
    "before",
    "chain_rule",
    "chain_rule_layers",
    "chain_rule_pages",
    "index_backprop",
    "index_matrices",
    "recursive",
    "jacobian",
    "jacobian_uses",
    "bptt",
    "gradient_backprop",
    "gradient_residuals",
    "gradient_further",
    "six_ways",
    "beyond",
)

__all__ = [
    "CHAPTERS", "KINDS", "LINES", "SLIPS", "Claim", "Note", "ProofError", "Slip", "Verdict",
    "claims", "notes", "prove", "ledger",
]  # fmt: skip


def _load() -> None:
    for chapter in CHAPTERS:
        import_module(f"nnlib.proofs.{chapter}")


def claims() -> tuple[Claim, ...]:
    """All claims, in the order of the chapters."""
    _load()
    return tuple(CLAIMS.values())


def notes() -> tuple[Note, ...]:
    """All remarks on source lines that no program can refute."""
    _load()
    return tuple(NOTES)


def prove(label: str) -> Verdict:
    """Run the claim `label` and return its verdict.

    Raises
    ------
    ValueError
        No claim has that label.
    ProofError
        The claim does not hold.
    """
    _load()
    if label not in CLAIMS:
        raise ValueError(f"no claim is labelled {label!r}")
    claim = CLAIMS[label]
    try:
        detail = claim.check() if claim.check else claim.reference
    except ProofError as error:
        raise ProofError(f"{label} ({claim.kind}): {error}") from None
    return Verdict(claim.label, claim.kind, claim.scope, claim.statement, detail)


def ledger() -> tuple[Verdict, ...]:
    """Run every claim and return the verdicts, in the order of the chapters."""
    return tuple(prove(claim.label) for claim in claims())
