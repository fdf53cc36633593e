"""`keras.ops`: between arrays and what a layer takes and gives, which here are arrays too."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt


def convert_to_tensor(x: Any, dtype: npt.DTypeLike | None = None) -> npt.NDArray[Any]:
    return np.asarray(x, dtype=dtype)


def convert_to_numpy(x: Any) -> npt.NDArray[Any]:
    return np.array(x)
