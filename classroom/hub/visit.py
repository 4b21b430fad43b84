"""Users who log in to the trial hub, open chapter 1 and run it, as a browser would: for the test and the measurement.

    python -m classroom.hub.visit [--users 20] [--port 8100]

Starts a hub of its own, lets all users come at once, and prints as JSON what each of them met: seconds until the
server answered, seconds for the notebook, cells run, errors, how often the hub said "try again", and memory per user.
"""

from __future__ import annotations

import argparse
import json
import re
import statistics
import subprocess
import sys
import tempfile
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import psutil
import requests
from websocket import create_connection

ROOT = Path(__file__).resolve().parent.parent.parent
CHAPTER = "book/chain-rule.ipynb"


@contextmanager
def hub(users: int, port: int, state: Path):
    """A running hub: (its process, passwords by user)."""
    command = [
        sys.executable,
        "-m",
        "classroom.hub",
        "--users",
        str(users),
        "--port",
        str(port),
        "--state",
        str(state),
    ]
    with (state / "log").open("w") as log:
        process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=log, text=True)
    try:
        passwords, said = {}, ""
        while len(passwords) < users or "Each user" not in said:
            said = process.stdout.readline()
            if not said:
                raise RuntimeError(f"The hub did not start:\n{(state / 'log').read_text()[-3000:]}")
            if match := re.match(r" +user (\S+) +password (\S+)", said):
                passwords[match[1]] = match[2]
        for _ in range(600):
            try:
                if requests.get(f"http://127.0.0.1:{port}/hub/health", timeout=5).ok:
                    break
            except requests.ConnectionError:
                pass
            time.sleep(0.2)
        yield process, passwords
    finally:
        below = psutil.Process(process.pid).children(recursive=True) if process.poll() is None else []
        process.terminate()
        process.wait(60)
        _, alive = psutil.wait_procs(below, 20)
        for left in alive:
            left.kill()


class Visitor:
    """One user's browser."""

    def __init__(self, port: int, name: str, password: str):
        self.base, self.name = f"http://127.0.0.1:{port}", name
        self.session = requests.Session()
        self.retries = 0
        self._log_in(password)

    def _log_in(self, password: str) -> None:
        self.session.get(f"{self.base}/hub/login")
        told = {"username": self.name, "password": password, "_xsrf": self.session.cookies["_xsrf"]}
        answer = self.session.post(f"{self.base}/hub/login", data=told, allow_redirects=False)
        if answer.status_code != 302:
            raise PermissionError(f"{self.name} could not log in: {answer.status_code}")
        xsrf = {"_xsrf": self._cookie("_xsrf", "/hub/")}
        token = self.session.post(f"{self.base}/hub/api/users/{self.name}/tokens", params=xsrf)
        token.raise_for_status()
        self.token = token.json()["token"]
        self.headers = {"Authorization": f"token {self.token}"}

    def _cookie(self, name: str, path: str) -> str:
        return next(
            cookie.value for cookie in self.session.cookies if cookie.name == name and cookie.path == path
        )

    def start(self) -> float:
        """Seconds until the user's server answers; the hub's "try again" is obeyed and counted."""
        begun = time.monotonic()
        while True:
            answer = requests.post(f"{self.base}/hub/api/users/{self.name}/server", headers=self.headers)
            if answer.status_code != 429:
                break
            self.retries += 1
            time.sleep(float(answer.headers.get("Retry-After", 5)))
        answer.raise_for_status()
        while self.get("api/status").status_code != 200:
            if time.monotonic() - begun > 600:
                raise TimeoutError(f"the server of {self.name} did not come")
            time.sleep(0.5)
        return time.monotonic() - begun

    def get(self, path: str, of: str = "") -> requests.Response:
        """Something of one's own server, or of another user's."""
        return requests.get(
            f"{self.base}/user/{of or self.name}/{path}", headers=self.headers, allow_redirects=False
        )

    def run(self, sources: list[str], path: str = CHAPTER) -> tuple[list[str], str]:
        """Run cells in a kernel of one's own: (errors, all that was printed)."""
        told = {"kernel": {"name": "python3"}, "name": path, "path": path, "type": "notebook"}
        made = requests.post(f"{self.base}/user/{self.name}/api/sessions", json=told, headers=self.headers)
        made.raise_for_status()
        kernel = made.json()["kernel"]["id"]
        address = f"{self.base.replace('http', 'ws')}/user/{self.name}/api/kernels/{kernel}/channels"
        errors, printed = [], ""
        socket = create_connection(address, header=[f"Authorization: token {self.token}"], timeout=300)
        try:
            for source in sources:
                number = uuid.uuid4().hex
                content = {"code": source, "silent": False, "store_history": True, "user_expressions": {}}
                head = {
                    "msg_id": number,
                    "msg_type": "execute_request",
                    "username": "",
                    "session": "",
                    "version": "5.3",
                }
                message = {"header": head, "parent_header": {}, "metadata": {}, "channel": "shell"}
                socket.send(json.dumps(message | {"content": content | {"allow_stdin": False}}))
                done = set()
                while done < {"idle", "reply"}:
                    got = json.loads(socket.recv())
                    if got.get("parent_header", {}).get("msg_id") != number:
                        continue
                    if got["msg_type"] == "execute_reply":
                        done.add("reply")
                    elif got["msg_type"] == "status" and got["content"]["execution_state"] == "idle":
                        done.add("idle")
                    elif got["msg_type"] == "error":
                        errors.append(f"{got['content']['ename']}: {got['content']['evalue']}")
                    elif got["msg_type"] == "stream":
                        printed += got["content"]["text"]
        finally:
            socket.close()
        return errors, printed

    def chapter(self) -> list[str]:
        """The code cells of chapter 1, as the user's server shows it."""
        notebook = self.get(f"api/contents/{CHAPTER}").json()["content"]
        return [cell["source"] for cell in notebook["cells"] if cell["cell_type"] == "code"]


def visit(port: int, name: str, password: str) -> dict:
    visitor = Visitor(port, name, password)
    ready = visitor.start()
    cells, begun = visitor.chapter(), time.monotonic()
    errors, _ = visitor.run(cells)
    seconds = time.monotonic() - begun
    return {
        "user": name,
        "ready": ready,
        "run": seconds,
        "cells": len(cells),
        "errors": errors,
        "retries": visitor.retries,
    }


def memory(process: subprocess.Popen) -> dict[str, int]:
    """Bytes by kind: the hub, its proxy, all servers, all kernels; shared pages count in shares."""
    found = {"hub": 0, "proxy": 0, "servers": 0, "kernels": 0}
    top = psutil.Process(process.pid)
    for each in [top, *top.children(recursive=True)]:
        line = " ".join(each.cmdline())
        kinds = {"ipykernel": "kernels", "singleuser": "servers", "configurable-http-proxy": "proxy"}
        kind = next((kind for word, kind in kinds.items() if word in line), "hub")
        found[kind] += each.memory_full_info().pss
    return found


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--users", type=int, default=20)
    parser.add_argument("--port", type=int, default=8100)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o711)
        with hub(options.users, options.port, Path(folder)) as (process, passwords):
            with ThreadPoolExecutor(options.users) as pool:
                visits = list(pool.map(lambda told: visit(options.port, *told), passwords.items()))
            held = {kind: round(size / 2**20) for kind, size in memory(process).items()}
    print(
        json.dumps(
            {
                "visits": visits,
                "ready": {
                    "median": statistics.median(v["ready"] for v in visits),
                    "most": max(v["ready"] for v in visits),
                },
                "run": {
                    "median": statistics.median(v["run"] for v in visits),
                    "most": max(v["run"] for v in visits),
                },
                "retries": sum(v["retries"] for v in visits),
                "errors": sum(len(v["errors"]) for v in visits),
                "MiB": held,
                "MiB per user": round((held["servers"] + held["kernels"]) / options.users),
            },
            indent=1,
        )
    )


if __name__ == "__main__":
    main()
