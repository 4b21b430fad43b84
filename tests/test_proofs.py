"""Every claim of the ledger holds; the registry is whole; the proofs' own tools can fail."""

import inspect
import re
from importlib import import_module

import numpy as np
import pytest
import sympy

from nnlib import proofs
from nnlib.proofs import CHAPTERS, KINDS, LINES, SLIPS, ProofError, claims, notes, prove
from nnlib.proofs.symbols import activation, array, diff, differ, same, within

CLAIMS = {claim.label: claim for claim in claims()}
MODULES = (
    "activations", "arrays", "bptt", "chain_rule", "check", "costs", "gradient_backprop", "index_backprop",
    "jacobian", "network", "nodes", "optimizers", "recursive", "units",
)  # fmt: skip


@pytest.mark.parametrize("label", CLAIMS)
def test_claim(label):
    claim = CLAIMS[label]
    verdict = prove(label)
    assert (verdict.label, verdict.kind, verdict.scope) == (label, claim.kind, claim.scope)
    assert verdict.statement and claim.kind in KINDS
    assert verdict.detail or claim.kind == "definition"


def test_every_source_line_is_named():
    named = {source for claim in CLAIMS.values() for source in claim.sources} | {n.source for n in notes()}
    wanted = {f"{document} {line}" for document, lines in LINES.items() for line in lines}
    assert sorted(wanted - named) == []
    assert len(wanted) == 36 + 27 + 17 + 22 + 23


@pytest.mark.parametrize("label", [label for label, claim in CLAIMS.items() if claim.kind == "refuted"])
def test_a_refuted_text_has_a_proved_correction(label):
    slip = CLAIMS[label].slip
    assert slip.printed and set(slip.classes) <= set(SLIPS)
    kinds = {claim.kind for claim in CLAIMS.values() if claim.equation == slip.correct}
    assert kinds & {"exact", "proved", "definition"}, f"{slip.correct} corrects {slip.source}: {kinds}"


# The slips of class M, read off FORMULAS.md, Task 1: each must be refuted by a claim of its own.
MATHEMATICAL = {
    "000": "E22 E25 E30",
    "001": "E3 E5 E8 E11 E13 E15 E16 E17 E18 E19 E21 E23 E24 E25",
    "002": "E2 E6 E8",
    "003": "E2 E4 E16 E21 E22",
    "004": "E20 E23",
}


@pytest.mark.parametrize(
    "source", [f"{document} {line}" for document, lines in MATHEMATICAL.items() for line in lines.split()]
)
def test_every_mathematical_slip_is_refuted(source):
    assert [c for c in CLAIMS.values() if c.kind == "refuted" and c.slip.source == source], source


def public(module):
    """The module's own public functions and classes."""
    for name, value in vars(module).items():
        if not name.startswith("_") and getattr(value, "__module__", None) == module.__name__:
            if inspect.isfunction(value) or inspect.isclass(value):
                yield name, value


@pytest.mark.parametrize("name", MODULES)
def test_every_equation_a_docstring_names_has_a_claim(name):
    equations = {claim.equation for claim in CLAIMS.values()}
    module = import_module(f"nnlib.{name}")
    for function_name, value in public(module):
        assert inspect.getdoc(value), f"nnlib.{name}.{function_name} has no docstring"
        for label in re.findall(r"\beq-[\w-]*\w", inspect.getdoc(value)):
            assert label in equations, f"nnlib.{name}.{function_name} names {label}"


@pytest.mark.parametrize("label", [label for label, claim in CLAIMS.items() if claim.code])
def test_the_code_a_claim_names_exists(label):
    for dotted in CLAIMS[label].code:
        module, _, name = dotted.rpartition(".")
        assert hasattr(import_module(module), name), dotted


def test_no_two_claims_share_a_check_and_labels_are_well_formed():
    checks = [claim.check for claim in CLAIMS.values() if claim.check]
    assert len(set(checks)) == len(checks)
    prefixes = "notation|chain|index|recursive|jacobian|bptt|gradient|six"
    for label in CLAIMS:
        assert re.fullmatch(rf"eq-({prefixes})-[a-z0-9-]+(/[A-Za-z0-9-]+)?", label), label
    assert {claim.chapter for claim in CLAIMS.values()} <= {*CHAPTERS}


def test_the_ledger_and_unknown_labels():
    with pytest.raises(ValueError, match="no claim is labelled 'eq-nothing'"):
        prove("eq-nothing")
    assert proofs.ledger.__doc__


def test_the_tools_of_the_proofs_can_fail():
    x, y = sympy.symbols("x y")
    g = activation("g")
    z = array("z", 1)
    assert same(diff(g.f(z)[0], z), g.df(z)) == "1 identity"
    with pytest.raises(ProofError, match="is not 0"):
        same(diff(g.f(z)[0], z), g.d2f(z))
    with pytest.raises(ProofError, match="is not 0"):
        same((x + y) ** 2, x**2 + y**2)
    with pytest.raises(ProofError, match="2 entries against 1"):
        same([x, y], [x])
    with pytest.raises(ProofError, match="no counter-example"):
        differ(np.ones(3), np.ones(3))
    with pytest.raises(ProofError, match="more than"):
        within(2.0, 1.0)
    with pytest.raises(ProofError):
        within(float("nan"), 1.0)
