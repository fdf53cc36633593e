"""The judge's questions to one box, which a process forked from what the cells left answers.

It answers several, one after the other, for forking it takes as long as many an exercise. Where the
order of questions may have made a difference, the last one is asked again, of a new process; and
what asks hidden calls asks a new one, too. See `inside/asking.py` for the other end.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import attnkit

from autograder.boxes.answers import read_answers
from autograder.boxes.box import SPOILT, BoxDiedError, BoxError, Limits
from autograder.boxes.link import ENDED, Link

if TYPE_CHECKING:
    from attnkit.checking.wire import Answer, Call

WIRE = (Path(attnkit.__file__).parent / "checking" / "wire.py").read_text("utf-8")
_SMALL = 1 << 16  # bytes of what comes with every message


class Questions:
    """What is asked of one box over its link."""

    def __init__(self, link: Link, limits: Limits) -> None:
        self._link, self._limits = link, limits
        self._process = ""  # a word for the process that answers now; "": a new one is to be made
        self._asked = 0  # how many questions it has been asked

    def ask(
        self,
        calls: Sequence[Call],
        kept: int | None = None,
        given: int = 0,
        numbers: Sequence[int] = (),
    ) -> list[Answer]:
        """The answers to calls. Raises BoxError or StoppedError if there are none.

        kept: see `Box.call`. given: the number of functions that are served at the end of the line
        in `numbers`.
        """
        nonce = secrets.token_hex(16)  # an answer made before the question can't have it
        if not self._process:
            self._process, self._asked = secrets.token_hex(16), 0
        process = self._process
        self._asked += 1
        question = {
            "source": WIRE,
            "calls": json.dumps(list(calls)),
            "kept": kept,
            "given": given,
            "nonce": nonce,
            "process": process,
        }
        limits = self._limits
        spoilt = False
        self._link.send(question, numbers)
        limit = self._link.time_limit(limits.call_seconds)
        while True:  # what is displayed meanwhile is nobody's
            message = self._link.receive(limit, 2 * limits.answer_bytes + _SMALL)
            over = message.get("over") == process
            if over:
                self._process = ""
            if "answer" in message:
                if len(str(message["answer"])) > limits.answer_bytes:
                    raise BoxError("the answer is larger than a judge reads")
                try:
                    return read_answers(message["answer"], nonce, len(calls), limits.answer_bytes)
                except BoxError:  # one that the submission sent by itself, and ours still comes?
                    spoilt = True
                    if message.get("nonce") == nonce:
                        over = True
            if over:
                raise BoxError(SPOILT) if spoilt else BoxDiedError(ENDED, usable=True)

    def retake(self) -> bool:
        """Whether it makes a difference to ask the last question again: then a new process gets it.

        It does unless it was the first one that its process was asked.
        """
        if self._asked < 2 or not self._process:
            return False
        self.forget()
        return True

    def forget(self) -> None:
        """Ask the next question of a new process. Raises StoppedError."""
        if self._process:
            self._link.send({"end": self._process})
        self._process = ""
