"""A slip is a right answer with a line or two changed: the lines meant, and no others."""

from __future__ import annotations

import pytest

from autograder.authoring.slips import with_slip

SOURCE = """def f(x_T, mask):
    total = 0
    for x in x_T:
        if mask is not None:
            total += x

    return total / len(x_T)
"""


def changed(*pairs: tuple[str, str]) -> list[tuple[str, str]]:
    """The lines that a slip took out and put in."""
    old, new = SOURCE.split("\n"), with_slip(SOURCE, pairs).split("\n")
    gone = [line for line in old if line not in new]
    return [(line, "-") for line in gone] + [(line, "+") for line in new if line not in old]


def test_a_part_of_a_line_a_line_and_nothing_at_all() -> None:
    assert changed(("len(x_T)", "2")) == [
        ("    return total / len(x_T)", "-"),
        ("    return total / 2", "+"),
    ]
    assert changed(("total += x", "total -= x"))[1] == ("            total -= x", "+")
    assert changed(("total = 0", "")) == [("    total = 0", "-")]


def test_a_text_begins_and_ends_with_whole_words() -> None:
    """`x` stands in `x_T` and in `max` as well, and none of them is meant."""
    with pytest.raises(ValueError, match=r"`x` occurs 2 times: give more of it"):
        with_slip(SOURCE, [("x", "y")])
    with pytest.raises(ValueError, match="`x_` does not occur"):
        with_slip(SOURCE, [("x_", "y_")])
    assert changed(("x_T:", "x_T[1:]:"))[1] == ("    for x in x_T[1:]:", "+")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("if mask is not None:\n    total += x", "total += x\ntotal += mask"),
        (
            """
            if mask is not None:
                total += x
            """,
            """
            total += x
            total += mask
            """,
        ),
        (
            """if mask is not None:
                total += x""",
            """total += x
            total += mask""",
        ),
    ],
)
def test_several_lines_whatever_they_are_indented_by(old: str, new: str) -> None:
    assert "        total += x\n        total += mask\n\n" in with_slip(SOURCE, [(old, new)])


def test_one_line_may_become_several_that_stand_where_it_stood() -> None:
    made = with_slip(
        SOURCE,
        [
            (
                "total += x",
                """if x > 0:
                    total += x
                else:
                    total -= x""",
            )
        ],
    )
    assert "            if x > 0:\n                total += x\n            else:\n" in made


def test_several_places_are_all_looked_for_in_the_answer_as_it_was() -> None:
    made = with_slip(SOURCE, [("len(x_T)", "total = 0"), ("total = 0", "total = 1")])
    assert "total = 1" in made
    assert "return total / total = 0" in made
    with pytest.raises(ValueError, match="overlap"):
        with_slip(SOURCE, [("total / len(x_T)", "0"), ("len(x_T)", "1")])


def test_lines_that_stand_apart_are_not_taken_for_neighbours() -> None:
    with pytest.raises(ValueError, match=r"`total = 0` \(and 1 more lines\) does not occur"):
        with_slip(SOURCE, [("total = 0\nreturn total / len(x_T)", "pass")])
    with pytest.raises(ValueError, match="empty"):
        with_slip(SOURCE, [(" ", "pass")])
