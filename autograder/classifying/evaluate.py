"""A trained model on texts that it has not seen, beside what is simpler."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from autograder.classifying.datasets import Source, evaluation_data, text_keys, training_data
from autograder.classifying.measures import Bin, Score, calibration, confusion, score
from autograder.classifying.run_folder import RunFolder
from autograder.errors import AttnError

if TYPE_CHECKING:
    from attnkit.classifier import Classifier

MAJORITY, LINEAR = "majority class", "TF-IDF + logistic regression"


@dataclass(frozen=True)
class Evaluation:
    """What `attn evaluate` tells."""

    data: str
    texts: int
    left_out: int  # because the model was trained or chosen on them
    scores: tuple[Score, ...]  # the model first, then the baselines
    confusion: list[list[int]]
    ece: float
    bins: list[Bin]
    notes: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        model, *others = (each.to_json() for each in self.scores)
        return {
            "data": self.data,
            "texts": self.texts,
            "left_out": self.left_out,
            "model": model,
            "baselines": others,
            "confusion": self.confusion,
            "calibration": {"ece": self.ece, "bins": [asdict(each) for each in self.bins]},
            "notes": list(self.notes),
        }


def load(folder: Path) -> Classifier:
    """The classifier in a folder. AttnError."""
    if not folder.is_dir():
        raise AttnError(
            f"{folder} is no folder with a model: `attn train --out {quote(str(folder))}` makes "
            "one."
        )
    record = RunFolder(folder).record()
    if record is not None and not record["finished"]:
        raise AttnError(
            f"The training in {folder} is not finished: the same `attn train` command goes on."
        )
    from attnkit.classifier import Classifier
    from attnkit.classifier.classifier import NotAModelError

    try:
        return Classifier.load(folder)
    except NotAModelError as error:
        raise AttnError(str(error)) from None


def evaluate(folder: Path, data: str, baselines: bool = True) -> Evaluation:
    """Judge the model in a folder by a data set. AttnError."""
    frame, notes = evaluation_data(data)
    run = RunFolder(folder)
    classifier = load(folder)
    seen = np.isin(text_keys(frame["text"]), run.keys())
    left_out = int(seen.sum())
    if left_out:
        notes.append(
            f"{left_out:,} of the {len(frame):,} texts in {data} were used in training: they are "
            "left out."
        )
        frame = frame[~seen].reset_index(drop=True)
    if frame.empty:
        raise AttnError(
            f"All texts in {data} were used in training, so they can't tell how good the model is: "
            "give others."
        )
    if frame["label"].nunique() < 2:
        raise AttnError(f"The texts left of {data} all have the same label: give more data.")
    y_N = frame["label"].to_numpy()
    p_N = classifier.predict(frame["text"].tolist())
    scores = [score("this model", y_N, p_N >= 0.5)]
    if baselines:
        train = _training_frame(run, notes)
        if train is not None:
            scores += baseline_scores(train, frame)
    ece, bins = calibration(y_N, p_N)
    return Evaluation(
        data, len(frame), left_out, tuple(scores), confusion(y_N, p_N >= 0.5), ece, bins,
        tuple(notes),
    )  # fmt: skip


def _training_frame(run: RunFolder, notes: list[str]) -> pd.DataFrame | None:
    """The model's training texts, if they are still where they were; else a note says why not."""
    record = run.record()
    if record is None:
        notes.append(
            f"No baselines: {run.path} doesn't tell what data the model was trained on, because it "
            "was not made by `attn train`."
        )
        return None
    told = record["data"]
    name = told["full"] or told["name"]
    try:
        data = training_data(Source(told["name"], told["full"], told["validation"]))
    except AttnError as error:
        notes.append(f"No baselines, because the training data can't be had: {error}")
        return None
    if data.digest() != told["digest"]:
        notes.append(f"No baselines: {name} has changed since the model was trained on it.")
        return None
    return data.train


def baseline_scores(train: pd.DataFrame, frame: pd.DataFrame) -> list[Score]:
    """The commonest training label for all; and a linear model on words and pairs of words."""
    y_N = frame["label"].to_numpy()
    most = int(train["label"].mean() >= 0.5)
    said: npt.NDArray[np.int64] = np.full(len(y_N), most)
    return [
        score(MAJORITY, y_N, said),
        score(LINEAR, y_N, linear_model(train).predict(frame["text"])),
    ]


def linear_model(train: pd.DataFrame) -> Any:
    """TF-IDF of words and pairs of words, and logistic regression on it: scikit-learn's, fitted."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline

    made = make_pipeline(
        TfidfVectorizer(ngram_range=(1, 2), min_df=2, sublinear_tf=True, dtype=np.float32),
        LogisticRegression(C=10.0, max_iter=1000),
    )
    return made.fit(train["text"], train["label"])
