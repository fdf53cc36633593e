"""A small course, graded often: one exercise, no data, so that a submission takes a second."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from nbformat import NotebookNode

from autograder.course import Course
from autograder.judging.key import LessonKey, make_key
from tests.small_course import HIDDEN_SEED, RIGHT, answered, build_course


@pytest.fixture(scope="session")
def mini_course(tmp_path_factory: pytest.TempPathFactory) -> Course:
    return build_course("mini", tmp_path_factory.mktemp("mini"))


@pytest.fixture(scope="session")
def mini_key(mini_course: Course) -> LessonKey:
    return make_key(mini_course.lesson_folders()[0], HIDDEN_SEED)


@pytest.fixture
def submission(mini_key: LessonKey) -> Callable[..., NotebookNode]:
    """Makes a submitted notebook: the answer's source, extra cells by position."""

    def make(answer: str | None = RIGHT, extra: dict[int, str] | None = None) -> NotebookNode:
        answers = {} if answer is None else {"L1-1-answer": answer}
        return answered(mini_key.release, answers, extra)

    return make
