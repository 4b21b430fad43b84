"""What Lighthouse says about the built pages: medians, and the table of docs/audit.md."""

from statistics import median

CATEGORIES = ("performance", "accessibility", "best-practices", "seo")
COLUMNS = ("performance", "accessibility", "best practices", "SEO", "kB", "CLS")
SWIFT = 95  # the performance that every page must reach


def figures(report: dict) -> tuple[float, float, float]:
    """What differs from run to run: performance (of 100), kilobytes transferred, layout shift."""
    if "runtimeError" in report:
        raise RuntimeError(report["runtimeError"]["message"])
    audits = report["audits"]
    return (
        _score(report, "performance"),
        audits["total-byte-weight"]["numericValue"] / 1000,
        audits["cumulative-layout-shift"]["numericValue"],
    )


def found(reports: list[dict]) -> tuple[float, ...]:
    """A page's row, in the order of `COLUMNS`: medians over the runs; the other scores by the first."""
    performance, weight, shift = (median(column) for column in zip(*map(figures, reports), strict=True))
    others = (_score(reports[0], name) for name in CATEGORIES[1:])
    return (performance, *others, weight, shift)


def _score(report: dict, category: str) -> float:
    return 100 * report["categories"][category]["score"]


def table(pages: dict[str, tuple[float, ...]], runs: int, built: int, date: str, versions: str) -> str:
    """The text of docs/audit.md; `built` is the number of pages that the book has."""
    rows = [
        f"| {page} | " + " | ".join(f"{value:.0f}" for value in values[:5]) + f" | {values[5]:.3f} |"
        for page, values in pages.items()
    ]
    how = "one run each" if runs == 1 else f"median of {runs} runs each for performance, kB and CLS"
    return "\n".join([
        "# What Lighthouse says", "",
        f"Written by `make audit` on {date}: {len(pages)} of the book's {built} pages, {how};",
        f"{versions}, mobile preset, served gzip-compressed from a sub-folder.",
        "kB is what is transferred before the first touch; CLS is the layout shift.",
        f"Wanted: performance {SWIFT} or more, the other three 100, under 300 kB, CLS 0.", "",
        "| page | " + " | ".join(COLUMNS) + " |", "|---|" + "--:|" * len(COLUMNS), *rows, "",
    ])  # fmt: skip
