import numpy as np

from autograder.authoring import Axes, Check, Exercise, call, every_layout, normal, probe

exercise = Exercise(
    "Cut a width into heads",
    solve="split_heads",
    difficulty=3,
    importance=5,
    minutes=20,
    hints="""Write the shape you have, (B, T, D), and the one you want, (B, H, T, K). Two things
    happen: one axis becomes two, and two axes change places. Which, and in which order is it safe?

    A reshape keeps the reading order of the numbers. Cutting D into H pieces of K right where it
    stands, (B, T, H, K), keeps every word's numbers with that word. Only then may H and T change
    places, and for that a reshape won't do.

    `x_BTD.reshape(B, T, H, D // H)` cuts; `.swapaxes(1, 2)`, or `.transpose(0, 2, 1, 3)`, exchanges
    the two axes in the middle. If D can't be cut into H equal pieces, such a reshape refuses by
    itself, as long as no −1 lets it choose a size.""",
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


@exercise.checks
def checks(rng):
    (fresh,) = rng.spawn(1)
    axes = Axes(B=3, T=5, D=12)
    three_words = np.array([[[1.0, 2, 3, 4], [5, 6, 7, 8], [9, 10, 11, 12]]])
    yield Check(
        "three words of four numbers, two heads",
        call(three_words, 2),
        call(normal(rng, 1, 3, 6, decimals=1), 3),
        says="""The words are (1, 2, 3, 4), (5, 6, 7, 8) and (9, 10, 11, 12). The first head gets
        the first half of every word's numbers, the second head the second half.""",
    )
    x_BTD = axes.normal(rng, "BTD")
    yield Check(
        "several sentences, any number of heads",
        call(x_BTD, 2),
        call(x_BTD, 6),
        call(normal(rng, 2, 7, 15), 3),
        call(normal(rng, 2, 4, 8), 4),
        says="""Head h of word t in sentence b holds the numbers hK to hK + K − 1 of that word, in
        their order.""",
    )
    x_BTD = normal(rng, 2, 5, 3)
    yield Check(
        "one head, and heads of one number",
        call(x_BTD, 1),
        call(x_BTD, 3),
        says="""With H = 1 only an axis of length 1 is added; with H = D each number is a head of
        its own.""",
    )
    yield Check(
        "a width that can't be shared out",
        *[
            probe(refuses, says="Whether a ValueError was raised")(normal(rng, *shape), H)
            for shape, H in [((2, 5, 7), 2), ((2, 6, 7), 2), ((3, 4, 12), 3), ((1, 3, 10), 4)]
        ]
        + [
            probe(refuses_each, says="Whether a ValueError was raised, for each number of heads,")(
                width, fresh.permutation(np.arange(2, 11))[:8].tolist()
            )
            for width in fresh.choice([12, 16, 18, 20, 24, 30], 2, replace=False).tolist()
        ],
        says="""If D is no multiple of H, there is no right answer, and a silent one would go unseen
        for long: a ValueError has to be raised. Where D is a multiple, none may be.""",
    )
    yield Check(
        "float32, strided and read-only arrays, inputs left alone",
        *every_layout(call(axes.normal(rng, "BTD"), 2)),
        says="How the numbers lie in memory says nothing about which number belongs to which head.",
        judges="inputs untouched",
    )


@exercise.right
def four_loops(x_BTD, H):
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


@exercise.right
def split_and_stack(x_BTD, H):
    return np.stack(np.split(x_BTD, H, axis=-1), axis=1)


@exercise.right
def a_slice_for_each_head(x_BTD, H):
    K, left = divmod(x_BTD.shape[-1], H)
    if left:
        raise ValueError("the heads would not be equal")
    return np.stack([x_BTD[:, :, h * K : h * K + K] for h in range(H)], axis=1)


@exercise.right("transposed, the last size left open")
def transposed_the_last_size_left(x_BTD, H):
    B, T = x_BTD.shape[:2]
    return np.transpose(x_BTD.reshape((B, T, H, -1)), (0, 2, 1, 3)).copy()


@exercise.right("columns first, then back")
def columns_first_then_back(x_BTD, H):
    B, T, D = x_BTD.shape
    x_BDT = np.moveaxis(x_BTD, 2, 1)
    return np.moveaxis(x_BDT.reshape(B, H, D // H, T), 3, 2)


@exercise.wrong
def reshaped_only(x_BTD, H):
    """You reshaped straight to (B, H, T, K). The shape is right, but a reshape fills it in reading
    order: your first head holds the first words whole, not a part of every word. Which reshape
    leaves T where it is, and what has to follow it?"""
    B, T, D = x_BTD.shape
    return x_BTD.reshape(B, H, T, D // H)


@exercise.wrong
def not_transposed(x_BTD, H):
    """Your cut is right, but the axes come as (B, T, H, K): words first, heads inside. Each head
    should be a table of its own, of shape (T, K). Which two axes have to change places?"""
    B, T, D = x_BTD.shape
    return x_BTD.reshape(B, T, H, D // H)


@exercise.wrong
def interleaved(x_BTD, H):
    """You dealt the numbers out like cards: head 0 gets numbers 0, H, 2H, … of a word. A head is a
    block of K neighbours. When you cut D into two axes, which of them should run slowly?"""
    B, T, D = x_BTD.shape
    return x_BTD.reshape(B, T, D // H, H).transpose(0, 3, 1, 2)


@exercise.wrong
def T_and_K_swapped(x_BTD, H):
    """Your last two axes are (K, T): a word has become a column. Words are rows in this course, in
    each head too. Which axis did your transposition put last?"""
    B, T, D = x_BTD.shape
    return x_BTD.reshape(B, T, H, D // H).transpose(0, 2, 3, 1)


@exercise.wrong
def transposed_first(x_BTD, H):
    """You turned the table round before you cut it. Then a row of the table is one number of all
    words, and the reshape writes such rows into your heads as if they were words. Cut first, while
    every word's numbers lie together: which axes change places afterwards?"""
    B, T, D = x_BTD.shape
    return x_BTD.transpose(0, 2, 1).reshape(B, H, T, D // H)


@exercise.wrong
def K_is_a_float(x_BTD, H):
    """`D / H` is 2.0 where 2 is meant: in Python `/` always gives a float, and no axis can be 2.0
    long. Which division gives whole numbers?"""
    B, T, D = x_BTD.shape
    return x_BTD.reshape(B, T, H, D / H).transpose(0, 2, 1, 3)


@exercise.wrong
def cuts_the_sentence(x_BTD, H):
    """You cut the words among the heads, so that each head sees a part of the sentence. Every head
    sees all words, but only K numbers of each. Which axis should become two?"""
    B, T, D = x_BTD.shape
    return x_BTD.reshape(B, H, T // H, D)


@exercise.wrong
def H_taken_for_K(x_BTD, H):
    """You made D / H heads of H numbers each: H was taken for the width of a head. It is the number
    of heads. Which of the two new axes should have length H?"""
    B, T, D = x_BTD.shape
    return x_BTD.reshape(B, T, D // H, H).transpose(0, 2, 1, 3)


@exercise.wrong
def heads_in_front(x_BTD, H):
    """Your head axis comes before the sentences: (H, B, T, K). The batch stays the first axis.
    Where does the second one belong?"""
    return np.stack(np.split(x_BTD, H, axis=-1), axis=0)


@exercise.wrong
def a_list_of_heads(x_BTD, H):
    """You returned a list with an array for each head. One array is asked for, with an axis for the
    heads: what joins arrays of equal shape along a new axis?"""
    return np.split(x_BTD, H, axis=-1)


@exercise.wrong
def copies(x_BTD, H):
    """Each of your heads holds all D numbers. Then H heads cost H times as much. The width is
    shared out among them: how many numbers does one get?"""
    if x_BTD.shape[-1] % H:
        raise ValueError(f"{x_BTD.shape[-1]} numbers for {H} heads")
    return np.repeat(x_BTD[:, None], H, axis=1)


@exercise.wrong
def drops_the_rest(x_BTD, H):
    """If D is no multiple of H, you say nothing: the last numbers of every word are left out, or
    the error is returned as if it were an array. Whoever wrote a wrong H would never learn of it. Which
    statement stops a caller whose wish can't be met?"""
    B, T, D = x_BTD.shape
    K = D // H
    return x_BTD[:, :, : H * K].reshape(B, T, H, K).swapaxes(1, 2)


@exercise.wrong
def takes_from_the_next_word(x_BTD, H):
    """With a −1 for T the reshape may find a size that fits although D is no multiple of H: six
    words of 7 numbers silently become seven words of 6. Give every size that you know. What happens
    then if they don't fit?"""
    B, _, D = x_BTD.shape
    return x_BTD.reshape(B, -1, H, D // H).swapaxes(1, 2)


@exercise.wrong
def asserts(x_BTD, H):
    """You stop with an AssertionError if D is no multiple of H. Assertions are for one's own
    mistakes and vanish under `python -O`. A caller's wrong value is a case for which other
    exception?"""
    B, T, D = x_BTD.shape
    assert D % H == 0
    return x_BTD.reshape(B, T, H, D // H).swapaxes(1, 2)
