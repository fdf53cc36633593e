"""Softmax and entropy without SciPy are SciPy's, to the last digits and in odd places."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
from attnkit import normalising
from scipy import special

ODD = np.array([[1000.0, -1000.0, 0.0], [-np.inf, 0.0, 5.0], [3.0, 3.0, 3.0]])


@pytest.mark.parametrize("axis", [None, 0, -1])
def test_softmax_is_scipys(axis: int | None) -> None:
    for x in (np.random.default_rng(1).normal(0, 9, (4, 5)), ODD, ODD[0].tolist()):
        axis_of_it = axis if np.ndim(x) > 1 else None
        np.testing.assert_allclose(
            normalising.softmax(x, axis_of_it), special.softmax(x, axis_of_it), rtol=1e-14
        )


def test_terms_of_the_entropy_are_scipys() -> None:
    p = np.array([0.0, 1e-300, 0.1, 0.5, 1.0])
    np.testing.assert_allclose(normalising.entr(p), special.entr(p), rtol=1e-14)


def test_a_first_lesson_imports_neither_scipy_nor_scikit_learn() -> None:
    """A browser fetches what a cell imports: 26 MB more, if one of these were among it."""
    code = (
        "import sys, attnkit.panels, attnkit.figures, attnkit.data, attnkit.words, attnkit.earlier;"
        "print(sorted({name.partition('.')[0] for name in sys.modules} & {'scipy', 'sklearn'}))"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert said.stdout == "[]\n"
