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
# # Lesson 5: masks and padding
#
# Sentences have different lengths, and a computer wants rectangles. So short ones are filled up with
# nothing, and attention has to be told that the nothing isn't there. If nobody tells it, no error
# appears, only slightly wrong numbers.
#
# By the end you can
#
# - write a mask for padding and one for the future, of shapes that fit any attention;
# - take a softmax that doesn't see what is masked, even a whole row;
# - pool sentences so that nothing depends on who else is in the batch;
# - prove that with a test of your own, itself tested.
#
# About two hours, with a break after section 4: five exercises (32 points) and one question (3 points). You
# need lessons 2 and 4.

# %%
import itertools

import numpy as np
import pandas as pd
from attnkit import check, hint, predict, predicted
from attnkit.data import split
from attnkit.panels import explore, mask_panel
from attnkit.words import word_plane

np.set_printoptions(precision=3, suppress=True)

# %% [markdown]
# After a break: *Kernel ▸ Restart Kernel and Run up to Selected Cell*.
#
# The letters are those of the whole course:
#
# | letter | size of |
# |---|---|
# | B | sentences in a batch |
# | H | heads (lesson 6; one until then) |
# | T, S | queries, keys: both words of a sentence |
# | D | numbers that describe a word |
#
# ## 1 · A batch is a rectangle
#
# Three real sentences by critics. Each word gets a number, its **id**, where it first appears.

# %%
texts = [
    "great story bad idea for a movie",
    "witless but watchable",
    "adaptation is simply brilliant",
]
vocabulary = {"‹pad›": 0}
for word in " ".join(texts).split():
    vocabulary.setdefault(word, len(vocabulary))
ids = [[vocabulary[word] for word in text.split()] for text in texts]
ids

# %% [markdown]
# Lists of 7, 3 and 4 numbers don't make an array. So we fill the short ones up with id 0, the pad, which
# stands for nothing. That is called {{padding (filling up): adding places that stand for nothing, until all sentences of a batch are
# of one length}}.

# %%
S = max(len(row) for row in ids)
ids_BS = np.array([row + [0] * (S - len(row)) for row in ids])
words = list(vocabulary)
pd.DataFrame([[words[i] for i in row] for row in ids_BS])

# %% [markdown]
# A third of this rectangle is nothing. How much is it in real batches? We put 1,000 sentences into batches
# of 32, each as wide as its longest sentence; once shuffled, once sorted by length.

# %%
predict("L5.padding", "What share of all positions is padding, shuffled and sorted?")

# %%
length_N = np.array([len(text.split()) for text in split("mr").validation.text])
shuffled_N = np.random.default_rng(0).permutation(length_N)
for name, lengths in (("shuffled", shuffled_N), ("sorted", np.sort(length_N))):
    batches = [lengths[i : i + 32] for i in range(0, 1000, 32)]
    total = sum(batch.max() * len(batch) for batch in batches)
    print(f"{name}: {1 - lengths.sum() / total:.0%} padding")
predicted("L5.padding")

# %% [markdown]
# About half of a shuffled batch, and ours is no exception: Krell and others (2021) found up to 50 % in
# common data sets. Sorting helps, but then a batch is no longer a random one.
#
# ### Nothing is not zero
#
# A pad has a vector, as any word has; let it be all zeros. The $W$ and $u$ of lesson 1 give it the score
# 0; $z$ is the weighted mean of all vectors, as there.

# %%
predict("L5.zeros", "20 such pads stand behind our sentence: do they get less weight than 'bad'?")

# %%
plane = word_plane()
W_AD, u_A = np.array([[1.0, 0.0], [0.0, 1.0], [-1.0, 1.0]]), np.array([0.0, 0.5, 1.0])
tokens, x_TD = plane.embed(texts[0])
for pads in (0, 1, 5, 20):
    padded_TD = np.vstack([x_TD, np.zeros((pads, 2))])
    e_T = padded_TD @ W_AD.T @ u_A
    s_T = np.exp(e_T) / np.exp(e_T).sum()
    print(f"{pads:2} pads: 'bad' {s_T[2]:.2f}, pads {s_T[7:].sum():.2f}, z {s_T @ padded_TD}")
predicted("L5.zeros")

# %% [markdown]
# No: together they get more than *bad*. A score of 0 isn't neutral: *great*, *story*, *for*, *a* and
# *movie* score less. And the wider the batch happens to be, the closer $z$ comes to zero. The same
# sentence gets a different result in different company.
#
# The cure is a {{mask (what may be seen): an array that says for every position whether it may be seen}},
# an array that says for every position whether it may be seen. In this course, always and everywhere:
#
# > **True means keep.**
#
# Libraries disagree here: in PyTorch's `key_padding_mask` True means hide.
#
# ## 2 · Which positions are words
#
# Attention's scores have the shape (B, H, T, S). A pad has to be hidden as a **key**, from all heads
# and all queries of its sentence. An axis of length 1 stands for "all":

# %%
scores_BHTS = np.zeros((3, 2, 5, 7))
for shape in ((3, 1, 1, 7), (3, 7), (3, 1, 7)):
    mask = np.ones(shape, bool)
    try:
        print(shape, "fits, and gives", np.where(mask, scores_BHTS, 0).shape)
    except ValueError:
        print(shape, "does not fit (3, 2, 5, 7)")

# %% [markdown]
# NumPy lines axes up from the right, and stretches those of length 1 ({{broadcasting (stretching to fit):
# repeating an array along its axes of length 1 until it fits another one}}). So B has to be four places
# from the end, with two ones in between. (The third shape would fit if there were three heads, and mask
# the wrong things without a word of warning.)
#
# ### L5.1 Which positions are words
#
# *Difficulty ●○○○○ · importance ●●●●● · 10 minutes · 4 points · `hint("L5.1")`*
#
# For one sentence, as a slow loop:

# %%
for place, number in enumerate(ids_BS[1]):
    print(place, words[number], number != 0)

# %% [markdown]
# Yours does it for a whole batch, in the shape that fits the scores. The pad's id is 0 unless told
# otherwise; words may have any other id, smaller ones too.


# %% answer="L5.1"
def padding_mask(ids_BS, pad_id=0):
    """Which positions are words: True for a word, False for a pad.

    ids_BS: (B, S), integers. pad_id: the id that stands for "nothing here".

    Returns an array of bools of shape (B, 1, 1, S). ids_BS stays as it was.
    """
    ### BEGIN SOLUTION
    return (ids_BS != pad_id)[:, None, None, :]
    ### END SOLUTION


# %% check="L5.1"
report = check("L5.1", padding_mask)
report.points

# %%
keep_B11S = padding_mask(ids_BS)
print("shape:", keep_B11S.shape)
print(np.where(keep_B11S[:, 0, 0], "word", "·"))

# %% [markdown]
# ## 3 · No looking ahead
#
# The second kind of mask has nothing to do with pads. A language model learns to guess the next word
# from those before it. When it learns, all words of a text are there at once, so the answer stands
# right beside the question. Each word must be kept from looking at later ones, by a {{causal mask (no
# looking ahead): a mask that lets each word see itself and earlier words only}}.
#
# Query t may see key s if s came before it, or is the same word. For three words:

# %%
for t in range(3):
    print(f"query {t} sees", ["yes" if s <= t else " · " for s in range(3)])

# %% [markdown]
# When such a model *writes*, its words come one at a time. It has kept the keys and values of earlier
# words, and only the newest word asks. Then there is 1 query and, say, 4 keys. In general, T queries are
# the **last** T of S words, so query 0 stands at place S − T:
#
# $$\text{query } t \text{ sees key } s\quad\Longleftrightarrow\quad s\le t+(S-T)$$
#
# What does the mask look like for T = 2, S = 5? Draw it on paper; below your answer it is printed.
#
# ### L5.2 No looking ahead
#
# *Difficulty ●●○○○ · importance ●●●●● · 15 minutes · 4 points · `hint("L5.2")`*
#
# The formula holds literally, also where T is larger than S: then the first queries see nothing.


# %% answer="L5.2"
def causal_mask(T, S):
    """Who may see whom when nobody may look ahead: query t sees key s iff s ≤ t + (S − T).

    T: number of queries, which are the last T words. S: number of keys, that is of all words.

    Returns an array of bools of shape (T, S).
    """
    ### BEGIN SOLUTION
    return np.arange(S) <= np.arange(T)[:, None] + (S - T)
    ### END SOLUTION


# %% check="L5.2"
report = check("L5.2", causal_mask)
report.points

# %%
for T, S in ((3, 3), (2, 5), (1, 4)):
    print(f"T = {T}, S = {S}", np.where(causal_mask(T, S), "yes", " · "), sep="\n")

# %% [markdown]
# The mask for T = 1 is the last row of the one for T = 4: a word sees the same, whether it is written
# last or learned together with all others. Two masks are combined with `&`, since a key needs both
# permissions. What shape will (B, 1, 1, S) and (T, S) make together?

# %%
both = padding_mask(ids_BS) & causal_mask(7, 7)
print("shape:", both.shape)
print("witless but watchable:", np.where(both[1, 0], "yes", " · "), sep="\n")

# %% [markdown]
# The last four rows are pads that *ask*. They see words, and that does no harm as long as nobody reads
# what they found: section 5 leaves them out. So a padding mask hides keys only.
#
# ## 4 · A softmax that doesn't see
#
# Now the mask has to act. What should a masked key get? The weight 0, and the others what they would
# have **if it had never been there**. Three scores, of which the last is masked:


# %%
def plain_softmax(scores):
    exps = np.exp(scores - scores.max())
    return exps / exps.sum()


s_S, keep_S = np.array([-1.0, -2.0, 3.0]), np.array([True, True, False])
print("wanted:", plain_softmax(s_S[:2]), "and 0")

# %% [markdown]
# Three ways come to mind: multiply the scores by the mask; take 10 off masked scores; multiply the
# weights by the mask.

# %%
predict("L5.three_ways", "Which of the three ways is right, if any?")

# %%
print("scores times mask:          ", plain_softmax(s_S * keep_S))
print("10 taken off masked scores: ", plain_softmax(s_S - 10 * ~keep_S))
print("weights times mask:         ", plain_softmax(s_S) * keep_S)
predicted("L5.three_ways")

# %% [markdown]
# None. The first gives the masked key the *most*, for 0 is above −1. The second leaks: −7 is low, but
# still a score, and a little weight is lost to it. The third lost what the masked key had, and its
# weights sum to 0.025.
#
# Watch it happen. Choose a way of masking, then add pads: the lower curve ought not to move.

# %%
e_T = x_TD @ W_AD.T @ u_A
panel = mask_panel(words=tokens, s_T=e_T, v_T=x_TD[:, 0])
panel.set(way="scores × mask")
panel

# %% [markdown]
# Only a score of −∞ does it: lesson 2's guest, whose exponential is exactly 0.

# %%
print("−∞ for masked scores:", plain_softmax(np.where(keep_S, s_S, -np.inf)))
with np.errstate(invalid="ignore"):
    print("and if all are masked:", plain_softmax(np.full(3, -np.inf)))

# %% [markdown]
# The first is right. The second is `nan`, for −∞ − (−∞) has no value. And rows without a key do occur: a
# sentence that is all pads, because the last batch was filled up; a query that stands before the first
# key (T larger than S). One such row makes every sum it enters `nan`.
#
# A popular way out is −1e9 in place of −∞. Then such a row has equal scores, so it gets a plain mean of
# everything that must not be seen. And in float16:

# %%
keep16_S = np.array([1, 1, 0], np.float16)
with np.errstate(all="ignore"):
    print("−1e9 in float16:       ", np.float16(-1e9))
    print("s + (1 - keep) * −1e9: ", s_S.astype(np.float16) + (1 - keep16_S) * np.float16(-1e9))

# %% [markdown]
# float16 has no −1e9: it becomes −∞, and 0 · (−∞) is `nan`, at every position that is *kept*.
#
# So what should an empty row give? A query that may look at nobody has nothing to mix: **zeros**.
#
# ### L5.3 A softmax that doesn't see
#
# *Difficulty ●●●○○ · importance ●●●●● · 25 minutes · 9 points · `hint("L5.3")`*
#
# As a slow loop over the rows of a table, the specification:


# %%
def masked_softmax_slowly(s_TS, mask_TS):
    w_TS = np.zeros(s_TS.shape)
    for t in range(len(s_TS)):
        kept = s_TS[t][mask_TS[t]]
        if len(kept) > 0:
            exps = np.exp(kept - kept.max())
            w_TS[t][mask_TS[t]] = exps / exps.sum()
    return w_TS


masked_softmax_slowly(np.array([s_S, s_S]), np.array([keep_S, [False] * 3]))

# %% [markdown]
# Yours takes scores of any shape, along any axis, in any float type, with a mask that broadcasts.
# What stands under a mask is finite, but may be as large as you like.


# %% answer="L5.3"
def masked_softmax(s, mask, axis=-1):
    """The softmax along an axis as if masked scores had never been there.

    s: finite scores of any shape and float type.
    mask: bools, True = keep, of a shape that broadcasts to that of s.

    Returns weights of the shape of s, 0 where the mask is False; a row without any True is all 0.
    """
    ### BEGIN SOLUTION
    kept = np.where(mask, s, -np.inf)
    top = kept.max(axis=axis, keepdims=True)
    exps = np.exp(kept - np.where(top > -np.inf, top, 0))
    total = exps.sum(axis=axis, keepdims=True)
    return exps / np.where(total > 0, total, 1)
    ### END SOLUTION


# %% check="L5.3"
report = check("L5.3", masked_softmax)
report.points

# %% [markdown]
# The panel again, with **your** function. Hide words, add pads, then hide *all* words.

# %%
mask_panel(masked_softmax, tokens, e_T, x_TD[:, 0])

# %% [markdown]
# ### A whole table of weights
#
# Queries and keys are the words themselves, as in lesson 4, causal or not. Some words at the end may
# be hidden like pads. The bars below are one row: move the query, and see how far it looks. Whom does
# a query see when all seven words are hidden?


# %%
def weights(causal, hidden):
    keep_TS = causal_mask(7, 7) if causal else np.ones((7, 7), bool)
    return masked_softmax(x_TD @ x_TD.T / np.sqrt(2), keep_TS & (np.arange(7) < 7 - hidden))


panel = explore(weights, tokens, causal=True, hidden=(0, 7, 1, 1))
panel.set(query=6)
panel

# %% [markdown]
# Nobody: all rows are zeros.
#
# ### Does the past know the future?
#
# A promise of the causal mask: whatever comes later, the outputs of earlier words stay what they were.
# Let's replace the fifth word, *for*, by one that is far away.

# %%
predict("L5.past", "Which of the seven outputs change, and which don't?")


# %%
def read_in_order(x_TD):
    w_TT = masked_softmax(x_TD @ x_TD.T / np.sqrt(2), causal_mask(len(x_TD), len(x_TD)))
    return w_TT @ x_TD


changed_TD = x_TD.copy()
changed_TD[4] = [10.0, -10.0]
moved_T = np.abs(read_in_order(changed_TD) - read_in_order(x_TD)).max(axis=1)
for word, moved in zip(tokens, moved_T, strict=True):
    print(f"{word:6} moves by {moved:.3g}")
predicted("L5.past")

# %% [markdown]
# The first four not at all, not even in the last digit. The others may see the new word, and move.
#
# ### What is masked learns nothing
#
# And on the way back? We mask the word *idea*, nudge each word by a hair, and see how much $z$ moves:
# lesson 2's finite differences.

# %%
predict(
    "L5.slope", "What is the slope for 'idea' with your function? If its score is lowered by 10?"
)

# %%
keep_T = np.array([word != "idea" for word in tokens])


def slope(t, weights_of, h=1e-5):
    up, down = x_TD.copy(), x_TD.copy()
    up[t], down[t] = up[t] + h, down[t] - h
    z_up, z_down = (weights_of(x @ W_AD.T @ u_A) @ x for x in (up, down))
    return np.abs(z_up - z_down).max() / (2 * h)


for t, word in enumerate(tokens):
    yours = slope(t, lambda e: masked_softmax(e, keep_T))
    lowered = slope(t, lambda e: plain_softmax(e - 10 * ~keep_T))
    print(f"{word:6} yours {yours:.6f}   lowered by 10 {lowered:.6f}")
predicted("L5.slope")

# %% [markdown]
# Exactly 0 with a mask, so nothing is learned from what is hidden, and a pad's vector never moves.
# Lowered scores let a little through: a leak forwards is a leak backwards.
#
# ## 5 · Pooling that counts words only
#
# Attention is not the only place where pads get in. Lesson 1's plain mean divides by T, and the
# simplest rival of a mean, the **maximum** of each coordinate, has its own trap. By hand: the words 4
# and 2, or −4 and −2, and one pad.

# %%
for numbers in ([4.0, 2.0, 0.0], [-4.0, -2.0, 0.0]):
    x = np.array(numbers)
    print(x, " mean", x.mean(), " instead of", x[:2].mean(), end="   ")
    print("maximum", x.max(), " instead of", x[:2].max())

# %% [markdown]
# The mean is too close to 0. The maximum is right by luck, until all numbers are negative and the pad
# wins.
#
# ### L5.4 Pooling that counts words only
#
# *Difficulty ●●○○○ · importance ●●●●● · 15 minutes · 7 points · `hint("L5.4")`*
#
# Two functions, without a loop if you can. A sentence without a word gives zeros in both. What stands
# at a pad is finite and may be anything.


# %% answer="L5.4"
def masked_mean(x_BTD, mask_BT):
    """The mean of each sentence's words, pads not counted; zeros for a sentence without a word.

    x_BTD: (B, T, D), finite. mask_BT: (B, T), bools, True = keep. Returns an array of shape (B, D).
    """
    ### BEGIN SOLUTION
    total_BD = np.where(mask_BT[:, :, None], x_BTD, 0).sum(axis=1)
    return total_BD / np.maximum(mask_BT.sum(axis=1), 1)[:, None]
    ### END SOLUTION


def masked_max(x_BTD, mask_BT):
    """The largest number of each coordinate among a sentence's words; zeros if it has none.

    Takes and returns arrays as `masked_mean` does.
    """
    ### BEGIN SOLUTION
    top_BD = np.where(mask_BT[:, :, None], x_BTD, -np.inf).max(axis=1)
    return np.where(mask_BT.any(axis=1)[:, None], top_BD, 0)
    ### END SOLUTION


# %% check="L5.4"
report = check("L5.4", masked_mean, masked_max)
report.points

# %% [markdown]
# ### Does it matter?
#
# This helper makes a batch: words in front, one and the same vector at all pads. You may use it in
# L5.5, too.


# %%
def batch_of(sentences, pad_D):
    """Sentences of shapes (T, D) as one batch x_BTD, filled up with pad_D, and its mask_BT."""
    longest = max(len(x_TD) for x_TD in sentences)
    mask_BT = np.arange(longest) < np.array([[len(x_TD)] for x_TD in sentences])
    x_BTD = np.tile(np.asarray(pad_D, float), (len(sentences), longest, 1))
    x_BTD[mask_BT] = np.concatenate(sentences)
    return x_BTD, mask_BT


x_BTD, mask_BT = batch_of([plane.embed(text)[1] for text in texts], pad_D=[0.0, 0.0])
print(x_BTD.shape, mask_BT.astype(int), sep="\n")

# %% [markdown]
# Lesson 2's little judge: a review is praise if the praise of its mean is above 0, and a temperature
# of 0.2 turns that into a probability. Take 1,000 reviews, in batches of 1, 8, 32 and 128. Pads are zeros, or
# a vector that nobody chose, (−0.5, 0.3): an embedding starts at random, its row for the pad as well.
# Once the pads are counted as words, once they are not.

# %%
predict(
    "L5.company", "Which results will depend on the batch size: with zeros, unset pads, your mean?"
)

# %%
reviews = split("mr").validation.sample(frac=1, random_state=0)
vectors, y_N = [plane.embed(text)[1] for text in reviews.text], reviews.label.to_numpy(float)


def judge(pool, size, pad_D):
    batches = (batch_of(vectors[i : i + size], pad_D) for i in range(0, 1000, size))
    z_N = np.concatenate([pool(*batch)[:, 0] for batch in batches]) / 0.2
    loss = np.mean(np.maximum(z_N, 0) - z_N * y_N + np.log1p(np.exp(-np.abs(z_N))))
    return f"{np.mean((z_N > 0) == y_N):.1%}, loss {loss:.3f}"


# %%
def mean_of_all(x_BTD, mask_BT):
    return x_BTD.mean(axis=1)


zeros, unset = [0.0, 0.0], [-0.5, 0.3]
columns = {
    "pads counted, zeros": (mean_of_all, zeros),
    "pads counted, unset": (mean_of_all, unset),
    "yours, unset": (masked_mean, unset),
}
table = {c: {n: judge(f, n, pad) for n in (1, 8, 32, 128)} for c, (f, pad) in columns.items()}
predicted("L5.company")
pd.DataFrame(table).rename_axis("batch size")

# %% [markdown]
# With pads of zeros no verdict changes, since a shorter mean has the same sign; but the probabilities
# do, and the loss tells. With pads that nobody set, the judge is hardly better than a coin at 128,
# *with not one word changed*. Yours is the same to the last digit shown.
#
# ## 6 · Write the test
#
# How would you have noticed? Nothing crashed. So in the last exercise you write the **test**, and it
# will be tested: on right functions, which it must spare, and on wrong ones, which it must catch. Such
# a function takes a batch and its mask, and gives one row for each sentence.


# %%
def sum_of_everything(x_BTD, mask_BT):
    return x_BTD.sum(axis=1)


words_BTD = np.array([[[1.0, 2.0], [3.0, -1.0]]])
for pad in (0.0, 7.0):
    padded = np.concatenate([words_BTD, np.full((1, 1, 2), pad)], axis=1)
    alone = sum_of_everything(words_BTD, np.array([[True, True]]))
    with_pad = sum_of_everything(padded, np.array([[True, True, False]]))
    print(f"a pad of {pad}: alone {alone[0]}, with a pad {with_pad[0]}")

# %% [markdown]
# A test that pads with zeros alone would call this function right.
#
# Think like the suspects. *"I leave one column of pads out, never two."* *"From place 16 on I forget the
# mask."* *"I use the first sentence's mask for all."* *"I subtract the batch's mean from each word."* *"My
# pads weigh almost nothing."* *"A pad of a thousand makes me nan."* What catches each of them?
#
# And a right one: *"I add in float32, in another order each time."* Don't accuse it: only the last
# digits differ.
#
# ### L5.5 Write the test
#
# *Difficulty ●●●●○ · importance ●●●●● · 30 minutes · 8 points · `hint("L5.5")`*
#
# fn may be anything, not only a mean, so compare it with itself. Give every sentence a word, and make the
# mask of bools.


# %% answer="L5.5"
def check_pad_invariance(fn):
    """Whether no pad behind a sentence can move what fn gives for it.

    fn: a function to test, fn(x_BTD, mask_BT) -> (B, D), one row for each sentence.

    Returns True if every sentence's row stays the same up to rounding in float32, for any number
    and any finite content of masked positions behind it, alone and in a batch with others; else
    False. Never raises because of fn.
    """
    ### BEGIN SOLUTION
    sentences = [np.random.default_rng(T).normal(size=(T, 4)) for T in (4, 1, 6)]
    groups = [sentences, *([x_TD] for x_TD in sentences)]

    def holds(group, pads, size):
        length_B1 = np.array([[len(x_TD)] for x_TD in group])
        keep_BT = np.arange(length_B1.max() + pads) < length_B1
        x_BTD = size * np.random.default_rng(pads).normal(size=(*keep_BT.shape, 4))
        x_BTD[keep_BT] = np.concatenate(group)
        alone = [fn(x_TD[None], np.ones((1, len(x_TD)), bool)) for x_TD in group]
        apart = fn(x_BTD, keep_BT) - np.concatenate(alone)
        return apart.shape == (len(group), 4) and np.abs(apart).max() < 1e-4

    try:
        return all(holds(*c) for c in itertools.product(groups, (0, 1, 2, 50), (0, 1, 1000)))
    except Exception:
        return False
    ### END SOLUTION


# %% check="L5.5"
report = check("L5.5", check_pad_invariance)
report.points

# %% [markdown]
# Now it is a tool. Try it on your own functions, on some others, and on an attention that lowers scores
# by 10:


# %%
def attend(x_BTD, mask_BT):
    return np.einsum("bt,btd->bd", masked_softmax(x_BTD[:, :, 0], mask_BT), x_BTD)


def attend_lowered(x_BTD, mask_BT):
    lowered = x_BTD[:, :, 0] - 10 * ~mask_BT
    w_BT = np.array([plain_softmax(row) for row in lowered])
    return np.einsum("bt,btd->bd", w_BT, x_BTD)


for fn in (masked_mean, masked_max, attend, attend_lowered, mean_of_all, sum_of_everything):
    print(f"{fn.__name__:18}", check_pad_invariance(fn))

# %% [markdown]
# ## 7 · Where the libraries agree, and where they don't
#
# Does your `masked_softmax` agree with those that thousands use? SciPy's softmax has no mask, so it
# gets −∞. Keras has a layer for it. Three rows: an ordinary one, one with a huge masked score, and an
# empty one.

# %%
from attnkit.quiet import silence
from scipy import special

s_TS = np.array([[2.0, 1.0, -1.0], [1000.0, 1.0, 2.0], [2.0, 1.0, -1.0]], np.float32)
mask_TS = np.array([[True, True, False], [False, True, True], [False] * 3])
with silence():  # TensorFlow, on which Keras runs here, has a lot to say when it starts
    import keras

    keras_TS = np.array(keras.layers.Softmax()(s_TS, mask=mask_TS))
with np.errstate(invalid="ignore"):
    scipy_TS = special.softmax(np.where(mask_TS, s_TS, -np.inf), axis=-1)
for name, w_TS in (("Keras", keras_TS), ("SciPy", scipy_TS)):
    print(name, w_TS, sep="\n")
print("yours", masked_softmax(s_TS, mask_TS), sep="\n")

# %% [markdown]
# All agree where there is a key. In the empty row, this Keras gives zeros, as you do, and SciPy gives
# `nan`. Now the same on a thousand random rows:

# %%
rng = np.random.default_rng(5)
many_NS = rng.normal(size=(1000, 9)).astype(np.float32)
keep_NS = rng.random((1000, 9)) < 0.5
yours_NS = masked_softmax(many_NS, keep_NS)
gap = np.abs(yours_NS - np.array(keras.layers.Softmax()(many_NS, mask=keep_NS))).max()
print(f"{(~keep_NS.any(axis=1)).sum()} empty rows; largest difference to Keras {gap:.0e}")

# %% [markdown]
# Keras has pooling layers as well. Let your test judge two of them: the mean, which takes a mask, and
# the maximum, which in Keras takes none.

# %%
predict("L5.keras", "Which of the two passes? And what will the mean give for an empty sentence?")


# %%
def keras_mean(x_BTD, mask_BT):
    return np.array(keras.layers.GlobalAveragePooling1D()(x_BTD, mask=mask_BT))


def keras_max(x_BTD, mask_BT):
    return np.array(keras.layers.GlobalMaxPooling1D()(x_BTD))


for fn in (keras_mean, keras_max):
    print(fn.__name__, check_pad_invariance(fn))
print("an empty sentence:", keras_mean(np.ones((1, 2, 3)), np.zeros((1, 2), bool)))
predicted("L5.keras")

# %% [markdown]
# The mean passes, though it gives `nan` for a sentence without a word. The maximum fails: nothing can tell it
# which positions are pads. In lesson 8 you will hunt bugs of this kind.
#
# ### Question
#
# *3 points, read by a person. A few sentences are enough.*
#
# A classifier gives a review 0.91 alone and 0.74 in a batch of 64. Its test for padding puts ten zero
# vectors behind one sentence and asks for the same output (`==`). It passes.
#
# 1. Name two mistakes that would explain both. Which experiment tells them apart?
# 2. Its owner will use batches of one from now on. What does that repair, and what does it hide?
# 3. What would you change in the test? Give a reason for each change.

# %% [markdown] manual="L5-company" points=3
# ### BEGIN MARK SCHEME
# **Model answer.** (1) The test puts zeros behind *one* sentence, so what it misses must need other
# contents or other sentences. For example: pads are summed up without a mask (zeros change no sum; in
# the real batch the pad's embedding is not zero); a quantity is shared by the batch (a mean, a maximum
# over all sentences, the mask of the first one). Experiment: the sentence alone with non-zero pads
# behind it. If the output moves, it is the pads; if not, put it beside another sentence of the *same*
# length, so that there is no pad: if it moves now, it is the company. (2) It repairs what users see,
# for there is neither padding nor company; it is slow. It hides that the model was trained, and
# measured, with the mistake: its weights have adapted to it, and batches of one differ from what it
# learned on. (3) Contents: zeros, random, ±1000, for zeros are invisible to sums. Numbers of pads: 0, 1,
# 2, 50. Company: a ragged batch, compared with each sentence alone. A tolerance in place of `==`, for
# rounding depends on the order of sums; and a comparison that fails on nan.
#
# **Marks.** 1 point for (1): two mistakes that *pass the zero test* and an experiment that parts them;
# ½ if one mistake would have been caught by that test ("divides by T", say), or the experiment is
# missing. 1 point for (2): something repaired *and* something hidden (training, or cost alone ½).
# 1 point for (3): at least three of contents, numbers, company, tolerance, each with its reason; ½ for
# two.
# ### END MARK SCHEME

# %% [markdown]
# ## 8 · What you have now
#
# - **True means keep.** A padding mask (B, 1, 1, S) hides keys, a causal one (T, S) the future.
# - **Masked means never there**: a score of −∞ before the softmax; no multiplying, no small penalty.
#   An empty row gives zeros.
# - **No leak forwards, no leak backwards**: a masked key has the weight 0 and the gradient 0.
# - **Pooling** needs the mask too.
# - **A test** is as good as the mistakes it catches and the right answers it spares.
#
# Your masks have an axis for something that is yet to come: H. In **lesson 6** attention gets many
# heads, and each looks in a way of its own.

# %%
from attnkit.progress import course_map

course_map()

# %% [markdown]
# ### Further reading
#
# - Vaswani et al., *Attention Is All You Need* (NeurIPS 2017), section 3.2.3: the causal mask, as −∞
#   before the softmax.
# - Krell, Kosec, Perez & Fitzgibbon, *Efficient Sequence Packing without Cross-contamination* (2021,
#   arXiv 2107.02027): several sentences in one row instead of pads, and the mask that keeps them apart.
# - Dwarampudi & Reddy, *Effects of padding on LSTMs and CNNs* (2019, arXiv 1903.07288): what pads in
#   front or behind do to models that have no mask.
# - Ribeiro, Wu, Guestrin & Singh, *Beyond Accuracy: Behavioral Testing of NLP Models with CheckList*
#   (ACL 2020): tests of what must not change an answer, for whole models.
# - Claessen & Hughes, *QuickCheck* (ICFP 2000): testing a property on random inputs, as you did.
