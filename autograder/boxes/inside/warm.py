"""The warm process: imports once what notebooks import, then forks a walled-off child for each.

    python -m inside.warm CONTROL_SOCKET PREPARATION

It is process number 1 of the sandbox, runs no submission's code and knows nothing of the course but
`attnkit`. Each request on its control socket is one JSON message; that for a fork brings the
child's socket, stdout and stderr along. When the control socket closes, the sandbox ends.
"""

from __future__ import annotations

import contextlib
import ctypes
import gc
import importlib
import importlib.util
import inspect
import json
import os
import selectors
import shutil
import signal
import socket
import sys
import threading
import time
from typing import Any

from . import asking, confine, fence, later
from .channel import Channel
from .seeds import seed_everything
from .shell import BoxShell, make_shell, serve

#: What lessons import, first to last; of these, what can't be imported is left out.
NUMPY = (
    *("numpy", "matplotlib.pyplot", "matplotlib_inline.backend_inline", "pandas", "scipy.special"),
    *("ipywidgets", "attnkit.checking.check", "attnkit.panels", "attnkit.words", "attnkit.figures"),
)
#: What judging an answer in a file takes; all else that it imports is its own time.
ANSWER = ("numpy", "attnkit.checking.wire")
FLAVOURS = {
    "bare": (),
    "answer": ANSWER,
    "keras answer": (*ANSWER, "tensorflow", "keras"),
    "numpy": NUMPY,
    "keras": (*NUMPY, "tensorflow", "keras"),
}
_MANY = 20  # boxes: then what few of them need is worth its time, too
FONTS = "/attn/fonts"  # Matplotlib's list of fonts, if the grader has one


def main(control_number: int, setup: dict[str, Any]) -> None:
    """Warm up, say so, and serve."""
    control = socket.socket(fileno=control_number)
    control.set_inheritable(False)
    # a child can have no epoll, see `seccomp`, and asyncio takes what Python found when it started
    vars(selectors)["DefaultSelector"] = selectors.PollSelector
    confine.set_dumpable(False)
    started = time.monotonic()
    fence.adopt_orphans()
    fonts = setup.get("fonts") or [os.path.join(FONTS, f) for f in _names(FONTS)]
    given = set(os.environ)
    gc.disable()  # hardly anything that is imported is garbage, and looking for it takes a quarter
    shell = warm_up(str(setup["flavour"]), fonts)
    gc.freeze()
    gc.enable()
    seconds = round(time.monotonic() - started, 3)
    ready = {"seconds": seconds, "threads": confine.threads()}
    _reply(control, {"ready": ready, "own": sorted(set(os.environ) - given)})
    with open(os.devnull, "w") as nowhere:
        os.dup2(nowhere.fileno(), 2)  # nobody reads it from now on
    forked = 0
    while True:
        data, numbers, _, _ = socket.recv_fds(control, 1 << 16, 3)
        if not data:
            os._exit(0)
        _bury()
        request = json.loads(data)
        if request["do"] == "fork":
            request["limits"]["kept"] = setup.get("kept", [])
            request["readable"], request["listed"] = setup.get("readable"), setup.get("listed")
            forked += 1
            if forked == 2:
                _show_an_error(shell)
            if forked == _MANY:
                later.execute(later.SELDOM)
                gc.freeze()
            _fork(control, request, numbers, shell, sorted(set(os.environ) - given))
        else:
            _reply(control, {"alive": True, "threads": confine.threads()})


def warm_up(flavour: str, fonts: list[str]) -> BoxShell:
    """Import, and use once, what would cost each child time."""
    os.makedirs(_font_folder(), exist_ok=True)
    for file in fonts:
        with contextlib.suppress(OSError):  # root's own, where nothing of root's can be lent
            shutil.copy(file, _font_folder())
    with open(os.devnull, "w") as nowhere, contextlib.redirect_stderr(nowhere):
        _import(FLAVOURS[flavour])
        if "attnkit" in sys.modules:
            asking.make_ready(inspect.getsource(importlib.import_module("attnkit.checking.wire")))
        if "matplotlib.pyplot" in sys.modules:
            _draw()
        _load_data()
        # pyplot binds itself to a shell when it is imported: each child shall do that, or not
        for name in ("matplotlib.pyplot", "matplotlib_inline.backend_inline"):
            sys.modules.pop(name, None)
        shell = make_shell()
        shell.user_expressions({"x": "1"})
    return shell


def _import(names: tuple[str, ...]) -> None:
    beside = None
    if "tensorflow" in names:
        sys.meta_path.insert(0, later.Later((*later.TRAINING, *later.SELDOM)))
        beside = threading.Thread(target=_load_tensorflow)
        beside.start()
    for name in names:
        with contextlib.suppress(ImportError):
            __import__(name)
    if beside is not None:
        beside.join()


def _load_tensorflow() -> None:
    """Let the system load TensorFlow's library, which takes half a second, beside other imports."""
    with contextlib.suppress(OSError):  # it is another version, or not here
        spec = importlib.util.find_spec("tensorflow")
        if spec is not None and spec.origin is not None:
            ctypes.CDLL(os.path.join(os.path.dirname(spec.origin), "libtensorflow_cc.so.2"))


def _show_an_error(shell: BoxShell) -> None:
    """What shows errors is imported with the first one: once for all, where there will be many."""
    with open(os.devnull, "w") as nowhere, contextlib.redirect_stderr(nowhere):
        shell.run_cell("1 / 0", store_history=False)
    for name in ("last_type", "last_value", "last_traceback", "last_exc"):
        if hasattr(sys, name):
            delattr(sys, name)
    later.execute(later.TRAINING)
    gc.collect()
    gc.freeze()


def _draw() -> None:
    """A figure as notebooks draw them, so that fonts and formats are ready."""
    import io

    import matplotlib.pyplot as plt

    figure, axes = plt.subplots()
    axes.plot([0, 1], label="$x_1$")
    axes.set_title("x")
    axes.legend()
    for kind in ("png", "svg"):
        figure.savefig(io.BytesIO(), format=kind, bbox_inches="tight")
    plt.close("all")


def _load_data() -> None:
    """The sentences and words that almost every lesson begins with, read once for all children."""
    words = sys.modules.get("attnkit.words")
    if words is not None:
        with contextlib.suppress(Exception):  # a child that needs them is told what is wrong
            words.word_plane()


def _fork(
    control: socket.socket,
    request: dict[str, Any],
    numbers: list[int],
    shell: BoxShell,
    own: list[str],
) -> None:
    """Fork a child for a submission; tell the grader the process that holds all of it.

    `own` are names in its environment that were not given to us: TensorFlow and JAX set some.
    """
    if confine.threads() != 1:
        _close(numbers)
        _reply(control, {"failed": "the warm process has more than one thread"})
        return
    reader, writer = os.pipe()
    middle = os.fork()
    if middle == 0:
        _child(control, request, numbers, shell, reader, writer)
    os.close(writer)
    _close(numbers)
    with os.fdopen(reader, "rb") as told:
        holder = told.read()
    if request["readable"] is None:
        with contextlib.suppress(ChildProcessError):
            os.waitpid(middle, 0)
    if not holder:
        _reply(control, {"failed": "a child could not wall itself off"})
        return
    number = os.pidfd_open(int(holder))
    _reply(control, {"holder": int(holder), "own": own}, [number])
    os.close(number)


def _child(
    control: socket.socket,
    request: dict[str, Any],
    numbers: list[int],
    shell: BoxShell,
    reader: int,
    writer: int,
) -> None:
    """The child: walls first, then whatever the request wants run inside them. Never returns."""
    code = 1
    try:
        control.close()
        os.close(reader)
        channel_number, out, error = numbers
        try:
            _wall_off(request, writer)
        except OSError as problem:
            channel = Channel(socket.socket(fileno=channel_number))
            channel.send({"failed": f"{problem.strerror or problem}"})
            return
        nothing = os.open(os.devnull, os.O_RDONLY)
        for number, standard in ((nothing, 0), (out, 1), (error, 2)):
            os.dup2(number, standard)
        _close([nothing, out, error])
        run_inside(shell, socket.socket(fileno=channel_number))
        code = 0
    finally:
        os._exit(code)


def _wall_off(request: dict[str, Any], writer: int) -> None:
    """Put up the walls: namespaces of its own or, where we have none, a fence."""
    os.environ["ATTNKIT_PICTURES"] = "on" if request["limits"]["pictures"] else "off"
    if request["readable"] is None:
        confine.wall_off(request["limits"], writer)
        os.chdir(confine.HOME)
        return
    folder = request["folder"]
    os.environ.update(HOME=folder, TMPDIR=folder, IPYTHONDIR=f"{folder}/.ipython")
    os.environ.update(MPLCONFIGDIR=f"{folder}/.matplotlib")
    os.write(writer, b"%d\n" % os.getpid())
    os.close(writer)
    os.chdir(folder)
    fence.fence_off(request["limits"], request["readable"], request["listed"], folder)


def run_inside(shell: BoxShell, connected: socket.socket) -> None:
    """What a walled-off child does: so far, it runs cells."""
    channel = Channel(connected)
    os.makedirs(_font_folder())
    for name in _names(FONTS):
        os.symlink(os.path.join(FONTS, name), os.path.join(_font_folder(), name))
    sys.path[0] = ""  # a notebook may import what it writes beside itself
    signal.signal(signal.SIGINT, signal.default_int_handler)
    if not _has_terminals():
        vars(shell)["system"] = shell.system_raw  # `!command`, without one of its own
    seed_everything()
    channel.send({"ready": {"at": time.monotonic()}})
    serve(shell, channel)


def _has_terminals() -> bool:
    try:
        for number in os.openpty():
            os.close(number)
    except OSError:
        return False
    return True


def _names(folder: str) -> list[str]:
    return os.listdir(folder) if os.path.isdir(folder) else []


def _font_folder() -> str:
    return os.environ["MPLCONFIGDIR"]


def _bury() -> None:
    """Forget the children that have ended."""
    with contextlib.suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass


def _close(numbers: list[int]) -> None:
    for number in numbers:
        os.close(number)


def _reply(
    control: socket.socket, message: dict[str, Any], numbers: list[int] | None = None
) -> None:
    data = json.dumps(message).encode()
    if numbers:
        socket.send_fds(control, [data], numbers)
    else:
        control.sendall(data)


if __name__ == "__main__":
    main(int(sys.argv[1]), json.loads(sys.argv[2]))
