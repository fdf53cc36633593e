"""Attention Kit's toolkit for learners: what the notebooks import."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from attnkit.checking.check import attempt, check, hint

if TYPE_CHECKING:
    from attnkit.panels import explore, knob

__all__ = ["attempt", "check", "explore", "hint", "knob"]


def __getattr__(name: str) -> Any:
    """Sliders come with widgets and Matplotlib, so they are loaded when first asked for."""
    if name in ("explore", "knob"):
        from attnkit import panels

        return getattr(panels, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
