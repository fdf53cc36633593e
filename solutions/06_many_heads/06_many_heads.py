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
# One query gets one mean, but a sentence may have to answer several questions. Here attention gets
# several **heads**, each with a question of its own, for the price of one.
#
# Afterwards you can
#
# - cut an array into heads and put it together again, and say what a reshape alone would break;
# - write multi-head attention, masks included, in about ten lines;
# - load your matrices into Keras's layer and get the same numbers;
# - say what more heads cost and what they don't;
# - tell, by experiments, which common beliefs about heads hold in a small reader of reviews.
#
# About 90 minutes: five exercises (27 points) and one question (3 points). You need lessons 4 and 5.

# %%
import numpy as np
from attnkit import attempt, check, hint
from attnkit.data import split
from attnkit.figures import draw_weights
from attnkit.panels import budget_panel, explore, heads_panel, strip_panel
from attnkit.readers import train_reader
from attnkit.words import word_plane

np.set_printoptions(precision=2, suppress=True)

# %% [markdown]
# ## 1 · One head, one answer
#
# Our sentence of lesson 1, whose words have two numbers, praise and rarity. *great* lies far on the
# side of praise, *bad* far on the side of blame. One query looks for praise, another for blame: it is
# the opposite query, and so are its scores.


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
# The critic says two things, and both queries find theirs. Now a reader that must make do with one
# query wants to know both: is there praise, and is there blame? It adds the two queries up.
#
# **Predict before you run.** What are the weights of the sum?

# %%
w_T = softmax(x_TD @ (praise_D + blame_D))
draw_weights(tokens, w_T, "Praise and blame in one query")

# %% [markdown]
# The two wishes cancel, and every word gets one seventh. That is no accident of opposites: whatever
# the query, a softmax hands out **one** whole, and the result is one mean. Two questions need two
# softmaxes.
#
# So ask twice and lay the two answers side by side. Each is a head:

# %%
heads = [softmax(x_TD @ query_D) @ x_TD for query_D in (praise_D, blame_D)]
print("one query: ", w_T @ x_TD)
print("two heads: ", np.concatenate(heads))

# %% [markdown]
# In four numbers stands what two could not hold: strong praise (the first) **and** strong blame (the
# third).
#
# ## 2 · A head owns columns
#
# Twice as many numbers, twice the cost? No: each head gets only a part of the width. With D = 512
# numbers a word and H = 8 heads, a head works with K = D / H = 64 of them.
#
# | letter | size of |
# |---|---|
# | B | sentences in a batch |
# | T, S | words that ask, words that are asked |
# | D | numbers that describe a word |
# | H | heads |
# | K | numbers of a head, D / H |
#
# First, then, `x_BTD` has to be cut. To see where each number goes we use names for numbers: b3 is
# number 3, counted from 0, of word b.

# %%
names_TD = np.array([[f"{word}{d}" for d in range(4)] for word in "abc"])
print(names_TD)

# %% [markdown]
# Three words, two heads. Slowly and beyond doubt: number k of word t in head h is number hK + k of
# that word.

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
# Every head has all three words, and of each word its own two numbers.
#
# The result has the shape (2, 3, 2). NumPy can turn a (3, 4) array into that shape in one call.
#
# **Predict before you run.** Which words will the first head hold?

# %%
print(names_TD.reshape(H, T, K))

# %% [markdown]
# The first head now holds word a whole and half of word b, in three rows that look like three words.
# A reshape keeps the **reading order** of the numbers and only sets new line breaks. What we want
# changes the order: it takes two moves.
#
# Beware: nothing crashes, and the shape is right.
#
# Go through the steps with four words of six numbers, the right way beside a wrong one. An orange frame
# marks a block in which heads are mixed. (The picture counts heads from 1, code from 0.) For which number
# of heads does the bare reshape do no harm?

# %%
heads_panel()

# %% [markdown]
# For one head: then there is nothing to cut.
#
# ### L6.1 Cut a width into heads
#
# *Difficulty ●●●○○ · importance ●●●●● · 12 minutes · 5 points · `hint("L6.1")`*
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
# The same panel with **your function** at step 2, between the right way and the bare reshape:

# %%
heads_panel(split_heads)

# %% [markdown]
# ## 3 · And back
#
# After attention the heads are laid side by side again, word by word. That is L6.1 backwards: last
# step first.
#
# ### L6.2 Merge the heads
#
# *Difficulty ●●○○○ · importance ●●●●● · 8 minutes · 4 points · `hint("L6.2")`*


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
# Splitting and merging must give back what went in. That sounds like a good test of both.
#
# **Predict before you run.** Does the *wrong* pair, two bare reshapes, pass it too?

# %%
x_BTD = np.random.default_rng(0).normal(size=(2, 4, 6))
own_BHTK = attempt(split_heads, x_BTD, 3)
back_BTD = attempt(merge_heads, own_BHTK) if own_BHTK is not None else None
if back_BTD is not None:
    print("your pair:     ", np.array_equal(back_BTD, x_BTD))
wrong_BHTK = x_BTD.reshape(2, 3, 4, 2)
print("two reshapes:  ", np.array_equal(wrong_BHTK.reshape(2, 4, 6), x_BTD))

# %% [markdown]
# It does, perfectly. Two mistakes that undo each other hide from every round trip. A better test looks
# **in between**: if only the first word changes, only the first row of each head may change.

# %%
changed_BTD = x_BTD.copy()
changed_BTD[:, 0] += 1
moved = changed_BTD.reshape(2, 3, 4, 2) != wrong_BHTK
print("bare reshape:  rows that change in each head", moved[0].any(axis=-1).astype(int).tolist())
if own_BHTK is not None:
    moved = np.array(split_heads(changed_BTD, 3)) != np.array(own_BHTK)
    print(
        "your function: rows that change in each head", moved[0].any(axis=-1).astype(int).tolist()
    )

# %% [markdown]
# In the bare reshape the first word takes three of the four places of the first head, and the other
# heads never see it.
#
# ## 4 · The whole layer
#
# Where do a head's numbers come from? From projections. Three matrices turn words into queries, keys
# and values, and head h uses its own K columns of each. Words are rows here, so it is $x\,W$ where
# lesson 4 wrote $W x$ for a single word:
#
# $$q_h=x\,W_q^{(h)}\qquad k_h=x'\,W_k^{(h)}\qquad v_h=x'\,W_v^{(h)}$$
#
# $$o=\Big[\mathrm{softmax}\big(q_0k_0^\top/\sqrt K\big)v_0\;\Big|\;\dots\;\Big|\;\mathrm{softmax}\big(q_{H-1}k_{H-1}^\top/\sqrt K\big)v_{H-1}\Big]\,W_o$$
#
# The bars put the heads side by side, and the last matrix $W_o$ mixes them. The words $x$ that ask and
# the words $x'$ that are asked may be the same (then it is called self-attention) or not. Slowly, one
# query of one head at a time:


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
# One thing is easily missed. Lesson 4 divided by the root of the keys' width. Say a word is D = 32 wide,
# and a head K = 4.
#
# **Predict before you run.** What is the spread of a head's scores if they are divided by √32?

# %%
rng = np.random.default_rng(1)
q_NK, k_NK = rng.normal(size=(2, 10_000, 4))
products = (q_NK * k_NK).sum(axis=1)
print(f"divided by √4:  {np.std(products / np.sqrt(4)):.2f}")
print(f"divided by √32: {np.std(products / np.sqrt(32)):.2f}")

# %% [markdown]
# A head's product sums over its own K numbers only, so √K it is. With √D all weights come out too
# alike, and the more heads, the worse.
#
# ### L6.3 Multi-head attention
#
# *Difficulty ●●●●○ · importance ●●●●● · 25 minutes · 9 points · `hint("L6.3")`*
#
# All sentences and heads at once: no loop over any of them. Write each step's shape down first. K columns
# of $W_q$ make K columns of $x\,W_q$: so what do you cut, the words, the matrices, or the products?
#
# You know the masked softmax from L5.3. This notebook doesn't: copy it into the cell, above `multi_head`.
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
fast = attempt(multi_head, x_q_BTD, x_kv_BSD, *W, H, mask_BHTS)
shapes = [np.shape(each) for each in fast] if fast is not None else []
ready = shapes == [(B, T, D), (B, H, T, S)]
if ready:
    slow_BTD = slow_multi_head(x_q_BTD, x_kv_BSD, *W, H, mask_BHTS)
    print("queries that may see nothing:", int((~mask_BHTS.any(axis=-1)).sum()))
    print(f"largest difference: {abs(fast[0] - slow_BTD).max():.0e}")

# %% [markdown]
# ### What Wo does
#
# Merged heads times $W_o$: head h meets rows hK to hK + K − 1 of $W_o$ and no others. So the output is
# a **sum**: each head adds its own share, through its own rows.

# %%
K = D // H
if ready:
    shares = []
    for h in range(H):
        only_h_DD = np.zeros((D, D))
        only_h_DD[h * K : (h + 1) * K] = W[3][h * K : (h + 1) * K]
        shares.append(multi_head(x_q_BTD, x_kv_BSD, *W[:3], only_h_DD, H, mask_BHTS)[0])
    print(f"the shares' sum beside the output: {abs(sum(shares) - fast[0]).max():.0e}")

# %% [markdown]
# Keep that in mind: setting a head's rows of $W_o$ to 0 **silences** it. In section 7 we do so to
# heads that have learned something.
#
# ## 5 · The same as Keras
#
# Keras has this layer ready-made, `keras.layers.MultiHeadAttention`. If your function is right, the
# layer must give the same with the same matrices. It only stores them in another form:

# %%
from attnkit.quiet import silence

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
# *Difficulty ●●●○○ · importance ●●●●○ · 12 minutes · 5 points · `hint("L6.4")`*
#
# Checked is what comes out of such a layer. Keras itself isn't needed for that: the check follows the
# two formulas above. The real layer comes right after.


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
# Now the real one, in float32, with padding. (Keras wants the mask as (B, T, S) and knows the heads
# itself.)

# %%
x_q, x_kv = x_q_BTD.astype("float32"), x_kv_BSD.astype("float32")
pads_B1S = np.arange(S) < np.array([[[7]], [[4]], [[1]]])


def from_keras(weights, mask_B1S):
    layer.set_weights(weights)
    both = layer(x_q, x_kv, attention_mask=mask_B1S, return_attention_scores=True)
    return [keras.ops.convert_to_numpy(each) for each in both]


ours = attempt(multi_head, x_q_BTD, x_kv_BSD, *W, H, pads_B1S[:, None])
weights = attempt(to_keras_weights, *W, H)
theirs = attempt(from_keras, weights, pads_B1S) if weights is not None else None
if ready and theirs is not None:
    print(f"outputs: largest difference {abs(ours[0] - theirs[0]).max():.0e}")
    print(f"weights: largest difference {abs(ours[1] - theirs[1]).max():.0e}")

# %% [markdown]
# The same, to the last digits of float32. Not a line of yours was written for it.
#
# One case is left. **Predict before you run:** the second sentence has no word at all. Your outputs are
# 0 then. And the layer's?

# %%
if ready and theirs is not None:
    nothing_B1S = pads_B1S & np.array([[[True]], [[False]], [[True]]])
    ours = multi_head(x_q, x_kv, *W, H, nothing_B1S[:, None])
    print("yours:                    ", ours[0][1, 0, :3])
    print("Keras, with its weights:  ", from_keras(weights, nothing_B1S)[0][1, 0, :3])
    o_BTD = layer(x_q, x_kv, attention_mask=nothing_B1S)
    print("Keras, without them:      ", keras.ops.convert_to_numpy(o_BTD)[1, 0, :3])

# %% [markdown]
# With Keras 3.15 on TensorFlow one layer gives two answers. Asked for its weights, it gives 0. Otherwise
# it takes a faster way, which only makes hidden scores very low: if all are hidden, all are equally
# low, and out comes a mean of what should be hidden. At such corners libraries differ, even from
# themselves.
#
# ## 6 · What more heads cost
#
# Two heads of 6 numbers, or one of 12: which has more to learn?
#
# ### L6.5 Count the parameters
#
# *Difficulty ●●○○○ · importance ●●●○○ · 8 minutes · 4 points · `hint("L6.5")`*
#
# In general: H heads of K numbers for words of D numbers, where H · K need not be D. Unless told
# otherwise, Keras gives each of the four projections a **bias**: learned numbers, added to what comes
# out.


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
if attempt(param_count, 1, 1, 1) is not None:
    for D_, H_, K_, bias in ((12, 3, 4, False), (64, 8, 8, True), (64, 8, 32, True)):
        layer_ = keras.layers.MultiHeadAttention(H_, K_, use_bias=bias)
        layer_.build((1, 5, D_), (1, 5, D_))
        yours = param_count(D_, H_, K_, bias)
        print(
            f"D {D_}, H {H_}, K {K_}, bias {bias}: yours {yours:,}, Keras {layer_.count_params():,}"
        )

# %% [markdown]
# With K = D / H the number of heads cancels out. In the panel D stays 64 and you choose the number of
# heads (yellow: your function). What stays, what grows, what shrinks?

# %%
budget_panel(param_count)

# %% [markdown]
# The numbers to learn stay. There are more tables of weights to compute and to store. And each head
# has less to tell words apart with. How much less? A head's table of scores is $q_hk_h^\top$, a
# product of matrices K wide. Its rank, the number of rows that aren't mixtures of others, can't be
# above K:

# %%
x_24 = rng.normal(size=(24, 64))
Wq_64, Wk_64 = rng.normal(size=(2, 64, 64))
for H_ in (1, 2, 4, 16, 64):
    q, k = (x_24 @ Wx[:, : 64 // H_] for Wx in (Wq_64, Wk_64))
    print(
        f"{H_:2} heads, K {64 // H_:2}: rank of a (24, 24) table of scores {np.linalg.matrix_rank(q @ k.T)}"
    )

# %% [markdown]
# At 64 heads every query has the same wish, only stronger or weaker, or its opposite. Bhojanapalli and
# others (2020) call this the low-rank bottleneck, and propose to choose K by the length of the text
# instead of D / H.
#
# ## 7 · Heads found on real reviews
#
# Now to heads that have learned. The kit trains a small reader on the critics' 6,530 training
# sentences, in seconds: D = 32 numbers a word, one learned query, four matrices, and a vector that
# reads praise or blame off the output. All is learned together, from random numbers.
#
# Your `multi_head` then runs it: x_q is the query, one row for each sentence.

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
if ready:
    reader = train_reader(8, seed=0)
    print(f"{share_right(reader):.1%} of 1,000 sentences right, which it has never seen")
    gap = abs(attend(reader, texts)[1][:, :, 0] - reader.weights(texts)).max()
    print(f"your weights beside those it was trained with: largest difference {gap:.0e}")

# %% [markdown]
# (The second line is one more witness: while learning, the kit finds the weights in another way, which
# never cuts a head; see `attnkit/readers.py`.)
#
# What do its heads look at? Type a sentence of your own.


# %%
def heads_of(text):
    """The words of a text, and what each head gives them, (H, S)."""
    words = reader.embed([text])[3][0]
    return words, attend(reader, [text])[1][0, :, 0]


text = "it's never dull and always looks good ."
strip_panel(heads_of, text, heads=8) if ready else None

# %% [markdown]
# Here all eight heads are rows. The slider multiplies every score, so to the right each head decides
# more sharply. The weights come from your function (dashed: what they should be).
#
# At which sharpness do the heads begin to choose different words?


# %%
def all_heads(sharpness):
    x_q_B1D, x_BSD, mask_B11S, _ = reader.embed([text])
    W = (sharpness * reader.Wq_DD, reader.Wk_DD, reader.Wv_DD, reader.Wo_DD)
    return multi_head(x_q_B1D, x_BSD, *W, reader.H, mask_B11S)[1][0, :, 0]


def should_be(sharpness):
    return reader.weights([text], sharpness)[0]


names = [f"head {h + 1}" for h in range(8)]
knob = {"sharpness": (0.0, 8.0, 0.5, 1.0)}
explore(all_heads, names, keys=heads_of(text)[0], ghost=should_be, **knob) if ready else None

# %% [markdown]
# ### "More heads are better"
#
# At the same width, so with the same number of weights: 1, 2, 4 and 8 heads, each drawn and trained
# three times. And, for comparison, a reader in which all words weigh the same, so that only the rest
# can learn.
#
# **Predict before you run.** By how many points will 8 heads beat 1, and 1 beat the plain mean?

# %%
rows = [(1, True), (1, False), (2, False), (4, False), (8, False)] if ready else []
readers = {
    (H_, mean): [train_reader(H_, seed, mean=mean) for seed in range(3)] for H_, mean in rows
}
for H_, mean in rows:
    shares = [share_right(each) for each in readers[H_, mean]]
    name = "plain mean" if mean else f"{H_} head{'s' if H_ > 1 else ''}"
    print(f"{name:10}", *(f"{share:.1%} " for share in shares))

# %% [markdown]
# A share counted over 1,000 sentences is uncertain by about 3 points, and a second draw of the same
# reader moves it by one or two. No row stands out. On this task, with this little data, neither
# heads nor attention itself buys anything: a mean of well-learned words is hard to beat, as lesson 1
# found.
#
# What does that say about large models? Nothing. It says that "more heads are better" is no law.
#
# ### "Heads make it robust"
#
# Silence one head of eight, and see what is left. And for comparison: take just as many numbers
# (4 of 32) away from the reader that has only one head.
#
# **Predict before you run.** Which of the two will suffer more?


# %%
def silenced(reader, part, keep=False):
    """Wo with 4 of its 32 rows set to 0, or all but these."""
    chosen_D = np.arange(32) // 4 == part
    return np.where((chosen_D == keep)[:, None], reader.Wo_DD, 0)


for H_ in (8, 1) if ready else ():
    print(f"trained with {H_} head{'s' if H_ > 1 else ''}")
    for each in readers[H_, False]:
        without = [share_right(each, silenced(each, part)) for part in range(8)]
        alone = [share_right(each, silenced(each, part, keep=True)) for part in range(8)]
        print(
            f"  all {share_right(each):.1%}   one eighth lost {min(without):.1%} to {max(without):.1%}",
            end="",
        )
        print(f"   one eighth left {min(alone):.1%} to {max(alone):.1%}")

# %% [markdown]
# Every single head can go, and hardly anything happens: robust, yes. But the one-headed reader is just
# as robust. Both know the same thing many times over. The best eighth, left alone, does as well as the
# whole.
#
# ### "Heads specialise"
#
# If they did, they would look at different words. Take two heads and add up, word by word, the
# smaller of their two weights: 1 if they agree completely, 0 if they share no word.
#
# As drawn, before any training, the heads of a reader differ by chance.
#
# **Predict before you run.** Does training drive them apart, or together?


# %%
def agreement(w_BHS):
    pairs = [(h, g) for h in range(w_BHS.shape[1]) for g in range(h)]
    return np.mean([np.minimum(w_BHS[:, h], w_BHS[:, g]).sum(axis=-1).mean() for h, g in pairs])


for H_ in (2, 4, 8) if ready else ():
    for seed, trained in enumerate(readers[H_, False]):
        drawn = train_reader(H_, seed, epochs=0)
        before, after = (agreement(attend(each, texts)[1][:, :, 0]) for each in (drawn, trained))
        print(f"{H_} heads: agreement {before:.2f} as drawn, {after:.2f} trained")

# %% [markdown]
# Together, in all nine. Is that a law? One thing was our own choice: how far apart the word vectors are
# before training, a spread of 0.3. With 0.1 all weights are nearly equal at first.
#
# **Predict before you run.** Together or apart, from there?

# %%
for seed in range(3) if ready else ():
    close = [train_reader(8, seed, epochs=epochs, spread=0.1) for epochs in (0, 5)]
    before, after = (agreement(attend(each, texts)[1][:, :, 0]) for each in close)
    print(f"8 heads: agreement {before:.2f} as drawn, {after:.2f} trained")

# %% [markdown]
# A little apart. So the direction was of our making: equal weights agree, whatever the heads are like.
# Had we tried one start only, we would have found a law.
#
# What both have in common is the end: eight heads that share most of their weight. There is one
# question to be answered, praise or blame, and all of them learn to look for words that answer it.
# For three heads, the words that get most beside an equal share:

# %%
if ready:
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
# Nothing in the formula makes heads specialise; it only lets them. Voita and others (2019) found some
# heads of a translator in clear roles, such as looking at the neighbouring word. 38 of the 48 heads that
# read its input could go at a loss of 0.15 BLEU (points of 100); those with roles were the last
# to go. Michel, Levy & Neubig (2019) took heads out of trained models: many could go, others were
# needed. Clark and others (2019) found, in the large model BERT, heads for grammatical relations, and
# heads that behave alike.
#
# So don't name a head's job from one picture: count, and compare with heads that have learned nothing.
#
# For the question below, four words rightly cut in two:

# %%
names_BTD = np.array([[[f"{word}{d}" for d in range(6)] for word in "abcd"]])
cut_BHTK = attempt(split_heads, names_BTD, 2)
for h in range(2) if np.shape(cut_BHTK) == (1, 2, 4, 3) else ():
    print(f"head {h}:", "  ".join(" ".join(row) for row in cut_BHTK[0, h]))

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
# 3. "Section 7 proves that heads are useless." What does it show, and what would have to be measured
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
# ## 8 · What you have now
#
# - A **head** is K columns of each projection, with a softmax of its own. Cutting takes a reshape *and*
#   a transposition; a reshape alone mixes words, and a round trip won't show it.
# - The layer: project, split, attend with √K, merge, $W_o$. It is a sum of the heads' shares.
# - Your matrices in **Keras's layer** give the same numbers.
# - More heads at the same width cost no weights; each sees less.
# - Whether heads help, or specialise, is a question for experiments with controls.
#
# One crack is left. **Predict before you run:** the words of a sentence ask each other, and we shuffle
# them. What becomes of the outputs?

# %%
x_BTD, order = rng.normal(size=(1, 6, 12)), rng.permutation(6)
if ready:
    o_BTD, _ = multi_head(x_BTD, x_BTD, *W, H)
    shuffled_BTD, _ = multi_head(x_BTD[:, order], x_BTD[:, order], *W, H)
    print(
        f"shuffled outputs beside outputs of the shuffled: {abs(shuffled_BTD - o_BTD[:, order]).max():.0e}"
    )

# %% [markdown]
# They are shuffled along, and nothing else happens: with all its heads, attention is as blind to order
# as lesson 1's was. **Lesson 7** gives words a place, wraps the layer into a whole encoder block, and
# asks what makes deep stacks of it trainable.

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
