"""Modules that Keras and TensorFlow import and few notebooks use: executed when they are used.

A module on the list is where it always is, in `sys.modules` and in its package, but empty; whatever
is asked of it, or imported from it or from below it, executes it first. So it is the same module as
ever, only later. What its import would have imported is imported then, too.
"""

from __future__ import annotations

import contextlib
import importlib
import importlib.machinery
import sys
from collections.abc import Iterable, Sequence
from importlib import _bootstrap
from importlib.abc import Loader, MetaPathFinder
from types import ModuleType

_TF = "tensorflow._api.v2"
#: What training needs; JAX comes with it, where it is installed.
TRAINING = ("keras.src.callbacks", "keras.callbacks")
#: Wrappers for scikit-learn, galleries of pictures, TensorFlow 1, TensorFlow Lite.
SELDOM = (
    "keras.wrappers",
    *("keras.src.visualization", "keras.visualization"),
    *(f"{_TF}.compat.v1", f"{_TF}.compat.v2", f"{_TF}.lite", f"{_TF}.compat.v1.lite"),
)
#: Packages that share a name with one of these: found now, for later TensorFlow looks elsewhere.
_NAMESAKES = {f"{_TF}.lite": "tensorflow.lite"}
#: What the import system asks of a module, and what a module has before it is executed.
_BEFORE = frozenset(
    ("__class__", "__cached__", "__file__", "__loader__", "__name__", "__package__", "__spec__")
)


class Later(MetaPathFinder):
    """Finds modules of these names, which are executed later."""

    def __init__(self, names: Iterable[str]) -> None:
        self.names = frozenset(names)

    def find_spec(
        self, name: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        """One of them; or what came with its package, which was executed because it was wanted."""
        if target is not None:
            return None
        if name in sys.modules and name.rpartition(".")[0] in self.names:
            return importlib.machinery.ModuleSpec(name, _AsItIs(sys.modules[name]))
        if name not in self.names:
            return None
        if name in _NAMESAKES:
            importlib.import_module(_NAMESAKES[name])
        spec = importlib.machinery.PathFinder.find_spec(name, path)
        if spec is not None and spec.loader is not None:
            spec.loader = _Postponed(spec.loader)
        return spec


def execute(names: Iterable[str]) -> None:
    """Execute those of these modules that still wait for it; one that fails says so when used."""
    for name in names:
        if name in sys.modules:
            with contextlib.suppress(Exception):
                vars(sys.modules[name])


class _Postponed(Loader):
    """Makes a module and puts off its execution."""

    def __init__(self, real: Loader) -> None:
        self.real = real

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> ModuleType | None:
        return self.real.create_module(spec)

    def exec_module(self, module: ModuleType) -> None:
        assert module.__spec__ is not None
        module.__spec__.loader = module.__loader__ = self.real
        object.__setattr__(module, "__class__", _Waiting)


class _AsItIs(Loader):
    """Gives the import system a module that is there and complete."""

    def __init__(self, module: ModuleType) -> None:
        self.module, self.spec = module, module.__spec__

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> ModuleType:
        return self.module

    def exec_module(self, module: ModuleType) -> None:
        module.__spec__ = self.spec


class _Waiting(ModuleType):
    """A module that is executed when something is asked of it, and is a plain one from then on."""

    def __getattribute__(self, name: str) -> object:
        if name not in _BEFORE:
            _execute(self)
        return ModuleType.__getattribute__(self, name)  # it may be of another class by now

    def __setattr__(self, name: str, value: object) -> None:
        if name not in _BEFORE:
            _execute(self)
        ModuleType.__setattr__(self, name, value)

    def __delattr__(self, name: str) -> None:
        _execute(self)
        ModuleType.__delattr__(self, name)


_begun: set[str] = set()


def _execute(module: ModuleType) -> None:
    """Execute it in one thread, to which it is a plain module meanwhile; other threads wait."""
    spec = module.__spec__
    assert spec is not None
    assert spec.loader is not None
    with contextlib.ExitStack() as held:
        try:
            held.enter_context(vars(_bootstrap)["_ModuleLockManager"](spec.name))
        except RuntimeError:  # two threads wait for each other: as with imports, one goes on
            return
        if spec.name in _begun or type(module) is not _Waiting:
            return
        _begun.add(spec.name)
        try:
            spec.loader.exec_module(module)
            object.__setattr__(module, "__class__", ModuleType)
        finally:
            _begun.discard(spec.name)
