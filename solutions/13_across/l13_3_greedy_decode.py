import numpy as np

from autograder.authoring import Check, Exercise, call, function, normal

exercise = Exercise(
    "Write it out",
    solve="greedy_decode",
    difficulty=3,
    importance=4,
    minutes=18,
    hints="""a

    b

    c""",
)


@exercise.checks
def checks(rng):
    def step(ids_BS):
        return np.cos(np.outer(ids_BS.sum(axis=1) + np.arange(len(ids_BS)), np.arange(1, 9)))

    yield Check("x", call(function(step, "a step"), 3, 5), says="x")


@exercise.wrong
def greedy_decode_0(*args, **kwargs):
    """You 0."""
    return 0.5


@exercise.wrong
def greedy_decode_1(*args, **kwargs):
    """You 1."""
    return 1.5


@exercise.wrong
def greedy_decode_2(*args, **kwargs):
    """You 2."""
    return 2.5


@exercise.wrong
def greedy_decode_3(*args, **kwargs):
    """You 3."""
    return 3.5


@exercise.right
def greedy_decode_right_0(*args, **kwargs):
    return 0.5


@exercise.right
def greedy_decode_right_1(*args, **kwargs):
    return 1.5
