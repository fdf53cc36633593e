import numpy as np

from autograder.authoring import Check, Exercise, call, every_layout, normal

exercise = Exercise(
    "Prune heads",
    solve="prune_heads",
    difficulty=3,
    importance=4,
    minutes=15,
    hints="""Which numbers belong to head h alone? In Wq, Wk and Wv a head owns columns, in Wo it owns
    something else: merged heads go *into* Wo. How many columns has a head, if D doesn't tell?

    K is the number of Wq's columns divided by H. Head h has the columns from h · K to (h + 1) · K − 1.
    Make the list of all columns that stay, head by head in the order of `keep`: the same list picks
    columns of three matrices and rows of the fourth.

    `kept = np.concatenate([np.arange(h * K, (h + 1) * K) for h in keep])`. A new dict,
    `dict(params)`, then `params[name][:, kept]` for Wq, Wk and Wv, and `params["Wo"][kept]`. Nothing
    else changes.""",
)


def matrices(rng: np.random.Generator, D: int, H: int, K: int) -> dict[str, np.ndarray]:
    """A layer's parameters, its heads K wide: four matrices, and two entries that stay."""
    params = {name: normal(rng, D, H * K) for name in ("Wq", "Wk", "Wv")}
    params["Wo"] = normal(rng, H * K, D)
    params["ln1_gamma"], params["b1"] = normal(rng, D), normal(rng, D + 1)
    return params


def numbered(D: int, H: int, K: int) -> dict[str, np.ndarray]:
    """Matrices whose numbers tell their place: 1203 is row 12, column 3; Wk's are negative."""
    in_DH = 100.0 * np.arange(D)[:, None] + np.arange(H * K)
    out_HD = 100.0 * np.arange(H * K)[:, None] + np.arange(D)
    return {"Wq": in_DH, "Wk": -in_DH - 1, "Wv": in_DH + 0.5, "Wo": out_HD}


@exercise.checks
def checks(rng):
    (fresh,) = rng.spawn(1)
    params = matrices(rng, 10, 4, 3)
    one, two, three = (int(h) for h in fresh.permutation(4)[:3])
    yield Check(
        "one head of two, by hand",
        call(numbered(3, 2, 2), [0], 2),
        call(numbered(3, 2, 2), [1], 2),
        call(matrices(fresh, 5, 2, 2), [int(fresh.integers(2))], 2),
        says="Head 0 owns the columns 0 and 1 of Wq, Wk and Wv, and the rows 0 and 1 of Wo.",
    )
    yield Check(
        "several heads, in the order of keep",
        call(params, [0, 2], 4),
        call(params, sorted([one, two, three]), 4),
        call(params, [3, 1], 4),
        call(params, [three, one, two], 4),
        says="The first head of `keep` comes first in the new matrices, in Wo as in the others.",
        points=2,
    )
    yield Check(
        "heads wider or narrower than D / H",
        call(matrices(rng, 6, 3, 5), [2, 0], 3),
        call(matrices(fresh, 12, 5, 2), fresh.permutation(5)[:3].tolist(), 5),
        says="How wide a head is, its own columns say: there are H · K of them, and D tells nothing.",
    )
    yield Check(
        "all heads, one head, a tuple, an array",
        call(params, [0, 1, 2, 3], 4),
        call(matrices(rng, 7, 1, 4), [0], 1),
        call(params, (one, three), 4),
        call(params, np.array([two, one]), 4),
        says="Who keeps everything in order changes nothing; `keep` may be any kind of list.",
    )
    yield Check(
        "float32, strided and read-only arrays, inputs left alone",
        *every_layout(call(matrices(rng, 8, 3, 2), [2, 1], 3)),
        call(params, [one, two], 4),
        says="The whole layer is still needed: to compare with, and to prune in another way.",
        judges="inputs untouched",
    )


@exercise.right("a loop, head by head")
def a_loop_head_by_head(params, keep, H):
    K = params["Wo"].shape[0] // H
    pruned = {}
    for name, array in params.items():
        if name in ("Wq", "Wk", "Wv"):
            parts = [array[:, h * K : h * K + K] for h in keep]
            pruned[name] = np.concatenate(parts, axis=1)
        elif name == "Wo":
            pruned[name] = np.concatenate([array[h * K : h * K + K] for h in keep], axis=0)
        else:
            pruned[name] = array.copy()
    return pruned


@exercise.right("reshaped: heads on an axis of their own")
def reshaped_heads(params, keep, H):
    D = len(params["Wq"])
    chosen = list(keep)
    inner = {
        name: params[name].reshape(D, H, -1)[:, chosen].reshape(D, -1)
        for name in ("Wq", "Wk", "Wv")
    }
    return params | inner | {"Wo": params["Wo"].reshape(H, -1, D)[chosen].reshape(-1, D)}


@exercise.right("a boolean column index for each head")
def a_boolean_column_index(params, keep, H):
    owner = np.repeat(np.arange(H), params["Wq"].shape[1] // H)
    pruned = {**params}
    for name in ("Wq", "Wk", "Wv"):
        pruned[name] = np.hstack([params[name][:, owner == h] for h in keep])
    pruned["Wo"] = np.vstack([params["Wo"][owner == h] for h in keep])
    return pruned


for names in ('("Wk", "Wq", "Wv")', '("Wq", "Wv", "Wk")'):
    exercise.allow_mutant(after=f"for name in {names}:", reason="Their order is no matter.")


@exercise.plain
def plain(params, keep, H):
    K = params["Wq"].shape[1] // H
    columns = [h * K + i for h in keep for i in range(K)]
    pruned = dict(params)
    for name in ("Wq", "Wk", "Wv"):
        pruned[name] = params[name][:, columns]
    pruned["Wo"] = params["Wo"][columns]
    return pruned


@exercise.wrong
def zeroes_in_place_of_removing(params, keep, H):
    """You set the other heads' numbers to 0 and left the matrices as large as they were: the right
    output, and nothing saved. Zeros are multiplied and stored like any other number. Take the
    columns and rows out."""
    K = params["Wq"].shape[1] // H
    stays = np.isin(np.arange(H * K) // K, list(keep))
    pruned = dict(params)
    for name in ("Wq", "Wk", "Wv"):
        pruned[name] = params[name] * stays
    pruned["Wo"] = params["Wo"] * stays[:, None]
    return pruned


plain.slip("""Wo-by-columns
    - pruned["Wo"] = params["Wo"][columns]
    + pruned["Wo"] = params["Wo"][:, [c for c in columns if c < params["Wo"].shape[1]]]
    You took columns out of Wo. Its columns are the numbers that come out, and all of these are still
    wanted. What goes into Wo are the merged heads: which axis do they meet?""")
plain.slip("""Wo-left-whole
    - pruned["Wo"] = params["Wo"][columns]
    You left Wo as it was. The merged heads are narrower now, and no longer fit its rows: which rows
    have nobody left that they belong to?""")
plain.slip("""heads-interleaved
    - columns = [h * K + i for h in keep for i in range(K)]
    + columns = [i * H + h for h in keep for i in range(K)]
    You took every H-th column for a head, as if heads were dealt like cards. In this course a head
    owns neighbouring columns: from h · K on.""")
plain.slip("""order-of-keep-lost
    - for h in keep for i
    + for h in sorted(keep) for i
    You put the heads into rising order. Asked for is the order of `keep`, in all four matrices.""")
plain.slip("""order-lost-in-Wo
    - pruned["Wo"] = params["Wo"][columns]
    + pruned["Wo"] = params["Wo"][sorted(columns)]
    Your first three matrices follow the order of `keep`, Wo doesn't. Each head then meets rows that
    belong to another one.""")
plain.slip("""keep-is-what-goes
    - columns = [h * K + i for h in keep for i in range(K)]
    + columns = [h * K + i for h in range(H) if h not in list(keep) for i in range(K)]
    You took out the heads of `keep` and kept the others. Read the name once more.""")
plain.slip("""the-first-heads
    - for h in keep for i
    + for h in range(len(keep)) for i
    You kept the first heads, as many as `keep` has. It says which ones.""")
plain.slip("""one-column-for-a-head
    - columns = [h * K + i for h in keep for i in range(K)]
    + columns = list(keep)
    You took one column for each head. A head is K numbers wide: which columns are head 1's, if K
    is 3?""")
plain.slip("""K-taken-for-D-over-H
    - K = params["Wq"].shape[1] // H
    + K = params["Wq"].shape[0] // H
    You took D / H for the width of a head. That is the usual choice, and only a choice. Which axis of
    Wq is cut into heads?""")
plain.slip("""only-queries-and-keys
    - for name in ("Wq", "Wk", "Wv"):
    + for name in ("Wq", "Wk"):
    You cut queries and keys, and left Wv whole. A head has values of its own, too.""")
plain.slip("""other-entries-lost
    - pruned = dict(params)
    + pruned = {}
    Your dict holds the four matrices and nothing else. What else the layer has comes back as it is.""")


@exercise.wrong
def mutates(params, keep, H):
    """You put the smaller matrices into the caller's own dict: the whole layer is gone. Make a new
    dict, `dict(params)`, and change that one."""
    K = params["Wq"].shape[1] // H
    columns = [h * K + i for h in keep for i in range(K)]
    for name in ("Wq", "Wk", "Wv"):
        params[name] = params[name][:, columns]
    params["Wo"] = params["Wo"][columns]
    return params


plain.slip("""rescales-the-rest
    - pruned["Wo"] = params["Wo"][columns]
    + pruned["Wo"] = params["Wo"][columns] * H / len(keep)
    You made the rest of Wo larger, to make up for the heads that have gone, as dropout does. Heads
    are added up in Wo, and each gives what it gave before: nothing is to be rescaled.""")
