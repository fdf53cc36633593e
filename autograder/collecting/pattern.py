"""A pattern that a teacher gives for how files are called: `{id}_{anything}/{lesson}.ipynb`.

It fits a place as a whole, so that nothing deeper, which a student may have chosen, has a say.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from autograder.collecting import inside
from autograder.collecting.clues import Clue, Parts
from autograder.course import lesson_label
from autograder.errors import AttnError
from autograder.reading.file_name import stem_of, without_number

WORDS = {
    "id": "a student's id, or e-mail address",
    "name": "a student's name",
    "number": "the system's number of them, to be looked up in --people",
    "lesson": "a lesson, by name or number",
    "anything": "any letters, or none",
    "folders": "any folders, or none",
}
_PERSON = ("id", "name", "number")
_WORD = re.compile(r"\{([^{}]*)\}")
_ENDING = re.compile(r"\.(?:ipynb|zip)\Z", re.IGNORECASE)
MOST_WORDS = 4  # in one name: what has more takes long to be compared, and
MOST_LETTERS = 300  # of a name, for the same reason


class Pattern:
    """A pattern, read; AttnError says what is wrong with it."""

    def __init__(self, text: str, lessons: Sequence[str]) -> None:
        self.text = text
        self._lessons = {name.casefold(): name for name in lessons}
        self._labels = {lesson_label(name): name for name in lessons}
        words = _WORD.findall(text)
        unknown = [word for word in words if word not in WORDS]
        told = ", ".join(f"{{{word}}}" for word in WORDS)
        if unknown or re.search(r"[{}]", _WORD.sub("", text)):
            what = f"{{{unknown[0]}}}" if unknown else "a single brace"
            raise AttnError(f'The pattern "{text}" has {what}: there are {told}.')
        if not any(word in _PERSON for word in words):
            raise AttnError(
                f'The pattern "{text}" does not say where the student stands: put {{id}} or '
                "{name} there."
            )
        twice = next((w for w in words if words.count(w) > 1 and w != "anything"), None)
        if twice:
            raise AttnError(f'The pattern "{text}" has {{{twice}}} twice.')
        if any(len(_WORD.findall(part)) > MOST_WORDS for part in text.split("/")):
            raise AttnError(f'The pattern "{text}" has more than {MOST_WORDS} words in one name.')
        if "}{" in text.replace("{folders}", ""):
            raise AttnError(
                f'In the pattern "{text}" something must stand between two words, or nobody can '
                "tell where one ends."
            )
        self._long, self._short = (self._compiled(text, long) for long in (True, False))

    def clue(self, place: Parts) -> Clue | None:
        """What a file's place tells, None if it doesn't fit."""
        if max(map(len, place)) > MOST_LETTERS:
            return None
        stem = place[-1][:-4] if inside.is_zip(place[-1]) else stem_of(place[-1])
        fits = []
        for name in dict.fromkeys((without_number(stem), stem)):
            shown = unicodedata.normalize("NFC", "/".join((*place[:-1], name)))
            found = (form.fullmatch(shown) for form in (self._long, self._short))
            fits += [fit.groupdict() for fit in found if fit]
        return self._told(fits) if fits else None

    def _told(self, fits: Sequence[dict[str, str | None]]) -> Clue:
        def all_of(word: str) -> tuple[str, ...]:
            told = (fit.get(word) or "" for fit in fits)
            return tuple(dict.fromkeys(text.strip() for text in told if text.strip()))

        ids, names = all_of("id"), all_of("name")
        said = next(iter(all_of("lesson")), "").casefold()
        lesson = self._lessons.get(said) or (self._labels[said.lstrip("0")] if said else "")
        number = next(iter(all_of("number")), "")
        sure = ids if len(ids) == 1 else ()
        return Clue(
            who=" ".join((*ids, *names, number)),
            ids=sure, ends=() if sure else ids, name=names[0] if len(names) == 1 else "",
            number=number, lesson=lesson,
        )  # fmt: skip

    def _compiled(self, text: str, long: bool) -> re.Pattern[str]:
        """The pattern as an expression in which a person's word is as long, or short, as can be."""
        person, other = ("+", "*?") if long else ("+?", "*")
        lessons = sorted(self._lessons, key=len, reverse=True)
        labels = (f"0*{label}" for label in sorted(self._labels, key=len, reverse=True))
        parts = {
            "id": f"(?P<id>[^/]{person})",
            "name": f"(?P<name>[^/]{person})",
            "number": r"(?P<number>\d+)",
            "lesson": f"(?P<lesson>{'|'.join((*map(re.escape, lessons), *labels))})",
            "anything": f"[^/]{other}",
            "folders": "(?:[^/]+/)*",
        }
        text = unicodedata.normalize("NFC", _ENDING.sub("", text)).replace(
            "{folders}/", "{folders}"
        )
        pieces = _WORD.split(text)  # what stands between words, and words, by turns
        form = (parts[p] if at % 2 else re.escape(p) for at, p in enumerate(pieces))
        return re.compile("".join(form), re.IGNORECASE | re.DOTALL)
