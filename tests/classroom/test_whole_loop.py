"""A class's whole way: made, handed in, graded, marked by hand, told, reported, exported, changed.

The small one runs in every test run; the one of 60 students in three real lessons in `test-all`.
"""

from __future__ import annotations

import csv
import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from nbgrader.api import Gradebook

from autograder.authoring import build as building
from autograder.course import Course, cell_name, find_course
from autograder.errors import AttnError
from autograder.grading.grade import GradeOptions, grade_path
from autograder.grading.sample_class import DEADLINE, SampleStudent, make_sample_class
from autograder.record.class_folder import ClassFolder
from autograder.record.lesson_facts import lesson_facts
from tests.small_course import FIXTURES, build_course

WORTH_MORE = """

from autograder.authoring import Check as _check

_before = exercise.make_checks


def _worth_more(rng):
    for place, check in enumerate(_before(rng)):
        yield check if place else _check(
            check.name,
            *check.calls,
            says=check.says,
            points=check.points + 3,
            judges=check.judges,
            part=check.part,
        )


exercise.make_checks = _worth_more
"""
MORE = 3
EXERCISE_MORE = """

# %% answer="L1.2"
def twice(x_T):
    ### BEGIN SOLUTION
    return 2 * x_T
    ### END SOLUTION


# %% check="L1.2"
report = check("L1.2", twice)
report.points
"""
QUESTION_MORE = """
# %% [markdown]
# Why not three times?

# %% [markdown] manual="L1-again" points=2
# ### BEGIN MARK SCHEME
# Two points.
# ### END MARK SCHEME
"""


def two_lessons(root: Path) -> Course:
    """A course of two small lessons, each of them the fixture's."""
    (root / "lessons").mkdir(parents=True)
    shutil.copytree(FIXTURES / "mini" / "solutions", root / "solutions")
    first = root / "solutions" / "01_doubling"
    outline = (root / "solutions" / "course.toml").read_text("utf-8")
    entry = outline[outline.index("[[lessons]]") :]
    for number in (2,):
        folder = root / "solutions" / f"0{number}_doubling"
        shutil.copytree(first, folder)
        (folder / "01_doubling.py").rename(folder / f"0{number}_doubling.py")
        (folder / "l1_1_double.py").rename(folder / f"l{number}_1_double.py")
        for file in folder.glob("*.py"):
            text = re.sub(r"\b(L|l)1([._-])", rf"\g<1>{number}\2", file.read_text("utf-8"))
            file.write_text(text, encoding="utf-8")
        outline += entry.replace("number = 1", f"number = {number}")
    (root / "solutions" / "course.toml").write_text(outline, encoding="utf-8")
    course = Course(root)
    building.build(course, run=False)
    return course


def copy_of_the_course(root: Path) -> Course:
    """The real one, where its authors may change it."""
    course = find_course()
    ignored = shutil.ignore_patterns("__pycache__", ".ipynb_checkpoints", "backup-*")
    for part in (course.lessons, course.solutions):
        shutil.copytree(part, root / part.name, ignore=ignored)
    return Course(root)


class Class:
    """A class, its commands, and what its gradebook says."""

    def __init__(self, course: Course, folder: Path, lessons: list[str]) -> None:
        self.course, self.folder, self.lessons = course, folder, lessons

    def attn(self, *command: str, code: int = 0) -> str:
        done = subprocess.run(
            [sys.executable, "-m", "autograder.cli", *command],
            env={**os.environ, "ATTN_ROOT": str(self.course.root)},
            capture_output=True,
            text=True,
            timeout=1500,
            check=False,
        )
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout

    def gradebook(self) -> Gradebook:
        return Gradebook(f"sqlite:///{self.folder / 'gradebook.db'}")

    def totals(self) -> dict[tuple[str, str], tuple[float, float]]:
        """Score and highest score by student and lesson."""
        with self.gradebook() as gradebook:
            return {
                (s.student.id, lesson): (s.score, s.max_score)
                for lesson in self.lessons
                for s in gradebook.assignment_submissions(lesson)
            }

    def page(self, student: str, lesson: str) -> Path:
        return self.folder / "feedback" / student / lesson / f"{lesson}.html"


@pytest.fixture(scope="module")
def mini_course(tmp_path_factory: pytest.TempPathFactory) -> Course:
    return build_course("mini", tmp_path_factory.mktemp("mini"))


@pytest.fixture
def small(tmp_path: Path) -> Class:
    course = two_lessons(tmp_path / "course")
    names = [folder.name for folder in course.lesson_folders()]
    return Class(course, tmp_path / "autumn", names)


@pytest.mark.exhaustive  # each step of it has tests of its own
@pytest.mark.slow
def test_a_small_class_goes_the_whole_way(small: Class, tmp_path: Path) -> None:
    whole_way(small, 11, tmp_path)  # the eleventh hands in half a file


@pytest.mark.exhaustive
def test_a_class_of_sixty_goes_the_whole_way_through_three_real_lessons(tmp_path: Path) -> None:
    course = copy_of_the_course(tmp_path / "course")
    names = [folder.name for folder in course.lesson_folders()[:3]]
    whole_way(Class(course, tmp_path / "autumn", names), 60, tmp_path)


def test_a_class_goes_on_as_it_was_if_its_lesson_gets_more_and_is_told_if_it_gets_less(
    mini_course: Course, tmp_path: Path
) -> None:
    course, folder = Course(tmp_path / "course"), tmp_path / "class"
    shutil.copytree(mini_course.root, course.root)
    make_sample_class(course, folder, students=2)

    def grade() -> list[tuple[str, float, dict[str, bool]]]:
        results = [step.result for step in grade_path(course, folder, GradeOptions())]
        return [(r.student, r.points, r.manual) for r in results]

    done = grade()
    source = course.lesson_folders()[0].source
    before = source.read_text("utf-8")
    exercise = source.with_name("l1_1_double.py").read_text("utf-8").replace('"double"', '"twice"')
    source.with_name("l1_2_twice.py").write_text(exercise, encoding="utf-8")
    source.write_text(before + EXERCISE_MORE + QUESTION_MORE, encoding="utf-8")
    building.build(course, run=False)
    assert grade() == done
    facts = lesson_facts(ClassFolder(folder), course.lesson_folders()[0])
    assert list(facts.specs) == ["L1.1"]  # what the report and the pages of feedback tell of
    source.write_text(before.partition("# %% [markdown]\n# Why twice?")[0], encoding="utf-8")
    source.with_name("l1_2_twice.py").unlink()
    with pytest.raises(AttnError, match="lacks exercises or questions that were handed out"):
        grade()
    source.write_text(before, encoding="utf-8")
    assert grade() == done


def whole_way(made: Class, students: int, tmp_path: Path) -> None:
    lessons = [option for name in made.lessons for option in ("--lesson", name)]
    sample = make_sample_class(
        made.course, tmp_path / "sample", students=students, lessons=made.lessons
    )
    roster = tmp_path / "students.csv"
    names = sorted({one.student for one in sample})
    rows = "".join(f"{name},{name.partition('.')[2].title()},Test\n" for name in names)
    roster.write_text("id,first_name,last_name\n" + rows + "absent,Nobody,Here\n", encoding="utf-8")
    made.attn("course", "new", str(made.folder), "--roster", str(roster), *lessons)
    class_ = ("--course", str(made.folder))
    due = f"{DEADLINE:%Y-%m-%d %H:%M} UTC"
    handout = tmp_path / "handout.zip"
    made.attn("course", "release", *made.lessons, *class_, "--due", due, "--to", str(handout))
    with zipfile.ZipFile(handout) as archive:
        assert archive.namelist() == [f"{name}/{name}.ipynb" for name in made.lessons]

    for source in sources(tmp_path, sample):
        made.attn("course", "collect", *map(str, source), *class_)
    for one in sample:
        place = f"submitted/{one.student}/{one.lesson}/{one.lesson}.ipynb"
        assert (made.folder / place).read_bytes() == (tmp_path / "sample" / place).read_bytes()

    # graded, each as it was made to be; some can't be, so the command says 1
    made.attn("grade", str(made.folder / "submitted"), code=1)
    got = made.totals()
    expected = {(s.student, s.lesson): sum(s.points.values()) for s in sample}
    assert {key: score for key, (score, _) in got.items()} == expected

    # marked by hand, as formgrader does it
    marked = mark_by_hand(made)
    assert marked

    # each is told; who can't be graded, too
    made.attn("feedback", str(made.folder), "--policy", "now")
    for one in sample:
        page = made.page(one.student, one.lesson).read_text("utf-8")
        assert ("could not be graded" in page) == (one.status == "not gradable")
    assert "Half a point more: say why." in made.page(*marked[0][:2]).read_text("utf-8")
    told = made.page(*marked[0][:2]).read_bytes()

    report = json.loads(made.attn("report", str(made.folder), "--json"))
    check_report(report, sample, made)
    made.attn("report", str(made.folder))
    assert (made.folder / "report.html").stat().st_size > 20_000

    assert exported(made) == made.totals()

    # the author makes one check of the first exercise worth more, and the class is graded again
    before = made.totals()
    file = made.course.lesson(made.lessons[0]).exercise_files()[0]
    file.write_text(file.read_text("utf-8") + WORTH_MORE, encoding="utf-8")
    made.attn("build", "--no-run", made.lessons[0])
    made.attn("grade", str(made.folder / "submitted"), code=1)
    after = made.totals()
    for (student, lesson), (score, most) in after.items():
        old_score, old_most = before[student, lesson]
        if lesson != made.lessons[0]:
            assert (score, most) == (old_score, old_most)
            continue
        assert most == old_most + MORE
        assert score - old_score in (0, MORE)  # and the marks by hand are in both
    first = [one for one in sample if one.lesson == made.lessons[0]]
    assert {after[s.student, s.lesson][0] - before[s.student, s.lesson][0] for s in first} == {0, 3}
    with made.gradebook() as gradebook:
        for student, lesson, cell, score in marked:
            grade = gradebook.find_grade(cell, lesson, lesson, student)
            assert (grade.manual_score, grade.needs_manual_grade) == (score, False)
    made.attn("feedback", str(made.folder))
    assert made.page(*marked[0][:2]).read_bytes() != told
    assert exported(made) == after


def sources(tmp_path: Path, sample: list[SampleStudent]) -> list[tuple[object, ...]]:
    """The sample's files as a third of the class sends them each by Canvas, Moodle and as folders.

    What follows `attn course collect`: a source for each lesson, as one downloads it.
    """
    number = {name: 500 + n for n, name in enumerate(sorted({one.student for one in sample}))}
    people = {"canvas": tmp_path / "grades.csv", "moodle": tmp_path / "worksheet.csv"}
    people["canvas"].write_text(
        "Student,ID,SIS User ID,SIS Login ID,Section\n"
        + "".join(f'"Test, X",{n},{name},,A\n' for name, n in number.items()),
        encoding="utf-8",
    )
    people["moodle"].write_text(
        "Identifier,Full name,ID number,Status\n"
        + "".join(f"Participant {n},X Test,{name},Submitted\n" for name, n in number.items()),
        encoding="utf-8",
    )
    found: list[tuple[object, ...]] = []
    for lesson in dict.fromkeys(one.lesson for one in sample):
        zips = {kind: tmp_path / f"{kind}-{lesson}.zip" for kind in ("canvas", "moodle", "tree")}
        for one in (one for one in sample if one.lesson == lesson):
            n = number[one.student]
            kind = list(zips)[n % 3]
            place = {
                "canvas": f"testx_{n}_{n + 9000}_homework.ipynb",
                "moodle": f"X Test_{n}_assignsubmission_file/homework.ipynb",
                "tree": f"{one.student}/{lesson}/{lesson}.ipynb",
            }[kind]
            file = tmp_path / "sample" / "submitted" / one.student / lesson / f"{lesson}.ipynb"
            with zipfile.ZipFile(zips[kind], "a") as archive:
                archive.write(file, place)
                stamp = file.parent / "timestamp.txt"
                if kind == "tree" and stamp.is_file():
                    archive.write(stamp, f"{one.student}/{lesson}/timestamp.txt")
        for kind, file in zips.items():
            listed = ("--people", people[kind]) if kind in people else ()
            found.append((file, "--lesson", lesson, *listed))
    return found


def mark_by_hand(made: Class) -> list[tuple[str, str, str, float]]:
    """Every second answer that waits gets 1.5 points and a comment, as formgrader's PUT does."""
    marked = []
    with made.gradebook() as gradebook:
        for lesson in made.lessons:
            waiting = [
                (submission.student.id, grade)
                for submission in gradebook.assignment_submissions(lesson)
                for grade in submission.notebooks[0].grades
                if grade.needs_manual_grade
            ]
            for student, grade in waiting[::2]:
                grade.manual_score, grade.needs_manual_grade = 1.5, False
                comment = gradebook.find_comment(grade.name, lesson, lesson, student)
                comment.manual_comment = "Half a point more: say why."
                marked.append((student, lesson, grade.name, 1.5))
        gradebook.db.commit()
    return marked


def check_report(report: dict[str, object], sample: list[SampleStudent], made: Class) -> None:
    """Misconceptions and totals are what the submissions were made of."""
    totals = made.totals()
    lessons = report["lessons"]
    assert isinstance(lessons, list)
    assert [lesson["lesson"] for lesson in lessons] == made.lessons
    for lesson in lessons:
        own = [one for one in sample if one.lesson == lesson["lesson"]]
        wrong: dict[tuple[str, str], set[str]] = {}
        for one in own:
            for exercise, diagnosis in one.diagnoses.items():
                if diagnosis and one.status == "graded":
                    wrong.setdefault((exercise, diagnosis), set()).add(one.student)
        found = {(m["exercise"], m["id"]): set(m["students"]) for m in lesson["mistakes"]}
        assert found == wrong
        assert lesson["alike"] == []  # an honest class
        rows = {row["student"]: row for row in lesson["rows"]}
        assert rows["absent"]["status"] == "not handed in"
        for one in own:
            row = rows[one.student]
            assert row["status"] == one.status
            if one.status == "graded":
                assert row["total"] == totals[one.student, one.lesson][0]
                for exercise, points in one.points.items():
                    assert row["points"][cell_name(exercise)] == points


def exported(made: Class) -> dict[tuple[str, str], tuple[float, float]]:
    """What `nbgrader export` writes, read back; only of those who handed in."""
    subprocess.run(
        [sys.executable, "-m", "nbgrader", "export", "--to", "grades.csv"],
        cwd=made.folder,
        check=True,
        capture_output=True,
        timeout=120,
    )
    with (made.folder / "grades.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return {
        (row["student_id"], row["assignment"]): (float(row["raw_score"]), float(row["max_score"]))
        for row in rows
        if row["student_id"] != "absent"
    }
