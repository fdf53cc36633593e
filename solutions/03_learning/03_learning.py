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

# %%
import numpy as np
from attnkit import check

# %% answer="L3.1"
def pool_backward(x_TD, W_AD, u_A, dz_D):
    """The gradients of the loss in W, u and x, from its gradient in z = attention_pool(x, W, u).

    x_TD: (T, D), one word a row. W_AD: (A, D), u_A: (A,); the scores are uᵀ tanh(W x_i).
    dz_D: (D,), the gradient of the loss in z.

    Returns (dW_AD, du_A, dx_TD), each of the shape of what it belongs to.
    """
    ### BEGIN SOLUTION
    h_TA = np.tanh(x_TD @ W_AD.T)
    e_T = h_TA @ u_A
    exp_T = np.exp(e_T - e_T.max())
    s_T = exp_T / exp_T.sum()
    ds_T = x_TD @ dz_D
    de_T = s_T * (ds_T - (s_T * ds_T).sum())
    da_TA = np.outer(de_T, u_A) * (1 - h_TA**2)
    dx_TD = np.outer(s_T, dz_D) + da_TA @ W_AD
    return da_TA.T @ x_TD, de_T @ h_TA, dx_TD
    ### END SOLUTION


# %% check="L3.1"
report = check("L3.1", pool_backward)
report.points


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
        grads = {name: sums[name] / len(batch) for name in sums}
        params, state = step(params, grads, state)
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
