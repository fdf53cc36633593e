"""What says on the screen that Keras is not Keras here: below each cell that uses it."""

from __future__ import annotations

import io
import tokenize
from typing import Any

NOTE = (
    "In the browser, <code>keras</code> is a stand-in: NumPy that gives the same numbers, as the "
    "course's tests hold beside the real Keras."
)


def begin() -> None:
    """Have the note shown below each cell that names keras, this one first. Twice is as once."""
    try:
        from IPython import get_ipython
    except ImportError:
        return
    shell = get_ipython()
    if shell is None or getattr(shell, "_keras_is_a_stand_in", False):
        return
    shell._keras_is_a_stand_in = True
    shell.events.register("post_run_cell", after)


def after(result: Any) -> None:
    """A cell has run."""
    source = getattr(getattr(result, "info", None), "raw_cell", None)
    if source and names_keras(source):
        _show()


def names_keras(source: str) -> bool:
    """Whether a cell's code, not its comments and texts, has the name `keras`."""
    try:
        tokens = list(tokenize.generate_tokens(io.StringIO(source).readline))
    except (tokenize.TokenError, SyntaxError):
        return False
    return any(token.type == tokenize.NAME and token.string == "keras" for token in tokens)


def _show() -> None:
    from IPython.display import display

    plain = NOTE.replace("<code>", "").replace("</code>", "")
    look = "opacity:.75;margin:.4em 0 0;font-size:.9em"
    display({"text/plain": plain, "text/html": f'<p style="{look}">{NOTE}</p>'}, raw=True)
