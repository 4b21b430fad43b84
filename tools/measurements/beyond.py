"""What the page beyond-one-machine quotes: one gradient on one worker and on two, and the messages alone."""

import time
from importlib.metadata import version

import numpy as np
from dask.distributed import Client, LocalCluster

from nnlib import network
from nnlib.activations import tanh
from nnlib.costs import half_squared_error
from nnlib.index_backprop import matrix_gradient
from nnlib.network import Gradient, Network
from tools.measurements import measurement

WORKERS, ROUNDS = 2, 15
ROWS = {(64, 32, 10): (256, 1024, 4096, 16384, 65536), (784, 512, 512, 10): (64, 256, 1024, 4096, 8192)}


def timed(net: Network, X: np.ndarray, Y: np.ndarray) -> float:
    """Seconds of one gradient on the worker that runs this: one thread, no messages."""
    start = time.perf_counter()
    matrix_gradient(net, X, Y, half_squared_error)
    return time.perf_counter() - start


def echo(net: Network, X: np.ndarray, Y: np.ndarray, cost) -> Gradient:
    """A gradient's messages without its arithmetic: the network comes, as many numbers go back."""
    return Gradient(net.W, net.b)


def everywhere(client: Client, function, net: Network, shards: list) -> float:
    """Seconds of one round at the client: send the network, run `function` on every shard, add the answers."""
    start = time.perf_counter()
    tasks = [client.submit(function, net, X, Y, half_squared_error, pure=False) for X, Y in shards]
    sum(client.gather(tasks))
    return time.perf_counter() - start


def best(programs: dict) -> dict:
    """Milliseconds of each program, the best of several rounds taken in turn."""
    found = {name: float("inf") for name in programs}
    for _ in range(ROUNDS):
        for name, program in programs.items():
            found[name] = min(found[name], 1e3 * program())
    return {name: float(f"{ms:.3g}") for name, ms in found.items()}


def measured(client: Client, sizes: tuple, rows: int) -> dict:
    """One network, one batch: the three programs in turn."""
    rng = np.random.default_rng(0)
    net = network.init(sizes, tanh, rng)
    batch = rng.standard_normal((rows, sizes[0])), rng.standard_normal((rows, sizes[-1]))
    workers = list(client.scheduler_info()["workers"])
    whole = client.scatter(batch, workers=workers[:1])
    pairs = zip(*(np.array_split(array, WORKERS) for array in batch))
    shards = [client.scatter(pair, workers=[worker]) for worker, pair in zip(workers, pairs)]
    return best({
        "one": lambda: client.submit(timed, net, *whole, pure=False).result(),
        "two": lambda: everywhere(client, matrix_gradient, net, shards),
        "messages": lambda: everywhere(client, echo, net, shards),
        "threads": lambda: timed(net, *batch),
    })  # fmt: skip


@measurement
def beyond() -> dict:
    """Milliseconds of one gradient by network and batch, wall clock, best of 15 rounds taken in turn.

    one: a single worker, one thread, messages not counted; two: two workers, from sending the network to the
    sum; messages: the same as two without the arithmetic; threads: one process, numpy's threads as they come.
    """
    found: dict = {"workers": WORKERS, "distributed": version("distributed"), "networks": {}}
    here = {"host": "127.0.0.1", "dashboard_address": "127.0.0.1:0"}
    with LocalCluster(n_workers=WORKERS, threads_per_worker=1, **here) as cluster, Client(cluster) as client:
        for sizes, batches in ROWS.items():
            rows = [{"rows": rows} | measured(client, sizes, rows) for rows in batches]
            columns = {name: [row[name] for row in rows] for name in rows[0]}
            found["networks"]["-".join(map(str, sizes))] = {"sizes": sizes} | columns
    return found
