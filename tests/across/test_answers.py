"""Made-up facts and a model that points at answers; reviews cut into sentences and summed up."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from attnkit.across import facts, summaries
from attnkit.across.pooled import Pooled
from attnkit.quiet import silence

with silence():
    from attnkit.across import naming, reading

WORDS = {number: word for word, number in facts.vocabulary().items()}


def said(ids: Any) -> list[str]:
    return [WORDS[int(n)] for n in ids if n]


# --- facts ----------------------------------------------------------------------------------------


def test_the_answer_is_the_place_of_the_person_and_the_matter_that_are_asked_for() -> None:
    stories = facts.make_stories(200, facts.KNOWN, seed=3)
    for row in range(200):
        words, asked = said(stories.ids_NS[row]), said(stories.asked_NT[row])
        i, j = stories.start_N[row], stories.end_N[row]
        assert " ".join(words[i : j + 1]) in facts.PLACES
        number = stories.sentence_NS[row, i]
        sentence = [w for w, n in zip(words, stories.sentence_NS[row], strict=False) if n == number]
        kind = "live" if "live" in asked else "work"
        assert asked[2] in sentence
        ways = {way.format(n=asked[2], p=" ".join(words[i : j + 1])) for way in facts.SAYS[kind]}
        assert " ".join(sentence) in ways


def test_nobody_who_is_held_out_is_met_in_training() -> None:
    assert not set(facts.KNOWN) & set(facts.HELD_OUT)
    assert len(facts.KNOWN) + len(facts.HELD_OUT) == len(facts.NAMES) == len(set(facts.NAMES))
    stories = facts.make_stories(100, facts.KNOWN, seed=0)
    assert not {w for row in stories.ids_NS for w in said(row)} & set(facts.HELD_OUT)


def test_the_longest_story_fits() -> None:
    longest = max(len(way.format(n="Ana", p="Rio de Janeiro").split())
                  for some in facts.SAYS.values() for way in some)  # fmt: skip
    assert facts.MOST * longest <= facts.LONGEST


def test_a_typed_story_is_read_as_a_made_one() -> None:
    ids = facts.vocabulary()
    typed = facts.read("Ana lives in New York. In Oslo works Ben.", "Where does Ben work?", ids)
    assert said(typed.ids_NS[0]) == [
        "Ana",
        "lives",
        "in",
        "New",
        "York",
        ".",
        "in",
        "Oslo",
        "works",
        "Ben",
        ".",
    ]
    assert said(typed.asked_NT[0]) == ["where", "does", "Ben", "work", "?"]
    assert typed.sentence_NS[0, :11].tolist() == [1] * 6 + [2] * 5
    with pytest.raises(ValueError, match="a question has 1 to 5 words"):
        facts.read("Ana lives in Oslo .", "and where does Ana live now ?", ids)
    with pytest.raises(ValueError, match="a story has 1 to"):
        facts.read("so " * 99, "where does Ana live ?", ids)


# --- the reader -----------------------------------------------------------------------------------


def test_a_reader_is_built_and_looks_past_pads() -> None:
    model = reading.Reader(reading.Plan(D=8, H=2))
    story, question = "Ana lives in Oslo . Ben works in Rome .", "where does Ana live ?"
    some = facts.read(story, question, facts.vocabulary())
    start_NS, end_NS = reading.point(model, some)
    assert start_NS.shape == end_NS.shape == (1, facts.LONGEST)
    w_HST = reading.asked_for(model, some)[0]
    np.testing.assert_allclose(w_HST.sum(axis=-1), 1, rtol=1e-5)
    shorter = facts.read(story, "where does Ana", facts.vocabulary())
    assert reading.asked_for(model, shorter)[0, :, :, 3:].max() < 1e-6


def test_equal_words_begin_by_finding_each_other() -> None:
    """Protects what lets a reader match names that it has never met."""
    model = reading.Reader(reading.Plan(D=48, H=4))
    story = f"{facts.HELD_OUT[0]} lives in Oslo . {facts.HELD_OUT[1]} works in Rome ."
    question = f"where does {facts.HELD_OUT[1]} live ?"
    w_ST = reading.asked_for(model, facts.read(story, question, facts.vocabulary()))[0].mean(axis=0)
    assert w_ST[5, 2] > 0.5 > w_ST[0, 2]


# --- names and pictures ---------------------------------------------------------------------------


def test_a_rank_counts_those_that_are_more_alike() -> None:
    a = np.eye(3)
    b = np.array([[1.0, 0, 0], [0.9, 0.1, 0], [0, 0, 1.0]])
    assert naming.ranks(a, b).tolist() == [0, 0, 0]
    assert naming.ranks(b, a).tolist() == [0, 1, 0]


def test_pairs_learn_to_find_each_other() -> None:
    rng = np.random.default_rng(5)
    x_NTF = rng.normal(size=(64, 3, 6)).astype(np.float32)
    name_NV = x_NTF.mean(axis=1) @ rng.normal(size=(6, 9)).astype(np.float32)
    plan = naming.Plan(steps=60, B=32, D=8, K=8, H=2, lost=0.0, rate=1e-2)
    model = naming.learn_names(x_NTF, name_NV, plan)
    picture_NK, name_NK = naming.vectors(model, x_NTF, name_NV)
    np.testing.assert_allclose(np.linalg.norm(picture_NK, axis=1), 1, rtol=1e-3)
    assert np.mean(naming.ranks(name_NK, picture_NK) < 8) > 0.5


# --- summaries ------------------------------------------------------------------------------------


def test_a_review_is_cut_where_sentences_end() -> None:
    review = "I saw it twice. Why? It was great fun!<br /><br />The cast (all of it) is fine."
    assert summaries.sentences_of(review) == [
        "I saw it twice. Why?", "It was great fun!", "The cast (all of it) is fine.",
    ]  # fmt: skip


def test_reviews_are_drawn_the_same_each_time() -> None:
    some = summaries.load("validation", 30)
    assert len(some.sentences) == len(some.y_N) == 30
    assert all(summaries.FEWEST <= len(each) <= summaries.MOST for each in some.sentences)
    assert summaries.load("validation", 30).sentences == some.sentences
    assert [len(words_T) for words_T in some.words] == [len(each) for each in some.sentences]


def test_a_verdict_stays_and_turns_as_the_sentences_say() -> None:
    params = {"W": np.eye(1), "b": np.zeros(1), "u": np.zeros(1), "c": np.ones(1),
              "bias": np.full(1, -0.01)}  # fmt: skip
    model = Pooled(params, np.zeros(1), np.ones(1), mean=True)
    x_NTF = np.array([[[3.0], [-0.5], [-0.4]], [[1.0], [2.0], [0.0]]])
    mask_NT = np.array([[True, True, True], [True, True, False]])
    score = summaries.scores(model, x_NTF, mask_NT)
    assert score["share"][0].argmax() == 0
    assert score["first"][0].argmax() == 0
    assert score["last"][0].argmax() == 2
    kept_NT = summaries.chosen([[0], [0, 1]], mask_NT)
    found = summaries.what_stays(model, x_NTF, mask_NT, kept_NT)
    assert found["stays"].tolist() == [True, True]
    assert found["turns"].tolist() == [True, True]  # nothing is left of the second: the bias speaks
    kept_NT = summaries.chosen([[1], [0]], mask_NT)
    found = summaries.what_stays(model, x_NTF, mask_NT, kept_NT)
    assert found["stays"].tolist() == [False, True]
    assert found["turns"].tolist() == [False, False]


def test_a_summary_is_what_extract_keeps_of_each_review() -> None:
    reviews = summaries.Reviews(
        (("one two", "three", "four"), ("five six", "seven")), np.zeros(2, int)
    )

    def extract(score_T: Any, words_T: Any, budget: int) -> list[int]:
        assert len(score_T) == len(words_T)
        assert budget == 2
        return [int(np.argmax(score_T))]

    score_NT = np.array([[0.1, 0.9, 0.2], [0.5, 0.4, 99.0]])  # the last of row 2 is no sentence
    assert summaries.summarise(extract, score_NT, reviews, 2) == [[1], [0]]
