import numpy as np

from autograder.authoring import Axes, Check, Exercise, call, normal

from .shared import CLOSE, with_mask

exercise = Exercise(
    "Pooling that counts words only",
    solve=("masked_mean", "masked_max"),
    difficulty=2,
    importance=5,
    minutes=15,
    hints="""By hand, for one coordinate with the numbers 4, 2 and a pad: what is summed, and by
    what is it divided? For the maximum: which number can a pad be given so that it never wins, not
    even against −7?

    The mask has no axis D. Give it one of length 1 at the end, and it broadcasts over the
    coordinates. The divisor is the number of words of each sentence, shape (B, 1). An empty row has
    to be caught in both functions: 0 / 0 there, −∞ here.

    `np.where(mask_BT[:, :, None], x_BTD, filler)` has the filler at every pad: 0 for the sum, −∞
    for the maximum. `np.maximum(count, 1)` makes a divisor that is never 0, and
    `mask_BT.any(axis=1)` says which sentences have a word at all.""",
)


@exercise.checks
def checks(rng):
    (fresh,) = rng.spawn(1)
    three = np.array([[[4.0, -1.0], [2.0, -5.0], [9.0, 9.0]]])
    two_words = np.array([[True, True, False]])
    others, more_others = fresh.integers(-9, 10, (2, 1, 4, 3)).astype(float)
    some_words = fresh.permuted([[True, True, True, False]], axis=1)
    yield Check(
        "the mean of two words and a pad, by hand",
        call.masked_mean(three, two_words, tolerance=CLOSE),
        call.masked_mean(others, some_words, tolerance=CLOSE),
        says="""In the first example the words are (4, −1) and (2, −5); the pad's 9s count for
        nothing.""",
    )
    yield Check(
        "the maximum of two words and a pad, by hand",
        call.masked_max(three, two_words),
        call.masked_max(-three, np.array([[True, True, True]])),
        call.masked_max(more_others, some_words),
        says="""In the first example the words are (4, −1) and (2, −5): the largest first coordinate
        is 4, the largest second one −1.""",
    )
    axes = Axes(B=4, T=7, D=5)
    x_BTD = axes.normal(rng, "BTD")
    keep_BT = axes.ragged_mask(rng, "BT", empty_row=False)
    large_BTD = np.where(keep_BT[:, :, None], x_BTD, 1000 * axes.normal(rng, "BTD"))
    square_1TD = normal(rng, 1, 5, 5)
    some_1T = np.array([[True, False, True, True, False]])
    yield Check(
        "means of a batch, whatever stands at the pads",
        call.masked_mean(x_BTD, keep_BT, tolerance=CLOSE),
        call.masked_mean(large_BTD, keep_BT, tolerance=CLOSE),
        call.masked_mean(square_1TD, some_1T, tolerance=CLOSE),
        call.masked_mean(x_BTD, np.ones((4, 7), bool), tolerance=CLOSE),
        says="""Each sentence is divided by the number of its own words. One example has as many
        words as coordinates: there, mixing up the two axes raises no error.""",
    )
    negative_BTD = -np.abs(x_BTD) - 0.5
    yield Check(
        "maxima of a batch, negative numbers too",
        call.masked_max(x_BTD, keep_BT),
        call.masked_max(large_BTD, keep_BT),
        call.masked_max(negative_BTD, keep_BT),
        call.masked_max(negative_BTD - 50_000, keep_BT),
        call.masked_max(square_1TD, some_1T),
        says="If all of a sentence's numbers are negative, so is their maximum.",
    )
    one_empty_BT = axes.ragged_mask(rng, "BT")
    yield Check(
        "the mean of a sentence without a word",
        call.masked_mean(three, np.zeros((1, 3), bool)),
        call.masked_mean(x_BTD, one_empty_BT, tolerance=CLOSE),
        says="An empty sentence gives zeros, and the others their means.",
    )
    yield Check(
        "the maximum of a sentence without a word",
        call.masked_max(three, np.zeros((1, 3), bool)),
        call.masked_max(negative_BTD, one_empty_BT),
        call.masked_max(x_BTD, one_empty_BT),
        says="An empty sentence gives zeros, and the others their maxima.",
    )
    pairs = [*with_mask(x_BTD, keep_BT), (x_BTD, one_empty_BT)]
    yield Check(
        "float32, strided and read-only arrays, inputs left alone",
        *(call.masked_mean(*each, tolerance=1e-5) for each in pairs),
        *(call.masked_max(*each, tolerance=1e-5) for each in pairs),
        says="Whoever called still needs the words and the mask as they were.",
        judges="inputs untouched",
    )


@exercise.of("masked_mean").right
def a_loop_over_sentences(x_BTD, mask_BT):
    out = np.zeros((x_BTD.shape[0], x_BTD.shape[2]))
    for b in range(len(x_BTD)):
        words = x_BTD[b][mask_BT[b]]
        if len(words) > 0:
            out[b] = words.mean(axis=0)
    return out


@exercise.of("masked_mean").right("einsum, and a little more than the count")
def einsum_and_a_little_more(x_BTD, mask_BT):
    total_BD = np.einsum("btd,bt->bd", x_BTD, mask_BT)
    return total_BD / (mask_BT.sum(axis=1, keepdims=True) + 1e-9)


@exercise.of("masked_mean").right
def masked_arrays(x_BTD, mask_BT):
    hidden = np.broadcast_to(~mask_BT[..., None], x_BTD.shape)
    return np.ma.array(x_BTD, mask=hidden).mean(axis=1).filled(0.0)


@exercise.of("masked_max").right("each sentence's own words")
def each_sentence_s_own_words(x_BTD, mask_BT):
    rows = []
    for x_TD, keep_T in zip(x_BTD, mask_BT, strict=True):
        rows.append(x_TD[keep_T].max(axis=0) if keep_T.any() else np.zeros(x_TD.shape[1]))
    return np.array(rows)


@exercise.of("masked_max").right("where= and a start value")
def where_and_a_start_value(x_BTD, mask_BT):
    top_BD = np.max(x_BTD, axis=1, where=mask_BT[:, :, None], initial=-np.inf)
    top_BD[np.isneginf(top_BD)] = 0
    return top_BD


@exercise.of("masked_max").right
def pads_one_below_the_smallest_number(x_BTD, mask_BT):
    floor = x_BTD.min() - 1
    top_BD = np.where(mask_BT[..., None], x_BTD, floor).max(axis=1)
    return top_BD * mask_BT.any(axis=1, keepdims=True)


@exercise.of("masked_mean").wrong
def divides_by_T(x_BTD, mask_BT):
    """You summed the words only, and divided by T, the pads included. The more padding, the shorter
    the mean. How many words has each sentence?"""
    return (x_BTD * mask_BT[:, :, None]).sum(axis=1) / x_BTD.shape[1]


@exercise.of("masked_mean").wrong
def mean_ignores_the_mask(x_BTD, mask_BT):
    """This is the mean of all positions: the mask makes no difference to it."""
    return x_BTD.mean(axis=1)


@exercise.of("masked_mean").wrong
def sums_the_pads(x_BTD, mask_BT):
    """You divided by the number of words, but what stands at the pads is still in the sum. It is
    right only while pads are zeros. What may a pad contribute?"""
    return x_BTD.sum(axis=1) / np.maximum(mask_BT.sum(axis=1, keepdims=True), 1)


@exercise.of("masked_mean").wrong
def zero_over_zero(x_BTD, mask_BT):
    """A sentence without a word has the sum 0 and the count 0, and 0 / 0 is nan. What may the
    divisor be instead, so that zeros come out?"""
    return (x_BTD * mask_BT[:, :, None]).sum(axis=1) / mask_BT.sum(axis=1)[:, None]


@exercise.of("masked_mean").wrong
def count_without_its_axis(x_BTD, mask_BT):
    """Your sums have the shape (B, D), your counts (B,): these line up with D, which is an error,
    or where B = D divides by the wrong sentence's count. Which axis of length 1 do the counts
    lack?"""
    return (x_BTD * mask_BT[:, :, None]).sum(axis=1) / np.maximum(mask_BT.sum(axis=1), 1)


@exercise.of("masked_mean").wrong
def one_mean_for_the_batch(x_BTD, mask_BT):
    """`x_BTD[mask_BT]` puts the words of all sentences into one long list, and nobody knows any
    more which word was whose: you pooled the whole batch. One row for each sentence is asked for.
    Can the pads be made harmless while every word stays in its place?"""
    return x_BTD[mask_BT].mean(axis=0)


@exercise.of("masked_mean").wrong
def adds_to_every_count(x_BTD, mask_BT):
    """You added a small number to every count, against 0 / 0. It makes each mean a little too
    small, here in the seventh digit. Which counts need help at all?"""
    total_BD = (x_BTD * mask_BT[:, :, None]).sum(axis=1)
    return total_BD / (mask_BT.sum(axis=1, keepdims=True) + 1e-6)


@exercise.of("masked_mean").wrong
def one_count_for_all(x_BTD, mask_BT):
    """You divided by the number of words in the whole batch. Each sentence has a count of its own:
    along which axis is it taken?"""
    return (x_BTD * mask_BT[:, :, None]).sum(axis=1) / max(mask_BT.sum(), 1)


@exercise.of("masked_mean").wrong
def divides_by_the_longest(x_BTD, mask_BT):
    """You divided every sentence by the number of words of the longest one. A sentence's mean
    must not depend on who else is in the batch."""
    return (x_BTD * mask_BT[:, :, None]).sum(axis=1) / max(mask_BT.sum(axis=1).max(), 1)


@exercise.of("masked_mean").wrong
def mask_broadcasts_along_D(x_BTD, mask_BT):
    """`x_BTD * mask_BT` lines the mask's T up with the last axis of x_BTD, which is D: an error in
    general, and where T = D it silently hides coordinates instead of words. Which axis does the
    mask lack?"""
    return (x_BTD * mask_BT).sum(axis=1) / np.maximum(mask_BT.sum(axis=1, keepdims=True), 1)


@exercise.of("masked_mean").wrong
def means_over_coordinates(x_BTD, mask_BT):
    """Your result has one number for each word, not for each coordinate: the axis that disappears
    is the words', T."""
    return np.where(mask_BT, x_BTD.mean(axis=2), 0)


@exercise.of("masked_mean").wrong
def mean_changes_its_input(x_BTD, mask_BT):
    """The means are right, but you wrote zeros into the caller's own array (and a read-only one
    refuses). `np.where` makes a new one."""
    x_BTD[~mask_BT] = 0
    return x_BTD.sum(axis=1) / np.maximum(mask_BT.sum(axis=1, keepdims=True), 1)


@exercise.of("masked_max").wrong
def zeros_win_the_maximum(x_BTD, mask_BT):
    """You multiplied by the mask, so that pads are 0. Where all of a sentence's numbers are
    negative, that 0 wins the maximum. Which number can never win?"""
    return (x_BTD * mask_BT[:, :, None]).max(axis=1)


@exercise.of("masked_max").wrong
def maximum_ignores_the_mask(x_BTD, mask_BT):
    """This is the maximum over all positions: the mask makes no difference to it."""
    return x_BTD.max(axis=1)


@exercise.of("masked_max").wrong
def minus_infinity_left_over(x_BTD, mask_BT):
    """Your −∞ at the pads is right, but a sentence without a word keeps it: its maximum is −∞.
    Zeros are asked for there."""
    return np.where(mask_BT[:, :, None], x_BTD, -np.inf).max(axis=1)


@exercise.of("masked_max").wrong
def minus_a_billion_left_over(x_BTD, mask_BT):
    """Pads of −1e9 never win, but in a sentence without a word nothing else is there: its maximum
    is −1e9. Zeros are asked for there."""
    return np.where(mask_BT[:, :, None], x_BTD, -1e9).max(axis=1)


@exercise.of("masked_max").wrong
def never_below_zero(x_BTD, mask_BT):
    """Your maximum never falls below 0: it is right for an empty sentence, and wrong for one whose
    numbers are all negative. How can the two be told apart?"""
    return np.maximum(np.where(mask_BT[:, :, None], x_BTD, -np.inf).max(axis=1), 0)


@exercise.of("masked_max").wrong
def pads_pushed_down_too_little(x_BTD, mask_BT):
    """You took 10 off the pads. A pad may hold any finite number, 1000 as well, and then wins all
    the same. Replace what stands there instead of moving it."""
    low_BTD = x_BTD - 10 * ~mask_BT[:, :, None]
    return np.where(mask_BT.any(axis=1)[:, None], low_BTD.max(axis=1), 0)


@exercise.of("masked_max").wrong
def pads_at_a_low_number(x_BTD, mask_BT):
    """You gave the pads a low number of your own, and a sentence's numbers may all lie below it.
    Which number is below every other?"""
    low_BTD = np.where(mask_BT[:, :, None], x_BTD, -1000)
    return np.where(mask_BT.any(axis=1)[:, None], low_BTD.max(axis=1), 0)


@exercise.of("masked_max").wrong
def minus_infinity_times_zero(x_BTD, mask_BT):
    """You multiplied the maxima by 0 where a sentence is empty. But −∞ · 0 is nan: choose with
    `np.where` instead of multiplying."""
    top_BD = np.where(mask_BT[:, :, None], x_BTD, -np.inf).max(axis=1)
    return top_BD * mask_BT.any(axis=1)[:, None]


for line in (
    "return total_BD / np.maximum(mask_BT.sum(axis=-1), 1)[:, None]",
    "return np.where(mask_BT.any(axis=-1)[:, None], top_BD, 0)",
):
    exercise.allow_mutant(after=line, reason="The mask has two axes: its last one is axis 1.")
