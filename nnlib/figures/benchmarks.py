"""The figures of the benchmarks: ratios to each rival, and how times grow. The measurements are handed in."""

from __future__ import annotations

SYMBOLS = {"torch": "circle", "jax": "square", "autograd": "diamond", "limit": "triangle-up"}
ROLES = {"torch": "value", "jax": "gradient", "autograd": "third", "limit": "neutral"}


def best(row: dict) -> dict[str, float]:
    """For each library the ratio ours / theirs of its fastest program in a stored row: its largest."""
    return {
        library: max(row["ratios"][name] for name in names)
        for library, names in row["libraries"].items()
        if library != "nnlib"
    }


def ratios(kind: str, rows: list) -> dict:
    """nnlib.fast's time over each library's best, on a logarithmic axis: a line for each row of one kind.

    `rows` are pairs of a row's name and its `best`, in the order of the lines.
    """
    data = []
    for library, symbol in SYMBOLS.items():
        points = [(row[library], n) for n, (_, row) in enumerate(rows, 1) if library in row]
        if points:
            x, y = zip(*points)
            data.append({
                "type": "scatter", "mode": "markers", "name": library, "x": list(x), "y": list(y),
                "marker": {"symbol": symbol, "size": 9}, "meta": {"role": ROLES[library]},
            })  # fmt: skip
    against = [ratio for _, row in rows for library, ratio in row.items() if library != "limit"]
    return {
        "data": data,
        "layout": {
            "height": 130 + 45 * len(rows),
            "xaxis": {"type": "log", "title": {"text": "time of nnlib.fast over theirs"}},
            "yaxis": {
                "title": {"text": "row, from the top"}, "range": [len(rows) + 0.5, 0.5],
                "tickvals": list(range(1, len(rows) + 1)),
            },
            "shapes": [
                {"type": "line", "x0": 1, "x1": 1, "y0": len(rows) + 0.5, "y1": 0.5, "name": "neutral",
                 "line": {"dash": "dash"}}
            ],
        },
        "meta": {
            "alt": "For every row of the table a line of symbols, one for each library; left of the dashed line "
                   "at 1 nnlib.fast is the faster one.",
            "sentence": f"{kind}: nnlib.fast is the faster one in {sum(r <= 1 for r in against)} of "
                        f"{len(against)} comparisons with a library's best program.",
        },
    }  # fmt: skip


def growth(of: str, measured: dict) -> dict:
    """Measured seconds against a size, a line for each method; `measured` holds for each name sizes and seconds."""
    sizes, seconds = measured[of]["sizes"], measured[of]["seconds"]
    looks = zip(
        ("wrong", "gradient", "value", "third", "right"),
        ("circle", "square", "diamond", "triangle-up", "cross"),
    )
    data = [
        {
            "type": "scatter", "mode": "lines+markers", "name": name, "x": list(sizes), "y": times,
            "meta": {"role": role}, "marker": {"symbol": symbol},
        }
        for (name, times), (role, symbol) in zip(sorted(seconds.items()), looks)
    ]  # fmt: skip
    factor = {name: times[-1] / times[0] for name, times in sorted(seconds.items())}
    steepest, flattest = max(factor, key=factor.__getitem__), min(factor, key=factor.__getitem__)
    return {
        "data": data,
        "layout": {
            "xaxis": {"title": {"text": of}, "tickvals": list(sizes)},
            "yaxis": {"type": "log", "title": {"text": "seconds"}},
        },
        "meta": {
            "alt": "Seconds on a logarithmic axis, a line for each method.",
            "sentence": f"{of} from {sizes[0]} to {sizes[-1]}: {steepest} takes {factor[steepest]:.0f} times as long, "
                        f"{flattest} {factor[flattest]:.1f} times.",
        },
    }  # fmt: skip
