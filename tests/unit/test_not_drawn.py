"""Where nobody looks, the course's pictures say what they would show, and what they know stays."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from attnkit import explore
from attnkit.figures import draw_attention, draw_weights
from attnkit.panels import mask_panel, pooling_panel
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output
from traitlets.config import Config

WORDS = ["a", "good", "film"]
POINTS = np.array([[0.0, 1.0], [2.0, 0.5], [0.5, -1.0]])


def evenly(tau: float) -> Any:
    calls.append(tau)
    return np.full((3, 3), 1 / 3)


calls: list[float] = []
MAKERS: dict[str, Callable[[], Any]] = {
    "a figure": lambda: draw_weights(WORDS, np.array([0.2, 0.5, 0.3])),
    "a canvas": lambda: draw_attention(np.full((3, 3), 1 / 3), WORDS, WORDS),
    "a panel": lambda: mask_panel(),
    "a panel with a kept picture": lambda: pooling_panel(WORDS, POINTS),
    "a panel on a function": lambda: explore(evenly, WORDS, tau=(0.5, 2.0, 0.5, 1.0)),
}


@pytest.fixture
def undrawn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ATTNKIT_PICTURES", "off")


@pytest.fixture
def shell() -> Iterator[InteractiveShell]:
    yield InteractiveShell.instance(config=Config({"HistoryManager": {"enabled": False}}))
    InteractiveShell.clear_instance()


def shown(shell: InteractiveShell, thing: Any) -> list[dict[str, Any]]:
    """What a notebook's cell that ends with `thing` puts into the notebook."""
    shell.push({"thing": thing})
    with capture_output() as captured:
        shell.run_cell("from IPython.display import display; display(thing)", store_history=False)
    return [output.data for output in captured.outputs]


@pytest.mark.parametrize("name", MAKERS)
def test_it_says_in_words_what_it_would_show(
    undrawn: None, shell: InteractiveShell, name: str
) -> None:
    outputs = shown(shell, MAKERS[name]())
    assert [list(data) for data in outputs] == [["text/plain"]]
    assert len(outputs[0]["text/plain"]) > 20


@pytest.mark.parametrize("name", MAKERS)
def test_it_is_drawn_otherwise(shell: InteractiveShell, name: str) -> None:
    outputs = shown(shell, MAKERS[name]())
    assert any("image/png" in data for data in outputs)


def test_a_panel_still_tells_its_weights_and_moves(undrawn: None) -> None:
    panel = pooling_panel(WORDS, POINTS)
    panel.set(scores=[0.0, 5.0, 0.0])
    assert panel.weights[1] > 0.9
    assert "good" in panel.static().alt


def test_a_function_behind_sliders_is_not_called_for_a_picture_that_is_not_drawn(
    undrawn: None,
) -> None:
    panel = explore(evenly, WORDS, tau=(0.5, 2.0, 0.5, 1.0))
    calls.clear()
    panel.set(tau=2.0)
    assert calls == []
    assert panel.weights is not None
    assert calls == [2.0]
