"""What is drawn is judged by what it never and always does, over many seeds, and by how often."""

import numpy as np

from autograder.authoring import CallOf, Check, Exercise, probe

from . import synonym_probes
from .shared import FILLERS, LONGER, SEVERAL, WORDS, near, seeds, some

exercise = Exercise(
    "Another word for it",
    solve="synonym_replace",
    difficulty=3,
    importance=4,
    minutes=15,
    hints="""First find the places that are free: which words are in the table, not in keep, and
    have a synonym besides themselves? Of these places n are drawn, or all, if there are fewer. What
    of a word that stands at two places?

    Draw places, not words: then a word that stands twice has two. Build a new list instead of
    writing into the old one; a synonym of two words makes it longer, and all places behind it would
    shift. `synonyms.get(word, set()) - {word}` are the others; a set has no order to draw by, so
    sort it.

    `chosen = rng.permutation(free)[:n]`, with `free` a list of places. Then go through the tokens
    with `enumerate`: at a chosen place add `rng.choice(others).split("_")` to the result, elsewhere
    `[word]`.""",
)

TIMES = 400  # seeds: a share of 1/6 has a standard deviation of 0.019


def single(rng: np.random.Generator, words: list[str], own: bool = True) -> dict[str, list[str]]:
    """For each word one synonym, with the word itself beside it or not, in a drawn order."""
    return {
        word: [str(w) for w in rng.permutation([str(rng.choice(WORDS[word])), *[word][:own]])]
        for word in words
    }


def all_of(rng: np.random.Generator, words: list[str]) -> dict[str, list[str]]:
    """For each word its three synonyms and the word itself, in a drawn order."""
    return {word: [str(w) for w in rng.permutation([word, *WORDS[word]])] for word in words}


def mixed(rng: np.random.Generator, *words: list[str]) -> list[str]:
    return [str(word) for word in rng.permutation([each for own in words for each in own])]


SENTENCE = "What came out, with each list of synonyms as a set,"


@exercise.checks
def checks(rng):
    (fresh,) = rng.spawn(1)
    yield from of_one_outcome(rng)
    yield from of_many_seeds(fresh)


def of_one_outcome(rng):
    """Where every place has one synonym and all of them are taken, nothing is left to chance."""

    def ask(tokens, synonyms, n, keep=()) -> CallOf:
        return probe(synonym_probes.sentence, says=SENTENCE)(
            tokens, synonyms, n, [*keep], int(rng.integers(10_000))
        )

    word, other, last = some(rng, WORDS, 3)
    yield Check(
        "words that have one synonym",
        ask(["a", "good", "film"], {"good": ["good", "fine"]}, 1),
        ask(["good", "film"], {"good": ["fine"], "film": ["film"], "plot": ["story"]}, 5),
        ask(mixed(rng, [word, other, last], some(rng, FILLERS, 3)), single(rng, [word, other]), 3),
        ask(mixed(rng, [word, other], some(rng, FILLERS, 2)), single(rng, [other, last]), 0),
        says="""A place is free if the table has another word for the one that stands there. If n
        places or fewer are free, all of them get one.""",
    )
    words = some(rng, LONGER, 3)
    yield Check(
        "a synonym that is longer",
        ask(["a", "bad", "film"], {"bad": ["unbearable"]}, 2),
        ask(
            mixed(rng, words, some(rng, FILLERS, 2)),
            {word: [LONGER[word], word] for word in words[1:]},
            2,
        ),
        says="Words have any length. An array of strings has room for its longest one only.",
    )
    words = some(rng, WORDS, 4)
    table = single(rng, words)
    kept = [words[0], "not"]
    into = next(w for w in table[words[2]] if w != words[2])  # as a synonym it isn't protected
    yield Check(
        "words in keep stay",
        ask(["not", "a", "bad", "film"], {"not": ["hardly"], "bad": ["poor"]}, 4, ["not", "never"]),
        ask(
            mixed(rng, words[:3], ["not", words[0]], some(rng, FILLERS, 1)),
            table | {"not": ["hardly"]},
            9,
            kept,
        ),
        ask(mixed(rng, words[1:], [words[1]]), table, 9, [words[1], words[0], into]),
        says="""A word in keep stays wherever it stands in the sentence. It may still come in as
        another word's synonym.""",
    )
    two = some(rng, SEVERAL, 3)
    table = {word: [SEVERAL[word], word] for word in two}
    table |= single(rng, ["odd", "sad"])
    yield Check(
        "synonyms of several words",
        ask(["great", "film"], {"great": ["first_rate"], "film": ["motion_picture"]}, 2),
        ask(["the", "film"], {"film": ["film", "motion_picture"]}, 1),
        ask(mixed(rng, two[:2], ["odd", "sad"], some(rng, FILLERS, 1)), table, 4),
        ask([two[0], "sad", two[1], "odd", two[2]], table, 5),
        says=""""motion_picture" goes in as two words. The places are those of the tokens that were
        given: what is put in shifts nothing.""",
    )
    first, second, third = some(rng, WORDS, 3)
    ring = {first: [second], second: [third], third: [first]}
    yield Check(
        "what has been put in stays",
        ask(["a", "plot"], {"plot": ["story"], "story": ["tale"]}, 2),
        ask([first, *some(rng, FILLERS, 2)], ring, 3),
        ask(mixed(rng, [first, third], some(rng, FILLERS, 1)), ring, 5),
        says="""Places are drawn from the sentence as it was given. A synonym that has just been put
        in is not replaced again, whatever the table says of it.""",
    )
    words = some(rng, WORDS, 3)
    yield Check(
        "leaves what it is given alone",
        *(
            probe(
                synonym_probes.afterwards,
                says="What came out, and what was given as it is afterwards,",
            )(
                mixed(rng, words, some(rng, FILLERS, 1)),
                single(rng, words),
                n,
                ["no", words[1]],
                int(rng.integers(10_000)),
            )
            for n in (2, 5)
        ),
        says="The sentence and the table are needed for the next copy.",
    )


def of_many_seeds(rng):
    settings = []
    for free in rng.permutation([3, 4, 5, 6])[:2].tolist():
        words, ns = some(rng, WORDS, free + 1), rng.choice(9, 5, replace=False)
        table = all_of(rng, words[:-2]) | {words[-1]: [words[-1]]}
        text = mixed(rng, words, words[:1], some(rng, FILLERS, 2))
        settings.append((text, table, sorted(ns.tolist())))
    first = some(rng, WORDS, 3)
    yield Check(
        "n places, or all that are free",
        *(
            probe(
                synonym_probes.how_many,
                says=f"""With n = {", ".join(map(str, ns))}: the fewest and the most places that
                were changed, over 80 seeds,""",
            )(tokens, synonyms, ns, seeds(rng, 80))
            for tokens, synonyms, ns in (
                (mixed(rng, first, ["the", "a"]), all_of(rng, first), [0, 1, 2, 3, 4]),
                *settings,
            )
        ),
        says="""n different places are changed, or as many as are free: no more, no fewer, and none
        by a word that gets itself.""",
    )
    again, once, alone = some(rng, WORDS, 3)
    yield Check(
        "each place of a word for itself",
        *(
            probe(
                synonym_probes.ever_changed,
                says="Whether each place was ever changed (1) or not (0), n = 1,",
            )(
                mixed(rng, [again, again], [once, alone][:more], some(rng, FILLERS, 2)),
                all_of(rng, [again, once]),
                seeds(rng, 100),
            )
            for more in rng.permutation(3).tolist()
        ),
        says="""A word that stands at two places can be replaced at either. Look places up by their
        number: `tokens.index` finds the first only.""",
    )
    yield from of_shares(rng)
    kept = rng.permutation(np.repeat(rng.choice(999, 5, replace=False), [3, 2, 2, 2, 1]))
    many = some(rng, WORDS, 12)
    yield Check(
        "draws from the generator it is given",
        probe(
            synonym_probes.first_alike,
            says="""For each of ten calls, the first one (they count from 0) that gave the same
            sentence, and at last how often another generator was moved,""",
        )(mixed(rng, many, some(rng, FILLERS, 2)), all_of(rng, many), 7, kept.tolist()),
        says="""Draw from `rng` and from nothing else: the same seed gives the same sentence, another
        seed another one, and nobody else's generator is moved.""",
    )


def of_shares(rng):
    free = int(rng.integers(4, 6))
    words = some(rng, WORDS, free)
    text = mixed(rng, words, some(rng, FILLERS, 2))
    n = int(rng.integers(2, free - 1))
    is_free = np.isin(text, words)
    alone, both = n / free, n * (n - 1) / (free * (free - 1))
    exact = np.where(np.eye(len(text), dtype=bool), alone, both) * (is_free[:, None] & is_free)
    twice, other = some(rng, WORDS, 2)
    pairs = mixed(rng, [twice, twice, other], some(rng, FILLERS, 2))
    places = [t for t, word in enumerate(pairs) if word == twice]
    across = [pairs.index(twice), pairs.index(other)]
    yield Check(
        "any place, any synonym",
        probe(
            synonym_probes.changed_together,
            says=f"""With n = {n} and over {TIMES} seeds, how often (of 1) each two places were
            changed together, and on the diagonal each place at all,""",
        )(
            text,
            all_of(rng, words),
            n,
            seeds(rng, TIMES),
            expect=near(exact, TIMES),
            tolerance=0.01,
        ),
        *(
            probe(
                synonym_probes.drawn_together,
                says=f"""Where all free places are replaced, over {TIMES} seeds: how often (of 1)
                each synonym of one place, in the order of the alphabet, came with each of another
                place,""",
            )(
                pairs,
                all_of(rng, [twice, other]),
                pair,
                seeds(rng, TIMES),
                expect=near(np.full((3, 3), 1 / 9), TIMES),
                tolerance=0.01,
            )
            for pair in (across, places)
        ),
        says="""All choices of n free places are equally likely, and so are all synonyms of a word.
        Each place draws its own.""",
        points=2,
    )


@exercise.right("slices put in from the right")
def slices_from_the_right(tokens, synonyms, n, rng, keep=frozenset()):
    result = list(tokens)
    free = []
    for t in range(len(tokens)):
        others = synonyms.get(tokens[t], set()) - {tokens[t]}
        if others and tokens[t] not in keep:
            free.append(t)
    rng.shuffle(free)
    for t in sorted(free[:n], reverse=True):
        others = sorted(synonyms[tokens[t]] - {tokens[t]})
        result[t : t + 1] = others[rng.integers(len(others))].split("_")
    return result


@exercise.right("a list for each place, flattened at the end")
def flattened_at_the_end(tokens, synonyms, n, rng, keep=frozenset()):
    parts = [[word] for word in tokens]
    others = {
        t: [other for other in synonyms[word] if other != word]
        for t, word in enumerate(tokens)
        if word in synonyms and word not in keep
    }
    free = [t for t in others if others[t]]
    for t in rng.choice(np.array(free, int), size=min(n, len(free)), replace=False):
        parts[t] = str(rng.choice(others[t])).replace("_", " ").split(" ")
    return [word for part in parts for word in part]


@exercise.right("one place after the other, until none is left")
def one_place_after_the_other(tokens, synonyms, n, rng, keep=frozenset()):
    left = [t for t, word in enumerate(tokens) if word not in keep]
    left = [t for t in left if set(synonyms.get(tokens[t], ())) - {tokens[t]}]
    new = {}
    while left and len(new) < n:
        t = left.pop(int(rng.random() * len(left)))
        own = sorted(synonyms[tokens[t]])
        word = tokens[t]
        while word == tokens[t]:
            word = own[int(rng.integers(len(own)))]
        new[t] = word
    result = []
    for t, word in enumerate(tokens):
        result.extend(new[t].split("_") if t in new else [word])
    return result


@exercise.plain
def plain(tokens, synonyms, n, rng, keep=frozenset()):
    free = []
    for t, word in enumerate(tokens):
        others = set(synonyms.get(word, set())) - {word}
        if others and word not in keep:
            free.append(t)
    chosen = rng.permutation(free)[:n]
    result = []
    for t, word in enumerate(tokens):
        if t in chosen:
            others = sorted(synonyms[word] - {word})
            new = str(rng.choice(others))
            result.extend(new.split("_"))
        else:
            result.append(word)
    return result


plain.slip("""keep-ignored
    - if others and word not in keep:
    + if others:
    You replaced words that are in keep. "not" is one of those that the lesson puts there: whatever
    stands in its place, the label may no longer be right.""")
plain.slip("""replaced-by-itself
    - others = sorted(synonyms[word] - {word})
    + others = sorted(synonyms[word])
    You let a word be replaced by itself: its own set may hold it. Then fewer than n places change.
    Take it out of the set before you draw.""")
plain.slip("""only-itself-counts-as-free
    - others = set(synonyms.get(word, set())) - {word}
    + others = synonyms.get(word, set())
    - others = sorted(synonyms[word] - {word})
    + others = sorted(synonyms[word] - {word}) or [word]
    You counted a place as free whose word has only itself in the table. It takes up one of the n, and
    nothing changes there.""")
plain.slip("""underscore-left
    - result.extend(new.split("_"))
    + result.append(new)
    You left the underscore in. "motion_picture" is how the table writes two words: in a sentence
    they are two tokens.""")
plain.slip("""underscore-made-a-blank
    - result.extend(new.split("_"))
    + result.append(new.replace("_", " "))
    You put in one token with a blank in it, "motion picture". No vocabulary knows such a word: make
    two tokens of it.""")
plain.slip("""all-places-of-a-word
    - if t in chosen:
    + if word in [tokens[place] for place in chosen]:
    You replaced a word wherever it stands in the sentence. A place was drawn, so what stands
    elsewhere stays, though it is the same word.""")
plain.slip("""one-too-many
    - [:n]
    + [: n + 1]
    You replaced one more than n. `[:n]` are the first n.""")
plain.slip("""n-ignored
    - [:n]
    You replaced every word that has a synonym, whatever n says.""")
plain.slip("""place-drawn-twice
    - chosen = rng.permutation(free)[:n]
    + chosen = rng.choice(np.array(free, int), min(n, len(free)))
    The same place can come twice in your draw, so fewer than n change: `rng.choice` puts each back
    unless it is told `replace=False`.""")
plain.slip("""places-without-synonyms-drawn
    - chosen = rng.permutation(free)[:n]
    + chosen = [t for t in rng.permutation(len(tokens))[:n] if t in free]
    You drew n places among all words, and where one has no synonym nothing happens: fewer than n
    change. Find the free places first, then draw.""")
plain.slip("""fewer-free-than-n
    - chosen = rng.permutation(free)[:n]
    + chosen = rng.choice(np.array(free, int), n, replace=False)
    You drew n places where fewer are free, which stops with an error. A slice `[:n]` takes what there
    is, and so does min(n, len(free)).""")
plain.slip("""first-free-places
    - rng.permutation(free)[:n]
    + free[:n]
    You took the first n free places, always the same. All free places are equally likely: draw them
    from rng.""")
plain.slip("""neighbouring-places
    - chosen = rng.permutation(free)[:n]
    + start = int(rng.integers(max(1, len(free))))
    + chosen = (free[start:] + free[:start])[:n]
    You drew one place, and the others follow it in the sentence. Any n free places should be as
    likely as any others.""")
plain.slip("""first-synonym
    - new = str(rng.choice(others))
    + new = others[0]
    You put in the same synonym each time. All of a word's synonyms are equally likely: draw one.""")
plain.slip("""one-synonym-for-a-word
    - result = []
    + new_for = {word: str(rng.choice(sorted(synonyms[word] - {word})))
    +            for word in dict.fromkeys(tokens[t] for t in chosen)}
    + result = []
    - others = sorted(synonyms[word] - {word})
    - new = str(rng.choice(others))
    + new = new_for[word]
    You drew one synonym for each *word*, so a word that stands twice becomes twice the same. Each
    place draws its own.""")
plain.slip("""one-number-for-all
    - result = []
    + share = rng.random()
    + result = []
    - new = str(rng.choice(others))
    + new = others[int(share * len(others))]
    You drew one number and used it at all places: the first synonym of one word comes with the first
    of another. Each place draws its own.""")
plain.slip("""synonym-added
    - result.extend(new.split("_"))
    + result.extend([word, *new.split("_")])
    You put the synonym beside the word. It is to stand in its place.""")
plain.slip("""synonyms-protected
    - others = sorted(synonyms[word] - {word})
    + others = sorted(synonyms[word] - {word} - set(keep)) or [word]
    You left out synonyms that are in keep. keep protects words of the sentence; as a synonym such a
    word may come in.""")
plain.slip("""string-for-list
    - return result
    + return " ".join(result)
    You returned one string. A list of tokens is asked for, as it was given.""")
plain.slip("""global-generator
    - chosen = rng.permutation(free)[:n]
    + chosen = np.random.permutation(free)[:n]
    - str(rng.choice(others))
    + str(np.random.choice(others))
    You drew from `np.random`, the generator that everybody shares. Whoever calls you with the same
    `rng` again gets another sentence. Draw from `rng`.""")
plain.slip("""own-seed
    - free = []
    + rng = np.random.default_rng(0)
    + free = []
    You made a generator of your own, so every copy of a sentence is the same copy, whatever generator
    you are given. Draw from `rng`.""")


@exercise.wrong
def places_shift(tokens, synonyms, n, rng, keep=frozenset()):
    """You put synonyms in from left to right, into the list whose places you had counted before. A
    synonym of two words moves all places behind it by one. Go from right to left, or build a new
    list."""
    result = list(tokens)
    free = [t for t, word in enumerate(tokens) if word not in keep]
    free = [t for t in free if set(synonyms.get(tokens[t], set())) - {tokens[t]}]
    for t in sorted(rng.permutation(free)[:n]):
        t = int(t)
        others = sorted(synonyms[tokens[t]] - {tokens[t]})
        result[t : t + 1] = str(rng.choice(others)).split("_")
    return result


@exercise.wrong
def words_cut_short(tokens, synonyms, n, rng, keep=frozenset()):
    """You put the words into a NumPy array of strings, which has as much room as its longest word: what
    is longer is cut off, without a warning. A list has room for any word."""
    words = np.array(tokens)
    free = [t for t, word in enumerate(tokens) if word not in keep]
    free = [t for t in free if set(synonyms.get(tokens[t], set())) - {tokens[t]}]
    for t in rng.permutation(free)[:n]:
        words[int(t)] = rng.choice(sorted(synonyms[tokens[int(t)]] - {tokens[int(t)]}))
    return " ".join(words.tolist()).replace("_", " ").split()


@exercise.wrong
def writes_into_the_tokens(tokens, synonyms, n, rng, keep=frozenset()):
    """The sentence is right, but you wrote it into the list you were given. The next copy would be made
    of this one: work on a new list."""
    free = [t for t, word in enumerate(tokens) if word not in keep]
    free = [t for t in free if set(synonyms.get(tokens[t], set())) - {tokens[t]}]
    for t in sorted(rng.permutation(free)[:n], reverse=True):
        t = int(t)
        others = sorted(synonyms[tokens[t]] - {tokens[t]})
        tokens[t : t + 1] = str(rng.choice(others)).split("_")
    return tokens


@exercise.wrong
def changes_the_table(tokens, synonyms, n, rng, keep=frozenset()):
    """The sentence is right, but you took words out of the caller's own table: `discard` and `remove`
    change the set itself, `- {word}` makes a new one."""
    free = []
    for t, word in enumerate(tokens):
        if word in synonyms:
            synonyms[word].discard(word)
            if synonyms[word] and word not in keep:
                free.append(t)
    chosen = rng.permutation(free)[:n]
    result = []
    for t, word in enumerate(tokens):
        new = str(rng.choice(sorted(synonyms[word]))).split("_") if t in chosen else [word]
        result += new
    return result


@exercise.wrong
def replaced_again(tokens, synonyms, n, rng, keep=frozenset()):
    """You drew each place from the sentence as it stood by then, so a synonym that had just been put in
    could be replaced itself. Find the free places once, in the sentence that was given."""
    result = list(tokens)
    for _ in range(n):
        free = [t for t, word in enumerate(result) if word not in keep]
        free = [t for t in free if set(synonyms.get(result[t], set())) - {result[t]}]
        if free:
            t = int(rng.choice(free))
            others = sorted(synonyms[result[t]] - {result[t]})
            result[t : t + 1] = str(rng.choice(others)).split("_")
    return result


plain.slip("""word-that-is-not-in-the-table
    - set(synonyms.get(word, set())) - {word}
    + set(synonyms[word]) - {word}
    You looked up a word that the table doesn't have, and most words aren't in it: `synonyms[word]` stops
    there with a KeyError. `synonyms.get(word, set())` gives an empty set.""")


@exercise.wrong
def words_for_places(tokens, synonyms, n, rng, keep=frozenset()):
    """You drew n *words*, and replaced each of them wherever it stands. Places are drawn: a word that
    stands twice has two, and one of them may stay."""
    free = [word for word in dict.fromkeys(tokens) if word not in keep]
    free = [word for word in free if set(synonyms.get(word, set())) - {word}]
    chosen = rng.permutation(free)[:n].tolist()
    result = []
    for word in tokens:
        if word in chosen:
            result += str(rng.choice(sorted(synonyms[word] - {word}))).split("_")
        else:
            result.append(word)
    return result


@exercise.wrong
def first_place_of_the_word(tokens, synonyms, n, rng, keep=frozenset()):
    """You drew a word and replaced it where it stands first. Its later places never have a turn:
    `tokens.index` finds the first one only. Draw places."""
    free = [word for word in tokens if word not in keep]
    free = [word for word in free if set(synonyms.get(word, set())) - {word}]
    chosen = [tokens.index(word) for word in rng.permutation(free)[:n].tolist()]
    result = []
    for t, word in enumerate(tokens):
        if t in chosen:
            result += str(rng.choice(sorted(synonyms[word] - {word}))).split("_")
        else:
            result.append(word)
    return result
