"""A figure in a real JupyterLab: controls of ipywidgets, a plotly figure, both driven by the live kernel."""

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook
from playwright.sync_api import Browser, expect

from tools.hosted import ROOT

pytestmark = pytest.mark.whole

WANTED = Path(__file__).with_name("jupyterlab.txt")
FOLDER = ROOT / "_build" / "jupyterlab"  # beside the environment, not in it
CELL = """from nnlib.figures import explore
from nnlib.figures.bptt import two_derivatives

explore(two_derivatives, w=(0.1, 0.5, 1.0))"""

DRAWN = "() => [...document.querySelectorAll('.js-plotly-plot .bars path')].map((bar) => bar.getAttribute('d')).join()"


def installed() -> Path:
    """The folder that holds the pinned JupyterLab, filled by pip the first time."""
    stamp = FOLDER / WANTED.name
    if not stamp.exists() or stamp.read_text("utf8") != WANTED.read_text("utf8"):
        options = ["--quiet", "--disable-pip-version-check", "--upgrade", "--target", str(FOLDER)]
        subprocess.run([sys.executable, "-m", "pip", "install", *options, "-r", str(WANTED)], check=True)
        stamp.write_text(WANTED.read_text("utf8"), "utf8")
    return FOLDER


@pytest.fixture(scope="module")
def lab(tmp_path_factory) -> Iterator[str]:
    """The address of a JupyterLab in which figure.ipynb waits to be run."""
    folder, home = installed(), tmp_path_factory.mktemp("lab")
    notebook = new_notebook(
        cells=[new_code_cell(CELL)], metadata={"kernelspec": {"name": "python3", "display_name": "Python 3"}}
    )
    nbformat.write(notebook, home / "figure.ipynb")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    own = {
        name: str(home)
        for name in ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR")
    }
    share = folder / "share" / "jupyter"
    found = {
        "PYTHONPATH": f"{folder}{os.pathsep}{ROOT}",
        "JUPYTERLAB_DIR": str(share / "lab"),
        "JUPYTER_PATH": str(share),
    }
    options = [
        "--no-browser",
        "--allow-root",
        f"--port={port}",
        "--IdentityProvider.token=",
        f"--ServerApp.root_dir={home}",
    ]
    environment = {name: value for name, value in os.environ.items() if name != "NNLIB_LIVE"}
    with (home / "log").open("w") as log:
        server = subprocess.Popen(
            [sys.executable, "-m", "jupyterlab", *options],
            env=environment | own | found, stdout=log, stderr=log,
        )  # fmt: skip
    address = f"http://127.0.0.1:{port}"
    for _ in range(240):
        try:
            urllib.request.urlopen(f"{address}/api")
            break
        except OSError:
            assert server.poll() is None, (home / "log").read_text()
            time.sleep(0.5)
    yield f"{address}/lab/tree/figure.ipynb"
    server.terminate()
    server.wait(30)


def test_a_figure_in_jupyterlab_is_driven_by_the_kernel(browser: Browser, lab: str):
    page = browser.new_page(viewport={"width": 1280, "height": 1100})
    page.goto(lab)
    cell = page.locator(".jp-CodeCell").first
    cell.wait_for(timeout=120_000)
    expect(page.get_by_text("Python 3 (ipykernel) | Idle")).to_be_visible(timeout=120_000)
    cell.locator(".jp-InputArea-editor").click()
    page.keyboard.press("Shift+Enter")
    bars = page.locator(".js-plotly-plot .bars .point path")
    expect(bars).to_have_count(20, timeout=120_000)
    before = page.evaluate(DRAWN)
    page.get_by_text("step 2", exact=True).click()
    handle = page.get_by_role("slider")
    handle.focus()
    handle.press("ArrowRight")
    expect(page.get_by_text("At w = 0.55")).to_be_visible()
    expect(page.get_by_text("step 3: right.")).to_be_visible()
    page.wait_for_function(f"(before) => ({DRAWN})() !== before", arg=before)
    page.close()
