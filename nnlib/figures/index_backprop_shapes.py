"""Eight products that have the right shape, one of which is the gradient."""

from __future__ import annotations

import numpy as np

NONE = "none yet"
PRODUCTS = ("Δ X", "X Δ", "Δ Xᵀ", "X Δᵀ", "Δᵀ X", "Xᵀ Δ", "Δᵀ Xᵀ", "Xᵀ Δᵀ")
WHY = {
    "Δ X": "it pairs output unit k with example k, whatever they have to do with each other",
    "X Δ": "it pairs input unit k with example k",
    "Δ Xᵀ": "it pairs output unit k with input unit k, and of two different examples",
    "X Δᵀ": "it pairs input unit k with output unit k, and of two different examples",
    "Δᵀ X": "it sums over the examples, output unit first: this is the gradient",
    "Xᵀ Δ": "it sums over the examples, as it should, but stands on its side: the gradient transposed",
    "Δᵀ Xᵀ": "it pairs example k with input unit k",
    "Xᵀ Δᵀ": "it pairs example k with output unit k",
}
Delta = np.array([[2, 0, -1], [1, 3, 0], [0, -2, 1]])  # (B, n_1): rows are examples
X = np.array([[1, 2, 0], [0, 1, -1], [3, 0, 2]])  # (B, n_0)


def multiply(product: str, Delta: np.ndarray = Delta, X: np.ndarray = X) -> np.ndarray:
    """The product as it is written, "Δᵀ X" for instance."""
    factors = {"Δ": Delta, "Δᵀ": Delta.T, "X": X, "Xᵀ": X.T}
    left, right = product.split()
    return factors[left] @ factors[right]


def by_moving() -> np.ndarray:
    """The slope of sum Δ (X W^T) by each weight; it is linear in W, so moving a weight by 1 tells it."""
    moved = np.eye(9, dtype=int).reshape(9, 3, 3)
    return np.array([(Delta * (X @ E.T)).sum() for E in moved]).reshape(3, 3)


def eight(product: str) -> dict:
    """The chosen product beside the gradient by W of sum Δ (X W^T), all matrices 3 by 3; at first Δ and X."""
    if product == NONE:
        names, true, chosen = ["Δ, a row per example", "X, a row per example"], X, Delta
        same, sentence = np.zeros((3, 3), bool), "Δ and X. Which product of the two is the slope by W?"
        roles = "value", "value"
    else:
        names, true, chosen = (
            [f"the product {product}", "the gradient, entry by entry"],
            by_moving(),
            multiply(product),
        )
        same = chosen == true
        sentence = f"{product} agrees with the gradient in {same.sum()} of 9 entries: {WHY[product]}."
        roles = "right" if same.all() else "wrong", "right"
    return {
        "data": [
            _matrix(names[0], chosen, same, "", roles[0]),
            _matrix(names[1], true, same, "2", roles[1]),
        ],
        "layout": {
            "height": 210,
            "xaxis": _axis([0, 0.46], "columns", names[0]) | {"anchor": "y"},
            "xaxis2": _axis([0.54, 1], "columns", names[1]) | {"anchor": "y2"},
            "yaxis": _axis([0, 1], "rows", "") | {"anchor": "x"},
            "yaxis2": _axis([0, 1], "rows", "") | {"anchor": "x2"},
            "showlegend": False,
        },
        "meta": {
            "alt": (
                "Two tables of three by three numbers side by side: Δ and X, or left the product that is chosen and "
                "right the gradient found by moving one weight at a time. Entries that agree stand in brackets."
            ),
            "sentence": sentence,
        },
    }


def _matrix(name: str, values: np.ndarray, bold: np.ndarray, axis: str, role: str) -> dict:
    rows, columns = np.indices(values.shape)
    texts = [f"{value:d}".replace("-", "−") for value in values.ravel()]
    return {"type": "scatter", "mode": "text", "name": name, "x": columns.ravel(), "y": rows.ravel(),
            "text": [f"<b>[{text}]</b>" if on else text for text, on in zip(texts, bold.ravel())],
            "textposition": "middle center", "meta": {"role": role},
            "xaxis": f"x{axis}", "yaxis": f"y{axis}"}  # fmt: skip


def _axis(domain: list, what: str, title: str) -> dict:
    return {"domain": domain, "range": [-0.6, 2.6] if what == "columns" else [2.6, -0.6],
            "tickvals": [], "showgrid": False, "zeroline": False, "title": {"text": title}}  # fmt: skip
