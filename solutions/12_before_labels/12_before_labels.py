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
# Labels are dear, text is not. A model can hide a word from itself and guess it, and what it learns that way helps
# when a few labels come. And where nobody can say what would have been right, only how well it went, a model can
# learn from that as well.
#
# About two hours: six exercises. You need lessons 3, 5, 6 and 8.

# %%
import numpy as np
from attnkit import check, hint

np.set_printoptions(precision=3, suppress=True)

# %% [markdown]
# After a break: *Kernel ▸ Restart Kernel and Run up to Selected Cell*.
#
# ## 1 · Hide a word
#
# Some words of a text are chosen by chance, each with probability p, and the model is asked for them. Mostly the
# mask stands in a chosen word's place; now and then some other word, or the word itself, so that the model can't
# trust the words it sees. The ids below 4 are no words: 0 is a pad, 1 an unknown word, 2 the mask, 3 the end.
#
# ### L12.1 Corrupt a text
#
# *Difficulty ●●●○○ · importance ●●●●● · 15 minutes · `hint("L12.1")`*


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
report = check("L12.1", mlm_corrupt)
report.points

# %% [markdown]
# ## 2 · What it is asked
#
# For every place the model gives each word of the vocabulary a number, the logit. The loss asks the chosen places
# only: there, minus the logarithm of the probability of the word that stood there. Say one place is asked and the
# model gives its word the probability ¼: the loss is log 4 = 1.39, whatever it says elsewhere.
#
# ### L12.2 The loss of hidden words
#
# *Difficulty ●●○○○ · importance ●●●●○ · 10 minutes · `hint("L12.2")`*


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
report = check("L12.2", mlm_loss)
report.points

# %% [markdown]
# ## 3 · Pairs that belong together
#
# Two vectors of the same thing, two halves of a review say, should be more alike than vectors of different things.
# A batch of B pairs makes B questions: which of the B vectors of b belongs to this vector of a? And B more, the
# other way round. Alike means a large cosine; divided by a temperature, cosines are logits.
#
# ### L12.3 Contrast
#
# *Difficulty ●●●○○ · importance ●●●●○ · 15 minutes · `hint("L12.3")`*


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
report = check("L12.3", info_nce)
report.points

# %% [markdown]
# ## 4 · Another vocabulary
#
# What was learned without labels stands in the table of embeddings, a row a word. The texts with labels have a
# vocabulary of their own: the same words have other ids there, and some words are new. So rows move, word by word.
#
# ### L12.4 Move the embeddings
#
# *Difficulty ●●○○○ · importance ●●●●○ · 12 minutes · `hint("L12.4")`*


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
report = check("L12.4", remap_embeddings)
report.points

# %% [markdown]
# ## 5 · Reward
#
# Now nobody says what would have been right. An agent acts, step by step, and is rewarded now and then: an
# **episode**. What is an action worth? All the reward that comes from then on, later reward counting less if gamma
# is below 1: its **return**. Then each action's probability is raised if it went better than usual, by its
# **advantage**, and lowered if it went worse. Shorter episodes are filled up with dead steps, which count nothing.
#
# ### L12.5 Returns, and the gradient of a policy
#
# *Difficulty ●●●○○ · importance ●●●●● · 15 minutes · `hint("L12.5")`*


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
report = check("L12.5", returns, reinforce_dlogits)
report.points

# %% [markdown]
# ## 6 · A memory to look back with
#
# An agent that sees only the present has forgotten the sign at the entrance when it comes to the junction. Attention
# can look back: at each step the query of the present asks the keys of all steps so far, its own included. What it
# reads is joined with what it sees, and both decide. The future it must not see: there is none yet.
#
# ### L12.6 A policy with memory, and the test
#
# *Difficulty ●●●●○ · importance ●●●●○ · 25 minutes · `hint("L12.6")`*


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
report = check("L12.6", policy, check_no_future)
report.points
