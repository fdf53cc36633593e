"""When was it handed in? The word of the system that it comes from, never the student's own.

The system's list comes first; in nbgrader's tree, the file timestamp.txt that nbgrader puts beside
a notebook; what Blackboard and Brightspace write into names; then what the person said who
collects. A timestamp.txt anywhere else, or in a zip that was handed in, is a student's file as any
other. A time that has not come yet is none.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence

from nbgrader.utils import parse_utc

from autograder.collecting.layouts import Layout, Parts
from autograder.collecting.outside import OuterFile
from autograder.collecting.owners import Owned
from autograder.collecting.results import STAMP
from autograder.collecting.system_list import Listed
from autograder.errors import AttnError

TIMESTAMP = "timestamp.txt"  # nbgrader's file with the time of handing in
SKEW = dt.timedelta(minutes=10)  # by which clocks may differ


class Times:
    """Tells when files of one source were handed in, by a clock of UTC without a zone."""

    def __init__(
        self,
        now: dt.datetime | None,
        given: dt.datetime | None,
        listed: dict[str, Listed],
    ) -> None:
        self._now = now or dt.datetime.now(dt.UTC).replace(tzinfo=None)
        self._given = given
        self._listed = listed
        if given is not None and self.is_to_come(given):
            raise AttnError(
                f"The time {given.strftime(STAMP)} has not come yet, so nothing was handed in "
                "then: give another."
            )

    def is_to_come(self, time: dt.datetime) -> bool:
        """Whether a time is later than now, by more than clocks differ."""
        return time > self._now + SKEW

    def of(self, owned: Owned, stamp: bytes | None) -> tuple[dt.datetime | None, str]:
        """When a file was handed in, None if unknown; and what is to be noted of that.

        `stamp` is what stands in nbgrader's own file for it.
        """
        entry = self._listed.get(owned.clue.number) if owned.clue else None
        told = (
            ("the system's list", entry.time if entry else None),
            (TIMESTAMP, read_stamp(stamp)),
            ("the file's name", owned.clue.time if owned.clue else None),
        )
        notes: list[str] = []
        for where, time in told:
            if time is None:
                continue
            if not self.is_to_come(time):
                return time, "; ".join(notes)
            notes.append(f"its time in {where}, {time}, has not come yet and counts as none")
        return self._given, "; ".join(notes)


def read_stamp(raw: bytes | None) -> dt.datetime | None:
    """The time in nbgrader's file, UTC without a zone; None if there is none."""
    try:
        text = raw.decode("utf-8").strip() if raw else ""
        time: dt.datetime | None = parse_utc(text) if text else None
    except Exception:  # a parser of dates stumbles in many ways over what is none
        return None
    return time


def stamps(
    files: Sequence[OuterFile],
    layout: Layout,
    lessons: Sequence[str],
    read: Callable[[OuterFile], bytes],
) -> Callable[[OuterFile], bytes | None]:
    """What nbgrader's own file beside a file of the source says: STUDENT/LESSON/timestamp.txt."""
    own: dict[Parts, OuterFile] = {}
    if layout == "tree":
        for file in files:
            parts = file.parts
            if parts[-1] == TIMESTAMP and len(parts) > 2 and parts[-2] in lessons:
                own[parts[:-1]] = file

    def beside(file: OuterFile) -> bytes | None:
        found = own.get(file.parts[:-1])
        return read(found) if found is not None and not found.problem else None

    return beside
