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
# A model that guesses the next word can write: it guesses, appends its guess to the text, and guesses again.
# You turn lesson 7's block into such a model, train it on film reviews, measure it, and make it fast.
#
# Afterwards you can
#
# - train a language model on plain text, without a single label;
# - say how good it is, beside a model that only counts;
# - write with it, by temperature and top-p;
# - spare it nearly all of its work with a cache, and prove that the cache changes nothing.
#
# About two and a half hours, with a good place for a break behind section 4: six exercises (55 points) and one
# question (3 points). You need lessons 3, 5, 6 and 7.

# %%
import re
from collections import Counter
from dataclasses import asdict

import numpy as np
import pandas as pd
from attnkit import check, hint, predict, predicted
from attnkit.classifier import device_report
from attnkit.earlier import yours
from attnkit.quiet import silence
from attnkit.writing.byte_pairs import BytePairs, learn_byte_pairs
from attnkit.writing.corpus import reviews
from attnkit.writing.plans import PLANS

np.set_printoptions(precision=3, suppress=True)

# %% [markdown]
# After a break: *Kernel ▸ Restart Kernel and Run up to Selected Cell*.
#
# ## 1 · Predict the next word
#
# Somebody writes about a film: *I have never seen such a …*

# %%
predict(
    "L15.next",
    "Which three words are likeliest to come next, and how likely is each: one time in ten, in a hundred?",
)

# %% [markdown]
# Ask those who wrote. Here are whole reviews from IMDb, as viewers typed them:

# %%
with silence():
    import keras

    devices = device_report()
plan = PLANS[devices.uses]
texts = reviews(plan.characters)
behind = Counter(re.findall(r"\bsuch a (\w+)", " ".join(texts.train)))
for word, count in behind.most_common(6):
    print(f"such a {word:8} {count:3} times, {count / behind.total():.1%}")
predicted("L15.next")

# %% [markdown]
# You have just made a {{language model (what comes next): a model that gives each word the probability of coming next,
# behind the words that stand there}}, for one context. It has a nice property: nobody labelled anything. In a text
# *every word is the answer to the words before it*.
#
# And it has a flaw. Most contexts of ten words were never written before, so there is nothing to count. Attention has to
# learn which of them matter.
#
# ### Pieces of words
#
# Another question first: how many words are there? With names, typos and numbers, no list is ever complete. So texts
# are cut into pieces, learned by {{byte-pair encoding (frequent pairs become pieces): starting from single letters, the
# pair that stands side by side most often becomes a piece of its own, again and again}} (Sennrich, Haddow & Birch 2016).

# %%
pairs = learn_byte_pairs(texts.some, plan.size.V)
for text in (" a wonderful film", " an unwatchable sequel", " Zqxj, 10/10!"):
    print(" | ".join(pairs.decode([i]) for i in pairs.encode(text)))
ids_N = pairs.encode_all(texts.train)
print(f"{len(texts.train):,} reviews: {len(ids_N):,} pieces of {pairs.size:,} kinds")

# %% [markdown]
# Frequent words are one piece, rare ones several, and nothing is unknown: in the worst case a piece is a single byte. The
# field calls such a piece a {{token (a piece of text): the unit that a language model reads and writes, a word or a part of
# one}}; below, *word* means a piece. All reviews together are one long row of ids, with id 0 where one ends.
#
# A training example is a **window** of T words, x, and its answers y are the same window one step further on. If the ids are
# 7 3 9 4 and T is 3, then x is 7 3 9 and y is 3 9 4.
#
# ### L15.1 A batch of windows
#
# *Difficulty ●●○○○ · importance ●●●●○ · 10 minutes · 7 points · `hint("L15.1")`*


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
verdict = check("L15.1", next_word_batch)
verdict.points

# %%
x_BT, y_BT = next_word_batch(ids_N, 12, 3, np.random.default_rng(1))
for x_T, y_T in zip(x_BT, y_BT, strict=True):
    print(repr(pairs.decode(x_T)), "→", repr(pairs.decode(y_T[-1:])))

# %% [markdown]
# One window of T words holds **T examples**: each y from the x up to there. A mistake in the shift doesn't show in the
# shapes. With y = x the model has only to copy, and its loss falls to 0: too good to be true.
#
# ## 2 · The block becomes a decoder
#
# Lesson 7's block needs three changes.
#
# - **No looking ahead**: a causal mask (lesson 5). Without it each answer stands there to be read, one word further on. Blocks
#   with this mask make a {{decoder (sees no future): a stack of blocks under a causal mask, which predicts each word from
#   those before it}}.
# - **Places by turning**: RoPE (L7.5) turns queries and keys.
# - **An answer at every word**: V logits, by the table that turned ids into vectors, used the other way round: {{weight
#   tying (one table, two uses): the table that gives each word its vector also gives it its logit}} (Press & Wolf 2017).

# %%
layer_norm, rope = yours("layer_norm", "rope")

# %% [markdown]
# A fourth change isn't needed, but you will be glad of it. A model that writes has to keep the keys and values of all words so
# far. They are fewer if heads share them: in {{multi-query attention (one set for all): heads with queries of their own, but
# the same keys and values}} (Shazeer 2019) all do. {{Grouped-query attention|grouped-query attention (heads that share): each
# group of heads has keys and values in common}} (Ainslie et al. 2023) lies between: H heads of queries, G groups of keys and
# values. With H = 4 and G = 2, heads 0 and 1 read group 0, heads 2 and 3 group 1. G = H is what you know.
#
# ### L15.2 Heads that share
#
# *Difficulty ●●●○○ · importance ●●●●○ · 15 minutes · 10 points · `hint("L15.2")`*


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
verdict = check("L15.2", grouped_attention)
verdict.points

# %% [markdown]
# Now the whole model in NumPy, out of your own functions. First what is the same for one word and for many:


# %%
def parts(x, p, size):
    """Queries in H heads, keys and values in G groups: (…, D) -> (…, H or G, K)."""
    n = layer_norm(x, p["ln1_gamma"], p["ln1_beta"])
    counts = {"Wq": size.H, "Wk": size.G, "Wv": size.G}
    return [(n @ p[W]).reshape(*n.shape[:-1], count, -1) for W, count in counts.items()]


def network(x, p):
    """The second half of lesson 7's block."""
    n = layer_norm(x, p["ln2_gamma"], p["ln2_beta"])
    return x + np.maximum(n @ p["W1"] + p["b1"], 0) @ p["W2"] + p["b2"]


# %%
def decoder(ids_BT, model, reach=10**9):
    """The logits of the word behind each word, (B, T, V); a word sees `reach` words, itself one."""
    x_BTD = model.table_VD[ids_BT] * model.size.D**0.5
    places_T = np.arange(ids_BT.shape[1])
    back_TT = places_T[:, None] - places_T
    for p in model.blocks:
        q, k, v = (each.swapaxes(1, 2) for each in parts(x_BTD, p, model.size))
        q, k = rope(q, places_T), rope(k, places_T)
        o_BHTK, _ = grouped_attention(q, k, v, (back_TT >= 0) & (back_TT < reach))
        x_BTD = network(x_BTD + o_BHTK.swapaxes(1, 2).reshape(x_BTD.shape) @ p["Wo"], p)
    return layer_norm(x_BTD, model.gamma_D, model.beta_D) @ model.table_VD.T


# %% [markdown]
# Training needs gradients, so Keras gets the same model, written in its own operations (`attnkit/writing/decoder.py`, 150
# lines). Are the two really the same? And is the future really out of sight?

# %%
from attnkit.writing.decoder import Writer
from attnkit.writing.stepwise import taken_apart

keras.utils.set_random_seed(15)
writer = Writer(plan.size)
some_BT = ids_N[: 2 * plan.T].reshape(2, -1)
theirs_BTV = keras.ops.convert_to_numpy(writer(some_BT))
mine_BTV = decoder(some_BT, taken_apart(writer))
print(f"{writer.count_params():,} parameters; Keras and NumPy are")
print(f"{np.abs(mine_BTV - theirs_BTV).max():.0e} apart")
other_BT = some_BT.copy()
other_BT[:, 40:] = 5
gap_T = np.abs(decoder(other_BT, taken_apart(writer)) - mine_BTV).max(axis=(0, 2))
print(
    f"words 40 and later replaced: {gap_T[:40].max():.0e} before them, {gap_T[40:].max():.1f} after"
)

# %% [markdown]
# ## 3 · Train it
#
# The loss is lesson 2's cross-entropy: minus the logarithm of the probability that the right word got, its mean over all
# B · T words of a batch. There is warm-up, and then a rate that falls. Only the optimiser is new: for matrices, {{Muon (steps of
# even strength): an optimiser for matrices, whose steps are made equally large in all directions}} (Jordan et al. 2024; Liu et
# al. 2025) takes Adam's place. In a trial of ours it came further within the same time.

# %%
print(devices)
settings = asdict(plan)
settings |= settings.pop("size")
print("The plan:", *(f"{name} {value}" for name, value in settings.items()), sep="  ")
predict(
    "L15.loss",
    "Whoever finds all V words equally likely has which loss, in natural logarithms? And where will the "
    "model's be after a tenth of the steps, and at the end?",
)

# %% [markdown]
# It takes about a minute and a half on two cores; then it is kept, and next time it is there at once. (With a GPU there is
# another plan, `PLANS["gpu"]`: 11 million parameters, windows of 256 words, ten times the text. We had no GPU to time it on.)

# %%
from attnkit.writing.training import train

losses = train(writer, ids_N, next_word_batch, plan)
model = taken_apart(writer)
print(f"all words alike: log V = {np.log(plan.size.V):.2f}; trained: {losses[-1]:.2f}")
predicted("L15.loss")

# %% [markdown]
# Most of it is learned early. In our run the first tenth was worse than finding all words alike: with one table for reading and writing, a
# model begins by saying each word once more. Then 4.1, and 3.0 in the end, which is a choice among some 20 words.
#
# ## 4 · How good is it?
#
# A model is good if it finds real texts probable: texts that it has *not* learned from. The exponential of the loss is the
# **perplexity** of lesson 2: among how many equally likely words it hesitates. Half a chance for each word is a perplexity of 2.
#
# Perplexity has a catch. Try letters in place of pieces, for a model that only counts:

# %%
predict(
    "L15.letters",
    "Two models that count, one with pieces of words and one with single letters. Which has the lower perplexity, "
    "and which says more about a text?",
)

# %% [markdown]
# ### L15.5 Perplexity and bits per byte
#
# *Difficulty ●●○○○ · importance ●●●●○ · 10 minutes · 10 points · `hint("L15.5")`*
#
# {{Bits per byte|bits per byte (counted by the text): how many bits a model needs for each byte of a text, whatever the
# pieces it was cut into}} don't count words but what they say: six words at ½ each, in 12 bytes, are six bits, so ½ bit per
# byte. Texts of a batch differ in length, so there is a mask.


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
verdict = check("L15.5", perplexity, bits_per_byte)
verdict.points

# %% [markdown]
# To compare with, a model that counts, as you did with *such a*: a {{trigram model (two words back): a language model that
# counts which words came behind each pair of words}}. What was never met would get probability 0, and one such word an
# infinite perplexity; so part of the probability goes to shorter contexts, {{smoothing (something for the unseen): taking
# probability from what was counted for what never was}}, here by Kneser & Ney (1995), in the form of Chen & Goodman (1999).

# %%
from attnkit.writing.measuring import log_probabilities
from attnkit.writing.trigrams import learn_trigrams

letters = BytePairs(())  # no pair is joined: 256 bytes, and the end
for name, cut in (("pieces", pairs), ("letters", letters)):
    counted = learn_trigrams(cut.encode_all(texts.train), cut.size)
    logp_BT, mask_BT, bytes_B = log_probabilities(counted.logp, cut, texts.validation)
    bits = bits_per_byte(logp_BT, mask_BT, bytes_B.sum())
    print(f"{name:8} perplexity {perplexity(logp_BT, mask_BT):5.1f}, {bits:.3f} bits per byte")
predicted("L15.letters")

# %% [markdown]
# The letters' perplexity is far lower, and their model is worse. Among few kinds it is easy to be right. **Perplexities can
# be compared only where the pieces are the same**; bits per byte always.
#
# Now yours. A text longer than T is read in overlapping windows, so that nearly every word has half a window before it.

# %%
predict(
    "L15.trigram",
    "The trigram model sees two words back, yours up to 63, and both have read the same reviews. Which will need fewer "
    "bits per byte, and by how much?",
)

# %%
from attnkit.writing.measuring import windowed

judges = {"all alike": lambda ids_N: np.full(len(ids_N), -np.log(pairs.size))}
judges["trigram"] = learn_trigrams(ids_N, pairs.size).logp
judges["yours"] = windowed(writer.predict_on_batch, plan.T)
rows = {}
for name, logp in judges.items():
    logp_BT, mask_BT, bytes_B = log_probabilities(logp, pairs, texts.validation)
    rows[name] = {
        "perplexity": perplexity(logp_BT, mask_BT),
        "bits per byte": bits_per_byte(logp_BT, mask_BT, bytes_B.sum()),
    }
predicted("L15.trigram")
pd.DataFrame(rows).T.style.format("{:.3f}")

# %% [markdown]
# 60 reviews are few. So the same was measured beforehand, with intervals over reviews (the last column: how many trainings), and
# beside two more models: one of equal size **without attention**, in which each word gets the mean of all before it, and one with
# sinusoids in place of RoPE.

# %%
from attnkit.measured import lesson_15_table

lesson_15_table()

# %% [markdown]
# Read the third column, bits per byte against the trigrams of the same reviews:
#
# - In a minute and a half the decoder draws level with counting: it needs 0.005 ± 0.017 less.
# - **Without attention** it is 0.423 ± 0.020 more. A mean of what came before doesn't know which word came last.
# - With sinusoids in place of RoPE it is 0.077 ± 0.018 more.
# - Trigrams of three times the text have 2.067 bits a byte: more text is as good as a better model.
# - With that text and four times the steps the decoder is ahead: it needs 0.108 ± 0.011 less.
#
# A good place for a break.
#
# ## 5 · Writing
#
# The model gives V probabilities, and somebody has to choose. Why not always the most probable word? That is {{greedy decoding
# (always the likeliest): writing the most probable word, each time}}.

# %%
predict(
    "L15.greedy", "What will it write behind 'This film', if it always takes the likeliest word?"
)


# %%
def write(beginning, choose, words=60):
    """A text that goes on from a beginning; choose(z_V) gives each next id. Ends with its end."""
    ids = [0, *pairs.encode(beginning)]
    for _ in range(words):
        z_V = decoder(np.array(ids)[None, -plan.T :], model)[0, -1]
        ids.append(int(choose(z_V)))
        if ids[-1] == 0:
            break
    return pairs.decode(ids[1:])


print(write("This film", np.argmax))
predicted("L15.greedy")

# %% [markdown]
# It goes round in circles. (In our run: *is a bit of the film, but it's a bit of the movie is a bit of the movie*.) Holtzman et al.
# (2020) found the same in large models: the most probable, again and again, isn't what people write.
#
# So draw. But among a thousand words there is a long tail of nonsense, each improbable, together not. {{Top-p sampling|top-p
# sampling (only the likely ones): drawing from the most probable words, as few as together reach the probability p; also nucleus
# sampling}} cuts it off. Of the probabilities 0.5, 0.3 and 0.2 and with p = 0.6, two words stay, with 0.625 and 0.375. Before
# that, a temperature τ makes the choice bolder or tamer.
#
# ### L15.4 The likely ones
#
# *Difficulty ●●●○○ · importance ●●●●● · 15 minutes · 9 points · `hint("L15.4")`*


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
verdict = check("L15.4", top_p)
verdict.points

# %% [markdown]
# How many words stay depends on how sure the model is:

# %%
for text in ("It is one of the", "I have never seen such a", "The worst film I have ever"):
    z_V = decoder(np.array([[0, *pairs.encode(text)]]), model)[0, -1]
    p_V = top_p(z_V, 0.9)
    likely = [f"{pairs.decode([i])!r} {p_V[i]:.2f}" for i in np.argsort(-p_V)[:4]]
    print(f"{text:28}{np.count_nonzero(p_V):4} words stay:", *likely)

# %% [markdown]
# And now it writes. Nothing is picked out: these are the first draws of three settings. What it has read, strangers wrote, and some of their
# films are cruel; so coarse words and ugly things may turn up in what it writes, too. A model passes on what is in its texts.

# %%
rng, written = np.random.default_rng(15), []
for tau, p in ((0.5, 0.9), (1.0, 0.9), (1.0, 1.0)):
    text = write("This film", lambda z_V, p=p, tau=tau: rng.choice(len(z_V), p=top_p(z_V, p, tau)))
    print(f"τ = {tau}, p = {p}: {text}\n")
    written.append(text)

# %% [markdown]
# The lower τ, the tamer; with p = 1 the tail shows, and words come up that don't exist. In none of the three does a thought last for
# longer than a few words. Still, nobody told it what a word is, or a sentence, or a review.
#
# Or does it only recite? Look for the longest stretch that stands in a training review, letter by letter:


# %%
def longest_copy(text, corpus, at_least=10):
    """The longest run of letters of a text that stands in the corpus."""
    best = ""
    for start in range(len(text)):
        end = start + max(len(best) + 1, at_least)
        while end <= len(text) and text[start:end] in corpus:
            best, end = text[start:end], end + 1
    return best


corpus = "\n".join(texts.train)
for text in written:
    print("written by the model:   ", repr(longest_copy(text, corpus)))
for review in texts.validation[:3]:
    print("from a held-out review: ", repr(longest_copy(review[: len(text)], corpus)))

# %% [markdown]
# A few words, as in reviews by people, who hadn't read those either. So this model recites nothing. Large ones do, now and then: from GPT-2,
# Carlini et al. (2021) got hundreds of passages of its training texts, people's addresses among them.
#
# ## 6 · Word by word
#
# `write` is wasteful: for each new word it reads the whole text again.

# %%
predict(
    "L15.cache",
    "With a text of 1,024 words in front of it, how many times as long will one more word take as with 64, if all is "
    "computed anew? And if keys and values of earlier words are kept?",
)

# %% [markdown]
# Under a causal mask the words before learn nothing from the one that comes. Their keys and values are what they were, in every
# block. So keep them: the {{key-value cache (what was read, kept): the keys and values of all words so far, in every block, so that
# a new word costs one query and not a whole text}}. Each step appends one key and one value, and lets the one new query ask them
# all, its own included. A first word sees only itself: its weights are the single number 1, and its output is its own value.
#
# ### L15.3 One step with a cache
#
# *Difficulty ●●●○○ · importance ●●●●● · 20 minutes · 9 points · `hint("L15.3")`*


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
verdict = check("L15.3", cached_step)
verdict.points

# %% [markdown]
# The model again, one word a call. Where does the new word stand? Where the cache ends. Its key is turned *before* it is kept:
# a place never changes.


# %%
def read_word(id_B, caches, model):
    """Logits (B, V) behind one more word, and a cache for each block; caches: None at first."""
    x_BD = model.table_VD[id_B] * model.size.D**0.5
    kept = []
    for p, cache in zip(model.blocks, caches or [None] * model.size.L, strict=True):
        place = 0 if cache is None else cache["k"].shape[2]
        q, k, v = parts(x_BD, p, model.size)
        q, k = (rope(each[:, :, None], np.array([place]))[:, :, 0] for each in (q, k))
        o_BHK, cache = cached_step(q, k, v, cache)
        kept.append(cache)
        x_BD = network(x_BD + o_BHK.reshape(x_BD.shape) @ p["Wo"], p)
    return layer_norm(x_BD, model.gamma_D, model.beta_D) @ model.table_VD.T, kept


# %%
once_BTV, caches, gaps = decoder(some_BT, model), None, []
for t in range(plan.T):
    z_BV, caches = read_word(some_BT[:, t], caches, model)
    gaps.append(np.abs(z_BV - once_BTV[:, t]).max())
print(f"word by word beside all at once: {max(gaps):.0e} apart")

# %% [markdown]
# The same, but for rounding. And the time?


# %%
def filled(S):
    """Caches as they are behind S words."""
    shape = 1, model.size.G, S, model.size.K
    return [{name: np.ones(shape, "float32") for name in "kv"} for _ in model.blocks]


def all_anew(S):
    return fastest(lambda: decoder(ids_N[None, :S], model), 2)


def with_a_cache(S):
    caches = filled(S - 1)
    return fastest(lambda: read_word(ids_N[S - 1 : S], caches, model), 9)


from attnkit.asking_reader import fastest

lengths = [64, 128, 256, 512, 1024]
ms = {
    name: [1000 * f(S) for S in lengths]
    for name, f in (("all anew", all_anew), ("with a cache", with_a_cache))
}

# %%
from attnkit.figures import draw_lines

draw_lines(
    {name: (lengths, some) for name, some in ms.items()},
    "one more word",
    "milliseconds, by how many words there are",
    x="words",
    logs=True,
)

# %% [markdown]
# Anew, the cost grows at least with the length, and in the end with its square (lesson 10). With the cache only the new word's scores and its
# sum over values grow; all matrices are used once. Measured on one core, the quickest of 15 tries: at 1,024 words 1,294 ms anew, 0.8 ms with
# the cache.
#
# What does it cost? Memory: two vectors a block, group and word.

# %%
size = model.size
for G in (size.H, size.H // 4, 1):
    word = 2 * size.L * G * size.K * 4
    print(f"G = {G}: {word:6,} bytes a word, {1024 * word / 1e6:5.2f} MB for 1,024 words")
llama = {"its own 8 groups": 8, "64, as many as heads": 64}
for name, G in llama.items():
    print(f"Llama 2, 70B, with {name}: {2 * 80 * G * 128 * 2 * 4096 / 1e9:5.1f} GB for 4,096 words")

# %% [markdown]
# (Llama 2's largest model has 80 blocks and heads of width 128; its numbers take 2 bytes; Touvron et al. 2023.) That is for *one*
# text, and a server writes many at a time. So groups save room, and the way from memory to the chip, for which writing often waits
# (Shazeer 2019). Ainslie et al. (2023) found them nearly as good as a set for each head.
#
# ## 7 · Is the cache right?
#
# A cache must change nothing but the time. In one call, word by word, or in parts of 3 and 5 and 1 words: the outputs are the same.
# And who comes back to an earlier cache, to try another ending, finds it as it was.
#
# ### L15.6 Write the test
#
# *Difficulty ●●●●○ · importance ●●●●○ · 20 minutes · 10 points · `hint("L15.6")`*


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
    try:
        whole_BTD, pairs = step(x_BTD, None)[0], []
        for cuts in ([*range(1, 24)], [23], [1], [7, 8, 9, 18]):
            cache = None
            for start, part_BTD in zip([0, *cuts], np.split(x_BTD, cuts, axis=1), strict=True):
                kept, (y_BTD, cache) = cache, step(part_BTD, cache)
                pairs.append((whole_BTD[:, start:][:, : part_BTD.shape[1]], y_BTD))
            text_BTD = np.concatenate([x_BTD[:, :start], other_BTD[:, start:]], axis=1)
            pairs.append((step(text_BTD, None)[0][:, start:], step(other_BTD[:, start:], kept)[0]))
        return all(a.shape == b.shape and np.allclose(a, b, 1e-4, 1e-5) for a, b in pairs)
    except Exception:
        return False
    ### END SOLUTION


# %% check="L15.6"
verdict = check("L15.6", check_cache)
verdict.points

# %% [markdown]
# Put it to use. Here is a layer around your `cached_step`, its heads 8 wide. Its twin counts places from 0 in each call, a
# mistake that many a cache has had.


# %%
def layer(x_BTD, cache, forgets=False):
    """Attention with RoPE, word by word, in which a word asks with what it is."""
    outputs, start = [], 0 if cache is None or forgets else cache["k"].shape[2]
    for t, x_BD in enumerate(np.moveaxis(x_BTD, 1, 0), start):
        x_BHTK = x_BD.reshape(len(x_BD), -1, 1, 8)
        turned_BHK = rope(x_BHTK, np.array([t]))[:, :, 0]
        o_BHK, cache = cached_step(turned_BHK, turned_BHK, x_BHTK[:, :, 0], cache)
        outputs.append(o_BHK.reshape(x_BD.shape))
    return np.stack(outputs, axis=1), cache


print("your cache, in a layer:     ", check_cache(layer))
print("places from 0 in each call: ", check_cache(lambda x, cache: layer(x, cache, forgets=True)))

# %% [markdown]
# ## 8 · Beyond what it has seen
#
# Your model was trained on windows of T = 64 words. It knows no other length. But nothing stops you from giving it 256: RoPE turns
# by any angle, and sinusoids have a vector for any place.

# %%
predict(
    "L15.beyond",
    "More context should help, so up to place 64 the loss falls. What does it do at place 65, at 100, at 250: with sinusoids, "
    "and with RoPE?",
)

# %%
from attnkit.measured import lesson_15_measures

long = 4 * plan.T
held_out_N = pairs.encode_all(texts.validation)


def losses(window_T, reach=10**9):
    """Minus the log-probability of each right word of a long window."""
    z_TV = decoder(window_T[None, :-1], model, reach)[0]
    z_TV -= z_TV.max(axis=-1, keepdims=True)
    return np.log(np.exp(z_TV).sum(axis=-1)) - z_TV[np.arange(len(z_TV)), window_T[1:]]


windows = [held_out_N[i : i + long + 1] for i in range(0, len(held_out_N) - long, long)][:24]
nats_WT = np.stack([losses(window_T) for window_T in windows])

# %%
told = lesson_15_measures()["places"]
curves = {
    f"{name}, measured": (told["place"], told[key], told[f"{key}, half"])
    for name, key in (("sinusoids", "sinusoids"), ("RoPE", "rope"))
}
place_N = 1 + long // 16 * np.arange(16)  # 16 parts of each window


def with_half(nats_WT):
    bins_WN = nats_WT.reshape(len(nats_WT), 16, -1).mean(axis=-1)
    return place_N, bins_WN.mean(axis=0), 1.96 * bins_WN.std(axis=0, ddof=1) / len(bins_WN) ** 0.5


curves["yours, just now"] = with_half(nats_WT)
predicted("L15.beyond")
draw_lines(curves, "loss", "by place", x="place", mark=(plan.T, "trained up to here"))

# %% [markdown]
# Measured, over 641 windows of held-out text: with sinusoids the loss is 3.30 in places 49 to 64, 4.14 in the 16 places behind them, and 4.27 at the
# end. With RoPE it is 3.18, 3.18 and 4.28: it holds for some fifty words more, and then fails as badly. That one can *compute* something doesn't
# mean that it was learned. From place 65 on, sinusoids add vectors that the model has never met. RoPE meets *distances* that nobody has trained,
# one more with each word; the first few don't count for much. (Both got worse in the experiments of Press, Smith & Lewis (2022), too.)
#
# But with RoPE there is a simple cure. If only distances count, look no farther than 64 words back:

# %%
near_WT = np.stack([losses(window_T, plan.T) for window_T in windows])
curves = {"all words": with_half(nats_WT), f"{plan.T} words back": with_half(near_WT)}
draw_lines(curves, "loss", "by place, yours", x="place", mark=(plan.T, "trained up to here"))

# %% [markdown]
# At place 250 as good as at 60. This is lesson 10's window, and for a cache it means: always drop the oldest word. (It works here. Large models
# may fail if their very first word is dropped, which is their sink: lesson 9, and Xiao et al. 2024.)
#
# ## 9 · Under your hands
#
# Type a beginning. At the top stands the text, coloured by what one head reads as it reads the last word. Below it, what may come
# next: outlined, the model's own probabilities; filled, what temperature and top-p leave of them; the star is what the draw gives. Right,
# all heads: click on one. Move *words written on*, and it writes, by your `top_p` and your `cached_step`.

# %%
from attnkit.panels import writing_panel

writing_panel(model, pairs, top_p, cached_step, text="The film")

# %% [markdown]
# Is there a head that reads the word just before, wherever you are? One that reads the first, as lesson 9's sinks do? And how sure is the model
# in the middle of a word, and how sure behind it?
#
# ## 10 · From here to ChatGPT
#
# You have built what a **GPT** is made of: a decoder that predicts the next word (Radford et al. 2018, 2019; Brown et al. 2020). What lies
# between? First, size:

# %%
known = {
    "yours": (writer.count_params(), len(ids_N)),
    "GPT-3": (175e9, 300e9),
    "Chinchilla": (70e9, 1.4e12),
    "Llama 2, largest": (70e9, 2e12),
}
for name, (parameters, tokens) in known.items():
    print(
        f"{name:17} {parameters:16,.0f} parameters, {tokens:20,.0f} tokens: {tokens / parameters:5.1f} each"
    )

# %% [markdown]
# {{Scaling laws|scaling laws (larger, with a rule): how the loss of language models falls with their size, their data and the
# computing spent}} say what size brings. The loss falls as a power of parameters, data and computing, some of it over seven orders of
# magnitude (Kaplan et al. 2020). And for a given amount of computing, parameters and tokens should grow alike: Chinchilla, with 70
# billion parameters and more text, did better than models of 175 to 530 billion (Hoffmann et al. 2022). By that rule yours, like GPT-3, is
# large for its text.
#
# A loss is not an ability, though. To do a task from a few examples in the prompt, lesson 4's in-context learning, is what GPT-3 became
# known for. Yours can't: try it.

# %%
prompt = "good: 10/10\nawful: 1/10\nwonderful: 10/10\nterrible:"
z_V = decoder(np.array([[0, *pairs.encode(prompt)]]), model)[0, -1]
for i in np.argsort(-z_V)[:5]:
    print(f"{pairs.decode([i])!r:10} {top_p(z_V, 1.0)[i]:.2f}")

# %% [markdown]
# Second, **what it learns after that**. A model of the next word goes on writing; it doesn't answer. {{Instruction
# tuning|instruction tuning (shown how to answer): going on to train a language model on requests and good answers to them}} changes that
# (Wei et al. 2022), and so does {{RLHF (reward from verdicts): reinforcement learning from human feedback; a language model is trained
# towards answers that people prefer}}. With both, people preferred the answers of a model of 1.3 billion parameters to those of GPT-3, a
# hundred times its size (Ouyang et al. 2022).
#
# Facts, arithmetic, a request that is followed, a subject kept for a page: none of that can your model show. Simpler texts would suit it
# better: on stories in a small child's words, models below 10 million parameters write paragraphs that hold together (Eldan & Li 2023).

# %%
for beginning in ("Question: what is the capital of France?\nAnswer:", "Two and two make"):
    print(repr(write(beginning, np.argmax, 12)))

# %% [markdown]
# ### Question
#
# *3 points, read by a person. A few sentences are enough.*
#
# A start-up has trained a language model on customers' e-mails. "Perplexity 11, and the well-known model has 18 on the same e-mails. Our cache
# makes it nine times faster, and the texts come out nearly the same. Look at these three letters that it wrote."
#
# 1. Their pieces are single letters and frequent pairs of them. What does the comparison with 18 say, and what would you ask for?
# 2. "Nearly the same": what do you conclude? Which two tests would you run on the cache first?
# 3. Name two things that you want to know about the three letters, and an experiment for one of them.

# %% [markdown] manual="L15-letters" points=3
# ### BEGIN MARK SCHEME
# **Model answer.** (1) Nothing: with small pieces each one is easy to guess, so perplexity is low whatever the model. Ask for bits per
# byte (or per letter) of both on the same held-out texts, with an interval. (2) A right cache changes nothing but rounding, so it is probably
# wrong (or they draw at random: then compare logits, not texts). Tests: the logits word by word beside those of one call, for several ways
# of cutting a text, also parts longer than one word; an old cache used again with another ending; texts longer than those first tried,
# several in a batch. (3) Were they chosen, and from how many? With which temperature and p? Are they copied: search the training e-mails for
# long stretches of them (which are private besides). Experiment: the longest run of words that is found in the training texts, beside the same for
# real e-mails that were held out; or twenty letters drawn without choice, judged blind among real ones.
#
# **Marks.** 1 point for (1): that perplexities with other pieces can't be compared *and* bits per byte (or letter). ½ for one. 1 point for
# (2): that a right cache gives the same *and* two sound tests. ½ with one test. 1 point for (3): two sound questions *and* an experiment. ½ for
# two questions alone.
# ### END MARK SCHEME

# %% [markdown]
# ## 11 · What you have now
#
# - A **decoder** of your own parts, trained on plain text, the same in Keras and in NumPy.
# - **Perplexity**, for the same pieces, and **bits per byte**, for any, beside a model that counts.
# - **Top-p** and temperature; what greed writes, and what chance does.
# - A **cache** that makes a word cost what a word should, groups that make it small, and a **test** that tells it from its look-alikes.
# - What happens **beyond the trained length**.

# %%
from attnkit.progress import course_map

course_map()

# %% [markdown]
# ### Further reading
#
# - Sennrich, Haddow & Birch, *Neural Machine Translation of Rare Words with Subword Units* (ACL 2016).
# - Chen & Goodman, *An Empirical Study of Smoothing Techniques for Language Modeling* (1999).
# - Shazeer, *Fast Transformer Decoding: One Write-Head is All You Need* (2019), and Ainslie et al., *GQA* (EMNLP 2023).
# - Holtzman et al., *The Curious Case of Neural Text Degeneration* (ICLR 2020).
# - Brown et al., *Language Models are Few-Shot Learners* (NeurIPS 2020).
# - Hoffmann et al., *Training Compute-Optimal Large Language Models* (NeurIPS 2022).
# - Ouyang et al., *Training Language Models to Follow Instructions with Human Feedback* (NeurIPS 2022).
# - Carlini et al., *Extracting Training Data from Large Language Models* (USENIX Security 2021).
# - Eldan & Li, *TinyStories* (2023).
