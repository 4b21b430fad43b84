"""What an exercise is: plain data, and one of three tasks that know how to check an answer."""

from __future__ import annotations

import html
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, NamedTuple

ROLES = ("worked example", "steps left out", "alone", "practice", "find the error", "transfer", "reach back")
LEVELS = ("easy", "medium", "hard")


@dataclass(frozen=True)
class Result:
    """The answer to an answer: whether it is right, a stable hint id, and words.

    Shows as text with role="status", so that a screen reader announces it; colour only repeats what the words say.
    """

    exercise: str
    ok: bool
    hint: str
    words: str

    def __str__(self) -> str:
        return f"{'Right.' if self.ok else 'Not yet.'} {self.words}".rstrip() + f"  [{self.hint}]"

    def __repr__(self) -> str:
        return str(self)

    def _repr_html_(self) -> str:
        colour, verdict = ("#2e8b57", "Right.") if self.ok else ("#c2571a", "Not yet.")
        return (
            f'<p role="status" data-exercise="{self.exercise}" data-hint="{self.hint}"'
            f' style="border-left: 0.3em solid {colour}; padding-left: 0.7em; white-space: pre-line">'
            f"<strong>{verdict}</strong> {html.escape(self.words)}</p>"
        )


class Wrong(Exception):  # noqa: N818  (a verdict on its way out of the ladder, no error of the program)
    """The first rung that an answer fails: the hint's id and its words."""

    def __init__(self, hint: str, words: str):
        super().__init__(words)
        self.hint, self.words = hint, words


class Slip(NamedTuple):
    """A named misconception: the hint, which asks and does not tell, and the wrong answer it leads to.

    ``answer`` is called with the right result and then as the task's own function is called.
    """

    hint: str
    answer: Callable[..., Any]


class Option(NamedTuple):
    """One answer of a multiple choice: its text, the hint id ("right" for the right one), and what to say."""

    text: str
    id: str
    says: str


@dataclass(frozen=True)
class Exercise:
    """An exercise as a page or a notebook shows it. Texts are Markdown with $..$; hints are plain text.

    ``kind`` is "code", "formula" or "choice"; ``task`` checks answers. With ``seed`` the numbers of the
    statement are those of the seed, see `nnlib.exercises.get`.
    """

    id: str
    title: str
    role: str
    level: str
    minutes: int
    statement: str
    task: Any
    starter: str = ""
    seed: int | None = None

    @property
    def chapter(self) -> str:
        """The module of nnlib it belongs to: "chain_rule"."""
        return self.id.rpartition("-")[0].replace("-", "_")

    @property
    def kind(self) -> str:
        """code, formula or choice."""
        return self.task.kind

    @property
    def hints(self) -> dict[str, str]:
        """Every named misconception's hint by its id; the general rungs of the ladder come on top."""
        return self.task.hints

    @property
    def solution(self) -> str:
        """The worked solution, Markdown; code and formulas in fenced blocks. No check reads it."""
        return _solutions(self.chapter)[self.id]

    @property
    def answer(self) -> str:
        """The last fenced block of the solution: the code, or a line "name = formula" for each field."""
        return self.solution.split("```")[-2].partition("\n")[2]

    def check(self, answer: Any, seed: int | None = None) -> Result:
        """Check an answer; never raises for one."""
        try:
            return Result(self.id, True, "right", self.task.check(answer, seed))
        except Wrong as wrong:
            return Result(self.id, False, wrong.hint, wrong.words)

    def plain(self) -> dict:
        """All that a page without Python needs, ready for JSON."""
        texts = (
            "id",
            "chapter",
            "title",
            "role",
            "level",
            "minutes",
            "kind",
            "statement",
            "starter",
            "solution",
        )
        return {name: getattr(self, name) for name in (*texts, "hints", "seed")} | self.task.plain()

    def _repr_markdown_(self) -> str:
        head = f"**{self.id}: {self.title}** *({self.role}, {self.level}, {self.minutes} min)*"
        return "\n\n".join([head, self.statement, *self.task.shown(), *self._starter()])

    def _starter(self) -> list[str]:
        return [f"```python\n{self.starter.strip()}\n```"] if self.starter else []

    def __str__(self) -> str:
        return self._repr_markdown_()


@cache
def _solutions(chapter: str) -> Mapping[str, str]:
    """The sections of solutions/CHAPTER.md by their headings, the exercises' ids."""
    text = files("nnlib.exercises").joinpath("solutions", f"{chapter}.md").read_text("utf8")
    sections = (section.partition("\n") for section in text.split("\n## ")[1:])
    return {title.strip(): body.strip() for title, _, body in sections}


@dataclass(frozen=True)
class Choice:
    """Multiple choice with one right option; the answer is its letter."""

    options: tuple[Option, ...]
    kind = "choice"

    @property
    def hints(self) -> dict[str, str]:
        return {option.id: option.says for option in self.options if option.id != "right"}

    @property
    def letters(self) -> dict[str, Option]:
        """The options by their letters, from A."""
        return dict(zip("ABCDEFGH", self.options))

    def check(self, answer: Any, seed: int | None) -> str:
        letter = answer.strip().upper() if isinstance(answer, str) else answer
        if letter not in self.letters:
            raise Wrong("no-option", f"Answer with one letter: {', '.join(self.letters)}.")
        option = self.letters[letter]
        if option.id != "right":
            raise Wrong(option.id, option.says)
        return option.says

    def shown(self) -> list[str]:
        return ["\n".join(f"- **{letter}.** {option.text}" for letter, option in self.letters.items())]

    def plain(self) -> dict:
        return {"options": [{"letter": letter, **o._asdict()} for letter, o in self.letters.items()]}
