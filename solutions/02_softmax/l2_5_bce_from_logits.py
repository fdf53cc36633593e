import numpy as np

from autograder.authoring import Check, Exercise, call, float32, normal, read_only, strided

from .shared import LARGE, LARGE_32, close, extreme

exercise = Exercise(
    "Cross-entropy straight from the scores",
    solve="bce_from_logits",
    difficulty=3,
    importance=4,
    minutes=20,
    hints="""For a true label the loss is log(1 + exp(−z)), for a false one log(1 + exp(z)), and
    both are one formula: log(1 + exp(z)) − y z. Which of its parts overflows, and for which z?

    log(1 + exp(z)) is the log-sum-exp of the two scores 0 and z. Take the larger of them out, as in
    `log_softmax`: what is left under the logarithm is 1 plus an exponential of −|z|.

    Per example: max(z, 0) − z y + log(1 + exp(−|z|)). NumPy has `np.maximum` for pairs and
    `np.log1p(t)` for log(1 + t). At the end, one mean over all examples.""",
)


@exercise.checks
def checks(rng):
    (fresh,) = rng.spawn(1)
    sure, label = fresh.uniform(0.5, 3.0, 2).round(2), float(fresh.integers(2))
    yield Check(
        "one example at a time",
        close(call, np.array([0.0]), np.array([1.0])),
        close(call, np.array([2.0]), np.array([1.0])),
        close(call, np.array([2.0]), np.array([0.0])),
        close(call, np.array([-1.5]), np.array([1.0])),
        close(call, np.array([-1.5]), np.array([0.0])),
        close(call, sure[:1], np.array([label])),
        close(call, -sure[1:], np.array([1 - label])),
        says="""Saying ½ costs log 2 = 0.69. Being sure costs little when it is right, and a great
        deal when it is wrong.""",
    )
    z_B, y_B = normal(rng, 6, scale=1.5), np.array([1.0, 0.0, 0.0, 1.0, 0.0, 0.0])
    yield Check(
        "the mean over a batch",
        close(call, np.array([1.0, -2.0, 0.5]), np.array([1.0, 0.0, 0.0])),
        close(call, z_B, y_B),
        close(call, z_B[:, None], y_B[:, None]),
        close(call, normal(rng, 5, 3), (normal(rng, 5, 3) > 0.3) * 1.0),
        says="""One number for the whole batch, which doesn't grow with its size; a Keras model's
        scores come as (B, 1).""",
    )
    yield Check(
        "soft labels",
        close(call, np.array([2.0]), np.array([0.75])),
        close(call, normal(rng, 7), np.round(rng.uniform(0.1, 0.9, 7), 2)),
        says="""If three of four people call a review praise, y is 0.75, and both parts of the loss
        count.""",
    )
    yield Check(
        "scores in the thousands",
        call(np.array([1000.0]), np.array([0.0]), tolerance=LARGE),
        call(np.array([-1000.0]), np.array([1.0]), tolerance=LARGE),
        call(np.array([1000.0]), np.array([1.0]), tolerance=LARGE),
        call(np.array([-1000.0]), np.array([0.0]), tolerance=LARGE),
        call(extreme(rng, 6), y_B, tolerance=LARGE),
        call(float32(extreme(rng, 6)), float32(y_B), tolerance=LARGE_32),
        call(float32(30 * z_B), float32(1 - y_B), tolerance=1e-3),
        says="""Sure and wrong by 1000 costs 1000, sure and right costs nothing: never inf, never
        nan.""",
        points=2,
    )
    z_B, y_B = normal(rng, 5), np.array([0.0, 1.0, 1.0, 0.0, 1.0])
    yield Check(
        "float32, strided and read-only arrays, inputs left alone",
        close(call, z_B, y_B),
        close(call, float32(z_B), float32(y_B)),
        close(call, strided(z_B), strided(y_B)),
        close(call, read_only(z_B), read_only(y_B)),
        says="Scores and labels are used again in the backward pass.",
        judges="inputs untouched",
    )


@exercise.right("a loop with math, one example at a time")
def a_loop_with_math_one(z, y):
    import math

    total = 0.0
    for score, label in zip(z.ravel(), y.ravel(), strict=True):
        score, label = float(score), float(label)
        softplus = max(score, 0) + math.log1p(math.exp(-abs(score)))
        total += softplus - score * label
    return total / z.size


@exercise.right("np.logaddexp")
def np_logaddexp(z, y):
    return np.mean(np.logaddexp(0, z) - y * z)


@exercise.right("two softplus terms, one for each label")
def two_softplus_terms_one_for(z, y):
    return np.mean(y * np.logaddexp(0, -z) + (1 - y) * np.logaddexp(0, z))


@exercise.right
def by_cases_of_the_sign(z, y):
    z, y = np.asarray(z, float), np.asarray(y, float)
    positive = (1 - y) * z + np.log1p(np.exp(-np.abs(z)))
    negative = -y * z + np.log1p(np.exp(-np.abs(z)))
    return float(np.where(z > 0, positive, negative).mean())


@exercise.right("as a log-softmax of two classes")
def as_a_log_softmax(z, y):
    both = np.stack([np.zeros_like(z), z])
    top = both.max(axis=0)
    log_p = both - top - np.log(np.exp(both - top).sum(axis=0))
    return -((1 - y) * log_p[0] + y * log_p[1]).sum() / z.size


@exercise.wrong
def log_of_sigmoid(z, y):
    """You went through the probability. For z = 1000 it is rounded to exactly 1, log(1 − 1) is −∞,
    and 0 · (−∞) is nan. The loss itself is an ordinary number: take the logarithm on paper, where it
    meets the exponential."""
    p = 1 / (1 + np.exp(-z))
    return -np.mean(y * np.log(p) + (1 - y) * np.log(1 - p))


@exercise.wrong
def softplus_overflows(z, y):
    """log(1 + exp(z)) − y z is the right formula, but exp(1000) overflows to inf. It is a
    log-sum-exp of 0 and z: take the larger of the two out of the sum."""
    return np.mean(np.log(1 + np.exp(z)) - y * z)


@exercise.wrong
def clips_the_probability(z, y):
    """You kept the probability away from 0 and 1 by a tiny number. No example can then cost more
    than that number's logarithm, however wrong it is, and it has no gradient to learn from. Work
    with z instead of the probability."""
    p = np.clip(1 / (1 + np.exp(-z)), 1e-7, 1 - 1e-7)
    return -np.mean(y * np.log(p) + (1 - y) * np.log(1 - p))


@exercise.wrong
def label_flipped(z, y):
    """Your loss rewards the wrong label: a high score with y = 1 should cost little. Which of the
    two terms goes with y, and which with 1 − y?"""
    return np.mean(np.maximum(z, 0) - z * (1 - y) + np.log1p(np.exp(-np.abs(z))))


@exercise.wrong
def max_term_missing(z, y):
    """Your loss becomes negative: log(1 + exp(−|z|)) is only the small part of log(1 + exp(z)).
    What was taken out of the sum, max(z, 0), has to be added again."""
    return np.mean(np.log1p(np.exp(-np.abs(z))) - z * y)


@exercise.wrong
def absolute_value_missing(z, y):
    """You wrote exp(−z) where the formula has exp(−|z|). For negative z that is large, so the loss
    is too big, and at −1000 it overflows."""
    return np.mean(np.maximum(z, 0) - z * y + np.log1p(np.exp(-z)))


@exercise.wrong
def absolute_value_for_the_maximum(z, y):
    """You added |z| where the formula has max(z, 0). For negative z the larger of 0 and z is 0, so
    nothing is to be added there."""
    return np.mean(np.abs(z) - z * y + np.log1p(np.exp(-np.abs(z))))


@exercise.wrong
def sum_for_mean(z, y):
    """You added the losses of all examples up. Then a larger batch has a larger loss, and steps
    learned on one size are wrong for another. The mean is asked for."""
    return np.sum(np.maximum(z, 0) - z * y + np.log1p(np.exp(-np.abs(z))))


@exercise.wrong
def no_mean(z, y):
    """You returned one loss for each example. One number is asked for: their mean."""
    return np.maximum(z, 0) - z * y + np.log1p(np.exp(-np.abs(z)))


@exercise.wrong
def mean_of_the_last_axis(z, y):
    """You took the mean along the last axis only. For scores of shape (B, 1) that averages nothing:
    take it over all examples."""
    return np.mean(np.maximum(z, 0) - z * y + np.log1p(np.exp(-np.abs(z))), axis=-1)


@exercise.wrong
def sign(z, y):
    """Your loss is negative: the minus before the logarithm is missing. A probability is at most 1,
    so its logarithm is at most 0, and a loss should be at least 0."""
    return -np.mean(np.maximum(z, 0) - z * y + np.log1p(np.exp(-np.abs(z))))


@exercise.wrong
def scores_taken_for_probabilities(z, y):
    """You took the logarithm of z itself, as if it were a probability. z is a score, any number;
    the probability is its sigmoid."""
    return -np.mean(y * np.log(z) + (1 - y) * np.log(1 - z))


@exercise.wrong
def only_the_true_label(z, y):
    """Examples with y = 0 cost you nothing: the term of the false label, (1 − y) times log(1 +
    exp(z)), is missing. A model that always says yes would be perfect."""
    return np.mean(y * np.logaddexp(0, -z))


@exercise.wrong
def rounds_the_labels(z, y):
    """You asked whether y is above ½, and so made every soft label a hard one. y = 0.75 means that
    both terms count, one three times as much as the other."""
    return np.mean(np.where(y > 0.5, np.logaddexp(0, -z), np.logaddexp(0, z)))


@exercise.wrong
def in_bits(z, y):
    """Your loss is 1.44 times too large: the logarithm has base 2. Cross-entropy is taken in nats
    here, with the natural logarithm."""
    return np.mean(np.maximum(z, 0) - z * y + np.log1p(np.exp(-np.abs(z)))) / np.log(2)


@exercise.wrong
def changes_the_scores(z, y):
    """The loss is right, but it was worked out in the caller's own z, which is needed again for
    the gradient. Write into new arrays."""
    small = np.log1p(np.exp(-np.abs(z)))
    large = np.maximum(z, 0)
    z *= y
    return np.mean(large - z + small)


@exercise.wrong
def epsilon_in_the_logarithm(z, y):
    """You added a tiny number under the logarithm, so that it never meets 0. No example can then
    cost more than that number's logarithm, about 21, however wrong it is. Work with z instead of
    the probability."""
    p = 1 / (1 + np.exp(-z))
    return -np.mean(y * np.log(p + 1e-9) + (1 - y) * np.log(1 - p + 1e-9))


@exercise.wrong
def pythons_own_max(z, y):
    """Python's `max(z, 0)` wants to know whether the whole array is larger than 0, and can't. To
    compare number by number, NumPy has `np.maximum`."""
    return np.mean(max(z, 0) - z * y + np.log1p(np.exp(-np.abs(z))))
