"""Feedback pages: what they tell a learner, what they never tell, and that nothing in them runs."""

from __future__ import annotations

import base64
import html
import io
import json
import re
import sys
from collections.abc import Iterator
from datetime import timedelta
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from attnkit.checking.spec import ExerciseSpec
from PIL import Image
from playwright.sync_api import sync_playwright

from autograder import browser as browsers
from autograder import cli
from autograder.authoring.lesson import BEGIN_SOLUTION, END_SOLUTION
from autograder.errors import AttnError
from autograder.feedback.publish import FeedbackOptions, Page, write_feedback
from autograder.grading.grade import GradeOptions, grade_path
from autograder.reporting.html import prose, say
from tests.classroom.graded_class import (
    DUE,
    EVIL,
    EVIL_ID,
    LESSON,
    RIGHT,
    TRIPLE,
    GradedClass,
    graded_class,
    hand_in,
    headings,
    skip_no_level,
)
from tests.small_course import answered


def write(made: GradedClass, path: Path | None = None, **options: Any) -> dict[str, Page]:
    steps = write_feedback(made.course, path or made.folder, FeedbackOptions(**options))
    return {step.page.student: step.page for step in steps}


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> GradedClass:
    """The class with its pages, which nobody changes."""
    made = graded_class(tmp_path_factory).copy(tmp_path_factory.mktemp("feedback") / "autumn")
    write(made)
    return made


@pytest.fixture
def fresh(tmp_path_factory: pytest.TempPathFactory, tmp_path: Path) -> GradedClass:
    return graded_class(tmp_path_factory).copy(tmp_path / "autumn")


def text_of(page: Path) -> str:
    """What a reader of a page can read, on one line."""
    said = re.sub(r"<(style|title)>.*?</\1>|<[^>]*>", " ", page.read_text("utf-8"), flags=re.S)
    return " ".join(html.unescape(said).split())


# --- what a page says ---


def test_a_page_says_what_passed_what_did_not_why_and_where_to_look(written: GradedClass) -> None:
    said = text_of(written.page("ben"))
    assert "Feedback for Ben O'Neill" in said
    assert "3 of 7 points" in said  # 1 of 4, 2 of 2; the question waits
    assert "double behaves as if you squared the numbers: double means times two." in said
    assert "any numbers ✗ fail 0/2" in said
    assert "The call was double(x_T = [0., 2.])" not in said  # that one passes
    assert "Where to look in the lesson: “Doubling and tripling”" in said
    assert "Hints for L1.1 Twice. Two times. Multiply by 2." in said
    assert "Hints for L1.2" not in said  # it passes
    assert "1 answer waits for a person to read" in said
    assert "Handed in 5 October 2026, 10:00 UTC, in time." in said
    assert "ran in a sandbox" in said


def test_the_smallest_failing_example_stands_beside_its_check(written: GradedClass) -> None:
    assert re.search(r"double returned \S+ at \[\d\]; it should be", text_of(written.page("ben")))


def test_who_can_not_be_graded_reads_why_and_what_to_do(written: GradedClass) -> None:
    said = text_of(written.page("dot"))
    assert "The reason: the file is not valid JSON: it may be cut off or damaged." in said
    assert "What to do." in said
    assert "of 7 points" not in said


def test_who_handed_in_nothing_gets_no_page(written: GradedClass) -> None:
    assert not (written.folder / "feedback" / "max").exists()


def test_marks_and_words_of_a_person_a_penalty_and_the_total_are_told(fresh: GradedClass) -> None:
    from autograder.record.class_folder import ClassFolder

    write(fresh)
    with ClassFolder(fresh.folder).open_gradebook() as gradebook:
        grade = gradebook.find_grade("L1-why", LESSON, LESSON, "ada")
        grade.manual_score, grade.needs_manual_grade = 0.5, False
        comment = gradebook.find_comment("L1-why", LESSON, LESSON, "ada")
        comment.manual_comment = "Half of it: why <three>?"
        submission = gradebook.find_submission(LESSON, "ada")
        submission.notebooks[0].late_submission_penalty = 2.0
        gradebook.db.commit()
    pages = write(fresh)
    assert {s for s, page in pages.items() if page.state == "written"} == {"ada"}
    said = text_of(fresh.page("ada"))
    assert "4.5 of 7 points" in said
    assert "For being late, 2 points of 6.5 were taken off." in said
    assert "From your teacher Half of it: why <three>?" in said
    assert "waits for a person" not in said


# --- what no page says ---


def numbers_in(text: str) -> set[str]:
    """The numbers of a text that have two decimals or more, without their signs."""
    return set(re.findall(r"\d+\.\d{2,}(?:e-?\d+)?", text))


def secret_numbers(built: Any) -> set[str]:
    """Numbers of the hidden calls, in and out, as they could be written; none that are public."""

    def numbers(spec: ExerciseSpec) -> set[str]:
        calls = [(call.args, call.kwargs, call.expected) for call in spec.calls]
        exact = numbers_in(json.dumps(calls))
        return exact | {f"{float(n):.{digits}g}" for n in exact for digits in (3, 4, 5, 6, 10)}

    public = {n for spec in built.specs.values() for n in numbers(spec)}
    return {n for spec in built.hidden.values() for n in numbers(spec)} - public


def solution_lines(built: Any) -> set[str]:
    lines = set()
    for cell in built.lesson.cells:
        inside = False
        for line in cell.source.splitlines():
            if BEGIN_SOLUTION in line or "MARK SCHEME" in line:
                inside = not inside
            elif END_SOLUTION in line:
                inside = False
            elif inside or (cell.role == "manual" and "#" not in line):
                lines.add(line.strip())
    return lines - {""}


def test_no_hidden_number_no_seed_and_no_solution_is_in_any_page(written: GradedClass) -> None:
    numbers, lines = secret_numbers(written.built), solution_lines(written.built)
    assert len(numbers) > 20
    assert {"return 2 * x_T", "One point for any reason."} <= lines
    seed = (written.folder / ".attn" / "hidden_seed").read_text().strip()
    assert numbers_in(text_of(written.page("ben")))  # of the visible ones there are some
    for page in (written.folder / "feedback").rglob("*.html"):
        source = page.read_text("utf-8")
        assert seed not in source
        assert "BEGIN HIDDEN" not in source
        without_pictures = re.sub(r'src="data:[^"]*"|<style>.*?</style>', "", source, flags=re.S)
        assert not numbers_in(html.unescape(without_pictures)) & numbers, page
        folder = written.submitted / page.parents[1].name / LESSON
        own = (folder / f"{LESSON}.ipynb").read_text("utf-8")
        said = html.unescape(source)
        assert not {line for line in lines if line in said and line not in own}, page


def test_a_failure_of_hidden_cases_alone_is_told_without_them(written: GradedClass) -> None:
    said = text_of(written.page("cy"))
    assert "It holds for the inputs you can see, but not for fresh ones" in said


def test_solutions_are_shown_after_the_last_deadline_and_by_that_policy_only(
    fresh: GradedClass,
) -> None:
    before, after = DUE - timedelta(hours=1), DUE + timedelta(hours=1)
    for policy in ("after-deadline", "with-solutions"):
        pages = write(fresh, policy=policy, now=before)
        assert {page.state for page in pages.values()} == {"held back"}
        assert "the last deadline is 5 October 2026, 12:00 UTC" in pages["ada"].reason
        assert not (fresh.folder / "feedback").exists()
    write(fresh, policy="after-deadline", now=after)
    assert "return 3 * x_T" not in fresh.page("ben").read_text("utf-8")
    write(fresh, policy="with-solutions", now=after)
    assert "return 3 * x_T" in fresh.page("ben").read_text("utf-8")
    assert "One point for any reason." not in fresh.page("ben").read_text("utf-8")  # for markers
    write(fresh, policy="after-deadline", now=after)  # taken away again
    assert "return 3 * x_T" not in fresh.page("ben").read_text("utf-8")


def test_an_extension_of_one_holds_back_the_solutions_of_all(fresh: GradedClass) -> None:
    from autograder.record.class_folder import ClassFolder

    with ClassFolder(fresh.folder).open_gradebook() as gradebook:
        gradebook.grant_extension(LESSON, "zoe", days=2)
    pages = write(fresh, policy="with-solutions", now=DUE + timedelta(days=1))
    assert {page.state for page in pages.values()} == {"held back"}
    assert pages["ada"].reason == "the last deadline is 7 October 2026, 12:00 UTC"


# --- what learners wrote ---


ALLOWED = (
    "html head meta title style body header footer main section h1 h2 h3 p a b i em strong span "
    "div table caption thead tbody tr th td ul ol li details summary pre code figure figcaption img"
)


class Tags(HTMLParser):
    """The tags of a page with their attributes."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(source)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


def test_pages_hold_no_script_load_nothing_and_are_well_made(written: GradedClass) -> None:
    allowed = set(re.findall(r"\w+", ALLOWED))
    pages = list((written.folder / "feedback").rglob("*.html"))
    assert len(pages) == 6
    for page in pages:
        tags = Tags(page.read_text("utf-8")).found
        assert {tag for tag, _ in tags} <= allowed, page
        for tag, attributes in tags:
            assert not [name for name in attributes if name.startswith("on")]
            assert (attributes.get("href") or "#").startswith("#")
            if tag == "img":
                assert (attributes["src"] or "").startswith(("data:image/png;", "data:image/svg+"))
                assert attributes["alt"]
            if tag == "th":
                assert attributes["scope"] in ("row", "col")
        metas = [attributes for tag, attributes in tags if tag == "meta"]
        policy = next(m["content"] for m in metas if m.get("http-equiv"))
        assert policy is not None
        assert policy.startswith("default-src 'none'")
        assert "script" not in policy
        assert ("html", {"lang": "en"}) in tags
        assert headings(page.read_text("utf-8")).count(1) == 1
        assert skip_no_level(headings(page.read_text("utf-8")))


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("ids *other than* `pad_id`", "ids <em>other than</em> <code>pad_id</code>"),
        ("`a * b * c` and 2 * 3 * 4", "<code>a * b * c</code> and 2 * 3 * 4"),
        ("a ** b ** c, x*y*z, *a", "a ** b ** c, x*y*z, *a"),
        ("*<b>* `<i>` & *", "<em>&lt;b&gt;</em> <code>&lt;i&gt;</code> &amp; *"),
        ("an open `code", "an open `code"),
        # what Markdown makes of these is not wanted in a sentence that may quote a learner
        ("__init__, _x_ and 2*3*4", "__init__, _x_ and 2*3*4"),
        (
            "![x](//a/b.png) <//a> [y](javascript:z)",
            "![x](//a/b.png) &lt;//a&gt; [y](javascript:z)",
        ),
        ("&lt;b&gt; \" '", "&amp;lt;b&amp;gt; &#34; &#39;"),
    ],
)
def test_sentences_have_code_and_stress_and_no_other_markup(text: str, shown: str) -> None:
    assert say(text) == shown


def test_a_question_keeps_its_paragraphs_and_points_but_not_its_lines_ends() -> None:
    question = (
        "### Question\n\nTwo *lines* of\n`one` text.\n\n1. A point that is\n   long.\n"
        "2. Another:\n   - one of\n     two\n   - <b>\n"
    )
    assert prose(question) == (
        "Two <em>lines</em> of <code>one</code> text.\n\n1. A point that is long.\n"
        "2. Another:\n   - one of two\n   - &lt;b&gt;"
    )


def test_code_words_and_errors_of_learners_are_shown_as_they_are_written(
    written: GradedClass,
) -> None:
    said = html.unescape(written.page(EVIL_ID).read_text("utf-8"))
    assert said.count(EVIL) >= 3  # the answer in words, the code, the error's text
    assert f"Feedback for {EVIL_ID}" in said


def test_own_pictures_are_made_anew_and_own_html_is_left_out(written: GradedClass) -> None:
    source = written.page(EVIL_ID).read_text("utf-8")
    assert "own html" not in source
    images = dict(re.findall(r'src="data:image/(png|svg\+xml);base64,([^"]*)"', source))
    png = base64.b64decode(images["png"])
    assert b"SMUGGLED" not in png
    with Image.open(io.BytesIO(png)) as image:
        assert image.size == (40, 30)
        assert image.convert("RGB").getpixel((5, 5)) == (255, 0, 0)
    assert 'alt="A dot, drawn by hand"' in source
    assert source.count("data:image/") == 2  # neither the bomb nor what is no picture
    assert "2 more pictures are in your notebook." in text_of(written.page(EVIL_ID))


@pytest.fixture
def opened(browser_path: Path) -> Iterator[Any]:
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(
            executable_path=browser_path, args=browsers.launch_arguments(), timeout=300_000
        )
        yield started
        started.close()


@pytest.mark.browser
def test_in_a_browser_nothing_runs_nothing_is_fetched_and_a_phone_shows_it_all(
    written: GradedClass, opened: Any
) -> None:
    for width, scheme in ((360, "light"), (1280, "dark")):
        viewport = {"width": width, "height": 700}
        context = opened.new_context(viewport=viewport, color_scheme=scheme, offline=True)
        for page in (written.folder / "feedback").rglob("*.html"):
            tab = context.new_page()
            wanted: list[str] = []
            complaints: list[str] = []
            tab.on("request", lambda request, wanted=wanted: wanted.append(request.url))
            tab.on("console", lambda said, complaints=complaints: complaints.append(said.text))
            tab.goto(page.as_uri())
            assert tab.evaluate("typeof window.pwned") == "undefined"
            assert [u for u in wanted if not u.startswith("data:")] == [page.as_uri()]
            assert not complaints  # such as of a style or a script that the policy refused
            assert tab.evaluate("document.documentElement.scrollWidth") <= width
            tab.close()
        context.close()


# --- writing them ---


def test_what_is_there_and_the_same_is_left_as_it_is(fresh: GradedClass) -> None:
    assert {page.state for page in write(fresh).values()} == {"written"}
    before = {p: p.stat().st_mtime_ns for p in (fresh.folder / "feedback").rglob("*.*")}
    text = fresh.page("ada").read_bytes()
    assert {page.state for page in write(fresh, fresh.submitted).values()} == {"unchanged"}
    assert {p: p.stat().st_mtime_ns for p in (fresh.folder / "feedback").rglob("*.*")} == before
    assert {page.state for page in write(fresh, force=True).values()} == {"written"}
    assert fresh.page("ada").read_bytes() == text
    fresh.page("ada").write_bytes(text[: len(text) // 2])  # half of a page is none
    assert write(fresh)["ada"].state == "written"
    assert fresh.page("ada").read_bytes() == text


def test_one_student_and_one_lesson_can_be_named(fresh: GradedClass) -> None:
    pages = write(fresh, students=("ben",), lessons=("1",))
    assert list(pages) == ["ben"]
    assert [p.name for p in (fresh.folder / "feedback").iterdir()] == ["ben"]
    with pytest.raises(AttnError, match="Nothing is graded of nobody in"):
        write(fresh, students=("nobody",))


def test_a_newer_version_is_graded_before_its_author_gets_feedback(fresh: GradedClass) -> None:
    answers = {"L1-1-answer": RIGHT, "L1-2-answer": TRIPLE}
    notebook = answered(fresh.built.release, answers)
    hand_in(fresh.folder, "ben", notebook, when="2026-10-05 11:00:00 UTC")
    page = write(fresh)["ben"]
    assert (page.state, "newer version" in page.reason) == ("held back", True)
    list(grade_path(fresh.course, fresh.submitted, GradeOptions()))
    assert write(fresh)["ben"].state == "written"
    assert "Every check passes" in text_of(fresh.page("ben"))


def test_a_damaged_record_costs_one_page_and_is_named(fresh: GradedClass) -> None:
    (fresh.folder / ".attn" / "results" / LESSON / "ben.json").write_text('{"result": [')
    pages = write(fresh)
    assert "damaged" in pages["ben"].reason
    assert {page.state for name, page in pages.items() if name != "ben"} == {"written"}


@pytest.mark.parametrize(
    ("break_it", "sentence"),
    [
        (lambda made: made.folder / "nowhere", "There is no class at"),
        (lambda made: made.course.root, "is no class's folder"),
        (lambda made: (made.folder / "gradebook.db").unlink() or made.folder, "is gone"),
        (
            lambda made: (
                (made.folder / ".attn" / "results").rename(made.folder / "x") and made.folder
            ),
            "Nothing has been graded in",
        ),
    ],
)
def test_a_class_that_is_not_there_or_half_deleted_is_one_sentence(
    fresh: GradedClass, break_it: Any, sentence: str
) -> None:
    with pytest.raises(AttnError, match=sentence):
        write(fresh, break_it(fresh))


def test_the_command_writes_pages_and_says_how_many(
    fresh: GradedClass, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("ATTN_ROOT", str(fresh.course.root))
    monkeypatch.setattr(sys, "argv", ["attn", "feedback", str(fresh.folder)])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert not ended.value.code
    assert capsys.readouterr().out == "6 pages of feedback: 6 written.\n"
