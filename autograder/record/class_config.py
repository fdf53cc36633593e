"""What a class's `nbgrader_config.py` says; what `attn` could not follow of it is refused."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy
from traitlets.config import Config
from traitlets.config.loader import PyFileConfigLoader

from autograder.errors import AttnError
from autograder.text import last_line

# nbgrader's steps, each in a folder of that name, unless its configuration says otherwise
_STEPS = ("source", "release", "submitted", "autograded", "feedback")
_STRUCTURE = "{nbgrader_step}/{student_id}/{assignment_id}"


def read_config(config: Path) -> Config:
    """What a class's nbgrader_config.py says; nothing if there is none. AttnError."""
    if not config.is_file():
        return Config()
    try:
        return PyFileConfigLoader(str(config.absolute())).load_config()
    except Exception as error:  # it is a program, written by a person
        raise AttnError(f"{config} can't be read ({last_line(error)}): mend it.") from None


def configured_url(config: Path) -> str:
    """The gradebook that a class's nbgrader_config.py names, "" if it names none. AttnError."""
    loaded = read_config(config)
    _refuse_other_folders(loaded, config)
    try:
        url = loaded.CourseDirectory.get("db_url", "")
        # nbgrader's commands are run in the folder, ours anywhere
        return whole_url(url, config.parent) if url else ""
    except Exception as error:  # it is a program, written by a person
        raise AttnError(f"{config} can't be read ({last_line(error)}): mend it.") from None


def _refuse_other_folders(loaded: Config, config: Path) -> None:
    """AttnError if nbgrader would look for a class's files where nothing of ours is put."""
    names = {f"{step}_directory": step for step in _STEPS}
    for name, ours in {**names, "directory_structure": _STRUCTURE}.items():
        told = loaded.CourseDirectory.get(name, ours)
        if str(told).replace("\\", "/").rstrip("/") == ours:
            continue
        place = f"c.CourseDirectory.{name} = {str(told)!r}"
        if name in names:
            how = f"rename the folder {told} to {ours}, and take that line out"
        else:
            how = f"put the folders so, {ours}, and take that line out"
        raise AttnError(
            f"{config} says {place}, but `attn` and nbgrader would then not find each other's "
            f"files: {how}; or bring the work into a class of its own with `attn course new` and "
            "`attn course collect`."
        )


def whole_url(url: str, folder: Path) -> str:
    """An address with the whole path of a file that is named from `folder`. ArgumentError."""
    parsed = sqlalchemy.engine.make_url(url)
    if parsed.get_backend_name() == "sqlite" and parsed.database:
        parsed = parsed.set(database=str((folder / parsed.database).resolve()))
    return parsed.render_as_string(hide_password=False)
