"""What a learner sees of a check: a table with a plain twin, one sentence, never our traceback."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from attnkit import attempt, check, hint
from attnkit.checking.report import Report, as_html, as_text
from attnkit.checking.spec import released_exercise

from autograder.boxes.plain_kernel import KernelBox


def weighted_mean(x_TD, w_T):  # type: ignore[no-untyped-def]
    return w_T @ x_TD / w_T.sum()


def divides_by_T(x_TD, w_T):  # type: ignore[no-untyped-def]
    return w_T @ x_TD / len(w_T)


def test_a_right_answer_gets_all_points_and_is_remembered(progress_file: Path) -> None:
    report = check("L1.1", weighted_mean)
    assert report.passed
    assert report.points == report.max_points == released_exercise("L1.1").points
    (line,) = progress_file.read_text(encoding="utf-8").splitlines()
    assert json.loads(line)["exercise"] == "L1.1"


def test_table_and_twin_say_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    report = check("L1.1", divides_by_T)
    shown = capsys.readouterr().out
    assert as_text(report) in shown
    text, table = as_text(report), as_html(report)
    for c in report.verdict.checks:
        assert c.name in text
        assert c.name in table
    assert (
        text.count("FAIL")
        == table.count("✗ fail")
        == sum(not c.passed for c in report.verdict.checks)
    )
    assert report.diagnosis is not None
    assert report.verdict.message in text


def test_in_a_notebook_the_report_shows_itself_once_as_html_with_its_twin() -> None:
    with KernelBox() as box:
        box.run_cell("from attnkit import check, hint\ndef f(x_TD, w_T): return None")
        (shown,) = box.run_cell('check("L1.1", f)').outputs
        assert set(shown["data"]) == {"text/html", "text/plain"}
        assert "is there a `return` at its end?" in shown["data"]["text/plain"]
        table, points = box.run_cell('report = check("L1.1", f)\nreport.points').outputs
        assert (table["output_type"], points["output_type"]) == ("display_data", "execute_result")
        assert points["data"]["text/plain"] == "0"
        (hinted,) = box.run_cell('hint("L1.1")').outputs
        assert "text/markdown" in hinted["data"]


def test_what_a_learner_wrote_is_escaped() -> None:
    def nasty(x_TD, w_T):  # type: ignore[no-untyped-def]
        raise ValueError("<script>alert(1)</script> & `code`")

    table = as_html(check("L1.1", nasty))
    assert "<script>" not in table
    assert "&lt;script&gt;" in table


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("L1.1",), "checks 1 function(s)"),
        (("L1.1", weighted_mean, weighted_mean), "checks 1 function(s)"),
        (("L1.1", weighted_mean(np.ones((2, 2)), np.ones(2))), "should be a function"),
        (("L1.9", weighted_mean), 'no exercise "L1.9"'),
        (("seven", weighted_mean), 'no exercise "seven"'),
        (("L4", weighted_mean), 'no exercise "L4"'),
    ],
)
def test_a_check_called_wrongly_says_how_to_call_it(
    arguments: tuple[object, ...], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    report = check(*arguments)  # type: ignore[arg-type]
    assert isinstance(report, Report)
    assert (report.points, report.passed) == (0, False)
    assert words in capsys.readouterr().out


def test_hints_grow_stronger_and_the_last_one_stays(capsys: pytest.CaptureFixture[str]) -> None:
    hints = released_exercise("L1.2").hints
    for number in (1, 2, 3, 3):
        hint("L1.2")
        shown = capsys.readouterr().out
        assert f"Hint {number} of 3" in shown
        assert hints[number - 1] in shown
    assert len(set(hints)) == 3


def test_attempt_gives_the_value_or_says_why_there_is_none(
    capsys: pytest.CaptureFixture[str],
) -> None:
    def stub() -> None:
        raise NotImplementedError

    assert attempt(lambda a, b: a + b, 1, b=2) == 3
    assert capsys.readouterr().out == ""
    for function in (stub, lambda: 1 / 0, lambda: None):
        assert attempt(function) is None
        assert capsys.readouterr().out != ""


def test_a_keyboard_interrupt_stops_the_check() -> None:
    def endless(x_TD, w_T):  # type: ignore[no-untyped-def]
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        check("L1.1", endless)


def test_progress_that_cannot_be_kept_disturbs_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ATTNKIT_PROGRESS", "/proc/nowhere/progress.jsonl")
    assert check("L1.1", weighted_mean).passed
