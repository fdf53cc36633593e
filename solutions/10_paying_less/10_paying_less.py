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
# # Lesson 10: paying less
#
# What does attention cost, and what can be saved: first without losing anything, then for a price.
#
# About three hours: six exercises. You need lessons 5, 6 and 8.

# %%
import numpy as np
from attnkit import check, hint

# %% [markdown]
# After a break: *Kernel ▸ Restart Kernel and Run up to Selected Cell*.
#
# ## 1 · What attention costs
#
# ### L10.1 Count it
#
# *Difficulty ●●○○○ · importance ●●●●○ · 12 minutes · `hint("L10.1")`*


# %% answer="L10.1"
def attention_cost(B, T, S, D, H):
    """What H heads cost that read S words for T words, in B texts: a dict of whole numbers.

    The widths: queries, keys, values and output D numbers a word, each head D // H of them.
    One multiply-add counts as 2 operations; biases, softmax and masks count nothing.

    "projections": operations of Wq and Wo on the T words, of Wk and Wv on the S words.
    "scores": operations of all q·k. "mix": operations of all weighted sums of values.
    "score_floats": how many numbers the table of scores holds.
    """
    ### BEGIN SOLUTION
    return {
        "projections": 2 * B * D**2 * (2 * T + 2 * S),
        "scores": 2 * B * T * S * D,
        "mix": 2 * B * T * S * D,
        "score_floats": B * H * T * S,
    }
    ### END SOLUTION


def window_mask(T, w):
    """Who may see whom in a window: bool (T, T), True where two words are at most w places apart."""
    ### BEGIN SOLUTION
    place_T = np.arange(T)
    return np.abs(place_T[:, None] - place_T) <= w
    ### END SOLUTION


# %% check="L10.1"
verdict = check("L10.1", attention_cost, window_mask)
verdict.points

# %% [markdown]
# ## 2 · The same, in chunks
#
# The plain way, as in lessons 4 and 5. It makes the whole table of scores.


# %%
def plain_attention(q_TK, k_SK, v_SV, mask_TS=None):
    """softmax(q·k / √K) over the keys that may be seen, times the values; 0 where there are none."""
    e_TS = np.einsum("tk,sk->ts", q_TK, k_SK) / np.sqrt(q_TK.shape[-1])
    if mask_TS is not None:
        e_TS = np.where(mask_TS, e_TS, -np.inf)
    highest_T1 = e_TS.max(axis=1, keepdims=True)
    p_TS = np.exp(e_TS - np.where(np.isfinite(highest_T1), highest_T1, 0))
    l_T1 = p_TS.sum(axis=1, keepdims=True)
    return np.einsum("ts,sv->tv", p_TS / np.where(l_T1 > 0, l_T1, 1), v_SV)


# %% [markdown]
# ### L10.2 Attention in chunks
#
# *Difficulty ●●●●● · importance ●●●●○ · 30 minutes · `hint("L10.2")`*


# %% answer="L10.2"
def chunked_attention(q_TK, k_SK, v_SV, chunk, mask_TS=None):
    """What plain attention gives, o (T, V), with `chunk` keys at a time.

    q_TK: queries. k_SK, v_SV: keys and values. chunk: how many keys at most are looked at
        together; the last chunk may be shorter. mask_TS: bool, True = may be seen; or None.

    No array of T × S scores is ever made. A query that may see no key gets zeros.
    """
    ### BEGIN SOLUTION
    T, K = q_TK.shape
    m_T = np.full(T, -np.inf)
    l_T = np.zeros(T)
    o_TV = np.zeros((T, v_SV.shape[1]))
    for start in range(0, len(k_SK), chunk):
        part = slice(start, start + chunk)
        e_TS = q_TK @ k_SK[part].T / np.sqrt(K)
        if mask_TS is not None:
            e_TS = np.where(mask_TS[:, part], e_TS, -np.inf)
        new_T = np.maximum(m_T, e_TS.max(axis=1))
        base_T = np.where(new_T > -np.inf, new_T, 0)
        shrink_T = np.exp(m_T - base_T)
        p_TS = np.exp(e_TS - base_T[:, None])
        l_T = l_T * shrink_T + p_TS.sum(axis=1)
        o_TV = o_TV * shrink_T[:, None] + p_TS @ v_SV[part]
        m_T = new_T
    return o_TV / np.where(l_T > 0, l_T, 1)[:, None]
    ### END SOLUTION


# %% check="L10.2"
verdict = check("L10.2", chunked_attention)
verdict.points

# %% [markdown]
# ### L10.3 Write the test
#
# *Difficulty ●●●○○ · importance ●●●○○ · 15 minutes · `hint("L10.3")`*


# %% answer="L10.3"
def check_chunked(fn):
    """True if fn(q_TK, k_SK, v_SV, chunk, mask_TS) is attention in chunks, otherwise False.

    It is if it gives the same for every size of chunk, and that what the plain softmax gives,
    with a mask and without (mask_TS is None).
    """
    ### BEGIN SOLUTION
    rng = np.random.default_rng(10)
    q_TK, v_SV = rng.normal(size=(5, 6)), rng.normal(size=(7, 3))
    keys = rng.normal(size=(7, 6))
    rising = keys[np.argsort(keys @ q_TK[0])]
    mask_TS = rng.random((5, 7)) < 0.7
    mask_TS[:, 6] = True
    mask_TS[1:3, :4] = False
    for k_SK in (rising, rising[::-1]):
        for mask in (None, mask_TS):
            right_TV = plain_attention(q_TK, k_SK, v_SV, mask)
            for chunk in (1, 2, 3, 4, 7):
                try:
                    o_TV = np.asarray(fn(q_TK, k_SK, v_SV, chunk, mask))
                    good = o_TV.shape == right_TV.shape and np.allclose(o_TV, right_TV, atol=1e-4)
                except Exception:
                    return False
                if not good:
                    return False
    return True
    ### END SOLUTION


# %% check="L10.3"
verdict = check("L10.3", check_chunked)
verdict.points

# %% [markdown]
# ## 3 · Fewer heads


# %%
def split_heads(x_BTD, H):
    return x_BTD.reshape(*x_BTD.shape[:2], H, -1).transpose(0, 2, 1, 3)


def multi_head(x_BTD, params, H, mask):
    """Lesson 6's heads, words asking each other: every word may see one word at least."""
    q, k, v = (split_heads(x_BTD @ params[name], H) for name in ("Wq", "Wk", "Wv"))
    e_BHTS = np.where(mask, q @ k.swapaxes(2, 3) * q.shape[-1] ** -0.5, -np.inf)
    p_BHTS = np.exp(e_BHTS - e_BHTS.max(axis=-1, keepdims=True))
    o_BHTK = (p_BHTS / p_BHTS.sum(axis=-1, keepdims=True)) @ v
    return o_BHTK.transpose(0, 2, 1, 3).reshape(*x_BTD.shape[:2], -1) @ params["Wo"]


# %%
def logits(ids_BT, params, H, near_TT=True):
    """What the reader says of each text, above 0 for praise. near_TT: who may see whom."""
    T = ids_BT.shape[1]
    keep_BT = ids_BT != 0
    x_BTD = params["words"][ids_BT] + params["places"][:T]
    mask = keep_BT[:, None, None, :] & near_TT | np.eye(T, dtype=bool)
    x_BTD = x_BTD + multi_head(x_BTD, params, H, mask)
    z_BD = np.einsum("btd,bt->bd", x_BTD, keep_BT / keep_BT.sum(axis=1, keepdims=True))
    return z_BD @ params["w"] + params["b"][0]


# %% [markdown]
#
# ### L10.4 Prune heads
#
# *Difficulty ●●●○○ · importance ●●●●○ · 15 minutes · `hint("L10.4")`*


# %% answer="L10.4"
def prune_heads(params, keep, H):
    """The parameters with these heads only, in the order of `keep`: a new dict, smaller arrays.

    params: a dict; of its arrays Wq, Wk, Wv (D, H·K) and Wo (H·K, D) belong to heads, head h
        having the columns (in Wo the rows) from h·K to (h + 1)·K. All else comes back as it is.
    keep: numbers of heads, each at most once. H: how many heads there are.
    """
    ### BEGIN SOLUTION
    K = params["Wq"].shape[1] // H
    kept = np.concatenate([np.arange(h * K, (h + 1) * K) for h in keep])
    pruned = dict(params)
    for name in ("Wq", "Wk", "Wv"):
        pruned[name] = params[name][:, kept]
    pruned["Wo"] = params["Wo"][kept]
    return pruned
    ### END SOLUTION


# %% check="L10.4"
verdict = check("L10.4", prune_heads)
verdict.points

# %% [markdown]
# ## 4 · Fewer bits
#
# ### L10.5 Eight bits
#
# *Difficulty ●●●●○ · importance ●●●●○ · 20 minutes · `hint("L10.5")`*


# %% answer="L10.5"
def quantize_int8(w_IO):
    """Whole numbers for weights: (q (I, O) int8, scale (O,)), so that w is nearly q · scale.

    A column's largest absolute value becomes ±127, the others are rounded, halves to even
    (`np.round`). A column of zeros has the scale 1.0 and the codes 0.
    """
    ### BEGIN SOLUTION
    largest_O = np.abs(w_IO).max(axis=0)
    scale_O = np.where(largest_O > 0, largest_O / 127, 1.0)
    q_IO = np.round(w_IO / scale_O).astype(np.int8)
    return q_IO, scale_O
    ### END SOLUTION


def int8_matmul(x_BI, q_IO, scale_O):
    """x @ w of whole numbers, (B, O) floats: each row of x gets a scale and codes, as w has.

    q_IO, scale_O: what `quantize_int8` gives for w. The codes are summed in int32.
    """
    ### BEGIN SOLUTION
    codes_IB, scale_B = quantize_int8(x_BI.T)
    sums_BO = codes_IB.T.astype(np.int32) @ q_IO.astype(np.int32)
    return sums_BO * scale_B[:, None] * scale_O
    ### END SOLUTION


# %% check="L10.5"
verdict = check("L10.5", quantize_int8, int8_matmul)
verdict.points

# %% [markdown]
# ## 5 · A smaller pupil
#
# Your `log_softmax` of lesson 2, in short:


# %%
def log_softmax(s, axis=-1):
    shifted = s - s.max(axis=axis, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=axis, keepdims=True))


# %% [markdown]
# ### L10.6 Learn from a teacher
#
# *Difficulty ●●●○○ · importance ●●●○○ · 12 minutes · `hint("L10.6")`*


# %% answer="L10.6"
def distill_loss(student_BC, teacher_BC, tau):
    """τ² times the mean over the batch of KL(teacher ‖ student), both softened by τ: a float.

    student_BC, teacher_BC: logits, one row an example. tau: the temperature of both.
    """
    ### BEGIN SOLUTION
    log_s_BC = log_softmax(student_BC / tau)
    log_t_BC = log_softmax(teacher_BC / tau)
    kl_B = np.einsum("bc,bc->b", np.exp(log_t_BC), log_t_BC - log_s_BC)
    return float(tau**2 * kl_B.mean())
    ### END SOLUTION


# %% check="L10.6"
verdict = check("L10.6", distill_loss)
verdict.points
