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
# # Lesson 3: learning the weights
#
# In lesson 1 you chose $W$ and $u$ by hand, and it didn't pay off. Now they are **learned**, from 6,530
# sentences labelled "praise" or "blame". GPT-3 was trained by the same means, down to the Adam of
# section 4 (Brown et al. 2020).
#
# By the end you can
#
# - carry a gradient back through attention, and check it;
# - write gradient descent, momentum and Adam;
# - turn texts into numbers without peeking at the test;
# - train attention on real reviews, and say how good it is.
#
# **Two sittings.** Gradients and optimisers (sections 1 to 4, 105 minutes): five exercises, 29
# points. Data and training (5 to 8, 70 minutes): two exercises and a question, 21 points. You need
# lessons 1 and 2, and the chain rule.

# %%
import functools
import time
import timeit

import numpy as np
import pandas as pd
from attnkit import check, hint, predict, predicted
from attnkit.data import split
from attnkit.figures import draw_strip, draw_training
from attnkit.panels import descent_panel
from attnkit.progress import course_map
from attnkit.quiet import silence
from attnkit.words import word_plane
from IPython.display import display

np.set_printoptions(precision=3, suppress=True)

# %% [markdown]
# After a break: *Kernel ▸ Restart Kernel and Run up to Selected Cell*.
#
# | letter | size of | here |
# |---|---|---|
# | T, D, A | words, numbers in a word, rows of $W$, as before | 7, 2, 3 |
# | B | sentences in a batch | 32 |
# | N | all sentences of a part | 6,530 or 1,000 |
# | R | rows of the table of words, one for each id | 10,000 |
#
# `dW_AD` is the gradient of the loss in `W_AD`: how much the loss rises per unit of each number. It
# always has the shape of what it belongs to.
#
# ## 1 · Feeling the way downhill
#
# Our sentence is blame. To begin with, the praise in its mix, $z_0$, serves as its score: above 0 means
# praise, below 0 blame. The loss is that of lesson 2, for the label $y=0$.

# %%
plane = word_plane()
tokens, x_TD = plane.embed("great story , bad idea for a movie .")
W_AD = np.array([[1.0, 0.0], [0.0, 1.0], [-1.0, 1.0]])


def pool(x_TD, W_AD, u_A):
    """Score, normalise, mix. Returns z_D and the weights s_T."""
    e_T = np.tanh(x_TD @ W_AD.T) @ u_A
    exp_T = np.exp(e_T - e_T.max())
    s_T = exp_T / exp_T.sum()
    return s_T @ x_TD, s_T


def loss_of(u_A):
    z_D, _ = pool(x_TD, W_AD, u_A)
    return np.log1p(np.exp(z_D[0]))


# %% [markdown]
# Take a bad query, which asks for praise (row 0 of $W$) and nothing else. How should it change? We can
# feel our way: move each of its three numbers up a millionth, then down a millionth, and see what that
# does to the loss.


# %%
def feel(loss, array, h=1e-6):
    """The slope of the loss in each number of an array, by finite differences."""
    slopes = np.zeros_like(array)
    for place in np.ndindex(array.shape):
        up, down = array.copy(), array.copy()
        up[place] += h
        down[place] -= h
        slopes[place] = (loss(up) - loss(down)) / (2 * h)
    return slopes


# %%
predict(
    "L3.row2",
    "Row 2 of W asks: rare, and blame? If u begins to want that, will the loss rise or fall?",
)

# %%
u_A = np.array([2.0, 0.0, 0.0])
print("loss:", loss_of(u_A).round(3), " weights:", pool(x_TD, W_AD, u_A)[1])
print("change of the loss per unit of u:", feel(loss_of, u_A))
predicted("L3.row2")

# %% [markdown]
# It will fall: the last slope is negative. Asking for rare blame moves weight towards *bad*, and the
# score with it.
#
# The three slopes together are the **gradient**. It points to where the loss rises fastest, so we go the
# other way, a little at a time. That is {{gradient descent (walking downhill): learning by steps against the
# gradient, again and again}}:

# %%
for step in range(101):
    if step in (0, 1, 5, 20, 100):
        _, s_T = pool(x_TD, W_AD, u_A)
        bad, great = s_T[tokens.index("bad")], s_T[tokens.index("great")]
        print(f"step {step:3}: loss {loss_of(u_A):.3f}  u {u_A}  bad {bad:.2f}  great {great:.2f}")
    u_A = u_A - 0.5 * feel(loss_of, u_A)

# %% [markdown]
# Nobody told it to look at *bad*, only that the sentence is blame, and it went downhill.
#
# But feeling takes two runs for every number that is learned, and we will have 160,000. There is a way
# to get **all** slopes for the price of a few runs.
#
# ## 2 · The way back
#
# Computing $z$, the **forward pass**, takes five steps:
#
# $$a_i=Wx_i\quad h_i=\tanh a_i\quad e_i=u\cdot h_i\quad s=\mathrm{softmax}(e)\quad z=\sum_i s_i x_i$$
#
# The **backward pass** takes them in reverse. At each link it asks: the loss
# changes so much per unit of what came out; how much per unit of what went in? That is the chain rule.
#
# The first link, from the loss to $z$, is short. Lesson 2's loss, $\log(1+\exp(z_0))-y\,z_0$, has the
# slope $\sigma(z_0)-y$: the probability minus the label. Only $z_0$ counts, so
# $dz=(\sigma(z_0)-y,\;0)$.

# %%
u_A = np.array([2.0, 0.0, 0.0])
z_D, s_T = pool(x_TD, W_AD, u_A)
felt = feel(lambda z_D: np.log1p(np.exp(z_D[0])), z_D)
dz_D = np.array([1 / (1 + np.exp(-z_D[0])), 0.0])
print("felt:         ", felt)
print("σ(z_0) − y, 0:", dz_D)

# %% [markdown]
# ### Back through the mix
#
# Next comes $z=\sum_i s_i x_i$: the weights mix the words. For the moment forget where the weights come
# from. Here are two words of two numbers each, and a $dz$ that says how much the two numbers of $z$
# count. Feel the rest:

# %%
two_TD = np.array([[1.0, 2.0], [3.0, 0.0]])
shares_T, back_D = np.array([0.8, 0.2]), np.array([10.0, 1.0])
print("in the weights:", feel(lambda s_T: s_T @ two_TD @ back_D, shares_T))
print("in the words:", feel(lambda x_TD: shares_T @ x_TD @ back_D, two_TD), sep="\n")

# %% [markdown]
# Where do these six numbers come from? One rule makes them all:
#
# > **Rule 1, a product.** In $y=\sum_k m_k x_k$, a change of $x_k$ counts $m_k$ times, and a change of
# > $m_k$ counts $x_k$ times. So $dx_k=m_k\,dy$ and $dm_k=x_k\,dy$: each factor gets the **other** one.
#
# Raise $s_0$ by 1, and $z$ moves by the word (1, 2). The loss rises by $1\cdot10+2\cdot1=12$. Move the
# first word by 1 in its first number, and $z_0$ moves by its weight, 0.8, the loss by $0.8\cdot10=8$.
#
# ### L3.6 Back through the mix
#
# *Difficulty ●●○○○ · importance ●●●●○ · 10 minutes · 3 points · `hint("L3.6")`*
#
# (L3.6 and L3.7 are two steps up to L3.1, added later. Take exercises as they come in the text.)


# %% answer="L3.6"
def mix_backward(x_TD, s_T, dz_D):
    """Back through z = Σ s_i x_i: the gradients of the loss in the weights and in the words.

    x_TD: (T, D), one word a row. s_T: (T,), the weights. dz_D: (D,), the gradient in z.

    Returns (ds_T, dx_TD). The weights count as given: where they come from is not asked here.
    """
    ### BEGIN SOLUTION
    return x_TD @ dz_D, np.outer(s_T, dz_D)
    ### END SOLUTION


# %% check="L3.6"
report = check("L3.6", mix_backward)
report.points

# %% [markdown]
# The next link, from the weights to the scores, you have from lesson 2. Your `softmax_vjp` compares
# each word's $ds_i$ with the mean of all: $de_i=s_i\,(ds_i-\sum_j s_j\,ds_j)$. In our sentence:

# %%
predict(
    "L3.scores",
    "Whose score must fall so that the sentence looks like blame, and whose may rise?",
)

# %%
ds_T, _ = mix_backward(x_TD, s_T, dz_D)
de_T = s_T * (ds_T - (s_T * ds_T).sum())
predicted("L3.scores")
pd.DataFrame({"s": s_T, "ds": ds_T, "de": de_T}, index=tokens).T.round(3)

# %% [markdown]
# Downhill means against *de*: the score of *great* must fall, all others may rise. *bad* has the
# strongest *ds* by far, yet its score hardly moves. Its weight is still tiny, and lesson 2 showed how a
# tiny weight starves its score.
#
# ### Back through the scores
#
# Three links are left, $e_i=u\cdot h_i$, $h_i=\tanh a_i$ and $a_i=Wx_i$. Two of them are products
# (rule 1). The other is lesson 1's nonlinearity:
#
# > **Rule 2, a bend.** In $h=\tanh a$, a change of $a$ counts as much as the slope there, $1-h^2$. So
# > $da=(1-h^2)\,dh$.

# %%
for a in (-2.0, -0.5, 0.0, 1.0):
    felt = (np.tanh(a + 1e-6) - np.tanh(a - 1e-6)) / 2e-6
    print(f"slope of tanh at {a:4}: felt {felt:.4f}, 1 − h² = {1 - np.tanh(a) ** 2:.4f}")

# %% [markdown]
# One word, with $de=1$, felt through all three links. Take a pencil: can you get these numbers from the
# two rules? ($h$ is 0 and 0.964.)

# %%
one_D, two_A = np.array([1.0, 2.0]), np.array([3.0, 4.0])
two_AD = np.array([[2.0, -1.0], [0.0, 1.0]])
print("du:", feel(lambda u: np.tanh(two_AD @ one_D) @ u, two_A))
print("dx:", feel(lambda x: np.tanh(two_AD @ x) @ two_A, one_D))
print("dW:", feel(lambda W: np.tanh(W @ one_D) @ two_A, two_AD), sep="\n")

# %% [markdown]
# $du=h$. Then $dh=u=(3,4)$, and the slopes are 1 and 0.071, so $da=(3,\;0.283)$. Each row of $dW$ is one
# number of $da$ times the word, and $dx=3\cdot(2,-1)+0.283\cdot(0,1)$.
#
# A sentence has many words, but only one $W$ and one $u$:
#
# > **Rule 3, used more than once.** If a number takes part in several places, its gradients from all of
# > them add up.
#
# ### L3.7 Back through the scores
#
# *Difficulty ●●●○○ · importance ●●●●○ · 20 minutes · 5 points · `hint("L3.7")`*
#
# Go forward first, as far as $h$; you need it again. Then one line for each link.


# %% answer="L3.7"
def scores_backward(x_TD, W_AD, u_A, de_T):
    """Back through e_i = uᵀ tanh(W x_i): the gradients of the loss in W, u and the words.

    x_TD: (T, D), one word a row. W_AD: (A, D), u_A: (A,). de_T: (T,), the gradient in the scores.

    Returns (dW_AD, du_A, dx_TD), each of the shape of what it belongs to.
    """
    ### BEGIN SOLUTION
    h_TA = np.tanh(x_TD @ W_AD.T)
    da_TA = np.outer(de_T, u_A) * (1 - h_TA**2)
    return da_TA.T @ x_TD, de_T @ h_TA, da_TA @ W_AD
    ### END SOLUTION


# %% check="L3.7"
report = check("L3.7", scores_backward)
report.points

# %% [markdown]
# ### L3.1 The way back through attention
#
# *Difficulty ●●●○○ · importance ●●●●● · 15 minutes · 8 points · `hint("L3.1")`*
#
# Now put the links together: forward for the weights (`pool` gives them), then back through the mix,
# the softmax and the scores. You may call your two functions.
#
# One thing is new. Each word takes part in two places: it is mixed into $z$, **and** it has a say in
# the weights. Both of your functions give it a gradient. What does rule 3 say?


# %% answer="L3.1"
def pool_backward(x_TD, W_AD, u_A, dz_D):
    """The gradients of the loss in W, u and x, from its gradient in z = attention_pool(x, W, u).

    x_TD: (T, D), one word a row. W_AD: (A, D), u_A: (A,); the scores are uᵀ tanh(W x_i).
    dz_D: (D,), the gradient of the loss in z.

    Returns (dW_AD, du_A, dx_TD), each of the shape of what it belongs to.
    """
    ### BEGIN SOLUTION
    _, s_T = pool(x_TD, W_AD, u_A)
    ds_T, mixed_TD = mix_backward(x_TD, s_T, dz_D)
    de_T = s_T * (ds_T - (s_T * ds_T).sum())
    dW_AD, du_A, scored_TD = scores_backward(x_TD, W_AD, u_A, de_T)
    return dW_AD, du_A, mixed_TD + scored_TD
    ### END SOLUTION


# %% check="L3.1"
report = check("L3.1", pool_backward)
report.points

# %% [markdown]
# Is it right? Ask the second witness, as in lesson 2: feel the slope of every single number, and
# compare. It knows nothing of your derivation. (The field calls this a {{gradient check (second
# witness): comparing a gradient from the backward pass with finite differences, number by number}}.)
# Differences around 1e-9 are its own rounding.

# %%
rng = np.random.default_rng(0)
some_TD, some_AD, some_A, some_D = (rng.normal(size=n) for n in ((5, 4), (3, 4), 3, 4))
felt = {
    "dW": feel(lambda W: pool(some_TD, W, some_A)[0] @ some_D, some_AD),
    "du": feel(lambda u: pool(some_TD, some_AD, u)[0] @ some_D, some_A),
    "dx": feel(lambda x: pool(x, some_AD, some_A)[0] @ some_D, some_TD),
}
walked = pool_backward(some_TD, some_AD, some_A, some_D)
for (name, slopes), own in zip(felt.items(), walked, strict=True):
    print(f"{name} {slopes.shape}: largest difference {abs(slopes - own).max():.0e}")

# %% [markdown]
# A small model like this one has 35 numbers. What would feeling cost for 160,000 of them, on all 6,530
# training sentences?

# %%
predict("L3.cost", "Once through all sentences: minutes, hours, days? And by walking back?")


# %%
def seconds_of(function, *args):
    """The least of several timings, after a warm-up: whatever else runs can only add to it."""
    timer = timeit.Timer(lambda: function(*args))
    timer.timeit(50)
    return min(timer.repeat(repeat=9, number=100)) / 100


forward = seconds_of(pool, some_TD, some_AD, some_A)
felt_hours = 6530 * 2 * 160_000 * forward / 3600
print(f"felt: 320,000 runs a sentence; {felt_hours:,.0f} hours for all sentences once")
backward = seconds_of(pool_backward, some_TD, some_AD, some_A, some_D)
print(f"walked: as long as {backward / forward:.1f} runs; {6530 * backward:.1f} seconds for all")
predicted("L3.cost")

# %% [markdown]
# Hours against less than a second. Walking back takes the time of a few runs, however many numbers are
# learned. It is called {{backpropagation (the way back): the chain rule from the loss
# to every parameter, each link computed once}} (Rumelhart, Hinton & Williams 1986). Keras, PyTorch and
# JAX write it by themselves. You have now done once what they do.
#
# ## 3 · How far to step
#
# With the gradient known, one number is left to choose: how far to go, the {{learning rate (how far to
# step): the factor by which each step's length follows the gradient}}. Here is the smallest loss that
# makes it difficult, a long valley: $\tfrac12(0.1\,x^2+4\,y^2)$. Along $x$ it is nearly flat, across it
# is steep. Its gradient is $(0.1\,x,\;4\,y)$.


# %%
def valley(p):
    return 0.5 * (0.1 * p[0] ** 2 + 4 * p[1] ** 2)


def slope(p):
    return np.array([0.1, 4.0]) * p


# %%
predict(
    "L3.rate", "Each step multiplies y by 1 − 4·lr. At which learning rates will that go wrong?"
)

# %%
for lr in (0.01, 0.1, 0.4, 0.49, 0.51):
    p = np.array([-4.0, 1.5])
    for _ in range(60):
        p = p - lr * slope(p)
    print(f"lr {lr}: after 60 steps at {p}, loss {valley(p):.4g}")
predicted("L3.rate")

# %% [markdown]
# At 0.5 the factor is −1; above it, every step lands further up the other side. So the steep direction
# forbids a large rate, and at the rate that is left the flat one crawls: with 0.4, each step takes only
# 4 % off $x$.
#
# No gradient tells you the learning rate. Such a number, chosen by trying, is a {{hyperparameter (a
# setting): a number that isn't learned but chosen, such as the learning rate}}.
#
# **{{Momentum|momentum (building up speed): a running sum of past gradients, which is stepped along
# instead of the last gradient alone}}** helps (Polyak 1964). Let the steps build up speed, like a ball:
#
# $$v\leftarrow\mathrm{momentum}\cdot v+g,\qquad p\leftarrow p-lr\cdot v$$
#
# Across the valley the gradients change sign, and cancel in $v$. Along it they agree, and add up: with
# momentum 0.9 to as much as $1+0.9+0.81+\dots=10$ times one gradient.

# %%
velocity = 0.0
for step in range(1, 41):
    velocity = 0.9 * velocity + 1.0
    if step in (1, 2, 3, 10, 40):
        print(f"the gradient is always 1; velocity after {step:2} steps: {velocity:.2f}")

# %% [markdown]
# ### L3.2 A step downhill, with momentum
#
# *Difficulty ●●○○○ · importance ●●●●● · 15 minutes · 5 points · `hint("L3.2")`*
#
# From here on, the numbers that a model learns, its {{parameters (numbers to learn): all numbers of a
# model that training changes}}, live in a dict of arrays such as `{"W": W_AD, "u": u_A}`. Gradients and
# velocities live in dicts with the same names.


# %% answer="L3.2"
def sgd_step(params, grads, velocity, lr, momentum=0.0):
    """One step of gradient descent with momentum, for each parameter by its name.

    params, grads, velocity: dicts of arrays under the same names, in any order.
    lr, momentum: numbers; v ← momentum · v + g, then p ← p − lr · v.

    Returns (params, velocity), new dicts of new arrays. Its inputs stay as they were.
    """
    ### BEGIN SOLUTION
    velocity = {name: momentum * velocity[name] + grads[name] for name in params}
    params = {name: params[name] - lr * velocity[name] for name in params}
    return params, velocity
    ### END SOLUTION


# %% check="L3.2"
report = check("L3.2", sgd_step)
report.points

# %% [markdown]
# Your steps in the valley. How many does it take until the loss is below 0.001?

# %%
for lr, momentum in ((0.1, 0.0), (0.4, 0.0), (0.1, 0.9), (0.1, 0.99)):
    params, velocity = {"p": np.array([-4.0, 1.5])}, {"p": np.zeros(2)}
    steps = 0
    while valley(params["p"]) > 0.001 and steps < 2000:
        grads = {"p": slope(params["p"])}
        params, velocity = sgd_step(params, grads, velocity, lr=lr, momentum=momentum)
        steps += 1
    print(f"lr {lr}, momentum {momentum}: {steps} steps")

# %% [markdown]
# Momentum 0.9 needs far fewer steps; 0.99 overshoots, turns round, and overshoots again. In the panel
# the paths come from **your function** (dashed: where they should go). Raise the learning rate (the
# slider shows its power of ten) until gradient descent breaks. Does momentum break earlier or later?
# Then switch to the two hollows: who ends in which, and is that merit or luck?

# %%
descent_panel(sgd_step)

# %% [markdown]
# Later: the ball may go nearly twice as fast (up to $2\,(1+0.9)/4=0.95$ instead of 0.5). And in the two
# hollows it is
# luck. Gradient descent always ends in the nearer hollow, which is the shallower one. Momentum may roll
# over the ridge into the deeper one, at 0.9, say, with the learning rate at −1; a little slower, and it
# stays behind, a little faster, and it may roll back again.
#
# ## 4 · Every number at its own pace: Adam
#
# One learning rate for all numbers is a poor compromise: in the valley the flat direction wanted 40
# times the rate of the steep one. With words it is worse. A word's numbers get a gradient only from
# sentences that contain it:

# %%
reviews = split("mr")
sentences = [set(text.split()) for text in reviews.train.text]
for word in ("the", "film", "bad", "dull", "heartfelt", "unfunny"):
    print(f"{word:10} in {sum(word in words for words in sentences):5} of {len(sentences)}")

# %% [markdown]
# So let every single number measure how large its own gradients are, and divide by that. A rule that
# turns gradients into steps is an {{optimiser (how to step): the rule that makes a step from
# gradients, such as gradient descent or Adam}}, and this one is **Adam** (Kingma & Ba 2015). It keeps
# two running means, of the gradient and of its square:
#
# $$m\leftarrow\beta_1 m+(1-\beta_1)\,g\qquad v\leftarrow\beta_2 v+(1-\beta_2)\,g^2$$
#
# $m$ says which way, like momentum; $\sqrt v$ says how large gradients are here. The step is
# $lr\cdot m/\sqrt v$, nearly. Nearly, because both means begin at 0 and are too small at first. If the
# gradient is always 1, both should be 1:

# %%
m = v = 0.0
for t in range(1, 1001):
    m, v = 0.9 * m + 0.1, 0.999 * v + 0.001
    if t in (1, 2, 10, 100, 1000):
        print(f"t {t:4}: m {m:.3f}, v {v:.3f}, m/√v {m / v**0.5:.2f}", end="")
        print(f"   corrected: {m / (1 - 0.9**t):.3f} and {v / (1 - 0.999**t):.3f}")

# %% [markdown]
# After $t$ steps $m$ is too small by the factor $1-\beta_1^t$, and $v$ by $1-\beta_2^t$. Dividing by
# these mends both: the **bias correction**. Without it, the tenth step would be 6.5 times as long as it
# should be. The whole of Algorithm 1, for each number:
#
# $$t\leftarrow t+1\qquad\hat m=\frac{m}{1-\beta_1^t}\qquad\hat v=\frac{v}{1-\beta_2^t}\qquad
# p\leftarrow p-lr\,\frac{\hat m}{\sqrt{\hat v}+\epsilon}$$
#
# $\epsilon$ is tiny. Without it, a number that never had a gradient would move by 0/0.

# %%
predict(
    "L3.first",
    "Three numbers have the gradients 4, −0.25 and 100; lr is 0.1. How far does each one move in the "
    "first step?",
)

# %%
g = np.array([4.0, -0.25, 100.0])
m, v = 0.1 * g, 0.001 * g**2
m_hat, v_hat = m / (1 - 0.9), v / (1 - 0.999)
print("m̂:", m_hat, "  √v̂:", np.sqrt(v_hat), "  step:", -0.1 * m_hat / np.sqrt(v_hat))
predicted("L3.first")

# %% [markdown]
# All by 0.1. The size of the gradient has dropped out; what counts is its sign, and how steady it is.
#
# ### L3.3 Adam
#
# *Difficulty ●●●●○ · importance ●●●●● · 25 minutes · 8 points · `hint("L3.3")`*
#
# The state holds `m` and `v`, dicts like the parameters, and the one number `t`.


# %% answer="L3.3"
def adam_step(params, grads, state, lr=1e-3, beta1=0.9, beta2=0.999, eps=1e-8):
    """One step of Adam (Kingma & Ba's Algorithm 1), for each parameter by its name.

    params, grads: dicts of arrays under the same names, in any order.
    state: {"m": dict of arrays, "v": dict of arrays, "t": int}, zeros and 0 before the first step.

    Returns (params, state), both new. Its inputs stay as they were.
    """
    ### BEGIN SOLUTION
    t = state["t"] + 1
    m = {name: beta1 * state["m"][name] + (1 - beta1) * grads[name] for name in params}
    v = {name: beta2 * state["v"][name] + (1 - beta2) * grads[name] ** 2 for name in params}
    new = {}
    for name in params:
        m_hat = m[name] / (1 - beta1**t)
        v_hat = v[name] / (1 - beta2**t)
        new[name] = params[name] - lr * m_hat / (np.sqrt(v_hat) + eps)
    return new, {"m": m, "v": v, "t": t}
    ### END SOLUTION


# %% check="L3.3"
report = check("L3.3", adam_step)
report.points

# %% [markdown]
# The panel once more, with your Adam beside your other two. In the long valley its path is a diagonal:
# both numbers go at the same pace, whatever their slopes. Lower $\beta_2$: what changes?

# %%
descent_panel(sgd_step, adam_step)

# %% [markdown]
# With $\beta_2$ at 0.99 or above the path comes to rest. At 0.9 it jitters about the bottom. At 0, every
# number divides by its latest gradient alone. Then steps no longer shrink where gradients do, and it is
# thrown about. Adam needs a long memory of how large gradients are.
#
# ### The same as Keras, step by step
#
# Twenty steps of your Adam and of `keras.optimizers.Adam`, from the same start and with the same
# gradients. Keras's first (the silence is for what TensorFlow has to say while it loads):

# %%
with silence():
    import keras

    start_AD = rng.normal(size=(3, 4))
    grads_SAD = rng.normal(size=(20, 3, 4)) * np.array([1.0, 0.1, 0.01, 0.001])

    def keras_path(eps):
        p = keras.Variable(start_AD, dtype="float32")
        optimizer = keras.optimizers.Adam(learning_rate=0.01, epsilon=eps)
        for g_AD in grads_SAD:
            optimizer.apply([keras.ops.convert_to_tensor(g_AD, dtype="float32")], [p])
            yield keras.ops.convert_to_numpy(p)

    theirs = {eps: list(keras_path(eps)) for eps in (1e-7, 1e-3)}


# %%
def own_path(eps_of_step):
    params = {"p": start_AD}
    state = {"m": {"p": np.zeros((3, 4))}, "v": {"p": np.zeros((3, 4))}, "t": 0}
    for t, g_AD in enumerate(grads_SAD, 1):
        params, state = adam_step(params, {"p": g_AD}, state, lr=0.01, eps=eps_of_step(t))
        yield params["p"]


def show_gaps(name, eps, eps_of_step):
    gaps = [abs(a - b).max() for a, b in zip(own_path(eps_of_step), theirs[eps], strict=True)]
    print(f"{name}: after 1, 2, 20 steps apart by", *(f"{gaps[k]:.0e}" for k in (0, 1, 19)))


# %%
show_gaps("eps 1e-7", 1e-7, lambda t: 1e-7)
show_gaps("eps 1e-3", 1e-3, lambda t: 1e-3)

# %% [markdown]
# Close, but not the same. A step is 0.01, and even with a tiny eps the two differ by about a hundredth
# of that; with a large eps by much more. Is one of them wrong? Keras computes
#
# $$p-lr\,\frac{\sqrt{1-\beta_2^t}}{1-\beta_1^t}\cdot\frac{m}{\sqrt v+\epsilon}$$
#
# which saves a division: both corrections have moved into the rate. But now $\epsilon$ meets $\sqrt v$
# before it is corrected. Pull the root back in, and it reads $\sqrt{\hat v}+\epsilon/\sqrt{1-\beta_2^t}$:
# in the first step an eps 32 times as large. Kingma & Ba suggest that order themselves, just before
# their section 2.1. Give your function that eps:

# %%
for eps in (1e-7, 1e-3):
    show_gaps(f"eps {eps} / √(1 − β₂ᵗ)", eps, lambda t, eps=eps: eps / np.sqrt(1 - 0.999**t))

# %% [markdown]
# The same, to the last digits of Keras's float32. Two programs can both be right and still differ in
# where a tiny number stands.
#
# ---
#
# **Here the first sitting ends.** You can find a gradient by walking back, and take a good step with it.
# That was all the calculus of this lesson, and training GPT takes no other kind. Now take a real break; what
# follows needs a fresh head, and may well wait until tomorrow.
#
# When you come back, open this notebook, click on the cell below, and choose *Kernel ▸ Restart Kernel and
# Run up to Selected Cell*. In half a minute everything that you wrote is there again.

# %%
course_map()

# %% [markdown]
# ---
#
# ## 5 · Words become numbers
#
# *Second sitting: data and training.* So far every word had two numbers, which we had counted. Now each
# gets 16, and they are learned like $W$ and $u$. They are the rows of a table that begins as noise, an
# {{embedding (table of words): a learned row of numbers for each word}}. A sentence is then a list of
# row numbers, its **ids**:

# %%
ids = {"good": 2, "film": 3, "bad": 4}
table_RD = np.round(rng.normal(size=(5, 2)), 1)
sentence = [ids.get(word, 1) for word in ("good", "but", "bad", "film")]
print("ids:", sentence)
print("rows of the table:", table_RD[sentence].tolist())

# %% [markdown]
# Two ids are kept for what is no known word: **1** for words that the table doesn't have (here *but*),
# **0** for the empty places behind a short sentence, so that sentences of all lengths fit into one
# array.
#
# Which words get a row? The most frequent ones **of the training sentences**: they are the
# {{vocabulary (list of known words): the words that have an id, with their ids}}. The other sentences
# stand for the future. Words that are met there for the first time are unknown, as they will be in real
# life; a vocabulary made from all sentences would have looked into it.
#
# ### L3.4 Words become numbers
#
# *Difficulty ●●○○○ · importance ●●●●○ · 15 minutes · 7 points · `hint("L3.4")`*
#
# Our texts are in lower case, with spaces between words and full stops. So `text.split()` cuts them.


# %% answer="L3.4"
def fit_vocab(texts, size):
    """The most frequent words of the texts with their ids, from 2 on; ties are alphabetical.

    texts: list of str, words set apart by spaces. size: how many ids there are at most, counting
    0 for padding and 1 for unknown words.

    Returns a dict word → id.
    """
    ### BEGIN SOLUTION
    counts = {}
    for text in texts:
        for word in text.split():
            counts[word] = counts.get(word, 0) + 1
    ranked = sorted(counts, key=lambda word: (-counts[word], word))
    return {word: i for i, word in enumerate(ranked[: size - 2], 2)}
    ### END SOLUTION


def encode(texts, vocab, max_len):
    """The ids of the first max_len words of each text, with zeros behind shorter ones.

    Returns an integer array of shape (len(texts), max_len). Words not in vocab are 1.
    """
    ### BEGIN SOLUTION
    ids_BT = np.zeros((len(texts), max_len), dtype=int)
    for row, text in enumerate(texts):
        ids = [vocab.get(word, 1) for word in text.split()[:max_len]]
        ids_BT[row, : len(ids)] = ids
    return ids_BT
    ### END SOLUTION


# %% check="L3.4"
report = check("L3.4", fit_vocab, encode)
report.points

# %% [markdown]
# How many ids do we need? The training sentences have some 16,000 different words.

# %%
predict(
    "L3.unknown",
    "What share of a validation sentence's words is unknown if all 16,000 have a row? If 1,000 do?",
)

# %%
train_texts, validation_texts = list(reviews.train.text), list(reviews.validation.text)
for size in (100, 1_000, 10_000, 20_000):
    vocab = fit_vocab(train_texts, size)
    words = [word for text in validation_texts for word in text.split()]
    unknown = np.mean([word not in vocab for word in words])
    print(f"size {size:6}: {len(vocab):6} words, {unknown:.1%} of validation words unknown")
predicted("L3.unknown")

# %% [markdown]
# New words never end: even the full vocabulary misses some. We take 10,000, and sentences of up to 40
# words. The labels come along, and the three parts stay apart.

# %%
vocab, data = fit_vocab(train_texts, 10_000), {}
for name, part in reviews._asdict().items():
    data[name] = encode(list(part.text), vocab, 40), part.label.to_numpy()
for name, (ids_NT, y_N) in data.items():
    print(f"{name:10} ids {ids_NT.shape}, praise {y_N.mean():.1%}, first labels {y_N[:8]}")

# %% [markdown]
# ## 6 · The model
#
# $E$ is the table. Attention mixes a sentence's rows into $z$, and $w\cdot z+b$ is its score, or logit.
# All of it begins as small noise, but $u$ at zero: then all words weigh the same at first, a plain mean.
# Where training begins is called the **initialisation**.


# %%
def new_params(seed, R=10_000, D=16, A=8):
    rng = np.random.default_rng(seed)
    return {
        "E": rng.normal(0, 0.01, (R, D)),
        "W": rng.normal(0, D**-0.5, (A, D)),
        "u": np.zeros(A),
        "w": rng.normal(0, D**-0.5, D),
        "b": np.zeros(1),
    }


print(sum(array.size for array in new_params(0).values()), "parameters")

# %% [markdown]
# The gradients of a batch, added up sentence by sentence. **Your `pool_backward`** is at the heart of
# it. Zeros are no words, so they are taken off first (lesson 5 finds a way to leave them on).


# %%
def gradients(params, ids_BT, y_B):
    """The gradients of the loss, added up over the B sentences of a batch."""
    sums = {name: np.zeros_like(array) for name, array in params.items()}
    for ids_T, y in zip(ids_BT, y_B, strict=True):
        ids_T = ids_T[ids_T > 0]
        x_TD = params["E"][ids_T]
        z_D, _ = pool(x_TD, params["W"], params["u"])
        dscore = 1 / (1 + np.exp(-(z_D @ params["w"] + params["b"][0]))) - y
        dW_AD, du_A, dx_TD = pool_backward(x_TD, params["W"], params["u"], dscore * params["w"])
        for name, more in (("W", dW_AD), ("u", du_A), ("w", dscore * z_D), ("b", dscore)):
            sums[name] += more
        np.add.at(sums["E"], ids_T, dx_TD)  # a word that is met twice gets both
    return sums


# %% [markdown]
# And how good is it? A score for every sentence, then loss and accuracy:


# %%
def scores(params, ids_NT):
    z_ND = [pool(params["E"][ids[ids > 0]], params["W"], params["u"])[0] for ids in ids_NT]
    return np.array(z_ND) @ params["w"] + params["b"]


def accuracy(params, ids_NT, y_N):
    return float(np.mean((scores(params, ids_NT) > 0) == y_N))


def loss(params, ids_NT, y_N):
    score_N = scores(params, ids_NT)
    return float(np.mean(np.logaddexp(0, score_N) - y_N * score_N))


# %% [markdown]
# ### L3.5 Train it, and believe the right number
#
# *Difficulty ●●●●○ · importance ●●●●● · 30 minutes · 11 points · `hint("L3.5")`*
#
# The inner loop goes once through the training sentences, an {{epoch (once through): one pass through
# all training examples}}, in {{batches|batch (a handful): the examples whose mean gradient makes one
# step; also minibatch}} of 32. Their mean gradient is rough but cheap: 205 steps an epoch and not one.
# That is {{stochastic gradient descent (SGD): gradient descent with the gradients of small, shuffled
# batches}}. The sentences lie sorted by label: shuffle them.
#
# The outer loop runs some epochs and decides. **Training** sentences are there to learn from,
# **validation** sentences to choose the epoch by, **test** sentences to tell the truth, once.
#
# The checks hand your functions toy models: use the `gradients`, `step`, `one_epoch` and `accuracy`
# that you are given.


# %% answer="L3.5"
def train_epoch(params, state, ids_NT, y_N, gradients, step, batch_size, rng):
    """Once through all N sentences, shuffled, a step for each batch; returns (params, state).

    ids_NT: (N, T) word ids. y_N: (N,) labels. rng: a NumPy generator, to shuffle with.
    gradients(params, ids_BT, y_B) gives a dict of gradients, added up over the B sentences.
    step(params, grads, state) gives new (params, state), from mean gradients.
    """
    ### BEGIN SOLUTION
    order_N = rng.permutation(len(y_N))
    for start in range(0, len(y_N), batch_size):
        batch = order_N[start : start + batch_size]
        sums = gradients(params, ids_NT[batch], y_N[batch])
        params, state = step(params, {k: sums[k] / len(batch) for k in sums}, state)
    return params, state
    ### END SOLUTION


def train(params, state, data, one_epoch, accuracy, epochs):
    """Train for some epochs, and keep what was best on validation, of equals the first.

    data: dict of pairs (ids_NT, y_N) under "train", "validation" and "test".
    one_epoch(params, state, ids_NT, y_N) trains once and gives new (params, state).
    accuracy(params, ids_NT, y_N) gives the share of right answers.

    Returns (best_params, history, test_accuracy): history has one accuracy for each epoch.
    """
    ### BEGIN SOLUTION
    history, best_params = [], params
    for _ in range(epochs):
        params, state = one_epoch(params, state, *data["train"])
        history.append(accuracy(params, *data["validation"]))
        if history.index(max(history)) == len(history) - 1:
            best_params = params
    return best_params, history, accuracy(best_params, *data["test"])
    ### END SOLUTION


# %% check="L3.5"
report = check("L3.5", train_epoch, train)
report.points

# %% [markdown]
# ## 7 · Real reviews
#
# Now your exercises work together. Three hyperparameters were found by trying, on the validation
# sentences: 16 numbers a word, a learning rate of 0.004, and that it shrinks by 40 % after each epoch,
# long steps first, fine ones last (a **learning-rate schedule**).
#
# A model with 160,000 parameters can learn 6,530 sentences by heart. To make that harder, each word is
# left out with probability 0.3, other words in every epoch: **word dropout** (Iyyer et al. 2015). A
# zero takes its place.


# %%
def measure(history, params, ids_NT, y_N):
    """Put loss and accuracy down: on every tenth training sentence, on all of validation."""
    for name, part in (("", (ids_NT[::10], y_N[::10])), ("val_", data["validation"])):
        history[name + "loss"].append(loss(params, *part))
        history[name + "accuracy"].append(accuracy(params, *part))


# %%
def make_epoch(gradients, history, picture, rng, lr=0.004, shrink=0.6):
    """A function that trains once through all sentences, measures, and draws the curve."""

    def one_epoch(params, state, ids_NT, y_N):
        step = functools.partial(adam_step, lr=lr * shrink ** len(history["loss"]))
        kept = rng.random(ids_NT.shape) < 0.7  # word dropout
        kept[:, 0] = True  # something must be left
        params, state = train_epoch(params, state, ids_NT * kept, y_N, gradients, step, 32, rng)
        measure(history, params, ids_NT, y_N)
        if picture is not None:
            picture.update(draw_training(history, title="attention pooling"))
        return params, state

    return one_epoch


# %%
def fresh_state(params):
    zeros = {name: np.zeros_like(array) for name, array in params.items()}
    return {"m": zeros, "v": zeros, "t": 0}


def run(gradients, seed, show=True, epochs=6):
    """Train from fresh noise, and draw while it runs. Returns what `train` returns."""
    params, rng = new_params(seed), np.random.default_rng(seed)
    history = {name: [] for name in ("loss", "val_loss", "accuracy", "val_accuracy")}
    picture = display(display_id=True) if show else None
    one_epoch = make_epoch(gradients, history, picture, rng)
    return train(params, fresh_state(params), data, one_epoch, accuracy, epochs)


# %%
predict(
    "L3.epochs",
    "After six epochs, how many of the training and of the validation sentences will be right? Which "
    "of the two losses has its lowest point before the end?",
)

# %% [markdown]
# The curve grows while you watch: the line is validation, the dashes are what the model learns from.

# %%
start = time.perf_counter()
trained, curve, tested = run(gradients, seed=0)
print(f"{time.perf_counter() - start:.0f} seconds")
predicted("L3.epochs")

# %% [markdown]
# About 93 % of the training sentences, and 74 % of the others. The *training* loss falls to the end; the
# validation loss is lowest in epoch 4 (the dot) and rises again. From there on the model learns its own
# sentences by heart: {{overfitting (learning by heart): a model goes on improving on the examples it
# learns from, and no longer on others}}. (`train` picks its epoch by accuracy, not by loss.)
#
# **How sure is an accuracy?** If the true share is $p$, the share among $n$ sentences scatters around
# it with a standard deviation of $\sqrt{p(1-p)/n}$. An interval of 1.96 of these to either side misses
# the truth in about one case of twenty: the 95 % {{confidence interval (how sure): a range that in 95 of
# 100 repetitions would hold the true value}}. Our aim is 74 % on validation.


# %%
def with_interval(share, n):
    return f"{share:.1%} ± {1.96 * np.sqrt(share * (1 - share) / n):.1%}"


counted_N = [plane.embed(text)[1].mean(axis=0)[0] > 0 for text in validation_texts]
counting = np.mean(counted_N == reviews.validation.label)
print("lesson 1's plain mean:  ", with_interval(counting, 1000))

# %%
print("validation, best epoch: ", with_interval(max(curve), 1000))
print("test, asked once:       ", with_interval(tested, 1000))
print("74 % on validation:     ", "reached" if max(curve) >= 0.74 else "not reached")

# %% [markdown]
# Nothing but labels went in: from them each word has got its 16 numbers, and attention its direction.
#
# Now be honest. Lesson 1's *counted* praise, with a plain mean, does about as well: always hold a model
# against a simple {{baseline (what simple means reach): a simple method that a new one has to beat}}.
# A linear model on words and pairs of words reaches 79.4 %, in ten folds and so with more sentences to
# learn from (Wang & Manning 2012). And the best of six epochs is a little lucky: quote the test's number.
#
# ### What has it learned to look at?
#
# A word's attention score depends on the word alone. Here are the highest and the lowest, for words met
# 40 times or more, beside the score that a sentence of only this word would get.

# %%
e_R = np.tanh(trained["E"] @ trained["W"].T) @ trained["u"]
praise_R = trained["E"] @ trained["w"] + trained["b"]
counts_R = np.bincount(data["train"][0].ravel(), minlength=len(e_R))
rows = [(word, counts_R[i], e_R[i], praise_R[i]) for word, i in vocab.items() if counts_R[i] >= 40]
table = pd.DataFrame(rows, columns=["word", "met", "attention score", "sentence score"])
table = table.sort_values("attention score", ascending=False).set_index("word").round(2)
display(table.head(8).T, table.tail(8).T)

# %% [markdown]
# At the top are words with an opinion, of either side (remember "strong words" in lesson 1, made by
# hand?), and a few surprises: what do critics mean when they write *cinema*? At the bottom are *of*,
# *the* and the comma. Nobody told it so. Two validation sentences, in the learned weights:

# %%
for row in (40, 700):
    words = validation_texts[row].split()
    ids_T = encode([validation_texts[row]], vocab, len(words))[0]
    z_D, s_T = pool(trained["E"][ids_T], trained["W"], trained["u"])
    score = z_D @ trained["w"] + trained["b"][0]
    label = "praise" if data["validation"][1][row] else "blame"
    display(draw_strip(words, s_T, note=f"Label: {label}. Score: {score:+.1f}."))

# %% [markdown]
# ## 8 · Four ways to fool yourself
#
# **Not shuffled.** One epoch in the order of the file: first all praise, then all blame.


# %%
def sorted_epoch(params, state):
    """Your epoch over 32 neighbours at a time: a shuffle among themselves changes nothing."""
    ids_NT, y_N = data["train"]
    step, rng = functools.partial(adam_step, lr=0.004), np.random.default_rng(0)
    for start in range(0, len(y_N), 32):
        part = ids_NT[start : start + 32], y_N[start : start + 32]
        params, state = train_epoch(params, state, *part, gradients, step, 32, rng)
    return params


# %%
predict(
    "L3.sorted",
    "Half of the validation sentences are praise. What share of them will be called praise?",
)

# %%
in_order = sorted_epoch(new_params(0), fresh_state(new_params(0)))
called = scores(in_order, data["validation"][0]) > 0
print(f"called praise: {called.mean():.1%}", end="")
print(f", right: {np.mean(called == data['validation'][1]):.1%}")
predicted("L3.sorted")

# %% [markdown]
# The last hundred batches said "blame" and nothing else, and that is all it remembers.
#
# **Summed instead of averaged.** What if the gradients of 32 sentences are added up and never divided?

# %%
predict("L3.sum", "How much longer is a step of gradient descent then? And one of Adam?")

# %%
g, zero = {"p": np.array([0.3, -0.02, 0.005])}, {"p": np.zeros(3)}
total = {"p": 32 * g["p"]}
first = {"m": zero, "v": zero, "t": 0}
for name, step, state in (("descent", sgd_step, zero), ("Adam", adam_step, first)):
    by_mean, by_sum = (step(zero, each, state, lr=0.1)[0]["p"] for each in (g, total))
    print(f"{name:8} by the mean {by_mean}, by the sum {by_sum}")
predicted("L3.sum")

# %% [markdown]
# Gradient descent goes 32 times as far, and usually off the map. Adam divides the factor out again. So
# it hides the mistake, until you change the optimiser.
#
# **Measured on what was learned**, or **the epoch picked on the test**. The first is the dashed line
# above. The second is small and treacherous. Here are 20 epochs of a model that no longer learns
# anything: its true accuracy is 75 % each time, and the 1000 test sentences only wobble.

# %%
wobble = np.random.default_rng(0).binomial(1000, 0.75, size=(10_000, 20)) / 1000
print(f"one look:               {wobble[:, 0].mean():.1%} on average")
print(f"the best of 20 epochs:  {wobble.max(axis=1).mean():.1%} on average")

# %% [markdown]
# Two and a half points from nothing.
#
# ### Does attention help?
#
# Take a part out, and see what it was worth: an {{ablation (taking a part out): training a model again
# without one of its parts, to see what that part is worth}}. Here is the same model with $W$ and $u$
# held where they began. With $u=0$ all words weigh the same: a plain mean, whose table $E$ is learned as
# before. Three seeds each. (We read the validation accuracy; the test sentences have had their say.)


# %%
def gradients_of_a_mean(params, ids_BT, y_B):
    sums = gradients(params, ids_BT, y_B)
    return {**sums, "W": 0 * sums["W"], "u": 0 * sums["u"]}


def best_accuracy(gradients, seed):
    return max(run(gradients, seed, show=False)[1])


plain = [best_accuracy(gradients_of_a_mean, seed) for seed in (0, 1, 2)]
print("plain mean:", *[f"{share:.1%}" for share in plain])

# %%
attended = [max(curve), *(best_accuracy(gradients, seed) for seed in (1, 2))]
print("attention: ", *[f"{share:.1%}" for share in attended])
gaps = np.array(attended) - plain
print("difference:", *[f"{gap:+.1%}" for gap in gaps], f" mean {gaps.mean():+.1%}")

# %% [markdown]
# Not proven, at ±2.7 points each. Learned means are hard to beat here (Iyyer et al. 2015): praise is
# nearly a sum over the words. Lesson 4 has a task that no mean solves.
#
# ### Question
#
# *3 points, read by a person. A few sentences do.*
#
# A colleague: "I fitted the vocabulary on all 8,530 sentences, trained 50 epochs with Adam, and kept
# the epoch with the best test accuracy: 78.3 %. That beats your 75 %. I doubled the batch size and
# nothing changed, so the averaging of gradients must be right."
#
# 1. Which two things make 78.3 % too high, and how? Which matters more here?
# 2. Suppose it were clean. Is it better than 75 %, with 1000 test sentences each? Compute.
# 3. Why does doubling the batch not show whether gradients are averaged? What would?

# %% [markdown] manual="L3-honest" points=3
# ### BEGIN MARK SCHEME
# **Model answer.** (1) Picking the epoch on the test: the best of 50 wobbling numbers is above their
# common truth (section 8: about 2.5 points for 20 independent tries; fewer here, for epochs resemble
# one another). The vocabulary: words of the test sentences got rows of their own, where in real life
# they would be unknown. That matters less: such a row is met in no training sentence, has no
# gradient and stays noise, and only few words are concerned. (2) Each has a standard deviation of
# about √(0.75 · 0.25 / 1000) = 1.37 points, the difference of two independent ones √2 as much, 1.9;
# 3.3 points are 1.7 of these, below 1.96: not quite beyond chance. (On the *same* 1000 sentences the
# paired comparison is sharper, and should be made.) (3) Adam divides by the size of the gradients, so
# a factor of 2, or of the batch size, drops out (but for eps). Try plain gradient descent, or
# compare the gradient of one batch with that of the same batch twice over, or print the gradient's
# size for two batch sizes.
#
# **Marks.** 1 point for (1): both named, with a mechanism for at least one. ½ for one of them. 1
# point for (2): a standard deviation or interval computed *and* a conclusion that follows from it.
# ½ for a conclusion without a number. 1 point for (3): Adam's indifference to a factor *and* a test
# that would show it. ½ for one of them.
# ### END MARK SCHEME

# %% [markdown]
# ## 9 · What you have now
#
# - **Backward pass**: each factor of a product gets the other, tanh gives $1-h^2$, and what is used
#   twice adds up. Feel a few slopes to check.
# - **Optimisers**: momentum remembers a direction, Adam gives each number its own pace.
# - **Data**: words become ids, by a vocabulary of the training texts alone.
# - **Training**: shuffle, average, choose on validation, ask the test once, tell the interval.
#
# One query $u$ has asked all sentences the same question. In **lesson 4** every word asks its own, and
# attention wins.

# %%
course_map()

# %% [markdown]
# ### Further reading
#
# - Rumelhart, Hinton & Williams, *Learning representations by back-propagating errors* (Nature, 1986):
#   backpropagation, in four pages.
# - Polyak, *Some methods of speeding up the convergence of iteration methods* (1964): momentum. Goh,
#   *Why Momentum Really Works* (Distill, 2017): the same with sliders.
# - Kingma & Ba, *Adam: A Method for Stochastic Optimization* (ICLR 2015): Algorithm 1.
# - Wilson et al., *The Marginal Value of Adaptive Gradient Methods* (NIPS 2017): where gradient
#   descent does better.
# - Brown et al., *Language Models are Few-Shot Learners* (NeurIPS 2020), appendix B: how GPT-3 was
#   trained.
# - Iyyer et al., *Deep Unordered Composition Rivals Syntactic Methods for Text Classification* (ACL
#   2015): learned means, word dropout.
# - Wang & Manning, *Baselines and Bigrams* (ACL 2012): the linear model to beat.
# - Dwork et al., *Guilt-Free Data Reuse* (CACM, 2017): a test that is asked often.
