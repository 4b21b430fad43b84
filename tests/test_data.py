"""Data: what ships is what it says, everything random is seeded, tasks have the targets they promise."""

import numpy as np
import pytest

from nnlib.data import adding, circles, digits, echo, moons, spirals, split


def rng():
    return np.random.default_rng(0)


def test_the_digits_are_the_1797_images():
    X, Y, labels = digits()
    assert X.shape == (1797, 64) and X.min() == 0 and X.max() == 1
    assert np.array_equal(Y.argmax(axis=1), labels) and (Y.sum(axis=1) == 1).all()
    assert np.bincount(labels).tolist() == [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]
    assert (16 * X).sum() == 561718  # a sum over all pixels: no image was lost or changed


@pytest.mark.parametrize("make", [moons, circles, spirals])
def test_toy_sets_are_seeded_and_balanced(make):
    X, Y = make(100, rng())
    assert X.shape == (100, 2) and Y.sum(axis=0).tolist() == [50, 50]
    assert np.array_equal(X, make(100, rng())[0])


def test_echo_repeats_after_the_delay():
    X, Y = echo(4, 10, 3, rng())
    assert set(np.unique(X)) == {-1, 1} and not Y[:, :3].any()
    assert np.array_equal(Y[:, 3:], X[:, :7])
    assert np.array_equal(echo(4, 10, 0, rng())[0], echo(4, 10, 0, rng())[1])


def test_adding_sums_one_marked_number_of_each_half():
    X, Y = adding(50, 9, rng())
    assert (X[:, :4, 1].sum(axis=1) == 1).all() and (X[:, 4:, 1].sum(axis=1) == 1).all()
    assert (
        np.allclose(Y[:, -1, 0], (X[:, :, 0] * X[:, :, 1]).sum(axis=1)) and (np.diff(Y[:, :, 0]) >= 0).all()
    )


def test_split_holds_rows_together_and_loses_none():
    rows = np.arange(10)
    (train, train_squares), (held, held_squares) = split(rng(), 0.3, rows, rows**2)
    assert len(held) == 3 and sorted([*train, *held]) == list(rows)
    assert np.array_equal(train**2, train_squares) and np.array_equal(held**2, held_squares)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: moons(10, 0), "rng wants a numpy Generator"),
        (lambda: moons(1, rng()), "n is 1, wants at least 2"),
        (lambda: spirals(10, rng(), arms=1), "arms is 1"),
        (lambda: echo(1, 5, 5, rng()), "delay is 5, wants 0..4"),
        (lambda: echo(0, 5, 1, rng()), "B is 0"),
        (lambda: adding(1, 1, rng()), "T is 1, wants at least 2"),
        (lambda: split(rng(), 0.0, np.ones(5)), "held_out is 0.0"),
        (lambda: split(rng(), 0.5, np.ones(5), np.ones(4)), r"lengths \[4, 5\]"),
    ],
)
def test_nonsense_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()
