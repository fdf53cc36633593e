"""The judge's questions to a box, as an expression, and the reading of what comes back."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING

from autograder.boxes.box import SPOILT, BoxError
from autograder.boxes.messages import has_more_parts

if TYPE_CHECKING:
    from attnkit.checking.wire import Answer, Call

_ANSWERS_PARTS = 10  # times as many as one answer may have, in all of an exercise
_HEAD = 100  # letters: an answer begins with its nonce

# Evaluated in the learner's process. The answer is data, so whatever is done to it there can only
# spoil the learner's own answer. It is one expression because expressions are evaluated past the
# learner's input and syntax-tree transformers, and past the names the learner has given away.
_CALL = (
    "(lambda b, w: (b.exec({source!r}, w), w['answer_json'](b.globals(), {calls!r}, {nonce!r}))[1])"
    "(__import__('builtins'), {{}})"
)

# The same while names stand for what they were; the shell holds what was kept.
_KEPT = "__import__('IPython').get_ipython().__dict__.setdefault('kept_names', {})"
_KEEP = (
    "(lambda b, k: (k or b.exec({source!r}, k), k['keep']({number}, b.globals())))"
    "(__import__('builtins'), {kept})"
)
_CALL_KEPT = (
    "(lambda b, w, k: (b.exec({source!r}, w), k['asked']({number}, b.globals(), "
    "lambda: w['answer_json'](b.globals(), {calls!r}, {nonce!r})))[1])"
    "(__import__('builtins'), {{}}, {kept})"
)


def call_expression(
    source: str, calls: Sequence[Call], nonce: str, number: int | None = None
) -> str:
    """The expression that makes the calls; `source` is that of `attnkit.checking.wire`.

    With a number, they are made of what stood when that number was kept.
    """
    form = _CALL if number is None else _CALL_KEPT
    return form.format(
        source=source, calls=json.dumps(list(calls)), nonce=nonce, number=number, kept=_KEPT
    )


def keep_expression(source: str, number: int) -> str:
    """The expression that remembers what stands; `source` is that of `inside/kept.py`."""
    return _KEEP.format(source=source, number=number, kept=_KEPT)


def read_answers(text: object, nonce: str, wanted: int, most: int) -> list[Answer]:
    """The answers in the expression's value. Raises BoxError if they are not what was asked for."""
    if not isinstance(text, str) or nonce not in text[:_HEAD]:
        raise BoxError(SPOILT)  # before anything in it costs time
    from attnkit.checking.wire import MAX_VALUES  # NumPy comes with it: a box starts meanwhile

    parts = _ANSWERS_PARTS * MAX_VALUES
    if len(text) > most or has_more_parts(text.encode("utf-8", "replace"), parts):
        raise BoxError("the answer is larger than a judge reads")
    try:
        answer = json.loads(text)
        answers = answer["answers"] if answer["nonce"] == nonce else None
    except (KeyError, TypeError, ValueError, RecursionError):
        raise BoxError(SPOILT) from None
    if not isinstance(answers, list) or len(answers) != wanted:
        raise BoxError(SPOILT)
    return answers
