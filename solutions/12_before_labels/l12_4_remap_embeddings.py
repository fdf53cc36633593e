"""Rows that are kept are judged by their numbers, rows that are drawn by thousands of them: their mean,
their spread and how they are distributed."""

import numpy as np

from autograder.authoring import (
    CallOf,
    Check,
    Exercise,
    between,
    every_layout,
    normal,
    probe,
)

exercise = Exercise(
    "Move the embeddings",
    solve="remap_embeddings",
    difficulty=2,
    importance=4,
    minutes=12,
    hints="""Which word is the key to everything: what is at id 7 here and what is at id 7 there have
    nothing to do with each other. How many rows has the new table, if its highest id is 9?

    Collect the words of vocab_to that are in vocab_from as well. Row `vocab_to[word]` of the new
    table is row `vocab_from[word]` of the old one. All others are drawn, with one standard deviation
    for all: that of the numbers in the rows you copied.

    Draw the whole table first, `rng.normal(0.0, kept_SD.std(), (M, D))` with
    M = `max(vocab_to.values()) + 1` and kept_SD the shared words' rows of E_ND; then write over it:
    the shared words' rows, row 0 with zeros, row 1 with `E_ND[1]`.""",
)


def rows_of_words(remap_embeddings, E_ND, vocab_from, vocab_to, seed):
    E_MD = remap_embeddings(E_ND, dict(vocab_from), dict(vocab_to), np.random.default_rng(seed))
    shared = [id for word, id in vocab_to.items() if word in vocab_from]
    return np.asarray(E_MD)[[0, 1, *shared]]


def shape(remap_embeddings, E_ND, vocab_from, vocab_to, seed):
    E_MD = remap_embeddings(E_ND, dict(vocab_from), dict(vocab_to), np.random.default_rng(seed))
    return np.array(np.shape(E_MD))


def changed_dicts(remap_embeddings, E_ND, vocab_from, vocab_to, seed):
    one, other = dict(vocab_from), dict(vocab_to)
    E_MD = remap_embeddings(E_ND, one, other, np.random.default_rng(seed))
    shared = [id for word, id in vocab_to.items() if word in vocab_from]
    same = list(one.items()) == list(vocab_from.items()), list(other.items()) == [*vocab_to.items()]
    return {"rows": np.asarray(E_MD)[shared], "vocabularies as they were": all(same)}


def new_numbers(remap_embeddings, E_ND, vocab_from, words, new, seed):
    there = {word: 4 + n for n, word in enumerate(words)}
    there |= {f"new{n}": 4 + len(words) + n for n in range(new)}
    E_MD = remap_embeddings(E_ND, dict(vocab_from), there, np.random.default_rng(seed))
    new_ND = np.asarray(E_MD, float)[4 + len(words) :]
    spread, half = new_ND.std(), new_ND.shape[1] // 2
    return np.array(
        [
            1 + new_ND.mean() / max(spread, 1e-9),
            spread,
            new_ND[:, :half].std(),
            new_ND[:, half:].std(),
            (abs(new_ND - new_ND.mean()) < spread).mean(),
            len(np.unique(new_ND)) / new_ND.size,
        ]
    )


def first_alike(remap_embeddings, E_ND, vocab_from, vocab_to, new, seeds):
    import random

    found, moved = [], 0
    for n, seed in enumerate(seeds):
        random.seed(n)
        np.random.seed(n)
        before = np.random.get_state()[1].tolist(), random.getstate()
        E_MD = remap_embeddings(
            E_ND.copy(), dict(vocab_from), dict(vocab_to), np.random.default_rng(seed)
        )
        moved += before != (np.random.get_state()[1].tolist(), random.getstate())
        found.append(np.asarray(E_MD)[new].tolist())
    return np.array([found.index(each) for each in found] + [moved])


NAMES = [
    "good",
    "bad",
    "film",
    "plot",
    "dull",
    "great",
    "story",
    "actor",
    "scene",
    "slow",
    "funny",
    "long",
    "music",
    "cast",
    "true",
    "script",
    "weak",
    "fine",
    "short",
    "loud",
    "brave",
    "quiet",
    "clever",
    "silly",
    "sharp",
    "warm",
    "cold",
    "rich",
    "poor",
    "odd",
]


def vocabulary(rng: np.random.Generator, words: list[str], holes: int = 0) -> dict[str, int]:
    """Words with ids from 4 on, in no order, some ids left out."""
    ids = 4 + rng.permutation(len(words) + holes)[: len(words)]
    return {str(word): int(id) for word, id in zip(rng.permutation(words), ids, strict=True)}


def case(rng: np.random.Generator, shared: int, old: int, new: int, D: int) -> tuple:
    """A table and two vocabularies: so many words in both, in the old alone, in the new alone."""
    words = rng.permutation(NAMES).tolist()
    both, gone, come = (
        words[:shared],
        words[shared : shared + old],
        words[shared + old :][:new],
    )
    vocab_from = vocabulary(rng, [*both, *gone], holes=1)
    vocab_to = vocabulary(rng, [*both, *come], holes=2)
    return normal(rng, max(vocab_from.values()) + 1, D), vocab_from, vocab_to


def drawn(rng: np.random.Generator, new: int, D: int) -> CallOf:
    """Thousands of new numbers: bounds at 5.5 standard deviations or more of what is measured."""
    words = rng.permutation(NAMES).tolist()
    vocab_from = vocabulary(rng, words)
    shared = words[: int(rng.integers(14, 19))]
    scale, middle = float(rng.uniform(0.2, 2.0)), float(rng.choice([-0.7, 0.7]))
    wide_D = np.repeat(rng.permutation([0.6, 1.4]), D // 2)
    E_ND = normal(rng, len(words) + 4, D, scale=scale, decimals=4) * wide_D + middle * scale
    kept = [vocab_from[word] for word in shared]
    others = np.setdiff1d(np.arange(4, len(E_ND)), kept)
    E_ND[others] *= 3  # the words that aren't kept are spread more widely
    E_ND[1] = E_ND[kept[0]][::-1]
    E_ND = np.round(E_ND, 4)
    spread, size = E_ND[kept].std(), new * D
    far = np.array([5.5 / size**0.5, 0.1 * spread, 0.12 * spread, 0.12 * spread])
    share = 5.5 * (0.683 * 0.317 / size) ** 0.5
    return probe(
        new_numbers,
        says=f"""Of the {new} × {D} numbers of new words: 1 + mean/spread, the spread (standard
        deviation), that of the first and of the last half of the columns, the share of numbers nearer
        than that to the mean, and the share of different ones,""",
    )(
        E_ND,
        vocab_from,
        shared,
        new,
        int(rng.integers(999)),
        expect=between(
            [*(np.array([1, spread, spread, spread]) - far), 0.683 - share, 0.99],
            [*(np.array([1, spread, spread, spread]) + far), 0.683 + share, 1],
        ),
        tolerance=0.01,
    )


@exercise.checks
def checks(rng):
    rows = probe(rows_of_words, says="Rows 0 and 1 and those of the words that both know")
    seed = int(rng.integers(999))
    E_ND = np.array([[9.0, 9.0], [5.0, 6.0], [0.0, 1.0], [1.0, 0.0], [1.5, 2.5], [3.5, 4.5]])
    yield Check(
        "two words change places",
        rows(E_ND, {"good": 4, "film": 5}, {"film": 4, "good": 5}, seed),
        rows(*case(rng, 2, 1, 1, 3), seed),
        says="""A word keeps its vector wherever its id has moved to. Row 0 is zero, row 1 that of the
        unknown word.""",
    )
    yield Check(
        "rows by word",
        rows(*case(rng, 5, 3, 2, 3), seed),
        rows(*case(rng, 4, 6, 5, 4), seed),
        rows(*case(rng, 6, 0, 3, 2), seed),
        rows(*case(rng, 7, 5, 0, 3), seed),
        says="The row of a word in the new table is its row in the old one, to the last digit.",
        points=2,
    )
    size = probe(shape, says="The shape of the new table")
    many = rng.permutation(np.arange(2, 14)).tolist()
    yield Check(
        "as many rows as ids",
        *(size(*case(rng, many[n], many[3 + n], many[6 + n], many[9 + n]), seed) for n in range(3)),
        says="""The highest id of vocab_to has a row, so there is one row more than that; ids may be
        left out on the way. A row has as many numbers as before.""",
    )
    sizes = rng.permutation([[160, 24], [120, 32], [220, 20]]).tolist()
    yield Check(
        "new words",
        *(drawn(rng, new, D) for new, D in sizes),
        says="""Every number of a new word's row is drawn by itself, from a normal distribution of mean
        0. Its standard deviation is that of all numbers in the rows that were kept, so that new words
        are as long as old ones.""",
        points=2,
    )
    seeds = [
        rng.permutation(np.repeat(rng.choice(999, 5, replace=False), [3, 2, 2, 2, 1])).tolist()
        for _ in range(2)
    ]

    def alike(given: list[int]) -> CallOf:
        E_ND, vocab_from, vocab_to = case(rng, 5, 3, 6, 4)
        new = [id for word, id in vocab_to.items() if word not in vocab_from]
        return probe(
            first_alike,
            says="""For each of some calls, the first one (they count from 0) that gave the same rows
            to new words, and at last how often another generator was moved,""",
        )(E_ND, vocab_from, vocab_to, new, given)

    yield Check(
        "draws from the generator it is given",
        *(alike(each) for each in seeds),
        says="""Draw from `rng` and from nothing else: the same seed gives the same rows, another seed
        others, and nobody else's generator is moved or read.""",
    )
    untouched = probe(changed_dicts, says="What was found afterwards")
    layouts = [
        each for D in (2, 3) for each in every_layout(untouched(*case(rng, 3, 2, 2, D), seed))
    ]
    yield Check(
        "any arrays, inputs left alone",
        *layouts,
        says="The old table and both vocabularies are needed again.",
        judges="inputs untouched",
    )


@exercise.right("a loop over words")
def a_loop_over_words(E_ND, vocab_from, vocab_to, rng):
    M, D = max(vocab_to.values()) + 1, E_ND.shape[1]
    numbers = [E_ND[n] for word, n in vocab_from.items() if word in vocab_to]
    spread = np.std(np.array(numbers))
    E_MD = np.zeros((M, D))
    E_MD[1] = E_ND[1]
    for word, place in vocab_to.items():
        if word in vocab_from:
            E_MD[place] = E_ND[vocab_from[word]]
        else:
            E_MD[place] = rng.normal(scale=spread, size=D)
    return E_MD


@exercise.right("a row of sources, and np.where")
def a_row_of_sources(E_ND, vocab_from, vocab_to, rng):
    source_M = np.full(1 + max(vocab_to.values()), -1)
    source_M[1] = 1
    for word in vocab_to.keys() & vocab_from.keys():
        source_M[vocab_to[word]] = vocab_from[word]
    kept_M1 = (source_M >= 0)[:, None]
    spread = E_ND[source_M[source_M >= 0]].std()
    E_MD = np.where(
        kept_M1, E_ND[source_M], spread * rng.standard_normal((len(source_M), E_ND.shape[1]))
    )
    E_MD[0] *= 0
    return E_MD.astype(E_ND.dtype)


@exercise.right("rows 1, 2 and 3 kept, one dict turned round")
def one_dict_turned_round(E_ND, vocab_from, vocab_to, rng):
    word_of = {id: word for word, id in vocab_to.items()}
    M = max(word_of) + 1
    old = [vocab_from.get(word_of.get(m, ""), m if 0 < m < 4 else None) for m in range(M)]
    kept = E_ND[[n for m, n in enumerate(old) if n is not None and m > 3]]
    spread = kept.std(ddof=1)
    drawn = rng.normal(0, spread, size=(M, E_ND.shape[1]))
    rows = [drawn[m] if n is None else E_ND[n] for m, n in enumerate(old)]
    return np.stack([np.zeros(E_ND.shape[1]), *rows[1:]])


exercise.allow_mutant(
    after="E_MD = -rng.normal(0.0, kept_SD.std(), (max(vocab_to.values()) + 1, E_ND.shape[1]))",
    reason="A normal distribution of mean 0 is the same when it is turned round.",
)


@exercise.plain
def plain(E_ND, vocab_from, vocab_to, rng):
    D = E_ND.shape[1]
    M = max(vocab_to.values()) + 1
    kept = [vocab_from[word] for word in vocab_from if word in vocab_to]
    scale = E_ND[kept].std()
    E_MD = np.zeros((M, D))
    E_MD[1] = E_ND[1]
    for word, m in vocab_to.items():
        if word in vocab_from:
            E_MD[m] = E_ND[vocab_from[word]]
        else:
            E_MD[m] = rng.normal(0, scale, D)
    return E_MD


plain.slip("""by-id
    - E_MD[m] = E_ND[vocab_from[word]]
    + E_MD[m] = E_ND[min(m, len(E_ND) - 1)]
    You copied rows by id. The same id is another word there: look the word up in vocab_from.""")


@exercise.wrong
def by_id_and_all_of_them(E_ND, vocab_from, vocab_to, rng):
    """You copied the old table row by row and only filled up what was missing. The same id is another
    word in the other vocabulary: look each word up in vocab_from."""
    M = max(vocab_to.values()) + 1
    E_MD = rng.normal(0, E_ND.std(), (M, E_ND.shape[1]))
    E_MD[: len(E_ND)] = E_ND[:M]
    E_MD[0] = 0
    return E_MD


plain.slip("""in-the-order-of-the-words
    - for word, m in vocab_to.items():
    + place = {word: n for word, n in zip(vocab_to, sorted(vocab_to.values()))}
    + for word, m in place.items():
    You went by the order in which the words stand in the dict. It says nothing of their ids: take
    the id that belongs to each word.""")
plain.slip("""from-and-to-swapped
    - E_MD[m] = E_ND[vocab_from[word]]
    + E_MD[vocab_from[word] % M] = E_ND[min(m, len(E_ND) - 1)]
    You read the old table at the new id and wrote to the new table at the old one. It is the other
    way round.""")
plain.slip("""new-words-zero
    - E_MD[m] = rng.normal(0, scale, D)
    + E_MD[m] = 0
    The rows of your new words are zero. Then they are all the same word, and a pad besides: draw
    them.""")
plain.slip("""new-words-unknown
    - E_MD[m] = rng.normal(0, scale, D)
    + E_MD[m] = E_ND[1]
    You gave all new words the row of the unknown word. Then nothing tells them apart: draw a row for
    each.""")
plain.slip("""one-row-for-all-new-words
    - for word, m in vocab_to.items():
    + new = rng.normal(0, scale, D)
    + for word, m in vocab_to.items():
    - E_MD[m] = rng.normal(0, scale, D)
    + E_MD[m] = new
    You drew one row and gave it to all new words. Then nothing tells them apart: draw one for
    each.""")
plain.slip("""one-number-for-a-row
    - E_MD[m] = rng.normal(0, scale, D)
    + E_MD[m] = rng.normal(0, scale)
    You drew one number for a whole row. A row needs D of them.""")
plain.slip("""pad-random
    - return E_MD
    + E_MD[0] = rng.normal(0, scale, D)
    + return E_MD
    Your row 0 is drawn like a new word's. It stands for pads, for nothing: zeros.""")
plain.slip("""pad-copied
    - E_MD[1] = E_ND[1]
    + E_MD[:2] = E_ND[:2]
    You copied row 0. Whatever the old table had there, a pad is zero.""")
plain.slip("""unknown-lost
    - E_MD[1] = E_ND[1]
    + E_MD[1] = rng.normal(0, scale, D)
    You drew a row for the unknown word. It was learned like the others: keep row 1.""")
plain.slip("""unknown-zero
    - E_MD[1] = E_ND[1]
    Your row 1 is zero. The unknown word has learned something, too: keep row 1.""")
plain.slip("""scale-of-one
    - E_MD[m] = rng.normal(0, scale, D)
    + E_MD[m] = rng.normal(0, 1, D)
    Your new words have numbers of standard deviation 1, whatever the others have. They should be as
    long as the words that were kept.""")
plain.slip("""spread-of-the-whole-table
    - scale = E_ND[kept].std()
    + scale = E_ND.std()
    You took the standard deviation of the whole old table. Of the rows that were kept it is asked
    for.""")
plain.slip("""spread-of-each-column
    - scale = E_ND[kept].std()
    + scale = E_ND[kept].std(axis=0)
    You took a standard deviation for each column. One for all numbers of the kept rows is asked
    for.""")
plain.slip("""variance-for-deviation
    - scale = E_ND[kept].std()
    + scale = E_ND[kept].var()
    You took the variance. `rng.normal` wants its root, the standard deviation.""")
plain.slip("""length-for-deviation
    - scale = E_ND[kept].std()
    + scale = np.linalg.norm(E_ND[kept], axis=1).mean()
    You took the mean length of the kept rows. A vector of D numbers is about √D times as long as its
    numbers are large: take the standard deviation of the numbers.""")
plain.slip("""root-mean-square
    - scale = E_ND[kept].std()
    + scale = np.sqrt((E_ND[kept] ** 2).mean())
    You took the root of the mean square. The standard deviation is measured from the mean.""")
plain.slip("""mean-of-the-kept-rows
    - E_MD[m] = rng.normal(0, scale, D)
    + E_MD[m] = rng.normal(E_ND[kept].mean(), scale, D)
    Your new words have the mean of the kept ones. Their mean is to be 0.""")
plain.slip("""evenly-drawn
    - E_MD[m] = rng.normal(0, scale, D)
    + E_MD[m] = rng.uniform(-scale, scale, D) * 3**0.5
    Your new numbers are drawn evenly between two bounds. A normal distribution is asked for.""")
plain.slip("""some-other-word
    - E_MD[m] = rng.normal(0, scale, D)
    + E_MD[m] = E_ND[rng.choice(kept)]
    You gave each new word the row of some old one. Then two words can't be told apart: draw numbers.""")
plain.slip("""as-many-rows-as-words
    - M = max(vocab_to.values()) + 1
    + M = len(vocab_to) + 2
    - for word, m in vocab_to.items():
    + for word, m in [each for each in vocab_to.items() if each[1] < M]:
    Your table has as many rows as there are words, and two. Ids may be left out, so the highest id
    says how many rows there must be.""")
plain.slip("""highest-id-without-a-row
    - M = max(vocab_to.values()) + 1
    + M = max(vocab_to.values())
    - for word, m in vocab_to.items():
    + for word, m in [each for each in vocab_to.items() if each[1] < M]:
    The highest id of vocab_to has no row in your table. Ids count from 0, so there is one row more
    than the highest id says.""")
plain.slip("""as-many-rows-as-before
    - M = max(vocab_to.values()) + 1
    + M = max(len(E_ND), max(vocab_to.values()) + 1)
    Your table has at least as many rows as the old one. How many there are is decided by the new
    vocabulary.""")
plain.slip("""old-words-kept-too
    - return E_MD
    + lost = [E_ND[n] for word, n in vocab_from.items() if word not in vocab_to]
    + return np.concatenate([E_MD, *[row[None] for row in lost]])
    You kept the words that the new vocabulary doesn't have, too. Nobody will ask for them.""")
plain.slip("""changes-the-old-table
    - scale = E_ND[kept].std()
    + scale = E_ND[kept].std()
    + E_ND[0] = 0
    The new table is right, but you set row 0 of the caller's own table to zero.""")
plain.slip("""empties-the-vocabulary
    - return E_MD
    + for word in list(vocab_from):
    +     if word in vocab_to:
    +         vocab_from.pop(word)
    + return E_MD
    The rows are right, but words are missing from the caller's own vocabulary afterwards (`pop` takes
    them out).""")
plain.slip("""own-seed
    - scale = E_ND[kept].std()
    + rng = np.random.default_rng(0)
    + scale = E_ND[kept].std()
    You made a generator of your own, so that every call gives new words the same rows. Draw from
    `rng`.""")
plain.slip("""global-generator
    - E_MD[m] = rng.normal(0, scale, D)
    + E_MD[m] = np.random.normal(0, scale, D)
    You drew from `np.random`, the generator that everybody shares. Whoever repeats the run with the
    same `rng` gets other rows. Draw from `rng`.""")
