"""Submissions that break something, on purpose or by mistake, in the process they run in."""

import os

from tests.hostile.case import DOUBLE, FULL, LOST, Case

ONLY_DOUBLE_LOST = (0, 2)
ENDED = "ended the Python process"
SLEEPS = f"864{os.getpid()}"  # seconds, by which this run's child is known among all processes
SLOW = "did not finish within"

ENDINGS = (
    Case("exits", "a cell calls sys.exit", first="import sys\nsys.exit(0)"),
    Case(
        "exits-hard",
        "an own cell ends the process",
        FULL,
        LOST,
        says=(ENDED,),
        first="import os\nos._exit(0)",
    ),
    Case(
        "exits-when-called",
        "the function ends the process: the next exercise is judged in a fresh one",
        ONLY_DOUBLE_LOST,
        LOST,
        says=("L1.1: ", ENDED),
        double="import os\ndef double(x_T): os._exit(0)",
    ),
    Case(
        "raises-system-exit",
        "the function calls exit()",
        ONLY_DOUBLE_LOST,
        says=("SystemExit",),
        double="import sys\ndef double(x_T): sys.exit('bye')",
    ),
    Case(
        "raises-keyboard-interrupt",
        "the function raises what only a person at the keyboard should",
        ONLY_DOUBLE_LOST,
        LOST,
        double="def double(x_T): raise KeyboardInterrupt",
        twin="raises-system-exit",
    ),
    Case(
        "segfaults",
        "the answer cell reads address 0",
        ONLY_DOUBLE_LOST,
        LOST,
        says=(ENDED,),
        double="import ctypes\nctypes.string_at(0)\n" + DOUBLE,
    ),
    Case(
        "aborts",
        "the function aborts",
        ONLY_DOUBLE_LOST,
        LOST,
        says=(ENDED,),
        double="import os\ndef double(x_T): os.abort()",
        twin="segfaults",
    ),
    Case(
        "loops",
        "an endless loop in the answer cell",
        ONLY_DOUBLE_LOST,
        LOST,
        says=(SLOW,),
        double="while True: pass\n" + DOUBLE,
    ),
    Case(
        "loops-when-called",
        "an endless loop in the function, deaf to interrupts",
        ONLY_DOUBLE_LOST,
        LOST,
        says=(SLOW,),
        double="""
import signal
for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
    signal.signal(number, signal.SIG_IGN)
def double(x_T):
    while True:
        try:
            while True: pass
        except BaseException: pass
""",
    ),
    Case(
        "backtracks",
        "a loop inside C that no interrupt reaches",
        ONLY_DOUBLE_LOST,
        LOST,
        says=(SLOW,),
        double='import re\ndef double(x_T): return re.match("(a*)*b", "a" * 50)',
        twin="loops-when-called",
    ),
    Case(
        "sleeps",
        "sleeps for thirty years",
        FULL,
        LOST,
        says=(SLOW,),
        first="import time\ntime.sleep(1e9)",
    ),
    Case(
        "stops-itself",
        "stops its own process with a signal",
        ONLY_DOUBLE_LOST,
        LOST,
        says=(SLOW,),
        double="import os, signal\ndef double(x_T): os.kill(os.getpid(), signal.SIGSTOP)",
        twin="sleeps",
    ),
    Case(
        "many-endless-cells",
        "forty cells that never end: the submission's own time runs out, not the class's",
        (0, 0),
        LOST,
        says=("altogether",),
        first="#split\n".join(["while True: pass\n"] * 40),
        twin="grading/test_submissions.py",
    ),
    Case(
        "recurses",
        "recursion without end",
        ONLY_DOUBLE_LOST,
        says=("RecursionError",),
        double="def double(x_T): return double(x_T)",
    ),
    Case(
        "starts-a-child",
        "leaves a child process behind: it ends with the submission",
        first=f"import subprocess\nsubprocess.Popen(['sleep', '{SLEEPS}'])",
    ),
    Case(
        "starts-a-thread",
        "leaves a thread behind that prints for ever",
        first="""
import threading, time
def chatter():
    while True:
        print("still here"); time.sleep(0.01)
threading.Thread(target=chatter, daemon=True).start()
""",
    ),
    Case(
        "closes-its-files",
        "closes every file of its process, the kernel's own among them",
        FULL,
        LOST,
        first="import os\nos.closerange(0, 256)",
    ),
)

OUTPUT = (
    Case(
        "prints-for-ever",
        "prints without end",
        FULL,
        LOST,
        says=(SLOW,),
        first="while True: print('x' * 10_000)",
    ),
    Case(
        "prints-one-giant",
        "prints one string of 80 MB",
        first="print('x' * 80_000_000)",
        twin="prints-for-ever",
    ),
    Case(
        "displays-a-lot",
        "twenty thousand calls of display",
        first="from IPython.display import display\nfor i in range(20_000): display(i)",
        status="*",  # a slow machine stops the cell
        twin="small-messages",
    ),
    Case(
        "writes-raw",
        "writes to file descriptors 1 and 2, also from a child process",
        first="import os\nos.write(1, b'\\xff' * 10**6); os.write(2, b'x' * 10**6)\n!echo hello",
    ),
    Case(
        "long-error",
        "raises an error whose text has 20 million letters",
        first="raise ValueError('x' * 20_000_000)",
        status="*",  # a slow machine stops the cell
    ),
    Case(
        "closes-stdout",
        "closes sys.stdout and removes sys.stderr",
        first="import sys\nsys.stdout.close()\nsys.stderr = None",
        twin="closes-its-files",
    ),
    Case(
        "prints-control-characters",
        "prints terminal commands, NUL, half characters and text that runs backwards",
        first="print('\\x1b[2J\\x1b]0;pwned\\x07\\x00\\u202e\\ud800\\r\\b')",
    ),
    Case(
        "raises-control-characters",
        "its error's text is full of them",
        ONLY_DOUBLE_LOST,
        says=("ValueError",),
        double="def double(x_T): raise ValueError('\\x1b[2J\\x00\\u202e\\ud800\\n\\n`<script>`')",
        twin="prints-control-characters",
    ),
    Case(
        "displays-half-characters",
        "displays and names things in half characters",
        ONLY_DOUBLE_LOST,
        double="""
from IPython.display import display
display({"text/plain": "\\ud800", "text/html": "<b>\\udfff</b>"}, raw=True)
def double(x_T): return "\\ud800"
""",
        twin="prints-control-characters",
    ),
    Case(
        "sends-broken-messages",
        "sends outputs that no notebook can hold",
        first="""
send = get_ipython().outputs.send
send("display_data", {"data": {"text/plain": 5}, "metadata": 3, "transient": {}})
send("execute_result", {"data": [], "metadata": {}, "execution_count": "one"})
send("stream", {"name": "stdfun", "text": ["a"]})
""",
    ),
    Case(
        "sends-empty-content",
        "sends messages without anything in them",
        first="""
outputs = get_ipython().outputs
for kind in ("stream", "status", "comm_open", "error", "clear_output", "nonsense", "output"):
    outputs.send(kind, {})
""",
        twin="sends-broken-messages",
    ),
    Case(
        "sends-no-content",
        "sends messages without content",
        FULL,
        LOST,
        says=("something that is no message",),
        first="get_ipython().outputs.channel.send({'output': 'stream'})",
    ),
    Case(
        "sends-what-is-unknown",
        "sends messages of kinds that there aren't",
        FULL,
        LOST,
        says=("something that is no message",),
        first="get_ipython().outputs.channel.send({'nonsense': None})",
        twin="sends-no-content",
    ),
    Case(
        "writes-a-page",
        "displays a script and an image that would run in a browser",
        first="""
from IPython.display import HTML, Javascript, display
display(HTML("<script>alert(1)</script><img src=x onerror=alert(1)>"), Javascript("alert(1)"))
""",
    ),
    Case(
        "sends-no-json",
        "writes to the grader's socket what is no message",
        FULL,
        LOST,
        says=("something that is no message",),
        first="""
socket = get_ipython().outputs.channel.socket
socket.sendall(b"\\0\\0\\0\\4nope")
""",
        twin="sends-no-content",
    ),
    Case(
        "sends-an-endless-message",
        "announces a message of four gigabytes to the grader",
        FULL,
        LOST,
        says=("more than the grader reads",),
        first="get_ipython().outputs.channel.socket.sendall(b'\\xff' * 10**6)",
    ),
    Case("asks", "a cell waits for input", first="name = input('your name? ')"),
    Case(
        "asks-when-called",
        "the function waits for input",
        ONLY_DOUBLE_LOST,
        says=("input",),
        double="def double(x_T): return float(input('twice what? ')) * x_T",
        twin="asks",
    ),
    Case(
        "breaks",
        "a debugger's breakpoint was left in the function",
        double="def double(x_T):\n    breakpoint()\n    return 2 * x_T",
    ),
)

VALUES = (
    Case(
        "giant-view",
        "returns eight terabytes that take no memory",
        ONLY_DOUBLE_LOST,
        says=("array with 1000000000000 elements",),
        double="def double(x_T): return np.broadcast_to(1.0, (10**6, 10**6))",
    ),
    Case(
        "long-double",
        "returns the right numbers in the widest type there is",
        FULL,
        double="def double(x_T): return (2 * x_T).astype(np.longdouble)",
    ),
    Case(
        "objects-in-an-array",
        "returns an array of objects",
        ONLY_DOUBLE_LOST,
        says=("array of object",),
        double="def double(x_T): return np.array([lambda: 1] * len(x_T), dtype=object)",
    ),
    Case(
        "complex",
        "returns complex numbers",
        ONLY_DOUBLE_LOST,
        says=("array of complex128",),
        double="def double(x_T): return 2 * x_T + 0j",
        twin="objects-in-an-array",
    ),
    Case(
        "masked",
        "returns a masked array",
        ONLY_DOUBLE_LOST,
        double="def double(x_T): return np.ma.masked_all(x_T.shape)",
        twin="objects-in-an-array",
    ),
    Case(
        "long-integer",
        "returns an integer of 10,000 digits",
        ONLY_DOUBLE_LOST,
        double="def double(x_T): return 10**10_000",
        twin="long-text",
    ),
    Case(
        "long-text",
        "returns a string of 30 million letters",
        ONLY_DOUBLE_LOST,
        says=("str",),
        double="def double(x_T): return 'x' * 30_000_000",
    ),
    Case(
        "laughs-a-billion-times",
        "returns a small list that holds a billion numbers",
        ONLY_DOUBLE_LOST,
        double="""
def double(x_T):
    a = [1.0] * 1000
    for _ in range(4): a = [a] * 1000
    return a
""",
    ),
    Case(
        "holds-itself",
        "returns a list that holds itself",
        ONLY_DOUBLE_LOST,
        double="def double(x_T):\n    a = []\n    a.append(a)\n    return a",
        twin="laughs-a-billion-times",
    ),
    Case(
        "names-a-class-at-length",
        "returns an object whose class has a name of a million letters",
        ONLY_DOUBLE_LOST,
        double="def double(x_T): return type('x' * 1_000_000, (), {})()",
        twin="long-text",
    ),
    Case(
        "error-without-text",
        "raises an error that can't even be printed",
        ONLY_DOUBLE_LOST,
        says=("Bad",),
        double="""
class Bad(Exception):
    def __str__(self): raise RuntimeError("no text")
def double(x_T): raise Bad
""",
    ),
)

HONEST = (
    Case(
        "syntax-error",
        "forgot a colon",
        ONLY_DOUBLE_LOST,
        says=("SyntaxError",),
        double="def double(x_T)\n    return 2 * x_T",
    ),
    Case(
        "name-error",
        "uses a name that is not there",
        ONLY_DOUBLE_LOST,
        says=("NameError",),
        double="def double(x_T):\n    return twice * x_T",
        twin="syntax-error",
    ),
    Case(
        "wrong-shape",
        "returns one number",
        ONLY_DOUBLE_LOST,
        says=("is the sum of the right answer",),
        double="def double(x_T):\n    return 2 * x_T.sum(keepdims=True)",
    ),
    Case(
        "windows-path",
        "reads a file that is only on its own computer",
        first='open("C:\\\\Users\\\\me\\\\data.csv")',
    ),
    Case(
        "resets", "a last cell clears everything: what was checked before counts", last="%reset -f"
    ),
    Case(
        "shadows-names",
        "uses the names of what the judge needs for variables of its own",
        last="globals = exec = json = math = print = list = len = type = io = 3\n_ = None",
    ),
    Case(
        "warns",
        "a right answer that warns on stderr",
        double="""
import sys, warnings
def double(x_T):
    warnings.warn("careful"); print("oh", file=sys.stderr)
    return 2 * x_T
""",
        twin="other-style",
    ),
    Case(
        "other-style",
        "float64 for float32, a helper function, a lambda",
        double="def times(n): return lambda x: n * np.asarray(x, dtype=float)\ndouble = times(2)",
    ),
    Case(
        "writes-a-module",
        "writes a numpy.py into its own folder",
        first="open('numpy.py', 'w').write('raise ImportError')",
        last="import numpy",
    ),
    Case(
        "plots",
        "opens a figure and shows it",
        last="import matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.show()",
    ),
)

CASES = (*ENDINGS, *OUTPUT, *VALUES, *HONEST)
