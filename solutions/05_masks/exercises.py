"""Lesson 5: the checks, the right variants and the misconceptions of its five exercises.

Sizes are B sentences, H heads, T queries or words, S keys, D coordinates, all different unless a
check says otherwise. Masks have rows that differ: one with a single key, one with none, the others
with holes, so that who counts words from the left is found out. What stands under a mask is finite,
and as large as a thousand where a leak would hide otherwise.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from autograder.authoring import (
    Axes,
    Check,
    Exercise,
    call,
    every_layout,
    float32,
    fortran,
    kind,
    lineup,
    normal,
    read_only,
    strided,
    uniform,
)

# `exps / (total + 1e-8)` is as good as exact in float64, and a leak of a pad pushed down by 10 is 4.5e-5.
CLOSE = 1e-7
# Of answers to scores of about ±1e3, whose own last digits are that much coarser.
LARGE, LARGE_32 = 1e-6, 1e-2


def with_mask(x: np.ndarray, mask: np.ndarray) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Numbers and their mask as arrays really come; the mask stays one of bools throughout."""
    masks = (np.array(mask), np.array(mask), strided(mask), fortran(mask), read_only(mask))
    for (laid_out,), keep in zip(every_layout(x), masks, strict=True):
        yield laid_out, keep


# --------------------------------------------------------------------------- L5.1

l5_1 = Exercise(
    id="L5.1",
    title="Which positions are words",
    functions=("padding_mask",),
    difficulty=1,
    importance=5,
    minutes=6,
    hints=(
        "Two steps. First: for each id, is it a word? That is one comparison with pad_id, and gives "
        "an array of True and False of the same shape. Second: give it the axes it lacks.",
        "A comparison of a whole array with one number is written like one of two numbers. Words "
        "are all ids *other than* pad_id, be they larger or smaller. Then four axes: sentences "
        "first, keys last, and two of length 1 between them.",
        "`ids_BS != pad_id` is the first step. An index of `None` puts in an axis of length 1: "
        "`x_BS[:, None]` has shape (B, 1, S). How many of them, and where, for (B, 1, 1, S)?",
    ),
)


@l5_1.checks
def l5_1_checks(rng: np.random.Generator) -> Iterator[Check]:
    (fresh,) = rng.spawn(1)
    some_words = [fresh.permutation(n) % 3 > 0 for n in (5, 7)]
    yield Check(
        "one sentence by hand",
        points=1,
        calls=[
            call("padding_mask", np.array([[5, 3, 0]])),
            call("padding_mask", np.array([[7, 0, 0, 0]])),
            call("padding_mask", np.array([[0, 9, 4]])),
            *(call("padding_mask", fresh.integers(1, 10, (1, n.size)) * n) for n in some_words),
        ],
        says="True where there is a word, False where there is a pad, in an array of shape "
        "(B, 1, 1, S).",
    )
    axes = Axes(B=3, S=7)
    ids_BS = rng.integers(2, 90, axes.shape("BS"))
    keep_BS = axes.ragged_mask(rng, "BS")
    yield Check(
        "a batch, each sentence with pads of its own",
        points=1,
        calls=[
            call("padding_mask", np.where(keep_BS, ids_BS, 0)),
            call("padding_mask", np.where(np.arange(7) < [[6], [2], [7]], ids_BS, 0)),
            call("padding_mask", rng.integers(0, 2, (4, 4))),
        ],
        says="Every position is judged by its own id, wherever it stands. Pads usually stand at the "
        "end, but a mask must not rely on it.",
    )
    yield Check(
        "a pad need not be 0",
        points=1,
        calls=[
            call("padding_mask", np.array([[0, 4, 2, 2]]), 2),
            call("padding_mask", np.where(keep_BS, ids_BS, 40), pad_id=40),
            call("padding_mask", np.where(keep_BS, ids_BS % 5, -1), -1),
            call("padding_mask", np.where(keep_BS, ids_BS % 5, 1), pad_id=1),
        ],
        says="pad_id says which id is the pad. All others are words, larger and smaller ones, 0 "
        "included.",
    )
    ids_BS = np.where(keep_BS, ids_BS, 0)
    yield Check(
        "int32, strided and read-only ids, left alone",
        points=1,
        judges="inputs untouched",
        calls=[
            call("padding_mask", ids_BS.astype(np.int32)),
            call("padding_mask", strided(ids_BS)),
            call("padding_mask", fortran(ids_BS)),
            call("padding_mask", read_only(ids_BS)),
        ],
        says="The ids are needed again, to look the words up.",
    )


@l5_1.right("two loops")
def padding_mask(ids_BS, pad_id=0):
    B, S = ids_BS.shape
    keep = np.zeros((B, 1, 1, S), dtype=bool)
    for b in range(B):
        for s in range(S):
            keep[b, 0, 0, s] = ids_BS[b, s] != pad_id
    return keep


@l5_1.right("reshape")
def padding_mask(ids_BS, pad_id=0):
    return np.not_equal(ids_BS, pad_id).reshape(len(ids_BS), 1, 1, -1)


@l5_1.right("not equal, turned round, with expand_dims")
def padding_mask(ids_BS, pad_id=0):
    return np.expand_dims(~(ids_BS == pad_id), (1, 2))


@l5_1.wrong(
    "inverted",
    "Your mask is True at the pads. In this course True means keep, everywhere. Which positions are "
    "to be kept?",
)
def padding_mask(ids_BS, pad_id=0):
    return (ids_BS == pad_id)[:, None, None, :]


@l5_1.wrong(
    "masks-queries",
    "Your mask has shape (B, 1, S, 1): its words lie along the third axis, where scores of shape "
    "(B, H, T, S) have the queries. Who must not be looked at is a matter of the keys: which axis "
    "is theirs?",
)
def padding_mask(ids_BS, pad_id=0):
    return (ids_BS != pad_id)[:, None, :, None]


@l5_1.wrong(
    "masks-both",
    "You masked queries and keys, in an array of shape (B, 1, S, S). It hides the pads as keys, but "
    "a pad as a query is left without anyone to look at, and there need not be as many queries as "
    "keys. What does the mask of the keys alone look like?",
)
def padding_mask(ids_BS, pad_id=0):
    keep = ids_BS != pad_id
    return keep[:, None, :, None] & keep[:, None, None, :]


@l5_1.wrong(
    "greater-than",
    "You keep ids larger than pad_id. That works while the pad is 0. If it is 40, the words below 40 "
    "are words too: what is the one thing that makes an id a pad?",
)
def padding_mask(ids_BS, pad_id=0):
    return (ids_BS > pad_id)[:, None, None, :]


@l5_1.wrong(
    "float",
    "You returned zeros and ones. They invite arithmetic such as `scores * mask`, which is one of this "
    "lesson's traps. What type does a comparison give of itself?",
)
def padding_mask(ids_BS, pad_id=0):
    return (ids_BS != pad_id).astype(float)[:, None, None, :]


@l5_1.wrong(
    "no-head-axis",
    "Your mask has shape (B, 1, S). Against scores of (B, H, T, S), its first axis would then meet "
    "the heads, not the sentences. How many axes of length 1 stand between B and S?",
)
def padding_mask(ids_BS, pad_id=0):
    return (ids_BS != pad_id)[:, None, :]


@l5_1.wrong(
    "no-new-axes",
    "Your mask still has shape (B, S). Against scores of (B, H, T, S), B would meet the queries. "
    "Which two axes have to come in between, for all heads and all queries to share it?",
)
def padding_mask(ids_BS, pad_id=0):
    return ids_BS != pad_id


@l5_1.wrong(
    "axes-in-front",
    "You put the new axes in front: (1, 1, B, S). Then every sentence of a batch gets all masks, one "
    "for each query. Axes line up by their place: where do the scores have the sentences?",
)
def padding_mask(ids_BS, pad_id=0):
    return (ids_BS != pad_id)[None, None]


@l5_1.wrong(
    "pad-id-ignored",
    "You compared with 0 whatever pad_id says. Some vocabularies give 0 to a word and another id to "
    "the pad.",
)
def padding_mask(ids_BS, pad_id=0):
    return (ids_BS != 0)[:, None, None, :]


@l5_1.wrong(
    "counts-from-the-left",
    "You counted the words and kept that many positions from the left. With a pad at the front or in "
    "the middle, the wrong positions are kept. Can each position be judged by its own id?",
)
def padding_mask(ids_BS, pad_id=0):
    count_B = (ids_BS != pad_id).sum(axis=1)
    return (np.arange(ids_BS.shape[1]) < count_B[:, None])[:, None, None, :]


# --------------------------------------------------------------------------- L5.2

l5_2 = Exercise(
    id="L5.2",
    title="No looking ahead",
    functions=("causal_mask",),
    difficulty=2,
    importance=5,
    minutes=8,
    hints=(
        "Draw the table for T = S = 3 on paper: rows are queries, columns are keys. Which cells are "
        "True? Then T = 2, S = 5: the two queries are the *last* two of five words. How far may each "
        "of them look?",
        "The rule s ≤ t + (S − T) is a comparison of two numbers for each cell. Make the numbers t "
        "as a column, of shape (T, 1), and the numbers s as a row, of shape (S,): comparing them "
        "gives the whole table.",
        "`np.arange(T)[:, None]` is the column of all t, `np.arange(S)` the row of all s. Put them "
        "into the rule as it stands, with its ≤ and its S − T.",
    ),
)


@l5_2.checks
def l5_2_checks(rng: np.random.Generator) -> Iterator[Check]:
    (fresh,) = rng.spawn(1)
    one, two, three = fresh.choice(range(2, 10), 3, replace=False).tolist()
    yield Check(
        "three words by hand",
        points=1,
        calls=[
            call("causal_mask", 3, 3),
            call("causal_mask", 1, 1),
            call("causal_mask", one, one),
            call("causal_mask", two, two),
        ],
        says="The first word sees itself only, the second the first two, the third all three.",
    )
    size = int(rng.integers(5, 9))
    yield Check(
        "as many queries as keys",
        points=1,
        calls=[
            call("causal_mask", size, size),
            call("causal_mask", size + 4, size + 4),
            call("causal_mask", three, three),
        ],
        says="A word sees itself and all words before it: the diagonal and everything below it.",
    )
    few, many = int(rng.integers(2, 4)), int(rng.integers(6, 10))
    short, long = int(fresh.integers(2, 6)), int(fresh.integers(6, 12))
    yield Check(
        "fewer queries than keys",
        points=1,
        calls=[
            call("causal_mask", 2, 5),
            call("causal_mask", 1, many),
            call("causal_mask", few, many),
            call("causal_mask", short, long),
        ],
        says="The T queries are the last T of the S words, so the last query sees every key.",
    )
    yield Check(
        "more queries than keys",
        points=1,
        calls=[
            call("causal_mask", 5, 3),
            call("causal_mask", many, few),
            call("causal_mask", long, short),
        ],
        says="The rule holds to the letter: for T > S the first T − S queries see nothing at all.",
    )


@l5_2.right("two loops")
def causal_mask(T, S):
    keep = np.zeros((T, S), dtype=bool)
    for t in range(T):
        for s in range(S):
            keep[t, s] = s <= t + (S - T)
    return keep


@l5_2.right("a triangle")
def causal_mask(T, S):
    return np.tril(np.ones((T, S), dtype=bool), k=S - T)


@l5_2.right("both counted from the end")
def causal_mask(T, S):
    from_end_T, from_end_S = np.arange(T)[::-1], np.arange(S)[::-1]
    return np.greater_equal.outer(-from_end_T, -from_end_S)


@l5_2.wrong(
    "excludes-itself",
    "In your mask no word may see itself, and the first one sees nothing at all. Read the rule once "
    "more at its sign: is s = t + (S − T) allowed?",
)
def causal_mask(T, S):
    return np.arange(S) < np.arange(T)[:, None] + (S - T)


@l5_2.wrong(
    "upper-triangle",
    "Your words see themselves and the future, and none of the past. Rows are queries, columns are "
    "keys: on which side of the diagonal lie the keys that came before?",
)
def causal_mask(T, S):
    return np.arange(S) >= np.arange(T)[:, None] + (S - T)


@l5_2.wrong(
    "marks-the-future",
    "Your mask is True where a query may *not* look. In this course True means keep.",
)
def causal_mask(T, S):
    return np.arange(S) > np.arange(T)[:, None] + (S - T)


@l5_2.wrong(
    "no-offset",
    "You counted queries and keys both from the first word. With fewer queries than keys the queries "
    "are the *last* words: which key stands at the place of query 0? (And if yours is a table of "
    "numbers, as `np.ones` makes one: a mask is True and False.)",
)
def causal_mask(T, S):
    return np.arange(S) <= np.arange(T)[:, None]


@l5_2.wrong(
    "offset-turned-round",
    "Your offset has the wrong sign, T − S for S − T: with 2 queries and 5 keys, your queries see "
    "nothing. How many words came before query 0?",
)
def causal_mask(T, S):
    return np.arange(S) <= np.arange(T)[:, None] + (T - S)


@l5_2.wrong(
    "offset-never-negative",
    "You let the offset S − T not fall below 0. With more queries than keys it should: then the "
    "first T − S queries stand before the first key. What do they see?",
)
def causal_mask(T, S):
    return np.arange(S) <= np.arange(T)[:, None] + max(S - T, 0)


@l5_2.wrong(
    "additive-floats",
    "You returned 0 and −∞, to be added to scores. Some libraries want it so; here a mask is True "
    "and False, and what is done with it is decided in one place, L5.3.",
)
def causal_mask(T, S):
    return np.where(np.arange(S) <= np.arange(T)[:, None] + (S - T), 0.0, -np.inf)


@l5_2.wrong(
    "ones-and-zeros",
    "Your table is right but made of ones and zeros. A mask is True and False: `~mask` and "
    "`np.where(mask, …)` need bools.",
)
def causal_mask(T, S):
    return np.tril(np.ones((T, S)), S - T)


@l5_2.wrong(
    "slice-below-zero",
    "Your rows end at t + (S − T) + 1, which is right until that is below 0: then Python counts the "
    "end of a slice from the right, and a query that should see nothing sees some of the first keys. "
    "What becomes of a negative end?",
)
def causal_mask(T, S):
    keep = np.zeros((T, S), dtype=bool)
    for t in range(T):
        keep[t, : t + S - T + 1] = True
    return keep


@l5_2.wrong(
    "queries-as-columns",
    "Your table has shape (S, T), keys down and queries across. Scores have one row for each query: "
    "which of the two has to be the column of numbers in your comparison?",
)
def causal_mask(T, S):
    return (np.arange(S) <= np.arange(T)[:, None] + (S - T)).T


@l5_2.wrong(
    "peeks-one-ahead",
    "Your words see one key too many: the very next word, which they are to predict. Try T = S = 1 "
    "and 2 by hand: where does the extra one come from?",
)
def causal_mask(T, S):
    return np.arange(S) <= np.arange(T)[:, None] + (S - T) + 1


# --------------------------------------------------------------------------- L5.3

l5_3 = Exercise(
    id="L5.3",
    title="A softmax that doesn't see",
    functions=("masked_softmax",),
    difficulty=3,
    importance=5,
    minutes=15,
    hints=(
        "A masked key should get the weight it would have if it had never been there. Which score "
        "gives an exponential of exactly 0? And what does your largest score have to be taken over, "
        "if masked scores may be enormous?",
        "`np.where(mask, s, …)` makes a new array: s where the mask is True, something else where it "
        "is not; the mask is broadcast by itself. Then lesson 2's softmax. Print what becomes of a "
        "row without any key: where does its nan come from?",
        "In an empty row the maximum is −∞, and −∞ − (−∞) is nan. Put 0 in place of such a maximum, "
        "and all its exponentials become 0. Then only their sum, 0, may not be divided by: put 1 in "
        "its place, and 0 / 1 is the 0 you want.",
    ),
)


@l5_3.checks
def l5_3_checks(rng: np.random.Generator) -> Iterator[Check]:
    (fresh,) = rng.spawn(1)
    three = np.array([2.0, 1.0, -1.0])
    others = uniform(fresh, -2, 3, 4, decimals=1)
    keep = fresh.permutation([True, True, True, False])
    yield Check(
        "three scores by hand",
        points=1,
        calls=[
            call("masked_softmax", three, np.array([True, True, False]), tolerance=CLOSE),
            call("masked_softmax", three, np.array([False, True, True]), tolerance=CLOSE),
            call("masked_softmax", three, np.array([False, True, False]), tolerance=CLOSE),
            call("masked_softmax", three, np.array([True, True, True]), tolerance=CLOSE),
            call("masked_softmax", others, keep, tolerance=CLOSE),
        ],
        says="A masked score gets the weight 0, the others share all of it: as if it had never been "
        "there.",
    )
    axes = Axes()
    keep_BS = axes.ragged_mask(rng, "BS", empty_row=False)
    square = normal(rng, 4, 4)
    yield Check(
        "a table, each row with holes of its own",
        points=1,
        calls=[
            call("masked_softmax", axes.normal(rng, "BS"), keep_BS, tolerance=CLOSE),
            call("masked_softmax", square, square > square.mean(axis=0), tolerance=CLOSE)
            if (square > square.mean(axis=0)).any(axis=1).all()
            else call("masked_softmax", square, ~np.eye(4, dtype=bool), tolerance=CLOSE),
        ],
        says="In each row the kept weights are positive and sum to 1. Masked positions lie anywhere.",
    )
    s_BHTS = axes.normal(rng, "BHTS")
    causal_TS = np.tril(np.ones((5, 7), bool), 2)
    both_B1TS = keep_BS[:, None, None, :] & causal_TS
    both_B1TS[..., 0] = True
    yield Check(
        "one mask for many rows",
        points=1,
        calls=[
            call("masked_softmax", s_BHTS, keep_BS[:, None, None, :], tolerance=CLOSE),
            call("masked_softmax", s_BHTS, causal_TS, tolerance=CLOSE),
            call("masked_softmax", s_BHTS, both_B1TS, tolerance=CLOSE),
            call("masked_softmax", axes.normal(rng, "BTS"), keep_BS[1], tolerance=CLOSE),
        ],
        says="A padding mask of shape (B, 1, 1, S) holds for all heads and queries, a causal one of "
        "shape (T, S) for all sentences and heads: they broadcast.",
    )
    s_TS = axes.normal(rng, "TS")
    yield Check(
        "any axis",
        points=1,
        calls=[
            call("masked_softmax", s_TS, causal_TS, axis=0, tolerance=CLOSE),
            call("masked_softmax", s_TS, causal_TS, axis=-2, tolerance=CLOSE),
            call("masked_softmax", axes.normal(rng, "BTS"), causal_TS, axis=1, tolerance=CLOSE),
            call("masked_softmax", axes.normal(rng, "BTS"), causal_TS, axis=2, tolerance=CLOSE),
        ],
        says="The scores along `axis` compete: an axis of the scores, which may have more axes than "
        "the mask.",
    )
    one_empty_BS = axes.ragged_mask(rng, "BS")
    s_BS = axes.normal(rng, "BS")
    yield Check(
        "a row without any key",
        points=2,
        calls=[
            call("masked_softmax", three, np.zeros(3, bool), tolerance=CLOSE),
            call("masked_softmax", s_BS, one_empty_BS, tolerance=CLOSE),
            call("masked_softmax", s_BHTS, one_empty_BS[:, None, None, :], tolerance=CLOSE),
            call(
                "masked_softmax",
                axes.normal(rng, "BTS"),
                np.tril(np.ones((5, 7), bool), -2),
                tolerance=CLOSE,
            ),
        ],
        says="Who may look at nobody mixes nothing: all weights are 0, and the other rows are as "
        "they were.",
    )
    bump_BS = np.where(keep_BS, 0.0, 1000.0)
    low_BS = np.where(one_empty_BS, -1000.0, 1000.0)
    extreme_BS = axes.extreme(rng, "BS")
    apart_B1 = np.array([[1000.0], [-1000.0], [0.0]])
    yield Check(
        "whatever stands under a mask",
        points=1,
        calls=[
            call("masked_softmax", np.array([2.0, 1.0, 1000.0]), np.array([True, True, False])),
            call("masked_softmax", s_BS + bump_BS, keep_BS, tolerance=LARGE),
            call("masked_softmax", s_BS - bump_BS, keep_BS, tolerance=LARGE),
            call("masked_softmax", s_BS + low_BS, one_empty_BS, tolerance=LARGE),
            call("masked_softmax", extreme_BS, keep_BS, tolerance=LARGE),
            call("masked_softmax", s_BS + apart_B1, keep_BS, tolerance=LARGE),
            call("masked_softmax", float32(s_BS + bump_BS), keep_BS, tolerance=LARGE_32),
            call("masked_softmax", float32(s_BS + low_BS), one_empty_BS, tolerance=LARGE_32),
        ],
        says="A masked score may be 1000 larger than the others, or smaller: no weight may change by "
        "it, nor by how large the scores of the next row are.",
    )
    yield Check(
        "float16",
        points=1,
        calls=[
            call("masked_softmax", s_BS.astype(np.float16), keep_BS),
            call("masked_softmax", s_BS.astype(np.float16), one_empty_BS),
            call("masked_softmax", three.astype(np.float16), np.array([True, False, True])),
        ],
        says="Large models run in 16 bits, where the largest number is 65,504.",
    )
    yield Check(
        "float32, strided and read-only arrays, inputs left alone",
        points=1,
        judges="inputs untouched",
        calls=[
            *(call("masked_softmax", *each, tolerance=1e-5) for each in with_mask(s_BS, keep_BS)),
            call("masked_softmax", s_BS, one_empty_BS),
        ],
        says="Whoever called still needs the scores and the mask as they were.",
    )


@l5_3.right("a loop over rows, kept scores only")
def masked_softmax(s, mask, axis=-1):
    rows = np.moveaxis(s, axis, -1)
    keep = np.moveaxis(np.broadcast_to(mask, s.shape), axis, -1)
    out = np.zeros(rows.shape)
    for place in np.ndindex(rows.shape[:-1]):
        kept = rows[place][keep[place]].astype(float)
        if len(kept):
            e = np.exp(kept - kept.max())
            out[place][keep[place]] = e / e.sum()
    return np.moveaxis(out, -1, axis)


@l5_3.right("maximum and sum with where=")
def masked_softmax(s, mask, axis=-1):
    top = s.max(axis=axis, keepdims=True, where=mask, initial=-60000)
    e = np.exp(np.minimum(s - top, 0)) * mask
    total = e.sum(axis=axis, keepdims=True)
    return np.divide(e, total, out=np.zeros_like(e), where=total != 0)


@l5_3.right("−1e9 in double precision, zeros afterwards")
def masked_softmax(s, mask, axis=-1):
    low = np.where(mask, s.astype(np.float64), -1e9)
    e = np.exp(low - low.max(axis=axis, keepdims=True))
    p = e / e.sum(axis=axis, keepdims=True)
    return np.where(mask, p, 0.0)


@l5_3.right("masked afterwards and divided again")
def masked_softmax(s, mask, axis=-1):
    top = np.where(mask, s, -np.inf).max(axis=axis, keepdims=True)
    top = np.where(top == -np.inf, 0, top)
    e = np.where(mask, np.exp(np.minimum(s - top, 0)), 0)
    return e / np.maximum(e.sum(axis=axis, keepdims=True), 0.5)


@l5_3.right("nan replaced where the row is empty")
def masked_softmax(s, mask, axis=-1):
    keep = np.broadcast_to(mask, s.shape)
    low = np.where(keep, s, -np.inf)
    e = np.exp(low - low.max(axis=axis, keepdims=True))
    p = e / e.sum(axis=axis, keepdims=True)
    return np.where(keep.any(axis=axis, keepdims=True), p, 0)


@l5_3.wrong(
    "scores-times-mask",
    "You multiplied the scores by the mask, which makes masked scores 0. But 0 is a score like any "
    "other, above every negative one. Which score has an exponential of 0?",
)
def masked_softmax(s, mask, axis=-1):
    low = s * mask
    e = np.exp(low - low.max(axis=axis, keepdims=True))
    return e / e.sum(axis=axis, keepdims=True)


@l5_3.wrong(
    "not-divided-again",
    "You took the softmax of all scores and then put masked weights to 0. What they had is lost: the "
    "rest no longer sums to 1. Over which scores should the sum below the line run?",
)
def masked_softmax(s, mask, axis=-1):
    e = np.exp(s - s.max(axis=axis, keepdims=True))
    return e / e.sum(axis=axis, keepdims=True) * mask


@l5_3.wrong(
    "small-penalty",
    "You took 10 off masked scores. That leaves them a weight of e⁻¹⁰, about 0.00005, if the scores "
    "are alike, and most of the weight if the masked one is 20 larger. How much is enough for every "
    "finite score?",
)
def masked_softmax(s, mask, axis=-1):
    low = s - 10 * ~mask
    e = np.exp(low - low.max(axis=axis, keepdims=True))
    return e / e.sum(axis=axis, keepdims=True)


@l5_3.wrong(
    "penalty-of-1000",
    "You took 1000 off masked scores. With moderate scores that is plenty; a masked score that is "
    "1000 larger than the others comes out level with them. Which value is below every finite score?",
)
def masked_softmax(s, mask, axis=-1):
    keep = np.broadcast_to(mask, s.shape)
    low = np.where(keep, s, s - 1000)
    e = np.exp(low - low.max(axis=axis, keepdims=True))
    return e / e.sum(axis=axis, keepdims=True) * keep.any(axis=axis, keepdims=True)


@l5_3.wrong(
    "nan-on-an-empty-row",
    "Your −∞ is right. But in a row without any key all scores are −∞, the largest too, and −∞ − (−∞) "
    "is nan. What should such a row give, and which two steps have to be protected?",
)
def masked_softmax(s, mask, axis=-1):
    low = np.where(mask, s, -np.inf)
    e = np.exp(low - low.max(axis=axis, keepdims=True))
    return e / e.sum(axis=axis, keepdims=True)


@l5_3.wrong(
    "equal-weights-on-an-empty-row",
    "You gave masked scores one large negative number. In a row without any key they are then all "
    "alike, so each gets the same weight: a plain mean of what must not be seen. (In float16, where "
    "−1e9 is −∞, such a row even gives nan.) What should an empty row give?",
)
def masked_softmax(s, mask, axis=-1):
    low = np.where(mask, s, -1e9)
    e = np.exp(low - low.max(axis=axis, keepdims=True))
    return e / e.sum(axis=axis, keepdims=True)


@l5_3.wrong(
    "a-billion-taken-off",
    "You took a billion off masked scores. Where some scores are kept that is enough. In a row "
    "without any key all of them are lowered alike, and only differences count: it becomes a softmax "
    "over what must not be seen. What should an empty row give?",
)
def masked_softmax(s, mask, axis=-1):
    low = s + (1 - mask.astype(int)) * -1e9
    e = np.exp(low - low.max(axis=axis, keepdims=True))
    return e / e.sum(axis=axis, keepdims=True)


@l5_3.wrong(
    "one-maximum-for-all",
    "You subtracted the largest kept score of the whole array. In a row that lies 1000 below it all "
    "exponentials are rounded to 0, so that a row with keys looks like one without. Along which axis "
    "does each row find its own maximum?",
)
def masked_softmax(s, mask, axis=-1):
    low = np.where(mask, s, -np.inf)
    top = low.max()
    e = np.exp(low - (0 if top == -np.inf else top))
    total = e.sum(axis=axis, keepdims=True)
    return e / np.where(total == 0, 1, total)


@l5_3.wrong(
    "maximum-of-all-scores",
    "You subtracted the largest of all scores, masked ones included. If a masked score is 1000 "
    "larger, the exponentials of all kept ones are rounded to 0, and their weights are gone. Which "
    "scores may take part in the maximum?",
)
def masked_softmax(s, mask, axis=-1):
    e = np.exp(s - s.max(axis=axis, keepdims=True)) * mask
    total = e.sum(axis=axis, keepdims=True)
    return e / np.where(total == 0, 1, total)


@l5_3.wrong(
    "no-maximum-subtracted",
    "You masked the exponentials of the scores as they came. exp(1000) is larger than any float, so a "
    "large masked score makes inf · 0, which is nan. Lesson 2 subtracts the largest score first: which "
    "scores may it be taken from here?",
)
def masked_softmax(s, mask, axis=-1):
    e = np.exp(s) * mask
    total = e.sum(axis=axis, keepdims=True)
    return e / np.where(total == 0, 1, total)


@l5_3.wrong(
    "masks-after-and-divides",
    "You masked the weights of a finished softmax and divided by what was left. If nothing is left, "
    "because a row is empty or because one masked score took everything, that is 0 / 0, nan. Can the "
    "mask come before the exponentials?",
)
def masked_softmax(s, mask, axis=-1):
    e = np.exp(s - s.max(axis=axis, keepdims=True))
    p = e / e.sum(axis=axis, keepdims=True) * mask
    return p / p.sum(axis=axis, keepdims=True)


@l5_3.wrong(
    "maximum-of-all-scores-and-an-epsilon",
    "You subtracted the largest of all scores, masked ones included, and added a little to the sum. "
    "If a masked score is 1000 larger, the exponentials of all kept ones are rounded to 0, and the "
    "little that you added hides it. (In float16 it is 0 itself.) Which scores may take part in the "
    "maximum?",
)
def masked_softmax(s, mask, axis=-1):
    e = np.exp(s - s.max(axis=axis, keepdims=True)) * mask
    return e / (e.sum(axis=axis, keepdims=True) + 1e-9)


@l5_3.wrong(
    "whole-table",
    "Your weights sum to 1 over the whole array. Each row has a whole 1 of its own to share out: "
    "along which axis does it find its maximum and its sum? (And a row without any key still gives "
    "nan.)",
)
def masked_softmax(s, mask, axis=-1):
    low = np.where(mask, s, -np.inf)
    e = np.exp(low - low.max())
    return e / e.sum()


@l5_3.wrong(
    "no-keepdims",
    "Your maximum and your sum have lost the axis they were taken along, so they line up with the "
    "columns instead of the rows. Lesson 2 had a word for keeping it. (And a row without any key "
    "still gives nan.)",
)
def masked_softmax(s, mask, axis=-1):
    low = np.where(mask, s, -np.inf)
    e = np.exp(low - low.max(axis=axis))
    return e / e.sum(axis=axis)


@l5_3.wrong(
    "loop-over-a-table",
    "You took the specification as it is, a loop over the rows of one table. Here s may be a single "
    "row or have four axes, the mask may have fewer than s, and `axis` says which scores compete. "
    "Which functions work along a given axis of any array?",
)
def masked_softmax(s, mask, axis=-1):
    w = np.zeros(s.shape)
    for t in range(len(s)):
        kept = s[t][mask[t]]
        if len(kept) > 0:
            e = np.exp(kept - kept.max())
            w[t][mask[t]] = e / e.sum()
    return w


@l5_3.wrong(
    "mask-as-index",
    "You used the mask as an index. An index must have the shape of the array it picks from: it "
    "isn't broadcast, and a mask of shape (B, 1, 1, S) or (T, S) is refused. Which function chooses "
    "between two values by a mask, and does broadcast it?",
)
def masked_softmax(s, mask, axis=-1):
    s = s.copy()
    s[~mask] = -np.inf
    top = s.max(axis=axis, keepdims=True)
    e = np.exp(s - np.where(top == -np.inf, 0, top))
    total = e.sum(axis=axis, keepdims=True)
    return e / np.where(total == 0, 1, total)


@l5_3.wrong(
    "mask-as-index-in-place",
    "You wrote −∞ into the scores with the mask as an index. An index isn't broadcast, so a mask of "
    "shape (B, 1, 1, S) or (T, S) is refused; and the scores are the caller's, who still needs them. "
    "Which function makes a new array by a mask, and broadcasts it?",
)
def masked_softmax(s, mask, axis=-1):
    s[~mask] = -np.inf
    e = np.exp(s - s.max(axis=axis, keepdims=True))
    return e / e.sum(axis=axis, keepdims=True)


@l5_3.wrong(
    "changes-the-scores",
    "The weights are right, but you wrote −∞ into the caller's own scores (and a read-only array "
    "refuses). `np.where` makes a new array instead.",
)
def masked_softmax(s, mask, axis=-1):
    np.copyto(s, -np.inf, where=~mask)
    top = s.max(axis=axis, keepdims=True)
    e = np.exp(s - np.where(top == -np.inf, 0, top))
    total = e.sum(axis=axis, keepdims=True)
    return e / np.where(total == 0, 1, total)


@l5_3.wrong(
    "minus-1e9-times-zero-in-float16",
    "You multiplied −1e9 by 0 where the mask keeps. In float16 −1e9 does not exist, it becomes −∞, "
    "and 0 · (−∞) is nan: everything is lost. How can a number be *chosen* instead of multiplied?",
)
def masked_softmax(s, mask, axis=-1):
    off = 1 - np.broadcast_to(mask, s.shape).astype(s.dtype)
    low = s + off * s.dtype.type(-1e9)
    e = np.exp(low - low.max(axis=axis, keepdims=True))
    return e / e.sum(axis=axis, keepdims=True) * mask


@l5_3.wrong(
    "empty-row-in-float16",
    "In float16 an empty row still gives nan. −1e9 doesn't exist there, it becomes −∞, and 1e-8 "
    "becomes 0: so a guard made of such a number is none, and multiplying a nan by 0 doesn't mend "
    "it. Which numbers can guard the maximum and the divisor in every type?",
)
def masked_softmax(s, mask, axis=-1):
    low = np.where(mask, s, s.dtype.type(-1e9))
    e = np.exp(low - low.max(axis=axis, keepdims=True))
    return e / e.sum(axis=axis, keepdims=True) * mask


@l5_3.wrong(
    "inverted",
    "You hid the positions where the mask is True. In this course True means keep.",
)
def masked_softmax(s, mask, axis=-1):
    low = np.where(mask, -np.inf, s)
    top = low.max(axis=axis, keepdims=True)
    e = np.exp(low - np.where(top == -np.inf, 0, top))
    total = e.sum(axis=axis, keepdims=True)
    return e / np.where(total == 0, 1, total)


@l5_3.wrong(
    "axis-ignored",
    "Your softmax runs along the last axis whatever `axis` says. Hand it on to the maximum and to "
    "the sum.",
)
def masked_softmax(s, mask, axis=-1):
    low = np.where(mask, s, -np.inf)
    top = low.max(axis=-1, keepdims=True)
    e = np.exp(low - np.where(top == -np.inf, 0, top))
    total = e.sum(axis=-1, keepdims=True)
    return e / np.where(total == 0, 1, total)


@l5_3.wrong(
    "axis-of-the-mask",
    "You looked for empty rows along `axis` of the mask. But `axis` counts the axes of the scores, "
    "and a mask may have fewer: axis 1 of (B, T, S) is axis 0 of (T, S). Which array has all axes?",
)
def masked_softmax(s, mask, axis=-1):
    low = np.where(mask, s, -np.inf)
    e = np.exp(low - low.max(axis=axis, keepdims=True))
    p = e / e.sum(axis=axis, keepdims=True)
    return np.where(mask.any(axis=axis, keepdims=True), p, 0)


@l5_3.wrong(
    "one-empty-row-empties-all",
    "You returned zeros for the whole array as soon as one row is empty. Each row stands for itself: "
    "the others still have keys to look at.",
)
def masked_softmax(s, mask, axis=-1):
    low = np.where(mask, s, -np.inf)
    top = low.max(axis=axis, keepdims=True)
    if (top == -np.inf).any():
        return np.zeros(s.shape)
    e = np.exp(low - top)
    return e / e.sum(axis=axis, keepdims=True)


l5_3.allow_mutant(
    after="exps = np.exp(kept - np.where(top > -np.inf, top, 1))",
    reason="In an empty row any finite number does: −∞ minus it is −∞, whose exponential is 0.",
)
l5_3.allow_mutant(
    after="exps = np.exp(kept - np.where(top > -np.inf, top, -1))",
    reason="In an empty row any finite number does: −∞ minus it is −∞, whose exponential is 0.",
)
l5_3.allow_mutant(
    after="return exps / np.where(total > 0, total, 2)",
    reason="An empty row's exponentials are 0, and 0 / 2 is 0 as well.",
)
l5_3.allow_mutant(
    after="return exps / np.where(total > 1, total, 1)",
    reason="The largest exponential is 1: a total is either 0 or at least 1.",
)


# --------------------------------------------------------------------------- L5.4

l5_4 = Exercise(
    id="L5.4",
    title="Pooling that counts words only",
    functions=("masked_mean", "masked_max"),
    difficulty=2,
    importance=5,
    minutes=10,
    hints=(
        "By hand, for one coordinate with the numbers 4, 2 and a pad: what is summed, and by what is "
        "it divided? For the maximum: which number can a pad be given so that it never wins, not "
        "even against −7?",
        "The mask has no axis D. Give it one of length 1 at the end, and it broadcasts over the "
        "coordinates. The divisor is the number of words of each sentence, shape (B, 1). An empty "
        "row has to be caught in both functions: 0 / 0 there, −∞ here.",
        "`np.where(mask_BT[:, :, None], x_BTD, filler)` has the filler at every pad: 0 for the sum, "
        "−∞ for the maximum. `np.maximum(count, 1)` makes a divisor that is never 0, and "
        "`mask_BT.any(axis=1)` says which sentences have a word at all.",
    ),
)


@l5_4.checks
def l5_4_checks(rng: np.random.Generator) -> Iterator[Check]:
    (fresh,) = rng.spawn(1)
    three = np.array([[[4.0, -1.0], [2.0, -5.0], [9.0, 9.0]]])
    two_words = np.array([[True, True, False]])
    others, more_others = fresh.integers(-9, 10, (2, 1, 4, 3)).astype(float)
    some_words = fresh.permuted([[True, True, True, False]], axis=1)
    yield Check(
        "the mean of two words and a pad, by hand",
        points=1,
        calls=[
            call("masked_mean", three, two_words, tolerance=CLOSE),
            call("masked_mean", others, some_words, tolerance=CLOSE),
        ],
        says="In the first example the words are (4, −1) and (2, −5); the pad's 9s count for nothing.",
    )
    yield Check(
        "the maximum of two words and a pad, by hand",
        points=1,
        calls=[
            call("masked_max", three, two_words),
            call("masked_max", -three, np.array([[True, True, True]])),
            call("masked_max", more_others, some_words),
        ],
        says="In the first example the words are (4, −1) and (2, −5): the largest first coordinate is "
        "4, the largest second one −1.",
    )
    axes = Axes(B=4, T=7, D=5)
    x_BTD = axes.normal(rng, "BTD")
    keep_BT = axes.ragged_mask(rng, "BT", empty_row=False)
    large_BTD = np.where(keep_BT[:, :, None], x_BTD, 1000 * axes.normal(rng, "BTD"))
    square_1TD = normal(rng, 1, 5, 5)
    some_1T = np.array([[True, False, True, True, False]])
    yield Check(
        "means of a batch, whatever stands at the pads",
        points=1,
        calls=[
            call("masked_mean", x_BTD, keep_BT, tolerance=CLOSE),
            call("masked_mean", large_BTD, keep_BT, tolerance=CLOSE),
            call("masked_mean", square_1TD, some_1T, tolerance=CLOSE),
            call("masked_mean", x_BTD, np.ones((4, 7), bool), tolerance=CLOSE),
        ],
        says="Each sentence is divided by the number of its own words. One example has as many words "
        "as coordinates: there, mixing up the two axes raises no error.",
    )
    negative_BTD = -np.abs(x_BTD) - 0.5
    yield Check(
        "maxima of a batch, negative numbers too",
        points=1,
        calls=[
            call("masked_max", x_BTD, keep_BT),
            call("masked_max", large_BTD, keep_BT),
            call("masked_max", negative_BTD, keep_BT),
            call("masked_max", negative_BTD - 500, keep_BT),
            call("masked_max", square_1TD, some_1T),
        ],
        says="If all of a sentence's numbers are negative, so is their maximum.",
    )
    one_empty_BT = axes.ragged_mask(rng, "BT")
    yield Check(
        "the mean of a sentence without a word",
        points=1,
        calls=[
            call("masked_mean", three, np.zeros((1, 3), bool)),
            call("masked_mean", x_BTD, one_empty_BT, tolerance=CLOSE),
        ],
        says="An empty sentence gives zeros, and the others their means.",
    )
    yield Check(
        "the maximum of a sentence without a word",
        points=1,
        calls=[
            call("masked_max", three, np.zeros((1, 3), bool)),
            call("masked_max", negative_BTD, one_empty_BT),
            call("masked_max", x_BTD, one_empty_BT),
        ],
        says="An empty sentence gives zeros, and the others their maxima.",
    )
    pairs = [*with_mask(x_BTD, keep_BT), (x_BTD, one_empty_BT)]
    yield Check(
        "float32, strided and read-only arrays, inputs left alone",
        points=1,
        judges="inputs untouched",
        calls=[
            *(call("masked_mean", *each, tolerance=1e-5) for each in pairs),
            *(call("masked_max", *each, tolerance=1e-5) for each in pairs),
        ],
        says="Whoever called still needs the words and the mask as they were.",
    )


@l5_4.right("a loop over sentences")
def masked_mean(x_BTD, mask_BT):
    out = np.zeros((x_BTD.shape[0], x_BTD.shape[2]))
    for b in range(len(x_BTD)):
        words = x_BTD[b][mask_BT[b]]
        if len(words) > 0:
            out[b] = words.mean(axis=0)
    return out


@l5_4.right("einsum, and a little more than the count")
def masked_mean(x_BTD, mask_BT):
    total_BD = np.einsum("btd,bt->bd", x_BTD, mask_BT)
    return total_BD / (mask_BT.sum(axis=1, keepdims=True) + 1e-9)


@l5_4.right("masked arrays")
def masked_mean(x_BTD, mask_BT):
    hidden = np.broadcast_to(~mask_BT[..., None], x_BTD.shape)
    return np.ma.array(x_BTD, mask=hidden).mean(axis=1).filled(0.0)


@l5_4.right("each sentence's own words")
def masked_max(x_BTD, mask_BT):
    rows = []
    for x_TD, keep_T in zip(x_BTD, mask_BT, strict=True):
        rows.append(x_TD[keep_T].max(axis=0) if keep_T.any() else np.zeros(x_TD.shape[1]))
    return np.array(rows)


@l5_4.right("where= and a start value")
def masked_max(x_BTD, mask_BT):
    top_BD = np.max(x_BTD, axis=1, where=mask_BT[:, :, None], initial=-np.inf)
    top_BD[np.isneginf(top_BD)] = 0
    return top_BD


@l5_4.right("pads one below the smallest number")
def masked_max(x_BTD, mask_BT):
    floor = x_BTD.min() - 1
    top_BD = np.where(mask_BT[..., None], x_BTD, floor).max(axis=1)
    return top_BD * mask_BT.any(axis=1, keepdims=True)


@l5_4.wrong(
    "divides-by-T",
    "You summed the words only, and divided by T, the pads included. The more padding, the shorter "
    "the mean. How many words has each sentence?",
)
def masked_mean(x_BTD, mask_BT):
    return (x_BTD * mask_BT[:, :, None]).sum(axis=1) / x_BTD.shape[1]


@l5_4.wrong(
    "mean-ignores-the-mask",
    "This is the mean of all positions: the mask makes no difference to it.",
)
def masked_mean(x_BTD, mask_BT):
    return x_BTD.mean(axis=1)


@l5_4.wrong(
    "sums-the-pads",
    "You divided by the number of words, but what stands at the pads is still in the sum. It is "
    "right only while pads are zeros. What may a pad contribute?",
)
def masked_mean(x_BTD, mask_BT):
    return x_BTD.sum(axis=1) / np.maximum(mask_BT.sum(axis=1, keepdims=True), 1)


@l5_4.wrong(
    "zero-over-zero",
    "A sentence without a word has the sum 0 and the count 0, and 0 / 0 is nan. What may the divisor "
    "be instead, so that zeros come out?",
)
def masked_mean(x_BTD, mask_BT):
    return (x_BTD * mask_BT[:, :, None]).sum(axis=1) / mask_BT.sum(axis=1)[:, None]


@l5_4.wrong(
    "count-without-its-axis",
    "Your sums have the shape (B, D), your counts (B,): these line up with D, which is an error, or "
    "where B = D divides by the wrong sentence's count. Which axis of length 1 do the counts lack?",
)
def masked_mean(x_BTD, mask_BT):
    return (x_BTD * mask_BT[:, :, None]).sum(axis=1) / np.maximum(mask_BT.sum(axis=1), 1)


@l5_4.wrong(
    "one-mean-for-the-batch",
    "`x_BTD[mask_BT]` puts the words of all sentences into one long list, and nobody knows any more "
    "which word was whose: you pooled the whole batch. One row for each sentence is asked for. Can "
    "the pads be made harmless while every word stays in its place?",
)
def masked_mean(x_BTD, mask_BT):
    return x_BTD[mask_BT].mean(axis=0)


@l5_4.wrong(
    "adds-to-every-count",
    "You added a small number to every count, against 0 / 0. It makes each mean a little too small, "
    "here in the seventh digit. Which counts need help at all?",
)
def masked_mean(x_BTD, mask_BT):
    total_BD = (x_BTD * mask_BT[:, :, None]).sum(axis=1)
    return total_BD / (mask_BT.sum(axis=1, keepdims=True) + 1e-6)


@l5_4.wrong(
    "one-count-for-all",
    "You divided by the number of words in the whole batch. Each sentence has a count of its own: "
    "along which axis is it taken?",
)
def masked_mean(x_BTD, mask_BT):
    return (x_BTD * mask_BT[:, :, None]).sum(axis=1) / max(mask_BT.sum(), 1)


@l5_4.wrong(
    "divides-by-the-longest",
    "You divided every sentence by the number of words of the longest one. Who is in the batch with "
    "a sentence must not change its mean.",
)
def masked_mean(x_BTD, mask_BT):
    return (x_BTD * mask_BT[:, :, None]).sum(axis=1) / max(mask_BT.sum(axis=1).max(), 1)


@l5_4.wrong(
    "mask-broadcasts-along-D",
    "`x_BTD * mask_BT` lines the mask's T up with the last axis of x_BTD, which is D: an error in "
    "general, and where T = D it silently hides coordinates instead of words. Which axis does the "
    "mask lack?",
)
def masked_mean(x_BTD, mask_BT):
    return (x_BTD * mask_BT).sum(axis=1) / np.maximum(mask_BT.sum(axis=1, keepdims=True), 1)


@l5_4.wrong(
    "means-over-coordinates",
    "Your result has one number for each word, not for each coordinate: the axis that disappears is "
    "the words', T.",
)
def masked_mean(x_BTD, mask_BT):
    return np.where(mask_BT, x_BTD.mean(axis=2), 0)


@l5_4.wrong(
    "mean-changes-its-input",
    "The means are right, but you wrote zeros into the caller's own array (and a read-only one "
    "refuses). `np.where` makes a new one.",
)
def masked_mean(x_BTD, mask_BT):
    x_BTD[~mask_BT] = 0
    return x_BTD.sum(axis=1) / np.maximum(mask_BT.sum(axis=1, keepdims=True), 1)


@l5_4.wrong(
    "zeros-win-the-maximum",
    "You multiplied by the mask, so that pads are 0. Where all of a sentence's numbers are negative, "
    "that 0 wins the maximum. Which number can never win?",
)
def masked_max(x_BTD, mask_BT):
    return (x_BTD * mask_BT[:, :, None]).max(axis=1)


@l5_4.wrong(
    "maximum-ignores-the-mask",
    "This is the maximum over all positions: the mask makes no difference to it.",
)
def masked_max(x_BTD, mask_BT):
    return x_BTD.max(axis=1)


@l5_4.wrong(
    "minus-infinity-left-over",
    "Your −∞ at the pads is right, but a sentence without a word keeps it: its maximum is −∞. Zeros "
    "are asked for there.",
)
def masked_max(x_BTD, mask_BT):
    return np.where(mask_BT[:, :, None], x_BTD, -np.inf).max(axis=1)


@l5_4.wrong(
    "minus-a-billion-left-over",
    "Pads of −1e9 never win, but in a sentence without a word nothing else is there: its maximum is "
    "−1e9. Zeros are asked for there.",
)
def masked_max(x_BTD, mask_BT):
    return np.where(mask_BT[:, :, None], x_BTD, -1e9).max(axis=1)


@l5_4.wrong(
    "never-below-zero",
    "Your maximum never falls below 0: it is right for an empty sentence, and wrong for one whose "
    "numbers are all negative. How can the two be told apart?",
)
def masked_max(x_BTD, mask_BT):
    return np.maximum(np.where(mask_BT[:, :, None], x_BTD, -np.inf).max(axis=1), 0)


@l5_4.wrong(
    "pads-pushed-down-too-little",
    "You took 10 off the pads. A pad may hold any finite number, 1000 as well, and then wins all the "
    "same. Replace what stands there instead of moving it.",
)
def masked_max(x_BTD, mask_BT):
    low_BTD = x_BTD - 10 * ~mask_BT[:, :, None]
    return np.where(mask_BT.any(axis=1)[:, None], low_BTD.max(axis=1), 0)


@l5_4.wrong(
    "minus-infinity-times-zero",
    "You multiplied the maxima by 0 where a sentence is empty. But −∞ · 0 is nan: choose with "
    "`np.where` instead of multiplying.",
)
def masked_max(x_BTD, mask_BT):
    top_BD = np.where(mask_BT[:, :, None], x_BTD, -np.inf).max(axis=1)
    return top_BD * mask_BT.any(axis=1)[:, None]


for line in (
    "return total_BD / np.maximum(mask_BT.sum(axis=-1), 1)[:, None]",
    "return np.where(mask_BT.any(axis=-1)[:, None], top_BD, 0)",
):
    l5_4.allow_mutant(after=line, reason="The mask has two axes: its last one is axis 1.")


# --------------------------------------------------------------------------- L5.5

l5_5 = Exercise(
    id="L5.5",
    title="Write the test",
    functions=("check_pad_invariance",),
    difficulty=4,
    importance=5,
    minutes=20,
    hints=(
        "First make one sentence of random numbers and let fn pool it alone, without a pad: that is "
        "what must come out every time. Then the same sentence with a pad behind it. Which of the "
        "suspects does this catch already, and how do the others get away?",
        "Vary one thing at a time: the number of pads (0, 1, a few, 50), what stands there (zeros, "
        "small numbers, thousands of either sign), and the company (alone, and in a batch with a "
        "shorter and a longer sentence). Compare with the sentence alone, shape included, and with a "
        "tolerance: float32 has seven digits.",
        "Loops over pads and over sizes, all inside `try`, with `except Exception: return False`. In "
        "each: pads of `size * rng.normal(…)`, the words written over their beginning, the mask True "
        "there. `return False` unless the shape is (B, D) and `np.allclose(got, alone, rtol=1e-4, "
        "atol=1e-5)`; a nan is never close to anything, which is as it should be. After the loops: "
        "`return True`.",
    ),
)


# What an output is made of: a number for each word and coordinate. Right functions and wrong ones
# share it, so that it tells nothing about who is who.
BENT = "{scale}·({level} + {bend}({rate}·x))"
ODD = ("tanh", "sin", "arctan")
ANY = (*ODD, "cos")
RATES = tuple(n / 10 for n in range(6, 15))
SCALES = tuple(n / 100 for n in range(101, 200))
RAISED = (1.5, 2.0, 2.5)  # so that a pad of zeros counts


# Right ones: what they give depends on the words only. None of them is a mean or a maximum.


def sum_of_words(x_BTD, mask_BT, bend, rate, level, scale):
    y_BTD = level + getattr(np, bend)(rate * x_BTD)
    return scale * np.einsum("btd,bt->bd", y_BTD, mask_BT)


def fading(x_BTD, mask_BT, bend, rate, level, scale, fade):
    y_BTD = level + getattr(np, bend)(rate * x_BTD)
    fade_T = fade ** np.arange(x_BTD.shape[1])
    return scale * np.einsum("btd,bt->bd", y_BTD, mask_BT * fade_T)


def last_word(x_BTD, mask_BT, bend, rate, level, scale):
    last_B = mask_BT.shape[1] - 1 - mask_BT[:, ::-1].argmax(axis=1)
    x_BD = x_BTD[np.arange(len(x_BTD)), last_B]
    return scale * (level + getattr(np, bend)(rate * x_BD))


def how_many_above(x_BTD, mask_BT, bar, scale):
    return scale * ((x_BTD > bar) & mask_BT[:, :, None]).sum(axis=1)


def rounded(x_BTD, mask_BT, bend, rate, level, scale, seed):
    y_BTD = scale * (level + getattr(np, bend)(rate * x_BTD)) * mask_BT[:, :, None]
    order_T = np.random.default_rng([seed, mask_BT.shape[1]]).permutation(mask_BT.shape[1])
    return y_BTD[:, order_T].astype(np.float32).sum(axis=1)


# Wrong ones, each with a way of its own to hide.


def mean_of_all(x_BTD, mask_BT, bend, rate, level, scale):
    return scale * (level + getattr(np, bend)(rate * x_BTD)).mean(axis=1)


def from_the_end(x_BTD, mask_BT, bend, rate, level, scale, fade):
    y_BTD = level + getattr(np, bend)(rate * x_BTD)
    fade_T = fade ** np.arange(x_BTD.shape[1])[::-1]
    return scale * np.einsum("btd,bt->bd", y_BTD, mask_BT * fade_T)


def sum_of_all(x_BTD, mask_BT, bend, rate, level, scale):
    return scale * (level + getattr(np, bend)(rate * x_BTD)).sum(axis=1)


def highest_of_all(x_BTD, mask_BT, bend, rate, level, scale, bar):
    y_BTD = level + getattr(np, bend)(rate * x_BTD)
    return scale * np.einsum("btd,bt->bd", y_BTD, mask_BT) + np.maximum(x_BTD.max(axis=1), bar)


def lowest_of_all(x_BTD, mask_BT, bend, rate, level, scale, bar):
    y_BTD = level + getattr(np, bend)(rate * x_BTD)
    return scale * np.einsum("btd,bt->bd", y_BTD, mask_BT) + np.minimum(x_BTD.min(axis=1), -bar)


def overflowing(x_BTD, mask_BT, bend, rate, level, steep):
    y_BTD = level + getattr(np, bend)(rate * x_BTD)
    e_BT = np.exp(steep * x_BTD.max(axis=2)) * mask_BT
    return np.einsum("btd,bt->bd", y_BTD, e_BT)


def one_pad_off(x_BTD, mask_BT, bend, rate, level, scale):
    has_pad = not mask_BT[:, -1].any()
    y_BTD = level + getattr(np, bend)(rate * (x_BTD[:, :-1] if has_pad else x_BTD))
    return scale * y_BTD.sum(axis=1)


def short_mask(x_BTD, mask_BT, bend, rate, level, scale, end):
    y_BTD = level + getattr(np, bend)(rate * x_BTD)
    keep_BT = mask_BT | (np.arange(mask_BT.shape[1]) >= end)
    return scale * np.einsum("btd,bt->bd", y_BTD, keep_BT)


def batch_centred(x_BTD, mask_BT, bend, rate, level, scale, share):
    y_BTD = level + getattr(np, bend)(rate * (x_BTD - share * x_BTD[mask_BT].mean(axis=0)))
    return scale * np.einsum("btd,bt->bd", y_BTD, mask_BT)


def first_mask_for_all(x_BTD, mask_BT, bend, rate, level, scale):
    y_BTD = level + getattr(np, bend)(rate * x_BTD)
    return scale * np.einsum("btd,t->bd", y_BTD, mask_BT[0])


def careless_alone(x_BTD, mask_BT, bend, rate, level, scale):
    y_BTD = level + getattr(np, bend)(rate * x_BTD)
    keep_BT = mask_BT if len(x_BTD) > 1 else np.ones(mask_BT.shape)
    return scale * np.einsum("btd,bt->bd", y_BTD, keep_BT)


def small_leak(x_BTD, mask_BT, bend, rate, level, scale, part):
    y_BTD = level + getattr(np, bend)(rate * x_BTD)
    return scale * np.einsum("btd,bt->bd", y_BTD, np.where(mask_BT, 1, 1 / part))


def crash(x_BTD, mask_BT, error):
    raise (ValueError, IndexError, ZeroDivisionError)[error]("the words can't be pooled")


def crash_on_pads(x_BTD, mask_BT, bend, rate, level, scale, error):
    if not mask_BT.all():
        raise (ValueError, IndexError, ZeroDivisionError)[error]("there is a pad")
    return scale * (level + getattr(np, bend)(rate * x_BTD)).sum(axis=1)


def extra_axis(x_BTD, mask_BT, bend, rate, level, scale):
    y_BTD = level + getattr(np, bend)(rate * x_BTD)
    return scale * np.einsum("btd,bt->bd", y_BTD, mask_BT)[:, None, :]


def no_batch_axis_alone(x_BTD, mask_BT, bend, rate, level, scale):
    y_BTD = level + getattr(np, bend)(rate * x_BTD)
    return scale * np.einsum("btd,bt->bd", y_BTD, mask_BT).squeeze()


ERRORS = (0, 1, 2)
FADES = (0.7, 0.8, 0.9)
BARS = (5.0, 5.5, 6.0, 6.5)
raised = {"bend": ANY, "rate": RATES, "level": RAISED, "scale": SCALES}
flat = raised | {"bend": ODD, "level": (0.0,)}  # at a pad of zeros it is 0
either = raised | {"level": (0.0, *RAISED)}


flat_sum, raised_sum, any_sum = (
    kind(sum_of_words, f"the sum of {BENT} over the words", **bent)
    for bent in (flat, raised, either)
)
faded = kind(
    fading,
    f"the sum of {BENT} over the words, each times {{fade}} for every word before it",
    fade=FADES,
    **raised,
)
last = kind(last_word, f"{BENT} of the last word", **either)
counted = kind(
    how_many_above,
    "{scale} times the number of words above {bar}, for each coordinate",
    bar=tuple(n / 10 for n in range(-5, 6)),
    scale=SCALES,
)
in_float32 = kind(
    rounded,
    f"the sum of {BENT} over the words in float32, in an order that changes",
    seed=tuple(range(100)),
    **raised | {"level": (1.5,)},
)
averaging = kind(mean_of_all, f"the mean of {BENT} over all positions, pads included", **either)
moved_by_content = (
    kind(sum_of_all, f"the sum of {BENT} over all positions, pads included", **flat),
    kind(
        highest_of_all,
        f"the sum of {BENT} over the words, plus the highest x of all positions, or {{bar}} if that "
        "is more",
        bar=BARS,
        **either,
    ),
    kind(
        lowest_of_all,
        f"the sum of {BENT} over the words, plus the lowest x of all positions, or −{{bar}} if that "
        "is less",
        bar=BARS,
        **either,
    ),
    kind(
        overflowing,
        "the sum of {level} + {bend}({rate}·x) with weights exp({steep}·x), those of pads multiplied "
        "by 0 afterwards",
        bend=ANY,
        rate=RATES,
        level=(0.0, *RAISED),
        steep=(4.0, 4.5, 5.0, 5.5),
    ),
)
moved_by_number = (
    kind(
        from_the_end,
        f"the sum of {BENT} over the words, each times {{fade}} for every position behind it",
        fade=FADES,
        **raised,
    ),
    kind(
        one_pad_off,
        f"one column of pads taken off, then the sum of {BENT} over everything",
        **raised,
    ),
    kind(
        short_mask,
        f"the sum of {BENT} over the words, the mask forgotten from position {{end}} on",
        end=tuple(range(12, 20)),
        **raised,
    ),
)
moved_by_company = (
    kind(
        batch_centred,
        f"the sum of {BENT} over the words, {{share}} of the batch's mean word taken off each x",
        share=(0.5, 0.6, 0.7, 0.8, 0.9),
        **raised,
    ),
    kind(
        first_mask_for_all,
        f"the sum of {BENT} over words, with the first sentence's mask for all",
        **raised,
    ),
    kind(
        careless_alone,
        f"the sum of {BENT} over the words; over everything if it is one sentence",
        **raised,
    ),
)
leaking = kind(
    small_leak,
    f"the sum of {BENT} over the words, in which a pad counts 1/{{part}} of a word",
    part=tuple(range(2800, 3300, 50)),
    **raised | {"level": (1.5,)},
)
ending_badly = (
    kind(crash, "a function that always stops with an error", error=ERRORS),
    kind(
        crash_on_pads,
        f"the sum of {BENT} over the words; it stops with an error where there is a pad",
        error=ERRORS,
        **either,
    ),
    kind(extra_axis, "the right numbers in an array of shape (B, 1, D)", **either),
    kind(no_batch_axis_alone, "the right numbers; for one sentence of shape (D,)", **either),
)


@l5_5.checks
def l5_5_checks(rng: np.random.Generator) -> Iterator[Check]:
    yield Check(
        "tells a sum over words from a mean over everything",
        points=1,
        calls=lineup(rng, "check_pad_invariance", [any_sum], [averaging]),
        says="A mean of all positions moves with every pad. A sum over the words doesn't.",
    )
    yield Check(
        "any content",
        points=2,
        calls=lineup(rng, "check_pad_invariance", [flat_sum, last, counted], moved_by_content),
        says="Pads may hold zeros, small numbers or thousands, of either sign. Pads of zeros don't "
        "move a sum, and a nan is no number to agree with.",
    )
    yield Check(
        "any number of pads",
        points=1,
        calls=lineup(rng, "check_pad_invariance", [faded, raised_sum], moved_by_number),
        says="One pad or fifty: the output with them is the output without.",
    )
    yield Check(
        "alone and in company",
        points=2,
        calls=lineup(rng, "check_pad_invariance", [raised_sum, last], moved_by_company),
        says="A sentence's output is the same alone, alone with pads, and in a batch with longer and "
        "shorter ones.",
    )
    yield Check(
        "close, but not too close",
        points=1,
        calls=lineup(rng, "check_pad_invariance", [in_float32, faded], [leaking]),
        says="Rounding in float32 changes the seventh digit, a leak of one part in 3000 the fourth.",
    )
    yield Check(
        "crashes and odd shapes",
        points=1,
        calls=lineup(rng, "check_pad_invariance", [any_sum], ending_badly),
        says="Who stops with an error, or returns another shape than (B, D), has not passed.",
    )


@l5_5.right("a loop, one thing at a time")
def check_pad_invariance(fn):
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


@l5_5.right("many random batches")
def check_pad_invariance(fn):
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


@l5_5.right("relative to the size of the output, in float32")
def check_pad_invariance(fn):
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


@l5_5.wrong(
    "shape-only",
    "You compared shapes. They show whether a function ends well, and nothing about what a pad does "
    "to its numbers.",
)
def check_pad_invariance(fn):
    rng = np.random.default_rng(0)
    try:
        for B, T, n in ((1, 4, 4), (1, 9, 4), (3, 60, 5)):
            x, keep = 1000 * rng.normal(size=(B, T, 3)), np.arange(T) < np.full((B, 1), n)
            if fn(x, keep).shape != (B, 3):
                return False
        return True
    except Exception:
        return False


@l5_5.wrong(
    "one-sentence-and-two-zeros",
    "You tried one sentence with two pads of zeros. That is a beginning: it catches who counts the "
    "pads. What else may stand at a pad, how many of them may there be, who else may be in the batch, "
    "and what if fn stops with an error? Take one question after the other.",
)
def check_pad_invariance(fn):
    x = np.array([[[0.3, -1.2], [2.0, 0.7], [-0.4, 1.1]]])
    alone = fn(x, np.ones((1, 3), bool))
    padded = np.concatenate([x, np.zeros((1, 2, 2))], axis=1)
    return bool(np.allclose(fn(padded, np.arange(5)[None] < 3), alone))


@l5_5.wrong(
    "one-batch-and-two-small-pads",
    "You tried one batch of equally long sentences with two small pads. Now be harder on fn: pads of a "
    "thousand, fifty of them, sentences of different lengths, each beside its output alone; and an "
    "error or an odd shape must not pass, nor stop your test.",
)
def check_pad_invariance(fn):
    rng = np.random.default_rng(0)
    x = rng.normal(size=(2, 3, 4))
    alone = fn(x, np.ones((2, 3), bool))
    padded = np.concatenate([x, np.clip(rng.normal(size=(2, 2, 4)), -2, 2)], axis=1)
    mask = np.concatenate([np.ones((2, 3), bool), np.zeros((2, 2), bool)], axis=1)
    return bool(np.allclose(fn(padded, mask), alone))


@l5_5.wrong(
    "pads-of-zeros-only",
    "Your pads hold zeros only. A plain sum over everything passes such a test: 0 changes no sum. In "
    "a real batch a pad has a vector like any other. What else may stand there?",
)
def check_pad_invariance(fn):
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


@l5_5.wrong(
    "small-pads-only",
    "Your pads hold numbers about as small as the words'. A maximum hardly notices them, and no "
    "exponential overflows. What does a pad of a thousand do, or of minus a thousand?",
)
def check_pad_invariance(fn):
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


@l5_5.wrong(
    "pads-of-one-sign",
    "Your pads hold positive numbers and zeros only, so a function that is pulled down by a pad gets "
    "away. Try both signs.",
)
def check_pad_invariance(fn):
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


@l5_5.wrong(
    "one-length-only",
    "You always put the same small number of pads behind a sentence. What of a function that is "
    "right for one pad and wrong for two, or wrong only where a row is long? Try none, one, a few "
    "and fifty.",
)
def check_pad_invariance(fn):
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


@l5_5.wrong(
    "never-in-a-batch",
    "You always test one sentence alone. In a batch a function may mix sentences up, or use one "
    "sentence's mask for another. Put sentences of different lengths together.",
)
def check_pad_invariance(fn):
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


@l5_5.wrong(
    "only-more-pads-for-the-batch",
    "You compared a batch with the same batch and more pads, and never with a sentence alone. A "
    "function that mixes the sentences of a batch gives the same mixture both times. What should "
    "each sentence give by itself?",
)
def check_pad_invariance(fn):
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


@l5_5.wrong(
    "only-other-contents",
    "You changed what stands at the pads, and never their number: both times the sentence had the "
    "same padding. A function that counts the pads without looking at them gets away. Compare with "
    "the sentence that has none.",
)
def check_pad_invariance(fn):
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


@l5_5.wrong(
    "pads-in-front",
    "You put pads in front of the words, which moves every word to another place. A function may "
    "well care for places: the promise is about pads *behind* a sentence.",
)
def check_pad_invariance(fn):
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


@l5_5.wrong(
    "pads-not-masked",
    "Your test finds fault with every function, the right ones too. Is the mask that you hand over "
    "False at the pads? If it is True everywhere, no function can know what is a pad. Or do you "
    "compare fn with a mean of your own? It may be anything: what can it be compared with?",
)
def check_pad_invariance(fn):
    rng = np.random.default_rng(0)
    words = rng.normal(size=(2, 4, 3))
    try:
        base = fn(words, np.ones((2, 4), bool))
        padded = np.concatenate([words, 1000 * rng.normal(size=(2, 5, 3))], axis=1)
        got = fn(padded, np.ones((2, 9), bool))
        return bool(got.shape == (2, 3) and np.allclose(got, base, atol=1e-5))
    except Exception:
        return False


@l5_5.wrong(
    "too-loose",
    "Your tolerance is so wide that a leak passes: a pad that weighs 0.0003 of a word moves the "
    "fourth digit. How close does float32 come, which has seven?",
)
def check_pad_invariance(fn):
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
                    if got.shape != (len(rows), 3) or not np.allclose(got, right, atol=0.1):
                        return False
        return True
    except Exception:
        return False


@l5_5.wrong(
    "too-tight",
    "You asked for equality to the last digit. A sum in float32 taken in another order differs in "
    "its seventh digit, and no pad is to blame for that. How much may two outputs differ?",
)
def check_pad_invariance(fn):
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
                    if got.shape != (len(rows), 3) or not np.allclose(got, right, 1e-12, 1e-12):
                        return False
        return True
    except Exception:
        return False


@l5_5.wrong(
    "nan-passes",
    "A nan slips through your comparison: nan > 0.001 is False, so nothing seems to differ. Ask the "
    "other way round, whether the difference *is* small: nan is not.",
)
def check_pad_invariance(fn):
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
                    if got.shape != (len(rows), 3) or (np.abs(got - right) > 1e-4).any():
                        return False
        return True
    except Exception:
        return False


@l5_5.wrong(
    "shape-not-asked",
    "You compared numbers, and never the shape. NumPy broadcasts (B, 1, D) against itself, or (D,) "
    "against (1, D), without a word. Which shape is promised?",
)
def check_pad_invariance(fn):
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
                    for b, r in enumerate(rows):
                        mine = got if len(rows) == 1 else got[b]
                        if not np.allclose(mine, alone[r], atol=1e-5):
                            return False
        return True
    except Exception:
        return False


@l5_5.wrong(
    "crashes-with-fn",
    "Your test stops with the error of the function it tests. A crash is an answer too: which one?",
)
def check_pad_invariance(fn):
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


@l5_5.wrong(
    "turned-round",
    "Your test says True when the output moves, and False when it stays. True is for a function that "
    "no pad can move.",
)
def check_pad_invariance(fn):
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
                        return True
        return False
    except Exception:
        return True


l5_5.allow_mutant(
    line="sentences = [np.random.default_rng(T).normal(size=(T, 4)) for T in (4, 1, 6)]",
    reason="Any few sentences of different lengths will do.",
)
l5_5.allow_mutant(
    line="return all(holds(*c) for c in itertools.product(groups, (0, 1, 2, 50), (0, 1, 1000)))",
    reason="Other numbers of pads and other sizes do as well, and their order is no matter.",
)
l5_5.allow_mutant(
    line="x_BTD = size * np.random.default_rng(pads).normal(size=(*keep_BT.shape, 4))",
    reason="A pad may hold anything, as long as some are large.",
)
for line in (
    "apart = -(fn(x_BTD, keep_BT) - np.concatenate(alone))",
    "apart = np.concatenate(alone) - fn(x_BTD, keep_BT)",
):
    l5_5.allow_mutant(after=line, reason="Only the size of the difference is asked for, below.")
l5_5.allow_mutant(
    after="return apart.shape == (len(group), 4) and (np.abs(apart).max() <= 1e-4)",
    reason="No difference is exactly 1e-4.",
)
l5_5.allow_mutant(
    after="return apart.shape == (len(group), 4) and np.abs(apart).max() < 0.01",
    reason="Anything between rounding and the leak of fifty pads, about 0.01, will do.",
)

EXERCISES = (l5_1, l5_2, l5_3, l5_4, l5_5)
