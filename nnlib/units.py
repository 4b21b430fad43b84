"""Single units in any acyclic wiring: skip connections, links inside a layer, outputs that feed others."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

import numpy as np

from nnlib.activations import Activation, get
from nnlib.arrays import as_array, one_dtype
from nnlib.network import Network, require_elementwise

Unit = Hashable
Link = tuple  # (i, j): to unit i, from unit j


@dataclass(frozen=True, eq=False)
class UnitNetwork:
    """Units wired in any acyclic way: skip connections, links inside a layer, outputs that feed others.

    Ids are any hashables. `inputs` and `outputs` are ordered; for every unit i that is no input,
    ``upstream[i]`` names its upstream units S_i, ``w[i, j]`` the weight from j, ``b[i]`` the bias and
    ``act[i]`` the activation (or its name). ``order`` lists these units, each after its upstream ones.

    Raises ValueError naming the unit: cyclic wiring, a unit without upstream units, a missing or
    superfluous weight, bias or activation, an activation that is not elementwise.
    Book: eq-index-order. Source: 004, eqs. (1)-(2), for any acyclic wiring.
    """

    inputs: tuple
    outputs: tuple
    upstream: Mapping[Unit, tuple]
    w: Mapping[Link, np.number]
    b: Mapping[Unit, np.number]
    act: Mapping[Unit, Activation]
    order: tuple = field(init=False)

    def __post_init__(self) -> None:
        inputs, outputs = _distinct("inputs", self.inputs), _distinct("outputs", self.outputs)
        upstream = _wiring(inputs, outputs, self.upstream)
        order = _topological_order(inputs, upstream)
        links = [(i, j) for i in order for j in upstream[i]]
        w, b = _numbers("w", self.w, links), _numbers("b", self.b, order)
        dtype = one_dtype(
            {f"{s}[{key!r}]": array for s, of in (("w", w), ("b", b)) for key, array in of.items()}
        )
        same_keys("act", self.act, order)
        made = {
            "upstream": upstream,
            "w": {link: array.astype(dtype)[()] for link, array in w.items()},
            "b": {i: array.astype(dtype)[()] for i, array in b.items()},
            "act": {i: _elementwise(i, self.act[i]) for i in order},
        }
        object.__setattr__(self, "inputs", inputs)
        object.__setattr__(self, "outputs", outputs)
        object.__setattr__(self, "order", order)
        for name, mapping in made.items():
            object.__setattr__(self, name, MappingProxyType(mapping))

    @property
    def downstream(self) -> dict[Unit, tuple]:
        """D_i = {k : i in S_k} of every unit, inputs included. Book: eq-index-downstream."""
        return _downstream(self.inputs, self.upstream)

    @property
    def dtype(self) -> np.dtype:
        """The scalar type of all weights and biases."""
        return np.asarray(self.b[self.order[0]]).dtype

    @classmethod
    def from_network(cls, net: Network) -> UnitNetwork:
        """The units (l, i) of a layered network: upstream of (l, i) is all of layer l - 1."""
        require_elementwise(net, "index_backprop")
        layers = [tuple((l, i) for i in range(n)) for l, n in enumerate(net.sizes)]
        units = [unit for layer in layers[1:] for unit in layer]
        return cls(
            inputs=layers[0],
            outputs=layers[net.L],
            upstream={(l, i): layers[l - 1] for l, i in units},
            w={((l, i), (l - 1, j)): net.W[l][i, j] for l, i in units for j in range(net.sizes[l - 1])},
            b={(l, i): net.b[l][i] for l, i in units},
            act={(l, i): net.act[l] for l, i in units},
        )


def _distinct(name: str, ids: Iterable[Unit]) -> tuple:
    ids = tuple(ids)
    if not ids:
        raise ValueError(f"{name} is empty, wants at least one unit")
    unit, times = Counter(ids).most_common(1)[0]
    if times > 1:
        raise ValueError(f"{name} names unit {unit!r} {times} times, wants it once")
    return ids


def _wiring(inputs: tuple, outputs: tuple, given: Mapping[Unit, Iterable[Unit]]) -> dict[Unit, tuple]:
    """The upstream units of all units that are no inputs; every unit named is an input or has some."""
    upstream = {i: tuple(S) for i, S in given.items()}
    for i in inputs:
        if upstream.pop(i, ()):
            raise ValueError(f"unit {i!r} is an input, but upstream[{i!r}] is {tuple(given[i])!r}")
    for i, S in upstream.items():
        if len(set(S)) < len(S):
            raise ValueError(f"upstream[{i!r}] is {S!r}, wants every unit once")
    known = set(inputs)
    for i in (*upstream, *outputs, *(j for S in upstream.values() for j in S)):
        if i not in known and not upstream.get(i):
            raise ValueError(f"unit {i!r} is no input and has no upstream units")
    if not upstream:
        raise ValueError("upstream is empty, wants at least one unit that is no input")
    return upstream


def _downstream(inputs: tuple, upstream: Mapping[Unit, tuple]) -> dict[Unit, tuple]:
    found: dict[Unit, list] = {i: [] for i in (*inputs, *upstream)}
    for k, S in upstream.items():
        for i in S:
            found[i].append(k)
    return {i: tuple(D) for i, D in found.items()}


def _topological_order(inputs: tuple, upstream: dict[Unit, tuple]) -> tuple:
    """The units that are no inputs, each after its upstream ones; without recursion, so of any depth."""
    downstream = _downstream(inputs, upstream)
    waits_for = {i: len(S) for i, S in upstream.items()}
    order = list(inputs)
    for j in order:  # grows while we walk along it
        for i in downstream[j]:
            waits_for[i] -= 1
            if waits_for[i] == 0:
                order.append(i)
    stuck = [i for i in upstream if waits_for[i] > 0]
    if stuck:
        path = [stuck[0]]
        while path[-1] not in path[:-1]:
            path.append(next(j for j in upstream[path[-1]] if waits_for.get(j, 0) > 0))
        cycle = path[path.index(path[-1]) :]
        raise ValueError(f"upstream is cyclic: {' <- '.join(map(repr, cycle))}, wants an acyclic wiring")
    return tuple(order[len(inputs) :])


def same_keys(name: str, given: Mapping, wanted: Iterable) -> None:
    """Raise ValueError unless the keys of `given` are exactly those wanted."""
    for key in wanted:
        if key not in given:
            raise ValueError(f"{name}[{key!r}] is missing")
    superfluous = given.keys() - set(wanted)
    if superfluous:
        raise ValueError(
            f"{name} has an entry for {min(superfluous, key=repr)!r}, which the wiring has no place for"
        )


def _numbers(name: str, given: Mapping, keys: Sequence) -> dict:
    same_keys(name, given, keys)
    return {key: as_array(f"{name}[{key!r}]", given[key], ()) for key in keys}


def _elementwise(i: Unit, given: Activation | str) -> Activation:
    act = get(given) if isinstance(given, str) else given
    if not isinstance(act, Activation):
        raise ValueError(f"act[{i!r}] is {getattr(act, 'name', act)!r}, wants an elementwise activation")
    return act
