import numpy as np

from autograder.authoring import Check, Exercise, call

exercise = Exercise(
    "No looking ahead",
    solve="causal_mask",
    difficulty=2,
    importance=5,
    minutes=15,
    hints="""Draw the table for T = S = 3 on paper: rows are queries, columns are keys. Which cells
    are True? Then T = 2, S = 5: the two queries are the *last* two of five words. How far may each
    of them look?

    The rule s ≤ t + (S − T) is a comparison of two numbers for each cell. Make the numbers t as a
    column, of shape (T, 1), and the numbers s as a row, of shape (S,): comparing them gives the
    whole table.

    `np.arange(T)[:, None]` is the column of all t, `np.arange(S)` the row of all s. Put them into
    the rule as it stands, with its ≤ and its S − T.""",
)


@exercise.checks
def checks(rng):
    (fresh,) = rng.spawn(1)
    one, two, three = fresh.choice(range(2, 10), 3, replace=False).tolist()
    yield Check(
        "three words by hand",
        call(3, 3),
        call(1, 1),
        call(one, one),
        call(two, two),
        says="The first word sees itself only, the second the first two, the third all three.",
    )
    size = int(rng.integers(5, 9))
    yield Check(
        "as many queries as keys",
        call(size, size),
        call(size + 4, size + 4),
        call(three, three),
        says="A word sees itself and all words before it: the diagonal and everything below it.",
    )
    few, many = int(rng.integers(2, 4)), int(rng.integers(6, 10))
    short, long = int(fresh.integers(2, 6)), int(fresh.integers(6, 12))
    yield Check(
        "fewer queries than keys",
        call(2, 5),
        call(1, many),
        call(few, many),
        call(short, long),
        says="The T queries are the last T of the S words, so the last query sees every key.",
    )
    yield Check(
        "more queries than keys",
        call(5, 3),
        call(many, few),
        call(long, short),
        says="The rule holds to the letter: for T > S the first T − S queries see nothing at all.",
    )


@exercise.right
def two_loops(T, S):
    keep = np.zeros((T, S), dtype=bool)
    for t in range(T):
        for s in range(S):
            keep[t, s] = s <= t + (S - T)
    return keep


@exercise.right
def a_triangle(T, S):
    return np.tril(np.ones((T, S), dtype=bool), k=S - T)


@exercise.right
def both_counted_from_the_end(T, S):
    from_end_T, from_end_S = np.arange(T)[::-1], np.arange(S)[::-1]
    return np.greater_equal.outer(-from_end_T, -from_end_S)


@exercise.wrong
def excludes_itself(T, S):
    """In your mask no word may see itself, and the first one sees nothing at all. Read the rule
    once more at its sign: is s = t + (S − T) allowed?"""
    return np.arange(S) < np.arange(T)[:, None] + (S - T)


@exercise.wrong
def upper_triangle(T, S):
    """Your words see themselves and the future, and none of the past. Rows are queries, columns are
    keys: on which side of the diagonal lie the keys that came before?"""
    return np.arange(S) >= np.arange(T)[:, None] + (S - T)


@exercise.wrong
def marks_the_future(T, S):
    """Your mask is True where a query may *not* look. In this course True means keep."""
    return np.arange(S) > np.arange(T)[:, None] + (S - T)


@exercise.wrong
def no_offset(T, S):
    """You counted queries and keys both from the first word. With fewer queries than keys the
    queries are the *last* words: which key stands at the place of query 0? (And if yours is a table
    of numbers, as `np.ones` makes one: a mask is True and False.)"""
    return np.arange(S) <= np.arange(T)[:, None]


@exercise.wrong
def offset_turned_round(T, S):
    """Your offset has the wrong sign, T − S for S − T: with 2 queries and 5 keys, your queries see
    nothing. How many words came before query 0?"""
    return np.arange(S) <= np.arange(T)[:, None] + (T - S)


@exercise.wrong
def offset_never_negative(T, S):
    """You let the offset S − T not fall below 0. With more queries than keys it should: then the
    first T − S queries stand before the first key. What do they see?"""
    return np.arange(S) <= np.arange(T)[:, None] + max(S - T, 0)


@exercise.wrong
def additive_floats(T, S):
    """You returned 0 and −∞, to be added to scores. Some libraries want it so; here a mask is True
    and False, and what is done with it is decided in one place, L5.3."""
    return np.where(np.arange(S) <= np.arange(T)[:, None] + (S - T), 0.0, -np.inf)


@exercise.wrong
def ones_and_zeros(T, S):
    """Your table is right but made of ones and zeros. A mask is True and False: `~mask` and
    `np.where(mask, …)` need bools."""
    return np.tril(np.ones((T, S)), S - T)


two_loops.slip("""slice-below-zero
    - for s in range(S):
    -     keep[t, s] = s <= t + (S - T)
    + keep[t, : t + S - T + 1] = True
    Your rows end at t + (S − T) + 1, which is right until that is below 0: then Python counts the
    end of a slice from the right, and a query that should see nothing sees some of the first keys.
    What becomes of a negative end?""")


@exercise.wrong
def queries_as_columns(T, S):
    """Your table has shape (S, T), keys down and queries across. Scores have one row for each
    query: which of the two has to be the column of numbers in your comparison?"""
    return (np.arange(S) <= np.arange(T)[:, None] + (S - T)).T


@exercise.wrong
def peeks_one_ahead(T, S):
    """Your words see one key too many: the very next word, which they are to predict. Try T = S = 1
    and 2 by hand: where does the extra one come from?"""
    return np.arange(S) <= np.arange(T)[:, None] + (S - T) + 1
