"""One code, several backends: what JAX trains, TensorFlow reads, with the same answers."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from attnkit.classifier import Classifier

from tests.classifier.conftest import reviews
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


@pytest.mark.slow
@pytest.mark.exhaustive  # one backend after the other, each in its process: a minute and more
@pytest.mark.parametrize("trained_in", ["jax", "tensorflow"])
def test_what_one_backend_trains_another_reads(trained_in: str, tmp_path: Path) -> None:
    """Two models with heads, that know runs of two words and begin at their prior."""
    pytest.importorskip("jax")
    assert work(tmp_path, members=2, KERAS_BACKEND=trained_in) == 0
    texts, labels = reviews(80, seed=2)
    predicted, words, w_HT = read_in("jax", tmp_path, texts)
    here = Classifier.load(tmp_path)  # this process has TensorFlow
    np.testing.assert_allclose(here.predict(texts), predicted, atol=1e-5)
    own_words, own_w_HT = here.attention(texts[0])
    assert own_words == words
    np.testing.assert_allclose(own_w_HT, w_HT, atol=1e-5)
    assert np.mean((np.array(predicted) >= 0.5) == np.array(labels)) > 0.9
