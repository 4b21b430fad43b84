"""The hub: links, the files for a school's server, and the trial hub with two users who cannot see each other."""

import ast
import json
import re
import subprocess
import sys
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
import yaml

from classroom.hub import links

ROOT = Path(__file__).resolve().parent.parent
HUB = ROOT / "classroom" / "hub"
PINS = dict(
    line.split("#")[0].strip().split("==")
    for line in (ROOT / "requirements.txt").read_text("utf8").splitlines()
    if "==" in line
)


def test_a_link_brings_the_repository_and_opens_the_file():
    link = links.link(
        "https://hub.example.org/", "https://git.example.org/school/sheets.git", "sheet-1/sheet 1.ipynb"
    )
    parts = urlsplit(link)
    assert (parts.netloc, parts.path) == ("hub.example.org", "/hub/user-redirect/git-pull")
    assert parse_qs(parts.query, strict_parsing=True) == {
        "repo": ["https://git.example.org/school/sheets.git"],
        "urlpath": ["lab/tree/sheets/sheet-1/sheet 1.ipynb"],
        "branch": ["main"],
    }
    assert "urlpath=lab%2Ftree%2Fbook&branch=x%26y" in links.link(
        "http://h", "https://g/o/book", branch="x&y"
    )


@pytest.mark.parametrize(
    "told",
    [("hub", "https://g/o/r"), ("https://h", "git@g:o/r"), ("https://h", "https://g/o/r", "../x"), ("https://h?x", "https://g/o/r")],
)  # fmt: skip
def test_what_is_no_address_or_leaves_the_repository_is_refused(told, capsys):
    assert links.main([*told]) == 1
    said = capsys.readouterr().err
    assert said.startswith(("the hub is", "the repository is", "not a path")) and said.strip().endswith(told)


# What the chart's schema (values.schema.yaml, read on 2026-11-26) says of the values that are set here.
CHART = {
    "singleuser.image.name": str, "singleuser.image.tag": str, "singleuser.memory.guarantee": str,
    "singleuser.memory.limit": str, "singleuser.cpu.guarantee": (int, float), "singleuser.cpu.limit": (int, float),
    "singleuser.startTimeout": int, "singleuser.defaultUrl": str, "singleuser.storage.capacity": str,
    "cull.enabled": bool, "cull.timeout": int, "cull.every": int,
}  # fmt: skip


def leaves(values: dict, path: str = "") -> dict:
    found = {}
    for key, value in values.items():
        here = f"{path}.{key}".lstrip(".")
        found |= leaves(value, here) if isinstance(value, dict) else {here: value}
    return found


def test_the_charts_values_are_known_and_of_their_type():
    values = leaves(yaml.safe_load((HUB / "z2jh.yaml").read_text("utf8")))
    assert set(values) == set(CHART)
    for name, value in values.items():
        assert isinstance(value, CHART[name]) and (CHART[name] is bool or not isinstance(value, bool)), name


def test_the_same_limits_everywhere():
    values = leaves(yaml.safe_load((HUB / "z2jh.yaml").read_text("utf8")))
    settings = (HUB / "tljh" / "settings.sh").read_text("utf8")
    told = dict(line.split()[2:4] for line in settings.splitlines() if line.startswith("tljh-config set"))
    assert told["limits.memory"] == values["singleuser.memory.limit"] == "1G"
    assert int(told["limits.cpu"]) == values["singleuser.cpu.limit"]
    for name in ("timeout", "every"):
        assert int(told[f"services.cull.{name}"]) == values[f"cull.{name}"]
    trial = (HUB / "jupyterhub_config.py").read_text("utf8")
    assert f"--timeout={values['cull.timeout']}" in trial
    book = (HUB / "tljh" / "book.py").read_text("utf8")
    for line in (
        "start_timeout = c.Spawner.http_timeout = 300",
        "concurrent_spawn_limit = 40",
        "cull_idle_timeout=1200",
    ):
        assert line in trial and line in book
    assert values["singleuser.startTimeout"] == 300


def test_the_scripts_parse():
    subprocess.run(["sh", "-n", HUB / "tljh" / "settings.sh"], check=True)
    ast.parse((HUB / "tljh" / "book.py").read_text("utf8"))


@pytest.mark.parametrize("name", ["requirements.txt", "tljh/requirements.txt"])
def test_notebooks_run_on_the_books_own_versions(name):
    lines = (HUB / name).read_text("utf8").splitlines()
    pins = dict(line.split("#")[0].strip().split("==") for line in lines if "==" in line)
    for package in ("numpy", "sympy", "plotly", "ipywidgets", "anywidget"):
        assert pins[package] == PINS[package]


def test_the_teachers_guide_fits_on_two_pages_and_its_options_are_real():
    guide = (ROOT / "book" / "class.md").read_text("utf8")
    assert len(guide.split()) < 1000
    helped = ""
    for module in ("classroom.grade", "classroom.generate"):
        run = subprocess.run(
            [sys.executable, "-m", module, "--help"], cwd=ROOT, capture_output=True, text=True, check=True
        )
        helped += run.stdout
    options = set(re.findall(r"--[a-z][a-z-]+", guide))
    assert len(options) >= 7 and all(option in helped for option in options)
    for path in ("docs/classroom.md", "docs/nbgrader.md", "classroom/hub/tljh", "classroom/hub/z2jh.yaml"):
        assert path in guide and (ROOT / path).exists()


# What ben leaves in his folder, in a process and in a kernel; what ana looks for. Both run both.
LEAVE = """
import pathlib, subprocess, sys, time
pathlib.Path("private.txt").write_text("the secret of %(name)s")
sleeper = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)", "process-of-%(name)s"])
time.sleep(1)
"""
LOOK = """
import os, json
found = []
for top, folders, names in os.walk("/"):
    folders[:] = [f for f in folders if os.path.join(top, f) not in ("/proc", "/sys", "/usr")]
    for name in names:
        if name == "private.txt":
            found.append(open(os.path.join(top, name)).read())
for number in os.listdir("/proc"):
    if number.isdigit():
        try: line = open(f"/proc/{number}/cmdline").read()
        except OSError: continue
        if "process-of-" in line: found.append(line.split("\\0")[3])
try: held = len(bytearray(8 << 30))
except MemoryError: held = 0
sockets = [line.split()[1] for line in open("/proc/net/tcp") if ":" in line]
print(json.dumps([sorted(set(found)), os.getuid(), held, os.environ.get("HUB_PASSWORDS")]))
"""
PROGRAM = """
import json, sys, tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from classroom.hub.visit import Visitor, hub, visit
leave, look, port = sys.argv[1], sys.argv[2], int(sys.argv[3])
with tempfile.TemporaryDirectory() as folder:
    Path(folder).chmod(0o711)
    with hub(2, port, Path(folder)) as (process, passwords):
        with ThreadPoolExecutor(2) as pool:
            told = {"visits": list(pool.map(lambda who: visit(port, *who), passwords.items()))}
        ana, ben = (Visitor(port, *who) for who in passwords.items())
        for one in (ana, ben):
            one.run([leave % {"name": one.name}], "private.ipynb")
        told["seen"] = {one.name: json.loads(one.run([look], "look.ipynb")[1]) for one in (ana, ben)}
        told["own"] = ben.get("api/contents/private.txt").status_code
        told["others"] = ana.get("api/contents/private.txt", of="ben").status_code
        try: Visitor(port, "ana", passwords["ben"])
        except PermissionError as error: told["wrong password"] = str(error)
        try: Visitor(port, "eve", "")
        except PermissionError as error: told["stranger"] = str(error)
print(json.dumps(told))
"""


@pytest.mark.whole
def test_two_users_run_chapter_1_and_see_nothing_of_each_other(walls):
    subprocess.run(
        ["make", "--silent", "classroom/hub/.venv/ready"], cwd=ROOT, check=True, capture_output=True
    )
    python = HUB / ".venv" / "bin" / "python"
    run = subprocess.run(
        [python, "-c", PROGRAM, LEAVE, LOOK, "8410"], cwd=ROOT, capture_output=True, text=True, timeout=900
    )
    assert run.returncode == 0, run.stderr[-3000:]
    told = json.loads(run.stdout)
    chapter = json.loads((ROOT / "book" / "chain-rule.ipynb").read_text("utf8"))
    cells = sum(cell["cell_type"] == "code" for cell in chapter["cells"])
    assert [(v["user"], v["cells"], v["errors"], v["retries"]) for v in told["visits"]] == [
        ("ana", cells, [], 0), ("ben", cells, [], 0),
    ]  # fmt: skip
    for name, (found, uid, held, passwords) in told["seen"].items():
        assert found == sorted([f"the secret of {name}", f"process-of-{name}"])  # one's own, and only that
        assert uid != 0 and held == 0 and passwords is None
    assert told["seen"]["ana"][1] != told["seen"]["ben"][1]
    assert (told["own"], told["others"]) == (200, 403)
    assert "403" in told["wrong password"] and "403" in told["stranger"]


@pytest.mark.whole
def test_the_trial_hub_does_not_start_without_walls(tmp_path):
    run = subprocess.run(
        [sys.executable, "-m", "classroom.hub", "--state", str(tmp_path)],
        cwd=ROOT, capture_output=True, text=True, env={"PATH": "/nowhere"},
    )  # fmt: skip
    assert run.returncode == 1 and "bubblewrap (bwrap) is not installed" in run.stderr
