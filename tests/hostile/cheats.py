"""Submissions that want points they did not earn."""

import json

from nbformat import NotebookNode

from tests.hostile.case import DOUBLE, FULL, LOST, Case

ZERO = "def double(x_T):\n    return 0 * x_T"
ONLY_DOUBLE_LOST = (0, 2)
# Replaces the answers on their way out of the process, and leaves other messages alone.
FORGED = """
import json
real = json.dumps
def forged(thing, *a, **k):
    if isinstance(thing, dict) and "nonce" in thing:
        return forge(thing)
    return real(thing, *a, **k)
json.dumps = forged
def double(x_T): return 0 * x_T
"""
# Right for the one call with fixed numbers, so worth a point if it were taken for an answer.
REPLY = """
import json
right = {"value": {"array": [0.0, 4.0], "dtype": "float64", "shape": [2]}, "changed": []}
data = {"text/plain": json.dumps({"nonce": "", "answers": [right] * 6})}
channel = get_ipython().outputs.channel
"""


def claim_ids(notebook: NotebookNode) -> bytes:
    marks = {"grade_id": "L1-1", "grade": True, "points": 99, "solution": False}
    for cell in notebook.cells:
        if cell.cell_type == "code" and not cell.id.endswith("-answer"):
            cell.id, cell.metadata = "L1-1", {"nbgrader": marks}
    return json.dumps(notebook).encode()


CASES = (
    Case(
        "equals-everything",
        "returns an object whose == and __array__ always agree",
        ONLY_DOUBLE_LOST,
        says=("an object of type __main__.Yes",),
        double="""
class Yes:
    def __eq__(self, other): return True
    def __array__(self, *a, **k): return np.ones(5)
    def __len__(self): return 5
    def __reduce__(self): return (print, ("unpickled",))
    def __repr__(self): return "[0.0, 4.0]"
def double(x_T): return Yes()
""",
    ),
    Case(
        "pretends-its-class",
        "returns an object that says it is an array",
        ONLY_DOUBLE_LOST,
        double="""
class Yes:
    __class__ = property(lambda self: np.float64)
    def __array__(self, *a, **k): raise SystemError("no")
def double(x_T): return Yes()
""",
        twin="equals-everything",
    ),
    Case(
        "array-subclass",
        "returns a subclass of ndarray whose comparisons are always true",
        ONLY_DOUBLE_LOST,
        says=("an object of type __main__.Yes",),
        double="""
class Yes(np.ndarray):
    def __eq__(self, other): return np.True_
    def __sub__(self, other): return np.zeros(self.shape)
def double(x_T): return np.zeros(x_T.shape).view(Yes)
""",
        twin="equals-everything",
    ),
    Case(
        "patches-testing",
        "patches numpy.testing, the checker's modules and the assert helpers",
        ONLY_DOUBLE_LOST,
        double="""
import numpy.testing, unittest
import attnkit.checking.diagnosis, attnkit.checking.compare, attnkit.checking.wire
numpy.testing.assert_allclose = lambda *a, **k: None
unittest.TestCase.assertEqual = lambda *a, **k: None
attnkit.checking.compare.compare_call = attnkit.checking.diagnosis.compare_call = lambda *a: None
attnkit.checking.wire.run_calls = lambda *a: []
np.allclose = np.array_equal = np.isclose = lambda *a, **k: True
"""
        + ZERO,
    ),
    Case(
        "patches-array-equal",
        "works in place, and patches what might notice that",
        (3, 2),
        says=("changed its input",),
        double="""
np.array_equal = np.allclose = lambda *a, **k: True
def double(x_T):
    if not x_T.flags.writeable:
        return 2 * x_T
    x_T *= 2
    return x_T
""",
    ),
    Case(
        "own-check",
        "brings a check function of its own that always gives all points",
        ONLY_DOUBLE_LOST,
        double="class R:\n    points = 4\ndef check(*a): return R()\n" + ZERO,
        twin="patches-testing",
    ),
    Case(
        "transforms-input",
        "an IPython input transformer makes every check cell give full marks",
        ONLY_DOUBLE_LOST,
        first="""
get_ipython().input_transformers_cleanup.append(
    lambda lines: ["4\\n"] if "check(" in "".join(lines) else lines)
""",
        double=ZERO,
    ),
    Case(
        "transforms-syntax-trees",
        "an AST transformer empties whatever runs after it: the judge's calls are no such thing",
        FULL,
        last="""
import ast
class Empty(ast.NodeTransformer):
    def visit_Module(self, node): return ast.Module([], [])
get_ipython().ast_transformers.append(Empty())
""",
    ),
    Case(
        "publishes-a-result",
        "publishes a fake execute_result from inside the tested function",
        ONLY_DOUBLE_LOST,
        double="""
from IPython.display import publish_display_data
def double(x_T):
    publish_display_data({"text/plain": "4"})
    get_ipython().displayhook(4)
    return 0 * x_T
""",
    ),
    Case(
        "fakes-the-reply",
        "answers the judge's request itself, from inside the tested function",
        ONLY_DOUBLE_LOST,
        says=("`double` returned 0 at [1]",),  # what it does counts, not what it says
        double=REPLY
        + """
def double(x_T):
    channel.send({"answer": data["text/plain"], "nonce": "0" * 32})
    return 0 * x_T
""",
    ),
    Case(
        "replies-beforehand",
        "sends replies to requests that have not been made",
        ONLY_DOUBLE_LOST,
        says=("`double` returned 0 at [1]",),
        double=REPLY
        + """
import threading, time
def send_replies():
    for _ in range(20):
        channel.send({"answer": data["text/plain"], "nonce": "0" * 32})
        time.sleep(0.05)
threading.Thread(target=send_replies).start()
def double(x_T): return 0 * x_T
""",
    ),
    Case(
        "patches-json",
        "patches json while it is called, so that nothing can leave the process",
        ONLY_DOUBLE_LOST,
        LOST,
        double="""
import json
def double(x_T):
    json.dumps = json.loads = lambda *a, **k: "[1]"
    return 0 * x_T
""",
    ),
    Case(
        "forges-old-answers",
        "sends answers that it made up before it was asked",
        ONLY_DOUBLE_LOST,
        LOST,
        says=("kept the checks from being run",),
        double=REPLY + "forge = lambda thing: data['text/plain']\n" + FORGED,
    ),
    Case(
        "answers-nonsense-shapes",
        "forges answers with absurd shapes and data types",
        ONLY_DOUBLE_LOST,
        LOST,
        says=("kept the checks from being run",),
        double="""
def forge(thing):
    value = {"array": [1], "dtype": "(9,9)V8", "shape": [10**12, -1]}
    thing["answers"] = [{"value": value, "changed": [7]} for _ in thing["answers"]]
    return real(thing)
"""
        + FORGED,
    ),
    Case(
        "answers-with-code",
        "forges numbers that bring code along, to be run where they are judged",
        ONLY_DOUBLE_LOST,
        LOST,
        double="""
def forge(thing):
    code = "def f(): pass\\nraise SystemExit('the grader runs what a learner sends')"
    value = {"type": "float", "code": code, "name": "f", "rng": 3}
    thing["answers"] = [{"value": value, "changed": []} for _ in thing["answers"]]
    return real(thing)
"""
        + FORGED,
    ),
    Case(
        "answers-a-novel",
        "forges an error whose name and text are megabytes of control characters",
        ONLY_DOUBLE_LOST,
        LOST,
        says=("kept the checks from being run",),
        double="""
def forge(thing):
    error = {"raised": "E" * 10**6, "text": "\\x1b[2J\\u202e\\ud800" * 10**5, "code": "x" * 10**6,
             "line": "y" * 10**6}
    if len(thing["answers"]) == 6:  # those of double
        thing["answers"] = [error] + [{"stub": True}] * 5
    return real(thing)
"""
        + FORGED,
    ),
    Case(
        "answers-gigantic-json",
        "forges an answer of 60 MB",
        ONLY_DOUBLE_LOST,
        LOST,
        double='forge = lambda thing: "[" + "1," * 30_000_000 + "1]"\n' + FORGED,
        twin="answers-deep-json",
    ),
    Case(
        "answers-deep-json",
        "forges an answer nested a million times",
        ONLY_DOUBLE_LOST,
        LOST,
        says=("kept the checks from being run",),
        double='forge = lambda thing: "[" * 1_000_000\n' + FORGED,
    ),
    Case(
        "answers-deep-python",
        "forges an answer that is no JSON but an endless Python expression",
        ONLY_DOUBLE_LOST,
        LOST,
        says=("kept the checks from being run",),
        double="""
class Deep(str):
    def __repr__(self): return "-" * 1_000_000 + "1"
def forge(thing): return Deep("x")
"""
        + FORGED,
        twin="answers-deep-json",
    ),
    Case(
        "knows-the-visible",
        "answers the visible inputs by heart: the two fixed numbers are worth their point",
        (1, 2),
        double="def double(x_T): return np.array([0.0, 4.0]) if len(x_T) == 2 else 0 * x_T",
    ),
    Case(
        "walks-the-frames",
        "looks for expected values in the frames that call it",
        ONLY_DOUBLE_LOST,
        double="""
import sys
def double(x_T):
    frame = sys._getframe(1)
    while frame is not None:
        for space in (frame.f_locals, frame.f_globals):
            for name in ("expected", "hidden", "spec", "key"):
                if name in space:
                    return space[name]
        frame = frame.f_back
    return 0 * x_T
""",
    ),
    Case(
        "reads-loaded-modules",
        "looks for the judge among the loaded modules",
        ONLY_DOUBLE_LOST,
        double="""
import sys
def double(x_T):
    found = [m for m in sys.modules if m.startswith("autograder")]
    assert not found, found
    return 0 * x_T
""",
        twin="walks-the-frames",
    ),
    Case(
        "traces",
        "a trace function looks at everything that runs in the process",
        ONLY_DOUBLE_LOST,
        double="""
import sys
seen = []
def trace(frame, event, arg):
    if "expected" in frame.f_locals:
        seen.append(frame.f_locals["expected"])
    return trace
sys.settrace(trace)
def double(x_T): return seen[0] if seen else 0 * x_T
""",
        twin="walks-the-frames",
    ),
    Case(
        "replaces-builtins",
        "breaks the builtins that any caller needs: its own exercise is lost, the next is not",
        ONLY_DOUBLE_LOST,
        LOST,
        says=("L1.1: ",),
        double="import builtins\nbuiltins.exec = builtins.globals = builtins.any = None\n" + DOUBLE,
    ),
    Case(
        "swaps-what-was-checked",
        "puts another function into the names that are kept of where it was checked",
        ONLY_DOUBLE_LOST,
        double=ZERO
        + """

import sys
for name, module in list(sys.modules.items()):
    if name.endswith("inside.kept"):
        for names in [*module._kept.values()]:
            names["double"] = lambda x_T: 2 * x_T if len(x_T) == 2 else x_T
""",
        last="""
for name, module in list(sys.modules.items()):
    if name.endswith("inside.kept"):
        module._kept.clear()
        module.asked = lambda number, names, ask: '{"answers": []}'
double = 3
""",
        says=("L1.1: ",),
        status=LOST,
    ),
    Case(
        "claims-all-ids",
        "marks every cell as the check cell that gives the points",
        ONLY_DOUBLE_LOST,
        double=ZERO,
        last="4",
        file=claim_ids,
    ),
)
