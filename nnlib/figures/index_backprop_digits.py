"""Training on handwritten digits: learning curves of stored runs, the confusion matrix, misread digits."""

from __future__ import annotations

import numpy as np

STARTS = {"usual": 1, "ten times larger": 10, "all zero": 0}


def training(runs: dict, eta: float, batch: int, start: str) -> dict:
    """Cost and held-out errors after every epoch of one stored run, and of the usual run to compare."""
    keys = f"{eta}, {batch}, {STARTS[start]}", "0.01, 32, 1"
    data = []
    for name, key, role in (("this run", keys[0], "value"), ("η 0.01, batch 32, usual", keys[1], "neutral")):
        for axis, what in (("", "cost"), ("2", "errors")):
            y = runs[key][what]
            data.append({"type": "scatter", "mode": "lines", "name": name, "x": list(range(len(y))), "y": y,
                         "meta": {"role": role}, "xaxis": f"x{axis}", "yaxis": f"y{axis}",
                         "showlegend": not axis})  # fmt: skip
    cost, errors = runs[keys[0]]["cost"], runs[keys[0]]["errors"]
    return {
        "data": data,
        "layout": {
            "height": 480,
            "xaxis": {"anchor": "y", "showticklabels": False},
            "xaxis2": {"title": {"text": "epoch"}, "anchor": "y2"},
            "yaxis": {"title": {"text": "cost per example"}, "type": "log", "domain": [0.55, 1],
                      "range": [-2.2, 2], "anchor": "x"},
            "yaxis2": {"title": {"text": "held-out errors, %"}, "domain": [0, 0.45], "range": [0, 100],
                       "anchor": "x2"},
        },
        "meta": {
            "alt": (
                "Two curves over 20 epochs, each beside a reference run: above the cost per training "
                "example on a logarithmic axis, below the share of held-out digits that are misread."
            ),
            "sentence": (
                f"η = {eta}, batches of {batch}, starting weights {start}: after 20 epochs the cost per "
                f"example is {cost[-1]:.3g} and {errors[-1]:.1f} % of the held-out digits are misread."
            ),
        },
    }  # fmt: skip


def confusion(labels: np.ndarray, read: np.ndarray, when: str) -> dict:
    """How often each digit (row) was read as each digit (column); only the misreadings are shaded."""
    counts = np.zeros((10, 10), int)
    np.add.at(counts, (labels, read), 1)
    wrong = np.where(np.eye(10, dtype=bool), np.nan, counts)
    rows, columns = np.indices(counts.shape)
    texts = [str(count) if count else "" for count in counts.ravel()]
    digits = [str(digit) for digit in range(10)]
    axis = {"tickvals": list(range(10)), "ticktext": digits, "range": [-0.5, 9.5], "showgrid": False}
    hits = int(np.trace(counts))
    return {
        "data": [
            {"type": "heatmap", "name": "misread", "x": list(range(10)), "y": list(range(10)), "z": wrong,
             "zmin": 0, "zmax": 12, "showscale": False, "texttemplate": "", "meta": {"role": "wrong"}},
            {"type": "scatter", "mode": "text", "name": "count", "x": columns.ravel(), "y": rows.ravel(),
             "text": texts, "textposition": "middle center", "meta": {"role": "neutral"}},
        ],
        "layout": {
            "height": 400,
            "xaxis": axis | {"title": {"text": "read as"}},
            "yaxis": axis | {"title": {"text": "is"}, "range": [9.5, -0.5]},
            "showlegend": False,
        },
        "meta": {
            "alt": (
                "A table of ten by ten counts: rows are the true digits, columns what the network read. "
                "Counts off the diagonal are mistakes and are shaded."
            ),
            "sentence": f"{when}: {hits} of {len(labels)} held-out digits are read rightly.",
        },
    }  # fmt: skip


def misread(
    image: np.ndarray, label: int, probabilities: np.ndarray, title: str, answer: bool = True
) -> dict:
    """One digit (64,) as 8 by 8 pixels, and the probabilities (10,) the network gives to the ten digits.

    Without `answer` the image alone, for a reader who wants to judge first.
    """
    first, second = np.argsort(-probabilities)[:2]
    told = (
        f"a {label} that is read as {first} with probability {probabilities[first]:.2f}; "
        f"the true digit gets {probabilities[label]:.2f}."
        + ("" if label in (first, second) else f" Second comes {second}.")
    )
    return {
        "data": [
            {"type": "heatmap", "name": "pixels", "x": list(range(8)), "y": list(range(8)),
             "z": image.reshape(8, 8), "zmin": 0, "zmax": 1, "showscale": False, "meta": {"role": "neutral"},
             "xaxis": "x", "yaxis": "y"},
            {"type": "bar", "name": "probability", "x": list(range(10)),
             "y": [round(float(p), 3) if answer else None for p in probabilities], "meta": {"role": "value"},
             "xaxis": "x2", "yaxis": "y2"},
            {"type": "scatter", "mode": "text", "name": "true digit", "x": [label if answer else None],
             "y": [1.06],
             "text": ["true"], "textposition": "middle center", "meta": {"role": "right"},
             "xaxis": "x2", "yaxis": "y2"},
        ],
        "layout": {
            "height": 300,
            "xaxis": {"visible": False, "domain": [0, 0.42], "range": [-0.5, 7.5], "anchor": "y"},
            "yaxis": {"visible": False, "range": [7.5, -0.5], "anchor": "x"},
            "xaxis2": {"domain": [0.56, 1], "range": [-0.6, 9.6], "tickvals": list(range(0, 10)),
                       "ticktext": [str(digit) for digit in range(10)], "title": {"text": "probability of each digit"},
                       "anchor": "y2"},
            "yaxis2": {"range": [0, 1.13], "tickvals": [0, 0.5, 1], "anchor": "x2"},
            "showlegend": False,
        },
        "meta": {
            "alt": (
                "Left the image of one misread digit, 8 by 8 grey squares; right the probabilities that "
                "the network gives to the ten digits, with the true one marked."
            ),
            "sentence": f"{title}: {told if answer else 'which digit is it?'}",
        },
    }  # fmt: skip
