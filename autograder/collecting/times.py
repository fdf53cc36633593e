"""When was it handed in? The word of the system that it comes from, never the student's own.

The system's list comes first; in nbgrader's tree, the file timestamp.txt that nbgrader puts beside
a notebook; what Blackboard and Brightspace write into names; then what the person said who
collects. A timestamp.txt anywhere else, or in a zip that was handed in, is a student's file as any
other. A time that has not come yet is none.

Lists and names tell what a clock on the wall showed: the class's, whose zone `class.toml` names, or
this machine's. Of a time that comes twice, in the night in which the clock is put back, the earlier
one counts: nobody is late by a doubt.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence

from autograder.collecting.layouts import Layout, Parts
from autograder.collecting.outside import OuterFile
from autograder.collecting.owners import Owned
from autograder.collecting.results import STAMP
from autograder.collecting.system_list import Listed
from autograder.errors import AttnError
from autograder.record.days import moments
from autograder.record.stamps import TIMESTAMP, stamp_of
from autograder.text import plain_text

SKEW = dt.timedelta(minutes=10)  # by which clocks may differ


class Times:
    """Tells when files of one source were handed in, by a clock of UTC without a zone.

    `zone` is that of what lists and names tell. `late_is_told` says that the source marks what came
    in late, so that a time that a person gives is not that of all else.
    """

    def __init__(
        self,
        now: dt.datetime | None,
        given: dt.datetime | None,
        listed: dict[str, Listed],
        zone: dt.tzinfo | None = None,
        late_is_told: bool = False,
    ) -> None:
        self._now = now or dt.datetime.now(dt.UTC).replace(tzinfo=None)
        self._given = given
        self._listed = listed
        self.zone = zone
        self._late_is_told = late_is_told
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
        clue = owned.clue
        entry = self._listed.get(clue.number) if clue else None
        time = stamp_of(stamp or b"", self.zone)
        told = (
            ("the system's list", entry and entry.time, self.zone),
            (TIMESTAMP, time, dt.UTC),
            ("the file's name", clue and clue.time, self.zone),
        )
        notes: list[str] = []
        if stamp and stamp.strip() and time is None:
            shown_as = plain_text(stamp.decode("utf-8", "replace").strip(), 60, keep="")
            notes.append(f"its time in {TIMESTAMP}, {shown_as}, is not understood")
        for where, shown, zone in told:
            try:
                first, second = moments(shown, zone) if shown else (None, None)
            except (ValueError, OverflowError, OSError):  # a year that is none to this machine
                continue
            if first is None or second is None:
                continue
            if self.is_to_come(min(first, second)):
                notes.append(f"its time in {where}, {shown}, has not come yet and counts as none")
                continue
            if first < second:
                notes.append(
                    f"its time in {where}, {shown:%Y-%m-%d %H:%M}, comes twice, because the clock "
                    "is put back that night: the earlier one counts"
                )
            return min(first, second), "; ".join(notes)
        is_meant = not self._late_is_told or (clue is not None and clue.late)
        return self._given if is_meant else None, "; ".join(notes)


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
