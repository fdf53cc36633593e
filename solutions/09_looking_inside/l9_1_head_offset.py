import numpy as np

from autograder.authoring import Check, Exercise, call, every_layout

from .shared import attention_maps

exercise = Exercise(
    "Heads that look a fixed distance away",
    solve="head_offset",
    difficulty=2,
    importance=3,
    minutes=10,
    hints="""Write down a map of 4 words, and mark where each word gives its weight to the one
    before. Where do these places lie, and how many of them are there? What of the first word?

    The places [t, t + offset] make a diagonal. NumPy takes diagonals out of arrays with any number
    of axes, if you say which two axes the map has.

    `np.diagonal(A_LHTT, offset, axis1=-2, axis2=-1)` has one diagonal for each layer and head, along
    its last axis. What is left is a mean over that axis.""",
)


@exercise.checks
def checks(rng):
    by_hand = np.array([[[[0.5, 0.2, 0.3], [0.9, 0.0, 0.1], [0.1, 0.7, 0.2]]]])
    yield Check(
        "one head, the word before and the next",
        call(by_hand, -1),
        call(by_hand, 1),
        call(attention_maps(rng, 1, 1, 4), -1),
        call(attention_maps(rng, 1, 1, 4), 1),
        says="""A row is one word's weights. At offset −1 it is the mean of the weight that the
        second word gives to the first, the third to the second, and so on.""",
    )
    near, far = rng.permutation([1, -2, 2, -3])[:2].tolist(), int(rng.choice([-5, 5]))
    yield Check(
        "every layer and every head",
        *(call(attention_maps(rng, 2, 3, 5), offset) for offset in near),
        call(attention_maps(rng, 3, 2, 7), far),
        says="""Each head of each layer has a mean of its own: (L, H). The mean is over the words for
        which there is a word `offset` places on.""",
        points=2,
    )
    yield Check(
        "the word itself, and from one end to the other",
        call(attention_maps(rng, 2, 3, 5), 0),
        call(attention_maps(rng, 2, 3, 5), 4),
        call(attention_maps(rng, 3, 2, 5), -4),
        call(attention_maps(rng, 2, 1, 1), 0),
        says="At offset T − 1 there is one such word, the first, and at 0 all of them count.",
    )
    yield Check(
        "any layout in memory, inputs left alone",
        *every_layout(call(attention_maps(rng, 2, 3, 5), int(rng.choice([-1, 1, -2])))),
        says="The maps are looked at again, with another offset.",
        judges="inputs untouched",
    )


@exercise.right
def a_loop_over_words(A_LHTT, offset):
    L, H, T, _ = A_LHTT.shape
    found = np.zeros((L, H))
    for layer in range(L):
        for head in range(H):
            there = [t for t in range(T) if 0 <= t + offset < T]
            found[layer, head] = sum(A_LHTT[layer, head, t, t + offset] for t in there) / len(there)
    return found


@exercise.right
def places_by_index(A_LHTT, offset):
    t = np.arange(A_LHTT.shape[-1])
    t = t[(t + offset >= 0) & (t + offset < len(t))]
    return A_LHTT[:, :, t, t + offset].mean(axis=-1)


@exercise.right("a mask of ones, and their number")
def a_mask_of_ones(A_LHTT, offset):
    there_TT = np.eye(A_LHTT.shape[-1], k=offset)
    return np.einsum("lhts,ts->lh", A_LHTT, there_TT) / there_TT.sum()


@exercise.right("a trace, divided by its length")
def a_trace(A_LHTT, offset):
    return A_LHTT.trace(offset, 2, 3) / (A_LHTT.shape[2] - abs(offset))


@exercise.wrong
def wraps_round(A_LHTT, offset):
    """You wrapped round the ends, as `np.roll` does: the word before the first became the last one.
    The first word has nobody before it, so it isn't counted."""
    t = np.arange(A_LHTT.shape[-1])
    return A_LHTT[:, :, t, (t + offset) % len(t)].mean(axis=-1)


@exercise.wrong
def divides_by_T(A_LHTT, offset):
    """You divided by the number of words T. Only T − |offset| of them have a word that far away:
    what is the mean over these?"""
    return A_LHTT.trace(offset, axis1=-2, axis2=-1) / A_LHTT.shape[-1]


exercise.allow_mutant(
    after="return np.diagonal(A_LHTT, offset, axis1=2, axis2=-1).mean(axis=-1)",
    reason="Of four axes, axis 2 is axis −2.",
)
exercise.slip("""other-direction
    - np.diagonal(A_LHTT, offset
    + np.diagonal(A_LHTT, -offset
    You took A[t + offset, t]: the sign of the offset is turned round, or keys and queries are
    swapped, which comes to the same. A row t is the word that looks, a column the word that is
    looked at.""")
exercise.slip("""heads-averaged
    - .mean(axis=-1)
    + .mean(axis=(-2, -1))
    You averaged over the heads as well, one number for each layer. Heads of one layer look at
    different places, and their mean hides that: keep (L, H).""")
exercise.slip("""layers-averaged
    - .mean(axis=-1)
    + .mean(axis=(0, -1))
    You averaged over the layers as well, one number for each head. Head 1 of one layer has nothing
    to do with head 1 of the next: keep (L, H).""")
exercise.slip("""one-number
    - .mean(axis=-1)
    + .mean()
    You averaged over everything, one number for the whole model. Each head of each layer gets its
    own: which axis alone should go?""")
exercise.slip("""sum-for-mean
    - .mean(axis=-1)
    + .sum(axis=-1)
    You added the weights up. A mean is asked for: divide by how many words there are with a word
    that far away.""")
exercise.slip("""offset-ignored
    - offset, axis1
    + 0, axis1
    You took the weight of each word on itself, whatever the offset.""")
exercise.slip("""not-averaged
    - .mean(axis=-1)
    The weights of all words are there, and their mean is still to be taken: (L, H), one number for
    each head.""")
exercise.slip("""diagonal-of-layers-and-heads
    - A_LHTT, offset, axis1=-2, axis2=-1
    + A_LHTT, offset
    You took a diagonal across layers and heads: `np.diagonal` and `trace` take the first two axes if
    nothing else is said. The words are the last two.""")


@exercise.wrong
def ends_look_at_themselves(A_LHTT, offset):
    """You let a word at the end count with the last word there is, where no word stands that far
    away. Such a word is left out of the mean."""
    t = np.arange(A_LHTT.shape[-1])
    return A_LHTT[:, :, t, np.clip(t + offset, 0, len(t) - 1)].mean(axis=-1)


@exercise.wrong
def counts_from_the_end(A_LHTT, offset):
    """You let t + offset become negative, and Python counts such a place from the end: the word
    before the first is the last one then. Which words have somebody at t + offset?"""
    T = A_LHTT.shape[-1]
    found = [A_LHTT[:, :, t, t + offset] for t in range(T) if t + offset < T]
    return np.mean(found, axis=0)


@exercise.wrong
def adds_into_the_maps(A_LHTT, offset):
    """The means are right, but you wrote into the maps you were given. Work on a copy, or put what
    you need into a new array."""
    A_LHTT *= np.eye(A_LHTT.shape[-1], k=offset)
    return A_LHTT.sum(axis=(2, 3)) / (A_LHTT.shape[-1] - abs(offset))
