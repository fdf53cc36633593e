import numpy as np

from autograder.authoring import Check, Exercise, call, float32, normal, read_only, strided

from .shared import score_weights

exercise = Exercise(
    "W and u collapse; tanh stops it",
    solve=("collapse", "tanh_scores"),
    difficulty=2,
    importance=4,
    minutes=15,
    hints="""For `collapse`, shapes decide: W_AD is (A, D), u_A is (A,), and D numbers should come
    out. So A has to disappear. For `tanh_scores`, begin with your `linear_scores` and ask where the
    formula puts the tanh.

    In `collapse` the entry w_d is column d of W dotted with u. In `tanh_scores` there are three
    steps: W x for every word, shape (T, A); tanh of each of these numbers; then the dot product
    with u.

    A vector of length A can stand to the left of an (A, D) matrix, with `@` between them, and D
    numbers come out. And `np.tanh` works on a whole (T, A) array: apply it to `x_TD @ W_AD.T`,
    before u comes in.""",
)


@exercise.checks
def checks(rng):
    yield Check(
        "collapse: two rows become one vector",
        call.collapse(normal(rng, 2, 3, decimals=1), np.array([1.0, -2.0])),
        call.collapse(normal(rng, 4, 6), normal(rng, 4)),
        call.collapse(normal(rng, 5, 2), normal(rng, 5)),
        says="w has one number per coordinate, shape (D,), and w·x must equal uᵀ W x for every x.",
    )
    W_AD = normal(rng, 4, 4)
    yield Check(
        "collapse: a square W, float32 and read-only arrays",
        call.collapse(W_AD, normal(rng, 4)),
        call.collapse(float32(normal(rng, 3, 5)), float32(normal(rng, 3))),
        call.collapse(read_only(strided(W_AD)), read_only(normal(rng, 4))),
        says="""With A = D both W u and Wᵀ u exist, and only one of them gives the same scores as
        before.""",
        judges="inputs untouched",
    )
    W_AD, u_A = np.array([[1.0, 0.0], [0.0, 1.0], [1.0, -1.0]]), np.array([1.0, 2.0, -1.0])
    yield Check(
        "tanh_scores: four words in the plane",
        call.tanh_scores(normal(rng, 4, 2, decimals=1), W_AD, u_A),
        says="One score per word: tanh bends the A numbers of W x, then u weighs them.",
    )
    yield Check(
        "tanh_scores: other sizes",
        call.tanh_scores(normal(rng, 5, 6), *score_weights(rng, 4, 6)),
        call.tanh_scores(normal(rng, 7, 3), *score_weights(rng, 5, 3)),
        call.tanh_scores(normal(rng, 5, 4), *score_weights(rng, 4, 4)),
        says="The same formula must hold for any T, A and D, a square W among them.",
    )
    x_TD = normal(rng, 6, 5)
    W_AD, u_A = score_weights(rng, 3, 5)
    yield Check(
        "tanh_scores: twice the query, float32, strided and read-only arrays",
        call.tanh_scores(x_TD, W_AD, 2 * u_A),
        call.tanh_scores(float32(x_TD), float32(W_AD), float32(u_A)),
        call.tanh_scores(strided(x_TD), strided(W_AD), strided(u_A)),
        call.tanh_scores(read_only(x_TD), read_only(W_AD), read_only(u_A)),
        says="u stands outside the tanh, so twice the u still gives twice the score.",
        judges="inputs untouched",
    )


@exercise.of("collapse").right
def collapse_by_loops(W_AD, u_A):
    A, D = W_AD.shape
    w_D = np.zeros(D)
    for d in range(D):
        for a in range(A):
            w_D[d] += u_A[a] * W_AD[a, d]
    return w_D


@exercise.of("collapse").right
def collapse_by_einsum(W_AD, u_A):
    return np.einsum("ad,a->d", W_AD, u_A)


@exercise.of("collapse").right
def collapse_as_the_sum_of_weighted_rows(W_AD, u_A):
    return (u_A[:, None] * W_AD).sum(axis=0)


@exercise.of("tanh_scores").right("tanh by exponentials, word by word")
def tanh_by_exponentials_word(x_TD, W_AD, u_A):
    scores = []
    for x_D in x_TD:
        h_A = W_AD @ x_D
        scores.append(u_A @ ((np.exp(2 * h_A) - 1) / (np.exp(2 * h_A) + 1)))
    return np.array(scores)


@exercise.of("tanh_scores").right("tanh of columns, einsum at the end")
def tanh_of_columns_einsum_at(x_TD, W_AD, u_A):
    h_AT = np.tanh(np.tensordot(W_AD, x_TD, axes=(1, 1)))
    return np.einsum("a,at->t", u_A, h_AT)


@exercise.of("collapse").wrong
def W_u(W_AD, u_A):
    """You computed W u, which runs over the columns of W. To move W over to the side of u it has to
    be turned: uᵀ W x is the dot product of x with Wᵀ u."""
    return W_AD @ u_A


@exercise.of("collapse").wrong
def normalises_w(W_AD, u_A):
    """Your w has length 1. Its direction is right, but the length matters too: a longer w spreads
    the scores further apart. Return Wᵀ u as it is."""
    w_D = W_AD.T @ u_A
    return w_D / np.linalg.norm(w_D)


@exercise.of("collapse").wrong
def collapse_not_summed(W_AD, u_A):
    """You multiplied each row of W by its entry of u and left the rows apart, shape (A, D). Added
    up they are one vector of D numbers."""
    return u_A[:, None] * W_AD


@exercise.of("collapse").wrong
def collapse_forgets_u(W_AD, u_A):
    """You added up the rows of W without u, as if every entry of u were 1. Each row counts as much
    as its entry of u says."""
    return W_AD.sum(axis=0)


@exercise.of("collapse").wrong
def collapse_tanh(W_AD, u_A):
    """There is a tanh in your `collapse`. The collapse is about the score without one: with a tanh
    between W and u no such w exists."""
    return np.tanh(W_AD).T @ u_A


@exercise.of("tanh_scores").wrong
def tanh_outside(x_TD, W_AD, u_A):
    """You took tanh of the finished score uᵀ W x. Then W and u still collapse into one vector and
    the order of the words' scores can't change. The tanh belongs between W x and u."""
    return np.tanh(x_TD @ W_AD.T @ u_A)


@exercise.of("tanh_scores").wrong
def tanh_on_x(x_TD, W_AD, u_A):
    """You took tanh of the words before W. The numbers to bend are those that W reads off a word, W
    x: first W, then tanh, then u."""
    return np.tanh(x_TD) @ W_AD.T @ u_A


@exercise.of("tanh_scores").wrong
def tanh_on_W(x_TD, W_AD, u_A):
    """You took tanh of W itself. That only gives another matrix, which collapses like any other.
    The tanh must act on the product W x."""
    return x_TD @ np.tanh(W_AD).T @ u_A


@exercise.of("tanh_scores").wrong
def no_tanh(x_TD, W_AD, u_A):
    """These are the linear scores of L1.2: the tanh is missing. Bend the numbers of W x before u
    weighs them."""
    return x_TD @ W_AD.T @ u_A


@exercise.of("tanh_scores").wrong
def tanh_twice(x_TD, W_AD, u_A):
    """You have one tanh too many: the one between W x and u is right, but the finished score is not
    bent again."""
    return np.tanh(np.tanh(x_TD @ W_AD.T) @ u_A)


@exercise.of("tanh_scores").wrong
def tanh_W_transposed(x_TD, W_AD, u_A):
    """You multiplied by Wᵀ where the formula has W. With a square W it runs and gives other scores.
    Each row of W_AD has to be dotted with each word."""
    return np.tanh(x_TD @ W_AD) @ u_A


@exercise.of("tanh_scores").wrong
def tanh_words_as_columns(x_TD, W_AD, u_A):
    """`W_AD @ x_TD` takes words for columns, but in x_TD a word is a row. As in `linear_scores`,
    one of the two has to be transposed before the product."""
    return u_A @ np.tanh(W_AD @ x_TD)


@exercise.of("tanh_scores").wrong
def tanh_u_forgotten(x_TD, W_AD, u_A):
    """You returned tanh(W x), A numbers for every word. The query u still has to turn them into one
    score per word."""
    return np.tanh(x_TD @ W_AD.T)
