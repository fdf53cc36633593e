import numpy as np

from autograder.authoring import Check, Exercise, call, function, normal

exercise = Exercise(
    "Spans and summaries",
    solve=("best_span", "extract"),
    difficulty=3,
    importance=4,
    minutes=18,
    hints="""a

    b

    c""",
)


@exercise.checks
def checks(rng):
    z = normal(rng, 2, 3, 7)
    yield Check("span", call.best_span(*z, np.ones((3, 7), bool), 3), says="x")
    yield Check("extract", call.extract(normal(rng, 6), rng.integers(3, 9, 6), 15), says="x")


@exercise.of("best_span").wrong
def best_span_0(*args, **kwargs):
    """You 0."""
    return 0.5


@exercise.of("best_span").wrong
def best_span_1(*args, **kwargs):
    """You 1."""
    return 1.5


@exercise.of("best_span").wrong
def best_span_2(*args, **kwargs):
    """You 2."""
    return 2.5


@exercise.of("best_span").wrong
def best_span_3(*args, **kwargs):
    """You 3."""
    return 3.5


@exercise.of("extract").wrong
def extract_0(*args, **kwargs):
    """You 0."""
    return 0.5


@exercise.of("extract").wrong
def extract_1(*args, **kwargs):
    """You 1."""
    return 1.5


@exercise.of("extract").wrong
def extract_2(*args, **kwargs):
    """You 2."""
    return 2.5


@exercise.of("extract").wrong
def extract_3(*args, **kwargs):
    """You 3."""
    return 3.5


@exercise.of("best_span").right
def best_span_right_0(*args, **kwargs):
    return 0.5


@exercise.of("best_span").right
def best_span_right_1(*args, **kwargs):
    return 1.5


@exercise.of("extract").right
def extract_right_0(*args, **kwargs):
    return 0.5


@exercise.of("extract").right
def extract_right_1(*args, **kwargs):
    return 1.5
