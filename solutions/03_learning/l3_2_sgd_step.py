"""The steps of an optimiser are checked on numbers that make its parts of like size: a momentum
that counts."""

import numpy as np

from autograder.authoring import Check, Exercise, call, every_layout, normal

exercise = Exercise(
    "A step downhill, with momentum",
    solve="sgd_step",
    difficulty=2,
    importance=5,
    minutes=15,
    hints="""Two lines for each parameter: first the new velocity from the old one and the gradient,
    then the new parameter from the old one and the *new* velocity.

    v ← momentum · v + g, then p ← p − lr · v. The learning rate appears once, in the second line.
    Each name has its own p, g and v: look them up by the name, for the dicts need not be in the
    same order.

    Two dict comprehensions do it: one over the names that makes the new velocities, one that makes
    the new parameters from them. Both are new dicts of new arrays, which are returned as a pair.""",
)


@exercise.checks
def checks(rng):
    zero = {"p": np.zeros(3)}
    yield Check(
        "three numbers, no momentum",
        call({"p": np.array([1.0, 2.0, 3.0])}, {"p": np.array([10.0, -20.0, 0.0])}, zero, lr=0.1),
        call({"p": normal(rng, 3)}, {"p": normal(rng, 3)}, zero, lr=0.5),
        says="""Against the gradient, lr times its length: 1 − 0.1 · 10 = 0. Without momentum the
        new velocity is the gradient itself.""",
    )
    W_AD, u_A, w_D = normal(rng, 3, 5), normal(rng, 3), normal(rng, 5)
    dW_AD, du_A, dw_D = normal(rng, 3, 5), normal(rng, 3), normal(rng, 5)
    vW_AD, vu_A, vw_D = normal(rng, 3, 5), normal(rng, 3), normal(rng, 5)
    some_dW_AD = dW_AD * (np.arange(3) != rng.integers(3))[:, None]  # nobody used one row
    yield Check(
        "several parameters, by name",
        call(
            {"u": u_A, "v": du_A, "w": vu_A},
            {"w": u_A, "u": vu_A, "v": du_A},
            {"v": normal(rng, 3), "w": normal(rng, 3), "u": normal(rng, 3)},
            lr=0.25,
        ),
        call(
            {"W": W_AD, "u": u_A, "w": w_D},
            {"w": dw_D, "u": du_A, "W": dW_AD},
            {"u": vu_A, "W": vW_AD, "w": vw_D},
            lr=0.25,
        ),
        says="""A gradient belongs to the parameter of its name, wherever it stands in the dict.
        With momentum 0, the default, the old velocity makes no difference.""",
    )
    yield Check(
        "momentum",
        call(
            {"p": np.array([1.0, 2.0, 3.0])},
            {"p": np.array([1.0, -1.0, 0.0])},
            {"p": np.array([4.0, 4.0, -4.0])},
            lr=0.1,
            momentum=0.5,
        ),
        call(
            {"W": W_AD, "u": u_A, "w": w_D},
            {"w": dw_D, "u": du_A, "W": dW_AD},
            {"u": vu_A, "W": vW_AD, "w": vw_D},
            lr=0.3,
            momentum=0.9,
        ),
        call(
            {"W": W_AD, "u": u_A, "w": w_D},
            {"W": some_dW_AD, "u": 0 * du_A, "w": dw_D},
            {"W": vW_AD, "u": vu_A, "w": vw_D},
            lr=0.3,
            momentum=0.9,
        ),
        says="""The new velocity is momentum · old velocity + gradient, and the step is lr times the
        new velocity. First example: 0.5 · 4 + 1 = 3, and 1 − 0.1 · 3 = 0.7. Where the gradient is 0
        there is still the old velocity.""",
        points=2,
    )
    yield Check(
        "any layout in memory, inputs left alone",
        *(
            call({"W": W, "u": u}, {"u": du, "W": dW}, {"W": vW, "u": vu}, lr=0.2, momentum=0.75)
            for W, u, dW, du, vW, vu in every_layout(W_AD, u_A, dW_AD, du_A, vW_AD, vu_A)
        ),
        says="Whoever goes back to an earlier epoch needs its parameters as they were.",
        judges="inputs untouched",
    )


@exercise.right
def a_loop_over_names(params, grads, velocity, lr, momentum=0.0):
    new_params, new_velocity = {}, {}
    for name, p in params.items():
        new_velocity[name] = momentum * velocity[name] + grads[name]
        new_params[name] = p - lr * new_velocity[name]
    return new_params, new_velocity


@exercise.right("on copies, in place")
def on_copies_in_place(params, grads, velocity, lr, momentum=0.0):
    velocity = {name: v.copy() for name, v in velocity.items()}
    params = {name: p.copy() for name, p in params.items()}
    for name in grads:
        velocity[name] *= momentum
        velocity[name] += grads[name]
        params[name] -= lr * velocity[name]
    return params, velocity


@exercise.right
def number_by_number(params, grads, velocity, lr, momentum=0.0):
    new_params = {name: np.array(p) for name, p in params.items()}
    new_velocity = {name: np.array(v) for name, v in velocity.items()}
    for name in params:
        for place in np.ndindex(params[name].shape):
            v = momentum * velocity[name][place] + grads[name][place]
            new_velocity[name][place] = v
            new_params[name][place] = params[name][place] - lr * v
    return new_params, new_velocity


@exercise.right
def lr_taken_out_of_a_sum(params, grads, velocity, lr, momentum=0.0):
    new_velocity = {n: np.add(grads[n], velocity[n] * momentum) for n in sorted(grads)}
    return {n: params[n] + (-lr) * new_velocity[n] for n in sorted(grads)}, new_velocity


@exercise.wrong
def ascent(params, grads, velocity, lr, momentum=0.0):
    """You went uphill: the gradient points to where the loss grows. Which sign takes you down?"""
    velocity = {name: momentum * velocity[name] + grads[name] for name in params}
    return {name: params[name] + lr * velocity[name] for name in params}, velocity


@exercise.wrong
def velocity_reset(params, grads, velocity, lr, momentum=0.0):
    """Your velocity is the gradient of this step alone: what was built up before is lost, and
    momentum makes no difference. Take momentum times the old velocity along."""
    velocity = {name: grads[name].copy() for name in params}
    return {name: params[name] - lr * velocity[name] for name in params}, velocity


@exercise.wrong
def momentum_one(params, grads, velocity, lr, momentum=0.0):
    """You added the whole old velocity to the gradient. Then nothing ever slows down: momentum says
    how much of it is kept."""
    velocity = {name: velocity[name] + grads[name] for name in params}
    return {name: params[name] - lr * velocity[name] for name in params}, velocity


@exercise.wrong
def lr_twice(params, grads, velocity, lr, momentum=0.0):
    """You multiplied by the learning rate twice: once in the velocity and once in the step. With lr
    = 0.1 you walk a tenth as far as you should."""
    velocity = {name: momentum * velocity[name] + lr * grads[name] for name in params}
    return {name: params[name] - lr * velocity[name] for name in params}, velocity


@exercise.wrong
def lr_in_the_velocity(params, grads, velocity, lr, momentum=0.0):
    """You put the learning rate into the velocity. Some libraries do so; here v is made of
    gradients alone, and lr comes with the step, so that lr may be changed on the way."""
    velocity = {name: momentum * velocity[name] + lr * grads[name] for name in params}
    return {name: params[name] - velocity[name] for name in params}, velocity


@exercise.wrong
def no_lr(params, grads, velocity, lr, momentum=0.0):
    """You took the whole velocity as a step: the learning rate makes no difference."""
    velocity = {name: momentum * velocity[name] + grads[name] for name in params}
    return {name: params[name] - velocity[name] for name in params}, velocity


@exercise.wrong
def averages_the_gradient(params, grads, velocity, lr, momentum=0.0):
    """You weighed the gradient by 1 − momentum, as Adam will. Here the gradient counts in full: v ←
    momentum · v + g."""
    velocity = {n: momentum * velocity[n] + (1 - momentum) * grads[n] for n in params}
    return {name: params[name] - lr * velocity[name] for name in params}, velocity


@exercise.wrong
def steps_with_the_old_velocity(params, grads, velocity, lr, momentum=0.0):
    """The step used the velocity from before this gradient. First make the new velocity, then step
    with it."""
    new_velocity = {name: momentum * velocity[name] + grads[name] for name in params}
    return {name: params[name] - lr * velocity[name] for name in params}, new_velocity


exercise.slip("""nesterov
    - params = {name: params[name] - lr * velocity[name] for name in params}
    + params = {n: params[n] - lr * (grads[n] + momentum * velocity[n]) for n in params}
    You looked one step ahead: p − lr (g + momentum · v) is Nesterov's variant. Plain momentum steps
    by lr times v.""")
a_loop_over_names.slip("""pairs-by-place
    - for name, p in params.items():
    -     new_velocity[name] = momentum * velocity[name] + grads[name]
    + rows = zip(params, params.values(), grads.values(), velocity.values(), strict=True)
    + for name, p, g, v in rows:
    +     new_velocity[name] = momentum * v + g
    You took the first gradient for the first parameter, the second for the second. A dict is not
    about places: look each gradient and each velocity up by the parameter's name.""")


a_loop_over_names.slip("""stops-where-the-gradient-is-zero
    - for name, p in params.items():
    + for name, p in params.items():
    +     if not grads[name].any():
    +         new_params[name], new_velocity[name] = p.copy(), velocity[name].copy()
    +         continue
    You left a parameter alone where its gradient is 0. Momentum carries it on: its velocity becomes
    momentum times the old one, and the step follows it.""")


a_loop_over_names.slip("""numbers-without-a-gradient-stay
    - new_params[name] = p - lr * new_velocity[name]
    + still = grads[name] == 0
    + new_velocity[name] = np.where(still, velocity[name], new_velocity[name])
    + new_params[name] = np.where(still, p, p - lr * new_velocity[name])
    You left numbers alone whose gradient is 0. Momentum carries them on: their velocity becomes
    momentum times the old one, and the step follows it.""")


@exercise.wrong
def returns_the_old_velocity(params, grads, velocity, lr, momentum=0.0):
    """You stepped with the new velocity and then returned the old one, so the next step starts
    without it."""
    new = {name: momentum * velocity[name] + grads[name] for name in params}
    return {name: params[name] - lr * new[name] for name in params}, velocity


@exercise.wrong
def one_parameter_only(params, grads, velocity, lr, momentum=0.0):
    """You returned inside the loop: only the first parameter has moved, and the others are gone."""
    for name in params:
        v = momentum * velocity[name] + grads[name]
        return {name: params[name] - lr * v}, {name: v}


@exercise.wrong
def params_alone(params, grads, velocity, lr, momentum=0.0):
    """You returned the parameters alone. The velocity belongs to the answer too: without it the
    next step has no momentum."""
    velocity = {name: momentum * velocity[name] + grads[name] for name in params}
    return {name: params[name] - lr * velocity[name] for name in params}


on_copies_in_place.slip("""mutates
    - velocity = {name: v.copy() for name, v in velocity.items()}
    - params = {name: p.copy() for name, p in params.items()}
    - for name in grads:
    + for name in params:
    The step is right, but `-=` and `*=` wrote into the caller's own arrays. Whoever kept the
    parameters of an earlier step has lost them: put the results into new arrays.""")
