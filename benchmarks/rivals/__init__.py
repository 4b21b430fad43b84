"""The rivals in their best forms: one file for each library, imported only when it is asked for."""

from importlib import import_module
from importlib.util import find_spec
from types import ModuleType

LIBRARIES = {"torch": "with_torch", "jax": "with_jax", "autograd": "with_autograd"}


def available() -> dict[str, ModuleType]:
    """The libraries that are installed here, as modules with a function for each kind of row."""
    return {
        library: import_module(f"benchmarks.rivals.{name}")
        for library, name in LIBRARIES.items()
        if find_spec(library) is not None
    }
