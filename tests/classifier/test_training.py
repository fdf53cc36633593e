"""Training learns, is the same each time, and goes on after a kill to the same end."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from attnkit.classifier import Config

from tests.classifier.conftest import Later, keras, kit, reviews

training, loading, checkpoints = (
    Later(f"attnkit.classifier.{name}") for name in ("training", "classifier", "checkpoint")
)
CONFIG = Config(vocabulary_size=60, max_len=24, width=16, heads=2, batch=16, epochs=8, patience=0,
                rate=5e-3, run_counts=(2,), prior=0.1, decay=True, weight_decay=1e-3)  # fmt: skip

#: Trains in a process of its own, which may end itself as rudely as there is at a given step.
WORKER = """
import json, os, signal, sys
from pathlib import Path
sys.path.insert(0, {root!r})
from tests.classifier.conftest import reviews
from tests.classifier.test_training import CONFIG
from attnkit.classifier import train
from attnkit.classifier.training import forget

folder, dies, members = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
done = 0
def watch(step):
    global done
    done += not step.logs
    if done == dies:
        os.kill(os.getpid(), signal.SIGKILL)
config = CONFIG.replace(members=members)
classifier, history = train(*reviews(200), *reviews(60, 1), config, folder, watch=watch,
                            checkpoint_seconds=0.0)
classifier.save(folder)
forget(Path(folder), members)
json.dump([done, history], open(folder + "/told.json", "w"))
"""


def work(folder: Path, dies: int = -1, members: int = 1, **env: str) -> int:
    root = str(Path(__file__).parents[2])
    return subprocess.run(
        [sys.executable, "-c", WORKER.format(root=root), str(folder), str(dies), str(members)],
        env={**os.environ, **env}, stderr=subprocess.DEVNULL, timeout=900,
    ).returncode  # fmt: skip


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A training that nothing disturbed: its folder."""
    folder = tmp_path_factory.mktemp("undisturbed")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ATTNKIT_CACHE", "off")
        classifier, history = kit.train(*reviews(200), *reviews(60, 1), CONFIG, folder)
    classifier.save(folder)
    training.forget(folder, 1)
    (folder / "told.json").write_text(json.dumps([0, history]))
    return folder


def values(folder: Path, file: str = "model.keras") -> list[npt.NDArray[Any]]:
    model = keras.models.load_model(folder / file, compile=False)
    return [keras.ops.convert_to_numpy(weight) for weight in model.weights]


def test_it_learns_and_tells_as_keras_does(trained: Path) -> None:
    _, history = json.loads((trained / "told.json").read_text())
    assert set(history) == {"loss", "accuracy", "val_loss", "val_accuracy"}
    assert {len(curve) for curve in history.values()} == {CONFIG.epochs}
    assert history["loss"][-1] < history["loss"][0] / 2
    assert max(history["val_accuracy"]) > 0.9
    p = kit.Classifier.load(trained).predict(["a lovely film", "a boring film"])
    assert p[0] > 0.5 > p[1]


@pytest.mark.exhaustive  # below it is killed once, in its second member
def test_killed_twice_it_ends_as_if_nothing_had_been(trained: Path, tmp_path: Path) -> None:
    """SIGKILL at two random steps, a torn file beside: weights and history agree in every bit."""
    steps = CONFIG.epochs * (200 // CONFIG.batch)
    seed = random.randrange(1000)
    print("seed", seed)  # shown if it fails
    rng = random.Random(seed)
    first, second = rng.randint(2, steps - 12), rng.randint(2, 10)
    for dies in (first, second):
        assert work(tmp_path, dies, ATTNKIT_CACHE="off") == -signal.SIGKILL
        assert not (tmp_path / "model.keras").exists()
        (tmp_path / ".part-torn").write_bytes(b"half a checkp")
    assert work(tmp_path, ATTNKIT_CACHE="off") == 0
    (done, history), (_, undisturbed) = (
        json.loads((folder / "told.json").read_text()) for folder in (tmp_path, trained)
    )
    assert done < steps  # it did go on, and did not start anew
    assert history == undisturbed
    for mine, theirs in zip(values(tmp_path), values(trained), strict=True):
        np.testing.assert_array_equal(mine, theirs)
    left = {file.name for file in tmp_path.iterdir()}
    assert left == {"model.keras", "vocabulary.json", "config.json", "told.json"}


@pytest.mark.exhaustive
def test_killed_in_its_second_member_it_ends_as_if_nothing_had_been(tmp_path: Path) -> None:
    """A second member takes over a compiled model, or begins in a process of its own: no matter."""
    steps = CONFIG.epochs * (200 // CONFIG.batch)
    killed, whole = tmp_path / "killed", tmp_path / "whole"
    killed.mkdir()
    whole.mkdir()
    assert work(killed, steps + 7, members=2) == -signal.SIGKILL
    assert work(killed, members=2) == 0
    assert work(whole, members=2) == 0
    for name in ("model.keras", "model-2.keras"):
        for mine, theirs in zip(values(killed, name), values(whole, name), strict=True):
            np.testing.assert_array_equal(mine, theirs)


@pytest.mark.exhaustive  # below, another time in this process
def test_the_same_seed_gives_the_same_model_in_another_process(
    trained: Path, tmp_path: Path
) -> None:
    assert work(tmp_path, ATTNKIT_CACHE="off") == 0
    for mine, theirs in zip(values(tmp_path), values(trained), strict=True):
        np.testing.assert_array_equal(mine, theirs)


def test_the_same_seed_gives_the_same_model(trained: Path) -> None:
    """Whatever was drawn before."""
    keras.utils.set_random_seed(99)
    classifier, _ = kit.train(*reviews(200), *reviews(60, 1), CONFIG)
    for mine, theirs in zip(classifier.models[0].weights, values(trained), strict=True):
        np.testing.assert_array_equal(mine, theirs)


def test_saved_and_loaded_it_predicts_the_very_same(tmp_path: Path) -> None:
    texts, labels = reviews(120)
    config = CONFIG.replace(members=2, epochs=2, keep="tail", max_len=6, marks=True)
    classifier, history = kit.train(texts, labels, *reviews(40, 1), config, tmp_path / "run")
    assert len(history["loss"]) == 2
    classifier.save(tmp_path / "kept")
    again = kit.Classifier.load(tmp_path / "kept")
    assert again.config == config
    np.testing.assert_array_equal(again.predict(texts), classifier.predict(texts))
    for member in (0, 1):
        one, other = (c.attention(texts[0], member) for c in (classifier, again))
        assert one[0] == other[0] == texts[0].split()[-6:]
        np.testing.assert_array_equal(one[1], other[1])
        np.testing.assert_allclose(one[1].sum(axis=-1), 1, atol=1e-6)
    assert not np.allclose(
        classifier.attention(texts[0], 0)[1], classifier.attention(texts[0], 1)[1]
    )
    with pytest.raises(ValueError, match="no word"):
        again.attention(" …")
    assert again.unknown("a lovely zebra") == ["zebra"]
    assert again.predict([]).shape == (0,)
    # many texts at once, through another way of calling: the same but for rounding
    many = again.predict(texts * 3)
    np.testing.assert_allclose(many[:120], classifier.predict(texts), atol=1e-6)


def test_what_cannot_be_loaded_says_why(tmp_path: Path, trained: Path) -> None:
    with pytest.raises(loading.NotAModelError, match=r"config\.json is missing"):
        kit.Classifier.load(tmp_path)
    for name in ("config.json", "vocabulary.json", "model.keras"):
        (tmp_path / name).write_bytes((trained / name).read_bytes())
    kit.Classifier.load(tmp_path)
    (tmp_path / "model.keras").write_bytes(b"PK\x03\x04 no model")
    with pytest.raises(loading.NotAModelError, match="can't be loaded"):
        kit.Classifier.load(tmp_path)
    (tmp_path / "config.json").write_text('{"version": 1, "heads": 3}')
    with pytest.raises(loading.NotAModelError, match="heads"):
        kit.Classifier.load(tmp_path)


def test_it_stops_early_and_keeps_the_best_epoch() -> None:
    """With a rate far too high, later epochs are worse; the best one's weights are returned."""
    config = CONFIG.replace(epochs=12, patience=2, rate=0.1, decay=False)
    texts, labels = reviews(120)
    noise = np.random.default_rng(0).permutation(labels)  # nothing to be learned
    validation = reviews(60, 1)
    classifier, history = kit.train(texts, noise, *validation, config)
    best = training.best_epoch(history)
    assert len(history["val_loss"]) == best + 3 < 12
    p, y = classifier.predict(validation[0]), np.array(validation[1])
    assert np.isclose(
        -np.mean(np.log(np.where(y == 1, p, 1 - p))), history["val_loss"][best], rtol=1e-3
    )


def test_another_trainings_checkpoint_is_refused(tmp_path: Path) -> None:
    data = (*reviews(64), *reviews(32, 1))
    kit.train(*data, CONFIG.replace(epochs=1), tmp_path)
    with pytest.raises(checkpoints.CheckpointError, match="other settings"):
        kit.train(*data, CONFIG.replace(epochs=1, width=32), tmp_path)
    file = tmp_path / "checkpoint-1.npz"
    file.write_bytes(file.read_bytes()[:200])
    with pytest.raises(checkpoints.CheckpointError, match="damaged"):
        kit.train(*data, CONFIG.replace(epochs=1), tmp_path)


@pytest.mark.parametrize(
    ("labels", "says"), [([0, 1, 2], "must be 0 and 1"), ([1, 1, 1], "both"), ([0, 1], "2 labels")]
)
def test_labels_that_make_no_sense_are_refused(labels: list[int], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        kit.train(["a", "b", "c"], labels, *reviews(4), CONFIG)
