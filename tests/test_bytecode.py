"""Archives compiled for the browser: what is imported is what was written, and nothing else is changed."""

import importlib
import io
import sys
import zipfile

import pytest

from tools.runtime.bytecode import compiled

MEMBERS = {
    "parcel/__init__.py": '"""A parcel."""\n',
    "parcel/inside.py": "def weight():\n    return 3\n",
    "parcel/data.txt": "unchanged",
    "parcel/template.py": "this is no Python",
    "parcel/tests/test_inside.py": "assert True\n",
}


def archive(members: dict[str, str]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        for name, text in members.items():
            made.writestr(name, text)
    return out.getvalue()


def names(content: bytes) -> set[str]:
    return set(zipfile.ZipFile(io.BytesIO(content)).namelist())


@pytest.mark.parametrize("sources", [False, True])
def test_compiled_modules_are_imported_from_their_bytecode(sources, tmp_path, monkeypatch):
    with zipfile.ZipFile(io.BytesIO(compiled(archive(MEMBERS), sources, "/tests/"))) as made:
        made.extractall(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    try:
        inside = importlib.import_module("parcel.inside")
        assert inside.weight() == 3 and inside.__cached__.endswith(".pyc")
        assert bool(inside.__file__.endswith(".py")) is sources
        if sources:  # the text is there to be read; what counts is the bytecode
            (tmp_path / "parcel" / "inside.py").write_text("def weight():\n    return 4\n")
            del sys.modules["parcel.inside"]
            assert importlib.import_module("parcel.inside").weight() == 3
    finally:
        for name in ("parcel", "parcel.inside"):
            sys.modules.pop(name, None)


def test_members_are_dropped_kept_or_replaced():
    made = compiled(archive(MEMBERS), False, "/tests/")
    assert names(made) == {
        "parcel/__init__.pyc",
        "parcel/inside.pyc",
        "parcel/data.txt",
        "parcel/template.py",
    }
    assert zipfile.ZipFile(io.BytesIO(made)).read("parcel/data.txt") == b"unchanged"
    assert names(both := compiled(archive(MEMBERS), True)) >= {*MEMBERS}
    assert len(names(both)) == len(MEMBERS) + 3


def test_the_same_archive_gives_the_same_bytes():
    assert compiled(archive(MEMBERS), True) == compiled(archive(MEMBERS), True)
