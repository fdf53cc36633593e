"""What this machine can train on, and what will be used."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Any

import keras


@dataclass(frozen=True)
class Devices:
    """What was found and what will be used. `str()` says it in two lines."""

    backend: str  # "tensorflow", "jax" or "torch"
    version: str  # of the backend
    cores: int
    gpus: tuple[str, ...]  # names of the GPUs that the backend sees
    uses: str  # "cpu" or "gpu"

    def __str__(self) -> str:
        gpus = ", ".join(self.gpus) if self.gpus else "no GPU"
        cores = f"{self.cores} CPU core{'s' * (self.cores != 1)}"
        if self.uses == "cpu":
            will = "the CPU"
        else:
            will = f"{len(self.gpus)} GPUs" if len(self.gpus) > 1 else "the GPU"
        return (
            f"Found: {cores}, {gpus}. Keras {keras.__version__} on {self.backend} {self.version}.\n"
            f"Training will use {will}."
        )


def device_report(prefer: str = "auto") -> Devices:
    """Look for GPUs. ``prefer``: "auto" takes them if there are any; "cpu" and "gpu" insist.

    Raises ValueError for another word, and RuntimeError if a GPU is wanted and there is none.
    """
    if prefer not in ("auto", "cpu", "gpu"):
        raise ValueError(f'A device is "auto", "cpu" or "gpu", not {prefer!r}.')
    backend = keras.backend.backend()
    version, gpus = {"tensorflow": _tensorflow, "jax": _jax, "torch": _torch}[backend]()
    if prefer == "gpu" and not gpus:
        raise RuntimeError(f"There is no GPU that {backend} {version} can use.")
    uses = "gpu" if gpus and prefer != "cpu" else "cpu"
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return Devices(backend, version, cores or 1, tuple(gpus), uses)


def _tensorflow() -> tuple[str, list[str]]:
    import tensorflow as tf

    names = [
        tf.config.experimental.get_device_details(gpu).get("device_name", gpu.name)
        for gpu in tf.config.list_physical_devices("GPU")
    ]
    return tf.__version__, names


def _jax() -> tuple[str, list[str]]:
    import jax

    return jax.__version__, [d.device_kind for d in jax.devices() if d.platform == "gpu"]


def _torch() -> tuple[str, list[str]]:
    import torch

    there: Any = torch.cuda
    return torch.__version__, [there.get_device_name(i) for i in range(there.device_count())]
