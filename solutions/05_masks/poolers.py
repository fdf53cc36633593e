"""The functions that a learner's test is tried on in L5.5, right ones and wrong ones."""

import numpy as np

# Right ones: what they give depends on the words only. None of them is a mean or a maximum.


def sum_of_tanh(x_BTD, mask_BT):
    return np.einsum("btd,bt->bd", np.tanh(x_BTD), mask_BT)


def fading(x_BTD, mask_BT):
    fade_T = 0.8 ** np.arange(x_BTD.shape[1])
    return np.einsum("btd,bt->bd", np.cos(x_BTD), mask_BT * fade_T)


def last_word(x_BTD, mask_BT):
    last_B = mask_BT.shape[1] - 1 - mask_BT[:, ::-1].argmax(axis=1)
    return x_BTD[np.arange(len(x_BTD)), last_B]


def how_many_positive(x_BTD, mask_BT):
    return ((x_BTD > 0) & mask_BT[:, :, None]).sum(axis=1)


def rounded(x_BTD, mask_BT):
    y_BTD = ((np.sin(x_BTD) + 2) * mask_BT[:, :, None]).astype(np.float32)
    order_T = np.random.default_rng(x_BTD.shape[1]).permutation(x_BTD.shape[1])
    return y_BTD[:, order_T].sum(axis=1)


# Wrong ones, each with a way of its own to hide.


def mean_of_all(x_BTD, mask_BT):
    return x_BTD.mean(axis=1)


def from_the_end(x_BTD, mask_BT):
    weight_T = 1 / (x_BTD.shape[1] - np.arange(x_BTD.shape[1]))
    return np.einsum("btd,bt->bd", np.tanh(x_BTD), mask_BT * weight_T)


def sum_of_all(x_BTD, mask_BT):
    return x_BTD.sum(axis=1)


def highest_of_all(x_BTD, mask_BT):
    return np.maximum(x_BTD.max(axis=1), 5.0)


def lowest_of_all(x_BTD, mask_BT):
    return np.minimum(x_BTD.min(axis=1), -5.0)


def overflowing(x_BTD, mask_BT):
    e_BT = np.exp(5 * x_BTD.max(axis=2)) * mask_BT
    return np.einsum("btd,bt->bd", np.tanh(x_BTD), e_BT)


def one_pad_off(x_BTD, mask_BT):
    has_pad = not mask_BT[:, -1].any()
    return np.cos(x_BTD[:, :-1] if has_pad else x_BTD).sum(axis=1)


def short_mask(x_BTD, mask_BT):
    keep_BT = mask_BT | (np.arange(mask_BT.shape[1]) >= 16)
    return np.einsum("btd,bt->bd", np.cos(x_BTD), keep_BT)


def batch_centred(x_BTD, mask_BT):
    return np.einsum("btd,bt->bd", np.tanh(x_BTD - x_BTD[mask_BT].mean(axis=0)), mask_BT)


def first_mask_for_all(x_BTD, mask_BT):
    return np.einsum("btd,t->bd", np.cos(x_BTD), mask_BT[0])


def careless_alone(x_BTD, mask_BT):
    keep_BT = mask_BT if len(x_BTD) > 1 else np.ones(mask_BT.shape)
    return np.einsum("btd,bt->bd", np.cos(x_BTD), keep_BT)


def small_leak(x_BTD, mask_BT):
    return np.einsum("btd,bt->bd", np.cos(np.tanh(x_BTD)), np.exp(-8.0 * ~mask_BT))


def crash(x_BTD, mask_BT):
    raise ValueError("the words can't be pooled")


def crash_on_pads(x_BTD, mask_BT):
    if not mask_BT.all():
        raise ValueError("there is a pad")
    return np.tanh(x_BTD).sum(axis=1)


def extra_axis(x_BTD, mask_BT):
    return np.einsum("btd,bt->bd", np.tanh(x_BTD), mask_BT)[:, None, :]


def no_batch_axis_alone(x_BTD, mask_BT):
    return np.einsum("btd,bt->bd", np.tanh(x_BTD), mask_BT).squeeze()
