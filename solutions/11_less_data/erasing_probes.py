"""What L11.2 asks of texts and pictures that chance has erased a part of."""

import numpy as np


def kept(random_erase, tokens, p, seed):
    result = random_erase(list(tokens), p, np.random.default_rng(seed))
    if type(result) is not list:
        raise TypeError(f"a list of words is asked for, not {type(result).__name__}")
    return {"sentence": " ".join(result), "words": len(result)}


def left_of_all(random_erase, tokens, seeds):
    class Patient(np.random.Generator):
        asked = 0

        def __getattribute__(self, name):
            Patient.asked += 1
            if Patient.asked > 2000:
                raise RuntimeError("it draws and draws, and would never come to an end")
            return super().__getattribute__(name)

    ever, lengths = np.zeros(len(tokens), int), []
    for seed in range(*seeds):
        Patient.asked = 0
        result = random_erase(list(tokens), 1.0, Patient(np.random.PCG64(seed)))
        lengths.append(len(result))
        ever |= np.isin(tokens, result)
    return np.array([*ever, min(lengths), max(lengths)])


def how_often(random_erase, tokens, p, seeds):
    count = np.zeros((len(tokens), len(tokens)))
    for seed in range(*seeds):
        result = random_erase(list(tokens), p, np.random.default_rng(seed))
        if not {*result} <= {*tokens}:
            raise ValueError("a word came out that was not in the text")
        places = [tokens.index(word) for word in result]
        if places != sorted({*places}):
            raise ValueError("the words that are left stand in another order than in the text")
        stays = np.zeros(len(tokens))
        stays[places] = 1
        count += np.outer(stays, stays)
    return count / (seeds[1] - seeds[0])


def how_many(random_erase, tokens, p, seeds):
    count = np.zeros(len(tokens) + 1)
    for seed in range(*seeds):
        count[len(random_erase(list(tokens), p, np.random.default_rng(seed)))] += 1
    return count / (seeds[1] - seeds[0])


def erase_first_alike(random_erase, tokens, p, seeds):
    import random

    found, moved = [], 0
    for place, seed in enumerate(seeds):
        random.seed(place)  # who draws from these draws something else each time
        np.random.seed(place)
        before = np.random.get_state()[1].tolist(), random.getstate()
        found.append([*random_erase(list(tokens), p, np.random.default_rng(seed))])
        moved += before != (np.random.get_state()[1].tolist(), random.getstate())
    return np.array([found.index(each) for each in found] + [moved])


def text_afterwards(random_erase, tokens, p, seed):
    own = list(tokens)
    random_erase(own, p, np.random.default_rng(seed))
    return " ".join(own)


def sizes(erase_patch, img_BHW, h, w, fill, seeds):
    found = []
    for seed in range(*seeds):
        out = np.asarray(erase_patch(img_BHW.copy(), h, w, np.random.default_rng(seed), fill=fill))
        if out.shape != img_BHW.shape:
            raise ValueError(f"pictures of shape {img_BHW.shape} came back with {out.shape}")
        for erased in out != img_BHW:
            rows, columns = np.flatnonzero(erased.any(axis=1)), np.flatnonzero(erased.any(axis=0))
            spans = [int(np.ptp(each)) + 1 if len(each) else 0 for each in (rows, columns)]
            found.append([*spans, int(erased.sum())])
        if not (out[out != img_BHW] == fill).all():
            raise ValueError("a number that was erased has become another one than fill")
    return np.array([np.min(found, axis=0), np.max(found, axis=0)])


def in_any_layout(erase_patch, img_BHW, h, w, fill, seeds):
    before_BHW, found = img_BHW.copy(), []
    for seed in range(*seeds):
        out = np.asarray(erase_patch(img_BHW, h, w, np.random.default_rng(seed), fill=fill))
        found += [int(erased.sum()) for erased in out != before_BHW]
        if not (out[out != before_BHW] == fill).all():
            raise ValueError("a number that was erased has become another one than fill")
        if (img_BHW != before_BHW).any():
            break  # what was given has changed, which is told of it
    return np.array([min(found), max(found)])


def shares_of_corners(erase_patch, img_BHW, h, w, seeds):
    B, H, W = img_BHW.shape
    count = np.zeros((B, H - h + 1, W - w + 1))
    for seed in range(*seeds):
        out = np.asarray(erase_patch(img_BHW.copy(), h, w, np.random.default_rng(seed)))
        for b in range(B):
            erased = np.argwhere(out[b] != img_BHW[b])
            if len(erased):
                i, j = erased.min(axis=0)
                if i <= H - h and j <= W - w:
                    count[b, i, j] += 1
    return count / (seeds[1] - seeds[0])


def shares_of_pairs(erase_patch, img_BHW, h, w, seeds):
    B, H, W = img_BHW.shape
    n = (H - h + 1) * (W - w + 1)
    count = np.zeros((B - 1, n))
    for seed in range(*seeds):
        out = np.asarray(erase_patch(img_BHW.copy(), h, w, np.random.default_rng(seed)))
        corners = []
        for b in range(B):
            erased = np.argwhere(out[b] != img_BHW[b])
            i, j = erased.min(axis=0) if len(erased) else (0, 0)
            corners.append(int(i) * (W - w + 1) + int(j))
        for b in range(B - 1):
            count[b, (corners[b + 1] - corners[b]) % n] += 1
    return count / (seeds[1] - seeds[0])


def patch_first_alike(erase_patch, img_BHW, h, w, seeds):
    import random

    found, moved = [], 0
    for place, seed in enumerate(seeds):
        random.seed(place)  # who draws from these draws something else each time
        np.random.seed(place)
        before = np.random.get_state()[1].tolist(), random.getstate()
        out = erase_patch(img_BHW.copy(), h, w, np.random.default_rng(seed))
        found.append(np.asarray(out).tolist())
        moved += before != (np.random.get_state()[1].tolist(), random.getstate())
    return np.array([found.index(each) for each in found] + [moved])
