"""`attn lab` and `attn doctor`: this machine."""

from __future__ import annotations

import typer

from autograder.commands.base import JsonFlag, app


@app.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
def lab(context: typer.Context) -> None:
    """Open JupyterLab on the start page; further options go to JupyterLab.

    Example: attn lab --no-browser --port 8899
    """
    from autograder.lab import open_lab

    raise typer.Exit(open_lab(list(context.args)))


@app.command()
def doctor(as_json: JsonFlag = False) -> None:
    """Tell what of this machine works, by trying it.

    Example: attn doctor
    """
    from autograder.doctor import run

    raise typer.Exit(run(as_json))
