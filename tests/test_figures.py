"""Figures: the bundle keeps what a figure shows, refuses what a page cannot draw, and the page reads it."""

from __future__ import annotations

import copy
import importlib.util
import json
import re
from functools import partial
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest

from nnlib.figures import bptt, explore
from nnlib.figures.bundle import BITS, LIMIT, asks_more, decode, encode, grid_of, rounded, same
from nnlib.figures.controls import control
from nnlib.figures.explore import MIME, STYLES
from nnlib.figures.predictions import PREDICTIONS
from nnlib.figures.schema import ROLES, validate
from nnlib.figures.words import operand, power, say, signed

BOOK = Path(__file__).parent.parent / "book"
CONTROLS: dict[str, tuple | list] = {"depth": (1, 3), "method": ["naive", "memo"]}


def demo(depth, method):
    x = np.linspace(0, 1, 7)
    return {
        "data": [
            {"x": x, "y": np.exp(-depth * x), "name": method, "meta": {"role": "value"}},
            {"x": [1, None, 3], "y": [349_525, 2.5, None], "mode": "lines+markers", "name": "gaps"},
            {"type": "bar", "x": ["a", "b"], "y": [depth, -depth], "meta": {"role": "wrong"}},
            {"type": "heatmap", "z": depth * np.eye(3), "xaxis": "x2", "yaxis": "y2"},
        ],
        "layout": {"xaxis": {"title": "x"}, "yaxis": {"type": "log", "title": {"text": "y"}}},
        "meta": {"alt": "Three curves.", "sentence": f"{method} at depth {depth}."},
    }  # fmt: skip


def changed(**parts):
    """`demo` with other parts."""
    return lambda depth, method: {**demo(depth, method), **parts}


def longer(depth, method):
    return {**demo(depth, method), "data": [{"x": [1.0] * depth}]}


def named(depth, method):
    return {**demo(depth, method), "data": [{"x": [1.0], **({"name": "late"} if depth > 1 else {})}]}


@pytest.fixture
def static(monkeypatch):
    monkeypatch.setenv("NNLIB_LIVE", "0")


# ---- the bundle


def test_round_trip():
    states = decode(encode(demo, CONTROLS))
    assert [state["meta"]["sentence"] for state in states[:3]] == [
        "naive at depth 1.", "memo at depth 1.", "naive at depth 2.",
    ]  # fmt: skip
    last, true = states[-1], demo(3, "memo")
    assert last["layout"] == true["layout"]
    assert np.allclose(last["data"][0]["y"], true["data"][0]["y"], rtol=2.0**-BITS, atol=0)
    assert last["data"][1]["x"] == [1, None, 3] and last["data"][1]["y"] == [349_525, 2.5, None]
    assert last["data"][2]["x"] == ["a", "b"] and last["data"][2]["y"] == [3, -3]
    assert last["data"][3]["z"] == [[3, 0, 0], [0, 3, 0], [0, 0, 3]]


def test_rounding_is_five_digits_and_keeps_whole_numbers():
    numbers = np.random.default_rng(0).standard_normal(1000) * 10.0 ** np.arange(-30, 30).repeat(17)[:1000]
    assert np.max(np.abs(rounded(numbers) / numbers - 1)) <= 2.0**-BITS < 5e-6
    whole = np.array([0, -0.0, 1, -7, 349_525, 2**24 - 1])
    assert np.array_equal(rounded(whole), whole)
    assert np.isnan(rounded(np.array([np.nan]))).all()


def test_identical_input_gives_identical_bytes():
    one, two = (json.dumps(encode(demo, CONTROLS)) for _ in range(2))
    assert one == two


def test_noise_in_the_last_bit_is_the_same():
    def figure(noise):
        y = np.array([1 / 3, 1 + 2.0**-18, 0]) * (1 - noise) + noise  # the second lies on a rounding's edge
        return {**demo(1, "memo"), "data": [{"y": y}]}

    one, two = encode(lambda: figure(0), {}), encode(lambda: figure(1e-16), {})
    assert one["numbers"] != two["numbers"] and same(one, two) == []


def test_one_changed_value_is_a_difference():
    def other(depth, method):
        figure = demo(depth, method)
        figure["data"][0]["y"][3] *= 1 + 1e-4 * (depth == 2 and method == "memo")
        return figure

    (difference,) = same(encode(demo, CONTROLS), encode(other, CONTROLS) | {"function": f"{__name__}:demo"})
    assert difference.startswith("at depth=2, method='memo', figure['data'][0]['y'][3]: ")


@pytest.mark.parametrize(
    "part", ["alt", "function", "given", "prediction", "controls", "strings", "skeleton", "gap"]
)
def test_any_changed_part_is_a_difference(part):
    one = encode(demo, CONTROLS)
    two = copy.deepcopy(one)
    if part == "gap":
        two = encode(changed(data=[{**demo(1, "naive")["data"][0], "y": [None] + [1] * 6}]), CONTROLS)
        one = encode(changed(data=[{**demo(1, "naive")["data"][0], "y": [1] * 7}]), CONTROLS)
    elif part in ("alt", "function", "given", "prediction"):
        two[part] = "Other."
    elif part == "controls":
        two["controls"][0]["values"][0] = 0
    elif part == "strings":
        two["strings"][-1] = "Other."
    else:
        two["skeleton"]["layout"]["xaxis"]["title"] = "other"
    assert same(one, two)


@pytest.mark.parametrize(
    ("figure", "message"),
    [
        (changed(data=[{"type": "pie"}]), r"data\[0\].type is 'pie'"),
        (changed(data=[{"x": [1], "line": {"color": "red"}}]), r"data\[0\].line has 'color'"),
        (changed(data=[{"x": [1], "meta": {"role": "loud"}}]), "role is 'loud'"),
        (changed(layout={"xaxis": {"tickformat": "e"}}), "layout.xaxis has 'tickformat'"),
        (changed(data=[{"x": [1], "line": {"dash": "wavy"}}]), r"data\[0\].line.dash is 'wavy'"),
        (changed(data=[{"x": [1], "marker": {"symbol": "hexagon"}}]), "symbol is 'hexagon'"),
        (changed(data=[{"x": [1], "textposition": ["top center"]}]), r"data\[0\].textposition is \['top center'\]"),
        (changed(layout={"shapes": [{"type": "path"}]}), "'path'"),
        (changed(meta={"alt": "a"}), "meta.sentence"),
        (changed(data=[{"x": [1.0, np.inf]}]), "inf among its numbers"),
        (changed(data=[{"x": [1.0, 1e300]}]), r"1e\+300 among its numbers"),
        (changed(data=[{"x": [1j]}]), "holds 1j"),
        (longer, r"at depth=2, .*\['data'\]\[0\]\['x'\] is numbers of shape \(2,\), at .*\(1,\)"),
        (named, r"figure\['data'\]\[0\] is dict of 2, at the first state dict of 1"),
    ],
)  # fmt: skip
def test_what_a_page_cannot_show_is_an_error(figure, message):
    with pytest.raises(ValueError, match=message):
        encode(figure, CONTROLS)


def test_a_bundle_beyond_the_budget_says_its_size():
    def large(seed):
        y = np.random.default_rng(seed).standard_normal(5000)
        return {"data": [{"y": y}], "meta": {"alt": "a", "sentence": "s"}}

    with pytest.raises(ValueError, match=rf"has \d{{6}} bytes for 12 states, wants at most {LIMIT}"):
        encode(large, {"seed": list(range(12))})


# ---- explore


def test_explore_stores_the_bundle_and_the_sentence(static):
    shown = explore(demo, depth=(1, 3), method=["naive", "memo"])._repr_mimebundle_()
    assert shown.keys() == {MIME, "text/plain"}
    assert shown["text/plain"] == "naive at depth 1."
    assert shown[MIME] == encode(demo, CONTROLS)


def test_explore_takes_another_alt_and_no_controls(static):
    bundle = explore(lambda: demo(1, "memo"), alt="Other.").bundle
    assert bundle["alt"] == "Other." and bundle["controls"] == [] and len(decode(bundle)) == 1


def test_a_figure_starts_at_its_own_defaults(static, figure_mime):
    def figure(depth=2, method="memo"):
        return demo(depth, method)

    shown = explore(figure, **CONTROLS)
    assert repr(shown) == "memo at depth 2."
    assert [offered["start"] for offered in shown.bundle["controls"]] == [1, 1]
    page = figure_mime.html("figure-1", shown.bundle, "", "demo-figure-1.js?v=1")
    assert 'max="2" value="1"' in page and "<option>naive</option><option selected>memo" in page
    assert "memo at depth 2." in page
    (started,), (unstarted,) = (figure_mime.draw([("figure-1", encode(f, CONTROLS))]) for f in (figure, demo))
    assert ">memo<" in started and ">naive<" in unstarted
    for first in (1, 7, None):  # the first value, one that is not offered, none at all
        assert "start" not in control("depth", (1, 3), first)


def test_a_tuple_is_a_range_and_a_list_holds_choices():
    assert control("depth", (1, 4)) == {
        "name": "depth",
        "label": "depth",
        "values": [1, 2, 3, 4],
        "live": [1, 2, 3, 4],
    }
    rate = control("eta", (0.0, 1.0))
    assert rate["label"] == "η" and rate["values"] == [0, 0.125, 0.25, 0.375, 0.5, 0.625, 0.75, 0.875, 1]
    assert rate["live"][:3] == [0, 0.0125, 0.025] and len(rate["live"]) == 81
    units = control("units", (4, 16, 64))
    assert units["values"] == [4, 16, 64] and units["live"][:5] == [4, 5, 6, 8, 9]
    assert set(units["values"]) < set(units["live"])
    assert control("eta", [0.1, 0.5]) == {"name": "eta", "label": "η", "values": [0.1, 0.5]}
    for nothing in ((3, 3), ["one"], [1, 1], []):
        with pytest.raises(ValueError, match="depth offers"):
            control("depth", nothing)
    for falling in ((3, 2, 1), ("a", "b")):
        with pytest.raises(ValueError, match="depth is the range"):
            control("depth", falling)


def test_a_bundle_names_its_function_and_what_it_is_given():
    bundle = encode(demo, CONTROLS)
    assert bundle["function"] == f"{__name__}:demo" and bundle["given"] == {}
    fixed = encode(partial(demo, method="memo"), {"depth": (1, 3)})
    assert fixed["function"] == bundle["function"] and fixed["given"] == {"method": "memo"}
    assert encode(lambda: demo(1, "memo"), {})["function"] is None
    for unfit in ({1: 2}, np.eye(2), (1, 2)):
        with pytest.raises(ValueError, match="given method"):
            encode(partial(demo, method=unfit), {"depth": (1, 3)})
    with pytest.raises(ValueError, match="by position"):
        encode(partial(demo, 1), {"method": ["naive", "memo"]})


def stored_figures():
    """Every figure that a notebook of the book stores, by page and number."""
    for path in sorted(BOOK.glob("*.ipynb")):
        cells = json.loads(path.read_text("utf8"))["cells"]
        outputs = [
            out["data"] for cell in cells for out in cell.get("outputs", []) if MIME in out.get("data", {})
        ]
        yield from (pytest.param(data[MIME], id=f"{path.stem}-{n}") for n, data in enumerate(outputs, 1))


@pytest.mark.parametrize("bundle", list(stored_figures()))
def test_another_python_answers_for_every_figure_of_the_book(bundle):
    """What the page's live session does: import the function, give it what the bundle says, ask between the states."""
    module, name = bundle["function"].split(":")
    assert module.startswith("nnlib.figures.")
    figure = partial(getattr(import_module(module), name), **bundle["given"])
    last = {control["name"]: control["values"][-1] for control in bundle["controls"]}
    between = {c["name"]: c["live"][-2] for c in bundle["controls"] if "live" in c}
    for values in (last, last | between):
        state = figure(**values)
        validate(state)
        assert state["meta"]["sentence"]
    assert figure(**last)["meta"]["sentence"] == decode(bundle)[-1]["meta"]["sentence"]


def test_a_recorder_never_gets_a_widget(monkeypatch):
    monkeypatch.delenv("NNLIB_LIVE", raising=False)
    monkeypatch.delenv("JPY_SESSION_NAME", raising=False)
    assert MIME in explore(demo, depth=(1, 3), method=["memo", "naive"])._repr_mimebundle_()


def test_live_controls_drive_plotly(monkeypatch):
    pytest.importorskip("anywidget")
    monkeypatch.setenv("NNLIB_LIVE", "1")
    box = explore(demo, depth=(1, 3), method=["naive", "memo"])
    depth, method, view, sentence = box.children
    depth.value, method.value = 3, "memo"
    assert sentence.value == "memo at depth 3."
    assert np.array_equal(view.data[0].y, demo(3, "memo")["data"][0]["y"])
    assert view.data[0].line.color == STYLES["value"][0] and view.layout.yaxis.type == "log"


def test_live_draws_numbers_too_long_for_a_browser_as_floats(monkeypatch):
    pytest.importorskip("anywidget")
    monkeypatch.setenv("NNLIB_LIVE", "1")

    def long(n):
        return {"data": [{"y": [5, 5**n]}], "layout": {}, "meta": {"alt": "Two.", "sentence": f"{n}"}}

    y = explore(long, n=(30, 31)).children[1].data[0].y
    assert list(y) == [5, float(5**30)] and type(y[1]) is not int


def test_live_explains_the_prediction_after_the_first_change(monkeypatch):
    pytest.importorskip("anywidget")
    monkeypatch.setenv("NNLIB_LIVE", "1")
    box = explore(bptt.two_derivatives, w=(0.1, 0.5, 1.0))
    question, choice, w, *_, told = box.children
    assert w.value == 0.5  # the figure's own default
    w.value = 0.1
    assert "Predict first" in question.value and told.value == ""  # who has not chosen is told nothing
    choice.value = "step 2"
    assert told.value == ""
    w.value = 1.0
    assert "<b>step 2</b>: no." in told.value and "<b>step 3</b>: right." in told.value
    assert "step 1" not in told.value


# ---- predictions


def test_every_figure_of_the_book_asks_for_a_prediction():
    bundles = [param.values[0] for param in stored_figures()]
    assert {bundle["function"] for bundle in bundles} == set(PREDICTIONS)
    for bundle in bundles:
        asked = PREDICTIONS[bundle["function"]]
        assert bundle["prediction"]["question"] == asked.question
        assert len({answer for answer, _ in asked.answers}) == len(asked.answers) in (2, 3)
        assert 0 <= asked.right < len(asked.answers)


SAID = [  # what an explanation says of a state, and what that state's sentence says
    ("beyond:speed_up", {"network": "64-32-10", "workers": 32}, ["5.8"]),
    ("beyond:speed_up", {"network": "784-512-512-10", "workers": 32}, ["24.2"]),
    ("bptt:plane", {"units": 16, "steps": 1}, ["80 times as often"]),
    ("bptt:truncation", {"gain": 0.5}, ["0.075\u00a0%"]),
    ("bptt:truncation", {"gain": 2.5}, ["114\u00a0% by window", "115\u00a0% by chunk"]),
    ("bptt:norms", {"matrix": "radius 1.25, normal", "drive": 0.0}, ["28"]),
    ("bptt:norms", {"matrix": "radius 1.25, normal", "drive": 0.05}, ["0.01"]),
    ("bptt:norms", {"matrix": "radius 1.25, normal", "drive": 0.2}, ["0.824", "1.5\u00a0·\u00a010⁻⁶"]),
    ("bptt:checkpoints", {"every": 4}, ["at most 20 states alive"]),
    ("bptt:checkpoints", {"every": 8}, ["at most 16 states alive"]),
    ("bptt:checkpoints", {"every": 32}, ["at most 34 states alive"]),
    ("bptt:terms", {"gain": 0.5, "cut": "window", "length": 3}, ["27"]),
    ("bptt:terms", {"gain": 0.5, "cut": "chunk", "length": 3}, ["19"]),
    ("chain_rule:diamonds", {"show": "answers", "n": 2}, ["45", "25"]),
    ("chain_rule:diamonds", {"show": "answers", "n": 10}, ["9,765,625"]),
    ("chain_rule_modes:modes", {"inputs": 32, "outputs": 1, "show": "operations"}, ["3,995 operations", "337"]),
    ("gradient_backprop:paths", {"parameter": "b1", "cost": "the slope J"}, ["4\u00a0·\u00a04\u00a0=\u00a016"]),
    ("index_backprop:passes", {"step": 9}, ["7"]),
    ("index_backprop:passes", {"step": 7}, ["1.5"]),
    ("jacobian:climb", {"begin": -1.0, "pull": 0.0}, ["x = -3.82", "1.50", "0.00"]),
    ("jacobian_uses:actions", {"round": 1}, ["1.18", "0.69"]),
    ("jacobian_uses:actions", {"round": 2}, ["0.97", "0.99"]),
    ("jacobian_uses:fits", {"method": "gradient descent", "steps": 10}, ["1."]),
    ("jacobian_uses:fits", {"method": "Adam", "steps": 10}, ["1.43"]),
    ("jacobian_uses:fits", {"method": "Levenberg-Marquardt", "steps": 10}, ["0.00442"]),
    ("recursive:call_tree", {"method": "memo"}, ["10"]),
    ("recursive:call_tree", {"method": "shortcut"}, ["13"]),
]  # fmt: skip


@pytest.mark.parametrize(("name", "values", "numbers"), SAID)
def test_the_numbers_of_an_explanation_are_those_of_the_figure(name, values, numbers):
    function = f"nnlib.figures.{name}"
    (bundle,) = (p.values[0] for p in stored_figures() if p.values[0]["function"] == function)
    sentence = decode(bundle)[grid_of(bundle["controls"]).index(values)]["meta"]["sentence"].replace("−", "-")
    told = " ".join(f"{answer} {why}" for answer, why in PREDICTIONS[function].answers).replace("−", "-")
    for number in numbers:
        assert number in sentence
        assert number in told


# ---- words


def test_a_sentence_writes_numbers_as_people_do():
    assert [power(value) for value in (0.0213, 1, 203, 0.0000309)] == [
        "0.021",
        "1",
        "200",
        "3.1\u00a0·\u00a010⁻⁵",
    ]
    assert power(3.6345e30, 3) == "3.63\u00a0·\u00a010³⁰"
    assert [say(-2.5), operand(-2.5), operand(7)] == ["−2.5", "(−2.5)", "7"]
    assert [signed(value) for value in (-0.001, -1.234, 0.5)] == ["0.00", "−1.23", "0.50"]


# ---- the page


@pytest.fixture(scope="module")
def figure_mime():
    spec = importlib.util.spec_from_file_location("figure_mime", BOOK / "_ext" / "figure_mime.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_page_decodes_what_python_encodes(figure_mime):
    script = """const bundle = JSON.parse(require("fs").readFileSync(0, "utf8"));
        const strict = (_, v) => Number.isNaN(v) ? "NaN" : v; // JSON would write NaN as null
        require(process.argv[1]).decode(bundle).then((state) =>
            process.stdout.write(JSON.stringify([0, 1, 2, 3, 4, 5].map(state), strict)));"""
    bundle = encode(demo, CONTROLS)
    done = figure_mime.node(
        ["-e", script, str(figure_mime.SCRIPT)],
        return_completed_process=True, input=json.dumps(bundle), capture_output=True, text=True,
    )  # fmt: skip
    assert json.loads(done.stdout) == decode(bundle), done.stderr


def test_the_picture_shows_every_kind_of_trace(figure_mime):
    bundle = encode(demo, CONTROLS)
    (picture,) = figure_mime.draw([("figure-1", bundle)])
    assert picture.startswith("<svg") and "NaN" not in picture and "undefined" not in picture
    for wanted in ('class="line"', 'class="mark', "url(#figure-1-wide-wrong)", "fill-opacity", ">naive<"):
        assert wanted in picture, wanted
    assert (
        picture.count("<svg") == 2
        and 'class="narrow"' in picture
        and "url(#figure-1-narrow-wrong)" in picture
    )
    page = figure_mime.html("figure-1", bundle, picture, "demo-figure-1.js?v=1")
    assert page.count("<input") == 1 and page.count("<option") == 2 and "naive at depth 1." in page
    assert 'data-do="play"' not in page  # three steps are too few to play
    assert bundle["numbers"] not in page  # the states are not in the page


def test_a_button_for_python_stands_where_it_can_answer_more_than_is_stored(figure_mime):
    slot = "nnlib-figure-live"
    for offered, more in (((1, 5, 9), True), ([1, 5, 9], False), ((1, 3), False)):
        bundle = encode(demo, {**CONTROLS, "depth": offered})
        assert asks_more(bundle) is more
        assert (slot in figure_mime.html("figure-1", bundle, "", "demo-figure-1.js?v=1")) is more
    assert not asks_more(bundle | {"controls": []})


def test_every_role_has_one_look_everywhere():
    styles, script = ((BOOK / "_static" / name).read_text() for name in ("figures.css", "figures-draw.js"))
    assert tuple(STYLES) == ROLES
    for role, (colour, dash, symbol, width) in STYLES.items():
        assert f"--role-{role}: {colour};" in styles
        assert f'{role}: ["{dash}", "{symbol}", {width}, ' in script
    for sign in ((1, 3), (2,)):  # lines by dash and width, markers by shape: never by colour alone
        assert len({tuple(style[k] for k in sign) for style in STYLES.values()}) == len(ROLES)


def test_every_role_is_legible_in_light_and_dark():
    styles = (BOOK / "_static" / "figures.css").read_text()
    for theme in styles.split("@media")[:2]:
        colours = dict(re.findall(r"--(role-\w+|figure-ink|figure-paper): (#\w{6});", theme))
        assert len(colours) == len(ROLES) + 2
        for name, colour in colours.items():
            if name != "figure-paper":
                assert contrast(colour, colours["figure-paper"]) >= 4.5, name


def contrast(one: str, two: str) -> float:
    """WCAG's contrast ratio of two colours."""
    light, dark = sorted((luminance(one), luminance(two)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def luminance(colour: str) -> float:
    c = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    return np.where(c <= 0.04045, c / 12.92, ((c + 0.055) / 1.055) ** 2.4) @ [0.2126, 0.7152, 0.0722]
