"""Made-up facts and questions about them: "Ana lives in Oslo. … Where does Ana live?"

Nothing about these people can be known beforehand, so an answer can only come out of the text. It
is a span: the place, one to three words of it, where it stands.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

IntArray = npt.NDArray[np.int_]
BoolArray = npt.NDArray[np.bool_]

NAMES = [
    "Ada",
    "Alan",
    "Ali",
    "Amir",
    "Ana",
    "Anton",
    "Aya",
    "Ben",
    "Bilal",
    "Bo",
    "Carl",
    "Carmen",
    "Chen",
    "Clara",
    "Dana",
    "David",
    "Dilan",
    "Dora",
    "Eda",
    "Eli",
    "Elif",
    "Emil",
    "Emma",
    "Erik",
    "Eva",
    "Fatima",
    "Felix",
    "Finn",
    "Gita",
    "Grace",
    "Greta",
    "Hana",
    "Hugo",
    "Ida",
    "Igor",
    "Ines",
    "Ivan",
    "Jan",
    "Jana",
    "Jin",
    "Joao",
    "Juan",
    "Julia",
    "Kai",
    "Karim",
    "Kenji",
    "Lara",
    "Lea",
    "Leo",
    "Lin",
    "Lola",
    "Luca",
    "Maja",
    "Malik",
    "Marek",
    "Mia",
    "Mina",
    "Nadia",
    "Nils",
    "Nina",
    "Noor",
    "Olga",
    "Omar",
    "Oscar",
    "Paul",
    "Petra",
    "Pia",
    "Priya",
    "Rafa",
    "Rana",
    "Rosa",
    "Samir",
    "Sara",
    "Sofia",
    "Sven",
    "Tara",
    "Theo",
    "Tom",
    "Uma",
    "Vera",
    "Viktor",
    "Wei",
    "Yara",
    "Yusuf",
    "Zoe",
]
HELD_OUT = tuple(NAMES[3::4])  # for the test: nobody who trains ever meets them
KNOWN = tuple(name for name in NAMES if name not in HELD_OUT)
PLACES = (
    "Oslo", "Rome", "Lima", "Cairo", "Bergen", "Quito", "Porto", "Delhi", "Accra", "Kyoto", "Lagos",
    "New York", "New Delhi", "Cape Town", "San Marino", "Hong Kong", "Tel Aviv", "Las Palmas",
    "Rio de Janeiro", "Dar es Salaam", "Santiago de Cuba",
)  # fmt: skip
ASKS = {"live": "where does {n} live ?", "work": "where does {n} work ?"}
SAYS = {
    "live": ("{n} lives in {p} .", "{n} has a flat in {p} .", "in {p} lives {n} ."),
    "work": ("{n} works in {p} .", "{n} has a job in {p} .", "in {p} works {n} ."),
}
PAD, UNKNOWN, FIRST = 0, 1, 4
LONGEST, QUESTION, MOST = 36, 5, 4  # words of a story and of a question; sentences of a story
ANSWER = 3  # words of an answer at most


def vocabulary() -> dict[str, int]:
    """Word → id, from 4 on; names, also those held out, have ids like other words."""
    told = " ".join([*(text for some in SAYS.values() for text in some), *ASKS.values(), *PLACES])
    words = [word for word in told.split() if "{" not in word]
    return {word: FIRST + n for n, word in enumerate(dict.fromkeys([*words, *NAMES]))}


@dataclass(frozen=True)
class Stories:
    """N stories as ids_NS, (N, 36), 0 behind them, each word with the number of its sentence, from
    1, in sentence_NS; a question about each, asked_NT; and where its answer begins and ends.
    """

    ids_NS: IntArray
    sentence_NS: IntArray
    asked_NT: IntArray
    start_N: IntArray
    end_N: IntArray

    @property
    def mask_NS(self) -> BoolArray:
        """True = a word of the story."""
        mask: BoolArray = self.ids_NS != PAD
        return mask


def read(story: str, question: str, ids: dict[str, int]) -> Stories:
    """A typed story and question; words that aren't in ``ids`` are unknown. No answer: −1, −1.

    A sentence ends with a full stop. Raises ValueError for a story or a question too long.
    """
    words, asked = _words(story), _words(question)
    if not words or len(words) > LONGEST:
        raise ValueError(f"a story has 1 to {LONGEST} words and full stops, not {len(words)}")
    if not asked or len(asked) > QUESTION:
        raise ValueError(f"a question has 1 to {QUESTION} words with its mark, not {len(asked)}")
    return _stacked([(words, asked, -1, -1)], ids)


def make_stories(n: int, names: Sequence[str], seed: int | list[int]) -> Stories:
    """n stories of two people, each told to live somewhere and to work somewhere else."""
    rng, told = np.random.default_rng(seed), []
    for _ in range(n):
        people = rng.choice(names, 2, replace=False)
        places = iter(rng.choice(PLACES, 4, replace=False))
        facts = [(str(name), kind, str(next(places))) for name in people for kind in ASKS]
        sentences = []
        for place in rng.permutation(len(facts)):
            name, kind, where = facts[place]
            sentences.append((SAYS[kind][rng.integers(3)], *facts[place]))
        wanted = int(rng.integers(len(sentences)))
        words: list[str] = []
        for number, (says, name, kind, where) in enumerate(sentences):
            before = says.format(n=name, p="{p}").split()
            if number == wanted:
                start = len(words) + before.index("{p}")
                end = start + len(where.split()) - 1
                asked = ASKS[kind].format(n=name).split()
            words += says.format(n=name, p=where).split()
        told.append((words, asked, start, end))
    return _stacked(told, vocabulary())


def _words(text: str) -> list[str]:
    """Words of a typed text: names keep their capital, other words lose one."""
    ids = vocabulary()
    split = text.replace(".", " . ").replace("?", " ? ").split()
    return [word if word in ids else word.lower() if word.lower() in ids else word
            for word in split]  # fmt: skip


def _stacked(
    told: Sequence[tuple[Sequence[str], Sequence[str], int, int]], ids: dict[str, int]
) -> Stories:
    N = len(told)
    ids_NS, sentence_NS = np.zeros((2, N, LONGEST), int)
    asked_NT = np.zeros((N, QUESTION), int)
    for row, (words, asked, _, _) in enumerate(told):
        ids_NS[row, : len(words)] = [ids.get(word, UNKNOWN) for word in words]
        stops = np.cumsum([0, *(word == "." for word in words[:-1])])
        sentence_NS[row, : len(words)] = np.minimum(stops + 1, MOST)
        asked_NT[row, : len(asked)] = [ids.get(word, UNKNOWN) for word in asked]
    start_N, end_N = (np.array([each[i] for each in told]) for i in (2, 3))
    return Stories(ids_NS, sentence_NS, asked_NT, start_N, end_N)
