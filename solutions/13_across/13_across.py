# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Lesson 13: attention across

# %%
import numpy as np
from attnkit import check, hint
from attnkit.earlier import yours

np.set_printoptions(precision=3, suppress=True)

# %%
multi_head = yours("multi_head")

# %% [markdown]
# ### L13.1 Ask another text
#
# *Difficulty ●●○○○ · importance ●●●●● · 12 minutes · 7 points · `hint("L13.1")`*


# %% answer="L13.1"
def cross_attention(y_BTD, x_BSD, Wq_DD, Wk_DD, Wv_DD, Wo_DD, H, x_mask_BS=None):
    """Multi-head attention across: y asks, x answers.

    y_BTD: (B, T, D), what asks. x_BSD: (B, S, D), what is asked.
    Wq_DD, Wk_DD, Wv_DD, Wo_DD: (D, D), used as `x @ W`, as in L6.3. D is a multiple of H, the heads.
    x_mask_BS: None, or bool (B, S), True = a word of x that may be seen. It holds for all queries
        and all heads.

    Returns (o_BTD, w_BHTS): the outputs and the weights. Where a row of x_mask_BS keeps nothing,
    both are 0.
    """
    ### BEGIN SOLUTION
    mask = None if x_mask_BS is None else x_mask_BS[:, None, None, :]
    return multi_head(y_BTD, x_BSD, Wq_DD, Wk_DD, Wv_DD, Wo_DD, H, mask)
    ### END SOLUTION


# %% check="L13.1"
verdict = check("L13.1", cross_attention)
verdict.points

# %% [markdown]
# ### L13.2 Learn from what is right so far
#
# *Difficulty ●●○○○ · importance ●●●●● · 12 minutes · 9 points · `hint("L13.2")`*


# %% answer="L13.2"
def teacher_forcing(ids_BT, start_id=2):
    """What the decoder reads in training: the right answer, one place later.

    ids_BT: (B, T), whole numbers, the answers. In place 0 the decoder reads start_id, in place t
        what is right in place t − 1.

    Returns (B, T), whole numbers.
    """
    ### BEGIN SOLUTION
    start_B1 = np.full((len(ids_BT), 1), start_id, ids_BT.dtype)
    return np.concatenate([start_B1, ids_BT[:, :-1]], axis=1)
    ### END SOLUTION


def seq_loss(z_BTC, ids_BT, pad_id=0):
    """How surprised the decoder is by the right answers: the mean of −log p, in nats.

    z_BTC: (B, T, C), logits; those in place t are a guess at ids_BT[:, t]. ids_BT: (B, T), from 0 to
        C − 1. Where ids_BT is pad_id nothing is asked.

    Returns a number, the mean over all tokens of the batch that are no pads; 0.0 if there are none.
    """
    ### BEGIN SOLUTION
    asked_BT = ids_BT != pad_id
    if not asked_BT.any():
        return 0.0
    z_NC = z_BTC[asked_BT]
    e_NC = z_NC - z_NC.max(axis=1, keepdims=True)
    right_N = e_NC[np.arange(len(e_NC)), ids_BT[asked_BT]]
    return (np.log(np.exp(e_NC).sum(axis=1)) - right_N).mean()
    ### END SOLUTION


# %% check="L13.2"
verdict = check("L13.2", teacher_forcing, seq_loss)
verdict.points

# %% [markdown]
# ### L13.3 Write it out
#
# *Difficulty ●●●○○ · importance ●●●●○ · 18 minutes · 10 points · `hint("L13.3")`*


# %% answer="L13.3"
def greedy_decode(step, B, max_len, start_id=2, end_id=3):
    """Write B answers at once, always with the likeliest next token.

    step: step(ids_BS) -> z_BC takes what has been written so far, whole numbers (B, S) that begin
        with start_id, and gives the logits of what comes next. Call it with all B rows, in order.
    max_len: at most so many tokens are written in a row; a row ends with its first end_id.

    Returns (B, max_len), whole numbers: what was written, without the start, with the end, and 0
    behind it. Of equal logits the lower id is taken.
    """
    ### BEGIN SOLUTION
    ids_BS = np.full((B, 1), start_id)
    alive_B = np.ones(B, bool)
    out_BT = np.zeros((B, max_len), int)
    for t in range(max_len):
        next_B = np.where(alive_B, step(ids_BS).argmax(axis=1), 0)
        out_BT[:, t] = next_B
        alive_B &= next_B != end_id
        ids_BS = np.concatenate([ids_BS, next_B[:, None]], axis=1)
    return out_BT
    ### END SOLUTION


# %% check="L13.3"
verdict = check("L13.3", greedy_decode)
verdict.points

# %% [markdown]
# ### L13.4 Spans and summaries
#
# *Difficulty ●●●○○ · importance ●●●●○ · 18 minutes · 10 points · `hint("L13.4")`*


# %% answer="L13.4"
def best_span(start_BS, end_BS, mask_BS, max_len):
    """The best span of each text: where an answer begins, and where it ends.

    start_BS, end_BS: (B, S) logits, how much speaks for each place as the first word of the answer and
        as its last. mask_BS: (B, S) of bool, True = here the answer may stand; in each row one block of
        True, or none at all. max_len: the most words that an answer may have, at least 1.

    Of all spans from i to j (both included) that lie in the mask and have at most max_len words, the
    one with the highest start[i] + end[j]. Returns (i_B, j_B), two arrays of whole numbers; 0 and 0
    for a row that has no True.
    """
    ### BEGIN SOLUTION
    B, S = start_BS.shape
    length_IJ = np.arange(S) - np.arange(S)[:, None] + 1
    fits_IJ = (length_IJ >= 1) & (length_IJ <= max_len)
    fits_BIJ = fits_IJ & mask_BS[:, :, None] & mask_BS[:, None, :]
    sum_BIJ = np.where(fits_BIJ, start_BS[:, :, None] + end_BS[:, None, :], -np.inf)
    return np.divmod(sum_BIJ.reshape(B, S * S).argmax(axis=1), S)
    ### END SOLUTION


def extract(score_N, words_N, budget):
    """A summary of whole sentences: which ones are taken.

    score_N: (N,), how much each sentence matters. words_N: (N,), how many words it has, at least 1.
    budget: how many words the summary may have.

    Sentences are taken by falling score (of equal ones the earlier first), each if it still fits; one
    that doesn't fit is skipped. Returns the indices of those taken, a list of whole numbers in the
    order of the text.
    """
    ### BEGIN SOLUTION
    taken, left = [], budget
    for n in np.argsort(-score_N, kind="stable"):
        if words_N[n] <= left:
            taken.append(int(n))
            left = left - words_N[n]
    return sorted(taken)
    ### END SOLUTION


# %% check="L13.4"
verdict = check("L13.4", best_span, extract)
verdict.points

# %% [markdown]
# ### L13.5 Pictures as words
#
# *Difficulty ●●●○○ · importance ●●●●○ · 12 minutes · 8 points · `hint("L13.5")`*


# %% answer="L13.5"
def patchify(img_BHWF, P):
    """Pictures as rows of words: each word is a patch of P × P pixels.

    img_BHWF: (B, H, W, F), F numbers for each pixel. P: the side of a patch.

    Returns (B, T, D) with T = H/P · W/P patches, row by row as one reads, and D = P · P · F numbers for
    each: its pixels row by row, the F numbers of a pixel side by side. ValueError if P doesn't divide
    both H and W.
    """
    ### BEGIN SOLUTION
    B, H, W, F = img_BHWF.shape
    if H % P or W % P:
        raise ValueError(f"patches of {P} × {P} don't fill a picture of {H} × {W}")
    img_BIPJPF = img_BHWF.reshape(B, H // P, P, W // P, P, F)
    return np.einsum("bipjqf->bijpqf", img_BIPJPF).reshape(B, -1, P * P * F)
    ### END SOLUTION


def unpatchify(x_BTD, P, shape):
    """The way back: pictures out of their patches.

    x_BTD: (B, T, D), patches as patchify gives them. P: the side of a patch. shape: that of the pictures,
    (B, H, W, F). Returns the pictures, of that shape.
    """
    ### BEGIN SOLUTION
    B, H, W, F = shape
    x_BIJPPF = x_BTD.reshape(B, H // P, W // P, P, P, F)
    return np.einsum("bijpqf->bipjqf", x_BIJPPF).reshape(shape)
    ### END SOLUTION


# %% check="L13.5"
verdict = check("L13.5", patchify, unpatchify)
verdict.points

# %% [markdown]
# ### L13.6 Write the test
#
# *Difficulty ●●●●○ · importance ●●●●○ · 18 minutes · 10 points · `hint("L13.6")`*


# %% answer="L13.6"
def check_source(fn):
    """Whether fn reads a source as attention across does: all of it, and of it alone.

    fn: a function to test, fn(y_BTD, x_BSD, x_mask_BS) -> (B, T, D): targets y ask, and the words x that the
        mask keeps (True) answer. It takes any B, T and S, any D that is a multiple of 6, and any mask
        that keeps at least one word of each row.

    Returns True if, up to rounding in float32,

    - padding behind the source, however much and whatever it holds, changes nothing;
    - other words in a row of x give another output of that row;
    - shuffling the source, its mask with it, changes nothing;
    - each output depends on its own row of x and of the mask and on its own target alone. It may depend
      on its place t, too, and needn't depend on its target.

    Else False, also if fn gives nan or another shape or stops with an error. Always returns a bool.
    """
    ### BEGIN SOLUTION
    rng = np.random.default_rng(13)
    y_BTD, other_BTD = rng.normal(size=(2, 3, 4, 6))
    x_BSD, new_BSD = rng.normal(size=(2, 3, 9, 6))
    mask_BS = np.arange(9) % np.array([[2], [3], [4]]) > 0

    def same(a, b):
        return a.shape == b.shape and np.allclose(a, b, rtol=1e-4, atol=1e-4)

    try:
        o_BTD = fn(y_BTD, x_BSD, mask_BS)
        for b, t in np.ndindex(3, 4):
            words = rng.permutation(np.flatnonzero(mask_BS[b]))
            keep_1S = np.ones((1, len(words)), bool)
            ask_1TD = other_BTD[[b]]
            ask_1TD[0, t] = y_BTD[b, t]
            alone_1TD = fn(ask_1TD, x_BSD[[b]][:, words], keep_1S)
            moved_1TD = fn(ask_1TD, new_BSD[[b]][:, words], keep_1S)
            if not same(alone_1TD[:, t], o_BTD[[b], t]) or same(moved_1TD, alone_1TD):
                return False
        return o_BTD.shape == y_BTD.shape
    except Exception:
        return False
    ### END SOLUTION


# %% check="L13.6"
verdict = check("L13.6", check_source)
verdict.points
