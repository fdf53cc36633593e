"""`attnkit.classifier`'s training of one model in C: what a setting brings is seen in a minute.

It needs a C compiler (`cc`), and knows neither encoder blocks nor the score "dot". Weights and dice
are its own, so a seed gives another model than it gives through Keras; from equal weights, and with
nothing left to dice, both train alike (`tests/classifier/test_quick_member.py`).
"""

from __future__ import annotations

import ctypes
import functools
import platform
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from attnkit.classifier.batches import training_order
from attnkit.classifier.config import Config
from attnkit.classifier.tokens import Tokens, round_up

FloatArray = npt.NDArray[np.float32]
SOURCE = Path(__file__).with_name("member.c")
#: Not all of -ffast-math: a library made with that has the whole process round small numbers to 0.
FAST = ("-fno-math-errno", "-fno-trapping-math", "-fno-signed-zeros", "-fassociative-math",
        "-freciprocal-math", "-ffinite-math-only")  # fmt: skip


class Labelled(NamedTuple):
    """Encoded texts and their labels, float32."""

    tokens: Tokens
    labels: FloatArray


class Trained(NamedTuple):
    """The logits of the epoch of least validation loss, and what each epoch was like."""

    logits: tuple[FloatArray, ...]  # of the validation texts, and of each of the others
    epoch: int  # from 0
    losses: tuple[float, ...]
    validation_losses: tuple[float, ...]


def can_compile() -> bool:
    """Is there a C compiler?"""
    return shutil.which("cc") is not None


@functools.cache
def _compiled(width: int, heads: int) -> Any:
    # Apple's compiler doesn't know the word everywhere
    own = ["-march=native"] if platform.machine() in ("x86_64", "AMD64") else []
    with tempfile.TemporaryDirectory() as folder:
        library = Path(folder) / "member.so"
        subprocess.run(
            ["cc", "-O3", *own, *FAST, "-shared", "-fPIC", f"-DD={width}", f"-DH={heads}",
             str(SOURCE), "-o", str(library), "-lm"], check=True,
        )  # fmt: skip
        found = ctypes.CDLL(str(library))
    found.make_member.restype = ctypes.c_void_p
    found.train_member.restype = found.read_member.restype = ctypes.c_double
    return found


def _at(array: npt.NDArray[Any]) -> ctypes.c_void_p:
    return array.ctypes.data_as(ctypes.c_void_p)


class Member:
    """A model that is being trained. ``table`` and ``other`` hold its weights, and can be set.

    table: float32 of shape (ids, D), the tables one after another. other: all else, flat: W_k, W_v,
    the heads' queries, the keys' bias, the last layer's weights and bias, the places.
    """

    def __init__(self, config: Config, sizes: tuple[int, ...], steps: int, seed: int) -> None:
        if config.blocks or config.score != "additive" or config.weight_decay:
            raise ValueError("This trains the additive score alone, without blocks and decay.")
        D, H, rng = config.width, config.heads, np.random.default_rng([seed, 77])

        def uniform(rows: int, columns: int) -> FloatArray:  # Glorot and Bengio 2010
            most = (6 / (rows + columns)) ** 0.5
            return rng.uniform(-most, most, (rows, columns)).astype(np.float32)

        self.config = config
        self.table = rng.standard_normal((sum(sizes), D), dtype=np.float32) * np.float32(0.1)
        parts: list[npt.NDArray[Any]] = [
            uniform(D, D),
            uniform(D, D),
            uniform(H, D // H),
            np.zeros(D),
            uniform(D, 1),
            np.zeros(1),
            rng.standard_normal((round_up(config.max_len), D)) * 0.02,
        ]
        self.other = np.concatenate([part.ravel() for part in parts]).astype(np.float32)
        self._library = _compiled(D, H)
        number, real = ctypes.c_int64, ctypes.c_float
        self._member = ctypes.c_void_p(
            self._library.make_member(
                len(sizes), _at(np.array(sizes, np.int64)), _at(self.table), _at(self.other),
                number(len(self.other)), number(steps), ctypes.c_double(config.rate),
                int(config.decay), real(config.dropout), real(config.word_dropout),
                real(config.clip_norm), int(config.positions), ctypes.c_uint64(seed + 1),
            )
        )  # fmt: skip

    def train(self, data: Labelled, order: list[npt.NDArray[np.int_]]) -> float:
        """A step for each of some batches of equal size. Their mean loss."""
        order_NB = np.ascontiguousarray(order, np.int64)
        flat, starts, labels = _arrays(data)
        loss: float = self._library.train_member(
            self._member, _at(flat), _at(starts), _at(labels), _at(order_NB),
            *map(ctypes.c_int64, order_NB.shape),
        )  # fmt: skip
        return loss

    def read(self, data: Labelled) -> tuple[float, FloatArray]:
        """The mean loss of some texts, and their logits."""
        flat, starts, labels = _arrays(data)
        logits_N = np.zeros(len(labels), np.float32)
        loss: float = self._library.read_member(
            self._member, _at(flat), _at(starts), _at(labels), ctypes.c_int64(len(labels)),
            _at(logits_N),
        )  # fmt: skip
        return loss, logits_N

    def close(self) -> None:
        """Give its memory back."""
        self._library.free_member(self._member)


def _arrays(data: Labelled) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int64], FloatArray]:
    flat = np.ascontiguousarray(data.tokens.flat, np.int32)
    starts = np.ascontiguousarray(data.tokens.starts, np.int64)
    return flat, starts, np.ascontiguousarray(data.labels, np.float32)


def fit(
    data: Labelled,
    validation: Labelled,
    others: tuple[Labelled, ...],
    config: Config,
    sizes: tuple[int, ...],
    odds_V: FloatArray,
    seed: int,
) -> Trained:
    """Train all epochs; the logits are those of the epoch of least validation loss."""

    def order(epoch: int) -> list[npt.NDArray[np.int_]]:
        return training_order(data.tokens.lengths, config.batch, seed * 1000, epoch)

    member = Member(config, sizes, len(order(0)) * config.epochs, seed)
    if config.prior:
        member.table[:, 0] = config.prior * odds_V
    losses: list[float] = []
    heard: list[float] = []
    best: tuple[FloatArray, ...] = ()
    epoch_of_best = 0
    for epoch in range(config.epochs):
        losses.append(member.train(data, order(epoch)))
        loss, logits_N = member.read(validation)
        if not heard or loss < min(heard):
            best = (logits_N, *(member.read(some)[1] for some in others))
            epoch_of_best = epoch
        heard.append(loss)
    member.close()
    return Trained(best, epoch_of_best, tuple(losses), tuple(heard))
