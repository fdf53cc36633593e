"""The experiments' page in a browser: driven by real keys, its clock tried against known delays."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from attnkit.experiments import lab as laboratory
from attnkit.experiments import n_back, recall, search
from attnkit.experiments.keeping import own_trials
from attnkit.experiments.lab import Run
from attnkit.experiments.screens import Trial
from playwright.sync_api import Page, sync_playwright

from autograder import browser as browsers

pytestmark = pytest.mark.browser

SCRIPT = Path(laboratory.__file__).with_suffix(".js")
# anywidget's side of the widget, as far as lab.js uses it: values, changes, messages
MODEL = """
window.sent = [];
const values = {title: "Search", tells: "Press J.", where: "Kept.", hides: "", kept: 0, plan: []};
const heard = {};
window.model = {
  get: name => values[name],
  set: (name, value) => {
    values[name] = value;
    for (const act of heard[`change:${name}`] ?? []) act();
  },
  on: (name, act) => (heard[name] ??= []).push(act),
  off: (name, act) => { heard[name] = (heard[name] ?? []).filter(each => each !== act); },
  send: message => window.sent.push(message),
};
"""
# a key pressed before the frame that shows the picture has taken no time: nobody has seen it yet
SEEN = "() => new Promise(go => requestAnimationFrame(() => requestAnimationFrame(go)))"
# answers each asking screen itself, at a known delay after the picture came into the page
KNOWN_DELAY = """
delays => {
  const stage = document.querySelector(".attnkit-stage");
  const waiting = [...delays];
  new MutationObserver(async changes => {
    if (!stage.querySelector("svg path, svg text") || !waiting.length) return;
    if (stage.dataset.answered === stage.innerHTML) return;
    stage.dataset.answered = stage.innerHTML;
    if (!stage.innerHTML.includes("path")) return;
    const delay = waiting.shift();
    const shown = await new Promise(requestAnimationFrame);  // the frame in which it can be seen
    while (performance.now() < shown + delay) {
      if (shown + delay - performance.now() > 30) await new Promise(go => setTimeout(go, 5));
    }
    stage.dispatchEvent(new KeyboardEvent("keydown", {key: "j", bubbles: true}));
  }).observe(stage, {childList: true});
}
"""


@pytest.fixture(scope="module")
def page(browser_path: Path) -> Iterator[Page]:
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(
            executable_path=browser_path, args=browsers.launch_arguments(), timeout=300_000
        )
        yield started.new_page()
        started.close()


@pytest.fixture
def stage(page: Page) -> Page:
    """An empty page with the experiment's script and what it needs of anywidget."""
    page.set_content("<!doctype html><div id=lab></div>")
    page.evaluate(MODEL)
    page.evaluate(
        """async source => {
          const url = URL.createObjectURL(new Blob([source], {type: "text/javascript"}));
          const {default: {render}} = await import(url);
          render({model: window.model, el: document.querySelector("#lab")});
        }""",
        SCRIPT.read_text(encoding="utf-8"),
    )
    return page


def quick(trials: Sequence[Trial], times: int = 8) -> list[Trial]:
    """The same trials, their timed screens so many times shorter."""
    return [
        replace(trial, screens=tuple(replace(s, ms=s.ms and s.ms // times) for s in trial.screens))
        for trial in trials
    ]


def begin(page: Page, trials: list[Trial]) -> None:
    page.get_by_role("button", name="Begin").click()
    page.evaluate("plan => window.model.set('plan', plan)", [trial.plain() for trial in trials])


def told(page: Page, trials: int) -> list[dict[str, Any]]:
    """The messages of so many trials, once the run is over."""
    page.wait_for_function("document.querySelector('[role=status]').textContent !== ''")
    page.wait_for_function(
        "document.querySelector('[role=status]').textContent.startsWith('Done')", timeout=60_000
    )
    messages = page.evaluate("window.sent")
    assert messages[0] == {"do": "begin"}
    assert [message["trial"] for message in messages[1:]] == list(range(trials))
    return list(messages[1:])


def test_a_known_delay_is_measured(stage: Page) -> None:
    """Protects what the lesson says of its times: they are right to about a frame."""
    trials = quick(search.plan(np.random.default_rng(0), repeats=1)[:9])
    delays = [int(delay) for delay in np.linspace(180, 420, len(trials))]
    stage.evaluate(KNOWN_DELAY, delays)
    begin(stage, trials)
    messages = told(stage, len(trials))
    errors = np.array([m["seconds"] for m in messages]) * 1000 - np.array(delays)
    print("timing errors, ms:", np.round(errors, 1).tolist(), "frame", messages[0]["frame"])
    assert abs(np.median(errors)) < 34  # two frames of a screen with 60 a second
    slope = np.polyfit(delays, errors, 1)[0]
    assert abs(slope) < 0.2  # what it is off by doesn't grow with the time


def test_search_is_driven_by_real_keys_and_kept(
    stage: Page, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ATTNKIT_PROGRESS", str(tmp_path / "progress.jsonl"))
    run = Run("search", np.random.default_rng(1))
    trials = run.begin()[:5]
    begin(stage, quick(trials, 2))
    for number, trial in enumerate(trials):
        stage.wait_for_function("document.querySelector('.attnkit-stage path')")
        stage.evaluate(SEEN)
        stage.keyboard.press("x")  # a key that means nothing
        stage.keyboard.press("J" if trial.known["target"] == (number < 4) else "f")
        stage.wait_for_function(
            "n => window.sent.length > n && !document.querySelector('.attnkit-stage path')",
            arg=number + 1,
        )
    for message in told(stage, len(trials)):
        assert run.take(message)
    own = own_trials("search")
    assert own.correct.tolist() == [True] * 4 + [False]  # the last one was answered wrongly
    assert own["items"].tolist() == [trial.known["items"] for trial in trials]
    assert ((own.rt > 0) & (own.rt < 30)).all()
    assert (own.frame > 0).all()


def test_letters_go_on_whether_a_key_is_pressed_or_not(stage: Page) -> None:
    trials = quick(n_back.plan(np.random.default_rng(2))[:2], 2)
    begin(stage, trials)
    stage.wait_for_function("document.querySelector('.attnkit-stage p')")
    stage.keyboard.press("Space")
    stage.wait_for_function("document.querySelector('.attnkit-stage text')")
    stage.evaluate(SEEN)
    stage.keyboard.press("j")
    first, second = told(stage, 2)
    assert (first["said"], second["said"]) == ("yes", "")
    assert 0 < first["seconds"] < 2
    assert second["seconds"] is None


def test_words_are_typed_and_escape_stops(stage: Page) -> None:
    (trial, *_) = recall.plan(np.random.default_rng(3))
    ask = next(screen for screen in trial.screens if screen.text)
    short = Trial((ask,), trial.known)
    begin(stage, [short, short])
    box = stage.get_by_role("textbox")
    box.wait_for()
    for typed in ("apple", " ", "river"):
        stage.keyboard.type(typed)
        stage.keyboard.press("Enter")
    stage.get_by_role("button", name="No more").click()
    stage.wait_for_function("window.sent.length === 2")
    box.wait_for()
    stage.keyboard.press("Escape")
    status = stage.get_by_role("status")
    stage.wait_for_function("document.querySelector('[role=status]').textContent !== ''")
    assert status.inner_text() == "Stopped. What was answered is kept."
    (message,) = stage.evaluate("window.sent.slice(1)")
    assert [word for word, _ in message["words"]] == ["apple", "river"]
    assert json.dumps(message)  # plain
    assert stage.get_by_role("button", name="Begin").is_visible()
