"""What is made of exercises outside the book: sheets of paper with their key, notebooks of practice."""

import json
import re
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from html import unescape

import nbformat
import pytest

from nnlib import exercises
from nnlib.exercises.__main__ import main
from nnlib.exercises.notebooks import notebook
from nnlib.exercises.printed import key, mathml, sheets

FRESH = [one for one in exercises.all() if one.seed is not None]
SLUGS = [chapter.replace("_", "-") for chapter in exercises.CHAPTERS]


def words(part):
    """The text of a page's part, every sign of it."""
    text = unescape(re.sub(r"<[^>]+>", "", part)).replace("\N{MINUS SIGN}", "-").replace("\N{PRIME}", "'")
    return re.sub(r"\s+", "", text)


def plain(tex):
    """TeX without its commands, as `words` leaves a formula."""
    for command, sign in {r"\partial": "∂", r"\frac12": "12", r"\,": ""}.items():
        tex = tex.replace(command, sign)
    return re.sub(r"[$_^{}\s]", "", tex)


# paper ---------------------------------------------------------------------------------------------------


def test_a_sheet_says_what_the_exercise_says_with_the_numbers_of_its_seed():
    for seed in range(20):
        page = sheets([*exercises.CHAPTERS], seed, 1)
        assert page.isascii()
        body = re.search(r"<body>(.*)</body>", page, flags=re.S)[1]
        ElementTree.fromstring(f"<body>{body}</body>")
        said = words(body)
        for one in FRESH:
            copy = exercises.get(one.id, seed)
            sub_before_sup = re.sub(r"(\w)\^(\w)_(\{\w+\}|\w)", r"\1_\3^\2", copy.statement)
            assert plain(sub_before_sup) in said, (seed, one.id)
            assert all(
                plain(re.sub(r"\^(\w)_(\{\w+\}|\w)", r"_\2^\1", f.label)) in said for f in copy.task.fields
            )


def test_copies_have_numbers_of_their_own_and_the_key_has_them_in_order():
    page, answers = sheets(["chain_rule", "jacobian"], 4711, 3), key(["chain_rule", "jacobian"], 4711, 3)
    copies = page.split('<section class="sheet">')[1:]
    assert len({*copies}) == 3 and "4711" not in page and "4711" in answers
    tables = re.findall(r"<h2>.*?\((.*?)\)</h2><table.*?<tbody>(.*?)</tbody>", answers)
    assert [id for id, _ in tables] == ["chain-rule-3", "jacobian-3"]
    for id, body in tables:
        for n, row in enumerate(re.findall(r"<tr>(.*?)</tr>", body)):
            number, *values = [words(cell) for cell in re.findall(r"<t[hd].*?</t[hd]>", row)]
            names = [field.name for field in exercises.get(id).task.fields]
            assert number == str(n + 1)
            assert exercises.check(id, dict(zip(names, values, strict=True)), seed=4711 + n).ok


def test_a_column_of_the_key_has_a_name_that_is_true_in_every_row():
    """Which weight jacobian-3 asks for depends on the seed."""
    labels = {exercises.get("jacobian-3", seed).task.fields[2].label for seed in range(6)}
    assert len(labels) == 2
    heads = re.search(r"<thead>(.*?)</thead>", key(["jacobian"], 0, 6))[1]
    assert words(heads).endswith("by_W")


def test_formulas_are_mathml():
    assert (
        mathml("x^2_{10}") == "<math><msubsup><mi>x</mi><mrow><mn>10</mn></mrow><mn>2</mn></msubsup></math>"
    )
    assert mathml(r"\frac12 a") == "<math><mfrac><mn>1</mn><mn>2</mn></mfrac><mi>a</mi></math>"
    assert mathml("y = -3") == '<math><mi>y</mi><mo>=</mo><mo form="prefix">&#x2212;</mo><mn>3</mn></math>'
    assert 'form="prefix"' not in mathml("(y) - 3") and 'form="prefix"' in mathml("y (-3)")


@pytest.mark.parametrize("formula", [r"\sqrt{2}", "x^{2", "x}", "x^", "x & y"])
def test_what_a_sheet_cannot_set_is_an_error(formula):
    with pytest.raises(ValueError, match="not known|not closed|too many"):
        mathml(formula)


# notebooks -----------------------------------------------------------------------------------------------

RUN = """
import json, sys
notebook = json.load(sys.stdin)
names, found = {}, []
for cell in notebook["cells"]:
    if cell["cell_type"] == "code":
        source = "".join(cell["source"])
        if cell["id"].endswith("-check"):
            result = eval(source, names)
            found.append([result.exercise, result.ok, result.hint])
        else:
            exec(source, names)
loaded = {name.partition(".")[0] for name in sys.modules} - set(sys.stdlib_module_names)
print(json.dumps([found, sorted(loaded)]))
"""


@pytest.mark.parametrize("chapter", exercises.CHAPTERS)
def test_a_notebook_runs_from_top_to_bottom_with_numpy_alone_and_nothing_is_right_yet(chapter, tmp_path):
    text = notebook(chapter)
    nbformat.validate(nbformat.reads(text, as_version=4))
    command = [sys.executable, "-c", RUN]
    done = subprocess.run(command, input=text, capture_output=True, text=True, encoding="utf8", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    found, loaded = json.loads(done.stdout)
    assert [id for id, *_ in found] == [one.id for one in exercises.of(chapter)]
    assert not any(ok for _, ok, _ in found)
    assert {hint for id, _, hint in found if exercises.get(id).kind == "choice"} == {"no-option"}
    own_of_numpy = {"cython_runtime"}
    assert {name for name in loaded if not name.startswith("_")} - own_of_numpy == {"numpy", "nnlib"}


@pytest.mark.parametrize("chapter", exercises.CHAPTERS)
def test_a_notebook_holds_every_statement_and_no_solution(chapter):
    cells = json.loads(notebook(chapter))["cells"]
    for one in exercises.of(chapter):
        own = [cell for cell in cells if re.fullmatch(f"{one.id}(-answer|-check)?", cell["id"])]
        text = "\n".join("".join(cell["source"]) for cell in own)
        assert one.statement in text and one.starter.strip() in text
        for line in one.answer.splitlines() if one.kind != "choice" and one.seed is None else ():
            part = (line.partition(" = ")[2] if one.kind == "formula" else line).strip()
            assert len(part) <= 8 or part in one.starter + one.statement or part not in text, (one.id, part)


# the commands --------------------------------------------------------------------------------------------


def test_the_commands_write_what_the_functions_make(tmp_path, capsys):
    main(["notebooks", str(tmp_path / "new" / "folder")])
    written = sorted((tmp_path / "new" / "folder").iterdir())
    assert [path.name for path in written] == sorted(f"exercises-{slug}.ipynb" for slug in SLUGS)
    assert (tmp_path / "new" / "folder" / "exercises-bptt.ipynb").read_text("utf8") == notebook("bptt")
    capsys.readouterr()
    main(["sheet", "chain-rule", "bptt", "--seed", "3", "--copies", "2"])
    assert capsys.readouterr().out == sheets(["chain_rule", "bptt"], 3, 2) + "\n"
    main(["key", "all", "--seed", "3"])
    assert capsys.readouterr().out == key([*exercises.CHAPTERS], 3, 1) + "\n"


BAD = {
    "chapter": ["sheet", "algebra", "--seed", "1"],
    "no seed": ["key", "bptt"],
    "negative": ["sheet", "bptt", "--seed", "-1"],
    "no copies": ["sheet", "bptt", "--seed", "1", "--copies", "0"],
    "words": ["sheet", "bptt", "--seed", "one"],
}


@pytest.mark.parametrize("arguments", BAD.values(), ids=BAD)
def test_a_command_that_makes_no_sense_is_refused(arguments, capsys):
    with pytest.raises(SystemExit):
        main(arguments)
    assert "error:" in capsys.readouterr().err
