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
# # Lesson 13: attention across
#
# One side asks, another side answers. With that one step a model translates, reads pictures, listens, answers
# questions and finds what belongs to a name.
#
# Afterwards you can
#
# - build attention from one sequence to another, and test that it reads all of it and nothing else;
# - train a translator, and look at which letter it wrote by which;
# - turn pictures into words, and say what attention is worth there, beside a plain rival;
# - pick answers and summaries out of a text, and measure whether they are any good.
#
# About three hours, with a good place for a break behind section 4: six exercises (62 points) and one question
# (3 points). You need lessons 5, 6, 7 and 12.

# %%
import numpy as np
import pandas as pd
from attnkit import check, hint, predict, predicted
from attnkit.earlier import yours
from attnkit.quiet import silence

np.set_printoptions(precision=3, suppress=True)

# %% [markdown]
# After a break: *Kernel ▸ Restart Kernel and Run up to Selected Cell*.
#
# ## 1 · One asks, another answers
#
# Somebody has written *3 mars 1987*. A model is to write it down again as ISO 8601 does: 1987-03-03. It writes
# letter by letter.

# %%
predict(
    "L13.date",
    "When it writes the second 0 of 1987-03-03, at the day: which letters of '3 mars 1987' will it look at? And when it writes the first 0, at the month?",
)

# %% [markdown]
# Lesson 6 had a name for it: cross-attention. The queries come from what is being written, y, and the keys and values
# from what is being read, x. Nothing else is new. With T words in y and S in x, the weights are T × S, no longer a
# square: a row for each word that asks.
#
# Two things are easy to mix up. The mask is x's: it hides the pads of what is *read*. And there is no causal mask
# here: all of x lies on the table from the start.

# %%
multi_head = yours("multi_head")

# %% [markdown]
# ### L13.1 Ask another text
#
# *Difficulty ●●○○○ · importance ●●●●● · 12 minutes · 8 points · `hint("L13.1")`*


# %% answer="L13.1"
def cross_attention(y_BTD, x_BSD, Wq_DD, Wk_DD, Wv_DD, Wo_DD, H, x_mask_BS=None):
    """Multi-head attention across: y asks, x answers.

    y_BTD: (B, T, D), what asks. x_BSD: (B, S, D), what is asked.
    Wq_DD, Wk_DD, Wv_DD, Wo_DD: (D, D), used as `x @ W`, as in L6.3. D is a multiple of H, the heads.
    x_mask_BS: None, or bool (B, S), True = a word of x that may be seen. It holds for all queries
        and all heads.

    Returns (o_BTD, w_BHTS): the outputs and the weights. Where a row of x_mask_BS keeps nothing,
    both are 0.
    """
    ### BEGIN SOLUTION
    mask = None if x_mask_BS is None else x_mask_BS[:, None, None, :]
    return multi_head(y_BTD, x_BSD, Wq_DD, Wk_DD, Wv_DD, Wo_DD, H, mask)
    ### END SOLUTION


# %% check="L13.1"
verdict = check("L13.1", cross_attention)
verdict.points


# %% [markdown]
# Two words ask three, by hand. All four matrices are the identity, with one head:

# %%
x_SD = np.array([[4.0, 0.0], [0.0, 4.0], [0.0, 0.0]])
y_TD = np.array([[1.0, 0.0], [0.0, 1.0]])
o_BTD, w_BHTS = cross_attention(y_TD[None], x_SD[None], *[np.eye(2)] * 4, 1)
print("weights, a row for each word that asks:")
print(w_BHTS[0, 0])
print("what they read:")
print(o_BTD[0])

# %% [markdown]
# The first word asks in the direction of x's first word, and reads most of it: $e^{4/\sqrt 2}$ is 16.9, beside 1
# and 1, so 0.89. The outputs have y's length and are made of x alone. What y *was* isn't in them, only what it
# asked for. So a block adds them to y: lesson 7's residual connection.
#
# ## 2 · Dates
#
# Twelve thousand days between 1950 and 2049, as twelve countries write them, each in a long, a full or a medium form.

# %%
from attnkit.across import dates

parts = dates.made()
shown = zip(parts.train.written, parts.train.iso, parts.train.locale, strict=True)
for (written, iso, locale), _ in zip(shown, range(7), strict=False):
    print(f"{written:36} → {iso}  ({locale})")
ids = dates.letters(parts.train.written)
x_NS, y_NT = dates.encode(parts.train.written, ids), dates.encode_iso(parts.train.iso)
print(f"{len(parts.train):,} to learn from; {len(ids)} letters; the first answer: {y_NT[0]}")

# %% [markdown]
# Nobody tells the model what a month is, or a language. It sees letters, and the answer's letters:

# %%
print(dates.OUT, "and the end:", dates.END)

# %% [markdown]
# A translator is an {{encoder–decoder (one reads, one writes): a model of two halves, one that reads a text, one
# that writes another and asks the first by cross-attention}} (Sutskever, Vinyals & Le 2014; with attention
# Bahdanau, Cho & Bengio 2015). One half reads: lesson 7's block over the date's letters. The other, the decoder,
# has written some letters and guesses the next. It attends to what it has written, under a causal mask, then
# across, to what the first half made.
#
# What does it read while it learns? Not its own guesses, which are nonsense at first, but what is *right* so far:
# {{teacher forcing (fed what is right): training a model that writes on the right beginning, in place of what it
# would have written itself}} (Williams & Zipser 1989). To guess 1 9 8 7 it reads *start* 1 9 8.

# %%
predict(
    "L13.shift",
    "Somebody forgets the shift: the decoder reads 1 9 8 7 while it is asked for 1 9 8 7. What will its loss be after training, and what will it write on its own?",
)

# %% [markdown]
# The loss is L12.2's, at every letter of the answer. Our dates all have eleven, with the end. Elsewhere answers
# differ in length, so short ones are filled up with pads, which are not asked for.
#
# ### L13.2 Fed what is right
#
# *Difficulty ●●○○○ · importance ●●●●● · 12 minutes · 11 points · `hint("L13.2")`*


# %% answer="L13.2"
def teacher_forcing(ids_BT, start_id=2):
    """What the decoder reads in training: the right answer, one place later.

    ids_BT: (B, T), whole numbers, the answers. In place 0 the decoder reads start_id, in place t
        what is right in place t − 1.

    Returns (B, T), whole numbers.
    """
    ### BEGIN SOLUTION
    start_B1 = np.full((len(ids_BT), 1), start_id, ids_BT.dtype)
    return np.concatenate([start_B1, ids_BT[:, :-1]], axis=1)
    ### END SOLUTION


def seq_loss(z_BTC, ids_BT, pad_id=0):
    """How surprised the decoder is by the right answers: the mean of −log p, in nats.

    z_BTC: (B, T, C), logits; those in place t are a guess at ids_BT[:, t]. ids_BT: (B, T), from 0 to
        C − 1. Where ids_BT is pad_id nothing is asked.

    Returns a number, the mean over all tokens of the batch that are no pads; 0.0 if there are none.
    """
    ### BEGIN SOLUTION
    asked_BT = ids_BT != pad_id
    if not asked_BT.any():
        return 0.0
    z_NC = z_BTC[asked_BT]
    e_NC = z_NC - z_NC.max(axis=1, keepdims=True)
    right_N = e_NC[np.arange(len(e_NC)), ids_BT[asked_BT]]
    return (np.log(np.exp(e_NC).sum(axis=1)) - right_N).mean()
    ### END SOLUTION


# %% check="L13.2"
verdict = check("L13.2", teacher_forcing, seq_loss)
verdict.points


# %% [markdown]
# Without the shift the answer lies before the decoder's eyes. The loss falls to nothing, and the model has learned to
# copy what it is given. On its own it is given nothing: it writes nonsense. Training looks *better* with the mistake
# than without.

# %%
predicted("L13.shift")
print("right: ", y_NT[0])
print("read:  ", teacher_forcing(y_NT[:1])[0])

# %% [markdown]
# The translator has one block on each side, 64 numbers a letter, and a single head across, so that we can read it
# (`attnkit/across/translator.py`). It trains for a minute or two on two cores; then it is kept.

# %%
with silence():
    import keras
    from attnkit.across.translator import Reader, Translator, right, train, train_on

    keras.utils.set_random_seed(0)
    translator = Translator(V=4 + len(ids))
print(f"{translator.count_params():,} parameters")
losses = train(translator, parts.train, ids, teacher_forcing)

# %% [markdown]
# How good is it on dates that it has never seen, with the right letters so far before it?

# %%
new_NS, new_NT = dates.encode(parts.test.written, ids), dates.encode_iso(parts.test.iso)
z_NTC = keras.ops.convert_to_numpy(translator([new_NS, teacher_forcing(new_NT)]))
letters_right = (z_NTC.argmax(axis=-1) == new_NT).mean()
print(f"loss {seq_loss(z_NTC, new_NT):.3f}; {letters_right:.2%} of the letters are right")
predict(
    "L13.exact",
    "That is letter by letter, with a right beginning each time. When it writes whole dates on its own, what share will have no mistake?",
)

# %% [markdown]
# Now it has to write alone. It takes the likeliest letter, reads it as if it were right, takes the next, and stops
# at the end. Rows of a batch end at different times: those that are done get zeros while the others go on.
#
# ### L13.3 Write it out
#
# *Difficulty ●●●○○ · importance ●●●●○ · 18 minutes · 10 points · `hint("L13.3")`*


# %% answer="L13.3"
def greedy_decode(step, B, max_len, start_id=2, end_id=3):
    """Write B answers at once, always with the likeliest next token.

    step: step(ids_BS) -> z_BC takes what has been written so far, whole numbers (B, S) that begin
        with start_id, and gives the logits of what comes next. Call it with all B rows, in order.
    max_len: at most so many tokens are written in a row; a row ends with its first end_id.

    Returns (B, max_len), whole numbers: what was written, without the start, with the end, and 0
    behind it. Of equal logits the lower id is taken.
    """
    ### BEGIN SOLUTION
    ids_BS = np.full((B, 1), start_id)
    alive_B = np.ones(B, bool)
    out_BT = np.zeros((B, max_len), int)
    for t in range(max_len):
        next_B = np.where(alive_B, step(ids_BS).argmax(axis=1), 0)
        out_BT[:, t] = next_B
        alive_B &= next_B != end_id
        ids_BS = np.concatenate([ids_BS, next_B[:, None]], axis=1)
    return out_BT
    ### END SOLUTION


# %% check="L13.3"
verdict = check("L13.3", greedy_decode)
verdict.points


# %%
whole_N = right(translator, ids, parts.test, greedy_decode)
print(f"{whole_N.mean():.1%} of {len(whole_N):,} new dates have no mistake")
predicted("L13.exact")
wrong = np.flatnonzero(~whole_N)[:6]
written = [parts.test.written[n] for n in wrong]
if written:
    for text, said, n in zip(
        written, Reader(translator, ids, written).translated(greedy_decode), wrong, strict=True
    ):
        print(f"{text:36} → {said}, right: {parts.test.iso[n]}")

# %% [markdown]
# A date counts only if all of it is right: {{exact match (all or nothing): the share of answers that have no
# mistake at all}}. What three trainings reached:

# %%
from attnkit.measured.across import lesson_13_claims, lesson_13_table

lesson_13_table("dates")

# %% [markdown]
# Of the letters 99.85 to 99.90 % are right, and of the whole dates 98.4 to 99.0 %. A date has eleven letters, its end
# among them, and one wrong letter spoils it: letters that are right 99 times in a hundred, each by itself, would
# leave 90 dates of a hundred.
#
# (While it learned, the decoder never saw a mistake of its own. In long texts that is a trouble: Ranzato et al.
# 2016.)
#
# ### Who wrote what?
#
# The single head across leaves a map: for each letter that was written, where it was read. The field calls that an
# {{alignment (what belongs to what): which parts of one text belong to which parts of another}}. Your
# `cross_attention` draws it. Type a date of your own, and click on the rows:

# %%
from attnkit.panels import alignment_panel, patches_panel, question_panel


def read(some):
    """The translator, with some dates before it."""
    return Reader(translator, ids, some)


predicted("L13.date")
alignment_panel(cross_attention, read, "3 mars 1987")

# %% [markdown]
# Did you expect that? In three trainings, of the weight of the month's digits 49 to 89 % lies on the month as it was
# written, of the day's 31 to 79 % on the day; even weights would give 31 and 11 %. But the four digits of the year
# have 21 to 36 % of theirs on the year, about what even weights would give (26 %). The third digit of the year has,
# in the first training, 92 % on the sign *before* the year, in the others 42 and 32 %. And all three translators
# write nearly every year without a mistake.

# %%
predict(
    "L13.blank",
    "A digit of the year was read off the sign before the year, and is right. How can that be?",
)

# %% [markdown]
# Attention across doesn't read letters. It reads what the first block has *made* of them, and the block
# may gather the digits of a year wherever there is room, on a blank. Equally good, with unlike maps: lesson 12's maze
# once more. A map shows where something was read, and not where it came from (lesson 9). That takes an experiment:
# change a letter.

# %%
for text in (
    "3 mars 1987",
    "3 mars 1997",
    "3 mai 1987",
    "3 mxrs 1987",
    "mars 3 1987",
    "3 mars1987",
):
    print(f"{text:20} → {read([text]).translated(greedy_decode)[0]}")
predicted("L13.blank")

# %% [markdown]
# ### A date that nobody can read
#
# All dates above put the day first or write the month as a word. Here is one that doesn't:

# %%
import datetime

for month, day in ((3, 4), (4, 3)):
    text = dates.write(datetime.date(1987, month, day), "short", "en_US")
    print(
        f"in American: {text}, {month = }, {day = } → {read([text]).translated(greedy_decode)[0]}"
    )

# %% [markdown]
# The fourth of March to an American, the third of April to a Briton. No model can know it from the letters: the
# writer would have to be part of the input. This model has another trouble besides: it has met neither strokes nor
# years of two digits, and still writes *something*, without a sign of doubt.
#
# In our first training 3/4/87 became 1977-04-37.
#
# ### Another pair
#
# Dates are a kind task: few words, and 10,000 examples that show the whole grammar. Now for two languages. Unicode
# has named each emoji in English and in Spanish. (Without the package the cell says what to install, and section 3
# goes on.)

# %%
from attnkit.across import emoji_names

names = emoji_names.load_names()
known, strange = emoji_names.split(names, seed=0)
for english, spanish in zip(known.english[::200], known.spanish[::200], strict=True):
    print(f"{english:32} → {spanish}")
print(f"{len(known):,} pairs to learn from, {len(strange)} others to test")
predict(
    "L13.pairs",
    "The same translator, as many letters as it needs: what share of 200 new names will it write exactly as Unicode does? What share will a table get right that replaces each word by one other word?",
)

# %% [markdown]
# *Woman cook* and *man cook* never stand on different sides; section 6 says why. The rival is a **table of words**:
# an English word becomes the Spanish one with which it most often shares a name, by Dice's measure (1945). A word
# that the table doesn't know stays as it is. The translator trains for a minute or so, and then is kept.

# %%
english_ids, spanish_ids = emoji_names.alphabets(known)
english_NS = dates.encode(known.english, english_ids, emoji_names.S)
spanish_NT = emoji_names.encode_answers(known.spanish, spanish_ids)
keras.utils.set_random_seed(0)
namer = Translator(**emoji_names.sizes(english_ids, spanish_ids))
losses = train_on(namer, english_NS, spanish_NT, teacher_forcing)

# %%
namer_reads = Reader(namer, english_ids, strange.english, spanish_ids)
table = emoji_names.word_table(known)
said = {
    "translator": namer_reads.translated(greedy_decode),
    "table": emoji_names.word_for_word(table, strange.english),
}
for way, some in said.items():
    exact = np.mean(np.array(some) == np.array(strange.spanish))
    words = emoji_names.words_right(some, strange.spanish)
    print(f"{way:10} {exact:.1%} of the names, {words:.1%} of the words right")
predicted("L13.pairs")
pd.DataFrame({"English": strange.english, **said, "Spanish": strange.spanish}).head(8)

# %% [markdown]
# What it writes looks like Spanish: in our first training *statue of liberty* became *perno eenterélonte*. Of the
# new names 0.0 to 1.0 % are right, and 7.2 to 10.6 % of the words; the table gets 8.0 to 10.5 and 32.0 to 33.3 %.
# Of names that it learned from, 49.0 to 54.5 % are right: by heart, letter by letter. Much can't be known from
# these examples: 71.0 to 73.5 % of the new names have an English word that no example has, and 71.1 to 71.6 % of
# the English words stand in a single name. A month's name stands in dozens of dates. Three splits, with a training
# for each:

# %%
lesson_13_table("pairs")

# %% [markdown]
# The model is the same, and so is its training. What differs is what the examples show. Bahdanau, Cho & Bengio had
# 348 million words to learn from. A good number holds for the task that it was measured on. (Exact match is strict
# besides: a good translation that isn't Unicode's counts as wrong.)
#
# ## 3 · Pictures as words
#
# Attention reads rows of vectors. Where a vector comes from is all the same to it. Cut a picture into squares, and
# each {{patch (a square of pixels): a small square of a picture, whose pixels in a row are read as one word}} is a
# word: the **Vision Transformer** (Dosovitskiy et al. 2021).

# %%
predict(
    "L13.patches",
    "Digits of 8 by 8 pixels. As 16 words of four pixels, as 4 of sixteen, or all 64 in one word: when will a small model be right most often? And if its words aren't told where they stand?",
)

# %% [markdown]
# The order is that of reading: patches row by row, and inside each its pixels row by row. Take a picture of 4 × 4
# pixels with the numbers 0 to 15 and P = 2. Its first patch is 0 1 4 5, not 0 1 2 3: the second row of a patch lies
# a whole row of the picture further on. A plain `reshape` doesn't know that.
#
# ### L13.5 Pictures as words
#
# *Difficulty ●●●○○ · importance ●●●●○ · 12 minutes · 9 points · `hint("L13.5")`*


# %% answer="L13.5"
def patchify(img_BHWF, P):
    """Pictures as rows of words: each word is a patch of P × P pixels.

    img_BHWF: (B, H, W, F), F numbers for each pixel. P: the side of a patch.

    Returns (B, T, D) with T = H/P · W/P patches, row by row as one reads, and D = P · P · F numbers for
    each: its pixels row by row, the F numbers of a pixel side by side. ValueError if P doesn't divide
    both H and W.
    """
    ### BEGIN SOLUTION
    B, H, W, F = img_BHWF.shape
    if H % P or W % P:
        raise ValueError(f"patches of {P} × {P} don't fill a picture of {H} × {W}")
    img_BIPJPF = img_BHWF.reshape(B, H // P, P, W // P, P, F)
    return np.einsum("bipjqf->bijpqf", img_BIPJPF).reshape(B, -1, P * P * F)
    ### END SOLUTION


def unpatchify(x_BTD, P, shape):
    """The way back: pictures out of their patches.

    x_BTD: (B, T, D), patches as patchify gives them. P: the side of a patch. shape: that of the pictures,
    (B, H, W, F). Returns the pictures, of that shape.
    """
    ### BEGIN SOLUTION
    B, H, W, F = shape
    x_BIJPPF = x_BTD.reshape(B, H // P, W // P, P, P, F)
    return np.einsum("bijpqf->bipjqf", x_BIJPPF).reshape(shape)
    ### END SOLUTION


# %% check="L13.5"
verdict = check("L13.5", patchify, unpatchify)
verdict.points


# %%
with silence():
    from attnkit.across import patches, question

digits = patches.digits()
patches_panel(patchify, unpatchify, digits.test_NHWF[:40])

# %% [markdown]
# Choose the size: the smaller the patches, the longer the text, and attention's cost grows with its square (lesson
# 10).
#
# Now read them. A small model takes your patches, one block of lesson 7, and the mean of what it made of them. Once
# each patch has a vector for its place, learned like all else; once it hasn't. And a rival that knows no attention:
# logistic regression on 64 pixels.

# %%
from sklearn.linear_model import LogisticRegression

x_new, y_new = patchify(digits.test_NHWF, 4), digits.test_N
line = LogisticRegression(max_iter=2000).fit(digits.train_NHWF.reshape(-1, 64), digits.train_N)
print(f"logistic regression on pixels: {line.score(digits.test_NHWF.reshape(-1, 64), y_new):.1%}")
for told_places in (True, False):
    print("told the places:" if told_places else "not told:")
    keras.utils.set_random_seed(0)
    reader = patches.PatchReader(*x_new.shape[1:], places=told_places, read_out="mean")
    patches.train(reader, patchify(digits.train_NHWF, 4), digits.train_N, patches.Plan())
    print(f"  {np.mean(patches.says(reader, x_new) == y_new):.1%} of 450 new digits")

# %%
predicted("L13.patches")

# %% [markdown]
# And with two trainings of each reader. (*Joined*: the patches' vectors are put one behind the other, not averaged.)
# Logistic regression gets 96.2 % right. By the mean of 16 small patches it's 96.0 to 96.4 %, of four large ones 96.4
# to 96.9 %, and the whole picture as a single word, where attention has nothing to choose from, gives 98.2 to 99.1 %.
# So here attention wins nothing by itself: a digit of 64 pixels is too small for that.

# %%
lesson_13_table("pictures")

# %% [markdown]
# Places do count. Without them attention can't tell a loop at the top from one at the bottom: 65.3 to 72.0 % with
# small patches. With large ones it's 94.9 to 96.4 %: a quarter of a digit mostly tells by its looks which quarter it
# is. Joined, the patches of 2 × 2 give 98.0 to 98.7 %. (Vision Transformers win with far more pictures: up to 300
# million in Dosovitskiy et al.)
#
# ## 4 · Two digits and a question
#
# So far a picture was read whole. Now there are two digits in it, and somebody asks: *which one is on the left?*
# Or: *on the right?* The question is one vector, the only query; the patches are keys and values.

# %%
predict(
    "L13.asked",
    "After training: how much of the question's weight will lie on the half that is asked about? And whose digit will it say when the same picture is asked the other way?",
)

# %%
two = question.pairs(digits, "train", 6000, seed=1)
new_two = question.pairs(digits, "test", 1500, seed=2)
new_BSF = patchify(new_two.img_NHWF, 4)
keras.utils.set_random_seed(0)
asker = question.Asker(*new_BSF.shape[1:])
patches.train(asker, [patchify(two.img_NHWF, 4), two.side_N], two.asked_N, question.PLAN)
said_N = patches.says(asker, [new_BSF, new_two.side_N])
print(f"{np.mean(said_N == new_two.asked_N):.1%} of 1,500 new questions are answered right")

# %% [markdown]
# Turn the question round, and leave the picture as it is:

# %%
other_N = patches.says(asker, [new_BSF, 1 - new_two.side_N])
y_BTD, x_BSD, matrices = asker.read(new_BSF, new_two.side_N)
_, w_BHTS = cross_attention(y_BTD, x_BSD, *matrices.values(), asker.across.H)
share_B = question.on_asked_half(w_BHTS, new_two.side_N, columns=4)
print(f"asked the other way: {np.mean(other_N == new_two.other_N):.1%} say the other digit,")
print(
    f"{np.mean(other_N == new_two.asked_N):.1%} still the first, and {np.mean(new_two.digit_N2[:, 0] == new_two.digit_N2[:, 1]):.1%} of the pictures show one digit twice"
)
print(f"weight on the half that is asked about: {share_B.mean():.0%}")
predicted("L13.asked")

# %% [markdown]
# In three trainings 95.0 to 96.5 % of the answers are right, with 74 to 88 % of the weight on the half that is asked
# about. Asked the other way 94.5 to 96.6 % say the other digit; 10.0 to 10.3 % still the first, which is about as
# many as show one digit twice (9.9 %).


# %%
def answer_of(n, side):
    """What the question's attention gets for one picture, and the answer's probabilities."""
    some = [new_BSF[n : n + 1], np.array([side])]
    z_C = keras.ops.convert_to_numpy(asker(some))[0]
    return *asker.read(*some), np.exp(z_C - z_C.max()) / np.exp(z_C - z_C.max()).sum()


question_panel(cross_attention, answer_of, new_two.img_NHWF[:40, :, :, 0], new_two.digit_N2[:40])

# %% [markdown]
# Not all of the weight is on the asked half: the block before may have carried something across (lesson 9). But
# here the picture stayed as it was, and only the question was turned. That is an experiment, and it needs no map.
#
# A good place for a break.

# %% [markdown]
# ## 5 · An event in the noise
#
# Words have places, patches have them, and so have the moments of a sound. Here is a second of noise over a steady
# hum. Somewhere in it, for a fifth of a second, something chirps, upwards or downwards. Listen: which is it?

# %%
from attnkit.across.chirp import frames, make_sounds, spectrogram
from attnkit.across.pooled import learn_pool
from attnkit.panels import sound_panel
from IPython.display import Audio, display

adam_step = yours("adam_step")
for loudness in (5, -7):
    sound_S = make_sounds(1, loudness, seed=4).x_NS[0]
    print(f"the chirp at {loudness} dB:")
    display(Audio(np.interp(np.arange(8000) / 2, np.arange(4000), sound_S), rate=8000))

# %% [markdown]
# It is the same chirp at the same moment. At its loudest it has three times the noise's power at 5 dB, and a fifth
# of it at −7 dB.
#
# A model gets the sound as a {{spectrogram (pitch by time): how strong each band of pitch is in each of many short
# stretches of a sound}}: here 30 stretches, called frames, of 24 bands each. Every frame comes together with its
# two neighbours on either side, for a single moment neither rises nor falls.

# %%
sounds, new_sounds = make_sounds(2000, -7, seed=1), make_sounds(1000, -7, seed=2)
x_NTF, new_NTF = frames(sounds.x_NS), frames(new_sounds.x_NS)
print("spectrograms", spectrogram(new_sounds.x_NS).shape, "and rows for the model", new_NTF.shape)

# %%
predict(
    "L13.chirp",
    "Two models that differ in one thing: attention weighs the 30 frames, or all of them count the same. How many of 1,000 new sounds does each get right? And on which frames does attention put its weight?",
)

# %% [markdown]
# Both are lesson 1's pooling: each frame becomes a vector, a learned query scores it, and the weighted mean is read
# off. Your `adam_step` takes the steps. They are told "up" or "down" for each sound, and never *where*.

# %%
hearing = {
    name: learn_pool(x_NTF, sounds.y_N, adam_step, mean=name == "a plain mean")
    for name in ("attention", "a plain mean")
}
for name, model in hearing.items():
    print(f"{name:12} {model.right(new_NTF, new_sounds.y_N).mean():.1%} of 1,000 new sounds right")
w_NT = hearing["attention"].read(new_NTF)[1]
there_N = new_sounds.inside_NT[np.arange(1000), w_NT.argmax(axis=1)]
print(f"attention's top frame lies in the chirp in {there_N.mean():.1%}; by chance in 20%")
predicted("L13.chirp")

# %% [markdown]
# Measured with three trainings of each: attention gets 93.6 to 94.1 % right, the mean 83.4 to 85.2 %, and the top
# frame lies in the chirp in 87.5 to 90.4 %.
#
# Nobody has said where the chirp is. But a frame with the chirp in it says more than the 24 or so that hold noise
# alone, so giving it weight pays. The mean has to listen to all of them.
#
# Move the loudness. Where does the mean begin to hear as well as attention? And what becomes of the weights where
# there is nothing left to hear?

# %%
sound_panel(hearing)

# %% [markdown]
# And measured on sounds of other loudness, with the same trainings:

# %%
lesson_13_table("sound")

# %% [markdown]
# At −1 dB both hear nearly everything, at −11 dB neither hears much. The gain lies between, where the
# event is faint and the rest is long.
#
# For *this* sound a map can be checked: we put the chirp there ourselves.
#
# Speech would be next: its recognisers attend across as well, the letter that is being written asking the frames
# (Chan et al. 2016). We know of no free recordings in a small package, so nothing is measured here.


# %% [markdown]
# ## 6 · Pictures and their names
#
# CLIP brings pictures and captions together (lesson 12). Here is a small relative: emoji, as OpenMoji draws them,
# and their names in Unicode. (Without the packages the cell says what to install, and the next section goes on.)

# %%
from attnkit.across.emoji_pictures import base, colours, held_out, load_pairs
from attnkit.figures.pictures import draw_pictures

pairs = load_pairs()
print(f"{len(pairs.names):,} emoji, each with a name and a picture of {pairs.pixels.shape[1:]}")
some = [pairs.names.index(name) for name in ("penguin", "lemon", "cook", "man cook", "woman cook")]
draw_pictures({"": [(pairs.pixels[row], pairs.names[row]) for row in some]})

# %% [markdown]
# Three of the five are nearly the same picture with nearly the same name. With *cook* in the training part and
# *woman cook* in the test, the test would flatter: lesson 11's leak. So everything that has the same {{base emoji
# (whoever it is): an emoji without its signs for woman, man, age and skin}} goes to the same side.

# %%
train_N, test_N = held_out(pairs, seed=0)
for row in some[2:]:
    print(f"{pairs.names[row]:10} has the base {base(pairs.emoji[row])}")
print(f"{len(train_N):,} pairs to learn from, {len(test_N)} others to match")

# %%
predict(
    "L13.names",
    "200 new names and their 200 pictures, mixed: how many names find their own picture first, and how many among the first ten? How many by nothing but colours? Chance: 0.5 % and 5 %.",
)

# %% [markdown]
# Two encoders learn together. A picture's reads your patches: each of the nine becomes a vector, and learned
# queries pool them (lesson 8). A name's counts its sequences of two to four letters, of which even a new name has
# some that are known. Their loss is lesson 12's contrast: among 128 pairs, find the partner.
#
# A rival is trained in the same way. All it sees of a picture is how often each of 64 colours occurs.

# %%
with silence():
    from attnkit.across.naming import learn_names, letters_of, ranks, vectors

name_NV = letters_of([pairs.names[row] for row in train_N])(pairs.names)
seen = {"patches": patchify(pairs.img_NHWF, 8), "colours": colours(pairs.pixels)[:, None]}
print({name: rows_NTF.shape for name, rows_NTF in seen.items()}, "and names", name_NV.shape)

# %%
info_nce = yours("info_nce")
models = {name: learn_names(rows[train_N], name_NV[train_N]) for name, rows in seen.items()}
placed = {name: vectors(models[name], rows[test_N], name_NV[test_N]) for name, rows in seen.items()}

# %%
for name, (picture_NK, name_NK) in placed.items():
    rank_N = ranks(name_NK, picture_NK)
    print(f"by {name}: R@1 {np.mean(rank_N < 1):.1%}, R@10 {np.mean(rank_N < 10):.1%}", end="")
    print(f"; info_nce {info_nce(picture_NK, name_NK, 0.1):.2f}, by chance {np.log(200):.2f}")
predicted("L13.names")

# %% [markdown]
# {{R@k|R@k (among the first k): recall at k, the share of queries that find their own partner among the first k}}
# is how such a search is measured. Four names, with the pictures that patches find first for each; the right one has
# a ring, if it is there.

# %%
picture_NK, name_NK = placed["patches"]
test_names = [pairs.names[row] for row in test_N]
shown, ringed = {}, {}
for name in ("green apple", "full moon face", "grinning cat with smiling eyes", "woman cook"):
    row = test_names.index(name)
    first = np.argsort(-(picture_NK @ name_NK[row]))[:8].tolist()
    shown[name] = [(pairs.pixels[test_N[n]], "") for n in first]
    ringed |= {name: first.index(row)} if row in first else {}
draw_pictures(shown, ringed)

# %% [markdown]
# Measured over three splits, with one training for each:

# %%
lesson_13_table("names")

# %% [markdown]
# By patches 6.0 to 13.0 % of the names find their picture first and 20.5 to 29.0 % among the first ten; by counted
# colours 10.5 to 15.0 % and 29.5 to 34.5 %. Chance gives 0.5 and 5 %. Counted colours teach
# at least as much as patches do.
#
# Counted colours can't be fooled by where a thing stands, and have little to learn by heart. Nine patches of 192
# numbers have much, from 1,443 pairs; CLIP had 400 million.


# %% [markdown]
# ## 7 · Answers that stand in the text
#
# *Ana has a flat in New York. … Where does Ana live?* Nobody can know that about a made-up Ana. The answer stands
# in the text, so a model needn't write it: it can point. That is {{extractive question answering (pointing at the
# answer): naming the place in a text where the answer begins and the one where it ends}} (Rajpurkar et al. 2016),
# and what lies between them is a {{span (from here to there): the words of a text from one place to another}}.

# %%
from attnkit.across.facts import HELD_OUT, KNOWN, make_stories, vocabulary
from attnkit.across.facts import read as read_story

story_ids = vocabulary()
story = "Ana has a flat in New York . in Oslo lives Ben . Ben works in Rio de Janeiro . Ana works in Lima ."
print(f"{len(KNOWN)} people to learn with, such as {', '.join(KNOWN[:5])},")
print(f"and {len(HELD_OUT)} others to be asked about later: {', '.join(HELD_OUT[:5])} …")

# %% [markdown]
# The model gives each word two logits: how much speaks for it as the first word of the answer, and as the last.
# Take the highest of each by itself, and the end may lie before the beginning, or in somebody else's answer. Say
# three words have [2, 0, 3] as beginnings and [1, 4, 0] as ends. By themselves that is from word 2 to word 1
# (counted from 0): no span at all. The best span goes from 0 to 1, with 2 + 4.

# %% [markdown]
# The second function of the exercise picks sentences for a summary: by falling score, as long as they fit. It has
# its turn further down.
#
# ### L13.4 Spans and summaries
#
# *Difficulty ●●●○○ · importance ●●●●○ · 18 minutes · 14 points · `hint("L13.4")`*


# %% answer="L13.4"
def best_span(start_BS, end_BS, mask_BS, max_len):
    """The best span of each text: where an answer begins, and where it ends.

    start_BS, end_BS: (B, S) logits, how much speaks for each place as the first word of the answer and
        as its last. mask_BS: (B, S) of bool, True = here the answer may stand; in each row one block of
        True, or none at all. max_len: the most words that an answer may have, at least 1.

    Of all spans from i to j (both included) that lie in the mask and have at most max_len words, the
    one with the highest start[i] + end[j]. Returns (i_B, j_B), two arrays of whole numbers; −1 and
    −1 for a row that has no True.
    """
    ### BEGIN SOLUTION
    B, S = start_BS.shape
    length_IJ = np.arange(S) - np.arange(S)[:, None] + 1
    fits_IJ = (length_IJ >= 1) & (length_IJ <= max_len)
    fits_BIJ = fits_IJ & mask_BS[:, :, None] & mask_BS[:, None, :]
    sum_BIJ = np.where(fits_BIJ, start_BS[:, :, None] + end_BS[:, None, :], -np.inf)
    i_B, j_B = np.divmod(sum_BIJ.reshape(B, S * S).argmax(axis=1), S)
    some_B = mask_BS.any(axis=1)
    return np.where(some_B, i_B, -1), np.where(some_B, j_B, -1)
    ### END SOLUTION


def extract(score_N, words_N, budget):
    """A summary of whole sentences: which ones are taken.

    score_N: (N,), how much each sentence matters. words_N: (N,), how many words it has, at least 1.
    budget: how many words the summary may have.

    Sentences are taken by falling score (of equal ones the earlier first), each if it still fits; one
    that doesn't fit is skipped. Returns the indices of those taken, a list of whole numbers in the
    order of the text.
    """
    ### BEGIN SOLUTION
    taken, left = [], budget
    for n in np.argsort(-score_N, kind="stable"):
        if words_N[n] <= left:
            taken.append(int(n))
            left = left - words_N[n]
    return sorted(taken)
    ### END SOLUTION


# %% check="L13.4"
verdict = check("L13.4", best_span, extract)
verdict.points


# %% [markdown]
# Now the model. First each word of the story asks the question, across: *am I spoken of?* Then, in a block of
# lesson 7's, the words of the story ask each other, and the place learns from the name beside it that it is meant.
#
# One thing is special. Its word vectors are drawn by chance, different for each word, and are **not** trained. What
# could it learn about Ana that helps with Ben, whom it has never met?

# %%
with silence():
    from attnkit.across.reading import asked_for, learn_to_answer, point

answering = learn_to_answer(make_stories(12_000, KNOWN, seed=1))


# %%
def share_right(asked, separately=False):
    """The share of answers that are right to the word."""
    start_NS, end_NS = point(answering, asked)
    i_N, j_N = best_span(start_NS, end_NS, asked.mask_NS, 3)
    if separately:
        nowhere = np.where(asked.mask_NS, 0, -np.inf)
        i_N, j_N = ((z_NS + nowhere).argmax(axis=1) for z_NS in (start_NS, end_NS))
    return np.mean((i_N == asked.start_N) & (j_N == asked.end_N))


# %%
predict(
    "L13.met",
    "How many answers will be right to the word, about people whom it has met in training, and about people whom it hasn't?",
)

# %%
for whom, people in (("it has met", KNOWN), ("it hasn't", HELD_OUT)):
    asked = make_stories(500, people, seed=2)
    print(f"people {whom:10} {share_right(asked):.1%} right by your best_span", end="")
    print(f", {share_right(asked, separately=True):.1%} with ends chosen by themselves")
predicted("L13.met")

# %% [markdown]
# Ask about your own story, and look what its words read of the question:

# %%
asking = "where does Ben live ?"
asked = read_story(story, asking, story_ids)
i_N, j_N = best_span(*point(answering, asked), asked.mask_NS, 3)
print(f"{asking} → {' '.join(story.split()[i_N[0] : j_N[0] + 1])}")
w_ST, words = asked_for(answering, asked)[0].mean(axis=0), story.split()
pd.DataFrame(
    [w_ST[words.index(word)].round(2) for word in ("Ana", "Ben", "lives", "works")],
    index=["Ana", "Ben", "lives", "works"],
    columns=asking.split(),
)

# %% [markdown]
# Measured with three trainings, on 1,000 stories each:

# %%
lesson_13_table("spans")

# %% [markdown]
# Of people it has met 99.9 to 100.0 % are answered for rightly, of others 84.3 to 86.9 %. The model has learned to
# compare, and that carries over, not without loss. And there `best_span` earns its keep: with ends chosen by
# themselves it's 78.8 to 82.1 %.
#
# It knows six ways to say two things. With a seventh it is lost; try one.
#
# ### A summary, and what it keeps
#
# The other half of L13.4, `extract`, needs a score for each sentence; then it makes an {{extractive summary (its
# own sentences): some of a text's sentences, which should stand for all of it}}. Attention over *sentences* offers
# itself: 100 numbers for each sentence of a review, by its words (lesson 12), pooled by a learned query to praise
# or blame (a small relative of Yang et al. 2016).

# %%
from attnkit.across import summaries

reviews, new_reviews = summaries.load("train", 2000), summaries.load("validation", 500)
make = summaries.vectors_from(reviews)
(x_NTF, mask_NT), (new_NTF, new_NT) = make(reviews), make(new_reviews)
judge = learn_pool(x_NTF, reviews.y_N, adam_step, mask_NT=mask_NT)
print(f"{judge.right(new_NTF, new_reviews.y_N, new_NT).mean():.1%} of 500 new reviews right")

# %%
scored, review = summaries.scores(judge, new_NTF, new_NT), 7
words_T = new_reviews.words[review]
for name in ("weight", "first"):
    kept = extract(scored[name][review, : len(words_T)], words_T, 40)
    print(f"{name}:", *(new_reviews.sentences[review][n] for n in kept), "\n")

# %% [markdown]
# Is that a good summary? Nobody has written one to compare it with. But lesson 9 has a measure: leave the summary
# **alone**, and see whether the verdict stays; or **delete** it, and see whether the verdict turns.

# %%
predict(
    "L13.summary",
    "50 words out of 250: how often does the verdict stay with the sentences of most weight, with the first ones, and with random ones?",
)

# %%
for name, score_NT in scored.items():
    places = summaries.summarise(extract, score_NT, new_reviews, 50)
    kept_NT = summaries.chosen(places, new_NT)
    found = summaries.what_stays(judge, new_NTF, new_NT, kept_NT)
    print(f"{name:7} stays with it alone {found['stays'].mean():.1%}", end="")
    print(f", turns without it {found['turns'].mean():.1%}")
predicted("L13.summary")

# %% [markdown]
# *share* goes by lesson 9: weight times what the sentence says, counted for the verdict that was given. With it the
# verdict stays nearly always, which is no wonder: it was chosen by just that. Such a summary tells what the judge
# went by, and drops whatever spoke against it.
#
# So ask **another judge**, who had no part in the choice: a line on counted words, learned from whole reviews.
# Measured with three trainings, on 1,000 test reviews:

# %%
lesson_13_table("summaries")

# %% [markdown]
# By weight the verdict stays in 89.6 to 90.1 %, by chance in 70.3 to 71.3 %. For its own verdict the weight is
# worth a good deal. To the other judge such a summary says no more than the **last** sentences do, where people
# come to their point.
#
# As a reader of reviews attention gained nothing: 72.8 to 73.1 % right, where the plain mean over
# sentences gets 75.6 to 77.3 %.


# %% [markdown]
# ## 8 · Does it read its source?
#
# Again and again it was the same step, and each time a mistake would have been quiet: a pad that is read, or
# another row's source, or none at all. So write the test, for any function that reads a source.
#
# ### L13.6 Write the test
#
# *Difficulty ●●●●○ · importance ●●●●○ · 18 minutes · 10 points · `hint("L13.6")`*


# %% answer="L13.6"
def check_source(fn):
    """Whether fn reads a source as attention across does: all of it, and of it alone.

    fn: a function to test, fn(y_BTD, x_BSD, x_mask_BS) -> (B, T, D): targets y ask, and the words x that the
        mask keeps (True) answer. It takes any B, T and S, any D that is a multiple of 6, and any mask
        that keeps at least one word of each row.

    Returns True if, up to rounding in float32,

    - padding behind the source, however much and whatever it holds, changes nothing;
    - other words in a row of x give another output of that row;
    - shuffling the source, its mask with it, changes nothing;
    - each output depends on its own row of x and of the mask and on its own target alone. It may depend
      on its place t, too, and needn't depend on its target.

    Else False, also if fn gives nan or another shape or stops with an error. Always returns a bool.
    """
    ### BEGIN SOLUTION
    rng, mask_BS = np.random.default_rng(13), np.arange(9) % np.array([[2], [3], [4]]) > 0
    y_BTD, other_BTD = rng.normal(size=(2, 3, 4, 6))
    both_NBSD = rng.normal(size=(2, 3, 9, 6))
    try:
        o_BTD = fn(y_BTD, both_NBSD[0], mask_BS)
        for b, t in np.ndindex(3, 4):
            words, ask_1TD = rng.permutation(np.flatnonzero(mask_BS[b])), other_BTD[[b]]
            ask_1TD[0, t] = y_BTD[b, t]
            old, new = (fn(ask_1TD, x[[b]][:, words], mask_BS[[b]][:, words]) for x in both_NBSD)
            if not np.allclose(old[:, t], o_BTD[b, t], 1e-4, 1e-4) or np.allclose(old, new, 1e-4):
                return False
        return o_BTD.shape == y_BTD.shape
    except Exception:
        return False
    ### END SOLUTION


# %% check="L13.6"
verdict = check("L13.6", check_source)
verdict.points


# %% [markdown]
# Try it on your own attention, with four mistakes built around it:

# %%
Wq, Wk, Wv, Wo = np.random.default_rng(3).normal(size=(4, 6, 6)) / 2


def mine(y_BTD, x_BSD, x_mask_BS):
    return cross_attention(y_BTD, x_BSD, Wq, Wk, Wv, Wo, 2, x_mask_BS)[0]


suspects = {
    "yours": mine,
    "reads the pads": lambda y, x, mask: mine(y, x, np.ones_like(mask)),
    "reads row 0 for all": lambda y, x, mask: mine(y, x[[0] * len(x)], mask),
    "reads nothing": lambda y, x, mask: y @ Wo,
    "targets read each other": lambda y, x, mask: mine(y + y.mean(1, keepdims=True), x, mask),
}
for name, fn in suspects.items():
    print(f"{name:24}", check_source(fn))

# %% [markdown]
# ## 9 · A reading card: two networks against each other
#
# Nothing in this lesson has *made* a picture. In a {{GAN|GAN (forger and judge): generative adversarial network;
# one network makes pictures out of noise, another tells made ones from real ones, and each learns from the other}}
# (Goodfellow et al. 2014) the one learns to deceive and the other not to be deceived.
#
# Both consist mostly of convolutions, and those look at neighbours. A dog's front feet and its hind feet are none:
# its fur came out well, its feet less so. In **SAGAN** (Zhang et al. 2019) each place of a layer's feature map asks
# all others (lesson 4). What is read is multiplied by a number that begins as 0 and is
# learned, and is then added. So at first it is as if attention weren't there. Your own function can do it:

# %%
places_BTD = np.random.default_rng(1).normal(size=(1, 16, 6))  # 4 × 4 places of a feature map
read_BTD, w_BHTS = cross_attention(places_BTD, places_BTD, Wq, Wk, Wv, Wo, 2)
for gate in (0.0, 0.5):
    moved = np.abs(gate * read_BTD).mean()
    print(f"gate {gate}: {w_BHTS.shape[3]} places asked by each, numbers moved by {moved:.2f}")

# %% [markdown]
# They report, for ImageNet, an Inception score of 52.52, after 36.8 for the best published before (higher is
# better), and a Fréchet Inception distance of 18.65, after 27.62 (lower is better). Attention is one of several
# things that were new.
#
# Read it with this lesson's questions. What asks, and what is asked? Is it compared with nothing, or with another
# layer of as many parameters?
#
# Not measured here: a GAN of this kind takes graphics cards. And many of today's
# picture makers are no GANs but work by diffusion; there the picture asks the text by cross-attention, just as in
# section 2 (Rombach et al. 2022).


# %% [markdown]
# ## 10 · What may be said
#
# What was measured in this lesson, and what follows from it:

# %%
lesson_13_claims()

# %% [markdown]
# ### Question
#
# *3 points, read by a person. A few sentences are enough.*
#
# A start-up reads invoices: "Our attention model finds the due date in 97 % of 500 pictures. It must understand
# invoices, since its map lights up on the right line. And when the page is turned upside down it still gives a
# date, so it is robust. The summary of each letter takes the sentences with the highest attention weight: those are
# what matters."
#
# 1. 97 %: what would you want it to be compared with, and what would you look for in the 500 pictures?
# 2. What do the map and the pages upside down prove? Name an experiment for each.
# 3. How would you measure whether the chosen sentences are what matters?

# %% [markdown] manual="L13-invoices" points=3
# ### BEGIN MARK SCHEME
# **Model answer.** (1) With plain rivals on the same pictures: the last date of the page, the date behind the word
# *due*, logistic regression on pixels or words; several trainings, an interval. Whether the same customers, or the
# same printed form, stand in the training and in the test part, and whether dates are there that can be read in two
# ways. (2) The map says that something was read there, not what it was worth; experiment: change the date on that
# line, or cover it, beside as large a piece elsewhere, and count how many answers change. A date that is always
# given proves nothing but that the model always gives one; experiment: count how many of them are right, or give it
# pages without a date. (3) Delete the rest and count how often what depends on the letter (the decision, or a
# reader's answer to questions) stays, beside the first sentences and beside sentences drawn by chance, of the same
# length.
#
# **Marks.** 1 point for (1): a rival *and* a danger in the pictures; ½ for one. 1 point for (2): both proofs
# refused, each with an experiment; ½ for one. 1 point for (3): deletion or a task that depends on it *and* a rival
# of the same length; ½ for one.
# ### END MARK SCHEME

# %% [markdown]
# ## 11 · What you have now
#
# - **Attention across**, and a **test** that it reads its source, all of it and nothing else.
# - A **translator**: fed what is right, judged letter by letter, writing on its own, with a map of what it read.
# - **Patches**: pictures as words, and what attention wins there, beside a straight line.
# - A **question** that lights up the half it asks about, and an event found in noise.
# - **Pictures and names** matched by contrast, **answers** and **summaries** picked out of texts, each beside a rival.
#
# **Where next?** The start page shows what is open. Lesson 15 takes the decoder alone, and lets it write.

# %%
from attnkit.progress import course_map

course_map()

# %% [markdown]
# ### Further reading
#
# - Bahdanau, Cho & Bengio, *Neural Machine Translation by Jointly Learning to Align and Translate* (ICLR 2015).
# - Williams & Zipser, *A Learning Algorithm for Continually Running Fully Recurrent Neural Networks* (1989).
# - Dosovitskiy et al., *An Image is Worth 16x16 Words* (ICLR 2021).
# - Chan, Jaitly, Le & Vinyals, *Listen, Attend and Spell* (ICASSP 2016).
# - Yang et al., *Hierarchical Attention Networks for Document Classification* (NAACL 2016).
# - Goodfellow et al., *Generative Adversarial Nets* (NIPS 2014), and Zhang et al., *Self-Attention Generative Adversarial Networks* (ICML 2019).
# - Rombach et al., *High-Resolution Image Synthesis with Latent Diffusion Models* (CVPR 2022).
