"""A small course, graded often: one exercise, no data, so that a submission takes a second."""

from __future__ import annotations

import contextlib
import secrets
import sys
from collections.abc import Callable, Iterator

import psycopg
import pytest
from nbformat import NotebookNode

from autograder import cli
from autograder.course import Course
from autograder.judging.key import LessonKey
from autograder.judging.make_key import make_key
from tests.postgresql import NoServerError, is_required, server
from tests.small_course import HIDDEN_SEED, RIGHT, answered, build_course

Attn = Callable[..., tuple[int, str, str]]


@pytest.fixture(scope="session")
def mini_course(tmp_path_factory: pytest.TempPathFactory) -> Course:
    return build_course("mini", tmp_path_factory.mktemp("mini"))


@pytest.fixture(scope="session")
def mini_key(mini_course: Course) -> LessonKey:
    return make_key(mini_course.lesson_folders()[0], HIDDEN_SEED)


@pytest.fixture(scope="session")
def postgresql() -> Iterator[str]:
    """The address of a database on a PostgreSQL server that runs while the tests do."""
    with contextlib.ExitStack() as stack:
        try:
            address = stack.enter_context(server())
        except NoServerError as error:
            if is_required():
                pytest.fail(f"{error}, and ATTN_REQUIRE_POSTGRESQL is set", pytrace=False)
            pytest.skip(str(error))
        yield address


@pytest.fixture(
    scope="module", params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)]
)
def new_gradebook(request: pytest.FixtureRequest) -> Callable[[], str | None]:
    """Gives the address of a gradebook that is not there yet: a new database, or the default."""
    if request.param == "sqlite":
        return lambda: None
    address = request.getfixturevalue("postgresql")

    def make() -> str:
        name = f"class_{secrets.token_hex(4)}"
        with psycopg.connect(address, autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}".encode())
        return address.rpartition("/")[0] + f"/{name}"

    return make


@pytest.fixture
def submission(mini_key: LessonKey) -> Callable[..., NotebookNode]:
    """Makes a submitted notebook: the answer's source, extra cells by position."""

    def make(answer: str | None = RIGHT, extra: dict[int, str] | None = None) -> NotebookNode:
        answers = {} if answer is None else {"L1-1-answer": answer}
        return answered(mini_key.release, answers, extra)

    return make


@pytest.fixture
def attn(
    mini_course: Course, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Attn:
    """Runs `attn …` on the small course: exit code, standard output, standard error."""
    monkeypatch.setenv("ATTN_ROOT", str(mini_course.root))

    def run(*arguments: object) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["attn", *map(str, arguments)])
        with pytest.raises(SystemExit) as caught:
            cli.main()
        out, err = capsys.readouterr()
        return int(caught.value.code or 0), out, err

    return run
