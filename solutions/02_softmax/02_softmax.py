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
# Lesson 1 ended with a crack: scores of 2000, 1000 and −1000 came back as `nan`, instead of 1, 0, 0. Here
# you mend it. Softmax sits at the heart of attention, and again at the end of GPT, where it gives each
# possible next word its probability. It had better not break.
#
# By the end you can
#
# - write a softmax, and its logarithm, that no finite score can break;
# - carry a gradient back through it;
# - make attention sharper or flatter, and say how sharp;
# - compute a classifier's loss without its probability.
#
# About two hours, with a good place for a break after section 4: five exercises (34 points) and one
# question (3 points). You need lesson 1 and the derivatives of exp and log.

# %%
import numpy as np
import pandas as pd
from attnkit import check, hint, predict, predicted
from attnkit.data import split
from attnkit.figures import draw_attention
from attnkit.panels import softmax_panel
from attnkit.words import word_plane

np.set_printoptions(precision=3, suppress=True)

# %% [markdown]
# After a break: *Kernel ▸ Restart Kernel and Run up to Selected Cell*.
#
# ## 1 · Every word asks
#
# In lesson 1, one query asked the whole sentence. Why only one? Let **each word** be the query once. It
# scores a word by the dot product of its own two numbers with that word's: large if the two point the
# same way. Seven words ask and seven answer, so the scores are a table, one row for each word that asks.

# %%
plane = word_plane()
tokens, x_TD = plane.embed("great story , bad idea for a movie .")
e_TS = x_TD @ x_TD.T
pd.DataFrame(e_TS, index=tokens, columns=tokens).round(2)

# %% [markdown]
# T still counts the words that ask; **S** counts those that answer. Each row becomes weights by the
# formula of lesson 1, here as a slow loop over one row of scores:


# %%
def plain_softmax(scores):
    exps = [np.exp(score) for score in scores]
    total = sum(exps)
    return np.array([number / total for number in exps])


# %%
predict("L2.map", "Which word will give itself the most weight, and why?")

# %%
w_TS = np.array([plain_softmax(scores) for scores in e_TS])
predicted("L2.map")
draw_attention(w_TS, tokens)

# %% [markdown]
# This is an {{attention map (who looks at whom): a table of attention's weights, one row for each word
# that asks and one column for each word that answers}}; read it along the rows. *bad* looks at itself and
# hardly anywhere else: it lies farthest out in the plane, so its dot product with itself, 9.7, towers over
# the rest of its row. *idea* and *movie* look at *bad* as well. Translation programs and chat assistants
# work with maps like this one. Theirs are learned, and in lesson 4 yours will be, too.
#
# Our words have two numbers. Those of a large model have thousands, a dot product adds up one term for
# each, and scores become large. Let us see what that does, by simply multiplying ours.

# %%
predict(
    "L2.longer", "All scores are multiplied by 10, then by 100. What becomes of the row of bad?"
)

# %%
bad, idea = tokens.index("bad"), tokens.index("idea")
with np.errstate(all="ignore"):
    for factor in (1, 10, 100):
        print(f"times {factor:3}:", plain_softmax(factor * e_TS[bad]))
predicted("L2.longer")

# %% [markdown]
# Up to 10 the winner takes more and more, as in lesson 1. At 100 the largest score is 971, and its
# exponential has 422 digits. No float can hold that: it becomes `inf`, infinity, and `inf / inf` is
# `nan`, "not a number".
#
# One `nan` is enough. The mix $z$ is `nan` then, and so is everything computed from it; after one step of
# learning, so is the model. NumPy at least prints a warning (switched off here, since we are expecting
# it). A graphics card says nothing.
#
# ## 2 · Every number type has an end
#
# Where exactly? Rather than look it up, let us measure: the highest score whose exponential is still a
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
# wherever that will do, since it is faster and takes half the memory. In float16, lesson 1's formula
# breaks on an ordinary working day. (A second 16-bit type, bfloat16, keeps float32's range and pays for it
# with digits.)

# %%
predict("L2.equal", "Three equal scores: what does the formula give for 1000? And for minus 1000?")

# %%
with np.errstate(all="ignore"):
    for score in (10.0, 1000.0, -1000.0):
        print(f"{score:6} three times: {plain_softmax([np.float64(score)] * 3)}")
predicted("L2.equal")

# %% [markdown]
# Each should be ⅓. At 1000 the exponentials are too large to be written down, {{overflow (too large): a
# result beyond the largest number that a number type can hold, which becomes inf}}, and `inf / inf` is
# `nan`. At −1000 they are too small, {{underflow (too small): a result so near to 0 that a number type
# can't tell it from 0}}, and `0 / 0` is `nan` as well.
#
# Now to the panel, and to the query $u$ of lesson 1, which gave one score to each word. Papers call
# scores that are about to go through a softmax {{logits (scores): numbers of any size that a softmax or a
# sigmoid turns into weights or probabilities}}. You see the way from logits (here rounded to quarters)
# through their exponentials to the weights. Whatever the number type can't hold is striped.
#
# Try it: in float16, raise *bad* until it breaks. Add 10 and then 100 to every logit, which should
# change nothing. How far does float64 get you?

# %%
W_AD = np.array([[1.0, 0.0], [0.0, 1.0], [-1.0, 1.0]])
u_A = np.array([0.0, 0.5, 1.0])
e_T = x_TD @ W_AD.T @ u_A
logits_T = np.round(4 * e_T) / 4
softmax_panel(words=tokens, logits=logits_T, precision="float16")

# %% [markdown]
# float16 breaks at 11.25, the first quarter above 11.09; float64 takes +100 in its stride, and 1000 is
# too much for it, too.
#
# ## 3 · One subtraction makes it safe
#
# Lesson 1 found that adding the same number to all scores changes no weight. So we may just as well
# subtract some number $m$:
#
# $$\frac{\exp(e_i-m)}{\sum_j\exp(e_j-m)}=\frac{\exp(-m)\,\exp(e_i)}{\exp(-m)\,\sum_j\exp(e_j)}=s_i$$
#
# On paper any $m$ will do. For a computer the choice is everything. Take the largest score:

# %%
scores = np.array([2000.0, 1000.0, -1000.0])
shifted = scores - scores.max()
exps = np.exp(shifted)
print("shifted:", shifted)
print("exp:    ", exps)
print("weights:", exps / exps.sum())

# %% [markdown]
# No exponent is above 0 now, so no exponential is above 1. The largest is exactly 1, so the sum lies
# between 1 and the number of words: never `inf`, never 0. The small ones may be rounded to 0, and a
# mean doesn't mind: exp(−1000) has 434 zeros after the decimal point before anything else comes.
#
# A way of computing that keeps rounding and range under control like this is called
# {{numerically stable|numerical stability (safe to compute): a way of computing whose result stays right
# although each number is rounded and has a largest size}}. Same formula, same result on paper, another
# fate in the machine.
#
# ### A table has many rows
#
# Our map has seven rows, and in each row the scores compete among themselves. Is **one** maximum for the
# whole table good enough?

# %%
with np.errstate(all="ignore"):
    exps = np.exp(100 * e_TS - (100 * e_TS).max())
    w_TS = exps / exps.sum(axis=-1, keepdims=True)
for word, row in zip(tokens, w_TS, strict=True):
    print(f"{word:6}", row)
print("maxima:           ", e_TS.max(axis=-1).shape)
print("maxima, axis kept:", e_TS.max(axis=-1, keepdims=True).shape)

# %% [markdown]
# *bad* is mended, and *story*, *for* and *a* are broken: their scores lie so far below the table's
# maximum that all their exponentials are 0. Each row needs a maximum of its own. `axis=-1` takes it along
# the last axis (`axis=0` would let each column compete). Seven maxima of shape (7,) line up with the
# columns of the table; with `keepdims=True` they have shape (7, 1) and line up with its rows.
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
# *Difficulty ●●○○○ · importance ●●●●● · 20 minutes · 9 points · `hint("L2.1")`*
#
# For scores of any shape, along any axis. It has to cope with large scores, small ones and −∞, as long
# as at least one of those that compete is finite.


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
# Now your function draws the map of the scores that are a hundred times as large, the one that broke:

# %%
draw_attention(softmax(100 * e_TS), tokens)

# %% [markdown]
# Not one `nan`. Each word now looks at a single one: the map says who wins, and nothing more. Section 5
# shows what so much certainty costs.
#
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
# Near 1000, float16 only has room for halves. The quarters are lost **before** your function sees them,
# and a softmax can be no better than what goes in.
#
# ## 4 · Why the logarithm is a function of its own
#
# Probabilities get multiplied: the probability of a text is the product of those of its words. Say
# 100 words of 1 in 10,000 each.

# %%
print("product of 100 times 0.0001:", 0.0001**100)
print("sum of 100 logarithms:      ", round(100 * np.log(0.0001), 2))

# %% [markdown]
# The product is lost; its logarithm is a perfectly ordinary number. That is why losses and language
# models work with $\log s_i$. And why not simply take the softmax first, and its logarithm afterwards?
# Let us try it on the two scores 0 and −gap. If the gap is large, the second weight is about exp(−gap), so
# its logarithm should be about −gap.

# %%
predict(
    "L2.detour", "Gaps of 1, 10, 100 and 1000: for which will the detour give the right logarithm?"
)

# %%
with np.errstate(divide="ignore"):
    for gap in (1, 10, 100, 1000):
        weight = plain_softmax(np.array([0.0, -gap]))[1]
        print(f"gap {gap:4}: weight {weight:.3g}   its logarithm {np.log(weight):.5g}")
predicted("L2.detour")

# %% [markdown]
# For all but the last. (At 1, −1.31 is right: there the other weight still counts.) exp(−1000) was rounded
# to 0, and no logarithm can bring it back; in float32 that happens from −104 on, as we measured. Your
# softmax is no help here. It was right to give that word the weight 0, for the mix can't tell the
# difference. A loss can: it would be `inf`, the end of all training, where the truth is 1000.
#
# So let the logarithm meet the exponential on paper, before anything is rounded:
#
# $$\log s_i=e_i-\log\sum_j\exp(e_j)$$
#
# The second term is called {{log-sum-exp: the logarithm of a sum of exponentials, a smooth version of the
# maximum}}. It still holds exponentials, so take out the largest score $m$ as before:
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
# soft version of the **maximum**. (Softmax is a soft version of "which one is the maximum", so its name
# is a little off.)
#
# ### L2.2 The logarithm of a softmax
#
# *Difficulty ●●○○○ · importance ●●●●○ · 15 minutes · 6 points · `hint("L2.2")`*
#
# The shift is the one of L2.1, so much of this will feel familiar. What is new is the order: the
# logarithm comes before the rounding.


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
for gap in (1, 10, 100, 1000):
    print(f"gap {gap:4}: {log_softmax(np.array([0.0, -gap]))[1]:.5g}")

# %% [markdown]
# All four are right now. This is a good place for a break.
#
# ## 5 · Which way to turn the scores
#
# From lesson 3 on, scores are learned. A number, the {{loss (how wrong): one number that says how wrong a
# model's answers are; learning makes it small}}, says how wrong the model is, and we ask how it changes if
# one score changes a little. The answers to that, one for each score, are the {{gradient (the slopes): for
# each number that something depends on, how much it rises per unit of that number}}. The question has to
# travel backwards through the softmax. Three weights are enough to see how.
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
# The quotient rule says the same for any $i$ and $j$. A change of $s_j$ always moves the sum below the
# line, and the exponential above it only if $i=j$:
#
# $$\frac{\partial p_i}{\partial s_j}=p_i\,(\delta_{ij}-p_j),\qquad\delta_{ij}=1\text{ if }i=j,\text{ else }0$$

# %%
print(np.diag(p_S) - np.outer(p_S, p_S))

# %% [markdown]
# The same table. It is called the {{Jacobian (table of slopes): a table of how much each output changes
# per unit of each input}} of the softmax. Now for the loss. All we need to know about it is how much it
# rises per unit of each weight, $g_i=\partial L/\partial p_i$; say 1, −1 and 0.5.
#
# Raising $s_0$ moves all three weights, and the loss feels each of them:
#
# $$\frac{\partial L}{\partial s_0}=0.25\cdot 1+(-0.15)\cdot(-1)+(-0.10)\cdot 0.5=0.35$$

# %%
predict(
    "L2.slope", "How much does the loss rise per unit of s_1? Use the second line of the table."
)

# %%
g_S = np.array([1.0, -1.0, 0.5])
for j in range(3):
    ds = sum(p_S[i] * ((i == j) - p_S[j]) * g_S[i] for i in range(3))
    print(f"dL/ds_{j} = {ds:.2f}")
predicted("L2.slope")

# %% [markdown]
# For $s_1$: $-0.15\cdot 1+0.21\cdot(-1)+(-0.06)\cdot 0.5=-0.39$. This loop is the slow specification: for
# each $j$ a sum over all $i$. It gets short when the sum is pulled apart:
#
# $$\frac{\partial L}{\partial s_j}=\sum_i g_i\,p_i\,(\delta_{ij}-p_j)=p_j\,g_j-p_j\sum_i p_i\,g_i=p_j\,(g_j-\bar g)$$
#
# with $\bar g=\sum_i p_i g_i$, the mean of $g$ as the weights see it. In words: **each word compares
# its own $g$ with the average**, and moves in proportion to its weight.

# %%
mean = (p_S * g_S).sum()
print("mean of g:       ", round(mean, 2))
print("g above the mean:", g_S - mean)
print("times the weight:", p_S * (g_S - mean))

# %% [markdown]
# The Jacobian was never needed. For 1000 words it would have a million entries. A function that goes
# from $\partial L/\partial p$ to $\partial L/\partial s$ without it is a {{vector–Jacobian product (one
# step back): the gradient in a function's input, worked out from the gradient in its output, without the
# table of all slopes}}, or *vjp*. Frameworks such as PyTorch, JAX and Keras train every network by
# chaining these.
#
# ### L2.3 The gradient through a softmax
#
# *Difficulty ●●●●○ · importance ●●●●● · 25 minutes · 6 points · `hint("L2.3")`*
#
# For any shape, along any axis. You are given the weights, not the scores: they are known from the way
# there, the {{forward pass (the way there): working out a model's answer from its input}}. You write the
# softmax's part of the {{backward pass (the way back): working out the loss's gradient, from the end of a
# model to its beginning}}.


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
# Is the derivation right? Here is a way to find out that knows nothing about it: nudge each score up and
# down a little, and see what the loss does. These {{finite differences (nudging): a slope measured by
# moving an input a little and seeing how much the output changes}} are slow, and they work for any
# function. In this course every gradient is tested by them.


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
p_BT = softmax(s_BT)
yours = softmax_vjp(p_BT, 2 * (p_BT - wish_BT))
slow = finite_differences(lambda s: ((softmax(s) - wish_BT) ** 2).sum(), s_BT)
print("yours:             ", yours[0])
print("finite differences:", slow[0])
print(f"largest difference: {abs(yours - slow).max():.0e}")

# %% [markdown]
# Two ways, one result. Now a question that matters for all of attention. We multiply the scores by 3, 10
# and 30, so that one word takes nearly everything, as in the map of section 3.

# %%
predict(
    "L2.sure", "Five equal weights are wished for. Does the gradient grow with the scores, too?"
)

# %%
for factor in (1, 3, 10, 30):
    p_BT = softmax(factor * s_BT)
    ds_BT = softmax_vjp(p_BT, 2 * (p_BT - wish_BT))
    print(f"times {factor:2}: largest weight {p_BT[0].max():.6f}", end="   ")
    print(f"largest gradient in the scores {abs(ds_BT[0]).max():.1e}")
predicted("L2.sure")

# %% [markdown]
# It dies. Where one weight is nearly 1, its own $g$ **is** the mean, and all other weights are too
# small to be moved. Attention that is completely sure of itself stops learning, even though what we wish
# for (five equal weights) is as far away as it can be. The softmax is {{saturated|saturation (too sure):
# a state in which a function's output hardly changes any more, so that almost no gradient comes back}}.
# Lesson 4 will divide scores by $\sqrt{d_k}$ for just this reason.
#
# There is a loss that finds the way out: $-\log p_k$ for the right word or class $k$. Its $g$ is
# $-1/p_k$, which grows as fast as the gradient would die:

# %%
k = 1
for factor in (1, 3, 10):
    p_S = softmax(factor * np.array([2.0, 0.0, -1.0]))
    g_S = np.array([0.0, -1 / p_S[k], 0.0])
    print("weights:", p_S, "  gradient of −log p_1:", softmax_vjp(p_S, g_S))

# %% [markdown]
# Weight by weight it is $p$, minus 1 in the right place: never larger than 1, and never dead while the
# answer is wrong. This loss is the {{cross-entropy: minus the logarithm of the probability that a model
# gave to the right answer}}. Nearly every classifier is trained on it, and so is GPT, on the right next
# word.
#
# ## 6 · Temperature, and how sharp is sharp
#
# In lesson 1 a longer query made attention sharper, a shorter one flatter. It can also be done without
# touching the query: divide all scores by one number, the {{temperature (sharp or flat): a number that
# all scores are divided by before a softmax; low makes the weights sharper, high flatter}} $\tau$.
#
# $$s=\mathrm{softmax}(e/\tau)$$
#
# Chat assistants have this very knob: at a low temperature they nearly always say the likeliest next
# word, at a high one they take more chances.

# %%
predict(
    "L2.warm", "Which of the temperatures 0.5, 1 and 2 gives the weights nearest to a plain mean?"
)

# %%
for tau in (0.5, 1.0, 2.0):
    print(f"τ = {tau}: scores {scores / tau}, weights {plain_softmax(scores / tau)}")
predicted("L2.warm")

# %% [markdown]
# τ = 2: the warmer, the more alike. But how sharp is sharp? One number says how undecided the weights
# are, their {{entropy (how undecided): a number that is 0 when one weight has everything, and largest when
# all weights are equal}}:
#
# $$H=-\sum_i s_i\log s_i$$
#
# With the natural logarithm its unit is the nat (with base 2, the bit). By hand:

# %%
for weights in ([0.5, 0.5], [0.9, 0.1], [0.5, 0.25, 0.25], [0.999, 0.001]):
    terms = [-weight * np.log(weight) for weight in weights]
    print(f"{weights}: terms {np.round(terms, 3)}, entropy {sum(terms):.3f}")

# %% [markdown]
# $T$ equal weights give the most, $\log T$. One weight of 1 gives 0: nothing is undecided. For that to
# come out, the other weights, all 0, must count for nothing, and indeed $p\log p$ goes to 0 as $p$
# shrinks. NumPy thinks otherwise:

# %%
with np.errstate(all="ignore"):
    for p in (1e-2, 1e-10, 1e-300, 0.0):
        print(f"{p:6}: p log p = {p * np.log(np.float64(p)):.2g}")

# %% [markdown]
# ### L2.4 Temperature and entropy
#
# *Difficulty ●●●○○ · importance ●●●●○ · 20 minutes · 7 points · `hint("L2.4")`*
#
# Two functions. You may use your `softmax` (a mistake in it then shows here, too).


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
# Our sentence, from cold to hot, for the query of lesson 1. exp of the entropy is easier to read than
# the entropy itself: the number of words that would be just as undecided if they shared equally. It is
# called {{perplexity (as many as): exp of an entropy or cross-entropy, the number of equally likely choices
# that would be just as undecided}}, and language models are compared by it.

# %%
predict(
    "L2.words", "There are seven words. Between which two numbers will exp of the entropy move?"
)

# %%
for tau in (0.1, 0.5, 1.0, 2.0, 10.0, 100.0):
    s_T = temperature(e_T, tau)
    H = entropy(s_T)
    print(f"τ {tau:5}: bad {s_T[bad]:.2f}, idea {s_T[idea]:.2f}, story {s_T[1]:.2f}", end="")
    print(f"   entropy {H:.2f} nats, like {np.exp(H):.1f} equal words")
predicted("L2.words")

# %% [markdown]
# From 1, a single winner, to 7, the plain mean of lesson 1; and no word ever overtakes another. The
# rows of an attention map each have an entropy, too. In yours, one for each word that asks:

# %%
H_T = entropy(temperature(e_TS, 1.0))
pd.DataFrame({"like … equal words": np.exp(H_T)}, index=tokens).T.round(1)

# %% [markdown]
# *bad* has made up its mind, *story* looks nearly everywhere. Engineers watch these numbers while a large
# model trains: for images, speech and text, Zhai and others (2023) found that a very low entropy of
# attention and unstable training go together.
#
# Here the panel runs your `temperature`; the entropy is in the sentence below it. In float16, go down
# to the lowest τ. Which of the two columns breaks, and why, although no logit is large?

# %%
softmax_panel(words=tokens, logits=logits_T, temperature=temperature, precision="float16")

# %% [markdown]
# The bare formula does. Cold makes scores large: at τ = ⅛ a logit of 3 becomes a score of 24, beyond the
# 11 of float16. Yours subtracts the largest first, and holds.
#
# ## 7 · A loss without a probability
#
# Praise or blame? A classifier gives a review one score $z$: above 0 praise, below 0 blame. The
# softmax of the two scores $z$ and 0 has a name of its own, the {{sigmoid (softmax of two): the function
# 1 / (1 + exp(−z)), which turns one score into a probability}}:
#
# $$\sigma(z)=\frac{\exp(z)}{\exp(z)+\exp(0)}=\frac{1}{1+\exp(-z)}$$
#
# With the label $y$ (1 praise, 0 blame), the loss is minus the logarithm of what the right label got, the
# **binary cross-entropy**:
#
# $$-y\log\sigma(z)-(1-y)\log(1-\sigma(z))$$

# %%
predict(
    "L2.breaks",
    "A review of blame gets a score far too high. At 1000, 700, 40: where is float64 lost?",
)

# %%
with np.errstate(all="ignore"):
    for z in (5.0, 20.0, 36.0, 37.0, 40.0):
        p = 1 / (1 + np.exp(-z))
        print(f"z {z}: probability {p:.16f}   loss {-np.log(1 - p):.4f}")
predicted("L2.breaks")

# %% [markdown]
# Long before: it breaks at 37, and at 36 the digits are wrong already (the true loss is 36.0000). No large
# number is to blame. $1-\sigma$ is a tiny difference of two numbers near 1, and float64 has 16 digits; the
# field says {{cancellation: digits that are lost when two nearly equal numbers are subtracted}}. In float32
# a score of 17 is enough.
#
# You know the cure: do the logarithm on paper. Blame costs $-\log(1-\sigma(z))=\log(1+\exp(z))$, praise
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
# *Difficulty ●●●○○ · importance ●●●●○ · 20 minutes · 6 points · `hint("L2.5")`*
#
# The mean over a batch. A label may lie between 0 and 1: if three of four people call a review
# praise, it is 0.75.
#
# Yes, this is the same subtraction for the third time: once for weights, once for their logarithm, and
# now for two scores of which one is always 0. It comes back because each time something else would have
# broken: a sum, a logarithm of 0, a difference. If it feels easy by now, that was the point. In lesson
# 8 you switch it on in Keras by two words, `from_logits=True`, and will know what they do.


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
# take the praise of the plain mean, as in lesson 1. It was never meant to be a score, so its scale is
# anybody's guess: it may be far too modest, or too sure of itself.
#
# A temperature can mend that. We choose it on one half of the sentences, and report what it does on the
# other.

# %%
reviews = split("mr").validation
z_N = np.array([plane.embed(text)[1].mean(axis=0)[0] for text in reviews.text])
y_N = reviews.label.to_numpy(float)
halves = slice(0, None, 2), slice(1, None, 2)  # praise and blame in each
for tau in (0.02, 0.05, 0.1, 0.2, 0.4, 1.0, 5.0):
    one, other = (bce_from_logits(z_N[half] / tau, y_N[half]) for half in halves)
    right = np.mean((z_N / tau > 0) == y_N)
    print(f"τ {tau:4}: loss on one half {one:.3f}, on the other {other:.3f}; {right:.1%} right")

# %% [markdown]
# A coin, ½ for every sentence, pays log 2 = 0.693. The share of right answers never moves, for τ
# changes no order; the loss does. At 0.02 the same answers cost more than a coin's: being sure and wrong
# is expensive. At 1 they are too modest, and 0.2 is best on both halves. (That the halves differ by 0.05
# there is chance.)
#
# A model that is right four times in five where it says 80 % is {{calibrated|calibration (as sure as
# right): how well a model's probabilities agree with how often it is right}}. Guo and others (2017) found deep networks of their time much too sure. A τ above 1, chosen just
# like this, mended most of it.
#
# ## 8 · The same as SciPy
#
# SciPy has such functions, too, written and tested by others. Yours should agree at any size:

# %%
from scipy import special

s_TS = rng.normal(size=(4, 6))
for own, theirs in ((softmax, special.softmax), (log_softmax, special.log_softmax)):
    for factor in (1, 1000):
        gap = abs(own(factor * s_TS) - theirs(factor * s_TS, axis=-1)).max()
        print(f"{own.__name__:12} scores times {factor:4}: largest difference {gap:.0e}")

# %% [markdown]
# SciPy has no entropy of a row, but its terms: `entr(p)` is −p log p. It has no cross-entropy, but
# `log_expit(z)`, which is log σ(z). It has no `softmax_vjp`; for that you had your second witness.

# %%
p_TS, z_B, y_B = special.softmax(s_TS, axis=-1), 1000 * s_TS[0], np.array([0, 1, 1, 0, 0.5, 1])
gap = abs(entropy(p_TS) - special.entr(p_TS).sum(axis=-1)).max()
print(f"entropy: largest difference {gap:.0e}")

# %%
theirs = -np.mean(y_B * special.log_expit(z_B) + (1 - y_B) * special.log_expit(-z_B))
print(f"bce_from_logits: yours {bce_from_logits(z_B, y_B):.6f}, from log_expit {theirs:.6f}")

# %% [markdown]
# ### Question
#
# *3 points, read by a person. A few sentences are enough.*
#
# A colleague's model works in float32, but has given `nan` ever since it was moved to float16. Its
# attention is `exps = np.exp(s)` and `exps / exps.sum()`. The largest score ever printed is 14.
#
# 1. Why is 14 no problem in float32, but one in float16? Where does the `nan` come from?
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
# - **Map**: where every word asks, weights form a table, each row a softmax of its own.
# - **Range**: every number type ends, float16 at scores of 11. With each row's maximum subtracted, no
#   finite score breaks a softmax.
# - **Logarithms** are taken on paper, before anything is rounded.
# - **Gradient**: each word compares its $g$ with the mean, $p\,(g-\bar g)$. Where one weight is
#   nearly 1, it dies.
# - **Temperature** makes weights sharper or flatter, and **entropy** says how sharp they are.
#
# Lesson 1 picked $W$ and $u$ by hand, and asked lopsided questions. `softmax_vjp` is the middle link of a
# chain: from the loss of real reviews back through $z$, weights and scores to $W$ and $u$. In **lesson
# 3** you forge the other links and let them be learned.

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
