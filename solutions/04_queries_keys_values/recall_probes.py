"""What L4.7 asks of a training: which lists it learns from, and whether it can look things up."""

import numpy as np


def lists_of_each_step(train_recall, first, steps, batch_size, seed, what):
    """Lists are numbered as they are drawn, from `first` on; a step does nothing but count.

    The training comes in two parts, with one generator.
    """
    drawn, asked, sizes, seen = [], [], [], set()

    def draw(rng):
        drawn.append(first + len(drawn))
        return np.array([[drawn[-1], rng.random()]]), drawn[-1] % 5

    def gradients(params, x_TD, answer):
        n, chance = np.asarray(x_TD)[0].tolist()
        asked.append(int(n) if answer == n % 5 else -int(n))
        seen.add(chance)
        return {"p": np.zeros(1)}

    def step(params, grads, state):
        sizes.append(len(asked) - sum(sizes))
        return params, state

    rng = np.random.default_rng(seed)
    for _ in range(2):
        train_recall({"p": np.zeros(1)}, None, draw, gradients, step, steps, batch_size, rng)
    return {"numbers": np.sort(asked), "sizes": np.array(sizes), "different": len(seen)}[what]


def with_known_gradients(train_recall, g_ND, lr, steps, batch_size):
    """The n-th list drawn has the gradient g_ND[n]. Where do so many steps lead?"""
    drawn = []

    def draw(rng):
        drawn.append(len(drawn))
        return np.full((2, 3), float(drawn[-1])), 1

    def gradients(params, x_TD, answer):
        return {"p": g_ND[int(x_TD[0, 0])], "b": np.ones(1)}

    def step(params, grads, state):
        return {name: params[name] - lr * grads[name] for name in params}, state

    params, rng = {"p": np.zeros(g_ND.shape[1]), "b": np.zeros(1)}, np.random.default_rng(0)
    params, _ = train_recall(params, None, draw, gradients, step, steps, batch_size, rng)
    return params["p"], params["b"]


def halfway_to_the_goal(train_recall, start_D, before, steps, batch_size):
    """Every list pulls each number towards 0; a step goes half the way and counts itself."""

    def gradients(params, x_TD, answer):
        return {"p": params["p"]}

    def step(params, grads, state):
        return {"p": params["p"] - grads["p"] / 2}, {"steps": state["steps"] + 1}

    given = {"p": start_D.copy()}
    params, state = train_recall(
        given, {"steps": before}, lambda rng: (np.zeros((2, 3)), 0), gradients, step, steps,
        batch_size, np.random.default_rng(0),
    )  # fmt: skip
    return params["p"], state["steps"], given["p"]


def of_one_matrix(recall_gradients, params, x_TD, answer, name):
    """The gradient of one of the three matrices."""
    return np.asarray(recall_gradients(params, x_TD, answer)[name])


def recalled(recall_gradients, train_recall, who_NS, hooks_NS, asked_N, names, hooks, seed):
    """What is answered to these lists after a short training on others, drawn here."""
    rng, K, pairs = np.random.default_rng(seed), 5, who_NS.shape[1]

    def as_list(who_S, hook_S, asked):
        x_TD = np.zeros((pairs + 1, names + hooks + 1))
        rows = np.arange(pairs)
        x_TD[rows, who_S] = x_TD[rows, names + hook_S] = 1
        x_TD[-1, who_S[asked]] = x_TD[-1, -1] = 1
        return x_TD

    def draw(rng):
        who_S, hook_S = rng.permutation(names)[:pairs], rng.permutation(hooks)[:pairs]
        asked = rng.integers(pairs)
        return as_list(who_S, hook_S, asked), int(hook_S[asked])

    def step(params, grads, before):  # and a part of the step before once more
        ahead = {n: params[n] + 0.9 * (params[n] - before[n]) for n in params}
        return {n: ahead[n] - 0.25 * grads[n] for n in params}, params

    D = names + hooks + 1
    params = {n: rng.normal(0, 0.1, (D, hooks if n == "Wv" else K)) for n in ("Wq", "Wk", "Wv")}
    params, _ = train_recall(params, params, draw, recall_gradients, step, 150, 16, rng)
    said = []
    for who_S, hook_S, asked in zip(who_NS, hooks_NS, asked_N, strict=True):
        x_TD = as_list(who_S, hook_S, asked)
        e_T = x_TD @ params["Wk"] @ (x_TD[-1] @ params["Wq"]) / K**0.5
        w_T = np.exp(e_T - e_T.max())
        said.append(int((w_T @ x_TD @ params["Wv"]).argmax()))
    return np.array(said)
