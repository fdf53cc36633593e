"""The inputs that `hit_ndcg` of L14.6 is judged by: ranks, seen items, padding, equal scores."""

from collections.abc import Iterator

import numpy as np

from autograder.authoring import Check, call, every_layout


def people(
    rng: np.random.Generator,
    B: int,
    N: int,
    *,
    ranks: tuple[int, ...],
    had: int = 0,
    target_seen: bool = False,
    equal: int = 0,
    pad: bool = False,
) -> tuple[np.ndarray, list[list[int]], np.ndarray]:
    """Scores, what was seen, and targets whose ranks among the candidates are drawn from `ranks`.

    had: how many seen items each has, most of them with scores ahead of the target's. target_seen:
    the target is among them in every other row. equal: so many candidates have the target's score.
    pad: item 0 has the highest score.
    """
    scores_BN = np.zeros((B, N))
    seen, target_B = [], np.zeros(B, int)
    drawn_B = rng.choice(ranks, B)
    drawn_B[:2] = rng.permutation([min(ranks), max(ranks)])
    for b, rank in enumerate(drawn_B.tolist()):
        items = rng.permutation(np.arange(1, N)).tolist()
        target, own, free = items[0], items[1 : 1 + had], items[1 + had :]
        levels = np.round(np.sort(rng.choice(np.arange(-90, 90), N, replace=False))[::-1] / 100, 2)
        scores_BN[b, free[:rank]] = levels[1 : 1 + rank]
        scores_BN[b, target] = levels[rank + 1]
        tied = free[rank : rank + equal]
        scores_BN[b, tied] = levels[rank + 1]
        rest = free[rank + equal :]
        scores_BN[b, rest] = levels[rank + 2 : rank + 2 + len(rest)]
        scores_BN[b, own] = rng.permutation(np.r_[levels[:2], levels[-had:]])[:had] if had else []
        scores_BN[b, 0] = 0.95 if pad else levels[-1]
        seen.append(own + ([target] if target_seen and b % 2 else []))
        target_B[b] = target
        rng.shuffle(seen[-1])
    return scores_BN, seen, target_B


def of_the_measure(rng: np.random.Generator) -> Iterator[Check]:
    by_hand = np.array([[0.0, 0.9, 0.2, 0.7, 0.1, 0.4], [0.0, 0.3, 0.8, 0.1, 0.6, 0.5]])
    nobody = [[], []]
    some, more = people(rng, 5, 9, ranks=(0, 1, 2, 5)), people(rng, 7, 12, ranks=(1, 3, 4, 6, 8))
    k = int(rng.integers(2, 4))
    yield Check(
        "hit_ndcg: hits among the first k",
        call.hit_ndcg(by_hand, nobody, np.array([3, 5]), 2),
        call.hit_ndcg(*some, k),
        call.hit_ndcg(*more, 5),
        part=0,
        says="""Ranks count from 0. With k = 2 the ranks 0 and 1 are hits: the share of people whose target is
        among the first two.""",
    )
    yield Check(
        "hit_ndcg: how far up",
        call.hit_ndcg(by_hand, nobody, np.array([3, 5]), 2),
        call.hit_ndcg(*some, k),
        call.hit_ndcg(*more, 5),
        part=1,
        says="""A hit at rank 0 is worth 1 / log2(2) = 1, at rank 1 it is 1 / log2(3) = 0.63, and at rank 2 ½.
        What is no hit is worth nothing; the mean is over all people.""",
    )
    yield Check(
        "hit_ndcg: neither padding nor what was seen",
        call.hit_ndcg(by_hand + 2 * np.eye(6)[0], [[1], [2, 4]], np.array([3, 1]), 1),
        call.hit_ndcg(*people(rng, 6, 13, ranks=(0, 1, 2, 4), had=3, pad=True), 2),
        call.hit_ndcg(*people(rng, 8, 11, ranks=(0, 1, 3), had=4, pad=True), k),
        says="Item 0 and what a person has had already are no candidates, however high their scores.",
        points=2,
    )
    yield Check(
        "hit_ndcg: a target that was seen",
        call.hit_ndcg(by_hand, [[3, 1], [2]], np.array([3, 4]), 2),
        call.hit_ndcg(*people(rng, 7, 12, ranks=(0, 1, 2, 5), had=2, target_seen=True), k),
        call.hit_ndcg(*people(rng, 6, 10, ranks=(0, 2, 4), had=3, target_seen=True), 3),
        says="Somebody may choose a thing again: the target stays a candidate, though it was seen.",
    )
    yield Check(
        "hit_ndcg: equal scores count half",
        call.hit_ndcg(np.zeros((2, 6)), [[], [1]], np.array([2, 4]), 2),
        call.hit_ndcg(*people(rng, 6, 12, ranks=(0, 1, 2, 3), equal=3), 3),
        call.hit_ndcg(*people(rng, 7, 11, ranks=(0, 1, 3), had=2, equal=2, target_seen=True), 3),
        call.hit_ndcg(*people(rng, 5, 10, ranks=(0, 1, 2), equal=1), 2),
        says="""Of those with the target's score one half counts as better. A model that gives everybody the
        same score then stands in the middle, not at the top.""",
        points=2,
    )
    scores, seen, targets = people(rng, 6, 12, ranks=(0, 1, 2, 4), had=3, target_seen=True)
    seen = [[*own, 0, *own[:1]] if b % 2 else own for b, own in enumerate(seen)]
    yield Check(
        "hit_ndcg: any lists and arrays, left alone",
        *every_layout(call.hit_ndcg(scores, seen, targets, 3)),
        says="Scores and lists are still needed. A list may hold 0, or an item twice.",
        judges="inputs untouched",
    )
