import numpy as np

from autograder.authoring import CallOf, Check, Exercise, between, call, probe, seeded

from .shared import LAST

exercise = Exercise(
    "How far do dot products spread?",
    solve="score_std",
    difficulty=2,
    importance=4,
    minutes=15,
    hints="""For one width first: draw n queries and n keys as two (n, width) arrays, and make of
    them n numbers, one product q·k for each pair. Which axis has to disappear, and by adding or by
    averaging?

    `rng.normal(size=(n, width))` draws one of the two arrays. Multiply them number by number, add
    up along the axis of the width, and take the standard deviation of the n sums. Then do the same
    for every width.

    `(q_NK * k_NK).sum(axis=1).std()` is the number for one width. Collect these numbers in a list,
    in the order of `widths`, and turn it into an array at the end. The raw products are asked for:
    no division by √d.""",
)


def per_root(score_std, widths, seed):
    spread = score_std(widths, 4000, np.random.default_rng(seed))
    return np.asarray(spread, dtype=float) / np.sqrt(widths)


def times_as_far(score_std, widths, seed):
    spread = np.asarray(score_std(widths, 4000, np.random.default_rng(seed)), dtype=float)
    with np.errstate(all="ignore"):  # of a spread of 0
        return spread[1:] / spread[0]


def wobble(score_std, seed, width=1, n=25, times=800):
    rng = np.random.default_rng(seed)
    spread = [float(score_std([width], n, rng)[0]) for _ in range(times)]
    return np.array([np.mean(spread), np.std(spread)])


def follows_its_generator(score_std, seed):
    first, again, other = (
        np.asarray(score_std([3, 5], 40, np.random.default_rng(s)), dtype=float)
        for s in (seed, seed, seed + 1)
    )
    rng = np.random.default_rng(seed)
    calls = [np.asarray(score_std([3, 5], 40, rng), dtype=float) for _ in range(2)]
    return np.array(
        [(first == again).all(), (first == other).any(), (calls[0] == calls[1]).any()], dtype=float
    )


def first_alike(score_std, seeds):
    spread = [np.asarray(score_std([3, 5], 40, np.random.default_rng(s))).tolist() for s in seeds]
    return np.array([spread.index(each) for each in spread])


def wavers(width: int, n: int, seed: int) -> CallOf:
    """How far the results of n pairs waver. Of d products added up, the kurtosis is 3 + 6/d."""
    far = width**0.5
    about = far * ((2 + 6 / width) / (4 * n)) ** 0.5
    return probe(
        wobble,
        says=f"Over 200 calls with width {width} and n = {n}, the mean and the standard deviation of "
        "the results",
    )(
        seed,
        width,
        n,
        200,
        expect=between([0.9 * far, 0.6 * about], [1.1 * far, 1.6 * about]),
        tolerance=0.01,
    )


@exercise.checks
def checks(rng):
    (fresh,) = rng.spawn(1)
    seed = int(rng.integers(10_000))
    squares = np.square(fresh.permutation([2, 3, 4, 6, 8, 11, 14, 18]))[:4]
    multiples = [5, *(5 * fresh.permutation([2, 3, 4, 6, 9, 13, 19, 28]))[:4]]
    widths = fresh.permutation([2, 4, 9, 20, 45, 100, 160])[:3].tolist()
    pairs = fresh.permutation([16, 25, 40, 60])[:3].tolist()
    seeds = fresh.permutation(np.repeat(fresh.choice(99, 5, replace=False), [3, 2, 2, 2, 1]))
    yield Check(
        "one number for each width, in order",
        call([16], 4000, seeded(seed), expect=between(3.5, 4.5), tolerance=0.01),
        call(
            [81, 4, 25],
            4000,
            seeded(seed + 1),
            expect=between([8.1, 1.75, 4.4], [9.9, 2.25, 5.6]),
            tolerance=0.01,
        ),
        call(
            squares.tolist(),
            4000,
            seeded(seed + 5),
            expect=between(0.89 * np.sqrt(squares), 1.11 * np.sqrt(squares)),
            tolerance=0.01,
        ),
        says="""An array with as many numbers as there are widths, each of them the spread of the raw
        products.""",
    )
    yield Check(
        "grows like the root of the width",
        probe(per_root, says="The spread divided by √width")(
            [4, 16, 64, 256], seed + 2, expect=between(0.9, 1.1), tolerance=0.01
        ),
        probe(
            times_as_far,
            says="How many times as far as for the first width the products spread for the others",
        )(
            [int(width) for width in multiples],
            seed + 6,
            expect=between(
                0.9 * np.sqrt(multiples[1:]) / multiples[0] ** 0.5,
                1.1 * np.sqrt(multiples[1:]) / multiples[0] ** 0.5,
            ),
            tolerance=0.01,
        ),
        says="A sum of d independent products, each of variance 1, has the variance d.",
    )
    yield Check(
        "draws from the generator it is given",
        probe(
            follows_its_generator,
            says="""Whether (1 is yes) equal seeds give equal numbers, other seeds do, and a second
            call with the same generator does""",
        )(seed + 4),
        probe(
            first_alike,
            says="""For each of ten calls, the first one (they count from 0) that gave the same
            numbers""",
        )(seeds.tolist()),
        says="""Draw from `rng` and from nothing else: with the same seed an experiment can be
        repeated, with another it comes out a little differently.""",
    )
    yield Check(
        "of n pairs that are really drawn",
        probe(
            wobble,
            says="""Over 800 calls with width 1 and n = 25, the mean and the standard deviation of
            the results""",
        )(seed + 3, expect=between([0.85, 0.175], [1.1, 0.7]), tolerance=0.0015),
        *[wavers(width, n, seed + 7) for width, n in zip(widths, pairs, strict=True)],
        says="""With only 25 products the result has to waver, by about a quarter. It would waver
        far more with one query for all keys, and less with more products than were asked for.""",
    )


@exercise.right
def one_pair_at_a_time(widths, n, rng):
    spread = np.zeros(len(widths))
    for i, width in enumerate(widths):
        spread[i] = np.std([rng.normal(size=width) @ rng.normal(size=width) for _ in range(n)])
    return spread


@exercise.right("einsum, both arrays drawn at once, n − 1 below")
def einsum_both_arrays_drawn_at(widths, n, rng):
    draws = (rng.standard_normal((2, n, width)) for width in widths)
    return np.array([np.einsum("nk,nk->n", q, k).std(ddof=1) for q, k in draws])


@exercise.right
def root_of_the_mean_square_about_the_mean(widths, n, rng):
    found = []
    for d in widths:
        products = np.zeros(n)
        for _ in range(d):
            products += rng.normal(0.0, 1.0, n) * rng.normal(0.0, 1.0, n)
        found.append(np.mean((products - products.mean()) ** 2) ** 0.5)
    return np.asarray(found)


exercise.allow_mutant(after="spread.append((q_NK * k_NK).sum(axis=1).std())", reason=LAST)
for line in ("q_NK = -rng.normal(size=(n, width))", "k_NK = -rng.normal(size=(n, width))"):
    exercise.allow_mutant(after=line, reason="A normal number is as likely as its opposite.")


@exercise.plain
def plain(widths, n, rng):
    return np.array(
        [(rng.normal(size=(n, d)) * rng.normal(size=(n, d))).sum(axis=1).std() for d in widths]
    )


plain.slip("""sums-over-the-pairs
    - [(rng.normal(size=(n, d)) * rng.normal(size=(n, d))).sum(axis=1).std() for d in widths]
    + [(rng.normal(size=(n, d)) * rng.normal(size=(n, d))).sum(axis=0).std() for d in widths]
    You added up along the axis of the pairs, so the products of different pairs were mixed, and
    your spread grows with n. One product belongs to one pair: which axis is the width?""")
plain.slip("""scaled-already
    - [(rng.normal(size=(n, d)) * rng.normal(size=(n, d))).sum(axis=1).std() for d in widths]
    + [
    +     (rng.normal(size=(n, d)) * rng.normal(size=(n, d))).sum(axis=1).std() / np.sqrt(d)
    +     for d in widths
    + ]
    Your spread is about 1 at every width. Either you divided by √d already, or you took the spread
    of the single terms before adding them. The raw products q·k are asked for: their spread is to
    be discovered.""")
plain.slip("""scaled-twice
    - (rng.normal(size=(n, d)) * rng.normal(size=(n, d))).sum
    + (rng.normal(size=(n, d)) * rng.normal(size=(n, d))).mean
    Your spread falls with the width, like 1/√d: the products were divided by d, or twice by √d, or
    averaged over the width instead of added. The raw products are asked for.""")


@exercise.wrong
def only_positive(widths, n, rng):
    """Your vectors have numbers between 0 and 1 only, as `rng.random` draws them. Components of
    mean 0 and standard deviation 1 are asked for: what does the mean of your products do as d
    grows?"""
    return np.array([(rng.random((n, d)) * rng.random((n, d))).sum(axis=1).std() for d in widths])


plain.slip("""absolute-values
    - [(rng.normal(size=(n, d)) * rng.normal(size=(n, d))).sum(axis=1).std() for d in widths]
    + [
    +     np.abs(rng.normal(size=(n, d)) * rng.normal(size=(n, d))).sum(axis=1).std()
    +     for d in widths
    + ]
    Your vectors are normal, but all positive. Components of mean 0 are asked for, so that products
    of either sign come out.""")
plain.slip("""uniform
    - [(rng.normal(size=(n, d)) * rng.normal(size=(n, d))).sum(axis=1).std() for d in widths]
    + [
    +     (rng.uniform(-1, 1, (n, d)) * rng.uniform(-1, 1, (n, d))).sum(axis=1).std()
    +     for d in widths
    + ]
    Your components lie between −1 and 1, with a standard deviation of 0.58. Standard normal ones
    are asked for.""")
plain.slip("""variance
    - [(rng.normal(size=(n, d)) * rng.normal(size=(n, d))).sum(axis=1).std() for d in widths]
    + [(rng.normal(size=(n, d)) * rng.normal(size=(n, d))).sum(axis=1).var() for d in widths]
    That is the variance, which grows like d. The standard deviation is its root.""")
plain.slip("""mean-absolute-product
    - [(rng.normal(size=(n, d)) * rng.normal(size=(n, d))).sum(axis=1).std() for d in widths]
    + [
    +     np.abs((rng.normal(size=(n, d)) * rng.normal(size=(n, d))).sum(axis=1)).mean()
    +     for d in widths
    + ]
    You averaged how far the products lie from 0. That is another measure of spread, about four
    fifths of the standard deviation here, which takes squares, their mean, and the root.""")


@exercise.wrong
def plus_minus_one(widths, n, rng):
    """Your components are +1 or −1. Their products spread as far, but the docstring asks for normal
    ones, and at width 1 the results waver too little: every product is 1 or −1."""
    return np.array(
        [
            (rng.choice([-1, 1], size=(n, d)) * rng.choice([-1, 1], size=(n, d))).sum(axis=1).std()
            for d in widths
        ]
    )


@exercise.wrong
def theory_not_measured(widths, n, rng):
    """You returned √width itself, which the measurement is to be compared with. An experiment has
    to be able to prove the theory wrong: draw the vectors."""
    return np.sqrt(np.array(widths))


@exercise.wrong
def query_with_itself(widths, n, rng):
    """You dotted each vector with itself. That is its squared length, which is never negative. A
    query and a key are two vectors, drawn independently."""
    return np.array([(rng.normal(size=(n, d)) ** 2).sum(axis=1).std() for d in widths])


@exercise.wrong
def one_vector_only(widths, n, rng):
    """You added up the components of one vector. Their sum spreads as far as a product does, but it
    is no product: a query and a key have to meet."""
    return np.array([rng.normal(size=(n, d)).sum(axis=1).std() for d in widths])


@exercise.wrong
def one_query_for_all(widths, n, rng):
    """You drew one query and dotted it with all n keys. Then the spread is the length of that one
    query, and wavers with it. Every pair needs a query of its own."""
    return np.array([(rng.normal(size=(n, d)) @ rng.normal(size=d)).std() for d in widths])


@exercise.wrong
def one_pair(widths, n, rng):
    """You drew a single pair for each width. One number has no spread: n pairs are asked for."""
    return np.array([np.std(rng.normal(size=d) @ rng.normal(size=d)) for d in widths])


plain.slip("""mean-instead-of-spread
    - [(rng.normal(size=(n, d)) * rng.normal(size=(n, d))).sum(axis=1).std() for d in widths]
    + [(rng.normal(size=(n, d)) * rng.normal(size=(n, d))).sum(axis=1).mean() for d in widths]
    You took the mean of the products, which is near 0 at every width. How far they lie from it is
    asked for.""")
plain.slip("""own-seed
    - return np.array(
    + rng = np.random.default_rng(0)
    + return np.array(
    You made a generator of your own, so every call draws the same numbers, whatever generator it is
    given. Draw from `rng`.""")
plain.slip("""more-pairs-than-asked
    - rng.normal(size=(n, d)) * rng.normal(size=(n, d))
    + rng.normal(size=(999, d)) * rng.normal(size=(999, d))
    You measured many more products than n. It is steadier, but whoever asks for n pairs wants to see
    how far n pairs can be trusted. (Every query with every key makes n² products.)""")
