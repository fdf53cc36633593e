import numpy as np

from autograder.authoring import Exercise

from .span_cases import of_best_span, of_extract

exercise = Exercise(
    "Spans and summaries",
    solve=("best_span", "extract"),
    difficulty=3,
    importance=4,
    minutes=18,
    hints="""Take a text of four words and write down all spans of at most two words: which pairs (i, j)
    are they? Why isn't it enough to look for the best beginning and the best end, each on its own? And
    for the summary: two things are done one after the other, choosing and putting in order.

    A table (S, S) holds the sums for all pairs of a beginning and an end. Only a band of it counts:
    0 ≤ j − i < max_len, and both in the mask; set all else to −∞. Where is the largest number of each
    table? For the summary go through the sentences by falling score and keep count of the words that
    are left; one that is too long leaves the count as it is.

    `start_BS[:, :, None] + end_BS[:, None, :]` is (B, S, S). With `i = np.arange(S)[:, None]`, `j =
    np.arange(S)`: `np.where((j >= i) & (j < i + max_len) & mask_BS[:, :, None] & mask_BS[:, None, :], …,
    -np.inf)`. Reshaped to (B, S·S), `argmax(axis=1)` gives i·S + j, and `np.divmod(…, S)` both; rows that
    keep nothing get −1 by `np.where(mask_BS.any(axis=1), …, -1)`. In `extract` go through `np.argsort(
    -score_N, kind="stable")`, and `sorted` at the end.""",
)


@exercise.checks
def checks(rng):
    (fresh,) = rng.spawn(1)
    yield from of_best_span(rng, fresh)
    yield from of_extract(rng, fresh)


span, summary = exercise.of("best_span"), exercise.of("extract")


@span.right("best_span: two loops over each text")
def two_loops(start_BS, end_BS, mask_BS, max_len):
    B, S = start_BS.shape
    i_B, j_B = np.full((2, B), -1)
    for b in range(B):
        best = -np.inf
        for i in range(S):
            for j in range(i, min(S, i + max_len)):
                here = float(start_BS[b, i]) + float(end_BS[b, j])
                if mask_BS[b, i] and mask_BS[b, j] and here > best:
                    best, i_B[b], j_B[b] = here, i, j
    return i_B, j_B


@span.right("best_span: a band of an upper triangle")
def a_band(start_BS, end_BS, mask_BS, max_len):
    S = mask_BS.shape[1]
    band_SS = np.triu(np.ones((S, S), bool)) & ~np.triu(np.ones((S, S), bool), k=max_len)
    start, end = (np.where(mask_BS, z, -np.inf) for z in (start_BS, end_BS))
    sum_BSS = np.where(band_SS, start[:, :, None] + end[:, None], -np.inf)
    i_B = sum_BSS.max(axis=2).argmax(axis=1)
    j_B = sum_BSS[np.arange(len(i_B)), i_B].argmax(axis=1)
    nothing = np.isneginf(sum_BSS).all(axis=(1, 2))
    i_B[nothing] = j_B[nothing] = -1
    return i_B, j_B


@span.right("best_span: one length after the other")
def one_length_after_the_other(start_BS, end_BS, mask_BS, max_len):
    B, S = np.shape(start_BS)
    rows, best_B = np.arange(B), np.full(B, -np.inf)
    i_B, j_B = np.full((2, B), -1, dtype=np.int64)
    for n in range(min(max_len, S)):
        z = np.asarray(start_BS[:, : S - n], float) + end_BS[:, n:]
        z[~(mask_BS[:, : S - n] & mask_BS[:, n:])] = -np.inf
        at = z.argmax(axis=1)
        better = z[rows, at] > best_B
        best_B = np.where(better, z[rows, at], best_B)
        i_B, j_B = np.where(better, at, i_B), np.where(better, at + n, j_B)
    return i_B, j_B


@span.right("best_span: for each end the best beginning within reach")
def best_beginning_within_reach(start_BS, end_BS, mask_BS, max_len):
    spans = []
    for start_S, end_S, mask_S in zip(start_BS, end_BS, mask_BS, strict=True):
        found = [(0.0, -1, -1)]
        kept = np.flatnonzero(mask_S)
        if len(kept):
            found = []
            for j in kept:
                first = max(kept[0], j - max_len + 1)
                i = first + np.argmax(start_S[first : j + 1])
                found.append((start_S[i] + end_S[j], i, j))
        spans.append(max(found)[1:])
    i_B, j_B = np.array(spans).T
    return i_B, j_B


@summary.right("extract: sorted with a key, places in a set")
def sorted_with_a_key(score_N, words_N, budget):
    taken = set()
    for n in sorted(range(len(score_N)), key=lambda n: (-score_N[n], n)):
        if sum(words_N[m] for m in taken) + words_N[n] <= budget:
            taken.add(n)
    return [n for n in range(len(score_N)) if n in taken]


@summary.right("extract: the best that still fits, again and again")
def the_best_that_still_fits(score_N, words_N, budget):
    taken = np.zeros(len(score_N), bool)
    while True:
        fits = ~taken & (words_N <= budget - words_N[taken].sum())
        if not fits.any():
            return np.flatnonzero(taken).tolist()
        taken[np.argmax(np.where(fits, score_N, -np.inf))] = True


@summary.right("extract: lexsort")
def with_lexsort(score_N, words_N, budget):
    used, chosen = 0, []
    for n in np.lexsort((np.arange(len(score_N)), -np.asarray(score_N))):
        if used + words_N[n] > budget:
            continue
        used += words_N[n]
        chosen.append(n)
    return list(np.sort(chosen).astype(int))


for after, reason in (
    ("B, S = end_BS.shape", "All three are of one shape."),
    ("B, S = mask_BS.shape", "All three are of one shape."),
    (
        "i_B, j_B = np.divmod(sum_BIJ.reshape(B, S * S).argmax(axis=-1), S)",
        "Of two axes, 1 is the last one.",
    ),
    ("some_B = mask_BS.any(axis=-1)", "Of two axes, 1 is the last one."),
    ("taken.append(n)", "A list may hold NumPy's whole numbers."),
):
    exercise.allow_mutant(after=after, reason=reason)


@span.plain
def plain_span(start_BS, end_BS, mask_BS, max_len):
    i_B, j_B = [], []
    for start, end, mask in zip(start_BS, end_BS, mask_BS, strict=True):
        best, span = -np.inf, (-1, -1)
        for i in range(len(mask)):
            for j in range(i, min(i + max_len, len(mask))):
                if mask[i] and mask[j] and start[i] + end[j] > best:
                    best, span = start[i] + end[j], (i, j)
        i_B.append(span[0])
        j_B.append(span[1])
    return np.array(i_B), np.array(j_B)


@span.wrong
def span_separate_argmax(start_BS, end_BS, mask_BS, max_len):
    """You took the best beginning and the best end, each on its own. Together they may be no span at all:
    the end before the beginning, or far too long. Compare sums, of all pairs that are allowed."""
    start, end = (np.where(mask_BS, z, -np.inf) for z in (start_BS, end_BS))
    some_B = mask_BS.any(axis=1)
    return np.where(some_B, start.argmax(axis=1), -1), np.where(some_B, end.argmax(axis=1), -1)


@span.wrong
def span_beginning_first(start_BS, end_BS, mask_BS, max_len):
    """You chose the best beginning first, and then the best end for it. Another beginning, a little worse,
    may have a far better end within reach: compare the sums of all pairs."""
    S = mask_BS.shape[1]
    i_B = np.where(mask_BS, start_BS, -np.inf).argmax(axis=1)
    away = np.arange(S) - i_B[:, None]
    fits = mask_BS & (away >= 0) & (away < max_len)
    j_B = np.where(fits, end_BS, -np.inf).argmax(axis=1)
    some_B = mask_BS.any(axis=1)
    return np.where(some_B, i_B, -1), np.where(some_B, j_B, -1)


@span.wrong
def span_end_first(start_BS, end_BS, mask_BS, max_len):
    """You chose the best end first, and then the best beginning for it. Another end, a little worse, may
    have a far better beginning within reach: compare the sums of all pairs."""
    S = mask_BS.shape[1]
    j_B = np.where(mask_BS, end_BS, -np.inf).argmax(axis=1)
    away = j_B[:, None] - np.arange(S)
    fits = mask_BS & (away >= 0) & (away < max_len)
    i_B = np.where(fits, start_BS, -np.inf).argmax(axis=1)
    some_B = mask_BS.any(axis=1)
    return np.where(some_B, i_B, -1), np.where(some_B, j_B, -1)


plain_span.slip("""span-ends-before-it-begins
    - for j in range(i, min(i + max_len, len(mask))):
    + for j in range(min(i + max_len, len(mask))):
    Some of your spans end before they begin. The first word stands in front of the last one, or is the
    same: i ≤ j.""")
plain_span.slip("""span-never-one-word
    - for j in range(i, min(i + max_len, len(mask))):
    + for j in range(i + 1, min(i + max_len, len(mask))):
    None of your spans is of one word. An answer may be a single word, and then i and j are the same.""")
plain_span.slip("""span-one-word-too-long
    - for j in range(i, min(i + max_len, len(mask))):
    + for j in range(i, min(i + max_len + 1, len(mask))):
    Your spans may have one word more than max_len. From i to j, both included, there are j − i + 1
    words.""")
plain_span.slip("""span-one-word-too-short
    - for j in range(i, min(i + max_len, len(mask))):
    + for j in range(i, min(i + max(max_len - 1, 1), len(mask))):
    Your spans have one word less than they may have. From i to j, both included, there are j − i + 1
    words, and max_len of them are allowed.""")
plain_span.slip("""span-any-length
    - for j in range(i, min(i + max_len, len(mask))):
    + for j in range(i, len(mask)):
    You never look at max_len. An answer has at most so many words, however good a longer one would be.""")
plain_span.slip("""span-exactly-max-len
    - for j in range(i, min(i + max_len, len(mask))):
    + for j in [min(i + max_len, len(mask)) - 1]:
    All your spans have max_len words, or end with the text. That is the most that they may have: shorter
    ones compete as well.""")
plain_span.slip("""span-mask-ignored
    - if mask[i] and mask[j] and start[i] + end[j] > best:
    + if start[i] + end[j] > best:
    You chose words that are hidden: the question in front of the text, or pads behind it. The answer
    stands where the mask is True.""")
plain_span.slip("""span-end-not-masked
    - if mask[i] and mask[j] and start[i] + end[j] > best:
    + if mask[i] and start[i] + end[j] > best:
    Your spans begin in the text and may end behind it, among the pads. Both ends have to lie in the
    mask.""")
plain_span.slip("""span-beginning-not-masked
    - if mask[i] and mask[j] and start[i] + end[j] > best:
    + if mask[j] and start[i] + end[j] > best:
    Your spans end in the text and may begin in front of it. Both ends have to lie in the mask.""")
plain_span.slip("""span-mask-inverted
    - if mask[i] and mask[j] and start[i] + end[j] > best:
    + if not mask[i] and not mask[j] and start[i] + end[j] > best:
    You read the mask the wrong way round. True is where the answer may stand.""")


@span.wrong
def span_hidden_logits_0(start_BS, end_BS, mask_BS, max_len):
    """You set the logits of hidden words to 0. Where all others are negative, 0 is the highest: a hidden
    word must not be chosen whatever the others are."""
    S = mask_BS.shape[1]
    i, j = np.arange(S)[:, None], np.arange(S)
    z = (start_BS * mask_BS)[:, :, None] + (end_BS * mask_BS)[:, None, :]
    z = np.where((j >= i) & (j < i + max_len), z, -np.inf)
    best_B = z.reshape(len(z), -1).argmax(axis=1)
    return np.where(mask_BS.any(1), best_B // S, -1), np.where(mask_BS.any(1), best_B % S, -1)


plain_span.slip("""span-only-above-0
    - best, span = -np.inf, (-1, -1)
    + best, span = 0.0, (-1, -1)
    You only look for sums above 0. All logits of a text may be negative, and one span is still the
    best.""")
plain_span.slip("""span-nothing-gives-0
    - best, span = -np.inf, (-1, -1)
    + best, span = -np.inf, (0, 0)
    Where no word may be chosen you return 0, as an argmax does when all is −∞. That would be the first word,
    which is hidden: agreed is −1 and −1.""")


@span.wrong
def span_hidden_by_a_billion(start_BS, end_BS, mask_BS, max_len):
    """If all you do to hidden logits is to take a billion away, one of them is still the highest where no word
    may be chosen. Such a row gives −1 and −1."""
    S = mask_BS.shape[1]
    i, j = np.arange(S)[:, None], np.arange(S)
    z = (start_BS - 1e9 * ~mask_BS)[:, :, None] + (end_BS - 1e9 * ~mask_BS)[:, None, :]
    z = np.where((j >= i) & (j < i + max_len), z, -np.inf)
    return np.divmod(z.reshape(len(z), -1).argmax(axis=1), S)


plain_span.slip("""span-start-and-end-exchanged
    - for start, end, mask in zip(start_BS, end_BS, mask_BS, strict=True):
    + for end, start, mask in zip(start_BS, end_BS, mask_BS, strict=True):
    You took the logits of the last word for those of the first, and the other way round.""")
plain_span.slip("""span-end-not-included
    - best, span = start[i] + end[j], (i, j)
    + best, span = start[i] + end[j], (i, j + 1)
    You return the place behind the last word, as a slice would want it. Agreed is the last word
    itself.""")
plain_span.slip("""span-length-for-end
    - best, span = start[i] + end[j], (i, j)
    + best, span = start[i] + end[j], (i, j - i)
    Your second number counts from the beginning of the span. Asked for is the place in the text.""")
plain_span.slip("""span-the-two-exchanged
    - return np.array(i_B), np.array(j_B)
    + return np.array(j_B), np.array(i_B)
    You return the last words first. The beginnings come first, then the ends.""")
plain_span.slip("""span-larger-of-the-two
    - if mask[i] and mask[j] and start[i] + end[j] > best:
    -     best, span = start[i] + end[j], (i, j)
    + if mask[i] and mask[j] and max(start[i], end[j]) > best:
    +     best, span = max(start[i], end[j]), (i, j)
    You compared the larger one of the two logits. Beginning and end both count: their sum.""")
plain_span.slip("""span-product-of-logits
    - if mask[i] and mask[j] and start[i] + end[j] > best:
    -     best, span = start[i] + end[j], (i, j)
    + if mask[i] and mask[j] and start[i] * end[j] > best:
    +     best, span = start[i] * end[j], (i, j)
    You multiplied logits. Two that speak strongly against a span then speak for it: add them.""")


@span.wrong
def span_product_of_probabilities(start_BS, end_BS, mask_BS, max_len):
    """You multiplied probabilities. For small logits that is the same, and with large ones all but one
    probability are 0, and so are the products: add the logits."""

    def softmax(z):
        e = np.exp(z - z.max(axis=1, keepdims=True))
        return e / e.sum(axis=1, keepdims=True)

    S = mask_BS.shape[1]
    i, j = np.arange(S)[:, None], np.arange(S)
    fits = (j >= i) & (j < i + max_len) & mask_BS[:, :, None] & mask_BS[:, None, :]
    p = softmax(start_BS)[:, :, None] * softmax(end_BS)[:, None, :] * fits
    best_B = p.reshape(len(p), -1).argmax(axis=1)
    return np.where(mask_BS.any(1), best_B // S, -1), np.where(mask_BS.any(1), best_B % S, -1)


plain_span.slip("""span-mean-of-all-words
    - if mask[i] and mask[j] and start[i] + end[j] > best:
    -     best, span = start[i] + end[j], (i, j)
    + here = (start[i] + end[j]) / (j - i + 1)
    + if mask[i] and mask[j] and here > best:
    +     best, span = here, (i, j)
    You divided by the number of words. No span is better for being short: the sum decides.""")


@span.wrong
def span_of_the_whole_batch(start_BS, end_BS, mask_BS, max_len):
    """You looked for one span in the whole batch, and gave it to every row. Each text has an answer of its
    own."""
    S = mask_BS.shape[1]
    i, j = np.arange(S)[:, None], np.arange(S)
    fits = (j >= i) & (j < i + max_len) & mask_BS[:, :, None] & mask_BS[:, None, :]
    z = np.where(fits, start_BS[:, :, None] + end_BS[:, None, :], -np.inf)
    i, j = np.divmod(z.argmax() % (S * S), S)
    return np.where(mask_BS.any(1), i, -1), np.where(mask_BS.any(1), j, -1)


plain_span.slip("""span-as-floats
    - return np.array(i_B), np.array(j_B)
    + return np.array(i_B, float), np.array(j_B, float)
    Your places are right, but they are floats. A place is a whole number: text[2.0] is an error.""")


@summary.plain
def plain_summary(score_N, words_N, budget):
    order = np.argsort(-score_N, kind="stable")
    taken = []
    used = 0
    for n in order:
        if used + words_N[n] <= budget:
            used += words_N[n]
            taken.append(int(n))
    return sorted(taken)


plain_summary.slip("""summary-order-lost
    - return sorted(taken)
    + return taken
    Your sentences come by score. A summary is read from the beginning: put them into the order of the
    text.""")
plain_summary.slip("""summary-stops-too-early
    - if used + words_N[n] <= budget:
    -     used += words_N[n]
    -     taken.append(int(n))
    + if used + words_N[n] > budget:
    +     break
    + used += words_N[n]
    + taken.append(int(n))
    You stop at the first sentence that doesn't fit, or count the words of those that you skip. A shorter
    one that comes later may still fit: skip, and go on.""")
plain_summary.slip("""summary-one-too-many
    - if used + words_N[n] <= budget:
    + if used < budget:
    Your summary is longer than the budget: you ask whether anything is left, not whether the sentence
    fits.""")
plain_summary.slip("""summary-score-per-word
    - order = np.argsort(-score_N, kind="stable")
    + order = np.argsort(-score_N / words_N, kind="stable")
    You sorted by score per word, which prefers short sentences. The score alone decides who comes first.""")
plain_summary.slip("""summary-score-times-words
    - order = np.argsort(-score_N, kind="stable")
    + order = np.argsort(-score_N * words_N, kind="stable")
    You sorted by score times words, which prefers long sentences. The score alone decides who comes
    first.""")
plain_summary.slip("""summary-worst-first
    - order = np.argsort(-score_N, kind="stable")
    + order = np.argsort(score_N, kind="stable")
    You begin with the lowest scores. The highest come first.""")
plain_summary.slip("""summary-later-one-first
    - order = np.argsort(-score_N, kind="stable")
    + order = np.argsort(score_N, kind="stable")[::-1]
    Of equal scores you take the later one first. Agreed is the earlier one: if you turn an order round,
    equal ones are turned round, too.""")
plain_summary.slip("""summary-by-size-of-score
    - order = np.argsort(-score_N, kind="stable")
    + order = np.argsort(-np.abs(score_N), kind="stable")
    You dropped the signs of the scores. A score far below 0 says that the sentence matters little.""")
plain_summary.slip("""summary-from-the-beginning
    - order = np.argsort(-score_N, kind="stable")
    + order = np.arange(len(score_N))
    You went through the text from its beginning, whatever the scores are. Go through it by falling score,
    and put in order what was taken.""")
plain_summary.slip("""summary-shortest-first
    - order = np.argsort(-score_N, kind="stable")
    + order = np.argsort(words_N, kind="stable")
    You took the shortest sentences first. It is the score that decides.""")
plain_summary.slip("""summary-full-is-too-full
    - if used + words_N[n] <= budget:
    + if used + words_N[n] < budget:
    You leave a sentence out that would fill the budget to the last word. It still fits.""")
plain_summary.slip("""summary-nothing-below-0
    - if used + words_N[n] <= budget:
    + if used + words_N[n] <= budget and score_N[n] > 0:
    You leave out sentences with a score of 0 or less. As long as they fit, they are taken like others.""")
plain_summary.slip("""summary-budget-of-sentences
    - if used + words_N[n] <= budget:
    -     used += words_N[n]
    -     taken.append(int(n))
    + if len(taken) < budget:
    +     taken.append(int(n))
    You took the budget for a number of sentences. It is a number of words.""")
plain_summary.slip("""summary-each-alone
    - if used + words_N[n] <= budget:
    + if words_N[n] <= budget:
    You ask of each sentence whether it would fit alone. Those that are taken already need their room, too.""")


@summary.wrong
def summary_highest_total(score_N, words_N, budget):
    """You looked for the sentences whose scores add up to the most. That is another problem, the knapsack:
    here the highest score comes first, whatever it leaves room for."""
    best = {0: (0.0, [])}
    for n in range(len(score_N)):
        for used, (total, taken) in list(best.items()):
            more = used + int(words_N[n])
            if more <= budget and total + score_N[n] > best.get(more, (-np.inf, None))[0]:
                best[more] = (total + score_N[n], [*taken, n])
    return max(best.values(), key=lambda found: (found[0], -len(found[1])))[1]


plain_summary.slip("""summary-as-a-mask
    - return sorted(taken)
    + return [n in taken for n in range(len(score_N))]
    You return a True or False for each sentence. Asked for are the indices of those that are taken.""")
plain_summary.slip("""summary-scores-returned
    - return sorted(taken)
    + return [float(score_N[n]) for n in sorted(taken)]
    You return the scores of the sentences that are taken. Asked for are their indices.""")
plain_summary.slip("""summary-counted-from-1
    - return sorted(taken)
    + return [n + 1 for n in sorted(taken)]
    You count sentences from 1. In Python the first one is number 0.""")
plain_summary.slip("""summary-as-floats
    - taken.append(int(n))
    + taken.append(float(n))
    Your indices are floats. They are whole numbers: text[2.0] is an error.""")
