"""From nothing to a first gradient: CPU seconds of a whole process, import included."""

import os
import subprocess
import sys
from pathlib import Path
from statistics import median

ROOT = Path(__file__).resolve().parent.parent

PROGRAMS = {
    "numpy and nnlib": (
        "import numpy as np; from nnlib import index_backprop, network, costs; from nnlib.activations import tanh\n"
        "net = network.init((2, 16, 16, 1), tanh, np.random.default_rng(0))\n"
        "index_backprop.matrix_gradient(net, np.ones((32, 2)), np.ones((32, 1)), costs.squared_error)"
    ),
    "jax": (
        "import jax, jax.numpy as jnp\n"
        "layers = [(jnp.ones((m, n)), jnp.ones(m)) for n, m in ((2, 16), (16, 16), (16, 1))]\n"
        "def loss(layers, x):\n"
        "    for W, b in layers: x = jnp.tanh(x @ W.T + b)\n"
        "    return (x ** 2).sum()\n"
        "jax.block_until_ready(jax.jit(jax.grad(loss))(layers, jnp.ones((32, 2))))"
    ),
    "torch": (
        "import torch; torch.set_num_threads(1)\n"
        "net = torch.nn.Sequential(torch.nn.Linear(2, 16), torch.nn.Tanh(), torch.nn.Linear(16, 16), torch.nn.Tanh(),\n"
        "    torch.nn.Linear(16, 1))\n"
        "(net(torch.ones(32, 2)) ** 2).sum().backward()"
    ),
}


def cpu_seconds(program: str) -> float:
    """User and system time of a process that runs it."""
    process = subprocess.Popen([sys.executable, "-c", program], cwd=ROOT, env=os.environ)
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"a first gradient failed: {program.splitlines()[0]}")
    return used.ru_utime + used.ru_stime


def measured(libraries, rounds: int = 7) -> dict[str, float]:
    """The median of a few processes each, taken in turn."""
    wanted = [name for name in PROGRAMS if name in libraries or name.startswith("numpy")]
    taken = [{name: cpu_seconds(PROGRAMS[name]) for name in wanted} for _ in range(rounds)]
    return {name: float(f"{median(t[name] for t in taken):.3g}") for name in wanted}
