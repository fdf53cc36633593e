import numpy as np

from autograder.authoring import Axes, Check, Exercise, call, fortran, read_only, strided

exercise = Exercise(
    "Which positions are words",
    solve="padding_mask",
    difficulty=1,
    importance=5,
    minutes=10,
    hints="""Two steps. First: for each id, is it a word? That is one comparison with pad_id, and
    gives an array of True and False of the same shape. Second: give it the axes it lacks.

    A comparison of a whole array with one number is written like one of two numbers. Words are all
    ids *other than* pad_id, be they larger or smaller. Then four axes: sentences first, keys last,
    and two of length 1 between them.

    `ids_BS != pad_id` is the first step. An index of `None` puts in an axis of length 1: `x_BS[:,
    None]` has shape (B, 1, S). How many of them, and where, for (B, 1, 1, S)?""",
)


@exercise.checks
def checks(rng):
    (fresh,) = rng.spawn(1)
    some_words = [fresh.permutation(n) % 3 > 0 for n in (5, 7)]
    yield Check(
        "one sentence by hand",
        call(np.array([[5, 3, 0]])),
        call(np.array([[7, 0, 0, 0]])),
        call(np.array([[0, 9, 4]])),
        *(call(fresh.integers(1, 10, (1, n.size)) * n) for n in some_words),
        says="""True where there is a word, False where there is a pad, in an array of shape (B, 1,
        1, S).""",
    )
    axes = Axes(B=3, S=7)
    ids_BS = rng.integers(2, 90, axes.shape("BS"))
    keep_BS = axes.ragged_mask(rng, "BS")
    yield Check(
        "a batch, each sentence with pads of its own",
        call(np.where(keep_BS, ids_BS, 0)),
        call(np.where(np.arange(7) < [[6], [2], [7]], ids_BS, 0)),
        call(rng.integers(0, 2, (4, 4))),
        says="""Every position is judged by its own id, wherever it stands. Pads usually stand at
        the end, but a mask must not rely on it.""",
    )
    yield Check(
        "a pad need not be 0",
        call(np.array([[0, 4, 2, 2]]), 2),
        call(np.where(keep_BS, ids_BS, 40), pad_id=40),
        call(np.where(keep_BS, ids_BS % 5, -1), -1),
        call(np.where(keep_BS, ids_BS % 5, 1), pad_id=1),
        says="""pad_id says which id is the pad. All others are words, larger and smaller ones, 0
        included.""",
    )
    ids_BS = np.where(keep_BS, ids_BS, 0)
    yield Check(
        "int32, strided and read-only ids, left alone",
        call(ids_BS.astype(np.int32)),
        call(strided(ids_BS)),
        call(fortran(ids_BS)),
        call(read_only(ids_BS)),
        says="The ids are needed again, to look the words up.",
        judges="inputs untouched",
    )


@exercise.right
def two_loops(ids_BS, pad_id=0):
    B, S = ids_BS.shape
    keep = np.zeros((B, 1, 1, S), dtype=bool)
    for b in range(B):
        for s in range(S):
            keep[b, 0, 0, s] = ids_BS[b, s] != pad_id
    return keep


@exercise.right
def reshape(ids_BS, pad_id=0):
    return np.not_equal(ids_BS, pad_id).reshape(len(ids_BS), 1, 1, -1)


@exercise.right("not equal, turned round, with expand_dims")
def not_equal_turned_round(ids_BS, pad_id=0):
    return np.expand_dims(~(ids_BS == pad_id), (1, 2))


@exercise.wrong
def inverted(ids_BS, pad_id=0):
    """Your mask is True at the pads. In this course True means keep, everywhere. Which positions
    are to be kept?"""
    return (ids_BS == pad_id)[:, None, None, :]


@exercise.wrong
def masks_queries(ids_BS, pad_id=0):
    """Your mask has shape (B, 1, S, 1): its words lie along the third axis, where scores of shape
    (B, H, T, S) have the queries. Who must not be looked at is a matter of the keys: which axis is
    theirs?"""
    return (ids_BS != pad_id)[:, None, :, None]


@exercise.wrong
def masks_both(ids_BS, pad_id=0):
    """You masked queries and keys, in an array of shape (B, 1, S, S). It hides the pads as keys,
    but a pad as a query is left without anyone to look at, and there need not be as many queries as
    keys. What does the mask of the keys alone look like?"""
    keep = ids_BS != pad_id
    return keep[:, None, :, None] & keep[:, None, None, :]


@exercise.wrong
def greater_than(ids_BS, pad_id=0):
    """You keep ids larger than pad_id. That works while the pad is 0. If it is 40, the words below
    40 are words too: what is the one thing that makes an id a pad?"""
    return (ids_BS > pad_id)[:, None, None, :]


@exercise.wrong
def float_(ids_BS, pad_id=0):
    """You returned zeros and ones. They invite arithmetic such as `scores * mask`, which is one of
    this lesson's traps. What type does a comparison give of itself?"""
    return (ids_BS != pad_id).astype(float)[:, None, None, :]


@exercise.wrong
def no_head_axis(ids_BS, pad_id=0):
    """Your mask has shape (B, 1, S). Against scores of (B, H, T, S), its first axis would then meet
    the heads, not the sentences. How many axes of length 1 stand between B and S?"""
    return (ids_BS != pad_id)[:, None, :]


@exercise.wrong
def no_new_axes(ids_BS, pad_id=0):
    """Your mask still has shape (B, S). Against scores of (B, H, T, S), B would meet the queries.
    Which two axes have to come in between, for all heads and all queries to share it?"""
    return ids_BS != pad_id


@exercise.wrong
def axes_in_front(ids_BS, pad_id=0):
    """You put the new axes in front: (1, 1, B, S). Then every sentence of a batch gets all masks,
    one for each query. Axes line up by their place: where do the scores have the sentences?"""
    return (ids_BS != pad_id)[None, None]


@exercise.wrong
def pad_id_ignored(ids_BS, pad_id=0):
    """You compared with 0 whatever pad_id says. Some vocabularies give 0 to a word and another id
    to the pad."""
    return (ids_BS != 0)[:, None, None, :]


@exercise.wrong
def counts_from_the_left(ids_BS, pad_id=0):
    """You counted the words and kept that many positions from the left. With a pad at the front or
    in the middle, the wrong positions are kept. Can each position be judged by its own id?"""
    count_B = (ids_BS != pad_id).sum(axis=1)
    return (np.arange(ids_BS.shape[1]) < count_B[:, None])[:, None, None, :]
