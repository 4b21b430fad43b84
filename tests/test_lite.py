"""JupyterLite in the site: what is built, from what state, and what the build refuses."""

import json
import shutil

import pytest

from tools.lite import build as lite

CELLS = [
    {"cell_type": "markdown", "source": ["# Title"], "metadata": {}},
    {
        "cell_type": "code", "source": ["1 + 1"], "metadata": {}, "execution_count": 3,
        "outputs": [{"output_type": "execute_result", "data": {"text/plain": "2"}, "metadata": {}}],
    },
]  # fmt: skip
KERNEL = {"name": "python3", "display_name": "Python 3 (ipykernel)"}
SOURCE = json.dumps({"cells": CELLS, "metadata": {"kernelspec": KERNEL}, "nbformat": 4, "nbformat_minor": 5})


def source(words: str = "1 + 1", result: str = "2") -> bytes:
    return SOURCE.replace("1 + 1", words).replace('"2"', f'"{result}"').encode()


@pytest.fixture
def site(tmp_path):
    """A site with no more than the configuration, and the file that Python starts from."""
    (tmp_path / "live" / "pyodide").mkdir(parents=True)
    (tmp_path / "live" / "pyodide" / "pyodide.js").touch()
    (tmp_path / "lite").mkdir()
    shutil.copyfile(lite.HERE / "jupyter-lite.json", tmp_path / "lite" / "jupyter-lite.json")
    return tmp_path


@pytest.mark.parametrize("name", ["pyodideUrl", "disablePyPIFallback", "loadPyodideOptions"])
def test_a_configuration_that_could_ask_another_host_is_refused(site, name):
    lite.check(site / "lite")
    path = site / "lite" / "jupyter-lite.json"
    whole = json.loads(path.read_text("utf8"))
    kernel = whole["jupyter-config-data"]["litePluginSettings"][lite.KERNEL]
    del kernel[name]
    path.write_text(json.dumps(whole), "utf8")
    with pytest.raises(lite.LiteError, match=f"has lost .*/{name}: it could ask another host"):
        lite.check(site / "lite")
    kernel[name] = "https://cdn.example/pyodide.js"
    path.write_text(json.dumps(whole), "utf8")
    with pytest.raises(lite.LiteError, match=name):
        lite.check(site / "lite")


def test_python_must_be_where_jupyterlite_looks_for_it(site):
    (site / "live" / "pyodide" / "pyodide.js").unlink()
    with pytest.raises(lite.LiteError, match="is not there"):
        lite.check(site / "lite")


class FakeStore:
    """As much of a Store as decides whether the application is made anew."""

    class pins:  # noqa: N801
        sha256 = {"a.whl": "0" * 64}


@pytest.fixture
def made(monkeypatch):
    """The folders that JupyterLite was built in, and whether they were empty."""
    calls = []

    def make(store, folder):
        calls.append((folder, [*folder.iterdir()]))
        (folder / "out").mkdir()
        (folder / "out" / "index.html").write_text("made", "utf8")

    monkeypatch.setattr(lite, "_make", make)
    return calls


def test_the_application_is_built_in_an_empty_folder_and_once(made, tmp_path, monkeypatch):
    first = lite.application(FakeStore, tmp_path)
    assert lite.application(FakeStore, tmp_path) == first and (first / "index.html").read_text() == "made"
    assert [inside for _, inside in made] == [[]] and not made[0][0].exists()
    monkeypatch.setattr(FakeStore.pins, "sha256", {"a.whl": "1" * 64})
    second = lite.application(FakeStore, tmp_path)
    assert second != first and {*tmp_path.iterdir()} == {second}
    assert [inside for _, inside in made] == [[], []]


def test_a_build_that_fails_leaves_nothing_and_is_tried_again(tmp_path, monkeypatch):
    def fail(store, folder):
        (folder / "out").mkdir()
        raise lite.LiteError("no")

    monkeypatch.setattr(lite, "_make", fail)
    for _ in range(2):
        with pytest.raises(lite.LiteError):
            lite.application(FakeStore, tmp_path)
    assert [*tmp_path.iterdir()] == []


def test_a_notebook_comes_not_yet_run_and_says_which_edition_it_is():
    first, recorded, other = (
        json.loads(lite.notebook(source(*given))) for given in [(), ("1 + 1", "3"), ("1 + 2",)]
    )
    code = first["cells"][1]
    assert code["source"] == ["1 + 1"] and code["outputs"] == [] and code["execution_count"] is None
    assert first["metadata"]["kernelspec"] == lite.KERNELSPEC
    assert first == recorded  # the text alone makes an edition
    assert first["metadata"]["edition"] != other["metadata"]["edition"]


def test_the_listings_name_every_file_and_the_editions_every_notebook(tmp_path):
    given = {"b.ipynb": lite.notebook(source()), "_data/a.json": b"[1]", "Read me.md": b"words"}
    lite.write_contents(tmp_path, given)
    for path, content in given.items():
        assert (tmp_path / "files" / path).read_bytes() == content
    top, data = (
        {entry["name"]: entry for entry in json.loads(path.read_text("utf8"))["content"]}
        for path in (tmp_path / "api/contents/all.json", tmp_path / "api/contents/_data/all.json")
    )
    assert {name: entry["type"] for name, entry in top.items()} == {
        "_data": "directory", "b.ipynb": "notebook", "Read me.md": "file",
    }  # fmt: skip
    assert data["a.json"]["path"] == "_data/a.json" and data["a.json"]["size"] == 3
    editions = json.loads((tmp_path / "editions.json").read_text("utf8"))
    assert editions == {"b.ipynb": json.loads(given["b.ipynb"])["metadata"]["edition"]}


def test_what_only_struck_parts_load_goes_and_the_rest_stays(tmp_path):
    loads = {
        "app/bundle.js": [1, 2],
        "1.a.js": [3, 4],
        "2.b.js": [4],
        "3.c.js": [5],
        "4.d.js": [],
        "5.e.js": [1],
    }
    for name, parts in loads.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("".join(f"n.e({part})," for part in parts), "utf8")
    assert {file.name for file in lite.only_behind(tmp_path, ["1"])} == {"1.a.js", "3.c.js", "5.e.js"}
    with pytest.raises(lite.LiteError, match="no parts 9"):
        lite.only_behind(tmp_path, ["1", "9"])


def test_what_is_struck_is_also_turned_off():
    told = json.loads((lite.HERE / "jupyter-lite.json").read_text("utf8"))["jupyter-config-data"]
    assert lite.STRUCK.keys() <= {*told["disabledExtensions"]}
