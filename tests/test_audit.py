"""What `make audit` writes: scores read from a report, medians, the table."""

import pytest

from tools.audit import figures, medians, table


def report(performance: float) -> dict:
    scores = {"performance": performance, "accessibility": 1, "best-practices": 0.96, "seo": 1}
    return {
        "categories": {name: {"score": score} for name, score in scores.items()},
        "audits": {
            "total-byte-weight": {"numericValue": 123456},
            "cumulative-layout-shift": {"numericValue": 0.0126},
        },
    }


def test_the_median_is_taken_column_by_column():
    assert medians([(90, 3.0), (99, 1.0), (95, 2.0)]) == (95, 2.0)


def test_a_report_yields_scores_of_a_hundred_kilobytes_and_shift():
    assert figures(report(0.97)) == pytest.approx((97, 100, 96, 100, 123.456, 0.0126))


def test_a_page_that_could_not_be_measured_is_an_error_and_no_row():
    with pytest.raises(RuntimeError, match="no first paint"):
        figures(report(0.97) | {"runtimeError": {"code": "NO_FCP", "message": "no first paint"}})


def test_the_table_says_how_many_pages_and_runs_it_rests_on():
    text = table({"book/bptt": figures(report(0.97))}, 1, 46, "2026-01-02", "Lighthouse 1")
    assert "on 2026-01-02: 1 of the book's 46 pages, one run each;\nLighthouse 1, mobile" in text
    assert "| book/bptt | 97 | 100 | 96 | 100 | 123 | 0.013 |" in text
    assert "median of 5 runs each" in table({}, 5, 46, "2026-01-02", "Lighthouse 1")
