"""Where a training stands, on disk, whole or not at all: weights, optimiser, dice, epoch, step."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import keras
import numpy as np
import numpy.typing as npt

from attnkit.files import writing

Array = npt.NDArray[Any]


class CheckpointError(Exception):
    """A checkpoint doesn't belong to this training, or can't be read."""


def state_of(model: Any) -> list[Any]:
    """All variables that the next step depends on, in a fixed order.

    The model's own (dropout's dice among them), the optimiser's, and the running metrics'.
    """
    if hasattr(model, "jax_state_sync"):  # on JAX, Keras holds them elsewhere during an epoch
        model.jax_state_sync()
    return [*model.variables, *model.optimizer.variables, *model.metrics_variables]


def read_values(variables: Sequence[Any]) -> list[Array]:
    """Copies of variables' values."""
    return [np.array(keras.ops.convert_to_numpy(variable)) for variable in variables]


def assign_values(variables: Sequence[Any], values: Sequence[Array]) -> None:
    """Give variables these values. CheckpointError if they don't fit."""
    shapes = [tuple(variable.shape) for variable in variables]
    if shapes != [value.shape for value in values]:
        raise CheckpointError("it was made by a model or a version with other weights")
    for variable, value in zip(variables, values, strict=True):
        variable.assign(value)


def save_values(path: Path, values: Sequence[Array], facts: Mapping[str, Any]) -> None:
    """Write arrays and plain facts durably: a kill or a power cut leaves the old file or this."""
    told = np.frombuffer(json.dumps(facts).encode(), np.uint8)
    with writing(path) as out:
        np.savez(out, told, *values)


def load_values(path: Path) -> tuple[list[Array], dict[str, Any]]:
    """What `save_values` wrote. CheckpointError if it is damaged; FileNotFoundError."""
    try:
        with np.load(path, allow_pickle=False) as kept:
            told, *values = (kept[f"arr_{place}"] for place in range(len(kept.files)))
            return values, json.loads(told.tobytes())
    except (ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
        raise CheckpointError(f"it is damaged ({error})") from None
