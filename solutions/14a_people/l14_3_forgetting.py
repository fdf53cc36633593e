import numpy as np

from autograder.authoring import Check, Exercise, call

exercise = Exercise(
    "A forgetting curve, there and back",
    solve=("retrievability", "next_interval"),
    difficulty=2,
    importance=4,
    minutes=10,
    hints="""Write the formula down as it stands, for 0 days and for as many days as the stability. What has to
    come out? Then solve it for the days.

    F is worked out from the decay each time: 0.9 ** (−1 / decay) − 1. For the inverse, set the target equal to
    (1 + F·days/S) ** (−decay) and undo it from outside: the power first.

    A power of −decay is undone by a power of −1/decay: `target ** (-1 / decay)` is 1 + F·days/S. Take away 1,
    divide by F, multiply by S. The days are not rounded.""",
)


@exercise.checks
def checks(rng):
    def days() -> float:
        return float(np.round(rng.uniform(2, 60), 1))

    def stability() -> float:
        return float(np.round(rng.uniform(3, 40), 1))

    def decay() -> float:
        return float(np.round(rng.uniform(0.25, 0.75), 2))

    def target() -> float:
        return float(np.round(rng.uniform(0.6, 0.88), 2))

    once = stability()
    yield Check(
        "retrievability: by the formula",
        call.retrievability(0, 10.0),
        call.retrievability(10, 10.0),
        call.retrievability(30, 5.0),
        call.retrievability(days(), stability()),
        says="""All is known at first, 90 % after as many days as the stability; then it falls ever more
        slowly.""",
        points=2,
    )
    yield Check(
        "retrievability: another decay",
        call.retrievability(once, once, decay()),
        call.retrievability(days(), stability(), decay=decay()),
        call.retrievability(days(), stability(), decay()),
        call.retrievability(400 + days(), stability(), decay=0.9),
        says="F hangs on the decay, so that recall after S days is 90 % whatever the decay.",
    )
    yield Check(
        "next_interval: the days until recall has fallen so far",
        call.next_interval(10.0, 0.9),
        call.next_interval(8.0, 0.8),
        call.next_interval(stability(), target()),
        call.next_interval(stability(), 0.95),
        says="""For a target of 0.9 it is the stability. Who is content with less can wait far longer; who wants
        0.95 comes sooner, and the days are no whole number.""",
        points=2,
    )
    yield Check(
        "next_interval: another decay",
        call.next_interval(once, 0.9, decay()),
        call.next_interval(stability(), target(), decay=decay()),
        call.next_interval(0.3, 0.97, decay=decay()),
        says="It undoes `retrievability`, for every decay.",
    )


@exercise.of("retrievability").right("retrievability: by logarithms")
def by_logarithms(days, stability, decay=0.1542):
    F = np.expm1(-np.log(0.9) / decay)
    return float(np.exp(-decay * np.log1p(F * days / stability)))


@exercise.of("retrievability").right("retrievability: one over a root")
def one_over_a_root(days, stability, decay=0.1542):
    ninety = (10 / 9) ** (1 / decay)
    ratio = days / stability
    return 1 / (1 - ratio + ninety * ratio) ** decay


@exercise.of("next_interval").right("next_interval: by logarithms")
def interval_by_logarithms(stability, target, decay=0.1542):
    return float(stability * np.expm1(-np.log(target) / decay) / np.expm1(-np.log(0.9) / decay))


@exercise.of("next_interval").right("next_interval: halving an interval")
def by_halving(stability, target, decay=0.1542):
    F = 0.9 ** (-1 / decay) - 1
    low, high = 0.0, 1.0
    while (1 + F * high / stability) ** -decay > target:
        high *= 2
    for _ in range(200):
        middle = (low + high) / 2
        known = (1 + F * middle / stability) ** -decay
        low, high = (middle, high) if known > target else (low, middle)
    return (low + high) / 2


@exercise.of("retrievability").plain
def plain(days, stability, decay=0.1542):
    F = 0.9 ** (-1 / decay) - 1
    return (1 + F * days / stability) ** (-decay)


plain.slip("""exponential
    - return (1 + F * days / stability) ** (-decay)
    + return 0.9 ** (days / stability)
    You let it fall exponentially: the same share each day. People forget fast at first and then ever more slowly,
    which a power does.""")
plain.slip("""half-life
    - return (1 + F * days / stability) ** (-decay)
    + return 0.5 ** (days / stability)
    You took the stability for a half-life. After S days 90 % are known, not half.""")
plain.slip("""e-fold
    - return (1 + F * days / stability) ** (-decay)
    + return float(np.exp(-days / stability))
    You took the stability for the time in which an exponential falls to 37 %. After S days 90 % are known.""")
plain.slip("""sign-of-decay
    - return (1 + F * days / stability) ** (-decay)
    + return (1 + F * days / stability) ** decay
    Your recall rises above 1 as days go by. The power is −decay.""")
plain.slip("""sign-in-F
    - F = 0.9 ** (-1 / decay) - 1
    + F = 0.9 ** (1 / decay) - 1
    - return (1 + F * days / stability) ** (-decay)
    + return float(np.abs(1 + F * days / stability)) ** (-decay)
    Your F is below 0, as if 0.9 were to be reached from below. The power in F is −1/decay.""")
plain.slip("""F-fixed
    - F = 0.9 ** (-1 / decay) - 1
    + F = 0.9 ** (-1 / 0.1542) - 1
    You fixed F for one decay. With another one, recall after S days is not 90 % any more.""")
plain.slip("""decay-fixed
    - F = 0.9 ** (-1 / decay) - 1
    - return (1 + F * days / stability) ** (-decay)
    + F = 0.9 ** (-1 / 0.1542) - 1
    + return (1 + F * days / stability) ** -0.1542
    You took 0.1542 whatever the decay is. That is only what it is if nothing is said.""")
plain.slip("""minus-1-forgotten
    - F = 0.9 ** (-1 / decay) - 1
    + F = 0.9 ** (-1 / decay)
    You left out the − 1 in F. Put in days = S: only with it 1 + F is 0.9 to the power of −1/decay.""")
plain.slip("""swapped
    - F * days / stability
    + F * stability / (days or 1e-9)
    You divided the stability by the days. The longer ago, the less is known.""")
plain.slip("""no-power
    - return (1 + F * days / stability) ** (-decay)
    + return 1 / (1 + days / (9 * stability))
    You took a hyperbola, 1 / (1 + days/9S), as an earlier version of the schedule did: a decay of 1. Here the
    decay is a number to be given.""")


@exercise.of("next_interval").plain
def plain_interval(stability, target, decay=0.1542):
    F = 0.9 ** (-1 / decay) - 1
    return stability / F * (target ** (-1 / decay) - 1)


plain_interval.slip("""target-ignored
    - return stability / F * (target ** (-1 / decay) - 1)
    + return stability
    You returned the stability whatever the target is. That is right for 0.9 alone.""")
plain_interval.slip("""exponential-interval
    - return stability / F * (target ** (-1 / decay) - 1)
    + return float(stability * np.log(target) / np.log(0.9))
    You undid an exponential. The curve is a power: undo −decay by −1/decay.""")
plain_interval.slip("""whole-days
    - return stability / F * (target ** (-1 / decay) - 1)
    + return float(np.floor(stability / F * (target ** (-1 / decay) - 1)))
    You cut the days off to a whole number. A schedule may do that later; the inverse of the curve doesn't.""")
plain_interval.slip("""rounded-days
    - return stability / F * (target ** (-1 / decay) - 1)
    + return float(max(1, round(stability / F * (target ** (-1 / decay) - 1))))
    You rounded to whole days. A schedule may do that later; the inverse of the curve doesn't.""")
plain_interval.slip("""interval-F-fixed
    - F = 0.9 ** (-1 / decay) - 1
    + F = 0.9 ** (-1 / 0.1542) - 1
    You fixed F for one decay. It has to be the one that `retrievability` takes.""")
plain_interval.slip("""power-of-decay
    - target ** (-1 / decay) - 1
    + target ** (-decay) - 1
    You took the power −decay once more. A power of −decay is undone by one of −1/decay.""")
plain_interval.slip("""interval-sign
    - target ** (-1 / decay) - 1
    + target ** (1 / decay) - 1
    Your interval is negative. The power of −decay is undone by −1/decay: look at the sign.""")
plain_interval.slip("""forgotten-for-known
    - target ** (-1 / decay) - 1
    + (1 - target) ** (-1 / decay) - 1
    You took the target for the share that is forgotten. It is the share still known.""")
plain_interval.slip("""a-straight-line
    - return stability / F * (target ** (-1 / decay) - 1)
    + return stability * (1 - target) / 0.1
    You went along a straight line through 1 and 0.9. The curve bends.""")
plain_interval.slip("""not-scaled
    - return stability / F * (target ** (-1 / decay) - 1)
    + return stability * (target ** (-1 / decay) - 1)
    You forgot to divide by F. Put in a target of 0.9: the stability has to come out.""")
