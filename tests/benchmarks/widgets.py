"""What a slider costs: from a key press to changed pixels, in JupyterLab in headless Chromium.

    make bench-widgets                           48 changes of each variant, in turn
    make bench-widgets ARGS="--presses 96 --json build/widgets.json"
    make bench-widgets ARGS="--distance 100"     with a server 100 ms away

Three variants show the same 12 × 12 attention weights with one temperature slider: our panel;
`ipywidgets.interact` with the very same picture drawn by Matplotlib; and `interact` with the few
lines of pyplot that most notebooks have. A fourth is our panel with 8 heads; a fifth, the floor, is
a slider that changes one number: what JupyterLab and ipywidgets themselves take on this machine.
All take their turns on one page, with one kernel at a time: a busy minute meets all of them.

Lesson 9's two kinds of panel take their turns as well: words that are hidden beside chance, and 72
maps with one opened.

A change is timed in the page: from the key's event to the first frame after the picture in the
output has changed and is decoded. That pixels really changed is checked with screenshots apart.
Milliseconds depend on the machine and on what else it does; the ratios hold better.
"""

from __future__ import annotations

import contextlib
import json
import os
import statistics
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any

import nbformat
import typer
from playwright.sync_api import Error, Locator, Page, ViewportSize, sync_playwright
from rich.console import Console
from rich.table import Table

from autograder import browser as browsers
from tests.benchmarks.distance import far_away
from tests.browser.driver import Lab
from tests.browser.server import free_port, private_environment, serving

REST_MS = 450  # between presses: the sentence and the table follow a change after 300 ms
DRAG_SECONDS = 4.0
TARGETS = {"median": 45.0, "p95": 60.0, "ratio": 6.0, "kernel": 10.0, "heads": 1.5}
console = Console()

COMMON = """
import numpy as np
import ipywidgets as widgets
from attnkit import explore
from attnkit.figures import draw_attention
from scipy.special import softmax

WORDS = "the cat sat on the mat and it purred all night long".split()
SCORES = np.random.default_rng(0).normal(size=(8, 12, 12)) * 1.5
KNOB = (0.25, 4.25, 0.125, 2.25)

def slider():
    return widgets.FloatSlider(min=0.25, max=4.25, step=0.125, value=2.25, description="tau")
"""
CELLS = {
    "panel": (
        "panel = explore(lambda tau: softmax(SCORES[0] / tau, axis=-1), WORDS, tau=KNOB)\npanel"
    ),
    "panel, 8 heads": (
        "heads = explore(lambda tau: softmax(SCORES / tau, axis=-1), WORDS, tau=KNOB)\nheads"
    ),
    "hidden words": """
from attnkit.panels import attribution_panel
def HIDE(p, ids, e, ks):
    gone = [np.isin(range(12), np.argsort(-e)[:k]) for k in ks]
    return p(np.where(gone, 1, ids))
CHANCE = lambda p, ids, ks, n, rng: HIDE(p, ids, rng.random(12), ks)
hiding = attribution_panel(
    {"sine": np.sin}, lambda text: (WORDS, np.arange(2, 14)),
    lambda ids: 1 / (1 + np.exp(-np.cos(ids).sum(axis=1))), HIDE, CHANCE, " ".join(WORDS),
)
hiding
""",
    "a wall of 72 heads": """
from attnkit.panels import wall_panel
ALL = softmax(np.random.default_rng(0).normal(size=(12, 6, 12, 12)) * 1.5, axis=-1)
wall = wall_panel(lambda text: (WORDS, ALL), " ".join(WORDS), layers=12, heads=6)
wall
""",
    "floor: one number": """
number = widgets.HTML('<svg role="img" width="90" height="30"><text y="20">2.25</text></svg>')
small = slider()
def show_number(change):
    number.value = f'<svg role="img" width="90" height="30"><text y="20">{change.new}</text></svg>'
small.observe(show_number, "value")
floor = widgets.VBox([small, number])
floor
""",
    "lesson 10, lengths": """
from attnkit.panels import length_panel
LENGTHS = [64, 256, 1024, 4096]
TIMES = {"plain": [2e-6 * T + 1e-8 * T * T for T in LENGTHS]}
TIMES["in chunks"] = [1.2 * s for s in TIMES["plain"]]
COUNT = lambda B, T, S, D, H: {"score_floats": B * H * T * S}
lengths = length_panel(COUNT, LENGTHS, TIMES, 256, 4, 128)
lengths.set(doublings=1)
lengths
""",
    "lesson 10, bits": """
from attnkit.panels import bits_panel
from attnkit.figures.bits import quantise
MATRIX = {"W": np.random.default_rng(0).normal(size=(1000, 32))}
bits = bits_panel(lambda w: quantise(w, 8), MATRIX, {n: 0.75 - 0.5 / 2**n for n in range(2, 9)})
bits.set(bits=2)
bits
""",
    "lesson 10, heads": """
from attnkit.panels import kept_heads_panel
EACH, LABELS = np.random.default_rng(0).normal(size=(1000, 8)), np.arange(1000) % 2
FOUR = dict.fromkeys(("Wq", "Wk", "Wv", "Wo"), np.random.default_rng(1).normal(size=(32, 32)))
def CUT(params, keep, H):
    kept = np.concatenate([np.arange(4 * h, 4 * h + 4) for h in keep])
    return {name: W[kept] if name == "Wo" else W[:, kept] for name, W in params.items()}
switches = kept_heads_panel(CUT, FOUR, 8, np.zeros(1000), EACH, LABELS)
switches
""",
    "lesson 15, writing": """
from dataclasses import replace
from attnkit.panels import writing_panel
from attnkit.writing.byte_pairs import learn_byte_pairs
from attnkit.writing.plans import PLANS
from attnkit.writing.stepwise import untrained
PAIRS = learn_byte_pairs([" ".join(WORDS)], 400)
writing = writing_panel(untrained(replace(PLANS["cpu"].size, V=PAIRS.size)), PAIRS)
writing.set(written=8)
writing
""",
    "interact, the same picture": """
@widgets.interact(tau=slider())
def same_picture(tau):
    return draw_attention(softmax(SCORES[0] / tau, axis=-1), WORDS).figure()
""",
    "interact, pyplot": """
import matplotlib.pyplot as plt

@widgets.interact(tau=slider())
def plain(tau):
    weights = softmax(SCORES[0] / tau, axis=-1)
    figure, (left, right) = plt.subplots(1, 2, figsize=(9, 4))
    left.imshow(weights, vmin=0, vmax=1)
    left.set_xticks(range(12), WORDS, rotation=45)
    left.set_yticks(range(12), WORDS)
    right.bar(range(12), weights[0])
    right.set_ylim(0, 1)
    plt.show()
""",
}
KERNEL = """
import json, statistics, time
took = []
for tau in np.tile(np.arange(0.25, 4.25, 0.125), 4):
    start = time.perf_counter()
    {name}.set(tau=float(tau))
    took.append(1000 * (time.perf_counter() - start))
print(json.dumps([statistics.median(took), sorted(took)[int(0.95 * len(took))]]))
"""

# The page's own watch. `arm` begins to wait for the next picture of a cell; `waited` gives the
# milliseconds from the key's event to the frame after it. `count` counts pictures for a while.
PROBE = """
(() => {
  const state = {start: 0, done: null, count: 0, seen: '', root: null, observer: null};
  const picture = () => {
    const found = [...state.root.querySelectorAll('svg[role=img], img')].filter(e =>
      e.getBoundingClientRect().width > 40);
    const last = found[found.length - 1];
    return !last ? null : [last, last.tagName === 'IMG' ? last.src : last.outerHTML];
  };
  const changed = async () => {
    const now = picture();
    if (!now || now[1] === state.seen) return;
    state.seen = now[1];
    if (now[0].tagName === 'IMG') await now[0].decode().catch(() => null);
    requestAnimationFrame(() => { const channel = new MessageChannel();
      channel.port1.onmessage = () => {
        state.count += 1;
        if (state.start && !state.done) state.done = performance.now() - state.start; };
      channel.port2.postMessage(0); });
  };
  document.addEventListener('keydown', () => {
    if (state.armed) { state.start = performance.now(); state.armed = false; } }, true);
  window.watch = {
    on(root) {
      if (state.observer) state.observer.disconnect();
      state.root = root; state.seen = (picture() || [0, ''])[1];
      state.observer = new MutationObserver(changed);
      state.observer.observe(root, {subtree: true, childList: true, attributes: true}); },
    arm() { state.start = 0; state.done = null; state.armed = true; },
    waited() { return state.done; },
    zero() { state.count = 0; }, count() { return state.count; },
  };
})()
"""


@dataclass
class Measured:
    """What was measured of one variant."""

    took: list[float] = field(default_factory=list)  # ms from key to picture
    dragged: list[float] = field(default_factory=list)  # pictures per second
    kernel: tuple[float, float] | None = None  # ms of a change in the kernel: median, p95

    @property
    def median(self) -> float:
        return statistics.median(self.took)

    @property
    def p95(self) -> float:
        return sorted(self.took)[min(len(self.took) - 1, int(0.95 * len(self.took)))]


def main(
    presses: Annotated[int, typer.Option(min=8, help="Changes of each variant.")] = 48,
    rounds: Annotated[int, typer.Option(min=1, help="Turns that each variant takes.")] = 3,
    distance: Annotated[float, typer.Option(min=0, help="Added to a round trip, in ms.")] = 0.0,
    file: Annotated[
        Path | None, typer.Option("--json", help="Also write the numbers here.")
    ] = None,
) -> None:
    """Measure and print the table."""
    found = browsers.find()
    if found is None:
        console.print("No browser starts here: install Chromium, or name one in ATTN_BROWSER.")
        raise typer.Exit(1)
    with tempfile.TemporaryDirectory(prefix="attn-bench-", ignore_cleanup_errors=True) as scratch:
        results = _measure(found, Path(scratch), presses, rounds, distance)
    _show(results)
    if file is not None:
        file.parent.mkdir(parents=True, exist_ok=True)
        numbers = {
            name: {**vars(m), "median": m.median, "p95": m.p95} for name, m in results.items()
        }
        file.write_text(json.dumps(numbers, indent=1) + "\n", encoding="utf-8")


def _measure(
    browser: Path, folder: Path, presses: int, rounds: int, distance: float
) -> dict[str, Measured]:
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    notebook = nbformat.v4.new_notebook(metadata={"kernelspec": kernel})
    sources = [COMMON, *CELLS.values(), "kernel_times = None"]
    notebook.cells = [nbformat.v4.new_code_cell(source.strip()) for source in sources]
    nbformat.write(notebook, folder / "bench.ipynb")
    command = [sys.executable, "-m", "jupyter", "lab", "--no-browser", "--port", str(free_port())]
    command += ["--LabApp.expose_app_in_browser=True"]
    command += ["--allow-root"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
    results = {name: Measured() for name in CELLS}
    with (
        serving(command, folder, private_environment(folder / "home")) as server,
        far_away(int(server.root.rpartition(":")[2]), distance) as port,
        sync_playwright() as playwright,
    ):
        chromium = playwright.chromium.launch(
            executable_path=browser, args=browsers.launch_arguments()
        )
        size: ViewportSize = {"width": 1400, "height": 1100}
        lab = Lab(chromium.new_context(viewport=size, reduced_motion="reduce").new_page())
        root = server.root if distance == 0 else f"http://localhost:{port}"
        lab.go(f"{root}/lab/tree/bench.ipynb?token={server.token}")
        lab.wait_for_notebook("bench.ipynb")
        lab.run_all()
        lab.page.evaluate(PROBE)
        for turn in range(rounds):
            for name, source in CELLS.items():
                console.print(f"round {turn + 1} of {rounds}: {name}", style="dim")
                handle = _ready(lab, source.strip().splitlines()[-1])
                _check_pixels(lab.page, handle)
                results[name].took += _press(lab.page, handle, -(-presses // rounds))
                if _keys(handle)[0] != "Space":  # a switch can't be dragged
                    results[name].dragged.append(_drag(lab.page, handle))
        for name, variable in (("panel", "panel"), ("panel, 8 heads", "heads")):
            results[name].kernel = _in_the_kernel(lab, variable)
        lab.shut_down()
        chromium.close()
    return results


def _ready(lab: Lab, code: str) -> Locator:
    """The slider's handle in a cell, in sight, with the page's watch on the cell's output."""
    cell = lab.cell(code, "start")
    output = cell.locator(".jp-Cell-outputArea")
    output.locator("svg[role=img], img").last.wait_for()
    lab.settle()
    output.evaluate("root => window.watch.on(root)")
    sliders = output.get_by_role("slider")
    handle = sliders.first if sliders.count() else output.get_by_role("checkbox").first
    handle.focus()
    return handle


def _keys(handle: Locator) -> tuple[str, str]:
    """The keys that change a control, and change it back."""
    switch = handle.get_attribute("type") == "checkbox"
    return ("Space", "Space") if switch else ("ArrowRight", "ArrowLeft")


def _is_at_an_end(handle: Locator, key: str) -> bool:
    """Whether a slider has no room in this key's direction, as one of few steps soon has not."""
    end = {"ArrowRight": "aria-valuemax", "ArrowLeft": "aria-valuemin"}.get(key)
    return end is not None and handle.get_attribute("aria-valuenow") == handle.get_attribute(end)


def _check_pixels(page: Page, handle: Locator) -> None:
    """That a key press changes pixels of the output, as screenshots see it."""
    output = handle.locator("xpath=ancestor::*[contains(@class, 'jp-Cell-outputArea')][1]")
    picture = output.locator("svg[role=img], img").last
    before = picture.screenshot(animations="disabled")
    handle.focus()
    there, back = _keys(handle)
    page.keyboard.press(there)
    for _ in range(20):  # `interact` on a busy machine takes seconds
        page.wait_for_timeout(500)
        with contextlib.suppress(Error):  # `interact` puts a new picture there meanwhile
            if picture.screenshot(animations="disabled") != before:
                break
    else:
        raise AssertionError("A key press on the slider changes no pixel.")
    page.keyboard.press(back)
    page.wait_for_timeout(3000)


def _press(page: Page, handle: Locator, presses: int) -> list[float]:
    """Milliseconds of key presses, to the right and back again, one after the other."""
    took = []
    handle.focus()
    key, other = _keys(handle)
    for number in range(presses):
        if number % 4 == 0:
            key, other = other, key
        if _is_at_an_end(handle, key):
            key, other = other, key
        page.evaluate("window.watch.arm()")
        page.keyboard.press(key)
        page.wait_for_function("window.watch.waited() !== null", timeout=15_000, polling=20)
        took.append(float(page.evaluate("window.watch.waited()")))
        page.wait_for_timeout(REST_MS)
    return took


def _drag(page: Page, handle: Locator) -> float:
    """Pictures per second while a hand drags the slider to and fro."""
    track = handle.locator("xpath=ancestor::*[contains(@class, 'noUi-base')][1]").bounding_box()
    start = handle.bounding_box()
    assert track is not None
    assert start is not None
    y = start["y"] + start["height"] / 2
    page.mouse.move(start["x"] + start["width"] / 2, y)
    page.mouse.down()
    page.evaluate("window.watch.zero()")
    begin = page.evaluate("performance.now()")
    now, step = begin, 0
    while now - begin < 1000 * DRAG_SECONDS:
        part = 0.5 + 0.35 * (1 - abs(step % 80 - 40) / 20)  # a triangle wave
        page.mouse.move(track["x"] + part * track["width"], y)
        now, step = page.evaluate("performance.now()"), step + 1
    pictures = page.evaluate("window.watch.count()")
    middle = track["x"] + track["width"] / 2  # where there is room to both sides
    page.mouse.move(middle, y, steps=4)
    page.mouse.up()
    page.wait_for_timeout(3000)
    return float(pictures) / ((now - begin) / 1000)


def _in_the_kernel(lab: Lab, variable: str) -> tuple[float, float]:
    """Milliseconds of a change in the kernel alone, drawing and sending: median and p95."""
    lab.write("kernel_times", f"# kernel_times\n{KERNEL.format(name=variable).strip()}")
    lab.run("kernel_times")
    (printed,) = [o for o in lab.saved_cell("kernel_times")["outputs"] if o.get("name") == "stdout"]
    median, p95 = json.loads("".join(printed["text"]))
    return float(median), float(p95)


def _show(results: dict[str, Measured]) -> None:
    table = Table(title="From a key press to changed pixels, JupyterLab, headless Chromium")
    for head in ("", "median", "p95", "changes", "pictures/s dragging", "kernel, median (p95)"):
        table.add_column(head, justify="right" if head else "left")
    for name, m in results.items():
        kernel = "" if m.kernel is None else f"{m.kernel[0]:.1f} ({m.kernel[1]:.1f}) ms"
        dragged = f"{statistics.median(m.dragged):.1f}" if m.dragged else ""
        table.add_row(
            name, f"{m.median:.0f} ms", f"{m.p95:.0f} ms", str(len(m.took)), dragged, kernel
        )
    console.print(table)
    ours, many = results["panel"], results["panel, 8 heads"]
    floor = results["floor: one number"]
    same, plain = results["interact, the same picture"], results["interact, pyplot"]
    lines: list[tuple[str, float, float, Any]] = [
        ("median of the panel, ms", ours.median, TARGETS["median"], float.__le__),
        ("p95 of the panel, ms", ours.p95, TARGETS["p95"], float.__le__),
        ("interact, same / panel", same.median / ours.median, TARGETS["ratio"], float.__ge__),
        ("interact, pyplot / panel", plain.median / ours.median, TARGETS["ratio"], float.__ge__),
        ("8 heads / one head", many.median / ours.median, TARGETS["heads"], float.__le__),
        ("kernel time of a change, ms", ours.kernel[0] if ours.kernel else 0.0, TARGETS["kernel"],
         float.__le__),
    ]  # fmt: skip
    for what, value, target, holds in lines:
        sign = "≤" if holds is float.__le__ else "≥"
        mark = "holds" if holds(float(value), target) else "does not hold here"
        console.print(f"{what}: {value:.1f} (aim {sign} {target:g}: {mark})")
    console.print(
        f"Of it, JupyterLab and ipywidgets by themselves: median {floor.median:.1f} ms, p95 "
        f"{floor.p95:.1f} ms; ours on top: {ours.median - floor.median:.1f} ms of the median."
    )
    load = (
        ", ".join(f"{each:.1f}" for each in os.getloadavg()) if hasattr(os, "getloadavg") else "?"
    )
    console.print(
        f"{os.cpu_count()} cores, load {load}. The aims in ms are for an idle machine; ratios hold "
        "on a busy one too.",
        style="dim",
    )


if __name__ == "__main__":
    typer.run(main)
