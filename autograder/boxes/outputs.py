"""A cell's outputs, collected from messages as a notebook does it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import nbformat

LEAST_BYTES = 200  # what an output counts at least, so that there can't be too many
_ROOM_FOR_ERROR = 250_000
_KINDS = ("stream", "display_data", "execute_result", "error")


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
        """Take in one message of a kernel's kinds."""
        size = max(len(str(content)), LEAST_BYTES)
        if kind == "error" and size < _ROOM_FOR_ERROR and self._errors_left:
            self._errors_left -= 1  # that there was one must be known
        else:
            self._seen += size
            if self._seen > self._most:
                self.truncated = True
                return
        if kind == "clear_output":
            if content.get("wait"):
                self._clear_first = True
            else:
                self._clear()
        elif kind == "update_display_data":
            for output in self._shown.get(_display_id(content), ()):
                output.update(data=content["data"], metadata=content["metadata"])
        elif kind in _KINDS:
            self._append(str(kind), content)

    def add_text(self, name: str, text: str) -> None:
        """Text that was written past IPython."""
        self.add("stream", {"name": name, "text": text})

    def result(self) -> list[dict[str, Any]]:
        """What a notebook can hold of it."""
        return well_formed(self._outputs)

    def _append(self, kind: str, content: Mapping[str, Any]) -> None:
        if self._clear_first:
            self._clear()
        if kind == "stream":
            last = self._outputs[-1] if self._outputs else {}
            if last.get("output_type") == "stream" and last["name"] == content["name"]:
                last["text"] += content["text"]
                return
        output = {"output_type": kind, **content}
        name = _display_id(output)
        output.pop("transient", None)
        if kind == "error":
            output["traceback"] = list(output["traceback"])
        self._outputs.append(output)
        if name:
            self._shown.setdefault(name, []).append(output)

    def _clear(self) -> None:
        self._clear_first = False
        self._outputs.clear()
        self._shown.clear()


def well_formed(outputs: Sequence[Any]) -> list[dict[str, Any]]:
    """The outputs that a notebook can hold; a submission may send anything as an output."""
    kept = []
    for output in outputs:
        try:
            text = json.dumps(output, ensure_ascii=False).encode("utf-8", "replace")
            clean = json.loads(text, parse_constant=str)
            nbformat.validate(clean, ref=clean["output_type"], version=4)
        except Exception:  # whatever the validator stumbles over
            continue
        kept.append(clean)
    return kept


def _display_id(content: Mapping[str, Any]) -> str:
    return str((content.get("transient") or {}).get("display_id") or "")
