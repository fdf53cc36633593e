"""All settings of a model and of its training, in one frozen record; and the presets."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Literal


@dataclass(frozen=True)
class Config:
    """Settings. Two trainings with equal settings, data and backend give the same model.

    Raises ValueError for settings that make no model.
    """

    # what is read
    vocabulary_size: int = 20_000  # ids in all, with 0 (pad) and 1 (unknown)
    min_count: int = 2  # words met less often in the training texts are unknown
    marks: bool = False  # are "!" and "?" words?
    run_counts: tuple[int, ...] = ()  # runs of 2 (and 3) words met this often are known as such
    max_len: int = 64  # words of a text that are read, T
    keep: Literal["head", "tail"] = "head"  # which end of a longer text is read

    # the model
    width: int = 64  # numbers in a word's vector, D
    heads: int = 4  # of the pooling, and of each block, H
    blocks: int = 0  # self-attention blocks before the pooling
    score: Literal["additive", "dot"] = "additive"  # how the pooling scores a word
    positions: bool = True
    prior: float = 0.0  # words begin with their naive-Bayes log-odds, times this; 0: at random

    # against learning by heart
    dropout: float = 0.3
    word_dropout: float = 0.2  # a word is hidden with this probability
    weight_decay: float = 0.0

    # training
    epochs: int = 8
    patience: int = 2  # epochs without a better validation loss before it stops; 0: never
    batch: int = 64
    rate: float = 1e-3
    decay: bool = False  # does the rate fall to 0, in a straight line, until the last epoch?
    clip_norm: float = 1.0  # of the whole gradient; 0: no clipping
    members: int = 1  # models trained from seeds of their own, whose logits are averaged
    linear: bool = False  # and a linear one on naive-Bayes evidence, which has no heads
    linear_share: float | None = None  # how much that one counts, of 1; None: validation decides
    seed: int = 0
    mixed_precision: bool = False  # bfloat16 for products, float32 for weights
    jit_compile: bool | Literal["auto"] = "auto"  # XLA; "auto": on a GPU, or where it's needed

    def __post_init__(self) -> None:
        least = {"vocabulary_size": 3, "min_count": 1, "max_len": 1, "width": 1, "heads": 1,
                 "epochs": 1, "batch": 1, "members": 1}  # fmt: skip
        for name, value in least.items():
            if getattr(self, name) < value:
                raise ValueError(f"{name} is {getattr(self, name)}: it must be {value} at least.")
        if self.width % self.heads:
            raise ValueError(
                f"A width of {self.width} can't be shared out equally among {self.heads} heads."
            )
        for name in ("dropout", "word_dropout"):
            if not 0 <= getattr(self, name) < 1:
                raise ValueError(f"{name} is {getattr(self, name)}: it must be in [0, 1).")
        if self.linear_share is not None and not 0 < self.linear_share < 1:
            raise ValueError(f"linear_share is {self.linear_share}: it must be between 0 and 1.")
        if self.keep not in ("head", "tail"):
            raise ValueError(f'keep is {self.keep!r}: it must be "head" or "tail".')
        if self.score not in ("additive", "dot"):
            raise ValueError(f'score is {self.score!r}: it must be "additive" or "dot".')

    def replace(self, **changes: Any) -> Config:
        """The same settings but for some."""
        return dataclasses.replace(self, **changes)

    def to_json(self) -> dict[str, Any]:
        """Plain data for a JSON file."""
        return dataclasses.asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Config:
        """Settings out of plain data. ValueError for a name that isn't a setting."""
        known = {field.name for field in dataclasses.fields(cls)}
        unknown = [name for name in data if name not in known]
        if unknown:
            raise ValueError(f"{unknown[0]!r} is no setting of this version's classifier.")
        return cls(**{**data, "run_counts": tuple(data.get("run_counts", ()))})

    def digest(self) -> str:
        """A short name for these settings, equal only for equal settings."""
        text = json.dumps(self.to_json(), sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:16]


PRESETS = MappingProxyType(
    {
        # sentences such as MR's: a minute on two cores
        "small": Config(),
        # whole reviews such as IMDb's; what each setting brings is in the README, under Accuracy
        "best": Config(
            vocabulary_size=60_000,
            marks=True,
            run_counts=(2, 3),
            max_len=512,
            keep="tail",
            width=16,
            heads=4,
            prior=0.3,
            dropout=0.3,
            word_dropout=0.7,
            epochs=5,
            patience=0,
            batch=64,
            rate=2e-3,
            decay=True,
            members=3,
            linear=True,
            linear_share=0.6,
        ),
    }
)
