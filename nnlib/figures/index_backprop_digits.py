"""Training on handwritten digits: learning curves of stored runs, the confusion matrix, misread digits."""

from __future__ import annotations

from functools import cache

import numpy as np

from nnlib import data

STARTS = {"usual": 1, "ten times larger": 10, "all zero": 0}


def training(eta: float, batch: int, start: str, runs: dict) -> dict:
    """Cost and held-out errors after every epoch of one of the stored `runs`, and of the usual run to compare."""
    keys = f"{eta}, {batch}, {STARTS[start]}", "0.01, 32, 1"
    curves = []
    for name, key, role in (("this run", keys[0], "value"), ("η 0.01, batch 32, usual", keys[1], "neutral")):
        for axis, what in (("", "cost"), ("2", "errors")):
            y = runs[key][what]
            curves.append({"type": "scatter", "mode": "lines", "name": name, "x": list(range(len(y))), "y": y,
                           "meta": {"role": role}, "xaxis": f"x{axis}", "yaxis": f"y{axis}",
                           "showlegend": not axis})  # fmt: skip
    cost, errors = runs[keys[0]]["cost"], runs[keys[0]]["errors"]
    return {
        "data": curves,
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
                f"example is {cost[-1]:.3g} and {errors[-1]:.1f}\N{NO-BREAK SPACE}% of the held-out digits are misread."
            ),
        },
    }  # fmt: skip


@cache
def held_out() -> data.Digits:
    """The digits that the chapter's network never trained on, in the order in which the stored runs read them."""
    return data.Digits(*data.split(np.random.default_rng(0), 0.25, *data.digits())[1])


def confusion(epoch: int, read: dict[str, str]) -> dict:
    """How often each digit (row) was read as each digit (column); only the misreadings are shaded.

    `read` is stored: by the number of epochs, one character for each held-out digit.
    """
    labels = held_out().labels
    counts = np.zeros((10, 10), int)
    np.add.at(counts, (labels, [int(digit) for digit in read[str(epoch)]]), 1)
    wrong = np.where(np.eye(10, dtype=bool), 0, counts)
    texts = [[str(count) if count else "" for count in row] for row in counts]
    digits = [str(digit) for digit in range(10)]
    axis = {"tickvals": list(range(10)), "ticktext": digits, "range": [-0.5, 9.5], "showgrid": False}
    hits = int(np.trace(counts))
    return {
        "data": [
            {"type": "heatmap", "name": "misread", "x": list(range(10)), "y": list(range(10)), "z": wrong,
             "zmin": 0, "zmax": 12, "showscale": False, "text": texts, "texttemplate": "%{text}",
             "meta": {"role": "wrong"}},
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
                "Counts off the diagonal are mistakes and are shaded, the more the stronger, all from 12 on alike."
            ),
            "sentence": (
                f"After {epoch} epoch{'' if str(epoch) == '1' else 's'} of training, {hits} of {len(labels)} "
                "held-out digits are read rightly."
            ),
        },
    }  # fmt: skip


def misread(number: int, show: str, read: dict[str, str], probabilities: list[str]) -> dict:
    """One digit that was misread at the end, as 8 by 8 pixels, and the probabilities given to the ten digits.

    `show` is "the image" alone, for a reader who wants to judge first, or "the answer". Stored are `read`,
    as in `confusion`, and the `probabilities`, in percent, of those misread after the last epoch.
    """
    last = [int(digit) for digit in read[max(read, key=int)]]
    wrong = np.flatnonzero(np.array(last) != held_out().labels)
    image, _, label = (array[wrong[number - 1]] for array in held_out())
    answer = show == "the answer"
    p = np.array(probabilities[number - 1].split(), float) / 100
    first, second = np.argsort(-p)[:2]
    told = (
        f"{'an' if label == 8 else 'a'} {label} that is read as {first} with probability {p[first]:.2f}; "
        f"the true digit gets {p[label]:.2f}."
        + ("" if label in (first, second) else f" Second comes {second}.")
    )
    return {
        "data": [
            {"type": "heatmap", "name": "pixels", "x": list(range(8)), "y": list(range(8)),
             "z": image.reshape(8, 8), "zmin": 0, "zmax": 1, "showscale": False, "meta": {"role": "neutral"},
             "xaxis": "x", "yaxis": "y"},
            {"type": "bar", "name": "probability", "x": list(range(10)),
             "y": [round(float(share), 3) if answer else None for share in p], "meta": {"role": "value"},
             "xaxis": "x2", "yaxis": "y2"},
            {"type": "scatter", "mode": "text", "name": "true digit", "x": [label if answer else None],
             "y": [1.06],
             "text": ["true"], "textposition": "middle center", "meta": {"role": "right"},
             "xaxis": "x2", "yaxis": "y2"},
        ],
        "layout": {
            "height": 300,
            "xaxis": {"visible": False, "domain": [0, 0.4], "range": [-0.5, 7.5], "anchor": "y"},
            "yaxis": {"visible": False, "range": [7.5, -0.5], "anchor": "x"},
            "xaxis2": {"domain": [0.45, 1], "range": [-0.6, 9.6], "tickvals": list(range(0, 10)),
                       "ticktext": [str(digit) for digit in range(10)], "title": {"text": "digit"}, "anchor": "y2"},
            "yaxis2": {"range": [0, 1.13], "tickvals": [0, 0.5, 1], "anchor": "x2",
                       "title": {"text": "probability"}},
            "showlegend": False,
        },
        "meta": {
            "alt": (
                "Left the image of one misread digit, 8 by 8 grey squares; right the probabilities that "
                "the network gives to the ten digits, with the true one marked."
            ),
            "sentence": f"Misread digit {number} of {len(wrong)}: {told if answer else 'which digit is it?'}",
        },
    }  # fmt: skip
