"""Pictures stay inline, whatever windows or widgets a notebook asks Matplotlib for.

This text also goes into ordinary kernels as it stands, so it leans on nothing beside it.
"""

from __future__ import annotations

import importlib.util
import os
import sys
from collections.abc import Callable
from importlib.machinery import ModuleSpec
from typing import Any

INLINE = "module://matplotlib_inline.backend_inline"
#: Names of what needs no event loop: there is none, and nobody sees a difference.
_NO_LOOP = (None, "", "asyncio", "auto", "inline", "ipympl", "nbagg", "notebook", "widget")
_said: set[str] = set()  # names of backends: once is enough


def keep_inline(shell: Any) -> None:
    """Have this shell's magics, and Matplotlib itself, draw inline where they would open windows.

    What draws into files only (`agg`, `svg`, …) is left alone.
    """
    enable_matplotlib = shell.enable_matplotlib

    def enable_inline(gui: str | None = None) -> Any:
        if gui not in (None, "auto") and not _draws_alone(gui):
            _say_inline(gui)
            gui = "inline"
        return enable_matplotlib(gui)

    vars(shell).update(enable_matplotlib=enable_inline, enable_gui=_enable_gui)
    if "matplotlib" in sys.modules:
        _patch(sys.modules["matplotlib"])
    else:
        sys.meta_path.insert(0, _Afterwards("matplotlib", _patch))


class _Afterwards:
    """Does something to a module once, right after it has been imported."""

    def __init__(self, name: str, do: Callable[[Any], None]) -> None:
        self._name, self._do = name, do

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> ModuleSpec | None:
        """What is found where it would be found without us, with an errand."""
        if name != self._name:
            return None
        sys.meta_path.remove(self)
        spec = importlib.util.find_spec(name)
        if spec is not None and spec.loader is not None:
            execute = spec.loader.exec_module

            def execute_and_do(module: Any) -> None:
                execute(module)
                self._do(module)

            vars(spec.loader)["exec_module"] = execute_and_do
        return spec


def _patch(matplotlib: Any) -> None:
    """Each name of a backend comes past these two functions, wherever it is asked for."""
    from matplotlib import rcsetup
    from matplotlib.backends.registry import backend_registry

    validate, load = rcsetup.validate_backend, backend_registry.load_backend_module

    def validate_drawing(name: Any) -> Any:
        if not isinstance(name, str) or _draws_alone(name):
            return validate(name)
        _say_inline(name)
        return INLINE

    def load_drawing(name: Any) -> Any:
        if isinstance(name, str) and not _draws_alone(name):
            _say_inline(name)
            name = INLINE
        return load(name)

    vars(rcsetup)["validate_backend"] = validate_drawing
    matplotlib.rcParams.validate["backend"] = validate_drawing
    vars(backend_registry)["load_backend_module"] = load_drawing
    wanted = os.environ.get("MPLBACKEND", "")  # it has been taken by now
    if wanted and not _draws_alone(wanted):
        matplotlib.rcParams["backend"] = wanted


def _draws_alone(name: str) -> bool:
    """Whether a backend draws into the notebook, or into files: without windows or widgets."""
    if name in ("inline", INLINE):
        return True
    from matplotlib.backends.registry import BackendFilter, backend_registry

    return name.lower() in backend_registry.list_builtin(BackendFilter.NON_INTERACTIVE)


def _enable_gui(gui: str | None = None) -> None:
    if gui not in _NO_LOOP:
        print(f"No window can be opened here, so `{gui}` is left out.", file=sys.stderr)


def _say_inline(name: str) -> None:
    if name in _said:
        return
    _said.add(name)
    print(
        f"Nothing but the notebook can show pictures here: inline, not `{name}`.", file=sys.stderr
    )
