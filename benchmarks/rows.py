"""The rows of the table: what is computed, who computes it, and what we want of the ratio."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

import numpy as np

from benchmarks import limits, ours
from benchmarks.problems import Layered, Recurrent


@dataclass(frozen=True)
class Row:
    """One computation. `goals` are the largest ratios ours / theirs we want, by library or limit; else 1."""

    name: str
    kind: str
    problem: Callable
    goals: dict = field(default_factory=dict)
    seconds: float = 0.015  # of one sample

    def contestants(self, p, rivals: dict) -> dict[str, dict[str, Callable]]:
        """By library: nnlib, the rivals that know this kind of row, and the limit, on the problem p."""
        found = {"nnlib": getattr(ours, self.kind)(p)}
        for library, module in rivals.items():
            if hasattr(module, self.kind) and not (library == "autograd" and self.large):
                found[library] = getattr(module, self.kind)(p)
        if hasattr(limits, self.kind):
            found["limit"] = getattr(limits, self.kind)(p)
        return found

    @property
    def large(self) -> bool:
        return self.kind == "input_jacobian" and "784" in self.name


KINDS = {
    "mlp": "cost and gradient of a layered network",
    "parameter_jacobian": "the outputs' Jacobian by all parameters, for every example",
    "input_jacobian": "the outputs' Jacobian by the inputs, for every example",
    "recurrent": "backpropagation through time, 8 inputs, 8 outputs, 16 sequences",
    "slopes": "values and slopes: cost and gradient",
    "training": "20 steps of Adam on values and slopes",
}
WIDTHS = {"float64": np.float64, "float32": np.float32}


def _rows() -> list[Row]:
    rows = []
    for width, dtype in WIDTHS.items():
        double = width == "float64"

        def add(name, kind, problem, goals=None, width=width, double=double, **more):
            rows.append(Row(f"{name}, {width}", kind, problem, goals if goals and double else {}, **more))

        layered, recurrent = partial(Layered, dtype=dtype), partial(Recurrent, dtype=dtype)
        add("2-16-16-1 b32", "mlp", partial(layered, (2, 16, 16, 1), 32), {"torch": 0.2, "jax": 0.6})
        for B in (64, 256):
            mnist = partial(layered, (784, 128, 64, 10), B, classes=True)
            add(f"784-128-64-10 b{B}", "mlp", mnist, {limits.WITH_TANH: 1.12})
        big = partial(layered, (1024,) * 4, 256)
        add("1024-1024-1024-1024 b256", "mlp", big, {limits.BARE: 1.10}, seconds=0.1)
        for kind in ("parameter_jacobian", "input_jacobian"):
            add("2-32-32-3 b256", kind, partial(layered, (2, 32, 32, 3), 256))
            wide = {"torch": 0.6, "jax": 0.6} if kind == "parameter_jacobian" else {}
            add("784-64-10 b32", kind, partial(layered, (784, 64, 10), 32), wide)
        for H in (32, 128):
            goals = {"jax": 0.75} | ({"torch": 0.3} if H == 32 else {limits.WITH_TANH: 1.25})
            for T in (50, 200):
                add(f"H {H} T {T}", "recurrent", partial(recurrent, H, T), goals)
        for sizes, goals in (
            ((1, 32, 32, 1), {128: {"torch": 0.35}}),
            ((1, 64, 64, 64, 1), {128: {limits.WITH_TANH: 1.3}, 1024: {limits.WITH_TANH: 1.3}}),
            ((8, 64, 64, 64, 1), {128: {"torch": 0.6}}),
        ):
            for B in (128, 1024):
                add(f"{'-'.join(map(str, sizes))} b{B}", "slopes", partial(layered, sizes, B), goals.get(B))
        if double:
            for sizes, B, goals in (
                ((1, 32, 32, 1), 128, {"torch": 0.2}),
                ((1, 64, 64, 64, 1), 128, {}),
                ((1, 64, 64, 64, 1), 1024, {}),
                ((8, 64, 64, 64, 1), 128, {}),
            ):
                add(f"{'-'.join(map(str, sizes))} b{B}", "training", partial(layered, sizes, B), goals)
    return rows


ROWS = _rows()
