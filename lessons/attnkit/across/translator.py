"""A small translator in Keras 3: one encoder block, one decoder block, and attention across.

The encoder reads a written date, S letters. The decoder has written some of ISO's letters and
guesses the next: it attends to what it has written (with no future), then, with one head, to all
that the encoder made. That head's weights say which letters a letter was written by.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
import numpy.typing as npt
from keras import ops

from attnkit.across.blocks import Attend, Block, Net, norm
from attnkit.across.dates import (
    FIRST,
    ISO,
    OUT,
    START,
    Dates,
    S,
    T,
    decode,
    encode,
    encode_iso,
)
from attnkit.across.training import learn, schedule

IntArray = npt.NDArray[np.int32]
FloatArray = npt.NDArray[np.floating]
#: Lesson 13's own functions, the learner's.
Function = Callable[..., Any]

FORMAT = "translator 1"  # to be changed with whatever changes what a training gives


@dataclass(frozen=True)
class Plan:
    """How a training goes: so many steps of B dates, in so many seconds at most."""

    steps: int = 1000
    B: int = 64
    rate: float = 3e-3
    seconds: float = 600.0


class Translator(keras.Model):  # type: ignore[misc]
    """Two lists of ids in, x_BS written and y_BT so far, the logits of the next letter out.

    V and C: how many ids there are on the reading and on the writing side. S and T: the places.
    """

    def __init__(
        self, V: int, D: int = 64, H: int = 4, F: int = 128, *,
        S: int = S, T: int = T, C: int = FIRST + len(ISO), **kwargs: Any,
    ) -> None:  # fmt: skip
        super().__init__(**kwargs)
        self.S, self.T = S, T
        small = keras.initializers.RandomNormal(stddev=0.1)
        for name, rows in (("x_VD", V), ("x_SD", S), ("y_CD", C), ("y_TD", T)):
            table = self.add_weight(name=name, shape=(rows, D), initializer=small)
            setattr(self, name, table)
        self.reads, self.memory = Block(D, H, F), norm(D)
        self.past_norm, self.past = norm(D), Attend(D, H)
        self.across_norm, self.across = norm(D), Attend(D, 1)
        self.net, self.last = Net(D, F), norm(D)
        self.says = keras.layers.Dense(C)
        self([np.zeros((1, S), "int32"), np.zeros((1, T), "int32")])

    def call(self, xy: tuple[Any, Any]) -> Any:
        x_BS, y_BT = xy
        return self.after(self.asks(y_BT), *self.encoded(x_BS))

    def encoded(self, x_BS: Any) -> tuple[Any, Any]:
        """What the encoder makes of dates, (B, S, D), and where there are letters, (B, S)."""
        mask_BS = ops.not_equal(x_BS, 0)
        x_BSD = ops.take(self.x_VD, x_BS, axis=0) + self.x_SD[: ops.shape(x_BS)[1]]
        return self.memory(self.reads(x_BSD, mask_BS[:, None, None])), mask_BS

    def asks(self, y_BT: Any) -> Any:
        """What the decoder has made of the letters so far, before it looks across, (B, T, D)."""
        length = y_BT.shape[1]
        y_BTD = ops.take(self.y_CD, y_BT, axis=0) + self.y_TD[:length]
        n_BTD = self.past_norm(y_BTD)
        return y_BTD + self.past(n_BTD, n_BTD, np.tri(length, dtype=bool))[0]

    def after(self, y_BTD: Any, x_BSD: Any, mask_BS: Any) -> Any:
        """The logits of the next letters, (B, T, C), once the decoder has looked across."""
        read_BTD, _ = self.across(self.across_norm(y_BTD), x_BSD, mask_BS[:, None, None])
        return self.says(self.last(self.net(y_BTD + read_BTD)))


def train(
    model: Any, dates: Dates, ids: Mapping[str, int], teacher_forcing: Function,
    plan: Plan | None = None, *, seed: int = 0, jit: bool = True, keep: bool = True,
) -> list[float]:  # fmt: skip
    """Train it on dates: `train_on` for what they are as ids."""
    x_NS, y_NT = encode(dates.written, ids), encode_iso(dates.iso)
    return train_on(model, x_NS, y_NT, teacher_forcing, plan, seed=seed, jit=jit, keep=keep)


def train_on(
    model: Any, x_NS: IntArray, y_NT: IntArray, teacher_forcing: Function,
    plan: Plan | None = None, *, seed: int = 0, jit: bool = True, keep: bool = True,
) -> list[float]:  # fmt: skip
    """Train it on what is written, x_NS, and the answers, y_NT; the mean loss of each tenth.

    teacher_forcing: lesson 13's, which gives the decoder its input. A model that was trained to the
    end is kept in the user's cache folder. Its `seconds` are what it took.
    """
    plan = plan or Plan()
    given_NT = np.asarray(teacher_forcing(y_NT, START), np.int32)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True, ignore_class=0)
    adam = keras.optimizers.Adam(schedule(plan), beta_2=0.98, clipnorm=1.0)
    return learn(
        model, [x_NS, given_NT], y_NT, plan, adam, loss,
        kind="translators", facts=(FORMAT,), seed=seed, jit=jit, keep=keep,
    )  # fmt: skip


class Reader:
    """A translator that reads some written dates: what `greedy_decode` and a map need of it.

    ids, out: of the letters that it reads and of those that it writes.
    """

    def __init__(
        self, model: Any, ids: Mapping[str, int], written: Sequence[str],
        out: Mapping[str, int] = OUT,
    ) -> None:  # fmt: skip
        self.model, self.B, self.out = model, len(written), out
        self.x_BSD, mask_BS = model.encoded(encode(written, ids, model.S))
        self.mask_BS = np.asarray(ops.convert_to_numpy(mask_BS))

    def step(self, ids_BS: Any) -> FloatArray:
        """Logits (B, C) of the letter behind all that was written so far, the start included."""
        given_BT = np.asarray(ids_BS, np.int32)
        z_BTC = self.model.after(self.model.asks(given_BT), self.x_BSD, self.mask_BS)
        return np.asarray(ops.convert_to_numpy(z_BTC)[:, -1])

    def translated(self, greedy_decode: Function | None = None) -> list[str]:
        """The dates in ISO 8601, as the translator has them. greedy_decode: lesson 13's."""
        write = greedy_decode or _likeliest
        return [decode(ids_T, self.out) for ids_T in write(self.step, self.B, self.model.T)]

    def sides(self, iso: Sequence[str]) -> tuple[FloatArray, FloatArray, dict[str, FloatArray]]:
        """What `cross_attention` gets when these are written: y_BTD, x_BSD, and four matrices.

        iso: texts of one length. Row t of y_BTD asks for letter t.
        """
        written_BT = [[START, *(self.out.get(letter, 1) for letter in text)][:-1] for text in iso]
        y_BTD = self.model.across_norm(self.model.asks(np.array(written_BT, np.int32)))
        y, x = (np.asarray(ops.convert_to_numpy(each)) for each in (y_BTD, self.x_BSD))
        return y, x, self.model.across.matrices()

    def weights(self, iso: Sequence[str]) -> FloatArray:
        """The weights that the translator itself reads the first date by, (T, S)."""
        y_BTD, x_BSD, _ = self.sides(iso)
        mask = self.mask_BS[:, None, None]
        _, w_BHTS = self.model.across(ops.convert_to_tensor(y_BTD), x_BSD, mask)
        return np.asarray(ops.convert_to_numpy(w_BHTS)[0, 0])


def _likeliest(step: Function, B: int, max_len: int) -> IntArray:
    """The likeliest letter each time, for rows that all end at the same place or are cut later."""
    ids_BS = np.full((B, 1), START, np.int32)
    for _ in range(max_len):
        next_B = step(ids_BS).argmax(axis=1).astype(np.int32)
        ids_BS = np.concatenate([ids_BS, next_B[:, None]], axis=1)
    return ids_BS[:, 1:]


def right(
    model: Any, ids: Mapping[str, int], dates: Dates, greedy_decode: Function, most: int = 250
) -> npt.NDArray[np.bool_]:
    """Which dates it writes in ISO 8601 without a mistake, so many at a time."""
    found: list[bool] = []
    for start in range(0, len(dates), most):
        some = dates.rows(slice(start, start + most))
        said = Reader(model, ids, some.written).translated(greedy_decode)
        found += [mine == iso for mine, iso in zip(said, some.iso, strict=True)]
    return np.array(found)
