"""The reference classifier: multi-head attention that reads reviews, in Keras 3.

    from attnkit.classifier import PRESETS, train
    from attnkit.data import split

    parts = split("mr")
    classifier, history = train(
        parts.train["text"], parts.train["label"],
        parts.validation["text"], parts.validation["label"], PRESETS["small"],
    )
    classifier.predict(["a lovely film"])            # its probability of praise
    words, w_HT = classifier.attention("a lovely film")   # what each head looks at
    classifier.save("my-model")

Layers and models use `keras.layers` and `keras.ops` only, so they run on TensorFlow, JAX or
PyTorch, whichever ``KERAS_BACKEND`` names before Keras is first imported (TensorFlow if nothing is
said). Importing this package does not import Keras yet: that waits until it is needed.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from attnkit.classifier.config import PRESETS, Config
from attnkit.classifier.devices import device_report
from attnkit.classifier.vocabulary import Vocabulary, encode, fit_vocabulary, tokenise

if TYPE_CHECKING:
    from attnkit.classifier.classifier import Classifier
    from attnkit.classifier.model import build_model
    from attnkit.classifier.training import train

__all__ = [
    "PRESETS",
    "Classifier",
    "Config",
    "Vocabulary",
    "build_model",
    "device_report",
    "encode",
    "fit_vocabulary",
    "tokenise",
    "train",
]

_WITH_KERAS = {
    "Classifier": "classifier",
    "build_model": "model",
    "train": "training",
}


def __getattr__(name: str) -> Any:
    """What needs Keras is loaded when it is first asked for."""
    if name in _WITH_KERAS:
        return getattr(importlib.import_module(f"{__name__}.{_WITH_KERAS[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
