"""A small table of synonyms, written for this course: lesson 11 swaps words of reviews by it.

Sixty words that reviews use often. Each has a set of words that may stand in its place, itself
among them, as in a thesaurus; forms of several words are joined by "_". No table is right
everywhere: a picture may hang on a wall, and a moving van touches nobody.
"""

_GROUPS = (
    "film movie picture motion_picture",
    "films movies pictures",
    "story tale",
    "plot storyline story_line",
    "actor performer",
    "actors performers",
    "director filmmaker",
    "humor wit",
    "good fine decent",
    "great wonderful superb first_rate",
    "bad poor lousy",
    "awful terrible dreadful",
    "boring dull tedious",
    "funny amusing hilarious",
    "entertaining enjoyable",
    "beautiful lovely gorgeous",
    "clever smart",
    "strange odd weird",
    "sad mournful",
    "scary frightening",
    "moving touching",
    "often frequently again_and_again",
    "completely entirely",
    "seems appears",
)

#: A word and what may stand in its place, the word itself among it.
SYNONYMS: dict[str, set[str]] = {
    word: set(group.split()) for group in _GROUPS for word in group.split() if "_" not in word
} | {"not": {"not", "hardly"}, "never": {"never", "at_no_time"}}

#: What turns a sentence round, so that a label hangs on it.
NEGATORS: set[str] = {"not", "no", "never"}

#: Ten everyday words of it, without forms of several words: those of the test in L11.6.
TABLE: dict[str, set[str]] = {
    "good": {"fine", "decent"},
    "great": {"wonderful", "superb"},
    "bad": {"poor", "lousy"},
    "dull": {"boring", "tedious"},
    "funny": {"amusing", "hilarious"},
    "lovely": {"beautiful", "gorgeous"},
    "film": {"movie", "picture"},
    "movie": {"film", "picture"},
    "story": {"tale"},
    "plot": {"storyline"},
}
