import numpy as np

from autograder.authoring import CallOf, Check, Exercise, every_layout, probe

exercise = Exercise(
    "Clean, attacked, worst, flipped",
    solve="robustness",
    difficulty=2,
    importance=4,
    minutes=10,
    hints="""Write down a table of four examples and three attacks, with ✓ and ✗, and a column in front
    for no attack. Which cells does each of the four numbers count, and of how many?

    "worst" is about examples: a row counts if all of it is right, the clean column too.
    `attacked_NA.all(axis=1)` is True for rows without a mistake. "flips" looks at the rows that were
    right before, and at nothing else.

    With `stands_N = clean_N & attacked_NA.all(axis=1)`: "worst" is its mean; "flips" is how many of
    the rows in clean_N are not in stands_N, divided by `clean_N.sum()`, not by N.""",
)


def clean(robustness, clean_N, attacked_NA):
    share = robustness(clean_N, attacked_NA)["clean"]
    if np.ndim(share):
        raise TypeError(f"one number is asked for, not an array of shape {np.shape(share)}")
    return float(share)


def attacked(robustness, clean_N, attacked_NA):
    share = robustness(clean_N, attacked_NA)["attacked"]
    if np.ndim(share):
        raise TypeError(f"one number is asked for, not an array of shape {np.shape(share)}")
    return float(share)


def worst(robustness, clean_N, attacked_NA):
    share = robustness(clean_N, attacked_NA)["worst"]
    if np.ndim(share):
        raise TypeError(f"one number is asked for, not an array of shape {np.shape(share)}")
    return float(share)


def flips(robustness, clean_N, attacked_NA):
    share = robustness(clean_N, attacked_NA)["flips"]
    if np.ndim(share):
        raise TypeError(f"one number is asked for, not an array of shape {np.shape(share)}")
    return float(share)


def all_four(robustness, clean_N, attacked_NA):
    found = robustness(clean_N, attacked_NA)
    return np.array([float(found[name]) for name in ("clean", "attacked", "worst", "flips")])


def table(rng: np.random.Generator, N: int, A: int) -> tuple[np.ndarray, np.ndarray]:
    """Right and wrong: some examples stand every attack, some are wrong before and right after."""
    while True:
        clean_N = rng.random(N) < 0.65
        easy_N = np.where(clean_N, rng.choice([0.97, 0.75, 0.4], N), rng.choice([0.1, 0.5, 1.0], N))
        attacked_NA = rng.random((N, A)) < easy_N[:, None]
        stands_N = attacked_NA.all(axis=1)
        shares = [
            clean_N.mean(),
            attacked_NA.mean(),
            attacked_NA[clean_N].mean() if clean_N.any() else 0,
            attacked_NA.mean(axis=0).min(),
            stands_N.mean(),
            (clean_N & stands_N).mean(),
            (clean_N & ~stands_N).mean(),
            (clean_N & ~stands_N).sum() / max(1, clean_N.sum()),
        ]
        if len(set(np.round(shares, 6))) == len(shares) and min(shares) > 0:
            return clean_N, attacked_NA


@exercise.checks
def checks(rng):
    by_hand = (
        np.array([True, True, True, False]),
        np.array([[1, 1, 1], [1, 0, 1], [0, 1, 1], [1, 1, 1]], dtype=bool),
    )
    small = table(rng, 7, 3)
    tall, wide = table(rng, 23, 4), table(rng, 9, 6)
    alone = table(rng, 10, 5)

    def ask(which, *tables) -> list[CallOf]:
        says = f'The entry "{which.__name__}"'
        return [probe(which, says=says)(*each) for each in tables]

    yield Check(
        "before any attack",
        *ask(clean, by_hand, small, tall),
        says="The share of examples about which the classifier is right, as in lesson 8.",
    )
    yield Check(
        "the mean over attacks",
        *ask(attacked, by_hand, small, tall, wide),
        says="All cells of attacked_NA count the same: of all examples, and of all attacks.",
    )
    yield Check(
        "right under every attack",
        *ask(worst, by_hand, small, tall, wide),
        says="""An example counts if it is right before and stays right, whichever attack is chosen for
        it. The worst *single* attack is another number, and a kinder one.""",
        points=2,
    )
    yield Check(
        "what attacks make wrong",
        *ask(flips, by_hand, small, tall, wide),
        says="""Of the examples that were right before, the share that some attack turns wrong. One
        that was wrong before can't be turned wrong.""",
        points=2,
    )
    one_only = np.arange(6) == rng.integers(6)
    of_one = rng.permutation([True, True, False]), rng.random((6, 3)) < 0.7
    yield Check(
        "one attack, few examples, any layout in memory, inputs left alone",
        *every_layout(probe(all_four, says="The four entries")(*alone)),
        probe(all_four, says="The four entries")(tall[0], tall[1][:, :1]),
        probe(all_four, says="The four entries")(one_only, of_one[1]),
        says="The tables of right and wrong are needed for other numbers.",
        judges="inputs untouched",
    )


@exercise.right("a loop over examples")
def a_loop_over_examples(clean_N, attacked_NA):
    N, A = attacked_NA.shape
    right = cells = worst = flipped = 0
    for n in range(N):
        under = [bool(attacked_NA[n, a]) for a in range(A)]
        right += bool(clean_N[n])
        cells += sum(under)
        if clean_N[n]:
            worst += all(under)
            flipped += not all(under)
    return {
        "clean": right / N,
        "attacked": cells / (N * A),
        "worst": worst / N,
        "flips": flipped / right if right else 0.0,
    }


@exercise.right("with the clean column in front, and extra entries")
def with_the_clean_column(clean_N, attacked_NA):
    all_NA = np.column_stack([clean_N, attacked_NA]).astype(int)
    clean, worst = all_NA[:, 0].mean(), all_NA.min(axis=1).mean()
    return {
        "n": len(clean_N),
        "clean": clean,
        "attacked": np.average(attacked_NA.astype(float)),
        "worst": worst,
        "flips": 1 - worst / clean,
    }


@exercise.right("the rows that were right, by an index")
def rows_by_an_index(clean_N, attacked_NA):
    of_right = attacked_NA[clean_N]
    broken = np.any(~of_right, axis=1)
    return {
        "clean": np.count_nonzero(clean_N) / clean_N.size,
        "attacked": attacked_NA.mean(axis=0).mean(),
        "worst": np.count_nonzero(~broken) / clean_N.size,
        "flips": broken.mean() if len(broken) else 0.0,
    }


exercise.allow_mutant(
    after="stands_N = clean_N & attacked_NA.all(axis=-1)",
    reason="The array has two axes: axis 1 is the last one.",
)
exercise.allow_mutant(
    after='"flips": (clean_N & ~stands_N).sum() / max(0, clean_N.sum()),',
    reason="No check asks for a share of no examples.",
)


@exercise.plain
def plain(clean_N, attacked_NA):
    N = len(clean_N)
    always_N = attacked_NA.all(axis=1)
    return {
        "clean": clean_N.sum() / N,
        "attacked": attacked_NA.mean(),
        "worst": (clean_N & always_N).sum() / N,
        "flips": (clean_N & ~always_N).sum() / clean_N.sum(),
    }


plain.slip("""attacked-of-the-clean-right-only
    - attacked_NA.mean()
    + attacked_NA[clean_N].mean()
    Your "attacked" counts only examples that were right before. All examples count: also those that
    were wrong.""")
plain.slip("""attacked-and-clean
    - attacked_NA.mean()
    + (clean_N[:, None] & attacked_NA).mean()
    Your "attacked" counts a cell only if the example was right before as well. Here a cell is right if
    it is right after the attack.""")
plain.slip("""attacked-with-the-clean-column
    - attacked_NA.mean()
    + np.column_stack([clean_N, attacked_NA]).mean()
    You counted the clean column among the attacks. "attacked" is the mean over attacks alone.""")
plain.slip("""mean-for-worst
    - (clean_N & always_N).sum() / N
    + (clean_N * attacked_NA.mean(axis=1)).mean()
    Your "worst" is a mean over attacks. The worst case lets the attacker choose for each example: one
    attack that succeeds is enough.""")
plain.slip("""worst-single-attack
    - (clean_N & always_N).sum() / N
    + attacked_NA.mean(axis=0).min()
    Your "worst" is the accuracy under the one attack that does most. Another example may fall to
    another attack: the worst case is taken for each example.""")
plain.slip("""worst-single-attack-and-clean
    - (clean_N & always_N).sum() / N
    + (clean_N[:, None] & attacked_NA).mean(axis=0).min()
    You chose one attack for all examples, the one that leaves the fewest right. The worst case is
    taken for each example: any attack may be the one that breaks it.""")
plain.slip("""clean-left-out-of-worst
    - (clean_N & always_N).sum() / N
    + always_N.mean()
    Your "worst" leaves out what happens without an attack. An example that is wrong as it stands is
    not right in the worst case, though every attack may happen to put it right.""")
plain.slip("""some-attack-for-all
    - (clean_N & always_N).sum() / N
    + (clean_N & attacked_NA.any(axis=1)).mean()
    Your "worst" counts examples that are right under *some* attack. They must stand all of them.""")
plain.slip("""worst-of-the-clean-right
    - (clean_N & always_N).sum() / N
    + always_N[clean_N].mean()
    You divided "worst" by the number of examples that were right before. It is a share of all examples,
    so that it can stand beside "clean".""")
plain.slip("""flips-of-all-examples
    - (clean_N & ~always_N).sum() / clean_N.sum()
    + (clean_N & ~always_N).sum() / N
    You divided "flips" by all examples. Only one that was right can be made wrong: it is a share of
    these.""")
plain.slip("""flips-of-the-wrong-ones-too
    - (clean_N & ~always_N).sum() / clean_N.sum()
    + (~always_N).mean()
    Your "flips" counts every example that is wrong under some attack, also those that were wrong
    before. These haven't flipped.""")
plain.slip("""flips-in-either-direction
    - (clean_N & ~always_N).sum() / clean_N.sum()
    + (attacked_NA != clean_N[:, None]).any(axis=1).mean()
    Your "flips" counts also examples that were wrong and that an attack puts right. Asked for are right
    ones that an attack makes wrong.""")
plain.slip("""flips-by-cells
    - (clean_N & ~always_N).sum() / clean_N.sum()
    + (~attacked_NA[clean_N]).mean()
    Your "flips" is a share of cells, of examples and attacks. It is a share of examples: one attack is
    enough to break one.""")
plain.slip("""flips-only-if-all-break-it
    - (clean_N & ~always_N).sum() / clean_N.sum()
    + (clean_N & ~attacked_NA.any(axis=1)).sum() / clean_N.sum()
    Your "flips" counts examples that every attack breaks. One that succeeds is enough.""")
plain.slip("""stands-for-flips
    - (clean_N & ~always_N).sum() / clean_N.sum()
    + (clean_N & always_N).sum() / clean_N.sum()
    Your "flips" is the share that stands every attack. The others have flipped.""")
plain.slip("""mistakes-for-right
    - clean_N.sum() / N
    + (~clean_N).sum() / N
    - attacked_NA.mean()
    + 1 - attacked_NA.mean()
    - (clean_N & always_N).sum() / N
    + 1 - (clean_N & always_N).sum() / N
    You returned shares of mistakes (error rates). The first three are shares of right answers.""")
plain.slip("""counts-for-shares
    - clean_N.sum() / N
    + clean_N.sum()
    - attacked_NA.mean()
    + attacked_NA.sum()
    - (clean_N & always_N).sum() / N
    + (clean_N & always_N).sum()
    - (clean_N & ~always_N).sum() / clean_N.sum()
    + (clean_N & ~always_N).sum()
    You returned counts. Shares from 0 to 1 are asked for: divide by how many there are.""")
plain.slip("""percent
    - clean_N.sum() / N
    + 100 * clean_N.mean()
    - attacked_NA.mean()
    + 100 * attacked_NA.mean()
    - (clean_N & always_N).sum() / N
    + 100 * (clean_N & always_N).sum() / N
    - (clean_N & ~always_N).sum() / clean_N.sum()
    + 100 * (clean_N & ~always_N).sum() / clean_N.sum()
    You returned per cent. Shares from 0 to 1 are asked for.""")
plain.slip("""rounded
    - clean_N.sum() / N
    + round(clean_N.mean(), 2)
    - attacked_NA.mean()
    + round(attacked_NA.mean(), 2)
    - (clean_N & always_N).sum() / N
    + round((clean_N & always_N).sum() / N, 2)
    - (clean_N & ~always_N).sum() / clean_N.sum()
    + round((clean_N & ~always_N).sum() / clean_N.sum(), 2)
    You rounded to two digits. Round where a number is shown, not where it is computed.""")
plain.slip("""by-attack
    - attacked_NA.all(axis=1)
    + attacked_NA.all(axis=0)
    You went along the examples: `all(axis=0)` asks of each attack whether every example stands it. Of
    each example all attacks are asked: axis 1.""")
plain.slip("""one-number-for-each-attack
    - attacked_NA.mean()
    + attacked_NA.mean(axis=0)
    Your "attacked" is an array, one number for each attack. Their mean is asked for.""")


@exercise.wrong
def writes_into_the_tables(clean_N, attacked_NA):
    """The four numbers are right, but `&=` wrote into the caller's own array. `clean_N & …` makes a new
    one."""
    right, mean = clean_N.sum(), attacked_NA.mean()
    clean_N &= attacked_NA.all(axis=1)
    stands = clean_N.sum()
    N = len(clean_N)
    return {
        "clean": right / N,
        "attacked": mean,
        "worst": stands / N,
        "flips": (right - stands) / right,
    }
