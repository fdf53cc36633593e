"""One function is judged by its numbers, the other by what it does over many seeds: which words it
hides, how often, and how far its means waver."""

import itertools
from collections.abc import Mapping
from typing import Any

import numpy as np

from autograder.authoring import (
    CallOf,
    Check,
    Exercise,
    between,
    call,
    every_layout,
    function,
    probe,
    seeded,
)

from .shared import model, reader, text, uneven

exercise = Exercise(
    "The deletion curve, and its control",
    solve=("deletion_curve", "random_curve"),
    difficulty=3,
    importance=5,
    minutes=25,
    hints="""Sort the words once, the highest e first; then k is a slice of that order. Which
    places may never be in it? And what is the slice for k = 0? For the control the order comes from
    rng, and all k of one curve use the same.

    Places of words: `np.flatnonzero(ids_T != pad_id)`. Of these, the order is that of −e;
    `np.argsort(…, kind="stable")` keeps equal ones as they stand, without `kind` it promises
    nothing. Slice from the front, `order[:k]`: `order[-k:]` is everything for k = 0.
    `rng.permutation` gives an order by chance.

    For each k: `hidden_T = ids_T.copy()`, `hidden_T[order_N[:k]] = unk_id`, and p is
    `predict(hidden_T[None])[0]`. Collect them in an array of floats. For `random_curve` do this n
    times, each time with `order_N = rng.permutation(words_N)` drawn before the loop over ks, add the
    curves up, and divide by n.""",
)


def told(ids_BT, unk_id):
    """A probability that names the hidden words: word t is worth 2 to the power of −t − 1."""
    if ids_BT.ndim != 2:
        raise ValueError("predict takes ids of shape (B, T)")
    return (ids_BT == unk_id) @ 0.5 ** np.arange(1, ids_BT.shape[1] + 1)


def knows_the_text(ids_BT, whole_T, table_V, jump):
    if getattr(ids_BT, "ndim", 0) != 2 or ids_BT.dtype.kind not in "iu":
        raise ValueError("predict takes a NumPy array of ids, of shape (B, T) with B at least 1")
    hidden_BT, score_B = ids_BT != whole_T, table_V[ids_BT].sum(axis=1)
    for word in set(whole_T.tolist()):
        hidden_BN = hidden_BT[:, whole_T == word]
        score_B = score_B + jump * (hidden_BN[:, 1:] & ~hidden_BN[:, :-1]).any(axis=1)
    return 1 / (1 + np.exp(-score_B))


def hidden_and_new(random_curve, predict, ids_T, ks, seeds):
    hidden, new = np.zeros(len(ks)), np.zeros(len(ks))
    for seed in seeds:
        p_K = np.asarray(random_curve(predict, ids_T, ks, 1, np.random.default_rng(seed)), float)
        bits = [format(round(p * 2 ** len(ids_T)), "b").zfill(len(ids_T)) for p in p_K]
        sets = [{t for t, bit in enumerate(each) if bit == "1"} for each in bits]
        hidden += [len(each) for each in sets]
        new += [len(now - old) for now, old in zip(sets, [set(), *sets], strict=False)]
    return np.array([hidden, new]) / len(seeds)


def how_often(random_curve, predict, ids_T, k, seeds):
    times = np.zeros(len(ids_T))
    for seed in seeds:
        (p,) = random_curve(predict, ids_T, [k], 1, np.random.default_rng(seed))
        bits = format(round(float(p) * 2 ** len(ids_T)), "b").zfill(len(ids_T))
        times += [float(bit) for bit in bits[: len(ids_T)]]
    return times / len(seeds)


def mean_and_spread(random_curve, predict, ids_T, k, n, seeds):
    p = [
        float(np.asarray(random_curve(predict, ids_T, [k], n, np.random.default_rng(seed)))[0])
        for seed in seeds
    ]
    return np.array([np.mean(p), np.std(p)])


def first_alike(random_curve, predict, ids_T, ks, seeds):
    import random

    curves = []
    for place, seed in enumerate(seeds):
        random.seed(place)  # who draws from these draws something else each time
        np.random.seed(place)
        p_K = np.asarray(random_curve(predict, ids_T, ks, 2, np.random.default_rng(seed)), float)
        curves.append(p_K.tolist())
    return np.array([curves.index(each) for each in curves])


def exactly(ids_T: np.ndarray, k: int, drawn: Mapping[str, Any], words: int) -> tuple[float, float]:
    """Mean and standard deviation of p over all ways to hide k of the first `words` words."""
    p = []
    for places in itertools.combinations(range(words), k):
        hidden_T = ids_T.copy()
        hidden_T[list(places)] = 1
        p.append(reader(hidden_T[None], **drawn)[0])
    return float(np.mean(p)), float(np.std(p))


def wavering(rng: np.random.Generator, n: int) -> CallOf:
    """What n orders' mean is over 200 seeds: bounds of 5 standard deviations, of the spread too."""
    words, k, times = int(rng.integers(7, 10)), int(rng.integers(3, 5)), 200
    while True:  # of the models that are drawn, one to which it matters what is hidden
        predict, ids_T = model(rng, 20), text(rng, 20, words, pads=2)
        mean, spread = exactly(ids_T, k, predict.drawn, words)
        if spread > 0.1:
            break
    spread /= n**0.5
    far = 5 * spread / times**0.5
    return probe(
        mean_and_spread,
        says=f"Over {times} seeds, each with n = {n}, the mean and the standard deviation of p",
    )(
        predict,
        ids_T,
        k,
        n,
        rng.choice(9999, times, replace=False).tolist(),
        expect=between([mean - far, 0.65 * spread], [mean + far, 1.35 * spread]),
        tolerance=0.003,
    )


def equal_numbers(rng: np.random.Generator) -> CallOf:
    """A text of three words, many times each, that are worth the same wherever they stand.

    Whatever other order an answer gives to equal words, its p is the same: so it is known again,
    however the sorting of its processor orders what is equal. Of few words, some sorting leaves the
    first ones in front by chance.
    """
    times, worth = rng.permutation([50, 53, 58]), rng.permutation([0.3, -0.1, 0.2])
    ids_T = rng.permutation(np.repeat([4, 5, 6], times))
    before, ks = 0, []
    for place in np.argsort(-worth):
        ks.append(before + int(times[place]) // 2 + int(rng.integers(-2, 3)))
        before += int(times[place])
    predict = function(
        knows_the_text,
        "a model that minds if of two equal words only the later one is hidden",
        whole_T=ids_T,
        table_V=np.append([0.0, float(rng.choice([-0.01, 0.01])), 0.0, 0.0], worth / 15),
        jump=float(rng.choice([0.6, 0.8, -0.7])),
    )
    return call.deletion_curve(predict, ids_T, worth[ids_T - 4], [0, *ks])


@exercise.checks
def checks(rng):
    yield from of_the_deletion_curve(rng)
    yield from of_the_random_curve(rng)


def of_the_deletion_curve(rng):
    curve = call.deletion_curve
    yield Check(
        "deletion_curve: three words",
        curve(
            model(np.random.default_rng(9), 8),
            np.array([5, 4, 7]),
            np.array([0.2, -0.3, 0.5]),
            [0, 1, 2, 3],
        ),
        curve(model(rng, 9), text(rng, 9, 3), uneven(rng, 3), [0, 1, 2, 3]),
        curve(model(rng, 9), text(rng, 9, 4), uneven(rng, 4), [1, 3]),
        says="""For each k, p of the text with the k words hidden that have the highest e, all of
        them at once; for k = 0 p of the text as it is.""",
    )
    seen = text(rng, 12, 8)
    seen[rng.choice(8, 2, replace=False)] = 1
    yield Check(
        "deletion_curve: highest first, whatever its sign",
        curve(model(rng, 12), text(rng, 12, 8), uneven(rng, 8), [0, 2, 3, 5, 8]),
        curve(model(rng, 30), text(rng, 30, 11), uneven(rng, 11), (1, 4, 6, 9)),
        curve(model(rng, 12), seen, uneven(rng, 8), np.array([0, 1, 2, 3, 4, 6])),
        says="""Highest means most for praise: 0.1 is above −0.9. A word that is unknown already is a
        word like the others, and takes up one of the k.""",
        points=2,
    )
    e_T = uneven(rng, 8)
    e_T[5:] = [2.5, -3.5, 1.5]
    yield Check(
        "deletion_curve: pads",
        curve(model(rng, 12), text(rng, 12, 5, pads=3), e_T, [0, 1, 2, 3, 5]),
        curve(model(rng, 12), text(rng, 12, 5, pads=3), 0.5 * e_T, [1, 2, 4], unk_id=2),
        curve(model(rng, 12), text(rng, 12, 5, pads=3, pad_id=3), e_T, [0, 1, 3], 1, 3),
        says="""Where pad_id stands there is nothing to hide, whatever e says of it: k counts words,
        and pads stay pads.""",
    )
    yield Check(
        "deletion_curve: equal numbers",
        equal_numbers(rng),
        says="""Of words with equal e the earlier one is hidden first. NumPy's sorting promises no
        order of equal numbers, unless it is asked to.""",
    )
    yield Check(
        "deletion_curve: any layout in memory, inputs left alone",
        *every_layout(
            curve(model(rng, 12), text(rng, 12, 6, pads=2), uneven(rng, 8), [0, 1, 2, 4])
        ),
        says="The text and its numbers are needed for the next curve.",
        judges="inputs untouched",
    )


def of_the_random_curve(rng):
    curve = call.random_curve
    ends = [
        (text(rng, 12, words, pads=pads), [0, words]) for words, pads in ((4, 0), (5, 3), (7, 2))
    ]
    yield Check(
        "random_curve: no word, and all words",
        *(curve(model(rng, 12), ids_T, ks, 3, seeded(rng.integers(99))) for ids_T, ks in ends),
        curve(model(rng, 12), text(rng, 12, 5, pads=3), [0, 5], 2, seeded(5), unk_id=2),
        curve(model(rng, 12), text(rng, 12, 5, pads=3, pad_id=3), [0, 5], 2, seeded(6), 1, 3),
        says="""With no word hidden, and with all of them, nothing is left to chance: the pads stay
        as they are, and n orders give n times the same.""",
    )
    names = function(told, "a model whose p names the hidden words", unk_id=1)
    kinds = ([0, 1, 3, 4, 6], [1, 2, 5], [2, 3, 5, 6, 7], [0, 2, 6], [1, 4, 5, 7], [3, 4, 7])
    yield Check(
        "random_curve: k words, those of a smaller k among them",
        *(
            probe(
                hidden_and_new,
                says="""How many words were hidden for each k, and how many of them were not hidden
                for the k before, with n = 1 in the mean of 60 seeds,""",
            )(
                names,
                text(rng, 12, 8, pads=pads),
                kinds[which],
                rng.choice(9999, 60, replace=False).tolist(),
                tolerance=0.005,
            )
            for which, pads in zip(rng.choice(6, 2, replace=False).tolist(), (0, 3), strict=True)
        ),
        says="""One order is drawn for a whole curve, and k are its first k words: so the words that
        are hidden for a small k are hidden for a larger one as well.""",
    )
    words, k = int(rng.integers(5, 8)), int(rng.integers(2, 4))
    share, times = k / words, 400
    far = 5 * (share * (1 - share) / times) ** 0.5
    is_word = np.arange(words + 3) < words
    yield Check(
        "random_curve: any word as likely as another",
        probe(
            how_often,
            says=f"How often, of {times} seeds with n = 1 and k = {k}, each place was hidden",
        )(
            names,
            text(rng, 12, words, pads=3),
            k,
            rng.choice(9999, times, replace=False).tolist(),
            expect=between(is_word * (share - far), is_word * (share + far)),
            tolerance=0.01,
        ),
        says="All orders are equally likely: k of N words are hidden, so each in k of N cases.",
    )
    yield Check(
        "random_curve: the mean of n orders",
        wavering(rng, 9),
        wavering(rng, int(rng.choice([4, 6, 16]))),
        says="""With n orders the mean wavers √n times less than with one. That is what n is for, and
        it should be as steady as n orders make it, no more.""",
    )
    seeds = rng.permutation(np.repeat(rng.choice(99, 5, replace=False), [3, 2, 2, 2, 1])).tolist()
    yield Check(
        "random_curve: draws from the generator it is given",
        probe(
            first_alike,
            says="""For each of ten calls, the first one (they count from 0) that gave the same
            curve""",
        )(model(rng, 30), text(rng, 30, 12, pads=2), [1, 2, 4, 5, 7, 9], seeds),
        says="""Draw from `rng` and from nothing else: with the same seed a control can be repeated,
        with another it comes out a little differently.""",
    )
    yield Check(
        "random_curve: any layout in memory, inputs left alone",
        *every_layout(curve(model(rng, 12), text(rng, 12, 6, pads=2), [0, 6], 2, seeded(4))),
        says="The text is needed for the next order.",
        judges="inputs untouched",
    )


@exercise.of("deletion_curve").right("deletion_curve: sorted by Python, one call for each k")
def sorted_by_python(predict, ids_T, e_T, ks, unk_id=1, pad_id=0):
    words = [t for t in range(len(ids_T)) if ids_T[t] != pad_id]
    order = sorted(words, key=lambda t: (-e_T[t], t))
    p = []
    for k in ks:
        hidden = np.array(ids_T)
        for t in order[:k]:
            hidden[t] = unk_id
        p.append(predict(hidden[None])[0])
    return np.array(p)


@exercise.of("deletion_curve").right("deletion_curve: ranks, and one batch")
def ranks_and_one_batch(predict, ids_T, e_T, ks, unk_id=1, pad_id=0):
    T = len(ids_T)
    rank_T = np.empty(T, int)
    rank_T[np.lexsort((np.arange(T), -e_T, ids_T == pad_id))] = np.arange(T)
    hide_KT = (rank_T < np.array(ks)[:, None]) & (ids_T != pad_id)
    return predict(np.where(hide_KT, unk_id, ids_T))


@exercise.of("deletion_curve").right("deletion_curve: the highest that is left, again and again")
def the_highest_that_is_left(predict, ids_T, e_T, ks, unk_id=1, pad_id=0):
    left_T = np.where(ids_T == pad_id, -np.inf, e_T)
    hidden_T, texts = ids_T.copy(), [ids_T]
    while np.isfinite(left_T).any():
        t = int(np.argmax(left_T))
        hidden_T[t], left_T[t] = unk_id, -np.inf
        texts.append(hidden_T.copy())
    return predict(np.array([texts[k] for k in ks]))


@exercise.of("random_curve").right("random_curve: n orders at once, by random numbers")
def by_random_numbers(predict, ids_T, ks, n, rng, unk_id=1, pad_id=0):
    number_nT = np.where(ids_T == pad_id, np.inf, rng.random((n, len(ids_T))))
    rank_nT = number_nT.argsort(axis=1).argsort(axis=1)
    p = []
    for k in ks:
        hide_nT = (rank_nT < k) & (ids_T != pad_id)
        p.append(predict(np.where(hide_nT, unk_id, ids_T)).mean())
    return np.array(p)


@exercise.of("random_curve").right("random_curve: one word after the other")
def one_word_after_the_other(predict, ids_T, ks, n, rng, unk_id=1, pad_id=0):
    curves = []
    for _ in range(n):
        left, hidden, p = [t for t in range(len(ids_T)) if ids_T[t] != pad_id], ids_T.copy(), {}
        for k in range(len(left) + 1):
            if k in ks:
                p[k] = predict(hidden[None])[0]
            if left:
                hidden[left.pop(rng.integers(len(left)))] = unk_id
        curves.append([p[k] for k in ks])
    return np.mean(curves, axis=0)


@exercise.of("random_curve").right("random_curve: shuffled in place, through deletion_curve")
def through_deletion_curve(predict, ids_T, ks, n, rng, unk_id=1, pad_id=0):
    def curve(e_T):
        order = np.argsort(e_T)[::-1]
        order = order[ids_T[order] != pad_id]
        texts = []
        for k in ks:
            hidden = ids_T.copy()
            hidden[order[:k]] = unk_id
            texts.append(hidden)
        return predict(np.array(texts))

    return sum(curve(rng.normal(size=len(ids_T))) for _ in range(n)) / n


for after, reason in (
    ("for row_T, k in zip(hidden_KT, ks):", "There are as many rows as ks."),
    ("for row_T, k in zip(hidden_KT, ks, strict=False):", "There are as many rows as ks."),
    (
        "p_nK = predict(hidden_nKT.reshape(-2, len(ids_T))).reshape(n, len(ks))",
        "Whatever the negative number, NumPy works out how many rows there are.",
    ),
    (
        "p_nK = predict(hidden_nKT.reshape(-1, len(row_T))).reshape(n, len(ks))",
        "A row is as long as the text.",
    ),
):
    exercise.allow_mutant(after=after, reason=reason)


@exercise.of("deletion_curve").plain
def plain_curve(predict, ids_T, e_T, ks, unk_id=1, pad_id=0):
    order = np.argsort(-e_T, kind="stable")
    order = order[ids_T[order] != pad_id]
    p = np.zeros(len(ks))
    for i, k in enumerate(ks):
        hidden = ids_T.copy()
        hidden[order[:k]] = unk_id
        p[i] = predict(hidden[None])[0]
    return p


plain_curve.slip("""lowest-first
    - np.argsort(-e_T, kind="stable")
    + np.argsort(e_T, kind="stable")
    You hid the lowest words first. Sorting goes from low to high: turn the sign round, and the
    highest come first.""")
plain_curve.slip("""ranks-by-size
    - np.argsort(-e_T, kind="stable")
    + np.argsort(-np.abs(e_T), kind="stable")
    You ranked words by the size of e, so a word that speaks strongly against goes as early as one
    that speaks for. The highest e goes first, with its sign.""")
plain_curve.slip("""k-counts-pads
    - order = order[ids_T[order] != pad_id]
    +
    - hidden[order[:k]] = unk_id
    + places = [t for t in order[:k] if ids_T[t] != pad_id]
    + hidden[places] = unk_id
    You counted pads among the k, so fewer words than k are hidden. Leave the pads out of the order
    before you take the first k.""")
plain_curve.slip("""pads-hidden
    - order = order[ids_T[order] != pad_id]
    You hid pads as well: unknown words stand where there was nothing. Leave the pads out of the
    order.""")
plain_curve.slip("""none-hides-all
    - order = np.argsort(-e_T, kind="stable")
    + order = np.argsort(-e_T, kind="stable")[::-1]
    - order[:k]
    + order[-k:]
    You took the last k of an order, `order[-k:]`. For k = 0 that is `order[-0:]`, which is
    `order[0:]`: all words. Turn the order round, and take the first k.""")
plain_curve.slip("""equal-ones-out-of-order
    - order = np.argsort(-e_T, kind="stable")
    + order = np.argsort(e_T, kind="stable")[::-1]
    You hid some later word before an earlier one with the same e. `np.argsort` promises no order of
    equal numbers unless you ask for a stable sort, and an order that is turned round at the end
    turns equal ones round as well.""")
plain_curve.slip("""fall-for-probability
    - return p
    + return predict(ids_T[None])[0] - p
    You returned by how much p has fallen. What is left of it is asked for, p itself.""")
plain_curve.slip("""deletes-the-words
    - hidden = ids_T.copy()
    - hidden[order[:k]] = unk_id
    + hidden = np.delete(ids_T, order[:k])
    You deleted the words, so all others moved to other places. Put unk_id in their places.""")
plain_curve.slip("""one-word-only
    - hidden[order[:k]] = unk_id
    + hidden[order[k - 1 : k]] = unk_id
    You hid the k-th word alone. The first k are hidden together.""")
plain_curve.slip("""one-too-many
    - order[:k]
    + order[: k + 1]
    You hid one word more than k. `order[:k]` are the first k.""")
plain_curve.slip("""keeps-the-k
    - order[:k]
    + order[k:]
    You hid all words but the k highest. The k highest are to be hidden.""")
plain_curve.slip("""unknown-words-skipped
    - order = order[ids_T[order] != pad_id]
    + order = order[(ids_T[order] != pad_id) & (ids_T[order] != unk_id)]
    You left out words that are unknown already. They are words like the others: hiding one changes
    nothing, but it takes up one of the k.""")
plain_curve.slip("""whole-numbers
    - p = np.zeros(len(ks))
    + p = np.zeros_like(ks)
    Your array holds whole numbers, as `np.zeros_like` of ks gives it, and a probability becomes 0 in
    it. `np.zeros` holds floats.""")
plain_curve.slip("""ids-taken-for-granted
    - ids_T[order] != pad_id
    + ids_T[order] != 0
    - hidden[order[:k]] = unk_id
    + hidden[order[:k]] = 1
    You wrote 0 and 1 for the ids of pads and of unknown words. Another vocabulary has other ids:
    use pad_id and unk_id.""")
plain_curve.slip("""hides-in-the-callers-text
    - p = np.zeros(len(ks))
    + kept = ids_T.copy()
    + p = np.zeros(len(ks))
    - hidden = ids_T.copy()
    - hidden[order[:k]] = unk_id
    - p[i] = predict(hidden[None])[0]
    + ids_T[:] = kept
    + ids_T[order[:k]] = unk_id
    + p[i] = predict(ids_T[None])[0]
    The curve is right, but you hid the words in the caller's own text. Work on a copy.""")


@exercise.of("random_curve").plain
def plain_control(predict, ids_T, ks, n, rng, unk_id=1, pad_id=0):
    words = np.flatnonzero(ids_T != pad_id)
    total = np.zeros(len(ks))
    for _ in range(n):
        order = rng.permutation(words)
        for i, k in enumerate(ks):
            hidden = ids_T.copy()
            hidden[order[:k]] = unk_id
            total[i] += predict(hidden[None])[0]
    return total / n


plain_control.slip("""one-draw
    - for _ in range(n):
    -     order = rng.permutation(words)
    + order = rng.permutation(words)
    + for _ in range(n):
    You drew one order and no more, or the same n times. One order may be lucky: draw a new one for
    each of the n curves.""")
plain_control.slip("""sets-not-nested
    - order = rng.permutation(words)
    - for i, k in enumerate(ks):
    + for i, k in enumerate(ks):
    +     order = rng.permutation(words)
    You drew new words for each k, so a word that is hidden for 2 may be back for 3. One order serves
    a whole curve: draw it before the loop over ks.""")
plain_control.slip("""pads-hidden-by-chance
    - words = np.flatnonzero(ids_T != pad_id)
    + words = np.arange(len(ids_T))
    You hid pads as well: unknown words stand where there was nothing, and fewer than k words are
    hidden. Draw from the places of words.""")
plain_control.slip("""k-counts-pads-by-chance
    - words = np.flatnonzero(ids_T != pad_id)
    + words = np.arange(len(ids_T))
    - hidden[order[:k]] = unk_id
    + hidden[[t for t in order[:k] if ids_T[t] != pad_id]] = unk_id
    You counted pads among the k, so fewer words than k are hidden. Draw from the places of words
    only.""")
plain_control.slip("""word-drawn-twice
    - rng.permutation(words)
    + rng.choice(words, len(words))
    A word can come twice in your order, so fewer than k are hidden: `rng.choice` puts each back
    unless it is told `replace=False`. An order has every word once.""")
plain_control.slip("""own-seed
    - words = np.flatnonzero(ids_T != pad_id)
    + words, rng = np.flatnonzero(ids_T != pad_id), np.random.default_rng(0)
    You made a generator of your own, so every call draws the same orders, whatever generator it is
    given. Draw from `rng`.""")
plain_control.slip("""global-generator
    - rng.permutation(words)
    + np.random.permutation(words)
    You drew from NumPy's global generator. Whoever calls you with a seed wants to get the same
    again: draw from `rng`.""")
plain_control.slip("""not-by-chance
    - rng.permutation(words)
    + words
    You hid the first k words of the text. A control hides words by chance: draw their order from
    `rng`.""")
plain_control.slip("""sum-for-mean
    - total / n
    + total
    You added n curves up. Their mean is asked for: divide by n.""")
plain_control.slip("""curves-not-averaged
    - total = np.zeros(len(ks))
    + total = np.zeros((n, len(ks)))
    - for _ in range(n):
    + for row in range(n):
    - total[i] += predict(hidden[None])[0]
    + total[row, i] = predict(hidden[None])[0]
    - total / n
    + total
    You returned n curves, (n, len(ks)). Their mean is asked for, one curve.""")
plain_control.slip("""ids-taken-for-granted-by-chance
    - ids_T != pad_id
    + ids_T != 0
    - = unk_id
    + = 1
    You wrote 0 and 1 for the ids of pads and of unknown words. Another vocabulary has other ids: use
    pad_id and unk_id.""")
plain_control.slip("""hides-in-the-callers-text-by-chance
    - total = np.zeros(len(ks))
    + total, kept = np.zeros(len(ks)), ids_T.copy()
    - hidden = ids_T.copy()
    - hidden[order[:k]] = unk_id
    - total[i] += predict(hidden[None])[0]
    + ids_T[:] = kept
    + ids_T[order[:k]] = unk_id
    + total[i] += predict(ids_T[None])[0]
    The means are right, but you hid the words in the caller's own text. Work on a copy.""")
