"""A slip is a right answer with a line or two changed: the lines meant, and no others."""

from __future__ import annotations

import pytest

from autograder.authoring.slips import read_slip, with_slip

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


@pytest.mark.parametrize("step", ["", "    "])
def test_several_lines_whatever_they_are_indented_by(step: str) -> None:
    old = f"{step}if mask is not None:\n{step}    total += x"
    new = f"{step}total += x\n{step}total += mask"
    assert "        total += x\n        total += mask\n\n" in with_slip(SOURCE, [(old, new)])


def test_one_line_may_become_several_that_stand_where_it_stood() -> None:
    new = "if x > 0:\n    total += x\nelse:\n    total -= x"
    made = with_slip(SOURCE, [("total += x", new)])
    assert "            if x > 0:\n                total += x\n            else:\n" in made


def test_a_slips_text_is_its_id_a_diff_and_the_sentence() -> None:
    slip = read_slip("""counts-from-one
        - total = 0
        + total = 1
        - if mask is not None:
        -     total += x
        +
        - len(x_T)
        You began at one - and went on:
        - like this.""")
    assert slip.name == "counts-from-one"
    assert slip.changes == (
        ("total = 0", "total = 1"),
        ("if mask is not None:\n    total += x", ""),
        ("len(x_T)", ""),
    )
    assert slip.message == "You began at one - and went on:\n- like this."


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "it needs its id, then what goes"),
        ("counts-from-one", "it needs its id, then what goes"),
        ("counts-from-one\nYou began at one.", "it needs its id, then what goes"),
        ("counts-from-one\n+ total = 1\nYou began at one.", r"begins with what comes \(\+\)"),
    ],
)
def test_a_slip_that_lacks_something_says_what(text: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        read_slip(text)


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
