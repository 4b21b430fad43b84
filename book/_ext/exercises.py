"""Sphinx extension: the directive ``{exercises} CHAPTER``, all of a chapter's exercises from ``nnlib.exercises``.

Each becomes a section with its statement, a form (see `tasks`) and its worked solution, which is public. What the
page's scripts check formulas with is numbers: sample points, the right values and those of each slip.
"""

from __future__ import annotations

import json
from pathlib import Path

from docutils import nodes
from sphinx.application import Sphinx
from tasks import TaskDirective, checking, choice, closed, form, html, without_scripts

import nnlib.exercises
from nnlib.exercises.model import Exercise

# What the page asks its Python after the learner's code: the verdict as JSON, shown as it is.
CHECK = """import json as _json
from nnlib import exercises as _exercises
class _Told(str):
    __repr__ = str.__str__
_result = _exercises.check({id!r}, globals().get({function!r}))
_Told(_json.dumps([_result.ok, _result.hint, _result.words]))
"""


class Exercises(TaskDirective):
    """``{exercises} chain-rule``: the exercises of a chapter, a section each."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        chapter = self.arguments[0]
        folder = Path(nnlib.exercises.__file__).parent
        for source in [*folder.glob("*.py"), *folder.glob("solutions/*.md"), Path(__file__)]:
            self.env.note_dependency(str(source))
        self.load("exercises")
        self.env.metadata[self.env.docname]["live"] = True
        said = without_scripts(
            "nothing is checked or run here: work on paper or in a file, then open the solutions."
        )
        return [said, *(self.section(one, chapter) for one in nnlib.exercises.of(chapter.replace("-", "_")))]

    def section(self, one: Exercise, chapter: str) -> nodes.section:
        self.count(chapter, one.id)
        name = f"exercise-{one.id}"
        section = nodes.section("", ids=[name], names=[name], classes=["exercise"])
        section += nodes.title("", one.title)
        facts = f"{one.id} · {one.role} · {one.level}\u00a0·\u00a0{one.minutes}\u00a0min"
        section += nodes.paragraph("", facts, classes=["exercise-facts"])
        section += self.blocks(one.statement)
        parts = getattr(self, one.kind)(one)
        solution = self.blocks(one.solution.replace("```formula", "```text"))
        end = closed("Worked solution", html("div", *solution), "task-solution")
        section += form(chapter, one.id, one.kind, *parts, end)
        return section

    def choice(self, one: Exercise) -> list[nodes.Node]:
        answers = [
            (self.line(option.text), [nodes.Text(option.says), *hint_id(option.id)], option.id == "right")
            for option in one.task.options
        ]
        return choice(one.id, [nodes.Text("Your answer")], answers)

    def formula(self, one: Exercise) -> list[nodes.Node]:
        plain = one.plain()
        data = {name: plain[name] for name in ("fields", "points", "letters", "tolerance", "hints")}
        data["fields"] = [{k: v for k, v in field.items() if k != "label"} for field in data["fields"]]
        fields = [self.field(one.id, field) for field in plain["fields"]]
        return [*fields, html("p", one.task.typing, class_="task-keys"), *checking(), stored(data)]

    def field(self, task: str, field: dict) -> nodes.Node:
        name = f"{task}-{field['name']}"
        return html(
            "div",
            html("label", *self.line(field["label"]), html("span", field["name"], class_="spoken"), for_=name),
            html(
                "input", type="text", id=name, autocomplete="off", autocapitalize="off", spellcheck="false",
                aria_describedby=f"{name}-read {name}-mark",
            ),
            html("span", class_="task-mark", id=f"{name}-mark"),
            html("div", class_="task-read", id=f"{name}-read"),
            class_="task-field",
        )  # fmt: skip

    def code(self, one: Exercise) -> list[nodes.Node]:
        name = f"{one.id}-code"
        check = CHECK.format(id=one.id, function=one.task.function)
        buttons = [
            html("button", words, type="button", data_do=what)
            for what, words in (("run", "Run"), ("save", "Save as a file"), ("reset", "Start over"))
        ]
        return [
            html("label", "Your code", for_=name, class_="task-label"),
            html(
                "textarea", one.starter, id=name, rows=f"{one.starter.count(chr(10)) + 2}", spellcheck="false",
                autocapitalize="off", autocomplete="off", aria_describedby=f"{name}-keys",
            ),
            html("p", "Ctrl+Enter checks. Tab leaves the editor.", id=f"{name}-keys", class_="task-keys"),
            *checking(*buttons),
            html("pre", class_="task-output", hidden=True, tabindex="0", role="region", aria_label="Output"),
            stored({"id": one.id, "function": one.task.function, "check": check}),
        ]  # fmt: skip


def hint_id(hint: str) -> list[nodes.Node]:
    """The id of a hint, by which a teacher knows the mistake; none for the right answer."""
    return [] if hint == "right" else [html("span", f" Hint: {hint}", class_="task-hint-id")]


def stored(data: dict) -> nodes.Node:
    """Data for the page's scripts."""
    text = json.dumps(data, separators=(",", ":")).replace("<", "\\u003c")
    return nodes.raw("", f'<script type="application/json">{text}</script>', format="html")


def setup(app: Sphinx) -> dict:
    """Register the extension."""
    app.setup_extension("tasks")
    app.add_directive("exercises", Exercises)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
