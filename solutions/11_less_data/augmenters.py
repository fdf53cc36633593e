"""The functions that a learner's test is tried on in L11.6, right ones and wrong ones.

What they do to a sentence isn't what L11.1 and L11.2 ask for: one word replaced, put in, dropped or
moved. Words of their own come from the lesson's TABLE. Each fault shows on some sentence of at most
twelve words in half of all draws or more.
"""

import numpy as np
from attnkit.synonyms import TABLE

from autograder.authoring import kind

# Right ones.


def one_replaced(tokens, rng, *, table, share):
    words, places = [*tokens], [t for t, word in enumerate(tokens) if word in table]
    if places and rng.random() < share:
        t = places[rng.integers(len(places))]
        words[t] = table[words[t]][rng.integers(len(table[words[t]]))]
    return words


def one_put_in(tokens, rng, *, table, times):
    words, others = [*tokens], [*table]
    for _ in range(times):
        own = table[others[rng.integers(len(others))]]
        words.insert(rng.integers(len(words) + 1), own[rng.integers(len(own))])
    return words


def entry_put_in(tokens, rng, *, table, times):
    words, others = [*tokens], [*table]
    for _ in range(times):
        words.insert(rng.integers(len(words) + 1), others[rng.integers(len(others))])
    return words


def one_dropped(tokens, rng, *, share):
    places = [t for t, word in enumerate(tokens) if word not in ("not", "no", "never")]
    if len(tokens) < 2 or not places or rng.random() >= share:
        return tokens[:]
    t = places[rng.integers(len(places))]
    return tokens[:t] + tokens[t + 1 :]


def two_swapped(tokens, rng, *, times):
    words = list(tokens)
    for _ in range(times):
        a, b = rng.integers(len(words), size=2)
        words[a], words[b] = words[b], words[a]
    return words


def shuffled(tokens, rng, *, share):
    if rng.random() >= share:
        return [*tokens]
    return [tokens[t] for t in rng.permutation(len(tokens))]


def one_doubled(tokens, rng, *, times):
    words = list(tokens)
    for _ in range(times):
        t = rng.integers(len(words))
        if words[t] not in ("not", "no", "never"):
            words.insert(t, words[t])
    return words


# Wrong ones, each with one fault.


def nothing_left(tokens, rng, *, share):
    stays = rng.random(len(tokens)) >= share
    return [w for w, s in zip(tokens, stays, strict=True) if s or w in ("not", "no", "never")]


def last_one_dropped(tokens, rng, *, share, fewest):
    places = [t for t, word in enumerate(tokens) if word not in ("not", "no", "never")]
    if not places or rng.random() >= share:
        return list(tokens)
    if len(tokens) <= fewest:
        return [word for word in tokens if word in ("not", "no", "never")]
    t = places[rng.integers(len(places))]
    return tokens[:t] + tokens[t + 1 :]


def swapped_in_place(tokens, rng, *, times):
    for _ in range(times):
        a, b = rng.integers(len(tokens), size=2)
        tokens[a], tokens[b] = tokens[b], tokens[a]
    return [*tokens]


def shuffled_in_place(tokens, rng, *, share):
    if rng.random() < share:
        rng.shuffle(tokens)
        return tokens
    return [*tokens]


def replaced_in_place(tokens, rng, *, table, share):
    for t, word in enumerate(tokens):
        if word in table and rng.random() < share:
            tokens[t] = table[word][rng.integers(len(table[word]))]
    return list(tokens)


def put_into_the_input(tokens, rng, *, table, share):
    words, others = [*tokens], [*table]
    if rng.random() < share:
        own = table[others[rng.integers(len(others))]]
        tokens.append(own[rng.integers(len(own))])
        words.insert(rng.integers(len(words) + 1), tokens[-1])
    return words


def by_another_generator(tokens, rng, *, which):
    import random

    words = [*tokens]
    if which == "numpy":
        a, b = np.random.randint(len(words), size=2)
    elif which == "python":
        a, b = random.randrange(len(words)), random.randrange(len(words))
    elif which == "fresh":
        a, b = np.random.default_rng().integers(len(words), size=2)
    else:
        a, b = rng.integers(len(words)), np.random.randint(len(words))
    words[a], words[b] = words[b], words[a]
    return words


def by_what_came_before(tokens, rng, *, memory, times):
    memory.append(len(tokens))
    words, own = list(tokens), np.random.default_rng(len(memory))
    for _ in range(times):
        a, b = rng.integers(len(words)), own.integers(len(words))
        words[a], words[b] = words[b], words[a]
    return words


def always_the_same(tokens, rng, *, seed, by_length):
    words = list(tokens)
    own = np.random.default_rng(seed + len(words) * by_length)
    a, b = own.integers(len(words), size=2)
    words[a], words[b] = words[b], words[a]
    return words


def first_of_the_table(tokens, rng, *, table, which):
    rng.random()
    return [table[word][which] if word in table else word for word in tokens]


def nothing_changed(tokens, rng, *, drawn):
    rng.random(drawn)
    return [*tokens]


def foreign_put_in(tokens, rng, *, words, share):
    result = list(tokens)
    if rng.random() < share:
        result.insert(rng.integers(len(result) + 1), words[rng.integers(len(words))])
    return result


def letters_changed(tokens, rng, *, share, how):
    words = [*tokens]
    places = [t for t, word in enumerate(words) if word not in ("not", "no", "never")]
    if places and rng.random() < share:
        t = places[rng.integers(len(places))]
        if how == "doubled":
            words[t] = words[t] + words[t][-1]
        elif how == "lost":
            words[t] = words[t][:-1] + "'"
        else:
            words[t] = words[t].upper()
    return words


def negators_dropped(tokens, rng, *, which, share):
    words = []
    for word in tokens:
        if word not in which or rng.random() >= share or len(tokens) == 1:
            words.append(word)
    return words or [*tokens]


def negators_replaced(tokens, rng, *, table, which, share):
    words, others = list(tokens), [*table]
    for t, word in enumerate(words):
        if word in which and rng.random() < share:
            words[t] = others[rng.integers(len(others))]
    return words


def said_once(tokens, rng, *, share):
    if rng.random() >= share:
        return list(tokens)
    words = [*dict.fromkeys(tokens)]
    return [words[t] for t in rng.permutation(len(words))]


PLAIN = ({word: sorted(others) for word, others in TABLE.items()},)
SHARES, TIMES = (0.6, 0.7, 0.8, 0.9), (1, 2, 3)

replaced = kind(
    one_replaced, "a word of TABLE replaced in {share} of all cases", table=PLAIN, share=SHARES
)
put_in = kind(one_put_in, "{times} synonyms out of TABLE put in", table=PLAIN, times=TIMES)
key_put_in = kind(
    entry_put_in, "{times} words put in for which TABLE has synonyms", table=PLAIN, times=TIMES
)
dropped = kind(
    one_dropped,
    "in {share} of all cases a word dropped that is no negator and not the only one",
    share=SHARES,
)
swapped = kind(two_swapped, "{times} times two places swapped", times=(2, 3, 4))
mixed_up = kind(shuffled, "all words shuffled in {share} of all cases", share=SHARES)
doubled = kind(one_doubled, "{times} times a word said twice that is no negator", times=TIMES)
every_right = [replaced, put_in, dropped, swapped, mixed_up, doubled]

empty = (
    kind(
        nothing_left,
        "each word dropped with probability {share} that is no negator, the last one too",
        share=(0.8, 0.85, 0.9),
    ),
    kind(
        last_one_dropped,
        "a word dropped in {share} of all cases, and all of a text of {fewest} or fewer, but no "
        "negator",
        share=SHARES,
        fewest=(1, 2),
    ),
)
writing = (
    kind(swapped_in_place, "{times} times two places of tokens itself swapped", times=(3, 4)),
    kind(
        shuffled_in_place,
        "tokens itself shuffled in {share} of all cases, and given back",
        share=SHARES,
    ),
    kind(
        replaced_in_place,
        "words of TABLE replaced in tokens itself, with probability {share}",
        table=PLAIN,
        share=SHARES,
    ),
    kind(
        put_into_the_input,
        "a synonym put in, and in {share} of all cases into tokens as well",
        table=PLAIN,
        share=SHARES,
    ),
)
unseeded = (
    *(
        kind(by_another_generator, f"two places swapped, drawn from {what}", which=(which,))
        for which, what in (
            ("numpy", "np.random"),
            ("python", "Python's random"),
            ("fresh", "a generator made anew"),
            ("both", "rng and np.random"),
        )
    ),
    kind(
        by_what_came_before,
        "two places swapped, one by rng, the other by how often it was called before, {times} times",
        memory=([],),
        times=(1, 2),
    ),
)
never_differing = (
    kind(
        always_the_same,
        "two places swapped, always the same, by a seed of its own",
        seed=tuple(range(100)),
        by_length=(0, 1),
    ),
    kind(
        first_of_the_table,
        "every word of TABLE replaced by the same synonym each time",
        table=PLAIN,
        which=(0, -1),
    ),
    kind(nothing_changed, "the sentence as it was, {drawn} numbers drawn for nothing", drawn=TIMES),
)
foreign = (
    kind(
        foreign_put_in,
        "a word put in, in {share} of all cases, that is neither in tokens nor in TABLE",
        words=(["really", "quite"], ["oh", "well"], ["<unk>"], [""]),
        share=SHARES,
    ),
    *(
        kind(letters_changed, f"{what} in {{share}} of all cases", share=SHARES, how=(how,))
        for how, what in (
            ("doubled", "a word's last letter doubled"),
            ("lost", "an apostrophe for a word's last letter"),
            ("capitals", "a word in capitals"),
        )
    ),
)
without_negators = (
    kind(
        negators_dropped,
        '"not", "no" and "never" dropped with probability {share}',
        which=(["not", "no", "never"],),
        share=SHARES,
    ),
    *(
        kind(
            negators_dropped,
            f'"{word}" dropped with probability {{share}}',
            which=([word],),
            share=SHARES,
        )
        for word in ("not", "no", "never")
    ),
    kind(
        negators_replaced,
        '"not", "no" and "never" replaced by words of TABLE with probability {share}',
        table=PLAIN,
        which=(["not", "no", "never"],),
        share=SHARES,
    ),
    kind(
        said_once,
        "shuffled, and no word said twice, no negator either, in {share} of all cases",
        share=SHARES,
    ),
)
