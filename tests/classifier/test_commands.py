"""`attn train`, `evaluate`, `predict`: from a CSV file to a page of heat strips, killed or not."""

from __future__ import annotations

import json
import os
import random
import re
import signal
import subprocess
import sys
import time
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from autograder import cli
from autograder.classifying.measures import wilson
from tests.classifier.conftest import attn, keras, kit, write_csv

#: What a command said, and the folder of the model that it made.
Trained = tuple[subprocess.CompletedProcess[str], Path]

EPOCHS = 24
BAD_ROWS = ',1\n"a fine film",maybe\n"a film","with a plot",0\n'
FACTS = ["config.json", "history.json", "known-texts.npy", "model.keras", "run.json",
         "vocabulary.json"]  # fmt: skip


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """400 reviews and, below them, three rows that can't be used."""
    file = write_csv(tmp_path_factory.mktemp("data") / "reviews.csv", 400)
    with file.open("a") as more:
        more.write(BAD_ROWS)
    return file


@pytest.fixture(scope="module")
def trained(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Trained:
    """What `attn train` said, and the folder that it made."""
    folder = tmp_path_factory.mktemp("trained") / "model"
    return attn(*training(data, folder), ATTNKIT_CACHE="off"), folder


def training(data: Path, folder: Path) -> list[object]:
    return ["train", "--data", data, "--out", folder, "--epochs", EPOCHS, "--device", "cpu"]


def run_here(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, *arguments: object
) -> tuple[object, str, str]:
    """How `attn` ends in this process, and what it writes to its two outputs."""
    monkeypatch.setattr("sys.argv", ["attn", *map(str, arguments)])
    capsys.readouterr()
    with pytest.raises(SystemExit) as stopped:
        cli.main()
    return stopped.value.code, *capsys.readouterr()


def answer_of(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, *arguments: object
) -> str:
    """What `attn` says in this process, where TensorFlow is imported: it must end with code 0."""
    code, out, err = run_here(capsys, monkeypatch, *arguments)
    assert code == 0, err
    return out


def refused(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, *arguments: object
) -> str:
    """Run `attn` in this process: it must end with code 2 and one sentence, which is returned."""
    code, out, err = run_here(capsys, monkeypatch, *arguments)
    assert (code, out) == (2, "")
    *notes, said = err.splitlines()
    assert re.fullmatch(r"attn: .*[.]", said), err
    assert all("rows can't be used" in note for note in notes), err
    return said


def files(folder: Path) -> list[str]:
    return sorted(file.name for file in folder.iterdir() if file.name != ".lock")


def weights(folder: Path) -> list[npt.NDArray[Any]]:
    model = keras.models.load_model(folder / "model.keras", compile=False)
    return [keras.ops.convert_to_numpy(weight) for weight in model.weights]


# --- train ----------------------------------------------------------------------------------------


def test_a_csv_file_becomes_a_model_and_bad_rows_are_named(trained: Trained, data: Path) -> None:
    told, folder = trained
    assert files(folder) == FACTS
    assert (
        f"{data}: 3 of 403 rows can't be used and are left out: line 402 (no text), line 403 "
        "(the label 'maybe' is not 0 or 1" in told.stderr
    )
    assert "line 404 (3 cells, not 2)" in told.stderr
    assert "320 reviews to train on, 40 to choose the epoch by." in told.stderr
    record = json.loads((folder / "run.json").read_text())
    assert record["finished"]
    assert record["validation"]["accuracy"] > 0.9
    assert f"Validation accuracy {record['validation']['accuracy']:.1%}" in told.stdout


def test_a_finished_model_is_not_overwritten(
    trained: Trained,
    data: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    _, folder = trained
    before = {name: (folder / name).read_bytes() for name in FACTS}
    assert "holds a finished model" in refused(capsys, monkeypatch, *training(data, folder))
    assert {name: (folder / name).read_bytes() for name in files(folder)} == before


@pytest.mark.exhaustive  # test_training.py goes on after a kill in one process
@pytest.mark.slow
def test_stopped_and_killed_it_ends_as_if_nothing_had_been(
    trained: Trained,
    data: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Ctrl+C, then SIGKILL, each after an epoch by chance and a moment more: the same weights."""
    folder = tmp_path / "model"
    seed = random.randrange(1000)
    print("seed", seed)  # shown if it fails
    rng = random.Random(seed)
    for ends_by, first in ((signal.SIGINT, 1), (signal.SIGKILL, EPOCHS // 2)):
        with subprocess.Popen(
            [sys.executable, "-m", "autograder.cli", *map(str, training(data, folder))],
            env={**os.environ, "ATTNKIT_CACHE": "off"},
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        ) as run:  # fmt: skip
            last, said = f"epoch {rng.randint(first, first + 10)}:", ""
            assert run.stderr is not None
            for line in run.stderr:
                said += line
                if line.startswith(last):
                    break
            else:
                pytest.fail(said)
            time.sleep(0.1 * rng.random())
            run.send_signal(signal.SIGSTOP)  # else it may come to its end before it is stopped
            running = refused(capsys, monkeypatch, *training(data, folder))
            assert "Another training is running" in running
            run.send_signal(ends_by)
            run.send_signal(signal.SIGCONT)
            said += run.communicate(timeout=300)[1]
        assert "Traceback" not in said
        assert ("Going on with the training" in said) == (ends_by == signal.SIGKILL)
        if ends_by == signal.SIGINT:
            assert run.returncode == 130
            assert said.endswith("Stopped. The same command goes on from there.\n")
        assert not (folder / "model.keras").exists()
    assert "is not finished" in refused(capsys, monkeypatch, "predict", "--model", folder, "a film")
    other = refused(capsys, monkeypatch, *training(data, folder), "--seed", 7)
    assert "other settings (seed 0)" in other

    told = attn(*training(data, folder), ATTNKIT_CACHE="off")
    epochs = [int(n) for n in re.findall(r"^epoch (\d+):", told.stderr, re.M)]
    assert 1 < epochs[0] < EPOCHS  # it did go on, and did not start anew
    assert files(folder) == FACTS
    for name in ("history.json", "vocabulary.json", "known-texts.npy"):
        assert (folder / name).read_bytes() == (trained[1] / name).read_bytes()
    for mine, theirs in zip(weights(folder), weights(trained[1]), strict=True):
        np.testing.assert_array_equal(mine, theirs)


def rows(*lines: str) -> bytes:
    return "\n".join(["text,label", *lines]).encode()


MANY = [f"film {number},{number % 2}" for number in range(60)]
WRONG = {
    "empty": (b"", "is empty: it needs the columns text and label"),
    "no rows": (rows(), "has no rows below its first line"),
    "one label": (rows(*(f"{line[:-1]}1" for line in MANY)), "have the label praise (1)"),
    "few": (rows(*MANY[:12]), "ten of each label, and one label has 6"),
    "latin-1": (rows(*MANY, "café,1").decode().encode("latin-1"), "is not in UTF-8 in line 62"),
    "no label": (b"text,score\na film,1\n", "has no column label: its first line"),
    "semicolons": (b"text;label\na film;1\n", "separated by semicolons; save it with commas"),
    "mostly bad": (rows("a film,1", "a plot,0", *["a scene,5"] * 9), "Only 2 of the 11 rows"),
    "all bad": (rows(*["a scene,5"] * 9), "Not one of the 9 rows"),
    "many columns": (rows("a,film,1", "b,1", "c,0"), "ten of each label"),
}


@pytest.mark.parametrize("what", WRONG)
def test_a_csv_file_that_will_not_do_is_refused_in_one_sentence(
    what: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    raw, says = WRONG[what]
    file = tmp_path / "my reviews.csv"
    file.write_bytes(raw)
    told = refused(capsys, monkeypatch, *training(file, tmp_path / "model"))
    assert says in told
    assert str(file) in told
    assert not (tmp_path / "model").exists()


def test_a_place_or_device_that_is_not_there_is_named(
    trained: Trained,
    data: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    out = tmp_path / "model"
    for name, says in (("no.csv", "There is no file"), ("", "is a folder: name a CSV file in it")):
        assert says in refused(capsys, monkeypatch, *training(tmp_path / name, out))
    monkeypatch.setattr("sys.argv", ["attn", *map(str, training(data, out)), "--device", "tpu"])
    with pytest.raises(SystemExit) as stopped:
        cli.main()
    assert stopped.value.code == 2
    said = " ".join(capsys.readouterr().err.replace("│", "").split())
    assert "'tpu' is not one of 'auto', 'cpu', 'gpu'" in said
    assert not out.exists()
    notes = tmp_path / "notes"
    notes.mkdir()
    (notes / "diary.txt").write_text("mine")
    assert "such as diary.txt" in refused(capsys, monkeypatch, *training(data, notes))
    for folder, says in ((notes, "holds no trained model: config.json is missing"),
                         (out, "is no folder with a model"),
                         (data, "is no folder with a model")):  # fmt: skip
        for rest in (("predict", "a film"), ("evaluate", "--data", data)):
            assert says in refused(capsys, monkeypatch, *rest, "--model", folder)
    told = refused(capsys, monkeypatch, "predict", "--model", trained[1], "a film", " … ")
    assert told == 'attn: There is no word in " … ": give a text with words.'
    nowhere = ("predict", "--model", trained[1], "a film", "--html", tmp_path / "no" / "page.html")
    assert "name a file in a folder that exists" in refused(capsys, monkeypatch, *nowhere)


@pytest.mark.parametrize(
    ("wish", "env", "says"),
    [pytest.param("gpu", {"CUDA_VISIBLE_DEVICES": "-1"}, "There is no GPU that tensorflow",
                  marks=pytest.mark.exhaustive),
     ("cpu", {"KERAS_BACKEND": "abacus"}, "backend abacus, which KERAS_BACKEND names")],
)  # fmt: skip
def test_what_cannot_compute_here_leaves_no_half_made_run(
    data: Path, tmp_path: Path, wish: str, env: dict[str, str], says: str
) -> None:
    told = attn("train", "--data", data, "--out", tmp_path, "--device", wish, code=2, **env)
    assert says in told.stderr
    assert files(tmp_path) == []


# --- evaluate -------------------------------------------------------------------------------------


def test_a_model_is_judged_by_what_it_has_not_seen_beside_simpler_ones(
    trained: Trained,
    data: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Sixty new reviews, ten old ones, a row that can't be used and one that is there twice."""
    file = write_csv(tmp_path / "new.csv", 60, seed=1)
    new = file.read_text().splitlines()
    old = data.read_text().splitlines()[1:11]
    file.write_text("\n".join([*new, *old, "a film,perhaps", new[1].upper()]) + "\n")
    command = ("evaluate", "--model", trained[1], "--data", file, "--json")
    found = json.loads(answer_of(capsys, monkeypatch, *command))
    assert set(found) == {"data", "texts", "left_out", "model", "baselines", "confusion",
                          "calibration", "notes"}  # fmt: skip
    assert found["data"] == str(file)
    assert found["texts"] + found["left_out"] == 70
    assert 0 < found["left_out"] <= 10
    model = found["model"]
    right = round(model["accuracy"] * found["texts"])
    assert (model["low"], model["high"]) == pytest.approx(wilson(right, found["texts"]))
    assert model["accuracy"] > 0.9
    (_, called_well), (called_badly, hits) = found["confusion"]
    assert sum(map(sum, found["confusion"])) == found["texts"]
    assert model["f1"] == pytest.approx(2 * hits / (2 * hits + called_well + called_badly))
    majority, linear = found["baselines"]
    assert majority["name"] == "majority class"
    assert majority["accuracy"] == pytest.approx(0.5, abs=0.05)
    assert linear["name"] == "TF-IDF + logistic regression"
    assert linear["accuracy"] > 0.9
    bins = found["calibration"]["bins"]
    assert sum(each["count"] for each in bins) == found["texts"]
    assert any(
        "1 of 72 rows can't be used" in note and "line 72" in note for note in found["notes"]
    )
    assert any("1 of 72 rows repeat an earlier text" in note for note in found["notes"])
    assert any("were used in training" in note for note in found["notes"])


# --- predict --------------------------------------------------------------------------------------


class Page(HTMLParser):
    """What a page is made of: its elements' names and attributes, and the text of its headings."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags, self.attributes, self.headings = set[str](), set[str](), list[str]()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        if tag == "h2":
            self.headings.append("")

    def handle_data(self, data: str) -> None:
        if self.get_starttag_text() == "<h2>":
            self.headings[-1] += data


def test_each_heads_weights_are_shown_on_the_terminal_and_on_a_page(
    trained: Trained,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("COLUMNS", "120")
    texts = ["a lovely, warm film", 'dull & <script>alert("flat")</script> [bold]zebra[/]']
    page = tmp_path / "heads.html"
    shown = answer_of(capsys, monkeypatch, "predict", "--model", trained[1], *texts, "--html", page)
    said = shown.splitlines()
    assert [line.strip() for line in said if line.strip() in texts] == texts
    assert said[1].startswith("praise (")
    assert "blame (" in shown
    assert "not met in training, or too seldom: script, alert, bold, zebra" in shown
    for h in range(1, 5):
        assert shown.count(f"head {h} ") == 2
    raw = page.read_text(encoding="utf-8")
    seen = Page(raw)
    assert seen.headings == texts
    assert seen.tags.isdisjoint({"script", "link", "img", "iframe", "object", "base", "form"})
    assert seen.attributes.isdisjoint({"src", "href", "onclick", "onload", "srcset"})
    assert not re.search(r"https?:|url\(|@import", raw)
    assert raw.count("<small>") == 4 * (4 + 7)  # four heads, four words and seven


def test_predictions_as_json_are_the_models_own(
    trained: Trained, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    texts = ["a lovely film", "the plot is dull, dull, dull"]
    command = ("predict", "--model", trained[1], *texts, "--json")
    found = json.loads(answer_of(capsys, monkeypatch, *command))
    classifier = kit.Classifier.load(trained[1])
    assert [each["praise"] for each in found] == classifier.predict(texts).tolist()
    assert found[0]["praise"] > 0.5 > found[1]["praise"]
    for text, each in zip(texts, found, strict=True):
        words, w_HT = classifier.attention(text)
        assert (each["text"], each["words"]) == (text, words)
        np.testing.assert_allclose(each["weights"], w_HT, atol=1e-6)
        np.testing.assert_allclose(np.sum(each["weights"], axis=1), 1, atol=1e-5)
