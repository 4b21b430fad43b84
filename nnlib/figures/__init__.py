"""Figures of the book as plain data, and ``explore``, which shows any of them.

One module per chapter holds plain functions: numbers in, a dict in plotly's schema out. Nothing
here imports plotly or ipywidgets until a figure is shown under a live Jupyter.
"""

from nnlib.figures.explore import explore

__all__ = ["explore"]
