import numpy as np

from autograder.authoring import (
    Check,
    Exercise,
    call,
    every_layout,
    float32,
    normal,
    probe,
)

exercise = Exercise(
    "The likely ones",
    solve="top_p",
    difficulty=3,
    importance=5,
    minutes=15,
    hints="""Make probabilities first: the softmax of z / tau, with the maximum subtracted. Then line
    the words up, the most probable first, and add up until p is reached. Is the word that reaches it
    in or out?

    `order_C = np.argsort(-p_C, kind="stable")` lines them up; without `kind="stable"` words of equal
    probability come in any order. `np.cumsum` adds up. A word is in if those *ahead of it* haven't
    reached p yet: that is the sum without the word itself.

    Put what is kept into zeros: `kept_C[order_C[:n]] = p_C[order_C[:n]]` restores the order of the
    vocabulary, and a division by the sum makes it 1 again. With p = 1 take all: rounding lets a sum
    of the first few say 1.0 already.""",
)


def not_zero(top_p, z_C, p, tau):
    return np.flatnonzero(np.asarray(top_p(z_C, p, tau)) > 0)


def margin(z_C: np.ndarray, tau: float) -> tuple[np.ndarray, np.ndarray]:
    """The probabilities in falling order, and what they reach."""
    p_C = np.exp((z_C - z_C.max()) / tau)
    p_C = np.sort(p_C / p_C.sum())[::-1]
    return p_C, np.cumsum(p_C)


def between_sums(rng: np.random.Generator, z_C: np.ndarray, tau: float, n: int) -> float:
    """A p for which n words stay, far from every partial sum."""
    p_C, sums = margin(z_C, tau)
    return float(sums[n - 1] - rng.uniform(0.25, 0.75) * p_C[n - 1])


@exercise.checks
def checks(rng):
    (fresh,) = rng.spawn(1)
    half = np.log(np.array([0.3, 0.5, 0.2]))

    def logits(C: int) -> np.ndarray:
        """No two alike, and no order in them."""
        return fresh.permutation(np.linspace(-1.7, 1.6, C)) + normal(fresh, C, scale=0.03)

    def cut(C: int, n: int, tau: float = 1.0) -> tuple[np.ndarray, float]:
        z_C = logits(C)
        return z_C, between_sums(fresh, z_C, tau, n)

    yield Check(
        "three words by hand",
        call(half, 0.6),
        call(half, 0.4),
        call(half, 0.9),
        call(*cut(4, 2)),
        says="""Of 0.3, 0.5 and 0.2, the second word reaches 0.4 alone; for 0.6 the first one is needed
        as well, and 0.5 and 0.3 become 0.625 and 0.375.""",
    )
    yield Check(
        "more words",
        *(call(*cut(C, n)) for C, n in ((9, 3), (7, 6), (12, 1), (30, 11))),
        call(logits(8), 0.001),
        says="""As few words as reach p together, the most probable first; what is kept sums to 1 and
        stands where it stood.""",
        points=2,
    )
    temperatures = [0.5, 2.0, 1.25, 0.75]
    yield Check(
        "temperature first",
        *(
            call(*cut(C, n, tau), tau)
            for (C, n), tau in zip(((6, 2), (9, 5), (8, 3), (11, 7)), temperatures, strict=True)
        ),
        call(logits(5), 1, tau=3),
        says="""The temperature makes the probabilities, of z / tau, and of these the likeliest are
        kept: at a higher one more words are needed to reach p.""",
        points=2,
    )
    # equal ones: four levels, many words on each, the cut inside the second level
    levels = fresh.permutation(np.repeat([2.0, 1.0, 0.0, -1.0], [6, 20, 18, 8]))
    many = fresh.permutation(np.repeat([1.0, 0.5], [40, 25]))
    few = np.array([1.0, 2.0, 1.0, 1.0, 0.0])
    yield Check(
        "words that are equally probable",
        call(few, between_sums(fresh, few, 1.0, 3)),
        call(levels, between_sums(fresh, levels, 1.0, 6 + int(fresh.integers(5, 15)))),
        call(many, between_sums(fresh, many, 2.0, int(fresh.integers(12, 30))), 2.0),
        call(np.zeros(33), float(int(fresh.integers(9, 25)) / 33 - 0.01)),
        says="Of equal ones those with the lower index come first, and no more than are needed.",
    )
    tail = np.where(np.arange(9) == fresh.integers(9), 0.0, -30 - 60 * fresh.random(9))
    deep = np.where(np.arange(6) % 2, -600.0, 0.0) + normal(fresh, 6)
    spared = probe(not_zero, says="The places of the words whose probability isn't 0,")
    yield Check(
        "p = 1 keeps them all",
        call(logits(6), 1.0),
        call(logits(9), 1, 0.5),
        spared(tail, 1.0, 1.0),
        spared(np.concatenate([deep, normal(fresh, int(fresh.integers(2, 6)))]), 1.0, 1.0),
        spared(*cut(8, 3), 1.0),
        says="""With p = 1 nobody is dropped, however small the probability: a word of 1e-20 stays
        possible.""",
    )
    large = fresh.permutation([1000.0, 999.0, 998.5, -1000.0, 0.0, 997.0])
    yield Check(
        "logits in the thousands",
        call(large, between_sums(fresh, large, 1.0, 3)),
        call(-large, between_sums(fresh, -large, 300.0, 4), 300.0),
        call(float32(large), between_sums(fresh, large, 2.0, 2), 2.0),
        says="No exponential may overflow.",
    )
    z_C, p = cut(10, 4)
    yield Check(
        "float32, strided and read-only arrays, inputs left alone",
        *every_layout(call(z_C, p)),
        *every_layout(call(*cut(7, 4, 1.5), 1.5)),
        says="The logits are shown beside the result: leave them as they were.",
        judges="inputs untouched",
    )


@exercise.right("a loop that takes the likeliest word each time")
def a_loop(z_C, p, tau=1.0):
    exps = [float(np.exp((z - max(z_C)) / tau)) for z in z_C]
    probs = [each / sum(exps) for each in exps]
    kept = np.zeros(len(probs))
    left, reached = list(range(len(probs))), 0.0
    while left and (p == 1 or reached < p):
        best = max(left, key=lambda c: (probs[c], -c))
        kept[best] = probs[best]
        reached += probs[best]
        left.remove(best)
    return kept / kept.sum()


@exercise.right("sorted, a search among the sums, put back")
def sorted_and_put_back(z_C, p, tau=1.0):
    s = np.asarray(z_C, float) / tau
    logp = s - s.max() - np.log(np.sum(np.exp(s - s.max())))
    order = np.lexsort((np.arange(len(s)), -logp))
    probs = np.exp(logp[order])
    n = len(s) if p >= 1 else int(np.searchsorted(np.cumsum(probs), p)) + 1
    probs[n:] = 0
    out = np.empty(len(s))
    out[order] = probs / probs.sum()
    return out


@exercise.right("the unlikely ones dropped from the tail, a softmax of the rest")
def dropped_from_the_tail(z_C, p, tau=1.0):
    s = (z_C - np.max(z_C)).astype(float) / tau
    probs = np.exp(s) / np.exp(s).sum()
    order = np.argsort(-probs, kind="mergesort")
    behind = np.cumsum(probs[order][::-1])[::-1]  # a word and all behind it
    stays = behind > 1 - p
    stays[0] = True
    masked = np.full(len(s), -np.inf)
    masked[order[stays]] = s[order[stays]]
    return np.exp(masked) / np.exp(masked).sum()


exercise.allow_mutant(
    after="p_C = -np.exp(s_C - s_C.max())",
    reason="The sum has the same sign, and it is divided by.",
)
for other in ("s_C", "z_C"):
    exercise.allow_mutant(
        after=f'order_C = np.argsort(-{other}, kind="stable")',
        reason="The likelier word has the larger logit, as tau is above 0.",
    )
exercise.allow_mutant(
    after="p_C[order_C[(before_C > p) & (p < 1)]] = 0", reason="No sum is exactly p."
)


@exercise.plain
def plain(z_C, p, tau=1.0):
    s = z_C / tau
    probs = np.exp(s - s.max())
    probs = probs / probs.sum()
    order = np.argsort(-probs, kind="stable")
    before = np.cumsum(probs[order]) - probs[order]
    keep = (before < p) | (p == 1)
    out = np.zeros(len(probs))
    out[order[keep]] = probs[order[keep]]
    return out / out.sum()


plain.slip("""last-word-dropped
    - before = np.cumsum(probs[order]) - probs[order]
    - keep = (before < p) | (p == 1)
    + keep = (np.cumsum(probs[order]) <= p) | (p == 1)
    + keep[0] = True
    You drop the word with which the sum reaches p. Without it the rest hasn't reached p: it is the
    last that stays.""")
plain.slip("""nobody-left
    - before = np.cumsum(probs[order]) - probs[order]
    - keep = (before < p) | (p == 1)
    + keep = (np.cumsum(probs[order]) <= p) | (p == 1)
    You drop the word with which the sum reaches p. If it is the very first, nobody is left and 0 is
    divided by 0. It is the last that stays.""")
plain.slip("""one-word-too-many
    - before = np.cumsum(probs[order]) - probs[order]
    - keep = (before < p) | (p == 1)
    + before = np.cumsum(probs[order]) - probs[order]
    + keep = np.arange(len(order)) <= (before < p).sum()
    + keep |= p == 1
    You keep one word more than are needed. When the sum has reached p, nobody else comes in.""")
plain.slip("""not-made-to-sum-to-1
    - return out / out.sum()
    + return out
    What you keep sums to p or a little more. It is to be drawn from, so it has to sum to 1.""")
plain.slip("""temperature-after-the-cut
    - s = z_C / tau
    + s = 1.0 * z_C
    - out[order[keep]] = probs[order[keep]]
    + warm = np.exp((z_C - z_C.max()) / tau)
    + out[order[keep]] = warm[order[keep]]
    You chose the words at temperature 1 and used tau on what was kept. The temperature comes first: it
    changes how many words are needed.""")
plain.slip("""temperature-ignored
    - s = z_C / tau
    + s = 1.0 * z_C
    The temperature makes no difference to your result. If you divided the exponentials by tau, their
    sum takes that away again: it is the *logits* that are divided, before exp.""")
plain.slip("""temperature-multiplied
    - s = z_C / tau
    + s = z_C * tau
    You multiplied by tau. A high temperature makes the words *more* alike: divide.""")
plain.slip("""sorted-order
    - out[order[keep]] = probs[order[keep]]
    + out[: keep.sum()] = probs[order[keep]]
    Your result is in falling order, so index 0 is always the likeliest. Index c belongs to word c of
    the vocabulary: put each probability back where it came from.""")
plain.slip("""only-the-kept-ones
    - out = np.zeros(len(probs))
    - out[order[keep]] = probs[order[keep]]
    + out = probs[order[keep]]
    You return the kept probabilities alone. There is one for each word of the vocabulary, 0 for those
    that are dropped.""")
plain.slip("""least-probable-first
    - order = np.argsort(-probs, kind="stable")
    + order = np.argsort(probs, kind="stable")
    You begin with the least probable word, so the nonsense stays and the likeliest are dropped.
    `np.argsort` sorts upwards.""")
plain.slip("""threshold-for-each-word
    - keep = (before < p) | (p == 1)
    + keep = probs[order] >= (1 - p) * probs.max()
    You compare each word's own probability with a bar. The *sum* of the likeliest is to reach p.""")
plain.slip("""at-least-p-each
    - keep = (before < p) | (p == 1)
    + keep = probs[order] >= p
    + keep[0] = True
    You keep words whose own probability is p or more. Hardly any word has that: the *sum* of the
    likeliest is to reach p.""")
plain.slip("""share-of-the-words
    - keep = (before < p) | (p == 1)
    + keep = np.arange(len(order)) < np.ceil(p * len(order))
    You keep the share p of the vocabulary, however probable its words are. Count probability, not
    words.""")
plain.slip("""share-of-the-likeliest
    - keep = (before < p) | (p == 1)
    + keep = probs[order] > 0.999 * probs.max()
    You keep the likeliest word alone. That is greedy writing, whatever p says: how many are needed to
    reach p?""")
plain.slip("""small-words-lost-at-1
    - keep = (before < p) | (p == 1)
    + keep = before < p
    With p = 1 your function drops words: the sum of the others is 1.0 already, by rounding, though it
    isn't quite. A word of 1e-20 is part of "all".""")
plain.slip("""one-word-left-at-1
    - before = np.cumsum(probs[order]) - probs[order]
    - keep = (before < p) | (p == 1)
    + n = int(np.argmax(np.cumsum(probs[order]) >= min(p, 1 - 1e-12) + 1e-9 * (p == 1)))
    + keep = np.arange(len(order)) <= n
    With p = 1 a single word is left: by rounding the sum never reaches 1, and `argmax` of nothing but
    False is 0. Let p = 1 keep them all.""")
plain.slip("""ties-by-the-higher-index
    - order = np.argsort(-probs, kind="stable")
    + order = np.argsort(probs, kind="stable")[::-1]
    Of two words that are equally probable, you take the one with the higher index: turning an order
    round turns ties round as well. Sort by −p.""")
plain.slip("""ties-by-chance
    - order = np.argsort(-probs, kind="stable")
    + order = np.argsort(-probs, kind="heapsort")
    Of words that are equally probable you take any: NumPy's sorting leaves them in no order unless it
    is asked for a stable one.""")
plain.slip("""all-that-tie
    - keep = (before < p) | (p == 1)
    + last = (before < p).sum() - 1 if p < 1 else len(probs) - 1
    + keep = probs[order] >= probs[order][last]
    You keep all words that are as probable as the last one needed. As few as possible are asked for: of
    equal ones, those with the lower index.""")
plain.slip("""exponentials-overflow
    - probs = np.exp(s - s.max())
    + probs = np.exp(s)
    You took exp of the logits as they are. From 710 on that is infinity: subtract the maximum first.""")
plain.slip("""logits-changed
    - s = z_C / tau
    + z_C /= tau
    + s = z_C
    You divided the caller's own logits. Make a new array.""")
plain.slip("""logarithms
    - return out / out.sum()
    + return np.log(out / out.sum())
    You returned logarithms. Probabilities are asked for.""")


@exercise.wrong
def softmax_twice(z_C, p, tau=1.0):
    """You took a softmax of the kept *probabilities*. They are probabilities already: to make them
    sum to 1, divide by their sum."""
    s = z_C / tau
    probs = np.exp(s - s.max())
    probs = probs / probs.sum()
    order = np.argsort(-probs, kind="stable")
    before = np.cumsum(probs[order]) - probs[order]
    keep = order[(before < p) | (p == 1)]
    out = np.zeros(len(probs))
    out[keep] = np.exp(probs[keep]) / np.exp(probs[keep]).sum()
    return out
