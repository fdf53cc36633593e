"""Lesson 11's functions have laws of their own: what is drawn varies, what is promised doesn't."""

from __future__ import annotations

import itertools
from collections import Counter

import numpy as np
from attnkit.synonyms import NEGATORS, SYNONYMS, TABLE
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder.authoring.lesson import read_lesson
from autograder.course import find_course

REFERENCE = read_lesson(find_course().lesson("11_less_data").source).reference()
synonym_replace, random_erase = REFERENCE["synonym_replace"], REFERENCE["random_erase"]
erase_patch, coral = REFERENCE["erase_patch"], REFERENCE["coral"]
augmented_split, robustness = REFERENCE["augmented_split"], REFERENCE["robustness"]
check_augment = REFERENCE["check_augment"]

SEEDS = st.integers(0, 10_000)
WORDS = st.lists(st.sampled_from([*SYNONYMS, "the", "a", "of", "no"]), min_size=1, max_size=12)
few = settings(max_examples=30, deadline=None)


def test_the_table_is_what_the_lesson_says_of_it() -> None:
    assert len(SYNONYMS) == 60
    assert all(word in own and len(own) > 1 for word, own in SYNONYMS.items())
    assert any("_" in other for own in SYNONYMS.values() for other in own)
    assert len(TABLE) == 10
    for word, others in TABLE.items():
        assert others <= SYNONYMS[word] - {word}, "a part of the larger table"
        assert not any("_" in other for other in others)
    assert not NEGATORS & {*TABLE}.union(*TABLE.values())


@few
@given(WORDS, st.integers(0, 8), st.sets(st.sampled_from([*SYNONYMS])), SEEDS)
def test_a_copy_differs_at_n_free_places(
    tokens: list[str], n: int, keep: set[str], seed: int
) -> None:
    """Read back place by place: each word is itself or one of its synonyms, split up."""
    copy = synonym_replace(tokens, SYNONYMS, n, np.random.default_rng(seed), keep)
    free = sum(word in SYNONYMS and word not in keep for word in tokens)
    ways = {(0, 0)}  # how many words of the copy are read, and how many places were changed
    for word in tokens:
        others = set() if word in keep else SYNONYMS.get(word, set()) - {word}
        read = [([word], 0), *((other.split("_"), 1) for other in others)]
        ways = {
            (at + len(new), changed + more)
            for at, changed in ways
            for new, more in read
            if copy[at : at + len(new)] == new
        }
    assert (len(copy), min(n, free)) in ways


@few
@given(WORDS, st.floats(0, 1), SEEDS)
def test_what_is_left_of_a_text_stands_in_it_in_this_order(
    tokens: list[str], p: float, seed: int
) -> None:
    left = random_erase(tokens, p, np.random.default_rng(seed))
    text = iter(tokens)
    assert left
    assert all(word in text for word in left)  # `in` reads on from where it stands
    assert random_erase(tokens, 0.0, np.random.default_rng(seed)) == tokens
    assert len(random_erase(tokens, 1.0, np.random.default_rng(seed))) == 1


@few
@given(st.integers(1, 4), st.integers(1, 6), st.integers(1, 6), SEEDS)
def test_patches_have_their_size_and_lie_inside(B: int, h: int, w: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    img_BHW = rng.uniform(1, 2, (B, h + int(rng.integers(4)), w + int(rng.integers(4))))
    out_BHW = erase_patch(img_BHW, h, w, rng, fill=-1.0)
    assert ((out_BHW == -1).sum(axis=(1, 2)) == h * w).all()
    for gone_HW in out_BHW == -1:
        rows, columns = np.flatnonzero(gone_HW.any(axis=1)), np.flatnonzero(gone_HW.any(axis=0))
        assert np.ptp(rows) == h - 1
        assert np.ptp(columns) == w - 1
    assert (out_BHW == np.where(out_BHW == -1, -1, img_BHW)).all()


@few
@given(st.integers(2, 5), st.floats(0.05, 5), SEEDS)
def test_the_moved_cloud_has_the_other_ones_mean_and_nearly_its_covariance(
    D: int, eps: float, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    xs_MD, xt_ND = rng.normal(size=(40, D)) + 3, rng.normal(size=(30, D)) @ rng.normal(size=(D, D))
    moved_MD = coral(xs_MD, xt_ND, eps)
    assert np.allclose(moved_MD.mean(axis=0), xt_ND.mean(axis=0))
    assert np.allclose(coral(xs_MD, xs_MD, eps), xs_MD), "to itself, nothing moves"
    order_D = rng.permutation(D)  # no feature comes first, as one does for Cholesky
    shuffled_MD = coral(xs_MD[:, order_D], xt_ND[:, order_D], eps)
    assert np.allclose(shuffled_MD, moved_MD[:, order_D])
    close_MD = coral(xs_MD, xt_ND, 1e-9)
    assert np.allclose(np.cov(close_MD.T), np.cov(xt_ND.T), atol=1e-5)


@few
@given(st.lists(st.integers(1, 5), min_size=2, max_size=7), st.integers(0, 3), SEEDS)
def test_a_split_loses_nothing_and_mixes_nothing(sizes: list[int], k: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    groups = rng.permutation(np.repeat(np.arange(len(sizes)), sizes)).tolist()
    texts = [f"text {n}" for n in range(len(groups))]
    labels = rng.integers(0, 2, len(groups)).tolist()
    n_test = int(rng.integers(1, max(2, len(groups) - max(sizes) + 1)))
    marks = itertools.count()
    train, test = augmented_split(
        texts, labels, groups, n_test, k, lambda text, rng: f"{text}+{next(marks)}", rng
    )
    rows = dict(zip(texts, labels, strict=True))
    originals = [row for row in train if "+" not in row[0]]
    assert {*originals, *test} == {*rows.items()}
    assert not {groups[texts.index(text)] for text, _ in originals} & {
        groups[texts.index(text)] for text, _ in test
    }
    assert len(test) >= n_test
    copies = Counter((text.partition("+")[0], label) for text, label in train if "+" in text)
    assert copies == Counter(originals * k)
    assert all("+" not in text for text, _ in test)


@few
@given(st.integers(1, 12), st.integers(1, 5), SEEDS)
def test_the_four_numbers_hang_together(N: int, A: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    clean_N, attacked_NA = rng.random(N) < 0.7, rng.random((N, A)) < 0.7
    found = robustness(clean_N, attacked_NA)
    assert np.isclose(found["worst"], found["clean"] * (1 - found["flips"]))
    assert found["worst"] <= min(found["clean"], attacked_NA.mean(axis=0).min())
    again = robustness(clean_N, np.column_stack([attacked_NA, attacked_NA]))
    assert {name: again[name] for name in again} == found, "the same attacks twice are no worse"


def test_the_learners_own_functions_are_put_to_the_test() -> None:
    """What the lesson asks: L11.1 passes if the negators are kept, L11.2 loses them."""

    def replaced(tokens: list[str], rng: np.random.Generator) -> list[str]:
        found: list[str] = synonym_replace(tokens, TABLE, 1, rng, keep=NEGATORS)
        return found

    def erased(tokens: list[str], rng: np.random.Generator) -> list[str]:
        found: list[str] = random_erase(tokens, 0.3, rng)
        return found

    assert check_augment(replaced)
    assert not check_augment(erased)
