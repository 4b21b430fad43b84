"""The mathematics of backpropagation in numpy: six methods, one module each, one gradient.

>>> import numpy as np
>>> from nnlib import costs, index_backprop, network
>>> from nnlib.activations import tanh
>>> net = network.init((2, 3, 1), tanh, np.random.default_rng(0))
>>> X, Y = np.array([[1.0, -1.0]]), np.array([[0.5]])
>>> index_backprop.gradient(net, X, Y, costs.squared_error).b[2].shape
(1,)

Every chapter module answers ``gradient(net, X, Y, cost)``: ``chain_rule``, ``index_backprop``,
``recursive``, ``jacobian``, ``bptt``, ``gradient_backprop``. Modules are imported by name;
``import nnlib`` itself imports numpy and nothing else.
"""

__version__ = "0.1.0"
