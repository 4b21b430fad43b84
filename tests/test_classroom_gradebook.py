"""From marks to what people read: lateness, marks by hand, tables for Moodle and Canvas, feedback, the report."""

import csv
import io
import re
from datetime import datetime

import pytest

from classroom import feedback, grade, gradebook, marking, roster, sheet, tables
from classroom.roster import Student
from tests.submitting import DERIVATION

SOURCE = sheet.read("sheet-1")
FULL = {item.id: item.points for item in SOURCE.items}
EVIL = "<script>alert(1)</script>\u202e=cmd|' /C calc'!A0"


def result(student: str, answer: str = DERIVATION, **more) -> dict:
    """What the grader keeps of a submission with everything right; `hints` are the items that are not."""
    hints = more.pop("hints", {})
    items = {
        identity: {"points": 0, "hint": hints[identity], "words": f"Words of {hints[identity]}."}
        if identity in hints
        else {"points": points}
        for identity, points in FULL.items()
    }
    items["derivation"] = {"points": None} if answer else {"points": 0, "hint": "stub", "words": "No answer."}
    made = {"items": items, "errors": {}, "notes": [], "remarks": [], "answers": {"derivation": answer}}
    return made | {"student": student, "problem": "", "handed_in": None, "moodle": "", "canvas": ""} | more


def rows(results: list[dict], given=None, deadline=None, percent=0.0) -> list[gradebook.Row]:
    return [gradebook.row(SOURCE, each, given or {}, deadline, percent) for each in results]


def written(tmp_path, name: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO((tmp_path / name).read_text("utf-8-sig"))))


def test_moodle_takes_the_table(tmp_path):
    """The columns that Moodle's grading worksheet looks for by name; a mark still to be given is an empty cell."""
    handed = [result("Ana A", moodle="1234"), result("ben", answer="", hints={"neuron-test": "half"})]
    gradebook.write(tmp_path, SOURCE, rows(handed), {"ben": Student("ben", "Ben B", "b@x.org", "077")})
    assert written(tmp_path, "moodle.csv") == [
        {
            "Identifier": "Participant 1234", "Full name": "Ana A", "Email address": "", "ID number": "", "Grade": "",
            "Maximum Grade": "20", "Last modified (grade)": "", "Feedback comments": "Waits for marks by hand.",
        },
        {
            "Identifier": "", "Full name": "Ben B", "Email address": "b@x.org", "ID number": "077", "Grade": "12",
            "Maximum Grade": "20", "Last modified (grade)": "", "Feedback comments": "",
        },
    ]  # fmt: skip


def test_canvas_takes_the_table(tmp_path):
    handed = [result("ana", canvas="99"), result("ben", answer="")]
    gradebook.write(
        tmp_path,
        SOURCE,
        rows(handed, {("ana", "derivation"): (4.5, "")}),
        {"ben": Student("ben", "Ben B", canvas="7")},
    )
    points, ana, ben = written(tmp_path, "canvas.csv")
    assert list(points) == ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", "sheet-1"]
    assert points["Student"] == "    Points Possible" and points["sheet-1"] == "20"
    assert (ana["Student"], ana["ID"], ana["sheet-1"]) == ("ana", "99", "19.5")
    assert (ben["Student"], ben["ID"], ben["SIS Login ID"], ben["sheet-1"]) == ("Ben B", "7", "ben", "15")


def test_grades_has_every_item_and_no_formula(tmp_path):
    gradebook.write(tmp_path, SOURCE, rows([result("=1+1"), result("'t Hooft")]), {})
    first, second = written(tmp_path, "grades.csv")
    assert first["student"] == "'=1+1" and second["student"] == "'t Hooft"
    assert (first["neuron-test"], first["derivation"], first["score"], first["of"]) == ("3", "", "", "20")


@pytest.mark.parametrize(
    "word", ["=1+1", "'=1+1", "''-x", "'t Hooft", "-", "@a", "+1", "a", "", "\tx", 'x"y;z', "two\nlines"]
)
def test_a_guarded_word_comes_back_as_it_was(tmp_path, word):
    tables.save(tmp_path / "t.csv", tables.table([("a", "b"), (word, 1)]), "utf-8-sig")
    ((_, line),) = tables.read(tmp_path / "t.csv", ("a", "b"))
    assert line == {"a": word, "b": "1"}
    guarded = (tmp_path / "t.csv").read_text("utf-8-sig").split("\n", 1)[1].lstrip('"')
    assert not guarded.startswith(tuple("=+-@\t"))


DEADLINE = datetime(2026, 12, 1, 18)


@pytest.mark.parametrize(
    ("handed_in", "days"),
    [
        (None, 0), ("2026-11-01T00:00:00", 0), ("2026-12-01T18:00:00", 0), ("2026-12-01T18:00:01", 1),
        ("2026-12-02T18:00:00", 1), ("2026-12-02T18:00:01", 2), ("2027-01-01T18:00:00", 31),
    ],
)  # fmt: skip
def test_days_begun_after_the_deadline(handed_in, days):
    assert gradebook.days_late(handed_in, DEADLINE) == days
    assert gradebook.days_late(handed_in, None) == 0


def test_lateness_takes_its_share_of_the_marks_and_never_more_than_all():
    one = result("ana", answer="", handed_in="2026-12-03T10:00:00")
    (line,) = rows([one], None, DEADLINE, 10)
    assert (line.late, line.total, line.deduction, line.score) == (2, 15, 3, 12)
    assert "2 days late (days begun count); 3 taken off" in feedback.student(SOURCE, line)
    assert rows([one], None, DEADLINE, 100)[0].score == 0
    (line,) = rows([result("ana", handed_in="2026-12-03T10:00:00")], None, DEADLINE, 10)
    assert (line.total, line.deduction, line.score) == (None, None, None)
    assert "days late (days begun count).<" in feedback.student(SOURCE, line)


@pytest.mark.parametrize("percent", ["-1", "101", "nan", "ten"])
def test_a_share_that_is_none_is_refused(percent, capsys):
    with pytest.raises(SystemExit):
        grade.main(["sheet-1", "x", "y", "--late", percent])
    assert "--late" in capsys.readouterr().err


def test_a_moment_may_name_its_zone():
    assert roster.moment("2026-12-01T18:00") == datetime(2026, 12, 1, 18)
    assert roster.moment("2026-12-01T18:00+05:00") == roster.moment("2026-12-01T13:00+00:00")


def edit(path, change) -> None:
    """What a teacher does in a spreadsheet: change(line) for each, stored with semicolons."""
    lines = list(csv.DictReader(io.StringIO(path.read_text("utf-8-sig"))))
    for line in lines:
        change(line)
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        out = csv.DictWriter(file, gradebook.MANUAL, delimiter=";")
        out.writeheader()
        out.writerows(lines)


def test_marks_by_hand_are_merged_and_never_lost(tmp_path):
    path, handed = tmp_path / "manual.csv", [result("=ana"), result("ben"), result("carl", answer="")]
    assert gradebook.manual_marks(path, SOURCE, handed) == {}
    typed = {"'=ana": ("2,5", "- a sign"), "ben": ("4", ""), "carl": ("5", "on paper")}
    edit(path, lambda line: line.update(zip(("marks", "comment"), typed[line["student"]])))
    marks = {"=ana": (2.5, "- a sign"), "ben": (4, ""), "carl": (5, "on paper")}
    wanted = {(student, "derivation"): mark for student, mark in marks.items()}
    for _ in range(2):  # reading what was written changes nothing
        assert gradebook.manual_marks(path, SOURCE, handed) == wanted
    ana, _, carl = rows(handed, wanted)
    assert ana.score == 17.5 and carl.score == 20
    assert "- a sign" in feedback.student(SOURCE, ana) and "2.5 of 5" in feedback.student(SOURCE, ana)
    assert "on paper" in feedback.student(SOURCE, carl) and "No answer" not in feedback.student(SOURCE, carl)
    assert gradebook.manual_marks(path, SOURCE, handed[:1]) == {("=ana", "derivation"): (2.5, "- a sign")}
    assert gradebook.manual_marks(path, SOURCE, handed) == wanted  # the others' were still there
    handed[1] = result("ben", answer="Another derivation.")
    assert ("ben", "derivation") not in gradebook.manual_marks(path, SOURCE, handed)
    (ben,) = [line for line in written(tmp_path, "manual.csv") if line["student"] == "ben"]
    assert ben["marks"] == "" and ben["comment"] == "(an earlier answer had 4)"


@pytest.mark.parametrize("given", ["6", "-1", "nan", "good"])
def test_what_is_no_mark_is_named_by_line_and_nothing_is_overwritten(tmp_path, given):
    path, handed = tmp_path / "manual.csv", [result("ana"), result("ben")]
    gradebook.manual_marks(path, SOURCE, handed)
    edit(path, lambda line: line.update(marks=given if line["student"] == "ben" else "1"))
    before = path.read_bytes()
    with pytest.raises(gradebook.MarksError, match=f"line 3: '{given}' is no mark from 0 to 5"):
        gradebook.manual_marks(path, SOURCE, handed)
    assert path.read_bytes() == before


def test_a_table_of_marks_without_its_columns_is_refused(tmp_path):
    (tmp_path / "manual.csv").write_text("student,item\n", "utf8")
    with pytest.raises(tables.TableError, match="no column 'points'"):
        gradebook.manual_marks(tmp_path / "manual.csv", SOURCE, [result("ana")])


def test_no_spreadsheet_takes_a_fingerprint_for_a_number():
    for k in range(200):
        with pytest.raises(ValueError):
            float(gradebook.fingerprint(str(k)))


def visible_part(page: str) -> str:
    return re.sub(r"<style>.*?</style>", "", page, flags=re.DOTALL)


def secrets() -> list[str]:
    """The lines of hidden tests and solutions that would give something away."""
    kinds = (sheet.SOLUTION, sheet.HIDDEN)
    regions = [
        r for c in SOURCE.notebook["cells"] for kind in kinds for r in sheet.regions(sheet.text(c), kind)
    ]
    return [line.strip() for region in regions for line in region.split("\n") if len(line.strip()) > 12]


def test_feedback_has_the_hints_and_nothing_of_the_tests():
    hints = {"neuron-test": "half", "network-test-hidden": "activation"}
    one = result(
        EVIL, answer=EVIL, hints=hints, notes=[EVIL], remarks=["There are 2 notebooks; the newest was graded."],
        errors={"3": {"error": "ValueError", "words": EVIL, "line": 2, "where": "cell 3"},
                "5": {"error": "Ended", "words": "did not end in time", "line": None, "where": ""}},
    )  # fmt: skip
    (line,) = rows([one])
    page = feedback.student(SOURCE, line)
    assert "9 of 20 so far; a question is still to be marked" in page
    assert "✗</span> Words of half." in page and "✗</span> Words of activation." in page
    assert page.count("✓</span> Right.") == 4
    assert "There are 2 notebooks" in page and "did not end in time, and was left out" in page
    assert sheet.CANARY not in page and len(secrets()) > 50
    assert not [secret for secret in secrets() if secret in page]
    assert "<script" not in page and "&lt;script&gt;alert(1)" in page and "\u202e" not in page
    assert not re.findall(r"(?:src|href)=|https?:|url\(", page)
    assert "default-src 'none'" in page


def test_a_submission_that_is_none_says_why():
    (line,) = rows(
        [marking.no_marks(SOURCE, "It is a link.") | {"student": "ana", "remarks": [], "handed_in": None}]
    )
    page = feedback.student(SOURCE, line)
    assert '<p class="marks">0 of 20</p><p>It is a link.</p>' in page and "✓" not in page


def test_answers_to_mark_stand_with_their_rubric():
    page = feedback.to_mark(SOURCE, rows([result(EVIL, answer=EVIL), result("carl", answer="")]))
    assert page.count("<pre>") == 1 and "<script" not in page
    assert "2: the sum over i, with its reason" in page and "to be marked, of 5" in page


def test_the_report_counts_the_hints_and_draws_them():
    half = {"neuron-test": "half"}
    broken = marking.no_marks(SOURCE, "The file is not a notebook (it is not JSON).")
    handed = [
        result("ana", answer=""), result("ben", hints=half), result("carl", hints=half, answer=""),
        result("dan", answer="", hints={"neuron-test": "path", "paths-test": "inner"}),
        result("eve") | broken | {"items": broken["items"]},
    ]  # fmt: skip
    page = feedback.report(SOURCE, rows(handed))
    assert "4 of 5 can be graded; the median is 12 of 20." in page
    assert "<li>The file is not a notebook (it is not JSON). (1)</li>" in page
    picture = page[page.index("<svg") : page.index("</svg>")]
    bars = re.findall(r'>([\w ]+)</text><rect [^>]*width="([\d.]+)"[^>]*/><text [^>]*>(\d*)</text>', picture)
    assert bars[:3] == [("half", "170.0", "2"), ("path", "85.0", "1"), ("inner", "85.0", "1")]
    assert bars[-1] == ("stub", "255.0", "3") and bars.count(("no hint was needed", "0.0", "")) == 4
    row = '<tr><td class="number">2</td><td>half</td><td>Words of half.</td></tr>'
    assert row in page
    assert "Full marks: 1 of 4" in page and "Full marks: 3 of 4" in page
