"""Names of emoji in English and Spanish: what stands on which side, the rival, and the count."""

from __future__ import annotations

import re

import numpy as np
import pytest
from attnkit import optional
from attnkit.across import emoji_names
from attnkit.across.dates import END, PAD, UNKNOWN, decode, encode
from attnkit.across.emoji_names import Names
from attnkit.across.emoji_pictures import base
from attnkit.measured.across import lesson_13_measures
from attnkit.measured.across_more import span
from attnkit.quiet import silence

from autograder.authoring.lesson import read_lesson
from autograder.course import find_course
from tests.benchmarks.lesson_13_pairs import once, unseen

with silence():
    import keras
    from attnkit.across.translator import Plan, Reader, Translator, train_on

installed = pytest.mark.skipif(
    bool(optional.missing(["emoji"])), reason="the extra across isn't installed"
)
FEW = Names(
    tuple("🐱🐶🦊🍋🍏🍎"),
    ("cat face", "dog face", "fox", "lemon", "green apple", "red apple"),
    ("cara de gato", "cara de perro", "zorro", "limón", "manzana verde", "manzana roja"),
)


def shifted(ids_BT: np.ndarray, start_id: int = 2) -> np.ndarray:
    return np.concatenate([np.full((len(ids_BT), 1), start_id), ids_BT[:, :-1]], axis=1)


@installed
def test_names_are_short_and_no_base_is_on_both_sides() -> None:
    names = emoji_names.load_names()
    assert len(names) > 1500
    assert names.spanish[names.english.index("lemon")] == "limón"
    assert max(map(len, names.english + names.spanish)) <= emoji_names.S
    assert not [name for name in names.english if ":" in name or "_" in name or "skin tone" in name]
    train, test = emoji_names.split(names, seed=0)
    assert len(test) == emoji_names.HELD_OUT
    assert not {base(each) for each in train.emoji} & {base(each) for each in test.emoji}
    assert emoji_names.split(names, seed=1)[1] != test


def test_answers_have_an_end_and_come_back() -> None:
    out = emoji_names.alphabets(FEW)[1] | {"a": 99, "h": 100, "c": 101, "i": 102}
    longest = "a" * emoji_names.S
    y_NT = emoji_names.encode_answers(["limón", longest, "zürich"], out)
    assert y_NT.shape == (3, emoji_names.T)
    assert y_NT[0, 5] == y_NT[1, -1] == END
    assert set(y_NT[0, 6:]) == {PAD}
    assert y_NT[2, 1] == UNKNOWN
    assert [decode(ids_T, out) for ids_T in y_NT] == ["limón", longest, "z?rich"]


def test_the_table_has_what_stands_together_most_often() -> None:
    table = emoji_names.word_table(FEW)
    assert {word: table[word] for word in ("apple", "fox", "green")} == {
        "apple": "manzana", "fox": "zorro", "green": "verde",
    }  # fmt: skip
    assert table["face"] in ("cara", "de")  # both stand in both names
    assert emoji_names.word_for_word(table, ["red fox", "red bat"]) == ["roja zorro", "roja bat"]


def test_words_count_in_any_order_and_each_once() -> None:
    assert emoji_names.words_right(["roja manzana"], ["manzana roja"]) == 1
    assert emoji_names.words_right(["de de de"], ["cara de gato"]) == pytest.approx(1 / 3)
    assert emoji_names.words_right(["cara de gato de oro"], ["gato"]) == pytest.approx(1 / 5)
    assert emoji_names.words_right(["", "limón"], ["zorro", "limón"]) == 0.5


def test_what_is_new_in_a_test_is_counted() -> None:
    assert unseen(["cat face", "fox"], ["fox face", "red fox"]) == 50
    assert once(["cat face", "dog face"]) == pytest.approx(66.7)


def test_without_the_package_a_sentence_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(emoji_names, "missing", lambda names: list(names))
    with pytest.raises(optional.NotInstalledError, match=r"pip install .*emoji"):
        emoji_names.load_names()


def test_the_translator_of_dates_learns_names_as_well() -> None:
    """Protects that sizes, places and letters belong to the pair, and are not those of dates."""
    ids, out = emoji_names.alphabets(FEW)
    keras.utils.set_random_seed(0)
    model = Translator(**emoji_names.sizes(ids, out), D=32, F=32)
    x_NS = encode(FEW.english, ids, emoji_names.S)
    y_NT = emoji_names.encode_answers(FEW.spanish, out)
    plan = Plan(steps=150, B=6, rate=1e-2)
    losses = train_on(model, x_NS, y_NT, shifted, plan, jit=False, keep=False)
    assert losses[-1] < 0.1 < losses[0]
    said = Reader(model, ids, FEW.english, out).translated()
    assert np.mean([mine == true for mine, true in zip(said, FEW.spanish, strict=True)]) > 0.8


# --- what was measured ----------------------------------------------------------------------------


def test_what_the_text_says_was_measured() -> None:
    """Protects the prose and the claim: its numbers, and each ordering in every training."""
    told = lesson_13_measures()["pairs"]
    lesson = read_lesson(find_course().lesson("13_across").source)
    text = " ".join(cell.source for cell in lesson.cells if cell.role == "prose")
    text = re.sub(r"\s+", " ", text.replace("\n#", " "))
    ours, table, learned = (told["ways"][way] for way in ("translator", "table", "learned"))
    became = dict(line[:2] for line in told["shown"][0]["wrong"])["statue of liberty"]
    for sentence in (
        f"in our first training *statue of liberty* became *{became}*",
        f"Of the new names {span(ours['exact'])} % are right, and {span(ours['words'])} % of the "
        f"words; the table gets {span(table['exact'])} and {span(table['words'])} %",
        f"Of names that it learned from, {span(learned['exact'])} % are right",
        f"{span(told['unseen']['english'])} % of the new names have an English word",
        f"{span(told['once'])} % of the English words stand in a single name",
    ):
        assert sentence in text, sentence
    assert told["steps"] == Plan().steps  # what the lesson's cell trains by
    for key in ("exact", "words"):
        assert max(ours[key]) < min(table[key])
        assert min(learned[key]) > max(table[key])
