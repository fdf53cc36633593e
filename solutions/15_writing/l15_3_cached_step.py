import numpy as np

from autograder.authoring import (
    Axes,
    Check,
    Exercise,
    call,
    every_layout,
    float32,
    from_lesson,
    normal,
    probe,
    read_only,
    strided,
)

grouped_attention = from_lesson("grouped_attention")

LARGE = 1e-6

exercise = Exercise(
    "One step with a cache",
    solve="cached_step",
    difficulty=3,
    importance=5,
    minutes=20,
    hints="""First make the keys and values of all words so far: those of the cache, if there is one,
    and behind them the new ones. Then it is attention with a single query. Is a mask needed?

    The new key has the shape (B, G, K), the kept ones (B, G, S, K): give it an axis of length 1 for
    S, then `np.concatenate` along that axis. It makes a new array, so the old cache stays as it was.
    The new word is among the keys before the scores are taken.

    `k_BGSK = np.concatenate([cache["k"], k_BGK[:, :, None]], axis=2)`, the values likewise; without a
    cache the new ones alone. With `q_BHK[:, :, None]` as queries your grouped_attention does the rest,
    and `o[:, :, 0]` takes the axis away again. Return a new dict.""",
)


def cache_after(cached_step, q_BHK, k_BGK, v_BGV, cache):
    _, after = cached_step(q_BHK, k_BGK, v_BGV, cache)
    return np.asarray(after["k"]), np.asarray(after["v"])


def word_by_word(cached_step, q_BHTK, k_BGTK, v_BGTV):
    cache, outputs = None, []
    for t in range(q_BHTK.shape[2]):
        o_BHV, cache = cached_step(q_BHTK[:, :, t], k_BGTK[:, :, t], v_BGTV[:, :, t], cache)
        outputs.append(np.array(o_BHV))
    return np.stack(outputs, axis=2)


def two_endings(cached_step, q_BHTK, k_BGTK, v_BGTV, fork):
    def step(t, cache):
        return cached_step(q_BHTK[:, :, t], k_BGTK[:, :, t], v_BGTV[:, :, t], cache)

    cache = None
    for t in range(fork):
        _, cache = step(t, cache)
    first, after_first = step(fork, cache)
    first = np.array(first)
    second, after_second = step(fork + 1, cache)
    second = np.array(second)
    return (
        first,
        second,
        np.array(step(fork + 2, after_first)[0]),
        np.array(step(fork + 2, after_second)[0]),
        np.array(cache["k"]),
        np.array(cache["v"]),
    )


@exercise.checks
def checks(rng):
    axes = Axes(B=3, H=6, G=2, S=7, K=5, V=8)

    def word(B: int = 3, H: int = 6, G: int = 2, K: int = 5, V: int = 8) -> tuple:
        return normal(rng, B, H, K), normal(rng, B, G, K), normal(rng, B, G, V)

    def cache(S: int = 7, B: int = 3, G: int = 2, K: int = 5, V: int = 8) -> dict:
        return {"k": normal(rng, B, G, S, K), "v": normal(rng, B, G, S, V)}

    log3 = float(np.round(np.log(3), 6))
    yield Check(
        "the first word",
        call(np.array([[[1.0], [2.0]]]), np.array([[[log3]]]), np.array([[[4.0, 8.0]]]), None),
        call(*word(), None),
        call(*word(2, 4, 4, 6, 3), None),
        says="It sees itself alone: each head's output is the value of its group.",
        part=0,
    )
    yield Check(
        "the second word, by hand",
        call(
            np.array([[[1.0], [0.0]]]),
            np.array([[[log3]]]),
            np.array([[[4.0, 8.0]]]),
            {"k": np.array([[[[0.0]]]]), "v": np.array([[[[0.0, 4.0]]]])},
        ),
        call(*word(1, 2, 1, 3, 2), cache(1, 1, 1, 3, 2)),
        says="""In the first example head 0 has the scores 0 and log 3, so ¼ for the old word and ¾ for
        the new one; head 1 has two scores of 0.""",
        part=0,
    )
    yield Check(
        "an output in the middle of a text",
        call(*word(), cache()),
        call(*word(2, 8, 4, 3, 6), cache(9, 2, 4, 3, 6)),
        call(*word(2, 4, 4, 6, 3), cache(5, 2, 4, 6, 3)),
        call(*(float32(each) for each in word()), {n: float32(a) for n, a in cache().items()}),
        says="""The new word asks all S kept keys and its own, each head those of its group, and mixes
        their values.""",
        part=0,
        points=2,
    )
    kept = probe(cache_after, says="The cache's keys and values, afterwards,")
    yield Check(
        "the cache grows by one word, at its end",
        kept(*word(), None),
        kept(*word(), cache()),
        kept(*word(2, 8, 4, 3, 6), cache(4, 2, 4, 3, 6)),
        says="""(B, G, S + 1, K) and (B, G, S + 1, V): what was kept, then the new key and value as they
        were given, in their G groups.""",
        points=2,
    )
    text = probe(word_by_word, says="The outputs of a text that was read word by word")
    yield Check(
        "a whole text, word by word",
        text(normal(rng, 3, 6, 7, 5), normal(rng, 3, 2, 7, 5), normal(rng, 3, 2, 7, 8)),
        text(normal(rng, 2, 3, 11, 4), normal(rng, 2, 1, 11, 4), normal(rng, 2, 1, 11, 6)),
        text(
            *(
                float32(each)
                for each in (
                    normal(rng, 2, 4, 6, 3),
                    normal(rng, 2, 2, 6, 3),
                    normal(rng, 2, 2, 6, 5),
                )
            )
        ),
        says="T steps give what L15.2 gives for T words with a causal mask, row by row.",
    )
    endings = probe(
        two_endings,
        says="""After a text was continued in two ways from one and the same cache: both outputs, a
        further one behind each, and the old cache,""",
    )
    yield Check(
        "two endings from one cache",
        endings(normal(rng, 2, 6, 7, 5), normal(rng, 2, 3, 7, 5), normal(rng, 2, 3, 7, 4), 4),
        endings(normal(rng, 3, 4, 4, 3), normal(rng, 3, 2, 4, 3), normal(rng, 3, 2, 4, 6), 1),
        says="""Who comes back to a cache finds it as it was, and what one ending adds doesn't show in
        another.""",
    )
    q, k, v = axes.normal(rng, "BHK"), axes.normal(rng, "BGK"), axes.normal(rng, "BGV")
    old = {"k": axes.normal(rng, "BGSK"), "v": axes.normal(rng, "BGSV")}
    yield Check(
        "large scores, any arrays, inputs left alone",
        call(400 * q, k, v, old, tolerance=LARGE),
        *every_layout(call(q, k, v, old)),
        call(q, k, v, {name: read_only(strided(each)) for name, each in old.items()}),
        says="No exponential may overflow, and the old cache keeps its numbers and its entries.",
        judges="inputs untouched",
        part=0,
    )


@exercise.right("with grouped_attention")
def with_grouped_attention(q_BHK, k_BGK, v_BGV, cache):
    k, v = k_BGK[:, :, None], v_BGV[:, :, None]
    if cache is not None:
        k = np.concatenate([cache["k"], k], axis=2)
        v = np.concatenate([cache["v"], v], axis=2)
    o, _ = grouped_attention(q_BHK[:, :, None], k, v)
    return o[:, :, 0], {"k": k, "v": v}


@exercise.right("loops over texts, heads and words, and a count in the cache")
def loops_and_a_count(q_BHK, k_BGK, v_BGV, cache):
    (B, H, K), (G, V) = q_BHK.shape, v_BGV.shape[1:]
    old = {"k": np.zeros((B, G, 0, K)), "v": np.zeros((B, G, 0, V))} if cache is None else cache
    k = np.append(old["k"], np.expand_dims(k_BGK, 2), axis=2)
    v = np.append(old["v"], np.expand_dims(v_BGV, 2), axis=2)
    S = k.shape[2]
    o = np.zeros((B, H, V))
    for b in range(B):
        for h in range(H):
            g = h // (H // G)
            scores = [q_BHK[b, h] @ k[b, g, s] / np.sqrt(K) for s in range(S)]
            exps = [np.exp(score - max(scores)) for score in scores]
            for s in range(S):
                o[b, h] += exps[s] / sum(exps) * v[b, g, s]
    return o, {"k": k, "v": v, "words": S}


@exercise.right("new arrays filled, groups repeated")
def new_arrays_filled(q_BHK, k_BGK, v_BGV, cache):
    B, G, K = k_BGK.shape
    S = 0 if cache is None else cache["k"].shape[2]
    k = np.empty((B, G, S + 1, K), k_BGK.dtype)
    v = np.empty((B, G, S + 1, v_BGV.shape[2]), v_BGV.dtype)
    if S:
        k[:, :, :S], v[:, :, :S] = cache["k"], cache["v"]
    k[:, :, S], v[:, :, S] = k_BGK, v_BGV
    R = q_BHK.shape[1] // G
    e = (np.repeat(k, R, axis=1) @ q_BHK[..., None])[..., 0] * K**-0.5
    w = np.exp(e - e.max(axis=2, keepdims=True))
    w /= w.sum(axis=2, keepdims=True)
    return (w[:, :, None] @ np.repeat(v, R, axis=1))[:, :, 0], {"k": k, "v": v}


exercise.allow_mutant(
    after="exp_BHS = -np.exp(e_BHS - e_BHS.max(axis=-1, keepdims=True))",
    reason="The sum has the same sign, and it is divided by.",
)


@exercise.plain
def plain(q_BHK, k_BGK, v_BGV, cache):
    (_, H, K), G = q_BHK.shape, k_BGK.shape[1]
    k, v = k_BGK[:, :, None], v_BGV[:, :, None]
    if cache is not None:
        k = np.concatenate([cache["k"], k], axis=2)
        v = np.concatenate([cache["v"], v], axis=2)
    ks = np.repeat(k, H // G, axis=1)
    vs = np.repeat(v, H // G, axis=1)
    e = np.einsum("bhk,bhsk->bhs", q_BHK, ks) / np.sqrt(K)
    w = np.exp(e - e.max(axis=-1, keepdims=True))
    w = w / w.sum(axis=-1, keepdims=True)
    o = np.einsum("bhs,bhsv->bhv", w, vs)
    return o, {"k": k, "v": v}


plain.slip("""itself-not-seen
    - e = np.einsum("bhk,bhsk->bhs", q_BHK, ks) / np.sqrt(K)
    + if cache is not None:
    +     ks, vs = ks[:, :, :-1], vs[:, :, :-1]
    + e = np.einsum("bhk,bhsk->bhs", q_BHK, ks) / np.sqrt(K)
    Your new word asks the kept words only, and not itself. In a causal mask the diagonal is True:
    append its key and value before you take the scores.""")
plain.slip("""put-in-front
    - k = np.concatenate([cache["k"], k], axis=2)
    - v = np.concatenate([cache["v"], v], axis=2)
    + k = np.concatenate([k, cache["k"]], axis=2)
    + v = np.concatenate([v, cache["v"]], axis=2)
    You put the new word in front of the old ones. The output is right, for attention doesn't mind,
    but whoever looks for the word at place s finds another: the oldest comes first.""")
plain.slip("""overwrites-the-last
    - k = np.concatenate([cache["k"], k], axis=2)
    - v = np.concatenate([cache["v"], v], axis=2)
    + k = np.concatenate([cache["k"][:, :, :-1], k], axis=2)
    + v = np.concatenate([cache["v"][:, :, :-1], v], axis=2)
    Your new word takes the place of the last one, so the cache never grows. It goes *behind* it.""")
plain.slip("""oldest-dropped
    - k = np.concatenate([cache["k"], k], axis=2)
    - v = np.concatenate([cache["v"], v], axis=2)
    + k = np.concatenate([cache["k"][:, :, 1:], k], axis=2)
    + v = np.concatenate([cache["v"][:, :, 1:], v], axis=2)
    For each new word you drop the oldest one. A cache of all words so far grows by one each time.""")
plain.slip("""value-of-the-word-before
    - o = np.einsum("bhs,bhsv->bhv", w, vs)
    + if cache is not None:
    +     vs = np.concatenate([vs[:, :, :-1], vs[:, :, -2:-1]], axis=2)
    + o = np.einsum("bhs,bhsv->bhv", w, vs)
    You mix the values of one step before: in place of the new word's value comes the last kept one.
    Append key and value together, and use both.""")
plain.slip("""values-one-place-off
    - o = np.einsum("bhs,bhsv->bhv", w, vs)
    + o = np.einsum("bhs,bhsv->bhv", w, np.roll(vs, 1, axis=2))
    Each weight meets the value of another word, one place off. Weight s belongs to value s: keys and
    values have to stand in one order.""")
plain.slip("""old-cache-changed
    - if cache is not None:
    -     k = np.concatenate([cache["k"], k], axis=2)
    -     v = np.concatenate([cache["v"], v], axis=2)
    + if cache is None:
    +     cache = {"k": k, "v": v}
    + else:
    +     cache["k"] = k = np.concatenate([cache["k"], k], axis=2)
    +     cache["v"] = v = np.concatenate([cache["v"], v], axis=2)
    - return o, {"k": k, "v": v}
    + return o, cache
    You put the longer arrays into the dict that you were given. Whoever kept it, to try another
    ending from there, finds a word more in it. Return a new dict.""")
plain.slip("""keys-scaled-in-the-cache
    - k, v = k_BGK[:, :, None], v_BGV[:, :, None]
    + k, v = k_BGK[:, :, None] / np.sqrt(K), v_BGV[:, :, None]
    - e = np.einsum("bhk,bhsk->bhs", q_BHK, ks) / np.sqrt(K)
    + e = np.einsum("bhk,bhsk->bhs", q_BHK, ks)
    You divide the new key by √K and keep it so. The cache holds keys as they are given: divide the
    scores.""")
plain.slip("""grows-along-the-groups
    - k = np.concatenate([cache["k"], k], axis=2)
    - v = np.concatenate([cache["v"], v], axis=2)
    + k = np.concatenate([cache["k"], np.repeat(k, cache["k"].shape[2], axis=2)], axis=1)
    + v = np.concatenate([cache["v"], np.repeat(v, cache["v"].shape[2], axis=2)], axis=1)
    - ks = np.repeat(k, H // G, axis=1)
    - vs = np.repeat(v, H // G, axis=1)
    + ks = np.repeat(k[:, -G:], H // G, axis=1)
    + vs = np.repeat(v[:, -G:], H // G, axis=1)
    Your cache grows along axis 1, so that it has more groups instead of more words. Which axis of (B,
    G, S, K) counts words?""")
plain.slip("""grows-along-the-width
    - k = np.concatenate([cache["k"], k], axis=2)
    - v = np.concatenate([cache["v"], v], axis=2)
    + k = np.concatenate([cache["k"], np.repeat(k, cache["k"].shape[2], axis=2)], axis=3)
    + v = np.concatenate([cache["v"], np.repeat(v, cache["v"].shape[2], axis=2)], axis=3)
    - ks = np.repeat(k, H // G, axis=1)
    - vs = np.repeat(v, H // G, axis=1)
    + ks = np.repeat(k[..., -K:], H // G, axis=1)
    + vs = np.repeat(v[..., -v_BGV.shape[2] :], H // G, axis=1)
    Your cache grows along its last axis: keys become wider instead of more. Which axis of (B, G, S, K)
    counts words?""")
plain.slip("""groups-by-turns
    - ks = np.repeat(k, H // G, axis=1)
    - vs = np.repeat(v, H // G, axis=1)
    + ks = np.tile(k, (1, H // G, 1, 1))
    + vs = np.tile(v, (1, H // G, 1, 1))
    Your heads take the groups by turns, as h % G. As in L15.2, H // G neighbouring heads share a
    group.""")
plain.slip("""rows-mixed
    - e = np.einsum("bhk,bhsk->bhs", q_BHK, ks) / np.sqrt(K)
    + ks, vs = np.broadcast_to(ks[:1], ks.shape), np.broadcast_to(vs[:1], vs.shape)
    + e = np.einsum("bhk,bhsk->bhs", q_BHK, ks) / np.sqrt(K)
    All your texts ask the words of the first one. Each row of a batch has a cache of its own.""")
plain.slip("""one-group-for-all
    - ks = np.repeat(k, H // G, axis=1)
    - vs = np.repeat(v, H // G, axis=1)
    + ks = np.repeat(k[:, :1], H, axis=1)
    + vs = np.repeat(v[:, :1], H, axis=1)
    All your heads read group 0. Head h reads group h // (H // G).""")
plain.slip("""cache-of-heads
    - return o, {"k": k, "v": v}
    + return o, {"k": ks, "v": vs}
    - ks = np.repeat(k, H // G, axis=1)
    - vs = np.repeat(v, H // G, axis=1)
    + ks = np.repeat(k, H // k.shape[1], axis=1)
    + vs = np.repeat(v, H // v.shape[1], axis=1)
    - k, v = k_BGK[:, :, None], v_BGV[:, :, None]
    + k, v = k_BGK[:, :, None], v_BGV[:, :, None]
    + if cache is not None and cache["k"].shape[1] != G:
    +     k, v = np.repeat(k, H // G, axis=1), np.repeat(v, H // G, axis=1)
    Your outputs are right, but the cache holds each group once for every head that reads it, H in all.
    That is the memory which sharing was to save: keep G groups.""")
plain.slip("""only-keys-kept
    - v = np.concatenate([cache["v"], v], axis=2)
    + v = np.repeat(v, k.shape[2], axis=2)
    You keep the keys of all words, but mix the new word's value only. The values of the words before
    are in the cache as well.""")
plain.slip("""no-scale
    - e = np.einsum("bhk,bhsk->bhs", q_BHK, ks) / np.sqrt(K)
    + e = np.einsum("bhk,bhsk->bhs", q_BHK, ks)
    Your scores are the plain products q·k. They are divided by √K, as ever.""")
plain.slip("""root-of-the-number-of-words
    - e = np.einsum("bhk,bhsk->bhs", q_BHK, ks) / np.sqrt(K)
    + e = np.einsum("bhk,bhsk->bhs", q_BHK, ks) / np.sqrt(ks.shape[2])
    You divided by the root of the number of words. A product q·k sums over the K numbers of a key.""")
plain.slip("""softmax-over-the-heads
    - w = np.exp(e - e.max(axis=-1, keepdims=True))
    - w = w / w.sum(axis=-1, keepdims=True)
    + w = np.exp(e - e.max(axis=1, keepdims=True))
    + w = w / w.sum(axis=1, keepdims=True)
    Your weights sum to 1 over the heads. Each head shares out a whole of its own among the words.""")
plain.slip("""exponentials-overflow
    - w = np.exp(e - e.max(axis=-1, keepdims=True))
    + w = np.exp(e)
    You took exp of the scores as they are. From 710 on that is infinity: subtract the maximum
    first.""")
plain.slip("""extra-axis
    - return o, {"k": k, "v": v}
    + return o[:, :, None], {"k": k, "v": v}
    Your output still has the axis of length 1 for the one query. (B, H, V) is asked for.""")
