"""L6.4 is judged by what Keras's layer gives with the learner's weights. The layer's arithmetic
stands in the probe `layer_output`, in NumPy: so the verdict is there at once and the same on every
backend, where Keras is installed and where it isn't. tests/lessons holds the probe against the real
layer, in what it gives and in what it refuses."""

import numpy as np

from autograder.authoring import Axes, Check, Exercise, every_layout, normal, probe

from .shared import matrices

exercise = Exercise(
    "Your weights in Keras's layer",
    solve="to_keras_weights",
    difficulty=3,
    importance=4,
    minutes=20,
    hints="""The layer wants four arrays: query, key and value of shape (D, H, K), then the output
    of shape (H, K, D). Count the numbers: how many are there in each, and how many in your
    matrices?

    Head h owns columns hK to hK + K − 1 of Wq. In the layer's array the same numbers are `[:, h,
    :]`. Which axis of Wq is cut into two, and does any number change its place in reading order?

    Wq, Wk and Wv: the columns are cut, `.reshape(D, H, D // H)`. Merged heads meet Wo along its
    rows, so there the rows are cut: `.reshape(H, D // H, D)`. No transposition anywhere. Return a
    list in the layer's order: query, key, value, output.""",
)


def layer_output(to_keras_weights, x_q_BTD, x_kv_BSD, Wq_DD, Wk_DD, Wv_DD, Wo_DD, H):
    D = x_q_BTD.shape[-1]
    K = D // H
    weights = to_keras_weights(Wq_DD, Wk_DD, Wv_DD, Wo_DD, H)
    if not isinstance(weights, (list, tuple)):
        raise TypeError(f"the layer takes a list of arrays, not a {type(weights).__name__}")
    wanted = {"query": (D, H, K), "key": (D, H, K), "value": (D, H, K), "output": (H, K, D)}
    if len(weights) != len(wanted):
        raise ValueError(f"the layer has {len(wanted)} arrays of weights, and got {len(weights)}")
    for name, array in zip(wanted, weights, strict=True):
        if np.shape(array) != wanted[name]:
            raise ValueError(
                f"the layer's {name} array has the shape {wanted[name]}, and got {np.shape(array)}"
            )
    q = np.einsum("btd,dhk->bhtk", x_q_BTD, weights[0]) / np.sqrt(K)
    k = np.einsum("bsd,dhk->bhsk", x_kv_BSD, weights[1])
    v = np.einsum("bsd,dhk->bhsk", x_kv_BSD, weights[2])
    e = np.einsum("bhtk,bhsk->bhts", q, k)
    exps = np.exp(e - e.max(axis=-1, keepdims=True))
    w = exps / exps.sum(axis=-1, keepdims=True)
    return np.einsum("bhts,bhsk,hkd->btd", w, v, weights[3])


@exercise.checks
def checks(rng):
    axes = Axes(B=3, T=5, S=7, D=12)
    says = "What the layer gives with your weights"

    def given(shape_q: tuple[int, ...], shape_kv: tuple[int, ...], H: int) -> list[object]:
        return [normal(rng, *shape_q), normal(rng, *shape_kv), *matrices(rng, shape_q[-1]), H]

    yield Check(
        "the layer takes them",
        *(
            probe(layer_output, says=says)(
                np.array([[[1.0, -1.0, 2.0, 0.5]]]),
                np.array([[[1.0, 0.0, -1.0, 1.0], [0.5, 1.0, 1.0, -1.0]]]),
                *matrices(rng, 4),
                H,
            )
            for H in (1, 2)
        ),
        says="""Four arrays in the layer's order, each of the layer's shape: `set_weights` refuses
        anything else.""",
    )
    plain = [axes.normal(rng, "BTD"), axes.normal(rng, "BSD"), *matrices(rng, 12)]
    yield Check(
        "the same outputs as your matrices",
        probe(layer_output, says=says)(*plain, 2),
        probe(layer_output, says=says)(*plain, 3),
        says="""Each head must find its own columns, and Wo the rows that belong to them. A shape
        can be right and every number in the wrong place.""",
        points=2,
    )
    yield Check(
        "any number of heads, even as many as a head is wide",
        probe(layer_output, says=says)(*given((2, 5, 9), (2, 7, 9), 3)),
        probe(layer_output, says=says)(*given((2, 5, 6), (2, 4, 6), 1)),
        probe(layer_output, says=says)(*given((2, 5, 6), (2, 4, 6), 6)),
        says="""With H = K axes can be mixed up without an error; with one head, or heads of one
        number, hardly anything can go wrong.""",
    )
    yield Check(
        "float32, strided and read-only arrays, inputs left alone",
        *every_layout(
            probe(layer_output, says=says)(
                axes.normal(rng, "BTD"), axes.normal(rng, "BSD"), *matrices(rng, 12), 2
            )
        ),
        says="The matrices are still needed: by your own function.",
        judges="inputs untouched",
    )


@exercise.right
def loops_over_the_heads(Wq, Wk, Wv, Wo, H):
    D = len(Wq)
    K = D // H
    arrays = []
    for W in (Wq, Wk, Wv):
        array = np.zeros((D, H, K), W.dtype)
        for h in range(H):
            array[:, h, :] = W[:, h * K : (h + 1) * K]
        arrays.append(array)
    out = np.zeros((H, K, D), Wo.dtype)
    for h in range(H):
        out[h] = Wo[h * K : (h + 1) * K]
    return [*arrays, out]


@exercise.right
def split_and_stack(Wq, Wk, Wv, Wo, H):
    inner = [np.stack(np.split(W, H, axis=1), axis=1) for W in (Wq, Wk, Wv)]
    return [*inner, np.stack(np.split(Wo, H))]


@exercise.right("a tuple, sizes left open")
def a_tuple_sizes_left_open(Wq, Wk, Wv, Wo, H):
    D = Wq.shape[0]
    return Wq.reshape(D, H, -1), Wk.reshape(D, H, -1), Wv.reshape(D, H, -1), Wo.reshape(H, -1, D)


exercise.slip("""interleaved
    - W.reshape(D, H, D // H)
    + W.reshape(D, D // H, H).swapaxes(1, 2)
    You cut the columns as (D, K, H) and exchanged the last two axes: each head gets every H-th
    column. In your own function a head owned neighbours. In which order do the two new axes count
    off the columns?""")
exercise.slip("""rows-as-heads
    - W.reshape(D, H, D // H)
    + W.reshape(H, D // H, D).transpose(2, 0, 1)
    You cut the rows of Wq, Wk and Wv into heads, as if a projection were `x @ W.T`. A row of Wq
    belongs to a number of the word that comes in. Which axis of Wq belongs to what comes out?""")
exercise.slip("""reshaped-heads-first
    - W.reshape(D, H, D // H)
    + W.reshape(H, D, D // H).swapaxes(0, 1)
    You reshaped to (H, D, K) and then moved the axes. The shape is right, but the first reshape has
    torn the rows apart already. Cut the axis that is to be cut, in its place: is anything left to
    be moved then?""")
exercise.slip("""cut-with-heads-in-front
    - inner = [W.reshape(D, H, D // H) for W in (Wq, Wk, Wv)]
    + inner = [W.reshape(H, D, D // H) for W in (Wq, Wk, Wv)]
    You reshaped the first three straight to (H, D, K), heads first. The layer's have the word's
    numbers first, (D, H, K), and a head owns whole columns of Wq. Which axis of Wq has to be cut,
    and where does it stand?""")


@exercise.wrong
def Wo_left_flat(Wq, Wk, Wv, Wo, H):
    """You cut the first three and left Wo as it is, (D, D). The layer has its heads on an axis of
    their own there too: which axis of Wo meets the merged heads?"""
    D = len(Wq)
    return [*(W.reshape(D, H, D // H) for W in (Wq, Wk, Wv)), Wo]


exercise.slip("""heads-first
    - W.reshape(D, H, D // H)
    + W.reshape(D, H, D // H).swapaxes(0, 1)
    Your first three arrays have the shape (H, D, K), heads first. The layer's have the word's
    numbers first: (D, H, K). Only the output's begins with the heads.""")


@exercise.wrong
def key_dim_is_D(Wq, Wk, Wv, Wo, H):
    """You gave each head a whole matrix: shape (D, H, D). The layer is made with `key_dim = D //
    H`, and all its heads together are D wide. Which columns of Wq are one head's?"""
    inner = [np.stack([W] * H, axis=1) for W in (Wq, Wk, Wv)]
    return [*inner, np.stack([Wo] * H)]


@exercise.wrong
def flat(Wq, Wk, Wv, Wo, H):
    """You returned the matrices as they are, (D, D). Keras keeps the heads on an axis of their own:
    which axis of Wq, and which of Wo, has to become two?"""
    return [Wq, Wk, Wv, Wo]


@exercise.wrong
def Wo_like_the_others(Wq, Wk, Wv, Wo, H):
    """You cut Wo along its columns, like the other three: (D, H, K). But heads come into Wo, and go
    out of the others. Which of its axes meets the merged heads?"""
    D = len(Wq)
    return [W.reshape(D, H, D // H) for W in (Wq, Wk, Wv, Wo)]


exercise.slip("""Wo-interleaved
    - return [*inner, Wo.reshape(H, D // H, D)]
    + return [*inner, Wo.reshape(D // H, H, D).swapaxes(0, 1)]
    Your first three arrays are right, but you cut the rows of Wo as (K, H, D): a head's numbers
    then meet rows that belong to other heads. Merged heads lie one after the other, so which axis
    counts slowly?""")
exercise.slip("""Wo-transposed
    - return [*inner, Wo.reshape(H, D // H, D)]
    + return [*inner, Wo.T.reshape(H, D // H, D)]
    Your first three arrays are right, but you transposed Wo before cutting it. It is used as
    `merged @ Wo`: are its rows or its columns met by the heads?""")
exercise.slip("""value-before-key
    - inner = [W.reshape(D, H, D // H) for W in (Wq, Wk, Wv)]
    + inner = [W.reshape(D, H, D // H) for W in (Wq, Wv, Wk)]
    You put the value's array before the key's. The layer is *called* as (query, value, key), which
    is easy to mix up; its weights come as query, key, value, output. Print their names once.""")


@exercise.wrong
def with_biases(Wq, Wk, Wv, Wo, H):
    """You added biases of zeros: eight arrays. This layer is made with `use_bias=False` and has
    four."""
    D = len(Wq)
    weights = []
    for W in (Wq, Wk, Wv):
        weights += [W.reshape(D, H, D // H), np.zeros((H, D // H))]
    return [*weights, Wo.reshape(H, D // H, D), np.zeros(D)]


exercise.slip("""one-array-for-three
    - return [*inner, Wo.reshape(H, D // H, D)]
    + return [inner, Wo.reshape(H, D // H, D)]
    You stacked query, key and value into one array, as some libraries keep them. Keras keeps four
    arrays apart.""")
exercise.slip("""scaled-in-advance
    - (Wq, Wk, Wv)
    + (Wq / np.sqrt(D // H), Wk, Wv)
    You divided Wq by √K. The layer does that itself, to the queries: with your weights it is done
    twice.""")
exercise.slip("""scales-the-callers-matrix
    - D = len(Wq)
    + D = len(Wq)
    + Wq /= np.sqrt(D // H)
    You divided Wq by √K, twice over: the layer does so itself, and your `/=` changed the caller's
    own matrix, too.""")
