"""L9.6 is a test that the learner writes. It is run on functions that share a logit out among words:
right ones, and some that pass for right wherever one of four properties isn't looked at."""

import numpy as np

from autograder.authoring import Check, Exercise, lineup

from . import sharers

exercise = Exercise(
    "Write the test",
    solve="check_attribution",
    difficulty=4,
    importance=4,
    minutes=20,
    hints="""Draw weights, words and c, and ask fn for the shares. What must they add up to? Which of
    the suspects gets that right, and shares out wrongly all the same? And which if you also ask for
    0 where the weight is 0, and for shuffled words?

    One word's share must not hang on the others. So ask fn about each word alone, as a text of one:
    what should come out? Do all this for several lengths, with words of either sign, with a weight
    that is 0, and with a tolerance: float32 has seven digits.

    Inside `try`, for several T: `w = rng.random(T)`, one of them set to 0,
    `x = rng.normal(size=(T, 4))`, `c = rng.normal(size=4)`, `e = fn(w, x, c)`. `return False` unless
    `e.shape == (T,)` and `np.allclose` of e.sum() and `c @ (w @ x)`, and of each e[t] and
    `fn(w[[t]], x[[t]], c)[0]`, with `atol=1e-5`. At the end `return True`, and
    `except Exception: return False`.""",
)


@exercise.checks
def checks(rng):
    yield Check(
        "tells shares from weights",
        *lineup(rng, [sharers.by_product, sharers.by_word], [sharers.heat_map]),
        says="""Shares add up to c·Σ w x. Weights add up to something else, whatever the words and
        c are.""",
    )
    yield Check(
        "adds up",
        *lineup(rng, [sharers.by_product, sharers.weighed_first], sharers.not_adding_up),
        says="The shares of all words add up to c·Σ w x.",
    )
    yield Check(
        "adds up, and shares out wrongly",
        *lineup(rng, [sharers.weighed_first, sharers.by_word], sharers.adding_up),
        says="""A right sum can be shared out wrongly. A word of weight 0 has no share, and shuffled
        words have shuffled shares.""",
        points=2,
    )
    yield Check(
        "weights that pass for shares",
        *lineup(rng, [sharers.by_word, sharers.by_product], [sharers.by_weight]),
        says="""c·Σ w x shared out in proportion to the weights adds up, gives 0 for weight 0, and
        follows the words when they are shuffled. Only that a word's share doesn't hang on the
        others tells it from a right one.""",
        points=2,
    )
    yield Check(
        "any length, either sign",
        *lineup(
            rng,
            [sharers.by_product, sharers.weighed_first],
            [*sharers.five_only, sharers.absolute],
        ),
        says="Short texts and long ones, words that speak for the logit and words against it.",
    )
    yield Check(
        "close is close enough",
        *lineup(
            rng, [sharers.in_float32, sharers.by_word], [sharers.by_weight, *sharers.adding_up]
        ),
        says="Rounding in float32 changes the seventh digit: that is no fault.",
    )
    yield Check(
        "weight 0, odd shapes and errors",
        *lineup(rng, [sharers.by_product], sharers.ending_badly),
        says="""A word of weight 0 gets 0, no nan and no share. And who stops with an error, or gives
        another shape than (T,), has not passed.""",
    )


@exercise.right("compared with w · (x·c), for many texts")
def compared_with_the_formula(fn):
    rng = np.random.default_rng(1)
    try:
        for T in range(1, 15):
            w, x, c = rng.random(T), rng.normal(size=(T, 3)), rng.normal(size=3)
            w[rng.random(T) < 0.3] = 0
            e = np.asarray(fn(w, x, c))
            if e.shape != (T,) or not np.allclose(e, w * (x @ c), rtol=1e-4, atol=1e-5):
                return False
    except Exception:
        return False
    return True


@exercise.right
def a_loop_in_which_others_change(fn):
    rng = np.random.default_rng(2)
    try:
        for T in (1, 3, 4, 5, 9, 12):
            w, x, c = rng.uniform(0.1, 2, T), rng.normal(size=(T, 5)), rng.normal(size=5)
            w[0] *= rng.integers(2)
            e = fn(w.copy(), x.copy(), c.copy())
            assert e.shape == (T,)
            assert abs(e.sum() - c @ (w @ x)) < 1e-4
            for t in range(T):
                others = np.arange(T) != t
                v, y = w.copy(), x.copy()
                v[others], y[others] = rng.random(T - 1), rng.normal(size=(T - 1, 5))
                assert abs(fn(v, y, c)[t] - e[t]) < 1e-4
                v[t] = 0
                assert abs(fn(v, y, c)[t]) < 1e-6
        return True
    except Exception:
        return False


@exercise.right("two texts, joined and apart")
def two_texts_joined_and_apart(fn):
    rng = np.random.default_rng(3)

    def text(T):
        return np.where(np.arange(T) == T // 3, 0, rng.random(T) * 3), rng.normal(size=(T, 4))

    try:
        for first, second in ((1, 1), (1, 4), (4, 3), (5, 8), (6, 2), (7, 1), (2, 1), (1, 2)):
            (v, x), (w, y), c = text(first), text(second), rng.normal(size=4)
            both = fn(np.concatenate([v, w]), np.concatenate([x, y]), c)
            apart = np.concatenate([fn(v, x, c), fn(w, y, c)])
            swapped = fn(np.concatenate([w, v]), np.concatenate([y, x]), c)
            np.testing.assert_allclose(both, apart, rtol=1e-3, atol=1e-5, equal_nan=False)
            np.testing.assert_allclose(np.roll(both, second), swapped, rtol=1e-3, atol=1e-5)
            assert both.shape == (first + second,)
            for e, u, z in ((apart[:first], v, x), (apart[first:], w, y)):
                assert np.isclose(e.sum(), c @ (u @ z), rtol=1e-3, atol=1e-5)
        return True
    except Exception:
        return False


@exercise.plain
def plain(fn):
    rng = np.random.default_rng(0)
    try:
        for T in (1, 2, 5, 5, 7, 12):
            w, x, c = rng.uniform(0.1, 2, T), rng.normal(size=(T, 4)), rng.normal(size=4)
            w[-1] = 0
            e = fn(w, x, c)
            order = rng.permutation(T)
            shuffled = fn(w[order], x[order], c)
            alone = np.array([fn(w[[t]], x[[t]], c).sum() for t in range(T)])
            if e.shape != (T,) or np.abs(e[-1]) > 1e-6:
                return False
            if not np.allclose(e.sum(), c @ (w @ x), rtol=1e-4, atol=1e-5):
                return False
            if not np.allclose(shuffled, e[order], rtol=1e-4, atol=1e-5):
                return False
            if not np.allclose(alone, e, rtol=1e-4, atol=1e-5):
                return False
        return True
    except Exception:
        return False


plain.slip("""sum-only
    - if e.shape != (T,) or np.abs(e[-1]) > 1e-6:
    -     return False
    +
    - if not np.allclose(shuffled, e[order], rtol=1e-4, atol=1e-5):
    -     return False
    - if not np.allclose(alone, e, rtol=1e-4, atol=1e-5):
    -     return False
    You asked whether the shares add up. That is a beginning, and whoever deals the right sum out
    wrongly gets away: the same for all, or in reverse, or by weight. Which of the other properties
    catches whom?""")
plain.slip("""three-properties
    - if not np.allclose(alone, e, rtol=1e-4, atol=1e-5):
    -     return False
    You asked for the sum, for 0 at weight 0 and for the order of words. The total dealt out by
    weight has all three. What of it changes when *another* word changes?""")
plain.slip("""sum-not-asked
    - if not np.allclose(e.sum(), c @ (w @ x), rtol=1e-4, atol=1e-5):
    -     return False
    You asked whether a share hangs on other words, and not whether the shares add up. The weights
    alone hang on no other word, and don't know c: what should all shares come to?""")
plain.slip("""shape-only
    - if e.shape != (T,) or np.abs(e[-1]) > 1e-6:
    -     return False
    - if not np.allclose(e.sum(), c @ (w @ x), rtol=1e-4, atol=1e-5):
    -     return False
    - if not np.allclose(shuffled, e[order], rtol=1e-4, atol=1e-5):
    -     return False
    - if not np.allclose(alone, e, rtol=1e-4, atol=1e-5):
    -     return False
    + if e.shape != (T,):
    +     return False
    You compared shapes. A number for each word is easy to give: what do the numbers come to?""")
plain.slip("""one-length-only
    - for T in (1, 2, 5, 5, 7, 12):
    + for T in (5, 5, 5):
    All your texts have five words. A function may be right for just these: try several lengths,
    short and long.""")
plain.slip("""nothing-negative
    - w, x, c = rng.uniform(0.1, 2, T), rng.normal(size=(T, 4)), rng.normal(size=4)
    + w, x, c = rng.uniform(0.1, 2, T), rng.random((T, 4)), rng.random(4)
    Your words and your c are never negative, so no word speaks against the logit, and a function
    that drops the signs gets away. Draw numbers of either sign.""")
plain.slip("""no-weight-of-0
    - w[-1] = 0
    +
    - if e.shape != (T,) or np.abs(e[-1]) > 1e-6:
    + if e.shape != (T,):
    None of your weights is 0. A masked word has that weight, and there a function may divide by it:
    set one weight to 0 and ask for the share 0.""")
plain.slip("""nan-passes
    - np.abs(e[-1]) > 1e-6:
    + np.abs(e[-1]) > 1e-6 or np.abs(e.sum() - c @ (w @ x)) > 1e-4:
    - if not np.allclose(e.sum(), c @ (w @ x), rtol=1e-4, atol=1e-5):
    -     return False
    - if not np.allclose(shuffled, e[order], rtol=1e-4, atol=1e-5):
    -     return False
    - if not np.allclose(alone, e, rtol=1e-4, atol=1e-5):
    -     return False
    + if (np.abs(shuffled - e[order]) > 1e-4).any() or (np.abs(alone - e) > 1e-4).any():
    +     return False
    A nan slips through your comparison: nan > 0.0001 is False, so nothing seems to differ. Ask the
    other way round, whether the difference *is* small: nan is not.""")
plain.slip("""too-tight
    - if not np.allclose(e.sum(), c @ (w @ x), rtol=1e-4, atol=1e-5):
    + if not np.allclose(e.sum(), c @ (w @ x), rtol=1e-12, atol=1e-12):
    You asked for the sum to the last digits. In float32 the seventh digit is rounded, and no share
    is wrong for that. How much may the sum be off?""")
plain.slip("""weights-taken-for-shares
    - if e.shape != (T,) or np.abs(e[-1]) > 1e-6:
    -     return False
    - if not np.allclose(e.sum(), c @ (w @ x), rtol=1e-4, atol=1e-5):
    -     return False
    - if not np.allclose(shuffled, e[order], rtol=1e-4, atol=1e-5):
    -     return False
    - if not np.allclose(alone, e, rtol=1e-4, atol=1e-5):
    + if not np.allclose(e, w, rtol=1e-4, atol=1e-5):
    You compared the shares with the weights. That is what a heat map suggests, and what this lesson
    doubts: a share of the logit also hangs on what the word says, x·c.""")
plain.slip("""weights-normalised-first
    - c @ (w @ x)
    + c @ (w @ x) / w.sum()
    Your test finds fault with every function, the right ones too. Do you compare with a mean, Σ w x
    divided by Σ w? The weights need not add up to 1: the shares come to c·Σ w x as it is.""")
plain.slip("""shape-not-asked
    - e = fn(w, x, c)
    - order = rng.permutation(T)
    - shuffled = fn(w[order], x[order], c)
    + e = fn(w, x, c).reshape(T, -1).sum(axis=1)
    + order = rng.permutation(T)
    + shuffled = fn(w[order], x[order], c).reshape(T, -1).sum(axis=1)
    - if e.shape != (T,) or np.abs(e[-1]) > 1e-6:
    + if np.abs(e[-1]) > 1e-6:
    You added up what fn gives for each word, or forced it into shape, so a table (T, D) passes, or a
    column. One number for each word is promised: ask for the shape (T,).""")


@exercise.wrong
def crashes_with_fn(fn):
    """Your test stops with the error of the function it tests. A crash is an answer too: which
    one?"""
    rng = np.random.default_rng(0)
    for T in (1, 2, 5, 5, 7, 12):
        w, x, c = rng.uniform(0.1, 2, T), rng.normal(size=(T, 4)), rng.normal(size=4)
        w[-1] = 0
        e = fn(w, x, c)
        alone = [fn(w[[t]], x[[t]], c).sum() for t in range(T)]
        if e.shape != (T,) or not np.allclose(e, alone, rtol=1e-4, atol=1e-5):
            return False
        if not np.isclose(e.sum(), c @ (w @ x), rtol=1e-4, atol=1e-5):
            return False
    return True


plain.slip("""errors-pass
    - except Exception:
    -     return False
    + except Exception:
    +     return True
    Your test says True of a function that stops with an error. It has given no shares at all.""")


@exercise.wrong
def turned_round(fn):
    """Your test says True of functions that share out wrongly, and False of right ones. True is for
    those whose shares are as they should be."""
    rng = np.random.default_rng(0)
    try:
        for T in (1, 2, 5, 5, 7, 12):
            w, x, c = rng.uniform(0.1, 2, T), rng.normal(size=(T, 4)), rng.normal(size=4)
            w[-1] = 0
            e = fn(w, x, c)
            alone = [fn(w[[t]], x[[t]], c).sum() for t in range(T)]
            if e.shape != (T,) or not np.allclose(e, alone, rtol=1e-4, atol=1e-5):
                return True
            if not np.isclose(e.sum(), c @ (w @ x), rtol=1e-4, atol=1e-5):
                return True
        return False
    except Exception:
        return True


for line, reason in (
    ("rng = np.random.default_rng(9)", "Any seed will do."),
    ("for T in (1, 2, 5, 9):", "Any few lengths will do, as long as 5 is not the only one."),
):
    exercise.allow_mutant(line=line, reason=reason)
ONE_WORD = "A text of one word has one share."
EITHER_WAY = "Whether two numbers are close is the same either way, but for a rounding."
pairs = "pairs = [(shuffled_T, e_T[order_T]), (e_T, alone_T), (e_T.sum(), c_D @ (w_T @ x_TD))]"
test = "if e_T.shape != (T,) or not all(np.allclose(*pair, 1e-4, 1e-4) for pair in pairs):"
for old, new, reason in (
    ("(shuffled_T, e_T[order_T])", "(e_T[order_T], shuffled_T)", EITHER_WAY),
    ("(e_T, alone_T)", "(alone_T, e_T)", EITHER_WAY),
    ("(e_T.sum(), c_D @ (w_T @ x_TD))", "(c_D @ (w_T @ x_TD), e_T.sum())", EITHER_WAY),
    ("(e_T.sum(),", "(shuffled_T.sum(),", "Shuffled shares add up to the same."),
    ("c_D @ (w_T @ x_TD)", "(w_T @ x_TD) @ c_D", "A product of two vectors is the same both ways."),
):
    exercise.allow_mutant(after=pairs.replace(old, new), reason=reason)
for name in ("order_T", "shuffled_T", "w_T"):
    exercise.allow_mutant(
        after=test.replace("e_T.shape", f"{name}.shape"),
        reason="Other shapes fail as well where they are compared with the shares of single words.",
    )
for new in ("0.01, 1e-4", "0.0, 1e-4", "1e-4, 0.01", "1e-4, 0.0"):
    exercise.allow_mutant(
        after=test.replace("1e-4, 1e-4", new),
        reason="Any tolerance between float32's seventh digit and the second will do.",
    )
for after, reason in (
    ("e_T = fn(w_T, x_TD, c_D)", "What a right function gives is an array already."),
    ("alone_T = [fn(w_T[[t]], x_TD[[t]], c_D)[0] for t in range(T)]", ONE_WORD),
    ("alone_T = [np.ravel(fn(w_T[[t]], x_TD[[t]], c_D))[-1] for t in range(T)]", ONE_WORD),
):
    exercise.allow_mutant(after=after, reason=reason)
