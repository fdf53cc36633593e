"""The functions that a learner's test is tried on in L14.6: some split events at a time, some don't.

Each gives (train_idx, test_idx), as lists or arrays, the rows of either side in an order of its own. Right
ones and wrong ones are made by the same three functions, so that neither order nor kind tells who is who.
"""

import numpy as np

from autograder.authoring import kind


def placed(user_N, item_N, time_N, cut, way, seed, form):
    time_N = np.asarray(time_N)
    row_N, early_N = np.arange(len(time_N)), time_N < cut
    order = np.argsort(time_N, kind="stable")
    k = early_N.sum()
    if way == "mask":
        train, test = row_N[early_N], row_N[~early_N]
    elif way == "sorted":
        train, test = order[:k], order[k:]
    elif way == "file order":
        train, test = row_N[:k], row_N[k:]
    elif way == "searchsorted":
        k = np.searchsorted(time_N, cut)
        train, test = row_N[:k], row_N[k:]
    elif way == "sorted places":
        rank_N = np.argsort(order)
        train, test = rank_N[early_N], rank_N[~early_N]
    elif way == "swapped":
        train, test = row_N[~early_N], row_N[early_N]
    else:
        drawn = np.random.default_rng(seed).permutation(row_N)
        if early_N[drawn[:k]].all():  # right by chance
            drawn = drawn[::-1]
        train, test = drawn[:k], drawn[k:]
    return (train.tolist(), test.tolist()) if form == "lists" else (train, test)


def edged(user_N, item_N, time_N, cut, way, seed, form):
    order = np.random.default_rng(seed).permutation(len(time_N))
    time = np.asarray(time_N)[order]
    train, at, late = order[time < cut], order[time == cut], order[time > cut]
    test = np.append(late, at)
    if way == "cut in train":
        train, test = np.append(train, at), late
    elif way == "cut lost":
        test = late
    elif way == "cut on both sides":
        train = np.append(train, at)
    elif way == "ties shared":
        train, test = np.append(train, at[::2]), np.append(late, at[1::2])
    elif way == "train twice":
        train = np.append(train, train[0])
    elif way == "test twice":
        test = np.append(test[-1], test)
    elif way == "last row lost":
        train, test = (rows[rows < len(order) - 1] for rows in (train, test))
    elif way == "early to test":
        train, test = train[1:], np.append(test, train[0])
    elif way == "one":
        return train
    elif way == "error":
        raise (ValueError, TypeError, KeyError)[seed % 3]("it can't be done")
    return (train.tolist(), test.tolist()) if form == "lists" else (train, test)


def chosen(user_N, item_N, time_N, cut, way, seed, form):
    user_N, item_N, time_N = map(np.asarray, (user_N, item_N, time_N))
    users = np.random.default_rng(seed).permutation(np.unique(user_N))
    row_N, early_N = np.arange(len(time_N)), time_N < cut
    if way == "by user":
        early_N = ~np.isin(user_N, user_N[~early_N])
    elif way == "last of each":
        for user in users:
            own = row_N[user_N == user]
            early_N[own] = own != own[np.argmax(time_N[own])]
    elif way == "new items":
        early_N = early_N | ~np.isin(item_N, item_N[early_N])
    some = np.isin(user_N, user_N[early_N]) if way == "new users" else user_N == user_N
    sides = [
        np.concatenate([row_N[(user_N == user) & some & side] for user in users])
        for side in (early_N, ~early_N)
    ]
    return tuple(rows.tolist() for rows in sides) if form == "lists" else tuple(sides)


def splits(run, way, says):
    seeds, forms = tuple(range(100, 200)), ("lists", "arrays")
    said = says + " (in an order by seed {seed}, as {form})"
    return kind(run, said, way=(way,), seed=seeds, form=forms)


BEFORE = "rows before the cut, and"
by_mask = splits(placed, "mask", f"{BEFORE} all others")
by_sorting = splits(placed, "sorted", f"{BEFORE} all others, in order of time")
shuffled = splits(edged, "shuffled", f"{BEFORE} all others")
user_by_user = splits(chosen, "user", f"{BEFORE} all others, one user after the other")

file_order = splits(placed, "file order", "the first rows, as many as are early, and those behind")
unsorted_search = splits(
    placed, "searchsorted", "rows in front of where `searchsorted` sees the cut, and those behind"
)
sorted_places = splits(
    placed, "sorted places", "places in the sorted times, of early rows and others"
)
swapped = splits(placed, "swapped", "rows from the cut on, and all others")
by_chance = splits(placed, "random", "drawn rows, as many as are before the cut, and all others")

cut_in_train = splits(edged, "cut in train", "rows up to the cut, the cut included, and all others")
cut_lost = splits(edged, "cut lost", f"{BEFORE} rows after it; those at the cut nowhere")
cut_twice = splits(edged, "cut on both sides", "rows up to the cut, and rows from the cut on")
ties_shared = splits(edged, "ties shared", f"{BEFORE} every other one at the cut; and all others")
train_twice = splits(edged, "train twice", f"{BEFORE} all others; one of the former twice")
test_twice = splits(edged, "test twice", f"{BEFORE} all others, one of them twice")
last_lost = splits(edged, "last row lost", f"{BEFORE} all others, without the last row")
one_early = splits(edged, "early to test", f"{BEFORE} all others; one of the former to the latter")
one_side = splits(edged, "one", "rows before the cut, alone")
stops = splits(edged, "error", "nothing, for it stops with an error")

by_user = splits(chosen, "by user", "users without any row from the cut on, and all other users")
last_of_each = splits(chosen, "last of each", "all rows but the last of each user, and those")
new_users_dropped = splits(
    chosen, "new users", f"{BEFORE} others, of users who have rows before it"
)
new_items_moved = splits(chosen, "new items", f"{BEFORE} those of new items; and all others")
