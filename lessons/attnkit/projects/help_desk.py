"""Project A: the help desk of a building firm, with questions it can answer and others it can't.

The questions and answers are the Swedish Construction FAQ by Zaragoza AB (CC BY 4.0), which comes
with the package `zaragoza-construction-faq`; only its file is read. 350 answers make the bank. The
others are taken out: their questions are still about building, and nothing answers them any more.
That is what is hard about a help desk. Sentences about films are far away, and easy.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from attnkit.data import split
from attnkit.optional import NotInstalledError, file_of, how_to_get, missing
from attnkit.projects.held_out import HeldOut

PACKAGE = "zaragoza-construction-faq"
FILE = "zaragoza_construction_faq/data/faq-en.json"
INSTALL = f"pip install {PACKAGE}==1.2.1"
ATTRIBUTION = (
    "Swedish Construction FAQ by Zaragoza AB, CC BY 4.0, "
    "https://github.com/zaragoza-ab/swedish-construction-faq-1000"
)
IN_BANK, SEED = 350, 14


@dataclass(frozen=True)
class Asked:
    """Questions: those with an answer in the bank, and which; near ones without; and far ones.

    inside: questions whose answer stands in the bank, in the row of `rows`. near: about building,
    without an answer. far: sentences about films.
    """

    inside: tuple[str, ...]
    rows: tuple[int, ...]
    near: tuple[str, ...]
    far: tuple[str, ...]


@dataclass(frozen=True)
class HelpDesk:
    """A bank of answers, with a label and a category for each; questions to work with and to test.

    work: the half to choose and to fit with. test: the other half, by `test.read()`.
    """

    answers: tuple[str, ...]
    labels: tuple[str, ...]
    categories: tuple[str, ...]
    work: Asked
    test: HeldOut[Asked]


@lru_cache(maxsize=1)
def load_help_desk() -> HelpDesk:
    """The help desk. Its split is always the same.

    Raises NotInstalledError, with a sentence on what to install, where the questions aren't.
    """
    file = None if missing([PACKAGE]) else file_of(PACKAGE, FILE)
    if file is None or not file.is_file():
        raise NotInstalledError(
            "This needs the help desk's questions, which aren't installed here: "
            f"{how_to_get(INSTALL, '2 MB')}. The exercises don't need them."
        )
    told = json.loads(file.read_text(encoding="utf-8"))["questions"]
    entries = list({each["q"]: each for each in reversed(told)}.values())[::-1]
    rng = np.random.default_rng(SEED)
    order = rng.permutation(len(entries))
    bank = [entries[n] for n in sorted(order[:IN_BANK])]
    removed = [entries[n]["q"] for n in order[IN_BANK:]]
    films = split("mr").validation.text
    far = [films.iloc[n] for n in rng.permutation(len(films))[: len(removed)]]
    halves = []
    places = rng.permutation(IN_BANK)
    for part in (0, 1):
        rows = sorted(places[part::2].tolist())
        questions = tuple(bank[row]["q"] for row in rows)
        halves.append(Asked(questions, tuple(rows), _half(removed, part), _half(far, part)))
    return HelpDesk(
        answers=tuple(each["a"] for each in bank),
        labels=tuple(each["id"] for each in bank),
        categories=tuple(each["category"] for each in bank),
        work=halves[0],
        test=HeldOut("the help desk", halves[1]),
    )


def _half(texts: Sequence[str], part: int) -> tuple[str, ...]:
    return tuple(texts[part::2])
