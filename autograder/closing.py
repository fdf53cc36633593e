"""What is closed where a `with` block ends: boxes, their makers, runners, processes that read."""

from __future__ import annotations

from types import TracebackType
from typing import Protocol, Self


class Closing(Protocol):
    """Something that holds processes, files or connections until it is closed."""

    def close(self) -> None:
        """Let go of all of it."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
