"""A process of its own for a student's code, with no rights, no network and nobody else's files.

The walls are bubblewrap's: new mount, process, network, IPC and host-name spaces; a file system that holds the
system's libraries and Python, read-only, and a small folder in memory; no environment. `runner` adds limits to
memory, time, files and processes before it takes the first line of code. Started by root, the process has a user id
that nobody else has; started by an ordinary account, a user namespace in which it is nobody.
"""

from __future__ import annotations

import itertools
import json
import os
import platform
import select
import shutil
import signal
import struct
import subprocess
import sys
import time
from functools import cache
from pathlib import Path
from typing import Any

from classroom import wire

HERE = Path(__file__).resolve().parent
MEMORY = 1 << 31  # bytes of address space; numpy takes 0.2 GB of it
SCRATCH = 16 << 20  # bytes in the folder for temporary files
SECONDS = 10  # one cell or call
TOTAL = 60  # one submission, restarts included
START = 120  # for Python and numpy to be there, before any student's code and out of nobody's time
GRACE = 2  # seconds between the alarm inside and the end from outside

ADVICE = (
    "Students' code runs only inside bubblewrap (Linux: `apt install bubblewrap` or your system's package; elsewhere, "
    "in a Linux virtual machine). If you have read all submissions and trust every line of them with your files, "
    "your network and this gradebook, say --trust-the-submissions."
)

# System calls that neither numpy nor a student needs, and that make memory or rights no limit above counts: new
# namespaces, mounts, tracing, shared segments, the kernel's younger interfaces.
FORBIDDEN = {
    "x86_64": (0xC000003E, (29, 68, 101, 155, 165, 248, 249, 250, 272, 298, 308, 321, 323, 425, 435)),
    "aarch64": (0xC00000B7, (40, 41, 97, 117, 186, 194, 217, 218, 219, 241, 268, 280, 282, 425, 435)),
}
_USERS = itertools.count(0x70000000)  # above the ranges that systems and containers give out


class NoSandboxError(RuntimeError):
    """There is no bubblewrap here, or it does not work; the words say what to do."""


class NotStartedError(RuntimeError):
    """The process did not come up: a fault of this machine, not of the code that it was to run."""


class EndedError(RuntimeError):
    """The process is gone, or was ended because it did not answer; the words say which."""


def seccomp() -> bytes:
    """The filter program (classic BPF) that refuses the forbidden system calls with 'not permitted'."""
    if platform.machine() not in FORBIDDEN:
        raise NoSandboxError(f"No list of system calls for the processor {platform.machine()}. {ADVICE}")
    architecture, numbers = FORBIDDEN[platform.machine()]
    load, equal, at_least, result = 0x20, 0x15, 0x35, 0x06
    deny, allow = 0x00050001, 0x7FFF0000
    # A jump skips to the last line, which refuses; calls of another architecture are refused altogether.
    lines = [(load, 0, 0, 4), (equal, 1, 0, architecture), (result, 0, 0, deny), (load, 0, 0, 0)]
    lines += [(at_least, len(numbers) + 1, 0, 0x40000000)]  # the x32 twins of the calls
    lines += [(equal, len(numbers) - k, 0, number) for k, number in enumerate(numbers)]
    lines += [(result, 0, 0, allow), (result, 0, 0, deny)]
    return b"".join(struct.pack("=HBBI", *line) for line in lines)


def system() -> list[str]:
    """bubblewrap's options for the system's libraries and this Python, read-only; nothing else is there."""
    options = []
    for name in ("bin", "lib", "lib32", "lib64"):
        if (path := Path("/", name)).is_symlink():
            options += ["--symlink", os.readlink(path), str(path)]
        elif path.exists():
            options += ["--ro-bind", str(path), str(path)]
    for path in dict.fromkeys(["/usr", sys.base_prefix, sys.prefix]):
        for parent in [*Path(path).parents][-2::-1]:  # bubblewrap alone would make them its own user's
            options += ["--perms", "0755", "--dir", str(parent)]
        options += ["--ro-bind", path, path]
    return options


def _command(root: bool) -> list[str]:
    """bubblewrap with its walls, up to the program to run."""
    command = [
        "bwrap",
        "--unshare-ipc",
        "--unshare-pid",
        "--unshare-net",
        "--unshare-uts",
        "--unshare-cgroup-try",
    ]
    command += [
        "--die-with-parent",
        "--new-session",
        "--hostname",
        "sandbox",
        "--clearenv",
        "--cap-drop",
        "ALL",
    ]
    if root:  # for the one step in which `runner` becomes somebody else
        command += ["--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID"]
    else:
        command += ["--unshare-user", "--uid", "65534", "--gid", "65534"]
    command += ["--perms", "1777", "--size", str(SCRATCH), "--tmpfs", "/tmp", "--chdir", "/tmp"]
    command += system()  # after /tmp, in which Python's environment may lie
    command += ["--proc", "/proc", "--dev", "/dev"]
    for name in ("runner.py", "wire.py"):
        command += ["--ro-bind", str(HERE / name), f"/grader/{name}"]
    command += ["--remount-ro", "/dev", "--remount-ro", "/"]
    for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
        command += ["--setenv", name, "1"]
    # The order of a set is part of an answer's repeatability.
    return [
        *command,
        "--setenv",
        "PYTHONHASHSEED",
        "0",
        "--setenv",
        "HOME",
        "/tmp",
        "--setenv",
        "LANG",
        "C.UTF-8",
    ]


@cache
def require() -> None:
    """Raise NoSandboxError with advice unless a sandbox starts here and answers."""
    if not shutil.which("bwrap"):
        raise NoSandboxError(f"bubblewrap (bwrap) is not installed. {ADVICE}")
    with Process() as process:
        try:
            process.ask({"do": "run", "name": "x", "source": "x = 6 * 7"})
            _, value = process.ask({"do": "get", "name": "x"})
        except (NotStartedError, EndedError) as error:
            raise NoSandboxError(
                f"bubblewrap is installed, but does not work here: {error}. {ADVICE}"
            ) from None
    assert value == 42


class Process:
    """One running sandbox (or, if `trusted`, a plain process with the same limits). Use it in a `with`."""

    def __init__(self, trusted: bool = False):
        self._number = (
            -1
        )  # of the last request, which its reply repeats; the first word from inside is number 0
        root = os.getuid() == 0 and not trusted
        user = next(_USERS)
        options = json.dumps({"memory": MEMORY, "seconds": 2 * TOTAL, "uid": user if root else os.getuid()})
        python = [sys.executable, "-s", "-P", "-B"]
        fds: tuple[int, ...] = ()
        if trusted:
            command = [*python, str(HERE / "runner.py"), options]
        else:
            read, write = os.pipe()
            os.write(write, seccomp())
            os.close(write)
            fds = (read,)
            command = [*_command(root), "--seccomp", str(read), *python, "/grader/runner.py", options]
        try:
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                env={
                    "PATH": "/usr/local/bin:/usr/bin:/bin",
                    "OPENBLAS_NUM_THREADS": "1",
                    "PYTHONHASHSEED": "0",
                },
                cwd="/",
                pass_fds=fds,
                start_new_session=True,
            )
        finally:
            for fd in fds:
                os.close(fd)
        for stream in (self._process.stdin, self._process.stdout):
            os.set_blocking(stream.fileno(), False)

    def __enter__(self) -> Process:
        return self

    def __exit__(self, *_: Any) -> None:
        self._end()
        for stream in (self._process.stdin, self._process.stdout, self._process.stderr):
            try:
                stream.close()
            except BrokenPipeError:
                pass

    def complaint(self) -> str:
        """What bubblewrap itself said before any student's code ran."""
        self._end()
        return self._process.stderr.read(500).decode(errors="replace").strip()

    def ask(self, request: dict[str, Any], value: Any = None, seconds: float = SECONDS) -> tuple[dict, Any]:
        """Send one request, return (head, value) of the reply; EndedError if none comes in time."""
        self.wait_until_ready()
        message = wire.encode(request | {"seconds": seconds, "number": self._number + 1}, value)
        deadline = time.monotonic() + seconds + GRACE
        self._write(message, deadline)
        return self._reply(deadline)

    def wait_until_ready(self) -> None:
        """Until the walls stand and numpy is there; NotStartedError if they never do."""
        if self._number < 0:
            try:
                self._reply(time.monotonic() + START)
            except EndedError as error:
                raise NotStartedError(self.complaint() or f"it {error}") from None

    def _reply(self, deadline: float) -> tuple[dict, Any]:
        """(head, value) of the next reply."""
        self._number += 1
        head, body = wire.SIZES.unpack(self._read(wire.SIZES.size, deadline))
        if head > wire.HEAD or body > wire.BODY:
            return {"error": "NotPlainError", "words": "is larger than the grader takes"}, self._end()
        try:
            reply, value = wire.decode(self._read(head, deadline), self._read(body, deadline))
            if reply.get("number") != self._number:
                raise wire.NotPlainError("is not a message")
            return reply, value
        except wire.NotPlainError as error:  # a student's code wrote it; nothing after it would be in step
            return {"error": "NotPlainError", "words": str(error)}, self._end()

    @property
    def alive(self) -> bool:
        return self._process.poll() is None

    def _end(self) -> None:
        """Kill it; its process space ends with it, so that whatever it started dies, too.

        The whole group, for the moment in which bubblewrap has a child that is not yet tied to it.
        """
        if self._process.poll() is None:
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()

    def _write(self, data: bytes, deadline: float) -> None:
        fd = self._process.stdin.fileno()
        while data:
            self._wait([], [fd], deadline)
            try:
                data = data[os.write(fd, data) :]
            except BrokenPipeError:
                self._end()
                raise EndedError("ended the Python process") from None

    def _read(self, count: int, deadline: float) -> bytes:
        fd, parts = self._process.stdout.fileno(), []
        while count:
            self._wait([fd], [], deadline)
            part = os.read(fd, min(count, 1 << 20))
            if not part:
                self._end()
                raise EndedError("ended the Python process")
            parts.append(part)
            count -= len(part)
        return b"".join(parts)

    def _wait(self, readable: list[int], writable: list[int], deadline: float) -> None:
        left = deadline - time.monotonic()
        if left <= 0 or not any(select.select(readable, writable, [], left)):
            self._end()
            raise EndedError("did not end in time")
