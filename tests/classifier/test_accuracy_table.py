"""The table of accuracies can be trusted: what is held out is not in training, nor a copy of it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from attnkit.classifier import PRESETS

from tests.benchmarks import accuracy, held_out

WORDS = [f"word{i}" for i in range(400)]


def review(seed: int, length: int = 40) -> str:
    return " ".join(np.random.default_rng(seed).choice(WORDS, length))


def test_near_copies_are_one_group_and_others_are_not() -> None:
    original, other = review(1), review(2)
    texts = [original, other, f"Again: {original}", original.upper() + "!", review(3)]
    group = held_out.near_copies(np.array(texts, object))
    assert group[0] == group[2] == group[3]
    assert len({int(group[i]) for i in (0, 1, 4)}) == 3


def test_a_shared_phrase_makes_no_copy() -> None:
    phrase = "this is one of the best films of all time"
    texts = [f"{review(seed)} {phrase} {review(seed + 50)}" for seed in range(4)]
    group = held_out.near_copies(np.array(texts, object))
    assert len(set(group.tolist())) == 4


@pytest.mark.parametrize("together", [1, 60])
def test_folds_hold_each_review_once_and_both_labels_alike(together: int) -> None:
    labels = np.repeat([0, 1], [6_020, 5_980])
    fold = held_out.folds(labels, 10, together)
    assert set(fold.tolist()) == set(range(10))
    for number in range(10):
        for label in (0, 1):
            tenth = (labels == label).sum() / 10
            assert abs(((fold == number) & (labels == label)).sum() - tenth) <= together


def test_neighbours_stay_together_in_folds_by_film() -> None:
    labels = np.repeat([0, 1], 6_000)
    fold = held_out.folds(labels, 10, 60)
    assert (fold[1:] != fold[:-1]).sum() <= 200
    apart = held_out.folds(labels, 10)
    assert (apart[1:] != apart[:-1]).sum() > 9_000


def test_what_shares_names_with_a_held_out_review_does_not_train_by_film() -> None:
    names = ["morbius", "krazinsky", "peleponesia"]
    everyday = "the plot of this film is dull and its music is loud"
    texts = [f"{everyday} {' '.join(names)}", f"I liked {' '.join(reversed(names))}",
             f"{everyday} {names[0]} {names[1]}", *(everyday for _ in range(50))]  # fmt: skip
    held = np.arange(len(texts)) == 0
    data = held_out.Data(np.array(texts, object), np.zeros(53, np.int64), np.arange(53))
    assert np.flatnonzero(~held_out.training_of(data, held, by_film=True)).tolist() == [0, 1]
    assert np.flatnonzero(~held_out.training_of(data, held, by_film=False)).tolist() == [0]


def test_a_second_call_measures_only_what_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    seen: list[tuple[str, float]] = []

    def copies_apart(data: Any, train: Any, held: Any) -> None:
        assert not (train & held).any()
        assert not np.isin(data.group[train], data.group[held]).any()

    def baseline(data: Any, train: Any, held: Any, kind: str) -> dict[str, float]:
        copies_apart(data, train, held)
        seen.append((kind, float(held.sum())))
        return {"accuracy": 75.0}

    def attention(name: str, data: Any, train: Any, held: Any, config: Any) -> dict[str, float]:
        copies_apart(data, train, held)
        seen.append(("best", float(config.seed)))
        return {"accuracy": 80.0 + config.seed, "alone": 79.0}

    monkeypatch.setattr(accuracy, "baseline", baseline)
    monkeypatch.setattr(accuracy, "attention", attention)
    file = tmp_path / "accuracy.jsonl"

    def run(seeds: int) -> str:
        arguments = ["accuracy", "--data", "mr", "--seeds", str(seeds), "--results", str(file)]
        monkeypatch.setattr("sys.argv", arguments)
        accuracy.main()
        return capsys.readouterr().out

    run(1)
    assert [kind for kind, _ in seen] == [*accuracy.BASELINES, "best"]
    # a line cut short by a kill counts as not there
    whole = file.read_text(encoding="utf-8")
    file.write_text(whole[:-20], encoding="utf-8")
    seen.clear()
    told = run(2)
    assert [kind for kind, _ in seen] == ["best", *accuracy.BASELINES, "best"]
    assert "| best | 80.50 | 0.71 | 79.00 |  |  | 2 | 1,708 |" in told
    for line in file.read_text(encoding="utf-8").splitlines():
        json.loads(line)


def test_each_ingredient_is_one_change_to_the_preset() -> None:
    best = PRESETS["best"]
    rows = accuracy.ingredients(best)
    one = rows.pop("one model, all ingredients")
    assert one == best.replace(members=1, linear=False)
    for name, config in rows.items():
        changed = [key for key, value in config.to_json().items() if value != one.to_json()[key]]
        assert len(changed) == 1, name
