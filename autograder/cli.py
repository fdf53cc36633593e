"""The program `attn`.

Exit codes: 0 fine, 1 the work was done and something in it failed, 2 wrong use.
"""

from __future__ import annotations

import contextlib
import gc
import os
import sys
from pathlib import Path
from typing import Annotated

from autograder import grammars, own_packages

own_packages.put_first()  # before anything is imported that is not Python's own
gc.set_threshold(50_000, 20, 20)  # what is imported is no garbage, however often it is looked for

try:
    import typer
except ModuleNotFoundError:  # installed for notebooks alone: see pyproject.toml's extras
    sys.exit(
        "attn: Here is only what notebooks import; `attn` needs the whole course, which its "
        "README tells how to install."
    )

# each adds its commands to the program, in the order of its help
from autograder.commands import (  # noqa: E402, F401
    authoring,
    classifier,
    classroom,
    collecting,
    export,
    feedback,
    grading,
    machine,
    reviewing,
    site,
)
from autograder.commands.base import app, errors  # noqa: E402
from autograder.errors import AttnError  # noqa: E402
from autograder.output import any_output  # noqa: E402

__all__ = ["app", "main"]
_until_the_end = contextlib.ExitStack()  # what a command's options have opened


def _tell_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"attn {_version()}")
        raise typer.Exit


def _version() -> str:
    from autograder.versions import versions_of

    return versions_of(["attention-kit"])["attention-kit"]


@app.callback()
def program(
    log: Annotated[
        Path | None,
        typer.Option(
            envvar="ATTN_LOG",
            metavar="FILE",
            help="Append to FILE what the grader does, and the details of its own failures.",
        ),
    ] = None,
    version: Annotated[
        bool,
        typer.Option(
            "--version", help="Say which version this is.", callback=_tell_version, is_eager=True
        ),
    ] = False,
) -> None:
    """What holds for all commands."""
    if log is None:
        return
    import platform
    import shlex

    from autograder.log import kept_in

    what = f"attn {_version()}, Python {platform.python_version()}, {sys.platform}"
    _until_the_end.enter_context(kept_in(log, f"{what}: {shlex.join(sys.argv[1:])}"))


def main() -> None:
    """Run `attn`; errors that a person meets are one sentence."""
    with _until_the_end:
        _run()


def _run() -> None:
    # TensorFlow's own log, which no person needs; set before it is imported, here or in a process
    # that is started from here
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    grammars.do_without()
    try:
        with any_output():
            app()
    except AttnError as error:
        errors.print(f"attn: {error}", style="red", markup=False, highlight=False, soft_wrap=True)
        sys.exit(2)
    except KeyboardInterrupt:
        errors.print(
            "\nStopped. What is graded is recorded; the same command goes on from there.",
            markup=False,
        )
        sys.exit(130)


if __name__ == "__main__":
    main()
