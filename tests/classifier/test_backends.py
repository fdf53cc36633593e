"""One code, several backends: what JAX trains, TensorFlow reads, with the same answers."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from autograder.classifying.keras_here import backend_named, use_keras
from tests.classifier.conftest import attn, keras, kit, reviews
from tests.classifier.test_training import work

READER = """
import json, sys
import keras
from attnkit.classifier import Classifier
classifier = Classifier.load(sys.argv[1])
texts = json.load(sys.stdin)
words, w_HT = classifier.attention(texts[0])
json.dump([keras.backend.backend(), classifier.predict(texts).tolist(), words, w_HT.tolist()], sys.stdout)
"""  # noqa: E501


def read_in(
    backend: str, folder: Path, texts: list[str]
) -> tuple[list[float], list[str], list[list[float]]]:
    """Predictions, and one text's words and weights, in a process with another backend."""
    done = subprocess.run(
        [sys.executable, "-W", "error::UserWarning", "-c", READER, str(folder)],
        env={**os.environ, "KERAS_BACKEND": backend}, input=json.dumps(texts),
        capture_output=True, text=True, timeout=900, check=True,
    )  # fmt: skip
    name, predicted, words, w_HT = json.loads(done.stdout)
    assert name == backend
    return predicted, words, w_HT


def test_a_backend_that_is_not_there_is_named_with_who_asked_for_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "keras.json"
    file.write_text('{"backend": "theano"}')
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    said = (
        "attn: Keras can't be used on the backend theano, which {0} names (Unable to import "
        "backend : theano): install it, or {1} {0}.\n"
    )
    monkeypatch.delenv("KERAS_BACKEND", raising=False)
    done = attn("evaluate", "--data", "mr", "--model", tmp_path, code=2)
    assert done.stderr == said.format(file, "delete")
    monkeypatch.setenv("KERAS_BACKEND", "theano")
    done = attn("predict", "a film", "--model", tmp_path, code=2)
    assert done.stderr == said.format("KERAS_BACKEND", "unset")


def test_a_run_tells_the_backend_that_keras_takes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("KERAS_BACKEND", raising=False)
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    assert backend_named() == ("tensorflow", "")
    file = tmp_path / "keras.json"
    for text, backend in (('{"backend": "jax"}', "jax"), ("[]", "tensorflow"), ("{", "tensorflow")):
        file.write_text(text)
        assert backend_named()[0] == backend
    monkeypatch.setenv("KERAS_BACKEND", "torch")
    assert backend_named() == ("torch", "KERAS_BACKEND")


def test_numbers_of_a_settings_file_change_no_training_and_that_is_said() -> None:
    assert use_keras() == ""
    keras.config.set_floatx("float64")
    keras.config.set_epsilon(0.1)
    said = use_keras()
    assert "asks for float64 and an epsilon of 0.1; here all is computed in float32" in said
    assert (keras.config.floatx(), keras.config.epsilon()) == ("float32", 1e-7)


@pytest.mark.slow
@pytest.mark.exhaustive  # one backend after the other, each in its process: a minute and more
@pytest.mark.parametrize("trained_in", ["jax", "tensorflow"])
def test_what_one_backend_trains_another_reads(trained_in: str, tmp_path: Path) -> None:
    """Two models with heads, that know runs of two words and begin at their prior."""
    pytest.importorskip("jax")
    assert work(tmp_path, members=2, KERAS_BACKEND=trained_in) == 0
    texts, labels = reviews(80, seed=2)
    predicted, words, w_HT = read_in("jax", tmp_path, texts)
    here = kit.Classifier.load(tmp_path)  # this process has TensorFlow
    np.testing.assert_allclose(here.predict(texts), predicted, atol=1e-5)
    own_words, own_w_HT = here.attention(texts[0])
    assert own_words == words
    np.testing.assert_allclose(own_w_HT, w_HT, atol=1e-5)
    assert np.mean((np.array(predicted) >= 0.5) == np.array(labels)) > 0.9
