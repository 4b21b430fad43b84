"""The book as a reader's settings make it: forced colours, large letters, a phone, the keyboard, no scripts."""

from tests.browser.visiting import NARROW

CHAPTER, EXERCISES = "book/chain-rule", "book/exercises-chain-rule"
LIMITS = "#equation-eq-chain-paths div.math .katex-html"  # a sum with limits, close above and below its sign

# What sticks out of its place in the bar at the top.
OVERFULL = """() => [...document.querySelectorAll(".bar > *")]
    .filter((e) => e.scrollWidth > e.clientWidth + 1 || e.getBoundingClientRect().right > innerWidth)
    .map((e) => e.outerHTML.slice(0, 100))"""


def test_forced_colours_cover_no_part_of_a_formula(visits):
    pictures = []
    for forced in ("none", "active"):
        page = visits(forced_colors=forced).open(CHAPTER)
        page.add_style_tag(content=".bar { display: none } body { background: white; color: black }")
        pictures.append(page.locator(LIMITS).screenshot())
    assert pictures[0] == pictures[1]


def test_large_letters_on_a_phone_leave_room_for_the_bar(visits):
    visit = visits(width=NARROW)
    visit.context.new_cdp_session(visit.page).send("Page.setFontSizes", {"fontSizes": {"standard": 32}})
    page = visit.open(CHAPTER)
    assert page.evaluate("getComputedStyle(document.documentElement).fontSize") == "32px"
    assert page.evaluate(OVERFULL) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_a_formula_s_field_on_a_phone_keeps_its_width(visits):
    page = visits(width=NARROW).open(EXERCISES)
    field = page.locator(".task-field input").first
    before = field.bounding_box()["width"]
    field.fill("x+")
    assert "not a formula yet" in page.locator(".task-read").first.inner_text()
    assert field.bounding_box()["width"] == before


def test_a_menu_closes_on_escape_and_when_the_keyboard_leaves_it(visits):
    page = visits(width=640).open(CHAPTER)
    opener, menu = page.get_by_role("button", name="On this page"), page.locator("#sections")
    opener.press("Enter")
    assert menu.is_visible()
    page.keyboard.press("Tab")
    assert menu.locator("a").first.evaluate("(e) => e === document.activeElement")
    page.keyboard.press("Escape")
    assert menu.is_hidden() and opener.evaluate("(e) => e === document.activeElement")
    opener.press("Enter")
    menu.locator("a").last.focus()
    page.keyboard.press("Tab")
    assert menu.is_hidden() and not opener.evaluate("(e) => e === document.activeElement")


def test_without_scripts_no_exercise_looks_as_if_it_answered(visits):
    page = visits(java_script_enabled=False).open(EXERCISES)
    assert page.locator("article noscript p").is_visible()
    assert page.locator("article :is(button, input):visible").count() == 0
    assert page.locator(".task-solution summary").first.is_visible()
