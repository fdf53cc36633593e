"""What L3.5 asks of a training: which sentences it sees, and which number it believes."""

import numpy as np


def seen_in_an_epoch(train_epoch, y_N, batch_size, seed, what):
    """What the gradients before each step were asked about; sentence i has the ids (i, i).

    A label is a number of stars, from 0 to 10.
    """
    ids_N2 = np.stack([np.arange(len(y_N))] * 2, axis=1)
    asked, batches, orders = [], [], []

    def gradients(params, ids_BT, y_B):
        asked.extend(zip(np.array(ids_BT)[:, 0].tolist(), np.array(y_B).tolist(), strict=True))
        return {"p": np.zeros(1)}

    def step(params, grads, state):
        batches.append(asked.copy())
        asked.clear()
        return params, state

    rng = np.random.default_rng(seed)
    for _ in range(3):
        batches.clear()
        train_epoch({"p": np.zeros(1)}, None, ids_N2, y_N, gradients, step, batch_size, rng)
        orders.append([i for batch in batches for i, _ in batch])
    if what == "sentences":
        return np.sort(orders[-1])
    if what == "labels":
        return np.array([y for _, y in sorted(pair for batch in batches for pair in batch)])
    if what == "sizes":
        return np.array([len(batch) for batch in batches])
    if what == "one label":
        return sum(len({y for _, y in batch}) == 1 for batch in batches)
    if what == "stars in all batches":
        return np.array([all(y in [s for _, s in batch] for batch in batches) for y in range(11)])
    return sum(order == orders[0] for order in orders[1:])


def with_constant_gradients(train_epoch, g_ND, ids_NT, y_N, batch_size, lr, seed):
    """Sentence i always has the gradient g_ND[i]; its first id is i."""

    def gradients(params, ids_BT, y_B):
        return {"p": g_ND[ids_BT[:, 0]].sum(axis=0), "b": np.array([float(len(y_B))])}

    def step(params, grads, state):
        return {name: params[name] - lr * grads[name] for name in params}, state + 1

    params = {"p": np.zeros(g_ND.shape[1]), "b": np.zeros(1)}
    rng = np.random.default_rng(seed)
    return train_epoch(params, 0, ids_NT, y_N, gradients, step, batch_size, rng)


def halfway_to_the_goal(train_epoch, start, n, batch_size, seed):
    """Every sentence pulls each number towards 0; a step goes half the way and counts itself."""
    ids_NT, y_N = np.ones((n, 3), dtype=int), np.arange(n) % 2

    def gradients(params, ids_BT, y_B):
        return {"p": len(y_B) * params["p"]}

    def step(params, grads, state):
        return {"p": params["p"] - grads["p"] / 2}, {"steps": state["steps"] + 1}

    params, state = {"p": start}, {"steps": 10}
    rng = np.random.default_rng(seed)
    params, state = train_epoch(params, state, ids_NT, y_N, gradients, step, batch_size, rng)
    return params["p"], state["steps"]


def a_training(train, accuracies_PE, what, sizes=(7, 5, 4), steps=0):
    """A training whose accuracies are known: rows train, validation, test; a column per epoch.

    Column 0 is before the first epoch. The parameters are the number of epochs that made them, the
    state is `steps` more.
    """
    data = {}
    for part, (name, n) in enumerate(zip(("train", "validation", "test"), sizes, strict=True)):
        data[name] = np.full((n, 3), part + 2), np.arange(n) % 2
    trained, looks = [], []

    def one_epoch(params, state, ids_NT, y_N):
        trained.append([len(y_N), int(ids_NT[0, 0]) - 2, int(params["p"][0]), state["steps"]])
        return {"p": params["p"] + 1}, {"steps": state["steps"] + 1}

    def accuracy(params, ids_NT, y_N):
        part = int(ids_NT[0, 0]) - 2
        looks.append(part)
        return float(accuracies_PE[part, int(params["p"][0])])

    epochs = accuracies_PE.shape[1] - 1
    start = {"p": np.zeros(1)}, {"steps": steps}
    best, history, tested = train(*start, data, one_epoch, accuracy, epochs)
    if what == "history":
        return np.array([float(a) for a in history])
    if what == "best":
        return int(best["p"][0])
    if what == "test":
        return float(tested)
    if what == "looks":
        return sum(part == 2 for part in looks)
    return np.array(trained)
