"""Files and folders that are not what they should be, and names that want to be more than names."""

from __future__ import annotations

import io
import json
import os
import zipfile
from collections.abc import Callable
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from tests.hostile.case import DOUBLE, LESSON, UNREADABLE, Case

NOTHING = (0, 0)
FILE = f"{LESSON}.ipynb"


def edited(change: Callable[[NotebookNode], None]) -> Callable[[NotebookNode], bytes]:
    def make(notebook: NotebookNode) -> bytes:
        change(notebook)
        return json.dumps(notebook).encode()

    return make


def text(notebook: NotebookNode) -> str:
    return json.dumps(notebook)


def cell(notebook: NotebookNode, name: str) -> NotebookNode:
    return next(c for c in notebook.cells if c.id == name)


def duplicate(notebook: NotebookNode) -> None:
    wrong = nbformat.from_dict(cell(notebook, "L1-1-answer"))
    wrong.source = "def double(x_T): return 0"
    notebook.cells.insert(1, wrong)


def rename(notebook: NotebookNode) -> None:
    for c in notebook.cells:
        c.id, c.metadata = f"new-{c.id}", {}


def delete_checks(notebook: NotebookNode) -> None:
    notebook.cells = [c for c in notebook.cells if c.id not in ("L1-1", "L1-2")]


def change_types(notebook: NotebookNode) -> None:
    for c in notebook.cells:
        c.cell_type = {"code": "raw", "markdown": "code"}[c.cell_type]


def same_ids(notebook: NotebookNode) -> None:
    for c in notebook.cells:
        c.id = "same"


def another_language(notebook: NotebookNode) -> None:
    notebook.metadata = {"kernelspec": {"name": "ir", "language": "R", "display_name": "R"}}
    notebook.nbformat = 5


def nonsense_in_cells(notebook: NotebookNode) -> None:
    notebook.cells += [None, 3, [], {}, {"source": 5, "metadata": [], "id": None}]
    notebook.cells[0]["metadata"] = {"nbgrader": [float("nan")]}
    notebook.cells.append({"cell_type": "code", "source": [["a"], {"b": 1}, None], "id": ["x"]})


def deep_source(notebook: NotebookNode) -> bytes:
    deep = '{"cell_type": "code", "source": ' + "[" * 900 + "]" * 900 + "}"
    return text(notebook).replace('"cells": [', f'"cells": [{deep}, ').encode()


def half_characters(notebook: NotebookNode) -> None:
    cell(notebook, "L1-1-answer").source = f"# \ud800\n{DOUBLE}"
    cell(notebook, "L1-why").source = "Because \udfff."


def deep_expression(notebook: NotebookNode) -> None:
    """An unmarked cell is searched for functions: it must not overthrow who searches."""
    rename(notebook)
    notebook.cells.append(nbformat.v4.new_code_cell("-" * 3_000_000 + "1"))


def many_cells(notebook: NotebookNode) -> None:
    notebook.cells += [nbformat.v4.new_code_cell("1")] * 100_000


def many_pictures(notebook: NotebookNode) -> None:
    """Pasted into a text, some of them no pictures."""
    pasted = {f"{n}.png": {"image/png": "aGk=" * 50} for n in range(5_000)}
    pasted |= {"'><script>": {"image/png": "'><script>", "text/html": "<b>"}, "a" * 1_000: {}}
    cell(notebook, "L1-why").attachments = pasted
    cell(notebook, "L1-why").source = "![](attachment:1.png)"


def much_code(notebook: NotebookNode) -> None:
    notebook.cells += [nbformat.v4.new_code_cell("x = 1\n" * 200_000)] * 5


def many_old_cells(notebook: NotebookNode) -> bytes:
    cells = [{"cell_type": "code", "input": "1", "outputs": [], "language": "python"}] * 100_000
    return json.dumps({"nbformat": 3, "worksheets": [{"cells": cells}]}).encode()


def version_3(notebook: NotebookNode) -> bytes:
    return json.dumps(nbformat.convert(notebook, 3)).encode()


def zipped(notebook: NotebookNode) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("../../../etc/passwd", text(notebook))
    return out.getvalue()


# --- what lies in the student's folder


def shadowing(folder: Path, data: bytes) -> None:
    (folder / LESSON / "attnkit").mkdir(parents=True)
    for name in ("numpy.py", "sitecustomize.py", "attnkit/__init__.py", "conftest.py", "x.pth"):
        (folder / LESSON / name).write_text("raise SystemExit('shadowed')")
    (folder / LESSON / FILE).write_bytes(data)


def link_to_a_file(folder: Path, data: bytes) -> None:
    (folder / LESSON).mkdir(parents=True)
    (folder / LESSON / FILE).symlink_to("/etc/hostname")


def link_to_a_folder(folder: Path, data: bytes) -> None:
    folder.mkdir()
    (folder / LESSON).symlink_to("/", target_is_directory=True)


def link_to_another_student(folder: Path, data: bytes) -> None:
    folder.symlink_to(folder.parent / "neighbour", target_is_directory=True)


def link_to_itself(folder: Path, data: bytes) -> None:
    (folder / LESSON).mkdir(parents=True)
    (folder / LESSON / FILE).symlink_to(FILE)


def pipe(folder: Path, data: bytes) -> None:
    (folder / LESSON).mkdir(parents=True)
    os.mkfifo(folder / LESSON / FILE)


def folder_for_a_file(folder: Path, data: bytes) -> None:
    (folder / LESSON / FILE).mkdir(parents=True)


def pipe_for_a_timestamp(folder: Path, data: bytes) -> None:
    (folder / LESSON).mkdir(parents=True)
    (folder / LESSON / FILE).write_bytes(data)
    os.mkfifo(folder / LESSON / "timestamp.txt")


def nonsense_for_a_timestamp(folder: Path, data: bytes) -> None:
    (folder / LESSON).mkdir(parents=True)
    (folder / LESSON / FILE).write_bytes(data)
    (folder / LESSON / "timestamp.txt").write_bytes(b"9999-99-99 \xff\x00 UTC" * 1000)


def loose(folder: Path, data: bytes) -> None:
    folder.mkdir()
    (folder / FILE).write_bytes(data)


def two_versions(folder: Path, data: bytes) -> None:
    (folder / LESSON).mkdir(parents=True)
    for name in ("final.ipynb", "final (2).ipynb"):
        (folder / LESSON / name).write_bytes(data)


FILES = (
    Case("empty-file", "an upload of no bytes", NOTHING, UNREADABLE, ("is empty",),
         file=lambda n: b""),
    Case("not-json", "a web page instead of the notebook", NOTHING, UNREADABLE, ("a web page",),
         file=lambda n: b"<html>502 Bad Gateway</html>"),
    Case("truncated", "the upload broke off", NOTHING, UNREADABLE, ("cut off",),
         file=lambda n: text(n).encode()[:-200]),
    Case("nul-bytes", "a disk full of zeros", NOTHING, UNREADABLE, ("but zeros",),
         file=lambda n: bytes(4096)),
    Case("utf-16", "saved as UTF-16", says=("it was read as UTF-16",),
         file=lambda n: text(n).encode("utf-16")),
    Case("byte-order-mark", "saved with a byte order mark",
         file=lambda n: text(n).encode("utf-8-sig")),
    Case("zip", "a zip archive with the notebook's name and a path that climbs", NOTHING,
         UNREADABLE, ("a zip file",), file=zipped),
    Case("too-large", "25 MB of outputs", NOTHING, UNREADABLE, ("20 MB",),
         file=lambda n: text(n).encode() + b" " * 25_000_000),
    Case("deep-json", "JSON nested 100,000 times", NOTHING, UNREADABLE, ("nested too deeply",),
         file=lambda n: b'{"cells": ' + b"[" * 100_000),
    Case("many-cells", "a notebook of 100,000 cells", NOTHING, UNREADABLE, ("cells, more than",),
         file=edited(many_cells)),
    Case("many-old-cells", "as many, in the old format", NOTHING, UNREADABLE,
         ("cells, more than",), file=many_old_cells),
    Case("much-code", "six megabytes of code", NOTHING, UNREADABLE, ("MB of code",),
         file=edited(much_code)),
    Case("another-course", "the notebook of another course", NOTHING, UNREADABLE,
         ("not of this lesson",), file=lambda n: b'{"nbformat": 4, "cells": []}'),
    Case("version-3", "saved in notebook format 3", file=version_3),
    Case("deep-source", "a cell whose source is a list of lists of lists", file=deep_source),
    Case("nonsense-in-cells", "cells that are numbers, lists, or have such fields",
         file=edited(nonsense_in_cells)),
    Case("half-characters", "characters that can't be written to a file",
         file=edited(half_characters)),
    Case("deep-expression", "an expression too deep for Python's own parser", status="*",
         says=("without its mark",), file=edited(deep_expression), twin="many-lambdas"),
    Case("many-pictures", "thousands of pictures were pasted into an answer in words",
         says=("4800 pasted pictures did not fit",), file=edited(many_pictures)),
    Case("duplicated-answer", "the answer cell is there twice", says=("is written in them counts",),
         file=edited(duplicate)),
    Case("renamed-ids", "ids and marks of all cells are lost", says=("without its mark",),
         file=edited(rename)),
    Case("deleted-checks", "the check cells were deleted", file=edited(delete_checks)),
    Case("changed-types", "code cells became raw, prose became code", file=edited(change_types),
         says=("had become a raw cell",)),
    Case("same-ids", "all cells have one id", file=edited(same_ids)),
    Case("another-language", "says that it is written in R, in a format that does not exist",
         file=edited(another_language)),
    Case("missing-answer", "one answer cell was deleted", (0, 2), says=("was missing",),
         file=edited(lambda n: n.cells.remove(cell(n, "L1-1-answer")))),
)  # fmt: skip

FOLDERS = (
    Case("ships-modules", "numpy.py, attnkit/ and sitecustomize.py lie beside the notebook",
         says=("numpy.py",), folder=shadowing),
    Case("links-to-a-file", "the notebook is a link to a file of the grader's", NOTHING, UNREADABLE,
         ("is a link",), folder=link_to_a_file),
    Case("links-to-a-folder", "the lesson's folder is a link to /", NOTHING, UNREADABLE,
         ("is a link",), folder=link_to_a_folder),
    Case("links-to-a-student", "the student's folder is a link to the neighbour's", NOTHING,
         UNREADABLE, ("is a link",), folder=link_to_another_student),
    Case("links-to-itself", "the notebook is a link to itself", NOTHING, UNREADABLE,
         ("is a link",), folder=link_to_itself),
    Case("pipe", "the notebook is a pipe that nobody writes to", NOTHING, UNREADABLE,
         ("no ordinary file",), folder=pipe),
    Case("folder-for-a-file", "the notebook is a folder", NOTHING, UNREADABLE,
         ("no ordinary file",), folder=folder_for_a_file),
    Case("pipe-for-a-timestamp", "timestamp.txt is a pipe", folder=pipe_for_a_timestamp),
    Case("nonsense-for-a-timestamp", "timestamp.txt is no text",
         folder=nonsense_for_a_timestamp),
    Case("loose", "the notebook lies beside the lesson's folder instead of in it",
         says=("student's folder",), folder=loose),
    Case("two-versions", "two notebooks, and neither has the lesson's name", NOTHING, UNREADABLE,
         ("keep one",), folder=two_versions),
)  # fmt: skip

NAMES = (
    Case("formula", "a name that a spreadsheet would run", student="=cmd|' -C calc'!A0"),
    Case("commas", "a name of commas and quotes", student='O"Neil, "Jr", \'x\'', twin="formula"),
    Case("option", "a name that reads as an option", student="--force", twin="shell"),
    Case("shell", "a name that reads as a command", student="$(touch pwned); `id`"),
    Case("sql", "a name that reads as SQL", student="x'); DROP TABLE student; --", twin="shell"),
    Case("percent", "a name that reads as a path", student="a..%2f..%2fgradebook.db"),
    Case("markup", "a name that reads as markup", student="[red]<b>&amp;", twin="formula"),
    Case("greek", "letters from all over the world", student="Ωμέγα-王小明-أحمد-🙂"),
    Case("newline", "a name of two lines", student="two\nlines", row="two\\nlines"),
    Case("backwards", "a name that turns its text around", student="a\u202eb\x1b[2J",
         row="a\\u202eb\\x1b[2J", twin="newline"),
    Case("not-text", "a name that is no text", student=os.fsdecode(b"m\xfcller"),
         row="m\\udcfcller"),
    Case("long-name", "a name as long as the disk takes", student="n" * 255),
)  # fmt: skip

CASES = (*FILES, *FOLDERS, *NAMES)
