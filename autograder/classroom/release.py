"""`attn course release`: a class's notebooks, into a folder, a zip file or nbgrader's exchange."""

from __future__ import annotations

import datetime as dt
import io
import zipfile
from dataclasses import dataclass
from pathlib import Path

from autograder.classroom.exchange import release_to_exchange
from autograder.course import Course
from autograder.errors import AttnError
from autograder.files import disk_error, write_durably
from autograder.record.class_folder import ClassFolder, only_grader, open_class

_EPOCH = (1980, 1, 1, 0, 0, 0)  # a zip of the same files is the same file


@dataclass(frozen=True)
class ReleaseOptions:
    """Where the notebooks go, besides the class's own release/; `due` in UTC without a zone."""

    due: dt.datetime | None = None
    to: Path | None = None  # a folder, or a file that ends in .zip
    exchange: bool = False
    force: bool = False  # replace what was handed out before


def release(
    course: Course, folder: ClassFolder, lessons: list[str], options: ReleaseOptions
) -> list[str]:
    """Hand out these lessons; returns their names. AttnError, before anything is handed out."""
    if not lessons:
        raise AttnError("Name the lessons to hand out, such as 1 or 01_attention_scores.")
    names = list(dict.fromkeys(course.lesson(name).name for name in lessons))
    wanted = [course.lesson(name) for name in names]
    with only_grader(folder.root):
        open_class(folder.root, wanted)  # builds and registers those that are new to the class
        files = _files(folder, names) | _glossary(course)
        if options.to is not None and not options.force:
            _refuse_other_versions(options.to, files)
        if options.due is not None:
            with folder.open_gradebook() as gradebook:
                for name in names:
                    gradebook.update_or_create_assignment(name, duedate=options.due)
        try:
            if options.to is not None:
                _write(options.to, files)
        except OSError as error:
            raise disk_error(error) from None
    if options.exchange:
        for name in names:
            release_to_exchange(folder, name, options.force)
    return names


def _files(folder: ClassFolder, names: list[str]) -> dict[str, bytes]:
    """What a student gets, by its place: nothing else lies in release/."""
    found = {}
    for name in names:
        for file in sorted((folder.root / "release" / name).rglob("*")):
            place = file.relative_to(folder.root / "release")
            if file.is_file() and not any(part.startswith(".") for part in place.parts):
                found[place.as_posix()] = file.read_bytes()
    return found


def _glossary(course: Course) -> dict[str, bytes]:
    """What the lessons' links lead to beside them."""
    file = course.glossary
    return {file.name: file.read_bytes()} if file.is_file() else {}


def _refuse_other_versions(target: Path, files: dict[str, bytes]) -> None:
    """Somebody may work in what lies there."""
    if target.suffix.lower() == ".zip":
        if target.exists() and target.read_bytes() != _zipped(files):
            raise AttnError(f"{target} is there already and holds something else: see --force.")
        return
    for place, raw in files.items():
        file = target / place
        if "/" not in place:
            continue  # the glossary grows with the lessons, and nobody works in it
        if file.is_file() and file.read_bytes() != raw:
            raise AttnError(
                f"{file} is there already, in another version: name another folder, or replace it "
                "with --force."
            )


def _write(target: Path, files: dict[str, bytes]) -> None:
    if target.suffix.lower() == ".zip":
        write_durably(target, _zipped(files))
        return
    for place, raw in files.items():
        write_durably(target / place, raw)


def _zipped(files: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for place, raw in files.items():
            archive.writestr(zipfile.ZipInfo(place, _EPOCH), raw, zipfile.ZIP_DEFLATED)
    return out.getvalue()
