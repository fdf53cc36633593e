"""What lesson 13 says of sounds, names, answers and summaries is what was measured of them."""

from __future__ import annotations

import re
from typing import Any

import pytest
from attnkit.measured.across import lesson_13_measures, lesson_13_table
from attnkit.measured.across_more import more_claims, more_tables, span

from autograder.authoring.lesson import read_lesson
from autograder.course import find_course


@pytest.fixture(scope="module")
def told() -> dict[str, Any]:
    return lesson_13_measures()


def prose() -> str:
    lesson = read_lesson(find_course().lesson("13_across").source)
    text = " ".join(cell.source for cell in lesson.cells if cell.role == "prose")
    return re.sub(r"\s+", " ", text.replace("\n#", " ")).replace("**", "")


def test_what_the_text_says_was_measured(told: dict[str, Any]) -> None:
    """Protects the prose: its numbers are those of the measurement."""
    text, sound, chosen = prose(), told["sound"]["models"], told["summaries"]["ways"]
    seen, people = told["names"]["ways"], told["spans"]["people"]
    for sentence in (
        f"attention gets {span(sound['attention']['right'])} % right, the mean "
        f"{span(sound['mean']['right'])} %, and the top frame lies in the chirp in "
        f"{span(sound['attention']['top'])} %",
        f"By patches {span(seen['patches']['R@1'])} % of the names find their picture first and "
        f"{span(seen['patches']['R@10'])} % among the first ten; by counted colours "
        f"{span(seen['colours']['R@1'])} % and {span(seen['colours']['R@10'])} %",
        f"Of people it has met {span(people['known']['right'])} % are answered for rightly, of "
        f"others {span(people['held out']['right'])} %",
        f"with ends chosen by themselves it's {span(people['held out']['separately'])} %",
        f"By weight the verdict stays in {span(chosen['weight']['stays'])} %, by chance in "
        f"{span(chosen['random']['stays'])} %",
        f"{span(told['summaries']['right']['attention'])} % right, where the plain mean over "
        f"sentences gets {span(told['summaries']['right']['mean'])} %",
        f"{told['names']['pairs'] - told['names']['tested']:,} pairs",
    ):
        assert sentence in text, sentence


def test_the_claims_are_judged_as_the_numbers_are(told: dict[str, Any]) -> None:
    """Protects what "may be said": each ordering holds in every training."""
    attention, mean = (told["sound"]["models"][name] for name in ("attention", "mean"))
    assert min(attention["right"]) > max(mean["right"])
    assert min(attention["top"]) > 80
    assert min(mean["by loudness"]["-1"]) > 98
    assert max(attention["by loudness"]["-11"]) < 70
    seen = told["names"]["ways"]
    assert min(seen["patches"]["R@1"]) > 2  # in percent, by chance 0.5
    assert sum(seen["colours"]["R@1"]) >= sum(seen["patches"]["R@1"])
    people = told["spans"]["people"]
    met, not_met = people["known"]["right"], people["held out"]["right"]
    assert all(known > other for known, other in zip(met, not_met, strict=True))
    for row in people.values():
        assert all(
            best >= apart for best, apart in zip(row["right"], row["separately"], strict=True)
        )
    chosen, right = told["summaries"]["ways"], told["summaries"]["right"]
    assert min(chosen["weight"]["stays"]) > 15 + max(chosen["random"]["stays"])
    assert min(chosen["share"]["stays"]) > 99
    assert min(chosen["weight"]["judge"]) > max(chosen["random"]["judge"])
    assert abs(sum(chosen["weight"]["judge"]) - sum(chosen["last"]["judge"])) / 3 < 2
    assert max(right["attention"]) < min(right["mean"])


def test_every_part_has_its_table_and_three_trainings(told: dict[str, Any]) -> None:
    for which in more_tables:
        html = lesson_13_table(which).to_html()
        assert "Measured on" in html
        assert " to " in html
    assert len(more_claims(told)) == 4
    assert all(len(row["right"]) == 3 for row in told["sound"]["models"].values())
    assert told["summaries"]["tested"] == 1000
