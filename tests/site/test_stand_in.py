"""Keras's stand-in gives Keras's numbers, to 1e-5, in odd cases too; nobody takes it for Keras."""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from attnkit.quiet import silence
from IPython.testing.globalipapp import start_ipython

from autograder.site import stand_in
from autograder.site.stand_in import label

with silence():
    import keras

Array = npt.NDArray[Any]
RNG = np.random.default_rng(5)
B, T, S, D, H, K = 3, 4, 5, 12, 3, 4
X_BTD, Y_BSD = (RNG.normal(size=(B, n, D)).astype("float32") for n in (T, S))
SOME_BTS = RNG.random((B, T, S)) < 0.6
SOME_BTS[0, 0] = True
NONE_BTS = SOME_BTS & np.array([True, False, True])[:, None, None]  # one text shows no word
MASKS = {
    "none": None,
    "some": SOME_BTS,
    "some, for all texts": SOME_BTS[0],
    "padding": np.arange(S) < np.array([[[5]], [[2]], [[1]]]),
    "all hidden in one text": NONE_BTS,
    "all hidden": np.zeros((B, T, S), bool),
    "numbers for a mask": SOME_BTS.astype("float32"),
}


def same(theirs: Any, ours: Any) -> None:
    """Equal to 1e-5 of the largest number, with nan in the same places; float32, of one shape.

    What is small beside others in float32 has lost digits, and on each processor other ones.
    """
    their, our = np.array(theirs), np.asarray(ours)
    assert our.dtype == their.dtype == np.float32
    largest = np.abs(their[np.isfinite(their)]).max(initial=1.0)
    np.testing.assert_allclose(our, their, atol=1e-5 * largest, rtol=1e-5, strict=True)


def pair(make: Callable[[Any], Any], *shapes: tuple[int, ...]) -> tuple[Any, Any]:
    """A layer of Keras's and one of ours with the same weights, all of them drawn by chance."""
    theirs, ours = make(keras), make(stand_in)
    for layer in (theirs, ours):
        layer.build(*shapes)
    assert [w.path.split("/")[1:] for w in ours.weights] == [
        w.path.split("/")[1:] for w in theirs.weights
    ]
    assert [tuple(w.shape) for w in ours.weights] == [tuple(w.shape) for w in theirs.weights]
    assert ours.count_params() == theirs.count_params()
    drawn = [RNG.normal(size=tuple(w.shape)) for w in theirs.weights]
    for layer in (theirs, ours):
        layer.set_weights(drawn)
    for mine, one in zip(ours.get_weights(), theirs.get_weights(), strict=True):
        same(one, mine)
    return theirs, ours


@pytest.mark.parametrize("mask", MASKS)
@pytest.mark.parametrize(("bias", "causal"), [(True, False), (False, True)])
def test_attention(mask: str, bias: bool, causal: bool) -> None:
    """Asked for its weights, it gives 0 where all is hidden; else a mean of what is hidden."""
    theirs, ours = pair(
        lambda k: k.layers.MultiHeadAttention(H, K, use_bias=bias), X_BTD.shape, Y_BSD.shape
    )
    given = {"attention_mask": MASKS[mask], "use_causal_mask": causal}
    if mask == "numbers for a mask":
        given["attention_mask"] = MASKS["some"]  # Keras casts to bool, and 0.3 would be True
    same(theirs(X_BTD, Y_BSD, **given), ours(X_BTD, Y_BSD, **given))
    for their, our in zip(
        theirs(X_BTD, Y_BSD, return_attention_scores=True, **given),
        ours(X_BTD, Y_BSD, return_attention_scores=True, **given),
        strict=True,
    ):
        same(their, our)


def test_attention_with_a_key_of_its_own_and_other_widths() -> None:
    z_BSE = RNG.normal(size=(B, S, 7))
    make = lambda k: k.layers.MultiHeadAttention(2, 5, value_dim=3)  # noqa: E731
    theirs, ours = pair(make, X_BTD.shape, Y_BSD.shape, z_BSE.shape)
    same(theirs(X_BTD, Y_BSD, z_BSE), ours(X_BTD, Y_BSD, z_BSE))
    same(theirs(1e3 * X_BTD, Y_BSD, z_BSE), ours(1e3 * X_BTD, Y_BSD, z_BSE))  # nearly one-hot
    built = make(stand_in)
    assert built(X_BTD, Y_BSD).shape == (B, T, D)  # a first call makes the weights


@pytest.mark.parametrize("mask", MASKS)
def test_softmax(mask: str) -> None:
    shown = MASKS[mask]
    for scores in (RNG.normal(0, 5, (B, T, S)), np.full((B, T, S), 1e30), -2e9 * SOME_BTS):
        scores = scores.astype("float32")
        same(keras.layers.Softmax()(scores, mask=shown), stand_in.layers.Softmax()(scores, shown))
    same(keras.layers.Softmax(axis=1)(scores), stand_in.layers.Softmax(axis=1)(scores))


def test_pooling_of_texts_of_any_length_and_of_none() -> None:
    mean, ours = keras.layers.GlobalAveragePooling1D(), stand_in.layers.GlobalAveragePooling1D()
    keep_BT = np.arange(T) < np.array([[4], [1], [0]])
    holed_BTD = np.where(keep_BT[..., None], X_BTD, np.nan)  # what is hidden doesn't count at all
    for x, mask in ((X_BTD, None), (X_BTD, keep_BT), (holed_BTD, keep_BT)):
        same(mean(x, mask=mask), ours(x, mask=mask))
    assert np.isnan(ours(X_BTD, mask=keep_BT)[2]).all()
    same(keras.layers.GlobalMaxPooling1D()(X_BTD), stand_in.layers.GlobalMaxPooling1D()(X_BTD))


@pytest.mark.parametrize("epsilon", [1e-5, 1e-3])
def test_layer_norm(epsilon: float) -> None:
    theirs, ours = pair(lambda k: k.layers.LayerNormalization(epsilon=epsilon), X_BTD.shape)
    for x in (X_BTD, 1000 * X_BTD, X_BTD + 10, np.ones_like(X_BTD), X_BTD.astype("float64")):
        same(theirs(x), ours(x))
    untouched = stand_in.layers.LayerNormalization(epsilon=epsilon)
    same(keras.layers.LayerNormalization(epsilon=epsilon)(X_BTD), untouched(X_BTD))


@pytest.mark.parametrize(("activation", "bias"), [(None, True), ("relu", True), ("relu", False)])
def test_dense(activation: str | None, bias: bool) -> None:
    theirs, ours = pair(lambda k: k.layers.Dense(7, activation, use_bias=bias), X_BTD.shape)
    same(theirs(X_BTD), ours(X_BTD))


def test_adam_goes_the_same_way() -> None:
    start = RNG.normal(size=(3, 2))
    for settings in ({}, {"learning_rate": 0.01, "epsilon": 1e-8}, {"beta_1": 0.5, "beta_2": 0.9}):
        paths = []
        for k in (keras, stand_in):
            p, mover = k.Variable(start, dtype="float32"), k.optimizers.Adam(**settings)
            for step in range(25):
                gradient = np.sin(np.arange(6).reshape(3, 2) + step) * (step != 7)
                mover.apply([k.ops.convert_to_tensor(gradient, dtype="float32")], [p])
                paths.append(k.ops.convert_to_numpy(p))
        same(np.array(paths[:25]), np.array(paths[25:]))


def test_dropout_leaves_as_much_as_keras_does() -> None:
    """Not the same numbers: dice are thrown. But as many, and grown as much."""
    ones = np.ones((200, 100), "float32")
    for k in (keras, stand_in):
        drop = k.layers.Dropout(0.1, seed=1)
        dropped = np.array(drop(ones, training=True))
        np.testing.assert_allclose(np.unique(dropped), [0, 1 / 0.9], rtol=1e-6)
        assert abs((dropped == 0).mean() - 0.1) < 0.01
        same(ones, drop(ones))


def test_first_weights_are_drawn_as_widely() -> None:
    """Glorot's bounds, which for a kernel of three axes are those of Keras."""
    for make, shape in (
        (lambda k: k.layers.Dense(80), (2, 60)),
        (lambda k: k.layers.MultiHeadAttention(4, 8), (1, 5, 60)),
    ):
        theirs, ours = make(keras), make(stand_in)
        for layer in (theirs, ours):
            layer.build(*([shape] if len(shape) == 2 else [shape, shape]))
        for their, our in zip(theirs.get_weights(), ours.get_weights(), strict=True):
            assert abs(our).max() == pytest.approx(abs(their).max(), rel=0.05)


def test_weights_that_do_not_fit_are_refused_by_both() -> None:
    for k in (keras, stand_in):
        layer = k.layers.MultiHeadAttention(H, K, use_bias=False)
        layer.build((B, T, D), (B, S, D))
        wrong = [np.zeros((D, K, H))] * 4
        for weights in (wrong, wrong[:3], [np.zeros((D, D))] * 4):
            with pytest.raises(ValueError):  # noqa: PT011
                layer.set_weights(weights)
    with pytest.raises(ValueError, match="no weights yet"):
        stand_in.layers.Dense(3).count_params()


# --- and it is never taken for Keras ---


def test_it_says_what_it_is_and_what_it_has_not() -> None:
    assert "stand-in" in stand_in.__version__
    for missing in ("keras.Model", "keras.layers.Conv1D"):
        with pytest.raises(AttributeError, match=f"{missing} isn't here.* on a computer"):
            eval(missing, {"keras": stand_in})
    with pytest.raises(ValueError, match="only 'relu'"):
        stand_in.layers.Dense(3, activation="gelu")


def test_where_keras_is_installed_it_is_keras() -> None:
    """Nothing of this repository is called keras, so nothing of it can come first."""
    assert keras.__version__[0].isdigit()
    assert "stand-in" not in keras.__version__
    found = importlib.util.find_spec("keras")
    assert found is not None
    assert found.origin is not None
    assert "autograder" not in found.origin


def test_a_note_is_shown_below_each_cell_that_uses_it(
    capsys: pytest.CaptureFixture[str],
) -> None:
    shell = start_ipython() or importlib.import_module("IPython").get_ipython()
    label.begin()
    label.begin()
    try:
        shell.user_ns["keras"] = stand_in
        for cell, shown in (
            ("keras.ops", True),
            ("with open('/dev/null'):\n    x = keras.layers.Softmax()", True),
            ("x = 'keras'  # keras", False),
            ("unclosed = (keras", False),
            ("keras_like = 3", False),
        ):
            capsys.readouterr()
            shell.run_cell(cell)
            said = capsys.readouterr().out
            assert said.count("stand-in: NumPy that gives the same numbers") == shown, cell
    finally:
        shell.events.unregister("post_run_cell", label.after)
        del shell._keras_is_a_stand_in
