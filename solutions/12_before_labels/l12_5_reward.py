import numpy as np

from autograder.authoring import Check, Exercise, call, every_layout, float32, normal, probe

exercise = Exercise(
    "Returns, and the gradient of a policy",
    solve=("returns", "reinforce_dlogits"),
    difficulty=3,
    importance=5,
    minutes=15,
    hints="""A return looks ahead: begin at the last step of an episode and go back. What does each
    step add to what came later? For the gradient you need what you know from the classifier: by
    how much is the loss −log p(a) changed by each logit?

    Going back from the last step: `later = r + gamma * later`, and 0 where the episode is over. The
    gradient of −log p(a) with respect to the logits is p minus 1 at the action taken, p elsewhere.
    Each step's gradient is weighed with its advantage.

    Loop `for t in reversed(range(T))`, with `np.where(alive_BT[:, t], r_BT[:, t] + gamma * later_B,
    0.0)`. `a_BT[:, :, None] == np.arange(C)` is True at the action taken: subtract it from p_BTC,
    times adv where alive and 0 elsewhere (`[:, :, None]` makes it fit), divided by B.""",
)


def long_episodes(returns, seed, gamma, places):
    r_BT = np.random.default_rng(seed).normal(size=(2, 1200)).round(2)
    alive_BT = np.arange(1200) < np.array([[1200], [1190]])
    return np.asarray(returns(r_BT, alive_BT, gamma=gamma))[:, places]


def alive(rng: np.random.Generator, lengths: list[int], T: int) -> np.ndarray:
    return np.arange(T) < rng.permutation(lengths)[:, None]


@exercise.checks
def checks(rng):
    yield from of_returns(rng)
    yield from of_the_gradient(rng)


def of_returns(rng):
    yield Check(
        "returns: all that is still to come",
        call.returns(np.array([[1.0, 0.0, -0.5]]), np.ones((1, 3), bool)),
        call.returns(np.array([[0.0, 2.0, 4.0]]), np.ones((1, 3), bool), gamma=0.5),
        call.returns(normal(rng, 2, 4), np.ones((2, 4), bool)),
        call.returns(normal(rng, 3, 5), np.ones((3, 5), bool)),
        says="The return of a step is its own reward and those of all later steps of the episode.",
    )
    yield Check(
        "returns: later reward counts less",
        call.returns(normal(rng, 2, 5), np.ones((2, 5), bool), gamma=0.9),
        call.returns(normal(rng, 3, 7), np.ones((3, 7), bool), gamma=0.5),
        call.returns(normal(rng, 3, 6), alive(rng, [6, 4, 2], 6), gamma=0.7),
        says="A reward k steps ahead counts gamma to the power of k, from whichever step one looks.",
    )
    yield Check(
        "returns: episodes that end earlier",
        call.returns(normal(rng, 3, 7), alive(rng, [7, 4, 2], 7)),
        call.returns(normal(rng, 4, 6), alive(rng, [0, 6, 1, 3], 6)),
        call.returns(normal(rng, 5, 4), alive(rng, [3, 0, 2, 4, 1], 4), gamma=0.8),
        says="""Where alive_BT is False the episode is over: what stands there is no reward of it, and
        the return there is 0.""",
    )
    ahead = probe(long_episodes, says="Of two episodes of 1,200 steps the returns of some steps")
    places = rng.choice(1200, 3, replace=False)
    yield Check(
        "returns: gamma 0 and 1, and a thousand steps",
        call.returns(normal(rng, 3, 5), alive(rng, [5, 3, 1], 5), gamma=0.0),
        call.returns(normal(rng, 2, 6), alive(rng, [6, 4], 6), gamma=1.0),
        ahead(int(rng.integers(999)), 0.5, [*places.tolist(), 1150 + int(rng.integers(40))]),
        says="""With gamma = 0 only the reward of the step itself counts. And 0.5 to the power of
        1,200 is 0 for a computer: no number may be divided by it.""",
    )
    yield Check(
        "returns: any arrays, left alone",
        *every_layout(call.returns(normal(rng, 3, 5), alive(rng, [5, 2, 3], 5), gamma=0.9)),
        says="The rewards are needed again.",
        judges="inputs untouched",
    )


def of_the_gradient(rng):
    def made(B: int, T: int, C: int, lengths: list[int]) -> tuple[np.ndarray, ...]:
        z_BTC = normal(rng, B, T, C)
        p_BTC = np.exp(z_BTC) / np.exp(z_BTC).sum(axis=2, keepdims=True)
        a_BT = rng.integers(C, size=(B, T))
        return p_BTC.round(4), a_BT, normal(rng, B, T), alive(rng, lengths, T)

    gradient = call.reinforce_dlogits
    p_BTC = np.array([[[0.2, 0.8]], [[0.5, 0.5]]])
    yield Check(
        "gradient: one step",
        gradient(p_BTC, np.array([[1], [0]]), np.array([[1.0], [-2.0]]), np.ones((2, 1), bool)),
        gradient(*made(2, 1, 3, [1, 1])),
        gradient(*made(3, 1, 4, [1, 1, 1])),
        says="""Following the gradient downhill raises the logit of an action that went better than
        usual, and lowers the others. It is p, minus 1 at the action taken, times the advantage.""",
    )
    yield Check(
        "gradient: many steps, divided by the number of episodes",
        gradient(*made(2, 3, 3, [3, 3])),
        gradient(*made(3, 2, 4, [2, 2, 2])),
        gradient(*made(4, 2, 3, [2, 2, 2, 2])),
        says="The loss is a sum over steps, and a mean over the B episodes.",
        points=2,
    )
    yield Check(
        "gradient: episodes that end earlier",
        gradient(*made(3, 5, 2, [5, 3, 1])),
        gradient(*made(4, 3, 2, [0, 3, 1, 2])),
        gradient(*made(5, 2, 2, [1, 0, 0, 2, 1])),
        says="""Dead steps have no gradient, whatever stands there. B counts all episodes, those
        without a step, too.""",
    )
    p32_BTC, *others = made(2, 3, 2, [3, 2])
    yield Check(
        "gradient: any arrays, left alone",
        *every_layout(gradient(*made(3, 3, 2, [3, 1, 2]))),
        gradient(float32(p32_BTC), *others),
        says="Probabilities and advantages are needed again.",
        judges="inputs untouched",
    )


returns, dlogits = exercise.of("returns"), exercise.of("reinforce_dlogits")


@returns.right("returns: a double loop")
def a_double_loop(r_BT, alive_BT, gamma=1.0):
    G_BT = np.zeros(r_BT.shape)
    for b in range(len(r_BT)):
        length = int(alive_BT[b].sum())
        total = 0.0
        for t in range(length - 1, -1, -1):
            total = float(r_BT[b, t]) + gamma * total
            G_BT[b, t] = total
    return G_BT


@returns.right("returns: a table of powers")
def a_table_of_powers(r_BT, alive_BT, gamma=1.0):
    T = r_BT.shape[1]
    apart_TT = np.arange(T) - np.arange(T)[:, None]
    power_TT = np.where(apart_TT >= 0, float(gamma) ** np.maximum(apart_TT, 0), 0)
    return np.where(alive_BT, np.where(alive_BT, r_BT, 0) @ power_TT.T, 0)


@returns.right("returns: a reversed running sum where gamma is 1")
def a_reversed_running_sum(r_BT, alive_BT, gamma=1.0):
    living_BT = r_BT * alive_BT
    if gamma == 1:
        return np.cumsum(living_BT[:, ::-1], axis=1)[:, ::-1] * alive_BT
    G_BT = living_BT.astype(float)
    for t in range(G_BT.shape[1] - 2, -1, -1):
        G_BT[:, t] += gamma * G_BT[:, t + 1]
    return G_BT


@dlogits.right("gradient: a loop over living steps")
def a_loop_over_living_steps(p_BTC, a_BT, adv_BT, alive_BT):
    d_BTC = np.zeros(p_BTC.shape)
    for b, t in np.argwhere(alive_BT):
        d_BTC[b, t] = p_BTC[b, t] * adv_BT[b, t]
        d_BTC[b, t, a_BT[b, t]] -= adv_BT[b, t]
    return d_BTC / len(p_BTC)


@dlogits.right("gradient: rows of the identity, einsum")
def rows_of_the_identity(p_BTC, a_BT, adv_BT, alive_BT):
    hot_BTC = np.eye(p_BTC.shape[2])[a_BT]
    weight_BT = np.where(alive_BT, adv_BT, 0) / p_BTC.shape[0]
    return np.einsum("bt,btc->btc", weight_BT, p_BTC) - np.einsum("bt,btc->btc", weight_BT, hot_BTC)


@dlogits.right("gradient: through the softmax's own derivative")
def through_the_softmax(p_BTC, a_BT, adv_BT, alive_BT):
    B, T, C = p_BTC.shape
    b, t = np.nonzero(alive_BT)
    p, a = p_BTC[b, t].astype(float), a_BT[b, t]
    dp = np.zeros(p.shape)
    dp[np.arange(len(a)), a] = -adv_BT[b, t] / p[np.arange(len(a)), a] / B
    d_BTC = np.zeros((B, T, C))
    jacobian = np.einsum("nc,cd->ncd", p, np.eye(C)) - p[:, :, None] * p[:, None, :]
    d_BTC[b, t] = np.einsum("ncd,nd->nc", jacobian, dp)
    return d_BTC


for after in (
    "G_BT = np.empty(alive_BT.shape)",
    "for t in reversed(range(G_BT.shape[1])):",
    "for t in reversed(range(alive_BT.shape[1])):",
):
    exercise.allow_mutant(after=after, reason="Rewards, returns and alive are of one shape.")


@returns.plain
def plain_returns(r_BT, alive_BT, gamma=1.0):
    B, T = r_BT.shape
    G = np.zeros((B, T))
    later = np.zeros(B)
    for t in reversed(range(T)):
        later = r_BT[:, t] + gamma * later
        later = np.where(alive_BT[:, t], later, 0.0)
        G[:, t] = later
    return G


plain_returns.slip("""returns-of-the-past
    - for t in reversed(range(T)):
    + for t in range(T):
    You added up the rewards before each step, as though you had gone from the first step to the last.
    An action can't change what happened before it: its return is what comes from then on.""")
plain_returns.slip("""returns-of-the-whole-episode
    - return G
    + return np.where(alive_BT, G[:, :1], 0.0)
    You gave every step the return of the whole episode. What was earned before an action is not of
    its making: count from the step on.""")
plain_returns.slip("""returns-without-the-present
    - G[:, t] = later
    + G[:, t] = np.where(alive_BT[:, t], later - r_BT[:, t], 0.0)
    You left out the reward of the step itself. It is the first thing that comes of an action.""")
plain_returns.slip("""returns-of-dead-steps
    - later = np.where(alive_BT[:, t], later, 0.0)
    - G[:, t] = later
    + G[:, t] = later
    You counted dead steps. Behind the end of an episode stands whatever the array was filled up with:
    it is no reward, and has no return.""")
plain_returns.slip("""returns-filled-up-behind-the-end
    - G[:, t] = later
    + G[:, t] = np.where(alive_BT[:, t], later, r_BT[:, t])
    Behind the end of an episode you left what stood in r. The return there is 0.""")
plain_returns.slip("""returns-carried-on-behind-the-end
    - later = np.where(alive_BT[:, t], later, 0.0)
    - G[:, t] = later
    + G[:, t] = np.where(alive_BT[:, t], later, 0.0)
    Behind the end of an episode your returns are 0, but what stands in r there found its way into the
    steps before. Leave it out before you add.""")
plain_returns.slip("""returns-without-discount
    - later = r_BT[:, t] + gamma * later
    + later = r_BT[:, t] + later
    You forgot gamma. A reward k steps ahead counts gamma to the power of k.""")
plain_returns.slip("""returns-discounted-from-the-start
    - later = r_BT[:, t] + gamma * later
    + later = gamma**t * r_BT[:, t] + later
    You discounted from the wrong end: each reward by its place in the episode. It is the distance from
    the step one stands at that counts, so the reward of the step itself counts in full.""")
plain_returns.slip("""returns-discounted-once-more
    - later = r_BT[:, t] + gamma * later
    + later = gamma * (r_BT[:, t] + later)
    You discounted once too often: the reward of the step itself counts in full, the next one gamma
    times.""")
plain_returns.slip("""returns-discounted-present
    - later = r_BT[:, t] + gamma * later
    + later = gamma * r_BT[:, t] + later
    You discounted the step's own reward and none of the later ones. It is the other way round.""")
plain_returns.slip("""returns-one-step-ahead-only
    - later = np.where(alive_BT[:, t], later, 0.0)
    - G[:, t] = later
    + G[:, t] = np.where(alive_BT[:, t], later, 0.0)
    + later = np.where(alive_BT[:, t], r_BT[:, t], 0.0)
    You looked one step ahead. All later rewards belong to a return.""")
plain_returns.slip("""returns-as-means
    - return G
    + left = np.cumsum(alive_BT[:, ::-1], axis=1)[:, ::-1]
    + return G / np.maximum(left, 1)
    You divided by the number of steps that are left. A return is a sum.""")


@returns.wrong
def returns_divided_by_powers(r_BT, alive_BT, gamma=1.0):
    """You multiplied the rewards by powers of gamma, added them up from behind, and divided by the
    powers again. With gamma = 0, or after a thousand steps, that is 0 / 0. Go back step by step
    instead: `later = r + gamma * later`."""
    power_T = float(gamma) ** np.arange(r_BT.shape[1])
    sums = np.cumsum((r_BT * alive_BT * power_T)[:, ::-1], axis=1)[:, ::-1]
    return sums / power_T * alive_BT


plain_returns.slip("""returns-across-episodes
    - return G
    + order = np.cumsum((r_BT * alive_BT)[::-1], axis=0)[::-1]
    + return np.where(alive_BT, order, 0.0)
    You added up along the wrong axis: over episodes. Steps are axis 1.""")
plain_returns.slip("""returns-change-the-rewards
    - G = np.zeros((B, T))
    + G = r_BT
    The returns are right, but you wrote them into the caller's own rewards. Put them into a new
    array.""")


@dlogits.plain
def plain_gradient(p_BTC, a_BT, adv_BT, alive_BT):
    B, C = len(p_BTC), p_BTC.shape[2]
    hot = np.eye(C)[a_BT]
    weight = adv_BT * alive_BT
    d = (p_BTC - hot) * weight[:, :, None]
    return d / B


plain_gradient.slip("""gradient-sign
    - d = (p_BTC - hot) * weight[:, :, None]
    + d = (hot - p_BTC) * weight[:, :, None]
    Your sign is turned round. The optimiser walks downhill: with your gradient it makes the good
    actions rarer.""")
plain_gradient.slip("""gradient-of-dead-steps
    - weight = adv_BT * alive_BT
    + weight = adv_BT
    You counted dead steps. Nobody acted there.""")
plain_gradient.slip("""gradient-divided-by-p
    - d = (p_BTC - hot) * weight[:, :, None]
    + d = -hot / p_BTC * weight[:, :, None]
    You took the gradient with respect to the probabilities, −1/p at the action taken. Go on through
    the softmax to the logits: p minus 1 at the action, p at the others.""")
plain_gradient.slip("""gradient-of-the-action-only
    - d = (p_BTC - hot) * weight[:, :, None]
    + d = (p_BTC - 1) * hot * weight[:, :, None]
    You gave a gradient to the logit of the action taken, and none to the others. If they stay, fine,
    but their logits move p as well: each has the gradient p.""")
plain_gradient.slip("""gradient-without-p
    - d = (p_BTC - hot) * weight[:, :, None]
    + d = -hot * weight[:, :, None]
    You left out p. A softmax couples all logits: those of the other actions have a gradient, too.""")
plain_gradient.slip("""gradient-times-p
    - d = (p_BTC - hot) * weight[:, :, None]
    + p = (p_BTC * hot).sum(axis=2, keepdims=True)
    + d = (p_BTC - hot) * p * weight[:, :, None]
    You took the gradient of p(a) itself. It is log p(a) whose gradient is asked for.""")
plain_gradient.slip("""gradient-mean-over-living-steps
    - return d / B
    + return d / max(1, alive_BT.sum())
    You divided by the number of living steps. Then an action in a long episode counts less than one in
    a short one: divide by the number of episodes, B.""")
plain_gradient.slip("""gradient-mean-over-all-steps
    - return d / B
    + return d / a_BT.size
    You divided by B times T. The loss is a sum over steps and a mean over episodes: divide by B.""")
plain_gradient.slip("""gradient-sum-over-episodes
    - return d / B
    + return d
    You forgot to divide by B, the number of episodes.""")
plain_gradient.slip("""gradient-of-episodes-with-steps
    - return d / B
    + return d / max(1, alive_BT.any(axis=1).sum())
    You divided by the number of episodes that have a step. B counts all of them.""")
plain_gradient.slip("""gradient-mean-of-each-episode
    - return d / B
    + return d / np.maximum(1, alive_BT.sum(axis=1))[:, None, None] / B
    You divided each episode by its length. Every living step counts the same: divide by B alone.""")
plain_gradient.slip("""gradient-without-advantage
    - weight = adv_BT * alive_BT
    + weight = 1.0 * alive_BT
    You forgot the advantage. Without it every action that was taken becomes more probable, the bad
    ones, too.""")
plain_gradient.slip("""gradient-sign-of-advantage
    - weight = adv_BT * alive_BT
    + weight = np.sign(adv_BT) * alive_BT
    You took the sign of the advantage alone. How much better it went counts as well.""")
plain_gradient.slip("""gradient-advantage-centred
    - weight = adv_BT * alive_BT
    + weight = (adv_BT - adv_BT[alive_BT].mean()) * alive_BT
    You took the mean off the advantages. What is usual has been taken off before: use them as they
    come.""")
plain_gradient.slip("""gradient-of-the-likeliest
    - hot = np.eye(C)[a_BT]
    + hot = np.eye(C)[p_BTC.argmax(axis=2)]
    You took the likeliest action for the one taken. What was done stands in a_BT.""")
plain_gradient.slip("""gradient-changes-p
    - d = (p_BTC - hot) * weight[:, :, None]
    + p_BTC -= hot
    + d = p_BTC * weight[:, :, None]
    The gradient is right, but `-=` wrote into the caller's probabilities. Put it into a new array.""")
