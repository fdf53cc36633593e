import numpy as np

from autograder.authoring import Check, Exercise, call, every_layout, float32, normal

exercise = Exercise(
    "The loss of hidden words",
    solve="mlm_loss",
    difficulty=2,
    importance=4,
    minutes=10,
    hints="""Of all the places, which are asked? Pick these first: the rest of the logits is of no
    interest. For each of them, what is −log p of one word, if p is a softmax?

    `asked_BT = target_BT != -1` is a mask: `z_BTC[asked_BT]` are N rows of C logits and
    `target_BT[asked_BT]` their N words. −log p is the logarithm of the sum of exp(z) over the words,
    minus z of the right word. Take the largest logit off first, so that nothing overflows.

    With e = z minus its row's largest, the loss of row n is `np.log(np.exp(e_NC).sum(axis=1))[n] -
    e_NC[n, word_N[n]]`, and `e_NC[np.arange(N), word_N]` takes all at once. Return the mean, and
    before all that 0.0 if `asked_BT.any()` is False.""",
)


def targets(rng: np.random.Generator, asked: list[int], T: int, C: int) -> np.ndarray:
    """target_BT: so many asked places in each row, the word 0 and the last one among them."""
    words = rng.permutation([0, C - 1, *rng.integers(1, C, sum(asked))][: sum(asked)])
    target_BT = np.full((len(asked), T), -1)
    for b, n in enumerate(asked):
        target_BT[b, rng.choice(T, n, replace=False)] = words[sum(asked[:b]) :][:n]
    return target_BT


@exercise.checks
def checks(rng):
    by_hand = np.log(np.array([[[1.0, 3.0], [1.0, 1.0]]]))
    yield Check(
        "one place is asked",
        call(by_hand, np.array([[0, -1]])),
        call(by_hand, np.array([[-1, 1]])),
        call(normal(rng, 1, 3, 4), targets(rng, [1], 3, 4)),
        call(normal(rng, 1, 4, 3), targets(rng, [1], 4, 3)),
        says="""−log of the probability that the softmax gives the word which is asked for. Other
        places don't count.""",
    )
    yield Check(
        "the mean over all asked places",
        call(normal(rng, 2, 5, 7), targets(rng, [1, 4], 5, 7)),
        call(normal(rng, 3, 7, 5), targets(rng, [2, 0, 5], 7, 5)),
        call(normal(rng, 4, 6, 9), targets(rng, [1, 6, 0, 3], 6, 9)),
        says="""Every place that is asked counts the same, wherever it stands. A place where nothing
        is asked counts nothing, and word 0 is a word like any other.""",
        points=2,
    )
    yield Check(
        "nothing is asked",
        call(normal(rng, 2, 3, 5), np.full((2, 3), -1)),
        call(normal(rng, 3, 2, 5), targets(rng, [0, 0, 1], 2, 5)),
        call(normal(rng, 3, 4, 6), targets(rng, [0, 2, 0], 4, 6)),
        says="""In a short batch it happens that no word is hidden: then the loss is 0.0, not the mean
        of nothing.""",
    )
    large_BTC = np.round(normal(rng, 2, 4, 6, scale=700.0)) + normal(rng, 2, 4, 6)
    shift_BT1 = np.round(rng.uniform(-1e3, 1e3, (2, 4, 1)))
    yield Check(
        "large logits",
        call(np.array([[[1000.0, 0.0, -1000.0]]]), np.array([[1]])),
        call(large_BTC, targets(rng, [3, 2], 4, 6)),
        call(float32(large_BTC), targets(rng, [2, 4], 4, 6)),
        call(normal(rng, 2, 4, 6) + shift_BT1, targets(rng, [4, 1], 4, 6)),
        says="""exp(1000) is too large a number, and exp(−1000) is 0, of which there is no logarithm.
        The loss itself is a number of ordinary size.""",
    )
    yield Check(
        "any arrays, left alone",
        *every_layout(call(normal(rng, 3, 4, 5), targets(rng, [2, 1, 3], 4, 5))),
        call(normal(rng, 2, 5, 4), targets(rng, [2, 3], 5, 4).astype(np.int32)),
        says="The logits are needed for the gradient.",
        judges="inputs untouched",
    )


@exercise.right("a loop over places")
def a_loop_over_places(z_BTC, target_BT):
    losses = []
    for b, t in np.ndindex(*target_BT.shape):
        if target_BT[b, t] >= 0:
            z = z_BTC[b, t].astype(float)
            top = z.max()
            losses.append(top + np.log(sum(np.exp(one - top) for one in z)) - z[target_BT[b, t]])
    return float(np.mean(losses)) if losses else 0.0


@exercise.right("log-softmax everywhere, then the mask")
def everywhere_then_the_mask(z_BTC, target_BT):
    top = z_BTC.max(axis=-1, keepdims=True)
    logp = z_BTC - top - np.log(np.exp(z_BTC - top).sum(axis=-1, keepdims=True))
    asked = target_BT != -1
    picked = np.take_along_axis(logp, np.where(asked, target_BT, 0)[..., None], axis=-1)[..., 0]
    return -(picked * asked).sum() / max(asked.sum(), 1)


@exercise.right("logaddexp, word by word")
def by_logaddexp(z_BTC, target_BT):
    b, t = np.nonzero(target_BT + 1)
    total = np.logaddexp.reduce(z_BTC[b, t], axis=1) - z_BTC[b, t, target_BT[b, t]]
    return total.sum() / len(b) if len(b) else 0.0


exercise.allow_mutant(
    after="e_NC = z_NC - z_NC.max(axis=-1, keepdims=True)",
    reason="Of two axes, 1 is the last one.",
)
exercise.allow_mutant(
    after="return (np.log(np.exp(e_NC).sum(axis=-1)) - right_N).mean()",
    reason="Of two axes, 1 is the last one.",
)

exercise.allow_mutant(
    after="right_N = e_NC[np.arange(len(z_NC)), target_BT[asked_BT]]",
    reason="There are as many rows of e as of z.",
)


@exercise.plain
def plain(z_BTC, target_BT):
    asked = target_BT != -1
    if asked.sum() == 0:
        return 0.0
    z = z_BTC[asked]
    word = target_BT[asked]
    z = z - z.max(axis=1, keepdims=True)
    logp = z - np.log(np.exp(z).sum(axis=1, keepdims=True))
    loss = -logp[np.arange(len(word)), word]
    return loss.mean()


plain.slip("""mean-over-all-places
    - return loss.mean()
    + return loss.sum() / target_BT.size
    You divided by the number of all places. Most of them are not asked: the loss would be smaller the
    fewer words are hidden.""")
plain.slip("""mean-over-rows
    - return loss.mean()
    + return loss.sum() / len(target_BT)
    You divided by the number of texts. Every place that is asked counts the same: divide by how many
    there are.""")
plain.slip("""mean-of-row-means
    - return loss.mean()
    + row = np.nonzero(asked)[0]
    + return np.mean([loss[row == b].mean() for b in np.unique(row)])
    You took the mean of each text, and then the mean of these. A text with one hidden word would
    count as much as one with ten: take one mean over all asked places.""")
plain.slip("""sum-for-mean
    - return loss.mean()
    + return loss.sum()
    You added the losses up. Their mean is asked for.""")
plain.slip("""shifted-by-one
    - z = z_BTC[asked]
    + asked[:, 0] = False
    + z = np.roll(z_BTC, 1, axis=1)[asked]
    - loss = -logp[np.arange(len(word)), word]
    + loss = -logp[np.arange(len(word)), word] if len(word) else np.zeros(1)
    You took the logits one place before the word, as for a model that predicts the next word. Here a
    hidden word is guessed in its own place.""")
plain.slip("""minus-one-read-as-the-last-word
    - asked = target_BT != -1
    + asked = np.ones(target_BT.shape, bool)
    You asked every place. −1 as an index is the last word of the vocabulary, so NumPy doesn't
    complain: leave out the places whose target is −1.""")
plain.slip("""word-0-not-asked
    - asked = target_BT != -1
    + asked = target_BT > 0
    You left out word 0 as well. Only −1 says that nothing is asked.""")
plain.slip("""specials-not-asked
    - asked = target_BT != -1
    + asked = target_BT >= 4
    You left out targets below 4. What may be hidden was decided before: only −1 says that nothing is
    asked.""")
plain.slip("""nan-if-nothing-is-asked
    - if asked.sum() == 0:
    -     return 0.0
    With nothing asked you take the mean of no numbers, which is nan, and one nan spoils all
    parameters. Return 0.0.""")
plain.slip("""overflow
    - z = z - z.max(axis=1, keepdims=True)
    exp overflows for large logits. Take each row's largest logit off first: the softmax stays the
    same.""")
plain.slip("""one-largest-for-all
    - z = z - z.max(axis=1, keepdims=True)
    + z = z - z.max()
    You took the largest logit of the whole batch off every row. In rows that are far below it all
    exp become 0, and the logarithm of 0 is −∞: each row needs its own.""")
plain.slip("""a-little-more-than-zero
    - logp = z - np.log(np.exp(z).sum(axis=1, keepdims=True))
    + p = np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)
    + logp = np.log(p + 1e-9)
    You added a small number to the probability, so that its logarithm exists. Then no word can cost
    more than about 21, however sure the model was of another one. Stay with logarithms: z minus the
    logarithm of the sum.""")
plain.slip("""sign
    - loss = -logp[np.arange(len(word)), word]
    + loss = logp[np.arange(len(word)), word]
    Your sign is turned round. Logarithms of probabilities are below 0, and a loss is the smaller the
    better.""")
plain.slip("""in-bits
    - return loss.mean()
    + return loss.mean() / np.log(2)
    You took the logarithm to base 2. Nats are asked for: the natural logarithm.""")
plain.slip("""probability-for-logarithm
    - loss = -logp[np.arange(len(word)), word]
    + loss = -np.exp(logp)[np.arange(len(word)), word]
    You forgot the logarithm: the mean of −p is no measure of surprise.""")
plain.slip("""logits-for-probabilities
    - logp = z - np.log(np.exp(z).sum(axis=1, keepdims=True))
    + logp = z_BTC[asked]
    You took the logits as they are. They become probabilities by a softmax over the words.""")
plain.slip("""softmax-over-places
    - logp = z - np.log(np.exp(z).sum(axis=1, keepdims=True))
    + top = z_BTC.max(axis=1, keepdims=True)
    + logp = (z_BTC - top - np.log(np.exp(z_BTC - top).sum(axis=1, keepdims=True)))[asked]
    Your softmax runs over the places of a text. It is the words that compete for a place: the last
    axis.""")
plain.slip("""one-minus-the-others-too
    - loss = -logp[np.arange(len(word)), word]
    + hot = word[:, None] == np.arange(z.shape[1])
    + wrong = np.log(np.maximum(1 - np.exp(logp), 1e-300))
    + loss = -np.where(hot, logp, wrong).sum(axis=1)
    You asked of every word of the vocabulary whether it is the one (a sigmoid's loss). With a softmax
    the right word alone is asked: the others are in its sum.""")
plain.slip("""divided-by-the-words
    - return loss.mean()
    + return loss.mean() / z.shape[1]
    You also divided by the size of the vocabulary. The mean runs over the asked places alone.""")
plain.slip("""changes-the-logits
    - z = z_BTC[asked]
    + z_BTC -= z_BTC.max(axis=-1, keepdims=True)
    + z = z_BTC[asked]
    The loss is right, but `-=` wrote into the caller's logits. Put the result into a new array.""")
