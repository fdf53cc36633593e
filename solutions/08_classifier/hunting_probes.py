"""What L8.3 asks of each part of the script, with the learner's lines in it."""

import numpy as np

UNASKED = [
    "django",
    "flask",
    "celery",
    "scrapy",
    "pygame",
    "selenium",
    "sqlalchemy",
    "fabric",
    "bokeh",
]


def installs_today(mended, packages):
    from attnkit.bughunt import load
    from packaging.requirements import Requirement

    # versions that have packages for today's Python, and some that may come
    made = {
        "tensorflow": [f"2.{minor}.{patch}" for minor in range(16, 50) for patch in range(5)],
        "numpy": [f"1.26.{patch}" for patch in range(5)]
        + [f"2.{minor}.{patch}" for minor in range(30) for patch in range(10)],
    }
    kinds = {"tensorflow-cpu": "tensorflow", "tf-nightly": "tensorflow"}
    wanted = [Requirement(text) for text in load(mended(), "REQUIREMENTS")]
    names = [each.name.lower().replace("_", "-") for each in wanted]
    names = [kinds.get(name, name) for name in names]

    def asked(name):
        return any(
            each.specifier.contains(version, prereleases=True)
            for each, other in zip(wanted, names, strict=True)
            if other == name
            for version in made.get(name, ["1.0", "2.0", "3.0", "4.0", "5.0"])
        )

    found = {name: asked(name) for name in packages}
    if "tensorflow" not in names:  # Keras runs on others, too
        found["tensorflow"] = "keras" in names and bool({"jax", "torch"} & set(names))
    if "numpy" not in names:  # it comes with what needs it
        found["numpy"] = found["tensorflow"]
    return {name: found[name] for name in packages}


def shares(mended, praise, blame):
    from attnkit.bughunt import load

    texts = [f"good {i}" for i in range(praise)] + [f"bad {i}" for i in range(blame)]
    labels = [1] * praise + [0] * blame
    train, _, test = load(mended(), "split")(texts, labels)
    own = all(str(t).startswith("good") == bool(y) for t, y in zip(*train, strict=True))
    return np.array([np.mean(train[1]), np.mean(test[1]), float(own)])


def with_own_labels(mended, n):
    from attnkit.bughunt import load

    train, _, _ = load(mended(), "split")([f"text {i}" for i in range(n)], list(range(n)))
    own = all(str(t) == f"text {y}" for t, y in zip(*train, strict=True))
    return len(train[0]) if own else 0


def apart(mended, praise, blame):
    from attnkit.bughunt import load

    n = praise + blame
    parts = load(mended(), "split")(
        [f"text {i}" for i in range(n)], [int(i < praise) for i in range(n)]
    )
    train, validation, test = ({str(t) for t in part[0]} for part in parts)
    return {
        "in validation and in test": len(validation & test),
        "in training and elsewhere": len(train & (validation | test)),
        "in no part": n - len(train | validation | test),
        "in one part only": len(train ^ validation ^ test) - len(train & validation & test),
    }


def fitted_on(mended, train, validation, test):
    from attnkit.bughunt import load

    seen = []

    class Notes:  # takes any method that fits, and notes down what it is fitted on
        def __getattr__(self, name):
            return lambda texts, *args, **kwargs: seen.extend(str(text) for text in texts)

    load(mended(), "fit_tokenizer", Tokenizer=Notes)(train, validation, test)
    return {
        "training texts": len(set(train) & set(seen)),
        "validation texts": len(set(validation) & set(seen)),
        "test texts": len(set(test) & set(seen)),
    }


def knows_words(mended, train):
    from attnkit.bughunt import load

    tokenizer = load(mended(), "fit_tokenizer")(train, [], [])
    return len({word for text in train for word in text.split()} & set(tokenizer.word_index))


def rows(mended, sequences, max_len):
    from attnkit.bughunt import load

    class Given:
        def texts_to_sequences(self, texts):
            return [list(ids) for ids in sequences]

    return np.asarray(load(mended(), "encode")(Given(), ["…"] * len(sequences), max_len))


def read_back(mended, words, ids):
    from attnkit.bughunt import Tokenizer, load

    tokenizer = Tokenizer()
    tokenizer.word_index = {word: i for i, word in enumerate(words, 1)}
    tokenizer.index_word = dict(enumerate(words, 1))
    return str(load(mended(), "decode")(tokenizer, np.array(ids)))


def table_rows(mended, texts, max_len, D, H):
    import keras
    from attnkit.bughunt import Tokenizer, load

    words = dict.fromkeys(word for text in texts for word in text.split())
    n = len(words)
    tokenizer = Tokenizer()
    tokenizer.word_index = {word: i for i, word in enumerate(words, 1)}
    tokenizer.index_word = dict(enumerate(words, 1))
    model = load(mended(), "build_model")(tokenizer, max_len, D, H)
    tables = [layer for layer in model.layers if isinstance(layer, keras.layers.Embedding)]
    return max(min(table.input_dim, n + 1) for table in tables)


def moves_with(mended, n, ids_BT, D, H, rows, seed, seen):
    """Whether what is seen moves with these rows of the words' table, of which row 0 is the pads'.

    Seen is what attention tells other words, or what the last layer gets, where table and attention
    are told of the pads in any case; then, too, whether all places stand there side by side.
    """
    from contextlib import nullcontext
    from unittest import mock

    import keras
    from attnkit.bughunt import Tokenizer, load

    class Table(keras.layers.Embedding):
        def __init__(self, *args, **kwargs):
            super().__init__(*args, **kwargs)
            self.supports_masking = True

        def compute_mask(self, inputs, mask=None):
            return keras.ops.not_equal(inputs, 0)

    class Attention(keras.layers.MultiHeadAttention):
        def __call__(self, *args, **kwargs):
            kwargs.pop("attention_mask", None)
            return super().__call__(*args, **kwargs)

    last = seen == "what the last layer gets"
    in_any_case = mock.patch.multiple(keras.layers, Embedding=Table, MultiHeadAttention=Attention)
    tokenizer = Tokenizer()
    tokenizer.word_index = {f"w{i}": i for i in range(1, n + 1)}
    with in_any_case if last else nullcontext():
        model = load(mended(), "build_model")(tokenizer, ids_BT.shape[1], D, H)
    rng = np.random.default_rng(seed)
    model.set_weights([rng.normal(0, 0.6, w.shape) for w in model.get_weights()])
    layers = model.layers
    if last:
        ends = [layer for layer in layers if isinstance(layer, keras.layers.Dense)][-1:]
        flat = [layer.input for layer in ends if len(layer.input.shape) == 2]
        told = keras.Model(model.input, flat[0] if flat else model.output)
    else:
        kind = keras.layers.MultiHeadAttention
        attention = next(layer for layer in layers if isinstance(layer, kind))
        told = keras.Model(model.inputs, attention.output)
    before = keras.ops.convert_to_numpy(told(ids_BT))
    tables = [layer for layer in layers if isinstance(layer, keras.layers.Embedding)]
    moved = {}
    for row in set(rows):  # 0 are the pads, all others are words
        own = [np.array(keras.ops.convert_to_numpy(table.embeddings)) for table in tables]
        for table, numbers in zip(tables, own, strict=True):
            other = numbers.copy()
            other[row] += 1 + rng.random(D)
            table.embeddings.assign(other)
        by_row = abs(keras.ops.convert_to_numpy(told(ids_BT)) - before)
        if not last:
            # what other words are told, in rows with pads: where all is hidden, as by a mask turned
            # round, a softmax sees all
            others_BT = (ids_BT != 0) & (ids_BT != row) & (ids_BT == 0).any(axis=1, keepdims=True)
            by_row = by_row[others_BT]
        moved[row] = bool(not by_row.max() < 1e-5)
        for table, numbers in zip(tables, own, strict=True):
            table.embeddings.assign(numbers)
    found = np.array([moved[row] for row in rows])
    return (found, before.shape[1] == ids_BT.shape[1] * D) if last else found


def output_shape(mended, n, ids_BT, D, H):
    from attnkit.bughunt import Tokenizer, load

    tokenizer = Tokenizer()
    tokenizer.word_index = {f"w{i}": i for i in range(1, n + 1)}
    model = load(mended(), "build_model")(tokenizer, ids_BT.shape[1], D, H)
    return np.array(model(ids_BT).shape)


def gives_probabilities(mended, n, ids_BT, D, H, seed):
    import keras
    from attnkit.bughunt import Tokenizer, load

    tokenizer = Tokenizer()
    tokenizer.word_index = {f"w{i}": i for i in range(1, n + 1)}
    model = load(mended(), "build_model")(tokenizer, ids_BT.shape[1], D, H)
    rng = np.random.default_rng(seed)
    between, differ = True, np.zeros(len(ids_BT) - 1, dtype=bool)
    for scale in (0.6, 0.3):
        model.set_weights([rng.normal(0, scale, w.shape) for w in model.get_weights()])
        p = keras.ops.convert_to_numpy(model(ids_BT))
        between &= bool(((p >= 0) & (p <= 1)).all())
        differ |= abs(p[1:] - p[:-1]).reshape(len(differ), -1).max(axis=1) > 1e-5
    return {"between 0 and 1": between, "the same as for the text above": ~differ}


def mean_vector(mended, x_TD, ids_T):
    from attnkit.bughunt import load

    return np.asarray(load(mended(), "text_vector")(x_TD, ids_T))
