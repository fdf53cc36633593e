"""Slider panels: knobs → parameters → one picture, with the learner's own function in between."""

from attnkit.panels.across import alignment_panel, patches_panel, question_panel
from attnkit.panels.base import Choice, Entry, Knob, Panel, PicturePanel, Switch, knob
from attnkit.panels.before_labels import hiding_panel, maze_panel
from attnkit.panels.classifier import strip_panel, threshold_panel, training_panel
from attnkit.panels.descent import descent_panel
from attnkit.panels.heads import budget_panel, heads_panel
from attnkit.panels.inside import attribution_panel, wall_panel
from attnkit.panels.less_data import augment_panel, curve_panel, domain_panel
from attnkit.panels.masking import MaskPanel, mask_panel
from attnkit.panels.paying import bits_panel, kept_heads_panel, length_panel
from attnkit.panels.pooling import PoolingPanel, pooling_panel
from attnkit.panels.positions import depth_panel, position_panel
from attnkit.panels.projects import bank_panel, desk_panel, history_panel, index_panel
from attnkit.panels.queries import query_panel, recall_panel, scaling_panel
from attnkit.panels.softmax import softmax_panel
from attnkit.panels.sound import sound_panel
from attnkit.panels.weights import ExplorePanel, explore
from attnkit.panels.writing import writing_panel

__all__ = [
    "Choice",
    "Entry",
    "ExplorePanel",
    "Knob",
    "MaskPanel",
    "Panel",
    "PicturePanel",
    "PoolingPanel",
    "Switch",
    "alignment_panel",
    "attribution_panel",
    "augment_panel",
    "bank_panel",
    "bits_panel",
    "budget_panel",
    "curve_panel",
    "depth_panel",
    "descent_panel",
    "desk_panel",
    "domain_panel",
    "explore",
    "heads_panel",
    "hiding_panel",
    "history_panel",
    "index_panel",
    "kept_heads_panel",
    "knob",
    "length_panel",
    "mask_panel",
    "maze_panel",
    "patches_panel",
    "pooling_panel",
    "position_panel",
    "query_panel",
    "question_panel",
    "recall_panel",
    "scaling_panel",
    "softmax_panel",
    "sound_panel",
    "strip_panel",
    "threshold_panel",
    "training_panel",
    "wall_panel",
    "writing_panel",
]
