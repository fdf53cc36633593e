import numpy as np

from autograder.authoring import Check, Exercise, call, probe

from .shared import mixed

exercise = Exercise(
    "Reviews become arrays",
    solve="make_dataset",
    difficulty=2,
    importance=4,
    minutes=13,
    hints="""Begin with an array of zeros of the shape (texts, max_len): then the pads are there
    already, and each row only has to be filled from the left.

    First turn all words of a text into ids, unknown ones into 1, then cut. For the beginning that
    is a slice up to max_len. Which slice keeps the last max_len entries of a list, and all of a
    shorter one?

    `ids[-max_len:]` is the end. Fill with `ids_NT[row, : len(ids)] = ids`, ask for `dtype="int32"`
    when you make the zeros and for `"float32"` when you make the labels, and raise the ValueError
    before anything else.""",
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


@exercise.checks
def checks(rng):
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
    large = dict(zip(words, fresh.integers(40_000, 90_000, len(words)).tolist(), strict=True))
    few = dict(zip(("good", "bad", "film"), (fresh.permutation(12) + 2).tolist(), strict=False))
    ends = [
        str(fresh.choice(["head", "tail"] if is_end else WRONG_ENDS))
        for is_end in mixed(fresh, 6, 7)
    ]
    yield Check(
        "texts that fit",
        call(short, [1, 0, 0, 1], vocab, 6),
        call(["good film"], [1], vocab, 3, "tail"),
        call(short, [0, 1, 1, 0], large, 5),
        says="""One row a text, in the order of the texts, with its label. Words that are not in
        vocab are 1, and zeros fill up behind. Ids go as far as vocab does.""",
    )
    yield Check(
        "too long: the beginning is kept",
        call(long, [0, 1, 1, 0, 1], vocab, 6),
        call(long, [0, 1, 1, 0, 1], vocab, 4, keep="head"),
        says='keep="head" is what counts if nothing is said: the first max_len words.',
    )
    yield Check(
        "too long: the ending is kept",
        call(long, [0, 1, 1, 0, 1], vocab, 6, keep="tail"),
        call(long, [0, 1, 1, 0, 1], vocab, 4, "tail"),
        says="""keep="tail" keeps the last max_len words, in their order. Zeros stay behind, here
        too.""",
    )
    yield Check(
        "numbers that a model can take",
        probe(kinds, says="What was returned")(short, [1, 0, 0, 1], vocab, 6),
        probe(vocab_afterwards, says="The vocab, afterwards,")(
            ["bad film unheard", "good good film"], [0, 1], few, 4
        ),
        says="""Ids look up rows, so they are whole numbers; a loss wants labels with a decimal
        point. The vocabulary was fitted on the training texts, and nothing is added to it here.""",
    )
    yield Check(
        "an end that doesn't exist",
        *(
            probe(refuses, says="Whether it was refused")(short, [1, 0, 0, 1], vocab, 6, keep)
            for keep in ("middle", "head", "Tail", "tail")
        ),
        *(
            probe(refuses, says="Whether it was refused")(["good film"], [1], few, 3, keep)
            for keep in ends
        ),
        says="""keep is "head" or "tail". Anything else is a slip of the pen, and must raise a
        ValueError before a wrong end is read in silence.""",
    )


@exercise.right
def list_by_list(texts, labels, vocab, max_len, keep="head"):
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


@exercise.right("words cut first, 64 bits")
def words_cut_first_64_bits(texts, labels, vocab, max_len, keep="head"):
    ends = {"head": slice(None, max_len), "tail": slice(-max_len, None)}
    if keep not in ends:
        raise ValueError(f"no such end: {keep}")
    ids_NT = np.zeros((len(texts), max_len), dtype=int)
    for n, text in enumerate(texts):
        for t, word in enumerate(text.split()[ends[keep]]):
            ids_NT[n, t] = vocab.get(word, 1)
    return ids_NT, np.asarray(labels, dtype=float)


@exercise.right
def padded_by_NumPy(texts, labels, vocab, max_len, keep="head"):
    if keep == "head":
        cut = [text.split()[:max_len] for text in texts]
    elif keep == "tail":
        cut = [text.split()[::-1][:max_len][::-1] for text in texts]
    else:
        raise ValueError(f"{keep} is neither head nor tail")
    rows = [np.pad([vocab.get(w, 1) for w in words], (0, max_len - len(words))) for words in cut]
    return np.stack(rows).astype("int32"), np.array(labels).astype("float32")


exercise.slip("""keep-ignored
    - ids = [vocab.get(word, 1) for word in text.split()]
    - ids = ids[:max_len] if keep == "head" else ids[-max_len:]
    + ids = [vocab.get(word, 1) for word in text.split()][:max_len]
    Your function keeps the beginning whatever `keep` says. Nobody would notice: a review without
    its ending is still a review. What should become of a long one for keep="tail"?""")
exercise.slip("""always-the-end
    - ids = [vocab.get(word, 1) for word in text.split()]
    - ids = ids[:max_len] if keep == "head" else ids[-max_len:]
    + ids = [vocab.get(word, 1) for word in text.split()][-max_len:]
    Your function keeps the ending whatever `keep` says, as some libraries do unless told otherwise.
    The beginning is asked for if nothing is said.""")
exercise.slip("""ends-exchanged
    - ids = ids[:max_len] if keep == "head" else ids[-max_len:]
    + ids = ids[-max_len:] if keep == "head" else ids[:max_len]
    You exchanged the two ends: "head" keeps the last words and "tail" the first.""")
exercise.slip("""pads-in-front
    - ids_NT[row, : len(ids)] = ids
    + ids_NT[row, max_len - len(ids) :] = ids
    Your zeros stand in front of the words, as in many older scripts. Here they stand behind, for
    both ends: the first word is at place 0, and a position means the same in a short text and a
    long one.""")
exercise.slip("""pads-in-front-of-endings
    - ids = ids[:max_len] if keep == "head" else ids[-max_len:]
    - ids_NT[row, : len(ids)] = ids
    + if keep == "head":
    +     ids_NT[row, : len(ids[:max_len])] = ids[:max_len]
    + else:
    +     ids_NT[row, max_len - len(ids[-max_len:]) :] = ids[-max_len:]
    For keep="tail" your zeros stand in front. Which end of a text is kept and on which side it is
    filled up are two questions: the zeros stay behind.""")
exercise.slip("""refits-the-vocabulary
    - if keep not in ("head", "tail"):
    -     raise ValueError(f'keep is {keep!r}: it must be "head" or "tail"')
    + if keep not in ("head", "tail"):
    +     raise ValueError(keep)
    + own = {}
    + for text in texts:
    +     for word in text.split():
    +         own.setdefault(word, len(own) + 2)
    - ids = [vocab.get(word, 1) for word in text.split()]
    + ids = [own[word] for word in text.split()]
    You numbered the words of these texts anew. The model has learned what the ids of *its*
    vocabulary mean: with other numbers it would read other words. Use the vocab that you are given.""")
exercise.slip("""vocabulary-grows
    - ids = [vocab.get(word, 1) for word in text.split()]
    + for word in text.split():
    +     vocab.setdefault(word, len(vocab) + 2)
    + ids = [vocab[word] for word in text.split()]
    You gave each new word a number of its own and put it into vocab. The model's table has no row
    for such an id, and the caller's dict is changed. Unknown words are 1.""")
exercise.slip("""unknown-past-the-table
    - if keep not in ("head", "tail"):
    -     raise ValueError(f'keep is {keep!r}: it must be "head" or "tail"')
    + if keep not in ("head", "tail"):
    +     raise ValueError(keep)
    + unknown = len(vocab) + 2
    - ids = [vocab.get(word, 1) for word in text.split()]
    + ids = [vocab.get(word, unknown) for word in text.split()]
    Your unknown words get an id behind all others, for which the model's table has no row: on a CPU
    that is an error, on a GPU a row of zeros and silence. Which id is kept for them?""")
exercise.slip("""unknown-as-pad
    - ids = [vocab.get(word, 1) for word in text.split()]
    + ids = [vocab.get(word, 0) for word in text.split()]
    Your unknown words became 0, as if nothing stood there. A mask would hide them, and a text of
    new words would be empty. They have an id of their own: 1.""")
exercise.slip("""unknown-left-out
    - ids = [vocab.get(word, 1) for word in text.split()]
    + ids = [vocab[word] for word in text.split() if word in vocab]
    You left unknown words out, so that their neighbours move together. They are words, too: each
    keeps its place, with the id 1.""")
exercise.slip("""any-end-will-do
    - if keep not in ("head", "tail"):
    -     raise ValueError(f'keep is {keep!r}: it must be "head" or "tail"')
    Your function takes whatever isn't "head" for "tail". Who writes keep="Tail" or "middle" never
    learns of it: raise a ValueError.""")
exercise.slip("""ending-turned-round
    - ids = ids[:max_len] if keep == "head" else ids[-max_len:]
    + ids = ids[:max_len] if keep == "head" else ids[::-1][:max_len]
    Your endings come in reverse order, last word first. Only the beginning of the text is dropped;
    what is kept stays as it was written.""")
exercise.slip("""lists
    - ids_NT = np.zeros((len(texts), max_len), dtype="int32")
    + rows = []
    - ids_NT[row, : len(ids)] = ids
    + rows.append(ids + [0] * (max_len - len(ids)))
    - return ids_NT, np.array(labels, dtype="float32")
    + return rows, list(labels)
    Your rows are lists in a list, and your labels whole numbers. One array of each is asked for:
    ids of type int32, labels of type float32.""")
exercise.slip("""labels-left-whole
    - return ids_NT, np.array(labels, dtype="float32")
    + return ids_NT, np.array(labels)
    Your labels are whole numbers. A loss subtracts and multiplies them with floats: ask for
    float32.""")
exercise.slip("""ids-in-16-bits
    - ids_NT = np.zeros((len(texts), max_len), dtype="int32")
    + ids_NT = np.zeros((len(texts), max_len), dtype="int16")
    Your ids go up to 32,767: in 16 bits there is room for no more, and vocabularies are larger than
    that. Ask for int32.""")
exercise.slip("""ids-as-floats
    - ids_NT = np.zeros((len(texts), max_len), dtype="int32")
    + ids_NT = np.zeros((len(texts), max_len))
    Your ids have a decimal point: `np.zeros` makes floats unless told otherwise. They look up rows
    of a table, so ask for int32.""")
exercise.allow_mutant(
    after='if keep not in ("tail", "head"):', reason="The same two ends, named the other way round."
)
