import numpy as np

from autograder.authoring import Axes, Check, Exercise, call, every_layout, normal

exercise = Exercise(
    "And back",
    solve="merge_heads",
    difficulty=2,
    importance=5,
    minutes=15,
    hints="""Do the steps of L6.1 in the opposite order. Which of its two steps came last, and so
    comes first here?

    First exchange H and T again: (B, T, H, K). Now the K numbers of a word's first head lie just
    before those of its second head, and a reshape that joins the last two axes keeps them so.

    `x_BHTK.swapaxes(1, 2)` has the shape (B, T, H, K), and `.reshape(B, T, H * K)` joins its last
    two axes. Read the sizes off before you swap, and mind which is which.""",
)


@exercise.checks
def checks(rng):
    axes = Axes(B=3, H=2, T=5, K=7)
    two_heads = np.array([[[[1.0, 2], [5, 6], [9, 10]], [[3, 4], [7, 8], [11, 12]]]])
    yield Check(
        "two heads of three words",
        call(two_heads),
        call(normal(rng, 1, 3, 2, 2, decimals=1)),
        says="Word by word, the numbers of the first head, then those of the second.",
    )
    yield Check(
        "several sentences, any sizes",
        call(axes.normal(rng, "BHTK")),
        call(normal(rng, 2, 4, 7, 3)),
        call(normal(rng, 2, 3, 3, 4)),
        call(normal(rng, 3, 3, 3, 3)),
        says="""The result has one row for each word of each sentence, H times K numbers wide. With
        as many words as heads wrong axes fit, too.""",
    )
    yield Check(
        "one head, and heads of one number",
        call(normal(rng, 2, 1, 5, 3)),
        call(normal(rng, 2, 4, 5, 1)),
        says="With H = 1 only an axis of length 1 goes; heads of one number become the columns.",
    )
    yield Check(
        "float32, strided and read-only arrays, inputs left alone",
        *every_layout(call(axes.normal(rng, "BHTK"))),
        says="What comes out of an attention layer need not lie in memory in reading order.",
        judges="inputs untouched",
    )


@exercise.right
def loops_over_words_and_heads(x_BHTK):
    B, H, T, K = x_BHTK.shape
    x_BTD = np.zeros((B, T, H * K))
    for b in range(B):
        for t in range(T):
            for h in range(H):
                x_BTD[b, t, h * K : (h + 1) * K] = x_BHTK[b, h, t]
    return x_BTD


@exercise.right
def heads_put_side_by_side(x_BHTK):
    return np.concatenate([x_BHTK[:, h] for h in range(x_BHTK.shape[1])], axis=-1)


@exercise.right("einsum, then reshape")
def einsum_then_reshape(x_BHTK):
    B, _, T, _ = x_BHTK.shape
    return np.einsum("bhtk->bthk", x_BHTK).reshape(B, T, -1)


@exercise.right
def one_sentence_after_the_other(x_BHTK):
    return np.array([np.hstack(list(x_HTK)) for x_HTK in x_BHTK])


@exercise.wrong
def not_turned_back(x_BHTK):
    """You reshaped straight to (B, T, D). A reshape keeps the reading order, and there a whole head
    comes after the other: your first word is made of several words of the first head. What has to
    change places before H and K may be joined?"""
    B, H, T, K = x_BHTK.shape
    return x_BHTK.reshape(B, T, H * K)


@exercise.wrong
def sums_the_heads(x_BHTK):
    """You added the heads up, and K numbers a word are left. Then nobody can tell any more which
    head said what. They lie side by side: how wide is a word again?"""
    return x_BHTK.sum(axis=1)


@exercise.wrong
def averages_the_heads(x_BHTK):
    """You averaged the heads, and K numbers a word are left. What one head found, another one's
    silence would blur. They lie side by side: how wide is a word again?"""
    return x_BHTK.mean(axis=1)


@exercise.wrong
def right_only_for_T_equal_to_H(x_BHTK):
    """You read the sizes as (B, T, H, K), but the array comes as (B, H, T, K). With as many words
    as heads nobody notices. Which of the two axes is the second?"""
    B, T, H, K = x_BHTK.shape
    return x_BHTK.transpose(0, 2, 1, 3).reshape(B, T, H * K)


@exercise.wrong
def interleaved(x_BHTK):
    """You dealt the heads' numbers alternately: first number of each head, then the second of each.
    L6.1 cut a word into blocks of neighbours. Which of H and K has to be the last axis when you
    join them?"""
    B, H, T, K = x_BHTK.shape
    return x_BHTK.transpose(0, 2, 3, 1).reshape(B, T, H * K)


@exercise.wrong
def heads_as_more_words(x_BHTK):
    """You joined heads and words, so that a sentence of T words has H times as many. Each word
    stays one row, and its heads lie side by side in it: along which axis do they belong?"""
    B, H, T, K = x_BHTK.shape
    return x_BHTK.reshape(B, H * T, K)


@exercise.wrong
def only_swapped(x_BHTK):
    """You turned the axes back, to (B, T, H, K), and stopped. The last two still have to become one
    axis of width D."""
    return x_BHTK.swapaxes(1, 2)


@exercise.wrong
def sentences_side_by_side(x_BHTK):
    """You put the sentences side by side instead of the heads: looping over the array goes through
    its first axis, which is B. Whose numbers belong next to each other?"""
    return np.concatenate(list(x_BHTK), axis=-1)


@exercise.wrong
def first_head_only(x_BHTK):
    """You kept the first head and dropped the others. All of them belong into the result, side by
    side."""
    return x_BHTK[:, 0]


@exercise.wrong
def columns_as_words(x_BHTK):
    """You exchanged heads and the numbers in them, so that a row of yours is no word any more.
    Which two axes did L6.1 exchange?"""
    B, H, T, K = x_BHTK.shape
    return x_BHTK.swapaxes(1, 3).reshape(B, T, H * K)
