"""`attn course new`: an nbgrader course directory with a hidden seed of its own."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from nbgrader.api import Gradebook

from autograder.course import Course
from autograder.errors import AttnError
from autograder.record.class_folder import ClassFolder, open_class
from autograder.record.roster import Roster, read_roster

PRIVATE = """\
# What must not travel with a class's folder that is kept in Git: the hidden seed, the hidden tests
# made from it, and what belongs to the students.
/.attn/
/autograder*.zip
/source/
/submitted/
/autograded/
/feedback/
/export/
/report.html
/gradebook.db
"""


@dataclass(frozen=True)
class NewClass:
    """A class as it was made."""

    folder: ClassFolder
    lessons: tuple[str, ...]
    roster: Roster | None


def new_class(
    course: Course, root: Path, lessons: list[str], roster: Path | None, id_column: str = ""
) -> NewClass:
    """Make a class at `root`: nbgrader's configuration, gradebook, source and release of the
    lessons (all if none is named), the hidden seed, and the students of the roster.

    The hidden cases of this class come from its seed alone: without `.attn/hidden_seed` nobody can
    make them again. AttnError if there is a class already, or a file is in the way.
    """
    if (root / "nbgrader_config.py").exists() or (root / "gradebook.db").exists():
        raise AttnError(f"{root} is a class already; name a new folder.")
    if root.exists() and not root.is_dir():
        raise AttnError(f"{root} is a file; name a new folder.")
    if root.is_dir() and any(root.iterdir()):
        raise AttnError(f"{root} is not empty; name a new folder.")
    read = read_roster(roster, id_column) if roster else None  # before anything is made
    wanted = [course.lesson(name) for name in lessons] or course.lesson_folders()
    root.mkdir(parents=True, exist_ok=True)
    root.chmod(0o700)  # learners may have accounts on this machine
    folder, _ = open_class(root, wanted)
    folder.submitted.mkdir(exist_ok=True)
    (root / ".gitignore").write_text(PRIVATE, encoding="utf-8")
    with Gradebook(folder.gradebook_url, folder.course_id) as gradebook:
        for student in read.students if read else ():
            gradebook.update_or_create_student(
                student.id,
                first_name=student.first_name or None,
                last_name=student.last_name or None,
                email=student.email or None,
            )
    return NewClass(folder, tuple(lesson.name for lesson in wanted), read)
