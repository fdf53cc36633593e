import numpy as np

from autograder.authoring import Check, Exercise, call, every_layout

from .shared import attention_maps

exercise = Exercise(
    "Attention rollout",
    solve="rollout",
    difficulty=3,
    importance=4,
    minutes=12,
    hints="""One layer first: its heads make one map, their mean. Half of a word's new vector is
    what that map mixes, and half is the word as it was. Which matrix leaves every word as it is?

    For one layer, M = (mean of the heads + identity) / 2, and row t of M says of which words of the
    layer's input the word t is made. Each of those is made of words of the layer below, as M of that
    layer says. Which product of the two matrices puts that together?

    Begin with R = `np.eye(T)`. For each layer from the first: R = M @ R, with M on the left,
    because the later layer reads what the earlier ones have made.""",
)


@exercise.checks
def checks(rng):
    yield Check(
        "one layer of one head",
        call(np.array([[[[0.8, 0.2], [0.4, 0.6]]]])),
        call(attention_maps(rng, 1, 1, 3)),
        call(attention_maps(rng, 1, 1, 5)),
        says="""The word itself is half of it: of the first row, 0.8 and 0.2, half is left, 0.4 and
        0.1, and a half is added for the word itself: 0.9 and 0.1.""",
    )
    yield Check(
        "one layer of several heads",
        call(attention_maps(rng, 1, 2, 3)),
        call(attention_maps(rng, 1, 3, 5)),
        says="""The heads share their half of the word equally: their mean counts a half, and the word
        itself the other. Rows still add up to 1.""",
    )
    yield Check(
        "layer upon layer",
        call(attention_maps(rng, 2, 3, 5)),
        call(attention_maps(rng, 4, 3, 7)),
        call(attention_maps(rng, 3, 1, 5, causal=True)),
        says="""The last layer mixes what the layer before it has made. So R of all layers so far is
        multiplied, from the left, with the matrix of the next.""",
        points=2,
    )
    yield Check(
        "any layout in memory, inputs left alone",
        *every_layout(call(attention_maps(rng, 2, 3, 5))),
        says="The maps are looked at again, head by head.",
        judges="inputs untouched",
    )


@exercise.right
def loops_over_words(A_LHTT):
    L, H, T, _ = A_LHTT.shape
    R = [[float(t == s) for s in range(T)] for t in range(T)]
    for layer in range(L):
        M = [
            [sum(A_LHTT[layer, h, t, s] for h in range(H)) / H / 2 + (t == s) / 2 for s in range(T)]
            for t in range(T)
        ]
        R = [[sum(M[t][r] * R[r][s] for r in range(T)) for s in range(T)] for t in range(T)]
    return np.array(R)


@exercise.right("H times the identity on the sum, each row divided by its sum")
def rows_divided_by_their_sum(A_LHTT):
    _, H, T, _ = A_LHTT.shape
    M_LTT = A_LHTT.sum(axis=1) + H * np.eye(T)
    M_LTT = M_LTT / M_LTT.sum(axis=-1, keepdims=True)
    R_TT = M_LTT[0]
    for M_TT in M_LTT[1:]:
        R_TT = M_TT @ R_TT
    return R_TT


@exercise.right
def from_the_top_down(A_LHTT):
    R_TT = np.eye(A_LHTT.shape[-1])
    for A_HTT in A_LHTT[::-1]:
        R_TT = R_TT @ (0.5 * A_HTT.mean(axis=0) + 0.5 * np.eye(len(R_TT)))
    return R_TT


@exercise.right("what stays and what is mixed, with einsum")
def what_stays_and_what_is_mixed(A_LHTT):
    R_TT = np.identity(A_LHTT.shape[2])
    for A_HTT in A_LHTT:
        R_TT = 0.5 * R_TT + 0.5 * np.einsum("htr,rs->ts", A_HTT, R_TT) / len(A_HTT)
    return R_TT


exercise.allow_mutant(
    after="one_TT = np.eye(A_LHTT.shape[-2])", reason="A map is square: as many keys as queries."
)
exercise.allow_mutant(
    after="R_TT = (A_HTT.mean(axis=0) + one_TT.T) / 2 @ R_TT",
    reason="The identity is its own transpose.",
)


@exercise.plain
def plain(A_LHTT):
    T = A_LHTT.shape[-1]
    R = np.eye(T)
    for heads in A_LHTT:
        mixed = heads.mean(axis=0)
        M = (mixed + np.eye(T)) / 2
        R = M @ R
    return R


plain.slip("""no-identity
    - M = (mixed + np.eye(T)) / 2
    + M = mixed
    You multiplied the maps alone. Around each attention there is a residual connection: half of a
    word's new vector is the word as it was, the identity.""")
plain.slip("""one-identity-for-all-heads
    - mixed = heads.mean(axis=0)
    - M = (mixed + np.eye(T)) / 2
    + M = heads.sum(axis=0) + np.eye(T)
    + M = M / M.sum(axis=1, keepdims=True)
    You added one identity to the sum of all heads, so with H heads the word itself counts only one
    part in H + 1. It counts a half: take the mean of the heads first.""")
plain.slip("""wrong-order
    - R = M @ R
    + R = R @ M
    You multiplied the layers in the wrong order, the first on the left. A row of the result is a
    word of the last layer: which layer's rows must stand on the left?""")
plain.slip("""heads-summed
    - mixed = heads.mean(axis=0)
    + mixed = heads.sum(axis=0)
    You added the heads up without dividing by their number. Their rows add up to H then, and yours
    no longer to 1.""")
plain.slip("""mean-over-layers
    - R = M @ R
    + R = R + M
    - return R
    + return (R - np.eye(T)) / len(A_LHTT)
    You took the mean of the layers. A later layer doesn't stand beside an earlier one, it reads what
    the earlier one has made: that is a product of matrices.""")
plain.slip("""last-layer-only
    - R = M @ R
    + R = M
    You kept the last layer only. What it mixes has been mixed before, by all layers below.""")
plain.slip("""first-layer-only
    - for heads in A_LHTT:
    + for heads in A_LHTT[:1]:
    You used the first layer only. The layers above go on mixing what it has made.""")
plain.slip("""not-halved
    - (mixed + np.eye(T)) / 2
    + (mixed + np.eye(T))
    You added the identity and didn't halve. Each row adds up to 2 then, after L layers to 2 to the
    power of L; shares add up to 1.""")
plain.slip("""identity-only-once
    - M = (mixed + np.eye(T)) / 2
    - R = M @ R
    + R = mixed @ R
    - return R
    + return (R + np.eye(T)) / 2
    You added the identity once, at the end. Every layer has a residual connection of its own: half
    of the word stays each time.""")
plain.slip("""number-by-number
    - R = M @ R
    + R = M * R if R[0, 0] != 1 else M
    You multiplied the layers number by number, with `*`. A word reaches another by way of any third
    one: sum over these, as the matrix product `@` does.""")
plain.slip("""keys-and-queries-swapped
    - return R
    + return R.T
    Your rows and columns have changed places. A row t says what the last layer's word t is made of,
    so each row adds up to 1.""")
plain.slip("""adds-into-the-maps
    - mixed = heads.mean(axis=0)
    - M = (mixed + np.eye(T)) / 2
    + heads += np.eye(T)
    + M = heads.mean(axis=0) / 2
    The shares are right, but you added the identity to the maps you were given, which are looked at
    again. Put the sum into a new array.""")
