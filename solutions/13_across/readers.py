"""The functions that a learner's test is tried on in L13.6: some read a source as attention across does,
some don't, each in a way of its own.

Right ones and wrong ones are made of the same few ways to read, with numbers drawn for each, so that
neither the kind of a function nor its numbers tell who is who. Some add what they read to the target,
others return nothing else: whether a target counts is left to the lesson.
"""

import numpy as np

from autograder.authoring import kind
from autograder.authoring.lineup import Kind


def attending(y_BTD, x_BSD, mask_BS, reads, seed, H, own, scale, dtype):
    (B, T, D), S = y_BTD.shape, x_BSD.shape[1]
    W_3DD = 1.4 * np.sin(seed * np.arange(3 * D * D) ** 2).reshape(3, D, D) / D**0.5
    keep_BS = mask_BS
    if reads == "zeroed":
        x_BSD = x_BSD * mask_BS[:, :, None]
    elif reads == "places":
        x_BSD = x_BSD + np.cos(np.arange(S)[:, None] + np.arange(D))
    elif reads == "first source":
        x_BSD, keep_BS = x_BSD[:1], mask_BS[:1]
    elif reads == "first mask":
        keep_BS = mask_BS[:1]
    elif reads == "prefix":
        keep_BS = np.arange(S) < mask_BS.sum(axis=1, keepdims=True)

    def heads(z, n):
        return (z @ W_3DD[n]).reshape(len(z), -1, H, D // H).swapaxes(1, 2).astype(dtype)

    e_BHTS = heads(y_BTD, 0) @ heads(x_BSD, 1).swapaxes(2, 3) / np.asarray((D // H) ** 0.5, dtype)
    less = {"all": 0, "zeroed": 0, "cut off": 0, "penalty": 3, "never quite": 1e9}
    less = np.asarray(less.get(reads, np.inf), dtype)
    e_BHTS = np.where(keep_BS[:, None, None], e_BHTS, e_BHTS - less)
    if reads == "last":
        last_B = S - 1 - mask_BS[:, ::-1].argmax(axis=1)
        e_BHTS[np.arange(B), :, :, last_B] += 1
    w_BHTS = np.exp(e_BHTS - e_BHTS.max(axis=3, keepdims=True))
    w_BHTS = w_BHTS / w_BHTS.sum(axis=3, keepdims=True)
    if reads == "cut off":
        w_BHTS = w_BHTS * mask_BS[:, None, None]
    o_BTD = (w_BHTS @ heads(x_BSD, 2)).swapaxes(1, 2).reshape(B, T, D)
    return (scale * (own * y_BTD + o_BTD)).astype(dtype)


def asking(y_BTD, x_BSD, mask_BS, asks, seed, own, scale):
    B, T, D = y_BTD.shape
    W_4DD = 1.4 * np.sin(seed * np.arange(4 * D * D) ** 2).reshape(4, D, D) / D**0.5
    q_BTD = y_BTD
    if asks == "without the mean":
        q_BTD = y_BTD - y_BTD.mean(axis=1, keepdims=True)
    elif asks == "each other" or asks == "earlier ones":
        w_BTT = np.exp(y_BTD @ y_BTD.swapaxes(1, 2) / D)
        w_BTT = np.tril(w_BTT) if asks == "earlier ones" else w_BTT
        q_BTD = w_BTT / w_BTT.sum(axis=2, keepdims=True) @ y_BTD
    elif asks == "by place":
        q_BTD = y_BTD + np.cos(np.arange(T)[:, None] + np.arange(D))
    e_BTS = (q_BTD @ W_4DD[0]) @ (x_BSD @ W_4DD[1]).swapaxes(1, 2) / D**0.5
    w_BTS = np.exp(np.where(mask_BS[:, None], e_BTS, -np.inf))
    w_BTS = w_BTS / np.maximum(w_BTS.sum(axis=1 + (asks != "over targets"), keepdims=True), 1e-99)
    o_BTD = own * y_BTD + w_BTS @ x_BSD @ W_4DD[2]
    if asks == "in a block":
        o_BTD = o_BTD + y_BTD
        o_BTD = o_BTD - o_BTD.mean(axis=2, keepdims=True)
        o_BTD = o_BTD / (0.1 + o_BTD.std(axis=2, keepdims=True))
        o_BTD = o_BTD + np.maximum(0, o_BTD @ W_4DD[3]) @ W_4DD[3].T
    elif asks == "for the mean":
        o_BTD = 0 * y_BTD + o_BTD.mean(axis=1, keepdims=True)
    elif asks == "flat":
        o_BTD = o_BTD.reshape(B, -1)
    elif asks == "twice":
        o_BTD = np.concatenate([o_BTD, o_BTD], axis=2)
    elif asks == "nan":
        o_BTD[:, -1] = np.nan
    elif asks[-1] in "!":
        raise (ValueError, TypeError, ZeroDivisionError)[len(asks) % 3]("it can't be done")
    return scale * o_BTD


def summing(y_BTD, x_BSD, mask_BS, reads, sums, bend, rate, own, scale):
    (B, S, D), k_BS = x_BSD.shape, mask_BS + 0.0
    W_DF = np.sin(100 * rate * np.arange(40 * D * D) ** 2).reshape(D, -1) / D**0.5
    h_BSF = getattr(np, bend)(rate * x_BSD @ W_DF)
    if reads == "all":
        k_BS = k_BS * 0 + 1
    elif reads == "first source":
        h_BSF, k_BS = h_BSF[:1], k_BS[:1]
    elif reads == "first mask":
        k_BS = k_BS[:1]
    elif reads == "prefix":
        k_BS = 0.0 + (np.arange(S) < k_BS.sum(axis=1, keepdims=True))
    elif reads == "last":
        k_BS[np.arange(B), S - 1 - mask_BS[:, ::-1].argmax(axis=1)] = 2
    elif reads == "nothing":
        return scale + 0 * y_BTD
    elif reads == "itself":
        return scale * (y_BTD + getattr(np, bend)(rate * y_BTD))
    if sums == "maximum":
        read_BF = np.where(k_BS[:, :, None] > 0, h_BSF, -np.inf).max(axis=1)
    else:
        read_BF = (k_BS[:, :, None] * h_BSF).sum(axis=1)
    if sums == "mean":
        read_BF = read_BF / (S if reads == "by S" else k_BS.sum(axis=1, keepdims=True))
    read_BD = read_BF.reshape(len(read_BF), D, -1).sum(axis=2) / 6
    return scale * (own * y_BTD + read_BD[:, None])


def one_by_one(y_BTD, x_BSD, mask_BS, reads, seed, scale):
    W_DD = 1.4 * np.sin(seed * np.arange(y_BTD.shape[2] ** 2) ** 2).reshape(y_BTD.shape[2], -1)
    o_BTD = np.zeros(y_BTD.shape)
    for b, t in np.ndindex(y_BTD.shape[:2]):
        words = x_BSD[b] if reads == "all" else x_BSD[b][mask_BS[0 if reads == "first mask" else b]]
        w = np.exp(words @ W_DD @ y_BTD[b, t] / len(W_DD))
        o_BTD[b, t] = scale * (w / w.sum()) @ words
    return o_BTD


SEEDS = tuple(range(100, 200))
RATES = tuple(n / 10 for n in range(6, 15))
SCALES = tuple(n / 100 for n in range(101, 160))
ADDED = "{scale} times ({own} times the target plus what {H} heads with seed {seed} read"


def attends(reads: str, says: str, dtype: str = "float64") -> Kind:
    return kind(
        attending,
        f"{ADDED} {says})",
        reads=(reads,),
        seed=SEEDS,
        H=(1, 2, 3),
        own=(0, 1),
        scale=SCALES,
        dtype=(dtype,),
    )


def asks(how: str, says: str) -> Kind:
    what = "attention with seed {seed}, plus {own} times the target, all times {scale}, "
    return kind(asking, what + says, asks=(how,), seed=SEEDS, own=(0, 1), scale=SCALES)


def sums(reads: str, says: str, *ways: str, own: tuple[int, ...] = (0, 1)) -> Kind:
    return kind(
        summing,
        says,
        reads=(reads,),
        sums=ways,
        bend=("positive",) if "maximum" in ways else ("tanh", "sin"),
        rate=RATES,
        own=own,
        scale=SCALES,
    )


def in_loops(reads: str, says: str) -> Kind:
    what = "{scale} times what attention reads, one query after the other, seed {seed}"
    return kind(one_by_one, f"{what}, {says}", reads=(reads,), seed=SEEDS, scale=SCALES)


BENT = "{scale} times ({own} times the target plus the {sums} of {bend}({rate} · x @ W)"

# right ones
heads = attends("kept words", "from the words of the mask")
never_quite = attends("never quite", "from the words of the mask, the others at −1e9")
in_float32 = attends("kept words", "from the words of the mask, in float32", "float32")
loops = in_loops("kept words", "from the words of the mask")
a_block = asks(
    "in a block", "then added to the target, normalised and sent through a small network"
)
by_place = asks("by place", "with positions on the targets")
own_target = asks("its target", "each target for itself")
mean_or_sum = sums("kept words", f"{BENT} over the words of the mask)", "mean", "sum")
without_y = sums("kept words", f"{BENT} over the words of the mask)", "mean", own=(0,))
maximum = sums("kept words", f"{BENT} over the words of the mask)", "maximum")

# the mask
mask_ignored = attends("all", "from all words, masked or not")
loops_ignore = in_loops("all", "from all words, masked or not")
zeroed = attends("zeroed", "from all words, the masked ones set to 0")
penalty = attends("penalty", "from all words, the scores of the masked ones less by 3")
cut_off = attends("cut off", "from the words of the mask, cut off after a softmax over all")
zeros_add_nothing = sums("all", f"{BENT} over all words)", "sum")
by_S = sums("by S", f"{BENT} over the words of the mask, divided by S)", "mean")

# the source
not_read = sums("itself", "{scale} times (the target plus {bend}({rate} · target))", "mean")
constant = sums("nothing", "{scale}, everywhere", "mean")
places = attends("places", "from the words of the mask, with positions on the source")
last_more = attends("last", "from the words of the mask, the score of the last one larger by 1")
last_twice = sums("last", f"{BENT} over the words of the mask, the last one twice)", "mean", "sum")
prefix = attends("prefix", "from the first words, as many as the mask has")
prefix_summed = sums("prefix", f"{BENT} over the first words, as many as the mask has)", "mean")

# rows
first_source = attends("first source", "from the first row's source, whichever row asks")
first_summed = sums("first source", f"{BENT} over the first row's source)", "mean", "sum")
first_mask = attends("first mask", "from the words of the first row's mask, whichever row asks")
loops_first_mask = in_loops("first mask", "from the words of the first row's mask")

# targets
each_other = asks("each other", "asked by targets that attend to each other first")
earlier_ones = asks(
    "earlier ones", "asked by targets that attend to themselves and earlier ones first"
)
without_mean = asks("without the mean", "asked by targets that lose their mean first")
for_the_mean = asks("for the mean", "the mean over all targets, given to each")
over_targets = asks("over targets", "its softmax over the targets")

# no (B, T, D)
flat = asks("flat", "of shape (B, T·D)")
twice = asks("twice", "side by side with itself, of shape (B, T, 2·D)")
nan = asks("nan", "nan for the last target")
stops = kind(
    asking,
    "a function that always stops with an error",
    asks=("!", "!!", "!!!"),
    seed=SEEDS,
    own=(0, 1),
    scale=SCALES,
)
