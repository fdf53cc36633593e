"""`explore` and its relatives: any function under sliders, mistakes named, numbers shown."""

import asyncio
import base64
import html
import io
import re
import subprocess
import sys
from collections.abc import Callable
from typing import Any, NoReturn
from xml.etree import ElementTree

import ipywidgets as widgets
import numpy as np
import numpy.typing as npt
import pytest
from attnkit import explore, knob
from attnkit.figures.attention import SUM_TOLERANCE, draw_attention, shades
from attnkit.figures.canvas import Pixels
from attnkit.panels import ExplorePanel, PicturePanel, softmax_panel
from attnkit.panels.base import REST_SECONDS
from PIL import Image
from scipy.special import softmax

Array = npt.NDArray[np.float64]

WORDS = ["the", "cat", "sat", "on", "the"]
KEYS = ["it", "<b>", "purred"]
SCORES_TS = np.random.default_rng(5).normal(size=(5, 3))
SVG = "{http://www.w3.org/2000/svg}"


def weights(tau: float = 1.0) -> Array:
    return softmax(SCORES_TS / tau, axis=-1)


def picture_of(panel: PicturePanel) -> str:
    return panel._picture.value


def svg_of(panel: PicturePanel) -> ElementTree.Element:
    [drawn] = re.findall(r"<svg.*</svg>", picture_of(panel))
    return ElementTree.fromstring(drawn)


def sentence_of(panel: PicturePanel) -> str:
    found = re.search(r"<p [^>]*>(.*?)</p>", picture_of(panel))
    return html.unescape(found[1]) if found else ""


def said_of(panel: PicturePanel) -> str:
    """What is told of its picture to those who don't see it."""
    assert panel._canvas is not None
    return panel._canvas.alt


def weights_of(panel: ExplorePanel) -> Array:
    assert panel.weights is not None
    return panel.weights


def texts_of(panel: PicturePanel) -> list[str]:
    return ["".join(text.itertext()) for text in svg_of(panel).iter(f"{SVG}text")]


def pixels_of(panel: PicturePanel) -> list[np.ndarray]:
    """The heat maps in the picture; the last image is the key's colour bar."""
    found = []
    for image in svg_of(panel).iter(f"{SVG}image"):
        data = base64.b64decode(image.attrib["href"].partition(",")[2])
        found.append(np.asarray(Image.open(io.BytesIO(data))))
    return found[:-1]


# --- true to the function ---


def test_the_picture_is_of_what_the_function_returns() -> None:
    panel = explore(weights, WORDS, keys=KEYS, tau=(0.25, 4.0, 0.25, 1.0))
    for tau in (1.0, 0.25):
        panel.set(tau=tau)
        np.testing.assert_allclose(weights_of(panel), weights(tau)[None])
        (pixels,) = pixels_of(panel)
        np.testing.assert_array_equal(pixels[..., :3], shades(weights(tau)))
        assert (pixels[..., 3] == 255).all()
        shown = texts_of(panel)
        assert all(f"{weight:.2f}" in shown for weight in weights(tau).ravel())


def test_more_attention_is_never_darker() -> None:
    light = shades(np.linspace(0, 1, 200)).astype(float) @ (0.2126, 0.7152, 0.0722)
    assert (np.diff(light) >= -1.0).all()  # a colour is rounded to whole numbers
    assert light[-1] - light[0] > 150


def test_heads_stand_side_by_side_and_may_change_in_number() -> None:
    x = np.random.default_rng(0).normal(size=(8, 5, 5))
    panel = explore(lambda heads: softmax(x[:heads], axis=-1), WORDS, heads=[1, 2, 4, 8])
    for heads in (8, 1, 4, 2):
        panel.set(heads=heads)
        assert len(pixels_of(panel)) == heads
        assert weights_of(panel).shape == (heads, 5, 5)


def test_a_pair_of_output_and_weights_is_understood() -> None:
    panel = explore(lambda tau: (SCORES_TS, weights(tau)), WORDS, keys=KEYS, tau=(0.5, 2.0))
    np.testing.assert_allclose(weights_of(panel)[0], weights(panel.params["tau"]))


def test_one_row_of_weights_has_no_list_of_queries() -> None:
    panel = explore(lambda tau: weights(tau)[0], KEYS, tau=(0.5, 2.0))
    assert "query" not in panel.params
    assert weights_of(panel).shape == (1, 1, 3)


def test_without_words_rows_are_numbered() -> None:
    panel = explore(weights, tau=(0.5, 2.0))
    panel.set(query=5)
    assert "Query “5”" in said_of(panel)


def test_the_chosen_query_is_the_one_in_words_and_bars() -> None:
    panel = explore(weights, WORDS, keys=KEYS, tau=(0.5, 2.0))
    panel.set(query=2)
    best = KEYS[int(weights(panel.params["tau"])[1].argmax())]
    assert f"Query “cat”: “{best}” {weights(panel.params['tau'])[1].max():.2f}" in said_of(panel)


def test_rows_that_are_heads_are_called_heads() -> None:
    names = [f"head {h + 1}" for h in range(len(WORDS))]
    panel = explore(weights, names, keys=KEYS, tau=(0.5, 2.0), each="head")
    panel.set(head=2)
    assert f"{len(WORDS)} heads over 3 keys. Head 2: " in said_of(panel)
    assert "query" not in said_of(panel).lower()
    assert "this head’s weights" in texts_of(panel)
    assert "head" in [getattr(w, "description", "") for w in widgets_in(panel.widget)]


def test_masked_cells_are_hatched_and_carry_no_number() -> None:
    masked = weights()
    masked[2] = [0, 1, 0]
    plain, some = draw_attention(weights(), WORDS, KEYS), draw_attention(masked, WORDS, KEYS)
    assert "exactly 0" not in plain.svg()
    assert "exactly 0" in some.svg()
    clear = next(mark.pixels[..., 3] == 0 for mark in some._marks if isinstance(mark, Pixels))
    np.testing.assert_array_equal(clear, masked == 0)  # paper of the page's theme shows through
    assert some.svg().count(">0.00<") == 0


def test_tables_hold_every_number() -> None:
    panel = explore(weights, WORDS, keys=KEYS, tau=(0.5, 2.0, 0.5, 1.0))
    assert panel._numbers.value == ""
    panel._as_table.value = True
    table = ElementTree.fromstring(panel._numbers.value)
    cells = [cell.text for cell in table.iter("td")]
    assert cells == [f"{weight:.3f}" for weight in weights().ravel()]
    panel.set(tau=0.5)
    cells = [cell.text for cell in ElementTree.fromstring(panel._numbers.value).iter("td")]
    assert cells == [f"{weight:.3f}" for weight in weights(0.5).ravel()]


# --- mistakes ---


def not_written(tau: float) -> NoReturn:
    raise NotImplementedError


def typo(tau: float) -> Any:
    return undefined_name / tau  # type: ignore[name-defined]  # noqa: F821


def calls(tau: float) -> Any:
    return typo(tau)


MISTAKES = [
    (not_written, "not_written is not written yet"),
    (typo, "typo stopped with NameError: .*undefined_name.*, at “return undefined"),
    (calls, "typo stopped with NameError"),
    (lambda tau: None, "gives nothing back"),
    (lambda tau: weights(tau).T, "queries and keys have changed places"),
    (lambda tau: weights(tau)[:, :2], r"shape \(5, 2\), but should end in \(5, 3\)"),
    (lambda tau: np.ones((2, 4, 5, 3)), "take one sentence of the batch"),
    (lambda tau: np.ones((5, 2, 3)), "the heads should be the first axis"),
    (lambda tau: "weights", "not an array of plain numbers"),
    (lambda tau: np.full((5, 3), np.nan), r"not finite \(nan or inf\): row 1 \(“the”\) and 4 more"),
    (lambda tau: weights(tau) - 0.3, "some weights are negative"),
    (lambda tau: 2 * weights(tau), "not every row adds up to 1: 2 in row 1"),
    (lambda tau: softmax(SCORES_TS, axis=0), "not every row adds up to 1"),
]


@pytest.mark.parametrize(("function", "says"), MISTAKES)
def test_a_mistake_is_named_in_one_sentence(
    function: Callable[..., Any], says: str, capfd: pytest.CaptureFixture[str]
) -> None:
    panel = explore(function, WORDS, keys=KEYS, tau=(0.5, 2.0))
    sentence = sentence_of(panel)
    assert re.search(says, sentence), sentence
    assert sentence.startswith("▲")
    assert sentence.endswith(".")
    assert panel.static().png().startswith(b"\x89PNG")
    assert capfd.readouterr() == ("", "")


def test_after_a_failure_the_last_good_picture_stays_greyed() -> None:
    def moody(tau: float) -> Array:
        if tau < 1:
            raise ValueError("too cold")
        return weights(tau)

    panel = explore(moody, WORDS, keys=KEYS, tau=(0.25, 4.0, 0.25, 1.0))
    good = pixels_of(panel)
    panel.set(tau=0.5)
    assert "ValueError: too cold" in sentence_of(panel)
    np.testing.assert_array_equal(pixels_of(panel), good)
    assert "grayscale" in picture_of(panel)
    panel.set(tau=2.0)
    assert sentence_of(panel) == ""
    assert "grayscale" not in picture_of(panel)


def test_the_rows_that_are_wrong_are_marked() -> None:
    wrong = weights()
    wrong[1] *= 0.5
    wrong[3, 0] = np.nan
    panel = explore(lambda tau: wrong, WORDS, keys=KEYS, tau=(0.5, 2.0))
    marks = [text for text in texts_of(panel) if text.startswith("▲")]
    assert marks == ["▲ Σ 0.5", "▲ Σ nan"]
    assert "nan" in texts_of(panel)


def test_a_sum_is_wrong_only_if_float16_cannot_excuse_it() -> None:
    half = softmax(np.random.default_rng(1).normal(size=(40, 40)) * 3, axis=-1).astype(np.float16)
    assert np.abs(half.astype(float).sum(axis=1) - 1).max() < SUM_TOLERANCE
    panel = explore(lambda tau: half, tau=(0.5, 2.0))
    assert sentence_of(panel) == ""


def test_the_ghost_goes_when_the_function_is_right() -> None:
    right = explore(weights, WORDS, keys=KEYS, ghost=weights, tau=(0.5, 2.0))
    wrong = explore(lambda tau: weights(1.5), WORDS, keys=KEYS, ghost=weights, tau=(0.5, 2.0))
    assert sentence_of(right).startswith("✓ weights does it")
    assert "as it should be" not in texts_of(right)
    assert "compare the dashed bars" in sentence_of(wrong)
    assert "as it should be" in texts_of(wrong)


# --- knobs ---


def test_every_kind_of_knob_reaches_the_function() -> None:
    seen = {}

    def function(**params: Any) -> Array:
        seen.update(params)
        return weights()

    panel = explore(
        function, WORDS, keys=KEYS, tau=(0.5, 2.0, 0.5), d_k=(1, 64), heads=[1, 2, 4],
        mask={"nothing": None, "causal": "tril"}, scale=True, text="a", own=knob(0, 9, label="x"),
    )  # fmt: skip
    panel.set(tau=1.5, d_k=7, heads=4, mask="tril", scale=False, text="a <dog>", own=3)
    assert seen == {
        "tau": 1.5, "d_k": 7, "heads": 4, "mask": "tril", "scale": False, "text": "a <dog>",
        "own": 3,
    }  # fmt: skip
    assert panel.params == {**seen, "query": 5}
    assert type(seen["d_k"]) is int


@pytest.mark.parametrize(
    ("params", "says"),
    [
        ({"tau": 9}, "tau cannot be 9: choose from 0.5 to 2"),
        ({"scale": 1}, "scale cannot be 1: choose True or False"),
        ({"heads": 3}, "heads cannot be 3: choose from 1, 2, 4"),
        ({"text": 3}, "text cannot be 3: choose a text"),
        ({"query": 6}, "query cannot be 6: choose from 1 to 5"),
    ],
)
def test_a_wrong_setting_is_refused(params: dict[str, Any], says: str) -> None:
    panel = explore(
        lambda **_: weights(), WORDS, keys=KEYS, tau=(0.5, 2.0), heads=[1, 2, 4], scale=True,
        text="a",
    )  # fmt: skip
    with pytest.raises(ValueError, match=re.escape(says)):
        panel.set(**params)


@pytest.mark.parametrize("given", [3, None, [], {}, (1,), (2, 1), (0, 1, -1), (0, 1, 0.5, 7)])
def test_what_cannot_be_a_knob_is_refused_in_one_sentence(given: object) -> None:
    with pytest.raises(ValueError, match="cannot") as caught:
        explore(weights, WORDS, keys=KEYS, tau=given)
    assert "\n" not in str(caught.value)


def test_every_control_has_a_name() -> None:
    panel = explore(
        lambda **_: weights(), WORDS, keys=KEYS, tau=(0.5, 2.0), d_k=(1, 64), heads=[1, 2, 4],
        many=list(range(20)), scale=True, text="a",
    )  # fmt: skip
    named = (
        widgets.BoundedFloatText | widgets.BoundedIntText | widgets.Checkbox | widgets.Dropdown
        | widgets.Text | widgets.ToggleButtons
    )  # fmt: skip
    found = [w for w in widgets_in(panel.widget) if isinstance(w, named)]
    names = [w.description for w in found]
    assert sorted(names) == sorted(
        ["tau", "d_k", "heads", "many", "scale", "text", "query, from the top", "show as a table"]
    )


def widgets_in(widget: widgets.Widget) -> list[widgets.Widget]:
    children = getattr(widget, "children", ())
    return [widget, *(inner for child in children for inner in widgets_in(child))]


# --- live ---


def test_each_change_writes_the_picture_once_and_the_rest_follows() -> None:
    async def drag() -> tuple[list[str], str, str]:
        panel = explore(weights, WORDS, keys=KEYS, tau=(0.25, 4.0, 0.25, 1.0))
        panel._as_table.value = True
        written: list[str] = []
        panel._picture.observe(lambda event: written.append(event["name"]))
        before = panel._words.value + panel._numbers.value
        panel._controls["tau"].value = 2.0
        moving = panel._words.value + panel._numbers.value
        await asyncio.sleep(REST_SECONDS + 0.1)
        assert before == moving
        return written, moving, panel._words.value + panel._numbers.value

    written, moving, rested = asyncio.run(drag())
    assert written == ["value"]
    assert moving != rested


def test_words_are_text_and_never_markup() -> None:
    panel = explore(weights, ["<script>x</script>", "&amp;", '"><img src=x>', "a", "b"], keys=KEYS,
                    tau=(0.5, 2.0))  # fmt: skip
    panel._as_table.value = True
    for page in (picture_of(panel), panel._words.value, panel._numbers.value,
                 panel._outputs()[0]["text/html"]):  # fmt: skip
        assert "<script" not in page
        assert "src=x>" not in page


def test_attnkit_alone_does_not_load_widgets() -> None:
    """The judge imports attnkit too, and a check should start at once."""
    code = (
        "import attnkit, sys; sys.exit('ipywidgets' in sys.modules or 'matplotlib' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


# --- softmax_panel ---


def careful(s_T: Array) -> Array:
    exp_T = np.exp(s_T - s_T.max())
    return exp_T / exp_T.sum()


def bare(s_T: Array) -> Array:
    return np.exp(s_T) / np.exp(s_T).sum()


@pytest.mark.parametrize("precision", ["float16", "float32", "float64"])
def test_a_careful_softmax_is_right_in_every_number_type(precision: str) -> None:
    panel = softmax_panel(careful)
    for shift in (0, 10, 100, 1000):
        for tau in (0.125, 1.0, 4.0):
            panel.set(precision=precision, shift=shift, tau=tau)
            assert sentence_of(panel).startswith("✓ careful does it"), sentence_of(panel)


def test_the_bare_formula_overflows_where_the_type_ends() -> None:
    panel = softmax_panel(bare)
    assert sentence_of(panel).startswith("✓")
    for precision, shift, tau, lost in [
        ("float16", 10, 1.0, True),
        ("float32", 10, 1.0, False),
        ("float32", 100, 1.0, True),
        ("float64", 100, 1.0, False),
        ("float64", 1000, 1.0, True),
        ("float16", 0, 0.125, True),
    ]:
        panel.set(precision=precision, shift=shift, tau=tau)
        assert ("nan" in texts_of(panel)) == lost, (precision, shift, tau)
        assert ("inf" in said_of(panel)) == lost
        assert sentence_of(panel).startswith("▲ bare gives nan" if lost else "✓")


def test_softmax_panel_without_a_function_shows_the_formula_alone() -> None:
    panel = softmax_panel()
    panel.set(logit_0=-3.0)
    assert "exp / sum" in texts_of(panel)
    assert sentence_of(panel) == ""


@pytest.mark.parametrize(
    ("function", "says"),
    [
        (not_written, "not_written is not written yet. The dashed bars show"),
        (lambda s: s[:2], "There are 5 words, but the weights have the shape"),
        (lambda s: np.exp(s), "add up to"),
        (lambda s: np.full(5, 0.2), "are not the dashed ones"),
    ],
)
def test_softmax_panel_names_mistakes(function: Callable[..., Any], says: str) -> None:
    assert says in sentence_of(softmax_panel(function))


def test_softmax_panel_takes_a_temperature_function() -> None:
    def tempered(s: Array, tau: float) -> Array:
        return careful(s / tau)

    def multiplied(s: Array, tau: float) -> Array:
        return careful(s * tau)

    panel = softmax_panel(temperature=tempered)
    panel.set(tau=0.5)
    assert sentence_of(panel).startswith("✓ tempered")
    panel = softmax_panel(temperature=multiplied)
    panel.set(tau=0.5)
    assert "are not the dashed ones" in sentence_of(panel)
