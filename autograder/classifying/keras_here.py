"""Keras as it is set up here: its backend, or in a sentence why there is none, and its numbers.

Keras takes its backend from KERAS_BACKEND or from a settings file in the home folder, which may be
years old. Whatever else that file says of numbers would change a training unsaid: it does not.
"""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Iterator
from pathlib import Path

from attnkit.quiet import silence

from autograder.errors import AttnError
from autograder.text import first_line

_VARIABLE = "KERAS_BACKEND"
_FLOATX, _EPSILON = "float32", 1e-7  # Keras's own


def backend_named() -> tuple[str, str]:
    """The backend that Keras will take, and what names it; "" if nothing does."""
    if os.environ.get(_VARIABLE):
        return os.environ[_VARIABLE], _VARIABLE
    file = _settings_file()
    try:
        settings = json.loads(file.read_text(encoding="utf-8"))
        name = settings.get("backend")
    except (OSError, ValueError, AttributeError):
        name = None
    return (str(name), str(file)) if name else ("tensorflow", "")


@contextlib.contextmanager
def naming_the_backend() -> Iterator[None]:
    """What keeps Keras from being imported inside is told in a sentence. AttnError."""
    try:
        yield
    except (ImportError, KeyError, ValueError, AssertionError) as error:
        name, source = backend_named()
        what = f"the backend {name}" + (f", which {source} names" if source else "")
        mend = f", or {'unset' if source == _VARIABLE else 'delete'} {source}" if source else ""
        raise AttnError(
            f"Keras can't be used on {what} ({first_line(error)}): install it{mend}."
        ) from None


def use_keras() -> str:
    """Import Keras, without its chatter; a note if a settings file's numbers are not used.

    AttnError if its backend is not there.
    """
    with naming_the_backend(), silence():
        import keras

        found = keras.config.floatx(), keras.config.epsilon()
        keras.config.set_floatx(_FLOATX)
        keras.config.set_epsilon(_EPSILON)
    if found == (_FLOATX, _EPSILON):
        return ""
    return (
        f"{_settings_file()} asks for {found[0]} and an epsilon of {found[1]:g}; "
        f"here all is computed in {_FLOATX}, with {_EPSILON:g}."
    )


def _settings_file() -> Path:
    """Where Keras looks for its settings."""
    home = os.environ.get("KERAS_HOME")
    return Path(home) / "keras.json" if home else Path.home() / ".keras" / "keras.json"
