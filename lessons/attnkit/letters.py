"""Letters that an output lacks are spelled out: nothing stops for them, and nothing is lost.

Windows has an old encoding for what goes into a pipe or a file, and so has a server whose locale is
"C" or whose PYTHONIOENCODING says so.
"""

from __future__ import annotations

import codecs
import io
import sys

SPELLED = "attnkit.spelled"  # the name of the error handler
_PLAIN = {
    "✓": "+", "✗": "x", "·": "-", "•": "*", "…": "...", "→": "->", "←": "<-", "×": "x",
    "–": "-", "—": "-", "−": "-", "‑": "-", "‘": "'", "’": "'", "“": '"', "”": '"', "„": '"',
    "≤": "<=", "≥": ">=", "≠": "!=", "≈": "~", "√": "sqrt ", "²": "^2", "⌈": "ceil ", "⌉": "",
    "\u00a0": " ", "\u202f": " ", "\u2009": " ",
}  # fmt: skip
_SPINNER = range(0x2800, 0x2900)  # Braille, of which a terminal's spinner is made


def _spelled(error: UnicodeError) -> tuple[str, int]:
    """Signs by what looks like them, letters by their numbers: no two names become the same."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    missing = error.object[error.start : error.end]
    return "".join(_PLAIN.get(letter) or _number(letter) for letter in missing), error.end


def _number(letter: str) -> str:
    if letter in _PLAIN:
        return ""
    return "*" if ord(letter) in _SPINNER else ascii(letter)[1:-1]


codecs.register_error(SPELLED, _spelled)


def spell_out(stream: object) -> None:
    """From now on a stream of Python's spells out the letters that its encoding lacks."""
    if isinstance(stream, io.TextIOWrapper):
        stream.reconfigure(errors=SPELLED)


def print_any(text: str) -> None:
    """Print a text, whatever letters are in it and wherever it goes."""
    encoding = getattr(sys.stdout, "encoding", None) or "utf-8"
    print(text.encode(encoding, SPELLED).decode(encoding))
