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
# # Lesson 5: masks and padding

# %%
import itertools

import numpy as np
from attnkit import attempt, check, hint


# %% answer="L5.1"
def padding_mask(ids_BS, pad_id=0):
    """Which positions are words: True for a word, False for a pad.

    ids_BS: (B, S), integers. pad_id: the id that stands for "nothing here".

    Returns an array of bools of shape (B, 1, 1, S). ids_BS stays as it was.
    """
    ### BEGIN SOLUTION
    return (ids_BS != pad_id)[:, None, None, :]
    ### END SOLUTION


# %% check="L5.1"
report = check("L5.1", padding_mask)
report.points


# %% answer="L5.2"
def causal_mask(T, S):
    """Who may see whom when nobody may look ahead: query t sees key s iff s ≤ t + (S − T).

    T: number of queries, which are the last T words. S: number of keys, that is of all words.

    Returns an array of bools of shape (T, S).
    """
    ### BEGIN SOLUTION
    return np.arange(S) <= np.arange(T)[:, None] + (S - T)
    ### END SOLUTION


# %% check="L5.2"
report = check("L5.2", causal_mask)
report.points


# %% answer="L5.3"
def masked_softmax(s, mask, axis=-1):
    """The softmax along an axis as if masked scores had never been there.

    s: finite scores of any shape and float type.
    mask: bools, True = keep, of a shape that broadcasts to that of s.

    Returns weights of the shape of s, 0 where the mask is False; a row without any True is all 0.
    """
    ### BEGIN SOLUTION
    kept = np.where(mask, s, -np.inf)
    top = kept.max(axis=axis, keepdims=True)
    exps = np.exp(kept - np.where(top > -np.inf, top, 0))
    total = exps.sum(axis=axis, keepdims=True)
    return exps / np.where(total > 0, total, 1)
    ### END SOLUTION


# %% check="L5.3"
report = check("L5.3", masked_softmax)
report.points


# %% answer="L5.4"
def masked_mean(x_BTD, mask_BT):
    """The mean of each sentence's words, pads not counted; zeros for a sentence without a word.

    x_BTD: (B, T, D), finite. mask_BT: (B, T), bools, True = keep. Returns an array of shape (B, D).
    """
    ### BEGIN SOLUTION
    total_BD = np.where(mask_BT[:, :, None], x_BTD, 0).sum(axis=1)
    return total_BD / np.maximum(mask_BT.sum(axis=1), 1)[:, None]
    ### END SOLUTION


def masked_max(x_BTD, mask_BT):
    """The largest number of each coordinate among a sentence's words; zeros if it has none.

    Takes and returns arrays as `masked_mean` does.
    """
    ### BEGIN SOLUTION
    top_BD = np.where(mask_BT[:, :, None], x_BTD, -np.inf).max(axis=1)
    return np.where(mask_BT.any(axis=1)[:, None], top_BD, 0)
    ### END SOLUTION


# %% check="L5.4"
report = check("L5.4", masked_mean, masked_max)
report.points


# %% answer="L5.5"
def check_pad_invariance(fn):
    """Whether no pad behind a sentence can move what fn gives for it.

    fn: a function to test, fn(x_BTD, mask_BT) -> (B, D), one row for each sentence.

    Returns True if every sentence's row stays the same up to rounding in float32, for any number
    and any finite content of masked positions behind it, alone and in a batch with others; else
    False. Never raises because of fn.
    """
    ### BEGIN SOLUTION
    sentences = [np.random.default_rng(T).normal(size=(T, 4)) for T in (4, 1, 6)]
    groups = [sentences, *([x_TD] for x_TD in sentences)]
    cases = itertools.product(groups, (0, 1, 2, 50), (0, 1, 1000))

    def holds(group, pads, size):
        length_B1 = np.array([[len(x_TD)] for x_TD in group])
        keep_BT = np.arange(length_B1.max() + pads) < length_B1
        x_BTD = size * np.random.default_rng(pads).normal(size=(*keep_BT.shape, 4))
        x_BTD[keep_BT] = np.concatenate(group)
        alone = [fn(x_TD[None], np.ones((1, len(x_TD)), bool)) for x_TD in group]
        apart = fn(x_BTD, keep_BT) - np.concatenate(alone)
        return apart.shape == (len(group), 4) and np.abs(apart).max() < 1e-4

    try:
        return all(holds(*case) for case in cases)
    except Exception:
        return False
    ### END SOLUTION


# %% check="L5.5"
report = check("L5.5", check_pad_invariance)
report.points
