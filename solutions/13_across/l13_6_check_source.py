import numpy as np

from autograder.authoring import Check, Exercise, call, function, normal

exercise = Exercise(
    "Write the test",
    solve="check_source",
    difficulty=4,
    importance=4,
    minutes=18,
    hints="""a

    b

    c""",
)


@exercise.checks
def checks(rng):
    def mean(y_BTD, x_BSD, x_mask_BS):
        kept_BS1 = x_mask_BS[:, :, None]
        return y_BTD + ((x_BSD * kept_BS1).sum(1) / kept_BS1.sum(1))[:, None]

    yield Check("x", call(function(mean, "the mean of what is kept")), says="x")


@exercise.wrong
def check_source_0(*args, **kwargs):
    """You 0."""
    return 0.5


@exercise.wrong
def check_source_1(*args, **kwargs):
    """You 1."""
    return 1.5


@exercise.wrong
def check_source_2(*args, **kwargs):
    """You 2."""
    return 2.5


@exercise.wrong
def check_source_3(*args, **kwargs):
    """You 3."""
    return 3.5


@exercise.right
def check_source_right_0(*args, **kwargs):
    return 0.5


@exercise.right
def check_source_right_1(*args, **kwargs):
    return 1.5
