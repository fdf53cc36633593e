"""A lesson's key, made from its sources and a class's hidden seed."""

from __future__ import annotations

from autograder.authoring.build import BuiltLesson, build_lesson
from autograder.course import LessonFolder
from autograder.judging.key import LessonKey


def make_key(folder: LessonFolder, hidden_seed: int) -> LessonKey:
    """Build a lesson's key from its sources and a class's hidden seed."""
    return key_of(build_lesson(folder, hidden_seed))


def key_of(built: BuiltLesson) -> LessonKey:
    """The key of a lesson that is built already, with the hidden seed it was built with."""
    manual = {c.grade_id: c.points for c in built.lesson.cells if c.role == "manual"}
    given = built.lesson.given()
    return LessonKey(built.folder.name, built.release, built.specs, built.hidden, manual, given)
