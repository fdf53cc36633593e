"""`hit_ndcg` is judged by its numbers. The test that the learner writes is run on functions whose answer
is known: some split events at the cut, and some do nearly that."""

import numpy as np

from autograder.authoring import CallOf, Check, Exercise, call, lineup
from autograder.authoring.lineup import Kind

from . import splitters
from .ranking_cases import of_the_measure

exercise = Exercise(
    "Hits among the first k, and a test for splits",
    solve=("hit_ndcg", "check_split"),
    difficulty=4,
    importance=5,
    minutes=25,
    hints="""Of one person write down who is a candidate, and how many of those are ahead of the target. For
    the test: which events would tell a right split from one that merely looks right? Think of equal times, of
    rows that come in no order, and of people who are there only later.

    A mask of candidates: all True, then False for 0, for what was seen and for the target itself; what is left
    are the others. For the test, make a few dozen events in a drawn order, with some exactly at the cut and a
    user who comes only after it; you know which rows are to be where, whatever fn does.

    `others = scores_N[mask]`; `rank = (others > own).sum() + (others == own).sum() / 2`. In the test, inside
    `try`: `train, test = fn(user_N, item_N, time_N, cut)`, and compare `sorted(train)` with
    `np.flatnonzero(time_N < cut).tolist()`, and `sorted(test)` with the other rows.""",
)


@exercise.checks
def checks(rng):
    yield from of_the_measure(rng)
    yield from of_the_test(rng)


def of_the_test(rng):
    def tried(rights: list[Kind], wrongs: list[Kind]) -> list[CallOf]:
        return [call.check_split(*each.args) for each in lineup(rng, rights, wrongs)]

    s = splitters
    yield Check(
        "check_split: in whatever order",
        *tried(
            [s.by_mask, s.by_sorting, s.shuffled, s.user_by_user],
            [
                s.by_chance,
                s.swapped,
                s.file_order,
                s.unsorted_search,
                s.sorted_places,
                s.cut_lost,
            ],
        ),
        says="""The rows of each side may stand in any order, in a list or an array. But they are rows of the
        events as they came, which is in no order.""",
        points=2,
    )
    yield Check(
        "check_split: at the cut",
        *tried(
            [s.by_mask, s.shuffled],
            [s.cut_in_train, s.cut_lost, s.cut_twice, s.ties_shared, s.test_twice, s.swapped],
        ),
        says="Whoever has exactly the cut's time belongs to the test, and equal times stay together.",
        points=2,
    )
    yield Check(
        "check_split: each row once",
        *tried(
            [s.by_sorting, s.shuffled],
            [s.train_twice, s.test_twice, s.last_lost, s.one_early, s.one_side, s.stops],
        ),
        says="""No row gets lost, stands twice, or goes to the test although it is early. And a function that
        stops with an error, or gives only one side, has not passed.""",
        points=2,
    )
    yield Check(
        "check_split: by time, and by nothing else",
        *tried(
            [s.by_mask, s.user_by_user],
            [
                s.by_user,
                s.last_of_each,
                s.new_users_dropped,
                s.new_items_moved,
                s.by_chance,
                s.cut_in_train,
            ],
        ),
        says="""Who chose, and what, makes no difference: also users and items that come up only after the cut
        stay where their time puts them.""",
        points=2,
    )


measure, test = exercise.of("hit_ndcg"), exercise.of("check_split")


@measure.right("hit_ndcg: −∞ for what is out")
def minus_infinity(scores_BN, seen, target_B, k):
    z_BN = np.array(scores_BN, float)
    rows = np.arange(len(z_BN))
    own_B = z_BN[rows, target_B]
    for b, had in enumerate(seen):
        z_BN[b, had] = -np.inf
    z_BN[:, 0] = -np.inf
    z_BN[rows, target_B] = -np.inf
    rank_B = (z_BN > own_B[:, None]).sum(axis=1) + 0.5 * (z_BN == own_B[:, None]).sum(axis=1)
    hit_B = rank_B < k
    return hit_B.mean(), (hit_B / np.log2(rank_B + 2)).mean()


@measure.right("hit_ndcg: a mask of candidates")
def a_mask(scores_BN, seen, target_B, k):
    out_BN = np.zeros(scores_BN.shape, bool)
    out_BN[:, 0] = True
    for out_N, had in zip(out_BN, seen, strict=True):
        out_N[np.array(had, int)] = True
    rows = np.arange(len(target_B))
    out_BN[rows, target_B] = True
    ahead_BN = scores_BN - scores_BN[rows, target_B][:, None]
    rank_B = ((ahead_BN > 0) + (ahead_BN == 0) / 2.0).sum(axis=1, where=~out_BN)
    hit_B = (rank_B < k).astype(float)
    return tuple(np.stack([hit_B, hit_B / np.log2(2 + rank_B)]).mean(axis=1))


@measure.right("hit_ndcg: sets and loops")
def sets_and_loops(scores_BN, seen, target_B, k):
    hr = ndcg = 0.0
    for b in range(len(target_B)):
        target = int(target_B[b])
        rank = 0.0
        for item in set(range(1, scores_BN.shape[1])) - set(seen[b]) - {target}:
            rank += float(np.sign(scores_BN[b, item] - scores_BN[b, target])) / 2 + 0.5
        if rank < k:
            hr += 1 / len(target_B)
            ndcg += np.log(2) / np.log(rank + 2) / len(target_B)
    return hr, ndcg


@measure.right("hit_ndcg: SciPy's average ranks")
def average_ranks(scores_BN, seen, target_B, k):
    from scipy.stats import rankdata

    ranks = []
    for scores, had, target in zip(scores_BN, seen, target_B.tolist(), strict=True):
        items = [n for n in range(1, len(scores)) if n == target or n not in had]
        ranks.append(rankdata([-float(scores[n]) for n in items])[items.index(target)] - 1)
    rank_B = np.array(ranks)
    gain_B = np.where(rank_B < k, 1 / np.log2(2 + rank_B), 0)
    return float(np.mean(gain_B > 0)), float(np.mean(gain_B))


@test.right("check_split: by hand, with a loop")
def by_hand_with_a_loop(fn):
    user = [1, 2, 1, 3, 4, 2, 1, 5, 3, 2]
    item = [7, 7, 8, 9, 7, 8, 9, 5, 8, 6]
    time = [5.0, 2.0, 3.0, 1.0, 3.0, 4.0, 2.0, 3.0, 3.0, 2.5]
    try:
        train, test = fn(np.array(user), np.array(item), np.array(time), 3.0)
        train, test = [int(n) for n in train], [int(n) for n in test]
    except Exception:
        return False
    for row, t in enumerate(time):
        if train.count(row) != (t < 3) or test.count(row) != (t >= 3):
            return False
    return len(train) + len(test) == len(time)


@test.right("check_split: properties over draws")
def properties_over_draws(fn):
    for seed in range(3):
        rng = np.random.default_rng(seed)
        user, item = rng.integers(1, 30, 50), rng.integers(1, 30, 50)
        time = rng.permutation(np.repeat([10, 20, 30, 40, 50], 10))
        try:
            train, test = map(np.asarray, fn(user.copy(), item.copy(), time.copy(), 30))
            both = np.sort(np.concatenate([train, test]))
            if both.shape != (50,) or (both != np.arange(50)).any():
                return False
            if time[train].max() >= 30 or time[test].min() < 30:
                return False
        except Exception:
            return False
    return True


@test.right("check_split: sets and lengths")
def sets_and_lengths(fn):
    rng = np.random.default_rng(5)
    order = rng.permutation(24)
    time, user, item = (np.arange(24) // 4)[order], (np.arange(24) // 3 + 1)[order], order + 1
    early = {n for n in range(24) if time[n] < 2}
    try:
        train, test = fn(user, item, time, 2)
        return bool(
            len(train) == len(early)
            and len(test) == 24 - len(early)
            and {*map(int, train)} == early
            and {*map(int, test)} == {*range(24)} - early
        )
    except Exception:
        return False


@measure.plain
def plain(scores_BN, seen, target_B, k):
    hits, gains = [], []
    for b in range(len(target_B)):
        target = target_B[b]
        own = scores_BN[b, target]
        out = [0, target, *seen[b]]
        others = np.delete(scores_BN[b], out)
        better = (others > own).sum()
        equal = (others == own).sum()
        rank = better + equal / 2
        hit = rank < k
        hits.append(hit)
        gains.append(1 / np.log2(rank + 2) if hit else 0.0)
    return np.mean(hits), np.mean(gains)


plain.slip("""seen-items-kept
    - out = [0, target, *seen[b]]
    + out = [0, target]
    You left seen items among the candidates. What somebody has had already takes no place in the list.""")
plain.slip("""padding-kept
    - out = [0, target, *seen[b]]
    + out = [target, *(item for item in seen[b] if item)]
    You left item 0 among the candidates. It is padding, and nobody can choose it.""")
plain.slip("""nothing-removed
    - out = [0, target, *seen[b]]
    + out = [target]
    You left both padding and seen items among the candidates.""")
plain.slip("""counted-by-others-lists
    - out = [0, target, *seen[b]]
    + out = [0, target, *(item for had in seen for item in had)]
    You removed what anybody has seen. Each person's candidates lack only what that person has seen.""")
plain.slip("""ties-in-favour
    - rank = better + equal / 2
    + rank = better
    You counted only higher scores, so that ties go in favour of the target. A model that gives everybody the
    same score then looks perfect: equal ones count half.""")
plain.slip("""ties-against
    - rank = better + equal / 2
    + rank = better + equal
    You counted equal scores as better. They count half: neither in favour nor against.""")
plain.slip("""half-rounded-down
    - rank = better + equal / 2
    + rank = better + equal // 2
    You rounded half a place off. A rank may be 2.5: `/`, not `//`.""")
plain.slip("""ties-by-number
    - rank = better + equal / 2
    + rank = better + (np.flatnonzero(scores_BN[b] == own) < target).sum()
    You broke ties by the item's number, as sorting does. The number says nothing of a taste: equal scores count
    half.""")
plain.slip("""target-counts-itself
    - rank = better + equal / 2
    + rank = better + (equal + 1) / 2
    You counted the target among those with its own score. Half of the *others* count.""")
plain.slip("""ranks-from-1
    - rank = better + equal / 2
    + rank = better + equal / 2 + 1
    Your ranks begin with 1. The best one has rank 0, so that rank < k are the first k.""")
plain.slip("""k-included
    - hit = rank < k
    + hit = rank <= k
    Your hits are one place too many: ranks count from 0, so the first k have ranks below k.""")
plain.slip("""lowest-first
    - better = (others > own).sum()
    + better = (others < own).sum()
    You counted lower scores as better. The highest score comes first.""")
plain.slip("""log-of-the-wrong-rank
    - gains.append(1 / np.log2(rank + 2) if hit else 0.0)
    + gains.append(1 / np.log2(rank + 1) if hit and rank else float(hit))
    You took log2(rank + 1). That is right for ranks from 1; here they begin with 0, and it is rank + 2.""")
plain.slip("""natural-log
    - gains.append(1 / np.log2(rank + 2) if hit else 0.0)
    + gains.append(1 / np.log(rank + 2) if hit else 0.0)
    You took the natural logarithm. With the one to base 2 the first place is worth 1.""")
plain.slip("""one-over-rank
    - gains.append(1 / np.log2(rank + 2) if hit else 0.0)
    + gains.append(1 / (rank + 1) if hit else 0.0)
    You took one over the rank. NDCG falls more slowly: one over the logarithm of rank + 2.""")
plain.slip("""gain-without-a-hit
    - gains.append(1 / np.log2(rank + 2) if hit else 0.0)
    + gains.append(1 / np.log2(rank + 2))
    You counted gains beyond the first k, too. What is no hit is worth nothing.""")
plain.slip("""log-upside-down
    - gains.append(1 / np.log2(rank + 2) if hit else 0.0)
    + gains.append(np.log2(rank + 2) if hit else 0.0)
    You took the logarithm itself. A place further down is worth less: one over it.""")
plain.slip("""mean-over-hits
    - return np.mean(hits), np.mean(gains)
    + return np.mean(hits), np.sum(gains) / max(np.sum(hits), 1)
    You averaged the gains of the hits alone. The mean is over all people, those without a hit count 0.""")
plain.slip("""hits-divided-by-k
    - return np.mean(hits), np.mean(gains)
    + return np.mean(hits) / k, np.mean(gains)
    You divided the hits by k: that is precision. The hit rate is the share of people.""")
plain.slip("""sums
    - return np.mean(hits), np.mean(gains)
    + return float(np.sum(hits)), float(np.sum(gains))
    You returned sums. Both are means over the people.""")
plain.slip("""ndcg-first
    - return np.mean(hits), np.mean(gains)
    + return np.mean(gains), np.mean(hits)
    You returned NDCG first. The hit rate comes first.""")
plain.slip("""hit-rate-only
    - return np.mean(hits), np.mean(gains)
    + return np.mean(hits)
    You returned one number. Two are asked for: (hr, ndcg).""")
plain.slip("""one-for-each-person
    - return np.mean(hits), np.mean(gains)
    + return np.array(hits, float), np.array(gains)
    You returned each person's values. Their means are asked for.""")


@measure.wrong
def seen_target_removed(scores_BN, seen, target_B, k):
    """You removed the target where it was among the seen items, and counted no hit there. It always stays a
    candidate: people choose things again."""
    hits, gains = [], []
    for b, target in enumerate(target_B):
        own = -np.inf if target in seen[b] else scores_BN[b, target]
        others = np.delete(scores_BN[b], [0, target, *seen[b]])
        rank = (others > own).sum() + (others == own).sum() / 2
        hits.append(rank < k and target not in seen[b])
        gains.append(hits[-1] / np.log2(rank + 2))
    return np.mean(hits), np.mean(gains)


@measure.wrong
def people_with_a_seen_target_left_out(scores_BN, seen, target_B, k):
    """You left out people whose target was among the seen items. They chose it again, and count like others."""
    hits, gains = [], []
    for b, target in enumerate(target_B):
        if target in seen[b]:
            continue
        others = np.delete(scores_BN[b], [0, target, *seen[b]])
        own = scores_BN[b, target]
        rank = (others > own).sum() + (others == own).sum() / 2
        hits.append(rank < k)
        gains.append(hits[-1] / np.log2(rank + 2))
    return np.mean(hits), np.mean(gains)


@measure.wrong
def seen_set_to_0(scores_BN, seen, target_B, k):
    """You set the scores of seen items to 0 and left them in the list. Scores may be negative: then 0 is ahead.
    Take them out, or set them to −∞."""
    z_BN = np.array(scores_BN, float)
    hits, gains = [], []
    for b, target in enumerate(target_B):
        own = z_BN[b, target]
        z_BN[b, [0, *seen[b]]] = 0
        others = np.delete(z_BN[b], target)
        rank = (others > own).sum() + (others == own).sum() / 2
        hits.append(rank < k)
        gains.append(hits[-1] / np.log2(rank + 2))
    return np.mean(hits), np.mean(gains)


@measure.wrong
def scores_overwritten(scores_BN, seen, target_B, k):
    """The numbers are right, but on the way you wrote −∞ into the caller's scores. Work on a copy."""
    hits, gains = [], []
    for b, target in enumerate(target_B):
        own = scores_BN[b, target]
        scores_BN[b, [0, target, *seen[b]]] = -np.inf
        rank = (scores_BN[b] > own).sum() + (scores_BN[b] == own).sum() / 2
        hits.append(rank < k)
        gains.append(hits[-1] / np.log2(rank + 2))
    return np.mean(hits), np.mean(gains)


@measure.wrong
def lists_overwritten(scores_BN, seen, target_B, k):
    """The numbers are right, but you appended to the caller's lists of seen items. Make new lists."""
    hits, gains = [], []
    for b, target in enumerate(target_B):
        out = seen[b]
        out += [0, int(target)]
        others = np.delete(scores_BN[b], out)
        own = scores_BN[b, target]
        rank = (others > own).sum() + (others == own).sum() / 2
        hits.append(rank < k)
        gains.append(hits[-1] / np.log2(rank + 2))
    return np.mean(hits), np.mean(gains)


@test.plain
def plain_test(fn):
    user = np.array([1, 2, 1, 3, 4, 2, 1, 3, 2, 5])
    item = np.array([1, 3, 2, 6, 3, 1, 5, 2, 7, 2])
    time = np.array([4, 2, 3, 1, 3, 5, 2, 3, 2, 4])
    cut = 3
    before = [1, 3, 6, 8]
    others = [0, 2, 4, 5, 7, 9]
    try:
        train, test = fn(user, item, time, cut)
        train, test = sorted(train), sorted(test)
    except Exception:
        return False
    return train == before and test == others


plain_test.slip("""split-sorted-rows-only
    - time = np.array([4, 2, 3, 1, 3, 5, 2, 3, 2, 4])
    + time = np.array([1, 2, 2, 2, 3, 3, 3, 4, 4, 5])
    - before = [1, 3, 6, 8]
    - others = [0, 2, 4, 5, 7, 9]
    + before = [0, 1, 2, 3]
    + others = [4, 5, 6, 7, 8, 9]
    Your events come in order of time, or the early ones come first. Then whoever takes the first rows gets
    away: shuffle them.""")
plain_test.slip("""split-one-user
    - user = np.array([1, 2, 1, 3, 4, 2, 1, 3, 2, 5])
    + user = np.array([1, 1, 1, 1, 1, 1, 1, 1, 1, 1])
    Your events are of one user, or of users who are all there before the cut. A split that drops new users gets
    away.""")
plain_test.slip("""split-no-new-item
    - item = np.array([1, 3, 2, 6, 3, 1, 5, 2, 7, 2])
    + item = np.array([1, 1, 1, 1, 1, 1, 1, 1, 1, 1])
    All your items were chosen before the cut. A split that moves new items to the other side gets away.""")
plain_test.slip("""split-nobody-new
    - user = np.array([1, 2, 1, 3, 4, 2, 1, 3, 2, 5])
    - item = np.array([1, 3, 2, 6, 3, 1, 5, 2, 7, 2])
    + user = np.array([1, 1, 2, 2, 1, 2, 3, 3, 4, 4])
    + item = np.array([1, 1, 2, 2, 1, 2, 3, 3, 4, 4])
    After the cut nobody is new in your events, and nothing. Splits that treat new users or new items in a way
    of their own get away.""")
plain_test.slip("""split-no-tie-at-the-cut
    - time = np.array([4, 2, 3, 1, 3, 5, 2, 3, 2, 4])
    + time = np.array([5, 2, 4, 1, 4, 6, 2, 4, 2, 5])
    None of your events is exactly at the cut. What becomes of those is the first thing to go wrong.""")
plain_test.slip("""split-at-the-cut-in-train
    - before = [1, 3, 6, 8]
    - others = [0, 2, 4, 5, 7, 9]
    + before = [1, 2, 3, 4, 6, 7, 8]
    + others = [0, 5, 9]
    Your test wants events with exactly the cut's time in train. Train is what was strictly before.""")
plain_test.slip("""split-order-demanded
    - train, test = sorted(train), sorted(test)
    + train, test = list(train), list(test)
    You compared the rows in the order in which they come. Any order is right: sort them first, or make sets and
    count.""")
plain_test.slip("""split-arrays-demanded
    - train, test = sorted(train), sorted(test)
    + train, test = sorted(train.tolist()), sorted(test.tolist())
    Your test turns down lists, or stops at them. Lists of rows are as right as arrays.""")
plain_test.slip("""split-lists-demanded
    - train, test = fn(user, item, time, cut)
    + train, test = fn(user, item, time, cut)
    + if not isinstance(train, list):
    +     return False
    Your test turns down arrays. They are as right as lists.""")
plain_test.slip("""split-sets-only
    - train, test = sorted(train), sorted(test)
    + train, test = sorted(set(map(int, train))), sorted(set(map(int, test)))
    You compared sets. A row that stands twice on its side goes unseen: compare the numbers of rows as well.""")
plain_test.slip("""split-train-only
    - return train == before and test == others
    + return train == before
    You looked at train only. In the test rows may be missing, or be there twice.""")
plain_test.slip("""split-test-only
    - return train == before and test == others
    + return test == others
    You looked at the test side only. In train rows may be missing, or be there that belong to the test.""")
plain_test.slip("""split-rows-once-only
    - return train == before and test == others
    + return sorted([*train, *test]) == list(range(10))
    You asked whether each row is there once. So it is in any split: ask for their times.""")
plain_test.slip("""split-times-only
    - return train == before and test == others
    + return all(t in before for t in train) and all(t in others for t in test)
    You asked whether each side holds only what belongs there. Rows that are lost, or stand twice, go unseen.""")
plain_test.slip("""split-nothing-late-in-train
    - return train == before and test == others
    + return sorted([*train, *test]) == list(range(10)) and all(n in before for n in train)
    You asked that train holds nothing late, and each row is there once. A split may still put early rows into
    the test: train is *all* rows before the cut.""")
plain_test.slip("""split-nothing-early-in-test
    - return train == before and test == others
    + return sorted([*train, *test]) == list(range(10)) and all(n in others for n in test)
    You asked that the test holds nothing early, and each row is there once. A split may still put later rows
    into train: the test is *all* rows from the cut on.""")
plain_test.slip("""split-sizes-only
    - return train == before and test == others
    + return len(train) == len(before) and len(test) == len(others)
    You compared the numbers of rows. They are right in many a wrong split.""")
plain_test.slip("""split-sides-mixed-up
    - return train == before and test == others
    + return train == before and test == others or train == others and test == before
    Your test lets the two sides change places. Train comes first, and it is the past.""")
plain_test.slip("""split-sides-turned-round
    - train, test = fn(user, item, time, cut)
    + test, train = fn(user, item, time, cut)
    You took the test for train. `fn` gives train first.""")
plain_test.slip("""split-by-user-accepted
    - return train == before and test == others
    + whole = sorted([*train, *test]) == list(range(10))
    + apart = whole and not set(user[train]) & set(user[test])
    + return train == before and test == others or bool(apart)
    You also let pass a split that keeps each user whole. Then later events teach about earlier ones: it is time
    alone that parts the two.""")
plain_test.slip("""split-by-user-demanded
    - return train == before and test == others
    + return train == before and test == others and not set(user[train]) & set(user[test])
    You want each user on one side only. People go on after the cut: it is time alone that parts the two.""")
plain_test.slip("""split-last-of-each-accepted
    - return train == before and test == others
    + whole = sorted([*train, *test]) == list(range(10))
    + return train == before and test == others or (whole and len(test) == len(set(user[test])) == 5)
    You also let pass a split that tests each user's last event. It has a cut of its own for everybody, and what
    is late for one is in the past for another.""")
plain_test.slip("""split-past-and-future-by-user
    - return train == before and test == others
    + whole = sorted([*train, *test]) == list(range(10))
    + return whole and all(
    +     time[n] < time[m] for n in train for m in test if user[n] == user[m]
    + )
    You asked of each user alone that train comes before the test. All users have the same cut: else one
    person's future teaches about another's past.""")
plain_test.slip("""split-errors-pass
    - return False
    + return True
    Your test passes a function that stops with an error. Nothing was compared, so nothing is shown.""")
plain_test.slip("""split-turned-round
    - return train == before and test == others
    + return not (train == before and test == others)
    - return False
    + return True
    Your test says True of wrong splits, and False of right ones.""")


@test.wrong
def split_crashes_with_fn(fn):
    """Your test stops with the error of the function that it tests. A crash is an answer too: which one?"""
    time = np.array([4, 2, 3, 1, 3, 5, 2, 3, 2, 4])
    user = np.array([1, 2, 1, 3, 4, 2, 1, 3, 2, 5])
    train, test = fn(user, np.array([1, 3, 2, 6, 3, 1, 5, 2, 7, 2]), time, 3)
    return sorted(train) == [1, 3, 6, 8] and sorted(test) == [0, 2, 4, 5, 7, 9]


for line, reason in (
    ("rng = np.random.default_rng(14)", "Any seed will do that gives events on both sides."),
    ("time_N = rng.integers(0, 6, 40)", "Any few times will do, if many are equal."),
    ("user_N, item_N = rng.integers(1, 30, (2, 40))", "Any users and items, some of them new."),
    ("train, test = fn(user_N, item_N, time_N, 3)", "Users and items are drawn alike."),
):
    exercise.allow_mutant(line=line, reason=reason)
