"""Training: from texts and labels to a classifier; stopped anywhere, it goes on to the same end."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import keras
import numpy as np
import numpy.typing as npt

from attnkit.classifier.batches import Batches, feed, reading_order, training_order
from attnkit.classifier.checkpoint import (
    CheckpointError,
    assign_values,
    load_values,
    read_values,
    save_values,
    state_of,
)
from attnkit.classifier.classifier import Classifier
from attnkit.classifier.config import Config
from attnkit.classifier.devices import keep_programs, sharing
from attnkit.classifier.evidence import evidence_model, fit_evidence, gather, weigh
from attnkit.classifier.model import VECTORS, build_model
from attnkit.classifier.tokens import Tokens, cached_tokens, cached_vocabulary
from attnkit.classifier.vocabulary import Vocabulary

FloatArray = npt.NDArray[np.float32]
History = dict[str, list[float]]
CURVES = ("loss", "accuracy", "val_loss", "val_accuracy")
CHECKPOINT_SECONDS = 20.0
READ_AT_ONCE = 256


@dataclass(frozen=True)
class Step:
    """Where a training is: told to ``watch`` after every step and every epoch."""

    member: int  # from 1
    epoch: int  # from 1
    step: int  # of this epoch, from 1
    steps: int  # of each epoch
    logs: Mapping[str, float] = field(default_factory=dict)  # filled when an epoch has ended


Watch = Callable[[Step], object]


@dataclass(frozen=True)
class Reviews:
    """Encoded texts and their labels."""

    tokens: Tokens
    labels: npt.NDArray[np.float32]  # of shape (N,)


def train(
    texts: Sequence[str],
    labels: npt.ArrayLike,
    validation_texts: Sequence[str],
    validation_labels: npt.ArrayLike,
    config: Config,
    folder: str | Path | None = None,
    *,
    watch: Watch | None = None,
    tensorboard: bool = False,
    devices: Sequence[str] | None = None,
    checkpoint_seconds: float = CHECKPOINT_SECONDS,
) -> tuple[Classifier, History]:
    """Fit the vocabulary on the training texts, train, keep the epoch of least validation loss.

    Returns the classifier and the history as Keras gives it: a list for each of ``loss``,
    ``accuracy``, ``val_loss`` and ``val_accuracy`` with a number for each epoch (the first
    member's, if ``config.members`` is more than 1).

    With a ``folder`` the state of the training is kept there every now and then, and the same call
    goes on from there after a kill, to the very same weights. ``tensorboard`` writes logs below it.
    Several GPUs share each batch (`devices.sharing`); ``devices`` names others.
    Raises `CheckpointError` if the folder holds another training's state, ValueError if labels
    aren't 0 or 1, if one of the two is missing, or if there are not as many as texts.
    """
    texts, validation_texts = [*map(str, texts)], [*map(str, validation_texts)]
    labels_N = _checked(texts, labels, "training")
    validation_N = _checked(validation_texts, validation_labels, "validation")
    vocabulary = cached_vocabulary(texts, config)
    if folder is not None:
        folder = Path(folder)
        folder.mkdir(parents=True, exist_ok=True)

    def encoded(some: Sequence[str], y_N: npt.NDArray[np.float32]) -> Reviews:
        return Reviews(cached_tokens(some, vocabulary, config.max_len, config.keep), y_N)

    data, validation = encoded(texts, labels_N), encoded(validation_texts, validation_N)
    runs, histories, compiled = [], [], None
    evident = prior_V = None
    if config.linear or config.prior:
        evident = gather(data.tokens, labels_N, vocabulary.sizes)
        prior_V = config.prior * evident.odds_V if config.prior else None
    keep_programs()
    with ThreadPoolExecutor(1) as aside, sharing(devices):
        # the linear member needs one core for some seconds, and nothing of the others
        evidence = None
        if config.linear and evident is not None:
            evidence = aside.submit(fit_evidence, evident, labels_N)
        for member in range(config.members):
            run = Run(config, vocabulary, member, folder, watch or (lambda step: None))
            run.checkpoint_seconds = checkpoint_seconds
            compiled = run.begin(len(labels_N), compiled)
            histories.append(run.fit(data, validation, prior_V, tensorboard))
            runs.append(run)
    models = [run.finished_model() for run in runs]
    if evidence is not None:
        linear = evidence_model(evidence.result(), vocabulary.sizes)
        members = Classifier(config, vocabulary, (*models, linear))
        logits_NM = members.logits(validation.tokens)
        weigh(models, linear, logits_NM, validation.labels, config.linear_share)
        models.append(linear)
    return Classifier(config, vocabulary, tuple(models)), histories[0]


def _checked(texts: Sequence[str], labels: npt.ArrayLike, what: str) -> npt.NDArray[np.float32]:
    y_N = np.asarray(labels, dtype=np.float32).reshape(-1)
    if len(y_N) != len(texts):
        raise ValueError(f"There are {len(texts)} {what} texts, but {len(y_N)} labels.")
    if set(np.unique(y_N)) != {0.0, 1.0}:
        raise ValueError(f"The {what} labels must be 0 and 1, and both must be there.")
    return y_N


@dataclass(frozen=True)
class Compiled:
    """A model that is compiled, and its optimiser's variables as they were at first."""

    model: Any
    optimiser: list[Any]


class Run:
    """The training of one model."""

    def __init__(
        self, config: Config, vocabulary: Vocabulary, member: int, folder: Path | None, watch: Watch
    ) -> None:
        self.config, self.vocabulary, self.member = config, vocabulary, member
        self.folder, self.watch = folder, watch
        self.checkpoint_seconds = CHECKPOINT_SECONDS
        self.model = build_model(config, vocabulary.sizes, member)
        self.epoch, self.step = 0, 0  # done: whole epochs, and steps of the one after
        self.history: History = {name: [] for name in CURVES}
        self.metrics_values: list[Any] = []  # of a torn epoch
        self.best_values: list[Any] = []

    # -- where files are

    @property
    def checkpoint(self) -> Path | None:
        return self.folder / f"checkpoint-{self.member + 1}.npz" if self.folder else None

    @property
    def best(self) -> Path | None:
        return self.folder / f"best-{self.member + 1}.npz" if self.folder else None

    # -- training

    def begin(self, reviews: int, compiled: Compiled | None) -> Compiled:
        """Make the model ready to be trained on so many reviews, and hand it on to the next run.

        If a model is compiled already, that one takes over this run's weights and dice: on a GPU
        compiling takes longer than some epochs.
        """
        if compiled is None:
            steps = max(reviews // self.config.batch, 1) * self.config.epochs
            compile_model(self.model, self.config, steps)
            self.model.optimizer.build(self.model.trainable_variables)
            return Compiled(self.model, read_values(self.model.optimizer.variables))
        assign_values(compiled.model.variables, read_values(self.model.variables))
        assign_values(compiled.model.optimizer.variables, compiled.optimiser)
        self.model = compiled.model
        return compiled

    def fit(
        self,
        data: Reviews,
        validation: Reviews,
        prior_V: FloatArray | None = None,
        tensorboard: bool = False,
    ) -> History:
        """Train, or go on training, to the end. Returns the history."""
        config = self.config
        if not self.resume() and prior_V is not None:
            start_with_prior(self.model, prior_V)
        reading = reading_order(validation.tokens.lengths, READ_AT_ONCE)
        heard = feed(Batches(validation.tokens, reading, validation.labels))
        more = []
        if tensorboard and self.folder is not None:
            logs = self.folder / "tensorboard" / f"member-{self.member + 1}"
            more.append(keras.callbacks.TensorBoard(str(logs), write_graph=False))
        while not self.is_over():
            seed = config.seed * 1000 + self.member
            order = training_order(data.tokens.lengths, config.batch, seed, self.epoch)
            batches = Batches(data.tokens, order[self.step :], data.labels)
            self.model.fit(
                feed(batches),
                initial_epoch=self.epoch,
                epochs=self.epoch + 1,
                validation_data=heard,
                callbacks=[Keeper(self, len(order)), *more],
                verbose=0,
                shuffle=False,
            )
        return self.history

    def is_over(self) -> bool:
        """All epochs done, or no better one for too long."""
        since_best = self.epoch - 1 - best_epoch(self.history) if self.epoch else 0
        patient = self.config.patience == 0 or since_best < self.config.patience
        return self.epoch >= self.config.epochs or not patient

    def finished_model(self) -> Any:
        """A fresh model, not compiled, with the weights of the best epoch."""
        values = self.best_values
        if self.best is not None:
            values, _ = load_values(self.best)
        model = build_model(self.config, self.vocabulary.sizes, self.member)
        assign_values(model.weights, values)
        return model

    # -- the state on disk

    def resume(self) -> bool:
        """Take up the checkpoint. Whether there was one."""
        if self.checkpoint is None or not self.checkpoint.exists():
            return False
        values, facts = load_values(self.checkpoint)
        if facts["config"] != self.config.digest():
            raise CheckpointError(f"{self.checkpoint} belongs to a training with other settings")
        self.epoch, self.step, self.history = facts["epoch"], facts["step"], facts["history"]
        n_metrics = facts["metrics"]
        state = [*self.model.variables, *self.model.optimizer.variables]
        assign_values(state, values[: len(values) - n_metrics])
        self.metrics_values = values[len(values) - n_metrics :]
        return True

    def keep(self) -> None:
        """Write the checkpoint. OSError."""
        if self.checkpoint is None:
            return
        facts = {
            "config": self.config.digest(),
            "epoch": self.epoch,
            "step": self.step,
            "history": self.history,
            "metrics": len(self.model.metrics_variables),
        }
        save_values(self.checkpoint, read_values(state_of(self.model)), facts)

    def keep_best(self) -> None:
        """Keep the weights as they are: no epoch so far was better. OSError."""
        values = read_values(self.model.weights)
        if self.best is None:
            self.best_values = values
        else:
            save_values(self.best, values, {"epoch": self.epoch})


class Keeper(keras.callbacks.Callback):  # type: ignore[misc]
    """Counts steps, restores a torn epoch's running metrics, writes checkpoints, keeps the best."""

    def __init__(self, run: Run, steps: int) -> None:
        super().__init__()
        self.run, self.steps = run, steps
        self.last, self.cost = time.monotonic(), 0.0

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        values = self.run.metrics_values
        if self.run.step and values:
            if len(self.model.metrics_variables) < len(values):
                # Keras makes a metric's variables with its first batch
                y_B1 = keras.ops.zeros((1, 1))
                self.model.compute_metrics(None, y_B1, y_B1)
            assign_values(self.model.metrics_variables, values)
        self.run.metrics_values = []

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        run = self.run
        run.step += 1
        run.watch(Step(run.member + 1, run.epoch + 1, run.step, self.steps))
        # at most a twentieth of the time goes into checkpoints
        rest = max(run.checkpoint_seconds, 20 * self.cost)
        if run.step < self.steps and time.monotonic() - self.last >= rest:
            self.keep()

    def on_epoch_end(self, epoch: int, logs: Mapping[str, float] | None = None) -> None:
        run = self.run
        told = {name: float((logs or {})[name]) for name in CURVES}
        for name, value in told.items():
            run.history[name].append(value)
        run.epoch, run.step = epoch + 1, 0
        if best_epoch(run.history) == epoch:
            run.keep_best()
        self.keep()
        run.watch(Step(run.member + 1, run.epoch, self.steps, self.steps, told))

    def keep(self) -> None:
        started = time.monotonic()
        self.run.keep()
        self.last = time.monotonic()
        self.cost = self.last - started


def compile_model(model: Any, config: Config, steps: int) -> None:
    """Make the model ready to be trained, for so many steps at most."""
    rate: Any = config.rate
    if config.decay:
        rate = keras.optimizers.schedules.PolynomialDecay(config.rate, steps, end_learning_rate=0.0)
    optimiser = keras.optimizers.AdamW(
        rate, weight_decay=config.weight_decay, global_clipnorm=config.clip_norm or None
    )
    model.compile(
        optimizer=optimiser,
        loss=keras.losses.BinaryCrossentropy(from_logits=True),
        metrics=[keras.metrics.BinaryAccuracy("accuracy", threshold=0.0)],
        jit_compile=config.jit_compile,
    )


def start_with_prior(model: Any, prior_V: FloatArray) -> None:
    """Let the first number of each vector be what naive Bayes thinks of its word or run of words.

    ``prior_V`` has the tables one after another: log((n₊ + 1) / (n₋ + 1)) for the numbers of
    positive and negative training texts that hold it (Wang and Manning 2012), times a strength.
    """
    tables = model.get_layer(VECTORS).tables
    ends = np.cumsum([table.shape[0] for table in tables])[:-1]
    for table, prior in zip(tables, np.split(prior_V, ends), strict=True):
        values = keras.ops.convert_to_numpy(table).copy()
        values[:, 0] = prior
        table.assign(values)


def best_epoch(history: Mapping[str, Sequence[float]]) -> int:
    """The epoch of least validation loss, from 0; the first of equals."""
    return int(np.argmin(history["val_loss"]))


def forget(folder: Path, members: int) -> None:
    """Remove what only going on would need, once the model is saved."""
    names = [f"{name}-{n + 1}.npz" for name in ("checkpoint", "best") for n in range(members)]
    for file in (*(folder / name for name in names), *folder.glob(".part-*")):
        with contextlib.suppress(OSError):
            file.unlink(missing_ok=True)
