"""L8.6 is judged on reviews of MR's test part, drawn anew from every seed; the verdicts are asked
for and their labels stay with the judge. All labels are in the package that every learner has: what
this can't stop is said in the lesson and in the README of `autograder/grading`."""

import numpy as np
from attnkit.data import split

from autograder.authoring import Check, Exercise, between, matching, probe

exercise = Exercise(
    "Hand in what your model says",
    solve="handed_in",
    difficulty=1,
    importance=4,
    minutes=8,
    hints="""The cell above prints one line of text: your model's verdicts on the test reviews,
    packed. Where does it go?

    `unpack` turns the line into an array of noughts and ones again. Return that array.

    Copy the line with its quotes: `return unpack("…")`. If the accuracy is too low, look at the
    validation accuracy first: the model has to learn more, or the texts were read with another
    vocabulary than in training.""",
)


def form(handed_in, asked):
    answers = np.asarray(handed_in())
    if answers.ndim != 1 or answers.dtype.kind not in "biuf":
        return {"an array of the shape": list(answers.shape), "only 0 and 1": False}
    return {
        "an array of the shape": list(answers.shape),
        "only 0 and 1": bool(np.isin(answers, (0, 1)).all()),
        "verdicts on the reviews with these numbers": sum(n < len(answers) for n in asked),
    }


def both(handed_in):
    praise = np.mean(np.asarray(handed_in(), dtype=float))
    return {"found": "praise only" if praise > 0.8 else "blame only" if praise < 0.2 else "both"}


def right_share(handed_in, praise, blame):
    called = np.asarray(handed_in(), dtype=float).ravel() > 0.5
    return float((called[praise].sum() + (~called[blame]).sum()) / (len(praise) + len(blame)))


def verdicts(handed_in, asked):
    return (np.asarray(handed_in(), dtype=float).ravel() > 0.5)[asked].astype(int)


@exercise.checks
def checks(rng):
    labels = split("mr").test["label"].to_numpy()
    of_praise, of_blame = np.flatnonzero(labels == 1), np.flatnonzero(labels == 0)
    chosen = [rng.choice(of_kind, 200, replace=False) for of_kind in (of_praise, of_blame)]
    asked = rng.permutation(np.concatenate(chosen))
    says = "What your model says of 200 reviews that praise and 200 that blame, all mixed up,"
    few = np.sort(rng.permutation(len(labels))[: rng.integers(20, 90)]).tolist()
    yield Check(
        "a verdict on every test review",
        probe(form, says="What was handed in")(few),
        probe(both, says="What is found in it")(),
        says="""One number for each of the 1,000 test reviews, in their order: 1 for praise, 0 for
        blame.""",
    )
    yield Check(
        "better than a coin",
        probe(verdicts, says=says)(asked, expect=matching(labels[asked], 0.58), tolerance=1),
        probe(right_share, says="The share that is right of every fifth review of either kind")(
            of_praise[::5], of_blame[::5], expect=between(0, 1), tolerance=0.005
        ),
        says="A coin gets half of them right, and hardly ever more than 58 %.",
    )
    yield Check(
        "as good as a model that has learned",
        probe(verdicts, says=says)(asked, expect=matching(labels[asked], 0.68), tolerance=1),
        says="""A model that gets 73 % of the validation reviews right gets more than 68 % of these.
        Grading draws 400 others of the 1,000, so there is nothing to be won by trying.""",
    )


@exercise.right
def a_list_of_truth_values():
    from attnkit.handin import unpack

    return unpack(
        "1000:Plz_3re3b96fe1s29qqz1O_b9Te7bn_19s3vVb_n7929u_1pz7zDb"
        "7r_9CPNt9B3duvZ_167Z_3v9fub7uv0wAwQdAQmkTIQAlcgChCxBEKFQYI"
        "GCAkAKAaFaAYIAEAKBoCsBQIAgQz4LIIAIS8YAQK2j0AJKAAZRFggQEA="
    ).astype(bool)


@exercise.right("unpacked by hand, as floats")
def unpacked_by_hand_as_floats():
    import base64

    text = (
        "1000:Plz_3re3b96fe1s29qqz1O_b9Te7bn_19s3vVb_n7929u_1pz7zDb"
        "7r_9CPNt9B3duvZ_167Z_3v9fub7uv0wAwQdAQmkTIQAlcgChCxBEKFQYI"
        "GCAkAKAaFaAYIAEAKBoCsBQIAgQz4LIIAIS8YAQK2j0AJKAAZRFggQEA="
    )
    raw = base64.urlsafe_b64decode(text.partition(":")[2])
    return np.array([byte >> (7 - bit) & 1 for byte in raw for bit in range(8)][:1000], dtype=float)


a_list_of_truth_values.slip("""verdicts-turned-round
    - return unpack(
    + return 1 - unpack(
    Your verdicts are turned round: what praises is called blame, and what blames praise. Which of
    the two labels is 1?""")


@exercise.wrong
def probabilities():
    """You handed in probabilities. Verdicts are asked for, 1 where praise is likelier and 0
    elsewhere: `pack` makes them of probabilities, and `unpack` gives them back."""
    from attnkit.handin import unpack

    return 0.1 + 0.8 * unpack(
        "1000:Plz_3re3b96fe1s29qqz1O_b9Te7bn_19s3vVb_n7929u_1pz7zDb"
        "7r_9CPNt9B3duvZ_167Z_3v9fub7uv0wAwQdAQmkTIQAlcgChCxBEKFQYI"
        "GCAkAKAaFaAYIAEAKBoCsBQIAgQz4LIIAIS8YAQK2j0AJKAAZRFggQEA="
    )


@exercise.wrong
def other_order():
    """Your verdicts are no better than a coin's, though there is praise and blame in them. Do they
    stand in the order of the reviews, and are they about the *test* reviews?"""
    from attnkit.handin import unpack

    return np.roll(
        unpack(
            "1000:Plz_3re3b96fe1s29qqz1O_b9Te7bn_19s3vVb_n7929u_1pz7zDb"
            "7r_9CPNt9B3duvZ_167Z_3v9fub7uv0wAwQdAQmkTIQAlcgChCxBEKFQYI"
            "GCAkAKAaFaAYIAEAKBoCsBQIAgQz4LIIAIS8YAQK2j0AJKAAZRFggQEA="
        ),
        311,
    )


@exercise.wrong
def all_praise():
    """You called every review praise. A threshold at 0, or a softmax over one unit, does that."""
    return np.ones(1000, dtype=int)


@exercise.wrong
def all_blame():
    """You called every review blame. Were probabilities cut to whole numbers before they were
    compared with one half?"""
    return np.zeros(1000, dtype=int)


@exercise.wrong
def a_part_only():
    """A part of the reviews has no verdict: 1,000 are asked for. Was the whole line copied?"""
    return (np.arange(800) % 3 > 0).astype(int)


@exercise.wrong
def the_line_itself():
    """You returned the packed line. `unpack` makes an array of it."""
    return (
        "1000:Plz_3re3b96fe1s29qqz1O_b9Te7bn_19s3vVb_n7929u_1pz7zDb"
        "7r_9CPNt9B3duvZ_167Z_3v9fub7uv0wAwQdAQmkTIQAlcgChCxBEKFQYI"
        "GCAkAKAaFaAYIAEAKBoCsBQIAgQz4LIIAIS8YAQK2j0AJKAAZRFggQEA="
    )
