import numpy as np

from autograder.authoring import Check, Exercise, call, float32, normal, read_only, strided

from .shared import LARGE, LARGE_32, WEIGHTS, close, extreme, shares

exercise = Exercise(
    "Temperature and entropy",
    solve=("temperature", "entropy"),
    difficulty=3,
    importance=4,
    minutes=20,
    hints="""Temperature acts on the scores, before the softmax. As τ grows, should differences of
    scores become larger or smaller? For the entropy: what is 0 · log 0 in NumPy, and what should it
    be?

    `temperature` is the softmax of s / τ, with the largest of the numbers that really go into exp
    subtracted. `entropy` is −Σ p log p along the axis. Where p is 0 its term is 0, whatever stands
    under the logarithm: put a harmless number there.

    Your `softmax` does the first in one line. For the second, `np.where(p > 0, p, 1)` is a copy of
    p with a 1 in place of each 0, and log 1 is 0: multiply the logarithm of that copy by p, sum
    along `axis`, change the sign.""",
)


@exercise.checks
def checks(rng):
    (fresh,) = rng.spawn(1)
    s_S = np.array([2.0, 1.0, -1.0])
    yield Check(
        "temperature: three scores, cold and warm",
        close(call.temperature, s_S, 1.0, within=WEIGHTS),
        close(call.temperature, s_S, 2.0, within=WEIGHTS),
        close(call.temperature, s_S, 0.5, within=WEIGHTS),
        close(call.temperature, normal(rng, 5), 4, within=WEIGHTS),
        says="At 1 it is the plain softmax; above 1 the weights are more alike, below 1 less so.",
    )
    s_TS, s_BTS = normal(rng, 5, 7), normal(rng, 2, 5, 3)
    yield Check(
        "temperature: tables, axes, other arrays",
        close(call.temperature, s_TS, 1.5, within=WEIGHTS),
        close(call.temperature, s_TS, 0.75, axis=0, within=WEIGHTS),
        close(call.temperature, s_BTS, 3.0, axis=1, within=WEIGHTS),
        close(call.temperature, s_BTS, 0.5, axis=-2, within=WEIGHTS),
        close(call.temperature, float32(s_TS), 2.0, within=WEIGHTS),
        close(call.temperature, read_only(strided(s_TS)), 2.5, within=WEIGHTS),
        says="The scores along `axis` compete, and they stay as they were.",
        judges="inputs untouched",
    )
    large_S = np.array([1000.0, -1000.0, 0.0])
    offset_T1 = np.array([[1000.0], [0.0], [-1000.0], [500.0]])
    yield Check(
        "temperature: scores in the thousands",
        call.temperature(large_S, 1000.0, tolerance=LARGE),
        call.temperature(large_S, 500.0, tolerance=LARGE),
        call.temperature(-large_S - 900, 0.25, tolerance=LARGE),
        call.temperature(normal(rng, 4, 5) + offset_T1, 0.5, tolerance=LARGE),
        call.temperature(float32(extreme(rng, 3, 6)), 500.0, tolerance=LARGE_32),
        says="Divide first, then compare: at τ = 1000, scores of ±1000 are as near as ±1.",
    )
    yield Check(
        "entropy: a few weights by hand",
        close(call.entropy, np.array([0.5, 0.5])),
        close(call.entropy, np.array([0.5, 0.25, 0.25])),
        close(call.entropy, np.full(7, 1 / 7)),
        close(call.entropy, shares(rng, 6)),
        says="In nats: a fair coin has log 2 = 0.69, and n equal weights have log n.",
    )
    one_hot = np.array([0.0, 1.0, 0.0, 0.0])
    yield Check(
        "entropy: weights of exactly 0",
        close(call.entropy, one_hot),
        close(call.entropy, np.array([0.5, 0.0, 0.5])),
        close(call.entropy, np.array([[0.5, 0.5, 0.0], [0.0, 1.0, 0.0]])),
        close(call.entropy, np.array([[0.25, 0.0, 1.0, 0.5], [0.75, 1.0, 0.0, 0.5]]), axis=0),
        close(call.entropy, np.insert(shares(fresh, 3), fresh.integers(4), 0.0)),
        says="0 · log 0 is 0: a word without weight adds nothing. Complete certainty has entropy 0.",
    )
    p_TS, p_BTS = shares(rng, 5, 7, axis=0), shares(rng, 2, 5, 3, axis=1)
    yield Check(
        "entropy: tables and axes",
        close(call.entropy, shares(rng, 5, 6)),
        close(call.entropy, p_TS, axis=0),
        close(call.entropy, p_BTS, axis=1),
        close(call.entropy, p_BTS, axis=-2),
        says="One number for each row of weights: the axis disappears.",
    )
    p_TS = shares(rng, 4, 6)
    zeros_TS = p_TS.copy()
    zeros_TS[1, 0] += zeros_TS[1, 3]
    zeros_TS[1, 3] = 0
    yield Check(
        "entropy: float32, strided and read-only arrays, inputs left alone",
        close(call.entropy, zeros_TS),
        close(call.entropy, float32(p_TS)),
        close(call.entropy, strided(p_TS)),
        close(call.entropy, read_only(zeros_TS)),
        says="The weights are still needed for the mix once their entropy has been looked at.",
        judges="inputs untouched",
    )


@exercise.of("temperature").right("temperature: a loop over rows")
def temperature_a_loop_over_rows(s, tau, axis=-1):
    rows = np.moveaxis(s, axis, -1)
    out = np.empty(rows.shape)
    for place in np.ndindex(rows.shape[:-1]):
        e = np.exp((rows[place] - rows[place].max()) / tau)
        out[place] = e / e.sum()
    return np.moveaxis(out, -1, axis)


@exercise.of("temperature").right("temperature: through the log-sum-exp")
def temperature_through_the_log_sum(s, tau, axis=-1):
    z = s * (1 / tau)
    return np.exp(z - np.expand_dims(np.logaddexp.reduce(z, axis=axis), axis))


@exercise.of("temperature").right("temperature: a power of shifted exponentials")
def temperature_a_power_of_shifted(s, tau, axis=-1):
    z = (s - np.max(s, axis=axis, keepdims=True)) / tau
    e = np.e ** z.astype(float)
    return e / np.sum(e, axis=axis, keepdims=True)


@exercise.of("entropy").right("entropy: a loop over rows")
def entropy_a_loop_over_rows(p, axis=-1):
    rows = np.moveaxis(p, axis, -1)
    out = np.zeros(rows.shape[:-1])
    for place in np.ndindex(rows.shape[:-1]):
        for share in rows[place]:
            if share > 0:
                out[place] -= share * np.log(share)
    return out


@exercise.of("entropy").right("entropy: nan replaced by 0")
def entropy_nan_replaced_by_0(p, axis=-1):
    with np.errstate(divide="ignore", invalid="ignore"):
        terms = p * np.log(p)
    return -np.nan_to_num(terms).sum(axis=axis)


@exercise.of("entropy").right("entropy: logarithm only where it exists")
def entropy_logarithm_only_where_it(p, axis=-1):
    log = np.zeros(p.shape)
    np.log(p, out=log, where=p > 0)
    return -(p * log).sum(axis)


@exercise.of("entropy").right("entropy: a floor far below every weight")
def entropy_a_floor_far_below(p, axis=-1):
    return -np.sum(p * np.log(np.maximum(p, 1e-30)), axis=axis)


@exercise.of("entropy").right("entropy: a tiny number under the logarithm")
def entropy_a_tiny_number_under(p, axis=-1):
    return -np.sum(p * np.log(p + 1e-12), axis=axis)


exercise.allow_mutant(
    after="exps = -np.exp(scaled - scaled.max(axis=axis, keepdims=True))",
    reason="The next line divides by the sum, which has the same sign: it cancels.",
)
exercise.allow_mutant(
    after="logs = np.log(np.where(p > 0, p, 2))",
    reason="Where p is 0 the logarithm is multiplied by 0: any finite one will do.",
)
exercise.of("temperature").slip("""temperature-multiplies
    - scaled = s / tau
    + scaled = s * tau
    You multiplied by τ. Then a high temperature makes the differences larger and the winner takes
    more. Warm should mean more alike: divide the scores by τ.""")


@exercise.of("temperature").wrong
def temperature_divides_the_weights(s, tau, axis=-1):
    """You divided finished weights by τ, so they no longer sum to 1, and their proportions are the
    same as before. The temperature has to act on the scores, before the exponential."""
    e = np.exp(s - s.max(axis=axis, keepdims=True))
    return e / e.sum(axis=axis, keepdims=True) / tau


@exercise.of("temperature").wrong
def temperature_rescales_and_normalises(s, tau, axis=-1):
    """You divided the weights by τ and normalised again: the second step undoes the first, and τ
    does nothing at all. Divide the scores instead, before the exponential."""
    e = np.exp(s - s.max(axis=axis, keepdims=True)) / tau
    return e / e.sum(axis=axis, keepdims=True)


@exercise.of("temperature").wrong
def temperature_power_not_normalised(s, tau, axis=-1):
    """You took the weights to the power 1/τ. Their proportions are right now, but they don't sum to
    1 any more. Dividing the scores by τ before the softmax does both at once."""
    e = np.exp(s - s.max(axis=axis, keepdims=True))
    return (e / e.sum(axis=axis, keepdims=True)) ** (1 / tau)


@exercise.of("temperature").wrong
def temperature_power_of_lost_weights(s, tau, axis=-1):
    """You took finished weights to the power 1/τ and normalised them. On paper that is the same;
    but a weight that was rounded to 0 stays 0, even at a temperature at which its word should
    count. Divide the scores by τ first, then take exponentials."""
    e = np.exp(s - s.max(axis=axis, keepdims=True))
    warm = (e / e.sum(axis=axis, keepdims=True)) ** (1 / tau)
    return warm / warm.sum(axis=axis, keepdims=True)


@exercise.of("temperature").wrong
def temperature_maximum_of_the_undivided(s, tau, axis=-1):
    """You subtracted the maximum of s from s / τ. The numbers in the exponential are no longer at
    most 0, and large scores overflow again. Divide first, then take the maximum of what you
    divided."""
    e = np.exp(s / tau - s.max(axis=axis, keepdims=True))
    return e / e.sum(axis=axis, keepdims=True)


@exercise.of("temperature").wrong
def temperature_no_max_subtracted(s, tau, axis=-1):
    """You took the exponential of s / τ without subtracting the maximum: exp overflows, and inf /
    inf is nan. Your `softmax` knows how to do it."""
    e = np.exp(s / tau)
    return e / e.sum(axis=axis, keepdims=True)


@exercise.of("temperature").wrong
def temperature_always_the_last_axis(s, tau, axis=-1):
    """Your softmax runs along the last axis whatever `axis` says: hand `axis` on."""
    z = s / tau
    e = np.exp(z - z.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


@exercise.of("temperature").wrong
def temperature_changes_the_scores(s, tau, axis=-1):
    """The weights are right, but `/=` wrote into the caller's own scores. Put s / τ into a new
    array."""
    s /= tau
    e = np.exp(s - s.max(axis=axis, keepdims=True))
    return e / e.sum(axis=axis, keepdims=True)


@exercise.of("entropy").wrong
def entropy_nan_at_zero(p, axis=-1):
    """A weight of exactly 0 gives 0 · log 0 = 0 · (−∞), which NumPy calls nan. The limit of p log p
    for small p is 0: how do you keep the logarithm from ever seeing a 0?"""
    return -(p * np.log(p)).sum(axis=axis)


@exercise.of("entropy").wrong
def entropy_in_bits(p, axis=-1):
    """You took the logarithm to the base 2, so your entropy is in bits. It is asked for in nats,
    with the natural logarithm: a fair coin has 0.69, not 1."""
    return -(p * np.log2(np.where(p > 0, p, 1))).sum(axis=axis)


@exercise.of("entropy").wrong
def entropy_negative(p, axis=-1):
    """Your entropy is negative: the minus sign is missing. A weight is at most 1, so its logarithm
    is at most 0; the minus turns surprise into a positive number."""
    return (p * np.log(np.where(p > 0, p, 1))).sum(axis=axis)


@exercise.of("entropy").wrong
def entropy_not_weighted(p, axis=-1):
    """You added up −log p without weighing each term by its p. A rare event is a great surprise,
    but it comes rarely: multiply by p before the sum."""
    return -np.log(np.where(p > 0, p, 1)).sum(axis=axis)


@exercise.of("entropy").wrong
def entropy_mean_for_sum(p, axis=-1):
    """You took the mean of −p log p where the formula has the sum. The weighing by p is the
    averaging already."""
    return -(p * np.log(np.where(p > 0, p, 1))).mean(axis=axis)


@exercise.of("entropy").wrong
def entropy_zeros_cut_out(p, axis=-1):
    """You cut the zeros out with `p[p > 0]`. Of a table that leaves one long row: all entropies end
    up in one sum, and axis 1 is not there any more. Keep the shape, and put something harmless in
    place of the zeros."""
    kept = p[p > 0]
    return -(kept * np.log(kept)).sum(axis=axis)


@exercise.of("entropy").wrong
def entropy_large_epsilon(p, axis=-1):
    """You added a number like 1e-6 under the logarithm. That keeps nan away but changes the result:
    complete certainty gets an entropy below 0. The terms where p is 0 can be left at exactly 0."""
    return -(p * np.log(p + 1e-6)).sum(axis=axis)


@exercise.of("entropy").wrong
def entropy_perplexity(p, axis=-1):
    """You returned exp of the entropy, called perplexity: the number of equal weights that would be
    as undecided. It is used in this lesson too, but here the entropy itself is asked for."""
    return np.exp(-(p * np.log(np.where(p > 0, p, 1))).sum(axis=axis))


@exercise.of("entropy").wrong
def entropy_all_rows_in_one(p, axis=-1):
    """You added up the whole array to one number. Each row of weights has an entropy of its own:
    sum along `axis`."""
    return -(p * np.log(np.where(p > 0, p, 1))).sum()


@exercise.of("entropy").wrong
def entropy_always_the_last_axis(p, axis=-1):
    """Your sum runs along the last axis whatever `axis` says: hand `axis` on to the sum."""
    return -(p * np.log(np.where(p > 0, p, 1))).sum(axis=-1)


@exercise.of("entropy").wrong
def entropy_changes_p(p, axis=-1):
    """The entropy is right, but you wrote 1 into the caller's own p where it was 0: those words now
    have a weight of 1. Work on a copy, as `np.where` makes one."""
    p[p == 0] = 1
    return -(p * np.log(p)).sum(axis=axis)


@exercise.of("entropy").wrong
def entropy_keeps_the_axis(p, axis=-1):
    """The numbers are right, but you kept an axis of length 1. The entropy is one number for each
    row: `keepdims` is only for what goes back into the same array."""
    return -(p * np.log(np.where(p > 0, p, 1))).sum(axis=axis, keepdims=True)
