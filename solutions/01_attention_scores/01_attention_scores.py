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
# # Lesson 1: score, normalise, mix
#
# Translators, ChatGPT, programs that write down speech or recognise images: all have the same small sum at
# their heart. It says how much each word (or sound, or patch of an image) counts, and mixes them. It is
# called {{attention (who counts how much): a weighted mean whose weights depend on what is being read}}, and
# you build it in three moves:
#
# $$s_i=\frac{\exp(u^\top W x_i)}{\sum_j \exp(u^\top W x_j)},\qquad z=\sum_i s_i\,x_i$$
#
# By the end you can
#
# - write this formula in four lines of NumPy;
# - turn $u$ and say which words win;
# - say what happens when words are shuffled, dropped or doubled;
# - say what such a sum can do, and what it never sees.
#
# About two hours, with a good place for a break after section 6: five exercises (27 points) and one
# question (3 points). You need NumPy arrays and the dot product.

# %%
import numpy as np
import pandas as pd
from attnkit import check, hint, predict, predicted
from attnkit.data import load_reviews, split
from attnkit.figures import draw_pooling, draw_prediction, draw_scores, draw_weights
from attnkit.panels import pooling_panel
from attnkit.words import word_plane

np.set_printoptions(precision=2, suppress=True)

# %% [markdown]
# After a break: *Kernel ▸ Restart Kernel and Run up to Selected Cell*.
#
# ### One legend for all shapes
#
# | letter | size of | here |
# |---|---|---|
# | T | words in the sentence | 7 |
# | D | numbers that describe a word | 2 |
# | A | numbers that $W$ reads off a word | 3 |
#
# A name carries its axes: `x_TD` is a T by D array, one word a row. In a formula, $x_i$ is one of
# those rows.
#
# Each exercise has an answer cell, a `check` and three hints: `hint("L1.1")` shows the first,
# calling it again the next. A check may be run as often as you like.
#
# ## 1 · A sentence as points in a plane
#
# Our sentences were written by film critics. Label 1 is praise, 0 is blame.

# %%
reviews = load_reviews("mr")
print(len(reviews), "sentences")
reviews[reviews.text.str.startswith("great story , bad")]

# %% [markdown]
# A computer needs numbers. We give each word two, both counted from other sentences of the same
# critics:
#
# - **praise**: is the word met more often in praise (positive) or in blame (negative)?
# - **rarity**: is it seldom used (positive) or everywhere (negative)?

# %%
plane = word_plane()
tokens, x_TD = plane.embed("great story , bad idea for a movie .")
pd.DataFrame(x_TD, index=tokens, columns=["praise", "rarity"]).round(2)

# %% [markdown]
# *bad* lies far on the side of blame, as it should. Look at *idea* and *movie*, though: both are
# words of blame as well. Critics who write "idea" are mostly complaining. These numbers know how a
# word was used, not what it means.
#
# Two numbers are very few: enough for seeing every step in a picture. Real models use hundreds, and
# learn them.
#
# ## 2 · The plain mean
#
# How do we make **one** vector out of seven? The simplest way is to take the mean: every word counts
# one seventh. In the picture it is the star.

# %%
T, D = x_TD.shape
print("T, D:", T, D)
print("mean:", x_TD.mean(axis=0))
draw_pooling(tokens, x_TD, np.full(T, 1 / T), x_TD.mean(axis=0))

# %% [markdown]
# *bad* has a praise of −3.1, yet the mean is only about −0.5. The one word that decides is
# **drowned** by six others. Next, we put 5 and then 20 more words "is" behind the sentence. Their praise
# is about 0.

# %%
predict("L1.drowned", "What will the mean's praise be with 20 more words, and why?")

# %%
for n in (0, 5, 20):
    _, longer_TD = plane.embed(tokens + ["is"] * n)
    print(f"{n:2} more words: praise of the mean {longer_TD.mean(axis=0)[0]:.2f}")
predicted("L1.drowned")

# %% [markdown]
# The seven words' sum stays the same, and it is divided by 27 instead of 7. The longer a sentence,
# the less any word can say in it.
#
# ## 3 · A weighted mean
#
# So let each word have a weight of its own:
#
# $$z=\frac{\sum_i w_i\,x_i}{\sum_j w_j}$$
#
# Three numbers by hand: 6, 1 and 2, of which the first counts double.

# %%
total = 2 * 6 + 1 * 1 + 1 * 2
print("sum of weighted numbers:", total)
print("sum of weights:         ", 2 + 1 + 1)
print("weighted mean:          ", total / (2 + 1 + 1))

# %% [markdown]
# The divisor is the sum of the **weights**, not the number of words. That keeps the result among
# the numbers it was made from, and only the proportions of the weights matter: 2, 1, 1 does the same
# as 20, 10, 10.
#
# ### L1.1 A weighted mean
#
# *Difficulty ●○○○○ · importance ●●●●● · 15 minutes · 4 points · `hint("L1.1")`*
#
# Now for words, which have D numbers each. Any way of writing it will do, a loop too.


# %% answer="L1.1"
def weighted_mean(x_TD, w_T):
    """The mean of T words, of which word i counts in proportion to its weight w_T[i].

    x_TD: (T, D), one word a row.
    w_T: (T,), not negative, of any positive sum.

    Returns z_D, shape (D,). Its inputs stay as they were.
    """
    ### BEGIN SOLUTION
    share_T = w_T / w_T.sum()
    return share_T @ x_TD
    ### END SOLUTION


# %% check="L1.1"
report = check("L1.1", weighted_mean)
report.points

# %% [markdown]
# Now *bad* shall count eight times as much as any other word.

# %%
w_T = np.ones(T)
w_T[tokens.index("bad")] = 8
print("plain mean:   ", x_TD.mean(axis=0))
print("weighted mean:", weighted_mean(x_TD, w_T))

# %% [markdown]
# Better. But the 8 was ours: we had read the sentence. In the next sentence another word matters.
# The weights have to come **from the words themselves**.
#
# ## 4 · Move one: score
#
# A score says how much we are looking for a word. It is made in two steps. First, $W$ reads some
# numbers off the word. Each of its A rows is a question about the word, answered by a dot product.

# %%
W_AD = np.array(
    [
        [1.0, 0.0],  # how much praise?
        [0.0, 1.0],  # how rare?
        [-1.0, 1.0],  # how rare, and how much blame?
    ]
)
bad_D = x_TD[tokens.index("bad")]
print("x   of 'bad':", bad_D)
print("W x of 'bad':", W_AD @ bad_D)

# %% [markdown]
# Three questions, three answers: $Wx$ has A numbers. Second, the {{query (what is asked for): the vector
# that says what is looked for; the more a word answers it, the higher that word's score}} $u$ says how
# much each answer counts. This $u$ ignores the first, and wants the third twice as much as the second:

# %%
u_A = np.array([0.0, 0.5, 1.0])
print("answers:        ", W_AD @ bad_D)
print("each times u:   ", u_A * (W_AD @ bad_D))
print("score of 'bad':  ", round(u_A @ W_AD @ bad_D, 2))

# %% [markdown]
# That is the whole score of one word: $e_i=u^\top W x_i$. As a slow loop, which leaves no doubt
# about what is summed over what:


# %%
def score_of_one_word(x_D, W_AD, u_A):
    score = 0.0
    for a in range(len(u_A)):
        answer = 0.0
        for d in range(len(x_D)):
            answer += W_AD[a, d] * x_D[d]
        score += u_A[a] * answer
    return score


for word, x_D in zip(tokens, x_TD, strict=True):
    print(f"{word:6} {score_of_one_word(x_D, W_AD, u_A):5.2f}")

# %% [markdown]
# *bad* and *idea* score high. The other words score below zero, which is allowed: a score may be any
# number.
#
# ### L1.2 Scores for all words at once
#
# *Difficulty ●●○○○ · importance ●●●●● · 15 minutes · 5 points · `hint("L1.2")`*
#
# Write $e_i=u^\top W x_i$ for all T words, without a loop if you can. Matrix products do in one line
# what the loops above do in eight, and much faster. Write the shapes down first; most mistakes with
# attention are mistakes with axes.


# %% answer="L1.2"
def linear_scores(x_TD, W_AD, u_A):
    """The score uᵀ W x_i of each of T words.

    x_TD: (T, D), one word a row.
    W_AD: (A, D), one question a row.
    u_A: (A,), how much each answer counts.

    Returns e_T, shape (T,).
    """
    ### BEGIN SOLUTION
    return x_TD @ W_AD.T @ u_A
    ### END SOLUTION


# %% check="L1.2"
report = check("L1.2", linear_scores)
report.points

# %% [markdown]
# Your scores as a picture:

# %%
e_T = linear_scores(x_TD, W_AD, u_A)
draw_scores(tokens, e_T)

# %% [markdown]
# ### Turn u, and other words win
#
# $W$ stays as it is; only $u$ changes, from one question to another: it asks for praise alone, for the
# opposite of praise, for rarity, and for the opposite of rarity.

# %%
predict("L1.turned", "Which word scores highest, each of the four times?")

# %%
queries = {
    "praise": [1, 0, 0],
    "opposite of praise": [-1, 0, 0],
    "rarity": [0, 1, 0],
    "opposite of rarity": [0, -1, 0],
}
for name, query in queries.items():
    e_T = linear_scores(x_TD, W_AD, np.array(query))
    print(f"{name:20} {tokens[int(np.argmax(e_T))]}")
predicted("L1.turned")

# %% [markdown]
# The same words, the same $W$, four winners. $W$ offers questions, $u$ picks among them. Here both
# were made by hand so that you can read them. From lesson 3 on they are learned.
#
# ## 5 · Move two: normalise
#
# Scores are not weights yet: they may be negative, and they sum to anything. Is it enough to divide
# them by their sum?

# %%
for scores in ([2.0, 1.0, -1.0], [2.0, -1.0, -0.9]):
    scores = np.array(scores)
    print("scores:", scores, " divided by their sum:", scores / scores.sum())

# %% [markdown]
# No. A negative weight subtracts a word from the mean, and where scores nearly cancel, the weights
# explode. We need positive numbers first, in the same order as the scores. The exponential does
# that; {{softmax (shares by exponentials): positive weights of sum 1 made of any scores, by taking
# exponentials and dividing by their sum}} is its name together with the division:
#
# $$s_i=\frac{\exp(e_i)}{\sum_j\exp(e_j)}$$
#
# By hand, on three numbers:

# %%
scores = np.array([2.0, 1.0, -1.0])
exps = np.exp(scores)
print("exp:    ", exps)
print("sum:    ", round(exps.sum(), 2))
print("weights:", exps / exps.sum(), " sum:", (exps / exps.sum()).sum())

# %% [markdown]
# All positive, sum 1, order kept. A score one higher means a weight $e\approx 2.72$ times as large:
# compare the first two.

# %%
predict("L1.shifted", "What do the weights do if 10 is added to every score? If each is doubled?")

# %%
for changed in (scores, scores + 10, 2 * scores):
    exps = np.exp(changed)
    print("scores:", changed, " weights:", exps / exps.sum())
predicted("L1.shifted")

# %% [markdown]
# Adding 10 multiplies every exponential by the same $\exp(10)$, which the division takes out again:
# only **differences** of scores count. Doubling doubles the differences, so the winner takes more.
#
# The exponential is not the only choice: sparsemax (Martins & Astudillo, ICML 2016) can give weights
# of exactly zero. Softmax is the usual one, being smooth and easy to differentiate.
#
# Now move the scores by hand. Can you bring the star over to the side of praise? And how far to the
# right can it go?

# %%
pooling_panel(tokens, x_TD)

# %% [markdown]
# ## 6 · Move three: mix
#
# The last move you have written already: a mean of the words, weighted by $s$. Note what is mixed:
# the words $x_i$ themselves. $W$ and $u$ only decide **how much** of each.
#
# ### L1.3 Attention pooling
#
# *Difficulty ●●○○○ · importance ●●●●● · 20 minutes · 7 points · `hint("L1.3")`*
#
# $$e_i=u^\top W x_i\qquad s_i=\frac{\exp(e_i)}{\sum_j\exp(e_j)}\qquad z=\sum_i s_i\,x_i$$
#
# Write it out, or use your functions from above (a mistake in those then shows here too). Scores in
# the checks are moderate. Very large ones are a trap of their own, for lesson 2.


# %% answer="L1.3"
def attention_pool(x_TD, W_AD, u_A):
    """Score, normalise, mix: T words become one vector.

    x_TD: (T, D), one word a row.
    W_AD: (A, D), u_A: (A,).

    Returns (z_D, s_T): the mix, shape (D,), and the weights, shape (T,), which sum to 1.
    """
    ### BEGIN SOLUTION
    e_T = x_TD @ W_AD.T @ u_A
    exp_T = np.exp(e_T)
    s_T = exp_T / exp_T.sum()
    return s_T @ x_TD, s_T
    ### END SOLUTION


# %% check="L1.3"
report = check("L1.3", attention_pool)
report.points

# %% [markdown]
# The whole formula on our sentence. The ring is the plain mean, the star is $z$.

# %%
z_D, s_T = attention_pool(x_TD, W_AD, u_A)
print("weights:", s_T, " sum:", s_T.sum())
print("z:      ", z_D)
draw_pooling(tokens, x_TD, s_T, z_D)

# %% [markdown]
# In this panel the weights come from **your function** (dashed: what it should give, as long as it
# doesn't). The green arrow is the query, and words on one green line score alike. Turn the query:
# which words light up? Make it longer: what does the star do?

# %%
predict("L1.no_query", "Where is the star when the query's length is 0?")

# %%
pooling_panel(tokens, x_TD, attention_pool)

# %% [markdown]
# At length 0 all scores are 0, all weights are 1/T, and $z$ is the plain mean. The longer $u$, the
# more the winner takes. So the plain mean is one special case of attention and picking a single word
# is, nearly, the other end.
#
# Try a sentence of your own. Words that no critic used lie at praise 0 and greatest rarity.

# %%
own, own_TD = plane.embed("a slow start, but what a wonderful ending")
pooling_panel(own, own_TD, attention_pool)

# %% [markdown]
# ## 7 · Something to be honest about: W does nothing
#
# Look at the score once more and move the brackets:
#
# $$u^\top W x=(W^\top u)^\top x=w^\top x$$
#
# Whatever $W$ and $u$ you choose, there is **one** vector $w$ of D numbers that gives the same
# scores. The matrix adds numbers to learn and nothing to what can be said. See it in the panel
# above: there $W$ turns the plane. Set "turn by W" to 40 and the direction of $u$ to 40 as well, and
# the picture is what it was at 0 and 0.
#
# What stops the collapse is something that bends between $W$ and $u$, for example tanh:
#
# $$e_i=u^\top\tanh(W x_i)$$

# %%
for number in (-10.0, -1.0, -0.1, 0.0, 0.1, 1.0, 10.0):
    print(f"tanh({number:5}) = {np.tanh(number):5.2f}")

# %% [markdown]
# Near 0 tanh leaves numbers as they are; large ones it squashes to −1 or 1.
#
# ### L1.4 Collapse, and how to stop it
#
# *Difficulty ●●○○○ · importance ●●●●○ · 15 minutes · 5 points · `hint("L1.4")`*
#
# Write the $w$ of the collapse, and the scores that don't collapse.


# %% answer="L1.4"
def collapse(W_AD, u_A):
    """The one vector w with w·x = uᵀ W x for every x.

    W_AD: (A, D), u_A: (A,). Returns w_D, shape (D,).
    """
    ### BEGIN SOLUTION
    return W_AD.T @ u_A
    ### END SOLUTION


def tanh_scores(x_TD, W_AD, u_A):
    """The score uᵀ tanh(W x_i) of each of T words.

    x_TD: (T, D), W_AD: (A, D), u_A: (A,). Returns e_T, shape (T,).
    """
    ### BEGIN SOLUTION
    return np.tanh(x_TD @ W_AD.T) @ u_A
    ### END SOLUTION


# %% check="L1.4"
report = check("L1.4", collapse, tanh_scores)
report.points

# %% [markdown]
# Is it true? Two quite different pairs $W$, $u$, the second with a thousand questions:

# %%
rng = np.random.default_rng(0)
for A in (3, 1000):
    any_W_AD, any_u_A = rng.normal(size=(A, D)), rng.normal(size=A)
    w_D = collapse(any_W_AD, any_u_A)
    gap_T = x_TD @ any_W_AD.T @ any_u_A - x_TD @ w_D
    print(f"{A * D + A} numbers or {D}: scores differ by {abs(gap_T).max():.0e}")

# %% [markdown]
# ### What one direction can't do
#
# We would like to see the strong words, *great* **and** *bad*, on top. A linear score only knows one
# direction $w$. Let us try 3,600 of them, all round the circle; the length of $w$ doesn't change the
# order.

# %%
top_pairs = set()
for angle in np.linspace(0, 2 * np.pi, 3600):
    e_T = x_TD @ np.array([np.cos(angle), np.sin(angle)])
    first, second = np.argsort(-e_T)[:2]
    top_pairs.add(" + ".join(sorted([tokens[first], tokens[second]])))
print("on top:", ", ".join(sorted(top_pairs)))
print("great and bad:", "bad + great" in top_pairs)

# %% [markdown]
# Not one, and it can't be otherwise. In the plane, the line from *great* to *bad* crosses the line
# from *idea* to *story*. At the crossing, a linear score lies between the scores of *great* and
# *bad*, and also between those of *idea* and *story*. So the first two can't both be above the last
# two.
#
# With tanh it takes two questions: "praise beyond 1?" and "blame beyond 1?". For the "beyond 1" each
# word gets a third number that is always 1; its column in $W$ is the {{bias (a number added to each
# answer): a learned number that shifts an answer, whatever the input is}}.

# %%
x1_TD = np.column_stack([x_TD, np.ones(T)])
strong_W_AD = np.array([[2.0, 0.0, -2.0], [-2.0, 0.0, -2.0]])
e_T = tanh_scores(x1_TD, strong_W_AD, np.array([1.0, 1.0]))
s_T = np.exp(e_T) / np.exp(e_T).sum()
draw_weights(tokens, s_T, "Strong words, on either side")

# %% [markdown]
# *bad*, *great* and *idea* are on top, from both sides of zero. This is what the bend, a {{nonlinearity
# (a bend): a function between two matrices that is no matrix itself, so that the two don't collapse
# into one}}, is for. Scores with a tanh are called {{additive attention: attention whose scores come
# from a small network with a tanh in it instead of a plain product}}; you meet them in Bahdanau, Cho & Bengio (2015) and,
# with $W$, bias and $u$ just like these, in Yang et al. (2016).
#
# ## 8 · What the order of words does
#
# Look for the position of a word in the formula. There is none. What follows from that? Here is
# another real sentence, and your function's weights for it:

# %%
tokens2, x2_TD = plane.embed("this is a truly , truly bad movie .")
u2_A = np.array([-0.5, 1.0, 0.0])  # rare words, and a little blame
z2_D, s2_T = attention_pool(x2_TD, W_AD, u2_A)
draw_weights(tokens2, s2_T)

# %% [markdown]
# ### L1.5 Predict, then run
#
# *Difficulty ●●●○○ · importance ●●●●○ · 20 minutes · 6 points · `hint("L1.5")`*
#
# Say what the new weights are, from the **old weights alone**: no words, no scores, no $W$.
#
# - **Shuffled**: new position t holds old word `order_T[t]`.
# - **Dropped**: word i is gone, and T − 1 weights are left.
# - **Doubled**: a copy of word i stands at the end, T + 1 weights in all.
#
# Think of the formula: which terms are in the sum below the line, before and after?


# %% answer="L1.5"
def shuffled(s_T, order_T):
    """The weights after shuffling: new position t holds old word order_T[t].

    s_T: (T,), the old weights, positive, of sum 1. order_T: (T,), integers, each of 0 … T − 1 once.

    Returns the new weights, shape (T,).
    """
    ### BEGIN SOLUTION
    return s_T[order_T]
    ### END SOLUTION


def dropped(s_T, i):
    """The weights of the other words after word i was taken out, in order; shape (T − 1,)."""
    ### BEGIN SOLUTION
    kept = np.delete(s_T, i)
    return kept / kept.sum()
    ### END SOLUTION


def doubled(s_T, i):
    """The weights after a copy of word i was put at the end; shape (T + 1,)."""
    ### BEGIN SOLUTION
    longer = np.append(s_T, s_T[i])
    return longer / longer.sum()
    ### END SOLUTION


# %% check="L1.5"
report = check("L1.5", shuffled, dropped, doubled)
report.points

# %% [markdown]
# Now run it. Each cell changes the sentence, lets `attention_pool` work on the changed words, and
# puts your prediction beside what comes out. First, shuffled:


# %%
def compare(words, predicted):
    """Your prediction beside what attention_pool really gives for these words."""
    z_D, s_T = attention_pool(plane.embed(words)[1], W_AD, u2_A)
    print("z before:", z2_D, "  z now:", z_D)
    return draw_prediction(words, predicted, s_T)


order_T = np.array([5, 2, 0, 6, 3, 1, 4])
compare([tokens2[t] for t in order_T], shuffled(s2_T, order_T))

# %% [markdown]
# Every word takes its weight along, and $z$ has not moved at all. Second, without *bad*:

# %%
bad = tokens2.index("bad")
compare(tokens2[:bad] + tokens2[bad + 1 :], dropped(s2_T, bad))

# %% [markdown]
# What *bad* had goes to the others in proportion: all weights grow by the same factor. Third, with
# *bad* once more at the end:

# %%
compare([*tokens2, "bad"], doubled(s2_T, bad))

# %% [markdown]
# Both copies weigh the same, and together more than *bad* alone did, yet less than twice as much.
# Repeating a word is a way to shout.
#
# ### Two reviews, one vector
#
# The first sentence is real, and it is praise. The second has the same words, with *never* and
# *always* swapped.

# %%
predict("L1.swapped", "What is the difference between the two z, and why?")

# %%
real = "it's never dull and always looks good ."
swapped = "it's always dull and never looks good ."
for text in (real, swapped):
    words, words_TD = plane.embed(text)
    z_D, s_T = attention_pool(words_TD, W_AD, u_A)
    print(text, "  z:", z_D)
    print("    weights:", *[f"{word} {s:.2f} " for word, s in zip(words, s_T, strict=True)])
predicted("L1.swapped")

# %% [markdown]
# ### Question
#
# *3 points, read by a person. A few sentences are enough.*
#
# The two sentences above get the same $z$.
#
# 1. Show from the formula why no choice of $W$ and $u$ could ever tell them apart. Would the tanh of
#    L1.4 help?
# 2. The first sentence is praise, but its $z$ lies deep in blame. Which word does that, and what
#    about its neighbour is lost?
# 3. Give a pair of sentences of your own with the same words and different meanings, and say what
#    a model would need to be told about each word to tell them apart.

# %% [markdown] manual="L1-order" points=3
# ### BEGIN MARK SCHEME
# **Model answer.** (1) Both sentences have the same words, so the same set of $x_i$. A score depends
# on its own $x_i$ only, the denominator is a sum over all words, and so is $z$; a sum doesn't change
# with the order of its terms. tanh doesn't help: it acts on each word's own $W x_i$ too. (2) *dull*:
# its praise is strongly negative and the query gives it most of the weight. That *never* stands
# before it turns its meaning round, and "stands before" is not in any $x_i$. (3) For example "little
# more than a comedy" and "more than a little comedy", or "man bites dog" and "dog bites man". Each
# $x_i$ must carry something about its place, or about the words next to it.
#
# **Marks.** 1 point for (1): score per word *and* sum over words named as the reason, tanh rejected.
# ½ if only one of the two is named. 1 point for (2): the word *dull* and the lost link to
# *never*. 1 point for (3): a valid pair (same words, same number of times; other meaning) *and*
# position or context named. ½ for only one of these.
# ### END MARK SCHEME

# %% [markdown]
# ## 9 · What a weight tells, and what it doesn't
#
# It is tempting to read the weights as reasons: "the model decided so because of this word". Let us
# test that in our small world. We take one word out at a time and measure how far $z$ moves.

# %%
rare_A = np.array([0.0, 1.0, 0.0])
z_D, s_T = attention_pool(x2_TD, W_AD, rare_A)
for i, word in enumerate(tokens2):
    without_D, _ = attention_pool(np.delete(x2_TD, i, axis=0), W_AD, rare_A)
    moved = np.linalg.norm(without_D - z_D)
    print(f"{word:6} weight {s_T[i]:.2f}   z moves by {moved:.2f}")

# %% [markdown]
# Each *truly* has almost twice the weight of *bad*, yet $z$ moves most when *bad* goes. A word that
# lies near $z$, or has a twin, is missed less than its weight suggests. The weight says how much of
# a word is in the mixture, no more. Whether weights explain a large model's decisions is an open question:
# Jain & Wallace (2019) found other weights that led to the same one; Wiegreffe & Pinter (2019) asked when
# that counts.

# %% [markdown]
# ### Does it help?
#
# Let us count: 1,000 sentences that the word plane was not made from, four queries made by hand. A sentence is called praise if the praise of its $z$ is above 0. The third query is the one
# that found *bad*, the fourth its mirror image.

# %%
predict(
    "L1.counted",
    "Which query is best: none (the plain mean), rare, rare and blame, rare and praise?",
)

# %%
validation = split("mr").validation
queries = {"no query, the plain mean": [0, 0, 0], "rare": [0, 1, 0]}
queries |= {"rare and blame": [0, 0.5, 1], "rare and praise": [1, 1.5, 0]}
for name, query in queries.items():
    z_ND = np.array(
        [attention_pool(plane.embed(text)[1], W_AD, np.array(query))[0] for text in validation.text]
    )
    praise = z_ND[:, 0] > 0
    print(f"{name:25} {np.mean(praise == validation.label):.1%} right, ", end="")
    print(f"{praise.mean():.0%} called praise")
predicted("L1.counted")

# %% [markdown]
# Counted over 1,000 sentences, such a share is uncertain by about ±3 points, so the plain mean and "rare"
# can't be told apart. The other two do clear harm, each in its own direction. Somebody who looks for
# blame finds some in most sentences, and somebody who looks for praise finds that.
#
# It isn't attention that fails here. The formula fetched what it was asked for; we asked a lopsided
# question. What should count is whatever decides, on **either** side: the strong words of section 7.


# %%
def strong_mix(x_TD):
    """Mix by tanh scores; exponentials may go in undivided, your weighted_mean divides them."""
    x1_TD = np.column_stack([x_TD, np.ones(len(x_TD))])
    e_T = tanh_scores(x1_TD, strong_W_AD, np.array([1.0, 1.0]))
    return weighted_mean(x_TD, np.exp(e_T))


z_ND = np.array([strong_mix(plane.embed(text)[1]) for text in validation.text])
print(f"strong words: {np.mean((z_ND[:, 0] > 0) == validation.label):.1%} right")

# %% [markdown]
# The harm is gone, and the rest is within what chance explains. Praise or blame is very nearly a **sum**
# over words, and for sums a plain mean of good numbers is hard to beat (Iyyer et al. 2015).
#
# ### A question that no mean can answer
#
# So ask for something that is no sum. Three people have hung up their coats. A row of this table is a
# name (a 1 in one of three places) and the number of a hook.

# %%
predict(
    "L1.hooks", "The last number of a row is the hook. What is it in the mean, and in z for ben?"
)

# %%
coats_TD = np.array([[1.0, 0, 0, 4], [0, 1, 0, 9], [0, 0, 1, 2]])
print("plain mean:     ", coats_TD.mean(axis=0))
for name, who_D in zip(("ann", "ben", "cleo"), np.eye(3, 4), strict=True):
    z_D, s_T = attention_pool(coats_TD, np.eye(4), 10 * who_D)
    print(f"asked for {name:5} ", z_D)
predicted("L1.hooks")

# %% [markdown]
# The mean knows that hooks are 5 on average, which helps nobody. Attention goes to the row that the query
# asks for and brings back what stands there: 4, 9, 2. **Fetching** is what it is for.
#
# We still picked $W$ and $u$ by hand. Learned, in lesson 3, they come to 75 % on the sentences above: no
# harm, and no more than a mean of learned words. In lesson 4 attention learns to find hooks, in 100 % of
# 3,000 new lists; a mean does in one of four.
#
# ## 10 · What you have now
#
# - **Score**: $e_i=u^\top Wx_i$ asks each word, alone, how much we want it.
# - **Normalise**: softmax makes shares of the scores. Only differences count.
# - **Mix**: $z$ is a weighted mean, blind to order.
#
# One crack is left. We multiply the scores 2, 1, −1 by 10, 100 and 1000.

# %%
predict("L1.large", "What do the weights become?")

# %%
with np.errstate(all="ignore"):
    for factor in (1, 10, 100, 1000):
        exps = np.exp(factor * np.array([2.0, 1.0, -1.0]))
        print(f"times {factor:4}: exp", exps, " weights", exps / exps.sum())
predicted("L1.large")

# %% [markdown]
# At 1000 the exponential is larger than any float64, becomes `inf`, and `inf / inf` is `nan`. The
# right answer is plain: 1, 0, 0. Your `attention_pool` may well do the same. In **lesson 2** you
# write a softmax that can be trusted.

# %%
from attnkit.progress import course_map

course_map()

# %% [markdown]
# ### Further reading
#
# - Bahdanau, Cho & Bengio, *Neural Machine Translation by Jointly Learning to Align and Translate*
#   (ICLR 2015): additive scores with tanh; figure 3, what the weights of a translator look like.
# - Yang et al., *Hierarchical Attention Networks for Document Classification* (NAACL 2016): this
#   lesson's $u$, called a context vector, learned for reviews.
# - Weston, Chopra & Bordes, *Memory Networks* (ICLR 2015); Graves, Wayne & Danihelka, *Neural Turing
#   Machines* (2014): attention as looking something up.
# - Iyyer et al., *Deep Unordered Composition Rivals Syntactic Methods for Text Classification* (ACL
#   2015): how far plain means go.
# - Vaswani et al., *Attention Is All You Need* (NeurIPS 2017), section 3.2: where we are heading.
# - Jain & Wallace, *Attention is not Explanation* (NAACL 2019); Wiegreffe & Pinter, *Attention is not
#   not Explanation* (EMNLP 2019): read both.
