import numpy as np

from autograder.authoring import (
    Axes,
    Check,
    Exercise,
    call,
    every_layout,
    float32,
    from_lesson,
    normal,
)

log_softmax = from_lesson("log_softmax")

exercise = Exercise(
    "Learn from a teacher",
    solve="distill_loss",
    difficulty=3,
    importance=3,
    minutes=12,
    hints="""KL(t ‖ s) is Σ t · (log t − log s) over the classes, one number an example. Which of the
    two is the teacher, and where does τ go?

    Divide both sides' logits by τ, then take `log_softmax` of each: the logarithm of a softmax that
    has been rounded to 0 would be −∞. Sum over the classes, mean over the batch.

    `log_t = log_softmax(teacher / tau)` and the same for the student; `(np.exp(log_t) * (log_t −
    log_s)).sum(axis=1)`, its mean, times `tau**2`.""",
)


def within(tau: float) -> float:
    """What float32 allows: rounding is multiplied by τ²."""
    return 1e-5 * max(1.0, tau**2)


@exercise.checks
def checks(rng):
    (fresh,) = rng.spawn(1)
    axes = Axes(B=3, C=5)
    student_BC, teacher_BC = axes.normal(rng, "BC"), axes.normal(rng, "BC")
    yield Check(
        "one example by hand",
        call(np.array([[0.0, 0.0]]), np.array([[2.0, 0.0]]), 1.0),
        call(np.array([[2.0, 0.0]]), np.array([[0.0, 0.0]]), 1.0),
        call(normal(fresh, 1, 3), normal(fresh, 1, 3), 1),
        says="""The teacher's probabilities weigh how much less likely the student finds each class:
        Σ t · (log t − log s).""",
    )
    yield Check(
        "warm and cold",
        call(student_BC, teacher_BC, 2.0),
        call(student_BC, teacher_BC, 0.5),
        call(normal(fresh, 1, 4), normal(fresh, 1, 4), 4),
        call(student_BC, teacher_BC, 20),
        says="""Both sides are softened by τ. That makes the loss smaller by about τ², and the factor
        τ² puts it back.""",
        points=2,
    )
    yield Check(
        "a batch",
        call(student_BC, teacher_BC, 1.5),
        call(normal(rng, 7, 2), normal(rng, 7, 2), 3.0),
        call(normal(fresh, 4, 6), normal(fresh, 4, 6), 1.0),
        says="A sum over the classes, a mean over the examples.",
    )
    same_BC = normal(fresh, 3, 4)
    shifted_BC = axes.normal(rng, "BC")
    yield Check(
        "nothing left to learn",
        call(same_BC, same_BC + 3.0, 2.0, tolerance=1e-9),
        call(shifted_BC, shifted_BC.copy(), 5.0, tolerance=1e-9),
        call(same_BC + 2 * np.arange(4), same_BC, 2.0),
        says="""Equal logits give 0, and so do logits that differ by the same number everywhere.
        Everybody else has something to learn.""",
    )
    extreme_BC = axes.extreme(rng, "BC")
    yield Check(
        "logits in the thousands",
        call(extreme_BC, axes.extreme(rng, "BC"), 1.0),
        call(-extreme_BC, teacher_BC, 2.0),
        call(student_BC, extreme_BC + 500, 4.0),
        says="""A class that the student thinks impossible has a probability that is rounded to 0.
        Its logarithm is a number all the same: −1000, say.""",
    )
    yield Check(
        "float32, strided and read-only arrays, inputs left alone",
        *every_layout(
            call(axes.normal(rng, "BC"), axes.normal(rng, "BC"), 2.0, tolerance=within(2))
        ),
        call(float32(student_BC), float32(teacher_BC), 20.0, tolerance=within(20)),
        says="The logits are still needed: for the loss on the true labels, which is added.",
        judges="inputs untouched",
    )


@exercise.right("a loop over examples and classes")
def a_loop_over_examples(student_BC, teacher_BC, tau):
    total = 0.0
    for student, teacher in zip(student_BC / tau, teacher_BC / tau, strict=True):
        log_s = [x - np.logaddexp.reduce(student) for x in student]
        log_t = [x - np.logaddexp.reduce(teacher) for x in teacher]
        total += sum(np.exp(t) * (t - s) for s, t in zip(log_s, log_t, strict=True))
    return tau * tau * total / len(student_BC)


@exercise.right("cross-entropy minus entropy")
def cross_entropy_minus_entropy(student_BC, teacher_BC, tau):
    log_s, log_t = log_softmax(student_BC / tau), log_softmax(teacher_BC / tau)
    t = np.exp(log_t)
    cross_entropy = -(t * log_s).sum(axis=1)
    entropy = -(t * log_t).sum(axis=1)
    return (cross_entropy - entropy).mean() * tau**2


@exercise.right("SciPy's log_softmax, a mean over the classes times C")
def scipys_log_softmax(student_BC, teacher_BC, tau):
    from scipy.special import log_softmax as stable

    s, t = stable(student_BC / tau, axis=-1), stable(teacher_BC / tau, axis=-1)
    return float(np.mean(np.exp(t) * (t - s)) * student_BC.shape[1] * tau**2)


@exercise.plain
def plain(student_BC, teacher_BC, tau):
    log_s = log_softmax(student_BC / tau)
    log_t = log_softmax(teacher_BC / tau)
    kl_B = (np.exp(log_t) * (log_t - log_s)).sum(axis=1)
    return tau**2 * kl_B.mean()


exercise.allow_mutant(
    after='kl_B = np.einsum("bc,bc->b", log_t_BC - log_s_BC, np.exp(log_t_BC))',
    reason="A product, whichever comes first.",
)
exercise.allow_mutant(
    after="return tau**2 * kl_B.mean()", reason="NumPy's float is as good as Python's."
)
plain.slip("""tau-squared-missing
    - tau**2 * kl_B.mean()
    + kl_B.mean()
    You left out the factor τ². Softened logits pull about τ² times more weakly, so without it every
    temperature would need another learning rate.""")
plain.slip("""tau-once
    - tau**2 * kl_B.mean()
    + tau * kl_B.mean()
    You multiplied by τ once. It divides student and teacher both, so it comes in twice.""")
plain.slip("""divided-by-tau-squared
    - tau**2 * kl_B.mean()
    + kl_B.mean() / tau**2
    You divided by τ². Softening has made the loss smaller already: which way does the factor put it
    back?""")
plain.slip("""KL-turned-round
    - np.exp(log_t) * (log_t - log_s)
    + np.exp(log_s) * (log_s - log_t)
    You took KL(student ‖ teacher): the student's own probabilities weigh the differences. Then a
    student may leave out what it doesn't like. The teacher should weigh: KL(teacher ‖ student).""")
plain.slip("""sign
    - log_t - log_s
    + log_s - log_t
    Your loss is negative, and the worse the student, the lower it falls. Which logarithm is
    subtracted from which?""")
plain.slip("""teacher-not-softened
    - log_softmax(teacher_BC / tau)
    + log_softmax(teacher_BC)
    You softened the student only. Even a student with the teacher's own logits would then have
    something to learn. Divide both by τ.""")
plain.slip("""student-not-softened
    - log_softmax(student_BC / tau)
    + log_softmax(student_BC)
    You softened the teacher only. Even a student with the teacher's own logits would then have
    something to learn. Divide both by τ.""")
plain.slip("""multiplied-by-tau
    - log_s = log_softmax(student_BC / tau)
    - log_t = log_softmax(teacher_BC / tau)
    + log_s = log_softmax(student_BC * tau)
    + log_t = log_softmax(teacher_BC * tau)
    You multiplied the logits by τ. A high temperature should make classes more alike, as in lesson
    2: divide.""")
plain.slip("""probabilities-softened
    - log_s = log_softmax(student_BC / tau)
    - log_t = log_softmax(teacher_BC / tau)
    + log_s = log_softmax(student_BC) / tau
    + log_t = log_softmax(teacher_BC) / tau
    You divided the logarithms of the probabilities by τ, after the softmax: they no longer sum to 1.
    Divide the logits, before it.""")
plain.slip("""mean-over-everything
    - (np.exp(log_t) * (log_t - log_s)).sum(axis=1)
    + (np.exp(log_t) * (log_t - log_s)).mean(axis=1)
    You took the mean over the classes, too, which makes the loss C times smaller. KL is a sum over
    the classes; the mean is over the batch.""")
plain.slip("""sum-over-the-batch
    - tau**2 * kl_B.mean()
    + tau**2 * kl_B.sum()
    You added the examples up. A batch of twice the size would count twice: take the mean.""")
plain.slip("""softmax-over-the-batch
    - log_s = log_softmax(student_BC / tau)
    - log_t = log_softmax(teacher_BC / tau)
    + log_s = log_softmax(student_BC / tau, axis=0)
    + log_t = log_softmax(teacher_BC / tau, axis=0)
    Your softmax runs over the examples: they compete for each class. Which axis are the classes?""")
plain.slip("""entropy-not-taken-off
    - np.exp(log_t) * (log_t - log_s)
    + -np.exp(log_t) * log_s
    You returned the cross-entropy. Its gradient is the same, but it isn't 0 for a perfect student:
    what is left is the teacher's own entropy.""")
plain.slip("""in-bits
    - return tau**2 * kl_B.mean()
    + return tau**2 * kl_B.mean() / np.log(2)
    Your loss is in bits, with logarithms to the base 2. Natural logarithms are asked for.""")
plain.slip("""example-by-example
    - return tau**2 * kl_B.mean()
    + return tau**2 * kl_B
    You returned a number for each example. One number is asked for, their mean.""")


@exercise.wrong
def log_of_a_softmax(student_BC, teacher_BC, tau):
    """You took the logarithm of finished probabilities. One that was rounded to 0 has the logarithm
    −∞, and 0 · ∞ is nan. `log_softmax` takes the logarithm before anything can be lost."""

    def softmax(s):
        e = np.exp(s - s.max(axis=1, keepdims=True))
        return e / e.sum(axis=1, keepdims=True)

    s, t = softmax(student_BC / tau), softmax(teacher_BC / tau)
    return tau**2 * (t * (np.log(t) - np.log(s))).sum(axis=1).mean()


@exercise.wrong
def epsilon_under_the_logarithm(student_BC, teacher_BC, tau):
    """You added a small number to the probabilities before taking the logarithm. A class that the
    student thinks impossible then costs 20 where it should cost a thousand. `log_softmax` needs no
    such help."""

    def softmax(s):
        e = np.exp(s - s.max(axis=1, keepdims=True))
        return e / e.sum(axis=1, keepdims=True)

    s, t = softmax(student_BC / tau) + 1e-12, softmax(teacher_BC / tau) + 1e-12
    return tau**2 * (t * (np.log(t) - np.log(s))).sum(axis=1).mean()


plain.slip("""changes-the-teacher
    - log_t = log_softmax(teacher_BC / tau)
    + teacher_BC /= tau
    + log_t = log_softmax(teacher_BC)
    The loss is right, but `/=` wrote into the teacher's own logits. Put the softened ones into a new
    array.""")
