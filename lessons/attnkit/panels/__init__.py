"""Slider panels: knobs → parameters → one picture, with the learner's own function in between."""

from attnkit.panels.base import Choice, Entry, Knob, Panel, PicturePanel, Switch, knob
from attnkit.panels.pooling import PoolingPanel, pooling_panel
from attnkit.panels.softmax import softmax_panel
from attnkit.panels.weights import ExplorePanel, explore

__all__ = [
    "Choice",
    "Entry",
    "ExplorePanel",
    "Knob",
    "Panel",
    "PicturePanel",
    "PoolingPanel",
    "Switch",
    "explore",
    "knob",
    "pooling_panel",
    "softmax_panel",
]
