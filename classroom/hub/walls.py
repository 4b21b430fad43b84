"""The trial hub's users: each has a password, a folder, and a server that sees nobody else's files or processes."""

from __future__ import annotations

import hashlib
import hmac
import os
import shutil
import sys
from pathlib import Path

from jupyterhub.auth import Authenticator
from jupyterhub.spawner import SimpleLocalProcessSpawner
from traitlets import Dict, Unicode

from classroom import sandbox

DATA = 2 << 30  # bytes that one process of a user may write to


class Passwords(Authenticator):
    """A password for each user, made when the hub starts."""

    passwords = Dict(config=True)

    async def authenticate(self, handler, data):
        wanted = self.passwords.get(data["username"], "")
        right = hmac.compare_digest(wanted.encode(), data["password"].encode())
        return data["username"] if wanted and right else None


class WalledSpawner(SimpleLocalProcessSpawner):
    """A server in bubblewrap: the system read-only, one's own folder, one's own processes.

    Started by root, each user also has a user id of their own; by an ordinary account, a user namespace. The network
    is shared, since the hub and its servers talk over it: what listens on this machine can be reached.
    """

    homes = Unicode(config=True, help="The folder with everybody's folders.")
    book = Unicode(config=True, help="What a new user's folder begins with.")

    @property
    def uid(self) -> int:
        """The user's id on this machine, the same at every start."""
        return 0x71000000 + int(hashlib.sha256(self.user.name.encode()).hexdigest()[:6], 16)

    def make_preexec_fn(self, name):
        return None  # bubblewrap does all of it

    def user_env(self, env):
        return env | {
            "USER": self.user.name,
            "HOME": f"/home/{self.user.name}",
            "PATH": f"{sys.prefix}/bin:/usr/local/bin:/usr/bin:/bin",
            "SHELL": "/bin/bash",
            "JUPYTER_RUNTIME_DIR": "/tmp/jupyter",
        }

    def own(self) -> Path:
        """The user's folder, with the book in it."""
        home = Path(self.homes, self.user.name)
        if not home.exists():
            part = home.with_name(f".{home.name}")
            shutil.rmtree(part, ignore_errors=True)
            shutil.copytree(
                self.book, part / "book", ignore=shutil.ignore_patterns("_ext", "_static", "live", "*.md")
            )
            if os.getuid() == 0:
                for path in (part, *part.rglob("*")):
                    os.chown(path, self.uid, self.uid)
            part.chmod(0o700)
            part.rename(home)
        return home

    async def start(self):
        root = os.getuid() == 0
        command = ["bwrap", "--unshare-ipc", "--unshare-pid", "--unshare-uts", "--unshare-cgroup-try"]
        command += ["--die-with-parent", "--cap-drop", "ALL"]
        if root:  # for the one step in which setpriv becomes the user
            command += ["--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID"]
        else:
            command += ["--unshare-user", "--uid", "1000", "--gid", "1000"]
        command += ["--perms", "1777", "--size", str(256 << 20), "--tmpfs", "/tmp"]
        command += [*sandbox.system(), "--proc", "/proc", "--dev", "/dev"]
        command += [
            "--perms",
            "0755",
            "--dir",
            "/home",
            "--bind",
            str(self.own()),
            f"/home/{self.user.name}",
            "--chdir",
            "/tmp",
        ]
        command += ["prlimit", f"--data={DATA}", "--core=0"]
        if root:
            command += ["setpriv", "--reuid", str(self.uid), "--regid", str(self.uid), "--clear-groups"]
        self.cmd = [*command, sys.executable, "-m", "jupyterhub.singleuser"]
        return await super().start()
