"""Handing in late: what a penalty follows from, and that a moved deadline moves it everywhere."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder.errors import AttnError
from autograder.grading.grade import GradeOptions, grade_path
from autograder.record.class_folder import ClassFolder
from autograder.record.late import LatePolicy, late_penalty, read_policy, update_penalties
from autograder.record.marks import MarkBook
from tests.classroom.graded_class import DUE, LESSON, GradedClass, graded_class, hand_in

HOUR = dt.timedelta(hours=1)
policies = st.builds(
    LatePolicy,
    grace_minutes=st.floats(0, 3000),
    percent=st.floats(0, 100),
    per=st.sampled_from(["day", "hour"]),
    at_most=st.floats(0, 100),
    of=st.sampled_from(["achieved", "max"]),
    zone=st.just("UTC"),  # others: tests/property/test_days_props.py
)
times = st.timedeltas(dt.timedelta(days=-3), dt.timedelta(days=40))
points = st.floats(0, 200)


@given(policies, times, times, points, points)
@settings(max_examples=300, deadline=None)
def test_a_penalty_grows_with_lateness_and_leaves_a_total_between_nothing_and_the_score(
    policy: LatePolicy, one: dt.timedelta, other: dt.timedelta, score: float, more: float
) -> None:
    sooner, later = sorted((one, other))
    most = score + more
    penalties = [late_penalty(DUE, DUE + t, policy, score, most) for t in (sooner, later)]
    assert 0 <= penalties[0] <= penalties[1] <= score
    if sooner <= dt.timedelta(0) or sooner <= dt.timedelta(minutes=policy.grace_minutes):
        assert penalties[0] == 0


@given(policies, times, times, points)
@settings(max_examples=200, deadline=None)
def test_a_penalty_follows_from_the_time_since_the_deadline_alone(
    policy: LatePolicy, late: dt.timedelta, moved: dt.timedelta, score: float
) -> None:
    before = late_penalty(DUE, DUE + late, policy, score, 200)
    assert late_penalty(DUE + moved, DUE + moved + late, policy, score, 200) == before
    after = late_penalty(DUE + abs(moved), DUE + late, policy, score, 200)
    assert after <= before  # more time never costs


@given(policies, times, points, points)
@settings(max_examples=200, deadline=None)
def test_who_achieves_more_never_ends_with_less(
    policy: LatePolicy, late: dt.timedelta, less: float, more: float
) -> None:
    totals = [
        score - late_penalty(DUE, DUE + late, policy, score, 400) for score in sorted((less, more))
    ]
    assert totals[0] <= totals[1] + 1e-9


@pytest.mark.parametrize(
    ("late", "wanted"),
    [
        (dt.timedelta(0), 0),
        (dt.timedelta(minutes=15), 0),  # the last moment of the grace
        (dt.timedelta(minutes=15, microseconds=1), 1),
        (24 * HOUR, 1),
        (24 * HOUR + dt.timedelta(seconds=1), 2),
        (dt.timedelta(days=30), 5),  # at most half
    ],
)
def test_days_that_have_begun_count_whole(late: dt.timedelta, wanted: float) -> None:
    policy = LatePolicy(grace_minutes=15, percent=10, at_most=50, zone="UTC")
    assert late_penalty(DUE, DUE + late, policy, 10, 20) == wanted


def test_of_all_points_and_by_the_hour() -> None:
    policy = LatePolicy(percent=10, per="hour", of="max")
    assert late_penalty(DUE, DUE + 2 * HOUR, policy, 10, 20) == 4
    assert late_penalty(DUE, DUE + 9 * HOUR, policy, 10, 20) == 10  # 18 would be more than there is
    assert late_penalty(None, DUE, policy, 10, 20) == 0
    assert late_penalty(DUE, None, policy, 10, 20) == 0


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[late", "is not TOML"),
        ("late = 3", "must be a table"),
        ("[late]\npercentage = 3", "no setting 'percentage'"),
        ("[late]\npercent = -1", "from 0 to 100"),
        ("[late]\npercent = true", "from 0 to 100"),
        ("[late]\npercent = nan", "from 0 to 100"),
        ('[late]\nper = "week"', '"day" or "hour"'),
        ("[late]\nof = []", '"achieved" or "max"'),
        ('[late]\nzone = "Mars/Olympus"', "name of a time zone.*not 'Mars/Olympus'"),
        ('[late]\nzone = "../etc/passwd"', "name of a time zone"),
        ("[late]\nzone = 2", "name of a time zone"),
    ],
)
def test_a_policy_that_is_none_is_told_in_a_sentence(text: str, said: str, tmp_path: Path) -> None:
    (tmp_path / "class.toml").write_text(text, encoding="utf-8")
    with pytest.raises(AttnError, match=said):
        read_policy(tmp_path)


def test_no_file_or_no_table_is_no_policy(tmp_path: Path) -> None:
    assert read_policy(tmp_path) is None
    (tmp_path / "class.toml").write_text('title = "autumn"\n', encoding="utf-8")
    assert read_policy(tmp_path) is None


@pytest.fixture
def late_class(tmp_path_factory: pytest.TempPathFactory) -> GradedClass:
    """Ada is 30 hours late; the others are in time. Ten percent a day."""
    made = graded_class(tmp_path_factory).copy(tmp_path_factory.mktemp("late") / "autumn")
    with ClassFolder(made.folder).open_gradebook() as gradebook:
        gradebook.find_submission(LESSON, "ada").timestamp = DUE + 30 * HOUR
        gradebook.db.commit()
    (made.folder / "class.toml").write_text("[late]\npercent = 10\n", encoding="utf-8")
    return made


def penalties(made: GradedClass) -> dict[str, tuple[float, float]]:
    """By student: what the gradebook keeps, and what is read of it."""
    folder = ClassFolder(made.folder)
    with folder.open_gradebook() as gradebook:
        kept = {
            s.student.id: float(s.late_submission_penalty)
            for s in gradebook.assignment_submissions(LESSON)
        }
    with MarkBook(folder) as book:
        read = {name: marks.penalty for name, marks in book.of_lesson(LESSON).marks.items()}
    return {name: (kept[name], read[name]) for name in kept}


def due(made: GradedClass, when: dt.datetime) -> None:
    with ClassFolder(made.folder).open_gradebook() as gradebook:
        gradebook.update_or_create_assignment(LESSON, duedate=when)


def test_grading_again_after_a_moved_deadline_recomputes_penalties(late_class: GradedClass) -> None:
    list(grade_path(late_class.course, late_class.submitted, GradeOptions()))
    first = penalties(late_class)
    with MarkBook(ClassFolder(late_class.folder)) as book:
        score = book.of_lesson(LESSON).marks["ada"].score
    assert score > 0
    assert first["ada"] == pytest.approx((0.2 * score, 0.2 * score))
    assert all(first[name] == (0, 0) for name in first if name != "ada")
    due(late_class, DUE + 10 * HOUR)
    assert penalties(late_class)["ada"] == pytest.approx((0.2 * score, 0.1 * score))
    list(grade_path(late_class.course, late_class.submitted, GradeOptions()))
    assert penalties(late_class)["ada"] == pytest.approx((0.1 * score, 0.1 * score))
    due(late_class, DUE + 40 * HOUR)
    assert update_penalties(ClassFolder(late_class.folder), [LESSON, "99_unknown"]) == 1
    assert penalties(late_class)["ada"] == (0, 0)


def test_an_extension_spares_one_student(late_class: GradedClass) -> None:
    with ClassFolder(late_class.folder).open_gradebook() as gradebook:
        gradebook.grant_extension(LESSON, "ada", hours=40)
    update_penalties(ClassFolder(late_class.folder), [LESSON])
    assert penalties(late_class)["ada"] == (0, 0)


def test_without_a_policy_what_stands_in_the_gradebook_stays(late_class: GradedClass) -> None:
    (late_class.folder / "class.toml").unlink()
    with ClassFolder(late_class.folder).open_gradebook() as gradebook:
        notebook = gradebook.find_submission_notebook(LESSON, LESSON, "ada")
        notebook.late_submission_penalty = 1.5
        gradebook.db.commit()
    list(grade_path(late_class.course, late_class.submitted, GradeOptions()))
    assert penalties(late_class)["ada"] == (1.5, 1.5)


def test_nbgraders_own_method_is_used_where_the_class_sets_one(late_class: GradedClass) -> None:
    (late_class.folder / "class.toml").unlink()
    config = late_class.folder / "nbgrader_config.py"
    own = (
        'c.AssignLatePenalties.plugin_class = "nbgrader.plugins.LateSubmissionPlugin"\n'
        'c.LateSubmissionPlugin.penalty_method = "zero"\n'
    )
    config.write_text(config.read_text("utf-8") + own, encoding="utf-8")
    update_penalties(ClassFolder(late_class.folder), [LESSON])
    with MarkBook(ClassFolder(late_class.folder)) as book:
        marks = book.of_lesson(LESSON).marks["ada"]
    assert marks.score > 0
    assert marks.total == 0


def test_a_broken_policy_is_told_before_anything_is_graded(late_class: GradedClass) -> None:
    (late_class.folder / "class.toml").write_text("[late]\npercent = 200\n", encoding="utf-8")
    with pytest.raises(AttnError, match="from 0 to 100"):
        next(grade_path(late_class.course, late_class.submitted, GradeOptions(force=True)))


@pytest.mark.slow
def test_nbgraders_autograde_takes_off_the_same(late_class: GradedClass) -> None:
    late = dt.timedelta(hours=30)
    hand_in(late_class.folder, "ben", late_class.built.release, f"{DUE + late} UTC")
    with ClassFolder(late_class.folder).open_gradebook() as gradebook:
        gradebook.find_grade("L1-why", LESSON, LESSON, "ben").manual_score = 0.75
        gradebook.db.commit()
    api = ClassFolder(late_class.folder).api()
    api.config.AssignLatePenalties.plugin_class = "autograder.record.late.ClassLatePolicy"
    result = api.autograde(LESSON, "ben", force=True)
    assert result["success"], result
    with ClassFolder(late_class.folder).open_gradebook() as gradebook:
        submission = gradebook.find_submission(LESSON, "ben")
        assert submission.score == 0.75
        assert submission.late_submission_penalty == pytest.approx(0.15)
    assert update_penalties(ClassFolder(late_class.folder), [LESSON]) == 1  # Ada's, not Ben's
