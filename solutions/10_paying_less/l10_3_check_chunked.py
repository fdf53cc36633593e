"""L10.3 is a test that the learner writes. It is run on functions whose answer is known: some give
what the plain softmax gives, whatever the chunk, and some have a mistake that hides in a chunk size,
in an order of scores, or under a mask."""

import numpy as np

from autograder.authoring import Check, Exercise, from_lesson, lineup

from . import suspects

plain_attention = from_lesson("plain_attention")

exercise = Exercise(
    "Write the test",
    solve="check_chunked",
    difficulty=3,
    importance=3,
    minutes=15,
    hints="""What must come out is known: what `plain_attention` gives. So draw queries, keys and
    values, ask fn for several sizes of chunk, and compare. Which of the mistakes of L10.2 does
    that catch, and which get away because your chunks, scores or masks are too kind?

    Four things hide mistakes: chunks that divide S evenly, or hold all keys at once; a largest
    score that stands in the first chunk; no mask; a mask that leaves a key in every chunk. Sizes 1,
    2, 3 and S, keys in rising and in falling order of their scores, and a query that may see only
    the last keys leave them no place.

    Loops over keys in both orders, over mask and None, and over `chunk`, all inside `try`, with
    `except Exception: return False`. In each: `right = plain_attention(q, k, v, mask)`, and `return
    False` unless the shapes are equal and `np.allclose(fn(q, k, v, chunk, mask), right, atol=1e-4)`;
    a nan is never close to anything. After the loops: `return True`.""",
)


@exercise.checks
def checks(rng):
    yield Check(
        "the plain softmax",
        *lineup(rng, suspects.every_right, suspects.no_attention),
        says="""A function that gives the same for every chunk may still give something else than
        the plain softmax.""",
    )
    yield Check(
        "any size of chunk",
        *lineup(rng, suspects.every_right, suspects.wrong_in_chunks),
        says="""One key at a time, two, three, all of them: some sizes leave a shorter chunk at the
        end, and a single chunk hides every mistake in putting chunks together.""",
    )
    yield Check(
        "the largest score comes late",
        *lineup(rng, suspects.every_right, suspects.wrong_if_late),
        says="""Where the largest score stands in the first chunk, or all are equal, nothing has to
        be rescaled, and nobody is found out who doesn't.""",
    )
    yield Check(
        "a mask",
        *lineup(rng, suspects.every_right, suspects.wrong_if_masked),
        says="With a mask and without: each chunk has columns of its own.",
    )
    yield Check(
        "a chunk that is masked whole",
        *lineup(rng, suspects.every_right, suspects.wrong_if_chunk_masked),
        says="""A query may see nobody in the first chunk, or in a later one, and somebody
        elsewhere.""",
    )
    yield Check(
        "close, but not too close",
        *lineup(rng, [suspects.in_float32, suspects.gathered], [suspects.nearly]),
        says="Rounding in float32 changes the seventh digit, a wrong scale the second or third.",
    )
    yield Check(
        "errors, odd shapes, no numbers",
        *lineup(rng, suspects.every_right, suspects.no_answer),
        says="Who stops with an error, gives nan or another shape than (T, V), has not passed.",
    )


@exercise.right("many random sizes, a reference of its own")
def many_random_sizes(fn):
    rng = np.random.default_rng(4)

    def reference(q, k, v, keep):
        out = np.zeros((len(q), v.shape[1]))
        for t in range(len(q)):
            e = np.array([q[t] @ k[s] for s in range(len(k)) if keep[t, s]]) / np.sqrt(q.shape[1])
            w = np.exp(e - e.max())
            out[t] = w @ v[keep[t]] / w.sum()
        return out

    for trial in range(12):
        T, S, K, V = rng.integers(2, 5), rng.integers(5, 12), 6, rng.integers(1, 4)
        q, k, v = (rng.normal(size=shape) for shape in ((T, K), (S, K), (S, V)))
        keep = rng.random((T, S)) < (1, 0.5)[trial % 2]
        keep[np.arange(T), rng.integers(S, size=T)] = True
        mask = keep if trial % 2 else None
        right = reference(q, k, v, keep)
        for chunk in (1, 2, 3, int(S), int(S) + 2):
            try:
                got = fn(q.copy(), k.copy(), v.copy(), chunk, mask)
                if got.shape != (T, V):
                    return False
                np.testing.assert_allclose(got, right, rtol=1e-3, atol=1e-4)
            except Exception:
                return False
    return True


@exercise.right("all chunks in one comparison, float32 too")
def all_chunks_in_one(fn):
    rng = np.random.default_rng(8)
    q, k, v = rng.normal(size=(3, 4)), rng.normal(size=(6, 4)), rng.normal(size=(6, 2))
    causal = np.array([[0, 0, 0, 0, 1, 1], [1, 0, 1, 1, 0, 0], [0, 1, 0, 0, 1, 0]], dtype=bool)
    cases = []
    for kind in (np.float64, np.float32):
        for order in (np.arange(6), np.arange(6)[::-1], np.argsort(k @ q[0])):
            for mask in (None, causal, causal[:, ::-1]):
                cases.append((q.astype(kind), k[order].astype(kind), v.astype(kind), mask))
    try:
        for q, k, v, mask in cases:
            right = plain_attention(q, k, v, mask)
            got = np.stack([fn(q, k, v, chunk, mask) for chunk in (1, 2, 4, 5, 6, 9)])
            if got.shape != (6, 3, 2) or not (abs(got - right) < 2e-4).all():
                return False
        return True
    except Exception:
        return False


ANY = "Any few will do: example numbers of a test."
for line, reason in (
    ("rng = np.random.default_rng(10)", "Any seed will do."),
    ("early_TS = np.arange(7) < np.array([1, 3, 4, 6, 2])[:, None]", ANY),
    ("masks = (None, early_TS, ~early_TS)", "Their order is no matter."),
    ("for mask, chunk, turn in itertools.product(masks, (1, 2, 3, 7), (1, -1)):", ANY),
    (
        "k, v = k_SK[::turn], v_SV[::turn]",
        "Of five queries one has its largest score late in any order of random keys.",
    ),
    (
        "if o_TV.shape != right_TV.shape or not np.allclose(o_TV, right_TV, atol=1e-4):",
        "Any tolerance between float32's seventh digit and the third will do.",
    ),
):
    exercise.allow_mutant(line=line, reason=reason)
for width in (2, 4):
    exercise.allow_mutant(
        after="q_TK, k_SK, v_SV = (rng.normal(size=shape) for shape in ((5, 6), (7, 6), (7, "
        f"{width})))",
        reason=ANY,
    )
exercise.allow_mutant(
    after="o_TV = fn(q_TK, k, v, chunk, mask)", reason="The functions here all give arrays."
)


@exercise.plain
def plain(fn):
    rng = np.random.default_rng(0)
    q, k, v = rng.normal(size=(4, 6)), rng.normal(size=(7, 6)), rng.normal(size=(7, 3))
    few = rng.random((4, 7)) < 0.6
    few[:, 0] = True
    late = np.arange(7) > np.array([3, 0, 4, 2])[:, None]
    try:
        for order in (np.argsort(k @ q[0]), np.argsort(-k @ q[0]), np.arange(7)):
            for mask in (None, few, late, ~late):
                right = plain_attention(q, k[order], v[order], mask)
                for chunk in (1, 2, 3, 7):
                    got = fn(q, k[order], v[order], chunk, mask)
                    if got.shape != (4, 3) or not np.allclose(got, right, atol=1e-4):
                        return False
        return True
    except Exception:
        return False


plain.slip("""shape-only
    - if got.shape != (4, 3) or not np.allclose(got, right, atol=1e-4):
    + if got.shape != (4, 3):
    You compared shapes. Whatever a function does with the chunks, its output has a row a query.""")


@exercise.wrong
def one_chunk_size_only(fn):
    """You tried one size of chunk, without a mask. That is a beginning. Which other sizes are there,
    where may the largest score stand, what of masks, and what if fn stops with an error? One
    question after the other."""
    rng = np.random.default_rng(1)
    q, k, v = rng.normal(size=(4, 6)), rng.normal(size=(8, 6)), rng.normal(size=(8, 3))
    got = fn(q, k, v, 4)
    return bool(got.shape == (4, 3) and np.allclose(got, plain_attention(q, k, v), atol=1e-4))


plain.slip("""chunk-divides-S-only
    - for chunk in (1, 2, 3, 7):
    + for chunk in (1, 7):
    All your chunks divide S evenly, so that the last one is as long as the others. What of a
    function that loses the keys that are left over at the end?""")


@exercise.wrong
def equal_scores(fn):
    """All scores of your queries are equal. Then there is no largest one, nothing is ever rescaled,
    and every softmax is a mean. Draw queries and keys at random."""
    rng = np.random.default_rng(0)
    q, k, v = np.zeros((4, 6)), rng.normal(size=(7, 6)), rng.normal(size=(7, 3))
    few = rng.random((4, 7)) < 0.6
    few[:, 0] = True
    late = np.arange(7) > np.array([3, 0, 4, 2])[:, None]
    try:
        for mask in (None, few, late, ~late):
            right = plain_attention(q, k, v, mask)
            for chunk in (1, 2, 3, 7):
                got = fn(q, k, v, chunk, mask)
                if got.shape != (4, 3) or not np.allclose(got, right, atol=1e-4):
                    return False
        return True
    except Exception:
        return False


@exercise.wrong
def largest_score_in_the_first_chunk(fn):
    """In all your tests the largest score stands in the first chunk, and the running maximum never
    grows. A function that forgets to rescale its old sums gets away. Turn the keys round."""
    rng = np.random.default_rng(0)
    q, v = 1 + 0.1 * rng.normal(size=(4, 6)), rng.normal(size=(7, 3))
    k = (np.linspace(1, -1, 7)[:, None] + 0.01 * rng.normal(size=(7, 6))) / 2
    few = rng.random((4, 7)) < 0.6
    few[:, :2] = True
    late = np.arange(7) < np.array([3, 1, 4, 2])[:, None]
    late[:, 0] = False
    try:
        for mask in (None, few, late):
            right = plain_attention(q, k, v, mask)
            for chunk in (1, 2, 3, 7):
                got = fn(q, k, v, chunk, mask)
                if got.shape != (4, 3) or not np.allclose(got, right, atol=1e-4):
                    return False
        return True
    except Exception:
        return False


plain.slip("""no-mask
    - for mask in (None, few, late, ~late):
    + for mask in (None,):
    You never gave a mask. A function may forget it, or cut it at the wrong columns.""")
plain.slip("""no-masked-chunk
    - for mask in (None, few, late, ~late):
    + for mask in (None, np.arange(7) % 7 != np.array([1, 3, 4, 5])[:, None]):
    - for chunk in (1, 2, 3, 7):
    + for chunk in (2, 3, 7) if mask is not None else (1, 2, 3, 7):
    With your masks every query may see somebody in every chunk. What if a whole chunk is hidden?
    Its largest score is −∞, and −∞ − (−∞) is nan.""")
plain.slip("""only-a-late-chunk-masked
    - for mask in (None, few, late, ~late):
    + for mask in (None, few | (np.arange(7) < 3), np.arange(7) < np.array([3, 4, 5, 7])[:, None]):
    Your masks hide late chunks, and never the first one. That is where a query has seen no key yet,
    and where the largest score so far is still −∞.""")
plain.slip("""chunk-sizes-compared-with-each-other
    - right = plain_attention(q, k[order], v[order], mask)
    + right = fn(q, k[order], v[order], 7, mask)
    You compared the sizes of chunk with each other only. A function may give the same for all of
    them, and not what attention is. What does the plain softmax give?""")
plain.slip("""only-chunks-of-S-or-more
    - for chunk in (1, 2, 3, 7):
    + for chunk in (7, 8, 20):
    All your chunks hold all keys at once, so there is never a second one to be put together with
    the first. Take some that are smaller than S.""")


@exercise.wrong
def first_query_only(fn):
    """You looked at the first query's output only. Another query has its largest score elsewhere,
    and another row of the mask."""
    rng = np.random.default_rng(0)
    q, k, v = rng.normal(size=(4, 6)), rng.normal(size=(7, 6)), rng.normal(size=(7, 3))
    order = np.argsort(k @ -q[0])
    keep = np.arange(7) > np.array([-1, 0, 4, 2])[:, None]
    try:
        for mask in (None, keep):
            right = plain_attention(q, k[order], v[order], mask)
            for chunk in (1, 2, 3, 7):
                got = fn(q, k[order], v[order], chunk, mask)
                if got.shape != (4, 3) or not np.allclose(got[0], right[0], atol=1e-4):
                    return False
        return True
    except Exception:
        return False


plain.slip("""too-loose
    - np.allclose(got, right, atol=1e-4)
    + np.allclose(got, right, rtol=0.1, atol=0.3)
    Your tolerance is so wide that a wrong scale passes: it moves the second or third digit. How
    close does float32 come, which has seven?""")
plain.slip("""too-tight
    - np.allclose(got, right, atol=1e-4)
    + np.allclose(got, right, rtol=1e-12, atol=1e-12)
    You asked for equality to the last digit. Chunks are added up in another order, which changes
    the last digits, in float32 the seventh. How much may two outputs differ?""")
plain.slip("""nan-passes
    - not np.allclose(got, right, atol=1e-4)
    + (np.abs(got - right) > 1e-4).any()
    A nan slips through your comparison: nan > 0.0001 is False, so nothing seems to differ. Ask the
    other way round, whether the difference *is* small: nan is not.""")
plain.slip("""shape-not-asked
    - if got.shape != (4, 3) or not np.allclose(got, right, atol=1e-4):
    + if not np.allclose(got, right, atol=1e-4):
    You compared numbers, and never the shape. NumPy broadcasts (1, T, V) against (T, V) without a
    word. Which shape is promised?""")


@exercise.wrong
def crashes_with_fn(fn):
    """Your test stops with the error of the function it tests. A crash is an answer too: which
    one?"""
    rng = np.random.default_rng(0)
    q, k, v = rng.normal(size=(4, 6)), rng.normal(size=(7, 6)), rng.normal(size=(7, 3))
    few = rng.random((4, 7)) < 0.6
    few[:, 0] = True
    late = np.arange(7) > np.array([3, 0, 4, 2])[:, None]
    for order in (np.argsort(k @ q[0]), np.argsort(-k @ q[0]), np.arange(7)):
        for mask in (None, few, late, ~late):
            right = plain_attention(q, k[order], v[order], mask)
            for chunk in (1, 2, 3, 7):
                got = fn(q, k[order], v[order], chunk, mask)
                if got.shape != (4, 3) or not np.allclose(got, right, atol=1e-4):
                    return False
    return True


plain.slip("""errors-pass
    - except Exception:
    -     return False
    + except Exception:
    +     return True
    Your test says True for a function that stops with an error. Nothing was compared, so nothing is
    shown.""")


@exercise.wrong
def turned_round(fn):
    """Your test says True when the outputs differ, and False when they agree. True is for a function
    that gives what the plain softmax gives."""
    rng = np.random.default_rng(0)
    q, k, v = rng.normal(size=(4, 6)), rng.normal(size=(7, 6)), rng.normal(size=(7, 3))
    few = rng.random((4, 7)) < 0.6
    few[:, 0] = True
    late = np.arange(7) > np.array([3, 0, 4, 2])[:, None]
    try:
        for order in (np.argsort(k @ q[0]), np.argsort(-k @ q[0]), np.arange(7)):
            for mask in (None, few, late, ~late):
                right = plain_attention(q, k[order], v[order], mask)
                for chunk in (1, 2, 3, 7):
                    got = fn(q, k[order], v[order], chunk, mask)
                    if got.shape != (4, 3) or not np.allclose(got, right, atol=1e-4):
                        return True
        return False
    except Exception:
        return True


plain.slip("""mask-not-handed-over
    - got = fn(q, k[order], v[order], chunk, mask)
    + got = fn(q, k[order], v[order], chunk)
    Your test finds fault with right functions, too: what you compare with has been computed with a
    mask, and fn was never given it.""")
