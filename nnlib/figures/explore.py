"""``explore``: one call that shows a figure with its controls, on a page and in Jupyter.

On a page every state was computed when the notebook was recorded. Under a live Jupyter the kernel
computes the state that is asked for, and plotly draws it.
"""

from __future__ import annotations

import os
from importlib.util import find_spec

import numpy as np

from nnlib.figures.bundle import decode, encode

MIME = "application/vnd.nnlib.figure+json"
STEPS = 9  # states of a control given as two floats

# How plotly shows a role under a live Jupyter (light theme): colour, dash, marker, line width. The page's
# style sheet and script hold the same; a test compares them.
STYLES = {
    "value": ("#0a5ea8", "solid", "circle", 2.2),
    "gradient": ("#ab5500", "dash", "diamond", 2.2),
    "immediate": ("#8a50d0", "dot", "square", 2.2),
    "total": ("#004d45", "longdash", "triangle-up", 2.2),
    "wrong": ("#d3154a", "dashdot", "x", 2.2),
    "right": ("#12561c", "solid", "star", 3.6),
    "neutral": ("#666b75", "solid", "circle-open", 1.2),
    "second": ("#5f4b00", "longdashdot", "triangle-down", 2.2),
    "third": ("#8a1470", "2px,7px", "diamond-open", 3),
}


def explore(figure, /, alt: str | None = None, **controls):
    """Show `figure` with one control per argument; the last expression of a notebook's cell.

    Parameters
    ----------
    figure : function of the controls, returning ``{"data", "layout", "meta": {"alt", "sentence"}}``.
    alt : what there is to see, instead of the figure's own text.
    controls : ``depth=(1, 12)``, every whole number; ``eta=(0.01, 1.0)``, nine steps; a list, its choices.

    Raises ValueError as `nnlib.figures.bundle.encode` does, and for a control with nothing to choose.
    """
    values = {name: choices(name, given) for name, given in controls.items()}
    return live(figure, values) if is_live() else Explorer(encode(figure, values, alt))


class Explorer:
    """A figure on a grid of states; a notebook stores `bundle`, a page draws it."""

    def __init__(self, bundle: dict):
        self.bundle = bundle

    def _repr_mimebundle_(self, include=None, exclude=None) -> dict:
        return {MIME: self.bundle, "text/plain": repr(self)}

    def __repr__(self) -> str:
        return decode(self.bundle)[0]["meta"]["sentence"]


def choices(name: str, given) -> list:
    """The values of the control `name`: a pair of numbers is a range, a list is itself."""
    values: list
    if isinstance(given, tuple) and len(given) == 2 and all(_is_number(end) for end in given):
        low, high = given
        if all(isinstance(end, (int, np.integer)) for end in given):
            values = list(range(int(low), int(high) + 1))
        else:
            values = [float(f"{value:.6g}") for value in np.linspace(low, high, STEPS)]
    else:
        values = [value.item() if isinstance(value, np.generic) else value for value in given]
    if len(set(values)) < max(2, len(values)):
        raise ValueError(f"{name} offers {values}, wants at least two different values")
    return values


def is_live() -> bool:
    """Whether a person's kernel shows the figure, so that every value can be computed on demand.

    Jupyter's server names the session it starts a kernel for; nbclient and pytest start kernels without
    one. ``NNLIB_LIVE=1`` or ``0`` decides in all other cases, and for recorders started from a notebook.
    """
    asked = os.environ.get("NNLIB_LIVE")
    wanted = asked == "1" if asked is not None else "JPY_SESSION_NAME" in os.environ
    return wanted and all(find_spec(name) for name in ("plotly", "ipywidgets", "anywidget"))


def live(figure, values: dict[str, list]):
    """Controls of ipywidgets and a plotly figure that follows them, computed by the kernel."""
    import ipywidgets
    from plotly.graph_objects import FigureWidget

    controls = {name: _widget(ipywidgets, name, offered) for name, offered in values.items()}
    view, sentence = FigureWidget(), ipywidgets.Label()

    def update(_=None):
        state = figure(**{name: control.value for name, control in controls.items()})
        with view.batch_update():
            view.update(styled(state), overwrite=bool(view.data))
        sentence.value = state["meta"]["sentence"]

    for control in controls.values():
        control.observe(update, names="value")
    update()
    return ipywidgets.VBox([*controls.values(), view, sentence])


def styled(state: dict) -> dict:
    """`state` for plotly's own display: roles become colours, dashes and markers."""
    data = []
    for trace in state["data"]:
        colour, dash, symbol, width = STYLES[trace.get("meta", {}).get("role", "value")]
        look = {}
        if trace.get("type", "scatter") == "scatter":
            look["line"] = {"color": colour, "dash": dash, "width": width, **trace.get("line", {})}
            look["marker"] = {"color": colour, "symbol": symbol, **trace.get("marker", {})}
        elif trace["type"] == "bar":
            look["marker"] = {"color": colour}
        data.append({**trace, **look})
    return {"data": data, "layout": state.get("layout", {})}


def _widget(ipywidgets, name: str, offered: list):
    kind = ipywidgets.SelectionSlider if all(map(_is_number, offered)) else ipywidgets.Dropdown
    return kind(options=offered, value=offered[0], description=name.replace("_", " "))


def _is_number(value) -> bool:
    return isinstance(value, (int, float, np.number)) and not isinstance(value, bool)
