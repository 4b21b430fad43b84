"""The figure of beyond-one-machine: what several workers gain on one gradient, and what their messages take away."""

from __future__ import annotations

import numpy as np

ROWS = np.logspace(1.75, 6.5, 39)


def parameters(times: dict, workers: int) -> tuple[float, float]:
    """Milliseconds of arithmetic a row and of messages a worker: the model's two numbers, from a measurement."""
    return times["one"][-1] / times["rows"][-1], float(np.median(times["messages"])) / workers


def modelled(row: float, message: float, rows, workers: int):
    """One worker's time over that of several: T / (T/S + c S), T = row * rows. Book: eq-index-shard-time."""
    T = row * rows
    return T / (T / workers + message * workers)


def speed_up(network: str, workers: int = 2, *, stored: dict) -> dict:
    """Speed-up against the rows of a batch: by the model, and as measured; `stored` is the measurement's data."""
    times = stored["networks"][network]
    row, message = parameters(times, stored["workers"])
    even = message * workers**2 / (workers - 1) / row
    million = modelled(row, message, 1e6, workers)
    ends = [ROWS[0], ROWS[-1]]
    measured = np.divide(times["one"], times["two"])
    return {
        "data": [
            _trace("lines", "one for each worker", ends, [workers] * 2, "neutral", line={"dash": "dot"}),
            _trace("lines", "no gain", ends, [1, 1], "neutral"),
            _trace("lines", "the model", ROWS, modelled(row, message, ROWS, workers), "value"),
            _trace("markers", "measured, 2 workers", times["rows"], measured, "gradient"),
        ],
        "layout": {
            "xaxis": {"type": "log", "title": {"text": "rows in the batch"}, "range": [1.7, 6.5]},
            "yaxis": {"type": "log", "title": {"text": "speed-up over one worker"}, "range": [-3.4, 1.7]},
        },
        "meta": {
            "alt": "Speed-up against the rows of a batch, both logarithmic. The model's curve rises in proportion "
            "to the rows, crosses 1, where nothing is gained, and flattens towards the number of workers.",
            "sentence": f"{network}, {workers} workers: by the model nothing is gained below "
            f"{float(f'{even:.2g}'):,.0f} rows a batch; a million rows go {million:.1f} times as fast.",
        },
    }  # fmt: skip


def _trace(mode: str, name: str, x, y, role: str, **more) -> dict:
    return {"type": "scatter", "mode": mode, "name": name, "x": x, "y": y, "meta": {"role": role}, **more}
