"""The first step of the way back: through the mix alone, with the weights given as they are."""

import numpy as np

from autograder.authoring import Check, Exercise, call, every_layout, normal

exercise = Exercise(
    "Back through the mix",
    solve="mix_backward",
    difficulty=2,
    importance=4,
    minutes=10,
    hints="""z is a sum of products, one for each word: a number s_i times a word x_i. If you raise
    s_i by a little and hold everything else, in which direction does z move, and how far?

    The rule for a product: each factor gets the *other* factor times what comes back. What comes
    back is dz, a row of D numbers. s_i is one number, so its gradient is one number: which product
    of two rows of D numbers is a single number?

    ds_i = x_i · dz, for all words at once `x_TD @ dz_D`. And word i gets s_i times the whole dz: a
    table with T rows and D columns, the outer product of s and dz (`np.outer`).""",
)


def mix_inputs(rng: np.random.Generator, T: int, D: int) -> tuple[np.ndarray, ...]:
    """x_TD, weights s_T that differ and sum to 1, and dz_D."""
    share_T = rng.uniform(0.2, 1.0, T)
    s_T = np.round(share_T / share_T.sum(), 2)
    s_T[0] = round(1 - s_T[1:].sum(), 2)
    return normal(rng, T, D), s_T, normal(rng, D)


@exercise.checks
def checks(rng):
    by_hand = call(
        np.array([[1.0, 2.0], [3.0, 0.0], [-1.0, 4.0]]),
        np.array([0.5, 0.2, 0.3]),
        np.array([10.0, 1.0]),
    )
    drawn = [call(*mix_inputs(rng, *sizes)) for sizes in ((5, 3), (2, 6), (4, 4))]
    yield Check(
        "ds",
        by_hand,
        *drawn,
        says="""If s_i rises by 1, z moves by x_i, and the loss by x_i · dz. First example, first
        word: 1 · 10 + 2 · 1 = 12. The weights themselves don't come into it.""",
        part=0,
    )
    yield Check(
        "dx, through the mix",
        by_hand,
        *drawn,
        says="""If x_i moves, z moves s_i times as far in the same direction: dx_i = s_i dz. First
        example, first word: 0.5 times (10, 1).""",
        part=1,
    )
    yield Check(
        "any layout in memory, inputs left alone",
        *every_layout(call(*mix_inputs(rng, 6, 5))),
        says="Words and weights are needed again further down the way back.",
        judges="inputs untouched",
    )


@exercise.right
def a_loop_over_words(x_TD, s_T, dz_D):
    ds_T, dx_TD = np.zeros(len(x_TD)), np.zeros(x_TD.shape)
    for i, x in enumerate(x_TD):
        ds_T[i] = sum(x[d] * dz_D[d] for d in range(len(dz_D)))
        dx_TD[i] = s_T[i] * dz_D
    return ds_T, dx_TD


@exercise.right
def einsum_for_both(x_TD, s_T, dz_D):
    return np.einsum("td,d->t", x_TD, dz_D), np.einsum("t,d->td", s_T, dz_D)


@exercise.right
def broadcasting(x_TD, s_T, dz_D):
    return (x_TD * dz_D).sum(axis=-1), s_T[:, None] * dz_D[None, :]


exercise.slip("""ds-weighted
    - x_TD @ dz_D
    + s_T * (x_TD @ dz_D)
    You weighed ds by s. In the product s_i x_i the weight gets the other factor, x_i; how large
    s_i is makes no difference to how fast z moves when s_i does.""")
exercise.slip("""one-step-too-far
    - x_TD @ dz_D
    + s_T * (x_TD @ dz_D - s_T @ (x_TD @ dz_D))
    You took the softmax's step as well: these are the gradients in the scores. Here only the mix is
    asked for, as if the weights were numbers that nothing stands behind.""")
exercise.slip("""ds-compared-with-the-mix
    - x_TD @ dz_D
    + (x_TD - s_T @ x_TD) @ dz_D
    You took each word's distance from z. The softmax will compare words like that; in the mix
    alone, raising s_i adds x_i itself, whatever z is.""")
exercise.slip("""ds-not-summed
    - x_TD @ dz_D
    + x_TD * dz_D
    Your ds has a number for each coordinate of each word. A weight is one number, used for all D
    coordinates: what they say adds up.""")
exercise.slip("""ds-without-dz
    - x_TD @ dz_D
    + x_TD.sum(axis=1)
    Your ds doesn't use dz: it says how far z moves, and not what the loss makes of it. How much does
    each coordinate of z count?""")
exercise.slip("""dx-unweighted
    - np.outer(s_T, dz_D)
    + np.outer(np.ones(len(s_T)), dz_D)
    You gave every word the whole dz. A word with weight s_i has moved z only s_i times as far as it
    moved itself.""")
exercise.slip("""dx-in-equal-shares
    - np.outer(s_T, dz_D)
    + np.outer(np.full(len(s_T), 1 / len(s_T)), dz_D)
    You divided dz evenly among the words. Words were mixed by their weights, so each gets its own
    share, s_i.""")
exercise.slip("""dx-transposed
    - np.outer(s_T, dz_D)
    + np.outer(dz_D, s_T)
    Your dx has a row for each coordinate, or, with as many words as coordinates, rows and columns
    are swapped. A gradient has the shape of what it belongs to: one word a row.""")
exercise.slip("""dx-is-the-weighted-word
    - np.outer(s_T, dz_D)
    + s_T[:, None] * x_TD
    Your dx is s_i x_i, the word's part in z. Its gradient has the *other* factor of that product,
    s_i, times what comes back, dz.""")
exercise.slip("""dx-from-ds
    - np.outer(s_T, dz_D)
    + np.outer(x_TD @ dz_D, dz_D)
    You multiplied dz by ds. What a word does in the mix is decided by its weight, s_i.""")
exercise.slip("""other-order
    - return x_TD @ dz_D, np.outer(s_T, dz_D)
    + return np.outer(s_T, dz_D), x_TD @ dz_D
    Both gradients are there, in the other order: first ds, then dx.""")
exercise.slip("""sign
    - return x_TD @ dz_D, np.outer(s_T, dz_D)
    + return -x_TD @ dz_D, -np.outer(s_T, dz_D)
    Both gradients have the wrong sign: they point downhill. A gradient says where the loss grows;
    the minus comes with the step.""")
exercise.slip("""writes-into-its-input
    - return x_TD @ dz_D, np.outer(s_T, dz_D)
    + ds_T = x_TD @ dz_D
    + np.multiply(s_T[:, None], dz_D, out=x_TD)
    + return ds_T, x_TD
    You wrote the result into one of the arrays you were given. The caller needs it again: put every
    result into a new array.""")
