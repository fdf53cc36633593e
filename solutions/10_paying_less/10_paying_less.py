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
# # Lesson 10: paying less
#
# Attention compares every word with every word, and somebody has to pay for it. First you save without losing
# anything, then by leaving something out.
#
# Afterwards you can
#
# - say what attention costs, and from which length on that hurts;
# - compute it chunk by chunk, exactly, and test that;
# - take out heads, and round weights to eight bits;
# - have a large model teach a small one;
# - report a saving honestly: accuracy lost, with its interval, against time and memory won.
#
# About three hours, with a good place for a break behind section 3: six exercises (47 points)
# and one question (3 points). You need lessons 5, 6 and 8.

# %%
import functools
import itertools
import tracemalloc

import numpy as np
import pandas as pd
from attnkit import asking_reader, check, hint, predict, predicted
from attnkit.asking_reader import fastest
from attnkit.quiet import silence

with silence():
    import keras

np.set_printoptions(precision=3, suppress=True)

# %% [markdown]
# After a break: *Kernel ▸ Restart Kernel and Run up to Selected Cell*.
#
# ## 1 · What attention costs
#
# T words ask S words: that makes T · S scores in every head. In self-attention T = S, so a text of twice the length
# has four times as many. Does it also take four times as long?

# %%
predict(
    "L10.twice",
    "A text of twice the length: how many times as long will attention take, at 128 words and at 4,000?",
)

# %% [markdown]
# Count before you measure. A layer of attention does three things:
#
# - **projections**: the T words times $W_q$, the S words times $W_k$ and $W_v$, and at the end T rows times $W_o$;
# - **scores**: each query times each key;
# - **mix**: each output is a weighted sum of the values.
#
# A product of (M, N) by (N, P) takes M·N·P multiply-adds of two operations each, {{FLOPs (floating-point
# operations): how many multiplications and additions of numbers a computation takes}}. Heads share the width: each
# has D/H of the D numbers. What does that do to the scores' operations? And to how many scores there are?
#
# ### L10.1 Count it
#
# *Difficulty ●●○○○ · importance ●●●●○ · 12 minutes · 6 points · `hint("L10.1")`*
#
# The second function is for section 4: a **window**, in which a word sees its neighbours only.


# %% answer="L10.1"
def attention_cost(B, T, S, D, H):
    """What H heads cost that read S words for T words, in B texts: a dict of whole numbers.

    The widths: queries, keys, values and output D numbers a word, each head D // H of them.
    One multiply-add counts as 2 operations; biases, softmax and masks count nothing.

    "projections": operations of Wq and Wo on the T words, of Wk and Wv on the S words.
    "scores": operations of all q·k. "mix": operations of all weighted sums of values.
    "score_floats": how many numbers the table of scores holds.
    """
    ### BEGIN SOLUTION
    return {
        "projections": 2 * B * D**2 * (2 * T + 2 * S),
        "scores": 2 * B * T * S * D,
        "mix": 2 * B * T * S * D,
        "score_floats": B * H * T * S,
    }
    ### END SOLUTION


def window_mask(T, w):
    """Who may see whom in a window: bool (T, T), True where two words are at most w places apart."""
    ### BEGIN SOLUTION
    place_T = np.arange(T)
    return np.abs(place_T[:, None] - place_T) <= w
    ### END SOLUTION


# %% check="L10.1"
verdict = check("L10.1", attention_cost, window_mask)
verdict.points

# %% [markdown]
# Which part leads? It depends on the length:

# %%
D, H = 256, 4
rows = {}
for T in (64, 256, 512, 1024, 4096, 16_384):
    cost = attention_cost(1, T, T, D, H)
    pairs = cost["scores"] + cost["mix"]
    rows[f"{T:,} words"] = {
        "million operations": round((cost["projections"] + pairs) / 1e6),
        "of them for pairs of words": f"{pairs / (cost['projections'] + pairs):.0%}",
        "scores in memory, MB": round(cost["score_floats"] * 4 / 1e6, 1),
    }
pd.DataFrame(rows).T

# %% [markdown]
# Projections grow with T, everything about pairs with T²: the cost is $a\,T + b\,T^2$. The two halves are equal
# where $8TD^2 = 4T^2D$, at **T = 2D** words. Far below that, twice the length costs twice as much; only far above it
# four times. This is {{quadratic complexity (growing with the square): a cost that is four times as high for twice
# the length, at least for long texts}}.
#
# Lesson 8's model asks with H learned queries instead of T words: H · T scores, and no square at all.
#
# So much for counting. Now the clock. Here is the plain way, as in lessons 4 and 5, and a layer of H heads.


# %%
def plain_attention(q_TK, k_SK, v_SV, mask_TS=None):
    """softmax(q·k / √K) over the keys that may be seen, times the values; 0 where there are none."""
    e_TS = np.einsum("tk,sk->ts", q_TK, k_SK) / np.sqrt(q_TK.shape[-1])
    if mask_TS is not None:
        e_TS = np.where(mask_TS, e_TS, -np.inf)
    highest_T1 = e_TS.max(axis=1, keepdims=True)
    p_TS = np.exp(e_TS - np.where(np.isfinite(highest_T1), highest_T1, 0))
    l_T1 = p_TS.sum(axis=1, keepdims=True)
    return np.einsum("ts,sv->tv", p_TS / np.where(l_T1 > 0, l_T1, 1), v_SV)


# %%
def layer(x_TD, matrices, attend, H):
    """Self-attention with H heads, one after another; attend(q, k, v) does the work of each."""
    q, k, v = (np.split(x_TD @ W, H, axis=1) for W in matrices[:3])
    return (
        np.concatenate([attend(*head) for head in zip(q, k, v, strict=True)], axis=1) @ matrices[3]
    )


def words_and_matrices(T, D, rng):
    numbers = rng.normal(size=(T + 4 * D, D)).astype("float32")
    return numbers[:T], np.split(numbers[T:] / np.float32(np.sqrt(D)), 4)


# %%
def time_of(T, attend, tries=3):
    x_TD, matrices = words_and_matrices(T, D, np.random.default_rng(T))
    return fastest(lambda: layer(x_TD, matrices, attend, H), tries)


lengths = [64, 128, 256, 512, 1024, 2048]
seconds = {"plain": [time_of(T, plain_attention) for T in lengths]}
for T, s in zip(lengths, seconds["plain"], strict=True):
    print(f"{T:6,} words: {1000 * s:8.1f} ms")

# %% [markdown]
# Put the curve $a\,T + b\,T^2$ through the points, with a and b not below 0 and the *relative* errors as small as
# can be: otherwise the largest time would be all that counts.

# %%
from scipy.optimize import nnls


def fit_cost(T_N, s_N):
    """a and b of a·T + b·T², so that the sum of (fit / measured − 1)² is least."""
    T_N, s_N = np.array(T_N, float), np.array(s_N)
    return nnls(np.stack([T_N / s_N, T_N**2 / s_N], axis=1), np.ones(len(T_N)))[0]


a, b = fit_cost(lengths, seconds["plain"])
for T in (128, 512, 4000):
    print(
        f"{T:5,} words: twice the length takes {2 * (a + 2 * b * T) / (a + b * T):.1f} times as long"
    )
print(
    f"both halves are equal at {a / b:,.0f} words (counted: 2D = {2 * D})" if b else "no square yet"
)
predicted("L10.twice")

# %% [markdown]
# Between two and four, as counted. But where the clock turns need not be at 2D: it also pays what we did not count, a
# softmax for each pair and the table's way to memory and back. **Operations are not seconds.**
#
# ## 2 · The same result, in chunks
#
# The other price is memory. At 16,384 words and four heads the table of scores takes more than four gigabytes. Must it?
#
# A query's output is a sum over keys, divided by another sum, and sums can be taken bit by bit: a **chunk** of keys, then
# the next. Only the softmax is in the way: it subtracts the largest score, and who knows that before the last key?

# %%
predict(
    "L10.chunks",
    "One query, six keys, in two chunks of three. What must be remembered of a chunk, so that the two "
    "together give exactly the softmax of all six?",
)

# %% [markdown]
# Three numbers, if a value is one number: the chunk's largest score m, the sum l of exp(e − m), and the sum o of
# exp(e − m) · v. Nothing is divided yet.

# %%
rng = np.random.default_rng(10)
e_S, v_S = 2 * rng.normal(size=6), rng.normal(size=6)


def seen(e_S, v_S):
    """What is remembered of a chunk: largest score, sum of exponentials, weighted sum of values."""
    m = e_S.max()
    p_S = np.exp(e_S - m)
    return m, p_S.sum(), p_S @ v_S


first, second = seen(e_S[:3], v_S[:3]), seen(e_S[3:], v_S[3:])
print("first chunk:  m = {:.3f}, l = {:.3f}, o = {:.3f}".format(*first))
print("second chunk: m = {:.3f}, l = {:.3f}, o = {:.3f}".format(*second))
predicted("L10.chunks")

# %% [markdown]
# To put two chunks together, both have to be measured from the same height. The one with the lower maximum is too large
# by exp(its own m − the common m), so multiply that in:


# %%
def merge(one, other):
    """Two chunks' (m, l, o) as those of both together."""
    (m1, l1, o1), (m2, l2, o2) = one, other
    m = max(m1, m2)
    return m, l1 * np.exp(m1 - m) + l2 * np.exp(m2 - m), o1 * np.exp(m1 - m) + o2 * np.exp(m2 - m)


_, total, mixed = merge(first, second)
p_S = np.exp(e_S - e_S.max())
print(f"merged: {mixed / total:.6f}   softmax of all six: {p_S @ v_S / p_S.sum():.6f}")

# %% [markdown]
# Exactly the same. And `merge` doesn't mind how you put the chunks together: any order, any grouping. That makes it more
# than a trick. Chunks may come one after another, or be shared out among machines that each send three numbers home.

# %%
each = [seen(e_S[i : i + 1], v_S[i : i + 1]) for i in range(6)]
for order in ([0, 1, 2, 3, 4, 5], [5, 3, 1, 0, 2, 4]):
    _, total, mixed = functools.reduce(merge, [each[i] for i in order])
    print(order, f"{mixed / total:.6f}")

# %% [markdown]
# This is the {{online softmax (softmax bit by bit): a softmax whose scores come in pieces, with a running maximum and a
# running sum that are corrected whenever the maximum grows}} (Milakov & Gimelshein 2018). Rabe & Staats (2021) built attention
# from it. {{FlashAttention: attention computed block by block inside a GPU's small fast memory, so that the table of scores is
# never written down}} (Dao et al. 2022) computes no less, and is quicker all the same: the way to the large memory was what took
# the time.
#
# ### L10.2 Attention in chunks
#
# *Difficulty ●●●●● · importance ●●●●○ · 30 minutes · 12 points · `hint("L10.2")`*
#
# Now for all T queries at once, each with an m, l and o of its own. The last chunk may be short, and a mask may hide a
# whole chunk from a query, whose maximum is −∞ then. Forget each chunk before the next one comes: the memory is watched.
# An ε in the sum, which other lessons forgive, is seen: exact means exact.


# %% answer="L10.2"
def chunked_attention(q_TK, k_SK, v_SV, chunk, mask_TS=None):
    """What plain attention gives, o (T, V), with `chunk` keys at a time.

    q_TK: queries. k_SK, v_SV: keys and values. chunk: how many keys at most are looked at
        together; the last chunk may be shorter. mask_TS: bool, True = may be seen; or None.

    No array of T × S scores is ever made. A query that may see no key gets zeros.
    """
    ### BEGIN SOLUTION
    (T, K), V = q_TK.shape, v_SV.shape[1]
    m_T, l_T, o_TV = np.full(T, -np.inf), np.zeros(T), np.zeros((T, V))
    for start in range(0, len(k_SK), chunk):
        part = slice(start, start + chunk)
        e_TS = q_TK @ k_SK[part].T / np.sqrt(K)
        if mask_TS is not None:
            e_TS = np.where(mask_TS[:, part], e_TS, -np.inf)
        new_T = np.maximum(m_T, e_TS.max(axis=1))
        base_T = np.where(np.isinf(new_T), 0, new_T)
        shrink_T, p_TS = np.exp(m_T - base_T), np.exp(e_TS - base_T[:, None])
        l_T = shrink_T * l_T + p_TS.sum(axis=1)
        o_TV = shrink_T[:, None] * o_TV + p_TS @ v_SV[part]
        m_T = new_T
    return o_TV / np.where(l_T == 0, 1, l_T)[:, None]
    ### END SOLUTION


# %% check="L10.2"
verdict = check("L10.2", chunked_attention)
verdict.points

# %% [markdown]
# What does it save? `tracemalloc` writes down how much memory Python has taken, NumPy's arrays too.


# %%
def peak(attend, T):
    """The most memory in use at one time during one head's attention, in MB."""
    x_TD, _ = words_and_matrices(T, 64, np.random.default_rng(T))
    tracemalloc.start()
    attend(x_TD, x_TD, x_TD)
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return most / 1e6


in_chunks = functools.partial(chunked_attention, chunk=128)
for T in (512, 1024, 2048, 4096):
    print(
        f"{T:6,} words: plain {peak(plain_attention, T):7.1f} MB, in chunks {peak(in_chunks, T):6.1f} MB"
    )

# %% [markdown]
# The plain way needs four times as much for twice the length, chunks only twice as much: **linear memory, and nothing lost**
# but the last digit or two, since the sums are taken in another order. And time?

# %%
seconds["in chunks"] = [time_of(T, in_chunks) for T in lengths]
for i, T in enumerate(lengths):
    print(
        f"{T:6,} words:",
        *(f"{name} {1000 * s[i]:7.1f} ms" for name, s in seconds.items()),
        sep="  ",
    )

# %%
from attnkit.panels import bits_panel, kept_heads_panel, length_panel

length_panel(attention_cost, lengths, seconds, D, H, chunk=128)

# %% [markdown]
# Move the slider. Left, what was measured on your machine and the curve through it; right, what the scores take in
# memory, by your `attention_cost`. The time in chunks still has its square: every pair is still computed. An exact
# method can't save those.
#
# ### L10.3 Write the test
#
# *Difficulty ●●●○○ · importance ●●●○○ · 15 minutes · 7 points · `hint("L10.3")`*
#
# Code like L10.2's is easily wrong in ways that a single example doesn't show. Write the test that finds out. You are
# judged by which functions you tell apart: right ones, and those with the mistakes you have just avoided, or made.


# %% answer="L10.3"
def check_chunked(fn):
    """True if fn(q_TK, k_SK, v_SV, chunk, mask_TS) is attention in chunks, otherwise False.

    It is if it gives the same for every size of chunk, and that what the plain softmax gives,
    with a mask and without (mask_TS is None).
    """
    ### BEGIN SOLUTION
    rng = np.random.default_rng(10)
    q_TK, k_SK, v_SV = (rng.normal(size=shape) for shape in ((5, 6), (7, 6), (7, 3)))
    early_TS = np.arange(7) < np.array([1, 3, 4, 6, 2])[:, None]
    masks = (None, early_TS, ~early_TS)
    for mask, chunk, turn in itertools.product(masks, (1, 2, 3, 7), (1, -1)):
        k, v = k_SK[::turn], v_SV[::turn]
        right_TV = plain_attention(q_TK, k, v, mask)
        try:
            o_TV = np.asarray(fn(q_TK, k, v, chunk, mask))
        except Exception:
            return False
        if o_TV.shape != right_TV.shape or not np.allclose(o_TV, right_TV, atol=1e-4):
            return False
    return True
    ### END SOLUTION


# %% check="L10.3"
verdict = check("L10.3", check_chunked)
verdict.points

# %%
print("your own function:", check_chunked(chunked_attention))

# %% [markdown]
# ### On a GPU
#
# The same curve with Keras, on whatever there is. On a GPU it goes to 16,384 words, where one head's scores are a
# gigabyte; a CPU stops early.


# %%
from attnkit.classifier import device_report


def on_device(T):
    """Seconds of one head's plain attention of T words, to the end of the work."""
    q, k, v = (keras.random.normal((T, 64), seed=seed) for seed in range(3))

    def run():
        w = keras.ops.softmax(keras.ops.einsum("tk,sk->ts", q, k) / 8.0)
        return keras.ops.convert_to_numpy(keras.ops.einsum("ts,sv->tv", w, v))

    return fastest(run)


# %%
with silence():
    devices = device_report()
most = 16_384 if devices.uses == "gpu" else 2048
T = 512
while most >= T:
    print(f"{T:7,} words: {1000 * on_device(T):8.2f} ms")
    T = 2 * T
if devices.uses == "cpu":
    print("No GPU here, so the longer texts are left out. Nothing below needs them.")

# %% [markdown]
# ## 3 · A model to save on
#
# From here on each saving takes something away, and you want to know what is lost. So we need a model that has learned
# something: lesson 8's classifier, in the shape that costs most. Instead of four learned queries **every word asks every
# other**, with lesson 6's heads, eight of them; then comes a masked mean, and one line. All else is lesson 8's: MR, 40
# words, D = 32, dropout, training. (The first time it takes half a minute.)

# %%
with silence():
    params = asking_reader.trained()
data = asking_reader.sentences()
ids_NT, y_N = data["validation"]
for name, array in params.items():
    print(f"{name:7} {array.shape!s:12} {array.nbytes / 1000:8.1f} kB")

# %% [markdown]
# What it computes, in NumPy. `near_TT` says who may see whom, which section 4 needs. (Pads may see themselves, so that no
# row is empty; nobody reads what comes of it.)


# %%
def split_heads(x_BTD, H):
    return x_BTD.reshape(*x_BTD.shape[:2], H, -1).transpose(0, 2, 1, 3)


def multi_head(x_BTD, params, H, mask):
    """Lesson 6's heads, words asking each other: every word may see one word at least."""
    q, k, v = (split_heads(x_BTD @ params[name], H) for name in ("Wq", "Wk", "Wv"))
    e_BHTS = np.where(mask, q @ k.swapaxes(2, 3) * q.shape[-1] ** -0.5, -np.inf)
    p_BHTS = np.exp(e_BHTS - e_BHTS.max(axis=-1, keepdims=True))
    o_BHTK = (p_BHTS / p_BHTS.sum(axis=-1, keepdims=True)) @ v
    return o_BHTK.transpose(0, 2, 1, 3).reshape(*x_BTD.shape[:2], -1) @ params["Wo"]


# %%
def logits(ids_BT, params, H, near_TT=True):
    """What the reader says of each text, above 0 for praise. near_TT: who may see whom."""
    T = ids_BT.shape[1]
    keep_BT = ids_BT != 0
    x_BTD = params["words"][ids_BT] + params["places"][:T]
    mask = keep_BT[:, None, None, :] & near_TT | np.eye(T, dtype=bool)
    x_BTD = x_BTD + multi_head(x_BTD, params, H, mask)
    z_BD = np.einsum("btd,bt->bd", x_BTD, keep_BT / keep_BT.sum(axis=1, keepdims=True))
    return z_BD @ params["w"] + params["b"][0]


# %%
z_N = logits(ids_NT, params, 8)
right_N = (z_N > 0) == (y_N == 1)
print(f"{right_N.mean():.1%} of {len(y_N):,} validation sentences right")

# %% [markdown]
# A good place for a break.
#
# How sure are such numbers? 1,000 sentences give an accuracy ± 2.7 points. For a *saving* it is better to compare sentence
# by sentence: only those count on which the two verdicts differ. This function is used for every saving below; lesson
# 8's report gives the same kind of interval.


# %%
def compare(name, z_N):
    """How many are right, and how many fewer than before, with the difference's 95 % interval."""
    change_N = ((z_N > 0) == (y_N == 1)) * 1.0 - right_N
    half = 1.96 * change_N.std(ddof=1) / np.sqrt(len(change_N))
    now = right_N.mean() + change_N.mean()
    print(
        f"{name:22} {now:.1%} right, change {100 * change_N.mean():+5.1f} ± {100 * half:.1f} points"
    )


compare("the model itself", z_N)

# %% [markdown]
# ## 4 · Windows
#
# The first thing one can leave out: pairs of words that are far apart. With a {{sliding window (neighbours only): each
# word attends only to words at most w places away, so that the cost grows with the length and not with its square}} of w,
# a word sees w words to either side. Longformer (Beltagy et al. 2020) reads texts of thousands of words that way, with a few
# words that still see everything.
#
# The mask is your `window_mask`. But look:

# %%
T, w = 2048, 64
q_TK, k_TK, v_TV = np.random.default_rng(0).normal(size=(3, T, 64)).astype("float32")
near_TT = window_mask(T, w)
print(f"{near_TT.mean():.1%} of all pairs are inside")
for name, mask in (("everything", None), ("the window", near_TT)):
    print(
        f"{name:10}: {1000 * fastest(lambda m=mask: plain_attention(q_TK, k_TK, v_TV, m)):6.1f} ms"
    )

# %% [markdown]
# **A mask saves nothing.** All pairs are computed, and then most are thrown away. To save, the far pairs must never be
# made: take a block of queries, and only the keys within reach.


# %%
def banded_attention(q_TK, k_TK, v_TV, w, block=128):
    """Attention in a window of w, one block of queries after another; no far pair is computed."""
    o_TV = np.empty_like(v_TV)
    for start in range(0, len(q_TK), block):
        low, high = max(start - w, 0), start + block + w
        rows, reach = slice(start, start + block), slice(low, high)
        near = window_mask(block + 2 * w, w)[start - low : start - low + block]
        mask = near[: len(q_TK[rows]), : len(k_TK[reach])]
        o_TV[rows] = plain_attention(q_TK[rows], k_TK[reach], v_TV[reach], mask)
    return o_TV


same = np.allclose(
    banded_attention(q_TK, k_TK, v_TV, w), plain_attention(q_TK, k_TK, v_TV, near_TT), atol=1e-5
)
print("the same numbers:", same)
print(f"in blocks : {1000 * fastest(lambda: banded_attention(q_TK, k_TK, v_TV, w)):6.1f} ms")

# %% [markdown]
# Now it is time that is saved, and the square is gone: T · (2w + 1) pairs. What does the reader lose?

# %%
predict("L10.window", "The reader gets windows of 16, 4, 1 and 0: from which on will it get worse?")

# %%
for w in (16, 4, 1, 0):
    compare(f"a window of {w}", logits(ids_NT, params, 8, window_mask(40, w)))
predicted("L10.window")

# %% [markdown]
# Not even a window of 0 hurts, where each word sees *itself* and nobody else. Over five trainings and 1,000 test sentences
# the change is +0.1 ± 0.1 points. Comparing words brings this reader nothing: praise is nearly a sum over words, as lesson 8
# found. **A saving is cheap where the task never needed what it takes.**
#
# A task that does need it is lesson 4's cloakroom: somebody asks for a coat, and it hangs anywhere.

# %%
rng = np.random.default_rng(4)
T = 64
names_TK = 8 * rng.normal(size=(T, 32)) / np.sqrt(32)  # one name for each coat
asked_T = rng.permutation(T)  # the guest at place t asks for the coat at place asked_T[t]
for w in (63, 32, 16, 4):
    o_TV = plain_attention(4 * names_TK[asked_T], names_TK, np.eye(T), window_mask(T, w))
    print(
        f"window of {w:2}: {np.mean(o_TV.argmax(axis=1) == asked_T):6.1%} of the guests get their own coat"
    )

# %% [markdown]
# ## 5 · Fewer heads
#
# Eight heads: are all of them needed? Michel, Levy & Neubig (2019) took trained translators and BERT, and found that most heads
# can go without much harm, in some layers all but one; Voita et al. (2019) took 38 of 48 heads from an encoder and lost 0.15 points of
# BLEU. Taking parts out of a trained model is called {{pruning (cutting back): removing weights or whole parts of a trained
# model, those that it can best do without}}.
#
# ### L10.4 Prune heads
#
# *Difficulty ●●●○○ · importance ●●●●○ · 15 minutes · 6 points · `hint("L10.4")`*
#
# Setting a head to zero gives the right output, too, and saves nothing. Take its columns and rows *out*.


# %% answer="L10.4"
def prune_heads(params, keep, H):
    """The parameters with these heads only, in the order of `keep`: a new dict, smaller arrays.

    params: a dict; of its arrays Wq, Wk, Wv (D, H·K) and Wo (H·K, D) belong to heads, head h
        having the columns (in Wo the rows) from h·K to (h + 1)·K. All else comes back as it is.
    keep: numbers of heads, each at most once. H: how many heads there are.
    """
    ### BEGIN SOLUTION
    K = params["Wq"].shape[1] // H
    kept = np.concatenate([np.arange(h * K, (h + 1) * K) for h in keep])
    pruned = dict(params)
    for name in ("Wq", "Wk", "Wv"):
        pruned[name] = params[name][:, kept]
    pruned["Wo"] = params["Wo"][kept]
    return pruned
    ### END SOLUTION


# %% check="L10.4"
verdict = check("L10.4", prune_heads)
verdict.points

# %%
for keep in ([0, 1, 2, 3, 4, 5, 6, 7], [0, 2, 4, 6], [5]):
    small = prune_heads(params, keep, 8)
    held = sum(small[name].nbytes for name in ("Wq", "Wk", "Wv", "Wo")) / 1000
    count = len(keep)
    ms = 1000 * fastest(lambda p=small, n=count: logits(ids_NT[:100], p, n))
    compare(f"heads {keep}", logits(ids_NT, small, count))
    print(f"{'':22} {held:.1f} kB of matrices, {ms:.1f} ms for 100 sentences")

# %% [markdown]
# Which ones to keep? Michel and others go by what the loss on held-out texts says. In our reader that is easily done for *all*
# 256 choices: heads are added up, and behind them come only a mean and a line, so each head adds a number of its own to the
# logit.

# %%
alone_NH = np.stack([logits(ids_NT, prune_heads(params, [h], 8), 1) for h in range(8)], axis=1)
none_N = (alone_NH.sum(axis=1) - z_N) / 7  # what stands there without any head
each_NH = alone_NH - none_N[:, None]
some = [1, 4, 6]
summed_N = none_N + each_NH[:, some].sum(axis=1)
print("adds up:", np.allclose(summed_N, logits(ids_NT, prune_heads(params, some, 8), 3), atol=1e-4))

# %%
predict(
    "L10.heads",
    "Keep two of eight heads: how much better will those be that the validation loss picks than two drawn by lot?",
)

# %%
kept_heads_panel(prune_heads, params, 8, none_N, each_NH, y_N)

# %% [markdown]
# Each dot is one of the 256 choices; yours is marked. Switch heads off one by one, those first whose going costs least.
#
# The same, measured over five trainings: heads go one after another, each time the one whose going costs the validation
# loss least; *by lot* is the exact mean over all choices.

# %%
from attnkit.measured import lesson_10_heads, lesson_10_table

predicted("L10.heads")
lesson_10_heads()

# %% [markdown]
# In accuracy nothing shows: whichever heads stay, and however many, no change is beyond its interval. One head drawn by lot is
# right as often as all eight together. The *loss* does tell: with two heads it is 0.551 if the validation loss has picked them, and
# 0.576 by lot. The choice matters for how sure the reader is, and hardly for which side it comes down on.
#
# And what is saved? Time, as you saw above. And memory?

# %%
held = {name: array.nbytes / 1000 for name, array in params.items()}
print(f"the heads: {sum(held[name] for name in ('Wq', 'Wk', 'Wv', 'Wo')):.0f} kB", end="")
print(f" of {sum(held.values()):,.0f} kB; the table of words: {held['words']:,.0f} kB")

# %% [markdown]
# ## 6 · Fewer bits
#
# A weight is a float32: 32 bits. Does it need them all? With eight bits there are 255 whole numbers from −127 to 127, and a
# matrix takes a quarter of the memory. Storing numbers in few bits is called {{quantisation (rounding to few
# values): storing numbers as small whole numbers with a common scale, in 8 bits or fewer}}.
#
# Each column of W gets a **scale**, so that its largest absolute value becomes 127; then round: w ≈ q · scale. Why a scale for
# each column, and not for each row, or one for all?

# %%
W = np.array([[0.5, 100.0], [-0.25, -30.0], [0.1, 7.0]])
one_scale = np.abs(W).max() / 127
print("one scale for all:", (np.round(W / one_scale) * one_scale).round(2), sep="\n")
by_column = np.abs(W).max(axis=0) / 127
print("one for each column:", (np.round(W / by_column) * by_column).round(2), sep="\n")

# %% [markdown]
# With one scale the small column is rounded to nothing. Columns may each have their own because of how a product works: in
# $y_o=\sum_i x_i w_{io}$ the scale of column o can be taken out of the sum. And so can the scale of a *row of x*. What is left
# inside the sum are products of whole numbers, which chips multiply faster and with less power than floats (Jacob et al.
# 2018; Dettmers et al. 2022 run models of 175 billion parameters that way).
#
# ### L10.5 Eight bits
#
# *Difficulty ●●●●○ · importance ●●●●○ · 20 minutes · 9 points · `hint("L10.5")`*
#
# How large can a sum of products of two such numbers become? Choose the type of the sum accordingly.


# %% answer="L10.5"
def quantize_int8(w_IO):
    """Whole numbers for weights: (q (I, O) int8, scale (O,)), so that w is nearly q · scale.

    A column's largest absolute value becomes ±127, the others are rounded, halves to even
    (`np.round`). A column of zeros has the scale 1.0 and the codes 0.
    """
    ### BEGIN SOLUTION
    largest_O = np.abs(w_IO).max(axis=0)
    scale_O = np.where(largest_O > 0, largest_O / 127, 1.0)
    q_IO = np.round(w_IO / scale_O).astype(np.int8)
    return q_IO, scale_O
    ### END SOLUTION


def int8_matmul(x_BI, q_IO, scale_O):
    """x @ w of whole numbers, (B, O) floats: each row of x gets a scale and codes, as w has.

    q_IO, scale_O: what `quantize_int8` gives for w. The codes are summed in int32.
    """
    ### BEGIN SOLUTION
    codes_IB, scale_B = quantize_int8(x_BI.T)
    sums_BO = codes_IB.T.astype(np.int32) @ q_IO.astype(np.int32)
    return sums_BO * scale_B[:, None] * scale_O
    ### END SOLUTION


# %% check="L10.5"
verdict = check("L10.5", quantize_int8, int8_matmul)
verdict.points

# %%
predict(
    "L10.bits", "The reader's weights, in 8, 4, 3 and 2 bits: where does its accuracy give way?"
)

# %%
from attnkit.figures.bits import quantise

MATRICES = ("words", "places", "Wq", "Wk", "Wv", "Wo")


def in_bits(bits):
    """The reader's arrays as they come back from whole numbers of so many bits; 8 are yours."""
    back = dict(params)
    for name in MATRICES:
        q, scale = quantize_int8(params[name]) if bits == 8 else quantise(params[name], bits)
        back[name] = (q * scale).astype("float32")
    return back


rounded = {bits: logits(ids_NT, in_bits(bits), 8) for bits in range(8, 1, -1)}
accuracy = {bits: np.mean((z > 0) == (y_N == 1)) for bits, z in rounded.items()}
for bits, z_bits_N in rounded.items():
    compare(f"{bits} bits", z_bits_N)
predicted("L10.bits")

# %%
bits_panel(quantize_int8, {name: params[name] for name in MATRICES}, accuracy)

# %% [markdown]
# Move the slider, and watch what is left of the histogram. Over five trainings, on the 1,000 test sentences, 8 bits change
# 0.0 ± 0.1 points, 4 bits +0.2 ± 0.6, 3 bits +0.4 ± 0.8: no loss to be seen. (You may have seen one above. The epoch was chosen by the
# validation sentences, so the model looks a little better on them than it is, and any change looks like a loss.) Two bits, which are three values a column, cost **3.5 ± 1.8
# points**. (Large language models are harder to round: a few of their coordinates are very large and spoil the scale for the others.
# Dettmers et al. keep those in 16 bits.)
#
# What about time?

# %%
x_BI = np.random.default_rng(5).normal(size=(512, 256)).astype("float32")
W_IO = np.random.default_rng(6).normal(size=(256, 256)).astype("float32")
q_IO, scale_O = quantize_int8(W_IO)
y_BO, y8_BO = x_BI @ W_IO, int8_matmul(x_BI, q_IO, scale_O)
print(f"memory {W_IO.nbytes / 1000:.0f} kB, now {(q_IO.nbytes + 4 * len(scale_O)) / 1000:.0f} kB")
print(f"error {np.std(y8_BO - y_BO) / np.std(y_BO):.2%} of the outputs' spread")
print(f"float32 {1000 * fastest(lambda: x_BI @ W_IO):.2f} ms, ", end="")
print(f"whole numbers {1000 * fastest(lambda: int8_matmul(x_BI, q_IO, scale_O)):.2f} ms")

# %% [markdown]
# Memory, yes; time, on the contrary. NumPy has no fast product for whole numbers, so ours is slower. Chips with such a unit are
# faster; here you have the numbers and the memory that they would get. A saving on paper is one only where the machine can use it.
#
# ## 7 · A smaller pupil
#
# The last way to pay less: another model, a small one. Here it has 4 numbers a word instead of 32, no attention and no places,
# only a mean: an eighth of the memory. Could the large model help it to learn?
#
# A label says *praise*. A trained model says *praise, but only just*:

# %%
from attnkit.data import split

for i in (3, 10, 700):
    text = split("mr").validation.text[i]
    print(f"label {y_N[i]:.0f}, reader {1 / (1 + np.exp(-z_N[i])):.2f}: {text[:90]}")

# %% [markdown]
# To hand that on is called {{knowledge
# distillation (learning from a large model): training a small model, the student, to give the same probabilities as a large one,
# the teacher}} (Hinton, Vinyals & Dean 2015). The teacher's probabilities are called {{soft targets (shares in
# place of a label): a teacher's probabilities for all classes, which the student learns in place of the one right class}}.
#
# They are softened by lesson 2's temperature τ, on both sides, and compared by the {{KL divergence (how far from the teacher):
# the mean over p of log p − log q, which is 0 only if both distributions are the same}}
# $\sum_c p_c(\log p_c-\log q_c)$, p the teacher's and q the student's.
#
# Why the τ² in front? Look at the gradient:


# %%
def soft(z_C, tau):
    p_C = np.exp((z_C - z_C.max()) / tau)
    return p_C / p_C.sum()


teacher_C, student_C = np.array([2.0, 0.5, -1.0]), np.array([0.5, 1.0, -0.5])
for tau in (1, 2, 4, 8, 16):
    slope_C = (
        soft(student_C, tau) - soft(teacher_C, tau)
    ) / tau  # of the KL in the student's logits
    print(
        f"τ = {tau:2}: largest slope {np.abs(slope_C).max():.4f}, times τ² {np.abs(slope_C).max() * tau**2:.3f}"
    )

# %% [markdown]
# Softened twice as much, the slopes are a quarter: once because the logits are divided by τ, once because the two
# distributions come closer. Times τ² they stay about as large, so that τ can be changed without touching the learning rate, or the
# balance with an ordinary loss beside it.
#
# Your `log_softmax` of lesson 2, in short:


# %%
def log_softmax(s, axis=-1):
    shifted = s - s.max(axis=axis, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=axis, keepdims=True))


# %% [markdown]
# ### L10.6 Learn from a teacher
#
# *Difficulty ●●●○○ · importance ●●●○○ · 12 minutes · 7 points · `hint("L10.6")`*


# %% answer="L10.6"
def distill_loss(student_BC, teacher_BC, tau):
    """τ² times the mean over the batch of KL(teacher ‖ student), both softened by τ: a float.

    student_BC, teacher_BC: logits, one row an example. tau: the temperature of both.
    """
    ### BEGIN SOLUTION
    log_s_BC = log_softmax(student_BC / tau)
    log_t_BC = log_softmax(teacher_BC / tau)
    kl_B = np.einsum("bc,bc->b", np.exp(log_t_BC), log_t_BC - log_s_BC)
    return float(tau**2 * kl_B.mean())
    ### END SOLUTION


# %% check="L10.6"
verdict = check("L10.6", distill_loss)
verdict.points

# %% [markdown]
# Praise or blame are two classes, but our models give one logit z; the other one is 0. Keras needs the loss in operations of its
# own, so that it has gradients. Does it agree with yours?


# %%
TAU = 2.0


def taught(t_B1, s_B1):
    """Your loss for a teacher's logits t and a pupil's s of one number each, as Keras needs it."""
    softplus = keras.ops.softplus
    t, s = t_B1 / TAU, s_B1 / TAU
    praise = keras.ops.sigmoid(t) * (softplus(-s) - softplus(-t))
    blame = keras.ops.sigmoid(-t) * (softplus(s) - softplus(t))
    return TAU**2 * keras.ops.mean(praise + blame)


# %%
def taught_by_numpy(t_B1, s_B1):
    return distill_loss(
        np.concatenate([0 * s_B1, s_B1], 1), np.concatenate([0 * t_B1, t_B1], 1), TAU
    )


t_B1, s_B1 = 2 * np.random.default_rng(7).normal(size=(2, 5, 1)).astype("float32")
print(f"yours {taught_by_numpy(t_B1, s_B1):.5f}, in Keras {float(taught(t_B1, s_B1)):.5f}")

# %% [markdown]
# Now the point of it: **a teacher needs no labels**. It can say what it thinks of any sentence, and sentences are
# everywhere. Here are 20,000 out of IMDb's reviews, whose labels (of whole reviews) we don't look at.

# %%
predict(
    "L10.pupil",
    "Which pupil will be best: taught by labels, by the teacher on the same sentences, or by the teacher on "
    "20,000 more? And how near will it come to its teacher?",
)

# %%
train_ids = data["train"].ids
more_ids = np.concatenate([train_ids, asking_reader.more_sentences()])
with silence():
    said_N = np.concatenate(
        [logits(more_ids[i : i + 250], params, 8) for i in range(0, len(more_ids), 250)]
    )
    pupil = asking_reader.teach(taught, more_ids, said_N)
p_pupil_N = pupil.predict(ids_NT, verbose=0)[:, 0]
compare("the pupil", p_pupil_N - 0.5)
print(
    f"{pupil.count_params():,} parameters; the teacher has {sum(a.size for a in params.values()):,}"
)

# %% [markdown]
# Over five trainings each, on the 1,000 test sentences:

# %%
predicted("L10.pupil")
lesson_10_table("pupils")

# %% [markdown]
# On the same sentences the teacher is no help: the labels are there already, and taught by them the pupil gets 71.6 %. With 20,000
# sentences more it has 73.9 %, as good as its teacher (+0.6 ± 1.4 points) with an eighth of the memory. What brought that was not
# the softness but the *sentences*: a teacher labels what nobody has labelled. Five teachers' mean taught no better than one, beyond
# chance.
#
# ## 8 · The bill
#
# Everything on one page, so that it can be compared: what it saves, and what it costs, with its interval. All changes are
# against the same trained models, sentence by sentence.

# %%
lesson_10_table()

# %% [markdown]
# Chunks aren't on the bill, for they change nothing. All else is a trade, and three things can be read here:
#
# - **The largest savings are the plainest**: fewer who ask (lesson 8's four queries), or a small model with a good teacher.
# - Of all these only two bits lose more than their interval. That doesn't prove that the others lose nothing: with five
#   trainings and 1,000 sentences a loss of half a point would go unseen in most rows.
# - All of it holds for *this* task, which hardly needs attention. At the cloakroom a window lost nearly everything.
#
# And how much could a window have saved here at all?

# %%
cost = attention_cost(1, 40, 40, 32, 8)
pairs = cost["scores"] + cost["mix"]
print(f"of pairs of words: {pairs / (cost['projections'] + pairs):.0%} of attention's operations")

# %% [markdown]
# ### Question
#
# *3 points, read by a person. A few sentences are enough.*
#
# A colleague has "made attention four times cheaper": she has set six of eight heads to zero, hides all pairs more than 16 words
# apart by a mask, and stores the weights in int8. On 200 test sentences she finds 78.0 % before and 77.5 % after, "so nothing is lost".
# Her sentences have 30 words, D is 512.
#
# 1. Which of her three measures save time, and which save memory, as she did them? Say why.
# 2. At 30 words and D = 512, which part of attention would have been worth saving? Give a number.
# 3. What would you ask before you believe "nothing is lost"? Name an experiment.

# %% [markdown] manual="L10-bill" points=3
# ### BEGIN MARK SCHEME
# **Model answer.** (1) Zeroed heads are still computed: no time saved, and no memory, unless their columns and rows are taken out.
# A mask hides pairs that were computed all the same: no time saved, and the mask itself takes memory. int8 saves weights'
# memory (a quarter); time only on hardware with a product for whole numbers. (2) The pairs' share is 4T²D of
# 8TD² + 4T²D, that is T / (2D + T) = 30 / 1054, about 3 %: with 97 % in the projections, windows could win nearly nothing;
# fewer or narrower heads (smaller matrices) or fewer bits would. (3) 200 sentences give ± 5.7 points, so a difference of 0.5 says
# nothing either way. Compare sentence by sentence, on more sentences and several trainings, and give the interval of the difference;
# or test on texts that need what was taken (long ones, those with a negation far from its word).
#
# **Marks.** 1 point for (1): at least two of the three judged rightly *with* a reason. ½ for one. 1 point for (2): the projections
# named *and* a number or the rule T = 2D used. ½ without a number. 1 point for (3): the small sample or the missing interval *and*
# an experiment. ½ for one.
# ### END MARK SCHEME

# %% [markdown]
# ## 9 · What you have now
#
# - The cost of attention, counted and measured: $a\,T + b\,T^2$, with its turning point near 2D.
# - **Exact attention in linear memory**, and a test that tells it from its look-alikes.
# - Windows, pruned heads, eight bits, a taught pupil: each with what it saves and what it loses.
# - The habit of asking three things of any saving: is it computed less, or only hidden? can the machine use it? did the task
#   need what was taken?
#
# **Where next?** The start page shows what is open.

# %%
from attnkit.progress import course_map

course_map()

# %% [markdown]
# ### Further reading
#
# - Milakov & Gimelshein, *Online normalizer calculation for softmax* (2018).
# - Rabe & Staats, *Self-attention Does Not Need O(n²) Memory* (2021): 59 times less memory at 16,384 words.
# - Dao et al., *FlashAttention: Fast and Memory-Efficient Exact Attention with IO-Awareness* (NeurIPS 2022).
# - Beltagy, Peters & Cohan, *Longformer: The Long-Document Transformer* (2020).
# - Michel, Levy & Neubig, *Are Sixteen Heads Really Better than One?* (NeurIPS 2019), and Voita et al., *Analyzing Multi-Head
#   Self-Attention: Specialized Heads Do the Heavy Lifting, the Rest Can Be Pruned* (ACL 2019).
# - Jacob et al., *Quantization and Training of Neural Networks for Efficient Integer-Arithmetic-Only Inference* (CVPR 2018), and
#   Dettmers et al., *LLM.int8(): 8-bit Matrix Multiplication for Transformers at Scale* (NeurIPS 2022).
# - Hinton, Vinyals & Dean, *Distilling the Knowledge in a Neural Network* (2015).
