"""Arrays of numbers that stand many times in an exercise's data are written once.

Most wrong answers are right in most calls, one input is asked in several checks and layouts, and so
more than half of all numbers are repeats. In a written spec, {"array": 17, …} means the numbers of
`arrays[17]`; everywhere else a plain value holds its own.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

LEAST = 8  # numbers; fewer are shorter than what would stand for them


def share_arrays(data: Any) -> tuple[Any, list[list[Any]]]:
    """The same JSON with a number for each longer array, and these arrays in order of their use."""
    places: dict[str, int] = {}
    arrays: list[list[Any]] = []

    def number(values: Any) -> Any:
        if len(values) < LEAST:
            return values
        text = json.dumps(values)  # 1, 1.0 and true are equal and must stay what they are
        if text not in places:
            places[text] = len(arrays)
            arrays.append(values)
        return places[text]

    return _map_arrays(number, data), arrays


def restore_arrays(data: Any, arrays: list[list[Any]]) -> Any:
    """The JSON from which `share_arrays` made this. ValueError if it names an array too many."""

    def values(x: Any) -> Any:
        if not isinstance(x, int):
            return x
        if x not in range(len(arrays)):
            raise ValueError(f"there are {len(arrays)} arrays, and no number {x}")
        return arrays[x]

    return _map_arrays(values, data)


def _map_arrays(change: Callable[[Any], Any], data: Any) -> Any:
    if isinstance(data, dict):
        if "array" in data and "dtype" in data:
            return {**data, "array": change(data["array"])}
        return {key: _map_arrays(change, value) for key, value in data.items()}
    if isinstance(data, list | tuple):
        return [_map_arrays(change, value) for value in data]
    return data
