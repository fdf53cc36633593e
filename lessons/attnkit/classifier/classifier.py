"""A trained classifier: models, their vocabulary and their settings, used and kept together."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import keras
import numpy as np
import numpy.typing as npt

from attnkit.classifier import evidence, layers  # noqa: F401  (so that Keras knows them)
from attnkit.classifier.batches import Batches, feed, reading_order
from attnkit.classifier.config import Config
from attnkit.classifier.model import reader_of
from attnkit.classifier.tokens import Tokens
from attnkit.classifier.vocabulary import UNKNOWN, Vocabulary
from attnkit.files import write_json

FloatArray = npt.NDArray[np.float32]

READ_AT_ONCE = 256


class NotAModelError(Exception):
    """A folder holds no classifier that this version can load."""


@dataclass(frozen=True)
class Classifier:
    """One or more models that read alike; their logits are averaged."""

    config: Config
    vocabulary: Vocabulary
    models: tuple[Any, ...]

    def predict(self, texts: Sequence[str]) -> FloatArray:
        """The probability of praise for each of N texts, float32 of shape (N,)."""
        return self.predict_tokens(self._tokens(texts))

    def predict_tokens(self, tokens: Tokens) -> FloatArray:
        """`predict` for texts that are encoded already."""
        return _sigmoid(self.logits(tokens).mean(axis=1)).astype(np.float32)

    def logits(self, tokens: Tokens) -> FloatArray:
        """Each model's logit of each of N texts, float32 of shape (N, models)."""
        logits_NM = np.zeros((len(tokens), len(self.models)), np.float32)
        if not len(tokens):
            return logits_NM
        order = reading_order(tokens.lengths, READ_AT_ONCE)
        if len(order) == 1:
            logits = [_called(model, tokens.rows(order[0]))[:, 0] for model in self.models]
        else:
            batches = Batches(tokens, order)
            logits = [model.predict(feed(batches), verbose=0)[:, 0] for model in self.models]
        logits_NM[np.concatenate(order)] = np.stack(logits, axis=1)
        return logits_NM

    def attention(self, text: str, member: int = 0) -> tuple[list[str], FloatArray]:
        """The words that are read, T of them, and what each head gives them: w_HT, float32.

        Each row sums to 1. Words that training hardly met are read as "unknown", and weighed as
        such. ``member`` picks one of several models. Raises ValueError for a text without a word.
        """
        words, tokens = self._read(text)
        if not words:
            raise ValueError("There is no word in this text: give at least one.")
        w_BHT = _called(self._readers[member], tokens.rows(np.arange(1)))
        return words, w_BHT[0, :, : len(words)].astype(np.float32)

    def unknown(self, text: str) -> list[str]:
        """The words of a text that training did not meet, or not often enough."""
        words, tokens = self._read(text)
        numbers = tokens.flat.reshape(len(words), -1)[:, 0] if words else ()
        return [word for word, number in zip(words, numbers, strict=True) if number == UNKNOWN]

    def save(self, folder: str | Path) -> None:
        """Write the models (Keras's own format), the vocabulary and the settings. OSError."""
        folder = Path(folder)
        folder.mkdir(parents=True, exist_ok=True)
        for number, model in enumerate(self.models, start=1):
            model.save(folder / _model_file(number))
        self.vocabulary.save(folder / "vocabulary.json")
        write_json(folder / "config.json", {"version": 1, **self.config.to_json()})

    @classmethod
    def load(cls, folder: str | Path) -> Classifier:
        """What `save` wrote: it predicts the very same. NotAModelError."""
        folder = Path(folder)
        try:
            data = json.loads((folder / "config.json").read_text(encoding="utf-8"))
            if data.pop("version", None) != 1:
                raise ValueError("its settings are of another version")
            config = Config.from_json(data)
            vocabulary = Vocabulary.load(folder / "vocabulary.json")
            count = config.members + config.linear
            files = [folder / _model_file(number + 1) for number in range(count)]
            models = [keras.models.load_model(file, compile=False) for file in files]
        except FileNotFoundError as error:
            missing = Path(error.filename or "").name
            raise NotAModelError(
                f"{folder} holds no trained model: {missing} is missing."
            ) from None
        except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
            why = (str(error).strip().splitlines() or [type(error).__name__])[0]
            raise NotAModelError(f"The model in {folder} can't be loaded: {why}.") from None
        return cls(config, vocabulary, tuple(models))

    def _read(self, text: str) -> tuple[list[str], Tokens]:
        """The words of a text that are read, and their ids."""
        words, most = self.vocabulary.tokenise(text), self.config.max_len
        words = words[:most] if self.config.keep == "head" else words[-most:]
        return words, self._tokens([text])

    def _tokens(self, texts: Sequence[str]) -> Tokens:
        texts = [str(text) for text in texts]
        return Tokens.encode(texts, self.vocabulary, self.config.max_len, self.config.keep)

    @cached_property
    def _readers(self) -> list[Any]:
        return [reader_of(model) for model in self.models[: self.config.members]]


def _model_file(number: int) -> str:
    return "model.keras" if number == 1 else f"model-{number}.keras"


def _called(model: Any, ids: npt.NDArray[np.int32]) -> npt.NDArray[Any]:
    """A model's answer to one batch, without making a program for its shape first."""
    return np.asarray(keras.ops.convert_to_numpy(model(ids, training=False)))


def _sigmoid(z: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """1 / (1 + exp(−z)) without overflow."""
    return 0.5 * (1 + np.tanh(0.5 * z))
