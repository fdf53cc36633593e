"""The last step of the way back: from the scores to W, u and the words, where tanh still bends."""

import numpy as np

from autograder.authoring import Check, Exercise, call, every_layout, normal

exercise = Exercise(
    "Back through the scores",
    solve="scores_backward",
    difficulty=3,
    importance=4,
    minutes=20,
    hints="""Take one word first. Forward it went x → a = W x → h = tanh(a) → e = u · h. Compute h
    again, for you need it; then walk back from de, one arrow at a time: what do u and h get of the
    product u · h?

    de is one number a word. du gets de h, and h gets de u. Through tanh each number is multiplied
    by its own slope, 1 − h²: that is da. Then a = W x is a product again: W gets da and x, x gets
    da and W. And W and u belong to all words, so what all words say adds up.

    With one word a row: `h_TA = np.tanh(x_TD @ W_AD.T)` and `da_TA = np.outer(de_T, u_A) * (1 -
    h_TA**2)`. The sums over the words are products: `de_T @ h_TA` and `da_TA.T @ x_TD`. Each word
    keeps its own row in dx, `da_TA @ W_AD`.""",
)


def score_inputs(rng: np.random.Generator, T: int, A: int, D: int) -> tuple[np.ndarray, ...]:
    """x_TD, W_AD, u_A and de_T: W x of standard deviation near 1."""
    return (
        normal(rng, T, D),
        normal(rng, A, D, scale=1 / D**0.5),
        normal(rng, A, scale=2 / A**0.5),
        normal(rng, T),
    )


@exercise.checks
def checks(rng):
    by_hand = call(
        np.array([[1.0, 2.0, 0.0], [0.0, -1.0, 3.0]]),
        np.zeros((1, 3)),
        np.array([2.0]),
        np.array([1.0, 10.0]),
    )
    drawn = [call(*score_inputs(rng, *sizes)) for sizes in ((5, 3, 6), (7, 5, 3), (4, 4, 4))]
    steep = score_inputs(rng, 5, 3, 4)
    steep[1][0] *= 5000  # a row of W whose numbers lie where tanh is flat
    yield Check(
        "du",
        *drawn,
        says="""u turns each h_i = tanh(W x_i) into a score, so it gets each score's gradient times
        h_i, added up over the words.""",
        part=1,
    )
    yield Check(
        "dW",
        by_hand,
        *drawn,
        says="""W gets, for each word, the gradient of W x times x, added up. In the first example
        W x is 0, where the slope of tanh is 1: 2 · 1 · (1, 2, 0) + 2 · 10 · (0, −1, 3).""",
        points=2,
        part=0,
    )
    yield Check(
        "dx, through the scores",
        *drawn,
        says="""Each word gets back its own score's gradient alone, through u, the slope of tanh and
        W.""",
        part=2,
    )
    yield Check(
        "where tanh is flat; any layout in memory, inputs left alone",
        call(*steep, tolerance=1e-6),
        *every_layout(call(*score_inputs(rng, 6, 2, 5))),
        says="""In the first example W x has numbers in the thousands: there tanh is flat, and
        nothing comes back. Words and weights are needed again: to take a step.""",
        judges="inputs untouched",
    )


@exercise.right
def a_loop_over_words(x_TD, W_AD, u_A, de_T):
    dW, du, dx = np.zeros(W_AD.shape), np.zeros(u_A.shape), np.zeros(x_TD.shape)
    for i, x in enumerate(x_TD):
        h = np.tanh(W_AD @ x)
        da = de_T[i] * u_A * (1 - h**2)
        du += de_T[i] * h
        dW += np.outer(da, x)
        dx[i] = W_AD.T @ da
    return dW, du, dx


@exercise.right
def einsum_throughout(x_TD, W_AD, u_A, de_T):
    h_TA = np.tanh(np.einsum("td,ad->ta", x_TD, W_AD))
    da_TA = np.einsum("t,a,ta->ta", de_T, u_A, 1 - h_TA * h_TA)
    return (
        np.einsum("ta,td->ad", da_TA, x_TD),
        np.einsum("ta,t->a", h_TA, de_T),
        np.einsum("ta,ad->td", da_TA, W_AD),
    )


@exercise.right("broadcasting, and (1 − h)(1 + h) for the slope")
def broadcasting(x_TD, W_AD, u_A, de_T):
    h_TA = np.tanh(x_TD @ W_AD.T)
    da_TA = de_T[:, None] * u_A * (1 - h_TA) * (1 + h_TA)
    dW_AD = (da_TA[:, :, None] * x_TD[:, None, :]).sum(axis=0)
    return dW_AD, (de_T[:, None] * h_TA).sum(axis=0), np.dot(da_TA, W_AD)


exercise.slip("""tanh-forgotten-on-the-way-back
    - np.outer(de_T, u_A) * (1 - h_TA**2)
    + np.outer(de_T, u_A)
    The way back jumps over tanh: a change of W x reaches h only 1 − h² times as large. Where h is
    near 1 or −1, hardly anything arrives.""")
exercise.slip("""tanh-twice
    - (1 - h_TA**2)
    + (1 - np.tanh(h_TA) ** 2)
    You took tanh of h, which is a tanh already. The slope is 1 − tanh(a)², and tanh(a) is h.""")
exercise.slip("""slope-not-squared
    - (1 - h_TA**2)
    + (1 - h_TA)
    You took 1 − h for the slope of tanh. It is 1 − h²: the same on both sides of 0, and never above
    1.""")
exercise.slip("""h-for-its-slope
    - (1 - h_TA**2)
    + h_TA
    You multiplied by h where the slope of tanh belongs. At 0, where tanh is steepest, h is 0 and
    nothing would come back.""")
exercise.slip("""u-forgotten-on-the-way-back
    - np.outer(de_T, u_A) * (1 - h_TA**2)
    + de_T[:, None] * (1 - h_TA**2)
    On the way from a score back to h, u is missing: the score is Σ u_a h_a, so a change of h_a
    counts u_a times.""")
exercise.slip("""de-forgotten
    - da_TA = np.outer(de_T, u_A) * (1 - h_TA**2)
    - return da_TA.T @ x_TD, de_T @ h_TA, da_TA @ W_AD
    + da_TA = u_A * (1 - h_TA**2)
    + return da_TA.T @ x_TD, h_TA.sum(axis=0), da_TA @ W_AD
    Your gradients don't use de: they are those of the sum of all scores. Each word's part counts de_i
    times, and de_i may well be negative.""")
exercise.slip("""softmax-walked-too
    - da_TA = np.outer(de_T, u_A) * (1 - h_TA**2)
    + exp_T = np.exp(h_TA @ u_A - (h_TA @ u_A).max())
    + s_T = exp_T / exp_T.sum()
    + de_T = s_T * (de_T - s_T @ de_T)
    + da_TA = np.outer(de_T, u_A) * (1 - h_TA**2)
    You took the softmax's step here as well. What comes in, de, is the gradient in the scores
    already: the softmax lies behind you.""")
exercise.slip("""du-before-tanh
    - de_T @ h_TA
    + de_T @ (x_TD @ W_AD.T)
    Your du is made from W x. u does not meet W x but its tanh: du is the sum of de_i h_i.""")
exercise.slip("""tanh-left-out-of-the-score
    - h_TA = np.tanh(x_TD @ W_AD.T)
    + h_TA = x_TD @ W_AD.T
    - np.outer(de_T, u_A) * (1 - h_TA**2)
    + np.outer(de_T, u_A)
    Your scores have no tanh, so all that follows belongs to the linear score uᵀ W x. This lesson
    learns the score uᵀ tanh(W x).""")
exercise.slip("""dW-transposed
    - da_TA.T @ x_TD
    + x_TD.T @ da_TA
    Your dW has the shape (D, A), or, with A = D, rows and columns are swapped. A gradient always has
    the shape of what it belongs to: which factor of the product must be transposed?""")
exercise.slip("""averaged-over-words
    - return da_TA.T @ x_TD, de_T @ h_TA, da_TA @ W_AD
    + return da_TA.T @ x_TD / len(x_TD), de_T @ h_TA / len(x_TD), da_TA @ W_AD
    You averaged over the words. W and u take part in every word's score, and gradients of what is
    used several times add up.""")
exercise.slip("""dx-summed-over-words
    - da_TA @ W_AD
    + np.broadcast_to((da_TA @ W_AD).sum(axis=0), x_TD.shape) + 0
    You gave every word the sum over all words. W and u are shared, a word is not: it has only its
    own score.""")
exercise.slip("""slope-missing-in-dx
    - da_TA @ W_AD
    + np.outer(de_T, u_A) @ W_AD
    dW and du are right, but on its way to x the gradient jumps over tanh: it must be multiplied by
    1 − h² before it meets W.""")
exercise.slip("""sign
    - return da_TA.T @ x_TD, de_T @ h_TA, da_TA @ W_AD
    + return -da_TA.T @ x_TD, -de_T @ h_TA, -da_TA @ W_AD
    All three gradients have the wrong sign: they point downhill. A gradient says where the loss
    grows; the minus comes with the step.""")
exercise.slip("""other-order
    - return da_TA.T @ x_TD, de_T @ h_TA, da_TA @ W_AD
    + return da_TA @ W_AD, da_TA.T @ x_TD, de_T @ h_TA
    All three gradients are there, in another order: first dW, then du, then dx.""")
exercise.slip("""tanh-overflows
    - h_TA = np.tanh(x_TD @ W_AD.T)
    + exp_TA = np.exp(2 * (x_TD @ W_AD.T))
    + h_TA = (exp_TA - 1) / (exp_TA + 1)
    You made tanh of exponentials. For numbers of W x in the thousands these are inf, and inf / inf
    is nan. `np.tanh` gives 1 there.""")
exercise.slip("""writes-into-its-input
    - return da_TA.T @ x_TD, de_T @ h_TA, da_TA @ W_AD
    + dW_AD = da_TA.T @ x_TD
    + np.matmul(da_TA, W_AD, out=x_TD)
    + return dW_AD, de_T @ h_TA, x_TD
    You wrote the result into one of the arrays you were given. The caller needs it again: put every
    result into a new array.""")
