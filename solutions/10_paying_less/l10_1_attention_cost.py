import numpy as np

from autograder.authoring import Check, Exercise, call, probe

exercise = Exercise(
    "Count it",
    solve=("attention_cost", "window_mask"),
    difficulty=2,
    importance=4,
    minutes=12,
    hints="""Write down the shapes that meet in each step, one text and one head first. A product of
    (M, N) and (N, P) takes M · N · P multiplications and as many additions. For the window: how far
    apart are word t and word s?

    Four projections, each D · D wide: which of them are applied to the T words that read, which to
    the S that are read? In the scores every one of T queries meets every one of S keys, in each
    head over D // H numbers, so over all heads together over D. For the window, a column of places
    beside a row of places gives the (T, T) table of differences.

    Wq and Wo: 2 · B · T · D² each; Wk and Wv: 2 · B · S · D² each. Scores and mix: 2 · B · T · S · D
    each. The table of scores has a number for each text, head, query and key. The window is
    `np.abs(place_T[:, None] - place_T) <= w`.""",
)


def entries(attention_cost, B, T, S, D, H, names):
    cost = attention_cost(B, T, S, D, H)
    if not isinstance(cost, dict):
        raise TypeError(f"a dict is asked for, and it is a {type(cost).__name__}")
    for name in names:
        if name not in cost:
            raise ValueError(f"the dict has no entry '{name}'")
        if type(cost[name]) is not int:
            kind = "NumPy" if isinstance(cost[name], np.generic) else type(cost[name]).__name__
            raise TypeError(f"the entry '{name}' is a {kind} number; a Python int is asked for")
    return {name: cost[name] for name in names}


def sizes(rng: np.random.Generator) -> list[int]:
    """B, T, S, D and H, no two alike, D a multiple of H."""
    B, T, S = (int(n) for n in rng.permutation([2, 5, 7, 11, 13])[:3])
    H = int(rng.integers(3, 5))
    return [B, T, S, H * int(rng.integers(5, 9)), H]


@exercise.checks
def checks(rng):
    cost = probe(entries, says="The cost")
    one, other, third = sizes(rng), sizes(rng), sizes(rng)
    yield Check(
        "cost: the projections",
        cost(1, 2, 3, 4, 2, ["projections"]),
        cost(*one, ["projections"]),
        cost(*other, ["projections"]),
        says="""Two of the four matrices are applied to the words that read, two to those that are
        read.""",
    )
    yield Check(
        "cost: scores and mix",
        cost(1, 2, 3, 4, 2, ["scores", "mix"]),
        cost(*one, ["scores", "mix"]),
        cost(*third, ["scores", "mix"]),
        says="Every query meets every key, and every output takes some of every value.",
    )
    yield Check(
        "cost: numbers in the table of scores",
        cost(1, 2, 3, 4, 2, ["score_floats"]),
        cost(*other, ["score_floats"]),
        cost(*third, ["score_floats"]),
        says="Each text and each head has a table of its own, a row a query, a column a key.",
    )
    T, S = (int(n) for n in rng.integers(50_000, 100_000, 2))
    yield Check(
        "cost: long texts",
        cost(8, 65536, 32768, 1024, 16, ["projections", "scores", "mix", "score_floats"]),
        cost(4, T, S, 768, 12, ["projections", "scores", "mix", "score_floats"]),
        says="""For long texts these are numbers of fifteen digits. Python's whole numbers grow as
        needed, NumPy's begin again below zero.""",
    )
    few, many = int(rng.integers(6, 8)), int(rng.integers(9, 13))
    yield Check(
        "window: to both sides",
        call.window_mask(5, 1),
        call.window_mask(few, 2),
        call.window_mask(many, int(rng.integers(3, 5))),
        says="A word sees itself and at most w words on each side, and no text is a ring.",
    )
    yield Check(
        "window: narrow and wide",
        call.window_mask(4, 0),
        call.window_mask(1, 3),
        call.window_mask(few, few - 1),
        call.window_mask(few, many),
        call.window_mask(many, 0),
        says="With w = 0 a word sees itself alone; with w ≥ T − 1 everybody sees everybody.",
    )


cost, window = exercise.of("attention_cost"), exercise.of("window_mask")


@cost.right("cost: product by product, a loop")
def cost_product_by_product(B, T, S, D, H):
    def product(rows, inner, columns):
        return 2 * rows * inner * columns

    projections = sum(product(B * words, D, D) for words in (T, S, S, T))
    scores = mix = floats = 0
    for _ in range(H):
        scores += B * product(T, D // H, S)
        mix += B * product(T, S, D // H)
        floats += B * T * S
    return {"projections": projections, "scores": scores, "mix": mix, "score_floats": floats}


@cost.right("cost: with a total beside the four")
def cost_with_a_total(B, T, S, D, H):
    pairs = B * T * S
    cost = {"projections": 4 * B * (T + S) * D * D}
    cost["scores"] = cost["mix"] = 2 * pairs * D
    return {**cost, "total": sum(cost.values()), "score_floats": pairs * H}


@window.right("window: two loops")
def window_two_loops(T, w):
    keep = np.zeros((T, T), dtype=bool)
    for t in range(T):
        for s in range(max(0, t - w), min(T, t + w + 1)):
            keep[t, s] = True
    return keep


@window.right("window: a band of two triangles")
def window_a_band(T, w):
    return np.tril(np.ones((T, T), bool), w) & np.triu(np.ones((T, T), bool), -w)


@window.right("window: both sides of the distance")
def window_both_sides(T, w):
    apart = np.subtract.outer(np.arange(T), np.arange(T))
    return (apart <= w) & (apart >= -w)


for line in (
    "place_T = -np.arange(T)",
    "return np.abs(place_T - place_T[:, None]) <= w",
):
    exercise.allow_mutant(after=line, reason="A distance is the same from either side.")
cost.slip("""multiply-add-counted-once
    - "projections": 2 * B * D**2 * (2 * T + 2 * S),
    - "scores": 2 * B * T * S * D,
    - "mix": 2 * B * T * S * D,
    + "projections": B * D**2 * (2 * T + 2 * S),
    + "scores": B * T * S * D,
    + "mix": B * T * S * D,
    You counted a multiplication and the addition that follows it (a multiply-add) as one operation:
    all your counts of operations are half as large. By the convention of this lesson, and of most
    papers, they are two.""")
cost.slip("""scores-times-H
    - "scores": 2 * B * T * S * D,
    - "mix": 2 * B * T * S * D,
    + "scores": 2 * B * H * T * S * D,
    + "mix": 2 * B * H * T * S * D,
    You multiplied the scores and the mix by the number of heads. Each head has scores of its own,
    but how many numbers wide is a head? H heads of D // H numbers: what is that together?""")
cost.slip("""scores-of-one-head
    - "scores": 2 * B * T * S * D,
    - "mix": 2 * B * T * S * D,
    + "scores": 2 * B * T * S * (D // H),
    + "mix": 2 * B * T * S * (D // H),
    You counted the scores and the mix of a single head, D // H numbers wide. There are H of them:
    how wide are they together?""")
cost.slip("""T-squared
    - "scores": 2 * B * T * S * D,
    - "mix": 2 * B * T * S * D,
    - "score_floats": B * H * T * S,
    + "scores": 2 * B * T * T * D,
    + "mix": 2 * B * T * T * D,
    + "score_floats": B * H * T * T,
    You counted T · T pairs. That is right where a text reads itself (self-attention); here T words
    read S others (cross-attention). How many pairs of a query and a key are there?""")
cost.slip("""S-squared
    - "scores": 2 * B * T * S * D,
    - "mix": 2 * B * T * S * D,
    - "score_floats": B * H * T * S,
    + "scores": 2 * B * S * S * D,
    + "mix": 2 * B * S * S * D,
    + "score_floats": B * H * S * S,
    You counted S · S pairs. Keys don't meet keys: T queries meet S keys. How many pairs is that?""")
cost.slip("""H-missing-in-the-memory
    - B * H * T * S
    + B * T * S
    You gave all heads one table of scores together. Each head has other weights, so each keeps a
    table of its own: how many numbers is that in all?""")
cost.slip("""table-as-wide-as-the-words
    - B * H * T * S
    + B * T * S * D
    You gave each pair of query and key D numbers. A score is one number for each head: the width
    was summed over when the dot product was taken.""")
cost.slip("""bytes-for-numbers
    - B * H * T * S
    + 4 * B * H * T * S
    You counted the table's bytes, four for each float32. Asked for is how many numbers it holds:
    how many bytes one takes is another question, and section 4 gives several answers.""")
cost.slip("""Wo-forgotten
    - (2 * T + 2 * S)
    + (T + 2 * S)
    You counted query, key and value. One matrix more mixes what the heads have found, the output
    projection Wo: to how many words is it applied?""")
cost.slip("""projections-all-over-T
    - (2 * T + 2 * S)
    + 4 * T
    You applied all four matrices to the T words that read. Keys and values are made from the words
    that are read: how many are these?""")
cost.slip("""output-over-the-keys
    - (2 * T + 2 * S)
    + (T + 3 * S)
    You applied one matrix to the T words, and three to the S words. Who gets an output, and so
    needs the output projection Wo?""")
cost.slip("""projections-times-H
    - 2 * B * D**2 * (2 * T + 2 * S)
    + 2 * B * H * D**2 * (2 * T + 2 * S)
    You multiplied the projections by the number of heads. Wq is D wide for all heads together: is
    it H times as large, or cut into H parts?""")
cost.slip("""one-text-only
    - "projections": 2 * B * D**2 * (2 * T + 2 * S),
    - "scores": 2 * B * T * S * D,
    - "mix": 2 * B * T * S * D,
    - "score_floats": B * H * T * S,
    + "projections": 2 * D**2 * (2 * T + 2 * S),
    + "scores": 2 * T * S * D,
    + "mix": 2 * T * S * D,
    + "score_floats": H * T * S,
    You counted a single text. A batch has B of them, and each costs the same.""")


@cost.wrong
def numpys_numbers(B, T, S, D, H):
    """You computed with NumPy's whole numbers, as `np.prod` gives them. They have a fixed number of
    digits: in int32 a long text's count silently comes out wrong, or below zero (integer overflow).
    Multiply Python's own ints, which grow as needed."""
    return {
        "projections": np.prod([2, B, D, D, 2 * T + 2 * S]),
        "scores": np.prod([2, B, T, S, D]),
        "mix": np.prod([2, B, T, S, D]),
        "score_floats": np.prod([B, H, T, S]),
    }


cost.slip("""floats
    - "projections": 2 * B * D**2 * (2 * T + 2 * S),
    - "scores": 2 * B * T * S * D,
    - "mix": 2 * B * T * S * D,
    - "score_floats": B * H * T * S,
    + "projections": 2.0 * B * D**2 * (2 * T + 2 * S),
    + "scores": 2.0 * B * T * S * D,
    + "mix": 2.0 * B * T * S * D,
    + "score_floats": 1.0 * B * H * T * S,
    You returned floats. These are counts: let them stay whole numbers, with `//` where you divide,
    and without a decimal point in the factors.""")


@window.wrong
def window_backwards_only(T, w):
    """Your words look back, and never ahead: a causal window, as text generators have it. This one
    goes to both sides: how far apart are word 2 and word 3, counted from either?"""
    apart = np.arange(T)[:, None] - np.arange(T)
    return (apart >= 0) & (apart <= w)


window.slip("""window-one-sided
    - np.abs(place_T[:, None] - place_T) <= w
    + place_T[:, None] - place_T <= w
    You left the difference its sign: t − s ≤ w holds for every word ahead, however far. A distance
    has no sign.""")
window.slip("""window-ahead-only
    - np.abs(place_T[:, None] - place_T) <= w
    + (place_T - place_T[:, None] >= 0) & (place_T - place_T[:, None] <= w)
    Your words look ahead, and never back. The window goes to both sides.""")
window.slip("""window-off-by-one
    - <= w
    + < w
    Your window is one word too narrow on each side: a word w places away is still inside, and with
    w = 0 a word sees at least itself.""")
window.slip("""window-too-wide
    - <= w
    + <= w + 1
    Your window is one word too wide on each side. Which words lie at most w places away?""")
window.slip("""window-w-in-all
    - <= w
    + <= w // 2
    You took w for the width of the whole window and gave each side half of it. Here w words may be
    seen on each side.""")


@window.wrong
def window_wraps(T, w):
    """Your window goes on at the other end of the text: the first word sees the last, as on a ring.
    A text has two ends."""
    apart = np.abs(np.arange(T)[:, None] - np.arange(T))
    return np.minimum(apart, T - apart) <= w


window.slip("""window-marks-the-hidden
    - <= w
    + > w
    Your mask is True for the words outside the window. In this course True means keep.""")


@window.wrong
def window_zeros_and_ones(T, w):
    """Your table is right but made of zeros and ones. A mask is True and False: `~mask` and
    `np.where(mask, …)` need bools."""
    return np.triu(np.tril(np.ones((T, T)), w), -w)
