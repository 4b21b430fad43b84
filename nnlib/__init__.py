"""The mathematics of backpropagation in numpy: six methods, one module each, one gradient.

>>> import numpy as np
>>> from nnlib import costs, index_backprop, network
>>> from nnlib.activations import tanh
>>> net = network.init((2, 3, 1), tanh, np.random.default_rng(0))
>>> X, Y = np.array([[1.0, -1.0]]), np.array([[0.5]])
>>> index_backprop.gradient(net, X, Y, costs.squared_error).b[2].shape
(1,)

Every chapter module answers ``gradient(net, X, Y, cost)``: ``chain_rule``, ``index_backprop``,
``recursive``, ``jacobian``, ``bptt``, ``gradient_backprop``. ``import nnlib`` itself loads nothing;
its modules come when they are first named.
"""

from importlib import import_module

__version__ = "0.1.0"


def __getattr__(name: str):
    """So that ``nnlib.jacobian.gradient`` works after ``import nnlib`` alone."""
    try:
        return import_module(f"nnlib.{name}")
    except ModuleNotFoundError as error:
        if error.name != f"nnlib.{name}":
            raise
        raise AttributeError(f"module 'nnlib' has no attribute {name!r}") from None
