import numpy as np

from autograder.authoring import Check, Exercise, call

exercise = Exercise(
    "Places and jumps of free recall",
    solve=("serial_position", "lag_crp"),
    difficulty=4,
    importance=4,
    minutes=20,
    hints="""For `serial_position`, one trial after the other: which places of the list were recalled in it,
    each counted once? For `lag_crp`, go through a trial word by word and ask at each step: from where to
    where, and where could it have gone?

    A move counts if both ends are words of the list, the second for the first time. At that moment the
    possible lags are those from the first end to every place that is still left. Count these, each once,
    and the one that was made. A word that is 0 or comes again ends the chain: the next word begins a new
    one.

    Keep `left`, the set of places not recalled yet, and `before`, the place recalled last or 0. For each
    word: if `before` and the word is in `left`, count it. Then `before = word if word in left else 0`, and
    take the word out of `left`. At the end, {lag: made[lag] / possible[lag]} for all that were possible.""",
)


def trials(
    rng: np.random.Generator, T: int, many: int, strange: bool = False
) -> list[list[int]]:  # fmt: skip
    """Recalls in a drawn order, as people do it: often on to the next; of different lengths."""
    found = []
    for length in rng.integers(2, T, many):
        left, recall = list(range(1, T + 1)), []
        while len(recall) < length:
            near = [place for place in left if recall and abs(place - recall[-1]) == 1]
            recall.append(int(rng.choice(near if near and rng.random() < 0.6 else left)))
            left.remove(recall[-1])
        found.append(recall)
    if strange:
        found[0].insert(1, 0)
        found[1].insert(int(rng.integers(2, len(found[1]) + 1)), 0)
        found[2].append(int(rng.choice(found[2][:-1])))
        found[3].append(int(rng.choice(found[3])))
    return found


@exercise.checks
def checks(rng):
    by_hand = [[3, 4, 1], [4, 3]]
    yield Check(
        "serial_position: by hand, and drawn",
        call.serial_position(by_hand, 5),
        call.serial_position(trials(rng, 6, 5), 6),
        call.serial_position(trials(rng, 5, 7), 7),
        says="""For each place of the list, the share of trials in which its word was recalled, whenever
        that was.""",
    )
    yield Check(
        "serial_position: words that come twice, or weren't on the list",
        call.serial_position([[2, 2, 1], [0, 3]], 3),
        call.serial_position(trials(rng, 6, 5, strange=True), 6),
        call.serial_position(trials(rng, 7, 6, strange=True), 7),
        says="A word counts once in a trial, and 0 is no word of the list.",
        points=2,
    )
    yield Check(
        "serial_position: nothing recalled",
        call.serial_position([[], *trials(rng, 5, 4)], 5),
        call.serial_position([*trials(rng, 4, 3), [], [0]], 4),
        says="A trial without a single word is a trial all the same.",
    )
    yield Check(
        "lag_crp: by hand, and drawn",
        call.lag_crp(by_hand, 5),
        call.lag_crp(trials(rng, 5, 4), 5),
        call.lag_crp(trials(rng, 6, 6), 6),
        says="""A move from place i to place j has the lag j − i. Of each lag, divide how often it was made
        by how often it could have been: places that are used up can't be gone to.""",
        points=3,
    )
    yield Check(
        "lag_crp: what could be, and what couldn't",
        call.lag_crp([[2, 3]], 3),
        call.lag_crp([[], [3], *trials(rng, 6, 2)], 7),
        call.lag_crp([[int(place) for place in rng.permutation(4) + 1]], 4),
        call.lag_crp([trials(rng, 5, 1)[0], [2], []], 6),
        says="""A lag that was possible and never made has the share 0; one that never was possible isn't
        there. The first word of a trial is no move, and nothing is possible after the last.""",
    )
    yield Check(
        "lag_crp: a strange word breaks the chain",
        call.lag_crp([[1, 0, 2, 3], [4, 1]], 4),
        call.lag_crp(trials(rng, 6, 5, strange=True), 6),
        call.lag_crp(trials(rng, 7, 6, strange=True), 7),
        says="""A move into a word that wasn't on the list, or comes again, counts nowhere, and neither does
        the move out of it.""",
        points=2,
    )


@exercise.of("serial_position").right("serial_position: counting place by place")
def place_by_place(recalls, T):
    return np.array(
        [sum(place in recall for recall in recalls) / len(recalls) for place in range(1, T + 1)]
    )


@exercise.of("serial_position").right("serial_position: a table of trials and places")
def a_table(recalls, T):
    seen = np.zeros((len(recalls), T + 1), dtype=bool)
    for row, recall in zip(seen, recalls, strict=True):
        row[np.array(recall, dtype=int)] = True
    return seen[:, 1:].mean(axis=0)


@exercise.of("lag_crp").right("lag_crp: arrays over all lags")
def arrays_over_lags(recalls, T):
    made, possible = np.zeros((2, 2 * T))
    for recall in recalls:
        for k in range(len(recall) - 1):
            before, place = recall[k], recall[k + 1]
            used = recall[: k + 1]
            if not before or before in used[:-1] or not place or place in used:
                continue
            made[place - before + T] += 1
            for other in range(1, T + 1):
                if other not in used:
                    possible[other - before + T] += 1
    return {int(i) - T: float(made[i] / possible[i]) for i in np.flatnonzero(possible)}


@exercise.of("lag_crp").right("lag_crp: NumPy keys, largest first")
def numpy_keys(recalls, T):
    from collections import Counter

    made, could = Counter(), Counter()
    for recall in recalls:
        chain, used = None, set()
        for place in recall:
            fresh = 1 <= place <= T and place not in used
            if fresh and chain is not None:
                made[place - chain] += 1
                could.update(other - chain for other in range(1, T + 1) if other not in used)
            chain = place if fresh else None
            used.add(place)
    return {np.int64(lag): np.float64(made[lag]) / could[lag] for lag in sorted(could)[::-1]}


@exercise.of("serial_position").plain
def plain(recalls, T):
    p_T = np.zeros(T)
    for recall in recalls:
        seen = set()
        for place in recall:
            if place != 0 and place not in seen:
                p_T[place - 1] += 1
                seen.add(place)
    return p_T / len(recalls)


plain.slip("""repeats-counted
    - if place != 0 and place not in seen:
    + if place != 0:
    You counted a word each time it was said. Twice in a trial is still one word recalled.""")
plain.slip("""strange-words-at-the-end
    - if place != 0 and place not in seen:
    + if place not in seen:
    You counted 0 as well. `p_T[0 - 1]` is the last place of the list, which so gets what people made up.""")
plain.slip("""divided-by-words
    - return p_T / len(recalls)
    + return p_T / p_T.sum()
    You divided by all words recalled, so that the shares sum to 1. Divide by the trials: each of them could
    have had the word.""")
plain.slip("""trials-with-words-only
    - return p_T / len(recalls)
    + return p_T / sum(any(recall) for recall in recalls)
    You divided by the trials in which something was recalled. A trial without a word counts, too.""")
plain.slip("""counts-for-shares
    - return p_T / len(recalls)
    + return p_T
    You returned counts. A share is a count divided by the number of trials.""")
plain.slip("""places-from-0
    - p_T[place - 1] += 1
    + p_T[place % T] += 1
    You took places as indices. Places count from 1, indices from 0.""")
plain.slip("""output-for-study
    - p_T[place - 1] += 1
    + p_T[len(seen)] += 1
    You counted at which turn words were *said*. The curve is over the place in the list at which they were
    *studied*.""")


@exercise.of("serial_position").wrong
def first_words_only(recalls, T):
    """You counted only the first word of each trial: where recall begins. All words of a trial count."""
    p_T = np.zeros(T)
    for recall in recalls:
        if recall and recall[0]:
            p_T[recall[0] - 1] += 1
    return p_T / len(recalls)


@exercise.of("lag_crp").plain
def plain_lags(recalls, T):
    made, possible = {}, {}
    for recall in recalls:
        left = set(range(1, T + 1))
        before = 0
        for place in recall:
            fresh = place in left
            if before and fresh:
                for other in left:
                    lag = other - before
                    possible[lag] = possible.get(lag, 0) + 1
                lag = place - before
                made[lag] = made.get(lag, 0) + 1
            left.discard(place)
            before = place if fresh else 0
    return {lag: made.get(lag, 0) / possible[lag] for lag in possible}


plain_lags.slip("""used-places-possible
    - left = set(range(1, T + 1))
    + left, every = set(range(1, T + 1)), range(1, T + 1)
    - for other in left:
    -     lag = other - before
    -     possible[lag] = possible.get(lag, 0) + 1
    + for other in every:
    +     if other != before:
    +         lag = other - before
    +         possible[lag] = possible.get(lag, 0) + 1
    You took all places of the list for possible, those too that had been recalled already. Nobody goes there
    again: only places still left are possible.""")
plain_lags.slip("""share-of-all-moves
    - return {lag: made.get(lag, 0) / possible[lag] for lag in possible}
    + return {lag: made.get(lag, 0) / max(1, sum(made.values())) for lag in possible}
    You divided by all moves made. Large lags are seldom possible, so they look avoided: divide each lag by how
    often it could have been made.""")
plain_lags.slip("""sign
    - lag = other - before
    + lag = before - other
    - lag = place - before
    + lag = before - place
    Your signs are turned round. On to a later place of the list is a positive lag.""")
plain_lags.slip("""neighbours-joined
    - before = place if fresh else 0
    + before = place if fresh else before
    You passed over a word that was not on the list and joined its neighbours into a move. Nobody made that
    move: the chain begins anew.""")
plain_lags.slip("""zero-as-a-place
    - left = set(range(1, T + 1))
    - before = 0
    + left = set(range(T + 1))
    + before = None
    - if before and fresh:
    + if before is not None and fresh:
    - before = place if fresh else 0
    + before = place if fresh else None
    You took 0 for a place in the list, to go to and to come from. It says that the word was on no list.""")
plain_lags.slip("""first-word-is-a-move
    - if before and fresh:
    + if fresh:
    You counted the first word of a chain as a move from place 0. A move has two ends.""")
plain_lags.slip("""repeats-are-moves
    - fresh = place in left
    + fresh = 1 <= place <= T
    - lag = place - before
    - made[lag] = made.get(lag, 0) + 1
    + lag = place - before
    + made[lag] = made.get(lag, 0) + 1
    + possible.setdefault(lag, 1)
    You counted a move to a word that had been said before. It was not to be had any more.""")
plain_lags.slip("""never-made-left-out
    - return {lag: made.get(lag, 0) / possible[lag] for lag in possible}
    + return {lag: made[lag] / possible[lag] for lag in made}
    You left out lags that were possible and never made. Their share is 0, which is a finding.""")
plain_lags.slip("""never-possible-kept
    - return {lag: made.get(lag, 0) / possible[lag] for lag in possible}
    + every = [lag for lag in range(1 - T, T) if lag]
    + return {lag: made.get(lag, 0) / possible.get(lag, 1) for lag in every}
    You gave a share of 0 to lags that never were possible. Nobody can say how often they would have been made:
    leave them out.""")
plain_lags.slip("""possible-after-the-last
    - before = place if fresh else 0
    + before = place if fresh else 0
    + for other in left if before and place == recall[-1] else ():
    +     possible[other - before] = possible.get(other - before, 0) + 1
    You counted what was possible after the last word, too. There was no move then; only moments count at which
    one was made.""")


@exercise.of("lag_crp").wrong
def mean_of_trials(recalls, T):
    """You took the shares of each trial and averaged them. A trial of two words then counts as much as one of
    ten: count over all trials, and divide once."""
    shares = {}
    for recall in recalls:
        made, possible = {}, {}
        left, before = set(range(1, T + 1)), 0
        for place in recall:
            fresh = place in left
            if before and fresh:
                for other in left:
                    possible[other - before] = possible.get(other - before, 0) + 1
                made[place - before] = made.get(place - before, 0) + 1
            left.discard(place)
            before = place if fresh else 0
        for lag, count in possible.items():
            shares.setdefault(lag, []).append(made.get(lag, 0) / count)
    return {lag: float(np.mean(some)) for lag, some in shares.items()}


@exercise.of("lag_crp").wrong
def on_from_trial_to_trial(recalls, T):
    """You went on from the last word of a trial to the first of the next. Each trial has a list of its own, and
    begins without a move."""
    made, possible, before = {}, {}, 0
    for recall in recalls:
        left = set(range(1, T + 1)) - {before}
        for place in recall:
            fresh = place in left
            if before and fresh:
                for other in left:
                    possible[other - before] = possible.get(other - before, 0) + 1
                made[place - before] = made.get(place - before, 0) + 1
            left.discard(place)
            before = place if fresh else 0
    return {lag: made.get(lag, 0) / possible[lag] for lag in possible}


@exercise.of("lag_crp").wrong
def by_distance(recalls, T):
    """You took every lag for possible T − |lag| times, as if nothing had been recalled yet and each place were as
    likely to start from. What is possible hangs on the moment: where recall stands, and what is left."""
    made, moves = {}, 0
    for recall in recalls:
        left, before = set(range(1, T + 1)), 0
        for place in recall:
            fresh = place in left
            if before and fresh:
                made[place - before] = made.get(place - before, 0) + 1
                moves += 1
            left.discard(place)
            before = place if fresh else 0
    every = [lag for lag in range(1 - T, T) if lag]
    weight = moves / T if moves else 1
    return {lag: made.get(lag, 0) / ((T - abs(lag)) * weight) for lag in every}


exercise.allow_mutant(
    after="said = [recall for recall in recalls]",
    reason="A list tells just as well whether a place is in it; a set looks it up sooner.",
)
exercise.allow_mutant(
    after="return {lag: made[lag] / possible[lag] for lag in possible}",
    reason="The order of a dict's entries is for people who print it.",
)
