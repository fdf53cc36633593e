"""L7.4 is a test that the learner writes. It is run on models whose answer is known: some whose
output does not depend on the order of words, and some in which the order hides, each in a way of
its own."""

import numpy as np

from autograder.authoring import Check, Exercise, kind, lineup

exercise = Exercise(
    "Write the test",
    solve="is_order_blind",
    difficulty=4,
    importance=5,
    minutes=30,
    hints="""Make sentences of random word vectors, let the model read them, then the same words in
    other orders. Which orders are there beside the reverse? Which of the suspects gets away if you
    try one order, one length, one sentence?

    Vary one thing at a time: lengths (2, 3, 12, 30 words), several random orders of each, batches
    of one and of several sentences with an order of their own each. Compare shapes first, then
    numbers with a tolerance: float32 has seven digits. Any error means False.

    Inside `try`, for several lengths T and some twenty orders each: `x = rng.normal(size=(3, T,
    4))`, `order = rng.permuted(np.tile(np.arange(T), (3, 1)), axis=1)`, `y = np.take_along_axis(x,
    order[:, :, None], axis=1)`. `return False` unless `np.allclose(model(x), model(y), rtol=1e-4,
    atol=1e-5)`. After the loops `return True`, and `except Exception: return False`.""",
)

# What an output is made of: a number for each word and coordinate. Blind models and others share
# it, so that it tells nothing about who is who.
BENT = "{scale}·({level} + {bend}({rate}·x))"

RATES = tuple(n / 10 for n in range(6, 15))

LEVELS = (0.5, 1.0, 1.5)

SCALES = tuple(n / 100 for n in range(101, 160))


# Blind to order, each in its own way.


def mean_of_words(x_BTD, bend, rate, level, scale):
    return scale * (level + getattr(np, bend)(rate * x_BTD)).mean(axis=1)


def self_attention_mean(x_BTD, bend, rate, level, scale):
    e_BTS = rate * np.einsum("btd,bsd->bts", x_BTD, x_BTD) / x_BTD.shape[2] ** 0.5
    w_BTS = np.exp(e_BTS - e_BTS.max(axis=2, keepdims=True))
    w_BTS = w_BTS / w_BTS.sum(axis=2, keepdims=True)
    y_BTD = np.einsum("bts,bsd->btd", w_BTS, x_BTD)
    return scale * (level + getattr(np, bend)(y_BTD)).mean(axis=1)


def highest_and_lowest(x_BTD, bend, rate, level, scale):
    y_BTD = scale * (level + getattr(np, bend)(rate * x_BTD))
    return np.concatenate([y_BTD.max(axis=1), y_BTD.min(axis=1)], axis=1)


def how_many_words(x_BTD, scale):
    return np.full(len(x_BTD), scale * x_BTD.shape[1])


def total(x_BTD, bend, rate, level, scale):
    return scale * (level + getattr(np, bend)(rate * x_BTD)).sum(axis=(1, 2))


def mean_of_the_batch(x_BTD, bend, rate, level, scale):
    y_D = scale * (level + getattr(np, bend)(rate * x_BTD)).mean(axis=(0, 1))
    return np.repeat(y_D[None], len(x_BTD), axis=0)


def rounded(x_BTD, bend, rate, level, scale):
    y_BTD = scale * (level + 1 + getattr(np, bend)(rate * x_BTD))
    return y_BTD.astype(np.float32).cumsum(axis=1)[:, -1]


# Not blind, each with a way of its own to hide.


def last_word(x_BTD, bend, rate, level, scale):
    return scale * (level + getattr(np, bend)(rate * x_BTD[:, -1]))


def fading(x_BTD, bend, rate, level, scale, fade):
    y_BTD = level + getattr(np, bend)(rate * x_BTD)
    return scale * np.einsum("btd,t->bd", y_BTD, fade ** np.arange(x_BTD.shape[1]))


def neighbours(x_BTD, bend, rate, level, scale):
    y_BTD = level + getattr(np, bend)(rate * x_BTD)
    return scale * (y_BTD[:, 1:] * y_BTD[:, :-1]).sum(axis=1)


def neighbours_in_a_ring(x_BTD, bend, rate, level, scale):
    y_BTD = level + getattr(np, bend)(rate * x_BTD)
    return scale * (np.roll(x_BTD, 1, axis=1) * y_BTD).sum(axis=1)


def far_places(x_BTD, bend, rate, level, scale, place):
    y_BTD = level + getattr(np, bend)(rate * x_BTD)
    return scale * (y_BTD.sum(axis=1) + y_BTD[:, place:].sum(axis=1))


def middle_word(x_BTD, bend, rate, level, scale):
    y_BTD = scale * (level + getattr(np, bend)(rate * x_BTD))
    T = y_BTD.shape[1]
    return y_BTD[:, T // 2] if T % 2 else y_BTD.mean(axis=1)


def one_coordinate(x_BTD, bend, rate, level, scale):
    y_BTD = scale * (level + getattr(np, bend)(rate * x_BTD))
    y_BD = y_BTD.sum(axis=1)
    y_BD[:, -1] = y_BTD[:, 0, -1]
    return y_BD


def second_sentence(x_BTD, bend, rate, level, scale):
    y_BTD = scale * (level + getattr(np, bend)(rate * x_BTD))
    y_BD = y_BTD.sum(axis=1)
    y_BD[1:] = y_BTD[1:, 0]
    return y_BD


def small_places(x_BTD, bend, rate, level, scale, step):
    place_T = np.arange(x_BTD.shape[1]) / x_BTD.shape[1]
    y_BTD = level + 1 + getattr(np, bend)(rate * (x_BTD + step * place_T[:, None]))
    return scale * y_BTD.sum(axis=1)


def crash(x_BTD, error):
    raise (ValueError, IndexError, ZeroDivisionError)[error]("the words can't be read")


def crash_on_long_ones(x_BTD, bend, rate, level, scale, error, longest):
    if x_BTD.shape[1] > longest:
        raise (ValueError, IndexError, ZeroDivisionError)[error]("too many words")
    return scale * (level + getattr(np, bend)(rate * x_BTD)).sum(axis=1)


def nothing(x_BTD, width):
    return np.full((len(x_BTD), width), np.nan)


ERRORS = (0, 1, 2)

bent = {"bend": ("tanh", "sin", "cos"), "rate": RATES, "level": LEVELS, "scale": SCALES}

mean = kind(mean_of_words, f"the mean of {BENT} over the words", **bent)

attention_mean = kind(
    self_attention_mean,
    "self-attention without places, its scores times {rate}, then the mean of {scale}·({level} + "
    "{bend}(x)) over the words",
    **bent,
)

others_blind = (
    kind(highest_and_lowest, f"the highest and the lowest {BENT} of each coordinate", **bent),
    kind(how_many_words, "{scale} times the number of words, shape (B,)", scale=SCALES),
    kind(total, f"all {BENT} of a sentence added up, shape (B,)", **bent),
    kind(
        mean_of_the_batch,
        f"the mean of {BENT} over all words of the batch, for every sentence",
        **bent,
    ),
)

in_float32 = kind(
    rounded,
    "the sum of {scale}·({level} + 1 + {bend}({rate}·x)) in float32, one word after the other",
    **bent,
)

last = kind(last_word, f"{BENT} of the last word", **bent)

faded = kind(
    fading,
    f"the sum of {BENT} over the words, each times {{fade}} for every word before it",
    fade=(0.7, 0.8, 0.9),
    **bent,
)

hidden_in_orders = (
    kind(neighbours, f"the sum of the products of neighbouring words' {BENT}", **bent),
    kind(
        neighbours_in_a_ring,
        f"each word's {BENT} times the word before it, summed up, the first with the last",
        **bent,
    ),
)

hidden_in_lengths = (
    kind(
        far_places,
        f"the sum of {BENT} over the words, those from place {{place}} on counted twice",
        place=tuple(range(8, 13)),
        **bent,
    ),
    kind(middle_word, f"{BENT} of the middle word if their number is odd, else its mean", **bent),
    kind(
        second_sentence,
        f"the sum of {BENT} for the first sentence of a batch, the first word's for others",
        **bent,
    ),
    kind(
        one_coordinate,
        f"the sum of {BENT} over the words, but the last coordinate is the first word's",
        **bent,
    ),
)

with_small_places = kind(
    small_places,
    "the sum of {scale}·({level} + 1 + {bend}({rate}·x)) over words to which small places were "
    "added: {step} to a last word",
    step=(0.006, 0.007, 0.008),
    **bent,
)

giving_nothing = (
    kind(crash, "a model that always stops with an error", error=ERRORS),
    kind(
        crash_on_long_ones,
        f"the sum of {BENT} over the words; it stops with an error at more than {{longest}}",
        error=ERRORS,
        longest=(4, 5, 6),
        **bent,
    ),
    kind(nothing, "a model that gives nan", width=(1, 2, 3, 4)),
)


@exercise.checks
def checks(rng):
    yield Check(
        "tells a mean from a last word",
        *lineup(rng, [mean], [last]),
        says="A mean doesn't care for order; whoever takes the last word does.",
    )
    yield Check(
        "attention is blind",
        *lineup(rng, [attention_mean, *others_blind], [faded]),
        says="A model is blind if no order of the words, of any sentence, changes its output.",
    )
    yield Check(
        "any order",
        *lineup(rng, [attention_mean, mean], hidden_in_orders),
        says="""Some models read backwards as well as forwards, and some don't mind where a ring of
        words begins. Try orders drawn at random.""",
        points=2,
    )
    yield Check(
        "any length, and any sentence of a batch",
        *lineup(rng, [mean], hidden_in_lengths),
        says="""Short sentences and long ones, of even and odd length, alone and in a batch: the
        order may hide in any of them.""",
        points=2,
    )
    yield Check(
        "close, but not too close",
        *lineup(rng, [in_float32], [with_small_places]),
        says="Rounding in float32 changes the seventh digit, small places the third.",
    )
    yield Check(
        "errors and no numbers",
        *lineup(rng, [mean], giving_nothing),
        says="A function that gives no numbers to compare has not been shown to be blind.",
    )


@exercise.right("random orders, lengths by list")
def random_orders_lengths_by_list(model):
    rng = np.random.default_rng(1)
    try:
        for T in (2, 3, 6, 7, 13, 24, 31):
            for _ in range(10):
                x = rng.normal(size=(3, T, 5))
                y = np.stack([sentence[rng.permutation(T)] for sentence in x])
                for a, b in ((x, y), (x[:1], y[:1])):
                    before, after = np.asarray(model(a.copy())), np.asarray(model(b.copy()))
                    if before.shape != after.shape:
                        return False
                    if not (abs(before - after) <= 1e-5 + 1e-4 * abs(before)).all():
                        return False
        return True
    except Exception:
        return False


@exercise.right
def sorted_words_as_the_standard_order(model):
    rng = np.random.default_rng(2)
    for trial in range(60):
        B, T = 1 + trial % 4, 2 + trial % 29
        x = rng.normal(size=(B, T, 3))
        ordered = np.stack([each[np.lexsort(each.T)] for each in x])
        try:
            np.testing.assert_allclose(
                model(x), model(ordered), rtol=1e-4, atol=1e-5, equal_nan=False
            )
        except Exception:
            return False
    return True


@exercise.right("swaps of two words: they make every order")
def swaps_of_two_words_they(model):
    rng = np.random.default_rng(3)
    for T in (2, 5, 8, 17):
        x = rng.normal(size=(2, T, 4)).astype(np.float32)
        try:
            base = np.array(model(x.copy()), float)
            for s in range(T):
                for t in range(s):
                    y = x.copy()
                    y[:, [s, t]] = y[:, [t, s]]
                    if not np.allclose(np.array(model(y), float), base, rtol=1e-4, atol=1e-5):
                        return False
        except Exception:
            return False
    return True


@exercise.plain
def plain(model):
    rng = np.random.default_rng(0)
    try:
        for T in (2, 3, 6, 7, 24, 31):
            for _ in range(12):
                x = rng.normal(size=(3, T, 4))
                y = np.stack([each[rng.permutation(T)] for each in x])
                before, after = model(x), model(y)
                if before.shape != after.shape:
                    return False
                if not np.allclose(before, after, rtol=1e-4, atol=1e-5):
                    return False
        return True
    except Exception:
        return False


plain.slip("""shape-only
    - if not np.allclose(before, after, rtol=1e-4, atol=1e-5):
    -     return False
    You compared shapes. Whatever a model makes of the order of words, its output's shape stays.""")


@exercise.wrong
def one_short_sentence(model):
    """You tried one sentence of three words, in reverse. That is a beginning. Which other orders
    are there, which lengths, what of batches, and what if the model stops with an error? One
    question after the other."""
    x = np.random.default_rng(0).normal(size=(1, 3, 4))
    return bool(np.allclose(model(x), model(x[:, ::-1])))


plain.slip("""reverse-only
    - y = np.stack([each[rng.permutation(T)] for each in x])
    + y = x[:, ::-1]
    You only turn sentences round. A model that looks at neighbours reads the same backwards, and
    gets away. Draw orders at random.""")
plain.slip("""ring-only
    - y = np.stack([each[rng.permutation(T)] for each in x])
    + y = np.roll(x, int(rng.integers(1, T)), axis=1)
    You only move sentences along as in a ring, the last word to the front. A model that looks at
    neighbours in a ring doesn't notice. Draw orders at random.""")
plain.slip("""first-two-only
    - for T in (2, 3, 6, 7, 24, 31):
    + for T in (3, 6, 7, 24, 31):
    - y = np.stack([each[rng.permutation(T)] for each in x])
    + y = x[:, [1, 0, *range(2, T)]]
    You only exchange the first two words. A model that looks at the last word, or that is careless
    from some place on, gets away. Any two words may change places.""")
plain.slip("""ends-stay
    - y = np.stack([each[rng.permutation(T)] for each in x])
    + y = x[:, [0, *(1 + rng.permutation(T - 2)), T - 1]] if T > 2 else x
    You only shuffle the words between the first and the last. What of a model that looks at the
    ends?""")
plain.slip("""batch-shuffled
    - y = np.stack([each[rng.permutation(T)] for each in x])
    + y = x[rng.permutation(3)]
    You shuffled the sentences of the batch. Axis 0 counts sentences, axis 1 words: what should
    change places?""")
plain.slip("""coordinates-shuffled
    - y = np.stack([each[rng.permutation(T)] for each in x])
    + y = x[:, :, rng.permutation(4)]
    You shuffled the numbers of each word: it is another word then, and even a mean notices. The
    words are to change places, whole: axis 1.""")
plain.slip("""other-words
    - y = np.stack([each[rng.permutation(T)] for each in x])
    + y = rng.normal(size=(3, T, 4))
    You compared sentences of different words. Whatever the model, their outputs differ. Take the
    *same* words in another order.""")
plain.slip("""equal-words
    - x = rng.normal(size=(3, T, 4))
    + x = np.ones((3, T, 4))
    All words of your sentences are alike, and no order of them is another. Draw them at random.""")
plain.slip("""short-sentences-only
    - for T in (2, 3, 6, 7, 24, 31):
    + for T in (2, 3, 6, 7):
    Your sentences are all short. A model may be right for ten words and care for order from the
    eleventh on.""")
plain.slip("""even-lengths-only
    - for T in (2, 3, 6, 7, 24, 31):
    + for T in (2, 6, 8, 24, 30):
    All your sentences have an even number of words. A model may take the middle word where there is
    one.""")
plain.slip("""first-sentence-only
    - if not np.allclose(before, after, rtol=1e-4, atol=1e-5):
    + if not np.allclose(before[0], after[0], rtol=1e-4, atol=1e-5):
    You look at the first sentence of each batch. A model may treat the others in another way.""")
plain.slip("""first-number-only
    - if not np.allclose(before, after, rtol=1e-4, atol=1e-5):
    + if not np.allclose(
    +     before.reshape(3, -1)[:, 0], after.reshape(3, -1)[:, 0], rtol=1e-4, atol=1e-5
    + ):
    You looked at the first number of each output. Another coordinate may care for order.""")
plain.slip("""too-loose
    - if not np.allclose(before, after, rtol=1e-4, atol=1e-5):
    + if not np.allclose(before, after, rtol=0.02, atol=0.05):
    Your tolerance is so wide that small places pass: they move the third digit. How close does
    float32 come?""")
plain.slip("""too-tight
    - if not np.allclose(before, after, rtol=1e-4, atol=1e-5):
    + if not np.array_equal(before, after):
    You asked for equality to the last digit. A sum in float32 in another order differs in its
    seventh, and no place is to blame for that.""")
plain.slip("""nan-passes
    - if not np.allclose(before, after, rtol=1e-4, atol=1e-5):
    + if (abs(before - after) > 1e-5 + 1e-4 * abs(before)).any():
    A nan slips through your comparison: nan > 0.001 is False, so nothing seems to differ. Ask the
    other way round, whether the difference *is* small: nan is not.""")


@exercise.wrong
def crashes_with_the_model(model):
    """Your test stops with the error of the model that it tests. A crash is an answer too: which
    one?"""
    rng = np.random.default_rng(0)
    for T in (2, 3, 6, 7, 24, 31):
        for _ in range(12):
            x = rng.normal(size=(3, T, 4))
            y = np.stack([each[rng.permutation(T)] for each in x])
            if not np.allclose(model(x), model(y), rtol=1e-4, atol=1e-5):
                return False
    return True


exercise.slip("""errors-pass
    - except Exception:
    -     return False
    + except Exception:
    +     return True
    Your test calls a model blind that stops with an error. Nothing was compared, so nothing is
    shown.""")


@exercise.wrong
def turned_round(model):
    """Your test says True when the output moves, and False when it stays. True is for a model to
    which order makes no difference."""
    rng = np.random.default_rng(0)
    try:
        for T in (2, 3, 6, 7, 24, 31):
            for _ in range(12):
                x = rng.normal(size=(3, T, 4))
                y = np.stack([each[rng.permutation(T)] for each in x])
                if not np.allclose(model(x), model(y), rtol=1e-4, atol=1e-5):
                    return True
        return False
    except Exception:
        return False


for line, reason in (
    ("rng = np.random.default_rng(7)", "Any seed will do."),
    ("for T in (2, 3, 8, 13, 30):", "Any lengths will do that hold short and long, odd and even."),
    ("for B in (1, 3) * 8:", "Any batches will do, and any number of orders from a few on."),
    ("x_BTD = rng.normal(size=(B, T, 4))", "Any words will do that aren't alike."),
    (
        "if not np.allclose(before, after, rtol=1e-4, atol=1e-5):",
        "Any tolerance between float32's seventh digit and the third will do.",
    ),
):
    exercise.allow_mutant(line=line, reason=reason)
for after, reason in (
    (
        "order_BT1 = -rng.permuted(np.tile(np.arange(T), (B, 1)), axis=1)[:, :, None]",
        "Counted from the end, it is an order of the words, too.",
    ),
    (
        "order_BT1 = rng.permuted(np.tile(np.arange(T), (B, 1)), axis=-1)[:, :, None]",
        "Of two axes the last is axis 1.",
    ),
):
    exercise.allow_mutant(after=after, reason=reason)
