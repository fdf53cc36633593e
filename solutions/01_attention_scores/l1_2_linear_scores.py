import numpy as np

from autograder.authoring import Check, Exercise, call, float32, normal, read_only, strided

from .shared import score_weights

exercise = Exercise(
    "Scores for all words at once",
    solve="linear_scores",
    difficulty=2,
    importance=5,
    minutes=15,
    hints="""Write the shapes down. x_TD is (T, D), W_AD is (A, D), u_A is (A,), and T numbers
    should come out. Which two axes have to disappear, and in which product does each of them do so?

    The formula speaks of one word: W times the column x_i. All words at once are the rows of x_TD,
    so here W has to stand on the right, and the axis that the two share, D, has to be the last of
    x_TD and the first of what stands behind the `@`.

    `x_TD @ W_AD.T` has shape (T, A): for every word the A numbers that W reads off it. One more
    product has to turn each row of A numbers into a single one. What is left to multiply by, and on
    which side?""",
)


@exercise.checks
def checks(rng):
    W_AD, u_A = np.array([[1.0, 0.0], [0.0, 1.0], [1.0, -2.0]]), np.array([2.0, -1.0, 0.5])
    yield Check(
        "a few words, small enough for pencil and paper",
        call(normal(rng, 3, 2, decimals=1), W_AD[2:], np.array([-1.5])),
        call(normal(rng, 4, 2, decimals=1), W_AD, u_A),
        says="One number per word comes out: read off W x, then weigh what was read by u.",
    )
    yield Check(
        "random words in six coordinates",
        call(normal(rng, 5, 6), *score_weights(rng, 4, 6)),
        call(normal(rng, 7, 3), *score_weights(rng, 5, 3)),
        says="The same formula must hold for any T, A and D.",
    )
    yield Check(
        "square arrays, where wrong axes fit too",
        call(normal(rng, 5, 4), *score_weights(rng, 4, 4)),
        call(normal(rng, 5, 5), *score_weights(rng, 3, 5)),
        says="""With A = D both W x and Wᵀ x exist, with T = D words can be taken for columns, and
        NumPy can't know which of them is the formula.""",
    )
    x_TD = normal(rng, 4, 3)
    W_AD, u_A = score_weights(rng, 2, 3)
    yield Check(
        "twice the query gives twice the scores",
        call(x_TD, W_AD, u_A),
        call(x_TD, W_AD, 2 * u_A),
        call(x_TD, W_AD, -u_A),
        call(x_TD, W_AD, 0 * u_A),
        call(x_TD, W_AD, 1000 * u_A),
        says="""The score is linear in u: twice the u, twice the score; the opposite u, the opposite
        score; no u, no score. Scores may be negative and need not sum to anything.""",
    )
    x_TD = normal(rng, 6, 5)
    W_AD, u_A = score_weights(rng, 3, 5)
    yield Check(
        "float32, strided and read-only arrays",
        call(float32(x_TD), float32(W_AD), float32(u_A)),
        call(strided(x_TD), strided(W_AD), strided(u_A)),
        call(read_only(x_TD), read_only(W_AD), read_only(u_A)),
        says="How the numbers lie in memory makes no difference to a score.",
        judges="inputs untouched",
    )


@exercise.right
def three_loops(x_TD, W_AD, u_A):
    T, D = x_TD.shape
    A = len(u_A)
    e_T = np.zeros(T)
    for t in range(T):
        for a in range(A):
            for d in range(D):
                e_T[t] += u_A[a] * W_AD[a, d] * x_TD[t, d]
    return e_T


@exercise.right
def einsum(x_TD, W_AD, u_A):
    return np.einsum("td,ad,a->t", x_TD, W_AD, u_A)


@exercise.right("u first, then the words")
def u_first_then_the_words(x_TD, W_AD, u_A):
    return x_TD @ (u_A @ W_AD)


@exercise.right
def one_column_per_word(x_TD, W_AD, u_A):
    h_AT = W_AD.dot(x_TD.T)
    return (u_A[:, np.newaxis] * h_AT).sum(axis=0)


@exercise.wrong
def W_transposed(x_TD, W_AD, u_A):
    """You multiplied by Wᵀ where the formula has W. If W is square it runs and gives other scores;
    if it isn't, the shapes don't fit. Row a of W_AD is dotted with a word: is that so in your
    code?"""
    return x_TD @ W_AD @ u_A


@exercise.wrong
def words_as_columns(x_TD, W_AD, u_A):
    """In the formula a word is a column, in x_TD it is a row. `W_AD @ x_TD` therefore pairs D with
    T: an error in general, and the wrong numbers when T = D. One of the two has to be
    transposed."""
    return u_A @ (W_AD @ x_TD)


@exercise.wrong
def tanh_inside(x_TD, W_AD, u_A):
    """There is a tanh between W and u. Many papers have one, and L1.4 adds it; here the score is
    the plain uᵀ W x."""
    return np.tanh(x_TD @ W_AD.T) @ u_A


@exercise.wrong
def tanh_outside(x_TD, W_AD, u_A):
    """You squashed the finished scores with tanh. Here a score may be any number: return uᵀ W x as
    it is."""
    return np.tanh(x_TD @ W_AD.T @ u_A)


exercise.slip("""clips-the-scores
    - return x_TD @ W_AD.T @ u_A
    + return np.clip(x_TD @ W_AD.T @ u_A, -20, 20)
    You cut the scores off at a limit. Two words beyond it look alike, although one may be wanted far
    more. A score may be any number: return uᵀ W x as it is.""")


@exercise.wrong
def u_forgotten(x_TD, W_AD, u_A):
    """You returned W x for every word, shape (T, A): A numbers a word. The query u still has to
    turn them into one score each."""
    return x_TD @ W_AD.T


@exercise.wrong
def u_replaced_by_a_sum(x_TD, W_AD, u_A):
    """You added up the A numbers of W x, as if every entry of u were 1. u says how much each of
    them counts, and with which sign."""
    return (x_TD @ W_AD.T).sum(axis=1)


@exercise.wrong
def mean_over_A(x_TD, W_AD, u_A):
    """Your scores are A times too small: you took the mean over the A numbers where uᵀ(W x) is
    their sum, each times its entry of u."""
    return ((x_TD @ W_AD.T) * u_A).mean(axis=1)


@exercise.wrong
def u_not_summed(x_TD, W_AD, u_A):
    """You multiplied the numbers of W x by the entries of u but left them apart, shape (T, A). A
    dot product also adds them up: one number per word."""
    return (x_TD @ W_AD.T) * u_A


@exercise.wrong
def softmax_inside(x_TD, W_AD, u_A):
    """Your results are positive and sum to 1: you normalised already. Scores come first and may be
    negative; weights are made from them in L1.3."""
    exp_T = np.exp(x_TD @ W_AD.T @ u_A)
    return exp_T / exp_T.sum()


@exercise.wrong
def exp_inside(x_TD, W_AD, u_A):
    """You took the exponential of each score. That belongs to the next move, normalising: return uᵀ
    W x itself, negative or not."""
    return np.exp(x_TD @ W_AD.T @ u_A)


@exercise.wrong
def one_score_for_the_sentence(x_TD, W_AD, u_A):
    """You returned the scores of all words added up: one number for the whole sentence. To choose
    between words, each needs a score of its own."""
    return (x_TD @ W_AD.T @ u_A).sum()
