"""What a visit to the browser edition costs, in seconds and megabytes: lesson 1, twice.

    make bench-site                             one round, shown
    make bench-site ARGS="--rounds 3 --write"   and into autograder/site/README.md

A site is built with Pyodide's files (`ATTN_PYODIDE` names them, or they lie in ../shared/), served
on this machine, and visited by Chromium with a profile of its own, in a network that has nothing
but loopback. The second visit is another tab of the same browser: files are kept, Python starts
anew. Seconds are by the clock, so the machine should have nothing else to do: how busy it was is
told, and what of a processor the browser used. Megabytes are what the server has sent; a pages host
sends less, for it compresses.
"""

from __future__ import annotations

import argparse
import datetime as dt
import os
import platform
import re
import statistics
import tempfile
from pathlib import Path

from autograder.course import find_course
from autograder.site import whole
from tests.site.conftest import pyodide_places
from tests.site.visit import visiting

PAGE = find_course().root / "autograder" / "site" / "README.md"
HEADING = "## What a visit costs\n"
Times = dict[str, list[float]]


def table(rounds: list[dict[str, Times]]) -> str:
    """Both visits, step by step: medians over rounds of seconds, and megabytes."""
    lines = [
        "| lesson 1, until … | first visit, s | processor | MB | second, s | processor | MB |",
        "|---|---:|---:|---:|---:|---:|---:|",
    ]
    for step in rounds[0]["first"]:
        cells = []
        for visit in ("first", "second"):
            seen = [one[visit][step] for one in rounds if step in one[visit]]
            for column in range(3):
                middle = statistics.median(row[column] for row in seen) if seen else None
                cells.append("" if middle is None else f"{middle:.1f}")
        lines.append(f"| {step} | {' | '.join(cells)} |")
    return "\n".join(lines)


def about(rounds: int, busy: float) -> str:
    """By what, when and where it was measured, and how many other programs wanted a core."""
    many = f"medians of {rounds} rounds" if rounds > 1 else "one round"
    return (
        f"`make bench-site` on {dt.date.today()}, {platform.system()} {platform.machine()}, "
        f"{os.cpu_count()} cores on which {busy:.0f} other programs ran, {many}; nothing "
        "compressed on the way."
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    places = tuple(map(str, pyodide_places()))
    if not places:
        parser.error("Pyodide's files are nowhere: ATTN_PYODIDE=PATH names them")
    with tempfile.TemporaryDirectory(prefix="attn-bench-") as scratch:
        site = Path(scratch) / "site"
        whole.build(find_course(), whole.Wanted(site, places, book=False), lambda _: None)
        size = sum(file.stat().st_size for file in site.rglob("*") if file.is_file())
        busy = os.getloadavg()[0]
        rounds = [visiting(site, "first") for _ in range(options.rounds)]
    told = f"{about(options.rounds, busy)} The whole site has {size / 1e6:.0f} MB."
    text = f"{told}\n\n{table(rounds)}\n"
    print(text)
    if options.write:
        page = PAGE.read_text("utf-8")
        begin, _, rest = page.partition(HEADING)
        end = re.search(r"^## ", rest, re.M)
        PAGE.write_text(f"{begin}{HEADING}\n{text}{rest[end.start() :] if end else ''}", "utf-8")


if __name__ == "__main__":
    main()
