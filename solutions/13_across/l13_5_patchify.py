import numpy as np

from autograder.authoring import Check, Exercise, call, every_layout, normal, probe

exercise = Exercise(
    "Pictures as words",
    solve=("patchify", "unpatchify"),
    difficulty=3,
    importance=4,
    minutes=12,
    hints="""Take one picture of 4 × 6 pixels and write the number of each pixel into it. Which four
    stand in the first patch of 2 × 2, and which in the second? A reshape alone keeps the reading
    order: which four would it put first?

    Cut both sides where they stand: (B, H, W, F) becomes (B, rows of patches, P, columns of patches,
    P, F). Nothing has moved yet. Which axes belong together, and which two must change places before
    the last reshape? The way back takes the same steps from the end.

    `img_BHWF.reshape(B, H // P, P, W // P, P, F)`, then `.swapaxes(2, 3)` or `np.einsum(
    "bipjqf->bijpqf", …)`, then `.reshape(B, -1, P * P * F)`. Before all this `if H % P or W % P: raise
    ValueError(…)`. Back: reshape to (B, H // P, W // P, P, P, F), the same swap, reshape to `shape`.""",
)


def how_many(patchify, P, sizes):
    found = []
    for H, W in sizes:
        try:
            found.append(patchify(np.arange(2.0 * H * W).reshape(1, H, W, 2), P).shape[1])
        except ValueError:
            found.append(-1)
    return np.array(found)


def numbered(H: int, W: int) -> np.ndarray:
    """A picture whose numbers tell their place: 203 is row 2, column 3."""
    return (100.0 * np.arange(H)[:, None] + np.arange(W))[None, :, :, None]


def words(rng: np.random.Generator, P: int, B: int, H: int, W: int, F: int) -> tuple:
    """What unpatchify is given: numbers for the patches of such pictures."""
    return normal(rng, B, H // P * (W // P), P * P * F), P, (B, H, W, F)


@exercise.checks
def checks(rng):
    (fresh,) = rng.spawn(1)
    yield from of_patchify(rng, fresh)
    yield from of_unpatchify(rng, fresh)


def of_patchify(rng, fresh):
    yield Check(
        "patchify: numbered pixels",
        call.patchify(numbered(4, 6), 2),
        call.patchify(normal(rng, 1, 4, 6, 1, decimals=1), 2),
        says="""The number 203 stands in row 2, column 3. The first patch of 2 × 2 holds 0, 1, 100 and
        101, the second 2, 3, 102 and 103.""",
    )
    yield Check(
        "patchify: colours, several pictures, wide ones and high ones",
        call.patchify(normal(rng, 3, 8, 4, 2), 4),
        call.patchify(normal(rng, 2, 6, 9, 2), 3),
        call.patchify(normal(rng, 3, 6, 4, 5), 2),
        says="""Patches come row by row as one reads, the pixels of a patch row by row, and the numbers of
        a pixel side by side.""",
    )
    yield Check(
        "patchify: single pixels, and whole pictures",
        call.patchify(normal(rng, 2, 3, 5, 4), 1),
        call.patchify(normal(rng, 3, 4, 4, 2), 4),
        call.patchify(normal(fresh, 2, 3, 9, 2), 3),
        call.patchify(normal(fresh, 2, 4, 2, 3), 2),
        says="With P = 1 each pixel is a word; with P = H = W the whole picture is one.",
    )
    odd = [(6, 6), (5, 6), (6, 5), (5, 5), (4, 8), (4, 7), (1, 6), (8, 3), (2, 2)]
    threes = [(6, 6), (7, 9), (9, 7), (8, 8), (3, 12), (2, 3), (3, 10), (9, 3), (12, 11), (4, 6)]
    yield Check(
        "patchify: what can't be cut",
        *(
            probe(
                how_many,
                says="For each (H, W) the number of patches, or −1 where a ValueError was raised,",
            )(P, fresh.permutation(np.array(sizes)).tolist()[:-1])
            for P, sizes in ((2, odd), (3, threes), (4, [(2 * H, 2 * W) for H, W in odd]))
        ),
        says="""If P doesn't divide one of the sides, a border would be left over, and whoever drops it in
        silence loses a part of the picture: raise a ValueError. Where nothing is left over, raise none.""",
    )
    yield Check(
        "patchify: float32, strided and read-only arrays, inputs left alone",
        *every_layout(call.patchify(normal(rng, 2, 4, 6, 3), 2)),
        says="How the numbers lie in memory says nothing about which pixel belongs to which patch.",
        judges="inputs untouched",
    )


def of_unpatchify(rng, fresh):
    x_BTD = numbered(4, 6).reshape(1, 2, 2, 3, 2).swapaxes(2, 3).reshape(1, 6, 4)
    yield Check(
        "unpatchify: numbered pixels",
        call.unpatchify(x_BTD, 2, (1, 4, 6, 1)),
        call.unpatchify(*words(rng, 2, 1, 4, 6, 1)),
        says="The patches of a numbered picture: 203 belongs into row 2, column 3.",
    )
    yield Check(
        "unpatchify: colours, several pictures, wide ones and high ones",
        call.unpatchify(*words(rng, 4, 3, 8, 4, 2)),
        call.unpatchify(*words(rng, 3, 2, 6, 9, 2)),
        call.unpatchify(*words(rng, 2, 3, 6, 4, 5)),
        says="Each number goes back to where patchify took it from; `shape` says which side is which.",
    )
    yield Check(
        "unpatchify: single pixels, and whole pictures",
        call.unpatchify(*words(rng, 1, 2, 3, 5, 4)),
        call.unpatchify(*words(rng, 4, 3, 4, 4, 2)),
        call.unpatchify(*words(fresh, 3, 2, 3, 9, 2)),
        call.unpatchify(*words(fresh, 2, 2, 4, 2, 3)),
        says="With P = 1 each word is a pixel; with P = H = W the one word is the whole picture.",
    )
    yield Check(
        "unpatchify: float32, strided and read-only arrays, inputs left alone",
        *every_layout(call.unpatchify(*words(rng, 2, 2, 4, 6, 3))),
        says="How the numbers lie in memory says nothing about which pixel belongs to which patch.",
        judges="inputs untouched",
    )


cut, joined = exercise.of("patchify"), exercise.of("unpatchify")


@cut.right("patchify: a loop over patches")
def a_loop_over_patches(img_BHWF, P):
    B, H, W, _ = img_BHWF.shape
    if H % P != 0 or W % P != 0:
        raise ValueError("a border would be left over")
    patches = []
    for top in range(0, H, P):
        for left in range(0, W, P):
            patches.append(img_BHWF[:, top : top + P, left : left + P].reshape(B, -1))
    return np.stack(patches, axis=1)


@cut.right("patchify: windows of a view, every P-th")
def windows_of_a_view(img_BHWF, P):
    if (np.array(img_BHWF.shape[1:3]) % P).any():
        raise ValueError("sides are no multiples of P")
    windows = np.lib.stride_tricks.sliding_window_view(img_BHWF, (P, P), axis=(1, 2))
    windows = np.moveaxis(windows[:, ::P, ::P], 3, -1)
    return windows.reshape(len(img_BHWF), windows.shape[1] * windows.shape[2], -1)


@cut.right("patchify: np.split, twice")
def split_twice(img_BHWF, P):
    B, H, W, F = img_BHWF.shape
    if H < P or W < P:
        raise ValueError("a picture smaller than a patch")
    rows = [
        np.split(r, W / P, axis=2) if W % P == 0 else None for r in np.split(img_BHWF, H // P, 1)
    ]
    if None in rows or H % P:
        raise ValueError("no whole number of patches")
    return np.stack([patch.reshape(B, P * P * F) for row in rows for patch in row], 1)


@joined.right("unpatchify: a loop over patches")
def a_loop_back(x_BTD, P, shape):
    B, _, W, F = shape
    img = np.empty(shape, x_BTD.dtype)
    for t in range(x_BTD.shape[1]):
        i, j = divmod(t, W // P)
        img[:, i * P : (i + 1) * P, j * P : (j + 1) * P] = x_BTD[:, t].reshape(B, P, P, F)
    return img


@joined.right("unpatchify: joined side by side, then below each other")
def side_by_side(x_BTD, P, shape):
    B, H, W, F = shape
    grid = x_BTD.reshape(B, H // P, W // P, P, P, F)
    rows = np.concatenate([grid[:, :, j] for j in range(W // P)], axis=3)
    return np.concatenate([rows[:, i] for i in range(H // P)], axis=1)


@joined.right("unpatchify: the places of all numbers, looked up")
def places_looked_up(x_BTD, P, shape):
    _, H, W, F = shape
    i, j = np.arange(H)[:, None], np.arange(W)
    t = i // P * (W // P) + j // P
    first = (i % P * P + j % P) * F
    return x_BTD[:, t[:, :, None], first[:, :, None] + np.arange(F)]


for line, reason in (
    (
        "if H % P or W % P:",
        "A reshape to sizes that don't come out refuses by itself, with less to say.",
    ),
    (
        'raise ValueError(f"patches of {P} × {P} don\'t fill a picture of {H} × {W}")',
        "A reshape to sizes that don't come out refuses by itself, with less to say.",
    ),
):
    exercise.allow_mutant(line=line, reason=reason)
BESIDE = "Axes that stand side by side before and afterwards may be cut in either order."
for after, reason in (
    ("img_BIPJPF = img_BHWF.reshape(H // P, B, P, W // P, P, F)", BESIDE),
    ("img_BIPJPF = img_BHWF.reshape(B, H // P, P, W // P, F, P)", BESIDE),
    ("x_BIJPPF = x_BTD.reshape(H // P, B, W // P, P, P, F)", BESIDE),
    ("x_BIJPPF = x_BTD.reshape(B, H // P, W // P, P, F, P)", BESIDE),
    (
        'return np.einsum("bipjqf->bijpqf", img_BIPJPF).reshape(B, -2, P * P * F)',
        "NumPy takes any size below 0 for the one that is left over.",
    ),
):
    exercise.allow_mutant(after=after, reason=reason)


@cut.plain
def plain_cut(img_BHWF, P):
    B, H, W, F = img_BHWF.shape
    if H % P != 0 or W % P != 0:
        raise ValueError(f"{P} doesn't divide {H} and {W}")
    x = img_BHWF.reshape(B, H // P, P, W // P, P, F)
    x = x.transpose(0, 1, 3, 2, 4, 5)
    return x.reshape(B, (H // P) * (W // P), P * P * F)


plain_cut.slip("""patchify-reshaped-only
    - x = x.transpose(0, 1, 3, 2, 4, 5)
    You only reshaped. The shape is right, but a reshape fills it in reading order: your first patch
    holds the beginning of the first row of pixels, not a square. Which two axes have to change places
    between two reshapes?""")
plain_cut.slip("""patchify-pixels-by-columns
    - x = x.transpose(0, 1, 3, 2, 4, 5)
    + x = x.transpose(0, 1, 3, 4, 2, 5)
    Your patches stand where they should, but you read each of them column by column. The pixels of a
    patch come row by row.""")
plain_cut.slip("""patchify-patches-by-columns
    - x = x.transpose(0, 1, 3, 2, 4, 5)
    + x = x.transpose(0, 3, 1, 2, 4, 5)
    Your patches are right, but you counted them column by column. They come row by row, as one reads.""")
plain_cut.slip("""patchify-all-by-columns
    - x = x.transpose(0, 1, 3, 2, 4, 5)
    + x = x.transpose(0, 3, 1, 4, 2, 5)
    You exchanged rows and columns throughout, as if the picture lay on its side: patches, and pixels
    within them, come row by row.""")
plain_cut.slip("""patchify-every-so-many-pixels
    - x = img_BHWF.reshape(B, H // P, P, W // P, P, F)
    - x = x.transpose(0, 1, 3, 2, 4, 5)
    + x = img_BHWF.reshape(B, P, H // P, P, W // P, F)
    + x = x.transpose(0, 2, 4, 1, 3, 5)
    You cut each side into P parts and took one pixel out of each: your patches are thinned pictures,
    no squares. A patch holds neighbours: cut H into H/P parts of P rows.""")
plain_cut.slip("""patchify-channels-first
    - x = x.transpose(0, 1, 3, 2, 4, 5)
    + x = x.transpose(0, 1, 3, 5, 2, 4)
    Your patches hold all numbers of the first channel, then all of the second. The F numbers of a pixel
    stand side by side: F stays the last axis.""")
plain_cut.slip("""patchify-grid-kept
    - return x.reshape(B, (H // P) * (W // P), P * P * F)
    + return x.reshape(B, H // P, W // P, P * P * F)
    You left the patches in rows and columns, on two axes. They should follow each other like words: one
    axis, of length T.""")
plain_cut.slip("""patchify-squares-kept
    - return x.reshape(B, (H // P) * (W // P), P * P * F)
    + return x.reshape(B, (H // P) * (W // P), P, P, F)
    You left each patch a small picture, of shape (P, P, F). A word is one row of D = P · P · F numbers.""")
plain_cut.slip("""patchify-whole-picture-flat
    - return x.reshape(B, (H // P) * (W // P), P * P * F)
    + return x.reshape(B, -1)
    You joined all patches of a picture into one row of numbers. Each patch is a word of its own.""")


@cut.wrong
def patchify_overlap(img_BHWF, P):
    """Your patches overlap: a new one begins at every pixel. They should lie side by side like tiles, so
    that each pixel stands in one of them: a new one begins every P pixels."""
    B, H, W, _ = img_BHWF.shape
    if H % P != 0 or W % P != 0:
        raise ValueError(f"{P} doesn't divide {H} and {W}")
    patches = [
        img_BHWF[:, i : i + P, j : j + P].reshape(B, -1)
        for i in range(H - P + 1)
        for j in range(W - P + 1)
    ]
    return np.stack(patches, axis=1)


@cut.wrong
def patchify_border_dropped(img_BHWF, P):
    """You drop in silence what is left over at the border. Nobody would notice that a part of the picture
    is never looked at: raise a ValueError."""
    B, H, W, F = img_BHWF.shape
    x = img_BHWF[:, : H // P * P, : W // P * P].reshape(B, H // P, P, W // P, P, F)
    return x.transpose(0, 1, 3, 2, 4, 5).reshape(B, (H // P) * (W // P), P * P * F)


@cut.wrong
def patchify_border_filled(img_BHWF, P):
    """You fill the border up with zeros where P doesn't divide a side. Such pixels were never seen, and
    here they aren't wanted: raise a ValueError."""
    img = np.pad(
        img_BHWF, ((0, 0), (0, -img_BHWF.shape[1] % P), (0, -img_BHWF.shape[2] % P), (0, 0))
    )
    B, H, W, F = img.shape
    x = img.reshape(B, H // P, P, W // P, P, F)
    return x.transpose(0, 1, 3, 2, 4, 5).reshape(B, (H // P) * (W // P), P * P * F)


@cut.wrong
def patchify_height_only_asked(img_BHWF, P):
    """You ask whether P divides the height only. The width needs the same question: a border may be left
    over at the right as well."""
    B, H, W, F = img_BHWF.shape
    if H % P != 0:
        raise ValueError("H")
    x = img_BHWF[:, :, : W // P * P].reshape(B, H // P, P, W // P, P, F)
    return x.transpose(0, 1, 3, 2, 4, 5).reshape(B, (H // P) * (W // P), P * P * F)


@cut.wrong
def patchify_width_only_asked(img_BHWF, P):
    """You ask whether P divides the width only. The height needs the same question: a border may be left
    over at the bottom as well."""
    B, H, W, F = img_BHWF.shape
    if W % P != 0:
        raise ValueError("W")
    x = img_BHWF[:, : H // P * P].reshape(B, H // P, P, W // P, P, F)
    return x.transpose(0, 1, 3, 2, 4, 5).reshape(B, (H // P) * (W // P), P * P * F)


plain_cut.slip("""patchify-refuses-only-if-both
    - if H % P != 0 or W % P != 0:
    + if H % P != 0 and W % P != 0:
    - x = img_BHWF.reshape(B, H // P, P, W // P, P, F)
    + x = img_BHWF[:, : H // P * P, : W // P * P].reshape(B, H // P, P, W // P, P, F)
    You refuse only where P divides neither side. One side that can't be cut is enough: "or", not
    "and".""")
plain_cut.slip("""patchify-refuses-what-is-not-square
    - if H % P != 0 or W % P != 0:
    + if H % P != 0 or W % P != 0 or H != W:
    You refuse pictures that aren't square. Any sides will do, as long as P divides them.""")


@cut.wrong
def patchify_another_error(img_BHWF, P):
    """Where P doesn't divide a side, your function stops with another error than a ValueError. That is the
    one that is promised, and the one that callers wait for."""
    B, H, W, F = img_BHWF.shape
    assert (H % P, W % P) == (0, 0), "no whole number of patches"
    x = img_BHWF.reshape(B, H // P, P, W // P, P, F)
    return x.transpose(0, 1, 3, 2, 4, 5).reshape(B, (H // P) * (W // P), P * P * F)


@joined.plain
def plain_joined(x_BTD, P, shape):
    B, H, W, F = shape
    x = x_BTD.reshape(B, H // P, W // P, P, P, F)
    x = x.transpose(0, 1, 3, 2, 4, 5)
    return x.reshape(B, H, W, F)


plain_joined.slip("""unpatchify-reshaped-only
    - x = x.transpose(0, 1, 3, 2, 4, 5)
    You only reshaped. The numbers of the first patch then fill the first row of pixels, where they should
    fill a square. Which two axes have to change places between two reshapes?""")
plain_joined.slip("""unpatchify-pixels-by-columns
    - x = x.transpose(0, 1, 3, 2, 4, 5)
    + x = x.swapaxes(3, 4).transpose(0, 1, 3, 2, 4, 5)
    You fill each patch column by column. Its pixels come row by row.""")
plain_joined.slip("""unpatchify-patches-by-columns
    - x = x_BTD.reshape(B, H // P, W // P, P, P, F)
    + x = x_BTD.reshape(B, W // P, H // P, P, P, F).swapaxes(1, 2)
    You laid the patches down column by column. They come row by row, as one reads.""")
plain_joined.slip("""unpatchify-all-by-columns
    - x = x_BTD.reshape(B, H // P, W // P, P, P, F)
    + x = x_BTD.reshape(B, W // P, H // P, P, P, F).swapaxes(1, 2).swapaxes(3, 4)
    You exchanged rows and columns throughout: the patches, and the pixels within them, come row by row.""")
plain_joined.slip("""unpatchify-height-and-width-exchanged
    - x = x_BTD.reshape(B, H // P, W // P, P, P, F)
    + x = x_BTD.reshape(B, W // P, H // P, P, P, F)
    You took H for W where you count the patches: there are H/P rows of them, and W/P stand in each
    row.""")
plain_joined.slip("""unpatchify-every-so-many-pixels
    - x = x.transpose(0, 1, 3, 2, 4, 5)
    + x = x.transpose(0, 3, 1, 4, 2, 5)
    You scattered the pixels of each patch over the whole picture. They are neighbours: a patch fills a
    square.""")
plain_joined.slip("""unpatchify-channels-first
    - x = x_BTD.reshape(B, H // P, W // P, P, P, F)
    + x = np.moveaxis(x_BTD.reshape(B, H // P, W // P, F, P, P), 3, 5)
    You read each patch as if it held all numbers of the first channel, then all of the second. The F
    numbers of a pixel stand side by side.""")
plain_joined.slip("""unpatchify-rows-kept-apart
    - return x.reshape(B, H, W, F)
    + return x.reshape(B, H // P, P, W, F)
    You left the rows of patches on an axis of their own. Asked for is a picture of the shape `shape`.""")


@joined.wrong
def unpatchify_square(x_BTD, P, shape):
    """You work out the sides from the number of patches, as if pictures were square. Others have as many
    patches: take H and W from `shape`."""
    B, T, _ = x_BTD.shape
    side = int(np.sqrt(T))
    x = x_BTD[:, : side * side].reshape(B, side, side, P, P, -1).transpose(0, 1, 3, 2, 4, 5)
    return x.reshape(B, side * P, side * P, shape[3])
