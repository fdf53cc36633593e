"""Attention Kit's toolkit for learners: what the notebooks import."""

from __future__ import annotations

import importlib
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from attnkit.checking.check import attempt, check, hint
    from attnkit.panels import explore, knob
    from attnkit.predictions import predict, predicted

__all__ = ["attempt", "check", "explore", "hint", "knob", "predict", "predicted"]
if "logging" in sys.modules:  # as in any kernel; help pages of `attn` do without
    # at a machine's first figure, and at each visit to a browser: red, and nobody can act on it
    sys.modules["logging"].getLogger("matplotlib.font_manager").addFilter(
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
