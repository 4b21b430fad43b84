"""Every checker is seen to fail: each mutant of a formula is caught by its claims and by the numbers."""

import inspect
import textwrap
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path

import pytest

from nnlib.proofs import ProofError, prove

FILES = sorted(path.stem for path in Path(__file__).parent.glob("mutants_*.py"))
SUITES = {name: import_module(name) for name in FILES}
# In make test three mutants a chapter: all of them take minutes.
SOME = 3
ALL = [
    pytest.param(
        name,
        mutant,
        id=f"{mutant.function}: {mutant.why}",
        marks=() if number < SOME else pytest.mark.whole,
    )
    for name, suite in SUITES.items()
    for number, mutant in enumerate(suite.MUTANTS)
]


def find(dotted: str):
    """The function of a dotted name, methods of classes included; its module."""
    parts = dotted.split(".")
    for cut in range(len(parts) - 1, 0, -1):
        try:
            module = import_module(".".join(parts[:cut]))
        except ModuleNotFoundError:
            continue
        found = module
        for part in parts[cut:]:
            found = getattr(found, part)
        return inspect.unwrap(found), module
    raise LookupError(dotted)


@contextmanager
def swapped(mutant):
    """Give the function the mutant's code: whoever imported it runs the mutant."""
    function, module = find(mutant.function)
    source = textwrap.dedent(inspect.getsource(function))
    assert source.count(mutant.old) == 1, (
        f"{mutant.old!r} stands {source.count(mutant.old)} times in {mutant.function}"
    )
    namespace = dict(vars(module))
    mutated = "from __future__ import annotations\n" + source.replace(mutant.old, mutant.new)
    exec(compile(mutated, module.__file__, "exec"), namespace)
    original, mutant_function = function.__code__, inspect.unwrap(namespace[function.__name__])
    function.__code__ = mutant_function.__code__
    try:
        yield
    finally:
        function.__code__ = original


def forget() -> None:
    """Empty the caches of the proofs' files: they hold what the true code computed."""
    from nnlib.proofs import CHAPTERS

    for chapter in CHAPTERS:
        for value in vars(import_module(f"nnlib.proofs.{chapter}")).values():
            getattr(value, "cache_clear", lambda: None)()


@pytest.mark.parametrize(("suite", "mutant"), ALL)
def test_a_mutant_is_caught(suite, mutant):
    assert mutant.claims, "a mutant names the claims that must notice it"
    with swapped(mutant):
        forget()
        for label in mutant.claims:
            with pytest.raises(
                (ProofError, ValueError, IndexError, TypeError, AttributeError, RecursionError)
            ):
                prove(label)
        try:
            error = SUITES[suite].numeric_check()
        except (ValueError, IndexError, TypeError, AttributeError, RecursionError):
            error = float("inf")
        assert not error <= 1e-6
    forget()


@pytest.mark.whole  # the page's build proves the same claims
@pytest.mark.parametrize("suite", FILES)
def test_the_true_code_passes_what_the_mutants_fail(suite):
    assert SUITES[suite].numeric_check() <= 1e-6
    for label in {label for mutant in SUITES[suite].MUTANTS for label in mutant.claims}:
        prove(label)


def test_there_are_at_least_forty():
    assert len(ALL) >= 40
