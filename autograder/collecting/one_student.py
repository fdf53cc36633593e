"""Collecting what one student handed in, whatever it is: what fails is theirs, and is told."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from autograder.collecting.answers import Answers
from autograder.collecting.owners import Owned
from autograder.collecting.placing import put
from autograder.collecting.results import Collected, Problem
from autograder.collecting.times import Times
from autograder.collecting.uploads import HandedFile, Quota, Refused, Unpacker
from autograder.collecting.works import Wish, one_each, works_of
from autograder.errors import AttnError
from autograder.log import logger
from autograder.record.class_folder import ClassFolder
from autograder.record.stamps import TIMESTAMP
from autograder.text import first_line, plain_text

log = logger(__name__)
MOST_LINES = 50  # of what is wrong with one student's files; of more their number is told
MOST_LETTERS = 600  # of a reason


@dataclass
class Collector:
    """Takes in one student's files after another's, from one source to one class."""

    folder: ClassFolder
    unpacker: Unpacker
    wish: Wish
    times: Times
    answers: Answers
    when: Callable[[Owned], tuple[dt.datetime | None, str]]
    made: Collected
    seen: int = 0  # notebooks, whosever they are
    _nobodys: Quota = field(default_factory=Quota)

    def student(self, own: Sequence[Owned]) -> None:
        """Put one student's work to its place. AttnError if nobody's could be any more."""
        lines: list[Problem] = []
        try:
            self._take(own, lines.append)
        except AttnError:
            raise
        except Exception as error:  # nothing that one hands in may keep others' work from coming in
            log.error("%s can't be collected.", own[0].file.shown, exc_info=error)
            reason = plain_text(first_line(error), 120, keep="")
            reason = f"it can't be collected ({type(error).__name__}: {reason})"
            lines.append(Problem(own[0].file.shown, reason))
        self._tell(lines)

    def _take(self, own: Sequence[Owned], tell: Callable[[Problem], None]) -> None:
        quota = Quota()
        handed: list[tuple[Owned, HandedFile]] = []
        refused: list[Refused] = []
        for one in own:
            if one.file.parts[-1] == TIMESTAMP:
                continue
            upload = self.unpacker.open(one.file, quota)
            handed += [(one, file) for file in upload.notebooks]
            refused += upload.refused
        self.seen += len(handed)
        for file in refused:  # data beside a notebook is nobody's trouble
            if not (file.other and handed):
                tell(Problem(file.shown, file.reason))
        for work in one_each(works_of(handed, self.wish, self.when, tell), self.answers, tell):
            problem = put(self.folder, work, self.times, self.answers, self.made)
            if problem is not None:
                tell(problem)

    def nobody(self, own: Sequence[Owned]) -> None:
        """Tell of one person's files that are no student's of the class, if they hold notebooks."""
        lines = []
        for one in own:
            upload = self.unpacker.open(one.file, self._nobodys, look=True)
            self.seen += len(upload.notebooks)
            if one.file.problem:
                lines.append(Problem(one.file.shown, one.file.problem))
            elif upload.notebooks or not all(file.other for file in upload.refused):
                lines.append(Problem(one.file.shown, one.found.reason))
        self._tell(lines)

    def _tell(self, lines: Sequence[Problem]) -> None:
        for line in lines[:MOST_LINES]:
            reason = plain_text(line.reason, MOST_LETTERS, keep="")
            self.made.problems.append(Problem(line.file, reason))
        more = len(lines) - MOST_LINES
        if more > 0:
            reason = f"{more} more of this student's files were not collected"
            self.made.problems.append(Problem(lines[MOST_LINES].file, reason))
