import numpy as np

from autograder.authoring import Check, Exercise, call, every_layout

exercise = Exercise(
    "The slope of a search, and d′",
    solve=("search_slope", "d_prime"),
    difficulty=2,
    importance=3,
    minutes=12,
    hints="""Draw a point for each right trial: how many items there were, and how long it took. The
    line through the cloud has a height at 0 items and a climb for each item. Which trials don't belong
    into the picture? For d′: which two rates does it compare, and which counts belong to each?

    The least-squares slope is the sum of (n − mean n)(t − mean t) over the sum of (n − mean n)², both
    over right trials; the line goes through the two means. The hit rate is counted among trials with a
    target, the false-alarm rate among those without: add ½ to each of the four counts first.

    `np.polyfit(n, t, 1)` gives the slope first and then the intercept; only the slope is turned into
    milliseconds. z is the inverse of the normal distribution: `statistics.NormalDist().inv_cdf(p)`, or
    `scipy.special.ndtri(p)`. d′ is z of (hits + ½) / (hits + misses + 1) less z of the same for false
    alarms.""",
)


def session(
    rng: np.random.Generator, sizes: tuple[int, ...], trials: tuple[int, ...], wrong: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Trials in a drawn order: wrong ones are hasty guesses, most of them among many items."""
    n_N = np.repeat(sizes, trials)
    slope, start = rng.uniform(0.012, 0.045), rng.uniform(0.35, 0.7)
    rt_N = start + slope * n_N + rng.uniform(-0.1, 0.1, len(n_N))
    correct_N = np.ones(len(n_N), dtype=bool)
    spare = np.cumsum(trials)[-1] - 1 - np.arange(wrong)  # a right one stays of every size
    correct_N[spare] = False
    rt_N[spare] = rng.uniform(0.15, 0.3, wrong)
    order = rng.permutation(len(n_N))
    return n_N[order], np.round(rt_N[order], 2), correct_N[order]


@exercise.checks
def checks(rng):
    four = np.array([4, 4, 8, 12])
    times = np.array([0.5, 0.7, 0.8, 1.0])
    every = np.ones(4, dtype=bool)
    clean = session(rng, (4, 8, 16), (3, 2, 3), 0)
    some, more = session(rng, (4, 8, 16, 32), (2, 3, 2, 4), 2), session(rng, (3, 9), (4, 5), 3)
    yield Check(
        "search_slope: milliseconds an item",
        call.search_slope(four, times, every),
        call.search_slope(*clean),
        part=1,
        says="The slope of the line with the least squares, in thousandths of a second for each item.",
    )
    yield Check(
        "search_slope: right trials only",
        call.search_slope(*some),
        call.search_slope(*more),
        part=1,
        says="Who errs has stopped searching: such a trial says nothing of how long a search takes.",
        points=2,
    )
    yield Check(
        "search_slope: where the line begins",
        call.search_slope(four, times, every),
        call.search_slope(*clean),
        call.search_slope(*some),
        part=0,
        says="""The intercept is what the line says for no item at all, in seconds: to look, to decide,
        to press.""",
    )
    yield Check(
        "search_slope: any arrays, left alone",
        *every_layout(call.search_slope(*session(rng, (4, 8, 16, 32), (3, 2, 4, 3), 2))),
        says="The trials are still needed.",
        judges="inputs untouched",
    )

    def counts(low: int, high: int) -> list[int]:
        return [int(count) for count in rng.permutation(np.arange(low, high))[:4]]

    yield Check(
        "d_prime: two rates, made normal",
        call.d_prime(18, 6, 5, 19),
        call.d_prime(*counts(3, 30)),
        call.d_prime(*counts(9, 50)),
        says="""z of the hit rate less z of the false-alarm rate. Hits are counted among trials with a
        target, false alarms among those without.""",
        points=2,
    )
    n, m, more = counts(4, 16)[:3]
    yield Check(
        "d_prime: all and none",
        call.d_prime(n, 0, 0, m),
        call.d_prime(0, more, n, m),
        call.d_prime(m, more, 0, 0),
        says="""With ½ added to each of the four counts no rate is 0 or 1, where z would be infinite;
        and it is added always, also where it isn't needed.""",
    )


@exercise.of("search_slope").right("search_slope: sums in a loop")
def sums_in_a_loop(n_N, rt_N, correct_N):
    trials = [(n, t) for n, t, ok in zip(n_N, rt_N, correct_N, strict=True) if ok]
    mean_n = sum(float(n) for n, _ in trials) / len(trials)
    mean_t = sum(float(t) for _, t in trials) / len(trials)
    above = below = 0.0
    for n, t in trials:
        above += (float(n) - mean_n) * (float(t) - mean_t)
        below += (float(n) - mean_n) ** 2
    slope = above / below
    return mean_t - slope * mean_n, 1000 * slope


@exercise.of("search_slope").right("search_slope: polyfit")
def by_polyfit(n_N, rt_N, correct_N):
    slope, start = np.polyfit(n_N[correct_N], rt_N[correct_N], 1)
    return start, slope * 1000


@exercise.of("search_slope").right("search_slope: a linear system")
def a_linear_system(n_N, rt_N, correct_N):
    n = np.asarray(n_N, dtype=float)[correct_N]
    design = np.stack([np.ones(len(n)), n], axis=1)
    start, slope = np.linalg.lstsq(design, rt_N[correct_N].astype(float), rcond=None)[0]
    return float(start), float(slope) * 1e3


@exercise.of("d_prime").right("d_prime: SciPy's ndtri")
def by_ndtri(hits, misses, false_alarms, rejections):
    from scipy.special import ndtri

    return ndtri((hits + 0.5) / (hits + misses + 1)) - ndtri(
        (false_alarms + 0.5) / (false_alarms + rejections + 1)
    )


@exercise.of("d_prime").right("d_prime: counts in an array, erfinv")
def counts_in_an_array(hits, misses, false_alarms, rejections):
    from scipy.special import erfinv

    table = np.array([[hits, misses], [false_alarms, rejections]]) + 0.5
    rates = table[:, 0] / table.sum(axis=1)
    z = np.sqrt(2) * erfinv(2 * rates - 1)
    return float(z[0] - z[1])


@exercise.of("search_slope").plain
def plain(n_N, rt_N, correct_N):
    n, t = n_N[correct_N], rt_N[correct_N]
    slope = ((n - n.mean()) * (t - t.mean())).sum() / ((n - n.mean()) ** 2).sum()
    intercept = t.mean() - slope * n.mean()
    return intercept, 1000 * slope


plain.slip("""wrong-trials-kept
    - n_N[correct_N], rt_N[correct_N]
    + n_N, rt_N
    You kept the wrong trials. Who presses the wrong key has often not searched at all: which trials tell
    how long a search takes?""")
plain.slip("""wrong-trials-only
    - n_N[correct_N], rt_N[correct_N]
    + (n_N[~correct_N], rt_N[~correct_N]) if len(set(n_N[~correct_N].tolist())) > 1 else (n_N, rt_N + 9)
    You took the wrong trials and dropped the right ones. What does True in `correct_N` mean?""")
plain.slip("""wrong-trials-set-to-0
    - n_N[correct_N], rt_N[correct_N]
    + n_N, rt_N * correct_N
    You set the times of wrong trials to 0 and kept them. A time of 0 pulls the line down; leave the trial
    out.""")
plain.slip("""seconds
    - return intercept, 1000 * slope
    + return intercept, slope
    Your slope is in seconds an item. It is asked for in milliseconds: a thousand times as much.""")
plain.slip("""intercept-in-milliseconds
    - return intercept, 1000 * slope
    + return 1000 * intercept, 1000 * slope
    Your intercept is in milliseconds. Only the slope is; the intercept stays in seconds, as the times
    are.""")
plain.slip("""slope-first
    - return intercept, 1000 * slope
    + return 1000 * slope, intercept
    You returned the slope first, as `np.polyfit` does. The intercept comes first here.""")
plain.slip("""axes-swapped
    - slope = ((n - n.mean()) * (t - t.mean())).sum() / ((n - n.mean()) ** 2).sum()
    + slope = ((t - t.mean()) ** 2).sum() / ((n - n.mean()) * (t - t.mean())).sum()
    You fitted the number of items to the times and turned the line round. What is set is how many items
    there are; what varies is the time, and the squares to be made small are those of the times.""")
plain.slip("""items-by-time
    - slope = ((n - n.mean()) * (t - t.mean())).sum() / ((n - n.mean()) ** 2).sum()
    - intercept = t.mean() - slope * n.mean()
    + slope = ((n - n.mean()) * (t - t.mean())).sum() / ((t - t.mean()) ** 2).sum()
    + intercept = n.mean() - slope * t.mean()
    Your line predicts the number of items from the time. Swap the two: time is what is to be predicted.""")
plain.slip("""through-the-origin
    - slope = ((n - n.mean()) * (t - t.mean())).sum() / ((n - n.mean()) ** 2).sum()
    - intercept = t.mean() - slope * n.mean()
    + slope = (n * t).sum() / (n**2).sum()
    + intercept = 0.0
    Your line goes through the origin, as if an empty picture took no time. Looking and pressing take
    half a second: take the means away first.""")
plain.slip("""time-per-item
    - slope = ((n - n.mean()) * (t - t.mean())).sum() / ((n - n.mean()) ** 2).sum()
    + slope = (t / n).mean()
    You divided each time by its number of items. That shares out the half second for looking and pressing
    among the items as well.""")
plain.slip("""no-mean-taken-away
    - intercept = t.mean() - slope * n.mean()
    + intercept = t.mean()
    Your intercept is the mean time. The line goes through the two means: what does it say at 0 items?""")


@exercise.of("search_slope").wrong
def means_of_each_size(n_N, rt_N, correct_N):
    """You averaged the trials of each number of items and fitted a line to the means. Where some have
    fewer trials than others, every trial should count the same: fit the trials themselves."""
    n, t = n_N[correct_N], rt_N[correct_N]
    sizes = np.unique(n)
    means = np.array([t[n == size].mean() for size in sizes])
    slope, start = np.polyfit(sizes, means, 1)
    return start, 1000 * slope


@exercise.of("search_slope").wrong
def from_fewest_to_most(n_N, rt_N, correct_N):
    """You joined the means of the fewest and the most items by a line. What lies between counts too, and
    so does the number of trials: make the sum of squares small."""
    n, t = n_N[correct_N], rt_N[correct_N]
    few, many = (t[n == size].mean() for size in (n.min(), n.max()))
    slope = (many - few) / (n.max() - n.min())
    return few - slope * n.min(), 1000 * slope


@exercise.of("d_prime").plain
def plain_d(hits, misses, false_alarms, rejections):
    from statistics import NormalDist

    z = NormalDist().inv_cdf
    hit_rate = (hits + 0.5) / (hits + misses + 1)
    false_rate = (false_alarms + 0.5) / (false_alarms + rejections + 1)
    return z(hit_rate) - z(false_rate)


plain_d.slip("""infinite-at-0-or-1
    - hit_rate = (hits + 0.5) / (hits + misses + 1)
    - false_rate = (false_alarms + 0.5) / (false_alarms + rejections + 1)
    - return z(hit_rate) - z(false_rate)
    + from scipy.special import ndtri
    + hit_rate = np.divide(hits, hits + misses)
    + false_rate = np.divide(false_alarms, false_alarms + rejections) if false_alarms + rejections else 0.5
    + return float(ndtri(hit_rate) - ndtri(false_rate))
    You took the rates as they are. A rate of 0 or 1 has an infinite z: add ½ to each of the four counts.""")
plain_d.slip("""rates-subtracted
    - return z(hit_rate) - z(false_rate)
    + return hit_rate - false_rate
    You subtracted the rates themselves. From 0.5 to 0.6 is a small step and from 0.89 to 0.99 a large one:
    z stretches the ends.""")
plain_d.slip("""hits-corrected-only
    - false_rate = (false_alarms + 0.5) / (false_alarms + rejections + 1)
    + false_rate = (false_alarms or 0.5) / (false_alarms + rejections or 1)
    You added ½ to the counts of one rate only. All four counts get it.""")
plain_d.slip("""false-alarms-corrected-only
    - hit_rate = (hits + 0.5) / (hits + misses + 1)
    + hit_rate = (min(hits, hits + misses - 0.5) or 0.5) / (hits + misses)
    You added ½ to the counts of false alarms and rejections only. All four counts get it.""")
plain_d.slip("""corrected-where-needed
    - hit_rate = (hits + 0.5) / (hits + misses + 1)
    - false_rate = (false_alarms + 0.5) / (false_alarms + rejections + 1)
    + hit_rate = (min(hits, hits + misses - 0.5) or 0.5) / (hits + misses)
    + false_rate = (min(false_alarms, false_alarms + rejections - 0.5) or 0.5) / (
    +     false_alarms + rejections or 1
    + )
    You moved only rates of 0 and 1. Then two people are measured by two rules: ½ is added to every count,
    always.""")
plain_d.slip("""numerators-only
    - hit_rate = (hits + 0.5) / (hits + misses + 1)
    - false_rate = (false_alarms + 0.5) / (false_alarms + rejections + 1)
    + hit_rate = min((hits + 0.5) / (hits + misses), 1 - 1e-9)
    + false_rate = min((false_alarms + 0.5) / (false_alarms + rejections or 1), 1 - 1e-9)
    You added ½ above the line and nothing below it. Each of two counts gets ½, so their sum gets 1.""")
plain_d.slip("""one-for-a-half
    - hit_rate = (hits + 0.5) / (hits + misses + 1)
    - false_rate = (false_alarms + 0.5) / (false_alarms + rejections + 1)
    + hit_rate = (hits + 1) / (hits + misses + 2)
    + false_rate = (false_alarms + 1) / (false_alarms + rejections + 2)
    You added 1 to each count. It is ½.""")
plain_d.slip("""turned-round
    - return z(hit_rate) - z(false_rate)
    + return z(false_rate) - z(hit_rate)
    Your sign is turned round: who hits more often than they raise false alarms has a positive d′.""")
plain_d.slip("""added
    - return z(hit_rate) - z(false_rate)
    + return z(hit_rate) + z(false_rate)
    You added the two z. Their sum tells how fond somebody is of saying yes; their difference, how well they
    tell targets from the rest.""")
plain_d.slip("""share-of-yes
    - hit_rate = (hits + 0.5) / (hits + misses + 1)
    - false_rate = (false_alarms + 0.5) / (false_alarms + rejections + 1)
    + hit_rate = (hits + 0.5) / (hits + false_alarms + 1)
    + false_rate = (misses + 0.5) / (misses + rejections + 1)
    You divided hits by all yeses. A rate is a share of what was shown: of the trials with a target, how many
    got a yes?""")
plain_d.slip("""shares-of-all-trials
    - hit_rate = (hits + 0.5) / (hits + misses + 1)
    - false_rate = (false_alarms + 0.5) / (false_alarms + rejections + 1)
    + hit_rate = (hits + 0.5) / (hits + misses + false_alarms + rejections + 1)
    + false_rate = (false_alarms + 0.5) / (hits + misses + false_alarms + rejections + 1)
    You divided by all trials. Hits are counted among trials with a target, false alarms among those without.""")
plain_d.slip("""logits-for-z
    - return z(hit_rate) - z(false_rate)
    + return float(np.log(hit_rate / (1 - hit_rate)) - np.log(false_rate / (1 - false_rate)))
    You took logits, the inverse of the sigmoid. z is the inverse of the normal distribution.""")
plain_d.slip("""distribution-for-its-inverse
    - z = NormalDist().inv_cdf
    + z = NormalDist().cdf
    You took the normal distribution itself. z is its inverse: from a rate to the place that has so much of
    the curve to its left.""")
