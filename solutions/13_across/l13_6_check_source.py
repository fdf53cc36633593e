"""L13.6 is a test that the learner writes. It is run on functions whose answer is known: some that read
a source as attention across does, and some that don't, each in a way of its own."""

import numpy as np

from autograder.authoring import Check, Exercise, lineup

from . import readers

exercise = Exercise(
    "Write the test",
    solve="check_source",
    difficulty=4,
    importance=4,
    minutes=18,
    hints="""Each of the four rules is a small experiment: change one thing, ask fn again, and compare
    with what came out before. For which of them must the output stay as it is, for which must it
    change, and in which row or place? Which functions get away if all your masks are alike?

    Begin with a batch of three rows whose masks differ, and call what comes out o. Then, always from the
    same beginning: other numbers, no zeros, in the masked places and in a few more behind; one
    permutation for x and mask; other words in one row; another target in one place. Of what must not
    change all is compared; of a changed target's row all places but its own.

    All inside `try`, with `except Exception: return False`. `return False` unless `o.shape` is that of y.
    `np.where(mask_BS[:, :, None], x_BSD, pads_BSD)` keeps the words, `np.concatenate(…, axis=1)` makes
    the source longer, and the mask with False; `x_BSD[:, order]` and `mask_BS[:, order]` shuffle;
    `np.arange(3) != b` are the other rows. Compare by `np.allclose(…, rtol=1e-4, atol=1e-4)`.""",
)


@exercise.checks
def checks(rng):
    yield Check(
        "tells who keeps to the mask from who doesn't",
        *lineup(rng, [readers.heads], [readers.mask_ignored]),
        says="What stands in a masked place is nobody's word: no output may change with it.",
    )
    yield Check(
        "padding, however much and whatever it holds",
        *lineup(
            rng,
            [readers.heads, readers.never_quite, readers.mean_or_sum],
            [
                readers.zeroed,
                readers.zeros_add_nothing,
                readers.penalty,
                readers.cut_off,
                readers.by_S,
                readers.loops_ignore,
            ],
        ),
        says="""Some notice what padding holds unless it is 0, others how much of it there is. And a little
        weight on it is too much.""",
        points=2,
    )
    yield Check(
        "the source is read, in no order",
        *lineup(
            rng,
            [readers.maximum, readers.mean_or_sum, readers.own_target],
            [
                readers.not_read,
                readers.constant,
                readers.places,
                readers.last_more,
                readers.last_twice,
                readers.prefix,
                readers.prefix_summed,
            ],
        ),
        says="""Whoever never reads the source passes each test in which it has to make no difference. And
        where words stand must not count, among each other or among the padding.""",
        points=2,
    )
    yield Check(
        "each row its own source, and its own mask",
        *lineup(
            rng,
            [readers.loops, readers.mean_or_sum],
            [
                readers.first_source,
                readers.first_summed,
                readers.first_mask,
                readers.loops_first_mask,
            ],
        ),
        says="In a batch one row's words or mask may be taken for all. With a single row nobody sees it.",
        points=2,
    )
    yield Check(
        "each target for itself",
        *lineup(
            rng,
            [readers.by_place, readers.a_block, readers.without_y],
            [
                readers.each_other,
                readers.earlier_ones,
                readers.without_mean,
                readers.for_the_mean,
                readers.over_targets,
            ],
        ),
        says="""An output may depend on its own target and on its place, or on neither. Other targets must
        make no difference, earlier ones as little as later ones.""",
        points=2,
    )
    yield Check(
        "float32, odd shapes and errors",
        *lineup(
            rng,
            [readers.in_float32, readers.own_target],
            [readers.flat, readers.twice, readers.nan, readers.stops],
        ),
        says="""Rounding in float32 changes the seventh digit, and that is no fault. A function that gives nan
        or another shape, or stops with an error, has not passed.""",
    )


@exercise.right("one row alone, its words shuffled, among other targets")
def one_row_alone(fn):
    rng = np.random.default_rng(1)
    B, T, S, D = 4, 3, 7, 12
    try:
        y, x = rng.normal(size=(B, T, D)), rng.normal(size=(B, S, D))
        mask = rng.random((B, S)) < 0.6
        mask[:, 2] = True
        whole = np.array(fn(y.copy(), x.copy(), mask.copy()))
        assert whole.shape == (B, T, D)
        for b in range(B):
            words = x[b][mask[b]][::-1]
            for t in range(T):
                among = rng.normal(size=(1, T, D))
                among[0, t] = y[b, t]
                keep = np.ones((1, len(words)), bool)
                alone = fn(among, words[None], keep)
                assert alone.shape == (1, T, D)
                np.testing.assert_allclose(alone[0, t], whole[b, t], rtol=1e-3, atol=1e-4)
                other = fn(among, rng.normal(size=(1, len(words), D)), keep)
                assert np.abs(other - alone).max() > 1e-3
        return True
    except Exception:
        return False


@exercise.right("many draws, in which every single word has its say")
def every_single_word(fn):
    rng = np.random.default_rng(2)
    for B, T, S in ((2, 3, 5), (3, 2, 8), (1, 4, 2), (2, 2, 4)):
        y, x = rng.normal(size=(B, T, 6)), rng.normal(size=(B, S, 6))
        mask = np.arange(S) >= rng.integers(0, S, (B, 1))
        try:
            before = fn(y, x, mask)
            if np.shape(before) != (B, T, 6):
                return False
            for b, s in np.ndindex(B, S):
                other = x.copy()
                other[b, s] = 3 * rng.normal(size=6)
                moved = np.abs(fn(y, other, mask) - before).max(axis=(1, 2)) > 1e-4
                if moved.tolist() != [n == b and bool(mask[b, s]) for n in range(B)]:
                    return False
            for b, t in np.ndindex(B, T):
                other = y.copy()
                other[b, t] = -other[b, t]
                moved = np.abs(fn(other, x, mask) - before).max(axis=2) > 1e-4
                moved[b, t] = False
                if moved.any():
                    return False
            at = np.stack([rng.permutation(S + 3) for _ in range(B)])
            wide = np.concatenate([x, rng.normal(size=(B, 3, 6))], axis=1)
            keep = np.concatenate([mask, np.zeros((B, 3), bool)], axis=1)
            wide, keep = np.take_along_axis(wide, at[..., None], 1), np.take_along_axis(keep, at, 1)
            if not (np.abs(fn(y, wide, keep) - before) < 1e-4).all():
                return False
        except Exception:
            return False
    return True


@exercise.right("in float32, relative to the size of the outputs")
def relative_in_float32(fn):
    rng = np.random.default_rng(3)
    y = rng.normal(size=(3, 4, 18)).astype(np.float32)
    x = rng.normal(size=(3, 10, 18)).astype(np.float32)
    mask = np.array([[1, 0, 1, 1, 0, 0, 1, 0, 1, 0], [1] * 10, [0, 0, 0, 1, 1, 0, 0, 0, 0, 0]]) > 0

    def far(a, b):
        return not np.max(np.abs(np.asarray(a, float) - b)) <= 1e-4 * np.max(np.abs(b))

    try:
        o = np.asarray(fn(y, x, mask), float)
        if o.shape != (3, 4, 18) or far(fn(y, x[:, ::-1], mask[:, ::-1]), o):
            return False
        lost = x + 2 * np.float32(rng.normal(size=x.shape)) * ~mask[:, :, None]
        more = np.concatenate([lost, 2 * x[:, :2]], axis=1)
        if far(fn(y, more, np.pad(mask, ((0, 0), (0, 2)))), o):
            return False
        for b in range(3):
            alike = np.delete(np.arange(3), b)
            new = fn(y, np.where(np.arange(3)[:, None, None] == b, -x, x), mask)
            if not far(new[b], o[b]) or far(new[alike], o[alike]):
                return False
        return not any(
            far(
                fn(np.where(np.arange(4)[:, None] == t, y, y[::-1, ::-1] + 1), x, mask)[:, t],
                o[:, t],
            )
            for t in range(4)
        )
    except Exception:
        return False


FEW = "Any few targets, words and masks that differ will do."
CLOSE = "Any tolerance between float32's seventh digit and the second will do, in either direction."
for line, reason in (
    (
        "rng, mask_BS = np.random.default_rng(13), np.arange(9) % np.array([[2], [3], [4]]) > 0",
        FEW,
    ),
    ("y_BTD, other_BTD = rng.normal(size=(2, 3, 4, 6))", FEW),
    ("both_NBSD = rng.normal(size=(2, 3, 9, 6))", FEW),
):
    exercise.allow_mutant(line=line, reason=reason)
for after, reason in (
    ("for b, t in np.ndindex(2, 4):", "Two rows that differ show as much."),
    (
        "words, ask_1TD = rng.permutation(np.flatnonzero(mask_BS[b])), o_BTD[[b]]",
        "Any other targets will do.",
    ),
    ("ask_1TD[-1, t] = y_BTD[b, t]", "Of one row, the first is the last."),
    ("return o_BTD.shape == other_BTD.shape", "Both are of one shape."),
):
    exercise.allow_mutant(after=after, reason=reason)
exercise.allow_mutant(
    line="if not np.allclose(old[:, t], o_BTD[b, t], 1e-4, 1e-4) or np.allclose(old, new, 1e-4):",
    reason=CLOSE,
)


@exercise.plain
def plain(fn):
    rng = np.random.default_rng(0)
    y = rng.normal(size=(3, 5, 6))
    x = rng.normal(size=(3, 8, 6))
    mask = np.arange(8) < np.array([[8], [5], [3]])
    pads = rng.normal(size=(3, 12, 6))
    try:
        o = fn(y, x, mask)
        if o.shape != y.shape:
            return False
        longer = np.concatenate([np.where(mask[:, :, None], x, pads[:, :8]), pads[:, 8:]], axis=1)
        longer_mask = np.concatenate([mask, np.zeros((3, 4), bool)], axis=1)
        if not np.allclose(fn(y, longer, longer_mask), o, rtol=1e-4, atol=1e-4):
            return False
        order = np.array([6, 3, 7, 1, 4, 0, 2, 5])
        if not np.allclose(fn(y, x[:, order], mask[:, order]), o, rtol=1e-4, atol=1e-4):
            return False
        for b in range(3):
            other = x.copy()
            other[b] = rng.normal(size=(8, 6))
            moved = fn(y, other, mask)
            rest = np.arange(3) != b
            if np.allclose(moved[b], o[b], rtol=1e-4, atol=1e-4):
                return False
            if not np.allclose(moved[rest], o[rest], rtol=1e-4, atol=1e-4):
                return False
        for t in range(5):
            other = y.copy()
            other[:, t] = rng.normal(size=(3, 6))
            rest = np.arange(5) != t
            if not np.allclose(fn(other, x, mask)[:, rest], o[:, rest], rtol=1e-4, atol=1e-4):
                return False
        return True
    except Exception:
        return False


plain.slip("""zeros-as-padding
    - pads = rng.normal(size=(3, 12, 6))
    + pads = np.zeros((3, 12, 6))
    + x = np.where(mask[:, :, None], x, 0)
    All your padding is 0. A function that adds up all words and never looks at the mask gets away, for
    zeros add nothing: padding may hold anything.""")
plain.slip("""padding-never-changed
    - if not np.allclose(fn(y, longer, longer_mask), o, rtol=1e-4, atol=1e-4):
    -     return False
    You never change padding. A function that reads all places, masked or not, gets away: put other
    numbers there, and more of it.""")
plain.slip("""never-more-padding
    - longer = np.concatenate([np.where(mask[:, :, None], x, pads[:, :8]), pads[:, 8:]], axis=1)
    - longer_mask = np.concatenate([mask, np.zeros((3, 4), bool)], axis=1)
    + longer = np.where(mask[:, :, None], x, pads[:, :8])
    + longer_mask = mask
    You change what padding holds, and never how much of it there is. Whoever divides by S, or lets pads take
    part as zeros, gets away: make the source longer, too.""")
plain.slip("""masks-all-alike
    - mask = np.arange(8) < np.array([[8], [5], [3]])
    + mask = np.arange(8) < np.array([[5], [5], [5]])
    Your test doesn't show whether each row is read with its own mask: all its masks are alike, or what
    stands in a masked place among them never changes. A function that takes the first row's mask for all
    gets away.""")


@exercise.wrong
def one_row(fn):
    """Your test sees a single row. In a batch a function may read the first row's source, or its mask, for
    all of them: give it several rows that differ."""
    rng = np.random.default_rng(0)
    y = rng.normal(size=(1, 5, 6))
    x = rng.normal(size=(1, 8, 6))
    mask = np.arange(8) < np.array([[5]])
    pads = rng.normal(size=(1, 12, 6))
    try:
        o = fn(y, x, mask)
        if o.shape != y.shape:
            return False
        longer = np.concatenate([np.where(mask[:, :, None], x, pads[:, :8]), pads[:, 8:]], axis=1)
        longer_mask = np.concatenate([mask, np.zeros((1, 4), bool)], axis=1)
        if not np.allclose(fn(y, longer, longer_mask), o, rtol=1e-4, atol=1e-4):
            return False
        order = np.array([6, 3, 7, 1, 4, 0, 2, 5])
        if not np.allclose(fn(y, x[:, order], mask[:, order]), o, rtol=1e-4, atol=1e-4):
            return False
        if np.allclose(fn(y, x[:, ::-1], mask), o, rtol=1e-4, atol=1e-4):
            return False
        for t in range(5):
            other = y.copy()
            other[:, t] = rng.normal(size=(1, 6))
            rest = np.arange(5) != t
            if not np.allclose(fn(other, x, mask)[:, rest], o[:, rest], rtol=1e-4, atol=1e-4):
                return False
        return True
    except Exception:
        return False


plain.slip("""never-shuffled
    - if not np.allclose(fn(y, x[:, order], mask[:, order]), o, rtol=1e-4, atol=1e-4):
    -     return False
    You never shuffle the source. Functions get away to which it matters where a word stands: attention
    doesn't know, unless positions are added.""")
plain.slip("""mask-not-shuffled
    - if not np.allclose(fn(y, x[:, order], mask[:, order]), o, rtol=1e-4, atol=1e-4):
    + if not np.allclose(fn(y, x[:, order], mask), o, rtol=1e-4, atol=1e-4):
    You shuffled the words and left the mask as it was. Now it keeps other words, and the output may well
    change: the mask goes with them.""")
plain.slip("""padding-stays-behind
    - order = np.array([6, 3, 7, 1, 4, 0, 2, 5])
    + order = np.array([2, 0, 1, 4, 3, 7, 5, 6])
    In your test all padding stands behind the words. Whoever counts what the mask keeps, and reads so many
    words from the front, gets away: shuffle padding and words together.""")
plain.slip("""source-never-changed
    - if np.allclose(moved[b], o[b], rtol=1e-4, atol=1e-4):
    -     return False
    You only ask what must not change. A function that never reads the source passes all that: other words
    have to give another output.""")
plain.slip("""first-row-only-changed
    - for b in range(3):
    + for b in range(1):
    - if not np.allclose(moved[rest], o[rest], rtol=1e-4, atol=1e-4):
    -     return False
    You change the source of one row, and look whether that row's output changes. Whoever reads the first
    row's source for all gets away: change each row, or look at the other rows as well.""")
plain.slip("""targets-never-changed
    - for t in range(5):
    + for t in ():
    You never change a target, or have only one. Then nobody sees whether targets look at each other.""")
plain.slip("""last-target-only
    - for t in range(5):
    + for t in (4,):
    You change the last target only. If each looks at earlier ones, the last one has no influence on
    others, and the function gets away: change the others, too.""")
plain.slip("""demands-independence-of-y
    - if not np.allclose(fn(other, x, mask)[:, rest], o[:, rest], rtol=1e-4, atol=1e-4):
    + if not np.allclose(fn(other, x, mask), o, rtol=1e-4, atol=1e-4):
    Your test wants no output to change with a target. With its own it may: the target is what asks. Only
    *other* targets' outputs must stay.""")
plain.slip("""demands-dependence-on-y
    - return True
    + return not np.allclose(fn(y + 1, x, mask), o, rtol=1e-4, atol=1e-4)
    Your test wants the outputs to depend on the targets. They needn't: a plain mean of the source is the
    same for every target, and reads the source as it should.""")
plain.slip("""demands-no-order-of-targets
    - return True
    + return np.allclose(fn(y[:, ::-1], x, mask)[:, ::-1], o, rtol=1e-4, atol=1e-4)
    Your test wants targets in another order to give the same outputs in that order. An output may depend
    on its place t: only *other targets* must make no difference.""")
plain.slip("""a-row-without-words
    - mask = np.arange(8) < np.array([[8], [5], [3]])
    + mask = np.arange(8) < np.array([[8], [5], [0]])
    - for b in range(3):
    + for b in range(2):
    One of your rows keeps no word at all. Nothing is promised for that, and a mean of nothing is nan: keep
    at least one word in each row.""")


@exercise.wrong
def shape_only(fn):
    """You compared shapes. They are right whatever is read: compare the numbers before and after a
    change."""
    rng = np.random.default_rng(0)
    y = rng.normal(size=(3, 5, 6))
    x = rng.normal(size=(3, 8, 6))
    mask = np.arange(8) < np.array([[8], [5], [3]])
    try:
        return fn(y, x, mask).shape == y.shape
    except Exception:
        return False


@exercise.wrong
def shape_not_asked(fn):
    """You never ask for the shape (B, T, D). A function may give 2·D numbers for each target, all of them
    obeying the rules."""
    rng = np.random.default_rng(0)
    y, x, new, pads = rng.normal(size=(4, 3, 8, 6))
    mask = np.arange(8) < np.array([[8], [5], [3]])
    try:
        o = fn(y, x, mask)
        hidden = np.where(mask[:, :, None], x, pads)
        order = np.array([6, 3, 7, 1, 4, 0, 2, 5, 8, 9])
        longer = np.concatenate([hidden, pads[:, :2]], axis=1)[:, order]
        keep = np.concatenate([mask, np.zeros((3, 2), bool)], axis=1)[:, order]
        if not np.allclose(fn(y, longer, keep), o, rtol=1e-4, atol=1e-4):
            return False
        for b in range(3):
            alone = np.where(np.arange(3)[:, None, None] == b, x, new)
            moved = fn(y, alone, mask)
            if not np.allclose(moved[b], o[b], rtol=1e-4, atol=1e-4):
                return False
            if any(np.allclose(moved[a], o[a], rtol=1e-4, atol=1e-4) for a in range(3) if a != b):
                return False
        for t in range(8):
            other = np.where(np.arange(8)[:, None] == t, y, new)
            if not np.allclose(fn(other, x, mask)[:, t], o[:, t], rtol=1e-4, atol=1e-4):
                return False
        return True
    except Exception:
        return False


@exercise.wrong
def too_loose(fn):
    """Your tolerance is so wide that a little weight on padding passes, which changes the second digit. How
    close does float32 come?"""
    rng = np.random.default_rng(0)
    y, x, new, pads = rng.normal(size=(4, 3, 8, 6))
    mask = np.arange(8) < np.array([[8], [5], [3]])

    def same(a, b):
        return a.shape == b.shape and np.abs(a - b).max() < 0.6

    try:
        o = fn(y, x, mask)
        order = np.array([6, 3, 7, 1, 4, 0, 2, 5])
        hidden = np.where(mask[:, :, None], x, pads)[:, order]
        moved = fn(y, new, mask)
        if o.shape != y.shape or not same(fn(y, hidden, mask[:, order]), o):
            return False
        if any(np.abs(a - b).max() < 1e-4 for a, b in zip(moved, o, strict=True)):
            return False
        for t in range(8):
            other = np.where(np.arange(8)[:, None] == t, y, new)
            if not same(fn(other, x, mask)[:, t], o[:, t]):
                return False
        return True
    except Exception:
        return False


@exercise.wrong
def too_tight(fn):
    """You asked for more digits than float32 has. Words in another order are added up in another order, and
    the seventh digit may change: that is no fault."""
    rng = np.random.default_rng(0)
    y, x, new, pads = rng.normal(size=(4, 3, 8, 6))
    mask = np.arange(8) < np.array([[8], [5], [3]])

    def same(a, b):
        return a.shape == b.shape and np.allclose(a, b, rtol=1e-10, atol=1e-11)

    try:
        o = fn(y, x, mask)
        order = np.array([6, 3, 7, 1, 4, 0, 2, 5, 8, 9])
        hidden = np.concatenate([np.where(mask[:, :, None], x, pads), pads[:, :2]], axis=1)
        keep = np.concatenate([mask, np.zeros((3, 2), bool)], axis=1)
        if o.shape != y.shape or not same(fn(y, hidden[:, order], keep[:, order]), o):
            return False
        for b in range(3):
            moved = fn(y, np.where(np.arange(3)[:, None, None] == b, new, x), mask)
            if [same(moved[a], o[a]) for a in range(3)] != [a != b for a in range(3)]:
                return False
        for t in range(8):
            other = np.where(np.arange(8)[:, None] == t, y, new)
            if not same(fn(other, x, mask)[:, t], o[:, t]):
                return False
        return True
    except Exception:
        return False


@exercise.wrong
def nan_passes(fn):
    """A nan slips through your comparison: nan > 0.001 is False, so nothing seems to differ. Ask the other
    way round, whether the difference *is* small: nan is not."""
    rng = np.random.default_rng(0)
    y, x, new, pads = rng.normal(size=(4, 3, 8, 6))
    mask = np.arange(8) < np.array([[8], [5], [3]])

    def differ(a, b):
        return a.shape != b.shape or bool((np.abs(a - b) > 1e-3).any())

    try:
        o = fn(y, x, mask)
        order = np.array([6, 3, 7, 1, 4, 0, 2, 5, 8, 9])
        hidden = np.concatenate([np.where(mask[:, :, None], x, pads), pads[:, :2]], axis=1)
        keep = np.concatenate([mask, np.zeros((3, 2), bool)], axis=1)
        if o.shape != y.shape or differ(fn(y, hidden[:, order], keep[:, order]), o):
            return False
        for b in range(3):
            moved = fn(y, np.where(np.arange(3)[:, None, None] == b, new, x), mask)
            if [differ(moved[a], o[a]) for a in range(3)] != [a == b for a in range(3)]:
                return False
        for t in range(8):
            other = np.where(np.arange(8)[:, None] == t, y, new)
            if differ(fn(other, x, mask)[:, t], o[:, t]):
                return False
        return True
    except Exception:
        return False


plain.slip("""errors-pass
    - except Exception:
    -     return False
    + except Exception:
    +     return True
    Your test passes a function that stops with an error. Nothing was compared, so nothing is shown.""")


@exercise.wrong
def crashes_with_fn(fn):
    """Your test stops with the error of the function that it tests. A crash is an answer too: which
    one?"""
    rng = np.random.default_rng(0)
    y, x, new, pads = rng.normal(size=(4, 3, 8, 6))
    mask = np.arange(8) < np.array([[8], [5], [3]])

    def same(a, b):
        return a.shape == b.shape and np.allclose(a, b, rtol=1e-4, atol=1e-4)

    o = fn(y, x, mask)
    order = np.array([6, 3, 7, 1, 4, 0, 2, 5, 8, 9])
    hidden = np.concatenate([np.where(mask[:, :, None], x, pads), pads[:, :2]], axis=1)
    keep = np.concatenate([mask, np.zeros((3, 2), bool)], axis=1)
    if o.shape != y.shape or not same(fn(y, hidden[:, order], keep[:, order]), o):
        return False
    for b in range(3):
        moved = fn(y, np.where(np.arange(3)[:, None, None] == b, new, x), mask)
        if [same(moved[a], o[a]) for a in range(3)] != [a != b for a in range(3)]:
            return False
    for t in range(8):
        other = np.where(np.arange(8)[:, None] == t, y, new)
        if not same(fn(other, x, mask)[:, t], o[:, t]):
            return False
    return True


@exercise.wrong
def turned_round(fn):
    """Your test says True of functions that read the source wrongly, and False of right ones. True is for
    those that obey all four rules."""
    rng = np.random.default_rng(0)
    y, x, new, pads = rng.normal(size=(4, 3, 8, 6))
    mask = np.arange(8) < np.array([[8], [5], [3]])

    def same(a, b):
        return a.shape == b.shape and np.allclose(a, b, rtol=1e-4, atol=1e-4)

    try:
        o = fn(y, x, mask)
        order = np.array([6, 3, 7, 1, 4, 0, 2, 5, 8, 9])
        hidden = np.concatenate([np.where(mask[:, :, None], x, pads), pads[:, :2]], axis=1)
        keep = np.concatenate([mask, np.zeros((3, 2), bool)], axis=1)
        if o.shape != y.shape or not same(fn(y, hidden[:, order], keep[:, order]), o):
            return True
        for b in range(3):
            moved = fn(y, np.where(np.arange(3)[:, None, None] == b, new, x), mask)
            if [same(moved[a], o[a]) for a in range(3)] != [a != b for a in range(3)]:
                return True
        for t in range(8):
            other = np.where(np.arange(8)[:, None] == t, y, new)
            if not same(fn(other, x, mask)[:, t], o[:, t]):
                return True
        return False
    except Exception:
        return True
