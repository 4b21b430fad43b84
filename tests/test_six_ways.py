"""The page six-ways: its brackets lead to one product, its counts are those of a hand count."""

import pytest

from nnlib.figures.bundle import encode
from nnlib.figures.six_ways import FACTORS, METHODS, WAYS, bracketing, cost_of_ways, count


@pytest.mark.parametrize("method", METHODS)
def test_brackets_grow_until_they_hold_all_factors(method):
    brackets, _ = METHODS[method]
    assert brackets[-1] == (0, len(FACTORS) - 1)
    for inner, outer in zip(brackets, brackets[1:]):
        assert outer[0] <= inner[0] and inner[1] <= outer[1] and outer != inner
    drawn = bracketing(method)["data"]
    assert len(drawn) == len(FACTORS) - 1
    assert drawn[-1]["text"][2] == "∂C/∂W¹"


def test_the_count_of_the_smallest_network_is_that_by_hand():
    """One input, one unit: forward w x + b, backward 2 (a - y), times the slope, times x."""
    forward, backward = 2, 2 + 1 + 1
    assert (
        forward + backward <= count("index_backprop", (1, 1)) <= forward + backward + 6
    )  # sums that start at 0


@pytest.mark.parametrize("way", WAYS)
def test_more_of_anything_costs_more(way):
    assert count(way, (2, 2, 1)) < count(way, (2, 3, 1)) < count(way, (2, 3, 2)) < count(way, (2, 3, 3, 2))


@pytest.mark.parametrize("outputs", [1, 2, 4, 8])
@pytest.mark.parametrize("width", range(2, 7))
def test_what_the_page_and_the_caption_say_of_the_bars(width, outputs):
    cost = {way: count(way, (width, width, width, outputs)) for way in WAYS}
    assert max(cost, key=cost.get) == "recursive"
    assert cost["chain_rule"] == cost["index_backprop"] < cost["bptt"] < 1.5 * cost["chain_rule"]
    cheapest = {way for way in WAYS if cost[way] == min(cost.values())}
    assert cheapest == ({"jacobian"} if outputs == 1 else {"chain_rule", "index_backprop"})


def test_figures_fit_their_bundles():
    encode(bracketing, {"method": list(METHODS)})
    encode(cost_of_ways, {"width": [2, 3], "outputs": [1, 2]})
