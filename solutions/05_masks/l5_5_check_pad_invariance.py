import numpy as np

from autograder.authoring import Check, Exercise, lineup

from . import poolers

exercise = Exercise(
    "Write the test",
    solve="check_pad_invariance",
    difficulty=4,
    importance=5,
    minutes=30,
    hints="""First make one sentence of random numbers and let fn pool it alone, without a pad: that
    is what must come out every time. Then the same sentence with a pad behind it. Which of the
    suspects does this catch already, and how do the others get away?

    Vary one thing at a time: the number of pads (0, 1, a few, 50), what stands there (zeros, small
    numbers, thousands of either sign), and the company (alone, and in a batch with a shorter and a
    longer sentence). Compare with the sentence alone, shape included, and with a tolerance: float32
    has seven digits.

    Loops over pads and over sizes, all inside `try`, with `except Exception: return False`. In
    each: pads of `size * rng.normal(…)`, the words written over their beginning, the mask True
    there. `return False` unless the shape is (B, D) and `np.allclose(got, alone, rtol=1e-4,
    atol=1e-5)`; a nan is never close to anything, which is as it should be. After the loops:
    `return True`.""",
)


@exercise.checks
def checks(rng):
    yield Check(
        "tells a sum over words from a mean over everything",
        *lineup(rng, [poolers.any_sum], [poolers.averaging]),
        says="A mean of all positions moves with every pad. A sum over the words doesn't.",
    )
    yield Check(
        "any content",
        *lineup(rng, [poolers.flat_sum, poolers.last, poolers.counted], poolers.moved_by_content),
        says="""Pads may hold zeros, small numbers or thousands, of either sign. Pads of zeros don't
        move a sum, and a nan is no number to agree with.""",
        points=2,
    )
    yield Check(
        "any number of pads",
        *lineup(rng, [poolers.faded, poolers.raised_sum], poolers.moved_by_number),
        says="One pad or fifty: the output with them is the output without.",
    )
    yield Check(
        "alone and in company",
        *lineup(rng, [poolers.raised_sum, poolers.last], poolers.moved_by_company),
        says="""A sentence's output is the same alone, alone with pads, and in a batch with longer
        and shorter ones.""",
        points=2,
    )
    yield Check(
        "close, but not too close",
        *lineup(rng, [poolers.in_float32, poolers.faded], [poolers.leaking]),
        says="""Rounding in float32 changes the seventh digit, a leak of one part in 3000 the
        fourth.""",
    )
    yield Check(
        "crashes and odd shapes",
        *lineup(rng, [poolers.any_sum], poolers.ending_badly),
        says="A function that stops with an error, or returns no shape (B, D), has not passed.",
    )


@exercise.right("a loop, one thing at a time")
def a_loop_one_thing_at(fn):
    rng = np.random.default_rng(5)
    D = 4
    sentences = [rng.normal(size=(T, D)) for T in (3, 5, 1, 8)]
    try:
        alone = [fn(x[None], np.ones((1, len(x)), bool)) for x in sentences]
        for rows in ([0], [1], [2], [3], [0, 1, 2, 3], [3, 0], [2, 1]):
            for pads in (0, 1, 3, 60):
                for filler in (0.0, 1.0, 1000.0, -1000.0):
                    T = max(len(sentences[r]) for r in rows) + pads
                    x_BTD = np.full((len(rows), T, D), filler)
                    mask_BT = np.zeros((len(rows), T), bool)
                    for b, r in enumerate(rows):
                        x_BTD[b, : len(sentences[r])] = sentences[r]
                        mask_BT[b, : len(sentences[r])] = True
                    got = fn(x_BTD, mask_BT)
                    if got.shape != (len(rows), D):
                        return False
                    for b, r in enumerate(rows):
                        if not np.allclose(got[b], alone[r][0]):
                            return False
    except Exception:
        return False
    return True


@exercise.right
def many_random_batches(fn):
    rng = np.random.default_rng(11)
    for trial in range(40):
        B, D, longest = rng.integers(1, 5), 3, rng.integers(1, 10)
        pads = [0, 1, 2, 40][trial % 4]
        T = longest + pads
        lengths = rng.integers(1, longest + 1, B)
        mask = np.arange(T) < lengths[:, None]
        words = rng.normal(size=(B, T, D))
        junk = rng.choice([0.0, 1.0, 3000.0]) * rng.normal(size=(B, T, D))
        x = np.where(mask[..., None], words, junk)
        try:
            got = np.asarray(fn(x.copy(), mask.copy()))
            assert got.shape == (B, D)
            for b, n in enumerate(lengths):
                alone = fn(words[b : b + 1, :n], np.ones((1, n), bool))
                np.testing.assert_allclose(got[b : b + 1], alone, rtol=1e-4, atol=1e-6)
        except Exception:
            return False
    return True


@exercise.right("relative to the size of the output, in float32")
def relative_to_the_size(fn):
    rng = np.random.default_rng(2)
    x = rng.normal(size=(3, 6, 5)).astype(np.float32)
    lengths = [6, 4, 2]

    def padded(rows, width, junk):
        out = np.empty((len(rows), width, 5), np.float32)
        out[:] = junk * rng.choice([-1, 1], size=out.shape)
        keep = np.zeros((len(rows), width), bool)
        for i, r in enumerate(rows):
            out[i, : lengths[r]] = x[r, : lengths[r]]
            keep[i, : lengths[r]] = True
        return fn(out, keep)

    try:
        for r in range(3):
            base = padded([r], lengths[r], 0)
            for rows in ([r], [0, 1, 2], [2, 0, 1]):
                for width in (6, 7, 8, 33, 64):
                    for junk in (0, 0.5, 2e3):
                        got = padded(rows, width, junk)
                        same = np.abs(got[rows.index(r)] - base[0]) <= 2e-5 * (1 + np.abs(base[0]))
                        if got.shape != (len(rows), 5) or not same.all():
                            return False
        return True
    except Exception:
        return False


@exercise.plain
def plain(fn):
    rng = np.random.default_rng(0)
    words = rng.normal(size=(3, 56, 3))
    lengths = np.array([4, 1, 6])
    try:
        alone = [fn(words[[r], :n], np.ones((1, n), bool)) for r, n in enumerate(lengths)]
        for rows in ([0], [1], [2], [0, 1, 2]):
            for pads in (0, 1, 2, 50):
                for size in (0, 1, 1000):
                    T = max(lengths[rows]) + pads
                    keep = np.arange(T) < lengths[rows][:, None]
                    junk = size * rng.normal(size=(len(rows), T, 3))
                    got = fn(np.where(keep[..., None], words[rows, :T], junk), keep)
                    right = np.concatenate([alone[r] for r in rows])
                    if got.shape != (len(rows), 3) or not np.allclose(got, right, atol=1e-5):
                        return False
        return True
    except Exception:
        return False


@exercise.wrong
def shape_only(fn):
    """You compared shapes. They show whether a function ends well, and nothing about what a pad
    does to its numbers."""
    rng = np.random.default_rng(0)
    try:
        for B, T, n in ((1, 4, 4), (1, 9, 4), (3, 60, 5)):
            x, keep = 1000 * rng.normal(size=(B, T, 3)), np.arange(T) < np.full((B, 1), n)
            if fn(x, keep).shape != (B, 3):
                return False
        return True
    except Exception:
        return False


@exercise.wrong
def one_sentence_and_two_zeros(fn):
    """You tried one sentence with two pads of zeros. That is a beginning: it catches a mean that counts
    the pads. What else may stand at a pad, how many of them may there be, who else may be in the batch,
    and what if fn stops with an error? Take one question after the other."""
    x = np.array([[[0.3, -1.2], [2.0, 0.7], [-0.4, 1.1]]])
    alone = fn(x, np.ones((1, 3), bool))
    padded = np.concatenate([x, np.zeros((1, 2, 2))], axis=1)
    return bool(np.allclose(fn(padded, np.arange(5)[None] < 3), alone))


@exercise.wrong
def one_batch_and_two_small_pads(fn):
    """You tried one batch of equally long sentences with two small pads. Now be harder on fn: pads
    of a thousand, fifty of them, sentences of different lengths, each beside its output alone; and
    an error or an odd shape must not pass, nor stop your test."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=(2, 3, 4))
    alone = fn(x, np.ones((2, 3), bool))
    padded = np.concatenate([x, np.clip(rng.normal(size=(2, 2, 4)), -2, 2)], axis=1)
    mask = np.concatenate([np.ones((2, 3), bool), np.zeros((2, 2), bool)], axis=1)
    return bool(np.allclose(fn(padded, mask), alone))


@exercise.wrong
def pads_of_zeros_only(fn):
    """Your pads hold zeros only. A plain sum over everything passes such a test: 0 changes no sum.
    In a real batch a pad has a vector like any other. What else may stand there?"""
    rng = np.random.default_rng(0)
    sentences = [rng.normal(size=(T, 3)) for T in (4, 1, 6)]
    try:
        alone = [fn(x[None], np.ones((1, len(x)), bool)) for x in sentences]
        for rows in ([0], [1], [2], [0, 1, 2]):
            for pads in (0, 1, 2, 50):
                T = max(len(sentences[r]) for r in rows) + pads
                x, keep = np.zeros((len(rows), T, 3)), np.zeros((len(rows), T), bool)
                for b, r in enumerate(rows):
                    x[b, : len(sentences[r])], keep[b, : len(sentences[r])] = sentences[r], True
                got = fn(x, keep)
                right = np.concatenate([alone[r] for r in rows])
                if got.shape != (len(rows), 3) or not np.allclose(got, right, atol=1e-5):
                    return False
        return True
    except Exception:
        return False


@exercise.wrong
def small_pads_only(fn):
    """Your pads hold numbers about as small as the words'. A maximum hardly notices them, and no
    exponential overflows. What does a pad of a thousand do, or of minus a thousand?"""
    rng = np.random.default_rng(0)
    sentences = [rng.normal(size=(T, 3)) for T in (4, 1, 6)]
    try:
        alone = [fn(x[None], np.ones((1, len(x)), bool)) for x in sentences]
        for rows in ([0], [1], [2], [0, 1, 2]):
            for pads in (0, 1, 2, 50):
                T = max(len(sentences[r]) for r in rows) + pads
                x = np.clip(rng.normal(size=(len(rows), T, 3)), -2, 2)
                keep = np.zeros((len(rows), T), bool)
                for b, r in enumerate(rows):
                    x[b, : len(sentences[r])], keep[b, : len(sentences[r])] = sentences[r], True
                got = fn(x, keep)
                right = np.concatenate([alone[r] for r in rows])
                if got.shape != (len(rows), 3) or not np.allclose(got, right, atol=1e-5):
                    return False
        return True
    except Exception:
        return False


@exercise.wrong
def pads_of_one_sign(fn):
    """Your pads hold positive numbers and zeros only, so a function that is pulled down by a pad
    gets away. Try both signs."""
    rng = np.random.default_rng(0)
    sentences = [rng.normal(size=(T, 3)) for T in (4, 1, 6)]
    try:
        alone = [fn(x[None], np.ones((1, len(x)), bool)) for x in sentences]
        for rows in ([0], [1], [2], [0, 1, 2]):
            for pads in (0, 1, 2, 50):
                for size in (0, 1, 1000):
                    T = max(len(sentences[r]) for r in rows) + pads
                    x = size * rng.random((len(rows), T, 3))
                    keep = np.zeros((len(rows), T), bool)
                    for b, r in enumerate(rows):
                        x[b, : len(sentences[r])], keep[b, : len(sentences[r])] = sentences[r], True
                    got = fn(x, keep)
                    right = np.concatenate([alone[r] for r in rows])
                    if got.shape != (len(rows), 3) or not np.allclose(got, right, atol=1e-5):
                        return False
        return True
    except Exception:
        return False


@exercise.wrong
def one_length_only(fn):
    """You always put the same small number of pads behind a sentence. What of a function that is
    right for one pad and wrong for two, or wrong only where a row is long? Try none, one, a few and
    fifty."""
    rng = np.random.default_rng(0)
    sentences = [rng.normal(size=(T, 3)) for T in (4, 4, 4)]
    others = [rng.normal(size=(T, 3)) for T in (5, 3, 4)]
    try:
        for group in ([sentences[0]], [sentences[1]], sentences, others):
            alone = [fn(x[None], np.ones((1, len(x)), bool)) for x in group]
            for size in (0, 1, 1000, -1000):
                T = 5
                x = size * rng.normal(size=(len(group), T, 3))
                keep = np.zeros((len(group), T), bool)
                for b, words in enumerate(group):
                    x[b, : len(words)], keep[b, : len(words)] = words, True
                got = fn(x, keep)
                right = np.concatenate(alone)
                if got.shape != right.shape or got.ndim != 2:
                    return False
                if not np.allclose(got, right, atol=1e-5):
                    return False
        return True
    except Exception:
        return False


@exercise.wrong
def never_in_a_batch(fn):
    """You always test one sentence alone. In a batch a function may mix sentences up, or use one
    sentence's mask for another. Put sentences of different lengths together."""
    rng = np.random.default_rng(0)
    try:
        for n in (1, 4, 6):
            words = rng.normal(size=(1, n, 3))
            alone = fn(words, np.ones((1, n), bool))
            for pads in (0, 1, 2, 50):
                for size in (0, 1, 1000):
                    junk = size * rng.normal(size=(1, pads, 3))
                    got = fn(np.concatenate([words, junk], axis=1), np.arange(n + pads)[None] < n)
                    if got.shape != (1, 3) or not np.allclose(got, alone, atol=1e-5):
                        return False
        return True
    except Exception:
        return False


@exercise.wrong
def only_more_pads_for_the_batch(fn):
    """You compared a batch with the same batch and more pads, and never with a sentence alone. A
    function that mixes the sentences of a batch gives the same mixture both times. What should each
    sentence give by itself?"""
    rng = np.random.default_rng(0)
    lengths = np.array([4, 1, 6])
    words = rng.normal(size=(3, 56, 3))
    try:
        base = fn(words[:, :6], np.arange(6) < lengths[:, None])
        for pads in (0, 1, 2, 50):
            for size in (0, 1, 1000):
                keep = np.arange(6 + pads) < lengths[:, None]
                junk = size * rng.normal(size=(3, 6 + pads, 3))
                got = fn(np.where(keep[..., None], words[:, : 6 + pads], junk), keep)
                if got.shape != (3, 3) or not np.allclose(got, base, atol=1e-5):
                    return False
        return True
    except Exception:
        return False


@exercise.wrong
def only_other_contents(fn):
    """You changed what stands at the pads, and never their number: both times the sentence had the
    same padding. A function that counts the pads without looking at them gets away. Compare with
    the sentence that has none."""
    rng = np.random.default_rng(0)
    words = rng.normal(size=(3, 56, 3))
    lengths = np.array([4, 1, 6])
    try:
        for rows in ([0], [1], [2], [0, 1, 2]):
            for pads in (1, 2, 50):
                T = max(lengths[rows]) + pads
                keep = np.arange(T) < lengths[rows][:, None]
                base = fn(np.where(keep[..., None], words[rows, :T], 0), keep)
                for size in (1, 1000):
                    junk = size * rng.normal(size=(len(rows), T, 3))
                    got = fn(np.where(keep[..., None], words[rows, :T], junk), keep)
                    if got.shape != (len(rows), 3) or not np.allclose(got, base, atol=1e-5):
                        return False
        return True
    except Exception:
        return False


@exercise.wrong
def pads_in_front(fn):
    """You put pads in front of the words, which moves every word to another place. A function may
    well care for places: the promise is about pads *behind* a sentence."""
    rng = np.random.default_rng(0)
    sentences = [rng.normal(size=(T, 3)) for T in (4, 1, 6)]
    try:
        alone = [fn(x[None], np.ones((1, len(x)), bool)) for x in sentences]
        for rows in ([0], [1], [2], [0, 1, 2]):
            for pads in (0, 1, 2, 50):
                for size in (0, 1, 1000):
                    T = max(len(sentences[r]) for r in rows) + pads
                    x = size * rng.normal(size=(len(rows), T, 3))
                    keep = np.zeros((len(rows), T), bool)
                    for b, r in enumerate(rows):
                        x[b, -len(sentences[r]) :] = sentences[r]
                        keep[b, -len(sentences[r]) :] = True
                    got = fn(x, keep)
                    right = np.concatenate([alone[r] for r in rows])
                    if got.shape != (len(rows), 3) or not np.allclose(got, right, atol=1e-5):
                        return False
        return True
    except Exception:
        return False


@exercise.wrong
def pads_not_masked(fn):
    """Your test finds fault with every function, the right ones too. Is the mask that you hand over
    False at the pads? If it is True everywhere, no function can know what is a pad. Or do you
    compare fn with a mean of your own? It may be anything: what can it be compared with?"""
    rng = np.random.default_rng(0)
    words = rng.normal(size=(2, 4, 3))
    try:
        base = fn(words, np.ones((2, 4), bool))
        padded = np.concatenate([words, 1000 * rng.normal(size=(2, 5, 3))], axis=1)
        got = fn(padded, np.ones((2, 9), bool))
        return bool(got.shape == (2, 3) and np.allclose(got, base, atol=1e-5))
    except Exception:
        return False


plain.slip("""too-loose
    - np.allclose(got, right, atol=1e-5)
    + np.allclose(got, right, atol=0.1)
    Your tolerance is so wide that a leak passes: a pad that weighs 0.0003 of a word moves the
    fourth digit. How close does float32 come, which has seven?""")
plain.slip("""too-tight
    - np.allclose(got, right, atol=1e-5)
    + np.allclose(got, right, 1e-12, 1e-12)
    You asked for equality to the last digit. A sum in float32 taken in another order differs in its
    seventh digit, and no pad is to blame for that. How much may two outputs differ?""")
plain.slip("""nan-passes
    - not np.allclose(got, right, atol=1e-5)
    + (np.abs(got - right) > 1e-4).any()
    A nan slips through your comparison: nan > 0.001 is False, so nothing seems to differ. Ask the
    other way round, whether the difference *is* small: nan is not.""")
plain.slip("""shape-not-asked
    - right = np.concatenate([alone[r] for r in rows])
    - if got.shape != (len(rows), 3) or not np.allclose(got, right, atol=1e-5):
    -     return False
    + for b, r in enumerate(rows):
    +     mine = got if len(rows) == 1 else got[b]
    +     if not np.allclose(mine, alone[r], atol=1e-5):
    +         return False
    You compared numbers, and never the shape. NumPy broadcasts (B, 1, D) against itself, or (D,)
    against (1, D), without a word. Which shape is promised?""")


@exercise.wrong
def crashes_with_fn(fn):
    """Your test stops with the error of the function it tests. A crash is an answer too: which
    one?"""
    rng = np.random.default_rng(0)
    words = rng.normal(size=(3, 56, 3))
    lengths = np.array([4, 1, 6])
    alone = [fn(words[[r], :n], np.ones((1, n), bool)) for r, n in enumerate(lengths)]
    for rows in ([0], [1], [2], [0, 1, 2]):
        for pads in (0, 1, 2, 50):
            for size in (0, 1, 1000):
                T = max(lengths[rows]) + pads
                keep = np.arange(T) < lengths[rows][:, None]
                junk = size * rng.normal(size=(len(rows), T, 3))
                got = fn(np.where(keep[..., None], words[rows, :T], junk), keep)
                if got.shape != (len(rows), 3):
                    return False
                if not np.allclose(got, np.concatenate([alone[r] for r in rows]), atol=1e-5):
                    return False
    return True


plain.slip("""turned-round
    - if got.shape != (len(rows), 3) or not np.allclose(got, right, atol=1e-5):
    -     return False
    + if got.shape != (len(rows), 3) or not np.allclose(got, right, atol=1e-5):
    +     return True
    - return True
    + return False
    - except Exception:
    -     return False
    + except Exception:
    +     return True
    Your test says True when the output moves, and False when it stays. True is for a function that
    no pad can move.""")


exercise.allow_mutant(
    line="sentences = [np.random.default_rng(T).normal(size=(T, 4)) for T in (4, 1, 6)]",
    reason="Any few sentences of different lengths will do.",
)
exercise.allow_mutant(
    line="return all(holds(*c) for c in itertools.product(groups, (0, 1, 2, 50), (0, 1, 1000)))",
    reason="Other numbers of pads and other sizes do as well, and their order is no matter.",
)
exercise.allow_mutant(
    line="x_BTD = size * np.random.default_rng(pads).normal(size=(*keep_BT.shape, 4))",
    reason="A pad may hold anything, as long as some are large.",
)
for line in (
    "apart = -(fn(x_BTD, keep_BT) - np.concatenate(alone))",
    "apart = np.concatenate(alone) - fn(x_BTD, keep_BT)",
):
    exercise.allow_mutant(after=line, reason="Only the size of the difference is asked for, below.")
exercise.allow_mutant(
    after="return apart.shape == (len(group), 4) and (np.abs(apart).max() <= 1e-4)",
    reason="No difference is exactly 1e-4.",
)
exercise.allow_mutant(
    after="return apart.shape == (len(group), 4) and np.abs(apart).max() < 0.01",
    reason="Anything between rounding and the leak of fifty pads, about 0.01, will do.",
)
