"""Lesson 2: the checks, the right variants and the misconceptions of its five exercises.

Most scores have a standard deviation of about 1, where every mistake in the formula shows. The
checks of large scores stand apart, with ±1e3 and tolerances that grow with the scores: there a
right formula can fail by how it is computed. Arrays have sizes that differ; the one square table
is for a lost axis, which raises no error there.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from autograder.authoring import (
    Check,
    Exercise,
    call,
    float32,
    normal,
    read_only,
    strided,
)
from autograder.authoring.exercise import CallOf

# Of answers to scores of about ±1e3, whose own last digits are that much coarser.
LARGE, LARGE_32 = 1e-6, 1e-2
# A tiny number under a logarithm or a fraction line is no mistake where nothing can tell.
WEIGHTS, LOGARITHMS = 2e-8, 1e-7


def shares(rng: np.random.Generator, *shape: int, axis: int = -1) -> np.ndarray:
    """Uneven probabilities of two decimals, none zero, that sum to 1 along `axis`."""
    shape = tuple(np.moveaxis(np.empty(shape), axis, -1).shape)
    rows = []
    for _ in range(int(np.prod(shape[:-1]))):
        likely = np.exp(rng.normal(0.0, 1.0, shape[-1]))
        rows.append(2 + rng.multinomial(100 - 2 * shape[-1], likely / likely.sum()))
    table = np.array(rows).reshape(shape) / 100
    return np.ascontiguousarray(np.moveaxis(table, -1, axis))


def extreme(rng: np.random.Generator, *shape: int) -> np.ndarray:
    """Scores near ±1000, both signs in every row, as if multiplied by a thousand."""
    signs = np.where(np.arange(shape[-1]) % 3, -1.0, 1.0)
    return rng.permuted(np.broadcast_to(signs, shape), axis=-1) * 1000 + normal(rng, *shape)


def close(function: str, *args: object, within: float = LOGARITHMS, **kwargs: object) -> CallOf:
    """A call whose answer may be off by `within`, or by what float32 allows."""
    single = any(isinstance(arg, np.ndarray) and arg.dtype == np.float32 for arg in args)
    return call(function, *args, tolerance=None if single else within, **kwargs)


def weigh(s: np.ndarray, **kwargs: object) -> CallOf:
    """A call of softmax with scores of moderate size."""
    return close("softmax", s, within=WEIGHTS, **kwargs)


# --------------------------------------------------------------------------- L2.1

l2_1 = Exercise(
    id="L2.1",
    title="A softmax you can trust",
    functions=("softmax",),
    difficulty=2,
    importance=5,
    minutes=12,
    hints=(
        "The same number may be subtracted from all scores that compete, and no weight changes. "
        "Which number makes sure that no exponential is larger than 1, and that at least one of "
        "them is exactly 1?",
        "Subtract the largest score, and not the largest of the whole array: every group of scores "
        "that compete has its own. `axis` says along which axis they lie, for the maximum and for "
        "the sum. Print the shape of `s.max(axis=axis)` beside that of s: do they fit?",
        "With `keepdims=True`, `s.max(axis=axis, keepdims=True)` keeps an axis of length 1 where "
        "the maximum was taken, so that it broadcasts back over s. Do the same with the sum. Three "
        "lines: shift, exponential, division; each into a new array.",
    ),
)


@l2_1.checks
def l2_1_checks(rng: np.random.Generator) -> Iterator[Check]:
    s_S = normal(rng, 4, decimals=1)
    yield Check(
        "a few scores by hand",
        points=1,
        calls=[
            weigh(np.array([2.0, 1.0, -1.0])),
            weigh(s_S),
            weigh(s_S + 10),
            weigh(np.array([-3.5])),
        ],
        says="The weights are positive, sum to 1 and stay the same when 10 is added to every score.",
    )
    yield Check(
        "tables, each row on its own",
        points=1,
        calls=[
            weigh(normal(rng, 5, 6)),
            weigh(normal(rng, 2, 3, 7)),
            weigh(normal(rng, 4, 4)),
        ],
        says="Without an axis the scores along the last one compete. The last example has as many "
        "rows as columns: there, mixing them up raises no error.",
    )
    s_TS, s_BTS = normal(rng, 5, 7), normal(rng, 2, 5, 3)
    yield Check(
        "any axis, from the front or from the back",
        points=1,
        calls=[
            weigh(s_TS, axis=0),
            weigh(s_TS, axis=-2),
            weigh(s_TS, axis=1),
            weigh(s_BTS, axis=1),
            weigh(s_BTS, axis=-3),
        ],
        says="The weights sum to 1 along the axis that was asked for.",
    )
    yield Check(
        "scores in the thousands",
        points=2,
        calls=[
            call("softmax", np.array([2000.0, 1000.0, -1000.0]), tolerance=LARGE),
            call("softmax", np.array([-1000.0, -1001.0, -999.5]), tolerance=LARGE),
            call("softmax", np.array([1000.0, -1000.0, -1000.0, -999.0]), tolerance=LARGE),
            call("softmax", extreme(rng, 5, 6), tolerance=LARGE),
            call("softmax", float32(extreme(rng, 3, 7)), axis=0, tolerance=LARGE_32),
            call("softmax", float32(normal(rng, 6) + 100), tolerance=1e-3),
        ],
        says="Only differences of scores count, so 2000, 1999 gives the same weights as 1, 0.",
    )
    offset_T1 = np.array([[1000.0], [0.0], [-1000.0], [500.0]])
    yield Check(
        "rows that lie far apart",
        points=2,
        calls=[
            call("softmax", np.array([[1000.0, 999.0], [1.0, 0.0]]), tolerance=LARGE),
            call("softmax", normal(rng, 4, 5) + offset_T1, tolerance=LARGE),
            call("softmax", (normal(rng, 4, 3) + offset_T1).T, axis=0, tolerance=LARGE),
        ],
        says="A row neither knows nor cares how large the scores of the next row are.",
    )
    masked_S, masked_TS = normal(rng, 5), normal(rng, 4, 6)
    masked_S[2] = masked_TS[0, 0] = masked_TS[1, -1] = masked_TS[2, 1:] = -np.inf
    masked_S[0] += 5
    yield Check(
        "a score of minus infinity",
        points=1,
        calls=[
            weigh(np.array([1.0, -np.inf, 2.0])),
            weigh(np.array([-np.inf, 0.5, -np.inf])),
            weigh(masked_S),
            weigh(masked_TS),
            weigh(masked_TS.T.copy(), axis=0),
        ],
        says="exp(−∞) is 0: such a word gets no weight, and the others share all of it. This is how "
        "lesson 5 will hide words.",
    )
    s_TS = normal(rng, 5, 3)
    yield Check(
        "float32, strided and read-only arrays, inputs left alone",
        points=1,
        judges="inputs untouched",
        calls=[
            weigh(s_TS),
            weigh(float32(s_TS)),
            weigh(strided(s_TS), axis=0),
            weigh(read_only(s_TS)),
        ],
        says="Whoever called still needs the scores as they were.",
    )


@l2_1.right("a loop over rows")
def softmax(s, axis=-1):
    rows = np.moveaxis(np.array(s), axis, -1)
    out = np.empty_like(rows)
    for place in np.ndindex(rows.shape[:-1]):
        e = np.exp(rows[place] - max(rows[place]))
        out[place] = e / sum(e)
    return np.moveaxis(out, -1, axis)


@l2_1.right("through the log-sum-exp")
def softmax(s, axis=-1):
    top = np.max(s, axis=axis, keepdims=True)
    lse = top + np.log(np.sum(np.exp(s - top), axis=axis, keepdims=True))
    return np.exp(s - lse)


@l2_1.right("logaddexp.reduce")
def softmax(s, axis=-1):
    return np.exp(s - np.expand_dims(np.logaddexp.reduce(s, axis=axis), axis))


@l2_1.right("on a copy, in place")
def softmax(s, axis=-1):
    s = s.copy()
    s -= np.expand_dims(s.max(axis), axis)
    np.exp(s, out=s)
    s /= np.expand_dims(s.sum(axis), axis)
    return s


@l2_1.right("swapping the axis to the end")
def softmax(s, axis=-1):
    s = np.swapaxes(s, axis, -1)
    e = np.exp(s - np.amax(s, -1)[..., None])
    return np.swapaxes(e / e.sum(-1)[..., None], axis, -1)


l2_1.allow_mutant(
    after="exps = -np.exp(shifted)",
    reason="The next line divides by the sum, which has the same sign: it cancels.",
)


@l2_1.wrong(
    "no-max-subtracted",
    "You took the exponential of the scores as they came. It is right on paper, but exp(1000) is "
    "larger than any float, becomes inf, and inf / inf is nan. What may be subtracted first without "
    "changing a single weight?",
)
def softmax(s, axis=-1):
    e = np.exp(s)
    return e / e.sum(axis=axis, keepdims=True)


@l2_1.wrong(
    "global-max",
    "You subtracted the largest score of the whole array. A row that lies 1000 below it becomes "
    "exp(−1000) = 0 everywhere, and 0 / 0 is nan. Along which axis should each row find its own "
    "maximum?",
)
def softmax(s, axis=-1):
    e = np.exp(s - s.max())
    return e / e.sum(axis=axis, keepdims=True)


@l2_1.wrong(
    "axis-ignored",
    "All your weights together sum to 1: you let the scores of all rows compete with one another. "
    "Only those along `axis` do, so each row of a table has a sum of its own.",
)
def softmax(s, axis=-1):
    e = np.exp(s - s.max())
    return e / e.sum()


@l2_1.wrong(
    "always-the-last-axis",
    "Your softmax runs along the last axis whatever `axis` says. Hand `axis` on to the maximum and "
    "to the sum.",
)
def softmax(s, axis=-1):
    e = np.exp(s - s.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


@l2_1.wrong(
    "always-the-first-axis",
    "Your softmax runs along axis 0, down the columns, whatever `axis` says. Without an argument it "
    "should run along the last axis: hand `axis` on to the maximum and to the sum.",
)
def softmax(s, axis=-1):
    e = np.exp(s - s.max(axis=0, keepdims=True))
    return e / e.sum(axis=0, keepdims=True)


@l2_1.wrong(
    "keepdims-lost",
    "The maximum and the sum of a (5, 6) table along its last axis have shape (5,), which broadcasts "
    "against columns, not rows: an error, or wrong weights where a table is square. Keep an axis of "
    "length 1 in both.",
)
def softmax(s, axis=-1):
    e = np.exp(s - s.max(axis=axis))
    return e / e.sum(axis=axis)


@l2_1.wrong(
    "keepdims-lost-in-the-maximum",
    "You kept the axis in the sum, but not in the maximum: it has shape (5,) for a (5, 6) table and "
    "can't be subtracted row by row. In a square table it is, from the wrong rows.",
)
def softmax(s, axis=-1):
    e = np.exp(s - s.max(axis=axis))
    return e / e.sum(axis=axis, keepdims=True)


@l2_1.wrong(
    "keepdims-lost-in-the-sum",
    "You kept the axis in the maximum, but not in the sum: it has shape (5,) for a (5, 6) table and "
    "can't divide it row by row. In a square table it divides the columns instead.",
)
def softmax(s, axis=-1):
    e = np.exp(s - s.max(axis=axis, keepdims=True))
    return e / e.sum(axis=axis)


@l2_1.wrong(
    "changes-the-scores",
    "The weights are right, but `-=` wrote into the caller's own scores, who may still need them as "
    "they were (and a read-only array refuses). Put the shifted scores into a new array.",
)
def softmax(s, axis=-1):
    s -= s.max(axis=axis, keepdims=True)
    e = np.exp(s)
    return e / e.sum(axis=axis, keepdims=True)


@l2_1.wrong(
    "ratios-of-minus-infinity",
    "You computed 1 / Σ exp(s_j − s_i), which is stable for every finite score. But for s_i = −∞ the "
    "term of j = i is exp(−∞ + ∞), and −∞ + ∞ is nan. Subtract something that is finite: each row's "
    "largest score.",
)
def softmax(s, axis=-1):
    rows = np.moveaxis(s, axis, -1)
    ratios = np.exp(rows[..., None, :] - rows[..., :, None])
    return np.moveaxis(1 / ratios.sum(axis=-1), -1, axis)


@l2_1.wrong(
    "running-maximum-starts-at-minus-infinity",
    "Your running maximum starts at −∞. If the first score is −∞ too, their difference −∞ − (−∞) is "
    "nan, and it stays in the sum. The largest score of the whole row, taken first, is finite.",
)
def softmax(s, axis=-1):
    rows = np.moveaxis(s, axis, -1)
    top, total = np.full(rows.shape[:-1], -np.inf), np.zeros(rows.shape[:-1])
    for j in range(rows.shape[-1]):
        new = np.maximum(top, rows[..., j])
        total = total * np.exp(top - new) + np.exp(rows[..., j] - new)
        top = new
    return np.moveaxis(np.exp(rows - top[..., None]) / total[..., None], -1, axis)


@l2_1.wrong(
    "subtracts-the-mean",
    "You subtracted the mean of the scores. That changes no weight, but a score may still lie far "
    "above the mean, and one −∞ makes the mean −∞. Which number is never exceeded?",
)
def softmax(s, axis=-1):
    e = np.exp(s - s.mean(axis=axis, keepdims=True))
    return e / e.sum(axis=axis, keepdims=True)


@l2_1.wrong(
    "subtracts-the-minimum",
    "You subtracted the smallest score, so that all exponents are positive: large ones still "
    "overflow, and −∞ as the smallest gives nan. The exponents should all be at most 0.",
)
def softmax(s, axis=-1):
    e = np.exp(s - s.min(axis=axis, keepdims=True))
    return e / e.sum(axis=axis, keepdims=True)


@l2_1.wrong(
    "largest-absolute-value",
    "You subtracted the largest absolute value. In a row of large negative scores that pushes every "
    "exponent far below 0, all exponentials become 0, and 0 / 0 is nan. Take the largest score "
    "itself, with its sign.",
)
def softmax(s, axis=-1):
    e = np.exp(s - np.abs(s).max(axis=axis, keepdims=True))
    return e / e.sum(axis=axis, keepdims=True)


@l2_1.wrong(
    "divides-by-the-maximum",
    "You divided the scores by the largest one. That changes their differences, and with them the "
    "weights. Subtracting changes no difference.",
)
def softmax(s, axis=-1):
    e = np.exp(s / s.max(axis=axis, keepdims=True))
    return e / e.sum(axis=axis, keepdims=True)


@l2_1.wrong(
    "clips-the-scores",
    "You cut the scores off at a limit so that exp can't overflow. Two scores beyond the limit then "
    "look equal, although one should win by far. Shift all scores instead of cutting some.",
)
def softmax(s, axis=-1):
    e = np.exp(np.clip(s, -700, 700) if s.dtype == np.float64 else np.clip(s, -80, 80))
    return e / e.sum(axis=axis, keepdims=True)


@l2_1.wrong(
    "hides-the-nan",
    "You replaced nan by 0 at the end. The warning is gone, and so is the weight: the word that "
    "should have got nearly all of it gets none. Keep the overflow from happening instead.",
)
def softmax(s, axis=-1):
    e = np.exp(s)
    return np.nan_to_num(e / e.sum(axis=axis, keepdims=True), nan=0.0)


@l2_1.wrong(
    "formula-of-lesson-1",
    "This is the formula of lesson 1 as it was. Two things are missing: something that keeps exp from "
    "overflowing, and `axis`, so that each row of a table sums to 1 for itself.",
)
def softmax(s, axis=-1):
    e = np.exp(s)
    return e / e.sum()


@l2_1.wrong(
    "for-one-row-only",
    "You took one maximum of the whole array and a sum down axis 0, as many examples on the web do. "
    "That is right for a single row of scores. Here the scores along `axis` compete: hand it on to "
    "both, and keep the axis.",
)
def softmax(s, axis=-1):
    e = np.exp(s - np.max(s))
    return e / e.sum(axis=0)


@l2_1.wrong(
    "axis-1-in-the-code",
    "You wrote axis 1 into the code. It fits a table of rows, but a single row of scores has no axis 1, "
    "and three axes have their rows along axis 2. Hand `axis` on instead.",
)
def softmax(s, axis=-1):
    e = np.exp(s - s.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


@l2_1.wrong(
    "epsilon-below-the-line",
    "You added a small number below the fraction line, so your weights sum to a little less than 1. It "
    "isn't needed: with the maximum subtracted, one of the exponentials is 1, and the sum can't be 0.",
)
def softmax(s, axis=-1):
    e = np.exp(s - s.max(axis=axis, keepdims=True))
    return e / (e.sum(axis=axis, keepdims=True) + 1e-6)


# --------------------------------------------------------------------------- L2.2

l2_2 = Exercise(
    id="L2.2",
    title="The logarithm of a softmax",
    functions=("log_softmax",),
    difficulty=2,
    importance=4,
    minutes=10,
    hints=(
        "Take the logarithm of the softmax formula with pencil and paper before you write code. A "
        "logarithm of a quotient is a difference, and one of the two logarithms undoes an "
        "exponential: log p_i = s_i − …",
        "log p_i = s_i − log Σ exp(s_j). Only the second term can overflow. Let m be the largest "
        "score along the axis, write every s_j as m + (s_j − m), and pull exp(m) out of the sum.",
        "log Σ exp(s_j) = m + log Σ exp(s_j − m). Subtract all of it, the m too. It is shortest to "
        "shift the scores once, as in `softmax`, and to work with the shifted ones on both sides of "
        "the minus sign: then m cancels.",
    ),
)


@l2_2.checks
def l2_2_checks(rng: np.random.Generator) -> Iterator[Check]:
    s_S = normal(rng, 4, decimals=1)
    yield Check(
        "a few scores by hand",
        points=1,
        calls=[
            close("log_softmax", np.array([0.0, 0.0])),
            close("log_softmax", np.array([2.0, 1.0, -1.0])),
            close("log_softmax", s_S),
            close("log_softmax", s_S - 10),
        ],
        says="The exponentials of the results are weights: they sum to 1. Two equal scores give "
        "log ½ = −0.69 each.",
    )
    s_TS, s_BTS = normal(rng, 5, 7), normal(rng, 2, 5, 3)
    yield Check(
        "any axis, from the front or from the back",
        points=1,
        calls=[
            close("log_softmax", s_TS),
            close("log_softmax", s_TS, axis=0),
            close("log_softmax", s_TS, axis=-2),
            close("log_softmax", s_BTS, axis=1),
            close("log_softmax", s_BTS, axis=-1),
            close("log_softmax", normal(rng, 4, 4)),
        ],
        says="One sum for each group of scores that compete.",
    )
    yield Check(
        "scores in the thousands",
        points=2,
        calls=[
            call("log_softmax", np.array([1000.0, 0.0]), tolerance=LARGE),
            call("log_softmax", np.array([2000.0, 1000.0, -1000.0]), tolerance=LARGE),
            call("log_softmax", np.array([-1000.0, -1001.0, -999.5]), tolerance=LARGE),
            call("log_softmax", extreme(rng, 5, 6), tolerance=LARGE),
            call("log_softmax", float32(extreme(rng, 3, 7)), axis=0, tolerance=LARGE_32),
        ],
        says="The weight is too small for any float, but its logarithm is a plain number such as "
        "−1000. That is what this function is for.",
    )
    offset_T1 = np.array([[1000.0], [0.0], [-1000.0], [500.0]])
    yield Check(
        "rows that lie far apart",
        points=1,
        calls=[
            call("log_softmax", np.array([[1000.0, 999.0], [1.0, 0.0]]), tolerance=LARGE),
            call("log_softmax", normal(rng, 4, 5) + offset_T1, tolerance=LARGE),
        ],
        says="Each row has a maximum of its own.",
    )
    s_TS = normal(rng, 5, 3)
    yield Check(
        "float32, strided and read-only arrays, inputs left alone",
        points=1,
        judges="inputs untouched",
        calls=[
            close("log_softmax", s_TS),
            close("log_softmax", float32(s_TS)),
            close("log_softmax", strided(s_TS), axis=0),
            close("log_softmax", read_only(s_TS)),
        ],
        says="How the numbers lie in memory makes no difference.",
    )


@l2_2.right("a loop over rows")
def log_softmax(s, axis=-1):
    rows = np.moveaxis(s, axis, -1)
    out = np.zeros(rows.shape)
    for place in np.ndindex(rows.shape[:-1]):
        m = max(rows[place])
        total = 0.0
        for number in rows[place]:
            total += np.exp(number - m)
        out[place] = rows[place] - m - np.log(total)
    return np.moveaxis(out, -1, axis)


@l2_2.right("the maximum added back")
def log_softmax(s, axis=-1):
    m = np.max(s, axis=axis, keepdims=True)
    lse = m + np.log(np.sum(np.exp(s - m), axis=axis, keepdims=True))
    return s - lse


@l2_2.right("logaddexp.reduce")
def log_softmax(s, axis=-1):
    return s - np.expand_dims(np.logaddexp.reduce(s, axis=axis), axis)


@l2_2.wrong(
    "log-of-softmax",
    "You took the logarithm of a finished softmax. A weight below the smallest float is 0, and "
    "log 0 is −∞, although the answer is a plain number such as −1000. Let the logarithm meet the "
    "exponential on paper, before anything is rounded to 0.",
)
def log_softmax(s, axis=-1):
    e = np.exp(s - s.max(axis=axis, keepdims=True))
    return np.log(e / e.sum(axis=axis, keepdims=True))


@l2_2.wrong(
    "log-of-softmax-plus-epsilon",
    "You added a tiny number inside the logarithm, so that it never meets 0. Now no result is below "
    "the tiny number's own logarithm, and every weight smaller than it looks the same. The formula "
    "needs no such help if the logarithm is taken on paper.",
)
def log_softmax(s, axis=-1):
    e = np.exp(s - s.max(axis=axis, keepdims=True))
    return np.log(e / e.sum(axis=axis, keepdims=True) + 1e-12)


@l2_2.wrong(
    "maximum-not-added-back",
    "You subtracted the maximum inside the exponential only. log Σ exp(s_j) is m plus "
    "log Σ exp(s_j − m): your results are too large by m, the largest score.",
)
def log_softmax(s, axis=-1):
    m = s.max(axis=axis, keepdims=True)
    return s - np.log(np.exp(s - m).sum(axis=axis, keepdims=True))


@l2_2.wrong(
    "maximum-subtracted-twice",
    "Your results are too small by the largest score m: you shifted the scores by m and then "
    "subtracted a log-sum-exp that has m in it once more. With shifted scores on the left, the m on "
    "the right must go.",
)
def log_softmax(s, axis=-1):
    m = s.max(axis=axis, keepdims=True)
    lse = m + np.log(np.exp(s - m).sum(axis=axis, keepdims=True))
    return s - m - lse


@l2_2.wrong(
    "no-max-subtracted",
    "s − log Σ exp(s) is right on paper, but exp(1000) overflows to inf, and everything becomes −∞; "
    "for scores of −1000 all exponentials are 0. Take the largest score out of the sum first.",
)
def log_softmax(s, axis=-1):
    return s - np.log(np.exp(s).sum(axis=axis, keepdims=True))


@l2_2.wrong(
    "global-max",
    "You subtracted the largest score of the whole array. In a row that lies 1000 below it all "
    "exponentials are 0, and log 0 is −∞. Each row has a maximum of its own.",
)
def log_softmax(s, axis=-1):
    z = s - s.max()
    return z - np.log(np.exp(z).sum(axis=axis, keepdims=True))


@l2_2.wrong(
    "axis-ignored",
    "You took one sum over the whole array. Only the scores along `axis` compete, so each row of a "
    "table needs a sum of its own.",
)
def log_softmax(s, axis=-1):
    z = s - s.max()
    return z - np.log(np.exp(z).sum())


@l2_2.wrong(
    "always-the-last-axis",
    "Your sum runs along the last axis whatever `axis` says. Hand `axis` on to the maximum and to "
    "the sum.",
)
def log_softmax(s, axis=-1):
    z = s - s.max(axis=-1, keepdims=True)
    return z - np.log(np.exp(z).sum(axis=-1, keepdims=True))


@l2_2.wrong(
    "wrong-axis",
    "Your sum runs along axis 0, down the columns. Without an argument the scores along the last "
    "axis compete; with one, those along the axis that it names.",
)
def log_softmax(s, axis=-1):
    z = s - s.max(axis=0, keepdims=True)
    return z - np.log(np.exp(z).sum(axis=0, keepdims=True))


@l2_2.wrong(
    "keepdims-lost",
    "The maximum and the sum along the last axis of a (5, 7) table have shape (5,) and can't be "
    "subtracted row by row. `keepdims=True` keeps an axis of length 1 in their place.",
)
def log_softmax(s, axis=-1):
    z = s - s.max(axis=axis)
    return z - np.log(np.exp(z).sum(axis=axis))


@l2_2.wrong(
    "turned-round",
    "Your results are positive: log Σ exp(s) − s instead of s − log Σ exp(s). A weight is at most "
    "1, so its logarithm is at most 0. (What you have is useful too: it is the loss of that class.)",
)
def log_softmax(s, axis=-1):
    z = s - s.max(axis=axis, keepdims=True)
    return np.log(np.exp(z).sum(axis=axis, keepdims=True)) - z


@l2_2.wrong(
    "mean-of-exponentials",
    "You took the logarithm of the mean of the exponentials where the formula has their sum. Your "
    "results are too large by the logarithm of the number of scores.",
)
def log_softmax(s, axis=-1):
    z = s - s.max(axis=axis, keepdims=True)
    return z - np.log(np.exp(z).mean(axis=axis, keepdims=True))


@l2_2.wrong(
    "returns-the-log-sum-exp",
    "You returned log Σ exp(s), one number for each row. That is the second term: every score of "
    "the row, minus this number, is asked for.",
)
def log_softmax(s, axis=-1):
    m = s.max(axis=axis, keepdims=True)
    return m + np.log(np.exp(s - m).sum(axis=axis, keepdims=True))


@l2_2.wrong(
    "returns-the-softmax",
    "You returned the weights themselves. Their logarithms are asked for, worked out without going "
    "through the weights.",
)
def log_softmax(s, axis=-1):
    e = np.exp(s - s.max(axis=axis, keepdims=True))
    return e / e.sum(axis=axis, keepdims=True)


@l2_2.wrong(
    "changes-the-scores",
    "The results are right, but `-=` wrote into the caller's own scores, who may still need them as "
    "they were. Put the shifted scores into a new array.",
)
def log_softmax(s, axis=-1):
    s -= s.max(axis=axis, keepdims=True)
    return s - np.log(np.exp(s).sum(axis=axis, keepdims=True))


@l2_2.wrong(
    "shifted-on-the-left-only",
    "You subtracted the maximum from the scores on the left, but took the log-sum-exp of the scores as "
    "they came. Then the results are too small by the maximum, and the exponentials overflow. Use the "
    "shifted scores on both sides.",
)
def log_softmax(s, axis=-1):
    z = s - s.max(axis=axis, keepdims=True)
    return z - np.log(np.exp(s).sum(axis=axis, keepdims=True))


# --------------------------------------------------------------------------- L2.3

l2_3 = Exercise(
    id="L2.3",
    title="The gradient through a softmax",
    functions=("softmax_vjp",),
    difficulty=4,
    importance=5,
    minutes=15,
    hints=(
        "Do it for three weights, as above. Score j pulls on all three weights: p_j itself rises by "
        "p_j (1 − p_j), and each other one falls by p_i p_j. Each pull counts as much as the loss "
        "cares about that weight. Add them up for one j.",
        "ds_j = p_j g_j − p_j Σ_i p_i g_i. The sum is the same for all j: one number for each row, "
        "the mean of g in which p says how much each counts. What is left when you take p_j out of "
        "both terms?",
        "ds = p · (g − ḡ) with ḡ = Σ_i p_i g_i. In NumPy, ḡ is the sum of p * g along `axis`, "
        "with keepdims, so that every row subtracts its own. No loop and no matrix is needed.",
    ),
)


@l2_3.checks
def l2_3_checks(rng: np.random.Generator) -> Iterator[Check]:
    (fresh,) = rng.spawn(1)
    p_S = np.array([0.5, 0.3, 0.2])
    one_S = np.zeros(3)
    one_S[fresh.integers(3)] = round(fresh.uniform(1, 4), 1)
    yield Check(
        "three weights, a loss that looks at one of them",
        points=1,
        calls=[
            call("softmax_vjp", p_S, np.array([1.0, 0.0, 0.0])),
            call("softmax_vjp", p_S, np.array([0.0, 0.0, 2.0])),
            call("softmax_vjp", shares(fresh, 3), one_S),
        ],
        says="If only p_0 matters, raising s_0 raises it, and raising any other score lowers it.",
    )
    yield Check(
        "a loss that looks at all of them",
        points=1,
        calls=[
            call("softmax_vjp", p_S, np.array([1.0, -2.0, 1.5])),
            call("softmax_vjp", shares(rng, 6), normal(rng, 6)),
        ],
        says="Every score pulls on every weight, and all pulls add up.",
    )
    p7_S, g7_S = shares(rng, 7), normal(rng, 7)
    yield Check(
        "a constant in g changes nothing",
        points=1,
        calls=[
            call("softmax_vjp", p7_S, np.full(7, 3.0)),
            call("softmax_vjp", p7_S, g7_S + 5),
            call("softmax_vjp", shares(rng, 5), normal(rng, 5) + 1000, tolerance=LARGE),
            call("softmax_vjp", np.array([0.25, 0.0, 0.75]), np.array([1.0, -2.0, 3.0])),
            call("softmax_vjp", np.array([0.0, 1.0, 0.0, 0.0]), normal(rng, 4)),
        ],
        says="The weights always sum to 1, so a loss that gains the same from each of them gains "
        "nothing: ds sums to 0. A weight of exactly 0 can't be moved.",
    )
    yield Check(
        "tables, each row on its own",
        points=1,
        calls=[
            call("softmax_vjp", shares(rng, 5, 6), normal(rng, 5, 6)),
            call("softmax_vjp", shares(rng, 2, 3, 7), normal(rng, 2, 3, 7)),
            call("softmax_vjp", shares(rng, 4, 4), normal(rng, 4, 4)),
        ],
        says="A row's weights depend on that row's scores and on no others.",
    )
    p_TS, g_TS = shares(rng, 5, 7, axis=0), normal(rng, 5, 7)
    p_BTS, g_BTS = shares(rng, 2, 5, 3, axis=1), normal(rng, 2, 5, 3)
    yield Check(
        "any axis, from the front or from the back",
        points=1,
        calls=[
            call("softmax_vjp", p_TS, g_TS, axis=0),
            call("softmax_vjp", p_TS, g_TS, axis=-2),
            call("softmax_vjp", p_BTS, g_BTS, axis=1),
            call("softmax_vjp", p_BTS, g_BTS, axis=-2),
        ],
        says="The axis is the one along which p sums to 1.",
    )
    p_TS, g_TS = shares(rng, 5, 3), normal(rng, 5, 3)
    yield Check(
        "float32, strided and read-only arrays, inputs left alone",
        points=1,
        judges="inputs untouched",
        calls=[
            call("softmax_vjp", p_TS, g_TS),
            call("softmax_vjp", float32(p_TS), float32(g_TS)),
            call("softmax_vjp", strided(p_TS), strided(g_TS)),
            call("softmax_vjp", read_only(p_TS), read_only(g_TS)),
        ],
        says="The weights are needed again on the way back through the network.",
    )


@l2_3.right("the whole Jacobian, row by row")
def softmax_vjp(p, g, axis=-1):
    p, g = np.moveaxis(p, axis, -1), np.moveaxis(g, axis, -1)
    ds = np.zeros(p.shape)
    for place in np.ndindex(p.shape[:-1]):
        jacobian = np.diag(p[place]) - np.outer(p[place], p[place])
        ds[place] = jacobian @ g[place]
    return np.moveaxis(ds, -1, axis)


@l2_3.right("four loops' worth, with Kronecker's delta")
def softmax_vjp(p, g, axis=-1):
    p, g = np.moveaxis(p, axis, -1), np.moveaxis(g, axis, -1)
    ds = np.zeros(p.shape)
    n = p.shape[-1]
    for j in range(n):
        for i in range(n):
            ds[..., j] += g[..., i] * p[..., i] * ((i == j) - p[..., j])
    return np.moveaxis(ds, -1, axis)


@l2_3.right("product minus share of the sum")
def softmax_vjp(p, g, axis=-1):
    pg = p * g
    return pg - p * np.sum(pg, axis=axis, keepdims=True)


@l2_3.right("einsum")
def softmax_vjp(p, g, axis=-1):
    p, g = np.swapaxes(p, axis, -1), np.swapaxes(g, axis, -1)
    mean = np.einsum("...s,...s->...", p, g)[..., None]
    return np.swapaxes(p * (g - mean), axis, -1)


@l2_3.wrong(
    "diagonal-only",
    "You multiplied g by p (1 − p): the pull of each score on its own weight. But raising one score "
    "also lowers all other weights, because they share one sum. Add what the loss feels of that.",
)
def softmax_vjp(p, g, axis=-1):
    return p * (1 - p) * g


@l2_3.wrong(
    "sign",
    "Every number is right but for its sign. If the loss grows with p_0, it grows with s_0 too: "
    "is your difference the right way round?",
)
def softmax_vjp(p, g, axis=-1):
    return p * ((p * g).sum(axis=axis, keepdims=True) - g)


@l2_3.wrong(
    "sums-over-the-batch",
    "You took one sum of p g over the whole array, so that the rows of a table pull on one another. "
    "Each row has a mean of its own: sum along `axis` only, and keep it.",
)
def softmax_vjp(p, g, axis=-1):
    return p * (g - (p * g).sum())


@l2_3.wrong(
    "adds-up-the-batch",
    "You added the gradients of all rows up. The gradient has the shape of the scores: one number "
    "for each of them, in each row.",
)
def softmax_vjp(p, g, axis=-1):
    ds = p * (g - (p * g).sum(axis=axis, keepdims=True))
    return ds.sum(axis=tuple(range(ds.ndim - 1)))


@l2_3.wrong(
    "divides-by-p",
    "You divided by p. That is the derivative of a logarithm, log p; here g is the gradient in p "
    "itself. (And where p is 0 it gives nan.)",
)
def softmax_vjp(p, g, axis=-1):
    return g / p - (g / p * p).sum(axis=axis, keepdims=True)


@l2_3.wrong(
    "p-forgotten",
    "You returned g minus its mean and stopped. A small weight can hardly be moved by its score: "
    "the difference still has to be multiplied by p.",
)
def softmax_vjp(p, g, axis=-1):
    return g - (p * g).sum(axis=axis, keepdims=True)


@l2_3.wrong(
    "p-missing-in-the-second-term",
    "Your first term p g is right. From it you subtracted Σ p g as it is, the same for every score, "
    "where each should lose its own share: p_j times that sum.",
)
def softmax_vjp(p, g, axis=-1):
    return p * g - (p * g).sum(axis=axis, keepdims=True)


@l2_3.wrong(
    "plain-mean-of-g",
    "You subtracted the plain mean of g. The mean here is a weighted one, Σ p_i g_i: a large weight "
    "has more to lose.",
)
def softmax_vjp(p, g, axis=-1):
    return p * (g - g.mean(axis=axis, keepdims=True))


@l2_3.wrong(
    "sum-of-g",
    "You subtracted the plain sum of g. Each g_i counts in it with its weight: Σ p_i g_i.",
)
def softmax_vjp(p, g, axis=-1):
    return p * (g - g.sum(axis=axis, keepdims=True))


@l2_3.wrong(
    "no-coupling",
    "You returned p g, as if each weight had its exponential for itself. The sum below the line "
    "changes with every score as well: that is the second term.",
)
def softmax_vjp(p, g, axis=-1):
    return p * g


@l2_3.wrong(
    "softmax-once-more",
    "You put p through softmax once more. p is given as finished weights, not as scores: use it as "
    "it is.",
)
def softmax_vjp(p, g, axis=-1):
    e = np.exp(p - p.max(axis=axis, keepdims=True))
    q = e / e.sum(axis=axis, keepdims=True)
    return q * (g - (q * g).sum(axis=axis, keepdims=True))


@l2_3.wrong(
    "p-minus-g",
    "p − g is the gradient of a cross-entropy with the target g, a famous special case. Here g is "
    "the gradient of any loss in p: go back to the three pulls on the three weights.",
)
def softmax_vjp(p, g, axis=-1):
    return p - g


@l2_3.wrong(
    "always-the-last-axis",
    "Your sum runs along the last axis whatever `axis` says. Hand `axis` on to the sum: it is the "
    "axis along which p sums to 1.",
)
def softmax_vjp(p, g, axis=-1):
    return p * (g - (p * g).sum(axis=-1, keepdims=True))


@l2_3.wrong(
    "keepdims-lost",
    "Σ p g along the last axis of a (5, 6) table has shape (5,) and can't be subtracted row by row; "
    "in a square table it is subtracted from the wrong ones. Keep an axis of length 1.",
)
def softmax_vjp(p, g, axis=-1):
    return p * (g - (p * g).sum(axis=axis))


@l2_3.wrong(
    "changes-g",
    "The gradient is right, but `-=` wrote into the caller's own g. Other parts of the network still "
    "need it: put the difference into a new array.",
)
def softmax_vjp(p, g, axis=-1):
    g -= (p * g).sum(axis=axis, keepdims=True)
    return p * g


@l2_3.wrong(
    "dot-of-tables",
    "np.dot(p, g) is Σ p_i g_i for a single row. For tables it is a matrix product, which pairs the "
    "rows of p with the columns of g. Multiply number by number and sum along `axis`.",
)
def softmax_vjp(p, g, axis=-1):
    return p * (g - np.dot(p, g))


@l2_3.wrong(
    "jacobian-of-one-row",
    "You built the whole table of derivatives, which is right for a single row of weights, but np.diag "
    "and np.outer know no batch. The short form p (g − mean of g) needs no table and works for any "
    "shape.",
)
def softmax_vjp(p, g, axis=-1):
    return (np.diag(p) - np.outer(p, p)) @ g


# --------------------------------------------------------------------------- L2.4

l2_4 = Exercise(
    id="L2.4",
    title="Temperature and entropy",
    functions=("temperature", "entropy"),
    difficulty=3,
    importance=4,
    minutes=12,
    hints=(
        "Temperature acts on the scores, before the softmax. As τ grows, should differences of "
        "scores become larger or smaller? For the entropy: what is 0 · log 0 in NumPy, and what "
        "should it be?",
        "`temperature` is the softmax of s / τ, with the largest of the numbers that really go into "
        "exp subtracted. `entropy` is −Σ p log p along the axis. Where p is 0 its term is 0, "
        "whatever stands under the logarithm: put a harmless number there.",
        "Your `softmax` does the first in one line. For the second, `np.where(p > 0, p, 1)` is a "
        "copy of p with a 1 in place of each 0, and log 1 is 0: multiply the logarithm of that copy "
        "by p, sum along `axis`, change the sign.",
    ),
)


@l2_4.checks
def l2_4_checks(rng: np.random.Generator) -> Iterator[Check]:
    (fresh,) = rng.spawn(1)
    s_S = np.array([2.0, 1.0, -1.0])
    yield Check(
        "temperature: three scores, cold and warm",
        points=1,
        calls=[
            close("temperature", s_S, 1.0, within=WEIGHTS),
            close("temperature", s_S, 2.0, within=WEIGHTS),
            close("temperature", s_S, 0.5, within=WEIGHTS),
            close("temperature", normal(rng, 5), 4, within=WEIGHTS),
        ],
        says="At 1 it is the plain softmax; above 1 the weights are more alike, below 1 less.",
    )
    s_TS, s_BTS = normal(rng, 5, 7), normal(rng, 2, 5, 3)
    yield Check(
        "temperature: tables, axes, other arrays",
        points=1,
        judges="inputs untouched",
        calls=[
            close("temperature", s_TS, 1.5, within=WEIGHTS),
            close("temperature", s_TS, 0.75, axis=0, within=WEIGHTS),
            close("temperature", s_BTS, 3.0, axis=1, within=WEIGHTS),
            close("temperature", s_BTS, 0.5, axis=-2, within=WEIGHTS),
            close("temperature", float32(s_TS), 2.0, within=WEIGHTS),
            close("temperature", read_only(strided(s_TS)), 2.5, within=WEIGHTS),
        ],
        says="The scores along `axis` compete, and they stay as they were.",
    )
    large_S = np.array([1000.0, -1000.0, 0.0])
    offset_T1 = np.array([[1000.0], [0.0], [-1000.0], [500.0]])
    yield Check(
        "temperature: scores in the thousands",
        points=1,
        calls=[
            call("temperature", large_S, 1000.0, tolerance=LARGE),
            call("temperature", large_S, 500.0, tolerance=LARGE),
            call("temperature", -large_S - 900, 0.25, tolerance=LARGE),
            call("temperature", normal(rng, 4, 5) + offset_T1, 0.5, tolerance=LARGE),
            call("temperature", float32(extreme(rng, 3, 6)), 500.0, tolerance=LARGE_32),
        ],
        says="Divide first, then compare: at τ = 1000, scores of ±1000 are as near as ±1.",
    )
    yield Check(
        "entropy: a few weights by hand",
        points=1,
        calls=[
            close("entropy", np.array([0.5, 0.5])),
            close("entropy", np.array([0.5, 0.25, 0.25])),
            close("entropy", np.full(7, 1 / 7)),
            close("entropy", shares(rng, 6)),
        ],
        says="In nats: a fair coin has log 2 = 0.69, and n equal weights have log n.",
    )
    one_hot = np.array([0.0, 1.0, 0.0, 0.0])
    yield Check(
        "entropy: weights of exactly 0",
        points=1,
        calls=[
            close("entropy", one_hot),
            close("entropy", np.array([0.5, 0.0, 0.5])),
            close("entropy", np.array([[0.5, 0.5, 0.0], [0.0, 1.0, 0.0]])),
            close("entropy", np.array([[0.25, 0.0, 1.0, 0.5], [0.75, 1.0, 0.0, 0.5]]), axis=0),
            close("entropy", np.insert(shares(fresh, 3), fresh.integers(4), 0.0)),
        ],
        says="0 · log 0 is 0: a word without weight adds nothing. Who is sure has entropy 0.",
    )
    p_TS, p_BTS = shares(rng, 5, 7, axis=0), shares(rng, 2, 5, 3, axis=1)
    yield Check(
        "entropy: tables and axes",
        points=1,
        calls=[
            close("entropy", shares(rng, 5, 6)),
            close("entropy", p_TS, axis=0),
            close("entropy", p_BTS, axis=1),
            close("entropy", p_BTS, axis=-2),
        ],
        says="One number for each row of weights: the axis disappears.",
    )
    p_TS = shares(rng, 4, 6)
    zeros_TS = p_TS.copy()
    zeros_TS[1, 0] += zeros_TS[1, 3]
    zeros_TS[1, 3] = 0
    yield Check(
        "entropy: float32, strided and read-only arrays, inputs left alone",
        points=1,
        judges="inputs untouched",
        calls=[
            close("entropy", zeros_TS),
            close("entropy", float32(p_TS)),
            close("entropy", strided(p_TS)),
            close("entropy", read_only(zeros_TS)),
        ],
        says="The weights go on to the mix after their entropy was looked at.",
    )


@l2_4.right("temperature: a loop over rows")
def temperature(s, tau, axis=-1):
    rows = np.moveaxis(s, axis, -1)
    out = np.empty(rows.shape)
    for place in np.ndindex(rows.shape[:-1]):
        e = np.exp((rows[place] - rows[place].max()) / tau)
        out[place] = e / e.sum()
    return np.moveaxis(out, -1, axis)


@l2_4.right("temperature: through the log-sum-exp")
def temperature(s, tau, axis=-1):
    z = s * (1 / tau)
    return np.exp(z - np.expand_dims(np.logaddexp.reduce(z, axis=axis), axis))


@l2_4.right("temperature: a power of shifted exponentials")
def temperature(s, tau, axis=-1):
    z = (s - np.max(s, axis=axis, keepdims=True)) / tau
    e = np.e ** z.astype(float)
    return e / np.sum(e, axis=axis, keepdims=True)


@l2_4.right("entropy: a loop over rows")
def entropy(p, axis=-1):
    rows = np.moveaxis(p, axis, -1)
    out = np.zeros(rows.shape[:-1])
    for place in np.ndindex(rows.shape[:-1]):
        for share in rows[place]:
            if share > 0:
                out[place] -= share * np.log(share)
    return out


@l2_4.right("entropy: nan replaced by 0")
def entropy(p, axis=-1):
    with np.errstate(divide="ignore", invalid="ignore"):
        terms = p * np.log(p)
    return -np.nan_to_num(terms).sum(axis=axis)


@l2_4.right("entropy: logarithm only where it exists")
def entropy(p, axis=-1):
    log = np.zeros(p.shape)
    np.log(p, out=log, where=p > 0)
    return -(p * log).sum(axis)


@l2_4.right("entropy: a floor far below every weight")
def entropy(p, axis=-1):
    return -np.sum(p * np.log(np.maximum(p, 1e-30)), axis=axis)


@l2_4.right("entropy: a tiny number under the logarithm")
def entropy(p, axis=-1):
    return -np.sum(p * np.log(p + 1e-12), axis=axis)


l2_4.allow_mutant(
    after="exps = -np.exp(scaled - scaled.max(axis=axis, keepdims=True))",
    reason="The next line divides by the sum, which has the same sign: it cancels.",
)
l2_4.allow_mutant(
    after="logs = np.log(np.where(p > 0, p, 2))",
    reason="Where p is 0 the logarithm is multiplied by 0: any finite one will do.",
)


@l2_4.wrong(
    "temperature-multiplies",
    "You multiplied by τ. Then a high temperature makes the differences larger and the winner takes "
    "more. Warm should mean more alike: divide the scores by τ.",
)
def temperature(s, tau, axis=-1):
    z = s * tau
    e = np.exp(z - z.max(axis=axis, keepdims=True))
    return e / e.sum(axis=axis, keepdims=True)


@l2_4.wrong(
    "temperature-divides-the-weights",
    "You divided finished weights by τ, so they no longer sum to 1, and their proportions are the "
    "same as before. The temperature has to act on the scores, before the exponential.",
)
def temperature(s, tau, axis=-1):
    e = np.exp(s - s.max(axis=axis, keepdims=True))
    return e / e.sum(axis=axis, keepdims=True) / tau


@l2_4.wrong(
    "temperature-rescales-and-normalises",
    "You divided the weights by τ and normalised again: the second step undoes the first, and τ does "
    "nothing at all. Divide the scores instead, before the exponential.",
)
def temperature(s, tau, axis=-1):
    e = np.exp(s - s.max(axis=axis, keepdims=True)) / tau
    return e / e.sum(axis=axis, keepdims=True)


@l2_4.wrong(
    "temperature-power-not-normalised",
    "You took the weights to the power 1/τ. Their proportions are right now, but they don't sum to 1 "
    "any more. Dividing the scores by τ before the softmax does both at once.",
)
def temperature(s, tau, axis=-1):
    e = np.exp(s - s.max(axis=axis, keepdims=True))
    return (e / e.sum(axis=axis, keepdims=True)) ** (1 / tau)


@l2_4.wrong(
    "temperature-power-of-lost-weights",
    "You took finished weights to the power 1/τ and normalised them. On paper that is the same; but "
    "a weight that was rounded to 0 stays 0, even at a temperature at which its word should count. "
    "Divide the scores by τ first, then take exponentials.",
)
def temperature(s, tau, axis=-1):
    e = np.exp(s - s.max(axis=axis, keepdims=True))
    warm = (e / e.sum(axis=axis, keepdims=True)) ** (1 / tau)
    return warm / warm.sum(axis=axis, keepdims=True)


@l2_4.wrong(
    "temperature-maximum-of-the-undivided",
    "You subtracted the maximum of s from s / τ. The numbers in the exponential are no longer at "
    "most 0, and large scores overflow again. Divide first, then take the maximum of what you "
    "divided.",
)
def temperature(s, tau, axis=-1):
    e = np.exp(s / tau - s.max(axis=axis, keepdims=True))
    return e / e.sum(axis=axis, keepdims=True)


@l2_4.wrong(
    "temperature-no-max-subtracted",
    "You took the exponential of s / τ without subtracting the maximum: exp overflows, and "
    "inf / inf is nan. Your `softmax` knows how to do it.",
)
def temperature(s, tau, axis=-1):
    e = np.exp(s / tau)
    return e / e.sum(axis=axis, keepdims=True)


@l2_4.wrong(
    "temperature-always-the-last-axis",
    "Your softmax runs along the last axis whatever `axis` says: hand `axis` on.",
)
def temperature(s, tau, axis=-1):
    z = s / tau
    e = np.exp(z - z.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


@l2_4.wrong(
    "temperature-changes-the-scores",
    "The weights are right, but `/=` wrote into the caller's own scores. Put s / τ into a new array.",
)
def temperature(s, tau, axis=-1):
    s /= tau
    e = np.exp(s - s.max(axis=axis, keepdims=True))
    return e / e.sum(axis=axis, keepdims=True)


@l2_4.wrong(
    "entropy-nan-at-zero",
    "A weight of exactly 0 gives 0 · log 0 = 0 · (−∞), which NumPy calls nan. The limit of p log p "
    "for small p is 0: how do you keep the logarithm from ever seeing a 0?",
)
def entropy(p, axis=-1):
    return -(p * np.log(p)).sum(axis=axis)


@l2_4.wrong(
    "entropy-in-bits",
    "You took the logarithm to the base 2, so your entropy is in bits. It is asked for in nats, with "
    "the natural logarithm: a fair coin has 0.69, not 1.",
)
def entropy(p, axis=-1):
    return -(p * np.log2(np.where(p > 0, p, 1))).sum(axis=axis)


@l2_4.wrong(
    "entropy-negative",
    "Your entropy is negative: the minus sign is missing. A weight is at most 1, so its logarithm is "
    "at most 0; the minus turns surprise into a positive number.",
)
def entropy(p, axis=-1):
    return (p * np.log(np.where(p > 0, p, 1))).sum(axis=axis)


@l2_4.wrong(
    "entropy-not-weighted",
    "You added up −log p without weighing each term by its p. A rare event is a great surprise, but "
    "it comes rarely: multiply by p before the sum.",
)
def entropy(p, axis=-1):
    return -np.log(np.where(p > 0, p, 1)).sum(axis=axis)


@l2_4.wrong(
    "entropy-mean-for-sum",
    "You took the mean of −p log p where the formula has the sum. The weighing by p is the averaging "
    "already.",
)
def entropy(p, axis=-1):
    return -(p * np.log(np.where(p > 0, p, 1))).mean(axis=axis)


@l2_4.wrong(
    "entropy-zeros-cut-out",
    "You cut the zeros out with `p[p > 0]`. Of a table that leaves one long row: all entropies end up "
    "in one sum, and axis 1 is not there any more. Keep the shape, and put something harmless in "
    "place of the zeros.",
)
def entropy(p, axis=-1):
    kept = p[p > 0]
    return -(kept * np.log(kept)).sum(axis=axis)


@l2_4.wrong(
    "entropy-large-epsilon",
    "You added a number like 1e-6 under the logarithm. That keeps nan away but changes the result: "
    "who is sure gets an entropy below 0. The terms where p is 0 can be left at exactly 0.",
)
def entropy(p, axis=-1):
    return -(p * np.log(p + 1e-6)).sum(axis=axis)


@l2_4.wrong(
    "entropy-perplexity",
    "You returned exp of the entropy, called perplexity: the number of equal weights that would be "
    "as undecided. It is used in this lesson too, but here the entropy itself is asked for.",
)
def entropy(p, axis=-1):
    return np.exp(-(p * np.log(np.where(p > 0, p, 1))).sum(axis=axis))


@l2_4.wrong(
    "entropy-all-rows-in-one",
    "You added up the whole array to one number. Each row of weights has an entropy of its own: sum "
    "along `axis`.",
)
def entropy(p, axis=-1):
    return -(p * np.log(np.where(p > 0, p, 1))).sum()


@l2_4.wrong(
    "entropy-always-the-last-axis",
    "Your sum runs along the last axis whatever `axis` says: hand `axis` on to the sum.",
)
def entropy(p, axis=-1):
    return -(p * np.log(np.where(p > 0, p, 1))).sum(axis=-1)


@l2_4.wrong(
    "entropy-changes-p",
    "The entropy is right, but you wrote 1 into the caller's own p where it was 0: those words now "
    "have a weight of 1. Work on a copy, as `np.where` makes one.",
)
def entropy(p, axis=-1):
    p[p == 0] = 1
    return -(p * np.log(p)).sum(axis=axis)


@l2_4.wrong(
    "entropy-keeps-the-axis",
    "The numbers are right, but you kept an axis of length 1. The entropy is one number for each row: "
    "`keepdims` is only for what goes back into the same array.",
)
def entropy(p, axis=-1):
    return -(p * np.log(np.where(p > 0, p, 1))).sum(axis=axis, keepdims=True)


# --------------------------------------------------------------------------- L2.5

l2_5 = Exercise(
    id="L2.5",
    title="Cross-entropy straight from the scores",
    functions=("bce_from_logits",),
    difficulty=3,
    importance=4,
    minutes=12,
    hints=(
        "For a true label the loss is log(1 + exp(−z)), for a false one log(1 + exp(z)), and both "
        "are one formula: log(1 + exp(z)) − y z. Which of its parts overflows, and for which z?",
        "log(1 + exp(z)) is the log-sum-exp of the two scores 0 and z. Take the larger of them out, "
        "as in `log_softmax`: what is left under the logarithm is 1 plus an exponential of −|z|.",
        "Per example: max(z, 0) − z y + log(1 + exp(−|z|)). NumPy has `np.maximum` for pairs and "
        "`np.log1p(t)` for log(1 + t). At the end, one mean over all examples.",
    ),
)


@l2_5.checks
def l2_5_checks(rng: np.random.Generator) -> Iterator[Check]:
    (fresh,) = rng.spawn(1)
    sure, label = fresh.uniform(0.5, 3.0, 2).round(2), float(fresh.integers(2))
    yield Check(
        "one example at a time",
        points=1,
        calls=[
            close("bce_from_logits", np.array([0.0]), np.array([1.0])),
            close("bce_from_logits", np.array([2.0]), np.array([1.0])),
            close("bce_from_logits", np.array([2.0]), np.array([0.0])),
            close("bce_from_logits", np.array([-1.5]), np.array([1.0])),
            close("bce_from_logits", np.array([-1.5]), np.array([0.0])),
            close("bce_from_logits", sure[:1], np.array([label])),
            close("bce_from_logits", -sure[1:], np.array([1 - label])),
        ],
        says="Who says ½ pays log 2 = 0.69; who is sure and right pays little, sure and wrong much.",
    )
    z_B, y_B = normal(rng, 6, scale=1.5), np.array([1.0, 0.0, 0.0, 1.0, 0.0, 0.0])
    yield Check(
        "the mean over a batch",
        points=1,
        calls=[
            close("bce_from_logits", np.array([1.0, -2.0, 0.5]), np.array([1.0, 0.0, 0.0])),
            close("bce_from_logits", z_B, y_B),
            close("bce_from_logits", z_B[:, None], y_B[:, None]),
            close("bce_from_logits", normal(rng, 5, 3), (normal(rng, 5, 3) > 0.3) * 1.0),
        ],
        says="One number for the whole batch, which doesn't grow with its size; a Keras model's "
        "scores come as (B, 1).",
    )
    yield Check(
        "soft labels",
        points=1,
        calls=[
            close("bce_from_logits", np.array([2.0]), np.array([0.75])),
            close("bce_from_logits", normal(rng, 7), np.round(rng.uniform(0.1, 0.9, 7), 2)),
        ],
        says="If three of four people call a review praise, y is 0.75, and both parts of the loss "
        "count.",
    )
    yield Check(
        "scores in the thousands",
        points=2,
        calls=[
            call("bce_from_logits", np.array([1000.0]), np.array([0.0]), tolerance=LARGE),
            call("bce_from_logits", np.array([-1000.0]), np.array([1.0]), tolerance=LARGE),
            call("bce_from_logits", np.array([1000.0]), np.array([1.0]), tolerance=LARGE),
            call("bce_from_logits", np.array([-1000.0]), np.array([0.0]), tolerance=LARGE),
            call("bce_from_logits", extreme(rng, 6), y_B, tolerance=LARGE),
            call("bce_from_logits", float32(extreme(rng, 6)), float32(y_B), tolerance=LARGE_32),
            call("bce_from_logits", float32(30 * z_B), float32(1 - y_B), tolerance=1e-3),
        ],
        says="Sure and wrong by 1000 costs 1000, sure and right costs nothing: never inf, never nan.",
    )
    z_B, y_B = normal(rng, 5), np.array([0.0, 1.0, 1.0, 0.0, 1.0])
    yield Check(
        "float32, strided and read-only arrays, inputs left alone",
        points=1,
        judges="inputs untouched",
        calls=[
            close("bce_from_logits", z_B, y_B),
            close("bce_from_logits", float32(z_B), float32(y_B)),
            close("bce_from_logits", strided(z_B), strided(y_B)),
            close("bce_from_logits", read_only(z_B), read_only(y_B)),
        ],
        says="Scores and labels are used again in the backward pass.",
    )


@l2_5.right("a loop with math, one example at a time")
def bce_from_logits(z, y):
    import math

    total = 0.0
    for score, label in zip(z.ravel(), y.ravel(), strict=True):
        score, label = float(score), float(label)
        softplus = max(score, 0) + math.log1p(math.exp(-abs(score)))
        total += softplus - score * label
    return total / z.size


@l2_5.right("np.logaddexp")
def bce_from_logits(z, y):
    return np.mean(np.logaddexp(0, z) - y * z)


@l2_5.right("two softplus terms, one for each label")
def bce_from_logits(z, y):
    return np.mean(y * np.logaddexp(0, -z) + (1 - y) * np.logaddexp(0, z))


@l2_5.right("by cases of the sign")
def bce_from_logits(z, y):
    z, y = np.asarray(z, float), np.asarray(y, float)
    positive = (1 - y) * z + np.log1p(np.exp(-np.abs(z)))
    negative = -y * z + np.log1p(np.exp(-np.abs(z)))
    return float(np.where(z > 0, positive, negative).mean())


@l2_5.right("as a log-softmax of two classes")
def bce_from_logits(z, y):
    both = np.stack([np.zeros_like(z), z])
    top = both.max(axis=0)
    log_p = both - top - np.log(np.exp(both - top).sum(axis=0))
    return -((1 - y) * log_p[0] + y * log_p[1]).sum() / z.size


@l2_5.wrong(
    "log-of-sigmoid",
    "You went through the probability. For z = 1000 it is rounded to exactly 1, log(1 − 1) is −∞, "
    "and 0 · (−∞) is nan. The loss itself is a plain number: take the logarithm on paper, where it "
    "meets the exponential.",
)
def bce_from_logits(z, y):
    p = 1 / (1 + np.exp(-z))
    return -np.mean(y * np.log(p) + (1 - y) * np.log(1 - p))


@l2_5.wrong(
    "softplus-overflows",
    "log(1 + exp(z)) − y z is the right formula, but exp(1000) overflows to inf. It is a log-sum-exp "
    "of 0 and z: take the larger of the two out of the sum.",
)
def bce_from_logits(z, y):
    return np.mean(np.log(1 + np.exp(z)) - y * z)


@l2_5.wrong(
    "clips-the-probability",
    "You kept the probability away from 0 and 1 by a tiny number. No example can then cost more than "
    "that number's logarithm, however wrong it is, and it has no gradient to learn from. Work with "
    "z instead of the probability.",
)
def bce_from_logits(z, y):
    p = np.clip(1 / (1 + np.exp(-z)), 1e-7, 1 - 1e-7)
    return -np.mean(y * np.log(p) + (1 - y) * np.log(1 - p))


@l2_5.wrong(
    "label-flipped",
    "Your loss rewards the wrong label: a high score with y = 1 should cost little. Which of the two "
    "terms goes with y, and which with 1 − y?",
)
def bce_from_logits(z, y):
    return np.mean(np.maximum(z, 0) - z * (1 - y) + np.log1p(np.exp(-np.abs(z))))


@l2_5.wrong(
    "max-term-missing",
    "Your loss becomes negative: log(1 + exp(−|z|)) is only the small part of log(1 + exp(z)). What "
    "was taken out of the sum, max(z, 0), has to be added again.",
)
def bce_from_logits(z, y):
    return np.mean(np.log1p(np.exp(-np.abs(z))) - z * y)


@l2_5.wrong(
    "absolute-value-missing",
    "You wrote exp(−z) where the formula has exp(−|z|). For negative z that is large, so the loss is "
    "too big, and at −1000 it overflows.",
)
def bce_from_logits(z, y):
    return np.mean(np.maximum(z, 0) - z * y + np.log1p(np.exp(-z)))


@l2_5.wrong(
    "absolute-value-for-the-maximum",
    "You added |z| where the formula has max(z, 0). For negative z the larger of 0 and z is 0, so "
    "nothing is to be added there.",
)
def bce_from_logits(z, y):
    return np.mean(np.abs(z) - z * y + np.log1p(np.exp(-np.abs(z))))


@l2_5.wrong(
    "sum-for-mean",
    "You added the losses of all examples up. Then a larger batch has a larger loss, and steps "
    "learned on one size are wrong for another. The mean is asked for.",
)
def bce_from_logits(z, y):
    return np.sum(np.maximum(z, 0) - z * y + np.log1p(np.exp(-np.abs(z))))


@l2_5.wrong(
    "no-mean",
    "You returned one loss for each example. One number is asked for: their mean.",
)
def bce_from_logits(z, y):
    return np.maximum(z, 0) - z * y + np.log1p(np.exp(-np.abs(z)))


@l2_5.wrong(
    "mean-of-the-last-axis",
    "You took the mean along the last axis only. For scores of shape (B, 1) that averages nothing: "
    "take it over all examples.",
)
def bce_from_logits(z, y):
    return np.mean(np.maximum(z, 0) - z * y + np.log1p(np.exp(-np.abs(z))), axis=-1)


@l2_5.wrong(
    "sign",
    "Your loss is negative: the minus before the logarithm is missing. A probability is at most 1, "
    "so its logarithm is at most 0, and a loss should be at least 0.",
)
def bce_from_logits(z, y):
    return -np.mean(np.maximum(z, 0) - z * y + np.log1p(np.exp(-np.abs(z))))


@l2_5.wrong(
    "scores-taken-for-probabilities",
    "You took the logarithm of z itself, as if it were a probability. z is a score, any number; the "
    "probability is its sigmoid.",
)
def bce_from_logits(z, y):
    return -np.mean(y * np.log(z) + (1 - y) * np.log(1 - z))


@l2_5.wrong(
    "only-the-true-label",
    "Examples with y = 0 cost you nothing: the term of the false label, (1 − y) times "
    "log(1 + exp(z)), is missing. A model that always says yes would be perfect.",
)
def bce_from_logits(z, y):
    return np.mean(y * np.logaddexp(0, -z))


@l2_5.wrong(
    "rounds-the-labels",
    "You asked whether y is above ½, and so made every soft label a hard one. y = 0.75 means that "
    "both terms count, one three times as much as the other.",
)
def bce_from_logits(z, y):
    return np.mean(np.where(y > 0.5, np.logaddexp(0, -z), np.logaddexp(0, z)))


@l2_5.wrong(
    "in-bits",
    "Your loss is 1.44 times too large: the logarithm has base 2. Cross-entropy is taken in nats "
    "here, with the natural logarithm.",
)
def bce_from_logits(z, y):
    return np.mean(np.maximum(z, 0) - z * y + np.log1p(np.exp(-np.abs(z)))) / np.log(2)


@l2_5.wrong(
    "changes-the-scores",
    "The loss is right, but it was worked out in the caller's own z, who needs the scores again for "
    "the gradient. Write into new arrays.",
)
def bce_from_logits(z, y):
    small = np.log1p(np.exp(-np.abs(z)))
    large = np.maximum(z, 0)
    z *= y
    return np.mean(large - z + small)


@l2_5.wrong(
    "epsilon-in-the-logarithm",
    "You added a tiny number under the logarithm, so that it never meets 0. No example can then cost "
    "more than that number's logarithm, about 21, however wrong it is. Work with z instead of the "
    "probability.",
)
def bce_from_logits(z, y):
    p = 1 / (1 + np.exp(-z))
    return -np.mean(y * np.log(p + 1e-9) + (1 - y) * np.log(1 - p + 1e-9))


@l2_5.wrong(
    "pythons-own-max",
    "Python's `max(z, 0)` wants to know whether the whole array is larger than 0, and can't. To compare "
    "number by number, NumPy has `np.maximum`.",
)
def bce_from_logits(z, y):
    return np.mean(max(z, 0) - z * y + np.log1p(np.exp(-np.abs(z))))


EXERCISES = (l2_1, l2_2, l2_3, l2_4, l2_5)
