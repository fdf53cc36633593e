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
# So far a single query asked, and a single mean came back. Now every word may ask. One formula
# does it, the one inside GPT, chat assistants and machine translation:
#
# $$\mathrm{attention}(Q,K,V)=\mathrm{softmax}\!\left(\frac{QK^\top}{\sqrt{d_k}}\right)V$$
#
# By the end you can
#
# - write it for one sentence, many sentences and many heads;
# - say where $\sqrt{d_k}$ comes from, and which tests don't notice when it is missing;
# - carry gradients back through attention, and train your own on a task that no average can solve.
#
# **Two sittings of an hour and a half** (sections 1 to 6, 7 to 9): five exercises, 37 points. **Two
# optional ones** of half an hour at the end: attention as a regression, as a memory (two exercises
# and a question, 14 points). You need lessons 1 to 3.

# %%
import functools
import time

import numpy as np
import pandas as pd
from attnkit import check, hint, predict, predicted
from attnkit.data import split
from attnkit.figures import draw_attention
from attnkit.figures.digits import draw_digits
from attnkit.panels import query_panel, recall_panel, scaling_panel
from attnkit.panels.kernel import kernel_panel
from attnkit.words import word_plane
from IPython.display import display

np.set_printoptions(precision=2, suppress=True)

# %% [markdown]
# After a break: *Kernel ▸ Restart Kernel and Run up to Selected Cell*.
#
# | letter | size of | here |
# |---|---|---|
# | T | queries: who asks | 1, later 7 |
# | S | keys, and as many values: who may answer | 3, later 7 |
# | K | numbers in a query or a key, also written $d_k$ | 2, later 6 |
# | V | numbers in a value | 1, later 10 |
# | D | numbers in a word | 2, later 19 |
# | B, H, N | sentences, heads, stored patterns | later |
#
# ## 1 · A dictionary that answers "nearly" too
#
# A Python dictionary has keys and values. A query either matches a key exactly, or finds nothing:

# %%
stars = {"comedy": 4.5, "drama": 3.0, "horror": 1.0}
for query in ("comedy", "sad comedy"):
    print(f"{query}: {stars.get(query, 'no such key')}")

# %% [markdown]
# Ask a person about a "sad comedy", and you get an answer: something between comedy and drama. To do
# the same, we have to measure how well a query fits a key. Let each be two numbers, *how funny* and
# *how sad*, and let the score be their dot product, as in lesson 1:

# %%
k_SK = np.array([[2.0, 0.0], [0.0, 2.0], [-1.0, -1.0]])  # comedy, drama, horror
v_S = np.array([4.5, 3.0, 1.0])  # how many stars
q_K = np.array([1.0, 0.5])  # funny, and a little sad
exps = np.exp(k_SK @ q_K)
print("scores: ", k_SK @ q_K)
print("weights:", exps / exps.sum())
print("stars:  ", round(exps / exps.sum() @ v_S, 2))

# %% [markdown]
# The scores are 2, 1 and −1.5, so most of the answer comes from *comedy* and some from *drama*.
# Three roles:
#
# - the **query** says what is being looked for;
# - a {{key (what it is found by): the vector that a query is compared with}} says what its entry can be
#   found by;
# - the {{value (what is handed out): the vector that goes into the mean, in the share of its weight}} is
#   what the entry hands out. Here keys have two numbers and values one.
#
# Now the same as a slow loop. It is the specification for this whole lesson. (The divisor gets its
# explanation in section 3.)


# %%
def look_up(query, keys, values, divisor=1.0):
    scores = [sum(a * b for a, b in zip(query, key, strict=True)) / divisor for key in keys]
    exps = [np.exp(score - max(scores)) for score in scores]
    weights = [number / sum(exps) for number in exps]
    output = 0.0
    for weight, value in zip(weights, values, strict=True):
        output = output + weight * value
    return output, np.array(weights)


# %%
predict("L4.length", "How many stars come back for a query 0 times as long? 10 times as long?")

# %%
for length in (0, 0.5, 1, 10):
    output, weights = look_up(length * q_K, k_SK, v_S)
    print(f"times {length:3}: weights {weights}  stars {output:.2f}")
predicted("L4.length")

# %% [markdown]
# A query of length 0 has no preference, so it gets the plain mean, 2.83. A very long one gets what
# Python's dictionary would give, 4.50. In between, attention is a **soft dictionary**. And unlike a
# hard one it changes smoothly, so it can be learned with lesson 3's gradients.
#
# ## 2 · A sentence in which every word asks
#
# In lesson 1 the query $u$ came from outside. In {{self-attention (a sentence asks itself): attention in
# which queries, keys and values are all made from the same words}} every word brings a query of its own. A word $x_i$, a row of D numbers, becomes query, key and value through three matrices:
#
# $$q_i=x_i\,W_q\qquad k_i=x_i\,W_k\qquad v_i=x_i\,W_v$$
#
# They are learned, and in section 8 you'll train yours. For a start we pick two of them by hand, to
# see why asking and being found need a matrix each:

# %%
plane = word_plane()
tokens, x_TD = plane.embed("great story , bad idea for a movie .")
Wq_DK = np.array([[0.0, 0.0], [-2.0, 0.0]])  # the commoner I am, the more I look for praise
Wk_DK = np.array([[1.0, 0.0], [0.0, 1.0]])  # I'm found by my praise and my rarity, as they are
great, a = tokens.index("great"), tokens.index("a")
for name, W_DK in (("one matrix for both", Wk_DK), ("two matrices", Wq_DK)):
    e_TT = (x_TD @ W_DK) @ (x_TD @ Wk_DK).T
    print(f"{name}: 'a' asks 'great' {e_TT[a, great]:.2f}, 'great' asks 'a' {e_TT[great, a]:.2f}")

# %% [markdown]
# With a single matrix the scores are symmetric: if I look hard at you, you look just as hard at me.
# With two, *a* can look for *great* without *great* looking back.
#
# ## 3 · Wide keys shout
#
# Our keys have 2 numbers; those of real models have 64 and more. Let's draw queries and keys at
# random, 7 keys for each query, and look at the largest of the 7 weights.

# %%
predict("L4.wide", "How large is it on average, if keys are 4 numbers wide? 64? 1024?")

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
predicted("L4.wide")

# %% [markdown]
# Nothing was learned, it's all chance, and yet at width 1024 one key takes 97 % of the weight. A dot
# product of wide vectors adds up many terms, so it comes out large, one way or the other. Divide it
# by the root of the width, and the largest weight is 0.37 to 0.40 at any width. Section 6 shows why
# it is the root.
#
# ### L4.1 Scaled dot-product attention
#
# *Difficulty ●●○○○ · importance ●●●●● · 20 minutes · 7 points · `hint("L4.1")`*
#
# `look_up` for T queries at once, without its loops, each score divided by $\sqrt{d_k}$. The checks
# include scores of ±1000; lesson 2 knows how to handle those.


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
# Our sentence, with each word asking all of them. For now $W_q$, $W_k$ and $W_v$ change nothing: a
# word's point in the plane serves as its query, its key and its value.

# %%
o_TD, w_TT = scaled_dot_attention(x_TD, x_TD, x_TD)
slow_TD = np.stack([look_up(x_D, x_TD, x_TD, np.sqrt(2))[0] for x_D in x_TD])
print(f"largest difference from the slow loop: {abs(o_TD - slow_TD).max():.0e}")
draw_attention(w_TT, tokens, row=tokens.index("idea"))

# %% [markdown]
# Read along a row: whom does this word ask? *idea* gives 0.73 of its weight to *bad* and only 0.15
# to itself. Blame looks for blame, and *bad* is the loudest. After one round of attention, then,
# *idea* means something like "bad idea": its output has moved towards *bad*. That is what the
# formula is for. A word's vector takes in what stands around it, and becomes {{contextual|contextual
# vector (a word in its sentence): a word's vector that depends on the words around it}}.

# %%
change = {"praise before": x_TD[:, 0], "praise after": o_TD[:, 0]}
pd.DataFrame(change, index=tokens).T.round(2)

# %% [markdown]
# Now you ask. The panel runs **your function** with one query, the arrow; the words are its keys and
# its values. Find a query that pulls the star as far to the left as it will go. Then find one for
# which *for*, *a* and *movie* share most of the weight.

# %%
query_panel(scaled_dot_attention, tokens, x_TD, axes=("praise", "rarity"))

# %% [markdown]
# Furthest left: a long arrow pointing left, which gives everything to *bad*. And an arrow straight down
# finds the common words, *a* above all.
#
# ## 4 · Tests that can't see
#
# You could get through an exercise like this with the wrong divisor, and nobody would notice. It
# depends on the inputs. Here are four divisors, only one of them right, on three kinds of input:
#
# - 4 keys of width 4;
# - 7 keys of width 6, with all numbers 100 times as large;
# - 7 keys of width 6, standard normal, as in the checks of this course.

# %%
predict("L4.tests", "Which of these inputs catch which wrong divisors: none, K, √S?")

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
predicted("L4.tests")

# %% [markdown]
# With four keys of width four, $\sqrt S$ **is** $\sqrt K$. With large numbers any divisor passes, even
# none at all: the best key takes everything, so the weights are 0 and 1 whatever you divide by (the
# softmax is *saturated*). Published exercises use both kinds of input. Ours have sizes that all
# differ, none the square of another, and scores that spread by about 1.
#
# When you test attention, choose inputs on which a mistake would **show**.
#
# ## 5 · Many sentences, many heads
#
# Models work on B sentences at a time (a **batch**), with H **heads** in each: H sets of queries, keys
# and values that look for different things. Arrays get two more axes in front. What do `@` and `.T`
# make of them?

# %%
q_BHTK, k_BHSK = rng.normal(size=(3, 2, 5, 6)), rng.normal(size=(3, 2, 7, 6))
print("k:              ", k_BHSK.shape)
print("k.T:            ", k_BHSK.T.shape)
print("k.swapaxes(2, 3):", k_BHSK.swapaxes(2, 3).shape)
print("q @ that:       ", (q_BHTK @ k_BHSK.swapaxes(2, 3)).shape)

# %% [markdown]
# `.T` reverses **all** axes. `@` multiplies the last two and leaves those in front alone, so that one
# line serves all sentences and heads.
#
# ### L4.2 One product for all
#
# *Difficulty ●●●○○ · importance ●●●●● · 20 minutes · 7 points · `hint("L4.2")`*
#
# L4.1 for every sentence and every head, none of which may see another. A loop over b and h is fine;
# without one it's shorter than you think. Which of your axes did you count from the front?


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
# Two real sentences of seven words each, and two hand-made heads. Head 0 sees only how much praise a
# word holds (K = 1), head 1 only how rare the word is. For *movie*, praise is −0.8 and rarity −0.9.

# %%
predict("L4.movie", "Whom will 'movie' ask most, in each sentence and by each head?")

# %%
tokens2, x2_TD = plane.embed("this is a truly , truly bad movie .")
x_BTD = np.stack([x_TD, x2_TD])
x_BHTK = x_BTD.transpose(0, 2, 1)[..., None]  # (B, T, D) -> (B, H = D, T, K = 1)
w_BHTS = batched_attention(x_BHTK, x_BHTK, x_BHTK)[1]
for b, words in enumerate((tokens, tokens2)):
    for h, head in enumerate(("praise", "rarity")):
        w_S = w_BHTS[b, h, words.index("movie")]
        print(f"sentence {b}, head {h} ({head}): {words[w_S.argmax()]:5} {w_S.max():.2f}")
predicted("L4.movie")

# %% [markdown]
# Head 0 looks for blame and finds *bad*; head 1 looks for common words and finds *a*; each stays
# within its own sentence. Lesson 6 shows how heads are cut out of one wide vector and joined again.
#
# ## 6 · Why the root?
#
# By hand: queries and keys of width 2, each number +1 or −1. A product $q\cdot k$ then has two terms
# of ±1, and four cases are equally likely:

# %%
products = np.array([a + b for a in (-1, 1) for b in (-1, 1)])
print("products q·k:      ", products)
print("mean square:       ", np.mean(products**2.0))
print("standard deviation:", round(products.std(), 3), " √2 =", round(2**0.5, 3))

# %% [markdown]
# Their mean is 0, and their mean square (the **variance**) is 2: one for each term, since independent
# terms partly cancel. At width $d$ it is $d$, so the products spread by $\sqrt d$. That's the whole
# reason for the root.
#
# ### L4.3 Measure it
#
# *Difficulty ●●○○○ · importance ●●●●○ · 15 minutes · 4 points · `hint("L4.3")`*
#
# Don't believe it: measure it, for vectors of standard normal numbers. Draw from the generator `rng`
# that you're handed, so that the experiment can be repeated: `rng.normal(size=(n, width))`.


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
spread = score_std(widths, 5000, np.random.default_rng(1))
pd.DataFrame({"spread": spread, "√width": np.sqrt(widths)}, index=widths).T.round(2)

# %% [markdown]
# So once they are divided by $\sqrt{d_k}$, scores spread by 1 at any width. What would be so bad
# about a larger spread? Lesson 2 showed that a softmax that is completely sure stops learning. So let
# the loss send a random gradient back to the weights of 7 keys.

# %%
predict(
    "L4.stuck", "How much of it reaches the scores, at width 4 and 1024, undivided and divided?"
)

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
predicted("L4.stuck")

# %% [markdown]
# Undivided at width 1024, half of all queries get next to no gradient. Move the width yourself; the
# weights are yours:

# %%
scaling_panel(scaled_dot_attention)

# %% [markdown]
# ### What is known, and what isn't
#
# Vaswani et al. (2017), who introduced the divisor, write in section 3.2.1 that they *suspect* small
# gradients to be why undivided attention did worse. We have seen those gradients vanish, for random
# vectors. That tells us where training **starts**, and no more. Two things to keep in mind:
#
# **The divisor adds no ability.** A model without it can make up for it with a $W_q$ that is
# $\sqrt{d_k}$ times smaller:

# %%
Wq_DK, Wk_DK, x_SD = rng.normal(size=(8, 64)), rng.normal(size=(8, 64)), rng.normal(size=(7, 8))
divided = (x_SD @ Wq_DK) @ (x_SD @ Wk_DK).T / np.sqrt(64)
absorbed = (x_SD @ (Wq_DK / np.sqrt(64))) @ (x_SD @ Wk_DK).T
print(f"largest difference of the scores: {abs(divided - absorbed).max():.0e}")

# %% [markdown]
# **It rests on an assumption**: that query and key are independent. In self-attention without $W_q$
# and $W_k$, a word's own key **is** its query.

# %%
predict("L4.self", "How much of its weight does a word then give itself, at width 64?")

# %%
for K in (4, 16, 64):
    x_TK = rng.normal(size=(7, K))
    w_TT = scaled_dot_attention(x_TK, x_TK, x_TK)[1]
    print(f"width {K:2}: a word's weight for itself {np.diag(w_TT).mean():.2f}")
predicted("L4.self")

# %% [markdown]
# Nearly all of it, divisor or not: $x\cdot x$ is a sum of squares, about $d$ rather than $\sqrt d$,
# so $\sqrt d$ is left after the division. Whatever queries and keys learn to share grows like that.
# The root is right for strangers.
#
# *This is a good place for a break: the second sitting begins here.*
#
# ## 7 · The way back through attention
#
# We picked $W_q$, $W_k$ and $W_v$ by hand. To **learn** them we need a gradient for every number in
# $q$, $k$ and $v$: the **backward pass**, as in lesson 3. (What you wrote in L4.1 is the **forward
# pass**.) First by feeling, as there:


# %%
def feel(function, array, h=1e-6):
    slopes = np.zeros_like(array)
    for place in np.ndindex(array.shape):
        up, down = array.copy(), array.copy()
        up[place] += h
        down[place] -= h
        slopes[place] = (function(up) - function(down)) / (2 * h)
    return slopes


# %% [markdown]
# One query, two keys of width 4, values of one number, and a loss that simply is the output. Both
# scores are 4/2, so both weights are ½. The values are 4 and 0.

# %%
predict(
    "L4.pull", "Key 0 moves a little towards the query: does the output rise or fall? And key 1?"
)

# %%
q_1K = np.array([[2.0, 2.0, 0.0, -2.0]])
k_SK = np.array([[3.0, 1.0, 0.0, 2.0], [1.0, 1.0, 4.0, 0.0]])
v_SV = np.array([[4.0], [0.0]])
print("dv:", feel(lambda v: scaled_dot_attention(q_1K, k_SK, v)[0].sum(), v_SV).ravel())
print("dq:", feel(lambda q: scaled_dot_attention(q, k_SK, v_SV)[0].sum(), q_1K).ravel())
print("dk:", feel(lambda k: scaled_dot_attention(q_1K, k, v_SV)[0].sum(), k_SK), sep="\n")
predicted("L4.pull")

# %% [markdown]
# Towards the query, key 0 raises the output, since more weight goes to the 4; key 1 lowers it by just
# as much. Each value gets its own weight, ½. Where do the other numbers come from? Walk back, one
# line at a time:
#
# | forward | backward |
# |---|---|
# | $e=q\,k^\top/\sqrt K$ | $dq$ and $dk$ from $de$: your turn |
# | $w=\mathrm{softmax}(e)$ | $de=w\,(dw-\sum_s w\,dw)$, row by row: `softmax_vjp`, L2.3 |
# | $o=w\,v$ | $dw=do\,v^\top$ and $dv=w^\top do$ |
#
# The last line is lesson 3's rule for products, on tables: each factor gets the *other* one. If you
# forget which side must be turned (**transposed**), the shapes will tell you.

# %%
w_1S = scaled_dot_attention(q_1K, k_SK, v_SV)[1]
dw_1S = np.ones((1, 1)) @ v_SV.T
de_1S = w_1S * (dw_1S - (w_1S * dw_1S).sum(axis=-1, keepdims=True))
print("w: ", w_1S, " dw:", dw_1S, " de:", de_1S)

# %% [markdown]
# So raising the first score by 1 would raise the output by about 1, and raising the second would lower
# it. From here it is one more product back to $q$ and $k$, and the numbers that you felt should come
# out. Don't lose $\sqrt K$ on the way.
#
# ### L4.6 Backward through attention
#
# *Difficulty ●●●○○ · importance ●●●●● · 30 minutes · 8 points · `hint("L4.6")`*
#
# For T queries at once. A key is asked by all of them, so their gradients add up. `scaled_dot_attention`
# hands you the weights; for the softmax you may copy your L2.3, or write its line out. The three
# results are checked one by one.


# %% answer="L4.6"
def attention_backward(q_TK, k_SK, v_SV, do_TV):
    """The gradients of the loss in q, k and v, from its gradient in o of scaled_dot_attention.

    q_TK: (T, K), k_SK: (S, K), v_SV: (S, V), as in L4.1. do_TV: (T, V), the gradient in o.

    Returns (dq_TK, dk_SK, dv_SV), each of the shape of what it belongs to.
    """
    ### BEGIN SOLUTION
    _, w_TS = scaled_dot_attention(q_TK, k_SK, v_SV)
    dw_TS = do_TV @ v_SV.T
    de_TS = w_TS * (dw_TS - (w_TS * dw_TS).sum(axis=-1, keepdims=True)) / q_TK.shape[1] ** 0.5
    return de_TS @ k_SK, de_TS.T @ q_TK, w_TS.T @ do_TV
    ### END SOLUTION


# %% check="L4.6"
report = check("L4.6", attention_backward)
report.points

# %% [markdown]
# The second witness knows nothing of your derivation. Differences around 1e-9 are its own rounding
# (**finite differences** are never exact):

# %%
q_TK, k_SK, v_SV, do_TV = (rng.normal(size=shape) for shape in ((5, 6), (7, 6), (7, 4), (5, 4)))
felt = {
    "dq": feel(lambda q: (do_TV * scaled_dot_attention(q, k_SK, v_SV)[0]).sum(), q_TK),
    "dk": feel(lambda k: (do_TV * scaled_dot_attention(q_TK, k, v_SV)[0]).sum(), k_SK),
    "dv": feel(lambda v: (do_TV * scaled_dot_attention(q_TK, k_SK, v)[0]).sum(), v_SV),
}
walked = attention_backward(q_TK, k_SK, v_SV, do_TV)
for (name, slopes), own in zip(felt.items(), walked, strict=True):
    print(f"{name} {slopes.shape}: largest difference {abs(slopes - own).max():.0e}")

# %% [markdown]
# ## 8 · A task that attention must win
#
# In lesson 3, nobody could prove that attention beats a plain mean: whether a sentence praises is
# nearly a sum over its words. So here is a task of another kind. A cloakroom attendant notes who
# hangs a coat on which hook. Then somebody comes back: **which hook?** The field calls this
# {{associative recall (looking up): finding the value that was paired with a given key}}.
#
# Each row of a list is a name and a hook, and the last is a name and a question mark. A name is a 1
# in one of 8 places (a {{one-hot (one number for each thing): a vector of zeros with a single 1, whose
# place says what is meant}} code), a hook a 1 in one of 10, and the question mark has a place
# of its own: D = 19 numbers, nearly all of them 0.

# %%
NAMES = ("ann", "ben", "cleo", "dan", "eve", "finn", "gus", "hana")


def draw(rng, pairs=4):
    """A fresh list and the hook that answers it: x_TD, with the question in its last row."""
    who, hook = rng.permutation(8)[:pairs], rng.permutation(10)[:pairs]
    asked, rows = rng.integers(pairs), np.arange(pairs)
    x_TD = np.zeros((pairs + 1, 19))
    x_TD[rows, who] = x_TD[rows, 8 + hook] = 1
    x_TD[-1, who[asked]] = x_TD[-1, 18] = 1
    return x_TD, hook[asked]


def words_of(x_TD):
    whom, what = x_TD[:, :8].argmax(axis=1), x_TD[:, 8:].argmax(axis=1)
    return [f"{NAMES[n]} {'?' if h == 10 else h}" for n, h in zip(whom, what, strict=True)]


# %%
rng = np.random.default_rng(4)
for _ in range(3):
    list_TD, answer = draw(rng)
    print(" · ".join(words_of(list_TD)), " →", answer)

# %% [markdown]
# Nobody can learn these answers by heart: every list is new. You have to find the name's row, and say
# what stands beside it.
#
# Suppose a model sees only the **mean** of the rows, and may do with it whatever it likes, in a network
# as large as you please.

# %%
predict("L4.mean", "How often can it be right at best? (What if two people swap hooks?)")

# %%
swapped_TD = list_TD.copy()
swapped_TD[[0, 1], 8:] = list_TD[[1, 0], 8:]
print(" · ".join(words_of(swapped_TD)))
print("change of the mean:", abs(swapped_TD.mean(axis=0) - list_TD.mean(axis=0)).max())
predicted("L4.mean")

# %% [markdown]
# Two people have swapped hooks. Their answers change; the mean doesn't. It knows which names there are and
# which hooks, but not who hangs where, so all it can do is guess, one in four. No network behind it can
# bring back what averaging has thrown away.
#
# Attention keeps the rows apart. The last row asks, all rows may answer, and values are 10 wide, one
# score for each hook (its **logit**). With K = 6 that makes 418 numbers to learn (**parameters**), all
# of them noise at first:


# %%
def new_params(seed, K=6, scale=0.3):
    rng = np.random.default_rng(seed)
    sizes = {"Wq": (19, K), "Wk": (19, K), "Wv": (19, 10)}
    return {name: rng.normal(0, scale, shape) for name, shape in sizes.items()}


def recall(params, x_TD):
    """The forward pass: the logits of the 10 hooks, and how the question weighs the rows."""
    q_1K, k_TK, v_TV = x_TD[-1:] @ params["Wq"], x_TD @ params["Wk"], x_TD @ params["Wv"]
    o_1V, w_1T = scaled_dot_attention(q_1K, k_TK, v_TV)
    return o_1V[0], w_1T[0]


o_V, w_T = recall(new_params(0), list_TD)
print(sum(array.size for array in new_params(0).values()), "numbers to learn")
print(f"untrained, it says hook {o_V.argmax()}; its weights:", w_T)

# %% [markdown]
# The loss is lesson 2's cross-entropy, for ten hooks instead of two labels: minus the logarithm of the
# softmax at the right hook. Its gradient in the logits is as short as it was there, **the
# probabilities, minus 1 at the right answer**. Check it by feeling:


# %%
def loss(o_V, answer):
    return np.logaddexp.reduce(o_V) - o_V[answer]


o_V = np.array([1.0, 0.0, 2.0])
print("felt:   ", feel(lambda o: loss(o, 1), o_V))
p_V = np.exp(o_V) / np.exp(o_V).sum()
print("formula:", p_V - np.array([0, 1, 0]))

# %% [markdown]
# ### L4.7 Learn to look things up
#
# *Difficulty ●●●●○ · importance ●●●●● · 30 minutes · 11 points · `hint("L4.7")`*
#
# `recall_gradients` goes there and back for one list: forward as in `recall`, then the loss's gradient,
# then your `attention_backward`, and last the three matrices. If $k=x\,W_k$, then $dW_k=x^\top dk$: the
# product rule again. Logits may be large in the checks, so take a softmax that you can trust.
# `train_recall` takes the steps, with fresh lists for each.
#
# The optimiser is **your Adam** of L3.3. This notebook doesn't know it, so copy it over. In the end the
# checks let your training run for a moment, and ask 250 lists that nobody has met: 98 % must be right.


# %% answer="L4.7"
def adam_step(params, grads, state, lr=1e-3, beta1=0.9, beta2=0.999, eps=1e-8):
    """L3.3, copied over from lesson 3's notebook. Not checked again."""
    ### BEGIN SOLUTION
    t = state["t"] + 1
    m = {name: beta1 * state["m"][name] + (1 - beta1) * grads[name] for name in params}
    v = {name: beta2 * state["v"][name] + (1 - beta2) * grads[name] ** 2 for name in params}
    new = {}
    for name in params:
        m_hat, v_hat = m[name] / (1 - beta1**t), v[name] / (1 - beta2**t)
        new[name] = params[name] - lr * m_hat / (np.sqrt(v_hat) + eps)
    return new, {"m": m, "v": v, "t": t}
    ### END SOLUTION


def recall_gradients(params, x_TD, answer):
    """The gradients of one list's loss in the three matrices.

    params: {"Wq": (D, K), "Wk": (D, K), "Wv": (D, V)}. x_TD: (T, D), the question in its last row.
    answer: the right hook's number, 0 … V − 1.

    Returns a dict of gradients under the same names.
    """
    ### BEGIN SOLUTION
    q_1K, k_TK, v_TV = x_TD[-1:] @ params["Wq"], x_TD @ params["Wk"], x_TD @ params["Wv"]
    o_1V, _ = scaled_dot_attention(q_1K, k_TK, v_TV)
    exp_1V = np.exp(o_1V - o_1V.max())
    do_1V = exp_1V / exp_1V.sum()
    do_1V[0, answer] -= 1
    dq_1K, dk_TK, dv_TV = attention_backward(q_1K, k_TK, v_TV, do_1V)
    return {"Wq": x_TD[-1:].T @ dq_1K, "Wk": x_TD.T @ dk_TK, "Wv": x_TD.T @ dv_TV}
    ### END SOLUTION


def train_recall(params, state, draw, gradients, step, steps, batch_size, rng):
    """Train for some steps, each on batch_size fresh lists; returns (params, state).

    draw(rng) gives a fresh list and its answer, (x_TD, answer).
    gradients(params, x_TD, answer) gives the gradients of one list, a dict.
    step(params, grads, state) gives new (params, state), from mean gradients.
    """
    ### BEGIN SOLUTION
    for _ in range(steps):
        each = [gradients(params, *draw(rng)) for _ in range(batch_size)]
        mean = {name: sum(grads[name] for grads in each) / batch_size for name in params}
        params, state = step(params, mean, state)
    return params, state
    ### END SOLUTION


# %% check="L4.7"
report = check("L4.7", recall_gradients, train_recall)
report.points

# %% [markdown]
# Now train, and watch. One list is kept apart, and we look at how its four questions weigh its rows:
# before training, and after 25, 50 and 150 steps. The title says how many of 1,000 fresh lists are right.


# %%
def map_of(params, x_TD):
    """The weights (4, 5) when each of a list's four names is asked for, and the questions."""
    rows, questions = [], []
    for pair_D in x_TD[:-1]:
        asked_TD = x_TD.copy()
        asked_TD[-1, :8] = pair_D[:8]
        rows.append(recall(params, asked_TD)[1])
        questions.append(words_of(asked_TD)[-1])
    return np.array(rows), questions


def share_right(params, seed, pairs=4, n=1000):
    rng = np.random.default_rng(seed)
    lists = [draw(rng, pairs) for _ in range(n)]
    return np.mean([recall(params, x_TD)[0].argmax() == answer for x_TD, answer in lists])


# %%
def train_and_draw(seed, kept_TD, lr=0.02):
    params, rng, maps = new_params(seed), np.random.default_rng(seed), {}
    zeros = {name: np.zeros_like(array) for name, array in params.items()}
    state, picture = {"m": zeros, "v": zeros, "t": 0}, display(display_id=True)
    step = functools.partial(adam_step, lr=lr)
    for more in (0, 25, 25, 100):
        params, state = train_recall(params, state, draw, recall_gradients, step, more, 32, rng)
        right = share_right(params, seed=1000 + seed)
        weights, questions = map_of(params, kept_TD)
        maps[f"step {state['t']}: {right:.0%}"] = weights
        keys = [*words_of(kept_TD)[:-1], "the question"]
        picture.update(draw_attention(list(maps.values()), questions, keys, heads=list(maps)))
    return params


# %%
predict("L4.map", "What will the map look like at the end? Which square of each row is bright?")

# %%
start = time.perf_counter()
trained = train_and_draw(seed=0, kept_TD=draw(np.random.default_rng(7))[0])
print(f"{time.perf_counter() - start:.0f} seconds")
predicted("L4.map")

# %% [markdown]
# The map **appears**: at first the question looks everywhere, at the end each name looks at its own
# row. Nobody told it where to look. It was only ever told the right hook, for 150 times 32 lists, and
# the gradient found out that this is where to look for it. Now make a list of your own:


# %%
def ask(params, people, who):
    x_TD = np.zeros((len(people) + 1, 19))
    for row, (name, hook) in enumerate([*people.items(), (who, 10)]):  # hook 10 is the "?"
        x_TD[row, [NAMES.index(name), 8 + hook]] = 1
    o_V, w_T = recall(params, x_TD)
    print(" · ".join(words_of(x_TD)), " →", o_V.argmax(), " weights:", w_T)


ask(trained, {"eve": 3, "gus": 0, "ann": 7}, "gus")

# %% [markdown]
# How much of this is attention's doing? Take it away, leave everything else as it is (an
# *ablation*), and train again. With the same gradients, the same Adam and matrices of the same size,
# we hold a part of $W_q$ at zero:
#
# - *asks by name*: nothing is held; this is yours;
# - *a fixed query*: only the question mark's row of $W_q$ may learn, so that all questions ask alike, as
#   lesson 3's $u$ did;
# - *a plain mean*: all of $W_q$ is zero, and all rows weigh the same.


# %%
def trained_with(free_D1, seed, steps=300, draw=draw):
    params = new_params(seed)
    params["Wq"] = params["Wq"] * free_D1

    def gradients(params, x_TD, answer):
        grads = recall_gradients(params, x_TD, answer)
        return {**grads, "Wq": grads["Wq"] * free_D1}

    zeros = {name: np.zeros_like(array) for name, array in params.items()}
    state, step = {"m": zeros, "v": zeros, "t": 0}, functools.partial(adam_step, lr=0.02)
    rng = np.random.default_rng(seed)
    return train_recall(params, state, draw, gradients, step, steps, 32, rng)[0]


free = {"asks by name": np.ones((19, 1)), "a fixed query": np.zeros((19, 1))}
free["a fixed query"][18] = 1
free["a plain mean"] = np.zeros((19, 1))


# %%
predict("L4.ablation", "What share will each of the three get right? (A guess gets 25 %.)")


# %%
def interval(share, n):
    """95 % of the time the true share lies in here (Wilson 1927), even if all or none are right."""
    z2 = 1.96**2 / n
    middle, half = share + z2 / 2, np.sqrt(z2 * (share * (1 - share) + z2 / 4))
    return f"{(middle - half) / (1 + z2):.1%} to {(middle + half) / (1 + z2):.1%}"


start = time.perf_counter()
for name, free_D1 in free.items():
    shares = [share_right(trained_with(free_D1, seed), 1000 + seed) for seed in (0, 1, 2)]
    each = " ".join(f"{share:6.1%}" for share in shares)
    print(f"{name:13} {each}   together {interval(np.mean(shares), 3000)}")
print(f"{time.perf_counter() - start:.0f} seconds")
predicted("L4.ablation")

# %% [markdown]
# Attention wins, and not by a little. The other two do no better than somebody who names any hook of the
# list: the mean has lost who hangs where, and a fixed query has weighed the rows before it knows who is
# asked for. Three random beginnings, 3,000 fresh lists: this time there is no doubt.
#
# **What has it learned?** A one-hot row times a matrix picks out a row of the matrix. So the first 8 rows
# of $W_q$ are the names' queries, those of $W_k$ their keys. Here is every name's query against every
# name's key:

# %%
scores_NN = trained["Wq"][:8] @ trained["Wk"][:8].T / np.sqrt(6)
pd.DataFrame(scores_NN, index=[f"{name} ?" for name in NAMES], columns=NAMES).round(1)

# %% [markdown]
# Large on the diagonal, small or negative off it: *find the key that is like me*. That looks like a
# procedure, not a list of facts. If it is one, it has to work where nothing could be learned by heart.
# The training lists had 4 people: what about 2, or 8? And what if, in all of training, *ann* never hung
# her coat on hook 4?

# %%
predict("L4.longer", "What share of lists of 2 and of 8 is right? And of those with ann on hook 4?")


# %%
def draw_without_ann_4(rng, pairs=4):
    while True:
        x_TD, answer = draw(rng, pairs)
        if not (x_TD[:, 0] * x_TD[:, 8 + 4]).any():
            return x_TD, answer


for pairs in (2, 4, 8):
    print(f"{pairs} people: {share_right(trained, seed=5, pairs=pairs):.1%} of 1,000 lists right")
never = trained_with(free["asks by name"], seed=0, draw=draw_without_ann_4)
rng, said = np.random.default_rng(6), []
while len(said) < 200:
    list_TD, answer = draw(rng)
    if answer == 4 and list_TD[-1, 0]:  # ann is asked for, and hangs on hook 4
        said.append(recall(never, list_TD)[0].argmax())
print(f"ann on hook 4, never met in training: {np.mean(np.array(said) == 4):.1%} of 200 right")
predicted("L4.longer")

# %% [markdown]
# It really looks things up. What it needs stands in the list, not in its 418 numbers. Chat models do so
# with what you wrote a moment ago: {{in-context learning (using what was just read): doing
# a task from what stands in the text, without any change of the weights}}.
#
# **How far does this carry?** We built the task so that attention must win, with name and hook in one
# row. In a text they are two words, and it takes two layers: one joins neighbours, the next looks up.
# Such pairs have been found in trained models ({{induction heads|induction head: a head that finds where
# the present word stood before and looks at what came after it}}, Olsson et al. 2022). And of what
# language models with attention had over gated convolutions, 82 % came from just this recalling (Arora et
# al. 2024). Sentiment hardly needs it, so lesson 3 saw no gain.
#
# Last, eight people, twice as many as in training:

# %%
list_TD, answer = draw(np.random.default_rng(8), pairs=8)
draw_attention(recall(trained, list_TD)[1], words_of(list_TD))

# %% [markdown]
# ## 9 · What you have now
#
# - **Queries** look, **keys** are found, **values** are handed out: a dictionary that answers softly.
# - **√d_k** keeps scores at a spread of 1 where queries and keys are independent. It decides where
#   training starts, not what can be said. Only inputs that don't saturate can test it.
# - **Backward**: three products and a softmax. All queries ask a key, so it adds up what they send back.
# - **Attention wins where something must be looked up.** A mean forgets who belongs to whom.
#
# One crack is left. In a batch, short sentences are filled up with rows of zeros (**padding**). A row
# of zeros scores 0.

# %%
predict("L4.pads", "Five such rows stand behind our sentence: how much weight do they take?")

# %%
padded_TD = np.concatenate([x_TD, np.zeros((5, 2))])
w_TS = scaled_dot_attention(x_TD, padded_TD, padded_TD)[1]
for word, w_S in zip(tokens, w_TS, strict=True):
    print(f"{word:6} gives {w_S[len(tokens) :].sum():.0%} of its weight to nothing")
predicted("L4.pads")

# %% [markdown]
# Up to 38 %, and how much depends on the longest sentence of the batch, which has nothing to do with
# this one. In **lesson 5** you teach attention what it must not see.
#
# ### Further reading
#
# - Vaswani et al., *Attention Is All You Need* (NeurIPS 2017): section 3.2.1, which you can now read
#   line by line.
# - Associative recall: Graves et al., *Neural Turing Machines* (2014), an early test; Olsson et al.,
#   *In-context Learning and Induction Heads* (2022); Arora et al., *Zoology: Measuring and Improving
#   Recall in Efficient Language Models* (ICLR 2024).

# %%
from attnkit.progress import course_map

course_map()

# %% [markdown]
# ---
#
# *From here on everything is optional: two sittings of half an hour, A and B, in either order. Lessons
# 5 to 8 need none of it.*
#
# ## A · Optional: attention is a regression
#
# You have examples $(x_i,y_i)$ and a new $x$: what will its $y$ be? Nadaraya and Watson, both in
# 1964, let near examples count more, by a bell curve of width $h$ (a {{kernel (likeness by distance): a
# function of two points that says how alike they are}}). By hand, for $x=0.5$:

# %%
x_S, y_S, h = np.array([0.0, 1.0, 3.0]), np.array([10.0, 20.0, 60.0]), 1.5
bells = np.exp(-((0.5 - x_S) ** 2) / (2 * h**2))
print("bells:     ", bells)
print("weights:   ", bells / bells.sum())
print("prediction:", round(bells / bells.sum() @ y_S, 2))

# %% [markdown]
# Exponentials divided by their sum: that's a softmax. The query is $x$, the keys are the $x_i$, the
# values the $y_i$. Only the score is a different one, minus the squared distance:
#
# $$w_i=\mathrm{softmax}_i\!\left(-\frac{(x-x_i)^2}{2h^2}\right)\qquad \hat y=\sum_i w_i\,y_i$$
#
# ### L4.4 Regression by attention
#
# *Optional · difficulty ●●○○○ · importance ●●●○○ · 15 minutes · 5 points · `hint("L4.4")`*
#
# For T queries and S examples. Some queries in the checks lie far from all examples: what becomes of
# the bells there, and what helped in lesson 2?


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
# On real reviews: $x$ is the praise of a sentence's plain mean (lesson 1), $y$ is 1 for praise and 0
# for blame. So $\hat y$ is the share of praise among similar sentences. The list is sorted by label,
# so we take every second sentence as an example and keep the others for later.

# %%
reviews = split("mr").validation
praise_N = np.array([plane.embed(text)[1].mean(axis=0)[0] for text in reviews.text])
label_N = reviews.label.to_numpy(float)
x_S, y_S, xq_T, yq_T = praise_N[::2], label_N[::2], praise_N[1::2], label_N[1::2]
kernel_panel(x_S, y_S, kernel_regression)

# %% [markdown]
# Make $h$ very small, then very large. Which curve would you trust for new sentences? Below is the mean
# squared error, once on the examples themselves and once on the 500 sentences we kept. A coin (always ½)
# has 0.25.

# %%
predict("L4.bell", "Which h is best on the examples, and which on new sentences?")

# %%
for h in (0.001, 0.01, 0.05, 0.15, 0.5, 5):
    own = np.mean((kernel_regression(x_S, x_S, y_S, h) - y_S) ** 2)
    new = np.mean((kernel_regression(xq_T, x_S, y_S, h) - yq_T) ** 2)
    print(f"h {h:5}: on the examples {own:.3f}, on new sentences {new:.3f}")
predicted("L4.bell")

# %% [markdown]
# The sharpest attention is best on what it has seen and worse than a coin on everything else: it has
# learned single sentences by heart (**overfitting**). A very wide one says ½ to everything
# ({{underfitting (learning too little): a model is too simple even for the examples it has seen}}). In between lies a width that works, 0.15 here, and only sentences that were
# **kept** can tell. What the width of the bell does for this regression, $\sqrt{d_k}$ and the length of
# queries do for attention.
#
# ### Two witnesses
#
# First, the formula as Nadaraya and Watson had it, with SciPy's bell curve. Second, your own attention,
# and for that a line of algebra:
#
# $$-\frac{(x-x_i)^2}{2h^2}=\frac{x\,x_i-x_i^2/2}{h^2}-\frac{x^2}{2h^2}$$
#
# The last term is the same for all examples, so the softmax doesn't see it. What remains is a dot
# product of $(x,1)/h^2$ with $(x_i,-x_i^2/2)$.

# %%
from scipy.stats import norm

h = 0.15
bells = [norm.pdf((x - x_S) / h) for x in xq_T]
watson_T = np.array([(bell * y_S).sum() / bell.sum() for bell in bells])
q_T2 = np.sqrt(2) * np.stack([xq_T, np.ones_like(xq_T)], axis=1) / h**2  # √2 undoes the divisor
k_S2 = np.stack([x_S, -(x_S**2) / 2], axis=1)
yours_T = kernel_regression(xq_T, x_S, y_S, h)
attended_T = scaled_dot_attention(q_T2, k_S2, y_S[:, None])[0][:, 0]
print(f"1964 and your regression:           {abs(watson_T - yours_T).max():.0e}")
print(f"your attention and your regression: {abs(attended_T - yours_T).max():.0e}")

# %% [markdown]
# Three ways, one result. The algebra says more: if all keys are equally long, $x_i^2$ is the same for
# all and drops out too. Then dot-product attention **is** this regression, with keys as examples and
# values as what is predicted. What a Transformer adds is that it learns where to put the examples.
#
# *Further reading: Nadaraya, On Estimating Regression (1964); Watson, Smooth Regression Analysis (1964);
# Tsai et al., Transformer Dissection (EMNLP 2019), on attention as a kernel smoother.*
#
# ## B · Optional: attention is a memory
#
# Memory works from cues: hum a few notes, and the rest of the tune is there. Hopfield (1982) built a
# network that does this with patterns of ±1. Ramsauer et al. (2020) allowed any numbers:
#
# $$x\;\leftarrow\;\sum_n w_n\,\xi_n\qquad w=\mathrm{softmax}_n(\beta\;\xi_n\cdot x)$$
#
# By hand, two patterns and a cue:

# %%
rng = np.random.default_rng(0)
patterns_ND = np.array([[1.0, 1.0, 0.0], [-1.0, 0.0, 2.0]])
cue_D = np.array([1.0, 0.5, 0.0])
scores = 2 * patterns_ND @ cue_D  # β = 2
print("scores:  ", scores)
w_N = np.exp(scores) / np.exp(scores).sum()
print("weights: ", w_N)
print("recalled:", w_N @ patterns_ND)

# %% [markdown]
# The cue's 0.5 has become 0.99: nearly the first pattern, completed. And the step looks familiar: the
# state is a query, the patterns are keys **and** values, and β stands for $1/\sqrt{d_k}$.
#
# ### L4.5 Recall
#
# *Optional · difficulty ●●●○○ · importance ●●●○○ · 20 minutes · 6 points · `hint("L4.5")`*
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
# Real patterns: ten handwritten digits of 8 by 8 pixels, which come with scikit-learn. Each is shifted
# to mean 0 and stretched to length 8, as a pattern of 64 numbers ±1 would be. First, the witness: is
# one step really your attention?

# %%
from sklearn.datasets import load_digits

digits = load_digits()
first = [int(np.flatnonzero(digits.target == kind)[0]) for kind in range(10)]
stored_ND = digits.data[first] - digits.data[first].mean(axis=1, keepdims=True)
stored_ND *= 8 / np.linalg.norm(stored_ND, axis=1, keepdims=True)
probe_D = stored_ND[3] + rng.normal(size=64)
recalled_D = hopfield_recall(stored_ND, probe_D, 1 / np.sqrt(64), 1)
attended_D = scaled_dot_attention(probe_D[None], stored_ND, stored_ND)[0][0]
print(f"largest difference: {abs(recalled_D - attended_D).max():.0e}")

# %% [markdown]
# One step of this memory **is** one query of attention, with $\beta=1/\sqrt{d_k}$. Now a noisy digit
# asks. Try β near 0, at 0.125 and at 0.25, with 1 and with 8 steps, and noise of 2 or 3. The panel runs
# your function.

# %%
recall_panel(hopfield_recall)

# %% [markdown]
# Let's count, over 500 noisy digits, at several β. Attention's own is 0.125.

# %%
predict("L4.again", "At β = 0.125, does asking five times beat asking once?")


# %%
def share_recalled(beta, steps, noise=1.0, tries=50):
    rng, hits = np.random.default_rng(1), 0
    for digit in range(10):
        for _ in range(tries):
            probe_D = stored_ND[digit] + noise * rng.normal(size=64)
            x_D = hopfield_recall(stored_ND, probe_D, beta, steps)
            hits += ((stored_ND - x_D) ** 2).sum(axis=1).argmin() == digit
    return hits / (10 * tries)


for beta in (1 / 64, 0.125, 0.25, 1.0):
    once, often = share_recalled(beta, 1), share_recalled(beta, 5)
    print(f"β {beta:.3f}: nearest to the right digit after 1 step {once:.1%}, after 5 {often:.1%}")
predicted("L4.again")

# %% [markdown]
# It gets worse! At 0.125 the first step gives a **mixture** in which the right digit leads. A mixture is
# shorter than a pattern, so its scores are lower and the next weights flatter; step by step the digits
# blur into one another. From 0.25 on the state stays where it is. Ramsauer et al. describe just these
# cases: a mean of all patterns, of some, or a single one.
#
# Is it a good memory? The fair comparison is simply to pick the nearest stored digit (no steps).

# %%
for noise in (1.0, 2.0, 3.0):
    memory, nearest = share_recalled(1.0, 5, noise), share_recalled(1.0, 0, noise)
    print(f"noise {noise}: memory {memory:.1%}, nearest neighbour {nearest:.1%}")

# %% [markdown]
# Exactly the same. A sharp softmax memory picks the pattern with the largest product, and among
# patterns of equal length that is the nearest neighbour. What is new is that it is smooth, so that a
# network can learn **through** it. And how much fits in? Take random patterns of 64 numbers ±1, with six
# of them flipped in the cue. Beside it stands the network of 1982, which takes signs of
# $\sum_n\xi_n(\xi_n\cdot x)$.

# %%
for N in (5, 10, 20, 1000):
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
# Somewhere from 10 to 20 patterns the old network breaks down; with a softmax, 1000 are no trouble. One
# difference is easily overlooked: the old one keeps a single 64 × 64 matrix, ours keeps every pattern.
#
# ### And people?
#
# The words *attention*, *memory* and *recall* come from psychology. Is there more to it than words?
# Let's look at something that people and our memory have in common: recall from part of a cue. Here
# only the upper half of each digit is shown:

# %%
seen_D = np.repeat([1.0, 0.0], 32)
recalled_ND = np.stack([hopfield_recall(stored_ND, d_D * seen_D, 0.25, 2) for d_D in stored_ND])
shown_ND = np.where(seen_D > 0, stored_ND, np.nan)
draw_digits({"stored": stored_ND, "the cue": shown_ND, "recalled": recalled_ND})

# %% [markdown]
# All ten are completed. How small can a cue be?

# %%
for seen in (4, 8, 16, 32, 64):
    hits = 0
    for d_D in np.repeat(stored_ND, 20, axis=0):
        cue_D = d_D * (rng.permutation(64) < seen)
        x_D = hopfield_recall(stored_ND, cue_D, 1.0, 2)
        hits += np.allclose(x_D, d_D, atol=0.1)
    print(f"{seen:2} of 64 pixels shown: {hits / 200:.0%} recalled")

# %% [markdown]
# **Evidence from people and animals.** Recall depends on how well a cue fits what was stored: Tulving &
# Thomson (1973) found words that people could recall with a cue and yet did not recognise. The details
# are harder. Divers recalled words better where they had learned them, under water or on land (Godden &
# Baddeley, 1975); Murre (2021) repeated the experiment and found no such effect. Mice that lack a
# receptor in one part of the hippocampus failed when only some cues were left (Nakazawa et al., 2002);
# Mei et al. (2011) removed it only at recall, though not in that part alone, and recall was normal. So
# the **phenomenon** is real, its mechanism is debated, and none of this tests a softmax.

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
# Nosofsky's model is close to L4.4: similarity to every stored example, divided by the sum. It describes
# what people **do**, not how brains do it. Das et al. asked people and networks where to look in a
# picture to answer a question, and found little agreement.
#
# Where the analogy breaks: to psychologists, attention is the control of **limited** resources (Lindsay,
# 2020). A layer computes all T·S scores, wherever its weights fall. It forgets nothing, makes no effort,
# and its "memory" is a text that lies open before it. Looking away saves nothing:

# %%
for T in (7, 100, 10_000):
    print(f"{T:6,} words: {T * T:11,} scores, whatever the weights will be")

# %% [markdown]
# ### Question
#
# *Optional, 3 points, read by a person. A few sentences are enough.*
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
# recall from partial cues too (sitting B: same hits as nearest neighbour). (3) For example:
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
# ### Further reading on memory, brains and people
#
# - Hopfield, *Neural networks and physical systems with emergent collective computational abilities*
#   (PNAS 1982); Ramsauer et al., *Hopfield Networks is All You Need* (ICLR 2021).
# - Lindsay, *Attention in Psychology, Neuroscience, and Machine Learning* (Frontiers in Computational
#   Neuroscience, 2020): begin here.
# - Krotov & Hopfield, *Large Associative Memory Problem in Neurobiology and Machine Learning* (ICLR
#   2021); Gershman, Fiete & Irie, *Key-value memory in the brain* (2025): what neurons could do.
# - Tulving & Thomson (Psychological Review, 1973); Godden & Baddeley (British Journal of Psychology,
#   1975) with Murre (Royal Society Open Science, 2021): cues and contexts.
# - Nakazawa et al. (Science, 2002) with Mei et al. (PLoS ONE, 2011): partial cues in mice.
# - Nosofsky (Journal of Experimental Psychology: General, 1986): classifying by examples.
# - Das et al., *Human Attention in Visual Question Answering* (EMNLP 2016).
