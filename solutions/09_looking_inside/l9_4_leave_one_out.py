import numpy as np

from autograder.authoring import Check, Exercise, call, every_layout

from .shared import model, text

exercise = Exercise(
    "Leave one out",
    solve="leave_one_out",
    difficulty=2,
    importance=5,
    minutes=12,
    hints="""Take the word at t away and ask the model again. What should stand in its place, so that
    all other words stay where they are? And for the next word: from which text do you start?

    For each t whose id isn't pad_id: copy ids_T, put unk_id at t, ask the model, and subtract the
    answer from that for the whole text. `predict` takes texts with a batch axis, (B, T): one text
    is `ids_T[None]`.

    `hidden_T = ids_T.copy()`, then `hidden_T[t] = unk_id`, and
    `e_T[t] = predict(ids_T[None])[0] - predict(hidden_T[None])[0]`, where e_T began as
    `np.zeros(len(ids_T))`, which holds floats.""",
)


@exercise.checks
def checks(rng):
    yield Check(
        "three words",
        call(model(np.random.default_rng(9), 8), np.array([5, 4, 7])),
        call(model(rng, 9), text(rng, 9, 3)),
        call(model(rng, 9), text(rng, 9, 4)),
        says="""p of the text minus p with this one word hidden: positive where the word raised the
        probability.""",
    )
    yield Check(
        "each word by itself, in its place",
        call(model(rng, 8), text(rng, 8, 6)),
        call(model(rng, 30), text(rng, 30, 11)),
        call(model(rng, 12), text(rng, 12, 8).astype(np.int32)),
        says="""Every word is hidden alone, in a copy of the whole text, and unk_id stands in its
        place: so all others stay where they are.""",
        points=2,
    )
    yield Check(
        "pads",
        call(model(rng, 9), text(rng, 9, 4, pads=2)),
        call(model(rng, 12), text(rng, 12, 5, pads=6)),
        says="Where pad_id stands there is no word to hide: pads get 0, and stay in the text.",
    )
    seen = text(rng, 12, 7, pads=2)
    seen[rng.choice(7, 2, replace=False)] = 1
    yield Check(
        "unknown words, and other ids for unknown and pad",
        call(model(rng, 12), seen),
        call(model(rng, 12), text(rng, 12, 5, pads=3), unk_id=2),
        call(model(rng, 12), text(rng, 12, 5, pads=3, pad_id=3), pad_id=3),
        call(model(rng, 12), text(rng, 12, 6, pads=2, pad_id=1), unk_id=0, pad_id=1),
        says="""A word that is unknown already changes nothing when it is hidden: 0. Which ids stand
        for unknown and pad is said by unk_id and pad_id.""",
    )
    yield Check(
        "any layout in memory, inputs left alone",
        *every_layout(call(model(rng, 12), text(rng, 12, 6, pads=2))),
        says="The text is needed as it was, for the next word and by whoever asked.",
        judges="inputs untouched",
    )


@exercise.right
def one_call_a_word(predict, ids_T, unk_id=1, pad_id=0):
    e_T = np.zeros(ids_T.shape)
    whole = predict(ids_T.reshape(1, -1))[0]
    for t in range(len(ids_T)):
        if ids_T[t] != pad_id:
            hidden = np.array(ids_T)
            hidden[t] = unk_id
            e_T[t] = whole - predict(hidden[np.newaxis])[0]
    return e_T


@exercise.right("one batch of T + 1 texts, the whole one first")
def one_batch(predict, ids_T, unk_id=1, pad_id=0):
    T = len(ids_T)
    ids_BT = np.repeat(ids_T[None], T + 1, axis=0)
    ids_BT[np.arange(T) + 1, np.arange(T)] = unk_id
    p_B = predict(ids_BT)
    return np.where(ids_T == pad_id, 0.0, p_B[0] - p_B[1:])


@exercise.right("np.where on the diagonal, pads hidden by themselves")
def where_on_the_diagonal(predict, ids_T, unk_id=1, pad_id=0):
    hide_TT = np.diag(ids_T != pad_id)
    both = predict(np.concatenate([np.where(hide_TT, unk_id, ids_T), ids_T[None]]))
    return both[-1] - both[:-1]


exercise.allow_mutant(
    after="hidden_NT[words_N, np.arange(len(words_N))] = unk_id",
    reason="Pads stand behind all words, whose places are then 0, 1, 2 and so on.",
)


@exercise.plain
def plain(predict, ids_T, unk_id=1, pad_id=0):
    p = predict(ids_T[None])[0]
    e_T = np.zeros(len(ids_T))
    for t in range(len(ids_T)):
        if ids_T[t] == pad_id:
            continue
        hidden = ids_T.copy()
        hidden[t] = unk_id
        e_T[t] = p - predict(hidden[None])[0]
    return e_T


plain.slip("""deletes-the-word
    - hidden = ids_T.copy()
    - hidden[t] = unk_id
    + hidden = np.delete(ids_T, t)
    You deleted the word, so all words behind it moved to other places, and the text grew shorter:
    you measure that as well. Put unk_id in its place.""")
plain.slip("""pad-in-its-place
    - hidden[t] = unk_id
    + hidden[t] = pad_id
    You put pad_id in the word's place. A pad says that nothing stands there, and a model masks it;
    a word that can't be read is unk_id.""")
plain.slip("""sign
    - e_T[t] = p - predict(hidden[None])[0]
    + e_T[t] = predict(hidden[None])[0] - p
    Your signs are turned round: you subtracted p with the word from p without it. A word that raises
    the probability gets a positive number.""")
plain.slip("""scores-pads
    - if ids_T[t] == pad_id:
    -     continue
    You hid pads as well, so that an unknown word stood where there had been none. Pads are no words:
    they get 0.""")
plain.slip("""cumulative
    - for t in range(len(ids_T)):
    + hidden = ids_T.copy()
    + for t in range(len(ids_T)):
    - hidden = ids_T.copy()
    Earlier words stayed hidden while you hid the next: the last number is what happens without any
    word. Each word is hidden alone, so begin with a fresh copy each time.""")
plain.slip("""one-after-the-other
    - for t in range(len(ids_T)):
    + hidden = ids_T.copy()
    + for t in range(len(ids_T)):
    - hidden = ids_T.copy()
    - hidden[t] = unk_id
    - e_T[t] = p - predict(hidden[None])[0]
    + before = predict(hidden[None])[0]
    + hidden[t] = unk_id
    + e_T[t] = before - predict(hidden[None])[0]
    You hid one word after the other, and took the fall from step to step. What a word does then
    hangs on how many stand before it: each is compared with the whole text.""")
plain.slip("""label-for-probability
    - p = predict(ids_T[None])[0]
    + p = predict(ids_T[None])[0] > 0.5
    - e_T[t] = p - predict(hidden[None])[0]
    + e_T[t] = float(p) - float(predict(hidden[None])[0] > 0.5)
    You compared labels, 0 or 1. Most words leave the label as it is and still move the probability:
    compare p.""")
plain.slip("""only-this-word
    - hidden = ids_T.copy()
    - hidden[t] = unk_id
    + hidden = np.where(np.arange(len(ids_T)) == t, ids_T, unk_id)
    You hid all words but this one. Leave one out: all others stay.""")
plain.slip("""all-of-its-kind
    - hidden[t] = unk_id
    + hidden[ids_T == ids_T[t]] = unk_id
    You hid a word wherever it stands in the text. Each place counts for itself: hide this one only.""")
plain.slip("""p-without-the-word
    - e_T[t] = p - predict(hidden[None])[0]
    + e_T[t] = predict(hidden[None])[0]
    You returned p without the word. By how much p has fallen is asked for: subtract it from p of
    the whole text.""")
plain.slip("""absolute-value
    - e_T[t] = p - predict(hidden[None])[0]
    + e_T[t] = abs(p - predict(hidden[None])[0])
    You took absolute values. A word that lowers the probability gets a negative number: keep the
    sign.""")
plain.slip("""share-of-p
    - e_T[t] = p - predict(hidden[None])[0]
    + e_T[t] = (p - predict(hidden[None])[0]) / p
    You divided by p. The fall itself is asked for, in points of probability.""")
plain.slip("""whole-numbers
    - e_T = np.zeros(len(ids_T))
    + e_T = np.zeros_like(ids_T)
    Your array holds whole numbers, as `np.zeros_like` of ids gives it: differences of probabilities
    become 0 in it. `np.zeros` holds floats.""")
plain.slip("""pads-left-out
    - return e_T
    + return e_T[ids_T != pad_id]
    You returned numbers for words only. Pads keep their places, with 0: the result is as long as the
    text.""")
plain.slip("""ids-taken-for-granted
    - if ids_T[t] == pad_id:
    + if ids_T[t] == 0:
    - hidden[t] = unk_id
    + hidden[t] = 1
    You wrote 0 and 1 for the ids of pads and of unknown words. Another vocabulary has other ids:
    use pad_id and unk_id.""")
plain.slip("""changes-the-text
    - hidden = ids_T.copy()
    - hidden[t] = unk_id
    - e_T[t] = p - predict(hidden[None])[0]
    + kept, ids_T[t] = ids_T[t], unk_id
    + e_T[t] = p - predict(ids_T[None])[0]
    + ids_T[t] = kept
    The numbers are right, but you hid the words in the caller's own text. If anything stops on the
    way, it stays changed; work on a copy.""")
