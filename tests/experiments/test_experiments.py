"""The four experiments without a browser: what is shown, kept and made up."""

from __future__ import annotations

import sys
from collections import Counter
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from attnkit.experiments import cueing, lab, n_back, recall, search
from attnkit.experiments.keeping import (
    NAMES,
    delete_trials,
    experiment,
    keep_rows,
    own_trials,
    trials_file,
    trials_of,
)
from attnkit.experiments.lab import Run, bundles, read_answer
from attnkit.experiments.others import recalls_of_others
from attnkit.experiments.screens import ORANGE, Answer
from attnkit.optional import NotInstalledError

MESSAGE = {"trial": 0, "said": "yes", "seconds": 0.61234, "words": [], "frame": 16.67}


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("ATTNKIT_PROGRESS", str(tmp_path / "own" / "progress.jsonl"))
    return tmp_path / "own" / "experiments"


def means(trials: pd.DataFrame, by: list[str]) -> Any:
    return trials[trials.correct].groupby(by).rt.mean()


# --- what is shown --------------------------------------------------------------------------------


def test_search_shows_each_kind_and_number_with_a_target_half_of_the_time() -> None:
    trials = search.plan(np.random.default_rng(0), repeats=2)
    cells = Counter((t.known["kind"], t.known["items"], t.known["target"]) for t in trials)
    assert set(cells.values()) == {2}
    assert len(cells) == 16
    for trial in trials:
        picture = trial.screens[-1].picture
        assert picture.count("<path") == trial.known["items"]
        ts = [part for part in picture.split("<path")[1:] if "M-9,-9H9" in part]
        orange = [part for part in ts if ORANGE in part]
        assert len(orange) == trial.known["target"]
        if trial.known["kind"] == "colour":
            assert picture.count(ORANGE) == trial.known["target"]
        else:
            assert 0.3 < picture.count(ORANGE) / trial.known["items"] < 0.8
        assert "aria-label" not in picture  # it would be the answer


def test_most_arrows_point_where_the_dot_comes() -> None:
    trials = cueing.plan(np.random.default_rng(0))
    cues = Counter(trial.known["cue"] for trial in trials)
    assert cues["valid"] / (cues["valid"] + cues["invalid"]) == 0.8  # as the lesson says
    for trial in trials:
        left = 'cx="81' in trial.screens[-1].picture
        assert left == (trial.known["side"] == "left")


@pytest.mark.parametrize("n", [1, 2, 3])
def test_targets_are_what_came_n_letters_ago_and_lures_nearly(n: int) -> None:
    for seed in range(20):
        run = n_back.letters(n, np.random.default_rng(seed))
        kinds = Counter(kind for _, kind in run)
        assert kinds["target"] == 12
        for at, (letter, kind) in enumerate(run):
            same = at >= n and run[at - n][0] == letter
            assert same == (kind == "target")
            near = {run[at - n + step][0] for step in (-1, 1) if 0 <= at - n + step < at}
            assert (letter in near) or kind != "lure"


def test_a_list_has_sixteen_other_words_and_both_delays() -> None:
    assert len(set(recall.WORDS)) == len(recall.WORDS) >= 2 * recall.T
    one, two = recall.plan(np.random.default_rng(0))
    assert {one.known["delay"], two.known["delay"]} == set(recall.DELAYS)
    assert len({*one.known["words"], *two.known["words"]}) == 2 * recall.T


def test_words_count_however_they_are_typed() -> None:
    answer = read_answer({"said": "", "words": [[" Apple ", 1.5], ["sofa", 2.25]], "seconds": None})
    assert answer is not None
    rows = recall.row({"delay": "none", "words": ["river", "apple"]}, answer)
    assert [(row["place"], row["output"]) for row in rows] == [(2, 1), (0, 2)]
    trials = pd.DataFrame([*rows, *recall.row({"delay": "none", "words": []}, Answer("", None))])
    assert recall.recalls(trials, "none") == [[2, 0], []]


# --- what is kept ---------------------------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
def test_a_trial_is_kept_at_once_and_can_be_deleted(name: str, folder: Path) -> None:
    run = Run(name, np.random.default_rng(1))
    run.begin()
    assert run.take({**MESSAGE, "words": [['a, b\n"c"', 3.5]]})
    own = own_trials(name)
    assert len(own) == 1
    assert list(own) == ["session", "frame", *experiment(name).COLUMNS]
    assert own.frame[0] == 16.7
    (folder / f"{name}.csv").open("ab").write(b"torn,li")
    assert run.take({**MESSAGE, "trial": 1, "said": ""})
    assert len(own_trials(name)) == 2
    assert (folder / f"{name}.csv").stat().st_mode & 0o077 == 0  # for its owner alone
    delete_trials(name)
    assert not (folder / f"{name}.csv").exists()
    assert own_trials(name).empty
    delete_trials()


@pytest.mark.parametrize(
    "wrong",
    [{}, {"trial": 99}, {"trial": True}, {"said": 3}, {"words": "apple"}, {"trial": "0"}],
)
def test_a_message_that_is_no_trial_keeps_nothing(wrong: dict[str, Any], folder: Path) -> None:
    run = Run("search", np.random.default_rng(1))
    run.begin()
    assert not run.take({**MESSAGE, **wrong} if wrong else {})
    assert not folder.exists()
    assert run.take({**MESSAGE, "seconds": float("nan"), "frame": None})
    assert own_trials("search").rt.isna().all()


def test_one_s_own_trials_count_where_they_are_enough(
    capsys: pytest.CaptureFixture[str],
) -> None:
    made_up = trials_of("search")
    assert "made-up person, as you haven't taken part" in capsys.readouterr().out
    rows = [
        {"session": f"2026-03-0{day}T10:00:00+00:00", "frame": 16.7, **row}
        for day in (1, 2)
        for row in made_up.to_dict("records")
    ]
    assert keep_rows("search", rows[:9])
    trials_of("search")
    assert "9 rows of your own, too few" in capsys.readouterr().out
    assert keep_rows("search", rows[9:])
    own = trials_of("search")
    assert capsys.readouterr().out == f"Your own trials: {len(rows)} rows, of 2 days.\n"
    pd.testing.assert_frame_equal(
        own[list(made_up)].iloc[: len(made_up)], made_up, check_dtype=False
    )


def test_nothing_is_kept_where_progress_is_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ATTNKIT_PROGRESS", "off")
    run = Run("search", np.random.default_rng(1))
    run.begin()
    assert not run.take(MESSAGE)
    assert trials_file("search") is None
    assert own_trials("search").empty


def test_the_widget_plans_keeps_and_deletes() -> None:
    widget = lab.lab("search", np.random.default_rng(2))
    told = widget._msg_callbacks.callbacks[-1]
    told(widget, {"do": "begin"}, [])
    assert len(widget.plan) == 48
    told(widget, MESSAGE, [])
    assert (widget.kept, len(own_trials("search"))) == (1, 1)
    told(widget, {"do": "delete"}, [])
    assert (widget.kept, len(own_trials("search"))) == (0, 0)


def test_without_anywidget_a_sentence_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "anywidget", None)
    lab._kind.cache_clear()
    (plain,) = bundles("cueing")
    lab._kind.cache_clear()
    assert plain["text/plain"] == f"Cueing. {lab.NO_BROWSER}"


def test_without_a_kernel_it_is_a_sentence_too() -> None:
    still, live = bundles("cueing")
    assert "You needn't" in still["text/plain"]
    assert "application/vnd.jupyter.widget-view+json" in live


def test_a_missing_psifr_costs_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    from attnkit.experiments import others

    recalls_of_others.cache_clear()
    monkeypatch.setattr(others, "missing", lambda names: list(names))
    with pytest.raises(NotInstalledError, match=r"psifr, which isn't .* extra `people`"):
        recalls_of_others("PEERS")


# --- made-up people -------------------------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
def test_made_up_people_hang_on_the_seed_alone_and_are_enough(name: str) -> None:
    module = experiment(name)
    one, two, three = (
        module.simulate(module.Params(), np.random.default_rng(seed)) for seed in (1, 1, 2)
    )
    pd.testing.assert_frame_equal(one, two)
    assert not one.equals(three)
    assert list(one) == list(module.COLUMNS)
    assert module.enough(one)
    assert not module.enough(one.iloc[:1])


def test_made_up_people_are_as_their_parameters_say() -> None:
    rng = np.random.default_rng(3)
    trials = search.simulate(search.Params(repeats=60), rng)
    times = means(trials[trials.target], ["kind", "items"])
    for kind, per_item in zip(search.KINDS, search.Params().per_item, strict=True):
        slope = np.polyfit(search.SIZES, [times[kind, n] for n in search.SIZES], 1)[0]
        assert slope == pytest.approx(per_item, abs=0.003)
    cues = means(cueing.simulate(cueing.Params(counts=(900, 900, 900)), rng), ["cue"])
    assert cues["valid"] < cues["neutral"] < cues["invalid"]
    letters = n_back.simulate(n_back.Params(length=400), rng)
    hits = letters[letters.kind == "target"].groupby("n").correct.mean()
    alarms = letters[letters.kind == "other"].groupby("n").correct.mean()
    assert (hits + alarms).is_monotonic_decreasing  # the larger n, the harder
    lists = recall.simulate(recall.Params(lists=100), rng)
    last = {d: np.mean([16 in r for r in recall.recalls(lists, d)]) for d in recall.DELAYS}
    assert last["none"] > last["sums"] + 0.3  # recency, which a delay takes away
    onwards = Counter(b - a for r in recall.recalls(lists, "none") for a, b in pairwise(r))
    assert onwards[1] > onwards[-1] > onwards[-3]
