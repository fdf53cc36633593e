import numpy as np

from autograder.authoring import Axes, Check, Exercise, call, every_layout, float32, uniform

exercise = Exercise(
    "Perplexity and bits per byte",
    solve=("perplexity", "bits_per_byte"),
    difficulty=2,
    importance=4,
    minutes=10,
    hints="""Both functions need the same thing first: the log-probabilities of the real words of the
    whole batch, in one row, without the pads. What does a mask do in square brackets?

    `logp_BT[mask_BT]` are the words that count. For the perplexity take their mean, and undo the
    logarithm. For the bits take their sum: a natural logarithm of −0.69 is one bit, as log 2 is
    0.69.

    The sign is turned round in both: probabilities are below 1, their logarithms below 0. Perplexity
    is `np.exp(-mean)`; the bits are `-total / np.log(2)`, and they are shared out among `n_bytes`.""",
)


@exercise.checks
def checks(rng):
    (fresh,) = rng.spawn(1)
    axes = Axes(B=3, T=5)

    def logs(*shape: int) -> np.ndarray:
        return -uniform(fresh, 0.05, 4.0, *shape)

    def ragged(B: int, T: int) -> np.ndarray:
        """Rows of different lengths, none of them whole but the first."""
        lengths = np.concatenate([[T], fresh.permutation(np.arange(1, T))[: B - 1]])
        return np.arange(T) < fresh.permutation(lengths)[:, None]

    def padded(B: int, T: int, pads: tuple[float, ...]) -> tuple[np.ndarray, np.ndarray]:
        mask_BT = ragged(B, T)
        return np.where(mask_BT, logs(B, T), fresh.choice(pads, (B, T))), mask_BT

    half = np.log(np.full((2, 3), 0.5))
    some = np.log(np.array([[0.5, 0.25, 0.1], [0.2, 0.05, 0.4]]))
    all_of = np.ones((2, 3), bool)
    yield Check(
        "perplexity: every word counts",
        call.perplexity(half, all_of),
        call.perplexity(some, all_of),
        call.perplexity(logs(2, 4), np.ones((2, 4), bool)),
        says="""Who gives every word the probability ½ hesitates between 2 words. In general it is
        exp of the mean of −log p.""",
    )
    yield Check(
        "perplexity: sentences of different lengths",
        *(call.perplexity(*padded(B, T, (0.0,))) for B, T in ((2, 3), (3, 7), (4, 6))),
        says="""The mean runs over all words of the batch, so a long sentence counts more than a short
        one, and a pad counts nothing.""",
        points=2,
    )
    strange = (-np.inf, np.nan, 7.0, -1000.0)
    yield Check(
        "perplexity: whatever stands at the pads, and rows of nothing",
        call.perplexity(*padded(3, 5, strange)),
        call.perplexity(*padded(4, 7, strange)),
        call.perplexity(logs(3, 5), axes.ragged_mask(fresh, "BT")),
        says="""At a pad may stand −∞ or nan: don't let it into the sum, not even times 0. A row
        without a word adds nothing.""",
    )
    sure = logs(2, 6)
    sure[fresh.integers(2), fresh.integers(6)] = -np.inf
    yield Check(
        "perplexity: a word that was held impossible",
        call.perplexity(sure, np.ones((2, 6), bool)),
        call.perplexity(*padded(3, 4, strange)),
        says="One word of probability 0 makes the perplexity infinite.",
    )
    log_32 = logs(3, 5)
    yield Check(
        "perplexity: any arrays, left alone",
        *every_layout(call.perplexity(log_32, ragged(3, 5))),
        says="The log-probabilities are needed again.",
        judges="inputs untouched",
    )
    yield Check(
        "bits_per_byte: every word counts",
        call.bits_per_byte(half, all_of, 12),
        call.bits_per_byte(some, all_of, 31),
        call.bits_per_byte(logs(2, 4), np.ones((2, 4), bool), int(fresh.integers(15, 40))),
        says="Six words of probability ½ are 6 bits; in a text of 12 bytes, ½ bit a byte.",
    )
    yield Check(
        "bits_per_byte: sentences of different lengths",
        *(
            call.bits_per_byte(*padded(B, T, (0.0, -1.0)), int(n))
            for (B, T), n in zip(
                ((2, 3), (3, 7), (4, 6)), fresh.permutation(np.arange(20, 60))[:3], strict=True
            )
        ),
        says="The bits of all words together, shared out among the bytes of their text.",
        points=2,
    )
    yield Check(
        "bits_per_byte: pads, impossible words, any arrays",
        call.bits_per_byte(*padded(3, 5, strange), 17),
        call.bits_per_byte(float32(logs(3, 4)), ragged(3, 4), 23),
        call.bits_per_byte(sure, np.ones((2, 6), bool), 40),
        *every_layout(call.bits_per_byte(logs(3, 5), ragged(3, 5), 29)),
        says="""What stands at a pad counts nothing, and one word of probability 0 takes infinitely
        many bits.""",
        judges="inputs untouched",
    )


@exercise.of("perplexity").right("perplexity: a loop over words")
def a_loop_over_words(logp_BT, mask_BT):
    total, words = 0.0, 0
    for b in range(logp_BT.shape[0]):
        for t in range(logp_BT.shape[1]):
            if mask_BT[b, t]:
                total -= float(logp_BT[b, t])
                words += 1
    return float(np.exp(total / words))


@exercise.of("perplexity").right("perplexity: where the mask is, and a division")
def where_and_a_division(logp_BT, mask_BT):
    nats = -np.where(mask_BT, logp_BT, 0).sum()
    return np.e ** (nats / mask_BT.sum())


@exercise.of("perplexity").right("perplexity: a power of two")
def a_power_of_two(logp_BT, mask_BT):
    bits = np.extract(mask_BT, logp_BT).astype(float) / np.log(2)
    return 2.0 ** -np.mean(bits)


@exercise.of("bits_per_byte").right("bits_per_byte: a loop over words")
def bits_by_a_loop(logp_BT, mask_BT, n_bytes):
    bits = 0.0
    for row, keep in zip(logp_BT, mask_BT, strict=True):
        for logp, kept in zip(row, keep, strict=True):
            bits += -logp / np.log(2) if kept else 0.0
    return bits / n_bytes


@exercise.of("bits_per_byte").right("bits_per_byte: row sums, log2 of e")
def bits_by_rows(logp_BT, mask_BT, n_bytes):
    nats_B = np.sum(logp_BT, axis=1, where=mask_BT)
    return -(nats_B * np.log2(np.e)).sum() / n_bytes


@exercise.of("bits_per_byte").right("bits_per_byte: by way of the perplexity")
def bits_by_perplexity(logp_BT, mask_BT, n_bytes):
    return np.log2(np.exp(-np.mean(logp_BT[mask_BT]))) * np.count_nonzero(mask_BT) / n_bytes


exercise.of("perplexity").slip("""pads-counted
    - logp_BT[mask_BT].mean()
    + logp_BT.mean()
    Your mean runs over the pads as well. Nobody asked the model for a word there: which places does
    the mask keep?""")
exercise.of("perplexity").slip("""divides-by-all-places
    - logp_BT[mask_BT].mean()
    + (logp_BT[mask_BT].sum() / logp_BT.size)
    You left the pads out of the sum and then divided by all places, pads included. Divide by the
    number of words.""")
exercise.of("perplexity").slip("""zero-times-infinity
    - logp_BT[mask_BT].mean()
    + ((logp_BT * mask_BT).sum() / mask_BT.sum())
    You multiplied by the mask. 0 times −∞ is nan, and so is 0 times nan: what is not to count must
    not come into the sum at all.""")


@exercise.of("perplexity").wrong
def mean_of_row_means(logp_BT, mask_BT):
    """You took a mean for each sentence, and then the mean of these. So a word of a short sentence
    counts more than a word of a long one. Every word of the batch counts the same."""
    means = [row[keep].mean() for row, keep in zip(logp_BT, mask_BT, strict=True) if keep.any()]
    return np.exp(-np.mean(means))


@exercise.of("perplexity").wrong
def mean_of_perplexities(logp_BT, mask_BT):
    """You averaged the perplexities of the sentences. The mean is taken of the logarithms, over all
    words, and exp comes last."""
    each = [
        np.exp(-row[keep].mean()) for row, keep in zip(logp_BT, mask_BT, strict=True) if keep.any()
    ]
    return np.mean(each)


exercise.of("perplexity").slip("""mean-of-one-over-p
    - np.exp(-logp_BT[mask_BT].mean())
    + np.exp(-logp_BT[mask_BT]).mean()
    You took exp before the mean. That is the mean of 1/p, which one unlikely word can carry off. The
    mean is taken of the logarithms; exp comes last.""")
exercise.of("perplexity").slip("""two-for-e
    - np.exp(-logp_BT[mask_BT].mean())
    + 2 ** (-logp_BT[mask_BT].mean())
    You undid a natural logarithm with a power of 2. To `np.log` belongs `np.exp`.""")
exercise.of("perplexity").slip("""sign
    - np.exp(-logp_BT[mask_BT].mean())
    + np.exp(logp_BT[mask_BT].mean())
    Your perplexity is below 1: it is a mean probability, and larger is better. Where does the minus
    go?""")
exercise.of("perplexity").slip("""left-in-logarithms
    - np.exp(-logp_BT[mask_BT].mean())
    + -logp_BT[mask_BT].mean()
    You returned the loss, the mean of −log p. The perplexity undoes the logarithm: it is a number of
    words.""")
exercise.of("perplexity").slip("""sum-for-mean
    - np.exp(-logp_BT[mask_BT].mean())
    + np.exp(-logp_BT[mask_BT].sum())
    You added up where a mean is asked for. So a text of twice the length has a perplexity squared.
    Per word it doesn't hang on the length.""")
exercise.of("bits_per_byte").slip("""bits-left-in-nats
    - return -logp_BT[mask_BT].sum() / np.log(2) / n_bytes
    + return -logp_BT[mask_BT].sum() / n_bytes
    You counted in natural logarithms, in nats. A probability of ½ is log 2 = 0.69 nats, and one bit.""")
exercise.of("bits_per_byte").slip("""bits-times-log-2
    - return -logp_BT[mask_BT].sum() / np.log(2) / n_bytes
    + return -logp_BT[mask_BT].sum() * np.log(2) / n_bytes
    You multiplied by log 2 where you should divide: 0.69 nats are one bit, so there are more bits
    than nats.""")
exercise.of("bits_per_byte").slip("""bits-per-word
    - return -logp_BT[mask_BT].sum() / np.log(2) / n_bytes
    + return -logp_BT[mask_BT].sum() / np.log(2) / mask_BT.sum()
    You divided by the number of words, or tokens. How many bytes a token has depends on the
    vocabulary, which is why bytes are counted.""")
exercise.of("bits_per_byte").slip("""bits-of-the-mean
    - return -logp_BT[mask_BT].sum() / np.log(2) / n_bytes
    + return -logp_BT[mask_BT].mean() / np.log(2) / n_bytes
    You shared the bits of one word out among the bytes of the whole text. The bits of all words
    together belong to these bytes.""")
exercise.of("bits_per_byte").slip("""bits-with-pads
    - return -logp_BT[mask_BT].sum() / np.log(2) / n_bytes
    + return -logp_BT.sum() / np.log(2) / n_bytes
    You added up what stands at the pads as well. A pad is no part of the text.""")
exercise.of("bits_per_byte").slip("""bits-zero-times-infinity
    - return -logp_BT[mask_BT].sum() / np.log(2) / n_bytes
    + return -(logp_BT * mask_BT).sum() / np.log(2) / n_bytes
    You multiplied by the mask. 0 times −∞ is nan: what is not to count must not come into the sum at
    all.""")
exercise.of("bits_per_byte").slip("""bits-sign
    - return -logp_BT[mask_BT].sum() / np.log(2) / n_bytes
    + return logp_BT[mask_BT].sum() / np.log(2) / n_bytes
    Your bits are negative. Logarithms of probabilities are below 0; a text takes a positive number of
    bits.""")
exercise.of("bits_per_byte").slip("""bits-exponential
    - return -logp_BT[mask_BT].sum() / np.log(2) / n_bytes
    + return np.exp(-logp_BT[mask_BT].sum() / n_bytes)
    You took exp at the end, as for a perplexity. Bits are logarithms: they are added up, converted
    and shared out.""")
