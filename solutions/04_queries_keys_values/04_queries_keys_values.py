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
# # Lesson 4: queries, keys, values
#
# So far one query asked, and one mean came back. Now everyone may ask. One formula does it, the
# most used of all attention formulas:
#
# $$\mathrm{attention}(Q,K,V)=\mathrm{softmax}\!\left(\frac{QK^\top}{\sqrt{d_k}}\right)V$$
#
# Afterwards you can
#
# - tell queries, keys and values apart, and write the formula for one sentence, many sentences and
#   many heads;
# - say where $\sqrt{d_k}$ comes from, and which tests don't notice when it is missing;
# - show that attention is a regression of 1964 and a memory with roots in 1982;
# - tell analogy from evidence when attention layers are compared with people.
#
# About 90 minutes: five exercises (29 points) and one question (3 points). You need lessons 1 and
# 2.

# %%
import numpy as np
import pandas as pd
from attnkit import attempt, check, hint
from attnkit.data import split
from attnkit.figures import draw_attention
from attnkit.figures.digits import draw_digits
from attnkit.panels import query_panel, recall_panel, scaling_panel
from attnkit.panels.kernel import kernel_panel
from attnkit.words import word_plane

np.set_printoptions(precision=2, suppress=True)

# %% [markdown]
# | letter | size of | here |
# |---|---|---|
# | T | queries: who asks | 1, later 7 |
# | S | keys, and as many values: who may answer | 3, later 7 |
# | K | numbers in a query or a key, also written $d_k$ | 2 |
# | V | numbers in a value | 1, later 2 |
# | B, H, N | sentences, heads, stored patterns | later |
#
# ## 1 · A dictionary that answers "nearly" too
#
# A Python dictionary has keys and values. A query finds its key exactly, or nothing:

# %%
stars = {"comedy": 4.5, "drama": 3.0, "horror": 1.0}
for query in ("comedy", "sad comedy"):
    print(f"{query}: {stars.get(query, 'no such key')}")

# %% [markdown]
# A person would answer for "sad comedy": something between comedy and drama. For that, keys and
# query must say how alike they are. Let each be two numbers, *how funny* and *how sad*. The score
# is the dot product, as in lesson 1:

# %%
k_SK = np.array([[2.0, 0.0], [0.0, 2.0], [-1.0, -1.0]])  # comedy, drama, horror
v_S = np.array([4.5, 3.0, 1.0])  # how many stars
q_K = np.array([1.0, 0.5])  # funny, and a little sad
exps = np.exp(k_SK @ q_K)
print("scores: ", k_SK @ q_K)
print("weights:", exps / exps.sum())
print("stars:  ", round(exps / exps.sum() @ v_S, 2))

# %% [markdown]
# Scores 2, 1 and −1.5; most of the answer comes from *comedy*, some from *drama*. The three roles:
#
# - the **query** says what is looked for;
# - a **key** says what it can be found by;
# - its **value** says what is handed out. Keys have two numbers here, values one.
#
# As a slow loop, which is the specification of this lesson. (The divisor is explained in section
# 3.)


# %%
def look_up(query, keys, values, divisor=1.0):
    scores = [sum(a * b for a, b in zip(query, key, strict=True)) / divisor for key in keys]
    exps = [np.exp(score - max(scores)) for score in scores]
    weights = [number / sum(exps) for number in exps]
    output = 0.0
    for weight, value in zip(weights, values, strict=True):
        output = output + weight * value
    return output, np.array(weights)


# %% [markdown]
# **Predict before you run.** How many stars come back when the query is 0 times as long? When it is
# 10 times as long?

# %%
for length in (0, 0.5, 1, 10):
    output, weights = look_up(length * q_K, k_SK, v_S)
    print(f"times {length:3}: weights {weights}  stars {output:.2f}")

# %% [markdown]
# A query of length 0 doesn't care: the plain mean, 2.83. A very long one gives what Python's
# dictionary gives, 4.50. In between, attention is a **soft dictionary**; and unlike the hard one it
# changes smoothly, so it can be learned with lesson 3's gradients.
#
# ## 2 · A sentence in which every word asks
#
# In lesson 1 the query $u$ came from outside. In **self-attention** each word has a query of its
# own. Query, key and value are made from the word by three matrices:
#
# $$q_i=W_Q\,x_i\qquad k_i=W_K\,x_i\qquad v_i=W_V\,x_i$$
#
# They are learned; here we pick them. Why one matrix for asking and one for being found?

# %%
plane = word_plane()
tokens, x_TD = plane.embed("great story , bad idea for a movie .")
W_Q = np.array([[0.0, -2.0], [0.0, 0.0]])  # the commoner I am, the more I look for praise
W_K = np.array([[1.0, 0.0], [0.0, 1.0]])  # I am found by my praise and my rarity, as they are
great, a = tokens.index("great"), tokens.index("a")
for name, W in (("one matrix for both", W_K), ("two matrices", W_Q)):
    e_TT = (x_TD @ W.T) @ (x_TD @ W_K.T).T
    print(f"{name}: 'a' asks 'great' {e_TT[a, great]:.2f}, 'great' asks 'a' {e_TT[great, a]:.2f}")

# %% [markdown]
# With one matrix for both, scores are symmetric: whoever looks at me, I must look at as hard.
# With two, *a* may look for *great* without *great* looking back.
#
# ## 3 · Wide keys shout
#
# Our keys have 2 numbers, those of real models 64 and more.
#
# **Predict before you run.** Queries and keys are drawn at random, 7 keys for each query. How
# large is the largest of the 7 weights, on average, for keys of width 4? 64? 1024?

# %%
rng = np.random.default_rng(0)
for K in (4, 64, 1024):
    q_NK, k_NSK = rng.normal(size=(1000, K)), rng.normal(size=(1000, 7, K))
    for divisor in (1, np.sqrt(K)):
        e_NS = np.einsum("nk,nsk->ns", q_NK, k_NSK) / divisor
        w_NS = np.exp(e_NS - e_NS.max(axis=1, keepdims=True))
        w_NS /= w_NS.sum(axis=1, keepdims=True)
        print(f"width {K:4}, divided by {divisor:4.0f}: {w_NS.max(axis=1).mean():.2f}", end="   ")
    print()

# %% [markdown]
# Nothing was learned, everything is chance, and yet at width 1024 one key gets 97 % of the
# weight. A dot product of wide vectors is a sum of many terms: it comes out large, one way or the
# other. Divided by the root of the width, it is 0.37 to 0.40 everywhere. Section 6 finds out why
# the root.
#
# ### L4.1 Scaled dot-product attention
#
# *Difficulty ●●○○○ · importance ●●●●● · 12 minutes · 7 points · `hint("L4.1")`*
#
# `look_up` for T queries at once, without its loops, each score divided by $\sqrt{d_k}$. Scores
# of ±1000 are met in the checks; lesson 2 knows what to do.


# %% answer="L4.1"
def scaled_dot_attention(q_TK, k_SK, v_SV):
    """T queries ask S keys, and get means of the S values.

    q_TK: (T, K), one query a row. k_SK: (S, K), one key a row. v_SV: (S, V), one value a row.

    Returns (o_TV, w_TS): the outputs, shape (T, V), and the weights softmax(q·k / √K), shape (T, S),
    each row of sum 1.
    """
    ### BEGIN SOLUTION
    e_TS = q_TK @ k_SK.T / q_TK.shape[1] ** 0.5
    exp_TS = np.exp(e_TS - e_TS.max(axis=-1, keepdims=True))
    w_TS = exp_TS / exp_TS.sum(axis=-1, keepdims=True)
    return w_TS @ v_SV, w_TS
    ### END SOLUTION


# %% check="L4.1"
report = check("L4.1", scaled_dot_attention)
report.points

# %% [markdown]
# Our sentence, each word asking all of them. For now $W_Q$, $W_K$ and $W_V$ change nothing: a
# word's point in the plane is its query, key and value.

# %%
attended = attempt(scaled_dot_attention, x_TD, x_TD, x_TD)
if attended is not None:
    o_TD, w_TT = attended
    slow_TD = np.stack([look_up(x_D, x_TD, x_TD, np.sqrt(2))[0] for x_D in x_TD])
    print(f"largest difference to the slow loop: {abs(o_TD - slow_TD).max():.0e}")
attempt(draw_attention, w_TT, tokens, row=tokens.index("idea")) if attended is not None else None

# %% [markdown]
# Read a row: whom does this word ask? *idea* gives 0.73 to *bad* and only 0.15 to itself. Blame
# asks for blame, and *bad* is the loudest. So after one round of attention *idea* means something
# like "bad idea": its output has moved to where *bad* lies. That is what the formula is for: a
# word's vector takes up what is around it.

# %%
if attended is not None:
    change = {"praise before": x_TD[:, 0], "praise after": o_TD[:, 0]}
    table = pd.DataFrame(change, index=tokens).T.round(2)
table if attended is not None else None

# %% [markdown]
# Now ask yourself. The panel runs **your function** with one query, the arrow, and the words as
# keys and values. Find a query for which the star lies as far to the left as it can. Then find
# one for which *for*, *a* and *movie* share most of the weight.

# %%
query_panel(scaled_dot_attention, tokens, x_TD)

# %% [markdown]
# ## 4 · Tests that can't see
#
# An exercise like this can be passed with the divisor wrong and no one the wiser. It depends on the
# inputs. Four divisors, of which one is right, on three kinds of them:
#
# - 4 keys of width 4;
# - 7 keys of width 6, with all numbers 100 times as large;
# - 7 keys of width 6, standard normal, as in the checks here.
#
# **Predict before you run.** Which inputs catch which mistakes?

# %%
rng = np.random.default_rng(2)
inputs = {"4 keys of width 4": (4, 4, 1), "100 times as large": (7, 6, 100), "ours": (7, 6, 1)}
for name, (S, K, size) in inputs.items():
    q_TK, k_SK = size * rng.normal(size=(5, K)), size * rng.normal(size=(S, K))
    v_SV = rng.normal(size=(S, 8))
    right = [look_up(q_K, k_SK, v_SV, K**0.5)[0] for q_K in q_TK]
    print(f"{name:18}", end="")
    for which, divisor in {"none": 1, "K": K, "√S": S**0.5, "√K": K**0.5}.items():
        answers = [look_up(q_K, k_SK, v_SV, divisor)[0] for q_K in q_TK]
        verdict = "passes" if np.allclose(answers, right, atol=1e-6) else "CAUGHT"
        print(f"   {which}: {verdict}", end="")
    print()

# %% [markdown]
# With four keys of width four, $\sqrt S$ **is** $\sqrt K$. With large numbers every divisor passes,
# even none: the best key gets everything, so the weights are 0 and 1 whatever the divisor is. Both
# kinds of input are found in published exercises. Ours have sizes that differ, none the square of
# another, and scores that spread by about 1.
#
# When you test attention, choose inputs on which a mistake would **show**. In lesson 5 you write
# such a test yourself.
#
# ## 5 · Many sentences, many heads
#
# Models work on B sentences at a time, and on H **heads** in each: H sets of queries, keys and
# values that look for different things. Arrays get two more axes in front. What do `@` and `.T`
# make of them?

# %%
q_BHTK, k_BHSK = rng.normal(size=(3, 2, 5, 6)), rng.normal(size=(3, 2, 7, 6))
print("k:              ", k_BHSK.shape)
print("k.T:            ", k_BHSK.T.shape)
print("k.swapaxes(2, 3):", k_BHSK.swapaxes(2, 3).shape)
print("q @ that:       ", (q_BHTK @ k_BHSK.swapaxes(2, 3)).shape)

# %% [markdown]
# `.T` turns **all** axes round. `@` multiplies the last two and leaves those in front alone, so one
# line does it for all sentences and heads.
#
# ### L4.2 One product for all
#
# *Difficulty ●●●○○ · importance ●●●●● · 12 minutes · 7 points · `hint("L4.2")`*
#
# L4.1 for every sentence and head, none of which may see another. A loop over b and h is right,
# too; without one it is shorter than you think. Which of your axes were counted from the front?


# %% answer="L4.2"
def batched_attention(q_BHTK, k_BHSK, v_BHSV):
    """L4.1 for each of B sentences and H heads, none of which sees another.

    q_BHTK: (B, H, T, K). k_BHSK: (B, H, S, K). v_BHSV: (B, H, S, V).

    Returns (o_BHTV, w_BHTS): outputs and weights, of the shapes in their names.
    """
    ### BEGIN SOLUTION
    e_BHTS = q_BHTK @ k_BHSK.transpose(0, 1, 3, 2) / q_BHTK.shape[-1] ** 0.5
    exps = np.exp(e_BHTS - e_BHTS.max(axis=-1, keepdims=True))
    w_BHTS = exps / exps.sum(axis=-1, keepdims=True)
    return w_BHTS @ v_BHSV, w_BHTS
    ### END SOLUTION


# %% check="L4.2"
report = check("L4.2", batched_attention)
report.points

# %% [markdown]
# Two real sentences of seven words each, and two heads made by hand. Head 0 sees only how much
# praise a word is (K = 1), head 1 only how rare it is.
#
# **Predict before you run.** Whom does *movie* ask most, in each sentence and by each head? Its
# praise is −0.8, its rarity −0.9.

# %%
tokens2, x2_TD = plane.embed("this is a truly , truly bad movie .")
x_BTD = np.stack([x_TD, x2_TD])
x_BHTK = x_BTD.transpose(0, 2, 1)[..., None]  # (B, T, D) -> (B, H = D, T, K = 1)
batched = attempt(batched_attention, x_BHTK, x_BHTK, x_BHTK)
if batched is not None:
    for b, words in enumerate((tokens, tokens2)):
        for h, head in enumerate(("praise", "rarity")):
            w_S = batched[1][b, h, words.index("movie")]
            print(f"sentence {b}, head {h} ({head}): {words[w_S.argmax()]:5} {w_S.max():.2f}")

# %% [markdown]
# Head 0 asks for blame and finds *bad*, head 1 asks for common words and finds *a*, each among the
# words of its own sentence. How heads are cut out of one wide vector, and joined again, is
# lesson 6.
#
# ## 6 · Why the root?
#
# By hand: queries and keys of width 2, each number +1 or −1. Then a product $q\cdot k$ has two
# terms of ±1, and four cases are equally likely:

# %%
products = np.array([a + b for a in (-1, 1) for b in (-1, 1)])
print("products q·k:      ", products)
print("mean square:       ", np.mean(products**2.0))
print("standard deviation:", round(products.std(), 3), " √2 =", round(2**0.5, 3))

# %% [markdown]
# The mean is 0 and the mean square, the **variance**, is 2: one for each term, because
# independent terms cancel in part. For width $d$ it is $d$, and the spread of the products is
# $\sqrt d$. That is the whole reason for the root.
#
# ### L4.3 Measure it
#
# *Difficulty ●●○○○ · importance ●●●●○ · 10 minutes · 4 points · `hint("L4.3")`*
#
# Don't believe it, measure it, for vectors with standard normal numbers. Draw from the generator
# `rng` that is handed in, so that the experiment can be repeated: `rng.normal(size=(n, width))`.


# %% answer="L4.3"
def score_std(widths, n, rng):
    """How far raw products q·k spread: their standard deviation, for each of several widths.

    widths: whole numbers. n: how many pairs (q, k) to draw for each width, both with independent
    standard normal components. rng: NumPy's random generator to draw from.

    Returns an array with one number for each width, in their order.
    """
    ### BEGIN SOLUTION
    spread = []
    for width in widths:
        q_NK = rng.normal(size=(n, width))
        k_NK = rng.normal(size=(n, width))
        spread.append((q_NK * k_NK).sum(axis=-1).std())
    return np.array(spread)
    ### END SOLUTION


# %% check="L4.3"
report = check("L4.3", score_std)
report.points

# %%
widths = [4, 16, 64, 256, 1024]
spread = attempt(score_std, widths, 5000, np.random.default_rng(1))
if spread is not None:
    table = pd.DataFrame({"spread": spread, "√width": np.sqrt(widths)}, index=widths).T.round(2)
table if spread is not None else None

# %% [markdown]
# So after division by $\sqrt{d_k}$ the scores spread by 1 at any width. What is bad about a larger
# spread? In lesson 2 you saw that a softmax which is sure no longer learns.
#
# **Predict before you run.** Random weights of the loss, $g$, come back to the weights of 7 keys.
# How long is the gradient in the scores, at width 4 and at 1024, undivided and divided?

# %%
for K in (4, 64, 1024):
    q_NK, k_NSK, g_NS = (rng.normal(size=shape) for shape in ((500, K), (500, 7, K), (500, 7)))
    for name, divisor in (("undivided", 1), ("by √K", np.sqrt(K))):
        e_NS = np.einsum("nk,nsk->ns", q_NK, k_NSK) / divisor
        p_NS = np.exp(e_NS - e_NS.max(axis=1, keepdims=True))
        p_NS /= p_NS.sum(axis=1, keepdims=True)
        ds_NS = p_NS * (g_NS - (p_NS * g_NS).sum(axis=1, keepdims=True))  # lesson 2's vjp
        length = np.median(np.linalg.norm(ds_NS, axis=1))
        print(f"width {K:4} {name:9}: half of all gradients are shorter than {length:.0e}")

# %% [markdown]
# At width 1024, undivided, half of all queries get next to no gradient. Move the width yourself;
# the weights are yours:

# %%
scaling_panel(scaled_dot_attention)

# %% [markdown]
# ### What is known, and what isn't
#
# Vaswani et al. (2017), who brought the divisor, write in section 3.2.1 that they *suspect* small
# gradients to be the reason why undivided attention did worse. We saw the gradients die, for random
# vectors. That says where training **starts**. Two things it doesn't say:
#
# **The divisor adds no ability.** A model without it can learn it, by a $W_Q$ that is smaller by
# $\sqrt{d_k}$:

# %%
W_Q, W_K, x_SD = rng.normal(size=(64, 8)), rng.normal(size=(64, 8)), rng.normal(size=(7, 8))
divided = (x_SD @ W_Q.T) @ (x_SD @ W_K.T).T / np.sqrt(64)
absorbed = (x_SD @ (W_Q / np.sqrt(64)).T) @ (x_SD @ W_K.T).T
print(f"largest difference of the scores: {abs(divided - absorbed).max():.0e}")

# %% [markdown]
# **It rests on an assumption**: that query and key are independent.
#
# **Predict before you run.** In self-attention without $W_Q$ and $W_K$, a word's own key **is** its
# query. How much weight does a word then give to itself, at width 64?

# %%
for K in (4, 16, 64) if attempt(scaled_dot_attention, x_TD, x_TD, x_TD) is not None else ():
    x_TK = rng.normal(size=(7, K))
    w_TT = scaled_dot_attention(x_TK, x_TK, x_TK)[1]
    print(f"width {K:2}: a word's weight for itself {np.diag(w_TT).mean():.2f}")

# %% [markdown]
# Nearly all, divisor or not: $x\cdot x$ is a sum of squares, about $d$ and not $\sqrt d$, so that
# $\sqrt d$ is left after the division. Whatever queries and keys learn to have in common grows like
# that. The root is right for strangers.
#
# ## 7 · Attention is a regression
#
# You have examples $(x_i,y_i)$ and a new $x$: what will its $y$ be? Nadaraya and Watson, both in
# 1964, let near examples count more, by a bell curve of width $h$. By hand, for $x=0.5$:

# %%
x_S, y_S, h = np.array([0.0, 1.0, 3.0]), np.array([10.0, 20.0, 60.0]), 1.5
bells = np.exp(-((0.5 - x_S) ** 2) / (2 * h**2))
print("bells:     ", bells)
print("weights:   ", bells / bells.sum())
print("prediction:", round(bells / bells.sum() @ y_S, 2))

# %% [markdown]
# Exponentials, divided by their sum: that is a softmax. The query is $x$, the keys are the $x_i$,
# the values the $y_i$. Only the score is another one, minus the squared distance:
#
# $$w_i=\mathrm{softmax}_i\!\left(-\frac{(x-x_i)^2}{2h^2}\right)\qquad \hat y=\sum_i w_i\,y_i$$
#
# ### L4.4 Regression by attention
#
# *Difficulty ●●○○○ · importance ●●●●○ · 10 minutes · 5 points · `hint("L4.4")`*
#
# For T queries and S examples. Some queries in the checks lie far from all examples: what do the
# bells become there, and what helped in lesson 2?


# %% answer="L4.4"
def kernel_regression(xq_T, x_S, y_S, h):
    """For each query a mean of the y, in which an example counts the more the nearer its x is.

    xq_T: (T,), the queries. x_S, y_S: (S,), the examples. h: the width of the bell, above 0.

    Returns yq_T, shape (T,), with the weights softmax(−(xq − x)² / (2h²)) over the examples.
    """
    ### BEGIN SOLUTION
    e_TS = -((xq_T[:, None] - x_S) ** 2) / (2 * h**2)
    exp_TS = np.exp(e_TS - e_TS.max(axis=-1, keepdims=True))
    return exp_TS @ y_S / exp_TS.sum(axis=-1)
    ### END SOLUTION


# %% check="L4.4"
report = check("L4.4", kernel_regression)
report.points

# %% [markdown]
# On real reviews: $x$ is the praise of a sentence's plain mean (lesson 1), $y$ is 1 for praise
# and 0 for blame. So $\hat y$ is the share of praise among similar sentences. The list is sorted
# by label, so every second sentence is an example, and the others are kept for later.

# %%
reviews = split("mr").validation
praise_N = np.array([plane.embed(text)[1].mean(axis=0)[0] for text in reviews.text])
label_N = reviews.label.to_numpy(float)
x_S, y_S, xq_T, yq_T = praise_N[::2], label_N[::2], praise_N[1::2], label_N[1::2]
kernel_panel(x_S, y_S, kernel_regression)

# %% [markdown]
# Make $h$ very small, then very large. Which curve would you trust for new sentences?
#
# **Predict before you run.** Below is the mean squared error, once on the examples themselves, once
# on the 500 sentences kept. A coin (½ for all) has 0.25. Which $h$ is best on each?

# %%
if attempt(kernel_regression, xq_T, x_S, y_S, 1.0) is not None:
    for h in (0.001, 0.01, 0.05, 0.15, 0.5, 5):
        own = np.mean((kernel_regression(x_S, x_S, y_S, h) - y_S) ** 2)
        new = np.mean((kernel_regression(xq_T, x_S, y_S, h) - yq_T) ** 2)
        print(f"h {h:5}: on the examples {own:.3f}, on new sentences {new:.3f}")

# %% [markdown]
# The sharpest attention is best on what it has seen and worse than a coin on the rest: it has
# learned single sentences by heart. A very wide one says ½ to all. In between lies a width that
# works, 0.15 here, and only sentences that were **kept** can tell. The width of the bell does for
# this regression what $\sqrt{d_k}$ and the length of queries do for attention.
#
# ### Two witnesses
#
# First, the formula as Nadaraya and Watson had it, with SciPy's bell curve. Second, your own
# attention, and for that a line of algebra:
#
# $$-\frac{(x-x_i)^2}{2h^2}=\frac{x\,x_i-x_i^2/2}{h^2}-\frac{x^2}{2h^2}$$
#
# The last term is the same for all examples, and softmax doesn't see it. What is left is a dot
# product of $(x,1)/h^2$ with $(x_i,-x_i^2/2)$.

# %%
from scipy.stats import norm

h = 0.15
bells = [norm.pdf((x - x_S) / h) for x in xq_T]
watson_T = np.array([(bell * y_S).sum() / bell.sum() for bell in bells])
q_T2 = np.sqrt(2) * np.stack([xq_T, np.ones_like(xq_T)], axis=1) / h**2  # √2 undoes the divisor
k_S2 = np.stack([x_S, -(x_S**2) / 2], axis=1)
attended = attempt(scaled_dot_attention, q_T2, k_S2, y_S[:, None])
yours_T = attempt(kernel_regression, xq_T, x_S, y_S, h)
if attended is not None and yours_T is not None:
    print(f"1964 and your regression:           {abs(watson_T - yours_T).max():.0e}")
    print(f"your attention and your regression: {abs(attended[0][:, 0] - yours_T).max():.0e}")

# %% [markdown]
# Three ways, one result. The algebra says more: if all keys are equally long, $x_i^2$ is the same
# for all and drops out too. Then dot-product attention **is** this regression, with keys as
# examples and values as what is predicted. Tsai et al. (2019) take Transformers apart from there.
# What a Transformer adds: it learns where to put the examples.
#
# ## 8 · Attention is a memory
#
# Memory seems to work from cues: a bit of a melody, and the rest is there. Hopfield (1982) built a
# network that does so with patterns of ±1. Ramsauer et al. (2020) let the numbers be any, and found
# the step
#
# $$x\;\leftarrow\;\sum_n w_n\,\xi_n\qquad w=\mathrm{softmax}_n(\beta\;\xi_n\cdot x)$$
#
# By hand, two patterns and a cue:

# %%
patterns_ND = np.array([[1.0, 1.0, 0.0], [-1.0, 0.0, 2.0]])
cue_D = np.array([1.0, 0.5, 0.0])
scores = 2 * patterns_ND @ cue_D  # β = 2
print("scores:  ", scores)
w_N = np.exp(scores) / np.exp(scores).sum()
print("weights: ", w_N)
print("recalled:", w_N @ patterns_ND)

# %% [markdown]
# The cue's 0.5 has become 0.99: nearly the first pattern, completed. And the step looks familiar:
# the state is a query, the patterns are keys **and** values, β stands for $1/\sqrt{d_k}$.
#
# ### L4.5 Recall
#
# *Difficulty ●●●○○ · importance ●●●●○ · 12 minutes · 6 points · `hint("L4.5")`*
#
# Several steps: what comes out asks again.


# %% answer="L4.5"
def hopfield_recall(patterns_ND, probe_D, beta, steps):
    """What a memory of N patterns makes of a probe.

    patterns_ND: (N, D), one stored pattern a row. probe_D: (D,), the cue. beta: how sharp, from 0.
    steps: how often the state is replaced by the mean of the patterns, weighted by
    softmax(β pattern·state).

    Returns the last state, shape (D,); for 0 steps a copy of the probe.
    """
    ### BEGIN SOLUTION
    x_D = probe_D.copy()
    for _ in range(steps):
        e_N = beta * (patterns_ND @ x_D)
        exp_N = np.exp(e_N - e_N.max())
        x_D = exp_N / exp_N.sum() @ patterns_ND
    return x_D
    ### END SOLUTION


# %% check="L4.5"
report = check("L4.5", hopfield_recall)
report.points

# %% [markdown]
# Real patterns: ten handwritten digits of 8 by 8 pixels, which come with scikit-learn. Each is
# shifted to mean 0 and stretched to length 8, as a pattern of 64 numbers ±1 would be. First, the
# witness: is one step really your attention?

# %%
from sklearn.datasets import load_digits

digits = load_digits()
first = [int(np.flatnonzero(digits.target == kind)[0]) for kind in range(10)]
stored_ND = digits.data[first] - digits.data[first].mean(axis=1, keepdims=True)
stored_ND *= 8 / np.linalg.norm(stored_ND, axis=1, keepdims=True)
probe_D = stored_ND[3] + rng.normal(size=64)
recalled = attempt(hopfield_recall, stored_ND, probe_D, 1 / np.sqrt(64), 1)
attended = attempt(scaled_dot_attention, probe_D[None], stored_ND, stored_ND)
if recalled is not None and attended is not None:
    print(f"largest difference: {abs(recalled - attended[0][0]).max():.0e}")

# %% [markdown]
# One step of this memory **is** one query of attention, with $\beta=1/\sqrt{d_k}$. Now a noisy
# digit asks. Try β near 0, at 0.125 and at 0.25, with 1 and with 8 steps, and noise of 2 or 3.
# The panel runs your function.

# %%
recall_panel(hopfield_recall)

# %% [markdown]
# Let us count, over 500 noisy digits. **Predict before you run.** At β = 0.125, attention's own,
# does asking five times beat asking once?


# %%
def share_recalled(beta, steps, noise=1.0, tries=50):
    rng, hits = np.random.default_rng(1), 0
    for digit in range(10):
        for _ in range(tries):
            probe_D = stored_ND[digit] + noise * rng.normal(size=64)
            x_D = hopfield_recall(stored_ND, probe_D, beta, steps)
            hits += ((stored_ND - x_D) ** 2).sum(axis=1).argmin() == digit
    return hits / (10 * tries)


ready = attempt(hopfield_recall, stored_ND, stored_ND[0], 1.0, 1) is not None
for beta in (1 / 64, 0.125, 0.25, 1.0) if ready else ():
    once, often = share_recalled(beta, 1), share_recalled(beta, 5)
    print(f"β {beta:.3f}: nearest to the right digit after 1 step {once:.1%}, after 5 {often:.1%}")

# %% [markdown]
# It gets worse! At 0.125 the first step gives a **mixture**, in which the right digit leads. A
# mixture is shorter than a pattern, so its scores are lower and the next weights flatter; step by
# step the digits blur. From 0.25 on the state stays where it is. Ramsauer et al. describe just
# these cases: a mean of all patterns, of some, or a single one.
#
# Is it a good memory? Fairly compared: with simply picking the nearest stored digit (no steps).

# %%
for noise in (1.0, 2.0, 3.0) if ready else ():
    memory, nearest = share_recalled(1.0, 5, noise), share_recalled(1.0, 0, noise)
    print(f"noise {noise}: memory {memory:.1%}, nearest neighbour {nearest:.1%}")

# %% [markdown]
# Exactly the same. A sharp softmax memory picks the pattern with the largest product, and among
# patterns of equal length that is the nearest neighbour. What is new is that it is smooth, so
# that a network can learn **through** it. And how much fits in? Random patterns of 64 numbers ±1,
# six of which are flipped in the cue; beside it the network of 1982, which takes signs of
# $\sum_n\xi_n(\xi_n\cdot x)$.

# %%
for N in (5, 10, 20, 1000) if ready else ():
    X_ND = rng.choice([-1.0, 1.0], size=(N, 64))
    tested, right_1982, right = X_ND[:50], 0, 0
    for pattern_D in tested:
        cue_D = pattern_D.copy()
        cue_D[rng.permutation(64)[:6]] *= -1
        x_D = cue_D
        for _ in range(5):
            x_D = np.sign(X_ND.T @ (X_ND @ x_D) - N * x_D + 1e-9)
        right_1982 += np.array_equal(x_D, pattern_D)
        right += np.allclose(hopfield_recall(X_ND, cue_D, 1.0, 1), pattern_D, atol=0.01)
    print(f"{N:4} patterns: 1982 {right_1982 / len(tested):.0%}, softmax {right / len(tested):.0%}")

# %% [markdown]
# The old network breaks down between 10 and 20 patterns; with a softmax, 1000 are no trouble. One
# difference is easily overlooked: the old one keeps a single 64 × 64 matrix, ours keeps every
# pattern.
#
# ## 9 · And people?
#
# The words *attention*, *memory* and *recall* come from psychology. Is there more to it than
# words? Let us look at one thing that people and our memory have in common, recall from part of a
# cue. Here only the upper half of each digit is shown:

# %%
seen_D = np.repeat([1.0, 0.0], 32)
if ready:
    recalled_ND = np.stack([hopfield_recall(stored_ND, d_D * seen_D, 0.25, 2) for d_D in stored_ND])
    shown_ND = np.where(seen_D > 0, stored_ND, np.nan)
    rows = {"stored": stored_ND, "the cue": shown_ND, "recalled": recalled_ND}
attempt(draw_digits, rows) if ready else None

# %% [markdown]
# All ten are completed. How small may a cue be?

# %%
for seen in (4, 8, 16, 32, 64) if ready else ():
    hits = 0
    for d_D in np.repeat(stored_ND, 20, axis=0):
        cue_D = d_D * (rng.permutation(64) < seen)
        x_D = hopfield_recall(stored_ND, cue_D, 1.0, 2)
        hits += np.allclose(x_D, d_D, atol=0.1)
    print(f"{seen:2} of 64 pixels shown: {hits / 200:.0%} recalled")

# %% [markdown]
# **Evidence from people and animals.** Recall depends on how a cue fits what was stored: Tulving
# & Thomson (1973) found words that people recalled with a cue and yet did not recognise. Details
# are harder. Divers recalled words better where they had learned them, under water or on land
# (Godden & Baddeley, 1975); Murre (2021) repeated it and found no such effect. Mice that lack a
# receptor in one part of the hippocampus failed when only some cues were left (Nakazawa et al.,
# 2002); Mei et al. (2011) removed it only at recall, though not in that part alone, and recall
# was normal. So the **phenomenon** is real, its mechanism is debated, and none of this tests a
# softmax.

# %%
claims = {
    "one step of this memory is attention": "proven (Ramsauer et al.); you checked it",
    "attention is a kernel regression": "proven for keys of equal length; you checked it",
    "people classify by similarity to examples": "evidence: fits behaviour (Nosofsky 1986)",
    "networks of neurons could compute it": "possible in theory (Krotov & Hopfield 2021)",
    "models look where people look": "evidence against, in 2016 (Das et al.)",
    "brains store keys apart from values": "a hypothesis (Gershman et al. 2025)",
    "attention layers attend like people": "analogy, by name",
}
pd.DataFrame({"how sure": claims})

# %% [markdown]
# Nosofsky's model is close to L4.4: similarity to every stored example, divided by the sum. It
# describes what people **do**, not how brains do it. Das et al. asked people and networks where to
# look in a picture to answer a question, and found little agreement.
#
# Where the analogy breaks: for psychologists, attention is the control of **limited** resources
# (Lindsay, 2020). A layer computes all T·S scores, wherever its weights fall. It forgets nothing,
# has no effort, and its "memory" is a text that lies open before it. Looking away saves nothing:

# %%
for T in (7, 100, 10_000):
    print(f"{T:6,} words: {T * T:11,} scores, whatever the weights will be")

# %% [markdown]
# ### Question
#
# *3 points, read by a person. A few sentences are enough.*
#
# A newspaper writes: "Transformers pay attention and remember just like people."
#
# 1. What in it is mathematics? Name one equality between attention and a memory or a regression, and
#    say which quantities play the roles of query, key, value and $1/\sqrt{d_k}$.
# 2. Name one finding with people or animals that fits cue-driven recall, and one result that warns
#    against a simple story. Why does neither test the softmax?
# 3. Propose a measurement that could show the sentence wrong for a model that reads reviews. What
#    would you compare with what, and which outcome would refute it?

# %% [markdown] manual="L4-people" points=3
# ### BEGIN MARK SCHEME
# **Model answer.** (1) One step of the continuous Hopfield memory is attention with a single
# query: the state (cue) is the query, the stored patterns are both keys and values, β stands for
# 1/√d_k. Or: Nadaraya–Watson regression is attention whose score is −(x − x_i)²/2h²; the new x is
# the query, the x_i are keys, the y_i values, h sets the sharpness as √d_k does. (2) For example
# Tulving & Thomson (words recalled with a cue though not recognised) or Nakazawa et al. (mice and
# partial cues); against: Murre's failed repetition of the divers, or Mei et al. Neither looks at
# how similarities are turned into weights: any monotone rule, such as picking the nearest, would
# recall from partial cues too (section 8: same hits as nearest neighbour). (3) For example:
# record where people's eyes rest, or which words they say they needed, on 200 reviews; correlate
# word by word with the model's weights; compare with a baseline (word length, position, random
# weights). If the correlation isn't above the baseline's, the sentence is refuted for this model.
#
# **Marks.** 1 point for (1): a right equality *and* all four roles; ½ with one or two roles wrong.
# 1 point for (2): a finding, a warning *and* the reason; ½ for two of the three. 1 point for (3): what is
# compared with what *and* an outcome that would refute; ½ without a baseline or without such an
# outcome.
# ### END MARK SCHEME

# %% [markdown]
# ## 10 · What you have now
#
# - **Queries** look, **keys** are found, **values** are handed out: a dictionary that answers softly.
# - **√d_k** keeps scores at a spread of 1 where queries and keys are independent. It decides where
#   training starts, not what can be said. Only inputs that don't saturate can test it.
# - **One formula, three lives**: attention is a regression with examples as keys, and a memory with
#   patterns as keys and values. For people it is an analogy, unless tested.
#
# One crack is left. Sentences differ in length; in a batch, short ones are filled up with rows of
# zeros. **Predict before you run.** A row of zeros scores 0. How much weight do five of them take?

# %%
padded_TD = np.concatenate([x_TD, np.zeros((5, 2))])
attended = attempt(scaled_dot_attention, x_TD, padded_TD, padded_TD)
if attended is not None:
    for word, w_S in zip(tokens, attended[1], strict=True):
        print(f"{word:6} gives {w_S[len(tokens) :].sum():.0%} of its weight to nothing")

# %% [markdown]
# Up to 38 %, and how much depends on the longest sentence of the batch, which has nothing to do
# with this one. In **lesson 5** you teach attention what it must not see.

# %% [markdown]
# ### Further reading: the mathematics
#
# - Vaswani et al., *Attention Is All You Need* (NeurIPS 2017): section 3.2.1, which you can now read
#   line by line.
# - Nadaraya, *On Estimating Regression* (1964); Watson, *Smooth Regression Analysis* (1964); Tsai et
#   al., *Transformer Dissection* (EMNLP 2019): attention as a kernel smoother.
# - Hopfield, *Neural networks and physical systems with emergent collective computational abilities*
#   (PNAS 1982); Ramsauer et al., *Hopfield Networks is All You Need* (ICLR 2021).

# %%
from attnkit.progress import course_map

course_map()

# %% [markdown]
# ### Further reading: brains and people
#
# - Lindsay, *Attention in Psychology, Neuroscience, and Machine Learning* (Frontiers in Computational
#   Neuroscience, 2020): begin here.
# - Krotov & Hopfield, *Large Associative Memory Problem in Neurobiology and Machine Learning* (ICLR
#   2021); Gershman, Fiete & Irie, *Key-value memory in the brain* (2025): what neurons could do.
# - Tulving & Thomson (Psychological Review, 1973); Godden & Baddeley (British Journal of Psychology,
#   1975) with Murre (Royal Society Open Science, 2021): cues and contexts.
# - Nakazawa et al. (Science, 2002) with Mei et al. (PLoS ONE, 2011): partial cues in mice.
# - Nosofsky (Journal of Experimental Psychology: General, 1986): classifying by examples.
# - Das et al., *Human Attention in Visual Question Answering* (EMNLP 2016).
