"""Exercises with several functions: each function has its own verdict, its own mistake is named."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

import numpy as np
from attnkit.checking import wire
from attnkit.checking.judge import judge, no_answer
from attnkit.checking.report import Report, as_html, as_text
from attnkit.checking.spec import CallSpec, CheckSpec, ExerciseSpec, MisconceptionSpec, ProbeSpec
from attnkit.checking.verdict import Verdict
from hypothesis import given
from hypothesis import strategies as st

Functions = Mapping[str, Any]

SMALL, LARGE = np.array([1.0, 3.0]), np.arange(40.0)
RIGHT: Functions = {"twice": lambda x: 2 * x, "thrice": lambda x: 3 * x}
TOGETHER = """
def together(twice, thrice, x):
    return twice(x) + thrice(x)
"""
WRONG = {
    "squares": ("twice", lambda x: x**2),
    "adds-two": ("twice", lambda x: x + 2),
    "cubes": ("thrice", lambda x: x**3),
    "doubles": ("thrice", lambda x: 2 * x),
}


def call_of(name: str, x: np.ndarray) -> CallSpec:
    return CallSpec(name, (wire.encode(x),), {}, wire.encode(RIGHT[name](x)), 1e-9)


def probe_of_both(x: np.ndarray) -> CallSpec:
    probe = ProbeSpec(
        TOGETHER, "together", ("twice", "thrice"), ("x",), "Twice and thrice together"
    )
    return CallSpec("twice", (wire.encode(x),), {}, wire.encode(5 * x), 1e-9, probe)


def check_of(name: str, *calls: CallSpec) -> CheckSpec:
    return CheckSpec(name, 1, f"What {name} says.", "values", calls)


def exercise(*checks: CheckSpec) -> ExerciseSpec:
    """One with the misconceptions above, as `attn build` works them out."""
    names: dict[str, tuple[str, ...]] = {"twice": ("x",), "thrice": ("x",)}
    plain = ExerciseSpec("L9.1", "Both", names, 1, 1, 1, ("a", "b", "c"), checks)
    known = []
    for name, (function, wrong) in WRONG.items():
        given = wire.run_calls({**RIGHT, function: wrong}, plain.wire_calls())
        answers = tuple(
            answer if function in call.functions else None
            for call, answer in zip(plain.calls, given, strict=True)
        )
        known.append(MisconceptionSpec(name, function, f"You did: {name}.", answers))
    return dataclasses.replace(plain, misconceptions=tuple(known))


APART = exercise(
    check_of("twice, small", call_of("twice", SMALL)),
    check_of("thrice, small", call_of("thrice", SMALL)),
    check_of("large", call_of("twice", LARGE), call_of("thrice", LARGE)),
)
WITH_PROBE = exercise(*APART.checks, check_of("together", probe_of_both(SMALL)))
PROBE_ONLY = exercise(check_of("together", probe_of_both(SMALL)))


def verdict_on(
    functions: Functions, spec: ExerciseSpec = APART, hidden: ExerciseSpec | None = None
) -> Verdict:
    more = wire.run_calls(functions, hidden.wire_calls()) if hidden else ()
    return judge(spec, wire.run_calls(functions, spec.wire_calls()), hidden, more)


def with_wrong(*names: str) -> Functions:
    return {**RIGHT, **{WRONG[name][0]: WRONG[name][1] for name in names}}


def written(source: str) -> Functions:
    """Functions of one notebook, which may use each other."""
    notebook: dict[str, Any] = {}
    exec(source, notebook)
    return notebook


def named(verdict: Verdict) -> dict[str, str | None]:
    return {one.function: one.diagnosis for one in verdict.functions if not one.passed}


def test_two_typical_mistakes_in_two_functions_are_both_named() -> None:
    for spec in (APART, WITH_PROBE):
        verdict = verdict_on(with_wrong("squares", "doubles"), spec)
        assert named(verdict) == {"twice": "squares", "thrice": "doubles"}
        assert [finding.sentence for finding in verdict.findings] == [
            "`twice` behaves as if you did: squares.",
            "`thrice` behaves as if you did: doubles.",
        ]
        assert verdict.diagnoses == ("squares", "doubles")
        assert (verdict.diagnosis, verdict.message) == (
            "squares",
            "`twice` behaves as if you did: squares.",
        )


def test_one_mistake_is_one_mistake() -> None:
    """Also where the other function takes part in what fails."""
    for spec in (APART, WITH_PROBE, PROBE_ONLY):
        for name, (function, _) in WRONG.items():
            verdict = verdict_on(with_wrong(name), spec)
            assert named(verdict) == {function: name}
            (finding,) = verdict.findings
            assert (finding.functions, finding.diagnosis) == ((function,), name)
            assert verdict.message == f"`{function}` behaves as if you did: {name}."


def test_beside_a_typical_mistake_an_untypical_one_is_told_by_what_differs_first() -> None:
    verdict = verdict_on({"twice": lambda x: x**2, "thrice": lambda x: 3 * x + 1})
    assert named(verdict) == {"twice": "squares", "thrice": None}
    _, of_thrice = verdict.findings
    assert of_thrice.message == (
        "What `thrice` returns is the right answer plus 1, in every number."
    )
    assert of_thrice.seen.startswith("What thrice, small says. `thrice` returned")
    assert "thrice(x = [1., 3.])" in of_thrice.seen
    turned_round = verdict_on({"twice": lambda x: 2 * x + 1, "thrice": lambda x: x**3})
    assert named(turned_round) == {"twice": None, "thrice": "cubes"}
    assert (turned_round.diagnosis, turned_round.message) == (
        "cubes",
        "`thrice` behaves as if you did: cubes.",
    )


def test_a_function_that_is_not_written_yet_hides_nothing_of_the_other_one() -> None:
    def stub(x: object) -> None:
        raise NotImplementedError

    verdict = verdict_on({"twice": stub, "thrice": lambda x: x**3}, WITH_PROBE)
    assert named(verdict) == {"twice": None, "thrice": "cubes"}
    assert [finding.sentence for finding in verdict.findings] == [
        "`twice` is not written yet: put your code in place of `raise NotImplementedError()`, run "
        "the cell, then check again.",
        "`thrice` behaves as if you did: cubes.",
    ]


def test_what_uses_a_wrong_function_is_not_accused() -> None:
    """`thrice` is right and gives what one who cubes gives: its `twice` is to blame."""
    beside = "def thrice(x): return one_more(x)\ndef one_more(x): return twice(x) + x\n"
    odd = written("def twice(x): return x ** 3 - x\n" + beside)
    verdict = verdict_on(odd)
    assert named(verdict) == {"twice": None, "thrice": None}
    assert verdict.diagnosis is None
    of_twice, of_thrice = verdict.findings
    assert of_thrice.sentence == (
        "`thrice` uses your `twice`, which is not right yet: mend `twice` first, then check again."
    )
    assert verdict.message == of_twice.message
    typical = verdict_on(written("def twice(x): return x ** 2\n" + beside))
    assert named(typical) == {"twice": "squares", "thrice": None}
    mended = verdict_on(written("def twice(x): return 2 * x\n" + beside))
    assert mended.passed


def test_an_unwritten_function_is_not_said_to_be_the_one_that_uses_it() -> None:
    source = "def twice(x): raise NotImplementedError\ndef thrice(x): return twice(x) + x\n"
    of_twice, of_thrice = verdict_on(written(source)).findings
    assert of_twice.message.startswith("`twice` is not written yet")
    assert of_thrice.message.startswith("`thrice` uses your `twice`")


def test_who_uses_a_right_function_wrongly_is_named() -> None:
    source = "def twice(x): return 2 * x\ndef thrice(x): return twice(x)\n"
    assert named(verdict_on(written(source))) == {"thrice": "doubles"}


def test_functions_that_use_each_other_do_not_wait_for_each_other() -> None:
    source = (
        "def twice(x): return x ** 2 if len(x) else thrice(x)\ndef thrice(x): return -twice(x)\n"
    )
    verdict = verdict_on(written(source))
    assert named(verdict) == {"twice": "squares", "thrice": None}
    assert verdict.findings[1].message.startswith("`thrice` uses your `twice`")


def test_a_call_of_two_functions_accuses_both_only_if_nothing_else_tells_which() -> None:
    odd: Functions = {"twice": lambda x: 2 * x + 1, "thrice": RIGHT["thrice"]}
    assert named(verdict_on(odd, WITH_PROBE)) == {"twice": None}
    (either,) = verdict_on(odd, PROBE_ONLY).findings
    assert either.functions == ("twice", "thrice")
    assert either.message.startswith("What together says. Twice and thrice together: ")


def test_a_mistake_that_either_function_may_have_made_is_named_of_none() -> None:
    """4x instead of 5x: `twice` gave x, or `thrice` 2x."""
    either: Functions = {"twice": lambda x: x, "thrice": RIGHT["thrice"]}
    plain = PROBE_ONLY.misconceptions
    (answer,) = next(m.answers for m in plain if m.id == "doubles")
    spec = dataclasses.replace(
        PROBE_ONLY,
        misconceptions=(*plain, MisconceptionSpec("gives-x", "twice", "You gave x.", (answer,))),
    )
    verdict = verdict_on(either, spec)
    assert named(verdict) == {"twice": None, "thrice": None}
    assert verdict.diagnosis is None


def test_points_stay_those_of_the_checks_and_are_told_by_function() -> None:
    verdict = verdict_on(with_wrong("cubes"), WITH_PROBE)
    assert (verdict.points, verdict.max_points) == (1, 4)
    points = {one.function: (one.points, one.max_points) for one in verdict.functions}
    assert points == {"twice": (1, 1), "thrice": (0, 1)}
    assert {group.functions: [c.name for c in group.checks] for group in verdict.groups} == {
        ("twice",): ["twice, small"],
        ("thrice",): ["thrice, small"],
        ("twice", "thrice"): ["large", "together"],
    }


def test_a_check_that_two_functions_fail_says_what_differs_in_each() -> None:
    small, _, large = verdict_on(with_wrong("squares", "cubes")).checks
    assert small.message.count("returned") == 1
    assert large.message.startswith("What large says. `twice` returned")
    assert large.message.count("`thrice` returned") == 1


def test_the_report_tells_functions_apart_and_both_forms_say_the_same() -> None:
    report = Report(WITH_PROBE, verdict_on(with_wrong("adds-two", "cubes"), WITH_PROBE), {})
    text, table = as_text(report), as_html(report)
    assert report.diagnoses == ("adds-two", "cubes")
    for line in (" twice: 0 of 1 point", " thrice: 0 of 1 point", " twice, thrice: 0 of 2 points"):
        assert line in text.splitlines()
    assert text.index("`twice` behaves as if you did: adds-two.") < text.index(
        "`thrice` behaves as if you did: cubes."
    )
    assert "<code>twice</code> behaves as if you did: adds-two." in table
    assert "<code>thrice</code> behaves as if you did: cubes." in table
    assert text.count("Seen in: ") == table.count("Seen in: ") == 2


def test_a_function_that_fails_on_hidden_inputs_only_fails_alone() -> None:
    hidden = exercise(
        check_of("twice, small", call_of("twice", SMALL + 0.5)),
        check_of("thrice, small", call_of("thrice", SMALL + 0.5)),
        check_of("large", call_of("twice", LARGE + 0.5), call_of("thrice", LARGE + 0.5)),
    )
    by_heart: Functions = {"twice": lambda x: 2 * np.floor(x), "thrice": RIGHT["thrice"]}
    verdict = verdict_on(by_heart, APART, hidden)
    assert named(verdict) == {"twice": None}
    (finding,) = verdict.findings
    assert finding.functions == ("twice",)
    assert "fresh ones of the same kind" in finding.message
    assert {one.function: one.points for one in verdict.functions} == {"twice": 0, "thrice": 1}
    both = verdict_on({**by_heart, "thrice": lambda x: x**3}, APART, hidden)
    assert named(both) == {"twice": None, "thrice": "cubes"}
    assert both.message == "`thrice` behaves as if you did: cubes."


def test_an_answer_that_stopped_says_so_before_anything_of_a_function() -> None:
    verdict = verdict_on(with_wrong("squares", "cubes")).stopped_by("The cell stops.")
    assert [finding.sentence for finding in verdict.findings] == [
        "The cell stops.",
        "`twice` behaves as if you did: squares.",
        "`thrice` behaves as if you did: cubes.",
    ]
    assert verdict.message == "The cell stops. `twice` behaves as if you did: squares."


def test_what_could_not_be_run_is_said_once() -> None:
    verdict = no_answer(APART, "The answer cell was stopped.")
    (finding,) = verdict.findings
    assert finding.sentence == "The answer cell was stopped."
    assert verdict.has_several_functions


def test_one_function_alone_is_not_labelled() -> None:
    one = exercise(check_of("small", call_of("twice", SMALL)))
    verdict = verdict_on(with_wrong("squares"), one)
    assert not verdict.has_several_functions
    assert verdict.said == verdict.message == "`twice` behaves as if you did: squares."
    assert "twice:" not in as_text(Report(one, verdict, {}))


def test_a_verdict_comes_back_from_json_as_it_went() -> None:
    verdict = verdict_on(with_wrong("squares", "cubes"), WITH_PROBE)
    assert Verdict.from_json(verdict.to_json()) == verdict


def test_a_verdict_of_version_0_1_0_is_read_and_says_what_it_said() -> None:
    """It knows nothing of functions."""
    old = {
        "exercise": "L1.4",
        "passed": False,
        "points": 2,
        "max_points": 3,
        "diagnosis": "no-tanh",
        "message": "The tanh is missing.",
        "checks": [
            {"name": "a", "passed": True, "points": 2, "message": "", "max_points": 2},
            {"name": "b", "passed": False, "points": 0, "message": "It differs.", "max_points": 1},
        ],
        "advice": [],
    }
    verdict = Verdict.from_json(old)
    (finding,) = verdict.findings
    assert (finding.functions, finding.sentence) == ((), "The tanh is missing.")
    assert (finding.diagnosis, finding.seen) == ("no-tanh", "It differs.")
    assert verdict.diagnoses == ("no-tanh",)
    assert [group.functions for group in verdict.groups] == [()]


some_functions = st.fixed_dictionaries(
    {
        name: st.sampled_from(
            [
                *(wrong for function, wrong in WRONG.values() if function == name),
                *(RIGHT[name], lambda x: x[:1], lambda x: None, lambda x: x / "x", None),
            ]
        )
        for name in RIGHT
    }
)


@given(some_functions, st.sampled_from([APART, WITH_PROBE, PROBE_ONLY]))
def test_whatever_fails_some_function_is_to_blame_and_none_that_is_right_by_itself(
    functions: dict[str, Any], spec: ExerciseSpec
) -> None:
    verdict = verdict_on(functions, spec)
    assert verdict.passed == all(one.passed for one in verdict.functions)
    assert verdict.passed == (not verdict.findings)
    for one in verdict.functions:
        assert one.passed == (one.message == "")
        assert one.message in verdict.said
        if functions[one.function] is RIGHT[one.function] and spec is not PROBE_ONLY:
            assert one.passed
    assert (verdict.diagnosis is None) == (not verdict.diagnoses)
