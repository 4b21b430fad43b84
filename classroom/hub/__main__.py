"""Start the trial hub.

    python -m classroom.hub [--port 8100] [--users 2] [--state DIR]

It says where it is and everybody's password, which is new at each start. Users' files stay in DIR (_build/hub).
"""

from __future__ import annotations

import argparse
import json
import os
import secrets
import sys
from pathlib import Path

from classroom import sandbox

HERE = Path(__file__).resolve().parent
NAMES = ("ana", "ben")


def names(count: int) -> list[str]:
    return [*NAMES, *(f"student{k:02}" for k in range(3, count + 1))][:count]


def main() -> int:
    parser = argparse.ArgumentParser(description="A JupyterHub on 127.0.0.1, to try.")
    parser.add_argument("--port", type=int, default=8100, help="and the two after it")
    parser.add_argument("--users", type=int, default=2)
    parser.add_argument("--state", type=Path, default=HERE.parent.parent / "_build" / "hub")
    options = parser.parse_args()
    try:
        sandbox.require()
    except sandbox.NoSandboxError as error:
        print(error, file=sys.stderr)
        return 1
    (options.state / "homes").mkdir(parents=True, exist_ok=True)
    options.state.chmod(0o711 if os.getuid() == 0 else 0o700)
    passwords = {name: secrets.token_urlsafe(9) for name in names(options.users)}
    print(f"The hub: http://127.0.0.1:{options.port}/ (stop with Ctrl-C)")
    for name, password in passwords.items():
        print(f"    user {name}  password {password}")
    ids = "a user id of their own" if os.getuid() == 0 else "a user namespace of their own"
    print(
        f"Each user has {ids}, and sees neither the others' files nor their processes. The network is shared, and "
        "nothing divides processor time among them: it is for trying, not for a class.",
        flush=True,
    )
    environment = os.environ | {
        "HUB_STATE": str(options.state.resolve()),
        "HUB_PORT": str(options.port),
        "HUB_PASSWORDS": json.dumps(passwords),
        "PYTHONPATH": str(HERE.parent.parent),
    }
    command = [sys.executable, "-m", "jupyterhub", "-f", str(HERE / "jupyterhub_config.py")]
    os.chdir(options.state)
    os.execve(sys.executable, command, environment)


if __name__ == "__main__":
    sys.exit(main())
