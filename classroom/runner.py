"""Inside the sandbox: runs a student's cells and calls the student's functions, for the grader at the other end.

It starts as whoever starts it, with no file but the system's and Python's, gives up every right, and only then
takes code. It is in the student's hands from the first cell on: nothing it says is trusted.
"""

import json
import os
import random
import resource
import signal
import sys
import types

import numpy as np

sys.path.insert(0, os.path.dirname(__file__))  # python -P leaves it out
import wire  # noqa: E402

OUTPUT = 1 << 20  # bytes one cell or call may print


class TimeLimit(BaseException):  # noqa: N818 - a student's `except Exception` must not catch it
    """The cell or call took too long."""


class OutputLimit(BaseException):  # noqa: N818 - likewise
    """The cell or call printed too much."""


class Tally:
    """A standard output that counts and forgets."""

    def __init__(self):
        self.left = OUTPUT

    def write(self, text):
        self.left -= len(text)
        if self.left < 0:
            raise OutputLimit(f"printed more than {OUTPUT >> 20} MB")
        return len(text)

    def flush(self):
        pass

    def isatty(self):
        return False


def restrict(memory, seconds, uid):
    """No rights, no further process or thread, bounded memory, time, files: from here on for good."""
    if os.getuid() == 0:
        os.setgroups([])
        os.setresgid(uid, uid, uid)
        os.setresuid(uid, uid, uid)
    limits = {"AS": memory, "CPU": seconds, "FSIZE": 8 << 20, "NOFILE": 64, "CORE": 0, "MSGQUEUE": 0}
    if sys.platform == "linux":
        limits["NPROC"] = 0  # counts threads, too; numpy is told to use one
    for name, value in limits.items():
        try:
            resource.setrlimit(getattr(resource, f"RLIMIT_{name}"), (value, value))
        except (AttributeError, ValueError, OSError):
            if sys.platform == "linux":
                raise


def without_magics(source):
    """The source with IPython's lines (%..., !..., ...?) replaced by pass."""
    lines = source.split("\n")
    for k, line in enumerate(lines):
        bare = line.strip()
        if bare[:1] in ("%", "!", "?") or bare[-1:] == "?":
            lines[k] = line[: len(line) - len(line.lstrip())] + "pass"
    return "\n".join(lines)


def compiled(source, name):
    """The cell's code; a cell that is not Python as it stands is tried without IPython's lines."""
    try:
        return compile(source, name, "exec", dont_inherit=True)
    except SyntaxError as error:
        try:
            return compile(without_magics(source), name, "exec", dont_inherit=True)
        except SyntaxError:
            raise error from None


def described(error, name):
    """What is told of an exception: its type, its words, its last line in the cell (or any cell)."""
    line, trace = (
        getattr(error, "lineno", None) if isinstance(error, SyntaxError) else None,
        error.__traceback__,
    )
    where = name
    while trace is not None:
        if trace.tb_frame.f_code.co_filename.startswith("cell "):
            line, where = trace.tb_lineno, trace.tb_frame.f_code.co_filename
        trace = trace.tb_next
    try:
        words = (error.msg if isinstance(error, SyntaxError) else str(error))[:300]
    except BaseException:
        words = ""
    return {"error": type(error).__name__[:80], "words": words, "where": where, "line": line}


def guarded(request, value, space):
    """The reply to a request, whatever the student's code does, within the request's time."""
    number, name = request["number"], request["name"]
    sys.stdout = sys.stderr = Tally()
    try:
        signal.setitimer(signal.ITIMER_REAL, request["seconds"])
        try:
            head, value = answer(request, name, value, space)
            return wire.encode(head | {"number": number}, value)
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
    except wire.NotPlainError as error:
        return wire.encode({"number": number, "error": "NotPlainError", "words": str(error)})
    except BaseException as error:
        return wire.encode(described(error, name) | {"number": number})


def stop(number, frame):
    raise TimeLimit("took too long")


def answer(request, name, value, space):
    """(head, value) of the reply to one request."""
    if request["do"] == "run":
        exec(compiled(request["source"], name), space)
        return {}, None
    if name not in space:
        return {"error": "Missing", "words": name}, None
    found = space[name]
    if request["do"] == "get":
        return ({"callable": True}, None) if callable(found) else ({}, found)
    before = wire.encode({}, value)
    result = found(*value[0], **value[1])
    return {"changed": wire.encode({}, value) != before}, result


def send(fd, message):
    while message:
        message = message[os.write(fd, message) :]


def main():
    requests, replies = os.dup(0), os.dup(1)
    null = os.open(os.devnull, os.O_RDWR)
    for number in (0, 1, 2):
        os.dup2(null, number)
    source = open(requests, "rb")
    restrict(**json.loads(sys.argv[1]))
    signal.signal(signal.SIGALRM, stop)
    random.seed(0)  # the same submission, the same marks
    np.random.seed(0)
    module = types.ModuleType("__main__")
    sys.modules["__main__"] = module
    with np.errstate(all="warn"):
        send(replies, wire.encode({"number": 0}))  # ready
        while sizes := source.read(wire.SIZES.size):
            head, body = wire.SIZES.unpack(sizes)
            request, value = wire.decode(source.read(head), source.read(body))
            send(replies, guarded(request, value, module.__dict__))


if __name__ == "__main__":
    main()
