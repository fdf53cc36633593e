"""Submissions that cost whoever reads them far more than they cost whoever wrote them."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import nbformat
from nbformat import NotebookNode

from tests.hostile.case import FULL, LOST, UNREADABLE, Case

NO_MESSAGE = "something that is no message"
# Past IPython: a message to the grader as it stands.
SAY = """
import struct
def say(text):
    data = text.encode()
    get_ipython().outputs.channel.socket.sendall(struct.pack("!I", len(data)) + data)
"""


def nested(depth: int) -> str:
    """A cell that displays something whose metadata is so many dicts inside each other."""
    return (
        SAY
        + f"""
nested = '{{"a":' * {depth} + "1" + "}}" * {depth}
say('{{"output":"display_data","content":{{"data":{{"text/plain":"x"}},"metadata":{{"a":'
    + nested + '}}}}}}')
"""
    )


def old(cells: Any) -> Callable[[NotebookNode], bytes]:
    """A notebook of format 3 with this for its cells."""
    return lambda notebook: json.dumps({"nbformat": 3, "worksheets": [{"cells": cells}]}).encode()


def old_with_outputs(notebook: NotebookNode) -> bytes:
    """The answered notebook in format 3, with outputs that take nbformat 33 KB for each "{}"."""
    data = nbformat.convert(notebook, 3)
    for cell in data["worksheets"][0]["cells"]:
        if cell["cell_type"] == "code":
            cell["outputs"] = [{}] * 20_000
            break
    return json.dumps(data).encode()


FILES = (
    Case("old-cells-are-5", "format 3, whose cells are a number", (0, 0), UNREADABLE,
         ("not of this lesson",), file=old(5)),
    Case("old-cells-are-null", "format 3, whose cells are nothing", (0, 0), UNREADABLE,
         ("not of this lesson",), file=old(None)),
    Case("old-cells-are-true", "format 3, whose cells are a truth", (0, 0), UNREADABLE,
         ("not of this lesson",), file=old(True)),
    Case("old-empty-outputs", "format 3 with 20,000 empty outputs", file=old_with_outputs),
)  # fmt: skip

CELLS = (
    Case("nested-488", "an output so deep that one thread can write it, and another can't",
         first=nested(488)),
    Case("nested-600", "an output deeper than anybody can write", first=nested(600),
         twin="nested-488"),
    Case("nested-60", "an output that is deep, but can be kept", first=nested(60)),
    Case("blank-lines", "sixteen thousand blank lines", last="x=1" + "\n" * 16_000 + "y=2"),
    Case("many-lambdas", "functions inside each other", status="*",
         last="f = " + "lambda:" * 990 + "1"),
    Case("stream-of-numbers", "a stream whose text is a number, then a raw write",
         first=SAY + """
say('{"output":"stream","content":{"name":"stdout","text":5}}')
import os, time
time.sleep(0.2); os.write(1, b"raw")
"""),
    Case("stream-without-a-name", "a stream that has no name, then a raw write",
         first=SAY + """
say('{"output":"stream","content":{"text":"x"}}')
import os, time
time.sleep(0.2); os.write(1, b"raw")
""", twin="stream-of-numbers"),
    Case("one-update-of-many", "many displays of one id, and one long update of all",
         first="""
from IPython.display import display, update_display
for i in range(2_000): display("x", display_id="d")
update_display("\\U0001F600" * 400_000, display_id="d")
"""),
    Case("empty-lists", "five megabytes of empty lists, again and again", FULL, LOST, (NO_MESSAGE,),
         first=SAY + """
while True: say('{"x":[' + "[]," * 1_600_000 + "[]]}")
"""),
    Case("outputs-of-empty-lists", "the same as an output", FULL, LOST, (NO_MESSAGE,),
         first=SAY + """
lists = "[]," * 1_600_000 + "[]"
while True:
    say('{"output":"display_data","content":{"metadata":{},"data":{"application/json":[' + lists
        + "]}}}")
""", twin="empty-lists"),
    Case("answers-of-empty-lists", "the same for an answer", (0, 2), status="*",
         double=SAY + """
def double(x_T):
    while True: say('{"nonce":"1","answer":"' + "[]," * 1_600_000 + '"}')
""", twin="empty-lists"),
    Case("brackets-are-no-lists", "prints a million brackets and commas, which anybody may",
         first="print('[{,' * 300_000)"),
    Case("small-messages", "messages without end, each of which is one", FULL, LOST,
         first=SAY + """
while True: say('{"output":"x","content":{}}')
"""),
    Case("writes-on-and-on", "leaves a thread behind that writes past IPython for ever", FULL,
         status="*", last="""
import os, threading
def write():
    while True: os.write(1, b"x" * 65536)
threading.Thread(target=write, daemon=True).start()
"""),
)  # fmt: skip

CASES = (*FILES, *CELLS)
