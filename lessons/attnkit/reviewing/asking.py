"""Cards asked in a notebook: a question, then its answer, then how well it was known."""

from __future__ import annotations

import html
import uuid
from typing import Any

from attnkit import style
from attnkit.reviewing.cards import Card
from attnkit.reviewing.sitting import NOT_KEPT, RATINGS, Sitting
from attnkit.widget_view import focus, widget_view

INVITATION = "Run this cell to be asked."


def due_today() -> None:
    """Ask the cards that are due today, or say that none is. Show it as the last line of a cell.

    What you know is kept on this computer, for you alone, and decides when a card comes again.
    """
    from IPython import get_ipython
    from IPython.display import display

    for bundle in bundles(Sitting()):
        if get_ipython() is None:  # a program, not a notebook
            print(bundle["text/plain"])
        else:
            display(bundle, raw=True)


def bundles(sitting: Sitting) -> list[dict[str, Any]]:
    """The outputs of `due_today`: what stands there without a kernel, and the live box."""
    said = sitting.sentence()
    if not style.drawing() or not sitting.left():
        return [{"text/plain": said, "text/html": f"<p>{html.escape(said)}</p>"}]
    try:
        box = asking_box(sitting)
    except ImportError:
        return [{"text/plain": f"{said} Run `attn review` in a terminal to be asked."}]
    still = f"attnkit-static-{uuid.uuid4().hex[:12]}"
    hides = f"<style>.{still} {{display: none}}</style>"
    box.children = (*box.children, _html(hides))
    return [
        {
            "text/plain": f"{said} {INVITATION}",
            "text/html": f'<p class="{still}">{html.escape(said)} <em>{INVITATION}</em></p>',
        },
        widget_view(box, INVITATION),
    ]


def asking_box(sitting: Sitting) -> Any:
    """The live box. Every part of it can be reached with Tab and pressed with Enter."""
    import ipywidgets as widgets

    top, card_text = _html(), _html()
    show = widgets.Button(description="Show the answer", button_style="primary")
    rates = {
        rating: widgets.Button(description=name, tooltip=f"You knew it: {name}")
        for rating, name in RATINGS.items()
    }
    buttons = widgets.HBox([show], layout=widgets.Layout(flex_flow="row wrap"))
    asked: list[Card] = []

    def ask(said: str = "") -> None:
        left = sitting.left()
        kept = "" if sitting.kept else f" {NOT_KEPT}"
        top.value = _line(f"{said} {sitting.sentence()}{kept}".strip())
        asked[:] = left[:1]
        if not left:
            card_text.value = _line(sitting.foresight())
            buttons.children = ()
            return
        card_text.value = _card(left[0], answer=False)
        buttons.children = (show,)
        focus(show)

    def reveal(_: Any) -> None:
        card_text.value = _card(asked[0], answer=True)
        buttons.children = tuple(rates.values())
        focus(rates[3])

    def rate(rating: int) -> None:
        if asked:
            ask(sitting.rate(asked[0], rating))

    show.on_click(reveal)
    for rating, button in rates.items():
        button.on_click(lambda _, rating=rating: rate(rating))
    ask()
    return widgets.VBox([top, card_text, buttons], layout=widgets.Layout(max_width="52em"))


def _html(value: str = "") -> Any:
    import ipywidgets as widgets

    return widgets.HTML(value)


def _line(text: str) -> str:
    return f'<div role="status" style="line-height:1.5">{html.escape(text)}</div>'


def _card(card: Card, *, answer: bool) -> str:
    shown = f"<p>{html.escape(card.answer)}</p>" if answer else "<p>&nbsp;</p>"
    look = f"border-left:3px solid {style.YELLOW};padding:.1em .9em;margin:.4em 0;line-height:1.5"
    return (
        f'<div aria-live="polite" style="{look}"><small>Lesson {card.lesson}</small>'
        f"<p><b>{html.escape(card.question)}</b></p>{shown}</div>"
    )
