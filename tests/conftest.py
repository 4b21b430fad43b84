"""What all tests share: one seeded generator, and hypothesis without a clock or a memory."""

import numpy as np
import pytest
from hypothesis import settings

from tests import submitting

# A loaded machine must not fail a test (no deadline), and a run must say what the next one says
# (derandomize, no database of earlier failures).
settings.register_profile("book", deadline=None, derandomize=True, database=None, max_examples=50)
settings.load_profile("book")


@pytest.fixture
def rng() -> np.random.Generator:
    """A generator that starts afresh for every test."""
    return np.random.default_rng(20261122)


@pytest.fixture(scope="session")
def walls() -> None:
    """A working bubblewrap, installed if that may be done here; a failure with advice if there is none."""
    submitting.walls()
