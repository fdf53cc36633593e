"""What other people recalled: published lists, read from the package psifr where it is installed.

psifr (GPL-3) is not imported, and nothing of it is copied: only its two files of data are read.
PEERS: Healey & Kahana (2014) and others, 126 people, lists of 16 words. Morton 2013: Morton and
others, 40 people, lists of 24 words of three categories.
"""

from __future__ import annotations

import csv
from functools import lru_cache

from attnkit.optional import INSTALL_PEOPLE, NotInstalledError, file_of, how_to_get, missing

FILES = {"PEERS": ("peers_notask.csv", 16), "Morton 2013": ("Morton2013.csv", 24)}


@lru_cache(maxsize=2)
def recalls_of_others(study: str) -> tuple[tuple[tuple[int, ...], ...], int]:
    """(recalls, T) of "PEERS" or "Morton 2013".

    For each list the places recalled, in order; 0 for a word that wasn't on it. Raises
    NotInstalledError without psifr.
    """
    name, T = FILES[study]
    file = None if missing(["psifr"]) else file_of("psifr", f"psifr/data/{name}")
    if file is None or not file.is_file():
        raise NotInstalledError(
            "What other people recalled comes with the package psifr, which isn't installed here; "
            "it is part of the extra `people`: "
            f"{how_to_get(INSTALL_PEOPLE, '12 MB', 'then come back to this')}."
        )
    places: dict[tuple[str, ...], dict[str, int]] = {}  # of each list: its words
    said: dict[tuple[str, ...], list[int]] = {}
    with file.open(encoding="utf-8", newline="") as text:
        for row in csv.DictReader(text):  # of each list what was studied, then what was recalled
            one = row["subject"], row["session"], row["list"]
            words = places.setdefault(one, {})
            if row["trial_type"] == "study":
                words.setdefault(row["item"], int(row["position"]))
                said.setdefault(one, [])
            else:
                said[one].append(words.get(row["item"], 0))
    return tuple(map(tuple, said.values())), T
