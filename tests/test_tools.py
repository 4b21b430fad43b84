"""The stored measurements and the pinned environment are what the tools say they are."""

import json
import platform
import re
import time
from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import requires, version
from types import SimpleNamespace

import pytest

from tools import browser, measure, npm
from tools.record import ROOT

# The table of `make bench` has a form and a test of its own.
STORED = sorted(path for path in measure.DATA.glob("*.json") if path.stem != "benchmarks")
PIN = re.compile(r"([A-Za-z0-9_.-]+)==(\S+)(?: +# .+)?")


def pins() -> dict[str, str]:
    """What requirements.txt pins; any other kind of line is an error."""
    lines = (ROOT / "requirements.txt").read_text("utf8").splitlines()
    lines = [line for line in lines if line and not line.startswith("#")]
    assert lines.pop() == "-e ."
    matches = [PIN.fullmatch(line) for line in lines]
    assert all(matches), [line for line, match in zip(lines, matches) if not match]
    return {match[1]: match[2] for match in matches}


def test_the_environment_is_what_requirements_pin():
    assert pins() == {name: version(name) for name in pins()}
    assert pins()["jupyter-book"].startswith("1.")


def test_nnlib_needs_numpy_alone():
    assert [need for need in requires("nnlib") if "extra" not in need] == ["numpy>=2.0"]


def test_every_stored_measurement_can_be_taken_again_and_every_one_is_stored():
    assert [path.stem for path in STORED] == sorted(measure.registered())


@pytest.mark.parametrize("path", STORED, ids=lambda path: path.stem)
def test_a_stored_measurement_tells_what_where_and_when(path):
    stored = json.loads(path.read_text("utf8"))
    assert set(stored) == {"what", "by", "date", "machine", "versions", "data"}
    assert stored["what"] == measure.registered()[path.stem].__doc__.strip()
    assert set(stored["machine"]) == {"cpu", "cores", "system"}


def test_measure_writes_one_file_without_a_host_name(tmp_path, monkeypatch):
    def answer():
        """The answer, in units of one."""
        return {"answer": 42}

    monkeypatch.setattr(measure, "DATA", tmp_path / "book" / "_data")
    measure.DATA.mkdir(parents=True)
    text = measure.measure("answer", answer).read_text("utf8")
    assert json.loads(text)["data"] == {"answer": 42}
    assert platform.node() not in text


def test_an_unknown_measurement_is_named(capsys):
    assert measure.main(["no_such"]) == 1
    assert "no measurement is called no_such" in capsys.readouterr().out


def test_npm_runs_once_when_two_want_its_package(tmp_path, monkeypatch):
    (tmp_path / "package.json").write_text('{"dependencies": {"axe": "1.2"}}', "utf8")
    calls = []

    def fetch(command, cwd, **options):
        calls.append(command[0])
        time.sleep(0.1)  # long enough for another to come in
        (cwd / "node_modules" / "axe").mkdir(parents=True)
        (cwd / "node_modules" / "axe" / "package.json").write_text('{"version": "1.2"}', "utf8")
        return SimpleNamespace(returncode=0)

    monkeypatch.setattr(npm, "npm", fetch)
    with ThreadPoolExecutor(3) as pool:
        found = list(pool.map(lambda _: npm.installed(tmp_path, "axe"), range(3)))
    assert found == [tmp_path / "node_modules" / "axe"] * 3 and calls == ["ci"]


def test_the_readme_is_short_and_names_the_two_commands():
    text = (ROOT / "README.md").read_text("utf8")
    assert len(text.splitlines()) < 120
    assert "make book" in text
    assert "make test" in text


# ---- the browser of the tests


def test_no_browser_is_a_failure_with_advice(monkeypatch, tmp_path, capsys):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("CHROMIUM", raising=False)
    assert browser.main() == 1  # nor apt-get, on this path
    assert "apt-get install chromium" in capsys.readouterr().err


def test_a_browser_named_wrongly_is_not_replaced_by_another(monkeypatch, capsys):
    monkeypatch.setenv("CHROMIUM", "no-such-program")
    assert browser.main() == 1
    assert "CHROMIUM names no-such-program" in capsys.readouterr().err
