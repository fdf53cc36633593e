"""The secret numbers that hidden cases are drawn from: a class's, and this user's own."""

from __future__ import annotations

import secrets
from pathlib import Path

from autograder.errors import AttnError
from autograder.files import disk_error, private_mode, user_folder, write_if_absent


def user_seed() -> int:
    """The hidden seed for judging outside a class: this user's own, drawn at its first use."""
    return read_or_draw_seed(user_folder() / "hidden_seed")


def read_or_draw_seed(file: Path) -> int:
    """The number in `file`; if there is no such file, a fresh random one is put into it."""
    try:
        write_if_absent(file, f"{secrets.randbits(62)}\n", mode=private_mode(file.parent))
        return int(file.read_text(encoding="ascii"))
    except ValueError:
        raise AttnError(
            f"{file} holds no hidden seed any more: put its number back, or delete the file "
            "to draw a new one (grades may change then)."
        ) from None
    except OSError as error:
        raise disk_error(error) from None
