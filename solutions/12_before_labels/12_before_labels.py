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
# # Lesson 12: learning before labels, and learning by reward
#
# Labels are dear, text is not. A model can hide a word from itself and guess it, and that helps once a few labels
# come. And where nobody knows what is right, only how well it went, a model can learn from that.
#
# Afterwards you can
#
# - pretrain an encoder on plain text, and move what it has learned;
# - train vectors by contrast, from pairs;
# - say how many labels that saves, and beside what;
# - train an agent by reward, and prove its gradient;
# - give it a memory, and say what its map shows.
#
# About three hours, with a break behind section 4: six exercises (55 points) and one question
# (3 points). You need lessons 3, 5, 6 and 8.

# %%
import re
from collections import Counter
from dataclasses import replace

import numpy as np
import pandas as pd
from attnkit import check, hint, predict, predicted
from attnkit.classifier import tokenise
from attnkit.data import split
from attnkit.earlier import yours
from attnkit.hidden_words import corpus
from attnkit.quiet import silence
from scipy.special import softmax

np.set_printoptions(precision=3, suppress=True)

# %% [markdown]
# After a break: *Kernel ▸ Restart Kernel and Run up to Selected Cell*.
#
# ## 1 · Hide a word
#
# Somebody writes about films: *one of the … movies I have seen*.

# %%
predict(
    "L12.hole",
    "Which words would you put into the hole, and which one will stand there most often?",
)

# %% [markdown]
# Ask those who wrote. Here are MR's training sentences and 4,000 reviews from IMDb, cut into sentences. Of their
# labels nothing is read:

# %%
texts = corpus.sentences(4000)
print(f"{len(texts):,} sentences, {sum(map(len, texts)):,} words, and no label")
joined = "\n".join(" ".join(words) for words in texts)
in_the_hole = Counter(re.findall(r"\bone of the (\S+) movies\b", joined))
for word, count in in_the_hole.most_common(6):
    print(f"one of the {word:9} movies: {count:2} of {in_the_hole.total()}")
predicted("L12.hole")

# %% [markdown]
# The text itself has answered. Each of its words is an answer that nobody had to write down: {{self-supervised
# learning (the data asks): learning from questions whose answers stand in the data itself, so that no labels are
# needed}}. Hiding words of a text and having a model guess them is called {{masked language modelling|masked language
# modelling (guessing hidden words): training a model to guess words of a text that were hidden from it}} (Devlin
# et al. 2019).
#
# Keep an eye on that hole. *worst* and *best* fit it equally well, for they mean opposite things in the same
# places. We'll come back to that.

# %%
V, T = 3000, 24
ids = corpus.vocabulary(texts, V)
ids_NT = corpus.encode(texts, ids, T)
names = {number: word for word, number in ids.items()}
names |= {corpus.UNKNOWN: "?", corpus.MASK: "[mask]", corpus.END: "(end)"}


def in_words(ids_T):
    return " ".join(names[number] for number in ids_T.tolist() if number != corpus.PAD)


print(in_words(ids_NT[2]))

# %% [markdown]
# Ids below 4 are no words: 0 is a pad, 1 an unknown word, 2 the mask, 3 the end.
#
# Which words should be hidden? Each by chance, with probability p, whatever becomes of its neighbours. And what
# comes in their place? Mostly the mask. But a real text has no masks. A model that met nothing else would learn:
# *where there is no mask, I needn't think*. So one in ten of the chosen words is replaced by some other word, and
# one in ten stays as it is. The model is asked for all three kinds, and can't tell which words to trust.
#
# ### L12.1 Corrupt a text
#
# *Difficulty ●●●○○ · importance ●●●●● · 15 minutes · 10 points · `hint("L12.1")`*


# %% answer="L12.1"
def mlm_corrupt(ids_BT, rng, vocab_size, p=0.15, mask_id=2, n_special=4):
    """Texts with some words hidden, and which words they were.

    ids_BT: (B, T) whole numbers. rng: the random generator to draw from, and from nothing else.
    Ids from n_special to vocab_size − 1 are words. Each word is chosen with probability p, whatever
    becomes of the others. Of the chosen ones 80 % become mask_id, 10 % become a word drawn evenly
    from all words (it may be the old one), and 10 % stay as they are, each by itself.

    Returns (x_BT, target_BT), whole numbers: what the model reads, and what it is asked: the old word
    where one was chosen, −1 everywhere else.
    """
    ### BEGIN SOLUTION
    chosen_BT = (rng.random(ids_BT.shape) < p) & (ids_BT >= n_special)
    fate_BT = rng.choice(3, size=ids_BT.shape, p=[0.8, 0.1, 0.1])
    word_BT = rng.integers(n_special, vocab_size, size=ids_BT.shape)
    x_BT = np.where(chosen_BT, np.choose(fate_BT, [mask_id, word_BT, ids_BT]), ids_BT)
    return x_BT, np.where(chosen_BT, ids_BT, -1)
    ### END SOLUTION


# %% check="L12.1"
verdict = check("L12.1", mlm_corrupt)
verdict.points

# %% [markdown]
# Three sentences, as the model gets them, and what it is asked:

# %%
x_BT, target_BT = mlm_corrupt(ids_NT[2:5], np.random.default_rng(3), V)
for x_T, target_T in zip(x_BT, target_BT, strict=True):
    print(in_words(x_T))
    print("   asked:", ", ".join(names[number] for number in target_T[target_T != -1].tolist()))

# %% [markdown]
# ## 2 · Guess it
#
# For every place the model gives each word of the vocabulary a number, its logit. The loss looks at the asked
# places only: there it is minus the logarithm of the probability of the word that stood there. Say one place is
# asked, and the model gives its word the probability ¼: the loss is log 4 = 1.39, whatever it says elsewhere.
#
# ### L12.2 The loss of hidden words
#
# *Difficulty ●●○○○ · importance ●●●●○ · 10 minutes · 6 points · `hint("L12.2")`*


# %% answer="L12.2"
def mlm_loss(z_BTC, target_BT):
    """How surprised the model is by the words it is asked for: the mean of −log p, in nats.

    z_BTC: (B, T, C), logits of C words. target_BT: (B, T), the word that was asked for, from 0 to
        C − 1, or −1 where nothing is asked.

    Returns a number, the mean over all asked places of the batch; 0.0 if nothing is asked.
    """
    ### BEGIN SOLUTION
    asked_BT = target_BT != -1
    if not asked_BT.any():
        return 0.0
    z_NC = z_BTC[asked_BT]
    e_NC = z_NC - z_NC.max(axis=1, keepdims=True)
    right_N = e_NC[np.arange(len(e_NC)), target_BT[asked_BT]]
    return (np.log(np.exp(e_NC).sum(axis=1)) - right_N).mean()
    ### END SOLUTION


# %% check="L12.2"
verdict = check("L12.2", mlm_loss)
verdict.points

# %% [markdown]
# First a model that looks at nothing. It finds each word as probable as it is frequent. What does it reach in MR's
# validation sentences, which nobody has trained on?

# %%
validation = split("mr").validation
held_out_BT = corpus.encode([tuple(tokenise(text)) for text in validation.text[:300]], ids, T)
x_BT, target_BT = mlm_corrupt(held_out_BT, np.random.default_rng(0), V)
asked_BT = target_BT != -1


def how_good(z_BTV):
    """The loss, and the share of hidden words that the likeliest guess gets right."""
    right = (z_BTV[asked_BT].argmax(axis=-1) == target_BT[asked_BT]).mean()
    return f"loss {mlm_loss(z_BTV, target_BT):.2f}, {right:.1%} of {asked_BT.sum()} guessed"


count_V = np.bincount(ids_NT.ravel(), minlength=V).astype(float)
count_V[: corpus.FIRST] = 1e-9
print("by frequency:", how_good(np.broadcast_to(np.log(count_V), (*x_BT.shape, V))))

# %%
predict(
    "L12.guessed",
    "A small encoder trains for a minute or two on these sentences. What share of the hidden words will it guess, and what will its loss be?",
)

# %% [markdown]
# The encoder is lesson 7's block, one of it, with four heads and 64 numbers a word, in Keras (`attnkit/hidden_words/encoder.py`).
# Two heads look back and two ahead, and what is near counts more (ALiBi, lesson 7). Your `mlm_corrupt` hides the words, others in
# each batch. It takes a minute or so; then it is kept.

# %%
with silence():
    import keras
    from attnkit.hidden_words.encoder import Size
    from attnkit.hidden_words.learning import FewLabels, Plan, encoder_of, fresh, moved, pretrain

size = Size(V=V, T=T)
model, losses = pretrain(ids_NT, size, mlm_corrupt)


# %%
def logits(x_BT):
    """The logits of all words in all places, (B, T, V)."""
    places_BT = np.broadcast_to(np.arange(x_BT.shape[1], dtype="int32"), x_BT.shape)
    return model.predict([x_BT, places_BT], batch_size=64, verbose=0)


print("the encoder: ", how_good(logits(x_BT)))
predicted("L12.guessed")

# %% [markdown]
# Measured with three encoders on 5,929 hidden words of MR's test sentences: 23.5 ± 1.1 % guessed, where frequency alone gets 6.4 ±
# 0.7 %, and a loss of 4.78 in place of 6.16. Much of what it gets right is grammar: *one **of** the*, an *is* behind *it*.
#
# Try it. Move p: with how many words hidden does it lose the thread?

# %%
from attnkit.panels import curve_panel, hiding_panel, maze_panel


def guesses(ids_T, place_M):
    """The probabilities of all words in some places of a text, (M, V)."""
    x_BT = np.append(ids_T, corpus.END)[None]
    z_BMV = model([x_BT.astype("int32"), place_M[None].astype("int32")])
    return softmax(keras.ops.convert_to_numpy(z_BMV)[0], axis=-1)


hiding_panel(
    mlm_corrupt,
    guesses,
    ids,
    "it is one of the best movies i have seen , and the cast is very good",
)

# %% [markdown]
# How many should be hidden? Few, and the model is asked little of each text; many, and there is nothing left to
# guess from. BERT hid 15 %, and for years so did nearly everybody. With large models 40 % turned out to be better
# (Wettig et al. 2023).
#
# And the hole of section 1?

# %%
before = ["this", "is", "one", "of", "the"]
hole_T = np.array([*(ids[word] for word in before), corpus.MASK, ids["movies"]])
p_V = guesses(hole_T, np.array([5]))[0]
print(*(f"{names[n]} {p_V[n]:.2f}" for n in np.argsort(-p_V)[:6].tolist()), sep=", ")

# %% [markdown]
# In our run *best* 0.07, *other* 0.05, *worst* 0.04. It has understood what may stand there, and doesn't take sides.
#
# And what is in the vectors now? Look for the words whose vectors point most nearly the same way:

# %%
E_VD = keras.ops.convert_to_numpy(encoder_of(model).words.embeddings)
unit_VD = E_VD / np.linalg.norm(E_VD, axis=1, keepdims=True)
for word in ("she", "is", "will", "actor", "good", "worst"):
    near = np.argsort(-(unit_VD @ unit_VD[ids[word]]))
    near = [names[n] for n in near.tolist() if n >= corpus.FIRST and names[n] != word][:6]
    print(f"{word:6}", ", ".join(near))

# %% [markdown]
# In our run *she* stands by *he*, *is* by *was*, *will* by *can* and *would*: words of a kind have found each other, and nobody told
# it about kinds of words. But *good* stands by *bad*, and *worst* by *best*. They fit the same holes; and that, no more, is what
# guessing asks for.
#
# ## 3 · Pairs that belong together
#
# Another question that needs no labels: *what belongs together?* Cut a review in two.

# %%
from attnkit.halves import learn_to_pair, partners_found, review_halves

firsts, seconds = review_halves("train", 4000)
for n in (0, 1):
    print(f"{n}, first half:  {firsts[n][:74]} …")
    print(f"{n}, second half: … {seconds[n][-74:]}")

# %% [markdown]
# Its halves speak of the same film, those of two reviews mostly don't. So the vectors of two halves should be more
# alike. A batch of B reviews makes B questions: which of the B second halves belongs to this first half? And B
# more, the other way round.
#
# That is {{contrastive learning (telling pairs apart): training vectors to be alike for things that belong together,
# and less alike for all others in the batch}}. Alike means a large cosine. It is 1 at most, and so a softmax of
# cosines could never be sure of anything: they are divided by a temperature τ first. The loss is called {{InfoNCE
# (find the partner): the cross-entropy of finding each thing's own partner among those of a batch}} (van den Oord, Li
# & Vinyals 2018).

# %%
predict(
    "L12.partner",
    "64 reviews cut in two: how many first halves will find their second one by counted words? By chance it's one of 64.",
)

# %% [markdown]
# Two pairs, by hand, with τ = ½. The cosines of a's first vector with both of b's are 0.5 and 0, so the logits are 1
# and 0, its own partner gets $e/(e+1)$ = 0.73, and this question costs −log 0.73 = 0.31.
#
# ### L12.3 Contrast
#
# *Difficulty ●●●○○ · importance ●●●●○ · 15 minutes · 6 points · `hint("L12.3")`*


# %% answer="L12.3"
def info_nce(a_BD, b_BD, tau):
    """How badly pairs are found among a batch: row i of a belongs to row i of b.

    a_BD, b_BD: (B, D), no row of zeros. tau: the temperature, above 0.

    The logits are the cosines of each row of a with each row of b, divided by tau. Row i of a asks for
    row i of b: −log of its softmax, averaged over i. The same is asked of each row of b, and the
    result, a number, is the mean of both.
    """
    ### BEGIN SOLUTION
    a_BD = a_BD / np.linalg.norm(a_BD, axis=1, keepdims=True)
    b_BD = b_BD / np.linalg.norm(b_BD, axis=1, keepdims=True)
    z_BB = a_BD @ b_BD.T / tau

    def surprise(z_BB):
        e_BB = z_BB - z_BB.max(axis=1, keepdims=True)
        return (np.log(np.exp(e_BB).sum(axis=1)) - np.diag(e_BB)).mean()

    return (surprise(z_BB) + surprise(z_BB.T)) / 2
    ### END SOLUTION


# %% check="L12.3"
verdict = check("L12.3", info_nce)
verdict.points

# %% [markdown]
# Halves of 4,000 reviews, each as 100 numbers: words are counted, and the 100 directions in which texts differ most
# are kept (lesson 11).

# %%
from attnkit.measured.before_labels import lesson_12_claims, lesson_12_curves, lesson_12_table
from sklearn.decomposition import TruncatedSVD
from sklearn.feature_extraction.text import TfidfVectorizer

adam_step = yours("adam_step")
new_firsts, new_seconds = review_halves("validation", 2000)
counter = TfidfVectorizer(sublinear_tf=True, min_df=5).fit(firsts + seconds)
svd = TruncatedSVD(100, random_state=0).fit(counter.transform(firsts + seconds))
a_ND, b_ND, new_a_ND, new_b_ND = (
    svd.transform(counter.transform(some)) for some in (firsts, seconds, new_firsts, new_seconds)
)

# %% [markdown]
# Now learn a matrix W that both halves are multiplied by. Its gradient is worked out in `attnkit/halves.py`; your
# `adam_step` takes the steps, your `info_nce` says how far it has come.

# %%
W_DK = learn_to_pair(a_ND, b_ND, adam_step, K=64, tau=0.1)
for name, W in (("as they are", np.eye(100)), ("after contrast", W_DK)):
    loss = np.mean(
        [
            info_nce(new_a_ND[i : i + 64] @ W, new_b_ND[i : i + 64] @ W, 0.1)
            for i in range(0, 1280, 64)
        ]
    )
    found = partners_found(new_a_ND @ W, new_b_ND @ W, 64).mean()
    print(f"{name:15} loss {loss:.2f}, {found:.0%} find their partner among 64 new ones")
counted = [counter.transform(some).toarray() for some in (new_firsts, new_seconds)]
print(f"all {len(counter.vocabulary_):,} counted words: {partners_found(*counted, 64).mean():.0%}")
predicted("L12.partner")

# %% [markdown]
# Measured on new reviews: 24.3 ± 1.7 % as they are, 32.4 ± 1.8 % after a second of training. But look at the last line:
# counting all words, names of actors too, finds 60.4 ± 2.0 %. A hundred numbers are few, whatever is learned on top.
#
# And for telling good reviews from bad ones? Nobody has asked for that. Still, with 50 labels a line on the new numbers gets 75.9 ±
# 1.4 % right, 4.2 ± 0.9 points more than on the old ones; with 200 it is 1.4 ± 0.6 more, with 1,000 no more than chance. Halves
# of a review have the film in common, and what their writer thought of it.

# %%
lesson_12_table("halves")

# %% [markdown]
# Contrast became great with more of everything. CLIP learned from 400 million pictures and their captions (Radford
# et al. 2021), SimCLR from two crops of the same picture (Chen et al. 2020). And lesson 9's **MiniLM** was given its
# last polish on a billion pairs of sentences, as its model card says: a question and its answer, a title and its text.
#
# ## 4 · How many labels does it save?
#
# Back to the encoder that guesses words. Taking up another task with what was learned on this one is {{transfer learning
# (learned there, used here): starting a task with what was learned on another}}. Here it will be MR's labels. They come
# with a vocabulary of their own: the same words have other ids, and some words are new.

# %%
train = split("mr").train
words_N = [tuple(tokenise(text)) for text in train.text]
mr_ids = corpus.vocabulary(words_N, 8000)
shared = [word for word in mr_ids if word in ids]
print(f"{len(shared):,} of {len(mr_ids):,} words are known, {len(mr_ids) - len(shared):,} are new")
print(f"'film' is id {ids['film']} there, and id {mr_ids['film']} here")

# %% [markdown]
# What the block has learned moves as it is. The table of embeddings has to be moved word by word: the row of *film* goes
# to *film*, wherever that stands. A word that is new gets random numbers, about as large as the others are.
#
# ### L12.4 Move the embeddings
#
# *Difficulty ●●○○○ · importance ●●●●○ · 12 minutes · 8 points · `hint("L12.4")`*


# %% answer="L12.4"
def remap_embeddings(E_ND, vocab_from, vocab_to, rng):
    """The table of embeddings of one vocabulary, made ready for another.

    E_ND: (N, D), a row for each id of vocab_from. vocab_from, vocab_to: dicts, word -> id, in any
    order; ids 0 (pad) and 1 (unknown) stand in neither. rng: the random generator to draw from.

    Returns (M, D), M being the highest id of vocab_to + 1. Row 0 is zero and row 1 is row 1 of E_ND.
    A word of both vocabularies keeps its vector. The row of a new word is drawn from a normal
    distribution of mean 0, with the standard deviation of all numbers in the rows that were kept.
    Rows from 2 on that are no word's may hold anything.
    """
    ### BEGIN SOLUTION
    shared = [word for word in vocab_to if word in vocab_from]
    kept_SD = E_ND[[vocab_from[word] for word in shared]]
    E_MD = rng.normal(0.0, kept_SD.std(), (max(vocab_to.values()) + 1, E_ND.shape[1]))
    E_MD[[vocab_to[word] for word in shared]] = kept_SD
    E_MD[0], E_MD[1] = 0.0, E_ND[1]
    return E_MD
    ### END SOLUTION


# %% check="L12.4"
verdict = check("L12.4", remap_embeddings)
verdict.points

# %%
E_MD = remap_embeddings(E_VD, ids, mr_ids, np.random.default_rng(0))
print("film:", E_VD[ids["film"], :4], "→", E_MD[mr_ids["film"], :4])

# %% [markdown]
# Now labels come: 50, then 200. One classifier begins **from scratch**, with random numbers; its twin begins with the
# pretrained block and your moved table, and then all of it is trained on (fine-tuning, lesson 8). Same labels, same
# steps, so this is a paired comparison (lesson 11).

# %%
predict(
    "L12.labels",
    "Percent right with 50, 200 and 1,000 labels: from scratch, pretrained by hidden words, and a line on MiniLM's vectors?",
)

# %%
x_train, y_train = corpus.encode(words_N, mr_ids, 40), train.label.to_numpy()
x_new = corpus.encode([tuple(tokenise(text)) for text in validation.text], mr_ids, 40)
y_new = validation.label.to_numpy()
few = FewLabels(replace(size, V=max(mr_ids.values()) + 1), Plan(steps=100, B=32, rate=1e-3))
for count in (50, 200):
    for draw in range(2):
        rows = np.random.default_rng([count, draw]).permutation(len(y_train))[:count]
        starts = {"from scratch": fresh(few.encoder.size, draw)}
        starts["pretrained"] = moved(encoder_of(model), ids, mr_ids, remap_embeddings, draw)
        print(f"{count:3} labels, draw {draw}:", end="")
        for name, start in starts.items():
            few.learn(start, x_train[rows], y_train[rows], draw)
            print(f"  {name} {few.accuracy(x_new, y_new):.1%}", end="")
        print()

# %% [markdown]
# And MiniLM, **frozen**: nothing of it is trained, only a line on its vectors. (Half a minute, and its weights; where
# they are missing, the cell says so.)

# %%
from attnkit.sentence_vectors import sentence_vectors
from sklearn.linear_model import LogisticRegression

rows = np.random.default_rng([200, 0]).permutation(len(y_train))[:200]
z_ND = sentence_vectors([*train.text.iloc[rows], *validation.text[:400]])
line = LogisticRegression(C=10, max_iter=1000).fit(z_ND[:200], y_train[rows])
print(f"200 labels, a line on MiniLM's vectors: {line.score(z_ND[200:], y_new[:400]):.1%} of 400")

# %% [markdown]
# Two draws are an anecdote. Here are ten, with three encoders, on MR's 1,000 test sentences:

# %%
predicted("L12.labels")
lesson_12_table("labels")

# %% [markdown]
# From our hidden words **nothing** is gained: −0.9 ± 1.5 points with 50 labels, −0.3 ± 1.4 with 200, −0.8 ± 1.2 with 1,000. A line on
# frozen MiniLM gets 64.7 ± 2.7 % right with 50 labels, 9.9 ± 2.9 points more than from scratch. There it takes
# 1,000 labels to get so far.
#
# The vectors say why: *good* and *bad* fit the same holes, so guessing draws them together, and a classifier has to pull them
# apart again. Taste comes late, if at all: after 10 to 100 million words pretrained models encode most of grammar and meaning
# that was tested, but typical tasks take far more (Zhang et al. 2021). Ours has read one million; BERT's texts had 3,300
# (Devlin et al. 2019). So "pretrained" alone says little. On how much, and by which question?

# %%
curve_panel(*lesson_12_curves())

# %% [markdown]
# Choose a way, and a number of labels, to see what it gains.
#
# A good place for a break.
#
# ## 5 · Nobody says what is right
#
# So far every hidden word had an answer. Now comes a world in which nobody knows the answers, but everybody can tell
# how things went. An {{agent (who acts): what chooses actions, and is rewarded for some of them}} stands before two doors. Behind
# the left one there is a coin two times in ten, behind the right one eight times in ten. It doesn't know that. It
# opens a door by chance, with probabilities that it can change: its {{policy (what it does): the probabilities with
# which an agent chooses its actions, by what it sees}}. Learning from what comes of it is {{reinforcement learning
# (learning by reward): learning from rewards for one's own actions, without being told which were right}}.

# %%
predict(
    "L12.doors",
    "It opened the left door, and found nothing. Which of its two logits should go up? And if it was lucky there, and found the coin?",
)

# %% [markdown]
# The idea is simple: *make more probable what went well*. From lesson 2 you know which way the logits have to go to
# make action a more probable: the gradient of log p(a) is 1 − p for a itself and −p for each other one. Take that,
# times the reward:

# %%
rng, pays = np.random.default_rng(5), np.array([0.2, 0.8])
p_C = np.array([0.5, 0.5])
a_N = rng.choice(2, size=10_000, p=p_C)
r_N = (rng.random(10_000) < pays[a_N]).astype(float)
each_NC = r_N[:, None] * (np.eye(2)[a_N] - p_C)
print("reward · gradient of log p, the first four:")
print(each_NC[:4])
print("their mean:", each_NC.mean(axis=0))
print("the slope of the mean reward, worked out:", p_C * (pays - p_C @ pays))
predicted("L12.doors")

# %% [markdown]
# Each single step is a shot in the dark; a coin behind the wrong door makes the wrong door more probable. An empty
# door changes nothing at all. But their **mean** is the slope of the mean reward, though nobody has told it what is
# behind the doors. That is {{REINFORCE (more of what went well): the policy gradient estimated from the agent's own
# episodes, each action's gradient of log p times what came of it}} (Williams 1992), the plainest {{policy gradient
# (the slope of reward): the gradient of the mean reward in the parameters of a policy}}.
#
# Shots in the dark can be made to scatter less. Count not the reward but how much *better than usual* it was, the
# {{advantage (better than usual): how much more came of an action than on average}}:

# %%
for usual in (0.0, 0.5):
    each_N = (r_N - usual) * (np.eye(2)[a_N] - p_C)[:, 1]
    print(f"reward less {usual}: mean {each_N.mean():.3f}, scatter {each_N.std():.3f}")

# %% [markdown]
# The same mean, less scatter: now an empty door counts as well, against itself.
#
# ### More than one step
#
# Most things take several steps, from start to end an {{episode (from start to end): the steps of an agent from a
# start until it is over}}, and the reward comes late. What has an early step earned? All the reward that comes from
# then on, its {{return (what comes of it): the sum of all rewards from a step on, later ones counting less if gamma
# is below 1}}. With rewards 0, 0, 1 and gamma = ½ the returns are ¼, ½, 1. Rewards *before* a step don't count: it
# can't have brought them about.
#
# Episodes differ in length, so short ones are filled up with dead steps, which count nothing.
#
# ### L12.5 Returns, and the gradient of a policy
#
# *Difficulty ●●●○○ · importance ●●●●● · 15 minutes · 10 points · `hint("L12.5")`*


# %% answer="L12.5"
def returns(r_BT, alive_BT, gamma=1.0):
    """What came of each step: its own reward and all later ones, each step away counting gamma less.

    r_BT: (B, T), the reward of each step of B episodes. alive_BT: bool, True up to and including the
        last action of an episode, which may have none; what stands in r_BT behind it is not its own.
    gamma: 0 ≤ gamma ≤ 1.

    Returns (B, T): r_t + gamma r_{t+1} + gamma² r_{t+2} + …, and 0 where alive_BT is False.
    """
    ### BEGIN SOLUTION
    G_BT = np.empty(r_BT.shape)
    later_B = 0.0
    for t in reversed(range(r_BT.shape[1])):
        later_B = G_BT[:, t] = np.where(alive_BT[:, t], r_BT[:, t] + gamma * later_B, 0.0)
    return G_BT
    ### END SOLUTION


def reinforce_dlogits(p_BTC, a_BT, adv_BT, alive_BT):
    """The gradient of the loss −Σ adv · log p(action) / B with respect to the logits.

    p_BTC: (B, T, C), probabilities of C actions, the softmax of the logits. a_BT: (B, T), which
        action was taken. adv_BT: (B, T), how much better than usual it went. alive_BT: as above.

    The sum runs over all living steps; B is the number of episodes. Returns (B, T, C), and 0 where
    alive_BT is False.
    """
    ### BEGIN SOLUTION
    B, _, C = p_BTC.shape
    taken_BTC = a_BT[:, :, None] == np.arange(C)
    return (p_BTC - taken_BTC) * np.where(alive_BT, adv_BT, 0.0)[:, :, None] / B
    ### END SOLUTION


# %% check="L12.5"
verdict = check("L12.5", returns, reinforce_dlogits)
verdict.points

# %% [markdown]
# You have met it before. With an advantage of 1 and the right word for the action it is lesson 2's gradient, p less a 1
# for the right word. REINFORCE treats its own actions as if they had been right, as far as they paid.
#
# But is yours right? Don't take the check's word for it. Move each logit a little up and a little down and look how
# the loss changes: lesson 3's finite differences, three lines that know nothing of how you derived yours.

# %%
z_BTC, adv_BT = rng.normal(size=(3, 4, 3)), rng.normal(size=(3, 4))
a_BT, alive_BT = rng.integers(3, size=(3, 4)), np.arange(4) < np.array([[4], [2], [3]])


def loss(z_BTC):
    logp_BT = np.log(softmax(z_BTC, axis=-1))[np.arange(3)[:, None], np.arange(4), a_BT]
    return -(adv_BT * logp_BT * alive_BT).sum() / 3


def slopes(f, z_BTC, h=1e-5):
    """The gradient of f, one number after the other: a little up, a little down."""
    slope_BTC = np.zeros(z_BTC.shape)
    for place in np.ndindex(z_BTC.shape):
        step_BTC = np.zeros(z_BTC.shape)
        step_BTC[place] = h
        slope_BTC[place] = (f(z_BTC + step_BTC) - f(z_BTC - step_BTC)) / (2 * h)
    return slope_BTC


mine_BTC = reinforce_dlogits(softmax(z_BTC, axis=-1), a_BT, adv_BT, alive_BT)
print(f"yours and the slopes are {np.abs(mine_BTC - slopes(loss, z_BTC)).max():.0e} apart")

# %% [markdown]
# ### Stay curious
#
# One danger is left. An agent that finds early on that something half works does it ever more often, and stops trying
# anything else. So policies are often paid a little for being undecided: an {{entropy bonus (paid for trying): a small reward
# for a policy's entropy, so that it goes on trying other actions}} (Mnih et al. 2016). Entropy is lesson 2's: $H = -\sum_c
# p_c \log p_c$. Its gradient in the logits is $-p_c (\log p_c + H)$, in four lines of the kit:

# %%
import inspect

from attnkit.maze.learning import entropy_dlogits

print(inspect.getsource(entropy_dlogits))


def entropy(z_BTC):
    p_BTC = softmax(z_BTC, axis=-1)
    return -(p_BTC * np.log(p_BTC) * alive_BT[:, :, None]).sum() / 3


theirs_BTC = entropy_dlogits(softmax(z_BTC, axis=-1), alive_BT)
print(f"it and the slopes are {np.abs(theirs_BTC - slopes(entropy, z_BTC)).max():.0e} apart")

# %% [markdown]
# ## 6 · A maze for the memory
#
# A corridor of eight cells, with a sign at its entrance, *left* or *right*, and a junction at its end. Turning as the first
# sign said pays 1, turning the other way nothing, and bumping into a wall costs 0.05. On the way there are
# more signs, drawn by chance, which mean nothing. At each step the agent sees its own cell only, as six numbers:

# %%
from attnkit.maze.episodes import play
from attnkit.maze.learning import train as train_in_maze
from attnkit.maze.learning import weight_on_the_sign
from attnkit.maze.memories import policy_with, start, weights
from attnkit.maze.tmaze import ACTIONS, SEEN

untrained = start(np.random.default_rng(0), D=6, K=8, C=3, scale=0.5)
episode = play(policy_with("none"), untrained, 1, np.random.default_rng(1))
acted = [ACTIONS[a] for a in episode.a_BT[0]]
pd.DataFrame(episode.x_BTD[0].astype(int), columns=SEEN).assign(does=acted, reward=episode.r_BT[0])

# %% [markdown]
# Such {{T-mazes|T-maze (a corridor and a turn): a maze in which a sign at the entrance says which way to turn at the
# end, a test of memory}} are built for rats, and for networks with a memory (Bakker 2001). At the junction the sign
# is long out of sight: what an agent sees there doesn't tell it what to do. That is a {{partially observable (not all
# is seen): said of a world in which what is seen doesn't suffice to decide, so that an agent needs a memory}} world.
#
# (The floor carries the agent on, one cell a step, whatever it does. It has to: in a trial of ours, in which the floor
# stood still, agents with a poor memory tied a knot in their handkerchief. For one of the two signs they bumped into the
# wall at the entrance, and could tell later by how long they had been on the way.)

# %%
predict(
    "L12.errs",
    "Three agents, alike but for their memory: none; the plain mean of all that was seen; attention. After 600 training steps, which of them still errs, and how often?",
)

# %% [markdown]
# Attention can look back. At each step the query of the present asks the keys of all steps so far, its own included.
# What it reads is joined with what it sees, and both decide. The future is hidden: there is none yet.
#
# ### L12.6 A policy with memory, and the test
#
# *Difficulty ●●●●○ · importance ●●●●○ · 25 minutes · 15 points · `hint("L12.6")`*
#
# With it comes a test for anything that should not see ahead. What may such a test demand, and what may it not? It
# is tried on functions that look at a single step, at none, at the past in any order: none of them sees the future.


# %% answer="L12.6"
def policy(x_BTD, params):
    """The probabilities of the next action, at each step of an episode.

    x_BTD: (B, T, D), what is seen at each step. params: a dict of Wq, Wk, Wv (D, K) and Wo (K + D, C).

    At each step attention (scores divided by √K) reads from this step and all before it; what is read
    is joined with x, the read first, and multiplied by Wo. Returns (B, T, C), the softmax over actions.
    """

    ### BEGIN SOLUTION
    def softmax(z):
        e = np.exp(z - z.max(axis=-1, keepdims=True))
        return e / e.sum(axis=-1, keepdims=True)

    q_BTK, k_BTK, v_BTK = (x_BTD @ params[name] for name in ("Wq", "Wk", "Wv"))
    e_BTS = q_BTK @ k_BTK.swapaxes(1, 2) / q_BTK.shape[2] ** 0.5
    e_BTS = np.where(np.tri(x_BTD.shape[1], dtype=bool), e_BTS, -np.inf)
    o_BTK = softmax(e_BTS) @ v_BTK
    return softmax(np.concatenate([o_BTK, x_BTD], axis=2) @ params["Wo"])
    ### END SOLUTION


def check_no_future(fn):
    """Whether no output of fn depends on a later step.

    fn: a function to test, fn(x_BTD) -> (B, T, …). It takes any B, any T, and any D that is a multiple
        of 6, and doesn't depend on T itself. What it makes of the present and the past is its affair:
        it may look at one step only, or at none.

    Returns True if no output changes, up to rounding in float32, when later steps do; else False, also
    if fn gives another shape or stops with an error. Always returns a bool.
    """
    ### BEGIN SOLUTION
    x_BTD, other_BTD = np.random.default_rng(12).normal(size=(2, 3, 7, 6))
    try:
        y = fn(x_BTD)
        if y.shape[:2] != (3, 7):
            return False
        for t in range(1, 7):
            mixed_BTD = np.concatenate([x_BTD[:, :t], 2 * other_BTD[:, t:]], axis=1)
            if not np.allclose(fn(mixed_BTD)[:, :t], y[:, :t], rtol=1e-4, atol=1e-4):
                return False
    except Exception:
        return False
    return True
    ### END SOLUTION


# %% check="L12.6"
verdict = check("L12.6", policy, check_no_future)
verdict.points


# %%
def agent(x_BTD):
    """Your policy, with parameters that have learned nothing."""
    rng = np.random.default_rng(0)
    return policy(x_BTD, start(rng, D=x_BTD.shape[2], K=8, C=3, scale=0.5))


print("your policy:            ", check_no_future(agent))
print(
    "the mean of all steps:  ",
    check_no_future(lambda x_BTD: x_BTD * 0 + x_BTD.mean(axis=1, keepdims=True)),
)
print("the sum of steps so far:", check_no_future(lambda x_BTD: x_BTD.cumsum(axis=1)))

# %% [markdown]
# Now train it. `policy_backward` of the kit carries your gradient from the logits through the attention to the four
# matrices; all else is yours: `policy` acts, `returns` counts, `reinforce_dlogits` judges, `adam_step` moves. Each
# step plays 64 episodes. The other two agents have the same matrices, and another way to read: the plain mean, or
# only the present.


# %%
def learn(memory, seed):
    """An agent that has learned by reward, in 600 steps."""
    return train_in_maze(policy, returns, reinforce_dlogits, adam_step, memory=memory, seed=seed)


seeds = {"attention": range(4), "mean": [0], "none": [0]}
trainings = {memory: [learn(memory, seed) for seed in some] for memory, some in seeds.items()}
for memory, some in trainings.items():
    for seed, trained in enumerate(some):
        print(f"{memory:9} agent {seed}: {trained.test().success:6.1%} of 1,000 new mazes")

# %% [markdown]
# Without a memory it tosses a coin. With the mean it does better, and again that is no accident: the first sign is one
# of up to seven that go into the mean, all with the same weight, and enough false ones outvote it. The best that can be
# had from such a mean can be counted: 996 of 1,458 cases, 68.3 %.
#
# Six agents are an anecdote. Here are 60:

# %%
predicted("L12.errs")
lesson_12_table("maze")

# %% [markdown]
# All 20 with attention are right in 1,000 of 1,000 new mazes. Most have it within 83 steps, one after 456. The mean gives 68.5 %,
# its best but for luck, no memory 50.0 %. And curiosity pays: without the entropy bonus two of the 20 with attention go on tossing a coin to the end.
#
# Switch the memory, walk step by step, and draw another maze. At which step does the agent with attention begin to
# look back, and does it need to before the junction?

# %%
maze_panel(policy, trainings)

# %% [markdown]
# ## 7 · What the map shows
#
# Four agents with attention, all of them right in every maze. So they must all look at the entrance when they stand
# at the junction?

# %%
predict(
    "L12.maps",
    "Of what four equally good agents read at the junction: how much comes from the entrance, in each of them?",
)

# %%
for seed, trained in enumerate(trainings["attention"]):
    tested = trained.test()
    share_B = weight_on_the_sign(trained.params, tested)
    print(f"agent {seed}: {tested.success:.1%} right, {share_B.mean():.2f} read of the entrance")
predicted("L12.maps")

# %% [markdown]
# Two read nothing else, another reads half of it elsewhere, and they **behave alike**. Over 20 agents the weight on the
# entrance goes from 0.36 to 1.00. Nothing in the reward asks for a tidy map.
#
# Lesson 9 asked for an experiment in place of a map. So do one: turn a single sign round, the one at the entrance or
# one on the way, and look whether the agent turns the other way.


# %%
LEFT, RIGHT = SEEN.index("sign: left"), SEEN.index("sign: right")


def turns_otherwise(trained, cell):
    """How often the last action changes when the sign in a cell says the opposite."""
    episode = trained.test()
    x_BTD = episode.x_BTD.copy()
    x_BTD[:, cell, [LEFT, RIGHT]] = x_BTD[:, cell, [RIGHT, LEFT]]
    last_B, rows = episode.alive_BT.sum(axis=1) - 1, np.arange(len(x_BTD))
    before_B, after_B = (
        policy(some, trained.params)[rows, last_B].argmax(axis=1) for some in (episode.x_BTD, x_BTD)
    )
    had_one_B = episode.x_BTD[:, cell, [LEFT, RIGHT]].any(axis=1)
    return (before_B != after_B)[had_one_B].mean()


# %%
pd.DataFrame(
    {
        f"agent {seed}": {
            f"cell {cell + 1}": f"{turns_otherwise(trained, cell):.1%}" for cell in range(7)
        }
        for seed, trained in enumerate(trainings["attention"])
    }
)

# %% [markdown]
# There they are all the same: the first sign decides, no other does. (Over all 20: it turns each of their actions round, and any
# other sign at most 0.3 %.) The maps differ, the *use* doesn't. A weight says what is read, not what it is worth; that takes the
# values and Wo as well (lesson 9).
#
# (In large agents, too, attention is a memory: Transformers as policies, with a change that makes them easier to train
# (Parisotto et al. 2020), and as models that write the next action as lesson 15's write the next word (Chen et al. 2021).)
#
# ## 8 · What may be said
#
# Five claims, what was measured, and what follows from it:

# %%
lesson_12_claims()

# %% [markdown]
# ### Question
#
# *3 points, read by a person. A few sentences are enough.*
#
# A start-up pretrained a model on its customers' letters, by hidden words, then trained it on 200 labelled ones:
# "81 % right. Without pretraining we'd have needed 2,000 labels: that gave 80 %, in one run. The bot that answers
# learned from thumbs alone; 600 thumbs up a day now, 400 at first. And its attention map shows that it reads the
# order number, so that is what it decides by."
#
# 1. How would you test that pretraining saved 1,800 labels? Name what has to be equal, and one more rival.
# 2. Name two reasons why thumbs may rise although the answers got no better.
# 3. What does the map show, and which experiment would show what it decides by?

# %% [markdown] manual="L12-start-up" points=3
# ### BEGIN MARK SCHEME
# **Model answer.** (1) Learning curves with and without pretraining, at 200, 500, 1,000 and 2,000 labels, from the same
# drawn letters, with the same model, steps and seeds, several draws each, on the same untouched test letters: the
# difference in pairs, with its interval. The labels saved are read off between the curves. A rival: a line on counted
# words, or a frozen encoder such as MiniLM. Also the letters of the test part should not be among those it was
# pretrained on. (2) More customers or more letters a day; thumbs are given for pleasing or short answers, or for a
# discount, and not for right ones (what is rewarded is learned); unhappy customers give no thumb at all; it learned to
# answer the easy letters only. (3) That something is read there, not that it matters: the values may be small or
# cancel out, and equally good models have other maps. Experiment: change or hide the order number, and, to compare, as
# many other words, and count how many answers change.
#
# **Marks.** 1 point for (1): curves or several sizes *and* pairs, repetition or an interval *and* a rival; ½ for two of
# these. 1 point for (2): two sound reasons; ½ for one. 1 point for (3): that weights are no use *and* an experiment that
# changes the input; ½ for one.
# ### END MARK SCHEME

# %% [markdown]
# ## 9 · What you have now
#
# - **Hidden words**: a model pretrained without a label, by your own corruption and judged by your own loss.
# - **Contrast**: a loss that learns from pairs, and what pairs do and don't teach.
# - **Transfer**, word by word, and learning curves that say what it is worth.
# - **REINFORCE**, its gradient proved by differences, and an agent that learned with it.
# - A **memory** that looks back, a test that it can't look ahead, and maps that you don't take for more than they are.
#
# **Where next?** The start page shows what is open.

# %%
from attnkit.progress import course_map

course_map()

# %% [markdown]
# ### Further reading
#
# - Devlin et al., *BERT* (NAACL 2019), and Wettig et al., *Should You Mask 15% in Masked Language Modeling?* (EACL 2023).
# - van den Oord, Li & Vinyals, *Representation Learning with Contrastive Predictive Coding* (2018, arXiv).
# - Chen et al., *A Simple Framework for Contrastive Learning of Visual Representations* (ICML 2020), and Radford et al.,
#   *Learning Transferable Visual Models From Natural Language Supervision* (ICML 2021).
# - Williams, *Simple Statistical Gradient-Following Algorithms for Connectionist Reinforcement Learning* (1992).
# - Mnih et al., *Asynchronous Methods for Deep Reinforcement Learning* (ICML 2016).
# - Sutton & Barto, *Reinforcement Learning: An Introduction* (2018).
# - Bakker, *Reinforcement Learning with Long Short-Term Memory* (NIPS 2001).
# - Zhang et al., *When Do You Need Billions of Words of Pretraining Data?* (ACL 2021).
# - Parisotto et al., *Stabilizing Transformers for Reinforcement Learning* (ICML 2020).
# - Chen et al., *Decision Transformer* (NeurIPS 2021).
