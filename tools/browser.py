"""Find a Chromium for the tests in a real browser, or install Debian's.

    python -m tools.browser

prints its path. A machine without one is a failure with advice, never a skipped test.
"""

import os
import shutil
import subprocess
import sys

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
ADVICE = """The tests in a real browser need Chromium or Chrome, and none was found.
  Debian, Ubuntu: apt-get install chromium        Fedora: dnf install chromium
  macOS: brew install --cask chromium             elsewhere: put it on the PATH as 'chromium',
or name yours: CHROMIUM=/path/to/chromium make test"""


def find() -> str:
    """The path of the browser: the environment's CHROMIUM, or the first of `NAMES` on the PATH.

    Raises FileNotFoundError with advice when there is none.
    """
    named = os.environ.get("CHROMIUM")
    found = shutil.which(named) if named else next(filter(None, map(shutil.which, NAMES)), None)
    if not found:
        raise FileNotFoundError(
            f"CHROMIUM names {named}, which is no program.\n{ADVICE}" if named else ADVICE
        )
    return found


def install() -> None:
    """Install Debian's Chromium if this may be done here: root, with apt-get."""
    if shutil.which("apt-get") and hasattr(os, "geteuid") and os.geteuid() == 0:
        print("== browser: installing Debian's chromium")
        for command in (["update"], ["install", "-y", "--no-install-recommends", "chromium"]):
            subprocess.run(["apt-get", "-qq", *command], check=False, stdout=subprocess.DEVNULL)


def main() -> int:
    """Print the browser's path, after installing one where none is; 1 and advice if it cannot be had."""
    for attempt in (find, lambda: (install(), find())[1]):
        try:
            print(f"== browser: {attempt()}")
            return 0
        except FileNotFoundError as error:
            complaint = error
            if os.environ.get("CHROMIUM"):
                break
    print(complaint, file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
