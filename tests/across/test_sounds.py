"""A chirp in noise, and what pools frames or sentences: gradients, masks, the panel's words."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from attnkit import earlier
from attnkit.across import pooled
from attnkit.across.chirp import (
    BANDS,
    CHIRP,
    FRAMES,
    HOP,
    LINES,
    RATE,
    STACKED,
    WINDOW,
    frames,
    make_sounds,
    spectrogram,
)
from attnkit.across.pooled import Pooled, learn_pool, pool_gradients
from attnkit.panels.sound import sound_panel

# --- sounds ---------------------------------------------------------------------------------------


def test_only_the_chirp_depends_on_the_loudness() -> None:
    soft, loud = make_sounds(3, -60, seed=4), make_sounds(3, 0, seed=4)
    assert soft.start_N.tolist() == loud.start_N.tolist()
    assert soft.y_N.tolist() == loud.y_N.tolist()
    for n, start in enumerate(loud.start_N):
        changed = np.flatnonzero(np.abs(loud.x_NS[n] - soft.x_NS[n]) > 1e-9)
        assert start <= changed[0]
        assert changed[-1] < start + CHIRP


def test_a_chirp_has_the_power_that_is_asked_for() -> None:
    loud = make_sounds(200, 7, seed=1)
    quiet = make_sounds(200, -90, seed=1)
    inside = loud.start_N[:, None] + np.arange(CHIRP)
    own = np.take_along_axis(loud.x_NS - quiet.x_NS, inside, axis=1)
    shape = np.mean(np.hanning(CHIRP))  # what its soft ends leave of it
    assert np.mean(own**2) == pytest.approx(shape * 10**0.7, rel=0.02)  # the noise's power is 1


def test_pitch_rises_in_the_spectrogram_where_the_label_says_so() -> None:
    sounds = make_sounds(40, 20, seed=2)
    level_NTB = spectrogram(sounds.x_NS)
    for n, y in enumerate(sounds.y_N):
        inside = np.flatnonzero(sounds.inside_NT[n])
        pitch = level_NTB[n, inside[[0, -1]]].argmax(axis=1)
        assert (pitch[1] > pitch[0]) == bool(y)


def test_a_steady_hum_is_taken_away_from_the_spectrogram() -> None:
    hum = np.sin(2 * np.pi * 700 * np.arange(RATE) / RATE)
    noise = np.random.default_rng(0).normal(size=RATE)
    level_TB = spectrogram((0.1 * noise + 5 * hum)[None])[0]
    band = int(700 // (LINES * RATE / WINDOW))
    assert np.abs(level_TB[1:-1, band]).max() < 0.2
    assert level_TB.mean(axis=0) == pytest.approx(np.zeros(BANDS), abs=1e-9)


def test_a_row_holds_its_frame_and_two_neighbours_on_either_side() -> None:
    x_NS = make_sounds(2, 0, seed=3).x_NS
    rows, level = frames(x_NS).reshape(2, FRAMES, STACKED, BANDS), spectrogram(x_NS)
    np.testing.assert_array_equal(rows[:, 7], level[:, 5:10])
    np.testing.assert_array_equal(rows[:, 0, 0], level[:, 0])  # at the edge, again and again


def test_six_frames_of_thirty_lie_in_a_chirp() -> None:
    sounds = make_sounds(50, 0, seed=5)
    assert set(sounds.inside_NT.sum(axis=1)) <= {CHIRP // HOP, CHIRP // HOP + 1}


# --- pooling --------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def batch() -> tuple[Any, Any, Any]:
    rng = np.random.default_rng(13)
    mask_BT = np.arange(5) < np.array([[5], [3], [1], [4]])
    return rng.normal(size=(4, 5, 3)), rng.integers(2, size=4).astype(float), mask_BT


@pytest.mark.parametrize("mean", [False, True])
def test_the_gradient_is_the_slope_of_the_loss(batch: tuple[Any, Any, Any], mean: bool) -> None:
    x_BTF, y_B, mask_BT = batch
    rng = np.random.default_rng(1)
    params = pooled._drawn(3, 4, rng)
    params["u"] = rng.normal(size=4)
    grads = pool_gradients(params, x_BTF, y_B, mask_BT, mean)[1]
    step = {name: 1e-5 * rng.normal(size=p.shape) for name, p in params.items()}

    def loss(sign: float) -> float:
        moved = {name: p + sign * step[name] for name, p in params.items()}
        return pool_gradients(moved, x_BTF, y_B, mask_BT, mean)[0]

    along = sum(float((grads[name] * step[name]).sum()) for name in params)
    assert along == pytest.approx((loss(1) - loss(-1)) / 2, rel=1e-5)


def test_what_is_masked_has_no_say(batch: tuple[Any, Any, Any]) -> None:
    x_BTF, _, mask_BT = batch
    params = pooled._drawn(3, 4, np.random.default_rng(2))
    model = Pooled(params, np.zeros(3), np.ones(3), mean=False)
    z_B, w_BT, says_BT = model.read(x_BTF, mask_BT)
    other = np.where(mask_BT[:, :, None], x_BTF, 99.0)
    np.testing.assert_allclose(model.read(other, mask_BT)[0], z_B)
    assert (w_BT[~mask_BT] == 0).all()
    np.testing.assert_allclose(w_BT.sum(axis=1), 1)
    np.testing.assert_allclose((w_BT * says_BT).sum(axis=1) + params["bias"], z_B)


def test_attention_finds_the_one_row_that_matters_and_a_mean_does_not() -> None:
    """Protects the comparison: it is the weights that find a faint event among loud others."""
    rng = np.random.default_rng(3)
    x_NTF = rng.normal(size=(600, 20, 3))
    y_N, place_N = rng.integers(2, size=600), rng.integers(20, size=600)
    x_NTF[np.arange(600), place_N, 0] = 4.0  # the row to look at
    x_NTF[np.arange(600), place_N, 1] = 2.0 * y_N - 1.0  # and what it says
    adam_step = earlier.the_courses("adam_step")
    attention, mean = (
        learn_pool(x_NTF[:500], y_N[:500], adam_step, mean=mean, K=8, steps=200)
        for mean in (False, True)
    )
    assert attention.right(x_NTF[500:], y_N[500:]).mean() > 0.95
    assert mean.right(x_NTF[500:], y_N[500:]).mean() < 0.9
    w_NT = attention.read(x_NTF[500:])[1]
    assert (w_NT.argmax(axis=1) == place_N[500:]).mean() > 0.9


# --- the panel ------------------------------------------------------------------------------------


def test_the_panel_says_what_each_model_hears_and_how_much_it_looks_at_the_chirp() -> None:
    params = pooled._drawn(BANDS * STACKED, 4, np.random.default_rng(4))
    params["bias"] = np.array([9.0])  # it always says that it rises
    F = BANDS * STACKED
    models = {
        name: Pooled(params, np.zeros(F), np.ones(F), mean=name == "mean")
        for name in ("attention", "mean")
    }
    panel = sound_panel(models)
    for draw in (1, 2, 3, 4):
        panel.set(draw=draw, loudness=0)
        rises = bool(make_sounds(1, 0, [77, draw]).y_N[0])
        said = panel._describe()
        assert f"a chirp of 0 dB that {'rises' if rises else 'falls'}" in said
        assert f"mean says rises (100%, {'right' if rises else 'wrong'})" in said
        assert "gives 20% of its weight" in said or "gives 23% of its weight" in said
    table = panel._table()
    assert table is not None
    assert table.heads == ("seconds", "in the chirp", "attention", "mean")
    assert len(table.rows) == FRAMES
