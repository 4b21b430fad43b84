"""JAX, jitted, in each of the formulations known to be good; the row shows them all and is measured by the best."""

import tempfile

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from benchmarks.ours import STEPS

jax.config.update("jax_enable_x64", True)
# What one sweep compiled serves the next: compiling is not what is timed.
_cache = tempfile.TemporaryDirectory()
jax.config.update("jax_compilation_cache_dir", _cache.name)
jax.config.update("jax_persistent_cache_min_compile_time_secs", 0)
jax.config.update("jax_persistent_cache_min_entry_size_bytes", -1)


def _layers(p):
    return [(jnp.asarray(W), jnp.asarray(b)) for W, b in p.layers]


def _net(layers, x):
    for W, b in layers[:-1]:
        x = jnp.tanh(x @ W.T + b)
    W, b = layers[-1]
    return x @ W.T + b


def _loss(p):
    def half_squared_error(layers, X, Y):
        return ((_net(layers, X) - Y) ** 2).sum() / 2

    def cross_entropy(layers, X, Y):
        return -(Y * jax.nn.log_softmax(_net(layers, X))).sum()

    return cross_entropy if p.classes else half_squared_error


def _called(function, *arguments):
    """A contestant: the jitted function on arrays that are there, waited for, as a list of arrays."""
    jitted = jax.jit(function)
    return lambda: jax.block_until_ready(jitted(*arguments))


def _gradients(value_and_grad):
    """The gradient alone as the result, the value computed beside it as everybody does."""
    return lambda *arguments: jax.tree.leaves(value_and_grad(*arguments)[::-1])[:-1]


def mlp(p) -> dict:
    function = _gradients(jax.value_and_grad(_loss(p)))
    return {"jax.jit": _called(function, _layers(p), jnp.asarray(p.X), jnp.asarray(p.Y))}


def recurrent(p) -> dict:
    def loss(unroll):
        def of(W, b, X, Y):
            Wx, Wr = W[:, : p.n_x], W[:, p.n_x :]
            XW = jnp.swapaxes(X, 0, 1) @ Wx.T + b

            def step(s, xw):
                s = jnp.tanh(xw + s @ Wr.T)
                return s, s[:, : p.n_y]

            _, y = lax.scan(step, jnp.zeros((p.B, p.H), X.dtype), XW, unroll=unroll)
            return ((y - jnp.swapaxes(Y, 0, 1)) ** 2).sum() / 2

        return of

    arguments = [jnp.asarray(array) for array in (p.W, p.b, p.X, p.Y)]
    return {
        f"jax scan, unroll {unroll}": _called(
            _gradients(jax.value_and_grad(loss(unroll), argnums=(0, 1))), *arguments
        )
        for unroll in (1, 5, 10)
    }


def _value_and_slope_losses(p) -> dict:
    """Three ways to the slopes of a network with one output."""

    def total(y, J, Y, dY_dx):
        return ((y - Y) ** 2).sum() + ((J - dY_dx[:, 0]) ** 2).sum()

    def vmapped(layers, X, Y, dY_dx):
        y, J = jax.vmap(jax.value_and_grad(lambda x: _net(layers, x)[0]))(X)
        return total(y[:, None], J, Y, dY_dx)

    def batched(layers, X, Y, dY_dx):
        y, pull_back = jax.vjp(lambda X: _net(layers, X), X)
        return total(y, pull_back(jnp.ones_like(y))[0], Y, dY_dx)

    def forward(layers, X, Y, dY_dx):
        y, J = jax.jvp(lambda X: _net(layers, X), (X,), (jnp.ones_like(X),))
        return total(y, J, Y, dY_dx)

    ways = {"vmap of grad": vmapped, "batched vjp": batched}
    return ways | {"batched jvp": forward} if p.sizes[0] == 1 else ways


def slopes(p) -> dict:
    arguments = [_layers(p), *(jnp.asarray(array) for array in (p.X, p.Y, p.dY_dx))]
    return {
        f"jax, {name}": _called(_gradients(jax.value_and_grad(loss)), *arguments)
        for name, loss in _value_and_slope_losses(p).items()
    }


def parameter_jacobian(p) -> dict:
    def jacobian(layers, X):
        return jax.tree.leaves(jax.vmap(jax.jacrev(_net), in_axes=(None, 0))(layers, X))

    return {"jax, vmap of jacrev": _called(jacobian, _layers(p), jnp.asarray(p.X))}


def input_jacobian(p) -> dict:
    arguments = _layers(p), jnp.asarray(p.X)
    ways = {"jacrev": jax.jacrev} | ({"jacfwd": jax.jacfwd} if p.sizes[0] < 100 else {})
    return {
        f"jax, vmap of {name}": _called(
            lambda layers, X, way=way: [jax.vmap(way(_net, argnums=1), in_axes=(None, 0))(layers, X)],
            *arguments,
        )
        for name, way in ways.items()
    }


def training(p) -> dict:
    """Adam on values and slopes: a jitted step called from Python, and all steps inside one scan."""
    X, Y, dY_dx = (jnp.asarray(array) for array in (p.X, p.Y, p.dY_dx))
    name = "batched jvp" if p.sizes[0] == 1 else "batched vjp"
    gradient = jax.grad(_value_and_slope_losses(p)[name])
    leaves, tree = jax.tree.flatten(_layers(p))
    start = (leaves, [jnp.zeros_like(x) for x in leaves], [jnp.zeros_like(x) for x in leaves])

    def step(state, n):
        theta, m, v = state
        g = jax.tree.leaves(gradient(jax.tree.unflatten(tree, theta), X, Y, dY_dx))
        m = [0.9 * m + 0.1 * g for m, g in zip(m, g)]
        v = [0.999 * v + 0.001 * g**2 for v, g in zip(v, g)]
        theta = [
            t - 1e-3 * (m / (1 - 0.9**n)) / (jnp.sqrt(v / (1 - 0.999**n)) + 1e-8)
            for t, m, v in zip(theta, m, v)
        ]
        return theta, m, v

    jitted = jax.jit(step)
    numbers = [np.asarray(n, p.dtype) for n in range(1, STEPS + 1)]

    def stepwise():
        state = start
        for n in numbers:
            state = jitted(state, n)
        return [jnp.concatenate([part.ravel() for part in jax.block_until_ready(state[0])])]

    @jax.jit
    def scanned(state):
        state, _ = lax.scan(
            lambda state, n: (step(state, n), None), state, jnp.arange(1, STEPS + 1, dtype=X.dtype)
        )
        return [jnp.concatenate([part.ravel() for part in state[0]])]

    return {"jax.jit, a step": stepwise, "jax, scan of steps": lambda: jax.block_until_ready(scanned(start))}
