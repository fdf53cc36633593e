"""What a box sends, before anything in it is believed: counted first, then parsed, then its form.

A message is JSON with its length before it. Three bytes of "[]," take the grader thirty times as
much memory, so it is the parts of a message that are bounded, and not its bytes alone.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

BYTES_FOR_A_PART = 192  # of a message's most bytes: half as many as its sender counts for one
# What belongs together in a message, and what each may be.
_FORMS = (
    {"ready"},
    {"failed"},
    {"output", "content"},
    {"done"},
    {"answer", "nonce"},
    {"answer", "nonce", "over"},
    {"over"},
)
_KINDS: Mapping[str, tuple[type, ...]] = {
    "ready": (dict,),
    "failed": (str,),
    "output": (str,),
    "content": (dict,),
    "done": (bool,),
    "answer": (str, type(None)),
    "nonce": (str,),
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
    return message.keys() in _FORMS and all(
        isinstance(value, _KINDS[key]) for key, value in message.items()
    )


def has_more_parts(data: bytes, most: int) -> bool:
    """Whether there are more lists, dicts and other values in some JSON than that."""
    return _parts(data) > most and _parts(_TEXT.sub(b"", data)) > most


def _parts(data: bytes) -> int:
    return data.count(b"[") + data.count(b"{") + data.count(b",")
