"""A model that answers questions about a story by pointing at where the answer begins and ends.

Each word of the story asks the question (attention across), so that it learns whether it is spoken
of; then the words of the story ask each other, so that the place learns it from the name. Two
numbers come out for each word: as the first of the answer, and as its last.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
import numpy.typing as npt
from keras import ops

from attnkit.across.blocks import Attend, Block, norm
from attnkit.across.facts import FIRST, LONGEST, MOST, PAD, QUESTION, Stories, vocabulary
from attnkit.across.training import learn, schedule
from attnkit.quiet import silence

FloatArray = npt.NDArray[np.floating]

FORMAT = "answers 1"  # to be changed with whatever changes what a training gives


@dataclass(frozen=True)
class Plan:
    """How a training goes. ``drawn``: the words' vectors stay as they were drawn."""

    steps: int = 900
    B: int = 64
    rate: float = 3e-3
    D: int = 48
    H: int = 4
    drawn: bool = True
    seconds: float = 180.0


class Reader(keras.Model):  # type: ignore[misc]
    """From [ids_BS, sentence_BS, asked_BT] to logits (B, S, 2): of the first word, of the last."""

    def __init__(self, plan: Plan, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        D, V = plan.D, FIRST + len(vocabulary())
        spread = keras.initializers.RandomNormal(stddev=D**-0.5)
        self.words = keras.layers.Embedding(V, D, spread, trainable=not plan.drawn)
        self.places = keras.layers.Embedding(LONGEST, D, spread)
        self.sentences = keras.layers.Embedding(MOST + 1, D, spread)
        self.scale = D**0.5
        self.asks, self.norm = Attend(D, plan.H), norm(D)
        self.asks.Wk_DD.assign(self.asks.Wq_DD)  # so that equal words begin by finding each other
        self.block = Block(D, plan.H, 2 * D)
        self.ends = keras.layers.Dense(2)
        with silence():
            self([np.zeros((1, n), int) for n in (LONGEST, LONGEST, QUESTION)])

    def call(self, inputs: Any) -> Any:
        return self.look(*inputs)[0]

    def look(self, ids_BS: Any, sentence_BS: Any, asked_BT: Any) -> tuple[Any, Any]:
        """The logits (B, S, 2), and each story word's weights for the question, (B, H, S, T)."""
        x_BSD, q_BTD = self.scale * self.words(ids_BS), self.scale * self.words(asked_BT)
        answered = ops.cast(asked_BT, "int32") != PAD
        read_BSD, w_BHST = self.asks(x_BSD, q_BTD, answered[:, None, None, :])
        place_S = ops.arange(LONGEST)
        x_BSD = x_BSD + self.scale * (self.places(place_S) + self.sentences(sentence_BS))
        x_BSD = self.norm(x_BSD + read_BSD)
        there_BS = ops.cast(ids_BS, "int32") != PAD
        return self.ends(self.block(x_BSD, there_BS[:, None, None, :])), w_BHST


def learn_to_answer(stories: Stories, plan: Plan | None = None, *, seed: int = 0) -> Reader:
    """A reader that is trained on stories, or was before: a whole training is kept on disk."""
    plan = plan or Plan()
    keras.utils.set_random_seed(seed)
    with silence():
        model = Reader(plan)
    ends_N2 = np.stack([stories.start_N, stories.end_N], axis=1)
    adam = keras.optimizers.Adam(schedule(plan))
    learn(
        model, _inputs(stories), ends_N2, plan, adam, _surprise,
        kind="answers", facts=(FORMAT,), seed=seed,
    )  # fmt: skip
    return model


def point(model: Reader, stories: Stories) -> tuple[FloatArray, FloatArray]:
    """The logits of the first word and of the last, (N, S) each."""
    z_NS2 = model.predict(_inputs(stories), batch_size=250, verbose=0)
    return z_NS2[:, :, 0], z_NS2[:, :, 1]


def asked_for(model: Reader, stories: Stories) -> FloatArray:
    """What each word of the stories reads of the question: weights (N, H, S, T)."""
    found: FloatArray = ops.convert_to_numpy(model.look(*_inputs(stories))[1])
    return found


def _inputs(stories: Stories) -> list[npt.NDArray[np.int32]]:
    arrays = (stories.ids_NS, stories.sentence_NS, stories.asked_NT)
    return [each.astype(np.int32) for each in arrays]


def _surprise(ends_B2: Any, z_BS2: Any) -> Any:
    """The mean cross-entropy of both ends, over the places of the story."""
    z_B2S = ops.transpose(z_BS2, (0, 2, 1))
    return keras.losses.sparse_categorical_crossentropy(ends_B2, z_B2S, from_logits=True)
