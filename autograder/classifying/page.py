"""A page that stands alone: texts, what the model says of them, and where each head looks."""

from __future__ import annotations

import html
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from attnkit import style

from autograder.classifying.views import verdict


@dataclass(frozen=True)
class Read:
    """One text and what the model made of it."""

    text: str
    p: float  # probability of praise
    words: tuple[str, ...]
    weights: npt.NDArray[np.float32]  # (H, T)
    unknown: tuple[str, ...]


CSS = f"""
:root {{ --ink: {style.INK}; --quiet: {style.QUIET}; --faint: {style.FAINT}; --paper: #fff;
  --blue: 0 114 178; --strongest: .6; color-scheme: light dark }}
@media (prefers-color-scheme: dark) {{ :root {{ --ink: {style.DARK[style.INK]};
  --quiet: {style.DARK[style.QUIET]}; --faint: {style.DARK[style.FAINT]};
  --paper: {style.DARK[style.PAPER]}; --blue: 79 168 224 }} }}
body {{ font: 16px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper);
  max-width: 52rem; margin: 2.5rem auto; padding: 0 1.25rem }}
h1 {{ font-size: 1.35rem; margin: 0 0 .25rem }}
h2 {{ font-size: 1.05rem; margin: 0 0 .75rem; line-height: 1.45 }}
h3 {{ font-size: .85rem; margin: 1.1rem 0 .25rem; color: var(--quiet); font-weight: 600 }}
section {{ border-top: 1px solid var(--faint); margin-top: 1.75rem; padding-top: 1.5rem }}
p {{ margin: .4rem 0 }}
.quiet {{ color: var(--quiet); font-size: .875rem }}
.bar {{ height: .6rem; border-radius: .3rem; background: var(--faint); max-width: 20rem;
  overflow: hidden }}
.bar i {{ display: block; height: 100%; background: rgb(var(--blue)) }}
.strip {{ display: flex; flex-wrap: wrap; gap: .3rem }}
.strip span {{ display: inline-flex; flex-direction: column; align-items: center;
  padding: .12rem .5rem; border-radius: .3rem;
  background: rgb(var(--blue) / calc(var(--w) * var(--strongest))) }}
.strip small {{ font-size: .68rem; line-height: 1.2; font-variant-numeric: tabular-nums }}
"""


def make_page(model: str, reads: Sequence[Read]) -> str:
    """The page as HTML. It loads nothing and runs nothing; all text is escaped."""
    sections = "".join(_section(read) for read in reads)
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>What the heads look at</title><style>{CSS}</style></head><body>"
        f"<h1>What the heads look at</h1><p class=quiet>Model: {html.escape(model)}. The stronger "
        "a word's ground, the more of its head's attention it gets (on a square-root scale up to "
        "the head's greatest weight); below each word stands the weight. A head's weights sum to "
        "1. They say where it looks, not why the model decides as it does.</p>"
        f"{sections}</body></html>\n"
    )


def _section(read: Read) -> str:
    unknown = ""
    if read.unknown:
        names = ", ".join(html.escape(word) for word in dict.fromkeys(read.unknown))
        unknown = f"<p class=quiet>Not met in training, or too seldom: {names}.</p>"
    heads = "".join(_head(h, read.words, w_T) for h, w_T in enumerate(read.weights, start=1))
    return (
        f"<section><h2>{html.escape(read.text)}</h2>"
        f"<p><b>{verdict(read.p)}</b></p>"
        f'<div class=bar role="img" aria-label="probability of praise: {read.p:.3f}">'
        f'<i style="width:{100 * read.p:.1f}%"></i></div>'
        f"<p class=quiet>probability of praise: {read.p:.3f}</p>{unknown}{heads}</section>"
    )


def _head(number: int, words: Sequence[str], w_T: npt.NDArray[np.float32]) -> str:
    most = max(float(w_T.max()), 1e-9)
    spans = "".join(
        f'<span style="--w:{(float(w) / most) ** 0.5:.3f}">{html.escape(word)}'
        f"<small>{float(w):.2f}</small></span>"
        for word, w in zip(words, w_T, strict=True)
    )
    return f'<h3>head {number}</h3><div class="strip">{spans}</div>'
