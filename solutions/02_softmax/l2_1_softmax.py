import numpy as np

from autograder.authoring import CallOf, Check, Exercise, call, float32, normal, read_only, strided

from .shared import LARGE, LARGE_32, WEIGHTS, close, extreme


def weigh(s: np.ndarray, **kwargs: object) -> CallOf:
    """A call of softmax with scores of moderate size."""
    return close(call, s, within=WEIGHTS, **kwargs)


exercise = Exercise(
    "A softmax you can trust",
    solve="softmax",
    difficulty=2,
    importance=5,
    minutes=20,
    hints="""The same number may be subtracted from all scores that compete, and no weight changes.
    Which number makes sure that no exponential is larger than 1, and that at least one of them is
    exactly 1?

    Subtract the largest score, and not the largest of the whole array: every group of scores that
    compete has its own. `axis` says along which axis they lie, for the maximum and for the sum.
    Print the shape of `s.max(axis=axis)` beside that of s: do they fit?

    With `keepdims=True`, `s.max(axis=axis, keepdims=True)` keeps an axis of length 1 where the
    maximum was taken, so that it broadcasts back over s. Do the same with the sum. Three lines:
    shift, exponential, division; each into a new array.""",
)


@exercise.checks
def checks(rng):
    s_S = normal(rng, 4, decimals=1)
    yield Check(
        "a few scores by hand",
        weigh(np.array([2.0, 1.0, -1.0])),
        weigh(s_S),
        weigh(s_S + 10),
        weigh(np.array([-3.5])),
        says="""The weights are positive, sum to 1 and stay the same when 10 is added to every
        score.""",
    )
    yield Check(
        "tables, each row on its own",
        weigh(normal(rng, 5, 6)),
        weigh(normal(rng, 2, 3, 7)),
        weigh(normal(rng, 4, 4)),
        says="""Without an axis the scores along the last one compete. The last example has as many
        rows as columns: there, mixing them up raises no error.""",
    )
    s_TS, s_BTS = normal(rng, 5, 7), normal(rng, 2, 5, 3)
    yield Check(
        "any axis, from the front or from the back",
        weigh(s_TS, axis=0),
        weigh(s_TS, axis=-2),
        weigh(s_TS, axis=1),
        weigh(s_BTS, axis=1),
        weigh(s_BTS, axis=-3),
        says="The weights sum to 1 along the axis that was asked for.",
    )
    yield Check(
        "scores in the thousands",
        call(np.array([2000.0, 1000.0, -1000.0]), tolerance=LARGE),
        call(np.array([-1000.0, -1001.0, -999.5]), tolerance=LARGE),
        call(np.array([1000.0, -1000.0, -1000.0, -999.0]), tolerance=LARGE),
        call(extreme(rng, 5, 6), tolerance=LARGE),
        call(float32(extreme(rng, 3, 7)), axis=0, tolerance=LARGE_32),
        call(float32(normal(rng, 6) + 100), tolerance=1e-3),
        says="Only differences of scores count, so 2000, 1999 gives the same weights as 1, 0.",
        points=2,
    )
    offset_T1 = np.array([[1000.0], [0.0], [-1000.0], [500.0]])
    yield Check(
        "rows that lie far apart",
        call(np.array([[1000.0, 999.0], [1.0, 0.0]]), tolerance=LARGE),
        call(normal(rng, 4, 5) + offset_T1, tolerance=LARGE),
        call((normal(rng, 4, 3) + offset_T1).T, axis=0, tolerance=LARGE),
        says="A row neither knows nor cares how large the scores of the next row are.",
        points=2,
    )
    masked_S, masked_TS = normal(rng, 5), normal(rng, 4, 6)
    masked_S[2] = masked_TS[0, 0] = masked_TS[1, -1] = masked_TS[2, 1:] = -np.inf
    masked_S[0] += 5
    yield Check(
        "a score of minus infinity",
        weigh(np.array([1.0, -np.inf, 2.0])),
        weigh(np.array([-np.inf, 0.5, -np.inf])),
        weigh(masked_S),
        weigh(masked_TS),
        weigh(masked_TS.T.copy(), axis=0),
        says="""exp(−∞) is 0: such a word gets no weight, and the others share all of it. This is
        how lesson 5 will hide words.""",
    )
    s_TS = normal(rng, 5, 3)
    yield Check(
        "float32, strided and read-only arrays, inputs left alone",
        weigh(s_TS),
        weigh(float32(s_TS)),
        weigh(strided(s_TS), axis=0),
        weigh(read_only(s_TS)),
        says="The caller still needs the scores as they were.",
        judges="inputs untouched",
    )


@exercise.right
def a_loop_over_rows(s, axis=-1):
    rows = np.moveaxis(np.array(s), axis, -1)
    out = np.empty_like(rows)
    for place in np.ndindex(rows.shape[:-1]):
        e = np.exp(rows[place] - max(rows[place]))
        out[place] = e / sum(e)
    return np.moveaxis(out, -1, axis)


@exercise.right("through the log-sum-exp")
def through_the_log_sum_exp(s, axis=-1):
    top = np.max(s, axis=axis, keepdims=True)
    lse = top + np.log(np.sum(np.exp(s - top), axis=axis, keepdims=True))
    return np.exp(s - lse)


@exercise.right("logaddexp.reduce")
def logaddexp_reduce(s, axis=-1):
    return np.exp(s - np.expand_dims(np.logaddexp.reduce(s, axis=axis), axis))


@exercise.right("on a copy, in place")
def on_a_copy_in_place(s, axis=-1):
    s = s.copy()
    s -= np.expand_dims(s.max(axis), axis)
    np.exp(s, out=s)
    s /= np.expand_dims(s.sum(axis), axis)
    return s


@exercise.right
def swapping_the_axis_to_the_end(s, axis=-1):
    s = np.swapaxes(s, axis, -1)
    e = np.exp(s - np.amax(s, -1)[..., None])
    return np.swapaxes(e / e.sum(-1)[..., None], axis, -1)


exercise.allow_mutant(
    after="exps = -np.exp(shifted)",
    reason="The next line divides by the sum, which has the same sign: it cancels.",
)


@exercise.wrong
def no_max_subtracted(s, axis=-1):
    """You took the exponential of the scores as they came. It is right on paper, but exp(1000) is
    larger than any float, becomes inf, and inf / inf is nan. What may be subtracted first without
    changing a single weight?"""
    e = np.exp(s)
    return e / e.sum(axis=axis, keepdims=True)


@exercise.wrong
def global_max(s, axis=-1):
    """You subtracted the largest score of the whole array. A row that lies 1000 below it becomes
    exp(−1000) = 0 everywhere, and 0 / 0 is nan. Along which axis should each row find its own
    maximum?"""
    e = np.exp(s - s.max())
    return e / e.sum(axis=axis, keepdims=True)


@exercise.wrong
def axis_ignored(s, axis=-1):
    """All your weights together sum to 1: you let the scores of all rows compete with one another.
    Only those along `axis` do, so each row of a table has a sum of its own."""
    e = np.exp(s - s.max())
    return e / e.sum()


@exercise.wrong
def always_the_last_axis(s, axis=-1):
    """Your softmax runs along the last axis whatever `axis` says. Hand `axis` on to the maximum and
    to the sum."""
    e = np.exp(s - s.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


@exercise.wrong
def always_the_first_axis(s, axis=-1):
    """Your softmax runs along axis 0, down the columns, whatever `axis` says. Without an argument
    it should run along the last axis: hand `axis` on to the maximum and to the sum."""
    e = np.exp(s - s.max(axis=0, keepdims=True))
    return e / e.sum(axis=0, keepdims=True)


@exercise.wrong
def keepdims_lost(s, axis=-1):
    """The maximum and the sum of a (5, 6) table along its last axis have shape (5,), which
    broadcasts against columns, not rows: an error, or wrong weights where a table is square. Keep
    an axis of length 1 in both."""
    e = np.exp(s - s.max(axis=axis))
    return e / e.sum(axis=axis)


@exercise.wrong
def keepdims_lost_in_the_maximum(s, axis=-1):
    """You kept the axis in the sum, but not in the maximum: it has shape (5,) for a (5, 6) table
    and can't be subtracted row by row. In a square table it is, from the wrong rows."""
    e = np.exp(s - s.max(axis=axis))
    return e / e.sum(axis=axis, keepdims=True)


@exercise.wrong
def keepdims_lost_in_the_sum(s, axis=-1):
    """You kept the axis in the maximum, but not in the sum: it has shape (5,) for a (5, 6) table
    and can't divide it row by row. In a square table it divides the columns instead."""
    e = np.exp(s - s.max(axis=axis, keepdims=True))
    return e / e.sum(axis=axis)


@exercise.wrong
def changes_the_scores(s, axis=-1):
    """The weights are right, but `-=` wrote into the caller's own scores, which may still be needed
    as they were (and a read-only array refuses). Put the shifted scores into a new array."""
    s -= s.max(axis=axis, keepdims=True)
    e = np.exp(s)
    return e / e.sum(axis=axis, keepdims=True)


@exercise.wrong
def ratios_of_minus_infinity(s, axis=-1):
    """You computed 1 / Σ exp(s_j − s_i), which is stable for every finite score. But for s_i = −∞
    the term of j = i is exp(−∞ + ∞), and −∞ + ∞ is nan. Subtract something that is finite: each
    row's largest score."""
    rows = np.moveaxis(s, axis, -1)
    ratios = np.exp(rows[..., None, :] - rows[..., :, None])
    return np.moveaxis(1 / ratios.sum(axis=-1), -1, axis)


@exercise.wrong
def running_maximum_starts_at_minus_infinity(s, axis=-1):
    """Your running maximum starts at −∞. If the first score is −∞ too, their difference −∞ − (−∞)
    is nan, and it stays in the sum. The largest score of the whole row, taken first, is finite."""
    rows = np.moveaxis(s, axis, -1)
    top, total = np.full(rows.shape[:-1], -np.inf), np.zeros(rows.shape[:-1])
    for j in range(rows.shape[-1]):
        new = np.maximum(top, rows[..., j])
        total = total * np.exp(top - new) + np.exp(rows[..., j] - new)
        top = new
    return np.moveaxis(np.exp(rows - top[..., None]) / total[..., None], -1, axis)


@exercise.wrong
def subtracts_the_mean(s, axis=-1):
    """You subtracted the mean of the scores. That changes no weight, but a score may still lie far
    above the mean, and one −∞ makes the mean −∞. Which number is never exceeded?"""
    e = np.exp(s - s.mean(axis=axis, keepdims=True))
    return e / e.sum(axis=axis, keepdims=True)


@exercise.wrong
def subtracts_the_minimum(s, axis=-1):
    """You subtracted the smallest score, so that all exponents are positive: large ones still
    overflow, and −∞ as the smallest gives nan. The exponents should all be at most 0."""
    e = np.exp(s - s.min(axis=axis, keepdims=True))
    return e / e.sum(axis=axis, keepdims=True)


@exercise.wrong
def largest_absolute_value(s, axis=-1):
    """You subtracted the largest absolute value. In a row of large negative scores that pushes
    every exponent far below 0, all exponentials become 0, and 0 / 0 is nan. Take the largest score
    itself, with its sign."""
    e = np.exp(s - np.abs(s).max(axis=axis, keepdims=True))
    return e / e.sum(axis=axis, keepdims=True)


@exercise.wrong
def divides_by_the_maximum(s, axis=-1):
    """You divided the scores by the largest one. That changes their differences, and with them the
    weights. Subtracting changes no difference."""
    e = np.exp(s / s.max(axis=axis, keepdims=True))
    return e / e.sum(axis=axis, keepdims=True)


@exercise.wrong
def clips_the_scores(s, axis=-1):
    """You cut the scores off at a limit so that exp can't overflow. Two scores beyond the limit
    then look equal, although one should win by far. Shift all scores instead of cutting some."""
    e = np.exp(np.clip(s, -700, 700) if s.dtype == np.float64 else np.clip(s, -80, 80))
    return e / e.sum(axis=axis, keepdims=True)


@exercise.wrong
def hides_the_nan(s, axis=-1):
    """You replaced nan by 0 at the end. The warning is gone, and so is the weight: the word that
    should have got nearly all of it gets none. Keep the overflow from happening instead."""
    e = np.exp(s)
    return np.nan_to_num(e / e.sum(axis=axis, keepdims=True), nan=0.0)


@exercise.wrong
def formula_of_lesson_1(s, axis=-1):
    """This is the formula of lesson 1 as it was. Two things are missing: something that keeps exp
    from overflowing, and `axis`, so that each row of a table sums to 1 for itself."""
    e = np.exp(s)
    return e / e.sum()


@exercise.wrong
def for_one_row_only(s, axis=-1):
    """You took one maximum of the whole array and a sum down axis 0, as many examples on the web
    do. That is right for a single row of scores. Here the scores along `axis` compete: hand it on
    to both, and keep the axis."""
    e = np.exp(s - np.max(s))
    return e / e.sum(axis=0)


@exercise.wrong
def axis_1_in_the_code(s, axis=-1):
    """You wrote axis 1 into the code. It fits a table of rows, but a single row of scores has no
    axis 1, and three axes have their rows along axis 2. Hand `axis` on instead."""
    e = np.exp(s - s.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


@exercise.wrong
def epsilon_below_the_line(s, axis=-1):
    """You added a small number below the fraction line, so your weights sum to a little less than
    1. It isn't needed: with the maximum subtracted, one of the exponentials is 1, and the sum can't
    be 0."""
    e = np.exp(s - s.max(axis=axis, keepdims=True))
    return e / (e.sum(axis=axis, keepdims=True) + 1e-6)
