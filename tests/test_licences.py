"""What the site ships that others made: every file has an owner, every owner a licence that was read in a text."""

import json
import sys
import zipfile
from dataclasses import replace
from fnmatch import fnmatch
from pathlib import Path
from types import SimpleNamespace

import pytest
from bs4 import BeautifulSoup

ROOT = Path(__file__).resolve().parent.parent
BOOK, HTML = ROOT / "book", ROOT / "_build" / "html"
sys.path.insert(0, str(BOOK / "_ext"))

from licences import RUNTIME, table  # noqa: E402
from licences.components import Component, LicenceError, components, jupyterlite, recognised  # noqa: E402

MIT = "Permission is hereby granted, free of charge, to any\nperson obtaining a copy of this software"


@pytest.fixture(scope="module")
def shipped() -> list[Component]:
    return components(HTML / RUNTIME)


# the built site ------------------------------------------------------------------------------------------


def ours() -> set[str]:
    """Patterns of what this repository makes."""
    pages = {
        "*.html",
        "_sources/*",
        "searchindex.js",
        "objects.inv",
        ".buildinfo",
        "keep.json",
        "keep-worker.js",
    }
    static = {f"_static/{path.name}" for path in (BOOK / "_static").iterdir()}
    live = {f"live/{path.name}" for path in (BOOK / "live").iterdir()}
    return (
        pages
        | static
        | live
        | {"_static/states/*", "live/_data/*", "live/pages/*", "licences/*", "_images/*"}
    )


def test_every_file_of_the_site_belongs_to_us_or_to_a_component(shipped):
    patterns = ours() | {pattern for component in shipped for pattern in component.files}
    files = [path.relative_to(HTML).as_posix() for path in HTML.rglob("*") if path.is_file()]
    files = [name for name in files if not name.startswith("lite/")]  # JupyterLite's, next test
    assert [name for name in files if not any(fnmatch(name, pattern) for pattern in patterns)] == []


def test_jupyterlites_parts_are_listed_where_the_site_has_it():
    assert (HTML / "licences" / "lite-jupyterlite.txt").exists() == (HTML / "lite").exists()


def test_no_component_is_listed_that_the_site_does_not_have(shipped):
    files = [path.relative_to(HTML).as_posix() for path in HTML.rglob("*") if path.is_file()]
    patterns = [pattern for component in shipped for pattern in component.files]
    assert [pattern for pattern in patterns if not any(fnmatch(name, pattern) for name in files)] == []


def test_the_page_leads_from_every_component_to_its_texts(shipped):
    soup = BeautifulSoup((HTML / "book" / "licences.html").read_text("utf8"), "html.parser")
    links = [link["href"] for link in soup.select("article tbody tr a")]
    for component in shipped:
        path = HTML / "licences" / component.file
        assert f"../licences/{component.file}" in links
        assert path.read_text("utf8") == component.text
    assert len({component.file for component in shipped}) == len(shipped) <= len(links)


def test_every_package_of_the_runtime_is_listed(shipped):
    lock = json.loads((HTML / RUNTIME / "pyodide-lock.json").read_text("utf8"))
    wanted = {f"{RUNTIME}/{entry['file_name']}" for entry in lock["packages"].values()}
    assert len(wanted) > 30 and wanted <= {name for component in shipped for name in component.files}


def test_every_page_leads_to_the_licences():
    for page in ("book/index", "book/bptt", "search"):
        soup = BeautifulSoup((HTML / f"{page}.html").read_text("utf8"), "html.parser")
        assert soup.select_one("footer a")["href"].endswith("licences.html")


# how they are read ---------------------------------------------------------------------------------------


@pytest.fixture
def runtime(tmp_path) -> Path:
    """A runtime of one wheel with a licence."""
    packages = {"toy": {"name": "toy", "version": "1", "file_name": "toy-1.whl"}}
    lock = {"info": {"version": "0", "python": "3"}, "packages": packages}
    (tmp_path / "pyodide-lock.json").write_text(json.dumps(lock))
    with zipfile.ZipFile(tmp_path / "toy-1.whl", "w") as wheel:
        wheel.writestr("toy/license.py", "All rights reserved")
        wheel.writestr("toy-1.dist-info/licenses/LICENSE", MIT)
    return tmp_path


def test_a_wheel_brings_its_own_licence(runtime):
    toy = components(runtime)[-1]
    assert (toy.name, toy.version, toy.licences) == ("toy", "1", ("MIT",))
    assert [*toy.texts] == ["toy-1.dist-info/licenses/LICENSE"] and MIT in toy.text
    assert "toy" in table([toy]) and ">MIT<" in table([toy])
    apache = replace(toy, texts={"LICENSE": "Apache License\nVersion 2.0, January 2004"})
    assert '<span class="unbroken">Apache-2.0</span>' in table([apache])  # not broken after its hyphen


@pytest.mark.parametrize("text", [None, "All rights reserved"])
def test_a_wheel_whose_licence_is_not_known_ends_the_build(runtime, text):
    with zipfile.ZipFile(runtime / "toy-1.whl", "w") as wheel:
        wheel.writestr("toy/__init__.py", "")
        if text:
            wheel.writestr("toy-1.dist-info/LICENSE", text)
    with pytest.raises(LicenceError, match="toy is shipped"):
        components(runtime)


@pytest.fixture
def lite(tmp_path, monkeypatch) -> Path:
    """A JupyterLite of three packages, in an environment that has its distribution."""
    held = SimpleNamespace(version="0.1", files=[])
    monkeypatch.setattr(sys.modules["licences.components"], "distribution", lambda name: held)
    inside = [("one", "MIT", ""), ("two", "", MIT), ("@jupyterlite/app", "", "")]
    told = [{"name": n, "versionInfo": "1", "licenseId": i, "extractedText": t} for n, i, t in inside]
    (tmp_path / "third-party-licenses.json").write_text(json.dumps({"packages": told}))
    (tmp_path / "package.json").write_text('{"name": "three", "version": "3", "license": "ISC"}')
    return tmp_path


def test_jupyterlite_says_what_is_inside_it(lite):
    found = jupyterlite(lite)
    assert [*found.texts] == [
        "one 1: MIT",
        "two 1: MIT",
        "@jupyterlite/app 1: as JupyterLite",
        "three 3: ISC",
    ]
    (lite / "package.json").write_text('{"name": "three", "version": "3"}')
    with pytest.raises(LicenceError, match="three 3 is shipped"):
        jupyterlite(lite)


def test_without_python_in_the_browser_nothing_of_it_is_listed():
    found = components(None)
    assert {component.part for component in found} == {"pages"} and "KaTeX" in {c.name for c in found}


BSD = "Redistribution and use in source and binary forms, with or without modification, are permitted provided that"


@pytest.mark.parametrize(
    "text, names",
    [
        (MIT, ["MIT"]),
        (BSD, ["BSD-2-Clause"]),
        (f"{BSD} ... Neither the name of the holder may be used to endorse", ["BSD-3-Clause"]),
        (f"{MIT} ... Apache License\nVersion 2.0, January 2004", ["Apache-2.0", "MIT"]),
        ("You may use it", []),
    ],
)
def test_a_licence_is_known_by_its_words(text, names):
    assert recognised(text) == names
