"""What `make audit` writes: scores read from a report, medians, the table."""

import pytest

from tools.audit import figures, found, table


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


def test_the_table_says_how_many_pages_and_runs_it_rests_on():
    text = table({"book/bptt": found([report(0.97)])}, 1, 46, "2026-01-02", "Lighthouse 1")
    assert "on 2026-01-02: 1 of the book's 46 pages, one run each;\nLighthouse 1, mobile" in text
    assert "| book/bptt | 97 | 100 | 96 | 100 | 123 | 0.013 |" in text
    assert "median of 5 runs each" in table({}, 5, 46, "2026-01-02", "Lighthouse 1")
