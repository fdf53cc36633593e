import numpy as np

from autograder.authoring import Axes, Check, Exercise, call, float32, normal, uniform

from .shared import CLOSE, with_mask

# Of answers to scores of about ±1e3, whose own last digits are that much coarser.
LARGE, LARGE_32 = 1e-6, 1e-2

exercise = Exercise(
    "A softmax that doesn't see",
    solve="masked_softmax",
    difficulty=3,
    importance=5,
    minutes=25,
    hints="""A masked key should get the weight it would have if it had never been there. Which
    score gives an exponential of exactly 0? And what does your largest score have to be taken over,
    if masked scores may be enormous?

    `np.where(mask, s, …)` makes a new array: s where the mask is True, something else where it is
    not; the mask is broadcast by itself. Then lesson 2's softmax. Print what becomes of a row
    without any key: where does its nan come from?

    In an empty row the maximum is −∞, and −∞ − (−∞) is nan. Put 0 in place of such a maximum, and
    all its exponentials become 0. Then only their sum, 0, may not be divided by: put 1 in its
    place, and 0 / 1 is the 0 you want.""",
)


@exercise.checks
def checks(rng):
    (fresh,) = rng.spawn(1)
    three = np.array([2.0, 1.0, -1.0])
    others = uniform(fresh, -2, 3, 4, decimals=1)
    keep = fresh.permutation([True, True, True, False])
    yield Check(
        "three scores by hand",
        call(three, np.array([True, True, False]), tolerance=CLOSE),
        call(three, np.array([False, True, True]), tolerance=CLOSE),
        call(three, np.array([False, True, False]), tolerance=CLOSE),
        call(three, np.array([True, True, True]), tolerance=CLOSE),
        call(others, keep, tolerance=CLOSE),
        says="""A masked score gets the weight 0, the others share all of it: as if it had never
        been there.""",
    )
    axes = Axes()
    keep_BS = axes.ragged_mask(rng, "BS", empty_row=False)
    square = normal(rng, 4, 4)
    yield Check(
        "a table, each row with holes of its own",
        call(axes.normal(rng, "BS"), keep_BS, tolerance=CLOSE),
        call(square, square > square.mean(axis=0), tolerance=CLOSE)
        if (square > square.mean(axis=0)).any(axis=1).all()
        else call(square, ~np.eye(4, dtype=bool), tolerance=CLOSE),
        says="""In each row the kept weights are positive and sum to 1. Masked positions lie
        anywhere.""",
    )
    s_BHTS = axes.normal(rng, "BHTS")
    causal_TS = np.tril(np.ones((5, 7), bool), 2)
    both_B1TS = keep_BS[:, None, None, :] & causal_TS
    both_B1TS[..., 0] = True
    yield Check(
        "one mask for many rows",
        call(s_BHTS, keep_BS[:, None, None, :], tolerance=CLOSE),
        call(s_BHTS, causal_TS, tolerance=CLOSE),
        call(s_BHTS, both_B1TS, tolerance=CLOSE),
        call(axes.normal(rng, "BTS"), keep_BS[1], tolerance=CLOSE),
        says="""A padding mask of shape (B, 1, 1, S) holds for all heads and queries, a causal one
        of shape (T, S) for all sentences and heads: they broadcast.""",
    )
    s_TS = axes.normal(rng, "TS")
    yield Check(
        "any axis",
        call(s_TS, causal_TS, axis=0, tolerance=CLOSE),
        call(s_TS, causal_TS, axis=-2, tolerance=CLOSE),
        call(axes.normal(rng, "BTS"), causal_TS, axis=1, tolerance=CLOSE),
        call(axes.normal(rng, "BTS"), causal_TS, axis=2, tolerance=CLOSE),
        says="""The scores along `axis` compete: an axis of the scores, which may have more axes
        than the mask.""",
    )
    one_empty_BS = axes.ragged_mask(rng, "BS")
    s_BS = axes.normal(rng, "BS")
    yield Check(
        "a row without any key",
        call(three, np.zeros(3, bool), tolerance=CLOSE),
        call(s_BS, one_empty_BS, tolerance=CLOSE),
        call(s_BHTS, one_empty_BS[:, None, None, :], tolerance=CLOSE),
        call(axes.normal(rng, "BTS"), np.tril(np.ones((5, 7), bool), -2), tolerance=CLOSE),
        says="""A query that may look at nobody mixes nothing: all its weights are 0, and the other
        rows are as they were.""",
        points=2,
    )
    bump_BS = np.where(keep_BS, 0.0, 1000.0)
    low_BS = np.where(one_empty_BS, -1000.0, 1000.0)
    extreme_BS = axes.extreme(rng, "BS")
    apart_B1 = np.array([[1000.0], [-1000.0], [0.0]])
    yield Check(
        "whatever stands under a mask",
        call(np.array([2.0, 1.0, 1000.0]), np.array([True, True, False])),
        call(s_BS + bump_BS, keep_BS, tolerance=LARGE),
        call(s_BS - bump_BS, keep_BS, tolerance=LARGE),
        call(s_BS + low_BS, one_empty_BS, tolerance=LARGE),
        call(extreme_BS, keep_BS, tolerance=LARGE),
        call(s_BS + apart_B1, keep_BS, tolerance=LARGE),
        call(float32(s_BS + bump_BS), keep_BS, tolerance=LARGE_32),
        call(float32(s_BS + low_BS), one_empty_BS, tolerance=LARGE_32),
        says="""A masked score may be 1000 larger than the others, or smaller: no weight may change
        by it, nor by how large the scores of the next row are.""",
    )
    yield Check(
        "float16",
        call(s_BS.astype(np.float16), keep_BS),
        call(s_BS.astype(np.float16), one_empty_BS),
        call(three.astype(np.float16), np.array([True, False, True])),
        says="Large models run in 16 bits, where the largest number is 65,504.",
    )
    yield Check(
        "float32, strided and read-only arrays, inputs left alone",
        *(call(*each, tolerance=1e-5) for each in with_mask(s_BS, keep_BS)),
        call(s_BS, one_empty_BS),
        says="Whoever called still needs the scores and the mask as they were.",
        judges="inputs untouched",
    )


@exercise.right("a loop over rows, kept scores only")
def a_loop_over_rows_kept(s, mask, axis=-1):
    rows = np.moveaxis(s, axis, -1)
    keep = np.moveaxis(np.broadcast_to(mask, s.shape), axis, -1)
    out = np.zeros(rows.shape)
    for place in np.ndindex(rows.shape[:-1]):
        kept = rows[place][keep[place]].astype(float)
        if len(kept):
            e = np.exp(kept - kept.max())
            out[place][keep[place]] = e / e.sum()
    return np.moveaxis(out, -1, axis)


@exercise.right("maximum and sum with where=")
def maximum_and_sum_with_where(s, mask, axis=-1):
    top = s.max(axis=axis, keepdims=True, where=mask, initial=-60000)
    e = np.exp(np.minimum(s - top, 0)) * mask
    total = e.sum(axis=axis, keepdims=True)
    return np.divide(e, total, out=np.zeros_like(e), where=total != 0)


@exercise.right("−1e9 in double precision, zeros afterwards")
def in_1e9_in_double_precision_zeros(s, mask, axis=-1):
    low = np.where(mask, s.astype(np.float64), -1e9)
    e = np.exp(low - low.max(axis=axis, keepdims=True))
    p = e / e.sum(axis=axis, keepdims=True)
    return np.where(mask, p, 0.0)


@exercise.right
def masked_afterwards_and_divided_again(s, mask, axis=-1):
    top = np.where(mask, s, -np.inf).max(axis=axis, keepdims=True)
    top = np.where(top == -np.inf, 0, top)
    e = np.where(mask, np.exp(np.minimum(s - top, 0)), 0)
    return e / np.maximum(e.sum(axis=axis, keepdims=True), 0.5)


@exercise.right
def nan_replaced_where_the_row_is_empty(s, mask, axis=-1):
    keep = np.broadcast_to(mask, s.shape)
    low = np.where(keep, s, -np.inf)
    e = np.exp(low - low.max(axis=axis, keepdims=True))
    p = e / e.sum(axis=axis, keepdims=True)
    return np.where(keep.any(axis=axis, keepdims=True), p, 0)


@exercise.wrong
def scores_times_mask(s, mask, axis=-1):
    """You multiplied the scores by the mask, which makes masked scores 0. But 0 is a score like any
    other, above every negative one. Which score has an exponential of 0?"""
    low = s * mask
    e = np.exp(low - low.max(axis=axis, keepdims=True))
    return e / e.sum(axis=axis, keepdims=True)


@exercise.wrong
def not_divided_again(s, mask, axis=-1):
    """You took the softmax of all scores and then put masked weights to 0. What they had is lost:
    the rest no longer sums to 1. Over which scores should the sum below the line run?"""
    e = np.exp(s - s.max(axis=axis, keepdims=True))
    return e / e.sum(axis=axis, keepdims=True) * mask


@exercise.wrong
def small_penalty(s, mask, axis=-1):
    """You took 10 off masked scores. That leaves them a weight of e⁻¹⁰, about 0.00005, if the
    scores are alike, and most of the weight if the masked one is 20 larger. How much is enough for
    every finite score?"""
    low = s - 10 * ~mask
    e = np.exp(low - low.max(axis=axis, keepdims=True))
    return e / e.sum(axis=axis, keepdims=True)


nan_replaced_where_the_row_is_empty.slip("""penalty-of-1000
    - low = np.where(keep, s, -np.inf)
    + low = np.where(keep, s, s - 1000)
    You took 1000 off masked scores. With moderate scores that is plenty; a masked score that is
    1000 larger than the others comes out level with them. Which value is below every finite score?""")


@exercise.wrong
def nan_on_an_empty_row(s, mask, axis=-1):
    """Your −∞ is right. But in a row without any key all scores are −∞, the largest too, and −∞ −
    (−∞) is nan. What should such a row give, and which two steps have to be protected?"""
    low = np.where(mask, s, -np.inf)
    e = np.exp(low - low.max(axis=axis, keepdims=True))
    return e / e.sum(axis=axis, keepdims=True)


@exercise.wrong
def equal_weights_on_an_empty_row(s, mask, axis=-1):
    """You gave masked scores one large negative number. In a row without any key they are then all
    alike, so each gets the same weight: a plain mean of what must not be seen. (In float16, where
    −1e9 is −∞, such a row even gives nan.) What should an empty row give?"""
    low = np.where(mask, s, -1e9)
    e = np.exp(low - low.max(axis=axis, keepdims=True))
    return e / e.sum(axis=axis, keepdims=True)


@exercise.wrong
def a_billion_taken_off(s, mask, axis=-1):
    """You took a billion off masked scores. Where some scores are kept that is enough. In a row
    without any key all of them are lowered alike, and only differences count: it becomes a softmax
    over what must not be seen. What should an empty row give?"""
    low = s + (1 - mask.astype(int)) * -1e9
    e = np.exp(low - low.max(axis=axis, keepdims=True))
    return e / e.sum(axis=axis, keepdims=True)


maximum_and_sum_with_where.slip("""one-maximum-for-all
    - top = s.max(axis=axis, keepdims=True, where=mask, initial=-60000)
    - e = np.exp(np.minimum(s - top, 0)) * mask
    + low = np.where(mask, s, -np.inf)
    + top = low.max()
    + e = np.exp(low - (0 if top == -np.inf else top))
    You subtracted the largest kept score of the whole array. In a row that lies 1000 below it all
    exponentials are rounded to 0, so that a row with keys looks like one without. Along which axis
    does each row find its own maximum?""")


@exercise.wrong
def maximum_of_all_scores(s, mask, axis=-1):
    """You subtracted the largest of all scores, masked ones included. If a masked score is 1000
    larger, the exponentials of all kept ones are rounded to 0, and their weights are gone. Which
    scores may take part in the maximum?"""
    e = np.exp(s - s.max(axis=axis, keepdims=True)) * mask
    total = e.sum(axis=axis, keepdims=True)
    return e / np.where(total == 0, 1, total)


@exercise.wrong
def no_maximum_subtracted(s, mask, axis=-1):
    """You masked the exponentials of the scores as they came. exp(1000) is larger than any float,
    so a large masked score makes inf · 0, which is nan. Lesson 2 subtracts the largest score first:
    which scores may it be taken from here?"""
    e = np.exp(s) * mask
    total = e.sum(axis=axis, keepdims=True)
    return e / np.where(total == 0, 1, total)


@exercise.wrong
def masks_after_and_divides(s, mask, axis=-1):
    """Where nothing is left of a row, because it is empty or because one masked score took
    everything, your division is 0 / 0, nan. So it goes if the weights of a finished softmax are
    masked and divided again, and also if the maximum is taken over all scores, masked ones
    included. Can the mask come before both?"""
    e = np.exp(s - s.max(axis=axis, keepdims=True))
    p = e / e.sum(axis=axis, keepdims=True) * mask
    return p / p.sum(axis=axis, keepdims=True)


@exercise.wrong
def maximum_of_all_scores_and_an_epsilon(s, mask, axis=-1):
    """You subtracted the largest of all scores, masked ones included, and added a little to the
    sum. If a masked score is 1000 larger, the exponentials of all kept ones are rounded to 0, and
    the little that you added hides it. (In float16 it is 0 itself.) Which scores may take part in
    the maximum?"""
    e = np.exp(s - s.max(axis=axis, keepdims=True)) * mask
    return e / (e.sum(axis=axis, keepdims=True) + 1e-9)


@exercise.wrong
def whole_table(s, mask, axis=-1):
    """Your weights sum to 1 over the whole array. Each row has a whole 1 of its own to share out:
    along which axis does it find its maximum and its sum? (And a row without any key still gives
    nan.)"""
    low = np.where(mask, s, -np.inf)
    e = np.exp(low - low.max())
    return e / e.sum()


@exercise.wrong
def no_keepdims(s, mask, axis=-1):
    """Your maximum and your sum have lost the axis they were taken along, so they line up with the
    columns instead of the rows. Lesson 2 had a word for keeping it. (And a row without any key
    still gives nan.)"""
    low = np.where(mask, s, -np.inf)
    e = np.exp(low - low.max(axis=axis))
    return e / e.sum(axis=axis)


@exercise.wrong
def loop_over_a_table(s, mask, axis=-1):
    """You took the specification as it is, a loop over the rows of one table. Here s may be a
    single row or have four axes, the mask may have fewer than s, and `axis` says which scores
    compete. Which functions work along a given axis of any array?"""
    w = np.zeros(s.shape)
    for t in range(len(s)):
        kept = s[t][mask[t]]
        if len(kept) > 0:
            e = np.exp(kept - kept.max())
            w[t][mask[t]] = e / e.sum()
    return w


maximum_and_sum_with_where.slip("""mask-as-index
    - top = s.max(axis=axis, keepdims=True, where=mask, initial=-60000)
    - e = np.exp(np.minimum(s - top, 0)) * mask
    + s = s.copy()
    + s[~mask] = -np.inf
    + top = s.max(axis=axis, keepdims=True)
    + e = np.exp(s - np.where(top == -np.inf, 0, top))
    You used the mask as an index. An index must have the shape of the array it picks from: it isn't
    broadcast, and a mask of shape (B, 1, 1, S) or (T, S) is refused. Which function chooses between
    two values by a mask, and does broadcast it?""")


@exercise.wrong
def mask_as_index_in_place(s, mask, axis=-1):
    """You wrote −∞ into the scores with the mask as an index. An index isn't broadcast, so a mask
    of shape (B, 1, 1, S) or (T, S) is refused; and the scores are the caller's, who still needs
    them. Which function makes a new array by a mask, and broadcasts it?"""
    s[~mask] = -np.inf
    e = np.exp(s - s.max(axis=axis, keepdims=True))
    return e / e.sum(axis=axis, keepdims=True)


maximum_and_sum_with_where.slip("""changes-the-scores
    - top = s.max(axis=axis, keepdims=True, where=mask, initial=-60000)
    - e = np.exp(np.minimum(s - top, 0)) * mask
    + np.copyto(s, -np.inf, where=~mask)
    + top = s.max(axis=axis, keepdims=True)
    + e = np.exp(s - np.where(top == -np.inf, 0, top))
    The weights are right, but you wrote −∞ into the caller's own scores (and a read-only array
    refuses). `np.where` makes a new array instead.""")


@exercise.wrong
def minus_1e9_times_zero_in_float16(s, mask, axis=-1):
    """You multiplied −1e9 by 0 where the mask keeps. In float16 −1e9 does not exist, it becomes −∞,
    and 0 · (−∞) is nan: everything is lost. How can a number be *chosen* instead of multiplied?"""
    off = 1 - np.broadcast_to(mask, s.shape).astype(s.dtype)
    low = s + off * s.dtype.type(-1e9)
    e = np.exp(low - low.max(axis=axis, keepdims=True))
    return e / e.sum(axis=axis, keepdims=True) * mask


@exercise.wrong
def empty_row_in_float16(s, mask, axis=-1):
    """In float16 an empty row still gives nan. −1e9 doesn't exist there, it becomes −∞, and 1e-8
    becomes 0: so a guard made of such a number is none, and multiplying a nan by 0 doesn't mend it.
    Which numbers can guard the maximum and the divisor in every type?"""
    low = np.where(mask, s, s.dtype.type(-1e9))
    e = np.exp(low - low.max(axis=axis, keepdims=True))
    return e / e.sum(axis=axis, keepdims=True) * mask


maximum_and_sum_with_where.slip("""inverted
    - top = s.max(axis=axis, keepdims=True, where=mask, initial=-60000)
    - e = np.exp(np.minimum(s - top, 0)) * mask
    + low = np.where(mask, -np.inf, s)
    + top = low.max(axis=axis, keepdims=True)
    + e = np.exp(low - np.where(top == -np.inf, 0, top))
    You hid the positions where the mask is True. In this course True means keep.""")


@exercise.wrong
def axis_ignored(s, mask, axis=-1):
    """Your softmax runs along the last axis whatever `axis` says. Hand it on to the maximum and to
    the sum."""
    low = np.where(mask, s, -np.inf)
    top = low.max(axis=-1, keepdims=True)
    e = np.exp(low - np.where(top == -np.inf, 0, top))
    total = e.sum(axis=-1, keepdims=True)
    return e / np.where(total == 0, 1, total)


nan_replaced_where_the_row_is_empty.slip("""axis-of-the-mask
    - return np.where(keep.any(axis=axis, keepdims=True), p, 0)
    + return np.where(mask.any(axis=axis, keepdims=True), p, 0)
    You looked for empty rows along `axis` of the mask. But `axis` counts the axes of the scores,
    and a mask may have fewer: axis 1 of (B, T, S) is axis 0 of (T, S). Which array has all axes?""")


@exercise.wrong
def one_empty_row_empties_all(s, mask, axis=-1):
    """You returned zeros for the whole array as soon as one row is empty. Each row stands for
    itself: the others still have keys to look at."""
    low = np.where(mask, s, -np.inf)
    top = low.max(axis=axis, keepdims=True)
    if (top == -np.inf).any():
        return np.zeros(s.shape)
    e = np.exp(low - top)
    return e / e.sum(axis=axis, keepdims=True)


exercise.allow_mutant(
    after="exps = np.exp(kept - np.where(top > -np.inf, top, 1))",
    reason="In an empty row any finite number does: −∞ minus it is −∞, whose exponential is 0.",
)
exercise.allow_mutant(
    after="exps = np.exp(kept - np.where(top > -np.inf, top, -1))",
    reason="In an empty row any finite number does: −∞ minus it is −∞, whose exponential is 0.",
)
exercise.allow_mutant(
    after="return exps / np.where(total > 0, total, 2)",
    reason="An empty row's exponentials are 0, and 0 / 2 is 0 as well.",
)
exercise.allow_mutant(
    after="return exps / np.where(total > 1, total, 1)",
    reason="The largest exponential is 1: a total is either 0 or at least 1.",
)
