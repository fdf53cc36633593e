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
# # Lesson 6: many heads
#
# One query brings back one mean, but a sentence often has to answer several questions at once. Here attention
# gets several heads, each with a question of its own, for the price of one.
#
# Afterwards you can
#
# - cut an array into heads and put it together again;
# - write multi-head attention, masks included, in about ten lines;
# - show a task that needs a second head, and one that doesn't;
# - load your matrices into Keras's layer and get the same numbers;
# - test common beliefs about heads by experiments with controls.
#
# About three hours, with a good place for a break behind section 4: five exercises (27 points) and one
# question (3 points). You need lessons 4 and 5.

# %%
import numpy as np
from attnkit import check, explore, hint, predict, predicted
from attnkit.data import split
from attnkit.figures import draw_weights
from attnkit.panels import budget_panel, heads_panel, strip_panel
from attnkit.readers import practice_batch, reader_gradients, train_reader
from attnkit.words import word_plane

np.set_printoptions(precision=2, suppress=True)

# %% [markdown]
# ## 1 · One head, one answer
#
# Back to our sentence of lesson 1, whose words have two numbers each, praise and rarity. *great* lies far on
# the side of praise and *bad* far on the side of blame. One query looks for praise. Another looks for blame:
# it is the opposite query, so it gives the opposite scores.


# %%
def softmax(e):
    exps = np.exp(e - e.max(axis=-1, keepdims=True))
    return exps / exps.sum(axis=-1, keepdims=True)


tokens, x_TD = word_plane().embed("great story , bad idea for a movie .")
praise_D, blame_D = np.array([1.0, 0.0]), np.array([-1.0, 0.0])
for name, query_D in (("praise", praise_D), ("blame", blame_D)):
    w_T = softmax(x_TD @ query_D)
    print(f"{name:6}", *(f"{word} {w:.2f} " for word, w in zip(tokens, w_T, strict=True)))

# %% [markdown]
# The critic says two things, and each query finds its own. Now take a reader that has to make do with a
# single query, but wants to know both: is there praise, and is there blame? So it adds the two queries up.

# %%
predict("L6.sum", "What will the weights of the sum of both queries be?")

# %%
w_T = softmax(x_TD @ (praise_D + blame_D))
predicted("L6.sum")
draw_weights(tokens, w_T, "Praise and blame in one query")

# %% [markdown]
# The two wishes cancel out, and every word gets one seventh. Opposites are an extreme case, but the trouble is
# a general one: whatever the query, a softmax has **one** whole to hand out, and what comes back is one mean.
# Two questions need two softmaxes.
#
# So ask twice, and lay the two answers side by side. Each of them is a {{head (one question): one of several
# attentions that work side by side, each with queries, keys, values and a softmax of its own}}:

# %%
heads = [softmax(x_TD @ query_D) @ x_TD for query_D in (praise_D, blame_D)]
print("one query: ", w_T @ x_TD)
print("two heads: ", np.concatenate(heads))

# %% [markdown]
# The four numbers hold what two numbers couldn't: strong praise (the first) **and** strong blame (the third).
#
# ## 2 · A head owns columns
#
# Twice as many numbers, twice the cost? No, because each head gets only a part of the width. With D = 512
# numbers a word and H = 8 heads, each head works with K = D / H = 64 of them.
#
# | letter | size of |
# |---|---|
# | B | sentences in a batch |
# | T, S | words that ask, words that are asked |
# | D | numbers that describe a word |
# | H | heads |
# | K | numbers of a head, D / H |
#
# So `x_BTD` has to be cut first. To see where each number goes, we use names in place of numbers: b3 is
# number 3, counted from 0, of word b.

# %%
names_TD = np.array([[f"{word}{d}" for d in range(4)] for word in "abc"])
print(names_TD)

# %% [markdown]
# Three words, two heads. Slowly and beyond doubt: number k of word t in head h is number hK + k of that word.

# %%
T, D, H = 3, 4, 2
K = D // H
cut_HTK = np.empty((H, T, K), names_TD.dtype)
for h in range(H):
    for t in range(T):
        for k in range(K):
            cut_HTK[h, t, k] = names_TD[t, h * K + k]
print(cut_HTK)

# %% [markdown]
# Every head has all three words, and two numbers of each word.
#
# The result has the shape (2, 3, 2), and NumPy can turn a (3, 4) array into that shape with one call.

# %%
predict("L6.reshape", "Which words will the first head hold after names_TD.reshape(2, 3, 2)?")

# %%
print(names_TD.reshape(H, T, K))
predicted("L6.reshape")

# %% [markdown]
# The first head now holds all of word a and half of word b, in three rows that only look like three words. A
# reshape keeps the **reading order** of the numbers and just breaks the lines elsewhere. What we want changes
# that order, and it takes two moves.
#
# Beware: nothing crashes, and the shape is right.
#
# Go through the steps with four words of six numbers, the right way beside a wrong one. An orange frame marks
# a block in which heads are mixed up. (The picture counts heads from 1, code from 0.) For which number of
# heads does the bare reshape do no harm?

# %%
heads_panel()

# %% [markdown]
# For one head only: then there is nothing to cut.
#
# ### L6.1 Cut a width into heads
#
# *Difficulty ●●●○○ · importance ●●●●● · 20 minutes · 5 points · `hint("L6.1")`*
#
# Now with a batch axis, and without loops. If D is no multiple of H, raise a ValueError (or see to it
# that NumPy does).


# %% answer="L6.1"
def split_heads(x_BTD, H):
    """H heads, each with its own K = D / H neighbouring numbers of every word.

    x_BTD: (B, T, D), one word a row. H: the number of heads.

    Returns x_BHTK, shape (B, H, T, K): a (T, K) table for each head. Raises ValueError if D is no
    multiple of H.
    """
    ### BEGIN SOLUTION
    B, T, D = x_BTD.shape
    x_BTHK = x_BTD.reshape(B, T, H, D // H)
    return x_BTHK.transpose(0, 2, 1, 3)
    ### END SOLUTION


# %% check="L6.1"
report = check("L6.1", split_heads)
report.points

# %% [markdown]
# Here is the panel again, with **your function** at step 2 between the right way and the bare reshape:

# %%
heads_panel(split_heads)

# %% [markdown]
# ## 3 · And back
#
# After attention, the heads are laid side by side again, word by word. That is L6.1 backwards, last step
# first.
#
# ### L6.2 Merge the heads
#
# *Difficulty ●●○○○ · importance ●●●●● · 15 minutes · 4 points · `hint("L6.2")`*


# %% answer="L6.2"
def merge_heads(x_BHTK):
    """The heads of each word side by side again: what `split_heads` did, undone.

    x_BHTK: (B, H, T, K). Returns x_BTD, shape (B, T, D) with D = H · K.
    """
    ### BEGIN SOLUTION
    B, H, T, K = x_BHTK.shape
    x_BTHK = x_BHTK.transpose(0, 2, 1, 3)
    return x_BTHK.reshape(B, T, H * K)
    ### END SOLUTION


# %% check="L6.2"
report = check("L6.2", merge_heads)
report.points

# %%
panel = heads_panel(split_heads, merge_heads)
panel.set(step=3)
panel

# %% [markdown]
# Splitting and then merging must give back what went in. That sounds like a good test of both functions.

# %%
predict("L6.round", "Will the *wrong* pair, two bare reshapes, pass this test too?")

# %%
x_BTD = np.random.default_rng(0).normal(size=(2, 4, 6))
wrong_BHTK = x_BTD.reshape(2, 3, 4, 2)
print("two reshapes:  ", np.array_equal(wrong_BHTK.reshape(2, 4, 6), x_BTD))
predicted("L6.round")
print("your pair:     ", np.array_equal(merge_heads(split_heads(x_BTD, 3)), x_BTD))

# %% [markdown]
# It does, perfectly. Two mistakes that undo each other will hide from every round trip. A better test looks
# **in between**: if only the first word changes, only the first row of each head may change.

# %%
changed_BTD = x_BTD.copy()
changed_BTD[:, 0] += 1
moved = changed_BTD.reshape(2, 3, 4, 2) != wrong_BHTK
print("bare reshape:  rows that change in each head", moved[0].any(axis=-1).astype(int).tolist())
moved = split_heads(changed_BTD, 3) != split_heads(x_BTD, 3)
print("your function: rows that change in each head", moved[0].any(axis=-1).astype(int).tolist())

# %% [markdown]
# With the bare reshape, the first word takes up three of the four places of the first head, and the other
# heads never see it.
#
# ## 4 · The whole layer
#
# Where do a head's numbers come from? Three matrices turn words into queries, keys and values, by a
# {{projection (times a matrix): a vector multiplied by a learned matrix, so that it is seen from another side}}
# each, and head h uses its own K columns. Words are rows, so it is $x\,W$:
#
# $$q_h=x\,W_q^{(h)}\qquad k_h=x'\,W_k^{(h)}\qquad v_h=x'\,W_v^{(h)}$$
#
# $$o=\Big[\mathrm{softmax}\big(q_0k_0^\top/\sqrt K\big)v_0\;\Big|\;\dots\;\Big|\;\mathrm{softmax}\big(q_{H-1}k_{H-1}^\top/\sqrt K\big)v_{H-1}\Big]\,W_o$$
#
# The bars set the heads side by side, and the last matrix $W_o$ mixes them. The words $x$ that ask and the
# words $x'$ that are asked may be the same (self-attention) or not ({{cross-attention (others are asked): attention in
# which the queries come from one text or picture, and keys and values from another}}). One query of one head at
# a time:


# %%
def slow_multi_head(x_q_BTD, x_kv_BSD, Wq_DD, Wk_DD, Wv_DD, Wo_DD, H, keep_BHTS):
    (B, T, D), K = x_q_BTD.shape, x_q_BTD.shape[2] // H
    merged_BTD = np.zeros((B, T, D))
    for b, h, t in np.ndindex(B, H, T):
        own = slice(h * K, (h + 1) * K)  # the head's columns
        q_K = x_q_BTD[b, t] @ Wq_DD[:, own]
        seen = np.flatnonzero(keep_BHTS[b, h, t])
        scores = [q_K @ (x_kv_BSD[b, s] @ Wk_DD[:, own]) / np.sqrt(K) for s in seen]
        exps = [np.exp(score - max(scores)) for score in scores]
        for s, exp in zip(seen, exps, strict=True):
            merged_BTD[b, t, own] += exp / sum(exps) * (x_kv_BSD[b, s] @ Wv_DD[:, own])
    return merged_BTD @ Wo_DD


# %% [markdown]
# That is the specification. A query that may see nothing (`seen` is empty) gets zeros, as in lesson 5.
#
# One thing is easy to miss. Lesson 4 divided scores by the root of the keys' width. Say a word is D = 32
# numbers wide, and a head K = 4.

# %%
predict("L6.root", "What will the spread of a head's scores be if they are divided by √32?")

# %%
rng = np.random.default_rng(1)
q_NK, k_NK = rng.normal(size=(2, 10_000, 4))
products = (q_NK * k_NK).sum(axis=1)
print(f"divided by √4:  {np.std(products / np.sqrt(4)):.2f}")
print(f"divided by √32: {np.std(products / np.sqrt(32)):.2f}")
predicted("L6.root")

# %% [markdown]
# A head's product sums over its own K numbers only, so √K it is. With √D all weights come out too much alike.
#
# ### L6.3 Multi-head attention
#
# *Difficulty ●●●●○ · importance ●●●●● · 40 minutes · 9 points · `hint("L6.3")`*
#
# All sentences and heads at once: no loop over any of them. Write each step's shape down first. K columns
# of $W_q$ make K columns of $x\,W_q$: so what do you cut, the words, the matrices, or the products?
#
# You know the masked softmax from L5.3, but this notebook doesn't: copy it into the cell, above `multi_head`.
#
# The mask is bool, True = keep, and comes as (B, 1, 1, S), (T, S), (B, 1, T, S) or (B, H, T, S). All of
# these broadcast to the scores' shape by themselves.


# %% answer="L6.3"
def multi_head(x_q_BTD, x_kv_BSD, Wq_DD, Wk_DD, Wv_DD, Wo_DD, H, mask=None):
    """Multi-head attention: the words of x_q ask those of x_kv, in H heads at once.

    x_q_BTD: (B, T, D), x_kv_BSD: (B, S, D).
    Wq_DD, Wk_DD, Wv_DD, Wo_DD: (D, D), used as `x @ W`; head h owns columns hK to hK + K − 1 of
        the first three. D is a multiple of H.
    mask: None, or bool, True = keep, of a shape that broadcasts to (B, H, T, S).

    Returns (o_BTD, w_BHTS): the outputs and the weights. A query that may see nothing has weights
    of 0 and an output of 0.
    """
    ### BEGIN SOLUTION
    B, T, D = x_q_BTD.shape

    def heads(x_BND, W_DD):
        _, N, _ = x_BND.shape
        return (x_BND @ W_DD).reshape(B, N, H, D // H).transpose(0, 2, 1, 3)

    q_BHTK, k_BHSK = heads(x_q_BTD, Wq_DD), heads(x_kv_BSD, Wk_DD)
    e_BHTS = q_BHTK @ k_BHSK.transpose(0, 1, 3, 2) / q_BHTK.shape[-1] ** 0.5
    e_BHTS = np.where(True if mask is None else mask, e_BHTS, -np.inf)
    top = e_BHTS.max(axis=-1, keepdims=True)
    exp_BHTS = np.exp(e_BHTS - np.where(top > -np.inf, top, 0))
    total = exp_BHTS.sum(axis=-1, keepdims=True)
    w_BHTS = exp_BHTS / np.where(total > 0, total, 1)
    o_BHTK = w_BHTS @ heads(x_kv_BSD, Wv_DD)
    return o_BHTK.transpose(0, 2, 1, 3).reshape(B, T, D) @ Wo_DD, w_BHTS
    ### END SOLUTION


# %% check="L6.3"
report = check("L6.3", multi_head)
report.points

# %% [markdown]
# Beside the slow specification, with a mask that differs for every sentence, head and query:

# %%
B, T, S, D, H = 3, 5, 7, 12, 3
x_q_BTD, x_kv_BSD = rng.normal(size=(B, T, D)), rng.normal(size=(B, S, D))
W = rng.normal(size=(4, D, D)) / np.sqrt(D)
mask_BHTS = rng.random((B, H, T, S)) < 0.4
fast_BTD, _ = multi_head(x_q_BTD, x_kv_BSD, *W, H, mask_BHTS)
slow_BTD = slow_multi_head(x_q_BTD, x_kv_BSD, *W, H, mask_BHTS)
print("queries that may see nothing:", int((~mask_BHTS.any(axis=-1)).sum()))
print(f"largest difference: {abs(fast_BTD - slow_BTD).max():.0e}")

# %% [markdown]
# ### What Wo does
#
# Merged heads times $W_o$: head h meets rows hK to hK + K − 1 of $W_o$ and no others. So the output is
# a **sum**: each head adds its own share, through its own rows.

# %%
K = D // H
shares = []
for h in range(H):
    only_h_DD = np.zeros((D, D))
    only_h_DD[h * K : (h + 1) * K] = W[3][h * K : (h + 1) * K]
    shares.append(multi_head(x_q_BTD, x_kv_BSD, *W[:3], only_h_DD, H, mask_BHTS)[0])
print(f"the shares' sum beside the output: {abs(sum(shares) - fast_BTD).max():.0e}")

# %% [markdown]
# Keep that in mind: setting a head's rows of $W_o$ to 0 **silences** it. In section 8 we do so to heads that
# have learned something.
#
# ## 5 · Two questions at once
#
# Back to lesson 4's cloakroom. A list says whose coat hangs on which hook, a guest comes back, and attention
# looks up the hook. Now **two guests come back together**, and one query has to find both hooks.
#
# Each of the six coats on a list is its owner and its hook, both one-hot: 8 + 8 = 16 numbers. So is the
# question: the first guest and the second.

# %%
NAMES = ("ann", "ben", "cleo", "dan", "eve", "finn", "gus", "hana")
one_hot = np.eye(8)


def draw_lists(B, rng):
    """B lists of six coats, the two guests who ask, and their hooks."""
    who_BS, hook_BS = (
        rng.permuted(np.tile(np.arange(8), (B, 1)), axis=1)[:, :6] for _ in ("guests", "hooks")
    )
    coats_BSD = np.concatenate([one_hot[who_BS], one_hot[hook_BS]], axis=-1)
    first_B, second_B = who_BS[:, 0], who_BS[:, 1]  # a list has no order that attention could see
    asked_B1D = np.concatenate([one_hot[first_B], one_hot[second_B]], axis=-1)[:, None]
    return asked_B1D, coats_BSD, hook_BS[:, :2]


# %% [markdown]
# Attention gives back 16 numbers: 8 logits for the hook of the first guest, and 8 for that of the second. To
# learn the four matrices we need the forward pass, which keeps what it computes, …


# %%
def forward(W, x_q_BTD, x_BSD, H, keep=True):
    def cut(x_BND):
        return x_BND.reshape(*x_BND.shape[:2], H, -1)

    q, k, v = cut(x_q_BTD @ W["q"]), cut(x_BSD @ W["k"]), cut(x_BSD @ W["v"])
    e_BHTS = np.einsum("bthk,bshk->bhts", q, k) / q.shape[-1] ** 0.5
    w_BHTS = softmax(np.where(keep, e_BHTS, -1e9))
    merged_BTD = np.einsum("bhts,bshk->bthk", w_BHTS, v).reshape(x_q_BTD.shape)
    return merged_BTD @ W["o"], (q, k, v, w_BHTS, merged_BTD)


# %% [markdown]
# … and the backward pass, from the gradient in the output to the gradient in everything else. It is your
# L4.6 with a head axis, and with the projections in front and behind:


# %%
def backward(W, x_q_BTD, x_BSD, kept, do_BTD):
    q, k, v, w, merged_BTD = kept
    do = (do_BTD @ W["o"].T).reshape(q.shape)
    dw = np.einsum("bthk,bshk->bhts", do, v)
    de = w * (dw - (w * dw).sum(axis=-1, keepdims=True)) / q.shape[-1] ** 0.5  # L2.3
    dq = np.einsum("bhts,bshk->bthk", de, k).reshape(x_q_BTD.shape)
    dk = np.einsum("bhts,bthk->bshk", de, q).reshape(x_BSD.shape)
    dv = np.einsum("bhts,bthk->bshk", w, do).reshape(x_BSD.shape)
    pairs = {"q": (x_q_BTD, dq), "k": (x_BSD, dk), "v": (x_BSD, dv), "o": (merged_BTD, do_BTD)}
    dW = {name: np.einsum("bnd,bne->de", x, dx) for name, (x, dx) in pairs.items()}
    return dW, dq @ W["q"].T, dk @ W["k"].T + dv @ W["v"].T


# %% [markdown]
# Training draws fresh lists at every step. The loss is the cross-entropy of both answers, whose gradient
# in the logits is softmax minus one-hot, and the steps are lesson 3's Adam.


# %%
def train(H, seed, steps=200):
    rng = np.random.default_rng(seed)
    W = {name: rng.normal(0, 0.3, (16, 16)) for name in "qkvo"}
    m, s = ({name: np.zeros((16, 16)) for name in W} for _ in ("mean", "mean square"))
    for t in range(1, steps + 1):
        asked_B1D, coats_BSD, hook_B2 = draw_lists(64, rng)
        o_B1D, kept = forward(W, asked_B1D, coats_BSD, H)
        p_B2N = softmax(o_B1D.reshape(64, 2, 8))
        do_B1D = (p_B2N - one_hot[hook_B2]).reshape(64, 1, 16) / 64
        for name, g in backward(W, asked_B1D, coats_BSD, kept, do_B1D)[0].items():
            m[name], s[name] = 0.9 * m[name] + 0.1 * g, 0.999 * s[name] + 0.001 * g**2
            step = m[name] / (1 - 0.9**t) / (np.sqrt(s[name] / (1 - 0.999**t)) + 1e-8)
            W[name] -= 0.02 * step
    return [W[name] for name in "qkvo"]


# %%
predict(
    "L6.two",
    "One head of 16 numbers, or two heads of 8: both have the same 4 · 16 · 16 parameters. What share of "
    "lists will each answer wholly right? And four heads of 4?",
)

# %% [markdown]
# Each is trained five times, and **your** `multi_head` answers 1,000 fresh lists:

# %%
asked_B1D, coats_BSD, hook_B2 = draw_lists(1000, np.random.default_rng(99))
trained = {H: [train(H, seed) for seed in range(5)] for H in (1, 2, 4)}
for H, runs in trained.items():
    shares = []
    for matrices in runs:
        o_B1D, _ = multi_head(asked_B1D, coats_BSD, *matrices, H)
        right_B2 = o_B1D.reshape(-1, 2, 8).argmax(axis=-1) == hook_B2
        shares.append([*right_B2.mean(axis=0), right_B2.all(axis=1).mean()])
    firsts, seconds, both = np.transpose(shares)
    half = 2.78 * both.std(ddof=1) / np.sqrt(5)  # of the 95 % interval: Student's t for five runs
    print(f"heads: {H}  both hooks right", *(f"{share:6.1%}" for share in both), end="  ")
    print(f"mean {both.mean():.1%} ± {half:.1%}")
    print("          one guest's hook", *(f"{x:6.1%}" for x in np.maximum(firsts, seconds)))
    print("          the other's     ", *(f"{x:6.1%}" for x in np.minimum(firsts, seconds)))
predicted("L6.two")

# %% [markdown]
# No doubt this time: two heads get all 5,000 lists right, so the true share is above 99.9 %. One head, with just as many parameters, answers one
# guest and guesses for the other.
#
# Why doesn't it look at both coats, half and half? Then the mean that it gets would hold both hooks, and
# nothing in it would say which hook is whose. Two heads can ask for one guest each, and put what they find
# into columns of their own. Four heads do as well as two and no better: there are two questions.
#
# Look at the maps. Choose who comes back; the weights are made by your function.

# %%
who_S, hook_S = np.array([4, 0, 6, 2, 7, 1]), np.array([3, 5, 0, 7, 2, 6])
list_1SD = np.concatenate([one_hot[who_S], one_hot[hook_S]], axis=-1)[None]
coats = [f"{NAMES[guest]} {hook}" for guest, hook in zip(who_S, hook_S, strict=True)]
guests = {NAMES[guest]: guest for guest in who_S}


def one_head(first, second, H=1):
    asked_11D = np.concatenate([one_hot[first], one_hot[second]])[None, None]
    _, w_BHTS = multi_head(asked_11D, list_1SD, *trained[H][0], H)
    return w_BHTS[0, :, 0]


def two_heads(first, second):
    return one_head(first, second, H=2)


# %%
rows, others = ["head 1", "head 2"], dict(reversed(guests.items()))
explore(two_heads, rows, keys=coats, each="head", first=guests, second=others)

# %%
explore(one_head, ["head 1"], keys=coats, each="head", first=guests, second=others)

# %% [markdown]
# One of the two heads finds the first guest's coat and the other one the second's, whomever you choose. The
# single head has eyes for one of its guests only.
#
# ## 6 · The same as Keras
#
# Keras has this layer ready-made, `keras.layers.MultiHeadAttention`. If your function is right, the layer must
# give the same results with the same matrices. It only stores them in another form:

# %%
from attnkit.quiet import silence

B, T, S, D, H, K = 3, 5, 7, 12, 3, 4
with silence():
    import keras

    layer = keras.layers.MultiHeadAttention(num_heads=H, key_dim=K, use_bias=False)
    layer.build((B, T, D), (B, S, D))
for weight in layer.weights:
    print(f"{weight.path.split('/')[-2]:17}", tuple(weight.shape))

# %% [markdown]
# D is 12 here, H is 3 and K is 4. Each array has as many numbers as your matrix, 144. Which number goes
# where? You know what head h does with its columns of $W_q$. The layer computes, for word numbers d, head
# h and its number k (*merged* is what the heads found, before $W_o$),
#
# $$q_{hk}=\sum_d x_d\;\mathrm{query}_{dhk}\qquad\text{and}\qquad o_d=\sum_{h,k}\mathrm{merged}_{hk}\;\mathrm{output}_{hkd}$$
#
# ### L6.4 Your weights in Keras's layer
#
# *Difficulty ●●●○○ · importance ●●●●○ · 20 minutes · 5 points · `hint("L6.4")`*
#
# What is checked is what comes out of such a layer. Keras itself isn't needed for that, as the check follows
# the two formulas above. The real layer comes right after.


# %% answer="L6.4"
def to_keras_weights(Wq, Wk, Wv, Wo, H):
    """The four matrices as the list of weights of keras.layers.MultiHeadAttention.

    Wq, Wk, Wv, Wo: (D, D), as in `multi_head`; D is a multiple of H.

    Returns a list for `set_weights` of `MultiHeadAttention(H, D // H, use_bias=False)`, with which
    the layer gives the same outputs as `multi_head`.
    """
    ### BEGIN SOLUTION
    D = len(Wq)
    inner = [W.reshape(D, H, D // H) for W in (Wq, Wk, Wv)]
    return [*inner, Wo.reshape(H, D // H, D)]
    ### END SOLUTION


# %% check="L6.4"
report = check("L6.4", to_keras_weights)
report.points

# %% [markdown]
# Now the real one, in float32, with padding. (Keras wants the mask as (B, T, S) and adds the head axis
# itself.)

# %%
x_q, x_kv = x_q_BTD.astype("float32"), x_kv_BSD.astype("float32")
pads_B1S = np.arange(S) < np.array([[[7]], [[4]], [[1]]])


def from_keras(weights, mask_B1S):
    layer.set_weights(weights)
    both = layer(x_q, x_kv, attention_mask=mask_B1S, return_attention_scores=True)
    return [keras.ops.convert_to_numpy(each) for each in both]


weights = to_keras_weights(*W, H)
ours = multi_head(x_q_BTD, x_kv_BSD, *W, H, pads_B1S[:, None])
theirs = from_keras(weights, pads_B1S)
print(f"outputs: largest difference {abs(ours[0] - theirs[0]).max():.0e}")
print(f"weights: largest difference {abs(ours[1] - theirs[1]).max():.0e}")

# %% [markdown]
# The same, to the last digits of float32, and you didn't write a single line for it.
#
# One case is left: the second sentence has no word at all.

# %%
predict("L6.empty", "Your outputs are 0 for such a sentence. What will Keras's layer give?")

# %%
nothing_B1S = pads_B1S & np.array([[[True]], [[False]], [[True]]])
ours = multi_head(x_q, x_kv, *W, H, nothing_B1S[:, None])
print("yours:                    ", ours[0][1, 0, :3])
print("Keras, with its weights:  ", from_keras(weights, nothing_B1S)[0][1, 0, :3])
o_BTD = layer(x_q, x_kv, attention_mask=nothing_B1S)
print("Keras, without them:      ", keras.ops.convert_to_numpy(o_BTD)[1, 0, :3])
predicted("L6.empty")

# %% [markdown]
# With Keras 3.15 on TensorFlow, one layer gives two answers. Asked for its weights, it gives 0. If not, it takes
# a faster way, which only makes hidden scores very low: when all are hidden, out comes a mean of what should be
# hidden. In such corners libraries differ.
#
# ## 7 · What more heads cost
#
# Two heads of 6 numbers, or one of 12: which has more to learn?
#
# ### L6.5 Count the parameters
#
# *Difficulty ●●○○○ · importance ●●●○○ · 15 minutes · 4 points · `hint("L6.5")`*
#
# A layer's parameters are the numbers it learns. Here H heads of K numbers work on words of D numbers, and
# H · K need not be D. Unless told otherwise, Keras gives each of the four projections a bias,
# too: learned numbers, added to what comes out.


# %% answer="L6.5"
def param_count(D, H, K, bias=True):
    """How many numbers multi-head attention has to learn.

    D: width of a word, coming in and going out. H: heads. K: width of a head, for queries, keys
    and values; H · K need not be D. bias: whether each of the four projections has a bias.

    Returns an int.
    """
    ### BEGIN SOLUTION
    weights = 4 * D * H * K
    biases = 3 * H * K + D
    return weights + biases if bias else weights
    ### END SOLUTION


# %% check="L6.5"
report = check("L6.5", param_count)
report.points

# %%
for D_, H_, K_, bias in ((12, 3, 4, False), (64, 8, 8, True), (64, 8, 32, True)):
    layer_ = keras.layers.MultiHeadAttention(H_, K_, use_bias=bias)
    layer_.build((1, 5, D_), (1, 5, D_))
    yours, theirs_ = param_count(D_, H_, K_, bias), layer_.count_params()
    print(f"D {D_}, H {H_}, K {K_}, bias {bias}: yours {yours:,}, Keras {theirs_:,}")

# %% [markdown]
# With K = D / H the number of heads cancels out. In the panel D stays at 64 while you choose the number of
# heads (yellow: your function). What stays, what grows, what shrinks?

# %%
budget_panel(param_count)

# %% [markdown]
# The number of parameters stays. There are more tables of weights to compute and to store. And each head has
# less to tell words apart with. How much less? A head's table of scores is $q_hk_h^\top$, a product of
# matrices K wide. Its {{rank (independent rows): how many rows of a matrix aren't mixtures of the others}} can't be
# above K:

# %%
x_24 = rng.normal(size=(24, 64))
Wq_64, Wk_64 = rng.normal(size=(2, 64, 64))
for H_ in (1, 2, 4, 16, 64):
    q, k = (x_24 @ Wx[:, : 64 // H_] for Wx in (Wq_64, Wk_64))
    rank = np.linalg.matrix_rank(q @ k.T)
    print(f"{H_:2} heads, K {64 // H_:2}: rank of a (24, 24) table of scores {rank}")

# %% [markdown]
# With 64 heads, all queries of a head make the same wish, only stronger or weaker, or its opposite. Bhojanapalli
# and others (2020) call this the {{low-rank bottleneck (too narrow a head): a head of K numbers can only make
# tables of scores of rank K, however long the text is}}, and choose K by the length of the text.
#
# ## 8 · Heads found on real reviews
#
# The cloakroom was made so that two heads must win. And real sentences? A small reader learns from 6,530 of
# them: D = 32 numbers a word, one learned query, the four matrices, and a vector that reads praise or blame off
# the output, all together from random numbers.
#
# You have seen nearly all of its code already. One step is `forward` and `backward` again, with a lookup of
# word vectors in front of them and a yes-or-no question behind:


# %%
def reader_step(p, ids_BS, y_B, H):
    """One batch's gradient in everything the reader learns."""
    W = {name: p[f"W{name}_DD"] for name in "qkvo"}
    keep_B11S, x_BSD = (ids_BS != 0)[:, None, None], p["vectors"][ids_BS]
    x_q_B1D = np.tile(p["query"], (len(y_B), 1, 1))
    o_B1D, kept = forward(W, x_q_B1D, x_BSD, H, keep_B11S)
    z_B = o_B1D[:, 0] @ p["readout"] + p["bias"]
    dz_B = (1 / (1 + np.exp(-z_B)) - y_B) / len(y_B)  # L2.5
    dW, dx_q_B1D, dx_BSD = backward(W, x_q_B1D, x_BSD, kept, dz_B[:, None, None] * p["readout"])
    grads = {f"W{name}_DD": each for name, each in dW.items()} | {
        "query": dx_q_B1D.sum(axis=(0, 1))
    }
    grads |= {"readout": dz_B @ o_B1D[:, 0], "bias": dz_B.sum(keepdims=True)}
    grads["vectors"] = np.zeros_like(p["vectors"])
    np.add.at(grads["vectors"], ids_BS, dx_BSD)  # each word's gradient goes to its own vector
    return grads


# %%
params, ids_BS, y_B = practice_batch(seed=0)
slow, quick = reader_step(params, ids_BS, y_B, H=8), reader_gradients(params, ids_BS, y_B, H=8)[1]
for name in slow:
    gap = abs(slow[name] - quick[name]).max() / abs(slow[name]).max()
    print(f"{name:8} {slow[name].shape!s:11} largest difference {gap:.0e} of the largest gradient")

# %% [markdown]
# `reader_gradients` is the kit's own, which takes a short cut: as there is a single query, it never makes the
# keys. `train_reader` repeats such a step 255 times, with Adam, in seconds (`attnkit/readers.py`). Against
# overfitting it hides three words in ten while training ({{word dropout (hidden words): while training, some
# words of each text are replaced by "unknown", so that no answer hangs on a single one}}).
#
# Then your `multi_head` runs what was learned: x_q is the query, one row for each sentence.

# %%
validation = split("mr").validation
texts, labels = list(validation.text), validation.label.to_numpy()


def attend(reader, sentences, Wo_DD=None):
    x_q_B1D, x_BSD, mask_B11S, _ = reader.embed(sentences)
    W = (reader.Wq_DD, reader.Wk_DD, reader.Wv_DD, reader.Wo_DD if Wo_DD is None else Wo_DD)
    return multi_head(x_q_B1D, x_BSD, *W, reader.H, mask_B11S)


def share_right(reader, Wo_DD=None):
    return np.mean(reader.praises(attend(reader, texts, Wo_DD)[0]) == labels)


# %%
reader = train_reader(8, seed=0)
print(f"{share_right(reader):.1%} of 1,000 sentences right, none of which it has seen before")

# %% [markdown]
# What do its heads look at? Type a sentence of your own.


# %%
def heads_of(text):
    """The words of a text, and what each head gives them, (H, S)."""
    words = reader.embed([text])[3][0]
    return words, attend(reader, [text])[1][0, :, 0]


text = "it's never dull and always looks good ."
strip_panel(heads_of, text, heads=8)

# %% [markdown]
# Here all eight heads are rows of one map. The slider *sharpness* multiplies every score: the further to the
# right, the more sharply each head decides. The weights come from your function (dashed: what they should
# be).
#
# Turn it up. Do the heads choose different words?


# %%
def all_heads(sharpness):
    x_q_B1D, x_BSD, mask_B11S, _ = reader.embed([text])
    W = (sharpness * reader.Wq_DD, reader.Wk_DD, reader.Wv_DD, reader.Wo_DD)
    return multi_head(x_q_B1D, x_BSD, *W, reader.H, mask_B11S)[1][0, :, 0]


def should_be(sharpness):
    return reader.weights([text], sharpness)[0]


names, knob = [f"head {h + 1}" for h in range(8)], {"sharpness": (0.0, 8.0, 0.5, 1.0)}
explore(all_heads, names, keys=heads_of(text)[0], ghost=should_be, each="head", **knob)

# %% [markdown]
# Five of them end at *never*, two at *dull*, one at *always*: more sharply, but hardly more differently. One
# sentence is no evidence, though. So let us count, for three things that people say about heads.
#
# ### "More heads are better"
#
# We keep the width, and so the number of parameters: 1, 2, 4 and 8 heads, each drawn and trained three times.
# As a control, a reader in which all words weigh the same. (This takes half a minute or so.)

# %%
predict("L6.more", "By how many points will 8 heads beat 1, and 1 head the plain mean?")

# %%
kinds = [(1, True), (1, False), (2, False), (4, False), (8, False)]
readers = {
    (H_, mean): [train_reader(H_, seed, mean=mean) for seed in range(3)] for H_, mean in kinds
}
for H_, mean in kinds:
    shares = [share_right(each) for each in readers[H_, mean]]
    name = "plain mean" if mean else f"{H_} head{'s' if H_ > 1 else ''}"
    print(f"{name:10}", *(f"{share:.1%} " for share in shares))
predicted("L6.more")

# %% [markdown]
# A share counted over 1,000 sentences is uncertain by about 3 points either way, and drawing the same reader
# anew moves it by one or two. No row stands out: here neither heads nor attention itself buys anything.
#
# In section 5 there were two questions, each about one row among six. Here there is a single question, praise
# or blame, and nearly every word has a say in it: the answer is nearly a sum. Whether more heads are better
# depends on what is asked.
#
# ### "Heads make it robust"
#
# Silence one head of eight, and see what is left. As a control, take just as many numbers (4 of 32) away from
# the reader that has only one head.

# %%
predict(
    "L6.robust", "Which of the two will suffer more: the reader with eight heads, or that with one?"
)


# %%
def silenced(reader, part, keep=False):
    """Wo with 4 of its 32 rows set to 0, or all but these."""
    chosen_D = np.arange(32) // 4 == part
    return np.where((chosen_D == keep)[:, None], reader.Wo_DD, 0)


for H_ in (8, 1):
    print(f"trained with {H_} head{'s' if H_ > 1 else ''}")
    for each in readers[H_, False]:
        lost = [share_right(each, silenced(each, part)) for part in range(8)]
        left = [share_right(each, silenced(each, part, keep=True)) for part in range(8)]
        print(f"  all {share_right(each):.1%}", end="   ")
        print(f"one eighth lost {min(lost):.1%} to {max(lost):.1%}", end="   ")
        print(f"one eighth left {min(left):.1%} to {max(left):.1%}")
predicted("L6.robust")

# %% [markdown]
# Any single head can go, and hardly anything happens. Robust, yes; but the reader with one head is just as
# robust. Both know the same thing many times over, and the best eighth, left alone, does as well as the
# whole.
#
# ### "Heads specialise"
#
# If they did, they would look at different words. Take two heads and add up, word by word, the smaller of
# their two weights: 1 if they agree completely, 0 if they share no word.
#
# Before any training, the heads of a reader differ by chance.

# %%
predict("L6.apart", "Will training drive the heads apart, or bring them together?")


# %%
def agreement(w_BHS):
    pairs = [(h, g) for h in range(w_BHS.shape[1]) for g in range(h)]
    return np.mean([np.minimum(w_BHS[:, h], w_BHS[:, g]).sum(axis=-1).mean() for h, g in pairs])


for H_ in (2, 4, 8):
    for seed, learned in enumerate(readers[H_, False]):
        drawn = train_reader(H_, seed, epochs=0)
        before, after = (agreement(attend(each, texts)[1][:, :, 0]) for each in (drawn, learned))
        print(f"{H_} heads: agreement {before:.2f} as drawn, {after:.2f} trained")
predicted("L6.apart")

# %% [markdown]
# Together, in all nine. Is that a law? One thing was our own choice: how far apart the word vectors are
# before training, a spread of 0.3. With 0.1 all weights are nearly equal at first.

# %%
predict("L6.from", "Together or apart, when all weights begin nearly equal?")

# %%
for seed in range(3):
    close = [train_reader(8, seed, epochs=epochs, spread=0.1) for epochs in (0, 5)]
    before, after = (agreement(attend(each, texts)[1][:, :, 0]) for each in close)
    print(f"8 heads: agreement {before:.2f} as drawn, {after:.2f} trained")
predicted("L6.from")

# %% [markdown]
# A little apart. So the direction was of our own making: equal weights agree, whatever the heads are like.
# Had we tried only one way to begin, we would have announced a law.
#
# What both have in common is the end: eight heads that share most of their weight. There is one question to
# answer, and all of them learn to look for words that answer it. Here are, for three heads, the words that
# get the most, compared with an equal share:

# %%
w_BHS, found = attend(reader, texts)[1][:, :, 0], reader.embed(texts)[3]
for h in range(3):
    gets = {}
    for w_S, words_ in zip(w_BHS[:, h], found, strict=True):
        for word, weight in zip(words_, w_S, strict=False):
            gets.setdefault(word, []).append(weight * len(words_))
    means = {word: np.mean(each) for word, each in gets.items() if len(each) >= 5}
    top = sorted(means, key=means.get, reverse=True)[:7]
    print(f"head {h + 1}:", *(f"{word} ×{means[word]:.1f} " for word in top))

# %% [markdown]
# ### And in large models?
#
# Nothing in the formula makes heads specialise; it only lets them. Voita and others (2019) found heads of a
# translator in clear roles, such as looking at the neighbouring word. 38 of the 48 that read its input could go
# at a loss of 0.15 BLEU (points out of 100); those with roles went last. Michel, Levy & Neubig (2019) took heads
# out of trained models: many could go, others were needed. Clark and others (2019) found, in BERT, heads for
# grammatical relations, and heads that behave alike.
#
# So don't name a head's job after one picture. Count, and compare with heads that have learned nothing.
#
# For the question below, four words rightly cut in two:

# %%
names_BTD = np.array([[[f"{word}{d}" for d in range(6)] for word in "abcd"]])
for h, rows in enumerate(split_heads(names_BTD, 2)[0]):
    print(f"head {h}:", "  ".join(" ".join(row) for row in rows))

# %% [markdown]
# ### Question
#
# *3 points, read by a person. A few sentences are enough.*
#
# A colleague splits by `x.reshape(B, H, T, K)` and merges by `o.reshape(B, T, D)`. All shapes are right,
# a round trip gives back the input, and the training loss falls.
#
# 1. What stands in the rows of the two heads above, if they are cut so? Which words can never meet?
# 2. Describe a test of the whole layer that finds the mistake without knowing any right number: it
#    only looks at which outputs move when one input word is changed.
# 3. "Section 8 proves that heads are useless." What does it show, and what would have to be measured
#    before one may say so of a large translator?

# %% [markdown] manual="L6-reshape" points=3
# ### BEGIN MARK SCHEME
# **Model answer.** (1) Reading order: head 0 holds a's first three numbers, a's last three, b's first
# three, b's last three; head 1 the same of c and d. So a and b never meet c and d: each head attends
# among the half words of one half of the sentence. (2) For example: without a mask, change d. The
# output of a has to move, since a may see d; in the wrong version it stays. (3) For one small reader,
# one yes-or-no task and 6,530 sentences: no gain from heads in accuracy, redundancy with or without
# heads, heads that are much alike after training. For the translator: silence or prune its heads on its own
# task, with several runs and an interval, and compare with a control (as many numbers removed
# elsewhere, heads that have learned nothing). Michel et al. and Voita et al. removed heads of trained
# models and found both heads that can go and heads that matter.
#
# **Marks.** 1 point for (1): the rows right *and* that the two halves of the sentence never meet. ½
# for one of them. 1 point for (2): a test by (non-)influence that really tells the two apart; ½ for the
# idea without saying what is changed and what must stay. 1 point for (3): names the limits of the
# experiment *and* what would have to be measured; ½ for one.
# ### END MARK SCHEME

# %% [markdown]
# ## 9 · What you have now
#
# - A **head** is K columns of each projection, with a softmax of its own. Cutting takes a reshape *and*
#   a transposition; a reshape alone mixes words, and a round trip won't show it.
# - The layer: project, split, attend with √K, merge, $W_o$. **Keras's** gives the same numbers.
# - **Two questions need two heads**: one mean can't say what belongs to whom.
# - More heads at the same width cost no parameters; each of them sees less.
# - Whether heads help, or specialise, is a matter for experiments with controls.
#
# One crack is left. The words of a sentence ask each other, and we shuffle them.

# %%
predict("L6.shuffle", "What will become of the outputs when the words are shuffled?")

# %%
x_BTD, order = rng.normal(size=(1, 6, 12)), rng.permutation(6)
o_BTD, _ = multi_head(x_BTD, x_BTD, *W, H)
shuffled_BTD, _ = multi_head(x_BTD[:, order], x_BTD[:, order], *W, H)
gap = abs(shuffled_BTD - o_BTD[:, order]).max()
print(f"outputs of shuffled words, beside the shuffled outputs: {gap:.0e} apart")
predicted("L6.shuffle")

# %% [markdown]
# They are shuffled along, and nothing else happens. With all its heads, attention is as blind to order as
# lesson 1's was. **Lesson 7** gives words a place, wraps the layer into a whole encoder block, and asks what
# it takes to train a deep stack of them.

# %%
from attnkit.progress import course_map

course_map()

# %% [markdown]
# ### Further reading
#
# - Vaswani et al., *Attention Is All You Need* (NeurIPS 2017), section 3.2.2: multi-head attention;
#   table 3, rows (A): what the number of heads did to a translator.
# - Michel, Levy & Neubig, *Are Sixteen Heads Really Better than One?* (NeurIPS 2019): heads removed
#   after training.
# - Voita et al., *Analyzing Multi-Head Self-Attention: Specialized Heads Do the Heavy Lifting, the Rest
#   Can Be Pruned* (ACL 2019): which heads have roles.
# - Clark et al., *What Does BERT Look At? An Analysis of BERT's Attention* (BlackboxNLP 2019): counting
#   over many sentences before naming.
# - Bhojanapalli et al., *Low-Rank Bottleneck in Multi-head Attention Models* (ICML 2020): the price of
#   small K.
