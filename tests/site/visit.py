"""A learner's visit to the browser edition, in a browser that reaches nothing but this machine.

    python -m tests.site.visit SITE first     lesson 1 twice: a mistake, right answers, the next day
    python -m tests.site.visit SITE 3         lesson 3, solved, from its first cell to its last
    python -m tests.site.visit SITE mirror D  lesson 1's first check; Python's files from a mirror
    python -m tests.site.visit SITE 99_gallery.ipynb   a page that is no lesson, from first to last

Each prints what it saw, as JSON. It is a program of its own so that it can move itself, before it
starts anything, into a network namespace that has no way out. Where the system doesn't allow that,
the browser resolves no name.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
from playwright.sync_api import BrowserContext, expect, sync_playwright

from autograder import browser as browsers
from autograder.authoring.lesson import read_lesson
from autograder.course import LessonFolder, find_course
from autograder.site.serve import Handler, Server, serving
from tests.browser.driver import Lab, text_of, troubles

WRONG = """def weighted_mean(x_TD, w_T):
    return (x_TD * w_T[:, None]).sum(axis=0) / len(w_T)
"""
OWN_PANEL = "pooling_panel(tokens, x_TD, attention_pool)"
MIRROR = "http://127.0.0.1:47117/"  # where a visit serves Pyodide's files, if it is to
CLONE_NEWUSER, CLONE_NEWNET = 0x10000000, 0x40000000
GET_FLAGS, SET_FLAGS = 0x8913, 0x8914  # of a network device


def alone() -> bool:
    """Leave the network but for loopback, before a thread starts: whether the system allows it."""
    if sys.platform != "linux":
        return False
    trial = os.fork()  # where half of it is allowed, there would be no loopback either
    if trial == 0:
        with contextlib.suppress(OSError):
            _leave_the_network()
            os._exit(0)
        os._exit(1)
    if os.waitpid(trial, 0)[1]:
        return False
    _leave_the_network()
    return True


def _leave_the_network() -> None:
    import fcntl

    user, group = os.getuid(), os.getgid()
    flags = CLONE_NEWNET if user == 0 else CLONE_NEWUSER | CLONE_NEWNET
    if ctypes.CDLL(None, use_errno=True).unshare(flags):
        raise OSError(ctypes.get_errno(), "unshare")
    if user:
        Path("/proc/self/setgroups").write_text("deny")
        Path("/proc/self/uid_map").write_text(f"{user} {user} 1")
        Path("/proc/self/gid_map").write_text(f"{group} {group} 1")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        asked = fcntl.ioctl(control, GET_FLAGS, struct.pack("16sH14x", b"lo", 0))
        up = struct.unpack_from("16sH", asked)[1] | 1
        fcntl.ioctl(control, SET_FLAGS, struct.pack("16sH14x", b"lo", up))


def visiting(site: Path, *visit: str) -> dict[str, Any]:
    """Run a visit in a process of its own. AssertionError with its last words if it fails."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.site.visit", str(site), *visit],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    seen: dict[str, Any] = json.loads(done.stdout)
    return seen


class Visit:
    """A page of the browser edition, with a clock, and what it has fetched so far."""

    def __init__(self, context: BrowserContext, server: Server) -> None:
        self.server, self.page = server, context.new_page()
        self.page.set_viewport_size({"width": 1400, "height": 900})
        self.lab = Lab(self.page)
        self.begun, self.sent, self.spent = time.monotonic(), server.sent, processor()
        self.times: dict[str, list[float]] = {}

    def note(self, name: str) -> None:
        """So long it has taken until now, so much of a processor, and so many megabytes."""
        now = (
            time.monotonic() - self.begun,
            processor() - self.spent,
            (self.server.sent - self.sent) / 1e6,
        )
        self.times[name] = [round(number, 1) for number in now]

    def open(self, path: str) -> None:
        """A notebook, until its kernel takes cells."""
        self.page.goto(f"{self.server.address}lab/lab/index.html?path={path}")
        self.page.wait_for_function("window.jupyterapp !== undefined")
        self.page.evaluate("window.jupyterapp.restored.then(() => true)")
        self.page.wait_for_function(
            "name => window.jupyterapp.shell.currentWidget?.context?.path === name", arg=path
        )
        self.note("the notebook is on the screen")
        self.lab.wait_for_notebook(path)
        self.note("Python is there")

    def run(self, cell: str) -> str:
        """Run a cell, and wait for its end: the texts of its outputs."""
        self.lab.cell(cell)
        self.lab.command("notebook:run-cell")
        self.lab.wait_until_idle()
        outputs = self.lab.saved_cell(cell)["outputs"]
        return "\n".join(map(text_of, outputs))

    def outside(self) -> list[str]:
        """Requests to anywhere else."""
        own = (self.server.address, "data:", "blob:")
        return [url for url in self.lab.requests if not url.startswith(own)]

    def shoot(self, name: str) -> None:
        """Save what the page shows, light and dark, if `ATTN_SCREENSHOTS` names a folder."""
        if folder := os.environ.get("ATTN_SCREENSHOTS"):
            for theme in ("Light", "Dark"):
                self.lab.use_theme(f"JupyterLab {theme}")
                file = Path(folder) / f"site-{name}-{theme.lower()}.png"
                self.page.screenshot(path=file, animations="disabled")
            self.lab.use_theme("JupyterLab Light")


_spent: dict[int, float] = {}  # by process, as it was last seen


def processor() -> float:
    """Seconds of a processor that this program's own processes have used: the browser's, mostly."""
    for process in psutil.Process().children(recursive=True):
        with contextlib.suppress(psutil.Error):
            used = process.cpu_times()
            _spent[process.pid] = used.user + used.system
    return sum(_spent.values())


def path_of(folder: LessonFolder) -> str:
    return f"{folder.name}/{folder.name}.ipynb"


def first_cell(lab: Lab) -> str:
    """The id of the cell that imports everything."""
    return next(str(cell["id"]) for cell in lab.cells() if cell["cell_type"] == "code")


def lesson_1(context: BrowserContext, server: Server) -> dict[str, Any]:
    """Lesson 1: a mistake is named, right answers pass, a slider moves; and the next day."""
    folder = find_course().lesson(1)
    answers = {answer.name: answer.source for answer in read_lesson(folder.source).answers()}
    visit = Visit(context, server)
    visit.open(path_of(folder))
    imports = first_cell(visit.lab)
    visit.lab.write("L1-1-answer", WRONG)
    said = visit.run(imports)
    visit.note("the first cell has imported everything")
    visit.run("L1-1-answer")
    wrong = visit.run("L1-1")
    visit.note("`check` has answered")
    visit.shoot("diagnosis")
    for name, source in answers.items():
        if name != "L1.2":
            visit.lab.write(f"{name.replace('.', '-')}-answer", source)
    visit.lab.run_all()
    visit.note("all of lesson 1 has run")
    seen: dict[str, Any] = {
        "said": said,
        "wrong": wrong,
        "right": "\n".join(map(text_of, visit.lab.saved_cell("L1-1")["outputs"])),
        "waits": str(visit.lab.saved_cell("L1-2")["outputs"]),
        "troubles": list(troubles(visit.lab.cells())),
        "slider": move_a_slider(visit),
    }
    visit.shoot("panel")
    prediction = visit.lab.cell('predict("L1.drowned"').get_by_label("I expect:")
    prediction.fill("It sinks.")
    visit.lab.cell('predict("L1.drowned"').get_by_text("Kept on this computer").wait_for()
    visit.lab.save()
    seen["notebook"] = visit.page.evaluate(
        "window.jupyterapp.shell.currentWidget.context.model.toJSON()"
    )
    seen["errors"], seen["outside"] = visit.lab.errors, visit.outside()
    visit.page.close()

    again = Visit(context, server)
    again.open(path_of(folder))
    seen["kept"] = {
        "answer": again.lab.saved_cell("L1-3-answer")["source"],
        "output": text_of(again.lab.saved_cell("L1-1")["outputs"][0]),
    }
    again.run(first_cell(again.lab))
    again.note("the first cell has imported everything")
    again.run("L1-1-answer")
    again.run("L1-1")
    again.note("`check` has answered")
    seen["kept"]["map"] = again.run("course_map()")
    again.run('predict("L1.drowned"')
    box = again.lab.cell('predict("L1.drowned"').get_by_label("I expect:")
    seen["kept"]["prediction"] = box.input_value()
    again.shoot("next-day")
    seen["errors"] += again.lab.errors
    seen["outside"] += again.outside()
    return {**seen, "first": visit.times, "second": again.times}


def page(context: BrowserContext, server: Server, path: str) -> dict[str, Any]:
    """A notebook that is no lesson: all its cells, and their troubles."""
    visit = Visit(context, server)
    visit.open(path)
    visit.lab.run_all()
    cells = visit.lab.cells()
    return {
        "panels": sum("widget-view" in str(cell.get("outputs", [])) for cell in cells),
        "troubles": list(troubles(cells)),
        "errors": visit.lab.errors,
        "outside": visit.outside(),
    }


def from_a_mirror(context: BrowserContext, server: Server, folder: Path) -> dict[str, Any]:
    """Lesson 1 up to its first check, with Python's own files from another server."""
    lesson = find_course().lesson(1)
    mirror = Server(folder, int(MIRROR.rstrip("/").rpartition(":")[2]), Mirrored)
    with mirror:
        threading.Thread(target=mirror.serve_forever, daemon=True).start()
        visit = Visit(context, server)
        visit.open(path_of(lesson))
        visit.lab.write("L1-1-answer", WRONG)
        said = visit.run(first_cell(visit.lab))
        visit.run("L1-1-answer")
        seen = {
            "said": said,
            "wrong": visit.run("L1-1"),
            "fetched": sorted({name.lstrip("/") for name in mirror.asked}),
            "outside": [url for url in visit.outside() if not url.startswith(MIRROR)],
            "errors": visit.lab.errors,
        }
        mirror.shutdown()
    return seen


class Mirrored(Handler):
    """A mirror lets pages of other addresses read its files, as Pyodide's network does."""

    def end_headers(self) -> None:
        self.send_header("Access-Control-Allow-Origin", "*")
        super().end_headers()


def move_a_slider(visit: Visit) -> dict[str, Any]:
    """The learner's own panel, one arrow key: picture and sentence before and after."""
    panel = visit.lab.cell(OWN_PANEL).locator(".jp-OutputArea-output:has(.widget-slider)")
    handle = panel.locator(".widget-hbox", has=visit.page.get_by_label("direction of u (°)"))
    status = panel.get_by_role("status")
    panel.locator("svg[role=img]").wait_for()
    looks: list[list[str]] = []
    for key in (None, "ArrowRight"):
        if key:
            handle.get_by_role("slider").press(key)
            expect(status).not_to_have_text(looks[0][0], timeout=60_000)
        picture = panel.locator("svg[role=img]").inner_html()
        looks.append([status.text_content() or "", picture])
    return {"before": looks[0], "after": looks[1]}


def solved(context: BrowserContext, server: Server, folder: LessonFolder) -> dict[str, Any]:
    """A whole lesson with the author's answers: its cells one by one, and their troubles."""
    visit = Visit(context, server)
    visit.open(path_of(folder))
    for answer in read_lesson(folder.source).answers():
        visit.lab.write(f"{answer.name.replace('.', '-')}-answer", answer.source)
    slow: dict[str, float] = {}
    for cell in visit.lab.cells():
        if cell["cell_type"] == "code":
            begun = time.monotonic()
            visit.run(cell["id"])
            slow["".join(cell["source"])[:60]] = round(time.monotonic() - begun, 1)
    visit.note("its last cell has run")
    visit.run("course_map()")  # optional exercises may come behind it
    cells = visit.lab.cells()
    return {
        "troubles": list(troubles(cells)),
        "map": "\n".join(
            text_of(output)
            for cell in cells
            if "course_map()" in "".join(cell["source"])
            for output in cell.get("outputs", [])
        ),
        "labels": sum("stand-in: NumPy" in str(cell.get("outputs", [])) for cell in cells),
        "times": visit.times,
        "slowest": sorted(slow.items(), key=lambda item: -item[1])[:5],
        "errors": visit.lab.errors,
        "outside": visit.outside(),
    }


@contextlib.contextmanager
def started(*more: str) -> Iterator[BrowserContext]:
    """A browser with a profile of its own on disk, where a visit leaves what the next one finds."""
    with tempfile.TemporaryDirectory() as profile, sync_playwright() as playwright:
        context = playwright.chromium.launch_persistent_context(
            profile,
            executable_path=browsers.find(),
            args=[*browsers.launch_arguments(), *more],
            reduced_motion="reduce",
        )
        try:
            yield context
        finally:
            context.close()


def main(site: str, visit: str, mirror: str = "") -> None:
    is_alone = alone()
    nowhere = "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"
    with serving(Path(site)) as server, started(nowhere) as context:
        if visit == "first":
            seen = lesson_1(context, server)
        elif visit == "mirror":
            seen = from_a_mirror(context, server, Path(mirror))
        elif visit.endswith(".ipynb"):
            seen = page(context, server, visit)
        else:
            seen = solved(context, server, find_course().lesson(visit))
    print(json.dumps({**seen, "alone": is_alone}))


if __name__ == "__main__":
    main(*sys.argv[1:])
