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
# # Lesson 2: a softmax you can trust
#
# Lesson 1 ended with a crack: the scores 2000, 1000 and −1000 gave `nan`, although the right weights
# are plain: 1, 0, 0. Here you mend it, and build what rests on it.
#
# Afterwards you can
#
# - say for each number type at which score the exponential ends;
# - write a softmax, and its logarithm, that no finite score can break;
# - derive the gradient through a softmax from three numbers, and prove it in a second way;
# - make attention sharper or flatter, and say in one number how sharp it is;
# - compute a classifier's loss without ever writing its probability down.
#
# About 75 minutes: five exercises (34 points) and one question (3 points). You need lesson 1 and the
# derivatives of exp and log.

# %%
import numpy as np
import pandas as pd
from attnkit import attempt, check, hint
from attnkit.data import split
from attnkit.panels import softmax_panel
from attnkit.words import word_plane

np.set_printoptions(precision=3, suppress=True)

# %% [markdown]
# ## 1 · A query that is too long
#
# Our sentence, with the $W$ and the query $u$ of lesson 1, and its seven scores:

# %%
plane = word_plane()
tokens, x_TD = plane.embed("great story , bad idea for a movie .")
W_AD = np.array([[1.0, 0.0], [0.0, 1.0], [-1.0, 1.0]])
u_A = np.array([0.0, 0.5, 1.0])
e_T = x_TD @ W_AD.T @ u_A
pd.DataFrame({"score": e_T}, index=tokens).T.round(2)

# %% [markdown]
# And the formula of lesson 1, as a slow loop over one row of scores:


# %%
def plain_softmax(scores):
    exps = [np.exp(score) for score in scores]
    total = sum(exps)
    return np.array([number / total for number in exps])


plain_softmax(e_T)

# %% [markdown]
# In lesson 1, a longer query gave the winner more.
#
# **Predict before you run.** The query is made 10, 100 and 1000 times as long. What are the weights
# of *bad* and *idea*, which had the two highest scores?

# %%
bad, idea = tokens.index("bad"), tokens.index("idea")
with np.errstate(all="ignore"):
    for length in (1, 10, 100, 1000):
        s_T = plain_softmax(length * e_T)
        print(f"times {length:4}: bad {s_T[bad]:.3f}   idea {s_T[idea]:.3f}")

# %% [markdown]
# At 1000 the score of *bad* is 2885, and its exponential has more than 1200 digits. No float can hold
# that: it becomes `inf`, infinity. And `inf / inf` is `nan`, "not a number".
#
# One `nan` is enough. The mix $z$ is `nan` then, so is all that is computed from it, and after one
# step of learning so is the model. NumPy at least prints a warning (switched off here, we know it).
# On a graphics card nothing does.
#
# ## 2 · Every number type has an end
#
# Where exactly? Let us not look it up but measure: the highest score whose exponential is still a
# number, and the lowest whose exponential is not yet rounded to 0.

# %%
steps = np.arange(0, 1000, 1 / 256)
print("type      largest number   exp is finite up to   exp is above 0 down to")
with np.errstate(all="ignore"):
    for kind in (np.float16, np.float32, np.float64):
        s = steps.astype(kind)
        highest = s[np.isfinite(np.exp(s))].max()
        lowest = -s[np.exp(-s) > 0].max()
        print(f"{kind.__name__} {np.finfo(kind).max:15.3g} {highest:21.2f} {lowest:24.2f}")

# %% [markdown]
# The limits are the logarithms of the largest numbers: float16 ends at 65,504, and
# $\log 65504\approx 11.09$. A score of 12 is nothing special. Yet large models are computed in 16 bits
# wherever that will do: it is faster and takes half the memory. There, lesson 1's formula breaks in
# everyday life.
#
# **Predict before you run.** Three equal scores should give ⅓ each. What does the formula give for
# three times 1000? And for three times −1000?

# %%
with np.errstate(all="ignore"):
    for score in (10.0, 1000.0, -1000.0):
        print(f"{score:6} three times: {plain_softmax([np.float64(score)] * 3)}")

# %% [markdown]
# `inf / inf` above, and `0 / 0` below: both are `nan`. Too small is as bad as too large.
#
# In the panel you see the way from the logits (another word for scores, here rounded to quarters)
# through their exponentials to the weights. Striped is what the number type can't hold.
#
# Try: in float16, raise *bad* until it breaks. Add 10 and then 100 to every logit, which should
# change nothing. How far does float64 get you?

# %%
logits_T = np.round(4 * e_T) / 4
softmax_panel(words=tokens, logits=logits_T, precision="float16")

# %% [markdown]
# ## 3 · One subtraction makes it safe
#
# Lesson 1 found that adding the same number to all scores changes no weight. So we may subtract any
# number $m$, too:
#
# $$\frac{\exp(e_i-m)}{\sum_j\exp(e_j-m)}=\frac{\exp(-m)\,\exp(e_i)}{\exp(-m)\,\sum_j\exp(e_j)}=s_i$$
#
# For every $m$ this is the same on paper. For a computer it isn't. Take the largest score for $m$:

# %%
scores = np.array([2000.0, 1000.0, -1000.0])
shifted = scores - scores.max()
exps = np.exp(shifted)
print("shifted:", shifted)
print("exp:    ", exps)
print("weights:", exps / exps.sum())

# %% [markdown]
# No exponent is above 0 now, so no exponential is above 1. The largest is exactly 1, so the sum lies
# between 1 and the number of words: never `inf`, never 0. The small ones may be rounded to 0, and
# that does no harm to a mean: a weight of exp(−1000) has 434 zeros behind the point.
#
# ### A table has many rows
#
# Scores come as tables: T rows, and in each row S scores that compete (B will be the sentences of a
# batch). Here both rows have the same differences, so the same weights. What does one maximum for the
# whole table do to the first row?

# %%
s_TS = np.array([[2.0, 1.0, -1.0], [1002.0, 1001.0, 999.0]])
with np.errstate(all="ignore"):
    exps = np.exp(s_TS - s_TS.max())
    print(exps / exps.sum(axis=-1, keepdims=True))
print("maxima:               ", s_TS.max(axis=-1).shape)
print("maxima, axis kept:    ", s_TS.max(axis=-1, keepdims=True).shape)

# %% [markdown]
# The first row lies 1000 below the common maximum: all its exponentials are 0. Each row needs a
# maximum of its own. `axis=-1` takes it along the last axis (`axis=0` would let each column compete).
# Two maxima of shape (2,) can't be subtracted from two rows of three; with `keepdims=True` they have
# shape (2, 1) and can.
#
# Last, a guest: the score −∞. Its exponential is 0, so the word gets no weight at all. Lesson 5 will
# hide words in this way.

# %%
exps = np.exp(np.array([2.0, -np.inf, -1.0]) - 2.0)
print("weights:", exps / exps.sum())
with np.errstate(invalid="ignore"):
    print("but beware: −∞ − (−∞) is", np.subtract(-np.inf, -np.inf))

# %% [markdown]
# ### L2.1 A softmax you can trust
#
# *Difficulty ●●○○○ · importance ●●●●● · 12 minutes · 9 points · `hint("L2.1")`*
#
# For scores of any shape, along any axis. Large, small and −∞ must all do; at least one of the scores
# that compete is finite.


# %% answer="L2.1"
def softmax(s, axis=-1):
    """The softmax of scores along an axis, for scores of any size.

    s: scores of any shape; some may be −∞, but not all of those that compete.
    axis: the scores along it compete.

    Returns weights of the same shape, which sum to 1 along `axis`. s stays as it was.
    """
    ### BEGIN SOLUTION
    shifted = s - s.max(axis=axis, keepdims=True)
    exps = np.exp(shifted)
    return exps / exps.sum(axis=axis, keepdims=True)
    ### END SOLUTION


# %% check="L2.1"
report = check("L2.1", softmax)
report.points

# %% [markdown]
# The query that was too long, once more, and the table whose rows lie far apart:

# %%
if attempt(softmax, e_T) is not None:
    for length in (1, 10, 100, 1000):
        s_T = softmax(length * e_T)
        print(f"times {length:4}: bad {s_T[bad]:.3f}   idea {s_T[idea]:.3f}")
    print("the table:", attempt(softmax, s_TS), sep="\n")

# %% [markdown]
# In this panel **your function** stands beside the bare formula (dashed: the true weights). Find
# settings at which the formula fails and yours doesn't.
#
# Then, in float16, add 1000 and move *idea* from 2 to 3 in steps of a quarter. Why does its weight
# jump, and why can no softmax help there?

# %%
softmax_panel(softmax, tokens, logits_T, precision="float16")

# %%
for logit in (2.0, 2.25, 2.5, 2.75, 3.0):
    print(f"{1000 + logit} in float16: {float(np.float16(1000 + logit))}")

# %% [markdown]
# Near 1000 float16 only has every half. The quarters are lost **before** your function sees them: a
# softmax can be no better than what goes in.
#
# ## 4 · Why the logarithm is a function of its own
#
# Probabilities are multiplied: the probability of a text is the product of those of its words. Say
# 100 words of 1 in 10,000 each.

# %%
print("product of 100 times 0.0001:", 0.0001**100)
print("sum of 100 logarithms:      ", round(100 * np.log(0.0001), 2))

# %% [markdown]
# The product is lost, its logarithm is a plain number. So losses and language models work with
# $\log s_i$. Take the softmax first and its logarithm afterwards?
#
# **Predict before you run.** The scores are 0 and −gap. The second weight is about exp(−gap), so its
# logarithm about −gap. For which gaps does the detour still give that?

# %%
with np.errstate(divide="ignore"):
    for gap in (1, 10, 100, 1000):
        weight = plain_softmax(np.array([0.0, -gap]))[1]
        print(f"gap {gap:4}: weight {weight:.3g}   its logarithm {np.log(weight):.5g}")

# %% [markdown]
# exp(−1000) was rounded to 0, and no logarithm can bring it back. In float32 that happens from −104
# on, as measured above. A loss of `inf` would be the end of training; the truth is a loss of 1000.
#
# So let the logarithm meet the exponential on paper, before anything is rounded:
#
# $$\log s_i=e_i-\log\sum_j\exp(e_j)$$
#
# The second term is called **log-sum-exp**. It still holds exponentials, so take out the largest
# score $m$ as before:
#
# $$\log\sum_j\exp(e_j)=m+\log\sum_j\exp(e_j-m)$$
#
# Three numbers by hand:

# %%
scores = np.array([2.0, 1.0, -1.0])
print("exp(e − 2):     ", np.exp(scores - 2))
print("their sum:      ", round(np.exp(scores - 2).sum(), 3))
print("its logarithm:  ", round(np.log(np.exp(scores - 2).sum()), 3))
print("log-sum-exp:    ", round(2 + np.log(np.exp(scores - 2).sum()), 3))

# %% [markdown]
# The log-sum-exp is a little above the largest score, 2, and never by more than $\log T$. It is a
# soft version of the **maximum**. (Softmax is a soft version of "which one is the maximum"; its name
# is a little off.)
#
# ### L2.2 The logarithm of a softmax
#
# *Difficulty ●●○○○ · importance ●●●●○ · 10 minutes · 6 points · `hint("L2.2")`*


# %% answer="L2.2"
def log_softmax(s, axis=-1):
    """The logarithm of the softmax of scores along an axis, for finite scores of any size.

    s: scores of any shape. Returns an array of the same shape.
    """
    ### BEGIN SOLUTION
    shifted = s - s.max(axis=axis, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=axis, keepdims=True))
    ### END SOLUTION


# %% check="L2.2"
report = check("L2.2", log_softmax)
report.points

# %%
if attempt(log_softmax, e_T) is not None:
    for gap in (1, 10, 100, 1000):
        print(f"gap {gap:4}: {log_softmax(np.array([0.0, -gap]))[1]:.5g}")

# %% [markdown]
# ## 5 · Which way to turn the scores
#
# From lesson 3 on, scores are learned: we ask how the loss changes if one of them changes a little.
# That question has to go backwards through the softmax. Three weights are enough to see how.
#
# The scores $\log 0.5,\ \log 0.3,\ \log 0.2$ have the weights 0.5, 0.3 and 0.2. We raise one score at
# a time by a millionth, and look at how much each weight changes per unit.

# %%
p_S = np.array([0.5, 0.3, 0.2])
s_S = np.log(p_S)
print("          changes p_0, p_1, p_2 by")
for j in range(3):
    raised_S = s_S.copy()
    raised_S[j] += 1e-6
    print(f"raise s_{j}:", (plain_softmax(raised_S) - p_S) / 1e-6)

# %% [markdown]
# Read the first line. Raising $s_0$ raises $p_0$ by $0.25=p_0(1-p_0)$, and lowers the others by
# $0.15=p_0p_1$ and $0.10=p_0p_2$. The three sum to 0: what one wins, the others lose.
#
# The quotient rule says the same for any $i$ and $j$. A change of $s_j$ moves the sum below the line
# always, and the exponential above it only if $i=j$:
#
# $$\frac{\partial p_i}{\partial s_j}=p_i\,(\delta_{ij}-p_j),\qquad\delta_{ij}=1\text{ if }i=j,\text{ else }0$$

# %%
print(np.diag(p_S) - np.outer(p_S, p_S))

# %% [markdown]
# The same table. Now the loss. All that we need to know about it is how much it rises per unit of
# each weight, $g_i=\partial L/\partial p_i$; say 1, −1 and 0.5.
#
# Raising $s_0$ moves all three weights, and the loss feels each of them:
#
# $$\frac{\partial L}{\partial s_0}=0.25\cdot 1+(-0.15)\cdot(-1)+(-0.10)\cdot 0.5=0.35$$
#
# **Predict before you run.** Work out the one for $s_1$, from the second line of the table.

# %%
g_S = np.array([1.0, -1.0, 0.5])
for j in range(3):
    ds = sum(p_S[i] * ((i == j) - p_S[j]) * g_S[i] for i in range(3))
    print(f"dL/ds_{j} = {ds:.2f}")

# %% [markdown]
# This is the slow specification: for each $j$ a sum over all $i$. It gets short when the sum is
# pulled apart:
#
# $$\frac{\partial L}{\partial s_j}=\sum_i g_i\,p_i\,(\delta_{ij}-p_j)=p_j\,g_j-p_j\sum_i p_i\,g_i=p_j\,(g_j-\bar g)$$
#
# with $\bar g=\sum_i p_i g_i$, the mean of $g$ as the weights see it. In words: **each word compares
# its own $g$ with the average**, and moves in proportion to its weight.
#
# The table was never needed. For 1000 words it would have a million entries. A function that goes
# from $\partial L/\partial p$ to $\partial L/\partial s$ without it is called a vector-Jacobian
# product, *vjp*; all of deep learning runs on these.

# %%
mean = (p_S * g_S).sum()
print("mean of g:", round(mean, 2), "  g above it by:", g_S - mean)

# %% [markdown]
# ### L2.3 The gradient through a softmax
#
# *Difficulty ●●●●○ · importance ●●●●● · 15 minutes · 6 points · `hint("L2.3")`*
#
# For any shape, along any axis. You get the weights, not the scores: they are known from the way
# there.


# %% answer="L2.3"
def softmax_vjp(p, g, axis=-1):
    """The gradient of the loss in the scores s, where p = softmax(s) along `axis`.

    p: weights, which sum to 1 along `axis`.
    g: dL/dp, the gradient of the loss in each weight; of the same shape.

    Returns dL/ds, of the same shape.
    """
    ### BEGIN SOLUTION
    mean = (p * g).sum(axis=axis, keepdims=True)
    return p * (g - mean)
    ### END SOLUTION


# %% check="L2.3"
report = check("L2.3", softmax_vjp)
report.points

# %% [markdown]
# ### A second witness
#
# Is the derivation right? Here is a way to find out that knows nothing of it: move each score up and
# down a little, and see what the loss does. It is slow, and works for any function. In this course
# every gradient is tested so.


# %%
def finite_differences(loss, s, h=1e-5):
    ds = np.zeros_like(s)
    for place in np.ndindex(s.shape):
        up, down = s.copy(), s.copy()
        up[place] += h
        down[place] -= h
        ds[place] = (loss(up) - loss(down)) / (2 * h)
    return ds


# %% [markdown]
# The loss here: how far the weights of two sentences are from some that we wish for, squared.

# %%
rng = np.random.default_rng(2)
s_BT, wish_BT = rng.normal(size=(2, 5)), np.full((2, 5), 0.2)
ready = attempt(softmax, s_BT) is not None and attempt(softmax_vjp, s_BT, s_BT) is not None
if ready:
    p_BT = softmax(s_BT)
    yours = softmax_vjp(p_BT, 2 * (p_BT - wish_BT))
    slow = finite_differences(lambda s: ((softmax(s) - wish_BT) ** 2).sum(), s_BT)
    print("yours:             ", yours[0])
    print("finite differences:", slow[0])
    print(f"largest difference: {abs(yours - slow).max():.0e}")

# %% [markdown]
# Two ways, one result. Now a question that matters for all of attention.
#
# **Predict before you run.** The scores are multiplied by 3, 10, 30, so that one word takes nearly
# everything. Does the gradient grow, too?

# %%
for factor in (1, 3, 10, 30) if ready else ():
    p_BT = softmax(factor * s_BT)
    ds_BT = softmax_vjp(p_BT, 2 * (p_BT - wish_BT))
    print(f"times {factor:2}: largest weight {p_BT[0].max():.6f}", end="   ")
    print(f"largest gradient in the scores {abs(ds_BT[0]).max():.1e}")

# %% [markdown]
# It dies. Where one weight is nearly 1, its own $g$ **is** the mean, and all other weights are too
# small to be moved. Who is completely sure no longer learns, though the wish (five equal weights)
# is as far away as can be. Lesson 4 will divide scores by $\sqrt{d_k}$ for just this reason.
#
# There is a loss that knows a way out: $-\log p_k$ for the right word or class $k$. Its $g$ is
# $-1/p_k$, which grows as fast as the gradient would die:

# %%
k = 1
if ready:
    for factor in (1, 3, 10):
        p_S = softmax(factor * np.array([2.0, 0.0, -1.0]))
        g_S = np.array([0.0, -1 / p_S[k], 0.0])
        print("weights:", p_S, "  gradient of −log p_1:", softmax_vjp(p_S, g_S))

# %% [markdown]
# Weight by weight it is $p$, minus 1 at the right place: never beyond 1, and never dead while the
# answer is wrong. It is one reason why classifiers are trained on the logarithm.
#
# ## 6 · Temperature, and how sharp is sharp
#
# In lesson 1 the length of the query made attention sharper or flatter. It can also be done without
# touching the query: divide all scores by one number, the **temperature** $\tau$.
#
# $$s=\mathrm{softmax}(e/\tau)$$
#
# **Predict before you run.** Which of the three temperatures is nearest to a plain mean?

# %%
for tau in (0.5, 1.0, 2.0):
    print(f"τ = {tau}: scores {scores / tau}, weights {plain_softmax(scores / tau)}")

# %% [markdown]
# The warmer, the more alike. And how sharp is sharp? One number says how undecided weights are, their
# **entropy**:
#
# $$H=-\sum_i s_i\log s_i$$
#
# With the natural logarithm its unit is the nat. By hand:

# %%
for weights in ([0.5, 0.5], [0.9, 0.1], [0.5, 0.25, 0.25], [0.999, 0.001]):
    terms = [-weight * np.log(weight) for weight in weights]
    print(f"{weights}: terms {np.round(terms, 3)}, entropy {sum(terms):.3f}")

# %% [markdown]
# $T$ equal weights give the most, $\log T$. One weight of 1 gives 0: nothing is undecided. For that
# the other weights, all 0, must count for nothing, and as $p$ shrinks $p\log p$ does go to 0. NumPy
# thinks otherwise:

# %%
with np.errstate(all="ignore"):
    for p in (1e-2, 1e-10, 1e-300, 0.0):
        print(f"{p:6}: p log p = {p * np.log(np.float64(p)):.2g}")

# %% [markdown]
# ### L2.4 Temperature and entropy
#
# *Difficulty ●●●○○ · importance ●●●●○ · 12 minutes · 7 points · `hint("L2.4")`*
#
# Two functions. You may use your `softmax` (a mistake in it then shows here too).


# %% answer="L2.4"
def temperature(s, tau, axis=-1):
    """The weights of scores s at temperature tau, a number above 0; of the same shape as s.

    At 1 it is the softmax along `axis`; above 1 the weights are more alike, below 1 less.
    """
    ### BEGIN SOLUTION
    scaled = s / tau
    exps = np.exp(scaled - scaled.max(axis=axis, keepdims=True))
    return exps / exps.sum(axis=axis, keepdims=True)
    ### END SOLUTION


def entropy(p, axis=-1):
    """The entropy −Σ p log p, in nats, of weights that sum to 1 along `axis`; 0 log 0 is 0.

    p: weights of any shape. Returns an array without that axis; for one row, one number.
    """
    ### BEGIN SOLUTION
    logs = np.log(np.where(p > 0, p, 1))
    return -(p * logs).sum(axis=axis)
    ### END SOLUTION


# %% check="L2.4"
report = check("L2.4", temperature, entropy)
report.points

# %% [markdown]
# Our sentence, from cold to hot. exp of the entropy is easier to read than the entropy itself: the
# number of words that would be as undecided if they shared equally. There are seven words.
#
# **Predict before you run.** Between which two numbers does it move?

# %%
if attempt(temperature, e_T, 1.0) is not None and attempt(entropy, np.full(7, 1 / 7)) is not None:
    for tau in (0.1, 0.5, 1.0, 2.0, 10.0, 100.0):
        s_T = temperature(e_T, tau)
        H = entropy(s_T)
        print(f"τ {tau:5}: bad {s_T[bad]:.2f}, idea {s_T[idea]:.2f}, story {s_T[1]:.2f}", end="")
        print(f"   entropy {H:.2f} nats, like {np.exp(H):.1f} equal words")

# %% [markdown]
# From 1, the maximum, to 7, the plain mean of lesson 1, and no word ever overtakes another.
#
# Here the panel runs your `temperature`; the entropy is in the sentence below it. In float16, go down
# to the lowest τ. Which of the two columns breaks, and why, although no logit is large?

# %%
softmax_panel(words=tokens, logits=logits_T, temperature=temperature, precision="float16")

# %% [markdown]
# Cold makes scores large: at τ = ⅛ a logit of 3 becomes a score of 24, beyond the 11 of float16.
#
# Engineers watch the entropy. In models for images, speech and text, Zhai and others (2023) found
# very low entropy of attention and unstable training together.
#
# ## 7 · A loss without a probability
#
# Praise or blame? A classifier gives a review one score $z$: above 0 praise, below 0 blame. The
# softmax of the two scores $z$ and 0 has a name of its own, the sigmoid:
#
# $$\sigma(z)=\frac{\exp(z)}{\exp(z)+\exp(0)}=\frac{1}{1+\exp(-z)}$$
#
# With the label $y$ (1 praise, 0 blame), the loss is minus the log of what the right label got:
#
# $$-y\log\sigma(z)-(1-y)\log(1-\sigma(z))$$
#
# **Predict before you run.** A review of blame, $y=0$, gets a score far too high. How large must $z$
# be for this formula to break in float64? 1000? 700?

# %%
with np.errstate(all="ignore"):
    for z in (5.0, 20.0, 36.0, 37.0, 40.0):
        p = 1 / (1 + np.exp(-z))
        print(f"z {z}: probability {p:.16f}   loss {-np.log(1 - p):.4f}")

# %% [markdown]
# It breaks at 37, and at 36 the digits are wrong already (the true loss is 36.0000). Not because of
# a large number: $1-\sigma$ is a tiny difference of two numbers near 1, and float64 has 16 digits. In
# float32 a 17 is enough.
#
# You know the cure: the logarithm on paper. Blame costs $-\log(1-\sigma(z))=\log(1+\exp(z))$, praise
# $-\log\sigma(z)=\log(1+\exp(-z))$, which is $\log(1+\exp(z))-z$. So for either label the loss is
#
# $$\log(1+\exp(z))-y\,z$$
#
# The first term is the log-sum-exp of 0 and $z$. Take out the larger of the two:
#
# $$\max(z,0)+\log(1+\exp(-|z|))-y\,z$$

# %%
for z in (2.0, -2.0, 37.0):
    print(f"z {z:5}: max {max(z, 0):4} + rest {np.log1p(np.exp(-abs(z))):.2e}")

# %% [markdown]
# `np.log1p(t)` is log(1 + t), and keeps the digits of a tiny $t$ which 1 + t would lose.
#
# ### L2.5 Cross-entropy straight from the scores
#
# *Difficulty ●●●○○ · importance ●●●●○ · 12 minutes · 6 points · `hint("L2.5")`*
#
# The mean over a batch. A label may lie between 0 and 1: if three of four people call a review
# praise, it is 0.75.


# %% answer="L2.5"
def bce_from_logits(z, y):
    """The mean binary cross-entropy, in nats, of scores z against labels y.

    z: scores (logits), of shape (B,) or (B, 1). y: labels of the same shape, from 0 to 1.

    Returns one number.
    """
    ### BEGIN SOLUTION
    loss = np.maximum(z, 0) - z * y + np.log1p(np.exp(-np.abs(z)))
    return loss.mean()
    ### END SOLUTION


# %% check="L2.5"
report = check("L2.5", bce_from_logits)
report.points

# %% [markdown]
# ### Does it help?
#
# Your loss on real reviews: 1000 sentences that the word plane was not made from. For the score we
# take the praise of the plain mean, as in lesson 1. It was never meant as a score, so its scale may
# be anything: who says that it is not much too modest, or too sure?
#
# A temperature can mend that. It is chosen on one half of the sentences, and told on the other.

# %%
reviews = split("mr").validation
z_N = np.array([plane.embed(text)[1].mean(axis=0)[0] for text in reviews.text])
y_N = reviews.label.to_numpy(float)
halves = slice(0, None, 2), slice(1, None, 2)  # praise and blame in each
if attempt(bce_from_logits, z_N, y_N) is not None:
    for tau in (0.02, 0.05, 0.1, 0.2, 0.4, 1.0, 5.0):
        one, other = (bce_from_logits(z_N[half] / tau, y_N[half]) for half in halves)
        right = np.mean((z_N / tau > 0) == y_N)
        print(f"τ {tau:4}: loss on one half {one:.3f}, on the other {other:.3f}; {right:.1%} right")

# %% [markdown]
# A coin, ½ for every sentence, pays log 2 = 0.693. The share of right answers never moves, for τ
# changes no order; the loss does. At 0.02 the same answers are worse than a coin: sure and wrong is
# dear. At 1 they are too modest, and 0.2 is best on both halves. (That the halves differ by 0.05
# there is chance: don't believe a third digit of 500 sentences.)
#
# Guo and others (2017) found the opposite in deep networks of their time: much too sure. A τ above 1,
# chosen just like this, mended most of it.
#
# ## 8 · The same as SciPy
#
# SciPy has functions of its own for this, written and tested by others. Yours should agree at any
# size:

# %%
from scipy import special

s_TS = rng.normal(size=(4, 6))
for own, theirs in ((softmax, special.softmax), (log_softmax, special.log_softmax)):
    if attempt(own, s_TS) is not None:
        for factor in (1, 1000):
            gap = abs(own(factor * s_TS) - theirs(factor * s_TS, axis=-1)).max()
            print(f"{own.__name__:12} scores times {factor:4}: largest difference {gap:.0e}")

# %% [markdown]
# SciPy has no entropy of a row, but its terms: `entr(p)` is −p log p. It has no cross-entropy, but
# `log_expit(z)`, which is log σ(z). It has no `softmax_vjp`; there you had your second witness.

# %%
p_TS, z_B, y_B = special.softmax(s_TS, axis=-1), 1000 * s_TS[0], np.array([0, 1, 1, 0, 0.5, 1])
yours = attempt(entropy, p_TS)
if yours is not None:
    gap = abs(yours - special.entr(p_TS).sum(axis=-1)).max()
    print(f"entropy: largest difference {gap:.0e}")
yours = attempt(bce_from_logits, z_B, y_B)
if yours is not None:
    theirs = -np.mean(y_B * special.log_expit(z_B) + (1 - y_B) * special.log_expit(-z_B))
    print(f"bce_from_logits: yours {yours:.6f}, from log_expit {theirs:.6f}")

# %% [markdown]
# ### Question
#
# *3 points, read by a person. A few sentences are enough.*
#
# A colleague's model works in float32 and gives `nan` since it was moved to float16. Its attention is
# `exps = np.exp(s)` and `exps / exps.sum()`. The largest score ever printed is 14.
#
# 1. Why is 14 no problem in float32, and one in float16? Where does the `nan` come from?
# 2. The colleague proposes `np.clip(s, -11, 11)` before the exponential. What becomes of the scores
#    14, 12 and 3? What does subtracting the maximum do better?
# 3. With the maximum subtracted, some weights are exactly 0. Does that harm the mix $z$? The
#    logarithm of the weights? The learning of those scores?

# %% [markdown] manual="L2-half" points=3
# ### BEGIN MARK SCHEME
# **Model answer.** (1) The largest float16 is 65,504 and log 65504 = 11.09; exp(14) is about 1.2
# million, so it becomes inf, and inf / inf is nan. float32 goes up to 3.4e38, that is to scores of 88.
# (2) 14 and 12 both become 11: they get equal weights, where 14 should have about 7.4 times the weight
# of 12. (It even fails altogether: 2 · exp(11) is about 120,000, so the sum overflows in float16 and
# all weights become 0.) Subtracting the maximum changes no difference, so no weight, and keeps every
# exponential at most 1 and the sum between 1 and T. (3) The mix: no, the true share is below what
# float16 can show. The logarithm: yes, log 0 is −∞ where the truth is a plain number; use
# `log_softmax`. Learning: the gradient p (g − ḡ) is exactly 0, so such a score gets no push; the true
# gradient is tiny as well, so this comes from the saturated softmax, not from rounding.
#
# **Marks.** 1 point for (1): the limit of the *exponential* (11.09, or exp(14) > 65504) *and* inf / inf.
# ½ for one of them. 1 point for (2): that the clipped scores tie (or the overflow of the sum) *and*
# that the shift keeps the differences. ½ for one of them. 1 point for (3): at least two of the three
# right with a reason; ½ for one.
# ### END MARK SCHEME

# %% [markdown]
# ## 9 · What you have now
#
# - **Range**: every number type ends, float16 at scores of 11. With each row's maximum subtracted, no
#   finite score breaks a softmax.
# - **Logarithms** are taken on paper, before anything is rounded.
# - **Gradient**: each word compares its $g$ with the mean, $p\,(g-\bar g)$. Where one weight is
#   nearly 1, it dies.
# - **Temperature** makes weights sharper or flatter, **entropy** says how sharp they are.
#
# In lesson 1 we picked $W$ and $u$ by hand, and that did not pay. `softmax_vjp` is the middle link of
# a chain: from the loss of real reviews back through $z$, the weights and the scores to $W$ and $u$.
# In **lesson 3** you forge the other links and let them be learned.

# %%
from attnkit.progress import course_map

course_map()

# %% [markdown]
# ### Further reading
#
# - Goodfellow, Bengio & Courville, *Deep Learning* (2016), section 4.1: overflow and underflow; 6.2.2:
#   why losses are logarithms.
# - Blanchard, Higham & Higham, *Accurately computing the log-sum-exp and softmax functions* (IMA
#   Journal of Numerical Analysis, 2021): the shift loses nothing.
# - Bridle, *Probabilistic Interpretation of Feedforward Classification Network Outputs* (in
#   Neurocomputing, Springer, 1990): softmax under this name.
# - Baydin et al., *Automatic Differentiation in Machine Learning: a Survey* (JMLR, 2018): how vjps
#   are chained.
# - Micikevicius et al., *Mixed Precision Training* (ICLR 2018): learning in float16.
# - Guo et al., *On Calibration of Modern Neural Networks* (ICML 2017): temperature against
#   overconfidence.
# - Zhai et al., *Stabilizing Transformer Training by Preventing Attention Entropy Collapse* (ICML
#   2023).
