"""What pages and workflows tell people and machines to type, read as the programs would read it."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer

from autograder.cli import app

ROOT = Path(__file__).resolve().parents[1]
TARGETS = frozenset(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text("utf-8"), re.M))


def blocks(page: Path, language: str) -> list[str]:
    """The pieces of code of one language in a page."""
    return re.findall(rf"^```{language}\n(.*?)^```", page.read_text("utf-8"), flags=re.M | re.S)


def calls(program: str, text: str) -> Iterator[list[str]]:
    """What a piece of shell hands to a program, which may be named with its folder."""
    for line in text.replace("\\\n", " ").replace("\\", "/").splitlines():
        words = shlex.split(line, comments=True)
        for start, word in enumerate(words):
            if word.rpartition("/")[2] == program and word != "/":
                rest = words[start + 1 :]
                ends = [i for i, word in enumerate(rest) if word in ("||", "&&", "|", ";", ">")]
                yield rest[: ends[0]] if ends else rest
                break


def parse_attn(words: list[str], in_prose: bool = False) -> None:
    """Read a command line as `attn` does, and do nothing. Prose may leave out what is required."""
    command: Any = typer.main.get_command(app)
    while hasattr(command, "commands"):  # a group; Typer may bring a Click of its own
        options = {name: one for one in command.params for name in one.opts}
        if words[:1] == ["--help"]:
            return
        while words and words[0].startswith("-"):
            assert words[0] in options, words
            words = words[1 if options[words[0]].is_flag else 2 :]
        if not words:
            assert in_prose, "an option alone is no command"
            return
        if in_prose and words[0] == "…":
            return
        assert words[0] in command.commands, words
        command, words = command.commands[words[0]], words[1:]
    try:
        command.make_context("attn", list(words))
    except Exception as error:
        if not in_prose or type(error).__name__ != "MissingParameter":
            raise


def parse_make(words: list[str]) -> None:
    """What make is told to make must be in the Makefile; the rest are variables and folders."""
    folders = {words[i + 1] for i, word in enumerate(words) if word == "-C"}
    targets = {word for word in words if re.fullmatch(r"[a-z][a-z-]*", word)} - folders
    assert targets <= TARGETS, words
