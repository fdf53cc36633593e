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
# # Lesson 15: writing
#
# A model that has learned to guess the next word can write: it guesses, appends its guess to the text, and
# guesses again. Here you write what such a model is trained with, what makes it fast, and what it is measured by.
#
# About two hours: six exercises. You need lessons 3, 5, 6 and 7.

# %%
import numpy as np
from attnkit import check, hint

np.set_printoptions(precision=3, suppress=True)

# %% [markdown]
# After a break: *Kernel ▸ Restart Kernel and Run up to Selected Cell*.
#
# ## 1 · Predict the next word
#
# Nobody has to label anything: in a text every word is the answer to the words before it. The whole corpus is
# one long row of N ids. A training example is a **window** of T words from it, x, and its answers y are the same
# window one step further on. If the ids are 7 3 9 4 and T is 3, there is one window: x is 7 3 9 and y is 3 9 4.
#
# ### L15.1 A batch of windows
#
# *Difficulty ●●○○○ · importance ●●●●○ · 10 minutes · `hint("L15.1")`*


# %% answer="L15.1"
def next_word_batch(ids_N, T, B, rng):
    """B windows of T words from a long text, and for each word the one that follows it.

    ids_N: (N,) whole numbers, N ≥ T + 1. rng: the random generator to draw from, and from nothing
        else. Each window begins at a place of its own: every place from which there are T words and
        one more to come is equally likely, and two windows may begin at the same place.

    Returns (x_BT, y_BT), whole numbers: y_BT[b, t] follows x_BT[b, t] in the text.
    """
    ### BEGIN SOLUTION
    start_B = rng.integers(len(ids_N) - T, size=B)
    place_BT = start_B[:, None] + np.arange(T)
    return ids_N[place_BT], ids_N[place_BT + 1]
    ### END SOLUTION


# %% check="L15.1"
report = check("L15.1", next_word_batch)
report.points

# %% [markdown]
# ## 2 · Fewer keys than queries
#
# A model that writes has to keep the keys and values of all words so far. They are fewer if several heads share
# them: H heads of queries, but only G groups of keys and values. With H = 4 and G = 2, heads 0 and 1 read group 0,
# heads 2 and 3 read group 1. G = H is multi-head attention as you know it.
#
# ### L15.2 Heads that share
#
# *Difficulty ●●●○○ · importance ●●●●○ · 15 minutes · `hint("L15.2")`*


# %% answer="L15.2"
def grouped_attention(q_BHTK, k_BGSK, v_BGSV, mask=None):
    """Attention of H heads that share G groups of keys and values: head h reads group h // (H // G).

    q_BHTK: (B, H, T, K). k_BGSK: (B, G, S, K). v_BGSV: (B, G, S, V).
    mask: None, or bool, True = keep, of a shape that broadcasts to (B, H, T, S).

    Returns (o_BHTV, w_BHTS): the outputs and the weights. A query that may see nothing has weights
    of 0 and an output of 0. Raises ValueError if H is no multiple of G.
    """
    ### BEGIN SOLUTION
    (_, H, _, K), G = q_BHTK.shape, k_BGSK.shape[1]
    if H % G:
        raise ValueError(f"{H} heads can't share {G} groups evenly")
    group_H = np.arange(H) // (H // G)
    e_BHTS = np.einsum("bhtk,bhsk->bhts", q_BHTK, k_BGSK[:, group_H]) / K**0.5
    e_BHTS = np.where(True if mask is None else mask, e_BHTS, -np.inf)
    top = e_BHTS.max(axis=-1, keepdims=True)
    exp_BHTS = np.exp(e_BHTS - np.where(top > -np.inf, top, 0))
    total = exp_BHTS.sum(axis=-1, keepdims=True)
    w_BHTS = exp_BHTS / np.where(total > 0, total, 1)
    return np.einsum("bhts,bhsv->bhtv", w_BHTS, v_BGSV[:, group_H]), w_BHTS
    ### END SOLUTION


# %% check="L15.2"
report = check("L15.2", grouped_attention)
report.points

# %% [markdown]
# ## 3 · One word at a time
#
# While a text is written, each step brings one new word. Its query is new, and so are its key and value; those of
# all earlier words are what they were. So they are kept: the **cache**. Each step appends one key and one value to
# it, and lets the one new query ask them all, its own included. A first word sees only itself: its weights are
# the single number 1, and its output is its own value.
#
# ### L15.3 One step with a cache
#
# *Difficulty ●●●○○ · importance ●●●●● · 20 minutes · `hint("L15.3")`*


# %% answer="L15.3"
def cached_step(q_BHK, k_BGK, v_BGV, cache):
    """Attention for one new word, which sees itself and every word before it.

    q_BHK: its queries, H heads. k_BGK, v_BGV: its keys and values, G groups shared as in L15.2.
    cache: None before the first word; then {"k": (B, G, S, K), "v": (B, G, S, V)}, keys and values
        of the S words before, the oldest first. It stays as it was.

    Returns (o_BHV, cache): the new word's output, and a cache of S + 1 words.
    """
    ### BEGIN SOLUTION
    (_, H, K), G = q_BHK.shape, k_BGK.shape[1]
    k_BGSK, v_BGSV = k_BGK[:, :, None], v_BGV[:, :, None]
    if cache is not None:
        k_BGSK = np.concatenate([cache["k"], k_BGSK], axis=2)
        v_BGSV = np.concatenate([cache["v"], v_BGSV], axis=2)
    group_H = np.arange(H) // (H // G)
    e_BHS = np.einsum("bhk,bhsk->bhs", q_BHK, k_BGSK[:, group_H]) / K**0.5
    exp_BHS = np.exp(e_BHS - e_BHS.max(axis=-1, keepdims=True))
    w_BHS = exp_BHS / exp_BHS.sum(axis=-1, keepdims=True)
    o_BHV = np.einsum("bhs,bhsv->bhv", w_BHS, v_BGSV[:, group_H])
    return o_BHV, {"k": k_BGSK, "v": v_BGSV}
    ### END SOLUTION


# %% check="L15.3"
report = check("L15.3", cached_step)
report.points

# %% [markdown]
# ## 4 · Choosing a word
#
# The model gives each word of its vocabulary a number, the logit. A softmax makes probabilities of them, a
# temperature makes these more or less alike, and then a word is drawn. Among thousands of words there is always a
# long tail of nonsense. So only the most probable words stay in: as few as together reach p. Of the probabilities
# 0.5, 0.3 and 0.2 and with p = 0.6, two words stay, with 0.625 and 0.375.
#
# ### L15.4 The likely ones
#
# *Difficulty ●●●○○ · importance ●●●●● · 15 minutes · `hint("L15.4")`*


# %% answer="L15.4"
def top_p(z_C, p, tau=1.0):
    """The probabilities to draw the next word with: the likeliest words, as few as reach p.

    z_C: logits, one for each word of the vocabulary. p: 0 < p ≤ 1. tau: the temperature, above 0.

    Of the softmax of z / tau, the fewest words whose probabilities sum to p or more, the most
    probable first (of two equal ones the one with the lower index), made to sum to 1. All others
    are 0. With p = 1 all words stay. Returns an array in the order of z_C.
    """
    ### BEGIN SOLUTION
    s_C = z_C / tau
    p_C = np.exp(s_C - s_C.max())
    p_C = p_C / p_C.sum()
    order_C = np.argsort(-p_C, kind="stable")
    before_C = np.cumsum(p_C[order_C]) - p_C[order_C]  # what those ahead of it reach together
    p_C[order_C[(before_C >= p) & (p < 1)]] = 0
    return p_C / p_C.sum()
    ### END SOLUTION


# %% check="L15.4"
report = check("L15.4", top_p)
report.points

# %% [markdown]
# ## 5 · How good is it?
#
# A model is good if it finds real texts probable. Of each word we take the logarithm of the probability that the
# model gave it. If it gave every word ½, it hesitated between two words each time: its perplexity is 2. Models with
# other vocabularies have fewer or more words for the same text; bits per byte count what they say about the text
# itself. Six words at ½ each, in 12 bytes, are six bits: ½ bit per byte.
#
# ### L15.5 Perplexity and bits per byte
#
# *Difficulty ●●○○○ · importance ●●●●○ · 10 minutes · `hint("L15.5")`*


# %% answer="L15.5"
def perplexity(logp_BT, mask_BT):
    """Among how many words, on average, the model hesitates: exp of minus the mean of logp.

    logp_BT: (B, T), the natural logarithm of the probability of each word. mask_BT: bool, True where
        there is a word; what stands elsewhere, even −inf or nan, counts nothing.

    Returns a number, the mean being taken over all words of the batch.
    """
    ### BEGIN SOLUTION
    return np.exp(-logp_BT[mask_BT].mean())
    ### END SOLUTION


def bits_per_byte(logp_BT, mask_BT, n_bytes):
    """How many bits the model needs for each byte of a text, which has n_bytes of them.

    logp_BT, mask_BT: as above. A probability of ½ is one bit. Returns a number.
    """
    ### BEGIN SOLUTION
    return -logp_BT[mask_BT].sum() / np.log(2) / n_bytes
    ### END SOLUTION


# %% check="L15.5"
report = check("L15.5", perplexity, bits_per_byte)
report.points

# %% [markdown]
# ## 6 · Is the cache right?
#
# A cache is there to save time, and must change nothing else. Whether a text is read in one call, word by word, or
# in parts of 3 and 5 and 1 words, the outputs are the same; and who comes back to an earlier cache, to try another
# ending, finds it as it was. Which caches do all this?
#
# ### L15.6 Write the test
#
# *Difficulty ●●●●○ · importance ●●●●○ · 20 minutes · `hint("L15.6")`*


# %% answer="L15.6"
def check_cache(step):
    """Whether a layer with a cache gives the same however a text is cut.

    step: a function to test, step(x_BTD, cache) -> (y_BTD, cache), a layer in which no word sees its
        future. cache is None at first; then what the step before returned, whatever that is. It takes
        any B, any T ≥ 1, and any D that is a multiple of 8. A text has at most 64 words.

    Returns True if every way of cutting a text gives, up to rounding in float32, what one call gives,
    and an old cache can be used again, with another ending; else False. Never raises because of step.
    """
    ### BEGIN SOLUTION
    x_BTD, other_BTD = np.random.default_rng(15).normal(size=(2, 3, 24, 8))
    ways = [1] * 24, [23, 1], [1, 23], [7, 1, 1, 9, 6]

    def read(text_BTD, lengths, cache=None):
        outputs = []
        for part_BTD in np.split(text_BTD, np.cumsum(lengths)[:-1], axis=1):
            y_BTD, cache = step(part_BTD, cache)
            outputs.append(y_BTD)
        return np.concatenate(outputs, axis=1), cache

    def right(got_BTD, text_BTD, since=0):
        whole_BTD = step(text_BTD, None)[0]
        same = np.allclose(got_BTD, whole_BTD[:, since:], rtol=1e-4, atol=1e-5)
        return same and whole_BTD.shape == text_BTD.shape

    try:
        kept = read(x_BTD[:, :9], [4, 5])[1]
        for end_BTD in (other_BTD, x_BTD):  # two endings from one cache
            y_BTD = read(end_BTD[:, 9:], [1, 14], kept)[0]
            text_BTD = np.concatenate([x_BTD[:, :9], end_BTD[:, 9:]], axis=1)
            if not right(y_BTD, text_BTD, since=9):
                return False
        return all(right(read(x_BTD, way)[0], x_BTD) for way in ways)
    except Exception:
        return False
    ### END SOLUTION


# %% check="L15.6"
report = check("L15.6", check_cache)
report.points
