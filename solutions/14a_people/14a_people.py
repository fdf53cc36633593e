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
# # Lesson 14a: people

# %%
from collections import Counter
from statistics import NormalDist

import numpy as np
from attnkit import check


# %% answer="L14.1"
def search_slope(n_N, rt_N, correct_N):
    """The line through the times of right trials: where it begins, and what each item adds.

    n_N: (N,), how many items there were. rt_N: how long the answer took, in seconds.
    correct_N: bool, whether it was right. Right trials have two numbers of items at least.

    Returns (intercept, slope) of the least-squares line: seconds, and milliseconds an item.
    """
    ### BEGIN SOLUTION
    slope, intercept = np.polyfit(n_N[correct_N], rt_N[correct_N], 1)
    return intercept, 1000 * slope
    ### END SOLUTION


def d_prime(hits, misses, false_alarms, rejections):
    """How well targets are told from the rest: z of the hit rate less z of the false-alarm rate.

    The four counts are whole numbers, 0 among them. Before the rates are taken, each of the four gets ½
    added. z is the inverse of the normal distribution. Returns a number.
    """
    ### BEGIN SOLUTION
    hit_rate = (hits + 0.5) / (hits + misses + 1)
    false_rate = (false_alarms + 0.5) / (false_alarms + rejections + 1)
    return NormalDist().inv_cdf(hit_rate) - NormalDist().inv_cdf(false_rate)
    ### END SOLUTION


# %% check="L14.1"
verdict = check("L14.1", search_slope, d_prime)
verdict.points


# %% answer="L14.2"
def serial_position(recalls, T):
    """For each place of a list of T words, the share of trials in which its word was recalled.

    recalls: a list for each trial, one trial at least: the places of the words, 1 to T, in the order in
        which they were recalled; 0 for a word that wasn't on the list. A word may come twice, and counts
        once.

    Returns p_T, an array.
    """
    ### BEGIN SOLUTION
    said = [set(recall) for recall in recalls]
    return np.array([np.mean([place in trial for trial in said]) for place in range(1, T + 1)])
    ### END SOLUTION


def lag_crp(recalls, T):
    """For each lag, how often it was jumped, as a share of how often it could have been.

    recalls, T: as above, T at least 2. From place i to place j the lag is j - i. At the moment of a move
        every place is possible that was not recalled in this trial before. A word that is not on the list,
        or comes again, ends the chain: moves into it and out of it count nowhere.

    Returns a dict from lag to share, over all trials together; lags that never were possible aren't in it.
    """
    ### BEGIN SOLUTION
    made, possible = Counter(), Counter()
    for recall in recalls:
        left, before = set(range(1, T + 1)), 0
        for place in recall:
            if before and place in left:
                made[place - before] += 1
                possible.update(other - before for other in left)
            before = place if place in left else 0
            left -= {place}
    return {lag: made[lag] / possible[lag] for lag in sorted(possible)}
    ### END SOLUTION


# %% check="L14.2"
verdict = check("L14.2", serial_position, lag_crp)
verdict.points


# %% answer="L14.3"
def retrievability(days, stability, decay=0.1542):
    """The chance to recall something after so many days: (1 + F·days/S)^(−decay), F = 0.9^(−1/decay) − 1.

    days: since it was recalled last, 0 or more. stability: S, the days until the chance is 0.9.
    Returns a number.
    """
    ### BEGIN SOLUTION
    F = 0.9 ** (-1 / decay) - 1
    return (1 + F * days / stability) ** -decay
    ### END SOLUTION


def next_interval(stability, target, decay=0.1542):
    """After how many days the chance has fallen to target, between 0 and 1. Not rounded."""
    ### BEGIN SOLUTION
    F = 0.9 ** (-1 / decay) - 1
    return stability / F * (target ** (-1 / decay) - 1)
    ### END SOLUTION


# %% check="L14.3"
verdict = check("L14.3", retrievability, next_interval)
verdict.points
