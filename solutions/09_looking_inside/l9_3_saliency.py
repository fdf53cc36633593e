"""Gradient times input, where tanh still bends and no weight is nearly 1, so that both ways from a
word to the logit show."""

import numpy as np

from autograder.authoring import Check, Exercise, call, every_layout, normal

LARGE = (
    1e-6  # of gradients behind scores of about 1000, whose own last digits are that much coarser
)

exercise = Exercise(
    "Gradient times input",
    solve="saliency",
    difficulty=3,
    importance=4,
    minutes=15,
    hints="""The logit is c·z, so its gradient in z is c. You have been back through this pooling in
    lesson 3 (L3.1). By which two ways does a word x_t reach z?

    It is mixed in, with its weight: s_t c. And it has a say in the weights: the softmax turns the
    gradient in the weights, x_t·c, into one in the scores, s_t (x_t·c − z·c); from there it goes
    back through u, tanh and W. The gradient is the sum of both.

    With h = tanh(x Wᵀ): `dscore_T = s_T * (x_TD @ c_D - s_T @ x_TD @ c_D)`, and
    `dx_TD = np.outer(s_T, c_D) + (dscore_T[:, None] * u_A * (1 - h_TA**2)) @ W_AD`. Multiply by x_TD,
    number by number, and add up each word's numbers.""",
)


def pooling_inputs(
    rng: np.random.Generator, T: int, A: int, D: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """x_TD, W_AD, u_A and c_D: W x of standard deviation near 1, scores a little above."""
    return (
        normal(rng, T, D),
        normal(rng, A, D, scale=1 / D**0.5),
        normal(rng, A, scale=2 / A**0.5),
        normal(rng, D),
    )


def far_off(
    rng: np.random.Generator, *offsets: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Inputs whose scores lie near `offsets`, one for each word, with differences as usual.

    The last coordinate of every word is between −1 and 1 and as large as its offset asks for; one
    row of W reads nothing but this, and u wants it as much as the largest offset.
    """
    x_TD, W_AD, u_A, c_D = pooling_inputs(rng, len(offsets), 3, 6)
    largest = max(map(abs, offsets))
    x_TD[:, -1] = np.array(offsets) / largest
    W_AD[-1] = 0
    W_AD[-1, -1] = 1
    u_A[-1] = round(largest / float(np.tanh(1.0)))
    return x_TD, W_AD, u_A, c_D


@exercise.checks
def checks(rng):
    x_TD, W_AD, u_A, c_D = pooling_inputs(rng, 4, 2, 3)
    yield Check(
        "where nobody is asked: W = 0",
        call(np.array([[3.0], [0.0], [-1.5]]), np.array([[0.0]]), np.array([2.0]), np.array([1.0])),
        call(x_TD, 0 * W_AD, u_A, c_D),
        call(normal(rng, 1, 3), W_AD, u_A, c_D),
        says="""With W = 0 all weights are 1/T whatever the words are, and a word reaches the logit
        only by being mixed in: its share is x·c / T, here 1, 0 and −0.5. The same holds for a text
        of one word, whose weight is always 1.""",
    )
    yield Check(
        "by both ways",
        call(np.array([[1.0], [-1.0]]), np.array([[0.5]]), np.array([1.0]), np.array([2.0])),
        *(call(*pooling_inputs(rng, *sizes)) for sizes in ((5, 3, 6), (7, 5, 3), (3, 2, 10))),
        says="""A word acts on the logit in two ways: it is mixed in, and it has a say in all
        weights. The gradients of both ways add up, and then they are multiplied by the word.""",
        points=3,
    )
    yield Check(
        "scores near 1000 and near −1000",
        call(*far_off(rng, *[1e3] * 5), tolerance=LARGE),
        call(*far_off(rng, *[-1e3] * 5), tolerance=LARGE),
        call(*far_off(rng, 1e3, -1e3, 1e3, 1e3, -1e3), tolerance=LARGE),
        says="""Only differences of scores count. On the way to the weights, a softmax that can be
        trusted is needed (lesson 2).""",
    )
    yield Check(
        "any layout in memory, inputs left alone",
        *every_layout(call(*pooling_inputs(rng, 6, 2, 5))),
        says="The words and the weights belong to the model that is looked into: they stay.",
        judges="inputs untouched",
    )


@exercise.right
def a_loop_over_words(x_TD, W_AD, u_A, c_D):
    h = [np.tanh(W_AD @ x) for x in x_TD]
    e = np.array([u_A @ each for each in h])
    s = np.exp(e - e.max()) / np.exp(e - e.max()).sum()
    z = sum(weight * x for weight, x in zip(s, x_TD, strict=True))
    found = []
    for t, x in enumerate(x_TD):
        dscore = s[t] * (x - z) @ c_D
        dx = s[t] * c_D + W_AD.T @ (dscore * u_A * (1 - h[t] ** 2))
        found.append(x @ dx)
    return np.array(found)


@exercise.right("the complex step, one word at a time")
def the_complex_step(x_TD, W_AD, u_A, c_D):
    found = np.zeros(len(x_TD))
    for t in range(len(x_TD)):
        x = x_TD.astype(complex)
        x[t] *= 1 + 1e-30j  # along the word itself: that is gradient times input at once
        e = np.tanh(x @ W_AD.T) @ u_A
        w = np.exp(e - e.real.max())
        found[t] = (c_D @ (w / w.sum() @ x)).imag / 1e-30
    return found


@exercise.right("the whole Jacobian of the softmax, with einsum")
def the_whole_Jacobian(x_TD, W_AD, u_A, c_D):
    a_TA = np.einsum("td,ad->ta", x_TD, W_AD)
    e_T = np.tanh(a_TA) @ u_A
    s_T = np.exp(e_T - np.logaddexp.reduce(e_T))
    de_T = (np.diag(s_T) - np.outer(s_T, s_T)) @ (x_TD @ c_D)
    dx_TD = np.einsum("t,d->td", s_T, c_D)
    dx_TD = dx_TD + np.einsum("t,a,ta,ad->td", de_T, u_A, 1 / np.cosh(a_TA) ** 2, W_AD)
    return (dx_TD * x_TD).sum(axis=1)


exercise.allow_mutant(
    after="exp_T = -np.exp(score_T - score_T.max())",
    reason="The next line divides by the sum, which has the same sign: it cancels.",
)
exercise.allow_mutant(
    after="dscore_T = s_T * (value_T - (value_T @ s_T))",
    reason="A product of two vectors is the same both ways.",
)
exercise.allow_mutant(
    after='return np.einsum("td,td->t", dx_TD, x_TD)',
    reason="Numbers are multiplied in either order.",
)


@exercise.plain
def plain(x_TD, W_AD, u_A, c_D):
    h_TA = np.tanh(x_TD @ W_AD.T)
    e_T = h_TA @ u_A
    exp_T = np.exp(e_T - e_T.max())
    s_T = exp_T / exp_T.sum()
    ds_T = x_TD @ c_D
    de_T = s_T * (ds_T - (s_T * ds_T).sum())
    by_mix_TD = np.outer(s_T, c_D)
    by_score_TD = (de_T[:, None] * u_A * (1 - h_TA**2)) @ W_AD
    dx_TD = by_mix_TD + by_score_TD
    return (x_TD * dx_TD).sum(axis=1)


plain.slip("""value-path-only
    - dx_TD = by_mix_TD + by_score_TD
    + dx_TD = by_mix_TD
    Your share of a word is s (x·c): what it does by being mixed in. A word also has a say in the
    weights: if x changes, its score changes, and with it z. The way through the scores is missing.""")
plain.slip("""score-path-only
    - dx_TD = by_mix_TD + by_score_TD
    + dx_TD = by_score_TD
    You have what a word does through its score, and not that the word itself is mixed into z. Even
    with all weights fixed, moving x would move the logit.""")
plain.slip("""gradient-of-the-sigmoid
    - dx_TD = by_mix_TD + by_score_TD
    + p = 1 / (1 + np.exp(-(s_T @ ds_T)))
    + dx_TD = p * (1 - p) * (by_mix_TD + by_score_TD)
    You took the gradient of the probability: every number is p (1 − p) times what it should be. Of
    a sure model that leaves next to nothing. The logit c·z is asked for, before the sigmoid.""")
plain.slip("""absolute-value
    - (x_TD * dx_TD).sum(axis=1)
    + np.abs((x_TD * dx_TD).sum(axis=1))
    You took absolute values. Whether a word speaks for praise or against it is in the sign: keep
    it.""")
plain.slip("""absolute-values-added
    - (x_TD * dx_TD).sum(axis=1)
    + np.abs(x_TD * dx_TD).sum(axis=1)
    You added up absolute values. A word's numbers may cancel each other, and its sign says which way
    it pulls: add the products as they are.""")
plain.slip("""norm-of-the-gradient
    - (x_TD * dx_TD).sum(axis=1)
    + np.sqrt((dx_TD**2).sum(axis=1))
    You took the length of the gradient. That says how much the logit could move, whichever way, and
    nothing of the word that stands there: gradient times input is asked for, the product x·dx.""")
plain.slip("""gradient-alone
    - (x_TD * dx_TD).sum(axis=1)
    + dx_TD.sum(axis=1)
    You added up the gradient alone. It is to be multiplied by the word first, number by number.""")
plain.slip("""one-number-too-many
    - (x_TD * dx_TD).sum(axis=1)
    + x_TD * dx_TD
    You returned a number for each coordinate of each word, (T, D). One for each word is asked for:
    add up over D.""")
plain.slip("""softmax-coupling-ignored
    - de_T = s_T * (ds_T - (s_T * ds_T).sum())
    + de_T = s_T * ds_T
    Your gradient in the scores is s (x·c), as if each weight had its exponential for itself. Raising
    one score lowers all other weights: what does `softmax_vjp` of lesson 2 subtract?""")
plain.slip("""tanh-forgotten-on-the-way-back
    - * u_A * (1 - h_TA**2)) @ W_AD
    + * u_A) @ W_AD
    The way back jumps over tanh: a change of W x reaches its tanh h only 1 − h² times as large.""")
plain.slip("""tanh-left-out-of-the-score
    - h_TA = np.tanh(x_TD @ W_AD.T)
    + h_TA = x_TD @ W_AD.T
    - * u_A * (1 - h_TA**2)) @ W_AD
    + * u_A) @ W_AD
    Your scores have no tanh, so all that follows belongs to the linear score u·(W x). This pooling
    scores with u·tanh(W x).""")
plain.slip("""weights-alone
    - dx_TD = by_mix_TD + by_score_TD
    - return (x_TD * dx_TD).sum(axis=1)
    + return s_T
    You returned the attention weights. Where a head reads isn't yet what that does to the logit.""")
plain.slip("""sign
    - (x_TD * dx_TD).sum(axis=1)
    + -(x_TD * dx_TD).sum(axis=1)
    Your signs are turned round: a word that speaks for praise, whose product with the gradient is
    positive, gets a positive share.""")
plain.slip("""no-max-subtracted
    - np.exp(e_T - e_T.max())
    + np.exp(e_T)
    Your shares are right as long as the scores are small. At 1000 the exponential is inf, and every
    share nan: subtract the largest score first, as in lesson 2.""")
plain.slip("""multiplies-into-the-words
    - dx_TD = by_mix_TD + by_score_TD
    - return (x_TD * dx_TD).sum(axis=1)
    + x_TD *= by_mix_TD + by_score_TD
    + return x_TD.sum(axis=1)
    The shares are right, but `*=` wrote into the words you were given. Put the product into a new
    array.""")
