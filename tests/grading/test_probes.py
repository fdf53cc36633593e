"""Models, random functions, dicts and tests that learners write are judged like everything else."""

from __future__ import annotations

import contextlib
import functools
import json
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from attnkit.checking import wire
from attnkit.checking.check import check
from attnkit.checking.spec import ExerciseSpec, released_lesson

from autograder.authoring import Check, between, call, matching, probe
from autograder.authoring.lesson import read_lesson
from autograder.authoring.lint import lint
from autograder.authoring.load_exercises import declared_exercises
from autograder.authoring.mutant_process import judge_functions
from autograder.authoring.mutants import try_mutants
from autograder.authoring.specs import PUBLIC_SEED, make_spec
from autograder.authoring.verify import Row, subjects, verify
from autograder.course import Course, LessonFolder
from autograder.errors import AuthorError
from autograder.judging.judge import judge_in_box
from autograder.judging.key import LessonKey
from autograder.judging.make_key import make_key
from tests.kept_boxes import Keeper
from tests.small_course import build_course, tiny_exercise

SEEDS = (1, 2, 3)
FIRST = [SEEDS[0], *(pytest.param(seed, marks=pytest.mark.exhaustive) for seed in SEEDS[1:])]


@pytest.fixture(scope="module")
def probed_course(tmp_path_factory: pytest.TempPathFactory) -> Course:
    return build_course("probed", tmp_path_factory.mktemp("probed"))


@pytest.fixture(scope="module")
def folder(probed_course: Course) -> LessonFolder:
    return probed_course.lesson_folders()[0]


@pytest.fixture(scope="module")
def key(folder: LessonFolder) -> LessonKey:
    return make_key(folder, SEEDS[0])


@pytest.fixture
def released(probed_course: Course, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The notebook's `check` reads the released data of this course."""
    monkeypatch.setenv("ATTNKIT_RELEASED", str(probed_course.released))
    released_lesson.cache_clear()
    yield
    released_lesson.cache_clear()


@functools.cache
def kill_table(course: Course, seed: int) -> list[Row]:
    return verify(course, [], seed)


@pytest.mark.parametrize("seed", FIRST)
def test_wrong_variants_fail_by_name_right_ones_pass_and_the_linter_is_silent(
    probed_course: Course, seed: int
) -> None:
    rows = [row for row in kill_table(probed_course, seed) if row.kind != "blind"]
    assert [row for row in rows if not row.ok] == []
    assert sum(row.kind == "wrong" for row in rows) == 16
    assert list(lint(subjects(probed_course, []), seed)) == []


def test_no_mutant_survives_unexplained(probed_course: Course) -> None:
    assert [row for row in try_mutants(subjects(probed_course, []), 1) if not row.ok] == []


def test_the_notebook_and_the_judge_outside_give_the_verdicts_of_the_kill_table(
    released: None,
    probed_course: Course,
    folder: LessonFolder,
    key: LessonKey,
    kept_boxes: Keeper,
) -> None:
    rows: dict[tuple[str, str], Row] = {
        (r.exercise, r.variant): r for r in kill_table(probed_course, SEEDS[0])
    }
    reference = read_lesson(folder.source).reference()
    with contextlib.closing(kept_boxes.open_box()) as box:
        box.run_cell("import numpy as np")
        for cell in read_lesson(folder.source).answers():
            exercise = declared_exercises(folder)[cell.name]
            assert box.run_cell(cell.source).status == "ok"
            for variant in (*exercise.rights, *exercise.wrongs):
                row = rows[cell.name, variant.name]
                report = check(cell.name, variant.beside(reference))
                assert (report.passed, report.diagnosis) == (row.passed, row.diagnosis), variant
                assert box.run_cell(variant.source).status == "ok"
                verdict, error = judge_in_box(box, key.visible[cell.name], key.hidden[cell.name])
                assert error is None
                assert (verdict.points, verdict.diagnosis) == (row.points, row.diagnosis), variant


def test_what_goes_into_the_box_tells_nothing_of_what_is_expected(key: LessonKey) -> None:
    """Neither right answers, nor what is said of a function that a learner's test is to judge."""
    for spec in (*key.visible.values(), *key.hidden.values()):
        sent = json.dumps(spec.wire_calls())
        for word in ("expected", "between", "matches", "says", "tolerance"):
            assert f'"{word}"' not in sent


def test_a_function_to_be_tested_does_not_carry_its_name() -> None:
    source = 'def leaky_softmax(x):\n    """Wrong on purpose."""\n    return x\n'
    given = wire.decode_input({"code": source, "name": "leaky_softmax"})
    assert given(3) == 3
    shown = repr(given) + given.__code__.co_name + given.__code__.co_qualname + str(given.__doc__)
    assert "leaky" not in shown
    assert "Wrong" not in shown


@pytest.mark.parametrize("always", [True, False])
def test_who_always_answers_the_same_wins_nothing_for_a_test(key: LessonKey, always: bool) -> None:
    functions = {"is_shift_blind": lambda fn: always}
    verdict = judge_functions(functions, key.visible["L1.2"], key.hidden["L1.2"])
    assert verdict.points == 0


def failing(key: LessonKey, exercise: str, function: Callable[..., Any]) -> str:
    """What a learner reads first who handed in this function."""
    spec = key.visible[exercise]
    verdict = judge_functions({next(iter(spec.functions)): function}, spec, key.hidden[exercise])
    assert verdict.diagnosis is None
    return f"{verdict.message} {verdict.findings[0].seen}"


def test_the_sentence_names_bounds_entries_and_what_was_given(key: LessonKey) -> None:
    low = failing(key, "L1.1", lambda widths, n, rng: np.zeros(len(widths)))
    assert "The spread divided by √width is 0 at [0]; it should lie between 0.9 and 1.1." in low
    assert "The call was `dot_spread` with widths = [4, 17, 60]; seed = " in low
    blind = failing(key, "L1.2", lambda fn: True)
    assert "fn = each score divided by the sum of all" in blind
    lost = failing(key, "L1.3", lambda params, grads, lr: {})
    assert "`step` returned a dict without the entry 'b'." in lost
    more = failing(key, "L1.3", lambda p, g, lr: {**{k: p[k] - lr * g[k] for k in p}, "c": 1})
    assert "a dict with an entry 'c' that nobody asked for" in more
    off = failing(key, "L1.3", lambda p, g, lr: {k: p[k] - lr * g[k] + 1 for k in p})
    assert "The entry 'b' of `step` is 1 at [0]; it should be 0." in off


def test_a_model_that_cannot_be_used_is_said_so_without_a_line_of_ours(key: LessonKey) -> None:
    message = failing(key, "L1.4", lambda D: None)
    assert "What `build_model` gave can't be used: AttributeError" in message


def test_too_few_right_predictions_are_counted(key: LessonKey) -> None:
    spec = key.visible["L1.4"]

    class Guess:
        def __call__(self, x_TD: np.ndarray) -> np.ndarray:
            return np.ones(len(x_TD))

    verdict = judge_functions({"build_model": lambda D: Guess()}, spec, key.hidden["L1.4"])
    assert "of 200" in verdict.checks[1].message
    assert "at least 95.0% are asked for" in verdict.checks[1].message


def spec_of(make: Callable[[], Any], reference: Any = np.sort) -> ExerciseSpec:
    exercise = tiny_exercise("f")

    def checks(rng: np.random.Generator) -> Iterator[Check]:
        yield Check("only", make())

    exercise.checks(checks)
    return make_spec(exercise, {"f": reference}, PUBLIC_SEED)


def ends(f, x):  # type: ignore[no-untyped-def]
    return f(x)[-1]


def of_nothing(x):  # type: ignore[no-untyped-def]
    return x


def test_an_authors_mistake_in_a_probe_is_named_with_its_line() -> None:
    x = np.array([2.0, 1.0])
    with pytest.raises(
        AuthorError, match=r"test_probes\.py:\d+: the probe of_nothing\(\) of L9\.1"
    ):
        spec_of(lambda: probe(of_nothing, says="Nothing")(x))
    with pytest.raises(AuthorError, match="is 2; it should lie between 0 and 1"):
        spec_of(lambda: probe(ends, says="The end")(x, expect=between(0, 1)))
    with pytest.raises(AuthorError, match=r"right for 1 of 2 \(50\.0%\)"):
        spec_of(lambda: call(x, expect=matching(np.array([1.0, 3.0]), 0.9)))
    probe_spec = spec_of(lambda: probe(ends, says="The end")(x)).calls[0].probe
    assert probe_spec is not None
    assert (probe_spec.functions, probe_spec.parameters) == (("f",), ("x",))


def test_a_spec_with_probes_survives_json(key: LessonKey) -> None:
    for spec in key.visible.values():
        assert ExerciseSpec.from_json(json.loads(json.dumps(spec.to_json()))) == spec


@pytest.mark.slow
@pytest.mark.exhaustive  # test_three_views.py: variants of lesson 8, whose models are judged so
def test_a_keras_model_is_judged_by_what_it_gives_and_by_its_loss(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    """With weights that the judge sets, whatever layers the model is made of."""
    course = build_course("tiny_keras", tmp_path_factory.mktemp("keras"))
    rows = [row for row in verify(course, [], SEEDS[0]) if row.kind != "blind"]
    tried = subjects(course, [])
    rows += [*lint(tried, SEEDS[0]), *try_mutants(tried, SEEDS[0])]
    assert [row for row in rows if not row.ok] == []
    assert {row.diagnosis for row in rows if row.kind == "wrong"} >= {"no-sigmoid", "not-compiled"}
