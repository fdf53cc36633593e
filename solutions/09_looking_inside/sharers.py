"""The functions that a learner's test is tried on in L9.6, right ones and wrong ones.

What is right is one function, which its makers may write and round as they like.
"""

import numpy as np

from autograder.authoring import kind

# Right ones.


def product(w_T, x_TD, c_D):
    return w_T * (x_TD @ c_D)


def word_by_word(w_T, x_TD, c_D):
    return np.array([w * sum(x * c_D) for w, x in zip(w_T, x_TD, strict=True)])


def words_weighed_first(w_T, x_TD, c_D, seed):
    order_D = np.random.default_rng([seed, len(c_D)]).permutation(len(c_D))
    return np.einsum("td,d->t", (w_T[:, None] * x_TD)[:, order_D], c_D[order_D])


def rounded(w_T, x_TD, c_D, seed):
    order_D = np.random.default_rng([seed, len(c_D)]).permutation(len(c_D))
    x_TD, c_D = x_TD[:, order_D].astype(np.float32), c_D[order_D].astype(np.float32)
    return w_T.astype(np.float32) * (x_TD @ c_D)


# Wrong ones, each with a way of its own to hide.


def weights(w_T, x_TD, c_D, scale):
    return scale * w_T


def total_by_weight(w_T, x_TD, c_D):
    return w_T / (w_T.sum() or 1) * (w_T @ x_TD @ c_D)


def without_weights(w_T, x_TD, c_D, scale):
    return scale * (x_TD @ c_D)


def sizes(w_T, x_TD, c_D):
    return np.abs(w_T * (x_TD @ c_D))


def normalised(w_T, x_TD, c_D, of_sizes):
    e_T = w_T * (x_TD @ c_D)
    return e_T / ((np.abs(e_T).sum() if of_sizes else e_T.sum()) or 1)


def prefix_sums(w_T, x_TD, c_D, from_the_end):
    e_T = w_T * (x_TD @ c_D)
    return e_T[::-1].cumsum()[::-1] if from_the_end else e_T.cumsum()


def even_shares(w_T, x_TD, c_D):
    return np.full(len(w_T), (w_T @ x_TD @ c_D) / len(w_T))


def reversed_shares(w_T, x_TD, c_D):
    return (w_T * (x_TD @ c_D))[::-1]


def right_for_five(w_T, x_TD, c_D, else_by):
    e_T = w_T * (x_TD @ c_D)
    if len(e_T) == 5:
        return e_T
    return np.roll(e_T, 1) if else_by else np.full(len(e_T), e_T.mean())


def table(w_T, x_TD, c_D):
    return w_T[:, None] * x_TD * c_D


def column(w_T, x_TD, c_D):
    return (w_T * (x_TD @ c_D))[:, None]


def nan_at_zero(w_T, x_TD, c_D):
    return w_T * w_T * (x_TD @ c_D) / w_T


def one_for_zero(w_T, x_TD, c_D):
    return np.where(w_T == 0, 1, w_T) * (x_TD @ c_D)


def crash(w_T, x_TD, c_D, error):
    raise (ValueError, IndexError, ZeroDivisionError)[error]("the logit can't be shared out")


def crash_on_long_ones(w_T, x_TD, c_D, error, longest):
    if len(w_T) > longest:
        raise (ValueError, IndexError, ZeroDivisionError)[error]("too many words")
    return w_T * (x_TD @ c_D)


SEEDS, ERRORS = tuple(range(100)), (0, 1, 2)

by_product = kind(product, "w · (x·c) for each word")
by_word = kind(word_by_word, "w · (x·c), one word after the other")
weighed_first = kind(words_weighed_first, "(w x)·c for each word, D in another order", seed=SEEDS)
in_float32 = kind(rounded, "w · (x·c) in float32", seed=SEEDS)

heat_map = kind(weights, "{scale} times the weights", scale=(0.5, 1.0, 2.0))

not_adding_up = (
    kind(without_weights, "{scale} times x·c, without the weights", scale=(0.5, 1.0)),
    kind(normalised, "the shares divided by their sum", of_sizes=(False,)),
    kind(normalised, "the shares divided by the sum of their sizes", of_sizes=(True,)),
    kind(prefix_sums, "the shares added up from the first word on", from_the_end=(False,)),
    kind(prefix_sums, "the shares added up from the last word on", from_the_end=(True,)),
)

adding_up = (
    kind(even_shares, "the same share of c·Σ w x for every word"),
    kind(reversed_shares, "the right shares in reverse"),
)

by_weight = kind(total_by_weight, "c·Σ w x, shared out by w / Σ w")

absolute = kind(sizes, "the sizes of the right shares, without their signs")

five_only = (
    kind(
        right_for_five, "the right shares of 5 words, else each word's for the next", else_by=(1,)
    ),
    kind(right_for_five, "the right shares of 5 words, else the same for all", else_by=(0,)),
)

ending_badly = (
    kind(one_for_zero, "the right shares, but that of weight 1 where w is 0"),
    kind(nan_at_zero, "the right shares, but nan where w is 0"),
    kind(table, "the right shares of each coordinate, shape (T, D)"),
    kind(column, "the right shares, in an array of shape (T, 1)"),
    kind(crash, "a function that always stops with an error", error=ERRORS),
    kind(
        crash_on_long_ones,
        "the right shares; it stops with an error at more than {longest} words",
        error=ERRORS,
        longest=(5, 6, 7),
    ),
)
