"""The course's figures: pure functions that return a picture, with a sentence that says the same.

Every ``draw_…`` returns a `attnkit.style.CourseFigure` or a `attnkit.figures.canvas.Canvas`. Both
show themselves in a notebook and carry the sentence as ``alt``; a canvas can also be written as SVG
in a moment (``svg()``), knows its numbers as a ``table``, and becomes a figure by ``figure()``.
Nothing here keeps state in pyplot.
"""

from attnkit.figures.attention import draw_attention
from attnkit.figures.attribution import Deleting, draw_attribution
from attnkit.figures.bars import (
    describe_prediction,
    describe_scores,
    describe_weights,
    draw_prediction,
    draw_scores,
    draw_weights,
)
from attnkit.figures.canvas import Canvas
from attnkit.figures.depth import draw_depth
from attnkit.figures.descent import draw_descent
from attnkit.figures.flow import draw_data_flow
from attnkit.figures.heads import draw_budget, draw_heads
from attnkit.figures.lines import draw_lines
from attnkit.figures.masking import draw_masking
from attnkit.figures.pooling import describe_pooling, draw_pooling
from attnkit.figures.positions import draw_positions
from attnkit.figures.query import draw_query
from attnkit.figures.recall import draw_recall
from attnkit.figures.scaling import draw_scaling
from attnkit.figures.softmax import draw_softmax
from attnkit.figures.strip import draw_strip
from attnkit.figures.threshold import draw_threshold
from attnkit.figures.training import draw_training
from attnkit.figures.wall import draw_wall

__all__ = [
    "Canvas",
    "Deleting",
    "describe_pooling",
    "describe_prediction",
    "describe_scores",
    "describe_weights",
    "draw_attention",
    "draw_attribution",
    "draw_budget",
    "draw_data_flow",
    "draw_depth",
    "draw_descent",
    "draw_heads",
    "draw_lines",
    "draw_masking",
    "draw_pooling",
    "draw_positions",
    "draw_prediction",
    "draw_query",
    "draw_recall",
    "draw_scaling",
    "draw_scores",
    "draw_softmax",
    "draw_strip",
    "draw_threshold",
    "draw_training",
    "draw_wall",
    "draw_weights",
]
