"""The lessons' panels draw what a learner's function returns, and name what is wrong with it."""

import html
import re
import sys
from collections.abc import Callable
from types import ModuleType
from typing import Any, NoReturn

import numpy as np
import numpy.typing as npt
import pytest
from attnkit.figures.descent import SURFACES
from attnkit.figures.heads import head_paths
from attnkit.figures.positions import likeness
from attnkit.figures.recall import noisy, recalled, stored_digits
from attnkit.figures.scaling import WIDTHS, scores
from attnkit.figures.threshold import draw_threshold
from attnkit.figures.training import draw_training
from attnkit.panels import (
    PicturePanel,
    attribution_panel,
    budget_panel,
    descent_panel,
    explore,
    heads_panel,
    mask_panel,
    position_panel,
    query_panel,
    recall_panel,
    scaling_panel,
    strip_panel,
    touch,
    training_panel,
    wall_panel,
)
from attnkit.panels.descent import adam_path, sgd_path
from attnkit.panels.masking import WAYS, never_there
from attnkit.panels.queries import LONGEST, _dragged
from scipy.optimize import approx_fprime
from scipy.special import softmax
from sklearn.neural_network._stochastic_optimizers import AdamOptimizer, SGDOptimizer

from tests.unit.gallery import (
    appending,
    copies_of,
    cost_of,
    eight_heads,
    fields_of,
    forgets_the_mask,
    heads_by_letters,
    hiding,
    hiding_by_chance,
    in_bits,
    in_front,
    interleaved,
    labels_and_probabilities,
    no_cut,
    no_step,
    nucleus,
    of_letters,
    praise_of,
    runs,
    sgd,
    sines,
    three_matrices,
    unscaled,
    uphill,
    writing,
)

Array = npt.NDArray[Any]
Arrays = dict[str, Array]


def sentence_of(panel: PicturePanel) -> str:
    found = re.search(r"<p [^>]*>(.*?)</p>", panel._picture.value)
    return html.unescape(found[1]) if found else ""


def said_of(panel: PicturePanel) -> str:
    """What is told of its picture to those who don't see it."""
    assert panel._canvas is not None
    return panel._canvas.alt


def attend(q: Array, k: Array, v: Array) -> tuple[Array, Array]:
    w = softmax(q @ k.T / np.sqrt(k.shape[1]), axis=-1)
    return w @ v, w


def recall(patterns: Array, probe: Array, beta: float, steps: int) -> Array:
    for _ in range(steps):
        probe = softmax(beta * patterns @ probe) @ patterns
    return probe


def masked_softmax(s: Array, mask: Array) -> Array:
    if not mask.any():
        return np.zeros(len(s))
    exp = np.exp(np.where(mask, s, -np.inf) - s[mask].max())
    return exp / exp.sum()


def split_heads(x: Array, H: int) -> Array:
    B, T, D = x.shape
    return x.reshape(B, T, H, D // H).transpose(0, 2, 1, 3)


def merge_heads(x: Array) -> Array:
    B, H, T, K = x.shape
    return x.transpose(0, 2, 1, 3).reshape(B, T, H * K)


def param_count(D: int, H: int, K: int, bias: bool = True) -> int:
    return 4 * D * H * K + (3 * H * K + D if bias else 0)


def sinusoid(T: int, D: int) -> Array:
    angle = np.arange(T)[:, None] / 10_000 ** (2 * (np.arange(D) // 2) / D)
    return np.where(np.arange(D) % 2, np.cos(angle), np.sin(angle))


def adam(
    params: Arrays,
    grads: Arrays,
    state: dict[str, Any],
    lr: float = 1e-3,
    beta1: float = 0.9,
    beta2: float = 0.999,
    eps: float = 1e-8,
) -> tuple[Arrays, dict[str, Any]]:
    t = state["t"] + 1
    m = {n: beta1 * state["m"][n] + (1 - beta1) * g for n, g in grads.items()}
    v = {n: beta2 * state["v"][n] + (1 - beta2) * g**2 for n, g in grads.items()}
    step = {n: m[n] / (1 - beta1**t) / (np.sqrt(v[n] / (1 - beta2**t)) + eps) for n in grads}
    return {n: params[n] - lr * step[n] for n in params}, {"m": m, "v": v, "t": t}


def uncorrected(
    params: Arrays,
    grads: Arrays,
    state: dict[str, Any],
    lr: float = 1e-3,
    beta1: float = 0.9,
    beta2: float = 0.999,
    eps: float = 1e-8,
) -> tuple[Arrays, dict[str, Any]]:
    later = {**state, "t": 10**6}
    return adam(params, grads, later, lr, beta1, beta2, eps)


def stub(*_: object, **__: object) -> NoReturn:
    raise NotImplementedError


def test_a_dragged_query_is_where_its_sliders_say() -> None:
    """Protects a hand from jumps: each place in the plane is that of its knobs, and back."""
    dragged = _dragged(3.0)
    for direction, length in ((90, 2.0), (-46, 0.0625), (180, 2.5), (20, 1.5)):
        params = {"direction": direction, "length": length}
        found = dragged.to(*dragged.where(params))
        assert found["length"] == length
        assert (found["direction"] - direction) % 360 == 0
    assert dragged.to(1e4, 0)["length"] == LONGEST
    x, y = dragged.where({"direction": 30, "length": 0.0})
    assert dragged.to(x, y) == {"length": 0.0}  # it keeps its direction


@pytest.mark.parametrize(
    ("module", "there"), [("anywidget", None), ("google.colab", ModuleType("google.colab"))]
)
def test_where_no_widget_of_ours_is_shown_a_panel_has_its_sliders(
    monkeypatch: pytest.MonkeyPatch, module: str, there: ModuleType | None
) -> None:
    """Without anywidget, and in Colab, which shows an error where a widget of others should be."""
    monkeypatch.setitem(sys.modules, module, there)
    touch._kind.cache_clear()
    panel = query_panel(attend)
    assert "data-cells" not in explore(lambda: [[0.5, 0.5]] * 2)._picture.value
    assert [type(child).__name__ for child in panel.widget.children] == (
        ["GridBox", "HTML", "HTML", "Checkbox", "HTML", "HTML"]
    )
    touch._kind.cache_clear()


def test_a_head_that_is_clicked_on_is_opened() -> None:
    panel = wall_panel(heads_by_letters, "a slow start")
    told = panel._canvas
    assert told is not None
    assert told.cells is not None
    assert told.cells()["maps"][0]["w"][1][8].startswith("largest weight 0.")
    assert isinstance(panel._touched, touch.Cells)
    panel._touched.pick(1, 8)
    assert panel.params == {"text": "a slow start", "layer": 2, "head": 9}
    assert "Opened: layer 2, head 9." in panel.static().alt


def hidden_words(
    method: Any, curve: Any = hiding, chance: Any = hiding_by_chance, text: str = "a slow film"
) -> PicturePanel:
    return attribution_panel({"it": method}, of_letters, praise_of, curve, chance, text)


def moved(panel: PicturePanel, **params: Any) -> PicturePanel:
    panel.set(**params)
    return panel


def at_most_thirty(q: Array, k: Array, v: Array, cache: Any) -> Any:
    if cache is not None and cache["k"].shape[2] > 29:
        raise IndexError("the cache is full")
    return appending(q, k, v, cache)


def in_place(q: Array, k: Array, v: Array, cache: Any) -> Any:
    """Appends as it should, and writes over the cache that it was given."""
    found = appending(q, k, v, cache)
    if cache is not None:
        cache["k"] *= 2
    return found


RIGHT = {
    "query": lambda: query_panel(attend),
    "scaling": lambda: scaling_panel(attend),
    "recall": lambda: recall_panel(recall),
    "mask": lambda: mask_panel(masked_softmax),
    "split": lambda: heads_panel(split_heads),
    "budget": lambda: budget_panel(param_count),
    "position": lambda: position_panel(sinusoid),
    "sgd": lambda: descent_panel(sgd),
    "lengths": cost_of,
    "kept heads": eight_heads,
    "bits": lambda: moved(in_bits(), bits=8),
    "adam": lambda: descent_panel(sgd, adam),
    "writing": lambda: moved(writing(nucleus, appending), written=12, p=50),
}
WRONG = {
    "unscaled query": (lambda: query_panel(unscaled), "weights are not softmax"),
    "output not mixed": (lambda: query_panel(lambda q, k, v: (q, attend(q, k, v)[1])),
                         "the weights are right, but the output"),
    "one thing": (lambda: query_panel(lambda q, k, v: attend(q, k, v)[1]), "return two things"),
    "output's shape": (lambda: query_panel(lambda q, k, v: (v, attend(q, k, v)[1])), "the shape"),
    "unscaled": (lambda: scaling_panel(unscaled), "compare the dashed bars"),
    "no recall": (lambda: recall_panel(no_step), "gives another picture"),
    "recall's shape": (lambda: recall_panel(lambda p, x, b, s: p), r"should return \(64,\)"),
    "mask forgotten": (lambda: mask_panel(forgets_the_mask), "masked positions get weight"),
    "not divided": (lambda: mask_panel(lambda s, m: softmax(s) * m), "add up to 0"),
    "mask's shape": (lambda: mask_panel(lambda s, m: s[:2]), "should be the same"),
    "interleaved": (lambda: heads_panel(interleaved), "numbers are in another place"),
    "head's shape": (lambda: heads_panel(lambda x, H: x), "should return"),
    "changed": (lambda: heads_panel(lambda x, H: split_heads(x, H) + 0.5), "only move them"),
    "three": (lambda: budget_panel(three_matrices), "counts 12,288"),
    "sines": (lambda: position_panel(sines), "not as alike"),
    "position's shape": (lambda: position_panel(lambda T, D: np.ones(T)), "returns the shape"),
    "half the scores": (lambda: cost_of(lambda *sizes: {"score_floats": 7}), "counts 7 scores"),
    "no dict": (lambda: cost_of(lambda *sizes: 7), "does not return a dict"),
    "zeroed heads": (lambda: moved(eight_heads(lambda params, keep, H: params), head_2=False),
                     "gives Wq the shape"),
    "no matrices": (lambda: eight_heads(lambda params, keep, H: 7), "does not return a dict"),
    "cut off": (lambda: moved(in_bits(lambda w: (np.floor(w), np.ones(32))), bits=8),
                "more than rounding needs"),
    "codes alone": (lambda: moved(in_bits(lambda w: np.round(w)), bits=8), "return two arrays"),
    "codes' shape": (lambda: moved(in_bits(lambda w: (w[:2], w[0])), bits=8), "other shapes"),
    "no list": (lambda: copies_of(lambda *given, **named: "words"), "return a list of words"),
    "no word left": (lambda: copies_of(erase=lambda tokens, p, rng: []), "leaves no word"),
    "one field": (lambda: fields_of(lambda field, way: np.ones(300)), "return two arrays"),
    "few logits": (lambda: fields_of(lambda field, way: (np.ones(2), np.ones(2))), "for 300 texts"),
    "uphill": (lambda: descent_panel(uphill), "gradient descent and momentum goes another way"),
    "uncorrected": (lambda: descent_panel(sgd, uncorrected), "Your Adam goes another way"),
    "values' shape": (lambda: hidden_words(lambda ids: ids[:2]), r"should return \(6,\)"),
    "curve's shape": (lambda: hidden_words(np.abs, lambda p, i, e, ks: e[:1]), "the shape"),
    "no word": (lambda: hidden_words(np.abs, text=" "), "no word to look at"),
    "maps' shape": (lambda: wall_panel(lambda text: (["a"], np.ones((2, 2))), "a"), "the shape"),
    "maps alone": (lambda: wall_panel(lambda text: np.ones((1, 1, 1, 1)), "a"), "two things"),
    "not cut": (lambda: writing(no_cut), "is right. Until then the kit chooses words"),
    "one word too few": (lambda: writing(lambda z, p, tau: nucleus(z, p, tau)[1:]), "the shape"),
    "cache from behind": (lambda: writing(cached_step=in_front), "isn't in the order of the words"),
    "no cache": (lambda: writing(cached_step=lambda q, k, v, cache: q), "should return two things"),
    "sees itself only": (lambda: writing(None, lambda q, k, v, c: appending(q, k, v, None)),
                         "from word 2 on. Until then each word is read from the beginning"),
    "full": (lambda: moved(writing(None, at_most_thirty), written=40), "IndexError: the cache is"),
    "the old cache": (lambda: writing(cached_step=in_place), "changes the cache"),
    "both": (lambda: writing(stub, stub), "beginning, without a cache and the kit chooses"),
    "no pair": (lambda: descent_panel(lambda p, g, v, lr, momentum: p), "return two things"),
    **{
        f"stub {name}": (make, "stub is not written yet")
        for name, make in {
            "query": lambda: query_panel(stub), "scaling": lambda: scaling_panel(stub),
            "recall": lambda: recall_panel(stub), "mask": lambda: mask_panel(stub),
            "heads": lambda: heads_panel(stub), "budget": lambda: budget_panel(stub),
            "position": lambda: position_panel(stub), "descent": lambda: descent_panel(stub),
            "method": lambda: hidden_words(stub), "curve": lambda: hidden_words(np.abs, stub),
            "chance": lambda: hidden_words(np.abs, hiding, stub),
            "maps": lambda: wall_panel(stub, "a film"),
            "lengths": lambda: cost_of(stub), "kept heads": lambda: eight_heads(stub),
            "bits": lambda: moved(in_bits(stub), bits=8),
            "replacing": lambda: copies_of(stub), "erasing": lambda: copies_of(erase=stub),
            "fields": lambda: fields_of(stub),
            "choosing": lambda: writing(stub), "reading": lambda: writing(None, stub),
        }.items()
    },
}  # fmt: skip


@pytest.mark.parametrize("name", RIGHT)
def test_a_right_function_is_seen_to_be_right(name: str) -> None:
    assert sentence_of(RIGHT[name]()).startswith("✓"), sentence_of(RIGHT[name]())


@pytest.mark.parametrize("name", WRONG)
def test_a_mistake_is_named(name: str) -> None:
    make, says = WRONG[name]
    sentence = sentence_of(make())
    assert sentence.startswith("▲")
    assert sentence.endswith(".")
    assert re.search(says, sentence), sentence


def test_whoever_writes_with_a_cache_writes_the_same() -> None:
    """Protects the panel without the learner's functions, and with one of them."""
    both, none = writing(nucleus, appending), writing()
    for setting in ({"written": 30, "draw": 5}, {"written": 7, "tau": 2.0, "p": 40}):
        assert said_of(moved(both, **setting)) == said_of(moved(none, **setting))
    assert sentence_of(none) == ""
    assert sentence_of(writing(nucleus)) == "✓ nucleus chooses: it is right."


def test_a_head_that_is_clicked_on_colours_the_text() -> None:
    panel = writing()
    assert isinstance(panel._touched, touch.Cells)
    panel._touched.pick(6, 0)
    assert (panel.params["block"], panel.params["head"]) == (2, 3)
    assert "Block 2, head 3 reads" in said_of(panel)


@pytest.mark.parametrize("function", [split_heads, None])
def test_merging_is_looked_at_in_its_own_step(function: Callable[..., Any] | None) -> None:
    panel = heads_panel(function, merge_heads)
    panel.set(step=3)
    assert sentence_of(panel).startswith("✓ merge_heads")
    panel = heads_panel(function, lambda x: x.reshape(1, 4, 6))
    panel.set(step=3)
    assert "in another place" in sentence_of(panel)


# --- the pictures' own numbers ---


@pytest.mark.parametrize("name", SURFACES)
def test_gradients_of_the_surfaces_are_right(name: str) -> None:
    surface = SURFACES[name]
    for place in ((-1.3, 0.7), (0.4, -0.9), surface.start):
        found = approx_fprime(np.array(place), lambda p: float(surface.loss(p[0], p[1])), 1e-7)
        np.testing.assert_allclose(surface.gradient(*place), found, atol=1e-4)
    np.testing.assert_allclose(surface.gradient(*surface.lowest), 0, atol=2e-3)
    x, y = np.meshgrid(np.linspace(*surface.x, 201), np.linspace(*surface.y, 201))
    lowest = surface.loss(*(np.array(each) for each in surface.lowest))
    assert surface.loss(x, y).min() >= lowest - 1e-9


def test_paths_are_those_of_the_formulas() -> None:
    """And those of scikit-learn's optimisers, which are witnesses that we haven't written."""
    surface = SURFACES["a bent valley"]
    place, other = np.array(surface.start), np.array(surface.start)
    sgd = SGDOptimizer([place], learning_rate_init=0.05, momentum=0.75, nesterov=False)
    theirs = AdamOptimizer([other], learning_rate_init=0.1, beta_1=0.9, beta_2=0.999)
    for ours, mover, at in (
        (sgd_path(surface, 0.05, 0.75, 30), sgd, place),
        (adam_path(surface, 0.1, 0.9, 0.999, 30), theirs, other),
    ):
        for step in ours:
            np.testing.assert_allclose(step, at, rtol=1e-9)
            mover.update_params([at], [np.array(surface.gradient(*at))])
    params = {"p": np.array(surface.start)}
    state = {"m": {"p": np.zeros(2)}, "v": {"p": np.zeros(2)}, "t": 0}
    path: list[Any] = []
    for _ in range(30):
        params, state = adam(params, {"p": np.array(surface.gradient(*params["p"]))}, state, 0.1)
        path.append(params["p"])
    np.testing.assert_allclose(adam_path(surface, 0.1, 0.9, 0.999, 30)[1:], path, rtol=1e-4)


def test_likeness_of_positions_is_that_of_sines_and_cosines() -> None:
    for D, base in ((4, 10.0), (32, 10_000.0)):
        angle = np.arange(64)[:, None] / base ** (2 * np.arange(D // 2) / D)
        vectors = np.concatenate([np.sin(angle), np.cos(angle)], axis=1)
        np.testing.assert_allclose(likeness(D, base), vectors @ vectors.T / (D / 2), atol=1e-9)


def test_scores_spread_as_the_root_of_the_width() -> None:
    for width in WIDTHS[3:]:
        assert scores(width, False).std() == pytest.approx(width**0.5, rel=0.25)
        assert scores(width, True).std() == pytest.approx(1, rel=0.25)


def test_heads_are_columns_and_the_wrong_way_mixes_them() -> None:
    paths = head_paths(4, 6, 3)
    x = paths["right"][0]
    for h in range(3):
        np.testing.assert_array_equal(paths["right"][2][h], x[:, 2 * h : 2 * h + 2])
    np.testing.assert_array_equal(paths["right"][3], x)
    assert not np.array_equal(paths["reshaped only"][2], paths["right"][2])
    assert not np.array_equal(paths["not turned back"][3], x)


def test_a_memory_recalls_a_digit_from_noise() -> None:
    for digit in range(10):
        state = recalled(noisy(digit, 1.0), 0.25, 3)
        assert np.argmax(stored_digits() @ state) == digit
    np.testing.assert_allclose(np.linalg.norm(stored_digits(), axis=1), 8)


def test_only_the_right_way_of_masking_keeps_the_output_still() -> None:
    panel = mask_panel()
    for way in WAYS:
        panel.set(way=way)
        still = "stays where it is" in said_of(panel)
        assert still == (WAYS[way] is never_there), way
    panel.set(way="mask forgotten", keep=[True] * 6 + [False])
    assert "may be seen" in said_of(panel)


@pytest.mark.parametrize("keep", [[True], [True] * 8])
def test_a_mask_needs_a_value_for_each_word(keep: list[bool]) -> None:
    with pytest.raises(ValueError, match="keep needs 7 values"):
        mask_panel().set(keep=keep)


def test_a_threshold_counts_right() -> None:
    y_N, p_N = labels_and_probabilities()
    for threshold in (0.25, 0.5, 0.9):
        said = p_N >= threshold
        cells = [[int(((y_N == f) & (said == g)).sum()) for g in (False, True)] for f in (0, 1)]
        shown = draw_threshold(y_N, p_N, threshold).as_table()
        assert shown is not None
        assert [[int(n) for n in row[1:]] for row in shown.rows] == cells


@pytest.mark.parametrize(
    ("y", "p", "says"),
    [
        ([0, 1], [0.5], "2 labels, but 1 prob"),
        ([0, 2], [0.5, 0.5], "must be 0 or 1"),
        ([0, 1], [-3.0, 2.0], "are these logits"),
        ([0, 1], [np.nan, 0.5], "between 0 and 1"),
    ],
)
def test_probabilities_that_cannot_be_are_refused(
    y: list[float], p: list[float], says: str
) -> None:
    with pytest.raises(ValueError, match=says):
        draw_threshold(y, p, 0.5)


def test_a_training_without_validation_or_epochs_is_told_apart() -> None:
    assert "without validation" in draw_training({"loss": [1.0, 0.5]}).alt
    with pytest.raises(ValueError, match="train for one at least"):
        draw_training({"loss": []})


def test_a_run_that_was_not_measured_is_said_to_be_missing() -> None:
    panel = training_panel(runs()[:3])
    panel.set(length=32, heads=2)
    assert sentence_of(panel) == "▲ No run was measured with length 32, heads 2."
    with pytest.raises(ValueError, match="no run to show"):
        training_panel([])


@pytest.mark.parametrize(
    ("attend", "says"),
    [
        (lambda text: text.split(), "return two things"),
        (lambda text: (text.split(), [1.0]), "weights of the shape"),
        (lambda text: ([], []), "no word to look at"),
        (stub, "not written yet"),
    ],
)
def test_a_strip_says_what_it_needs(attend: Callable[..., Any], says: str) -> None:
    assert says in sentence_of(strip_panel(attend, "what a film"))
