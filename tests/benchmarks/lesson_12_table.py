"""Measures what lesson 12's text says: python -m tests.benchmarks.lesson_12_table [--draws 10]

Agents in the maze (lesson_12_maze.py); the encoder that learns from hidden words, and what it is
worth by the number of labels (lesson_12_labels.py). All with the lesson's own functions, and with
its own settings. Writes its parts of lessons/attnkit/measured/lesson_12.json and leaves the others,
such as lesson_12_halves.py's, as they are; `--only maze --seeds 20` measures that part alone.

Everything is compared in pairs: the same labelled sentences, the same seeds, MR's 1,000 test
sentences. Intervals are those of lesson_8_table.py. MiniLM is measured where it is installed.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import attnkit.measured

from tests.benchmarks.lesson_8_parts import about, functions_of
from tests.benchmarks.lesson_12_labels import labels, pretraining
from tests.benchmarks.lesson_12_maze import maze


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--seeds", type=int, default=20, help="of the maze")
    parser.add_argument("--draws", type=int, default=10, help="of labelled sentences")
    parser.add_argument("--only", nargs="*", help="leave the others as they were")
    parser.add_argument("--out", type=Path, help="another file than the course's own")
    options = parser.parse_args()
    own = functions_of("12_before_labels", set())
    parts: dict[str, Callable[[], dict[str, Any]]] = {
        "maze": lambda: maze(own, options.seeds),
        "pretraining": lambda: pretraining(own),
        "labels": lambda: labels(own, options.draws),
    }
    file = options.out or Path(attnkit.measured.__file__).with_name("lesson_12.json")
    for name, measure in parts.items():
        if options.only and name not in options.only:
            continue
        start = time.perf_counter()
        part = {**measure(), "about": about()}
        part["about"]["seconds"] = round(time.perf_counter() - start)
        told = json.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}
        told[name] = part
        file.write_text(json.dumps(told, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
