"""Lesson 14b's witnesses: own headlines, its functions beside the kit's, its text as measured."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest
from attnkit.headlines import agreement
from attnkit.measured.projects import lesson_14_measures, lesson_14_table
from attnkit.projects import split_triples
from attnkit.projects.next_item import Events, at_a_date, questions, ranks
from attnkit.projects.own_headlines import agreement_with, for_a_neighbour, read_own

from autograder.authoring.lesson import read_lesson
from autograder.course import find_course

LESSON = read_lesson(find_course().lesson("14b").source)
OF_LESSON = LESSON.reference()
OWN = """
good | Ordell Bikes sells out
bad | Ordell Bikes recalls its bikes

neutral | Ordell Bikes shows its bikes
bad | Fennick loses a customer
neutral | Fennick writes to a customer
good | Fennick wins a customer
"""


# --- headlines of one's own -----------------------------------------------------------------------


def test_own_headlines_are_read_by_triple_and_handed_on_without_labels() -> None:
    frame = read_own(OWN)
    assert frame.label.tolist() == [1, -1, 0, -1, 0, 1]
    assert frame.triple.tolist() == [0, 0, 0, 1, 1, 1]
    told = for_a_neighbour(frame)
    lines = [line.partition(". ")[2] for line in told.splitlines()]
    assert sorted(lines) == sorted(frame.text)
    assert lines != frame.text.tolist()
    assert not re.search("good|bad|neutral", told)
    label = dict(zip(frame.text, frame.label, strict=True))
    words = {-1: "bad", 0: "neutral", 1: "good"}
    said = [words[label[text]] for text in lines]
    kappa, differ = agreement_with(frame, " ".join(said))
    assert kappa == 1
    assert differ.empty
    said[2] = "good" if said[2] != "good" else "bad"
    kappa, differ = agreement_with(frame, said)
    assert kappa == pytest.approx(0.75)
    assert differ.text.tolist() == [lines[2]]
    assert differ.neighbour.tolist() == [1 if said[2] == "good" else -1]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("fine | It rains", "'fine | It rains' is no label and headline"),
        ("good: It rains", "write good, bad or neutral, then |"),
        ("good |", "is no label and headline"),
        (OWN.replace("bad | Ordell", "good | Ordell"), "Lines 1 to 3 are no triple"),
        (OWN + "good | It rains", "Lines 7 to 9 are no triple"),
        (OWN.replace("shows its", "recalls its"), "comes twice"),
    ],
)
def test_what_is_wrong_with_own_headlines_is_said(text: str, says: str) -> None:
    with pytest.raises(ValueError, match=re.escape(says)):
        read_own(text)


@pytest.mark.parametrize("said", ["good bad", "good bad neutral good bad fine"])
def test_a_neighbour_has_to_answer_all(said: str) -> None:
    with pytest.raises(ValueError, match="There are 6 headlines, and"):
        agreement_with(read_own(OWN), said)


# --- the learner's functions beside the kit's -----------------------------------------------------


def test_the_learners_metric_and_the_kits_ranks_are_the_same() -> None:
    """Protects the table of section 4, in which both stand side by side."""
    rng = np.random.default_rng(14)
    item_N = rng.integers(1, 12, 60)
    events = Events(rng.integers(1, 7, 60), item_N, np.sort(rng.integers(0, 30, 60)), 12, ())
    asked = questions(events, 12)
    scores_BN = rng.integers(0, 4, (len(asked), 12)).astype(float)
    rank_B = ranks(scores_BN, asked)
    hr, ndcg = OF_LESSON["hit_ndcg"](scores_BN, list(asked.history), asked.target_B, 4)
    assert hr == pytest.approx((rank_B < 4).mean())
    assert ndcg == pytest.approx(((rank_B < 4) / np.log2(rank_B + 2)).mean())
    assert OF_LESSON["check_split"](at_a_date)


# --- what was measured ----------------------------------------------------------------------------


def prose() -> str:
    text = " ".join(cell.source for cell in LESSON.cells if cell.role == "prose")
    return re.sub(r"\s+", " ", text.replace("\n#", " ")).replace("**", "")


def span(three: list[float]) -> str:
    mean, low, high = three
    return f"{mean:.1f} % [{low:.1f}, {high:.1f}]"


def test_what_the_text_says_was_measured() -> None:
    """Protects the prose: its numbers are those of the measurement, rounded."""
    told, text = lesson_14_measures(), prose()
    desk, news, mood = told["desk"], told["news"]["test"], told["stream"]["mood"]
    films, real = (told[name]["ways"] for name in ("films", "movielens"))
    low, high = (f"{mood['MiniLM'][end]:.2f}".replace("-", "−") for end in (1, 2))
    for sentence in (
        f"Counted words find {desk['TF-IDF']['first'][0]} % of the answers, MiniLM "
        f"{desk['MiniLM']['first'][0]} %",
        f"{desk['MiniLM']['near let through'][0]} % of the near",
        f"{desk['TF-IDF']['near let through'][0]} % by counted words",
        f"{span(news['TF-IDF'])} by counted words, {span(news['MiniLM'])} by MiniLM",
        f"Over {told['stream']['years']} simulated years",
        f"at {mood['labels'][0]:.2f} by true labels, {mood['TF-IDF'][0]:.2f} by counted words and "
        f"{mood['MiniLM'][0]:.2f} [{low}, {high}] by MiniLM",
        f"{span(films['attention']['hit'])} by attention, "
        f"{span(films['last ten, neighbours']['hit'])} by neighbours",
        f"sees the taste gets {films['whoever sees the taste']['hit'][0]:.1f} %",
        f"{span(real['attention']['hit'])} by attention, "
        f"{span(real['last ten, neighbours']['hit'])} by neighbours",
    ):
        assert sentence in text, sentence


def test_what_the_text_concludes_is_true_of_the_numbers() -> None:
    """Protects the judgements: better only where intervals are apart, no gain where it says so."""
    told = lesson_14_measures()
    desk, news, mood = told["desk"], told["news"], told["stream"]["mood"]
    assert desk["MiniLM"]["first"][1] > desk["TF-IDF"]["first"][2]
    assert desk["MiniLM"]["far let through"][0] == 0
    assert news["test"]["MiniLM"][0] < news["test"]["TF-IDF"][0]
    assert all(by["by chance"] < 20 < 33 < by["by triple"] for by in news["within"].values())
    assert mood["labels"][1] > mood["TF-IDF"][2]
    assert mood["MiniLM"][1] < 0 < mood["MiniLM"][2]
    films = told["films"]["ways"]
    assert films["attention"]["hit"][1] > films["last ten, neighbours"]["hit"][2]
    real = told["movielens"]["ways"]
    assert real["attention"]["hit"][0] < real["last ten, neighbours"]["hit"][0]
    assert f"κ = {agreement(draws=200).kappa:.2f}" == "κ = 0.97"
    work, _ = split_triples()
    its = work.text.str.lower().str.split().map(lambda words: "its" in words)
    assert (work[its].label == 1).sum() == (work[its].label == -1).sum()


@pytest.mark.parametrize("which", ["desk", "news", "films", "movielens"])
def test_each_table_has_its_intervals(which: str) -> None:
    html: Any = lesson_14_table(which).to_html()
    assert html.count("[") >= 2
    assert "95 % interval" in html
