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


def row(page: str, values: tuple[float, ...], measured: str) -> str:
    """The page's line in docs/audit.md; `measured` says how often, when and with which browser."""
    return (
        f"| {page} | "
        + " | ".join(f"{value:.0f}" for value in values[:5])
        + f" | {values[5]:.3f} | {measured} |"
    )


def rows(text: str) -> dict[str, str]:
    """The lines of a docs/audit.md by their pages."""
    lines = text.partition("|---|")[2].splitlines()[1:]
    return {line.split(" | ")[0].removeprefix("| "): line for line in lines}


def table(lines: dict[str, str], built: list[str], version: str) -> str:
    """The text of docs/audit.md: of the pages that the book has, those that were measured."""
    kept = [lines[page] for page in built if page in lines]
    return "\n".join([
        "# What Lighthouse says", "",
        f"Written by `make audit`: {len(kept)} of the book's {len(built)} pages.",
        "Performance, kB and CLS are medians of the runs.",
        f"Lighthouse {version}, mobile preset, served gzip-compressed from a sub-folder.",
        "kB is what is transferred before the first touch; CLS is the layout shift.",
        f"Wanted: performance {SWIFT} or more, the other three 100, under 300 kB, CLS 0.", "",
        "| page | " + " | ".join(COLUMNS) + " | measured |", "|---|" + "--:|" * len(COLUMNS) + "---|", *kept, "",
    ])  # fmt: skip
