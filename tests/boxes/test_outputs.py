"""What a box may send and what is kept of it: bounded by what it costs, not by what it says."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from attnkit.checking.wire import MAX_VALUES

from autograder.boxes.answers import read_answers
from autograder.boxes.box import BoxError
from autograder.boxes.bubblewrap import SandboxedBoxes
from autograder.boxes.messages import BYTES_FOR_A_PART, NoMessageError, parse
from autograder.boxes.meter import Usage
from autograder.boxes.outputs import DEEPEST, OutputList, size_of
from autograder.boxes.time_limit import TimeLimit

MOST = 1_000_000
SHOWN = {"data": {"text/plain": "x"}, "metadata": {}, "transient": {"display_id": "d"}}


def kept(*messages: tuple[str, Any], most: int = MOST) -> OutputList:
    outputs = OutputList(most)
    for kind, content in messages:
        outputs.add(kind, content)
    return outputs


def nested(depth: int) -> Any:
    value: Any = 1
    for _ in range(depth):
        value = [value]
    return value


def test_an_update_counts_for_each_display_that_it_changes() -> None:
    """One message of 100,000 letters would be 60 million in the notebook."""
    long = {**SHOWN, "data": {"text/plain": "y" * 100_000}}
    displays = [("display_data", SHOWN)] * 600
    outputs = kept(*displays, ("update_display_data", long))
    assert outputs.truncated
    assert sum(len(output["data"]["text/plain"]) for output in outputs.result()) < MOST
    few = kept(*displays[:3], ("update_display_data", long))
    assert [len(output["data"]["text/plain"]) for output in few.result()] == [100_000] * 3
    assert not few.truncated


def test_outputs_are_kept_to_a_depth_and_dropped_below_it() -> None:
    for depth, found in ((DEEPEST - 3, 1), (DEEPEST + 1, 0), (100_000, 0)):
        content = {"data": {"application/json": nested(depth)}, "metadata": {}}
        assert len(kept(("display_data", content)).result()) == found, depth


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        ("stream", {"name": "stdout", "text": 5}),
        ("stream", {"text": "x"}),
        ("stream", {"name": "stdout"}),
        ("stream", {"name": ["stdout"], "text": "x"}),
        ("display_data", {"data": {"text/plain": 5}, "metadata": {}}),
        ("display_data", {"data": [], "metadata": {}}),
        ("display_data", {"data": {}}),
        ("execute_result", {"data": {}, "metadata": {}, "execution_count": "one"}),
        ("execute_result", {"data": {}, "metadata": {}, "execution_count": True}),
        ("error", {"ename": "E", "evalue": "v", "traceback": "no list"}),
        ("error", {"ename": 1, "evalue": "v", "traceback": []}),
        ("nonsense", {}),
        (7, {}),
        (None, {"output_type": "stream", "name": "stdout", "text": "x"}),
    ],
)
def test_what_is_no_output_is_dropped_when_it_comes(kind: Any, content: dict[str, Any]) -> None:
    """And whatever comes after it is kept, raw output too."""
    outputs = kept((kind, content), ("stream", {"name": "stdout", "text": "one "}))
    outputs.add_text("stdout", "two")
    assert outputs.result() == [{"output_type": "stream", "name": "stdout", "text": "one two"}]


def test_numbers_that_json_has_not_become_words() -> None:
    content = {"data": {"application/json": [float("nan"), float("inf")]}, "metadata": {}}
    [output] = kept(("display_data", content)).result()
    assert output["data"]["application/json"] == ["NaN", "Infinity"]


def test_small_parts_count_more_than_their_letters() -> None:
    assert size_of([[]] * 1_000) > 10 * len(json.dumps([[]] * 1_000))
    outputs = kept(("display_data", {"data": {"application/json": [[]] * 20_000}, "metadata": {}}))
    assert outputs.truncated


def test_a_message_of_too_many_parts_is_never_parsed() -> None:
    most_bytes = 6_000_000
    parts = most_bytes // BYTES_FOR_A_PART
    good = json.dumps({"output": "x", "content": {"a": [0] * (parts - 10)}}).encode()
    assert parse(good, most_bytes)["output"] == "x"
    with pytest.raises(NoMessageError):
        parse(good.replace(b"0", b"0,0"), most_bytes)


def test_brackets_and_commas_in_a_text_are_no_parts() -> None:
    text = '[{,\\"\\\\' * 900_000
    answer = {"answer": text, "nonce": "1"}
    assert parse(json.dumps(answer).encode(), 20_000_000) == answer


@pytest.mark.parametrize(
    "message",
    [
        [],
        "done",
        {},
        {"nonsense": 1},
        {"output": "stream"},
        {"output": "stream", "content": []},
        {"output": 5, "content": {}},
        {"done": 1},
        {"answer": ["x"], "nonce": "1"},
        {"answer": "x"},
        {"over": None},
        {"done": True, "answer": "x"},
    ],
)
def test_a_message_of_no_known_form_is_none(message: Any) -> None:
    with pytest.raises(NoMessageError):
        parse(json.dumps(message).encode(), 10_000)


def test_an_answer_without_its_number_costs_no_parsing_and_one_with_it_is_bounded() -> None:
    nonce = "0123456789abcdef" * 2
    answers = [{"value": {"scalar": 1, "type": "int"}, "changed": []}]
    text = json.dumps({"nonce": nonce, "answers": answers})
    assert read_answers(text, nonce, 1, MOST) == answers
    start = time.thread_time()
    for _ in range(1_000):
        with pytest.raises(BoxError):
            read_answers("[" + "[]," * 300_000 + "[]]", nonce, 1, 10_000_000)
    unnumbered = (time.thread_time() - start) / 1_000
    start = time.thread_time()
    json.loads("[" + "[]," * 300_000 + "[]]")
    assert unnumbered < (time.thread_time() - start) / 3
    most = 10 * MAX_VALUES
    many = json.dumps({"nonce": nonce, "answers": [[]] * most})
    with pytest.raises(BoxError, match="larger than a judge reads"):
        read_answers(many, nonce, most, 10 * len(many))


def test_what_the_grader_computes_for_a_box_counts_as_the_boxs_own() -> None:
    nothing = Usage(0.0, 0.0, 1, 0, 0)
    limit = TimeLimit(1.0, 5.0, 0.0, nothing)
    limit.looked(nothing, 0.1)
    before = limit.used
    end = time.thread_time() + 0.05
    while time.thread_time() < end:
        pass
    limit.looked(nothing, 0.2)
    assert limit.used - before >= 0.05


def test_all_messages_of_a_cell_together_are_bounded(boxes: SandboxedBoxes) -> None:
    """Each of them is well formed and small."""
    source = (
        "import json, struct\n"
        "data = json.dumps({'answer': 'x' * 1_000_000, 'nonce': ''}).encode()\n"
        "for _ in range(200):\n"
        "    get_ipython().outputs.channel.socket.sendall(struct.pack('!I', len(data)) + data)\n"
    )
    with boxes.open() as box:
        result = box.run_cell(source)
    assert (result.status, result.reason) == ("dead", "it sent more than the grader reads")


def test_a_thread_that_writes_for_ever_keeps_nobody(boxes: SandboxedBoxes) -> None:
    source = (
        "import os, threading\n"
        "def write():\n"
        "    while True: os.write(1, b'x' * 65536)\n"
        "threading.Thread(target=write, daemon=True).start()\n"
    )
    with boxes.open() as box:
        assert box.run_cell(source).status == "ok"
        assert box.run_cell("1 + 1").status == "ok"
