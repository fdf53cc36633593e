import numpy as np

from autograder.authoring import Check, Exercise, call, every_layout

exercise = Exercise(
    "An index of the news, day by day",
    solve="daily_index",
    difficulty=3,
    importance=5,
    minutes=15,
    hints="""Take one day, say the fourth. Which news are known in the morning of that day, how old is each,
    and what does each weigh? What is the mean of three scores of which one weighs half as much?

    For each pair of a day t and a piece of news: age = t − 1 − day. Where it is negative, the news has not
    come yet and weighs nothing; else it weighs 0.5 ** (age / halflife). A weighted mean divides by the sum of
    the weights, and that sum is 0 for as long as there are no news.

    `age_TN = np.arange(T)[:, None] - 1 - day_N`; `w_TN = np.where(age_TN >= 0, 0.5 ** (np.maximum(age_TN, 0)
    / halflife), 0)`. Then `w_TN @ score_N` divided by `w_TN.sum(axis=1)`, where that isn't 0.""",
)


def news(
    rng: np.random.Generator, T: int, N: int, quiet: tuple[int, ...] = ()
) -> tuple[np.ndarray, np.ndarray]:
    """N news on days 0 … T − 1 but the quiet ones, several on some days, in a drawn order."""
    days = np.array([day for day in range(T) if day not in quiet])
    day_N = np.concatenate([days[: N - 2], rng.choice(days, max(N - len(days), 2))])[:N]
    day_N = rng.permutation(day_N)
    return day_N, np.round(rng.uniform(0.2, 1, N) * rng.choice([-1, 1], N), 2)


@exercise.checks
def checks(rng):
    day_N, score_N = np.array([0, 1, 1, 3]), np.array([1.0, -1.0, 0.5, 1.0])
    halflife = float(rng.choice([1.5, 2.5, 3.0]))
    yield Check(
        "one piece a day, by hand and drawn",
        call(np.array([0, 1, 2]), np.array([1.0, 0.0, -1.0]), 4, 1.0),
        call(np.arange(5), news(rng, 5, 5)[1], 5, halflife),
        call(np.arange(4), news(rng, 4, 4)[1], 6, 4.0 - halflife / 2),
        says="""On day 3, scores of 1, 0 and −1 with a half-life of one day weigh ¼, ½ and 1:
        (¼ − 1) / (1¾). Yesterday's news have age 0.""",
        points=2,
    )
    yield Check(
        "many on one day, none on another",
        call(day_N, score_N, 5, 2.0),
        call(*news(rng, 7, 9, quiet=(2, 5)), 7, halflife),
        call(*news(rng, 6, 11, quiet=(3,)), 6, 2.0),
        says="""Every piece of news counts for itself: a day with three weighs three times as much. A day
        without any adds nothing, not even a 0.""",
        points=2,
    )
    day, score = news(rng, 6, 8, quiet=(4,))
    other = np.where(day >= 3, np.round(rng.uniform(-9, 9, len(score)), 1), score)
    yield Check(
        "tomorrow's news change nothing today",
        call(day_N, score_N, 4, 2.0),
        call(day_N, np.array([1.0, -1.0, 0.5, -99.0]), 4, 2.0),
        call(day, score, 6, halflife),
        call(day, other, 6, halflife),
        says="""Day t's own news come out in the course of day t: its index is made in the morning, of days
        before it.""",
        points=2,
    )
    begin = int(rng.integers(2, 4))
    late, scores = news(rng, 4, 6)
    yield Check(
        "as long as there are none",
        call(np.array([2]), np.array([0.5]), 4, 3.0),
        call(late + begin, scores, 5 + begin, halflife),
        says="The index is 0.0 until the first news are a day old.",
    )
    lately, gap = float(rng.choice([0.11, 0.12])), int(rng.integers(6, 9))
    day = np.cumsum(np.r_[0, rng.integers(4, 8, 26), gap, rng.integers(1, 6, 9), gap])
    yield Check(
        "years of news, and a short memory",
        call(np.array([0, 0, 30]), np.array([1.0, 0.5, -1.0]), 32, 0.5),
        call(
            rng.permutation(day),
            np.round(rng.uniform(-1, 1, len(day)), 1),
            int(day[-1]) + 3,
            lately,
        ),
        says="""Old news weigh next to nothing, but as long as nothing newer comes they are all there is. No
        power of ½ or 2 may become infinite on the way, however long the series.""",
    )
    yield Check(
        "any order and arrays, left alone",
        *every_layout(call(*news(rng, 6, 9, quiet=(1,)), 7, halflife)),
        says="""The news need not come in order of days. They are still needed as they are.""",
        judges="inputs untouched",
    )


@exercise.right("a recursion from day to day")
def a_recursion(day_N, score_N, T, halflife):
    keeps = 0.5 ** (1 / halflife)
    above = below = 0.0
    index_T = np.zeros(T)
    for t in range(1, T):
        yesterday = score_N[day_N == t - 1]
        above = above * keeps + yesterday.sum()
        below = below * keeps + len(yesterday)
        index_T[t] = above / below if below else 0.0
    return index_T


@exercise.right("the full matrix of weights, from day to day")
def full_matrix(day_N, score_N, T, halflife):
    sums_T = np.bincount(day_N, weights=score_N, minlength=T)
    counts_T = np.bincount(day_N, minlength=T)
    age_TS = np.subtract.outer(np.arange(T), np.arange(T)) - 1
    w_TS = np.tril(np.exp2(-np.abs(age_TS) / halflife), k=-1)
    total_T = w_TS @ counts_T
    return np.divide(w_TS @ sums_T, total_T, out=np.zeros(T), where=total_T > 0)


@exercise.right("a loop over days and news")
def a_loop(day_N, score_N, T, halflife):
    index = []
    for t in range(T):
        known = [(int(d), float(s)) for d, s in zip(day_N, score_N, strict=True) if d < t]
        weights = [2.0 ** (-(t - 1 - d) / halflife) for d, _ in known]
        total = sum(w * s for w, (_, s) in zip(weights, known, strict=True))
        index.append(total / sum(weights) if known else 0.0)
    return np.array(index)


@exercise.right("ages from the youngest, np.average")
def ages_from_the_youngest(day_N, score_N, T, halflife):
    index_T = np.zeros(T, score_N.dtype)
    for t in range(day_N.min() + 1, T):
        known = day_N < t
        age = day_N[known].max() - day_N[known]  # a common factor of all weights cancels
        index_T[t] = np.average(score_N[known], weights=0.5 ** (age / halflife))
    return index_T


@exercise.plain
def plain(day_N, score_N, T, halflife):
    index_T = np.zeros(T)
    for t in range(T):
        before = day_N < t
        if before.any():
            age = t - 1 - day_N[before]
            w = 0.5 ** (age / halflife)
            index_T[t] = (w * score_N[before]).sum() / w.sum()
    return index_T


plain.slip("""includes-the-day-itself
    - before = day_N < t
    + before = day_N <= t
    - age = t - 1 - day_N[before]
    + age = t - day_N[before]
    You counted the news of day t itself. In the morning of that day nobody knows them: an index that does
    looks ahead.""")
plain.slip("""whole-series
    - before = day_N < t
    + before = day_N < T
    - age = t - 1 - day_N[before]
    + age = np.abs(t - 1 - day_N[before])
    You took news of later days into the mean of day t. They are not known yet; only days before t count.""")
plain.slip("""two-days-late
    - before = day_N < t
    + before = day_N < t - 1
    Your index leaves out yesterday's news. They are known, and the freshest there are.""")
plain.slip("""yesterday-only
    - before = day_N < t
    + before = day_N == t - 1
    You took yesterday's news alone. All days before t count, older ones less and less.""")
plain.slip("""normalised-by-the-whole-series
    - index_T[t] = (w * score_N[before]).sum() / w.sum()
    + index_T[t] = (w * score_N[before]).sum() / (0.5 ** (np.abs(t - 1 - day_N) / halflife)).sum()
    You divided by the weights of all news, those too that haven't come yet. Divide by the sum of the weights
    that you used.""")
plain.slip("""divided-by-the-number
    - index_T[t] = (w * score_N[before]).sum() / w.sum()
    + index_T[t] = (w * score_N[before]).sum() / len(w)
    You divided by the number of news. A weighted mean divides by the sum of the weights; else old news pull it
    towards 0.""")
plain.slip("""divided-by-all-news
    - index_T[t] = (w * score_N[before]).sum() / w.sum()
    + index_T[t] = (w * score_N[before]).sum() / len(score_N)
    You divided by the number of all news of the series. Divide by the sum of the weights that day t has.""")
plain.slip("""a-sum
    - index_T[t] = (w * score_N[before]).sum() / w.sum()
    + index_T[t] = (w * score_N[before]).sum()
    You returned a weighted sum. More news would mean a larger index: divide by the sum of the weights.""")
plain.slip("""no-weights
    - w = 0.5 ** (age / halflife)
    + w = np.ones(len(age))
    You took the plain mean of all that came before. Old news should count less: half as much after each
    half-life.""")
plain.slip("""halflife-as-e-fold
    - w = 0.5 ** (age / halflife)
    + w = np.exp(-age / halflife)
    Your weights are 1/e after a half-life. They should be ½.""")
plain.slip("""halflife-times-age
    - w = 0.5 ** (age / halflife)
    + w = 0.5 ** (age * halflife)
    You multiplied the age by the half-life. A long half-life should make news last longer: divide by it.""")
plain.slip("""halved-every-day
    - w = 0.5 ** (age / halflife)
    + w = 0.5**age
    You halved the weights every day and never used `halflife`.""")
plain.slip("""linear-decay
    - w = 0.5 ** (age / halflife)
    + w = np.maximum(1 - 0.5 * age / halflife, 1e-300)
    Your weights fall along a straight line: ½ after one half-life, and nothing after two. They should halve
    with each, ½, ¼, ⅛.""")
plain.slip("""hyperbola
    - w = 0.5 ** (age / halflife)
    + w = 1 / (1 + age / halflife)
    Your weights are ½, ⅓ and ¼ after one, two and three half-lives. Each half-life should halve them: ½, ¼, ⅛.""")
plain.slip("""whole-halflives-only
    - w = 0.5 ** (age / halflife)
    + w = 0.5 ** (age // halflife)
    You divided age by half-life and dropped what is behind the point. Weights fall a little every day: `/`,
    not `//`.""")
plain.slip("""old-ones-weigh-most
    - w = 0.5 ** (age / halflife)
    + w = 0.5 ** (np.maximum(day_N[before], 0) / halflife)
    Your weights fall with the date: the oldest news weigh most. It is the age, t − 1 − day, that they fall
    with.""")
plain.slip("""nan-while-there-are-none
    - if before.any():
    -     age = t - 1 - day_N[before]
    -     w = 0.5 ** (age / halflife)
    -     index_T[t] = (w * score_N[before]).sum() / w.sum()
    + age = t - 1 - day_N[before]
    + w = 0.5 ** (age / halflife)
    + with np.errstate(all="ignore"):
    +     index_T[t] = (w * score_N[before]).sum() / w.sum()
    You divided 0 by 0 on days that have no news before them. The index is 0.0 there.""")
plain.slip("""begins-with-the-first-score
    - if before.any():
    + if not before.any():
    +     index_T[t] = score_N[day_N == day_N.min()].mean()
    + else:
    You filled the first days with the first score. It is not known yet: the index is 0.0 there.""")
plain.slip("""nothing-where-yesterday-was-quiet
    - if before.any():
    + if (day_N == t - 1).any():
    Your index is 0 on days after a day without news. Older news are still known, and their mean goes on.""")
plain.slip("""nothing-while-it-is-thin
    - if before.any():
    -     age = t - 1 - day_N[before]
    -     w = 0.5 ** (age / halflife)
    + age = t - 1 - day_N[before]
    + w = 0.5 ** (age / halflife)
    + if w.sum() > 1e-6:
    You set the index to 0 where the weights are small. They may all be tiny: as long as nothing newer comes,
    their mean is as good as ever.""")
plain.slip("""a-little-in-the-denominator
    - index_T[t] = (w * score_N[before]).sum() / w.sum()
    + index_T[t] = (w * score_N[before]).sum() / (w.sum() + 1e-8)
    You added a small number to the sum of the weights. Where all news are old, the sum is smaller than that,
    and the index sinks to 0. Ask whether there are news instead.""")
plain.slip("""one-day-short
    - return index_T
    + return index_T[1:]
    Your index has a day less than T. Day 0 has one as well: 0.0.""")
plain.slip("""one-day-ahead
    - return index_T
    + return np.append(index_T[1:], 0.0)
    Your index stands one day too early: what is known on day t + 1 stands on day t.""")
plain.slip("""up-to-the-last-news
    - return index_T
    + return index_T[: day_N.max() + 1]
    Your index ends on the day of the last news. It has T days, whether news come or not.""")
plain.slip("""rounded
    - return index_T
    + return np.round(index_T, 2)
    You rounded the index. Round where it is shown, not where it is worked out.""")
plain.slip("""a-list
    - return index_T
    + return index_T.tolist()
    You returned a list. An array of T numbers is asked for.""")
plain.slip("""needs-order
    - before = day_N < t
    + before = np.arange(len(day_N)) < np.searchsorted(day_N, t)
    You took the first so many rows for the news before t, which holds only if they are in order of days. They
    may come in any order: ask each for its day.""")
plain.slip("""age-in-rows
    - age = t - 1 - day_N[before]
    + age = np.arange(before.sum())[::-1]
    You counted the age in pieces of news: the last one 0, the one before it 1. It is counted in days, and all
    news of one day are equally old.""")


@exercise.wrong
def mean_of_daily_means(day_N, score_N, T, halflife):
    """You took the mean of each day first, and weighted the days. A day with one piece of news then counts as
    much as one with ten: weight each piece by its age."""
    index_T = np.zeros(T)
    for t in range(T):
        days = np.unique(day_N[day_N < t])
        if len(days):
            means = np.array([score_N[day_N == day].mean() for day in days])
            w = 0.5 ** ((t - 1 - days) / halflife)
            index_T[t] = (w * means).sum() / w.sum()
    return index_T


@exercise.wrong
def quiet_days_as_0(day_N, score_N, T, halflife):
    """You gave days without news a score of 0 and a weight. Nothing has been said on them, which is not the same
    as neutral news: they have no say."""
    index_T = np.zeros(T)
    for t in range(1, T):
        quiet = np.setdiff1d(np.arange(t), day_N)
        day = np.concatenate([day_N[day_N < t], quiet])
        score = np.concatenate([score_N[day_N < t], np.zeros(len(quiet))])
        w = 0.5 ** ((t - 1 - day) / halflife)
        index_T[t] = (w * score).sum() / w.sum()
    return index_T


@exercise.wrong
def smoothed_step_by_step(day_N, score_N, T, halflife):
    """You moved the index a fixed part of the way to each day's mean, as exponential smoothing does. There the
    first day keeps too much weight, and the number of news none. Keep two sums instead, of weights times scores
    and of weights, and divide them."""
    keeps = 0.5 ** (1 / halflife)
    index_T = np.zeros(T)
    now, begun = 0.0, False
    for t in range(1, T):
        yesterday = score_N[day_N == t - 1]
        if len(yesterday):
            now = keeps * now + (1 - keeps) * yesterday.mean() if begun else yesterday.mean()
            begun = True
        index_T[t] = now
    return index_T


@exercise.wrong
def rows_in_order(day_N, score_N, T, halflife):
    """Your recursion goes through the rows as if they came in order of days. They may come in any order: sort
    them first, or ask each row for its day."""
    keeps = 0.5 ** (1 / halflife)
    above, below, row = 0.0, 0.0, 0
    index_T = np.zeros(T)
    for t in range(1, T):
        above, below = above * keeps, below * keeps
        while row < len(day_N) and day_N[row] <= t - 1:
            above, below, row = above + score_N[row], below + 1, row + 1
        index_T[t] = above / below if below else 0.0
    return index_T


@exercise.wrong
def powers_that_overflow(day_N, score_N, T, halflife):
    """Somewhere you have a power of 2 that grows: by the day number in place of the age, or by a negative age.
    After some hundred half-lives it is infinite, and the index is nan. Let only ages of 0 and more into the
    power."""
    with np.errstate(all="ignore"):
        age_TN = np.arange(T)[:, None] - 1 - day_N
        w_TN = 0.5 ** (age_TN / halflife) * (age_TN >= 0)
        index_T = w_TN @ score_N / w_TN.sum(axis=1)
    return np.where(np.arange(T) > day_N.min(), index_T, 0.0)


@exercise.wrong
def scores_overwritten(day_N, score_N, T, halflife):
    """The index is right, but on the way you wrote into the caller's arrays. Sort or scale copies of them."""
    order = np.argsort(day_N, kind="stable")
    score_N[:] = score_N[order]
    day_N[:] = day_N[order]
    index_T = np.zeros(T)
    for t in range(T):
        before = day_N < t
        if before.any():
            w = 0.5 ** ((day_N[before].max() - day_N[before]) / halflife)
            index_T[t] = w @ score_N[before] / w.sum()
    return index_T


for after, reason in (
    (
        "w_TN = np.where(age_TN >= 0, 0.5 ** (age_TN / halflife), 0.0)",
        "What overflows for ages below 0 is left out again; NumPy warns, and no number is wrong.",
    ),
    (
        "w_TN = np.where(age_TN >= 0, 0.5 ** (np.maximum(age_TN, -1) / halflife), 0.0)",
        "Powers of ages below 0 are left out again; they only have to stay finite.",
    ),
    ("total_T = w_TN.sum(axis=-1)", "Of two axes, 1 is the last one."),
    (
        "return w_TN @ score_N / np.where(total_T > 0, total_T, 2.0)",
        "Where there are no weights, 0 is divided, by whatever it is.",
    ),
    (
        "return w_TN @ score_N / np.where(total_T > 0, total_T, 0.5)",
        "Where there are no weights, 0 is divided, by whatever it is.",
    ),
):
    exercise.allow_mutant(after=after, reason=reason)
