"""What a zip file for Gradescope tells the container that is made from it."""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass
from pathlib import Path

from autograder.boxes.box import Limits
from autograder.exporting.gradescope import Visibility

# the files of the zip, in its root, which becomes /autograder/source
SETUP, RUN = "setup.sh", "run_autograder"  # by the names that Gradescope knows
SETTINGS, KEY = "settings.json", "key.json"
UNFINISHED, TOO_LONG, SECONDS = "unfinished.json", "too_long.json", "seconds"
KIT = "kit"  # the folder with the grader itself

LEAST_MINUTES, MOST_MINUTES = 3, 40  # Gradescope waits ten by default, and forty at most
_LAST_SECONDS = 30.0  # of them the results need none, but a container that starts does


@dataclass(frozen=True)
class Settings:
    """One lesson's container. `lessons` and `pages` are the course's, to know what is handed in."""

    lesson: str
    lessons: tuple[str, ...]
    pages: tuple[str, ...] = ()  # notebooks without exercises: nobody's work
    minutes: int = 10  # after which Gradescope ends it
    visibility: Visibility = "visible"

    @property
    def seconds(self) -> int:
        """How long grading may take before it is ended, so that what is to be said can be."""
        return int(self.minutes * 60 - _LAST_SECONDS)

    @property
    def limits(self) -> Limits:
        """Bounds with which a submission that uses all of them is still judged in time.

        They are seconds of a processor, of which Gradescope gives half a one by default; cells
        together may take so many, and the checks together once more.
        """
        whole = self.minutes * 60.0
        return Limits(
            cell_seconds=min(60.0, whole / 10),
            call_seconds=min(20.0, whole / 30),
            submission_seconds=whole / 6,
        )

    def to_json(self) -> str:
        return json.dumps(dataclasses.asdict(self), indent=1) + "\n"

    @classmethod
    def read(cls, source: Path) -> Settings:
        """The settings that the zip's files in this folder hold."""
        data = json.loads((source / SETTINGS).read_text("utf-8"))
        lists = {name: tuple(data[name]) for name in ("lessons", "pages")}
        return cls(**{**data, **lists})
