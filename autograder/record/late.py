"""What handing in late costs: a class's policy, its penalties, and the gradebook's copy of them.

The policy is the table `[late]` of `class.toml` in the class's folder:

    [late]
    grace_minutes = 15   # so long nothing is taken off
    percent = 10         # for each day, or hour, that has begun since the deadline
    per = "day"          # or "hour"
    at_most = 50         # percent altogether
    of = "achieved"      # percent of the points achieved; or "max": of all points there are
    zone = "Europe/Rome" # whose clock the class goes by; without it, this machine's

A penalty follows from the deadline, the time of handing in, the policy and the score, nothing else:
who moves a deadline, grants an extension or marks an answer by hand changes it. nbgrader keeps it
with each submitted notebook; `attn grade` and `attn export` bring that copy up to date.
"""

from __future__ import annotations

import datetime as dt
import math
import os
import tomllib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Literal

import sqlalchemy.exc
from nbgrader.api import MissingEntry
from nbgrader.plugins import LateSubmissionPlugin
from nbgrader.preprocessors import AssignLatePenalties

from autograder.errors import AttnError
from autograder.record.class_config import read_config
from autograder.record.class_folder import ClassFolder, gradebook_error
from autograder.record.days import days_begun, find_zone

CLASS_FILE = "class.toml"
CHOICES = {"per": ("day", "hour"), "of": ("achieved", "max")}
HOUR = dt.timedelta(hours=1)

# of a submitted notebook of nbgrader's: points to take off
PenaltyOf = Callable[[Any], float]


@dataclass(frozen=True)
class LatePolicy:
    """What being late costs. Percentages are 0 to 100."""

    grace_minutes: float = 0.0
    percent: float = 0.0
    per: Literal["day", "hour"] = "day"
    at_most: float = 100.0
    of: Literal["achieved", "max"] = "achieved"
    zone: str = ""


def late_penalty(
    due: dt.datetime | None,
    submitted_at: dt.datetime | None,
    policy: LatePolicy,
    score: float,
    max_score: float,
) -> float:
    """Points to take off `score`: 0 in time, never more than the score itself.

    Each day (or hour) that has begun counts whole, from the deadline on; the grace only decides
    whether it counts at all. Days end at the deadline's own time of day, also when clocks change.
    Without a deadline, or if nobody knows when it was handed in, 0.
    """
    if due is None or submitted_at is None or score <= 0:
        return 0.0
    late = submitted_at - due
    if late <= max(dt.timedelta(0), dt.timedelta(minutes=policy.grace_minutes)):
        return 0.0
    if policy.per == "hour":
        begun = -(-late // HOUR)
    else:
        begun = days_begun(due, submitted_at, find_zone(policy.zone) if policy.zone else None)
    share = min(policy.percent * begun, policy.at_most) / 100
    return min(share * (score if policy.of == "achieved" else max_score), score)


def read_policy(root: Path) -> LatePolicy | None:
    """The policy that `class.toml` in a class's folder sets; None if it sets none. AttnError."""
    file = root / CLASS_FILE
    try:
        settings = tomllib.loads(file.read_text(encoding="utf-8-sig")).get("late")
    except FileNotFoundError:
        return None
    except OSError as error:
        raise AttnError(f"{file} can't be read: {error.strerror}.") from None
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise AttnError(f"{file} is not TOML: {error}.") from None
    if settings is None:
        return None
    if not isinstance(settings, dict):
        raise AttnError(f"{file}: late must be a table, [late].")
    known = {field.name for field in fields(LatePolicy)}
    for name, value in settings.items():
        _refuse_bad_setting(name, value, known, file)
    return LatePolicy(**settings)


def class_zone(root: Path) -> dt.tzinfo | None:
    """The zone whose clock a class goes by, in deadlines, lists and days; None: this machine's.

    AttnError if `class.toml` is wrong.
    """
    policy = read_policy(root)
    return find_zone(policy.zone) if policy and policy.zone else None


def _refuse_bad_setting(name: str, value: object, known: set[str], file: Path) -> None:
    if name not in known:
        names = ", ".join(sorted(known))
        raise AttnError(f"{file}: [late] has no setting {name!r} (there are: {names}).")
    choices = CHOICES.get(name)
    if choices is not None:
        if value not in choices:
            raise AttnError(f'{file}: [late] {name} must be "{choices[0]}" or "{choices[1]}".')
        return
    if name == "zone":
        if not isinstance(value, str) or find_zone(value) is None:
            raise AttnError(
                f"{file}: [late] zone must be the name of a time zone, such as "
                f'"Europe/Berlin", not {value!r}.'
            )
        return
    most = 100 if name != "grace_minutes" else 365 * 24 * 60
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if not is_number or not 0 <= value <= most:  # type: ignore[operator]
        raise AttnError(f"{file}: [late] {name} must be a number from 0 to {most}, not {value!r}.")


def penalty_rule(folder: ClassFolder) -> PenaltyOf | None:
    """How this class takes points off: by `class.toml`, else by the plugin that nbgrader_config.py
    names; None if neither says anything, and then what stands in the gradebook stays. AttnError.
    """
    policy = read_policy(folder.root)
    if policy is not None:
        return lambda notebook: _of_notebook(notebook, policy)
    return _nbgraders_rule(folder)


def _of_notebook(notebook: Any, policy: LatePolicy) -> float:
    handed_in = notebook.assignment.timestamp
    score, max_score = float(notebook.score), float(notebook.max_score)
    return late_penalty(notebook.assignment.duedate, handed_in, policy, score, max_score)


def _nbgraders_rule(folder: ClassFolder) -> PenaltyOf | None:
    """What nbgrader's own `autograde` would take off by the class's nbgrader_config.py."""
    config = read_config(folder.root / "nbgrader_config.py")
    try:
        assigner = AssignLatePenalties(config=config)
        assigner.init_plugin()
    except Exception as error:  # a plugin is a program, too
        raise AttnError(
            f"The plugin for late work that {folder.root / 'nbgrader_config.py'} names can't be "
            f"used: {error}."
        ) from None
    plugin = assigner.plugin_inst
    if isinstance(plugin, ClassLatePolicy):
        return None
    if type(plugin) is LateSubmissionPlugin and plugin.penalty_method == "none":
        return None

    def rule(notebook: Any) -> float:
        late, score = notebook.assignment.total_seconds_late, float(notebook.score)
        if late <= 0:
            return 0.0
        student = notebook.assignment.student.id
        try:
            penalty = float(plugin.late_submission_penalty(student, score, late) or 0.0)
        except Exception as error:
            raise AttnError(
                f"The plugin for late work, {type(plugin).__name__}, fails on {student}: {error}."
            ) from None
        return min(max(0.0, penalty), score)

    return rule


class ClassLatePolicy(LateSubmissionPlugin):  # type: ignore[misc]
    """`class.toml`'s policy for nbgrader's own `autograde`; see CONFIG in `class_folder`."""

    def late_submission_penalty(
        self, student_id: str, score: float, total_seconds_late: float
    ) -> float | None:
        """Points to take off; None if the class has no policy."""
        policy = read_policy(Path(self.config.CourseDirectory.get("root", os.getcwd())))
        if policy is None:
            return None
        job = self.parent  # nbgrader's AssignLatePenalties, which knows the notebook
        found = job.gradebook.find_notebook(job.notebook_id, job.assignment_id)
        submission = job.gradebook.find_submission(job.assignment_id, student_id)
        due = submission.duedate or dt.datetime(2000, 1, 1)
        late = due + dt.timedelta(seconds=total_seconds_late)
        return late_penalty(due, late, policy, score, float(found.max_score))


def update_penalties(folder: ClassFolder, lessons: Sequence[str]) -> int:
    """Bring the gradebook's penalties of these lessons up to date; how many changed. AttnError.

    Hold the class's lock while you do it (`only_grader`).
    """
    rule = penalty_rule(folder)
    if rule is None:
        return 0
    changed = 0
    try:
        with folder.open_gradebook() as gradebook:
            for lesson in lessons:
                try:
                    submissions = gradebook.assignment_submissions(lesson)
                except MissingEntry:
                    continue
                for submission in submissions:
                    for notebook in submission.notebooks:
                        penalty = rule(notebook)
                        kept = notebook.late_submission_penalty or 0.0
                        # a server's gradebook keeps seven digits
                        if not math.isclose(penalty, kept, rel_tol=1e-6, abs_tol=1e-9):
                            notebook.late_submission_penalty = penalty or None
                            changed += 1
            gradebook.db.commit()
    except sqlalchemy.exc.SQLAlchemyError as error:
        raise gradebook_error(folder.gradebook_url, error) from None
    return changed
