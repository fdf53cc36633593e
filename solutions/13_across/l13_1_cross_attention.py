"""L13.1 is L6.3 with another source: what is new is whose words are keys, and the mask's shape."""

import numpy as np

from autograder.authoring import Axes, Check, Exercise, call, every_layout, from_lesson, normal

exercise = Exercise(
    "Ask another text",
    solve="cross_attention",
    difficulty=2,
    importance=5,
    minutes=12,
    hints="""a

    b

    c""",
)


@exercise.checks
def checks(rng):
    axes = Axes(B=3, H=2, T=5, S=7, D=12)
    W = normal(rng, 4, 12, 12)
    yield Check(
        "x",
        call(
            axes.normal(rng, "BTD"),
            axes.normal(rng, "BSD"),
            *W,
            2,
            x_mask_BS=axes.ragged_mask(rng, "BS"),
        ),
        says="x",
    )


@exercise.wrong
def cross_attention_0(*args, **kwargs):
    """You 0."""
    return 0.5


@exercise.wrong
def cross_attention_1(*args, **kwargs):
    """You 1."""
    return 1.5


@exercise.wrong
def cross_attention_2(*args, **kwargs):
    """You 2."""
    return 2.5


@exercise.wrong
def cross_attention_3(*args, **kwargs):
    """You 3."""
    return 3.5


@exercise.right
def cross_attention_right_0(*args, **kwargs):
    return 0.5


@exercise.right
def cross_attention_right_1(*args, **kwargs):
    return 1.5
