"""Measures what lesson 13's text says: python -m tests.benchmarks.lesson_13_table [--only PART …]

Dates and which letter is written by which (lesson_13_dates.py), names of emoji in two
languages (lesson_13_pairs.py), digits as patches and questions about one of two
(lesson_13_pictures.py), an event in noise (lesson_13_sound.py), pictures and names
(lesson_13_names.py), answers (lesson_13_spans.py) and summaries (lesson_13_summaries.py). All with
the lesson's own functions and settings; two trainings of each reader of digits, three of all else.
Writes its parts of lessons/attnkit/measured/lesson_13.json, each as soon as it is there, and leaves
the others.
"""

from __future__ import annotations

import argparse
import importlib
import json
import time
from pathlib import Path

import attnkit.measured

from tests.benchmarks.lesson_8_parts import about, functions_of

# by part: the module of tests.benchmarks that measures it, and its function
PARTS = {
    "dates": ("lesson_13_dates", "dates"),
    "pairs": ("lesson_13_pairs", "pairs"),
    "pictures": ("lesson_13_pictures", "pictures"),
    "question": ("lesson_13_pictures", "question"),
    "sound": ("lesson_13_sound", "sound"),
    "names": ("lesson_13_names", "names"),
    "spans": ("lesson_13_spans", "spans"),
    "summaries": ("lesson_13_summaries", "summaries"),
}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--only", nargs="*", choices=PARTS, help="leave the others as they were")
    parser.add_argument("--out", type=Path, help="another file than the course's own")
    options = parser.parse_args()
    own = functions_of("13_across", set())
    file = options.out or Path(attnkit.measured.__file__).with_name("lesson_13.json")
    for name in options.only or PARTS:
        module, function = PARTS[name]
        start = time.perf_counter()
        measure = getattr(importlib.import_module(f"tests.benchmarks.{module}"), function)
        part = {**measure(own), "about": about()}
        part["about"]["seconds"] = round(time.perf_counter() - start)
        told = json.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}
        told[name] = part
        told = {key: told[key] for key in PARTS if key in told}
        file.write_text(json.dumps(told, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
