import numpy as np

from autograder.authoring import Check, Exercise, call, float32, read_only, strided

from .shared import weights

exercise = Exercise(
    "Predict, then run: shuffle, drop, double",
    solve=("shuffled", "dropped", "doubled"),
    difficulty=3,
    importance=4,
    minutes=20,
    hints="""A word's score depends on that word alone. So shuffling, dropping or doubling changes
    no score; only the sum in the denominator can change. In which of the three does it?

    The ratio of two words' weights stays what it was. After a shuffle the sum has the same terms.
    After a drop it is smaller by one term, after a doubling larger by one: every weight is divided
    by a new sum, and they sum to 1 again.

    Shuffle: new position t shows the old weight of word order_T[t], so index the old weights with
    the order. Drop: take out weight i (`np.delete` makes a shorter copy), divide by what is left.
    Double: append a copy of weight i (`np.append`), divide by the new total.""",
)


@exercise.checks
def checks(rng):
    (fresh,) = rng.spawn(1)
    s_T = np.array([0.5, 0.3, 0.2])
    yield Check(
        "shuffled: two words change places",
        call.shuffled(s_T, np.array([1, 0, 2])),
        call.shuffled(weights(rng, 4), np.array([0, 3, 2, 1])),
        says="A word takes its weight along to its new place.",
    )
    order_T = np.array([3, 0, 4, 1, 5, 2]) if rng.random() < 0.5 else np.array([2, 4, 0, 5, 1, 3])
    s6_T = weights(rng, 6)
    yield Check(
        "shuffled: all words move",
        call.shuffled(s_T, np.array([2, 0, 1])),
        call.shuffled(s6_T, order_T),
        call.shuffled(float32(s6_T), order_T),
        call.shuffled(read_only(strided(s6_T)), read_only(order_T)),
        says="order_T tells for each new position which old word stands there.",
        judges="inputs untouched",
    )
    yield Check(
        "dropped: three words become two",
        *[call.dropped(s_T, i) for i in range(3)],
        call.dropped(weights(fresh, 3), int(fresh.integers(3))),
        says="The words that stay keep their proportions, and their weights sum to 1.",
    )
    s5_T, s7_T = weights(rng, 5), weights(rng, 7)
    yield Check(
        "dropped: longer sentences, other arrays",
        call.dropped(s7_T, 3),
        call.dropped(s7_T, int(s7_T.argmax())),
        call.dropped(float32(s5_T), 4),
        call.dropped(read_only(strided(s5_T)), 1),
        says="""A light word leaves little behind, a heavy one much; the rest divide it in
        proportion.""",
        judges="inputs untouched",
    )
    yield Check(
        "doubled: three words become four",
        *[call.doubled(s_T, i) for i in range(3)],
        call.doubled(weights(fresh, 3), int(fresh.integers(3))),
        says="""The copy has the same score as the word it copies, so the same weight, and all
        weights sum to 1.""",
    )
    yield Check(
        "doubled: longer sentences, other arrays",
        call.doubled(s7_T, 2),
        call.doubled(s7_T, int(s7_T.argmax())),
        call.doubled(float32(s5_T), 4),
        call.doubled(read_only(strided(s5_T)), 1),
        says="One more word competes for the same whole: every weight is divided by a larger sum.",
        judges="inputs untouched",
    )


@exercise.of("shuffled").right("shuffled: a loop")
def shuffled_a_loop(s_T, order_T):
    new_T = np.empty(len(s_T))
    for t, old in enumerate(order_T):
        new_T[t] = s_T[old]
    return new_T


@exercise.of("shuffled").right("shuffled: by a permutation matrix")
def shuffled_by_a_permutation_matrix(s_T, order_T):
    return np.eye(len(s_T))[order_T] @ s_T


@exercise.of("dropped").right("dropped: divided by what the word leaves")
def dropped_divided_by_what(s_T, i):
    kept = np.concatenate([s_T[:i], s_T[i + 1 :]])
    return kept / (1 - s_T[i])


@exercise.of("dropped").right("dropped: through the scores")
def dropped_through_the_scores(s_T, i):
    e_T = np.log(s_T)
    exps = np.array([np.exp(e) for j, e in enumerate(e_T) if j != i])
    return exps / exps.sum()


@exercise.of("dropped").right("dropped: a mask")
def dropped_a_mask(s_T, i):
    keep = np.ones(len(s_T), dtype=bool)
    keep[i] = False
    return s_T[keep] / s_T[keep].sum()


@exercise.of("doubled").right("doubled: divided by one plus the weight")
def doubled_divided_by_one_plus(s_T, i):
    return np.append(s_T, s_T[i]) / (1 + s_T[i])


@exercise.of("doubled").right("doubled: through the scores")
def doubled_through_the_scores(s_T, i):
    e = list(np.log(s_T))
    e.append(e[i])
    exps = np.exp(np.array(e))
    return exps / exps.sum()


exercise.allow_mutant(
    after="kept = -np.delete(s_T, i)",
    reason="The next line divides by the sum, which has the same sign: it cancels.",
)
exercise.allow_mutant(
    after="longer = -np.append(s_T, s_T[i])",
    reason="The next line divides by the sum, which has the same sign: it cancels.",
)


@exercise.of("shuffled").wrong
def shuffled_stays_in_place(s_T, order_T):
    """You left the weights where they were. A weight belongs to a word, not to a position: nothing
    in uᵀ W x_i knows where the word stands, so the weight moves with it."""
    return s_T.copy()


@exercise.of("shuffled").wrong
def shuffled_inverse(s_T, order_T):
    """You sent old weight t to position order_T[t]. It is the other way round: new position t shows
    the weight of old word order_T[t]. For a swap both agree; for most orders they don't."""
    new_T = np.zeros_like(s_T)
    new_T[order_T] = s_T
    return new_T


@exercise.of("shuffled").wrong
def shuffled_softmax_again(s_T, order_T):
    """You put the weights through softmax once more. They are finished weights, not scores: they
    have been exponentiated and divided already and only have to move."""
    exp_T = np.exp(s_T[order_T])
    return exp_T / exp_T.sum()


@exercise.of("shuffled").wrong
def shuffled_uniform(s_T, order_T):
    """You gave every word the same weight. Shuffling mixes up the places, not the weights: each
    word keeps its own."""
    return np.full(len(s_T), 1 / len(s_T))


@exercise.of("shuffled").wrong
def shuffled_sorted(s_T, order_T):
    """You sorted the weights. The new order is not by weight: order_T says which old word stands at
    each new position."""
    return np.sort(s_T)[::-1].copy()


@exercise.of("dropped").wrong
def dropped_not_renormalised(s_T, i):
    """You took the word out, and the weights now sum to less than 1. What it had does not vanish:
    the sum in the denominator has one term fewer, so every other weight grows."""
    return np.delete(s_T, i)


@exercise.of("dropped").wrong
def dropped_shared_equally(s_T, i):
    """You gave every remaining word the same part of the dropped weight. The ratio of two weights
    depends on their two scores alone and must stay: heavy words gain more than light ones."""
    return np.delete(s_T, i) + s_T[i] / (len(s_T) - 1)


@exercise.of("dropped").wrong
def dropped_leaves_a_zero(s_T, i):
    """You set the word's weight to 0 and kept its place. The sentence is one word shorter: return T
    − 1 weights, and let them sum to 1."""
    new_T = np.array(s_T)
    new_T[i] = 0
    return new_T


@exercise.of("dropped").wrong
def dropped_keeps_the_length(s_T, i):
    """Your weights are in the right proportion and sum to 1, but a 0 still stands where the word
    was. The word is gone: return T − 1 weights."""
    new_T = np.array(s_T)
    new_T[i] = 0
    return new_T / new_T.sum()


@exercise.of("dropped").wrong
def dropped_softmax_again(s_T, i):
    """You put the remaining weights through softmax once more. That treats weights as scores and
    flattens them. Their proportions are right already: only their sum has to be mended."""
    exps = np.exp(np.delete(s_T, i))
    return exps / exps.sum()


@exercise.of("dropped").wrong
def dropped_to_the_neighbour(s_T, i):
    """You handed the whole dropped weight to one neighbour. Attention knows no neighbours: all
    remaining words grow by the same factor."""
    kept = np.delete(s_T, i)
    kept[min(i, len(kept) - 1)] += s_T[i]
    return kept


@exercise.of("doubled").wrong
def doubled_halves(s_T, i):
    """You split the word's weight between its two copies and left the others as they were. But the
    copy brings its own term into the sum: together the two get more than the word had alone, and
    all others get less."""
    new_T = np.append(s_T, s_T[i] / 2)
    new_T[i] = s_T[i] / 2
    return new_T


@exercise.of("doubled").wrong
def doubled_not_renormalised(s_T, i):
    """You gave the copy the weight of its original, and now the weights sum to more than 1. The
    denominator has one more term: divide all of them by the new sum."""
    return np.append(s_T, s_T[i])


@exercise.of("doubled").wrong
def doubled_others_pay(s_T, i):
    """Your two copies keep the old weight each, and only the others shrink. The copies share in the
    shrinking: all T + 1 weights are divided by the same new sum."""
    rest = (1 - 2 * s_T[i]) / (1 - s_T[i])
    new_T = np.append(s_T * rest, s_T[i])
    new_T[i] = s_T[i]
    return new_T


@exercise.of("doubled").wrong
def doubled_beside(s_T, i):
    """Your weights are right, but you put the copy next to its original. Here the copy stands at
    the end of the sentence."""
    new_T = np.insert(s_T, i + 1, s_T[i])
    return new_T / new_T.sum()


@exercise.of("doubled").wrong
def doubled_softmax_again(s_T, i):
    """You put the weights through softmax once more. That treats weights as scores and flattens
    them. Their proportions are right already: only their sum has to be mended."""
    exps = np.exp(np.append(s_T, s_T[i]))
    return exps / exps.sum()


@exercise.of("doubled").wrong
def doubled_without_a_copy(s_T, i):
    """You made the word twice as heavy but added no place for its copy. The sentence is one word
    longer: return T + 1 weights, the copy's at the end."""
    new_T = np.array(s_T)
    new_T[i] = 2 * s_T[i]
    return new_T / new_T.sum()
