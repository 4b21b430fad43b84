"""Visits to the built book: its server, a reader's page and what goes wrong in it, axe-core."""

import gzip
import re
import threading
from functools import cached_property, partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, Page

from tools.npm import installed

ROOT = Path(__file__).resolve().parent.parent.parent
HTML = ROOT / "_build" / "html"
FOLDER = "/some/where"  # the book must not count on being at the top of its host
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


def pages() -> list[str]:
    """The names of the built pages, "book/bptt" and the like, with the search page."""
    if not (HTML / "book").exists():
        raise FileNotFoundError(f"{HTML} holds no book: make book")
    return sorted(
        path.relative_to(HTML).with_suffix("").as_posix()
        for path in [*HTML.glob("book/*.html"), HTML / "search.html"]
    )


class Handler(SimpleHTTPRequestHandler):
    """Files below `FOLDER`, compressed as hosts do; what is not there is remembered."""

    extensions_map = SimpleHTTPRequestHandler.extensions_map | {
        ".wasm": "application/wasm",
        ".whl": "application/zip",
    }
    PACKED = (".html", ".js", ".mjs", ".css", ".svg", ".json", ".ipynb", ".txt")

    def translate_path(self, path: str) -> str:
        inside = path.removeprefix(FOLDER)
        return super().translate_path(inside if inside != path else "/outside-of-the-book")

    def do_GET(self) -> None:  # noqa: N802 (the base class's name)
        path = Path(self.translate_path(self.path))
        if (
            path.suffix not in self.PACKED
            or not path.is_file()
            or "gzip" not in self.headers.get("Accept-Encoding", "")
        ):
            super().do_GET()
            return
        body = gzip.compress(path.read_bytes(), 6)
        self.send_response(200)
        self.send_header("Content-Type", self.guess_type(str(path)))
        self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments) -> None:
        pass


class Server(ThreadingHTTPServer):
    """Serves `folder` until `stop`; `address` is the book's, with its sub-folder."""

    daemon_threads = True

    def __init__(self, folder: Path = HTML):
        super().__init__(("127.0.0.1", 0), partial(Handler, directory=str(folder)))
        self.address = f"http://127.0.0.1:{self.server_port}{FOLDER}"
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def stop(self) -> None:
        self.shutdown()
        self.server_close()

    def handle_error(self, request, client_address) -> None:
        pass  # a browser that leaves a page early hangs up


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
    """axe-core's findings on a page: WCAG 2.1 A and AA, and its best practices."""

    TAGS = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice")

    @cached_property
    def script(self) -> str:
        return (installed(Path(__file__).parent, "axe-core") / "axe.min.js").read_text("utf8")

    def __call__(self, page: Page, within: str = "html") -> list[str]:
        page.evaluate(self.script)
        return page.evaluate(
            """([within, tags]) => axe.run(within, {runOnly: tags, resultTypes: ["violations"]})
                .then((result) => result.violations.flatMap((rule) => rule.nodes.map((node) =>
                    `${rule.id}: ${node.target.join(" ")} (${rule.help})`)))""",
            [within, list(self.TAGS)],
        )
