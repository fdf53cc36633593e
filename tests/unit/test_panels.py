"""The slider panel: one way from knobs to picture, a learner's function, never a traceback."""

import asyncio
import html
import re
import sys
import time
from collections.abc import Callable
from typing import Any, NoReturn
from xml.etree import ElementTree

import ipywidgets as widgets
import numpy as np
import numpy.typing as npt
import pytest
from attnkit.panels import PoolingPanel, pooling_panel
from attnkit.panels.base import INVITATION, REST_SECONDS
from attnkit.panels.pooling import ask, reference_pool, rotation
from attnkit.words import word_plane
from scipy.special import softmax

Array = npt.NDArray[Any]
Pool = Callable[..., Any]

TOKENS, X_TD = word_plane().embed("The acting is dull, but the ending is brilliant!")
BRILLIANT, DULL = TOKENS.index("brilliant"), TOKENS.index("dull")


def attention_pool(x_TD: Array, W_AD: Array, u_A: Array) -> tuple[Array, Array]:
    """As a learner would write it."""
    e_T = x_TD @ W_AD.T @ u_A
    exp_T = np.exp(e_T - e_T.max())
    s_T = exp_T / exp_T.sum()
    return s_T @ x_TD, s_T


def picture_of(panel: PoolingPanel) -> str:
    return panel._picture.value


def sentence_of(panel: PoolingPanel) -> str:
    found = re.search(r"<p [^>]*>(.*?)</p>", picture_of(panel))
    return html.unescape(found.group(1)) if found else ""


def written(panel: PoolingPanel, change: Callable[[], None]) -> list[str]:
    """The traits that a change writes to the picture."""
    names: list[str] = []
    panel._picture.observe(lambda event: names.append(event["name"]))
    change()
    return names


# --- one way from knobs to picture ---


def test_turning_the_query_moves_attention_from_praise_to_blame() -> None:
    panel = pooling_panel(TOKENS, X_TD, attention_pool)
    assert panel.params["mode"] == "linked"
    assert np.argmax(panel.weights) == BRILLIANT
    before = picture_of(panel)
    panel.set(angle=180)
    assert np.argmax(panel.weights) == DULL
    assert picture_of(panel) != before
    assert "“dull” 0." in panel._words.value


@pytest.mark.parametrize("turn", [0, 35, -120])
def test_linked_weights_are_those_of_the_formula(turn: int) -> None:
    panel = pooling_panel(TOKENS, X_TD, attention_pool)
    panel.set(angle=70, length=2.0, turn=turn)
    u_A = 2 * np.array([np.cos(np.deg2rad(70)), np.sin(np.deg2rad(70))])
    scores = [u_A @ rotation(turn) @ x for x in X_TD]
    np.testing.assert_allclose(panel.weights, softmax(scores))


def test_turning_u_and_w_together_changes_nothing() -> None:
    """The lesson sends learners here to see that only Wᵀu counts."""
    panel = pooling_panel(TOKENS, X_TD, attention_pool)
    panel.set(angle=20)
    before = panel.weights
    panel.set(angle=60, turn=40)
    np.testing.assert_allclose(panel.weights, before)


def test_free_scores_make_the_weights_by_hand() -> None:
    panel = pooling_panel(TOKENS, X_TD)
    assert panel.params["mode"] == "free"
    np.testing.assert_allclose(panel.weights, 1 / len(TOKENS))
    scores = np.linspace(-2, 2, len(TOKENS))
    panel.set(scores=scores)
    np.testing.assert_allclose(panel.params["scores"], scores)
    np.testing.assert_allclose(panel.weights, softmax(scores))


def test_a_hand_on_a_slider_does_what_set_does() -> None:
    moved, told = pooling_panel(TOKENS, X_TD), pooling_panel(TOKENS, X_TD)
    moved._controls["score_3"].value = 2.5
    told.set(score_3=2.5)
    assert moved.params == told.params
    pictures = [picture_of(panel).replace(panel._id, "") for panel in (moved, told)]
    assert pictures[0] == pictures[1]


def test_each_change_writes_the_picture_once() -> None:
    """Two messages for a change would tear the picture and halve the rate."""
    panel = pooling_panel(TOKENS, X_TD, attention_pool)
    assert written(panel, lambda: panel.set(angle=40, length=2, turn=10)) == ["value"]
    control = panel._controls["length"]
    assert written(panel, lambda: setattr(control, "value", 0.5)) == ["value"]


def test_the_sentence_waits_until_the_knobs_rest() -> None:
    async def drag() -> tuple[str, str, str]:
        panel = pooling_panel(TOKENS, X_TD, attention_pool)
        first = panel._words.value
        for angle in range(0, 180, 20):
            panel.set(angle=angle)
        moving = panel._words.value
        await asyncio.sleep(REST_SECONDS + 0.1)
        return first, moving, panel._words.value

    first, moving, rested = asyncio.run(drag())
    assert first == moving != rested


def test_a_browsers_rounding_noise_is_gone_when_the_knobs_rest() -> None:
    """Sliders send 1.6250000000000002, which their number boxes would show."""
    panel = pooling_panel(TOKENS, X_TD, attention_pool)
    panel._controls["length"].value = 1.6250000000000002
    assert panel.params["length"] == 1.625
    panel._controls["length"].value = 1.234  # typed by hand
    assert panel.params["length"] == 1.234


@pytest.mark.parametrize(
    ("params", "says"),
    [
        ({"tilt": 3}, "no knob 'tilt'"),
        ({"angle": 200}, "angle cannot be 200: choose from -180 to 180"),
        ({"angle": 22.5}, "angle cannot be 22.5: choose a whole number"),
        ({"length": float("nan")}, "length cannot be nan"),
        ({"length": 1, "mode": "both"}, "mode cannot be 'both': choose from free, linked"),
        ({"scores": [1, 2]}, "scores needs 9 numbers"),
    ],
)
def test_a_wrong_setting_is_refused_and_moves_nothing(params: dict[str, Any], says: str) -> None:
    panel = pooling_panel(TOKENS, X_TD, attention_pool)
    before = panel.params
    with pytest.raises(ValueError, match=says):
        panel.set(**params)
    assert panel.params == before


# --- the learner's function ---


def not_written(x_TD: Array, W_AD: Array, u_A: Array) -> NoReturn:
    raise NotImplementedError


def calls_a_stub(x_TD: Array, W_AD: Array, u_A: Array) -> tuple[Array, Array]:
    return not_written(x_TD, W_AD, u_A)


def unnormalised(x_TD: Array, W_AD: Array, u_A: Array) -> tuple[Array, Array]:
    s_T = np.exp(x_TD @ W_AD.T @ u_A)
    return s_T @ x_TD, s_T


def wrong_way_round(x_TD: Array, W_AD: Array, u_A: Array) -> tuple[Array, Array]:
    return attention_pool(x_TD, W_AD, u_A)[::-1]


def forgets_return(x_TD: Array, W_AD: Array, u_A: Array) -> None:
    attention_pool(x_TD, W_AD, u_A)


def only_weights(x_TD: Array, W_AD: Array, u_A: Array) -> Array:
    return attention_pool(x_TD, W_AD, u_A)[1]


def a_weight_per_number(x_TD: Array, W_AD: Array, u_A: Array) -> tuple[Array, Array]:
    return x_TD.mean(axis=0), np.full(x_TD.shape, 1 / x_TD.size)


def transposed(x_TD: Array, W_AD: Array, u_A: Array) -> tuple[Array, Array]:
    return attention_pool(x_TD, W_AD.T, u_A)


def plain_mean(x_TD: Array, W_AD: Array, u_A: Array) -> tuple[Array, Array]:
    return x_TD.mean(axis=0), attention_pool(x_TD, W_AD, u_A)[1]


def wrong_axis(x_TD: Array, W_AD: Array, u_A: Array) -> tuple[Array, None]:
    return x_TD.T @ (W_AD @ u_A), None


def not_finite(x_TD: Array, W_AD: Array, u_A: Array) -> tuple[Array, Array]:
    z_D, s_T = attention_pool(x_TD, W_AD, u_A)
    return z_D, s_T / 0


def negative(x_TD: Array, W_AD: Array, u_A: Array) -> tuple[Array, Array]:
    e_T = x_TD @ W_AD.T @ u_A
    return e_T @ x_TD, e_T / e_T.sum()


def text(x_TD: Array, W_AD: Array, u_A: Array) -> tuple[str, list[str]]:
    return "z", ["s"] * len(x_TD)


def typo(x_TD: Array, W_AD: Array, u_A: Array) -> Any:
    return undefined_name @ x_TD, None  # type: ignore[name-defined]  # noqa: F821


MISTAKES = [
    (not_written, "not_written is not written yet"),
    (calls_a_stub, "not_written is not written yet"),
    (unnormalised, "add up to .*, but should add up to 1"),
    (wrong_way_round, "returns the weights first"),
    (forgets_return, "gives nothing back"),
    (only_weights, "returned one ndarray"),
    (a_weight_per_number, r"s_T of a_weight_per_number has the shape \(9, 2\).*\(9,\)"),
    (transposed, "are not those of these scores"),
    (plain_mean, "weights of plain_mean are right, but its z"),
    (wrong_axis, "stopped with ValueError: .*, at “return x_TD.T @"),
    (not_finite, "s_T of not_finite holds numbers that are not finite"),
    (negative, "weights of negative are negative"),
    (text, "z_D of text is not an array of plain numbers"),
    (typo, "stopped with NameError: name 'undefined_name' is not defined, at “return undefined"),
    (5, "The function stopped with TypeError"),
]


@pytest.mark.parametrize(("pool", "says"), MISTAKES)
def test_a_mistake_is_named_in_one_sentence(
    pool: Pool, says: str, capfd: pytest.CaptureFixture[str]
) -> None:
    answer = ask(pool, X_TD, rotation(30), np.array([1.5, 0]))
    assert re.search(says, answer.sentence), answer.sentence
    assert answer.sentence.endswith(".")
    assert "\n" not in answer.sentence
    assert not answer.right
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("pool", [not_written, transposed])
def test_beside_a_mistake_stands_the_ghost(pool: Pool) -> None:
    panel = pooling_panel(TOKENS, X_TD, pool)
    panel.set(turn=30)
    assert pool.__name__ in sentence_of(panel)
    ghost_s, ghost_z = panel._state["ghost"]
    np.testing.assert_allclose(ghost_s, reference_pool(X_TD, rotation(30), np.array([1.5, 0]))[1])
    np.testing.assert_allclose(ghost_z, ghost_s @ X_TD)
    ElementTree.fromstring(picture_of(panel))
    assert panel.static().png().startswith(b"\x89PNG")


def test_one_word_is_enough() -> None:
    panel = pooling_panel(*word_plane().embed("bad"), attention_pool)
    panel.set(angle=90)
    np.testing.assert_array_equal(panel.weights, [1.0])
    assert "the only word" in panel._words.value


def test_a_right_function_has_no_ghost() -> None:
    for pool in (attention_pool, reference_pool):
        panel = pooling_panel(TOKENS, X_TD, pool)
        assert panel._state["ghost"] is None
        assert sentence_of(panel).startswith("✓")


def test_float32_and_lists_are_right_too() -> None:
    def pool(x_TD: Array, W_AD: Array, u_A: Array) -> list[Any]:
        z_D, s_T = attention_pool(*(a.astype(np.float32) for a in (x_TD, W_AD, u_A)))
        return [z_D, s_T.tolist()]

    assert sentence_of(pooling_panel(TOKENS, X_TD, pool)).startswith("✓")


def test_after_a_failure_the_last_good_picture_stays_greyed() -> None:
    def moody(x_TD: Array, W_AD: Array, u_A: Array) -> tuple[Array, Array]:
        if W_AD[0, 1] != 0:
            raise ValueError("no turning")
        return attention_pool(x_TD, W_AD, u_A)

    panel = pooling_panel(TOKENS, X_TD, moody)
    good = panel.weights
    panel.set(turn=90)
    np.testing.assert_allclose(panel._state["s_T"], good)
    assert panel._state["faded"]
    assert "ValueError: no turning" in sentence_of(panel)
    _, should_be = reference_pool(X_TD, rotation(90), np.array([1.5, 0]))
    np.testing.assert_allclose(panel.weights, should_be)
    panel.set(turn=0)
    assert not panel._state["faded"]


def test_a_function_that_spoils_its_inputs_spoils_nothing_here() -> None:
    def spoils(x_TD: Array, W_AD: Array, u_A: Array) -> tuple[Array, Array]:
        result = attention_pool(x_TD, W_AD, u_A)
        for array in (x_TD, W_AD, u_A):
            array[:] = np.nan
        return result

    panel = pooling_panel(TOKENS, X_TD, spoils)
    panel.set(angle=90)
    panel.set(angle=0)
    assert sentence_of(panel).startswith("✓")


def test_a_function_defined_again_is_followed(monkeypatch: pytest.MonkeyPatch) -> None:
    """In a notebook, mending the function and running its cell is enough."""
    main = sys.modules["__main__"]
    source = "def my_pool(x_TD, W_AD, u_A):\n    raise NotImplementedError"
    monkeypatch.setattr(main, "my_pool", None, raising=False)
    exec(source, vars(main))
    panel = pooling_panel(TOKENS, X_TD, main.my_pool)
    assert "my_pool is not written yet" in sentence_of(panel)
    monkeypatch.setattr(main, "my_pool", attention_pool)
    panel.set(angle=5)
    assert sentence_of(panel).startswith("✓")


# --- shown ---


def test_what_learners_type_is_text_and_never_markup() -> None:
    tokens = ["<script>alert(1)</script>", "&amp;", '"><img src=x>']
    panel = pooling_panel(tokens, X_TD[:3], not_written)
    panel.set(mode="free", scores=[1, 0, -1])
    pages = [picture_of(panel), panel._words.value, panel._outputs()[0]["text/html"]]
    for page in pages:
        assert "<script" not in page
        assert "src=x>" not in page


def test_without_a_kernel_there_is_a_picture_that_the_live_panel_hides() -> None:
    panel = pooling_panel(TOKENS, X_TD, attention_pool)
    still, live = panel._outputs()
    [name] = re.findall(r'class="(attnkit-static-\w+)"', still["text/html"])
    assert "image/png" in still
    assert "Run this cell" in still["text/html"]
    assert "“brilliant” 0.78" in still["text/html"]
    hidden = [child.value for child in panel.widget.children if isinstance(child, widgets.HTML)]
    assert any(f".{name} {{display: none}}" in value for value in hidden)
    assert live["text/plain"] == INVITATION
    assert "application/vnd.jupyter.widget-view+json" in live


def test_each_slider_has_a_number_box_with_its_name() -> None:
    """Screen readers hear no name on a slider, and arrow keys fail on it in Notebook 7."""
    panel = pooling_panel(TOKENS, X_TD)
    box_types = widgets.BoundedFloatText | widgets.BoundedIntText
    slider_types = widgets.FloatSlider | widgets.IntSlider
    boxes = [w for w in widgets_in(panel.widget) if isinstance(w, box_types)]
    sliders = [w for w in widgets_in(panel.widget) if isinstance(w, slider_types)]
    assert len(boxes) == len(sliders) == 3 + len(TOKENS)
    assert [box.description for box in boxes][3:] == TOKENS


def test_only_the_knobs_of_the_mode_are_seen() -> None:
    panel = pooling_panel(TOKENS, X_TD)
    for mode, other in (("linked", "free"), ("free", "linked")):
        panel.set(mode=mode)
        assert panel._groups[mode].layout.display is None
        assert panel._groups[other].layout.display == "none"


def widgets_in(widget: widgets.Widget) -> list[widgets.Widget]:
    children = getattr(widget, "children", ())
    return [widget, *(inner for child in children for inner in widgets_in(child))]


def test_a_change_is_drawn_quickly() -> None:
    """Guards against a slow path coming back, such as a new layout for each picture (200 ms)."""
    panel = pooling_panel(*word_plane().embed(" ".join(TOKENS * 2)), attention_pool)
    seconds = []
    for angle in range(0, 180, 15):
        start = time.process_time()
        panel.set(angle=angle)
        seconds.append(time.process_time() - start)
    assert min(seconds) < 0.06


def test_the_legend_names_only_what_is_in_the_picture() -> None:
    def named(panel: PoolingPanel) -> list[bool]:
        keys = ("on one green line", "as it should be")
        return [key in picture_of(panel) for key in keys]

    panel = pooling_panel(TOKENS, X_TD)
    assert named(panel) == [False, False]
    panel.set(mode="linked")
    assert named(panel) == [True, False]
    panel = pooling_panel(TOKENS, X_TD, transposed)
    assert named(panel) == [True, False]  # at turn 0 it cannot be told from the right one
    panel.set(turn=30)
    assert named(panel) == [True, True]
    panel.set(mode="free")
    assert named(panel) == [False, False]


def test_the_ring_of_the_plain_mean_is_seen_when_z_lies_on_it() -> None:
    picture = pooling_panel(TOKENS, X_TD)._kept
    assert picture._ring.get_zorder() > picture._star.get_zorder()
