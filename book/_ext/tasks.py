"""Sphinx extension: questions a page asks. What all kinds share, and the directive ``{quiz}``.

A task is written as HTML that can be read without scripts: a form with native controls, a place where the
page's script answers, and what is to be said in the end in a ``<details>``. What a reader did stays in the
reader's browser (``progress.js``); how many tasks each chapter has stands in a ``<meta>`` of every page.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator
from html import escape

import yaml
from docutils import nodes
from docutils.statemachine import StringList
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util.docutils import SphinxDirective

LETTERS = "ABCDEFGH"
SCRIPTS = {
    "progress": ["your-data.js"],
    "quiz": ["quiz.js"],
    "exercises": ["quiz.js", "formulas.js", "formulas-draw.js", "exercises.js"],
}  # what a page has -> the scripts it loads


class element(nodes.General, nodes.TextElement):
    """An HTML element: its name in "tag", its attributes in "html"; True stands for an attribute without a value."""


def html(tag: str, *children: nodes.Node | str, **attributes: str | bool) -> element:
    """The node of an HTML element; ``class_`` and ``for_`` stand for class and for, ``_`` for ``-``."""
    given = {name.strip("_").replace("_", "-"): value for name, value in attributes.items() if value}
    made = element("", "", tag=tag, html=given, support_smartquotes=tag != "textarea")  # quotes of code stay
    made += [nodes.Text(child) if isinstance(child, str) else child for child in children]
    return made


def visit_element(self, node: element) -> None:
    words = (name if value is True else f'{name}="{escape(value)}"' for name, value in node["html"].items())
    self.body.append(f"<{' '.join([node['tag'], *words])}>")


def depart_element(self, node: element) -> None:
    if node["tag"] != "input":
        self.body.append(f"</{node['tag']}>")


class TaskDirective(SphinxDirective):
    """What a directive that asks something needs."""

    def blocks(self, markdown: str) -> list[nodes.Node]:
        """The nodes of a Markdown text."""
        box = nodes.Element()
        source = self.get_source_info()[0]
        self.state.nested_parse(StringList(markdown.splitlines(), source), self.content_offset, box)
        return box.children

    def line(self, markdown: str) -> list[nodes.Node]:
        """The nodes of a Markdown text of one paragraph."""
        found = self.blocks(str(markdown))
        if len(found) != 1 or not isinstance(found[0], nodes.paragraph):
            raise self.error(f"this must be one paragraph: {markdown!r}")
        return found[0].children

    def load(self, kind: str) -> None:
        """Note that this page needs the scripts of a kind."""
        self.env.metadata[self.env.docname].setdefault("tasks", []).append(kind)

    def count(self, chapter: str, name: str) -> None:
        """Note that this page has a task of a chapter."""
        for docname, tasks in _tasks(self.env).items():
            if name in tasks:
                raise self.error(f"the task {name} is asked already, on {docname}")
        _tasks(self.env).setdefault(self.env.docname, {})[name] = chapter


def choice(name: str, legend: list[nodes.Node], answers: list[tuple[list, list, bool]]) -> list[nodes.Node]:
    """The parts of a form that asks to choose: each answer as its label, what to say to it, whether it is right."""
    options = [
        html(
            "div",
            html("input", type="radio", name=name, id=f"{name}-{n}", value=f"{n}", autocomplete="off"),
            html("label", html("span", LETTERS[n], class_="task-letter"), *label, for_=f"{name}-{n}"),
            class_="task-option",
        )
        for n, (label, _, _) in enumerate(answers)
    ]
    said = [
        html("li", html("strong", "Right." if right else "Not yet."), " ", *words, data_right=right)
        for _, words, right in answers
    ]
    return [
        html("fieldset", html("legend", *legend), *options),
        *checking(),
        closed("What each answer means", html("ol", *said), "task-answers"),
    ]


def checking(*others: nodes.Node) -> list[nodes.Node]:
    """The button that checks, the mark of a solved task, and the place of the answer."""
    return [
        html(
            "p", html("button", "Check", type="submit"), *others, html("span", class_="task-state"),
            class_="task-buttons",
        ),
        html("div", role="status", class_="task-feedback"),
    ]  # fmt: skip


def closed(title: str, content: nodes.Node, kind: str) -> element:
    """A ``<details>`` that opens for those who have tried, and where no scripts run."""
    return html("details", html("summary", title), content, class_=f"task-end {kind}")


def without_scripts(words: str) -> element:
    """What a page says where no scripts run."""
    return html("noscript", html("p", f"Scripts are off in your browser, so {words}"))


def form(chapter: str, name: str, kind: str, *parts: nodes.Node) -> element:
    """The form of a task."""
    return html("form", *parts, class_=f"task task-{kind}", data_task=name, data_chapter=chapter)


class Quiz(TaskDirective):
    """``{quiz} NAME``: a question in YAML with one right answer; every answer says what it means. ::

    question: What is $1 + 1$?
    answers:
      - answer: 2
        right: One and one.
      - answer: 11
        wrong: That is text put side by side.
    """

    required_arguments = 1
    has_content = True

    def run(self) -> list[nodes.Node]:
        name, chapter = self.arguments[0], self.env.docname.rpartition("/")[2]
        try:
            given = yaml.safe_load("\n".join(self.content))
            question, answers = given.pop("question"), given.pop("answers")
            told = [(each["answer"], each.get("right") or each["wrong"], "right" in each) for each in answers]
        except (yaml.YAMLError, KeyError, TypeError, AttributeError) as error:
            raise self.error(f"the quiz {name} is no question with answers: {error!r}") from error
        if given or any(len(each) != 2 for each in answers) or [right for *_, right in told].count(True) != 1:
            raise self.error(f"the quiz {name} wants a question and answers, each right or wrong, one right")
        first = self.env.docname not in _tasks(self.env)
        self.count(chapter, name)
        self.load("quiz")
        lines = [(self.line(answer), self.line(words), right) for answer, words, right in told]
        asked = form(chapter, name, "choice", *choice(name, self.line(question), lines))
        said = without_scripts(
            "no answer is checked: below each question you can open what the answers mean."
        )
        return [said, asked] if first else [asked]


class Progress(TaskDirective):
    """``{progress}``: what is solved in each chapter; buttons that export, import and forget it."""

    def run(self) -> list[nodes.Node]:
        self.load("progress")
        return [progress_table("")]


class progress_table(nodes.General, nodes.Element):
    """Stands for the table until all pages are read."""


def _fill(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Write the table, one row for every chapter that asks something, in the order of the contents."""
    for place in list(doctree.findall(progress_table)):
        count = totals(app.env)
        chapters = {page: page.rpartition("/")[2] for page in _order(app.env, app.config.root_doc)}
        rows = [
            html(
                "tr",
                html("th", app.env.titles[page].astext(), scope="row"),
                html("td", f"none of {count[chapter]}", data_chapter=chapter),
            )
            for page, chapter in chapters.items()
            if chapter in count
        ]
        head = html("tr", html("th", "chapter", scope="col"), html("th", "solved", scope="col"))
        place.replace_self(
            html(
                "div",
                html("table", html("thead", head), html("tbody", *rows), class_="table"),
                html(
                    "p",
                    html("button", "Save to a file", type="button", data_do="export"),
                    html("button", "Forget everything", type="button", data_do="forget"),
                ),
                html(
                    "p",
                    html("label", "Add from a file ", for_="progress-file"),
                    html(
                        "input",
                        type="file",
                        id="progress-file",
                        accept=".json,application/json",
                        data_do="import",
                    ),
                ),
                html("p", role="status", data_do="say"),
                without_scripts("nothing is kept, and nothing counted."),
                class_="task-tools",
            )
        )


def _order(env: BuildEnvironment, page: str) -> Iterator[str]:
    """The pages in the order of the contents."""
    yield page
    for child in env.toctree_includes.get(page, ()):
        yield from _order(env, child)


# the tasks of all pages ----------------------------------------------------------------------------------


def _tasks(env: BuildEnvironment) -> dict[str, dict[str, str]]:
    """Page -> name of a task -> its chapter."""
    if not hasattr(env, "tasks"):
        env.tasks = {}
    return env.tasks


def totals(env: BuildEnvironment) -> dict[str, int]:
    """Chapter -> how many tasks it has on all its pages."""
    return Counter(chapter for tasks in _tasks(env).values() for chapter in tasks.values())


def _purge(app: Sphinx, env: BuildEnvironment, docname: str) -> None:
    _tasks(env).pop(docname, None)


def _merge(app: Sphinx, env: BuildEnvironment, docnames: list[str], other: BuildEnvironment) -> None:
    _tasks(env).update({name: _tasks(other)[name] for name in docnames if name in _tasks(other)})


def _page(app: Sphinx, pagename: str, templatename: str, context: dict, doctree) -> None:
    """Every page knows how many tasks there are; the scripts go only where they are needed."""
    told = escape(json.dumps(totals(app.env), sort_keys=True, separators=(",", ":")))
    context["metatags"] = f'{context.get("metatags", "")}\n<meta name="bp-tasks" content="{told}">'
    kinds = app.env.metadata.get(pagename, {}).get("tasks", ())
    if kinds:
        app.add_css_file("exercises.css")
    for script in dict.fromkeys(script for kind in SCRIPTS if kind in kinds for script in SCRIPTS[kind]):
        app.add_js_file(script, loading_method="defer")


def add_element(app: Sphinx) -> None:
    skip: tuple[Callable, Callable] = (lambda self, node: None, lambda self, node: None)
    app.add_node(element, html=(visit_element, depart_element), latex=skip, text=skip)
    app.add_node(progress_table, latex=skip, text=skip)


def setup(app: Sphinx) -> dict:
    """Register the extension."""
    add_element(app)
    app.add_directive("quiz", Quiz)
    app.add_directive("progress", Progress)
    app.add_js_file("progress.js", loading_method="defer")
    app.connect("env-purge-doc", _purge)
    app.connect("env-merge-info", _merge)
    app.connect("doctree-resolved", _fill)
    app.connect("html-page-context", _page)
    return {"version": "1", "env_version": 1, "parallel_read_safe": True, "parallel_write_safe": True}
