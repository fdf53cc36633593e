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
# # Lesson 7: order, residuals and the encoder block
#
# Attention doesn't notice in which order words come. Here words get a place, and the layer gets what it
# needs to be stacked: the encoder block of nearly every Transformer.
#
# Afterwards you can
#
# - say why attention is blind to order, and give words a place that it can use;
# - write layer norm and say what it is computed over, and what not;
# - put an encoder block together, and get the same numbers as from Keras's layers;
# - say what the place of the norm does to deep stacks;
# - write a test that finds out whether a model cares for order.
#
# About 90 minutes: four exercises (28 points) and one question (3 points). You need lessons 5 and 6.

# %%
import numpy as np
from attnkit import attempt, check, hint
from attnkit.panels import depth_panel, position_panel
from attnkit.words import word_plane

np.set_printoptions(precision=2, suppress=True)

# %% [markdown]
# ## 1 · The same words, another meaning
#
# Two critics, ten words each, the very same ones. *Not a bad film: it is good, and never dull.* And: *Not
# a good film: it is dull, and never bad.*

# %%
kind = ["not", "a", "bad", "film", "it", "is", "good", "and", "never", "dull"]
unkind = ["not", "a", "good", "film", "it", "is", "dull", "and", "never", "bad"]
print("the same words:", sorted(kind) == sorted(unkind))
_, kind_TD = word_plane().embed(kind)
_, unkind_TD = word_plane().embed(unkind)

# %% [markdown]
# One recommends the film, the other doesn't. Let attention read both: each word asks all words, and the
# mean of what they get stands for the sentence. A single head is enough here.
#
# **Predict before you run.** How far apart are the two means?


# %%
def read(x_TD):
    e_TS = x_TD @ x_TD.T / np.sqrt(x_TD.shape[1])
    exp_TS = np.exp(e_TS - e_TS.max(axis=-1, keepdims=True))
    w_TS = exp_TS / exp_TS.sum(axis=-1, keepdims=True)
    return np.tanh(w_TS @ x_TD).mean(axis=0)


print("kind:  ", read(kind_TD))
print("unkind:", read(unkind_TD))
print("apart: ", f"{np.abs(read(kind_TD) - read(unkind_TD)).max():.0e}")

# %% [markdown]
# Nothing but rounding: whatever the matrices, one of the two is judged wrongly.
#
# A word's output is a sum over all words, and a sum has no order. Shuffle the words, and the outputs are
# shuffled along: attention is **equivariant**. In their mean nothing is left of the order: the whole is
# **invariant**, or *blind*.
#
# ## 2 · A place for every word
#
# If attention sees only what stands in a word's vector, then the place has to stand in there, too. The
# simplest way: add to word t a vector that belongs to place t.
#
# Which vector? Take the number t itself, written into all coordinates.
#
# **Predict before you run.** What becomes of word 200?

# %%
long_TD = np.resize(kind_TD, (201, 2))
for t in (1, 20, 200):
    print(f"word {t:3}: {long_TD[t]} becomes {long_TD[t] + t}")

# %% [markdown]
# Its meaning drowns. The numbers of a place should be as small as a word's, for any t, and no two
# places should be alike. A clock does that: its hands go round and round, and together they tell the
# time of a whole day. One number alone would need to be very large or very fine.
#
# So give each **pair** of coordinates a hand that turns at its own pace, the first fast, the last very
# slowly:
#
# $$p_{t,\,2j}=\sin\big(t\,/\,10000^{2j/D}\big)\qquad p_{t,\,2j+1}=\cos\big(t\,/\,10000^{2j/D}\big)$$
#
# Sine and cosine are the two coordinates of one hand's tip.

# %% [markdown]
# ### L7.1 A vector for every place
#
# *Difficulty ●●●○○ · importance ●●●●○ · 12 minutes · 5 points · `hint("L7.1")`*
#
# D may be odd: then the last column is a sine without its cosine.


# %% answer="L7.1"
def sinusoid(T, D):
    """The vectors of places 0 to T − 1, after Vaswani et al. (2017), section 3.5.

    Returns p_TD, shape (T, D), of floats: column 2j is sin(t / 10000^(2j/D)), column 2j + 1 the
    cosine of the same angle.
    """
    ### BEGIN SOLUTION
    d = np.arange(D)
    angle_TD = np.arange(T)[:, None] / 10_000 ** (d // 2 * 2 / D)
    return np.where(d % 2 == 0, np.sin(angle_TD), np.cos(angle_TD))
    ### END SOLUTION


# %% check="L7.1"
report = check("L7.1", sinusoid)
report.points

# %% [markdown]
# How alike are two places, by the product of their vectors? The panel draws it, with **your function**.
# Move the place along, then the width and the base. What happens if the base is 10?

# %%
position_panel(sinusoid)

# %% [markdown]
# A place is most like itself and its neighbours, and the picture moves along with the place without
# changing: how alike two places are depends on how far apart they stand, and on nothing else. With a
# base of 10 all hands are fast, and places far apart look alike again.
#
# Even better: a step of k places **turns** each hand by the same angle, wherever one stands. So
# "three words ago" is one and the same matrix for all places. See for yourself:


# %%
def step_matrix(k, D):
    turn_DD = np.zeros((D, D))
    for j in range(D // 2):
        a = k / 10_000 ** (2 * j / D)
        own = slice(2 * j, 2 * j + 2)
        turn_DD[own, own] = [[np.cos(a), -np.sin(a)], [np.sin(a), np.cos(a)]]
    return turn_DD


p_TD = attempt(sinusoid, 50, 8)
if np.shape(p_TD) == (50, 8):
    moved_TD = p_TD[:-3] @ step_matrix(3, 8)
    print(f"three steps on, at 47 places at once: {np.abs(moved_TD - p_TD[3:]).max():.0e}")

# %% [markdown]
# That is a reason to hope that attention can learn to look at a distance, by its matrices. It is no
# proof that it does. Vaswani and others tried learned vectors for places in place of these, and found
# nearly the same results (their table 3, row E).
#
# And our two critics? Words of two coordinates, places of two coordinates, added up:

# %%
if np.shape(attempt(sinusoid, 10, 2)) == (10, 2):
    gap = np.abs(read(kind_TD + sinusoid(10, 2)) - read(unkind_TD + sinusoid(10, 2)))
    print("apart, with places:", gap)

# %% [markdown]
# They are apart now. Whether the difference is of any use is up to training; without places there was
# nothing to train.
#
# **One exception.** A causal mask (lesson 5) breaks the symmetry as well: word t sees t + 1 words, so it
# can find out where it is. Haviv and others (2022) trained language models with such a mask and without
# any places, and they did nearly as well. Encoders have no causal mask; they need places.

# %% [markdown]
# ## 3 · Numbers that stay in bounds
#
# Attention is to be stacked, a dozen times or more. Each layer multiplies, and what is multiplied many
# times grows or fades. Watch the size of a word's numbers through twelve random layers that are
# hardly too large:

# %%
rng = np.random.default_rng(7)
x_TD = rng.normal(size=(5, 16))
for layer in range(1, 13):
    x_TD = x_TD @ (1.5 * rng.normal(size=(16, 16)) / np.sqrt(16))
    if layer in (1, 4, 8, 12):
        print(f"after layer {layer:2}: numbers of about {np.std(x_TD):6.1f}")

# %% [markdown]
# **Layer norm** (Ba, Kiros & Hinton 2016) puts every word back to mean 0 and standard deviation 1, by
# its *own* D numbers. Then each coordinate gets a gain γ and a shift β, which are learned, so that
# nothing is lost that the model wants to keep:
#
# $$\mathrm{norm}(x)=\gamma\,\frac{x-\mu}{\sqrt{\sigma^2+\varepsilon}}+\beta\qquad
# \mu=\frac1D\sum_d x_d\qquad\sigma^2=\frac1D\sum_d(x_d-\mu)^2$$
#
# The little ε keeps the root above 0. One word, by hand:

# %%
word_D = np.array([1.0, 2.0, 6.0])
centred_D = word_D - word_D.mean()
print("mean", word_D.mean(), " variance", (centred_D**2).mean().round(2))
print("normed", centred_D / np.sqrt((centred_D**2).mean()))

# %% [markdown]
# Why not over the batch or over the sentence? Then a word's numbers would depend on which others happen
# to be there, pads included. You have tested for that in lesson 5.
#
# ### L7.2 Layer norm
#
# *Difficulty ●●○○○ · importance ●●●●● · 10 minutes · 7 points · `hint("L7.2")`*


# %% answer="L7.2"
def layer_norm(x, gamma, beta, eps=1e-5):
    """Each vector along the last axis, normed by its own mean and variance.

    x: (…, D), any number of axes before. gamma, beta: (D,), gain and shift. eps is added to the
    variance.

    Returns an array of x's shape. Source: Ba, Kiros & Hinton (2016).
    """
    ### BEGIN SOLUTION
    mean = x.mean(axis=-1, keepdims=True)
    variance = x.var(axis=-1, keepdims=True)
    return gamma * (x - mean) / np.sqrt(variance + eps) + beta
    ### END SOLUTION


# %% check="L7.2"
report = check("L7.2", layer_norm)
report.points

# %% [markdown]
# Keras has the layer. Its eps is 1e-3 unless told otherwise, and that is why two "equal" models
# sometimes differ in the third digit:

# %%
from attnkit.quiet import silence

with silence():  # TensorFlow has a lot to say when it starts
    import keras

    norms = {eps: keras.layers.LayerNormalization(epsilon=eps) for eps in (1e-5, 1e-3)}
    x_BTD = rng.normal(size=(3, 5, 16)).astype("float32")
    theirs = {eps: np.array(norm(x_BTD)) for eps, norm in norms.items()}
yours = attempt(layer_norm, x_BTD, np.ones(16, "float32"), np.zeros(16, "float32"))
if np.shape(yours) == x_BTD.shape:
    for eps, their_BTD in theirs.items():
        print(f"Keras with {eps:.0e}: largest difference {np.abs(their_BTD - yours).max():.0e}")

# %% [markdown]
# **Predict before you run.** A word times 1000, and the same word plus 1000: what does the norm make of
# each?

# %%
word_D, one_D = rng.normal(size=(1, 6)), np.ones(6)
words = {"as it is": word_D, "times 1000": 1000 * word_D, "plus 1000": word_D + 1000}
for name, each in words.items():
    normed = attempt(layer_norm, each, one_D, 0 * one_D)
    if np.shape(normed) == (1, 6):
        print(f"{name:10}", normed[0])

# %% [markdown]
# The same each time: size and offset are gone. That tames a stack, and it is also what a norm costs.

# %% [markdown]
# ## 4 · The block
#
# Two halves of the same form. Each **adds** something that is computed from *normed* words:
#
# $$y=x+\mathrm{attention}(\mathrm{norm}_1(x))\qquad \mathrm{out}=y+\mathrm{ffn}(\mathrm{norm}_2(y))$$
#
# - **Attention** moves something from word to word.
# - The **feed-forward network** looks at each word by itself: $\mathrm{ffn}(n)=\max(0,\,nW_1+b_1)\,W_2+b_2$,
#   with an inner width F often four times D.
# - The **residual sums** x + … are a straight way past both (He and others 2016).
#
# Why the maximum with 0? Look what two matrices without a bend between them are:

# %%
W1_DF, W2_FD = rng.normal(size=(4, 16)), rng.normal(size=(16, 4))
n_TD = rng.normal(size=(3, 4))
one_matrix = n_TD @ (W1_DF @ W2_FD)
print(f"two matrices beside their product: {np.abs(n_TD @ W1_DF @ W2_FD - one_matrix).max():.0e}")
bent = np.maximum(n_TD @ W1_DF, 0) @ W2_FD
print(f"with a ReLU in between:            {np.abs(bent - one_matrix).max():.0e}")

# %% [markdown]
# The weights come in a dict, as in lesson 3. This makes random ones:


# %%
def random_params(D, F, rng):
    params = {f"ln{n}_{name}": rng.normal(1, 0.3, D) for n in (1, 2) for name in ("gamma", "beta")}
    for name in ("Wq", "Wk", "Wv", "Wo"):
        params[name] = rng.normal(size=(D, D)) / np.sqrt(D)
    params["W1"], params["b1"] = rng.normal(size=(D, F)) / np.sqrt(D), rng.normal(size=F)
    params["W2"], params["b2"] = rng.normal(size=(F, D)) / np.sqrt(F), rng.normal(size=D)
    return params


for name, value in random_params(6, 24, rng).items():
    print(f"{name:9}", value.shape)

# %% [markdown]
# And this is lesson 6's layer, with the matrices out of such a dict:


# %%
def attention(x_BTD, params, H, mask=None):
    """Lesson 6's layer, words that ask each other: (B, T, D) -> (B, T, D)."""
    q, k, v = ((x_BTD @ params[n]).reshape(*x_BTD.shape[:2], H, -1) for n in ("Wq", "Wk", "Wv"))
    e_BHTS = np.einsum("bthk,bshk->bhts", q, k) / np.sqrt(q.shape[-1])
    keep = np.broadcast_to(True if mask is None else mask, e_BHTS.shape)
    top = e_BHTS.max(axis=-1, keepdims=True, where=keep, initial=-1e30)
    w_BHTS = np.exp(np.where(keep, e_BHTS - top, -np.inf))
    total = w_BHTS.sum(axis=-1, keepdims=True)
    o_BTHK = np.einsum("bhts,bshk->bthk", w_BHTS / np.where(total > 0, total, 1), v)
    return o_BTHK.reshape(x_BTD.shape) @ params["Wo"]


# %% [markdown]
# ### L7.3 The encoder block
#
# *Difficulty ●●●●○ · importance ●●●●● · 20 minutes · 8 points · `hint("L7.3")`*
#
# Call `attention`, and your `layer_norm` once it passes. (Our own solution writes the norm out, so that a
# mistake in L7.2 isn't counted twice.)


# %% answer="L7.3"
def encoder_block(x_BTD, params, H, mask=None):
    """A pre-norm encoder block: (B, T, D) -> (B, T, D).

    x_BTD: B sentences of T words. H: heads. mask: None, or bool, True = keep, of a shape that
        broadcasts to (B, H, T, T).
    params: ln1_gamma, ln1_beta, ln2_gamma, ln2_beta (D,); Wq, Wk, Wv, Wo (D, D); W1 (D, F), b1 (F,),
        W2 (F, D), b2 (D,). Norms with eps = 1e-5, the network with ReLU.
    """

    ### BEGIN SOLUTION
    def norm(x, n):
        z = (x - x.mean(-1, keepdims=True)) / np.sqrt(x.var(-1, keepdims=True) + 1e-5)
        return z * params[f"ln{n}_gamma"] + params[f"ln{n}_beta"]

    y_BTD = x_BTD + attention(norm(x_BTD, 1), params, H, mask)
    inner_BTF = np.maximum(norm(y_BTD, 2) @ params["W1"] + params["b1"], 0)
    return y_BTD + inner_BTF @ params["W2"] + params["b2"]
    ### END SOLUTION


# %% check="L7.3"
report = check("L7.3", encoder_block)
report.points

# %% [markdown]
# The pay-off: the same block from Keras's layers, with your weights, on sentences with pads. Lesson 6's
# rule puts the matrices into the attention layer.

# %%
B, T, D, H, F = 3, 5, 12, 3, 48
params = random_params(D, F, rng)
x_BTD = rng.normal(size=(B, T, D)).astype("float32")
keep_BT = np.arange(T) < np.array([[5], [2], [4]])
with silence():
    norm1, norm2 = (keras.layers.LayerNormalization(epsilon=1e-5) for _ in range(2))
    attend = keras.layers.MultiHeadAttention(H, D // H, use_bias=False)
    inner, outer = keras.layers.Dense(F, activation="relu"), keras.layers.Dense(D)


# %%
def keras_block(x):
    n = norm1(x)
    y = x + attend(n, n, attention_mask=keep_BT[:, None, :])
    return y + outer(inner(norm2(y)))


# %%
with silence():
    keras_block(x_BTD)  # makes the weights
    for n, norm in ((1, norm1), (2, norm2)):
        norm.set_weights([params[f"ln{n}_gamma"], params[f"ln{n}_beta"]])
    W = [params[name].reshape(D, H, D // H) for name in ("Wq", "Wk", "Wv")]
    attend.set_weights([*W, params["Wo"].reshape(H, D // H, D)])
    inner.set_weights([params["W1"], params["b1"]])
    outer.set_weights([params["W2"], params["b2"]])
    theirs = np.array(keras_block(x_BTD))
yours = attempt(encoder_block, x_BTD, params, H, keep_BT[:, None, None])
if np.shape(yours) == (B, T, D):
    print(f"largest difference at words: {np.abs(theirs - yours)[keep_BT].max():.0e}")

# %% [markdown]
# As close as float32 goes.
#
# ## 5 · Where the norm stands
#
# The first Transformer put the norm *behind* the sum: norm(x + f(x)). That is post-norm; yours is
# pre-norm. In pre-norm the sum is never touched: out = x + a + b + c + …, whatever the number of blocks.
#
# The panel shows stacks of random blocks before any training, and how large the gradient of each block's
# last matrix is. Move the number of blocks.
#
# **Predict before you move.** Do gradients die out towards the first block? And in which of the two does
# the *last* block's gradient depend on how many blocks stand before it?

# %%
depth_panel()

# %%
from attnkit.figures.depth import gradient_sizes

for depth in (6, 24, 48):
    for name, norm_first in (("post-norm", False), ("pre-norm", True)):
        sizes = gradient_sizes(depth, norm_first)
        print(f"{depth:2} blocks, {name:9} first {sizes[0]:6.2f}, last {sizes[-1]:6.2f}")

# %% [markdown]
# In neither do they die out: the residual sums see to that. The difference lies at the other end. In
# post-norm the last block's gradient is about as large in a stack of 48 as in one of 6; in pre-norm it
# shrinks to less than half, since each block adds to a sum that has grown. Xiong and others (2020) derived
# this, and gave it as the reason why post-norm needs a learning rate that starts small. Which of the two
# ends up better, it doesn't show.
#
# ## 6 · Write the test
#
# Is a model that you didn't write blind to the order of words? Four suspects, with x_BTD in and one row for
# each sentence out:


# %%
def last_word(x_BTD):
    return x_BTD[:, -1]


def neighbours(x_BTD):
    return (x_BTD[:, 1:] * x_BTD[:, :-1]).sum(axis=1)


def from_ten_on(x_BTD):
    return x_BTD.sum(axis=1) + x_BTD[:, 10:].sum(axis=1)


def rounded(x_BTD):
    return x_BTD.astype(np.float32).cumsum(axis=1)[:, -1]


# %%
x_BTD = rng.normal(size=(2, 6, 4))
for model in (last_word, neighbours, from_ten_on, rounded):
    change = np.abs(model(x_BTD[:, ::-1]) - model(x_BTD)).max()
    print(f"{model.__name__:12} read backwards: {change:.0e}")

# %% [markdown]
# Reading backwards convicts the first and clears the next two, who do care for order: neighbours stay
# neighbours, and six words are fewer than ten. The last one is innocent, and moves nevertheless, in its
# last digits. Others are careless about the second sentence of a batch only, about one coordinate, about
# odd lengths; some stop with an error, or return nan.
#
# ### L7.4 Write the test
#
# *Difficulty ●●●●○ · importance ●●●●● · 20 minutes · 8 points · `hint("L7.4")`*


# %% answer="L7.4"
def is_order_blind(model):
    """Whether no order of a sentence's words can move what the model gives for it.

    model: a function to test, model(x_BTD) -> one row or number for each of the B sentences.

    Returns True if every sentence's output stays the same up to rounding in float32, in whatever
    order its words come, for short sentences and long ones (up to 30 words or so), alone and in a
    batch; else False. Never raises because of the model: who stops with an error is not blind.
    """
    ### BEGIN SOLUTION
    rng = np.random.default_rng(7)
    try:
        for T in (2, 3, 8, 13, 30):
            for B in (1, 3) * 8:
                x_BTD = rng.normal(size=(B, T, 4))
                order_BT1 = rng.permuted(np.tile(np.arange(T), (B, 1)), axis=1)[:, :, None]
                before = model(x_BTD)
                after = model(np.take_along_axis(x_BTD, order_BT1, axis=1))
                if not np.allclose(before, after, rtol=1e-4, atol=1e-5):
                    return False
        return True
    except Exception:
        return False
    ### END SOLUTION


# %% check="L7.4"
report = check("L7.4", is_order_blind)
report.points

# %% [markdown]
# Now it is a tool. A reader made of your block and a mean, without places and with, and the same reader
# with a causal mask in place of places:

# %%
params = random_params(4, 16, np.random.default_rng(7))


def reader(x_BTD):
    return encoder_block(x_BTD, params, 2).mean(axis=1)


def reader_with_places(x_BTD):
    return reader(x_BTD + sinusoid(x_BTD.shape[1], 4))


def causal_reader(x_BTD):
    T = x_BTD.shape[1]
    return encoder_block(x_BTD, params, 2, np.tril(np.ones((T, T), bool))).mean(axis=1)


if attempt(is_order_blind, lambda x_BTD: x_BTD.sum(axis=1)) is not None:
    for model in (reader, reader_with_places, causal_reader):
        print(f"{model.__name__:19}", is_order_blind(model))

# %% [markdown]
# The block alone is blind: network and norms look at each word by itself. Places open its eyes, and so
# does a causal mask. Whether a model makes good *use* of order, such a test can't show.
#
# ### Question
#
# *3 points, read by a person. A few sentences are enough.*
#
# A classifier adds a learned vector to each of 512 places, takes the mean over words, and reaches 78 % on
# a thousand reviews. Without the places it reaches 77.5 %. "So order doesn't matter in reviews."
#
# 1. What else could explain that the two numbers are so close? Name two things.
# 2. Which sentences would you collect, and what would you count?
# 3. A review has 600 words. What happens with learned places, and with sinusoids?

# %% [markdown] manual="L7-places" points=3
# ### BEGIN MARK SCHEME
# **Model answer.** (1) For example: the interval of an accuracy on a thousand reviews is about ± 2.5
# points, so the two can't be told apart; one run each, whose seeds alone may differ by more; few reviews
# in the test set whose words mean something else in another order; the model with places may not have
# learned to use them (too little data, mean over words). (2) Pairs with the same words and opposite labels
# ("not a bad film, it is good"/"not a good film, it is bad"), or reviews with negations and contrasts
# ("but"); count on those alone how often both of a pair are right, with and without places, over several
# seeds, with an interval; a blind model gets at most one of each pair. (3) Learned: there is no row for
# places from 512 on, so an error, or words are cut off, or (on a GPU) zeros; sinusoids give a vector for
# any place, but the model has never been trained on such places, so it may do badly all the same.
#
# **Marks.** 1 point for (1): two things that really explain it; ½ for one. 1 point for (2): sentences that
# differ in order only (or in which it decides) *and* what is counted; ½ for one of them. 1 point for (3):
# both cases; that sinusoids give a vector but no guarantee is needed for the full point.
# ### END MARK SCHEME

# %% [markdown]
# ## 7 · What you have now
#
# - Attention is **equivariant**, with a mean behind it **blind** to order. Places added to the words, or a
#   causal mask, change that.
# - **Sinusoids**: pairs of coordinates turn like hands of a clock; a step is a rotation.
# - **Layer norm** treats each word by its own numbers; eps stands under the root.
# - The **encoder block**: x plus attention of normed x, plus a network of normed words. Pre-norm leaves
#   the sum untouched.
# - A **test** for blindness tries orders, lengths and company, and knows its tolerance.
#
# Every part of a Transformer's encoder is now yours. In **lesson 8** Keras takes over the parts: you train
# a classifier, say honestly how good it is, and hunt twelve bugs.

# %%
from attnkit.progress import course_map

course_map()

# %% [markdown]
# ### Further reading
#
# - Vaswani et al., *Attention Is All You Need* (NeurIPS 2017), sections 3.1 and 3.5: the block, and
#   sinusoids beside learned places (table 3, row E).
# - Ba, Kiros & Hinton, *Layer Normalization* (2016, arXiv 1607.06450).
# - He, Zhang, Ren & Sun, *Deep Residual Learning for Image Recognition* (CVPR 2016): the straight way.
# - Xiong et al., *On Layer Normalization in the Transformer Architecture* (ICML 2020): pre-norm and
#   post-norm, by gradients before training.
# - Liu et al., *Understanding the Difficulty of Training Transformers* (EMNLP 2020): where post-norm wins.
# - Su et al., *RoFormer: Enhanced Transformer with Rotary Position Embedding* (2021, arXiv 2104.09864):
#   the rotation, applied to queries and keys.
# - Haviv et al., *Transformer Language Models without Positional Encodings Still Learn Positional
#   Information* (Findings of EMNLP 2022): the causal mask as a source of places.
