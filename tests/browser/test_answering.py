"""A learner at the exercises: formulas checked by the page, code by its Python; all of them in `make test-all`."""

import re

import pytest

from nnlib import exercises
from tests.browser.test_exercises import counted, form, kept

START = 120_000  # milliseconds that a loaded machine may take to start Python


def answer(page, task: str, *texts: str) -> str:
    """Type texts into the fields of a task, press Check; what the page says."""
    fields = form(page, task).locator("textarea, input[type=text]")
    for n, text in enumerate(texts):
        fields.nth(n).fill(text)
    form(page, task).get_by_role("button", name="Check").click()
    form(page, task).locator("button[type=submit]:not([aria-disabled=true])").wait_for(timeout=START)
    return form(page, task).get_by_role("status").inner_text()


def hint(said: str) -> str:
    return re.search(r"Hint: (\S+)", said)[1]


def test_a_formula_gets_the_hint_for_its_mistake_and_is_counted_when_right(visits, axe):
    visit = visits()
    page = visit.open("book/exercises-chain-rule")
    assert hint(answer(page, "chain-rule-9", "delta a")) == "no-penalty"
    assert hint(answer(page, "chain-rule-9", "delta a + lam W")) == "factor-two"
    assert hint(answer(page, "chain-rule-9", "delta a + 2 lam w")) == "formula-unknown-name"
    assert axe(page, 'form[data-task="chain-rule-9"]') == []
    assert form(page, "chain-rule-9").locator("input").get_attribute("aria-invalid") == "true"
    assert counted(page, "chain-rule").startswith(", 0 of ")
    assert answer(page, "chain-rule-9", "δ a + 2λ W").startswith("Right.")
    assert counted(page, "chain-rule").startswith(", 1 of ")
    assert kept(page)["chapters"]["chain-rule"]["chain-rule-9"]["tries"] == 4
    page = visit.open("book/exercises-chain-rule")
    assert form(page, "chain-rule-9").locator(".task-state").text_content() == "✓ Solved"
    assert form(page, "chain-rule-9").locator("input").input_value() == "δ a + 2λ W"
    assert visit.foreign == visit.complaints == []


def test_a_formula_by_keyboard_alone(visits):
    page = visits().open("book/exercises-chain-rule")
    form(page, "chain-rule-9").locator("input").focus()
    page.keyboard.type("delta a + 2 lam W")
    assert form(page, "chain-rule-9").locator(".task-read math").count() == 1
    page.keyboard.press("Enter")
    assert form(page, "chain-rule-9").get_by_role("status").inner_text().startswith("Right.")


def test_code_that_raises_then_errs_then_is_right(visits, axe):
    """chain-rule-4: one start of Python for the whole way of a learner."""
    visit = visits()
    page = visit.open("book/exercises-chain-rule")
    code = exercises.get("chain-rule-4").answer
    wrong = code.replace("dy_dx.T @ dz_dy", "dy_dx.sum(axis=0)")
    assert hint(answer(page, "chain-rule-4", "def sum_over_paths(dz_dy, dy_dx)\n    pass")) == "raises"
    raised = answer(page, "chain-rule-4", code.replace("dy_dx.T", "dy_dx"))
    assert hint(raised) == "raises" and "ValueError" in raised and "Shapes: dz_dy (" in raised
    said = answer(page, "chain-rule-4", wrong)
    assert hint(said) == "outer-forgotten" and "dy_dx.T" not in said
    assert axe(page, 'form[data-task="chain-rule-4"]') == []
    form(page, "chain-rule-4").locator("textarea").fill(code)
    form(page, "chain-rule-4").locator("textarea").press("Control+Enter")
    form(page, "chain-rule-4").get_by_text("Right.").wait_for(timeout=START)
    assert counted(page, "chain-rule").startswith(", 1 of ")
    page = visit.open("book/exercises-chain-rule")
    assert form(page, "chain-rule-4").locator(".task-state").text_content() == "✓ Solved"
    assert form(page, "chain-rule-4").locator("textarea").input_value() == code
    assert visit.foreign == visit.complaints == []


@pytest.mark.whole
@pytest.mark.parametrize("chapter", exercises.CHAPTERS)
def test_every_exercise_of_a_chapter_takes_its_worked_solution(chapter, visits, axe):
    visit = visits()
    page = visit.open(f"book/exercises-{chapter.replace('_', '-')}")
    for one in exercises.of(chapter):
        if one.kind == "choice":
            right = [option.id for option in one.task.options].index("right")
            form(page, one.id).get_by_role("radio").nth(right).check()
            said = answer(page, one.id)
        elif one.kind == "code":
            said = answer(page, one.id, one.answer)
        elif one.seed is None:
            said = answer(
                page, one.id, *(line.split(" = ", 1)[1] for line in one.answer.strip().splitlines())
            )
        else:
            said = answer(page, one.id, *(f"{field['values'][0]:.6g}" for field in one.plain()["fields"]))
        assert said.startswith("Right."), f"{one.id}: {said}"
        form(page, one.id).locator(".task-solution summary").click()
    assert counted(page, chapter.replace("_", "-")).startswith(f", {len(exercises.of(chapter))} of ")
    assert axe(page) == visit.complaints == []
