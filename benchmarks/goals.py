"""Which goals a stored run misses, and which of the page's reasons each miss has."""

# By the letter of the reason on the page "Side by side": parts of a row's name, and whose ratio misses.
REASONS: dict[str, list[tuple[str, str]]] = {
    "a": [("recurrent", "jax"), ("slopes", "jax"), ("training", "jax")],
    "b": [("recurrent: H 32", "torch")],
    "c": [("parameter_jacobian: 2-32-32-3", "jax"), ("parameter_jacobian: 2-32-32-3", "torch")],
    "d": [("input_jacobian: 2-32-32-3", "jax")],
    "e": [("training", "torch"), ("slopes: 1-32-32-1 b128", "torch")],
    "f": [("mlp: 2-16-16-1", "jax")],
    "g": [("first gradient", "jax"), ("first gradient", "torch")],
    "h": [("mlp: 784", "jax"), ("mlp: 1024", "jax"), ("mlp: 1024", "torch"), ("input_jacobian: 784", "jax")],
}
FIRST_GRADIENT = {"jax": 0.1, "torch": 0.07}


def missed(stored: dict) -> list[dict]:
    """Every ratio above its goal, which is 1 against a rival unless the row says otherwise."""
    from nnlib.figures.benchmarks import best

    found = []
    for name, row in stored["rows"].items():
        rivals = {rival: ratio for rival, ratio in best(row).items() if rival != "limit"}
        ratios = rivals | {limit: row["ratios"][limit] for limit in row["goals"] if limit in row["ratios"]}
        found += [(name, rival, ratio, row["goals"].get(rival, 1)) for rival, ratio in ratios.items()]
    first = stored["first gradient"]
    for rival, goal in FIRST_GRADIENT.items():
        found.append(("first gradient", rival, round(first["numpy and nnlib"] / first[rival], 3), goal))
    return [
        {"row": row, "rival": rival, "ratio": ratio, "wanted": goal, "reason": reason(row, rival)}
        for row, rival, ratio, goal in found
        if ratio > goal
    ]


def reason(row: str, rival: str) -> str:
    """The letter of the first reason for that; empty if nobody has given one."""
    return next(
        (letter for letter, of in REASONS.items() for part, whose in of if part in row and whose == rival), ""
    )
