"""The gallery in a browser: every panel alive, by hand and by keyboard, in Lab and in Notebook 7.

With `ATTN_SCREENSHOTS=folder` every figure is saved there, light and dark.
"""

from __future__ import annotations

import os
import re
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, expect

from autograder.course import find_course
from tests.browser.conftest import SIZE, open_lab, screenshot_folder
from tests.browser.driver import Lab, outside, troubles
from tests.browser.server import Server, free_port, private_environment, serving

pytestmark = [pytest.mark.browser, pytest.mark.slow]

GALLERY = "99_gallery.ipynb"
PANELS = [
    "explore(self_attention",
    "kernel_panel(",
    *(
        f"panels.{name}_panel("
        for name in (
            "pooling", "softmax", "descent", "query", "scaling", "recall", "mask", "heads",
            "budget", "position", "depth", "training", "threshold", "strip", "writing",
        )
    ),
]  # fmt: skip
#: With each kind of control: alive in every run. All others are drawn there, too, and their
#: pictures and sentences looked at, without a browser: unit/test_gallery.py.
IN_EVERY_RUN = (
    "explore(self_attention",
    *(f"panels.{name}_panel(" for name in ("softmax", "query", "mask", "strip")),
)
EACH_PANEL = pytest.mark.parametrize(
    "code",
    [
        pytest.param(code, marks=[pytest.mark.exhaustive] * (code not in IN_EVERY_RUN))
        for code in PANELS
    ],
)
# Roles whose accessible name says what they do. An ipywidgets slider has none, so each has a named
# number box beside it: see test_every_control_has_a_name.
NAMED = ("spinbutton", "combobox", "checkbox", "textbox", "button")
TRIES = 300  # with 0.2 s between: for what Playwright has no `expect`


@pytest.fixture(scope="module")
def notebook_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A plain Notebook 7 in a folder with the gallery."""
    if os.name == "nt":
        pytest.skip("ends Jupyter with a signal to its process group")
    folder = tmp_path_factory.mktemp("notebook7")
    shutil.copy(find_course().lessons / GALLERY, folder)
    command = [sys.executable, "-m", "notebook", "--no-browser", "--port", str(free_port())]
    options = ["--JupyterNotebookApp.expose_app_in_browser=True"]
    options += ["--allow-root"] if os.geteuid() == 0 else []
    environment = private_environment(folder / "home")
    with serving([*command, *options], folder, environment) as server:
        yield server


def looked_at(request: pytest.FixtureRequest) -> set[object]:
    """The panels that some test of this run looks at."""
    tests = (item for item in request.session.items if isinstance(item, pytest.Function))
    asked = {t.callspec.params.get("code") for t in tests if hasattr(t, "callspec")}
    return asked | set(IN_EVERY_RUN)


@pytest.fixture(
    scope="module", params=["JupyterLab", pytest.param("Notebook 7", marks=pytest.mark.exhaustive)]
)
def gallery(request: pytest.FixtureRequest, browser: Browser) -> Iterator[Lab]:
    """The gallery with all its cells run, in each of both applications.

    They show a notebook with the same packages; the second is `make test-all`'s. Panels that no
    test of this run looks at are taken out before.
    """
    in_lab = request.param == "JupyterLab"
    server = request.getfixturevalue("course_server" if in_lab else "notebook_server")
    path = f"/lab/tree/{GALLERY}" if in_lab else f"/notebooks/{GALLERY}"
    with open_lab(browser) as lab:
        lab.page.set_viewport_size({"width": SIZE["width"], "height": 1300})
        lab.go(f"{server.root}{path}?token={server.token}", anew=in_lab)
        lab.wait_for_notebook(GALLERY)
        for code in set(PANELS) - looked_at(request):
            lab.write(code, "")
        lab.run_all()
        assert list(troubles(lab.cells())) == []
        yield lab
        if in_lab:  # Notebook 7 reports an error of its own, about a setting's schema
            assert lab.errors == []
        assert outside(lab.requests, server.root) == []
        lab.shut_down()


def panel_of(lab: Lab, code: str) -> Locator:
    """The live output of a cell, scrolled to."""
    panel = lab.cell(code, "start").locator(".jp-OutputArea-output:has(.widget-html)")
    expect(panel.locator("svg[role=img]")).to_be_visible()
    return panel


@EACH_PANEL
def test_every_panel_is_alive_and_the_still_picture_hides(
    gallery: Lab, code: str, browser: Browser
) -> None:
    panel = panel_of(gallery, code)
    cell = gallery.cell(code, "start")
    expect(cell.locator("img[alt]:visible")).to_have_count(0)
    expect(panel.get_by_role("status")).to_have_text(re.compile(r"\w.*\.$"))
    rested(gallery, panel)
    shoot(gallery, cell, re.sub(r"\W+", "-", code.removeprefix("panels.")).strip("-"))


def shoot(lab: Lab, cell: Locator, name: str) -> None:
    """Save what a cell shows, light and dark."""
    folder = screenshot_folder()
    if folder is None or "/lab/" not in lab.page.url:
        return
    for theme, suffix in (("Light", ""), ("Dark", "-dark")):
        lab.use_theme(f"JupyterLab {theme}")
        lab.settle()
        output = cell.locator(".jp-OutputArea")
        output.screenshot(path=folder / f"figure-{name}{suffix}.png", animations="disabled")
    lab.use_theme("JupyterLab Light")


@EACH_PANEL
def test_every_control_has_a_name(gallery: Lab, code: str) -> None:
    """Protects who hears the page: Chromium's accessibility tree names each control."""
    panel = panel_of(gallery, code)
    for _ in range(TRIES):  # a page draws each control in its own time
        tree = panel.aria_snapshot()
        if not complaints(tree):
            break
        gallery.page.wait_for_timeout(200)
    assert complaints(tree) == [], tree


def complaints(tree: str) -> list[str]:
    """What is wrong with a panel for who hears it."""
    controls = re.findall(rf"- ({'|'.join(NAMED)})\b(.*)", tree)
    found = [f"no name: {kind}{rest}" for kind, rest in controls if not re.match(r' "\S.*"', rest)]
    sliders, boxes = len(re.findall("- slider", tree)), len(re.findall("- spinbutton", tree))
    pictures = len(re.findall(r"- '?img \"\w", tree))
    if not controls:
        found.append("no controls")
    if sliders != boxes:
        found.append(f"{sliders} sliders and {boxes} number boxes")
    if pictures != 1:
        found.append(f"{pictures} pictures with a text")
    if "- status" not in tree:
        found.append("no sentence")
    return found


def rested(lab: Lab, panel: Locator) -> tuple[str, str]:
    """A panel's sentence and picture, once both show all that was asked for so far.

    By their contents and not by inner_text, which leaves out what is hidden for a moment (seen
    once, on a busy machine).
    """
    words, picture = panel.get_by_role("status"), panel.locator("svg[role=img]")
    for _ in range(TRIES):
        lab.wait_until_idle()
        lab.wait_until_idle()  # of a row of changes the page sends the last one after the first
        said, shown = words.text_content() or "", picture.inner_html()
        if picture.get_attribute("aria-label") == said:
            return said, shown
        lab.page.wait_for_timeout(200)
    raise AssertionError(f"The sentence says {said!r}, and the picture something else.")


def follows(lab: Lab, panel: Locator, act: Callable[[], None]) -> None:
    """An action must change the picture, and then its sentence."""
    before, seen = rested(lab, panel)
    act()
    expect(panel.get_by_role("status")).not_to_have_text(before)
    assert panel.locator("svg[role=img]").inner_html() != seen


def test_arrow_keys_move_a_number_box(gallery: Lab) -> None:
    panel = panel_of(gallery, "panels.query_panel(")
    box = panel.get_by_label("direction of q (°)")
    box.focus()
    start = int(box.input_value())

    def three_up() -> None:
        for _ in range(3):
            box.press("ArrowUp")

    follows(gallery, panel, three_up)
    expect(box).to_have_value(str(start + 6))
    follows(gallery, panel, lambda: box.press("ArrowDown"))
    expect(box).to_have_value(str(start + 4))


def test_a_query_is_dragged_and_moved_by_arrow_keys(gallery: Lab) -> None:
    """Protects the plane: the arrow follows a hand and the keyboard, and the sliders follow it."""
    pytest.importorskip("anywidget")
    panel = panel_of(gallery, "panels.query_panel(")
    direction, length = panel.get_by_label("direction of q (°)"), panel.get_by_label("length of q")

    def drag() -> None:
        gallery.page.mouse.move(*on_page(panel, 230, 190))
        gallery.page.mouse.down()
        gallery.page.mouse.move(*on_page(panel, 195, 95), steps=6)
        gallery.page.mouse.up()

    before, _ = rested(gallery, panel)
    for _ in range(20):  # on a busy machine the page may still move under the pointer
        panel.locator("svg[role=img]").scroll_into_view_if_needed()
        drag()
        gallery.page.wait_for_timeout(1000)
        if direction.input_value() == "90":
            break
    expect(direction).to_have_value("90")
    expect(panel.get_by_role("status")).not_to_have_text(before)
    expect(length).to_have_value("2")
    picture = panel.get_by_role("application", name="the query")
    picture.focus()
    follows(gallery, panel, lambda: picture.press("Shift+ArrowDown"))
    expect(direction).to_have_value("90")
    assert float(length.input_value()) < 1.8
    follows(gallery, panel, lambda: picture.press("Shift+ArrowRight"))
    assert 0 < int(direction.input_value()) < 90


def on_page(panel: Locator, x: float, y: float) -> tuple[float, float]:
    """Where a point of a panel's picture is on the page."""
    return panel.locator("svg[role=img]").evaluate(
        """(svg, [x, y]) => {
          const point = new DOMPoint(x, y).matrixTransform(svg.getScreenCTM());
          return [point.x, point.y]; }""",
        [x, y],
    )


def test_cells_of_a_map_answer_the_pointer_and_the_keyboard(gallery: Lab) -> None:
    """Protects a map's numbers: each by pointing, none by pointing alone."""
    pytest.importorskip("anywidget")
    panel = panel_of(gallery, "explore(self_attention")
    told = panel.locator("svg[role=img]").evaluate("svg => JSON.parse(svg.dataset.cells)")
    first, rows, keys = told["maps"][0], told["rows"], told["keys"]
    x, y = (first[at] + (place + 0.5) * told["cell"] for at, place in (("x", 1), ("y", 2)))
    gallery.page.mouse.move(*on_page(panel, x, y))
    expect(panel.get_by_text(f"{rows[2]} → {keys[1]}: {first['w'][2][1]}").first).to_be_visible()
    shoot(gallery, gallery.cell("explore(self_attention", "start"), "a-cell-pointed-at")
    query = panel.get_by_role("spinbutton", name=re.compile("query"))
    query.fill(str(len(rows)))
    query.press("Tab")
    rested(gallery, panel)

    def click() -> None:
        gallery.page.mouse.click(*on_page(panel, x, y))

    follows(gallery, panel, click)
    expect(query).to_have_value("3")
    gallery.page.mouse.move(0, 0)
    picture = panel.get_by_role("application")
    expect(panel.get_by_text("Point at a cell")).to_be_visible()
    picture.focus()
    for key in ("ArrowRight", "ArrowDown", "ArrowRight"):  # the first one finds the first cell
        picture.press(key)
    expect(panel.get_by_text(f"{rows[1]} → {keys[1]}: {first['w'][1][1]}").first).to_be_visible()
    follows(gallery, panel, lambda: picture.press("Enter"))
    expect(query).to_have_value("2")


def test_buttons_and_switches_follow_the_keyboard(gallery: Lab) -> None:
    keyboard = gallery.page.keyboard
    panel = panel_of(gallery, "explore(self_attention")
    # the last query, which is shown first, sees everything with a causal mask too
    query = panel.get_by_role("spinbutton", name=re.compile("query"))
    query.focus()
    follows(gallery, panel, lambda: query.press("ArrowDown"))
    causal = panel.get_by_role("checkbox", name="causal")
    causal.focus()
    follows(gallery, panel, lambda: keyboard.press("Space"))
    expect(causal).not_to_be_checked()
    two = panel.get_by_role("button", name="2", exact=True)
    two.focus()
    follows(gallery, panel, lambda: keyboard.press("Enter"))
    expect(panel.locator("svg[role=img]")).to_contain_text("head 2")

    panel = panel_of(gallery, "panels.mask_panel(")
    word = panel.get_by_role("button", name="wonderful")
    word.focus()
    follows(gallery, panel, lambda: keyboard.press("Space"))


def test_a_typed_sentence_is_read(gallery: Lab) -> None:
    panel = panel_of(gallery, "panels.strip_panel(")
    entry = panel.get_by_label("sentence")
    follows(gallery, panel, lambda: entry.fill("what a wonderful film"))
    expect(panel.locator("svg[role=img]")).to_contain_text("wonderful")


@pytest.mark.exhaustive  # twin: test_whoever_writes_with_a_cache_writes_the_same
def test_a_model_writes_on_from_what_is_typed(gallery: Lab) -> None:
    panel = panel_of(gallery, "panels.writing_panel(")
    follows(gallery, panel, lambda: panel.get_by_label("beginning").fill("what a wonderful"))
    expect(panel.locator("svg[role=img]")).to_contain_text("what")
    on = panel.get_by_label("words written on")
    on.focus()
    for _ in range(2):
        follows(gallery, panel, lambda: on.press("ArrowUp"))
    expect(on).to_have_value("2")
    follows(gallery, panel, lambda: panel.get_by_label("top-p, in %").press("ArrowDown"))


def test_the_table_says_what_the_picture_shows(gallery: Lab) -> None:
    panel = panel_of(gallery, "panels.softmax_panel(")
    expect(panel.get_by_role("table")).to_have_count(0)
    switch = panel.get_by_role("checkbox", name="show as a table")
    switch.focus()
    gallery.page.keyboard.press("Space")
    table = panel.get_by_role("table")
    expect(table.get_by_role("columnheader", name="exp in float32")).to_be_visible()
    before = table.text_content() or ""
    panel.get_by_label("temperature τ").fill("0.5")
    panel.get_by_label("temperature τ").press("Tab")
    expect(table).not_to_have_text(before)
    assert switch.is_checked()


@pytest.mark.exhaustive  # unit/test_panels.py: a picture without a kernel, panel by panel
def test_the_next_day_every_panel_is_a_picture(
    course_server: Server, browser: Browser, tmp_path: Path
) -> None:
    """Protects a saved gallery without its kernel: a picture, and how to bring it to life."""
    with open_lab(browser) as lab:
        lab.go(f"{course_server.root}/lab/tree/{GALLERY}?token={course_server.token}")
        lab.wait_for_notebook(GALLERY)
        lab.run_all()
        lab.save()
        lab.shut_down()
        lab.go(f"{course_server.root}/lab/tree/{GALLERY}?token={course_server.token}")
        lab.wait_for_notebook(GALLERY)
        for code in PANELS:
            cell = lab.cell(code, "start")
            still = cell.locator("img[alt]")
            expect(still).to_be_visible()
            assert (still.get_attribute("alt") or "").endswith(".")
            expect(cell.get_by_text("Run this cell to move the sliders.")).to_be_visible()
        lab.shut_down()
