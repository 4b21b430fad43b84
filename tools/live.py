"""Time Python in the page: python -m tools.live [--runs 3], which writes docs/live.md from the built book.

A cold run is a browser that has never seen the book, a warm one the same profile in a new browser.
"""

import argparse
import os
import statistics
import tempfile
from datetime import date

from playwright.sync_api import Page, sync_playwright

from tools.browser import find
from tools.hosted import HTML, ROOT, Server
from tools.measure import machine

TABLE = ROOT / "docs" / "live.md"
FLAGS = ["--no-sandbox", "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"]
PAGE = "book/bptt"
UPDATES = 20
LIMIT = 50  # milliseconds that an update may take
PATIENCE = 300_000  # milliseconds

# From the click to the first state drawn by Python.
START = """() => new Promise((done) => {
    const button = document.querySelector(".nnlib-figure-live button"), figure = button.closest("figure");
    const began = performance.now();
    new MutationObserver(() => figure.dataset.live === undefined || done(performance.now() - began))
        .observe(figure, { attributes: true });
    button.click();
})"""

# A slider moved to a value that Python alone knows, until it is drawn; then the next.
UPDATE = """async (times) => {
    const live = document.querySelector("figure[data-live]").nnlibFigure, spent = [];
    const slider = live.controls.find(({ type }) => type === "range");
    for (let k = 0; k < times; k += 1) {
        slider.value = (Number(slider.value) + 1) % (Number(slider.max) + 1);
        const began = performance.now();
        await live.refresh();
        spent.push(performance.now() - began);
    }
    return spent;
}"""

# Every figure of the book asked for values in the middle of its ranges, one after the other.
EVERY = """async ([files, times]) => {
    const spent = {};
    for (const file of files) {
        const script = document.createElement("script");
        script.src = `../_static/states/${file}`;
        document.head.append(script);
        await new Promise((done) => { script.onload = done; });
        const bundle = nnlibFigureStates[file.replace(".js", "")];
        for (let k = 0; k < times; k += 1) {
            const values = bundle.controls.map(({ name, values, live }) => [name, live || values])
                .map(([name, all]) => [name, all[((all.length >> 1) + k) % all.length]]);
            const began = performance.now();
            await nnlibLive.figure(bundle.function, { ...bundle.given, ...Object.fromEntries(values) });
            (spent[bundle.function] ??= []).push(performance.now() - began);
        }
    }
    return spent;
}"""


def run(page: Page, address: str) -> tuple[float, float, float]:
    """Seconds from the click to the first answer, median milliseconds of an update, megabytes transferred."""
    moved: list[int] = []
    page.on("requestfinished", lambda request: moved.append(request.sizes()["responseBodySize"]))
    page.set_default_timeout(PATIENCE)
    page.goto(f"{address}/{PAGE}.html", wait_until="load")
    page.wait_for_load_state("networkidle")
    start = page.evaluate(START)
    update = statistics.median(page.evaluate(UPDATE, UPDATES))
    page.wait_for_load_state("networkidle")
    return start / 1000, update, sum(moved) / 1e6


def every(page: Page) -> dict[str, float]:
    """Median milliseconds of an update, by the figure's function."""
    files = sorted(path.name for path in (HTML / "_static" / "states").glob("*.js"))
    return {name: statistics.median(times) for name, times in page.evaluate(EVERY, [files, 5]).items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=3)
    runs, server = parser.parse_args().runs, Server()
    rows, slow, load = [], {}, os.getloadavg()[0]
    with sync_playwright() as playwright:
        for number in range(1, runs + 1):
            with tempfile.TemporaryDirectory() as profile:
                for kind in ("cold", "warm"):
                    chromium = playwright.chromium.launch_persistent_context(
                        profile, executable_path=find(), args=FLAGS
                    )
                    version = chromium.browser.version if chromium.browser else ""
                    page = chromium.new_page()
                    start, update, moved = run(page, server.address)
                    if number == runs and kind == "warm":
                        slow = every(page)
                    chromium.close()
                    rows.append(f"| {number} | {kind} | {start:.1f} | {update:.0f} | {moved:.1f} |")
                    print(rows[-1], flush=True)
    server.stop()
    facts = machine()
    TABLE.write_text(
        f"""# How long Python in the page takes

Written by `python -m tools.live` on {date.today().isoformat()}: {facts["cpu"]}, {facts["cores"]} cores,
load average {load:.0f} before the first run;
headless Chromium {version}, the book served gzip-compressed from a sub-folder of 127.0.0.1.
The figure is the first live one of {PAGE}. First answer: from the click on "Run live" to the state that Python drew.
Update: the median of {UPDATES} moves of its slider. Transferred: the page and all it loads, with Python.
Wanted: 6 s cold, 5 s warm, 50 ms, under 20 MB.

| run | browser | first answer, s | update, ms | transferred, MB |
|--:|---|--:|--:|--:|
"""
        + "\n".join(rows)
        + f"""

## The figures one by one

{sum(ms <= LIMIT for ms in slow.values())} of the {len(slow)} figures answer within {LIMIT} ms
(the median of five states in the middle of their ranges, without the drawing).
The others train a network or search for each state:

| figure | ms |
|---|--:|
"""
        + "".join(f"| `{name}` | {ms:.0f} |\n" for name, ms in sorted(slow.items()) if ms > LIMIT),
        "utf8",
    )


if __name__ == "__main__":
    main()
