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
# # Lesson 14b: projects

# %%
import numpy as np
from attnkit import check


# %% answer="L14.4"
def route(q_BD, bank_ND, labels, tau):
    """Who answers each question: an entry of the bank, or a human.

    q_BD: the questions' vectors, of any length but 0. bank_ND: those of the bank's entries.
    labels: a list of N strings, one for each entry; entries may share one.

    Returns a list of B strings: the label of the entry with the highest cosine if that cosine is at
    least tau, else "human". Of equal cosines the first entry counts.
    """
    ### BEGIN SOLUTION
    q_BD = q_BD / np.linalg.norm(q_BD, axis=1, keepdims=True)
    bank_ND = bank_ND / np.linalg.norm(bank_ND, axis=1, keepdims=True)
    cos_BN = q_BD @ bank_ND.T
    return [labels[cos_N.argmax()] if cos_N.max() >= tau else "human" for cos_N in cos_BN]
    ### END SOLUTION


def fit_threshold(s_N, share):
    """The highest threshold that keeps the humans' work within bounds.

    s_N: the highest cosine of each of N questions, in any order. share: between 0 and 1, how many of
        these questions, at most, may go to a human.

    Returns the largest tau for which at most share · N questions have s < tau. It is one of s_N.
    """
    ### BEGIN SOLUTION
    spared = int(share * len(s_N))
    return float(np.sort(s_N)[spared])
    ### END SOLUTION


# %% check="L14.4"
verdict = check("L14.4", route, fit_threshold)
verdict.points


# %% answer="L14.5"
def daily_index(day_N, score_N, T, halflife):
    """For each day the weighted mean of the scores of all news before it, fresh news first.

    day_N: on which day, from 0 to T - 1, each of N news came; several may share one, in any order.
    score_N: how good each of them is. halflife: after so many days news weigh half as much.

    Returns index_T: on day t the mean of the scores of days before t, each with the weight
    0.5 ** (age / halflife), where yesterday's news have age 0; 0.0 as long as there are none.
    """
    ### BEGIN SOLUTION
    age_TN = np.arange(T)[:, None] - 1 - day_N
    w_TN = np.where(age_TN >= 0, 0.5 ** (np.maximum(age_TN, 0) / halflife), 0.0)
    total_T = w_TN.sum(axis=1)
    return w_TN @ score_N / np.where(total_T > 0, total_T, 1.0)
    ### END SOLUTION


# %% check="L14.5"
verdict = check("L14.5", daily_index)
verdict.points


# %% answer="L14.6"
def hit_ndcg(scores_BN, seen, target_B, k):
    """How often what was chosen next stands among the first k, and how far up.

    scores_BN: for each of B people a score for each item; item 0 is padding. seen: a list of B lists, the
        items that each has had; they may hold 0, an item twice, or the target. target_B: what each chose.

    Neither item 0 nor what was seen is a candidate, but the target always is. Its rank is the number of
    candidates with a higher score, plus half of those, besides itself, with the same. It is a hit if
    rank < k. Returns (hr, ndcg), means over the B people: of hits, and of 1 / log2(rank + 2) for a hit, 0 else.
    """
    ### BEGIN SOLUTION
    hits, gains = [], []
    for score_N, had, target in zip(scores_BN, seen, target_B, strict=True):
        is_other_N = np.ones(len(score_N), bool)
        is_other_N[[0, target, *had]] = False
        others = score_N[is_other_N]
        rank = (others > score_N[target]).sum() + (others == score_N[target]).sum() / 2
        hits.append(rank < k)
        gains.append((rank < k) / np.log2(rank + 2))
    return np.mean(hits), np.mean(gains)
    ### END SOLUTION


def check_split(fn):
    """Whether fn splits events at one time.

    fn: a function to test, fn(user_N, item_N, time_N, cut) -> (train_idx, test_idx), for N events in any
        order. It takes whole numbers from 1 as users and items, times that are ints or floats, and a cut
        with events on both sides.

    Returns True if train_idx holds exactly the rows with time < cut, and test_idx all other rows, each row
    once, in any order, as a list or an array of ints; else False, also if fn stops with an error. Always
    returns a bool.
    """
    ### BEGIN SOLUTION
    rng = np.random.default_rng(14)
    time_N = rng.integers(0, 6, 40)
    user_N, item_N = rng.integers(1, 6, (2, 40)) + 6 * rng.integers(0, 2, (2, 40)) * (time_N >= 2)
    early_N = time_N < 3
    try:
        train, test = fn(user_N, item_N, time_N, 3)
        is_right = sorted(train) == np.flatnonzero(early_N).tolist()
        return is_right and sorted(test) == np.flatnonzero(~early_N).tolist()
    except Exception:
        return False
    ### END SOLUTION


# %% check="L14.6"
verdict = check("L14.6", hit_ndcg, check_split)
verdict.points
