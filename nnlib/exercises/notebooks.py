"""A notebook of practice for each chapter: statements, starters and calls of the checks, no solution."""

from __future__ import annotations

import json

from nnlib.exercises import of
from nnlib.exercises.model import Exercise

HEAD = """# Practice: {title}

Work in any order. The last cell of each exercise checks your answer: run it (Shift+Enter), read what it asks, mend, run
it again. Nothing is counted and nothing is sent anywhere. A formula is typed as text, a choice as its letter.

The worked solutions stand on the book's page with the same exercises."""
KERNEL = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}}


def notebook(chapter: str) -> str:
    """The practice notebook of a chapter ("chain_rule"): text of an .ipynb file that wants nnlib and numpy alone."""
    title = chapter.replace("_", " ")
    cells = [_markdown("head", HEAD.format(title=title)), _code("start", "from nnlib import exercises")]
    for one in of(chapter):
        cells.append(_markdown(one.id, _statement(one)))
        if one.kind == "code":
            cells.append(_code(f"{one.id}-answer", one.starter.strip()))
        cells.append(_code(f"{one.id}-check", _check(one)))
    text = {"cells": cells, "metadata": KERNEL, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(text, indent=1, ensure_ascii=False) + "\n"


def _statement(one: Exercise) -> str:
    head = f"## {one.title}\n\n{one.id} · {one.role} · {one.level} · {one.minutes} min"
    return "\n\n".join([head, one.statement, *one.task.shown()])


def _check(one: Exercise) -> str:
    if one.kind == "code":
        return f'exercises.check("{one.id}", {one.task.function})'
    fields = [f'    "{field.name}": "",\n' for field in one.task.fields] if one.kind == "formula" else []
    blank = "{\n" + "".join(fields) + "}" if len(fields) > 1 else '""'
    return f'exercises.check("{one.id}", {blank})'


def _markdown(id: str, text: str) -> dict:
    return {"cell_type": "markdown", "id": id, "metadata": {}, "source": text.splitlines(keepends=True)}


def _code(id: str, text: str) -> dict:
    return _markdown(id, text) | {"cell_type": "code", "execution_count": None, "outputs": []}
