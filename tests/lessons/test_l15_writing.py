"""Lesson 15's witnesses: its NumPy decoder is the trained one, and its text what was measured."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from attnkit import earlier
from attnkit.figures import draw_lines
from attnkit.measured import lesson_15_measures, lesson_15_table
from attnkit.writing.size import Size
from attnkit.writing.stepwise import untrained

from autograder.course import find_course
from tests.benchmarks.lesson_8_parts import functions_of

NAMES = {"parts", "network", "decoder", "read_word", "longest_copy"}


@pytest.fixture(scope="module")
def own() -> dict[str, Any]:
    """The lesson's answers and its given functions, with the course's own of lesson 7."""
    given = {name: earlier.the_courses(name) for name in ("layer_norm", "rope")}
    return functions_of("15_writing", NAMES, **given)


def test_the_lessons_decoder_is_the_kits_all_at_once_and_word_by_word(own: Any) -> None:
    """Protects that the learner's functions make the trained model, whose twin the kit's is."""
    model = untrained(Size(V=30, D=16, L=2, H=4, G=2, F=24))
    ids_BT = np.random.default_rng(3).integers(0, 30, (2, 9))
    right_BTV = np.stack([model.read(ids_T).z_TV for ids_T in ids_BT])
    np.testing.assert_allclose(own["decoder"](ids_BT, model), right_BTV, atol=1e-4)
    caches: Any = None
    for t in range(9):
        z_BV, caches = own["read_word"](ids_BT[:, t], caches, model)
        np.testing.assert_allclose(z_BV, right_BTV[:, t], atol=1e-4)
    assert caches[1]["k"].shape == (2, 2, 9, 4)


def test_the_longest_copy_is_found_wherever_it_stands(own: Any) -> None:
    corpus = "The plot is thin. I liked the music, though."
    assert own["longest_copy"]("We say: I liked the musical", corpus) == " I liked the music"
    assert own["longest_copy"]("nothing of this stands there", corpus) == ""


def test_curves_say_their_numbers_and_refuse_what_cannot_be_told_apart() -> None:
    canvas = draw_lines(
        {"anew": ([64, 1024], [2.0, 250.0]), "cache": ([64, 1024], [1.0, 1.5], [0.1, 0.1])},
        "one more word", x="words", logs=True, mark=(256, "so far"),
    )  # fmt: skip
    assert canvas.alt == "One more word: anew 2 at 64, 250 at 1024; cache 1 at 64, 1.5 at 1024."
    table = canvas.as_table()
    assert table is not None
    assert table.rows[1] == ("1,024", "250", "1.5 ± 0.1")
    for name in ("anew", "cache", "so far", "words"):
        assert name in canvas.svg()
    with pytest.raises(ValueError, match="can't be told apart"):
        draw_lines({}, "nothing")


def test_what_the_text_says_was_measured() -> None:
    """Protects the prose: its numbers are those of the measurement, rounded."""
    text = find_course().lesson("15_writing").source.read_text(encoding="utf-8")
    text = " ".join(text.replace("\n# ", " ").replace("**", "").split())
    told = lesson_15_measures()
    rows = {row["name"]: row for row in told["quality"]["rows"]}

    def gap(name: str) -> str:
        row = rows[name]
        more = "more" if row["gap"] > 0 else "less"
        return f"{abs(row['gap']):.3f} ± {row['gap_half']:.3f} {more}"

    assert f"draws level with counting: it needs {gap('decoder')}" in text
    assert abs(rows["decoder"]["gap"]) < rows["decoder"]["gap_half"]
    longer = rows["decoder, longer"]
    assert longer["steps"] == 4 * rows["decoder"]["steps"]
    assert longer["training bytes"] == rows["trigram, more text"]["training bytes"]
    assert f"the decoder is ahead: it needs {gap('decoder, longer')}" in text
    assert f"Without attention it is {gap('mean')}" in text
    assert f"sinusoids in place of RoPE it is {gap('sinusoids')}" in text
    assert f"of three times the text have {rows['trigram, more text']['bits']:.3f} bits" in text
    assert rows["mean"]["gap"] - rows["mean"]["gap_half"] > 0
    speed, places = told["speed"], told["places"]
    assert (speed["lengths"][-1], places["T"], places["place"][4]) == (1024, 64, 65)
    times = f"{speed['without'][-1]:,.0f} ms anew, {speed['with'][-1]:.1f} ms with the cache"
    assert f"at 1,024 words {times}" in text
    for name in ("sinusoids", "rope"):
        inside, behind, end = (f"{places[name][n]:.2f}" for n in (3, 4, 15))
        assert inside in text
        assert behind in text
        assert end in text
        assert places[name][15] > places[name][3] + 0.5


def test_the_table_shows_every_row_that_was_measured() -> None:
    html = lesson_15_table().to_html()
    assert html.count("±") >= 4
    assert "Measured on" in html
