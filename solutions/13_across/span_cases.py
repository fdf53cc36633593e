"""What L13.4 asks: spans in texts of which one is clearly the best, and summaries within a budget."""

import numpy as np

from autograder.authoring import Check, call, every_layout, float32, probe


def sums(start_S: np.ndarray, end_S: np.ndarray, mask_S: np.ndarray, max_len: int) -> np.ndarray:
    """The sums of all spans that are allowed, largest first."""
    i, j = np.arange(len(mask_S))[:, None], np.arange(len(mask_S))
    allowed = (j >= i) & (j < i + max_len) & mask_S[:, None] & mask_S
    return np.sort((start_S[:, None] + end_S)[allowed])[::-1]


def block(rng: np.random.Generator, S: int, kind: str) -> np.ndarray:
    """A mask of one block: all words, those in the middle, pads in front or behind, or none."""
    low, high = int(rng.integers(1, S // 3 + 1)), int(rng.integers(S - S // 3, S))
    low, high = {
        "all": (0, S),
        "middle": (low, high),
        "front": (low, S),
        "behind": (0, high),
        "none": (0, 0),
    }[kind]
    return (np.arange(S) >= low) & (np.arange(S) < high)


def texts(
    rng: np.random.Generator,
    S: int,
    masks: list[str],
    lengths: tuple[int, ...],
    centre: float = 0.0,
    scale: float = 2.0,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Logits and masks of texts in which the best span of each length is clearly the best."""
    rows = []
    for name in masks:
        while True:
            start_S, end_S = np.round(rng.normal(centre, scale, (2, S)), 2)
            mask_S = block(rng, S, name)
            found = [sums(start_S, end_S, mask_S, n) for n in lengths]
            if all(len(f) < 2 or f[0] - f[1] > 0.02 * scale for f in found):
                break
        rows.append((start_S, end_S, mask_S))
    start_BS, end_BS, mask_BS = (np.array(part) for part in zip(*rows, strict=True))
    return start_BS, end_BS, mask_BS


def at_these_places(best_span, start_BS, end_BS, mask_BS, max_len):
    i_B, j_B = best_span(start_BS, end_BS, mask_BS, max_len)
    place_S = np.arange(start_BS.shape[1])
    return place_S[i_B], place_S[j_B]


def of_best_span(rng, fresh):
    hand = np.array([[1.0, 4.0, 0.0, 2.0, 0.5]]), np.array([[5.0, 0.0, 2.5, 1.0, 3.0]])
    five = np.ones((1, 5), bool)
    yield Check(
        "best_span: five words",
        call.best_span(*hand, five, 3),
        call.best_span(*hand, five, 4),
        probe(at_these_places, says="What stands at the places found, in an array of 0, 1, 2, …,")(
            *texts(rng, 6, ["all"] * 7, (3,)), 3
        ),
        says="""The highest start is word 1, the highest end word 0: no span, for it would end before it
        begins. With at most three words 4.0 + 2.5 is the best, from word 1 to word 2; with four, words 1
        to 4.""",
    )
    all_of_it = texts(fresh, 9, ["all"] * 11, (1, 2, 4, 9))
    yield Check(
        "best_span: at most max_len words",
        *(call.best_span(*all_of_it, n) for n in (2, 1, 4, 9, 30)),
        call.best_span(*texts(rng, 12, ["all"] * 9, (5,)), 5),
        says="""From i to j there are j − i + 1 words. With max_len = 1 each answer is one word; where max_len
        is larger than the text, only i ≤ j counts.""",
        points=2,
    )
    kinds = ["middle", "behind", "front", "all", "middle", "behind", "front"]
    yield Check(
        "best_span: where the answer may stand",
        call.best_span(*texts(rng, 11, kinds, (4,)), 4),
        call.best_span(*texts(rng, 10, kinds, (3,), centre=-6.0), 3),
        call.best_span(*texts(fresh, 13, kinds[::-1], (5,), centre=5.0), 5),
        says="""In front of the text stands the question, behind it are pads: whatever their logits, they
        are no answer. A logit of 0 isn't hidden, either: all others may be negative.""",
        points=2,
    )
    kinds = ["behind", "none", "middle", "front", "none", "all"]
    yield Check(
        "best_span: nothing to choose from",
        call.best_span(*texts(rng, 8, fresh.permutation(kinds).tolist(), (3,), centre=3.0), 3),
        call.best_span(*texts(fresh, 9, fresh.permutation(kinds).tolist(), (2,), centre=-3.0), 2),
        says="""A row without a True gives −1 and −1, so that text[i : j + 1] is empty, and leaves the other rows
        alone.""",
    )
    yield Check(
        "best_span: logits in the hundreds",
        call.best_span(*texts(rng, 10, ["all", "behind", "middle"] * 3, (3,), scale=900.0), 3),
        call.best_span(
            *(float32(a) for a in texts(fresh, 9, ["front", "all"] * 4, (4,), scale=700.0)), 4
        ),
        says="""Sums of logits may be as large as they like. Probabilities of such logits are 0 for all but
        one word, and a span that avoids it is then like any other.""",
    )
    yield Check(
        "best_span: float32, strided and read-only arrays, inputs left alone",
        *every_layout(call.best_span(*texts(rng, 7, ["middle", "all", "behind"] * 2, (3,)), 3)),
        says="The logits are needed again: hide in an array of your own.",
        judges="inputs untouched",
    )


def sentences(rng: np.random.Generator, N: int, low: float = 0.0) -> tuple[np.ndarray, np.ndarray]:
    """Different scores and lengths of N sentences."""
    score_N = np.round(low + rng.permutation(np.arange(1, 3 * N))[:N] / 10, 1)
    return score_N, rng.integers(3, 30, N)


def some_are_skipped(score_N: np.ndarray, words_N: np.ndarray, budget: int) -> bool:
    """Whether a sentence that doesn't fit comes before one that does."""
    fits = []
    for n in np.argsort(-score_N):
        fits.append(words_N[n] <= budget)
        budget -= words_N[n] * fits[-1]
    return sorted(fits, reverse=True) != fits


def of_extract(rng, fresh):
    def some(N: int, share: float, low: float = 0.0) -> tuple[np.ndarray, np.ndarray, int]:
        while True:
            score_N, words_N = sentences(rng, N, low)
            budget = int(share * words_N.sum())
            if some_are_skipped(score_N, words_N, budget):
                return score_N, words_N, budget

    yield Check(
        "extract: five sentences",
        call.extract(np.array([0.2, 0.9, 0.5, 0.7, 0.1]), np.array([4, 8, 12, 7, 3]), 20),
        call.extract(np.array([0.2, 0.9, 0.5, 0.7, 0.1]), np.array([4, 8, 12, 7, 3]), 18),
        call.extract(*some(7, 0.5)),
        says="""Of 20 words the best sentence, number 1, takes 8 and number 3 takes 7. Number 2, with 12, doesn't
        fit any more; number 0, with 4, does. Of 18 words only number 4 still finds room.""",
    )
    yield Check(
        "extract: by score, then in the order of the text",
        call.extract(*some(12, 0.35)),
        call.extract(*some(15, 0.6)),
        call.extract(*some(10, 0.5, low=-1.6)),
        call.extract(*some(11, 0.4, low=-9.0)),
        says="""It is the score that counts, not how much of it there is for a word; scores below 0 count like
        others.""",
        points=2,
    )
    score_N, words_N = sentences(fresh, 9)
    best = np.argsort(-score_N)
    full = int(words_N[best[:4]].sum())
    short_N = fresh.integers(4, 9, 8)
    yield Check(
        "extract: a full budget, and an empty one",
        call.extract(score_N, words_N, full),
        call.extract(score_N, words_N, int(words_N[best[0]])),
        call.extract(score_N[:8], short_N, int(short_N.sum())),
        call.extract(score_N[:8], short_N, 500),
        call.extract(score_N[:8], short_N, int(short_N.min()) - 1),
        call.extract(score_N, words_N, 0),
        says="A budget that is filled to the last word is kept to. If nothing fits, the list is empty.",
    )

    def equal(N: int, share: float) -> tuple[np.ndarray, np.ndarray, int]:
        words_N = fresh.integers(5, 15, N)
        return fresh.integers(0, 3, N) / 2.0, words_N, int(share * words_N.sum())

    yield Check(
        "extract: equal scores",
        call.extract(np.array([1.0, 2.0, 1.0, 2.0, 1.0]), np.array([5, 5, 5, 5, 5]), 15),
        call.extract(*equal(40, 0.4)),
        call.extract(*equal(36, 0.55)),
        says="Of sentences with equal scores the earlier one is taken first.",
    )
    yield Check(
        "extract: float32, strided and read-only arrays, inputs left alone",
        *every_layout(call.extract(*some(10, 0.45))),
        says="Scores and lengths are needed again: keep count in a number of your own.",
        judges="inputs untouched",
    )
