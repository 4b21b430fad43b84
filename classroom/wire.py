"""Plain values as bytes, between the grader and the process that runs a student's code.

A message is a JSON head and the arrays' raw bytes behind it. What may cross: None, booleans, numbers, short text,
numeric arrays, and tuples, lists and dicts of these. Nothing is ever unpickled or unzipped, and every size is
checked before memory is taken, since the other side may send anything.
"""

from __future__ import annotations

import json
import math
import struct
from typing import Any

# By their own names: in the sandbox a student may put something else into numpy.
from numpy import ascontiguousarray, dtype, frombuffer, generic, ndarray

SIZES = struct.Struct("<II")  # lengths of the head and of the arrays
HEAD, BODY = 1 << 18, 1 << 24  # bytes, at most
TEXT = 10_000  # letters in one string, at most
DEPTH = 20  # how deep lists may hold lists
ENTRIES = 1 << 21  # of one array; an axis of length 0 counts as 1, or a shape could be huge for nothing
KINDS = "biufc"


class NotPlainError(ValueError):
    """A value that cannot cross; the words say why."""


def encode(head: dict[str, Any], value: Any = None) -> bytes:
    """The message with this head that carries `value`."""
    arrays: list[bytes] = []
    head = head | {"value": _flat(value, arrays, DEPTH)}
    text, body = json.dumps(head).encode(), b"".join(arrays)
    if len(text) > HEAD or len(body) > BODY:
        raise NotPlainError(f"is larger than {BODY >> 20} MB")
    return SIZES.pack(len(text), len(body)) + text + body


def decode(text: bytes, body: bytes) -> tuple[dict[str, Any], Any]:
    """The head and the value of a message; NotPlainError for whatever is not one."""
    try:
        head = json.loads(text)
        value, rest = _build(head.pop("value"), body, DEPTH)
    except NotPlainError:
        raise
    except (ValueError, TypeError, KeyError, IndexError, AttributeError, RecursionError) as error:
        raise NotPlainError("is not a message") from error
    if rest:
        raise NotPlainError("is not a message")
    return head, value


def _flat(value: Any, arrays: list[bytes], depth: int) -> Any:
    """`value` as JSON, its arrays' bytes appended to `arrays`."""
    if depth == 0:
        raise NotPlainError("is nested too deeply")
    if isinstance(value, ndarray | generic):
        if value.dtype.kind not in KINDS or value.dtype.itemsize > 16:
            raise NotPlainError(f"holds values of type {value.dtype}, not numbers")
        if value.nbytes > BODY or math.prod(max(n, 1) for n in value.shape) > ENTRIES:
            raise NotPlainError(f"is an array of shape {value.shape}, too large")
        little = ascontiguousarray(value, value.dtype.newbyteorder("<"))
        arrays.append(little.tobytes())
        kind = "array" if isinstance(value, ndarray) else "scalar"
        return [kind, little.dtype.str, list(value.shape)]
    if value is None or isinstance(value, bool | float):
        return ["plain", value]
    if isinstance(value, int):
        if abs(value) >= 1 << 63:
            raise NotPlainError("is an integer of more than 64 bits")
        return ["plain", value]
    if isinstance(value, complex):
        return ["complex", value.real, value.imag]
    if isinstance(value, str):
        if len(value) > TEXT:
            raise NotPlainError("is a very long text")
        return ["plain", value]
    if isinstance(value, tuple | list):
        kind = "tuple" if isinstance(value, tuple) else "list"
        return [kind, [_flat(item, arrays, depth - 1) for item in value]]
    if isinstance(value, dict):
        pairs = [[_flat(k, arrays, 1), _flat(v, arrays, depth - 1)] for k, v in value.items()]
        return ["dict", pairs]
    raise NotPlainError(f"is a {type(value).__name__}, not numbers or arrays")


def _build(node: Any, body: bytes, depth: int) -> tuple[Any, bytes]:
    """The value that `node` describes, and the bytes that are left."""
    if depth == 0:
        raise NotPlainError("is nested too deeply")
    kind, *rest = node
    if kind == "plain":
        (value,) = rest
        if not (value is None or isinstance(value, bool | int | float | str)):
            raise NotPlainError("is not a message")
        return value, body
    if kind == "complex":
        return complex(*rest), body
    if kind in ("array", "scalar"):
        kinds, shape = dtype(str(rest[0])), tuple(rest[1])
        if kinds.kind not in KINDS or any(type(n) is not int or n < 0 for n in shape) or len(shape) > 32:
            raise NotPlainError("is not an array of numbers")
        count = math.prod(shape)
        if math.prod(max(n, 1) for n in shape) > ENTRIES or len(body) < count * kinds.itemsize:
            raise NotPlainError("is an array of another size than it says")
        array = frombuffer(body, kinds, count).reshape(shape).copy()
        return array if kind == "array" else array[()], body[count * kinds.itemsize :]
    if kind in ("tuple", "list"):
        items = []
        for item in rest[0]:
            value, body = _build(item, body, depth - 1)
            items.append(value)
        return tuple(items) if kind == "tuple" else items, body
    if kind == "dict":
        found = {}
        for key, item in rest[0]:
            key, body = _build(key, body, 1)
            if not isinstance(key, str | int):
                raise NotPlainError("is a dict whose keys are not text")
            found[key], body = _build(item, body, depth - 1)
        return found, body
    raise NotPlainError("is not a message")
