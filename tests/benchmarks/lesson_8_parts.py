"""Lessons 3 and 8 as programs: their answers, their given functions, and MR's sentences for them.

What is measured beforehand for lesson 8 is measured with the lesson's own model and its own
`train`, so that neither can drift away from the other.
"""

from __future__ import annotations

import ast
import datetime as dt
import platform
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from attnkit import budget
from attnkit.classifier import tokenise
from attnkit.data import split

from autograder.authoring.lesson import read_lesson
from autograder.course import find_course

Ids = npt.NDArray[np.int32]
Data = dict[str, tuple[Ids, npt.NDArray[np.float32]]]


class Parts(NamedTuple):
    """MR for one length of sentence, and what lesson 8 does with it."""

    own: dict[str, Any]  # the lesson's functions, and PLANS
    plan: dict[str, Any]
    data: Data  # ids and labels of "train", "validation" and "test"


def about() -> dict[str, Any]:
    """When something is measured, and on what."""
    import keras

    return {
        "date": dt.date.today().isoformat(),
        "keras": f"{keras.__version__} on {keras.backend.backend()}",
        "machine": f"two shared cores, {platform.machine()}, {platform.system()}",
    }


def tokenised() -> dict[str, list[str]]:
    """MR's sentences of "train", "validation" and "test" as lesson 8 reads them."""
    parts = split("mr")._asdict()
    return {name: [" ".join(tokenise(t)) for t in part.text] for name, part in parts.items()}


def functions_of(lesson: str, names: set[str], **given: Any) -> dict[str, Any]:
    """A lesson's answers, and these functions and constants of its given cells. KeyError."""
    found = read_lesson(find_course().lesson(lesson).source)
    own: dict[str, Any] = {**found.reference(), "np": np, **given}
    for cell in found.cells:
        if cell.role != "code":
            continue
        for node in ast.parse(cell.source).body:
            if isinstance(node, ast.FunctionDef):
                name = node.name
            else:
                name = ast.unparse(node.targets[0]) if isinstance(node, ast.Assign) else ""
            if name in names:
                exec(compile(ast.Module([node], []), lesson, "exec"), own)
    missing = sorted(names - set(own))
    if missing:
        raise KeyError(f"{lesson} has no {missing[0]} any more")
    return own


def lesson_8(length: int | None = None) -> Parts:
    """Lesson 8 on the sentences of MR, as its cells have it on a CPU."""
    import keras

    own = functions_of("08_classifier", {"PLANS", "fit_vocab", "train"}, keras=keras, budget=budget)
    plan = own["plan"] = dict(own["PLANS"]["cpu"])
    parts, texts = split("mr")._asdict(), tokenised()
    vocab = own["fit_vocab"](texts["train"], plan["size"])
    data = {
        name: own["make_dataset"](texts[name], list(part.label), vocab, length or plan["T"])
        for name, part in parts.items()
    }
    return Parts(own, plan, data)


def built(own: dict[str, Any], *changes: tuple[str, str]) -> Callable[..., Any]:
    """Lesson 8's `build_classifier` with some of its lines changed. ValueError if one is gone."""
    lesson = read_lesson(find_course().lesson("08_classifier").source)
    source = next(cell.source for cell in lesson.answers() if cell.name == "L8.2")
    for old, new in changes:
        if source.count(old) != 1:
            raise ValueError(f"lesson 8's model has not got this once: {old}")
        source = source.replace(old, new)
    namespace = dict(own)
    exec(compile(source, "L8.2", "exec"), namespace)
    function: Callable[..., Any] = namespace["build_classifier"]
    return function
