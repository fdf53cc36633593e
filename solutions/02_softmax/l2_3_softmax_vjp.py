import numpy as np

from autograder.authoring import Check, Exercise, call, float32, normal, read_only, strided

from .shared import LARGE, shares

exercise = Exercise(
    "The gradient through a softmax",
    solve="softmax_vjp",
    difficulty=4,
    importance=5,
    minutes=25,
    hints="""Do it for three weights, as above. Score j pulls on all three weights: p_j itself rises
    by p_j (1 − p_j), and each other one falls by p_i p_j. Each pull counts as much as the loss
    cares about that weight. Add them up for one j.

    ds_j = p_j g_j − p_j Σ_i p_i g_i. The sum is the same for all j: one number for each row, the
    mean of g in which p says how much each counts. What is left when you take p_j out of both
    terms?

    ds = p · (g − ḡ) with ḡ = Σ_i p_i g_i. In NumPy, ḡ is the sum of p * g along `axis`, with
    keepdims, so that every row subtracts its own. No loop and no matrix is needed.""",
)


@exercise.checks
def checks(rng):
    (fresh,) = rng.spawn(1)
    p_S = np.array([0.5, 0.3, 0.2])
    one_S = np.zeros(3)
    one_S[fresh.integers(3)] = round(fresh.uniform(1, 4), 1)
    yield Check(
        "three weights, a loss that looks at one of them",
        call(p_S, np.array([1.0, 0.0, 0.0])),
        call(p_S, np.array([0.0, 0.0, 2.0])),
        call(shares(fresh, 3), one_S),
        says="If only p_0 matters, raising s_0 raises it, and raising any other score lowers it.",
    )
    yield Check(
        "a loss that looks at all of them",
        call(p_S, np.array([1.0, -2.0, 1.5])),
        call(shares(rng, 6), normal(rng, 6)),
        says="Every score pulls on every weight, and all pulls add up.",
    )
    p7_S, g7_S = shares(rng, 7), normal(rng, 7)
    yield Check(
        "a constant in g changes nothing",
        call(p7_S, np.full(7, 3.0)),
        call(p7_S, g7_S + 5),
        call(shares(rng, 5), normal(rng, 5) + 1000, tolerance=LARGE),
        call(np.array([0.25, 0.0, 0.75]), np.array([1.0, -2.0, 3.0])),
        call(np.array([0.0, 1.0, 0.0, 0.0]), normal(rng, 4)),
        says="""The weights always sum to 1, so a loss that gains the same from each of them gains
        nothing: ds sums to 0. A weight of exactly 0 can't be moved.""",
    )
    yield Check(
        "tables, each row on its own",
        call(shares(rng, 5, 6), normal(rng, 5, 6)),
        call(shares(rng, 2, 3, 7), normal(rng, 2, 3, 7)),
        call(shares(rng, 4, 4), normal(rng, 4, 4)),
        says="A row's weights depend on that row's scores and on no others.",
    )
    p_TS, g_TS = shares(rng, 5, 7, axis=0), normal(rng, 5, 7)
    p_BTS, g_BTS = shares(rng, 2, 5, 3, axis=1), normal(rng, 2, 5, 3)
    yield Check(
        "any axis, from the front or from the back",
        call(p_TS, g_TS, axis=0),
        call(p_TS, g_TS, axis=-2),
        call(p_BTS, g_BTS, axis=1),
        call(p_BTS, g_BTS, axis=-2),
        says="The axis is the one along which p sums to 1.",
    )
    p_TS, g_TS = shares(rng, 5, 3), normal(rng, 5, 3)
    yield Check(
        "float32, strided and read-only arrays, inputs left alone",
        call(p_TS, g_TS),
        call(float32(p_TS), float32(g_TS)),
        call(strided(p_TS), strided(g_TS)),
        call(read_only(p_TS), read_only(g_TS)),
        says="The weights are needed again further back in the backward pass.",
        judges="inputs untouched",
    )


@exercise.right("the whole Jacobian, row by row")
def the_whole_Jacobian_row(p, g, axis=-1):
    p, g = np.moveaxis(p, axis, -1), np.moveaxis(g, axis, -1)
    ds = np.zeros(p.shape)
    for place in np.ndindex(p.shape[:-1]):
        jacobian = np.diag(p[place]) - np.outer(p[place], p[place])
        ds[place] = jacobian @ g[place]
    return np.moveaxis(ds, -1, axis)


@exercise.right("four loops' worth, with Kronecker's delta")
def four_loops_worth_with_Kronecker(p, g, axis=-1):
    p, g = np.moveaxis(p, axis, -1), np.moveaxis(g, axis, -1)
    ds = np.zeros(p.shape)
    n = p.shape[-1]
    for j in range(n):
        for i in range(n):
            ds[..., j] += g[..., i] * p[..., i] * ((i == j) - p[..., j])
    return np.moveaxis(ds, -1, axis)


@exercise.right
def product_minus_share_of_the_sum(p, g, axis=-1):
    pg = p * g
    return pg - p * np.sum(pg, axis=axis, keepdims=True)


@exercise.right
def einsum(p, g, axis=-1):
    p, g = np.swapaxes(p, axis, -1), np.swapaxes(g, axis, -1)
    mean = np.einsum("...s,...s->...", p, g)[..., None]
    return np.swapaxes(p * (g - mean), axis, -1)


@exercise.wrong
def diagonal_only(p, g, axis=-1):
    """You multiplied g by p (1 − p): the pull of each score on its own weight. But raising one
    score also lowers all other weights, because they share one sum. Add what the loss feels of
    that."""
    return p * (1 - p) * g


@exercise.wrong
def sign(p, g, axis=-1):
    """Every number is right but for its sign. If the loss grows with p_0, it grows with s_0 too: is
    your difference the right way round?"""
    return p * ((p * g).sum(axis=axis, keepdims=True) - g)


@exercise.wrong
def sums_over_the_batch(p, g, axis=-1):
    """You took one sum of p g over the whole array, so that the rows of a table pull on one
    another. Each row has a mean of its own: sum along `axis` only, and keep it."""
    return p * (g - (p * g).sum())


@exercise.wrong
def adds_up_the_batch(p, g, axis=-1):
    """You added the gradients of all rows up. The gradient has the shape of the scores: one number
    for each of them, in each row."""
    ds = p * (g - (p * g).sum(axis=axis, keepdims=True))
    return ds.sum(axis=tuple(range(ds.ndim - 1)))


@exercise.wrong
def divides_by_p(p, g, axis=-1):
    """You divided by p. That is the derivative of a logarithm, log p; here g is the gradient in p
    itself. (And where p is 0 it gives nan.)"""
    return g / p - (g / p * p).sum(axis=axis, keepdims=True)


@exercise.wrong
def p_forgotten(p, g, axis=-1):
    """You returned g minus its mean and stopped. A small weight can hardly be moved by its score:
    the difference still has to be multiplied by p."""
    return g - (p * g).sum(axis=axis, keepdims=True)


@exercise.wrong
def p_missing_in_the_second_term(p, g, axis=-1):
    """Your first term p g is right. From it you subtracted Σ p g as it is, the same for every
    score, where each should lose its own share: p_j times that sum."""
    return p * g - (p * g).sum(axis=axis, keepdims=True)


@exercise.wrong
def plain_mean_of_g(p, g, axis=-1):
    """You subtracted the plain mean of g. The mean here is a weighted one, Σ p_i g_i: a large
    weight has more to lose."""
    return p * (g - g.mean(axis=axis, keepdims=True))


@exercise.wrong
def sum_of_g(p, g, axis=-1):
    """You subtracted the plain sum of g. Each g_i counts in it with its weight: Σ p_i g_i."""
    return p * (g - g.sum(axis=axis, keepdims=True))


@exercise.wrong
def no_coupling(p, g, axis=-1):
    """You returned p g, as if each weight had its exponential to itself. The sum below the line
    changes with every score as well: that is the second term."""
    return p * g


@exercise.wrong
def softmax_once_more(p, g, axis=-1):
    """You put p through softmax once more. p is given as finished weights, not as scores: use it as
    it is."""
    e = np.exp(p - p.max(axis=axis, keepdims=True))
    q = e / e.sum(axis=axis, keepdims=True)
    return q * (g - (q * g).sum(axis=axis, keepdims=True))


@exercise.wrong
def p_minus_g(p, g, axis=-1):
    """p − g is the gradient of a cross-entropy with the target g, a famous special case. Here g is
    the gradient of any loss in p: go back to the three pulls on the three weights."""
    return p - g


@exercise.wrong
def always_the_last_axis(p, g, axis=-1):
    """Your sum runs along the last axis whatever `axis` says. Hand `axis` on to the sum: it is the
    axis along which p sums to 1."""
    return p * (g - (p * g).sum(axis=-1, keepdims=True))


@exercise.wrong
def keepdims_lost(p, g, axis=-1):
    """Σ p g along the last axis of a (5, 6) table has shape (5,) and can't be subtracted row by
    row; in a square table it is subtracted from the wrong ones. Keep an axis of length 1."""
    return p * (g - (p * g).sum(axis=axis))


@exercise.wrong
def changes_g(p, g, axis=-1):
    """The gradient is right, but `-=` wrote into the caller's own g. Other parts of the network
    still need it: put the difference into a new array."""
    g -= (p * g).sum(axis=axis, keepdims=True)
    return p * g


@exercise.wrong
def dot_of_tables(p, g, axis=-1):
    """np.dot(p, g) is Σ p_i g_i for a single row. For tables it is a matrix product, which pairs
    the rows of p with the columns of g. Multiply number by number and sum along `axis`."""
    return p * (g - np.dot(p, g))


@exercise.wrong
def jacobian_of_one_row(p, g, axis=-1):
    """You built the whole table of derivatives, which is right for a single row of weights, but
    np.diag and np.outer know no batch. The short form p (g − mean of g) needs no table and works
    for any shape."""
    return (np.diag(p) - np.outer(p, p)) @ g
