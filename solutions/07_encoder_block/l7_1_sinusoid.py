import numpy as np

from autograder.authoring import Check, Exercise, call

exercise = Exercise(
    "A vector for every place",
    solve="sinusoid",
    difficulty=3,
    importance=4,
    minutes=20,
    hints="""Two neighbouring columns, 2j and 2j + 1, share one frequency. Which whole number j
    belongs to column d? Make the frequencies of all columns first, as one array of length D.

    The frequency of column d is 1 / 10000 ** (2j / D) with j = d // 2. The angles are the table of
    all products of a place and a frequency, shape (T, D). Even columns are its sine, odd columns
    its cosine.

    `d = np.arange(D)`, `angle_TD = np.arange(T)[:, None] / 10_000 ** (d // 2 * 2 / D)`, then
    `np.where(d % 2 == 0, np.sin(angle_TD), np.cos(angle_TD))`. No column is made twice, so an odd D
    needs no care.""",
)

FINE = 1e-6  # in any float type, so that the places stay small


@exercise.checks
def checks(rng):
    (fresh,) = rng.spawn(1)
    few, some, more = fresh.choice(range(2, 11), 3, replace=False).tolist()
    even, odd = 2 * int(fresh.integers(3, 6)), 2 * int(fresh.integers(1, 6)) + 1
    many, wide = int(fresh.integers(250, 350)), 2 * int(fresh.integers(3, 5))
    T, D = int(rng.integers(7, 10)), 2 * int(rng.integers(6, 9))
    yield Check(
        "three places, four columns",
        call(3, 4, tolerance=FINE),
        call(few, 4, tolerance=FINE),
        call(some, even, tolerance=FINE),
        says="""Column 0 is sin(t), column 1 is cos(t); of four columns, the last two turn a hundred
        times more slowly. Place 0 is 0, 1, 0, 1.""",
    )
    yield Check(
        "wider tables",
        call(T, D, tolerance=FINE),
        call(11, 6, tolerance=FINE),
        call(5, 2, tolerance=FINE),
        says="Columns 2j and 2j + 1 share the frequency 1 / 10000 ** (2j / D).",
        points=2,
    )
    yield Check(
        "long sentences",
        call(many, wide, tolerance=1e-4),
        says="Any number of places: nothing is learned and nothing runs out.",
    )
    yield Check(
        "an odd width, and a single place",
        call(4, 5, tolerance=FINE),
        call(6, 1, tolerance=FINE),
        call(1, 7, tolerance=FINE),
        call(more, odd, tolerance=FINE),
        says="With an odd D the last column is a sine whose cosine is cut off.",
    )


@exercise.right
def one_number_at_a_time(T, D):
    p_TD = np.zeros((T, D))
    for t in range(T):
        for d in range(D):
            angle = t / 10_000 ** (2 * (d // 2) / D)
            p_TD[t, d] = np.cos(angle) if d % 2 else np.sin(angle)
    return p_TD


@exercise.right("sines and cosines filled in, by exp and log")
def sines_and_cosines_filled(T, D):
    rate = np.exp(-np.log(10_000) * np.arange(0, D, 2) / D)
    angle = np.outer(np.arange(T), rate)
    p_TD = np.empty((T, D))
    p_TD[:, 0::2] = np.sin(angle)
    p_TD[:, 1::2] = np.cos(angle)[:, : D // 2]
    return p_TD


@exercise.right("stacked in pairs, in float32")
def stacked_in_pairs_in_float32(T, D):
    rate = (1e4 ** -(2 * np.arange((D + 1) // 2) / D))[None]
    angle = np.arange(T)[:, None] * rate
    pairs = np.stack([np.sin(angle), np.cos(angle)], axis=-1)
    return pairs.reshape(T, -1)[:, :D].astype(np.float32)


exercise.slip("""every-column-its-own-frequency
    - angle_TD = np.arange(T)[:, None] / 10_000 ** (d // 2 * 2 / D)
    + angle_TD = np.arange(T)[:, None] / 10_000 ** (d / D)
    Your columns have D different frequencies. Columns 2j and 2j + 1 are a pair, the sine and the
    cosine of one angle: only so can a step of k places be a rotation. Which j belongs to column d?""")
exercise.slip("""half-the-exponent
    - angle_TD = np.arange(T)[:, None] / 10_000 ** (d // 2 * 2 / D)
    + angle_TD = np.arange(T)[:, None] / 10_000 ** (d // 2 / D)
    Your exponent is j / D where 2j / D is asked for: the pairs are right, and the slowest of them
    is a hundred times too fast. The exponents go from 0 nearly to 1.""")
exercise.slip("""starts-at-one
    - np.arange(T)
    + np.arange(1, T + 1)
    Your first row is that of place 1. Places are counted from 0, whose row is 0, 1, 0, 1, …""")


@exercise.wrong
def sines_only(T, D):
    """All your columns are sines, so each pair says the same twice, and place 0 is a row of zeros.
    Odd columns are the cosine of the angle."""
    d = np.arange(D)
    return np.sin(np.arange(T)[:, None] / 10_000 ** (d // 2 * 2 / D))


exercise.slip("""cosine-first
    - return np.where(d % 2 == 0, np.sin(angle_TD), np.cos(angle_TD))
    + return np.where(d % 2 == 1, np.sin(angle_TD), np.cos(angle_TD))
    You exchanged the two: even columns are the sine, odd columns the cosine.""")


@exercise.wrong
def halves(T, D):
    """Your table holds all sines in its left half and all cosines in its right. That works in a
    model, too, and some libraries do so; here sine and cosine of a pair stand side by side, as in
    the paper."""
    rate = 10_000 ** -(2 * np.arange((D + 1) // 2) / D)
    angle = np.arange(T)[:, None] * rate
    return np.concatenate([np.sin(angle), np.cos(angle)], axis=1)[:, :D]


sines_and_cosines_filled.slip("""odd-width-crashes
    - p_TD[:, 1::2] = np.cos(angle)[:, : D // 2]
    + p_TD[:, 1::2] = np.cos(angle)
    An odd D stops your function: it makes as many cosines as sines. The last sine then stands
    alone.""")


@exercise.wrong
def one_column_short(T, D):
    """With an odd D your table is one column too narrow or too wide: pairs alone never make an odd
    number of columns."""
    angle = np.arange(T)[:, None] / 10_000 ** (2 * np.arange(D // 2) / D)
    return np.stack([np.sin(angle), np.cos(angle)], axis=-1).reshape(T, -1)


exercise.slip("""multiplied
    - angle_TD = np.arange(T)[:, None] / 10_000 ** (d // 2 * 2 / D)
    + angle_TD = np.arange(T)[:, None] * 10_000 ** (d // 2 * 2 / D)
    Your frequencies grow from column to column: the angle is the place *divided* by 10000 ** (2j /
    D).""")
exercise.slip("""columns-as-rows
    - return np.where(d % 2 == 0, np.sin(angle_TD), np.cos(angle_TD))
    + return np.where(d % 2 == 0, np.sin(angle_TD), np.cos(angle_TD)).T
    Your table lies on its side: rows are places, columns are the numbers of a place.""")
