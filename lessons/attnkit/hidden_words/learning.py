"""Learning by guessing hidden words, then from a few labels; both for so many seconds at most."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import keras
import numpy as np
import numpy.typing as npt

from attnkit import budget
from attnkit.hidden_words.corpus import FIRST, MASK, IntArray
from attnkit.hidden_words.encoder import Encoder, Size, classifier, guesser
from attnkit.long_training import in_tenths, kept, name_for
from attnkit.quiet import silence

FloatArray = npt.NDArray[np.floating]
#: Lesson 12's `mlm_corrupt` and `remap_embeddings`.
Corrupt = Callable[..., tuple[IntArray, IntArray]]
Remap = Callable[..., FloatArray]

FORMAT = "guesser 1"  # to be changed with whatever changes what a training gives


@dataclass(frozen=True)
class Plan:
    """How a training goes: steps of B texts, at a rate that rises for a tenth and then falls."""

    steps: int = 2000
    B: int = 64
    rate: float = 3e-3
    seconds: float = 180.0


def asked(target_BT: IntArray, M: int) -> tuple[IntArray, IntArray]:
    """The places and words of the first M that each text is asked for; −1 where there are less."""
    order_BT = np.argsort(target_BT == -1, axis=1, kind="stable")[:, :M]
    return order_BT.astype(np.int32), np.take_along_axis(target_BT, order_BT, axis=1)


def most_asked(T: int, p: float) -> int:
    """How many words of a text of T are asked for at most, if chance has hidden more of them."""
    return round(1.6 * p * T)


def pretrain(
    ids_NT: IntArray,
    size: Size,
    corrupt: Corrupt,
    plan: Plan | None = None,
    *,
    p: float = 0.15,
    seed: int = 0,
    jit: bool = True,
) -> tuple[Any, list[float]]:
    """A model that guesses hidden words, `guesser`, and the mean loss of each tenth of its way.

    Training stops early when the plan's seconds are over. `jit` compiles a step first, which takes
    seconds and makes it faster. A model that was trained to the end is kept in the user's cache
    folder, so that the same training need not be done twice. Its `seconds` are what it took.
    """
    plan = plan or Plan()
    keras.utils.set_random_seed(seed)
    with silence():
        model = guesser(Encoder(size))
    jit = jit and not budget.is_limited()

    def hidden(n: int, rng: np.random.Generator) -> tuple[Any, Any]:
        rows = rng.integers(len(ids_NT), size=n * plan.B)
        x_NT, target_NT = corrupt(ids_NT[rows], rng, size.V, p=p, mask_id=MASK, n_special=FIRST)
        place_NM, word_NM = asked(target_NT, most_asked(size.T, p))
        return [x_NT, place_NM], word_NM

    def trained() -> list[float]:
        loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True, ignore_class=-1)
        model.compile(_optimiser(plan), loss, jit_compile=jit)
        rng = np.random.default_rng(seed)
        return in_tenths(model, lambda n: hidden(n, rng), plan.steps, plan.B, plan.seconds)

    (x_NT, place_NM), word_NM = hidden(2, np.random.default_rng(seed))
    facts = (FORMAT, size, plan, p, seed, keras.__version__, keras.backend.backend())
    arrays = [ids_NT, x_NT, place_NM, word_NM, *model.get_weights()]
    return model, kept(name_for("guessers", facts, arrays), model, trained)


def encoder_of(model: Any) -> Encoder:
    """The encoder inside of a model that guesses or classifies."""
    return next(layer for layer in model.layers if isinstance(layer, Encoder))


def moved(
    old: Encoder,
    vocab_from: Mapping[str, int],
    vocab_to: Mapping[str, int],
    remap: Remap,
    seed: int,
) -> Encoder:
    """A copy of a pretrained encoder for another vocabulary, its rows moved word by word."""
    table_ND = keras.ops.convert_to_numpy(old.words.embeddings)
    rng = np.random.default_rng(seed)
    table_MD = remap(table_ND, dict(vocab_from), dict(vocab_to), rng)
    new = fresh(replace(old.size, V=len(table_MD)), seed)
    values = [keras.ops.convert_to_numpy(weight) for weight in old.weights]
    table_MD[MASK:FIRST] = table_ND[MASK:FIRST]
    for weight, value in zip(new.weights, values, strict=True):
        weight.assign(table_MD if weight.path == new.words.embeddings.path else value)
    return new


def fresh(size: Size, seed: int) -> Encoder:
    """An encoder that has learned nothing yet."""
    keras.utils.set_random_seed(seed)
    encoder = Encoder(size)
    encoder.build((None, size.T))
    return encoder


class FewLabels:
    """A classifier to be trained again and again, from whatever an encoder has learned before.

    Keras makes its program once, which takes longer than to train on a few labels.
    """

    def __init__(self, size: Size, plan: Plan) -> None:
        self.plan, self.encoder = plan, fresh(size, 0)
        self.model = classifier(self.encoder)
        loss = keras.losses.BinaryCrossentropy(from_logits=True)
        self.model.compile(keras.optimizers.Adam(plan.rate), loss)
        self.model.optimizer.build(self.model.trainable_variables)

    def learn(self, start: Encoder, ids_NT: IntArray, y_N: IntArray, seed: int) -> None:
        """Train the whole classifier on labelled texts, beginning with this encoder's weights."""
        self.begin(start, seed)
        rng, needed = np.random.default_rng(seed), self.plan.steps * self.plan.B
        orders = [rng.permutation(len(y_N)) for _ in range(-(-needed // len(y_N)))]
        rows = np.concatenate(orders)[:needed]
        self.model.fit(
            ids_NT[rows], y_N[rows, None].astype("float32"), batch_size=self.plan.B,
            shuffle=False, verbose=0, callbacks=[budget.stop_after(self.plan.seconds)],
        )  # fmt: skip

    def begin(self, start: Encoder, seed: int) -> None:
        """Forget all that was learned: only this encoder's weights and the seed count from now."""
        for weight, value in zip(self.encoder.weights, start.weights, strict=True):
            weight.assign(value)
        straight, rng = self.model.layers[-1], np.random.default_rng([seed, 1])
        straight.kernel.assign(rng.normal(0, 0.1, straight.kernel.shape))
        straight.bias.assign(np.zeros(1))
        for value in self.model.optimizer.variables:
            if "learning_rate" not in value.path:
                value.assign(np.zeros(value.shape))
        for value in self.model.non_trainable_variables:
            if "seed" in value.path:  # the dice of dropout
                value.assign(np.array([seed, 0]))

    def right(self, ids_NT: IntArray, y_N: IntArray) -> npt.NDArray[np.bool_]:
        """Which of the texts it gets right."""
        z_N = self.model.predict(ids_NT, batch_size=256, verbose=0)[:, 0]
        found: npt.NDArray[np.bool_] = (z_N > 0) == (y_N == 1)
        return found

    def accuracy(self, ids_NT: IntArray, y_N: IntArray) -> float:
        """The share of texts that it gets right."""
        return float(self.right(ids_NT, y_N).mean())


def _optimiser(plan: Plan) -> Any:
    """Adam; its rate rises for a tenth of the way, and falls along a cosine."""
    rise = max(1, plan.steps // 10)
    schedule = keras.optimizers.schedules.CosineDecay(
        0.0, max(1, plan.steps - rise), alpha=0.02, warmup_target=plan.rate, warmup_steps=rise
    )
    return keras.optimizers.AdamW(schedule, weight_decay=0.01, beta_2=0.98, clipnorm=1.0)
