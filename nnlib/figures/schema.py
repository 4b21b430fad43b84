"""The part of plotly's figure schema that a page can draw, and a check that a figure keeps to it.

A page draws its figures itself (no plotly in it), so what it cannot draw must be an error here, not
a silent difference between the page and Jupyter. Colours are never data: a trace names its role in
``meta={"role": ...}``, an annotation or a shape in ``name``.
"""

from __future__ import annotations

import re

ROLES = ("value", "gradient", "immediate", "total", "wrong", "right", "neutral", "second", "third")

# Keys that only plotly's own display uses; the page ignores them and loses nothing.
LIVE_ONLY = {"hovertemplate", "hoverinfo", "hovermode", "customdata", "margin", "legend", "dragmode"}

_TRACE = {"type", "name", "meta", "x", "y", "text", "xaxis", "yaxis", "visible", "showlegend", "opacity"}
_TEXT = {"textposition", "texttemplate"}
TRACES = {
    "scatter": _TRACE | _TEXT | {"mode", "line", "marker", "fill"},
    "bar": _TRACE | _TEXT | {"orientation", "base", "width"},
    "heatmap": _TRACE | {"z", "texttemplate", "zmin", "zmax", "zmid", "showscale"},
}
PARTS = {
    "line": {"dash", "width", "shape"},
    "marker": {"size", "symbol"},
    "axis": {
        "title", "type", "range", "domain", "anchor", "autorange", "tickvals", "ticktext", "tickmode",
        "visible", "showgrid", "showticklabels", "zeroline", "scaleanchor", "scaleratio",
    },
    "annotation": {
        "text", "name", "x", "y", "xref", "yref", "xanchor", "yanchor", "xshift", "yshift", "align",
        "showarrow", "ax", "ay", "axref", "ayref", "arrowhead", "arrowwidth", "standoff", "startstandoff",
        "font", "visible",
    },
    "shape": {"type", "name", "x0", "x1", "y0", "y1", "xref", "yref", "line", "layer", "visible"},
    "layout": {"title", "height", "showlegend", "barmode", "bargap", "annotations", "shapes"},
}  # fmt: skip
SHAPES = {"line", "rect", "circle"}
DASHES = {"solid", "dash", "dot", "longdash", "dashdot", "longdashdot"}
SYMBOLS = {"circle", "square", "diamond", "triangle-up", "triangle-down", "cross", "x", "star"}


def validate(figure: dict) -> None:
    """Raise ValueError naming the first thing in `figure` that a page could not draw.

    A figure is ``{"data": [...], "layout": {...}, "meta": {"alt": ..., "sentence": ...}}``.
    """
    _keys("figure", figure, {"data", "layout", "meta"})
    for index, trace in enumerate(figure.get("data", ())):
        _trace(f"data[{index}]", trace)
    layout = figure.get("layout", {})
    axes = {key for key in layout if re.fullmatch(r"[xy]axis\d*", key)}
    _keys("layout", layout, PARTS["layout"] | axes)
    for axis in axes:
        _keys(f"layout.{axis}", layout[axis], PARTS["axis"])
    for index, annotation in enumerate(layout.get("annotations", ())):
        where = f"layout.annotations[{index}]"
        _keys(where, annotation, PARTS["annotation"])
        _one_of(f"{where}.name", annotation.get("name"), ROLES)
    for index, shape in enumerate(layout.get("shapes", ())):
        where = f"layout.shapes[{index}]"
        _keys(where, shape, PARTS["shape"])
        _one_of(f"{where}.name", shape.get("name"), ROLES)
        _one_of(f"{where}.type", shape.get("type"), SHAPES)
    for name in ("alt", "sentence"):
        if not isinstance(figure.get("meta", {}).get(name), str):
            raise ValueError(f"meta.{name} wants a sentence, got {figure.get('meta', {}).get(name)!r}")


def _trace(where: str, trace: dict) -> None:
    kind = trace.get("type", "scatter")
    _one_of(f"{where}.type", kind, TRACES)
    _keys(f"{where} ({kind})", trace, TRACES[kind])
    for part in ("line", "marker"):
        _keys(f"{where}.{part}", trace.get(part, {}), PARTS[part])
    _one_of(f"{where}.meta.role", trace.get("meta", {}).get("role"), ROLES)
    _one_of(f"{where}.line.dash", trace.get("line", {}).get("dash"), DASHES)
    position = trace.get("textposition", "")
    if not isinstance(position, str):  # plotly takes one for each point as well
        raise ValueError(f"{where}.textposition is {position!r}, a page draws one string for the whole trace")
    symbol = trace.get("marker", {}).get("symbol")
    _one_of(f"{where}.marker.symbol", symbol and symbol.removesuffix("-open"), SYMBOLS)


def _keys(where: str, part: dict, drawn: set) -> None:
    unknown = sorted(set(part) - drawn - LIVE_ONLY)
    if unknown:
        raise ValueError(f"{where} has {unknown[0]!r}, which a page cannot draw; it draws {sorted(drawn)}")


def _one_of(where: str, value, allowed) -> None:
    if value is not None and value not in allowed:
        raise ValueError(f"{where} is {value!r}, a page draws {sorted(allowed)}")
