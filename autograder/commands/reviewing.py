"""`attn review`: the course's question cards that are due today, asked in a terminal."""

from __future__ import annotations

from typing import Annotated

import typer

from autograder.commands.base import JsonFlag, app, console, print_json
from autograder.errors import AttnError


@app.command()
def review(
    lesson: Annotated[
        list[int] | None,
        typer.Option(help="Only this lesson's cards, begun or not; may be given several times."),
    ] = None,
    as_json: JsonFlag = False,
) -> None:
    """Ask the question cards that are due today. Enter shows the answer; q ends.

    Example: attn review
    """
    from attnkit.optional import NotInstalledError
    from attnkit.reviewing.cards import all_cards
    from attnkit.reviewing.sitting import NOT_KEPT, RATINGS, Sitting

    known = {card.lesson for card in all_cards().values()}
    if strange := set(lesson or ()) - known:
        raise AttnError(f"There are no cards of lesson {min(strange)}: lessons 1 to {max(known)}.")
    try:
        sitting = Sitting(lesson or ())
    except NotInstalledError as missing:
        raise AttnError(str(missing)) from None
    if as_json:
        left = sitting.left()
        print_json({"due": [card.id for card in left], "says": sitting.sentence()})
        return
    _say(sitting.sentence())
    keys = ", ".join(f"{rating} {name}" for rating, name in RATINGS.items())
    while left := sitting.left():
        card = left[0]
        _say(f"\nLesson {card.lesson}. {card.question}")
        if _ask("(Enter shows the answer) ", {""}) is None:
            break
        _say(card.answer)
        rating = _ask(f"How well did you know it: {keys}? ", set(map(str, RATINGS)))
        if rating is None:
            break
        _say(sitting.rate(card, int(rating)))
    if sitting.done:
        told = "" if sitting.kept else NOT_KEPT
        _say(f"\n{sitting.sentence()} {sitting.foresight()} {told}".rstrip())


def _say(text: str) -> None:
    console.print(text, markup=False, highlight=False)


def _ask(question: str, wanted: set[str]) -> str | None:
    """One of the wanted answers; None for q, for Ctrl + C, and where the input ends."""
    while True:
        try:
            told = input(question).strip().lower()
        except (EOFError, KeyboardInterrupt):
            console.print()
            return None
        if told in wanted or wanted == {""}:
            return None if told == "q" else told
        if told == "q":
            return None
