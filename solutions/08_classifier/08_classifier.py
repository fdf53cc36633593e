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
# # Lesson 8: a classifier, and a bug hunt
#
# Everything so far comes together: words become ids, attention with masks and places reads them, and
# Keras trains it on real reviews. Then you hunt twelve bugs in somebody else's script, and tell with
# an honest number how good your own model is.
#
# Afterwards you can
#
# - build, train, save and reload a multi-head classifier in Keras 3;
# - find the mistakes that crash nothing and spoil everything;
# - state an accuracy with its uncertainty, beside what a simple method gets;
# - measure speed without fooling yourself;
# - look inside, and know what that shows and what not.
#
# About 90 minutes: six exercises (41 points) and one question (3 points). You need lessons 3 to 7.

# %%
import itertools
import tempfile
import time

import numpy as np
import pandas as pd
from attnkit import attempt, budget, check, hint
from attnkit.classifier import device_report, tokenise
from attnkit.data import split
from attnkit.figures import draw_strip, draw_training
from attnkit.handin import pack, unpack
from attnkit.quiet import silence
from IPython.display import display

with silence():
    import keras

# %% [markdown]
# ## 1 · What is there to compute with?
#
# First look, then train. The same cells run on a laptop and on a machine with a GPU; only the plan
# differs: short sentences here, whole reviews there. Want the other one? Write
# `plan = PLANS["gpu"]` below this cell and be patient.

# %%
PLANS = {
    "cpu": {"data": "mr", "size": 10_000, "T": 40, "D": 32, "H": 4, "batch": 64, "epochs": 6},
    "gpu": {"data": "imdb", "size": 20_000, "T": 256, "D": 64, "H": 4, "batch": 128, "epochs": 6},
}
with silence():
    devices = device_report()
plan = PLANS[devices.uses]
print(devices)
print("The plan:", *(f"{name} {value}" for name, value in plan.items()), sep="  ")

# %% [markdown]
# `size` counts the ids of the vocabulary, `T` the words of a review that are read, `D` the numbers a
# word, `H` the heads. MR are the critics' sentences of lesson 3, IMDb whole reviews.
#
# ## 2 · The data
#
# Three parts with three uses, as in lesson 3. From the test part we take the **texts only**: its labels
# are asked once, at the end, by whoever grades your notebook.

# %%
parts = split(plan["data"])
texts = {
    name: [" ".join(tokenise(text)) for text in part.text] for name, part in parts._asdict().items()
}
labels = {"train": parts.train.label.to_numpy(), "validation": parts.validation.label.to_numpy()}
for name, some in texts.items():
    lengths = np.array([len(text.split()) for text in some])
    print(
        f"{name:10} {len(some):6} reviews, {np.median(lengths):.0f} words (median), longest {lengths.max()}"
    )
print(texts["train"][0])


# %% [markdown]
# Your `fit_vocab` of lesson 3, in its short form. It sees the training texts and no others.


# %%
def fit_vocab(some, size):
    counts = {}
    for text in some:
        for word in text.split():
            counts[word] = counts.get(word, 0) + 1
    ranked = sorted(counts, key=lambda word: (-counts[word], word))
    return {word: i for i, word in enumerate(ranked[: size - 2], 2)}


vocab = fit_vocab(texts["train"], plan["size"])
print(len(vocab), "words with an id of their own, from 2 to", max(vocab.values()))

# %% [markdown]
# A model reads T words. What if a review has more? Then one end is lost, and you should know which. A
# famous example script kept the *last* 200 words while its comment said the first.
#
# **Predict before you run.** Where do critics say what they think: would you rather lose the first
# words of these two, or the last?

# %%
for text in sorted(texts["validation"], key=len)[-2:]:
    words = text.split()
    print("first:", *words[:12], "…")
    print("last: …", *words[-12:])

# %% [markdown]
# ### L8.1 Reviews become arrays
#
# *Difficulty ●●○○○ · importance ●●●●○ · 8 minutes · 5 points · `hint("L8.1")`*


# %% answer="L8.1"
def make_dataset(texts, labels, vocab, max_len, keep="head"):
    """Ids and labels as a model takes them, in the order of the texts.

    texts: list of str, words set apart by spaces. labels: a number for each text.
    vocab: word → id; stays as it is. Other words are 1.
    keep: "head" keeps the first max_len words of a longer text, "tail" the last; anything else
        raises ValueError. Shorter texts have zeros behind, in both cases.

    Returns (ids, y): int32 of shape (N, max_len), float32 of shape (N,).
    """
    ### BEGIN SOLUTION
    if keep not in ("head", "tail"):
        raise ValueError(f'keep is {keep!r}: it must be "head" or "tail"')
    ids_NT = np.zeros((len(texts), max_len), dtype="int32")
    for row, text in enumerate(texts):
        ids = [vocab.get(word, 1) for word in text.split()]
        ids = ids[:max_len] if keep == "head" else ids[-max_len:]
        ids_NT[row, : len(ids)] = ids
    return ids_NT, np.array(labels, dtype="float32")
    ### END SOLUTION


# %% check="L8.1"
verdict = check("L8.1", make_dataset)
verdict.points

# %% [markdown]
# How much is cut off, and how much is unknown?

# %%
data = {}
for name in labels:
    data[name] = attempt(make_dataset, texts[name], labels[name], vocab, plan["T"])
ready = all(pair is not None for pair in data.values())
for name, pair in data.items() if ready else ():
    cut = np.mean([len(text.split()) > plan["T"] for text in texts[name]])
    words = pair[0][pair[0] > 0]
    print(
        f"{name:10} {cut:.1%} of the reviews cut, {np.mean(words == 1):.1%} of the words unknown",
        end="",
    )
    print(f", first labels {pair[1][:5].astype(int)}")

# %% [markdown]
# The labels lie sorted: first all praise. `fit` shuffles before each epoch unless you forbid it.
#
# ## 3 · The model
#
# From ids to one probability, with the shapes:
#
# | step | shape | lesson |
# |---|---|---|
# | ids, and the mask: which are no pads | (B, T) | 5 |
# | a vector for each word, plus one for its place | (B, T, D) | 3, 7 |
# | attention with H heads, the words ask each other | (B, T, D) | 4, 6 |
# | the mean over the words of a review | (B, D) | 5 |
# | one number, through a sigmoid | (B, 1) | 3 |
#
# The mask comes first, for two of the steps need it:

# %%
if ready:
    shortest = np.argmin((data["train"][0] > 0).sum(axis=1))
    print("ids: ", data["train"][0][shortest][:12], "…")
    print("keep:", (data["train"][0][shortest] != 0)[:12].astype(int), "…")

# %% [markdown]
# Three traps of Keras 3, all silent:
#
# 1. `Embedding(mask_zero=True)` makes a mask that travels with its output. A bare `+` **loses** it.
# 2. `GlobalMaxPooling1D` ignores masks. `GlobalAveragePooling1D` heeds the one that it is given.
# 3. What is computed from `keras.ops.arange(T)` alone is no part of the model's graph: a table of places
#    that is looked up with it is never trained. Derive the places from `ids`.
#
# See the first trap for yourself:

# %%
ids = keras.Input((5,), dtype="int32")
words = keras.layers.Embedding(9, 4, mask_zero=True)(ids)
places = keras.layers.Embedding(5, 4)(keras.ops.cumsum(keras.ops.ones_like(ids), axis=1) - 1)
for name, tensor in (("words", words), ("words + places", words + places)):
    mask = tensor._keras_mask if hasattr(tensor, "_keras_mask") else None
    print(f"{name:15} mask: {'none' if mask is None else mask.shape}")

# %% [markdown]
# ### L8.2 Build the classifier
#
# *Difficulty ●●●●○ · importance ●●●●● · 20 minutes · 10 points · `hint("L8.2")`*
#
# Make the mask yourself, once, and hand it to every layer that needs it. Residual sums, normalisation,
# dropout, further layers are yours to add. How it is checked: every weight gets a random value, then
# we look at what moves the output.


# %% answer="L8.2"
def build_classifier(vocab_size, max_len, D, H):
    """A compiled keras.Model: ids (B, max_len), 0 = pad, to the probability of praise (B, 1).

    vocab_size: ids go from 0 to vocab_size − 1. D: numbers a word. H: heads.

    Pads change nothing; the order of the words does. The loss is the binary cross-entropy that
    belongs to probabilities.
    """
    ### BEGIN SOLUTION
    ids = keras.Input((max_len,), dtype="int32")
    keep = keras.ops.not_equal(ids, 0)
    place = keras.ops.cumsum(keras.ops.ones_like(ids), axis=1) - 1
    x = keras.layers.Embedding(vocab_size, D)(ids) + keras.layers.Embedding(max_len, D)(place)
    x = keras.layers.Dropout(0.3)(x)
    x = x + keras.layers.MultiHeadAttention(H, D // H)(x, x, attention_mask=keep[:, None, :])
    z = keras.layers.GlobalAveragePooling1D()(x, mask=keep)
    z = keras.layers.Dropout(0.3)(z)
    model = keras.Model(ids, keras.layers.Dense(1, activation="sigmoid")(z))
    model.compile("adam", "binary_crossentropy", metrics=["accuracy"])
    return model
    ### END SOLUTION


# %% check="L8.2"
verdict = check("L8.2", build_classifier)
verdict.points

# %% [markdown]
# Where are its numbers? And before it has learned anything:
#
# **Predict before you run.** What will its loss be, roughly, if it can't tell praise from blame?

# %%
keras.utils.set_random_seed(8)
sizes = (plan["size"], plan["T"], plan["D"], plan["H"])
model = attempt(build_classifier, *sizes) if ready else None
if model is not None:
    for layer in model.layers:
        if layer.count_params():
            print(f"{layer.name:24} {layer.count_params():9,} numbers")
    loss, accuracy = model.evaluate(*data["validation"], batch_size=250, verbose=0)[:2]
    print(f"untrained: loss {loss:.3f}, accuracy {accuracy:.1%}; ln 2 = {np.log(2):.3f}")


# %% [markdown]
# Nearly all numbers are the words' own. And who says ½ each time has a loss of −ln ½.
#
# ## 4 · Training
#
# `fit` does what your loop of lesson 3 did: shuffle, cut into batches, gradients, Adam. **Callbacks**
# look in after each batch or epoch. Three are used here. The first is home-made and draws the curve:


# %%
class Curve(keras.callbacks.Callback):
    """Draws loss and accuracy after each epoch."""

    def on_train_begin(self, logs=None):
        self.history, self.picture = {}, display(display_id=True)

    def on_epoch_end(self, epoch, logs=None):
        for name, value in logs.items():
            self.history.setdefault(name, []).append(value)
        self.picture.update(draw_training(self.history, title="your model"))


# %% [markdown]
# The second, `EarlyStopping`, ends the training when the validation loss has not fallen for two epochs,
# and puts the best weights back. The third ends it when its **budget** is spent: 90 seconds here, 3
# where a grader runs the notebook. Nothing that is graded depends on this training.
#
# **Predict before you run.** In which epoch will the validation loss be lowest, the second, the fourth
# or the sixth?


# %%
def train(model, data, seconds=90, callbacks=()):
    """Fit a model to the training part, choose the epoch by validation. Returns the history."""
    stop = keras.callbacks.EarlyStopping("val_loss", patience=2, restore_best_weights=True)
    fitted = model.fit(
        *data["train"],
        validation_data=data["validation"],
        batch_size=plan["batch"],
        epochs=plan["epochs"],
        callbacks=[*callbacks, stop, budget.stop_after(seconds)],
        verbose=0,
    )
    return fitted.history


# %%
start = time.perf_counter()
history = attempt(train, model, data, callbacks=[Curve()]) if model is not None else None
if history is not None:
    best = int(np.argmin(history["val_loss"]))
    print(f"{time.perf_counter() - start:.0f} seconds, best epoch {best + 1}", end="")
    print(f", validation accuracy there {history['val_accuracy'][best]:.1%}")

# %% [markdown]
# The training curve goes on and on, validation turns round: from there the model learns 6,530 sentences
# by heart. No metric of the training part would have told you.
#
# **Save and reload.** Keras's format holds layers, weights, loss and the optimiser's state in one file.
# Is the reloaded model the same?

# %%
if model is not None:
    with tempfile.TemporaryDirectory() as folder:
        model.save(f"{folder}/reader.keras")
        again = keras.models.load_model(f"{folder}/reader.keras")
    some = data["validation"][0][:250]
    same = np.array_equal(model.predict(some, verbose=0), again.predict(some, verbose=0))
    print("the same numbers, to the last bit:", same)

# %% [markdown]
# The vocabulary is not in the file. A model without its vocabulary is worth nothing: save both.
#
# Other callbacks that are worth knowing: `ModelCheckpoint` (a file whenever it is best so far),
# `CSVLogger`, `ReduceLROnPlateau`, and `TensorBoard(folder)`, which writes logs for the program of that
# name (`pip install tensorboard`, then `tensorboard --logdir folder`). One of them in action, on a
# tenth of the data:

# %%
if model is not None and not budget.is_limited():
    with tempfile.TemporaryDirectory() as folder:
        logger = keras.callbacks.CSVLogger(f"{folder}/log.csv")
        small = {name: (x[::10], y[::10]) for name, (x, y) in data.items()}
        train(build_classifier(*sizes), small, seconds=10, callbacks=[logger])
        display(pd.read_csv(f"{folder}/log.csv").round(3))

# %% [markdown]
# ## 5 · A bug hunt
#
# You have found a script in a blog. "State-of-the-art sentiment analysis with attention in 40 lines!"
# It has **twelve bugs**. Some stop it. Most don't: it would run, print an accuracy, and be wrong.
#
# Each part says in its docstring what it is meant to do. (The old `Tokenizer` is gone from Keras 3;
# `attnkit.bughunt` brings a small one along, with the methods that it had.)

# %%
from attnkit import bughunt

bughunt.show("REQUIREMENTS", "split", "fit_tokenizer")

# %%
bughunt.show("encode", "decode", "text_vector")

# %%
bughunt.show("build_model")

# %% [markdown]
# Twelve: one in `REQUIREMENTS`, two in `split`, two in `fit_tokenizer`, one each in `encode`, `decode`
# and `text_vector`, four in `build_model`. What happens if you run it?
#
# **Predict before you look.** Where does it stop first?

# %%
few = [*texts["train"][:40], *texts["train"][-40:]]
bughunt.try_out({}, few, [1] * 40 + [0] * 40)

# %% [markdown]
# ### L8.3 Mend it
#
# *Difficulty ●●●●○ · importance ●●●●● · 20 minutes · 12 points · `hint("L8.3")`*
#
# Return the lines that you change, by number: `{27: "new text of line 27", …}`. Indentation is added
# for you. A new text may hold several lines (`"one\ntwo"`), and may be empty. One line for each bug is
# enough, and each bug is judged by itself: mend seven, and you have seven points.


# %% answer="L8.3"
def mended():
    """The lines of the script that have to change: a dict, line number → its new text."""
    ### BEGIN SOLUTION
    return {
        1: 'REQUIREMENTS = ["tensorflow>=2.20", "numpy>=2"]',
        6: "order = np.random.default_rng(seed=0).permutation(len(texts))",
        10: "validation = texts[a:b], labels[a:b]",
        17: "corpus = train_texts",
        19: "tokenizer.fit_on_texts(corpus)",
        27: "ids = ids[-max_len:]",
        34: "words = [None, *tokenizer.word_index]",
        41: "size = len(tokenizer.word_index) + 1",
        42: "x = keras.layers.Embedding(size, D, mask_zero=True)(ids)",
        44: "x = keras.layers.GlobalAveragePooling1D()(x)",
        45: 'p = keras.layers.Dense(1, activation="sigmoid")(x)',
        51: "return x_TD[ids_T != 0].mean(axis=0)",
    }
    ### END SOLUTION


# %% check="L8.3"
verdict = check("L8.3", mended)
verdict.points

# %% [markdown]
# Try your version out. Read what comes out at each stage, not only whether it runs:

# %%
lines = attempt(mended)
if lines is not None:
    bughunt.try_out(lines, few, [1] * 40 + [0] * 40)

# %% [markdown]
# Few of the twelve can crash the script. The others would have given you a number to be proud of, or a
# bad one to be puzzled by.
#
# What finds them is the kind of test that you have met all along: change what must not matter (a pad,
# the test texts) and see that nothing moves; change what must matter (the order, the last word) and see
# that something does.
#
# ## 6 · An honest number
#
# "My model has 74 %." Of how many reviews? And what does a coin get?
#
# ### L8.4 Report
#
# *Difficulty ●●○○○ · importance ●●●●● · 10 minutes · 6 points · `hint("L8.4")`*
#
# A 95 % interval as in lesson 3, or Wilson's, if you know it. Both are accepted.


# %% answer="L8.4"
def report(y, p):
    """How good probabilities are, and how sure that is.

    y: (N,) labels, 0 or 1. p: (N,) or (N, 1) probabilities of 1; a value outside of [0, 1] raises
        ValueError.

    Returns a dict of fractions: "accuracy" at a threshold of one half; "low" and "high", the
    accuracy's 95 % interval; "majority", what one gets right who always says the commoner label.
    """
    ### BEGIN SOLUTION
    y, p = np.ravel(y), np.ravel(p)
    if not ((p >= 0) & (p <= 1)).all():
        raise ValueError("p holds values that are no probabilities: logits, perhaps?")
    accuracy = float(np.mean((p > 0.5) == (y == 1)))
    half = 1.96 * float(np.sqrt(accuracy * (1 - accuracy) / len(y)))
    praise = float(np.mean(y))
    return {
        "accuracy": accuracy,
        "low": accuracy - half,
        "high": accuracy + half,
        "majority": max(praise, 1 - praise),
    }
    ### END SOLUTION


# %% check="L8.4"
verdict = check("L8.4", report)
verdict.points

# %% [markdown]
# Now a rival: count words and pairs of words, weigh down those that are everywhere (TF-IDF), and draw
# one straight line between praise and blame (logistic regression). No attention, no order beyond
# pairs, a second of work, on the same sentences.
#
# **Predict before you run.** By how many points does your attention model beat it?


# %%
def linear_rival():
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression

    counter = TfidfVectorizer(ngram_range=(1, 2), token_pattern=r"\S+", sublinear_tf=True, min_df=2)
    x = counter.fit_transform(texts["train"])
    rival = LogisticRegression(C=5, max_iter=1000).fit(x, labels["train"])
    return rival.predict_proba(counter.transform(texts["validation"]))[:, 1]


# %%
start = time.perf_counter()
p_rival = linear_rival()
print(f"the rival took {time.perf_counter() - start:.1f} seconds")
rows = {"TF-IDF + logistic regression": attempt(report, labels["validation"], p_rival)}
p_N = model.predict(data["validation"][0], verbose=0)[:, 0] if model is not None else None
if p_N is not None:
    rows["your attention model"] = attempt(report, labels["validation"], p_N)
if all(rows.values()):
    display(pd.DataFrame(rows).T.map("{:.1%}".format))

# %% [markdown]
# It doesn't. That is the rule, not your fault. What others measured, on other splits:
#
# | % right | IMDb, official test | MR, ten folds |
# |---|---|---|
# | naive Bayes, words / words and pairs | 82.9 / 86.6 | |
# | Keras's own Transformer example | 87.5 | |
# | TF-IDF + logistic regression, words / and pairs | 88.9 / 90.7 | |
# | NBSVM, words and pairs (Wang & Manning 2012) | 91.2 | 79.4 |
# | a convolutional net, random vectors (Kim 2014) | | 76.1 |
#
# A linear model of 2012 beats most attention that is trained from scratch. Attention wins when it has
# read much more text before it sees the first label; or, on IMDb, with care (section 9).
#
# ### Where to draw the line
#
# One half is a choice. A shop that must not overlook blame will cut elsewhere. What does it cost?

# %%
from attnkit.panels import strip_panel, threshold_panel, training_panel

threshold_panel(labels["validation"], p_N) if p_N is not None else None

# %% [markdown]
# Are the probabilities *true*? Of the reviews to which a model gives 0.9, nine in ten should be praise.


# %%
def calibration(p, y):
    edges = [0, 0.1, 0.3, 0.5, 0.7, 0.9, 1.0001]
    for low, high in itertools.pairwise(edges):
        inside = (p >= low) & (p < high)
        if inside.any():
            print(
                f"{low:.1f} to {min(high, 1):.1f}: said {p[inside].mean():.2f}, true {y[inside].mean():.2f}",
                end="",
            )
            print(f"   ({inside.sum()} reviews)")


if p_N is not None:
    calibration(p_N, labels["validation"])

# %% [markdown]
# Neural networks tend to be too sure (Guo et al. 2017), and the longer they train, the more. Yours was
# stopped early; train it on for ten epochs and look again.
#
# ### Length, width, heads
#
# Does a larger model help? These runs were measured beforehand, with the model above, on one CPU core.

# %%
from attnkit.measured import lesson_8_runs

training_panel(lesson_8_runs())

# %% [markdown]
# **Look for yourself:** which of the three settings changes the lowest validation loss by more than two
# epochs of one run differ?

# %% [markdown]
# ## 7 · Speed
#
# On a GPU one asks: how many reviews a second? Three ways to fool oneself: the first call builds or
# compiles what all others use; one call is noise; and a GPU's calls **return before the work is done**.
#
# ### L8.5 Throughput
#
# *Difficulty ●●●○○ · importance ●●●○○ · 10 minutes · 5 points · `hint("L8.5")`*
#
# It is judged on a pretend accelerator: a model that takes long over its first call, returns at once
# from all calls, and is done only later. Who turns an output into NumPy (`keras.ops.convert_to_numpy`)
# waits for it.


# %% answer="L8.5"
def throughput(model, batch):
    """Examples per second of a model in use, as a float.

    model: is called, model(batch). batch: an array, one example a row.

    The first call isn't counted; at least five more are, to the end of the last one's work.
    """
    ### BEGIN SOLUTION
    keras.ops.convert_to_numpy(model(batch))
    steps = 20
    start = time.perf_counter()
    for _ in range(steps):
        output = model(batch)
    keras.ops.convert_to_numpy(output)
    return steps * len(batch) / (time.perf_counter() - start)
    ### END SOLUTION


# %% check="L8.5"
verdict = check("L8.5", throughput)
verdict.points

# %% [markdown]
# What makes a model faster? Called plainly, Keras runs it operation by operation. `predict_on_batch`
# first makes one graph of it. With `jit_compile=True` the XLA compiler melts operations together.
# **Mixed precision** (`mixed_bfloat16`) multiplies in 16 bits and keeps the weights in 32: on a GPU
# about twice as fast, on most CPUs slower.
#
# **Predict before you run.** What does each do *here*?


# %%
def variants():
    yield "operation by operation", model
    yield "as a graph", model.predict_on_batch
    compiled = build_classifier(*sizes)
    compiled.compile(jit_compile=True)
    yield "compiled by XLA", compiled.predict_on_batch
    keras.config.set_dtype_policy("mixed_bfloat16")
    half = build_classifier(*sizes)
    keras.config.set_dtype_policy("float32")
    yield "graph, mixed precision", half.predict_on_batch


# %%
if model is not None and not budget.is_limited():
    batch = data["train"][0][:: len(data["train"][0]) // plan["batch"]][: plan["batch"]]
    with silence():
        speeds = {name: attempt(throughput, each, batch) for name, each in variants()}
    for name, speed in speeds.items():
        print(f"{name:24} {speed:10,.0f} reviews a second" if speed else name)

# %% [markdown]
# Such numbers hold for one machine, one batch size, one model. For a small model most of the time goes
# into calling, not into computing. With several GPUs, `keras.distribution.DataParallel()` deals each
# batch out among them.
#
# ## 8 · Hand in
#
# The test part is asked **once**. Your model gives its verdicts on the 1,000 test sentences of MR,
# without their labels, packed into one line of text. Copy the line into L8.6. Whoever grades it
# compares it with the labels of sentences that are drawn for your class.
#
# Happy with your validation accuracy? Then run this cell.

# %%
test_texts = [" ".join(tokenise(text)) for text in split("mr").test.text]
if model is not None:
    test_ids, _ = make_dataset(test_texts, [0] * len(test_texts), vocab, plan["T"])
    verdicts = model.predict(test_ids, verbose=0)[:, 0]
    print(f'"{pack(verdicts)}"')

# %% [markdown]
# The labels do lie on your disk, in the package that brings the reviews. Nobody can keep you from
# looking; you would only cheat yourself out of the one number in this course that is new to you.
#
# ### L8.6 Hand in what your model says
#
# *Difficulty ●○○○○ · importance ●●●●○ · 5 minutes · 3 points · `hint("L8.6")`*


# %% answer="L8.6"
def handed_in():
    """Your model's verdicts on the 1,000 test sentences: array (1000,), 1 = praise, 0 = blame.

    `unpack(line)` makes the array of the line that the cell above has printed.
    """
    ### BEGIN SOLUTION
    return unpack(
        "1000:Plz_3re3b96fe1s29qqz1O_b9Te7bn_19s3vVb_n7929u_1pz7zDb7r_9CPNt9B3duvZ_167Z_3v9fub7uv0wAwQdAQmkTIQAlcgChCxBEKFQYIGCAkAKAaFaAYIAEAKBoCsBQIAgQz4LIIAIS8YAQK2j0AJKAAZRFggQEA="
    )
    ### END SOLUTION


# %% check="L8.6"
verdict = check("L8.6", handed_in)
verdict.points

# %% [markdown]
# The check here tells how your verdicts do on 400 of the sentences. Don't turn that into a game: who
# changes the model until the check likes it has chosen by the test (lesson 3, section 8). Grading
# draws others.
#
# ## 9 · Looking inside
#
# What do the heads look at? Each word asks all words; shown is what a word gets on average. Type a
# sentence of your own.


# %%
from attnkit.inside import words_looked_at


def read(text):
    """A text's words that are read, their ids, and the probability of praise."""
    ids_1T, _ = make_dataset([" ".join(tokenise(text))], [0], vocab, plan["T"])
    words = tokenise(text)[: plan["T"]]
    return words, ids_1T[0], float(np.asarray(model(ids_1T))[0, 0])


def heads_of(text):
    words, ids_T, _ = read(text)
    return words, words_looked_at(model, ids_T)


strip_panel(
    heads_of, "it's never dull and always looks good", heads=plan["H"]
) if model is not None else None

# %% [markdown]
# **What this shows, and what not.** Attention is what the model *multiplied by*, before a residual sum
# that carries every word past it. Jain & Wallace (2019) found other weights with the same outputs;
# Wiegreffe & Pinter (2019) answered that this depends on what one calls an explanation. Safe is only:
# to change the input and see what the output does. So do that.
#
# **Predict before you run.** Which of these will it get wrong?

# %%
EXAMPLES = """a good film / not a good film / a bad film / not a bad film / not bad at all
it could have been a great film / the best thing about it is that it ends"""
for text in EXAMPLES.replace(" / ", "\n").splitlines() if model is not None else ():
    words, ids_T, p = read(text)
    unknown = [word for word, i in zip(words, ids_T, strict=False) if i == 1]
    print(f"{p:.2f}  {text}", f"  (unknown: {', '.join(unknown)})" if unknown else "")

# %% [markdown]
# Does it read *not* as turning round what follows, or as a bad word among others? Compare *bad* with
# *not bad*. Then the real thing: reviews with a negation beside those without.

# %%
NEGATIONS = {"not", "no", "never", "nothing", "without", "hardly", "isn't", "doesn't", "don't"}
if p_N is not None and attempt(report, labels["validation"], p_N):
    negated = np.array([bool(NEGATIONS & set(text.split())) for text in texts["validation"]])
    for name, chosen in (("with a negation", negated), ("without", ~negated)):
        y, p = labels["validation"][chosen], p_N[chosen]
        print(f"{name:16} {chosen.sum():4} reviews, {y.mean():.0%} praise:", end="")
        print(" {accuracy:.1%} right, interval {low:.1%} to {high:.1%}".format(**report(y, p)))

# %% [markdown]
# **Where it is wrong, and sure of it.** The ten validation reviews with the greatest loss. Read them
# slowly. What would a reader need to know who gets them right?

# %%
if p_N is not None:
    y_N = labels["validation"]
    worst = np.argsort(-np.abs(p_N - y_N))[:10]
    for i in worst:
        kind = "praise" if y_N[i] else "blame "
        print(f"said {p_N[i]:.2f}, is {kind}: {texts['validation'][i][:150]}")

# %% [markdown]
# MISTAKES

# %% [markdown]
# ### Question
#
# *3 points, read by a person. A few sentences are enough.*
#
# A colleague shows you a notebook: "95.2 % on the test reviews! And the heat map proves that it
# understands negation: in *not bad*, head 2 looks at *not*." You find that the texts were tokenised
# before they were split, that the best of 30 epochs was picked by test accuracy, and that the test
# part holds 84 reviews.
#
# 1. Which of the three matters most for the 95.2 %, and which least? Say why.
# 2. What is the 95 % interval of 95.2 % with 84 reviews, roughly? Does it hold 90 %?
# 3. Describe an experiment, without any heat map, that could show that the model does *not* understand
#    negation.

# %% [markdown] manual="L8-honest" points=3
# ### BEGIN MARK SCHEME
# **Model answer.** (1) Most: picking the best of 30 epochs by the test; with 84 reviews an accuracy
# wobbles by 2 to 4 points, and the best of 30 is lucky by construction. (The small test is what makes
# that so bad; who names it with this reason is right too.) Least: a tokenizer fitted on all texts. It
# gives words of the test texts rows that hardly any training text has trained; it also leaks no label.
# (2) √(0.952 · 0.048 / 84) = 0.023, times 1.96 is 4.6 points: 90.6 % to 99.8 % by Wald's interval,
# which is a poor one so near to 100 %; Wilson's goes from 88.4 % to 98.1 % and holds 90 %. Either is
# accepted with a conclusion that follows from it. (3) For example: take reviews that the model gets
# right, put a *not* (or "it is not true that") before them or take one away, so that a person would turn
# the label round, and count how often the model's verdict turns; beside it a control that puts a
# neutral word there. If hardly more verdicts turn than with the control, it doesn't.
#
# **Marks.** 1 point for (1): selection on the test (or the test's size, with the reason) as the worst
# *and* a reason. ½ without a reason. 1 point for (2): a computed interval *and* a conclusion that
# follows. ½ for one. 1 point for (3): input changed, output counted, *and* some control or a criterion.
# ½ without it.
# ### END MARK SCHEME

# %% [markdown]
# ## 10 · What you have now
#
# - A **multi-head classifier** of your own: mask made once and handed on, places before attention,
#   words pooled without pads, a probability with its own loss.
# - Training that stops by validation; a model that is reloaded to the last bit; a vocabulary that
#   belongs to it.
# - Twelve bugs that crash little and cost much, and tests that find them.
# - An accuracy **with interval and baselines**, verdicts on reviews that were never used.
# - Speed measured to the end of the work.
#
# **Where next?** In a terminal, the kit's own classifier: attention pooling with what the field has
# learned since, on your data and your GPU.
#
# ```
# attn train --data mr --preset small --out my-model
# attn train --data imdb --preset best --out imdb-model
# attn evaluate --model imdb-model --data reviews.csv
# attn predict --model imdb-model "not a bad film at all"
# ```

# %%
from attnkit.progress import course_map

course_map()

# %% [markdown]
# ### Further reading
#
# - Pang & Lee, *Seeing Stars* (ACL 2005): where the sentences of MR come from.
# - Maas et al., *Learning Word Vectors for Sentiment Analysis* (ACL 2011): the IMDb reviews.
# - Wang & Manning, *Baselines and Bigrams* (ACL 2012): the linear model that is hard to beat.
# - Kim, *Convolutional Neural Networks for Sentence Classification* (EMNLP 2014).
# - Guo et al., *On Calibration of Modern Neural Networks* (ICML 2017): too sure, and a cure with one
#   number.
# - Jain & Wallace, *Attention is not Explanation* (NAACL 2019), and Wiegreffe & Pinter, *Attention is
#   not not Explanation* (EMNLP 2019): read both.
