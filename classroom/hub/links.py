"""Links that bring a repository to a student's server and open a file of it (nbgitpuller).

    python -m classroom.hub.links https://hub.example.org https://git.example.org/school/sheets sheet-1/sheet-1.ipynb

Hand out sheets by a repository of their own that holds what `classroom.generate` wrote. A second click brings
what is new and keeps what the student has written.
"""

from __future__ import annotations

import argparse
import sys
from urllib.parse import urlencode, urlsplit


def link(hub: str, repository: str, path: str = "", branch: str = "main") -> str:
    """The link for this hub; `path` is a file in the repository, opened in JupyterLab."""
    for name, address in (("hub", hub), ("repository", repository)):
        parts = urlsplit(address)
        if parts.scheme not in ("http", "https") or not parts.netloc or parts.query or parts.fragment:
            raise ValueError(f"the {name} is no address: {address}")
    if path.startswith("/") or ".." in path.split("/"):
        raise ValueError(f"not a path inside the repository: {path}")
    folder = repository.rstrip("/").rsplit("/", 1)[1].removesuffix(".git")
    told = {"repo": repository, "urlpath": f"lab/tree/{folder}/{path}".rstrip("/"), "branch": branch}
    return f"{hub.rstrip('/')}/hub/user-redirect/git-pull?{urlencode(told)}"


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="A link that brings a repository to a student's server.")
    parser.add_argument("hub")
    parser.add_argument("repository")
    parser.add_argument("path", nargs="?", default="", help="the file to open")
    parser.add_argument("--branch", default="main")
    try:
        print(link(**vars(parser.parse_args(arguments))))
    except ValueError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
