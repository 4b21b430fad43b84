"""Pages to read: each student's feedback, the answers to mark by hand, the class report. One file each, nothing else.

Whatever a student wrote is text here, never markup; no page runs a script or fetches anything.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from html import escape
from typing import Any

from classroom.gradebook import Row
from classroom.sheet import Item, Sheet

STYLE = """
:root { color-scheme: light dark; --line: #767676; --soft: #8882; --good: #16612f; --bad: #9c1c1c; --bar: #1f5fa8 }
@media (prefers-color-scheme: dark) { :root { --good: #7ddc9a; --bad: #ff9d94; --bar: #8ab8f0 } }
body { font: 1rem/1.5 system-ui, sans-serif; max-width: 48rem; margin: 2rem auto; padding: 0 1rem }
body { overflow-wrap: anywhere }
h1, h2, h3 { line-height: 1.2 }
section { border-top: 1px solid var(--line); margin-top: 1.5rem }
pre { background: var(--soft); padding: .75rem; overflow-x: auto; white-space: pre-wrap }
table { border-collapse: collapse }
th, td { border-bottom: 1px solid var(--line); padding: .25rem .75rem .25rem 0; text-align: left }
td.number, th.number { text-align: right; font-variant-numeric: tabular-nums }
.good { color: var(--good) } .bad { color: var(--bad) } .marks { font-weight: 600 }
summary { cursor: pointer } svg { max-width: 100%; height: auto; color: inherit }
@media print { details > * { display: block } }
"""
POLICY = "default-src 'none'; style-src 'unsafe-inline'"


def page(title: str, body: str) -> str:
    return (
        f'<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"><title>{visible(title)}</title>'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">'
        f'<meta name="viewport" content="width=device-width"><style>{STYLE}</style></head>\n'
        f"<body><main>{body}</main></body></html>\n"
    )


def visible(text: str) -> str:
    """A student's text for a page: escaped, and without the characters that could reorder or hide it."""
    kept = (c if c in "\n\t" or c.isprintable() or c == "\u200d" else "�" for c in text)
    return escape(
        "".join(c for c in kept if c not in "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
    )


def _marks(value: float | None, points: float) -> str:
    return f"to be marked, of {points:g}" if value is None else f"{value:g} of {points:g}"


def _item(item: Item, line: Row) -> str:
    """One question's marks, hint and answer."""
    told, value = line.result["items"][item.id], line.marks[item.id]
    parts = [f'<section><h2>{escape(item.title)}</h2><p class="marks">{_marks(value, item.points)}</p>']
    if told.get("words") and item.id not in line.comments:  # marks by hand stand above a missing answer
        parts.append(f'<p><span class="bad">✗</span> {visible(told["words"])}</p>')
    elif value == item.points:
        parts.append('<p><span class="good">✓</span> Right.</p>')
    if line.comments.get(item.id):
        parts.append(f"<p>{visible(line.comments[item.id])}</p>")
    if item.rubric:
        rubric = [(f"{points:g}", "", escape(words)) for points, words in item.rubric]
        parts.append(_table(("points", "", "for"), rubric))
    answers = [
        line.result["answers"][identity] for identity in item.answers if identity in line.result["answers"]
    ]
    if answers:
        text = visible("\n\n".join(answers))
        parts.append(f"<details><summary>Your answer</summary><pre>{text}</pre></details>")
    return "".join(parts) + "</section>"


def student(sheet: Sheet, line: Row) -> str:
    """The feedback of one student."""
    result = line.result
    parts = [f"<h1>{escape(sheet.name)}: {visible(line.student)}</h1>"]
    if line.score is None:
        sure = sum(mark for mark in line.marks.values() if mark is not None)
        parts.append(
            f'<p class="marks">{sure:g} of {sheet.points:g} so far; a question is still to be marked.</p>'
        )
    else:
        parts.append(f'<p class="marks">{line.score:g} of {sheet.points:g}</p>')
    if line.late:
        days = "1 day" if line.late == 1 else f"{line.late} days"
        off = f"; {line.deduction:g} taken off" if line.deduction is not None else ""
        parts.append(f"<p>Handed in {days} late (days begun count){off}.</p>")
    parts += [f"<p>{visible(remark)}</p>" for remark in line.remarks]
    parts += [_item(item, line) for item in sheet.items]
    if result["errors"]:
        rows = [_error(number, error) for number, error in result["errors"].items()]
        parts.append(
            "<section><h2>Cells that stopped</h2><p>The notebook was run from top to bottom. The others still ran.</p>"
            f"{_table(('code cell', 'line', 'what happened'), rows)}</section>"
        )
    return page(f"{sheet.name}: {line.student}", "".join(parts))


def _table(head: tuple[str, str, str], rows: list[tuple[str, str, str]]) -> str:
    """A table of a number, a second cell if its head has a name, and words; the rows are markup already."""
    kinds = [' class="number"', ' class="number"' if head[1] == "line" else "", ""]
    kept = [k for k in range(3) if head[k]]
    top = "".join(f'<th scope="col"{kinds[k]}>{head[k]}</th>' for k in kept)
    body = "".join("<tr>" + "".join(f"<td{kinds[k]}>{row[k]}</td>" for k in kept) + "</tr>" for row in rows)
    return f"<table><thead><tr>{top}</tr></thead><tbody>{body}</tbody></table>"


def _error(number: str, error: dict[str, Any]) -> tuple[str, str, str]:
    """Code cell, line, and what happened."""
    words = {
        "TimeLimit": "took too long and was stopped",
        "OutputLimit": "printed without end and was stopped",
        "MemoryError": "wanted more memory than there is",
        "NotImplementedError": "has no answer yet",
    }.get(error["error"])
    if error["error"] == "Ended":
        words = f"{error['words']}, and was left out"
    told = words or f"{error['error']}: {error['words']}"
    return str(int(number)), str(error["line"] or ""), visible(told)


def to_mark(sheet: Sheet, lines: list[Row]) -> str:
    """The answers that a person marks, question by question, the model answer left to the sheet's source."""
    parts = [
        f"<h1>{escape(sheet.name)}: to mark by hand</h1>"
        "<p>Type marks and a comment into manual.csv, then run the grader once more.</p>"
    ]
    for item in sheet.items:
        if not item.manual:
            continue
        rubric = "".join(f"<li>{points:g}: {escape(words)}</li>" for points, words in item.rubric)
        parts.append(f"<h2>{escape(item.title)} ({item.points:g} points)</h2><ul>{rubric}</ul>")
        for line in lines:
            if line.result["items"][item.id]["points"] is None:
                mark = _marks(line.marks[item.id], item.points)
                answer = visible(line.result["answers"].get(item.id, ""))
                parts.append(
                    f"<section><h3>{visible(line.student)}: {mark}</h3><pre>{answer}</pre></section>"
                )
    return page(f"{sheet.name}: to mark", "".join(parts))


def report(sheet: Sheet, lines: list[Row]) -> str:
    """What the class can do, and which hint how often."""
    handed = [line for line in lines if not line.result["problem"]]
    scores = sorted(line.score for line in handed if line.score is not None)
    parts = [f"<h1>{escape(sheet.name)}: the class</h1><p>{len(handed)} of {len(lines)} can be graded"]
    parts.append(f"; the median is {_median(scores):g} of {sheet.points:g}.</p>" if scores else ".</p>")
    hints: dict[str, Counter] = defaultdict(Counter)
    words: dict[tuple[str, str], str] = {}
    for line in handed:
        for item in sheet.items:
            told = line.result["items"][item.id]
            if hint := told.get("hint"):
                hints[item.id][hint] += 1
                words.setdefault((item.id, hint), told["words"])
    parts.append(f"<h2>Which hint how often</h2>{_bars(sheet, hints, len(handed))}")
    for item in sheet.items:
        full = sum(line.marks[item.id] == item.points for line in handed)
        waiting = sum(line.marks[item.id] is None for line in handed)
        also = f", {waiting} to be marked" if waiting else ""
        parts.append(
            f"<section><h3>{escape(item.title)}</h3><p>Full marks: {full} of {len(handed)}{also}.</p>"
        )
        if hints[item.id]:
            often = _often(hints[item.id])
            rows = [(str(count), escape(hint), visible(words[item.id, hint])) for hint, count in often]
            parts.append(_table(("students", "hint", "for example"), rows))
        parts.append("</section>")
    troubles = Counter(line.result["problem"] for line in lines if line.result["problem"])
    if troubles:
        rows = "".join(f"<li>{visible(words)} ({count})</li>" for words, count in _often(troubles))
        parts.append(f"<section><h2>Not graded</h2><ul>{rows}</ul></section>")
    return page(f"{sheet.name}: the class", "".join(parts))


def _often(counter: Counter) -> list[tuple[str, int]]:
    return sorted(counter.items(), key=lambda pair: (-pair[1], pair[0]))


def _median(values: list[float]) -> float:
    middle = len(values) // 2
    return values[middle] if len(values) % 2 else (values[middle - 1] + values[middle]) / 2


def _bars(sheet: Sheet, hints: dict[str, Counter], students: int) -> str:
    """A picture: for each question its hints as bars, as long as the share of students who got them."""
    drawn, y = [], 0
    for item in sheet.items:
        drawn.append(f'<text x="0" y="{y + 15}" font-weight="600">{escape(item.title)}</text>')
        y += 24
        for hint, count in _often(hints[item.id]) or [("no hint was needed", 0)]:
            drawn.append(f'<text x="0" y="{y + 14}">{escape(hint)}</text>')
            width = 340 * count / max(students, 1)
            drawn.append(f'<rect x="160" y="{y + 2}" width="{width:.1f}" height="14" fill="var(--bar)"/>')
            drawn.append(f'<text x="{166 + width:.1f}" y="{y + 14}">{count or ""}</text>')
            y += 20
        y += 10
    name = f"Bars: how many of {students} students got each hint. The tables below have the same numbers."
    return (
        f'<svg role="img" aria-label="{name}" viewBox="0 0 560 {y}" width="560" height="{y}" font-size="13" '
        f'fill="currentColor">{"".join(drawn)}</svg>'
    )
