import numpy as np

from autograder.authoring import Check, Exercise, call, function, normal

exercise = Exercise(
    "Learn from what is right so far",
    solve=("teacher_forcing", "seq_loss"),
    difficulty=2,
    importance=5,
    minutes=12,
    hints="""a

    b

    c""",
)


@exercise.checks
def checks(rng):
    yield Check("shift", call.teacher_forcing(rng.integers(4, 9, (2, 3))), says="x")
    yield Check("loss", call.seq_loss(normal(rng, 2, 3, 9), rng.integers(4, 9, (2, 3))), says="x")


@exercise.of("teacher_forcing").wrong
def teacher_forcing_0(*args, **kwargs):
    """You 0."""
    return 0.5


@exercise.of("teacher_forcing").wrong
def teacher_forcing_1(*args, **kwargs):
    """You 1."""
    return 1.5


@exercise.of("teacher_forcing").wrong
def teacher_forcing_2(*args, **kwargs):
    """You 2."""
    return 2.5


@exercise.of("teacher_forcing").wrong
def teacher_forcing_3(*args, **kwargs):
    """You 3."""
    return 3.5


@exercise.of("seq_loss").wrong
def seq_loss_0(*args, **kwargs):
    """You 0."""
    return 0.5


@exercise.of("seq_loss").wrong
def seq_loss_1(*args, **kwargs):
    """You 1."""
    return 1.5


@exercise.of("seq_loss").wrong
def seq_loss_2(*args, **kwargs):
    """You 2."""
    return 2.5


@exercise.of("seq_loss").wrong
def seq_loss_3(*args, **kwargs):
    """You 3."""
    return 3.5


@exercise.of("teacher_forcing").right
def teacher_forcing_right_0(*args, **kwargs):
    return 0.5


@exercise.of("teacher_forcing").right
def teacher_forcing_right_1(*args, **kwargs):
    return 1.5


@exercise.of("seq_loss").right
def seq_loss_right_0(*args, **kwargs):
    return 0.5


@exercise.of("seq_loss").right
def seq_loss_right_1(*args, **kwargs):
    return 1.5
