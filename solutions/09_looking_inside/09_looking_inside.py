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
# # Lesson 9: looking inside
#
# A heat map over a sentence looks like an answer: *these* words decided. Is it one? You look into the heads of
# a real model, ask lesson 8's classifier in four ways, and let experiments say which to trust.
#
# Afterwards you can
#
# - run a pretrained encoder in thirty lines of NumPy, and say what its heads look at;
# - tell apart where a head reads, what a small change would do, and what happens without a word;
# - test an explanation against chance;
# - write a test that attention weights don't pass.
#
# About two and a half hours, with a good place for a break behind section 4: six exercises (43 points) and one
# question (3 points). You need lessons 3 to 8.

# %%
import numpy as np
from attnkit import check, hint, predict, predicted
from attnkit.data import split
from attnkit.earlier import yours
from attnkit.figures import draw_strip
from attnkit.minilm import load_minilm
from attnkit.panels import attribution_panel, wall_panel
from attnkit.pooling_model import pooling_model
from scipy.special import erf

np.set_printoptions(precision=2, suppress=True)

# %% [markdown]
# After a break: *Kernel ▸ Restart Kernel and Run up to Selected Cell*.
#
# ## 1 · A map that seems to explain
#
# Here is lesson 8's classifier again, trained and then taken apart into plain arrays, so that NumPy can run it:
# `model.predict(ids_BT)` gives probabilities of praise. (It takes half a minute the first time; then it is kept.)

# %%
model = pooling_model()

# %% [markdown]
# One sentence, what the model says, and what each of its four heads gives to each word:

# %%
text = "it's never dull and always looks good"
words, ids_T = model.tokens(text), model.ids(text)
print(f"probability of praise: {model.predict(ids_T[None])[0]:.2f}")
draw_strip(words, model.weights(ids_T)[:, : len(words)])

# %% [markdown]
# The model says blame, its heads look hardest at *dull*, and so it seems plain why. Maps like this one stand in
# papers and in products, as explanations.
#
# You can do more than look. Id 1 means "unknown", so put it in a word's place, and the word is hidden.

# %%
predict(
    "L9.hide",
    "What will the probability of praise be without 'dull'? Without 'always', which has a good deal of weight, "
    "too? And without 'and', which has the least?",
)

# %%
for word in ("dull", "always", "and"):
    hidden_T = ids_T.copy()
    hidden_T[words.index(word)] = 1
    print(f"without {word:7} {model.predict(hidden_T[None])[0]:.2f}")
predicted("L9.hide")

# %% [markdown]
# In our run: 0.87 without *dull*, 0.03 without *always*, and 0.11 without *and*, where it was 0.13. So the map
# was right about *dull*. But *always* spoke **for** praise, and a weight has no sign: on the map the two look
# alike. Three questions, then, and three kinds of methods:
#
# | question | method |
# |---|---|
# | Where does a head read? | its weights |
# | What would a small change of a word do? | gradients |
# | What if the word weren't there? | removal |
#
# ## 2 · Real heads
#
# First, where *do* heads read? Not in a toy: in {{MiniLM (a small BERT): an encoder of six layers with twelve
# heads each, trained to turn sentences into vectors}} (Wang et al. 2020; Reimers & Gurevych 2019), whose 22.7
# million parameters have seen a large number of texts. Your own functions of lessons 4, 6 and 7 will run it:

# %%
split_heads, merge_heads = yours("split_heads", "merge_heads")
batched_attention, layer_norm = yours("batched_attention", "layer_norm")

# %%
minilm = load_minilm()
print({name: array.shape for name, array in minilm.layers[0].items()})

# %% [markdown]
# Four things differ from lesson 7's block. Each projection has a bias. The norms stand *behind* the sums
# (post-norm). Their ε is 1e-12. And ReLU's corner is rounded off: {{GELU (a soft bend): each number times the
# probability that a normal random number is smaller; like ReLU, without the corner}}.
#
# A token's vector, to begin with, is its own row, plus its place's, plus one that all tokens of a text get:


# %%
def gelu(x):
    return x * (1 + erf(x / 2**0.5)) / 2


def embed(ids_T):
    x_TD = minilm.words_VD[ids_T] + minilm.places_PD[: len(ids_T)] + minilm.kind_D
    return layer_norm(x_TD, minilm.gamma_D, minilm.beta_D, eps=1e-12)[None]


# %% [markdown]
# One layer. (`silent` names a head for each text whose output is set to 0: for later.)


# %%
def attention(x_BTD, p, silent=None):
    q, k, v = (split_heads(x_BTD @ p[f"W{n}"] + p[f"b{n}"], 12) for n in "qkv")
    o_BHTK, w_BHTT = batched_attention(q, k, v)
    if silent is not None:
        o_BHTK[range(len(silent)), silent] = 0
    return merge_heads(o_BHTK) @ p["Wo"] + p["bo"], w_BHTT


def block(x_BTD, p, silent=None):
    new_BTD, w_BHTT = attention(x_BTD, p, silent)
    x_BTD = layer_norm(x_BTD + new_BTD, p["ln1_gamma"], p["ln1_beta"], eps=1e-12)
    new_BTD = gelu(x_BTD @ p["W1"] + p["b1"]) @ p["W2"] + p["b2"]
    return layer_norm(x_BTD + new_BTD, p["ln2_gamma"], p["ln2_beta"], eps=1e-12), w_BHTT


# %% [markdown]
# And all six, one after the other. The mean of the last layer's vectors stands for the text:


# %%
def run(text):
    """Tokens, their vectors behind the last layer, and all maps (6, 12, T, T)."""
    tokens, ids_T = minilm.tokens(text)
    x_BTD, maps = embed(ids_T), []
    for p in minilm.layers:
        x_BTD, w_BHTT = block(x_BTD, p)
        maps.append(w_BHTT[0])
    return tokens, x_BTD[0], np.array(maps)


def vector(text):
    """The text's vector: the mean of its tokens', of length 1."""
    z_D = run(text)[1].mean(axis=0)
    return z_D / np.linalg.norm(z_D)


# %% [markdown]
# Thirty lines, and no library for models. If a single matrix were in the wrong place, texts that mean the same
# would hardly lie close together:

# %%
meal = vector("A man is eating food.")
for other in ("Someone eats a meal.", "The stock market fell."):
    print(f"{other:24} cosine {meal @ vector(other):5.2f}")

# %%
film = "the film is never dull and it always looks good"
tokens, _, A_LHTT = run(film)
print(*tokens)
print("maps:", A_LHTT.shape, f" rows add up to 1 within {abs(A_LHTT.sum(axis=-1) - 1).max():.0e}")

# %% [markdown]
# `[CLS]` and `[SEP]` stand at the beginning and at the end of every text: tokens of BERT's that mean nothing by
# themselves. Rare words are cut into pieces (`##` marks the later ones).
#
# 72 maps, each `A[l, h, t, s]`: what the token at t gives to the token at s. Which heads do something one can
# name? The simplest job is to look a fixed distance away, say at the word before. Measure it for all heads at
# once.
#
# ### L9.1 Heads that look a fixed distance away
#
# *Difficulty ●●○○○ · importance ●●●○○ · 10 minutes · 5 points · `hint("L9.1")`*


# %% answer="L9.1"
def head_offset(A_LHTT, offset):
    """How much each head gives, on average, to the word that stands `offset` places further on.

    A_LHTT: (L, H, T, T), the weights of H heads in each of L layers: the word at t, a row, gives
        A[l, h, t, s] to the word at s.
    offset: a whole number between −T and T: −1 is the word before, 0 the word itself, 1 the next.

    Returns (L, H): the mean of A[l, h, t, t + offset] over those t for which there is such a word.
    """
    ### BEGIN SOLUTION
    return np.diagonal(A_LHTT, offset, axis1=-2, axis2=-1).mean(axis=-1)
    ### END SOLUTION


# %% check="L9.1"
verdict = check("L9.1", head_offset)
verdict.points


# %% [markdown]
# One sentence is an anecdote, so take twenty. Which heads give more than 0.4 to a neighbour?

# %%
sentences = list(split("mr").validation.text)[::50]
maps = [run(each)[2] for each in sentences]
for name, offset in (("the word before", -1), ("the next word", 1)):
    mean_LH = np.mean([head_offset(A, offset) for A in maps], axis=0)
    for layer, head in np.argwhere(mean_LH > 0.4):
        print(f"layer {layer + 1}, head {head + 1:2}: {mean_LH[layer, head]:.3f} to {name}")

# %% [markdown]
# In our run three: head 3 of layer 1 looks at the word before and at nothing else, as if it had been told to;
# head 9 of layer 2 mostly looks at the next one. (The heads of the text are counted from 1, as on the pictures
# below; the axes of arrays from 0.)
#
# Now look at all of them. Each small square is a head's map. Click on one, or move the two sliders, to open it;
# and type a sentence of your own. Which patterns come again and again?


# %%
def maps_of(text):
    tokens, _, A_LHTT = run(text)
    return tokens, A_LHTT


wall_panel(maps_of, film, *A_LHTT.shape[:2])

# %% [markdown]
# Diagonals, a few vertical lines, and on nearly every map a bright column at the left edge. That column is
# `[CLS]`.

# %%
predict(
    "L9.sink",
    "How much of all the weight will go to [CLS] and [SEP], two of about 24 tokens which say nothing? Layer by layer?",
)

# %%
to_ends = np.mean([A[..., [0, -1]].sum(axis=-1).mean(axis=(1, 2)) for A in maps], axis=0)
even = np.mean([2 / A.shape[-1] for A in maps])
for layer, share in enumerate(to_ends, 1):
    print(f"layer {layer}: {share:.0%} (an even share would be {even:.0%})")
predicted("L9.sink")

# %% [markdown]
# A fifth in the first layer, about half in the four after that, and most of it to `[CLS]`.
#
# Why? A softmax has to hand out its whole 1. A head whose pattern isn't in the text needs a place where weight
# does no harm: an {{attention sink (where unused weight goes): a token that gets much weight although it has
# little to say}}. Clark and others (2019) suspect so of BERT's `[SEP]`. In language models it is the **first
# token**, whatever it is: drop its keys and values to save memory, and the model fails (Xiao et al. 2024).
#
# ## 3 · Predict, then remove
#
# In layer 1, head 3 has the sharpest map of all. Does it matter most? Silence it, and see how far the texts'
# vectors turn: 1 minus the cosine of before and after. To compare, silence each of the others.

# %%
predict(
    "L9.sharpest",
    "Among 72 heads, which place will the sharpest one take, by what is lost without it? And the next sharpest?",
)


# %%
def vectors_without(text, layer):
    """The text's vectors without each of a layer's heads, (12, D): twelve copies at once."""
    x_BTD = embed(minilm.tokens(text)[1]).repeat(12, axis=0)
    for number, p in enumerate(minilm.layers):
        x_BTD, _ = block(x_BTD, p, range(12) if number == layer else None)
    z_BD = x_BTD.mean(axis=1)
    return z_BD / np.linalg.norm(z_BD, axis=1, keepdims=True)


some = sorted(sentences, key=len)[:4]
turns = [[1 - vectors_without(each, layer) @ vector(each) for layer in range(6)] for each in some]
lost_LH = np.mean(turns, axis=0)

# %%
sharp_LH = np.mean([A.max(axis=-1).mean(axis=-1) for A in maps], axis=0)
place_LH = (-lost_LH).argsort(axis=None).argsort().reshape(6, 12) + 1


def tell(score_LH, n):
    top = np.argsort(-score_LH, axis=None)[:n]
    for layer, head in zip(*divmod(top, 12), strict=True):
        print(f"layer {layer + 1}, head {head + 1:2}: weight {sharp_LH[layer, head]:.2f}", end="")
        print(f", lost {lost_LH[layer, head]:.4f}, place {place_LH[layer, head]:2} of 72")


print("The sharpest maps: the largest weight of a row, what is lost without the head")
tell(sharp_LH, 6)
print("The heads without which most is lost")
tell(lost_LH, 3)
predicted("L9.sharpest")

# %% [markdown]
# The sharpest takes place 34, and of the next five two are the very last. The heads that are missed most have
# plain maps, two of them in the last layer, which has the last word. Over 25 texts the sharpest is 19th, and
# sharpness and loss agree with −0.23 (Spearman). Looking didn't tell; removing did.
#
# ## 4 · Through the layers
#
# Behind layer 1 a token is no longer its word, but a mixture, and layer 2 mixes mixtures. From which words? In
# a layer a token gets half of its new vector from itself, by the residual connection, and half from the mean of
# the heads: one matrix, $\tfrac12(\bar A+I)$. Two layers are a product. This is {{attention rollout (following
# the shares): the product of all layers' mean maps, each half and half with the identity}} (Abnar & Zuidema
# 2020).

# %%
first_TT, second_TT = np.array([[0.5, 0.5], [0.0, 1.0]]), np.array([[0.0, 1.0], [0.5, 0.5]])
print("token 0 behind both layers:", (second_TT @ first_TT)[0], " the other way round:", end=" ")
print((first_TT @ second_TT)[0])

# %% [markdown]
# ### L9.2 Attention rollout
#
# *Difficulty ●●●○○ · importance ●●●●○ · 12 minutes · 5 points · `hint("L9.2")`*


# %% answer="L9.2"
def rollout(A_LHTT):
    """Where a word of the last layer comes from, if layers only mixed words.

    A_LHTT: (L, H, T, T), the weights, the first layer first; each row adds up to 1.

    Returns R_TT: R[t, s] is the share of the first layer's word s in the last layer's word t. A layer
    is the mean of its heads, half and half with the word itself. Source: Abnar & Zuidema (2020).
    """
    ### BEGIN SOLUTION
    one_TT = np.eye(A_LHTT.shape[-1])
    R_TT = one_TT
    for A_HTT in A_LHTT:
        R_TT = (A_HTT.mean(axis=0) + one_TT) / 2 @ R_TT
    return R_TT
    ### END SOLUTION


# %% check="L9.2"
verdict = check("L9.2", rollout)
verdict.points


# %% [markdown]
# Where does the last layer's *good* come from: by that layer's own map, and by rollout?

# %%
good = tokens.index("good")
both = np.array([A_LHTT[-1].mean(axis=0)[good], rollout(A_LHTT)[good]])
draw_strip(tokens, both, ["the last layer's mean map", "rollout through all six"])

# %% [markdown]
# Six layers of sinks add up: by rollout, *good* is mostly `[CLS]`. Abnar and Zuidema found that rollout agrees
# better with removal than the weights of single layers do. But it is still about weights alone: it counts all
# heads alike, knows nothing of values, $W_o$ and networks, and says "half" because that is simple.
#
# A good place for a break.
#
# ## 5 · Asking the model that decides
#
# Back to lesson 8's classifier. An {{attribution (who counts how much): a number for each part of an input that
# says how much it counted for the output}} needn't come from weights: you can ask the model. First with a small
# change: let all of a word's numbers grow by one percent, and see what the logit does.


# %%
def logit(x_TD):
    h_TA = np.tanh(x_TD @ model.W_AD.T)
    w_HT = np.exp(model.U_HA @ h_TA.T)
    w_HT = w_HT / w_HT.sum(axis=1, keepdims=True)
    return np.einsum("ht,td,hd->", w_HT, x_TD, model.C_HD)


# %%
x_TD, seen = model.x(ids_T[: len(words)]).astype(float), []
for t, word in enumerate(words):
    grown_TD = x_TD.copy()
    grown_TD[t] *= 1.01
    seen.append(logit(grown_TD) - logit(x_TD))
    print(f"{word:7} one percent more of it: logit {seen[-1]:+.4f}")

# %% [markdown]
# (`model.x` gives each word 33 numbers: the last is a 1, by which the biases of the tanh are a part of W.)
#
# ### L9.3 Gradient times input
#
# *Difficulty ●●●○○ · importance ●●●●○ · 15 minutes · 6 points · `hint("L9.3")`*
#
# The gradient says that without trying, for all words at once: one percent of
#
# $$e_t=x_t\cdot\frac{\partial\,(c\cdot z)}{\partial x_t}\qquad z=\sum_t s_t\,x_t$$
#
# This is a word's {{saliency (gradient times input): how fast the output would grow if an input grew in
# proportion}}. It has a sign, and it knows both ways on which a word acts: by its value, and by its score, which
# takes weight away from others. You have written this gradient already: it is `dx_TD` of L3.1, with dz = c.


# %% answer="L9.3"
def saliency(x_TD, W_AD, u_A, c_D):
    """Gradient times input of the logit c·z, where z is lesson 3's pooling.

    x_TD: (T, D), one word a row. W_AD: (A, D), u_A: (A,): z = Σ s_t x_t, with s the softmax over t
        of u · tanh(W x_t). c_D: (D,), what reads the logit off z.

    Returns e_T: for each word, its own numbers times the gradient of c·z in them, added up.
    """
    ### BEGIN SOLUTION
    h_TA = np.tanh(x_TD @ W_AD.T)
    score_T = h_TA @ u_A
    exp_T = np.exp(score_T - score_T.max())
    s_T = exp_T / exp_T.sum()
    value_T = x_TD @ c_D
    dscore_T = s_T * (value_T - s_T @ value_T)
    dx_TD = s_T[:, None] * c_D + dscore_T[:, None] * ((1 - h_TA**2) * u_A @ W_AD)
    return np.einsum("td,td->t", x_TD, dx_TD)
    ### END SOLUTION


# %% check="L9.3"
verdict = check("L9.3", saliency)
verdict.points


# %% [markdown]
# Our model has four heads, whose logits add up, and so do their saliencies. Is it true about the one percent?


# %%
def by_gradient(ids_T):
    e_T, T = np.zeros(len(ids_T)), np.count_nonzero(ids_T)
    for u_A, c_D in zip(model.U_HA, model.C_HD, strict=True):
        e_T[:T] += saliency(model.x(ids_T[:T]), model.W_AD, u_A, c_D)
    return e_T


for word, e, change in zip(words, by_gradient(ids_T), seen, strict=False):
    print(f"{word:7} e {e:6.2f}, one percent of it {e / 100:+.4f}, seen {change:+.4f}")

# %% [markdown]
# A gradient is exact, and short-sighted: it knows what one percent does, not what becomes of the sentence without
# the word.
#
# ### Leave one out
#
# So take the word away. Not by cutting it out, since all later words would move to other places, and the model
# would read another text: put "unknown" in its place, as in section 1. What p loses is the word's due,
# {{leave-one-out (what if it weren't there): an attribution by hiding each part alone and looking at what the
# output loses}} (Li, Monroe & Jurafsky 2016).
#
# ### L9.4 Leave one out
#
# *Difficulty ●●○○○ · importance ●●●●● · 12 minutes · 6 points · `hint("L9.4")`*
#
# Now `predict` is any model, a function of ids. All texts of one word less can go into a single call.


# %% answer="L9.4"
def leave_one_out(predict, ids_T, unk_id=1, pad_id=0):
    """How much the probability falls when a word is hidden, for each word by itself.

    predict: ids (B, T) → p (B,), the probabilities of praise; any B ≥ 1 at once.
    ids_T: (T,), the ids of one text. A hidden word becomes unk_id; pad_id stands where no word is.

    Returns e_T, floats: p of the text minus p without word t. Pads get 0.
    """
    ### BEGIN SOLUTION
    words_N = np.flatnonzero(ids_T != pad_id)
    hidden_NT = np.tile(ids_T, (len(words_N), 1))
    hidden_NT[np.arange(len(words_N)), words_N] = unk_id
    e_T = np.zeros(len(ids_T))
    e_T[words_N] = predict(ids_T[None]) - predict(hidden_NT)
    return e_T
    ### END SOLUTION


# %% check="L9.4"
verdict = check("L9.4", leave_one_out)
verdict.points


# %%
e_T, w_HT = leave_one_out(model.predict, ids_T), model.weights(ids_T)
print("word     weight  gradient × input  leave one out")
for t, word in enumerate(words):
    print(f"{word:8} {w_HT[0, t]:6.2f} {by_gradient(ids_T)[t]:17.2f} {e_T[t]:14.2f}")

# %% [markdown]
# It has its price, too. Two words that say the same cover for each other: hide either, and nothing happens. And
# texts with holes are unlike what most models have met; ours met them in training (word dropout).
#
# ## 6 · Against chance
#
# Which method is {{faithful (true to the model): said of an explanation that tells what the model really does,
# however plausible it may look}}? Hide the word that it puts first, then the first two, and so on, and watch the
# probability: a {{deletion curve (hiding from the top): what is left of an output as more and more inputs are
# hidden, those first that count most by an attribution}}. But hiding *any* words hurts. The control is the same
# with words drawn by chance, several times.
#
# ### L9.5 The deletion curve, and its control
#
# *Difficulty ●●●○○ · importance ●●●●● · 25 minutes · 12 points · `hint("L9.5")`*


# %% answer="L9.5"
def deletion_curve(predict, ids_T, e_T, ks, unk_id=1, pad_id=0):
    """What is left of the probability when the k words with the highest e are hidden.

    predict, ids_T, unk_id, pad_id: as in `leave_one_out`. e_T: (T,), a number for each word; of
        equal ones the earlier word goes first. Pads are never hidden, and their e is never read.
    ks: how many words to hide: whole numbers, ascending, 0 for none.

    Returns p (len(ks),), floats: the probability for each k.
    """
    ### BEGIN SOLUTION
    words_N = np.flatnonzero(ids_T != pad_id)
    order_N = words_N[np.argsort(-e_T[words_N], kind="stable")]
    hidden_KT = np.tile(ids_T, (len(ks), 1))
    for row_T, k in zip(hidden_KT, ks, strict=True):
        row_T[order_N[:k]] = unk_id
    return predict(hidden_KT)
    ### END SOLUTION


def random_curve(predict, ids_T, ks, n, rng, unk_id=1, pad_id=0):
    """The same with words hidden by chance: the mean of n orders drawn with rng.

    Within an order, the words hidden for a small k are hidden for a larger one as well.

    Returns p (len(ks),), floats.
    """
    ### BEGIN SOLUTION
    words_N = np.flatnonzero(ids_T != pad_id)
    hidden_nKT = np.tile(ids_T, (n, len(ks), 1))
    for hidden_KT in hidden_nKT:
        order_N = rng.permutation(words_N)
        for row_T, k in zip(hidden_KT, ks, strict=True):
            row_T[order_N[:k]] = unk_id
    p_nK = predict(hidden_nKT.reshape(-1, len(ids_T))).reshape(n, len(ks))
    return p_nK.mean(axis=0)
    ### END SOLUTION


# %% check="L9.5"
verdict = check("L9.5", deletion_curve, random_curve)
verdict.points


# %% [markdown]
# The panel needs each method as a function of ids. For rollout the model is one layer, in which a query (place
# 0) reads the words, and all heads ask:


# %%
def by_head_1(ids_T):
    return model.weights(ids_T)[0]


def by_leaving_out(ids_T):
    return leave_one_out(model.predict, ids_T)


def by_rollout(ids_T):
    A_LHTT = np.zeros((1, model.H, len(ids_T) + 1, len(ids_T) + 1))
    A_LHTT[0, :, 0, 1:] = model.weights(ids_T)
    A_LHTT[0, :, 1:, 1:] = np.eye(len(ids_T))
    return rollout(A_LHTT)[0, 1:]


# %% [markdown]
# Type a sentence that the model praises, so that the curve has somewhere to fall from. Switch between the
# methods, and hide word after word. The grey band holds nine draws in ten.


# %%
def read(text):
    return model.tokens(text), model.ids(text)


methods = {"weights (head 1)": by_head_1, "gradient × input": by_gradient}
methods |= {"leave one out": by_leaving_out, "rollout": by_rollout}
praise = "a warm and funny film with a brilliant cast , if a little long"
attribution_panel(methods, read, model.predict, deletion_curve, random_curve, praise)

# %% [markdown]
# With a single layer, rollout is nothing but the mean of the heads' weights, so it ranks the words nearly as
# head 1 does.
#
# One sentence is an anecdote again. Now count: 200 validation reviews of five words or more, and the probability
# of *what the model says*, praise or blame, so that a fall is a fall.

# %%
predict(
    "L9.fall",
    "Two words hidden: how far will that probability fall, in points, if they are chosen by chance? By "
    "weights? By gradient? By leaving out?",
)


# %%
def falls(text, rng):
    ids_T = model.ids(text)
    sign = 1 if model.predict(ids_T[None])[0] > 0.5 else -1

    def says(ids_BT):
        return (1 - sign) / 2 + sign * model.predict(ids_BT)

    found = {"weights": model.weights(ids_T).mean(axis=0)}
    found |= {"gradient × input": sign * by_gradient(ids_T)}
    found |= {"leave one out": leave_one_out(says, ids_T)}
    p_K = {name: deletion_curve(says, ids_T, e_T, [0, 2]) for name, e_T in found.items()}
    p_K["chance"] = random_curve(says, ids_T, [0, 2], 10, rng)
    return {name: p[0] - p[1] for name, p in p_K.items()}


# %%
rng = np.random.default_rng(9)
reviews = [each for each in split("mr").validation.text if len(each.split()) > 4][::5][:200]
kept = [falls(each, rng) for each in reviews]
for name in kept[0]:
    fall = np.array([each[name] for each in kept])
    half = 1.96 * fall.std() / np.sqrt(len(fall))
    print(f"two words hidden by {name:17} p falls by {fall.mean():.3f} ± {half:.3f}")
predicted("L9.fall")

# %% [markdown]
# Of all 964 such reviews, the model trained three times: 2 points by chance, 12 ± 3 by weights, 23 ± 4 by gradient or
# leaving out. So weights are much better than chance, and far from what there is to be found: they pick loud
# words of either side. Mind that leaving out is *defined* by hiding: it is a judge in its own cause. The
# gradient isn't, and does as well. Nearly always (95 %) the two name the same word first.
#
# ## 7 · Other weights, the same verdict?
#
# If weights explain a verdict, then other weights should give another one. Jain & Wallace (2019) shuffled them
# among the words, and often the output hardly moved. Do so here, and also give all words the same weight:
# `model.logits(w, ids)` takes any weights.

# %%
predict(
    "L9.permuted",
    "With the weights shuffled among a review's words, how many of 200 verdicts will turn? And with "
    "equal weights?",
)


# %%
def other_weights(w_HT, T, rng):
    """The weights of T words, shuffled among them, and equal ones."""
    shuffled_HT, equal_HT = np.zeros_like(w_HT), np.zeros_like(w_HT)
    shuffled_HT[:, :T], equal_HT[:, :T] = w_HT[:, rng.permutation(T)], 1 / T
    return {"shuffled": shuffled_HT, "equal": equal_HT}


# %%
moved = {"shuffled": [], "equal": []}
for each in reviews:
    ids_T = model.ids(each)
    p = model.predict(ids_T[None])[0]
    others = other_weights(model.weights(ids_T), np.count_nonzero(ids_T), rng)
    for name, w_HT in others.items():
        q = 1 / (1 + np.exp(-model.logits(w_HT, ids_T)))
        moved[name].append((abs(q - p), (q > 0.5) != (p > 0.5)))
for name, found in moved.items():
    by, turned = np.mean(found, axis=0)
    print(f"{name:9} p moves by {by:.3f} on average, {turned:.1%} of the verdicts turn")
predicted("L9.permuted")

# %% [markdown]
# Over all reviews and three trainings, 16 % ± 3 of the verdicts turn, and 11 % ± 3 with equal weights. So weights
# do decide here, now and then. But do they decide *well*? 73.4 % are right as it is, and 72.7 % with equal weights:
# a loss of 0.8 ± 1.6 points. (Shuffled ones lose 2.4 ± 2.0.)
#
# ### What do weights agree with?
#
# In how many reviews of praise, and of blame, does a word stand? The logarithm of the ratio is its evidence in
# {{naive Bayes (each word a witness): a classifier that adds up what each word tells by itself}}: above 0 for
# praise, and its size says how much. Do the weights rank words like that?

# %%
train = split("mr").train
n_2V = np.ones((2, len(model.E_VD)))
for ids_T, y in zip(model.ids(list(train.text)), train.label, strict=True):
    n_2V[y, np.unique(ids_T)] += 1
ratio_V = np.log(n_2V[1] / n_2V[0])


def ranks_agree(a_T, b_T):
    """Spearman's rank correlation: 1 for the same order, −1 for the opposite, 0 for neither."""
    return np.corrcoef(a_T.argsort().argsort(), b_T.argsort().argsort())[0, 1]


# %%
agree = {"weights, and the size of the evidence": [], "weight × value, and the evidence": []}
for each in reviews:
    ids_T = model.ids(each)
    T = np.count_nonzero(ids_T)
    w_HT, ratio_T = model.weights(ids_T)[:, :T], ratio_V[ids_T[:T]]
    share_T = np.einsum("ht,td,hd->t", w_HT, model.x(ids_T[:T]), model.C_HD)
    pairs = [(w_HT.mean(axis=0), np.abs(ratio_T)), (share_T, ratio_T)]
    for name, pair in zip(agree, pairs, strict=True):
        agree[name].append(ranks_agree(*pair))
for name, found in agree.items():
    print(f"{name:38} {np.mean(found):.2f} ± {1.96 * np.std(found) / np.sqrt(len(found)):.2f}")

# %% [markdown]
# 0.61 and 0.84, over all. The weights know which words are loud; for which side they speak, the values know.
#
# So is attention an explanation? That depends on what one wants explained, and on the model, say Wiegreffe &
# Pinter (2019): first see whether equal weights do as well. Here they nearly do. The safe sentence is: **a
# weight is where a head reads, not why the model decides.**
#
# ## 8 · A share that adds up
#
# For one head there is something better than weights. Its logit is a sum over words,
#
# $$c\cdot\sum_t w_t\,x_t=\sum_t w_t\,(c\cdot x_t)$$
#
# and each word's share is its own summand: weight *times what the word says*. How would you test whether a
# function gives such shares? Here are four suspects:


# %%
def just_weights(w_T, x_TD, c_D):
    return w_T


def by_weight(w_T, x_TD, c_D):
    return c_D @ (w_T @ x_TD) * w_T / max(w_T.sum(), 1e-9)


def unweighted(w_T, x_TD, c_D):
    return x_TD @ c_D


def equal(w_T, x_TD, c_D):
    return np.full(len(w_T), c_D @ (w_T @ x_TD) / len(w_T))


# %%
w_T, x_TD, c_D = np.array([0.6, 0.4, 0.0]), rng.normal(size=(3, 4)), rng.normal(size=4)
order_T = np.array([2, 0, 1])
print(f"the logit: {c_D @ (w_T @ x_TD):.3f}")
for fn in (just_weights, by_weight, unweighted, equal):
    e_T = fn(w_T, x_TD, c_D)
    follows = np.allclose(fn(w_T[order_T], x_TD[order_T], c_D), e_T[order_T])
    print(f"{fn.__name__:12} {e_T}  sum {e_T.sum():6.3f}", end="")
    print(f", share of weight 0 {e_T[2]:4.2f}, shuffles along: {follows}")

# %% [markdown]
# Three sensible demands: the shares add up to the logit; a word of weight 0 has none; shuffled words have
# shuffled shares. `by_weight` meets **all three**: it hands the logit out in proportion to the weights, which
# is how a heat map is read. Only a fourth demand convicts it: a word's share must not hang on what *other*
# words say.
#
# That is the point of this lesson in one line: weights pass sensible tests, and still they are no contributions.
#
# ### L9.6 Write the test
#
# *Difficulty ●●●●○ · importance ●●●●○ · 20 minutes · 9 points · `hint("L9.6")`*


# %% answer="L9.6"
def check_attribution(fn):
    """Does fn share an attention head's logit out among the words, as it should?

    fn: a function to test, fn(w_T, x_TD, c_D) → e_T, meant to give each word's share of c·Σ w x.
        The weights w_T are not negative, and need not add up to 1.

    Returns True if, for any T: the shares add up to c·Σ w x; a word of weight 0 gets 0; shuffled
    words get shuffled shares; and a word's share doesn't hang on the other words; all of it up to
    rounding in float32. Else False: for another shape than (T,), too, for nan, and for a function
    that stops with an error. Never raises because of fn.
    """
    ### BEGIN SOLUTION
    rng = np.random.default_rng(9)
    try:
        for T in (1, 2, 5, 9):
            w_T, x_TD, c_D = rng.random(T), rng.normal(size=(T, 6)), rng.normal(size=6)
            w_T[T // 2], order_T = 0, rng.permutation(T)
            e_T = np.asarray(fn(w_T, x_TD, c_D))
            shuffled_T = fn(w_T[order_T], x_TD[order_T], c_D)
            alone_T = [np.ravel(fn(w_T[[t]], x_TD[[t]], c_D))[0] for t in range(T)]
            pairs = [(shuffled_T, e_T[order_T]), (e_T, alone_T), (e_T.sum(), c_D @ (w_T @ x_TD))]
            if e_T.shape != (T,) or not all(np.allclose(*pair, 1e-4, 1e-4) for pair in pairs):
                return False
        return True
    except Exception:
        return False
    ### END SOLUTION


# %% check="L9.6"
verdict = check("L9.6", check_attribution)
verdict.points


# %%
def shares(w_T, x_TD, c_D):
    return w_T * (x_TD @ c_D)


for fn in (just_weights, by_weight, unweighted, equal, shares):
    print(f"{fn.__name__:12} {check_attribution(fn)}")

# %% [markdown]
# Such shares explain this model, for it is a sum once its weights are given. Why the weights are what they are,
# they don't say; and where there are several layers, with networks between, there is no such sum.
#
# Our sentence once more, the weights of head 1 above, its shares below:

# %%
ids_T = model.ids(text)[: len(words)]
w_T, x_TD = model.weights(ids_T)[0], model.x(ids_T)
e_T = shares(w_T, x_TD, model.C_HD[0])
print("weight", *(f"{word} {w:.2f} " for word, w in zip(words, w_T, strict=True)))
print("share ", *(f"{word} {e:.2f} " for word, e in zip(words, e_T, strict=True)))

# %% [markdown]
# In our run *never* has the second largest weight, and next to no share in the logit. *always* has nearly as
# much weight, and speaks for praise.
#
# ### Question
#
# *3 points, read by a person. A few sentences are enough.*
#
# A bank's model refuses credit by a written application, and adds a heat map of its attention: "the reasons for
# the decision". One map is brightest on *part-time* and on the full stop at the end.
#
# 1. What does the map say about the full stop, and what may be the reason?
# 2. Which experiment would show whether *part-time* held the decision up? Name the control.
# 3. "With *part-time* hidden the decision stays, so it plays no part." What could be wrong with that?

# %% [markdown] manual="L9-reasons" points=3
# ### BEGIN MARK SCHEME
# **Model answer.** (1) That heads read there, not that the full stop counted. It may well be a sink: a
# softmax must put its weight somewhere, and a token that is always there and says little is a place where it
# does no harm; what counts is weight times value. (2) Hide *part-time* (replace it by the unknown token, or
# by *full-time*) and look at what the probability of refusal does; beside it, hide as many other words drawn
# by chance, several times; over many applications, not one. (3) Other words may say the same (*20 hours a
# week*), and each covers for the other: hide both. Or the decision stays though the probability has moved a
# good deal. Or a text with a hole is unlike anything the model has met, and its answer to that tells little.
#
# **Marks.** 1 point for (1): where a head reads *and* the sink (or: weight without value). ½ for one of them.
# 1 point for (2): an input changed, the output watched *and* a control. ½ without control. 1 point for (3):
# one sound reason, explained; ½ if it is only named.
# ### END MARK SCHEME

# %% [markdown]
# ## 9 · What you have now
#
# - **MiniLM in NumPy**, by your own functions, and a wall of 72 maps.
# - Some heads look at a neighbour; much weight goes to **sinks**; the sharpest map need not matter most.
# - **Rollout** follows weights through layers, **gradient × input** asks for small changes, **leave one out**
#   takes words away.
# - A **deletion curve beside chance** tells what an attribution is worth.
# - A **test** of shares that weights don't pass.
#
# In **lesson 10** attention is to cost less: which pairs of words, which heads, which bits can go?

# %%
from attnkit.progress import course_map

course_map()

# %% [markdown]
# ### Further reading
#
# - Jain & Wallace, *Attention is not Explanation* (NAACL 2019), and Wiegreffe & Pinter, *Attention is not not
#   Explanation* (EMNLP 2019).
# - Clark et al., *What Does BERT Look At? An Analysis of BERT's Attention* (BlackboxNLP 2019).
# - Xiao et al., *Efficient Streaming Language Models with Attention Sinks* (ICLR 2024).
# - Abnar & Zuidema, *Quantifying Attention Flow in Transformers* (ACL 2020).
# - Li, Monroe & Jurafsky, *Understanding Neural Networks through Representation Erasure* (2016, arXiv
#   1612.08220).
# - Wang et al., *MiniLM: Deep Self-Attention Distillation for Task-Agnostic Compression of Pre-Trained
#   Transformers* (NeurIPS 2020), and Reimers & Gurevych, *Sentence-BERT* (EMNLP 2019).
