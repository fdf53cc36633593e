"""What L11.1 asks of a sentence with synonyms: one outcome, or how often over many seeds."""

import numpy as np


def sentence(synonym_replace, tokens, synonyms, n, keep, seed):
    rng, table = np.random.default_rng(seed), {word: set(own) for word, own in synonyms.items()}
    if keep:
        result = synonym_replace(list(tokens), table, n, rng, keep=frozenset(keep))
    else:
        result = synonym_replace(list(tokens), table, n, rng)
    if type(result) is not list:
        raise TypeError(f"a list of words is asked for, not {type(result).__name__}")
    return {"sentence": " ".join(result), "words": len(result)}


def how_many(synonym_replace, tokens, synonyms, ns, seeds):
    fewest_and_most = []
    for n in ns:
        changed = []
        for seed in range(*seeds):
            table = {word: set(own) for word, own in synonyms.items()}
            result = synonym_replace(list(tokens), table, n, np.random.default_rng(seed))
            if type(result) is not list:
                raise TypeError(f"a list of words is asked for, not {type(result).__name__}")
            if len(result) != len(tokens):
                raise ValueError("single words stood in for words, and the number of words changed")
            changed.append(sum(old != new for old, new in zip(tokens, result, strict=True)))
        fewest_and_most.append([min(changed), max(changed)])
    return np.array(fewest_and_most)


def ever_changed(synonym_replace, tokens, synonyms, seeds):
    ever = np.zeros(len(tokens), int)
    for seed in range(*seeds):
        table = {word: set(own) for word, own in synonyms.items()}
        result = synonym_replace(list(tokens), table, 1, np.random.default_rng(seed))
        if len(result) != len(tokens):
            raise ValueError("single words stood in for words, and the number of words changed")
        ever |= [old != new for old, new in zip(tokens, result, strict=True)]
    return ever


def changed_together(synonym_replace, tokens, synonyms, n, seeds):
    count = np.zeros((len(tokens), len(tokens)))
    for seed in range(*seeds):
        table = {word: set(own) for word, own in synonyms.items()}
        result = synonym_replace(list(tokens), table, n, np.random.default_rng(seed))
        if len(result) != len(tokens):
            raise ValueError("single words stood in for words, and the number of words changed")
        changed = np.array([old != new for old, new in zip(tokens, result, strict=True)])
        count += changed[:, None] & changed
    return count / (seeds[1] - seeds[0])


def drawn_together(synonym_replace, tokens, synonyms, pair, seeds):
    own = [sorted({*synonyms[tokens[t]]} - {tokens[t]}) for t in pair]
    count = np.zeros((len(own[0]), len(own[1])))
    for seed in range(*seeds):
        table = {word: set(others) for word, others in synonyms.items()}
        result = synonym_replace(list(tokens), table, 99, np.random.default_rng(seed))
        if len(result) != len(tokens):
            raise ValueError("single words stood in for words, and the number of words changed")
        new = [result[t] for t in pair]
        if new[0] in own[0] and new[1] in own[1]:
            count[own[0].index(new[0]), own[1].index(new[1])] += 1
    return count / (seeds[1] - seeds[0])


def first_alike(synonym_replace, tokens, synonyms, n, seeds):
    import random

    found, moved = [], 0
    for place, seed in enumerate(seeds):
        random.seed(place)  # who draws from these draws something else each time
        np.random.seed(place)
        before = np.random.get_state()[1].tolist(), random.getstate()
        table = {word: set(own) for word, own in synonyms.items()}
        found.append([*synonym_replace(list(tokens), table, n, np.random.default_rng(seed))])
        moved += before != (np.random.get_state()[1].tolist(), random.getstate())
    return np.array([found.index(each) for each in found] + [moved])


def afterwards(synonym_replace, tokens, synonyms, n, keep, seed):
    own, kept = list(tokens), set(keep)
    table = {word: set(others) for word, others in synonyms.items()}
    result = synonym_replace(own, table, n, np.random.default_rng(seed), keep=kept)
    entries = "; ".join(f"{word}: {' '.join(sorted(table[word]))}" for word in table)
    return {
        "sentence": " ".join(result),
        "tokens": " ".join(own),
        "synonyms": entries,
        "keep": " ".join(sorted(kept)),
    }
