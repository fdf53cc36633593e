"""A learner's way, in a browser: start page, lesson 1, wrong and right answers, sliders, progress.

The README's picture comes from here:
    ATTN_SCREENSHOTS=build/shots make test ARGS="-m browser"; cp build/shots/lesson-1.png .github/
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Error, Locator, expect

from autograder.authoring.build import build_lesson
from autograder.course import find_course
from tests.browser.conftest import SIZE, Shoot, open_lab
from tests.browser.driver import Lab, outside, text_of, troubles
from tests.browser.server import Server

pytestmark = [pytest.mark.browser, pytest.mark.slow]

START = "00_start_here.ipynb"
LESSON = "01_attention_scores.ipynb"
STUB = "raise NotImplementedError()"
OWN_PANEL = "pooling_panel(tokens, x_TD, attention_pool)"
RELEASED = [f.label for f in find_course().lesson_folders() if f.released_notebook.is_file()]
POOL = """def attention_pool(x_TD, W_AD, u_A):
    e_T = x_TD @ W_AD.T @ u_A
    s_T = np.exp(e_T) / np.exp(e_T).sum()
    return s_T @ x_TD, s_T"""

WIDGET = "application/vnd.jupyter.widget-view+json"
# a panel draws by a new <svg> each time
PICTURE = "panel => panel.querySelector('svg[role=img]')?.innerHTML"


@pytest.fixture(scope="module")
def lesson(course_server: Server, browser: Browser) -> Iterator[Lab]:
    """Lesson 1, opened from the start page's link, its cells run once with nothing written yet."""
    with open_lab(browser) as lab:
        lab.go(course_server.url)
        lab.wait_for_notebook(START)
        lab.page.locator(".jp-RenderedMarkdown").get_by_role("link", name="lesson 1").click()
        lab.wait_for_notebook(LESSON)
        lab.run_all()
        yield lab
        lab.shut_down()


def test_the_start_page_is_calm_and_shows_the_way(
    course_server: Server, lab: Lab, progress: Path, shoot: Shoot
) -> None:
    """Protects a first visit: our page, no pop-up, and a map before anything is done."""
    progress.unlink(missing_ok=True)
    lab.go(course_server.url)
    lab.wait_for_notebook(START)
    page = lab.page
    expect(page.get_by_role("heading", name="Attention, built by hand")).to_be_visible()
    map_cell = lab.run("course_map()")
    expect(map_cell.get_by_text("Start with lesson 1")).to_be_visible()
    expect(map_cell.get_by_role("link", name="Score, normalise, mix")).to_be_visible()
    expect(map_cell.get_by_text("0 of 27 points").first).to_be_visible()

    page.wait_for_timeout(1500)  # JupyterLab asks about news a moment after it has started
    for noise in (".jp-Dialog", ".Toastify__toast"):
        expect(page.locator(noise)).to_have_count(0)
    expect(page.get_by_role("menuitem", name="Nbgrader")).to_have_count(0)
    assert list(troubles(lab.cells())) == []
    assert lab.errors == []
    assert outside(lab.requests, course_server.root) == []
    shoot(lab, "start-page")


def test_lesson_1_runs_to_its_end_with_nothing_written_yet(
    lesson: Lab, course_server: Server
) -> None:
    """Protects who reads first and writes later: no traceback, no warning, nothing from outside."""
    cells = lesson.cells()
    code = [cell for cell in cells if cell["cell_type"] == "code"]
    assert len(code) > 40
    assert [cell["id"] for cell in code if cell["prompt"] is None] == []
    assert list(troubles(cells)) == []
    assert lesson.errors == []
    assert outside(lesson.requests, course_server.root) == []


def test_a_wrong_answer_is_diagnosed(lesson: Lab, shoot: Shoot) -> None:
    """Protects the course's promise: the check names the mistake, in a table of named checks."""
    lesson.replace_line(
        "L1-1-answer", STUB, ["return (x_TD * w_T[:, None]).sum(axis=0) / len(w_T)"]
    )
    lesson.run("L1-1-answer")
    report = report_of(lesson.run("L1-1"))
    expect(report).to_contain_text("L1.1 · A weighted mean: 0 of 4 points")
    expect(report).to_contain_text("behaves as if you divided by the number of words T.")
    expect(report.get_by_role("row")).to_have_count(4)
    expect(report.get_by_role("row").first).to_contain_text("✗ fail")
    (shown, score) = lesson.saved_cell("L1-1")["outputs"]
    assert "behaves as if you divided by the number of words T." in text_of(shown)  # the plain twin
    assert text_of(score) == "0"
    shoot(lesson, "wrong-answer")


def test_a_right_answer_gets_full_points(lesson: Lab, shoot: Shoot) -> None:
    """Protects a right answer, typed by hand over two lines."""
    restore(lesson, "L1-1-answer")
    lesson.replace_line("L1-1-answer", STUB, ["share_T = w_T / w_T.sum()", "return share_T @ x_TD"])
    lesson.run("L1-1-answer")
    report = report_of(lesson.run("L1-1"))
    expect(report).to_contain_text("4 of 4 points")
    expect(report.get_by_text("✓ pass")).to_have_count(4)
    expect(report.get_by_text("✗")).to_have_count(0)
    shoot(lesson, "right-answer")


def test_a_guess_is_written_down_and_shown_beside_what_came_out(
    lesson: Lab, progress: Path, shoot: Shoot
) -> None:
    """Protects predictions: a named box, typed into by keyboard, kept at once on this machine."""
    cell = lesson.run('predict("L1.drowned"')
    cell.get_by_label("I expect:").press_sequentially("It sinks.")
    expect(cell.get_by_role("status")).to_contain_text("Kept on this computer")
    outcome = lesson.run('predicted("L1.drowned")')
    expect(outcome.get_by_role("blockquote")).to_have_text("You expected: It sinks.")
    assert (progress.parent / "predictions" / "L1.drowned.txt").read_text() == "It sinks."
    shoot(lesson, "prediction")


def test_hints_grow_stronger(lesson: Lab) -> None:
    """Protects the way out when stuck: a new cell, two hints one after the other."""
    cell = lesson.insert_below("L1-1", 'hint("L1.1")')
    expect(lesson.run(cell).get_by_text("Hint 1 of 3.")).to_be_visible()
    expect(lesson.run(cell).get_by_text("Hint 2 of 3.")).to_be_visible()


def report_of(cell: Locator) -> Locator:
    """The table that a check has shown below its cell."""
    return cell.locator(".attn-report")


def restore(lab: Lab, cell: str) -> None:
    """Make an answer cell the stub that it was."""
    lab.write(cell, stub_of(cell))


def stub_of(cell: str) -> str:
    notebook = json.loads(find_course().lesson(1).released_notebook.read_text(encoding="utf-8"))
    return next("".join(c["source"]) for c in notebook["cells"] if c["id"] == cell)


def test_the_panel_follows_hand_and_keyboard(lesson: Lab, shoot: Shoot) -> None:
    """Protects the sliders: the learner's function draws, keys and the number box move it."""
    lesson.write("L1-3-answer", POOL)
    lesson.run("L1-3-answer")
    expect(report_of(lesson.run("L1-3"))).to_contain_text("7 of 7 points")
    panel = lesson.run(OWN_PANEL).locator(".jp-OutputArea-output:has(.widget-slider)")
    picture = panel.locator("svg[role=img]")
    words = panel.get_by_role("status")
    label = lesson.page.get_by_label("direction of u (°)")
    row = panel.locator(".widget-hbox", has=label)
    box, handle = row.get_by_label("direction of u (°)"), row.get_by_role("slider")
    expect(picture).to_be_visible()
    expect(panel).to_contain_text("attention_pool does it")
    expect(box).to_have_value("0")
    before = look(picture, words)

    handle.focus()
    for _ in range(3):
        lesson.page.keyboard.press("ArrowRight")
    expect(box).to_have_value("15")
    before = changed(picture, words, before)

    box.fill("90")
    box.press("Tab")
    before = changed(picture, words, before)

    handle.hover()
    lesson.page.mouse.down()
    track = row.locator(".noUi-base").bounding_box()
    assert track is not None
    lesson.page.mouse.move(
        track["x"] + 0.9 * track["width"], track["y"] + track["height"] / 2, steps=8
    )
    lesson.page.mouse.up()
    expect(box).to_have_value("145")
    before = changed(picture, words, before)

    length = panel.get_by_label("length of u")
    length.fill("0.8")
    length.press("Tab")
    changed(picture, words, before)
    take_the_readmes_picture(lesson, shoot)

    panel.get_by_role("button", name="one slider a word").click()
    expect(panel.get_by_label("direction of u (°)")).to_be_hidden()
    expect(panel.get_by_label("great")).to_be_visible()
    shoot(lesson, "panel")


def take_the_readmes_picture(lab: Lab, shoot: Shoot) -> None:
    """The panel below its introduction, without the list of files."""
    lab.page.set_viewport_size({"width": SIZE["width"], "height": 930})
    lab.command("application:toggle-left-area")
    for scrolled in (OWN_PANEL, "In this panel the weights come from"):  # first all is rendered
        lab.cell(scrolled, "start").evaluate("cell => cell.scrollIntoView({block: 'start'})")
        lab.settle()
    shoot(lab, "lesson-1")
    lab.command("application:toggle-left-area")
    lab.page.set_viewport_size(SIZE)


def look(picture: Locator, words: Locator) -> tuple[str, str, str, bytes]:
    """A picture as markup, text alternative, sentence and pixels."""
    return (
        picture.inner_html(),
        picture.get_attribute("aria-label") or "",
        words.text_content() or "",
        picture.screenshot(animations="disabled"),
    )


def changed(
    picture: Locator, words: Locator, before: tuple[str, str, str, bytes]
) -> tuple[str, str, str, bytes]:
    """Wait until the sentence has followed; every way to look at the picture must then differ.

    On a busy machine the sentence of an earlier change may come first: so look a few times. A
    picture that is drawn anew while we look is another element, and the old one is gone.
    """
    expect(words).not_to_have_text(before[2])
    now = before
    for _ in range(300):
        with contextlib.suppress(Error):
            now = look(picture, words)
        told_apart = all(a != b for a, b in zip(before, now, strict=True))
        if told_apart and now[1] == now[2]:
            break
        words.page.wait_for_timeout(200)
    assert [a == b for a, b in zip(before, now, strict=True)] == [False] * 4
    assert now[1] == now[2] != ""
    return now


def test_a_word_of_the_field_leads_to_its_entry(
    course_server: Server, lab: Lab, shoot: Shoot
) -> None:
    """Protects the glossary: a bold word in a lesson opens it at the word, which leads back."""
    lab.go(course_server.url.replace(START, f"{LESSON.removesuffix('.ipynb')}/{LESSON}"))
    lab.wait_for_notebook(LESSON)
    lab.cell("is its name together with the division").get_by_role("link", name="softmax").click()
    lab.wait_for_notebook("98_glossary.ipynb")
    entry = lab.page.get_by_role("heading", name="softmax", exact=True)
    expect(entry).to_be_in_viewport()
    shoot(lab, "glossary")
    lab.cell("### softmax").get_by_role("link", name="lesson 1").first.click()
    lab.wait_for_notebook(LESSON)


def test_progress_is_on_the_start_page(
    lesson: Lab, course_server: Server, lab: Lab, progress: Path, shoot: Shoot
) -> None:
    """Protects the learner's own points: a check in one notebook, seen in another."""
    progress.unlink(missing_ok=True)
    lesson.write("L1-3-answer", POOL)
    lesson.run("L1-3-answer")
    lesson.run("L1-3")
    lab.go(course_server.url)
    lab.wait_for_notebook(START)
    course = lab.run("course_map()")
    expect(course.get_by_text("7 of 27 points")).to_be_visible()
    expect(course.get_by_text("(1 of 5 exercises passed)")).to_be_visible()
    course.get_by_role("link", name="Score, normalise, mix").click()
    lab.wait_for_notebook(LESSON)
    shoot(lab, "lesson-top")


def test_the_next_day_the_work_is_still_there(
    lesson: Lab, course_server: Server, lab: Lab, shoot: Shoot
) -> None:
    """Protects saved work: the answer, the check's table, and a picture where sliders were.

    It ends the kernel that the tests above share.
    """
    restore(lesson, "L1-2-answer")
    lesson.replace_line("L1-2-answer", STUB, ["return x_TD @ (u_A @ W_AD)"])
    lesson.run("L1-2-answer")
    expect(report_of(lesson.run("L1-2"))).to_contain_text("5 of 5 points")
    lesson.run(OWN_PANEL)
    lesson.save()

    lesson.shut_down()
    lab.go(course_server.url.replace(START, f"{LESSON.removesuffix('.ipynb')}/{LESSON}"))
    lab.wait_for_notebook(LESSON)
    expect(lab.cell("L1-2-answer")).to_contain_text("return x_TD @ (u_A @ W_AD)")
    expect(report_of(lab.cell("L1-2"))).to_contain_text("5 of 5 points")
    panel = lab.cell(OWN_PANEL)
    still = panel.locator("img[alt]")
    expect(still).to_be_visible()
    assert "z lies at" in (still.get_attribute("alt") or "")
    expect(panel.get_by_text("Run this cell to move the sliders.")).to_be_visible()
    shoot(lab, "next-day")


# some run solved to their end without a browser: lessons/test_solved.py; and in one, lesson 1 runs
# unsolved above, and every panel is alive in the gallery
@pytest.mark.exhaustive
@pytest.mark.parametrize("label", RELEASED)
def test_a_solved_lesson_runs_to_its_end_with_full_points(
    label: str, course_server: Server, lab: Lab
) -> None:
    """Protects the way through: all answers right, cells clean, sliders alive, full points."""
    folder = find_course().lesson(label)
    built = build_lesson(folder)
    lab.go(course_server.url.replace(START, f"{folder.name}/{folder.name}.ipynb"))
    lab.wait_for_notebook(f"{folder.name}.ipynb")
    for answer in built.lesson.answers():
        lab.write(f"{answer.name.replace('.', '-')}-answer", answer.source)
    lab.run_all()
    assert list(troubles(lab.cells())) == []
    points = sum(spec.points for spec in built.specs.values())
    expect(lab.cell("course_map()")).to_contain_text(f"{points} of {points} points")
    every_slider_moves_its_picture(lab)
    assert lab.errors == []
    assert outside(lab.requests, course_server.root) == []
    lab.shut_down()


def every_slider_moves_its_picture(lab: Lab) -> None:
    """One arrow key on each slider of the notebook in front, towards where there is room."""
    panels = [
        cell["id"]
        for cell in lab.cells()
        if any(WIDGET in output.get("data", {}) for output in cell.get("outputs", []))
    ]
    assert panels, "no cell shows a panel"
    for cell in panels:
        panel = lab.cell(cell, "start").locator(".jp-OutputArea-output:has(.widget-html)").first
        expect(panel.locator("svg[role=img]").first).to_be_visible()  # all() below does not wait
        for slider in panel.get_by_role("slider").all():
            before = panel.evaluate(PICTURE)
            full = slider.get_attribute("aria-valuenow") == slider.get_attribute("aria-valuemax")
            slider.press("ArrowLeft" if full else "ArrowRight")
            lab.page.wait_for_function(
                f"([panel, before]) => ({PICTURE})(panel) !== before",
                arg=[panel.element_handle(), before],
            )


# what the page does with keys and times, without JupyterLab: experiments/test_timing.py
@pytest.mark.exhaustive
def test_an_experiment_is_taken_part_in_by_real_keys(
    course_server: Server, lab: Lab, progress: Path
) -> None:
    """Protects lesson 14a: JupyterLab leaves the keys to it, and each answer is kept at once."""
    name = "14a_people"
    lab.go(course_server.url.replace(START, f"{name}/{name}.ipynb"))
    lab.wait_for_notebook(f"{name}.ipynb")
    lab.run("from attnkit.experiments import delete_trials")
    shown = lab.run('take_part("search")')
    kept = progress.parent / "experiments" / "search.csv"
    kept.unlink(missing_ok=True)
    shown.get_by_role("button", name="Begin").click()
    stage = shown.locator(".attnkit-stage")
    for number in range(3):
        stage.locator("path").first.wait_for()
        lab.page.keyboard.press("j" if number % 2 else "f")
        expect(stage.locator("path")).to_have_count(0)
    stage.locator("path").first.wait_for()
    lab.page.keyboard.press("Escape")
    expect(shown.get_by_role("status")).to_have_text("Stopped. What was answered is kept.")
    lab.wait_until_idle()
    assert len(kept.read_text().splitlines()) == 4  # the columns' names, and three trials
    assert lab.errors == []
    assert outside(lab.requests, course_server.root) == []
    lab.shut_down()
