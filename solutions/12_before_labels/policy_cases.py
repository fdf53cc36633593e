"""The cases on which L12.6 judges the learner's policy, by its numbers."""

import numpy as np

from autograder.authoring import Axes, Check, call, every_layout, normal


def of_the_policy(rng):
    def parameters(D: int, K: int, C: int) -> dict[str, np.ndarray]:
        shapes = {"Wq": (D, K), "Wk": (D, K), "Wv": (D, K), "Wo": (K + D, C)}
        return {
            name: normal(rng, *shape, scale=1.3 / D**0.5 if name != "Wo" else 0.6)
            for name, shape in shapes.items()
        }

    axes = Axes(B=2, T=5, D=7, K=3)
    by_hand = {
        "Wq": np.array([[1.0], [0.0]]),
        "Wk": np.array([[0.0], [1.0]]),
        "Wv": np.array([[2.0], [-1.0]]),
        "Wo": np.array([[1.0, 0.0, -1.0], [0.5, -0.5, 0.0], [0.0, 1.0, 0.5]]),
    }
    yield Check(
        "policy: the first step",
        call.policy(np.array([[[1.0, 2.0]]]), by_hand),
        call.policy(normal(rng, 2, 1, 3), parameters(3, 5, 4)),
        call.policy(normal(rng, 3, 1, 6), parameters(6, 2, 4)),
        says="""The first step sees itself alone: it reads its own value. What is read and what is seen
        are joined, the read first, and Wo and a softmax make probabilities of them.""",
    )
    yield Check(
        "policy: every step, and all before it",
        call.policy(axes.normal(rng, "BTD"), parameters(7, 3, 2)),
        call.policy(normal(rng, 1, 6, 3), parameters(3, 6, 3)),
        call.policy(normal(rng, 3, 2, 6), parameters(6, 11, 2)),
        says="""Scores are divided by √K; a step reads from itself and those before it, from none
        behind it, with weights that sum to 1.""",
        points=2,
    )
    x_BTD = normal(rng, 1, 5, 4)
    late_BTD = np.concatenate([x_BTD[:, :3], normal(rng, 1, 2, 4)], axis=1)
    same = parameters(4, 4, 2)
    yield Check(
        "policy: K and D alike, and what comes later",
        call.policy(x_BTD, same),
        call.policy(late_BTD, same),
        call.policy(x_BTD[:, :3].copy(), same),
        says="""Two episodes that begin alike, and one that breaks off: as long as they are alike, so
        are the probabilities.""",
    )
    large, sure = parameters(5, 6, 3), parameters(4, 3, 2)
    large["Wq"], large["Wk"] = 25 * large["Wq"], 25 * large["Wk"]
    sure["Wo"] = 600 * sure["Wo"]
    yield Check(
        "policy: large numbers",
        call.policy(normal(rng, 1, 4, 5), large),
        call.policy(normal(rng, 3, 2, 4), sure),
        says="exp(1000) is too large a number: each softmax takes its largest off first.",
    )
    yield Check(
        "policy: any arrays, left alone",
        *every_layout(call.policy(normal(rng, 2, 3, 4), parameters(4, 6, 2))),
        says="What was seen is needed again for the gradient.",
        judges="inputs untouched",
    )
