"""Errors that a person meets: one sentence each, and the exit code that goes with it."""

from __future__ import annotations


class AttnError(Exception):
    """Something is wrong with what was asked for: what happened, where, what to do. Exit code 2."""

    may_be_logged = True  # its text quotes nothing of a submission


class AuthorError(AttnError):
    """A mistake in a lesson's source, with its file and line."""

    may_be_logged = False  # it may quote an answer

    def __init__(self, message: str, file: object = None, line: int | None = None) -> None:
        place = "" if file is None else f"{file}:{line}: " if line else f"{file}: "
        super().__init__(place + message)
