"""`attn site`: the course as a folder for any web server, with lessons that run in a browser."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from autograder.commands.base import app, console, errors, progress_bar


@app.command()
def site(
    out: Annotated[
        Path | None,
        typer.Argument(metavar="OUT", help="Where to: build/site/pages, if you name none."),
    ] = None,
    pyodide: Annotated[
        list[str] | None,
        typer.Option(
            metavar="PATH",
            help="Pyodide's official distribution, or a folder of its files; may be repeated. "
            "Or a mirror's address. Without it, visitors fetch them from Pyodide's network.",
        ),
    ] = None,
    base_url: Annotated[
        str, typer.Option("--base-url", metavar="URL", help="The address it will have.")
    ] = "",
    source: Annotated[
        str, typer.Option(metavar="URL", help="Where the course itself can be had.")
    ] = "",
    no_lite: Annotated[
        bool, typer.Option("--no-lite", help="Without the lessons that run in a browser.")
    ] = False,
    no_book: Annotated[
        bool, typer.Option("--no-book", help="Without the web book; a page of cards in its place.")
    ] = False,
    solutions: Annotated[
        bool, typer.Option("--solutions", help="With the solutions in the book, in folds.")
    ] = False,
    no_run: Annotated[
        bool, typer.Option("--no-run", help="Lessons in the book without their outputs.")
    ] = False,
    serve: Annotated[
        bool, typer.Option("--serve", help="Then show it on this machine, until Ctrl-C.")
    ] = False,
    port: Annotated[int, typer.Option(help="With --serve: where; any free one if 0.")] = 0,
) -> None:
    """Build a site of the course: static files, for any web server or pages host.

    Example: attn site public --pyodide pyodide-0.27.7.tar.bz2
    """
    from autograder.course import find_course
    from autograder.site import serve as server
    from autograder.site import whole
    from autograder.site.pyodide import release

    course = find_course()
    folder = out or course.root / "build" / "site" / "pages"
    wanted = whole.Wanted(
        folder,
        tuple(pyodide or ()),
        base_url,
        source,
        lite=not no_lite,
        book=not no_book,
        solutions=solutions,
        run=() if no_run else None,
    )
    with progress_bar() as bar:
        steps = whole.steps(course, wanted)
        task = bar.add_task("", total=steps)
        begun = -1

        def tell(step: str) -> None:
            nonlocal begun
            begun += 1
            bar.update(task, description=step, completed=begun)

        whole.build(course, wanted, tell)
        bar.update(task, completed=steps)
    size = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
    console.print(f"{folder}: {size / 1e6:.0f} MB", markup=False, highlight=False, soft_wrap=True)
    if wanted.lite and (not pyodide or whole.is_address(pyodide[0])):
        network = pyodide[0] if pyodide else release().network
        said = f"Visitors fetch Python itself from {network}; --pyodide PATH puts its files here."
        errors.print(said, markup=False, highlight=False, soft_wrap=True)
    elif wanted.lite and not whole.compiles(wanted):
        said = (
            "Python's files are not compiled, so each visit takes half as long again: install "
            "Node.js (its command is `node`) and build the site once more."
        )
        errors.print(said, markup=False, highlight=False, soft_wrap=True)
    if serve:
        with server.serving(folder, port) as running:
            print(f"The site is at {running.address}", flush=True)
            print("To stop it, press Ctrl-C here.", flush=True)
            running.wait()
