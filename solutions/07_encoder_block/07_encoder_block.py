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
# Shuffle a sentence, and attention doesn't notice. Here words get a place, and attention becomes an encoder
# block that can be stacked. BERT is such a stack, and GPT too, under a causal mask.
#
# Afterwards you can
#
# - say why attention is blind to order, and give words places;
# - put an encoder block together, layer norm and all;
# - say what the norm's place does to a deep stack;
# - write a test that finds out whether a model cares about order;
# - turn queries and keys by their places, as LLaMA does (RoPE).
#
# About three hours, with a good place for a break behind section 4: five exercises (35 points) and one
# question (3 points). You need lessons 5 and 6.

# %%
import numpy as np
from attnkit import check, explore, hint, predict, predicted
from attnkit.figures import draw_data_flow
from attnkit.panels import depth_panel, position_panel
from attnkit.words import word_plane

np.set_printoptions(precision=2, suppress=True)

# %% [markdown]
# ## 1 · The same words, another meaning
#
# Two critics use the very same ten words. One writes *not a bad film: it is good, and never dull*, the
# other *not a good film: it is dull, and never bad*.

# %%
kind = ["not", "a", "bad", "film", "it", "is", "good", "and", "never", "dull"]
unkind = ["not", "a", "good", "film", "it", "is", "dull", "and", "never", "bad"]
print("the same words:", sorted(kind) == sorted(unkind))
_, kind_TD = word_plane().embed(kind)
_, unkind_TD = word_plane().embed(unkind)

# %% [markdown]
# One recommends the film and the other doesn't. Let attention read both: every word asks all the words, and
# the mean of what they learn stands for the whole sentence. One head is enough to make the point.

# %%
predict("L7.blind", "How far apart will the two means be: far, a little, or not at all?")


# %%
def attend(x_TD):
    e_TS = x_TD @ x_TD.T / np.sqrt(x_TD.shape[1])
    exp_TS = np.exp(e_TS - e_TS.max(axis=-1, keepdims=True))
    w_TS = exp_TS / exp_TS.sum(axis=-1, keepdims=True)
    return np.tanh(w_TS @ x_TD)


def read(x_TD):
    return attend(x_TD).mean(axis=0)


print("kind:  ", read(kind_TD))
print("unkind:", read(unkind_TD))
print("apart: ", f"{np.abs(read(kind_TD) - read(unkind_TD)).max():.0e}")
predicted("L7.blind")

# %% [markdown]
# Nothing but rounding separates them. No choice of matrices would change that, so whatever the model says
# about these two reviews, it is wrong about one of them.
#
# What a word gets is a sum over all words, and a sum has no order. So what happens to the words' own outputs
# when we shuffle them?

# %%
order = np.random.default_rng(0).permutation(10)
gap = np.abs(attend(kind_TD[order]) - attend(kind_TD)[order]).max()
print(f"outputs of the shuffled words, beside the shuffled outputs: {gap:.0e} apart")

# %% [markdown]
# They are shuffled along: attention is {{equivariant (shuffled along): what is done to the input's order is done to
# the output's, and nothing else changes}} to permutations. Take the mean of the outputs, and nothing is left of
# the order: the whole is {{invariant (blind): whatever is done to the input's order, the output stays the same}}
# to permutations, or *blind* to order.
#
# ## 2 · A place for every word
#
# Attention sees only what is in a word's vector, so that is where the word's place has to go. The simplest
# way is to add to word t a vector that belongs to place t, a {{positional encoding (a vector for each place):
# numbers that tell a model where in the text a word stands}}.
#
# Which vector? As a first try, take the number t itself and add it to every coordinate.

# %%
predict("L7.drown", "What will become of word 200, whose own numbers are about 1?")

# %%
long_TD = np.resize(kind_TD, (201, 2))
for t in (1, 20, 200):
    print(f"word {t:3}: {long_TD[t]} becomes {long_TD[t] + t}")
predicted("L7.drown")

# %% [markdown]
# Its meaning drowns. We want places whose numbers are no larger than a word's, however long the text is, and
# no two of them alike. A clock can do that. Its hands go round and round, and together they tell every second
# of half a day apart.
#
# So give each **pair** of coordinates a hand that turns at its own pace, the first fast, the last very slowly:
#
# $$p_{t,\,2j}=\sin\big(t\,/\,10000^{2j/D}\big)\qquad p_{t,\,2j+1}=\cos\big(t\,/\,10000^{2j/D}\big)$$
#
# Sine and cosine are the two coordinates of the tip of a hand. This is the {{sinusoidal encoding (hands of
# clocks): positional encoding by sines and cosines of the place, each pair at its own pace}} of the first
# {{Transformer (stacked attention): a model made of blocks in which attention and small networks take
# turns}} (Vaswani and others 2017).

# %% [markdown]
# ### L7.1 A vector for every place
#
# *Difficulty ●●●○○ · importance ●●●●○ · 20 minutes · 5 points · `hint("L7.1")`*
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
# How alike are two places, measured by the product of their vectors? The panel draws it with **your
# function**. Move the place along, then try other widths and bases. What happens with a base of 10?

# %%
position_panel(sinusoid)

# %% [markdown]
# A place is most like itself and its neighbours. And as you move along, the picture moves with you without
# changing its form: how alike two places are depends only on how far apart they stand. With a base of 10 all
# the hands turn fast, and places that are far apart look alike again.
#
# There is more. A step of k places **turns** every hand by the same angle, wherever you start. So "three
# words further on" is one and the same matrix for all places, a rotation:


# %%
def step_matrix(k, D):
    turn_DD = np.zeros((D, D))
    for j in range(D // 2):
        a = k / 10_000 ** (2 * j / D)
        own = slice(2 * j, 2 * j + 2)
        turn_DD[own, own] = [[np.cos(a), -np.sin(a)], [np.sin(a), np.cos(a)]]
    return turn_DD


p_TD = sinusoid(50, 8)
moved_TD = p_TD[:-3] @ step_matrix(3, 8)
print(f"three steps on, at 47 places at once: {np.abs(moved_TD - p_TD[3:]).max():.0e}")

# %% [markdown]
# Attention has matrices of its own, so it could learn to look a fixed distance away. That is a hope and no proof.
# Vaswani and others also tried a learned vector for each place, and found nearly the same quality (table 3, row
# E). Section 7 uses the rotation without any hoping.
#
# What about our two critics? Their words have two coordinates; now so do the places, and we add them:

# %%
gap_D = np.abs(read(kind_TD + sinusoid(10, 2)) - read(unkind_TD + sinusoid(10, 2)))
print("apart, with places:", gap_D)

# %% [markdown]
# Now they differ. Whether the difference is any use is a matter of training; without places there was
# nothing to train.
#
# **One exception.** A causal mask (lesson 5) breaks the symmetry too: word t sees t + 1 words, so it can work
# out where it is. Haviv and others (2022) trained language models with such a mask and without positional
# encodings, and they did nearly as well. An encoder has no causal mask: it needs places.

# %% [markdown]
# ## 3 · Numbers that stay in bounds
#
# Attention will be stacked, a dozen layers or more. What is multiplied again and again explodes or fades away.
# Watch a word's numbers pass through twelve random layers, whose matrices are only a little too large:

# %%
rng = np.random.default_rng(7)
x_TD = rng.normal(size=(5, 16))
for layer in range(1, 13):
    x_TD = x_TD @ (1.5 * rng.normal(size=(16, 16)) / np.sqrt(16))
    if layer in (1, 4, 8, 12):
        print(f"after layer {layer:2}: numbers of about {np.std(x_TD):6.1f}")

# %% [markdown]
# {{Layer normalisation|layer normalisation (each word by itself): every word's numbers are brought to mean 0 and standard deviation 1,
# then scaled and moved by learned numbers}}, *layer norm* for short (Ba, Kiros & Hinton 2016), brings every word back to mean 0
# and standard deviation 1, using that word's *own* D numbers. Then each coordinate is multiplied by a gain γ
# and moved by a shift β. Both are learned, so the model can undo whatever it would rather have kept:
#
# $$\mathrm{norm}(x)=\gamma\,\frac{x-\mu}{\sqrt{\sigma^2+\varepsilon}}+\beta\qquad
# \mu=\frac1D\sum_d x_d\qquad\sigma^2=\frac1D\sum_d(x_d-\mu)^2$$
#
# The small ε keeps the root away from 0. Here is one word, by hand:

# %%
word_D = np.array([1.0, 2.0, 6.0])
centred_D = word_D - word_D.mean()
print("mean", word_D.mean(), " variance", (centred_D**2).mean().round(2))
print("normed", centred_D / np.sqrt((centred_D**2).mean()))

# %% [markdown]
# Why not average over the batch, or over the sentence? Because a word's numbers would then depend on which
# others happen to be there, pads included. You wrote the test for that in lesson 5.
#
# ### L7.2 Layer norm
#
# *Difficulty ●●○○○ · importance ●●●●● · 15 minutes · 7 points · `hint("L7.2")`*


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
# Keras has this layer. Unless you say otherwise its ε is 1e-3, and that is why two models that are "the same"
# sometimes differ in the third digit:

# %%
from attnkit.quiet import silence

with silence():  # TensorFlow has a lot to say when it starts
    import keras

    norms = {eps: keras.layers.LayerNormalization(epsilon=eps) for eps in (1e-5, 1e-3)}
    x_BTD = rng.normal(size=(3, 5, 16)).astype("float32")
    theirs = {eps: np.array(norm(x_BTD)) for eps, norm in norms.items()}
yours_BTD = layer_norm(x_BTD, np.ones(16, "float32"), np.zeros(16, "float32"))
for eps, their_BTD in theirs.items():
    print(f"Keras with {eps:.0e}: largest difference {np.abs(their_BTD - yours_BTD).max():.0e}")

# %%
predict(
    "L7.norm", "A word times 1000, and the same word plus 1000: what will the norm make of each?"
)

# %%
word_D, one_D = rng.normal(size=(1, 6)), np.ones(6)
words = {"as it is": word_D, "times 1000": 1000 * word_D, "plus 1000": word_D + 1000}
for name, each in words.items():
    print(f"{name:10}", layer_norm(each, one_D, 0 * one_D)[0])
predicted("L7.norm")

# %% [markdown]
# The same each time: size and offset are gone. That is how a norm tames a stack, and it is also its price.

# %% [markdown]
# ## 4 · The block
#
# An {{encoder block (attention, then a network): a layer of a Transformer's encoder}} has two halves of the same
# form. Each **adds** something to the words, computed from the *normed* words:
#
# $$y=x+\mathrm{attention}(\mathrm{norm}_1(x))\qquad \mathrm{out}=y+\mathrm{ffn}(\mathrm{norm}_2(y))$$
#
# - **Attention** carries something from word to word.
# - The {{feed-forward network (each word by itself): two matrices with a nonlinearity in between, applied to every
#   word alone; also FFN or MLP}} works on each word by itself:
#   $\mathrm{ffn}(n)=\max(0,\,nW_1+b_1)\,W_2+b_2$. Its inner width F is often 4 D.
# - The sums x + … are {{residual connections|residual connection (the straight road): a layer's input is added to
#   its output, so that numbers and gradients have a way past it}} (He and others 2016).
#
# Why the maximum with 0? It is a nonlinearity, {{ReLU (cut off below 0): the larger of 0 and the number}}. Here are
# two matrices without such a bend in between:

# %%
W1_DF, W2_FD = rng.normal(size=(4, 16)), rng.normal(size=(16, 4))
n_TD = rng.normal(size=(3, 4))
one_matrix = n_TD @ (W1_DF @ W2_FD)
print(f"two matrices beside their product: {np.abs(n_TD @ W1_DF @ W2_FD - one_matrix).max():.0e}")
bent = np.maximum(n_TD @ W1_DF, 0) @ W2_FD
print(f"with a ReLU in between:            {np.abs(bent - one_matrix).max():.0e}")

# %% [markdown]
# Without a bend, two matrices are one, and the wide middle buys nothing.
#
# The block's parameters come in a dict, as in lesson 3. This makes random ones:


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
# And this is lesson 6's layer. It takes its matrices out of such a dict:


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
# *Difficulty ●●●●○ · importance ●●●●● · 30 minutes · 8 points · `hint("L7.3")`*
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
# Now for the reward: the same block out of Keras's layers, with your weights, on sentences with pads. The
# matrices go into the attention layer by lesson 6's rule.

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
yours_BTD = encoder_block(x_BTD, params, H, keep_BT[:, None, None])
print(f"largest difference at words: {np.abs(theirs - yours_BTD)[keep_BT].max():.0e}")

# %% [markdown]
# As close as float32 can get. Here is the whole way through an encoder of six such blocks, with the shapes of the
# arrays that you have just used. Where do words meet, and where is each of them alone?

# %%
draw_data_flow(x_BTD, params, H, blocks=6)

# %% [markdown]
# They meet in attention only. All the rest, norms and network and sums, works on each word by itself.
#
# ## 5 · Where the norm stands
#
# The first Transformer put the norm *behind* each sum, norm(x + f(x)): {{post-norm (norm behind the sum): a block
# that norms each sum of input and output}}. Your block is {{pre-norm (norm in front): a block that norms what goes
# into attention and network, and leaves the sum alone}}. In a pre-norm stack nothing ever touches the sum: out =
# x + a + b + c + …, however many blocks there are. But a sum that is never touched grows. Here are 48 random
# blocks, run by *your* function:

# %%
from attnkit.stacks import HEADS, gradient_sizes, random_stack, word_sizes

blocks, x_BTD, _ = random_stack()
y_BTD = x_BTD
for number, params in enumerate(blocks, 1):
    y_BTD = encoder_block(y_BTD, params, HEADS)
    if number in (1, 6, 24, 48):
        print(f"behind block {number:2}: numbers of about {y_BTD.std():.1f}")

# %% [markdown]
# Every block adds roughly as much as the one before it. So a pre-norm stack gets one more layer norm at its very
# end, the {{final norm (the last one): the layer norm behind the last block of a pre-norm stack}}: whatever reads
# the output, a classifier or a vocabulary of next words, gets numbers of size 1.
#
# That norm has a side effect. The panel lets a random gradient in at the end of such a stack and carries it
# backward through every part, attention included, to each block's last matrix, $W_2$. Nothing has been
# trained yet.

# %%
predict(
    "L7.depth",
    "Will gradients die out towards the first block? And in which kind of stack does the last block's "
    "gradient shrink as more blocks are put before it: post-norm, pre-norm with a final norm, or "
    "pre-norm without one?",
)

# %%
depth_panel()

# %% [markdown]
# One random stack may be a fluke. So here are five of each kind, with the 95 % interval of their mean:

# %%
kinds = {"post-norm": (False,), "pre-norm": (True, True), "no final norm": (True, False)}
found = {}
for seed in range(5):
    for which, how in kinds.items():
        for depth in (6, 24, 48):
            sizes = gradient_sizes(depth, *how, seed=seed)
            row = (sizes[0], sizes[-1], word_sizes(how[0], seed)[depth])
            found.setdefault((which, depth), []).append(row)
for (which, depth), rows in found.items():
    first, last, words = np.mean(rows, axis=0)
    half = 2.78 * np.std(rows, axis=0, ddof=1)[1] / np.sqrt(5)  # 2.78: Student's t for five draws
    print(f"{which:13} {depth:2} blocks: gradient in the first {first:4.1f}, ", end="")
    print(f"in the last {last:4.1f} ± {half:.1f}; words behind the last {words:.1f}")
predicted("L7.depth")

# %% [markdown]
# Gradients die out in none of the three: the residual connections see to that. The difference is at the other
# end. In post-norm the last block's gradient doesn't care how many blocks there are. Under a final norm it
# shrinks to less than a third, and the last column says why: the norm divides by the size of the sum, and on
# the way back the gradient is divided by the same number. Without a final norm it stays, but the first block's
# grows.
#
# Two tricks of the trade belong here. Large gradients in an untrained stack call for small first steps:
# {{warm-up (a slow start): the learning rate rises from near 0 over the first steps, before it falls}}. The first
# Transformer's:

# %%
for step in (1, 100, 1_000, 4_000, 16_000, 64_000):
    rate = 512**-0.5 * min(step**-0.5, step * 4_000**-1.5)
    print(f"step {step:6,}: learning rate {rate:.1e}")

# %% [markdown]
# Xiong and others (2020) derived such gradients, and trained pre-norm stacks without warm-up. Which of the two
# ends up better, gradients before training don't show: post-norm can win where it trains at all (Liu and
# others 2020).
#
# Against overfitting there is {{dropout (numbers left out): while training, some numbers, drawn anew at every
# step, are set to 0, and the others grow to make up for it}}: here a tenth of what each half is about to add.

# %%
drop = keras.layers.Dropout(0.1, seed=1)
ones_TD = np.ones((4, 12), "float32")
print("training:", np.array(drop(ones_TD, training=True))[0])
print("later:   ", np.array(drop(ones_TD))[0])

# %% [markdown]
# ## 6 · Write the test
#
# Someone hands you a model that you didn't write. Is it blind to the order of words? Here are four suspects.
# Each takes x_BTD and returns one row for each sentence:


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
# Reading backwards convicts the first suspect and lets the next two go, though both do care about order:
# neighbours stay neighbours when read backwards, and six words are fewer than ten. The last one is innocent,
# and yet its last digits move. Other models are careless about the second sentence of a batch only, or about
# one coordinate, or about odd lengths; some stop with an error, or return nan.
#
# ### L7.4 Write the test
#
# *Difficulty ●●●●○ · importance ●●●●● · 30 minutes · 8 points · `hint("L7.4")`*


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
# Now it is a tool. Try it on a reader made of your block and a mean: first without places, then with them,
# and then with a causal mask instead of places.

# %%
params = random_params(4, 16, np.random.default_rng(7))


def reader(x_BTD):
    return encoder_block(x_BTD, params, 2).mean(axis=1)


def reader_with_places(x_BTD):
    return reader(x_BTD + sinusoid(x_BTD.shape[1], 4))


def causal_reader(x_BTD):
    T = x_BTD.shape[1]
    return encoder_block(x_BTD, params, 2, np.tril(np.ones((T, T), bool))).mean(axis=1)


# %%
for model in (reader, reader_with_places, causal_reader):
    print(f"{model.__name__:19}", is_order_blind(model))

# %% [markdown]
# The block alone is blind: its network and its norms look at one word at a time. Places open its eyes, and so
# does a causal mask. What such a test can't tell you is whether a model makes good *use* of the order.
#
# ## 7 · Places inside the scores
#
# Once a place is added to a word, the two are hard to tell apart again. A score is a product, and a product of
# sums has four parts. For the last two words of the kind critic:

# %%
place_TD = sinusoid(10, 2)
for a_name, a_TD in (("word", kind_TD), ("place", place_TD)):
    for b_name, b_TD in (("word", kind_TD), ("place", place_TD)):
        print(f"{a_name:5} asks {b_name:5} {a_TD[9] @ b_TD[8]:6.2f}")

# %% [markdown]
# And what matters in a text is mostly not "at place 17" but "two words earlier". So put the distance straight
# into the scores:
#
# - {{Relative positions|relative positions (how far apart): scores that depend on the distance of two words, by a learned vector
#   for each distance}} (Shaw, Uszkoreit & Vaswani 2018) gained 1.3 BLEU from English to German, and 0.3 to
#   French, over places that were added.
# - {{ALiBi (the farther, the less): attention with linear biases; from each score a number is subtracted that
#   grows with the distance}} (Press, Smith & Lewis 2022): trained on 1,024 words, their model did as well on 2,048
#   as one with sinusoids trained on 2,048.
# - {{RoPE (turned by the place): rotary position embedding; each pair of numbers of a query or key is turned by an
#   angle proportional to its place}} (Su and others 2021).
#
# One pair, a tenth of a radian for each place:


# %%
def turned(x_2, t):
    c, s = np.cos(0.1 * t), np.sin(0.1 * t)
    return np.array([[c, -s], [s, c]]) @ x_2


q_2, k_2 = np.array([1.0, 0.5]), np.array([0.3, 1.0])

# %%
predict(
    "L7.turn",
    "A query at place 5 and a key at 3; at 25 and 23; at 905 and 903; at 25 and 13. Which of these four "
    "products will be equal?",
)

# %%
for t, s in ((5, 3), (25, 23), (905, 903), (25, 13)):
    print(f"query at {t:3}, key at {s:3}: product {turned(q_2, t) @ turned(k_2, s):.4f}")
predicted("L7.turn")

# %% [markdown]
# The first three. Turn two arrows by the same angle, and the angle between them stays what it was; only the
# *difference* of the places is left in the product. As with the hands of section 2, each pair of a query or key
# of K numbers turns at its own pace:
#
# $$\begin{pmatrix}a'\\b'\end{pmatrix}=\begin{pmatrix}\cos\theta&-\sin\theta\\\sin\theta&\cos\theta\end{pmatrix}
# \begin{pmatrix}a\\b\end{pmatrix}\qquad a=x_{2j},\quad b=x_{2j+1},\quad\theta=t\cdot\mathrm{base}^{-2j/K}$$
#
# ### L7.5 Turn queries and keys
#
# *Difficulty ●●●○○ · importance ●●●●○ · 25 minutes · 7 points · `hint("L7.5")`*
#
# The places come as an array, `positions_T`, one for each of the T words: they needn't begin at 0.


# %% answer="L7.5"
def rope(x_BHTK, positions_T, base=10000.0):
    """Queries or keys, turned by their places: after Su et al. (2021).

    x_BHTK: (B, H, T, K). positions_T: (T,), any whole numbers or fractions. base: sets how slowly the
        later pairs turn.

    Returns an array of x's shape: numbers 2j and 2j + 1 of the word at place t are turned, as a point
    in a plane, by the angle t · base^(−2j/K). Raises ValueError if K is odd.
    """
    ### BEGIN SOLUTION
    *BHT, K = x_BHTK.shape
    pairs = x_BHTK.reshape(*BHT, K // 2, 2)  # refuses an odd K
    a_BHTJ, b_BHTJ = pairs[..., 0], pairs[..., 1]
    angle_TJ = positions_T[:, None] * base ** (-np.arange(0, K, 2) / K)
    cos_TJ, sin_TJ = np.cos(angle_TJ), np.sin(angle_TJ)
    turned = [a_BHTJ * cos_TJ - b_BHTJ * sin_TJ, a_BHTJ * sin_TJ + b_BHTJ * cos_TJ]
    return np.stack(turned, axis=-1).reshape(x_BHTK.shape)
    ### END SOLUTION


# %% check="L7.5"
report = check("L7.5", rope)
report.points

# %% [markdown]
# Ten words that are all alike, so that nothing but their places can speak. The map is made by **your
# function**. What does *shift*, the place of the first word, do to it? And *base*?


# %%
def weights(shift, base):
    places_T = np.arange(10) + shift
    x_BHTK = rope(np.full((1, 1, 10, 16), 2.0), places_T, base)
    e_TS = np.einsum("bhtk,bhsk->ts", x_BHTK, x_BHTK) / np.sqrt(16)
    exp_TS = np.exp(e_TS - e_TS.max(axis=-1, keepdims=True))
    return exp_TS / exp_TS.sum(axis=-1, keepdims=True)


explore(weights, kind, shift=(0, 1000, 1, 0), base={"10,000": 10_000.0, "100": 100.0, "2": 2.0})

# %% [markdown]
# Shift does nothing, however far you go. Each word looks mostly at its neighbourhood, and a smaller base
# makes that neighbourhood narrower. Real queries and keys differ from word to word; then each distance can
# mean something else to each of them.
#
# And the **values**? A place should decide *who is heard*, not change *what is said*. See what happens if values
# are turned too, and all places are moved by 100:


# %%
def rotary(x_BTD, params, H, positions_T, values_too=False):
    q, k, v = (
        (x_BTD @ params[name]).reshape(*x_BTD.shape[:2], H, -1).swapaxes(1, 2)
        for name in ("Wq", "Wk", "Wv")
    )
    q, k = rope(q, positions_T), rope(k, positions_T)
    v = rope(v, positions_T) if values_too else v
    e_BHTS = np.einsum("bhtk,bhsk->bhts", q, k) / np.sqrt(q.shape[-1])
    w_BHTS = np.exp(e_BHTS - e_BHTS.max(axis=-1, keepdims=True))
    o_BHTK = w_BHTS / w_BHTS.sum(axis=-1, keepdims=True) @ v
    return o_BHTK.swapaxes(1, 2).reshape(x_BTD.shape) @ params["Wo"]


# %%
x_BTD, places_T = rng.normal(size=(2, 10, 4)), np.arange(10)
for values_too in (False, True):
    here, there = (rotary(x_BTD, params, 2, places_T + t, values_too) for t in (0, 100))
    print(f"values turned too: {values_too!s:5}  outputs move by {np.abs(here - there).max():.0e}")
blind = is_order_blind(
    lambda x_BTD: rotary(x_BTD, params, 2, np.arange(x_BTD.shape[1])).mean(axis=1)
)
print("blind to order:", blind)

# %% [markdown]
# So RoPE sees order, and knows nothing but distances: as long as the values are left alone.
#
# Two warnings. Some libraries pair number j with number j + K/2 instead of its neighbour. That is just as good,
# until you load such a model's weights into code that pairs neighbours: nonsense, in the right shape. And
# turning by any angle doesn't mean *understanding* any distance. In the experiments of Press and others rotary
# models, too, got worse on texts much longer than those they were trained on.

# %%
neighbours, halves = np.arange(6).reshape(3, 2), np.arange(6).reshape(2, 3).T
print("pairs of K = 6, neighbours:", *map(tuple, neighbours.tolist()))
print("pairs of K = 6, halves:    ", *map(tuple, halves.tolist()))

# %% [markdown]
# ### Question
#
# *3 points, read by a person. A few sentences are enough.*
#
# A classifier adds a learned vector to each of 512 places, takes the mean over words, and reaches 78 % on
# a thousand reviews. Without the places it reaches 77.5 %. "So order doesn't matter in reviews."
#
# 1. What else could explain why the two numbers are so close? Name two things.
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
# ## 8 · What you have now
#
# - Attention is **equivariant**, and with a mean behind it **blind** to order. Places or a causal mask change
#   that.
# - **Sinusoids** turn pairs of coordinates like the hands of a clock; **RoPE** turns queries and keys, so that
#   scores know distances only.
# - **Layer norm** treats each word by its own numbers.
# - The **encoder block**: x plus attention of the normed x, plus a network of the normed words. Pre-norm lets the
#   sum grow, and needs a final norm.
# - A **test** for blindness tries orders, lengths and batches.
#
# You have now built every part of a Transformer's encoder. In **lesson 8** Keras takes over: you train a
# classifier, say honestly how good it is, and hunt down twelve bugs.

# %%
from attnkit.progress import course_map

course_map()

# %% [markdown]
# ### Further reading
#
# - Vaswani et al., *Attention Is All You Need* (NeurIPS 2017), sections 3.1, 3.5, 5.3, 5.4; table 3, row E.
# - Ba, Kiros & Hinton, *Layer Normalization* (2016, arXiv 1607.06450).
# - He et al., *Deep Residual Learning for Image Recognition* (CVPR 2016).
# - Xiong et al., *On Layer Normalization in the Transformer Architecture* (ICML 2020).
# - Liu et al., *Understanding the Difficulty of Training Transformers* (EMNLP 2020).
# - Shaw, Uszkoreit & Vaswani, *Self-Attention with Relative Position Representations* (NAACL 2018).
# - Press, Smith & Lewis, *Train Short, Test Long: Attention with Linear Biases Enables Input Length
#   Extrapolation* (ICLR 2022).
# - Su et al., *RoFormer: Enhanced Transformer with Rotary Position Embedding* (2021, arXiv 2104.09864).
# - Haviv et al., *Transformer Language Models without Positional Encodings Still Learn Positional
#   Information* (Findings of EMNLP 2022).
