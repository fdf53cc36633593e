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
# # Every figure of the course
#
# Each picture here is one line of code. Run all cells (*Run ▸ Run All Cells*) and move what you like:
# sliders with a hand, number boxes with the arrow keys. Below every picture stands a sentence that
# says the same, and a switch that shows its numbers as a table.
#
# Most panels take a function of yours as their first argument and then draw what it returns; dashed
# lines say how it should be. Without one they show how it is. `panel.set(…)` moves sliders from code,
# `panel.params` reads them, and `panel.static()` is a picture to keep.

# %%
import numpy as np
from attnkit import explore, panels
from attnkit.data import split
from attnkit.figures import draw_data_flow, draw_lines, draw_prediction, draw_scores, draw_weights
from attnkit.panels.kernel import kernel_panel
from attnkit.words import word_plane
from scipy.special import softmax

tokens, x_TD = word_plane().embed("great story , bad idea for a movie .")

# %% [markdown]
# ## Any function that returns weights
#
# `explore` puts sliders on a function's arguments. Its result may be of shape (S,), (T, S) or
# (H, T, S), or a pair (output, weights).

# %%
x_HTD = np.random.default_rng(0).normal(size=(8, len(tokens), 4))


def self_attention(tau, heads, causal):
    scores_HTT = x_HTD[:heads] @ x_HTD[:heads].transpose(0, 2, 1) / tau
    seen_TT = np.tri(len(tokens), dtype=bool) | (not causal)
    return softmax(np.where(seen_TT, scores_HTT, -np.inf), axis=-1)


# %%
explore(self_attention, tokens, tau=(0.5, 4.5, 0.125, 2.0), heads=[1, 2, 4, 8], causal=True)

# %% [markdown]
# ## Lesson 1: score, normalise, mix

# %%
panels.pooling_panel(tokens, x_TD)

# %%
draw_scores(tokens, x_TD[:, 0], "Praise as a score")

# %%
draw_weights(tokens, softmax(x_TD[:, 0]), "Attention to praise")

# %%
draw_prediction(["shuffled", "dropped", "doubled"], [0.25, np.nan, 0.5], [0.25, 0.4, 0.45])

# %% [markdown]
# ## Lesson 2: a softmax you can trust

# %%
panels.softmax_panel()

# %% [markdown]
# ## Lesson 3: learning the weights

# %%
panels.descent_panel()

# %% [markdown]
# ## Lesson 4: queries, keys, values

# %%
panels.query_panel()

# %%
panels.scaling_panel()

# %%
rng = np.random.default_rng(0)
x_S = rng.uniform(-2, 2, 60)
kernel_panel(x_S, (x_S + rng.normal(size=60) > 0).astype(float))

# %%
panels.recall_panel()

# %% [markdown]
# ## Lesson 5: masks and padding

# %%
panels.mask_panel()

# %% [markdown]
# ## Lesson 6: many heads

# %%
panels.heads_panel()

# %%
panels.budget_panel()

# %% [markdown]
# ## Lesson 7: order, residuals and the encoder block

# %%
panels.position_panel()

# %%
panels.depth_panel()

# %%
x_BTD, W1_DF = np.zeros((1, len(tokens), 8)), np.zeros((8, 32))
draw_data_flow(x_BTD, {"W1": W1_DF}, H=2, words=tokens, blocks=6)

# %% [markdown]
# ## Lesson 8: a classifier
#
# These panels need something to show. Here it is a linear model on counted words, trained in a moment
# on the reviews' first words.

# %%
from time import perf_counter

from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import SGDClassifier
from sklearn.metrics import log_loss

train, validation, _ = split("mr")


def train_linear(length, words, epochs=8):
    """A linear model on the first `length` words of each sentence: its run, and what it says."""
    start = perf_counter()
    texts = [[" ".join(t.split()[:length]) for t in part.text] for part in (train, validation)]
    counter = TfidfVectorizer(max_features=words, token_pattern=r"\S+")
    x, x_val = counter.fit_transform(texts[0]), counter.transform(texts[1])
    return fit(x, x_val, epochs), {"length": length, "words": words}, perf_counter() - start


# %%
def fit(x, x_val, epochs):
    model, names = SGDClassifier(loss="log_loss", alpha=1e-5, random_state=0), ("", "val_")
    history = {f"{name}{what}": [] for name in names for what in ("loss", "accuracy")}
    for _ in range(epochs):
        model.partial_fit(x, train.label, classes=[0, 1])
        for name, given, part in zip(names, (x, x_val), (train, validation), strict=True):
            p = model.predict_proba(given)[:, 1]
            history[f"{name}loss"].append(log_loss(part.label, p))
            history[f"{name}accuracy"].append(float(np.mean((p > 0.5) == part.label)))
    return history, p


trained = [train_linear(length, words) for length in (8, 32) for words in (1000, 10000)]
runs = [{**settings, "history": h, "seconds": s} for (h, _), settings, s in trained]
p_N = trained[-1][0][1]

# %%
panels.training_panel(runs)

# %%
panels.threshold_panel(validation.label, p_N)

# %% [markdown]
# Type a sentence of your own. The heads here look for praise, for blame, and for what is rare.


# %%
def three_heads(text):
    words, x_TD = word_plane().embed(text)
    return words, softmax(np.array([[1.5, 0], [-1.5, 0], [0, 1.5]]) @ x_TD.T, axis=-1)


# %%
panels.strip_panel(three_heads, "a slow start , but what a wonderful ending", heads=3)

# %% [markdown]
# ## Lesson 9: looking inside
#
# A head of a model that has learned nothing but the words' praise, and what is left of its verdict as words are
# hidden. Lesson 9 has lesson 8's model, and your own functions.


# %%
def read(text):
    words, x_TD = word_plane().embed(text)
    return words, np.round(1000 * x_TD[:, 0] + 10_000).astype(int)


def praise_of(ids_BT):
    return 1 / (1 + np.exp(-np.where(ids_BT > 1, (ids_BT - 10_000) / 1000, 0).sum(axis=1)))


def loudness(ids_T):
    return softmax(np.abs(ids_T - 10_000) / 1000)


# %%
def hide(predict, ids_T, e_T, ks):
    order = np.argsort(-e_T, kind="stable")
    return predict(np.array([np.where(np.isin(range(len(e_T)), order[:k]), 1, ids_T) for k in ks]))


def hide_any(predict, ids_T, ks, n, rng):
    return np.mean([hide(predict, ids_T, rng.random(len(ids_T)), ks) for _ in range(n)], axis=0)


methods = {"how loud": loudness, "praise": lambda ids_T: ids_T - 10_000}
panels.attribution_panel(
    methods, read, praise_of, hide, hide_any, "a slow start , but a wonderful ending"
)


# %% [markdown]
# All heads at once: a click opens one. These have learned nothing.


# %%
def drawn_heads(text):
    words = text.split()
    scores = np.random.default_rng(len(text)).normal(size=(6, 12, len(words), len(words)))
    return words, softmax(2 * scores, axis=-1)


panels.wall_panel(drawn_heads, "a slow start , but what a wonderful ending")

# %% [markdown]
# ## Lesson 10: paying less
#
# Their numbers are made up here: times that grow as a·T + b·T², eight heads that each know a little, and
# weights that are drawn.


# %%
def scores_of(B, T, S, D, H):
    return {"score_floats": B * H * T * S}


lengths = [64, 256, 1024]
times = {"plain": [4e-6 * T + 2e-8 * T**2 for T in lengths]}
times["in chunks"] = [1.1 * t for t in times["plain"]]
panels.length_panel(scores_of, lengths, times, D=256, H=4, chunk=128)


# %%
def keep_heads(params, keep, H):
    columns = [h * 4 + k for h in keep for k in range(4)]
    return {n: W[columns] if n == "Wo" else W[:, columns] for n, W in params.items()}


rng, label_N = np.random.default_rng(10), np.arange(400) % 2
each_NH = rng.normal(size=(400, 8)) + 0.25 * (2 * label_N[:, None] - 1)
matrices = {name: rng.normal(size=(32, 32)) for name in ("Wq", "Wk", "Wv", "Wo")}
panels.kept_heads_panel(keep_heads, matrices, 8, np.zeros(400), each_NH, label_N)


# %%
def eight_bits(w_IO):
    scale_O = np.abs(w_IO).max(axis=0) / 127
    return np.round(w_IO / scale_O).astype(np.int8), scale_O


right = {bits: 0.75 - 0.25 / 2**bits for bits in range(2, 9)}
panels.bits_panel(eight_bits, matrices, right)

# %% [markdown]
# ## Lesson 11: less data, more noise
#
# Copies of a sentence by two simple functions, and numbers that are made up. Lesson 11 has your own functions, and
# measured ones.


# %%
def replace_words(tokens, synonyms, n, rng, keep=frozenset()):
    places = [t for t, word in enumerate(tokens) if word in synonyms and word not in keep]
    chosen = set(rng.permutation(places)[:n])
    new = [rng.choice(sorted(synonyms[w])) if t in chosen else w for t, w in enumerate(tokens)]
    return " ".join(new).replace("_", " ").split()


def erase_words(tokens, p, rng):
    return [word for word in tokens if rng.random() >= p] or tokens[:1]


same = {"good": {"fine", "decent"}, "film": {"movie", "motion_picture"}, "story": {"tale"}}
panels.augment_panel(
    replace_words, erase_words, same, {"not"}, "not a good film , but a good story"
)

# %%
without = [(54.0, 2.0), (59.5, 1.6), (67.5, 1.6), (74.0, 1.5)]
copied = [(55.5, 1.9), (60.5, 1.6), (68.0, 1.6), (74.0, 1.5)]
gain = [(1.5, 1.2), (1.0, 0.8), (0.5, 0.7), (0.0, 0.6)]
values = {"unchanged copies": without, "altered copies": copied}
panels.curve_panel([50, 200, 1000, 6530], "unchanged copies", values, {"altered copies": gain})

# %%
facts = {"films": np.arange(400) % 2, "reviews": np.arange(300) % 2}


def says(field, way):
    rng, moved = np.random.default_rng(1), -1.5 if way == "nothing" else 0.0
    home, away = (2.0 * facts[n] - 1 + 1.5 * rng.normal(size=len(facts[n])) for n in facts)
    return home, away + moved


panels.domain_panel(says, "films", ["reviews"], ["nothing", "the means"], facts)

# %% [markdown]
# ## Lesson 12: learning before labels, and learning by reward
#
# A model that guesses by chance, and agents that have learned nothing: their curves are made up. Lesson 12 trains
# them with your own functions.

# %%
known = {"a": 4, "film": 5, "good": 6, "not": 7, "is": 8, "it": 9, "the": 10, "story": 11}


def hide_some(ids_BT, rng, vocab_size, p, mask_id, n_special):
    asked = (rng.random(ids_BT.shape) < p) & (ids_BT >= n_special)
    return np.where(asked, mask_id, ids_BT), np.where(asked, ids_BT, -1)


def any_word(ids_T, place_M):
    rng = np.random.default_rng(int(ids_T.sum()))
    return rng.dirichlet(np.full(4 + len(known), 0.1), size=len(place_M))


panels.hiding_panel(
    hide_some, any_word, known, "it is not a good film , the story is not a good story"
)

# %%
from attnkit.maze.learning import Training
from attnkit.maze.memories import policy_with, start


def unlearned(memory, success):
    return Training(start(np.random.default_rng(1), 6, 8, 3, 1.5), list(success), memory, 8)


by_chance, learning = np.full(200, 0.5), np.clip(0.5 + np.arange(200) / 200, 0.5, 1)
agents = {"attention": [unlearned("attention", learning)], "none": [unlearned("none", by_chance)]}
panels.maze_panel(policy_with("attention"), agents)

# %% [markdown]
# ## Lesson 13: attention across
#
# A digit cut into patches, and a question about one of two. What answers has learned nothing: its weights are drawn by
# chance, and so the two halves get much the same. Lesson 13 trains it, and the attention is your own.

# %%
from sklearn.datasets import load_digits

drawn = np.random.default_rng(13)
digits = load_digits()
small_NHWF = digits.images[:20, :, :, None] / 16


def cut(img_BHWF, P):
    B, H, W, F = img_BHWF.shape
    rows = img_BHWF.reshape(B, H // P, P, W // P, P, F)
    return rows.swapaxes(2, 3).reshape(B, -1, P * P * F)


panels.patches_panel(cut, None, small_NHWF)


# %%
def across(y_BTD, x_BSD, Wq, Wk, Wv, Wo, H, x_mask_BS=None):
    def heads(x):
        return x.reshape(*x.shape[:2], H, -1).swapaxes(1, 2)

    e_BHTS = heads(y_BTD @ Wq) @ heads(x_BSD @ Wk).swapaxes(2, 3)
    if x_mask_BS is not None:
        e_BHTS = np.where(x_mask_BS[:, None, None], e_BHTS, -np.inf)
    w_BHTS = np.exp(e_BHTS - e_BHTS.max(axis=-1, keepdims=True))
    w_BHTS /= w_BHTS.sum(axis=-1, keepdims=True)
    return (w_BHTS @ heads(x_BSD @ Wv)).swapaxes(1, 2).reshape(y_BTD.shape) @ Wo, w_BHTS


matrices = {name: drawn.normal(size=(8, 8)) / 2 for name in ("Wq", "Wk", "Wv", "Wo")}


def unlearned_asker(n, side):
    y_BTD, x_BSD = (np.random.default_rng([n, side]).normal(size=(1, k, 8)) for k in (1, 8))
    return y_BTD, x_BSD, matrices, np.full(10, 0.1)


both_NHW = np.concatenate([small_NHWF[:10, :, :, 0], small_NHWF[10:, :, :, 0]], axis=2)
two_N2 = np.stack([digits.target[:10], digits.target[10:20]], axis=1)
panels.question_panel(across, unlearned_asker, both_NHW, two_N2, H=2)

# %% [markdown]
# And a date that is translated letter by letter, with a map that is nearly what a trained one looks like, made by hand.


# %%
class ByHand:
    """Whatever is typed, 3 March 1987 is written, and each letter looks at one place."""

    def __init__(self, written):
        self.S = len(written[0])
        self.mask_BS = np.ones((1, self.S), bool)

    def translated(self):
        return ["1987-03-03"]

    def sides(self, iso):
        place_T = np.array([7, 8, 9, 10, 6, 3, 4, 5, 0, 0])
        x_SD = np.eye(40)[None, : self.S]
        y_TD = 4 * np.eye(40)[None, np.minimum(place_T, self.S - 1)]
        return y_TD, x_SD, {name: np.eye(40) for name in ("Wq", "Wk", "Wv", "Wo")}

    def weights(self, iso):
        y_TD, x_SD, matrices = self.sides(iso)
        return across(y_TD, x_SD, *matrices.values(), 1)[1][0, 0]


panels.alignment_panel(across, ByHand, "3 mars 1987")

# %% [markdown]
# Sounds with a chirp, and two models that learn in a moment, from few sounds and loud ones.

# %%
from attnkit.across.chirp import frames, make_sounds
from attnkit.across.pooled import learn_pool
from attnkit.earlier import the_courses

loud = make_sounds(200, 3, seed=1)
few = [frames(loud.x_NS), loud.y_N, the_courses("adam_step")]
ears = {name: learn_pool(*few, mean=name == "mean", steps=60) for name in ("attention", "mean")}
panels.sound_panel(ears, loudness=2)

# %% [markdown]
# ## Lesson 14a: people
#
# One of four experiments on oneself; it needs the browser, and keeps what you answer in a file of your own. Beside it a curve
# with a gap.

# %%
from attnkit.experiments import take_part

take_part("search")

# %%
lags = np.arange(-5, 6)
leaps = np.where(lags > 0, 0.5, 0.3) / np.maximum(abs(lags), 1)
draw_lines({"made up": (lags, np.where(lags == 0, np.nan, leaps))}, "leaps", "by lag", x="lag")

# %% [markdown]
# ## Lesson 14b: projects
#
# Vectors, scores and histories are made up here. Lesson 14b has a help desk's, a year of news and people's choices, and your own functions.

# %%
rng = np.random.default_rng(14)
bank = rng.normal(size=(40, 6))
bank /= np.linalg.norm(bank, axis=1, keepdims=True)
replies = [f"answer {n}" for n in range(40)]


def weigh(q_D, beta):
    powers = np.exp(beta * (bank @ q_D))
    return powers / powers.sum()


panels.bank_panel(weigh, bank, replies, {"a question": (bank[3], 3), "another": (-bank[5], None)})


# %%
def route(q_BD, bank_ND, labels, tau):
    cos_BN = q_BD @ bank_ND.T / np.linalg.norm(q_BD, axis=1, keepdims=True)
    return [labels[cos_N.argmax()] if cos_N.max() >= tau else "human" for cos_N in cos_BN]


near = bank[:20] + 0.3 * rng.normal(size=(20, 6))
kinds = {"with an answer": (near, replies[:20]), "without one": (-bank[:9], None)}
panels.desk_panel(route, bank, replies, kinds, tau=0.75)

# %%
from attnkit.projects import simulate_news


def daily_index(day_N, score_N, T, halflife):
    age_TN = np.arange(T)[:, None] - 1 - day_N
    w_TN = np.where(age_TN >= 0, 0.5 ** (np.maximum(age_TN, 0) / halflife), 0)
    return w_TN @ score_N / np.maximum(w_TN.sum(axis=1), 1e-9)


year = simulate_news()
panels.index_panel(
    daily_index, year.news.day, year.news.label, year.mood_T, year.changes, year.news.report
)


# %%
def liked(histories):
    scores = np.tile(-0.01 * np.arange(30.0), (len(histories), 1))
    for b, history in enumerate(histories):
        scores[b, [(item + 1) % 30 for item in history]] += np.arange(len(history))
    return scores


panels.history_panel(liked, [3, 7, 12, 20, 25], ["", *(f"film {n}" for n in range(1, 30))])

# %% [markdown]
# ## Lesson 15: writing
#
# This small language model has learned nothing: its numbers are drawn, and so it writes nonsense. Lesson 15 trains
# one, and your own functions choose the words and keep the cache.

# %%
from attnkit.writing.byte_pairs import learn_byte_pairs
from attnkit.writing.size import Size
from attnkit.writing.stepwise import untrained

pairs = learn_byte_pairs(train.text[:1000], 512)
panels.writing_panel(untrained(Size(V=pairs.size, D=32, L=2, F=64)), pairs)

# %% [markdown]
# Measured curves, each with its interval: here two that are made up.

# %%
places = np.arange(1, 257, 16)
worse = 3.2 + 0.6 * np.clip(places - 64, 0, 64) / 64
steady = 3.1 + 0.2 / (1 + places / 16)
curves = {"gets worse": (places, worse, 0.05 + 0 * places), "stays": (places, steady)}
draw_lines(curves, "loss", "by place", x="place", mark=(64, "trained up to here"))
