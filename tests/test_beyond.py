"""The page beyond one machine: its figure, and the sum over shards that it cuts."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nnlib import costs, network
from nnlib.activations import tanh
from nnlib.check import agreement
from nnlib.figures.beyond import ROWS, modelled, parameters, speed_up
from nnlib.figures.schema import validate
from nnlib.index_backprop import matrix_gradient
from tests.tolerances import TOL
from tools.measure import DATA

STORED = json.loads((DATA / "beyond.json").read_text("utf8"))["data"]


@given(st.lists(st.integers(0, 9), max_size=4), st.integers(0, 2**16))
def test_shards_cut_anywhere_add_to_the_whole(cuts, seed):
    rng = np.random.default_rng(seed)
    net = network.init((3, 4, 2), tanh, rng)
    X, Y = rng.standard_normal((10, 3)), rng.standard_normal((10, 2))
    edges = sorted({0, 10, *cuts})
    parts = [matrix_gradient(net, X[i:j], Y[i:j], costs.half_squared_error) for i, j in zip(edges, edges[1:])]
    whole = matrix_gradient(net, X, Y, costs.half_squared_error)
    assert agreement(sum(parts), whole) <= TOL["identical"]


def test_the_model_is_one_workers_time_over_that_of_several():
    row, message, workers = 0.5, 3.0, 4
    assert modelled(row, message, 1000, workers) == pytest.approx(500 / (125 + 12))
    assert modelled(row, 0, ROWS, workers) == pytest.approx(np.full(len(ROWS), workers))


def test_the_parameters_come_from_the_largest_batch_and_the_middle_message():
    times = {"rows": [10, 100], "one": [9, 50], "messages": [4, 8]}
    assert parameters(times, 2) == (0.5, 3.0)


@pytest.mark.parametrize("name", STORED["networks"])
@pytest.mark.parametrize("workers", [2, 32])
def test_the_figure_shows_the_model_and_what_was_measured(name, workers):
    times = STORED["networks"][name]
    figure = speed_up(name, workers, stored=STORED)
    validate(figure)
    traces = {trace["name"]: trace for trace in figure["data"]}
    assert traces["measured, 2 workers"]["y"] == pytest.approx(np.divide(times["one"], times["two"]))
    assert max(traces["the model"]["y"]) < workers
    rows = float(figure["meta"]["sentence"].split("below ")[1].split(" rows")[0].replace(",", ""))
    row, message = parameters(times, STORED["workers"])
    assert modelled(row, message, rows, workers) == pytest.approx(1, rel=0.05)
