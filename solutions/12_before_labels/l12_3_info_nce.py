import numpy as np

from autograder.authoring import Check, Exercise, call, every_layout, normal

exercise = Exercise(
    "Contrast",
    solve="info_nce",
    difficulty=3,
    importance=4,
    minutes=15,
    hints="""Make the table of B × B cosines first. Where in it stand the pairs that belong together?
    What does a row of the table ask, and what a column?

    Rows of length 1: divide by `np.linalg.norm(…, axis=1, keepdims=True)`. Then `a_BD @ b_BD.T` holds
    all cosines, and divided by tau they are logits. For each row, −log of the softmax at the
    diagonal; the same for each column, which is a row of the transposed table.

    `e_BB = z_BB - z_BB.max(axis=1, keepdims=True)`, and the loss of all rows is
    `np.log(np.exp(e_BB).sum(axis=1)) - np.diag(e_BB)`. Write it as a function of z, call it with z
    and with z.T, and return the mean of both means.""",
)


@exercise.checks
def checks(rng):
    def close(B: int, D: int, apart: float = 0.8) -> tuple[np.ndarray, np.ndarray]:
        """Pairs that are alike, of lengths that differ."""
        a_BD = normal(rng, B, D)
        b_BD = a_BD + normal(rng, B, D, scale=apart)
        lengths_B1 = np.round(rng.uniform(0.4, 3.0, (B, 1)), 1)
        return a_BD, np.round(b_BD * lengths_B1, 3)

    def astray(B: int, D: int) -> tuple[np.ndarray, np.ndarray]:
        """All alike, but for one row of a, which is turned round."""
        along_D = normal(rng, D) + rng.choice([-1.0, 1.0], D)
        a_BD, b_BD = along_D + normal(rng, B, D, scale=0.2), along_D + normal(rng, B, D, scale=0.2)
        a_BD[rng.integers(B)] *= -1
        return np.round(a_BD, 2), np.round(b_BD, 2)

    a_BD = np.array([[1.0, 0.0], [0.0, 2.0]])
    yield Check(
        "two pairs",
        call(a_BD, np.array([[3.0, 0.0], [0.0, 1.0]]), 1.0),
        call(a_BD, np.array([[0.6, 0.8], [-4.0, 3.0]]), 0.5),
        call(normal(rng, 2, 3), normal(rng, 2, 3), 0.7),
        says="""The logits are cosines over tau: lengths don't count. A cosine of 1 at tau = 1 against
        one of 0 costs log(1 + 1/e) = 0.313.""",
    )
    yield Check(
        "each asks all of the other side",
        call(*close(3, 5), 0.5),
        call(*close(5, 3), 1.5),
        call(*close(7, 4, apart=2.0), 0.3),
        says="""Row i of a asks for row i of b among all rows of b, its own included; then row i of b
        asks for row i of a. The result is the mean of both means.""",
        points=2,
    )
    yield Check(
        "other lengths, the same cosines",
        call(np.array([[8.0, 6.0], [0.0, 0.1]]), np.array([[0.3, 0.4], [-20.0, 15.0]]), 0.5),
        call(*(np.round(rng.uniform(1, 50, (4, 1)), 1) * each for each in close(4, 6)), 0.4),
        call(*(0.01 * each for each in close(5, 4)), 2.0),
        says="Only directions count: a vector ten times as long is the same vector.",
    )
    yield Check(
        "a tiny tau, and a single pair",
        call(*close(4, 6), 0.001),
        call(*astray(6, 3), 0.001),
        call(*close(1, 4), 0.1),
        call(*close(5, 7, apart=3.0), 0.01),
        says="""At tau = 0.001 logits reach ±1000, and exp(1000) is too large a number. In a batch of
        one pair there is nothing to confuse it with: the loss is 0.""",
    )
    yield Check(
        "any arrays, left alone",
        *every_layout(call(*close(4, 7), 0.6)),
        says="The vectors are needed for the gradient.",
        judges="inputs untouched",
    )


@exercise.right("a loop over both sides")
def a_loop_over_both_sides(a_BD, b_BD, tau):
    def cosine(x, y):
        return float(np.dot(x, y)) / float(np.sqrt(np.dot(x, x)) * np.sqrt(np.dot(y, y)))

    B, total = len(a_BD), 0.0
    for one, other in ((a_BD, b_BD), (b_BD, a_BD)):
        for i in range(B):
            z = np.array([cosine(one[i].astype(float), other[j].astype(float)) for j in range(B)])
            z = z / tau
            total += z.max() + np.log(np.exp(z - z.max()).sum()) - z[i]
    return total / (2 * B)


@exercise.right("logaddexp along both axes")
def by_logaddexp(a_BD, b_BD, tau):
    top_BB = np.einsum("id,jd->ij", a_BD, b_BD)
    lengths = np.outer(np.sqrt((a_BD**2).sum(1)), np.sqrt((b_BD**2).sum(1)))
    z_BB = top_BB / (tau * lengths)
    rows, columns = np.logaddexp.reduce(z_BB, axis=1), np.logaddexp.reduce(z_BB, axis=0)
    return np.mean(0.5 * (rows + columns) - z_BB.diagonal())


@exercise.right("log-softmax of a stack of both tables")
def a_stack_of_both(a_BD, b_BD, tau):
    a = a_BD / np.sqrt(np.square(a_BD).sum(axis=-1))[:, None]
    b = b_BD / np.sqrt(np.square(b_BD).sum(axis=-1))[:, None]
    z = (a / tau) @ b.T
    both = np.stack([z, z.T])
    both = both - both.max(axis=-1, keepdims=True)
    logp = both - np.log(np.exp(both).sum(axis=-1, keepdims=True))
    return -np.mean([np.trace(each) / len(z) for each in logp])


LAST = "Of two axes, 1 is the last one."
for name in ("a_BD", "b_BD"):
    exercise.allow_mutant(
        after=f"{name} = {name} / np.linalg.norm({name}, axis=-1, keepdims=True)", reason=LAST
    )
for after, reason in (
    ("e_BB = z_BB - z_BB.max(axis=-1, keepdims=True)", LAST),
    ("return (np.log(np.exp(e_BB).sum(axis=-1)) - np.diag(e_BB)).mean()", LAST),
    (
        "return (np.log(np.exp(e_BB).sum(axis=1)) - np.diag(e_BB.T)).mean()",
        "A table turned round has the same diagonal.",
    ),
):
    exercise.allow_mutant(after=after, reason=reason)


@exercise.plain
def plain(a_BD, b_BD, tau):
    a = a_BD / np.linalg.norm(a_BD, axis=1, keepdims=True)
    b = b_BD / np.linalg.norm(b_BD, axis=1, keepdims=True)
    z = a @ b.T / tau
    losses = []
    for logits in (z, z.T):
        logits = logits - logits.max(axis=1, keepdims=True)
        total = np.exp(logits).sum(axis=1)
        losses.append(np.mean(np.log(total) - np.diag(logits)))
    return (losses[0] + losses[1]) / 2


plain.slip("""not-normalised
    - a = a_BD / np.linalg.norm(a_BD, axis=1, keepdims=True)
    - b = b_BD / np.linalg.norm(b_BD, axis=1, keepdims=True)
    + a, b = a_BD, b_BD
    You took dot products for cosines. Then a long vector is like everything: divide each row by its
    length first.""")
plain.slip("""one-side-normalised
    - b = b_BD / np.linalg.norm(b_BD, axis=1, keepdims=True)
    + b = b_BD
    You gave the rows of a length 1, and not those of b. A cosine needs both.""")
plain.slip("""normalised-by-coordinate
    - a = a_BD / np.linalg.norm(a_BD, axis=1, keepdims=True)
    - b = b_BD / np.linalg.norm(b_BD, axis=1, keepdims=True)
    + a = a_BD / np.linalg.norm(a_BD, axis=0, keepdims=True)
    + b = b_BD / np.linalg.norm(b_BD, axis=0, keepdims=True)
    You gave each coordinate length 1 over the batch. It is each vector, a row, whose length is to be
    1.""")
plain.slip("""divided-by-the-squared-length
    - a = a_BD / np.linalg.norm(a_BD, axis=1, keepdims=True)
    - b = b_BD / np.linalg.norm(b_BD, axis=1, keepdims=True)
    + a = a_BD / (a_BD**2).sum(axis=1, keepdims=True)
    + b = b_BD / (b_BD**2).sum(axis=1, keepdims=True)
    You divided by the squared length of each vector. Take the root: only then has it length 1.""")
plain.slip("""times-tau
    - z = a @ b.T / tau
    + z = a @ b.T * tau
    You multiplied by tau. A low temperature makes differences larger: divide.""")
plain.slip("""tau-forgotten
    - z = a @ b.T / tau
    + z = a @ b.T
    You forgot tau. Cosines lie between −1 and 1: without a temperature the softmax can hardly be sure
    of anything.""")
plain.slip("""a-asks-b-only
    - return (losses[0] + losses[1]) / 2
    + return losses[0]
    You let a ask b, and not b ask a. Each row and each column of the table is a question.""")
plain.slip("""b-asks-a-only
    - return (losses[0] + losses[1]) / 2
    + return losses[1]
    You let b ask a, and not a ask b. Each row and each column of the table is a question.""")
plain.slip("""both-directions-added
    - return (losses[0] + losses[1]) / 2
    + return losses[0] + losses[1]
    You added the two directions. Their mean is asked for.""")
plain.slip("""own-pair-left-out
    - total = np.exp(logits).sum(axis=1)
    + total = np.exp(logits).sum(axis=1) - np.exp(np.diag(logits))
    You left the right one out of the sum. It is one of those to choose from: a softmax has it below
    the line as well as above.""")
plain.slip("""sum-for-mean
    - losses.append(np.mean(np.log(total) - np.diag(logits)))
    + losses.append(np.sum(np.log(total) - np.diag(logits)))
    You added up over the batch. The mean over the pairs is asked for.""")
plain.slip("""overflow
    - logits = logits - logits.max(axis=1, keepdims=True)
    At a small tau exp overflows. Take each row's largest logit off first: the softmax stays the
    same.""")
plain.slip("""one-largest-for-all
    - logits = logits - logits.max(axis=1, keepdims=True)
    + logits = logits - logits.max()
    You took the largest logit of the whole table off every row. In rows far below it all exp become
    0, and the logarithm of 0 is −∞: each row needs its own.""")
plain.slip("""one-softmax-for-the-table
    - total = np.exp(logits).sum(axis=1)
    + logits = logits - logits.max()
    + total = np.exp(logits).sum()
    You made one softmax of the whole table. Each row is a question of its own, with B answers to
    choose from.""")
plain.slip("""own-side-among-the-answers
    - logits = logits - logits.max(axis=1, keepdims=True)
    - total = np.exp(logits).sum(axis=1)
    + own = (a @ a.T if logits is z else b @ b.T) / tau
    + own = np.where(np.eye(len(own), dtype=bool), -np.inf, own)
    + largest = np.maximum(logits.max(axis=1), own.max(axis=1))[:, None]
    + logits = logits - largest
    + total = np.exp(logits).sum(axis=1) + np.exp(own - largest).sum(axis=1)
    You let the other vectors of the same side compete as well, 2B − 1 in all, as SimCLR does. Here a
    row of a chooses among the rows of b alone.""")
plain.slip("""sign
    - return (losses[0] + losses[1]) / 2
    + return -(losses[0] + losses[1]) / 2
    Your sign is turned round: you returned the mean of log p. A loss is the smaller the better.""")
plain.slip("""in-bits
    - return (losses[0] + losses[1]) / 2
    + return (losses[0] + losses[1]) / 2 / np.log(2)
    You took the logarithm to base 2. The natural one is asked for.""")
plain.slip("""probability-for-logarithm
    - losses.append(np.mean(np.log(total) - np.diag(logits)))
    + losses.append(np.mean(1 - np.exp(np.diag(logits)) / total))
    You took 1 − p for −log p. Then a hopeless mistake costs hardly more than a small one.""")
plain.slip("""distances-for-cosines
    - z = a @ b.T / tau
    + z = -((a[:, None] - b) ** 2).sum(axis=2) / tau
    You took squared distances. Of vectors of length 1 these are 2 − 2 · cosine, so your logits are
    twice as far apart.""")
plain.slip("""likeliest-for-own
    - losses.append(np.mean(np.log(total) - np.diag(logits)))
    + losses.append(np.mean(np.log(total) - logits.max(axis=1)))
    You took the largest logit of each row as the right one. The right one is on the diagonal, whether
    or not it is the largest.""")
plain.slip("""changes-the-vectors
    - a = a_BD / np.linalg.norm(a_BD, axis=1, keepdims=True)
    + a = a_BD
    + a /= np.linalg.norm(a_BD, axis=1, keepdims=True)
    The loss is right, but `/=` wrote into the caller's vectors. Put the result into a new array.""")
