"""Attention Kit's toolkit for learners: what the notebooks import."""

from __future__ import annotations

import importlib
import logging
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from attnkit.checking.check import attempt, check, hint
    from attnkit.panels import explore, knob
    from attnkit.predictions import predict, predicted

__all__ = ["attempt", "check", "explore", "hint", "knob", "predict", "predicted"]
# at the first figure on a machine, and at each visit to a browser: red, and nobody can act on it
logging.getLogger("matplotlib.font_manager").addFilter(
    lambda said: "building the font cache" not in said.getMessage()
)
_HOMES = {
    **dict.fromkeys(("attempt", "check", "hint"), "attnkit.checking.check"),
    **dict.fromkeys(("predict", "predicted"), "attnkit.predictions"),
    **dict.fromkeys(("explore", "knob"), "attnkit.panels"),  # with widgets and Matplotlib
}


def __getattr__(name: str) -> Any:
    """Each is loaded when it is first asked for: a grader that only judges needs none of them."""
    if name in _HOMES:
        return getattr(importlib.import_module(_HOMES[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
