"""The figures in a real browser: touched they answer, linked to they open in that state, without scripts they show."""

import re
from functools import cache

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.visiting import NARROW
from tools.hosted import HTML, pages

PAGE, FIGURE = "book/bptt", "figure-2"  # two sliders, one of which can be played

TO_THE_MIDDLE = """(e) => {
    if (e.type === "range") e.value = Math.floor((Number(e.max) + 1) / 2);
    else e.selectedIndex = Math.floor(e.length / 2);
    e.dispatchEvent(new Event("input", { bubbles: true }));
}"""


@cache
def figures() -> list[tuple[str, str]]:
    """(page, id) of every figure of the built book."""
    found = [
        (name, re.findall(r'<figure class="nnlib-figure" id="([\w-]+)"', _text(name))) for name in pages()
    ]
    return [(name, figure) for name, ids in found for figure in ids]


def _text(name: str) -> str:
    return (HTML / f"{name}.html").read_text("utf8")


def shown(figure: Locator) -> str:
    """The data as they are drawn."""
    return figure.locator(".nnlib-figure-picture > svg:visible").inner_html()


def ready(page: Page, name: str) -> Locator:
    """The figure, in view and with its states loaded."""
    figure = page.locator(f"#{name}")
    figure.scroll_into_view_if_needed()
    assert figure.evaluate("(element) => element.nnlibFigure.load()")
    return figure


def settled(figure: Locator) -> None:
    """Wait until what was asked has been drawn."""
    figure.evaluate("() => new Promise((done) => requestAnimationFrame(() => setTimeout(done)))")


# ---- in make test


def test_nothing_is_loaded_until_a_figure_is_touched(visits):
    visit = visits()
    page = visit.open(PAGE)
    assert not [url for url in visit.requests if "figure" in url and "_static/figures." not in url]
    page.locator(f"#{FIGURE} input[type=range]").first.focus()
    page.wait_for_function(f"document.getElementById('{FIGURE}').nnlibFigure.bundle")
    page.wait_for_load_state("networkidle")
    loaded = {url.split("/")[-1].split("?")[0] for url in visit.requests}
    assert {"figures-draw.js", f"book-bptt-{FIGURE}.js"} <= loaded


def test_a_menu_waits_as_a_list_until_its_figure_comes_near(visits):
    page = visits(reduced_motion="no-preference").open("book/bptt")
    lists = page.locator("article section section select[multiple]")
    assert lists.count() == page.locator("article section section select").count() > 2
    lists.last.focus()
    page.wait_for_function("() => document.activeElement.multiple === false")
    assert page.evaluate("document.activeElement.selectedOptions.length") == 1
    assert lists.count() > 0


def test_a_figure_answers_the_mouse_and_the_keyboard(visits):
    visit = visits()
    figure = ready(visit.open(PAGE), FIGURE)
    slider, output = figure.locator("input[type=range]").first, figure.locator("output").first
    before = shown(figure)
    box = slider.bounding_box()
    slider.click(position={"x": box["width"] - 2, "y": box["height"] / 2})
    settled(figure)
    by_mouse = shown(figure)
    assert by_mouse != before and output.inner_text() == "256" == slider.get_attribute("aria-valuetext")
    slider.press("ArrowLeft")
    settled(figure)
    assert shown(figure) not in (before, by_mouse) and output.inner_text() == "64"
    assert "64 units" in figure.locator(".nnlib-figure-sentence").inner_text()
    expect(figure.locator(".nnlib-figure-status")).to_contain_text("64 units")  # said aloud once it is quiet
    figure.locator("[data-do=reset]").press("Enter")
    settled(figure)
    assert shown(figure) == before
    assert visit.complaints == []


def test_a_link_opens_the_figure_in_its_state(visits):
    visit = visits()
    figure = ready(visit.open(PAGE), "figure-3")
    figure.locator("select").first.select_option("chunk")
    figure.locator("input[type=range]").last.press("End")
    settled(figure)
    link = figure.get_by_role("link", name="Link to this state")
    address, state = link.get_attribute("href"), shown(figure)
    link.click()
    expect(figure.locator(".nnlib-figure-link + span")).to_contain_text("leads to this state")
    assert visit.page.url.endswith(address) and address == "#figure-3?gain=0.5&cut=chunk&length=10"
    other = visits()
    page = other.open(f"{PAGE}{address}")
    there = page.locator("#figure-3")
    expect(there.locator(".nnlib-figure-sentence")).to_contain_text("chunk of 10")
    assert shown(there) == state and there.evaluate("(e) => e.getBoundingClientRect().top") < 450
    page.evaluate("location.hash = '#figure-3?gain=2.5&cut=window&length=2'")
    expect(there.locator(".nnlib-figure-sentence")).to_contain_text("window of 2")
    assert visit.complaints == other.complaints == []


def test_a_prediction_is_explained_after_the_first_change(visits, axe):
    page = visits().open(PAGE)
    figure = ready(page, FIGURE)
    figure.get_by_role("radio", name="yes, if the sequence").check()
    expect(figure.locator(".nnlib-figure-predicted")).to_contain_text("Now try it")
    why = figure.locator(".nnlib-figure-why")
    assert why.get_attribute("open") is None
    figure.locator("input[type=range]").last.press("ArrowRight")
    settled(figure)
    told = why.locator("li:visible").all_inner_texts()
    assert len(told) == 2 and told[0].startswith("Your prediction: yes") and "✓ right" in told[1]
    assert axe(page, f"#{FIGURE}") == []


def test_a_live_source_answers_between_the_states(visits):
    page = visits().open(PAGE)
    figure = ready(page, FIGURE)
    stored = figure.evaluate("(e) => Number(e.querySelector('input').max)")
    figure.evaluate("""async (e) => {
        const state = e.nnlibFigure.state(0);
        window.asked = [];
        await e.nnlibFigure.answerFrom(async (values) => {
            window.asked.push(values.units);
            return { ...state, meta: { ...state.meta, sentence: `Live for ${values.units}.` } };
        });
    }""")
    figure.locator("input[type=range]").first.press("ArrowRight")
    expect(figure.locator(".nnlib-figure-sentence")).to_have_text("Live for 21.")
    assert page.evaluate("window.asked") == [16, 21]
    figure.evaluate("(e) => e.nnlibFigure.answerFrom(null)")
    expect(figure.locator(".nnlib-figure-sentence")).to_contain_text("16 units")
    assert figure.evaluate("(e) => Number(e.querySelector('input').max)") == stored
    figure.evaluate("(e) => e.nnlibFigure.answerFrom(() => Promise.reject(new Error('Out of memory.')))")
    expect(figure.locator(".nnlib-figure-sentence")).to_have_text("Out of memory.")


# ---- in make test-all


@pytest.mark.whole
@pytest.mark.parametrize(("name", "id"), figures())
def test_every_control_changes_its_figure_by_mouse_and_by_keyboard(name, id, visits):
    visit = visits()
    figure = ready(visit.open(name), id)
    fields = figure.locator(".nnlib-figure-control > :is(input, select)").all()
    for field in fields:
        for other in fields:  # at an end of another control two values may look alike
            if other != field:
                other.evaluate(TO_THE_MIDDLE)
        (slide if field.evaluate("(e) => e.type") == "range" else choose)(figure, field)
    assert visit.complaints == []


def slide(figure: Locator, slider: Locator) -> None:
    """Move a slider by Home, End, the arrows and the mouse: every value has its words, most their own picture."""
    last, output = int(slider.get_attribute("max")), slider.locator("+ output")
    seen, told = [after(figure, slider, "Home")], [output.inner_text()]
    for _ in range(last):
        seen.append(after(figure, slider, "ArrowRight"))
        told.append(output.inner_text())
        assert told[-1] == slider.get_attribute("aria-valuetext")
    assert len(set(told)) == last + 1
    assert len(set(seen)) > max(1, last // 2)
    assert after(figure, slider, "Home") == seen[0]
    assert after(figure, slider, "End") == seen[-1]
    assert after(figure, slider, "ArrowLeft") == seen[-2]
    box = slider.bounding_box()
    for part, wanted in ((0.02, seen[0]), (0.98, seen[-1])):
        slider.click(position={"x": part * box["width"], "y": box["height"] / 2})
        settled(figure)
        assert shown(figure) == wanted


def choose(figure: Locator, choices: Locator) -> None:
    """Go through a list by arrows, Home, End, by typing and by the mouse: most choices have their own picture."""
    words = choices.locator("option").all_inner_texts()
    seen = [after(figure, choices, "Home")]
    seen += [after(figure, choices, "ArrowDown") for _ in words[1:]]
    assert len(set(seen)) > max(1, (len(words) - 1) // 2)
    assert after(figure, choices, "Home") == seen[0]
    assert after(figure, choices, "End") == seen[-1]
    assert after(figure, choices, "ArrowUp") == seen[-2]
    if words[-1].isascii():
        choices.press_sequentially(words[-1])
        settled(figure)
        assert shown(figure) == seen[-1]
    choices.press("End")
    choices.click()  # opens the list; the system draws it, out of a page's reach
    choices.press("ArrowUp")
    choices.press("Enter")
    settled(figure)
    assert shown(figure) == seen[-2]
    choices.select_option(index=0)  # what a click into the list does
    settled(figure)
    assert shown(figure) == seen[0]


def after(figure: Locator, control: Locator, key: str) -> str:
    """The data drawn after a key was pressed in a control."""
    control.press(key)
    settled(figure)
    return shown(figure)


@pytest.mark.whole
@pytest.mark.parametrize(("name", "id"), figures())
def test_every_button_question_and_drawer_answers_mouse_and_keyboard(name, id, visits):
    visit = visits(reduced_motion="no-preference")
    page = visit.open(name)
    figure = ready(page, id)
    first = shown(figure)
    radios = figure.get_by_role("radio")
    radios.first.click()
    radios.first.press("ArrowDown")
    assert radios.nth(1).is_checked() and not radios.first.is_checked()
    play = figure.locator("[data-do=play]")
    if play.count():
        slider = page.locator("#" + play.get_attribute("data-control"))
        slider.press("Home")
        start = slider.input_value()
        figure.get_by_role("button", name="Next").click()
        assert slider.input_value() != start
        figure.get_by_role("button", name="Back").press("Space")
        assert slider.input_value() == start
        play.click()
        expect(slider).not_to_have_value(start)
        play.press("Space")
        expect(play).to_have_text("Play")
    if figure.locator("[data-do=reset]").count():
        fields, moved = figure.locator(".nnlib-figure-control > :is(input, select)").all(), set()
        for move in ("Home", "End", TO_THE_MIDDLE):  # one of them may be where it starts, or look like it
            for field in fields:
                field.evaluate(move) if move == TO_THE_MIDDLE else field.press(move)
            settled(figure)
            moved.add(shown(figure))
        assert moved - {first}
        expect(figure.locator(".nnlib-figure-why")).to_have_attribute("open", "")
        figure.locator("[data-do=reset]").press("Enter")
        settled(figure)
        assert shown(figure) == first
        link = figure.get_by_role("link", name="Link to this state")
        link.press("Enter")
        expect(link.locator("+ span")).to_contain_text("leads to this state")
    else:
        figure.get_by_text("What happens, and why").press("Enter")
    assert "right" in figure.locator(".nnlib-figure-why").inner_text()
    drawer, table = (
        figure.get_by_text("This state as a table"),
        figure.locator(".nnlib-figure-table table").first,
    )
    drawer.click()
    expect(table).to_be_visible()
    drawer.press("Space")
    expect(table).to_be_hidden()
    assert visit.complaints == []


@pytest.mark.whole
@pytest.mark.parametrize("name", sorted({name for name, _ in figures()}))
def test_a_page_with_every_drawer_open_is_open_to_everyone(name, visits, axe):
    page = visits().open(name)
    for _, id in (entry for entry in figures() if entry[0] == name):
        ready(page, id)
    page.evaluate(
        "document.querySelectorAll('.nnlib-figure details').forEach((drawer) => { drawer.open = true; })"
    )
    expect(page.locator(".nnlib-figure-table:not(:has(table))")).to_have_count(0)
    assert axe(page) == []


@pytest.mark.whole
@pytest.mark.parametrize("width", [1280, NARROW])
@pytest.mark.parametrize("name", sorted({name for name, _ in figures()}))
def test_without_scripts_the_picture_and_the_question_show(name, width, visits):
    page = visits(width=width, java_script_enabled=False).open(name)
    for figure in page.locator("figure.nnlib-figure").all():
        figure.scroll_into_view_if_needed()  # what is far out of view is not laid out
        pictures = figure.locator(".nnlib-figure-picture > svg")
        assert [picture.is_visible() for picture in pictures.all()] == [width > NARROW, width <= NARROW]
        expect(figure.locator(".nnlib-figure-predict legend")).to_be_visible()
        expect(figure.get_by_text("What happens, and why")).to_be_visible()
        for part in figure.locator(".nnlib-figure-controls, .nnlib-figure-foot").all():
            expect(part).to_be_hidden()


@pytest.mark.whole
def test_figures_answer_when_the_book_is_opened_as_a_file(visits):
    visit = visits()
    visit.page.goto((HTML / f"{PAGE}.html").as_uri())
    figure = ready(visit.page, FIGURE)
    before = shown(figure)
    figure.locator("input[type=range]").first.press("End")
    settled(figure)
    assert shown(figure) != before
    figure.get_by_role("link", name="Link to this state").click()
    visit.page.reload()
    expect(visit.page.locator(f"#{FIGURE} .nnlib-figure-sentence")).to_contain_text("256 units")


@pytest.mark.whole
@pytest.mark.parametrize("motion", ["reduce", "no-preference"])
def test_play_respects_reduced_motion_and_steps_stay(motion, visits):
    page = visits(reduced_motion=motion).open(PAGE)
    figure = ready(page, FIGURE)
    play, following = figure.locator("[data-do=play]"), figure.locator("[data-do=next]")
    assert play.is_visible() == (motion == "no-preference")
    following.click()
    sentence = figure.locator(".nnlib-figure-sentence")
    expect(sentence).to_contain_text(", 10,000 steps")
    figure.locator("[data-do=back]").click()
    expect(sentence).to_contain_text(", 1,000 steps")
    if motion == "no-preference":
        figure.locator("[data-do=speed]").select_option("fast")
        play.click()
        expect(play).to_have_text("Stop")
        expect(sentence).to_contain_text("1,000,000 steps")
        expect(play).to_have_text("Play")
