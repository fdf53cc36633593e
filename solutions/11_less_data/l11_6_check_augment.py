"""L11.6 is a test that the learner writes. It is run on functions that make copies of sentences: right
ones, and some with one fault each, in what they leave, in what they draw from, or in what they touch."""

import numpy as np
from attnkit.synonyms import NEGATORS, TABLE

from autograder.authoring import Check, Exercise, lineup

from . import augmenters

exercise = Exercise(
    "Write the test",
    solve="check_augment",
    difficulty=4,
    importance=4,
    minutes=20,
    hints="""Try your own functions of L11.1 and L11.2 first: which of the promises do they keep? Then
    write down for each promise the sentence on which a function would break it most easily. How many
    seeds does it take until a coin has fallen either way?

    One word is enough to be left with nothing; three negators, one of them twice, to lose one; a
    made-up word, to see what is put in. For each sentence and forty seeds call fn twice, with
    generators of the same seed and copies of the tokens, and compare the answers, the tokens, the
    words and the count of each negator.

    Loops over sentences and `seed in range(40)`: `given = tokens.copy()`, `result = fn(given,
    np.random.default_rng(seed))`, the same again, and `return False` if result is empty, given isn't
    tokens, the two results differ, `set(result) - set(tokens)` has a word that TABLE lacks, or a
    negator's count is another. Keep the results of a sentence: at the end some sentence must have two
    that differ.""",
)


@exercise.checks
def checks(rng):
    yield Check(
        "something is left",
        *lineup(rng, [augmenters.dropped, augmenters.doubled], augmenters.empty),
        says="A sentence of one word is where a function that drops words is left with nothing.",
    )
    yield Check(
        "the tokens stay as they were",
        *lineup(rng, [augmenters.replaced, augmenters.swapped], augmenters.writing),
        says="""What it gives may be right, and the list it was given may have changed all the same: the
        next copy would be made of that.""",
    )
    yield Check(
        "the same seed, the same copy",
        *lineup(rng, [augmenters.swapped, augmenters.mixed_up], augmenters.unseeded),
        says="""Two generators of the same seed must give the same copy: who draws from another
        generator, or keeps something from call to call, can't be repeated.""",
        points=2,
    )
    yield Check(
        "another seed, another copy",
        *lineup(rng, augmenters.every_right, augmenters.never_differing),
        says="""A copy need not differ from its sentence every time, nor in its length. But of some
        sentence two seeds must give two copies, or there is nothing to learn from.""",
        points=2,
    )
    yield Check(
        "words of the sentence or of TABLE",
        *lineup(
            rng, [augmenters.put_in, augmenters.key_put_in, augmenters.replaced], augmenters.foreign
        ),
        says="""A new word may come from TABLE, nothing else: no typing errors, no capitals, no marks.
        Words of the sentence may be any, also made-up ones.""",
    )
    yield Check(
        "negators stay",
        *lineup(rng, [augmenters.mixed_up, augmenters.dropped], augmenters.without_negators),
        says=""""not", "no" and "never", each of them, as often as it stands there: without it the label
        is wrong. Where it stands is not asked.""",
        points=2,
    )


@exercise.right("words counted, many short sentences drawn")
def many_short_sentences(fn):
    from collections import Counter

    rng = np.random.default_rng(5)
    words = ["film", "good", "plot", "dull", "zork", "a", ",", "not", "no", "never", "not"]
    allowed = {other for others in TABLE.values() for other in others} | {*TABLE}
    texts = [["film"], ["zork"], ["zork", "mip"]]
    texts += [rng.choice(words, rng.integers(1, 12)).tolist() for _ in range(9)]
    differing = 0
    for text in texts:
        first = None
        for seed in rng.integers(10**6, size=20):
            text_before = tuple(text)
            one = fn(text, np.random.default_rng(int(seed)))
            two = fn(list(text_before), np.random.default_rng(int(seed)))
            if tuple(text) != text_before:
                return False
            if len(one) == 0 or list(one) != list(two):
                return False
            before, after = Counter(text), Counter(one)
            if any(before[word] != after[word] for word in NEGATORS):
                return False
            if any(word not in before and word not in allowed for word in after):
                return False
            first = one if first is None else first
            differing += one != first
    return differing > 0


@exercise.right("each promise in a loop of its own, none about numbers")
def each_promise_by_itself(fn):
    texts = ["good", "blib", "not", "no never not", "blib blob", "never a good film , no , not one"]
    texts += ["the story is not dull and not bad , never", "blib blob blub blab bleb"]
    texts = [text.split() for text in texts]

    def of(text, seed):
        return fn(list(text), np.random.default_rng(1000 + seed))

    for text in texts:
        copies = [of(text, seed) for seed in range(20)]
        if any(not copy for copy in copies):
            return False
        if copies != [of(text, seed) for seed in range(20)]:
            return False
        for copy in copies:
            for word in copy:
                entries = [entry for entry in TABLE if word == entry or word in TABLE[entry]]
                if word not in text and not entries:
                    return False
            left = list(copy)
            for word in text:
                if word in NEGATORS:
                    if word not in left:
                        return False
                    left.remove(word)
    for text in texts:
        for seed in range(20):
            given = list(text)
            fn(given, np.random.default_rng(seed))
            if given != text:
                return False
    return any(of(text, seed) != of(text, 0) for text in texts for seed in range(20))


@exercise.right("assertions, other generators moved between the calls")
def assertions(fn):
    import random

    table = set(TABLE)
    for others in TABLE.values():
        table |= others
    found = {}
    try:
        for line in ("film", "qua", "no", "no film", "a never dull plot , not no qua , not never"):
            for seed in range(25):
                tokens = line.split()
                random.seed(seed)
                np.random.seed(seed)
                new = fn(tokens, np.random.default_rng(seed))
                assert " ".join(tokens) == line
                random.seed(seed + 99)
                np.random.seed(seed + 99)
                assert new == fn(tokens, np.random.default_rng(seed))
                assert new
                assert {*new} <= table | {*tokens}
                for word in sorted(NEGATORS):
                    assert new.count(word) >= tokens.count(word)
                found.setdefault(line, set()).add(" ".join(new))
    except AssertionError:
        return False
    return max(len(copies) for copies in found.values()) > 1


@exercise.plain
def plain(fn):
    known = set(TABLE)
    for others in TABLE.values():
        known = known | others
    texts = "film", "zum", "not a zum", "a dull plot , no story", "no , not never a zum , not"
    differs = False
    for text in texts:
        tokens = text.split()
        copies = []
        for seed in range(30):
            given = list(tokens)
            copy = fn(given, np.random.default_rng(seed))
            again = fn(list(tokens), np.random.default_rng(seed))
            if len(copy) == 0:
                return False
            if given != tokens:
                return False
            if copy != again:
                return False
            if not set(copy) <= known | set(tokens):
                return False
            if any(copy.count(word) < tokens.count(word) for word in NEGATORS):
                return False
            copies.append(copy)
        if any(copy != copies[0] for copy in copies):
            differs = True
    return differs


plain.slip("""one-seed
    - for seed in range(30):
    + for seed in range(1):
    - if any(copy != copies[0] for copy in copies):
    -     differs = True
    +
    - return differs
    + return True
    You tried one seed. What a function does half of the time, it may not do with this one; and whether
    other seeds give other copies can't be seen at all. Try many.""")
plain.slip("""long-sentences-only
    - texts = "film", "zum", "not a zum", "a dull plot , no story", "no , not never a zum , not"
    + texts = "a dull plot , no story", "no , not never a zum , not", "a film and a zum", "is it a film"
    Your sentences are long. Where a dozen words are dropped by chance, one is nearly always left: a
    sentence of a single word shows who returns nothing.""")
plain.slip("""emptiness-not-asked
    - if len(copy) == 0:
    -     return False
    You never asked whether something is left. An empty copy has no wrong word in it.""")
plain.slip("""input-not-looked-at
    - if given != tokens:
    -     return False
    You never looked at the tokens again after the call. A function may write into the list it is given,
    and still return the right thing.""")
plain.slip("""same-object-compared
    - if given != tokens:
    -     return False
    + if copy is given:
    +     return False
    You asked whether the result is another object than the input. It may be, and the input be written
    into all the same: compare what stands in it, with a copy made before.""")
plain.slip("""same-seed-not-tried
    - if copy != again:
    -     return False
    You never tried the same seed twice. A copy that can't be made again can't be looked into.""")
plain.slip("""one-generator-for-both
    - copy = fn(given, np.random.default_rng(seed))
    - again = fn(list(tokens), np.random.default_rng(seed))
    + rng = np.random.default_rng(seed)
    + copy = fn(given, rng)
    + again = fn(list(tokens), rng)
    You called twice with *one* generator. It has moved on by the second call, so right functions give
    something else: make a new one of the same seed.""")
plain.slip("""global-generators-seeded
    - copy = fn(given, np.random.default_rng(seed))
    + import random
    + random.seed(seed)
    + np.random.seed(seed)
    + copy = fn(given, np.random.default_rng(seed))
    + random.seed(seed)
    + np.random.seed(seed)
    You put the generators that everybody shares into the same state before both calls, so that whoever
    draws from them seems to be repeatable. Leave them alone, or put them into different states.""")
plain.slip("""seeds-never-compared
    - return differs
    + return True
    You never asked whether another seed gives another copy. Who returns the sentence as it is keeps all
    other promises.""")
plain.slip("""a-change-every-time
    - if copy != again:
    -     return False
    + if copy != again or copy == tokens:
    +     return False
    You demanded a change every time. A sentence may have nothing in it that can be changed, and a coin
    may say no: only now and then must a copy differ.""")
plain.slip("""every-two-seeds-differ
    - if copy != again:
    -     return False
    + if copy != again or (len(tokens) > 5 and copies and copy == copies[-1]):
    +     return False
    You demanded that two seeds never give the same copy. Now and then they do: of many seeds, two must
    differ.""")
plain.slip("""equal-length-demanded
    - if len(copy) == 0:
    -     return False
    + if len(copy) != len(tokens):
    +     return False
    You demanded as many words as before. A copy may be shorter or longer: only nothing at all is too
    short.""")
plain.slip("""words-not-looked-at
    - if not set(copy) <= known | set(tokens):
    -     return False
    You never looked at the words. A copy with typing errors, or with words from nowhere, gets away.""")
plain.slip("""words-of-the-sentence-only
    - if not set(copy) <= known | set(tokens):
    + if not set(copy) <= set(tokens):
    You allowed no word that doesn't stand in the sentence. Synonyms from TABLE are what a copy is for.""")
plain.slip("""keys-only
    - for others in TABLE.values():
    -     known = known | others
    You allowed the keys of TABLE and not what stands behind them. The synonyms are what comes in.""")
plain.slip("""negators-not-counted
    - if any(copy.count(word) < tokens.count(word) for word in NEGATORS):
    -     return False
    You never asked for the negators. A copy that lost its "not" has kept a label that is wrong.""")
plain.slip("""negators-there-or-not
    - if any(copy.count(word) < tokens.count(word) for word in NEGATORS):
    + if any(word in tokens and word not in copy for word in NEGATORS):
    You asked whether each negator is still there. One that stands twice may have gone once: count.""")
plain.slip("""not-only
    - if any(copy.count(word) < tokens.count(word) for word in NEGATORS):
    + if any(copy.count(word) < tokens.count(word) for word in ["not"]):
    You counted "not" only. "no" and "never" turn a sentence round as well.""")
plain.slip("""negators-in-their-places
    - if any(copy.count(word) < tokens.count(word) for word in NEGATORS):
    + if [w for w in zip(copy, tokens) if w[0] != w[1] and w[1] in NEGATORS]:
    You demanded that each negator stays in its place. It has to be there, wherever it stands: words
    before it may come or go.""")
plain.slip("""turned-round
    - return differs
    + return not differs
    - if len(copy) == 0:
    -     return False
    + if len(copy) == 0:
    +     return True
    - if given != tokens:
    -     return False
    + if given != tokens:
    +     return True
    - if copy != again:
    -     return False
    + if copy != again:
    +     return True
    - if not set(copy) <= known | set(tokens):
    -     return False
    + if not set(copy) <= known | set(tokens):
    +     return True
    - if any(copy.count(word) < tokens.count(word) for word in NEGATORS):
    -     return False
    + if any(copy.count(word) < tokens.count(word) for word in NEGATORS):
    +     return True
    Your test says True of functions that break a promise, and False of those that keep all. True is for
    these.""")


for line, reason in (
    (
        'texts = "film", "zum", "not never", "a dull plot , no story", "no , not a good zum , not bad"',
        "Any few sentences will do that are short and long, with negators and without.",
    ),
    ("for seed in range(30):", "Any seeds will do, if they are many."),
):
    exercise.allow_mutant(line=line, reason=reason)
for after, reason in (
    (
        "copy, again = (fn(own, np.random.default_rng(seed)) for own in (tokens.copy(), given))",
        "Which of the two lists is looked at afterwards is no matter.",
    ),
    (
        "kept = -all(copy.count(word) == tokens.count(word) for word in NEGATORS)",
        "Minus one counts as true, like one.",
    ),
    ('copies.add((" ".join(copy), " ".join(tokens)))', "Only how many pairs differ is counted."),
    (
        'copies.add((" ", " ".join(copy)))',
        "The copies that a function makes of one sentence are seldom those of another.",
    ),
):
    exercise.allow_mutant(after=after, reason=reason)
