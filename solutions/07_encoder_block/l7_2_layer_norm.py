import numpy as np

from autograder.authoring import (
    Axes,
    Check,
    Exercise,
    call,
    every_layout,
    float32,
    normal,
    read_only,
)

from .shared import gain_and_shift

exercise = Exercise(
    "Layer norm",
    solve="layer_norm",
    difficulty=2,
    importance=5,
    minutes=15,
    hints="""Each word is treated by itself: its mean and its variance are taken over its own D
    numbers. Which axis is that, whatever stands before it?

    Keep that axis with `keepdims=True`, so that the means line up with the words. eps is added to
    the variance, before the root. gamma and beta have one number for each of the D places.

    `mean = x.mean(axis=-1, keepdims=True)`, `var = x.var(axis=-1, keepdims=True)`, and `gamma * (x
    - mean) / np.sqrt(var + eps) + beta`.""",
)

# Numbers near 1000 have an error of 6e-5 in float32. x − mean keeps it, and a word of little spread
# makes it larger, so that the words there are spread out.
OFFSET_32 = 1e-3


@exercise.checks
def checks(rng):
    (fresh,) = rng.spawn(1)
    two_words = [fresh.choice(range(1, 20), 3, replace=False).astype(float) for _ in range(2)]
    axes = Axes(B=3, T=5, D=7)
    D = axes.sizes["D"]
    gamma, beta = gain_and_shift(rng, D)
    x = axes.normal(rng, "BTD")
    yield Check(
        "two words of three numbers",
        call(
            np.array([[1.0, 2.0, 6.0], [10.0, 40.0, 10.0]]),
            np.array([1.0, 1.0, 2.0]),
            np.array([0.0, 0.5, 0.0]),
        ),
        call(np.array(two_words), *gain_and_shift(fresh, 3)),
        says="""Each row has the mean 0 and the standard deviation 1 before gamma and beta are
        applied.""",
    )
    yield Check(
        "a batch of sentences",
        call(x, gamma, beta),
        call(3 * x + 2, *gain_and_shift(rng, D)),
        says="Every word of every sentence is normed by its own numbers, and by nobody else's.",
    )
    yield Check(
        "a large eps",
        call(x, gamma, beta, 0.1),
        call(0.2 * x, gamma, beta, eps=0.1),
        says="eps is added to the variance, under the root.",
    )
    flat = np.repeat(axes.normal(rng, "BT1"), D, axis=-1)
    yield Check(
        "words of equal numbers",
        call(flat.round(), gamma, beta),
        call(np.zeros((2, D)), gamma, beta),
        says="""A word whose numbers are all the same has no spread: eps keeps the division
        possible, and beta is what is left.""",
    )
    yield Check(
        "any number of axes before",
        call(normal(rng, D), gamma, beta),
        call(normal(rng, 2, 3, 5, D), gamma, beta),
        says="One vector, or words in sentences in batches: the last axis is the one that counts.",
    )
    yield Check(
        "numbers near a thousand, in float32",
        call(
            float32(axes.normal(rng, "BTD", scale=4) + 1000),
            float32(gamma),
            float32(beta),
            tolerance=OFFSET_32,
        ),
        says="""Take the mean off first and square then: the difference of two large squares has
        lost its digits.""",
    )
    yield Check(
        "float32, strided and read-only arrays, inputs left alone",
        *every_layout(call(x, gamma, beta)),
        call(read_only(x), read_only(gamma), read_only(beta)),
        says="The word vectors are needed again, by the residual sum: leave them as they are.",
        judges="inputs untouched",
    )


@exercise.right
def word_by_word(x, gamma, beta, eps=1e-5):
    out = np.empty(np.shape(x), np.float64)
    for place in np.ndindex(*np.shape(x)[:-1]):
        row = np.asarray(x[place], np.float64)
        centred = row - sum(row) / len(row)
        var = sum(centred**2) / len(row)
        out[place] = centred / (var + eps) ** 0.5 * gamma + beta
    return out


@exercise.right
def einsum_over_the_last_axis(x, gamma, beta, eps=1e-5):
    D = x.shape[-1]
    c = x - np.einsum("...d->...", x)[..., None] / D
    var = np.einsum("...d,...d->...", c, c)[..., None] / D
    return c * (gamma / np.sqrt(var + eps)) + beta


@exercise.right("the standard deviation, squared again")
def the_standard_deviation_squared_again(x, gamma, beta, eps=1e-5):
    centred = np.moveaxis(x, -1, 0) - x.mean(-1)
    scaled = centred / np.hypot(x.std(-1), eps**0.5)
    return np.moveaxis(scaled, 0, -1) * gamma + beta


@exercise.wrong
def over_the_words(x, gamma, beta, eps=1e-5):
    """You took mean and variance over the words of a sentence, for each of the D places. Then a
    word depends on its neighbours, and on how many pads there are. Each word is normed by its own
    numbers."""
    mean = x.mean(axis=max(x.ndim - 2, 0), keepdims=True)
    var = x.var(axis=max(x.ndim - 2, 0), keepdims=True)
    return gamma * (x - mean) / np.sqrt(var + eps) + beta


@exercise.wrong
def over_the_batch(x, gamma, beta, eps=1e-5):
    """You took mean and variance over the batch, as *batch* norm does: what a sentence becomes
    would depend on which others it is computed with. Layer norm looks at one word's numbers
    only."""
    mean = x.mean(axis=0, keepdims=True)
    var = x.var(axis=0, keepdims=True)
    return gamma * (x - mean) / np.sqrt(var + eps) + beta


@exercise.wrong
def over_everything(x, gamma, beta, eps=1e-5):
    """You used one mean and one variance for all numbers there are. Each word has its own: give
    `mean` and `var` an axis."""
    mean = x.mean()
    var = x.var()
    return gamma * (x - mean) / np.sqrt(var + eps) + beta


@exercise.wrong
def whole_sentences(x, gamma, beta, eps=1e-5):
    """You took mean and variance over all words of a sentence together. Only the last axis is
    meant: each word has its own."""
    mean = x.mean(axis=(-2, -1)[-x.ndim :], keepdims=True)
    var = x.var(axis=(-2, -1)[-x.ndim :], keepdims=True)
    return gamma * (x - mean) / np.sqrt(var + eps) + beta


exercise.slip("""eps-outside-the-root
    - return gamma * (x - mean) / np.sqrt(variance + eps) + beta
    + return gamma * (x - mean) / (np.sqrt(variance) + eps) + beta
    You added eps to the standard deviation. It is added to the variance, under the root: with the
    usual 1e-5 that is hard to see, with 0.1 it is plain.""")
exercise.slip("""eps-fixed
    - return gamma * (x - mean) / np.sqrt(variance + eps) + beta
    + return gamma * (x - mean) / np.sqrt(variance + 1e-5) + beta
    Your eps is a number of your own; the argument isn't used.""")
exercise.slip("""no-eps
    - return gamma * (x - mean) / np.sqrt(variance + eps) + beta
    + return gamma * (x - mean) / np.sqrt(variance) + beta
    A word of equal numbers divides 0 by 0 in your function. What is eps for?""")


@exercise.wrong
def divided_by_one_less(x, gamma, beta, eps=1e-5):
    """You divided by D − 1, as one estimates the variance of a population. A norm wants the plain
    mean of the squares, over D."""
    mean = x.mean(axis=-1, keepdims=True)
    var = x.var(axis=-1, keepdims=True, ddof=1)
    return gamma * (x - mean) / np.sqrt(var + eps) + beta


exercise.slip("""gamma-and-beta-dropped
    - return gamma * (x - mean) / np.sqrt(variance + eps) + beta
    + return (x - mean) / np.sqrt(variance + eps)
    Your words are normed, and gamma and beta have no say. What is multiplied, what is added, after
    the division?""")
exercise.slip("""gamma-dropped
    - return gamma * (x - mean) / np.sqrt(variance + eps) + beta
    + return (x - mean) / np.sqrt(variance + eps) + beta
    gamma has no say in your function: it multiplies the normed word, one number for each of the D
    places.""")
exercise.slip("""beta-dropped
    - return gamma * (x - mean) / np.sqrt(variance + eps) + beta
    + return gamma * (x - mean) / np.sqrt(variance + eps)
    beta has no say in your function: it is added at the very end.""")
exercise.slip("""beta-before-gamma
    - return gamma * (x - mean) / np.sqrt(variance + eps) + beta
    + return gamma * ((x - mean) / np.sqrt(variance + eps) + beta)
    You added beta first and multiplied the sum by gamma. The shift comes last, and isn't stretched.""")


@exercise.wrong
def mean_not_removed(x, gamma, beta, eps=1e-5):
    """You divided by the spread and left the mean in. First every word is moved to the mean 0."""
    var = x.var(axis=-1, keepdims=True)
    return gamma * x / np.sqrt(var + eps) + beta


@exercise.wrong
def root_mean_square(x, gamma, beta, eps=1e-5):
    """You divided by the root of the mean square and left the mean in. That is RMSNorm (Zhang &
    Sennrich 2019), a norm of its own; this one takes the mean off first."""
    var = (x**2).mean(axis=-1, keepdims=True)
    return gamma * x / np.sqrt(var + eps) + beta


exercise.slip("""no-root
    - return gamma * (x - mean) / np.sqrt(variance + eps) + beta
    + return gamma * (x - mean) / (variance + eps) + beta
    You divided by the variance. Its root, the standard deviation, has the unit of x.""")


@exercise.wrong
def difference_of_squares(x, gamma, beta, eps=1e-5):
    """You took the variance as the mean of x² minus the square of the mean. On paper that is equal;
    near a thousand, in float32, nearly all digits of both cancel. Take the mean off first."""
    mean = x.mean(axis=-1, keepdims=True)
    var = abs((x**2).mean(axis=-1, keepdims=True) - mean**2)
    return gamma * (x - mean) / np.sqrt(var + eps) + beta


exercise.slip("""x-overwritten
    - return gamma * (x - mean) / np.sqrt(variance + eps) + beta
    + x -= mean
    + x /= np.sqrt(variance + eps)
    + return gamma * x + beta
    Your result is right, and x is not what it was: `-=` and `/=` work in the caller's own array,
    which the residual sum still needs. Write `x = x - mean`.""")
