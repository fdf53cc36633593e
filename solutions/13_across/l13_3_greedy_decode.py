"""L13.3 is given a `step` in place of a trained decoder: it knows its B sources, refuses what no
decoder would take, and babbles on in rows that have come to their end, as a real one does."""

import numpy as np

from autograder.authoring import Check, Exercise, call, function, probe

exercise = Exercise(
    "Write it out",
    solve="greedy_decode",
    difficulty=3,
    importance=4,
    minutes=18,
    hints="""Write one token by hand: what does step read at first, what do you make of its logits, and
    what does it read next? Then: one row has come to its end, the others haven't. What stands in that
    row from now on, and what does step still want to see?

    Keep two things: ids_BS, what step reads, a column longer each time, and a bool for each row, whether
    it still writes. The next tokens are `step(ids_BS).argmax(axis=1)`; in rows that have ended put 0
    instead. A row ends behind its end_id, so that the end itself is still written.

    `ids_BS = np.full((B, 1), start_id)`, `alive_B = np.ones(B, bool)`, and an array of zeros (B, max_len)
    for the result. Then max_len times: `next_B = np.where(alive_B, step(ids_BS).argmax(axis=1), 0)`, into
    column t; `alive_B &= next_B != end_id`; and next_B behind ids_BS with np.concatenate, axis 1.""",
)


def reads_all(ids_BS, source_BN, C, ends_B, start_id, end_id, most, coarse):
    """A decoder whose logits hang on its source and on all that was written, by whole numbers."""
    if getattr(ids_BS, "ndim", 0) != 2 or ids_BS.dtype.kind not in "iu":
        raise ValueError(f"step takes whole numbers of shape (B, S), not {ids_BS!r}")
    (B, S), row = ids_BS.shape, ids_BS[0].tolist()
    if len(source_BN) != B:
        raise ValueError(f"step has {len(source_BN)} sources, and was called with {B} rows")
    if (ids_BS[:, 0] != start_id).any():
        raise ValueError(f"step was called with the row {row}, without the start in front")
    if most < S:
        raise ValueError(f"step was called with the row {row}: {most} tokens were to be written")
    if ids_BS.min() < 0 or ids_BS.max() >= C:
        raise ValueError(f"step knows the ids from 0 to {C - 1} alone")
    code_B = source_BN.sum(axis=1) + (ids_BS * np.arange(1, S + 1) ** 2).sum(axis=1)
    c = np.arange(C)
    z_BC = (37 * (code_B[:, None] + 3) * (c + 5) + 11 * c**2) % 101 / 10
    z_BC = np.floor(z_BC / 4) if coarse else z_BC + c / 500
    z_BC[:, [0, start_id]] = -5.0
    z_BC[:, end_id] = np.where(ends_B == S - 1, 20.0, -5.0)
    return z_BC


def by_heart(ids_BS, script_BT, C):
    """A decoder that has learned one text for each row, and what it says behind their ends."""
    if getattr(ids_BS, "ndim", 0) != 2 or ids_BS.dtype.kind not in "iu":
        raise ValueError(f"step takes whole numbers of shape (B, S), not {ids_BS!r}")
    (B, S), row = ids_BS.shape, ids_BS[0].tolist()
    if len(script_BT) != B:
        raise ValueError(f"step has {len(script_BT)} sources, and was called with {B} rows")
    if script_BT.shape[1] < S:
        raise ValueError(f"step was called with the row {row}: {S - 1} tokens were to be written")
    return 3.0 * (script_BT[:, S - 1, None] == np.arange(C)) - np.arange(C) % 3


def looked_up(greedy_decode, step, B, max_len, letters_C):
    return ["".join(letters_C[i] for i in row) for row in greedy_decode(step, B, max_len)]


def writer(
    rng: np.random.Generator,
    ends: list[int],
    most: int,
    C: int = 12,
    start_id: int = 2,
    end_id: int = 3,
    coarse: bool = False,
):
    """A step for as many rows as `ends` has: the place of each row's end, none if beyond `most`."""
    says = "a decoder that reads its source and all that has been written"
    return function(
        reads_all,
        f"{says}, in whole steps" if coarse else says,
        source_BN=rng.integers(0, 30, (len(ends), 3)),
        C=C,
        ends_B=rng.permutation(ends),
        start_id=start_id,
        end_id=end_id,
        most=most,
        coarse=coarse,
    )


def reciter(script_BT: np.ndarray, C: int = 10):
    return function(
        by_heart,
        f"a decoder that has learned {script_BT.tolist()} by heart",
        script_BT=script_BT,
        C=C,
    )


def script(rng: np.random.Generator, ends: list[int], T: int, C: int = 10) -> np.ndarray:
    """script_BT: an end, 3, in each row at the place that is given, words before it and behind it."""
    script_BT = rng.integers(4, C, (len(ends), T))
    script_BT[np.arange(len(ends)), ends] = 3
    return script_BT


spelt = probe(looked_up, says="The texts that the result spells")


@exercise.checks
def checks(rng):
    two = np.array([[7, 4, 6, 3, 9], [5, 3, 8, 8, 4]])
    yield Check(
        "two answers by heart",
        call(reciter(two), 2, 5),
        call(reciter(script(rng, rng.permutation([1, 3, 4]).tolist(), 6)), 3, 6),
        call(reciter(script(rng, rng.permutation([0, 2, 4, 3]).tolist(), 5)), 4, 5),
        says="""The start isn't part of the answer, the end is, and behind the end stands 0. A decoder
        doesn't know that it has finished: whatever it says behind the end is thrown away.""",
        points=2,
    )
    yield Check(
        "every token hangs on all that was written",
        call(writer(rng, [9, 9, 9], 5), 3, 5),
        call(writer(rng, [9, 9], 7), 2, 7),
        call(writer(rng, [9], 4, C=9), 1, 4),
        says="""step reads the start and all tokens so far, a column more each time, and its logits say
        what comes next in each row. No row ends here, so each has max_len tokens.""",
        points=2,
    )
    yield Check(
        "each row ends by itself",
        call(writer(rng, [1, 4, 2, 9], 6), 4, 6),
        call(writer(rng, [3, 0, 5], 6, C=15), 3, 6),
        call(writer(rng, [2, 9, 3, 3, 6], 8), 5, 8),
        says="""A row that has ended stays ended, and the others write on. step is called with all rows
        all the same: it has a source for each.""",
        points=2,
    )
    yield Check(
        "always max_len columns",
        call(writer(rng, [1, 0, 2], 9), 3, 9),
        call(writer(rng, [2, 1], 7), 2, 7),
        call(writer(rng, [9, 0], 1), 2, 1),
        says="Also when all rows have ended early the result has the shape (B, max_len).",
    )
    yield Check(
        "another start, another end",
        call(writer(rng, [1, 9, 3], 5, start_id=1, end_id=4), 3, 5, start_id=1, end_id=4),
        call(writer(rng, [2, 0, 9], 4, end_id=8), 3, 4, end_id=8),
        call(writer(rng, [4, 1], 6, start_id=11), 2, 6, start_id=11),
        says="Start and end are the ids that are given: 2 and 3 if nothing is said.",
    )
    yield Check(
        "of equal logits the lower id",
        call(writer(rng, [9, 9, 9], 6, coarse=True), 3, 6),
        call(writer(rng, [4, 9], 7, C=20, coarse=True), 2, 7),
        says="Where two tokens are equally likely the one with the lower id is written.",
    )
    letters = list("_?<>abcdefgh")
    yield Check(
        "ids are whole numbers",
        spelt(reciter(np.array([[6, 4, 5, 3]])), 1, 4, letters),
        spelt(writer(rng, [2, 4, 9], 5), 3, 5, rng.permutation(letters).tolist()),
        spelt(writer(rng, [3, 1], 6), 2, 6, rng.permutation(letters).tolist()),
        says="The next thing that is done with the result is to look its tokens up.",
    )


@exercise.right("finished rows hear nothing but pads")
def finished_rows_hear_pads(step, B, max_len, start_id=2, end_id=3):
    out = np.zeros((B, max_len + 1), dtype=int)
    out[:, 0] = start_id
    done = np.zeros(B, dtype=bool)
    for t in range(max_len):
        z = step(out[:, : t + 1])
        out[~done, t + 1] = np.argmax(z[~done], axis=-1)
        done = done | (out[:, t + 1] == end_id)
        if done.all():
            break
    return out[:, 1:]


@exercise.right("all rows run on, masked at the end")
def masked_at_the_end(step, B, max_len, start_id=2, end_id=3):
    ids = np.full((B, 1), start_id)
    for _ in range(max_len):
        ids = np.hstack([ids, step(ids).argmax(axis=1).reshape(B, 1)])
    written = ids[:, 1:]
    ended_before = np.cumsum(written == end_id, axis=1) - (written == end_id)
    return np.where(ended_before > 0, 0, written)


@exercise.right("a loop over rows, with lists")
def lists_of_ids(step, B, max_len, start_id=2, end_id=3):
    rows = [[start_id] for _ in range(B)]
    for _ in range(max_len):
        logits = step(np.array(rows))
        for row, z in zip(rows, logits, strict=True):
            best = max(range(len(z)), key=lambda c: (z[c], -c))
            row.append(0 if end_id in row[1:] else best)
    return np.array([row[1:] for row in rows])


@exercise.right("finished rows say the end again and again")
def ends_again_and_again(step, B, max_len, start_id=2, end_id=3):
    ids_BS, rows_B = np.full((B, 1), start_id), np.arange(B)
    length_B = np.full(B, max_len)
    while ids_BS.shape[1] <= max_len and (length_B == max_len).any():
        next_B = step(ids_BS).argmax(axis=1)
        next_B[rows_B[length_B < max_len]] = end_id
        length_B = np.where((next_B == end_id) & (length_B == max_len), ids_BS.shape[1], length_B)
        ids_BS = np.concatenate([ids_BS, next_B[:, None]], axis=1)
    out = np.zeros((B, max_len), dtype=np.int64)
    for b in range(B):
        out[b, : length_B[b]] = ids_BS[b, 1 : length_B[b] + 1]
    return out


exercise.allow_mutant(
    after="out_BT = np.ones((B, max_len), int)",
    reason="Every column is written over, with 0 if need be.",
)
for line in (
    "next_B = np.where(alive_B, step(ids_BS).argmax(axis=-1), 0)",
    "ids_BS = np.concatenate([ids_BS, next_B[:, None]], axis=-1)",
):
    exercise.allow_mutant(after=line, reason="Of two axes, 1 is the last one.")


@exercise.plain
def plain(step, B, max_len, start_id=2, end_id=3):
    ids = np.full((B, 1), start_id)
    done = np.zeros(B, dtype=bool)
    for _ in range(max_len):
        z = step(ids)
        token = z.argmax(axis=1)
        token[done] = 0
        done = done | (token == end_id)
        ids = np.concatenate([ids, token[:, None]], axis=1)
    out = np.zeros((B, max_len), dtype=int)
    out[:, : ids.shape[1] - 1] = ids[:, 1:]
    return out


plain.slip("""runs-on-after-the-end
    - token[done] = 0
    You let every row write on to the last column. What a decoder says behind its end means nothing: put
    0 there.""")
plain.slip("""pads-not-forced
    - token[done] = 0
    +
    - ids = np.concatenate([ids, token[:, None]], axis=1)
    + ids = np.concatenate([ids, token[:, None]], axis=1)
    + if done.all():
    +     break
    You stop when all rows have ended, but until then those that ended first write on. What stands in a
    row behind its end?""")
plain.slip("""stops-when-one-row-ends
    - ids = np.concatenate([ids, token[:, None]], axis=1)
    + ids = np.concatenate([ids, token[:, None]], axis=1)
    + if done.any():
    +     break
    You stopped as soon as one row had ended. The others are in the middle of a text: when is the whole
    batch done?""")
plain.slip("""wakes-up-again
    - done = done | (token == end_id)
    + done = token == end_id
    You remember for one step only that a row has ended: the next token is a 0, and then it writes on.
    A row that has ended stays ended.""")
plain.slip("""start-kept
    - out = np.zeros((B, max_len), dtype=int)
    - out[:, : ids.shape[1] - 1] = ids[:, 1:]
    + out = ids
    You returned the start as well, so there is a column too many. The start is what step reads first,
    and no part of the answer.""")
plain.slip("""start-kept-last-token-lost
    - out[:, : ids.shape[1] - 1] = ids[:, 1:]
    + out[:] = ids[:, :-1]
    Your first column is the start, and the last token is lost. The start is what step reads first, and
    no part of the answer.""")
plain.slip("""one-token-too-few
    - for _ in range(max_len):
    + for _ in range(max_len - 1):
    You wrote one token less than max_len allows: the start doesn't count.""")
plain.slip("""one-token-too-many
    - for _ in range(max_len):
    + for _ in range(max_len + 1):
    You asked step once more than there are tokens to write: max_len of them, the end included.""")
plain.slip("""end-left-out
    - token[done] = 0
    - done = done | (token == end_id)
    + done = done | (token == end_id)
    + token[done] = 0
    You put 0 in place of the end as well. The end is written: it tells that the row has ended, and was
    not cut off.""")
plain.slip("""narrow-when-all-end-early
    - ids = np.concatenate([ids, token[:, None]], axis=1)
    + ids = np.concatenate([ids, token[:, None]], axis=1)
    + if done.all():
    +     break
    - out = np.zeros((B, max_len), dtype=int)
    - out[:, : ids.shape[1] - 1] = ids[:, 1:]
    + out = ids[:, 1:]
    You may stop when all rows have ended, but then columns are missing. The result always has max_len
    of them: fill it up with 0.""")
plain.slip("""one-argmax-for-the-batch
    - token = z.argmax(axis=1)
    + token = np.full(B, z.argmax() % z.shape[1])
    You took one token for all rows, the one with the largest logit of the batch. Each row has logits of
    its own: along which axis does argmax look?""")
plain.slip("""first-row-for-all
    - token = z.argmax(axis=1)
    + token = np.full(B, z[0].argmax())
    You wrote the first row's token into all rows. Each row has logits of its own.""")
plain.slip("""reads-the-last-token-only
    - z = step(ids)
    + z = step(ids[:, -1:])
    You showed step the last token alone. It needs all that has been written, with the start in front:
    a decoder has no memory but what it reads.""")
plain.slip("""start-not-shown
    - z = step(ids)
    + z = step(ids[:, 1:] if ids.shape[1] > 1 else ids)
    You dropped the start once there were other tokens. In training every text began with it, so step
    wants to see it each time.""")
plain.slip("""always-the-start
    - z = step(ids)
    + z = step(ids[:, :1])
    You showed step the start again and again. What has been written since has to be read as well, or
    the same token comes out for ever.""")
plain.slip("""finished-rows-taken-out
    - z = step(ids)
    - token = z.argmax(axis=1)
    + if done.all():
    +     break
    + z = step(ids[~done])
    + token = np.zeros(B, dtype=int)
    + token[~done] = z.argmax(axis=1)
    You took the finished rows out of the batch. step has a source for each of its B rows, and wants to
    see them all, in order.""")


@exercise.wrong
def one_row_at_a_time(step, B, max_len, start_id=2, end_id=3):
    """You called step with one row at a time. It has a source for each of its B rows, and wants to see
    them all, in order: write one token in every row, then the next."""
    out = np.zeros((B, max_len), dtype=int)
    for b in range(B):
        ids = [start_id]
        for t in range(max_len):
            token = int(step(np.array([ids])).argmax())
            ids.append(token)
            out[b, t] = token
            if token == end_id:
                break
    return out


plain.slip("""pads-shown-in-advance
    - ids = np.full((B, 1), start_id)
    + ids = np.zeros((B, max_len + 1), dtype=int)
    + ids[:, 0] = start_id
    - for _ in range(max_len):
    + for t in range(max_len):
    - ids = np.concatenate([ids, token[:, None]], axis=1)
    + ids[:, t + 1] = token
    You showed step the whole array from the beginning, with zeros where nothing has been written yet.
    It reads what is there, and says what comes behind it: show it the columns that are written.""")
plain.slip("""always-2-and-3
    - ids = np.full((B, 1), start_id)
    + start_id, end_id = 2, 3
    + ids = np.full((B, 1), start_id)
    You took 2 for the start and 3 for the end whatever start_id and end_id are.""")
plain.slip("""higher-id-of-equals
    - token = z.argmax(axis=1)
    + token = z.shape[1] - 1 - z[:, ::-1].argmax(axis=1)
    Of equally likely tokens you took the one with the higher id. The lower one is asked for.""")
plain.slip("""least-likely
    - token = z.argmax(axis=1)
    + token = z.argmin(axis=1)
    You took the token with the lowest logit. The likeliest has the highest.""")
plain.slip("""logits-added-up
    - z = step(ids)
    + z = step(ids) if ids.shape[1] == 1 else z + step(ids)
    You added the logits of all steps. Only those of the latest call say what comes next.""")
plain.slip("""floats
    - out = np.zeros((B, max_len), dtype=int)
    + out = np.zeros((B, max_len))
    The numbers are right, but they are floats: np.zeros makes such, unless you say dtype=int. Ids are
    whole numbers.""")
plain.slip("""float-ids-shown
    - ids = np.full((B, 1), start_id)
    + ids = np.ones((B, 1)) * start_id
    You showed step floats. Ids are whole numbers: np.full((B, 1), start_id) makes such.""")


@exercise.wrong
def one_dimension_shown(step, B, max_len, start_id=2, end_id=3):
    """You showed step one number for each row. It wants an array (B, S), at first with one column."""
    ids = np.full(B, start_id)
    token = step(ids).argmax(axis=1)
    return np.tile(token[:, None], max_len)
