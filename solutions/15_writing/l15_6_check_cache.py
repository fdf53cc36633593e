"""L15.6 is a test that the learner writes. It is run on layers whose answer is known: some that give
the same however a text is cut, and some whose cache goes wrong, each in a way of its own."""

import numpy as np

from autograder.authoring import Check, Exercise, lineup

from . import cached_layers as layers

exercise = Exercise(
    "Write the test",
    solve="check_cache",
    difficulty=4,
    importance=4,
    minutes=20,
    hints="""Let step read a batch of random texts in one call: that is what must come out each time.
    Then cut the texts into parts and hand the cache on from part to part. Which of the suspects does a
    single cut in the middle catch, and how do the others get away?

    Try several ways to cut: word by word, one long part and a single word, a single word and the rest,
    many parts of different lengths; texts of some twenty words at least, three at a time. Put the
    outputs side by side along axis 1 and compare them with the whole, shape included. Then keep a
    cache, read one ending from it, and another one from the same cache.

    `np.split(x, np.cumsum(lengths)[:-1], axis=1)` cuts. All inside `try`, with `except Exception:
    return False`; `return False` unless the shapes are equal and `np.allclose(got, whole, rtol=1e-4,
    atol=1e-5)`. The second ending read from an old cache is compared with one call on the beginning
    and that ending.""",
)


@exercise.checks
def checks(rng):
    yield Check(
        "tells a cache that works from one that doesn't",
        *lineup(rng, [layers.one_head], [layers.places_anew]),
        says="Read in two parts or in one, a text gives the same: if places go on counting, it does.",
    )
    yield Check(
        "whatever a layer remembers",
        *lineup(
            rng,
            [
                layers.heads_and_rope,
                layers.learnt_places,
                layers.mean_so_far,
                layers.state,
                layers.no_memory,
                layers.short_sighted,
            ],
            [layers.own_future, layers.shared_by_rows, layers.state_shared],
        ),
        says="""A layer may keep words, a sum, a state or nothing, and care for places or not: only how
        the text is cut must not matter, for any text of a batch.""",
        points=2,
    )
    yield Check(
        "any way to cut",
        *lineup(
            rng,
            [layers.heads_and_rope, layers.learnt_places, layers.state],
            [
                layers.last_part_only,
                layers.last_word_lost,
                layers.first_word_twice,
                layers.longer_wrong,
                layers.ones_wrong,
            ],
        ),
        says="""Two parts or many, long ones or single words: some caches go wrong in the third part
        only, some only where a word comes alone, some only where it doesn't.""",
        points=2,
    )
    yield Check(
        "long texts",
        *lineup(rng, [layers.short_sighted, layers.one_head], [layers.last_ones_only]),
        says="""A cache may be right for a dozen words and too small for the next ones. But a layer that
        looks back a few words, however the text is cut, is right.""",
    )
    yield Check(
        "an old cache again",
        *lineup(
            rng,
            [layers.mean_so_far, layers.heads_and_rope],
            [layers.kept_inside, layers.changed_in_place, layers.sum_in_place],
        ),
        says="""After one ending was read from a cache, another one is read from the same cache: the
        first must not show in it.""",
        points=2,
    )
    yield Check(
        "close, but not too close",
        *lineup(rng, [layers.in_float32], [layers.faint]),
        says="Rounding in float32 changes the seventh digit, places that begin anew the third.",
    )
    yield Check(
        "errors and odd shapes",
        *lineup(rng, [layers.no_memory, layers.mean_so_far], layers.ending_badly),
        says="Who stops with an error, or gives nan or another shape than (B, T, D), has not passed.",
    )


@exercise.right("word by word, then from every sixth cache two endings")
def every_prefix(step):
    rng = np.random.default_rng(3)
    x = rng.normal(size=(2, 26, 16))
    try:
        whole = np.array(step(x.copy(), None)[0])
        if whole.shape != x.shape:
            return False
        caches = [None]
        for t in range(26):
            y, cache = step(x[:, t : t + 1].copy(), caches[-1])
            if np.shape(y) != (2, 1, 16) or not (abs(y[:, 0] - whole[:, t]) < 1e-3).all():
                return False
            caches.append(cache)
        for t in range(1, 26, 6):
            for n in (2, 26 - t):
                text = np.concatenate([x[:, :t], rng.normal(size=(2, n, 16))], axis=1)
                once = step(text.copy(), None)[0][:, t:]
                cache, parts = caches[t], []
                for s in range(t, t + n, 7):
                    y, cache = step(text[:, s : s + 7].copy(), cache)
                    parts.append(y)
                if not np.allclose(np.concatenate(parts, axis=1), once, rtol=1e-4, atol=1e-4):
                    return False
        return True
    except Exception:
        return False


@exercise.right("random cuts, two endings each time")
def random_cuts(step):
    rng = np.random.default_rng(4)
    for trial in range(8):
        B, T = 1 + trial % 3, [9, 22, 26][trial % 3]
        x = rng.normal(size=(B, T, 8))
        fork = int(rng.integers(1, T))
        other = np.concatenate([x[:, :fork], rng.normal(size=(B, T - fork, 8))], axis=1)
        ends = sorted({fork, T, *rng.integers(1, T, size=trial % 5 * 3).tolist()})
        try:
            cache, start = None, 0
            for end in [e for e in ends if e <= fork]:
                y, cache = step(x[:, start:end].copy(), cache)
                want = step(x[:, :end].copy(), None)[0][:, start:]
                np.testing.assert_allclose(y, want, rtol=1e-4, atol=1e-5, equal_nan=False)
                assert y.shape == (B, end - start, 8)
                start = end
            for text in (other, x):
                here, before = cache, fork
                whole = step(text.copy(), None)[0]
                for end in [e for e in ends if e > fork]:
                    y, here = step(text[:, before:end].copy(), here)
                    assert np.allclose(y, whole[:, before:end], rtol=1e-4, atol=1e-5)
                    before = end
        except Exception:
            return False
    return True


@exercise.right("in float32, relative to the size of the outputs")
def in_float32(step):
    rng = np.random.default_rng(5)
    x = rng.normal(size=(4, 20, 8)).astype(np.float32)
    try:
        whole = np.asarray(step(x, None)[0], dtype=float)
        assert whole.shape == (4, 20, 8)
        near = 1e-4 * np.abs(whole).max()
        for cuts in ([1] * 20, [1, 1, 18], [5, 5, 5, 5], [19, 1], [2, 9, 1, 8]):
            caches, at = [None], [0]
            for n in cuts:
                y, cache = step(x[:, at[-1] : at[-1] + n], caches[-1])
                if not (np.abs(y - whole[:, at[-1] : at[-1] + n]) <= near).all():
                    return False
                caches.append(cache)
                at.append(at[-1] + n)
            for cache, t in zip(caches[:-1], at[:-1], strict=True):  # all once more
                y, _ = step(x[:, t:], cache)
                if not (np.abs(y - whole[:, t:]) <= near).all():
                    return False
        return True
    except Exception:
        return False


for line, reason in (
    (
        "x_BTD, other_BTD = np.random.default_rng(15).normal(size=(2, 3, 24, 8))",
        "Any few texts of more than twenty words will do.",
    ),
    (
        "for cuts in ([*range(1, 24)], [23], [1], [7, 8, 9, 18]):",
        "Any few ways to cut will do, in any order, with single words and longer parts in them.",
    ),
    (
        "for start, part_BTD in zip([0, *cuts], np.split(x_BTD, cuts, axis=1), strict=True):",
        "There are as many beginnings as parts.",
    ),
    (
        "pairs.append((whole_BTD[:, start:][:, : part_BTD.shape[1]], y_BTD))",
        "Either may be compared with the other, and a right part's output has as many words as it.",
    ),
    (
        "pairs.append((step(text_BTD, None)[0][:, start:], step(other_BTD[:, start:], kept)[0]))",
        "Either may be compared with the other.",
    ),
    (
        "return all(a.shape == b.shape and np.allclose(a, b, 1e-4, 1e-5) for a, b in pairs)",
        "Any tolerance between float32's seventh digit and the third will do.",
    ),
):
    exercise.allow_mutant(line=line, reason=reason)


@exercise.plain
def plain(step):
    rng = np.random.default_rng(0)
    x = rng.normal(size=(3, 24, 8))
    other = rng.normal(size=(3, 12, 8))
    try:
        whole, _ = step(x.copy(), None)
        for lengths in ([1] * 24, [12, 12], [23, 1], [1, 23], [5, 1, 7, 1, 10]):
            cache, parts, start = None, [], 0
            for n in lengths:
                y, cache = step(x[:, start : start + n].copy(), cache)
                parts.append(y)
                start += n
            got = np.concatenate(parts, axis=1)
            if got.shape != x.shape or not np.allclose(got, whole, rtol=1e-4, atol=1e-5):
                return False
        _, cache = step(x[:, :12].copy(), None)
        for ending in (other, x[:, 12:], other):
            got, _ = step(ending.copy(), cache)
            once, _ = step(np.concatenate([x[:, :12], ending], axis=1), None)
            if not np.allclose(got, once[:, 12:], rtol=1e-4, atol=1e-5):
                return False
        return True
    except Exception:
        return False


plain.slip("""one-cut-only
    - for lengths in ([1] * 24, [12, 12], [23, 1], [1, 23], [5, 1, 7, 1, 10]):
    + for lengths in ([12, 12],):
    You cut the text in one place only. A cache may be right for the second part and wrong for the third,
    or wrong only where a word comes alone. Cut in several ways.""")
plain.slip("""never-a-single-word
    - for lengths in ([1] * 24, [12, 12], [23, 1], [1, 23], [5, 1, 7, 1, 10]):
    + for lengths in ([2] * 12, [12, 12], [5, 3, 6, 10]):
    All your parts have several words. When a text is written, words come one at a time: a layer may go
    wrong just there.""")
plain.slip("""single-words-only
    - for lengths in ([1] * 24, [12, 12], [23, 1], [1, 23], [5, 1, 7, 1, 10]):
    + for lengths in ([1] * 24,):
    -     got, _ = step(ending.copy(), cache)
    -     once, _ = step(np.concatenate([x[:, :12], ending], axis=1), None)
    -     if not np.allclose(got, once[:, 12:], rtol=1e-4, atol=1e-5):
    -         return False
    +     got, _ = step(ending[:, :1].copy(), cache)
    +     once, _ = step(np.concatenate([x[:, :12], ending[:, :1]], axis=1), None)
    +     if not np.allclose(got, once[:, 12:], rtol=1e-4, atol=1e-5):
    +         return False
    You always hand over one word at a time. A prompt comes as a longer part: a layer may be right for
    single words and wrong for several.""")
plain.slip("""first-part-only
    - if got.shape != x.shape or not np.allclose(got, whole, rtol=1e-4, atol=1e-5):
    + n = lengths[0]
    + if got.shape != x.shape or not np.allclose(got[:, :n], whole[:, :n], rtol=1e-4, atol=1e-5):
    - for ending in (other, x[:, 12:], other):
    + for ending in ():
    You compare the first part only. Until then no cache has been read: what comes after shows whether
    it works.""")
plain.slip("""last-word-only
    - if got.shape != x.shape or not np.allclose(got, whole, rtol=1e-4, atol=1e-5):
    + if got.shape != x.shape or not np.allclose(got[:, -1], whole[:, -1], rtol=1e-4, atol=1e-5):
    - if not np.allclose(got, once[:, 12:], rtol=1e-4, atol=1e-5):
    + if not np.allclose(got[:, -1], once[:, -1], rtol=1e-4, atol=1e-5):
    You compare the last word only. It may see all words anyway, so that a layer gets away whose other
    words see their future.""")


@exercise.wrong
def shape_only(step):
    """You compare shapes. They are right whatever a cache holds: compare the numbers."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=(3, 24, 8))
    try:
        for lengths in ([1] * 24, [12, 12], [23, 1], [1, 23], [5, 1, 7, 1, 10]):
            cache, start = None, 0
            for n in lengths:
                y, cache = step(x[:, start : start + n].copy(), cache)
                if y.shape != (3, n, 8):
                    return False
                start += n
        return True
    except Exception:
        return False


plain.slip("""one-row
    - x = rng.normal(size=(3, 24, 8))
    - other = rng.normal(size=(3, 12, 8))
    + x = rng.normal(size=(1, 24, 8))
    + other = rng.normal(size=(1, 12, 8))
    Your test sees one text only: alone, or the first of a batch, or a batch of equal ones. A layer may
    give all texts of a batch the cache of the first.""")


@exercise.wrong
def demands_order_blindness(step):
    """Your test wants the same outputs for the words in another order. A layer that writes may well
    care for order, and most do: only how a text is *cut* must not matter."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=(3, 24, 8))
    try:
        whole, _ = step(x.copy(), None)
        order = np.concatenate([rng.permutation(23), [23]])
        again, _ = step(x[:, order].copy(), None)
        return bool(np.allclose(again[:, -1], whole[:, -1], rtol=1e-4, atol=1e-5))
    except Exception:
        return False


plain.slip("""never-branches
    - for ending in (other, x[:, 12:], other):
    + for ending in (x[:, 12:],):
    You never read twice from one and the same cache. A layer that changes the cache it is given, or
    keeps one for itself, gets away: after one ending, read another from the cache before it.""")
plain.slip("""short-texts-only
    - x = rng.normal(size=(3, 24, 8))
    - other = rng.normal(size=(3, 12, 8))
    + x = rng.normal(size=(3, 12, 8))
    + other = rng.normal(size=(3, 6, 8))
    - for lengths in ([1] * 24, [12, 12], [23, 1], [1, 23], [5, 1, 7, 1, 10]):
    + for lengths in ([1] * 12, [6, 6], [11, 1], [1, 11], [2, 1, 3, 1, 5]):
    - _, cache = step(x[:, :12].copy(), None)
    - for ending in (other, x[:, 12:], other):
    + _, cache = step(x[:, :6].copy(), None)
    + for ending in (other, x[:, 6:], other):
    - once, _ = step(np.concatenate([x[:, :12], ending], axis=1), None)
    - if not np.allclose(got, once[:, 12:], rtol=1e-4, atol=1e-5):
    + once, _ = step(np.concatenate([x[:, :6], ending], axis=1), None)
    + if not np.allclose(got, once[:, 6:], rtol=1e-4, atol=1e-5):
    Your texts are short. A cache may be large enough for a dozen words and too small for twenty.""")
plain.slip("""cache-not-handed-on
    - y, cache = step(x[:, start : start + n].copy(), cache)
    + y, _ = step(x[:, start : start + n].copy(), cache)
    You never hand the cache on: each part is read as if nothing stood before it. Then every layer with a
    memory looks wrong. What did the step before return?""")
plain.slip("""too-loose
    - if got.shape != x.shape or not np.allclose(got, whole, rtol=1e-4, atol=1e-5):
    + if got.shape != x.shape or not np.allclose(got, whole, rtol=0.05, atol=0.2):
    - if not np.allclose(got, once[:, 12:], rtol=1e-4, atol=1e-5):
    + if not np.allclose(got, once[:, 12:], rtol=0.05, atol=0.2):
    Your tolerance is so wide that a cache passes which moves the third digit. How close does float32
    come?""")
plain.slip("""too-tight
    - if got.shape != x.shape or not np.allclose(got, whole, rtol=1e-4, atol=1e-5):
    + if got.shape != x.shape or not np.allclose(got, whole, rtol=1e-9, atol=1e-9):
    - if not np.allclose(got, once[:, 12:], rtol=1e-4, atol=1e-5):
    + if not np.allclose(got, once[:, 12:], rtol=1e-9, atol=1e-9):
    You asked for more digits than float32 has. A sum over parts differs from a sum over the whole in its
    seventh, and no cache is to blame for that.""")
plain.slip("""nan-passes
    - if got.shape != x.shape or not np.allclose(got, whole, rtol=1e-4, atol=1e-5):
    + if got.shape != x.shape or (abs(got - whole) > 1e-5 + 1e-4 * abs(whole)).any():
    - if not np.allclose(got, once[:, 12:], rtol=1e-4, atol=1e-5):
    + if (abs(got - once[:, 12:]) > 1e-5 + 1e-4 * abs(once[:, 12:])).any():
    A nan slips through your comparison: nan > 0.001 is False, so nothing seems to differ. Ask the other
    way round, whether the difference *is* small: nan is not.""")
plain.slip("""shape-not-asked
    - if got.shape != x.shape or not np.allclose(got, whole, rtol=1e-4, atol=1e-5):
    + if not np.allclose(got, whole, rtol=1e-4, atol=1e-5):
    - for ending in (other, x[:, 12:], other):
    -     got, _ = step(ending.copy(), cache)
    -     once, _ = step(np.concatenate([x[:, :12], ending], axis=1), None)
    -     if not np.allclose(got, once[:, 12:], rtol=1e-4, atol=1e-5):
    -         return False
    + before = whole[:, : -(whole.shape[1] // 2)].shape[1]
    + for ending in (other, x[:, 12:], other):
    +     got, _ = step(ending.copy(), cache)
    +     once, _ = step(np.concatenate([x[:, :12], ending], axis=1), None)
    +     if not np.allclose(got, once[:, before:], rtol=1e-4, atol=1e-5):
    +         return False
    You never ask for the shape. A layer may give (B, T·D), in parts and in one call alike.""")


@exercise.wrong
def crashes_with_step(step):
    """Your test stops with the error of the layer that it tests. A crash is an answer too: which
    one?"""
    rng = np.random.default_rng(0)
    x = rng.normal(size=(3, 24, 8))
    other = rng.normal(size=(3, 12, 8))
    whole, _ = step(x.copy(), None)
    for lengths in ([1] * 24, [12, 12], [23, 1], [1, 23], [5, 1, 7, 1, 10]):
        cache, parts, start = None, [], 0
        for n in lengths:
            y, cache = step(x[:, start : start + n].copy(), cache)
            parts.append(y)
            start += n
        got = np.concatenate(parts, axis=1)
        if got.shape != x.shape or not np.allclose(got, whole, rtol=1e-4, atol=1e-5):
            return False
    _, cache = step(x[:, :12].copy(), None)
    for ending in (other, x[:, 12:], other):
        got, _ = step(ending.copy(), cache)
        once, _ = step(np.concatenate([x[:, :12], ending], axis=1), None)
        if not np.allclose(got, once[:, 12:], rtol=1e-4, atol=1e-5):
            return False
    return True


plain.slip("""errors-pass
    - except Exception:
    -     return False
    + except Exception:
    +     return True
    Your test passes a layer that stops with an error. Nothing was compared, so nothing is shown.""")
plain.slip("""turned-round
    - if got.shape != x.shape or not np.allclose(got, whole, rtol=1e-4, atol=1e-5):
    -     return False
    + if got.shape != x.shape or not np.allclose(got, whole, rtol=1e-4, atol=1e-5):
    +     return True
    - if not np.allclose(got, once[:, 12:], rtol=1e-4, atol=1e-5):
    -     return False
    + if not np.allclose(got, once[:, 12:], rtol=1e-4, atol=1e-5):
    +     return True
    - return True
    + return False
    - except Exception:
    -     return False
    + except Exception:
    +     return True
    Your test says True where cutting makes a difference, and False where it makes none.""")
