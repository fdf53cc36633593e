"""Feedback on its way to its owner, by nbgrader's own commands and its exchange."""

from __future__ import annotations

import getpass
import os
import subprocess
import sys
from pathlib import Path

import pytest

from autograder.classroom.exchange import collect_from_exchange
from autograder.classroom.release import ReleaseOptions, release
from autograder.errors import AttnError
from autograder.feedback.publish import FeedbackOptions, write_feedback
from autograder.grading.grade import GradeOptions, grade_path
from autograder.record.class_folder import ClassFolder
from tests.classroom.graded_class import LESSON, RIGHT, TRIPLE, GradedClass, graded_class
from tests.small_course import answered, raw


@pytest.mark.exhaustive  # test_feedback.py, test_release.py; nbgrader's own steps are what it adds
@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="nbgrader's exchange needs POSIX permissions")
def test_a_page_reaches_its_owner_through_nbgraders_exchange(
    tmp_path_factory: pytest.TempPathFactory, tmp_path: Path
) -> None:
    """Released, fetched, submitted, collected, graded; the page released and fetched again.

    The others of the class handed in a folder of files, without a secret; they don't stop it.
    """
    made = graded_class(tmp_path_factory).copy(tmp_path / "autumn")
    exchange, home = tmp_path / "exchange", tmp_path / "learner"
    exchange.mkdir(mode=0o777)
    exchange.chmod(0o777)
    home.mkdir()
    me = getpass.getuser()

    def nbgrader(folder: Path, *command: str) -> str:
        options = ["--course", "autumn", f"--Exchange.root={exchange}"]
        cache = f"--Exchange.cache={tmp_path / 'cache'}"
        done = subprocess.run(
            [sys.executable, "-m", "nbgrader", *command, *options, cache],
            cwd=folder,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stderr

    # the instructor's place of the exchange is in the class's configuration
    with (made.folder / "nbgrader_config.py").open("a") as config:
        config.write(f"c.Exchange.root = {str(exchange)!r}\n")
    folder = ClassFolder(made.folder)
    handed_out = ReleaseOptions(exchange=True)
    assert release(made.course, folder, ["1"], handed_out) == [LESSON]
    with pytest.raises(AttnError, match="Destination already exists, add --force to overwrite"):
        release(made.course, folder, ["1"], handed_out)
    release(made.course, folder, ["1"], ReleaseOptions(exchange=True, force=True))
    nbgrader(home, "fetch_assignment", LESSON)
    notebook = answered(made.built.release, {"L1-1-answer": RIGHT, "L1-2-answer": TRIPLE})
    (home / LESSON / f"{LESSON}.ipynb").write_bytes(raw(notebook))
    nbgrader(home, "submit", LESSON)
    assert not collect_from_exchange(folder, LESSON)  # nothing is warned of
    assert (made.submitted / me / LESSON / "submission_secret.txt").is_file()
    list(grade_path(made.course, made.submitted, GradeOptions()))
    states = {
        s.page.student: s.page.state
        for s in write_feedback(made.course, made.folder, FeedbackOptions())
    }
    assert states[me] == "written"
    nbgrader(made.folder, "release_feedback", LESSON)
    nbgrader(home, "fetch_feedback", LESSON)
    (fetched,) = (home / LESSON / "feedback").rglob("*.html")
    assert fetched.read_bytes() == made.page(me).read_bytes()
    assert len(list((exchange / "autumn" / "feedback").glob("*.html"))) == len(states)


def test_a_secret_once_made_up_stays(
    tmp_path_factory: pytest.TempPathFactory, tmp_path: Path
) -> None:
    """Or each release would add another copy of a page that nobody can fetch."""
    made: GradedClass = graded_class(tmp_path_factory).copy(tmp_path / "autumn")
    secrets = []
    for _ in range(2):
        list(write_feedback(made.course, made.folder, FeedbackOptions(force=True)))
        files = sorted((made.folder / "feedback").rglob("submission_secret.txt"))
        secrets.append([file.read_text() for file in files])
        assert all(file.stat().st_mode & 0o077 == 0 for file in files)
    assert secrets[0] == secrets[1]
    assert len(set(secrets[0])) == len(secrets[0]) == 6
