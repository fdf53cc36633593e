"""What the exercises of lesson 11 share: words for their sentences, and how often is often enough.

Sentences are made of words that have synonyms in them and of fillers that have none. Everything that
is drawn is judged over fixed seeds: shares lie within 5.5 standard deviations of the exact one, so
that a right answer passes whatever order it draws in.
"""

import numpy as np

from autograder.authoring import between
from autograder.authoring.probes import Between

FILLERS = ("the", "a", "is", "it", "of", "and", "with", "so", "its", "very", "to", "this")

# Short words, each with single words that may stand in its place.
WORDS = {
    "good": ("fine", "decent", "pleasing"),
    "bad": ("poor", "lousy", "weak"),
    "film": ("movie", "picture", "feature"),
    "plot": ("story", "storyline", "tale"),
    "dull": ("boring", "tedious", "stale"),
    "odd": ("strange", "weird", "curious"),
    "sad": ("mournful", "gloomy", "tearful"),
    "fun": ("joy", "delight", "pleasure"),
    "wit": ("humor", "sparkle", "banter"),
    "cast": ("actors", "players", "troupe"),
    "end": ("finish", "finale", "close"),
    "big": ("large", "huge", "great"),
    "old": ("aged", "antique", "vintage"),
    "scene": ("moment", "passage", "episode"),
}

# Short words, each with one that has more letters than a sentence of them has in any word.
LONGER = {
    "bad": "disappointing",
    "fun": "entertaining",
    "film": "production",
    "sad": "heartbreaking",
    "odd": "extraordinary",
    "dull": "monotonous",
    "good": "satisfying",
    "plot": "storyline",
    "cast": "performers",
    "scene": "confrontation",
}

# Words, each with a form of several words.
SEVERAL = {
    "film": "motion_picture",
    "great": "first_rate",
    "boring": "hard_going",
    "often": "again_and_again",
    "never": "at_no_time",
    "plot": "line_of_action",
    "poor": "second_rate",
    "best": "second_to_none",
    "late": "long_in_coming",
    "wit": "sense_of_humor",
}


def some(rng: np.random.Generator, words: object, n: int) -> list[str]:
    """n different ones of some words, in a drawn order."""
    return [str(word) for word in rng.permutation([*words])[:n]]  # type: ignore[misc]


def seeds(rng: np.random.Generator, times: int) -> list[int]:
    """So many seeds: from the first of two numbers on, and the second is no more among them."""
    first = int(rng.integers(100_000))
    return [first, first + times]


def near(share: np.ndarray, times: int) -> Between:
    """Bounds of a share of so many draws; one that is 0 or 1 is exactly that.

    Beyond 5.5 standard deviations come eight draws more: where few are expected, their number strays
    further upwards than a normal one would.
    """
    exact = np.asarray(share, float)
    wide = 5.5 * np.sqrt(np.clip(exact * (1 - exact), 0, None) / times) + 8 / times
    far = np.where((exact > 0) & (exact < 1), wide, 0)
    return between(exact - far, exact + far)
