"""L8.3 is one check for each of twelve bugs. Every probe loads one part of the script, with the
learner's lines in it, and looks at one bug's doing only: how the other eleven lines read makes no
difference. `attnkit.bughunt` holds the script, as the lesson shows it."""

import numpy as np

from autograder.authoring import Check, Exercise, between, normal, probe

from . import hunting_probes
from .shared import mixed, ragged_ids, rows_to_change

exercise = Exercise(
    "A bug hunt",
    solve="mended",
    difficulty=4,
    importance=5,
    minutes=32,
    hints="""Read each part with its docstring: what does it promise, and which line breaks the
    promise? REQUIREMENTS and text_vector have one bug each, split and fit_tokenizer two each,
    encode and decode one each, build_model four.

    In build_model follow the shapes and the pads: how many rows does the table need, who says that
    0 is no word, what makes one vector of many, and over what does a softmax compete? In the data:
    which texts may be numbered, shuffled, chosen by?

    Lines 1, 6, 10, 17, 19, 27, 34 (or 35), 41, 42, 44, 45 and 51. An embedding makes a mask if it
    gets `mask_zero=True`, and attention passes it on; `GlobalAveragePooling1D` pools and heeds it;
    the tokenizer has `fit_on_texts`; `x_TD[ids_T != 0]` are the words' vectors alone.""",
)


def three_parts(rng: np.random.Generator) -> list[list[str]]:
    """Texts of training, validation and test; some of training are there twice."""
    parts = [
        [f"{word} {i}" for i in rng.permutation(90)[: rng.integers(low, low + 12)]]
        for word, low in (("learn", 8), ("choose", 2), ("judge", 2))
    ]
    parts[0] += rng.choice(parts[0], rng.integers(2, 7)).tolist()
    return parts


@exercise.checks
def checks(rng):
    (fresh,) = rng.spawn(1)
    seed = int(rng.integers(1000))
    n, D, H = 17, 10, 2
    ids_BT = ragged_ids(rng, 4, 8, n)
    some_BT = ids_BT[fresh.integers(4, size=fresh.integers(11, 40))]
    again = mixed(fresh, 7, 9)  # whether a text is the one above once more
    repeated_BT = ragged_ids(fresh, 9, 11, n)[np.cumsum([False, *np.logical_not(again)])]
    elsewhere = np.setdiff1d(np.arange(1, n - 1), ids_BT)  # 1 at least
    rows_seen, rows_pooled = (
        rows_to_change(fresh, ids_BT[1:, :2].ravel(), elsewhere) for _ in range(2)
    )
    praise, many = int(rng.integers(150, 250)), int(fresh.integers(60, 600))
    parts = [three_parts(fresh) for _ in range(2)]
    vocabularies = [
        [f"w{i}" for i in fresh.permutation(90)[: fresh.integers(20, 70)]] for _ in "12"
    ]
    packages = fresh.permutation(
        ["tensorflow", "numpy", *fresh.permutation(hunting_probes.UNASKED)[:4]]
    ).tolist()
    yield Check(
        "line 1: requirements that can be installed",
        probe(
            hunting_probes.installs_today,
            says="Whether each package is asked for, in a version for today's Python",
        )(packages),
        says="""A pin to a version of years ago can't be installed beside today's Python, and who
        does install it gets its bugs as well.""",
    )
    yield Check(
        "split: both labels in every part",
        probe(
            hunting_probes.shares,
            says="""The share of praise in training and in test, and whether labels and texts are
            still together (1 for yes),""",
        )(
            praise,
            400 - praise,
            expect=between(
                np.array([praise / 400 - 0.08, praise / 400 - 0.35, 1]),
                np.array([praise / 400 + 0.08, praise / 400 + 0.35, 1]),
            ),
            tolerance=0.02,
        ),
        probe(
            hunting_probes.with_own_labels,
            says="The number of texts to learn from, if each has its own label,",
        )(many, expect=between(round(0.78 * many), round(0.82 * many)), tolerance=1e-6),
        says="""The file has all praise first and then all blame. Cut as it is, the last part holds
        one label only.""",
    )
    yield Check(
        "split: validation is not the test",
        probe(hunting_probes.apart, says="Where the texts are, and how many,")(
            *(int(many) for many in fresh.integers(30, 80, 2))
        ),
        says="What is chosen by the test texts can't be judged with them any more.",
    )
    yield Check(
        "fit_tokenizer: fitted on training texts",
        *(
            probe(hunting_probes.fitted_on, says="What the tokenizer was fitted on")(*each)
            for each in parts
        ),
        says="Words of validation and test must be as unknown as words of the future.",
    )
    yield Check(
        "fit_tokenizer: a method that exists",
        *(
            probe(
                hunting_probes.knows_words,
                says="How many of the training texts' words the tokenizer knows",
            )(train)
            for train, _, _ in parts
        ),
        says="The tokenizer is never fitted: the method that is called is none of its own.",
    )
    yield Check(
        "encode: the last words, as it says",
        probe(hunting_probes.rows, says="What encode gives")(
            [[3, 1, 4, 1, 5, 9, 2], [6, 5], [3, 5, 8, 9]], 4
        ),
        probe(hunting_probes.rows, says="What encode gives")(
            [rng.integers(1, 30, k).tolist() for k in (4, 9, 6, 2)], 6
        ),
        says="The docstring promises the last max_len words of a text, and zeros behind.",
    )
    words = ["the", "film", "is", "good", "bad", "not", "and"]
    drawn = rng.permutation(len(words)) + 1
    yield Check(
        "decode: the right words",
        probe(hunting_probes.read_back, says="What decode gives")(words, [6, 5, 0, 0]),
        probe(hunting_probes.read_back, says="What decode gives")(
            words, [*drawn[:5].tolist(), 7, 1, 0]
        ),
        says="The word with the number 1 stands at place 0 of a list.",
    )
    yield Check(
        "build_model: a row for every id",
        *(
            probe(
                hunting_probes.table_rows,
                says="The number of rows that the table has, of those that the ids need,",
            )([" ".join(text) for text in np.array_split([*words, *words[::3]], 7)], 8, D, H)
            for words in vocabularies
        ),
        says="Numbers begin at 1, and 0 is the pad: how many rows are that?",
    )
    yield Check(
        "build_model: attention doesn't see pads",
        probe(
            hunting_probes.moves_with,
            says="""Whether what attention tells a word moves with each of these rows of the table,
            of which row 0 is the pads',""",
        )(n, ids_BT, D, H, rows_seen, seed, "what attention tells"),
        says="A text is the same text with more zeros behind it.",
    )
    yield Check(
        "build_model: one number a text",
        probe(hunting_probes.output_shape, says="The output's shape")(n, some_BT, D, H),
        probe(
            hunting_probes.moves_with,
            says="""Whether what comes out of pooling moves with each of these rows of the table, of
            which row 0 is the pads',""",
        )(n, ids_BT, D, H, rows_pooled, seed, "what the last layer gets"),
        says="""Attention gives a vector for each word, and a review has one label. Pads have no say
        in it, whatever makes one vector of many.""",
        part=0,
    )
    yield Check(
        "build_model: a probability",
        probe(hunting_probes.gives_probabilities, says="What is true of the model's outputs")(
            n, repeated_BT, D, H, seed
        ),
        says="Whatever the weights, different texts have different probabilities.",
    )
    yield Check(
        "text_vector: the mean of the words",
        probe(hunting_probes.mean_vector, says="The vector of a text of two words and a pad")(
            np.array([[1.0, 4.0], [3.0, 2.0], [9.0, 9.0]]), np.array([5, 2, 0])
        ),
        probe(hunting_probes.mean_vector, says="The vector of a text of four words and three pads")(
            normal(rng, 7, 3), np.array([4, 9, 1, 3, 0, 0, 0])
        ),
        says="The pads have vectors, too, and no meaning.",
    )


@exercise.right
def the_mask_by_hand():
    return {
        1: 'REQUIREMENTS = ["tensorflow==2.20.0"]',
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


@exercise.right
def in_other_places():
    return {
        1: 'REQUIREMENTS = ["tensorflow==2.19.1", "numpy==2.1.2"]',
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


exercise.slip("""pins-left
    - 1: 'REQUIREMENTS = ["tensorflow>=2.20", "numpy>=2"]',
    The two pins stand: tensorflow 2.4.1 and numpy 1.19.5 are of 2020 and 2021, have no packages for
    today's Python, and their code no longer runs beside this. Ask for a version from which on it
    works, not for the one that was there.""")
exercise.slip("""not-shuffled
    - 6: "order = np.random.default_rng(seed=0).permutation(len(texts))",
    The texts are cut as the file has them, and the file is sorted by label: the last tenth is all
    of one kind, and so is what it is judged with. Put another order into line 6.""")
exercise.slip("""validation-is-the-test
    - 10: "validation = texts[a:b], labels[a:b]",
    Validation and test are the same texts. Whoever chooses the epoch by them has chosen by the
    test, and a tenth of the texts, from a to b, is used for nothing.""")
exercise.slip("""fitted-on-everything
    - 17: "corpus = train_texts",
    The tokenizer is fitted on all texts. The words of validation and test are news to a model in
    real life: then they have to be new here, too.""")
exercise.slip("""no-such-method
    - 19: "tokenizer.fit_on_texts(corpus)",
    `fit_to_texts` is no method of the tokenizer: line 19 stops with an AttributeError. Print
    `dir(Tokenizer)` for those there are.""")
exercise.slip("""keeps-the-wrong-end
    - 27: "ids = ids[-max_len:]",
    The comment says the last words and line 27 keeps the first. Nothing crashes: only the endings,
    for the sake of which the limit was chosen, are gone.""")
exercise.slip("""off-by-one-decoding
    - 34: "words = [None, *tokenizer.word_index]",
    Every word is read as its neighbour in the list: the tokenizer's numbers begin at 1, a list's
    places at 0. What comes out are words, only never the right ones.""")
exercise.slip("""one-row-short
    - 41: "size = len(tokenizer.word_index) + 1",
    The table has as many rows as there are words, but ids go from 0, the pad, to the number of
    words: the last one has no row.""")
exercise.slip("""no-mask
    - 42: "x = keras.layers.Embedding(size, D, mask_zero=True)(ids)",
    Nothing says that 0 is no word: the embedding makes no mask, and attention looks at the pads as
    at any word.""")
exercise.slip("""never-pooled
    - 44: "x = keras.layers.GlobalAveragePooling1D()(x)",
    What comes out of attention is a vector for each word, and nothing makes one vector of them: the
    model gives a number for every word of a text.""")
exercise.slip("""pads-pooled
    - 44: "x = keras.layers.GlobalAveragePooling1D()(x)",
    + 44: "x = keras.layers.GlobalMaxPooling1D()(x)",
    You have one vector for a text, but pads have a say in it, even where the embedding and attention
    know of them. `GlobalMaxPooling1D` ignores masks, and so does a mean over axis 1. Which layer heeds
    the one that it is given?""")
exercise.slip("""all-places-side-by-side
    - 44: "x = keras.layers.GlobalAveragePooling1D()(x)",
    + 44: "x = keras.layers.Flatten()(x)",
    You laid the vectors of all places side by side, the pads' too, so that a short text's number is
    mostly made of pads. Which layer makes one vector of the words alone?""")
exercise.slip("""softmax-of-one
    - 45: 'p = keras.layers.Dense(1, activation="sigmoid")(x)',
    A softmax over one unit is always 1: this model calls every text praise.""")
exercise.slip("""mean-over-pads
    - 51: "return x_TD[ids_T != 0].mean(axis=0)",
    The mean is taken over all places, and the pads' vectors pull it to themselves, the more the
    shorter the text.""")
exercise.slip("""one-pin-left
    - 1: 'REQUIREMENTS = ["tensorflow>=2.20", "numpy>=2"]',
    + 1: 'REQUIREMENTS = ["tensorflow==2.4.1", "numpy>=2"]',
    You let NumPy go its way, and kept tensorflow at 2.4.1, which has no package for today's Python.
    Both lines of a requirements file have to be possible.""")
exercise.slip("""texts-and-labels-shuffled-apart
    - 6: "order = np.random.default_rng(seed=0).permutation(len(texts))",
    + 6: "order = np.random.default_rng(0).permutation(len(texts))",
    + 7: "labels = np.array(labels)[order]; texts = np.array(texts)[order[::-1]]",
    You shuffled texts and labels in two different orders, so that each text has got the label of
    another one. One order for both.""")
exercise.slip("""labels-not-shuffled
    - 6: "order = np.random.default_rng(seed=0).permutation(len(texts))",
    + 6: "order = np.random.default_rng(0).permutation(len(texts))",
    + 7: "texts, labels = np.array(texts)[order], np.array(labels)",
    You shuffled the texts and left the labels where they were. One order for both.""")
exercise.slip("""test-within-validation
    - 10: "validation = texts[a:b], labels[a:b]",
    + 10: "validation = texts[a:], labels[a:]",
    Your validation goes from a to the end, and so the whole test lies within it. Where does
    validation end?""")
exercise.slip("""validation-within-training
    - 10: "validation = texts[a:b], labels[a:b]",
    + 10: "validation = texts[:b][-10:], labels[:b][-10:]",
    Your validation isn't the tenth between training and test: some texts are left out. It goes from
    a to b.""")
exercise.slip("""fitted-on-validation-too
    - 17: "corpus = train_texts",
    + 17: "corpus = [*train_texts, *validation_texts]",
    You left out the test, but still number the words of validation: what is chosen by it is then
    chosen on words that were known too early.""")
exercise.slip("""another-missing-method
    - 19: "tokenizer.fit_on_texts(corpus)",
    + 19: "tokenizer.adapt(corpus)",
    `adapt` belongs to Keras's TextVectorization, not to this Tokenizer. Print `dir(Tokenizer)` for
    the methods there are.""")
exercise.slip("""short-texts-cut
    - 27: "ids = ids[-max_len:]",
    + 27: "ids = ids[len(ids) - max_len :]",
    For long texts your slice is right. A short one gives a negative start, which Python counts from
    the end: the beginning of a short text is gone. What does ids[-max_len:] do there?""")
exercise.slip("""off-by-two-decoding
    - 34: "words = [None, *tokenizer.word_index]",
    + 34: "words = [None, None, *tokenizer.word_index]",
    You shifted by one too many. The word with number 1 must stand at place 1 of the list.""")
exercise.slip("""pads-decoded
    - 34: "words = [None, *tokenizer.word_index]",
    + 34: "words = list(tokenizer.word_index)",
    + 35: 'return " ".join(words[i - 1] for i in ids)',
    The words are right now, but a 0 is decoded as well: place −1 of the list, its last word, stands
    for every pad.""")
exercise.slip("""two-rows-short
    - 41: "size = len(tokenizer.word_index) + 1",
    + 41: "size = len(tokenizer.word_index) - 1",
    You took a row away instead of adding one. Ids go from 0 to the number of words: how many are
    that?""")


@exercise.wrong
def mask_inverted():
    """Your mask is True for the pads and hides the words. True means keep: ids that are *not* 0."""
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


exercise.slip("""pooled-over-the-wrong-axis
    - 45: 'p = keras.layers.Dense(1, activation="sigmoid")(x)',
    + 45: 'p = keras.layers.Dense(8, activation="sigmoid")(x)',
    You took the mean over the numbers of a word, not over the words of a text, and gave Dense more
    than one unit. The axis that has to go is the words'.""")
exercise.slip("""linear-output
    - 45: 'p = keras.layers.Dense(1, activation="sigmoid")(x)',
    + 45: "p = keras.layers.Dense(1)(x)",
    The softmax is gone, but nothing is in its place: the output is any number, no probability.
    Which function makes a probability of one score?""")
exercise.slip("""summed-not-averaged
    - 51: "return x_TD[ids_T != 0].mean(axis=0)",
    + 51: "return x_TD[ids_T != 0].sum(axis=0)",
    You left the pads out, and added the words' vectors up: a long text has a long vector, whatever
    it says. A mean was asked for.""")
exercise.slip("""divided-by-all-places
    - 51: "return x_TD[ids_T != 0].mean(axis=0)",
    + 51: "return x_TD[ids_T != 0].sum(axis=0) / len(ids_T)",
    You added the words' vectors up and divided by the number of all places, pads included. By how
    many must a mean over the words be divided?""")
exercise.allow_mutant(
    after='50: "return x_TD[ids_T != 0].mean(axis=0)",',
    reason="Line 50 is text_vector's docstring: in its place the right return comes first.",
)
