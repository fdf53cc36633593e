"""What a learner expects is kept beside their progress, for them alone, and never in the way."""

from __future__ import annotations

from pathlib import Path

import pytest
from attnkit import predictions

NAME, NASTY = "L4.spread", "Both <b>grow</b>,\nbecause √d & so on."


def test_what_is_typed_is_kept_and_shown_again(progress_file: Path) -> None:
    """Protects a guess over the end of a kernel, and the page from what was typed."""
    still, live = predictions.box(NAME, "What is the spread?")
    assert "What is the spread?" in still["text/plain"]
    assert "application/vnd.jupyter.widget-view+json" in live
    assert "no guess" in predictions.answer(NAME)["text/plain"]

    assert predictions.write(NAME, NASTY)
    assert (progress_file.parent / "predictions" / f"{NAME}.txt").read_text("utf-8") == NASTY
    again = predictions.answer(NAME)
    for output in (predictions.box(NAME, "What is the spread?")[0], again):
        assert "Both &lt;b&gt;grow&lt;/b&gt;,<br>because √d &amp; so on." in output["text/html"]
    assert again["text/plain"] == f"You expected: {NASTY}"


def test_where_nothing_is_kept_or_drawn_it_says_so_and_goes_on(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Protects graded notebooks, full disks and folders that can't be written to."""
    (tmp_path / "a file").write_text("")
    for kept in ("off", str(tmp_path / "a file" / "progress.jsonl")):
        monkeypatch.setenv("ATTNKIT_PROGRESS", kept)
        assert not predictions.write(NAME, f"a guess: {kept}")
        assert predictions.read(NAME) == f"a guess: {kept}"
    monkeypatch.setenv("ATTNKIT_PICTURES", "off")
    predictions.predict(NAME, "What is the spread?")
    assert capsys.readouterr().out.startswith("What is the spread?")
    predictions.write(NAME, "x" * 20_000)
    assert len(predictions.read(NAME)) == predictions.MOST_LETTERS


@pytest.mark.parametrize("name", ["", "../L4", "L4/spread", "L4 spread", "L4.", ".L4"])
def test_a_name_leads_to_no_other_folder(name: str) -> None:
    with pytest.raises(ValueError, match="is called like"):
        predictions.write(name, "")
