"""A cell's outputs, collected from messages as a notebook does it.

A submission may send anything as an output. Its form is looked at when it comes in, without trust
and without recursion; what a notebook can't hold is dropped. What is counted against the limit is
what an output costs whoever keeps it: an update counts for each display that it changes.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

from autograder.boxes.inside.going_on import WENT_ON
from autograder.text import plain_text

LEAST_BYTES = 200  # what an output counts at least, so that there can't be too many
PART_BYTES = 64  # what each value in it counts besides its letters: about what it takes
DEEPEST = 64  # lists and dicts inside each other; writing a notebook takes several calls for each
_ROOM_FOR_ERROR = 250_000
_JSON_KIND = re.compile(r"application/([^\n]*\+)?json")  # as nbformat's schema has it


class OutputList:
    """Outputs of one cell, at most so many bytes of them."""

    def __init__(self, most_bytes: int) -> None:
        self.truncated = False
        self._most, self._seen = most_bytes, 0
        self._outputs: list[dict[str, Any]] = []
        self._shown: dict[str, list[dict[str, Any]]] = {}  # display id -> its outputs
        self._clear_first = False
        self._errors_left = 3

    def add(self, kind: object, content: Mapping[str, Any]) -> None:
        """Take in one message of a kernel's kinds, or drop what is none."""
        if self._seen > self._most and not (kind == "error" and self._errors_left):
            self.truncated = True
            return
        try:
            size = max(size_of(content), LEAST_BYTES)
        except ValueError:
            self._seen += LEAST_BYTES
            return
        name = _display_id(content)
        if kind == "error" and size < _ROOM_FOR_ERROR and self._errors_left:
            self._errors_left -= 1  # that there was one must be known
        else:
            displays = len(self._shown.get(name, ())) if kind == "update_display_data" else 1
            self._seen += size * max(displays, 1)
            if self._seen > self._most:
                self.truncated = True
                return
        self._take(kind, content, name)

    def add_text(self, name: str, text: str) -> None:
        """Text that was written past IPython."""
        self.add("stream", {"name": name, "text": text})

    def result(self) -> list[dict[str, Any]]:
        """What a notebook can hold of it."""
        return [
            {**output, "text": "".join(output["text"])}
            if output["output_type"] == "stream"
            else dict(output)
            for output in self._outputs
        ]

    def _take(self, kind: object, content: Mapping[str, Any], name: str) -> None:
        if kind == "clear_output":
            if content.get("wait"):
                self._clear_first = True
            else:
                self._clear()
        elif kind == "update_display_data":
            fresh = checked("display_data", content)
            if fresh is not None:
                for shown in self._shown.get(name, ()):
                    shown.update(data=fresh["data"], metadata=fresh["metadata"])
        else:
            output = checked(kind, content)
            if output is not None:
                self._append(output, name)

    def _append(self, output: dict[str, Any], name: str) -> None:
        if self._clear_first:
            self._clear()
        if output["output_type"] == "stream":
            last = self._outputs[-1] if self._outputs else {}
            if last.get("output_type") == "stream" and last["name"] == output["name"]:
                last["text"].append(output["text"])
                return
            output["text"] = [output["text"]]  # put together when all have come
        self._outputs.append(output)
        if name:
            self._shown.setdefault(name, []).append(output)

    def _clear(self) -> None:
        self._clear_first = False
        self._outputs.clear()
        self._shown.clear()


def errors_in(outputs: Iterable[Mapping[str, Any]]) -> tuple[str, tuple[str, ...], bool]:
    """The error that tells most, "" if there is none; those after which the cell went on; whether
    it went on after all.
    """
    stopped_by, skipped = "", []
    for output in outputs:
        if output["output_type"] == "error":
            reason = plain_text(f"{output['ename']}: {output['evalue']}")
            if output["traceback"][-1:] == [WENT_ON]:
                skipped.append(reason)
            else:
                stopped_by = stopped_by or reason
    went_on = bool(skipped) and not stopped_by
    return stopped_by or "".join(skipped[:1]), tuple(dict.fromkeys(skipped)), went_on


def size_of(content: object) -> int:
    """About how many bytes it takes to keep some JSON. ValueError if it is none, or too deep."""
    size = 0
    waiting = [(content, 0)]
    while waiting:
        value, depth = waiting.pop()
        size += PART_BYTES
        if isinstance(value, str):
            size += len(value)
        elif isinstance(value, Mapping):
            size += sum(len(key) if isinstance(key, str) else PART_BYTES for key in value)
            waiting += [(item, depth + 1) for item in value.values()]
        elif isinstance(value, list | tuple):
            waiting += [(item, depth + 1) for item in value]
        if depth > DEEPEST:
            raise ValueError
    return size


def checked(kind: object, content: Mapping[str, Any]) -> dict[str, Any] | None:
    """A message as an output of nbformat's schema 4, in characters that can be written to a file.

    None if it is no output. The content must be no deeper than `size_of` bears.
    """
    fields = {**content, "output_type": kind}
    wanted = _FIELDS.get(str(kind), ())
    if not wanted or any(field not in fields for field in wanted):
        return None
    output = {field: fields[field] for field in wanted}
    try:
        text = json.dumps(output, ensure_ascii=False).encode("utf-8", "replace")
        clean: dict[str, Any] = json.loads(text, parse_constant=str)
    except (TypeError, ValueError):
        return None
    return clean if _FORMS[clean["output_type"]](clean) else None


_FIELDS: Mapping[str, tuple[str, ...]] = {
    "stream": ("output_type", "name", "text"),
    "display_data": ("output_type", "data", "metadata"),
    "execute_result": ("output_type", "data", "metadata", "execution_count"),
    "error": ("output_type", "ename", "evalue", "traceback"),
}


def _is_stream(output: Mapping[str, Any]) -> bool:
    return output["name"] in ("stdout", "stderr") and isinstance(output["text"], str)


def _is_display(output: Mapping[str, Any]) -> bool:
    data = output["data"]
    return (
        isinstance(output["metadata"], dict)
        and isinstance(data, dict)
        and all(
            _JSON_KIND.fullmatch(kind) or isinstance(value, str) or _are_texts(value)
            for kind, value in data.items()
        )
    )


def _is_result(output: Mapping[str, Any]) -> bool:
    count = output["execution_count"]
    is_count = type(count) is int and count >= 0
    return _is_display(output) and (count is None or is_count)


def _is_error(output: Mapping[str, Any]) -> bool:
    texts = output["ename"], output["evalue"]
    return all(isinstance(text, str) for text in texts) and _are_texts(output["traceback"])


def _are_texts(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(line, str) for line in value)


_FORMS = {
    "stream": _is_stream,
    "display_data": _is_display,
    "execute_result": _is_result,
    "error": _is_error,
}


def _display_id(content: Mapping[str, Any]) -> str:
    transient = content.get("transient")
    name = transient.get("display_id") if isinstance(transient, Mapping) else None
    return name if isinstance(name, str) else ""
