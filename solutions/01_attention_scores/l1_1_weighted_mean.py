import numpy as np

from autograder.authoring import Check, Exercise, call, float32, normal, read_only, strided, uniform

from .shared import weights

exercise = Exercise(
    "A weighted mean",
    solve="weighted_mean",
    difficulty=1,
    importance=5,
    minutes=15,
    hints="""Do it with pencil and paper first, for T = 2 words: how much of the first word is in
    the mean, how much of the second, and what do these two shares add up to?

    Two steps. First turn the weights into shares that sum to 1. Then multiply each word's row by
    its own share and add the rows up. The result has D numbers, so the axis that disappears is T.

    For the second step there are two good ways: give the shares a second axis, of shape (T, 1), so
    that they broadcast along D, and sum over axis 0; or notice that a vector of T numbers times a
    (T, D) matrix, written with `@`, already is that sum.""",
)


@exercise.checks
def checks(rng):
    yield Check(
        "weights that already sum to 1",
        call(normal(rng, 3, 2, decimals=1), np.array([0.5, 0.2, 0.3])),
        call(normal(rng, 5, 6), weights(rng, 5)),
        says="""Each word counts as much as its weight says, and the result has one number per
        coordinate: shape (D,).""",
    )
    x_TD, w_T = normal(rng, 4, 3, decimals=1), uniform(rng, 0.5, 4, 4, decimals=1)
    yield Check(
        "only the proportions of the weights count",
        call(x_TD, w_T),
        call(x_TD, 2 * w_T),
        call(x_TD, w_T / 10),
        says="""Weights 1, 2, 2 mean the same as 10, 20, 20: a mean can't leave the range of its
        words, however large the weights are.""",
    )
    one = np.zeros(7)
    one[2] = 3.0
    yield Check(
        "other sizes, and words that weigh nothing",
        call(normal(rng, 7, 3), one),
        call(normal(rng, 1, 4), np.array([2.5])),
        call(normal(rng, 5, 5), uniform(rng, 0.5, 4, 5)),
        says="""A sentence may be long or short, and a single word with all the weight is its own
        mean. The last example has as many words as coordinates: there, mixing up the two axes
        raises no error.""",
    )
    x_TD, w_T = normal(rng, 6, 4), uniform(rng, 0.5, 4, 6)
    x32_TD, w32_T = float32(normal(rng, 5, 3)), float32(uniform(rng, 0.5, 4, 5))
    yield Check(
        "float32, strided and read-only arrays, inputs left alone",
        call(strided(x_TD), strided(w_T)),
        call(x32_TD, w32_T),
        call(read_only(x_TD), read_only(w_T)),
        says="""Real arrays come as parts of larger ones, in single precision, or locked. None of
        that changes what a mean is, and whoever called still needs the weights as they were.""",
        judges="inputs untouched",
    )


@exercise.right
def a_plain_loop(x_TD, w_T):
    T, D = x_TD.shape
    z_D = np.zeros(D)
    total = 0.0
    for t in range(T):
        for d in range(D):
            z_D[d] += w_T[t] * x_TD[t, d]
        total += w_T[t]
    return z_D / total


@exercise.right("np.average")
def np_average(x_TD, w_T):
    return np.average(x_TD, axis=0, weights=w_T)


@exercise.right("einsum, divided at the end")
def einsum_divided_at_the_end(x_TD, w_T):
    return np.einsum("td,t->d", x_TD, w_T) / np.sum(w_T)


@exercise.right("a share for each word, then a list comprehension")
def a_share_for_each_word(x_TD, w_T):
    share_T = [float(w) / float(sum(w_T)) for w in w_T]
    return np.stack([s * x_D for s, x_D in zip(share_T, x_TD, strict=True)]).sum(axis=0)


@exercise.wrong
def averages_over_coordinates(x_TD, w_T):
    """Your result has one number per word: you summed over the coordinates D. A mean of words keeps
    the coordinates apart and makes the words disappear. Which axis of x_TD is T?"""
    return (x_TD * w_T[:, None]).sum(axis=1) / w_T.sum()


@exercise.wrong
def divides_by_T(x_TD, w_T):
    """You divided by the number of words T. That is right when every weight is 1. What should you
    divide by so that doubling all the weights changes nothing?"""
    return (x_TD * w_T[:, None]).sum(axis=0) / len(w_T)


@exercise.wrong
def not_normalised(x_TD, w_T):
    """You added the weighted words up and stopped there. It only looks right when the weights
    happen to sum to 1. With weights 2, 2, 2 your result is 6 times too long: what is missing?"""
    return (x_TD * w_T[:, None]).sum(axis=0)


@exercise.wrong
def broadcasts_along_D(x_TD, w_T):
    """`x_TD * w_T` lines w_T up with the last axis of x_TD, which is D. With T ≠ D that is an
    error; with T = D it silently weighs coordinates instead of words. Give w_T a second axis, so
    that each weight meets a whole row."""
    return (x_TD * w_T).sum(axis=0) / w_T.sum()


@exercise.wrong
def dots_along_D(x_TD, w_T):
    """`x_TD @ w_T` pairs w_T with the last axis of x_TD, which is D: an error in general, and wrong
    numbers when T = D. In a product with `@`, the axis next to the `@` disappears: on which side
    must w_T stand for that to be T?"""
    return x_TD @ w_T / w_T.sum()


@exercise.wrong
def ignores_the_weights(x_TD, w_T):
    """This is the plain mean: w_T makes no difference to your result. Each row of x_TD has to be
    multiplied by its weight before the rows are added up."""
    return x_TD.mean(axis=0)


@exercise.wrong
def normalised_and_divided_by_T(x_TD, w_T):
    """You made the weights sum to 1 and then took a mean over the words, which divides by T once
    more. The shares have done the dividing already: which operation is left?"""
    share_T = w_T / w_T.sum()
    return (x_TD * share_T[:, None]).mean(axis=0)


@exercise.wrong
def divides_by_the_largest(x_TD, w_T):
    """You divided the weights by the largest of them. Then the heaviest word counts as 1, and all
    of them together as more than 1. What must the shares of a mean sum to?"""
    return (x_TD * (w_T / w_T.max())[:, None]).sum(axis=0)


@exercise.wrong
def divides_by_the_length_of_w(x_TD, w_T):
    """You divided the weights by their Euclidean length (the root of the sum of squares). That
    makes the squares sum to 1. In a mean the weights themselves must sum to 1."""
    return (x_TD * (w_T / np.linalg.norm(w_T))[:, None]).sum(axis=0)


@exercise.wrong
def changes_the_callers_weights(x_TD, w_T):
    """The mean is right, but `/=` wrote the shares into the caller's own w_T, who may still need
    the weights as they were. Put the shares into a new array."""
    w_T /= w_T.sum()
    return w_T @ x_TD
