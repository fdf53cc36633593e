import numpy as np

from autograder.authoring import Axes, Check, Exercise, call, every_layout, float32, normal, probe

from .shared import LARGE, LARGE_32

exercise = Exercise(
    "Attention as a memory",
    solve="hopfield_recall",
    difficulty=3,
    importance=3,
    minutes=20,
    hints="""One step is attention with one query: the state asks, the patterns are both keys and
    values, and β stands where 1/√K stood. What comes out is the state that asks next.

    Begin with a copy of the probe. In a loop of `steps` turns: N scores, β times each pattern
    dotted with the state; a softmax over the N patterns; the new state, the mean of the patterns by
    these weights. After the loop return the state.

    In the loop: `e_N = beta * (patterns_ND @ x_D)`, then the softmax of lesson 2 over these N
    numbers, then `x_D = w_N @ patterns_ND`. The probe is used before the loop only, and the
    patterns are never written to.""",
)


@exercise.checks
def checks(rng):
    yield Check(
        "one step, two patterns, by hand",
        call(np.array([[1.0, 1.0, 0.0], [-1.0, 0.0, 2.0]]), np.array([1.0, 0.5, 0.0]), 2.0, 1),
        call(normal(rng, 4, 6), normal(rng, 6), 0.0, 1),
        says="""The scores are β times 1.5 and −1; the new state is the mean of the patterns by
        their softmax. With β = 0 all patterns count alike.""",
    )
    axes = Axes(N=5, D=7)
    patterns_ND, probe_D = axes.normal(rng, "ND"), axes.normal(rng, "D")
    yield Check(
        "one step, any β and any sizes",
        call(patterns_ND, probe_D, 0.4, 1),
        call(patterns_ND, probe_D, 1.7, 1),
        call(normal(rng, 6, 4), normal(rng, 4), 0.6, 1),
        call(normal(rng, 5, 5), normal(rng, 5), 0.5, 1),
        says="""The patterns compete, so there are N weights of sum 1; a larger β makes them
        sharper.""",
    )
    yield Check(
        "several steps",
        call(patterns_ND, probe_D, 0.4, 2),
        call(patterns_ND, probe_D, 0.3, 3),
        call(normal(rng, 3, 8), normal(rng, 8), 0.25, 4),
        says="What one step gives is the query of the next.",
    )
    yield Check(
        "no step at all",
        call(patterns_ND, probe_D, 0.4, 0),
        probe(kept, says="After someone wrote into the result of 0 steps, one step from the probe")(
            patterns_ND, probe_D
        ),
        says="""With 0 steps the state is the probe, in an array of its own: whoever writes into the
        result must not change the probe.""",
        judges="inputs untouched",
    )
    yield Check(
        "scores in the thousands",
        call(patterns_ND, probe_D, 400.0, 1, tolerance=LARGE),
        call(30 * patterns_ND, 30 * probe_D, 1.0, 3, tolerance=LARGE),
        call(float32(patterns_ND), float32(probe_D), 400.0, 1, tolerance=LARGE_32),
        call(
            np.where(np.arange(7) < 6, patterns_ND, 50.0),
            np.where(np.arange(7) < 6, probe_D, 50.0),
            0.9,
            1,
            tolerance=LARGE,
        ),
        says="A sharp memory has large scores, and they must not overflow.",
    )
    yield Check(
        "float32, strided and read-only arrays, inputs left alone",
        *every_layout(call(axes.normal(rng, "ND"), axes.normal(rng, "D"), 0.35, 2)),
        says="""A memory that changes what it stores when asked is none, and the probe may be needed
        again.""",
        judges="inputs untouched",
    )


def kept(hopfield_recall, patterns_ND, probe_D):
    result = hopfield_recall(patterns_ND, probe_D, 0.4, 0)
    result += 1
    return hopfield_recall(patterns_ND, probe_D, 0.4, 1)


@exercise.right
def plain_loops(patterns_ND, probe_D, beta, steps):
    N, D = patterns_ND.shape
    state = [float(number) for number in probe_D]
    for _ in range(steps):
        scores = [beta * sum(patterns_ND[n, d] * state[d] for d in range(D)) for n in range(N)]
        exps = [np.exp(score - max(scores)) for score in scores]
        state = [sum(exps[n] * patterns_ND[n, d] for n in range(N)) / sum(exps) for d in range(D)]
    return np.array(state)


@exercise.right
def recursion(patterns_ND, probe_D, beta, steps):
    if steps == 0:
        return np.array(probe_D)
    e_N = beta * np.einsum("nd,d->n", patterns_ND, probe_D)
    w_N = np.exp(e_N - np.logaddexp.reduce(e_N))
    return recursion(patterns_ND, np.einsum("n,nd->d", w_N, patterns_ND), beta, steps - 1)


@exercise.right("np.average, β taken into the state")
def np_average_taken_into(patterns_ND, probe_D, beta, steps):
    x_D = 1 * probe_D
    while steps > 0:
        e_N = patterns_ND.dot(beta * x_D)
        x_D = np.average(patterns_ND, axis=0, weights=np.exp(e_N - e_N.max()))
        steps -= 1
    return x_D


exercise.allow_mutant(
    after="exp_N = -np.exp(e_N - e_N.max())",
    reason="The next line divides by the sum, which has the same sign: it cancels.",
)
exercise.slip("""divides-by-beta
    - e_N = beta * (patterns_ND @ x_D)
    + e_N = patterns_ND @ x_D / beta if beta else 1e9 * (patterns_ND @ x_D)
    You divided the scores by β. Here β is a sharpness, the inverse of lesson 2's temperature: what
    should happen to the weights as it grows?""")
exercise.slip("""ignores-beta
    - e_N = beta * (patterns_ND @ x_D)
    + e_N = patterns_ND @ x_D
    β makes no difference to your result. It multiplies the scores before the softmax.""")
exercise.slip("""root-of-the-width
    - e_N = beta * (patterns_ND @ x_D)
    + e_N = beta * (patterns_ND @ x_D) / np.sqrt(len(probe_D))
    You also divided the scores by √D. Here β alone says how sharp they are, and stands in its
    place.""")


@exercise.wrong
def one_step_only(patterns_ND, probe_D, beta, steps):
    """You took one step, whatever `steps` says. What the first step gave should ask again, and 0
    steps leave the probe as it is."""
    e_N = beta * (patterns_ND @ probe_D)
    exp_N = np.exp(e_N - e_N.max())
    return exp_N / exp_N.sum() @ patterns_ND


exercise.slip("""asks-with-the-probe-again
    - e_N = beta * (patterns_ND @ x_D)
    + e_N = beta * (patterns_ND @ probe_D)
    Each of your steps asks with the probe, so the second gives what the first gave. The new state
    has to take the probe's place.""")
exercise.slip("""one-step-too-many
    - for _ in range(steps):
    + for _ in range(steps + 1):
    You took one step more than `steps` says: was the first one taken before the loop? With 0 steps
    the probe comes back as it was.""")
exercise.slip("""one-step-too-few
    - for _ in range(steps):
    + for _ in range(1, steps):
    You took one step less than `steps` says: with 1 step your probe comes back as it was. How often
    does your loop turn?""")
exercise.slip("""softmax-over-D
    - e_N = beta * (patterns_ND @ x_D)
    - exp_N = np.exp(e_N - e_N.max())
    - x_D = exp_N / exp_N.sum() @ patterns_ND
    + e_ND = beta * patterns_ND * x_D
    + exp_ND = np.exp(e_ND - e_ND.max(axis=1, keepdims=True))
    + w_ND = exp_ND / exp_ND.sum(axis=1, keepdims=True)
    + x_D = (w_ND * patterns_ND).sum(axis=0)
    You let the D numbers inside each pattern compete, before they were added up. The competition is
    between patterns: one score for each of the N, and a softmax over those.""")


@exercise.wrong
def nearest_pattern(patterns_ND, probe_D, beta, steps):
    """You returned the one best pattern. Softmax mixes: with a small β several patterns come back
    together, and only a large β picks one."""
    x_D = probe_D.copy()
    for _ in range(steps):
        x_D = patterns_ND[np.argmax(beta * (patterns_ND @ x_D))].copy()
    return x_D


@exercise.wrong
def no_softmax(patterns_ND, probe_D, beta, steps):
    """You mixed the patterns by their raw scores, as the Hopfield network of 1982 does before it
    takes signs. Here a softmax of the scores comes first."""
    x_D = probe_D.copy()
    for _ in range(steps):
        x_D = beta * (patterns_ND @ x_D) @ patterns_ND
    return x_D


exercise.slip("""signs
    - x_D = exp_N / exp_N.sum() @ patterns_ND
    + x_D = np.sign(exp_N / exp_N.sum() @ patterns_ND)
    You took the signs at the end of each step. That is the Hopfield network of 1982, whose patterns
    are made of ±1; here patterns may hold any numbers, and come back as they were.""")
exercise.slip("""adds-to-the-state
    - x_D = exp_N / exp_N.sum() @ patterns_ND
    + x_D = x_D + exp_N / exp_N.sum() @ patterns_ND
    You added what was recalled to the old state. The recalled pattern takes the state's place: the
    noise of the probe is what should go.""")


@exercise.wrong
def returns_the_weights(patterns_ND, probe_D, beta, steps):
    """You returned the N weights. What is recalled is a pattern of D numbers: the mean of the
    patterns by these weights."""
    x_D, w_N = probe_D.copy(), np.zeros(len(patterns_ND))
    for _ in range(steps):
        e_N = beta * (patterns_ND @ x_D)
        exp_N = np.exp(e_N - e_N.max())
        w_N = exp_N / exp_N.sum()
        x_D = w_N @ patterns_ND
    return w_N


exercise.slip("""no-max-subtracted
    - e_N = beta * (patterns_ND @ x_D)
    - exp_N = np.exp(e_N - e_N.max())
    + exp_N = np.exp(beta * (patterns_ND @ x_D))
    On moderate scores you are right, but a sharp memory has scores in the thousands: exp gives inf,
    and inf / inf is nan. What did lesson 2 subtract first?""")
exercise.slip("""clips-the-scores
    - exp_N = np.exp(e_N - e_N.max())
    + exp_N = np.exp(np.clip(e_N, -500, 500))
    You cut the scores off at a limit, so that exp can't overflow. Two patterns beyond it then come
    back in equal parts, although one should win. What did lesson 2 subtract first?""")
exercise.slip("""overwrites-the-patterns
    - e_N = beta * (patterns_ND @ x_D)
    + stored_ND = patterns_ND.copy()
    + patterns_ND *= x_D
    + e_N = beta * patterns_ND.sum(axis=1)
    - x_D = exp_N / exp_N.sum() @ patterns_ND
    + x_D = exp_N / exp_N.sum() @ stored_ND
    + if _ + 1 < steps:
    +     patterns_ND[:] = stored_ND
    The result is right, but you wrote into the stored patterns, and the next recall will find
    others. Put what you need into a new array.""")


@exercise.wrong
def overwrites_the_probe(patterns_ND, probe_D, beta, steps):
    """The result is right, but it was written into the caller's own probe. Begin with a copy."""
    for _ in range(steps):
        e_N = beta * (patterns_ND @ probe_D)
        exp_N = np.exp(e_N - e_N.max())
        probe_D[:] = exp_N / exp_N.sum() @ patterns_ND
    return probe_D


exercise.slip("""hands-back-the-probe-itself
    - x_D = probe_D.copy()
    + x_D = probe_D
    With 0 steps you returned the probe itself, not a copy. Whoever writes into the result then
    writes into the probe.""")
