"""Random networks, data and hypothesis strategies shared by the tests."""

import numpy as np
from hypothesis import strategies as st

from nnlib import costs
from nnlib.activations import identity, sigmoid, sine, softplus, tanh
from nnlib.network import Network, init

SMOOTH = (tanh, sigmoid, softplus, sine)  # analytic everywhere: the complex step is exact for them
COSTS = (costs.squared_error, costs.half_squared_error, costs.mean_squared_error, costs.softmax_cross_entropy)


def random_network(sizes, act=tanh, out=identity, seed=0, dtype=np.float64) -> Network:
    """Like `init`, with random biases too, so that every path carries a signal."""
    rng = np.random.default_rng(seed)
    net = init(sizes, act, rng, out)
    b = (None, *(rng.standard_normal(n) / 2 for n in sizes[1:]))
    cast = [(None, *(array.astype(dtype) for array in arrays[1:])) for arrays in (net.W, b)]
    return Network(*cast, net.act)


def random_data(sizes, B=3, seed=1, dtype=np.float64):
    """Inputs X (B, n_0) and targets Y (B, n_L) whose rows are positive and sum to one: good for every cost."""
    rng = np.random.default_rng(seed)
    Y = rng.dirichlet(np.ones(sizes[-1]), size=B) if sizes[-1] > 1 else rng.standard_normal((B, 1))
    return rng.standard_normal((B, sizes[0])).astype(dtype), Y.astype(dtype)


@st.composite
def problems(draw, max_depth=4, max_width=4):
    """(net, X, Y, cost): random sizes, depth, activations, batch and cost."""
    sizes = tuple(draw(st.lists(st.integers(1, max_width), min_size=2, max_size=max_depth + 1)))
    seed = draw(st.integers(0, 2**32 - 1))
    out = draw(st.sampled_from((*SMOOTH, identity)))
    net = random_network(sizes, draw(st.sampled_from(SMOOTH)), out, seed)
    X, Y = random_data(sizes, draw(st.integers(1, 4)), seed + 1)
    # Cross-entropy over a single class is constant: its gradient is 0 and relative errors mean nothing.
    return net, X, Y, draw(st.sampled_from(COSTS if sizes[-1] > 1 else COSTS[:3]))
