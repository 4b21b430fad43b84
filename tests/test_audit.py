"""What `make audit` writes: scores read from a report, medians, the table that keeps its lines."""

import pytest

from tools.audit import figures, found, row, rows, table


def report(performance: float) -> dict:
    scores = {"performance": performance, "accessibility": 1, "best-practices": 0.96, "seo": 1}
    return {
        "categories": {name: {"score": score} for name, score in scores.items()},
        "audits": {
            "total-byte-weight": {"numericValue": 123456},
            "cumulative-layout-shift": {"numericValue": 0.0126},
        },
    }


def test_a_report_yields_performance_of_a_hundred_kilobytes_and_shift():
    assert figures(report(0.97)) == pytest.approx((97, 123.456, 0.0126))


def test_a_row_has_the_median_of_what_differs_and_the_first_runs_other_scores():
    reports = [report(performance) for performance in (0.9, 0.99, 0.95)]
    for later in reports[1:]:
        later["categories"] = {"performance": later["categories"]["performance"]}
    reports[2]["audits"] |= {"total-byte-weight": {"numericValue": 99}}
    assert found(reports) == pytest.approx((95, 100, 96, 100, 123.456, 0.0126))


def test_a_page_that_could_not_be_measured_is_an_error_and_no_row():
    with pytest.raises(RuntimeError, match="no first paint"):
        figures(report(0.97) | {"runtimeError": {"code": "NO_FCP", "message": "no first paint"}})


def test_a_page_measured_again_has_a_new_line_and_the_others_keep_theirs():
    values, built = found([report(0.97)]), ["book/a", "book/b", "search"]
    lines = {page: row(page, values, "5 runs, 2026-01-02") for page in ("book/b", "book/a", "book/gone")}
    text = table(lines, built, "1.2")
    assert "2 of the book's 3 pages" in text and "Lighthouse 1.2, mobile" in text and "book/gone" not in text
    assert text.endswith(f"---|\n{lines['book/a']}\n{lines['book/b']}\n")
    assert lines["book/a"] == "| book/a | 97 | 100 | 96 | 100 | 123 | 0.013 | 5 runs, 2026-01-02 |"
    again = rows(text) | {"book/b": row("book/b", values, "one run, 2026-02-03")}
    assert rows(table(again, built, "1.2")) == {"book/a": lines["book/a"], "book/b": again["book/b"]}
