"""`hub.toml`: the few things in which one class's hub differs from another's."""

from __future__ import annotations

import os
import re
import tomllib
from dataclasses import dataclass
from pathlib import Path

from autograder.errors import AttnError
from autograder.record.roster import read_roster

NAMES = {
    "course": str,
    "folder": str,
    "account": str,
    "exchange": str,
    "roster": str,
    "instructors": list,
    "port": int,
}


@dataclass(frozen=True)
class HubSettings:
    """What `hub.toml` says. Relative paths start at the file's folder."""

    file: Path
    course: str
    folder: Path
    account: str
    exchange: Path
    roster: Path
    instructors: tuple[str, ...]
    port: int

    @property
    def group(self) -> str:
        """The hub's group of those who may use the class's own server."""
        return f"instructors-{self.course}"

    @property
    def learners(self) -> list[str]:
        """The students' accounts. AttnError. Only the hub need be able to read the roster."""
        return [student.id for student in read_roster(self.roster).students]


def read_settings(file: Path | None = None) -> HubSettings:
    """The settings in a file: that named by ``ATTN_HUB``, or ./hub.toml. AttnError."""
    file = Path(file or os.environ.get("ATTN_HUB") or "hub.toml").absolute()
    try:
        told = tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise AttnError(
            f"The hub's settings {file} can't be read ({error.strerror}): start the hub in the "
            "folder of hub.toml, or let ATTN_HUB name the file."
        ) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise AttnError(f"The hub's settings {file} are no TOML: {error}.") from None
    for name in told:
        if name not in NAMES:
            raise AttnError(f'{file} says "{name}", which is no setting of a hub.')
    for name, kind in NAMES.items():
        if not _is(told.get(name), kind):
            wanted = {str: "a text", list: "a list of accounts", int: "a number"}[kind]
            raise AttnError(f'{file} needs {wanted} as "{name}".')
    if not 1024 <= told["port"] <= 65535:
        raise AttnError(f"{file}: the port {told['port']} is none: give one from 1024 to 65535.")
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_-]*", told["course"]):
        raise AttnError(
            f'{file}: the course "{told["course"]}" is part of addresses, so it can have letters, '
            "digits, - and _ only."
        )
    folder = file.parent / told["folder"]
    if folder.name != told["course"]:
        raise AttnError(
            f'{file}: nbgrader knows the class in {folder} as "{folder.name}", not as '
            f'"{told["course"]}": give both the same name.'
        )
    return HubSettings(
        file,
        told["course"],
        folder,
        told["account"],
        file.parent / told["exchange"],
        file.parent / told["roster"],
        tuple(told["instructors"]),
        told["port"],
    )


def _is(value: object, kind: type) -> bool:
    """Is it of this kind? A list is one of texts, and true is no number."""
    if kind is list:
        return isinstance(value, list) and all(isinstance(each, str) for each in value)
    return isinstance(value, kind) and not isinstance(value, bool)
