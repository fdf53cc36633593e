"""What a box sends, before anything in it is believed: counted first, then parsed, then its form.

A message is JSON with its length before it. Three bytes of "[]," take the grader thirty times as
much memory, so it is the parts of a message that are bounded, and not its bytes alone.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

BYTES_FOR_A_PART = 24  # of a message that may have so many bytes, on average; see `outputs.size_of`
# By the one key that each has, or has first: what its value may be.
_FORMS: Mapping[str, tuple[type, ...]] = {
    "ready": (dict,),
    "failed": (str,),
    "output": (str,),  # with a "content"
    "done": (bool,),
    "answer": (str, type(None)),
    "over": (str,),
}
# A text, whole or broken off at the end: where one begins it is passed over, never gone back to.
_TEXT = re.compile(rb'"(?:[^"\\]++|\\.)*+"?+', re.DOTALL)


class NoMessageError(ValueError):
    """This is nothing that a box says."""


def parse(data: bytes, most_bytes: int) -> dict[str, Any]:
    """A message, of one that may have so many bytes. Raises NoMessageError."""
    if has_more_parts(data, most_bytes // BYTES_FOR_A_PART):
        raise NoMessageError
    try:
        message = json.loads(data)
    except (ValueError, RecursionError):
        raise NoMessageError from None
    if not isinstance(message, dict) or not _has_form(message):
        raise NoMessageError
    return message


def _has_form(message: dict[str, Any]) -> bool:
    kinds = [kind for kind in _FORMS if kind in message]
    return (
        len(kinds) == 1
        and isinstance(message[kinds[0]], _FORMS[kinds[0]])
        and ("output" not in message or isinstance(message.get("content"), dict))
    )


def has_more_parts(data: bytes, most: int) -> bool:
    """Whether there are more lists, dicts and other values in some JSON than that."""
    return _parts(data) > most and _parts(_TEXT.sub(b"", data)) > most


def _parts(data: bytes) -> int:
    return data.count(b"[") + data.count(b"{") + data.count(b",")
