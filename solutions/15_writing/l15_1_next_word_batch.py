import numpy as np

from autograder.authoring import (
    CallOf,
    Check,
    Exercise,
    between,
    call,
    probe,
    read_only,
    seeded,
    strided,
)

exercise = Exercise(
    "A batch of windows",
    solve="next_word_batch",
    difficulty=2,
    importance=4,
    minutes=10,
    hints="""Take one window first. It needs T words, and one more behind them for the last answer.
    At which place may it begin at the earliest, and at which at the latest, in a text of N words?

    B beginnings come from one call, `rng.integers(high, size=B)`: from 0 up to high − 1. A column
    of beginnings (B, 1) and a row 0 … T − 1 broadcast to the places of all words, (B, T). And the
    places of the answers?

    The last beginning is N − T − 1, so `high` is N − T. With `place_BT = start_B[:, None] +
    np.arange(T)`, x is `ids_N[place_BT]`, and y is the same one place further on.""",
)

SEEDS = 400  # calls: a share of 1/9 has a standard deviation of 0.016


def steps(next_word_batch, ids, T, B, seed):
    x_BT, y_BT = next_word_batch(ids, T, B, np.random.default_rng(seed))
    return y_BT - x_BT, np.diff(x_BT, axis=1)


def shares_of_starts(next_word_batch, ids, T, B, seed, times):
    place = {int(word): n for n, word in enumerate(ids)}
    count_BN = np.zeros((B, len(ids) - T))
    for s in range(times):
        x_BT, _ = next_word_batch(ids, T, B, np.random.default_rng([seed, s]))
        for row, first in enumerate(np.asarray(x_BT)[:, 0].tolist()):
            count_BN[row, place[first]] += 1
    return count_BN / times


def shares_of_gaps(next_word_batch, ids, T, seed, times):
    place = {int(word): n for n, word in enumerate(ids)}
    count_PN = np.zeros((3, len(ids) - T))
    for s in range(times):
        x_BT, _ = next_word_batch(ids, T, 3, np.random.default_rng([seed, s]))
        a, b, c = (place[first] for first in np.asarray(x_BT)[:, 0].tolist())
        for pair, gap in enumerate((b - a, c - b, a - c)):
            count_PN[pair, gap % count_PN.shape[1]] += 1
    return count_PN / times


def first_alike(next_word_batch, ids, seeds):
    import random

    found, moved = [], 0
    for n, seed in enumerate(seeds):
        np.random.seed(n)
        random.seed(n)
        before = np.random.get_state()[1].tolist(), random.getstate()
        x_BT, _ = next_word_batch(np.array(ids), 3, 5, np.random.default_rng(seed))
        moved += before != (np.random.get_state()[1].tolist(), random.getstate())
        found.append(np.asarray(x_BT).tolist())
    return np.array([found.index(each) for each in found] + [moved])


def kinds(next_word_batch, ids, T, B, seed):
    x_BT, y_BT = next_word_batch(ids, T, B, np.random.default_rng(seed))
    return {
        name: "whole numbers" if np.asarray(each).dtype.kind in "iu" else "others"
        for name, each in (("x", x_BT), ("y", y_BT))
    }


def words(rng: np.random.Generator, n: int, dtype: str = "int64") -> np.ndarray:
    """n different ids, in a drawn order."""
    return rng.permutation(np.arange(2, 2 + 3 * n))[:n].astype(dtype)


def near(share: float, *shape: int) -> object:
    """Bounds at 5.5 standard deviations of a share over all seeds."""
    far = 5.5 * (share * (1 - share) / SEEDS) ** 0.5
    return between(np.full(shape, share - far), np.full(shape, share + far))


@exercise.checks
def checks(rng):
    (fresh,) = rng.spawn(1)
    seed = int(rng.integers(10_000))
    short = words(rng, 6)
    yield Check(
        "a text with room for one window",
        call(np.array([7, 3, 9, 4]), 3, 2, seeded(seed)),
        call(short, 5, 3, seeded(seed)),
        call(words(rng, 4, "int32"), 3, 7, seeded(seed)),
        says="With N = T + 1 a window can begin in one place only: y is x, one word further on.",
    )
    strides = fresh.permutation([2, 3, 5, 7, 11, 13])

    def line(step: int, N: int) -> np.ndarray:
        return int(fresh.integers(2, 9)) + int(step) * np.arange(N)

    yield Check(
        "windows of a longer text",
        *(
            probe(
                steps,
                says="""In a text whose ids grow by the same number each time: y − x, and by how
                much x grows from word to word,""",
            )(line(step, N), T, B, seed + 1)
            for step, N, T, B in zip(strides, (12, 31, 18), (4, 7, 3), (3, 5, 2), strict=False)
        ),
        says="""Each row of x is T neighbouring words, and y is the word behind each of them. The
        ids here grow by one and the same number from word to word.""",
    )
    rooms = fresh.permutation([4, 5, 6, 7, 8, 9])[:3].tolist()
    widths = fresh.permutation([3, 4, 5])

    def starts(N: int, T: int, B: int) -> CallOf:
        return probe(
            shares_of_starts,
            says=f"""Over {SEEDS} calls, for each row the shares of its windows that begin at place
            0, 1, 2, …""",
        )(
            words(fresh, N),
            T,
            B,
            seed + 2,
            SEEDS,
            expect=near(1 / (N - T), B, N - T),
            tolerance=0.01,
        )

    yield Check(
        "every beginning equally likely",
        *(
            starts(int(room + T), int(T), B)
            for room, T, B in zip(rooms, widths, (2, 3, 2), strict=True)
        ),
        says="""A window may begin at 0, 1, …, N − T − 1: in each row, each of these places equally
        often.""",
        points=2,
    )

    def gaps(N: int, T: int) -> CallOf:
        return probe(
            shares_of_gaps,
            says=f"""Over {SEEDS} calls with three rows, the shares of how many places, counted
            round in a ring, the second window begins behind the first, the third behind the second,
            and the first behind the third,""",
        )(words(fresh, N), T, seed + 3, SEEDS, expect=near(1 / (N - T), 3, N - T), tolerance=0.01)

    yield Check(
        "each window on its own",
        *(gaps(int(room + T), int(T)) for room, T in zip(rooms[::-1], widths, strict=True)),
        says="""Where one window begins tells nothing about where another one does; now and then two
        begin at the same place.""",
    )
    seeds = fresh.permutation(np.repeat(fresh.choice(999, 5, replace=False), [3, 2, 2, 2, 1]))
    others = fresh.permutation(np.repeat(fresh.choice(999, 4, replace=False), [4, 2, 2, 1]))
    yield Check(
        "draws from the generator it is given",
        *(
            probe(
                first_alike,
                says="""For each of some calls, the first one (they count from 0) that gave the same
                x, and at last how often another generator was moved,""",
            )(words(fresh, 3000).tolist(), each.tolist())
            for each in (seeds, others)
        ),
        says="""Draw from `rng` and from nothing else: the same seed gives the same batch, another
        seed another one, and nobody else's generator is moved or read.""",
    )
    yield Check(
        "whole numbers, from arrays of any kind, left alone",
        *(
            call(laid_out(words(fresh, N, dtype)), N - 1, B, seeded(seed + 4))
            for laid_out, dtype, N, B in (
                (read_only, "int64", 5, 3),
                (strided, "int64", 6, 2),
                (np.array, "int32", 8, 5),
            )
        ),
        *(
            probe(kinds, says="What was returned")(words(fresh, 9, dtype), 4, 3, seed + 4)
            for dtype in ("int32", "int64")
        ),
        says="Ids look up rows of a table: x and y are whole numbers, and the text stays as it is.",
        judges="inputs untouched",
    )


@exercise.right("a loop over windows")
def a_loop_over_windows(ids_N, T, B, rng):
    x_BT = np.zeros((B, T), ids_N.dtype)
    y_BT = np.zeros((B, T), ids_N.dtype)
    for b in range(B):
        start = rng.integers(0, len(ids_N) - T)
        for t in range(T):
            x_BT[b, t] = ids_N[start + t]
            y_BT[b, t] = ids_N[start + t + 1]
    return x_BT, y_BT


@exercise.right("slices of T + 1 words, stacked")
def slices_stacked(ids_N, T, B, rng):
    starts = [int(rng.random() * (len(ids_N) - T)) for _ in range(B)]
    both = np.stack([ids_N[start : start + T + 1] for start in starts])
    return both[:, :-1], both[:, 1:]


@exercise.right("rows of all windows there are")
def rows_of_all_windows(ids_N, T, B, rng):
    windows = np.lib.stride_tricks.sliding_window_view(ids_N, T + 1)
    both = windows[rng.choice(len(windows), size=B)]
    return both[:, :T], both[:, 1:].astype("int64")


@exercise.plain
def plain(ids_N, T, B, rng):
    N = len(ids_N)
    starts = rng.integers(0, N - T, size=B)
    x = np.stack([ids_N[s : s + T] for s in starts])
    y = np.stack([ids_N[s + 1 : s + T + 1] for s in starts])
    return x, y


exercise.slip("""y-is-x
    - return ids_N[place_BT], ids_N[place_BT + 1]
    + return ids_N[place_BT], ids_N[place_BT]
    Your y is x itself. A model that is asked for the word it is just reading learns to copy, and
    its loss falls to nothing. Which word should it be asked for?""")
exercise.slip("""shifted-back
    - return ids_N[place_BT], ids_N[place_BT + 1]
    + return ids_N[place_BT + 1], ids_N[place_BT]
    Your y is one word behind x instead of ahead: the model would be asked for the word before, which
    it has read already.""")
exercise.slip("""wraps-at-the-end
    - start_B = rng.integers(len(ids_N) - T, size=B)
    + N = len(ids_N)
    + start_B = rng.integers(N, size=B)
    - return ids_N[place_BT], ids_N[place_BT + 1]
    + return ids_N[place_BT % N], ids_N[(place_BT + 1) % N]
    Some of your windows run over the end of the text and go on at its beginning. The first word of
    the corpus doesn't follow the last one: such a window should not begin so late.""")
exercise.slip("""last-start-never-drawn
    - start_B = rng.integers(len(ids_N) - T, size=B)
    + start_B = rng.integers(max(1, len(ids_N) - T - 1), size=B)
    The last window that fits is never drawn. `rng.integers(high)` leaves out `high` itself. Which is
    the last place where a window of T words and one more can begin?""")
exercise.slip("""first-start-never-drawn
    - start_B = rng.integers(len(ids_N) - T, size=B)
    + start_B = rng.integers(min(1, len(ids_N) - T - 1), len(ids_N) - T, size=B)
    No window of yours begins at the first word. Places count from 0.""")
exercise.slip("""one-start-too-many
    - start_B = rng.integers(len(ids_N) - T, size=B)
    + start_B = rng.integers(len(ids_N) - T + 1, size=B)
    Some windows begin too late: a window needs T words, and one more behind them for the answer to
    the last. Which is the last place where it can begin?""")
plain.slip("""one-start-too-many-sliced
    - starts = rng.integers(0, N - T, size=B)
    + starts = rng.integers(0, N - T + 1, size=B)
    Some windows begin one place too late. A slice that runs over the end is silently shorter, so y
    has a word fewer there. Where does the last window begin that has an answer to every word?""")
exercise.slip("""one-window-for-the-whole-batch
    - start_B = rng.integers(len(ids_N) - T, size=B)
    + start_B = np.full(B, rng.integers(len(ids_N) - T))
    All rows of your batch are the same window. Then a batch teaches no more than one row: each
    needs a beginning of its own.""")
exercise.slip("""neighbouring-windows
    - start_B = rng.integers(len(ids_N) - T, size=B)
    + start_B = (rng.integers(len(ids_N) - T) + np.arange(B)) % (len(ids_N) - T)
    You drew one beginning, and the other rows follow from it, each one place further on. Such rows
    overlap in all but a word. Draw each for itself.""")
exercise.slip("""y-from-another-window
    - return ids_N[place_BT], ids_N[place_BT + 1]
    + other_BT = rng.integers(len(ids_N) - T, size=B)[:, None] + np.arange(T)
    + return ids_N[place_BT], ids_N[other_BT + 1]
    Your y comes from windows drawn a second time, so it answers other questions than x asks. Both
    need the same beginnings.""")
exercise.slip("""words-drawn-one-by-one
    - start_B = rng.integers(len(ids_N) - T, size=B)
    - place_BT = start_B[:, None] + np.arange(T)
    + place_BT = rng.integers(len(ids_N) - T, size=(B, T))
    You drew every word for itself. The rows are no text: a window is T *neighbouring* words, and only
    its beginning is drawn.""")


@exercise.wrong
def no_window_twice(ids_N, T, B, rng):
    """You drew without putting back, so that no two windows begin at the same place. Then the rows
    depend on one another, and a text with fewer places than rows can't be drawn from at all. Each
    window is drawn on its own."""
    start_B = rng.choice(len(ids_N) - T, size=B, replace=False)
    place_BT = start_B[:, None] + np.arange(T)
    return ids_N[place_BT], ids_N[place_BT + 1]


@exercise.wrong
def no_window_twice_and_fewer_rows(ids_N, T, B, rng):
    """You shuffled all places and took the first B, so that no two windows begin at the same place, and
    where there are fewer places than rows you return too few rows. Each window is drawn on its own."""
    start_B = rng.permutation(len(ids_N) - T)[:B]
    place_BT = start_B[:, None] + np.arange(T)
    return ids_N[place_BT], ids_N[place_BT + 1]


exercise.slip("""sorted-windows
    - start_B = rng.integers(len(ids_N) - T, size=B)
    + start_B = np.sort(rng.integers(len(ids_N) - T, size=B))
    Your windows stand in the order of the text, so the first row comes mostly from its beginning.
    Leave them as they are drawn.""")
exercise.slip("""whole-blocks
    - start_B = rng.integers(len(ids_N) - T, size=B)
    + start_B = T * rng.integers((len(ids_N) - 1) // T, size=B)
    Your windows begin at multiples of T only. The text is cut into blocks once for all, and no word
    is ever seen at another place of a window. Every beginning should be possible.""")
exercise.slip("""blocks-in-order
    - start_B = rng.integers(len(ids_N) - T, size=B)
    + start_B = np.arange(B) * T % (len(ids_N) - T)
    Nothing is drawn: every call gives the same windows, one behind the other. The beginnings come
    from `rng`.""")
exercise.slip("""global-generator
    - start_B = rng.integers(len(ids_N) - T, size=B)
    + start_B = np.random.randint(len(ids_N) - T, size=B)
    You drew from `np.random`, the generator that everybody shares. Whoever repeats the run with the
    same `rng` gets other windows. Draw from `rng`.""")
exercise.slip("""own-seed
    - start_B = rng.integers(len(ids_N) - T, size=B)
    + start_B = np.random.default_rng(0).integers(len(ids_N) - T, size=B)
    You made a generator of your own, so every call gives the same windows, whatever generator it is
    given. Draw from `rng`.""")
exercise.slip("""T-minus-one-words
    - place_BT = start_B[:, None] + np.arange(T)
    + place_BT = start_B[:, None] + np.arange(T - 1)
    Your rows have T − 1 words: you cut windows of T words and lost one by the shift. T words and one
    more are needed, then x has T and y has T.""")
exercise.slip("""only-the-last-answer
    - return ids_N[place_BT], ids_N[place_BT + 1]
    + return ids_N[place_BT], ids_N[start_B + T]
    Your y is the one word behind each window. A model with a causal mask answers at every place, so
    every word of x has an answer: y is (B, T).""")
exercise.slip("""ids-plus-one
    - return ids_N[place_BT], ids_N[place_BT + 1]
    + return ids_N[place_BT], ids_N[place_BT] + 1
    You added 1 to the ids. Id 8 is not the word behind id 7: the 1 belongs to the place in the text,
    inside the brackets.""")
exercise.slip("""words-across
    - return ids_N[place_BT], ids_N[place_BT + 1]
    + return ids_N[place_BT].T, ids_N[place_BT + 1].T
    Your windows are columns. One window is one row: (B, T).""")
exercise.slip("""as-floats
    - return ids_N[place_BT], ids_N[place_BT + 1]
    + return ids_N[place_BT] * 1.0, ids_N[place_BT + 1] * 1.0
    Your ids have a decimal point. They look up rows of a table, so whole numbers are asked for.
    `np.zeros` makes floats unless told otherwise.""")
