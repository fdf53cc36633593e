"""Silence: what a library in C writes while it loads is held back, and nothing else."""

from __future__ import annotations

import os
import subprocess
import sys
import threading

import pytest
from attnkit.quiet import silence


def test_silence_holds_back_what_a_library_writes_and_nothing_else(
    capfd: pytest.CaptureFixture[str],
) -> None:
    with silence():
        os.write(2, b"chatter from C\n")
    os.write(2, b"afterwards\n")
    with pytest.raises(ValueError, match="comes through"), silence():
        raise ValueError("comes through")
    assert capfd.readouterr().err == "afterwards\n"


def test_silence_ends_with_the_last_of_several_threads(capfd: pytest.CaptureFixture[str]) -> None:
    """Protects a service's error stream: graders in threads may import Keras at the same time."""
    entered, left = threading.Event(), threading.Event()

    def longer() -> None:
        with silence():
            entered.set()
            left.wait()
            os.write(2, b"chatter of the other\n")

    thread = threading.Thread(target=longer)
    with silence():
        thread.start()
        entered.wait()
    left.set()
    thread.join()
    os.write(2, b"afterwards\n")
    assert capfd.readouterr().err == "afterwards\n"


def test_silence_does_without_an_error_stream() -> None:
    program = "from attnkit.quiet import silence\nwith silence(): print('inside')\nprint('after')"
    ran = subprocess.run(
        ["sh", "-c", 'exec "$0" -c "$1" 2>&-', sys.executable, program],
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    assert ran.stdout == "inside\nafter\n"


def test_a_first_figure_says_nothing_of_fonts() -> None:
    """Matplotlib lists a machine's fonts once, and in a browser at each visit."""
    code = (
        "import logging, attnkit\n"
        "fonts = logging.getLogger('matplotlib.font_manager')\n"
        "fonts.warning('Matplotlib is building the font cache; this may take a moment.')\n"
        "fonts.warning('Another thing.')"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stderr == "Another thing.\n"
