import numpy as np

from autograder.authoring import Check, Exercise, call, every_layout, read_only

exercise = Exercise(
    "Who answers: the bank or a human",
    solve=("route", "fit_threshold"),
    difficulty=3,
    importance=4,
    minutes=15,
    hints="""A cosine compares directions: what has to be done to the lengths first? For `fit_threshold`,
    lay the scores out in order, the lowest first. Move τ up from the left: who goes to a human, and when
    have too many gone?

    Divide each vector by its length; one matrix product then gives every cosine, (B, N). Each row has a
    largest one, in some column. For the threshold: of N questions share · N may go, rounded down. These are
    the lowest; τ can be as high as the first of all others, for who has exactly τ is answered.

    `np.linalg.norm(q_BD, axis=1, keepdims=True)` are the lengths. For each row of cosines, `labels[row.argmax()]
    if row.max() >= tau else "human"`. And `np.sort(s_N)[int(share * len(s_N))]` is the threshold.""",
)

TOPICS = (
    "roof",
    "tax",
    "noise",
    "permits",
    "wet walls",
    "VAT",
    "heating",
    "a garden fence",
    "rent",
)


def desk(
    rng: np.random.Generator, B: int, N: int, D: int, humans: int, kinds: int = 4
) -> tuple[np.ndarray, np.ndarray, list[str], float]:
    """Questions near entries of a bank, of unlike lengths; so many of them fall short of tau.

    Each question's nearest entry, and tau, stand apart from what comes next.
    """
    while True:
        bank_ND = np.round(rng.normal(size=(N, D)) * rng.uniform(0.4, 3, (N, 1)), 2)
        near_B = rng.integers(N, size=B)
        off_B1 = rng.uniform(0.3, 1.1, (B, 1))
        q_BD = bank_ND[near_B] / np.linalg.norm(bank_ND[near_B], axis=1, keepdims=True)
        q_BD = (q_BD + off_B1 * rng.normal(size=(B, D))) * 2.0 ** rng.uniform(-3, 2, (B, 1))
        q_BD = np.round(q_BD, 3)
        cos_BN = (q_BD / np.linalg.norm(q_BD, axis=1, keepdims=True)) @ (
            bank_ND / np.linalg.norm(bank_ND, axis=1, keepdims=True)
        ).T
        ordered_BN = np.sort(cos_BN, axis=1)
        top_B = np.sort(ordered_BN[:, -1])
        tau = float(np.round((top_B[humans - 1] + top_B[humans]) / 2 if humans else -0.5, 3))
        apart = (ordered_BN[:, -1] - ordered_BN[:, -2]).min() > 5e-3
        if apart and abs(top_B - tau).min() > 5e-3 and len({*near_B.tolist()}) > 1:
            break
    names = [str(name) for name in rng.permutation(TOPICS)[:kinds]]
    labels = [names[n] for n in rng.permutation(np.arange(N) % kinds)]
    return q_BD, bank_ND, labels, tau


def at_exactly(
    rng: np.random.Generator, tau: float
) -> tuple[np.ndarray, np.ndarray, list[str], float]:
    """Four questions whose highest cosines are 1, ½, ½ and 0, free of rounding; equal ones as well."""
    axes = rng.permutation(8)
    bank_ND = np.zeros((6, 8))
    for row, (axis, length) in enumerate(zip(axes, (2, 4, 1, 4, 2, 8), strict=False)):
        bank_ND[row, axis] = length
    q_BD = np.zeros((4, 8))
    q_BD[0, axes[3]] = 2
    q_BD[1, axes[[1, 2, 4, 5]]] = 1, 1, -1, 1
    q_BD[2, axes[[0, 5, 6, 7]]] = -2, 2, 2, -2
    q_BD[3, axes[[6, 7]]] = 0, 4
    order = rng.permutation(4)
    return q_BD[order], bank_ND, [str(name) for name in rng.permutation(TOPICS)[:6]], tau


def scores(rng: np.random.Generator, N: int, kinds: int = 0) -> np.ndarray:
    """Highest cosines in a drawn order, all different, or of so many kinds."""
    s_N = rng.choice(np.arange(20, 96), kinds or N, replace=False) / 100
    return rng.choice(s_N, N) if kinds else s_N


@exercise.checks
def checks(rng):
    bank_ND = np.array([[3.0, 0.0], [0.6, 0.8], [0.0, 0.5]])
    q_BD = np.array([[1.0, 0.1], [0.3, 2.0], [-1.0, 0.2]])
    yield Check(
        "route: the highest cosine",
        call.route(q_BD, bank_ND, ["rent", "noise", "roof"], -1.0),
        call.route(*desk(rng, 5, 7, 3, 0)),
        call.route(*desk(rng, 6, 4, 5, 0)),
        says="""The entry whose direction is closest to the question's; long vectors are no closer than
        short ones.""",
    )
    few, more = (int(n) for n in rng.permutation([2, 3]))
    yield Check(
        "route: below tau, a human",
        call.route(q_BD, bank_ND, ["rent", "noise", "roof"], 0.5),
        call.route(*desk(rng, 5, 7, 3, few)),
        call.route(*desk(rng, 7, 4, 6, more)),
        says="Where even the best entry has a cosine below tau, a human answers.",
        points=2,
    )
    yield Check(
        "route: entries that share a label",
        call.route(*desk(rng, 6, 8, 4, 1, kinds=3)),
        call.route(*desk(rng, 7, 9, 5, int(rng.integers(1, 4)), kinds=2)),
        says="""One entry decides, the closest, whatever the others of its label are like. Its label comes
        back as it stands in the list.""",
    )
    yield Check(
        "route: exactly tau, and equally close",
        call.route(*at_exactly(rng, 0.5)),
        call.route(*at_exactly(rng, 1.0)),
        call.route(*at_exactly(rng, 0.0)),
        says="Who has exactly tau is answered. Of entries that are equally close the first one counts.",
    )
    yield Check(
        "route: any arrays, left alone",
        *every_layout(call.route(*desk(rng, 6, 7, 5, 2))),
        says="The vectors are still needed at the lengths that they have.",
        judges="inputs untouched",
    )
    by_hand = np.array([0.7, 0.3, 0.9, 0.5, 0.8])
    yield Check(
        "fit_threshold: as high as can be",
        call.fit_threshold(by_hand, 0.3),
        call.fit_threshold(scores(rng, 11), float(rng.choice([0.3, 0.5, 0.6]))),
        call.fit_threshold(scores(rng, 9), float(rng.choice([0.15, 0.4, 0.7]))),
        says="""Of five questions 0.3 · 5 = 1.5 may go to a human, so one: τ = 0.5 sends the lowest away, and
        a hair more would send a second.""",
        points=2,
    )
    yield Check(
        "fit_threshold: nobody, or nearly all",
        call.fit_threshold(by_hand, 0.1),
        call.fit_threshold(scores(rng, 8), float(rng.choice([0.05, 0.11]))),
        call.fit_threshold(scores(rng, 13), float(rng.choice([0.95, 0.97]))),
        says="Less than one question is none: then tau is the lowest score. And share is below 1.",
    )
    yield Check(
        "fit_threshold: equal scores",
        call.fit_threshold(np.array([0.5, 0.7, 0.5, 0.9, 0.5, 0.7]), 0.4),
        call.fit_threshold(scores(rng, 17, 6), float(rng.choice([0.23, 0.33]))),
        call.fit_threshold(scores(rng, 19, 6), float(rng.choice([0.45, 0.55, 0.7]))),
        says="""Equal scores go together: if all of them are too many, none goes. Each of them is a
        question all the same.""",
    )
    yield Check(
        "fit_threshold: any arrays, left alone",
        *every_layout(call.fit_threshold(scores(rng, 12), float(rng.choice([0.22, 0.3, 0.7])))),
        call.fit_threshold(read_only(scores(rng, 14)), float(rng.choice([0.25, 0.53, 0.6]))),
        says="The scores are still needed in their order.",
        judges="inputs untouched",
    )


@exercise.of("route").right("route: a loop over questions and entries")
def a_loop(q_BD, bank_ND, labels, tau):
    answers = []
    for q_D in q_BD:
        best, label = -2.0, "human"
        for entry_D, name in zip(bank_ND, labels, strict=True):
            cos = float(q_D @ entry_D) / (float(q_D @ q_D) * float(entry_D @ entry_D)) ** 0.5
            if cos > best:
                best, label = cos, name
        answers.append(label if best >= tau else "human")
    return answers


@exercise.of("route").right("route: SciPy's cosine distance")
def by_cdist(q_BD, bank_ND, labels, tau):
    from scipy.spatial.distance import cdist

    far_BN = cdist(q_BD, bank_ND, "cosine")
    return [
        labels[n] if 1 - far <= 2 and 1 - far >= tau else "human"
        for n, far in zip(far_BN.argmin(axis=1).tolist(), far_BN.min(axis=1), strict=True)
    ]


@exercise.of("route").right("route: einsum, and np.where at the end")
def einsum_and_where(q_BD, bank_ND, labels, tau):
    lengths_BN = np.linalg.norm(q_BD, axis=1)[:, None] * np.linalg.norm(bank_ND, axis=1)
    cos_BN = np.einsum("bd,nd->bn", q_BD, bank_ND) / lengths_BN
    names = np.array(labels)[np.argmax(cos_BN, axis=1)]
    return list(np.where(cos_BN.max(axis=1) < tau, "human", names))


@exercise.of("fit_threshold").right("fit_threshold: np.partition")
def by_partition(s_N, share):
    place = int(np.floor(share * len(s_N)))
    return np.partition(s_N, place)[place]


@exercise.of("fit_threshold").right("fit_threshold: each score tried")
def each_score_tried(s_N, share):
    return max(float(tau) for tau in s_N if sum(s < tau for s in s_N) <= share * len(s_N))


@exercise.of("fit_threshold").right("fit_threshold: a quantile that doesn't interpolate")
def by_quantile(s_N, share):
    return np.quantile(s_N, share, method="inverted_cdf")


@exercise.of("route").plain
def plain(q_BD, bank_ND, labels, tau):
    q = q_BD / np.linalg.norm(q_BD, axis=1, keepdims=True)
    bank = bank_ND / np.linalg.norm(bank_ND, axis=1, keepdims=True)
    cos = q @ bank.T
    answers = []
    for row in cos:
        n = row.argmax()
        if row[n] >= tau:
            answers.append(labels[n])
        else:
            answers.append("human")
    return answers


plain.slip("""dot-product
    - q = q_BD / np.linalg.norm(q_BD, axis=1, keepdims=True)
    - bank = bank_ND / np.linalg.norm(bank_ND, axis=1, keepdims=True)
    + q, bank = q_BD, bank_ND
    You took dot products. A long vector has large ones with everybody: divide by both lengths to compare
    directions.""")
plain.slip("""bank-not-normalised
    - bank = bank_ND / np.linalg.norm(bank_ND, axis=1, keepdims=True)
    + bank = bank_ND
    You divided by the questions' lengths, but not by the entries'. Long entries then win questions that
    others are closer to.""")
plain.slip("""questions-not-normalised
    - q = q_BD / np.linalg.norm(q_BD, axis=1, keepdims=True)
    + q = q_BD
    You divided by the entries' lengths, but not by the questions'. The winner is the same; what is compared
    with tau is not a cosine.""")
plain.slip("""normalised-over-rows
    - q = q_BD / np.linalg.norm(q_BD, axis=1, keepdims=True)
    - bank = bank_ND / np.linalg.norm(bank_ND, axis=1, keepdims=True)
    + q = q_BD / np.linalg.norm(q_BD, axis=0, keepdims=True)
    + bank = bank_ND / np.linalg.norm(bank_ND, axis=0, keepdims=True)
    You divided each column by its length. It is the vectors, the rows, that are to have length 1.""")
plain.slip("""one-length-for-all
    - q = q_BD / np.linalg.norm(q_BD, axis=1, keepdims=True)
    - bank = bank_ND / np.linalg.norm(bank_ND, axis=1, keepdims=True)
    + q = q_BD / np.linalg.norm(q_BD)
    + bank = bank_ND / np.linalg.norm(bank_ND)
    You divided by the length of the whole table. Each row has a length of its own.""")
plain.slip("""sums-for-lengths
    - q = q_BD / np.linalg.norm(q_BD, axis=1, keepdims=True)
    - bank = bank_ND / np.linalg.norm(bank_ND, axis=1, keepdims=True)
    + q = q_BD / np.abs(q_BD).sum(axis=1, keepdims=True)
    + bank = bank_ND / np.abs(bank_ND).sum(axis=1, keepdims=True)
    You divided by sums of absolute values. The length in a cosine is the root of the sum of squares.""")
plain.slip("""squared-lengths
    - q = q_BD / np.linalg.norm(q_BD, axis=1, keepdims=True)
    - bank = bank_ND / np.linalg.norm(bank_ND, axis=1, keepdims=True)
    + q = q_BD / (q_BD**2).sum(axis=1, keepdims=True)
    + bank = bank_ND / (bank_ND**2).sum(axis=1, keepdims=True)
    You divided by squared lengths. Take the root: short vectors otherwise come out ahead.""")
plain.slip("""comparison-reversed
    - if row[n] >= tau:
    + if row[n] <= tau:
    Your comparison is reversed: a high cosine means that the bank knows the answer, a low one that a human
    is needed.""")
plain.slip("""exactly-tau-to-a-human
    - if row[n] >= tau:
    + if row[n] > tau:
    You sent a question with exactly tau to a human. It is answered.""")
plain.slip("""tau-on-the-distance
    - if row[n] >= tau:
    + if 1 - row[n] <= tau:
    You compared tau with 1 − cosine, a distance. Here tau is a cosine, and large means near.""")
plain.slip("""tau-ignored
    - if row[n] >= tau:
    + if row[n] >= -1.0 or tau > 1:
    You never used tau: somebody always gets the question, however far off the nearest entry is.""")
plain.slip("""farthest-entry
    - n = row.argmax()
    - if row[n] >= tau:
    + n = row.argmin()
    + if row.max() >= tau:
    You took the entry with the lowest cosine. Near means a high cosine.""")
plain.slip("""size-of-the-cosine
    - n = row.argmax()
    - if row[n] >= tau:
    + row = np.abs(row)
    + n = row.argmax()
    + if row[n] >= tau:
    You took the cosine without its sign. An entry that points the other way, cosine −1, is as far off as
    can be.""")
plain.slip("""last-of-equals
    - n = row.argmax()
    + n = len(row) - 1 - row[::-1].argmax()
    Of entries that are equally close you took the last. The first one counts.""")
plain.slip("""nearest-question-for-each-entry
    - for row in cos:
    + for row in cos.T[: len(q_BD)]:
    -     if row[n] >= tau:
    -         answers.append(labels[n])
    +     if row[n] >= tau:
    +         answers.append(labels[n % len(labels)])
    You went through the bank and looked for each entry's nearest question. It is the questions that want an
    answer each.""")
plain.slip("""index-for-label
    - answers.append(labels[n])
    + answers.append(int(n))
    You returned the entry's number. What is asked for is its label.""")
plain.slip("""None-for-human
    - answers.append("human")
    + answers.append(None)
    You returned something else than "human" for questions that nobody in the bank answers. The word is
    compared letter by letter.""")
plain.slip("""questions-left-out
    - else:
    -     answers.append("human")
    You left out the questions that go to a human. Each question has a place in the list, and theirs holds
    "human".""")
plain.slip("""one-for-all
    - for row in cos:
    -     n = row.argmax()
    -     if row[n] >= tau:
    -         answers.append(labels[n])
    -     else:
    -         answers.append("human")
    + n = cos.max(axis=0).argmax()
    + answers = [labels[n] if cos.max() >= tau else "human"] * len(cos)
    You found one best entry for the whole batch. Each question has a best one of its own.""")
plain.slip("""one-human-for-all
    - if row[n] >= tau:
    + if cos.max(axis=1).min() >= tau:
    One question below tau sent the whole batch to a human. Each is decided for itself.""")
plain.slip("""an-array-for-a-list
    - return answers
    + return np.array(answers)
    You returned an array. A list is asked for.""")
plain.slip("""normalised-in-place
    - q = q_BD / np.linalg.norm(q_BD, axis=1, keepdims=True)
    - bank = bank_ND / np.linalg.norm(bank_ND, axis=1, keepdims=True)
    + q_BD /= np.linalg.norm(q_BD, axis=1, keepdims=True)
    + bank_ND /= np.linalg.norm(bank_ND, axis=1, keepdims=True)
    + q, bank = q_BD, bank_ND
    The labels are right, but `/=` wrote the new lengths into the caller's vectors. Make new arrays.""")


@exercise.of("route").wrong
def mean_of_a_label(q_BD, bank_ND, labels, tau):
    """You compared questions with the mean of each label's entries. Entries of one label may lie far apart,
    and the closest single one decides."""
    names = list(dict.fromkeys(labels))
    bank = bank_ND / np.linalg.norm(bank_ND, axis=1, keepdims=True)
    means = np.array([bank[[n == name for n in labels]].mean(axis=0) for name in names])
    means = means / np.linalg.norm(means, axis=1, keepdims=True)
    cos = q_BD @ means.T / np.linalg.norm(q_BD, axis=1, keepdims=True)
    return [names[row.argmax()] if row.max() >= tau else "human" for row in cos]


@exercise.of("route").wrong
def mean_cosine_of_a_label(q_BD, bank_ND, labels, tau):
    """You averaged the cosines of each label's entries. One close entry is enough, however far off the others
    of its label are."""
    q = q_BD / np.linalg.norm(q_BD, axis=1, keepdims=True)
    cos = q @ (bank_ND / np.linalg.norm(bank_ND, axis=1, keepdims=True)).T
    names = list(dict.fromkeys(labels))
    of = np.array([[n == name for n in labels] for name in names], float)
    cos = cos @ (of / of.sum(axis=1, keepdims=True)).T
    return [names[row.argmax()] if row.max() >= tau else "human" for row in cos]


@exercise.of("route").wrong
def vote_of_three(q_BD, bank_ND, labels, tau):
    """You let the three closest entries vote. The closest one decides alone."""
    q = q_BD / np.linalg.norm(q_BD, axis=1, keepdims=True)
    cos = q @ (bank_ND / np.linalg.norm(bank_ND, axis=1, keepdims=True)).T
    answers = []
    for row in cos:
        three = [labels[n] for n in np.argsort(-row, kind="stable")[:3]]
        winner = max(three, key=three.count)
        answers.append(winner if row.max() >= tau else "human")
    return answers


@exercise.of("route").wrong
def nearest_by_straight_line(q_BD, bank_ND, labels, tau):
    """You took the entry at the smallest straight-line distance and compared tau with its cosine. For vectors of
    unlike lengths that may be another entry than the one with the highest cosine."""
    far = np.linalg.norm(q_BD[:, None] - bank_ND, axis=2)
    best = far.argmin(axis=1)
    dot = (q_BD * bank_ND[best]).sum(axis=1)
    cos = dot / np.linalg.norm(q_BD, axis=1) / np.linalg.norm(bank_ND[best], axis=1)
    return [labels[n] if c >= tau else "human" for n, c in zip(best, cos, strict=True)]


@exercise.of("route").wrong
def human_cut_short(q_BD, bank_ND, labels, tau):
    """You wrote "human" into an array of strings. NumPy's strings have a fixed width, here that of the longest
    label, and what is longer is cut off. Put the answers into a list."""
    q = q_BD / np.linalg.norm(q_BD, axis=1, keepdims=True)
    cos = q @ (bank_ND / np.linalg.norm(bank_ND, axis=1, keepdims=True)).T
    answers = np.array([labels[n] for n in cos.argmax(axis=1)])
    answers[cos.max(axis=1) < tau] = "human"
    return answers.tolist()


@exercise.of("fit_threshold").plain
def plain_threshold(s_N, share):
    ordered = np.sort(s_N)
    most = int(share * len(s_N))
    return float(ordered[most])


plain_threshold.slip("""wrong-side
    - ordered = np.sort(s_N)
    + ordered = np.sort(s_N)[::-1]
    You counted from the highest score, so that only a share of the questions is answered. `share` is how many may
    go to a human, at most, and those are the lowest.""")
plain_threshold.slip("""one-more-lost
    - most = int(share * len(s_N))
    + most = min(int(np.ceil(share * len(s_N))), len(s_N) - 1)
    You rounded up: one question more goes to a human than may. A bound is kept by rounding down.""")
plain_threshold.slip("""rounded-to-the-nearest
    - most = int(share * len(s_N))
    + most = min(round(share * len(s_N)), len(s_N) - 1)
    You rounded to the nearest whole number, and so sometimes up. Then more go to a human than may.""")
plain_threshold.slip("""one-fewer
    - most = int(share * len(s_N))
    + most = max(int(share * len(s_N)) - 1, 0)
    Your threshold is one score too low: one more could go to a human. Who has exactly tau is answered, so
    tau may be the first score that is to stay.""")
plain_threshold.slip("""counted-without-the-last
    - most = int(share * len(s_N))
    + most = int(share * (len(s_N) - 1))
    You took the share of N − 1, as some quantiles do. It is a share of N questions.""")
plain_threshold.slip("""quantile-between-two
    - return float(ordered[most])
    + return float(np.quantile(ordered, share))
    Your quantile lies between two scores. What is asked for is the largest tau that keeps the bound; it is
    one of the scores.""")
plain_threshold.slip("""equal-scores-once
    - ordered = np.sort(s_N)
    - most = int(share * len(s_N))
    + ordered = np.unique(s_N)
    + most = int(share * len(ordered))
    You counted equal scores once. Two questions with the same score are two questions.""")
plain_threshold.slip("""equal-scores-go
    - return float(ordered[most])
    + above = ordered[ordered > ordered[most]]
    + return float(above[0] if len(above) and ordered[most] in ordered[:most] else ordered[most])
    Where several have the score at the edge, you sent all of them to a human. Together they are more than may
    go.""")
plain_threshold.slip("""not-sorted
    - ordered = np.sort(s_N)
    + ordered = s_N
    You took the scores in the order in which they came. Put them in order first.""")
plain_threshold.slip("""a-hair-above
    - return float(ordered[most])
    + return float(ordered[most]) + 0.001
    You went a little above the score. Then its question goes to a human, too.""")
plain_threshold.slip("""last-one-sent-away
    - return float(ordered[most])
    + return float(ordered[max(most - 1, 0)] + ordered[most]) / 2
    Your threshold lies halfway between the last one sent away and the first one kept. It keeps the bound, but
    a larger tau does so, too.""")
plain_threshold.slip("""share-of-the-range
    - return float(ordered[most])
    + return float(ordered[0] + share * (ordered[-1] - ordered[0]))
    You took a share of the way from the lowest score to the highest. It is a share of the questions, wherever
    their scores lie.""")
plain_threshold.slip("""a-percentage
    - most = int(share * len(s_N))
    + most = int(share / 100 * len(s_N))
    You divided share by 100. It is a share already: 0.1 is a tenth.""")
plain_threshold.slip("""count-for-threshold
    - return float(ordered[most])
    + return float(most)
    You returned how many may go. What is asked for is the score at which the others begin.""")
plain_threshold.slip("""sorted-in-place
    - ordered = np.sort(s_N)
    + s_N.sort()
    + ordered = s_N
    The threshold is right, but `sort` put the caller's scores in another order. `np.sort` makes a new array.""")

for after in (
    "q_BD = q_BD / np.linalg.norm(q_BD, axis=-1, keepdims=True)",
    "bank_ND = bank_ND / np.linalg.norm(bank_ND, axis=-1, keepdims=True)",
):
    exercise.allow_mutant(after=after, reason="Of two axes, 1 is the last one.")
