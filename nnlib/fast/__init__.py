"""The same gradients from preallocated work space, for the loops that call them ten thousand times.

    work = fast.MLP(net, cost, len(X))      # every array it will ever need, made once
    C, gradient = work(X, Y)                # views of its arrays, valid until the next call
    adam = fast.Adam(work.theta, 1e-3)
    adam.step(work.dC_dtheta)               # moves work.theta, in place
    net = work.network()                    # the parameters of today, frozen

Each class has a clear twin that it is tested against: `MLP` index_backprop.matrix_gradient, `BPTT` bptt.bptt,
`Sobolev` gradient_backprop.sobolev_gradient, `Jacobian` jacobian.parameters and jacobian.inputs, `Adam`
optimizers.adam. Every trick is one small function, and the book's page "Making it fast" shows it beside its
clear form with its measured gain. numpy alone, float64 and float32.
"""

from nnlib.fast.adam import Adam
from nnlib.fast.bptt import BPTT
from nnlib.fast.jacobian import Jacobian
from nnlib.fast.mlp import MLP
from nnlib.fast.sobolev import Sobolev

__all__ = ["BPTT", "MLP", "Adam", "Jacobian", "Sobolev"]
