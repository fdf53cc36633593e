"""Many yes-or-no verdicts as one short line of text, which a notebook can keep, and back."""

from __future__ import annotations

import base64

import numpy as np
import numpy.typing as npt


def pack(answers: npt.ArrayLike) -> str:
    """Verdicts of shape (N,), (N, 1): one bit for each that is above one half, as a line of text.

    1,000 of them give 173 letters. Probabilities outside of 0 to 1 raise ValueError.
    """
    flat = np.asarray(answers, dtype=np.float64).ravel()
    if not ((flat >= 0) & (flat <= 1)).all():
        raise ValueError("These are no probabilities: some are outside of 0 to 1.")
    bits = np.packbits(flat > 0.5).tobytes()
    return f"{len(flat)}:{base64.urlsafe_b64encode(bits).decode()}"


def unpack(line: str) -> npt.NDArray[np.int_]:
    """What `pack` made a line of: an array of noughts and ones, shape (N,).

    Raises ValueError for a line that `pack` didn't make, or that has lost a part.
    """
    try:
        number, _, text = line.strip().partition(":")
        bits = np.unpackbits(np.frombuffer(base64.urlsafe_b64decode(text), dtype=np.uint8))
        n = int(number)
    except (AttributeError, ValueError):
        raise ValueError("This is no packed line: copy the whole of it, quotes included.") from None
    if not 0 <= len(bits) - n < 8:
        raise ValueError("A part of the line is missing: copy the whole of it, quotes included.")
    return bits[:n].astype(int)
