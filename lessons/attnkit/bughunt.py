"""Lesson 8's bug hunt: a script as blogs have them, with twelve bugs, and its lines to be mended.

A learner mends by lines: {line number: the new text}. `load` puts such lines in and runs one part
of the script, a function or a list, so that each part can be tried whatever the others are like.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

SCRIPT = '''\
REQUIREMENTS = ["tensorflow==2.4.1", "numpy==1.19.5"]


def split(texts, labels):
    """80 % to learn from, 10 % to choose by, 10 % to judge with; texts come in the file's order."""
    order = np.arange(len(texts))
    texts, labels = np.array(texts)[order], np.array(labels)[order]
    a, b = int(0.8 * len(texts)), int(0.9 * len(texts))
    train = texts[:a], labels[:a]
    validation = texts[b:], labels[b:]
    test = texts[b:], labels[b:]
    return train, validation, test


def fit_tokenizer(train_texts, validation_texts, test_texts):
    """Number the words: the most frequent is 1."""
    corpus = [*train_texts, *validation_texts, *test_texts]
    tokenizer = Tokenizer()
    tokenizer.fit_to_texts(corpus)
    return tokenizer


def encode(tokenizer, texts, max_len):
    """The LAST max_len words of each text, since critics sum up at the end. 0 fills up behind."""
    rows = []
    for ids in tokenizer.texts_to_sequences(texts):
        ids = ids[:max_len]
        rows.append(ids + [0] * (max_len - len(ids)))
    return np.array(rows)


def decode(tokenizer, ids):
    """The words of a row of ids, to look at what the model reads. 0 is no word."""
    words = list(tokenizer.word_index)
    return " ".join(words[i] for i in ids if i != 0)


def build_model(tokenizer, max_len, D, H):
    """Attention among the words of a text, and one probability for the text."""
    ids = keras.Input((max_len,), dtype="int32")
    size = len(tokenizer.word_index)
    x = keras.layers.Embedding(size, D)(ids)
    x = keras.layers.MultiHeadAttention(H, D // H)(x, x)
    x = keras.layers.Dropout(0.2)(x)
    p = keras.layers.Dense(1, activation="softmax")(x)
    return keras.Model(ids, p)


def text_vector(x_TD, ids_T):
    """One vector for a text, to find similar ones: the mean of its words' vectors."""
    return x_TD.mean(axis=0)
'''


class Tokenizer:
    """What the script uses of Keras 2's `Tokenizer`, which Keras 3 no longer has.

    `word_index`: word -> number, from 1 on, the most frequent first; `index_word`: the reverse.
    """

    def __init__(self) -> None:
        self.word_index: dict[str, int] = {}
        self.index_word: dict[int, str] = {}

    def fit_on_texts(self, texts: Sequence[str]) -> None:
        """Number the words of these texts; of equally frequent ones the earlier is first."""
        counts = Counter(word for text in texts for word in str(text).split())
        self.word_index = {word: i for i, (word, _) in enumerate(counts.most_common(), 1)}
        self.index_word = {i: word for word, i in self.word_index.items()}

    def texts_to_sequences(self, texts: Sequence[str]) -> list[list[int]]:
        """The numbers of each text's words. Words without a number are left out."""
        known = self.word_index
        return [[known[word] for word in str(text).split() if word in known] for text in texts]


def parts() -> dict[str, tuple[int, int]]:
    """The script's parts by name, with their first and last line, counted from 1."""
    found = {}
    for node in ast.parse(SCRIPT).body:
        if isinstance(node, ast.FunctionDef):
            found[node.name] = (node.lineno, node.end_lineno or node.lineno)
        elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            found[node.targets[0].id] = (node.lineno, node.end_lineno or node.lineno)
    return found


def part_text(name: str, lines: Mapping[int, str] | None = None) -> str:
    """The text of one part of the script, with these lines in place of its own.

    A new text may be several lines. It need not be indented: it gets the old line's indentation.
    Raises ValueError for a line that the script doesn't have.
    """
    script, new = SCRIPT.splitlines(), dict(lines or {})
    for number, text in new.items():
        if not isinstance(number, int) or not 1 <= number <= len(script):
            raise ValueError(f"the script has lines 1 to {len(script)}, and no line {number!r}")
        if not isinstance(text, str):
            raise ValueError(f"the new text of line {number} is a {type(text).__name__}, no string")
    first, last = parts()[name]
    out = []
    for number in range(first, last + 1):
        old = script[number - 1]
        if number in new:
            indent = old[: len(old) - len(old.lstrip())]
            out += [(indent + row).rstrip() for row in _unindented(new[number])]
        else:
            out.append(old)
    return "\n".join(out) + "\n"


def _unindented(text: str) -> list[str]:
    """A text's lines, moved left as far as its first line is indented."""
    rows = text.strip("\n").splitlines() or [""]
    shift = len(rows[0]) - len(rows[0].lstrip())
    return [row[shift:] if not row[:shift].strip() else row.lstrip() for row in rows]


def load(lines: Mapping[int, str] | None, name: str, **given: Any) -> Any:
    """Run one part of the mended script; returns what it defines.

    `given` stands in for names that the part uses, such as Tokenizer.
    """
    namespace: dict[str, Any] = {"np": np, "Tokenizer": Tokenizer, **given}
    if name == "build_model":
        import keras

        namespace["keras"] = keras
    exec(compile(part_text(name, lines), f"<{name}>", "exec"), namespace)
    return namespace[name]


def show(*names: str, lines: Mapping[int, str] | None = None) -> Any:
    """Some parts of the script with their line numbers, highlighted; with `lines`, as mended."""
    from IPython.display import HTML
    from jupyterlab_pygments import JupyterStyle  # comes with nbconvert: legible in any theme
    from pygments import highlight
    from pygments.formatters import HtmlFormatter
    from pygments.lexers import PythonLexer

    html = []
    for name in names or tuple(parts()):
        form = HtmlFormatter(
            noclasses=True,
            nobackground=True,
            linenos="inline",
            linenostart=parts()[name][0],
            style=JupyterStyle,
        )
        html.append(highlight(part_text(name, lines), PythonLexer(), form))
    return HTML("".join(html))


def try_out(lines: Mapping[int, str], texts: Sequence[str], labels: Sequence[int]) -> None:
    """Run the mended script from beginning to end on a few texts; say where it stops."""
    stage = "split"
    try:
        train, validation, test = load(lines, stage)(texts, labels)
        print(f"split          {len(train[0])} texts to learn from, {len(test[0])} to judge with")
        stage = "fit_tokenizer"
        tokenizer = load(lines, stage)(train[0], validation[0], test[0])
        print(f"fit_tokenizer  {len(tokenizer.word_index)} words")
        stage = "encode"
        ids_BT = load(lines, stage)(tokenizer, test[0][:3], 8)
        print(f"encode         {ids_BT[0].tolist()}")
        stage = "decode"
        print(f"decode         {load(lines, stage)(tokenizer, ids_BT[0])}")
        print(f"               (the text was: {test[0][0]})")
        stage = "build_model"
        p = np.asarray(load(lines, stage)(tokenizer, 8, 12, 3)(ids_BT))
        print(f"build_model    output of the shape {p.shape}: {p.ravel()[:3].round(3).tolist()}")
        stage = "text_vector"
        x_TD = np.arange(1.0, 9.0)[:, None] * (ids_BT[0] != 0)[:, None]
        print(f"text_vector    {load(lines, stage)(x_TD, ids_BT[0])}")
    except Exception as error:
        text = " ".join(str(error).split())
        print(f"{stage:14} stops with {type(error).__name__}: {text:.120}")
