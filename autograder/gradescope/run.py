"""What runs in Gradescope's container: one upload is graded, and results.json says what came of it.

    python -m autograder.gradescope.run [/autograder]     a submission, in submission/
    python -m autograder.gradescope.run --try              the notebook as it was handed out

It runs as root, as Gradescope has it; a learner's code runs in a sandbox, or nothing of it runs.
What is printed is for teachers: Gradescope shows it to nobody else.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import sys
from pathlib import Path
from typing import Any

from attnkit.letters import spell_out

from autograder.boxes.private import keep_private
from autograder.errors import AttnError
from autograder.exporting.gradescope import no_results, results_of
from autograder.files import write_durably
from autograder.gradescope.settings import KEY, Settings
from autograder.gradescope.upload import chosen_of
from autograder.grading.remote import key_from_bytes
from autograder.judging.key import LessonKey
from autograder.log import trace
from autograder.service import Result, grade

ROOT = Path("/autograder")
NOT_RUN = (
    "The grader could not grade this, which is no fault of yours: hand in again later, and tell "
    "your teacher if it happens twice."
)


def main(arguments: list[str]) -> None:
    """Grade what lies below the folder that is named, or try the grader out."""
    spell_out(sys.stdout)
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # its own log, which nobody needs
    root = Path(next((word for word in arguments if not word.startswith("-")), str(ROOT)))
    if "--try" in arguments:
        _try_out(root)
        return
    data = graded(root)
    target = root / "results" / "results.json"
    write_durably(target, json.dumps(data, indent=1) + "\n")


def graded(root: Path) -> dict[str, Any]:
    """What results.json holds for the submission in `root`: something, whatever happens."""
    try:
        keep_private(root)
        settings = Settings.read(root / "source")
        return _graded(root, settings, _key(root))
    except AttnError as error:
        print(f"Not graded: {error}")
        return no_results(NOT_RUN, "not graded")
    except Exception as error:
        print(f"Not graded, the grader itself failed:\n{trace(error)}")
        return no_results(NOT_RUN, "not graded")


def _graded(root: Path, settings: Settings, key: LessonKey) -> dict[str, Any]:
    chosen = chosen_of(root / "submission", settings, key)
    if chosen.reason:
        print(f"Not gradable: {chosen.reason}.")
        return no_results(f"Not graded: {chosen.reason}.", "not gradable")
    result = grade(key, chosen.raw, limits=settings.limits)
    print(f"{chosen.name}: {_said(result)}")
    data = results_of(result, _hours_late(root), settings.visibility)
    data["output"] = "\n".join([data["output"], *chosen.notes])
    return data


def _try_out(root: Path) -> None:
    """Grade the notebook that nobody has written into: all that is needed is there, and in what
    kind of sandbox it ran. Where an image is built there may be none: that fails nothing.
    """
    keep_private(root)
    key = _key(root)
    try:
        result = grade(key, key.release, limits=Settings.read(root / "source").limits)
    except AttnError as error:
        print(f"While this image is built nothing can be graded: {error}")
    else:
        print(f"Tried with the notebook as it is handed out: {_said(result)}")


def _said(result: Result) -> str:
    points = f"{result.status}, {result.points} of {result.max_points} points"
    reason = f" ({result.reason})" if result.reason else ""
    return f"{points}{reason}; it {', '.join(result.integrity) or 'did not run'}."


def _key(root: Path) -> LessonKey:
    return key_from_bytes((root / "source" / KEY).read_bytes())


def _hours_late(root: Path) -> float:
    """How late Gradescope says that it was handed in; 0 in time, or if it doesn't say."""
    try:
        data = json.loads((root / "submission_metadata.json").read_text("utf-8"))
        due, came = data["assignment"]["due_date"], data["created_at"]
        late = dt.datetime.fromisoformat(came) - dt.datetime.fromisoformat(due)
    except (OSError, ValueError, LookupError, TypeError):
        return 0.0
    return max(0.0, late / dt.timedelta(hours=1))


if __name__ == "__main__":
    main(sys.argv[1:])
