"""What L11.4 asks of a split: its groups, and copies that carry marks."""

import numpy as np


def sides(augmented_split, texts, groups, n_test, k, seeds):
    def augment(text, rng):
        return f"{text} ~{rng.integers(10**9)}"

    found = []
    for seed in range(*seeds):
        rng, labels = np.random.default_rng(seed), list(range(len(texts)))
        parts = augmented_split(list(texts), labels, list(groups), n_test, k, augment, rng)
        train, test = (
            {groups[texts.index(text.partition(" ~")[0])] for text, _ in part} for part in parts
        )
        found.append([len(parts[1]), len(test), len(train & test) > 0])
    fewest, most = np.min(found, axis=0), np.max(found, axis=0)
    return np.array([*fewest[:2], *most])


def shares_in_test(augmented_split, texts, groups, n_test, seeds):
    def augment(text, rng):
        return f"{text} ~{rng.integers(10**9)}"

    names = sorted({*groups})
    count = np.zeros(len(names))
    for seed in range(*seeds):
        rng, labels = np.random.default_rng(seed), list(range(len(texts)))
        _, test = augmented_split(list(texts), labels, list(groups), n_test, 1, augment, rng)
        held_out = {groups[texts.index(text.partition(" ~")[0])] for text, _ in test}
        count += [name in held_out for name in names]
    return count / (seeds[1] - seeds[0])


def copies(augmented_split, texts, groups, n_test, k, seeds):
    def augment(text, rng):
        return f"{text} ~{rng.integers(10**9)}"

    found = []
    for seed in range(*seeds):
        rng, labels = np.random.default_rng(seed), list(range(len(texts)))
        train, test = augmented_split(list(texts), labels, list(groups), n_test, k, augment, rng)
        train, test = [text for text, _ in train], [text for text, _ in test]
        of_test = {text.partition(" ~")[0] for text in test}
        for text in texts:
            if text not in of_test:
                own = sum(other.startswith(f"{text} ~") for other in train)
                found.append([train.count(text), own, sum("~" in other for other in test)])
    return np.array([np.min(found, axis=0), np.max(found, axis=0)])


def drawn_apart(augmented_split, texts, groups, n_test, k, seeds):
    def augment(text, rng):
        return f"{text} ~{rng.integers(10**9)}"

    found = []
    for seed in range(*seeds):
        rng, labels = np.random.default_rng(seed), list(range(len(texts)))
        train, _ = augmented_split(list(texts), labels, list(groups), n_test, k, augment, rng)
        made = {}
        for text, _ in train:
            made.setdefault(text.partition(" ~")[0], []).append(text)
        marks = max(text.count("~") for text, _ in train)
        found += [[len({*own}), marks] for own in made.values()]
    return np.array([np.min(found, axis=0), np.max(found, axis=0)])


def labels_of(augmented_split, texts, labels, groups, n_test, k, seeds):
    def augment(text, rng):
        return f"{text} ~{rng.integers(10**9)}"

    rows, found = sorted(zip(texts, labels, strict=True)), []
    for seed in range(*seeds):
        rng = np.random.default_rng(seed)
        train, test = augmented_split(
            list(texts), list(labels), list(groups), n_test, k, augment, rng
        )
        both = sorted((text, int(label)) for text, label in [*train, *test] if "~" not in text)
        kept = sorted((text, int(label)) for text, label in train if "~" not in text)
        made = sorted((text.partition(" ~")[0], int(y)) for text, y in train if "~" in text)
        found.append([len(train), both == rows, made == sorted(kept * k)])
    return np.array([np.max(found, axis=0)[0], *np.min(found, axis=0)])


def in_order(augmented_split, texts, groups, n_test, k, seeds):
    def augment(text, rng):
        return f"{text} ~{rng.integers(10**9)}"

    found = []
    for seed in range(*seeds):
        rng, labels = np.random.default_rng(seed), list(range(len(texts)))
        parts = augmented_split(list(texts), labels, list(groups), n_test, k, augment, rng)
        places = [[texts.index(text) for text, _ in part if "~" not in text] for part in parts]
        found.append([len(places[0]), *(own == sorted(own) for own in places)])
    return np.array([np.max(found, axis=0)[0], *np.min(found, axis=0)])


def first_alike(augmented_split, texts, groups, n_test, k, seeds):
    import random

    def augment(text, rng):
        return f"{text} ~{rng.integers(10**9)}"

    found, moved = [], 0
    for place, seed in enumerate(seeds):
        random.seed(place)  # who draws from these draws something else each time
        np.random.seed(place)
        before = np.random.get_state()[1].tolist(), random.getstate()
        rng, labels = np.random.default_rng(seed), list(range(len(texts)))
        parts = augmented_split(list(texts), labels, list(groups), n_test, k, augment, rng)
        found.append([sorted(text for text, _ in part) for part in parts])
        moved += before != (np.random.get_state()[1].tolist(), random.getstate())
    return np.array([found.index(each) for each in found] + [moved])


def afterwards(augmented_split, texts, labels, groups, n_test, k, seed):
    def augment(text, rng):
        return f"{text} ~{rng.integers(10**9)}"

    given = [list(texts), list(labels), list(groups)]
    augmented_split(*given, n_test, k, augment, np.random.default_rng(seed))
    texts, labels, groups = ([str(each) for each in own] for own in given)
    return {"texts": "; ".join(texts), "labels": " ".join(labels), "groups": " ".join(groups)}
