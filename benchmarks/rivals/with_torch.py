"""PyTorch: eager, torch.func, and torch.compile where it compiles in reasonable time."""

import torch
from torch.func import grad_and_value, jacfwd, jacrev, jvp, vmap
from torch.nn.functional import cross_entropy, linear

from benchmarks.ours import STEPS

torch.set_num_threads(1)


def _compiled(function):
    """torch.compile for these shapes alone, forgetting earlier rows, which would make it compile for any shape."""
    torch.compiler.reset()
    return torch.compile(function, dynamic=False)


def tensors(p) -> list:
    return [torch.tensor(part, requires_grad=True) for pair in p.layers for part in pair]


def _net(parameters, x):
    for n in range(0, len(parameters) - 2, 2):
        x = torch.tanh(linear(x, parameters[n], parameters[n + 1]))
    return linear(x, parameters[-2], parameters[-1])


def _loss(p):
    def squared(parameters, X, Y):
        return ((_net(parameters, X) - Y) ** 2).sum() / 2

    def classes(parameters, X, Y):
        return cross_entropy(_net(parameters, X), Y, reduction="sum")

    return classes if p.classes else squared


def mlp(p) -> dict:
    parameters, loss, (X, Y) = tensors(p), _loss(p), (torch.from_numpy(p.X), torch.from_numpy(p.Y))
    contestants = {"torch, eager": lambda: torch.autograd.grad(loss(parameters, X, Y), parameters)}
    if max(p.sizes) < 1000:
        compiled = _compiled(loss)
        contestants["torch.compile"] = lambda: torch.autograd.grad(compiled(parameters, X, Y), parameters)
        plain, functional = [part.detach() for part in parameters], grad_and_value(loss)
        contestants["torch.func"] = lambda: functional(plain, X, Y)[0]
    return contestants


def recurrent(p) -> dict:
    """The loop with all input products in one, and the module nn.RNN, which runs its loop in C++."""
    W, b = (torch.tensor(array, requires_grad=True) for array in (p.W, p.b))
    X, Y = torch.from_numpy(p.X), torch.from_numpy(p.Y)
    Xt, Yt = X.transpose(0, 1).contiguous(), Y.transpose(0, 1).contiguous()

    def loop():
        Wx, WrT = W[:, : p.n_x], W[:, p.n_x :].T
        s, states = torch.zeros(p.B, p.H, dtype=X.dtype), []
        for xw in linear(Xt, Wx, b).unbind(0):
            s = torch.tanh(torch.addmm(xw, s, WrT))
            states.append(s)
        y = torch.stack(states)[:, :, : p.n_y]
        return torch.autograd.grad(((y - Yt) ** 2).sum() / 2, (W, b))

    module = torch.nn.RNN(p.n_x, p.H, dtype=X.dtype)
    with torch.no_grad():
        module.weight_ih_l0.copy_(W[:, : p.n_x])
        module.weight_hh_l0.copy_(W[:, p.n_x :])
        module.bias_ih_l0.copy_(b)
        module.bias_hh_l0.zero_()
    module.bias_hh_l0.requires_grad_(False)
    wanted = (module.weight_ih_l0, module.weight_hh_l0, module.bias_ih_l0)

    def by_module():
        y = module(Xt)[0][:, :, : p.n_y]
        Wx, Wr, b = torch.autograd.grad(((y - Yt) ** 2).sum() / 2, wanted)
        return [torch.cat([Wx, Wr], dim=1), b]

    return {"torch, loop": loop, "torch nn.RNN": by_module}


def _total(y, J, Y, dY_dx):
    return ((y - Y) ** 2).sum() + ((J - dY_dx[:, 0]) ** 2).sum()


def _double_backward(parameters, X, Y, dY_dx):
    y = _net(parameters, X)
    (J,) = torch.autograd.grad(y.sum(), X, create_graph=True)
    return _total(y, J, Y, dY_dx)


def _vmapped(parameters, X, Y, dY_dx):
    J, y = vmap(grad_and_value(lambda x: _net(parameters, x)[0]))(X)
    return _total(y[:, None], J, Y, dY_dx)


def _forward(parameters, X, Y, dY_dx):
    y, J = jvp(lambda X: _net(parameters, X), (X,), (torch.ones_like(X),))
    return _total(y, J, Y, dY_dx)


def slopes(p) -> dict:
    """Backward twice; torch.func's grad under vmap; its jvp, with one input; and compiled."""
    parameters, X = tensors(p), torch.tensor(p.X, requires_grad=True)
    plain, others = torch.from_numpy(p.X), (torch.from_numpy(p.Y), torch.from_numpy(p.dY_dx))
    contestants = {
        "torch, backward twice": lambda: torch.autograd.grad(
            _double_backward(parameters, X, *others), parameters
        ),
        "torch.func, vmap of grad": lambda: torch.autograd.grad(
            _vmapped(parameters, plain, *others), parameters
        ),
    }
    if p.sizes[0] == 1:
        contestants["torch.func, jvp"] = lambda: torch.autograd.grad(
            _forward(parameters, plain, *others), parameters
        )
    if p.B == 128:
        compiled = _compiled(_vmapped)
        contestants["torch.compile"] = lambda: torch.autograd.grad(
            compiled(parameters, plain, *others), parameters
        )
    return contestants


def parameter_jacobian(p) -> dict:
    plain, X = [part.detach() for part in tensors(p)], torch.from_numpy(p.X)
    function = vmap(jacrev(_net), in_dims=(None, 0))
    contestants = {"torch.func, vmap of jacrev": lambda: function(plain, X)}
    if max(p.sizes) < 100:
        compiled = _compiled(function)
        contestants["torch.compile"] = lambda: compiled(plain, X)
    return contestants


def input_jacobian(p) -> dict:
    plain, X = [part.detach() for part in tensors(p)], torch.from_numpy(p.X)
    ways = {"jacrev": jacrev} | ({"jacfwd": jacfwd} if p.sizes[0] < 100 else {})
    functions = {name: vmap(way(_net, argnums=1), in_dims=(None, 0)) for name, way in ways.items()}
    contestants = {f"torch.func, vmap of {name}": lambda f=f: [f(plain, X)] for name, f in functions.items()}
    if max(p.sizes) < 100:
        compiled = _compiled(functions["jacrev"])
        contestants["torch.compile"] = lambda: [compiled(plain, X)]
    return contestants


def training(p) -> dict:
    """Adam for-each and fused, on the better of two ways to the slopes."""
    X = torch.tensor(p.X, requires_grad=True)
    others, start = (torch.from_numpy(p.Y), torch.from_numpy(p.dY_dx)), tensors(p)

    def train(**options):
        parameters = [part.detach().clone().requires_grad_() for part in start]
        optimizer = torch.optim.Adam(parameters, lr=1e-3, **options)
        for _ in range(STEPS):
            loss = _double_backward(parameters, X, *others)
            for part, gradient in zip(parameters, torch.autograd.grad(loss, parameters)):
                part.grad = gradient
            optimizer.step()
        return [torch.cat([part.ravel() for part in parameters])]

    return {
        "torch, Adam for each": lambda: train(foreach=True),
        "torch, Adam fused": lambda: train(fused=True),
    }
