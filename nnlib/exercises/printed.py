"""Sheets of paper: the exercises with fresh numbers, a copy for every seed, and the key for the teacher, as HTML.

The mathematics is MathML, which browsers set and print by themselves, so a page is one file that needs nothing.
"""

from __future__ import annotations

import re
from html import escape

from nnlib.exercises import of
from nnlib.exercises.model import Exercise

STYLE = """
body { font: 12pt/1.5 Georgia, serif; max-width: 42em; margin: 2em auto; padding: 0 1em; }
h1 { font-size: 1.3em; } h2 { font-size: 1.1em; }
.sheet { break-after: page; margin-bottom: 5em; }
.name { text-align: right; }
.exercise, tr { break-inside: avoid; }
.blanks td { padding: 0.6em 0.8em 0.6em 0; }
.blanks td + td { border-bottom: thin solid; width: 12em; }
.key { border-collapse: collapse; }
.key th, .key td { border: thin solid; padding: 0.2em 0.7em; text-align: right; }
.key thead th { text-align: center; }
@media print { body { margin: 0; max-width: none; } .sheet { margin: 0; } .sheet:last-child { break-after: auto; } }
"""


def sheets(chapters: list[str], seed: int, copies: int) -> str:
    """A page of HTML with ``copies`` sheets; the numbers of sheet 1 come from ``seed``, of sheet 2 from the next."""
    return _page("Exercises", "".join(_sheet(chapters, seed, n) for n in range(1, copies + 1)))


def key(chapters: list[str], seed: int, copies: int) -> str:
    """The answers to `sheets`, a table for each exercise and a row for each sheet."""
    tables = [_table(exercise) for exercise in zip(*(_fresh(chapters, seed + n) for n in range(copies)))]
    return _page(f"Key, seed {seed}", f"<h1>Key, seed {seed}</h1>{''.join(tables)}")


def _page(title: str, body: str) -> str:
    """A whole page, its text in ASCII: no shell's encoding can spoil it."""
    head = f'<meta charset="utf-8"><title>{title}</title><style>{STYLE}</style>'
    page = f'<!doctype html>\n<html lang="en"><head>{head}</head><body>{body}</body></html>'
    return page.encode("ascii", "xmlcharrefreplace").decode()


def _fresh(chapters: list[str], seed: int) -> list[Exercise]:
    return [one for chapter in chapters for one in of(chapter, seed) if one.seed is not None]


def _sheet(chapters: list[str], seed: int, number: int) -> str:
    exercises = "".join(_exercise(one) for one in _fresh(chapters, seed + number - 1))
    head = f'<p class="name">Name: {"_" * 30}</p><h1>Exercises, sheet {number}</h1>'
    return f'<section class="sheet">{head}{exercises}</section>'


def _exercise(one: Exercise) -> str:
    statement = "".join(f"<p>{_line(part)}</p>" for part in one.statement.split("\n\n"))
    blanks = "".join(f"<tr><td>{_line(field.label)}</td><td></td></tr>" for field in one.task.fields)
    head = f"<h2>{one.title} ({one.minutes} min)</h2>"
    return f'<div class="exercise">{head}{statement}<table class="blanks">{blanks}</table></div>'


def _table(copies: tuple[Exercise, ...]) -> str:
    first = copies[0]
    labels = [{field.label for field in fields} for fields in zip(*(one.task.fields for one in copies))]
    shown = [same.pop() if len(same) == 1 else field.name for same, field in zip(labels, first.task.fields)]
    names = "".join(f'<th scope="col">{_line(label)}</th>' for label in shown)
    rows = "".join(f'<tr><th scope="row">{n}</th>{_values(one)}</tr>' for n, one in enumerate(copies, 1))
    head = f'<thead><tr><th scope="col">sheet</th>{names}</tr></thead>'
    return f'<h2>{first.title} ({first.id})</h2><table class="key">{head}<tbody>{rows}</tbody></table>'


def _values(one: Exercise) -> str:
    values = (field["values"][0] for field in one.task.plain()["fields"])
    return "".join(f"<td>{value:.6g}</td>".replace("-", "\N{MINUS SIGN}") for value in values)


# ---------------------------------------------------------------- text and formulas

_SIGN = re.compile(
    r"(^|<mrow>|<mo[^>]*>[^<)]*</mo>)<mo>(?=&#x2212;)"
)  # a minus before a number, not between two
_TOKEN = re.compile(r"\\[A-Za-z]+|\\,|[A-Za-z]|[0-9]+|'+|\S")


def _line(text: str) -> str:
    """HTML of a paragraph with formulas between dollar signs."""
    parts = text.split("$")
    return "".join(mathml(part) if n % 2 else escape(part) for n, part in enumerate(parts))


def mathml(formula: str) -> str:
    """MathML of the little TeX that these exercises need. Raises ValueError for more."""
    tokens = _TOKEN.findall(formula)
    inside = _SIGN.sub(r'\1<mo form="prefix">', _row(tokens))
    if tokens:
        raise ValueError(f"{formula!r} has a }} too many")
    return f"<math>{inside}</math>"


def _row(tokens: list[str]) -> str:
    """What stands up to the end or a closing brace; takes it off the tokens."""
    found = []
    while tokens and tokens[0] != "}":
        base, scripts = _atom(tokens), {}
        while tokens and (tokens[0] in "^_" or tokens[0][0] == "'"):
            sign = tokens.pop(0)
            scripts["^" if sign[0] == "'" else sign] = (
                f"<mo>{'&#x2032;' * len(sign)}</mo>" if sign[0] == "'" else _atom(tokens)
            )
        if len(scripts) == 2:
            base = f"<msubsup>{base}{scripts['_']}{scripts['^']}</msubsup>"
        elif scripts:
            kind = "sub" if "_" in scripts else "sup"
            base = f"<m{kind}>{base}{''.join(scripts.values())}</m{kind}>"
        found.append(base)
    return "".join(found)


def _atom(tokens: list[str]) -> str:
    token = tokens.pop(0) if tokens else ""
    if token == "{":
        inside = _row(tokens)
        if not tokens:
            raise ValueError("a brace is not closed")
        tokens.pop(0)
        return f"<mrow>{inside}</mrow>"
    if token == r"\frac":
        return f"<mfrac>{_argument(tokens)}{_argument(tokens)}</mfrac>"
    if token == r"\partial":
        return "<mi>&#x2202;</mi>"
    if token == r"\,":
        return '<mspace width="0.17em"></mspace>'
    if token.isdigit():
        return f"<mn>{token}</mn>"
    if token.isalpha():
        return f"<mi>{token}</mi>"
    if token in ("(", ")"):
        return f'<mo stretchy="false">{token}</mo>'
    if token in tuple("+-=/,"):
        return f"<mo>{token.replace('-', '&#x2212;')}</mo>"
    raise ValueError(f"{token!r} is not known to printed sheets")


def _argument(tokens: list[str]) -> str:
    r"""What a command takes: a group, or one sign; of the number in \frac12 the first digit."""
    if tokens and tokens[0].isdigit():
        digits = tokens.pop(0)
        tokens[:0] = [digits[1:]] if digits[1:] else []
        return f"<mn>{digits[0]}</mn>"
    return _atom(tokens)
