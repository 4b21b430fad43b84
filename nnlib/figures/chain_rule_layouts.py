"""Figure of the page chain-rule-layouts: one product of Jacobians, with outputs or with inputs as rows."""

from __future__ import annotations

import numpy as np

LAYOUTS = ("outputs as rows", "inputs as rows")
DZ_DY = np.array([[0.99, 0.35, 2 * np.sin(0.5)]])  # (1, 3) and (3, 2): the chapter's first example
DY_DX = np.array([[0.7, 0.5], [1.0, 1.4], [np.cos(0.5), 0.0]])
GAP = 0.7  # between two matrices, in cells


def switch(layout: str, i: int) -> dict:
    """dz/dx for z(y(x)), three y and two x, in one of LAYOUTS; what makes its entry i is set apart."""
    factors = [("∂z/∂y", DZ_DY), ("∂y/∂x", DY_DX)]
    chosen = {"∂z/∂y": (0, slice(None)), "∂y/∂x": (slice(None), i), "∂z/∂x": (0, i)}
    matrices = [*factors, ("∂z/∂x", DZ_DY @ DY_DX)]
    if layout == LAYOUTS[1]:
        matrices = [(name, matrix.T) for name, matrix in (*reversed(factors), matrices[2])]
        chosen = {name: place[::-1] for name, place in chosen.items()}
    left, shapes, captions, cells = 0.0, [], [], []
    for name, matrix in matrices:
        rows, columns = matrix.shape
        picked = np.zeros(matrix.shape, dtype=bool)
        picked[chosen[name]] = True
        for (r, c), entry in np.ndenumerate(matrix):
            cells.append(
                (
                    left + c + 0.5,
                    (rows - 1) / 2 - r,
                    f"<b>{entry:.2f}</b>" if picked[r, c] else f"{entry:.2f}",
                    picked[r, c],
                )
            )
        half = rows / 2
        shapes.append(
            {"type": "rect", "name": "neutral", "x0": left, "x1": left + columns, "y0": -half, "y1": half}
        )
        captions.append((left + columns / 2, -2.1, f"{name}<br>({rows}, {columns})"))
        left += columns + GAP
    widths = [matrix.shape[1] for _, matrix in matrices]
    signs = [(widths[0] + GAP / 2, 0, "<b>·</b>"), (widths[0] + widths[1] + 1.5 * GAP, 0, "<b>=</b>")]
    apart, rest = ([cell[:3] for cell in cells if cell[3] == wanted] for wanted in (True, False))
    return {
        "data": [
            _words("the sum", apart, "gradient"),
            _words("the other input", rest, "neutral"),
            _words("matrix", captions + signs, "value"),
        ],
        "layout": {
            "height": 300,
            "showlegend": False,
            "xaxis": {"visible": False, "range": [-0.1, 8.5]},
            "yaxis": {"visible": False, "range": [-2.6, 1.8]},
            "shapes": shapes,
        },
        "meta": {
            "alt": "Two matrices and their product, with their numbers. The entries that make one derivative are "
            "set apart: with outputs as rows a column of the second factor, with inputs as rows a row of the first.",
            "sentence": f"{layout.capitalize()}: shapes {' times '.join(_shape(m) for _, m in matrices[:2])} "
            f"is {_shape(matrices[2][1])}; ∂z/∂x{'₀₁'[i]} = {(DZ_DY @ DY_DX)[0, i]:.2f}.",
        },
    }


def _shape(matrix: np.ndarray) -> str:
    return f"({matrix.shape[0]}, {matrix.shape[1]})"


def _words(name: str, cells: list, role: str) -> dict:
    x, y, text = (list(column) for column in zip(*cells))
    return {
        "type": "scatter", "mode": "text", "name": name, "x": x, "y": y, "text": text,
        "textposition": "middle center", "meta": {"role": role},
    }  # fmt: skip
