"""One learner's page: what the verdicts, the gradebook and the notebook say, put in order."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from attnkit.checking.spec import ExerciseSpec
from attnkit.checking.verdict import Verdict
from nbformat import NotebookNode

from autograder.course import answer_cell, cell_name
from autograder.feedback.figures import own_figures
from autograder.judging.results import SubmissionResult
from autograder.record.answers import answers_in, pictures_in
from autograder.record.lesson_facts import LessonFacts
from autograder.record.marks import Mark, Marks
from autograder.reporting.html import render
from autograder.text import gather, plain_text

MOST_LETTERS = 6000  # of a learner's own answer
NEXT_STEPS = 3


@dataclass(frozen=True)
class CheckLine:
    """One named check as a page shows it; `message` is empty if another place says it."""

    name: str
    passed: bool
    points: int
    max_points: int
    message: str


@dataclass(frozen=True)
class CheckLines:
    """The checks of the same functions, which are named where an exercise has several."""

    functions: tuple[str, ...]
    points: int
    max_points: int
    lines: tuple[CheckLine, ...]


@dataclass(frozen=True)
class ExerciseBlock:
    """One exercise of the page."""

    id: str
    title: str
    anchor: str
    score: float
    max_score: float
    by_hand: bool
    passed: bool
    said: tuple[str, ...]  # what is wrong, function by function
    advice: tuple[str, ...]
    checks: tuple[CheckLines, ...]
    place: str
    section: str
    hints: tuple[str, ...]
    answer: str
    comment: str
    solution: str
    importance: int

    @property
    def lost(self) -> float:
        return max(0.0, self.max_score - self.score)


@dataclass(frozen=True)
class WordsBlock:
    """One question that is answered in words and marked by a person."""

    id: str
    anchor: str
    title: str
    question: str
    is_answered: bool
    answer: str  # "" if there is none, or none in words
    pictures: int  # that were pasted into it
    mark: Mark | None
    comment: str
    solution: str


def feedback_page(
    result: SubmissionResult,
    name: str,
    marks: Marks | None,
    notebook: NotebookNode | None,
    facts: LessonFacts,
    made_from: str,
) -> str:
    """The page as HTML.

    name: how the student is called. marks: what the gradebook has; None if it has nothing.
    notebook: the graded notebook with its outputs; None if there is none to be read.
    made_from: a digest of all that goes into the page, which it carries.
    """
    answers = answers_in(notebook) if notebook else {}
    gradable = result.status != "not gradable"
    exercises = [_exercise(verdict, marks, answers, facts) for verdict in result.exercises]
    pictures = pictures_in(notebook) if notebook else Counter[str]()
    words = [_words(cell, result, marks, answers, pictures, facts) for cell in result.manual]
    figures, left_out = own_figures(notebook, facts.places) if notebook and gradable else ([], 0)
    by_need = sorted(exercises, key=lambda block: -block.importance * block.lost)
    return render(
        "feedback.html",
        result=result,
        name=plain_text(name, 200, keep=""),
        lesson=facts,
        marks=marks,
        total=marks.total if marks else float(result.points),
        max_total=marks.max_score if marks else float(result.max_points),
        gradable=gradable,
        exercises=exercises,
        words=words,
        next_steps=[block for block in by_need if block.lost][:NEXT_STEPS],
        figures=figures,
        left_out=left_out,
        repairs=[plain_text(note, keep="") for note in gather(result.repairs)],
        integrity=[plain_text(note, keep="") for note in result.integrity],
        reason=plain_text(result.reason, keep=""),
        late_hours=(marks.seconds_late / 3600) if marks else 0.0,
        made_from=made_from,
    )


def _exercise(
    verdict: Verdict, marks: Marks | None, answers: Mapping[str, str], facts: LessonFacts
) -> ExerciseBlock:
    spec: ExerciseSpec | None = facts.specs.get(verdict.exercise)
    cell = answer_cell(verdict.exercise)
    name = cell_name(verdict.exercise)
    mark = marks.cells.get(name) if marks else None
    return ExerciseBlock(
        id=verdict.exercise,
        title=spec.title if spec else "",
        anchor=name,
        score=mark.score if mark else float(verdict.points),
        max_score=mark.max_score if mark else float(verdict.max_points),
        by_hand=mark.by_hand if mark else False,
        passed=verdict.passed,
        said=tuple(finding.sentence for finding in verdict.findings),
        advice=verdict.advice,
        checks=tuple(_checks(verdict)),
        place=facts.places.get(cell, ""),
        section=facts.sections.get(cell, ""),
        hints=spec.hints if spec and not verdict.passed else (),
        answer=_readable(answers.get(cell, "")),
        comment=_comment(marks, cell, name),
        solution=facts.solutions.get(cell, ""),
        importance=spec.importance if spec else 1,
    )


def _checks(verdict: Verdict) -> Iterator[CheckLines]:
    said = {finding.message for finding in verdict.findings}
    for group in verdict.groups:
        lines = []
        for check in group.checks:
            # what a check says may be all of what the verdict says, or the same for every check
            message = "" if check.passed or check.message in said else check.message
            said.add(check.message)
            line = CheckLine(check.name, check.passed, check.points, check.max_points, message)
            lines.append(line)
        functions = group.functions if verdict.has_several_functions else ()
        yield CheckLines(functions, group.points, group.max_points, tuple(lines))


def _words(
    cell: str,
    result: SubmissionResult,
    marks: Marks | None,
    answers: Mapping[str, str],
    pictures: Mapping[str, int],
    facts: LessonFacts,
) -> WordsBlock:
    answered = result.manual[cell]
    return WordsBlock(
        id=cell,
        anchor=cell,
        title=facts.places.get(cell, ""),
        question=facts.questions.get(cell, ""),
        is_answered=answered,
        answer=_readable(answers.get(cell, "")) if answered else "",
        pictures=pictures.get(cell, 0),
        mark=marks.cells.get(cell) if marks else None,
        comment=_comment(marks, cell),
        solution=facts.solutions.get(cell, ""),
    )


def _comment(marks: Marks | None, *cells: str) -> str:
    found = [marks.comments[cell] for cell in cells if cell in marks.comments] if marks else []
    return plain_text("\n".join(found), 5000)


def _readable(source: str) -> str:
    return plain_text(source, MOST_LETTERS, keep="\n\t").strip()
