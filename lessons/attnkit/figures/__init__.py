"""The course's figures: pure functions that return a Matplotlib figure, and one sentence for each.

Every ``draw_…`` returns a `attnkit.style.CourseFigure`, which shows itself in a notebook; its
``alt`` is the sentence that the matching ``describe_…`` gives. Nothing here keeps state in pyplot.
"""

from attnkit.figures.bars import (
    describe_prediction,
    describe_scores,
    describe_weights,
    draw_prediction,
    draw_scores,
    draw_weights,
)
from attnkit.figures.pooling import describe_pooling, draw_pooling

__all__ = [
    "describe_pooling",
    "describe_prediction",
    "describe_scores",
    "describe_weights",
    "draw_pooling",
    "draw_prediction",
    "draw_scores",
    "draw_weights",
]
