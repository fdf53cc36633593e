import numpy as np

from autograder.authoring import Check, Exercise, call, function, normal

exercise = Exercise(
    "Pictures as words",
    solve=("patchify", "unpatchify"),
    difficulty=3,
    importance=4,
    minutes=12,
    hints="""a

    b

    c""",
)


@exercise.checks
def checks(rng):
    yield Check("cut", call.patchify(normal(rng, 2, 4, 6, 3), 2), says="x")
    yield Check("back", call.unpatchify(normal(rng, 2, 6, 12), 2, (2, 4, 6, 3)), says="x")


@exercise.of("patchify").wrong
def patchify_0(*args, **kwargs):
    """You 0."""
    return 0.5


@exercise.of("patchify").wrong
def patchify_1(*args, **kwargs):
    """You 1."""
    return 1.5


@exercise.of("patchify").wrong
def patchify_2(*args, **kwargs):
    """You 2."""
    return 2.5


@exercise.of("patchify").wrong
def patchify_3(*args, **kwargs):
    """You 3."""
    return 3.5


@exercise.of("unpatchify").wrong
def unpatchify_0(*args, **kwargs):
    """You 0."""
    return 0.5


@exercise.of("unpatchify").wrong
def unpatchify_1(*args, **kwargs):
    """You 1."""
    return 1.5


@exercise.of("unpatchify").wrong
def unpatchify_2(*args, **kwargs):
    """You 2."""
    return 2.5


@exercise.of("unpatchify").wrong
def unpatchify_3(*args, **kwargs):
    """You 3."""
    return 3.5


@exercise.of("patchify").right
def patchify_right_0(*args, **kwargs):
    return 0.5


@exercise.of("patchify").right
def patchify_right_1(*args, **kwargs):
    return 1.5


@exercise.of("unpatchify").right
def unpatchify_right_0(*args, **kwargs):
    return 0.5


@exercise.of("unpatchify").right
def unpatchify_right_1(*args, **kwargs):
    return 1.5
