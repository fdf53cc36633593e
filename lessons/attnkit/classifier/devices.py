"""What this machine can train on, what will be used, and how several GPUs share the work."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from attnkit.cache import cache_folder
from attnkit.quiet import silence


@dataclass(frozen=True)
class Devices:
    """What was found and what will be used. `str()` says it in two lines."""

    backend: str  # "tensorflow", "jax" or "torch"
    version: str  # of the backend
    keras: str  # Keras's version
    cores: int  # that this process may use
    gpus: tuple[str, ...]  # names of the GPUs that the backend sees
    uses: str  # "cpu" or "gpu"

    def __str__(self) -> str:
        gpus = ", ".join(self.gpus) if self.gpus else "no GPU"
        cores = f"{self.cores} CPU core{'s' * (self.cores != 1)}"
        will = "the CPU"
        if self.uses == "gpu":
            will = f"all {len(self.gpus)} GPUs" if len(self.gpus) > 1 else "the GPU"
        return (
            f"Found: {cores}, {gpus}; Keras {self.keras} on {self.backend} {self.version}.\n"
            f"Training will use {will}."
        )


def device_report(prefer: str = "auto") -> Devices:
    """Look for GPUs. ``prefer``: "auto" takes them if there are any; "cpu" and "gpu" insist.

    "cpu" hides GPUs from this process, if Keras has not been imported before. Raises ValueError for
    another word, and RuntimeError if a GPU is wanted and there is none.
    """
    if prefer not in ("auto", "cpu", "gpu"):
        raise ValueError(f'A device is "auto", "cpu" or "gpu", not {prefer!r}.')
    if prefer == "cpu":
        os.environ.update(CUDA_VISIBLE_DEVICES="-1", JAX_PLATFORMS="cpu")
    with silence():
        import keras

        backend = keras.backend.backend()
        looks = {"tensorflow": _tensorflow, "jax": _jax, "torch": _torch}
        version, gpus = looks[backend]()
    if prefer == "gpu" and not gpus:
        raise RuntimeError(f"There is no GPU that {backend} {version} can use")
    uses = "gpu" if gpus and prefer != "cpu" else "cpu"
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return Devices(backend, version, keras.__version__, cores or 1, tuple(gpus), uses)


def same_every_time() -> None:
    """Let GPUs, too, add numbers in the same order each time: a little slower, the same result.

    To be called before `device_report`. CPUs do so anyway.
    """
    os.environ.setdefault("XLA_FLAGS", "")
    if "--xla_gpu_deterministic_ops" not in os.environ["XLA_FLAGS"]:
        os.environ["XLA_FLAGS"] += " --xla_gpu_deterministic_ops=true"
    with silence():
        import keras

        if keras.backend.backend() == "tensorflow":
            import tensorflow as tf

            tf.config.experimental.enable_op_determinism()


def computes_on_gpu() -> bool:
    """Will the next model compute on a GPU? Asks the backend, which by then has made its choice."""
    import keras

    backend = keras.backend.backend()
    if backend == "tensorflow":
        import tensorflow as tf

        return bool(tf.config.list_logical_devices("GPU"))
    return bool({"jax": _jax, "torch": _torch}[backend]()[1])


def keep_programs() -> None:
    """On JAX, keep compiled programs on disk: the next model of the same shapes needs no compiler.

    In the folder ``programs`` of the cache, unless JAX was told another one or nothing is
    to be kept (`cache`). TensorFlow has no such cache.
    """
    import keras

    folder = cache_folder()
    if keras.backend.backend() != "jax" or folder is None:
        return
    import jax

    settings: Any = jax.config
    if settings.jax_compilation_cache_dir is None:
        jax.config.update("jax_compilation_cache_dir", str(folder / "programs"))
        jax.config.update("jax_persistent_cache_min_compile_time_secs", 0.3)


def sharing(devices: Sequence[str] | None = None) -> Any:
    """A context in which models are made whose batches are shared out among devices.

    None: all GPUs if there are several, else nothing changes. Otherwise names, such as
    ``["cpu:0", "cpu:1"]``. On TensorFlow it is a `tf.distribute.MirroredStrategy`'s scope, on JAX
    that of a `keras.distribution.DataParallel`; PyTorch trains on one device.
    """
    import keras

    backend = keras.backend.backend()
    if backend == "tensorflow":
        import tensorflow as tf

        names = devices or [gpu.name for gpu in tf.config.list_logical_devices("GPU")]
        if len(names) > 1:
            return tf.distribute.MirroredStrategy(list(names)).scope()
    elif backend == "jax":
        names = devices or (keras.distribution.list_devices("gpu") if _jax()[1] else [])
        if len(names) > 1:
            shared = keras.distribution.DataParallel(devices=list(names), auto_shard_dataset=False)
            return shared.scope()
    return contextlib.nullcontext()


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
