"""What the page's worker runs in Python: figures asked for a state, cells run as a notebook runs them.

The worker (worker.js) imports this file as the module ``kernel``. Nothing here knows Pyodide, so that the
tests run it as it stands; `post` is whatever takes a kind of output and its text.
"""

import ast
import io
import json
import linecache
import math
import os
import pprint
import sys
import time
import traceback
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from importlib import import_module

MIME = "application/vnd.nnlib.figure+json"
FILE = "<your cell>"  # the name of a learner's lines in a traceback
ABOVE = "<a cell above>"
LONGEST = 100_000  # characters of output a run may show
OFTEN = 0.05  # seconds between two messages to the page


def answer(function: str, arguments: dict) -> str:
    """The state of the figure `function`, "module:name", as JSON; a number that is none is null."""
    module, name = function.split(":")
    state = getattr(import_module(module), name)(**arguments)
    return json.dumps(_plain(state), allow_nan=False)


def _plain(part):
    """`part` with lists for arrays and None for what is no finite number, as a stored state has them."""
    if hasattr(part, "tolist"):
        part = part.tolist()
    if isinstance(part, dict):
        return {key: _plain(item) for key, item in part.items()}
    if isinstance(part, (list, tuple)):
        return [_plain(item) for item in part]
    return None if isinstance(part, float) and not math.isfinite(part) else part


class Stream(io.TextIOBase):
    """A stream whose text goes to the page, a little later and never too much of it."""

    def __init__(self, kind: str, post: Callable[[str, str], None], room: list[int]):
        self.kind, self.post, self.room = kind, post, room
        self.parts: list[str] = []
        self.last = 0.0

    def writable(self) -> bool:
        return True

    def write(self, text: str) -> int:
        if self.room[0] > 0:
            self.parts.append(text[: self.room[0]])
            self.room[0] -= len(text)
            if self.room[0] <= 0:
                self.parts.append(f"\n[the output beyond {LONGEST:,} characters is not shown]\n")
            if time.monotonic() - self.last > OFTEN:
                self.flush()
        return len(text)

    def flush(self) -> None:
        if self.parts:
            self.post(self.kind, "".join(self.parts))
            self.parts.clear()
        self.last = time.monotonic()


def run(code: str, namespace: dict, post: Callable[[str, str], None]) -> str:
    """Run a cell and return, as JSON, its value or its error.

    ``{"text": ..., "html": ..., "figure": bundle}`` for the last expression's value, whichever it has, or
    ``{"error": name, "message": ..., "traceback": ...}`` with the learner's lines alone.
    """
    room = [LONGEST]
    out, err = Stream("stdout", post, room), Stream("stderr", post, room)
    namespace.setdefault("__name__", "__main__")
    namespace["display"] = _display
    linecache.cache[FILE] = (len(code), None, code.splitlines(keepends=True), FILE)
    with redirect_stdout(out), redirect_stderr(err):
        try:
            result = shown(_execute(ast.parse(code, FILE), namespace, FILE))
        except BaseException as error:  # noqa: BLE001 (SystemExit and KeyboardInterrupt end a cell, too)
            result = told(error)
    out.flush()
    err.flush()
    return json.dumps(result)


def prepare(code: str, namespace: dict) -> str:
    """Run a cell of the page above the learner's, for what it defines: its output is on the page already.

    A last line that only shows a figure is left out, for it would compute every state of it. Returns the
    error as JSON, or "null".
    """
    tree = ast.parse(code, ABOVE)
    if tree.body and _shows_a_figure(tree.body[-1]):
        tree.body.pop()
    namespace.setdefault("__name__", "__main__")
    namespace["display"] = _display
    linecache.cache[ABOVE] = (len(code), None, code.splitlines(keepends=True), ABOVE)
    with redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()):
        try:
            _execute(tree, namespace, ABOVE)
        except BaseException as error:  # noqa: BLE001
            return json.dumps(told(error))
    return "null"


def _shows_a_figure(node: ast.stmt) -> bool:
    call = node.value if isinstance(node, ast.Expr) else None
    return isinstance(call, ast.Call) and getattr(call.func, "id", "") == "explore"


def _execute(tree: ast.Module, namespace: dict, file: str):
    """Execute the statements; the value of a last expression, or None."""
    last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
    exec(compile(tree, file, "exec"), namespace)
    return eval(compile(ast.Expression(last.value), file, "eval"), namespace) if last else None


def _display(*values) -> None:
    for value in values:
        print(_text(value))


def shown(value) -> dict:
    """What there is to show of a value."""
    if value is None:
        return {}
    bundle = value._repr_mimebundle_() if hasattr(value, "_repr_mimebundle_") else {}
    found = {"text": _text(value)}
    if MIME in bundle:
        found["figure"] = bundle[MIME]
    html = bundle.get("text/html") or (value._repr_html_() if hasattr(value, "_repr_html_") else None)
    return found | ({"html": html} if html else {})


def _text(value) -> str:
    containers = (list, dict, tuple, set, frozenset)
    text = pprint.pformat(value, sort_dicts=False) if isinstance(value, containers) else repr(value)
    return text if len(text) <= LONGEST else text[:LONGEST] + " ..."


def told(error: BaseException) -> dict:
    """An error with the lines of cells that led to it, and where in a library it was raised."""
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if frame.filename in (FILE, ABOVE)]
    lines = (["Traceback (most recent call last):\n"] if own else []) + traceback.format_list(own)
    if own and frames[-1] is not own[-1]:
        deepest = frames[-1]
        lines.append(f"  ... raised in {_module(deepest.filename)}, line {deepest.lineno}\n")
    lines += traceback.format_exception_only(error)
    return {"error": type(error).__name__, "message": str(error), "traceback": "".join(lines)}


def _module(filename: str) -> str:
    """A file's name from its package on: what comes before it differs from machine to machine."""
    return filename.rpartition("site-packages/")[2] if "site-packages/" in filename else filename


def needs_sympy(code: str) -> bool:
    """Whether the code imports a part of nnlib that imports sympy."""
    try:
        tree = ast.parse(code)
    except SyntaxError:
        return False
    names = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        if isinstance(node, ast.ImportFrom):
            names += [f"{node.module}.{alias.name}" for alias in node.names]
    return any(f"{name}.".startswith("nnlib.proofs.") for name in names)


def settle(folder: str) -> None:
    """Make `folder` the place where cells read files by relative names."""
    os.makedirs(folder, exist_ok=True)
    os.chdir(folder)
    if folder not in sys.path:
        sys.path.insert(0, folder)
