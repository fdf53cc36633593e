"""The record: nbgrader's gradebook, the autograded notebooks, and what has been graded already.

One writer. The order makes a kill harmless at any moment: first the notebook (written aside, then
renamed), then the gradebook, last the record of the result. A submission without its record is
graded again, and recording it twice gives the same gradebook.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import os
import tempfile
import warnings
from pathlib import Path
from typing import Any

import sqlalchemy.exc
from nbgrader.api import Gradebook
from nbgrader.utils import parse_utc

from autograder.authoring.notebooks import to_text
from autograder.errors import AttnError
from autograder.grading.class_folder import ClassFolder
from autograder.grading.run import Graded
from autograder.judging.results import SubmissionResult


class Record:
    """Writes results into a class's folder and remembers which it has."""

    def __init__(self, folder: ClassFolder) -> None:
        self.folder = folder
        self._gradebook = Gradebook(folder.gradebook_url, folder.course_id)

    def close(self) -> None:
        self._gradebook.close()

    def known(self, student: str, lesson: str, digest: str) -> SubmissionResult | None:
        """The recorded result of this very submission, graded by this very key; else None."""
        try:
            data = json.loads(self._file(student, lesson).read_text(encoding="utf-8"))
            if data["digest"] != digest:
                return None
            return SubmissionResult.from_json(data["result"])
        except (OSError, ValueError, KeyError, TypeError):
            return None  # not there, or cut off: grade again

    def keep(self, graded: Graded, digest: str, timestamp: dt.datetime | None) -> None:
        """Record one result durably. AttnError if the gradebook can't be written."""
        result = graded.result
        target = self.folder.autograded / result.student / result.lesson / f"{result.lesson}.ipynb"
        try:
            write_durably(target, to_text(graded.notebook))
            self._write_scores(result, timestamp)
            data = {"digest": digest, "result": result.to_json()}
            write_durably(self._file(result.student, result.lesson), json.dumps(data, indent=1))
        except sqlalchemy.exc.SQLAlchemyError as error:
            self._gradebook.db.rollback()
            raise gradebook_error(self.folder.root, error) from None
        except OSError as error:
            raise AttnError(
                f"{error.filename} can't be written ({error.strerror}): nothing is lost; mend it "
                "and run the same command again."
            ) from None

    def _write_scores(self, result: SubmissionResult, timestamp: dt.datetime | None) -> None:
        gradebook = self._gradebook
        with warnings.catch_warnings():
            # nbgrader builds its objects in an order that SQLAlchemy remarks on, harmlessly
            warnings.simplefilter("ignore", sqlalchemy.exc.SAWarning)
            self._set_scores(gradebook, result, timestamp)
            gradebook.db.commit()

    @staticmethod
    def _set_scores(
        gradebook: Gradebook, result: SubmissionResult, timestamp: dt.datetime | None
    ) -> None:
        gradebook.update_or_create_student(result.student)
        extra: dict[str, Any] = {"timestamp": timestamp} if timestamp else {}
        gradebook.update_or_create_submission(result.lesson, result.student, **extra)
        scores = {v.exercise.replace(".", "-"): v.points for v in result.exercises}
        notebook = gradebook.find_submission_notebook(result.lesson, result.lesson, result.student)
        for grade in notebook.grades:
            if grade.name in scores:
                grade.auto_score = scores[grade.name]
                grade.needs_manual_grade = grade.manual_score is not None
            else:
                waits = result.manual.get(grade.name, False)
                grade.auto_score = None if waits else 0
                grade.needs_manual_grade = waits and grade.manual_score is None
        for comment in notebook.comments:
            answered = result.manual.get(comment.name, True)
            comment.auto_comment = None if answered else "No response."

    def late_by(self, student: str, lesson: str) -> float:
        """Seconds after the deadline, by the gradebook's due date; 0 if in time or none is set."""
        return float(self._gradebook.find_submission(lesson, student).total_seconds_late)

    def _file(self, student: str, lesson: str) -> Path:
        name = student
        if len(student.encode()) > 200:  # a file's name holds 255 bytes on most disks
            name = hashlib.sha256(student.encode()).hexdigest()
        return self.folder.state / "results" / lesson / f"{name}.json"


def gradebook_error(root: Path, error: sqlalchemy.exc.SQLAlchemyError) -> AttnError:
    """One sentence for a gradebook that is locked, damaged, full or not to be reached."""
    reason = str(getattr(error, "orig", None) or error).splitlines()[0]
    return AttnError(
        f"The gradebook {root / 'gradebook.db'} can't be used ({reason}): nothing is lost; mend "
        "it and run the same command again."
    )


def read_timestamp(notebook: Path) -> dt.datetime | None:
    """When a submission was handed in, from nbgrader's timestamp.txt beside it; None if unknown."""
    file = notebook.parent / "timestamp.txt"
    try:
        if file.is_symlink() or not file.is_file():  # a pipe would keep us waiting
            return None
        with file.open("rb") as opened:
            text = opened.read(100).decode("utf-8").strip()
        return parse_utc(text) if text else None
    except Exception:  # a parser of dates stumbles in many ways over what is none
        return None


def digest_of(raw: bytes, key_digest: str) -> str:
    """What a recorded result stands for: these bytes, judged with this key."""
    return hashlib.sha256(hashlib.sha256(raw).digest() + key_digest.encode()).hexdigest()


def write_durably(target: Path, text: str) -> None:
    """Write a file so that it is there whole or not at all, even if the power fails."""
    target.parent.mkdir(parents=True, exist_ok=True)
    handle, part = tempfile.mkstemp(dir=target.parent, prefix=".part-")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as out:
            out.write(text)
            out.flush()
            os.fsync(out.fileno())
        os.chmod(part, 0o644)
        os.replace(part, target)
    except BaseException:
        Path(part).unlink(missing_ok=True)
        raise
