"""The built book on a server like a reader's: from a sub-folder, compressed."""

import gzip
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
HTML = ROOT / "_build" / "html"
FOLDER = "/some/where"  # the book must not count on being at the top of its host


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
