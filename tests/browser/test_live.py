"""Python in the page: figures answered between their stored states, cells that a reader changes."""

import re

import numpy as np
import pytest

from nnlib.figures import bptt
from nnlib.figures.bundle import decode
from tests.browser.visiting import HTML
from tests.tolerances import TOL

START = 120_000  # milliseconds that a loaded machine may take to start Python
PAGE = "book/bptt"


def figure_of(page, function: str) -> str:
    """The id of the page's figure that `function` makes."""
    folder = HTML / "_static" / "states"
    for path in sorted(folder.glob(f"{page.replace('/', '-')}-figure-*.js")):
        if f'"function":"{function}"' in path.read_text("utf8"):
            return re.search(r"figure-\d+", path.name)[0]
    raise AssertionError(f"{page} has no figure {function}")


def go_live(page, figure: str) -> None:
    page.click(f"#{figure} .nnlib-figure-live button")
    page.wait_for_selector(f"#{figure}[data-live]", timeout=START)


def leaves(part, where=""):
    """The numbers and words of a state, by their place."""
    if isinstance(part, np.ndarray):
        part = part.tolist()
    if isinstance(part, dict):
        return {k: v for key in part for k, v in leaves(part[key], f"{where}.{key}").items()}
    if isinstance(part, (list, tuple)):
        return {k: v for i, item in enumerate(part) for k, v in leaves(item, f"{where}[{i}]").items()}
    return {where: part.item() if isinstance(part, np.generic) else part}


def test_a_live_figure_answers_a_value_that_was_never_stored(visits):
    figure = figure_of(PAGE, "nnlib.figures.bptt:truncation")
    visit = visits()
    page = visit.open(PAGE)
    assert not [url for url in visit.requests if "/live/" in url and not re.search(r"live\.(js|css)", url)]
    go_live(page, figure)
    bundle = page.evaluate(f"document.getElementById('{figure}').nnlibFigure.bundle")
    (control,) = bundle["controls"]
    position = next(k for k, value in enumerate(control["live"]) if value not in control["values"])
    page.locator(f"#{figure} input[type=range]").evaluate(
        "(input, k) => { input.value = k; input.dispatchEvent(new Event('input')); }", position
    )
    page.wait_for_function(
        "id => !document.getElementById(id).hasAttribute('aria-busy')", arg=figure, timeout=START
    )
    values = page.evaluate(f"document.getElementById('{figure}').nnlibFigure.values()")
    assert values[control["name"]] == control["live"][position] not in control["values"]
    drawn = page.evaluate(f"document.getElementById('{figure}').nnlibFigure.figure")
    wanted = bptt.truncation(**values)
    expected, got = leaves(wanted["data"]), leaves(drawn["data"])
    assert got.keys() == expected.keys()
    for place, value in expected.items():
        if isinstance(value, float):
            assert got[place] == pytest.approx(value, rel=TOL["identical"], abs=TOL["identical"]), place
        else:
            assert got[place] == value, place
    assert page.inner_text(f"#{figure} .nnlib-figure-sentence") == wanted["meta"]["sentence"]
    assert wanted["meta"]["sentence"] not in [state["meta"]["sentence"] for state in decode(bundle)]
    assert visit.foreign == [] and visit.complaints == []
