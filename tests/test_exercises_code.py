"""The ladder of the code checks: each rung has its answer, and of two that fail the earlier one speaks."""

import numpy as np
import pytest

from nnlib.exercises.code import Code
from nnlib.exercises.model import Exercise, Slip, Wrong
from nnlib.network import Gradient

SCALE = Exercise(
    "chain-rule-0",
    "A task to test the ladder with",
    "practice",
    "easy",
    1,
    "",
    Code(
        "scale",
        ("scaled",),
        lambda rng: {"A": rng.standard_normal((2, 3)) + 5, "c": rng.uniform(2, 3)},
        lambda A, c: c * A,
        {
            "squared": Slip("?", lambda r, A, c: c * A**2),
            "wide": Slip("?", lambda r, A, c: np.hstack([A, A])),
        },
    ),
)


def overwrite(A, c):
    A[:] = 0


def overwrite_and(result):
    def scale(A, c):
        made = result(A.copy(), c)
        A[0, 0] = 0
        return made

    return scale


# From the first rung to the last.
LADDER = [
    ("no-function", 5),
    ("arguments", lambda A: A),
    ("raises", lambda A, c: A @ A),
    ("none", overwrite),
    ("type", overwrite_and(lambda A, c: "text")),
    ("changed-input", overwrite_and(lambda A, c: c * A)),
    ("squared", lambda A, c: c * A**2),
    ("wide", lambda A, c: np.hstack([A, A])),
    ("transposed", lambda A, c: (c * A.T) * np.nan),
    ("shape", lambda A, c: A[0] * np.nan),
    ("nan", lambda A, c: A * np.nan),
    ("zero", lambda A, c: 0 * A),
    ("sign", lambda A, c: -c * A),
    ("factor", lambda A, c: 3 * c * A),
    ("values", lambda A, c: c + A),
]


@pytest.mark.parametrize("hint, answer", LADDER, ids=[hint for hint, _ in LADDER])
def test_each_rung(hint, answer):
    for seed in range(20):
        assert SCALE.check(answer, seed).hint == hint


def test_the_right_answer_passes_in_every_dress():
    for answer in (lambda A, c: c * A, lambda A, c: (c * A).tolist(), lambda *args: args[0] * args[1]):
        result = SCALE.check(answer)
        assert result.ok and result.hint == "right"


@pytest.mark.parametrize("result", [1j, [[1, 2], [3]], object(), True, {"a": 1}, "1"])
def test_what_is_no_real_array_is_a_type(result):
    assert SCALE.check(lambda A, c: result).hint == "type"


def test_an_answer_that_is_right_by_luck_is_not_right():
    """Every trial counts: right for the first inputs alone is wrong."""
    calls = []

    def scale(A, c):
        calls.append(0)
        return c * A if len(calls) == 1 else 3 * c * A

    assert SCALE.check(scale).hint == "values"


def test_a_misconception_must_explain_every_trial():
    calls = []

    def scale(A, c):
        calls.append(0)
        return c * A**2 if len(calls) == 1 else c * A**3

    assert SCALE.check(scale).hint == "values"


def test_words_name_the_shapes_and_the_error():
    raised = SCALE.check(lambda A, c: A @ A).words
    assert "ValueError" in raised and "A (2, 3)" in raised
    transposed = SCALE.check(lambda A, c: A.T).words
    assert "(3, 2)" in transposed and "(2, 3)" in transposed and transposed.endswith("?")


def structured(right):
    """The hint for any answer that a constant function gives, where `right` is right."""
    task = Code(
        "f", ("u", "v") if isinstance(right, tuple) else ("u",), lambda rng: {"x": 1}, lambda x: right, {}
    )

    def hint(answer):
        try:
            task.check(lambda x: answer, 0)
            return "right"
        except Wrong as wrong:
            return wrong.hint

    return hint


def test_structures_are_compared_part_by_part():
    a, b = np.array([1.0, 2.0]), np.array([[3.0]])
    hint = structured((a, b))
    assert hint((a, b)) == hint([a, b]) == "right"
    assert hint(a) == hint((a,)) == hint((a, b, a)) == "type"
    assert hint((a, -b)) == "sign"
    hint = structured({(1, 0): 2.0, (2, 1): a})
    assert hint({(1, 0): 2, (2, 1): a}) == "right"
    assert hint({(1, 0): 2}) == hint([2, a]) == "type"
    assert hint({(1, 0): 2, (2, 1): 3 * a}) == "factor"
    hint = structured([None, a, b])
    assert hint([None, a, b]) == "right"
    assert hint([a, b]) == hint(3.0) == "type"
    assert hint([None, None, b]) == "none"
    hint = structured(Gradient((None, b), (None, a)))
    assert hint(Gradient((None, b), (None, a))) == "right"
    assert hint((b, a)) == "type"
    assert hint(Gradient((None, b), (None, -a))) == "sign"


def test_a_changed_input_is_seen_inside_lists_and_dictionaries():
    def task(argument):
        return Code("f", ("u",), lambda rng: {"x": argument}, lambda x: 1.0, {})

    def spoil_list(x):
        x[0][0] = 5
        return 1.0

    def spoil_dict(x):
        x["k"] = 5
        return 1.0

    for argument, spoil in (([[1, 2]], spoil_list), ([np.ones(2)], spoil_list), ({"k": 1}, spoil_dict)):
        with pytest.raises(Wrong) as caught:
            task(argument).check(spoil, 0)
        assert caught.value.hint == "changed-input"
