"""The reviews: complete, checked, never in two parts, and clear words when something is wrong."""

import hashlib
import shutil
from pathlib import Path

import pandas as pd
import pytest
from attnkit import data
from attnkit.data import DataError, load_reviews, split
from attnkit.reviews_csv import WINDOWS_PUNCTUATION

from autograder.classifying.datasets import evaluation_data


def test_mr_is_complete_and_balanced() -> None:
    reviews = load_reviews("mr")
    assert list(reviews.columns) == ["text", "label"]
    assert len(reviews) == 8530
    assert reviews.label.sum() == 4265
    assert reviews.text.is_unique


def test_imdb_has_lost_its_exact_copies_and_nothing_else() -> None:
    reviews = load_reviews("imdb")
    assert len(reviews) == 24_904
    assert reviews.label.sum() == 12_472
    assert reviews.text.is_unique
    assert reviews.text[0].startswith("I rented I AM CURIOUS-YELLOW")


@pytest.mark.parametrize("name", data.NAMES)
def test_no_invisible_punctuation_is_left(name: str) -> None:
    texts = "".join(load_reviews(name).text)
    assert not set(texts) & {chr(code) for code in WINDOWS_PUNCTUATION}


def test_changing_a_frame_does_not_change_the_next_one() -> None:
    reviews = load_reviews("mr")
    reviews.loc[:, "label"] = 7
    assert set(load_reviews("mr").label) == {0, 1}


@pytest.mark.parametrize(
    ("name", "sizes"), [("mr", (6530, 1000, 1000)), ("imdb", (19_904, 2500, 2500))]
)
def test_parts_have_the_published_sizes_and_share_no_text(
    name: str, sizes: tuple[int, int, int]
) -> None:
    parts = split(name)
    assert tuple(len(part) for part in parts) == sizes
    texts = pd.concat([part.text for part in parts])
    assert texts.is_unique
    assert set(texts) == set(load_reviews(name).text)
    for part in (parts.validation, parts.test):
        assert part.label.mean() == 0.5


@pytest.mark.parametrize(
    ("name", "fingerprint"), [("mr", "5829b7e958afcfa3"), ("imdb", "a52f67bc0ab7770b")]
)
def test_the_split_is_the_one_that_was_published(name: str, fingerprint: str) -> None:
    """Published numbers would silently lose their meaning if texts changed places."""
    parts = split(name)
    texts = "\0".join(sorted(parts.validation.text)) + "\1" + "\0".join(sorted(parts.test.text))
    assert hashlib.sha256(texts.encode()).hexdigest()[:16] == fingerprint


def test_a_text_stays_in_its_part_when_the_rows_are_shuffled(tmp_path: Path) -> None:
    reviews = load_reviews("mr").iloc[::20]
    reviews.to_csv(tmp_path / "a.csv", index=False)
    reviews.sample(frac=1, random_state=3).to_csv(tmp_path / "b.csv", index=False)
    for one, other in zip(split(tmp_path / "a.csv"), split(tmp_path / "b.csv"), strict=True):
        assert set(one.text) == set(other.text)


def test_a_damaged_file_is_refused(tmp_path: Path) -> None:
    copy = tmp_path / "reviews.csv"
    shutil.copy(data._bundled_csv(), copy)
    with copy.open("r+b") as file:
        file.seek(1000)
        file.write(b"X")
    with pytest.raises(DataError, match=r"damaged .*pip install"):
        data._bundled("mr", *data._fingerprint(copy))


def test_the_sentences_alone_are_the_same_sentences(tmp_path: Path) -> None:
    """What a browser fetches: the file without IMDb's reviews, which it says are not there."""
    copy = tmp_path / "reviews.csv"
    heading, _, mr = data.pieces(data._bundled_csv().read_bytes())
    copy.write_bytes(heading + mr)
    assert data.pieces(heading + mr) == (heading, b"", mr)
    assert data._bundled("mr", *data._fingerprint(copy)).equals(load_reviews("mr"))
    with pytest.raises(DataError, match="IMDb's whole reviews come with the course"):
        data._bundled("imdb", *data._fingerprint(copy))


def test_a_missing_package_and_a_missing_file_are_told_apart(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="package no-such-reviews is not installed"):
        data._bundled_csv("no-such-reviews")
    with pytest.raises(DataError, match="missing from"):
        data._fingerprint(tmp_path / "gone.csv")


# --- a file of the user's own ---


def written(folder: Path, content: str | bytes) -> Path:
    path = folder / "own.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def test_own_csv_is_read_as_it_stands(tmp_path: Path) -> None:
    """Words that pandas takes for "nothing" are words, and so are numbers."""
    own = written(tmp_path, '\ufeffid,label,text\r\n1,1,"NA, null"\r\n2,0,404\r\n3,1.0,ça va\r\n')
    reviews = load_reviews(own)
    assert reviews.text.tolist() == ["NA, null", "404", "ça va"]
    assert reviews.label.tolist() == [1, 0, 1]
    assert load_reviews(str(own)).equals(reviews)


@pytest.mark.parametrize(
    "content",
    [
        "Text,LABEL\na good film,1\na bad film,0\n",
        "text,label\na good film,positive\na bad film,Negative\n",
        "text,label\na good film,pos\na bad film,0.00\n",
        "text,label\na good film,1,\na bad film,0,\n",  # a comma at each line's end
        "text,label\r\n a good film ,1,,\r\n\r\na bad film,0\r\n",
    ],
)
def test_own_csv_is_read_in_a_notebook_as_for_training(content: str, tmp_path: Path) -> None:
    own = written(tmp_path, content)
    wanted = {"text": ["a good film", "a bad film"], "label": [1, 0]}
    assert load_reviews(own).to_dict("list") == wanted
    frame, notes = evaluation_data(str(own))
    assert (frame.to_dict("list"), notes) == (wanted, [])


def test_rows_of_own_csv_that_cannot_be_used_are_told(tmp_path: Path) -> None:
    own = written(tmp_path, "text,label\nfine,1\nawful,2\nbad,0\n")
    with pytest.warns(UserWarning, match=r"1 of 3 rows can't be used .*line 3 .the label '2'"):
        reviews = load_reviews(own)
    assert reviews.text.tolist() == ["fine", "bad"]


def test_own_csv_loses_texts_that_are_there_twice(tmp_path: Path) -> None:
    own = written(tmp_path, "text,label\ngood,1\nbad,0\ngood,0\n")
    with pytest.warns(UserWarning, match="1 of 3 rows repeat an earlier text, 1 with the other"):
        reviews = load_reviews(own)
    assert reviews.to_dict("list") == {"text": ["good", "bad"], "label": [1, 0]}


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("", "is empty"),
        ("text,label\n", "no rows"),
        ("review,stars\nfine,5\n", "no column text and no column label"),
        ("text,stars\nfine,5\n", "no column label"),
        ("text,label\nawful,2\n", "line 2 .the label '2' is not 0 or 1"),
        ("text,label\nfine,\n", "line 2 .the label ''"),
        ("text,label\nfine,nan\n", "line 2 .the label 'nan'"),
        ("text,label\n ,0\n", "line 2 .no text"),
        ("text,label\nfine,1\na,b,c,0\nb,c,d\n", "Only 1 of the 3 rows .*line 3 .4 cells, not 2"),
        ("text,label\nschön,1\n".encode("latin-1"), "not in UTF-8 in line 2"),
        ('text,label\n"never closed,1\n', "line 2 .1 cells, not 2"),
    ],
)
def test_a_wrong_file_is_named_with_what_is_wrong(
    tmp_path: Path, content: str | bytes, says: str
) -> None:
    own = written(tmp_path, content)
    with pytest.raises(DataError, match=says) as caught:
        load_reviews(own)
    message = str(caught.value)
    assert str(own) in message
    assert "\n" not in message
    assert message.endswith(".")


def test_unknown_names_and_folders_are_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r'no file "mrr".* mr or imdb'):
        load_reviews("mrr")
    with pytest.raises(DataError, match="is a folder"):
        load_reviews(tmp_path)


def test_a_tiny_file_is_not_split(tmp_path: Path) -> None:
    own = written(tmp_path, "text,label\n" + "".join(f"fine {i},1\n" for i in range(30)))
    with pytest.raises(DataError, match="too few reviews"):
        split(own)
