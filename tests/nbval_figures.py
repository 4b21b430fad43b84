"""A pytest plugin beside nbval: figures are compared decoded, within their rounding; no cell passes unrun.

nbval compares a cell's outputs as text. A bundle is compressed: one rounded-off digit changes all of its
text, so here it is taken out of nbval's comparison and compared by ``nnlib.figures.bundle.same``.
"""

import os

import pytest
from nbval.plugin import IPyNbCell

from nnlib.figures import bundle
from nnlib.figures.explore import MIME


def figures(outputs: list) -> list[dict]:
    """The bundles among a cell's outputs, in order."""
    return [out["data"][MIME] for out in outputs if MIME in out.get("data", {})]


def differences(new: list[dict], stored: list[dict]) -> list[str]:
    """What a reader would see differ between a cell's figures as run and as stored."""
    if len(new) != len(stored):
        return [f"the cell makes {len(new)} figures, the notebook stores {len(stored)}"]
    return [line for one, two in zip(new, stored) for line in bundle.same(one, two)]


def pytest_configure() -> None:
    """Figures are stored as on a page, also when a terminal of Jupyter's starts the tests."""
    os.environ["NNLIB_LIVE"] = "0"


def pytest_itemcollected(item: pytest.Item) -> None:
    """Give every notebook cell the comparison above."""
    if not isinstance(item, IPyNbCell):
        return
    compare = item.compare_outputs

    def compare_outputs(new: list, stored: list) -> bool:
        skip = (*item.parent.skip_compare, MIME)
        equal = compare(new, stored, skip_compare=skip)
        item.comparison_traceback += (found := differences(figures(new), figures(stored)))
        return equal and not found

    item.compare_outputs = compare_outputs


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_call(item: pytest.Item) -> None:
    """nbval passes a notebook without outputs or counts; here a cell that was never run fails."""
    if isinstance(item, IPyNbCell) and item.cell.source.strip() and item.cell.execution_count is None:
        pytest.fail(f"never executed: make record NB={item.path.name}", pytrace=False)
