"""Two halves: the gradients of one list, number by number, and a training that is watched with toys.
Together they have to look things up: judged on lists that nobody has met, whose answers stay with
the judge.

A right training of 150 steps gets all of 250 fresh lists right (40 seeds), so the bound of 98 % is
far from where chance could reach it.
"""

import numpy as np

from autograder.authoring import (
    Check,
    Exercise,
    call,
    every_layout,
    from_lesson,
    matching,
    normal,
    probe,
)

from . import recall_probes

exercise = Exercise(
    "Learn to look things up",
    solve=("recall_gradients", "train_recall"),
    difficulty=4,
    importance=5,
    minutes=30,
    hints="""`recall_gradients` walks there and back: the rows of the list become one query (of the
    last row), keys and values; `scaled_dot_attention` mixes the values into the hooks' logits; then
    back, from the logits to the three matrices. `train_recall` is a loop in a loop: steps, and the
    lists of a batch.

    The logits o meet a softmax and the cross-entropy, whose gradient is short: the probabilities,
    minus 1 at the right answer. `attention_backward` makes dq, dk and dv of it. And if q = x W,
    then dW = xᵀ dq, with just those rows x that were multiplied. In `train_recall` add the
    gradients of batch_size fresh lists up, divide, take one step, and go on from where it leads.

    There: `q_1K = x_TD[-1:] @ params["Wq"]`, and `x_TD @ params["Wk"]`, `x_TD @ params["Wv"]`.
    Back: `do_1V = softmax of o_1V`, `do_1V[0, answer] -= 1`, then `{"Wq": x_TD[-1:].T @ dq_1K,
    "Wk": x_TD.T @ dk_TK, "Wv": x_TD.T @ dv_TV}`. In the loop, `draw(rng)` is called for every list
    anew, and `params, state = step(params, mean, state)` carries both on.""",
)

scaled_dot_attention = from_lesson("scaled_dot_attention")
attention_backward = from_lesson("attention_backward")


def of_sizes(rng, T, D, K, V):
    """Three matrices and a list, with scores of moderate size."""
    params = {
        "Wq": normal(rng, D, K, scale=D**-0.5),
        "Wk": normal(rng, D, K, scale=D**-0.5),
        "Wv": normal(rng, D, V, scale=D**-0.5),
    }
    return params, normal(rng, T, D), int(rng.integers(V))


def fresh_lists(rng, n, pairs, names, hooks):
    """Who hangs where in n lists, who is asked for, and the answers."""
    who = np.array([rng.permutation(names)[:pairs] for _ in range(n)])
    where = np.array([rng.permutation(hooks)[:pairs] for _ in range(n)])
    asked = rng.integers(pairs, size=n)
    return who, where, asked, where[np.arange(n), asked]


@exercise.checks
def checks(rng):
    small = (
        {
            "Wq": np.array([[2.0, 0.0, 0.0, 0.0], [0.0, 2.0, 0.0, 0.0]]),
            "Wk": np.array([[1.0, 0.0, 3.0, 0.0], [0.0, 1.0, 0.0, -1.0]]),
            "Wv": np.array([[1.0, 0.0, -1.0], [0.0, 2.0, 0.0]]),
        },
        np.array([[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]]),
        1,
    )
    drawn = [of_sizes(rng, 5, 8, 3, 4), of_sizes(rng, 4, 7, 5, 6), of_sizes(rng, 4, 4, 4, 4)]
    for name, who, says, points in (
        (
            "Wv",
            "the values' matrix",
            """The way back begins at the cross-entropy: the gradient in the hooks' logits is their
            softmax, minus 1 at the right answer. From there every row gets its share.""",
            2,
        ),
        (
            "Wk",
            "the keys' matrix",
            "Every row of the list has a key, so every row has a say in the gradient: xᵀ dk.",
            1,
        ),
        (
            "Wq",
            "the queries' matrix",
            """Only the last row asks, so only the last row meets W_q: its numbers times dq, and
            nothing from the other rows.""",
            1,
        ),
    ):
        yield Check(
            f"recall_gradients: {who}",
            *(
                probe(recall_probes.of_one_matrix, says=f"The gradient in {name}")(*one, name)
                for one in (small, *drawn)
            ),
            says=says,
            points=points,
        )
    loud = [of_sizes(rng, 5, 6, 3, 4) for _ in range(2)]
    loud[0][0]["Wv"] *= 1500.0
    loud[1][0]["Wv"] *= -1500.0
    yield Check(
        "recall_gradients: all three by name, logits in the thousands, inputs left alone",
        call.recall_gradients(*small),
        *every_layout(call.recall_gradients(*drawn[0])),
        *(call.recall_gradients(*one, tolerance=1e-5) for one in loud),
        says="""A dict with Wq, Wk and Wv, as `step` takes it. Hooks' logits may be large as well:
        use a softmax that can be trusted. Nothing that was handed in may change.""",
        judges="inputs untouched",
    )
    firsts, steps = rng.integers(20, 900, 3).tolist(), rng.choice(np.arange(3, 9), 3, replace=False)
    batches = rng.choice(np.arange(2, 7), 3, replace=False)
    trainings = [
        (first, int(many), int(size), 7)
        for first, many, size in zip(firsts, steps, batches, strict=True)
    ]
    yield Check(
        "train_recall: fresh lists for every step",
        *(
            probe(
                recall_probes.lists_of_each_step,
                says="""The numbers of the lists that were learned
            from, sorted (negative with another list's answer),""",
            )(*one, "numbers")
            for one in trainings
        ),
        *(
            probe(
                recall_probes.lists_of_each_step, says="The number of lists in each step's batch"
            )(*one, "sizes")
            for one in trainings[:2]
        ),
        *(
            probe(
                recall_probes.lists_of_each_step,
                says="""The number of different lists met when
            a training comes in two parts""",
            )(*one, "different")
            for one in trainings[:2]
        ),
        says="""Every step learns from batch_size lists that are drawn for it, each with its own
        answer. The supply never ends: there is no reason to meet a list twice.""",
        points=2,
    )
    yield Check(
        "train_recall: a step follows the mean gradient",
        *(
            probe(recall_probes.with_known_gradients, says="Where some steps lead")(
                normal(rng, many * size, 3), lr, many, size
            )
            for lr, many, size in ((0.1, 4, 5), (0.5, 3, int(rng.integers(6, 9))))
        ),
        says="""Divide the sum by the number of lists: then a larger batch makes a step surer, not
        longer.""",
    )
    yield Check(
        "train_recall: each step starts where the last one ended",
        *(
            probe(
                recall_probes.halfway_to_the_goal,
                says="""What some steps make of parameters, each
            half the way to 0, what a counter of steps ends as, and the parameters handed in,""",
            )(normal(rng, D), int(rng.integers(2, 30)), many, 3)
            for D, many in ((3, 3), (2, 5))
        ),
        says="""Parameters and state go from step to step, and both are returned. What was handed in
        stays as it was.""",
    )
    names, hooks = rng.choice(np.arange(5, 8), 2, replace=False).tolist()
    who, where, asked, answers = fresh_lists(rng, 250, 3, names, hooks)
    yield Check(
        "both: at least 98 % of fresh lists right",
        probe(
            recall_probes.recalled,
            says="What a model answers to 250 fresh lists, after 150 steps of 16 lists each,",
        )(who, where, asked, names, hooks, int(rng.integers(1000)), expect=matching(answers, 0.98)),
        says="""Your training runs for a moment, on lists of three pairs. If every other check
        passes, this one does.""",
        points=2,
    )


@exercise.of("recall_gradients").right("recall_gradients: every row asks, only the last one counts")
def recall_gradients_every_row_asks(params, x_TD, answer):
    q_TK, k_TK, v_TV = (x_TD @ params[name] for name in ("Wq", "Wk", "Wv"))
    o_TV, _ = scaled_dot_attention(q_TK, k_TK, v_TV)
    do_TV = np.zeros(o_TV.shape)
    exp_V = np.exp(o_TV[-1] - o_TV[-1].max())
    do_TV[-1] = exp_V / exp_V.sum() - (np.arange(len(exp_V)) == answer)
    back = attention_backward(q_TK, k_TK, v_TV, do_TV)
    return {name: x_TD.T @ d for name, d in zip(("Wq", "Wk", "Wv"), back, strict=True)}


@exercise.of("recall_gradients").right("recall_gradients: einsum, without the other exercises")
def recall_gradients_einsum(params, x_TD, answer):
    q_K = np.einsum("d,dk->k", x_TD[-1], params["Wq"]) / params["Wq"].shape[1] ** 0.5
    k_TK = np.einsum("td,dk->tk", x_TD, params["Wk"])
    v_TV = np.einsum("td,dv->tv", x_TD, params["Wv"])
    w_T = np.exp(k_TK @ q_K - (k_TK @ q_K).max())
    w_T = w_T / w_T.sum()
    o_V = np.einsum("t,tv->v", w_T, v_TV)
    do_V = np.exp(o_V - np.logaddexp.reduce(o_V))
    do_V[answer] -= 1
    de_T = w_T * ((v_TV - o_V) @ do_V)
    root = params["Wq"].shape[1] ** 0.5
    return {
        "Wv": np.einsum("td,t,v->dv", x_TD, w_T, do_V),
        "Wk": np.einsum("td,t,k->dk", x_TD, de_T, q_K),
        "Wq": np.einsum("d,t,tk->dk", x_TD[-1], de_T, k_TK) / root,
    }


@exercise.of("recall_gradients").right("recall_gradients: loops over the rows")
def recall_gradients_loops(params, x_TD, answer):
    asker_D = x_TD[len(x_TD) - 1]
    k_TK = np.array([x_D @ params["Wk"] for x_D in x_TD])
    v_TV = np.array([x_D @ params["Wv"] for x_D in x_TD])
    q_1K = (asker_D @ params["Wq"])[None, :]
    o_V = scaled_dot_attention(q_1K, k_TK, v_TV)[0][0]
    p_V = np.exp(o_V - max(o_V)) / np.exp(o_V - max(o_V)).sum()
    target_V = np.zeros(len(p_V))
    target_V[answer] = 1
    dq_1K, dk_TK, dv_TV = attention_backward(q_1K, k_TK, v_TV, (p_V - target_V)[None, :])
    grads = {name: np.zeros(array.shape) for name, array in params.items()}
    grads["Wq"] += np.outer(asker_D, dq_1K[0])
    for x_D, dk_K, dv_V in zip(x_TD, dk_TK, dv_TV, strict=True):
        grads["Wk"] += np.outer(x_D, dk_K)
        grads["Wv"] += np.outer(x_D, dv_V)
    return grads


@exercise.of("train_recall").right("train_recall: all lists drawn first")
def train_recall_all_lists_first(
    params, state, draw, gradients, step, steps, batch_size, rng
):  # fmt: skip
    lists = [draw(rng) for _ in range(steps * batch_size)]
    while lists:
        batch, lists = lists[:batch_size], lists[batch_size:]
        each = [gradients(params, x_TD, answer) for x_TD, answer in batch]
        mean = {name: np.mean([one[name] for one in each], axis=0) for name in params}
        params, state = step(params, mean, state)
    return params, state


@exercise.of("train_recall").right("train_recall: a running sum, divided as it grows")
def train_recall_running_sum(
    params, state, draw, gradients, step, steps, batch_size, rng
):  # fmt: skip
    done = 0
    while done < steps:
        mean = dict.fromkeys(params, 0.0)
        for _ in range(batch_size):
            for name, slope in gradients(params, *draw(rng)).items():
                mean[name] = mean[name] + slope / batch_size
        params, state = step(params, mean, state)
        done += 1
    return [params, state]


exercise.allow_mutant(
    after="exp_1V = -np.exp(o_1V - o_1V.max())",
    reason="The next line divides by the sum, which has the same sign: it cancels.",
)
exercise.allow_mutant(
    after="do_1V[-1, answer] -= 1", reason="There is one row: the first is the last."
)
exercise.allow_mutant(
    after='return {"Wq": (x_TD[-1:].T * dq_1K), "Wk": x_TD.T @ dk_TK, "Wv": x_TD.T @ dv_TV}',
    reason="A column times a row is their matrix product as well.",
)


@exercise.of("recall_gradients").wrong
def every_row_asks(params, x_TD, answer):
    """You let every row of the list ask, and every row's answer is judged. Only the last row is a
    question: take `x_TD[-1:]` for the query."""
    q_TK, k_TK, v_TV = (x_TD @ params[name] for name in ("Wq", "Wk", "Wv"))
    o_TV, _ = scaled_dot_attention(q_TK, k_TK, v_TV)
    exp_TV = np.exp(o_TV - o_TV.max(axis=1, keepdims=True))
    do_TV = exp_TV / exp_TV.sum(axis=1, keepdims=True)
    do_TV[:, answer] -= 1
    dq_TK, dk_TK, dv_TV = attention_backward(q_TK, k_TK, v_TV, do_TV)
    return {"Wq": x_TD.T @ dq_TK, "Wk": x_TD.T @ dk_TK, "Wv": x_TD.T @ dv_TV}


ways = exercise.of("recall_gradients")
ways.slip("""first-row-asks
    - q_1K, k_TK, v_TV = x_TD[-1:] @ params["Wq"], x_TD @ params["Wk"], x_TD @ params["Wv"]
    + q_1K, k_TK, v_TV = x_TD[:1] @ params["Wq"], x_TD @ params["Wk"], x_TD @ params["Wv"]
    - "Wq": x_TD[-1:].T @ dq_1K
    + "Wq": x_TD[:1].T @ dq_1K
    Your query is made of the first row of the list. The question stands in the last one.""")
ways.slip("""wq-from-all-rows
    - "Wq": x_TD[-1:].T @ dq_1K
    + "Wq": x_TD.sum(axis=0, keepdims=True).T @ dq_1K
    Your gradient in W_q counts all rows of the list. Only the last row asked, so only its numbers
    were multiplied by W_q.""")
ways.slip("""wk-from-the-last-row
    - "Wk": x_TD.T @ dk_TK
    + "Wk": x_TD[-1:].T @ dk_TK[-1:]
    Your gradient in W_k knows only the last row. Every row of the list has a key, made with W_k:
    their gradients add up.""")
ways.slip("""wv-from-the-last-row
    - "Wv": x_TD.T @ dv_TV
    + "Wv": x_TD[-1:].T @ dv_TV[-1:]
    Your gradient in W_v knows only the last row. Every row of the list has a value, made with W_v:
    their gradients add up.""")
ways.slip("""answer-not-subtracted
    - do_1V[0, answer] -= 1
    +
    Your gradient in the logits is the softmax alone: it pushes all hooks down, the right one too.
    The cross-entropy subtracts 1 at the right answer.""")
ways.slip("""softmax-of-the-scores-left-out
    - exp_1V = np.exp(o_1V - o_1V.max())
    - do_1V = exp_1V / exp_1V.sum()
    + do_1V = o_1V.copy()
    You subtracted 1 from the raw logits. That is the gradient of a squared error; the cross-entropy
    has the *probabilities* there, the softmax of the logits.""")
ways.slip("""gradient-turned-round
    - do_1V[0, answer] -= 1
    + do_1V[0, answer] -= 1
    + do_1V = -do_1V
    Your gradient points downhill: answer minus probabilities. The step brings the minus itself, so
    it is the probabilities minus 1 at the answer.""")
ways.slip("""matrices-turned
    - return {"Wq": x_TD[-1:].T @ dq_1K, "Wk": x_TD.T @ dk_TK, "Wv": x_TD.T @ dv_TV}
    + return {"Wq": dq_1K.T @ x_TD[-1:], "Wk": dk_TK.T @ x_TD, "Wv": dv_TV.T @ x_TD}
    Your three gradients have rows and columns changed about. A gradient has the shape of its
    matrix, here (D, K) or (D, V): x comes first, turned.""")
ways.slip("""keys-and-queries-swapped
    - return {"Wq": x_TD[-1:].T @ dq_1K, "Wk": x_TD.T @ dk_TK, "Wv": x_TD.T @ dv_TV}
    + return {"Wk": x_TD[-1:].T @ dq_1K, "Wq": x_TD.T @ dk_TK, "Wv": x_TD.T @ dv_TV}
    What you return under Wq belongs to Wk, and the other way round.""")
ways.slip("""no-max-subtracted-from-the-scores
    - exp_1V = np.exp(o_1V - o_1V.max())
    + exp_1V = np.exp(o_1V)
    The gradients are right as long as the hooks' logits are small. At 1000 the exponential is inf:
    subtract the largest logit first.""")
ways.slip("""softmax-along-the-wrong-axis
    - exp_1V = np.exp(o_1V - o_1V.max())
    - do_1V = exp_1V / exp_1V.sum()
    + exp_1V = np.exp(o_1V - o_1V.max(axis=0))
    + do_1V = exp_1V / exp_1V.sum(axis=0)
    Your probabilities are all 1: the softmax ran along the axis that has a single row. The hooks
    compete with one another: along the last axis.""")
ways.slip("""writes-into-the-matrices
    - return {"Wq": x_TD[-1:].T @ dq_1K, "Wk": x_TD.T @ dk_TK, "Wv": x_TD.T @ dv_TV}
    + grads = {"Wq": x_TD[-1:].T @ dq_1K, "Wk": x_TD.T @ dk_TK, "Wv": x_TD.T @ dv_TV}
    + for name in params:
    +     params[name] -= 0.1 * grads[name]
    + return grads
    The gradients are right, but you took a step as well and changed the caller's matrices. Taking
    steps is the business of `step`.""")


@exercise.of("train_recall").plain
def plain(params, state, draw, gradients, step, steps, batch_size, rng):
    for _ in range(steps):
        sums = dict.fromkeys(params, 0.0)
        for _ in range(batch_size):
            grads = gradients(params, *draw(rng))
            for name in sums:
                sums[name] = sums[name] + grads[name]
        params, state = step(params, {name: sums[name] / batch_size for name in sums}, state)
    return params, state


plain.slip("""same-lists-in-every-step
    - for _ in range(steps):
    -     sums = dict.fromkeys(params, 0.0)
    -     for _ in range(batch_size):
    -         grads = gradients(params, *draw(rng))
    + lists = [draw(rng) for _ in range(batch_size)]
    + for _ in range(steps):
    +     sums = dict.fromkeys(params, 0.0)
    +     for x_TD, answer in lists:
    +         grads = gradients(params, x_TD, answer)
    You drew one batch and took every step with it. Then the model learns a few lists by heart
    instead of learning to look things up: draw anew for each step.""")
plain.slip("""one-list-many-times
    - sums = dict.fromkeys(params, 0.0)
    - for _ in range(batch_size):
    -     grads = gradients(params, *draw(rng))
    + sums = dict.fromkeys(params, 0.0)
    + x_TD, answer = draw(rng)
    + for _ in range(batch_size):
    +     grads = gradients(params, x_TD, answer)
    Your batch is one list, batch_size times over. Draw for every list of the batch.""")
plain.slip("""a-generator-of-its-own
    - for _ in range(steps):
    + rng = np.random.default_rng(0)
    + for _ in range(steps):
    You made a generator with a seed of your own, so that each call of `train_recall` meets the same
    lists again. Draw from the `rng` that you are given: it goes on where it stopped.""")
plain.slip("""one-list-a-step
    - for _ in range(batch_size):
    + for _ in range(1):
    You took a step after a single list and divided by batch_size all the same. A batch has
    batch_size lists.""")
plain.slip("""summed-gradients
    - params, state = step(params, {name: sums[name] / batch_size for name in sums}, state)
    + params, state = step(params, sums, state)
    You stepped with the sum over the batch. A batch twice as large then makes a step twice as long:
    divide by the number of lists.""")
plain.slip("""divided-by-the-steps
    - sums[name] / batch_size
    + sums[name] / steps
    You divided the sum over a batch by the number of steps. The sum runs over batch_size lists.""")
plain.slip("""gradients-at-the-old-parameters
    - for _ in range(steps):
    + start = params
    + for _ in range(steps):
    - grads = gradients(params, *draw(rng))
    + grads = gradients(start, *draw(rng))
    All your gradients were taken at the parameters that the training began with. After a step, ask
    again at the new place.""")
plain.slip("""state-forgotten
    - params, state = step(params, {name: sums[name] / batch_size for name in sums}, state)
    + params, new = step(params, {name: sums[name] / batch_size for name in sums}, state)
    - return params, state
    + return params, new
    You gave every step the state that the training began with. Adam then starts from nothing each
    time: take the new state along.""")
plain.slip("""parameters-forgotten
    - params, state = step(params, {name: sums[name] / batch_size for name in sums}, state)
    + _, state = step(params, {name: sums[name] / batch_size for name in sums}, state)
    The parameters that `step` made are never used: they end as they began. Take them along, as you
    do with the state.""")
plain.slip("""last-list-only
    - sums[name] = sums[name] + grads[name]
    + sums[name] = grads[name]
    Only the last list of each batch is left in your sum. Add the gradients of all of them up.""")
plain.slip("""gradients-never-cleared
    - for _ in range(steps):
    -     sums = dict.fromkeys(params, 0.0)
    + sums = dict.fromkeys(params, 0.0)
    + for _ in range(steps):
    Your sum goes on growing from step to step, so that old gradients are counted again and again.
    It has to begin at 0 for each batch.""")
plain.slip("""parameters-only
    - return params, state
    + return params
    You returned the parameters alone. To go on training, one needs the state, too: return both.""")
plain.slip("""step-for-every-list
    - for _ in range(batch_size):
    -     grads = gradients(params, *draw(rng))
    -     for name in sums:
    -         sums[name] = sums[name] + grads[name]
    - params, state = step(params, {name: sums[name] / batch_size for name in sums}, state)
    + for _ in range(batch_size):
    +     params, state = step(params, gradients(params, *draw(rng)), state)
    You took a step after every list. A batch is there to make *one* step surer: add up first, then
    step.""")
