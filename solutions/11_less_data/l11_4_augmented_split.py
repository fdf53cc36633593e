"""Which groups are drawn is left to chance; what must hold whichever they are is judged over seeds, and
how often each is drawn by exact shares. The copies that the probes make carry marks."""

import itertools

import numpy as np

from autograder.authoring import CallOf, Check, Exercise, probe

from . import splitting_probes
from .shared import FILLERS, WORDS, near, seeds, some

exercise = Exercise(
    "Split first, copy then",
    solve="augmented_split",
    difficulty=3,
    importance=5,
    minutes=20,
    hints="""What is drawn: texts or groups? List the groups once each, in any order, and draw an order
    by chance. When have you taken enough of them? Only then look at the texts, and at copies last of
    all.

    `list(dict.fromkeys(groups))` has each group once. Take groups in the order of
    `rng.permutation(len(names))` while the test part holds fewer than n_test texts. Then go through
    texts, labels and groups together (`zip`): who belongs to a group that was taken goes to test.

    `train = [(text, label) for text, label, group in zip(texts, labels, groups) if group not in
    held_out]`, test likewise; copies `[(augment(text, rng), label) for text, label in train for _ in
    range(k)]`, added behind train. One call of augment makes one copy.""",
)

TIMES = 400  # seeds, where shares are asked for


def sentences(rng: np.random.Generator, n: int) -> list[str]:
    """n different texts of three words."""
    found: list[str] = []
    while len(found) < n:
        text = " ".join([some(rng, FILLERS, 1)[0], *some(rng, WORDS, 2)])
        found += [] if text in found else [text]
    return found


def in_groups(rng: np.random.Generator, sizes: list[int], what: str = "str") -> list[object]:
    """A group for each text, members apart: names, numbers, or pairs of both."""
    numbers = rng.choice(np.arange(10, 99), len(sizes), replace=False).tolist()
    names: dict[str, list[object]] = {
        "str": [f"film {n}" for n in numbers],
        "int": [*numbers],
        "pair": [("film", n) for n in numbers],
    }
    places = rng.permutation(np.repeat(np.arange(len(sizes)), sizes))
    return [names[what][place] for place in places.tolist()]


def chances(sizes: list[int], n_test: int) -> np.ndarray:
    """How likely it is that each group is drawn before the test part is full."""
    orders = [*itertools.permutations(range(len(sizes)))]
    count = np.zeros(len(sizes))
    for order in orders:
        held = 0
        for group in order:
            if held >= n_test:
                break
            held += sizes[group]
            count[group] += 1
    return count / len(orders)


def sizes_of(groups: list[object]) -> list[int]:
    """How many texts each group has, in the order of the sorted groups."""
    return [groups.count(name) for name in sorted({*groups})]  # type: ignore[type-var]


@exercise.checks
def checks(rng):
    (fresh,) = rng.spawn(1)
    yield from of_the_groups(rng)
    yield from of_the_copies(fresh)


def even(rng: np.random.Generator, what: str = "str", over: int = 0) -> tuple[list, list, int]:
    """Texts in groups of equal size, and an n_test that one group more than `over` can't fill."""
    size, number = int(rng.integers(2, 6)), int(rng.integers(5, 9))
    groups = in_groups(rng, [size] * number, what)
    n_test = size * int(rng.integers(1, number - 2)) + over
    return sentences(rng, len(groups)), groups, n_test


def of_the_groups(rng):
    def ask(what: str, over: int) -> CallOf:
        texts, groups, n_test = even(rng, what, over)
        return probe(
            splitting_probes.sides,
            says="""Over 30 seeds, the fewest texts and groups in test, the most of both, and whether
            a group was ever on both sides (1) or not (0),""",
        )(texts, groups, n_test, int(rng.integers(1, 4)), seeds(rng, 30))

    yield Check(
        "whole groups, until there are enough",
        ask("str", 1),
        ask("int", 0),
        ask("pair", 0),
        ask("str", 1),
        says="""A group is taken whole. As soon as the test part holds n_test texts or more, no other
        group is taken.""",
        points=2,
    )

    def shares(most: list[int], n_test: int) -> CallOf:
        groups = in_groups(rng, [int(size) for size in rng.permutation(most)])
        exact = chances(sizes_of(groups), n_test)
        return probe(
            splitting_probes.shares_in_test,
            says=f"""Over {TIMES} seeds, how often (of 1) each group was in the test part, in the
            order of their names,""",
        )(
            sentences(rng, len(groups)),
            groups,
            n_test,
            seeds(rng, TIMES),
            expect=near(exact, TIMES),
            tolerance=0.01,
        )

    yield Check(
        "any group as likely as another",
        shares([1, 2, 2, 9], 1),
        shares([1, 2, 3, 8], int(rng.integers(4, 6))),
        shares([2, 2, 3, 4, 7], int(rng.integers(5, 8))),
        says="""All orders of the groups are equally likely: a large group has no larger chance to be
        drawn first.""",
    )


def of_the_copies(rng):
    order = rng.permutation([1, 2, 3, 4, 5]).tolist()

    def ask(which, k: int, says: str) -> CallOf:
        texts, groups, n_test = even(rng)
        return probe(which, says=f"With k = {k} and over 20 seeds, {says}")(
            texts, groups, n_test, int(k), seeds(rng, 20)
        )

    yield Check(
        "k copies of each training text, none in test",
        *(
            ask(
                splitting_probes.copies,
                k,
                """the fewest and the most of these: how often a training text stands in train itself,
                how often a copy of it does, copies in test,""",
            )
            for k in order[:3]
        ),
        says="""Each training text stands in train once as it is and k times as a copy. Whoever copies
        before the split has copies of one text on both sides, and measures what was learned by
        heart.""",
        points=2,
    )
    yield Check(
        "each copy is made on its own",
        *(
            ask(
                splitting_probes.drawn_apart,
                k,
                """the fewest and the most of these: different rows made of a training text, itself
                among them, and changes in a copy, one upon the other,""",
            )
            for k in order[2:]
            if k > 1
        ),
        says="""augment is called with the original and `rng` for each copy: one copy k times teaches
        nothing new, and copies of copies stray from their label.""",
    )
    texts, groups, n_test = even(rng)
    labels = rng.permutation(len(texts) * 3)[: len(texts)].tolist()
    some_texts, some_groups, n_some = even(rng)
    twice = [*some_texts[:-2], *some_texts[:2]]  # two texts, each with one label and another
    ratings = rng.permutation(np.arange(len(twice)) % 2).tolist()
    ratings[-2:] = [1 - ratings[0], 1 - ratings[1]]
    yield Check(
        "labels go with their texts",
        *(
            probe(
                splitting_probes.labels_of,
                says="""Over 20 seeds, the most rows in train, the fewest, and whether all originals
                have their labels (1) or not (0), and whether all copies have,""",
            )(own, y, g, n, int(rng.integers(2, 4)), seeds(rng, 20))
            for own, y, g, n in (
                (texts, labels, groups, n_test),
                (twice, ratings, some_groups, n_some),
            )
        ),
        says="""A copy has its text's label. The same text may stand there twice, with different
        labels: look labels up by place.""",
    )
    yield Check(
        "originals keep their order",
        *(
            ask(
                splitting_probes.in_order,
                k,
                """the most originals in train, the fewest, and whether those of train, and those of
                test, always stand in the order in which they were given (1) or not (0),""",
            )
            for k in order[3:]
        ),
        says="The groups are shuffled, the texts of each part aren't.",
    )
    again = rng.permutation(np.repeat(rng.choice(999, 5, replace=False), [3, 2, 2, 2, 1]))
    groups = in_groups(rng, [2] * 14)
    yield Check(
        "draws from the generator it is given",
        probe(
            splitting_probes.first_alike,
            says="""For each of ten calls, the first one (they count from 0) that gave the same rows,
            and at last how often another generator was moved,""",
        )(sentences(rng, 28), groups, 11, 2, again.tolist()),
        says="""Draw from `rng`, and hand it to augment: the same seed gives the same split and the
        same copies, another seed others, and nobody else's generator is moved.""",
    )
    yield Check(
        "leaves what it is given alone",
        *(
            probe(splitting_probes.afterwards, says="What was given, as it is afterwards,")(
                sentences(rng, 4),
                rng.permutation(4).tolist(),
                in_groups(rng, [1, 1, 2]),
                1,
                k,
                int(rng.integers(999)),
            )
            for k in (1, 2)
        ),
        says="The lists are needed for the next split.",
    )


@exercise.right("groups shuffled, rows sorted into two lists")
def rows_into_two_lists(texts, labels, groups, n_test, k, augment, rng):
    sizes = {}
    for group in groups:
        sizes[group] = sizes.get(group, 0) + 1
    names = list(sizes)
    rng.shuffle(names)
    held = {}
    while sum(held.values()) < n_test:
        name = names.pop()
        held[name] = sizes[name]
    train, test = [], []
    for n in range(len(texts)):
        if groups[n] in held:
            test.append((texts[n], labels[n]))
        else:
            train.append((texts[n], labels[n]))
            for _ in range(k):
                train.append((augment(texts[n], rng), labels[n]))
    return train, test


@exercise.right("numbers for groups, and sums of sizes")
def numbers_for_groups(texts, labels, groups, n_test, k, augment, rng):
    number = {}
    group_N = np.array([number.setdefault(group, len(number)) for group in groups])
    size_G = np.bincount(group_N)
    order_G = np.argsort(rng.random(len(size_G)))
    taken = order_G[: 1 + np.searchsorted(np.cumsum(size_G[order_G]), n_test)]
    is_test = np.isin(group_N, taken)
    test = [(texts[n], labels[n]) for n in np.flatnonzero(is_test)]
    rest = np.flatnonzero(~is_test)
    train = [(texts[n], labels[n]) for n in rest]
    for _ in range(k):
        train.extend((augment(texts[n], rng), labels[n]) for n in rest)
    return train, test


@exercise.right("groups drawn one by one, copies in front")
def drawn_one_by_one(texts, labels, groups, n_test, k, augment, rng):
    left, held_out = [], []
    for group in groups:
        if group not in left:
            left.append(group)
    while sum(group in held_out for group in groups) < n_test:
        held_out.append(left.pop(int(rng.integers(len(left)))))
    train, test = [], []
    for text, label, group in zip(texts, labels, groups, strict=True):
        (test if group in held_out else train).append((text, label))
    copies = []
    for text, label in train:
        for _ in range(k):
            copies.append((augment(text, rng), label))
    return copies + train, test


for after in (
    "rows = list(zip(texts, labels, groups))",
    "rows = list(zip(texts, labels, groups, strict=False))",
):
    exercise.allow_mutant(after=after, reason="The three lists are of one length.")


@exercise.plain
def plain(texts, labels, groups, n_test, k, augment, rng):
    names = list(dict.fromkeys(groups))
    held_out, size = set(), 0
    for g in rng.permutation(len(names)):
        if size >= n_test:
            break
        held_out.add(names[g])
        size += groups.count(names[g])
    train, test = [], []
    for text, label, group in zip(texts, labels, groups, strict=True):
        if group in held_out:
            test.append((text, label))
        else:
            train.append((text, label))
    copies = []
    for text, label in train:
        for _ in range(k):
            copies.append((augment(text, rng), label))
    return train + copies, test


@exercise.wrong
def augments_before_the_split(texts, labels, groups, n_test, k, augment, rng):
    """You made the copies first and split them with the originals. So copies stand in the test part,
    which they fill before enough texts are there. Split first; only the training part gets copies."""
    texts, labels, groups = list(texts), list(labels), list(groups)
    for n in range(len(texts)):
        for _ in range(k):
            texts.append(augment(texts[n], rng))
            labels.append(labels[n])
            groups.append(groups[n])
    names = list(dict.fromkeys(groups))
    held_out = set()
    for g in rng.permutation(len(names)):
        if sum(group in held_out for group in groups) < n_test:
            held_out.add(names[g])
    rows = list(zip(texts, labels, groups, strict=True))
    train = [(text, label) for text, label, group in rows if group not in held_out]
    return train, [(text, label) for text, label, group in rows if group in held_out]


@exercise.wrong
def copies_on_both_sides(texts, labels, groups, n_test, k, augment, rng):
    """You made the copies first and then split all rows by chance, so that an original may be learned
    and its copy be asked (leakage). Split by groups, and first."""
    rows = list(zip(texts, labels, strict=True))
    rows += [(augment(text, rng), label) for text, label in rows for _ in range(k)]
    order = rng.permutation(len(rows))
    return [rows[n] for n in order[n_test:]], [rows[n] for n in order[:n_test]]


@exercise.wrong
def groups_ignored(texts, labels, groups, n_test, k, augment, rng):
    """You split texts by chance, whatever their group. Two reviews of one film, one on each side, share
    its names: draw groups."""
    order = rng.permutation(len(texts))
    test = [(texts[n], labels[n]) for n in sorted(order[:n_test])]
    train = [(texts[n], labels[n]) for n in sorted(order[n_test:])]
    return train + [(augment(text, rng), y) for text, y in train for _ in range(k)], test


@exercise.wrong
def last_group_cut(texts, labels, groups, n_test, k, augment, rng):
    """You took exactly n_test texts, so the last group is cut in two and stands on both sides. A group
    is taken whole: the test part may have more than n_test."""
    names = list(dict.fromkeys(groups))
    rank = {names[g]: place for place, g in enumerate(rng.permutation(len(names)))}
    order = sorted(range(len(texts)), key=lambda n: (rank[groups[n]], n))
    test = [(texts[n], labels[n]) for n in sorted(order[:n_test])]
    train = [(texts[n], labels[n]) for n in sorted(order[n_test:])]
    return train + [(augment(text, rng), y) for text, y in train for _ in range(k)], test


plain.slip("""stops-short
    - if size >= n_test:
    + if size + groups.count(names[g]) > n_test:
    You stopped before the test part had n_test texts, where the next group would have made it more. It
    may hold more, not fewer.""")
plain.slip("""one-group-more
    - if size >= n_test:
    + if size > n_test:
    You took one more group where the test part held n_test texts already. That is enough.""")
plain.slip("""n-test-groups
    - if size >= n_test:
    + if len(held_out) >= min(n_test, len(names) - 1):
    You took n_test *groups*. It is the number of texts that n_test counts.""")
plain.slip("""a-text-drawn-for-its-group
    - for g in rng.permutation(len(names)):
    + for g in dict.fromkeys(names.index(groups[n]) for n in rng.permutation(len(texts))):
    You drew texts and took their groups, so a large group is taken sooner than a small one. All orders
    of the groups are equally likely: draw groups.""")
plain.slip("""groups-as-they-come
    - rng.permutation(len(names))
    + range(len(names))
    You took the groups in the order in which they come. Draw their order from rng: the first films of a
    file are seldom like the others.""")
plain.slip("""smallest-groups-first
    - rng.permutation(len(names))
    + sorted(rng.permutation(len(names)), key=lambda g: groups.count(names[g]))
    You took small groups first, so that the large ones are never tested. All orders of the groups are
    equally likely.""")
plain.slip("""test-augmented
    - return train + copies, test
    + return train + copies, test + [(augment(text, rng), y) for text, y in test for _ in range(k)]
    You made copies of the test texts as well. What is measured are texts as people wrote them: the test
    part has no copies.""")
plain.slip("""test-replaced-by-copies
    - return train + copies, test
    + return train + copies, [(augment(text, rng), label) for text, label in test]
    You put copies into the test part, in place of its texts. What is measured are texts as people wrote
    them.""")
plain.slip("""originals-dropped
    - return train + copies, test
    + return copies, test
    You returned the copies without their originals. The originals are the best training texts there
    are.""")
plain.slip("""no-copies
    - return train + copies, test
    + return train, test
    You made no copies, or forgot to add them to the training part.""")
plain.slip("""one-copy-only
    - for _ in range(k):
    -     copies.append((augment(text, rng), label))
    + copies.append((augment(text, rng), label))
    You made one copy of each text, whatever k says.""")
plain.slip("""k-counts-the-original
    - for _ in range(k):
    + for _ in range(k - 1):
    You made one copy too few: k counts the copies, without the original.""")
plain.slip("""one-call-k-copies
    - for _ in range(k):
    -     copies.append((augment(text, rng), label))
    + copies += [(augment(text, rng), label)] * k
    You called augment once and took its copy k times. Equal copies teach nothing new: each is a call of
    its own.""")
plain.slip("""copies-of-copies
    - for _ in range(k):
    -     copies.append((augment(text, rng), label))
    + for _ in range(k):
    +     text = augment(text, rng)
    +     copies.append((text, label))
    You made each copy of the copy before. Changes add up that way, and the last copy may say something
    else: each is made of the original.""")
plain.slip("""labels-out-of-step
    - copies.append((augment(text, rng), label))
    + copies.append((augment(text, rng), train[len(copies) % len(train)][1]))
    The labels of your copies are out of step with their texts: with k copies of each text in a row, a
    label comes k times in a row as well.""")
plain.slip("""label-by-text
    - train, test = [], []
    + label_of = dict(zip(texts, labels, strict=True))
    + train, test = [], []
    - test.append((text, label))
    + test.append((text, label_of[text]))
    - train.append((text, label))
    + train.append((text, label_of[text]))
    You looked labels up by the text, in a dict. A text that stands there twice has one label in it, the
    last. Keep text and label together.""")
plain.slip("""texts-shuffled
    - train, test = [], []
    + train, test = [], []
    + order = rng.permutation(len(texts))
    - for text, label, group in zip(texts, labels, groups, strict=True):
    -     if group in held_out:
    + for n in order:
    +     text, label, group = texts[n], labels[n], groups[n]
    +     if group in held_out:
    You gave the texts another order, shuffled or group by group. The originals keep the one in which
    they were given; who trains on them shuffles them anyway.""")
plain.slip("""parts-swapped
    - return train + copies, test
    + return test, train + copies
    You returned the test part first. (train, test) is asked for.""")
plain.slip("""label-in-front
    - test.append((text, label))
    + test.append((label, text))
    - train.append((text, label))
    + train.append((label, text))
    - for text, label in train:
    + for label, text in train:
    - copies.append((augment(text, rng), label))
    + copies.append((label, augment(text, rng)))
    Your rows have the label in front. A row is (text, label).""")
plain.slip("""own-seed
    - names = list(dict.fromkeys(groups))
    + rng = np.random.default_rng(0)
    + names = list(dict.fromkeys(groups))
    You made a generator of your own, always from the same seed, so that every split is the same one.
    Draw from `rng`, and give it to augment.""")
plain.slip("""global-generator
    - rng.permutation(len(names))
    + np.random.permutation(len(names))
    Your groups come from another generator than `rng`: a new one of your own, or `np.random`, which
    everybody shares. Whoever calls you with the same `rng` again gets another split.""")


@exercise.wrong
def groups_in_an_array(texts, labels, groups, n_test, k, augment, rng):
    """You made an array of the groups. Groups may be anything that can be a key of a dict: pairs become a
    table with two columns there, and no longer stand for one group each."""
    group_N = np.array(groups)
    names = rng.permutation(np.unique(group_N))
    sizes = np.cumsum([(group_N == name).sum() for name in names])
    is_test = np.isin(group_N, names[: 1 + np.searchsorted(sizes, n_test)])
    test = [(texts[n], labels[n]) for n in np.flatnonzero(is_test)]
    train = [(texts[n], labels[n]) for n in np.flatnonzero(~is_test)]
    return train + [(augment(text, rng), y) for text, y in train for _ in range(k)], test


@exercise.wrong
def adds_to_the_lists(texts, labels, groups, n_test, k, augment, rng):
    """The two parts are right, but you put the copies into the caller's own lists. Make new ones."""
    names = list(dict.fromkeys(groups))
    held_out, size = set(), 0
    for g in rng.permutation(len(names)):
        if size < n_test:
            held_out.add(names[g])
            size += groups.count(names[g])
    for n in range(len(texts)):
        if groups[n] not in held_out:
            for _ in range(k):
                texts.append(augment(texts[n], rng))
                labels.append(labels[n])
                groups.append(groups[n])
    rows = list(zip(texts, labels, groups, strict=True))
    train = [(text, label) for text, label, group in rows if group not in held_out]
    return train, [(text, label) for text, label, group in rows if group in held_out]
