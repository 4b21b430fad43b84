"""Submissions that are broken or hostile: each has its own clear result, none reaches anything outside.

Every case starts from a notebook in which all is right, so what it scores shows what its honest part is worth.
"""

import json
import os
import socket
import subprocess
import sys
import unicodedata
import zipfile
from copy import deepcopy
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from classroom import marking, roster, sandbox, sheet, submissions, wire
from tests.submitting import cell, changed, code, data, solved

ROOT = Path(__file__).resolve().parent.parent
SOURCE = sheet.read("sheet-1")
WHOLE = solved(SOURCE)
RIGHT = WHOLE | {
    "cells": [c for c in WHOLE["cells"] if not c["metadata"].get("nbgrader", {}).get("locked")]
}  # no tests
FULL = {item.id: item.points for item in SOURCE.items if not item.manual}
LAYER, PATHS = ("layer-test-parameters", "layer-test-input"), ("paths-test",)
TOP = "import builtins, os, sys, threading, time\n"  # what the cells below use


@pytest.fixture(autouse=True)
def _short(walls, monkeypatch):
    """A few seconds for a cell or call, so that endless ones end soon; what is honest takes milliseconds."""
    monkeypatch.setattr(sandbox, "SECONDS", 3)
    monkeypatch.setattr(sandbox, "GRACE", 1)


def with_cell(source: str) -> dict:
    """The right notebook with a student's own cell after the first."""
    notebook = deepcopy(RIGHT)
    notebook["cells"].insert(2, code(TOP + source))
    return notebook


def layer(body: str) -> dict:
    """The right notebook with another layer_backward."""
    lines = "\n".join("    " + line for line in body.split("\n"))
    return changed(RIGHT, "layer", f"{TOP}def layer_backward(delta, a, W):\n{lines}")


def deleted(identity: str) -> dict:
    notebook = deepcopy(RIGHT)
    notebook["cells"].remove(cell(notebook, identity))
    return notebook


def doubled() -> dict:
    notebook = deepcopy(RIGHT)
    twin = deepcopy(cell(notebook, "layer"))
    twin["source"] = "def layer_backward(delta, a, W):\n    return 0"
    notebook["cells"].insert(3, twin)
    return notebook


def reordered() -> dict:
    notebook = deepcopy(RIGHT)
    notebook["cells"].reverse()
    return notebook


NEVER = "import signal\nsignal.signal(signal.SIGALRM, signal.SIG_IGN)\nwhile True: pass"
GARBAGE = "for fd in range(3, 40):\n    try: os.write(fd, b'\\xff' * 4096)\n    except OSError: pass"
FORGED = (
    "for fd in range(3, 40):\n"
    '    try: os.write(fd, b\'\\x17\\0\\0\\0\\0\\0\\0\\0{"value": ["plain", 7]}\')\n'
    "    except OSError: pass"
)
BOMB = "while True:\n    os.fork()"
THREADS = "while True:\n    threading.Thread(target=time.sleep, args=(9,)).start()"

# name: (notebook, the items without points and their hint, what stopped in some cell)
HOSTILE = {
    "right": (WHOLE, {}, ""),
    "tests deleted": (RIGHT, {}, ""),
    "a solution deleted": (deleted("layer"), dict.fromkeys(LAYER, "missing"), ""),
    "a solution doubled, the wrong one first": (doubled(), {}, ""),
    "cells in reverse order": (reordered(), {"neuron-test": "missing"}, "NameError"),
    "another name": (changed(RIGHT, "paths", "def df(x, w):\n    return x"), dict.fromkeys(PATHS, "missing"), ""),
    "not Python": (changed(RIGHT, "paths", "def df_dx(x, w:\n"), dict.fromkeys(PATHS, "missing"), "SyntaxError"),
    "IPython's lines": (with_cell("%matplotlib inline\n!rm -rf /\nget_ipython?"), {}, ""),
    "an endless loop in a cell": (with_cell("while True: pass"), {}, "TimeLimit"),
    "an endless loop that nothing stops": (with_cell(NEVER), {}, "Ended"),
    "an endless loop in a function": (layer("while True: pass"), dict.fromkeys(LAYER, "time"), ""),
    "a deaf loop in a function": (layer(NEVER), dict.fromkeys(LAYER, "ended"), ""),
    "a long sum": (with_cell("sum(range(10**12))"), {}, "Ended"),
    "os._exit in a cell": (with_cell("os._exit(0)"), {}, "Ended"),
    "os._exit in a function": (layer("os._exit(0)"), dict.fromkeys(LAYER, "ended"), ""),
    "sys.exit": (with_cell("sys.exit()"), {}, "SystemExit"),
    "a crash": (with_cell("import ctypes; ctypes.string_at(0)"), {}, "Ended"),
    "a fork bomb": (with_cell(BOMB), {}, "BlockingIOError"),
    "threads without end": (with_cell(THREADS), {}, "RuntimeError"),
    "8 GB": (with_cell("x = np.ones(10**9)"), {}, "MemoryError"),
    "8 GB in a function": (layer("return np.ones(10**9)"), dict.fromkeys(LAYER, "memory"), ""),
    "printing without end": (with_cell("while True: print('x' * 10000)"), {}, "OutputLimit"),
    "a gigabyte to the descriptor": (with_cell("for k in range(1000): os.write(1, bytes(10**6))"), {}, ""),
    "files without end": (
        with_cell("for k in range(99): open(f'/tmp/{k}', 'wb').write(bytes(7 * 2**20))"), {}, "OSError",
    ),
    "a monkey-patched numpy": (
        changed(
            RIGHT, "layer",
            "np.allclose = np.array_equal = np.all = lambda *a, **k: True\nnp.ndarray = object\n"
            "def layer_backward(delta, a, W):\n    return np.zeros_like(W), np.zeros(3), np.zeros_like(a)",
        ),
        dict.fromkeys(LAYER, "zero"), "",
    ),
    "assertions stripped": (
        changed(
            RIGHT, "layer",
            "import builtins\nbuiltins.AssertionError = type('Never', (Exception,), {})\n"
            "import sys\nsys.settrace(lambda *a: None)\nsys.excepthook = sys.exit = lambda *a: None\n"
            "def layer_backward(delta, a, W):\n    return 0, 0, 0",
        ),
        dict.fromkeys(LAYER, "shape"), "",
    ),
    "always equal": (
        changed(
            RIGHT, "layer",
            "class Yes(np.ndarray):\n    def __eq__(self, other): return True\n    shape = (3, 4)\n"
            "def layer_backward(delta, a, W):\n    return [np.zeros(3).view(Yes)] * 3",
        ),
        dict.fromkeys(LAYER, "type"), "",
    ),
    "garbage to the grader": (with_cell(GARBAGE), {}, "NotPlainError"),
    "a forged reply": (with_cell(FORGED), {}, "NotPlainError"),
    "a huge array": (layer("return np.zeros((10000, 10000), bool), 0, 0"), dict.fromkeys(LAYER, "type"), ""),
    "an endless axis": (layer("return np.zeros((0, 10**9)), 0, 0"), dict.fromkeys(LAYER, "type"), ""),
    "an object array": (layer("return np.array([None] * 3), 0, 0"), dict.fromkeys(LAYER, "type"), ""),
    "an object of its own": (layer("class A: pass\nreturn A()"), dict.fromkeys(LAYER, "type"), ""),
    "a pickle": (layer("import pickle\nreturn pickle.dumps(delta)"), dict.fromkeys(LAYER, "type"), ""),
    "a list in itself": (layer("x = []\nx.append(x)\nreturn x"), dict.fromkeys(LAYER, "type"), ""),
    "NaN": (layer("return W * np.nan, W[:, 0] * np.nan, a * np.nan"), dict.fromkeys(LAYER, "nan"), ""),
    "None": (layer("pass"), dict.fromkeys(LAYER, "nothing"), ""),
    "an exception with a bomb inside": (
        layer("class E(Exception):\n    def __str__(self): return 'x' * 10**12\nraise E()"),
        dict.fromkeys(LAYER, "raises"), "",
    ),
    "changes what it is given": (layer("W *= 0\nreturn delta.T @ a, delta.sum(0), delta @ W"), {
        "layer-test-parameters": "changed", "layer-test-input": "changed",
    }, ""),
}  # fmt: skip


def without_points(result: dict) -> dict[str, str]:
    return {
        identity: result["items"][identity]["hint"]
        for identity in FULL
        if not result["items"][identity]["points"]
    }


# One of each kind in `make test`; the others take a minute and more.
SOME = {
    "right", "a solution doubled, the wrong one first", "an endless loop that nothing stops", "os._exit in a function",
    "a fork bomb", "8 GB", "printing without end", "a monkey-patched numpy", "assertions stripped", "a forged reply",
    "an endless axis", "a pickle", "NaN", "changes what it is given",
}  # fmt: skip
assert set(HOSTILE) >= SOME


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=() if name in SOME else pytest.mark.whole) for name in HOSTILE]
)
def test_a_hostile_submission_scores_what_its_honest_part_is_worth(name):
    notebook, lost, stopped = HOSTILE[name]
    result = marking.mark(SOURCE, data(notebook))
    assert without_points(result) == lost
    assert {identity: result["items"][identity]["points"] for identity in FULL if identity not in lost} == {
        identity: points for identity, points in FULL.items() if identity not in lost
    }
    errors = {error["error"] for error in result["errors"].values()}
    assert (stopped in errors) if stopped else not errors, result["errors"]
    assert result["items"]["derivation"] == {"points": None}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (b"", "not JSON"),
        (b"{", "not JSON"),
        (b"[" * 100_000, "not JSON"),
        (b"\xff\xfe\x00", "not JSON"),
        (b"7", "no cells"),
        (b'{"cells": 7}', "no cells"),
        (b'{"worksheets": []}', "no cells"),
        (b'{"cells": [7]}', "a cell has no text"),
        (b'{"cells": [{"cell_type": "code", "source": [1, 2]}]}', "a cell has no text"),
        (json.dumps({"cells": [code("1")] * 501}).encode(), "501 cells"),
    ],
)
def test_what_is_no_notebook_says_so(text, words):
    result = marking.mark(SOURCE, text)
    assert words in result["problem"]
    assert all(
        item == {"points": 0, "hint": "file", "words": result["problem"]} for item in result["items"].values()
    )


def test_a_machine_on_which_nothing_starts_blames_no_student(monkeypatch):
    sandbox.require()
    monkeypatch.setattr(sandbox, "START", 0)
    with pytest.raises(sandbox.NotStartedError):
        marking.mark(SOURCE, data(RIGHT))


@pytest.mark.parametrize(
    "cells", [[], [{"cell_type": "markdown", "metadata": [], "source": "x"}], [code("\ud800")]]
)
def test_a_notebook_without_answers(cells):
    result = marking.mark(SOURCE, json.dumps({"cells": cells}).encode())
    assert set(without_points(result).values()) == {"missing"}
    assert result["items"]["derivation"]["points"] == 0
    assert "The cell layer is missing." in result["notes"]


EXPLORER = """
import gc, glob, os, socket, sys
found, seen = {}, []
def attempt(name, work):
    try: found[name] = str(work())[:300]
    except BaseException as error: found[name] = "refused: " + type(error).__name__
def outside():
    for top in ("/work", "/root", "/home", "/mnt", "/srv", "/opt", "/var", "/etc", "/run", "/grader", "/proc", "/tmp"):
        for folder, _, names in os.walk(top):
            if not folder.startswith((sys.prefix, sys.base_prefix)):
                seen.extend(os.path.join(folder, name) for name in names)
attempt("walk", outside)
seen = [name for name in seen if name.endswith((".ipynb", ".csv", ".json", "passwd", "shadow", ".db"))]
attempt("sheet", lambda: open(%(sheet)r).read())
attempt("marker", lambda: open(%(marker)r, "w").write("x"))
attempt("root", lambda: open("/marker", "w").write("x"))
attempt("library", lambda: open(os.__file__, "w").write("x"))
attempt("shared memory", lambda: open("/dev/shm/marker", "w").write("x"))
attempt("net", lambda: socket.create_connection(("127.0.0.1", %(port)d), 0.5))
attempt("name", lambda: socket.getaddrinfo("example.org", 80))
attempt("superuser", lambda: os.setuid(0))
attempt("namespace", lambda: os.system("true"))
attempt("kill", lambda: os.kill(1, 9))
environment = dict(os.environ)
numbers = sorted(int(name) for name in os.listdir("/proc") if name.isdigit())
uid = os.getuid()
wanted = ("CapEff", "CapPrm", "NoNew", "Seccomp:")
rights = [line for line in open("/proc/self/status").read().split("\\n") if line.startswith(wanted)]
modules = [name for name in sys.modules if name.startswith(("classroom", "nnlib"))]
attempt("first environment", lambda: open("/proc/1/environ").read())
strings = sum("canary-" "4c1f" in text for text in gc.get_objects() if isinstance(text, str))
import ctypes
libc = ctypes.CDLL(None, use_errno=True)
calls = {name: libc.syscall(*numbers) for name, numbers in %(calls)r.items()}
"""


def explore(tmp_path: Path, monkeypatch) -> dict:
    """What a student's code finds when it looks around."""
    monkeypatch.setenv("SECRET_TOKEN", "classroom-secret")
    monkeypatch.setattr(sandbox, "SECONDS", 60)  # it walks through all folders there are
    with socket.create_server(("127.0.0.1", 0)) as server:
        told = {
            "sheet": str(sheet.SHEETS / "sheet-1" / "sheet-1.ipynb"),
            "marker": str(tmp_path / "marker"),
            "port": server.getsockname()[1],
            "calls": {
                "unshare": (272, 0x10000000),
                "shmget": (29, 0, 1 << 20, 0o1600),
                "bpf": (321, 0, 0, 0),
            },
        }
        with marking.Run([EXPLORER % told]) as run:
            run.process()
            assert not run.errors, run.errors
            names = "found seen environment numbers uid rights modules strings calls"
            return {name: run.value(name) for name in names.split()}


def test_a_students_code_finds_nothing_outside(tmp_path, monkeypatch):
    seen = explore(tmp_path, monkeypatch)
    refused = {name: words for name, words in seen["found"].items() if words.startswith("refused")}
    assert set(refused) >= {
        "sheet",
        "marker",
        "root",
        "library",
        "shared memory",
        "net",
        "name",
        "superuser",
    }, seen["found"]
    assert not (tmp_path / "marker").exists()
    assert seen["seen"] == []
    assert "SECRET_TOKEN" not in seen["environment"] and set(seen["environment"]) <= {
        "HOME", "LANG", "LC_CTYPE", "MKL_NUM_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS",
        "PATH", "PWD", "PYTHONHASHSEED",
    }  # fmt: skip
    assert "classroom-secret" not in seen["found"]["first environment"]
    assert len(seen["numbers"]) == 2  # bubblewrap's own first process and the student's
    assert seen["uid"] not in (0, os.getuid())
    assert "CapEff:\t0000000000000000" in seen["rights"] and "CapPrm:\t0000000000000000" in seen["rights"]
    assert "NoNewPrivs:\t1" in seen["rights"] and "Seccomp:\t2" in seen["rights"]
    assert seen["modules"] == [] and seen["strings"] == 0
    assert set(seen["calls"].values()) == {-1}


def test_the_same_explorer_finds_all_that_without_walls(tmp_path, monkeypatch):
    """So the test above can fail: without the sandbox the sheet is read and the file is written."""
    process = sandbox.Process.__init__
    monkeypatch.setattr(sandbox.Process, "__init__", lambda self, trusted: process(self, trusted=True))
    monkeypatch.setattr(sys.modules[__name__], "EXPLORER", EXPLORER.replace('attempt("walk", outside)', "").replace(
        'attempt("root"', 'attempt("/marker", lambda: 0) #').replace('attempt("library"', "#").replace(
        'attempt("shared', "#").replace('attempt("kill"', "#").replace("gc.get_objects()", "[]"))  # fmt: skip
    seen = explore(tmp_path, monkeypatch)
    assert sheet.CANARY not in seen["found"]["sheet"] and seen["found"]["sheet"].startswith("{")
    assert (tmp_path / "marker").read_text() == "x"
    assert "socket" in seen["found"]["net"]
    assert len(seen["numbers"]) > 2


def test_the_same_submission_always_has_the_same_marks():
    notebook = with_cell("print({'a', 'b', 'c'}); r = np.random.rand(); y_1 = list({'x', 'y', 'z'})")
    notebook = changed(notebook, "paths", "def df_dx(x, w):\n    return x * np.random.rand() + len(y_1[0])")
    assert marking.mark(SOURCE, data(notebook)) == marking.mark(SOURCE, data(notebook))
    with marking.Run(
        ["import numpy as np; r = np.random.rand(); order = list({'x', 'y', 'z', 'w', 'v'})"]
    ) as one:
        first = one.value("r"), one.value("order")
    with marking.Run(
        ["import numpy as np; r = np.random.rand(); order = list({'x', 'y', 'z', 'w', 'v'})"]
    ) as two:
        assert (two.value("r"), two.value("order")) == first


def test_helpers_in_other_cells_count():
    notebook = changed(RIGHT, "layer", "def layer_backward(delta, a, W):\n    return helper(delta, a, W)")
    notebook["cells"].insert(
        2, code("def helper(delta, a, W):\n    return delta.T @ a, delta.sum(0), delta @ W")
    )
    assert without_points(marking.mark(SOURCE, data(notebook))) == {}


def test_nothing_but_plain_values_crosses():
    for value in (
        {"a": [1, 2.5, None, True, "x", (1j, np.float32(2))]},
        np.arange(6.0).reshape(2, 3),
        np.array(3),
    ):
        _, back = decoded(wire.encode({}, value))
        np.testing.assert_equal(back, value)
        assert type(back) is type(value)
    for value in (
        object(),
        np.array([object()]),
        {(1,): 2},
        1 << 70,
        "x" * 10_001,
        {1, 2},
        b"x",
        np.array(["x"]),
    ):
        with pytest.raises(wire.NotPlainError):
            wire.encode({}, value)


def decoded(message: bytes):
    head, body = wire.SIZES.unpack(message[:8])
    return wire.decode(message[8 : 8 + head], message[8 + head : 8 + head + body])


@pytest.mark.parametrize(
    "node",
    [
        7, [], ["array", "<f8", [3]], ["array", "|O", [1]], ["array", "<f8", [-1]], ["array", "<f8", [0, 1 << 60]],
        ["array", "<f8", ["2"]], ["array", "<f8", [1] * 40], ["pickle", "x"], ["plain", [1]], ["plain", {}],
        ["dict", [[["list", []], ["plain", 1]]]], ["dict", 7], ["complex", 1, "x"], ["array", "f8,f8", [1]],
        ["array", "<M8[s]", [1]], ["list", [["plain"]]],
    ],
)  # fmt: skip
def test_a_message_that_lies_is_refused(node):
    with pytest.raises(wire.NotPlainError):
        wire.decode(json.dumps({"value": node}).encode(), bytes(8))


def test_a_message_nested_deeply_is_refused():
    text = b'{"value": ' + b'["list", [' * 5000 + b"]]" * 5000 + b"}"
    with pytest.raises(wire.NotPlainError):
        wire.decode(text, b"")


def test_odd_files_and_names(tmp_path):
    folder = tmp_path / "handed"
    folder.mkdir()
    good = data(RIGHT)
    secret = tmp_path / "secret.ipynb"
    secret.write_bytes(good)
    (folder / "link.ipynb").symlink_to(secret)
    (folder / "linked").symlink_to(tmp_path)
    (folder / "dir").mkdir()
    (folder / "dir" / "sheet-1.ipynb").symlink_to(secret)
    os.mkfifo(folder / "pipe.ipynb")
    (folder / "large.ipynb").write_bytes(bytes(submissions.SIZE + 1))
    (folder / 'it\'s "quoted" & <b>.ipynb').write_bytes(good)
    (folder / "=1+1.ipynb").write_bytes(good)
    (folder / "line\nbreak.ipynb").write_bytes(good)
    (folder / ".hidden.ipynb").write_bytes(good)
    (folder / "essay").mkdir()
    (folder / "essay" / "essay.pdf").write_bytes(b"%PDF")
    found = {one.student: one for one in submissions.collect(folder, "sheet-1", {})}
    assert {name: one.problem for name, one in found.items() if one.problem} == {
        "link": "The file is a link or can't be read.",
        "linked": "There is no notebook; there is linked.",
        "dir": "The file is a link or can't be read.",
        "pipe": "The file is not an ordinary file.",
        "large": "The file is larger than 8 MB.",
        "essay": "There is no notebook; there is essay.pdf.",
    }
    assert {name for name, one in found.items() if one.data == good} == {
        "it's \"quoted\" & <b>", "=1+1", "line\N{REPLACEMENT CHARACTER}break",
    }  # fmt: skip


def test_an_archive_with_paths_links_and_bombs(tmp_path):
    good, path = data(RIGHT), tmp_path / "handed.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("ana.ipynb", good)
        archive.writestr("../../../escaped.ipynb", good)
        archive.writestr("/absolute.ipynb", good)
        archive.writestr("bomb.ipynb", bytes(1 << 26))  # 64 MB that pack into 64 kB
        link = zipfile.ZipInfo("link.ipynb")
        link.external_attr = 0o120777 << 16
        archive.writestr(link, "/etc/passwd")
        archive.writestr("broken.ipynb", good)
    text = path.read_bytes()
    start = text.rindex(b"broken.ipynb", 0, text.index(b"PK\x01\x02")) + len("broken.ipynb")
    path.write_bytes(text[:start] + bytes(40) + text[start + 40 :])
    found = {one.student: one for one in submissions.collect(path, "sheet-1", {})}
    assert {name: one.problem for name, one in found.items() if one.problem} == {
        "bomb": "The file is larger than 8 MB.",
        "link": "The file is a link.",
        "broken": "The file can't be unpacked.",
    }
    assert {name for name, one in found.items() if one.data == good} == {"ana", "escaped", "absolute"}
    assert sorted(each.name for each in tmp_path.iterdir()) == ["handed.zip"]
    path.write_bytes(b"PK no zip")
    with pytest.raises(ValueError, match="neither a folder nor a zip"):
        submissions.collect(path, "sheet-1", {})


def test_each_platforms_files_lead_to_the_students(tmp_path):
    good, listed = (
        data(RIGHT),
        "student,name,canvas\nana,Ana A,55\nben,Ben B,56\nchloé,Chloé C,57\ndan,ana,58\n",
    )
    (tmp_path / "students.csv").write_text(listed, "utf8")
    path = tmp_path / "handed.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("Ana A_12_assignsubmission_file_/work.ipynb", good)
        archive.writestr("Ana A_12_assignsubmission_file_/timestamp.txt", "2001-01-01 00:00:00 UTC")
        archive.writestr("benb_LATE_56_6789_sheet.ipynb", good)
        archive.writestr(unicodedata.normalize("NFD", "chloé/sheet-1/sheet-1.ipynb"), good)
        archive.writestr("chloé/sheet-1/timestamp.txt", "2026-11-25 22:20:38.1 UTC")
        archive.writestr("eve.ipynb", good)
    found = {
        each.student: each
        for each in submissions.collect(path, "sheet-1", roster.read(tmp_path / "students.csv"))
    }
    assert {name: each.data == good for name, each in found.items()} == {
        "ana": True, "ben": True, "chloé": True, "dan": False, "eve": True,
    }  # fmt: skip
    assert found["ana"].moodle == "12" and found["ana"].handed_in.year != 2001  # the student's own file
    assert found["ben"].canvas == "56" and found["ben"].notes == ("Canvas calls it late.",)
    assert found["chloé"].handed_in.astimezone(UTC).replace(tzinfo=None) == datetime(2026, 11, 25, 22, 20, 38)
    assert found["dan"].problem == "Nothing was handed in." and found["eve"].notes == (
        "Not in the list of students.",
    )


def test_an_ordinary_account_grades_as_safely(tmp_path):
    """The same walls where nobody is root: a user namespace. As root, this test becomes nobody first."""
    folder, out = tmp_path / "handed", tmp_path / "out"
    folder.mkdir()
    out.mkdir()
    looks = "import os, glob\nfound = [os.getuid(), len(glob.glob('/proc/[0-9]*')), os.path.exists(%r)]\n"
    looks = looks % str(sheet.SHEETS) + "raise ValueError(found)"
    for name, text in (("right", ""), ("bomb", BOMB), ("looks", looks)):
        (folder / f"{name}.ipynb").write_bytes(data(with_cell(text)))
    grade = [sys.executable, "-m", "classroom.grade", "sheet-1"]
    if os.getuid() != 0:
        command = [*grade, str(folder), str(out)]
    else:
        for path in (tmp_path, folder, out, *folder.iterdir()):
            os.chown(path, 65534, 65534)
        command = [
            "bwrap",
            "--dev-bind",
            "/",
            "/",
            "--tmpfs",
            "/root",
            "--bind",
            str(tmp_path),
            "/mnt",
            "--cap-add",
            "ALL",
        ]
        for path in (sys.base_prefix, str(ROOT)):
            for parent in [*Path(path).parents][-2::-1]:
                if str(parent).startswith("/root"):
                    command += ["--perms", "0755", "--dir", str(parent)]
            command += ["--ro-bind", path, path]
        command += [
            "setpriv",
            "--reuid",
            "65534",
            "--regid",
            "65534",
            "--clear-groups",
            *grade,
            "/mnt/handed",
            "/mnt/out",
        ]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300)
    assert run.returncode == 0, run.stderr
    results = {path.stem: json.loads(path.read_text()) for path in (out / "results").iterdir()}
    assert {name: without_points(result) for name, result in results.items()} == {
        "right": {},
        "bomb": {},
        "looks": {},
    }
    assert [error["error"] for error in results["bomb"]["errors"].values()] == ["BlockingIOError"]
    assert [error["words"] for error in results["looks"]["errors"].values()] == ["[65534, 2, False]"]
