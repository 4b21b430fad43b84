"""Python in the browser: what is fetched is what is pinned, and nothing else ever reaches the site."""

import hashlib
import json
import sys
import threading
import zipfile
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from types import SimpleNamespace

import pytest

from tools.runtime import folder, wheels
from tools.runtime.pins import Pins
from tools.runtime.sources import Store, UnavailableError, registries, sha256

ROOT = Path(__file__).resolve().parent.parent
sys.path.append(str(ROOT / "book" / "_ext"))

PINS = """
pyodide = "0"
core = ["pyodide.js"]
index = "pyodide-lock.json"
official = ["Array_Lib"]
[distribution]
address = "http://127.0.0.1:9/"
npm = { package = "NPM", folder = "package" }
pypi = { package = "carrier==1.0", folder = "carrier/assets" }
[wheels.toy]
version = "1.0"
depends = ["array-lib"]
drop = "/tests/"
[made.nbformat]
version = "5.0"
[made.ssl]
version = "1.0"
[made.nnlib]
depends = ["toy"]
"""
WHEEL = "toy-1.0-py3-none-any.whl"
ARRAYS = "arrays-1.whl"


def nobody(names, place):
    """nobody"""
    raise AssertionError(f"asked for {names}")


@pytest.fixture
def world(tmp_path):
    """Pins of a toy distribution, a folder with its files, and a tree with an nnlib of one module."""
    for name in ("pins", "files", "root/nnlib"):
        (tmp_path / name).mkdir(parents=True)
    files, pinned = tmp_path / "files", tmp_path / "pins"
    (tmp_path / "root" / "nnlib" / "__init__.py").write_text('__version__ = "0.1"\n')
    (files / "pyodide.js").write_text("load()" * 1000)
    (files / ARRAYS).write_bytes(b"arrays")
    entry = {"name": "array-lib", "file_name": ARRAYS, "sha256": sha256(files / ARRAYS), "depends": []}
    index = {"info": {"version": "0"}, "packages": {"array-lib": entry, "other": {}}}
    (files / "pyodide-lock.json").write_text(json.dumps(index))
    wheels.wheel(files / WHEEL, "toy", "1.0", {"toy/__init__.py": b"", "toy/tests/test_toy.py": b"1 / 0"})
    (pinned / "pins.toml").write_text(PINS)
    (pinned / "lock.json").write_text(json.dumps({p.name: sha256(p) for p in files.iterdir()}))
    return tmp_path


def store(world, named="", fetchers=()):
    return Store(Pins(world / "pins"), cache=world / "cache", named=str(named), fetchers=list(fetchers))


def lay_out(world, under="out", **given):
    return folder.lay_out(store(world, **given), world / under, world / "root")


def contents(path):
    return {p.name: p.read_bytes() for p in path.iterdir()}


def test_the_folder_lists_every_package_with_its_hash(world):
    out = lay_out(world, named=world / "files")
    listing = json.loads((out / "pyodide-lock.json").read_text())
    packages = listing["packages"]
    assert listing["info"] == {"version": "0"} and {*packages} == {
        "array-lib",
        "nbformat",
        "nnlib",
        "ssl",
        "toy",
    }
    for entry in packages.values():
        assert sha256(out / entry["file_name"]) == entry["sha256"]
        assert {*entry["depends"]} <= {*packages}
    listed = {entry["file_name"] for entry in packages.values()}
    assert {p.name for p in out.iterdir()} == listed | {"pyodide.js", "pyodide-lock.json"}
    with zipfile.ZipFile(out / WHEEL) as archive:
        assert "toy/__init__.py" in archive.namelist() and "toy/tests/test_toy.py" not in archive.namelist()


def test_the_same_input_gives_the_same_bytes(world):
    first, again = (lay_out(world, under, named=world / "files") for under in ("one", "two"))
    assert contents(first) == contents(again)


def test_a_second_run_asks_nobody_and_a_change_of_the_library_needs_no_network(world):
    first = lay_out(world, named=world / "files")
    assert lay_out(world, fetchers=[nobody]) == first
    (world / "root" / "nnlib" / "new.py").write_text("")
    second = lay_out(world, fetchers=[nobody])
    assert second != first and not first.exists()


def test_a_wrong_hash_is_said_and_not_used(world, capsys):
    (world / "files" / ARRAYS).write_bytes(b"evil")
    with pytest.raises(
        UnavailableError, match=rf"{ARRAYS} has SHA-256 {hashlib.sha256(b'evil').hexdigest()}"
    ):
        lay_out(world, named=world / "files")
    assert not list((world / "out").iterdir()) and not list((world / "cache").rglob(ARRAYS))


def test_the_next_source_is_asked_when_one_brings_something_else(world):
    def true_one(names, place):
        """another place"""
        (place / ARRAYS).write_bytes(b"arrays")
        return []

    (world / "files" / ARRAYS).write_bytes(b"evil")
    assert (lay_out(world, named=world / "files", fetchers=[true_one]) / ARRAYS).read_bytes() == b"arrays"


def test_a_damaged_file_of_the_cache_is_fetched_again(world, capsys):
    held = store(world, named=world / "files").get(["pyodide.js"])["pyodide.js"]
    held.write_text("bitten")
    again = store(world, named=world / "files").get(["pyodide.js"])["pyodide.js"]
    assert again == held and again.read_text() == "load()" * 1000
    assert "damaged" in capsys.readouterr().err


class HalfServer(BaseHTTPRequestHandler):
    """Promises a file and hangs up in its middle."""

    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Length", "6000")
        self.end_headers()
        self.wfile.write(b"load()" * 500)

    def log_message(self, *_):
        pass


def test_half_a_download_never_counts(world):
    with HTTPServer(("127.0.0.1", 0), HalfServer) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        with pytest.raises(UnavailableError, match="not used"):
            store(world, named=f"http://127.0.0.1:{server.server_port}/").get(["pyodide.js"])
        server.shutdown()
    assert not [p for p in (world / "cache").rglob("*") if p.is_file()]


def test_a_mirror_is_an_address(world):
    mirror = (world / "files").as_uri()
    assert (
        store(world, named=mirror).get([WHEEL])[WHEEL].read_bytes() == (world / "files" / WHEEL).read_bytes()
    )


def test_without_a_network_the_message_says_what_to_do(world):
    with pytest.raises(UnavailableError) as failed:
        store(world, named="http://127.0.0.1:9/").get(["pyodide.js"])
    for wanted in ("pyodide.js", "127.0.0.1", "refused", "LIVE=0", "RUNTIME="):
        assert wanted in str(failed.value)
    with pytest.raises(UnavailableError, match="there is no such folder"):
        store(world, named=world / "elsewhere").get(["pyodide.js"])


def test_a_step_that_fails_leaves_no_folder(world):
    pins = json.loads((world / "pins" / "lock.json").read_text())
    (world / "files" / WHEEL).write_bytes(b"not an archive")
    pins[WHEEL] = sha256(world / "files" / WHEEL)
    (world / "pins" / "lock.json").write_text(json.dumps(pins))
    with pytest.raises(zipfile.BadZipFile):
        lay_out(world, named=world / "files")
    assert not list((world / "out").iterdir())


def test_the_registries_own_clients_bring_the_files(world, monkeypatch):
    """npm and pip, with a folder for a registry each; the distribution's address refuses at once."""
    files, index = world / "files", world / "index"
    (world / "npm").mkdir()
    for name in ("pyodide.js", "pyodide-lock.json"):
        (files / name).rename(world / "npm" / name)
    (world / "npm" / "package.json").write_text('{"name": "toy", "version": "1.0.0"}')
    index.mkdir()
    (files / WHEEL).rename(index / WHEEL)
    carried = {f"carrier/assets/{ARRAYS}": (files / ARRAYS).read_bytes()}
    wheels.wheel(index / "carrier-1.0-py3-none-any.whl", "carrier", "1.0", carried)
    pins = world / "pins" / "pins.toml"
    pins.write_text(pins.read_text().replace('"NPM"', json.dumps(str(world / "npm"))))
    for name, value in {"NO_INDEX": "1", "FIND_LINKS": str(index), "CONFIG_FILE": "/dev/null"}.items():
        monkeypatch.setenv(f"PIP_{name}", value)
    fetchers = registries(Pins(world / "pins"))
    assert len(contents(lay_out(world, fetchers=fetchers))) == 7


def test_the_site_gets_the_folder_or_the_build_says_why_not(world, monkeypatch):
    import runtime
    from sphinx.errors import ExtensionError

    site = SimpleNamespace(
        config=SimpleNamespace(live=True), builder=SimpleNamespace(format="html"), outdir=world / "site"
    )
    monkeypatch.setattr(runtime, "Store", lambda pins, named: store(world, named=named))
    monkeypatch.setattr(runtime, "lay_out", lambda held: folder.lay_out(held, world / "out", world / "root"))
    monkeypatch.setenv("RUNTIME", str(world / "elsewhere"))
    with pytest.raises(ExtensionError, match="LIVE=0"):
        runtime.put(site)
    assert not site.outdir.exists()
    monkeypatch.setenv("RUNTIME", str(world / "files"))
    for _ in range(2):
        runtime.put(site)
    assert contents(site.outdir / runtime.FOLDER) == contents(lay_out(world))
    site.config.live = False
    runtime.put(site)  # LIVE=0 leaves nothing of an earlier build
    assert not (site.outdir / runtime.FOLDER).exists()


# the real pins -------------------------------------------------------------------------------------------


def test_every_file_is_pinned_and_pyodides_own_as_pyodide_pins_it():
    pins = Pins()
    held = Store(pins, fetchers=[])
    try:
        index = json.loads(held.get([pins.index])[pins.index].read_text("utf8"))
    except UnavailableError:
        pytest.skip("the runtime was never fetched here")
    official = {e["file_name"]: e["sha256"] for e in pins.official_packages(index).values()}
    ours = {pins.index, *pins.core, *(wheel.file for wheel in pins.wheels)}
    assert index["info"]["version"] == pins.pyodide
    assert {name: pins.sha256[name] for name in official} == official
    assert {*pins.sha256} == ours | {*official}
