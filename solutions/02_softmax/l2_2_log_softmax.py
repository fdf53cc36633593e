import numpy as np

from autograder.authoring import Check, Exercise, call, float32, normal, read_only, strided

from .shared import LARGE, LARGE_32, close, extreme

exercise = Exercise(
    "The logarithm of a softmax",
    solve="log_softmax",
    difficulty=2,
    importance=4,
    minutes=15,
    hints="""Take the logarithm of the softmax formula with pencil and paper before you write code.
    A logarithm of a quotient is a difference, and one of the two logarithms undoes an exponential:
    log p_i = s_i − …

    log p_i = s_i − log Σ exp(s_j). Only the second term can overflow. Let m be the largest score
    along the axis, write every s_j as m + (s_j − m), and pull exp(m) out of the sum.

    log Σ exp(s_j) = m + log Σ exp(s_j − m). Subtract all of it, the m too. It is shortest to shift
    the scores once, as in `softmax`, and to work with the shifted ones on both sides of the minus
    sign: then m cancels.""",
)


@exercise.checks
def checks(rng):
    s_S = normal(rng, 4, decimals=1)
    yield Check(
        "a few scores by hand",
        close(call, np.array([0.0, 0.0])),
        close(call, np.array([2.0, 1.0, -1.0])),
        close(call, s_S),
        close(call, s_S - 10),
        says="""The exponentials of the results are weights: they sum to 1. Two equal scores give
        log ½ = −0.69 each.""",
    )
    s_TS, s_BTS = normal(rng, 5, 7), normal(rng, 2, 5, 3)
    yield Check(
        "any axis, from the front or from the back",
        close(call, s_TS),
        close(call, s_TS, axis=0),
        close(call, s_TS, axis=-2),
        close(call, s_BTS, axis=1),
        close(call, s_BTS, axis=-1),
        close(call, normal(rng, 4, 4)),
        says="One sum for each group of scores that compete.",
    )
    yield Check(
        "scores in the thousands",
        call(np.array([1000.0, 0.0]), tolerance=LARGE),
        call(np.array([2000.0, 1000.0, -1000.0]), tolerance=LARGE),
        call(np.array([-1000.0, -1001.0, -999.5]), tolerance=LARGE),
        call(extreme(rng, 5, 6), tolerance=LARGE),
        call(float32(extreme(rng, 3, 7)), axis=0, tolerance=LARGE_32),
        says="""The weight is too small for any float, but its logarithm is an ordinary number, such as
        −1000. That is what this function is for.""",
        points=2,
    )
    offset_T1 = np.array([[1000.0], [0.0], [-1000.0], [500.0]])
    yield Check(
        "rows that lie far apart",
        call(np.array([[1000.0, 999.0], [1.0, 0.0]]), tolerance=LARGE),
        call(normal(rng, 4, 5) + offset_T1, tolerance=LARGE),
        says="Each row has a maximum of its own.",
    )
    s_TS = normal(rng, 5, 3)
    yield Check(
        "float32, strided and read-only arrays, inputs left alone",
        close(call, s_TS),
        close(call, float32(s_TS)),
        close(call, strided(s_TS), axis=0),
        close(call, read_only(s_TS)),
        says="How the numbers lie in memory makes no difference.",
        judges="inputs untouched",
    )


@exercise.right
def a_loop_over_rows(s, axis=-1):
    rows = np.moveaxis(s, axis, -1)
    out = np.zeros(rows.shape)
    for place in np.ndindex(rows.shape[:-1]):
        m = max(rows[place])
        total = 0.0
        for number in rows[place]:
            total += np.exp(number - m)
        out[place] = rows[place] - m - np.log(total)
    return np.moveaxis(out, -1, axis)


@exercise.right
def the_maximum_added_back(s, axis=-1):
    m = np.max(s, axis=axis, keepdims=True)
    lse = m + np.log(np.sum(np.exp(s - m), axis=axis, keepdims=True))
    return s - lse


@exercise.right("logaddexp.reduce")
def logaddexp_reduce(s, axis=-1):
    return s - np.expand_dims(np.logaddexp.reduce(s, axis=axis), axis)


@exercise.wrong
def log_of_softmax(s, axis=-1):
    """You took the logarithm of a finished softmax. A weight below the smallest float is 0, and log
    0 is −∞, although the answer is an ordinary number such as −1000. Let the logarithm meet the
    exponential on paper, before anything is rounded to 0."""
    e = np.exp(s - s.max(axis=axis, keepdims=True))
    return np.log(e / e.sum(axis=axis, keepdims=True))


@exercise.wrong
def log_of_softmax_plus_epsilon(s, axis=-1):
    """You added a tiny number inside the logarithm, so that it never meets 0. Now no result is
    below the tiny number's own logarithm, and every weight smaller than it looks the same. The
    formula needs no such help if the logarithm is taken on paper."""
    e = np.exp(s - s.max(axis=axis, keepdims=True))
    return np.log(e / e.sum(axis=axis, keepdims=True) + 1e-12)


@exercise.wrong
def maximum_not_added_back(s, axis=-1):
    """You subtracted the maximum inside the exponential only. log Σ exp(s_j) is m plus log Σ
    exp(s_j − m): your results are too large by m, the largest score."""
    m = s.max(axis=axis, keepdims=True)
    return s - np.log(np.exp(s - m).sum(axis=axis, keepdims=True))


the_maximum_added_back.slip("""maximum-subtracted-twice
    - return s - lse
    + return s - m - lse
    Your results are too small by the largest score m: you shifted the scores by m and then
    subtracted a log-sum-exp that has m in it once more. With shifted scores on the left, the m on
    the right must go.""")


@exercise.wrong
def no_max_subtracted(s, axis=-1):
    """s − log Σ exp(s) is right on paper, but exp(1000) overflows to inf, and everything becomes
    −∞; for scores of −1000 all exponentials are 0. Take the largest score out of the sum first."""
    return s - np.log(np.exp(s).sum(axis=axis, keepdims=True))


@exercise.wrong
def global_max(s, axis=-1):
    """You subtracted the largest score of the whole array. In a row that lies 1000 below it all
    exponentials are 0, and log 0 is −∞. Each row has a maximum of its own."""
    z = s - s.max()
    return z - np.log(np.exp(z).sum(axis=axis, keepdims=True))


@exercise.wrong
def axis_ignored(s, axis=-1):
    """You took one sum over the whole array. Only the scores along `axis` compete, so each row of a
    table needs a sum of its own."""
    z = s - s.max()
    return z - np.log(np.exp(z).sum())


@exercise.wrong
def always_the_last_axis(s, axis=-1):
    """Your sum runs along the last axis whatever `axis` says. Hand `axis` on to the maximum and to
    the sum."""
    z = s - s.max(axis=-1, keepdims=True)
    return z - np.log(np.exp(z).sum(axis=-1, keepdims=True))


@exercise.wrong
def wrong_axis(s, axis=-1):
    """Your sum runs along axis 0, down the columns. Without an argument the scores along the last
    axis compete; with one, those along the axis that it names."""
    z = s - s.max(axis=0, keepdims=True)
    return z - np.log(np.exp(z).sum(axis=0, keepdims=True))


@exercise.wrong
def keepdims_lost(s, axis=-1):
    """The maximum and the sum along the last axis of a (5, 7) table have shape (5,) and can't be
    subtracted row by row. `keepdims=True` keeps an axis of length 1 in their place."""
    z = s - s.max(axis=axis)
    return z - np.log(np.exp(z).sum(axis=axis))


@exercise.wrong
def turned_round(s, axis=-1):
    """Your results are positive: log Σ exp(s) − s instead of s − log Σ exp(s). A weight is at most
    1, so its logarithm is at most 0. (What you have is useful too: it is the loss of that
    class.)"""
    z = s - s.max(axis=axis, keepdims=True)
    return np.log(np.exp(z).sum(axis=axis, keepdims=True)) - z


@exercise.wrong
def mean_of_exponentials(s, axis=-1):
    """You took the logarithm of the mean of the exponentials where the formula has their sum. Your
    results are too large by the logarithm of the number of scores."""
    z = s - s.max(axis=axis, keepdims=True)
    return z - np.log(np.exp(z).mean(axis=axis, keepdims=True))


@exercise.wrong
def returns_the_log_sum_exp(s, axis=-1):
    """You returned log Σ exp(s), one number for each row. That is the second term: every score of
    the row, minus this number, is asked for."""
    m = s.max(axis=axis, keepdims=True)
    return m + np.log(np.exp(s - m).sum(axis=axis, keepdims=True))


@exercise.wrong
def returns_the_softmax(s, axis=-1):
    """You returned the weights themselves. Their logarithms are asked for, worked out without going
    through the weights."""
    e = np.exp(s - s.max(axis=axis, keepdims=True))
    return e / e.sum(axis=axis, keepdims=True)


@exercise.wrong
def changes_the_scores(s, axis=-1):
    """The results are right, but `-=` wrote into the caller's own scores, which may still be needed
    as they were. Put the shifted scores into a new array."""
    s -= s.max(axis=axis, keepdims=True)
    return s - np.log(np.exp(s).sum(axis=axis, keepdims=True))


@exercise.wrong
def shifted_on_the_left_only(s, axis=-1):
    """You subtracted the maximum from the scores on the left, but took the log-sum-exp of the
    scores as they came. Then the results are too small by the maximum, and the exponentials
    overflow. Use the shifted scores on both sides."""
    z = s - s.max(axis=axis, keepdims=True)
    return z - np.log(np.exp(s).sum(axis=axis, keepdims=True))
