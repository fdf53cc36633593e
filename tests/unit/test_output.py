"""Output to anything: a pipe that isn't UTF-8, a full disk, nothing at all. Never a traceback."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from pathlib import Path

import pytest
from attnkit.checking.report import Report
from attnkit.letters import SPELLED, spell_out
from hypothesis import given
from hypothesis import strategies as st
from IPython.core.interactiveshell import InteractiveShell

from autograder.commands.base import print_json, write_json, write_json_rows
from autograder.output import any_output, as_json

NAMES = ["王小明", "王小红", "Łukasz", "Zoë", "Anna 🎓", "half \udc8e a letter"]
ENCODINGS = ["ascii", "cp1252", "cp1251", "cp437", "latin-1", "utf-16", "shift_jis", "utf-8"]
ATTN = "import sys; from autograder.cli import main; sys.argv = ['attn', *sys.argv[1:]]; main()"


def stream(encoding: str) -> tuple[io.BytesIO, io.TextIOWrapper]:
    written = io.BytesIO()
    return written, io.TextIOWrapper(written, encoding, write_through=True)


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_json_is_whole_whatever_stdout_can_show(
    encoding: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    written, out = stream(encoding)
    monkeypatch.setattr(sys, "stdout", out)
    for write in (
        lambda: print_json(NAMES),
        lambda: write_json(NAMES, Path("-")),
        lambda: write_json_rows(iter(NAMES), Path("-")),
    ):
        written.seek(0)
        written.truncate()
        write()
        # a reader of JSON expects UTF-8; UTF-16 is told by how it begins
        read = written.getvalue().decode(encoding if encoding == "utf-16" else "utf-8")
        assert json.loads(read) == NAMES


def test_json_in_a_file_is_whole_too(tmp_path: Path) -> None:
    write_json(NAMES, tmp_path / "names.json")
    assert json.loads((tmp_path / "names.json").read_text("utf-8")) == NAMES
    assert "王小明" in as_json(NAMES[:5])


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_texts_go_on_and_names_stay_apart(encoding: str, monkeypatch: pytest.MonkeyPatch) -> None:
    written, out = stream(encoding)
    monkeypatch.setattr(sys, "stdout", out)
    with any_output():
        print("✓ fine – “so” …")
        for name in NAMES:
            print(name)
    lines = written.getvalue().decode(encoding).splitlines()
    assert len(set(lines)) == len(NAMES) + 1
    if encoding == "ascii":
        assert lines[:3] == ['+ fine - "so" ...', r"\u738b\u5c0f\u660e", r"\u738b\u5c0f\u7ea2"]
    if encoding == "utf-8":
        assert lines[0] == "✓ fine – “so” …"


@given(st.text(st.characters()))
def test_every_text_can_be_written_in_ascii(text: str) -> None:
    assert text.encode("ascii", SPELLED).isascii()
    if all(letter.isalpha() or letter.isdecimal() for letter in text):  # ² is spelled
        assert text.encode("ascii", SPELLED) == text.encode("ascii", "backslashreplace")


def test_what_is_no_stream_of_pythons_is_left_alone() -> None:
    spell_out(io.StringIO())
    with pytest.raises(UnicodeDecodeError):
        b"\xff".decode("utf-8", SPELLED)


def test_a_check_in_a_script_is_shown_where_signs_are_missing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """As `python answer.py > file` on Windows, for learners who work without a notebook."""
    # whatever another test of this process has started
    monkeypatch.setattr(InteractiveShell, "initialized", lambda: False)
    written, out = stream("cp1252")
    monkeypatch.setattr(sys, "stdout", out)
    Report.refused("✗ 王 was not understood")
    assert rb"x \u738b was not understood" in written.getvalue()


@pytest.mark.skipif(sys.platform != "linux", reason="has no /dev/full")
def test_a_full_disk_is_said_in_a_sentence() -> None:
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            [sys.executable, "-c", ATTN, "grade", "--help"], stdout=full, stderr=subprocess.PIPE
        )
    assert done.returncode == 2
    assert done.stderr.decode().startswith("attn: The output can't be written (No space left")
    assert done.stderr.count(b"\n") == 1


@pytest.mark.skipif(sys.platform == "win32", reason="a shell's way to close a stream")
def test_nothing_takes_the_place_of_a_closed_stream(tmp_path: Path) -> None:
    """Else what is printed would go into the first file that is opened."""
    opens = (
        "import os, sys\nfrom autograder.output import any_output\n"
        "with any_output():\n"
        "    file = open('kept', 'w')\n    print('lost'); os.write(1, b'lost')\n"
        "    sys.stderr.write('lost'); file.write('mine')\n"
    )
    line = f'exec "{sys.executable}" -c "$0" <&- >&- 2>&-'
    done = subprocess.run(["sh", "-c", line, opens], cwd=tmp_path)
    assert (done.returncode, (tmp_path / "kept").read_text()) == (0, "mine")
