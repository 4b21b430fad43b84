"""The figures of the benchmarks: ratios to each rival, and how times grow. The measurements are handed in."""

from __future__ import annotations

SYMBOLS = {"torch": "circle", "jax": "square", "autograd": "diamond", "limit": "triangle-up"}
ROLES = {"torch": "value", "jax": "gradient", "autograd": "third", "limit": "neutral"}


def best(row: dict) -> dict[str, float]:
    """For each library the ratio ours / theirs of its fastest program in this row: its largest."""
    return {
        library: max(row["ratios"][name] for name in names)
        for library, names in row["libraries"].items()
        if library != "nnlib"
    }


def ratios(rows: dict[str, dict]) -> dict:
    """nnlib.fast's time over each library's best, on a logarithmic axis; a line for each row, by its name."""
    names = list(rows)
    data = []
    for library, symbol in SYMBOLS.items():
        points = [
            (best(rows[name])[library], -n) for n, name in enumerate(names) if library in best(rows[name])
        ]
        if points:
            x, y = zip(*points)
            data.append({
                "type": "scatter", "mode": "markers", "name": library, "x": list(x), "y": list(y),
                "marker": {"symbol": symbol, "size": 9}, "meta": {"role": ROLES[library]},
            })  # fmt: skip
    slower = sum(
        best(row)[library] > 1 for row in rows.values() for library in best(row) if library != "limit"
    )
    rivals = sum(library != "limit" for row in rows.values() for library in best(row))
    return {
        "data": data,
        "layout": {
            "height": 120 + 48 * len(names),
            "xaxis": {"type": "log", "title": {"text": "time of nnlib.fast over theirs"}},
            "yaxis": {"visible": False, "range": [0.7 - len(names), 0.8]},
            "annotations": [
                {"x": 0, "xref": "paper", "xanchor": "left", "y": 0.4 - n, "text": name, "showarrow": False,
                 "name": "neutral"}
                for n, name in enumerate(names)
            ],
            "shapes": [
                {"type": "line", "x0": 1, "x1": 1, "y0": 0.7 - len(names), "y1": 0.8, "name": "neutral",
                 "line": {"dash": "dash"}}
            ],
        },
        "meta": {
            "alt": "For every row a line of symbols, one for each library; left of the dashed line at 1 nnlib.fast "
                   "is the faster one.",
            "sentence": f"Beside its rivals' best programs nnlib.fast is slower in {slower} of {rivals} cases.",
        },
    }  # fmt: skip


def growth(sizes: list, seconds: dict[str, list[float]], over: str) -> dict:
    """Measured seconds against a size, a line for each method, on logarithmic axes."""
    roles = ("wrong", "gradient", "value", "third", "right")
    data = [
        {
            "type": "scatter", "mode": "lines+markers", "name": name, "x": list(sizes), "y": times,
            "meta": {"role": role}, "marker": {"symbol": symbol},
        }
        for (name, times), role, symbol in zip(
            seconds.items(), roles, ("circle", "square", "diamond", "triangle-up", "cross")
        )
    ]  # fmt: skip
    factor = {name: times[-1] / times[0] for name, times in seconds.items()}
    steepest, flattest = max(factor, key=factor.get), min(factor, key=factor.get)
    return {
        "data": data,
        "layout": {
            "xaxis": {"title": {"text": over}, "tickvals": list(sizes)},
            "yaxis": {"type": "log", "title": {"text": "seconds"}},
        },
        "meta": {
            "alt": f"Seconds over {over}, on a logarithmic axis, a line for each of {', '.join(seconds)}.",
            "sentence": f"From {sizes[0]} to {sizes[-1]}: {steepest} takes {factor[steepest]:.0f} times as long, "
                        f"{flattest} {factor[flattest]:.1f} times.",
        },
    }  # fmt: skip
