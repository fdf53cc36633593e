import numpy as np

from autograder.authoring import Check, Exercise, probe

from . import classifier_probes
from .shared import mixed, ragged_ids, rows_to_change

exercise = Exercise(
    "The classifier",
    solve="build_classifier",
    difficulty=4,
    importance=5,
    minutes=32,
    hints="""Begin with the ten lines of section 3 and write the shapes beside them: ids (B, T), words
    (B, T, D), one vector a review (B, D), one number (B, 1). Places are added to the words, and the
    mean becomes H weighted means. Two of the steps must know which ids are 0: which?

    `keep = keras.ops.not_equal(ids, 0)` is the mask; make it once and hand it on yourself, for a
    bare `+` loses a mask that travels along. Scores of H heads are (B, T, H), so their softmax goes
    over axis 1 and takes the mask as (B, T, 1). Where do a word's places 0, 1, 2, … come from, and
    why must they be worked out from `ids`?

    Places: `keras.ops.cumsum(keras.ops.ones_like(ids), axis=1) - 1`, looked up in a second
    `Embedding(max_len, D)` and added. Scores: `Dense(H, use_bias=False)(Dense(A,
    activation="tanh")(x))`; weights: `Softmax(axis=1)(e, mask=keep[:, :, None])`; means:
    `keras.ops.einsum("bth,btd->bhd", w, x)`, then `Flatten()`. Then `Dense(1,
    activation="sigmoid")`, `keras.Model(ids, p)`, and `compile` with the loss
    "binary_crossentropy".""",
)


@exercise.checks
def checks(rng):
    fresh, more = rng.spawn(2)
    seed = int(rng.integers(1000))
    V, T, D, H = 41, 11, 12, 3  # no other array of a model is likely to have V rows
    ids_BT = ragged_ids(rng, 5, T, V)
    few_BT = ragged_ids(rng, 4, 7, 31)
    some_BT = ids_BT[fresh.integers(5, size=fresh.integers(13, 33))]
    yield Check(
        "one number a review",
        probe(classifier_probes.shape, says="The output's shape")(V, T, D, H, some_BT),
        probe(classifier_probes.shape, says="The output's shape")(
            31, 7, 10, 2, few_BT[fresh.integers(4, size=fresh.integers(11, 23))]
        ),
        says="""Attention gives a vector for each word. Somewhere they must become one for the
        review.""",
    )
    again = mixed(fresh, 7, 9)  # whether a review is the one above once more
    repeated_BT = ragged_ids(fresh, 9, T, V)[np.cumsum([False, *np.logical_not(again)])]
    yield Check(
        "a probability",
        probe(classifier_probes.probability, says="What is true of the model's outputs")(
            V, T, D, H, repeated_BT, seed
        ),
        says="""With any weights the output lies between 0 and 1. It is the same for the same
        review, and differs from review to review.""",
    )
    y_B1 = (np.arange(6)[:, None] % 2).astype(float)
    p_B1 = np.round(rng.uniform(0.1, 0.9, (6, 1)), 2)
    yield Check(
        "the loss of a probability",
        probe(classifier_probes.loss, says="The model's loss of some outputs")(
            y_B1, p_B1, tolerance=1e-4
        ),
        says="""The model is compiled with the binary cross-entropy of probabilities, since it gives
        probabilities. (On TensorFlow, Keras sees a last sigmoid and forgives the wrong one in
        silence; other backends don't.)""",
    )
    ends = [V - 2 if same else V - 1 for same in mixed(fresh, 7, 9)]
    yield Check(
        "a row for every word",
        probe(
            classifier_probes.last_id,
            says="Whether a review of the last word but one changes with each of these words",
        )(V, T, D, H, ends, seed),
        says="Ids go from 0 to vocab_size − 1, each with a row of its own.",
    )
    changed = rows_to_change(fresh, ids_BT[0], np.setdiff1d(np.arange(2, V - 1), ids_BT))
    yield Check(
        "pads change nothing",
        probe(
            classifier_probes.pads,
            says="""Whether the output moves, with row 0 of the table, the pads' vector, or with a
            word that is replaced, if it is there,""",
        )(V, T, D, H, ids_BT, changed, seed),
        says="""A review is the same review with more zeros behind it. They may be neither attended
        to nor pooled.""",
        points=2,
        part=0,
    )
    some_heads = 3 * fresh.permutation(np.arange(2, 10))[:2] + more.integers(3, size=2)
    yield Check(
        "as many heads as asked",
        probe(
            classifier_probes.heads,
            says="The number of heads in two models together",
        )(V, 7, 4, *some_heads.tolist()),
        says="H is the number of heads. What a head's keys are long is yours to choose.",
    )
    ids_T = fresh.integers(2, V - 1, T)
    others_T = np.where(mixed(fresh, T, T), ids_T, V - 1)
    yield Check(
        "every word counts",
        probe(
            classifier_probes.words,
            says="""Whether the output moves with the word at each place, replaced by another or by
            the same,""",
        )(V, T, D, H, ids_T, others_T, seed),
        says="""Of a review without pads each word, the first as well as the last, can change the
        output.""",
    )
    twice = mixed(fresh, 7, 9)  # whether the two words that change places are the same
    ordered_BT = np.stack([fresh.permutation(29)[:7] + 2 for _ in twice])
    ordered_BT[:, -2:] = 0
    places = [fresh.permutation(5)[:2].tolist() for _ in twice]
    for row, (s, t), same in zip(ordered_BT, places, twice, strict=True):
        row[t] = row[s] if same else row[t]
    pairs = [[drawn := int(fresh.integers(900)), drawn + (not same)] for same in mixed(fresh, 5, 7)]
    yield Check(
        "order counts",
        probe(
            classifier_probes.order,
            says="Whether the output moves when two words, unlike or alike, change places",
        )(31, 7, 10, 2, ordered_BT, places, seed),
        probe(
            classifier_probes.agree,
            says="""Whether two models, built alike, agree on some reviews, with weights drawn from
            these pairs of seeds,""",
        )(31, 7, 10, 2, ordered_BT[:3], pairs),
        says="""Attention is blind to order, and so is a mean: a word must know its place before
        they see it. What a place is belongs to the model's weights, or is the same in every
        model.""",
        points=2,
        part=0,
    )


@exercise.right("the mask travels along, through a layer that lets it pass")
def the_mask_travels_along_through(vocab_size, max_len, D, H):
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


@exercise.right("a class of its own, masked by hand")
def a_class_of_its_own(vocab_size, max_len, D, H):
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


@exercise.right
def one_learned_query_asks_all_words(vocab_size, max_len, D, H):
    import keras

    ids = keras.Input((max_len,), dtype="int32")
    keep = keras.ops.expand_dims(keras.ops.cast(ids, "bool"), 1)
    place = keras.ops.cumsum(keras.ops.ones_like(ids), axis=1) - 1
    x = keras.layers.Embedding(vocab_size + 1, D)(ids)
    x = x * (1 + keras.layers.Embedding(max_len, D)(place))
    query = keras.layers.Embedding(1, D)(keras.ops.zeros_like(ids[:, :1]))
    z = keras.layers.MultiHeadAttention(H, D // H)(query, x, attention_mask=keep)
    z = keras.layers.BatchNormalization()(keras.layers.Flatten()(z))
    p = keras.layers.Activation("sigmoid")(keras.layers.Dense(1)(z))
    model = keras.Model(ids, p)
    model.compile("adam", ["binary_crossentropy"])
    return model


@exercise.right("a whole block, the largest of the words' numbers")
def a_whole_block_the_largest(vocab_size, max_len, D, H):
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


@exercise.plain
def plain(vocab_size, max_len, D, H):
    import keras

    ids = keras.Input((max_len,), dtype="int32")
    keep = keras.ops.not_equal(ids, 0)
    place = keras.ops.cumsum(keras.ops.ones_like(ids), axis=1) - 1
    x = keras.layers.Embedding(vocab_size, D)(ids) + keras.layers.Embedding(max_len, D)(place)
    x = keras.layers.MultiHeadAttention(H, D // H)(x, x, attention_mask=keep[:, None, :])
    z = keras.layers.GlobalAveragePooling1D()(x, mask=keep)
    model = keras.Model(ids, keras.layers.Dense(1, activation="sigmoid")(z))
    model.compile("adam", "binary_crossentropy")
    return model


plain.slip("""never-pooled
    - z = keras.layers.GlobalAveragePooling1D()(x, mask=keep)
    - model = keras.Model(ids, keras.layers.Dense(1, activation="sigmoid")(z))
    + model = keras.Model(ids, keras.layers.Dense(1, activation="sigmoid")(x))
    Your model gives one number for every word: the output has the shape (B, T, 1). Keras would
    train it without complaint, against the label repeated T times. What turns T vectors into one?""")
plain.slip("""pads-pooled
    - z = keras.layers.GlobalAveragePooling1D()(x, mask=keep)
    + z = keras.layers.GlobalAveragePooling1D()(x)
    Attention leaves the pads alone, but your mean counts them in: the layer that pools wasn't told
    which places are words. A short review is watered down by its own padding.""")
plain.slip("""max-over-pads
    - z = keras.layers.GlobalAveragePooling1D()(x, mask=keep)
    + z = keras.layers.GlobalMaxPooling1D()(x)
    `GlobalMaxPooling1D` ignores masks: where all words have negative numbers, a pad wins. Put
    something very small in the pads' places first, or pool in another way.""")
plain.slip("""all-places-side-by-side
    - z = keras.layers.GlobalAveragePooling1D()(x, mask=keep)
    - model = keras.Model(ids, keras.layers.Dense(1, activation="sigmoid")(z))
    + model = keras.Model(ids, keras.layers.Dense(1, activation="sigmoid")(keras.layers.Flatten()(x)))
    Your last layer gets all places side by side, the pads' as well. In a short review most of them
    are pads: leave them out, or put zeros in their places first.""")
plain.slip("""last-place-taken
    - x = keras.layers.MultiHeadAttention(H, D // H)(x, x, attention_mask=keep[:, None, :])
    - z = keras.layers.GlobalAveragePooling1D()(x, mask=keep)
    - model = keras.Model(ids, keras.layers.Dense(1, activation="sigmoid")(z))
    + x = x + keras.layers.MultiHeadAttention(H, D // H)(x, x, attention_mask=keep[:, None, :])
    + model = keras.Model(ids, keras.layers.Dense(1, activation="sigmoid")(x[:, -1]))
    Your model reads fixed places, whatever stands there: the vector at the last one, say, or all
    of them side by side, as `Flatten` lays them. In a short review these are pads. Which places are
    words?""")
plain.slip("""mask-lost-on-the-way
    - x = keras.layers.Embedding(vocab_size, D)(ids) + keras.layers.Embedding(max_len, D)(place)
    - x = keras.layers.MultiHeadAttention(H, D // H)(x, x, attention_mask=keep[:, None, :])
    - z = keras.layers.GlobalAveragePooling1D()(x, mask=keep)
    + x = keras.layers.Embedding(vocab_size, D, mask_zero=True)(ids)
    + x = x + keras.layers.Embedding(max_len, D)(place)
    + x = keras.layers.MultiHeadAttention(H, D // H)(x, x)
    + z = keras.layers.GlobalAveragePooling1D()(x)
    `mask_zero=True` makes a mask, but it is lost on the way: the sum of word and place, by a bare
    `+`, has none any more, and attention and pooling see every pad. Nothing warns you. Hand the
    mask on yourself.""")
plain.slip("""no-mask-at-all
    - x = keras.layers.MultiHeadAttention(H, D // H)(x, x, attention_mask=keep[:, None, :])
    + x = keras.layers.MultiHeadAttention(H, D // H)(x, x)
    Nothing in your model says which ids are pads: they are attended to and pooled like words. Which
    comparison gives the mask, and which two layers need it?""")
exercise.slip("""mask-inverted
    - keep = keras.ops.not_equal(ids, 0)
    + keep = keras.ops.equal(ids, 0)
    Your mask is True for the pads and hides the words. True means keep, in Keras as in this course.""")
exercise.slip("""sigmoid-and-from-logits
    - model.compile("adam", "binary_crossentropy", metrics=["accuracy"])
    + model.compile("adam", keras.losses.BinaryCrossentropy(from_logits=True))
    Your model gives a probability, and its loss (from_logits=True) takes the sigmoid of it once
    more. On TensorFlow Keras undoes this in silence; on another backend the same model would learn
    from wrong losses. One of the two has to go: the output should stay a probability.""")
exercise.slip("""logits-out
    - keras.layers.Dense(1, activation="sigmoid")
    + keras.layers.Dense(1)
    - model.compile("adam", "binary_crossentropy", metrics=["accuracy"])
    + model.compile("adam", keras.losses.BinaryCrossentropy(from_logits=True))
    Your model gives logits, any real numbers, with the loss that fits them. That is a good way to
    train; but what comes out here is read as a probability. Which activation makes one of a logit?""")
plain.slip("""no-sigmoid
    - keras.layers.Dense(1, activation="sigmoid")
    + keras.layers.Dense(1)
    Your model gives any real number, and its loss takes it for a probability. Outside of 0 to 1 the
    loss is cut off and teaches nothing. Which activation is missing?""")
plain.slip("""softmax-of-one
    - "sigmoid"
    + "softmax"
    A softmax over one unit is 1, always: one number competes with nobody. Your model calls every
    review praise, with certainty, and its gradient is 0. Which function turns *one* score into a
    probability?""")
exercise.slip("""two-units
    - keras.layers.Dense(1, activation="sigmoid")
    + keras.layers.Dense(2, activation="softmax")
    - model.compile("adam", "binary_crossentropy", metrics=["accuracy"])
    + model.compile("adam", "sparse_categorical_crossentropy")
    Your model gives two numbers a review, one for each class. They sum to 1, so one would do: the
    probability of praise, shape (B, 1).""")
plain.slip("""no-positions
    - place = keras.ops.cumsum(keras.ops.ones_like(ids), axis=1) - 1
    - x = keras.layers.Embedding(vocab_size, D)(ids) + keras.layers.Embedding(max_len, D)(place)
    - x = keras.layers.MultiHeadAttention(H, D // H)(x, x, attention_mask=keep[:, None, :])
    + x = keras.layers.Embedding(vocab_size, D)(ids)
    + x = x + keras.layers.MultiHeadAttention(H, D // H)(x, x, attention_mask=keep[:, None, :])
    Two words may change places and your model doesn't notice: *not good, bad* is *not bad, good* to
    it. Attention and mean are both blind to order. What did lesson 7 add to the words?""")
plain.slip("""positions-after-attention
    - x = keras.layers.Embedding(vocab_size, D)(ids) + keras.layers.Embedding(max_len, D)(place)
    - x = keras.layers.MultiHeadAttention(H, D // H)(x, x, attention_mask=keep[:, None, :])
    + x = keras.layers.Embedding(vocab_size, D)(ids)
    + x = x + keras.layers.MultiHeadAttention(H, D // H)(x, x, attention_mask=keep[:, None, :])
    + x = x + keras.layers.Embedding(max_len, D)(place)
    Your places are added behind the attention, just before a mean: each review of the same length
    gets the same sum of places, and order is lost again. Words must know their place before they
    are attended to.""")
plain.slip("""places-outside-of-the-model
    - place = keras.ops.cumsum(keras.ops.ones_like(ids), axis=1) - 1
    + place = keras.ops.arange(max_len)
    Something in your model is none of its weights: two models with the same weights disagree. A
    table of places that is looked up with `keras.ops.arange` alone is such a thing: it is never
    trained, and not saved. Derive the places from `ids`.""")
exercise.slip("""softmax-over-heads
    - keras.layers.Softmax(axis=1)(e, mask=shown[:, :, None])
    + keras.layers.Softmax(axis=-1)(e, mask=shown[:, :, None])
    Your heads compete for each word: the weights sum to 1 over the heads, not over the words of a
    review, and a pad's are shared out too. Which axis are the words?""")
exercise.slip("""pads-asked
    - (e, mask=shown[:, :, None])
    + (e)
    Your queries ask the pads like words: the softmax wasn't told which places are words. A short
    review is watered down by its own padding. Which argument does the layer take a mask by?""")
exercise.slip("""one-query
    - keras.layers.Dense(H, use_bias=False
    + keras.layers.Dense(1, use_bias=False
    Your model has one query, however many heads are asked for. Each of the H heads needs scores of
    its own: where does H belong?""")
plain.slip("""one-row-short
    - keras.layers.Embedding(vocab_size, D)
    + keras.layers.Embedding(vocab_size - 1, D)
    Your table has no row for the id vocab_size − 1. On a CPU the model stops at that word; on a GPU
    it reads zeros and says nothing. How many ids are there from 0 to vocab_size − 1?""")
exercise.slip("""squared-error
    - model.compile("adam", "binary_crossentropy", metrics=["accuracy"])
    + model.compile("adam", "mean_squared_error")
    You train by squared error. It forgives a sure mistake too easily: its gradient goes to 0 where
    the sigmoid is flat. The cross-entropy's doesn't.""")
plain.slip("""not-compiled
    - model = keras.Model(ids, keras.layers.Dense(1, activation="sigmoid")(z))
    - model.compile("adam", "binary_crossentropy")
    - return model
    + return keras.Model(ids, keras.layers.Dense(1, activation="sigmoid")(z))
    Your model isn't compiled: what should training make small, and with which optimiser?""")
exercise.slip("""dropout-always-on
    - keras.layers.Dropout(0.5)(keras.ops.einsum("bth,btd->bhd", w, x))
    + keras.layers.Dropout(0.5)(keras.ops.einsum("bth,btd->bhd", w, x), training=True)
    Your model gives another answer each time it is asked: with `training=True` the dropout goes on
    where it should rest. Leave `training` to Keras.""")
plain.slip("""no-return
    - model.compile("adam", "binary_crossentropy")
    - return model
    + return model.compile("adam", "binary_crossentropy")
    Your function builds and compiles a model, and keeps it to itself. What does `compile` return?""")
plain.slip("""heads-and-width-exchanged
    - keras.layers.MultiHeadAttention(H, D // H)
    + keras.layers.MultiHeadAttention(D // H, H)
    You exchanged the two numbers of the attention layer: the number of heads comes first, then the
    length of a head's keys.""")
plain.slip("""one-head
    - keras.layers.MultiHeadAttention(H, D // H)
    + keras.layers.MultiHeadAttention(1, D)
    Your model has one head, however many are asked for. Where does H belong?""")
for after, reason in (
    ("keep = ids", "Keras takes every number but 0 for True."),
    (
        "w = -keras.layers.Softmax(axis=1)(e, mask=shown[:, :, None])",
        "The next layer learns its sign.",
    ),
    (
        'ids = -keras.Input((max_len,), dtype="int32")',
        "Keras counts negative ids from the table's end: its rows stand in another order.",
    ),
    ("ids = keras.Input((max_len,))", "Keras makes whole numbers of ids itself."),
    ("keep = keras.ops.not_equal(0, ids)", "The same comparison."),
    (
        "place = -(keras.ops.cumsum(keras.ops.ones_like(ids), axis=1) - 1)",
        "The places' rows stand in another order.",
    ),
    (
        "place = 1 - keras.ops.cumsum(keras.ops.ones_like(ids), axis=1)",
        "The places' rows stand in another order.",
    ),
    ("place = keras.ops.cumsum(keras.ops.ones_like(ids), axis=-1) - 1", "The last axis is axis 1."),
    (
        "place = keras.ops.cumsum(keras.ops.ones_like(ids), axis=1) - 2",
        "The places' rows stand in another order: -1 is the last.",
    ),
    (
        'model.compile("adam", "binary_crossentropy")',
        "Which numbers are shown while it trains isn't judged.",
    ),
):
    exercise.allow_mutant(after=after, reason=reason)
for line, reason in (
    (
        'x_place = keras.layers.Embedding(max_len, D, embeddings_initializer="zeros")(place)',
        "How a table begins, and its sign, is the learner's to choose.",
    ),
    (
        "x = keras.layers.Dropout(0.5)(keras.layers.Embedding(vocab_size, D)(ids) + x_place)",
        "How word and place are put together is the learner's to choose.",
    ),
    (
        'shown = keras.layers.Dropout(0.5)(keras.ops.cast(keep, "float32")) > 0',
        "How many words are hidden in training isn't judged.",
    ),
    (
        'h = keras.layers.Dense(D // 2, activation="tanh")(x)',
        "What the scores are made of is the learner's to choose.",
    ),
    (
        'e = keras.layers.Dense(H, use_bias=False, kernel_initializer="zeros")(h)',
        "A query's sign, and how it begins, is the learner's to choose.",
    ),
    (
        'z = keras.layers.Dropout(0.5)(keras.ops.einsum("bth,btd->bhd", w, x))',
        "How much is dropped is the learner's to choose; the next layer learns its sign.",
    ),
):
    exercise.allow_mutant(line=line, reason=reason)
