"""A learner at the book's tasks: wrong answers first, then right ones; what is kept, where, and what is not."""

import json
import re

import pytest
from playwright.sync_api import Page

KEY = "bp-progress-v1"


def form(page: Page, task: str):
    return page.locator(f'form[data-task="{task}"]')


def kept(page: Page) -> dict:
    return json.loads(page.evaluate(f"localStorage.getItem('{KEY}')"))


def choose(page: Page, task: str, letter: str) -> str:
    """Choose an answer, press Check; what the page says."""
    form(page, task).get_by_role("radio").nth("ABCDEFGH".index(letter)).check()
    form(page, task).get_by_role("button", name="Check").click()
    return form(page, task).get_by_role("status").inner_text()


def counted(page: Page, chapter: str) -> str:
    """What a screen reader hears behind the title of a page of the contents, or nothing."""
    spoken = page.locator(f'#contents a[href$="{chapter}.html"] .spoken')
    if not spoken.count():
        spoken = page.locator("#contents [aria-current=page] .spoken")
    return spoken.first.text_content() if spoken.count() else ""


# a choice ------------------------------------------------------------------------------------------------


def test_each_wrong_choice_has_its_own_answer_and_leads_to_a_refresher(visits):
    page = visits().open("book/before")
    said = [choose(page, "before-1", letter) for letter in "ABD"]
    assert len({*said}) == 3 and all(text.startswith("Not yet.") for text in said)
    assert "by both variables" in said[0] and "partial derivative by" in said[1]
    assert form(page, "before-1").locator(".task-state").inner_text() == ""
    form(page, "before-1").get_by_role("status").get_by_role("link", name="refresher 1").click()
    assert page.url.endswith("#refresher-partial")


def test_a_right_choice_is_counted_and_still_there_after_a_reload(visits):
    visit = visits()
    page = visit.open("book/before")
    assert counted(page, "before") == ""
    choose(page, "before-1", "A")
    assert counted(page, "before") == ", 0 of 10 exercises solved"
    assert choose(page, "before-1", "C").startswith("Right.")
    assert counted(page, "before") == ", 1 of 10 exercises solved"
    assert kept(page)["chapters"]["before"]["before-1"] == {"tries": 2, "solved": True, "answer": "2"}
    page = visit.open("book/notation")
    assert counted(page, "before") == ", 1 of 10 exercises solved"
    page = visit.open("book/before")
    assert form(page, "before-1").locator(".task-state").inner_text() == "✓ Solved"
    assert form(page, "before-1").get_by_role("radio").nth(2).is_checked()
    assert not page.locator('form[data-task="before-2"] input:checked').count()
    assert visit.foreign == visit.complaints == []


def test_what_the_answers_mean_is_closed_until_one_was_tried(visits):
    page = visits().open("book/before")
    end = form(page, "before-3").locator(".task-end")
    form(page, "before-3").get_by_role("button", name="Check").click()
    assert form(page, "before-3").get_by_role("status").inner_text() == "Choose an answer first."
    assert not end.is_visible()
    choose(page, "before-3", "B")
    assert end.is_visible() and not end.locator("ol").is_visible()


def test_a_choice_by_keyboard_alone(visits):
    page = visits().open("book/before")
    form(page, "before-1").get_by_role("radio").first.focus()
    page.keyboard.press("ArrowDown")
    assert form(page, "before-1").get_by_role("status").inner_text() == ""  # moving is not answering yet
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    assert form(page, "before-1").get_by_role("status").inner_text().startswith("Right.")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Check"
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.tagName") == "SUMMARY"


def test_without_scripts_all_answers_stand_in_the_page(visits):
    page = visits(java_script_enabled=False).open("book/before")
    assert not form(page, "before-1").get_by_role("button", name="Check").is_visible()
    form(page, "before-1").locator("summary").click()
    assert form(page, "before-1").locator(".task-end li").all_inner_texts()[2].startswith("Right.")


# what is kept --------------------------------------------------------------------------------------------

FORBIDDEN = "Object.defineProperty(window, 'localStorage', {get() { throw new DOMException('no', 'SecurityError'); }})"
FULL = "Storage.prototype.setItem = () => { throw new DOMException('no', 'QuotaExceededError'); }"


@pytest.mark.parametrize(("what", "words"), [(FORBIDDEN, "keep nothing"), (FULL, "no room left")])
def test_without_storage_everything_works_and_the_page_says_that_it_forgets(what, words, visits):
    visit, stacks = visits(), []
    visit.page.add_init_script(what)
    visit.page.on("pageerror", lambda error: stacks.append(error.stack))
    page = visit.open("book/before")
    choose(page, "before-1", "A")
    assert choose(page, "before-1", "C").startswith("Right.")
    assert words in page.locator(".progress-trouble").inner_text()
    assert counted(page, "before") == ", 1 of 10 exercises solved"
    assert not [
        stack for stack in stacks if re.search(r"(progress|quiz)\.js", stack)
    ]  # the theme's own may fail


def test_a_damaged_item_counts_as_nothing(visits):
    visit = visits()
    page = visit.open("book/before")
    for text in ("no JSON", "[]", '{"schema": 1, "chapters": {"before": {"before-1": 7}}}'):
        page.evaluate("([key, text]) => localStorage.setItem(key, text)", [KEY, text])
        page = visit.open("book/before")
        choose(page, "before-1", "C")
        assert kept(page)["chapters"] == {"before": {"before-1": {"tries": 1, "solved": True, "answer": "2"}}}
    assert visit.complaints == []


def test_two_tabs_do_not_undo_each_other(visits):
    visit = visits()
    one = visit.open("book/before")
    other = visit.context.new_page()
    other.goto(one.url)
    choose(one, "before-1", "C")
    choose(other, "before-2", "B")
    assert {*kept(one)["chapters"]["before"]} == {"before-1", "before-2"}
    one.wait_for_function("document.querySelector('.progress-count').textContent.includes('2/10')")


# export, import, forget ----------------------------------------------------------------------------------


def test_export_forget_import_is_a_round_trip(visits, tmp_path):
    visit = visits()
    page = visit.open("book/before")
    for task, letter in (("before-1", "C"), ("before-2", "A"), ("before-3", "D")):
        choose(page, task, letter)
    before = kept(page)
    page = visit.open("book/your-data")
    row = page.get_by_role("row", name="Before you start")
    assert row.inner_text().endswith("2 of 10")
    with page.expect_download() as download:
        page.get_by_role("button", name="Save to a file").click()
    file = tmp_path / download.value.suggested_filename
    download.value.save_as(file)
    page.once("dialog", lambda dialog: dialog.dismiss())
    page.get_by_role("button", name="Forget everything").click()
    assert kept(page) == before
    page.once("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="Forget everything").click()
    assert page.evaluate(f"localStorage.getItem('{KEY}')") is None
    assert row.inner_text().endswith("0 of 10")
    page.get_by_label("Add from a file").set_input_files(file)
    page.get_by_text("was added").wait_for()
    assert kept(page) == before and row.inner_text().endswith("2 of 10")
    assert visit.complaints == []


def test_adding_keeps_what_is_solved_on_either_side(visits, tmp_path):
    visit = visits()
    page = visit.open("book/before")
    choose(page, "before-1", "C")
    file = tmp_path / "other.json"
    other = {
        "before-1": {"tries": 4, "solved": False, "answer": "0"},
        "before-2": {"tries": 1, "solved": True, "answer": "1"},
    }
    file.write_text(json.dumps({"schema": 1, "chapters": {"before": other}}))
    page = visit.open("book/your-data")
    page.get_by_label("Add from a file").set_input_files(file)
    page.get_by_text("was added").wait_for()
    assert kept(page)["chapters"]["before"] == {
        "before-1": {"tries": 4, "solved": True, "answer": "0"},
        "before-2": {"tries": 1, "solved": True, "answer": "1"},
    }


def progress_of(task: str, tries: int) -> str:
    entry = {"tries": tries, "solved": True, "answer": ""}
    return json.dumps({"schema": 1, "chapters": {"before": {task: entry}}})


BAD = {
    "not a JSON file": "{",
    "holds no progress": '{"a": 1}',
    "has schema 2": '{"schema": 2, "chapters": {}}',
    "before-1 of before is damaged": progress_of("before-1", -1),
    "__proto__ of before is damaged": progress_of("__proto__", 1),
    "too large": " " * 4_000_001,
}


def test_a_file_that_is_none_of_ours_changes_nothing(visits, tmp_path):
    visit = visits()
    page = visit.open("book/before")
    choose(page, "before-1", "C")
    before = kept(page)
    page = visit.open("book/your-data")
    for words, text in BAD.items():
        file = tmp_path / "bad.json"
        file.write_text(text)
        page.get_by_label("Add from a file").set_input_files(file)
        page.get_by_text(words).wait_for()
        assert page.get_by_role("status").last.inner_text().startswith("Nothing was added.")
        assert kept(page) == before
