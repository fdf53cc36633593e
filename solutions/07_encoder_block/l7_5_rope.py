import numpy as np

from autograder.authoring import Axes, Check, Exercise, call, every_layout, normal, probe

exercise = Exercise(
    "Turn queries and keys",
    solve="rope",
    difficulty=3,
    importance=4,
    minutes=25,
    hints="""One word of one head is K numbers, or K/2 points in a plane: (x₀, x₁), (x₂, x₃), …
    Each point is turned about the origin. By which angle does it turn at place t, and which of the
    axes B, H, T, J (J = K/2 pairs) does that angle depend on?

    The angles are a table (T, J): place times `base ** (-2 * j / K)`, with j from 0 to K/2 − 1. It
    broadcasts against (B, H, T, J), so take all first numbers of the pairs as one such array a, and
    all second ones as another, b.

    `a, b = x_BHTK[..., 0::2], x_BHTK[..., 1::2]`; the turned pairs are `a * cos - b * sin` and `a *
    sin + b * cos`. `np.stack([…, …], axis=-1)` makes pairs of them again, and a reshape to x's own
    shape puts the pairs one behind the other. Raise the ValueError yourself, before all this.""",
)


def scores_after(rope, q_BHTK, k_BHSK, q_places_T, k_places_S):
    q, k = rope(q_BHTK, q_places_T), rope(k_BHSK, k_places_S)
    return np.einsum("bhtk,bhsk->bhts", q, k)


def refuses(rope, widths):
    refused = []
    for K in widths:
        try:
            rope(np.arange(2.0 * K).reshape(1, 1, 2, K), np.array([1, 3]))
            refused.append(False)
        except ValueError:
            refused.append(True)
    return np.array(refused)


@exercise.checks
def checks(rng):
    (fresh,) = rng.spawn(1)
    axes = Axes(B=3, H=2, T=5, S=7, K=6)
    quarter = np.array([[[[1.0, 0.0], [1.0, 0.0], [3.0, 1.0], [0.0, 2.0]]]])
    yield Check(
        "a single pair",
        call(quarter, np.array([0.0, np.pi / 2, np.pi / 2, np.pi])),
        call(normal(rng, 1, 1, 3, 2, decimals=1), np.array([1, 2, 5])),
        says="""With K = 2 there is one pair, and it turns by t radians. A quarter turn makes (0, 1)
        of (1, 0), and (−1, 3) of (3, 1).""",
    )
    x_BHTK = axes.normal(rng, "BHTK")
    yield Check(
        "each pair at a pace of its own",
        call(x_BHTK, np.arange(5)),
        call(normal(rng, 2, 3, 5, 8), np.arange(5)),
        call(normal(rng, 1, 2, 6, 4), 3 + np.arange(6)),
        says="""Numbers 2j and 2j + 1 are a pair, they turn by t · base^(−2j/K), and they stay where
        they are.""",
        points=2,
    )
    places = np.round(fresh.uniform(-40, 40, 5), 1)
    gaps = np.sort(fresh.choice(range(-60, 300), 5, replace=False))
    yield Check(
        "any places, any base",
        call(x_BHTK, places),
        call(x_BHTK, gaps),
        call(normal(rng, 2, 3, 4, 10), np.array([7, 7, 0, 2]), base=100.0),
        call(x_BHTK, np.arange(5), 500_000.0),
        says="""The places are those that `positions_T` names: with gaps, negative, or between two
        whole numbers.""",
    )
    q, k = axes.normal(rng, "BHTK"), axes.normal(rng, "BHSK")
    far = int(fresh.integers(50, 400))
    yield Check(
        "scores know only how far apart two places are",
        *(
            probe(scores_after, says="The products of turned queries and turned keys")(
                q, k, np.arange(5) + shift, np.arange(7) + shift
            )
            for shift in (0, far)
        ),
        probe(scores_after, says="The products of turned queries and turned keys")(
            normal(rng, 1, 2, 3, 4), normal(rng, 1, 2, 4, 4), np.arange(3) - far, np.arange(4) - far
        ),
        says="Move all places by as much as you like, and no product of a query and a key changes.",
    )
    yield Check(
        "a number that has no partner",
        *(
            probe(refuses, says="Whether a ValueError was raised, for each width,")(
                fresh.permutation(np.arange(2, 12)).tolist()
            )
            for _ in range(2)
        ),
        says="""An odd K leaves a number without a partner: that is a ValueError. Every even K is
        all right.""",
    )
    yield Check(
        "float32, strided and read-only arrays, inputs left alone",
        *every_layout(call(axes.normal(rng, "BHTK"), np.arange(-3, 2))),
        says="A query is needed again: turn a copy.",
        judges="inputs untouched",
    )


@exercise.right
def complex_numbers(x_BHTK, positions_T, base=10000.0):
    K = x_BHTK.shape[-1]
    if K % 2:
        raise ValueError("K must be even")
    z_BHTJ = x_BHTK[..., 0::2] + 1j * x_BHTK[..., 1::2]
    z_BHTJ = z_BHTJ * np.exp(1j * np.outer(positions_T, base ** (-np.arange(0, K, 2) / K)))
    out = np.empty(x_BHTK.shape)
    out[..., 0::2], out[..., 1::2] = z_BHTJ.real, z_BHTJ.imag
    return out


@exercise.right("a matrix of rotations for each place")
def rotation_matrices(x_BHTK, positions_T, base=10000.0):
    K = x_BHTK.shape[-1]
    if K % 2 == 1:
        raise ValueError(f"{K} numbers can't be paired")
    turn_TKK = np.zeros((len(positions_T), K, K))
    for t, place in enumerate(positions_T):
        for j in range(K // 2):
            c, s = np.cos(place / base ** (2 * j / K)), np.sin(place / base ** (2 * j / K))
            turn_TKK[t, 2 * j : 2 * j + 2, 2 * j : 2 * j + 2] = [[c, -s], [s, c]]
    return np.einsum("tkl,bhtl->bhtk", turn_TKK, x_BHTK)


@exercise.right
def one_pair_at_a_time(x_BHTK, positions_T, base=10000.0):
    B, H, T, K = x_BHTK.shape
    if K / 2 != K // 2:
        raise ValueError("an odd width")
    out = np.zeros((B, H, T, K))
    for b, h, t in np.ndindex(B, H, T):
        for first in range(0, K, 2):
            angle = positions_T[t] * float(base) ** (-first / K)
            x, y = x_BHTK[b, h, t, first], x_BHTK[b, h, t, first + 1]
            out[b, h, t, first] = x * np.cos(angle) - y * np.sin(angle)
            out[b, h, t, first + 1] = x * np.sin(angle) + y * np.cos(angle)
    return out


@exercise.right("each angle twice, and the pairs turned by a right angle")
def angles_twice(x_BHTK, positions_T, base=10000.0):
    K = x_BHTK.shape[-1]
    if K % 2 != 0:
        raise ValueError("K has to be even")
    rate_J = np.exp(-np.log(base) * np.arange(0, K, 2) / K)
    angle_TK = np.repeat(np.asarray(positions_T)[:, None] * rate_J, 2, axis=-1)
    quarter_turn = np.stack([-x_BHTK[..., 1::2], x_BHTK[..., 0::2]], axis=-1).reshape(x_BHTK.shape)
    return x_BHTK * np.cos(angle_TK) + quarter_turn * np.sin(angle_TK)


@exercise.plain
def plain(x_BHTK, positions_T, base=10000.0):
    K = x_BHTK.shape[-1]
    if K % 2:
        raise ValueError("K must be even")
    j = np.arange(K // 2)
    angle = positions_T[:, None] * base ** (-2 * j / K)
    cos, sin = np.cos(angle), np.sin(angle)
    a, b = x_BHTK[..., 0::2], x_BHTK[..., 1::2]
    out = np.zeros(x_BHTK.shape)
    out[..., 0::2] = a * cos - b * sin
    out[..., 1::2] = a * sin + b * cos
    return out


plain.slip("""halves-paired
    - a, b = x_BHTK[..., 0::2], x_BHTK[..., 1::2]
    + a, b = x_BHTK[..., : K // 2], x_BHTK[..., K // 2 :]
    - out[..., 0::2] = a * cos - b * sin
    - out[..., 1::2] = a * sin + b * cos
    + out[..., : K // 2] = a * cos - b * sin
    + out[..., K // 2 :] = a * sin + b * cos
    You paired number j with number j + K/2, the first half with the second. Many models do so, and
    for a model trained that way it works as well; here, as in the paper, neighbours 2j and 2j + 1
    are a pair.""")
plain.slip("""pairs-moved
    - out[..., 0::2] = a * cos - b * sin
    - out[..., 1::2] = a * sin + b * cos
    + out[..., : K // 2] = a * cos - b * sin
    + out[..., K // 2 :] = a * sin + b * cos
    You turned the right pairs and then put all first numbers in front, all second ones behind. Each
    pair goes back to where it stood: a stack along a *new last* axis, then a reshape.""")
plain.slip("""turned-the-other-way
    - out[..., 0::2] = a * cos - b * sin
    - out[..., 1::2] = a * sin + b * cos
    + out[..., 0::2] = a * cos + b * sin
    + out[..., 1::2] = b * cos - a * sin
    You turned by −t instead of t. A quarter turn takes (1, 0) to (0, 1).""")
plain.slip("""j-for-2j
    - angle = positions_T[:, None] * base ** (-2 * j / K)
    + angle = positions_T[:, None] * base ** (-j / K)
    Your exponent is −j/K where −2j/K is asked for: the slowest pair turns a hundred times too fast.
    There are only K/2 pairs, and their exponents go from 0 nearly to −1.""")
plain.slip("""exponent-not-divided
    - angle = positions_T[:, None] * base ** (-2 * j / K)
    + angle = positions_T[:, None] * base ** (-2.0 * j)
    You forgot to divide the exponent by K: from the second pair on hardly anything turns.""")
plain.slip("""exponent-positive
    - angle = positions_T[:, None] * base ** (-2 * j / K)
    + angle = positions_T[:, None] * base ** (2 * j / K)
    Your pairs turn faster and faster. The first is the fastest: the exponent has a minus.""")
plain.slip("""one-pace-for-all
    - angle = positions_T[:, None] * base ** (-2 * j / K)
    + angle = positions_T[:, None] * np.ones(K // 2)
    All your pairs turn at one pace, t radians. Pair j turns by t · base^(−2j/K).""")
plain.slip("""places-from-one
    - angle = positions_T[:, None] * base ** (-2 * j / K)
    + angle = (positions_T[:, None] + 1) * base ** (-2 * j / K)
    You added 1 to the places. They are taken as they are given: place 0 is not turned at all.""")
plain.slip("""places-counted-anew
    - angle = positions_T[:, None] * base ** (-2 * j / K)
    + angle = np.arange(x_BHTK.shape[2])[:, None] * base ** (-2 * j / K)
    You counted the places 0, 1, 2, … yourself and left `positions_T` unread. A model that writes one
    word at a time hands over one query whose place is, say, 57.""")
plain.slip("""base-unread
    - angle = positions_T[:, None] * base ** (-2 * j / K)
    + angle = positions_T[:, None] * 10000.0 ** (-2 * j / K)
    You used 10,000, whatever base is asked for.""")
plain.slip("""each-number-its-own-pace
    - j = np.arange(K // 2)
    - angle = positions_T[:, None] * base ** (-2 * j / K)
    - cos, sin = np.cos(angle), np.sin(angle)
    + angle = positions_T[:, None] * base ** (-np.arange(K) / K)
    - out[..., 0::2] = a * cos - b * sin
    - out[..., 1::2] = a * sin + b * cos
    + out[..., 0::2] = a * np.cos(angle[:, 0::2]) - b * np.sin(angle[:, 0::2])
    + out[..., 1::2] = a * np.sin(angle[:, 1::2]) + b * np.cos(angle[:, 1::2])
    You gave the two numbers of a pair two different angles. Then the pair isn't turned but bent, and
    its length changes. Both share the angle t · base^(−2j/K).""")
plain.slip("""a-overwritten
    - out[..., 0::2] = a * cos - b * sin
    - out[..., 1::2] = a * sin + b * cos
    + a = a * cos - b * sin
    + out[..., 0::2] = a
    + out[..., 1::2] = a * sin + b * cos
    You computed the second number of a pair from a first one that was turned already. Both come from
    the old pair; as it is, lengths are lost.""")
plain.slip("""minus-twice
    - out[..., 1::2] = a * sin + b * cos
    + out[..., 1::2] = a * sin - b * cos
    You subtracted in both lines. A rotation has one minus: as it is, the lengths of the pairs are
    lost.""")
plain.slip("""sine-and-cosine-exchanged
    - cos, sin = np.cos(angle), np.sin(angle)
    + cos, sin = np.sin(angle), np.cos(angle)
    You exchanged sine and cosine. At place 0 nothing may turn: the cosine of 0 is 1.""")


@exercise.wrong
def added_instead_of_turned(x_BHTK, positions_T, base=10000.0):
    """You added sines and cosines, as lesson 7's first exercise does for words. RoPE adds nothing:
    it turns what is there."""
    K = x_BHTK.shape[-1]
    if K % 2:
        raise ValueError("K must be even")
    angle_TJ = positions_T[:, None] * base ** (-np.arange(0, K, 2) / K)
    places_TK = np.stack([np.sin(angle_TJ), np.cos(angle_TJ)], axis=-1).reshape(-1, K)
    return x_BHTK + places_TK


@exercise.wrong
def odd_width_let_through(x_BHTK, positions_T, base=10000.0):
    """You let an odd K pass and left its last number as it was. A width that can't be paired is a
    mistake of the caller: say so with a ValueError."""
    K = x_BHTK.shape[-1]
    even = K // 2 * 2
    angle_TJ = positions_T[:, None] * base ** (-np.arange(0, even, 2) / K)
    a, b = x_BHTK[..., :even:2], x_BHTK[..., 1:even:2]
    out = np.array(x_BHTK, dtype=float)
    out[..., :even:2] = a * np.cos(angle_TJ) - b * np.sin(angle_TJ)
    out[..., 1:even:2] = a * np.sin(angle_TJ) + b * np.cos(angle_TJ)
    return out


@exercise.wrong
def turned_in_place(x_BHTK, positions_T, base=10000.0):
    """You turned the caller's own array. Put the turned pairs into a new one: the same words may be
    asked again from another place."""
    K = x_BHTK.shape[-1]
    if K % 2:
        raise ValueError("K must be even")
    angle_TJ = positions_T[:, None] * base ** (-np.arange(0, K, 2) / K)
    a, b = x_BHTK[..., 0::2].copy(), x_BHTK[..., 1::2].copy()
    x_BHTK[..., 0::2] = a * np.cos(angle_TJ) - b * np.sin(angle_TJ)
    x_BHTK[..., 1::2] = a * np.sin(angle_TJ) + b * np.cos(angle_TJ)
    return x_BHTK
