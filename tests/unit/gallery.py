"""Every panel of the course once, with settings that bring out what may go wrong in its picture."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
from attnkit.across.chirp import BANDS, STACKED
from attnkit.across.pooled import Pooled
from attnkit.maze.learning import Training
from attnkit.maze.memories import Memory, policy_with, start
from attnkit.panels import (
    PicturePanel,
    alignment_panel,
    attribution_panel,
    augment_panel,
    bank_panel,
    bits_panel,
    budget_panel,
    curve_panel,
    depth_panel,
    descent_panel,
    desk_panel,
    domain_panel,
    explore,
    heads_panel,
    hiding_panel,
    history_panel,
    index_panel,
    kept_heads_panel,
    length_panel,
    mask_panel,
    maze_panel,
    patches_panel,
    position_panel,
    query_panel,
    question_panel,
    recall_panel,
    scaling_panel,
    softmax_panel,
    sound_panel,
    strip_panel,
    threshold_panel,
    training_panel,
    wall_panel,
    writing_panel,
)
from attnkit.panels.kernel import kernel_panel
from attnkit.writing.byte_pairs import BytePairs, learn_byte_pairs
from attnkit.writing.size import Size
from attnkit.writing.stepwise import Stepwise, untrained
from scipy.special import expit, softmax

WORDS = ["the", "cat", "sat", "on", "the", "mat", "and", "it", "purred", "all", "night", "long"]
S_HTT = np.random.default_rng(0).normal(size=(8, 12, 12)) * 1.5
LONG = "a film so dull that even its brilliant ending cannot save an evening of which I slept half"


def one_head(tau: float, causal: bool) -> Any:
    s_TT = S_HTT[0] / tau
    return softmax(np.where(np.tri(12, dtype=bool), s_TT, -np.inf) if causal else s_TT, axis=-1)


def many_heads(tau: float, heads: int) -> Any:
    return softmax(S_HTT[:heads] / tau, axis=-1)


def spoilt(tau: float) -> Any:
    weights = softmax(S_HTT[0, :5, :5] / tau, axis=-1)
    weights[1] *= 0.5
    weights[2, 3] = np.nan
    return weights


def right_one(tau: float) -> Any:
    return softmax(S_HTT[0, :5, :5] / tau, axis=-1)


def bare_softmax(s_T: Any) -> Any:
    return np.exp(s_T) / np.exp(s_T).sum()


def unscaled(q: Any, k: Any, v: Any) -> Any:
    w = softmax(q @ k.T, axis=-1)
    return w @ v, w


def no_step(patterns: Any, probe: Any, beta: float, steps: int) -> Any:
    return probe


def forgets_the_mask(s: Any, mask: Any) -> Any:
    return softmax(s)


def interleaved(x: Any, H: int) -> Any:
    B, T, D = x.shape
    return np.moveaxis(x.reshape(B, T, D // H, H), -1, 1)


def three_matrices(D: int, H: int, K: int, bias: bool = True) -> int:
    return 3 * D * H * K


def sines(T: int, D: int) -> Any:
    return np.sin(np.arange(T)[:, None] / 1e4 ** (np.arange(D) / D))


def sgd(params: Any, grads: Any, velocity: Any, lr: float, momentum: float = 0.0) -> Any:
    v = {name: momentum * velocity[name] + grads[name] for name in params}
    return {name: params[name] - lr * v[name] for name in params}, v


def uphill(params: Any, grads: Any, velocity: Any, lr: float, momentum: float = 0.0) -> Any:
    return sgd(params, grads, velocity, -lr, momentum)


def runs() -> list[dict[str, Any]]:
    epochs = np.arange(1, 9)
    return [
        {
            "length": length, "heads": heads, "seconds": 3.25,
            "history": {
                "loss": 0.69 * np.exp(-epochs * length / 80),
                "val_loss": 0.5 + 0.02 * (epochs - 4) ** 2 / heads,
                "accuracy": 1 - 0.4 * np.exp(-epochs / 4),
                "val_accuracy": 0.7 + 0.01 * epochs,
            },
        }
        for length in (16, 32) for heads in (1, 2)
    ]  # fmt: skip


def labels_and_probabilities() -> tuple[Any, Any]:
    rng = np.random.default_rng(1)
    y_N = rng.integers(0, 2, 1000)
    return y_N, expit(1.5 * rng.normal(size=1000) + 2.4 * (y_N - 0.5))


def by_letters(text: str) -> Any:
    words = text.split()
    rng = np.random.default_rng(len(text))
    return words, rng.dirichlet(np.full(len(words), 0.5), size=4)


def points_and_labels() -> tuple[Any, Any]:
    rng = np.random.default_rng(0)
    x_S = rng.uniform(-2, 2, 60)
    return x_S, (x_S + rng.normal(size=60) > 0).astype(float)


def by_length(ids_T: Any) -> Any:
    return np.where(ids_T > 0, np.sin(ids_T), 0)


def of_letters(text: str) -> Any:
    words = text.split()
    return words, np.array([len(word) for word in words] + [0] * 3)


def praise_of(ids_BT: Any) -> Any:
    return expit(np.where(ids_BT > 1, np.cos(ids_BT), 0).sum(axis=1))


def hiding(predict: Any, ids_T: Any, e_T: Any, ks: Any) -> Any:
    order = np.argsort(-np.where(ids_T > 0, e_T, -np.inf))
    return predict(np.array([np.where(np.isin(np.arange(len(e_T)), order[:k]), 1, ids_T)
                             for k in ks]))  # fmt: skip


def hiding_by_chance(predict: Any, ids_T: Any, ks: Any, n: int, rng: Any) -> Any:
    return hiding(predict, ids_T, rng.random(len(ids_T)), ks)


def heads_by_letters(text: str) -> Any:
    words = text.split()
    e_LHTT = np.random.default_rng(len(text)).normal(size=(6, 12, len(words), len(words)))
    return words, softmax(3 * e_LHTT, axis=-1)


def scores(B: int, T: int, S: int, D: int, H: int) -> Any:
    return {"score_floats": B * H * T * S}


def cost_of(count: Any = scores) -> PicturePanel:
    lengths = [64, 256, 1024]
    plain = [4e-6 * T + 2e-8 * T**2 for T in lengths]
    times = {"plain": plain, "in chunks": [1.2 * s for s in plain]}
    return length_panel(count, lengths, times, 256, 4, 128)


def cut_out(params: Any, keep: Any, H: int) -> Any:
    kept = np.concatenate([np.arange(4 * h, 4 * h + 4) for h in keep])
    return {name: W[kept] if name == "Wo" else W[:, kept] for name, W in params.items()}


def four_matrices() -> Any:
    rng = np.random.default_rng(0)
    return {name: rng.normal(size=(32, 32)) for name in ("Wq", "Wk", "Wv", "Wo")}


def eight_heads(prune: Any = cut_out) -> PicturePanel:
    rng, y_N = np.random.default_rng(0), np.arange(300) % 2
    each_NH = rng.normal(size=(300, 8)) + 0.3 * (2 * y_N[:, None] - 1)
    return kept_heads_panel(prune, four_matrices(), 8, np.zeros(300), each_NH, y_N)


def rounded(w: Any) -> Any:
    scale = np.abs(w).max(axis=0) / 127
    return np.round(w / scale).astype(np.int8), scale


def in_bits(quantize: Any = rounded) -> PicturePanel:
    return bits_panel(quantize, four_matrices(), {n: 0.75 - 0.5 / 2**n for n in range(2, 9)})


SAME = {"good": {"fine", "first_rate"}, "film": {"motion_picture", "movie"}, "not": {"hardly"}}
NOT_GOOD = "it is not a good film , and its story is no good either"


def swapped(tokens: Any, synonyms: Any, n: int, rng: Any, keep: Any = frozenset()) -> Any:
    places = [t for t, word in enumerate(tokens) if word in synonyms and word not in keep][:n]
    new = [sorted(synonyms[word])[-1] if t in places else word for t, word in enumerate(tokens)]
    return " ".join(new).replace("_", " ").split()


def thinned(tokens: Any, p: float, rng: Any) -> Any:
    return [word for word in tokens if rng.random() >= p] or tokens[:1]


def copies_of(replace: Any = swapped, erase: Any = thinned) -> PicturePanel:
    return augment_panel(replace, erase, SAME, {"not", "no"}, NOT_GOOD)


def learning_curves() -> PicturePanel:
    labels = [50, 200, 1000, 6530]
    base = [(54.0 + 6 * place, 2.0) for place in range(4)]
    more = {"copies": [(55.5 + 5.8 * place, 1.9) for place in range(4)], "dropout": base}
    gains = {"copies": [(1.5 - 0.2 * place, 1.2) for place in range(4)],
             "dropout": [(-0.4, 0.3)] * 4}  # fmt: skip
    return curve_panel(labels, "unchanged", {"unchanged": base, **more}, gains)


FACTS = {"films": np.arange(300) % 2, "reviews": np.arange(200) % 2, "money": np.arange(48) % 2}


def logits_of(field: str, way: str) -> Any:
    rng, moved = np.random.default_rng(len(field)), 0.0 if way == "CORAL" else -1.5
    return tuple(
        (2.0 * FACTS[name] - 1) + rng.normal(size=len(FACTS[name])) * 1.5 + moved * (name == field)
        for name in ("films", field)
    )


def fields_of(says: Any = logits_of) -> PicturePanel:
    return domain_panel(says, "films", ("reviews", "money"), ("nothing", "CORAL"), FACTS)


def every_third(ids: Any, rng: Any, V: int, p: float, mask_id: int, n_special: int) -> Any:
    asked = (np.arange(ids.size).reshape(ids.shape) % 3 == 0) & (ids >= n_special) & (p > 0)
    fate = rng.choice(3, size=ids.shape, p=[p / 2, p / 2, 1 - p])
    x = np.where(asked, np.choose(fate, [ids, np.full_like(ids, n_special), mask_id]), ids)
    return x, np.where(asked, ids, -1)


def hidden_words(corrupt: Any = every_third) -> PicturePanel:
    ids = {word: number for number, word in enumerate(dict.fromkeys(WORDS), start=4)}

    def guesses(ids_T: Any, place_M: Any) -> Any:
        rng = np.random.default_rng(int(ids_T.sum()))
        return rng.dirichlet(np.full(4 + len(ids), 0.1), size=len(place_M))

    return hiding_panel(corrupt, guesses, ids, "the cat sat on the mat all night long")


def agent(memory: Memory, seed: int) -> Training:
    rng = np.random.default_rng(seed)
    success = np.clip(0.5 + (memory == "attention") * np.arange(200) / 300, 0, 1)
    return Training(start(rng, 6, 8, 3, 1.5), success.tolist(), memory, 8)


def mazes(policy: Any = None) -> PicturePanel:
    agents = {"attention": [agent("attention", 1), agent("attention", 2)]}
    agents |= {"mean": [agent("mean", 1)], "none": [agent("none", 3)]}
    return maze_panel(policy or policy_with("attention"), agents)


def across(y: Any, x: Any, Wq: Any, Wk: Any, Wv: Any, Wo: Any, H: int, mask: Any = None) -> Any:
    def heads(each: Any) -> Any:
        return each.reshape(*each.shape[:2], H, -1).swapaxes(1, 2)

    e = heads(y @ Wq) @ heads(x @ Wk).swapaxes(2, 3)
    w = softmax(e if mask is None else np.where(mask[:, None, None], e, -np.inf), axis=-1)
    return (w @ heads(x @ Wv)).swapaxes(1, 2).reshape(y.shape) @ Wo, w


def its_own_keys(y: Any, x: Any, Wq: Any, Wk: Any, Wv: Any, Wo: Any, H: int, mask: Any) -> Any:
    return across(y, np.resize(y, x.shape), Wq, Wk, Wv, Wo, H, mask)


class Translated:
    """Whatever is typed, 3 March 1987 is written, and each letter looks at one place."""

    def __init__(self, written: list[str]) -> None:
        self.S = len(written[0])
        self.mask_BS = np.ones((1, self.S), bool)

    def translated(self) -> list[str]:
        return ["1987-03-03"]

    def sides(self, iso: list[str]) -> Any:
        place_T = np.minimum([7, 8, 9, 10, 6, 3, 4, 5, 0, 0], self.S - 1)
        matrices = {name: np.eye(40) for name in ("Wq", "Wk", "Wv", "Wo")}
        return 4 * np.eye(40)[None, place_T], np.eye(40)[None, : self.S], matrices

    def weights(self, iso: list[str]) -> Any:
        y, x, matrices = self.sides(iso)
        Wq, Wk, Wv, Wo = matrices.values()
        return across(y, x, Wq, Wk, Wv, Wo, 1)[1][0, 0]


def alignment(cross_attention: Any = across) -> PicturePanel:
    return alignment_panel(cross_attention, Translated, "3 mars 1987")


def cut(img: Any, P: int) -> Any:
    B, H, W, F = img.shape
    return img.reshape(B, H // P, P, W // P, P, F).swapaxes(2, 3).reshape(B, -1, P * P * F)


def only_reshaped(img: Any, P: int) -> Any:
    return img.reshape(len(img), -1, P * P)


def in_patches(patchify: Any = cut, unpatchify: Any = None) -> PicturePanel:
    img = np.random.default_rng(0).random((6, 8, 8, 1))
    return patches_panel(patchify, unpatchify, img)


def one_of_two() -> PicturePanel:
    rng = np.random.default_rng(13)
    matrices = {name: rng.normal(size=(8, 8)) for name in ("Wq", "Wk", "Wv", "Wo")}

    def read(n: int, side: int) -> Any:
        y, x = (np.random.default_rng([n, side]).normal(size=(1, k, 8)) for k in (1, 8))
        return y, x, matrices, softmax(np.random.default_rng(n).normal(size=10))

    return question_panel(across, read, rng.random((5, 8, 16)), np.array([[3, 8]] * 5), H=2)


def heard() -> PicturePanel:
    """Ears that have learned nothing, but look at what is loud."""
    F = BANDS * STACKED
    params = {"W": np.eye(F)[:, : 2 * BANDS], "b": np.zeros(2 * BANDS), "u": np.ones(2 * BANDS),
              "c": np.linspace(-1, 1, 2 * BANDS), "bias": np.zeros(1)}  # fmt: skip
    models = {"attention": False, "a plain mean": True}
    return sound_panel(
        {name: Pooled(params, np.zeros(F), np.ones(F), mean) for name, mean in models.items()}
    )


def nearest(q_BD: Any, bank_ND: Any, labels: Any, tau: float) -> Any:
    q, bank = (x / np.linalg.norm(x, axis=1, keepdims=True) for x in (q_BD, bank_ND))
    return [labels[s_N.argmax()] if s_N.max() >= tau else "human" for s_N in q @ bank.T]


def help_desk() -> PicturePanel:
    bank_ND = np.random.default_rng(0).normal(size=(30, 6))
    q_BD = bank_ND[:20] + 0.7 * np.random.default_rng(1).normal(size=(20, 6))
    labels = [f"answer {n}" for n in range(30)]
    return desk_panel(nearest, bank_ND, labels, {
        "with an answer": (q_BD, labels[:20]), "near, without one": (-q_BD[:7], None),
    })  # fmt: skip


def sharpened(q_D: Any, beta: float) -> Any:
    return softmax(beta * (BANK_ND @ q_D))


BANK_ND = np.random.default_rng(0).normal(size=(30, 6))
BANK_ND /= np.linalg.norm(BANK_ND, axis=1, keepdims=True)


def bank() -> PicturePanel:
    """A question with its answer, one that nothing answers, and long texts."""
    answers = [f"Answer {n}: " + "as long as such answers are, " * 4 for n in range(30)]
    asked: dict[str, tuple[Any, int | None]] = {
        f"How does {LONG} end, and who decides it in the end?": (BANK_ND[3], 3),
        "And who doesn't?": (-BANK_ND[5], None),
    }
    return bank_panel(sharpened, BANK_ND, answers, asked)


def faded(day_N: Any, score_N: Any, T: int, halflife: float) -> Any:
    before = day_N < np.arange(T)[:, None]
    w_TN = before * 0.5 ** (np.abs(np.arange(T)[:, None] - 1 - day_N) / halflife)
    return w_TN @ score_N / np.maximum(w_TN.sum(axis=1), 1e-9)


def mood_over_days() -> PicturePanel:
    days, mood_T = np.arange(120), np.where(np.arange(120) < 60, 0.45, -0.45)
    scores = np.clip(mood_T + np.random.default_rng(0).normal(size=120), -1, 1)
    changes = [(0, "cheer"), (60, "gloom"), (64, "calm"), (118, "cheer")]
    return index_panel(faded, np.append(days, [30] * 7), np.append(scores, [1.0] * 7), mood_T,
                       changes, np.append(days == 30, [True] * 7))  # fmt: skip


def likes_the_next(histories: Any) -> Any:
    z_BN = np.tile(-0.01 * np.arange(30.0), (len(histories), 1))
    for b, history in enumerate(histories):
        for place, item in enumerate(history):
            z_BN[b, (item + 1) % 30] += place
    return z_BN


def history() -> PicturePanel:
    names = ["", *(f"The Long Return of the Quiet Astronomer, Part {n}" for n in range(1, 30))]
    return history_panel(likes_the_next, list(range(1, 29, 2)), names)


TEXT = "the film is the best of the year, and the year of the best film is over"


def writer() -> tuple[Stepwise, BytePairs]:
    """A small language model that has learned nothing, and its vocabulary."""
    pairs = learn_byte_pairs([TEXT], 300)
    model = untrained(Size(V=pairs.size, D=16, L=2, H=4, G=2, F=24), seed=15)
    louder = replace(model, table_VD=3 * model.table_VD)  # so that words are not all alike
    return louder, pairs


def appending(q: Any, k: Any, v: Any, cache: Any) -> Any:
    k, v = k[:, :, None], v[:, :, None]
    if cache is not None:
        k, v = (np.append(cache[name], new, axis=2) for name, new in (("k", k), ("v", v)))
    parts = q.reshape(len(q), k.shape[1], -1, q.shape[-1]) / q.shape[-1] ** 0.5
    w = softmax(parts @ np.swapaxes(k, -1, -2), axis=-1)
    return (w @ v).reshape(q.shape), {"k": k, "v": v}


def nucleus(z: Any, p: float, tau: float = 1.0) -> Any:
    found = softmax(z / tau)
    order = np.argsort(-found, kind="stable")
    if p < 1:
        found[order[np.cumsum(found[order]) - found[order] >= p]] = 0
    return found / found.sum()


def no_cut(z: Any, p: float, tau: float = 1.0) -> Any:
    return softmax(z / tau)


def in_front(q: Any, k: Any, v: Any, cache: Any) -> Any:
    o, kept = appending(q, k, v, cache)
    return o, {name: np.roll(array, 1, axis=2) for name, array in kept.items()}


def writing(top_p: Any = None, cached_step: Any = None) -> PicturePanel:
    return writing_panel(*writer(), top_p, cached_step, "the film")


Made = tuple[Callable[[], PicturePanel], tuple[dict[str, Any], ...]]
TAU = (0.25, 4.0, 0.25, 1.0)
GALLERY: dict[str, Made] = {
    "one head": (
        lambda: explore(one_head, WORDS, tau=TAU, causal=True), ({"query": 7}, {"causal": False}),
    ),
    "eight heads": (
        lambda: explore(many_heads, WORDS, tau=TAU, heads=[8, 4, 2, 1]), ({}, {"heads": 2}),
    ),
    "a spoilt map": (
        lambda: explore(spoilt, WORDS[:5], tau=TAU, ghost=right_one), ({}, {"query": 3}),
    ),
    "softmax": (
        lambda: softmax_panel(bare_softmax),
        ({}, {"precision": "float16", "tau": 0.125}, {"shift": 1000}, {"precision": "float64"},
         {"shift": 0, "logit_0": -10, "logit_1": 10}),
    ),
    "descent": (
        lambda: descent_panel(sgd),
        ({}, {"surface": "a bent valley"}, {"surface": "two hollows", "lr": -0.375}, {"lr": 0.5}),
    ),
    "descent astray": (lambda: descent_panel(uphill), ({"steps": 100},)),
    "query": (lambda: query_panel(unscaled), ({}, {"direction": 60}, {"length": 0})),
    "scaling": (
        lambda: scaling_panel(unscaled), ({}, {"d_k": 1}, {"scaled": False, "d_k": 512}),
    ),
    "kernel": (
        lambda: kernel_panel(*points_and_labels()), ({}, {"h": 0.02}, {"h": 1.0, "query": -1.0}),
    ),
    "recall": (
        lambda: recall_panel(no_step), ({}, {"steps": 0}, {"steps": 8, "noise": 3, "digit": 8}),
    ),
    "masks": (
        lambda: mask_panel(forgets_the_mask),
        ({}, {"keep": [True, False] * 3 + [True], "pads": 16}, {"way": "as if never there"},
         {"keep": [False] * 7}),
    ),
    "heads": (
        lambda: heads_panel(interleaved),
        ({"step": 0}, {"step": 1}, {"step": 2}, {"step": 3}, {"heads": 6}, {"step": 2, "heads": 1}),
    ),
    "budget": (lambda: budget_panel(three_matrices), ({}, {"doublings": 0}, {"doublings": 6})),
    "positions": (
        lambda: position_panel(sines), ({}, {"D": 4, "base": 10}, {"position": 63, "D": 128}),
    ),
    "depth": (lambda: depth_panel(), ({}, {"depth": 2}, {"depth": 48, "final_norm": False})),
    "training": (lambda: training_panel(runs()), ({}, {"length": 32, "heads": 2})),
    "threshold": (
        lambda: threshold_panel(*labels_and_probabilities()),
        ({}, {"threshold": 0}, {"threshold": 0.9375}, {"threshold": 1}),
    ),
    "strip": (
        lambda: strip_panel(by_letters, LONG, heads=4), ({}, {"head": 1}, {"text": "dull"}),
    ),
    "attribution": (
        lambda: attribution_panel(
            {"by length": by_length, "by a number": np.abs}, of_letters, praise_of, hiding,
            hiding_by_chance, LONG,
        ),
        ({}, {"k": 0}, {"k": 12, "method": "by a number"}, {"text": "dull"}),
    ),
    "wall": (
        lambda: wall_panel(heads_by_letters, LONG),
        ({}, {"layer": 6, "head": 12}, {"text": "never dull"}, {"text": 3 * LONG}),
    ),
    "lengths": (cost_of, ({}, {"doublings": 0}, {"doublings": 8})),
    "kept heads": (
        eight_heads, ({}, {"head_0": False, "head_5": False},
                      {f"head_{h}": False for h in range(8)}),
    ),
    "writing": (
        lambda: writing(nucleus, appending),
        ({}, {"written": 40, "draw": 3}, {"text": TEXT + "\n" + TEXT, "written": 12}, {"text": ""},
         {"tau": 0.25, "p": 50, "written": 9}, {"p": 100, "block": 2, "head": 3, "written": 40}),
    ),
    "writing astray": (lambda: writing(no_cut, in_front), ({"p": 50, "written": 5},)),
    "bits": (in_bits, ({}, {"bits": 2}, {"bits": 8, "matrix": "Wo"})),
    "copies": (
        copies_of, ({}, {"n": 0, "p": 1.0}, {"n": 8, "p": 0.5, "kept": False},
                    {"text": LONG, "p": 0.25}, {"text": "good"}),
    ),
    "learning curves": (
        learning_curves, ({}, {"place": 4, "way": "dropout"}, {"place": 2}),
    ),
    "bank": (
        bank, ({}, {"doublings": 0}, {"doublings": 10, "question": "And who doesn't?"}),
    ),
    "help desk": (help_desk, ({}, {"tau": 0.0}, {"tau": 1.0}, {"tau": 0.75})),
    "mood over days": (mood_over_days, ({}, {"halflife": 0.5}, {"halflife": 32.5})),
    "history": (history, ({}, {"dropped": 14}, {"dropped": 1})),
    "fields": (fields_of, ({}, {"way": "CORAL"}, {"field": "money"})),
    "hidden words": (
        hidden_words, ({}, {"p": 0.0}, {"p": 1.0, "draw": 4}, {"text": LONG}, {"text": "purred"}),
    ),
    "a maze": (mazes, ({}, {"memory": "none", "step": 1}, {"agent": 2, "draw": 9})),
    "a maze astray": (lambda: mazes(policy_with("mean")), ({"step": 4},)),
    "alignment": (
        alignment, ({}, {"digit": 9}, {"text": "dienstag, 3. september 1987", "digit": 10}),
    ),
    "sound": (heard, ({}, {"loudness": 2}, {"loudness": -14, "draw": 20})),
    "alignment astray": (lambda: alignment(its_own_keys), ({},)),
    "patches": (in_patches, ({}, {"P": 1}, {"P": 4, "which": 3}, {"P": 8})),
    "patches astray": (
        lambda: in_patches(only_reshaped, lambda x, P, shape: x.reshape(shape)), ({},),
    ),
    "one of two digits": (one_of_two, ({}, {"side": 1, "which": 5})),
}  # fmt: skip
