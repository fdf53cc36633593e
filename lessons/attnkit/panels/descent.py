"""Lesson 3's panel: learning rate and momentum, and the ways down that they lead to."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from attnkit.figures.canvas import Canvas
from attnkit.figures.descent import SURFACES, Surface, draw_descent
from attnkit.panels.base import AnyKnob, Choice, Knob, PicturePanel
from attnkit.panels.learner import NoPictureError, call, name_of

FloatArray = npt.NDArray[np.float64]
Step = Callable[..., Any]
Move = Callable[[FloatArray], FloatArray]  # from a gradient to a step

EPS = 1e-8
IN_SIGHT = 50.0  # beyond, a path is taken to fly off


def sgd_path(surface: Surface, lr: float, momentum: float, steps: int) -> FloatArray:
    """The path (steps + 1, 2) of gradient descent with momentum from the surface's start."""
    velocity = np.zeros(2)

    def move(gradient: FloatArray) -> FloatArray:
        nonlocal velocity
        velocity = momentum * velocity - lr * gradient
        return velocity

    return _walk(surface, move, steps)


def adam_path(surface: Surface, lr: float, beta1: float, beta2: float, steps: int) -> FloatArray:
    """The path (steps + 1, 2) of Adam from the surface's start."""
    mean, square, t = np.zeros(2), np.zeros(2), 0

    def move(gradient: FloatArray) -> FloatArray:
        nonlocal mean, square, t
        t += 1
        mean = beta1 * mean + (1 - beta1) * gradient
        square = beta2 * square + (1 - beta2) * gradient**2
        rate = lr * (1 - beta2**t) ** 0.5 / (1 - beta1**t)
        return -rate * mean / (np.sqrt(square) + EPS)

    return _walk(surface, move, steps)


def _walk(surface: Surface, move: Move, steps: int) -> FloatArray:
    """The places that a way of moving by gradients comes to, from the surface's start."""
    path = [np.array(surface.start, dtype=np.float64)]
    with np.errstate(all="ignore"):
        for _ in range(steps):
            path.append(path[-1] + move(np.array(surface.gradient(*path[-1]))))
    return np.array(path)


def _own_path(
    function: Step, surface: Surface, state: Any, steps: int, **settings: float
) -> FloatArray:  # fmt: skip
    """The path of a learner's step function: ``(params, grads, state, …) -> (params, state)``."""
    params = {"p": np.array(surface.start, dtype=np.float64)}
    path = [params["p"]]
    name = name_of(function)
    for _ in range(steps):
        with np.errstate(all="ignore"):
            grads = {"p": np.array(surface.gradient(*params["p"]))}
        result = call(function, params, grads, state, **settings)
        if not isinstance(result, tuple | list) or len(result) != 2:
            raise NoPictureError(f"{name} should return two things: the parameters and the state.")
        params, state = result
        try:
            place = np.asarray(params["p"], dtype=np.float64)
        except (TypeError, KeyError, ValueError):
            raise NoPictureError(
                f"{name} should return the parameters as a dict of arrays."
            ) from None
        if place.shape != (2,):
            raise NoPictureError(f"{name} changes the shape of a parameter to {place.shape}.")
        path.append(place.copy())
    return np.array(path)


def descent_panel(sgd_step: Step | None = None, adam_step: Step | None = None) -> PicturePanel:
    """Gradient descent, momentum and Adam on a loss surface, with their learning rates and βs.

    ``sgd_step(params, grads, velocity, lr, momentum) -> (params, velocity)`` and
    ``adam_step(params, grads, state, lr, beta1, beta2, eps) -> (params, state)`` are the learner's
    own. Where they go another way than they should, the right way is dashed.
    """

    def picture(
        surface: str, lr: float, momentum: float, adam_lr: float, beta2: float, steps: int
    ) -> tuple[Canvas, str]:
        ground = SURFACES[surface]
        wanted = [
            ("gradient descent", sgd_path(ground, 10**lr, 0.0, steps)),
            ("momentum", sgd_path(ground, 10**lr, momentum, steps)),
            ("Adam", adam_path(ground, 10**adam_lr, 0.9, beta2, steps)),
        ]
        own: list[FloatArray | None] = [None, None, None]
        if sgd_step is not None:
            zero = {"p": np.zeros(2)}
            for place, beta in ((0, 0.0), (1, momentum)):
                own[place] = _own_path(
                    sgd_step, ground, zero, steps, lr=10**lr, momentum=beta
                )  # fmt: skip
        if adam_step is not None:
            state = {"m": {"p": np.zeros(2)}, "v": {"p": np.zeros(2)}, "t": 0}
            own[2] = _own_path(
                adam_step, ground, state, steps, lr=10**adam_lr, beta1=0.9, beta2=beta2, eps=EPS
            )
        ways, astray = [], []
        for (name, right), mine in zip(wanted, own, strict=True):
            fits = mine is None or _alike(mine, right)
            ways.append((name, right if mine is None else mine, None if fits else right))
            if not fits:
                astray.append(name)
        said = ""
        if astray:
            said = f"▲ Your {' and '.join(astray)} goes another way than the dashed one."
        elif sgd_step is not None or adam_step is not None:
            said = "✓ Your steps go the right way: these paths are drawn from them."
        return draw_descent(surface, ways), said

    knobs: list[AnyKnob] = [
        Choice("surface", "surface", {name: name for name in SURFACES}, "a long valley"),
        Knob("lr", "log₁₀ learning rate", -3.0, 1.0, 0.125, -0.75),
        Knob("momentum", "momentum β", 0.0, 1.0, 0.0625, 0.75),
        Knob("adam_lr", "log₁₀ rate of Adam", -3.0, 1.0, 0.125, -0.5),
        Choice("beta2", "β₂ of Adam", {str(b): b for b in (0.0, 0.9, 0.99, 0.999)}, 0.999),
        Knob("steps", "steps", 1, 100, 1, 40),
    ]
    return PicturePanel(knobs, picture)


def _alike(path: FloatArray, wanted: FloatArray) -> bool:
    """Whether two paths are the same, as long as they stay within sight.

    A path that flies off doubles every small difference, so there only the way out is compared.
    """
    with np.errstate(all="ignore"):
        near = (np.abs(wanted) < IN_SIGHT).all(axis=1)
        until = len(wanted) if near.all() else int(np.argmin(near))
        return bool(np.allclose(path[:until], wanted[:until], rtol=1e-3, atol=1e-3))
