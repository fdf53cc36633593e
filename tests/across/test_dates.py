"""Lesson 13's dates and its translator: what is written, what is read, and that it learns."""

from __future__ import annotations

import datetime
import re

import numpy as np
import pytest
from attnkit import optional
from attnkit.across import dates
from attnkit.optional import NotInstalledError
from attnkit.quiet import silence

from tests.benchmarks.lesson_13_dates import fields

with silence():
    import keras
    from attnkit.across.translator import Plan, Reader, Translator, right, train


def shifted(ids_BT: np.ndarray, start_id: int = 2) -> np.ndarray:
    return np.concatenate([np.full((len(ids_BT), 1), start_id), ids_BT[:, :-1]], axis=1)


# --- dates ----------------------------------------------------------------------------------------


def test_no_day_stands_in_two_parts_and_the_draw_is_the_same() -> None:
    parts = dates.made(1200, seed=1)
    assert [len(part) for part in (parts.train, parts.validation, parts.test)] == [1000, 100, 100]
    days = parts.train.iso + parts.validation.iso + parts.test.iso
    assert len(set(days)) == 1200
    assert dates.made(1200, seed=1) == parts
    assert dates.made(1200, seed=2).train.iso != parts.train.iso


def test_every_written_date_can_be_read_in_one_way_only() -> None:
    """Protects the task: the day stands first, or the month is a word; the year has four digits."""
    for locale in dates.LOCALES:
        for form in dates.FORMS:
            text = dates.write(datetime.date(1987, 3, 4), form, locale)
            numbers = re.findall(r"\d+", text)
            if len(numbers) == 3:
                assert [int(number) for number in numbers] == [4, 3, 1987], (locale, form)
            else:
                assert sorted(map(int, numbers)) == [4, 1987], (locale, form)
            assert len(text) <= dates.S


def test_ids_there_and_back() -> None:
    ids = dates.letters(["3 mars 1987"])
    assert min(ids.values()) == dates.FIRST
    x_NS = dates.encode(["3  Mars 1987", "3 mxrs"], ids, length=12)
    assert x_NS[0].tolist()[-1] == dates.PAD
    assert (x_NS[1] == dates.UNKNOWN).sum() == 1
    y_NT = dates.encode_iso(["1987-03-04"])
    assert y_NT.shape == (1, dates.T)
    assert dates.decode_iso(y_NT[0]) == "1987-03-04"
    assert dates.decode_iso([5, 1, 3, 6]) == "0?"


def test_without_babel_a_sentence_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dates, "missing", lambda names: list(names))
    with pytest.raises(NotInstalledError, match="pip install") as told:
        dates.made()
    assert optional.INSTALL_ACROSS in str(told.value)


@pytest.mark.parametrize(
    ("written", "day", "month"),
    [
        ("tuesday, march 3, 1987", "3", "march"),
        ("3 de março de 1987", "3", "março"),
        ("wtorek, 3 marca 1987", "3", "marca"),
        ("3. 12. 1987", "3", "12"),
        ("mar 3, 1987", "3", "mar"),
        ("terça-feira, 3 de dez. de 1987", "3", "dez"),
    ],
)
def test_the_fields_of_a_date_are_found(written: str, day: str, month: str) -> None:
    """Protects the measured weights: what counts as the day, the month and the year of a date."""
    marked = fields(written)
    for name, text in {"day": day, "month": month, "year": "1987"}.items():
        assert "".join(c for c, f in zip(written, marked, strict=True) if f == name) == text


# --- the translator -------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def tiny() -> tuple[Translator, dict[str, int], dates.Dates]:
    """A translator that has learned sixteen dates of one locale by heart."""
    days = [datetime.date(1950 + n, 1 + n % 12, 1 + n) for n in range(16)]
    some = dates.Dates(
        [dates.write(day, "long", "de") for day in days], [day.isoformat() for day in days],
        ["de"] * 16,
    )  # fmt: skip
    ids = dates.letters(some.written)
    keras.utils.set_random_seed(0)
    model = Translator(4 + len(ids), D=32, F=32)
    plan = Plan(steps=150, B=16, rate=1e-2)
    losses = train(model, some, ids, shifted, plan, jit=False, keep=False)
    assert losses[-1] < 0.1 < losses[0]
    return model, ids, some


def test_it_learns_and_writes_what_it_has_learned(
    tiny: tuple[Translator, dict[str, int], dates.Dates],
) -> None:
    model, ids, some = tiny
    calls = []

    def decode(step, B, max_len):  # type: ignore[no-untyped-def]
        ids_BS = np.full((B, 1), 2)
        for _ in range(max_len):
            calls.append(ids_BS.shape)
            ids_BS = np.concatenate([ids_BS, step(ids_BS).argmax(axis=1)[:, None]], axis=1)
        return ids_BS[:, 1:]

    assert right(model, ids, some, decode, most=10).mean() > 0.9
    assert calls[0] == (10, 1)
    assert calls[-1] == (6, dates.T)
    assert Reader(model, ids, some.written).translated() == Reader(
        model, ids, some.written
    ).translated(decode)


def test_the_future_and_the_pads_are_not_read(
    tiny: tuple[Translator, dict[str, int], dates.Dates],
) -> None:
    model, ids, some = tiny
    x_NS, y_NT = dates.encode(some.written, ids), shifted(dates.encode_iso(some.iso))
    z_NTC = np.asarray(model([x_NS, y_NT]))
    other_NT = y_NT.copy()
    other_NT[:, 6:] = 5
    gap_T = np.abs(np.asarray(model([x_NS, other_NT])) - z_NTC).max(axis=(0, 2))
    assert gap_T[:6].max() < 1e-4 < gap_T[6:].min()
    longest = max(map(len, some.written))
    cut_NTC = np.asarray(model([x_NS[:, :longest], y_NT]))
    np.testing.assert_allclose(cut_NTC, z_NTC, atol=1e-4)


def test_a_readers_sides_are_what_the_translator_attends_with(
    tiny: tuple[Translator, dict[str, int], dates.Dates],
) -> None:
    """Protects the map of the lesson: NumPy with these arrays gives the translator's weights."""
    model, ids, some = tiny
    reader = Reader(model, ids, some.written[:1])
    y_BTD, x_BSD, matrices = reader.sides(some.iso[:1])
    K = y_BTD.shape[-1]
    e_TS = (y_BTD[0] @ matrices["Wq_DD"]) @ (x_BSD[0] @ matrices["Wk_DD"]).T / K**0.5
    e_TS = np.where(reader.mask_BS[0], e_TS, -np.inf)
    w_TS = np.exp(e_TS - e_TS.max(axis=1, keepdims=True))
    w_TS /= w_TS.sum(axis=1, keepdims=True)
    np.testing.assert_allclose(reader.weights(some.iso[:1]), w_TS, atol=1e-4)
    assert list(matrices) == ["Wq_DD", "Wk_DD", "Wv_DD", "Wo_DD"]
