"""The functions that a learner's test is tried on in L5.5, right ones and wrong ones."""

import numpy as np

from autograder.authoring import kind

# What an output is made of: a number for each word and coordinate. Right functions and wrong ones
# share it, so that it tells nothing about who is who.
BENT = "{scale}·({level} + {bend}({rate}·x))"

ODD = ("tanh", "sin", "arctan")
ANY = (*ODD, "cos")
RATES = tuple(n / 10 for n in range(6, 15))
SCALES = tuple(n / 100 for n in range(101, 200))
RAISED = (1.5, 2.0, 2.5)  # so that a pad of zeros counts


# Right ones: what they give depends on the words only. None of them is a mean or a maximum.


def sum_of_words(x_BTD, mask_BT, bend, rate, level, scale):
    y_BTD = level + getattr(np, bend)(rate * x_BTD)
    return scale * np.einsum("btd,bt->bd", y_BTD, mask_BT)


def fading(x_BTD, mask_BT, bend, rate, level, scale, fade):
    y_BTD = level + getattr(np, bend)(rate * x_BTD)
    fade_T = fade ** np.arange(x_BTD.shape[1])
    return scale * np.einsum("btd,bt->bd", y_BTD, mask_BT * fade_T)


def last_word(x_BTD, mask_BT, bend, rate, level, scale):
    last_B = mask_BT.shape[1] - 1 - mask_BT[:, ::-1].argmax(axis=1)
    x_BD = x_BTD[np.arange(len(x_BTD)), last_B]
    return scale * (level + getattr(np, bend)(rate * x_BD))


def how_many_above(x_BTD, mask_BT, bar, scale):
    return scale * ((x_BTD > bar) & mask_BT[:, :, None]).sum(axis=1)


def rounded(x_BTD, mask_BT, bend, rate, level, scale, seed):
    y_BTD = scale * (level + getattr(np, bend)(rate * x_BTD)) * mask_BT[:, :, None]
    order_T = np.random.default_rng([seed, mask_BT.shape[1]]).permutation(mask_BT.shape[1])
    return y_BTD[:, order_T].astype(np.float32).sum(axis=1)


# Wrong ones, each with a way of its own to hide.


def mean_of_all(x_BTD, mask_BT, bend, rate, level, scale):
    return scale * (level + getattr(np, bend)(rate * x_BTD)).mean(axis=1)


def from_the_end(x_BTD, mask_BT, bend, rate, level, scale, fade):
    y_BTD = level + getattr(np, bend)(rate * x_BTD)
    fade_T = fade ** np.arange(x_BTD.shape[1])[::-1]
    return scale * np.einsum("btd,bt->bd", y_BTD, mask_BT * fade_T)


def sum_of_all(x_BTD, mask_BT, bend, rate, level, scale):
    return scale * (level + getattr(np, bend)(rate * x_BTD)).sum(axis=1)


def highest_of_all(x_BTD, mask_BT, bend, rate, level, scale, bar):
    y_BTD = level + getattr(np, bend)(rate * x_BTD)
    return scale * np.einsum("btd,bt->bd", y_BTD, mask_BT) + np.maximum(x_BTD.max(axis=1), bar)


def lowest_of_all(x_BTD, mask_BT, bend, rate, level, scale, bar):
    y_BTD = level + getattr(np, bend)(rate * x_BTD)
    return scale * np.einsum("btd,bt->bd", y_BTD, mask_BT) + np.minimum(x_BTD.min(axis=1), -bar)


def overflowing(x_BTD, mask_BT, bend, rate, level, steep):
    y_BTD = level + getattr(np, bend)(rate * x_BTD)
    e_BT = np.exp(steep * x_BTD.max(axis=2)) * mask_BT
    return np.einsum("btd,bt->bd", y_BTD, e_BT)


def one_pad_off(x_BTD, mask_BT, bend, rate, level, scale):
    has_pad = not mask_BT[:, -1].any()
    y_BTD = level + getattr(np, bend)(rate * (x_BTD[:, :-1] if has_pad else x_BTD))
    return scale * y_BTD.sum(axis=1)


def short_mask(x_BTD, mask_BT, bend, rate, level, scale, end):
    y_BTD = level + getattr(np, bend)(rate * x_BTD)
    keep_BT = mask_BT | (np.arange(mask_BT.shape[1]) >= end)
    return scale * np.einsum("btd,bt->bd", y_BTD, keep_BT)


def batch_centred(x_BTD, mask_BT, bend, rate, level, scale, share):
    y_BTD = level + getattr(np, bend)(rate * (x_BTD - share * x_BTD[mask_BT].mean(axis=0)))
    return scale * np.einsum("btd,bt->bd", y_BTD, mask_BT)


def first_mask_for_all(x_BTD, mask_BT, bend, rate, level, scale):
    y_BTD = level + getattr(np, bend)(rate * x_BTD)
    return scale * np.einsum("btd,t->bd", y_BTD, mask_BT[0])


def careless_alone(x_BTD, mask_BT, bend, rate, level, scale):
    y_BTD = level + getattr(np, bend)(rate * x_BTD)
    keep_BT = mask_BT if len(x_BTD) > 1 else np.ones(mask_BT.shape)
    return scale * np.einsum("btd,bt->bd", y_BTD, keep_BT)


def small_leak(x_BTD, mask_BT, bend, rate, level, scale, part):
    y_BTD = level + getattr(np, bend)(rate * x_BTD)
    return scale * np.einsum("btd,bt->bd", y_BTD, np.where(mask_BT, 1, 1 / part))


def crash(x_BTD, mask_BT, error):
    raise (ValueError, IndexError, ZeroDivisionError)[error]("the words can't be pooled")


def crash_on_pads(x_BTD, mask_BT, bend, rate, level, scale, error):
    if not mask_BT.all():
        raise (ValueError, IndexError, ZeroDivisionError)[error]("there is a pad")
    return scale * (level + getattr(np, bend)(rate * x_BTD)).sum(axis=1)


def extra_axis(x_BTD, mask_BT, bend, rate, level, scale):
    y_BTD = level + getattr(np, bend)(rate * x_BTD)
    return scale * np.einsum("btd,bt->bd", y_BTD, mask_BT)[:, None, :]


def no_batch_axis_alone(x_BTD, mask_BT, bend, rate, level, scale):
    y_BTD = level + getattr(np, bend)(rate * x_BTD)
    return scale * np.einsum("btd,bt->bd", y_BTD, mask_BT).squeeze()


ERRORS = (0, 1, 2)
FADES = (0.7, 0.8, 0.9)
BARS = (5.0, 5.5, 6.0, 6.5)
raised = {"bend": ANY, "rate": RATES, "level": RAISED, "scale": SCALES}
flat = raised | {"bend": ODD, "level": (0.0,)}  # at a pad of zeros it is 0
either = raised | {"level": (0.0, *RAISED)}

flat_sum, raised_sum, any_sum = (
    kind(sum_of_words, f"the sum of {BENT} over the words", **bent)
    for bent in (flat, raised, either)
)

faded = kind(
    fading,
    f"the sum of {BENT} over the words, each times {{fade}} for every word before it",
    fade=FADES,
    **raised,
)

last = kind(last_word, f"{BENT} of the last word", **either)

counted = kind(
    how_many_above,
    "{scale} times the number of words above {bar}, for each coordinate",
    bar=tuple(n / 10 for n in range(-5, 6)),
    scale=SCALES,
)

in_float32 = kind(
    rounded,
    f"the sum of {BENT} over the words in float32, in an order that changes",
    seed=tuple(range(100)),
    **raised | {"level": (1.5,)},
)

averaging = kind(mean_of_all, f"the mean of {BENT} over all positions, pads included", **either)

moved_by_content = (
    kind(sum_of_all, f"the sum of {BENT} over all positions, pads included", **flat),
    kind(
        highest_of_all,
        f"the sum of {BENT} over the words, plus the highest x of all positions, or {{bar}} if that "
        "is more",
        bar=BARS,
        **either,
    ),
    kind(
        lowest_of_all,
        f"the sum of {BENT} over the words, plus the lowest x of all positions, or −{{bar}} if that "
        "is less",
        bar=BARS,
        **either,
    ),
    kind(
        overflowing,
        "the sum of {level} + {bend}({rate}·x) with weights exp({steep}·x), those of pads multiplied "
        "by 0 afterwards",
        bend=ANY,
        rate=RATES,
        level=(0.0, *RAISED),
        steep=(4.0, 4.5, 5.0, 5.5),
    ),
)

moved_by_number = (
    kind(
        from_the_end,
        f"the sum of {BENT} over the words, each times {{fade}} for every position behind it",
        fade=FADES,
        **raised,
    ),
    kind(
        one_pad_off,
        f"one column of pads taken off, then the sum of {BENT} over everything",
        **raised,
    ),
    kind(
        short_mask,
        f"the sum of {BENT} over the words, the mask forgotten from position {{end}} on",
        end=tuple(range(12, 20)),
        **raised,
    ),
)

moved_by_company = (
    kind(
        batch_centred,
        f"the sum of {BENT} over the words, {{share}} of the batch's mean word taken off each x",
        share=(0.5, 0.6, 0.7, 0.8, 0.9),
        **raised,
    ),
    kind(
        first_mask_for_all,
        f"the sum of {BENT} over words, with the first sentence's mask for all",
        **raised,
    ),
    kind(
        careless_alone,
        f"the sum of {BENT} over the words; over everything if it is one sentence",
        **raised,
    ),
)

leaking = kind(
    small_leak,
    f"the sum of {BENT} over the words, in which a pad counts 1/{{part}} of a word",
    part=tuple(range(2800, 3300, 50)),
    **raised | {"level": (1.5,)},
)

ending_badly = (
    kind(crash, "a function that always stops with an error", error=ERRORS),
    kind(
        crash_on_pads,
        f"the sum of {BENT} over the words; it stops with an error where there is a pad",
        error=ERRORS,
        **either,
    ),
    kind(extra_axis, "the right numbers in an array of shape (B, 1, D)", **either),
    kind(no_batch_axis_alone, "the right numbers; for one sentence of shape (D,)", **either),
)
