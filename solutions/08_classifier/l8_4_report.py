import numpy as np

from autograder.authoring import Check, Exercise, between, probe

from .shared import mixed

exercise = Exercise(
    "A number with its uncertainty",
    solve="report",
    difficulty=2,
    importance=5,
    minutes=16,
    hints="""Which of the numbers need the probabilities, and which only the labels? Make both
    arrays flat first: (N, 1) beside (N,) gives N · N comparisons and no error.

    An accuracy is a mean of N noughts and ones. Lesson 3 had its standard deviation, and took 1.96
    of these to either side. What does who always says the commoner label get right?

    `half = 1.96 * np.sqrt(accuracy * (1 - accuracy) / n)`, with n the number of reviews. The
    commoner label's share is the larger of `y.mean()` and `1 - y.mean()`. For values outside: `if
    not ((p >= 0) & (p <= 1)).all(): raise ValueError(…)`.""",
)


def accuracy(report, y, p):
    return float(report(y, p)["accuracy"])


def interval(report, y, p):
    found = report(y, p)
    return np.array([float(found["low"]), float(found["high"])])


def majority(report, y, p):
    return float(report(y, p)["majority"])


def refused(report, y, p):
    try:
        report(y, p)
    except ValueError:
        return True
    return False


def drawn(rng: np.random.Generator, n: int, share: float) -> tuple[np.ndarray, np.ndarray]:
    """Labels, `share` of them praise, and probabilities that are right in about four of five."""
    y_N = (rng.random(n) < share).astype(int)
    p_N = np.round(1 / (1 + np.exp(-(2 * y_N - 1) * 1.2 - rng.normal(0, 1.4, n))), 3)
    p_N[p_N == 0.5] = 0.501
    p_N[:2] = 0.0, 1.0
    return y_N, p_N


def bounds(y_N: np.ndarray, p_N: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """What low and high may be: Wald's interval, Wilson's, or anything between the two."""
    n, share = len(y_N), float(np.mean((p_N > 0.5) == (y_N == 1)))
    half = 1.96 * (share * (1 - share) / n) ** 0.5
    middle = (share + 1.96**2 / (2 * n)) / (1 + 1.96**2 / n)
    wide = 1.96 * (share * (1 - share) / n + 1.96**2 / (4 * n**2)) ** 0.5 / (1 + 1.96**2 / n)
    wald, wilson = [share - half, share + half], [middle - wide, middle + wide]
    return np.minimum(wald, wilson) - 1e-3, np.maximum(wald, wilson) + 1e-3


@exercise.checks
def checks(rng):
    (fresh,) = rng.spawn(1)
    few = np.array([1, 0, 0, 1, 0]), np.array([0.9, 0.2, 0.6, 0.3, 0.1])
    suspects = []  # probabilities, and what looks like them but for one value
    for is_right in mixed(fresh, 5, 7):
        p_N = np.round(fresh.uniform(0, 1, 4), 2)
        odd = fresh.choice([0, 1] if is_right else [-0.3, -0.02, 1.04, 1.7])
        suspects.append(np.insert(p_N, fresh.integers(5), odd))
    many, more = drawn(rng, 240, 0.35), drawn(rng, 400, 0.7)
    yield Check(
        "accuracy",
        probe(accuracy, says="The accuracy")(*few, tolerance=1e-6),
        probe(accuracy, says="The accuracy")(*many, tolerance=1e-6),
        probe(accuracy, says="The accuracy")(more[0].astype(float), more[1], tolerance=1e-6),
        says="The share of reviews on whose side of one half the probability lies.",
    )
    yield Check(
        "a column of probabilities",
        probe(accuracy, says="The accuracy")(few[0], few[1][:, None], tolerance=1e-6),
        probe(accuracy, says="The accuracy")(many[0], many[1][:, None], tolerance=1e-6),
        probe(majority, says="The majority's share")(many[0], many[1][:, None], tolerance=1e-6),
        says="""Models give (N, 1), labels are (N,): between the two NumPy compares everything with
        everything, and says nothing.""",
    )
    yield Check(
        "the interval",
        *(
            probe(interval, says="The interval, low and high,")(
                y, p, expect=between(*bounds(y, p)), tolerance=1e-3
            )
            for y, p in (many, more)
        ),
        says="""In about 95 of 100 samples the interval holds the true share. Each review is one
        throw.""",
        points=2,
    )
    yield Check(
        "the majority to be beaten",
        probe(majority, says="The majority's share")(*few, tolerance=1e-6),
        probe(majority, says="The majority's share")(*many, tolerance=1e-6),
        probe(majority, says="The majority's share")(*more, tolerance=1e-6),
        says="Always naming the commoner *label*, without reading a review, gets this share right.",
    )
    yield Check(
        "what is no probability",
        probe(refused, says="Whether it was refused")(
            few[0], np.array([2.3, -1.2, 0.4, 1.9, -0.3])
        ),
        probe(refused, says="Whether it was refused")(few[0], np.array([0.3, 0.2, 1.01, 0.9, 0.3])),
        probe(refused, says="Whether it was refused")(
            few[0], np.array([0.3, 0.2, -0.01, 0.9, 0.3])
        ),
        probe(refused, says="Whether it was refused")(few[0], np.array([0.0, 0.2, 1.0, 0.9, 0.3])),
        *(probe(refused, says="Whether it was refused")(few[0], p_N) for p_N in suspects),
        says="""Logits look like probabilities until one is negative or above 1. A ValueError tells;
        a silent half is wrong. 0 and 1 are probabilities.""",
    )


@exercise.right
def counted_one_by_one(y, p):
    hits, praise, n = 0, 0, 0
    for label, value in zip(np.ravel(y), np.ravel(p), strict=True):
        if value < 0 or value > 1:
            raise ValueError(f"{value} is no probability")
        hits += int((value >= 0.5) == bool(label))
        praise += int(label)
        n += 1
    share = hits / n
    half = 1.96 * (share * (1 - share) / n) ** 0.5
    return {
        "accuracy": share,
        "low": share - half,
        "high": share + half,
        "majority": max(praise, n - praise) / n,
    }


@exercise.right("Wilson's interval, more entries")
def wilson_s_interval_more_entries(y, p):
    y, p = np.asarray(y).reshape(-1) > 0.5, np.asarray(p, dtype=float).reshape(-1)
    if p.min() < 0 or p.max() > 1:
        raise ValueError("p holds values that are no probabilities")
    n, a, z = y.size, float((y == (p > 0.5)).mean()), 1.959964
    middle = (a + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * np.sqrt(a * (1 - a) / n + z * z / (4 * n * n))
    return {
        "n": n,
        "accuracy": a,
        "low": middle - half,
        "high": middle + half,
        "majority": float(max(y.mean(), 1 - y.mean())),
    }


@exercise.right
def by_a_confusion_table(y, p):
    p, y = np.array(p).flatten(), np.array(y).flatten().astype(int)
    if np.any(p < 0) or np.any(p > 1):
        raise ValueError("not in [0, 1]")
    table = np.zeros((2, 2))
    np.add.at(table, (y, (p > 0.5).astype(int)), 1)
    n = table.sum()
    accuracy = np.trace(table) / n
    error = np.sqrt(accuracy * (1 - accuracy) / n)
    low, high = accuracy - 1.96 * error, accuracy + 1.96 * error
    return {"accuracy": accuracy, "low": low, "high": high, "majority": table.sum(axis=1).max() / n}


exercise.allow_mutant(
    after="y, p = y, np.ravel(p)", reason="y has the shape (N,): only p may have (N, 1)."
)
for after in (
    "accuracy = np.mean((p > 0.5) == (y == 1))",
    "half = 1.96 * np.sqrt(accuracy * (1 - accuracy) / len(y))",
    "praise = np.mean(y)",
):
    exercise.allow_mutant(after=after, reason="A NumPy number is as good as a Python one.")
exercise.allow_mutant(
    after="accuracy = float(np.mean((p >= 0.5) == (y == 1)))",
    reason="Exactly one half is on neither side; it isn't tested.",
)
exercise.slip("""half-on-logits
    - if not ((p >= 0) & (p <= 1)).all():
    -     raise ValueError("p holds values that are no probabilities: logits, perhaps?")
    +
    - praise = float(np.mean(y))
    + majority = max(np.mean(y), 1 - np.mean(y))
    - "majority": max(praise, 1 - praise),
    + "majority": majority,
    You take any p, and cut at one half. For logits that is the wrong place: their middle is 0.
    Whoever passes logits by mistake should get a ValueError, not an accuracy.""")
exercise.slip("""cut-at-zero
    - accuracy = float(np.mean((p > 0.5) == (y == 1)))
    + accuracy = float(np.mean((p > 0) == (y == 1)))
    - praise = float(np.mean(y))
    + majority = max(np.mean(y), 1 - np.mean(y))
    - "majority": max(praise, 1 - praise),
    + "majority": majority,
    You treated p as logits: cut at 0, or a sigmoid put on once more, which comes to the same.
    Probabilities are all above 0, and every review becomes praise. Their middle is one half.""")
exercise.slip("""interval-of-batches
    - half = 1.96 * float(np.sqrt(accuracy * (1 - accuracy) / len(y)))
    + half = 1.96 * np.sqrt(accuracy * (1 - accuracy) / np.ceil(len(y) / 32))
    - praise = float(np.mean(y))
    + majority = max(np.mean(y), 1 - np.mean(y))
    - "majority": max(praise, 1 - praise),
    + "majority": majority,
    Your interval is several times too wide: it counts batches of 32 as if each were one review. The
    number that counts is that of independent throws.""")
exercise.slip("""one-standard-deviation
    - half = 1.96 * float(np.sqrt(accuracy * (1 - accuracy) / len(y)))
    + half = np.sqrt(accuracy * (1 - accuracy) / len(y))
    - praise = float(np.mean(y))
    + majority = max(np.mean(y), 1 - np.mean(y))
    - "majority": max(praise, 1 - praise),
    + "majority": majority,
    Your interval reaches one standard deviation to either side: it misses the truth in one case of
    three. 95 % need 1.96 of them.""")
exercise.slip("""root-forgotten
    - half = 1.96 * float(np.sqrt(accuracy * (1 - accuracy) / len(y)))
    + half = 1.96 * accuracy * (1 - accuracy) / len(y)
    - praise = float(np.mean(y))
    + majority = max(np.mean(y), 1 - np.mean(y))
    - "majority": max(praise, 1 - praise),
    + "majority": majority,
    You left out the root: accuracy · (1 − accuracy) / N is a variance, in squared shares. Your
    interval is far too narrow.""")
exercise.slip("""spread-of-single-reviews
    - half = 1.96 * float(np.sqrt(accuracy * (1 - accuracy) / len(y)))
    + half = 1.96 * np.sqrt(accuracy * (1 - accuracy))
    - praise = float(np.mean(y))
    + majority = max(np.mean(y), 1 - np.mean(y))
    - "majority": max(praise, 1 - praise),
    + "majority": majority,
    Your interval doesn't shrink with more reviews: it is the spread of a single one. A mean of N is
    √N times as sure.""")
exercise.slip("""majority-of-the-predictions
    - half = 1.96 * float(np.sqrt(accuracy * (1 - accuracy) / len(y)))
    - praise = float(np.mean(y))
    + half = 1.96 * np.sqrt(accuracy * (1 - accuracy) / len(y))
    + called = np.mean(p > 0.5)
    + majority = max(called, 1 - called)
    - "majority": max(praise, 1 - praise),
    + "majority": majority,
    Your majority is that of the model's own predictions. The baseline reads no model: it is the
    share of the commoner *label*.""")
exercise.slip("""majority-is-praise
    - "majority": max(praise, 1 - praise),
    + "majority": np.mean(y),
    Your majority is the share of praise, also where blame is commoner. Always naming the
    commoner label never gets less than half right.""")
exercise.slip("""all-with-all
    - y, p = np.ravel(y), np.ravel(p)
    +
    - praise = float(np.mean(y))
    + majority = max(np.mean(y), 1 - np.mean(y))
    - "majority": max(praise, 1 - praise),
    + "majority": majority,
    For p of the shape (N, 1) you compared each prediction with every label, N · N pairs: NumPy
    broadcasts (N, 1) against (N,). Make both flat first.""")
exercise.slip("""sure-ones-refused
    - if not ((p >= 0) & (p <= 1)).all():
    + if not ((p > 0) & (p < 1)).all():
    - raise ValueError("p holds values that are no probabilities: logits, perhaps?")
    + raise ValueError("p are no probabilities")
    - praise = float(np.mean(y))
    + majority = max(np.mean(y), 1 - np.mean(y))
    - "majority": max(praise, 1 - praise),
    + "majority": majority,
    You refuse 0 and 1. They are probabilities, and float32 rounds a very sure sigmoid to 1.""")


@exercise.wrong
def in_percent(y, p):
    """You returned percentages. Fractions are asked for, 0.75 for 75 %: other functions compute
    with them."""
    y, p = np.ravel(y), np.ravel(p)
    if not ((p >= 0) & (p <= 1)).all():
        raise ValueError("p are no probabilities")
    accuracy = float(np.mean((p > 0.5) == (y == 1)))
    half = 1.96 * np.sqrt(accuracy * (1 - accuracy) / len(y))
    low, high, share = accuracy - half, accuracy + half, max(np.mean(y), 1 - np.mean(y))
    return {
        "accuracy": 100 * accuracy,
        "low": 100 * low,
        "high": 100 * high,
        "majority": 100 * share,
    }
