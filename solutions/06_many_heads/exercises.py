"""Lesson 6: the checks, the right variants and the misconceptions of its five exercises.

Sizes are B sentences, T queries, S keys, width D cut into H heads of K = D / H numbers. They differ,
and none is the square of another, unless a check says otherwise: what a wrong reshape does is seen
best where no two axes are alike, and what it hides where they are. Inputs are standard normal and
the projections keep that spread, so that scores divided by √K have a standard deviation of about 1.

L6.4 is judged by what Keras's layer gives with the learner's weights. The layer's arithmetic stands
in the probe `layer_output`, in NumPy: so the verdict is there at once and the same on every backend,
where Keras is installed and where it isn't. tests/lessons holds the probe against the real layer, in
what it gives and in what it refuses.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from autograder.authoring import (
    Axes,
    Check,
    Exercise,
    call,
    every_layout,
    float32,
    normal,
    probe,
    read_only,
    strided,
)

# Of answers to scores of about ±1e3, whose own last digits are that much coarser.
LARGE, LARGE_32 = 1e-6, 1e-2


def matrices(rng: np.random.Generator, D: int, count: int = 4) -> list[np.ndarray]:
    """Square projections that keep the spread of what they are applied to."""
    return [normal(rng, D, D, scale=1 / D**0.5) for _ in range(count)]


# --------------------------------------------------------------------------- L6.1

l6_1 = Exercise(
    id="L6.1",
    title="Cut a width into heads",
    functions=("split_heads",),
    difficulty=3,
    importance=5,
    minutes=12,
    hints=(
        "Write the shape you have, (B, T, D), and the one you want, (B, H, T, K). Two things "
        "happen: one axis becomes two, and two axes change places. Which, and in which order is it "
        "safe?",
        "A reshape keeps the reading order of the numbers. Cutting D into H pieces of K right where "
        "it stands, (B, T, H, K), keeps every word's numbers with that word. Only then may H and T "
        "change places, and for that a reshape won't do.",
        "`x_BTD.reshape(B, T, H, D // H)` cuts; `.swapaxes(1, 2)`, or `.transpose(0, 2, 1, 3)`, "
        "exchanges the two axes in the middle. If D can't be cut into H equal pieces, such a reshape "
        "refuses by itself, as long as no −1 lets it choose a size.",
    ),
)


def refuses(split_heads, x_BTD, H):
    try:
        split_heads(x_BTD, H)
    except ValueError:
        return True
    return False


def refuses_each(split_heads, D, heads):
    refused = []
    for H in heads:
        try:
            split_heads(np.arange(2.0 * D).reshape(1, 2, D), H)
            refused.append(False)
        except ValueError:
            refused.append(True)
    return np.array(refused)


@l6_1.checks
def l6_1_checks(rng: np.random.Generator) -> Iterator[Check]:
    (fresh,) = rng.spawn(1)
    axes = Axes(B=3, T=5, D=12)
    three_words = np.array([[[1.0, 2, 3, 4], [5, 6, 7, 8], [9, 10, 11, 12]]])
    yield Check(
        "three words of four numbers, two heads",
        points=1,
        calls=[
            call("split_heads", three_words, 2),
            call("split_heads", normal(rng, 1, 3, 6, decimals=1), 3),
        ],
        says="The words are (1, 2, 3, 4), (5, 6, 7, 8) and (9, 10, 11, 12). The first head gets the "
        "first half of every word's numbers, the second head the second half.",
    )
    x_BTD = axes.normal(rng, "BTD")
    yield Check(
        "several sentences, any number of heads",
        points=1,
        calls=[
            call("split_heads", x_BTD, 2),
            call("split_heads", x_BTD, 6),
            call("split_heads", normal(rng, 2, 7, 15), 3),
            call("split_heads", normal(rng, 2, 4, 8), 4),
        ],
        says="Head h of word t in sentence b holds the numbers hK to hK + K − 1 of that word, in "
        "their order.",
    )
    x_BTD = normal(rng, 2, 5, 3)
    yield Check(
        "one head, and heads of one number",
        points=1,
        calls=[call("split_heads", x_BTD, 1), call("split_heads", x_BTD, 3)],
        says="With H = 1 only an axis of length 1 is added; with H = D each number is a head of its "
        "own.",
    )
    yield Check(
        "a width that can't be shared out",
        points=1,
        calls=[
            probe(refuses, normal(rng, *shape), H, says="Whether a ValueError was raised")
            for shape, H in [((2, 5, 7), 2), ((2, 6, 7), 2), ((3, 4, 12), 3), ((1, 3, 10), 4)]
        ]
        + [
            probe(
                refuses_each,
                width,
                fresh.permutation(np.arange(2, 11))[:8].tolist(),
                says="Whether a ValueError was raised, for each number of heads,",
            )
            for width in fresh.choice([12, 16, 18, 20, 24, 30], 2, replace=False).tolist()
        ],
        says="If D is no multiple of H, there is no right answer, and a silent one would go unseen "
        "for long: a ValueError has to be raised. Where D is a multiple, none may be.",
    )
    yield Check(
        "float32, strided and read-only arrays, inputs left alone",
        points=1,
        judges="inputs untouched",
        calls=[call("split_heads", x_BTD, 2) for (x_BTD,) in every_layout(axes.normal(rng, "BTD"))],
        says="How the numbers lie in memory says nothing about which number belongs to which head.",
    )


@l6_1.right("four loops")
def split_heads(x_BTD, H):
    B, T, D = x_BTD.shape
    if D % H != 0:
        raise ValueError(f"{D} numbers for {H} heads")
    K = D // H
    x_BHTK = np.empty((B, H, T, K))
    for b in range(B):
        for h in range(H):
            for t in range(T):
                for k in range(K):
                    x_BHTK[b, h, t, k] = x_BTD[b, t, h * K + k]
    return x_BHTK


@l6_1.right("split and stack")
def split_heads(x_BTD, H):
    return np.stack(np.split(x_BTD, H, axis=-1), axis=1)


@l6_1.right("a slice for each head")
def split_heads(x_BTD, H):
    K, left = divmod(x_BTD.shape[-1], H)
    if left:
        raise ValueError("the heads would not be equal")
    return np.stack([x_BTD[:, :, h * K : h * K + K] for h in range(H)], axis=1)


@l6_1.right("transposed, the last size left open")
def split_heads(x_BTD, H):
    B, T = x_BTD.shape[:2]
    return np.transpose(x_BTD.reshape((B, T, H, -1)), (0, 2, 1, 3)).copy()


@l6_1.right("columns first, then back")
def split_heads(x_BTD, H):
    B, T, D = x_BTD.shape
    x_BDT = np.moveaxis(x_BTD, 2, 1)
    return np.moveaxis(x_BDT.reshape(B, H, D // H, T), 3, 2)


@l6_1.wrong(
    "reshaped-only",
    "You reshaped straight to (B, H, T, K). The shape is right, but a reshape fills it in reading "
    "order: your first head holds the first words whole, not a part of every word. Which reshape "
    "leaves T where it is, and what has to follow it?",
)
def split_heads(x_BTD, H):
    B, T, D = x_BTD.shape
    return x_BTD.reshape(B, H, T, D // H)


@l6_1.wrong(
    "not-transposed",
    "Your cut is right, but the axes come as (B, T, H, K): words first, heads inside. Each head "
    "should be a table of its own, of shape (T, K). Which two axes have to change places?",
)
def split_heads(x_BTD, H):
    B, T, D = x_BTD.shape
    return x_BTD.reshape(B, T, H, D // H)


@l6_1.wrong(
    "interleaved",
    "You dealt the numbers out like cards: head 0 gets numbers 0, H, 2H, … of a word. A head is a "
    "block of K neighbours. When you cut D into two axes, which of them should run slowly?",
)
def split_heads(x_BTD, H):
    B, T, D = x_BTD.shape
    return x_BTD.reshape(B, T, D // H, H).transpose(0, 3, 1, 2)


@l6_1.wrong(
    "T-and-K-swapped",
    "Your last two axes are (K, T): a word has become a column. Words are rows in this course, in "
    "each head too. Which axis did your transposition put last?",
)
def split_heads(x_BTD, H):
    B, T, D = x_BTD.shape
    return x_BTD.reshape(B, T, H, D // H).transpose(0, 2, 3, 1)


@l6_1.wrong(
    "transposed-first",
    "You turned the table round before you cut it. Then a row of the table is one number of all words, "
    "and the reshape writes such rows into your heads as if they were words. Cut first, while every "
    "word's numbers lie together: which axes change places afterwards?",
)
def split_heads(x_BTD, H):
    B, T, D = x_BTD.shape
    return x_BTD.transpose(0, 2, 1).reshape(B, H, T, D // H)


@l6_1.wrong(
    "K-is-a-float",
    "`D / H` is 2.0 where 2 is meant: in Python `/` always gives a float, and no axis can be 2.0 long. "
    "Which division gives whole numbers?",
)
def split_heads(x_BTD, H):
    B, T, D = x_BTD.shape
    return x_BTD.reshape(B, T, H, D / H).transpose(0, 2, 1, 3)


@l6_1.wrong(
    "cuts-the-sentence",
    "You cut the words among the heads, so that each head sees a part of the sentence. Every head "
    "sees all words, but only K numbers of each. Which axis should become two?",
)
def split_heads(x_BTD, H):
    B, T, D = x_BTD.shape
    return x_BTD.reshape(B, H, T // H, D)


@l6_1.wrong(
    "H-taken-for-K",
    "You made D / H heads of H numbers each: H was taken for the width of a head. It is the number "
    "of heads. Which of the two new axes should have length H?",
)
def split_heads(x_BTD, H):
    B, T, D = x_BTD.shape
    return x_BTD.reshape(B, T, D // H, H).transpose(0, 2, 1, 3)


@l6_1.wrong(
    "heads-in-front",
    "Your head axis comes before the sentences: (H, B, T, K). The batch stays the first axis. Where "
    "does the second one belong?",
)
def split_heads(x_BTD, H):
    return np.stack(np.split(x_BTD, H, axis=-1), axis=0)


@l6_1.wrong(
    "a-list-of-heads",
    "You returned a list with an array for each head. One array is asked for, with an axis for the "
    "heads: what joins arrays of equal shape along a new axis?",
)
def split_heads(x_BTD, H):
    return np.split(x_BTD, H, axis=-1)


@l6_1.wrong(
    "copies",
    "Each of your heads holds all D numbers. Then H heads cost H times as much. The width is shared "
    "out among them: how many numbers does one get?",
)
def split_heads(x_BTD, H):
    if x_BTD.shape[-1] % H:
        raise ValueError(f"{x_BTD.shape[-1]} numbers for {H} heads")
    return np.repeat(x_BTD[:, None], H, axis=1)


@l6_1.wrong(
    "drops-the-rest",
    "If D is no multiple of H, you say nothing: the last numbers of every word are left out, or the "
    "error is returned as if it were an array. Who wrote a wrong H would never learn of it. Which "
    "statement stops a caller whose wish can't be met?",
)
def split_heads(x_BTD, H):
    B, T, D = x_BTD.shape
    K = D // H
    return x_BTD[:, :, : H * K].reshape(B, T, H, K).swapaxes(1, 2)


@l6_1.wrong(
    "takes-from-the-next-word",
    "With a −1 for T the reshape may find a size that fits although D is no multiple of H: six words "
    "of 7 numbers silently become seven words of 6. Give every size that you know. What happens then "
    "if they don't fit?",
)
def split_heads(x_BTD, H):
    B, _, D = x_BTD.shape
    return x_BTD.reshape(B, -1, H, D // H).swapaxes(1, 2)


@l6_1.wrong(
    "asserts",
    "You stop with an AssertionError if D is no multiple of H. Assertions are for one's own mistakes "
    "and vanish under `python -O`. A caller's wrong value is a case for which other exception?",
)
def split_heads(x_BTD, H):
    B, T, D = x_BTD.shape
    assert D % H == 0
    return x_BTD.reshape(B, T, H, D // H).swapaxes(1, 2)


# --------------------------------------------------------------------------- L6.2

l6_2 = Exercise(
    id="L6.2",
    title="And back",
    functions=("merge_heads",),
    difficulty=2,
    importance=5,
    minutes=8,
    hints=(
        "Do the steps of L6.1 in the opposite order. Which of its two steps came last, and so comes "
        "first here?",
        "First exchange H and T again: (B, T, H, K). Now the K numbers of a word's first head lie "
        "just before those of its second head, and a reshape that joins the last two axes keeps "
        "them so.",
        "`x_BHTK.swapaxes(1, 2)` has the shape (B, T, H, K), and `.reshape(B, T, H * K)` joins its "
        "last two axes. Read the sizes off before you swap, and mind which is which.",
    ),
)


@l6_2.checks
def l6_2_checks(rng: np.random.Generator) -> Iterator[Check]:
    axes = Axes(B=3, H=2, T=5, K=7)
    two_heads = np.array([[[[1.0, 2], [5, 6], [9, 10]], [[3, 4], [7, 8], [11, 12]]]])
    yield Check(
        "two heads of three words",
        points=1,
        calls=[
            call("merge_heads", two_heads),
            call("merge_heads", normal(rng, 1, 3, 2, 2, decimals=1)),
        ],
        says="Word by word, the numbers of the first head, then those of the second.",
    )
    yield Check(
        "several sentences, any sizes",
        points=1,
        calls=[
            call("merge_heads", axes.normal(rng, "BHTK")),
            call("merge_heads", normal(rng, 2, 4, 7, 3)),
            call("merge_heads", normal(rng, 2, 3, 3, 4)),
            call("merge_heads", normal(rng, 3, 3, 3, 3)),
        ],
        says="The result has one row for each word of each sentence, H times K numbers wide. With "
        "as many words as heads wrong axes fit, too.",
    )
    yield Check(
        "one head, and heads of one number",
        points=1,
        calls=[
            call("merge_heads", normal(rng, 2, 1, 5, 3)),
            call("merge_heads", normal(rng, 2, 4, 5, 1)),
        ],
        says="With H = 1 only an axis of length 1 goes; heads of one number become the columns.",
    )
    yield Check(
        "float32, strided and read-only arrays, inputs left alone",
        points=1,
        judges="inputs untouched",
        calls=[call("merge_heads", x_BHTK) for (x_BHTK,) in every_layout(axes.normal(rng, "BHTK"))],
        says="What comes out of an attention layer need not lie in memory in reading order.",
    )


@l6_2.right("loops over words and heads")
def merge_heads(x_BHTK):
    B, H, T, K = x_BHTK.shape
    x_BTD = np.zeros((B, T, H * K))
    for b in range(B):
        for t in range(T):
            for h in range(H):
                x_BTD[b, t, h * K : (h + 1) * K] = x_BHTK[b, h, t]
    return x_BTD


@l6_2.right("heads put side by side")
def merge_heads(x_BHTK):
    return np.concatenate([x_BHTK[:, h] for h in range(x_BHTK.shape[1])], axis=-1)


@l6_2.right("einsum, then reshape")
def merge_heads(x_BHTK):
    B, _, T, _ = x_BHTK.shape
    return np.einsum("bhtk->bthk", x_BHTK).reshape(B, T, -1)


@l6_2.right("one sentence after the other")
def merge_heads(x_BHTK):
    return np.array([np.hstack(list(x_HTK)) for x_HTK in x_BHTK])


@l6_2.wrong(
    "not-turned-back",
    "You reshaped straight to (B, T, D). A reshape keeps the reading order, and there a whole head "
    "comes after the other: your first word is made of several words of the first head. What has to "
    "change places before H and K may be joined?",
)
def merge_heads(x_BHTK):
    B, H, T, K = x_BHTK.shape
    return x_BHTK.reshape(B, T, H * K)


@l6_2.wrong(
    "sums-the-heads",
    "You added the heads up, and K numbers a word are left. Then nobody can tell any more which head "
    "said what. They lie side by side: how wide is a word again?",
)
def merge_heads(x_BHTK):
    return x_BHTK.sum(axis=1)


@l6_2.wrong(
    "averages-the-heads",
    "You averaged the heads, and K numbers a word are left. What one head found, another one's "
    "silence would blur. They lie side by side: how wide is a word again?",
)
def merge_heads(x_BHTK):
    return x_BHTK.mean(axis=1)


@l6_2.wrong(
    "right-only-for-T-equal-to-H",
    "You read the sizes as (B, T, H, K), but the array comes as (B, H, T, K). With as many words as "
    "heads nobody notices. Which of the two axes is the second?",
)
def merge_heads(x_BHTK):
    B, T, H, K = x_BHTK.shape
    return x_BHTK.transpose(0, 2, 1, 3).reshape(B, T, H * K)


@l6_2.wrong(
    "interleaved",
    "You dealt the heads' numbers alternately: first number of each head, then the second of each. "
    "L6.1 cut a word into blocks of neighbours. Which of H and K has to be the last axis when you "
    "join them?",
)
def merge_heads(x_BHTK):
    B, H, T, K = x_BHTK.shape
    return x_BHTK.transpose(0, 2, 3, 1).reshape(B, T, H * K)


@l6_2.wrong(
    "heads-as-more-words",
    "You joined heads and words, so that a sentence of T words has H times as many. Each word stays "
    "one row, and its heads lie side by side in it: along which axis do they belong?",
)
def merge_heads(x_BHTK):
    B, H, T, K = x_BHTK.shape
    return x_BHTK.reshape(B, H * T, K)


@l6_2.wrong(
    "only-swapped",
    "You turned the axes back, to (B, T, H, K), and stopped. The last two still have to become one "
    "axis of width D.",
)
def merge_heads(x_BHTK):
    return x_BHTK.swapaxes(1, 2)


@l6_2.wrong(
    "sentences-side-by-side",
    "You put the sentences side by side instead of the heads: looping over the array goes through "
    "its first axis, which is B. Whose numbers belong next to each other?",
)
def merge_heads(x_BHTK):
    return np.concatenate(list(x_BHTK), axis=-1)


@l6_2.wrong(
    "first-head-only",
    "You kept the first head and dropped the others. All of them belong into the result, side by side.",
)
def merge_heads(x_BHTK):
    return x_BHTK[:, 0]


@l6_2.wrong(
    "columns-as-words",
    "You exchanged heads and the numbers in them, so that a row of yours is no word any more. Which "
    "two axes did L6.1 exchange?",
)
def merge_heads(x_BHTK):
    B, H, T, K = x_BHTK.shape
    return x_BHTK.swapaxes(1, 3).reshape(B, T, H * K)


# --------------------------------------------------------------------------- L6.3

l6_3 = Exercise(
    id="L6.3",
    title="Multi-head attention",
    functions=("multi_head",),
    difficulty=4,
    importance=5,
    minutes=25,
    hints=(
        "Write down the shape after each step, from x to the output. Only two steps are new: cutting "
        "into heads after the projections, and merging them before Wo. What lies between is lesson "
        "4's attention with lesson 5's mask, on four axes.",
        "q, k and v are `x @ W`, each cut into (B, H, length, K). The scores q kᵀ / √K have the shape "
        "(B, H, T, S); every allowed mask broadcasts to that by itself. A softmax over the keys, zeros "
        "where nothing may be seen; mix v; merge; then `@ Wo_DD`.",
        "Put −∞ where the mask is False: `np.where(mask, e, -np.inf)`. Subtract each row's maximum, "
        "but where a row has only −∞ subtract some finite number instead, as −∞ − (−∞) is nan. Such a "
        "row's exponentials are all 0: divide it by 1, not by its sum.",
    ),
)


@l6_3.checks
def l6_3_checks(rng: np.random.Generator) -> Iterator[Check]:
    axes = Axes(B=3, H=2, T=5, S=7, D=12)
    H, T, D = (axes.sizes[letter] for letter in "HTD")
    log3 = float(np.round(np.log(3), 6))
    turn = np.array([[0.0, 1.0], [1.0, 0.0]])
    yield Check(
        "one word asks two others, by hand",
        points=1,
        calls=[
            call(
                "multi_head",
                np.array([[[1.0, 2.0]]]),
                np.array([[[0.0, log3], [log3, 0.0]]]),
                np.array([[1.0, 0.0], [0.0, 0.5]]),
                np.eye(2),
                np.array([[4.0, 0.0], [0.0, 8.0]]),
                turn,
                2,
            ),
            call(
                "multi_head",
                normal(rng, 1, 2, 2, decimals=1),
                normal(rng, 1, 3, 2, decimals=1),
                *matrices(rng, 2),
                1,
            ),
        ],
        says="In the first example each head is one number wide. Both queries are 1. The first head "
        "has the keys 0 and log 3, so its weights are ¼ and ¾; the second one's are ¾ and ¼. Wo "
        "makes the two heads' results change places.",
    )
    x_q, x_kv, W = axes.normal(rng, "BTD"), axes.normal(rng, "BSD"), matrices(rng, D)
    several = call("multi_head", x_q, x_kv, *W, H)
    yield Check(
        "five queries, seven keys: the weights",
        points=1,
        part=1,
        calls=[several],
        says="For each sentence and each head there is a (T, S) table, each row of sum 1.",
    )
    yield Check(
        "five queries, seven keys: the outputs",
        points=1,
        part=0,
        calls=[several],
        says="What the heads give lies side by side, D numbers a word, and is then multiplied by Wo.",
    )
    x = axes.normal(rng, "BTD")
    square = normal(rng, 4, 4, 4)
    yield Check(
        "any number of heads, and words that ask themselves",
        points=1,
        calls=[
            call("multi_head", x_q, x_kv, *W, 1),
            call("multi_head", x_q, x_kv, *W, 6),
            call("multi_head", x_q, x_kv, *W, 12),
            call("multi_head", x, x, *W, 3),
            call("multi_head", square, square, *matrices(rng, 4), 4),
        ],
        says="One head of 12 numbers or twelve heads of one: the matrices stay the same, only what "
        "counts as one head changes, and with it the divisor.",
    )
    yield Check(
        "a mask for padding, (B, 1, 1, S)",
        points=1,
        calls=[
            call(
                "multi_head",
                x_q,
                x_kv,
                *W,
                heads,
                mask=axes.ragged_mask(rng, "BS", empty_row=False)[:, None, None],
            )
            for heads in (2, 3)
        ],
        says="Each sentence has pads of its own, and they are hidden from all of its queries in all "
        "heads. A hidden key has weight 0, and the others share a whole 1.",
    )
    yield Check(
        "masks of other shapes",
        points=1,
        calls=[
            call(
                "multi_head",
                x_q,
                x_kv,
                *W,
                H,
                mask=axes.ragged_mask(rng, "TS", empty_row=False),
            ),
            call(
                "multi_head",
                x_q,
                x_kv,
                *W,
                H,
                mask=axes.ragged_mask(rng, "BTS", empty_row=False)[:, None],
            ),
            call(
                "multi_head",
                x_q,
                x_kv,
                *W,
                H,
                mask=axes.ragged_mask(rng, "BHTS", empty_row=False),
            ),
        ],
        says="A mask of shape (T, S) holds for all sentences and heads, one of (B, 1, T, S) for all "
        "heads of its sentence, and one of (B, H, T, S) says all there is to say.",
    )
    empty = axes.ragged_mask(rng, "BS")
    yield Check(
        "a query that may see nothing",
        points=1,
        calls=[
            call("multi_head", x_q, x_kv, *W, H, mask=empty[:, None, None]),
            call("multi_head", x_q, x_kv, *W, H, mask=axes.ragged_mask(rng, "TS")),
            call(
                "multi_head",
                *(float32(a) for a in (x_q, x_kv, *W)),
                H,
                mask=axes.ragged_mask(rng, "BHTS"),
            ),
        ],
        says="Nothing to look at gives weights of 0 and an output of 0, and no nan, as in lesson 5.",
    )
    mask_BS = axes.ragged_mask(rng, "BS", empty_row=False)
    hidden_large = x_kv * np.where(mask_BS, 1.0, 400.0)[:, :, None]
    yield Check(
        "scores in the thousands",
        points=1,
        calls=[
            call("multi_head", 400 * x_q, x_kv, *W, H, tolerance=LARGE),
            call("multi_head", *(float32(a) for a in (400 * x_q, x_kv, *W)), H, tolerance=LARGE_32),
            call(
                "multi_head",
                x_q,
                hidden_large,
                *W,
                H,
                mask=mask_BS[:, None, None],
                tolerance=LARGE,
            ),
        ],
        says="No exponential may overflow. And what is hidden must not matter, even if its score is "
        "a thousand above all others: it may not set the maximum that is subtracted.",
    )
    mask_B11S = axes.ragged_mask(rng, "BS")[:, None, None]
    plain = (axes.normal(rng, "BTD"), axes.normal(rng, "BSD"), *matrices(rng, D))
    yield Check(
        "float32, strided and read-only arrays, inputs left alone",
        points=1,
        judges="inputs untouched",
        calls=[
            *(call("multi_head", *each, H) for each in every_layout(*plain)),
            call("multi_head", *plain, H, read_only(mask_B11S)),
            call("multi_head", *plain, H, strided(np.repeat(mask_B11S, T, axis=2))),
        ],
        says="The same matrices serve every batch, and the same mask every layer: leave them as they "
        "were.",
    )


@l6_3.right("loops over sentences, heads and queries")
def multi_head(x_q_BTD, x_kv_BSD, Wq_DD, Wk_DD, Wv_DD, Wo_DD, H, mask=None):
    B, T, D = x_q_BTD.shape
    S, K = x_kv_BSD.shape[1], D // H
    keep = np.broadcast_to(True if mask is None else mask, (B, H, T, S))
    w, o = np.zeros((B, H, T, S)), np.zeros((B, T, D))
    for b in range(B):
        q, k, v = x_q_BTD[b] @ Wq_DD, x_kv_BSD[b] @ Wk_DD, x_kv_BSD[b] @ Wv_DD
        for h in range(H):
            own = slice(h * K, (h + 1) * K)
            for t in range(T):
                seen = [s for s in range(S) if keep[b, h, t, s]]
                scores = [q[t, own] @ k[s, own] / K**0.5 for s in seen]
                for s, score in zip(seen, scores, strict=True):
                    total = sum(np.exp(other - max(scores)) for other in scores)
                    w[b, h, t, s] = np.exp(score - max(scores)) / total
                    o[b, t, own] += w[b, h, t, s] * v[s, own]
    return o @ Wo_DD, w


@l6_3.right("einsum from the matrices on")
def multi_head(x_q_BTD, x_kv_BSD, Wq_DD, Wk_DD, Wv_DD, Wo_DD, H, mask=None):
    D = len(Wq_DD)
    K = D // H
    q = np.einsum("btd,dhk->bhtk", x_q_BTD, Wq_DD.reshape(D, H, K)) * K**-0.5
    k = np.einsum("bsd,dhk->bhsk", x_kv_BSD, Wk_DD.reshape(D, H, K))
    v = np.einsum("bsd,dhk->bhsk", x_kv_BSD, Wv_DD.reshape(D, H, K))
    e = np.einsum("bhtk,bhsk->bhts", q, k)
    keep = np.ones(e.shape, bool) if mask is None else np.broadcast_to(mask, e.shape)
    top = np.max(e, axis=-1, keepdims=True, where=keep, initial=-1e30)
    exps = np.exp(np.where(keep, e - top, -np.inf))
    total = exps.sum(axis=-1, keepdims=True)
    w = np.divide(exps, total, out=np.zeros_like(exps), where=total > 0)
    return np.einsum("bhts,bhsk,hkd->btd", w, v, Wo_DD.reshape(H, K, D)), w


@l6_3.right("heads and sentences in one axis, the mask repeated")
def multi_head(x_q_BTD, x_kv_BSD, Wq_DD, Wk_DD, Wv_DD, Wo_DD, H, mask=None):
    (B, T, D), S, K = x_q_BTD.shape, x_kv_BSD.shape[1], x_q_BTD.shape[2] // H
    q, k, v = (
        (x @ W).reshape(B, -1, H, K).swapaxes(1, 2).reshape(B * H, -1, K)
        for x, W in ((x_q_BTD, Wq_DD), (x_kv_BSD, Wk_DD), (x_kv_BSD, Wv_DD))
    )
    e = q @ k.transpose(0, 2, 1) / np.sqrt(K)
    if mask is not None:
        keep = np.broadcast_to(mask, (B, np.shape(mask)[1] if np.ndim(mask) == 4 else 1, T, S))
        keep = np.repeat(keep, H // keep.shape[1], axis=1).reshape(B * H, T, S)
        e = np.where(keep, e, -np.inf)
    top = e.max(-1, keepdims=True)
    w = np.exp(e - np.where(np.isinf(top), 0, top))
    total = w.sum(-1, keepdims=True)
    w = w / np.where(total == 0, 1, total)
    o = (w @ v).reshape(B, H, T, K).swapaxes(1, 2).reshape(B, T, D)
    return o @ Wo_DD, w.reshape(B, H, T, S)


@l6_3.right("head by head, each adding its share through its rows of Wo")
def multi_head(x_q_BTD, x_kv_BSD, Wq_DD, Wk_DD, Wv_DD, Wo_DD, H, mask=None):
    K = x_q_BTD.shape[-1] // H
    o, weights = 0, []
    for h in range(H):
        own = slice(h * K, h * K + K)
        q, k = x_q_BTD @ Wq_DD[:, own], x_kv_BSD @ Wk_DD[:, own]
        e = q @ k.swapaxes(1, 2) / np.sqrt(K)
        keep = np.ones(e.shape, bool)
        if mask is not None and np.ndim(mask) == 4:
            keep = np.broadcast_to(mask[:, min(h, mask.shape[1] - 1)], e.shape)
        elif mask is not None:
            keep = np.broadcast_to(mask, e.shape)
        lowest = e.min() - 1
        top = np.where(keep, e, lowest).max(axis=-1, keepdims=True)
        exps = np.where(keep, np.exp(np.minimum(e - top, 0)), 0)
        w = exps / np.maximum(exps.sum(axis=-1, keepdims=True), 1e-30)
        o = o + w @ (x_kv_BSD @ Wv_DD[:, own]) @ Wo_DD[own]
        weights.append(w)
    return o, np.stack(weights, axis=1)


for other in ("1", "-1"):
    l6_3.allow_mutant(
        after=f"exp_BHTS = np.exp(e_BHTS - np.where(top > -np.inf, top, {other}))",
        reason="A row of −∞ only: any finite number may be subtracted, exp(−∞) is 0 all the same.",
    )
l6_3.allow_mutant(
    after="w_BHTS = exp_BHTS / np.where(total > 1, total, 1)",
    reason="The largest exponential is 1, so a row's sum is 0, or 1, or above 1.",
)
l6_3.allow_mutant(
    after="w_BHTS = exp_BHTS / np.where(total > 0, total, 2)",
    reason="Where the sum is 0, all exponentials are 0, and so is their half.",
)


@l6_3.wrong(
    "root-of-D",
    "You divided by √D, the whole width. A head's product q·k sums over its own numbers only: how "
    "many are these?",
)
def multi_head(x_q_BTD, x_kv_BSD, Wq_DD, Wk_DD, Wv_DD, Wo_DD, H, mask=None):
    B, T, D = x_q_BTD.shape
    q = (x_q_BTD @ Wq_DD).reshape(B, -1, H, D // H).swapaxes(1, 2)
    k = (x_kv_BSD @ Wk_DD).reshape(B, -1, H, D // H).swapaxes(1, 2)
    v = (x_kv_BSD @ Wv_DD).reshape(B, -1, H, D // H).swapaxes(1, 2)
    e = q @ k.swapaxes(-1, -2) / np.sqrt(D)
    e = np.where(True if mask is None else mask, e, -np.inf)
    exps = np.exp(e - np.maximum(e.max(-1, keepdims=True), -1e30))
    w = exps / np.maximum(exps.sum(-1, keepdims=True), 1e-30)
    o = (w @ v).swapaxes(1, 2).reshape(B, T, D)
    return o @ Wo_DD, w


@l6_3.wrong(
    "no-scale",
    "Your scores are the plain products q·k. What did lesson 4 divide by, and why?",
)
def multi_head(x_q_BTD, x_kv_BSD, Wq_DD, Wk_DD, Wv_DD, Wo_DD, H, mask=None):
    B, T, D = x_q_BTD.shape
    q = (x_q_BTD @ Wq_DD).reshape(B, -1, H, D // H).swapaxes(1, 2)
    k = (x_kv_BSD @ Wk_DD).reshape(B, -1, H, D // H).swapaxes(1, 2)
    v = (x_kv_BSD @ Wv_DD).reshape(B, -1, H, D // H).swapaxes(1, 2)
    e = q @ k.swapaxes(-1, -2)
    e = np.where(True if mask is None else mask, e, -np.inf)
    exps = np.exp(e - np.maximum(e.max(-1, keepdims=True), -1e30))
    w = exps / np.maximum(exps.sum(-1, keepdims=True), 1e-30)
    o = (w @ v).swapaxes(1, 2).reshape(B, T, D)
    return o @ Wo_DD, w


@l6_3.wrong(
    "root-of-the-number-of-keys",
    "You divided by the root of S, the number of keys: the third axis of (B, H, S, K). A product q·k "
    "sums over the numbers of a head, however many keys there are. Which axis has these?",
)
def multi_head(x_q_BTD, x_kv_BSD, Wq_DD, Wk_DD, Wv_DD, Wo_DD, H, mask=None):
    B, T, D = x_q_BTD.shape
    q = (x_q_BTD @ Wq_DD).reshape(B, -1, H, D // H).swapaxes(1, 2)
    k = (x_kv_BSD @ Wk_DD).reshape(B, -1, H, D // H).swapaxes(1, 2)
    v = (x_kv_BSD @ Wv_DD).reshape(B, -1, H, D // H).swapaxes(1, 2)
    e = q @ k.swapaxes(-1, -2) / np.sqrt(k.shape[2])
    e = np.where(True if mask is None else mask, e, -np.inf)
    exps = np.exp(e - np.maximum(e.max(-1, keepdims=True), -1e30))
    w = exps / np.maximum(exps.sum(-1, keepdims=True), 1e-30)
    o = (w @ v).swapaxes(1, 2).reshape(B, T, D)
    return o @ Wo_DD, w


@l6_3.wrong(
    "no-mask-hides-all",
    "With masks you are right. But without one `mask` is None, and `np.where` takes None for False: "
    "everything is hidden, and all is 0. What should None mean, and where can you say so?",
)
def multi_head(x_q_BTD, x_kv_BSD, Wq_DD, Wk_DD, Wv_DD, Wo_DD, H, mask=None):
    B, T, D = x_q_BTD.shape
    q = (x_q_BTD @ Wq_DD).reshape(B, -1, H, D // H).swapaxes(1, 2)
    k = (x_kv_BSD @ Wk_DD).reshape(B, -1, H, D // H).swapaxes(1, 2)
    v = (x_kv_BSD @ Wv_DD).reshape(B, -1, H, D // H).swapaxes(1, 2)
    e = q @ k.swapaxes(-1, -2) / np.sqrt(D // H)
    e = np.where(mask, e, -np.inf)
    exps = np.exp(e - np.maximum(e.max(-1, keepdims=True), -1e30))
    w = exps / np.maximum(exps.sum(-1, keepdims=True), 1e-30)
    o = (w @ v).swapaxes(1, 2).reshape(B, T, D)
    return o @ Wo_DD, w


@l6_3.wrong(
    "cut-by-a-reshape",
    "You cut into heads with a reshape alone: in a head some words stand whole and others not at all. "
    "You turned the axes when you merged; what has to happen before that, in L6.1's order?",
)
def multi_head(x_q_BTD, x_kv_BSD, Wq_DD, Wk_DD, Wv_DD, Wo_DD, H, mask=None):
    B, T, D = x_q_BTD.shape
    q = (x_q_BTD @ Wq_DD).reshape(B, H, -1, D // H)
    k = (x_kv_BSD @ Wk_DD).reshape(B, H, -1, D // H)
    v = (x_kv_BSD @ Wv_DD).reshape(B, H, -1, D // H)
    e = q @ k.swapaxes(-1, -2) / np.sqrt(D // H)
    e = np.where(True if mask is None else mask, e, -np.inf)
    exps = np.exp(e - np.maximum(e.max(-1, keepdims=True), -1e30))
    w = exps / np.maximum(exps.sum(-1, keepdims=True), 1e-30)
    o = (w @ v).swapaxes(1, 2).reshape(B, T, D)
    return o @ Wo_DD, w


@l6_3.wrong(
    "words-cut-before-the-projection",
    "You cut the words, and then multiplied: a head's K numbers don't fit a matrix with D rows. Every "
    "head sees all D numbers of a word, through K columns of its own. What is there to cut after "
    "`x @ W`?",
)
def multi_head(x_q_BTD, x_kv_BSD, Wq_DD, Wk_DD, Wv_DD, Wo_DD, H, mask=None):
    B, T, D = x_q_BTD.shape
    q = x_q_BTD.reshape(B, -1, H, D // H).swapaxes(1, 2) @ Wq_DD
    k = x_kv_BSD.reshape(B, -1, H, D // H).swapaxes(1, 2) @ Wk_DD
    v = x_kv_BSD.reshape(B, -1, H, D // H).swapaxes(1, 2) @ Wv_DD
    e = q @ k.swapaxes(-1, -2) / np.sqrt(D // H)
    e = np.where(True if mask is None else mask, e, -np.inf)
    exps = np.exp(e - np.maximum(e.max(-1, keepdims=True), -1e30))
    w = exps / np.maximum(exps.sum(-1, keepdims=True), 1e-30)
    o = (w @ v).swapaxes(1, 2).reshape(B, T, D)
    return o @ Wo_DD, w


@l6_3.wrong(
    "projections-transposed",
    "You multiplied the words by transposed matrices, as lesson 4 did with one word's W x. Here a "
    "projection is `x @ W`, and head h owns columns of W. (Your Wo is right.)",
)
def multi_head(x_q_BTD, x_kv_BSD, Wq_DD, Wk_DD, Wv_DD, Wo_DD, H, mask=None):
    B, T, D = x_q_BTD.shape
    q = (x_q_BTD @ Wq_DD.T).reshape(B, -1, H, D // H).swapaxes(1, 2)
    k = (x_kv_BSD @ Wk_DD.T).reshape(B, -1, H, D // H).swapaxes(1, 2)
    v = (x_kv_BSD @ Wv_DD.T).reshape(B, -1, H, D // H).swapaxes(1, 2)
    e = q @ k.swapaxes(-1, -2) / np.sqrt(D // H)
    e = np.where(True if mask is None else mask, e, -np.inf)
    exps = np.exp(e - np.maximum(e.max(-1, keepdims=True), -1e30))
    w = exps / np.maximum(exps.sum(-1, keepdims=True), 1e-30)
    o = (w @ v).swapaxes(1, 2).reshape(B, T, D)
    return o @ Wo_DD, w


@l6_3.wrong(
    "mask-tiled",
    "Your heads are right, but a mask of one row for each sentence lands on the wrong sentences. "
    "You put sentences and heads into one axis, where the H heads of the first sentence come first. "
    "Tiling gives the masks of all sentences, then all again: what gives each of them H times in a "
    "row?",
)
def multi_head(x_q_BTD, x_kv_BSD, Wq_DD, Wk_DD, Wv_DD, Wo_DD, H, mask=None):
    (B, T, D), S, K = x_q_BTD.shape, x_kv_BSD.shape[1], x_q_BTD.shape[2] // H
    q = (x_q_BTD @ Wq_DD).reshape(B, T, H, K).swapaxes(1, 2).reshape(B * H, T, K)
    k = (x_kv_BSD @ Wk_DD).reshape(B, S, H, K).swapaxes(1, 2).reshape(B * H, S, K)
    v = (x_kv_BSD @ Wv_DD).reshape(B, S, H, K).swapaxes(1, 2).reshape(B * H, S, K)
    e = q @ k.swapaxes(1, 2) / np.sqrt(K)
    if mask is not None and mask.ndim == 4 and mask.shape[1] == 1:
        e = np.where(np.tile(mask[:, 0], (H, 1, 1)), e, -np.inf)
    elif mask is not None:
        e = np.where(np.broadcast_to(mask, (B, H, T, S)).reshape(B * H, T, S), e, -np.inf)
    exps = np.exp(e - np.maximum(e.max(-1, keepdims=True), -1e30))
    w = exps / np.maximum(exps.sum(-1, keepdims=True), 1e-30)
    o = (w @ v).reshape(B, H, T, K).swapaxes(1, 2).reshape(B, T, D)
    return o @ Wo_DD, w.reshape(B, H, T, S)


@l6_3.wrong(
    "no-Wo",
    "You merged the heads and stopped: Wo was never used. Until something mixes them, what one head "
    "found never meets what another one found. What is the last step?",
)
def multi_head(x_q_BTD, x_kv_BSD, Wq_DD, Wk_DD, Wv_DD, Wo_DD, H, mask=None):
    B, T, D = x_q_BTD.shape
    q = (x_q_BTD @ Wq_DD).reshape(B, -1, H, D // H).swapaxes(1, 2)
    k = (x_kv_BSD @ Wk_DD).reshape(B, -1, H, D // H).swapaxes(1, 2)
    v = (x_kv_BSD @ Wv_DD).reshape(B, -1, H, D // H).swapaxes(1, 2)
    e = q @ k.swapaxes(-1, -2) / np.sqrt(D // H)
    e = np.where(True if mask is None else mask, e, -np.inf)
    exps = np.exp(e - np.maximum(e.max(-1, keepdims=True), -1e30))
    w = exps / np.maximum(exps.sum(-1, keepdims=True), 1e-30)
    return (w @ v).swapaxes(1, 2).reshape(B, T, D), w


@l6_3.wrong(
    "one-head-repeated",
    "All your heads are the first one: each takes the first K columns of Wq, Wk and Wv. Which "
    "columns belong to head h?",
)
def multi_head(x_q_BTD, x_kv_BSD, Wq_DD, Wk_DD, Wv_DD, Wo_DD, H, mask=None):
    B, T, D = x_q_BTD.shape
    K = D // H
    q = np.stack([x_q_BTD @ Wq_DD[:, :K]] * H, axis=1)
    k = np.stack([x_kv_BSD @ Wk_DD[:, :K]] * H, axis=1)
    v = np.stack([x_kv_BSD @ Wv_DD[:, :K]] * H, axis=1)
    e = q @ k.swapaxes(-1, -2) / np.sqrt(K)
    e = np.where(True if mask is None else mask, e, -np.inf)
    exps = np.exp(e - np.maximum(e.max(-1, keepdims=True), -1e30))
    w = exps / np.maximum(exps.sum(-1, keepdims=True), 1e-30)
    o = (w @ v).swapaxes(1, 2).reshape(B, T, D)
    return o @ Wo_DD, w


@l6_3.wrong(
    "one-big-head",
    "You cut nothing: all D numbers make one head, whose weights you return once. H heads each have "
    "a table of weights of their own. When has the cut to be made, before or after the scores?",
)
def multi_head(x_q_BTD, x_kv_BSD, Wq_DD, Wk_DD, Wv_DD, Wo_DD, H, mask=None):
    B, T, D = x_q_BTD.shape
    q, k, v = (
        (x @ W)[:, None] for x, W in ((x_q_BTD, Wq_DD), (x_kv_BSD, Wk_DD), (x_kv_BSD, Wv_DD))
    )
    e = q @ k.swapaxes(-1, -2) / np.sqrt(D)
    e = np.where(True if mask is None else mask, e, -np.inf)
    exps = np.exp(e - np.maximum(e.max(-1, keepdims=True), -1e30))
    w = exps / np.maximum(exps.sum(-1, keepdims=True), 1e-30)
    o = (w @ v).swapaxes(1, 2).reshape(B, -1, D)[:, :T]
    return o @ Wo_DD, w


@l6_3.wrong(
    "softmax-across-the-heads",
    "You let the heads compete: for each query and key your weights sum to 1 over the heads. A head "
    "shares out a whole of its own among the keys. Which axis are the keys?",
)
def multi_head(x_q_BTD, x_kv_BSD, Wq_DD, Wk_DD, Wv_DD, Wo_DD, H, mask=None):
    B, T, D = x_q_BTD.shape
    q = (x_q_BTD @ Wq_DD).reshape(B, -1, H, D // H).swapaxes(1, 2)
    k = (x_kv_BSD @ Wk_DD).reshape(B, -1, H, D // H).swapaxes(1, 2)
    v = (x_kv_BSD @ Wv_DD).reshape(B, -1, H, D // H).swapaxes(1, 2)
    e = q @ k.swapaxes(-1, -2) / np.sqrt(D // H)
    e = np.where(True if mask is None else mask, e, -np.inf)
    exps = np.exp(e - np.maximum(e.max(1, keepdims=True), -1e30))
    w = exps / np.maximum(exps.sum(1, keepdims=True), 1e-30)
    o = (w @ v).swapaxes(1, 2).reshape(B, T, D)
    return o @ Wo_DD, w


@l6_3.wrong(
    "softmax-over-the-queries",
    "Your weights sum to 1 down the columns: the queries compete for each key. Each query has one "
    "whole to share out. Which axis of (B, H, T, S) should disappear in the sum?",
)
def multi_head(x_q_BTD, x_kv_BSD, Wq_DD, Wk_DD, Wv_DD, Wo_DD, H, mask=None):
    B, T, D = x_q_BTD.shape
    q = (x_q_BTD @ Wq_DD).reshape(B, -1, H, D // H).swapaxes(1, 2)
    k = (x_kv_BSD @ Wk_DD).reshape(B, -1, H, D // H).swapaxes(1, 2)
    v = (x_kv_BSD @ Wv_DD).reshape(B, -1, H, D // H).swapaxes(1, 2)
    e = q @ k.swapaxes(-1, -2) / np.sqrt(D // H)
    e = np.where(True if mask is None else mask, e, -np.inf)
    exps = np.exp(e - np.maximum(e.max(2, keepdims=True), -1e30))
    w = exps / np.maximum(exps.sum(2, keepdims=True), 1e-30)
    o = (w @ v).swapaxes(1, 2).reshape(B, T, D)
    return o @ Wo_DD, w


@l6_3.wrong(
    "mask-on-the-first-head-only",
    "Only your first head obeys the mask; through the others the hidden keys still come in. A mask "
    "with a head axis of length 1 holds for all heads: what does broadcasting do with it?",
)
def multi_head(x_q_BTD, x_kv_BSD, Wq_DD, Wk_DD, Wv_DD, Wo_DD, H, mask=None):
    B, T, D = x_q_BTD.shape
    q = (x_q_BTD @ Wq_DD).reshape(B, -1, H, D // H).swapaxes(1, 2)
    k = (x_kv_BSD @ Wk_DD).reshape(B, -1, H, D // H).swapaxes(1, 2)
    v = (x_kv_BSD @ Wv_DD).reshape(B, -1, H, D // H).swapaxes(1, 2)
    e = q @ k.swapaxes(-1, -2) / np.sqrt(D // H)
    if mask is not None:
        keep = np.array(np.broadcast_to(mask, e.shape))
        keep[:, 1:] = True
        e = np.where(keep, e, -np.inf)
    exps = np.exp(e - np.maximum(e.max(-1, keepdims=True), -1e30))
    w = exps / np.maximum(exps.sum(-1, keepdims=True), 1e-30)
    o = (w @ v).swapaxes(1, 2).reshape(B, T, D)
    return o @ Wo_DD, w


@l6_3.wrong(
    "mask-ignored",
    "The mask makes no difference to your result. Where it is False, a key's weight must be 0: "
    "between which two steps does it act?",
)
def multi_head(x_q_BTD, x_kv_BSD, Wq_DD, Wk_DD, Wv_DD, Wo_DD, H, mask=None):
    B, T, D = x_q_BTD.shape
    q = (x_q_BTD @ Wq_DD).reshape(B, -1, H, D // H).swapaxes(1, 2)
    k = (x_kv_BSD @ Wk_DD).reshape(B, -1, H, D // H).swapaxes(1, 2)
    v = (x_kv_BSD @ Wv_DD).reshape(B, -1, H, D // H).swapaxes(1, 2)
    e = q @ k.swapaxes(-1, -2) / np.sqrt(D // H)
    exps = np.exp(e - e.max(-1, keepdims=True))
    w = exps / exps.sum(-1, keepdims=True)
    o = (w @ v).swapaxes(1, 2).reshape(B, T, D)
    return o @ Wo_DD, w


@l6_3.wrong(
    "mask-inverted",
    "You hid what may be seen and kept what may not. In this course True means keep.",
)
def multi_head(x_q_BTD, x_kv_BSD, Wq_DD, Wk_DD, Wv_DD, Wo_DD, H, mask=None):
    B, T, D = x_q_BTD.shape
    q = (x_q_BTD @ Wq_DD).reshape(B, -1, H, D // H).swapaxes(1, 2)
    k = (x_kv_BSD @ Wk_DD).reshape(B, -1, H, D // H).swapaxes(1, 2)
    v = (x_kv_BSD @ Wv_DD).reshape(B, -1, H, D // H).swapaxes(1, 2)
    e = q @ k.swapaxes(-1, -2) / np.sqrt(D // H)
    if mask is not None:
        e = np.where(mask, -np.inf, e)
    exps = np.exp(e - np.maximum(e.max(-1, keepdims=True), -1e30))
    w = exps / np.maximum(exps.sum(-1, keepdims=True), 1e-30)
    o = (w @ v).swapaxes(1, 2).reshape(B, T, D)
    return o @ Wo_DD, w


@l6_3.wrong(
    "masked-after-the-softmax",
    "You set the hidden weights to 0 after the softmax, and the rest no longer sums to 1. Either the "
    "scores are masked before, or the weights have to be divided once more.",
)
def multi_head(x_q_BTD, x_kv_BSD, Wq_DD, Wk_DD, Wv_DD, Wo_DD, H, mask=None):
    B, T, D = x_q_BTD.shape
    q = (x_q_BTD @ Wq_DD).reshape(B, -1, H, D // H).swapaxes(1, 2)
    k = (x_kv_BSD @ Wk_DD).reshape(B, -1, H, D // H).swapaxes(1, 2)
    v = (x_kv_BSD @ Wv_DD).reshape(B, -1, H, D // H).swapaxes(1, 2)
    e = q @ k.swapaxes(-1, -2) / np.sqrt(D // H)
    exps = np.exp(e - e.max(-1, keepdims=True))
    w = exps / exps.sum(-1, keepdims=True) * (True if mask is None else mask)
    o = (w @ v).swapaxes(1, 2).reshape(B, T, D)
    return o @ Wo_DD, w


@l6_3.wrong(
    "scores-times-mask",
    "You multiplied the scores by the mask. A score of 0 is no small score: exp(0) is 1, and the "
    "hidden keys get weight. Which score has an exponential of 0?",
)
def multi_head(x_q_BTD, x_kv_BSD, Wq_DD, Wk_DD, Wv_DD, Wo_DD, H, mask=None):
    B, T, D = x_q_BTD.shape
    q = (x_q_BTD @ Wq_DD).reshape(B, -1, H, D // H).swapaxes(1, 2)
    k = (x_kv_BSD @ Wk_DD).reshape(B, -1, H, D // H).swapaxes(1, 2)
    v = (x_kv_BSD @ Wv_DD).reshape(B, -1, H, D // H).swapaxes(1, 2)
    e = q @ k.swapaxes(-1, -2) / np.sqrt(D // H)
    e = e * (1 if mask is None else mask)
    exps = np.exp(e - e.max(-1, keepdims=True))
    w = exps / exps.sum(-1, keepdims=True)
    o = (w @ v).swapaxes(1, 2).reshape(B, T, D)
    return o @ Wo_DD, w


@l6_3.wrong(
    "nan-where-nothing-is-seen",
    "Where a query may see nothing, all its scores are −∞, and −∞ − (−∞) is nan. What did lesson 5 "
    "return for such a row, and what may be subtracted in it instead?",
)
def multi_head(x_q_BTD, x_kv_BSD, Wq_DD, Wk_DD, Wv_DD, Wo_DD, H, mask=None):
    B, T, D = x_q_BTD.shape
    q = (x_q_BTD @ Wq_DD).reshape(B, -1, H, D // H).swapaxes(1, 2)
    k = (x_kv_BSD @ Wk_DD).reshape(B, -1, H, D // H).swapaxes(1, 2)
    v = (x_kv_BSD @ Wv_DD).reshape(B, -1, H, D // H).swapaxes(1, 2)
    e = q @ k.swapaxes(-1, -2) / np.sqrt(D // H)
    e = np.where(True if mask is None else mask, e, -np.inf)
    exps = np.exp(e - e.max(-1, keepdims=True))
    w = exps / exps.sum(-1, keepdims=True)
    o = (w @ v).swapaxes(1, 2).reshape(B, T, D)
    return o @ Wo_DD, w


@l6_3.wrong(
    "uniform-where-nothing-is-seen",
    "You replaced hidden scores by a very low number. Where a query may see nothing, all are equally "
    "low and share the weight: it sees exactly what was to be hidden. What should it get?",
)
def multi_head(x_q_BTD, x_kv_BSD, Wq_DD, Wk_DD, Wv_DD, Wo_DD, H, mask=None):
    B, T, D = x_q_BTD.shape
    q = (x_q_BTD @ Wq_DD).reshape(B, -1, H, D // H).swapaxes(1, 2)
    k = (x_kv_BSD @ Wk_DD).reshape(B, -1, H, D // H).swapaxes(1, 2)
    v = (x_kv_BSD @ Wv_DD).reshape(B, -1, H, D // H).swapaxes(1, 2)
    e = q @ k.swapaxes(-1, -2) / np.sqrt(D // H)
    e = np.where(True if mask is None else mask, e, -1e9)
    exps = np.exp(e - e.max(-1, keepdims=True))
    w = exps / exps.sum(-1, keepdims=True)
    o = (w @ v).swapaxes(1, 2).reshape(B, T, D)
    return o @ Wo_DD, w


@l6_3.wrong(
    "maximum-of-the-hidden",
    "You subtracted the largest of all scores, hidden ones too. If a hidden score is the largest by "
    "far, all others underflow to 0. Among which scores should the maximum be looked for?",
)
def multi_head(x_q_BTD, x_kv_BSD, Wq_DD, Wk_DD, Wv_DD, Wo_DD, H, mask=None):
    B, T, D = x_q_BTD.shape
    q = (x_q_BTD @ Wq_DD).reshape(B, -1, H, D // H).swapaxes(1, 2)
    k = (x_kv_BSD @ Wk_DD).reshape(B, -1, H, D // H).swapaxes(1, 2)
    v = (x_kv_BSD @ Wv_DD).reshape(B, -1, H, D // H).swapaxes(1, 2)
    e = q @ k.swapaxes(-1, -2) / np.sqrt(D // H)
    exps = np.exp(e - e.max(-1, keepdims=True)) * (True if mask is None else mask)
    total = exps.sum(-1, keepdims=True)
    w = exps / np.where(total == 0, 1, total)
    o = (w @ v).swapaxes(1, 2).reshape(B, T, D)
    return o @ Wo_DD, w


@l6_3.wrong(
    "no-maximum-subtracted",
    "On moderate scores you are right, but you took the exponential of the scores as they came: one "
    "of 1000 becomes inf, and inf / inf is nan. What did lesson 2 subtract first?",
)
def multi_head(x_q_BTD, x_kv_BSD, Wq_DD, Wk_DD, Wv_DD, Wo_DD, H, mask=None):
    B, T, D = x_q_BTD.shape
    q = (x_q_BTD @ Wq_DD).reshape(B, -1, H, D // H).swapaxes(1, 2)
    k = (x_kv_BSD @ Wk_DD).reshape(B, -1, H, D // H).swapaxes(1, 2)
    v = (x_kv_BSD @ Wv_DD).reshape(B, -1, H, D // H).swapaxes(1, 2)
    e = q @ k.swapaxes(-1, -2) / np.sqrt(D // H)
    exps = np.exp(np.where(True if mask is None else mask, e, -np.inf))
    total = exps.sum(-1, keepdims=True)
    w = exps / np.where(total == 0, 1, total)
    o = (w @ v).swapaxes(1, 2).reshape(B, T, D)
    return o @ Wo_DD, w


@l6_3.wrong(
    "interleaved-heads",
    "Your heads take every H-th column of a projection. In this course a head owns K columns next to "
    "each other. Which of the two new axes has to come first in your reshape?",
)
def multi_head(x_q_BTD, x_kv_BSD, Wq_DD, Wk_DD, Wv_DD, Wo_DD, H, mask=None):
    B, T, D = x_q_BTD.shape
    q = (x_q_BTD @ Wq_DD).reshape(B, -1, D // H, H).transpose(0, 3, 1, 2)
    k = (x_kv_BSD @ Wk_DD).reshape(B, -1, D // H, H).transpose(0, 3, 1, 2)
    v = (x_kv_BSD @ Wv_DD).reshape(B, -1, D // H, H).transpose(0, 3, 1, 2)
    e = q @ k.swapaxes(-1, -2) / np.sqrt(D // H)
    e = np.where(True if mask is None else mask, e, -np.inf)
    exps = np.exp(e - np.maximum(e.max(-1, keepdims=True), -1e30))
    w = exps / np.maximum(exps.sum(-1, keepdims=True), 1e-30)
    o = (w @ v).transpose(0, 2, 3, 1).reshape(B, T, D)
    return o @ Wo_DD, w


@l6_3.wrong(
    "reshaped-only",
    "You cut into heads, and merged them, with a reshape alone. Going there and back gives every "
    "number its old place, so it looks right; but in between a head holds some words whole and "
    "others not at all. What is missing is the transposition of L6.1.",
)
def multi_head(x_q_BTD, x_kv_BSD, Wq_DD, Wk_DD, Wv_DD, Wo_DD, H, mask=None):
    B, T, D = x_q_BTD.shape
    q = (x_q_BTD @ Wq_DD).reshape(B, H, -1, D // H)
    k = (x_kv_BSD @ Wk_DD).reshape(B, H, -1, D // H)
    v = (x_kv_BSD @ Wv_DD).reshape(B, H, -1, D // H)
    e = q @ k.swapaxes(-1, -2) / np.sqrt(D // H)
    e = np.where(True if mask is None else mask, e, -np.inf)
    exps = np.exp(e - np.maximum(e.max(-1, keepdims=True), -1e30))
    w = exps / np.maximum(exps.sum(-1, keepdims=True), 1e-30)
    o = (w @ v).reshape(B, T, D)
    return o @ Wo_DD, w


@l6_3.wrong(
    "merged-without-turning-back",
    "Your weights are right, but you merged the heads by a reshape alone, so that a row of the output "
    "mixes several words. Which two axes have to change places first?",
)
def multi_head(x_q_BTD, x_kv_BSD, Wq_DD, Wk_DD, Wv_DD, Wo_DD, H, mask=None):
    B, T, D = x_q_BTD.shape
    q = (x_q_BTD @ Wq_DD).reshape(B, -1, H, D // H).swapaxes(1, 2)
    k = (x_kv_BSD @ Wk_DD).reshape(B, -1, H, D // H).swapaxes(1, 2)
    v = (x_kv_BSD @ Wv_DD).reshape(B, -1, H, D // H).swapaxes(1, 2)
    e = q @ k.swapaxes(-1, -2) / np.sqrt(D // H)
    e = np.where(True if mask is None else mask, e, -np.inf)
    exps = np.exp(e - np.maximum(e.max(-1, keepdims=True), -1e30))
    w = exps / np.maximum(exps.sum(-1, keepdims=True), 1e-30)
    o = (w @ v).reshape(B, T, D)
    return o @ Wo_DD, w


@l6_3.wrong(
    "weights-averaged",
    "Your outputs are right, but you averaged the weights over the heads, as some libraries do for "
    "display. All of them are asked for: (B, H, T, S).",
)
def multi_head(x_q_BTD, x_kv_BSD, Wq_DD, Wk_DD, Wv_DD, Wo_DD, H, mask=None):
    B, T, D = x_q_BTD.shape
    q = (x_q_BTD @ Wq_DD).reshape(B, -1, H, D // H).swapaxes(1, 2)
    k = (x_kv_BSD @ Wk_DD).reshape(B, -1, H, D // H).swapaxes(1, 2)
    v = (x_kv_BSD @ Wv_DD).reshape(B, -1, H, D // H).swapaxes(1, 2)
    e = q @ k.swapaxes(-1, -2) / np.sqrt(D // H)
    e = np.where(True if mask is None else mask, e, -np.inf)
    exps = np.exp(e - np.maximum(e.max(-1, keepdims=True), -1e30))
    w = exps / np.maximum(exps.sum(-1, keepdims=True), 1e-30)
    o = (w @ v).swapaxes(1, 2).reshape(B, T, D)
    return o @ Wo_DD, w.mean(axis=1)


@l6_3.wrong(
    "matrices-transposed",
    "You multiplied by the transposed matrices, `x @ W.T`. Some libraries keep them that way round; "
    "here a projection is `x @ W`, and head h owns columns of W.",
)
def multi_head(x_q_BTD, x_kv_BSD, Wq_DD, Wk_DD, Wv_DD, Wo_DD, H, mask=None):
    B, T, D = x_q_BTD.shape
    q = (x_q_BTD @ Wq_DD.T).reshape(B, -1, H, D // H).swapaxes(1, 2)
    k = (x_kv_BSD @ Wk_DD.T).reshape(B, -1, H, D // H).swapaxes(1, 2)
    v = (x_kv_BSD @ Wv_DD.T).reshape(B, -1, H, D // H).swapaxes(1, 2)
    e = q @ k.swapaxes(-1, -2) / np.sqrt(D // H)
    e = np.where(True if mask is None else mask, e, -np.inf)
    exps = np.exp(e - np.maximum(e.max(-1, keepdims=True), -1e30))
    w = exps / np.maximum(exps.sum(-1, keepdims=True), 1e-30)
    o = (w @ v).swapaxes(1, 2).reshape(B, T, D)
    return o @ Wo_DD.T, w


@l6_3.wrong(
    "keys-as-values",
    "You mixed the keys: Wv was never used. Keys say who is meant, values what is handed out. Which "
    "of the three projections should stand behind the weights?",
)
def multi_head(x_q_BTD, x_kv_BSD, Wq_DD, Wk_DD, Wv_DD, Wo_DD, H, mask=None):
    B, T, D = x_q_BTD.shape
    q = (x_q_BTD @ Wq_DD).reshape(B, -1, H, D // H).swapaxes(1, 2)
    k = (x_kv_BSD @ Wk_DD).reshape(B, -1, H, D // H).swapaxes(1, 2)
    e = q @ k.swapaxes(-1, -2) / np.sqrt(D // H)
    e = np.where(True if mask is None else mask, e, -np.inf)
    exps = np.exp(e - np.maximum(e.max(-1, keepdims=True), -1e30))
    w = exps / np.maximum(exps.sum(-1, keepdims=True), 1e-30)
    o = (w @ k).swapaxes(1, 2).reshape(B, T, D)
    return o @ Wo_DD, w


@l6_3.wrong(
    "asks-itself",
    "You made keys and values of x_q as well, so that words can only ask themselves. Here they ask "
    "x_kv, which may be another text of another length. Whose words are the keys?",
)
def multi_head(x_q_BTD, x_kv_BSD, Wq_DD, Wk_DD, Wv_DD, Wo_DD, H, mask=None):
    B, T, D = x_q_BTD.shape
    q = (x_q_BTD @ Wq_DD).reshape(B, -1, H, D // H).swapaxes(1, 2)
    k = (x_q_BTD @ Wk_DD).reshape(B, -1, H, D // H).swapaxes(1, 2)
    v = (x_q_BTD @ Wv_DD).reshape(B, -1, H, D // H).swapaxes(1, 2)
    e = q @ k.swapaxes(-1, -2) / np.sqrt(D // H)
    e = np.where(True if mask is None else mask, e, -np.inf)
    exps = np.exp(e - np.maximum(e.max(-1, keepdims=True), -1e30))
    w = exps / np.maximum(exps.sum(-1, keepdims=True), 1e-30)
    o = (w @ v).swapaxes(1, 2).reshape(B, T, D)
    return o @ Wo_DD, w


@l6_3.wrong(
    "weights-first",
    "You returned the weights first. The docstring asks for the outputs, then the weights.",
)
def multi_head(x_q_BTD, x_kv_BSD, Wq_DD, Wk_DD, Wv_DD, Wo_DD, H, mask=None):
    B, T, D = x_q_BTD.shape
    q = (x_q_BTD @ Wq_DD).reshape(B, -1, H, D // H).swapaxes(1, 2)
    k = (x_kv_BSD @ Wk_DD).reshape(B, -1, H, D // H).swapaxes(1, 2)
    v = (x_kv_BSD @ Wv_DD).reshape(B, -1, H, D // H).swapaxes(1, 2)
    e = q @ k.swapaxes(-1, -2) / np.sqrt(D // H)
    e = np.where(True if mask is None else mask, e, -np.inf)
    exps = np.exp(e - np.maximum(e.max(-1, keepdims=True), -1e30))
    w = exps / np.maximum(exps.sum(-1, keepdims=True), 1e-30)
    o = (w @ v).swapaxes(1, 2).reshape(B, T, D)
    return w, o @ Wo_DD


@l6_3.wrong(
    "scales-the-callers-matrix",
    "The result is right, but `/=` wrote the scaled numbers into the caller's own Wq. The next batch "
    "would be scaled twice. Put them into a new array.",
)
def multi_head(x_q_BTD, x_kv_BSD, Wq_DD, Wk_DD, Wv_DD, Wo_DD, H, mask=None):
    B, T, D = x_q_BTD.shape
    Wq_DD /= np.sqrt(D // H)
    q = (x_q_BTD @ Wq_DD).reshape(B, -1, H, D // H).swapaxes(1, 2)
    k = (x_kv_BSD @ Wk_DD).reshape(B, -1, H, D // H).swapaxes(1, 2)
    v = (x_kv_BSD @ Wv_DD).reshape(B, -1, H, D // H).swapaxes(1, 2)
    e = q @ k.swapaxes(-1, -2)
    e = np.where(True if mask is None else mask, e, -np.inf)
    exps = np.exp(e - np.maximum(e.max(-1, keepdims=True), -1e30))
    w = exps / np.maximum(exps.sum(-1, keepdims=True), 1e-30)
    o = (w @ v).swapaxes(1, 2).reshape(B, T, D)
    return o @ Wo_DD, w


# --------------------------------------------------------------------------- L6.4

l6_4 = Exercise(
    id="L6.4",
    title="Your weights in Keras's layer",
    functions=("to_keras_weights",),
    difficulty=3,
    importance=4,
    minutes=12,
    hints=(
        "The layer wants four arrays: query, key and value of shape (D, H, K), then the output of "
        "shape (H, K, D). Count the numbers: how many are there in each, and how many in your "
        "matrices?",
        "Head h owns columns hK to hK + K − 1 of Wq. In the layer's array the same numbers are "
        "`[:, h, :]`. Which axis of Wq is cut into two, and does any number change its place in "
        "reading order?",
        "Wq, Wk and Wv: the columns are cut, `.reshape(D, H, D // H)`. Merged heads meet Wo along its "
        "rows, so there the rows are cut: `.reshape(H, D // H, D)`. No transposition anywhere. Return "
        "a list in the layer's order: query, key, value, output.",
    ),
)


def layer_output(to_keras_weights, x_q_BTD, x_kv_BSD, Wq_DD, Wk_DD, Wv_DD, Wo_DD, H):
    D = x_q_BTD.shape[-1]
    K = D // H
    weights = to_keras_weights(Wq_DD, Wk_DD, Wv_DD, Wo_DD, H)
    if not isinstance(weights, (list, tuple)):
        raise TypeError(f"the layer takes a list of arrays, not a {type(weights).__name__}")
    wanted = {"query": (D, H, K), "key": (D, H, K), "value": (D, H, K), "output": (H, K, D)}
    if len(weights) != len(wanted):
        raise ValueError(f"the layer has {len(wanted)} arrays of weights, and got {len(weights)}")
    for name, array in zip(wanted, weights, strict=True):
        if np.shape(array) != wanted[name]:
            raise ValueError(
                f"the layer's {name} array has the shape {wanted[name]}, and got {np.shape(array)}"
            )
    q = np.einsum("btd,dhk->bhtk", x_q_BTD, weights[0]) / np.sqrt(K)
    k = np.einsum("bsd,dhk->bhsk", x_kv_BSD, weights[1])
    v = np.einsum("bsd,dhk->bhsk", x_kv_BSD, weights[2])
    e = np.einsum("bhtk,bhsk->bhts", q, k)
    exps = np.exp(e - e.max(axis=-1, keepdims=True))
    w = exps / exps.sum(axis=-1, keepdims=True)
    return np.einsum("bhts,bhsk,hkd->btd", w, v, weights[3])


@l6_4.checks
def l6_4_checks(rng: np.random.Generator) -> Iterator[Check]:
    axes = Axes(B=3, T=5, S=7, D=12)
    says = "What the layer gives with your weights"

    def given(shape_q: tuple[int, ...], shape_kv: tuple[int, ...], H: int) -> list[object]:
        return [normal(rng, *shape_q), normal(rng, *shape_kv), *matrices(rng, shape_q[-1]), H]

    yield Check(
        "the layer takes them",
        points=1,
        calls=[
            probe(
                layer_output,
                np.array([[[1.0, -1.0, 2.0, 0.5]]]),
                np.array([[[1.0, 0.0, -1.0, 1.0], [0.5, 1.0, 1.0, -1.0]]]),
                *matrices(rng, 4),
                H,
                says=says,
            )
            for H in (1, 2)
        ],
        says="Four arrays in the layer's order, each of the layer's shape: `set_weights` refuses "
        "anything else.",
    )
    plain = [axes.normal(rng, "BTD"), axes.normal(rng, "BSD"), *matrices(rng, 12)]
    yield Check(
        "the same outputs as your matrices",
        points=2,
        calls=[
            probe(layer_output, *plain, 2, says=says),
            probe(layer_output, *plain, 3, says=says),
        ],
        says="Each head must find its own columns, and Wo the rows that belong to them. A shape can be "
        "right and every number in the wrong place.",
    )
    yield Check(
        "any number of heads, even as many as a head is wide",
        points=1,
        calls=[
            probe(layer_output, *given((2, 5, 9), (2, 7, 9), 3), says=says),
            probe(layer_output, *given((2, 5, 6), (2, 4, 6), 1), says=says),
            probe(layer_output, *given((2, 5, 6), (2, 4, 6), 6), says=says),
        ],
        says="With H = K axes can be mixed up without an error; with one head, or heads of one "
        "number, hardly anything can go wrong.",
    )
    yield Check(
        "float32, strided and read-only arrays, inputs left alone",
        points=1,
        judges="inputs untouched",
        calls=[
            probe(layer_output, *each, 2, says=says)
            for each in every_layout(
                axes.normal(rng, "BTD"), axes.normal(rng, "BSD"), *matrices(rng, 12)
            )
        ],
        says="The matrices are still needed: by your own function.",
    )


@l6_4.right("loops over the heads")
def to_keras_weights(Wq, Wk, Wv, Wo, H):
    D = len(Wq)
    K = D // H
    arrays = []
    for W in (Wq, Wk, Wv):
        array = np.zeros((D, H, K), W.dtype)
        for h in range(H):
            array[:, h, :] = W[:, h * K : (h + 1) * K]
        arrays.append(array)
    out = np.zeros((H, K, D), Wo.dtype)
    for h in range(H):
        out[h] = Wo[h * K : (h + 1) * K]
    return [*arrays, out]


@l6_4.right("split and stack")
def to_keras_weights(Wq, Wk, Wv, Wo, H):
    inner = [np.stack(np.split(W, H, axis=1), axis=1) for W in (Wq, Wk, Wv)]
    return [*inner, np.stack(np.split(Wo, H))]


@l6_4.right("a tuple, sizes left open")
def to_keras_weights(Wq, Wk, Wv, Wo, H):
    D = Wq.shape[0]
    return Wq.reshape(D, H, -1), Wk.reshape(D, H, -1), Wv.reshape(D, H, -1), Wo.reshape(H, -1, D)


@l6_4.wrong(
    "interleaved",
    "You cut the columns as (D, K, H) and exchanged the last two axes: each head gets every H-th "
    "column. In your own function a head owned neighbours. In which order do the two new axes count "
    "off the columns?",
)
def to_keras_weights(Wq, Wk, Wv, Wo, H):
    D = len(Wq)
    inner = [W.reshape(D, D // H, H).swapaxes(1, 2) for W in (Wq, Wk, Wv)]
    return [*inner, Wo.reshape(H, D // H, D)]


@l6_4.wrong(
    "rows-as-heads",
    "You cut the rows of Wq, Wk and Wv into heads, as if a projection were `x @ W.T`. A row of Wq "
    "belongs to a number of the word that comes in. Which axis of Wq belongs to what comes out?",
)
def to_keras_weights(Wq, Wk, Wv, Wo, H):
    D = len(Wq)
    inner = [W.reshape(H, D // H, D).transpose(2, 0, 1) for W in (Wq, Wk, Wv)]
    return [*inner, Wo.reshape(H, D // H, D)]


@l6_4.wrong(
    "reshaped-heads-first",
    "You reshaped to (H, D, K) and then moved the axes. The shape is right, but the first reshape has "
    "torn the rows apart already. Cut the axis that is to be cut, in its place: is anything left to "
    "be moved then?",
)
def to_keras_weights(Wq, Wk, Wv, Wo, H):
    D = len(Wq)
    inner = [W.reshape(H, D, D // H).swapaxes(0, 1) for W in (Wq, Wk, Wv)]
    return [*inner, Wo.reshape(H, D // H, D)]


@l6_4.wrong(
    "cut-with-heads-in-front",
    "You reshaped the first three straight to (H, D, K), heads first. The layer's have the word's "
    "numbers first, (D, H, K), and a head owns whole columns of Wq. Which axis of Wq has to be "
    "cut, and where does it stand?",
)
def to_keras_weights(Wq, Wk, Wv, Wo, H):
    D = len(Wq)
    inner = [W.reshape(H, D, D // H) for W in (Wq, Wk, Wv)]
    return [*inner, Wo.reshape(H, D // H, D)]


@l6_4.wrong(
    "Wo-left-flat",
    "You cut the first three and left Wo as it is, (D, D). The layer has its heads on an axis of their "
    "own there too: which axis of Wo meets the merged heads?",
)
def to_keras_weights(Wq, Wk, Wv, Wo, H):
    D = len(Wq)
    return [*(W.reshape(D, H, D // H) for W in (Wq, Wk, Wv)), Wo]


@l6_4.wrong(
    "heads-first",
    "Your first three arrays have the shape (H, D, K), heads first. The layer's have the word's "
    "numbers first: (D, H, K). Only the output's begins with the heads.",
)
def to_keras_weights(Wq, Wk, Wv, Wo, H):
    D = len(Wq)
    inner = [W.reshape(D, H, D // H).swapaxes(0, 1) for W in (Wq, Wk, Wv)]
    return [*inner, Wo.reshape(H, D // H, D)]


@l6_4.wrong(
    "key-dim-is-D",
    "You gave each head a whole matrix: shape (D, H, D). The layer is made with "
    "`key_dim = D // H`, and all its heads together are D wide. Which columns of Wq are one head's?",
)
def to_keras_weights(Wq, Wk, Wv, Wo, H):
    inner = [np.stack([W] * H, axis=1) for W in (Wq, Wk, Wv)]
    return [*inner, np.stack([Wo] * H)]


@l6_4.wrong(
    "flat",
    "You returned the matrices as they are, (D, D). Keras keeps the heads on an axis of their own: "
    "which axis of Wq, and which of Wo, has to become two?",
)
def to_keras_weights(Wq, Wk, Wv, Wo, H):
    return [Wq, Wk, Wv, Wo]


@l6_4.wrong(
    "Wo-like-the-others",
    "You cut Wo along its columns, like the other three: (D, H, K). But heads come into Wo, and go "
    "out of the others. Which of its axes meets the merged heads?",
)
def to_keras_weights(Wq, Wk, Wv, Wo, H):
    D = len(Wq)
    return [W.reshape(D, H, D // H) for W in (Wq, Wk, Wv, Wo)]


@l6_4.wrong(
    "Wo-interleaved",
    "Your first three arrays are right, but you cut the rows of Wo as (K, H, D): a head's numbers "
    "then meet rows that belong to other heads. Merged heads lie one after the other, so which axis "
    "counts slowly?",
)
def to_keras_weights(Wq, Wk, Wv, Wo, H):
    D = len(Wq)
    inner = [W.reshape(D, H, D // H) for W in (Wq, Wk, Wv)]
    return [*inner, Wo.reshape(D // H, H, D).swapaxes(0, 1)]


@l6_4.wrong(
    "Wo-transposed",
    "Your first three arrays are right, but you transposed Wo before cutting it. It is used as "
    "`merged @ Wo`: are its rows or its columns met by the heads?",
)
def to_keras_weights(Wq, Wk, Wv, Wo, H):
    D = len(Wq)
    inner = [W.reshape(D, H, D // H) for W in (Wq, Wk, Wv)]
    return [*inner, Wo.T.reshape(H, D // H, D)]


@l6_4.wrong(
    "value-before-key",
    "You put the value's array before the key's. The layer is *called* as (query, value, key), which "
    "is easy to mix up; its weights come as query, key, value, output. Print their names once.",
)
def to_keras_weights(Wq, Wk, Wv, Wo, H):
    D = len(Wq)
    inner = [W.reshape(D, H, D // H) for W in (Wq, Wv, Wk)]
    return [*inner, Wo.reshape(H, D // H, D)]


@l6_4.wrong(
    "with-biases",
    "You added biases of zeros: eight arrays. This layer is made with `use_bias=False` and has four.",
)
def to_keras_weights(Wq, Wk, Wv, Wo, H):
    D = len(Wq)
    weights = []
    for W in (Wq, Wk, Wv):
        weights += [W.reshape(D, H, D // H), np.zeros((H, D // H))]
    return [*weights, Wo.reshape(H, D // H, D), np.zeros(D)]


@l6_4.wrong(
    "one-array-for-three",
    "You stacked query, key and value into one array, as some libraries keep them. Keras keeps four "
    "arrays apart.",
)
def to_keras_weights(Wq, Wk, Wv, Wo, H):
    D = len(Wq)
    inner = np.stack([W.reshape(D, H, D // H) for W in (Wq, Wk, Wv)])
    return [inner, Wo.reshape(H, D // H, D)]


@l6_4.wrong(
    "scaled-in-advance",
    "You divided Wq by √K. The layer does that itself, to the queries: with your weights it is done "
    "twice.",
)
def to_keras_weights(Wq, Wk, Wv, Wo, H):
    D = len(Wq)
    inner = [W.reshape(D, H, D // H) for W in (Wq / np.sqrt(D // H), Wk, Wv)]
    return [*inner, Wo.reshape(H, D // H, D)]


@l6_4.wrong(
    "scales-the-callers-matrix",
    "You divided Wq by √K, twice over: the layer does so itself, and your `/=` changed the caller's "
    "own matrix, too.",
)
def to_keras_weights(Wq, Wk, Wv, Wo, H):
    D = len(Wq)
    Wq /= np.sqrt(D // H)
    inner = [W.reshape(D, H, D // H) for W in (Wq, Wk, Wv)]
    return [*inner, Wo.reshape(H, D // H, D)]


# --------------------------------------------------------------------------- L6.5

l6_5 = Exercise(
    id="L6.5",
    title="What do more heads cost?",
    functions=("param_count",),
    difficulty=2,
    importance=3,
    minutes=8,
    hints=(
        "List the layer's arrays with their shapes, as in L6.4, but with K free: four without biases, "
        "eight with them. A bias has one number for each number that comes out of its projection.",
        "Query, key and value each have D · H · K numbers and a bias of H · K. The output goes from "
        "H · K numbers back to D: how many weights is that, and how wide is its bias?",
        "Weights: three times D · H · K, and H · K · D once more. Biases: three of H · K, one of D. "
        "H · K need not be D.",
    ),
)


@l6_5.checks
def l6_5_checks(rng: np.random.Generator) -> Iterator[Check]:
    (fresh,) = rng.spawn(1)
    small = [fresh.permutation([2, 3, 5, 7, 11, 13])[:3].tolist() for _ in range(4)]
    D, H, K = (int(n) for n in rng.permutation([5, 7, 11]))
    yield Check(
        "without biases, by hand",
        points=1,
        calls=[
            call("param_count", 4, 2, 3, bias=False),
            call("param_count", D, H, K, bias=False),
            call("param_count", 10, 1, 3, False),
            *[call("param_count", *sizes, bias=False) for sizes in small[:2]],
        ],
        says="Four arrays: three from D numbers to H · K, one from H · K numbers back to D.",
    )
    yield Check(
        "with biases",
        points=1,
        calls=[
            call("param_count", 4, 2, 3),
            call("param_count", D, H, K, bias=True),
            call("param_count", 10, 1, 3),
            *[call("param_count", *sizes) for sizes in small[2:]],
        ],
        says="A bias is as wide as what comes out: H · K for query, key and value, D for the output. "
        "Unless told otherwise, there are biases.",
    )
    widths = (12 * fresh.choice(np.arange(5, 60), 2, replace=False)).tolist()
    heads = fresh.choice([2, 3, 4, 6, 12], 2, replace=False).tolist()
    yield Check(
        "more heads at the same width cost nothing",
        points=1,
        calls=[
            call("param_count", 64, heads, 64 // heads, bias=bias)
            for heads, bias in ((1, False), (2, True), (8, False), (64, True))
        ]
        + [call("param_count", D, H, D // H) for D, H in zip(widths, heads, strict=True)],
        says="If K = D / H, the number of heads cancels out.",
    )
    width = int(rng.integers(9, 17)) * 8
    yield Check(
        "heads of a width of their own, large models",
        points=1,
        calls=[
            call("param_count", 512, 8, 64),
            call("param_count", 768, 12, 64),
            call("param_count", width, 5, 24),
            call("param_count", width, 16, 64, bias=False),
            call(
                "param_count",
                int(fresh.integers(100, 900)),
                int(fresh.integers(3, 18)),
                int(fresh.integers(8, 97)),
            ),
        ],
        says="Nobody is forced to choose K = D / H: then H · K is another number than D.",
    )


@l6_5.right("array by array")
def param_count(D, H, K, bias=True):
    shapes = [(D, H, K)] * 3 + [(H, K, D)]
    if bias:
        shapes += [(H, K)] * 3 + [(D,)]
    count = 0
    for shape in shapes:
        size = 1
        for length in shape:
            size *= length
        count += size
    return count


@l6_5.right("a bias as one more row")
def param_count(D, H, K, bias=True):
    one = 1 if bias else 0
    return 3 * (D + one) * H * K + (H * K + one) * D


@l6_5.right("made and measured")
def param_count(D, H, K, bias=True):
    arrays = [np.empty((D, H * K))] * 3 + [np.empty((H * K, D))]
    if bias:
        arrays += [np.empty(array.shape[1]) for array in arrays]
    return sum(array.size for array in arrays)


@l6_5.wrong(
    "times-H-again",
    "You multiplied by the number of heads where H · K has counted them already. Are the arrays H "
    "times as large, or cut into H parts?",
)
def param_count(D, H, K, bias=True):
    weights = H * (3 * D * H * K + H * K * D)
    return weights + (3 * H * K + D if bias else 0)


@l6_5.wrong(
    "whole-matrices-for-each-head",
    "You gave each head four matrices of D · D. A head is K wide: it has K columns in query, key and "
    "value, and K rows in the output. How many numbers is that for one head?",
)
def param_count(D, H, K, bias=True):
    return H * (4 * D * D + (4 * D if bias else 0))


@l6_5.wrong(
    "Wo-forgotten",
    "You counted query, key and value. What leads from the merged heads back to D numbers?",
)
def param_count(D, H, K, bias=True):
    return 3 * D * H * K + (3 * H * K if bias else 0)


@l6_5.wrong(
    "output-bias-forgotten",
    "You counted three biases. The output has one as well: how wide is it?",
)
def param_count(D, H, K, bias=True):
    return 4 * D * H * K + (3 * H * K if bias else 0)


@l6_5.wrong(
    "biases-all-D-wide",
    "You made every bias D wide. A bias is added to what comes out of its projection: how many "
    "numbers are that for query, key and value?",
)
def param_count(D, H, K, bias=True):
    return 4 * D * H * K + (4 * D if bias else 0)


@l6_5.wrong(
    "biases-all-HK-wide",
    "You made every bias H · K wide, the output's too. What comes out of the output projection: how "
    "many numbers?",
)
def param_count(D, H, K, bias=True):
    return 4 * D * H * K + (4 * H * K if bias else 0)


@l6_5.wrong(
    "one-bias-for-all-heads",
    "You let all heads share one bias of K numbers. Each head has a bias of its own, so how many "
    "numbers are there in all?",
)
def param_count(D, H, K, bias=True):
    return 4 * D * H * K + (3 * K + D if bias else 0)


@l6_5.wrong(
    "K-taken-for-D-over-H",
    "K makes no difference to your count: you took H · K for D. That is the usual choice, and only a "
    "choice. Which D in your formula comes from the word, and which from the heads?",
)
def param_count(D, H, K, bias=True):
    return 4 * D * D + (4 * D if bias else 0)


@l6_5.wrong(
    "Wo-square",
    "You gave the output D · D weights. Into it come the merged heads: how many numbers are they?",
)
def param_count(D, H, K, bias=True):
    return 3 * D * H * K + D * D + (3 * H * K + D if bias else 0)


@l6_5.wrong(
    "one-head-only",
    "You counted one head. Each of the H heads has K columns of its own in query, key and value, and "
    "K rows in the output.",
)
def param_count(D, H, K, bias=True):
    return 4 * D * K + (3 * K + D if bias else 0)


@l6_5.wrong(
    "always-biases",
    "You counted the biases even when there are none: `bias=False` makes no difference.",
)
def param_count(D, H, K, bias=True):
    return 4 * D * H * K + 3 * H * K + D


@l6_5.wrong(
    "never-biases",
    "You counted no biases. Unless `bias=False` is said, each of the four projections has one.",
)
def param_count(D, H, K, bias=True):
    return 4 * D * H * K


EXERCISES = (l6_1, l6_2, l6_3, l6_4, l6_5)
