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
#
# The word *attention* was borrowed from people. How much do they share, your attention and the formula's? You find
# out on yourself, in four small experiments, with the records of some hundred others beside yours.
#
# Afterwards you can
#
# - measure a search, and tell sharp eyes from a liking for *yes*;
# - read what a person recalls: which words, and in which leaps;
# - write a forgetting curve, and plan the next review by it;
# - say what raises learning and memory, how well that is known, and what is only sold.
#
# About two hours, with a good place for a break behind section 3: three exercises (24 points) and one question
# (3 points). You need lessons 2 and 4.

# %%
from collections import Counter
from statistics import NormalDist

import numpy as np
import pandas as pd
from attnkit import check, hint, predict, predicted
from attnkit.earlier import yours
from attnkit.experiments import delete_trials, take_part, trials_of
from attnkit.figures import draw_lines

np.set_printoptions(precision=2, suppress=True)

# %% [markdown]
# After a break: *Kernel ▸ Restart Kernel and Run up to Selected Cell*.
#
# ## Before you begin
#
# It is easily said that a network "remembers" or "pays attention". So each statement here bears a mark:
#
# | mark | means |
# |---|---|
# | **measured on you** | by your own trials. If you don't take part, a made-up person stands in, and it says nothing about anybody |
# | **measured on others** | published; the paper is named |
# | **analogy** | two things look alike; that one works like the other, nobody has shown |
#
# Your own trials will lie in files of their own, such as this one:

# %%
from attnkit.experiments.keeping import trials_file

print(trials_file("search"))

# %% [markdown]
# They are sent nowhere, graded by nobody, and gone when you press *Delete my trials*. You needn't take part: everything below
# works with made-up people, too.
#
# And they are demonstrations, short ones, on an unknown screen in a room that may be loud. **They are no test of you**: they say
# nothing about your health or your intelligence.
#
# ## 1 · Search
#
# Somewhere among Ts and Ls there may be one orange T. Once everything else is blue; once there are blue Ts and orange Ls
# about, so that neither the colour nor the form alone gives it away.

# %%
predict(
    "L14.search",
    "With 32 items in place of 4, how much longer do you look for the orange T: where all others are blue, and among blue "
    "Ts and orange Ls?",
)

# %%
take_part("search")

# %%
trials = trials_of("search")
shown = trials[trials.target]  # those with an orange T
table = shown[shown.correct].pivot_table("rt", "kind", "items")
print((1000 * table).round().astype(int), "milliseconds", sep="\n\n")

# %% [markdown]
# How long does *one more item* take? That is the slope of a line through the times. Where it begins, at 0 items, is what all
# trials share: to look, to decide, to press. So the slope can be trusted even if your keyboard is slow.
#
# Wrong answers don't count: who pressed too soon has not searched.
#
# ### L14.1 A slope, and d′
#
# *Difficulty ●●○○○ · importance ●●●○○ · 12 minutes · 8 points · `hint("L14.1")`*
#
# The second function is for section 3. There you say *yes* to some letters, and who always says yes never misses one. So
# **hits** are set against **false alarms**. Both rates are made normal first, by z, which turns 0.5 into 0 and 0.84 into 1: {{d′|d′ (told apart): how well signals are told from noise, whatever somebody's liking for yes; z of
# the hit rate less z of the false-alarm rate}} (say "d prime") is the difference of the two.


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

# %%
from attnkit.experiments.search import KINDS


def slope_of(some):
    columns = (some[name].to_numpy() for name in ("items", "rt", "correct"))
    return search_slope(*columns)[1]


rng = np.random.default_rng(14)
for kind in KINDS:
    some = shown[shown.kind == kind]
    again = [slope_of(some.sample(frac=1, replace=True, random_state=rng)) for _ in range(300)]
    print(f"{kind:16} {slope_of(some):5.1f} ± {1.96 * np.std(again):.1f} ms an item")
predicted("L14.search")

# %% [markdown]
# (The interval comes from drawing the trials again, with replacement.)
#
# **Measured on others.** What differs in one feature shows at once, however many others there are, by {{pop-out (it leaps to
# the eye): the time to find something that differs from all others in one feature hardly grows with their number}}. What only
# a combination tells apart takes longer with each item: a {{conjunction search (two things at once): looking for
# something that only a combination of features tells from the rest}} (Treisman & Gelade 1980). **Measured on you**: do your
# two slopes differ by more than their intervals?
#
# ### A softmax that searches
#
# Let each item be a key with two features, colour and form, and let *orange T* be the query. An item's score is how many
# features agree: the target 2, a blue L 0, a blue T or an orange L 1. Look at items one after the other, each drawn by the softmax
# of those not looked at yet.


# %%
def looks(score_N, beta, rng):
    """How many items are looked at until item 0 is."""
    left = np.arange(len(score_N))
    for count in range(1, len(left) + 1):
        w = np.exp(beta * (score_N[left] - score_N[left].max()))
        drawn = rng.choice(left, p=w / w.sum())
        if drawn == 0:
            return count
        left = left[left != drawn]


sizes, average = np.array([4, 8, 16, 32]), {}
for kind, other in zip(KINDS, (0, 1), strict=True):
    scores = [np.array([2.0] + [other] * (n - 1)) for n in sizes]
    average[kind] = [np.mean([looks(each, 2.0, rng) for _ in range(300)]) for each in scores]

# %%
halves = shown[shown.correct].pivot_table("rt", "kind", "items", aggfunc="sem")
milliseconds = {kind: 1000 * table.loc[kind] for kind in KINDS}
yours_ms = {kind: (sizes, milliseconds[kind], 1960 * halves.loc[kind]) for kind in KINDS}
draw_lines(yours_ms, "milliseconds", "until the orange T is found", x="items")

# %%
draw_lines({k: (sizes, average[k]) for k in KINDS}, "looks", "of a softmax, β = 2", x="items")

# %% [markdown]
# **Analogy.** The same picture: nearly flat, and rising. No accident: of two items the softmax draws the better one first with
# probability σ(β · difference of scores), lesson 2's sigmoid. So each other item adds σ(−2β) looks if it shares nothing with
# the target, and σ(−β) if it shares one feature: straight lines, both.


# %%
def sigmoid(x):
    return 1 / (1 + np.exp(-x))


for kind, apart in zip(KINDS, (2, 1), strict=True):
    every = np.ones(len(sizes), dtype=bool)
    slope = search_slope(sizes, np.array(average[kind]), every)[1] / 1000
    print(f"{kind:16} {slope:.3f} looks an item, by the formula {sigmoid(-2.0 * apart):.3f}")

# %% [markdown]
# Models of human search are not far from this: features guide where one looks next (Wolfe, Cave & Franzel 1989). But the likeness ends soon.
# A layer of attention computes all scores at once and takes a mean; it never looks at one item after the other. (It pays for
# each item all the same: lesson 10.)
#
# ## 2 · Where the arrow points
#
# Attention can go where the eyes don't. Keep looking at the cross; an arrow announces on which side a dot will come, and
# is right four times out of five.

# %%
predict(
    "L14.cue",
    "By how many milliseconds is an arrow that points the wrong way slower than a right one?",
)

# %%
take_part("cueing")

# %%
trials = trials_of("cueing")
times = trials[trials.correct].groupby("cue").rt.agg(["mean", "sem", "size"])
for cue in ("valid", "neutral", "invalid"):
    mean, sem, size = times.loc[cue]
    print(f"{cue:8} {1000 * mean:4.0f} ± {1960 * sem:2.0f} ms, {size:.0f} right answers")
gap = times["mean"]["invalid"] - times["mean"]["valid"]
half = 1.96 * np.hypot(times["sem"]["invalid"], times["sem"]["valid"])
print(f"invalid less valid: {1000 * gap:.0f} ± {1000 * half:.0f} ms")
predicted("L14.cue")

# %% [markdown]
# **Measured on others.** A cue that is right makes one faster, and one that is wrong slower, though the eyes stay where they are
# (Posner 1980). **Measured on you**: does your interval leave out 0? With ten wrong arrows it may not.
#
# Hundredths of a second ask for a good clock. Yours is the browser's, from the frame with the dot to the key press. Tried with keys at
# known delays it was off by 0.2 ms in the median, by 7 ms at most, in 27 trials (`tests/experiments/test_timing.py`). Screen and
# keyboard come on top; what they add each time drops out of a difference.
#
# **Analogy.** For a softmax, an arrow is a bias on the scores. With log 4 the weights are the arrow's own odds:

# %%
for bias in (0, np.log(4)):
    e_S = np.array([0, bias])  # left and right, before anything is seen
    print(f"bias {bias:.2f}: {np.exp(e_S) / np.exp(e_S).sum()}")

# %% [markdown]
# With −∞ on one side it would be a mask (lesson 5).
#
# ## 3 · How much is held
#
# Is this letter the same as *n* letters ago? To answer, one must hold the last n, and let go of all others. Some letters are
# traps: they came one too early or too late.

# %%
predict("L14.nback", "Your d′ for n = 1, 2, 3? (0 is guessing; 4 is hardly ever wrong.)")

# %%
take_part("n_back")

# %%
trials = trials_of("n_back")
for n, some in trials.groupby("n"):
    yes, target, lure = some.said == "yes", some.kind == "target", some.kind == "lure"
    hits, misses = int((yes & target).sum()), int((~yes & target).sum())
    false_alarms, rejections = int((yes & ~target).sum()), int((~yes & ~target).sum())
    apart = d_prime(hits, misses, false_alarms, rejections)
    print(f"n = {n}: d′ {apart:.1f}; hits {hits} of {hits + misses}", end="")
    print(f", false alarms {false_alarms} of {false_alarms + rejections}", end="")
    print(f", of these by traps {int((yes & lure).sum())} of {int(lure.sum())}")
predicted("L14.nback")

# %% [markdown]
# **Measured on you**, or on nobody: twelve targets make a rough d′, and even the order of the three may be chance. The task is old
# (Kirchner 1958) and among those that training games are made of; section 6 comes back to that.
#
# **Analogy.** A model's window has an edge as well: lesson 15's sees 64 words. But that edge is sharp, and inside it everything is held
# equally well. Nobody's memory is like that; the next section measures how it is.
#
# ## 4 · Recall without a question
#
# Sixteen words, then all that you remember, in any order. That is {{free recall (in any order): a list is studied and then
# recalled in whatever order the words come}}. There is no
# question, hence no query, you would think. Where does recall begin, and where does it go?

# %%
predict(
    "L14.recall",
    "Draw the curve in words: which places of the list are recalled best, which worst? And when word 8 has just been "
    "recalled, which word comes next most often?",
)

# %%
take_part("recall")

# %% [markdown]
# ### L14.2 Places and leaps
#
# *Difficulty ●●●●○ · importance ●●●●○ · 20 minutes · 10 points · `hint("L14.2")`*
#
# The {{serial position curve (by place in the list): the share of lists in which the word at each place was recalled}} says
# which words come back. The {{lag-CRP (by distance of the leap): of the leaps of each distance that were possible at their moment,
# the share that was made; short for conditional response probability}} says in which leaps. The second needs care. A list of four
# is recalled as 2, 3, 1. From 2 to 3 the lag is +1; −1 and +2 were possible as well. From 3 to 1 it is −2; +1 was possible, −1 no
# longer, for 2 was used up. So +1 was made once in two chances, −1 never in one, −2 once in one.


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

# %%
from attnkit.experiments.others import recalls_of_others
from attnkit.experiments.recall import recalls

trials, T = trials_of("recall"), 16
places_T = np.arange(1, T + 1)
own = {name: recalls(trials, name) for name in ("none", "sums")}
at_once, after_sums = (serial_position(own[name], T) for name in own)
curves = {"at once": (places_T, at_once), "after 20 s of sums": (places_T, after_sums)}
draw_lines(curves, "recalled", "by place in the list", x="place")

# %% [markdown]
# And others? The first are 126 students of the PEERS study, who recalled 28 lists each, at once (Healey & Kahana 2014). The data
# come with the package psifr (Morton 2020), of the extra `people`; without it the next cell says so.

# %%
peers, _ = recalls_of_others("PEERS")
curves["126 others, at once"] = (places_T, serial_position(peers, T))
predicted("L14.recall")
draw_lines(curves, "recalled", "by place in the list", x="place")

# %% [markdown]
# **Measured on others.** The last words are recalled best: {{recency (the last stay): what came last is recalled best}}, 0.92 for the last
# of all. The first do better than the middle, too: {{primacy (the first stay): what came first is recalled better than the middle}},
# 0.82 against 0.56. And half a minute of another task takes recency away and leaves primacy (Glanzer & Cunitz 1966). One or two
# lists of your own are a rough curve. Does it go the same way?
#
# Now the leaps, also of 40 people with lists of 24 words that belonged to three categories (Morton and others 2013).

# %%
morton, _ = recalls_of_others("Morton 2013")
near = np.arange(-5, 6)  # 0 is the word just recalled
leaps = {"PEERS": lag_crp(peers, 16), "Morton 2013": lag_crp(morton, 24)}
curves = {name: (near, [some.get(lag, np.nan) for lag in near]) for name, some in leaps.items()}
draw_lines(curves, "leaps", "made, of those possible", x="lag")

# %% [markdown]
# **Measured on others.** Recall goes to neighbours, and with ordinary lists rather onwards than back: +1 0.45, −1 0.26. Where
# words belong to categories, meaning leads as well, and the preference for *onwards* is gone: 0.20 and 0.19.
#
# So there *is* a query, and each word makes the next one: what was just recalled brings back the moment in which it was learned, and that
# moment is the cue.
#
# ### Your memory of lesson 4, with a clock in it
#
# Lesson 4's memory gives back the pattern that is most like a probe. Let a pattern be a *moment* and the word that came in it. A moment is a
# fading trace of all words so far, so neighbours in time look alike (Howard & Kahana 2002).

# %%
from attnkit.experiments.recall import contexts

hopfield_recall = yours("hopfield_recall")
moment_TD = contexts(0.72, T)  # what has come fades: each word keeps 0.72 of it
patterns_TD = np.concatenate([moment_TD, np.eye(T)], axis=1)  # beside it, which word it was
likeness_T = moment_TD @ moment_TD[7]
draw_lines({"to the moment of word 8": (places_T, likeness_T)}, "likeness", x="place")

# %% [markdown]
# Recall is then a loop. Ask with the moment of now; the answer's second half are the weights of the words; draw one; and let it bring back
# its own moment, which becomes part of now.


# %%
def remember(drift, words, rng, beta=7.0):
    """Some words that are recalled, as places, after so many empty moments."""
    now_D, said = 0.72**drift * moment_TD[-1], []
    while len(said) < words:
        probe_D = np.concatenate([now_D, np.zeros(T)])
        w_T = hopfield_recall(patterns_TD, probe_D, beta, 1)[-T:]
        w_T[[place - 1 for place in said]] = 0  # nobody says a word twice
        t = rng.choice(T, p=w_T / w_T.sum())
        said.append(int(t) + 1)
        back_D = 0.6 * moment_TD[t] + 0.4 * np.eye(T + 1)[t + 1]  # its moment, and the word itself
        now_D = 0.72 * now_D + 0.75 * back_D
        now_D /= np.linalg.norm(now_D)
    return said


# %%
rng = np.random.default_rng(4)
lists = {"at once": [remember(0, 8, rng) for _ in range(300)]}
lists["after sums"] = [remember(6, 8, rng) for _ in range(300)]
model = {name: (places_T, serial_position(some, T)) for name, some in lists.items()}
draw_lines(model, "recalled", "by lesson 4's memory", x="place")

# %%
shares = lag_crp(lists["at once"], T)
shown = {"lesson 4's memory": (near, [shares.get(lag, np.nan) for lag in near])}
shown["PEERS"] = curves["PEERS"]
draw_lines(shown, "leaps", "made, of those possible", x="lag")

# %% [markdown]
# **Analogy**, and a good one: recency that a delay wipes out, leaps to neighbours, onwards rather than back (for a word is part of
# all *later* moments, and of no earlier one). Out of one line of attention, asked again and again.
#
# And what does it lack?

# %%
for name, p_T in {"memory": model["at once"][1], "PEERS": serial_position(peers, T)}.items():
    print(f"{name:6} first {p_T[0]:.2f}, middle {p_T[6:10].mean():.2f}, last {p_T[-1]:.2f}")

# %% [markdown]
# **Primacy**: no one in it rehearses the first words while the list is still short. And meaning: it can't recall by category. Its numbers were
# chosen to look right, and curves that look alike are no proof that a brain computes a softmax. What models of this family have going for
# them is that the same rules were tried on many experiments (Sederberg, Howard & Kahana 2008).
#
# ## 5 · Forgetting, and when to come back
#
# What is not recalled fades. So each lesson of this course has some cards, which come up about when you would begin to forget them. Such as:

# %%
from attnkit.reviewing.cards import all_cards

card = all_cards()["L4.recall"]
print(f"{len(all_cards())} cards. {card.question}\n\n{card.answer}")

# %% [markdown]
# How does anybody know when that is?
#
# By a curve that was fitted to very many reviews by the users of a flashcard program:
#
# $$R = \left(1 + F\,\frac{\text{days}}{S}\right)^{-d},\qquad F = 0.9^{-1/d} - 1$$
#
# S is a memory's **stability**: the days until the chance of recall has fallen to 90 %. The decay d is the same for all; the package
# `fsrs` comes with 0.1542.
#
# ### L14.3 A forgetting curve, there and back
#
# *Difficulty ●●○○○ · importance ●●●●○ · 10 minutes · 6 points · `hint("L14.3")`*


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

# %%
predict(
    "L14.wait",
    "A memory has a stability of 10 days. If you are content with 80 % in place of 90 %, how long may you wait? And after how "
    "many days is it down to one half?",
)

# %%
for target in (0.95, 0.9, 0.8, 0.7, 0.5):
    print(f"{target:.0%} after {next_interval(10, target):6.1f} days")
days_N = np.linspace(0, 60, 31)
curves = {"the power": (days_N, [retrievability(days, 10) for days in days_N])}
curves["an exponential"] = (days_N, 0.9 ** (days_N / 10))
predicted("L14.wait")
draw_lines(curves, "known", "with a stability of 10 days", x="days")

# %% [markdown]
# Fast at first, then ever more slowly. An exponential that agrees after ten days would have half of it gone in
# nine weeks, the power in years.
#
# And each successful recall makes a memory *more stable*, the more so the harder it was. Let us see what `fsrs` makes of a card that is known
# each time it comes up, and then forgotten:

# %%
from datetime import UTC, datetime

from attnkit.reviewing.history import Review
from attnkit.reviewing.schedule import Deck

deck, now = Deck(zone=UTC), datetime(2026, 1, 5, 12, tzinfo=UTC)
for rating in (3, 3, 3, 3, 1):  # known four times, then forgotten
    deck.add(Review("L14.stability", rating, now))
    due = deck.due("L14.stability")
    print(
        f"{'known' if rating > 1 else 'forgotten':9} stability {deck.stability('L14.stability'):5.1f}",
        end="",
    )
    print(f" days; it comes again in {due - now}")
    now = due
foreseen = [(each.recall, each.days, each.stability) for each in deck.log if each.days]
print(all(np.isclose(recall, retrievability(days, S)) for recall, days, S in foreseen))

# %% [markdown]
# Two days, eleven, forty-six: that is **spacing**, and the last line says that the schedule foresees recall by your very function.
#
# Is it right about *you*? Group your reviews by what was foreseen, and see how many you knew: lesson 8's calibration. It takes 50 reviews that
# came a day or more after the one before. Until then five made-up learners stand in, whose curve is the schedule's own. Five
# others forget four times as fast.

# %%
from attnkit.reviewing.calibration import calibration
from attnkit.reviewing.history import kept_reviews
from attnkit.reviewing.learners import simulate


def learners(speed):
    """The reviews of five who forget so many times as fast as is foreseen."""
    seeds = (np.random.default_rng([14, seed]) for seed in range(5))
    return [review for rng in seeds for review in simulate(rng, speed=speed)]


own = calibration(Deck(kept_reviews()).log)
groups = {"made up, four times as fast": calibration(learners(4.0))}
groups["you" if own else "made up, as foreseen"] = own or calibration(learners(1.0))

# %%
curves = {"as it should be": ([0.6, 0.95], [0.6, 0.95])}
for name, some in groups.items():
    curves[name] = np.transpose([(each.predicted, each.recalled, each.half) for each in some])
draw_lines(curves, "known", "by what was foreseen", x="foreseen")

# %% [markdown]
# Below the line somebody knows less than was foreseen. (Until you have fifty reviews, the second curve is that of made-up learners, too.)
# Yet look how near to 0.9 nearly all of it lies: a schedule that works hardly ever tests its own curve far out.
#
# ## 6 · What raises learning and memory
#
# Now the title can be taken literally.

# %%
predict(
    "L14.helps",
    "Some read a text again and again, others read it once and then recall it as often. Who remembers more of it after five "
    "minutes, and who after a week?",
)

# %% [markdown]
# All of this is **measured on others**:
#
# | what helps | what was found |
# |---|---|
# | {{retrieval practice (recall it): recalling something, instead of reading it again, as a way to learn it}} | After five minutes those who reread were ahead; after two days, and a week, those who had recalled (Roediger & Karpicke 2006) |
# | {{spacing effect (with gaps): what is learned at several times, with gaps between them, is remembered longer than what is learned at one go}} | 317 experiments: the longer something is to be remembered, the longer the best gap (Cepeda et al. 2006) |
# | undivided attention | A second task at study costs much; at recall, little or nothing (Craik et al. 1996) |
# | gaps that grow? | No better than equal ones (Latimier, Peyre & Ramus 2021) |
#
# The last row is about this course's schedule. Its gaps grow because that saves reviews.

# %%
predicted("L14.helps")

# %% [markdown]
# And what the evidence does **not** carry:
#
# - **Brain training.** Who practises a game gets better at the game. There is less evidence for closely related tasks, and little for others or
#   for everyday life (Simons et al. 2016). Your n-back, practised for a month, would be better n-back.
# - **Your scores here.** A slope, a d′ or a curve from a few minutes is no measure of a person.
# - **"It works like the brain."** Where this lesson says *analogy*, it means that.
#
# So the cards are there, five minutes a day:

# %%
from attnkit.reviewing.asking import due_today

due_today()

# %% [markdown]
# ## 7 · Who measured what
#
# | claim | mark |
# |---|---|
# | one feature pops out, two must be searched for | on others; on you, if your slopes differ by more than their intervals |
# | a softmax over features has such slopes | run here; as a model of people, analogy |
# | an arrow moves attention without the eyes | on others; on you, if your interval leaves out 0 |
# | recency, primacy, leaps to neighbours | on others; on you, roughly |
# | attention over drifting moments recalls like that | run here; as a model of people, analogy |
# | recall falls by a power of time | on others; on you, from 50 reviews on |
# | recalling, spacing, undivided attention help | on others |
# | brain training raises memory in general | not shown |

# %%
from attnkit.progress import course_map

course_map()

# %% [markdown]
# If you took part and want to leave nothing behind: `delete_trials()` deletes all your trials.
#
# ### Question
#
# *3 points, read by a person. A few sentences are enough.*
#
# An app is advertised: "After four weeks of daily n-back, our users' d′ rose from 1.2 to 2.1. With our highlighter, readers knew 30 % more in a
# test five minutes later than those who recalled. And our engine attends like a Transformer, as your brain does."
#
# 1. What does the rise of d′ show, and what not? What would you measure, on whom, to show more?
# 2. What is wrong with the test of the highlighter?
# 3. Which mark does the last sentence deserve, and why? Turn it into a statement that could be measured.

# %% [markdown] manual="L14-app" points=3
# ### BEGIN MARK SCHEME
# **Model answer.** (1) That people get better at n-back with practice (d′, so it is no mere liking for yes). Not that memory or attention improved
# elsewhere, and not even that the app did it: another task that was never trained, before and after, in a group that trains and in one that does
# something else for as long, drawn by lot. (2) Five minutes is too soon: there rereading beats recalling, and after a week it is the other
# way round (Roediger & Karpicke 2006); test after days, against readers who spent the same time in recalling, with an interval. (3) Analogy:
# likeness of a word or of a curve is no evidence of the same working. Measurable, for instance: "the order in which the engine ranks the words of a
# list predicts the leaps of people's free recall better than a lag curve alone", tested on people who were not used for fitting.
#
# **Marks.** 1 point for (1): practice in the task only *and* an untrained task with a control group. ½ for one of them. 1 point for (2): too
# early *and* the reversal after days (or recalling as the comparison). ½ for one. 1 point for (3): analogy *and* a statement that a
# measurement could refute. ½ for the mark alone.
# ### END MARK SCHEME

# %% [markdown]
# ### Further reading
#
# - Treisman & Gelade, *A Feature-Integration Theory of Attention* (Cognitive Psychology 1980).
# - Posner, *Orienting of Attention* (Quarterly Journal of Experimental Psychology 1980).
# - Howard & Kahana, *A Distributed Representation of Temporal Context* (Journal of Mathematical Psychology 2002).
# - Roediger & Karpicke, *Test-Enhanced Learning* (Psychological Science 2006).
# - Cepeda et al., *Distributed Practice in Verbal Recall Tasks* (Psychological Bulletin 2006).
# - Craik et al., *The Effects of Divided Attention on Encoding and Retrieval Processes in Human Memory* (Journal of Experimental Psychology:
#   General 1996).
# - Latimier, Peyre & Ramus, *A Meta-Analytic Review of the Benefit of Spacing out Retrieval Practice Episodes on Retention* (Educational
#   Psychology Review 2021).
# - Simons et al., *Do "Brain-Training" Programs Work?* (Psychological Science in the Public Interest 2016).
# - Morton, *Psifr: Analysis and Visualization of Free Recall Data* (Journal of Open Source Software 2020).
