"""A mutant: one wrong formula that a careless hand might write, and the claims that must notice it."""

from typing import NamedTuple


class Mutant(NamedTuple):
    """Replace `old` by `new` in the source of `function`; every claim in `claims` must then fail."""

    function: str  # dotted name: "nnlib.jacobian.layer_jacobians"
    old: str  # occurs exactly once in the function's source
    new: str
    claims: tuple[str, ...]
    why: str  # "transposed factor"
