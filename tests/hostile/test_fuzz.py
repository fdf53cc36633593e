"""Anything at all, in the shapes of what grading reads: notebooks, messages, outputs, answers.

What must hold for each is said once, in a function, and tried on hundreds of examples in each run
and on ten thousand with `make test-all`. The examples have the right structure and wrong contents,
or right contents and wrong bytes.
"""

from __future__ import annotations

import contextlib
import copy
import json
import os
import socket
import struct
import subprocess
from collections.abc import Iterator
from typing import Any

import nbformat
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nbformat import NotebookNode

from autograder.boxes.answers import read_answers
from autograder.boxes.box import BoxError, Limits
from autograder.boxes.link import Link, StoppedError
from autograder.boxes.messages import NoMessageError, parse
from autograder.boxes.outputs import LEAST_BYTES, OutputList, size_of
from autograder.boxes.warm_process import Child
from autograder.feedback.figures import own_figures
from autograder.notebook_text import to_text
from autograder.reading.lift import Frame, FrameCell, Lifted, lift
from autograder.reading.notebook import UnreadableError, lesson_told
from autograder.reading.readers import Readers

FEW, MANY = 300, 10_000
pytestmark = pytest.mark.filterwarnings("ignore::SyntaxWarning")  # of Python's parser

# --- what examples are made of

texts = st.text(max_size=12) | st.sampled_from(["", "\x00", "\ud800", "\u202e", "a" * 300, "L1-1"])
scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | texts
    | st.sampled_from([10**400, -(10**30), "NaN"])
)
plain = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=8,
)


def nested(depth: int, lists_every: int) -> Any:
    """Lists and dicts inside each other."""
    value: Any = 1
    for level in range(depth):
        value = [value] if level % lists_every == 0 else {"a": value}
    return value


# about as deep as is borne, or far deeper
deep = st.sampled_from([nested(n, m) for n in (3, 60, 63, 64, 65, 66, 200) for m in (1, 2, 999)])
values = plain | deep


def perhaps(proper: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Mostly what it should be, now and then anything."""
    return st.integers(0, 25).flatmap(lambda number: values if number == 7 else proper)


@st.composite
def objects(draw: st.DrawFn, /, **fields: st.SearchStrategy[Any]) -> dict[str, Any]:
    """A dict with these fields, some of which are missing, and perhaps another one."""
    spoilt = draw(st.integers(0, 40))
    names = [name for number, name in enumerate(fields) if number + 10 != spoilt]
    found = {name: draw(fields[name]) for name in names}
    if spoilt == 30:
        found[draw(texts)] = draw(values)
    return found


@st.composite
def broken(draw: st.DrawFn, proper: st.SearchStrategy[bytes]) -> bytes:
    """Bytes, mostly as they are; else with some of them cut out, doubled or replaced."""
    data = draw(proper)
    if draw(st.integers(0, 5)) != 3:
        return data
    start = draw(st.integers(0, len(data)))
    end = draw(st.integers(start, min(start + 40, len(data))))
    put = draw(st.binary(max_size=6) | st.just(data[start:end] * 2) | st.just(b"[" * 2_000))
    return data[:start] + put + data[end:]


def as_json(value: Any) -> bytes:
    return json.dumps(value).encode()


# --- notebooks

FRAME = Frame(
    (
        FrameCell("intro", "markdown", "# Lesson", "intro"),
        FrameCell("imports", "code", "import numpy as np", "imports"),
        FrameCell("L1-1-answer", "code", "def double(x_T): ...", "L1.1", "L1-1-answer", True,
                  functions=("double",)),
        FrameCell("L1-1", "code", "check('L1.1')", "L1-1", "L1-1", is_graded=True),
        FrameCell("why", "markdown", "*Why?*", "why"),
        FrameCell("L1-why", "markdown", "Your answer.", "L1-why", "L1-why", True, True),
        FrameCell("helper", "code", "def helper(x): return np.sqrt(x)", "helper"),
    )
)  # fmt: skip
SNIPPETS = (
    "def double(x_T):", "\n    return ", "helper(x_T)", "lambda:", "async ", "class X",
    "(", ")", "[", "{", "}", "\n", "\n\n\n", " ", "\t", "%", "?", "!", "=", "import *", "globals()",
    "x.y[0] = 1", "global x\n", "match x:\n case [", "f'{", "'''", '"', "#", "\\", "\\\n", "*",
    "1" * 50, "(" * 70, "lambda:" * 80, "-" * 300, "\x00", "\ud800", "\u202e", "é", "np", "not ",
    "yield ", "await ", "with a as b:", "try:\n x\nexcept* E: pass", "type X[T] = T", ":=", "...",
)  # fmt: skip
sources = st.lists(st.sampled_from(SNIPPETS), max_size=10).map("".join)
ids = st.sampled_from([*(cell.id for cell in FRAME.cells), "own", "", "\ud800"])
kinds = st.sampled_from(["code", "markdown", "raw", "heading", "html", "nonsense"])
given_sources = st.sampled_from([cell.source for cell in FRAME.cells])
cells = objects(
    cell_type=perhaps(kinds),
    id=perhaps(ids),
    source=perhaps(sources | given_sources | st.lists(perhaps(sources), max_size=3)),
    input=perhaps(sources),
    level=perhaps(st.integers(-1, 9)),
    metadata=perhaps(objects(nbgrader=perhaps(objects(grade_id=perhaps(ids))))),
    outputs=perhaps(st.lists(values, max_size=2)),
)
cell_lists = perhaps(st.lists(perhaps(cells), max_size=6))
documents = perhaps(
    objects(
        cells=cell_lists,
        metadata=perhaps(objects(attention_kit=perhaps(objects(lesson=perhaps(texts))))),
        nbformat=perhaps(st.just(4)),
    )
    | objects(
        worksheets=perhaps(st.lists(perhaps(objects(cells=cell_lists)), max_size=2)),
        nbformat=perhaps(st.just(3)),
    )
)
notebooks = broken(documents.map(as_json))


def lifted_or_reason(raw: bytes) -> Lifted | str:
    try:
        return lift(raw, FRAME)
    except UnreadableError as error:
        return str(error)


def check_notebook(raw: bytes) -> None:
    """Every released cell is there, in its order; or there is a reason."""
    found = lifted_or_reason(raw)
    with contextlib.suppress(UnreadableError):
        lesson_told(raw).name.encode()
    if isinstance(found, str):
        assert found
        return
    assert [cell.given for cell in found.cells if cell.given] == [cell.id for cell in FRAME.cells]
    for index, cell in enumerate(found.cells):
        assert cell.text is None or cell.text.encode() is not None
        assert cell.kind in ("code", "markdown")
        if cell.given and not FRAME.by_id[cell.given].is_answer:
            assert cell.text is None
        if not cell.given or FRAME.by_id[cell.given].is_answer:
            assert index not in found.unneeded
    assert all(found.cells[index].kind == "code" for index in found.unneeded)
    assert len(found.repairs) < 10


@settings(max_examples=FEW)
@given(notebooks)
def test_any_notebook_is_lifted_or_has_its_reason(raw: bytes) -> None:
    check_notebook(raw)


@pytest.mark.exhaustive
@settings(max_examples=MANY)
@given(notebooks)
def test_any_of_many_notebooks_is_lifted_or_has_its_reason(raw: bytes) -> None:
    check_notebook(raw)


@pytest.fixture(scope="module")
def readers() -> Iterator[Readers]:
    with Readers() as made:
        yield made


@settings(max_examples=100)
@given(notebooks)
def test_a_process_reads_what_its_code_reads(readers: Readers, raw: bytes) -> None:
    check_process(readers, raw)


@pytest.mark.exhaustive
@settings(max_examples=MANY // 5)
@given(notebooks)
def test_a_process_reads_much_of_what_its_code_reads(readers: Readers, raw: bytes) -> None:
    check_process(readers, raw)


def check_process(readers: Readers, raw: bytes) -> None:
    found: Lifted | str
    try:
        found = readers.lift(raw, FRAME)
    except UnreadableError as error:
        found = str(error)
    assert found == lifted_or_reason(raw)


# --- outputs

bundles = objects(
    **{
        "text/plain": perhaps(texts),
        "text/html": perhaps(texts | st.lists(perhaps(texts), max_size=3)),
        "image/png": perhaps(st.sampled_from(["iVBORw0KGgo=", "AAAA", "", "\ud800"])),
        "image/svg+xml": perhaps(st.sampled_from(["<svg></svg>", "<svg", "", "\ud800"])),
        "application/json": values,
        "application/vnd.x+json": values,
    }
)
displayed = objects(
    data=perhaps(bundles),
    metadata=perhaps(objects(x=values)),
    transient=perhaps(objects(display_id=perhaps(st.sampled_from(["a", "b"])))),
    execution_count=perhaps(st.none() | st.integers(-1, 5)),
)
contents = {
    "stream": objects(name=perhaps(st.sampled_from(["stdout", "stderr"])), text=perhaps(texts)),
    "display_data": displayed,
    "execute_result": displayed,
    "update_display_data": displayed,
    "error": objects(
        ename=perhaps(texts),
        evalue=perhaps(texts),
        traceback=perhaps(st.lists(perhaps(texts), max_size=3)),
    ),
    "clear_output": objects(wait=perhaps(st.booleans())),
    "nonsense": objects(),
}
outputs = st.sampled_from(sorted(contents)).flatmap(
    lambda kind: st.tuples(st.just(kind), perhaps(contents[kind]).filter(lambda c: type(c) is dict))
)
cells_of_outputs = st.lists(outputs | st.tuples(st.just("raw"), texts), max_size=5)
NOTEBOOK: NotebookNode = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("1", id="one")])
NOTEBOOK.nbformat_minor = 5


def check_outputs(messages: list[tuple[str, Any]], most: int) -> None:
    """Whatever comes, what is kept can be written, is what a notebook holds, and isn't too much."""
    kept = OutputList(most)
    for kind, content in messages:
        if kind == "raw":
            kept.add_text("stdout", content)
        else:
            kept.add(kind, content)
    found = kept.result()
    errors = [output for output in found if output["output_type"] == "error"]
    others = [output for output in found if output["output_type"] != "error"]
    assert sum(max(size_of(output) // 2, LEAST_BYTES // 2) for output in others) <= most
    assert len(errors) <= 3 + most // LEAST_BYTES
    notebook = copy.deepcopy(NOTEBOOK)
    notebook.cells[0].outputs = nbformat.from_dict(found)
    again = nbformat.reads(to_text(notebook), as_version=4)
    assert [output.output_type for output in again.cells[0].outputs] == [
        output["output_type"] for output in found
    ]
    own_figures(again, {})


@settings(max_examples=FEW)
@given(cells_of_outputs, st.sampled_from([0, 500, 2_000, 1_000_000]))
def test_any_outputs_can_be_kept(messages: list[tuple[str, Any]], most: int) -> None:
    check_outputs(messages, most)


@pytest.mark.exhaustive
@settings(max_examples=MANY)
@given(cells_of_outputs, st.sampled_from([0, 500, 2_000, 1_000_000]))
def test_any_of_many_outputs_can_be_kept(messages: list[tuple[str, Any]], most: int) -> None:
    check_outputs(messages, most)


# --- messages

messages = broken(
    perhaps(
        objects(output=perhaps(st.sampled_from(sorted(contents))), content=perhaps(displayed))
        | objects(answer=perhaps(texts | st.none()), nonce=perhaps(texts))
        | objects(answer=perhaps(texts), nonce=perhaps(texts), over=perhaps(texts))
        | objects(done=perhaps(st.booleans()))
        | objects(over=perhaps(texts))
        | objects(ready=perhaps(objects(at=values)))
        | objects(failed=perhaps(texts))
    ).map(as_json)
)


def check_message(data: bytes) -> None:
    """It is one of the few that there are, or none."""
    try:
        message = parse(data, 100_000)
    except NoMessageError:
        return
    assert message.keys() & {"ready", "failed", "output", "done", "answer", "over"}
    if "output" in message:
        OutputList(10_000).add(message["output"], message["content"])


@settings(max_examples=FEW)
@given(messages)
def test_any_message_is_understood_or_refused(data: bytes) -> None:
    check_message(data)


@pytest.mark.exhaustive
@settings(max_examples=MANY)
@given(messages)
def test_any_of_many_messages_is_understood_or_refused(data: bytes) -> None:
    check_message(data)


@pytest.fixture(scope="module")
def holder() -> Iterator[int]:
    """A process that stands for a box, and ends with the first that is no message."""
    with subprocess.Popen(["sleep", "600"]) as process:
        number = os.pidfd_open(process.pid)
        try:
            yield number
        finally:
            process.kill()
            os.close(number)


@settings(max_examples=100)
@given(st.lists(messages, max_size=5), st.binary(max_size=8), st.binary(max_size=20))
def test_whatever_a_box_sends_the_link_goes_on_or_stops(
    holder: int, sent: list[bytes], tail: bytes, written: bytes
) -> None:
    """On a real socket, with whole messages, half ones, and raw output beside them."""
    ours, theirs = socket.socketpair()
    (out, out_end), (error, error_end) = os.pipe(), os.pipe()
    link = Link(Child(ours, out, error, os.dup(holder), {}), Limits(patience=1.0))
    outputs = OutputList(10_000)
    for data in sent:
        theirs.sendall(struct.pack("!I", len(data)) + data)
    theirs.sendall(tail)
    os.write(out_end, written)
    theirs.close()
    os.close(out_end)
    os.close(error_end)
    limit = link.time_limit(60.0)

    def read_all() -> None:
        while True:
            message = link.receive(limit, 100_000, outputs)
            if "output" in message:
                outputs.add(message["output"], message["content"])

    with pytest.raises(StoppedError):
        read_all()
    link.drain(outputs)
    assert isinstance(outputs.result(), list)
    for number in (out, error):
        os.close(number)
    ours.close()


# --- answers

NONCE = "0123456789abcdef" * 2
replies = perhaps(
    objects(
        nonce=perhaps(st.just(NONCE)),
        answers=perhaps(st.lists(perhaps(objects(value=values, changed=values)), max_size=3)),
    )
).map(json.dumps)


def check_answer(text: Any) -> None:
    try:
        answers = read_answers(text, NONCE, 2, 10_000)
    except BoxError:
        return
    assert len(answers) == 2


@settings(max_examples=FEW)
@given(replies | values)
def test_any_answer_is_a_list_or_none(text: Any) -> None:
    check_answer(text)


@pytest.mark.exhaustive
@settings(max_examples=MANY)
@given(replies | values)
def test_any_of_many_answers_is_a_list_or_none(text: Any) -> None:
    check_answer(text)
