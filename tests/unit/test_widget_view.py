"""Panels and boxes are shown by ipywidgets 7, which Colab has, just as by 8."""

from __future__ import annotations

from pathlib import Path

import ipywidgets as widgets
import pytest
from attnkit import predictions
from attnkit.panels import softmax_panel
from attnkit.reviewing import asking
from attnkit.reviewing.sitting import Sitting
from attnkit.widget_view import MIME, focus, widget_view


def test_it_is_the_output_that_ipywidgets_8_gives_itself() -> None:
    slider = widgets.IntSlider()
    assert widget_view(slider, "said") == {**slider._repr_mimebundle_(), "text/plain": "said"}


def test_nothing_is_asked_of_a_widget_that_7_lacks(
    progress_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Protects Colab's learners; the whole is tests/install/test_light_install.py."""
    monkeypatch.delattr(widgets.Widget, "_repr_mimebundle_")
    monkeypatch.delattr(widgets.DOMWidget, "focus")
    focus(widgets.Button())
    assert MIME in softmax_panel()._outputs()[1]
    assert MIME in predictions.box("L1.a", "What will it be?")[1]
    pytest.importorskip("fsrs")
    assert asking.asking_box(Sitting()).children
