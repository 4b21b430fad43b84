"""The pages around the chapters: self-test, glossary, landing page, teaching, slides; every number they quote."""

import json
import re
from pathlib import Path

import numpy as np
import pytest
import sympy
import yaml

from nnlib import bptt, check, costs, index_backprop, jacobian, network, recursive
from nnlib.activations import Activation, identity, softmax, tanh
from tools import slides

ROOT = Path(__file__).resolve().parent.parent
BOOK = ROOT / "book"
CHAPTERS = ("chain-rule", "index-backprop", "recursive", "jacobian", "bptt", "gradient-backprop")
SQUARE = Activation("square", lambda z: z**2, lambda z: 2 * z, lambda z: 2 + 0 * z)


def text(name: str) -> str:
    return (BOOK / name).read_text("utf8")


def cells(name: str) -> list[str]:
    notebook = json.loads(text(f"{name}.ipynb"))
    return ["".join(cell["source"]) for cell in notebook["cells"] if cell["cell_type"] == "markdown"]


# the self-test -------------------------------------------------------------------------------------------

QUESTIONS = [
    yaml.safe_load(quiz)
    for quiz in re.findall(r"```\{quiz\} before-\d+\n(.+?)\n```", text("before.md"), flags=re.S)
]


def choices(question: dict) -> list[tuple[str, str]]:
    """The answers and what is said to each; to the right one it begins with "Right." """
    return [
        (str(each["answer"]).strip(), f"Right. {each['right']}" if "right" in each else each["wrong"])
        for each in question["answers"]
    ]


def right_choice(number: int) -> str:
    (found,) = (label for label, answer in choices(QUESTIONS[number - 1]) if answer.startswith("Right."))
    return found


def test_ten_questions_each_with_one_right_answer_and_a_refresher_for_every_miss():
    assert len(QUESTIONS) == text("before.md").count("### Question ") == 10
    key = re.search(r"question 1, .+\n", text("before.md"))[0]
    for number, question in enumerate(QUESTIONS, 1):
        answers = [answer for _, answer in choices(question)]
        right = [position for position, answer in enumerate(answers) if answer.startswith("Right.")]
        assert len(answers) == 4 and len(right) == 1, number
        for answer in answers:
            assert answer.startswith("Right.") or re.search(r"\(#refresher-\w+\)", answer), answer
        assert "ABCD".index(re.search(rf"\b{number}, ([A-D])", key)[1]) == right[0], number


def test_the_targets_of_the_refreshers_exist():
    page = text("before.md")
    for target in set(re.findall(r"\(#([a-z-]+)\)", page + text("glossary.md"))):
        assert f"({target})=" in page, target


def test_the_right_answers_of_the_self_test_are_right():
    x, y, w = sympy.symbols("x y w")
    assert right_choice(1) == "$2 x y$" and sympy.diff(x**2 * y + sympy.sin(y), x) == 2 * x * y
    assert right_choice(2) == r"$2\,(w x - y)\, x$"
    assert sympy.expand(sympy.diff((w * x - y) ** 2, w) - 2 * (w * x - y) * x) == 0
    assert right_choice(3) == str(sum(i + j for i in range(3) for j in range(2)))
    assert right_choice(4) == "$2\\, c_k\\, x_k$"
    product = np.array([[1, 2], [3, 4]]) @ [[0, 1], [2, 0]]
    assert [int(n) for n in re.findall(r"\d+", right_choice(5))] == product.ravel().tolist()
    A, B, C = np.ones((2, 3)), np.ones((3, 4)), np.ones((4, 2))
    assert (A @ B @ C).shape == (2, 2) and right_choice(6) == "$A B C$ exists and has shape $(2, 2)$"
    assert np.array_equal((A @ B).T, B.T @ A.T) and right_choice(7) == r"$B^{\mathsf T} A^{\mathsf T}$"
    W, delta = np.array([[1, 2], [3, 4], [5, 6]]), np.array([1, 0, -1])
    assert right_choice(8) == r"$W^{\mathsf T} \delta$" and (W.T @ delta).tolist() == [-4, -4]
    assert right_choice(9) == "`X @ W.T + b`" and right_choice(10) == "`(5, 5)`"


def test_what_the_wrong_answers_of_question_9_say_is_so():
    X, W, b = np.ones((32, 64)), np.ones((10, 64)), np.ones(10)
    for label, answer in choices(QUESTIONS[8]):
        if answer.startswith("Right."):
            assert eval(label.strip("`"), {"X": X, "W": W, "b": b}).shape == (32, 10)
        else:
            with pytest.raises(ValueError):
                eval(label.strip("`"), {"X": X, "W": W, "b": b})


def test_the_code_of_the_refreshers_runs():
    (code,) = re.findall(r"```python\n(.+?)```", text("before.md"), flags=re.S)
    exec(code, {})


# the glossary --------------------------------------------------------------------------------------------

STANDARD = """cost, activation, pre-activation, adjoint, local derivative, forward mode, reverse mode, Jacobian, claim,
verdict, scope, ledger, concordance, sheet, hint"""


def entries() -> dict[str, str]:
    body = re.search(r"```\{glossary\}\n(.+?)```", text("glossary.md"), flags=re.S)[1]
    return dict(re.findall(r"^((?:\S[^\n]*\n)+)  (.+)$", body, flags=re.M))


def test_the_standard_terms_are_in_the_glossary_once_and_in_order():
    terms = [term.strip() for names in entries() for term in names.splitlines()]
    assert len(terms) == len(set(terms)) > 90
    assert {*re.split(r",\s+", STANDARD)} <= {*terms}
    first = [names.splitlines()[0].lower() for names in entries()]
    assert first == sorted(first)


def test_every_entry_is_one_or_two_sentences_and_leads_to_its_place():
    for names, entry in entries().items():
        definition, _, place = entry.partition(" → ")
        assert re.fullmatch(r"(\{eq\}`eq-[a-z0-9-]+`|\[.+\]\([#a-z0-9.-]+\))", place), names
        assert (
            definition.endswith((".", "$")) and 1 <= len(re.findall(r"[.](?= [A-Z$]|$)", definition)) <= 2
        ), names


# the landing page ----------------------------------------------------------------------------------------


def test_the_minutes_of_each_path_are_the_sum_of_its_pages():
    page = text("index.md")
    paths = re.findall(r"^\*\*You .+?\((\d+) minutes.*?\)\.?\n\n((?:\d\. .+\n)+)", page, flags=re.M)
    assert len(paths) == 4
    for total, items in paths:
        assert int(total) == sum(int(n) for n in re.findall(r"\[\]\([a-z-]+\), .*?(\d+) minutes", items))


def test_no_core_path_takes_longer_than_the_landing_page_says():
    for name in CHAPTERS:
        minutes = [
            int(match[1])
            for cell in cells(name)
            if (match := re.search(r"^\*\((\d+) min\)\*", cell, flags=re.M))
        ]
        assert len(minutes) >= 5 and sum(minutes) <= 45, (name, sum(minutes))
    first_two = [
        int(n) for cell in cells("six-ways") for n in re.findall(r"^\*\((\d+) min\)\*", cell, flags=re.M)
    ][:2]
    assert f"its first two sections, {sum(first_two)} minutes" in text("index.md")


def test_the_map_links_to_pages_that_exist():
    for name in re.findall(r'href="([a-z-]+)\.html"', text("index.md")):
        assert any((BOOK / f"{name}{kind}").exists() for kind in (".md", ".ipynb")), name


# teaching ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_three_peer_questions_whose_distractors_are_all_explained(chapter):
    page = text(f"teaching-{chapter}.md")
    for section in ("## Goals", "## Misconceptions", "## Board activity", "## Rubric"):
        assert section in page
    questions = re.split(r"^### Question \d\n", page.split("## Board activity")[0], flags=re.M)[1:]
    assert len(questions) == 3
    for question in questions:
        options, answer = question.split("**Right: ")
        assert re.findall(r"^- \*\*([A-D])\.\*\*", options, flags=re.M) == [*"ABCD"]
        for letter in set("ABCD") - {answer[0]}:
            assert re.search(rf"(?:^|[ ,]){letter} (?!\*)", answer[3:], flags=re.M), (chapter, letter)
    used = set(re.findall(r"\(M(\d)", page.split("## Peer instruction")[1]))
    assert used and used <= set(re.findall(r"^\| M(\d)\.", page, flags=re.M))


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_a_rubric_gives_ten_points(chapter):
    rubric = text(f"teaching-{chapter}.md").split("## Rubric")[1]
    assert sum(int(n) for n in re.findall(r"^\| (\d) \|", rubric, flags=re.M)) == 10


def option(chapter: str, number: int) -> str:
    """The text of the right option of a peer question."""
    question = re.split(r"^### Question \d\n", text(f"teaching-{chapter}.md"), flags=re.M)[number]
    letter = re.search(r"\*\*Right: ([A-D])\.\*\*", question)[1]
    return re.search(rf"^- \*\*{letter}\.\*\* (.+)$", question, flags=re.M)[1]


def test_the_numbers_of_teaching_chapter_1():
    x = sympy.Symbol("x")
    assert option("chain-rule", 1) == str(sympy.diff(x**2 * 3 * x, x).subs(x, 3))
    assert option("chain-rule", 2) == "more than 25" and option("chain-rule", 3).startswith("4, ")
    p, q = sympy.symbols("p q")
    C, at = (p * q + q) ** 2, {p: 1, q: 3}
    assert [C.subs(at), sympy.diff(C, q).subs(at), sympy.diff(C, p).subs(at)] == [36, 24, 36]
    a = softmax.f(np.zeros((1, 3)))
    assert np.allclose((a - [[0, 1, 0]]) * 3, [1, -2, 1], rtol=0, atol=1e-12)
    assert np.allclose(np.array([0, -1, 0]) / a * a * (1 - a) * 3, [0, -2, 0], rtol=0, atol=1e-12)


def test_the_numbers_of_teaching_chapter_2():
    units = index_backprop.UnitNetwork(
        inputs=(0,), outputs=(1, 2), upstream={1: (0,), 2: (1,)}, w={(1, 0): 1, (2, 1): 3}, b={1: 0, 2: 0},
        act={1: identity, 2: identity},
    )  # fmt: skip
    p = index_backprop.back_propagate(units, {0: 1.0}, {1: 0.0, 2: 1.0}, costs.half_squared_error)[2]
    assert option("index-backprop", 1) == f"{p[1]:g}"
    assert option("index-backprop", 2) == "over the example $n$"
    assert option("index-backprop", 3).startswith("all entries agree with the complex step")


def test_the_numbers_of_teaching_chapter_3():
    calls = recursive.count_calls
    assert calls((4,) * 5, 4, 1, "naive") == 85
    assert option("recursive", 1) == str(calls((4,) * 6, 5, 1, "naive"))
    assert calls((4,) * 11, 10, 1, "shortcut") == 87381 and option("recursive", 2) == "87,000"
    assert calls((4,) * 11, 10, 1, "memo") == 37 and round(calls((4,) * 11, 10, 1, "naive") ** 0.5) == 591
    assert [calls((2,) * 4, 3, 1, method) for method in recursive.METHODS] == [7, 3, 5]
    assert [calls((2,) * 11, 10, 1, method) for method in recursive.METHODS] == [1023, 511, 19]
    rng = np.random.default_rng(0)
    net = network.init((3, 5, 5, 2), tanh, rng)
    X, Y = rng.standard_normal((3, 3)), rng.standard_normal((3, 2))
    gradient = index_backprop.matrix_gradient(net, X, Y, costs.squared_error)
    assert option("recursive", 3) == str(np.linalg.matrix_rank(gradient.W[2]))


def test_the_numbers_of_teaching_chapter_4():
    rng = np.random.default_rng(0)
    net, x = network.init((4, 4, 4, 4), tanh, rng, out=tanh), rng.standard_normal((1, 4))
    whole = jacobian.parameters(net, x)
    moved = [np.count_nonzero(whole.W[l][0, :, 1, 2]) for l in (1, 3)]
    assert option("jacobian", 1) == f"{moved[0]} and {moved[1]}"
    net = network.init((5, 3, 4, 2), tanh, rng)
    shape = jacobian.layer_jacobians(net, rng.standard_normal((1, 5)))[1].shape[1:]
    assert option("jacobian", 2) == f"${shape}$" and option("jacobian", 3) == "nothing"

    def small(weight):
        W = (None, [[1, weight], [2, -1], [0, 1]], [[1, -1, 2], [2, 3, 1]])
        return network.Network(W, (None, [0, 1, -1], [0, -1]), (None, SQUARE, identity))

    x = np.array([[1.0, 2.0]])
    assert jacobian.layer_jacobians(small(1), x)[1][0].tolist() == [[6, -2, 4], [12, 6, 2]]
    assert jacobian.inputs(small(1), x)[0].tolist() == [[2, 12], [24, 8]]
    outputs = network.forward(small(1.01), x).a[2][0]
    assert "{:.6g} and {:.6g}".format(*outputs) in text("teaching-jacobian.md")


def test_the_numbers_of_teaching_chapter_5():
    cell = network.Network((None, [[1, 0.5]]), (None, [0]), (None, identity))
    *_, (_, last) = bptt.sensitivities(bptt.RNN(cell, 1, 1), np.ones((1, 3, 1)))
    assert option("bptt", 1) == f"{last[0, 0, 1]:g}"
    parameters = network.flatten(network.init((101, 100), tanh, np.random.default_rng(0))).size
    page = text("teaching-bptt.md")
    assert parameters == 10200 and 100 * parameters == 1020000 and "1,020,000" in page
    assert round(100 * parameters / (1000 * 100)) == 10 and "about ten" in option("bptt", 2)
    assert option("bptt", 3) == "5"
    terms = [(n, m) for n in range(10) for m in range(n + 1)]
    window = {(n, m) for n, m in terms if n - m < 3}
    chunks = {(n, m) for n, m in terms if n // 3 == m // 3}
    assert (len(terms), len(window), len(chunks), len(window - chunks)) == (55, 27, 19, 8) and chunks < window
    for number in ("55", "27 boxes", "colour: 19", "8 in all"):
        assert number in page


def test_the_numbers_of_teaching_chapter_6():
    def slope(w_1):
        net = network.Network((None, [[w_1]], [[1]]), (None, [-1], [0]), (None, SQUARE, identity))
        return jacobian.inputs(net, np.array([[1.0]]))[0, 0, 0]

    assert slope(3.0) == 12
    assert option("gradient-backprop", 1) == f"{check.complex_step(slope, 3.0):g}"
    assert option("gradient-backprop", 2) == "they differ by a constant"
    assert option("gradient-backprop", 3).startswith("the steps mostly go downhill")


# slides --------------------------------------------------------------------------------------------------

MATH = '<div class="math" id="equation-{0}"><span class="eqno">(1)<a class="headerlink" href="#e">#</a></span>{0}</div>'
PAGE = f"""<article><section><h1><span class="section-number">1. </span>Title</h1><p><em>Why?</em></p>
<section><h2>First<a class="headerlink" href="#first">#</a></h2>
<p>{"A long paragraph that is for reading. " * 9}</p>
<p><em>(5 min)</em> This leads to:</p>
<div class="equation docutils">{MATH.format("eq-a")}<details>{MATH.format("eq-verdict")}</details></div>
<div class="cell docutils container"><div class="cell_input"><pre>import numpy</pre></div></div>
<div class="cell docutils container"><div class="cell_input"><pre>short = 1</pre></div>
<div class="cell_output"><pre>printed</pre></div></div>
<p><strong>Predict:</strong> up or down?</p>
<div class="cell docutils container"><div class="cell_input"><pre>explore(f)</pre></div><div class="cell_output">
<figure class="nnlib-figure"><div class="nnlib-figure-controls"><button>Play</button></div>
<svg role="img" aria-labelledby="c"></svg><figcaption id="c">What to see</figcaption></figure></div></div></section>
<section><h2>Exercises</h2><p>This leads to:</p>{MATH.format("eq-b")}</section></section></article>"""


def test_a_slide_has_what_a_lecturer_points_at():
    (title, question), *others = slides.slides(PAGE)
    shown = "".join(part for _, parts in others for part in parts)
    assert title == "Title" and "Why?" in question[0]
    assert {heading for heading, _ in others} == {"First"}
    for wanted in (
        "This leads to:",
        "eq-a",
        "(1)",
        "short = 1",
        "printed",
        "Predict:",
        'aria-label="What to see"',
    ):
        assert wanted in shown, wanted
    for unwanted in (
        "for reading",
        "import",
        "verdict",
        "eq-b",
        "explore",
        "Play",
        "headerlink",
        "figcaption",
    ):
        assert unwanted not in shown, unwanted


def test_the_sentence_stays_with_its_equation():
    crowded = PAGE.replace("<p><em>(5", MATH.format("eq-c") * 4 + "<p><em>(5", 1)
    (slide,) = (parts for _, parts in slides.slides(crowded)[1:] if any("eq-a" in part for part in parts))
    assert any("This leads to:" in part for part in slide)


@pytest.mark.skipif(not (slides.BUILT / "book" / "recursive.html").exists(), reason="the book is not built")
def test_the_deck_of_a_built_chapter_needs_no_other_file_and_has_every_equation():
    deck = slides.deck(slides.BUILT, "recursive")
    assert not re.search(r'(?:src|href)="(?!#)|url\((?!data:|#)|@import', deck)
    built = (slides.BUILT / "book" / "recursive.html").read_text("utf8")
    shown, labelled = (
        set(re.findall(r'id="equation-(eq-recursive-[a-z0-9-]+)"', page)) for page in (deck, built)
    )
    assert shown == labelled and len(shown) > 10
