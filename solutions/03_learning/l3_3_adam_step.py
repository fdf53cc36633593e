"""The steps of an optimiser are checked on numbers that make its parts of like size: a large eps, a
momentum that counts."""

import numpy as np

from autograder.authoring import Check, Exercise, call, every_layout, normal, probe, uniform

exercise = Exercise(
    "Adam",
    solve="adam_step",
    difficulty=4,
    importance=5,
    minutes=25,
    hints="""Algorithm 1 has five lines after the gradient: t, m, v, the two corrections, the step.
    Write them in this order, each with the letter that it has there. Which of them has to use the
    *new* t?

    t ← t + 1 comes first, once for all parameters. m and v are running means, so the new part gets
    1 − β: of g in m, of g² in v. Then m̂ = m / (1 − β₁ᵗ) and v̂ = v / (1 − β₂ᵗ). The state keeps m
    and v, not m̂ and v̂.

    The step is lr · m̂ / (√v̂ + eps), with eps added after the root is taken. Make new dicts for m
    and v with a comprehension over the names, then the new parameters from them, then return
    `params, {"m": …, "v": …, "t": …}`.""",
)


def adam_inputs(rng: np.random.Generator, *shape: int) -> tuple[np.ndarray, ...]:
    """Parameters, gradients, and an m and a v as earlier steps leave them behind."""
    return (
        normal(rng, *shape),
        normal(rng, *shape),
        normal(rng, *shape, scale=0.3),
        uniform(rng, 0.05, 0.9, *shape),
    )


def path(adam_step, start, pull, steps, lr, eps):
    params = {"p": start.copy(), "q": 2 * start}
    zeros = {name: np.zeros_like(array) for name, array in params.items()}
    state = {"m": dict(zeros), "v": {name: array.copy() for name, array in zeros.items()}, "t": 0}
    for _ in range(steps):
        grads = {"p": pull * params["p"], "q": params["q"] - start}
        params, state = adam_step(params, grads, state, lr=lr, eps=eps)
    return params["p"], params["q"], state["t"]


@exercise.checks
def checks(rng):
    def fresh(**shapes: tuple[int, ...]) -> dict[str, object]:
        m = {name: np.zeros(shape) for name, shape in shapes.items()}
        v = {name: np.zeros(shape) for name, shape in shapes.items()}
        return {"m": m, "v": v, "t": 0}

    p3, g3 = np.array([1.0, 1.0, 1.0]), np.array([4.0, -0.25, 100.0])
    yield Check(
        "the first step of three numbers",
        call({"p": p3}, {"p": g3}, fresh(p=(3,)), lr=0.1),
        call({"p": normal(rng, 4)}, {"p": normal(rng, 4)}, fresh(p=(4,))),
        says="""At first m̂ = g and v̂ = g², so every number moves by lr, up or down: 0.9, 1.1 and
        0.9. How large its gradient is makes no difference.""",
        part=0,
    )
    yield Check(
        "what is kept for the next step",
        call({"p": p3}, {"p": g3}, fresh(p=(3,)), lr=0.1),
        call(
            {"p": normal(rng, 4)},
            {"p": normal(rng, 4)},
            {"m": {"p": normal(rng, 4)}, "v": {"p": uniform(rng, 0.1, 1, 4)}, "t": 6},
        ),
        says="""The state keeps m and v as they are before the correction, and t, which is one more.
        First example: m = 0.1 · 4 = 0.4, v = 0.001 · 16 = 0.016, t = 1.""",
        part=1,
    )
    W, dW, mW, vW = adam_inputs(rng, 3, 5)
    u, du, mu, vu = adam_inputs(rng, 3)
    w, dw, mw, vw = adam_inputs(rng, 5)
    some_dW = dW * (np.arange(3) != rng.integers(3))[:, None]  # nobody used one row
    later = {"m": {"u": mu, "W": mW, "w": mw}, "v": {"w": vw, "W": vW, "u": vu}, "t": 4}
    yield Check(
        "a later step of several parameters",
        call(
            {"W": W, "u": u, "w": w},
            {"w": dw, "W": dW, "u": du},
            later,
            lr=0.05,
            beta1=0.8,
            beta2=0.95,
        ),
        call({"w": w, "W": W, "u": u}, {"W": dW, "u": du, "w": dw}, {**later, "t": 1}),
        call({"w": w, "W": W, "u": u}, {"W": some_dW, "u": 0 * du, "w": dw}, later),
        says="""Each number has its own m and v; all share one t, which grows by 1 a step. Where a
        gradient is 0, its m still leads on.""",
        points=2,
    )
    yield Check(
        "where eps counts",
        call({"p": p3}, {"p": np.array([0.3, -0.1, 0.0])}, fresh(p=(3,)), lr=0.1, eps=0.1),
        call({"W": W, "u": u, "w": w}, {"w": dw, "W": dW, "u": du}, later, lr=0.1, eps=0.5),
        call({"p": p3}, {"p": np.array([1e-7, 0.0, -3e-8])}, fresh(p=(3,))),
        says="""eps is added to the root of the corrected v̂. A number without any gradient stays
        where it is, where 0 / 0 would be nan. First example: 1 − 0.1 · 0.3 / (0.3 + 0.1) =
        0.925.""",
    )
    start, pull = normal(rng, 4), uniform(rng, 0.5, 3, 4)
    yield Check(
        "ten steps in a row",
        probe(path, says="Where two steps lead for p and for q, and the t after them,")(
            start, pull, 2, 0.1, 0.01
        ),
        probe(path, says="Where ten steps lead for p and for q, and the t after them,")(
            start, pull, 10, 0.1, 0.01
        ),
        says="What one step returns is what the next one starts from.",
        points=2,
    )
    yield Check(
        "any layout in memory, inputs left alone",
        *(
            call(
                {"W": each[0], "u": each[1]},
                {"u": each[3], "W": each[2]},
                {"m": {"W": each[4], "u": each[5]}, "v": {"W": each[6], "u": each[7]}, "t": 3},
                lr=0.01,
            )
            for each in every_layout(W, u, dW, du, mW, mu, vW, vu)
        ),
        says="Parameters and state of the step before may still be needed, to go back to them.",
        judges="inputs untouched",
    )


@exercise.right
def one_loop_over_the_names(params, grads, state, lr=1e-3, beta1=0.9, beta2=0.999, eps=1e-8):
    out, m, v = {}, {}, {}
    t = state["t"] + 1
    for name, g in grads.items():
        m[name] = beta1 * state["m"][name] + (1 - beta1) * g
        v[name] = beta2 * state["v"][name] + (1 - beta2) * np.square(g)
        m_hat = m[name] / (1 - beta1**t)
        v_hat = v[name] / (1 - beta2**t)
        out[name] = params[name] - lr * m_hat / (np.sqrt(v_hat) + eps)
    return out, {"m": m, "v": v, "t": t}


@exercise.right("on copies, in place")
def on_copies_in_place(params, grads, state, lr=1e-3, beta1=0.9, beta2=0.999, eps=1e-8):
    m = {name: array.copy() for name, array in state["m"].items()}
    v = {name: array.copy() for name, array in state["v"].items()}
    out = {name: array.copy() for name, array in params.items()}
    t = state["t"] + 1
    for name in out:
        m[name] *= beta1
        m[name] += (1 - beta1) * grads[name]
        v[name] *= beta2
        v[name] += (1 - beta2) * grads[name] * grads[name]
        root = np.sqrt(v[name] / (1 - beta2**t)) + eps
        out[name] -= lr / (1 - beta1**t) * m[name] / root
    return out, {"m": m, "v": v, "t": t}


@exercise.right("running means as steps towards the new value")
def running_means_as_steps_towards(params, grads, state, lr=1e-3, beta1=0.9, beta2=0.999, eps=1e-8):
    m = {k: m + (1 - beta1) * (grads[k] - m) for k, m in state["m"].items()}
    v = {k: v + (1 - beta2) * (grads[k] ** 2 - v) for k, v in state["v"].items()}
    t = 1 + state["t"]
    first, second = 1 - np.power(beta1, t), 1 - np.power(beta2, t)
    steps = {k: (m[k] / first) / ((v[k] / second) ** 0.5 + eps) for k in params}
    return {k: params[k] - lr * steps[k] for k in params}, {"t": t, "v": v, "m": m}


@exercise.right
def both_corrections_moved_into_lr_and_eps(
    params, grads, state, lr=1e-3, beta1=0.9, beta2=0.999, eps=1e-8
):
    t = state["t"] + 1
    root = (1 - beta2**t) ** 0.5
    rate = lr * root / (1 - beta1**t)
    m = {n: beta1 * state["m"][n] + (1 - beta1) * grads[n] for n in params}
    v = {n: beta2 * state["v"][n] + (1 - beta2) * grads[n] ** 2 for n in params}
    new = {n: params[n] - rate * m[n] / (np.sqrt(v[n]) + root * eps) for n in params}
    return new, {"m": m, "v": v, "t": t}


both_corrections_moved_into_lr_and_eps.slip("""no-bias-correction
    - rate * m[n] / (np.sqrt(v[n]) + root * eps)
    + lr * m[n] / (np.sqrt(v[n]) + eps)
    You stepped with m and v themselves. They began at 0 and are still much too small after the
    first steps, v more so than m: divide them by 1 − β₁ᵗ and 1 − β₂ᵗ.""")
both_corrections_moved_into_lr_and_eps.slip("""only-m-corrected
    - rate * m[n] / (np.sqrt(v[n]) + root * eps)
    + lr * m[n] / (1 - beta1**t) / (np.sqrt(v[n]) + eps)
    You corrected m and not v. At the first step v is only a thousandth of g², so that its root is
    far too small and the step 32 times too long.""")


@exercise.wrong
def t_from_zero(params, grads, state, lr=1e-3, beta1=0.9, beta2=0.999, eps=1e-8):
    """You corrected with the old t. At the first step that is 0, and 1 − β⁰ is 0: m / 0. Count the
    step first, then correct."""
    t = state["t"]
    m = {n: beta1 * state["m"][n] + (1 - beta1) * grads[n] for n in params}
    v = {n: beta2 * state["v"][n] + (1 - beta2) * grads[n] ** 2 for n in params}
    m_hat = {n: m[n] / np.float64(1 - beta1**t) for n in params}
    v_hat = {n: v[n] / np.float64(1 - beta2**t) for n in params}
    new = {n: params[n] - lr * m_hat[n] / (np.sqrt(v_hat[n]) + eps) for n in params}
    return new, {"m": m, "v": v, "t": t + 1}


@exercise.wrong
def t_from_zero_in_plain_numbers(params, grads, state, lr=1e-3, beta1=0.9, beta2=0.999, eps=1e-8):
    """You corrected with the old t. At the first step that is 0, and 1 − β⁰ is 0: a division by
    zero. Count the step first, then correct."""
    t = state["t"]
    rate = lr / (1 - beta1**t)
    m = {n: beta1 * state["m"][n] + (1 - beta1) * grads[n] for n in params}
    v = {n: beta2 * state["v"][n] + (1 - beta2) * grads[n] ** 2 for n in params}
    new = {n: params[n] - rate * m[n] / (np.sqrt(v[n] / (1 - beta2**t)) + eps) for n in params}
    return new, {"m": m, "v": v, "t": t + 1}


both_corrections_moved_into_lr_and_eps.slip("""t-not-counted
    - new = {n: params[n] - rate * m[n] / (np.sqrt(v[n]) + root * eps) for n in params}
    - return new, {"m": m, "v": v, "t": t}
    + m_hat = {n: m[n] / (1 - beta1**t) for n in params}
    + v_hat = {n: v[n] / (1 - beta2**t) for n in params}
    + new = {n: params[n] - lr * m_hat[n] / (np.sqrt(v_hat[n]) + eps) for n in params}
    + return new, {"m": m, "v": v, "t": state["t"]}
    You returned the state with the old t. The next step then corrects as if it were the first one
    again.""")


@exercise.wrong
def t_counted_per_parameter(params, grads, state, lr=1e-3, beta1=0.9, beta2=0.999, eps=1e-8):
    """You counted t up inside the loop, once for each parameter: the second one is corrected as if
    it were a step further. One step, one t for all."""
    t, m, v, new = state["t"], {}, {}, {}
    for n in params:
        t += 1
        m[n] = beta1 * state["m"][n] + (1 - beta1) * grads[n]
        v[n] = beta2 * state["v"][n] + (1 - beta2) * grads[n] ** 2
        root = np.sqrt(v[n] / (1 - beta2**t))
        new[n] = params[n] - lr * m[n] / (1 - beta1**t) / (root + eps)
    return new, {"m": m, "v": v, "t": t}


@exercise.wrong
def one_v_for_a_whole_array(params, grads, state, lr=1e-3, beta1=0.9, beta2=0.999, eps=1e-8):
    """You kept one number of v for a whole array. Adam's point is that every single number has its
    own: a word that is seldom met gets steps as long as one met often."""
    t, m, v, new = state["t"] + 1, {}, {}, {}
    for n in params:
        m[n] = beta1 * state["m"][n] + (1 - beta1) * grads[n]
        mean = np.mean(beta2 * state["v"][n] + (1 - beta2) * grads[n] ** 2)
        v[n] = np.full(grads[n].shape, mean)
        root = np.sqrt(v[n] / (1 - beta2**t))
        new[n] = params[n] - lr * m[n] / (1 - beta1**t) / (root + eps)
    return new, {"m": m, "v": v, "t": t}


@exercise.wrong
def state_shared_between_parameters(
    params, grads, state, lr=1e-3, beta1=0.9, beta2=0.999, eps=1e-8
):
    """You kept one m and one v for all parameters, so that each goes on where the one before it
    left off. Every name has its own in the state."""
    t, new = state["t"] + 1, {}
    first = next(iter(params))
    m, v = state["m"][first], state["v"][first]
    for n in params:
        m, v = np.resize(m, grads[n].shape), np.resize(v, grads[n].shape)
        m = beta1 * m + (1 - beta1) * grads[n]
        v = beta2 * v + (1 - beta2) * grads[n] ** 2
        root = np.sqrt(v / (1 - beta2**t))
        new[n] = params[n] - lr * m / (1 - beta1**t) / (root + eps)
    m = {n: np.resize(m, grads[n].shape) for n in params}
    return new, {"m": m, "v": {n: np.resize(v, grads[n].shape) for n in params}, "t": t}


both_corrections_moved_into_lr_and_eps.slip("""eps-inside-the-root
    - new = {n: params[n] - rate * m[n] / (np.sqrt(v[n]) + root * eps) for n in params}
    + m_hat = {n: m[n] / (1 - beta1**t) for n in params}
    + v_hat = {n: v[n] / (1 - beta2**t) for n in params}
    + new = {n: params[n] - lr * m_hat[n] / np.sqrt(v_hat[n] + eps) for n in params}
    You took the root of v̂ + eps. That adds √eps, which is ten thousand times as much as 1e-8: take
    the root first, then add eps.""")
both_corrections_moved_into_lr_and_eps.slip("""eps-before-the-correction
    - new = {n: params[n] - rate * m[n] / (np.sqrt(v[n]) + root * eps) for n in params}
    + rate = lr * np.sqrt(1 - beta2**t) / (1 - beta1**t)
    + new = {n: params[n] - rate * m[n] / (np.sqrt(v[n]) + eps) for n in params}
    You added eps to the root of v before v was corrected. Keras and others do it in that order,
    which makes eps count for more in the first steps; Algorithm 1 adds it to the root of v̂.""")
both_corrections_moved_into_lr_and_eps.slip("""eps-forgotten
    - new = {n: params[n] - rate * m[n] / (np.sqrt(v[n]) + root * eps) for n in params}
    + m_hat = {n: m[n] / (1 - beta1**t) for n in params}
    + v_hat = {n: v[n] / (1 - beta2**t) for n in params}
    + new = {n: params[n] - lr * m_hat[n] / np.sqrt(v_hat[n]) for n in params}
    There is no eps in your step. A number whose gradient was always 0, such as a word that no
    sentence held, then moves by 0 / 0, which is nan.""")
both_corrections_moved_into_lr_and_eps.slip("""gradient-not-squared
    - v = {n: beta2 * state["v"][n] + (1 - beta2) * grads[n] ** 2 for n in params}
    - new = {n: params[n] - rate * m[n] / (np.sqrt(v[n]) + root * eps) for n in params}
    + v = {n: beta2 * state["v"][n] + (1 - beta2) * grads[n] for n in params}
    + m_hat = {n: m[n] / (1 - beta1**t) for n in params}
    + v_hat = {n: v[n] / (1 - beta2**t) for n in params}
    + new = {n: params[n] - lr * m_hat[n] / (np.sqrt(v_hat[n]) + eps) for n in params}
    Your v averages the gradient itself. It can be negative, and its root is nan then: v is the mean
    of the squares, g².""")
both_corrections_moved_into_lr_and_eps.slip("""absolute-gradient
    - v = {n: beta2 * state["v"][n] + (1 - beta2) * grads[n] ** 2 for n in params}
    - new = {n: params[n] - rate * m[n] / (np.sqrt(v[n]) + root * eps) for n in params}
    + v = {n: beta2 * state["v"][n] + (1 - beta2) * np.abs(grads[n]) for n in params}
    + m_hat = {n: m[n] / (1 - beta1**t) for n in params}
    + v_hat = {n: v[n] / (1 - beta2**t) for n in params}
    + new = {n: params[n] - lr * m_hat[n] / (np.sqrt(v_hat[n]) + eps) for n in params}
    Your v averages |g|. It is the mean of the squares, g², whose root is again of the size of g.""")
both_corrections_moved_into_lr_and_eps.slip("""root-forgotten
    - new = {n: params[n] - rate * m[n] / (np.sqrt(v[n]) + root * eps) for n in params}
    + m_hat = {n: m[n] / (1 - beta1**t) for n in params}
    + v_hat = {n: v[n] / (1 - beta2**t) for n in params}
    + new = {n: params[n] - lr * m_hat[n] / (v_hat[n] + eps) for n in params}
    You divided by v̂ and not by its root. Then a gradient ten times as large makes a step a tenth
    as long; with the root its size cancels.""")
both_corrections_moved_into_lr_and_eps.slip("""betas-swapped
    - t = state["t"] + 1
    + beta1, beta2 = beta2, beta1
    + t = state["t"] + 1
    - new = {n: params[n] - rate * m[n] / (np.sqrt(v[n]) + root * eps) for n in params}
    + m_hat = {n: m[n] / (1 - beta1**t) for n in params}
    + v_hat = {n: v[n] / (1 - beta2**t) for n in params}
    + new = {n: params[n] - lr * m_hat[n] / (np.sqrt(v_hat[n]) + eps) for n in params}
    You used β₁ for v and β₂ for m. m, the direction, remembers about 10 steps (0.9); v, the size,
    about 1000 (0.999).""")


@exercise.wrong
def shares_swapped(params, grads, state, lr=1e-3, beta1=0.9, beta2=0.999, eps=1e-8):
    """You gave the old mean 1 − β and the new gradient β. β says how much of the past is kept, and
    that is most of it."""
    t = state["t"] + 1
    m = {n: (1 - beta1) * state["m"][n] + beta1 * grads[n] for n in params}
    v = {n: (1 - beta2) * state["v"][n] + beta2 * grads[n] ** 2 for n in params}
    m_hat = {n: m[n] / (1 - beta1**t) for n in params}
    v_hat = {n: v[n] / (1 - beta2**t) for n in params}
    new = {n: params[n] - lr * m_hat[n] / (np.sqrt(v_hat[n]) + eps) for n in params}
    return new, {"m": m, "v": v, "t": t}


@exercise.wrong
def gradient_in_full(params, grads, state, lr=1e-3, beta1=0.9, beta2=0.999, eps=1e-8):
    """You added the whole gradient to β times the old m, as momentum does. m and v are running
    means here: the new part counts 1 − β."""
    t = state["t"] + 1
    m = {n: beta1 * state["m"][n] + grads[n] for n in params}
    v = {n: beta2 * state["v"][n] + grads[n] ** 2 for n in params}
    m_hat = {n: m[n] / (1 - beta1**t) for n in params}
    v_hat = {n: v[n] / (1 - beta2**t) for n in params}
    new = {n: params[n] - lr * m_hat[n] / (np.sqrt(v_hat[n]) + eps) for n in params}
    return new, {"m": m, "v": v, "t": t}


both_corrections_moved_into_lr_and_eps.slip("""corrected-means-kept
    - new = {n: params[n] - rate * m[n] / (np.sqrt(v[n]) + root * eps) for n in params}
    + m = {n: m[n] / (1 - beta1**t) for n in params}
    + v = {n: v[n] / (1 - beta2**t) for n in params}
    + new = {n: params[n] - lr * m[n] / (np.sqrt(v[n]) + eps) for n in params}
    You kept the corrected m̂ and v̂ in the state. The next step would correct them a second time:
    keep m and v, and correct for the step only.""")
both_corrections_moved_into_lr_and_eps.slip("""ascent
    - new = {n: params[n] - rate * m[n] / (np.sqrt(v[n]) + root * eps) for n in params}
    + m_hat = {n: m[n] / (1 - beta1**t) for n in params}
    + v_hat = {n: v[n] / (1 - beta2**t) for n in params}
    + new = {n: params[n] + lr * m_hat[n] / (np.sqrt(v_hat[n]) + eps) for n in params}
    You went uphill: m̂ is a mean of gradients, and a gradient points to where the loss grows.""")


one_loop_over_the_names.slip("""stops-where-the-gradient-is-zero
    - for name, g in grads.items():
    + for name, g in grads.items():
    +     if not g.any():
    +         out[name], m[name], v[name] = (
    +             array.copy() for array in (params[name], state["m"][name], state["v"][name])
    +         )
    +         continue
    You left a parameter alone where its whole gradient is 0. m remembers where it was going: m and
    v become β times what they were, and the step follows m.""")
one_loop_over_the_names.slip("""numbers-without-a-gradient-stay
    - out[name] = params[name] - lr * m_hat / (np.sqrt(v_hat) + eps)
    + m[name] = np.where(g == 0, state["m"][name], m[name])
    + v[name] = np.where(g == 0, state["v"][name], v[name])
    + new = params[name] - lr * m_hat / (np.sqrt(v_hat) + eps)
    + out[name] = np.where(g == 0, params[name], new)
    You left numbers alone whose gradient is 0. Some libraries have such a lazy Adam, for the rows of
    large tables; in Algorithm 1 every number's m and v fade, and the step follows m.""")


@exercise.wrong
def mutates(params, grads, state, lr=1e-3, beta1=0.9, beta2=0.999, eps=1e-8):
    """The numbers are right, but you wrote into the caller's own arrays. Whoever kept the
    parameters of the best epoch has lost them: put the results into new arrays and new dicts."""
    state["t"] += 1
    for n in params:
        m, v = state["m"][n], state["v"][n]
        m *= beta1
        m += (1 - beta1) * grads[n]
        v *= beta2
        v += (1 - beta2) * grads[n] ** 2
        root = np.sqrt(v / (1 - beta2 ** state["t"]))
        params[n] -= lr * m / (1 - beta1 ** state["t"]) / (root + eps)
    return params, state
