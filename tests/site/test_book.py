"""The web book: built without a warning, read without a network, legible on a phone, searchable."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from autograder import browser as browsers
from autograder.course import find_course
from autograder.site import environment
from autograder.site.book.make_book import make_book
from autograder.site.contents import lessons_of
from autograder.site.serve import serving
from autograder.site.start import places

FIRST = "01_attention_scores"
LAB = "lab/lab/index.html"
PHONE, DESK = 390, 1280
SOME = frozenset({FIRST})  # run in every test run; all others are shown as they are handed out


@pytest.fixture(
    scope="module",
    params=[
        pytest.param(SOME, id="lesson 1 run"),
        pytest.param(None, id="all run", marks=pytest.mark.exhaustive),
    ],
)
def book(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The whole book. Sphinx counts a warning as an error: a link that leads nowhere, say."""
    course = find_course()
    folder = tmp_path_factory.mktemp("book")
    build = course.root / "build" / "site"
    build.mkdir(parents=True, exist_ok=True)
    lessons = lessons_of(course)
    make_book(
        course,
        lessons,
        folder / "out",
        python=environment.ready(course.root, build),
        scratch=folder,
        here=places(lessons),
        say=lambda _: None,
        run=request.param,
    )
    return folder / "out"


@dataclass
class Seen(HTMLParser):
    """What a page leads to and what can be led to in it."""

    places: set[str] = field(default_factory=set)
    links: list[str] = field(default_factory=list)
    words: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = dict(attrs)
        if told.get("id"):
            self.places.add(str(told["id"]))
        for name in ("href", "src"):
            if told.get(name):
                self.links.append(str(told[name]))

    def handle_data(self, data: str) -> None:
        self.words.append(data)


def pages_of(book: Path) -> dict[str, Seen]:
    found = {}
    for file in sorted(book.rglob("*.html")):
        found[file.relative_to(book).as_posix()] = seen = Seen()
        seen.feed(file.read_text(encoding="utf-8"))
    return found


def test_every_link_leads_somewhere_and_nothing_is_fetched_from_elsewhere(book: Path) -> None:
    pages = pages_of(book)
    assert {f"{each.folder.name}/{each.folder.name}.html" for each in lessons_of(find_course())} < {
        *pages
    }
    astray = []
    for page, seen in pages.items():
        for link in seen.links:
            parts = urlsplit(link)
            if parts.scheme in ("http", "https", "mailto", "data"):
                continue
            assert not parts.netloc, (page, link)
            target = (book / page).parent / unquote(parts.path) if parts.path else book / page
            place = target.resolve()
            if place == (book / LAB).resolve():
                continue
            if not place.is_file():
                astray.append((page, link))
            elif parts.fragment and place.suffix == ".html":
                there = pages[place.relative_to(book.resolve()).as_posix()].places
                if unquote(parts.fragment) not in there:
                    astray.append((page, link))
    assert astray == []


def test_a_lesson_shows_its_stub_its_outputs_and_where_to_work_on_it(book: Path) -> None:
    text = (book / FIRST / f"{FIRST}.html").read_text(encoding="utf-8")
    words = " ".join("".join(pages_of(book)[f"{FIRST}/{FIRST}.html"].words).split())
    assert "raise NotImplementedError" in words
    assert "L1.1 · A weighted mean: 4 of 4 points" in words  # the check's report
    assert f'href="../{LAB}?path={FIRST}/{FIRST}.ipynb">Work on this lesson here</a>' in text
    assert "Run this cell to" not in text
    assert 'class="attnkit-card"' in text
    assert "data:image/png" not in text.replace("favicon", "")
    handed = book / "_static" / "notebooks" / f"{FIRST}.ipynb"
    assert handed.read_bytes() == find_course().lesson(FIRST).released_notebook.read_bytes()


def test_no_solution_is_shown_unless_it_is_asked_for(book: Path) -> None:
    for file in book.rglob("*.html"):
        assert "Show the solution" not in file.read_text(encoding="utf-8"), file


def test_formulas_are_set_while_it_is_built(book: Path) -> None:
    text = (book / FIRST / f"{FIRST}.html").read_text(encoding="utf-8")
    formulas = re.findall(r"<math .*?</math>", text, re.S)
    assert len(formulas) > 20
    assert all(ET.fromstring(each).find(".//{*}annotation") is not None for each in formulas)
    assert not re.search(r"\\frac|\$\$", re.sub(r"<annotation.*?</annotation>", "", text))
    assert (book / "_static" / "math.woff2").stat().st_size < 400_000


@pytest.fixture(scope="module")
def browser(browser_path: Path) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(
            executable_path=browser_path, args=browsers.launch_arguments(), timeout=300_000
        )
        yield started
        started.close()


def watched(page: Page, address: str) -> list[str]:
    """What goes wrong on a page from now on: what it asks of others, what it complains of."""
    wrong: list[str] = []

    def only_here(route: object) -> None:
        url = route.request.url  # type: ignore[attr-defined]
        if url.startswith((address, "data:", "blob:")):
            route.continue_()  # type: ignore[attr-defined]
        else:
            wrong.append(f"asks for {url}")
            route.abort()  # type: ignore[attr-defined]

    page.route("**/*", only_here)
    page.on("console", lambda said: wrong.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda error: wrong.append(str(error)))
    # what a page was asking for while the next one is opened is broken off
    page.on(
        "requestfailed",
        lambda asked: (
            None
            if asked.failure == "net::ERR_ABORTED"
            else wrong.append(f"fails: {asked.url}, {asked.failure}")
        ),
    )
    return wrong


CLIPPED = """() => [...document.querySelectorAll('.formula')].filter(box => {
  box.scrollLeft = 0;
  const set = box.querySelector('math').getBoundingClientRect(), own = box.getBoundingClientRect();
  return set.left < own.left - 1 || box.scrollWidth < Math.floor(set.width);
}).map(box => box.textContent.slice(0, 40))"""


@pytest.mark.browser
def test_every_page_reads_well_at_a_desk_and_on_a_phone(book: Path, browser: Browser) -> None:
    with serving(book) as server:
        page = browser.new_page(viewport={"width": DESK, "height": 900})
        wrong = watched(page, server.address)
        for name in pages_of(book):
            page.set_viewport_size({"width": DESK, "height": 900})
            page.goto(f"{server.address}{name}")
            for width in (DESK, PHONE):
                page.set_viewport_size({"width": width, "height": 844})
                widest = page.evaluate("document.documentElement.scrollWidth")
                assert widest <= width, f"{name} is {widest} wide where the page has {width}"
                assert page.evaluate(CLIPPED) == [], name
            assert wrong == [], name
        page.close()


@pytest.mark.browser
def test_pictures_and_reports_follow_the_dark_theme(book: Path, browser: Browser) -> None:
    with serving(book) as server:
        page = browser.new_page(color_scheme="dark")
        page.goto(f"{server.address}{FIRST}/{FIRST}.html")
        paper = page.locator(".attnkit-card").first.evaluate(
            "card => getComputedStyle(card).getPropertyValue('--attnkit-3')"
        )
        assert paper == "#171c22"
        behind = page.locator(".cell_output .text_html").first.evaluate(
            "box => getComputedStyle(box).backgroundColor"
        )
        assert behind == "rgba(0, 0, 0, 0)"
        page.close()


@pytest.mark.browser
def test_on_paper_no_code_is_cut_off_and_the_dark_theme_is_light(
    book: Path, browser: Browser, tmp_path: Path
) -> None:
    with serving(book) as server:
        page = browser.new_page(viewport={"width": 650, "height": 900})  # as wide as A4's text
        page.goto(f"{server.address}{FIRST}/{FIRST}.html")
        page.emulate_media(media="print")
        cut = "all => all.filter(pre => pre.scrollWidth > pre.clientWidth).length"
        assert page.locator(".bd-article pre").count() > 40
        assert page.locator(".bd-article pre").evaluate_all(cut) == 0

        page.evaluate("document.documentElement.dataset.theme = 'dark'")
        seen = "addEventListener('beforeprint', () => window.printed = getComputedStyle("
        page.evaluate(seen + "document.querySelector('.bd-article p')).color)")
        page.pdf(path=tmp_path / "page.pdf")
        assert page.evaluate("document.documentElement.dataset.theme") == "dark"
        red, green, blue = map(int, re.findall(r"\d+", page.evaluate("window.printed"))[:3])
        assert max(red, green, blue) < 90  # ink
        page.close()


@pytest.mark.browser
@pytest.mark.parametrize(
    ("asked", "found"),
    [("softmax", "Lesson 2"), ("padding mask", "Lesson 5"), ("deadline", "A class")],
)
def test_a_search_finds_the_page(book: Path, browser: Browser, asked: str, found: str) -> None:
    with serving(book) as server:
        page = browser.new_page()
        wrong = watched(page, server.address)
        page.goto(f"{server.address}search.html?q={asked}")
        page.locator(".pagefind-ui__result-title", has_text=found).first.wait_for()
        assert wrong == []
        page.close()
