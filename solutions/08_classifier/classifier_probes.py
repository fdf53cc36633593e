"""What L8.2 asks of a model: whether its output moves with words, order and pads."""

import numpy as np


def shape(build_classifier, vocab_size, max_len, D, H, ids_BT):
    model = build_classifier(vocab_size, max_len, D, H)
    return np.array(model(ids_BT).shape)


def probability(build_classifier, vocab_size, max_len, D, H, ids_BT, seed):
    import keras

    model = build_classifier(vocab_size, max_len, D, H)
    model(ids_BT)
    rng = np.random.default_rng(seed)
    between, same = True, True
    differ = np.zeros(len(ids_BT) - 1, dtype=bool)
    for scale in (0.6, 0.4, 0.2):  # some models are sure of everything if their weights are large
        model.set_weights(
            [
                rng.normal(0, scale, w.shape) if w.trainable else rng.uniform(0.5, 1.5, w.shape)
                for w in model.weights
            ]
        )
        p, again = (keras.ops.convert_to_numpy(model(ids_BT)) for _ in range(2))
        between &= bool(((p >= 0) & (p <= 1)).all())
        differ |= abs(p[1:] - p[:-1]).reshape(len(differ), -1).max(axis=1) > 1e-5
        same &= bool(np.allclose(p, again, atol=1e-5))
    return {
        "all between 0 and 1": between,
        "the same when asked again": same,
        "the same as the review above": ~differ,
    }


def loss(build_classifier, y_B1, p_B1):
    import keras

    given = build_classifier(23, 11, 12, 3).loss
    if given is None:
        raise ValueError("the model isn't compiled, so it has no loss")
    given = given[0] if isinstance(given, (list, tuple)) else given
    each = keras.losses.get(given)(y_B1.astype("float32"), p_B1.astype("float32"))
    return float(np.mean(keras.ops.convert_to_numpy(each)))


def last_id(build_classifier, vocab_size, max_len, D, H, words, seed):
    import keras

    model = build_classifier(vocab_size, max_len, D, H)
    ids_BT = np.full((len(words) + 1, max_len), vocab_size - 2)
    ids_BT[:-1, :2] = np.array(words)[:, None]
    model(ids_BT[-1:])
    rng = np.random.default_rng(seed)
    differs = np.zeros(len(words), dtype=bool)
    for scale in (0.6, 0.4, 0.2):
        model.set_weights(
            [
                rng.normal(0, scale, w.shape) if w.trainable else rng.uniform(0.5, 1.5, w.shape)
                for w in model.weights
            ]
        )
        p = keras.ops.convert_to_numpy(model(ids_BT))
        differs |= abs(p[:-1] - p[-1]).reshape(len(words), -1).max(axis=1) > 1e-5
    return differs


def heads(build_classifier, vocab_size, max_len, keys, one, other):
    """How many heads have the attention layers? As many as asked, if they are the learner's own."""
    count = 0
    for H in (one, other):
        model = build_classifier(vocab_size, max_len, keys * H, H)
        model(np.ones((1, max_len), dtype=int))
        layers = model._flatten_layers()
        found = [each.num_heads for each in layers if hasattr(each, "num_heads")]
        steps = [s for s in getattr(model, "operations", ()) if type(s).__name__ == "Softmax"]
        if steps and not found:  # heads that pool: for each, a softmax over the words
            found = [0]
            for step in steps:
                for node in step._inbound_nodes:
                    shape = list(node.outputs[0].shape)
                    if shape.pop(step.axis) == max_len:
                        found.append(int(np.prod(shape[1:])))
            found.append(sum(found))  # or one after another
        count += H if not found or H in found else max(found)
    return count


def pads(build_classifier, vocab_size, max_len, D, H, ids_BT, changed, seed):
    import keras

    model = build_classifier(vocab_size, max_len, D, H)
    model(ids_BT)
    heads = [layer for layer in model.layers if isinstance(layer, keras.layers.MultiHeadAttention)]
    try:  # what attention gives, where the model is a graph of layers
        parts = keras.Model(model.inputs, [model.outputs[0], heads[0].output])
    except Exception:
        parts = None

    def outputs(ids):
        out = parts(ids) if parts else [model(ids)] * 2
        return [keras.ops.convert_to_numpy(each) for each in out]

    rng = np.random.default_rng(seed)
    of_pads = np.array(changed) == 0
    moved, seen = np.zeros(len(changed), dtype=bool), False
    others = [np.where(ids_BT == word, word % (vocab_size - 1) + 1, ids_BT) for word in changed]
    for scale in (0.6, 0.4, 0.2):
        model.set_weights(
            [
                rng.normal(0, scale, w.shape) if w.trainable else rng.uniform(0.5, 1.5, w.shape)
                for w in model.weights
            ]
        )
        out, inside = outputs(ids_BT)
        by_words = keras.ops.convert_to_numpy(model(np.concatenate(others)))
        by_words = abs(by_words.reshape(len(changed), *out.shape) - out)
        for w in model.weights:
            if len(w.shape) == 2 and vocab_size <= w.shape[0] <= vocab_size + 2:
                table = np.array(keras.ops.convert_to_numpy(w))
                table[0] += 1 + rng.random(table.shape[1])
                w.assign(table)
        out_pads, inside_pads = outputs(ids_BT)
        moved |= np.where(
            of_pads,
            not abs(out_pads - out).max() < 1e-5,
            by_words.reshape(len(changed), -1).max(axis=1) > 1e-5,
        )
        each_word = parts is not None and inside.shape[:2] == ids_BT.shape
        inside = abs(inside_pads - inside)
        seen |= bool((inside[ids_BT != 0] if each_word else inside).max() > 1e-5)
    names = sorted(type(layer).__name__ for layer in model.layers)
    return (
        moved,
        seen,
        any(getattr(layer, "mask_zero", False) for layer in model.layers),
        [name for name in names if "Pooling" in name],
        any(w.shape[0] == max_len * D for w in model.weights if len(w.shape) == 2),
    )


def words(build_classifier, vocab_size, max_len, D, H, ids_T, others_T, seed):
    import keras

    model = build_classifier(vocab_size, max_len, D, H)
    rng = np.random.default_rng(seed)
    ids_BT = np.tile(ids_T, (max_len + 1, 1))
    ids_BT[range(max_len), range(max_len)] = others_T
    model(ids_BT)
    moved = np.zeros(max_len, dtype=bool)
    for scale in (0.6, 0.4, 0.2):
        model.set_weights(
            [
                rng.normal(0, scale, w.shape) if w.trainable else rng.uniform(0.5, 1.5, w.shape)
                for w in model.weights
            ]
        )
        p_B1 = keras.ops.convert_to_numpy(model(ids_BT))
        moved |= abs(p_B1[:-1] - p_B1[-1]).reshape(max_len, -1).max(axis=1) > 1e-5
    return moved


def order(build_classifier, vocab_size, max_len, D, H, ids_BT, places, seed):
    import keras

    model = build_classifier(vocab_size, max_len, D, H)
    rng = np.random.default_rng(seed)
    other_BT = ids_BT.copy()
    for row, (s, t) in zip(other_BT, places, strict=True):
        row[[s, t]] = row[[t, s]]
    both = np.concatenate([ids_BT, other_BT])
    model(both)
    moved = np.zeros(len(ids_BT), dtype=bool)
    for scale in (0.6, 0.6, 0.3):
        model.set_weights(
            [
                rng.normal(0, scale, w.shape) if w.trainable else rng.uniform(0.5, 1.5, w.shape)
                for w in model.weights
            ]
        )
        before, after = np.split(keras.ops.convert_to_numpy(model(both)), 2)
        moved |= abs(after - before).reshape(len(ids_BT), -1).max(axis=1) > 1e-5
    return moved, any(len(w.shape) > 1 and w.shape[0] == max_len for w in model.weights)


def agree(build_classifier, vocab_size, max_len, D, H, ids_BT, pairs):
    """Two models that are built alike, with weights drawn from the seeds of each pair."""
    import keras

    models = [build_classifier(vocab_size, max_len, D, H) for _ in range(2)]
    for model in models:
        model(ids_BT)  # some have their weights only then
    found = []
    for seeds in pairs:
        given = []
        for model, seed in zip(models, seeds, strict=True):
            rng = np.random.default_rng(seed)
            model.set_weights(
                [
                    rng.normal(0, 0.2, w.shape) if w.trainable else rng.uniform(0.5, 1.5, w.shape)
                    for w in model.weights
                ]
            )
            given.append(keras.ops.convert_to_numpy(model(ids_BT)))
        found.append(bool(abs(given[0] - given[1]).max() < 1e-5))
    return np.array(found)
