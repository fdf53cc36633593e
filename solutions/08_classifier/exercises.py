"""Lesson 8: the checks, the right variants and the misconceptions of its six exercises.

Models are judged by what they do. A probe builds a small one, gives every weight a random value and
looks at which outputs move: other pads must move nothing, two words that change places must. What a
probe gives is coarse (truth values, counts), so that two models with the same mistake give the same
answer, whatever else they are made of; facts that only serve to name a mistake stand behind the one
that is judged (`part=0`). Each probe looks at several cases, some of which must move something and
some not, in a drawn order, or counts what is there in a drawn number: nobody knows the right answer
who doesn't look.

L8.3 is one check for each of twelve bugs. Every probe loads one part of the script, with the
learner's lines in it, and looks at one bug's doing only: how the other eleven lines read makes no
difference. `attnkit.bughunt` holds the script, as the lesson shows it.

L8.5 asks a pretend accelerator, whose first step takes long and whose steps are done some time after
the call returns. It notes its own times on the same clock that the learner's function reads, and the
rate is held against what each way to count would have given on these very times: a machine that
stands still for a moment changes both. Nothing is held against a number of seconds.

L8.6 is judged on reviews of MR's test part, drawn anew from every seed; the verdicts are asked for
and their labels stay with the judge. All labels are in the package that every learner has: what this
can't stop is said in the lesson and in the README of `autograder/grading`.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from attnkit.data import split

from autograder.authoring import Check, Exercise, between, call, matching, normal, probe


def mixed(rng: np.random.Generator, low: int, high: int) -> list[bool]:
    """From `low` to `high` truth values in a drawn order; two to four of them are True."""
    n = int(rng.integers(low, high + 1))
    return [bool(i < 0) for i in rng.permutation(n) - int(rng.integers(2, 5))]


# --------------------------------------------------------------------------- L8.1

l8_1 = Exercise(
    id="L8.1",
    title="Reviews become arrays",
    functions=("make_dataset",),
    difficulty=2,
    importance=4,
    minutes=8,
    hints=(
        "Begin with an array of zeros of the shape (texts, max_len): then the pads are there already, "
        "and each row only has to be filled from the left.",
        "First turn all words of a text into ids, unknown ones into 1, then cut. For the beginning "
        "that is a slice up to max_len. Which slice keeps the last max_len entries of a list, and "
        "all of a shorter one?",
        "`ids[-max_len:]` is the end. Fill with `ids_NT[row, : len(ids)] = ids`, ask for "
        '`dtype="int32"` when you make the zeros and for `"float32"` when you make the labels, and '
        "raise the ValueError before anything else.",
    ),
)


def kinds(make_dataset, texts, labels, vocab, max_len):
    ids, y = make_dataset(texts, labels, vocab, max_len)
    whole, point = np.asarray(ids).dtype.kind in "iu", np.asarray(y).dtype.kind == "f"
    return {
        "arrays": type(ids) is np.ndarray and type(y) is np.ndarray,
        "ids are whole numbers": whole,
        "labels are floats": point,
    }


def refuses(make_dataset, texts, labels, vocab, max_len, keep):
    try:
        make_dataset(texts, labels, vocab, max_len, keep)
    except ValueError:
        return True
    return False


WRONG_ENDS = ["HEAD", "tial", "both", "end", "front", "last", "start", "heads", "", "Head"]


def vocab_afterwards(make_dataset, texts, labels, vocab, max_len):
    make_dataset(texts, labels, vocab, max_len, keep="tail")
    return vocab


@l8_1.checks
def l8_1_checks(rng: np.random.Generator) -> Iterator[Check]:
    (fresh,) = rng.spawn(1)
    words = ["a", "bad", "dull", "ending", "film", "good", "plot", "very"]
    numbers = [int(n) for n in rng.permutation(len(words)) + 2]
    vocab = dict(zip(words, numbers, strict=True))

    def text(length: int, new: str = "") -> str:
        drawn = [words[int(i)] for i in rng.integers(len(words), size=length)]
        if new:
            drawn[int(rng.integers(length))] = new
        return " ".join(drawn)

    short = [text(3), text(5, "unheard"), text(1), text(2, "baloney")]
    long = [text(9), text(4), text(13, "unheard"), text(6), text(7)]
    few = dict(zip(("good", "bad", "film"), (fresh.permutation(12) + 2).tolist(), strict=False))
    ends = [
        str(fresh.choice(["head", "tail"] if is_end else WRONG_ENDS))
        for is_end in mixed(fresh, 6, 7)
    ]
    yield Check(
        "texts that fit",
        points=1,
        calls=[
            call("make_dataset", short, [1, 0, 0, 1], vocab, 6),
            call("make_dataset", ["good film"], [1], vocab, 3, "tail"),
        ],
        says="One row a text, in the order of the texts, with its label. Words that are not in vocab "
        "are 1, and zeros fill up behind.",
    )
    yield Check(
        "too long: the beginning is kept",
        points=1,
        calls=[
            call("make_dataset", long, [0, 1, 1, 0, 1], vocab, 6),
            call("make_dataset", long, [0, 1, 1, 0, 1], vocab, 4, keep="head"),
        ],
        says='keep="head" is what counts if nothing is said: the first max_len words.',
    )
    yield Check(
        "too long: the ending is kept",
        points=1,
        calls=[
            call("make_dataset", long, [0, 1, 1, 0, 1], vocab, 6, keep="tail"),
            call("make_dataset", long, [0, 1, 1, 0, 1], vocab, 4, "tail"),
        ],
        says='keep="tail" keeps the last max_len words, in their order. Zeros stay behind, here too.',
    )
    yield Check(
        "numbers that a model can take",
        points=1,
        calls=[
            probe(kinds, short, [1, 0, 0, 1], vocab, 6, says="What was returned"),
            probe(
                vocab_afterwards,
                ["bad film unheard", "good good film"],
                [0, 1],
                few,
                4,
                says="The vocab, afterwards,",
            ),
        ],
        says="Ids look up rows, so they are whole numbers; a loss wants labels with a decimal point. "
        "The vocabulary was fitted on the training texts, and nothing is added to it here.",
    )
    yield Check(
        "an end that doesn't exist",
        points=1,
        calls=[
            *(
                probe(refuses, short, [1, 0, 0, 1], vocab, 6, keep, says="Whether it was refused")
                for keep in ("middle", "head", "Tail", "tail")
            ),
            *(
                probe(refuses, ["good film"], [1], few, 3, keep, says="Whether it was refused")
                for keep in ends
            ),
        ],
        says='keep is "head" or "tail". Anything else is a slip of the pen, and must raise a '
        "ValueError before a wrong end is read in silence.",
    )


@l8_1.right("list by list")
def make_dataset(texts, labels, vocab, max_len, keep="head"):
    rows = []
    for text in texts:
        ids = [vocab.get(word, 1) for word in text.split()]
        if keep == "head":
            ids = ids[:max_len]
        elif keep == "tail":
            ids = ids[max(0, len(ids) - max_len) :]
        else:
            raise ValueError(keep)
        rows.append(ids + [0] * (max_len - len(ids)))
    return np.array(rows, dtype=np.int32), np.array(labels, dtype=np.float32)


@l8_1.right("words cut first, 64 bits")
def make_dataset(texts, labels, vocab, max_len, keep="head"):
    ends = {"head": slice(None, max_len), "tail": slice(-max_len, None)}
    if keep not in ends:
        raise ValueError(f"no such end: {keep}")
    ids_NT = np.zeros((len(texts), max_len), dtype=int)
    for n, text in enumerate(texts):
        for t, word in enumerate(text.split()[ends[keep]]):
            ids_NT[n, t] = vocab.get(word, 1)
    return ids_NT, np.asarray(labels, dtype=float)


@l8_1.right("padded by NumPy")
def make_dataset(texts, labels, vocab, max_len, keep="head"):
    if keep == "head":
        cut = [text.split()[:max_len] for text in texts]
    elif keep == "tail":
        cut = [text.split()[::-1][:max_len][::-1] for text in texts]
    else:
        raise ValueError(f"{keep} is neither head nor tail")
    rows = [np.pad([vocab.get(w, 1) for w in words], (0, max_len - len(words))) for words in cut]
    return np.stack(rows).astype("int32"), np.array(labels).astype("float32")


@l8_1.wrong(
    "keep-ignored",
    "Your function keeps the beginning whatever `keep` says. Nobody would notice: a review without its "
    'ending is still a review. What should become of a long one for keep="tail"?',
)
def make_dataset(texts, labels, vocab, max_len, keep="head"):
    if keep not in ("head", "tail"):
        raise ValueError(keep)
    ids_NT = np.zeros((len(texts), max_len), dtype="int32")
    for row, text in enumerate(texts):
        ids = [vocab.get(word, 1) for word in text.split()][:max_len]
        ids_NT[row, : len(ids)] = ids
    return ids_NT, np.array(labels, dtype="float32")


@l8_1.wrong(
    "always-the-end",
    "Your function keeps the ending whatever `keep` says, as some libraries do unless told otherwise. "
    "The beginning is asked for if nothing is said.",
)
def make_dataset(texts, labels, vocab, max_len, keep="head"):
    if keep not in ("head", "tail"):
        raise ValueError(keep)
    ids_NT = np.zeros((len(texts), max_len), dtype="int32")
    for row, text in enumerate(texts):
        ids = [vocab.get(word, 1) for word in text.split()][-max_len:]
        ids_NT[row, : len(ids)] = ids
    return ids_NT, np.array(labels, dtype="float32")


@l8_1.wrong(
    "ends-exchanged",
    'You exchanged the two ends: "head" keeps the last words and "tail" the first.',
)
def make_dataset(texts, labels, vocab, max_len, keep="head"):
    if keep not in ("head", "tail"):
        raise ValueError(keep)
    ids_NT = np.zeros((len(texts), max_len), dtype="int32")
    for row, text in enumerate(texts):
        ids = [vocab.get(word, 1) for word in text.split()]
        ids = ids[-max_len:] if keep == "head" else ids[:max_len]
        ids_NT[row, : len(ids)] = ids
    return ids_NT, np.array(labels, dtype="float32")


@l8_1.wrong(
    "pads-in-front",
    "Your zeros stand in front of the words, as in many older scripts. Here they stand behind, for both "
    "ends: the first word is at place 0, and a position means the same in a short text and a long one.",
)
def make_dataset(texts, labels, vocab, max_len, keep="head"):
    if keep not in ("head", "tail"):
        raise ValueError(keep)
    ids_NT = np.zeros((len(texts), max_len), dtype="int32")
    for row, text in enumerate(texts):
        ids = [vocab.get(word, 1) for word in text.split()]
        ids = ids[:max_len] if keep == "head" else ids[-max_len:]
        ids_NT[row, max_len - len(ids) :] = ids
    return ids_NT, np.array(labels, dtype="float32")


@l8_1.wrong(
    "pads-in-front-of-endings",
    'For keep="tail" your zeros stand in front. Which end of a text is kept and on which side it is '
    "filled up are two questions: the zeros stay behind.",
)
def make_dataset(texts, labels, vocab, max_len, keep="head"):
    if keep not in ("head", "tail"):
        raise ValueError(keep)
    ids_NT = np.zeros((len(texts), max_len), dtype="int32")
    for row, text in enumerate(texts):
        ids = [vocab.get(word, 1) for word in text.split()]
        if keep == "head":
            ids_NT[row, : len(ids[:max_len])] = ids[:max_len]
        else:
            ids_NT[row, max_len - len(ids[-max_len:]) :] = ids[-max_len:]
    return ids_NT, np.array(labels, dtype="float32")


@l8_1.wrong(
    "refits-the-vocabulary",
    "You numbered the words of these texts anew. The model has learned what the ids of *its* "
    "vocabulary mean: with other numbers it would read other words. Use the vocab that you are given.",
)
def make_dataset(texts, labels, vocab, max_len, keep="head"):
    if keep not in ("head", "tail"):
        raise ValueError(keep)
    own = {}
    for text in texts:
        for word in text.split():
            own.setdefault(word, len(own) + 2)
    ids_NT = np.zeros((len(texts), max_len), dtype="int32")
    for row, text in enumerate(texts):
        ids = [own[word] for word in text.split()]
        ids = ids[:max_len] if keep == "head" else ids[-max_len:]
        ids_NT[row, : len(ids)] = ids
    return ids_NT, np.array(labels, dtype="float32")


@l8_1.wrong(
    "vocabulary-grows",
    "You gave each new word a number of its own and put it into vocab. The model's table has no row "
    "for such an id, and the caller's dict is changed. Unknown words are 1.",
)
def make_dataset(texts, labels, vocab, max_len, keep="head"):
    if keep not in ("head", "tail"):
        raise ValueError(keep)
    ids_NT = np.zeros((len(texts), max_len), dtype="int32")
    for row, text in enumerate(texts):
        for word in text.split():
            vocab.setdefault(word, len(vocab) + 2)
        ids = [vocab[word] for word in text.split()]
        ids = ids[:max_len] if keep == "head" else ids[-max_len:]
        ids_NT[row, : len(ids)] = ids
    return ids_NT, np.array(labels, dtype="float32")


@l8_1.wrong(
    "unknown-past-the-table",
    "Your unknown words get an id behind all others, for which the model's table has no row: on a CPU "
    "that is an error, on a GPU a row of zeros and silence. Which id is kept for them?",
)
def make_dataset(texts, labels, vocab, max_len, keep="head"):
    if keep not in ("head", "tail"):
        raise ValueError(keep)
    unknown = len(vocab) + 2
    ids_NT = np.zeros((len(texts), max_len), dtype="int32")
    for row, text in enumerate(texts):
        ids = [vocab.get(word, unknown) for word in text.split()]
        ids = ids[:max_len] if keep == "head" else ids[-max_len:]
        ids_NT[row, : len(ids)] = ids
    return ids_NT, np.array(labels, dtype="float32")


@l8_1.wrong(
    "unknown-as-pad",
    "Your unknown words became 0, as if nothing stood there. A mask would hide them, and a text of new "
    "words would be empty. They have an id of their own: 1.",
)
def make_dataset(texts, labels, vocab, max_len, keep="head"):
    if keep not in ("head", "tail"):
        raise ValueError(keep)
    ids_NT = np.zeros((len(texts), max_len), dtype="int32")
    for row, text in enumerate(texts):
        ids = [vocab.get(word, 0) for word in text.split()]
        ids = ids[:max_len] if keep == "head" else ids[-max_len:]
        ids_NT[row, : len(ids)] = ids
    return ids_NT, np.array(labels, dtype="float32")


@l8_1.wrong(
    "unknown-left-out",
    "You left unknown words out, so that their neighbours move together. They are words, too: each "
    "keeps its place, with the id 1.",
)
def make_dataset(texts, labels, vocab, max_len, keep="head"):
    if keep not in ("head", "tail"):
        raise ValueError(keep)
    ids_NT = np.zeros((len(texts), max_len), dtype="int32")
    for row, text in enumerate(texts):
        ids = [vocab[word] for word in text.split() if word in vocab]
        ids = ids[:max_len] if keep == "head" else ids[-max_len:]
        ids_NT[row, : len(ids)] = ids
    return ids_NT, np.array(labels, dtype="float32")


@l8_1.wrong(
    "any-end-will-do",
    'Your function takes whatever isn\'t "head" for "tail". Who writes keep="Tail" or "middle" never '
    "learns of it: raise a ValueError.",
)
def make_dataset(texts, labels, vocab, max_len, keep="head"):
    ids_NT = np.zeros((len(texts), max_len), dtype="int32")
    for row, text in enumerate(texts):
        ids = [vocab.get(word, 1) for word in text.split()]
        ids = ids[:max_len] if keep == "head" else ids[-max_len:]
        ids_NT[row, : len(ids)] = ids
    return ids_NT, np.array(labels, dtype="float32")


@l8_1.wrong(
    "ending-turned-round",
    "Your endings come in reverse order, last word first. Only the beginning of the text is dropped; "
    "what is kept stays as it was written.",
)
def make_dataset(texts, labels, vocab, max_len, keep="head"):
    if keep not in ("head", "tail"):
        raise ValueError(keep)
    ids_NT = np.zeros((len(texts), max_len), dtype="int32")
    for row, text in enumerate(texts):
        ids = [vocab.get(word, 1) for word in text.split()]
        ids = ids[:max_len] if keep == "head" else ids[::-1][:max_len]
        ids_NT[row, : len(ids)] = ids
    return ids_NT, np.array(labels, dtype="float32")


@l8_1.wrong(
    "lists",
    "Your rows are lists in a list, and your labels whole numbers. One array of each is asked for: ids "
    "of type int32, labels of type float32.",
)
def make_dataset(texts, labels, vocab, max_len, keep="head"):
    if keep not in ("head", "tail"):
        raise ValueError(keep)
    rows = []
    for text in texts:
        ids = [vocab.get(word, 1) for word in text.split()]
        ids = ids[:max_len] if keep == "head" else ids[-max_len:]
        rows.append(ids + [0] * (max_len - len(ids)))
    return rows, list(labels)


@l8_1.wrong(
    "labels-left-whole",
    "Your labels are whole numbers. A loss subtracts and multiplies them with floats: ask for float32.",
)
def make_dataset(texts, labels, vocab, max_len, keep="head"):
    if keep not in ("head", "tail"):
        raise ValueError(keep)
    ids_NT = np.zeros((len(texts), max_len), dtype="int32")
    for row, text in enumerate(texts):
        ids = [vocab.get(word, 1) for word in text.split()]
        ids = ids[:max_len] if keep == "head" else ids[-max_len:]
        ids_NT[row, : len(ids)] = ids
    return ids_NT, np.array(labels)


@l8_1.wrong(
    "ids-as-floats",
    "Your ids have a decimal point: `np.zeros` makes floats unless told otherwise. They look up rows of "
    "a table, so ask for int32.",
)
def make_dataset(texts, labels, vocab, max_len, keep="head"):
    if keep not in ("head", "tail"):
        raise ValueError(keep)
    ids_NT = np.zeros((len(texts), max_len))
    for row, text in enumerate(texts):
        ids = [vocab.get(word, 1) for word in text.split()]
        ids = ids[:max_len] if keep == "head" else ids[-max_len:]
        ids_NT[row, : len(ids)] = ids
    return ids_NT, np.array(labels, dtype="float32")


l8_1.allow_mutant(
    after='if keep not in ("tail", "head"):', reason="The same two ends, named the other way round."
)


# --------------------------------------------------------------------------- L8.2

l8_2 = Exercise(
    id="L8.2",
    title="The classifier",
    functions=("build_classifier",),
    difficulty=4,
    importance=5,
    minutes=20,
    hints=(
        "Write the shapes beside the steps: ids (B, T), words (B, T, D), attended words (B, T, D), one "
        "vector a review (B, D), one number (B, 1). Two of the steps must know which ids are 0.",
        "`keep_BT = keras.ops.not_equal(ids, 0)` is the mask; make it once and hand it on yourself, for "
        "a bare `+` loses a mask that travels along. Attention takes `attention_mask`, of the shape "
        "(B, 1, T); `GlobalAveragePooling1D` takes `mask`. Where do a word's places 0, 1, 2, … come "
        "from, and why must they be part of the model?",
        "Places: `keras.ops.cumsum(keras.ops.ones_like(ids), axis=1) - 1`, looked up in a second "
        "`Embedding(max_len, D)` and added. Attention: `MultiHeadAttention(H, D // H)(x, x, "
        "attention_mask=keep[:, None, :])`. Pool: `GlobalAveragePooling1D()(x, mask=keep)`. Then "
        '`Dense(1, activation="sigmoid")`, and the loss is "binary_crossentropy".',
    ),
)


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
        model.set_weights([rng.normal(0, scale, w.shape) for w in model.get_weights()])
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
        model.set_weights([rng.normal(0, scale, w.shape) for w in model.get_weights()])
        p = keras.ops.convert_to_numpy(model(ids_BT))
        differs |= abs(p[:-1] - p[-1]).reshape(len(words), -1).max(axis=1) > 1e-5
    return differs


def heads(build_classifier, vocab_size, max_len, D, H):
    """How many heads have Keras's attention layers? H, if it is the learner's own layer."""
    model = build_classifier(vocab_size, max_len, D, H)
    model(np.ones((1, max_len), dtype=int))
    found = [layer.num_heads for layer in model._flatten_layers() if hasattr(layer, "num_heads")]
    return H if not found or H in found else max(found)


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
        model.set_weights([rng.normal(0, scale, w.shape) for w in model.get_weights()])
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
        model.set_weights([rng.normal(0, scale, w.shape) for w in model.get_weights()])
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
        model.set_weights([rng.normal(0, scale, w.shape) for w in model.get_weights()])
        before, after = np.split(keras.ops.convert_to_numpy(model(both)), 2)
        moved |= abs(after - before).reshape(len(ids_BT), -1).max(axis=1) > 1e-5
    return moved, any(len(w.shape) > 1 and w.shape[0] == max_len for w in model.weights)


def ragged_ids(rng: np.random.Generator, B: int, T: int, vocab_size: int) -> np.ndarray:
    """Reviews of different lengths; the first is full, all others have zeros behind."""
    ids_BT = rng.integers(2, vocab_size, (B, T))
    for b, length in enumerate(rng.permutation(np.arange(2, T - 1))[: B - 1], 1):
        ids_BT[b, length:] = 0
    return ids_BT


@l8_2.checks
def l8_2_checks(rng: np.random.Generator) -> Iterator[Check]:
    (fresh,) = rng.spawn(1)
    seed = int(rng.integers(1000))
    V, T, D, H = 41, 11, 12, 3  # no other array of a model is likely to have V rows
    ids_BT = ragged_ids(rng, 5, T, V)
    few_BT = ragged_ids(rng, 4, 7, 31)
    some_BT = ids_BT[fresh.integers(5, size=fresh.integers(13, 33))]
    yield Check(
        "one number a review",
        points=1,
        calls=[
            probe(shape, V, T, D, H, some_BT, says="The output's shape"),
            probe(
                *(shape, 31, 7, 10, 2, few_BT[fresh.integers(4, size=fresh.integers(11, 23))]),
                says="The output's shape",
            ),
        ],
        says="Attention gives a vector for each word. Somewhere they must become one for the review.",
    )
    again = mixed(fresh, 7, 9)  # whether a review is the one above once more
    repeated_BT = ragged_ids(fresh, 9, T, V)[np.cumsum([False, *np.logical_not(again)])]
    yield Check(
        "a probability",
        points=1,
        calls=[
            probe(
                *(probability, V, T, D, H, repeated_BT, seed),
                says="What is true of the model's outputs",
            )
        ],
        says="With any weights the output lies between 0 and 1. It is the same for the same review, "
        "and differs from review to review.",
    )
    y_B1 = (np.arange(6)[:, None] % 2).astype(float)
    p_B1 = np.round(rng.uniform(0.1, 0.9, (6, 1)), 2)
    yield Check(
        "the loss of a probability",
        points=1,
        calls=[probe(loss, y_B1, p_B1, says="The model's loss of some outputs", tolerance=1e-4)],
        says="The model is compiled with the binary cross-entropy of probabilities, since it gives "
        "probabilities. (On TensorFlow, Keras sees a last sigmoid and forgives the wrong one in "
        "silence; other backends don't.)",
    )
    ends = [V - 2 if same else V - 1 for same in mixed(fresh, 7, 9)]
    yield Check(
        "a row for every word",
        points=1,
        calls=[
            probe(
                *(last_id, V, T, D, H, ends, seed),
                says="Whether a review of the last word but one changes with each of these words",
            )
        ],
        says="Ids go from 0 to vocab_size − 1, each with a row of its own.",
    )
    changed = [0 if is_pad else int(fresh.choice(ids_BT[0])) for is_pad in mixed(fresh, 7, 9)]
    yield Check(
        "pads change nothing",
        points=2,
        part=0,
        calls=[
            probe(
                *(pads, V, T, D, H, ids_BT, changed, seed),
                says="Whether the output moves, with row 0 of the table, the pads' vector, or with "
                "a word that is replaced,",
            )
        ],
        says="A review is the same review with more zeros behind it. They may be neither attended to "
        "nor pooled.",
    )
    yield Check(
        "as many heads as asked",
        points=1,
        calls=[
            probe(heads, vocab_size, 7, keys * n, n, says="The number of the attention's heads")
            for vocab_size, n, keys in zip(
                (V, 31), fresh.integers(2, 10, 2).tolist(), (10, 11), strict=True
            )
        ],
        says="H is the number of heads. What a head's keys are long is yours to choose.",
    )
    ids_T = fresh.integers(2, V - 1, T)
    others_T = np.where(mixed(fresh, T, T), ids_T, V - 1)
    yield Check(
        "every word counts",
        points=1,
        calls=[
            probe(
                *(words, V, T, D, H, ids_T, others_T, seed),
                says="Whether the output moves with the word at each place, replaced by another "
                "or by the same,",
            )
        ],
        says="Of a review without pads each word, the first as well as the last, can change the output.",
    )
    twice = mixed(fresh, 7, 9)  # whether the two words that change places are the same
    ordered_BT = np.stack([fresh.permutation(29)[:7] + 2 for _ in twice])
    ordered_BT[:, -2:] = 0
    places = [fresh.permutation(5)[:2].tolist() for _ in twice]
    for row, (s, t), same in zip(ordered_BT, places, twice, strict=True):
        row[t] = row[s] if same else row[t]
    yield Check(
        "order counts",
        points=2,
        part=0,
        calls=[
            probe(
                *(order, 31, 7, 10, 2, ordered_BT, places, seed),
                says="Whether the output moves when two words, unlike or alike, change places",
            )
        ],
        says="Attention is blind to order, and so is a mean: a word must know its place before they "
        "see it.",
    )


@l8_2.right("the mask travels along, through a layer that lets it pass")
def build_classifier(vocab_size, max_len, D, H):
    import keras

    class WithPlaces(keras.layers.Layer):
        def __init__(self):
            super().__init__()
            self.supports_masking = True
            self.places = keras.layers.Embedding(max_len, D)

        def call(self, x_BTD):
            return x_BTD + self.places(keras.ops.arange(max_len))

    ids = keras.Input((max_len,))
    x = WithPlaces()(keras.layers.Embedding(vocab_size, D, mask_zero=True)(ids))
    x = keras.layers.MultiHeadAttention(H, max(1, D // H))(x, x)
    z = keras.layers.GlobalAveragePooling1D()(x)
    model = keras.Model(ids, keras.layers.Dense(1, activation="sigmoid")(z))
    model.compile(optimizer="sgd", loss=keras.losses.BinaryCrossentropy())
    return model


@l8_2.right("a class of its own, masked by hand")
def build_classifier(vocab_size, max_len, D, H):
    import keras
    from keras import layers, ops

    class Reader(keras.Model):
        def __init__(self):
            super().__init__()
            self.words, self.places = layers.Embedding(vocab_size, D), layers.Embedding(max_len, D)
            self.attend = layers.MultiHeadAttention(H, 8)
            self.norm, self.hidden = layers.LayerNormalization(), layers.Dense(9, "relu")
            self.out = layers.Dense(1)

        def call(self, ids, training=False):
            keep = ops.cast(ops.not_equal(ids, 0), "float32")[:, :, None]
            x = self.words(ids) + self.places(ops.arange(max_len))[None]
            x = self.norm(x + self.attend(x, x, attention_mask=keep[:, None, :, 0] > 0))
            z = ops.sum(x * keep, axis=1) / ops.maximum(ops.sum(keep, axis=1), 1.0)
            return ops.sigmoid(self.out(self.hidden(z)))

    model = Reader()
    model.compile(loss="binary_crossentropy", metrics=["accuracy"])
    return model


@l8_2.right("one learned query asks all words")
def build_classifier(vocab_size, max_len, D, H):
    import keras

    ids = keras.Input((max_len,), dtype="int32")
    keep = keras.ops.expand_dims(keras.ops.cast(ids, "bool"), 1)
    place = keras.ops.cumsum(keras.ops.ones_like(ids), axis=1) - 1
    x = keras.layers.Embedding(vocab_size + 1, D)(ids)
    x = x * (1 + keras.layers.Embedding(max_len, D)(place))
    query = keras.layers.Embedding(1, D)(keras.ops.zeros_like(ids[:, :1]))
    z = keras.layers.MultiHeadAttention(H, D // H)(query, x, attention_mask=keep)
    z = keras.layers.Flatten()(z)
    p = keras.layers.Activation("sigmoid")(keras.layers.Dense(1)(z))
    model = keras.Model(ids, p)
    model.compile("adam", ["binary_crossentropy"])
    return model


@l8_2.right("a whole block, the largest of the words' numbers")
def build_classifier(vocab_size, max_len, D, H):
    import keras
    from keras import layers, ops

    ids = keras.Input((max_len,), dtype="int32")
    keep = ops.not_equal(ids, 0)
    place = ops.cumsum(ops.ones_like(ids), axis=1) - 1
    x = layers.Add()([layers.Embedding(vocab_size, D)(ids), layers.Embedding(max_len, D)(place)])
    normed = layers.LayerNormalization()(x)
    x = x + layers.MultiHeadAttention(H, D)(normed, normed, attention_mask=keep[:, None, :])
    x = x + layers.Dense(D)(layers.Dense(2 * D, "gelu")(layers.LayerNormalization()(x)))
    z = ops.max(ops.where(keep[:, :, None], x, -1e9), axis=1)
    model = keras.Model(ids, layers.Dense(1, "sigmoid")(layers.Dropout(0.5)(z)))
    model.compile("adamw", keras.losses.BinaryCrossentropy(from_logits=False))
    return model


@l8_2.wrong(
    "never-pooled",
    "Your model gives one number for every word: the output has the shape (B, T, 1). Keras would train "
    "it without complaint, against the label repeated T times. What turns T vectors into one?",
)
def build_classifier(vocab_size, max_len, D, H):
    import keras

    ids = keras.Input((max_len,), dtype="int32")
    keep = keras.ops.not_equal(ids, 0)
    place = keras.ops.cumsum(keras.ops.ones_like(ids), axis=1) - 1
    x = keras.layers.Embedding(vocab_size, D)(ids) + keras.layers.Embedding(max_len, D)(place)
    x = keras.layers.MultiHeadAttention(H, D // H)(x, x, attention_mask=keep[:, None, :])
    model = keras.Model(ids, keras.layers.Dense(1, activation="sigmoid")(x))
    model.compile("adam", "binary_crossentropy")
    return model


@l8_2.wrong(
    "pads-pooled",
    "Attention leaves the pads alone, but your mean counts them in: the layer that pools wasn't told "
    "which places are words. A short review is watered down by its own padding.",
)
def build_classifier(vocab_size, max_len, D, H):
    import keras

    ids = keras.Input((max_len,), dtype="int32")
    keep = keras.ops.not_equal(ids, 0)
    place = keras.ops.cumsum(keras.ops.ones_like(ids), axis=1) - 1
    x = keras.layers.Embedding(vocab_size, D)(ids) + keras.layers.Embedding(max_len, D)(place)
    x = x + keras.layers.MultiHeadAttention(H, D // H)(x, x, attention_mask=keep[:, None, :])
    z = keras.layers.GlobalAveragePooling1D()(x)
    model = keras.Model(ids, keras.layers.Dense(1, activation="sigmoid")(z))
    model.compile("adam", "binary_crossentropy")
    return model


@l8_2.wrong(
    "max-over-pads",
    "`GlobalMaxPooling1D` ignores masks: where all words have negative numbers, a pad wins. Put "
    "something very small in the pads' places first, or pool in another way.",
)
def build_classifier(vocab_size, max_len, D, H):
    import keras

    ids = keras.Input((max_len,), dtype="int32")
    keep = keras.ops.not_equal(ids, 0)
    place = keras.ops.cumsum(keras.ops.ones_like(ids), axis=1) - 1
    x = keras.layers.Embedding(vocab_size, D)(ids) + keras.layers.Embedding(max_len, D)(place)
    x = x + keras.layers.MultiHeadAttention(H, D // H)(x, x, attention_mask=keep[:, None, :])
    z = keras.layers.GlobalMaxPooling1D()(x)
    model = keras.Model(ids, keras.layers.Dense(1, activation="sigmoid")(z))
    model.compile("adam", "binary_crossentropy")
    return model


@l8_2.wrong(
    "last-place-taken",
    "You took the vector at the last place for the whole review. In a short review that place is a "
    "pad. Which places are words?",
)
def build_classifier(vocab_size, max_len, D, H):
    import keras

    ids = keras.Input((max_len,), dtype="int32")
    keep = keras.ops.not_equal(ids, 0)
    place = keras.ops.cumsum(keras.ops.ones_like(ids), axis=1) - 1
    x = keras.layers.Embedding(vocab_size, D)(ids) + keras.layers.Embedding(max_len, D)(place)
    x = x + keras.layers.MultiHeadAttention(H, D // H)(x, x, attention_mask=keep[:, None, :])
    model = keras.Model(ids, keras.layers.Dense(1, activation="sigmoid")(x[:, -1]))
    model.compile("adam", "binary_crossentropy")
    return model


@l8_2.wrong(
    "mask-lost-on-the-way",
    "`mask_zero=True` makes a mask, but it is lost on the way: the sum of word and place, by a bare `+`, "
    "has none any more, and attention and pooling see every pad. Nothing warns you. Hand the mask on "
    "yourself.",
)
def build_classifier(vocab_size, max_len, D, H):
    import keras

    ids = keras.Input((max_len,), dtype="int32")
    place = keras.ops.cumsum(keras.ops.ones_like(ids), axis=1) - 1
    x = keras.layers.Embedding(vocab_size, D, mask_zero=True)(ids)
    x = x + keras.layers.Embedding(max_len, D)(place)
    x = keras.layers.MultiHeadAttention(H, D // H)(x, x)
    z = keras.layers.GlobalAveragePooling1D()(x)
    model = keras.Model(ids, keras.layers.Dense(1, activation="sigmoid")(z))
    model.compile("adam", "binary_crossentropy")
    return model


@l8_2.wrong(
    "no-mask-at-all",
    "Nothing in your model says which ids are pads: they are attended to and pooled like words. Which "
    "comparison gives the mask, and which two layers need it?",
)
def build_classifier(vocab_size, max_len, D, H):
    import keras

    ids = keras.Input((max_len,), dtype="int32")
    place = keras.ops.cumsum(keras.ops.ones_like(ids), axis=1) - 1
    x = keras.layers.Embedding(vocab_size, D)(ids) + keras.layers.Embedding(max_len, D)(place)
    x = keras.layers.MultiHeadAttention(H, D // H)(x, x)
    z = keras.layers.GlobalAveragePooling1D()(x)
    model = keras.Model(ids, keras.layers.Dense(1, activation="sigmoid")(z))
    model.compile("adam", "binary_crossentropy")
    return model


@l8_2.wrong(
    "mask-inverted",
    "Your mask is True for the pads and hides the words. True means keep, in Keras as in this course.",
)
def build_classifier(vocab_size, max_len, D, H):
    import keras

    ids = keras.Input((max_len,), dtype="int32")
    keep = keras.ops.equal(ids, 0)
    place = keras.ops.cumsum(keras.ops.ones_like(ids), axis=1) - 1
    x = keras.layers.Embedding(vocab_size, D)(ids) + keras.layers.Embedding(max_len, D)(place)
    x = keras.layers.MultiHeadAttention(H, D // H)(x, x, attention_mask=keep[:, None, :])
    z = keras.layers.GlobalAveragePooling1D()(x, mask=keep)
    model = keras.Model(ids, keras.layers.Dense(1, activation="sigmoid")(z))
    model.compile("adam", "binary_crossentropy")
    return model


@l8_2.wrong(
    "sigmoid-and-from-logits",
    "Your model gives a probability, and its loss (from_logits=True) takes the sigmoid of it once more. "
    "On TensorFlow Keras undoes this in silence; on another backend the same model would learn from "
    "wrong losses. One of the two has to go: the output should stay a probability.",
)
def build_classifier(vocab_size, max_len, D, H):
    import keras

    ids = keras.Input((max_len,), dtype="int32")
    keep = keras.ops.not_equal(ids, 0)
    place = keras.ops.cumsum(keras.ops.ones_like(ids), axis=1) - 1
    x = keras.layers.Embedding(vocab_size, D)(ids) + keras.layers.Embedding(max_len, D)(place)
    x = keras.layers.MultiHeadAttention(H, D // H)(x, x, attention_mask=keep[:, None, :])
    z = keras.layers.GlobalAveragePooling1D()(x, mask=keep)
    model = keras.Model(ids, keras.layers.Dense(1, activation="sigmoid")(z))
    model.compile("adam", keras.losses.BinaryCrossentropy(from_logits=True))
    return model


@l8_2.wrong(
    "logits-out",
    "Your model gives logits, any real numbers, with the loss that fits them. That is a good way to "
    "train; but what comes out here is read as a probability. Which activation makes one of a logit?",
)
def build_classifier(vocab_size, max_len, D, H):
    import keras

    ids = keras.Input((max_len,), dtype="int32")
    keep = keras.ops.not_equal(ids, 0)
    place = keras.ops.cumsum(keras.ops.ones_like(ids), axis=1) - 1
    x = keras.layers.Embedding(vocab_size, D)(ids) + keras.layers.Embedding(max_len, D)(place)
    x = keras.layers.MultiHeadAttention(H, D // H)(x, x, attention_mask=keep[:, None, :])
    z = keras.layers.GlobalAveragePooling1D()(x, mask=keep)
    model = keras.Model(ids, keras.layers.Dense(1)(z))
    model.compile("adam", keras.losses.BinaryCrossentropy(from_logits=True))
    return model


@l8_2.wrong(
    "no-sigmoid",
    "Your model gives any real number, and its loss takes it for a probability. Outside of 0 to 1 the "
    "loss is cut off and teaches nothing. Which activation is missing?",
)
def build_classifier(vocab_size, max_len, D, H):
    import keras

    ids = keras.Input((max_len,), dtype="int32")
    keep = keras.ops.not_equal(ids, 0)
    place = keras.ops.cumsum(keras.ops.ones_like(ids), axis=1) - 1
    x = keras.layers.Embedding(vocab_size, D)(ids) + keras.layers.Embedding(max_len, D)(place)
    x = keras.layers.MultiHeadAttention(H, D // H)(x, x, attention_mask=keep[:, None, :])
    z = keras.layers.GlobalAveragePooling1D()(x, mask=keep)
    model = keras.Model(ids, keras.layers.Dense(1)(z))
    model.compile("adam", "binary_crossentropy")
    return model


@l8_2.wrong(
    "softmax-of-one",
    "A softmax over one unit is 1, always: one number competes with nobody. Your model calls every "
    "review praise, with certainty, and its gradient is 0. Which function turns *one* score into a "
    "probability?",
)
def build_classifier(vocab_size, max_len, D, H):
    import keras

    ids = keras.Input((max_len,), dtype="int32")
    keep = keras.ops.not_equal(ids, 0)
    place = keras.ops.cumsum(keras.ops.ones_like(ids), axis=1) - 1
    x = keras.layers.Embedding(vocab_size, D)(ids) + keras.layers.Embedding(max_len, D)(place)
    x = keras.layers.MultiHeadAttention(H, D // H)(x, x, attention_mask=keep[:, None, :])
    z = keras.layers.GlobalAveragePooling1D()(x, mask=keep)
    model = keras.Model(ids, keras.layers.Dense(1, activation="softmax")(z))
    model.compile("adam", "binary_crossentropy")
    return model


@l8_2.wrong(
    "two-units",
    "Your model gives two numbers a review, one for each class. They sum to 1, so one would do: the "
    "probability of praise, shape (B, 1).",
)
def build_classifier(vocab_size, max_len, D, H):
    import keras

    ids = keras.Input((max_len,), dtype="int32")
    keep = keras.ops.not_equal(ids, 0)
    place = keras.ops.cumsum(keras.ops.ones_like(ids), axis=1) - 1
    x = keras.layers.Embedding(vocab_size, D)(ids) + keras.layers.Embedding(max_len, D)(place)
    x = keras.layers.MultiHeadAttention(H, D // H)(x, x, attention_mask=keep[:, None, :])
    z = keras.layers.GlobalAveragePooling1D()(x, mask=keep)
    model = keras.Model(ids, keras.layers.Dense(2, activation="softmax")(z))
    model.compile("adam", "sparse_categorical_crossentropy")
    return model


@l8_2.wrong(
    "no-positions",
    "Two words may change places and your model doesn't notice: *not good, bad* is *not bad, good* to "
    "it. Attention and mean are both blind to order. What did lesson 7 add to the words?",
)
def build_classifier(vocab_size, max_len, D, H):
    import keras

    ids = keras.Input((max_len,), dtype="int32")
    keep = keras.ops.not_equal(ids, 0)
    x = keras.layers.Embedding(vocab_size, D)(ids)
    x = x + keras.layers.MultiHeadAttention(H, D // H)(x, x, attention_mask=keep[:, None, :])
    z = keras.layers.GlobalAveragePooling1D()(x, mask=keep)
    model = keras.Model(ids, keras.layers.Dense(1, activation="sigmoid")(z))
    model.compile("adam", "binary_crossentropy")
    return model


@l8_2.wrong(
    "positions-after-attention",
    "Your places are added behind the attention, just before a mean: each review of the same length "
    "gets the same sum of places, and order is lost again. Words must know their place before they "
    "are attended to.",
)
def build_classifier(vocab_size, max_len, D, H):
    import keras

    ids = keras.Input((max_len,), dtype="int32")
    keep = keras.ops.not_equal(ids, 0)
    place = keras.ops.cumsum(keras.ops.ones_like(ids), axis=1) - 1
    x = keras.layers.Embedding(vocab_size, D)(ids)
    x = keras.layers.MultiHeadAttention(H, D // H)(x, x, attention_mask=keep[:, None, :])
    x = x + keras.layers.Embedding(max_len, D)(place)
    z = keras.layers.GlobalAveragePooling1D()(x, mask=keep)
    model = keras.Model(ids, keras.layers.Dense(1, activation="sigmoid")(z))
    model.compile("adam", "binary_crossentropy")
    return model


@l8_2.wrong(
    "one-row-short",
    "Your table has no row for the id vocab_size − 1. On a CPU the model stops at that word; on a GPU "
    "it reads zeros and says nothing. How many ids are there from 0 to vocab_size − 1?",
)
def build_classifier(vocab_size, max_len, D, H):
    import keras

    ids = keras.Input((max_len,), dtype="int32")
    keep = keras.ops.not_equal(ids, 0)
    place = keras.ops.cumsum(keras.ops.ones_like(ids), axis=1) - 1
    x = keras.layers.Embedding(vocab_size - 1, D)(ids) + keras.layers.Embedding(max_len, D)(place)
    x = keras.layers.MultiHeadAttention(H, D // H)(x, x, attention_mask=keep[:, None, :])
    z = keras.layers.GlobalAveragePooling1D()(x, mask=keep)
    model = keras.Model(ids, keras.layers.Dense(1, activation="sigmoid")(z))
    model.compile("adam", "binary_crossentropy")
    return model


@l8_2.wrong(
    "squared-error",
    "You train by squared error. It forgives a sure mistake too easily: its gradient goes to 0 where "
    "the sigmoid is flat. The cross-entropy's doesn't.",
)
def build_classifier(vocab_size, max_len, D, H):
    import keras

    ids = keras.Input((max_len,), dtype="int32")
    keep = keras.ops.not_equal(ids, 0)
    place = keras.ops.cumsum(keras.ops.ones_like(ids), axis=1) - 1
    x = keras.layers.Embedding(vocab_size, D)(ids) + keras.layers.Embedding(max_len, D)(place)
    x = keras.layers.MultiHeadAttention(H, D // H)(x, x, attention_mask=keep[:, None, :])
    z = keras.layers.GlobalAveragePooling1D()(x, mask=keep)
    model = keras.Model(ids, keras.layers.Dense(1, activation="sigmoid")(z))
    model.compile("adam", "mean_squared_error")
    return model


@l8_2.wrong(
    "not-compiled",
    "Your model isn't compiled: what should training make small, and with which optimiser?",
)
def build_classifier(vocab_size, max_len, D, H):
    import keras

    ids = keras.Input((max_len,), dtype="int32")
    keep = keras.ops.not_equal(ids, 0)
    place = keras.ops.cumsum(keras.ops.ones_like(ids), axis=1) - 1
    x = keras.layers.Embedding(vocab_size, D)(ids) + keras.layers.Embedding(max_len, D)(place)
    x = keras.layers.MultiHeadAttention(H, D // H)(x, x, attention_mask=keep[:, None, :])
    z = keras.layers.GlobalAveragePooling1D()(x, mask=keep)
    return keras.Model(ids, keras.layers.Dense(1, activation="sigmoid")(z))


@l8_2.wrong(
    "dropout-always-on",
    "Your model gives another answer each time it is asked: with `training=True` the dropout goes on "
    "where it should rest. Leave `training` to Keras.",
)
def build_classifier(vocab_size, max_len, D, H):
    import keras

    ids = keras.Input((max_len,), dtype="int32")
    keep = keras.ops.not_equal(ids, 0)
    place = keras.ops.cumsum(keras.ops.ones_like(ids), axis=1) - 1
    x = keras.layers.Embedding(vocab_size, D)(ids) + keras.layers.Embedding(max_len, D)(place)
    x = keras.layers.Dropout(0.5)(x, training=True)
    x = keras.layers.MultiHeadAttention(H, D // H)(x, x, attention_mask=keep[:, None, :])
    z = keras.layers.GlobalAveragePooling1D()(x, mask=keep)
    model = keras.Model(ids, keras.layers.Dense(1, activation="sigmoid")(z))
    model.compile("adam", "binary_crossentropy")
    return model


@l8_2.wrong(
    "no-return",
    "Your function builds and compiles a model, and keeps it to itself. What does `compile` return?",
)
def build_classifier(vocab_size, max_len, D, H):
    import keras

    ids = keras.Input((max_len,), dtype="int32")
    keep = keras.ops.not_equal(ids, 0)
    place = keras.ops.cumsum(keras.ops.ones_like(ids), axis=1) - 1
    x = keras.layers.Embedding(vocab_size, D)(ids) + keras.layers.Embedding(max_len, D)(place)
    x = keras.layers.MultiHeadAttention(H, D // H)(x, x, attention_mask=keep[:, None, :])
    z = keras.layers.GlobalAveragePooling1D()(x, mask=keep)
    model = keras.Model(ids, keras.layers.Dense(1, activation="sigmoid")(z))
    return model.compile("adam", "binary_crossentropy")


@l8_2.wrong(
    "heads-and-width-exchanged",
    "You exchanged the two numbers of the attention layer: the number of heads comes first, then the "
    "length of a head's keys.",
)
def build_classifier(vocab_size, max_len, D, H):
    import keras

    ids = keras.Input((max_len,), dtype="int32")
    keep = keras.ops.not_equal(ids, 0)
    place = keras.ops.cumsum(keras.ops.ones_like(ids), axis=1) - 1
    x = keras.layers.Embedding(vocab_size, D)(ids) + keras.layers.Embedding(max_len, D)(place)
    x = keras.layers.MultiHeadAttention(D // H, H)(x, x, attention_mask=keep[:, None, :])
    z = keras.layers.GlobalAveragePooling1D()(x, mask=keep)
    model = keras.Model(ids, keras.layers.Dense(1, activation="sigmoid")(z))
    model.compile("adam", "binary_crossentropy")
    return model


@l8_2.wrong(
    "one-head",
    "Your model has one head, however many are asked for. Where does H belong?",
)
def build_classifier(vocab_size, max_len, D, H):
    import keras

    ids = keras.Input((max_len,), dtype="int32")
    keep = keras.ops.not_equal(ids, 0)
    place = keras.ops.cumsum(keras.ops.ones_like(ids), axis=1) - 1
    x = keras.layers.Embedding(vocab_size, D)(ids) + keras.layers.Embedding(max_len, D)(place)
    x = keras.layers.MultiHeadAttention(1, D)(x, x, attention_mask=keep[:, None, :])
    z = keras.layers.GlobalAveragePooling1D()(x, mask=keep)
    model = keras.Model(ids, keras.layers.Dense(1, activation="sigmoid")(z))
    model.compile("adam", "binary_crossentropy")
    return model


for after, reason in (
    (
        "keep = ids",
        "Keras takes every number but 0 for True.",
    ),
    (
        "x = x + keras.layers.MultiHeadAttention(H, D)(x, x, attention_mask=keep[:, None, :])",
        "How long a head's keys are isn't judged.",
    ),
    (
        'ids = -keras.Input((max_len,), dtype="int32")',
        "Keras counts negative ids from the table's end: its rows stand in another order.",
    ),
    (
        "ids = keras.Input((max_len,))",
        "Keras makes whole numbers of ids itself.",
    ),
    (
        "keep = keras.ops.not_equal(0, ids)",
        "The same comparison.",
    ),
    (
        "place = -(keras.ops.cumsum(keras.ops.ones_like(ids), axis=1) - 1)",
        "The places' rows stand in another order.",
    ),
    (
        "place = 1 - keras.ops.cumsum(keras.ops.ones_like(ids), axis=1)",
        "The places' rows stand in another order.",
    ),
    (
        "place = keras.ops.cumsum(keras.ops.ones_like(ids), axis=-1) - 1",
        "The last axis is axis 1.",
    ),
    (
        "place = keras.ops.cumsum(keras.ops.ones_like(ids), axis=1) - 2",
        "The places' rows stand in another order: -1 is the last.",
    ),
    (
        "x = -(keras.layers.Embedding(vocab_size, D)(ids) + keras.layers.Embedding(max_len, D)(place))",
        "A learned table's sign means nothing.",
    ),
    (
        "x = keras.layers.Embedding(vocab_size, D)(ids) - keras.layers.Embedding(max_len, D)(place)",
        "A learned table's sign means nothing.",
    ),
    (
        "x = keras.layers.Embedding(vocab_size, D)(ids) * keras.layers.Embedding(max_len, D)(place)",
        "Places may be multiplied in as well.",
    ),
    (
        "x = -keras.layers.Dropout(0.3)(x)",
        "A learned table's sign means nothing.",
    ),
    (
        "x = keras.layers.Dropout(0.15)(x)",
        "How much is dropped is the learner's to choose.",
    ),
    (
        "x = -(x + keras.layers.MultiHeadAttention(H, D // H)(x, x, attention_mask=keep[:, None, :]))",
        "The layer behind learns its sign.",
    ),
    (
        "x = x - keras.layers.MultiHeadAttention(H, D // H)(x, x, attention_mask=keep[:, None, :])",
        "The attention's last matrix learns its sign.",
    ),
    (
        "x = x * keras.layers.MultiHeadAttention(H, D // H)(x, x, attention_mask=keep[:, None, :])",
        "What comes after attention is the learner's to choose.",
    ),
    (
        "x = keras.layers.MultiHeadAttention(H, D // H)(x, x, attention_mask=keep[:, None, :])",
        "No residual sum is asked for.",
    ),
    (
        "x = x + keras.layers.MultiHeadAttention(H, D * H)(x, x, attention_mask=keep[:, None, :])",
        "How long a head's keys are isn't judged.",
    ),
    (
        "x = x + keras.layers.MultiHeadAttention(H, H)(x, x, attention_mask=keep[:, None, :])",
        "How long a head's keys are isn't judged.",
    ),
    (
        "z = -keras.layers.GlobalAveragePooling1D()(x, mask=keep)",
        "The layer behind learns its sign.",
    ),
    (
        "z = -keras.layers.Dropout(0.3)(z)",
        "The layer behind learns its sign.",
    ),
    (
        "z = keras.layers.Dropout(0.15)(z)",
        "How much is dropped is the learner's to choose.",
    ),
    (
        'model.compile("adam", "binary_crossentropy")',
        "Which numbers are shown while it trains isn't judged.",
    ),
):
    l8_2.allow_mutant(after=after, reason=reason)
l8_2.allow_mutant(dropped="x = keras.layers.Dropout(0.3)(x)", reason="No dropout is asked for.")
l8_2.allow_mutant(dropped="z = keras.layers.Dropout(0.3)(z)", reason="No dropout is asked for.")


# --------------------------------------------------------------------------- L8.3

l8_3 = Exercise(
    id="L8.3",
    title="A bug hunt",
    functions=("mended",),
    difficulty=4,
    importance=5,
    minutes=20,
    hints=(
        "Read each part with its docstring: what does it promise, and which line breaks the promise? "
        "REQUIREMENTS and text_vector have one bug each, split and fit_tokenizer two each, encode and "
        "decode one each, build_model four.",
        "In build_model follow the shapes and the pads: how many rows does the table need, who says "
        "that 0 is no word, what makes one vector of many, and over what does a softmax compete? In "
        "the data: which texts may be numbered, shuffled, chosen by?",
        "Lines 1, 6, 10, 17, 19, 27, 34 (or 35), 41, 42, 44, 45 and 51. An embedding makes a mask if it "
        "gets `mask_zero=True`, and attention passes it on; `GlobalAveragePooling1D` pools and heeds "
        "it; the tokenizer has `fit_on_texts`; `x_TD[ids_T != 0]` are the words' vectors alone.",
    ),
)


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

    made = {
        "tensorflow": ["2.20.0", "2.21.0"],
        "numpy": ["2.0.2", "2.1.3", "2.2.6", "2.3.5", "2.4.0"],
    }
    wanted = [Requirement(text) for text in load(mended(), "REQUIREMENTS")]
    return {
        name: any(
            each.specifier.contains(version)
            for each in wanted
            if each.name.lower() == name
            for version in made.get(name, ["1.0", "2.0", "3.0", "4.0", "5.0"])
        )
        for name in packages
    }


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


def apart(mended, n):
    from attnkit.bughunt import load

    parts = load(mended(), "split")([f"text {i}" for i in range(n)], [i % 2 for i in range(n)])
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


def table_rows(mended, n, max_len, D, H):
    import keras
    from attnkit.bughunt import Tokenizer, load

    tokenizer = Tokenizer()
    tokenizer.word_index = {f"w{i}": i for i in range(1, n + 1)}
    tokenizer.index_word = {i: f"w{i}" for i in range(1, n + 1)}
    model = load(mended(), "build_model")(tokenizer, max_len, D, H)
    tables = [layer for layer in model.layers if isinstance(layer, keras.layers.Embedding)]
    return max(min(table.input_dim, n + 1) for table in tables)


def sees_pads(mended, n, ids_BT, D, H, rows, seed):
    import keras
    from attnkit.bughunt import Tokenizer, load

    tokenizer = Tokenizer()
    tokenizer.word_index = {f"w{i}": i for i in range(1, n + 1)}
    model = load(mended(), "build_model")(tokenizer, ids_BT.shape[1], D, H)
    rng = np.random.default_rng(seed)
    model.set_weights([rng.normal(0, 0.6, w.shape) for w in model.get_weights()])
    kind = keras.layers.MultiHeadAttention
    attention = next(layer for layer in model.layers if isinstance(layer, kind))
    told = keras.Model(model.inputs, attention.output)
    before = keras.ops.convert_to_numpy(told(ids_BT))
    tables = [layer for layer in model.layers if isinstance(layer, keras.layers.Embedding)]
    moved = {}
    for row in set(rows):  # 0 are the pads, all others are words
        own = [np.array(keras.ops.convert_to_numpy(table.embeddings)) for table in tables]
        for table, numbers in zip(tables, own, strict=True):
            other = numbers.copy()
            other[row] += 1 + rng.random(D)
            table.embeddings.assign(other)
        # what other words are told, in rows with pads: where all is hidden, as by a mask turned
        # round, a softmax sees all
        others_BT = (ids_BT != 0) & (ids_BT != row) & (ids_BT == 0).any(axis=1, keepdims=True)
        by_row = abs(keras.ops.convert_to_numpy(told(ids_BT)) - before)[others_BT]
        moved[row] = bool(not by_row.max() < 1e-5)
        for table, numbers in zip(tables, own, strict=True):
            table.embeddings.assign(numbers)
    return np.array([moved[row] for row in rows])


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


@l8_3.checks
def l8_3_checks(rng: np.random.Generator) -> Iterator[Check]:
    (fresh,) = rng.spawn(1)
    seed = int(rng.integers(1000))
    n, D, H = 17, 10, 2
    ids_BT = ragged_ids(rng, 4, 8, n)
    some_BT = ids_BT[fresh.integers(4, size=fresh.integers(11, 40))]
    again = mixed(fresh, 7, 9)  # whether a text is the one above once more
    repeated_BT = ragged_ids(fresh, 9, 11, n)[np.cumsum([False, *np.logical_not(again)])]
    rows_seen = [
        0 if is_pad else int(fresh.choice(ids_BT[1:, :2].ravel())) for is_pad in mixed(fresh, 6, 8)
    ]
    praise, many = int(rng.integers(150, 250)), int(fresh.integers(60, 600))
    train, validation, test = (
        [f"{word} {i}" for i in fresh.permutation(90)[: fresh.integers(low, low + 12)]]
        for word, low in (("learn", 8), ("choose", 2), ("judge", 2))
    )
    packages = fresh.permutation(["tensorflow", "numpy", *fresh.permutation(UNASKED)[:4]]).tolist()
    yield Check(
        "line 1: requirements that can be installed",
        points=1,
        calls=[
            probe(
                installs_today,
                packages,
                says="Whether each package is asked for, in a version for today's Python",
            )
        ],
        says="A pin to a version of years ago can't be installed beside today's Python, and who does "
        "install it gets its bugs as well.",
    )
    yield Check(
        "split: both labels in every part",
        points=1,
        calls=[
            probe(
                shares,
                praise,
                400 - praise,
                says="The share of praise in training and in test, and whether labels and texts are "
                "still together (1 for yes),",
                expect=between(
                    np.array([praise / 400 - 0.08, praise / 400 - 0.35, 1]),
                    np.array([praise / 400 + 0.08, praise / 400 + 0.35, 1]),
                ),
                tolerance=0.02,
            ),
            probe(
                with_own_labels,
                many,
                says="The number of texts to learn from, if each has its own label,",
                expect=between(round(0.78 * many), round(0.82 * many)),
                tolerance=1e-6,
            ),
        ],
        says="The file has all praise first and then all blame. Cut as it is, the last part holds one "
        "label only.",
    )
    yield Check(
        "split: validation is not the test",
        points=1,
        calls=[
            probe(apart, int(fresh.integers(50, 150)), says="Where the texts are, and how many,")
        ],
        says="What is chosen by the test texts can't be judged with them any more.",
    )
    yield Check(
        "fit_tokenizer: fitted on training texts",
        points=1,
        calls=[probe(fitted_on, train, validation, test, says="What the tokenizer was fitted on")],
        says="Words of validation and test must be as unknown as words of the future.",
    )
    yield Check(
        "fit_tokenizer: a method that exists",
        points=1,
        calls=[
            probe(
                knows_words, train, says="How many of the training texts' words the tokenizer knows"
            )
        ],
        says="The tokenizer is never fitted: the method that is called is none of its own.",
    )
    yield Check(
        "encode: the last words, as it says",
        points=1,
        calls=[
            probe(rows, [[3, 1, 4, 1, 5, 9, 2], [6, 5], [3, 5, 8, 9]], 4, says="What encode gives"),
            probe(
                rows,
                [rng.integers(1, 30, k).tolist() for k in (4, 9, 6, 2)],
                6,
                says="What encode gives",
            ),
        ],
        says="The docstring promises the last max_len words of a text, and zeros behind.",
    )
    words = ["the", "film", "is", "good", "bad", "not", "and"]
    drawn = rng.permutation(len(words)) + 1
    yield Check(
        "decode: the right words",
        points=1,
        calls=[
            probe(read_back, words, [6, 5, 0, 0], says="What decode gives"),
            probe(read_back, words, [*drawn[:5].tolist(), 7, 1, 0], says="What decode gives"),
        ],
        says="The word with the number 1 stands at place 0 of a list.",
    )
    yield Check(
        "build_model: a row for every id",
        points=1,
        calls=[
            probe(
                *(table_rows, int(fresh.integers(20, 70)), 8, D, H),
                says="The number of rows that the table has, of those that the ids need,",
            )
        ],
        says="Numbers begin at 1, and 0 is the pad: how many rows are that?",
    )
    yield Check(
        "build_model: attention doesn't see pads",
        points=1,
        calls=[
            probe(
                *(sees_pads, n, ids_BT, D, H, rows_seen, seed),
                says="Whether what attention tells a word moves with each of these rows of the "
                "table, of which row 0 is the pads',",
            )
        ],
        says="A text is the same text with more zeros behind it.",
    )
    yield Check(
        "build_model: one number a text",
        points=1,
        calls=[probe(output_shape, n, some_BT, D, H, says="The output's shape")],
        says="Attention gives a vector for each word, and a review has one label.",
    )
    yield Check(
        "build_model: a probability",
        points=1,
        calls=[
            probe(
                *(gives_probabilities, n, repeated_BT, D, H, seed),
                says="What is true of the model's outputs",
            )
        ],
        says="Whatever the weights, different texts have different probabilities.",
    )
    yield Check(
        "text_vector: the mean of the words",
        points=1,
        calls=[
            probe(
                mean_vector,
                np.array([[1.0, 4.0], [3.0, 2.0], [9.0, 9.0]]),
                np.array([5, 2, 0]),
                says="The vector of a text of two words and a pad",
            ),
            probe(
                mean_vector,
                normal(rng, 7, 3),
                np.array([4, 9, 1, 3, 0, 0, 0]),
                says="The vector of a text of four words and three pads",
            ),
        ],
        says="The pads have vectors, too, and no meaning.",
    )


@l8_3.right("the mask by hand")
def mended():
    return {
        1: 'REQUIREMENTS = ["tensorflow", "numpy>=1.26", "keras>=3"]',
        6: "order = np.argsort(np.random.default_rng(7).random(len(texts)))",
        10: "validation = texts[a:b], labels[a:b]",
        17: "corpus = list(train_texts)",
        19: "tokenizer.fit_on_texts(train_texts)",
        26: "for ids in [each[-max_len:] for each in tokenizer.texts_to_sequences(texts)]:",
        27: "pass",
        35: 'return " ".join(tokenizer.index_word[i] for i in ids if i > 0)',
        41: "size = max(tokenizer.word_index.values()) + 1",
        43: "keep = keras.ops.not_equal(ids, 0)\nx = keras.layers.MultiHeadAttention(H, D // H)(\n    x, x, attention_mask=keep[:, None, :]\n)",
        44: "x = keras.layers.GlobalAveragePooling1D()(keras.layers.Dropout(0.2)(x), mask=keep)",
        45: "p = keras.layers.Dense(1)(x)\np = keras.layers.Activation('sigmoid')(p)",
        51: "keep_T = ids_T > 0\nreturn keep_T @ x_TD / keep_T.sum()",
    }


@l8_3.right("in other places")
def mended():
    return {
        1: 'REQUIREMENTS = ["tensorflow~=2.20", "numpy>=2.0,<3"]',
        6: "order = list(range(len(texts)))\nnp.random.default_rng(1).shuffle(order)",
        12: "validation = texts[a:b], labels[a:b]\nreturn train, validation, test",
        17: "",
        19: "tokenizer.fit_on_texts(train_texts)",
        27: "ids = ids[-max_len:]",
        35: "return ' '.join(words[i - 1] for i in ids if i != 0)",
        41: "size = len(tokenizer.word_index)",
        42: "x = keras.layers.Embedding(1 + size, D, mask_zero=True)(ids)",
        44: "keep = keras.ops.cast(ids != 0, x.dtype)[:, :, None]\nx = keras.ops.sum(x * keep, axis=1) / keras.ops.sum(keep, axis=1)",
        45: 'p = keras.layers.Dense(1, activation="sigmoid")(x)',
        51: "return sum(x for x, i in zip(x_TD, ids_T) if i) / sum(i != 0 for i in ids_T)",
    }


@l8_3.wrong(
    "pins-left",
    "The two pins stand: tensorflow 2.4.1 and numpy 1.19.5 are of 2020 and 2021, have no "
    "packages for today's Python, and their code no longer runs beside this. Ask for a "
    "version from which on it works, not for the one that was there.",
)
def mended():
    return {
        6: "order = np.random.default_rng(seed=0).permutation(len(texts))",
        10: "validation = texts[a:b], labels[a:b]",
        17: "corpus = train_texts",
        19: "tokenizer.fit_on_texts(corpus)",
        27: "ids = ids[-max_len:]",
        34: "words = [None, *tokenizer.word_index]",
        41: "size = len(tokenizer.word_index) + 1",
        42: "x = keras.layers.Embedding(size, D, mask_zero=True)(ids)",
        44: "x = keras.layers.GlobalAveragePooling1D()(x)",
        45: 'p = keras.layers.Dense(1, activation="sigmoid")(x)',
        51: "return x_TD[ids_T != 0].mean(axis=0)",
    }


@l8_3.wrong(
    "not-shuffled",
    "The texts are cut as the file has them, and the file is sorted by label: the last tenth "
    "is all of one kind, and so is what it is judged with. Put another order into line 6.",
)
def mended():
    return {
        1: 'REQUIREMENTS = ["tensorflow>=2.20", "numpy>=2"]',
        10: "validation = texts[a:b], labels[a:b]",
        17: "corpus = train_texts",
        19: "tokenizer.fit_on_texts(corpus)",
        27: "ids = ids[-max_len:]",
        34: "words = [None, *tokenizer.word_index]",
        41: "size = len(tokenizer.word_index) + 1",
        42: "x = keras.layers.Embedding(size, D, mask_zero=True)(ids)",
        44: "x = keras.layers.GlobalAveragePooling1D()(x)",
        45: 'p = keras.layers.Dense(1, activation="sigmoid")(x)',
        51: "return x_TD[ids_T != 0].mean(axis=0)",
    }


@l8_3.wrong(
    "validation-is-the-test",
    "Validation and test are the same texts. Whoever chooses the epoch by them has chosen by "
    "the test, and a tenth of the texts, from a to b, is used for nothing.",
)
def mended():
    return {
        1: 'REQUIREMENTS = ["tensorflow>=2.20", "numpy>=2"]',
        6: "order = np.random.default_rng(seed=0).permutation(len(texts))",
        17: "corpus = train_texts",
        19: "tokenizer.fit_on_texts(corpus)",
        27: "ids = ids[-max_len:]",
        34: "words = [None, *tokenizer.word_index]",
        41: "size = len(tokenizer.word_index) + 1",
        42: "x = keras.layers.Embedding(size, D, mask_zero=True)(ids)",
        44: "x = keras.layers.GlobalAveragePooling1D()(x)",
        45: 'p = keras.layers.Dense(1, activation="sigmoid")(x)',
        51: "return x_TD[ids_T != 0].mean(axis=0)",
    }


@l8_3.wrong(
    "fitted-on-everything",
    "The tokenizer is fitted on all texts. The words of validation and test are news to a "
    "model in real life: then they have to be new here, too.",
)
def mended():
    return {
        1: 'REQUIREMENTS = ["tensorflow>=2.20", "numpy>=2"]',
        6: "order = np.random.default_rng(seed=0).permutation(len(texts))",
        10: "validation = texts[a:b], labels[a:b]",
        19: "tokenizer.fit_on_texts(corpus)",
        27: "ids = ids[-max_len:]",
        34: "words = [None, *tokenizer.word_index]",
        41: "size = len(tokenizer.word_index) + 1",
        42: "x = keras.layers.Embedding(size, D, mask_zero=True)(ids)",
        44: "x = keras.layers.GlobalAveragePooling1D()(x)",
        45: 'p = keras.layers.Dense(1, activation="sigmoid")(x)',
        51: "return x_TD[ids_T != 0].mean(axis=0)",
    }


@l8_3.wrong(
    "no-such-method",
    "`fit_to_texts` is no method of the tokenizer: line 19 stops with an AttributeError. "
    "Print `dir(Tokenizer)` for those there are.",
)
def mended():
    return {
        1: 'REQUIREMENTS = ["tensorflow>=2.20", "numpy>=2"]',
        6: "order = np.random.default_rng(seed=0).permutation(len(texts))",
        10: "validation = texts[a:b], labels[a:b]",
        17: "corpus = train_texts",
        27: "ids = ids[-max_len:]",
        34: "words = [None, *tokenizer.word_index]",
        41: "size = len(tokenizer.word_index) + 1",
        42: "x = keras.layers.Embedding(size, D, mask_zero=True)(ids)",
        44: "x = keras.layers.GlobalAveragePooling1D()(x)",
        45: 'p = keras.layers.Dense(1, activation="sigmoid")(x)',
        51: "return x_TD[ids_T != 0].mean(axis=0)",
    }


@l8_3.wrong(
    "keeps-the-wrong-end",
    "The comment says the last words and line 27 keeps the first. Nothing crashes: only the "
    "endings, for the sake of which the limit was chosen, are gone.",
)
def mended():
    return {
        1: 'REQUIREMENTS = ["tensorflow>=2.20", "numpy>=2"]',
        6: "order = np.random.default_rng(seed=0).permutation(len(texts))",
        10: "validation = texts[a:b], labels[a:b]",
        17: "corpus = train_texts",
        19: "tokenizer.fit_on_texts(corpus)",
        34: "words = [None, *tokenizer.word_index]",
        41: "size = len(tokenizer.word_index) + 1",
        42: "x = keras.layers.Embedding(size, D, mask_zero=True)(ids)",
        44: "x = keras.layers.GlobalAveragePooling1D()(x)",
        45: 'p = keras.layers.Dense(1, activation="sigmoid")(x)',
        51: "return x_TD[ids_T != 0].mean(axis=0)",
    }


@l8_3.wrong(
    "off-by-one-decoding",
    "Every word is read as its neighbour in the list: the tokenizer's numbers begin at 1, a "
    "list's places at 0. What comes out are words, only never the right ones.",
)
def mended():
    return {
        1: 'REQUIREMENTS = ["tensorflow>=2.20", "numpy>=2"]',
        6: "order = np.random.default_rng(seed=0).permutation(len(texts))",
        10: "validation = texts[a:b], labels[a:b]",
        17: "corpus = train_texts",
        19: "tokenizer.fit_on_texts(corpus)",
        27: "ids = ids[-max_len:]",
        41: "size = len(tokenizer.word_index) + 1",
        42: "x = keras.layers.Embedding(size, D, mask_zero=True)(ids)",
        44: "x = keras.layers.GlobalAveragePooling1D()(x)",
        45: 'p = keras.layers.Dense(1, activation="sigmoid")(x)',
        51: "return x_TD[ids_T != 0].mean(axis=0)",
    }


@l8_3.wrong(
    "one-row-short",
    "The table has as many rows as there are words, but ids go from 0, the pad, to the number "
    "of words: the last one has no row.",
)
def mended():
    return {
        1: 'REQUIREMENTS = ["tensorflow>=2.20", "numpy>=2"]',
        6: "order = np.random.default_rng(seed=0).permutation(len(texts))",
        10: "validation = texts[a:b], labels[a:b]",
        17: "corpus = train_texts",
        19: "tokenizer.fit_on_texts(corpus)",
        27: "ids = ids[-max_len:]",
        34: "words = [None, *tokenizer.word_index]",
        42: "x = keras.layers.Embedding(size, D, mask_zero=True)(ids)",
        44: "x = keras.layers.GlobalAveragePooling1D()(x)",
        45: 'p = keras.layers.Dense(1, activation="sigmoid")(x)',
        51: "return x_TD[ids_T != 0].mean(axis=0)",
    }


@l8_3.wrong(
    "no-mask",
    "Nothing says that 0 is no word: the embedding makes no mask, and attention looks at the "
    "pads as at any word.",
)
def mended():
    return {
        1: 'REQUIREMENTS = ["tensorflow>=2.20", "numpy>=2"]',
        6: "order = np.random.default_rng(seed=0).permutation(len(texts))",
        10: "validation = texts[a:b], labels[a:b]",
        17: "corpus = train_texts",
        19: "tokenizer.fit_on_texts(corpus)",
        27: "ids = ids[-max_len:]",
        34: "words = [None, *tokenizer.word_index]",
        41: "size = len(tokenizer.word_index) + 1",
        44: "x = keras.layers.GlobalAveragePooling1D()(x)",
        45: 'p = keras.layers.Dense(1, activation="sigmoid")(x)',
        51: "return x_TD[ids_T != 0].mean(axis=0)",
    }


@l8_3.wrong(
    "never-pooled",
    "What comes out of attention is a vector for each word, and nothing makes one vector of "
    "them: the model gives a number for every word of a text.",
)
def mended():
    return {
        1: 'REQUIREMENTS = ["tensorflow>=2.20", "numpy>=2"]',
        6: "order = np.random.default_rng(seed=0).permutation(len(texts))",
        10: "validation = texts[a:b], labels[a:b]",
        17: "corpus = train_texts",
        19: "tokenizer.fit_on_texts(corpus)",
        27: "ids = ids[-max_len:]",
        34: "words = [None, *tokenizer.word_index]",
        41: "size = len(tokenizer.word_index) + 1",
        42: "x = keras.layers.Embedding(size, D, mask_zero=True)(ids)",
        45: 'p = keras.layers.Dense(1, activation="sigmoid")(x)',
        51: "return x_TD[ids_T != 0].mean(axis=0)",
    }


@l8_3.wrong(
    "softmax-of-one",
    "A softmax over one unit is always 1: this model calls every text praise.",
)
def mended():
    return {
        1: 'REQUIREMENTS = ["tensorflow>=2.20", "numpy>=2"]',
        6: "order = np.random.default_rng(seed=0).permutation(len(texts))",
        10: "validation = texts[a:b], labels[a:b]",
        17: "corpus = train_texts",
        19: "tokenizer.fit_on_texts(corpus)",
        27: "ids = ids[-max_len:]",
        34: "words = [None, *tokenizer.word_index]",
        41: "size = len(tokenizer.word_index) + 1",
        42: "x = keras.layers.Embedding(size, D, mask_zero=True)(ids)",
        44: "x = keras.layers.GlobalAveragePooling1D()(x)",
        51: "return x_TD[ids_T != 0].mean(axis=0)",
    }


@l8_3.wrong(
    "mean-over-pads",
    "The mean is taken over all places, and the pads' vectors pull it to themselves, the more "
    "the shorter the text.",
)
def mended():
    return {
        1: 'REQUIREMENTS = ["tensorflow>=2.20", "numpy>=2"]',
        6: "order = np.random.default_rng(seed=0).permutation(len(texts))",
        10: "validation = texts[a:b], labels[a:b]",
        17: "corpus = train_texts",
        19: "tokenizer.fit_on_texts(corpus)",
        27: "ids = ids[-max_len:]",
        34: "words = [None, *tokenizer.word_index]",
        41: "size = len(tokenizer.word_index) + 1",
        42: "x = keras.layers.Embedding(size, D, mask_zero=True)(ids)",
        44: "x = keras.layers.GlobalAveragePooling1D()(x)",
        45: 'p = keras.layers.Dense(1, activation="sigmoid")(x)',
    }


@l8_3.wrong(
    "one-pin-left",
    "You let NumPy go its way, and kept tensorflow at 2.4.1, which has no package for today's "
    "Python. Both lines of a requirements file have to be possible.",
)
def mended():
    return {
        1: 'REQUIREMENTS = ["tensorflow==2.4.1", "numpy>=2"]',
        6: "order = np.random.default_rng(seed=0).permutation(len(texts))",
        10: "validation = texts[a:b], labels[a:b]",
        17: "corpus = train_texts",
        19: "tokenizer.fit_on_texts(corpus)",
        27: "ids = ids[-max_len:]",
        34: "words = [None, *tokenizer.word_index]",
        41: "size = len(tokenizer.word_index) + 1",
        42: "x = keras.layers.Embedding(size, D, mask_zero=True)(ids)",
        44: "x = keras.layers.GlobalAveragePooling1D()(x)",
        45: 'p = keras.layers.Dense(1, activation="sigmoid")(x)',
        51: "return x_TD[ids_T != 0].mean(axis=0)",
    }


@l8_3.wrong(
    "texts-and-labels-shuffled-apart",
    "You shuffled texts and labels in two different orders, so that each text has got the "
    "label of another one. One order for both.",
)
def mended():
    return {
        1: 'REQUIREMENTS = ["tensorflow>=2.20", "numpy>=2"]',
        6: "order = np.random.default_rng(0).permutation(len(texts))",
        7: "labels = np.array(labels)[order]; texts = np.array(texts)[order[::-1]]",
        10: "validation = texts[a:b], labels[a:b]",
        17: "corpus = train_texts",
        19: "tokenizer.fit_on_texts(corpus)",
        27: "ids = ids[-max_len:]",
        34: "words = [None, *tokenizer.word_index]",
        41: "size = len(tokenizer.word_index) + 1",
        42: "x = keras.layers.Embedding(size, D, mask_zero=True)(ids)",
        44: "x = keras.layers.GlobalAveragePooling1D()(x)",
        45: 'p = keras.layers.Dense(1, activation="sigmoid")(x)',
        51: "return x_TD[ids_T != 0].mean(axis=0)",
    }


@l8_3.wrong(
    "labels-not-shuffled",
    "You shuffled the texts and left the labels where they were. One order for both.",
)
def mended():
    return {
        1: 'REQUIREMENTS = ["tensorflow>=2.20", "numpy>=2"]',
        6: "order = np.random.default_rng(0).permutation(len(texts))",
        7: "texts, labels = np.array(texts)[order], np.array(labels)",
        10: "validation = texts[a:b], labels[a:b]",
        17: "corpus = train_texts",
        19: "tokenizer.fit_on_texts(corpus)",
        27: "ids = ids[-max_len:]",
        34: "words = [None, *tokenizer.word_index]",
        41: "size = len(tokenizer.word_index) + 1",
        42: "x = keras.layers.Embedding(size, D, mask_zero=True)(ids)",
        44: "x = keras.layers.GlobalAveragePooling1D()(x)",
        45: 'p = keras.layers.Dense(1, activation="sigmoid")(x)',
        51: "return x_TD[ids_T != 0].mean(axis=0)",
    }


@l8_3.wrong(
    "test-within-validation",
    "Your validation goes from a to the end, and so the whole test lies within it. Where does "
    "validation end?",
)
def mended():
    return {
        1: 'REQUIREMENTS = ["tensorflow>=2.20", "numpy>=2"]',
        6: "order = np.random.default_rng(seed=0).permutation(len(texts))",
        10: "validation = texts[a:], labels[a:]",
        17: "corpus = train_texts",
        19: "tokenizer.fit_on_texts(corpus)",
        27: "ids = ids[-max_len:]",
        34: "words = [None, *tokenizer.word_index]",
        41: "size = len(tokenizer.word_index) + 1",
        42: "x = keras.layers.Embedding(size, D, mask_zero=True)(ids)",
        44: "x = keras.layers.GlobalAveragePooling1D()(x)",
        45: 'p = keras.layers.Dense(1, activation="sigmoid")(x)',
        51: "return x_TD[ids_T != 0].mean(axis=0)",
    }


@l8_3.wrong(
    "validation-within-training",
    "Your validation isn't the tenth between training and test: some texts are left out. It "
    "goes from a to b.",
)
def mended():
    return {
        1: 'REQUIREMENTS = ["tensorflow>=2.20", "numpy>=2"]',
        6: "order = np.random.default_rng(seed=0).permutation(len(texts))",
        10: "validation = texts[:b][-10:], labels[:b][-10:]",
        17: "corpus = train_texts",
        19: "tokenizer.fit_on_texts(corpus)",
        27: "ids = ids[-max_len:]",
        34: "words = [None, *tokenizer.word_index]",
        41: "size = len(tokenizer.word_index) + 1",
        42: "x = keras.layers.Embedding(size, D, mask_zero=True)(ids)",
        44: "x = keras.layers.GlobalAveragePooling1D()(x)",
        45: 'p = keras.layers.Dense(1, activation="sigmoid")(x)',
        51: "return x_TD[ids_T != 0].mean(axis=0)",
    }


@l8_3.wrong(
    "fitted-on-validation-too",
    "You left out the test, but still number the words of validation: what is chosen by it is "
    "then chosen on words that were known too early.",
)
def mended():
    return {
        1: 'REQUIREMENTS = ["tensorflow>=2.20", "numpy>=2"]',
        6: "order = np.random.default_rng(seed=0).permutation(len(texts))",
        10: "validation = texts[a:b], labels[a:b]",
        17: "corpus = [*train_texts, *validation_texts]",
        19: "tokenizer.fit_on_texts(corpus)",
        27: "ids = ids[-max_len:]",
        34: "words = [None, *tokenizer.word_index]",
        41: "size = len(tokenizer.word_index) + 1",
        42: "x = keras.layers.Embedding(size, D, mask_zero=True)(ids)",
        44: "x = keras.layers.GlobalAveragePooling1D()(x)",
        45: 'p = keras.layers.Dense(1, activation="sigmoid")(x)',
        51: "return x_TD[ids_T != 0].mean(axis=0)",
    }


@l8_3.wrong(
    "another-missing-method",
    "`adapt` belongs to Keras's TextVectorization, not to this Tokenizer. Print "
    "`dir(Tokenizer)` for the methods there are.",
)
def mended():
    return {
        1: 'REQUIREMENTS = ["tensorflow>=2.20", "numpy>=2"]',
        6: "order = np.random.default_rng(seed=0).permutation(len(texts))",
        10: "validation = texts[a:b], labels[a:b]",
        17: "corpus = train_texts",
        19: "tokenizer.adapt(corpus)",
        27: "ids = ids[-max_len:]",
        34: "words = [None, *tokenizer.word_index]",
        41: "size = len(tokenizer.word_index) + 1",
        42: "x = keras.layers.Embedding(size, D, mask_zero=True)(ids)",
        44: "x = keras.layers.GlobalAveragePooling1D()(x)",
        45: 'p = keras.layers.Dense(1, activation="sigmoid")(x)',
        51: "return x_TD[ids_T != 0].mean(axis=0)",
    }


@l8_3.wrong(
    "short-texts-cut",
    "For long texts your slice is right. A short one gives a negative start, which Python "
    "counts from the end: the beginning of a short text is gone. What does ids[-max_len:] do "
    "there?",
)
def mended():
    return {
        1: 'REQUIREMENTS = ["tensorflow>=2.20", "numpy>=2"]',
        6: "order = np.random.default_rng(seed=0).permutation(len(texts))",
        10: "validation = texts[a:b], labels[a:b]",
        17: "corpus = train_texts",
        19: "tokenizer.fit_on_texts(corpus)",
        27: "ids = ids[len(ids) - max_len :]",
        34: "words = [None, *tokenizer.word_index]",
        41: "size = len(tokenizer.word_index) + 1",
        42: "x = keras.layers.Embedding(size, D, mask_zero=True)(ids)",
        44: "x = keras.layers.GlobalAveragePooling1D()(x)",
        45: 'p = keras.layers.Dense(1, activation="sigmoid")(x)',
        51: "return x_TD[ids_T != 0].mean(axis=0)",
    }


@l8_3.wrong(
    "off-by-two-decoding",
    "You shifted by one too many. The word with number 1 must stand at place 1 of the list.",
)
def mended():
    return {
        1: 'REQUIREMENTS = ["tensorflow>=2.20", "numpy>=2"]',
        6: "order = np.random.default_rng(seed=0).permutation(len(texts))",
        10: "validation = texts[a:b], labels[a:b]",
        17: "corpus = train_texts",
        19: "tokenizer.fit_on_texts(corpus)",
        27: "ids = ids[-max_len:]",
        34: "words = [None, None, *tokenizer.word_index]",
        41: "size = len(tokenizer.word_index) + 1",
        42: "x = keras.layers.Embedding(size, D, mask_zero=True)(ids)",
        44: "x = keras.layers.GlobalAveragePooling1D()(x)",
        45: 'p = keras.layers.Dense(1, activation="sigmoid")(x)',
        51: "return x_TD[ids_T != 0].mean(axis=0)",
    }


@l8_3.wrong(
    "pads-decoded",
    "The words are right now, but a 0 is decoded as well: place −1 of the list, its last "
    "word, stands for every pad.",
)
def mended():
    return {
        1: 'REQUIREMENTS = ["tensorflow>=2.20", "numpy>=2"]',
        6: "order = np.random.default_rng(seed=0).permutation(len(texts))",
        10: "validation = texts[a:b], labels[a:b]",
        17: "corpus = train_texts",
        19: "tokenizer.fit_on_texts(corpus)",
        27: "ids = ids[-max_len:]",
        34: "words = list(tokenizer.word_index)",
        35: 'return " ".join(words[i - 1] for i in ids)',
        41: "size = len(tokenizer.word_index) + 1",
        42: "x = keras.layers.Embedding(size, D, mask_zero=True)(ids)",
        44: "x = keras.layers.GlobalAveragePooling1D()(x)",
        45: 'p = keras.layers.Dense(1, activation="sigmoid")(x)',
        51: "return x_TD[ids_T != 0].mean(axis=0)",
    }


@l8_3.wrong(
    "two-rows-short",
    "You took a row away instead of adding one. Ids go from 0 to the number of words: how "
    "many are that?",
)
def mended():
    return {
        1: 'REQUIREMENTS = ["tensorflow>=2.20", "numpy>=2"]',
        6: "order = np.random.default_rng(seed=0).permutation(len(texts))",
        10: "validation = texts[a:b], labels[a:b]",
        17: "corpus = train_texts",
        19: "tokenizer.fit_on_texts(corpus)",
        27: "ids = ids[-max_len:]",
        34: "words = [None, *tokenizer.word_index]",
        41: "size = len(tokenizer.word_index) - 1",
        42: "x = keras.layers.Embedding(size, D, mask_zero=True)(ids)",
        44: "x = keras.layers.GlobalAveragePooling1D()(x)",
        45: 'p = keras.layers.Dense(1, activation="sigmoid")(x)',
        51: "return x_TD[ids_T != 0].mean(axis=0)",
    }


@l8_3.wrong(
    "mask-inverted",
    "Your mask is True for the pads and hides the words. True means keep: ids that are *not* 0.",
)
def mended():
    return {
        1: 'REQUIREMENTS = ["tensorflow>=2.20", "numpy>=2"]',
        6: "order = np.random.default_rng(seed=0).permutation(len(texts))",
        10: "validation = texts[a:b], labels[a:b]",
        17: "corpus = train_texts",
        19: "tokenizer.fit_on_texts(corpus)",
        27: "ids = ids[-max_len:]",
        34: "words = [None, *tokenizer.word_index]",
        41: "size = len(tokenizer.word_index) + 1",
        42: "x = keras.layers.Embedding(size, D)(ids)",
        43: "x = keras.layers.MultiHeadAttention(H, D // H)(\n    x, x, attention_mask=keras.ops.equal(ids, 0)[:, None, :])",
        44: "x = keras.layers.GlobalAveragePooling1D()(x)",
        45: 'p = keras.layers.Dense(1, activation="sigmoid")(x)',
        51: "return x_TD[ids_T != 0].mean(axis=0)",
    }


@l8_3.wrong(
    "pooled-over-the-wrong-axis",
    "You took the mean over the numbers of a word, not over the words of a text, and gave "
    "Dense more than one unit. The axis that has to go is the words'.",
)
def mended():
    return {
        1: 'REQUIREMENTS = ["tensorflow>=2.20", "numpy>=2"]',
        6: "order = np.random.default_rng(seed=0).permutation(len(texts))",
        10: "validation = texts[a:b], labels[a:b]",
        17: "corpus = train_texts",
        19: "tokenizer.fit_on_texts(corpus)",
        27: "ids = ids[-max_len:]",
        34: "words = [None, *tokenizer.word_index]",
        41: "size = len(tokenizer.word_index) + 1",
        42: "x = keras.layers.Embedding(size, D, mask_zero=True)(ids)",
        44: "x = keras.ops.mean(x, axis=-1)",
        45: 'p = keras.layers.Dense(8, activation="sigmoid")(x)',
        51: "return x_TD[ids_T != 0].mean(axis=0)",
    }


@l8_3.wrong(
    "linear-output",
    "The softmax is gone, but nothing is in its place: the output is any number, no "
    "probability. Which function makes a probability of one score?",
)
def mended():
    return {
        1: 'REQUIREMENTS = ["tensorflow>=2.20", "numpy>=2"]',
        6: "order = np.random.default_rng(seed=0).permutation(len(texts))",
        10: "validation = texts[a:b], labels[a:b]",
        17: "corpus = train_texts",
        19: "tokenizer.fit_on_texts(corpus)",
        27: "ids = ids[-max_len:]",
        34: "words = [None, *tokenizer.word_index]",
        41: "size = len(tokenizer.word_index) + 1",
        42: "x = keras.layers.Embedding(size, D, mask_zero=True)(ids)",
        44: "x = keras.layers.GlobalAveragePooling1D()(x)",
        45: "p = keras.layers.Dense(1)(x)",
        51: "return x_TD[ids_T != 0].mean(axis=0)",
    }


@l8_3.wrong(
    "summed-not-averaged",
    "You left the pads out, and added the words' vectors up: a long text has a long vector, "
    "whatever it says. A mean was asked for.",
)
def mended():
    return {
        1: 'REQUIREMENTS = ["tensorflow>=2.20", "numpy>=2"]',
        6: "order = np.random.default_rng(seed=0).permutation(len(texts))",
        10: "validation = texts[a:b], labels[a:b]",
        17: "corpus = train_texts",
        19: "tokenizer.fit_on_texts(corpus)",
        27: "ids = ids[-max_len:]",
        34: "words = [None, *tokenizer.word_index]",
        41: "size = len(tokenizer.word_index) + 1",
        42: "x = keras.layers.Embedding(size, D, mask_zero=True)(ids)",
        44: "x = keras.layers.GlobalAveragePooling1D()(x)",
        45: 'p = keras.layers.Dense(1, activation="sigmoid")(x)',
        51: "return x_TD[ids_T != 0].sum(axis=0)",
    }


@l8_3.wrong(
    "divided-by-all-places",
    "You added the words' vectors up and divided by the number of all places, pads included. "
    "By how many must a mean over the words be divided?",
)
def mended():
    return {
        1: 'REQUIREMENTS = ["tensorflow>=2.20", "numpy>=2"]',
        6: "order = np.random.default_rng(seed=0).permutation(len(texts))",
        10: "validation = texts[a:b], labels[a:b]",
        17: "corpus = train_texts",
        19: "tokenizer.fit_on_texts(corpus)",
        27: "ids = ids[-max_len:]",
        34: "words = [None, *tokenizer.word_index]",
        41: "size = len(tokenizer.word_index) + 1",
        42: "x = keras.layers.Embedding(size, D, mask_zero=True)(ids)",
        44: "x = keras.layers.GlobalAveragePooling1D()(x)",
        45: 'p = keras.layers.Dense(1, activation="sigmoid")(x)',
        51: "return x_TD[ids_T != 0].sum(axis=0) / len(ids_T)",
    }


l8_3.allow_mutant(
    after='50: "return x_TD[ids_T != 0].mean(axis=0)",',
    reason="Line 50 is text_vector's docstring: in its place the right return comes first.",
)

# --------------------------------------------------------------------------- L8.4

l8_4 = Exercise(
    id="L8.4",
    title="A number with its uncertainty",
    functions=("report",),
    difficulty=2,
    importance=5,
    minutes=10,
    hints=(
        "Which of the numbers need the probabilities, and which only the labels? Make both arrays flat "
        "first: (N, 1) beside (N,) gives N · N comparisons and no error.",
        "An accuracy is a mean of N noughts and ones. Lesson 3 had its standard deviation, and took "
        "1.96 of these to either side. What does who always says the commoner label get right?",
        "`half = 1.96 * np.sqrt(accuracy * (1 - accuracy) / n)`, with n the number of reviews. The "
        "commoner label's share is the larger of `y.mean()` and `1 - y.mean()`. For values outside: "
        "`if not ((p >= 0) & (p <= 1)).all(): raise ValueError(…)`.",
    ),
)


def accuracy(report, y, p):
    return float(report(y, p)["accuracy"])


def interval(report, y, p):
    found = report(y, p)
    return np.array([float(found["low"]), float(found["high"])])


def majority(report, y, p):
    return float(report(y, p)["majority"])


def refused(report, y, p):
    try:
        report(y, p)
    except ValueError:
        return True
    return False


def drawn(rng: np.random.Generator, n: int, share: float) -> tuple[np.ndarray, np.ndarray]:
    """Labels, `share` of them praise, and probabilities that are right in about four of five."""
    y_N = (rng.random(n) < share).astype(int)
    p_N = np.round(1 / (1 + np.exp(-(2 * y_N - 1) * 1.2 - rng.normal(0, 1.4, n))), 3)
    p_N[p_N == 0.5] = 0.501
    p_N[:2] = 0.0, 1.0
    return y_N, p_N


def bounds(y_N: np.ndarray, p_N: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """What low and high may be: Wald's interval, Wilson's, or anything between the two."""
    n, share = len(y_N), float(np.mean((p_N > 0.5) == (y_N == 1)))
    half = 1.96 * (share * (1 - share) / n) ** 0.5
    middle = (share + 1.96**2 / (2 * n)) / (1 + 1.96**2 / n)
    wide = 1.96 * (share * (1 - share) / n + 1.96**2 / (4 * n**2)) ** 0.5 / (1 + 1.96**2 / n)
    wald, wilson = [share - half, share + half], [middle - wide, middle + wide]
    return np.minimum(wald, wilson) - 1e-3, np.maximum(wald, wilson) + 1e-3


@l8_4.checks
def l8_4_checks(rng: np.random.Generator) -> Iterator[Check]:
    (fresh,) = rng.spawn(1)
    few = np.array([1, 0, 0, 1, 0]), np.array([0.9, 0.2, 0.6, 0.3, 0.1])
    suspects = []  # probabilities, and what looks like them but for one value
    for is_right in mixed(fresh, 5, 7):
        p_N = np.round(fresh.uniform(0, 1, 4), 2)
        odd = fresh.choice([0, 1] if is_right else [-0.3, -0.02, 1.04, 1.7])
        suspects.append(np.insert(p_N, fresh.integers(5), odd))
    many, more = drawn(rng, 240, 0.35), drawn(rng, 400, 0.7)
    yield Check(
        "accuracy",
        points=1,
        calls=[
            probe(accuracy, *few, says="The accuracy", tolerance=1e-6),
            probe(accuracy, *many, says="The accuracy", tolerance=1e-6),
            probe(accuracy, more[0].astype(float), more[1], says="The accuracy", tolerance=1e-6),
        ],
        says="The share of reviews on whose side of one half the probability lies.",
    )
    yield Check(
        "a column of probabilities",
        points=1,
        calls=[
            probe(accuracy, few[0], few[1][:, None], says="The accuracy", tolerance=1e-6),
            probe(accuracy, many[0], many[1][:, None], says="The accuracy", tolerance=1e-6),
            probe(majority, many[0], many[1][:, None], says="The majority's share", tolerance=1e-6),
        ],
        says="Models give (N, 1), labels are (N,): between the two NumPy compares everything with "
        "everything, and says nothing.",
    )
    yield Check(
        "the interval",
        points=2,
        calls=[
            probe(
                interval,
                y,
                p,
                says="The interval, low and high,",
                expect=between(*bounds(y, p)),
                tolerance=1e-3,
            )
            for y, p in (many, more)
        ],
        says="In about 95 of 100 samples the interval holds the true share. Each review is one throw.",
    )
    yield Check(
        "the majority to be beaten",
        points=1,
        calls=[
            probe(majority, *few, says="The majority's share", tolerance=1e-6),
            probe(majority, *many, says="The majority's share", tolerance=1e-6),
            probe(majority, *more, says="The majority's share", tolerance=1e-6),
        ],
        says="Who always names the commoner *label* reads no review, and gets this share right.",
    )
    yield Check(
        "what is no probability",
        points=1,
        calls=[
            probe(
                refused,
                few[0],
                np.array([2.3, -1.2, 0.4, 1.9, -0.3]),
                says="Whether it was refused",
            ),
            probe(
                refused, few[0], np.array([0.3, 0.2, 1.01, 0.9, 0.3]), says="Whether it was refused"
            ),
            probe(
                refused,
                few[0],
                np.array([0.3, 0.2, -0.01, 0.9, 0.3]),
                says="Whether it was refused",
            ),
            probe(
                refused, few[0], np.array([0.0, 0.2, 1.0, 0.9, 0.3]), says="Whether it was refused"
            ),
            *(probe(refused, few[0], p_N, says="Whether it was refused") for p_N in suspects),
        ],
        says="Logits look like probabilities until one is negative or above 1. A ValueError tells; a "
        "silent half is wrong. 0 and 1 are probabilities.",
    )


@l8_4.right("counted one by one")
def report(y, p):
    hits, praise, n = 0, 0, 0
    for label, value in zip(np.ravel(y), np.ravel(p), strict=True):
        if value < 0 or value > 1:
            raise ValueError(f"{value} is no probability")
        hits += int((value >= 0.5) == bool(label))
        praise += int(label)
        n += 1
    share = hits / n
    half = 1.96 * (share * (1 - share) / n) ** 0.5
    return {
        "accuracy": share,
        "low": share - half,
        "high": share + half,
        "majority": max(praise, n - praise) / n,
    }


@l8_4.right("Wilson's interval, more entries")
def report(y, p):
    y, p = np.asarray(y).reshape(-1) > 0.5, np.asarray(p, dtype=float).reshape(-1)
    if p.min() < 0 or p.max() > 1:
        raise ValueError("p holds values that are no probabilities")
    n, a, z = y.size, float((y == (p > 0.5)).mean()), 1.959964
    middle = (a + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * np.sqrt(a * (1 - a) / n + z * z / (4 * n * n))
    return {
        "n": n,
        "accuracy": a,
        "low": middle - half,
        "high": middle + half,
        "majority": float(max(y.mean(), 1 - y.mean())),
    }


@l8_4.right("by a confusion table")
def report(y, p):
    p, y = np.array(p).flatten(), np.array(y).flatten().astype(int)
    if np.any(p < 0) or np.any(p > 1):
        raise ValueError("not in [0, 1]")
    table = np.zeros((2, 2))
    np.add.at(table, (y, (p > 0.5).astype(int)), 1)
    n = table.sum()
    accuracy = np.trace(table) / n
    error = np.sqrt(accuracy * (1 - accuracy) / n)
    low, high = accuracy - 1.96 * error, accuracy + 1.96 * error
    return {"accuracy": accuracy, "low": low, "high": high, "majority": table.sum(axis=1).max() / n}


l8_4.allow_mutant(
    after="y, p = y, np.ravel(p)", reason="y has the shape (N,): only p may have (N, 1)."
)
for after in (
    "accuracy = np.mean((p > 0.5) == (y == 1))",
    "half = 1.96 * np.sqrt(accuracy * (1 - accuracy) / len(y))",
    "praise = np.mean(y)",
):
    l8_4.allow_mutant(after=after, reason="A NumPy number is as good as a Python one.")
l8_4.allow_mutant(
    after="accuracy = float(np.mean((p >= 0.5) == (y == 1)))",
    reason="Exactly one half is on neither side; it isn't tested.",
)


@l8_4.wrong(
    "half-on-logits",
    "You take any p, and cut at one half. For logits that is the wrong place: their middle is 0. "
    "Whoever passes logits by mistake should get a ValueError, not an accuracy.",
)
def report(y, p):
    y, p = np.ravel(y), np.ravel(p)
    accuracy = float(np.mean((p > 0.5) == (y == 1)))
    half = 1.96 * np.sqrt(accuracy * (1 - accuracy) / len(y))
    majority = max(np.mean(y), 1 - np.mean(y))
    return {
        "accuracy": accuracy,
        "low": accuracy - half,
        "high": accuracy + half,
        "majority": majority,
    }


@l8_4.wrong(
    "cut-at-zero",
    "You treated p as logits: cut at 0, or a sigmoid put on once more, which comes to the same. "
    "Probabilities are all above 0, and every review becomes praise. Their middle is one half.",
)
def report(y, p):
    y, p = np.ravel(y), np.ravel(p)
    if not ((p >= 0) & (p <= 1)).all():
        raise ValueError("p are no probabilities")
    accuracy = float(np.mean((p > 0) == (y == 1)))
    half = 1.96 * np.sqrt(accuracy * (1 - accuracy) / len(y))
    majority = max(np.mean(y), 1 - np.mean(y))
    return {
        "accuracy": accuracy,
        "low": accuracy - half,
        "high": accuracy + half,
        "majority": majority,
    }


@l8_4.wrong(
    "interval-of-batches",
    "Your interval is several times too wide: it counts batches of 32 as if each were one review. The "
    "number that counts is that of independent throws.",
)
def report(y, p):
    y, p = np.ravel(y), np.ravel(p)
    if not ((p >= 0) & (p <= 1)).all():
        raise ValueError("p are no probabilities")
    accuracy = float(np.mean((p > 0.5) == (y == 1)))
    half = 1.96 * np.sqrt(accuracy * (1 - accuracy) / np.ceil(len(y) / 32))
    majority = max(np.mean(y), 1 - np.mean(y))
    return {
        "accuracy": accuracy,
        "low": accuracy - half,
        "high": accuracy + half,
        "majority": majority,
    }


@l8_4.wrong(
    "one-standard-deviation",
    "Your interval reaches one standard deviation to either side: it misses the truth in one case of "
    "three. 95 % need 1.96 of them.",
)
def report(y, p):
    y, p = np.ravel(y), np.ravel(p)
    if not ((p >= 0) & (p <= 1)).all():
        raise ValueError("p are no probabilities")
    accuracy = float(np.mean((p > 0.5) == (y == 1)))
    half = np.sqrt(accuracy * (1 - accuracy) / len(y))
    majority = max(np.mean(y), 1 - np.mean(y))
    return {
        "accuracy": accuracy,
        "low": accuracy - half,
        "high": accuracy + half,
        "majority": majority,
    }


@l8_4.wrong(
    "root-forgotten",
    "You left out the root: accuracy · (1 − accuracy) / N is a variance, in squared shares. Your "
    "interval is far too narrow.",
)
def report(y, p):
    y, p = np.ravel(y), np.ravel(p)
    if not ((p >= 0) & (p <= 1)).all():
        raise ValueError("p are no probabilities")
    accuracy = float(np.mean((p > 0.5) == (y == 1)))
    half = 1.96 * accuracy * (1 - accuracy) / len(y)
    majority = max(np.mean(y), 1 - np.mean(y))
    return {
        "accuracy": accuracy,
        "low": accuracy - half,
        "high": accuracy + half,
        "majority": majority,
    }


@l8_4.wrong(
    "spread-of-single-reviews",
    "Your interval doesn't shrink with more reviews: it is the spread of a single one. A mean of N is "
    "√N times as sure.",
)
def report(y, p):
    y, p = np.ravel(y), np.ravel(p)
    if not ((p >= 0) & (p <= 1)).all():
        raise ValueError("p are no probabilities")
    accuracy = float(np.mean((p > 0.5) == (y == 1)))
    half = 1.96 * np.sqrt(accuracy * (1 - accuracy))
    majority = max(np.mean(y), 1 - np.mean(y))
    return {
        "accuracy": accuracy,
        "low": accuracy - half,
        "high": accuracy + half,
        "majority": majority,
    }


@l8_4.wrong(
    "majority-of-the-predictions",
    "Your majority is that of the model's own predictions. The baseline reads no model: it is the share "
    "of the commoner *label*.",
)
def report(y, p):
    y, p = np.ravel(y), np.ravel(p)
    if not ((p >= 0) & (p <= 1)).all():
        raise ValueError("p are no probabilities")
    accuracy = float(np.mean((p > 0.5) == (y == 1)))
    half = 1.96 * np.sqrt(accuracy * (1 - accuracy) / len(y))
    called = np.mean(p > 0.5)
    majority = max(called, 1 - called)
    return {
        "accuracy": accuracy,
        "low": accuracy - half,
        "high": accuracy + half,
        "majority": majority,
    }


@l8_4.wrong(
    "majority-is-praise",
    "Your majority is the share of praise, also where blame is commoner. Who always names the commoner "
    "label never gets less than half right.",
)
def report(y, p):
    y, p = np.ravel(y), np.ravel(p)
    if not ((p >= 0) & (p <= 1)).all():
        raise ValueError("p are no probabilities")
    accuracy = float(np.mean((p > 0.5) == (y == 1)))
    half = 1.96 * np.sqrt(accuracy * (1 - accuracy) / len(y))
    return {
        "accuracy": accuracy,
        "low": accuracy - half,
        "high": accuracy + half,
        "majority": np.mean(y),
    }


@l8_4.wrong(
    "all-with-all",
    "For p of the shape (N, 1) you compared each prediction with every label, N · N pairs: NumPy "
    "broadcasts (N, 1) against (N,). Make both flat first.",
)
def report(y, p):
    if not ((p >= 0) & (p <= 1)).all():
        raise ValueError("p are no probabilities")
    accuracy = float(np.mean((p > 0.5) == (y == 1)))
    half = 1.96 * np.sqrt(accuracy * (1 - accuracy) / len(y))
    majority = max(np.mean(y), 1 - np.mean(y))
    return {
        "accuracy": accuracy,
        "low": accuracy - half,
        "high": accuracy + half,
        "majority": majority,
    }


@l8_4.wrong(
    "sure-ones-refused",
    "You refuse 0 and 1. They are probabilities, and float32 rounds a very sure sigmoid to 1.",
)
def report(y, p):
    y, p = np.ravel(y), np.ravel(p)
    if not ((p > 0) & (p < 1)).all():
        raise ValueError("p are no probabilities")
    accuracy = float(np.mean((p > 0.5) == (y == 1)))
    half = 1.96 * np.sqrt(accuracy * (1 - accuracy) / len(y))
    majority = max(np.mean(y), 1 - np.mean(y))
    return {
        "accuracy": accuracy,
        "low": accuracy - half,
        "high": accuracy + half,
        "majority": majority,
    }


@l8_4.wrong(
    "in-percent",
    "You returned percentages. Fractions are asked for, 0.75 for 75 %: other functions compute with them.",
)
def report(y, p):
    y, p = np.ravel(y), np.ravel(p)
    if not ((p >= 0) & (p <= 1)).all():
        raise ValueError("p are no probabilities")
    accuracy = float(np.mean((p > 0.5) == (y == 1)))
    half = 1.96 * np.sqrt(accuracy * (1 - accuracy) / len(y))
    low, high, share = accuracy - half, accuracy + half, max(np.mean(y), 1 - np.mean(y))
    return {
        "accuracy": 100 * accuracy,
        "low": 100 * low,
        "high": 100 * high,
        "majority": 100 * share,
    }


# --------------------------------------------------------------------------- L8.5

l8_5 = Exercise(
    id="L8.5",
    title="Examples per second",
    functions=("throughput",),
    difficulty=3,
    importance=3,
    minutes=10,
    hints=(
        "Three things come before the clock may be read: the first step, which does work that is never "
        "done again; enough steps, for one alone is noise; and the end of the last one, which may come "
        "after its call has returned.",
        "Call the model once and look at its output. Then start the clock, call it in a loop, and turn "
        "the last output into a NumPy array before you stop the clock: that can only be done when it "
        "is finished. How many examples were that, in how many seconds?",
        "`keras.ops.convert_to_numpy(output)` waits for an output. `time.perf_counter()` before the "
        "loop and after the wait; steps · len(batch) examples, divided by the difference.",
    ),
)


def on_a_device(throughput, batch_BT, first, step, what):
    """The learner's function with a model on a pretend accelerator, which notes its own times.

    Its first call takes `first` seconds. Each step is finished `step` seconds after the one before
    it, while its call returns at once; who looks at an output waits for it.
    """
    import time

    starts, returns, looks = [], [], []
    free = [0.0]

    class Output:
        shape, dtype, ndim = (len(batch_BT), 1), np.dtype("float32"), 2

        def __init__(self, number, ready):
            self.number, self.ready = number, ready

        def wait(self, *args, **kwargs):
            time.sleep(max(0.0, self.ready - time.perf_counter()))
            looks.append((self.number, time.perf_counter()))
            return self

        def __array__(self, dtype=None, copy=None):
            self.wait()
            return np.full(self.shape, 0.5, dtype or self.dtype)

        block_until_ready = cpu = detach = wait

        def numpy(self):
            return self.__array__()

        def __getitem__(self, place):
            return self.__array__()[place]

        def __float__(self):
            return float(self.__array__()[0, 0])

        def __len__(self):
            return len(batch_BT)

        def __iter__(self):
            return iter(self.__array__())

    class Model:
        compiled = built = True

        def __call__(self, batch, *args, **kwargs):
            starts.append(time.perf_counter())
            if len(starts) == 1:
                time.sleep(first)
            free[0] = max(free[0], time.perf_counter()) + step
            returns.append(time.perf_counter())
            return Output(len(starts), free[0])

        def predict(self, batch, *args, **kwargs):
            return np.asarray(self(batch))

        predict_on_batch = predict_step = predict

    rate = throughput(Model(), batch_BT)
    calls, B, rate = len(starts), len(batch_BT), float(rate)
    if what == "calls":
        return B * min(5, calls - 1)
    done = max((when for number, when in looks if number == calls), default=None)
    # what each way to count would have given on these very times: the nearest one is meant
    w = min(1, calls - 1)
    right = B * (calls - w) / ((done or free[0]) - starts[w])
    if what == "waits":  # without a wait the rate is that of the calls, many times too high
        return B if done is not None and rate < 10 * right else 0, done is not None
    if what == "first step":
        counted = B * calls / ((done or free[0]) - starts[0])
        is_left_out = calls > 1 and rate > 0 and rate * rate > right * counted
        return B if is_left_out else 0
    ways = {
        "examples per second": right,
        "steps per second": right / B,
        "seconds per example": 1 / right,
        "seconds per step": B / right,
        "milliseconds per step": 1000 * B / right,
    }
    unit = "a number that is not above 0"
    if rate > 0:
        unit = min(ways, key=lambda name: abs(np.log(rate / ways[name])))
    counts = {"examples per second": B, "steps per second": 1}
    return {"the nearest unit": unit, "examples that count in each step": counts.get(unit, 0)}


def real_model(throughput, batch_BT, seed):
    import keras

    ids = keras.Input((batch_BT.shape[1],), dtype="int32")
    x = keras.layers.Flatten()(keras.layers.Embedding(50, 4)(ids))
    model = keras.Model(ids, keras.layers.Dense(1, activation="sigmoid")(x))
    rng = np.random.default_rng(seed)
    model.set_weights([rng.normal(0, 0.5, w.shape) for w in model.get_weights()])
    rate = throughput(model, batch_BT)
    return {
        "a number": isinstance(rate, (int, float, np.floating, np.integer)),
        "above 0 and finite": bool(0 < float(rate) < np.inf),
        "the model's outputs afterwards": np.ravel(model(batch_BT[:3])),
    }


@l8_5.checks
def l8_5_checks(rng: np.random.Generator) -> Iterator[Check]:
    batch = rng.integers(1, 50, (rng.integers(21, 50), 2))
    other = rng.integers(1, 50, (rng.integers(11, 40), 3))
    yield Check(
        "a real model",
        points=1,
        calls=[
            probe(
                *(real_model, batch, int(rng.integers(1000))),
                says="What was returned, and what the model gives for three examples,",
                tolerance=1e-4,
            )
        ],
        says="One number: how many examples a second. The model is used, and stays what it is.",
    )
    yield Check(
        "several steps",
        points=1,
        calls=[
            probe(
                on_a_device,
                batch,
                0.02,
                0.002,
                "calls",
                says="How many examples follow those of the first step, in five steps at most,",
            )
        ],
        says="A single step may be twice as slow as the next one, for no reason of the model's.",
    )
    yield Check(
        "waits for the last step",
        points=1,
        part=0,
        calls=[
            probe(
                on_a_device,
                batch,
                0.02,
                0.003,
                "waits",
                says="How many examples of the last step were there when the clock was stopped",
            )
        ],
        says="On a GPU a call returns at once, and the work is done afterwards. Without a wait one "
        "measures how quickly Python can ask.",
    )
    yield Check(
        "the first step isn't counted",
        points=1,
        calls=[
            probe(
                on_a_device,
                other,
                0.25,
                0.002,
                "first step",
                says="How many examples of the first step, a long one, your number leaves out",
            )
        ],
        says="The first call builds or compiles what all later ones use.",
    )
    yield Check(
        "examples, not steps",
        points=1,
        calls=[
            probe(
                on_a_device,
                each,
                0.02,
                0.002,
                "unit",
                says="What your number says",
            )
            for each in (batch, other)
        ],
        says="A step takes a batch of examples, and they are what is to be counted.",
    )


@l8_5.right("each step by itself, the median")
def throughput(model, batch):
    import time

    seconds = []
    for _ in range(12):
        start = time.perf_counter()
        np.asarray(model(batch))
        seconds.append(time.perf_counter() - start)
    return len(batch) / float(np.median(seconds[1:]))


@l8_5.right("for a tenth of a second, by predict_on_batch")
def throughput(model, batch):
    from time import perf_counter

    for _ in range(2):
        model.predict_on_batch(batch)
    examples, start = 0, perf_counter()
    while perf_counter() - start < 0.1:
        model.predict_on_batch(batch)
        examples += len(batch)
    return examples / (perf_counter() - start)


@l8_5.right("time.time, one element looked at")
def throughput(model, batch):
    import time

    float(np.array(model(batch))[0, 0])
    before = time.time()
    outputs = [model(batch) for _ in range(30)]
    float(outputs[-1][0, 0])
    return 30 * batch.shape[0] / (time.time() - before)


l8_5.allow_mutant(
    after="model(batch)",
    reason="The first call compiles and waits for that itself; at most one step more is timed.",
)
l8_5.allow_mutant(line="steps = 20", reason="Any number of steps from five on will do.")


@l8_5.wrong(
    "compilation-counted",
    "You started the clock before the first call, which builds or compiles what all later ones use. "
    "Your number says more about the compiler than about the model.",
)
def throughput(model, batch):
    import time

    start = time.perf_counter()
    for _ in range(20):
        output = model(batch)
    np.asarray(output)
    return 20 * len(batch) / (time.perf_counter() - start)


@l8_5.wrong(
    "not-waited-for",
    "You stopped the clock when the last call had returned, not when its work was done. On a GPU calls "
    "return at once: you measured how quickly Python can ask. What can be done with an output only "
    "when it is there?",
)
def throughput(model, batch):
    import time

    np.asarray(model(batch))
    start = time.perf_counter()
    for _ in range(20):
        model(batch)
    return 20 * len(batch) / (time.perf_counter() - start)


@l8_5.wrong(
    "waits-too-late",
    "You wait for the last output, but your clock doesn't notice: it was read before the wait, or it is "
    "the processor's (`process_time`), which stands still meanwhile. First wait, then read the clock on "
    "the wall.",
)
def throughput(model, batch):
    import time

    np.asarray(model(batch))
    start = time.perf_counter()
    for _ in range(20):
        output = model(batch)
    seconds = time.perf_counter() - start
    np.asarray(output)
    return 20 * len(batch) / seconds


@l8_5.wrong(
    "one-step-only",
    "You timed a single step. The next one may take half as long or twice: take several, and divide.",
)
def throughput(model, batch):
    import time

    np.asarray(model(batch))
    start = time.perf_counter()
    np.asarray(model(batch))
    return len(batch) / (time.perf_counter() - start)


@l8_5.wrong(
    "first-step-only",
    "You timed the first step, and only that: it holds the compiling. Let it pass, then time several.",
)
def throughput(model, batch):
    import time

    start = time.perf_counter()
    np.asarray(model(batch))
    return len(batch) / (time.perf_counter() - start)


@l8_5.wrong(
    "steps-per-second",
    "You counted steps. Whoever doubles the batch would see the model get slower: multiply by the "
    "number of examples in a batch.",
)
def throughput(model, batch):
    import time

    np.asarray(model(batch))
    start = time.perf_counter()
    for _ in range(20):
        output = model(batch)
    np.asarray(output)
    return 20 / (time.perf_counter() - start)


@l8_5.wrong(
    "seconds-per-example",
    "You divided the wrong way round: seconds by examples. Examples a second are asked for, where more "
    "is better.",
)
def throughput(model, batch):
    import time

    np.asarray(model(batch))
    start = time.perf_counter()
    for _ in range(20):
        output = model(batch)
    np.asarray(output)
    return (time.perf_counter() - start) / (20 * len(batch))


@l8_5.wrong(
    "seconds",
    "You returned the seconds that a step takes. Examples a second are asked for.",
)
def throughput(model, batch):
    import time

    np.asarray(model(batch))
    start = time.perf_counter()
    for _ in range(20):
        output = model(batch)
    np.asarray(output)
    return (time.perf_counter() - start) / 20


# --------------------------------------------------------------------------- L8.6

l8_6 = Exercise(
    id="L8.6",
    title="Hand in what your model says",
    functions=("handed_in",),
    difficulty=1,
    importance=4,
    minutes=5,
    hints=(
        "The cell above prints one line of text: your model's verdicts on the test reviews, packed. "
        "Where does it go?",
        "`unpack` turns the line into an array of noughts and ones again. Return that array.",
        'Copy the line with its quotes: `return unpack("…")`. If the accuracy is too low, look at the '
        "validation accuracy first: the model has to learn more, or the texts were read with another "
        "vocabulary than in training.",
    ),
)


def form(handed_in, asked):
    answers = np.asarray(handed_in())
    if answers.ndim != 1 or answers.dtype.kind not in "biuf":
        return {"an array of the shape": list(answers.shape), "only 0 and 1": False}
    return {
        "an array of the shape": list(answers.shape),
        "only 0 and 1": bool(np.isin(answers, (0, 1)).all()),
        "verdicts on the reviews with these numbers": sum(n < len(answers) for n in asked),
    }


def both(handed_in):
    praise = np.mean(np.asarray(handed_in(), dtype=float))
    return {"found": "praise only" if praise > 0.8 else "blame only" if praise < 0.2 else "both"}


def right_share(handed_in, praise, blame):
    called = np.asarray(handed_in(), dtype=float).ravel() > 0.5
    return float((called[praise].sum() + (~called[blame]).sum()) / (len(praise) + len(blame)))


def verdicts(handed_in, asked):
    return (np.asarray(handed_in(), dtype=float).ravel() > 0.5)[asked].astype(int)


@l8_6.checks
def l8_6_checks(rng: np.random.Generator) -> Iterator[Check]:
    labels = split("mr").test["label"].to_numpy()
    of_praise, of_blame = np.flatnonzero(labels == 1), np.flatnonzero(labels == 0)
    chosen = [rng.choice(of_kind, 200, replace=False) for of_kind in (of_praise, of_blame)]
    asked = rng.permutation(np.concatenate(chosen))
    says = "What your model says of 200 reviews that praise and 200 that blame, all mixed up,"
    few = np.sort(rng.permutation(len(labels))[: rng.integers(20, 90)]).tolist()
    yield Check(
        "a verdict on every test review",
        points=1,
        calls=[
            probe(form, few, says="What was handed in"),
            probe(both, says="What is found in it"),
        ],
        says="One number for each of the 1,000 test reviews, in their order: 1 for praise, 0 for blame.",
    )
    yield Check(
        "better than a coin",
        points=1,
        calls=[
            probe(verdicts, asked, says=says, expect=matching(labels[asked], 0.58), tolerance=1),
            probe(  # is never wrong, and names mistakes; always by the same reviews
                *(right_share, of_praise[::5], of_blame[::5]),
                says="The share that is right of every fifth review of either kind",
                expect=between(0, 1),
                tolerance=0.005,
            ),
        ],
        says="A coin gets half of them right, and hardly ever more than 58 %.",
    )
    yield Check(
        "as good as a model that has learned",
        points=1,
        calls=[
            probe(verdicts, asked, says=says, expect=matching(labels[asked], 0.68), tolerance=1)
        ],
        says="A model that gets 73 % of the validation reviews right gets more than 68 % of these. "
        "Grading draws 400 others of the 1,000, so there is nothing to be won by trying.",
    )


@l8_6.right("a list of truth values")
def handed_in():
    from attnkit.handin import unpack

    return unpack(
        "1000:Plz_3re3b96fe1s29qqz1O_b9Te7bn_19s3vVb_n7929u_1pz7zDb"
        "7r_9CPNt9B3duvZ_167Z_3v9fub7uv0wAwQdAQmkTIQAlcgChCxBEKFQYI"
        "GCAkAKAaFaAYIAEAKBoCsBQIAgQz4LIIAIS8YAQK2j0AJKAAZRFggQEA="
    ).astype(bool)


@l8_6.right("unpacked by hand, as floats")
def handed_in():
    import base64

    text = (
        "1000:Plz_3re3b96fe1s29qqz1O_b9Te7bn_19s3vVb_n7929u_1pz7zDb"
        "7r_9CPNt9B3duvZ_167Z_3v9fub7uv0wAwQdAQmkTIQAlcgChCxBEKFQYI"
        "GCAkAKAaFaAYIAEAKBoCsBQIAgQz4LIIAIS8YAQK2j0AJKAAZRFggQEA="
    )
    raw = base64.urlsafe_b64decode(text.partition(":")[2])
    return np.array([byte >> (7 - bit) & 1 for byte in raw for bit in range(8)][:1000], dtype=float)


@l8_6.wrong(
    "verdicts-turned-round",
    "Your verdicts are turned round: what praises is called blame, and what blames praise. Which of "
    "the two labels is 1?",
)
def handed_in():
    from attnkit.handin import unpack

    return 1 - unpack(
        "1000:Plz_3re3b96fe1s29qqz1O_b9Te7bn_19s3vVb_n7929u_1pz7zDb"
        "7r_9CPNt9B3duvZ_167Z_3v9fub7uv0wAwQdAQmkTIQAlcgChCxBEKFQYI"
        "GCAkAKAaFaAYIAEAKBoCsBQIAgQz4LIIAIS8YAQK2j0AJKAAZRFggQEA="
    )


@l8_6.wrong(
    "other-order",
    "Your verdicts are no better than a coin's, though there is praise and blame in them. Do they stand "
    "in the order of the reviews, and are they about the *test* reviews?",
)
def handed_in():
    from attnkit.handin import unpack

    return np.roll(
        unpack(
            "1000:Plz_3re3b96fe1s29qqz1O_b9Te7bn_19s3vVb_n7929u_1pz7zDb"
            "7r_9CPNt9B3duvZ_167Z_3v9fub7uv0wAwQdAQmkTIQAlcgChCxBEKFQYI"
            "GCAkAKAaFaAYIAEAKBoCsBQIAgQz4LIIAIS8YAQK2j0AJKAAZRFggQEA="
        ),
        311,
    )


@l8_6.wrong(
    "all-praise",
    "You called every review praise. A threshold at 0, or a softmax over one unit, does that.",
)
def handed_in():
    return np.ones(1000, dtype=int)


@l8_6.wrong(
    "all-blame",
    "You called every review blame. Were probabilities cut to whole numbers before they were compared "
    "with one half?",
)
def handed_in():
    return np.zeros(1000, dtype=int)


@l8_6.wrong(
    "a-part-only",
    "A part of the reviews has no verdict: 1,000 are asked for. Was the whole line copied?",
)
def handed_in():
    return (np.arange(800) % 3 > 0).astype(int)


@l8_6.wrong(
    "the-line-itself",
    "You returned the packed line. `unpack` makes an array of it.",
)
def handed_in():
    return (
        "1000:Plz_3re3b96fe1s29qqz1O_b9Te7bn_19s3vVb_n7929u_1pz7zDb"
        "7r_9CPNt9B3duvZ_167Z_3v9fub7uv0wAwQdAQmkTIQAlcgChCxBEKFQYI"
        "GCAkAKAaFaAYIAEAKBoCsBQIAgQz4LIIAIS8YAQK2j0AJKAAZRFggQEA="
    )


EXERCISES = (l8_1, l8_2, l8_3, l8_4, l8_5, l8_6)
