"""Both functions draw: they are judged by what they do over many seeds, and by how often."""

import numpy as np

from autograder.authoring import CallOf, Check, Exercise, every_layout, probe

from . import erasing_probes
from .shared import FILLERS, WORDS, near, seeds, some

exercise = Exercise(
    "Erased by chance",
    solve=("random_erase", "erase_patch"),
    difficulty=2,
    importance=4,
    minutes=15,
    hints="""Throw a coin for each *place*: a word that stands twice has two coins. When can
    nothing be left, and what is to be left then? For a picture: if a patch of 2 rows has to lie
    inside of 5, in which rows can it begin?

    `rng.random(len(tokens)) >= p` is True where a word stays, with probability 1 − p. If that has no
    True in it, one place is drawn. A patch begins in one of H − h + 1 rows and W − w + 1 columns,
    and each picture draws its own.

    If not `keep_T.any()`: `keep_T[rng.integers(len(tokens))] = True`; then a list of the words where
    it is True, by `zip`. For pictures: a copy, and for each b `i = rng.integers(H - h + 1)`, `j =
    rng.integers(W - w + 1)`, `out_BHW[b, i : i + h, j : j + w] = fill`.""",
)

TIMES = 400  # seeds, where nothing else is said


def text(rng: np.random.Generator, words: int) -> list[str]:
    """A sentence of different words."""
    return some(rng, [*WORDS, *FILLERS], words)


def pictures(rng: np.random.Generator, B: int, H: int, W: int) -> np.ndarray:
    """Pictures in which no number is one that fills a patch: all lie between 1 and 9."""
    return np.round(rng.uniform(1, 9, (B, H, W)), 2)


def binomial(T: int, p: float) -> np.ndarray:
    """How likely it is that 0, 1, … T words are left; none is none but one."""
    from math import comb

    shares = np.array([comb(T, n) * (1 - p) ** n * p ** (T - n) for n in range(T + 1)])
    shares[1] += shares[0]
    shares[0] = 0
    return shares


@exercise.checks
def checks(rng):
    (fresh,) = rng.spawn(1)
    yield from of_random_erase(rng)
    yield from of_erase_patch(fresh)


def of_random_erase(rng):
    def ask(tokens: list[str], p: float) -> CallOf:
        return probe(erasing_probes.kept, says="What was left")(
            tokens, p, int(rng.integers(10_000))
        )

    def all_gone(T: int) -> CallOf:
        return probe(
            erasing_probes.left_of_all,
            says="""With p = 1, over 100 seeds: whether each word was ever left (1) or never (0), and
            the smallest and the largest number of words left,""",
        )(text(rng, T), seeds(rng, 100))

    lengths = rng.permutation([2, 3, 4, 5, 6, 7])
    yield Check(
        "random_erase: no coin falls, and all of them",
        ask(["not", "a", "bad", "film"], 0.0),
        ask(text(rng, int(lengths[0])), 0.0),
        ask(text(rng, 1), 0.0),
        all_gone(int(lengths[1])),
        all_gone(int(lengths[2])),
        says="""With p = 0 all words stay. Where every coin falls, one word is left, any one of them
        by the same chance.""",
    )

    def shares(T: int, p: float) -> CallOf:
        alone, both = (1 - p) + p**T / T, (1 - p) ** 2
        return probe(
            erasing_probes.how_often,
            says=f"""With p = {p} and over {TIMES} seeds, how often (of 1) each two words were left
            together, and on the diagonal each word at all,""",
        )(
            text(rng, T),
            p,
            seeds(rng, TIMES),
            expect=near(np.where(np.eye(T, dtype=bool), alone, both), TIMES),
            tolerance=0.01,
        )

    ps = rng.permutation([0.15, 0.25, 0.35, 0.65, 0.75])
    yield Check(
        "random_erase: each word with probability p, on its own",
        *(
            shares(int(T), float(p))
            for T, p in zip(rng.permutation([5, 6, 7])[:2], ps, strict=False)
        ),
        says="""Each word is erased with probability p, whatever happens to the others, and what is
        left keeps its order.""",
        points=2,
    )

    def numbers(tokens: list[str], p: float, times: int = TIMES) -> CallOf:
        return probe(
            erasing_probes.how_many,
            says=f"""With p = {p} and over {times} seeds, how often (of 1) 0, 1, 2, … words were
            left,""",
        )(
            tokens,
            p,
            seeds(rng, times),
            expect=near(binomial(len(tokens), p), times),
            tolerance=0.01,
        )

    word, other = some(rng, WORDS, 2)
    T = int(rng.integers(4, 7))
    yield Check(
        "random_erase: a word that stands twice has two coins",
        numbers([word] * T, float(rng.choice([0.4, 0.5, 0.6]))),
        numbers([word, other, word, word, other][: 3 + int(rng.integers(3))], 0.3),
        says="""It is places that are erased: of "very very good" the first "very" may go and the
        second stay.""",
    )
    yield Check(
        "random_erase: the coins are thrown once",
        numbers(text(rng, int(rng.integers(2, 5))), float(rng.choice([0.78, 0.81, 0.84])), 2000),
        numbers(text(rng, int(rng.integers(5, 10))), float(rng.choice([0.2, 0.35, 0.5, 0.65]))),
        says="""Where nothing is left, a word is drawn, and the coins are not thrown again: else two
        words would be left too often.""",
    )
    again = rng.permutation(np.repeat(rng.choice(999, 5, replace=False), [3, 2, 2, 2, 1]))
    yield Check(
        "random_erase: draws from the generator it is given",
        probe(
            erasing_probes.erase_first_alike,
            says="""For each of ten calls, the first one (they count from 0) that left the same words,
            and at last how often another generator was moved,""",
        )(text(rng, 24), 0.5, again.tolist()),
        says="""Draw from `rng` and from nothing else: the same seed gives the same sentence, another
        seed another one, and nobody else's generator is moved.""",
    )
    yield Check(
        "random_erase: leaves the text alone",
        *(
            probe(erasing_probes.text_afterwards, says="The text that was given, afterwards,")(
                text(rng, 6), p, int(rng.integers(10_000))
            )
            for p in (0.5, 0.7, 0.8)
        ),
        says="The text is needed for the next copy: put what is left into a new list.",
    )


def of_erase_patch(rng):
    def ask(B: int, H: int, W: int, h: int, w: int, fill: float) -> CallOf:
        return probe(
            erasing_probes.sizes,
            says="""Height and width of what was erased and how many numbers, over 40 seeds and all
            pictures: the smallest and the largest""",
        )(pictures(rng, B, H, W), h, w, fill, seeds(rng, 40))

    fills = (-rng.permutation(np.arange(4, 40))[:4] / 4).tolist()  # exact in float32, too
    high, wide = rng.permutation([3, 4, 5, 6, 7])[:2].tolist()
    h, w = rng.permutation([2, 3, 4])[:2].tolist()
    yield Check(
        "erase_patch: h rows and w columns, wholly inside",
        ask(2, 3, 5, 2, 1, 0.0),
        ask(3, 6, 7, h, w, fills[1]),
        ask(2, 5, 8, int(rng.integers(1, 5)), int(rng.integers(5, 8)), fills[2]),
        says="""In each picture one patch of h rows and w columns becomes `fill`, all of it inside the
        picture, and nothing else changes.""",
        points=2,
    )
    yield Check(
        "erase_patch: a patch as large as the picture",
        ask(3, 2, 4, 2, 4, 0.0),
        ask(2, high, wide, high, wide, fills[3]),
        ask(3, 4, 6, 4, int(rng.integers(2, 5)), fills[0]),
        ask(2, 5, 3, int(rng.integers(2, 4)), 3, fills[1]),
        says="A patch may be as high as the picture, or as wide, or both: then one place is left.",
    )

    def places() -> tuple[int, int, int, int, int]:
        """Height and width of a picture, of a patch, and in how many places this may begin."""
        few = [(1, 5), (5, 1), (2, 2), (2, 3), (3, 2), (1, 7), (7, 1), (2, 4), (4, 2), (3, 3)]
        rows, columns = few[int(rng.integers(len(few)))]  # of more, a share might be 0 by chance
        h, w = rng.permutation([2, 3, 4])[:2].tolist()
        return rows + h - 1, columns + w - 1, h, w, rows * columns

    def corners() -> CallOf:
        H, W, h, w, n = places()
        return probe(
            erasing_probes.shares_of_corners,
            says=f"""Over {TIMES} seeds, how often (of 1) the patch of each picture began in each row
            and column,""",
        )(
            pictures(rng, 2, H, W),
            h,
            w,
            seeds(rng, TIMES),
            expect=near(np.full((2, H - h + 1, W - w + 1), 1 / n), TIMES),
            tolerance=0.01,
        )

    def pairs() -> CallOf:
        H, W, h, w, n = places()
        B = int(rng.integers(2, 5))
        return probe(
            erasing_probes.shares_of_pairs,
            says=f"""Over {TIMES} seeds, for each picture but the first, how often (of 1) its patch began
            0, 1, 2, … places behind that of the picture before (places counted row by row and round in
            a ring),""",
        )(
            pictures(rng, B, H, W),
            h,
            w,
            seeds(rng, TIMES),
            expect=near(np.full((B - 1, n), 1 / n), TIMES),
            tolerance=0.01,
        )

    yield Check(
        "erase_patch: every place equally likely",
        corners(),
        corners(),
        says="""A patch may begin in H − h + 1 rows and W − w + 1 columns, in the first and in the last
        of them as often as elsewhere.""",
    )
    yield Check(
        "erase_patch: another place for each picture",
        pairs(),
        pairs(),
        says="""Each picture draws a place of its own. Now and then two of them draw the same.""",
    )
    again = rng.permutation(np.repeat(rng.choice(999, 5, replace=False), [3, 2, 2, 2, 1]))
    yield Check(
        "erase_patch: draws from the generator it is given",
        probe(
            erasing_probes.patch_first_alike,
            says="""For each of ten calls, the first one (they count from 0) that erased the same
            places, and at last how often another generator was moved,""",
        )(pictures(rng, 6, 9, 10), 2, 3, again.tolist()),
        says="""Draw from `rng` and from nothing else: the same seed erases the same places, another
        seed others, and nobody else's generator is moved.""",
    )
    low_and_broad = rng.choice(np.arange(1, 6), 2).tolist()
    yield Check(
        "erase_patch: any layout in memory, inputs left alone",
        *every_layout(
            probe(
                erasing_probes.in_any_layout,
                says="""How many numbers were erased, the fewest and the most, over 20 seeds and all
                pictures,""",
            )(pictures(rng, 2, 6, 8), *low_and_broad, fills[0], seeds(rng, 20))
        ),
        says="The pictures are needed as they were: write into a copy.",
        judges="inputs untouched",
    )


erase, patch = exercise.of("random_erase"), exercise.of("erase_patch")


@erase.right("random_erase: a coin at a time")
def a_coin_at_a_time(tokens, p, rng):
    left = []
    for word in tokens:
        if rng.random() >= p:
            left.append(word)
    if not left:
        left.append(tokens[int(rng.integers(len(tokens)))])
    return left


@erase.right("random_erase: binomial numbers, and rng.choice for the last one")
def binomial_numbers(tokens, p, rng):
    erased_T = rng.binomial(1, p, size=len(tokens)).astype(bool)
    if erased_T.all():
        return [rng.choice(tokens)]
    return [tokens[t] for t in np.flatnonzero(~erased_T)]


@erase.right("random_erase: how many, then which")
def how_many_then_which(tokens, p, rng):
    T = len(tokens)
    n = max(1, T - int(rng.binomial(T, p)))
    return [tokens[t] for t in sorted(rng.permutation(T)[:n].tolist())]


@patch.right("erase_patch: all corners at once, and masks")
def corners_and_masks(img_BHW, h, w, rng, fill=0.0):
    B, H, W = img_BHW.shape
    i_B11 = rng.integers(0, H - h, size=(B, 1, 1), endpoint=True)
    j_B11 = rng.integers(0, W - w, size=(B, 1, 1), endpoint=True)
    i_H1, j_W = np.arange(H)[:, None], np.arange(W)
    inside = (i_H1 >= i_B11) & (i_H1 < i_B11 + h) & (j_W >= j_B11) & (j_W < j_B11 + w)
    return np.where(inside, fill, img_BHW)


@patch.right("erase_patch: one number for row and column, picture by picture")
def one_number_for_both(img_BHW, h, w, rng, fill=0.0):
    out = []
    for img_HW in img_BHW:
        rows, columns = img_HW.shape[0] - h + 1, img_HW.shape[1] - w + 1
        i, j = divmod(int(rng.random() * rows * columns), columns)
        new = np.array(img_HW)
        for r in range(i, i + h):
            for c in range(j, j + w):
                new[r, c] = fill
        out.append(new)
    return np.stack(out)


@patch.right("erase_patch: windows of a view")
def windows_of_a_view(img_BHW, h, w, rng, fill=0.0):
    out = img_BHW.astype(float)
    windows = np.lib.stride_tricks.sliding_window_view(out, (h, w), axis=(1, 2), writeable=True)
    for b in range(len(out)):
        windows[b, rng.choice(windows.shape[1]), rng.choice(windows.shape[2])] = fill
    return out


for after, reason in (
    ("stays_T = rng.random(len(tokens)) > p", "That a drawn number is p itself never happens."),
    (
        "stays_T[rng.integers(len(tokens)) - 1] = True",
        "One place further on, round from the first to the last: each is as likely as before.",
    ),
    ("stays_T[rng.integers(len(tokens))] = -True", "Minus one counts as true, like one."),
    (
        "out_BHW[b - 1, i : i + h, j : j + w] = fill",
        "Each picture gets its patch, the last one first.",
    ),
):
    exercise.allow_mutant(after=after, reason=reason)


@erase.plain
def plain_erase(tokens, p, rng):
    left = [word for word in tokens if rng.random() >= p]
    if len(left) == 0:
        left = [str(rng.choice(tokens))]
    return left


plain_erase.slip("""nothing-left
    - if len(left) == 0:
    -     left = [str(rng.choice(tokens))]
    You return an empty list where all coins fall, and a short text is then no text at all. One word
    has to be left, drawn from all.""")
plain_erase.slip("""first-word-saved
    - str(rng.choice(tokens))
    + tokens[0]
    You keep the first word where all coins fall. Any word should be left by the same chance.""")
plain_erase.slip("""all-words-back
    - left = [str(rng.choice(tokens))]
    + left = list(tokens)
    You return the whole text where all coins fall. One word of it is to be left.""")
plain_erase.slip("""coins-thrown-again
    - if len(left) == 0:
    -     left = [str(rng.choice(tokens))]
    + while len(left) == 0:
    +     left = [word for word in tokens if rng.random() >= p]
    You throw all coins again until a word is left. For p = 1 that goes on for ever, and for a large p
    two words are left too often. Draw one word instead.""")
plain_erase.slip("""p-is-what-stays
    - rng.random() >= p
    + rng.random() < p
    You keep each word with probability p. p is the probability that it goes.""")
plain_erase.slip("""one-coin-for-the-text
    - left = [word for word in tokens if rng.random() >= p]
    + coin = rng.random()
    + left = [word for word in tokens if coin >= p]
    You threw one coin for the whole text: all words stay, or all go. Each word has its own.""")
plain_erase.slip("""by-value
    - left = [word for word in tokens if rng.random() >= p]
    + stays = {word: rng.random() >= p for word in tokens}
    + left = [word for word in tokens if stays[word]]
    You threw a coin for each *word*, so that all places of a word stay or go together. Each place has
    a coin of its own.""")


@erase.wrong
def exactly_so_many(tokens, p, rng):
    """You erase the same number of words each time, p times the length. With a coin for each word that
    number wavers: only its mean is p·T."""
    n = max(1, len(tokens) - round(p * len(tokens)))
    places = sorted(rng.permutation(len(tokens))[:n].tolist())
    return [tokens[t] for t in places]


@erase.wrong
def one_word_safe(tokens, p, rng):
    """You drew a word that can't be erased before you threw the coins, so words stay too often. Only
    where all coins have fallen is one drawn."""
    safe = int(rng.integers(len(tokens)))
    return [word for t, word in enumerate(tokens) if t == safe or rng.random() >= p]


@erase.wrong
def last_word_saved(tokens, p, rng):
    """You erase word after word while more than one is left, so the last word is safe where all others
    have gone. Any word should be left by the same chance."""
    left, gone = [], 0
    for word in tokens:
        if gone < len(tokens) - 1 and rng.random() < p:
            gone += 1
        else:
            left.append(word)
    return left


@erase.wrong
def skips_the_next(tokens, p, rng):
    """You removed words from the list that your loop was going through. All that stand behind move up
    by one, so the loop skips the next word: it is never asked. Build a new list."""
    left = list(tokens)
    for word in left:
        if len(left) > 1 and rng.random() < p:
            left.remove(word)
    return left


@erase.wrong
def order_lost(tokens, p, rng):
    """You drew the words that stay, and left them in the order of the draw. They keep the order they
    have in the text: sort their places."""
    T = len(tokens)
    n = max(1, T - int(rng.binomial(T, p)))
    return [tokens[t] for t in rng.permutation(T)[:n]]


@erase.wrong
def gaps_marked(tokens, p, rng):
    """You put something into the places of the words that went. They are to be gone: the text grows
    shorter."""
    left = [word if rng.random() >= p else "<unk>" for word in tokens]
    if set(left) == {"<unk>"}:
        left[int(rng.integers(len(tokens)))] = tokens[int(rng.integers(len(tokens)))]
    return left


@erase.wrong
def erases_in_the_text(tokens, p, rng):
    """The right words are left, but you took the others out of the caller's own list. Put what stays
    into a new one."""
    gone = rng.random(len(tokens)) < p
    if gone.all():
        gone[rng.integers(len(tokens))] = False
    for t in reversed(range(len(tokens))):
        if gone[t]:
            del tokens[t]
    return tokens


plain_erase.slip("""text-as-a-string
    - return left
    + return " ".join(left)
    You returned one string. A list of words is asked for, as it was given.""")
plain_erase.slip("""global-generator
    - left = [word for word in tokens if rng.random() >= p]
    + left = [word for word in tokens if np.random.random() >= p]
    - str(rng.choice(tokens))
    + str(np.random.choice(tokens))
    You drew from `np.random`, the generator that everybody shares. Whoever calls you with the same
    `rng` again gets another text. Draw from `rng`.""")
plain_erase.slip("""own-seed
    - left = [word for word in tokens if rng.random() >= p]
    + rng = np.random.default_rng(0)
    + left = [word for word in tokens if rng.random() >= p]
    You made a generator of your own, so the same words go each time, whatever generator you are given.
    Draw from `rng`.""")


@patch.plain
def plain_patch(img_BHW, h, w, rng, fill=0.0):
    B, H, W = img_BHW.shape
    out = img_BHW.copy()
    for b in range(B):
        i = rng.integers(H - h + 1)
        j = rng.integers(W - w + 1)
        out[b, i : i + h, j : j + w] = fill
    return out


plain_patch.slip("""sides-swapped
    - i = rng.integers(H - h + 1)
    + i = rng.integers(max(1, H - w + 1))
    - j = rng.integers(W - w + 1)
    + j = rng.integers(max(1, W - h + 1))
    - i : i + h, j : j + w
    + i : i + w, j : j + h
    Your patch has w rows and h columns. h is its height, the number of rows.""")
plain_patch.slip("""same-patch-for-all
    - for b in range(B):
    -     i = rng.integers(H - h + 1)
    -     j = rng.integers(W - w + 1)
    -     out[b, i : i + h, j : j + w] = fill
    + i = rng.integers(H - h + 1)
    + j = rng.integers(W - w + 1)
    + out[:, i : i + h, j : j + w] = fill
    You erased the same places in all pictures of the batch. Each draws its own.""")
plain_patch.slip("""over-the-border
    - i = rng.integers(H - h + 1)
    + i = rng.integers(H)
    - j = rng.integers(W - w + 1)
    + j = rng.integers(W)
    Some of your patches begin so near the edge that they run over it, and less is erased: a slice that
    runs over the end is silently shorter. In which rows can a patch of h rows begin?""")
plain_patch.slip("""round-a-middle
    - i = rng.integers(H - h + 1)
    - j = rng.integers(W - w + 1)
    - out[b, i : i + h, j : j + w] = fill
    + i = int(rng.integers(H)) - h // 2
    + j = int(rng.integers(W)) - w // 2
    + out[b, max(i, 0) : i + h, max(j, 0) : j + w] = fill
    You drew the middle of the patch anywhere in the picture, so that near an edge a part of it is cut
    off. Here the whole patch lies inside: draw where it begins.""")
plain_patch.slip("""round-the-edge
    - out[b, i : i + h, j : j + w] = fill
    + rows, columns = (i + np.arange(h)) % H, (j + np.arange(w)) % W
    + out[b, rows[:, None], columns] = fill
    - i = rng.integers(H - h + 1)
    + i = rng.integers(H)
    - j = rng.integers(W - w + 1)
    + j = rng.integers(W)
    Some of your patches go on at the opposite edge. A patch lies in one piece, wholly inside: in which
    rows can it begin?""")
plain_patch.slip("""last-rows-never-reached
    - i = rng.integers(H - h + 1)
    + i = rng.integers(H - h)
    - j = rng.integers(W - w + 1)
    + j = rng.integers(W - w)
    Your patch never reaches the last row and the last column, and one that is as high as the picture
    can't be placed at all: `rng.integers(high)` leaves out `high` itself. How many places are there
    for 2 rows in 5?""")
plain_patch.slip("""one-row-too-many
    - i : i + h, j : j + w
    + i : i + h + 1, j : j + w + 1
    Your patch is a row and a column too large. A slice leaves out its end: i : i + h are h rows.""")
plain_patch.slip("""always-in-the-corner
    - i = rng.integers(H - h + 1)
    + i = 0
    - j = rng.integers(W - w + 1)
    + j = 0
    You erased the first rows and columns each time. The place is drawn from `rng`.""")
plain_patch.slip("""on-the-diagonal
    - j = rng.integers(W - w + 1)
    + j = min(i, W - w)
    You drew one number for the row and the column, so most places never have a turn. Draw two.""")
plain_patch.slip("""fill-ignored
    - = fill
    + = 0.0
    You filled the patch with 0, whatever `fill` says.""")
plain_patch.slip("""all-but-the-patch
    - out = img_BHW.copy()
    + out = np.full(img_BHW.shape, fill)
    - out[b, i : i + h, j : j + w] = fill
    + out[b, i : i + h, j : j + w] = img_BHW[b, i : i + h, j : j + w]
    You erased all but the patch. The patch is what goes.""")
plain_patch.slip("""first-picture-only
    - for b in range(B):
    + for b in range(1):
    You erased a patch of the first picture only. Each picture loses one.""")
plain_patch.slip("""writes-into-the-pictures
    - out = img_BHW.copy()
    + out = img_BHW
    What comes back is right, but you wrote into the caller's own pictures: `out = img_BHW` is another
    name for the same array.""")
plain_patch.slip("""patch-from-the-global-generator
    - i = rng.integers(H - h + 1)
    + i = np.random.randint(H - h + 1)
    - j = rng.integers(W - w + 1)
    + j = np.random.randint(W - w + 1)
    You drew from `np.random`, the generator that everybody shares. Whoever calls you with the same
    `rng` again gets other patches. Draw from `rng`.""")
plain_patch.slip("""patch-by-an-own-seed
    - out = img_BHW.copy()
    + out, rng = img_BHW.copy(), np.random.default_rng(0)
    You made a generator of your own, so the same places go each time, whatever generator you are
    given. Draw from `rng`.""")
