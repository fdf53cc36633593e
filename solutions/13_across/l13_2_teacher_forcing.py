"""L13.2's loss is L12.2's with another way to say what isn't asked: what is new is the shift."""

import numpy as np

from autograder.authoring import Check, Exercise, call, every_layout, float32, normal, probe

exercise = Exercise(
    "Fed what is right",
    solve=("teacher_forcing", "seq_loss"),
    difficulty=2,
    importance=5,
    minutes=12,
    hints="""Write the answer 7 8 9 3 down, and under each token what has been written before it comes:
    that is what the decoder may read there. And of how many tokens is the loss the mean?

    What is read is the answer one place later: a column of start_id, then all columns of ids_BT but the
    last. The loss is L12.2's: z_BTC[:, t] is a guess at ids_BT[:, t] itself, as the shift has been
    made on the other side already, and what isn't asked is where ids_BT is pad_id.

    `np.concatenate([start_B1, ids_BT[:, :-1]], axis=1)`, with `start_B1` from `np.full((B, 1),
    start_id)`. For the loss pick `z_BTC[asked_BT]` and `ids_BT[asked_BT]`, take each row's largest
    logit off, and return the mean of log(Σ exp) minus the right one's; 0.0 if nothing is asked.""",
)
LAST = "Of two axes, 1 is the last one."
forced, lost = exercise.of("teacher_forcing"), exercise.of("seq_loss")


def rows_of_a_table(teacher_forcing, ids_BT, table_ND):
    return table_ND[teacher_forcing(ids_BT)]


def answers(
    rng: np.random.Generator, lengths: list[int], T: int, C: int, pad: int = 0
) -> np.ndarray:
    """ids_BT: rows of so many tokens, the last one the end, 3; behind them pads."""
    ids_BT = np.full((len(lengths), T), pad)
    words = [word for word in range(C) if word not in (pad, 3)]
    for b, length in enumerate(lengths):
        if length:
            ids_BT[b, :length] = [*rng.choice(words, length - 1), 3]
    return ids_BT


@exercise.checks
def checks(rng):
    yield Check(
        "one place later",
        call.teacher_forcing(np.array([[7, 8, 9, 3], [5, 3, 0, 0]])),
        call.teacher_forcing(answers(rng, [4, 6, 2], 6, 20)),
        call.teacher_forcing(answers(rng, [7, 3], 7, 30)),
        says="""In place 0 the decoder has read nothing but the start. In place t it reads what is right
        in place t − 1, so that it never sees the answer it is asked for. The last column is an answer
        only, and is read nowhere.""",
        points=2,
    )
    yield Check(
        "another start, a single place",
        call.teacher_forcing(answers(rng, [5, 2], 5, 20), start_id=1),
        call.teacher_forcing(answers(rng, [3, 4, 1], 4, 20), start_id=25),
        call.teacher_forcing(rng.integers(4, 30, (3, 1))),
        says="The start is the id that is given: 2 if nothing is said. Of one place only the start stays.",
    )
    picked = probe(rows_of_a_table, says="The rows that the result picks out of a table of vectors")
    yield Check(
        "ids that pick rows of a table",
        picked(np.array([[4, 1, 3]]), np.array([[0.0], [1.0], [2.0], [3.0], [4.0]])),
        picked(answers(rng, [3, 5], 5, 9), normal(rng, 9, 2)),
        picked(answers(rng, [2, 4, 1], 4, 7), normal(rng, 7, 3)),
        says="What the decoder reads are ids, whole numbers: the next thing it does is to look them up.",
    )
    yield Check(
        "any ids, left alone",
        *every_layout(call.teacher_forcing(answers(rng, [5, 3, 4], 5, 20))),
        call.teacher_forcing(answers(rng, [2, 6], 6, 20).astype(np.int32)),
        says="The answers are needed for the loss, as they are.",
        judges="inputs untouched",
    )

    by_hand = np.log(np.array([[[1.0, 3.0, 4.0], [4.0, 2.0, 2.0]]]))
    yield Check(
        "a row without pads",
        call.seq_loss(by_hand, np.array([[1, 2]])),
        call.seq_loss(normal(rng, 1, 4, 6), answers(rng, [4], 4, 6)),
        call.seq_loss(normal(rng, 1, 5, 9), answers(rng, [5], 5, 9)),
        says="""−log of the probability that the softmax over the C tokens gives the right one, place by
        place: z_BTC[:, t] is a guess at ids_BT[:, t]. In the first example ⅜ and ¼.""",
    )
    yield Check(
        "the mean over all tokens of the batch",
        call.seq_loss(normal(rng, 2, 5, 7), answers(rng, [1, 5], 5, 7)),
        call.seq_loss(normal(rng, 3, 7, 5), answers(rng, [2, 7, 4], 7, 5)),
        call.seq_loss(normal(rng, 4, 6, 9), answers(rng, [3, 0, 6, 1], 6, 9)),
        says="""Every token counts the same, in a short row or in a long one, and the end is a token
        like any other. Pads count nothing.""",
        points=2,
    )
    minus_one_BT = np.where(
        np.arange(6) < rng.integers(2, 5, (3, 1)), rng.integers(0, 3, (3, 6)), -1
    )
    yield Check(
        "another pad, and nothing but pads",
        call.seq_loss(normal(rng, 3, 5, 6), answers(rng, [2, 4, 5], 5, 6, pad=5), pad_id=5),
        call.seq_loss(normal(rng, 3, 6, 4), minus_one_BT, pad_id=-1),
        call.seq_loss(normal(rng, 2, 3, 5), np.zeros((2, 3), int)),
        call.seq_loss(normal(rng, 2, 3, 5), np.full((2, 3), 4), pad_id=4),
        says="""Where pad_id is another, id 0 is a token like all others. Where there are only pads the
        loss is 0.0, not the mean of nothing.""",
    )
    large_BTC = np.round(normal(rng, 2, 4, 6, scale=700.0)) + normal(rng, 2, 4, 6)
    shift_BT1 = np.round(rng.uniform(-1e3, 1e3, (2, 4, 1)))
    yield Check(
        "large logits",
        call.seq_loss(np.array([[[-1000.0, 0.0, 1000.0]]]), np.array([[1]])),
        call.seq_loss(large_BTC, answers(rng, [4, 2], 4, 6)),
        call.seq_loss(float32(large_BTC), answers(rng, [3, 4], 4, 6)),
        call.seq_loss(normal(rng, 2, 4, 6) + shift_BT1, answers(rng, [4, 3], 4, 6)),
        says="""exp(1000) is too large a number, and exp(−1000) is 0, of which there is no logarithm.
        The loss itself is a number of ordinary size.""",
    )
    yield Check(
        "any logits, left alone",
        *every_layout(call.seq_loss(normal(rng, 3, 4, 5), answers(rng, [2, 4, 3], 4, 5))),
        call.seq_loss(normal(rng, 2, 5, 4), answers(rng, [5, 2], 5, 4).astype(np.int32)),
        says="The logits are needed for the gradient.",
        judges="inputs untouched",
    )


# --- teacher_forcing ------------------------------------------------------------------------------


@forced.right("a loop over places")
def a_loop_over_places(ids_BT, start_id=2):
    B, T = ids_BT.shape
    read = np.zeros((B, T), dtype=int)
    for b in range(B):
        before = start_id
        for t in range(T):
            read[b, t] = before
            before = ids_BT[b, t]
    return read


@forced.right("rolled, then the first column overwritten")
def rolled_then_overwritten(ids_BT, start_id=2):
    read = np.roll(ids_BT, 1, axis=1)
    read[:, 0] = start_id
    return read


@forced.right("padded in front, cut behind")
def padded_in_front(ids_BT, start_id=2):
    return np.pad(ids_BT, [(0, 0), (1, 0)], constant_values=start_id)[:, : ids_BT.shape[1]]


exercise.allow_mutant(
    after="return np.concatenate([start_B1, ids_BT[:, :-1]], axis=-1)", reason=LAST
)
exercise.allow_mutant(after="e_NC = z_NC - z_NC.max(axis=-1, keepdims=True)", reason=LAST)
exercise.allow_mutant(
    after="return (np.log(np.exp(e_NC).sum(axis=-1)) - right_N).mean()", reason=LAST
)
exercise.allow_mutant(
    after="right_N = e_NC[np.arange(len(z_NC)), ids_BT[asked_BT]]",
    reason="There are as many rows of e as of z.",
)


@forced.plain
def plain_forcing(ids_BT, start_id=2):
    B, T = ids_BT.shape
    read = np.zeros((B, T), dtype=int)
    read[:, 0] = start_id
    read[:, 1:] = ids_BT[:, :-1]
    return read


plain_forcing.slip("""no-shift
    - read[:, 0] = start_id
    - read[:, 1:] = ids_BT[:, :-1]
    + read[:] = ids_BT
    You let the decoder read, in each place, the very token it is asked for. The loss falls to 0 within
    no time, and nothing was learned but to copy: what may it have read before it writes token t?""")
plain_forcing.slip("""start-over-the-first
    - read[:, 1:] = ids_BT[:, :-1]
    + read[:, 1:] = ids_BT[:, 1:]
    You wrote the start over the first token and moved nothing: from place 1 on the decoder reads what it
    is asked for. Where does the first token belong?""")
plain_forcing.slip("""shifted-left
    - read[:, 0] = start_id
    - read[:, 1:] = ids_BT[:, :-1]
    + read[:, -1] = start_id
    + read[:, :-1] = ids_BT[:, 1:]
    You moved the answers to the left: in each place the decoder reads the token after the one it is
    asked for. What has been written so far comes before.""")
plain_forcing.slip("""wraps-round
    - read[:, 0] = start_id
    - read[:, 1:] = ids_BT[:, :-1]
    + read[:] = np.roll(ids_BT, 1, axis=1)
    You rolled the row, so that its last token came round to the front. There the start belongs.""")
plain_forcing.slip("""start-in-front-nothing-dropped
    - read = np.zeros((B, T), dtype=int)
    + read = np.zeros((B, T + 1), dtype=int)
    - read[:, 1:] = ids_BT[:, :-1]
    + read[:, 1:] = ids_BT
    You put the start in front and dropped nothing, so there is one column more than there are answers.
    Which token is read nowhere?""")
plain_forcing.slip("""start-dropped
    - read = np.zeros((B, T), dtype=int)
    - read[:, 0] = start_id
    - read[:, 1:] = ids_BT[:, :-1]
    + read = ids_BT[:, :-1].copy()
    You cut the last column off and put no start in front, so there is one column less than there are
    answers. What does the decoder read when it writes the first token?""")
plain_forcing.slip("""zeros-for-the-start
    - read[:, 0] = start_id
    Your first column holds pads. The decoder begins with start_id.""")
plain_forcing.slip("""always-starts-with-2
    - read[:, 0] = start_id
    + read[:, 0] = 2
    You began with 2 whatever start_id is.""")
plain_forcing.slip("""one-row-later
    - read[:, 0] = start_id
    - read[:, 1:] = ids_BT[:, :-1]
    + read[0] = start_id
    + read[1:] = ids_BT[:-1]
    You shifted along the batch: each row reads the answer of the row above it. Along which axis do the
    places of an answer lie?""")
plain_forcing.slip("""start-all-along
    - read[:, 1:] = ids_BT[:, :-1]
    + for t in range(1, T):
    +     read[:, t] = read[:, t - 1]
    You copied from the new row in place of the answer, so that the start went all the way through.""")
plain_forcing.slip("""end-not-read
    - return read
    + return np.where(read == 3, 0, read)
    You took the end out of what is read. It is read like every other token: that only pads follow it
    is nobody's loss, since pads aren't asked for.""")
plain_forcing.slip("""floats
    - read = np.zeros((B, T), dtype=int)
    + read = np.zeros((B, T))
    The numbers are right, but they are floats: np.zeros makes such, unless you say dtype=int. Ids are
    whole numbers, as they pick rows of a table.""")
plain_forcing.slip("""moves-the-callers-ids
    - read = np.zeros((B, T), dtype=int)
    - read[:, 0] = start_id
    - read[:, 1:] = ids_BT[:, :-1]
    + read = ids_BT
    + read[:, 1:] = ids_BT[:, :-1].copy()
    + read[:, 0] = start_id
    You moved the tokens within the caller's array, which then holds no answers any more. Make a new
    array.""")


# --- seq_loss -------------------------------------------------------------------------------------


@lost.right("place by place")
def loss_in_a_loop(z_BTC, ids_BT, pad_id=0):
    losses = []
    for b, t in np.ndindex(*ids_BT.shape):
        if ids_BT[b, t] != pad_id:
            z = z_BTC[b, t].astype(float)
            top = z.max()
            losses.append(top + np.log(sum(np.exp(one - top) for one in z)) - z[ids_BT[b, t]])
    return float(np.mean(losses)) if losses else 0.0


@lost.right("log-softmax everywhere, then the mask")
def everywhere_then_the_mask(z_BTC, ids_BT, pad_id=0):
    top = z_BTC.max(axis=-1, keepdims=True)
    logp = z_BTC - top - np.log(np.exp(z_BTC - top).sum(axis=-1, keepdims=True))
    asked = ids_BT != pad_id
    picked = np.take_along_axis(logp, np.where(asked, ids_BT, 0)[..., None], axis=-1)[..., 0]
    return -np.sum(picked, where=asked) / max(asked.sum(), 1)


@lost.right("row by row, sums and counts")
def row_by_row(z_BTC, ids_BT, pad_id=0):
    total, count = 0.0, 0
    for z_TC, ids_T in zip(z_BTC, ids_BT, strict=True):
        places = np.flatnonzero(ids_T != pad_id)
        whole = np.logaddexp.reduce(z_TC[places], axis=1)
        total += float((whole - z_TC[places, ids_T[places]]).sum())
        count += len(places)
    return total / count if count else 0.0


@lost.plain
def plain_loss(z_BTC, ids_BT, pad_id=0):
    asked = ids_BT != pad_id
    if asked.sum() == 0:
        return 0.0
    z = z_BTC[asked]
    token = ids_BT[asked]
    z = z - z.max(axis=1, keepdims=True)
    logp = z - np.log(np.exp(z).sum(axis=1, keepdims=True))
    loss = -logp[np.arange(len(token)), token]
    return loss.mean()


plain_loss.slip("""pads-count
    - asked = ids_BT != pad_id
    + asked = np.ones(ids_BT.shape, bool)
    You asked for the pads as well. Then the model is praised for writing pads, and short answers count
    less: leave out the places where ids_BT is pad_id.""")
plain_loss.slip("""mean-of-row-means
    - return loss.mean()
    + row = np.nonzero(asked)[0]
    + return np.mean([loss[row == b].mean() for b in np.unique(row)])
    You took the mean of each row, and then the mean of these. A token of a short answer would count
    more than one of a long answer: take one mean over all tokens.""")
plain_loss.slip("""mean-over-all-places
    - return loss.mean()
    + return loss.sum() / ids_BT.size
    You divided by the number of all places, pads too. Divide by the number of tokens.""")
plain_loss.slip("""mean-over-rows
    - return loss.mean()
    + return loss.sum() / len(ids_BT)
    You divided by the number of rows. Every token counts the same: divide by how many there are.""")
plain_loss.slip("""sum-for-mean
    - return loss.mean()
    + return loss.sum()
    You added the losses up. Their mean is asked for.""")
plain_loss.slip("""softmax-over-places
    - logp = z - np.log(np.exp(z).sum(axis=1, keepdims=True))
    + top = z_BTC.max(axis=1, keepdims=True)
    + logp = (z_BTC - top - np.log(np.exp(z_BTC - top).sum(axis=1, keepdims=True)))[asked]
    Your softmax runs over the places of an answer. It is the C tokens that compete for a place: the last
    axis.""")
plain_loss.slip("""shifted-again
    - asked = ids_BT != pad_id
    + z_BTC, ids_BT = z_BTC[:, :-1], ids_BT[:, 1:]
    + asked = ids_BT != pad_id
    You shifted here as well: the logits of place t were held against the token of place t + 1. The shift
    is in what the decoder reads; what comes out in place t is a guess at token t itself.""")
plain_loss.slip("""pad-is-always-0
    - asked = ids_BT != pad_id
    + asked = ids_BT != 0
    You took 0 for the pad whatever pad_id is.""")
plain_loss.slip("""specials-not-asked
    - asked = ids_BT != pad_id
    + asked = (ids_BT != pad_id) & (ids_BT > 3)
    You left out the ids up to 3. The end is one of them, and has to be learned like any other token, or
    else the model never stops: only pads aren't asked for.""")
plain_loss.slip("""last-place-lost
    - asked = ids_BT != pad_id
    + asked = ids_BT != pad_id
    + asked[:, -1] = False
    You left out the last place. Every place that holds a token counts.""")
plain_loss.slip("""nan-for-pads-alone
    - if asked.sum() == 0:
    -     return 0.0
    You took the mean of no numbers, which is nan, where there are only pads. One nan spoils all
    parameters: return 0.0.""")
plain_loss.slip("""overflow
    - z = z - z.max(axis=1, keepdims=True)
    exp overflows for large logits. Take each row's largest logit off first: the softmax stays the
    same.""")
plain_loss.slip("""one-largest-for-all
    - z = z - z.max(axis=1, keepdims=True)
    + z = z - z.max()
    You took the largest logit of the whole batch off every row. In rows that are far below it all exp
    become 0, and the logarithm of 0 is −∞: each row needs its own.""")
plain_loss.slip("""a-little-more-than-zero
    - logp = z - np.log(np.exp(z).sum(axis=1, keepdims=True))
    + p = np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)
    + logp = np.log(p + 1e-9)
    You added a small number to the probability, so that its logarithm exists. Then no token can cost
    more than about 21, however sure the model was of another one. Stay with logarithms: z minus the
    logarithm of the sum.""")
plain_loss.slip("""sign
    - loss = -logp[np.arange(len(token)), token]
    + loss = logp[np.arange(len(token)), token]
    Your sign is turned round. Logarithms of probabilities are below 0, and a loss is the smaller the
    better.""")
plain_loss.slip("""in-bits
    - return loss.mean()
    + return loss.mean() / np.log(2)
    You took the logarithm to base 2. Nats are asked for: the natural logarithm.""")
plain_loss.slip("""probability-for-logarithm
    - loss = -logp[np.arange(len(token)), token]
    + loss = -np.exp(logp)[np.arange(len(token)), token]
    You forgot the logarithm: the mean of −p is no measure of surprise.""")
plain_loss.slip("""likeliest-for-right
    - loss = -logp[np.arange(len(token)), token]
    + loss = -logp.max(axis=1)
    You took the likeliest token of each place as the right one. The right one stands in ids_BT, whether
    or not the model thinks so.""")
plain_loss.slip("""one-number-a-token
    - return loss.mean()
    + return loss
    You returned the loss of each token. Their mean is asked for: one number.""")
plain_loss.slip("""changes-the-logits
    - z = z_BTC[asked]
    + z_BTC -= z_BTC.max(axis=-1, keepdims=True)
    + z = z_BTC[asked]
    The loss is right, but `-=` wrote into the caller's logits. Put the result into a new array.""")
