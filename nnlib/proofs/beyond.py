"""Claims of the page beyond-one-machine: the sum over shards, what it sends, and how many workers pay."""

import sympy

from nnlib import index_backprop, jacobian
from nnlib.network import forward
from nnlib.proofs.registry import ProofError, definition, exact, proved
from nnlib.proofs.symbols import array, cost, gradient, network, same

T, c, S = sympy.symbols("T c S", positive=True)

definition(
    "beyond",
    "eq-index-shard-time",
    "A model: the arithmetic divides among the workers, the messages add up at the one place that collects them.",
)


@exact(
    "eq-index-shards",
    scope="sizes 2-3-2, B = 3 in shards of 1 and 2 rows, any activations, any cost",
    code="nnlib.index_backprop.gradient nnlib.index_backprop.matrix_gradient nnlib.jacobian.gradient "
    "nnlib.network.Gradient",
    of="004 E8 E9 E10",
)
def sum_over_shards():
    """The gradients of the shards, added, are the derivative of the whole mini-batch's cost."""
    net, X, Y, any_cost = network(2, 3, 2), array("x", 3, 2), array("y", 3, 2), cost()
    true = gradient(any_cost.value(forward(net, X).a[2], Y), net)
    methods = (index_backprop.gradient, index_backprop.matrix_gradient, jacobian.gradient)
    parts = [[way(net, X[s], Y[s], any_cost) for s in (slice(0, 1), slice(1, 3))] for way in methods]
    return same([sum(part) for part in parts], [true] * len(methods))


@proved(
    "eq-index-shard-intensity",
    scope="every network (P_w weights and at least one bias), batch and number of shards; float64",
)
def flops_per_byte():
    """With 8 bytes a number, P numbers sent and P returned, a shard of B/S rows has at most 3/8 B/S flops a byte."""
    B, P_w, biases = sympy.symbols("B P_w n_b", positive=True)
    flops, sent = 6 * (B / S) * P_w, 2 * 8 * (P_w + biases)
    slack = sympy.simplify(sympy.Rational(3, 8) * B / S - flops / sent)
    if not slack.is_positive:
        raise ProofError(f"3/8 B/S exceeds the ratio by {slack}")
    return f"the difference is {slack}"


@proved("eq-index-shard-best", scope="every $T, c > 0$; $S$ as a real number")
def best_number_of_workers():
    """$T/S + c\\, S$ has its least value at $S = \\sqrt{T/c}$, where the speed-up is half of that."""
    time = T / S + c * S
    best = sympy.sqrt(T / c)
    slope, bend = sympy.diff(time, S).subs(S, best), sympy.diff(time, S, 2)
    if not bend.is_positive:
        raise ProofError(f"the second derivative {bend} is not positive")
    return same([sympy.simplify(slope), sympy.simplify(T / time.subs(S, best) - best / 2)], [0, 0])
