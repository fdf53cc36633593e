import numpy as np

from autograder.authoring import Check, Exercise, call, every_layout, float32, normal, uniform

from .shared import LARGE, LARGE_32, LAST

exercise = Exercise(
    "Attention as a regression",
    solve="kernel_regression",
    difficulty=2,
    importance=3,
    minutes=15,
    hints="""It is attention with another score. T queries, S examples: first the (T, S) table of
    differences between every query and every example. How do two one-dimensional arrays make a
    table?

    Scores: minus the squared differences, divided by 2h². Then a softmax of each row, over the
    examples; then the mean of the y by these weights. Check the signs: who is near should get much.

    `xq_T[:, None] - x_S[None, :]` is the (T, S) table. Square it, put a minus in front, divide by
    `(2 * h**2)`. Subtract each row's maximum before the exponential, divide by each row's sum, and
    finish with `w_TS @ y_S`.""",
)


@exercise.checks
def checks(rng):
    (fresh,) = rng.spawn(1)
    x_3, y_3 = np.array([0.0, 1.0, 3.0]), np.array([10.0, 20.0, 60.0])
    yield Check(
        "three examples by hand",
        call(np.array([0.5]), x_3, y_3, 1.5),
        call(np.array([1.0, 2.5]), x_3, y_3, 0.7),
        call(
            uniform(fresh, 0, 3, 2, decimals=1),
            x_3 + uniform(fresh, 0, 0.9, 3, decimals=1),
            uniform(fresh, 10, 60, 3, decimals=0),
            round(fresh.uniform(0.5, 2), 1),
        ),
        says="One prediction for each query: a mean of the y, in which near examples count more.",
    )
    x_S, y_S, xq_T = normal(rng, 7), normal(rng, 7), normal(rng, 5)
    yield Check(
        "five queries, seven examples",
        call(xq_T, x_S, y_S, 0.7),
        call(xq_T, x_S, y_S, 2.5),
        call(xq_T, x_S, y_S, 0.4),
        call(normal(rng, 6), normal(rng, 6), normal(rng, 6), 1.3),
        says="A small h listens to the nearest examples only, a large one to all of them.",
    )
    yield Check(
        "where x begins makes no difference",
        call(xq_T + 40, x_S + 40, y_S, 0.7),
        call(xq_T, x_S, y_S + 30, 0.7),
        call(10 * xq_T, 10 * x_S, y_S, 7),
        call(*(float32(a) for a in (xq_T + 2000, x_S + 2000, y_S)), 0.7, tolerance=LARGE_32),
        says="""If all x are moved alike, or measured in other units together with h, the
        predictions stay; if all y are moved, the predictions move along. The last example has years
        for x, in float32: take differences first, and square then.""",
    )
    yield Check(
        "queries far from all examples, and a very narrow bell",
        call(np.array([50.0, -60.0]), x_S, y_S, 1.1, tolerance=LARGE),
        call(np.array([0.3, 2.0, -45.0]), x_S, y_S, 0.9, tolerance=LARGE),
        call(xq_T, x_S, y_S, 0.03, tolerance=LARGE),
        call(*(float32(a) for a in (np.array([-30.0, 0.1]), x_S, y_S)), 0.9, tolerance=LARGE_32),
        says="""All scores are below −1000 there, and yet one example is the nearest: the prediction
        comes from the nearest, and is not nan.""",
    )
    yield Check(
        "float32, strided and read-only arrays, inputs left alone",
        *every_layout(call(normal(rng, 5), normal(rng, 7), uniform(rng, 1, 5, 7), 0.8)),
        says="The examples are asked again and again.",
        judges="inputs untouched",
    )


@exercise.right
def a_loop_over_queries_and_examples(xq_T, x_S, y_S, h):
    out = []
    for xq in xq_T:
        scores = [-0.5 * ((xq - x) / h) ** 2 for x in x_S]
        weights = [np.exp(score - max(scores)) for score in scores]
        out.append(sum(w * y for w, y in zip(weights, y_S, strict=True)) / sum(weights))
    return np.array(out)


@exercise.right("outer difference, log-sum-exp")
def outer_difference_log_sum_exp(xq_T, x_S, y_S, h):
    e_TS = -0.5 * (np.subtract.outer(xq_T, x_S) / h) ** 2
    w_TS = np.exp(e_TS - np.logaddexp.reduce(e_TS, axis=1)[:, None])
    return np.einsum("ts,s->t", w_TS, y_S)


@exercise.right
def the_nearest_distance_taken_out(xq_T, x_S, y_S, h):
    d_ST = np.square(x_S.reshape(-1, 1) - xq_T.reshape(1, -1))
    w_ST = np.exp((d_ST.min(axis=0) - d_ST) / (2 * h * h))
    return (w_ST * y_S[:, None]).sum(axis=0) / w_ST.sum(axis=0)


@exercise.right("np.average, query by query")
def np_average_query_by_query(xq_T, x_S, y_S, h):
    def one(xq):
        e_S = -((x_S - xq) ** 2) / (2 * h**2)
        return np.average(y_S, weights=np.exp(e_S - e_S.max()))

    return np.array([one(xq) for xq in xq_T])


for line in (
    "exp_TS = np.exp(e_TS - e_TS.max(axis=1, keepdims=True))",
    "return exp_TS @ y_S / exp_TS.sum(axis=1)",
):
    exercise.allow_mutant(after=line, reason=LAST)
exercise.allow_mutant(
    after="exp_TS = -np.exp(e_TS - e_TS.max(axis=-1, keepdims=True))",
    reason="The next line divides by the sum, which has the same sign: it cancels.",
)
exercise.allow_mutant(
    after="e_TS = -((x_S - xq_T[:, None]) ** 2) / (2 * h**2)",
    reason="A difference and its opposite have the same square.",
)
exercise.slip("""sign
    - e_TS = -((xq_T[:, None] - x_S) ** 2) / (2 * h**2)
    + e_TS = (xq_T[:, None] - x_S) ** 2 / (2 * h**2)
    Your weights grow with the distance: the example farthest away counts most. Which sign makes the
    near ones win?""")
exercise.slip("""h-not-squared
    - e_TS = -((xq_T[:, None] - x_S) ** 2) / (2 * h**2)
    + e_TS = -((xq_T[:, None] - x_S) ** 2) / (2 * h)
    You divided by 2h. The difference is squared and h is not, so in other units other weights come
    out. What has to happen to h?""")
exercise.slip("""factor-two-lost
    - e_TS = -((xq_T[:, None] - x_S) ** 2) / (2 * h**2)
    + e_TS = -((xq_T[:, None] - x_S) ** 2) / h**2
    You divided by h² alone. The bell curve of width h has 2h² there: where did the 2 go?""")
exercise.slip("""two-squared-as-well
    - e_TS = -((xq_T[:, None] - x_S) ** 2) / (2 * h**2)
    + e_TS = -((xq_T[:, None] - x_S) ** 2) / (2 * h) ** 2
    You divided by (2h)², which is 4h²: the 2 is not squared in the formula.""")
exercise.slip("""multiplies-by-h
    - e_TS = -((xq_T[:, None] - x_S) ** 2) / (2 * h**2)
    + e_TS = -((xq_T[:, None] - x_S) ** 2) * 2 * h**2
    You multiplied the squared differences by 2h². A larger h should make the weights more alike, so
    on which side of the division does it belong?""")
exercise.slip("""half-then-times-h
    - e_TS = -((xq_T[:, None] - x_S) ** 2) / (2 * h**2)
    + e_TS = -((xq_T[:, None] - x_S) ** 2) / 2 * h**2
    `/ 2 * h**2` divides by 2 and then multiplies by h²: Python goes from left to right. Which
    brackets put the whole of 2h² below the line?""")
exercise.slip("""distance-not-squared
    - e_TS = -((xq_T[:, None] - x_S) ** 2) / (2 * h**2)
    + e_TS = -np.abs(xq_T[:, None] - x_S) / (2 * h**2)
    You took the distance itself, not its square. That is another curve, with a sharp tip where the
    bell is round.""")


exercise.slip("""difference-multiplied-out
    - e_TS = -((xq_T[:, None] - x_S) ** 2) / (2 * h**2)
    + e_TS = -(xq_T[:, None] ** 2 - 2 * xq_T[:, None] * x_S + x_S**2) / (2 * h**2)
    You multiplied (a − b)² out to a² − 2ab + b². On paper that is equal; but of numbers near 2000
    these are millions, and in float32 the little that is left of them has lost its digits. Take the
    difference first, and square then.""")


@exercise.wrong
def normalises_over_the_queries(xq_T, x_S, y_S, h):
    """You made the weights sum to 1 over the queries. Then a prediction depends on what else is
    asked, and is no mean of the y. Along which axis do the examples of one query lie?"""
    e_TS = -((xq_T[:, None] - x_S) ** 2) / (2 * h**2)
    exp_TS = np.exp(e_TS - e_TS.max(axis=0, keepdims=True))
    return exp_TS / exp_TS.sum(axis=0) @ y_S


@exercise.wrong
def not_normalised(xq_T, x_S, y_S, h):
    """You added up the y by their bell curves and stopped there. With every y at 30 your prediction
    isn't 30: by what should the sum be divided?"""
    return np.exp(-((xq_T[:, None] - x_S) ** 2) / (2 * h**2)) @ y_S


@exercise.wrong
def divides_by_S(xq_T, x_S, y_S, h):
    """You divided by the number of examples. The weights are far from 1 each: what do they sum
    to?"""
    return np.exp(-((xq_T[:, None] - x_S) ** 2) / (2 * h**2)) @ y_S / len(x_S)


@exercise.wrong
def nearest_only(xq_T, x_S, y_S, h):
    """Your prediction is the y of the nearest example alone. The others count too, the less the
    farther away they are."""
    return y_S[np.abs(xq_T[:, None] - x_S).argmin(axis=1)]


@exercise.wrong
def plain_mean(xq_T, x_S, y_S, h):
    """You predicted the plain mean of all y, whatever the query. Near examples should count
    more."""
    return np.full(len(xq_T), y_S.mean(), dtype=y_S.dtype)


exercise.slip("""products-for-distances
    - e_TS = -((xq_T[:, None] - x_S) ** 2) / (2 * h**2)
    + e_TS = xq_T[:, None] * x_S / (2 * h**2)
    You scored by the products xq·x. Here the score is the distance: an example twice as far out is
    no better match.""")
exercise.slip("""mixes-x
    - return exp_TS @ y_S / exp_TS.sum(axis=-1)
    + return exp_TS @ x_S / exp_TS.sum(axis=1)
    You mixed the x of the examples. The weights come from x; what is predicted is a mean of the y.""")


@exercise.wrong
def no_max_subtracted(xq_T, x_S, y_S, h):
    """Near the examples you are right. Far from all of them every exponential is rounded to 0, and
    0 / 0 is nan. What did lesson 2 subtract first?"""
    exp_TS = np.exp(-((xq_T[:, None] - x_S) ** 2) / (2 * h**2))
    return exp_TS @ y_S / exp_TS.sum(axis=1)


@exercise.wrong
def a_little_below_the_line(xq_T, x_S, y_S, h):
    """You added a tiny number to the divisor. It stops the nan, but far from all examples the
    answer becomes 0 where it should be the nearest y. What did lesson 2 subtract first?"""
    exp_TS = np.exp(-((xq_T[:, None] - x_S) ** 2) / (2 * h**2))
    return exp_TS @ y_S / (exp_TS.sum(axis=1) + 1e-12)


exercise.slip("""global-max
    - exp_TS = np.exp(e_TS - e_TS.max(axis=-1, keepdims=True))
    + exp_TS = np.exp(e_TS - e_TS.max())
    You subtracted the largest score of all queries. A query far from all examples is still left
    with 0 / 0: each needs a maximum of its own.""")


@exercise.wrong
def moves_the_callers_examples(xq_T, x_S, y_S, h):
    """The result is right, but you wrote into the caller's own x_S. Put the changed numbers into a
    new array."""
    middle = x_S.mean()
    x_S -= middle
    e_TS = -((xq_T[:, None] - middle - x_S) ** 2) / (2 * h**2)
    exp_TS = np.exp(e_TS - e_TS.max(axis=1, keepdims=True))
    return exp_TS @ y_S / exp_TS.sum(axis=1)
