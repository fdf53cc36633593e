"""Lesson 14's three projects: a help desk, a stream of headlines, a list of films.

Each has data, a split that was made once, and baselines to be beaten. The test half of a split can
be had from one function only, which counts how often it is asked (`held_out`).
"""

from attnkit.projects.held_out import HeldOut, times_read
from attnkit.projects.help_desk import HelpDesk, load_help_desk
from attnkit.projects.news_stream import NewsStream, simulate_news, split_triples
from attnkit.projects.next_item import Events, Histories, split_at_a_date
from attnkit.projects.tastes import simulate_tastes

__all__ = [
    "Events",
    "HeldOut",
    "HelpDesk",
    "Histories",
    "NewsStream",
    "load_help_desk",
    "simulate_news",
    "simulate_tastes",
    "split_at_a_date",
    "split_triples",
    "times_read",
]
