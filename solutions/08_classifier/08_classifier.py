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
# Everything comes together: attention with masks, places and heads reads real reviews, and Keras trains it. Then
# you hunt down twelve bugs in somebody else's script, and measure what attention brings.
#
# Afterwards you can
#
# - read a Keras 3 model, and build, train, save and reload one of your own;
# - find the mistakes that crash nothing and spoil everything;
# - state an accuracy with its uncertainty, beside what simpler methods get;
# - measure speed, and look inside, without fooling yourself.
#
# About two and a half hours, with a good place for a break after section 5: six exercises (41 points) and
# one question (3 points). You need lessons 3 to 7; Keras is introduced here.

# %%
import itertools
import tempfile
import time

import numpy as np
import pandas as pd
from attnkit import budget, check, hint, predict, predicted
from attnkit.classifier import device_report, tokenise
from attnkit.data import split
from attnkit.figures import draw_strip, draw_training
from attnkit.handin import pack, unpack
from attnkit.quiet import silence
from IPython.display import display

with silence():
    import keras

# %% [markdown]
# After a break: *Kernel ▸ Restart Kernel and Run up to Selected Cell*.
#
# ## 1 · What is there to compute with?
#
# First look, then train. The same cells run on a laptop and on a machine with a GPU; only the plan differs:
# short sentences here, whole reviews there. If you'd rather have the other one, put `plan = PLANS["gpu"]` at
# the end of the next cell, and be patient.

# %%
PLANS = {
    "cpu": {"data": "mr", "size": 10_000, "T": 40, "D": 32, "H": 4, "batch": 32, "epochs": 6},
    "gpu": {"data": "imdb", "size": 20_000, "T": 256, "D": 64, "H": 4, "batch": 128, "epochs": 6},
}
with silence():
    devices = device_report()
plan = PLANS[devices.uses]
print(devices)
print("The plan:", *(f"{name} {value}" for name, value in plan.items()), sep="  ")

# %% [markdown]
# `size` counts the ids of the vocabulary, `T` the words of a review that are read, `D` the numbers that
# describe a word, `H` the heads. None of them is learned: they are **hyperparameters**, chosen by you, while
# the numbers that training finds are the model's **parameters**.
#
# MR holds the critics' sentences of lesson 3, IMDb whole reviews by viewers.
#
# ## 2 · The data
#
# Three parts with three uses, as in lesson 3. From the test part we take the **texts only**: its labels are
# asked once, at the end, by whoever grades your notebook.

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
# A model reads T words. What if a review has more? Then one end is cut off ({{truncation (cutting off):
# keeping only so many words of a text, from its beginning or from its end}}), and you should know which. A
# famous example script kept the *last* 200 words while its comment promised the first.

# %%
predict(
    "L8.ends",
    "Where do critics say what they think: would you rather lose a review's first words or its last?",
)

# %%
for text in sorted(texts["validation"], key=len)[-2:]:
    words = text.split()
    print("first:", *words[:12], "…")
    print("last: …", *words[-12:])
predicted("L8.ends")

# %% [markdown]
# Two reviews prove nothing, but they show that there is something to lose at either end. Since no one answer
# fits all data, the end to keep is an argument of the function, and its caller has to choose.
#
# ### L8.1 Reviews become arrays
#
# *Difficulty ●●○○○ · importance ●●●●○ · 13 minutes · 5 points · `hint("L8.1")`*


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
data = {name: make_dataset(texts[name], y, vocab, plan["T"]) for name, y in labels.items()}
for name, (ids_NT, y_N) in data.items():
    cut = np.mean([len(text.split()) > plan["T"] for text in texts[name]])
    unknown = np.mean(ids_NT[ids_NT > 0] == 1)
    print(f"{name:10} {cut:.1%} of the reviews cut, {unknown:.1%} of the words unknown", end="")
    print(f", first labels {y_N[:5].astype(int)}")

# %% [markdown]
# The labels are sorted, all praise first. That does no harm here: Keras shuffles before each epoch unless
# you forbid it.
#
# ## 3 · Keras in ten lines
#
# Before you build the real thing, here is a whole model, from ids to a trained classifier. It is about the
# simplest that reads: the mean of a review's word vectors, and one weighted sum of its numbers. In lesson 3
# you wrote all of its parts yourself.
#
# First a helper, which draws the curves while a model is being trained. How it is called comes below.


# %%
class Curve(keras.callbacks.Callback):
    """Draws loss and accuracy after each epoch."""

    def __init__(self, title):
        super().__init__()
        self.title = title

    def on_train_begin(self, logs=None):
        self.history, self.picture = {}, display(display_id=True)

    def on_epoch_end(self, epoch, logs=None):
        for name in ("loss", "accuracy", "val_loss", "val_accuracy"):
            self.history.setdefault(name, []).append(logs[name])
        self.picture.update(draw_training(self.history, title=self.title))


# %%
predict(
    "L8.curves",
    "12 epochs: where will the accuracy on the training reviews end, and where on the validation reviews?",
)

# %%
keras.utils.set_random_seed(8)
ids = keras.Input((plan["T"],), dtype="int32")
x = keras.layers.Embedding(plan["size"], plan["D"])(ids)
z = keras.layers.GlobalAveragePooling1D()(x, mask=keras.ops.not_equal(ids, 0))
p = keras.layers.Dense(1, activation="sigmoid")(z)
plain = keras.Model(ids, p)
plain.compile(keras.optimizers.Adam(0.003), loss="binary_crossentropy", metrics=["accuracy"])
callbacks = [Curve("the mean of the words"), budget.stop_after(60)]
settings = {"batch_size": plan["batch"], "epochs": 12, "verbose": 0}
fitted = plain.fit(
    *data["train"], validation_data=data["validation"], callbacks=callbacks, **settings
)
predicted("L8.curves")

# %% [markdown]
# Line by line:
#
# | Keras | what it does | you wrote it in |
# |---|---|---|
# | `Input` | promises rows of T ids, any number of rows | |
# | `Embedding` | a table, (B, T) → (B, T, D) | L3.4, $E$ |
# | `GlobalAveragePooling1D` | the mean over the words, → (B, D) | L5.4 |
# | `Dense(1, "sigmoid")` | the logit $w\cdot z+b$, then $\sigma$, → (B, 1) | lesson 3 |
# | `Model` | names beginning and end | |
# | `compile` | optimiser, loss, what to report | L3.3, L2.5 |
# | `fit` | shuffles, and for each batch: forward, backward, a step | L3.5 |

# %%
for layer in plain.layers:
    print(f"{layer.name:28} {layer.count_params():9,} parameters")

# %% [markdown]
# Two things are new.
#
# **Layers are called on tensors that hold no numbers yet.** `Embedding(…)` makes a layer, `(ids)` connects
# it. What comes out knows its shape and where it came from; all together they are a {{computational graph
# (a plan): the steps from a model's inputs to its outputs, noted down before there are any numbers}}, which
# `Model` keeps. The backward pass is worked out from it, so you never write it: {{automatic differentiation (the
# way back by itself): gradients that a program works out, step by step, from the operations of the way there}}.
#
# **Callbacks look in** while `fit` runs. A {{callback (a function that looks in): code of yours that a
# training calls after each batch or epoch}} can draw, save, or stop. `Curve` draws; the other one stops when
# its time is up.

# %%
print("a tensor without numbers:", x)
print("called on numbers:", plain(data["validation"][0][:3]).shape)

# %% [markdown]
# Now read the curves. The training loss (dashed) falls and falls. The validation loss turns after a few epochs
# and climbs, while validation accuracy has stopped rising: from there on the model only learns its training
# reviews by heart. That is **overfitting**, and this is the picture to know it by: *two curves that part*. No
# number from the training reviews alone would have told you.

# %%
least = int(np.argmin(fitted.history["val_loss"]))
for name, epoch in (("least validation loss", least), ("last", -1)):
    told = {key: values[epoch] for key, values in fitted.history.items()}
    print(f"{name:22} training {told['accuracy']:.1%}, validation {told['val_accuracy']:.1%} right")

# %% [markdown]
# Nearly all of its parameters are the words' own, and many a word is met once or twice: plenty of room to
# memorise.
#
# ## 4 · The model
#
# Now put in what a mean hasn't got: **places**, so that order can matter; **heads** that choose what to look
# at; and the **mask** for both.
#
# | step | shape | lesson |
# |---|---|---|
# | ids, and the mask: which of them are words | (B, T) | 5 |
# | a vector for each word, plus one for its place | (B, T, D) | 3, 7 |
# | H learned queries ask all the words | (B, T, H) | 3, 6 |
# | H means, side by side | (B, H·D) | |
# | one number, through a sigmoid | (B, 1) | 3 |

# %%
some_ids_NT = data["train"][0]
shortest = np.argmin((some_ids_NT > 0).sum(axis=1))
print("ids: ", some_ids_NT[shortest][:12], "…")
print("keep:", (some_ids_NT[shortest] != 0)[:12].astype(int), "…")

# %% [markdown]
# ### H learned queries
#
# Lesson 3 pooled with one learned query: $s=\mathrm{softmax}(u\cdot\tanh(Wx))$. Give it H of them, $u_1$ to
# $u_H$, and you have heads that pool. In Keras, both matrices are `Dense` layers, which work on the last axis:
#
# - `h = Dense(A, activation="tanh")(x)` is $\tanh(Wx+b)$, of the shape (B, T, A);
# - `e = Dense(H, use_bias=False)(h)` holds H scores a word: each column of its matrix is a query;
# - `w = Softmax(axis=1)(e, mask=…)` is lesson 5's masked softmax, over the words;
# - `keras.ops.einsum("bth,btd->bhd", w, x)` mixes, once a head, and `Flatten()` lays the H means side by side.
#
# Other ways are just as right, such as lesson 6's `MultiHeadAttention`, in which the words ask each other, with
# a masked mean behind it.

# %%
x_BTD = keras.random.normal((2, 5, 4))
e_BTH = keras.layers.Dense(3, use_bias=False)(keras.layers.Dense(6, activation="tanh")(x_BTD))
keep_BT = np.array([[True] * 5, [True] * 2 + [False] * 3])
w_BTH = keras.layers.Softmax(axis=1)(e_BTH, mask=keep_BT[:, :, None])
print("weights of a short review, a row for each word:", np.asarray(w_BTH)[1].round(2), sep="\n")
print("three means:", keras.ops.einsum("bth,btd->bhd", w_BTH, x_BTD).shape)

# %% [markdown]
# ### Three traps of Keras 3, all silent
#
# 1. `Embedding(mask_zero=True)` makes a mask that travels with its output. A bare `+` **loses** it.
# 2. `GlobalMaxPooling1D` ignores masks. `GlobalAveragePooling1D`, `Softmax` and `MultiHeadAttention` heed those
#    they are given.
# 3. What is computed from constants alone, such as `keras.ops.arange(T)`, is no part of the graph: a table
#    looked up with it **is never trained**, and not saved. Derive the places from `ids`.
#
# See the first and the third for yourself:

# %%
ids = keras.Input((5,), dtype="int32")
words = keras.layers.Embedding(9, 4, mask_zero=True)(ids)
places = keras.layers.Embedding(5, 4)(keras.ops.cumsum(keras.ops.ones_like(ids), axis=1) - 1)
for name, tensor in (("words", words), ("words + places", words + places)):
    mask = tensor._keras_mask if hasattr(tensor, "_keras_mask") else None
    print(f"{name:15} mask: {'none' if mask is None else mask.shape}")
constant = keras.layers.Embedding(5, 4)(keras.ops.arange(5))
for name, tensor in (("from ids", words + places), ("by arange", words + constant)):
    print(f"places {name:10} {len(keras.Model(ids, tensor).trainable_weights)} tables to train")

# %% [markdown]
# ### L8.2 Build the classifier
#
# *Difficulty ●●●●○ · importance ●●●●● · 32 minutes · 10 points · `hint("L8.2")`*
#
# Take the ten lines above and put in places, mask and heads. Make the mask yourself, once, and hand it to
# every layer that needs it. Dropout, residual sums, normalisation, further layers are yours to add.
#
# How it is checked: every weight gets a random value, then we look at what moves the output.


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
    x_place = keras.layers.Embedding(max_len, D, embeddings_initializer="zeros")(place)
    x = keras.layers.Dropout(0.5)(keras.layers.Embedding(vocab_size, D)(ids) + x_place)
    shown = keras.layers.Dropout(0.5)(keras.ops.cast(keep, "float32")) > 0
    h = keras.layers.Dense(D // 2, activation="tanh")(x)
    e = keras.layers.Dense(H, use_bias=False, kernel_initializer="zeros")(h)
    w = keras.layers.Softmax(axis=1)(e, mask=shown[:, :, None])
    z = keras.layers.Dropout(0.5)(keras.ops.einsum("bth,btd->bhd", w, x))
    p = keras.layers.Dense(1, activation="sigmoid")(keras.layers.Flatten()(z))
    model = keras.Model(ids, p)
    model.compile("adam", "binary_crossentropy", metrics=["accuracy"])
    return model
    ### END SOLUTION


# %% check="L8.2"
verdict = check("L8.2", build_classifier)
verdict.points

# %% [markdown]
# Before it has learned anything, what does it say?

# %%
predict(
    "L8.untrained", "What will its loss be, roughly, while it can't tell praise from blame yet?"
)

# %%
keras.utils.set_random_seed(8)
sizes = (plan["size"], plan["T"], plan["D"], plan["H"])
model = build_classifier(*sizes)
for layer in model.layers:
    if layer.count_params():
        print(f"{layer.name:24} {layer.count_params():9,} parameters")
loss, accuracy = model.evaluate(*data["validation"], batch_size=250, verbose=0)[:2]
print(f"untrained: loss {loss:.3f}, accuracy {accuracy:.1%}; ln 2 = {np.log(2):.3f}")
predicted("L8.untrained")

# %% [markdown]
# It says about ½ each time, and −ln ½ is 0.693, whatever the label. A fresh model whose loss is far from that
# has a bug: a test that costs a second.
#
# ## 5 · Training
#
# What keeps a model from learning by heart is called {{regularisation (against learning by heart): whatever
# keeps a model from fitting its training examples too closely}}. Two kinds are worth having here. The first is
# **word dropout**, as in lesson 3: in training half of the words are hidden, others each time. Here that is a
# `Dropout` on the *mask*:

# %%
mask_BT = keras.ops.ones((2, 12))
shown_BT = keras.layers.Dropout(0.5)(mask_BT, training=True) > 0
print("shown in training:", np.asarray(shown_BT), sep="\n")

# %% [markdown]
# If your model hasn't got it yet, go back to `build_classifier` and put it in. The softmax then gets `shown` in
# place of `keep`:
#
#     shown = keras.layers.Dropout(0.5)(keras.ops.cast(keep, "float32")) > 0
#
# The second is plain **dropout** on the words' numbers, `x = keras.layers.Dropout(0.5)(x)`, and on the H means: in
# training half of them are set to zero by chance and the others doubled, so that the next layer can't rely on any
# single one (Srivastava et al. 2014).

# %%
print("of eight ones:", np.asarray(keras.layers.Dropout(0.5)(keras.ops.ones((8,)), training=True)))

# %% [markdown]
# And let the queries begin at zero, as in lesson 3, by `kernel_initializer="zeros"` in the layer that scores:
# then all words weigh the same at first, and what a head prefers it has learned. Run everything from your cell
# to here once more. Your points stay: outside of training, dropout does nothing.
#
# The **learning rate** shrinks by 30 % after each epoch, as in lesson 3: long steps first, fine ones last. And
# {{early stopping (knowing when to stop): ending a training when the validation reviews have gained nothing for
# some epochs, and going back to the best one}} puts the weights of the best epoch back.
#
# The last callback ends the training when its budget is spent: 90 seconds here, 3 where a grader runs the
# notebook. No grade depends on it.


# %%
def train(model, data, seconds=90, callbacks=(), rate=0.004, shrink=0.7):
    """Fit a model to the training part, choose the epoch by validation. Returns the history."""
    patient = keras.callbacks.EarlyStopping(
        "val_accuracy", mode="max", patience=3, restore_best_weights=True
    )
    slower = keras.callbacks.LearningRateScheduler(lambda epoch: rate * shrink**epoch)
    fitted = model.fit(
        *data["train"],
        validation_data=data["validation"],
        batch_size=plan["batch"],
        epochs=plan["epochs"],
        callbacks=[*callbacks, slower, patient, budget.stop_after(seconds)],
        verbose=0,
    )
    return fitted.history


# %%
predict(
    "L8.best",
    "In which epoch will the validation accuracy be best? And will the two curves part as "
    "far as before?",
)

# %%
start = time.perf_counter()
history = train(model, data, callbacks=[Curve("your model")])
best = int(np.argmax(history["val_accuracy"]))
print(f"{time.perf_counter() - start:.0f} seconds, best epoch {best + 1}", end="")
print(f", validation accuracy there {history['val_accuracy'][best]:.1%}")
predicted("L8.best")

# %% [markdown]
# Compare it with the first picture: while half of everything is hidden the training curve climbs more slowly, and
# the two part later and less. (Without dropout they part in the first epochs, as they did there. The dot marks the least validation *loss*; the weights that were kept are those of
# the best *accuracy*.)
#
# **Save and reload.** Keras's format holds layers, weights, loss and the optimiser's state in one file. Is
# the reloaded model the same?

# %%
with tempfile.TemporaryDirectory() as folder:
    model.save(f"{folder}/reader.keras")
    again = keras.models.load_model(f"{folder}/reader.keras")
some_ids_NT = data["validation"][0][:250]
same = np.array_equal(model.predict(some_ids_NT, verbose=0), again.predict(some_ids_NT, verbose=0))
print("the same numbers, to the last bit:", same)

# %% [markdown]
# The vocabulary is not in the file, and a model without its vocabulary is worth nothing: save both.
#
# Other callbacks worth knowing: `ModelCheckpoint` (a file whenever the model is the best so far),
# `ReduceLROnPlateau`, `CSVLogger` (a table, epoch by epoch) and `TensorBoard`. The last writes logs for a
# program of that name, which shows the curves of many trainings on one page; it is installed. The last two in
# action, on a tenth of the data:

# %%
logs = tempfile.mkdtemp(prefix="lesson-8-")
loggers = [keras.callbacks.CSVLogger(f"{logs}/log.csv")]
if keras.backend.backend() == "tensorflow":
    loggers.append(keras.callbacks.TensorBoard(logs))
tenth = {name: (ids_NT[::10], y_N[::10]) for name, (ids_NT, y_N) in data.items()}
train(build_classifier(*sizes), tenth, seconds=10, callbacks=loggers)
print("In a terminal:  tensorboard --logdir", logs)
pd.read_csv(f"{logs}/log.csv").round(3)

# %% [markdown]
# A good place for a break.
#
# ## 6 · A bug hunt
#
# You have found a script in a blog. "State-of-the-art sentiment analysis with attention in 40 lines!" It has
# **twelve bugs**. Some stop it. Most don't: it would run, print an accuracy, and be wrong.
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
# Twelve: one in `REQUIREMENTS`, two in `split`, two in `fit_tokenizer`, one each in `encode`, `decode` and
# `text_vector`, four in `build_model`. What happens if you run it?

# %%
predict("L8.stops", "In which part does it stop first, and why?")

# %%
few = [*texts["train"][:40], *texts["train"][-40:]]
bughunt.try_out({}, few, [1] * 40 + [0] * 40)
predicted("L8.stops")

# %% [markdown]
# It stops where a method is called that doesn't exist. That was the easiest of the twelve: it told you its
# line.
#
# ### L8.3 Mend it
#
# *Difficulty ●●●●○ · importance ●●●●● · 32 minutes · 12 points · `hint("L8.3")`*
#
# Return the lines that you change, by number: `{27: "new text of line 27", …}`. Indentation is added for you.
# A new text may hold several lines (`"one\ntwo"`), and may be empty. One line for each bug is enough, and each
# bug is judged by itself: mend seven, and you have seven points.


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
bughunt.try_out(mended(), few, [1] * 40 + [0] * 40)

# %% [markdown]
# Few of the twelve can crash the script. The others would have given you a number to be proud of, or a bad
# one to puzzle over.
#
# What finds them is the kind of test you have met all along: change what must not matter (a pad, the test
# texts) and see that nothing moves; change what must matter (the order, the last word) and see that something
# does.
#
# ## 7 · An honest number
#
# "My model gets 74 %." Of how many reviews? And what does a coin get?
#
# ### L8.4 Report
#
# *Difficulty ●●○○○ · importance ●●●●● · 16 minutes · 6 points · `hint("L8.4")`*
#
# A 95 % confidence interval as in lesson 3, or Wilson's, if you know it. Both are accepted.


# %% answer="L8.4"
def report(y, p):
    """How good probabilities are, and how sure that is.

    y: (N,) labels, 0 or 1. p: (N,) or (N, 1) probabilities of 1; a value outside of [0, 1] raises
        ValueError.

    Returns a dict of fractions: "accuracy" at a threshold of one half; "low" and "high", the
    accuracy's 95 % interval; "majority", what is right if one always says the commoner label.
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
# Now a rival, a **baseline** that anything better has to beat: count words
# and pairs of words, weigh down those that are everywhere (TF-IDF), and draw one straight line between praise
# and blame (logistic regression). No attention, no order beyond pairs, a second of work, on the same reviews.

# %%
predict("L8.rival", "By how many points does your attention model beat it?")


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
p_N = model.predict(data["validation"][0], verbose=0)[:, 0]
p_plain = plain.predict(data["validation"][0], verbose=0)[:, 0]
rows = {
    "TF-IDF + logistic regression": report(labels["validation"], p_rival),
    "the ten lines: mean of the words": report(labels["validation"], p_plain),
    "your attention model": report(labels["validation"], p_N),
}
predicted("L8.rival")
pd.DataFrame(rows).T.map("{:.1%}".format)

# %% [markdown]
# It doesn't, or not by more than chance. That is the rule, not your fault: a linear model of 2012 gets 79.4 % of
# MR, in ten folds (NBSVM, Wang & Manning 2012), and a convolutional net that begins at random 76.1 % (Kim 2014).
#
# ### What does the attention bring?
#
# One training can't tell, for the seed alone moves an accuracy by a point. So here is a larger experiment, made
# beforehand: each model trained from several seeds, its epoch chosen on the validation sentences, then asked for
# MR's 1,000 test sentences. Taking away one part and training anew is called an **ablation**.

# %%
predict(
    "L8.ablation",
    "Which of these costs the most: no attention (a plain mean), no places, or one head for four?",
)

# %%
from attnkit.measured import lesson_8_table

predicted("L8.ablation")
lesson_8_table()

# %% [markdown]
# Four heads that choose beat the same model's plain mean by 2.7 points (± 2.2), and a single head by 1.7 (± 1.3):
# beyond chance, if only just. Places and dropout make no visible difference. And **nothing here is clearly
# better than lesson 1's counting**: praise is nearly a *sum* over words, and a sum needs no one to look at anyone. At
# the cloakroom of lessons 4 and 6 it mattered whose coat was whose, and there a mean was lost.
#
# ### What has this to do with BERT and ChatGPT?
#
# The parts are the same: ids, vectors, places, masks, heads, softmax, Adam. What differs, first, is size. BERT
# (Devlin et al. 2019) stacks lesson 7's blocks; the GPTs do so under lesson 5's causal mask (Brown et al. 2020).

# %%
for name, count in {"BERT, base": 110e6, "BERT, large": 340e6, "GPT-3": 175e9}.items():
    print(f"{name:12} {count:16,.0f} parameters: {count / model.count_params():11,.0f} times yours")

# %% [markdown]
# The second is what they read before they see a label: billions of words, to guess those that are hidden or
# come next. That is {{pretraining (learning before the labels): training on plain text first, by guessing its words,
# before the task that one is after}}. Then comes {{fine-tuning (going on training): adapting a pretrained model to
# a task with a little labelled data}}: with one new layer on top, BERT gets 94.9 % of SST-2, which are sentences
# of Rotten Tomatoes like ours, their phrases labelled too (Socher et al. 2013). The softmax is yours; the knowledge
# of how words go together is what 6,530 sentences can't give.
#
# ### Where to draw the line
#
# One half is a choice. A shop that must not overlook blame will cut elsewhere. What does it cost?

# %%
from attnkit.panels import strip_panel, threshold_panel, training_panel

threshold_panel(labels["validation"], p_N)

# %% [markdown]
# Are the probabilities *true*? Of the reviews to which a model gives 0.9, nine in ten should be praise.


# %%
def calibration(p, y):
    edges = [0, 0.1, 0.3, 0.5, 0.7, 0.9, 1.0001]
    for low, high in itertools.pairwise(edges):
        inside = (p >= low) & (p < high)
        if inside.any():
            said, true = p[inside].mean(), y[inside].mean()
            print(f"{low:.1f} to {min(high, 1):.1f}: said {said:.2f}, true {true:.2f}", end="")
            print(f"   ({inside.sum()} reviews)")


print("your model")
calibration(p_N, labels["validation"])
print("the ten lines, after 12 epochs")
calibration(p_plain, labels["validation"])

# %% [markdown]
# Neural networks tend to be too sure (Guo et al. 2017), and the longer they train, the more: compare the ends of
# the two lists. Overfitting shows in the confidence before it shows in the accuracy.
#
# ### Length, width, heads
#
# Does a larger model help? These runs were measured beforehand, with the model above.

# %%
from attnkit.measured import lesson_8_runs

training_panel(lesson_8_runs())

# %% [markdown]
# Which of the three settings matters? Length, up to 20 words: the best of four runs has 68.9 % with 10 words, 73.8 %
# with 20, and no more with 40. Heads and width help the small models. (One seed each.)
#
# ## 8 · Speed
#
# On a GPU one asks: how many reviews a second? Three ways to fool yourself: the first call builds or compiles what
# all the others use; one call is noise; and a GPU's calls **return before the work is done**.
#
# ### L8.5 Throughput
#
# *Difficulty ●●●○○ · importance ●●●○○ · 16 minutes · 5 points · `hint("L8.5")`*
#
# It is judged on a pretend accelerator: a model that takes long over its first call, returns at once from all
# calls, and is done only later. Turning an output into NumPy (`keras.ops.convert_to_numpy`) waits for it.


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
# What makes a model faster? Called plainly, Keras runs it operation by operation. `predict_on_batch` first makes
# one graph of it. With `jit_compile=True` the XLA compiler fuses operations. **Mixed precision**
# (`mixed_bfloat16`) multiplies in 16 bits and keeps the weights in 32: made for the matrix units of GPUs, and
# without them there is nothing it must bring.

# %%
predict("L8.speed", "Which of the four ways will be fastest here, and which slowest?")


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
batch = data["train"][0][:: len(data["train"][0]) // plan["batch"]][: plan["batch"]]
with silence():
    speeds = {name: throughput(each, batch) for name, each in variants()}
for name, speed in speeds.items():
    print(f"{name:24} {speed:10,.0f} reviews a second")
predicted("L8.speed")

# %% [markdown]
# Such numbers hold for one machine, one batch size, one model. For a small model most of the time goes into
# calling, not into computing; that is why the graph wins by so much. With several GPUs,
# `keras.distribution.DataParallel()` deals each batch out among them.
#
# ## 9 · Hand in
#
# The test part is asked **once**. Your model gives its verdicts on the 1,000 test sentences of MR, without their
# labels, packed into one line of text. Copy the line into L8.6. Whoever grades it compares it with the labels of
# sentences that are drawn for your class.
#
# Happy with your validation accuracy? Then run this cell.

# %%
test_texts = [" ".join(tokenise(text)) for text in split("mr").test.text]
test_ids, _ = make_dataset(test_texts, [0] * len(test_texts), vocab, plan["T"])
verdicts = model.predict(test_ids, verbose=0)[:, 0]
print(f'"{pack(verdicts)}"')

# %% [markdown]
# The labels do lie on your disk, in the package that brings the reviews. Nobody can keep you from looking; you
# would only cheat yourself out of the one number in this course that is new to you.
#
# ### L8.6 Hand in what your model says
#
# *Difficulty ●○○○○ · importance ●●●●○ · 8 minutes · 3 points · `hint("L8.6")`*


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
# The check here tells how your verdicts do on 400 of the sentences. Don't turn that into a game: changing the
# model until the check likes it means choosing by the test (lesson 3, "Four ways to fool yourself"). Grading
# draws others.
#
# ## 10 · Looking inside
#
# What do the heads look at? Each asks its own question of all the words. Type a sentence of your own.


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


strip_panel(heads_of, "it's never dull and always looks good", heads=plan["H"])

# %% [markdown]
# In our run most of the weight goes to *dull*, *always* and *never*, and hardly any to *and*. The four
# heads agree more than you might hope: their queries all began at zero, and nothing drives them apart.
#
# How uneven are they in general? The largest weight of a review times its number of words is 1 where all words
# weigh the same, and as large as the review is long where one word has it all.

# %%
uneven_NH = []
for ids_T in data["validation"][0][np.linspace(0, len(labels["validation"]) - 1, 300).astype(int)]:
    w_HT = words_looked_at(model, ids_T)
    uneven_NH.append(w_HT.max(axis=1) * w_HT.shape[1])
for h, median in enumerate(np.median(uneven_NH, axis=0), 1):
    print(f"head {h}: the top word gets {median:.1f} times its even share (median of 300 reviews)")

# %% [markdown]
# **What this shows, and what it doesn't.** Attention is what the model *multiplied by*. Jain & Wallace (2019)
# found other weights with the same outputs; Wiegreffe & Pinter (2019) answered that this depends on what one
# calls an explanation. Only one thing is safe: change the input and see what the output does. So do that.

# %%
predict("L8.not", "'not a good film', 'not a bad film', 'not bad at all': which will it get wrong?")

# %%
EXAMPLES = """a good film / not a good film / a bad film / not a bad film / not bad at all
it could have been a great film / the best thing about it is that it ends"""
for text in EXAMPLES.replace(" / ", "\n").splitlines():
    words, ids_T, p = read(text)
    unknown = [word for word, i in zip(words, ids_T, strict=False) if i == 1]
    print(f"{p:.2f}  {text}", f"  (unknown: {', '.join(unknown)})" if unknown else "")
predicted("L8.not")

# %% [markdown]
# Does it read *not* as turning what follows around, or as one more bad word? Compare *bad* with *not bad*, and
# *good* with *not good*. A head's output is a weighted sum of the words, so *not* can pull the sum down, but it
# can't turn the sign of another word. For that words have to see each other first, as in lesson 7's block, and
# there have to be examples enough to learn it from.
#
# Then the real thing: reviews with a negation beside those without.

# %%
NEGATIONS = {"not", "no", "never", "nothing", "without", "hardly", "isn't", "doesn't", "don't"}
negated = np.array([bool(NEGATIONS & set(text.split())) for text in texts["validation"]])
for name, chosen in (("with a negation", negated), ("without", ~negated)):
    y, p = labels["validation"][chosen], p_N[chosen]
    print(f"{name:16} {chosen.sum():4} reviews, {y.mean():.0%} praise:", end="")
    print(" {accuracy:.1%} right, interval {low:.1%} to {high:.1%}".format(**report(y, p)))

# %% [markdown]
# **Where it is wrong, and sure of it.** The ten validation reviews with the greatest loss. Read them slowly, and
# look for irony, a turn after *but*, a comparison with another film, a word it has never seen; now and then for
# a label that you wouldn't have given either.

# %%
y_N = labels["validation"]
worst = np.argsort(-np.abs(p_N - y_N))[:10]
for i in worst:
    kind = "praise" if y_N[i] else "blame "
    print(f"said {p_N[i]:.2f}, is {kind}: {texts['validation'][i][:150]}")

# %% [markdown]
# ### Question
#
# *3 points, read by a person. A few sentences are enough.*
#
# A colleague: "95.2 % on the test reviews! And the heat map proves that it
# understands negation: in *not bad*, head 2 looks at *not*." You find that the tokenizer was
# fitted before the texts were split, that the best of 30 epochs was picked by test accuracy, and that the test
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
# ## 11 · What you have now
#
# - A **multi-head classifier** of your own: mask, places, H learned queries, a probability with its own loss.
# - Training that stops by validation; a model that is reloaded to the last bit, and its vocabulary.
# - Tests that find bugs which crash little and cost much.
# - An accuracy **with interval, baselines and ablations**, on reviews that were never used.
# - Speed measured to the end of the work.
#
# **Where next?** In a terminal, the kit's own classifier: the same pooling by learned queries, over runs of two
# and three words as well, on your data and your GPU.
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
# - Wang & Manning, *Baselines and Bigrams* (ACL 2012): a linear model.
# - Socher et al., *Recursive Deep Models for Semantic Compositionality* (EMNLP 2013): SST.
# - Kim, *Convolutional Neural Networks for Sentence Classification* (EMNLP 2014).
# - Srivastava et al., *Dropout: A Simple Way to Prevent Neural Networks from Overfitting* (JMLR 2014).
# - Devlin et al., *BERT* (NAACL 2019), and Brown et al., *Language Models are Few-Shot Learners* (NeurIPS 2020).
# - Guo et al., *On Calibration of Modern Neural Networks* (ICML 2017): a cure for being too sure.
# - Jain & Wallace, *Attention is not Explanation* (NAACL 2019), and Wiegreffe & Pinter, *Attention is
#   not not Explanation* (EMNLP 2019).
