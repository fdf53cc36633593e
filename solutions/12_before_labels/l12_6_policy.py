"""The policy is judged by its numbers. The test that the learner writes is run on functions whose answer
is known: some look back only, or nowhere, and some look ahead, each in a way of its own."""

import numpy as np

from autograder.authoring import CallOf, Check, Exercise, call, lineup
from autograder.authoring.lineup import Kind

from . import lookers
from .policy_cases import of_the_policy

exercise = Exercise(
    "A policy with memory, and the test",
    solve=("policy", "check_no_future"),
    difficulty=4,
    importance=4,
    minutes=25,
    hints="""The policy is the causal attention of lesson 5 with a small head: which scores are −∞, and
    does a step see itself? For the test: what may you change about an episode so that the first
    three outputs must stay as they are, and what if they don't?

    Join what is read and what is seen along the last axis, the read first: K + D numbers for each
    step. For the test ask fn about an episode, then about the same with other numbers from step t
    on, for every t: the outputs before t are to be compared. Use several episodes at once, and
    changes as large as the numbers themselves.

    `np.tril(np.ones((T, T), bool))` is True where step t may see step s. `np.concatenate([o_BTK,
    x_BTD], axis=2) @ params["Wo"]`, then a softmax over the last axis. In the test, inside `try`: y =
    fn(x), `return False` unless `y.shape[:2]` is (B, T); for t from 1 to T − 1 a copy of x with new
    numbers in `[:, t:]`, and `return False` unless `np.allclose(fn(copy)[:, :t], y[:, :t],
    atol=1e-4)`.""",
)


@exercise.checks
def checks(rng):
    yield from of_the_policy(rng)
    yield from of_the_test(rng)


def of_the_test(rng):
    def tried(rights: list[Kind], wrongs: list[Kind]) -> list[CallOf]:
        return [call.check_no_future(*each.args) for each in lineup(rng, rights, wrongs)]

    yield Check(
        "test: ahead, if only by a step",
        *tried(
            [lookers.looking_back, lookers.no_memory, lookers.state],
            [
                lookers.both_ways,
                lookers.ahead,
                lookers.one_too_wide,
                lookers.one_step_on,
                lookers.next_step,
                lookers.sign_of_next,
                lookers.first_sees_second,
            ],
        ),
        says="""Whoever sees later steps gives other outputs when they change. A single step ahead is the
        future, too, also if only the first step sees it, or sees its sign alone.""",
        points=2,
    )
    yield Check(
        "test: whatever is made of the past",
        *tried(
            [
                lookers.mean_so_far,
                lookers.maximum_so_far,
                lookers.state,
                lookers.earlier_ones,
                lookers.first_step,
                lookers.knows_the_place,
                lookers.no_memory,
                lookers.constant,
            ],
            [
                lookers.mean_of_all,
                lookers.maximum_of_all,
                lookers.last_step,
                lookers.goes_round,
                lookers.from_the_end,
            ],
        ),
        says="""A function may use all of the past, a part of it, its order, or nothing at all: only the
        future is forbidden.""",
        points=2,
    )
    yield Check(
        "test: any step of any episode",
        *tried(
            [lookers.looking_back, lookers.never_quite],
            [lookers.in_blocks, lookers.late_blocks, lookers.other_episodes],
        ),
        says="Some look ahead at certain steps only, or in every episode but the first.",
        points=2,
    )
    yield Check(
        "test: by a side door, and only just",
        *tried(
            [lookers.never_quite, lookers.mean_so_far, lookers.in_float32],
            [lookers.cut_off_late, lookers.finite_penalty, lookers.normalised, lookers.faint],
        ),
        says="""The future also comes in through the sum of a softmax, a penalty that is no −∞, or a
        mean that is taken off. And however little it is: rounding in float32 changes the seventh digit,
        a glance ahead the third.""",
        points=2,
    )
    yield Check(
        "test: errors and odd shapes",
        *tried(
            [lookers.no_memory, lookers.mean_so_far], [lookers.stops, lookers.flat, lookers.one_row]
        ),
        says="A function that stops with an error, or gives another shape than (B, T, …), has not passed.",
    )


policy, test = exercise.of("policy"), exercise.of("check_no_future")


@policy.right("policy: a loop over steps")
def a_loop_over_steps(x_BTD, params):
    B, T, _ = x_BTD.shape
    p_BTC = np.zeros((B, T, params["Wo"].shape[1]))
    for b in range(B):
        for t in range(T):
            seen = x_BTD[b, : t + 1].astype(float)
            e = seen @ params["Wk"] @ (params["Wq"].T @ seen[-1]) / np.sqrt(params["Wq"].shape[1])
            w = np.exp(e - e.max())
            read = (w / w.sum()) @ (seen @ params["Wv"])
            z = np.concatenate([read, seen[-1]]) @ params["Wo"]
            p = np.exp(z - z.max())
            p_BTC[b, t] = p / p.sum()
    return p_BTC


@policy.right("policy: Wo in two parts, −1e9 for hidden scores")
def wo_in_two_parts(x_BTD, params):
    T, K = x_BTD.shape[1], params["Wq"].shape[1]
    q, k, v = (np.einsum("btd,dk->btk", x_BTD, params[n]) for n in ("Wq", "Wk", "Wv"))
    e = np.einsum("btk,bsk->bts", q / K**0.5, k)
    e = np.where(np.arange(T) > np.arange(T)[:, None], -1e9, e)
    w = np.exp(e - e.max(-1, keepdims=True))
    o = np.einsum("bts,bsk->btk", w / w.sum(-1, keepdims=True), v)
    z = o @ params["Wo"][:K] + x_BTD @ params["Wo"][K:]
    p = np.exp(z - z.max(-1, keepdims=True))
    return p / p.sum(-1, keepdims=True)


@policy.right("policy: cut off, then made to sum to 1")
def cut_off_then_made_to_sum_to_1(x_BTD, params):
    def masked_softmax(z, keep):
        e = np.exp(
            z - np.where(keep, z, -np.inf).max(axis=-1, keepdims=True), where=keep, out=0 * z
        )
        return e / e.sum(axis=-1, keepdims=True)

    q, k = x_BTD @ params["Wq"], x_BTD @ params["Wk"]
    e = q @ np.moveaxis(k, 1, 2) / np.sqrt(k.shape[-1])
    w = masked_softmax(e, np.tril(np.ones(e.shape, bool)))
    both = np.concatenate((w @ x_BTD @ params["Wv"], x_BTD), axis=-1)
    z = both @ params["Wo"]
    return masked_softmax(z, np.ones(z.shape, bool))


@test.right("test: cut off instead of changed")
def cut_off_instead(fn):
    x = np.random.default_rng(1).normal(size=(2, 9, 12))
    try:
        whole = fn(x.copy())
        if whole.shape[:2] != (2, 9):
            return False
        for T in range(1, 9):
            part = fn(x[:, :T].copy())
            if part.shape != (2, T, *whole.shape[2:]):
                return False
            if np.abs(part - whole[:, :T]).max() > 1e-4 * (1 + np.abs(whole).max()):
                return False
    except Exception:
        return False
    return True


@test.right("test: one step at a time, many episodes")
def one_step_at_a_time(fn):
    rng = np.random.default_rng(2)
    try:
        for B, T in ((1, 1), (2, 5), (4, 8), (3, 6)):
            x = rng.normal(size=(B, T, 6))
            y = np.array(fn(x.copy()))
            assert y.shape[:2] == (B, T)
            for s in range(1, T):
                for by in (3.0, -3.0):
                    other = x.copy()
                    other[:, s] += by * rng.uniform(0.5, 1.5, size=(B, 6))
                    np.testing.assert_allclose(fn(other)[:, :s], y[:, :s], rtol=1e-3, atol=1e-4)
    except Exception:
        return False
    return True


@test.right("test: two endings, in float32")
def two_endings(fn):
    rng = np.random.default_rng(3)
    x = rng.normal(size=(3, 7, 18)).astype(np.float32)
    try:
        for t in range(6, 0, -1):
            ends = rng.normal(scale=3, size=(2, 3, 7 - t, 18)).astype(np.float32)
            one, other = (fn(np.concatenate([x[:, :t], end], axis=1)) for end in ends)
            if one.shape[:2] != (3, 7) or one.shape != other.shape:
                return False
            if not (np.abs(one - other)[:, :t] <= 2e-4 * max(1, np.abs(one).max())).all():
                return False
        return True
    except Exception:
        return False


SAME = "Queries, keys and values are equally wide."
for after, reason in (
    (
        "e_BTS = np.where(np.tri(x_BTD.shape[1]), e_BTS, -np.inf)",
        "np.where takes numbers that aren't 0 for True.",
    ),
    (
        "e_BTS = q_BTK @ k_BTK.swapaxes(2, 1) / q_BTK.shape[2] ** 0.5",
        "Axes are swapped either way.",
    ),
    ("e_BTS = q_BTK @ k_BTK.swapaxes(1, 2) / k_BTK.shape[2] ** 0.5", SAME),
    ("e_BTS = q_BTK @ k_BTK.swapaxes(1, 2) / v_BTK.shape[2] ** 0.5", SAME),
    (
        "e = -np.exp(z - z.max(axis=-1, keepdims=True))",
        "A minus above the line and one below it cancel.",
    ),
    (
        'return softmax(np.concatenate([o_BTK, x_BTD], axis=-1) @ params["Wo"])',
        "Of three axes, 2 is the last one.",
    ),
):
    exercise.allow_mutant(after=after, reason=reason)
for line, reason in (
    (
        "x_BTD, other_BTD = np.random.default_rng(12).normal(size=(2, 3, 7, 6))",
        "Any few episodes of some steps will do.",
    ),
    (
        "for t in range(1, 7):",
        "A change from the first step on leaves nothing to compare; one of the last alone shows "
        "little more.",
    ),
    (
        "mixed_BTD = np.concatenate([x_BTD[:, :t], 2 * other_BTD[:, t:]], axis=1)",
        "Any change of what comes later will do that is large enough.",
    ),
    (
        "if not np.allclose(fn(mixed_BTD)[:, :t], y[:, :t], rtol=1e-4, atol=1e-4):",
        "Any tolerance between float32's seventh digit and the third will do.",
    ),
):
    exercise.allow_mutant(line=line, reason=reason)


@policy.plain
def plain_policy(x_BTD, params):
    q = x_BTD @ params["Wq"]
    k = x_BTD @ params["Wk"]
    v = x_BTD @ params["Wv"]
    T, K = q.shape[1:]
    e = q @ k.transpose(0, 2, 1) / np.sqrt(K)
    seen = np.tril(np.ones((T, T), bool))
    e = np.where(seen, e, -np.inf)
    w = np.exp(e - e.max(axis=2, keepdims=True))
    w = w / w.sum(axis=2, keepdims=True)
    o = w @ v
    z = np.concatenate([o, x_BTD], axis=2) @ params["Wo"]
    p = np.exp(z - z.max(axis=2, keepdims=True))
    return p / p.sum(axis=2, keepdims=True)


plain_policy.slip("""policy-sees-the-future
    - e = np.where(seen, e, -np.inf)
    You let every step see all of them. An agent that acts has not seen what comes next: hide the later
    steps.""")
plain_policy.slip("""policy-sees-the-future-only
    - seen = np.tril(np.ones((T, T), bool))
    + seen = np.triu(np.ones((T, T), bool))
    Your mask is turned round: a step sees itself and those behind it. It should see itself and those
    before it.""")
plain_policy.slip("""policy-one-step-ahead
    - seen = np.tril(np.ones((T, T), bool))
    + seen = np.tril(np.ones((T, T), bool), k=1)
    Your mask is one too wide: each step sees the next one.""")
plain_policy.slip("""policy-blind-to-the-present
    - seen = np.tril(np.ones((T, T), bool))
    + seen = np.tril(np.ones((T, T), bool), k=-1)
    Your steps don't see themselves. The first one then sees nobody, and a softmax over nothing is
    nan.""")
plain_policy.slip("""policy-nothing-for-the-present
    - seen = np.tril(np.ones((T, T), bool))
    + seen = np.tril(np.ones((T, T), bool), k=-1) | (np.eye(T, dtype=bool) & (np.arange(T) == 0))
    - o = w @ v
    + o = w @ v * (np.arange(T) > 0)[:, None]
    Your steps don't see themselves, and the first reads zeros. Each step sees itself and those before
    it.""")
plain_policy.slip("""policy-x-not-joined
    - z = np.concatenate([o, x_BTD], axis=2) @ params["Wo"]
    + z = o @ params["Wo"][:K]
    You decided by what was read alone. What is seen right now counts as well: join it behind the
    read.""")
plain_policy.slip("""policy-read-not-joined
    - z = np.concatenate([o, x_BTD], axis=2) @ params["Wo"]
    + z = x_BTD @ params["Wo"][K:]
    You decided by what is seen right now, and not by what was read. Without it there is no memory.""")
plain_policy.slip("""policy-x-in-front
    - z = np.concatenate([o, x_BTD], axis=2) @ params["Wo"]
    + z = np.concatenate([x_BTD, o], axis=2) @ params["Wo"]
    You joined x in front of what was read. The first K rows of Wo are for the read: it comes first.""")
plain_policy.slip("""policy-no-scale
    - e = q @ k.transpose(0, 2, 1) / np.sqrt(K)
    + e = q @ k.transpose(0, 2, 1)
    You didn't divide the scores by √K.""")
plain_policy.slip("""policy-scaled-by-D
    - e = q @ k.transpose(0, 2, 1) / np.sqrt(K)
    + e = q @ k.transpose(0, 2, 1) / np.sqrt(x_BTD.shape[2])
    You divided the scores by √D. It is the width of queries and keys that counts, K.""")
plain_policy.slip("""policy-scaled-without-root
    - e = q @ k.transpose(0, 2, 1) / np.sqrt(K)
    + e = q @ k.transpose(0, 2, 1) / K
    You divided the scores by K. Divide by its root.""")
plain_policy.slip("""policy-queries-and-keys-swapped
    - e = q @ k.transpose(0, 2, 1) / np.sqrt(K)
    + e = k @ q.transpose(0, 2, 1) / np.sqrt(K)
    Queries and keys have changed places. The present asks, Wq, and what was seen so far answers, Wk.""")
plain_policy.slip("""policy-keys-for-values
    - o = w @ v
    + o = w @ k
    You mixed keys. What is read are the values: Wv.""")
plain_policy.slip("""policy-weights-all-equal
    - e = np.where(seen, e, -np.inf)
    + e = np.where(seen, 0.0, -np.inf)
    You took the mean of all that was seen. That is a memory, too, but one in which the sign at the
    entrance gets lost among the others: the scores are to decide.""")
plain_policy.slip("""policy-hidden-scores-0
    - e = np.where(seen, e, -np.inf)
    + e = np.where(seen, e, 0.0)
    You set the hidden scores to 0. exp(0) is 1, so they get weights like others: a hidden score is
    −∞.""")
plain_policy.slip("""policy-hidden-after-the-softmax
    - e = np.where(seen, e, -np.inf)
    - w = np.exp(e - e.max(axis=2, keepdims=True))
    - w = w / w.sum(axis=2, keepdims=True)
    + w = np.exp(e - e.max(axis=2, keepdims=True))
    + w = w / w.sum(axis=2, keepdims=True) * seen
    You hid the later steps after the softmax. They are still in its sum, and the weights of what was
    seen don't add up to 1.""")
plain_policy.slip("""policy-softmax-over-queries
    - w = w / w.sum(axis=2, keepdims=True)
    + w = w / w.sum(axis=1, keepdims=True)
    Your weights sum to 1 over the steps that ask. For each asking step those that answer should sum
    to 1: the last axis.""")
plain_policy.slip("""policy-no-softmax-over-actions
    - p = np.exp(z - z.max(axis=2, keepdims=True))
    - return p / p.sum(axis=2, keepdims=True)
    + return z
    You returned logits. Make probabilities of them: a softmax over the actions.""")
plain_policy.slip("""policy-softmax-over-steps
    - return p / p.sum(axis=2, keepdims=True)
    + p = np.exp(z - z.max(axis=1, keepdims=True))
    + return p / p.sum(axis=1, keepdims=True)
    Your probabilities sum to 1 over the steps of an episode. At each step the actions compete: the
    last axis.""")
plain_policy.slip("""policy-log-probabilities
    - return p / p.sum(axis=2, keepdims=True)
    + return np.log(p / p.sum(axis=2, keepdims=True))
    You returned the logarithms of the probabilities. The probabilities are asked for.""")
plain_policy.slip("""policy-the-likeliest-only
    - return p / p.sum(axis=2, keepdims=True)
    + return (p == p.max(axis=2, keepdims=True)) * 1.0
    You gave the likeliest action 1 and the others 0. Then nothing else is ever tried: return the
    probabilities.""")
plain_policy.slip("""policy-last-step-only
    - return p / p.sum(axis=2, keepdims=True)
    + return (p / p.sum(axis=2, keepdims=True))[:, -1]
    You returned the last step's probabilities. Those of all steps are asked for, (B, T, C).""")
plain_policy.slip("""policy-scores-overflow
    - w = np.exp(e - e.max(axis=2, keepdims=True))
    + w = np.exp(e)
    exp of a large score overflows. Take the largest of each row off first: the softmax stays the
    same.""")
plain_policy.slip("""policy-logits-overflow
    - p = np.exp(z - z.max(axis=2, keepdims=True))
    + p = np.exp(z)
    exp of a large logit overflows. Take the largest of each row off first: the softmax stays the
    same.""")
plain_policy.slip("""policy-changes-the-parameters
    - q = x_BTD @ params["Wq"]
    + params["Wq"] /= np.sqrt(params["Wq"].shape[1])
    + q = x_BTD @ params["Wq"]
    - e = q @ k.transpose(0, 2, 1) / np.sqrt(K)
    + e = q @ k.transpose(0, 2, 1)
    The probabilities are right, but `/=` wrote into the caller's Wq: next time it is divided once
    more.""")


@test.plain
def plain_test(fn):
    rng = np.random.default_rng(0)
    x = rng.normal(size=(3, 8, 6))
    try:
        y = fn(x.copy())
        if y.shape[:2] != (3, 8):
            return False
        for t in range(1, 8):
            other = x.copy()
            other[:, t:] = 2 * rng.normal(size=(3, 8 - t, 6))
            if not np.allclose(fn(other)[:, :t], y[:, :t], rtol=1e-4, atol=1e-4):
                return False
        return True
    except Exception:
        return False


plain_test.slip("""test-last-step-only
    - for t in range(1, 8):
    + for t in (7,):
    You changed the last step only. A function that sees one step ahead at the beginning, or within
    short blocks, gets away: change what comes after each step in turn.""")
plain_test.slip("""test-one-place-only
    - for t in range(1, 8):
    + for t in (4,):
    You cut the episode in one place only. Some functions look ahead at certain steps, and there the
    cut may lie between two blocks: try every place.""")
plain_test.slip("""test-first-output-only
    - for t in range(1, 8):
    + for t in (1,):
    You looked at the first output only, or at episodes of two steps. Later steps may see ahead although
    the first doesn't: change what comes after each step in turn, and compare all outputs before.""")
plain_test.slip("""test-one-episode
    - x = rng.normal(size=(3, 8, 6))
    + x = rng.normal(size=(1, 8, 6))
    - if y.shape[:2] != (3, 8):
    + if y.shape[:2] != (1, 8):
    - other[:, t:] = 2 * rng.normal(size=(3, 8 - t, 6))
    + other[:, t:] = 2 * rng.normal(size=(1, 8 - t, 6))
    Your test sees one episode only: alone, or the first of a batch. A mask may be right for the first
    one and missing for the others.""")
plain_test.slip("""test-present-counted-as-future
    - if not np.allclose(fn(other)[:, :t], y[:, :t], rtol=1e-4, atol=1e-4):
    + if not np.allclose(fn(other)[:, : t + 1], y[:, : t + 1], rtol=1e-4, atol=1e-4):
    You also compared the output of the first step that was changed. A step may well see itself:
    compare the outputs before the change.""")
plain_test.slip("""test-all-outputs-compared
    - if not np.allclose(fn(other)[:, :t], y[:, :t], rtol=1e-4, atol=1e-4):
    + if not np.allclose(fn(other), y, rtol=1e-4, atol=1e-4):
    You compared all outputs. Those from the change on may change with it: compare the ones before.""")
plain_test.slip("""test-past-changed
    - other[:, t:] = 2 * rng.normal(size=(3, 8 - t, 6))
    + other[:, :t] = 2 * rng.normal(size=(3, t, 6))
    - if not np.allclose(fn(other)[:, :t], y[:, :t], rtol=1e-4, atol=1e-4):
    + if not np.allclose(fn(other)[:, t:], y[:, t:], rtol=1e-4, atol=1e-4):
    You changed the past and looked whether the future stays as it is: that forbids a memory. It is the
    other way round.""")


@test.wrong
def test_demands_order_blindness(fn):
    """Your test wants the same output for the steps in another order. A function may well care for
    the order of what it has seen: only what comes later must not matter."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=(3, 8, 6))
    try:
        y = fn(x.copy())
        if y.shape[:2] != (3, 8):
            return False
        order = np.array([6, 2, 4, 0, 5, 1, 3, 7])
        return bool(np.allclose(fn(x[:, order])[:, -1], y[:, -1], rtol=1e-4, atol=1e-4))
    except Exception:
        return False


plain_test.slip("""test-demands-a-memory
    - return True
    + other = x.copy()
    + other[:, 0] = 2 * rng.normal(size=(3, 6))
    + return not np.allclose(fn(other)[:, -1], y[:, -1], rtol=1e-4, atol=1e-4)
    Your test wants the last output to hang on the first step. A function may look at the present alone,
    or at nothing: it doesn't see the future either.""")
plain_test.slip("""test-demands-the-present
    - return True
    + other = x.copy()
    + other[:, -1] = 2 * rng.normal(size=(3, 6))
    + return not np.allclose(fn(other)[:, -1], y[:, -1], rtol=1e-4, atol=1e-4)
    Your test wants an output to hang on its own step. A function may look at earlier steps alone, or
    at nothing: it doesn't see the future either.""")
plain_test.slip("""test-changes-too-little
    - other[:, t:] = 2 * rng.normal(size=(3, 8 - t, 6))
    + other[:, t:] = x[:, t:] * (1 + 0.01 * rng.normal(size=(3, 8 - t, 6)))
    You changed the later steps by a hair, or left all their signs as they were. A function that looks at
    signs alone doesn't notice: change the numbers by as much as they are large.""")
plain_test.slip("""test-shape-only
    - for t in range(1, 8):
    -     other = x.copy()
    -     other[:, t:] = 2 * rng.normal(size=(3, 8 - t, 6))
    -     if not np.allclose(fn(other)[:, :t], y[:, :t], rtol=1e-4, atol=1e-4):
    -         return False
    You compared shapes, or an episode with itself. Both are alike whatever a function looks at: change
    the later steps, and compare the numbers before them.""")
plain_test.slip("""test-shape-not-asked
    - if y.shape[:2] != (3, 8):
    -     return False
    You never ask for the shape. A function may give (B, T·D), and what stands before the change there
    is something else than you think.""")
plain_test.slip("""test-too-loose
    - if not np.allclose(fn(other)[:, :t], y[:, :t], rtol=1e-4, atol=1e-4):
    + if not np.allclose(fn(other)[:, :t], y[:, :t], rtol=0.2, atol=0.3):
    Your tolerance is so wide that a glance ahead passes which moves the second digit. How close does
    float32 come?""")
plain_test.slip("""test-too-tight
    - if not np.allclose(fn(other)[:, :t], y[:, :t], rtol=1e-4, atol=1e-4):
    + if not np.array_equal(fn(other[:, :t]), y[:, :t]):
    You asked for equality to the last digit. Episodes of another length are added up in another order,
    and in float32 the seventh digit may change: no future is to blame for that.""")


@test.wrong
def test_crashes_with_fn(fn):
    """Your test stops with the error of the function that it tests. A crash is an answer too: which
    one?"""
    rng = np.random.default_rng(0)
    x = rng.normal(size=(3, 8, 6))
    y = fn(x.copy())
    if y.shape[:2] != (3, 8):
        return False
    for t in range(1, 8):
        other = x.copy()
        other[:, t:] = 2 * rng.normal(size=(3, 8 - t, 6))
        if not np.allclose(fn(other)[:, :t], y[:, :t], rtol=1e-4, atol=1e-4):
            return False
    return True


plain_test.slip("""test-errors-pass
    - except Exception:
    -     return False
    + except Exception:
    +     return True
    Your test passes a function that stops with an error. Nothing was compared, so nothing is shown.""")
plain_test.slip("""test-turned-round
    - if y.shape[:2] != (3, 8):
    -     return False
    + if y.shape[:2] != (3, 8):
    +     return True
    - if not np.allclose(fn(other)[:, :t], y[:, :t], rtol=1e-4, atol=1e-4):
    -     return False
    + if not np.allclose(fn(other)[:, :t], y[:, :t], rtol=1e-4, atol=1e-4):
    +     return True
    - return True
    + return False
    - except Exception:
    -     return False
    + except Exception:
    +     return True
    Your test says True where later steps matter, and False where they don't.""")
