"""The functions that a learner's test is tried on in L12.6: some look into the future, some don't.

Right ones and wrong ones are made of the same few ways to look at an episode, with numbers drawn for
each, so that neither the kind of a function nor its numbers tell who is who. Those that attend add what
they read to what they see: how a policy joins the two is left to the lesson.
"""

import numpy as np

from autograder.authoring import kind


def attending(x_BTD, looks, seed, H, width, lead, scale, part, dtype):
    B, T, D = x_BTD.shape
    Wq_DD, Wk_DD, Wv_DD = 1.4 * np.sin(seed * np.arange(3 * D * D) ** 2).reshape(3, D, D) / D**0.5

    def heads(W_DD):
        return (x_BTD @ W_DD).reshape(B, T, H, D // H).swapaxes(1, 2).astype(dtype)

    e_BHTS = heads(Wq_DD) @ heads(Wk_DD).swapaxes(2, 3) / np.asarray((D // H) ** 0.5, dtype)
    t, s = np.arange(T)[:, None], np.arange(T)
    keep = {
        "back": s <= t,
        "back, never quite": s <= t,
        "both ways": s < T + 0 * t,
        "one too wide": s <= t + 1,
        "ahead": s >= t,
        "one step on": (s == t) | (s == t + 1),
        "first": (s <= t) | ((t == 0) & (s == 1)),
        "blocks": (s + lead) // width <= (t + lead) // width,
    }
    keep_BHTS = np.broadcast_to(keep.get(looks, keep["back"]), e_BHTS.shape).copy()
    if looks == "other episodes":
        keep_BHTS[1:] = True
    if looks == "penalty":
        e_BHTS = np.where(keep_BHTS, e_BHTS, e_BHTS - 3)
        keep_BHTS[:] = True
    if looks == "back, never quite":
        e_BHTS = np.where(keep_BHTS, e_BHTS, np.asarray(-1e9, dtype))
    elif looks != "cut off":
        e_BHTS = np.where(keep_BHTS, e_BHTS, -np.inf)
    w_BHTS = np.exp(e_BHTS - e_BHTS.max(axis=3, keepdims=True))
    w_BHTS = w_BHTS / w_BHTS.sum(axis=3, keepdims=True) * keep_BHTS
    o_BTD = (w_BHTS @ heads(Wv_DD)).swapaxes(1, 2).reshape(B, T, D)
    return (scale * x_BTD + part * o_BTD).astype(dtype)


def summed_up(x_BTD, looks, bend, rate, scale):
    B, T, D = x_BTD.shape
    y_BTD = getattr(np, bend)(rate * x_BTD)
    n_T1 = np.arange(1, T + 1)[:, None]
    if looks == "mean so far":
        read = np.cumsum(y_BTD, axis=1) / n_T1
    elif looks == "maximum so far":
        read = np.maximum.accumulate(y_BTD, axis=1)
    elif looks == "earlier ones":
        read = (np.cumsum(y_BTD, axis=1) - y_BTD) / n_T1
        return scale * read
    elif looks == "the first":
        return scale * np.repeat(y_BTD[:, :1], T, axis=1)
    elif looks == "the place":
        read = np.cos(rate * n_T1 + np.arange(D))
    elif looks == "the present":
        read = y_BTD**2
    elif looks == "nothing":
        return scale + 0 * x_BTD
    elif looks == "mean":
        read = y_BTD.mean(axis=1, keepdims=True)
    elif looks == "maximum":
        read = y_BTD.max(axis=1, keepdims=True)
    elif looks == "the last":
        return scale * np.repeat(y_BTD[:, -1:], T, axis=1)
    elif looks == "round":
        read = np.roll(y_BTD, 1, axis=1)
    elif looks == "the next":
        read = np.concatenate([y_BTD[:, 1:], 0 * y_BTD[:, :1]], axis=1)
    elif looks == "signs":
        read = np.sign(np.concatenate([x_BTD[:, 1:], 0 * x_BTD[:, :1]], axis=1))
    elif looks == "normalised":
        return (
            scale
            * (x_BTD - x_BTD.mean(axis=1, keepdims=True))
            / (rate + x_BTD.std(axis=1, keepdims=True))
        )
    elif looks == "flat":
        return scale * y_BTD.reshape(B, -1)
    elif looks == "one row":
        return scale * y_BTD[0]
    else:
        raise (ValueError, TypeError, ZeroDivisionError)[len(looks) % 3]("it can't be done")
    return scale * (x_BTD + read)


def recurrent(x_BTD, looks, seed, rate, scale):
    B, T, D = x_BTD.shape
    W_DD = rate * 1.4 * np.sin(seed * np.arange(D * D) ** 2).reshape(D, D) / D**0.5
    state_BD, y_BTD = np.zeros((B, D)), np.empty((B, T, D))
    for t in range(T)[:: 1 if looks == "forwards" else -1]:
        state_BD = y_BTD[:, t] = np.tanh(state_BD @ W_DD + x_BTD[:, t])
    return scale * y_BTD


SEEDS = tuple(range(100, 200))
RATES = tuple(n / 10 for n in range(6, 15))
SCALES = tuple(n / 100 for n in range(101, 160))

attention = {
    "looks": ("back",),
    "seed": SEEDS,
    "H": (1, 2, 3),
    "width": (2, 3),
    "lead": (0, 1),
    "scale": SCALES,
    "part": (1.0, 1.25, 1.5),
    "dtype": ("float64",),
}
MADE = "attention with H = {H} and seed {seed}, in which each step sees"
bent = {"bend": ("tanh", "sin", "cos"), "rate": RATES, "scale": SCALES}


def attends(looks: str, says: str, **others: tuple) -> object:
    return kind(attending, f"{MADE} {says}", **attention | {"looks": (looks,)} | others)


def sums(looks: str, says: str) -> object:
    return kind(summed_up, says, looks=(looks,), **bent)


BENT = "{bend}({rate}·x)"
looking_back = attends("back", "itself and all before it")
never_quite = attends("back, never quite", "itself and all before it, the others at −1e9")
in_float32 = attends("back", "itself and all before it, in float32", dtype=("float32",))
mean_so_far = sums("mean so far", f"{{scale}} times (x plus the mean so far of {BENT})")
maximum_so_far = sums("maximum so far", f"{{scale}} times (x plus the maximum so far of {BENT})")
earlier_ones = sums(
    "earlier ones", f"{{scale}}/t times the sum of {BENT} over the t − 1 steps before"
)
first_step = sums("the first", f"{{scale}} times {BENT} of the first step, everywhere")
knows_the_place = sums(
    "the place", "{scale} times (x plus the cosine of {rate}·t), t the number of the step"
)
no_memory = sums("the present", f"{{scale}} times (x plus the square of {BENT}), step by step")
constant = sums("nothing", "{scale}, everywhere")
state = kind(
    recurrent,
    "a recurrent layer: tanh of x and {rate} times its state, seed {seed}, times {scale}",
    looks=("forwards",),
    seed=SEEDS,
    rate=RATES,
    scale=SCALES,
)

both_ways = attends("both ways", "all steps")
one_too_wide = attends("one too wide", "itself, all before it and one behind it")
ahead = attends("ahead", "itself and all behind it")
one_step_on = attends("one step on", "itself and the next one")
first_sees_second = attends(
    "first", "itself and all before it, and the first one the second as well"
)
in_blocks = attends(
    "blocks", "all before it and those of its own block of {width}, the first shorter by {lead}"
)
late_blocks = attends(
    "blocks",
    "all before it and those of its own block of {width}, the first being of one step",
    width=(2,),
    lead=(1,),
)
cut_off_late = attends("cut off", "itself and all before it, cut off after a softmax over all")
finite_penalty = attends("penalty", "itself and all before it, the others with 3 less")
faint = attends(
    "one too wide",
    "itself, all before it and one behind it, added {part} times",
    H=(1,),
    part=(0.02, 0.03),
)
other_episodes = attends(
    "other episodes", "itself and all before it in the first episode, else all"
)
mean_of_all = sums("mean", f"{{scale}} times (x plus the mean of {BENT} over all steps)")
maximum_of_all = sums("maximum", f"{{scale}} times (x plus the maximum of {BENT} over all steps)")
last_step = sums("the last", f"{{scale}} times {BENT} of the last step, everywhere")
goes_round = sums(
    "round", f"{{scale}} times (x plus {BENT} of the step before; for the first step, of the last)"
)
next_step = sums("the next", f"{{scale}} times (x plus {BENT} of the next step)")
sign_of_next = sums("signs", "{scale} times (x plus the sign of the next step)")
normalised = sums("normalised", "{scale} times x, normalised over all steps of the episode")
from_the_end = kind(
    recurrent,
    "a recurrent layer that begins at the end: tanh of x and {rate} times its state, seed {seed}, "
    "times {scale}",
    looks=("backwards",),
    seed=SEEDS,
    rate=RATES,
    scale=SCALES,
)
flat = sums("flat", f"{{scale}} times {BENT}, of shape (B, T·D)")
one_row = sums("one row", f"{{scale}} times {BENT} of the first episode alone, (T, D)")
stops = kind(
    summed_up,
    "a function that always stops with an error",
    looks=("error", "errors", "an error"),
    **bent,
)
