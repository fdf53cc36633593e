"""What `--data` names: the texts to train on, to choose the epoch by, and to be judged by."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from attnkit.data import NAMES, DataError, split, split_frame
from attnkit.reviews_csv import read_csv

from autograder.classifying.archive import is_archive, read_archive
from autograder.errors import AttnError


@dataclass(frozen=True)
class Source:
    """Where training texts come from, so that they can be found again and known again."""

    name: str  # "mr", "imdb", or a file's absolute path
    full: str = ""  # the file of --imdb-full
    validation: str = ""  # the file of --validation

    def to_json(self) -> dict[str, str]:
        return {"name": self.name, "full": self.full, "validation": self.validation}


@dataclass(frozen=True)
class TrainingData:
    """Two data frames with the columns ``text`` and ``label``; no text is in both."""

    source: Source
    train: pd.DataFrame
    validation: pd.DataFrame
    notes: tuple[str, ...] = ()  # what a person should hear about it

    def digest(self) -> str:
        """A name for all texts and labels in their order."""
        sha = hashlib.sha256()
        for frame in (self.train, self.validation):
            sha.update(b"%d " % len(frame))
            for text, label in zip(frame["text"], frame["label"], strict=True):
                raw = text.encode("utf-8", "surrogatepass")
                sha.update(b"%d %d " % (label, len(raw)) + raw)
        return sha.hexdigest()


def training_data(source: Source) -> TrainingData:
    """The training and validation parts of a data set. AttnError if it can't be had.

    The named data sets and a CSV file of one's own are split as `attnkit.data.split` does; their
    test part is not touched. Of the official archive of IMDb, the training half is split; its test
    half is not opened. With a validation file, all of the data is trained on, but for texts that
    are in that file too.
    """
    notes: list[str] = []
    whole: pd.DataFrame | None = None
    try:
        if source.full:
            path = Path(source.full)
            if is_archive(path):
                parts = split_frame(read_archive(path, "train"), "imdb")
                rest = pd.concat([parts.train, parts.test], ignore_index=True)
                return TrainingData(source, rest, parts.validation)
            whole = _own(path, notes)
        elif source.name not in NAMES:
            whole = _own(Path(source.name), notes)
        if source.validation:
            return _with_validation(source, whole, notes)
        name = source.full or source.name
        parts = split(name) if whole is None else split_frame(whole, name)
    except DataError as error:
        raise AttnError(str(error)) from None
    return TrainingData(source, parts.train, parts.validation, tuple(notes))


def _with_validation(source: Source, whole: pd.DataFrame | None, notes: list[str]) -> TrainingData:
    """All the data to train on, and another file to choose the epoch by."""
    if whole is None:
        parts = split(source.name)
        whole = pd.concat([parts.train, parts.validation], ignore_index=True)
    validation = _own(Path(source.validation), notes)
    shared = np.isin(text_keys(whole["text"]), text_keys(validation["text"]))
    if shared.any():
        notes.append(
            f"{int(shared.sum()):,} texts are in the training data and in {source.validation}: "
            "they are left out of the training data."
        )
    train = whole[~shared].reset_index(drop=True)
    if train["label"].nunique() < 2:
        raise AttnError(
            f"Nothing is left to train on with both labels once the texts of {source.validation} "
            "are left out: give other validation data."
        )
    return TrainingData(source, train, validation, tuple(notes))


def _own(path: Path, notes: list[str]) -> pd.DataFrame:
    reviews = read_csv(path)
    notes += reviews.notes(path)
    return reviews.frame


def evaluation_data(name: str) -> tuple[pd.DataFrame, list[str]]:
    """The texts to judge a model by, and notes: a named set's test part, or all of a file.

    Of the official archive of IMDb, that's the test half.
    """
    path = Path(name)
    try:
        if name in NAMES:
            return split(name).test, []
        if is_archive(path):
            return read_archive(path, "test"), []
        reviews = read_csv(path)
    except DataError as error:
        raise AttnError(str(error)) from None
    return reviews.frame, reviews.notes(path)


def text_keys(texts: Iterable[str]) -> npt.NDArray[np.uint64]:
    """A number for each text, alike for texts that differ only in case and white space."""
    return np.array([_key(text) for text in texts], np.uint64)


def _key(text: str) -> int:
    raw = " ".join(text.casefold().split()).encode("utf-8", "surrogatepass")
    return int.from_bytes(hashlib.blake2b(raw, digest_size=8).digest(), "little")


def describe(data: TrainingData) -> dict[str, Any]:
    """What a run's record says of its data."""
    sizes = {"train_texts": len(data.train), "validation_texts": len(data.validation)}
    return {**data.source.to_json(), **sizes, "digest": data.digest()}
