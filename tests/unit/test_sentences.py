"""What a learner reads: sentences that are English, and claim no more than was seen."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from attnkit import check
from attnkit.checking import wire
from attnkit.checking.judge import judge
from attnkit.checking.report import as_html, as_text
from attnkit.checking.spec import (
    CallSpec,
    CheckSpec,
    ExerciseSpec,
    ProbeSpec,
    released_exercise,
    released_folder,
)
from attnkit.checking.wire import Answer
from attnkit.checking.wording import behaves_like, kind_of


def said_of(says: str, right: object, got: object) -> str:
    """What is said of one wrong answer to a probe; or to `f`, if `says` is empty."""
    probe = ProbeSpec("def p(f): return f()", "p", ("f",), (), says) if says else None
    call = CallSpec("f", (), {}, wire.encode(right), 1e-9, probe)
    spec = ExerciseSpec(
        "L9.1", "", {"f": ()}, 1, 1, 1, (), (CheckSpec("only", 1, "", "values", (call,)),)
    )
    answers: list[Answer] = [
        {
            "value": got if isinstance(got, dict) and "other" in got else wire.encode(got),
            "changed": [],
        }
    ]
    (message,) = (check.message for check in judge(spec, answers).checks)
    return message.partition(" The call was")[0]


@pytest.mark.parametrize(
    ("says", "right", "got", "sentence"),
    [
        ("Whether it was refused", True, False, "Whether it was refused: no; it should be yes."),
        ("Whether it was refused", False, True, "Whether it was refused: yes; it should be no."),
        (
            "Whether it moves, by words or pads,",
            np.array([True, False]),
            np.array([True, True]),
            "Whether it moves, by words or pads: yes at [1]; it should be no.",
        ),
        (
            "Whether it moves, by words or pads,",
            (np.array([True, False]), 1.0),
            (np.array([True, True]), 1.0),
            "Whether it moves, by words or pads: the first value is True at [1]; it should be "
            "False.",
        ),
        ("The accuracy", 0.75, 0.5, "The accuracy is 0.5; it should be 0.75."),
        (
            "Of two further epochs, the number with the same order as the first",
            0,
            2,
            "Of two further epochs, the number with the same order as the first: 2; it should be "
            "0.",
        ),
        (
            "What is true of the outputs",
            {"between 0 and 1": True},
            {"between 0 and 1": False},
            "What is true of the outputs: the entry 'between 0 and 1' is False; it should be True.",
        ),
        (
            "The vocab, afterwards,",
            {"good": 2},
            {"good": 3},
            "The entry 'good' of the vocab, afterwards, is 3; it should be 2.",
        ),
        (
            "What encode gives",
            "a b",
            3,
            "What encode gives: an integer (3), which is not the right answer.",
        ),
    ],
)
def test_what_a_probe_asks_and_its_answer_make_a_sentence(
    says: str, right: object, got: object, sentence: str
) -> None:
    assert said_of(says, right, got) == sentence


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("tensorflow.python.framework.ops.EagerTensor", "a TensorFlow tensor"),
        ("tensorflow.python.ops.resource_variable_ops.ResourceVariable", "a TensorFlow tensor"),
        ("keras.src.backend.common.keras_tensor.KerasTensor", "a Keras tensor that stands for"),
        ("keras.src.backend.tensorflow.core.Variable", "a Keras object"),
        ("torch.Tensor", "a PyTorch tensor"),
        ("jaxlib.xla_extension.ArrayImpl", "a JAX array"),
        ("numpy.ma.MaskedArray", "a masked NumPy array"),
        ("pandas.core.frame.DataFrame", "a pandas object"),
    ],
)
def test_arrays_of_other_libraries_are_called_what_they_are(kind: str, words: str) -> None:
    said = said_of("", np.ones(3), {"other": kind})
    assert said.startswith(f"`f` returned {words}")
    assert "an array of shape (3,) is asked for" in said
    assert ("makes one of it" in said) == ("stands for" not in words)


def test_an_object_of_the_learners_own_is_named() -> None:
    assert kind_of({"other": "__main__.Words"}) == "an object of type __main__.Words"


def test_a_known_mistake_is_what_an_answer_behaves_like_and_not_what_it_does() -> None:
    """The same numbers may come of other code: nothing is said of that."""
    said = behaves_like("f", "You divided by T. What should you divide by?")
    assert said == "`f` behaves as if you divided by T. What should you divide by?"
    other = behaves_like("f", "Your rows sum to 1.")
    assert other == "`f` behaves like an answer with this mistake: Your rows sum to 1."


def test_every_mistake_of_the_course_reads_on_behind_as_if_you() -> None:
    """A verb follows: "as if you took", not "as if you, of all"."""
    for file in released_folder().glob("L*.json"):
        for item in json.loads(file.read_text(encoding="utf-8"))["exercises"]:
            for mistake in item["misconceptions"]:
                said = behaves_like("f", mistake["message"])
                assert not said.startswith("`f` behaves as if you ,")
                assert "as if you You" not in said
                assert said.rstrip()[-1] in ".?!…”)", said


def test_masks_and_flatten_are_not_accused_of_another_ones_code() -> None:
    """Both give what other code gives, too: a mistake's text has to be true of either."""

    def largest_of_all(s: Any, mask: Any, axis: int = -1) -> Any:
        e = np.exp(np.where(mask, s, -1e9) - s.max(axis=axis, keepdims=True))
        return e / e.sum(axis=axis, keepdims=True)

    spec = released_exercise("L5.3")
    verdict = judge(spec, wire.run_calls({"masked_softmax": largest_of_all}, spec.wire_calls()))
    assert verdict.diagnosis == "masks-after-and-divides"
    assert "also if the maximum is taken over all scores" in verdict.message
    (flat,) = (m for m in released_exercise("L8.2").misconceptions if m.id == "last-place-taken")
    assert "side by side, as `Flatten` lays them" in flat.message


def test_what_a_function_prints_is_shown_once(capsys: pytest.CaptureFixture[str]) -> None:
    def weighted_mean(x_TD: Any, w_T: Any) -> Any:
        print("shape <", x_TD.shape, ">")
        return w_T @ x_TD / w_T.sum()

    report = check("L1.1", weighted_mean)
    shown = capsys.readouterr().out
    calls = len(released_exercise("L1.1").calls)
    assert report.passed
    assert f"Your code printed something in {calls} calls, at first:\nshape < (3, 2) >" in shown
    assert shown.count("shape <") == 1
    assert "shape &lt; (3, 2) &gt;" in as_html(report)


def test_who_prints_nothing_reads_nothing_of_it() -> None:
    report = check("L1.1", lambda x_TD, w_T: w_T @ x_TD / w_T.sum())
    assert "printed" not in as_text(report) + as_html(report)


def test_of_very_much_that_is_printed_the_beginning_is_kept() -> None:
    printed: list[str] = []

    def f() -> float:
        for _ in range(1000):
            print("x" * 99)
        return 1.0

    calls = [CallSpec("f", (), {}, wire.encode(1.0), 1e-9).wire()]
    assert wire.run_calls({"f": f}, calls, printed=printed) == [
        {"value": wire.encode(1.0), "changed": []}
    ]
    assert [len(text) for text in printed] == [wire.MAX_PRINTED]
