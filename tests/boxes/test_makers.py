"""Which boxes there are: a sandbox, a weaker one, or none; and what happens when one breaks."""

from __future__ import annotations

import json
import os
import resource
import shutil
import signal
import struct
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from autograder.authoring.encoding import encode_input
from autograder.boxes import bubblewrap as fast_boxes
from autograder.boxes import walls
from autograder.boxes.box import BoxFault, Limits
from autograder.boxes.bubblewrap import SandboxedBoxes, start_bubblewrap
from autograder.boxes.flavours import starts_slowly
from autograder.boxes.inside import fence, later, seccomp
from autograder.boxes.inside.warm import FLAVOURS
from autograder.boxes.landlock import VITAL, LandlockBoxes, start_landlock
from autograder.boxes.maker import open_boxes
from autograder.boxes.plain_kernel import KernelBoxes
from autograder.boxes.selftest import Protection, examine
from autograder.boxes.usage import is_running, tree
from autograder.errors import AttnError
from autograder.log import kept_in
from tests.boxes.conftest import LIMITS


@pytest.fixture(scope="module")
def weaker() -> Iterator[SandboxedBoxes]:
    if fence.version() < 1:
        pytest.skip("this kernel has no Landlock")
    with start_landlock(LIMITS) as boxes:
        yield boxes


def test_a_broken_sandbox_is_refused_in_a_sentence(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    broken = tmp_path / "bwrap"
    broken.write_text("#!/bin/sh\necho setting up uid map: Permission denied >&2\nexit 1\n")
    broken.chmod(0o755)
    tmp_path.chmod(0o755)
    monkeypatch.setattr(walls, "bubblewraps", lambda: [str(broken)])
    monkeypatch.setattr("autograder.boxes.landlock.start_landlock", _no_landlock)
    with pytest.raises(AttnError, match=r"can't be run safely here .*uid map.*--unsafe-no-sandbox"):
        open_boxes(LIMITS)


def _no_landlock(limits: Limits, **_: object) -> LandlockBoxes:
    raise BoxFault("this kernel has no Landlock")


def test_the_log_has_the_walls_that_were_tried_and_the_processes_replaced(
    boxes: SandboxedBoxes, tmp_path: Path
) -> None:
    with kept_in(tmp_path / "log", "a test"), open_boxes(LIMITS, flavour="bare") as made:
        assert isinstance(made, SandboxedBoxes)
        number = made.warm_process("bare").process.pid
        inside = tree(number)
        os.kill(number, signal.SIGKILL)
        while any(map(is_running, inside)):
            time.sleep(0.01)
        made.open("bare").close()
    log = (tmp_path / "log").read_text()
    for name in ("files", "network", "neighbours", "daemons"):
        assert f"This wall holds: {name}.\n" in log
    assert f"Boxes are a {boxes.kind}.\n" in log
    assert log.count("A warm process for bare, number ") == 2
    assert f"The warm process {number} is replaced after " in log
    assert "BoxFault: the warm process " in log


def test_a_wall_that_does_not_hold_is_no_sandbox(
    boxes: SandboxedBoxes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        fast_boxes, "examine", lambda maker, flavour: [Protection("network", "reached")]
    )
    with pytest.raises(BoxFault, match="reached"):
        start_bubblewrap(LIMITS, boxes.program)


def test_where_imports_take_long_the_walls_are_tried_beside_them(
    boxes: SandboxedBoxes, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert [flavour for flavour in FLAVOURS if starts_slowly(flavour)] == ["keras answer", "keras"]
    monkeypatch.setattr(fast_boxes, "starts_slowly", lambda flavour: flavour == "answer")
    with kept_in(tmp_path / "log", "a test"):
        made = start_bubblewrap(LIMITS, boxes.program, "answer")
    with made:
        number = made.warm_process("answer").process.pid
        with made.open("answer") as box:
            assert box.run_cell("1 + 1").status == "ok"
    log = (tmp_path / "log").read_text()
    assert "This wall holds: daemons.\n" in log
    for flavour in ("bare", "answer"):
        assert log.count(f"A warm process for {flavour}, number ") == 1
    assert f"for answer, number {number}. " in log
    monkeypatch.setattr(fast_boxes, "examine", lambda *_: [Protection("network", "reached")])
    with pytest.raises(BoxFault, match="reached"):
        start_bubblewrap(LIMITS, boxes.program, "answer")
    assert not [process for process in tree(os.getpid()) if b"bare" in _command(process)]


def _command(process: int) -> bytes:
    try:
        return Path(f"/proc/{process}/cmdline").read_bytes()
    except OSError:  # it has ended
        return b""


def test_a_single_verdict_takes_the_word_of_walls_that_held_and_a_class_does_not(
    boxes: SandboxedBoxes, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    tried: list[str] = []
    found = [Protection("network")]

    def look(_: object, flavour: str) -> list[Protection]:
        tried.append(flavour)
        return found

    monkeypatch.setattr(fast_boxes, "examine", look)
    for once_a_boot in (True, True, False):
        start_bubblewrap(LIMITS, boxes.program, "bare", once_a_boot=once_a_boot).close()
    assert len(tried) == 2
    shutil.rmtree(tmp_path / "attention-kit")
    found[:] = [Protection("network", "reached")]
    for _ in range(2):  # one that does not hold is never kept
        with pytest.raises(BoxFault, match="reached"):
            start_bubblewrap(LIMITS, boxes.program, "bare", once_a_boot=True)


def test_a_process_with_more_than_a_thousand_open_files_still_grades(boxes: SandboxedBoxes) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, min(2_000, hard)), hard))
    held: list[int] = []
    try:
        held.append(os.open(os.devnull, os.O_RDONLY))
        while held[-1] < 1_030:  # select() ends at 1,023
            held.append(os.dup(held[0]))
        with boxes.open() as box:
            assert box.run_cell("1 + 1").status == "ok"
            process = box._link.process
        assert not is_running(process)
    finally:
        for number in held:
            os.close(number)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_only_the_explicit_word_gives_boxes_without_a_sandbox() -> None:
    assert isinstance(open_boxes(LIMITS, sandbox=False), KernelBoxes)
    assert isinstance(open_boxes(Limits(sandbox=False)), KernelBoxes)
    assert "no sandbox" in KernelBoxes.kind
    assert not any("no sandbox" in kind.kind for kind in (SandboxedBoxes, LandlockBoxes))


def test_other_systems_are_told_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    with pytest.raises(AttnError, match="virtual machine"):
        open_boxes(LIMITS)


def test_a_warm_process_that_dies_is_our_fault_and_is_replaced(boxes: SandboxedBoxes) -> None:
    with SandboxedBoxes(LIMITS, boxes.program) as fresh:
        box = fresh.open("bare")
        inside = box.process()
        os.kill(fresh.warm_process("bare").process.pid, signal.SIGKILL)
        end = time.monotonic() + 60
        while is_running(inside) and time.monotonic() < end:  # it ends a moment after the other
            time.sleep(0.01)
        with pytest.raises(BoxFault, match="sandbox ended"):
            box.run_cell("1 + 1")
        with fresh.open("bare") as again:
            assert again.run_cell("1 + 1").status == "ok"


def test_a_warm_process_is_replaced_after_its_share(
    boxes: SandboxedBoxes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fast_boxes, "MOST_CHILDREN", 1)
    with SandboxedBoxes(LIMITS, boxes.program) as fresh, fresh.open("bare") as first:
        with fresh.open("bare") as second:
            assert second.run_cell("1").status == "ok"
        assert first.run_cell("1").status == "ok"


def test_a_replaced_one_ends_with_the_last_of_its_boxes(
    boxes: SandboxedBoxes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else a large class would keep one for each share of it, TensorFlow and all."""
    monkeypatch.setattr(fast_boxes, "MOST_CHILDREN", 2)
    with SandboxedBoxes(LIMITS, boxes.program) as fresh:
        old = fresh.warm_process("bare")
        first, second = fresh.open("bare"), fresh.open("bare")
        with fresh.open("bare"):
            assert fresh.warm_process("bare") is not old
            first.close()
            assert old.is_alive()
            assert second.run_cell("1").status == "ok"
            second.close()
            assert old.process.poll() is not None
            old.close()  # a second time does nothing
        for _ in range(3):  # with none open it ends at once
            with fresh.open("bare") as box:
                assert box.run_cell("1").status == "ok"
        assert fresh._retired
        assert all(warm.process.poll() is not None for warm in fresh._retired)


def test_nothing_is_left_of_a_closed_maker(boxes: SandboxedBoxes) -> None:
    fresh = SandboxedBoxes(LIMITS, boxes.program)
    fresh.open("bare").run_cell("import os\nos.fork()")
    everything = tree(fresh.warm_process("bare").process.pid)
    fresh.close()
    assert len(everything) >= 4
    end = time.monotonic() + 60
    while any(map(is_running, everything)) and time.monotonic() < end:
        time.sleep(0.01)
    assert not any(map(is_running, everything))


def test_the_warm_process_has_one_thread_and_boxes_do_not_touch_it(boxes: SandboxedBoxes) -> None:
    with boxes.open() as box:
        box.run_cell("import numpy as np, threading, attnkit\nnp.pi = attnkit.checking.check = 3")
        box.run_cell("threading.Thread(target=threading.Event().wait, daemon=True).start()")
    assert boxes.warm_process().threads == 1
    with boxes.open() as box:
        result = box.run_cell("import numpy as np, attnkit\nnp.pi > 3, callable(attnkit.check)")
    assert result.outputs[0]["data"]["text/plain"] == "(True, True)"


@pytest.fixture(scope="module")
def with_keras(boxes: SandboxedBoxes) -> Iterator[SandboxedBoxes]:
    """TensorFlow takes seconds to import: once for all that is asked of it here."""
    pytest.importorskip("keras")
    with SandboxedBoxes(LIMITS, boxes.program) as made:
        made.warm_process("keras")
        yield made


def test_keras_is_warm_where_it_is_asked_for(with_keras: SandboxedBoxes) -> None:
    with with_keras.open("keras") as box:
        assert with_keras.warm_process("keras").threads == 1
        result = box.run_cell(
            "import keras, numpy as np\nmodel = keras.Sequential([keras.layers.Dense(1)])\n"
            "model.compile(loss='mse')\nmodel.fit(np.ones((8, 2)), np.ones(8), verbose=0)\n"
            "model.predict(np.ones((1, 2)), verbose=0).shape"
        )
    assert result.outputs[-1]["data"]["text/plain"] == "(1, 1)", result.reason


def test_what_tensorflow_sets_is_nothing_of_the_graders_environment(
    with_keras: SandboxedBoxes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Protects a Keras class whose grader was started by a process with TensorFlow."""
    sets = with_keras.warm_process("keras").own_environment
    assert sets
    for name in sets:
        monkeypatch.setenv(name, "1")
    assert [p for p in examine(with_keras, "keras") if not p.holds] == []


def test_what_few_notebooks_use_waits_and_works_as_ever(with_keras: SandboxedBoxes) -> None:
    """Protects what a learner does with TensorFlow 1, Lite, scikit-learn, callbacks and files."""
    with with_keras.open("keras") as box:
        ran = [box.run_cell(cell) for cell in (WAITS, *USED)]
    assert [result.reason for result in ran] == [""] * len(ran)
    first, last = (json.loads(json_text(r.outputs).replace("'", '"')) for r in (ran[0], ran[-1]))
    assert (first, last) == (sorted({*later.SELDOM} - {"tensorflow._api.v2.compat.v1.lite"}), [])


WAITS = f"""
import sys
NAMES = {later.SELDOM}
def waiting(): return sorted(n for n in NAMES if type(sys.modules.get(n)).__name__ == "_Waiting")
def packages(): return sorted(name for name in sys.modules if name.count(".") == 1)
tensorflow_has = [name for name in packages() if name.startswith("tensorflow.")]
waiting()
"""
USED = (
    """
import pickle, keras, numpy as np, tensorflow as tf
from tensorflow.python.framework import ops
gradients = ops.gradient_registry.list()
with tf.Graph().as_default(), tf.compat.v1.Session() as session:
    assert session.run(tf.constant(2) + 1) == 3
import tensorflow.compat.v1 as tf1
from tensorflow.compat import v1
assert tf1.Session is v1.Session is tf.compat.v1.Session
assert sorted(ops.gradient_registry.list()) == sorted(gradients)
""",
    """
from keras import *
model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
model.compile(loss="mse")
stop = keras.callbacks.EarlyStopping("loss")
assert isinstance(stop, keras.callbacks.Callback)
model.fit(np.ones((8, 2)), np.ones(8), verbose=0, callbacks=[stop])
model.save("model.keras")
assert (keras.saving.load_model("model.keras").predict(np.ones((1, 2)), verbose=0)
        == model.predict(np.ones((1, 2)), verbose=0)).all()
keras.utils.clear_session()
""",
    """
from sklearn.base import BaseEstimator, clone
from keras.wrappers import SKLearnRegressor
wrapped = keras.wrappers.SKLearnRegressor(model, fit_kwargs={"verbose": 0})
assert isinstance(wrapped, BaseEstimator) and isinstance(wrapped, SKLearnRegressor)
assert pickle.loads(pickle.dumps(SKLearnRegressor)) is type(clone(wrapped))
assert wrapped.fit(np.ones((8, 2)), np.ones(8)).predict(np.ones((3, 2))).shape == (3,)
""",
    """
assert keras.visualization.plot_image_gallery.__module__.startswith("keras.src.visualization.")
assert keras.utils.plot_model and tf.lite.TFLiteConverter.from_keras_model
assert [name for name in packages() if name.startswith("tensorflow.")] == sorted(
    {*tensorflow_has, "tensorflow.compat"})
assert tf.compat.v2.constant is tf.constant and tf.compat.v1.lite.TFLiteConverter
waiting()
""",
)


def test_the_weaker_sandbox_keeps_what_it_promises(weaker: LandlockBoxes) -> None:
    found = {p.name: p.problem for p in examine(weaker)}
    assert {name for name in VITAL if found[name]} == set()
    assert {name for name, problem in found.items() if problem} == set(weaker.missing)


def test_the_weaker_sandbox_runs_cells_and_hides_files(weaker: LandlockBoxes) -> None:
    with weaker.open() as box:
        assert box.run_cell("import matplotlib.pyplot as plt\nplt.plot([1])").status == "ok"
        assert box.run_cell("!echo hello").outputs[0]["text"] == "hello\n"
        for attempt in (
            f"open({__file__!r})",
            f"__import__('os').chmod({__file__!r}, 0)",
            f"__import__('os').utime({__file__!r})",
            "import socket\nsocket.socket()",
            f"__import__('os').kill({os.getpid()}, 0)",
        ):
            result = box.run_cell(attempt)
            assert result.status == "error", attempt
            assert "Error" in result.reason


def test_the_weaker_sandbox_ends_daemons_and_removes_folders(weaker: LandlockBoxes) -> None:
    with weaker.open() as box:
        box.run_cell(
            "import os, time\n"
            "if os.fork() == 0:\n"
            "    os.setsid()\n"
            "    if os.fork() == 0: time.sleep(1000)\n"
            "    os._exit(0)\n"
            "os.wait()\n"
            "for _ in range(300): os.mkdir('deep'); os.chdir('deep')\n"
            "os.getcwd()"
        )
        folder = json_text(box.run_cell("os.environ['HOME']").outputs)
        assert os.path.isdir(folder)
        left = tree(box.process())[1:]
        assert len(left) == 2
    assert not any(map(is_running, left))
    assert not os.path.exists(folder)


@pytest.mark.parametrize("there", [False, True])
def test_tensorflow_in_the_weaker_sandbox_is_asked_where_it_may_read_what_it_reads(
    weaker: LandlockBoxes, there: bool
) -> None:
    """In a fork it would end the process at its first computation."""
    with weaker.open("answer") as box:
        if there:
            box.run_cell("import sys, types; sys.modules['tensorflow'] = types.ModuleType('x')")
        box.run_cell("import os; own = os.getpid()\ndef f(x): return own == os.getpid()")
        [answer] = box.call([{"function": "f", "args": [encode_input(1.0)]}])
    assert answer["value"]["scalar"] is there


@pytest.mark.exhaustive  # twin: test_tensorflow_in_the_weaker_sandbox_is_asked_where_it_may_...
def test_keras_computes_first_when_it_is_asked_in_the_weaker_sandbox(
    weaker: LandlockBoxes,
) -> None:
    with weaker.open("keras answer") as box:
        box.run_cell("import keras\ndef f(x): return float(keras.ops.sum(keras.ops.ones(3)))")
        [answer] = box.call([{"function": "f", "args": [encode_input(1.0)]}])
    assert answer["value"]["scalar"] == 3


def test_a_root_that_may_mount_nothing_starts_from_where_folders_are() -> None:
    """As in a container: what everybody can reach needs no place of its own."""
    if os.getuid():
        pytest.skip("only root moves folders")
    plan = {
        "program": "/bin/echo",
        "user": walls.USER,
        "staged": ["/usr/lib"],
        "options": ["--ro-bind", "{0}", "/usr/lib"],
        "data": [],
        "command": ["true"],
    }
    code = (
        "import ctypes, os, sys; ctypes.CDLL(None).prctl(24, 21, 0, 0, 0)\n"  # CAP_SYS_ADMIN
        "os.execv(sys.executable, [sys.executable, '-I', '-S', *sys.argv[1:]])"
    )
    file = Path(walls.__file__).with_name("launch.py")
    command = [sys.executable, "-c", code, str(file), json.dumps(plan)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.stdout == "--ro-bind /usr/lib /usr/lib --remount-ro / -- true\n", done.stderr


def json_text(outputs: list[dict[str, object]]) -> str:
    data = outputs[-1]["data"]
    assert isinstance(data, dict)
    return str(data["text/plain"]).strip("'")


@pytest.mark.parametrize("machine", ["x86_64", "aarch64"])
@pytest.mark.parametrize("alone", [True, False])
def test_every_jump_of_the_call_filter_stays_inside(machine: str, alone: bool) -> None:
    """The kernel would refuse another machine's filter only on that machine."""
    code = list(struct.iter_unpack("HBBI", seccomp.program(alone, machine)))
    assert len(code) < 4096
    for place, (operation, yes, no, _) in enumerate(code):
        if operation & 0x07 == 0x05:  # a jump
            assert place + 1 + max(yes, no) < len(code)
    assert code[-1] == (0x06, 0, 0, 0x7FFF0000)
