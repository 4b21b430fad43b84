"""The figures of six-ways: six ways to set the brackets of one product, and what each costs."""

from __future__ import annotations

from importlib import import_module

import numpy as np

from nnlib.activations import Activation
from nnlib.check import Counted, operations
from nnlib.costs import squared_error
from nnlib.network import Network

FACTORS = ("∂C/∂a³", "g′(z³)", "W³", "g′(z²)", "W²", "g′(z¹)", "a⁰")

# The product of the factors from one to another is a derivative: of what stands left of the first by what stands
# right of the last.
LEFT = ("C", "a³", "z³", "a²", "z²", "a¹")
RIGHT = (None, "z³", "a²", "z²", "a¹", "z¹", "W¹")

# Each method's brackets in the order in which they are closed: (first factor, last factor); then what it carries.
FROM_OUTPUT = [(0, 1), (0, 2), (0, 3), (0, 4), (0, 5), (0, 6)]
FROM_WEIGHT = [(5, 6), (4, 6), (3, 6), (2, 6), (1, 6), (0, 6)]
JACOBIAN = [(1, 2), (1, 3), (1, 4), (1, 5), (0, 5), (0, 6)]
METHODS = {
    "chain rule on a graph": (FROM_OUTPUT, "one number a node, for all weights at once; it stores every value"),
    "by indices": (FROM_OUTPUT, "one number p a unit, for all weights at once; it stores x and y of every unit"),
    "recursion for ∂a/∂W": (FROM_WEIGHT, "one number a unit, for one weight; as a tensor, for all weights of a layer"),
    "Jacobians": (JACOBIAN, "a matrix with a row for every output; it stores one for every layer"),
    "through time": (FROM_OUTPUT, "one row for all weights, back through time; RTRL brackets from the other end"),
    "value and slope": (FROM_OUTPUT, "the adjoint of the value and, for every input direction, that of the slope"),
}  # fmt: skip


def bracketing(method: str) -> dict:
    """The factors on the path from a weight of layer 1 to the cost, and the order in which a method multiplies them."""
    brackets, carries = METHODS[method]
    data = []
    for depth, (first, last) in enumerate(brackets, start=1):
        begin, end, low = first - 0.42, last + 0.42, -depth - 0.25
        data.append({
            "type": "scatter", "mode": "lines+text", "name": f"product {depth}", "showlegend": False,
            "x": [begin, begin, (begin + end) / 2, end, end], "y": [-depth, low, low, low, -depth],
            "text": ["", "", f"∂{LEFT[first]}/∂{RIGHT[last]}", "", ""], "textposition": "top center",
            "line": {"dash": "solid"}, "meta": {"role": "gradient" if first == 0 else "value"},
        })  # fmt: skip
    starts = "the cost" if brackets[0] == (0, 1) else "the weight" if brackets[0] == (5, 6) else "the output"
    return {
        "data": data,
        "layout": {
            "xaxis": {"visible": False, "range": [-0.6, 6.6]},
            "yaxis": {"range": [-6.5, 1], "showgrid": False, "zeroline": False,
                      "tickvals": [-1, -2, -3, -4, -5, -6], "ticktext": ["1st", "2nd", "3rd", "4th", "5th", "6th"]},
            "height": 280,
            "annotations": [
                {"x": place, "y": 0.6 if place % 2 else 0, "text": text, "showarrow": False}
                for place, text in enumerate(FACTORS)
            ],
        },
        "meta": {
            "alt": "Seven factors in a row, from the cost's derivative on the left to the input on the right; "
                   "under them six nested brackets, the first multiplied on top, each with its product.",
            "sentence": f"{method[0].upper()}{method[1:]}: multiplies from {starts}, carrying {carries}.",
        },
    }  # fmt: skip


WAYS = ("chain_rule", "index_backprop", "recursive", "jacobian", "bptt", "gradient_backprop")


def counted_network(sizes: tuple[int, ...]) -> Network:
    """A network of those sizes (n_0, ..., n_L) made of numbers that count what is done with them."""
    act = Activation("counted", lambda z: z, lambda z: z, lambda z: z)
    W = (None, *(_counted(n, m) for m, n in zip(sizes, sizes[1:])))
    return Network(W, (None, *(_counted(n) for n in sizes[1:])), (None, *[act] * (len(sizes) - 1)))


def count(way: str, sizes: tuple[int, ...]) -> int:
    """Additions, subtractions and multiplications of one gradient of one example, inside activations not counted."""
    net, x, y = counted_network(sizes), _counted(1, sizes[0]), _counted(1, sizes[-1])
    return operations(lambda: import_module(f"nnlib.{way}").gradient(net, x, y, squared_error))


def _counted(*shape: int) -> np.ndarray:
    array = np.empty(shape, dtype=object)
    for index in np.ndindex(*shape):
        array[index] = Counted()
    return array


def cost_of_ways(width: int = 4, outputs: int = 1) -> dict:
    """Operations of the six gradients: `width` inputs, two hidden layers of that width, and `outputs`."""
    counts = [count(way, (width, width, width, outputs)) for way in WAYS]
    names = ["graph", "indices", "recursion", "Jacobians", "time", "slope"]
    least, most = (
        " and ".join(name for name, made in zip(names, counts) if made == end)
        for end in (min(counts), max(counts))
    )
    return {
        "data": [{"type": "bar", "x": names, "y": counts, "name": "operations", "meta": {"role": "value"}}],
        "layout": {
            "xaxis": {"title": {"text": "method"}},
            "yaxis": {"title": {"text": "operations of one gradient"}, "type": "log", "range": [1, 5.5]},
        },
        "meta": {
            "alt": "Six bars on a logarithmic axis. The recursion's is the tallest; graph and indices "
                   "are alike, and time is a little above them.",
            "sentence": f"Width {width}, outputs {outputs}: from {min(counts):,} operations ({least}) "
                        f"to {max(counts):,} ({most}).",
        },
    }  # fmt: skip
