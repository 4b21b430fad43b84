"""Every exercise: the right answer passes, each wrong one gets its own hint, and no check holds a solution."""

import ast
import importlib
import json
import re
import sys
from pathlib import Path

import numpy as np
import pytest

from nnlib import exercises
from nnlib.exercises.model import LEVELS, ROLES

ROOT = Path(__file__).resolve().parent.parent
SOURCES = ROOT / "nnlib" / "exercises"
ALL = exercises.all()
BY_KIND = {kind: [one for one in ALL if one.kind == kind] for kind in ("code", "formula", "choice")}
SEEDS, WRONG_SEEDS = range(200), range(20)


def ids(one):
    return one.id


def function(one, source):
    """The function that a learner's source defines."""
    names: dict = {}
    exec(source, names)
    return names[one.task.function]


def typed(one):
    """The formulas of the worked solution by their fields."""
    return dict(re.match(r"(\w+) = (.*)", line).groups() for line in one.answer.strip().splitlines())


def wrong_answers(one):
    """(hint, answer) pairs of the chapter's list."""
    listed = importlib.import_module(f"tests.wrong_answers_{one.chapter}")
    if one.kind == "code":
        for hint, changes in listed.CODE.get(one.id, {}).items():
            for change in changes:
                source = one.answer
                for old, new in change.items():
                    assert old in source, f"{one.id}: {old!r} is not in the solution"
                    source = source.replace(old, new)
                yield hint, function(one, source)
    if one.kind == "formula":
        for hint, answers in listed.FORMULAS.get(one.id, {}).items():
            for name, text in answers:
                yield hint, typed(one) | {name: text}


@pytest.mark.parametrize("chapter", exercises.CHAPTERS)
def test_a_chapter_has_ten_exercises_of_all_roles(chapter):
    listed = exercises.of(chapter)
    assert len(listed) >= 10
    assert [one.id for one in listed] == [f"{chapter.replace('_', '-')}-{n + 1}" for n in range(len(listed))]
    roles = [one.role for one in listed]
    assert set(roles) == set(ROLES)
    assert roles.count("reach back") >= 2
    assert {one.kind for one in listed} == {"code", "formula", "choice"}
    assert all(one.level in LEVELS and 0 < one.minutes <= 40 for one in listed)
    assert any(one.seed is not None for one in listed)


@pytest.mark.parametrize("one", BY_KIND["code"], ids=ids)
def test_the_worked_code_is_right(one):
    answer = function(one, one.answer)
    for seed in SEEDS:
        assert one.check(answer, seed).ok, f"seed {seed}: {one.check(answer, seed)}"


@pytest.mark.parametrize("one", [one for one in BY_KIND["formula"] if one.seed is None], ids=ids)
def test_the_worked_formulas_are_right(one):
    for seed in SEEDS:
        assert one.check(typed(one), seed).ok, f"seed {seed}: {one.check(typed(one), seed)}"


@pytest.mark.parametrize("one", [one for one in ALL if one.seed is not None], ids=ids)
def test_fresh_numbers_have_a_key(one):
    """The key passes, sheets differ, and every slip made with the sheet's numbers gets its hint."""
    statements = set()
    for seed in SEEDS:
        fresh = exercises.get(one.id, seed)
        statements.add(fresh.statement)
        assert fresh.task.distinct
        fields = {field["name"]: field for field in fresh.task.plain()["fields"]}
        right = {name: f"{field['values'][0]:.6g}" for name, field in fields.items()}
        assert exercises.check(one.id, right, seed).ok
        line = next(line for line in exercises.key(one.chapter, seed).splitlines() if f"{one.id}," in line)
        assert all(f"{name} = {value}" in line for name, value in right.items())
        if seed in WRONG_SEEDS:
            for name, field in fields.items():
                for slip in field["slips"]:
                    answer = right | {name: f"{slip['values'][0]:.6g}"}
                    assert exercises.check(one.id, answer, seed).hint == slip["hint"], (seed, name)
    assert len(statements) > 10
    assert one.statement in exercises.sheet(one.chapter)


@pytest.mark.parametrize("one", BY_KIND["code"] + BY_KIND["formula"], ids=ids)
def test_every_wrong_answer_gets_its_own_hint(one):
    for hint, answer in wrong_answers(one):
        for seed in WRONG_SEEDS:
            result = one.check(answer, seed)
            assert not result.ok
            assert result.hint == hint, f"seed {seed}: {hint} got {result}"


@pytest.mark.parametrize("one", BY_KIND["code"] + BY_KIND["formula"], ids=ids)
def test_every_hint_has_a_wrong_answer(one):
    if one.seed is None:
        assert set(one.hints) <= {hint for hint, _ in wrong_answers(one)}


@pytest.mark.parametrize("one", BY_KIND["choice"], ids=ids)
def test_a_choice_has_one_right_option_and_a_hint_for_every_other(one):
    options = one.task.letters
    assert [option.id for option in options.values()].count("right") == 1
    assert len({option.id for option in options.values()}) == len(options) >= 3
    for letter, option in options.items():
        result = one.check(letter.lower())
        assert result.ok == (option.id == "right")
        assert (result.hint, result.words) == (option.id, option.says)
    assert one.check("Z").hint == one.check(3).hint == one.check(None).hint == "no-option"


@pytest.mark.parametrize("one", [one for one in ALL if one.starter], ids=ids)
def test_a_starter_is_not_yet_right(one):
    """It runs, so that a learner can press check at once; find-the-error starters get a named hint."""
    result = one.check(function(one, one.starter), 0)
    assert not result.ok
    assert result.hint in (
        one.hints if one.role == "find the error" else {"none", "type", "zero", "raises", *one.hints}
    )


@pytest.mark.parametrize("one", BY_KIND["code"], ids=ids)
def test_no_check_holds_a_line_of_a_solution(one):
    """Nor does a hint print one. What learners are given in the starters is no secret."""
    squeeze = lambda line: re.sub(r"\s", "", line)
    module = (SOURCES / f"{one.chapter}.py").read_text("utf8")
    shared = [(SOURCES / name).read_text("utf8") for name in ("code.py", "draw.py", "model.py")]
    source = "".join([module, *shared])
    for other in exercises.of(one.chapter):
        source = source.replace(other.starter or "\0", "")
    source = squeeze(source)
    for line in one.answer.splitlines():
        if line not in one.starter and re.search(r"[-+*/@=(]", line):
            bare = squeeze(line.strip().removeprefix("return "))
            assert len(bare) < 12 or bare not in source, line


@pytest.mark.parametrize("one", ALL, ids=ids)
def test_texts_are_whole(one):
    """Statements have even dollars and name what is to be written; hints are plain text and lead on by a question."""
    assert one.statement.count("$") % 2 == 0
    assert len(one.solution) > 80
    if one.kind == "code":
        assert f"def {one.task.function}(" in one.starter
    if one.kind == "formula":
        slips = [(hint, slip.hint) for field in one.task.fields for hint, slip in field.slips.items()]
        assert len(set(slips)) == len(one.hints), "one id, two texts"
    for hint, words in one.hints.items():
        assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", hint)
        assert "$" not in words and "`" not in words and words.endswith((".", "?"))
        assert "?" in words or one.kind == "choice", f"{one.id}, {hint} asks nothing"


@pytest.mark.parametrize("one", ALL, ids=ids)
def test_the_plain_description_is_data(one):
    plain = json.loads(json.dumps(one.plain(), allow_nan=False))
    assert plain["id"] == one.id and plain["kind"] == one.kind
    assert set(one.hints) == set(plain["hints"])
    if one.kind == "formula":
        assert "solution" in plain and len(plain["fields"]) == len(one.task.fields)
        for field in plain["fields"]:
            assert len(field["values"]) == len(plain["points"])
            assert {slip["hint"] for slip in field["slips"]} <= set(plain["hints"])


def test_the_package_imports_numpy_alone_and_evaluates_nothing():
    for path in SOURCES.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module] if isinstance(node, ast.ImportFrom) else []
            assert {name.split(".")[0] for name in names} <= {"numpy", "nnlib", *sys.stdlib_module_names}
            assert not (isinstance(node, ast.Call) and getattr(node.func, "id", "") in ("eval", "exec"))


def test_unknown_names_are_errors():
    with pytest.raises(ValueError, match="chain-rule-99"):
        exercises.check("chain-rule-99", "A")
    with pytest.raises(ValueError, match="chapter is 'algebra'"):
        exercises.of("algebra")


def test_a_result_is_announced_and_escaped():
    one = next(one for one in BY_KIND["formula"] if one.seed is None)
    shown = one.check({field.name: "<b>" for field in one.task.fields})._repr_html_()
    assert (
        'role="status"' in shown and "Not yet." in shown and "&lt;b" not in shown.replace("&lt;", "<", 0)[:0]
    )
    assert "<b>" not in shown
    right = one.check(typed(one))
    assert "Right." in right._repr_html_() and right.ok and str(right).startswith("Right.")


def test_random_inputs_differ_and_a_seed_fixes_them():
    task = BY_KIND["code"][0].task
    first, again, other = (task.inputs(np.random.default_rng(seed)) for seed in (1, 1, 2))
    name = next(iter(first))
    assert np.array_equal(first[name], again[name]) and not np.array_equal(first[name], other[name])
