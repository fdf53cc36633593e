import numpy as np

from autograder.authoring import Check, Exercise, call, probe

exercise = Exercise(
    "Words become numbers",
    solve=("fit_vocab", "encode"),
    difficulty=2,
    importance=4,
    minutes=15,
    hints="""For `fit_vocab`: count all words, sort them, keep the first ones, number them from 2
    on. For `encode`: start from a table of zeros and fill each row from the left.

    A sort key may be a pair: Python compares the second numbers where the first are equal. What
    must be done to the count so that larger ones come first and ties are still alphabetical? And if
    two ids are reserved, how many words fit into `size`?

    `sorted(counts, key=lambda word: (-counts[word], word))[: size - 2]`, numbered by `enumerate(…,
    2)`. In `encode`, `vocab.get(word, 1)` gives unknown words their id, `[:max_len]` cuts, and an
    integer table of zeros, filled from the left, has its padding already.""",
)

WORDS = (
    "a", "bad", "cast", "dull", "even", "film", "good", "heart", "it's", "joke", "kind", "laugh",
    "moving", "no", "own", "plot",
)  # fmt: skip


def review_texts(rng: np.random.Generator) -> list[str]:
    """Sentences with many ties: words met 5, 4, 3, 2 times and once, and the first sentence from
    z to a, so that words met equally often do not come up in alphabetical order."""
    words = [str(word) for word in rng.permutation(WORDS)]
    counts = [5, 4, 4, 4, 3, 3, 2, 2, 2, 2, 1, 1, 1, 1]
    once = sorted(words[: len(counts)], reverse=True)
    rest = [word for word, n in zip(words, counts, strict=False) for _ in range(n - 1)]
    rest = [str(word) for word in rng.permutation(rest)]
    return [" ".join(once[:9]), " ".join(once[9:])] + [
        " ".join(rest[start : start + 6]) for start in range(0, len(rest), 6)
    ]


def two_short_texts(rng: np.random.Generator) -> list[str]:
    """Three words, each met another number of times."""
    times = rng.choice(np.arange(1, 7), 3, replace=False)
    words = rng.permutation(np.repeat(rng.choice(WORDS, 3, replace=False), times))
    return [" ".join(half.tolist()) for half in np.array_split(words, 2)]


def words_with_ids(fit_vocab, texts, size):
    return {word: int(i) for word, i in fit_vocab(texts, size).items() if i not in (0, 1)}


def rows_of_a_table(encode, texts, vocab, max_len):
    table_VD = np.arange(20.0).reshape(10, 2) / 10
    return table_VD[encode(texts, vocab, max_len)]


@exercise.checks
def checks(rng):
    (fresh,) = rng.spawn(1)
    says = "The words in the dict that have an id above 1"
    short = ["good plot good film", "bad film", "good film"]
    yield Check(
        "fit_vocab: three short texts",
        probe(words_with_ids, says=says)(["film good good good film"], 10),
        probe(words_with_ids, says=says)(["no no no film", "yes film", "yes a", "yes"], 6),
        probe(words_with_ids, says=says)(two_short_texts(fresh), 10),
        says="""Numbers go by how often a word is met in all texts together, from 2 on: 0 is kept
        for padding, 1 for unknown words.""",
    )
    texts = review_texts(rng)
    yield Check(
        "fit_vocab: ties are alphabetical",
        probe(words_with_ids, says=says)(short, 10),
        probe(words_with_ids, says=says)(texts, 40),
        says="""Of words met equally often, the one that comes first in the alphabet comes first. So
        the same texts in another order give the same numbers.""",
    )
    yield Check(
        "fit_vocab: size counts the two reserved ids",
        probe(words_with_ids, says=says)(short, 4),
        probe(words_with_ids, says=says)(texts, 9),
        probe(words_with_ids, says=says)(texts, 16),
        probe(words_with_ids, says=says)(texts, 3),
        says="""With size = 4 the ids are 0, 1, 2 and 3, so there are two words. If there are fewer
        words than ids, all of them are in it.""",
        judges="inputs untouched",
    )
    vocab = {"good": 2, "film": 3, "bad": 4}
    longer = {str(word): i for i, word in enumerate(rng.permutation(WORDS)[:8], 2)}
    *known, unknown = fresh.choice(WORDS, 6, replace=False).tolist()
    drawn = {word: i for i, word in enumerate(known, 2)}
    large = dict(zip(known, fresh.integers(40_000, 90_000, len(known)).tolist(), strict=True))
    new_texts = [" ".join(fresh.choice(known, n).tolist()) for n in (3, 2, 2, 3)]
    yield Check(
        "encode: words to numbers",
        call.encode(["good film bad", "bad bad good"], vocab, 3),
        call.encode(["bad film", "good"], vocab, 4),
        call.encode(new_texts[:2], drawn, 4),
        call.encode(new_texts[2:], large, 4),
        says="""One row a text, its words' ids from left to right, and zeros behind them. Vocabularies
        are large.""",
    )
    yield Check(
        "encode: words that the dict does not know",
        call.encode(["good plot film", "no plot"], vocab, 3),
        call.encode(texts, longer, 11),
        says="""An unknown word is a word: it gets the id 1 in its place, and the dict stays as it
        is. What is met for the first time in a validation text must not change what was learned.""",
        judges="inputs untouched",
    )
    yield Check(
        "encode: max_len columns, whatever the texts",
        call.encode(["good film bad film", "bad film"], vocab, 2),
        call.encode(texts, longer, 4),
        call.encode(["bad", "good"], vocab, 3),
        says="""Of a longer text the first max_len words stay, a shorter one is filled up with zeros
        at its end.""",
        judges="inputs untouched",
    )
    yield Check(
        "encode: the ids can look up rows of a table",
        *(
            probe(rows_of_a_table, says="What `table[ids]` gives for the ids of two short texts")(
                texts_to_look_up, ids_of_words, 4
            )
            for texts_to_look_up, ids_of_words in [
                (["good film", "bad plot good"], vocab),
                ([new_texts[2], f"{unknown} {new_texts[3]}"], drawn),
            ]
        ),
        says="""Each id will fetch a row of the embedding table. Only whole numbers can do that;
        `np.zeros` makes floats unless told otherwise.""",
    )


@exercise.of("fit_vocab").right("fit_vocab: sorted twice")
def fit_vocab_sorted_twice(texts, size):
    counts = {}
    for text in texts:
        for word in text.split():
            counts[word] = counts.get(word, 0) + 1
    words = sorted(sorted(counts), key=counts.get, reverse=True)
    return dict(zip(words, range(2, size), strict=False))


@exercise.of("fit_vocab").right("fit_vocab: with the two reserved entries")
def fit_vocab_with_the_two(texts, size):
    from collections import Counter

    counts = Counter(" ".join(texts).split())
    vocab = {"<pad>": 0, "<unk>": 1}
    for word, _ in sorted(counts.items(), key=lambda item: (-item[1], item[0])):
        if len(vocab) == size:
            break
        vocab[word] = len(vocab)
    return vocab


@exercise.of("fit_vocab").right("fit_vocab: np.unique and lexsort")
def fit_vocab_np_unique(texts, size):
    words, counts = np.unique(np.array(" ".join(texts).split()), return_counts=True)
    order = np.lexsort((words, -counts))[: size - 2]
    return {str(words[k]): i + 2 for i, k in enumerate(order)}


@exercise.of("encode").right("encode: two loops")
def encode_two_loops(texts, vocab, max_len):
    ids_BT = np.zeros((len(texts), max_len), dtype=np.int64)
    for b in range(len(texts)):
        words = texts[b].split()
        for t in range(min(len(words), max_len)):
            ids_BT[b, t] = 1
            if words[t] in vocab:
                ids_BT[b, t] = vocab[words[t]]
    return ids_BT


@exercise.of("encode").right("encode: lists filled up")
def encode_lists_filled_up(texts, vocab, max_len):
    rows = []
    for text in texts:
        ids = [vocab.get(word, 1) for word in text.split()]
        rows.append((ids + [0] * max_len)[:max_len])
    return np.array(rows)


@exercise.of("encode").right("encode: padded with np.pad, in 32 bits")
def encode_padded_with_np_pad(texts, vocab, max_len):
    rows = []
    for text in texts:
        ids = np.array([vocab.get(word, 1) for word in text.split()][:max_len], dtype=np.int32)
        rows.append(np.pad(ids, (0, max_len - len(ids))))
    return np.stack(rows)


for line, what in (
    ("counts[word] = counts.get(word, 1) + 1", "All counts are one higher"),
    ("counts[word] = counts.get(word, -1) + 1", "All counts are one lower"),
    ("counts[word] = counts.get(word, 0) + 2", "All counts are twice as high"),
):
    exercise.allow_mutant(after=line, reason=f"{what}; only their order is used.")
exercise.of("fit_vocab").slip("""ids-from-zero
    - return {word: i for i, word in enumerate(ranked[: size - 2], 2)}
    + return {word: i for i, word in enumerate(ranked[: size - 2])}
    Your most frequent word got the id 0, which is kept for padding: the model could not tell it
    from no word at all. Numbers start at 2.""")
exercise.of("fit_vocab").slip("""ids-from-one
    - return {word: i for i, word in enumerate(ranked[: size - 2], 2)}
    + return {word: i for i, word in enumerate(ranked[: size - 2], 1)}
    Your most frequent word got the id 1, which is kept for unknown words: all of those would look
    like it. Numbers start at 2.""")
exercise.of("fit_vocab").slip("""reserved-ids-not-counted
    - return {word: i for i, word in enumerate(ranked[: size - 2], 2)}
    + return {word: i for i, word in enumerate(ranked[:size], 2)}
    You kept `size` words, and with the two reserved ids that makes size + 2: the highest id is one
    for which a table of `size` rows has none.""")
exercise.of("fit_vocab").slip("""one-too-many
    - return {word: i for i, word in enumerate(ranked[: size - 2], 2)}
    + return {word: i for i, word in enumerate(ranked[: size - 1], 2)}
    You kept size − 1 words. Two ids are taken before the first word: padding and unknown.""")
exercise.of("fit_vocab").slip("""ties-by-appearance
    - ranked = sorted(counts, key=lambda word: (-counts[word], word))
    + ranked = sorted(counts, key=lambda word: -counts[word])
    Words met equally often stand in the order in which they first came up. With the same texts
    shuffled you would get other numbers, and a saved model would read other words: break ties by
    the alphabet.""")
exercise.of("fit_vocab").slip("""ties-backwards
    - ranked = sorted(counts, key=lambda word: (-counts[word], word))
    + ranked = sorted(counts, key=lambda word: (counts[word], word), reverse=True)
    Words met equally often stand from z to a: `reverse=True` has turned the alphabet round as well.
    Turn only the counts.""")
exercise.of("fit_vocab").slip("""rarest-first
    - ranked = sorted(counts, key=lambda word: (-counts[word], word))
    + ranked = sorted(counts, key=lambda word: (counts[word], word))
    You began with the rarest words. Cut at `size`, such a dict knows the words that nobody uses.""")


@exercise.of("fit_vocab").wrong
def alphabetical(texts, size):
    """Your words stand in alphabetical order, however often they are met. Cut at `size`, you keep
    what begins with a and b."""
    words = sorted(set(" ".join(texts).split()))
    return {word: i for i, word in enumerate(words[: size - 2], 2)}


exercise.of("fit_vocab").slip("""counts-texts
    - for word in text.split():
    + for word in set(text.split()):
    You counted in how many texts a word is. A word that stands in one text three times was met
    three times.""")
exercise.of("fit_vocab").slip("""characters
    - for word in text.split():
    + for word in text:
    You counted characters: a loop over a text runs through its letters. Split it into words first.""")
exercise.of("encode").slip("""encode-unknown-is-padding
    - ids = [vocab.get(word, 1) for word in text.split()[:max_len]]
    + ids = [vocab.get(word, 0) for word in text.split()[:max_len]]
    You gave unknown words the id 0, so that they look like no word at all. A sentence of strange
    words is not an empty one: unknown is 1.""")
exercise.of("encode").slip("""encode-leaves-unknown-out
    - ids = [vocab.get(word, 1) for word in text.split()[:max_len]]
    + ids = [vocab[word] for word in text.split() if word in vocab][:max_len]
    You left unknown words out, so that the words behind them move up. Each keeps its place and gets
    the id 1.""")
exercise.of("encode").slip("""encode-stops-at-unknown
    - ids = [vocab.get(word, 1) for word in text.split()[:max_len]]
    + ids = [vocab[word] for word in text.split()[:max_len]]
    Your `encode` stops at a word that is not in the dict. In new texts there will always be such
    words: they get the id 1.""")
exercise.of("encode").slip("""encode-learns-new-words
    - vocab.get(word, 1)
    + vocab.setdefault(word, len(vocab) + 2)
    Your `encode` added new words to the dict. So the dict is fitted on every split, validation and
    test included, and the new ids have no row in the table: unknown words are 1, all of them.""")
exercise.of("encode").slip("""encode-fits-again
    - ids_BT = np.zeros((len(texts), max_len), dtype=int)
    + words = sorted(set(" ".join(texts).split()))
    + own = {word: i for i, word in enumerate(words, 2)}
    + ids_BT = np.zeros((len(texts), max_len), dtype=int)
    - ids = [vocab.get(word, 1) for word in text.split()[:max_len]]
    + ids = [own[word] for word in text.split()[:max_len]]
    Your `encode` makes a dict of its own from the texts that it is given. Then the same word has
    another number in training and in validation. The numbers are those of `vocab`.""")
exercise.of("encode").slip("""encode-pads-in-front
    - ids_BT[row, : len(ids)] = ids
    + ids_BT[row, max_len - len(ids) :] = ids
    Your zeros stand in front of the words. Here they stand behind: a sentence's first word is in
    column 0.""")
exercise.of("encode").slip("""encode-keeps-the-end
    - ids = [vocab.get(word, 1) for word in text.split()[:max_len]]
    + ids = [vocab.get(word, 1) for word in text.split()[-max_len:]]
    Of long texts you kept the last words. Asked for are the first max_len. (Which end is better is
    a question for an experiment; here both sides must do the same.)""")
exercise.of("encode").slip("""encode-as-wide-as-the-longest
    - ids_BT = np.zeros((len(texts), max_len), dtype=int)
    + longest = min(max_len, max(len(text.split()) for text in texts))
    + ids_BT = np.zeros((len(texts), longest), dtype=int)
    Your table is as wide as the longest of these texts. Another batch then has another width: there
    are always max_len columns.""")
exercise.of("encode").slip("""encode-floats
    - ids_BT = np.zeros((len(texts), max_len), dtype=int)
    + ids_BT = np.zeros((len(texts), max_len))
    The numbers are right, but they are floats: `np.zeros` makes floats unless told otherwise. A
    float can't be an index, so it fetches no row of a table.""")


exercise.of("encode").slip("""encode-in-16-bits
    - ids_BT = np.zeros((len(texts), max_len), dtype=int)
    + ids_BT = np.zeros((len(texts), max_len), dtype=np.int16)
    Your table holds numbers up to 32,767: in 16 bits there is room for no more. Vocabularies are
    larger than that. Plain `int`, or 32 bits, have room for all ids.""")


@exercise.of("encode").wrong
def encode_one_row_many_times(texts, vocab, max_len):
    """All your rows are one and the same list, so each text overwrites the one before: `[row] * n`
    does not copy. Make a new row for each text."""
    rows = [[0] * max_len] * len(texts)
    for row, text in zip(rows, texts, strict=True):
        for t, word in enumerate(text.split()[:max_len]):
            row[t] = vocab.get(word, 1)
    return np.array(rows)
