"""The grammar of typed formulas: values and errors of the shared table, and hostile texts."""

import json
from pathlib import Path

import numpy as np
import pytest

from nnlib.exercises.formula import (
    DEEPEST,
    LONGEST,
    FormulaError,
    Letters,
    evaluate,
    names_in,
    parse,
    renamed,
)

TABLE = json.loads((Path(__file__).parent / "data" / "formulas.json").read_text("utf8"))
LETTERS = Letters(**TABLE["letters"])


def value(text):
    return evaluate(parse(text, LETTERS), TABLE["point"], LETTERS.ranges)


@pytest.mark.parametrize("row", TABLE["values"], ids=lambda row: row["text"])
def test_values(row):
    found = value(row["text"])
    if row["value"] is None:
        assert not np.isfinite(found)
    else:
        assert found == pytest.approx(row["value"], rel=1e-12, abs=1e-12)


@pytest.mark.parametrize("row", TABLE["errors"], ids=lambda row: row["text"])
def test_errors_have_a_kind_a_position_and_words(row):
    with pytest.raises(FormulaError) as caught:
        parse(row["text"], LETTERS)
    assert (caught.value.kind, caught.value.position) == (row["kind"], row["position"])
    assert caught.value.words.endswith((".", "*."))


def test_the_table_has_every_kind_that_the_docstring_lists():
    from nnlib.exercises import formula

    listed = formula.__doc__.split("says it in words:")[1].replace(".", "").replace("\n", " ").split(",")
    kinds = {row["kind"] for row in TABLE["errors"]} | {"too-long", "too-deep"}
    assert {kind.strip() for kind in listed} == kinds


@pytest.mark.parametrize("opening, closing", [("(", ")"), ("-", ""), ("exp(", ")"), ("2^", "")])
def test_depth_and_length_have_a_limit(opening, closing):
    fits = opening * DEEPEST + "x" + closing * DEEPEST
    assert np.isfinite(value(fits)) or "exp" in fits or "^" in fits
    with pytest.raises(FormulaError) as caught:
        parse(opening * (DEEPEST + 1) + "x" + closing * (DEEPEST + 1), LETTERS)
    assert caught.value.kind == "too-deep"
    with pytest.raises(FormulaError) as caught:
        parse("x" + " + x" * LONGEST, LETTERS)
    assert (caught.value.kind, caught.value.position) == ("too-long", LONGEST)


def test_any_text_at_all_is_a_value_or_a_formula_error():
    rng = np.random.default_rng(0)
    pieces = [
        "x",
        "y",
        "W",
        "[",
        "]",
        "(",
        ")",
        "i",
        "j",
        "sum",
        "n",
        ",",
        "=",
        "+",
        "-",
        "^",
        "/",
        "2",
        ".",
        "e",
        "'",
    ]
    formulas = 0
    for _ in range(5000):
        text = "".join(rng.choice(pieces, rng.integers(1, 12)))
        try:
            value(text)
            formulas += 1
        except FormulaError as error:
            assert 0 <= error.position <= len(text)
    assert formulas > 50


def test_a_tree_tells_its_names_and_takes_others():
    tree = parse("2 x tanh(y - x) + sum(n, delta[n,i])", LETTERS)
    assert names_in(tree) == {"x", "y", "delta"}
    assert renamed(tree, "x", "z_1") == parse("2 z_1 tanh(y - z_1) + sum(n, delta[n,i])", LETTERS)
