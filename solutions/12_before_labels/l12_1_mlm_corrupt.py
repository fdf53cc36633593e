"""Judged by how often things happen: which places are chosen, what stands there, what goes together."""

from math import comb

import numpy as np

from autograder.authoring import (
    CallOf,
    Check,
    Exercise,
    between,
    call,
    every_layout,
    probe,
    seeded,
)

exercise = Exercise(
    "Corrupt a text",
    solve="mlm_corrupt",
    difficulty=3,
    importance=5,
    minutes=15,
    hints="""Three things are drawn for each place by itself: whether it is chosen, what becomes of it
    if it is, and which word would take its place. Which of the two results tells what was chosen,
    also where the word stayed as it was?

    `rng.random(shape) < p` is True with probability p, in each place by itself. Chosen is a place if
    that is so and its id is n_special or more. The target is the old id there, and −1 elsewhere,
    whatever x becomes. A second array of random numbers says which fate: below 0.8 the mask, below
    0.9 another word, else nothing.

    `target_BT = np.where(chosen_BT, ids_BT, -1)`. Begin x as a copy of ids_BT, set `x_BT[chosen_BT &
    (fate_BT < 0.8)] = mask_id`, and where chosen_BT and fate_BT lies between 0.8 and 0.9 put
    `rng.integers(n_special, vocab_size, …)`, a number for each of these places.""",
)

SEEDS = 400


def shares_asked(mlm_corrupt, ids_BT, vocab_size, options, seed, times):
    asked_BT = np.zeros(ids_BT.shape)
    for s in range(times):
        rng = np.random.default_rng([seed, s])
        asked_BT += np.asarray(mlm_corrupt(ids_BT.copy(), rng, vocab_size, **options)[1]) != -1
    return asked_BT / times


def what_stands_there(mlm_corrupt, ids_BT, vocab_size, options, seed, times):
    mask_id, n_special = options.get("mask_id", 2), options.get("n_special", 4)
    counts = np.zeros(5)
    for s in range(times):
        rng = np.random.default_rng([seed, s])
        x_BT, target_BT = map(np.asarray, mlm_corrupt(ids_BT.copy(), rng, vocab_size, **options))
        asked_BT = target_BT != -1
        masked_BT, kept_BT = x_BT == mask_id, x_BT == ids_BT
        word_BT = (x_BT >= n_special) & (x_BT < vocab_size) & ~kept_BT
        for n, there_BT in enumerate((masked_BT, kept_BT, word_BT)):
            counts[n] += (asked_BT & there_BT).sum()
        counts[3] += (asked_BT & ~(masked_BT | kept_BT | word_BT)).sum()
        counts[4] += (~asked_BT & ~kept_BT).sum()
    return counts


def words_put_in(mlm_corrupt, ids_BT, vocab_size, options, seed, times):
    mask_id, counts = options.get("mask_id", 2), np.zeros(vocab_size)
    for s in range(times):
        rng = np.random.default_rng([seed, s])
        x_BT, _ = mlm_corrupt(ids_BT.copy(), rng, vocab_size, **options)
        new = np.asarray(x_BT)[(x_BT != ids_BT) & (x_BT != mask_id)]
        counts += np.bincount(new, minlength=vocab_size)[:vocab_size]
    return counts


def pairs_alike(mlm_corrupt, ids_BT, vocab_size, options, seed, times):
    mask_id, pairs, alike = options.get("mask_id", 2), 0, 0
    for s in range(times):
        rng = np.random.default_rng([seed, s])
        x_BT, _ = mlm_corrupt(ids_BT.copy(), rng, vocab_size, **options)
        new = np.asarray(x_BT)[(x_BT != ids_BT) & (x_BT != mask_id)]
        pairs += len(new) * (len(new) - 1) // 2
        alike += (np.triu(new[:, None] == new, k=1)).sum()
    return np.array([pairs, alike])


def wavering(mlm_corrupt, ids_BT, vocab_size, options, seed, times):
    mask_id, counts = options.get("mask_id", 2), []
    for s in range(times):
        rng = np.random.default_rng([seed, s])
        x_BT, target_BT = mlm_corrupt(ids_BT.copy(), rng, vocab_size, **options)
        asked_BT = np.asarray(target_BT) != -1
        masked_BT = asked_BT & (np.asarray(x_BT) == mask_id)
        counts.append([[*each.sum(axis=1), each.sum()] for each in (asked_BT, masked_BT)])
    return np.std(counts, axis=0)


def first_alike(mlm_corrupt, ids_BT, vocab_size, seeds):
    import random

    found, moved = [], 0
    for n, seed in enumerate(seeds):
        random.seed(n)  # who draws from these draws something else each time
        np.random.seed(n)
        before = np.random.get_state()[1].tolist(), random.getstate()
        both = mlm_corrupt(ids_BT.copy(), np.random.default_rng(seed), vocab_size, p=0.5)
        moved += before != (np.random.get_state()[1].tolist(), random.getstate())
        found.append([np.asarray(each).tolist() for each in both])
    return np.array([found.index(each) for each in found] + [moved])


def kinds(mlm_corrupt, ids_BT, vocab_size, p, seed):
    both = mlm_corrupt(ids_BT, np.random.default_rng(seed), vocab_size, p=p)
    return {
        name: "whole numbers" if np.asarray(each).dtype.kind == "i" else "others"
        for name, each in zip(("x", "target"), both, strict=True)
    }


def text(rng: np.random.Generator, words: list[int], T: int, V: int, n_special: int) -> np.ndarray:
    """ids_BT: so many words in each row, specials between them, and pads behind."""
    ids_BT = np.zeros((len(words), T), int)
    for row, n in zip(ids_BT, words, strict=True):
        specials = int(rng.integers(1, n_special)), n_special - 1
        row[: n + 2] = rng.permutation([*rng.integers(n_special, V, n), *specials])
    return ids_BT


def drawn_text(rng: np.random.Generator, V: int, n_special: int) -> np.ndarray:
    return text(rng, rng.permutation([3, 6, 9]).tolist(), 11, V, n_special)


def short_text(rng: np.random.Generator, V: int, n_special: int) -> np.ndarray:
    return text(rng, rng.permutation([2, 5]).tolist(), 8, V, n_special)


def about(mean: np.ndarray, variance: np.ndarray) -> object:
    """Bounds at 5.5 standard deviations of a sum of many draws."""
    far = 5.5 * np.sqrt(variance)
    return between(np.maximum(mean - far, 0), mean + far)


@exercise.checks
def checks(rng):
    seed = int(rng.integers(10_000))
    yield Check(
        "all words asked for, or none",
        call(np.array([[7, 2, 5, 0], [4, 9, 1, 3]]), seeded(seed), 10, p=1.0),
        call(short_text(rng, 12, 4), seeded(seed), 12, p=1.0),
        call(short_text(rng, 20, 4), seeded(seed), 20, p=0.0),
        call(
            short_text(rng, 9, 2).astype(np.int32), seeded(seed), 9, p=1.0, mask_id=1, n_special=2
        ),
        call(short_text(rng, 15, 6), seeded(seed), 15, p=1.0, mask_id=5, n_special=6),
        says="""With p = 1 every word is asked for, and with p = 0 none. Where nothing is asked the
        target is −1; ids below n_special are no words and never asked for.""",
        part=1,
    )
    own = {"mask_id": 1, "n_special": 5}
    settings = [(12, {}), (9, {"p": 0.5, **own}), (30, {"p": 0.7})]

    def asked(V: int, options: dict) -> CallOf:
        ids_BT = drawn_text(rng, V, options.get("n_special", 4))
        p = options.get("p", 0.15)
        share_BT = np.where(ids_BT >= options.get("n_special", 4), p, 0.0)
        return probe(
            shares_asked,
            says=f"The share of {SEEDS} calls in which a place was asked for",
        )(
            ids_BT,
            V,
            options,
            seed + 1,
            SEEDS,
            expect=about(share_BT, share_BT * (1 - share_BT) / SEEDS),
            tolerance=0.01,
        )

    yield Check(
        "each word with probability p",
        *(asked(V, options) for V, options in settings),
        says="""Every word is chosen with probability p, 0.15 if nothing is said, and so is each in a
        row of three words or of fifty. Whatever becomes of it, it is asked for.""",
        points=2,
    )

    def fates(V: int, options: dict) -> CallOf:
        n_special = options.get("n_special", 4)
        ids_BT = text(rng, rng.permutation(np.arange(3, 12))[:3].tolist(), 13, V, n_special)
        p, old = options.get("p", 0.15), 1 / (V - n_special)
        shares = np.array([0.8, 0.1 + 0.1 * old, 0.1 - 0.1 * old, 0, 0]) * p
        words = SEEDS * int((ids_BT >= n_special).sum())
        return probe(
            what_stands_there,
            says=f"""How often, in {SEEDS} calls, in a place that was asked for there stood the mask,
            the old word, another word, something else; and how often x changed elsewhere,""",
        )(
            ids_BT,
            V,
            options,
            seed + 2,
            SEEDS,
            expect=about(words * shares, words * shares * (1 - shares)),
            tolerance=0.004,
        )

    some_p, other_p = (round(float(p), 2) for p in rng.uniform(0.3, 0.9, 2))
    yield Check(
        "80 % the mask, 10 % some word, 10 % as they were",
        fates(40, {"p": some_p}),
        fates(30, {"p": other_p, **own}),
        says="""Of the words that are asked for, 80 % become mask_id, 10 % a word by chance, and 10 %
        stay. All others stay as they are.""",
        points=2,
    )

    def put_in(V: int, options: dict) -> CallOf:
        n_special = options.get("n_special", 4)
        ids_BT = drawn_text(rng, V, n_special)
        ids = ids_BT[ids_BT >= n_special]
        others_V = len(ids) - np.bincount(ids, minlength=V)
        mean_V = np.where(np.arange(V) < n_special, 0, SEEDS * others_V * 0.1 / (V - n_special))
        return probe(
            words_put_in,
            says=f"""How often, in {SEEDS} calls, the ids 0, 1, 2 … were put in the place of another
            word,""",
        )(
            ids_BT,
            V,
            {"p": 1.0, **options},
            seed + 3,
            SEEDS,
            expect=about(mean_V, mean_V),
            tolerance=0.02,
        )

    def alike(words: int, V: int) -> CallOf:
        word = int(rng.integers(4, V))  # the same everywhere: all others are equally likely
        q, old = 0.1 * (V - 5) / (V - 4), 1 / (V - 5)
        pmf = [comb(words, n) * q**n * (1 - q) ** (words - n) for n in range(words + 1)]
        pairs, square, alike_square = (
            sum(share * amount(comb(n, 2)) for n, share in enumerate(pmf))
            for amount in (
                lambda c: c,
                lambda c: c**2,
                lambda c: c * old * (1 - old) + (c * old) ** 2,
            )
        )
        mean = np.array([pairs, pairs * old])
        variance = np.array([square, alike_square]) - mean**2
        return probe(
            pairs_alike,
            says=f"""How many pairs of words were put in by the same call, in {SEEDS} calls, and how
            many of them were twice the same word,""",
        )(
            np.full((2, words // 2), word),
            V,
            {"p": 1.0},
            seed + 4,
            SEEDS,
            expect=about(SEEDS * mean, SEEDS * variance),
            tolerance=0.02,
        )

    few = rng.permutation([9, 10, 11, 12, 13])[:2].tolist()
    yield Check(
        "any word put in, each drawn by itself",
        put_in(few[0], {}),
        put_in(few[1], {"mask_id": 0, "n_special": 3}),
        *(
            alike(int(n), V)
            for n, V in zip(rng.permutation([24, 30, 38, 46])[:2], few, strict=True)
        ),
        says="""The word that is put in is drawn anew for each place, and each id from n_special to
        vocab_size − 1 is equally likely.""",
    )

    def spread(p: float) -> CallOf:
        words = rng.permutation([3, 6, 12])
        n = np.append(words, words.sum())
        share = np.array([[p], [0.8 * p]])
        variance = n * share * (1 - share)
        peaked = 2 + (1 - 6 * share * (1 - share)) / variance  # kurtosis − 1
        far = 5.5 * 0.5 * np.sqrt(peaked / SEEDS)
        return probe(
            wavering,
            says=f"""The standard deviations, over {SEEDS} calls, of how many places were asked for in
            each row and altogether, and of how many became the mask,""",
        )(
            text(rng, words.tolist(), 15, 30, 4),
            30,
            {"p": p},
            seed + 5,
            SEEDS,
            expect=between(np.sqrt(variance) * (1 - far), np.sqrt(variance) * (1 + far)),
            tolerance=0.02,
        )

    yield Check(
        "each place by itself",
        *(spread(round(float(p), 2)) for p in rng.uniform(0.35, 0.65, 2)),
        says="""What is drawn for one place tells nothing of another, in the same row or in the next:
        how many are asked for is itself left to chance.""",
    )
    seeds = [
        rng.permutation(np.repeat(rng.choice(999, 5, replace=False), [3, 2, 2, 2, 1])).tolist()
        for _ in range(2)
    ]
    yield Check(
        "draws from the generator it is given",
        *(
            probe(
                first_alike,
                says="""For each of some calls, the first one (they count from 0) that gave the same
                x and targets, and at last how often another generator was moved,""",
            )(text(rng, [25, 31], 35, 90, 4), 90, each)
            for each in seeds
        ),
        says="""Draw from `rng` and from nothing else: the same seed gives the same text, another seed
        another one, and nobody else's generator is moved or read.""",
    )
    yield Check(
        "whole numbers, and the text left alone",
        *every_layout(call(short_text(rng, 16, 4), seeded(seed + 6), 16, p=1.0)),
        call(short_text(rng, 8, 4).astype(np.int32), seeded(seed + 6), 8, p=0.0),
        says="The text is needed as it was, for the next round.",
        judges="inputs untouched",
        part=1,
    )
    yield Check(
        "ids of a signed kind",
        *(
            probe(kinds, says="What was returned")(drawn_text(rng, 16, 4).astype(dtype), 16, p, 3)
            for dtype, p in (("int32", 0.5), ("int64", 0.5), ("int64", 0.0))
        ),
        call(short_text(rng, 18, 4), seeded(seed + 6), 18, p=0.0),
        says="Ids look up rows of a table, and −1 is below 0: both are whole numbers, with a sign.",
    )


@exercise.right("one number for each place, split in three")
def one_number_split(ids_BT, rng, vocab_size, p=0.15, mask_id=2, n_special=4):
    u_BT = np.where(ids_BT >= n_special, rng.random(ids_BT.shape), 1.0)
    x_BT = np.where(u_BT < 0.8 * p, mask_id, ids_BT)
    some_BT = (u_BT >= 0.8 * p) & (u_BT < 0.9 * p)
    x_BT[some_BT] = rng.integers(n_special, vocab_size, some_BT.sum())
    return x_BT, np.where(u_BT < p, ids_BT, -1)


@exercise.right("a loop over places")
def a_loop_over_places(ids_BT, rng, vocab_size, p=0.15, mask_id=2, n_special=4):
    x_BT, target_BT = np.array(ids_BT), np.full(ids_BT.shape, -1)
    for b in range(ids_BT.shape[0]):
        for t in range(ids_BT.shape[1]):
            if ids_BT[b, t] < n_special or rng.random() >= p:
                continue
            target_BT[b, t] = ids_BT[b, t]
            fate = rng.random()
            if fate < 0.8:
                x_BT[b, t] = mask_id
            elif fate < 0.9:
                x_BT[b, t] = rng.integers(n_special, vocab_size)
    return x_BT, target_BT


@exercise.right("the places that are chosen, in one row")
def places_in_one_row(ids_BT, rng, vocab_size, p=0.15, mask_id=2, n_special=4):
    words_N = np.flatnonzero(ids_BT >= n_special)
    asked_N = words_N[rng.binomial(1, p, len(words_N)) == 1]
    target, x = np.repeat(-1, ids_BT.size), ids_BT.flatten()
    target[asked_N] = x[asked_N]
    changed_N = asked_N[rng.random(len(asked_N)) >= 0.1]
    some_N = rng.random(len(changed_N)) < 1 / 9
    new_N = n_special + (rng.random(len(changed_N)) * (vocab_size - n_special)).astype(int)
    x[changed_N] = np.where(some_N, new_N, mask_id)
    return x.reshape(ids_BT.shape), target.reshape(ids_BT.shape)


exercise.allow_mutant(
    after="chosen_BT = (rng.random(ids_BT.shape) <= p) & (ids_BT >= n_special)",
    reason="A random number is exactly p about once in 10¹⁶ times.",
)

for after in (
    "fate_BT = rng.choice(3, size=chosen_BT.shape, p=[0.8, 0.1, 0.1])",
    "word_BT = rng.integers(n_special, vocab_size, size=chosen_BT.shape)",
    "word_BT = rng.integers(n_special, vocab_size, size=fate_BT.shape)",
):
    exercise.allow_mutant(after=after, reason="All of them have the shape of the text.")


@exercise.plain
def plain(ids_BT, rng, vocab_size, p=0.15, mask_id=2, n_special=4):
    x = ids_BT.copy()
    target = np.full(ids_BT.shape, -1)
    chosen = (ids_BT >= n_special) & (rng.random(ids_BT.shape) < p)
    target[chosen] = ids_BT[chosen]
    u = rng.random(ids_BT.shape)
    masked = chosen & (u < 0.8)
    other = chosen & (u >= 0.8) & (u < 0.9)
    x[masked] = mask_id
    x[other] = rng.integers(n_special, vocab_size, other.sum())
    return x, target


plain.slip("""specials-chosen
    - chosen = (ids_BT >= n_special) & (rng.random(ids_BT.shape) < p)
    + chosen = rng.random(ids_BT.shape) < p
    You choose among all ids. Pads, unknown words and the other ids below n_special are no words: the
    model would spend its time on guessing pads.""")
plain.slip("""only-pads-spared
    - chosen = (ids_BT >= n_special) & (rng.random(ids_BT.shape) < p)
    + chosen = (ids_BT > 0) & (rng.random(ids_BT.shape) < p)
    You spare the pads only. Unknown, mask and end are no words either: all ids below n_special stay
    as they are.""")
plain.slip("""first-word-spared
    - chosen = (ids_BT >= n_special) & (rng.random(ids_BT.shape) < p)
    + chosen = (ids_BT > n_special) & (rng.random(ids_BT.shape) < p)
    You never choose the word whose id is n_special. Words begin with it.""")
plain.slip("""targets-everywhere
    - target = np.full(ids_BT.shape, -1)
    + target = ids_BT.copy()
    Your target holds the old id everywhere. Most places show their word: a model that is asked for
    it learns to copy. Where nothing was chosen the target is −1.""")
plain.slip("""all-words-asked
    - target[chosen] = ids_BT[chosen]
    + target[ids_BT >= n_special] = ids_BT[ids_BT >= n_special]
    You ask for every word, chosen or not. A word that wasn't chosen can be read off, and is no
    question: its target is −1.""")
plain.slip("""kept-ones-not-asked
    - return x, target
    + target[x == ids_BT] = -1
    + return x, target
    You don't ask for chosen words that stayed as they were. They are asked for, too: that is why the
    model can't simply believe a word it sees.""")
plain.slip("""masked-only-asked
    - target[chosen] = ids_BT[chosen]
    - u = rng.random(ids_BT.shape)
    - masked = chosen & (u < 0.8)
    + u = rng.random(ids_BT.shape)
    + masked = chosen & (u < 0.8)
    + target[masked] = ids_BT[masked]
    You ask for the masked words only. All chosen words are asked for: those that became another word
    and those that stayed, too.""")
plain.slip("""new-ids-as-targets
    - return x, target
    + target[chosen] = x[chosen]
    + return x, target
    Your targets are what stands in x after the change. Asked for is the word that stood there
    before.""")
plain.slip("""zero-for-not-asked
    - target = np.full(ids_BT.shape, -1)
    + target = np.zeros_like(ids_BT)
    Where nothing is asked your target is 0. That is a pad's id, and a loss would ask for pads: −1
    says that nothing is asked.""")
plain.slip("""special-ids-put-in
    - rng.integers(n_special, vocab_size, other.sum())
    + rng.integers(0, vocab_size, other.sum())
    The words you put in may be pads, masks or other ids below n_special. They begin with
    n_special.""")
plain.slip("""last-word-never-put-in
    - rng.integers(n_special, vocab_size, other.sum())
    + rng.integers(n_special, vocab_size - 1, other.sum())
    You never put in the last word of the vocabulary: `rng.integers` leaves out its upper end by
    itself.""")
plain.slip("""one-word-put-in-everywhere
    - rng.integers(n_special, vocab_size, other.sum())
    + rng.integers(n_special, vocab_size)
    You drew one word, and put it into all places. Each place gets a word of its own.""")
plain.slip("""words-from-the-text-put-in
    - x[other] = rng.integers(n_special, vocab_size, other.sum())
    + x[other] = rng.choice(ids_BT[ids_BT >= n_special], other.sum()) if other.any() else 0
    The words you put in are drawn from the text, so frequent ones come often and most never. Draw
    them evenly from the whole vocabulary.""")
plain.slip("""always-the-mask
    - x[masked] = mask_id
    - x[other] = rng.integers(n_special, vocab_size, other.sum())
    + x[chosen] = mask_id
    You put the mask in every chosen place. Then the model never has to look at a word that it can
    see, and later, in texts without masks, it sees nothing but such words. 10 % become another word,
    10 % stay.""")
plain.slip("""none-kept
    - other = chosen & (u >= 0.8) & (u < 0.9)
    + other = chosen & (u >= 0.8)
    You put another word in 20 % of the chosen places and keep none. 10 % stay as they are.""")
plain.slip("""ten-percent-of-the-rest
    - other = chosen & (u >= 0.8) & (u < 0.9)
    + other = chosen & ~masked & (rng.random(ids_BT.shape) < 0.1)
    You took 10 % of those that are not masked: 2 % of the chosen words become another word and 18 %
    stay. 10 % of all chosen words is half of the rest.""")
plain.slip("""mask-and-word-swapped
    - masked = chosen & (u < 0.8)
    - other = chosen & (u >= 0.8) & (u < 0.9)
    + masked = chosen & (u >= 0.8) & (u < 0.9)
    + other = chosen & (u < 0.8)
    You put another word in 80 % of the chosen places and the mask in 10 %. It is the other way
    round.""")
plain.slip("""one-fate-for-all
    - u = rng.random(ids_BT.shape)
    + u = np.full(ids_BT.shape, rng.random())
    You drew once what becomes of the chosen words, for all of them: in one text they are all masked,
    in another all stay. Draw it for each place.""")
plain.slip("""same-places-in-each-row
    - (rng.random(ids_BT.shape) < p)
    + (rng.random(ids_BT.shape[1]) < p)
    In all rows you choose the same places. Each place of each text is drawn by itself.""")


@exercise.wrong
def so_many_in_each_row(ids_BT, rng, vocab_size, p=0.15, mask_id=2, n_special=4):
    """You choose a fixed number of words, a share p of each row, rounded. Then a row of three words
    is asked too often or never. Each word is chosen by itself, and how many there are is left to
    chance."""
    x, target = ids_BT.copy(), np.full(ids_BT.shape, -1)
    for b in range(len(ids_BT)):
        places = np.flatnonzero(ids_BT[b] >= n_special)
        for t in rng.permutation(places)[: round(p * len(places))]:
            target[b, t], u = ids_BT[b, t], rng.random()
            if u < 0.8:
                x[b, t] = mask_id
            elif u < 0.9:
                x[b, t] = rng.integers(n_special, vocab_size)
    return x, target


@exercise.wrong
def so_many_in_the_batch(ids_BT, rng, vocab_size, p=0.15, mask_id=2, n_special=4):
    """You choose a fixed number of words of the whole batch, a share p, rounded. Each word is chosen
    by itself, and how many there are is left to chance."""
    x, target = ids_BT.copy(), np.full(ids_BT.shape, -1)
    places = np.argwhere(ids_BT >= n_special)
    for b, t in rng.permutation(places)[: round(p * len(places))]:
        target[b, t], u = ids_BT[b, t], rng.random()
        if u < 0.8:
            x[b, t] = mask_id
        elif u < 0.9:
            x[b, t] = rng.integers(n_special, vocab_size)
    return x, target


plain.slip("""share-of-all-places
    - (rng.random(ids_BT.shape) < p)
    + (rng.random(ids_BT.shape) < p * ids_BT.size / max(1, (ids_BT >= n_special).sum()))
    You choose so many words that they are a share p of all places, pads counted. Each *word* is
    chosen with probability p.""")
plain.slip("""p-of-the-masks
    - (rng.random(ids_BT.shape) < p)
    + (rng.random(ids_BT.shape) < min(p / 0.8, 1))
    You choose so many words that a share p is masked. p is the probability of being chosen, whatever
    happens then.""")
plain.slip("""p-stays-away
    - (rng.random(ids_BT.shape) < p)
    + (rng.random(ids_BT.shape) >= p)
    You choose with probability 1 − p. A random number from 0 to 1 is below p with probability p.""")
plain.slip("""p-left-at-its-default
    - (rng.random(ids_BT.shape) < p)
    + (rng.random(ids_BT.shape) < 0.15)
    You choose 15 % of the words whatever p is. Use p.""")
plain.slip("""ids-taken-for-granted
    - chosen = (ids_BT >= n_special) & (rng.random(ids_BT.shape) < p)
    + chosen = (ids_BT >= 4) & (rng.random(ids_BT.shape) < p)
    - x[masked] = mask_id
    - x[other] = rng.integers(n_special, vocab_size, other.sum())
    + x[masked] = 2
    + x[other] = rng.integers(4, vocab_size, other.sum())
    You wrote 2 for the mask and 4 for the first word. Another vocabulary has other ids: use mask_id
    and n_special.""")
plain.slip("""chosen-twice
    - u = rng.random(ids_BT.shape)
    + chosen = (ids_BT >= n_special) & (rng.random(ids_BT.shape) < p)
    + u = rng.random(ids_BT.shape)
    You drew twice which places are chosen: once for the targets, once for x. So the model is asked for
    words it can see, and never for some that are hidden.""")
plain.slip("""results-swapped
    - return x, target
    + return target, x
    You returned the targets first. What the model reads, x, is the first result.""")
plain.slip("""changes-the-text
    - x = ids_BT.copy()
    + x = ids_BT
    - target[chosen] = ids_BT[chosen]
    + target[chosen] = ids_BT[chosen].copy()
    You hid the words in the caller's own text. Next time they are to be hidden anew, and are gone.
    Work on a copy.""")
plain.slip("""as-floats
    - target = np.full(ids_BT.shape, -1)
    + target = np.full(ids_BT.shape, -1.0)
    Your targets have a decimal point. They are ids, so whole numbers are asked for: `-1.0` makes an
    array of floats.""")
plain.slip("""own-seed
    - x = ids_BT.copy()
    + rng = np.random.default_rng(0)
    + x = ids_BT.copy()
    You made a generator of your own, so the same places are hidden in every call, whatever generator
    it is given. Then the model learns these by heart. Draw from `rng`.""")
plain.slip("""global-generator
    - x = ids_BT.copy()
    + rng = np.random.default_rng(np.random.randint(9999))
    + x = ids_BT.copy()
    You drew from `np.random`, the generator that everybody shares. Whoever repeats the run with the
    same `rng` gets other texts. Draw from `rng`.""")
